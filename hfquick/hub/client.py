"""How hfquick speaks to the Hugging Face Hub (by huggingface_hub): is it in reach, what is in a repository, one file.

Every failure becomes a HubError with a sentence. `NoRoute` is kept apart: there the Hub itself said nothing.
huggingface_hub is imported on first use, so folders and embedded models do not wait for it.
"""

import hashlib
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

from .. import zoo
from ..i18n import N_, said, spoken
from ..i18n import gettext as _
from ..utils.errors import did_you_mean, need
from ..utils.files import write_text
from ..utils.notices import say
from .errors import (
    BROKEN,
    Failure,
    HubError,
    NoRoute,
    explained,
    not_the_hub,
    response_in,
    shortly,
    wait_seconds,
    without_password,
)

PROBE_SECONDS = 2.0
ANSWER_SECONDS = 10.0  # for a question that is answered with a list of files or with headers
ALL_SECONDS = 60.0  # for the whole of such an answer, however slowly it comes
MOST_WAIT = 20.0  # seconds that a Hub may ask to wait before the next try; of more the reader is told
SLOW_SECONDS, SLOW_BYTES = 60.0, 10_000  # a download with fewer bytes in this time does not come to an end
RETRY_SECONDS = 1.0  # a Hub that is out of order is asked once more after this time
LARGE = 50_000_000  # bytes; the size of a larger file is said before it is fetched
YES = ("1", "ON", "YES", "TRUE")  # as huggingface_hub reads its variables
COMMIT = re.compile(r"[0-9a-f]{7,64}")
SHA256 = re.compile(r"[0-9a-f]{64}")  # the etag of a large file
MARK = re.compile(
    r"[0-9A-Za-z_-][0-9A-Za-z._-]{0,127}"
)  # an etag or commit that may be the name of a file in the cache

_lock = threading.Lock()
_no_route: str | None = None  # None: not asked yet; "": the Hub answers; else why there is no way to it


KINDS = (N_("model"), N_("dataset"))  # of repositories


class Wanted(NamedTuple):
    """What is asked for."""

    id: str
    repo_type: str
    revision: str | None
    token: str | bool | None
    root: Path  # of the cache
    subfolder: str
    force_download: bool
    exact: bool = False  # a stand-in will not do
    find_cached: "Callable[[Wanted], Path | None] | None" = None  # where the cache is not one of files of the Hub
    task: str | None = None  # what a model is for

    @property
    def label(self) -> str:
        kind = said("the dataset {id!r}", id=self.id) if self.repo_type == "dataset" else said("{id!r}", id=self.id)
        return said("{repo} at revision {revision!r}", repo=kind, revision=self.revision) if self.revision else kind

    @property
    def page(self) -> str:
        return f"{shown_endpoint()}/{'datasets/' if self.repo_type == 'dataset' else ''}{self.id}"


class Listing(NamedTuple):
    """One commit of a repository."""

    commit: str
    names: frozenset[str]  # of its files
    id: str  # with the organisation, where the id that was asked for is an older one without


def is_offline() -> bool:
    """Whether there is no way to the Hub: HF_HUB_OFFLINE=1, or one probe of at most 2 s per process found none."""
    return bool(offline_reason())


def offline_reason(repo_type: str = "model") -> str:
    """Why there is no way to the Hub, as the end of a sentence, or "" when there is one.

    HF_HUB_OFFLINE=0 says that there is a network, however slow: it is then not probed.
    """
    global _no_route
    asked = os.environ.get("HF_HUB_OFFLINE") or os.environ.get("TRANSFORMERS_OFFLINE") or ""
    constants = sys.modules.get("huggingface_hub.constants")  # reads the variable once, at import, and obeys that
    if asked.upper() in YES or (constants and constants.HF_HUB_OFFLINE):
        return said("HF_HUB_OFFLINE=1 forbids asking the Hub")
    if repo_type == "dataset" and os.environ.get("HF_DATASETS_OFFLINE", "").upper() in YES:
        return said("HF_DATASETS_OFFLINE=1 forbids asking the Hub for datasets")
    with _lock:
        if _no_route is None:
            _no_route = "" if asked else _probe()
        return _no_route


def is_hub_id(name: str) -> bool:
    """Whether a repository of the Hub can have this name: letters, digits, '-', '_', '.', at most one '/'."""
    shape = re.fullmatch(r"(?:[\w.-]{1,96}/)?[\w.-]{1,96}", name, re.ASCII)
    return bool(shape) and not re.search(r"--|\.\.|(?:^|/)[.-]|[.-](?:/|$)", name)


