"""The bytes behind an address on the web, of a picture or a sound, or a sentence.

Only http and https are asked, for a limited time and size, and a redirect is an address to be checked like the first.
A name may lead into the local network (a router, a printer, a notebook server): such an address is asked only where
the user of this kernel typed it. One that stands in a row of somebody's data, or that another server redirects to,
could otherwise have this machine fetch what only this machine may see. So a name is looked up once, its addresses are
checked, and the connection is made to those very addresses. A proxy of the environment (HTTPS_PROXY) is used.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from .. import __version__
from ..i18n import plain, spoken
from .errors import shortly, without_password

SCHEMES = ("http", "https")
NAME_SECONDS = 5.0  # for looking up a name, which may take half a minute where there is no network
ANSWER_SECONDS = 10.0  # between two parts of an answer
ALL_SECONDS = 60.0  # for the whole of it, however slowly it comes
MOST_BYTES = 50_000_000  # what a server says about the size is not trusted: bytes are counted as they come
MOST_REDIRECTS = 5
REDIRECTS = (301, 302, 303, 307, 308)
NAT64 = ipaddress.ip_network("64:ff9b::/96")  # IPv4 addresses as networks without IPv4 write them
BLOCK = 1 << 16

Value = TypeVar("Value")


class Downloaded(NamedTuple):
    """What a server sent."""

    content: bytes
    kind: str  # its media type, "image/png", as the server says


def is_url(text: str) -> bool:
    """Whether a text is an address of any kind: "https://...", and also "file:///..."."""
    return "://" in text[:20] or text[:5].lower() in ("file:", "http:")


def download(url: str, *, typed: bool = True, kind: str = "image", most: int | None = None) -> Downloaded:
    """The bytes of an address; `kind` is what is asked for, "image" or "audio", `most` how many bytes are taken.

    `typed`: the user of this kernel wrote the address, so it may be of the local network.

    Raises ValueError for an address that is never asked, OSError where nothing (useful) comes back.
    """
    deadline = time.monotonic() + ALL_SECONDS
    for _ in range(MOST_REDIRECTS + 1):
        address = _checked(url)
        wanted = partial(_answer, address, typed, kind, MOST_BYTES if most is None else most, deadline)
        answer = _in_time(wanted, deadline - time.monotonic(), address)
        if isinstance(answer, Downloaded):
            return answer
        following = urljoin(address, answer)
        # A server that was typed may send to another of its own pages; anything else was not typed.
        typed = typed and urlsplit(following).netloc == urlsplit(address).netloc
        url = following
    raise spoken(
        OSError, "{url} redirects more than {most} times; is it the address of a file?",
        url=_shown(url), most=MOST_REDIRECTS,
    )  # fmt: skip


def _checked(url: str) -> str:
    """An address in ASCII letters; ValueError for one that is never asked."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise spoken(ValueError, "{url!r} is no address of the web ({why})", url=_shown(url), why=error) from None
    if parts.scheme not in SCHEMES:
        raise spoken(
            ValueError,
            "{url!r} is not fetched: only http:// and https:// are asked; for a file give its path",
            url=_shown(url),
        )
    if not host or parts.username is not None:
        raise spoken(
            ValueError,
            "{url!r} is no address of a file; expected https://name/path, without a user name",
            url=_shown(url),
        )
    try:
        name = f"[{host}]" if ":" in host else host.encode("idna").decode()
    except UnicodeError as error:
        raise spoken(ValueError, "{url!r} is no address of the web ({why})", url=_shown(url), why=error) from None
    safe = "%/:=&?~+!$,;'@()*[]"
    place = name if port is None else f"{name}:{port}"
    return urlunsplit((parts.scheme, place, quote(parts.path or "/", safe), quote(parts.query, safe), ""))


def _answer(url: str, typed: bool, kind: str, most: int, deadline: float) -> Downloaded | str:
    """One request: the bytes, or the address that the server redirects to."""
    headers = {"User-Agent": f"hfquick/{__version__}", "Accept": f"{kind}/*", "Accept-Encoding": "identity"}
    opener = urllib.request.OpenerDirector()  # knows nothing but what is added here: no file:, no ftp:, no redirects
    for handler in (urllib.request.ProxyHandler(), _Web(typed)):
        opener.add_handler(handler)
    with opener.open(urllib.request.Request(url, headers=headers), timeout=ANSWER_SECONDS) as response:
        if response.status in REDIRECTS and response.headers.get("Location"):
            return response.headers["Location"]
        if response.status != 200:
            raise spoken(
                OSError, "{url} was not fetched: its server answers {status} {reason}",
                url=_shown(url), status=response.status, reason=response.reason,
            )  # fmt: skip
        return Downloaded(_read(response, url, most, deadline), response.headers.get_content_type())


