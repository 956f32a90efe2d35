"""A small Hub on the loopback interface: it speaks the Hugging Face Hub's protocol to the real huggingface_hub client.

    with HubServer() as hub:
        hub.add("someone/model", {"config.json": b"{}", "model.safetensors": weights}, lfs=["model.safetensors"])
        hub.on("/resolve/", answer(429, {"Retry-After": "7"}))
        ...                                     # a client whose HF_ENDPOINT is hub.url

As on the real one: small files are redirected to a cache path of the same host, large ones (lfs) to another host, the
CDN; ranges are honoured; a missing or private repository is 401 for a stranger and 404 for a known token.
This is the reading side; hub_writing.py adds the writing one.
"""

import hashlib
import json
import re
import sys
import threading
import time
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit

PROXY_PAGE = b"<html><title>Blocked</title><body>The school's filter has blocked this page.</body></html>"


class Stored:
    """One repository: commits (name -> bytes), and which of them each branch and tag is at."""

    def __init__(self, name: str, kind: str):
        self.name, self.kind = name, kind
        self.commits: dict[str, dict[str, bytes]] = {}
        self.refs: dict[str, str] = {}
        self.lfs: set[str] = set()
        self.readers: set[str] | None = None  # tokens that may see it, None: everybody
        self.accepted: set[str] | None = None  # tokens that may load its files, None: not gated

    def commit(self, revision: str) -> str | None:
        return self.refs.get(revision) or (revision if revision in self.commits else None)


class Asked(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]


class HubServer:
    """The server; `url` is what HF_ENDPOINT has to be. `asked` holds every request, in order."""

    tokens = frozenset({"hf_known", "hf_accepted"})
    handler: type["Handler"]

    def __init__(self) -> None:
        self.repos: dict[tuple[str, str], Stored] = {}
        self.renamed: dict[tuple[str, str], str] = {}
        self.rules: list[list] = []  # [pattern, action, times left]
        self.asked: list[Asked] = []
        self.lock = threading.Lock()
        handler = type("Handler", (self.handler,), {"hub": self})
        self._http = _Quiet(("127.0.0.1", 0), handler)
        self.port = self._http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.cdn = f"http://localhost:{self.port}/cdn"  # another host name, so another origin

    def __enter__(self) -> "HubServer":
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def add(
        self,
        name: str,
        files: dict[str, bytes],
        *,
        kind: str = "model",
        lfs: Iterable[str] = (),
        tags: Iterable[str] = (),
        readers: Iterable[str] | None = None,
        accepted: Iterable[str] | None = None,
    ) -> str:
        """Put a commit on the main branch of a repository (and on tags); returns its hash."""
        repo = self.repos.setdefault((kind, name), Stored(name, kind))
        content = b"".join(key.encode() + value for key, value in sorted(files.items()))
        commit = hashlib.sha1(f"{name} {len(repo.commits)} ".encode() + content).hexdigest()
        repo.commits[commit] = dict(files)
        repo.refs.update(dict.fromkeys(["main", *tags], commit))
        repo.lfs.update(lfs)
        repo.readers = None if readers is None else set(readers)
        repo.accepted = None if accepted is None else set(accepted)
        return commit

    def rename(self, old: str, new: str, kind: str = "model") -> None:
        """The old id is redirected to the new one, as for models that moved into an organisation."""
        self.renamed[kind, old] = new

    def on(self, pattern: str, action: Callable[["Handler"], bool], times: int | None = None) -> None:
        """Answer requests whose "METHOD path" holds this regular expression by `action`, at most `times` times."""
        self.rules.append([re.compile(pattern), action, times])

    def count(self, pattern: str = "") -> int:
        """How many requests matched "METHOD path"."""
        return sum(bool(re.search(pattern, f"{asked.method} {asked.path}")) for asked in self.asked)

    def rule(self, request: str) -> Callable[["Handler"], bool] | None:
        with self.lock:
            for rule in self.rules:
                if rule[0].search(request) and rule[2] != 0:
                    if rule[2] is not None:
                        rule[2] -= 1
                    return rule[1]
        return None


# What can go wrong. An action returns True when it answered, False when the true answer shall follow.


