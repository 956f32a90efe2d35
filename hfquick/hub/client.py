"""How hfquick speaks to the Hugging Face Hub (by huggingface_hub): is it in reach, what is in a repository, one file.

Every failure becomes a HubError with a sentence. `NoRoute` is kept apart: there the Hub itself said nothing.
huggingface_hub is imported on first use, so folders and embedded models do not wait for it.
"""

import os
import re
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from .. import zoo
from ..i18n import gettext as _
from ..utils.errors import did_you_mean, need
from ..utils.files import write_text
from ..utils.notices import say

PROBE_SECONDS = 2.0
ANSWER_SECONDS = 10.0  # for a question that is answered with a list of files or with headers
RETRY_SECONDS = 1.0  # a Hub that is out of order is asked once more after this time
LISTING_SECONDS = 300.0  # config, tokenizer and model of one id are opened in a row: they share one list of files
LARGE = 50_000_000  # bytes; the size of a larger file is said before it is fetched
YES = ("1", "ON", "YES", "TRUE")  # as huggingface_hub reads its variables
# Classes of errors, by name: its HTTP library has changed twice, and their errors share no class.
SLOW = {"ReadTimeout", "WriteTimeout", "PoolTimeout"}
BROKEN = {
    "RemoteProtocolError",
    "ReadError",
    "WriteError",
    "ChunkedEncodingError",
    "IncompleteRead",
    "RemoteDisconnected",
}
UNREACHABLE = {"ConnectError", "ConnectTimeout", "ConnectionError", "ProxyError", "NetworkError"}
COMMIT = re.compile(r"[0-9a-f]{7,64}")

_lock = threading.Lock()
_no_route: str | None = None  # None: not asked yet; "": the Hub answers; else why there is no way to it
_listings: "dict[tuple, tuple[float, Listing]]" = {}


class HubError(OSError):
    """Something could not be had from the Hub, the cache, the zoo or a folder; the message says what to try."""

    def __init__(self, message: str, status: int | None = None, passing: bool = False):
        super().__init__(message)
        self.status = status  # of the Hub's answer, if it answered
        self.passing = passing  # the same question may be answered later


class NoRoute(Exception):
    """The Hub itself did not speak: no network, no name, or somebody else's answer. The message completes "and ..."."""


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

    @property
    def label(self) -> str:
        at = f" at revision {self.revision!r}" if self.revision else ""
        return f"{'the dataset ' if self.repo_type == 'dataset' else ''}{self.id!r}{at}"

    @property
    def page(self) -> str:
        return f"{endpoint()}/{'datasets/' if self.repo_type == 'dataset' else ''}{self.id}"


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
        return "HF_HUB_OFFLINE=1 forbids asking the Hub"
    if repo_type == "dataset" and os.environ.get("HF_DATASETS_OFFLINE", "").upper() in YES:
        return "HF_DATASETS_OFFLINE=1 forbids asking the Hub for datasets"
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


def reset() -> None:
    global _no_route
    with _lock:
        _no_route = None
        _listings.clear()


def ask_again() -> None:
    """Forget that there was no way to the Hub, if that is what was found."""
    global _no_route
    with _lock:
        _no_route = "" if _no_route == "" else None


def forget_listing(repo_id: str) -> None:
    """The files of this repository have changed: whoever opens it next asks for the list again."""
    with _lock:
        for key in [key for key in _listings if key[2] == repo_id]:
            del _listings[key]


def hub_library(part: str = "") -> Any:
    """huggingface_hub, or a module of it."""
    need("huggingface_hub.constants", "loading from the Hugging Face Hub or its cache", "all")
    return need(f"huggingface_hub{part}", "loading from the Hugging Face Hub or its cache", "all")


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
    """What the Hub says about the commit that is wanted: one request, kept for a few minutes."""
    key = (endpoint(), wanted.repo_type, wanted.id, wanted.revision, wanted.token)
    with _lock:
        kept = _listings.get(key)
    if kept and not wanted.force_download and time.monotonic() - kept[0] < LISTING_SECONDS:
        return kept[1]
    api = hub_library().HfApi(endpoint=endpoint(), library_name="hfquick")
    options = {"repo_type": wanted.repo_type, "revision": wanted.revision, "timeout": ANSWER_SECONDS}
    info = _ask(wanted, lambda: api.repo_info(wanted.id, token=wanted.token, **options))
    if not isinstance(info.sha, str) or not COMMIT.fullmatch(info.sha) or info.siblings is None:
        raise lost_route(f"the answer for {wanted.page} is not that of a Hub")
    found = Listing(info.sha, frozenset(sibling.rfilename for sibling in info.siblings), info.id or wanted.id)
    with _lock:
        _listings[key] = (time.monotonic(), found)
    return found


