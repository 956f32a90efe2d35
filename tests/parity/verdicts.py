"""Verdicts of planted mutations, kept outside the repository: what was seen once is not planted again.

A verdict depends on the changed text, the row, its checks, what they import, the references they read, and the versions
that compute. All of that is hashed, rather too much than too little: every file of the package below the models and
beside them (a mutant in one architecture does not depend on the others), every file of tests/parity, tests/generation
and tests/helpers but the tables of mutants, every reference. Only what was *seen* is kept. In CI nothing is, so a clean
clone plants them all; HFQUICK_MUTANTS=all does the same elsewhere, HFQUICK_MUTANTS=kept uses what is kept in CI, too.
"""

import os
import platform
import sys
import time
from collections.abc import Iterator
from functools import cache, partial
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from .mutations import ROOT, Mutant, imports, survives

VERSIONS = ("torch", "tensorflow", "tensorflow-cpu", "keras", "numpy", "tokenizers", "safetensors", "h5py", "pytest")
# Rooms above what mutants are planted in, which nothing below imports; tests of generation ask for AutoTokenizer.
ABOVE = ("display", "pipelines", "widgets", "training", "keras_training", "interpretability", "commands")
DAYS = 60  # a verdict that nobody asked for so long is thrown away


def folder() -> Path:
    cache_home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache_home) / "hfquick-tests" / "mutants"


def are_kept() -> bool:
    """Whether verdicts of earlier runs count in this one."""
    said = os.environ.get("HFQUICK_MUTANTS", "all" if os.environ.get("CI") or os.environ.get("NIGHTLY") else "kept")
    return said != "all"


def is_seen(mutant: Mutant, root: Path = ROOT) -> tuple[bool, bool]:
    """(whether a check notices the mutant, whether that is known from an earlier run)."""
    if not are_kept():
        return not survives(mutant), False
    mark = folder() / key(mutant, root)
    if mark.exists():
        mark.touch()
        return True, True
    seen = not survives(mutant)
    if seen:
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
    return seen, False


def key(mutant: Mutant, root: Path = ROOT) -> str:
    """What a verdict depends on, as one name for a file."""
    parts = [world(root, mutant.file), mutant.file, mutant.source(), mutant.seen_by.__qualname__]
    return sha256("\0".join([*parts, *map(described, mutant.checks)]).encode()).hexdigest()


def described(check: Any) -> str:
    """A check and its arguments; the text of its function is in a file that is hashed."""
    if isinstance(check, partial):
        inner = [described(check.func), *map(repr, check.args), *map(repr, sorted(check.keywords.items()))]
        return f"({' '.join(inner)})"
    return f"{check.__module__}.{check.__qualname__}"


@cache
def world(root: Path, file: str) -> str:
    """Everything beside the row that a mutant of this file depends on."""
    digest = sha256("\0".join([sys.version, platform.machine(), *map(installed, VERSIONS)]).encode())
    for path in sorted(files(root, file)):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def files(root: Path, file: str) -> Iterator[Path]:
    parts = Path(file).parts
    kinds = {parts[2]} if parts[1] == "models" and len(parts) > 3 else set()
    for kind in list(kinds):  # RoBERTa is made of BERT's parts
        for path in (root / "hfquick" / "models" / kind).glob("*.py"):
            names = imports(str(path), ".".join(path.relative_to(root).with_suffix("").parts))
            kinds |= {name.split(".")[2] for name in names if name.startswith("hfquick.models.")}
    for path in (root / "hfquick").rglob("*.py"):
        _, *rooms = path.relative_to(root).with_suffix("").parts
        is_other = bool(kinds) and rooms[0] == "models" and len(rooms) > 2 and rooms[1] not in kinds
        if rooms[0] not in ABOVE and not is_other:
            yield path
    for name in ("parity", "generation", "helpers"):
        for path in (root / "tests" / name).rglob("*.py"):
            if not path.stem.startswith(("mutants", "test_mutations")):
                yield path
    yield from (path for path in (root / "tests" / "reference").rglob("*") if path.is_file())


def installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def throw_old_away() -> None:
    for mark in folder().glob("*"):
        if mark.stat().st_mtime < time.time() - DAYS * 24 * 3600:
            mark.unlink(missing_ok=True)
