"""What goes wrong on the way to the Hub, in sentences: one table, for what is fetched and for what is sent.

An error of the HTTP library, of this machine, of the Hub, or of somebody between here and there is looked up by what it
is, not by where it came up. The first row of the table whose condition holds has the sentence.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, NamedTuple

from ..i18n import N_, said, spoken

# Classes of errors, by name: the HTTP library of huggingface_hub has changed twice, and their errors share no class.
SLOW = {"_Slow", "ReadTimeout", "WriteTimeout", "PoolTimeout"}
BROKEN = {
    "RemoteProtocolError",
    "ReadError",
    "WriteError",
    "ChunkedEncodingError",
    "IncompleteRead",
    "RemoteDisconnected",
}
UNREACHABLE = {"ConnectError", "ConnectTimeout", "ConnectionError", "ProxyError", "NetworkError"}
CHANGED_SINCE = 412  # the Hub's answer when somebody else's commit came in between

LOGIN = N_("log in with `hf auth login` or set HF_TOKEN")
AGAIN = N_("Run it again: what has arrived is not sent twice")


class HubError(OSError):
    """Something could not be had from the Hub, the cache, the zoo or a folder; the message says what to try."""

    def __init__(self, message: str, status: int | None = None, passing: bool = False):
        super().__init__(message)
        self.status = status  # of the Hub's answer, if it answered
        self.passing = passing  # the same question may be answered later


class NoRoute(Exception):
    """The Hub itself did not speak: no network, no name, or somebody else's answer. The message completes "and ..."."""


class Failure:
    """A question to the Hub that failed.

    What was asked for is known to its two kinds, client.Fetching and upload.Sending: the `id` and the `page` of the
    repository, `what` was on its way ("config.json of 'ada/model'"), and what else the sentences below name.
    """

    is_fetching: ClassVar[bool]

    def __init__(self, error: Exception, hub: str) -> None:
        self.error = error
        self.hub = hub  # the address of the Hub
        self.kinds = kinds_of(error)
        self.short = shortly(error)
        of_this_machine = isinstance(error, OSError) and not isinstance(error, ConnectionError | TimeoutError)
        self.errno = getattr(error, "errno", None) if of_this_machine else None
        self.response = response_in(error)
        headers = getattr(self.response, "headers", {})
        self.status: int = getattr(self.response, "status_code", 0)
        self.code = headers.get("x-error-code", "")
        self.said = words_of(self.response) if self.response is not None else ""
        self.after_colon = f": {self.said}" if self.said else ""
        self.in_brackets = f" ({self.said})" if self.said else ""
        self.why = f"({self.said or self.status})"
        self.wait = wait_said(headers)
        self.somebody_else = not_the_hub(self.response, hub) if self.response is not None else ""


class Row(NamedTuple):
    """One kind of failure. Where a sentence is None, the row does not count for that direction."""

    when: Callable[[Any], Any]  # Failure -> whether it is of this kind
    fetching: str | None
    sending: str | None
    passing: bool | None = None  # the same question may be answered later; by the Hub's answer if not given
    no_route: bool = False  # when fetching: the Hub itself did not speak, so the cache or a stand-in may serve


