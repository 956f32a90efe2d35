"""Model or dataset id -> the folder with its files: the one place that knows network, cache, zoo and stand-ins.

    repo = open_repo("distilbert-base-uncased")           # asks the Hub once for the list of files
    repo.find("model.safetensors", "pytorch_model.bin")   # the first that exists as a path, fetched if needed, or None
    repo.read_json("config.json")                         # parsed once

A Repo is handed on: configuration, tokenizer and model of one id are made from it by `from_repo`.

An id means what it says. In this order it is a local folder, an embedded model ("hfquick/<name>"), or a repository of
the Hugging Face Hub: what is in the local cache is used, the rest is fetched file by file, all files of a Repo of one
commit. Without a way to the Hub the cache serves; failing that, a famous id may become its declared stand-in, and one
printed line says so. An answer of the Hub (unknown, private, gated, too many requests, out of order) never leads to a
stand-in. Nothing in here runs anything that it reads. How the Hub is spoken to: client.py.
"""

import os
import re
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path, PurePosixPath
from typing import Any

from .. import zoo
from ..i18n import N_, Said, said, spoken
from ..i18n import gettext as _
from ..utils import notices
from ..utils.elsewhere import only_known
from ..utils.errors import damaged, did_you_mean, either, nearest
from ..utils.files import read_json
from ..utils.notices import short_list
from . import client
from .client import Wanted, is_offline, offline_reason
from .errors import HubError, NoRoute
from .keywords import LOADING

__all__ = ["HUB_OPTIONS", "HubError", "Repo", "is_offline", "offline_reason", "open_repo", "take_hub_options"]

HUB_OPTIONS = ("revision", "token", "cache_dir", "local_files_only", "subfolder", "force_download")

CONNECT = N_("Connect and restart the kernel")


class Repo:
    """Files under one id. `source` is "folder", "zoo" or "hub"; `stand_in_for` the famous id it replaces, or None."""

    def __init__(self, name: str, source: str, folder: Path, *, stand_in_for: str | None = None, note: str = ""):
        self.id = name
        self.source = source
        self.folder = folder
        self.stand_in_for = stand_in_for
        self._note = note  # why a file that exists elsewhere may be missing here
        self._parsed: dict[str, dict[str, Any] | None] = {}  # name of a JSON file -> what it holds

    @property
    def origin(self) -> str | None:
        """Which model or data this truly is, by its id; None for a folder, which may hold anything."""
        if self.source == "folder":
            return None
        return zoo.full_name(self.folder.name) if self.stand_in_for else self.id

    def find(self, *names: str) -> Path | None:
        """The first of these files that exists, as a path on this machine, or None."""
        for name in names:
            found = self._get(safe_name(name, said("file of {repo!r}", repo=self.id)))
            if found is not None:
                return found
        return None

    def path(self, *names: str) -> Path:
        """The same, but a HubError when there is none."""
        found = self.find(*names)
        if found is None:
            there = self.files()
            neither = said("{name}", name=names[0])
            for name in names[1:]:
                neither = said("{names} and no {name}", names=neither, name=name)
            raise spoken(
                HubError,
                "{id!r} has no {names}{near}; {holds}{note}",
                id=self.id,
                names=neither,
                near=did_you_mean(names[0], there),
                holds=said("it has {files}", files=short_list(there, 8)) if there else said("it is empty"),
                note=self._note,
            )
        return found

    def read_json(self, name: str) -> dict[str, Any] | None:
        """The object in a JSON file, read once however often it is asked for; None if there is no such file.

        Raises ValueError if the file is damaged.
        """
        if name not in self._parsed:
            path = self.find(name)
            self._parsed[name] = None if path is None else self._parse(path, name)
        return deepcopy(self._parsed[name])  # each reader may change its own

    def _parse(self, path: Path, name: str) -> dict[str, Any]:
        try:
            value = read_json(path)
        except ValueError as error:
            raise damaged(name, self.id, error) from None
        if not isinstance(value, dict):
            raise damaged(name, self.id, said("it holds a {got}, expected an object", got=type(value).__name__))
        return value

    def files(self) -> list[str]:
        """What is there, without fetching anything; of a folder only the top, which may be somebody's home."""
        there = self.folder.iterdir() if self.folder.is_dir() else ()
        return sorted(f"{path.name}/" if path.is_dir() else path.name for path in there)

    def _get(self, name: str) -> Path | None:
        found = self.folder / name
        return found if found.is_file() else None

    def __repr__(self) -> str:
        return f"Repo({self.id!r}, source={self.source!r})"


