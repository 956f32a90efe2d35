"""load_dataset: rows to train on, found by the rule that holds for models, and read by the library `datasets`.

    dataset = load_dataset("rotten_tomatoes")           # of the Hub; without a network, its embedded stand-in
    dataset = load_dataset("hfquick/reviews-tiny-en")   # embedded in this package, always the same
    dataset = load_dataset("csv", data_files="my.csv")  # anything else that `datasets` reads
    dataset = load_dataset("my_rows")                   # a folder of files, or one that `save_to_disk` wrote

What an id means is decided in hub/repository.py alone. `datasets` by itself retries for a long time where there is no
network, so it is asked for something of the Hub only when there is a way to it.
"""

import json
import os
import pkgutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from inspect import signature
from pathlib import Path
from types import ModuleType
from typing import Any

from .. import zoo
from ..hub.client import Wanted
from ..hub.keywords import LOADING
from ..hub.repository import HubError, HubRepo, local_repo, open_wanted, want
from ..i18n import spoken
from ..utils.elsewhere import only_known
from ..utils.errors import did_you_mean, need, sentence, unknown
from ..utils.files import write_text

# Ending of a file -> the builder of `datasets` that reads it.
BUILDER_OF = {".csv": "csv", ".tsv": "csv", ".json": "json", ".jsonl": "json", ".parquet": "parquet", ".arrow": "arrow"}

SAVED = ("dataset_dict.json", "state.json")  # what a folder of `save_to_disk` has
NOTE = "hfquick-full-id.txt"

_settings = threading.RLock()  # held while a setting of `datasets`, which counts for the whole process, is changed


def load_dataset(
    path: str | os.PathLike,
    name: str | None = None,
    data_dir: str | None = None,
    data_files: str | Sequence | Mapping | None = None,
    split: Any = None,
    cache_dir: str | os.PathLike | None = None,
    *,
    revision: str | None = None,
    token: str | bool | None = None,
    download_mode: Any = None,
    **options: Any,
) -> Any:
    """An id, a folder or a kind of file -> a DatasetDict, or with `split="train"` one Dataset.

    Args:
        path: "hfquick/<name>", a folder, an id of the Hub, or a builder of `datasets` such as "csv".
        name: one configuration of a dataset that has several.
        data_dir: this folder of it only.
        data_files: these files of it only; for a builder, the files to read.
        split: some of the rows, "train" or "train[:10%]"; all splits if not given.
        cache_dir: where `datasets` keeps the rows that it has read.
        revision: a branch, tag or commit of the Hub.
        token: a token of the Hub; if not given, HF_TOKEN or the one kept by `hf auth login`.
        download_mode: "force_redownload" fetches and reads again.
        options: whatever else `datasets.load_dataset` takes, such as `streaming=True`.

    Raises HubError when there is no such dataset or no way to it, ImportError when `datasets` is not installed; in all
    else it is `datasets` that raises.
    """
    library = need("datasets", "load_dataset", "notebooks")
    trusted = {"trust_remote_code": options.pop("trust_remote_code", None)}
    only_known(trusted, (), LOADING, "load_dataset", ValueError)
    options |= {"name": name, "data_dir": data_dir, "data_files": data_files, "split": split}
    options |= {"cache_dir": cache_dir, "download_mode": download_mode}
    of_hub: dict[str, Any] = {"revision": revision, "token": token}
    read = partial(_read, library)
    if isinstance(path, str) and path in _builders(library):
        return read(path, **options, **of_hub)
    if isinstance(path, str | os.PathLike) and os.path.isfile(path):
        file, builder = os.fspath(path), BUILDER_OF.get(Path(path).suffix.lower(), "text")
        raise spoken(
            HubError,
            "{file!r} is a file, expected a folder or an id; try load_dataset({builder!r}, data_files={file!r})",
            file=file,
            builder=builder,
        )
    some = data_dir is not None or data_files is not None
    root = library.config.HF_DATASETS_CACHE if cache_dir is None else cache_dir
    repo = local_repo(path, "dataset") or open_wanted(
        want(
            path,
            "dataset",
            cache_dir=root,
            force_download=getattr(download_mode, "value", download_mode) == "force_redownload",
            exact=some,
            find_cached=partial(_find_cached, some=some),
            **of_hub,
        )
    )
    if repo.source == "folder":
        if any((repo.folder / file).is_file() for file in SAVED) and not some:
            return _saved(library, repo.folder, split)
        return read(str(repo.folder), **options)
    if repo.source == "zoo":
        _refuse_misspelt(options, library)
        with _quiet(library), _can_keep(repo.id, root):
            return read(str(repo.folder), **options)
    if isinstance(repo, HubRepo):
        _note_full_id(root, repo)
        try:
            return read(repo.full_id, **options, **of_hub)
        except Exception as error:
            explained = repo.explained(error)
            if explained is error:
                raise
            raise explained from error
    spelled = next(one for one in _spellings(root, repo.id) if _folder(root, one) == repo.folder)
    with _quiet(library), _without_network(library):
        return read(spelled, **options)


