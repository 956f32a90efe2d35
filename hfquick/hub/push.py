"""Sharing: a model, a tokenizer, or the folder of a training -> a repository of the Hugging Face Hub.

    model.push_to_hub("ada/reviews")             # in both frameworks; tokenizer.push_to_hub(...) does the same
    upload_folder("output", "ada/reviews", ignore_patterns=["checkpoint-*"])

One call is one commit, so a repository never holds half of what was sent. Large files travel first; one that arrived is
not sent again, so a call that broke is finished by running it again. A card (README.md) that a person wrote stays.
How the Hub is spoken to: upload.py. What a card says: model_card.py.
"""

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..i18n import gettext as _
from ..i18n import said, spoken
from ..utils.notices import say
from . import client
from .errors import CHANGED_SINCE, HubError
from .model_card import CARD, ModelFacts, TrainingFacts, create_model_card, is_generated, model_card
from .repository import local_folder
from .upload import Upload

__all__ = ["ModelFacts", "PushToHubMixin", "TrainingFacts", "create_model_card", "model_card", "upload_folder"]

HIDDEN = (".*", "*/.*")  # .env, .git, .ipynb_checkpoints: what is hidden is not for the world
TRIES = 3  # when others push to the same repository in the same moment


class PushToHubMixin:
    """Gives a class that has `save_pretrained(folder)` a way to the Hub."""

    def push_to_hub(
        self,
        repo_id: str,
        *,
        commit_message: str | None = None,
        private: bool | None = None,
        token: str | bool | None = None,
        revision: str | None = None,
        create_pr: bool = False,
    ) -> str:
        """Send this to a repository of the Hub, which is made if it is missing; returns the address of its page.

        A model brings a card (README.md) where there is none. The files are saved to a temporary folder first.

        Args:
            repo_id: "name", in the account of the token, or "owner/name".
            private: whether only its owner sees a new repository; public if not given.
            token: a token that may write; if not given, HF_TOKEN or the one kept by `hf auth login`.
            revision: the branch to write to, made if it is missing; "main" if not given.
            create_pr: propose the change as a pull request, as for the repository of somebody else.

        Raises HubError when there is no network or no token, and when the Hub refuses.
        """
        upload = Upload(repo_id, private=private, token=token, revision=revision, create_pr=create_pr)
        with tempfile.TemporaryDirectory(prefix="hfquick-") as folder:
            self.save_pretrained(folder)  # type: ignore[attr-defined]  # of the class this is mixed into
            upload.prepare()
            if hasattr(self, "config"):  # a tokenizer alone leaves the card to its model
                create_model_card(folder, ModelFacts.of(self, upload.id))
            message = commit_message or f"Upload {type(self).__name__}"
            return _send(upload, _files(folder), message, over_generated=False)


def upload_folder(
    folder: str | os.PathLike,
    repo_id: str,
    *,
    commit_message: str | None = None,
    private: bool | None = None,
    token: str | bool | None = None,
    revision: str | None = None,
    create_pr: bool = False,
    ignore_patterns: str | Sequence[str] = (),
) -> str:
    """Send the files of a folder to a repository of the Hub; returns the address of its page.

    Hidden files stay here. A card that hfquick wrote takes the place of an older one of its own, never of a person's.

    Args:
        ignore_patterns: names to leave out, "checkpoint-*" or ["*.pt", "logs/*"]; a star also stands for slashes.

    For the other arguments and the errors see PushToHubMixin.push_to_hub.
    """
    files = _files(folder, [ignore_patterns] if isinstance(ignore_patterns, str) else ignore_patterns)
    upload = Upload(repo_id, private=private, token=token, revision=revision, create_pr=create_pr)
    upload.prepare()
    return _send(upload, files, commit_message or f"Upload {Path(folder).resolve().name}", over_generated=True)


def _files(folder: str | os.PathLike, ignore: Sequence[str] = ()) -> dict[str, Path]:
    """The files of a folder by their name in the repository, in order."""
    root = local_folder(os.fspath(folder))
    found = {path.relative_to(root).as_posix(): path for path in sorted(root.rglob("*")) if path.is_file()}
    kept = client.hub_library(".utils").filter_repo_objects(found, ignore_patterns=[*HIDDEN, *ignore])
    files = {name: found[name] for name in kept}
    if not files:
        left = (
            said("; all {count} are hidden or match {patterns!r}", count=len(found), patterns=list(ignore))
            if found
            else said(", it is empty")
        )
        raise spoken(HubError, "the folder {folder!r} has no file to send{left}", folder=os.fspath(folder), left=left)
    return files


def _send(upload: Upload, files: Mapping[str, Path], message: str, over_generated: bool) -> str:
    """One commit of these files, the card apart where the one on the Hub has to stay."""
    size = sum(path.stat().st_size for path in files.values())
    if size > client.LARGE:
        megabytes = f"{size / 1e6:,.0f}"
        say(
            _(
                "sending {count} files to {repo!r}: {megabytes} MB",
                count=len(files),
                repo=upload.id,
                megabytes=megabytes,
            )
        )
    for tried in range(1, TRIES + 1):
        stays = _card_stays(upload, files.get(CARD), over_generated)
        try:
            return upload.commit({name: files[name] for name in files if name != CARD or not stays}, message)
        except HubError as error:
            if error.status != CHANGED_SINCE or tried == TRIES:
                raise
        upload.look_again()  # cheap: the large files are there by now
    raise AssertionError("the last try returns or raises")


def _card_stays(upload: Upload, ours: Path | None, over_generated: bool) -> bool:
    """Whether the card on the Hub is not to be replaced by ours."""
    if ours is None or CARD not in upload.names or not is_generated(ours.read_text(encoding="utf-8", errors="replace")):
        return False  # there is none to keep, or a person wrote the new one and wants it there
    return not (over_generated and is_generated(upload.read(CARD)))
