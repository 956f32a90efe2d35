"""Pictures from the web: a server of this machine plays all others."""

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from hfquick.hub import downloads
from hfquick.hub.downloads import download, is_public
from hfquick.image_processing.pictures import open_picture, open_pictures
from tests.image_processing.test_pictures import COLOURS, PNG, same, sentence

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


class Server:
    """Answers with what `pages` has: bytes, or (status, headers, body) where the body may be a generator."""

    def __init__(self):
        self.pages, self.asked = {"/cat.png": PNG}, []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(handler):
                self.asked.append((handler.path, dict(handler.headers)))
                page = self.pages.get(handler.path, (404, {}, b""))
                status, headers, body = page if isinstance(page, tuple) else (200, {"Content-Type": "image/png"}, page)
                handler.send_response(status)
                for name, value in headers.items():
                    handler.send_header(name, value)
                if isinstance(body, bytes) and "Content-Length" not in headers:
                    handler.send_header("Content-Length", str(len(body)))
                handler.end_headers()
                try:
                    for part in [body] if isinstance(body, bytes) else body:
                        handler.wfile.write(part)
                except OSError:
                    pass  # the other side has had enough

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def web(monkeypatch):
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    server = Server()
    yield server
    server.close()


@pytest.fixture
def other(web):
    server = Server()
    yield server
    server.close()


def to(address, status=302):
    return status, {"Location": address}, b""


def test_an_address_that_was_typed(web):
    same(f"{web.url}/cat.png")
    path, headers = web.asked[0]
    assert path == "/cat.png"
    assert headers["User-Agent"].startswith("hfquick/")
    assert headers["Host"] == f"127.0.0.1:{web.port}"
    assert download(f"{web.url}/cat.png").kind == "image/png"


def test_letters_of_an_address_are_encoded(web):
    web.pages["/a%20d%C3%A9j%C3%A0.png?q=%C3%A9&b=1"] = PNG
    same(f"{web.url}/a déjà.png?q=é&b=1#part")
    same(f"{web.url}/a%20d%C3%A9j%C3%A0.png?q=%C3%A9&b=1")


def test_an_address_in_a_row_may_not_be_of_this_machine(web):
    for name in (f"127.0.0.1:{web.port}", f"localhost:{web.port}"):
        words = sentence({"bytes": None, "path": f"http://{name}/cat.png"})
        assert words.startswith(f"http://{name}/cat.png was not fetched: ")
        assert "is asked only when you type it yourself" in words
    with pytest.raises(ValueError, match=r"picture 0: .*an address of this machine or its network"):
        next(open_pictures([f"{web.url}/cat.png"], typed=False))
    assert web.asked == []


@pytest.mark.parametrize("address", ["[::1]", "0.0.0.0"])
def test_other_spellings_of_this_machine(address, web):
    with pytest.raises(ValueError, match="an address of this machine or its network"):
        download(f"http://{address}:{web.port}/cat.png", typed=False)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("1.1.1.1", True), ("93.184.216.34", True), ("2606:4700::1111", True), ("64:ff9b::101:101", True),
        ("::ffff:1.1.1.1", True),
        ("10.0.0.1", False), ("172.16.3.4", False), ("192.168.1.1", False), ("169.254.169.254", False),
        ("127.0.0.1", False), ("0.0.0.0", False), ("100.64.0.1", False), ("224.0.0.1", False), ("240.0.0.1", False),
        ("255.255.255.255", False), ("::1", False), ("::", False), ("fe80::1%eth0", False), ("fc00::1", False),
        ("ff02::1", False), ("::ffff:10.0.0.1", False), ("64:ff9b::a00:1", False), ("2002:a00:1::", False),
    ],
)  # fmt: skip
def test_which_addresses_are_public(address, public):
    assert is_public(address) is public


def test_a_name_is_looked_up_once_and_that_address_is_asked(web, monkeypatch):
    """Else a name could be public when it is checked, and of the local network when it is asked."""
    asked, connected = [], []
    connect = socket.create_connection

    def look_up(host, port, *_args, **_options):
        asked.append(host)
        address = "93.184.216.34" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def to_the_server(address, timeout):
        connected.append(address)
        return connect_here(("127.0.0.1", web.port), timeout)

    def connect_here(address, timeout):
        with monkeypatch.context() as before:
            before.setattr(socket, "getaddrinfo", real)
            return connect(address, timeout)

    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", to_the_server)
    assert download("http://pictures.example/cat.png", typed=False).content == PNG
    assert asked == ["pictures.example"]
    assert connected == [("93.184.216.34", 80)]


