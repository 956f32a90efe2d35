"""Proof that running one language's notebook again would show nothing that running the English one does not.

Code is the same everywhere but for the cell tagged `language`. Where all that this cell sets is only shown, and every
saved output is the English one with labels in the other language, the English run stands for both. An error says its
sentence in the other language and then in English: it is the same error when the English line is the same and the line
above it is that sentence's translation. A picture is not compared, as nbval does not compare it. Whatever cannot be
proven is run.
"""

import ast
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import polib

HERE = Path(__file__).resolve().parent
SHOWN = {"well_done", "try_again", "picture", "labels"}  # of a language cell: no model reads them
PICTURES = {"image/png", "image/jpeg"}  # as in nbval
# What was measured in a training, with all that follows in this output; its curves in words; pictures and sounds
# within HTML.
DRAWN = {
    re.compile(r'<div class="hfquick-(?:training|measured)".*', re.DOTALL): "what was measured in this run",
    re.compile(r"\w+ from \S+ to \S+ \((?:steps|epochs) \S+ to \S+\)"): "a curve",
    re.compile(r'data:image/svg\+xml(?:;base64)?,[^"]*'): "a picture",
    re.compile(r'data:audio/\w+;base64,[^"]*'): "a sound",
}
NO_BREAK = "\u00a0"
FIELD = re.compile(r"\{\w+(?:![rsa])?\}")

Label = tuple[str, str]  # in English, in the other language; with {fields}
IN_ENGLISH = "In English: {sentence}"  # what stands before the second line of an error
Known = list[tuple[str, list[str]]]  # a label in English, and what it may be in the other language: as text, as HTML


def proven(folder: Path = HERE) -> list[Path]:
    """The notebooks in other languages for which the English ones stand. Tours are run in every language."""
    built = [path for pattern in ("*/*.ipynb", "*/lessons/*.ipynb") for path in folder.glob(pattern)]
    others = [path for path in built if language_of(path) != "en" and not path.name.startswith("quicktour")]
    return sorted(path for path in others if not differences(english_of(path), path))


def language_of(path: Path) -> str:
    return path.parts[-3] if path.parent.name == "lessons" else path.parts[-2]


def english_of(path: Path) -> Path:
    inside = path.parts[-2:] if path.parent.name == "lessons" else path.parts[-1:]
    return path.parents[len(inside)] / "en" / Path(*inside)


def differences(english: Path, other: Path, locale: Path = HERE.parent / "hfquick" / "locale") -> list[str]:
    """A sentence for every cell that keeps the English run from standing for the other."""
    language = language_of(other)
    ours, theirs = (code_cells(path) for path in (other, english))
    if len(ours) != len(theirs):
        return [f"{len(ours)} cells of code, and {len(theirs)} in English"]
    labels = labels_of(locale, language)
    labels += [(name, f"{name} ({other})") for name, other in catalogue(locale / "classes" / f"{language}.po")]
    errors = labels + catalogue(locale / "errors" / f"{language}.po")
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
        others = [(kind, said_once(text, errors)) for kind, text in shown(mine)]
        if len(others) != len(shown(its)) or not all(
            is_translated(*both, pattern, known) for both in zip(shown(its), others, strict=True)
        ):
            found.append(f"cell {number} shows something else")
    return found


def catalogue(path: Path) -> list[Label]:
    return [(entry.msgid, entry.msgstr) for entry in polib.pofile(str(path)) if entry.msgstr] if path.is_file() else []


def labels_of(locale: Path, language: str) -> list[Label]:
    """What is said in either language: labels, and the names of classes that drawings have beside those of a model."""
    classes = catalogue(locale / "classes" / f"{language}.po")
    return catalogue(locale / f"{language}.po") + [(name, f"{name} ({other})") for name, other in classes]


def said_once(text: str, errors: list[Label]) -> str:
    """A text with the English line alone of every error, where the line above it is what the catalogue makes of it."""
    start = dict(errors).get(IN_ENGLISH, IN_ENGLISH).partition("{")[0]
    lines: list[str] = []
    for line in text.splitlines(keepends=True):
        english = line.removeprefix(start)
        if lines and english != line and is_translation(lines[-1].strip(), english.strip(), errors):
            lines[-1] = english
        else:
            lines.append(line)
    return "".join(lines)


