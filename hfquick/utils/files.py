"""Files are written whole or not at all: first beside their place under a temporary name, then renamed.

Files that belong together, weights and their config.json, are written in one `one_save` block: they get their names
together, when all of them are on the disk.
"""

import glob
import json
import math
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from ..i18n import spoken
from .errors import did_you_mean

LONGEST_PATH = 500  # letters; a text that is longer is something else

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

MOST_BYTES = 64_000_000  # of a text or JSON file that is read; the largest vocabularies have 10 MB
MOST_LEVELS = 64  # of lists and tables in each other in a JSON file
HALF = re.compile(r"\\u[dD][89a-fA-F]")  # of a letter: JSON spells some by two of these, one alone is none
MOST_DIGITS = 400  # of a whole number in one; the largest in use, "no limit", has 31
DAY = 86_400  # seconds; where no lock tells, an older temporary file is one that a killed process has left


class _Written:
    """The files of one save that are written and wait for their names."""

    def __init__(self) -> None:
        self.waiting: dict[Path, tuple[Path, int]] = {}  # path -> the temporary file, and the handle that locks it

    def add(self, path: Path, temporary: Path, lock: int) -> None:
        if path in self.waiting:  # written twice: the second counts
            _drop(*self.waiting.pop(path))
        self.waiting[path] = temporary, lock


_save: ContextVar[_Written | None] = ContextVar("_save", default=None)  # the save that this thread is in


@contextmanager
def one_save(folder: str | os.PathLike, last: str) -> Iterator[None]:
    """Files written in this block get their names together at its end, `last` as the last one; after an error none.

    A process that is killed while they get them leaves a folder without `last`, the weights for instance, which nobody
    loads: new labels never stand beside old weights. A block inside another one is a part of it.

    Raises OSError, with the folder, where it cannot be written or the disk is full.
    """
    if _save.get() is not None:
        yield
        return
    written = _Written()
    token = _save.set(written)
    try:
        yield
        _give_names(written.waiting, Path(folder) / last)
        _clean(list(written.waiting))
    except BaseException as error:
        if hasattr(error, "english") or not (isinstance(error, OSError) or type(error).__name__ == "SafetensorError"):
            raise
        raise _not_saved(folder, error) from error
    finally:
        _save.reset(token)
        for temporary, lock in written.waiting.values():
            _drop(temporary, lock)


def _not_saved(folder: str | os.PathLike, error: BaseException) -> OSError:
    failed = spoken(
        OSError,
        "nothing was saved into {folder!r} ({why}): what was there is as it was. Free space, or try another folder",
        folder=os.fspath(folder),
        why=" ".join(str(error).split()),
    )
    failed.errno = getattr(error, "errno", None)
    return failed


def _give_names(waiting: dict[Path, tuple[Path, int]], last: Path) -> None:
    for path in waiting:
        if path.is_dir():
            raise spoken(IsADirectoryError, "{path!r} is a folder, expected a file to replace", path=str(path))
    order = sorted(waiting, key=lambda path: path == last)
    aside = None
    if len(order) > 1 and last.exists():
        handle, name = tempfile.mkstemp(dir=last.parent, prefix=f".{last.name}.")
        os.close(handle)
        aside = Path(name)
        os.replace(last, aside)
    try:
        try:
            for path in order:
                os.replace(waiting[path][0], path)
        except KeyboardInterrupt:  # all is on the disk: the shortest way to a whole folder is on
            for path in order:
                if waiting[path][0].exists():
                    os.replace(waiting[path][0], path)
            raise
    except OSError:
        if aside is not None and waiting[order[0]][0].exists():  # nothing has its new name
            os.replace(aside, last)
        raise
    if aside is not None:
        aside.unlink(missing_ok=True)