def endpoint() -> str:
    return os.environ.get("HF_ENDPOINT", "").rstrip("/") or hub_library().constants.ENDPOINT


def shown_endpoint() -> str:
    """The same for people: a mirror's address may hold a password."""
    return without_password(endpoint())


def reset() -> None:
    global _no_route
    with _lock:
        _no_route = None


def ask_again() -> None:
    """Forget that there was no way to the Hub, if that is what was found."""
    global _no_route
    with _lock:
        _no_route = "" if _no_route == "" else None


def hub_library(part: str = "") -> Any:
    """huggingface_hub, or a module of it."""
    need("huggingface_hub.constants", said("loading from the Hugging Face Hub or its cache"), "all")
    _check_marks(need("huggingface_hub.file_download", said("loading from the Hugging Face Hub or its cache"), "all"))
    return need(f"huggingface_hub{part}", said("loading from the Hugging Face Hub or its cache"), "all")


def _check_marks(library: Any) -> None:
    """Have each answer about a file looked at before huggingface_hub makes names of files from its headers.

    It joins the etag to the folder of its cache, and of a missing file the commit: an answer with "/etc/x" there, of a
    hostile mirror or of somebody in between, would be written to that place. It asks by itself after `look_at`, so a
    look at our own answer would not do, and its function is replaced, once.
    """
    ask = library.get_hf_file_metadata
    if hasattr(ask, "asks"):
        return

    @wraps(ask)
    def checked(url: str, *args: Any, **options: Any) -> Any:
        try:
            about = ask(url, *args, **options)
        except Exception as error:
            headers = getattr(response_in(error), "headers", {})
            _check_mark("X-Repo-Commit", headers.get("x-repo-commit"), url)
            raise
        _check_mark("ETag", about.etag, url)
        _check_mark("X-Repo-Commit", about.commit_hash, url)
        return about

    checked.asks = ask  # type: ignore[attr-defined]  # marks what was replaced
    library.get_hf_file_metadata = checked
    package: Any = sys.modules["huggingface_hub"]
    package.get_hf_file_metadata = checked


def _check_mark(header: str, mark: str | None, url: str) -> None:
    if mark is not None and not MARK.fullmatch(mark):
        raise spoken(
            HubError,
            "the answer for {url} was refused: its {header} is {mark!r}, which could name a file outside the cache. Is "
            "HF_ENDPOINT the address of a Hub you trust, and nobody between here and there?",
            url=without_password(url),
            header=header,
            mark=mark[:100],
        )


# The cache of all Hugging Face libraries: <root>/models--org--name/{refs/<revision>, snapshots/<commit>/<file>}


def cache_root(cache_dir: str | os.PathLike | None) -> Path:
    return Path(cache_dir if cache_dir is not None else hub_library().constants.HF_HUB_CACHE).expanduser()


def storages(wanted: Wanted) -> list[Path]:
    """The folders of a repository in the cache: under the id as given, then under its other famous spelling."""
    names = zoo.same_repo(wanted.id, wanted.repo_type)
    return [wanted.root / f"{wanted.repo_type}s--{name.replace('/', '--')}" for name in names]


def cached_snapshot(wanted: Wanted) -> Path | None:
    """The folder with the cached files of the wanted revision, or None when none of its files is there."""
    if wanted.find_cached is not None:
        return wanted.find_cached(wanted)
    revision = wanted.revision or "main"
    for storage in storages(wanted):
        try:
            commit = (storage / "refs" / revision).read_text().strip()
        except OSError:
            commit = revision
        snapshot = storage / "snapshots" / commit
        if COMMIT.fullmatch(commit) and any(path.is_file() for path in snapshot.rglob("*")):
            return snapshot
    return None


def remember_commit(wanted: Wanted, snapshot: Path) -> None:
    """Note in the cache which commit a branch or tag is at, so that it is found again without a network."""
    ref = snapshot.parents[1] / "refs" / (wanted.revision or "main")
    commit = snapshot.name
    if wanted.revision == commit or not snapshot.is_dir():
        return
    try:
        if not ref.is_file() or ref.read_text().strip() != commit:
            write_text(ref, commit)
    except OSError:
        pass  # a cache that a whole class shares may be read-only: only the note is lost


# The network


