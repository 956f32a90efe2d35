"""The notebooks' builder, and cells of their sources, run as a learner would run them."""

import ast
import importlib.util
import io
import sys
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import polib

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


@cache
def load_builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("notebook_builder", NOTEBOOKS / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@cache
def made(name: str, language: str, edition: str = "torch") -> Any:
    """A source, "lessons/fill_mask" -> its notebook in a language, not executed: what the builder would write."""
    build = load_builder()
    source = build.read_source(NOTEBOOKS / "source" / f"{name}.py", ["en", "fr"])
    files = [NOTEBOOKS / "po" / "fr.po", NOTEBOOKS / "po" / "fr" / f"{name}.po"] if language == "fr" else []
    words = {entry.msgid: entry.msgstr for file in files if file.exists() for entry in polib.pofile(str(file))}
    say = words.__getitem__ if language == "fr" else str
    return build.assemble(source, name=name, language=language, edition=edition, repository="", say=say)


def code_cells(name: str, language: str, edition: str = "torch") -> list[str]:
    """The code of a source as it stands in one of its notebooks."""
    return [cell.source for cell in made(name, language, edition).cells if cell.cell_type == "code"]


def exercises(cells: list[str]) -> list[int]:
    """The places of the cells that check an answer of the learner."""
    return [place for place, cell in enumerate(cells) if "try_again" in cell and "well_done =" not in cell]


def prepare(cells: list[str], place: int) -> dict[str, Any]:
    """What the cell at this place finds when those cells have run that it needs, and no others."""
    needed, missing = [], names(cells[place])[1]
    for cell in reversed(cells[:place]):
        made, used = names(cell)
        if made & missing:
            needed.append(cell)
            missing = (missing - made) | used
    namespace: dict[str, Any] = {}
    with redirect_stdout(io.StringIO()):
        for cell in reversed(needed):
            exec(compile(cell, "<cell>", "exec"), namespace)
    return namespace


def names(code: str) -> tuple[set[str], set[str]]:
    """The code of a cell -> the names that it sets, and those that it needs from the cells above."""
    made: set[str] = set()
    used: set[str] = set()
    for statement in ast.parse(code).body:
        nodes = list(ast.walk(statement))
        stored = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        loaded = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        local = {node.arg for node in nodes if isinstance(node, ast.arg)}
        stored |= {
            node.value.id
            for node in nodes
            if isinstance(node, ast.Subscript) and _is_name(node.value) and isinstance(node.ctx, ast.Store)
        }  # `x["a"] = 1` needs x, and what comes later needs this
        plain = isinstance(statement, ast.Assign | ast.Expr)  # `x = x + 1` needs x; a loop sets what it uses
        targets = {node.target.id for node in nodes if isinstance(node, ast.comprehension) and _is_name(node.target)}
        used |= loaded - made - local - (targets if plain else stored)
        made |= stored - targets
        made |= {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        imported = [node for node in nodes if isinstance(node, ast.alias)]
        made |= {(alias.asname or alias.name).partition(".")[0] for alias in imported}
    return made, used


def _is_name(node: ast.expr) -> bool:
    return isinstance(node, ast.Name)


def run(cell: str, namespace: dict[str, Any], **given: Any) -> tuple[str, Any]:
    """Run a cell with other values for what is set there or above -> what it prints, and what Jupyter shows."""
    body = [node for node in ast.parse(cell).body if not _sets(node, given)]
    assert given.keys() <= names(cell)[0] | namespace.keys(), "neither this cell nor one above sets it"
    last = body.pop() if isinstance(body[-1], ast.Expr) else None
    scope = {**namespace, **given}
    with redirect_stdout(io.StringIO()) as printed:
        exec(compile(ast.Module(body, []), "<cell>", "exec"), scope)
        value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), scope) if last is not None else None
    return printed.getvalue(), value


def _sets(node: ast.stmt, given: dict[str, Any]) -> bool:
    return isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in given
