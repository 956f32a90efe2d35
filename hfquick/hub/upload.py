"""How hfquick sends files to the Hugging Face Hub (by huggingface_hub): a repository, a look at it, one commit.

    upload = Upload("ada/reviews")                       # checked: a possible id, a token, a network
    upload.prepare()                                     # the repository exists from here on
    upload.commit({"config.json": path}, "First try")    # all of it or nothing

Every failure becomes a HubError with a sentence of errors.py. Reading is client.py; who calls this is push.py.
"""

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..i18n import said, spoken
from ..utils.errors import all_of
from ..zoo import PREFIX
from . import client
from .errors import Failure, HubError


class Upload:
    """One push to one repository, "name" or "owner/name". Raises HubError when it cannot begin; sends nothing yet.

    Args:
        private: whether only its owner sees a new repository.
        token: a token that may write; if not given, HF_TOKEN or the one kept by `hf auth login`.
        revision: the branch to write to.
        create_pr: propose the commit as a pull request.
    """

    def __init__(
        self,
        repo_id: str,
        *,
        private: bool | None = None,
        token: str | bool | None = None,
        revision: str | None = None,
        create_pr: bool = False,
    ) -> None:
        self.id = checked_id(repo_id)
        self.private, self.create_pr = private, create_pr
        self.branch = None if revision == "main" else revision
        if create_pr and self.branch:
            raise spoken(
                HubError,
                "create_pr=True proposes a change of 'main', but revision={revision!r} was given with it",
                revision=revision,
            )
        client.ask_again()  # to connect must be enough: a restart of the kernel would lose the model
        reason = client.offline_reason()
        if reason:
            keep = said("save_pretrained(folder) keeps a model until then")
            raise spoken(
                HubError,
                "nothing was sent to {id!r}: {reason}. Connect and run it again; {keep}",
                id=self.id,
                reason=reason,
                keep=keep,
            )
        self.token = checked_token(token)
        self.api = client.hub_library().HfApi(endpoint=client.endpoint(), token=self.token, library_name="hfquick")
        self.head = ""  # the commit that was looked at
        self.names: frozenset[str] = frozenset()  # the files it has
        self._is_private: bool | None = None
        self.sent: dict[str, Any] = {}  # name -> what huggingface_hub knows of the file

    @property
    def page(self) -> str:
        return f"{client.shown_endpoint()}/{self.id}"

    def prepare(self) -> None:
        """Make the repository and the branch, as far as they are missing, and look at what is there."""
        # Looked for first: who may only propose changes to a repository may not ask to make it. A bare name is
        # completed by the Hub, which alone knows whose token this is, when it is asked to make it.
        is_there = "/" in self.id and self._look(None, missing_ok=True)
        if not is_there:
            url = self._ask(lambda: self.api.create_repo(self.id, private=self.private, exist_ok=True))
            self.id = "/".join(str(url).rstrip("/").split("/")[-2:])
            self._look(None)
        if self.private is not None and self._is_private is not None and self._is_private != self.private:
            raise spoken(
                HubError,
                "{id!r} exists and is {now}, which private={private} does not change; nothing was sent. Change "
                "it at {page}/settings, or leave private out",
                id=self.id,
                now=said("private") if self._is_private else said("public"),
                private=self.private,
                page=self.page,
            )
        if self.branch:
            if not self.branch.startswith("refs/"):  # a pull request: it is there, or it is a mistake
                self._ask(lambda: self.api.create_branch(self.id, branch=self.branch, exist_ok=True))
            self._look(self.branch)

    def look_again(self) -> None:
        """Note what others have changed since."""
        self._look(self.branch)

    def _look(self, branch: str | None, missing_ok: bool = False) -> bool:
        """Note the commit a branch is at, and its files; whether there is such a repository."""
        try:
            info = self._ask(lambda: self.api.repo_info(self.id, revision=branch, timeout=client.ANSWER_SECONDS))
        except HubError as error:
            if missing_ok and error.status == 404:
                return False
            raise
        self.id = info.id  # as it is called now: it may have moved
        self.head, self.names = info.sha, frozenset(sibling.rfilename for sibling in info.siblings or ())
        self._is_private = info.private
        return True

    def read(self, name: str) -> str:
        """The text of a file at the commit that was looked at."""
        wanted = client.Wanted(self.id, "model", None, self.token, client.cache_root(None), "", False)
        return client.fetch(wanted, name, self.head).read_text(encoding="utf-8", errors="replace")

    def commit(self, files: Mapping[str, Path], message: str) -> str:
        """Send these files as one commit; returns the page where they are.

        The commit that was looked at is given as its parent, so what somebody else pushed since is neither overwritten
        nor mixed with ours: the Hub then refuses, and the error has the status CHANGED_SINCE.
        """
        add = client.hub_library().CommitOperationAdd
        self.sent = {name: add(name, str(path)) for name, path in files.items()}
        # `create_commit` is one commit; the library's own `upload_folder` may make several of a large folder. Large
        # files go by Xet where that is installed, by plain LFS elsewhere. Asked once: the library itself is patient
        # with the large files, and a commit whose answer was lost must not become a second pull request.
        options = {"revision": self.branch, "create_pr": self.create_pr, "parent_commit": self.head}
        operations = list(self.sent.values())
        done = self._ask(
            lambda: self.api.create_commit(self.id, operations, commit_message=message, **options), once=True
        )
        if done.pr_url:
            return str(done.pr_url)
        return f"{self.page}/tree/{self.branch}" if self.branch else self.page

    def _ask(self, question: Callable[[], Any], once: bool = False) -> Any:
        return client.ask(question, lambda error: Sending(error, self), once)

    def named(self, name: str) -> str:
        """A file of this push with its size."""
        sent = self.sent.get(name)
        return said("{name} ({size:,.1f} MB)", name=name, size=sent.upload_info.size / 1e6) if sent else said("a file")


