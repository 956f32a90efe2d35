"""Proof that running one language's notebook again would show nothing that running the English one does not.

Code is the same everywhere but for the cell tagged `language`. Where all that this cell sets is only shown, and every
saved output is the English one with labels in the other language, the English run stands for both. A picture is not
compared, as nbval does not compare it. Whatever cannot be proven is run.
"""

import ast
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polib

HERE = Path(__file__).resolve().parent
SHOWN = {"well_done", "try_again", "picture", "labels", "axes", "loss_axes"}  # of a language cell: no model reads them
PICTURES = {"image/png", "image/jpeg"}  # as in nbval
FIELD = re.compile(r"\{\w+\}")

Label = tuple[str, str]  # in English, in the other language; with {fields}


def proven(folder: Path = HERE) -> list[Path]:
    """The lessons in other languages for which the English ones stand. Tours are run in every language."""
    others = [path for path in folder.glob("*/lessons/*.ipynb") if path.parts[-3] not in ("en", "source", "po")]
    return sorted(path for path in others if not differences(english_of(path), path))


def english_of(path: Path) -> Path:
    return path.parents[2] / "en" / path.parent.name / path.name


def differences(english: Path, other: Path, locale: Path = HERE.parent / "hfquick" / "locale") -> list[str]:
    """A sentence for every cell that keeps the English run from standing for the other."""
    language = other.parts[-3]
    ours, theirs = (code_cells(path) for path in (other, english))
    if len(ours) != len(theirs):
        return [f"{len(ours)} cells of code, and {len(theirs)} in English"]
    catalogue = polib.pofile(str(locale / f"{language}.po"))
    labels = [(entry.msgid, entry.msgstr) for entry in catalogue if entry.msgstr]
    found = []
    for number, (mine, its) in enumerate(zip(ours, theirs, strict=True)):
        if "language" in mine["metadata"].get("tags", []):
            values, english_values = (assigned("".join(cell["source"])) for cell in (mine, its))
            if unknown := sorted(values.keys() - SHOWN):
                found.append(f"cell {number} sets {', '.join(unknown)}, which may be more than shown")
            if missing := sorted(values.keys() ^ english_values.keys()):
                found.append(f"only one language sets {', '.join(missing)}")
            both = values.keys() & english_values.keys()
            labels += [pair for name in sorted(both) for pair in pairs(english_values[name], values[name])]
        elif mine["source"] != its["source"]:
            found.append(f"the code of cell {number} is another")
    pattern, known = compiled(labels)
    for number, (mine, its) in enumerate(zip(ours, theirs, strict=True)):
        if not all(is_translated(*both, pattern, known) for both in zip(shown(its), shown(mine), strict=False)) or len(
            shown(mine)
        ) != len(shown(its)):
            found.append(f"cell {number} shows something else")
    return found


def code_cells(path: Path) -> list[dict[str, Any]]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def assigned(code: str) -> dict[str, Any]:
    """The constants that a language cell sets, by name."""
    nodes = [node for node in ast.parse(code).body if isinstance(node, ast.Assign)]
    return {target.id: ast.literal_eval(node.value) for node in nodes for target in node.targets}  # type: ignore[attr-defined]


def pairs(english: Any, other: Any) -> Iterator[Label]:
    if isinstance(english, str):
        yield english, other
    else:
        for both in zip(english, other, strict=True):
            yield from pairs(*both)


def shown(cell: dict[str, Any]) -> list[tuple[str, str]]:
    """What a cell shows, one (kind, text) after the other; what nbval does not compare is left out."""
    found = []
    for output in cell["outputs"]:
        kind = output["output_type"] + output.get("name", "")
        data = {"text": output["text"]} if "text" in output else output.get("data", {})
        found += [(f"{kind} {name}", text_of(data[name])) for name in sorted(data.keys() - PICTURES)]
    return found


def text_of(value: Any) -> str:
    return "".join(value) if isinstance(value, list) and all(isinstance(line, str) for line in value) else str(value)


def compiled(labels: list[Label]) -> tuple[re.Pattern[str], list[Label]]:
    """One pattern for the English of all labels, the longest first, and the labels in the order of its groups."""
    known = sorted(
        {*labels, *((html.escape(mine), html.escape(other)) for mine, other in labels)},
        key=lambda label: (-len(FIELD.sub("", label[0])), label),
    )
    known = [label for label in known if re.search(r"\w", FIELD.sub("", label[0]))]
    fields = [FIELD.split(english) for english, _ in known]
    parts = ["([^\n<>]*?)".join(map(re.escape, texts)) for texts in fields]
    return re.compile(rf"(?<!\w)(?:{'|'.join(rf'(?P<label{i}>{part})' for i, part in enumerate(parts))})(?!\w)"), known


def is_translated(its: tuple[str, str], mine: tuple[str, str], pattern: re.Pattern[str], known: list[Label]) -> bool:
    """Whether a text is the English one, but for labels, each of which may be said in either language."""
    (kind, english), (other_kind, other) = its, mine
    pieces, others = (re.split(r"(?<=[>\n])", text) for text in (english, other))  # no label goes on past these
    return (kind, len(pieces)) == (other_kind, len(others)) and all(
        mine == its or re.fullmatch(in_either(its, pattern, known), mine)
        for its, mine in zip(pieces, others, strict=True)
    )


def in_either(english: str, pattern: re.Pattern[str], known: list[Label]) -> str:
    """A pattern for the text with each label in either language."""
    expected, start = "", 0
    for match in pattern.finditer(english):
        label = known[int((match.lastgroup or "").removeprefix("label"))]
        expected += re.escape(english[start : match.start()])
        expected += f"(?:{re.escape(match.group())}|{re.escape(in_other_language(match, label))})"
        start = match.end()
    return expected + re.escape(english[start:])


def in_other_language(match: re.Match[str], label: Label) -> str:
    english, other = label
    pattern = "(.*?)".join(map(re.escape, FIELD.split(english)))
    values = re.fullmatch(pattern, match.group(), re.DOTALL)
    assert values is not None
    by_name = dict(zip(FIELD.findall(english), values.groups(), strict=True))
    return FIELD.sub(lambda field: by_name.get(field.group(), field.group()), other)
