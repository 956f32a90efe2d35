"""The writing side of the small Hub in hub_server.py: accounts, new repositories, uploads and commits.

    with WritableHub() as hub:
        ...                            # HF_ENDPOINT is hub.url, HF_TOKEN is "hf_known": the user ada
        hub.files("ada/model")         # what main holds now, name -> bytes

A commit is made the way the real one asks for it: POST preupload says which files are large; those are announced to the
LFS batch address, PUT to another host and verified; one POST with a line of JSON per file then makes the commit. It is
stored when its last line was read and everything it names is there, so there is no half of a commit. The protocol is
that of plain LFS. The newer one (Xet) is spoken by a compiled library to a store of its own kind, which cuts files into
pieces; tests switch it off with HF_HUB_DISABLE_XET, and what hfquick itself does is the same with both.
"""

import base64
import fnmatch
import hashlib
import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import yaml

from tests.helpers.hub_server import Handler, HubServer, Stored, etag

LARGE_FILES = ("*.safetensors", "*.bin", "*.h5", "*.npz", "*.pt", "*.onnx", "*.keras", "*tfevents*")
ATTRIBUTES = "".join(f"{pattern} filter=lfs diff=lfs merge=lfs -text\n" for pattern in LARGE_FILES).encode()
TYPE = r"(models|datasets)"
NAME = r"((?:[^/]+/)?[^/]+?)"


class Account(NamedTuple):
    """Who a token belongs to."""

    name: str
    orgs: tuple[str, ...] = ()
    role: str = "write"  # of the token: "read" or "write"

    def may_write(self, repo_id: str) -> bool:
        return self.role == "write" and repo_id.partition("/")[0] in (self.name, *self.orgs)


class WritableHub(HubServer):
    """A Hub that keeps what is sent to it."""

    accounts: dict[str, Account]

    def __init__(self) -> None:
        self.accounts = {
            "hf_known": Account("ada", ("class-of-42",)),
            "hf_accepted": Account("bob"),
            "hf_read": Account("ada", ("class-of-42",), role="read"),
        }
        self.tokens = frozenset(self.accounts)
        self.objects: dict[str, bytes] = {}  # large files that arrived, by their SHA-256
        self.verified: set[str] = set()
        self.largest = 10**12  # bytes; a larger file is refused
        self.pull_requests: dict[str, list[str]] = {}  # repository -> titles
        super().__init__()

    def files(self, name: str, revision: str = "main", kind: str = "model") -> dict[str, bytes]:
        """Name -> content of what a branch holds, without the file every repository begins with."""
        repo = self.repos[kind, name]
        return {key: body for key, body in repo.commits[repo.refs[revision]].items() if key != ".gitattributes"}

    def put(self, repo: Stored, ref: str, files: dict[str, bytes]) -> str:
        content = b"".join(key.encode() + b"\0" + body for key, body in sorted(files.items()))
        commit = hashlib.sha1(f"{repo.name} {len(repo.commits)} ".encode() + content).hexdigest()
        repo.commits[commit] = files
        repo.refs[ref] = commit
        return commit


class Refused(Exception):
    """The answer is an error; `more` stands beside its message."""

    def __init__(self, status: int, message: str, code: str = "", **more: Any):
        super().__init__(message)
        self.status, self.body = status, {"error": message, **more}
        self.headers = {"X-Error-Message": message} | ({"X-Error-Code": code} if code else {})


def _invalid(message: str) -> Refused:
    return Refused(400, "", errors=[{"message": message}], warnings=[])