class Sending(Failure):
    """A step of a push that went wrong."""

    is_fetching = False

    def __init__(self, error: Exception, upload: Upload) -> None:
        super().__init__(error, client.shown_endpoint())
        self.upload, self.id, self.page = upload, upload.id, upload.page
        found = re.match(r"Error while uploading '(.+)' to the Hub", str(error))
        self.what = (
            said("{file} to {repo!r}", file=found[1], repo=self.id) if found else said("to {repo!r}", repo=self.id)
        )
        self.at = said(" with the revision {revision!r}", revision=upload.branch) if upload.branch else ""

    @property
    def card(self) -> str:
        found = re.match(r"Invalid metadata in README.md\.?\s+(.*)", str(self.error), re.DOTALL)
        return " ".join(found[1].replace("- ", "").split()) if found else ""

    @property
    def from_the_store(self) -> bool:
        if self.response is None or urlsplit(str(self.response.url)).netloc == urlsplit(self.hub).netloc:
            return False
        return self.response.request.method == "PUT"

    @property
    def has_xet(self) -> bool:
        return type(self.error).__module__ in ("builtins", "hf_xet") and self.error.__cause__ is None and _has_xet()

    @property
    def refused(self) -> str:
        found = re.search(r"OID (\w+): `(.*)", str(self.error))
        if not found:
            return ""
        hashes = {operation.upload_info.sha256.hex(): name for name, operation in self.upload.sent.items()}
        return said("{file} ({why})", file=self.upload.named(hashes.get(found[1], "")), why=found[2].rstrip("`"))

    @property
    def largest(self) -> str:
        sent = self.upload.sent
        large = max(sent, key=lambda name: sent[name].upload_info.size, default="")
        return said("; the largest is {file}. Nothing was changed", file=self.upload.named(large)) if large else ""

    @property
    def forbidden(self) -> str:
        """Who the token belongs to is asked only here: the Hub wants that question seldom."""
        try:
            account = self.upload.api.whoami()
        except Exception:  # then the sentence is shorter
            account = {}
        role = account.get("auth", {}).get("accessToken", {}).get("role")
        owner, _, name = self.id.rpartition("/")
        mine = [account["name"], *(org["name"] for org in account.get("orgs", ()))] if "name" in account else []
        text = said("this token may not write to {repo!r} {why}", repo=self.id, why=self.why)
        if owner in mine and role == "write":  # so it is about something else, a limit of the account
            return said("the Hub refuses to write to {repo!r} {why}; nothing was changed", repo=self.id, why=self.why)
        if role in ("read", "fineGrained") and owner in ("", *mine):
            purpose = said("to read only") if role == "read" else said("for other repositories")
            return said(
                "{text}: it was made {purpose}. Make one that may write at {hub}/settings/tokens",
                text=text,
                purpose=purpose,
                hub=self.hub,
            )
        if mine:
            return said(
                "{text}: it may write to {whose}. Try {own!r}, or create_pr=True to propose a change",
                text=text,
                whose=all_of(mine),
                own=f"{mine[0]}/{name}",
            )
        return said("{text}; ask its owner, or give an id of your own", text=text)