# Fields in braces are those of the Failure `f`, and {login} and {again} the two sentences above. Some are properties,
# so that their question is asked only here.
TABLE = (
    Row(lambda f: f.card,
        None,
        N_("the Hub does not accept the first lines of README.md ({f.card}); nothing was changed"),
        passing=False),
    Row(lambda f: f.from_the_store,
        None,
        N_("the store of large files refused what was sent {f.what} ({f.status}); nothing was changed. {again}")),
    Row(lambda f: f.somebody_else,
        "{f.somebody_else}",
        N_("the push {f.what} stopped: {f.somebody_else}"),
        passing=False, no_route=True),
    Row(lambda f: f.code == "GatedRepo" and f.status == 401,
        N_("{f.id!r} is gated: accept its conditions at {f.page}, then {login}"),
        None),
    Row(lambda f: f.code == "GatedRepo",
        N_("{f.id!r} is gated: accept its conditions at {f.page}, "
           "and wait until the access is granted to your account"),
        None),
    Row(lambda f: f.code == "RevisionNotFound",
        N_("{f.id!r} has no revision {f.revision!r}; its branches and tags: {f.page}/tree/main"),
        None),
    Row(lambda f: f.code == "EntryNotFound" or (f.name and f.status == 404),
        N_("{f.id!r} has no file {f.name!r}; its files are at {f.page}/tree/main"),
        None),
    Row(lambda f: "credentials" in f.said or "token" in f.said.lower(),
        N_("the Hub refused the token ({f.said}); unset HF_TOKEN or set another, or run `hf auth login` again"),
        None),
    Row(lambda f: f.status == 401,
        None,
        N_("the Hub does not accept this token {f.why}; "
           "log in with `hf auth login`, or set HF_TOKEN to another one")),
    Row(lambda f: f.code == "RepoNotFound" or f.status in (401, 404),
        N_("the Hub shows no {f.noun} {f.id!r}{f.near} Check the spelling; if it is private, {login}"),
        N_("the Hub shows this account no model {f.id!r}{f.at}; look at {f.page}")),
    Row(lambda f: f.status == 403,
        N_("the Hub does not let this account read {f.id!r}{f.in_brackets}; ask its owner at {f.page}"),
        "{f.forbidden}"),
    Row(lambda f: f.status == CHANGED_SINCE,
        None,
        N_("somebody else changed {f.id!r} in the same moment; nothing was changed. {again}")),
    Row(lambda f: f.status == 413,
        None,
        N_("the Hub refused a file of {f.id!r} as too large (413){f.largest}")),
    Row(lambda f: f.status == 429,
        N_("the Hub was asked too often from here (429); try again in {f.wait}, or {login}"),
        N_("the Hub was asked too often (429); try again in {f.wait}")),
    Row(lambda f: f.status >= 500,
        N_("the Hub is out of order ({f.status}) when asked for {f.label}; try again in some minutes"),
        N_("the Hub is out of order ({f.status}) while something is sent {f.what}. "
           "Later: run it again: what has arrived is not sent twice")),
    Row(lambda f: f.response is not None,
        N_("the Hub answered {f.status} when asked for {f.label}{f.after_colon}"),
        N_("the Hub refused what was sent {f.what} {f.why}; nothing was changed")),
    # From here on there is no answer.
    Row(lambda f: f.errno,
        N_("{f.what} cannot be kept in {f.root} ({f.short}); free space, or try another cache_dir"),
        N_("a file for {f.id!r} cannot be read ({f.short}); nothing was changed"),
        passing=False),
    Row(lambda f: f.has_xet,
        None,
        N_("the store of large files did not take what was sent {f.what} ({f.short}); nothing was changed. {again}; "
           "if that does not help, huggingface_hub.constants.HF_HUB_DISABLE_XET = True takes an older way"),
        passing=True),
    Row(lambda f: f.kinds & SLOW,
        N_("{f.hub} was too slow when asked for {f.what}; try again later"),
        N_("{f.hub} was too slow while sending {f.what}. {again}"),
        passing=True),
    Row(lambda f: f.kinds & BROKEN,
        N_("the connection broke at {f.what}; nothing of it counts as fetched, run it again"),
        N_("the connection broke while sending {f.what}. "
           "The repository has all of this push or nothing of it. {again}"),
        passing=True),
    Row(lambda f: f.kinds & UNREACHABLE,
        N_("there is no route to {f.hub} ({f.short})"),
        N_("the push {f.what} stopped: there is no route to {f.hub} ({f.short}). {again}"),
        passing=True, no_route=True),
    Row(lambda f: "JSONDecodeError" in f.kinds,
        N_("the answer for {f.page} is not that of a Hub; is there a page to sign in to this network?"),
        N_("the push {f.what} stopped: an answer was not that of a Hub; is there a page to sign in to this network?"),
        passing=False, no_route=True),
    Row(lambda f: "LocalTokenNotFoundError" in f.kinds,
        N_("token=True asks for the token kept here, and there is none; run `hf auth login` or set HF_TOKEN"),
        None,
        passing=False),
    Row(lambda f: f.refused,
        None,
        N_("the Hub refused {f.refused}; nothing was changed"),
        passing=False),
    Row(lambda f: True,
        N_("{f.what} could not be fetched ({f.short}); run it again"),
        N_("the push {f.what} stopped ({f.short}). {again}"),
        passing=True),
)  # fmt: skip