def _read(response: Any, url: str, most: int, deadline: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    while part := response.read1(BLOCK):
        parts.append(part)
        size += len(part)
        if size > most:
            raise spoken(OSError, "{url} was not fetched: it has more than {most:,} bytes", url=_shown(url), most=most)
        if time.monotonic() > deadline:
            raise _too_slow(url)
    if response.length:  # what the server announced and did not send
        raise spoken(
            OSError, "{url} was not fetched: the connection broke before its last {missing:,} bytes",
            url=_shown(url), missing=response.length,
        )  # fmt: skip
    return b"".join(parts)


# Connections to checked addresses.


def _addresses(host: str, port: int, typed: bool, url: str) -> list[tuple[Any, ...]]:
    """A name -> where to connect to, looked up once; ValueError if that is not public and nobody typed it."""
    found = _in_time(partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM), NAME_SECONDS, url)
    for *_, where in found:
        if not typed and not is_public(str(where[0])):
            raise spoken(
                ValueError,
                "{url} was not fetched: {host} is {address}, an address of this machine or its network, which is "
                "asked only when you type it yourself, and not for a row of data or a redirect",
                url=_shown(url), host=host, address=where[0],
            )  # fmt: skip
    return [where for *_, where in found]


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet: not private, not this machine's, not link-local, no multicast.

    >>> is_public("192.168.1.1"), is_public("::ffff:127.0.0.1"), is_public("1.1.1.1")
    (False, False, True)
    """
    place: Any = ipaddress.ip_address(address.partition("%")[0])
    if place.version == 6:
        inner = place.ipv4_mapped or place.sixtofour or (place.teredo or (None, None))[1]
        if inner is None and place in NAT64:
            inner = ipaddress.ip_address(int(place) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return place.is_global and not place.is_multicast


class _HttpConnection(http.client.HTTPConnection):
    """A connection that has the addresses of its host checked first, and goes to one of those."""

    typed = False
    url = ""  # what is asked for, for sentences

    def connect(self) -> None:
        error = spoken(OSError, "there is no address for {host}", host=self.host)
        for where in _addresses(self.host, self.port, self.typed, self.url):
            try:
                self.sock = socket.create_connection(where[:2], self.timeout)
                return
            except OSError as failed:
                error = failed
        raise error


class _HttpsConnection(_HttpConnection):
    default_port = http.client.HTTPS_PORT

    def connect(self) -> None:
        super().connect()
        self.sock = _certificates().wrap_socket(self.sock, server_hostname=self.host)


@cache
def _certificates() -> ssl.SSLContext:
    """The authorities this system trusts, and those of certifi, as a Python of macOS or Windows may know none."""
    context = ssl.create_default_context()
    try:
        import certifi
    except ModuleNotFoundError:
        return context
    context.load_verify_locations(certifi.where())
    return context


class _Web(urllib.request.HTTPHandler):
    """http: and https: for urllib, by way of connections that check addresses."""

    def __init__(self, typed: bool) -> None:
        super().__init__()
        self.typed = typed

    def http_open(self, request: Any) -> Any:
        if request.has_proxy():  # it looks names up for us; what we find ourselves is checked
            self._look(request.full_url)
            return self.do_open(http.client.HTTPConnection, request)
        return self.do_open(self._kind(_HttpConnection, request), request)

    def https_open(self, request: Any) -> Any:
        if request._tunnel_host:  # the server behind a proxy, as urllib notes it
            self._look(f"https://{request._tunnel_host}")
            return self.do_open(http.client.HTTPSConnection, request, context=_certificates())
        return self.do_open(self._kind(_HttpsConnection, request), request)

    https_request = urllib.request.HTTPHandler.http_request

    def _kind(self, base: type, request: Any) -> Any:
        return type(base.__name__, (base,), {"typed": self.typed, "url": request.full_url})

    def _look(self, url: str) -> None:
        if not self.typed:
            host = urlsplit(url).hostname or ""
            with suppress(OSError):
                _addresses(host, 0, False, url)


# What goes wrong.


def _in_time(work: Callable[[], Value], seconds: float, url: str) -> Value:
    """The result of some work on the network, or OSError with a sentence; in a thread, as names have no time limit."""
    values: list[Value] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            values.append(work())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, name="hfquick-download", daemon=True)
    thread.start()
    thread.join(max(seconds, 0))
    if errors:
        raise _explained(errors[0], url)
    if not values:
        raise _too_slow(url)
    return values[0]


def _explained(error: BaseException, url: str) -> BaseException:
    """An error of the network as a sentence."""
    reason = getattr(error, "reason", None)  # of urllib's own error, which wraps others
    cause = reason if isinstance(error, urllib.error.URLError) and isinstance(reason, BaseException) else error
    if hasattr(cause, "english") or not isinstance(cause, OSError | http.client.HTTPException | ValueError):
        return cause
    if isinstance(cause, TimeoutError):
        return _too_slow(url)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return spoken(
            OSError,
            "{url} was not fetched: its server cannot show who it is ({why})",
            url=_shown(url),
            why=cause.reason,
        )
    return spoken(
        OSError,
        "{url} was not fetched: there is no way to its server ({why}). Is this machine connected? A file on it needs "
        "no network",
        url=_shown(url),
        why=shortly(cause),
    )


def _too_slow(url: str) -> OSError:
    return spoken(
        OSError, "{url} was not fetched: its server, or this connection, is too slow; try again", url=_shown(url)
    )


def _shown(url: str) -> str:
    """An address for people: without a password, and not endless."""
    return plain(without_password(url), 200)
