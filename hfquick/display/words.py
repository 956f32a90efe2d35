"""Words for a hidden place in a text: a bar for each."""

from ..i18n import gettext as _
from . import markup
from .results import short


class WordScore(dict):
    """One word with its score from 0 to 1, its number in the vocabulary, and the text with it."""

    def __repr__(self) -> str:
        return short(dict(self))


class WordScores(list):
    """The best words for one hidden place, best first."""

    def __repr__(self) -> str:
        return short(list(self))

    def _repr_html_(self) -> str | None:
        """A table with a bar for every word; None (Jupyter shows the `repr`) when the list now holds something else."""
        if not self or not all(
            isinstance(item, WordScore) and {"score", "token_str", "sequence"} <= set(item) for item in self
        ):
            return None
        rows = []
        for item in self:
            word = markup.escape(markup.shorten(item["token_str"]))
            text = markup.escape(markup.shorten(item["sequence"]))
            row = markup.cell(word, "th", markup.TEXT, scope="row", dir="auto") + markup.score_cells(item["score"])
            rows.append(row + markup.cell(text, style=markup.TEXT, dir="auto"))
        return markup.table([(_("word"), 1), (_("score"), 2), (_("text"), 1)], rows)