def look_at(wanted: Wanted, name: str, commit: str) -> Any:
    """Size and mark (etag) of one file of one commit.

    Asked before another library is sent there: those wait and retry for up to minutes before they say what is wrong.
    """
    hub = hub_library()
    url = hub.hf_hub_url(wanted.id, name, repo_type=wanted.repo_type, revision=commit, endpoint=endpoint())
    options = {"timeout": ANSWER_SECONDS, "token": wanted.token, "library_name": "hfquick"}
    return _ask(wanted, lambda: hub.get_hf_file_metadata(url, **options), name)


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
        return Path(_ask(wanted, lambda: hub.hf_hub_download(wanted.id, name, **address, **client, **options), name))
    except NoRoute as lost:
        raise _not_fetched(f"{name} of {wanted.label}", lost) from lost


def explain(error: Exception, wanted: Wanted) -> Exception:
    """What another library raised on its way to the Hub -> a HubError, if the Hub or the way is the reason for it."""
    causes: list[BaseException] = [error]
    while causes[-1].__cause__ is not None:
        causes.append(causes[-1].__cause__)
    kinds = {kind.__name__ for cause in causes for kind in type(cause).__mro__}
    if response_in(error) is None and not kinds & {"HTTPError", "OfflineModeIsEnabled", "ConnectionError"}:
        return error
    found = _explain(error, wanted, "")
    return _not_fetched(wanted.label, found) if isinstance(found, NoRoute) else found


def _not_fetched(what: str, lost: NoRoute) -> HubError:
    return HubError(f"{what} was not fetched: {lost}. Connect and restart the kernel", passing=True)


def _probe() -> str:
    """Ask the Hub for a file that it surely has; why there is no way to it, or "".

    In a thread of its own: looking up a name has no time limit, and may take half a minute where there is no network.
    """
    where = endpoint()
    session = hub_library(".utils").get_session()  # before the clock starts: it reads certificates
    answers: list[str] = []

    def ask() -> None:
        try:
            url = f"{where}/distilbert/distilbert-base-uncased/resolve/main/config.json"
            answers.append(not_the_hub(session.head(url, timeout=PROBE_SECONDS + 1)))
        except Exception as error:  # whatever goes wrong in here means the same: no way to the Hub
            answers.append(f"there is no route to {where} ({shortly(error)})")

    thread = threading.Thread(target=ask, name="hfquick-probe", daemon=True)
    thread.start()
    thread.join(PROBE_SECONDS)
    slow = f"{where} did not answer within {PROBE_SECONDS:g} s (HF_HUB_OFFLINE=0 waits longer)"
    return answers[0] if answers else slow


def lost_route(reason: str) -> NoRoute:
    """From now on this process counts as offline: the next question should not wait for a timeout again."""
    global _no_route
    with _lock:
        _no_route = reason
    return NoRoute(reason)


def not_the_hub(response: Any) -> str:
    """Why an answer is somebody else's (a school's proxy, the login page of a network), or "" when it is the Hub's."""
    headers, status = response.headers, response.status_code
    marks = ("x-repo-commit", "x-error-code", "x-error-message", "x-linked-etag")
    if any(mark in headers for mark in marks) or "huggingface" in headers.get("x-powered-by", ""):
        return ""
    if status in (403, 407, 511):
        return f"a proxy or firewall refused {endpoint()} ({status})"
    if status < 400 and "html" in headers.get("content-type", ""):
        return f"another page answered in place of {endpoint()}; sign in to this network first"
    return ""


def ask(question: Callable[[], Any], explain: Callable[[Exception], Exception], once: bool = False) -> Any:
    """Run one call of huggingface_hub; what goes wrong is raised as `explain` puts it.

    Out of order, or a connection that broke: asked once more (a download then goes on where it stopped).
    """
    for last in (once, True):
        try:
            return question()
        except Exception as error:
            status = getattr(response_in(error), "status_code", None)
            if not last and (status in (500, 502, 503, 504) or (status is None and kinds_of(error) & BROKEN)):
                time.sleep(RETRY_SECONDS)
                continue
            raise explain(error) from error


