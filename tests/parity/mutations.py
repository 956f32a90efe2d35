"""Planted mutations: break one line of the package on purpose, and see a test turn red.

A mutant is a line of a source file, what it is changed to, and the checks of which at least one must fail. The changed
file is compiled in memory; it and every module that imports it, directly or not, are imported afresh. So no file of
the tree is touched and nothing of it stays behind. The tables are in mutants_*.py, here and in tests/generation. One
for another part of the package needs nothing but its own checks. `verdicts.py` keeps what was seen.
"""

import ast
import importlib.util
import linecache
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from importlib.abc import MetaPathFinder, SourceLoader
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[2]
AFRESH = ("tests.generation", "tests.helpers.generation")  # tests that hold names of the package, and models


@dataclass(frozen=True)
class Mutant:
    """One planted mistake."""

    file: str  # "hfquick/models/bert/modeling_bert.py"
    old: str  # occurs exactly once in it
    new: str
    why: str  # what is wrong then
    checks: tuple[Callable[[], Any], ...]  # at least one must fail; they import the package when they are called
    seen_by: type[Exception] = AssertionError  # how it fails: a crash by accident does not count as having seen it

    @property
    def name(self) -> str:
        return f"{Path(self.file).stem}: {self.why}"

    def source(self) -> str:
        """The changed text of the file, or AssertionError if the mutation no longer applies."""
        text = (ROOT / self.file).read_text(encoding="utf-8")
        pattern = re.compile(
            r"\s+".join(map(re.escape, re.split(r"\s+", self.old)))
        )  # a line may be wrapped at any space
        count = len(pattern.findall(text))
        assert count == 1, f"{self.file} has {self.old!r} {count} times, expected once: bring this mutation up to date"
        assert self.new != self.old, f"{self.name}: changes nothing"
        return pattern.sub(lambda _: self.new, text)


def rows(file: str, questions: dict[str, Callable[[str], Any]]) -> Callable[..., Mutant]:
    """A short way to write the mutants of one file: (why, old, new, "question argument", ...).

    >>> rows("hfquick/auto.py", {"loads": print})("no BERT", '"bert": "Bert", ', "", "loads bert").name
    'auto: no BERT'
    """

    def row(why: str, old: str, new: str, *checks: str, seen_by: type[Exception] = AssertionError) -> Mutant:
        calls = [check.partition(" ") for check in checks]
        return Mutant(file, old, new, why, tuple(partial(questions[name], case) for name, _, case in calls), seen_by)

    return row


class _Changed(MetaPathFinder, SourceLoader):
    """Finds one module, and gives the changed text as its source."""

    def __init__(self, mutant: Mutant) -> None:
        self.path = ROOT / mutant.file
        # No file has this name: who asks for a function's lines gets the changed ones, which TensorFlow compiles.
        self.name = str(self.path.with_suffix(".mutant.py"))
        self.text = mutant.source()
        parts = Path(mutant.file).with_suffix("").parts
        self.module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def find_spec(self, name: str, path: Any = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != self.module:
            return None
        inside = [str(self.path.parent)] if self.path.name == "__init__.py" else None
        return importlib.util.spec_from_file_location(name, self.name, loader=self, submodule_search_locations=inside)

    def get_filename(self, fullname: str) -> str:
        return self.name

    def get_data(self, path: str) -> bytes:
        return self.text.encode()


@contextmanager
def planted(mutant: Mutant) -> Iterator[None]:
    """Within, imports of the changed module, and of those that import it, give fresh copies: in these it lives."""
    finder = _Changed(mutant)  # first: a mutation that no longer applies raises here, with nothing taken out yet
    known, kept = _known_to_keras(), _taken_out(finder.module)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        linecache.cache.pop(finder.name, None)
        sys.meta_path.remove(finder)
        _taken_out(finder.module)  # what came in beside it, and does not depend on it, may stay for the next
        sys.modules.update(kept)
        for name, module in kept.items():
            parent, _, child = name.rpartition(".")
            setattr(sys.modules[parent], child, module)
        _known_to_keras(known)


def _taken_out(changed: str) -> dict[str, ModuleType]:
    """Forget the modules that are stale, and give them back by name; their packages forget them, too."""
    loaded = dict(_loaded())
    for name in getattr(loaded.get("hfquick"), "__all__", ()):  # found when asked for, and kept there
        if not name.startswith("__"):
            vars(loaded["hfquick"]).pop(name, None)
    found = {name: sys.modules.pop(name) for name in stale(changed, loaded)}
    for name in found:
        parent, _, child = name.rpartition(".")
        if parent in sys.modules:
            vars(sys.modules[parent]).pop(child, None)
    return found


def _loaded() -> Iterator[tuple[str, ModuleType]]:
    """The modules of the package, and of the tests that are AFRESH."""
    for name, module in list(sys.modules.items()):
        if f"{name}.".startswith(tuple(f"{package}." for package in ("hfquick", *AFRESH))):
            yield name, module


def stale(changed: str, loaded: dict[str, ModuleType]) -> set[str]:
    """Of the modules loaded: the changed one, all that import it, directly or not, and the tests that are AFRESH.

    An import inside a function counts, too. The package itself looks its names up when they are asked for.
    """
    found = {name for name in loaded if f"{name}.".startswith(tuple(f"{package}." for package in AFRESH))}
    fresh = {changed}
    while fresh:
        found |= fresh
        imported_by = {name for name in loaded.keys() - found if imports(loaded[name].__file__ or "", name) & fresh}
        inside = {name for name in loaded.keys() - found if name.startswith(tuple(f"{other}." for other in fresh))}
        fresh = (imported_by - {"hfquick"}) | inside
    return found & loaded.keys()


@cache
def imports(file: str, module: str) -> frozenset[str]:
    """The modules of the package that a file imports anywhere in it."""
    found: set[str] = set()
    path = Path(file)
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_bytes())) if path.suffix == ".py" else ():
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = package.rsplit(".", node.level - 1)[0] if node.level > 1 else package
            base = ".".join(filter(None, [start if node.level else "", node.module]))
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return frozenset(name for name in found if name.startswith("hfquick."))


def _known_to_keras(names: dict[str, Any] | None = None) -> dict[str, Any]:
    """The classes that Keras finds by name in a saved file; a copy of the package must not stay among them."""
    if "keras" not in sys.modules:
        return {}
    known = sys.modules["keras"].saving.get_custom_objects()
    if names is not None:
        known.clear()
        known.update(names)
    return dict(known)


def survives(mutant: Mutant) -> bool:
    """Run its checks; True when none of them notices."""
    with planted(mutant):
        for check in mutant.checks:
            try:
                check()
            except mutant.seen_by:
                return False
    return True