class WritingHandler(Handler):
    hub: WritableHub
    unread = 0  # bytes of the request's body that nobody took yet

    def serve(self) -> None:
        self.unread = int(self.headers.get("Content-Length", 0))
        super().serve()

    do_GET = do_HEAD = do_POST = do_PUT = serve

    def route(self, path: str) -> None:
        for method, pattern, answer in ROUTES:
            found = re.fullmatch(pattern, path) if method == self.command else None
            if found:
                try:
                    status, body, headers = 200, answer(self, *found.groups()), {}
                except Refused as no:
                    status, body, headers = no.status, no.body, no.headers
                return self.reply(status, json.dumps(body).encode(), {"Content-Type": "application/json", **headers})
        if self.command not in ("GET", "HEAD"):
            return self.error(404, "", f"no route for {self.command} {path}")
        return super().route(path)

    def reply(self, status: int, body: bytes, headers: dict[str, str], hub: bool = True) -> None:
        self.take()  # what is left of the body would be read as the next request
        super().reply(status, body, headers, hub)

    def take(self, most: int | None = None) -> bytes:
        """The body of the request, or its first bytes."""
        size = self.unread if most is None else min(most, self.unread)
        self.unread -= size
        return self.rfile.read(size) if size else b""

    def json(self) -> Any:
        return json.loads(self.take())

    # Who asks, and may they

    def account(self) -> Account:
        if not self.token():
            raise Refused(401, "Invalid username or password.")
        if self.token() not in self.hub.accounts:
            raise Refused(401, "Invalid credentials in Authorization header")
        return self.hub.accounts[self.token()]

    def writable(self, kind: str, name: str) -> Stored:
        account = self.account()
        repo = self.hub.repos.get((kind.rstrip("s"), name))
        if repo is None or (repo.readers is not None and self.token() not in repo.readers):
            raise Refused(404, "Repository not found", "RepoNotFound")
        if not account.may_write(name) and "create_pr=1" not in self.path:
            raise Refused(403, "Forbidden: pass `create_pr=1` as a query parameter to create a Pull Request")
        return repo

    def at(self, repo: Stored, revision: str) -> str:
        commit = repo.commit(revision)
        if commit is None:
            raise Refused(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        return commit

    # The answers

    def whoami(self) -> dict:
        account = self.account()
        token = {"displayName": "for tests", "role": account.role}
        return {
            "type": "user",
            "name": account.name,
            "orgs": [{"type": "org", "name": name} for name in account.orgs],
            "auth": {"type": "access_token", "accessToken": token},
        }

    def create(self) -> dict:
        wanted = self.json()
        account = self.account()
        kind, owner = wanted.get("type") or "model", wanted.get("organization") or account.name
        name = f"{owner}/{wanted['name']}"
        if not account.may_write(name):
            raise Refused(403, f'You don\'t have the rights to create a {kind} under the namespace "{owner}"')
        url = f"{self.hub.url}/{'datasets/' if kind == 'dataset' else ''}{name}"
        if (kind, name) in self.hub.repos:
            raise Refused(409, f"You already created this {kind} repo", url=url)
        repo = self.hub.repos[kind, name] = Stored(name, kind)
        if wanted.get("private") or wanted.get("visibility") == "private":
            repo.readers = {token for token, other in self.hub.accounts.items() if owner in (other.name, *other.orgs)}
        self.hub.put(repo, "main", {".gitattributes": ATTRIBUTES})
        return {"url": url, "name": name, "id": "0" * 24}

    def branch(self, kind: str, name: str, branch: str) -> dict:
        repo = self.writable(kind, name)
        start = self.json().get("startingPoint", "main")
        if branch in repo.refs:
            raise Refused(409, "Reference already exists")
        repo.refs[branch] = self.at(repo, start)
        return {}

    def validate(self) -> dict:
        """The real one knows many more rules; these are the ones a card of ours could break."""
        front = re.match(r"---\n(.*?)\n---\n", self.json()["content"], re.DOTALL)
        try:
            facts = yaml.safe_load(front[1]) if front else None
        except yaml.YAMLError as error:
            raise _invalid(f"YAML Metadata Error: {error}") from None
        if not facts:
            return {"errors": [], "warnings": [{"message": "empty or missing yaml metadata in repo card"}]}
        if not isinstance(facts.get("license", "mit"), str):
            raise _invalid('"license" must be a string')
        for model in facts.get("model-index", []):
            for result in model["results"]:
                for path in ("task.type", "dataset.type", "dataset.name"):
                    part, _, key = path.partition(".")
                    if not isinstance(result.get(part, {}).get(key), str):
                        raise _invalid(f'"model-index[0].results[0].{path}" is required')
                if not all(isinstance(metric.get("value"), int | float) for metric in result["metrics"]):
                    raise _invalid('"model-index[0].results[0].metrics[0].value" is required')
        return {"errors": [], "warnings": []}

    def preupload(self, kind: str, name: str, revision: str) -> dict:
        repo = self.writable(kind, name)
        there = repo.commits[self.at(repo, revision)]
        answers = []
        for file in self.json()["files"]:
            large = file["size"] > 10_000_000 or any(fnmatch.fnmatch(file["path"], known) for known in LARGE_FILES)
            said = {"path": file["path"], "uploadMode": "lfs" if large else "regular", "shouldIgnore": False}
            if file["path"] in there:
                body = there[file["path"]]
                said["oid"] = etag(body) if large else hashlib.sha1(b"blob %d\0" % len(body) + body).hexdigest()
            answers.append(said)
        return {"files": answers, "commitOid": self.at(repo, revision)}

    def batch(self, dataset: str | None, name: str) -> dict:
        asked = self.json()
        # A pull request names no branch; otherwise only those who may write get an address to write to.
        repo = self.hub.repos["dataset" if dataset else "model", name]
        if "ref" in asked and not self.account().may_write(repo.name):
            raise Refused(403, "Authorization error.")
        objects = []
        for item in asked["objects"]:
            said: dict[str, Any] = {"oid": item["oid"], "size": item["size"]}
            if item["size"] > self.hub.largest:
                limit = f"Maximum individual file size is {self.hub.largest} bytes"
                said["error"] = {"code": 422, "message": limit}
            elif item["oid"] not in self.hub.verified:
                put = f"http://localhost:{self.hub.port}/lfs/{item['oid']}?X-Amz-Signature=0"  # another origin
                verify = f"{self.hub.url}/{dataset or ''}{name}.git/info/lfs/objects/verify"
                said["actions"] = {"upload": {"href": put, "header": {}}, "verify": {"href": verify, "header": {}}}
            objects.append(said)
        return {"transfer": "basic", "objects": objects}

    def store(self, oid: str) -> dict:
        if "Authorization" in self.headers:  # a token must not leave the Hub
            raise Refused(400, "Only one auth mechanism allowed")
        self.hub.objects[oid] = self.take()
        return {}

    def verify(self, dataset: str | None, name: str) -> dict:
        self.account()
        asked = self.json()
        body = self.hub.objects.get(asked["oid"], b"")
        if etag(body) != asked["oid"] or len(body) != asked["size"]:
            raise Refused(400, "The uploaded object is not the one that was announced")
        self.hub.verified.add(asked["oid"])
        return {}

    def commit(self, kind: str, name: str, revision: str) -> dict:
        repo = self.writable(kind, name)
        lines = [json.loads(line) for line in self.take().splitlines()]
        (header,) = (line["value"] for line in lines if line["key"] == "header")
        with self.hub.lock:
            parent = self.at(repo, revision)
            if header.get("parentCommit", parent) != parent:
                raise Refused(412, "A commit has happened since. Please refresh and try again.")
            files = dict(repo.commits[parent])
            large = set()
            for line in lines:
                value = line["value"]
                if line["key"] == "file":
                    files[value["path"]] = base64.b64decode(value["content"])
                elif line["key"] == "lfsFile":
                    if value["oid"] not in self.hub.verified:
                        raise Refused(400, f"LFS pointer pointed to a file that does not exist: {value['path']}")
                    files[value["path"]] = self.hub.objects[value["oid"]]
                    large.add(value["path"])
                elif line["key"] != "header":
                    raise Refused(400, f"{line['key']} is not part of what these tests need")
            url = None
            if "create_pr=1" in self.path:
                titles = self.hub.pull_requests.setdefault(name, [])
                titles.append(header["summary"])
                revision, url = f"refs/pr/{len(titles)}", f"{self.hub.url}/{name}/discussions/{len(titles)}"
            repo.lfs |= large
            oid = self.hub.put(repo, revision, files)
        page = f"{self.hub.url}/{name}/commit/{oid}"
        return {"success": True, "commitOid": oid, "commitUrl": page, "hookOutput": "", "pullRequestUrl": url}


WritableHub.handler = WritingHandler

ROUTES: list[tuple[str, str, Callable[..., dict]]] = [
    ("GET", "/api/whoami-v2", WritingHandler.whoami),
    ("POST", "/api/repos/create", WritingHandler.create),
    ("POST", "/api/validate-yaml", WritingHandler.validate),
    ("POST", f"/api/{TYPE}/{NAME}/branch/(.+)", WritingHandler.branch),
    ("POST", f"/api/{TYPE}/{NAME}/preupload/(.+)", WritingHandler.preupload),
    ("POST", rf"/(datasets/)?{NAME}\.git/info/lfs/objects/batch", WritingHandler.batch),
    ("PUT", "/lfs/([0-9a-f]{64})", WritingHandler.store),
    ("POST", rf"/(datasets/)?{NAME}\.git/info/lfs/objects/verify", WritingHandler.verify),
    ("POST", f"/api/{TYPE}/{NAME}/commit/(.+)", WritingHandler.commit),
]


# What can go wrong on the way in


def cut_upload(after: int) -> Callable[[Handler], bool]:
    """The connection breaks when so many bytes of what is sent have arrived."""

    def action(handler: Handler) -> bool:
        assert isinstance(handler, WritingHandler)
        handler.take(after)
        handler.close_connection = True
        return True

    return action
