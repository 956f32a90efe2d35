"""Results and lists in a terminal, as tables of plain text. Control characters of texts and models are left out."""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from ..i18n import N_
from ..i18n import gettext as _

# Fields of results that a person reads, in this order -> what stands above them.
COLUMNS = {
    "from": N_("from (s)"),  # of what was said in a recording
    "to": N_("to (s)"),
    "said": N_("text"),
    "label": N_("label"),
    "entity": N_("label"),
    "entity_group": N_("label"),
    "word": N_("word"),
    "token_str": N_("word"),
    "answer": N_("answer"),
    "score": N_("score"),
    "box": "xmin, ymin, xmax, ymax",
    "mask": N_("area"),
    "sequence": N_("text"),
}
TEXT = ("_text", "text")  # how the field is called that holds all there is to read
MOST = 40  # characters of an input beside its results


def lines_of(results: Sequence[Any], inputs: Sequence[str], kind: str = "text") -> Iterator[str]:
    """What a pipeline gave for each input -> lines: texts as they are, all else as one table.

    `kind` is the task's kind of input. Labels of pictures and sounds are words: behind them stands their name in the
    reader's language.
    """
    found = [_said(result) if "chunks" in result else list(_dicts(result)) for result in results]
    about_files = kind in ("image", "image and question", "audio")
    if about_files:
        nothing = _("nothing found above the threshold")
        if not any(found):
            yield nothing
            return
        found = [[_named(row) for row in rows] or [{"label": nothing}] for rows in found]
    written = [value for rows in found for row in rows for name, value in row.items() if name.endswith(TEXT)]
    if written:
        yield from map(printable, written)
        return
    names = [name for name in COLUMNS if any(row.get(name) is not None for rows in found for row in rows)]
    head = [_("input") if about_files else _("text")] * (len(inputs) > 1) + [_(COLUMNS[name]) for name in names]
    table = [head] if names else []
    for given, rows in zip(inputs, found, strict=True):
        shown = given if len(given) <= MOST else given[: MOST - 1] + "…"
        for number, row in enumerate(rows):
            first = [shown if number == 0 else ""] * (len(inputs) > 1)
            table.append([*first, *(_cell(row.get(name, "")) for name in names)])
    yield from aligned([[printable(cell) for cell in row] for row in table])


def aligned(rows: list[list[str]]) -> Iterator[str]:
    """Columns as wide as their longest cell, the last one free."""
    widths = [max(map(wide, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        padded = (cell + " " * (width - wide(cell)) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(padded).rstrip()


def wide(text: str) -> int:
    """How many columns of a terminal a text takes: two for an emoji or a Chinese character, none for an accent alone.

    >>> wide("né"), wide("猫"), wide("🐈")
    (2, 2, 2)
    """
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )


def printable(text: str) -> str:
    """A text on one line, without what a terminal would obey: a bell, colours, another direction of writing.

    >>> printable("two\\nlines\\x1b[31m")
    'two lines[31m'
    """
    kept = (letter if unicodedata.category(letter) not in ("Cc", "Cf") else "" for letter in " ".join(text.split()))
    return "".join(kept)


def _dicts(result: Any) -> Iterator[dict[str, Any]]:
    if isinstance(result, dict):
        yield result
    else:
        for item in result:
            yield from _dicts(item)


def _said(transcript: Any) -> list[dict[str, Any]]:
    """Each word, or character, of a recording, and when it was said."""
    rows = [(*map(_seconds, chunk["timestamp"]), chunk["text"]) for chunk in transcript["chunks"]]
    return [dict(zip(("from", "to", "said"), row, strict=True)) for row in rows] or [{"said": ""}]


def _seconds(time: float) -> str:
    return f"{time:.2f}"


def _named(row: dict[str, Any]) -> dict[str, Any]:
    from ..display.picture import named  # only now: `hfquick tasks` needs no NumPy

    return {**row, "label": named(row["label"])} if "label" in row else row


def _cell(value: Any) -> str:
    if isinstance(value, dict):  # a box
        return ", ".join(map(str, value.values()))
    if hasattr(value, "histogram"):  # a mask: how much of the picture it covers
        counts = value.histogram()
        return f"{sum(counts[128:]) / sum(counts):.1%}"
    return f"{value:.4f}" if isinstance(value, float) else "" if value is None else str(value)