def listing(wanted: Wanted) -> Listing:
    """What the Hub says about the commit that is wanted: one request."""
    api = hub_library().HfApi(endpoint=endpoint(), library_name="hfquick")
    options = {"repo_type": wanted.repo_type, "revision": wanted.revision, "timeout": ANSWER_SECONDS}
    info = _ask(wanted, lambda: _in_time(lambda: api.repo_info(wanted.id, token=wanted.token, **options)))
    if not isinstance(info.sha, str) or not COMMIT.fullmatch(info.sha) or info.siblings is None:
        raise lost_route(said("the answer for {page} is not that of a Hub", page=wanted.page))
    names = frozenset(name for sibling in info.siblings if isinstance(name := sibling.rfilename, str))
    return Listing(info.sha, names, info.id or wanted.id)


def look_at(wanted: Wanted, name: str, commit: str) -> Any:
    """Size and mark (etag) of one file of one commit.

    Asked before another library is sent there: those wait and retry for up to minutes before they say what is wrong.
    """
    hub = hub_library()
    url = hub.hf_hub_url(wanted.id, name, repo_type=wanted.repo_type, revision=commit, endpoint=endpoint())
    options = {"timeout": ANSWER_SECONDS, "token": wanted.token, "library_name": "hfquick"}
    return _ask(wanted, lambda: _in_time(lambda: hub.get_hf_file_metadata(url, **options)), name)


def fetch(wanted: Wanted, name: str, commit: str) -> Path:
    """One file of one commit -> its path in the cache, whole or not at all."""
    hub = hub_library()
    address = {"repo_type": wanted.repo_type, "revision": commit, "endpoint": endpoint()}
    client = {"token": wanted.token, "library_name": "hfquick"}
    options = {"cache_dir": wanted.root, "force_download": wanted.force_download, "etag_timeout": ANSWER_SECONDS}
    try:
        about = look_at(wanted, name, commit)
        here = (storages(wanted)[0] / "blobs" / (about.etag or "none")).exists()
        if about.size and about.size > LARGE and (wanted.force_download or not here):
            megabytes = f"{about.size / 1e6:,.0f}"
            say(_("fetching {name} of {repo!r}: {megabytes} MB", name=name, repo=wanted.id, megabytes=megabytes))
        with _watched(about.size):
            path = _ask(wanted, lambda: hub.hf_hub_download(wanted.id, name, **address, **client, **options), name)
        if not here or wanted.force_download:
            _check_sum(Path(path), about.etag, said("{name} of {repo}", name=name, repo=wanted.label))
        return Path(path)
    except NoRoute as lost:
        raise _not_fetched(said("{name} of {repo}", name=name, repo=wanted.label), lost) from lost


def _check_sum(path: Path, mark: str, what: str) -> None:
    """Remove a fetched file, and raise HubError, where it is not what the Hub says: of a large one it tells the sum."""
    if not SHA256.fullmatch(mark):
        return
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    if digest.hexdigest() != mark:
        path.resolve().unlink()
        path.unlink(missing_ok=True)
        raise spoken(
            HubError,
            "{what} came with another content than the Hub has (its SHA-256 differs), and was removed; run it again",
            None,
            True,
            what=what,
        )


class _Slow(Exception):
    """An answer comes so slowly that it has no end: the time limits of a connection start anew with each byte."""


class _Waits(Exception):
    """The Hub asks for a long wait before the next try; huggingface_hub would sleep so long without a word."""

    def __init__(self, response: Any) -> None:
        super().__init__()
        self.response = response


def _in_time(question: Callable[[], Any]) -> Any:
    """The answer to a question that changes nothing on this machine, or _Slow after ALL_SECONDS."""
    answers: list[Any] = []
    errors: list[BaseException] = []

    def ask() -> None:
        try:
            answers.append(question())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=copy_context().run, args=(ask,), name="hfquick-question", daemon=True)
    thread.start()
    thread.join(ALL_SECONDS)
    if errors:
        raise errors[0]
    if not answers:
        raise _Slow
    return answers[0]


@contextmanager
def _watched(size: int | None) -> Iterator[None]:
    """In this block a download of `size` bytes ends where it gets too slow or too long, or would wait for hours."""
    mine = threading.get_ident()

    def look(response: Any) -> None:
        if threading.get_ident() != mine:
            return
        if response.status_code >= 400 and wait_seconds(response.headers) > MOST_WAIT:
            raise _Waits(response)
        if response.request.method == "GET" and response.status_code in (200, 206):
            response.stream = _measured(response.stream, size)

    hooks = hub_library(".utils").get_session().event_hooks["response"]
    hooks.append(look)
    try:
        yield
    finally:
        hooks.remove(look)