def _ask(wanted: Wanted, question: Callable[[], Any], name: str = "") -> Any:
    return ask(question, lambda error: _explain(error, wanted, name))


def kinds_of(error: Exception) -> set[str]:
    """The names of all classes of an error and of what caused it."""
    return {kind.__name__ for cause in _chain(error) for kind in type(cause).__mro__}


def response_in(error: BaseException | None) -> Any:
    """The answer of the Hub inside an error, or inside the error that caused it."""
    while error is not None:
        response = getattr(error, "response", None)
        if response is not None:
            return response
        error = error.__cause__
    return None


def _explain(error: Exception, wanted: Wanted, name: str) -> Exception:
    response = response_in(error)
    if response is not None:
        other = not_the_hub(response)
        return lost_route(other) if other else _answer(response, wanted, name)
    kinds = kinds_of(error)
    what = f"{name} of {wanted.label}" if name else wanted.label
    if kinds & SLOW:
        return HubError(f"{endpoint()} was too slow when asked for {what}; try again later", passing=True)
    if kinds & BROKEN:
        return HubError(f"the connection broke at {what}; nothing of it counts as fetched, run it again", passing=True)
    if kinds & UNREACHABLE:
        return lost_route(f"there is no route to {endpoint()} ({shortly(error)})")
    if "JSONDecodeError" in kinds:
        return lost_route(
            f"the answer for {wanted.page} is not that of a Hub; is there a page to sign in to this network?"
        )
    if "LocalTokenNotFoundError" in kinds:
        return HubError(
            "token=True asks for the token kept here, and there is none; run `hf auth login` or set HF_TOKEN"
        )
    if isinstance(error, OSError) and error.errno:
        return HubError(
            f"{what} cannot be kept in {wanted.root} ({shortly(error)}); free space, or try another cache_dir"
        )
    return HubError(f"{what} could not be fetched ({shortly(error)}); run it again", passing=True)


def _answer(response: Any, wanted: Wanted, name: str) -> HubError:
    """The Hub said no -> what that means and what to do."""
    status, code = response.status_code, response.headers.get("x-error-code", "")
    said = response.headers.get("x-error-message", "")
    kind = wanted.repo_type
    login = "log in with `hf auth login` or set HF_TOKEN"
    passing = status in (408, 429) or status >= 500
    if code == "GatedRepo":
        do = f"then {login}" if status == 401 else "and wait until the access is granted to your account"
        text = f"{wanted.id!r} is gated: accept its conditions at {wanted.page}, {do}"
    elif code == "RevisionNotFound":
        text = f"{wanted.id!r} has no revision {wanted.revision!r}; its branches and tags: {wanted.page}/tree/main"
    elif code == "EntryNotFound" or (name and status == 404):
        text = f"{wanted.id!r} has no file {name!r}; its files are at {wanted.page}/tree/main"
    elif "credentials" in said or "token" in said.lower():
        text = f"the Hub refused the token ({said}); unset HF_TOKEN or set another, or run `hf auth login` again"
    elif code == "RepoNotFound" or status in (401, 404):
        near = did_you_mean(wanted.id, [name for name in zoo.known(kind) if name != wanted.id])
        text = f"the Hub shows no {kind} {wanted.id!r}{near or '.'} Check the spelling; if it is private, {login}"
    elif status == 403:
        why = f" ({said})" if said else ""
        text = f"the Hub does not let this account read {wanted.id!r}{why}; ask its owner at {wanted.page}"
    elif status == 429:
        text = f"the Hub was asked too often from here (429); try again in {wait_said(response.headers)}, or {login}"
    elif status >= 500:
        text = f"the Hub is out of order ({status}) when asked for {wanted.label}; try again in some minutes"
    else:
        text = f"the Hub answered {status} when asked for {wanted.label}{': ' + said if said else ''}"
    return HubError(text, status, passing)


def wait_said(headers: Any) -> str:
    seconds = headers.get("retry-after", "").strip()
    if not seconds.isdigit():  # the Hub's newer way: ratelimit: "api";r=0;t=55
        found = re.search(r";\s*t=(\d+)", headers.get("ratelimit", ""))
        seconds = found[1] if found else ""
    return f"{seconds} s" if seconds else "some minutes"


def _chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def shortly(error: Exception) -> str:
    """The innermost cause in one short line."""
    cause = _chain(error)[-1]
    text = " ".join(str(cause).split())
    return f"{type(cause).__name__}: {text[:100]}" if text else type(cause).__name__