def is_translation(other: str, english: str, errors: list[Label]) -> bool:
    """Whether it is what the catalogue makes of the sentence, whatever the fields of both hold.

    Of several entries that fit the English sentence, the one with fewest words left to its fields counts.
    """
    fitting = [label for label in errors if re.fullmatch(any_values(label[0]), english)]
    closest = max(fitting, key=lambda label: len(any_values(label[0])), default=None)
    return closest is not None and re.fullmatch(any_values(closest[1]), other) is not None


def any_values(text: str) -> str:
    """A pattern for a text with whatever in its fields."""
    parts = Formatter().parse(text)
    return "".join(re.escape(words) + ("" if field is None else ".*") for words, field, _, _ in parts)


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
        found += [(f"{kind} {name}", undrawn(text_of(data[name]))) for name in sorted(data.keys() - PICTURES)]
    return found


def undrawn(text: str) -> str:
    """HTML with a name in the place of each picture: the last digit of a loss is another on another processor."""
    for pattern, name in DRAWN.items():
        text = pattern.sub(name, text)
    return text


def text_of(value: Any) -> str:
    return "".join(value) if isinstance(value, list) and all(isinstance(line, str) for line in value) else str(value)


def compiled(labels: list[Label]) -> tuple[re.Pattern[str], Known]:
    """One pattern for the English of all labels, the longest first, and the labels in the order of its groups."""
    others: dict[str, list[str]] = {}
    for mine, other in labels:
        for english, said in ((mine, other), (html.escape(mine), html.escape(other))):
            if re.search(r"\w", FIELD.sub("", english)):
                others.setdefault(english, []).append(said)
    known = sorted(others.items(), key=lambda label: (-len(FIELD.sub("", label[0])), label[0]))
    fields = [FIELD.split(english) for english, _ in known]
    parts = ["([^\n<>]*?)".join(map(re.escape, texts)) for texts in fields]
    return re.compile(rf"(?<!\w)(?:{'|'.join(rf'(?P<label{i}>{part})' for i, part in enumerate(parts))})(?!\w)"), known


def is_translated(its: tuple[str, str], mine: tuple[str, str], pattern: re.Pattern[str], known: Known) -> bool:
    """Whether a text is the English one, but for labels, each of which may be said in either language."""
    (kind, english), (other_kind, other) = its, mine
    pieces, others = (re.split(r"(?<=[>\n])", text) for text in (english, other))  # no label goes on past these
    return (kind, len(pieces)) == (other_kind, len(others)) and all(
        mine == its or re.fullmatch(in_either(its, pattern, known), mine)
        for its, mine in zip(pieces, others, strict=True)
    )


def in_either(english: str, pattern: re.Pattern[str], known: Known) -> str:
    """A pattern for the text with each label in either language."""
    expected, start = "", 0
    for match in pattern.finditer(english):
        label, others = known[int((match.lastgroup or "").removeprefix("label"))]
        said = [match.group(), *(in_other_language(match.group(), label, other) for other in others)]
        expected += unspaced(english[start : match.start()])
        expected += f"(?:{'|'.join(map(re.escape, said))})"
        start = match.end()
    return expected + unspaced(english[start:])


def unspaced(text: str) -> str:
    """A pattern for what is no label: the same, but before a colon there may be the space of another language."""
    return re.escape(text).replace(r":\ ", rf"{NO_BREAK}?:\ ")


def in_other_language(said: str, english: str, other: str) -> str:
    """What is said by a label in English, said by it in the other language."""
    values = re.fullmatch("(.*?)".join(map(re.escape, FIELD.split(english))), said, re.DOTALL)
    assert values is not None
    by_name = dict(zip(FIELD.findall(english), values.groups(), strict=True))
    return FIELD.sub(lambda field: by_name.get(field.group(), field.group()), other)