def _measured(stream: Any, size: int | None) -> Any:
    """The body of an answer as it comes; _Slow or OSError where it does not come to an end."""
    base: Any = next(kind for kind in type(stream).__mro__ if kind.__name__ == "SyncByteStream")

    class Measured(base):
        def __iter__(self) -> Iterator[bytes]:
            came, before, since = 0, 0, time.monotonic()
            for part in stream:
                came += len(part)
                if size is not None and came > size:
                    raise spoken(OSError, "more than its {size:,} bytes came", size=size)
                if time.monotonic() - since > SLOW_SECONDS:
                    if came - before < SLOW_BYTES:
                        raise _Slow
                    before, since = came, time.monotonic()
                yield part

        def close(self) -> None:
            stream.close()

    return Measured()


def explain(error: Exception, wanted: Wanted) -> Exception:
    """What another library raised on its way to the Hub -> a HubError, if the Hub or the way is the reason for it."""
    failure = Fetching(error, wanted)
    if failure.response is None and not failure.kinds & {"HTTPError", "OfflineModeIsEnabled", "ConnectionError"}:
        return error
    found = explained(failure)
    return _not_fetched(wanted.label, lost_route(found.args[0])) if isinstance(found, NoRoute) else found


def _not_fetched(what: str, lost: NoRoute) -> HubError:
    return spoken(
        HubError,
        "{what} was not fetched: {lost}. Connect and restart the kernel",
        None,
        True,
        what=what,
        lost=lost.args[0],
    )


def _probe() -> str:
    """Ask the Hub for a file that it surely has; why there is no way to it, or "".

    In a thread of its own: looking up a name has no time limit, and may take half a minute where there is no network.
    """
    where = shown_endpoint()
    session = hub_library(".utils").get_session()  # before the clock starts: it reads certificates
    answers: list[str] = []

    def ask() -> None:
        try:
            url = f"{endpoint()}/distilbert/distilbert-base-uncased/resolve/main/config.json"
            answers.append(not_the_hub(session.head(url, timeout=PROBE_SECONDS + 1), where))
        except Exception as error:  # whatever goes wrong in here means the same: no way to the Hub
            answers.append(said("there is no route to {hub} ({why})", hub=where, why=shortly(error)))

    thread = threading.Thread(target=ask, name="hfquick-probe", daemon=True)
    thread.start()
    thread.join(PROBE_SECONDS)
    slow = said(
        "{hub} did not answer within {seconds:g} s (HF_HUB_OFFLINE=0 waits longer)", hub=where, seconds=PROBE_SECONDS
    )
    return answers[0] if answers else slow


def lost_route(reason: str) -> NoRoute:
    """From now on this process counts as offline: the next question should not wait for a timeout again."""
    global _no_route
    with _lock:
        _no_route = reason
    return NoRoute(reason)


def ask(question: Callable[[], Any], failed: Callable[[Exception], Failure], once: bool = False) -> Any:
    """Run one call of huggingface_hub; what goes wrong is raised as a sentence about that Failure.

    Out of order, or a connection that broke: asked once more (a download then goes on where it stopped).
    """
    for last in (once, True):
        try:
            return question()
        except HubError:
            raise
        except Exception as error:
            failure = failed(error)
            broke = failure.response is None and failure.kinds & BROKEN
            if not last and (failure.status in (500, 502, 503, 504) or broke):
                time.sleep(RETRY_SECONDS)
                continue
            found = explained(failure)
            raise (lost_route(found.args[0]) if isinstance(found, NoRoute) else found) from error


def _ask(wanted: Wanted, question: Callable[[], Any], name: str = "") -> Any:
    return ask(question, lambda error: Fetching(error, wanted, name))


class Fetching(Failure):
    """A list of files, or the file `name` of it, that did not come."""

    is_fetching = True

    def __init__(self, error: Exception, wanted: Wanted, name: str = "") -> None:
        super().__init__(error, shown_endpoint())
        self.id, self.kind, self.page, self.revision = wanted.id, wanted.repo_type, wanted.page, wanted.revision
        self.noun = said(self.kind)
        self.name, self.label, self.root = name, wanted.label, wanted.root
        self.what = said("{name} of {repo}", name=name, repo=wanted.label) if name else wanted.label

    @property
    def near(self) -> str:
        return did_you_mean(self.id, [name for name in zoo.known(self.kind) if name != self.id]) or "."
