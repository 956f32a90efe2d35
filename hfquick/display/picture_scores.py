"""Labels and answers for a picture: it stands beside their bars."""

from typing import Any

from ..i18n import gettext as _
from . import markup
from .picture import MOST_LABEL, MOST_PICTURES, beside, draw, named, small
from .results import ResultDict, ResultList, SourceScores, rows_of

SMALL = 256  # pixels of the longer side: what is said is beside the picture, not in it


class PictureScores(SourceScores):
    """Labels and scores of one picture, or of a list of pictures; `inputs` are those pictures, for the drawing."""

    most_together = MOST_PICTURES

    def _beside(self, source: Any, scores: list[Any]) -> str:
        with_bar = all(0 <= item["score"] <= 1 for item in scores)  # logits can be any number
        rows = rows_of(None, scores, False, with_bar, name=named)
        facts = markup.table([(_("label"), 1), (_("score"), 1 + with_bar)], rows)
        best = max(scores, key=lambda item: item["score"])
        label = markup.shorten(str(best["label"]), MOST_LABEL)
        return _with_picture(source, _("a picture, classified as {label}", label=label), facts)


class PictureAnswer(ResultDict):
    """One answer to a question about a picture, and its score from 0 to 1."""


class PictureAnswers(ResultList):
    """Answers to one question about a picture, best first; `source` is that picture, as it was given."""

    most_together = MOST_PICTURES

    def __init__(self, values: Any = (), source: Any = None, question: str = "") -> None:
        super().__init__(values)
        self.source, self.question = source, question

    def can_be_drawn(self) -> bool:
        return bool(self) and all(
            isinstance(item, dict) and "answer" in item and isinstance(item.get("score"), int | float) for item in self
        )

    def draw(self) -> str:
        """The picture beside the question and a table with a bar for every answer."""
        rows = []
        for item in self:
            words = markup.escape(markup.shorten(str(item["answer"])))
            rows.append(
                markup.cell(words, "th", markup.TEXT, scope="row", dir="auto") + markup.score_cells(item["score"])
            )
        facts = markup.paragraph(f"<strong>{markup.escape(markup.shorten(self.question))}</strong>")
        facts += markup.table([(_("answer"), 1), (_("score"), 2)], rows)
        best = markup.shorten(str(self[0]["answer"]), MOST_LABEL)
        said = _("a picture; question: {question} answer: {answer}", question=self.question, answer=best)
        return _with_picture(self.source, said, facts)


def _with_picture(source: Any, said: str, facts: str) -> str:
    picture = small(source, SMALL)
    return beside("", facts) if picture is None else beside(draw(picture, said), facts, picture.shown[0])