def _read(library: ModuleType, path: str, **options: Any) -> Any:
    """What `datasets` reads; its columns of sounds are decoded here, without torchcodec."""
    from .audio import with_audio

    rows = library.load_dataset(path, **options)
    with _quiet(library):
        return with_audio(rows)


def _saved(library: ModuleType, folder: Path, split: Any) -> Any:
    """What `save_to_disk` wrote into a folder, or one of its splits."""
    from .audio import with_audio

    with _quiet(library):
        rows = with_audio(library.load_from_disk(str(folder)))
    if split is None or not isinstance(rows, dict):
        return rows
    if split not in rows:
        raise unknown("there is no split {name!r}{near}; there are: {known}", split, rows)
    return rows[split]


def _refuse_misspelt(options: Mapping, library: ModuleType) -> None:
    """Keywords that `datasets` does not know go to the reader of the files, whose error names all but the right one."""
    known = signature(library.load_dataset).parameters
    for name in options:
        if name not in known and (hint := did_you_mean(name, known)):
            raise spoken(TypeError, "load_dataset has no keyword {name!r}{hint}", name=name, hint=hint)


def _builders(library: ModuleType) -> set[str]:
    """The names that mean a kind of file to `datasets`: csv, json, parquet, text, imagefolder, ..."""
    return {module.name for module in pkgutil.iter_modules(library.packaged_modules.__path__)}


def _folder(root: str | os.PathLike, repo_id: str) -> Path:
    """Where `datasets` keeps the rows of an id of the Hub: <organisation>___<name in snake case>."""
    from datasets.naming import camelcase_to_snakecase

    *organisation, last = repo_id.split("/")
    return Path(root).expanduser() / "___".join([*organisation, camelcase_to_snakecase(last)])


def _note_full_id(root: str | os.PathLike, repo: HubRepo) -> None:
    """Beside the rows, write down what the Hub calls an old id today ("imdb": "stanfordnlp/imdb").

    `datasets` no longer takes the old ones; without a network nobody else could tell.
    """
    if repo.full_id not in zoo.same_repo(repo.id, "dataset"):
        with suppress(OSError):  # a cache that a whole class shares may be read-only: only the note is lost
            write_text(_folder(root, repo.id) / NOTE, repo.full_id)


def _spellings(root: str | os.PathLike, repo_id: str) -> list[str]:
    """The ids under which the rows of one dataset may be kept."""
    spellings = list(zoo.same_repo(repo_id, "dataset"))
    with suppress(OSError):
        spellings.append((_folder(root, repo_id) / NOTE).read_text(encoding="utf-8").strip())
    return spellings


def _find_cached(wanted: Wanted, some: bool) -> Path | None:
    """The folder with the rows that `datasets` has read before, under any spelling of the id; None if there are none.

    A local folder of the same name leaves its rows in the same place, but not under a commit. When `some` of the files
    were read, the configuration is marked.
    """
    if wanted.revision not in (None, "main"):
        return None  # which revision the rows are of is not noted there
    for repo_id in _spellings(wanted.root, wanted.id):
        folder = _folder(wanted.root, repo_id)
        for note in folder.glob("*/*/" + "[0-9a-f]" * 40 + "/dataset_info.json"):  # <configuration>/<version>/<commit>
            if some or json.loads(note.read_text(encoding="utf-8")).get("config_name") == note.parents[2].name:
                return folder
    return None


@contextmanager
def _quiet(library: ModuleType) -> Iterator[None]:
    """No bars and no remarks (they name times and paths) while rows that are on this machine are read."""
    logging = library.utils.logging
    with _settings:
        verbosity = logging.get_verbosity()
        bars = not library.are_progress_bars_disabled() and library.config.HF_DATASETS_DISABLE_PROGRESS_BARS is None
        logging.set_verbosity_error()
        if bars:
            library.disable_progress_bars()
        try:
            yield
        finally:
            logging.set_verbosity(verbosity)
            if bars:
                library.enable_progress_bars()


@contextmanager
def _without_network(library: ModuleType) -> Iterator[None]:
    """`datasets` looks into its cache and asks nobody."""
    with _settings:
        before, library.config.HF_HUB_OFFLINE = library.config.HF_HUB_OFFLINE, True
        try:
            yield
        finally:
            library.config.HF_HUB_OFFLINE = before


@contextmanager
def _can_keep(name: str, root: str | os.PathLike) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise  # not the system's, but what `datasets` says about the arguments
        raise spoken(
            HubError,
            "the rows of {name!r} cannot be kept in {root} ({why}); try another cache_dir",
            name=name,
            root=root,
            why=sentence(error),
        ) from error
