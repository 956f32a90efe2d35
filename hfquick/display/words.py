"""The most probable words for a mask: a bar for each."""

from typing import Any

from ..i18n import gettext as _
from . import markup
from .results import ResultDict, ResultList


class WordScore(ResultDict):
    """One word with its score from 0 to 1, its token id, and the text with it.

    `shown` is that text as a person reads it, for the drawing: the result keeps the marks at both ends of a text with
    several masks, as transformers does.
    """

    def __init__(self, *args: Any, shown: str = "", **values: Any) -> None:
        super().__init__(*args, **values)
        self.shown = shown


class WordScores(ResultList):
    """The most probable words for one mask, best first."""

    def can_be_drawn(self) -> bool:
        return bool(self) and all(
            isinstance(item, WordScore) and {"score", "token_str", "sequence"} <= set(item) for item in self
        )

    def draw(self) -> str:
        """A table with a bar for every word."""
        rows = []
        for item in self:
            word = markup.escape(markup.shorten(item["token_str"].strip() or item["token_str"]))
            text = markup.escape(markup.shorten(item.shown or item["sequence"]))
            row = markup.cell(word, "th", markup.TEXT, scope="row", dir="auto") + markup.score_cells(item["score"])
            rows.append(row + markup.cell(text, style=markup.TEXT, dir="auto"))
        return markup.table([(_("word"), 1), (_("score"), 2), (_("text"), 1)], rows)