class HubRepo(Repo):
    """A repository of the Hub at one commit, in the cache or on its way there."""

    def __init__(self, wanted: Wanted, listing: client.Listing):
        snapshots = [storage / "snapshots" / listing.commit for storage in client.storages(wanted)]
        super().__init__(wanted.id, "hub", snapshots[0] / wanted.subfolder)
        self.full_id = listing.id
        self._wanted, self._names, self._snapshots = wanted, listing.names, snapshots
        self._fresh: set[str] = set()  # fetched by this object: force_download fetches once, not at every question

    def files(self) -> list[str]:
        start = f"{self._wanted.subfolder}/" if self._wanted.subfolder else ""
        return sorted(name.removeprefix(start) for name in self._names if name.startswith(start))

    def _get(self, name: str) -> Path | None:
        full = f"{self._wanted.subfolder}/{name}" if self._wanted.subfolder else name
        if full not in self._names:
            return None  # the list of files was read once: an absent name costs no request
        if not self._wanted.force_download or full in self._fresh:
            for snapshot in self._snapshots:
                if (snapshot / full).is_file():
                    client.remember_commit(self._wanted, self._snapshots[0])
                    return snapshot / full
        found = client.fetch(self._wanted, full, commit=self._snapshots[0].name)
        self._fresh.add(full)
        client.remember_commit(self._wanted, self._snapshots[0])
        return found

    def explained(self, error: Exception) -> Exception:
        """What another library raised while it read this repository, as a sentence if the network is the reason."""
        return client.explain(error, self._wanted)


def open_repo(
    repo_id: str | os.PathLike,
    *,
    repo_type: str = "model",
    revision: str | None = None,
    token: str | bool | None = None,
    cache_dir: str | os.PathLike | None = None,
    local_files_only: bool = False,
    subfolder: str = "",
    force_download: bool = False,
    task: str | None = None,
) -> Repo:
    """A folder, "hfquick/<name>" or an id of the Hub -> a Repo that finds its files. Nothing is fetched yet.

    Args:
        repo_type: "model" or "dataset".
        revision: a branch, tag or commit of the Hub; "main" if not given.
        token: a token of the Hub; if not given, HF_TOKEN or the one kept by `hf auth login`.
        cache_dir: where files of the Hub are kept; Hugging Face's own cache if not given.
        local_files_only: never ask the network, and accept no stand-in.
        subfolder: look for the files in this folder of the repository.
        force_download: fetch again what is in the cache.
        task: what a model is wanted for, so that an error names embedded ones that can do it.

    Without a network a declared stand-in is accepted, but for no revision and no subfolder.
    Raises HubError when there is no such thing or no way to it, TypeError when `repo_id` is neither text nor a path.
    """
    subfolder = safe_name(subfolder, said("subfolder")) if subfolder.strip("/") else ""
    here = local_repo(repo_id, repo_type, subfolder)
    if here is not None:
        return here
    options: dict[str, Any] = {"revision": revision, "token": token, "cache_dir": cache_dir, "subfolder": subfolder}
    wanted = want(repo_id, repo_type, **options, force_download=force_download, task=task)
    return _from_cache_only(wanted) if local_files_only else open_wanted(wanted)


def local_repo(repo_id: str | os.PathLike, repo_type: str, subfolder: str = "") -> Repo | None:
    """What the id means on this machine, a folder or something embedded; None where it can only mean the Hub's."""
    if not isinstance(repo_id, str | os.PathLike):
        kind = type(repo_id).__name__
        raise spoken(
            TypeError,
            "expected a folder or an id such as 'distilbert-base-uncased', got {kind}: {repo_id!r}",
            kind=kind,
            repo_id=repo_id,
        )
    if repo_type not in ("model", "dataset"):
        raise spoken(HubError, "repo_type is {repo_type!r}, expected 'model' or 'dataset'", repo_type=repo_type)
    name = os.fspath(repo_id).strip()
    if not name:
        raise spoken(HubError, "the id is empty; give a folder or an id such as 'distilbert-base-uncased'")
    if _is_folder(repo_id, name):
        return Repo(name, "folder", local_folder(name) / subfolder)
    if name.startswith(zoo.PREFIX):
        return Repo(name, "zoo", _zoo_folder(name, repo_type) / subfolder)
    return None


