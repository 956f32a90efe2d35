"""Files are written whole or not at all: first beside their place under a temporary name, then renamed."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..i18n import spoken


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
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    try:
        yield Path(temporary)
        mode = 0o666 & ~_umask()  # mkstemp makes files private; a saved model is an ordinary file
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def write_text(path: str | os.PathLike, text: str) -> None:
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: str | os.PathLike, value: Any) -> None:
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def hugging_face_home() -> Path:
    """The folder of all Hugging Face caches, by huggingface_hub's own rules and without importing it."""
    home = os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface"
    return Path(home).expanduser()
