"""Entities of a text, marked where they stand: a colour for the eye, the label beside it for everybody."""

from itertools import pairwise
from typing import Any
from zlib import crc32

from . import markup
from .results import ResultDict, ResultList

COLOURS = {  # seen on white and on black; the letters keep the colour of the page
    "PER": "66,133,244",
    "ORG": "171,71,188",
    "LOC": "15,157,88",
    "MISC": "244,160,0",
}
OTHERS = ("219,68,55", "0,172,193", "124,124,124", "158,157,36")
MOST_CHARACTERS = 5000  # of a text that is drawn


class Entity(ResultDict):
    """One entity, or one token: label, score, words and characters from `start` to `end`."""


class Entities(ResultList):
    """The entities of one text; `text` is that text, for the drawing."""

    def __init__(self, values: Any = (), text: str | None = None) -> None:
        super().__init__(values)
        self.text = text

    def can_be_drawn(self) -> bool:
        text = self.text
        if text is None or not all(_is_entity(item, len(text)) for item in self):
            return False
        return all(one["end"] <= other["start"] for one, other in pairwise(self._marks()))

    def draw(self) -> str:
        """The text with its entities marked."""
        text = self.text or ""
        html, end, limit = "", 0, min(len(text), MOST_CHARACTERS)
        for item in self._marks():
            if item["end"] > limit:
                limit = min(limit, max(end, item["start"]))  # the drawing ends before an entity, never inside
                break
            html += markup.escape(text[end : item["start"]]) + _mark(text[item["start"] : item["end"]], item)
            end = item["end"]
        html += markup.escape(text[end:limit]) + ("…" if limit < len(text) else "")
        return markup.paragraph(html)

    def _marks(self) -> list[Any]:
        """The entities in the order of the text, without those of no characters."""
        return sorted((item for item in self if item["start"] < item["end"]), key=lambda item: item["start"])


def _mark(words: str, item: dict[str, Any]) -> str:
    label = _label(item)
    tag = markup.escape(markup.shorten(label, 40))
    score = f'<small style="opacity:.8"> {tag} {item["score"]:.2f}</small>'
    return markup.mark(markup.escape(words) + score, colour(label))


def colour(label: str) -> str:
    """A label -> red, green, blue; the same in every drawing, and B-PER and I-PER like PER."""
    kind = label[2:] if label.startswith(("B-", "I-")) else label
    return COLOURS.get(kind) or OTHERS[crc32(kind.encode("utf-8", "replace")) % len(OTHERS)]


def _label(item: dict[str, Any]) -> str:
    return str(item.get("entity_group", item.get("entity")))


def _is_entity(item: Any, length: int) -> bool:
    if not isinstance(item, dict) or not ("entity" in item or "entity_group" in item):
        return False
    start, end = item.get("start"), item.get("end")
    if not isinstance(start, int) or not isinstance(end, int) or not isinstance(item.get("score"), int | float):
        return False
    return 0 <= start <= end <= length