def explained(failure: Failure) -> HubError | NoRoute:
    """The sentence of the first row that holds, as an error to raise."""
    for row in TABLE:
        text = row.fetching if failure.is_fetching else row.sending
        if text is None or not row.when(failure):
            continue
        values = {"f": failure, "login": said(LOGIN), "again": said(AGAIN)}
        if row.no_route and failure.is_fetching:
            return NoRoute(said(text, **values))
        status = failure.status or None
        by_answer = status is not None and (status in (408, CHANGED_SINCE, 429) or status >= 500)
        return spoken(HubError, text, status, by_answer if row.passing is None else row.passing, **values)
    raise AssertionError("the last row always holds")


# What an error holds


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, what caused it, what caused that, ..."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        yield error
        seen.add(id(error))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def kinds_of(error: BaseException) -> set[str]:
    """The names of all classes of an error and of what caused it."""
    return {kind.__name__ for cause in causes(error) for kind in type(cause).__mro__}


def response_in(error: BaseException | None) -> Any:
    """The answer of the Hub inside an error, or inside what caused it; None if there was none."""
    return next((found for cause in causes(error) if (found := getattr(cause, "response", None)) is not None), None)


def shortly(error: BaseException) -> str:
    """The innermost cause in one short line."""
    *_, cause = causes(error)
    text = without_password(" ".join(str(cause).split()))
    return f"{type(cause).__name__}: {text[:100]}" if text else type(cause).__name__


# What an answer says


def not_the_hub(response: Any, hub: str) -> str:
    """Why an answer is somebody else's (a school's proxy, the login page of a network), or "" when it is the Hub's."""
    headers, status = response.headers, response.status_code
    marks = ("x-repo-commit", "x-error-code", "x-error-message", "x-linked-etag")
    if any(mark in headers for mark in marks) or "huggingface" in headers.get("x-powered-by", ""):
        return ""
    if status in (403, 407, 511):
        return said("a proxy or firewall refused {hub} ({status})", hub=hub, status=status)
    if status < 400 and "html" in headers.get("content-type", ""):
        return said("another page answered in place of {hub}; sign in to this network first", hub=hub)
    return ""


def words_of(response: Any) -> str:
    """The Hub's own words."""
    try:
        words = response.headers.get("x-error-message") or json.loads(response.text).get("error", "")
    except (ValueError, AttributeError, RuntimeError):  # no JSON; no object; a body that was not read
        words = ""
    return " ".join(str(words).split()).rstrip(".")


def wait_said(headers: Any) -> str:
    """How long to wait, where the Hub was asked too often."""
    seconds = wait_seconds(headers)
    return said("{seconds} s", seconds=seconds) if seconds else said("some minutes")


def wait_seconds(headers: Any) -> int:
    """The same as a number; 0 where nothing is said."""
    seconds = headers.get("retry-after", "").strip()
    if not seconds.isdecimal():  # the Hub's newer way: ratelimit: "api";r=0;t=55
        found = re.search(r";\s*t=(\d+)", headers.get("ratelimit", ""))
        seconds = found[1] if found else ""
    return int(seconds) if len(seconds) < 20 and seconds else 0


def without_password(text: str) -> str:
    """A text without the names and passwords of addresses in it: HF_ENDPOINT may be "https://me:secret@mirror"."""
    return re.sub(r"(?<=://)[^/\s@]*@", "", text)