def want(
    repo_id: str | os.PathLike,
    repo_type: str,
    *,
    revision: str | None,
    token: str | bool | None,
    cache_dir: str | os.PathLike | None,
    subfolder: str = "",
    force_download: bool = False,
    exact: bool = False,
    find_cached: Callable[[Wanted], Path | None] | None = None,
    task: str | None = None,
) -> Wanted:
    """What is to be asked of the Hub; for the other arguments see `open_repo`. These two are for rows of data.

    Args:
        exact: accept no stand-in, as for a revision or a subfolder.
        find_cached: finds what `cache_dir` has of it, where that is not Hugging Face's cache of files.
    """
    name = os.fspath(repo_id).strip()
    if revision is not None:
        safe_name(revision, said("revision of {repo!r}", repo=name))
    root = client.cache_root(cache_dir)
    exact = exact or revision not in (None, "main") or bool(subfolder)
    options = (revision, token, root, subfolder, force_download, exact, find_cached, task)
    return Wanted(_hub_id(name, repo_type), repo_type, *options)


def open_wanted(wanted: Wanted) -> Repo:
    """From the Hub; without a way to it from the cache, failing that the stand-in."""
    reason = offline_reason(wanted.repo_type)
    if reason:
        return _offline(wanted, reason)
    try:
        listing = client.listing(wanted)
        if wanted.find_cached and listing.names:  # another library fetches: would the files come?
            client.look_at(wanted, max(listing.names - {"README.md"}, default="README.md"), listing.commit)
    except NoRoute as lost:
        return _offline(wanted, lost.args[0])
    except HubError as error:
        folder = client.cached_snapshot(wanted)
        if folder is None or wanted.force_download:
            raise
        if not error.passing:  # the Hub says no: that is for the reader to settle
            how = "HF_HUB_OFFLINE=1" if wanted.find_cached else "local_files_only=True"
            raise spoken(
                HubError, "{error}. A copy is in the cache: {how} loads it", error.status, error=error, how=how
            ) from error
        notices.say_once(_("{error}; what is in the cache is used", error=error), about=wanted.label)
        return _cached(wanted, folder, said("the Hub is out of order"))
    return HubRepo(wanted, listing)


def take_hub_options(options: dict[str, Any]) -> dict[str, Any]:
    """Move the keywords that `open_repo` understands out of `options` (which is changed) into a new dict."""
    of_table = {name: options.pop(name) for name in LOADING if name in options}
    only_known(of_table, (), LOADING, "from_pretrained", ValueError)
    if "use_auth_token" in options:  # its name until 2023
        token = options.pop("use_auth_token")
        options.setdefault("token", token)
    return {name: options.pop(name) for name in HUB_OPTIONS if name in options}


def safe_name(name: str, what: str) -> str:
    """A relative name with forward slashes -> the same, tidied; anything that could leave its folder is refused."""
    if not isinstance(name, str):
        raise spoken(
            HubError,
            "{name!r} is refused as {what}; expected a text, got {got}",
            name=name,
            what=what,
            got=type(name).__name__,
        )
    bad = name.startswith("/") or "\\" in name or "\0" in name or ":" in name or ".." in name.split("/")
    if bad or not name.strip("/. "):
        raise spoken(
            HubError,
            "{name!r} is refused as {what}; expected a relative name that stays inside, such as 'onnx/model.onnx'",
            name=name,
            what=what,
        )
    return str(PurePosixPath(name))


def stand_in_notice(famous: str, repo_type: str = "model") -> str:
    """The line that is printed once when something embedded takes the place of a famous id (widgets show it too)."""
    return _(
        "offline: {famous!r} is replaced by its tiny stand-in {stand_in!r} (HFQUICK_STAND_INS=0 forbids this)",
        famous=famous,
        stand_in=zoo.stand_ins(repo_type)[famous],
    )


def reset() -> None:
    """Forget what this process knows (is there a network, which notices were said): as after a restart."""
    notices.forget()
    client.reset()


def _from_cache_only(wanted: Wanted) -> Repo:
    if wanted.force_download:
        raise spoken(
            HubError,
            "{wanted!r}: force_download and local_files_only exclude each other; give one of them",
            wanted=wanted.id,
        )
    folder = client.cached_snapshot(wanted)
    if folder is None:
        raise spoken(
            HubError,
            "{label} is not in the cache ({root}), and local_files_only=True forbids fetching it; leave that out "
            "once, with a network{by_name}",
            label=wanted.label,
            root=wanted.root,
            by_name=_by_name(wanted),
        )
    return _cached(wanted, folder, "local_files_only=True")


