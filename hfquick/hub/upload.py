"""How hfquick sends files to the Hugging Face Hub (by huggingface_hub): a repository, a look at it, one commit.

    upload = Upload("ada/reviews")                       # checked: a possible id, a token, a network
    upload.prepare()                                     # the repository exists from here on
    upload.commit({"config.json": path}, "First try")    # all of it or nothing

Every failure becomes a HubError with a sentence. Reading is hub_client.py; who calls this is sharing.py.
"""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..zoo import PREFIX
from . import client
from .client import HubError

LOGIN = "log in with `hf auth login`, or set HF_TOKEN"
AGAIN = "Run it again: what has arrived is not sent twice"
CHANGED_SINCE = 412  # the Hub's answer when somebody else's commit came in between


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
            raise HubError(f"create_pr=True proposes a change of 'main', but revision={revision!r} was given with it")
        client.ask_again()  # to connect must be enough: a restart of the kernel would lose the model
        reason = client.offline_reason()
        if reason:
            keep = "save_pretrained(folder) keeps a model until then"
            raise HubError(f"nothing was sent to {self.id!r}: {reason}. Connect and run it again; {keep}")
        self.token = checked_token(token)
        self.api = client.hub_library().HfApi(endpoint=client.endpoint(), token=self.token, library_name="hfquick")
        self.head = ""  # the commit that was looked at
        self.names: frozenset[str] = frozenset()  # the files it has
        self._is_private: bool | None = None
        self._sent: dict[str, Any] = {}  # name -> what huggingface_hub knows of the file

    @property
    def page(self) -> str:
        return f"{client.endpoint()}/{self.id}"

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
            raise HubError(
                f"{self.id!r} exists and is {'private' if self._is_private else 'public'}, which "
                f"private={self.private} does not change; nothing was sent. "
                f"Change it at {self.page}/settings, or leave private out"
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
        self._sent = {name: add(name, str(path)) for name, path in files.items()}
        # `create_commit` is one commit; the library's own `upload_folder` may make several of a large folder. Large
        # files go by Xet where that is installed, by plain LFS elsewhere. Asked once: the library itself is patient
        # with the large files, and a commit whose answer was lost must not become a second pull request.
        options = {"revision": self.branch, "create_pr": self.create_pr, "parent_commit": self.head}
        operations = list(self._sent.values())
        try:
            done = self._ask(
                lambda: self.api.create_commit(self.id, operations, commit_message=message, **options), once=True
            )
        finally:
            client.forget_listing(self.id)  # also after a failure: the commit may be there, and its answer lost
        if done.pr_url:
            return str(done.pr_url)
        return f"{self.page}/tree/{self.branch}" if self.branch else self.page

    # Failures in sentences

    def _ask(self, question: Any, once: bool = False) -> Any:
        return client.ask(question, self._explain, once)

    def _explain(self, error: Exception) -> HubError:
        found = re.match(r"Error while uploading '(.+)' to the Hub", str(error))
        what = f"{found[1]} to {self.id!r}" if found else f"to {self.id!r}"
        card = re.match(r"Invalid metadata in README.md\.?\s+(.*)", str(error), re.DOTALL)
        if card:
            said = " ".join(card[1].replace("- ", "").split())
            return HubError(f"the Hub does not accept the first lines of README.md ({said}); nothing was changed", 400)
        response = client.response_in(error)
        if response is not None:
            return self._answered(response, what)
        if isinstance(error, OSError) and error.errno:
            return HubError(f"a file for {self.id!r} cannot be read ({client.shortly(error)}); nothing was changed")
        if type(error).__module__ in ("builtins", "hf_xet") and error.__cause__ is None and _has_xet():
            text = f"the store of large files did not take what was sent {what} ({client.shortly(error)})"
            older = "huggingface_hub.constants.HF_HUB_DISABLE_XET = True takes an older way"
            return HubError(f"{text}; nothing was changed. {AGAIN}; if that does not help, {older}", passing=True)
        kinds = client.kinds_of(error)
        if kinds & client.SLOW:
            return HubError(f"{client.endpoint()} was too slow while sending {what}. {AGAIN}", passing=True)
        if kinds & client.BROKEN:
            text = f"the connection broke while sending {what}. The repository has all of this push or nothing of it"
            return HubError(f"{text}. {AGAIN}", passing=True)
        if kinds & client.UNREACHABLE:
            reason = f"there is no route to {client.endpoint()} ({client.shortly(error)})"
            return HubError(f"the push {what} stopped: {reason}. {AGAIN}", passing=True)
        if "JSONDecodeError" in kinds:
            reason = "an answer was not that of a Hub; is there a page to sign in to this network?"
            return HubError(f"the push {what} stopped: {reason}")
        refused = re.search(r"OID (\w+): `(.*)", str(error))  # by the store of large files
        if refused:
            hashes = {operation.upload_info.sha256.hex(): name for name, operation in self._sent.items()}
            file = self._file(hashes.get(refused[1], ""))
            return HubError(f"the Hub refused {file} ({refused[2].rstrip('`')}); nothing was changed")
        return HubError(f"the push {what} stopped ({client.shortly(error)}). {AGAIN}", passing=True)

    def _answered(self, response: Any, what: str) -> HubError:
        """The Hub, or the store of its large files, said no -> what that means and what to do."""
        status, said = response.status_code, _said(response)
        why = f" ({said})" if said else f" ({status})"
        elsewhere = urlsplit(str(response.url)).netloc != urlsplit(client.endpoint()).netloc
        if elsewhere and response.request.method == "PUT":
            text = f"the store of large files refused what was sent {what} ({status}); nothing was changed. {AGAIN}"
            return HubError(text, status, status >= 500)
        other = client.not_the_hub(response)
        if other:
            return HubError(f"the push {what} stopped: {other}", status)
        if status == 401:
            text = f"the Hub does not accept this token{why}; {LOGIN} to another one"
        elif status == 403:
            text = self._forbidden(why)
        elif status == 404:
            at = f" with the revision {self.branch!r}" if self.branch else ""
            text = f"the Hub shows this account no model {self.id!r}{at}; look at {self.page}"
        elif status == CHANGED_SINCE:
            text = f"somebody else changed {self.id!r} in the same moment; nothing was changed. {AGAIN}"
        elif status == 413:
            large = max(self._sent, key=lambda name: self._sent[name].upload_info.size, default="")
            text = f"the Hub refused a file of {self.id!r} as too large (413)"
            text += f"; the largest is {self._file(large)}. Nothing was changed" if large else ""
        elif status == 429:
            text = f"the Hub was asked too often (429); try again in {client.wait_said(response.headers)}"
        elif status >= 500:
            text = f"the Hub is out of order ({status}) while something is sent {what}. Later: {AGAIN.lower()}"
        else:
            text = f"the Hub refused what was sent {what}{why}; nothing was changed"
        return HubError(text, status, status in (408, CHANGED_SINCE, 429) or status >= 500)

    def _forbidden(self, why: str) -> str:
        """Who the token belongs to is asked only here: the Hub wants that question seldom."""
        try:
            account = self.api.whoami()
        except Exception:  # then the sentence is shorter
            account = {}
        role = account.get("auth", {}).get("accessToken", {}).get("role")
        owner, _, name = self.id.rpartition("/")
        mine = [account["name"], *(org["name"] for org in account.get("orgs", ()))] if "name" in account else []
        text = f"this token may not write to {self.id!r}{why}"
        if owner in mine and role == "write":  # so it is about something else, a limit of the account
            return f"the Hub refuses to write to {self.id!r}{why}; nothing was changed"
        if role in ("read", "fineGrained") and owner in ("", *mine):
            purpose = "to read only" if role == "read" else "for other repositories"
            return f"{text}: it was made {purpose}. Make one that may write at {client.endpoint()}/settings/tokens"
        if mine:
            whose = " and ".join(map(repr, mine))
            own = f"{mine[0]}/{name}"
            return f"{text}: it may write to {whose}. Try {own!r}, or create_pr=True to propose a change"
        return f"{text}; ask its owner, or give an id of your own"

    def _file(self, name: str) -> str:
        sent = self._sent.get(name)
        return f"{name} ({sent.upload_info.size / 1e6:,.1f} MB)" if sent else "a file"


def checked_id(repo_id: str) -> str:
    """An id that a new repository may have, or a HubError with the nearest one."""
    if not isinstance(repo_id, str) or not repo_id.strip():
        raise HubError(f"repo_id is {repo_id!r}, expected a name such as 'my-model' or 'owner/my-model'")
    name = repo_id.strip()
    if name.startswith(PREFIX):
        raise HubError(
            f"{name!r}: names that begin with {PREFIX!r} are embedded models and would never be looked for on the Hub; "
            f"try {name.removeprefix(PREFIX)!r}"
        )
    if not client.is_hub_id(name) or name.endswith(".git"):
        near = _nearest_id(name)
        parts = "letters, digits, '-', '_', '.', at most one '/'"
        raise HubError(f"{name!r} is no possible id of the Hub ({parts}){f'; try {near!r}' if near else ''}")
    return name


def checked_token(token: str | bool | None) -> str:
    """The token to send: the one given, or the one of this machine; a HubError when there is none."""
    errors = client.hub_library(".errors")
    if token is False:
        raise HubError("token=False forbids a token, but whoever writes to the Hub needs one; leave it out")
    try:
        headers = client.hub_library(".utils").build_hf_headers(token=token or None)
    except errors.LocalTokenNotFoundError:
        headers = {}
    found = headers.get("authorization", "").removeprefix("Bearer ")
    if not found:
        page = f"{client.endpoint()}/settings/tokens"
        raise HubError(f"there is no token here; {LOGIN}. A token that may write is made at {page}")
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


def _said(response: Any) -> str:
    """The Hub's own words."""
    try:
        said = response.headers.get("x-error-message") or json.loads(response.text).get("error", "")
    except (ValueError, AttributeError):
        said = ""
    return " ".join(str(said).split()).rstrip(".")


def _has_xet() -> bool:
    """Whether huggingface_hub sends large files by its compiled client, whose errors are Python's own."""
    return "hf_xet" in sys.modules and not client.hub_library(".constants").HF_HUB_DISABLE_XET