@pytest.mark.parametrize("address", ["10.0.0.7", "127.0.0.1", "169.254.169.254"])
def test_a_name_of_the_local_network(address, web, monkeypatch):
    def look_up(host, port, *_args, **_options):
        public = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", port))
        return [public, (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(ValueError, match=f"pictures.example is {address}, an address of this machine"):
        download("http://pictures.example/cat.png", typed=False)


# Redirects.


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(status, web):
    web.pages["/old"] = to("/older", status)
    web.pages["/older"] = to(f"{web.url}/cat.png", status)
    same(f"{web.url}/old")


def test_redirects_for_ever(web):
    web.pages["/old"] = to("/old")
    assert "redirects more than 5 times" in sentence(f"{web.url}/old", OSError)
    assert len(web.asked) == downloads.MOST_REDIRECTS + 1


def test_a_redirect_may_not_lead_into_the_local_network(web, other):
    web.pages["/old"] = to(f"{other.url}/cat.png")
    assert "an address of this machine or its network" in sentence(f"{web.url}/old")
    assert other.asked == []


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://127.0.0.1/cat.png", "gopher://127.0.0.1/1"])
def test_a_redirect_may_not_leave_the_web(address, web):
    web.pages["/old"] = to(address)
    assert "only http:// and https:// are asked" in sentence(f"{web.url}/old")


# Addresses that are never asked.


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("file:///etc/passwd", "for a file give its path"),
        ("FILE:/etc/passwd", "for a file give its path"),
        ("ftp://example.org/cat.png", "only http:// and https:// are asked"),
        ("http://", "is no address of a file"),
        ("http:///cat.png", "is no address of a file"),
        ("http://example.org:port/", "is no address of the web"),
        ("http://[::1/", "is no address of the web"),
        ("http://a..b/", "is no address of the web"),
        ("https://ada:secret@example.org/cat.png", "'https://example.org/cat.png' is no address of a file"),
    ],
)
def test_addresses_that_are_none(address, words):
    assert words in sentence(address)


# Answers.


def test_another_answer(web):
    assert f"{web.url}/dog.png was not fetched: its server answers 404 Not Found" in sentence(
        f"{web.url}/dog.png", OSError
    )
    web.pages["/page"] = 200, {"Content-Type": "text/html; charset=utf-8"}, b"<!doctype html><title>Cats</title>"
    assert "what came of the kind 'text/html' begins with b'<!doctype html" in sentence(f"{web.url}/page")
    web.pages["/drawing"] = 200, {"Content-Type": "image/svg+xml"}, b"<!-- a long comment -->"
    assert "is an SVG" in sentence(f"{web.url}/drawing")
    web.pages["/nothing"] = b""
    assert "is empty" in sentence(f"{web.url}/nothing")


def endless():
    while True:
        yield PNG[:50]


@pytest.mark.parametrize("length", ["100", None])
def test_more_bytes_than_are_read(length, web, monkeypatch):
    """What a server says about the length does not count."""
    monkeypatch.setattr(downloads, "MOST_BYTES", 5_000)
    web.pages["/large"] = 200, {"Content-Length": "6000"} if length else {}, b"x" * 6_000 if length else endless()
    assert "has more than 5,000 bytes" in sentence(f"{web.url}/large", OSError)


def test_a_connection_that_breaks(web):
    web.pages["/half"] = 200, {"Content-Length": str(len(PNG) + 30)}, PNG
    assert "the connection broke before its last 30 bytes" in sentence(f"{web.url}/half", OSError)


def test_an_answer_that_has_no_end(web, monkeypatch):
    def slowly():
        for byte in PNG:
            time.sleep(0.05)
            yield bytes([byte])

    web.pages["/slow"] = 200, {}, slowly()
    monkeypatch.setattr(downloads, "ALL_SECONDS", 0.3)
    began = time.monotonic()
    assert "is too slow; try again" in sentence(f"{web.url}/slow", OSError)
    assert time.monotonic() - began < 5


def test_a_server_that_says_nothing(web, monkeypatch):
    def silent():
        time.sleep(2)
        yield PNG

    web.pages["/silent"] = 200, {}, silent()
    monkeypatch.setattr(downloads, "ANSWER_SECONDS", 0.2)
    assert "is too slow; try again" in sentence(f"{web.url}/silent", OSError)


def test_no_server(web):
    free = socket.socket()
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    words = sentence(f"http://127.0.0.1:{port}/cat.png", OSError)
    assert "there is no way to its server (ConnectionRefusedError" in words
    assert "Is this machine connected?" in words


def test_no_network(web, monkeypatch):
    def fail(*_args, **_options):
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    assert "Temporary failure in name resolution" in sentence("https://example.org/cat.png", OSError)


def test_a_name_that_is_looked_up_for_ever(web, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: time.sleep(3))
    monkeypatch.setattr(downloads, "NAME_SECONDS", 0.1)
    began = time.monotonic()
    assert "is too slow" in sentence("https://example.org/cat.png", OSError)
    assert time.monotonic() - began < 2


def test_no_certificate(web):
    assert "was not fetched" in sentence(f"https://127.0.0.1:{web.port}/cat.png", OSError)


def test_a_proxy_is_used(web, monkeypatch):
    """It looks up names that this machine does not know."""
    monkeypatch.setenv("http_proxy", web.url)
    web.pages["http://pictures.example/cat.png"] = PNG
    same("http://pictures.example/cat.png")
    monkeypatch.setattr(socket, "getaddrinfo", fails_for("pictures.example", socket.getaddrinfo))
    assert download("http://pictures.example/cat.png", typed=False).content == PNG
    with pytest.raises(ValueError, match="an address of this machine"):
        download("http://192.168.1.1/cat.png", typed=False)


def fails_for(name, real):
    def look_up(host, *args, **options):
        if host == name:
            raise socket.gaierror(-2, "Name or service not known")
        if host == "192.168.1.1":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, 80))]
        return real(host, *args, **options)

    return look_up


def test_many_addresses(web):
    assert [np.asarray(one).shape for one in open_pictures([f"{web.url}/cat.png"] * 5)] == [COLOURS.shape] * 5
    with pytest.raises(OSError, match=r"picture 1: .*/no\.png was not fetched"):
        list(open_pictures([f"{web.url}/cat.png", f"{web.url}/no.png"]))
    assert open_picture(f"{web.url}/cat.png").size == (17, 12)