@contextmanager
def whole_file(path: str | os.PathLike) -> Iterator[Path]:
    """Give a temporary path in the same folder; it takes the place of `path` only if the block ends well.

    A file that is memory-mapped (a model loaded from this folder) stays readable: its old content lives on until it is
    released.
    """
    path = Path(path)
    if path.parent.exists() and not path.parent.is_dir():
        raise spoken(
            NotADirectoryError,
            "{parent!r} is a file, expected a folder to save into; try another name",
            parent=str(path.parent),
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary, lock = _new_file(path)
    try:
        yield temporary
        mode = 0o666 & ~_umask()  # mkstemp makes files private; a saved model is an ordinary file
        os.chmod(temporary, mode)
        _to_disk(temporary)
        written = _save.get()
        if written is not None:
            written.add(path, temporary, lock)
            return
        os.replace(temporary, path)
        _clean([path])
    except BaseException:
        _drop(temporary, lock)
        raise
    _close(lock)


def _new_file(path: Path) -> tuple[Path, int]:
    """An empty file beside `path`, and the handle that locks it, -1 where there are no locks."""
    while True:
        lock, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        if fcntl is None:
            os.close(lock)
            return Path(name), -1
        _lock(lock, waits=True)
        if os.path.exists(name):
            return Path(name), lock
        os.close(lock)  # a save that cleans up was faster than the lock


def _to_disk(path: Path) -> None:
    """Wait until a file is on the disk: after a power cut a new name must not stand for a file without content."""
    with open(path, "r+b") as file:
        os.fsync(file.fileno())


def _lock(handle: int, waits: bool = False) -> bool:
    """Whether this process has, or now gets, the lock of an open file; it goes when the process ends, however."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
    except OSError:
        return False
    return True


def _close(lock: int) -> None:
    if lock >= 0:
        os.close(lock)


def _drop(temporary: Path, lock: int) -> None:
    temporary.unlink(missing_ok=True)
    _close(lock)


def _clean(paths: list[Path]) -> None:
    """Remove temporary files of the same names which a killed process has left, not those of one at work."""
    for path in paths:
        for left in path.parent.glob(f".{glob.escape(path.name)}.{'?' * 8}"):
            with suppress(OSError):  # somebody else was quicker, or may not be asked
                _remove_left(left)


def _remove_left(path: Path) -> None:
    """Remove a temporary file, unless a process is writing it."""
    if fcntl is None:
        if time.time() - path.stat().st_mtime > DAY:
            path.unlink()
        return
    with open(path, "rb") as file:
        if _lock(file.fileno()):
            path.unlink()  # as long as it is locked, so nobody begins to write it


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def write_text(path: str | os.PathLike, text: str) -> None:
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: str | os.PathLike, value: Any, allow_nan: bool = False) -> None:
    """Write a value as JSON; TypeError or ValueError, before anything is replaced, for what JSON cannot hold.

    `allow_nan` writes NaN and infinity as Python does; other languages refuse such a file.
    """
    try:
        text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=allow_nan)
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise _no_json(Path(path).name, value, allow_nan, error) from error
    write_text(path, text + "\n")


def _no_json(file: str, value: Any, allow_nan: bool, error: Exception) -> Exception:
    """The error for a value that JSON cannot hold: which part of it, and what to give instead."""
    key, part = "", value
    for name, each in value.items() if isinstance(value, dict) else ():
        try:
            json.dumps({name: each}, ensure_ascii=False, allow_nan=allow_nan).encode()
        except (TypeError, ValueError, RecursionError):
            key, part = name, each
            break
    kind = TypeError if isinstance(error, TypeError) else ValueError
    if isinstance(part, float) and not math.isfinite(part):
        return spoken(
            kind, "{key} is {part}, which {file} cannot hold; set a number or None", key=key, part=part, file=file
        )
    return spoken(
        kind,
        "{file} cannot hold {key!r}, a {part_kind} ({why}); set a number, a text, or lists and tables of them: "
        "float(...) or .tolist() makes them",
        file=file,
        key=key,
        part_kind=type(part).__name__,
        why=error,
    )


def read_text(path: str | os.PathLike, most: int = MOST_BYTES) -> str:
    """The text of a file that may come from anywhere; ValueError where it is too large, or no UTF-8."""
    size = os.path.getsize(path)
    if size > most:
        raise spoken(ValueError, "it has {size:,} bytes, {most:,} are the most that is read", size=size, most=most)
    try:
        return Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise spoken(ValueError, "byte {place} is no UTF-8", place=error.start) from None


def read_json(path: str | os.PathLike) -> Any:
    """The value in a JSON file that may come from anywhere.

    Raises ValueError, in one sentence, for what is no JSON or too large, for numbers of very many digits and for lists
    and tables that lie too deep in each other: Python would fail on them later, at any place that touches the value.
    """
    text = read_text(path)
    try:
        value = json.loads(text, parse_int=_whole_number)
    except RecursionError:
        raise _too_deep() from None
    here = [value]  # all that lies at one level
    for _ in range(MOST_LEVELS):
        parts = (each.values() if isinstance(each, dict) else each for each in here if isinstance(each, dict | list))
        here = [inner for inside in parts for inner in inside]
        if not here:
            if HALF.search(text):
                check_letters(value)
            return value
    raise _too_deep()


def check_letters(value: Any) -> None:
    """Raise ValueError where a text within `value` has half of a letter, which no file and no library takes."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = error.object[error.start].encode("unicode_escape").decode()
        raise spoken(ValueError, "it holds {half}, half of a letter in UTF-16", half=half) from None


def _whole_number(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise spoken(ValueError, "it holds a number of {count} digits", count=len(text))
    return int(text)


def _too_deep() -> ValueError:
    return spoken(ValueError, "lists and tables lie in it more than {levels} deep", levels=MOST_LEVELS)


def hugging_face_home() -> Path:
    """The folder of all Hugging Face caches, by huggingface_hub's own rules and without importing it."""
    home = os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface"
    return Path(home).expanduser()


def near_file(path: str) -> str:
    """A path that leads to no file -> "; did you mean 'a.wav'?", of the names in its folder, or an empty string."""
    if len(path) > LONGEST_PATH:
        return ""
    try:
        return did_you_mean(os.path.basename(path), os.listdir(os.path.dirname(path) or "."))
    except OSError:  # there is no such folder
        return ""