def _offline(wanted: Wanted, reason: str) -> Repo:
    if wanted.force_download:
        again = "download_mode" if wanted.find_cached else "force_download"
        raise spoken(
            HubError,
            "{label} cannot be fetched again: {reason}. {connect}, or leave out {again}",
            label=wanted.label,
            reason=reason,
            connect=said(CONNECT),
            again=again,
        )
    folder = client.cached_snapshot(wanted)
    if folder is not None:
        return _cached(wanted, folder, reason)
    stand_in = zoo.stand_ins(wanted.repo_type).get(wanted.id)
    if stand_in is None:
        raise spoken(HubError, "{unreachable}", unreachable=_unreachable(wanted, reason))
    if wanted.exact:
        what = said("revision or files") if wanted.find_cached else said("revision or subfolder")
        raise spoken(
            HubError,
            "{unreachable} (no stand-in is taken for an exact {what})",
            unreachable=_unreachable(wanted, reason),
            what=what,
        )
    if not zoo.stand_ins_allowed():
        raise spoken(
            HubError,
            "{label} is not in the cache, {reason}, and HFQUICK_STAND_INS=0 forbids its stand-in {stand_in!r}. "
            "{connect}, unset HFQUICK_STAND_INS, or give the embedded {repo_type} by its own name",
            label=wanted.label,
            reason=reason,
            stand_in=stand_in,
            connect=said(CONNECT),
            repo_type=said(wanted.repo_type),
        )
    folder = _zoo_folder(stand_in, wanted.repo_type)
    notices.say_once(stand_in_notice(wanted.id, wanted.repo_type), about=wanted.label)
    return Repo(wanted.id, "zoo", folder, stand_in_for=wanted.id)


def _cached(wanted: Wanted, snapshot: Path, reason: str) -> Repo:
    note = said(
        ". These are the files in the cache; more cannot be fetched: {reason}{by_name}",
        reason=reason,
        by_name=_by_name(wanted),
    )
    return Repo(wanted.id, "hub", snapshot / wanted.subfolder, note=note)


def _unreachable(wanted: Wanted, reason: str) -> Said:
    kind = wanted.repo_type
    near = nearest(wanted.id, [name for name in zoo.known(kind) if name != wanted.id])
    embedded = zoo.similar(wanted.id, kind=kind, task=wanted.task)
    return said(
        "{repo} is neither a folder here nor in the cache ({root}), and {reason}. {near}{connect}, or use an embedded "
        "{kind}: {embedded}",
        repo=wanted.label,
        root=wanted.root,
        reason=reason,
        near=said("Did you mean {names}? ", names=either(near)) if near else "",
        connect=said(CONNECT),
        kind=said(kind),
        embedded=", ".join(f"{name!r} ({', '.join(zoo.table(kind)[name].tasks)})" for name in embedded),
    )


def _by_name(wanted: Wanted) -> str:
    stand_in = zoo.stand_ins(wanted.repo_type).get(wanted.id)
    return said("; its tiny stand-in {stand_in!r} loads by its own name", stand_in=stand_in) if stand_in else ""


def _is_folder(given: str | os.PathLike, name: str) -> bool:
    """Whether this means a folder of this machine: it is there, or it is written as only a path can be."""
    if not isinstance(given, str) or name in (".", "..", "~") or "\\" in name or name.endswith("/"):
        return True
    return bool(re.match(r"\.{0,2}/|~/|[A-Za-z]:", name)) or os.path.exists(name)


def local_folder(name: str) -> Path:
    """A folder of this machine by its name, or a HubError with the nearest ones."""
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    if folder.exists():
        raise spoken(
            HubError,
            "{name!r} is a file, expected the folder around it; try {parent!r}",
            name=name,
            parent=str(folder.parent),
        )
    near = [child.name for child in folder.parent.iterdir() if child.is_dir()] if folder.parent.is_dir() else []
    where = (
        "" if folder.parent.is_dir() else said("; the folder {name!r} does not exist either", name=str(folder.parent))
    )
    hint = did_you_mean(folder.name, near) or where
    raise spoken(
        HubError,
        "the folder {name!r} does not exist (looked from {here!r}){hint}",
        name=name,
        here=os.getcwd(),
        hint=hint,
    )


def _zoo_folder(name: str, repo_type: str) -> Path:
    try:
        folder = zoo.folder(name, repo_type)
    except ValueError as error:
        raise spoken(HubError, "{error}", error=error) from None
    if not folder.is_dir():
        raise spoken(
            HubError, "the files of {name!r} are missing ({folder}); install hfquick again", name=name, folder=folder
        )
    return folder


def _hub_id(name: str, repo_type: str) -> str:
    if "://" in name or name.startswith(("huggingface.co/", "hf.co/", "www.")):
        raise spoken(
            HubError,
            "{name!r} is an address, expected an id: what follows the site's name, such as 'openai/whisper-tiny'",
            name=name,
        )
    if not client.is_hub_id(name):
        near = did_you_mean(name, zoo.known(repo_type))
        parts = said("letters, digits, '-', '_', '.', at most one '/'")
        raise spoken(
            HubError,
            "{name!r} is neither a folder here nor a possible id of the Hub ({parts}){near}",
            name=name,
            parts=parts,
            near=near,
        )
    return name