def checked_id(repo_id: str) -> str:
    """An id that a new repository may have, or a HubError with the nearest one."""
    if not isinstance(repo_id, str) or not repo_id.strip():
        raise spoken(
            HubError, "repo_id is {repo_id!r}, expected a name such as 'my-model' or 'owner/my-model'", repo_id=repo_id
        )
    name = repo_id.strip()
    if name.startswith(PREFIX):
        raise spoken(
            HubError,
            "{name!r}: names that begin with {prefix!r} are embedded models and would never be looked for on the "
            "Hub; try {without!r}",
            name=name,
            prefix=PREFIX,
            without=name.removeprefix(PREFIX),
        )
    if not client.is_hub_id(name) or name.endswith(".git"):
        near = _nearest_id(name)
        parts = said("letters, digits, '-', '_', '.', at most one '/'")
        raise spoken(
            HubError,
            "{name!r} is no possible id of the Hub ({parts}){hint}",
            name=name,
            parts=parts,
            hint=said("; try {near!r}", near=near) if near else "",
        )
    return name


def checked_token(token: str | bool | None) -> str:
    """The token to send: the one given, or the one of this machine; a HubError when there is none."""
    errors = client.hub_library(".errors")
    if token is False:
        raise spoken(HubError, "token=False forbids a token, but whoever writes to the Hub needs one; leave it out")
    try:
        headers = client.hub_library(".utils").build_hf_headers(token=token or None)
    except errors.LocalTokenNotFoundError:
        headers = {}
    found = headers.get("authorization", "").removeprefix("Bearer ")
    if not found:
        page = f"{client.shown_endpoint()}/settings/tokens"
        login = said("log in with `hf auth login`, or set HF_TOKEN")
        raise spoken(
            HubError,
            "there is no token here; {login}. A token that may write is made at {page}",
            login=login,
            page=page,
        )
    return found


def _nearest_id(name: str) -> str:
    """Something that is no id -> the id that was probably meant, or ""."""
    name = re.sub(r"^(https?://)?(www\.)?(huggingface\.co|hf\.co)/", "", name)
    parts = [re.sub(r"[^A-Za-z0-9_.-]+", "-", part) for part in re.split(r"[/\\]+", name.removesuffix(".git"))]
    tidy = [re.sub(r"-{2,}", "-", re.sub(r"\.{2,}", ".", part)).strip("-.") for part in parts]
    kept = [part for part in tidy if part]
    near = "/".join(
        [kept[0][:96], "-".join(kept[1:])[:96].strip("-.")] if len(kept) > 1 else [part[:96] for part in kept]
    )
    return near if client.is_hub_id(near) else ""


def _has_xet() -> bool:
    """Whether huggingface_hub sends large files by its compiled client, whose errors are Python's own."""
    return "hf_xet" in sys.modules and not client.hub_library(".constants").HF_HUB_DISABLE_XET