def answer(status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> Callable[["Handler"], bool]:
    """The Hub itself answers so."""

    def action(handler: "Handler") -> bool:
        handler.reply(status, body, headers or {})
        return True

    return action


def proxy_page(status: int = 403) -> Callable[["Handler"], bool]:
    """Somebody between here and the Hub answers with a page of their own."""

    def action(handler: "Handler") -> bool:
        handler.reply(status, PROXY_PAGE, {"Content-Type": "text/html", "X-Powered-By": "SchoolFilter"})
        return True

    return action


def slow(seconds: float) -> Callable[["Handler"], bool]:
    def action(handler: "Handler") -> bool:
        time.sleep(seconds)
        return False

    return action


def cut(after: int) -> Callable[["Handler"], bool]:
    """The connection breaks after so many bytes of the body."""

    def action(handler: "Handler") -> bool:
        handler.cut_after = after
        return False

    return action


def hang_up(handler: "Handler") -> bool:
    """The connection breaks before any answer."""
    handler.close_connection = True
    return True


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):  # a client that gave up is part of the tests
            super().handle_error(request, address)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body go in two writes: the second would wait 40 ms
    hub: HubServer
    cut_after: int | None = None

    def serve(self) -> None:
        self.cut_after = None
        path = unquote(urlsplit(self.path).path)
        self.hub.asked.append(Asked(self.command, path, {key.lower(): value for key, value in self.headers.items()}))
        absolute = "://" in self.path  # asked as a proxy
        action = self.hub.rule(f"{self.command} {self.path if absolute else path}")
        if action is None or not action(self):
            self.route(path)

    do_GET = do_HEAD = serve

    def log_message(self, *args: Any) -> None:
        pass

    def route(self, path: str) -> None:
        if found := re.fullmatch(r"/cdn/([0-9a-f]{64})", path):
            self.cdn(found[1])
        elif found := re.fullmatch(r"/api/resolve-cache/(model|dataset)s/(.+)/([0-9a-f]{40})/(.+)", path):
            self.small_file(found[1], found[2], found[3], found[4])
        elif found := re.fullmatch(r"/api/(model|dataset)s/((?:[^/]+/)?[^/]+?)/tree/([^/]+)(?:/(.+))?", path):
            self.tree(found[1], found[2], found[3], found[4])
        elif found := re.fullmatch(r"/api/(model|dataset)s/((?:[^/]+/)?[^/]+?)(?:/revision/(.+))?", path):
            self.information(found[1], found[2], found[3] or "main")
        elif found := re.fullmatch(r"/(datasets/)?((?:[^/]+/)?[^/]+)/resolve/([^/]+|refs/[^/]+/[^/]+)/(.+)", path):
            self.resolve("dataset" if found[1] else "model", found[2], found[3], found[4])
        else:
            self.error(404, "", "Sorry, we can't find the page you are looking for.")

    # Who asks, and for what

    def token(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ")

    def repository(self, kind: str, name: str) -> Stored | None:
        """The repository, or None after an answer that says why not."""
        if (kind, name) in self.hub.renamed:
            self.reply(
                307, b"", {"Location": quote(urlsplit(self.path).path.replace(name, self.hub.renamed[kind, name], 1))}
            )
            return None
        if self.token() and self.token() not in self.hub.tokens:
            self.error(401, "", "Invalid credentials in Authorization header")
            return None
        repo = self.hub.repos.get((kind, name))
        if repo is None or (repo.readers is not None and self.token() not in repo.readers):
            known = bool(self.token())
            self.error(
                404 if known else 401,
                "RepoNotFound" if known else "",
                "Repository not found" if known else "Invalid username or password.",
            )
            return None
        return repo

    def revision(self, repo: Stored, revision: str) -> str | None:
        commit = repo.commit(revision)
        if commit is None:
            self.error(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return commit

    # The four kinds of answers

    def information(self, kind: str, name: str, revision: str) -> None:
        repo = self.repository(kind, name)
        commit = repo and self.revision(repo, revision)
        if not repo or not commit:
            return
        value = {"_id": "0" * 24, "id": name, "sha": commit, "private": repo.readers is not None, "disabled": False}
        value |= {"gated": "auto" if repo.accepted is not None else False, "downloads": 0, "likes": 0, "tags": []}
        value |= {"modelId": name, "siblings": [{"rfilename": key} for key in repo.commits[commit]]}
        self.reply_json(value)

    def tree(self, kind: str, name: str, revision: str, folder: str | None) -> None:
        """The files and folders in a folder, or with recursive=true all that is below it."""
        repo = self.repository(kind, name)
        commit = repo and self.revision(repo, revision)
        if not repo or not commit:
            return
        start = f"{folder}/" if folder else ""
        below = {key: body for key, body in repo.commits[commit].items() if key.startswith(start)}
        if not below:
            return self.error(404, "EntryNotFound", f"{folder} does not exist")
        deep = "recursive=true" in self.path.lower()
        folders = {start + key.removeprefix(start).split("/")[0] for key in below if "/" in key.removeprefix(start)}
        entries = [{"type": "directory", "path": path, "size": 0, "oid": "0" * 40} for path in sorted(folders)]
        for key, body in below.items():
            if deep or "/" not in key.removeprefix(start):
                entry = {"type": "file", "path": key, "size": len(body), "oid": etag(body)[:40]}
                large = {"lfs": {"oid": etag(body), "size": len(body), "pointerSize": 130}} if key in repo.lfs else {}
                entries.append(entry | large)
        self.reply_json(entries)

    def reply_json(self, value: Any) -> None:
        self.reply(200, json.dumps(value).encode(), {"Content-Type": "application/json; charset=utf-8"})

    def resolve(self, kind: str, name: str, revision: str, file: str) -> None:
        repo = self.repository(kind, name)
        if repo and repo.accepted is not None and self.token() not in repo.accepted:
            return self.error(403 if self.token() else 401, "GatedRepo", f"Access to model {name} is restricted.")
        commit = repo and self.revision(repo, revision)
        if not repo or not commit:
            return
        body = repo.commits[commit].get(file)
        headers = {"X-Repo-Commit": commit}
        if body is None:
            return self.error(404, "EntryNotFound", "Entry not found", headers)
        if file in repo.lfs:
            headers |= {"X-Linked-Etag": f'"{etag(body)}"', "X-Linked-Size": str(len(body))}
            return self.reply(
                302, b"", headers | {"Location": f"{self.hub.cdn}/{etag(body)}", "ETag": '"of the pointer"'}
            )
        path = f"/api/resolve-cache/{kind}s/{name}/{commit}/{file}"
        self.reply(307, b"", headers | {"Location": quote(path), "ETag": f'"{etag(body)}"'})

    def small_file(self, kind: str, name: str, commit: str, file: str) -> None:
        body = self.hub.repos[kind, name].commits[commit][file]
        self.content(body, {"X-Repo-Commit": commit, "ETag": f'"{etag(body)}"'})

    def cdn(self, wanted: str) -> None:
        bodies = (
            body for repo in self.hub.repos.values() for files in repo.commits.values() for body in files.values()
        )
        body = next((body for body in bodies if etag(body) == wanted), None)
        if body is None or "Authorization" in self.headers:  # a token must not leave the Hub
            self.reply(400, b"", {}, hub=False)
        else:
            self.content(body, {"ETag": f'"{wanted}"', "Server": "CDN"}, hub=False)

    def content(self, body: bytes, headers: dict[str, str], hub: bool = True) -> None:
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if found:
            first, last = int(found[1]), min(int(found[2] or len(body) - 1), len(body) - 1)
            headers |= {"Content-Range": f"bytes {first}-{last}/{len(body)}"}
            body = body[first : last + 1]
        self.reply(206 if found else 200, body, headers | {"Accept-Ranges": "bytes"}, hub)

    def error(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        said = {"X-Error-Message": message} | ({"X-Error-Code": code} if code else {}) | (headers or {})
        self.reply(status, json.dumps({"error": message}).encode(), said)

    def reply(self, status: int, body: bytes, headers: dict[str, str], hub: bool = True) -> None:
        own = {"X-Powered-By": "huggingface-moon", "X-Request-Id": "Root=1-0"} if hub else {}
        self.send_response(status)
        for key, value in ({**own, **headers, "Content-Length": str(len(body))}).items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body if self.cut_after is None else body[: self.cut_after])
            if self.cut_after is not None and self.cut_after < len(body):
                self.wfile.flush()
                self.close_connection = True


HubServer.handler = Handler


def etag(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
