"""Answers, marked in the text they were found in."""

from ..i18n import gettext as _
from . import markup
from .results import ResultDict, ResultList

AROUND = 240  # characters of the context that are shown before and after an answer


class Answer(ResultDict):
    """One answer: its words, its score from 0 to 1, and its characters in the context.

    The question and what stands around the answer are kept for the drawing, the whole context is not.
    """

    question: str | None = None
    before, after = "", ""

    @classmethod
    def of(cls, question: str, context: str, start: int, end: int, score: float) -> "Answer":
        """The answer that stands in a context from `start` to `end`."""
        answer = cls(score=score, start=start, end=end, answer=context[start:end])
        first, last = max(0, start - AROUND), end + AROUND
        answer.question = question
        answer.before = ("…" if first else "") + context[first:start]
        answer.after = context[end:last] + ("…" if last < len(context) else "")
        return answer

    def _repr_html_(self) -> str | None:
        """Question, answer marked in its context, score; None (Jupyter shows the `repr`) when it was changed."""
        if not isinstance(self.get("score"), int | float) or not isinstance(self.get("answer"), str):
            return None
        html = ""
        if self.question is not None:
            html = markup.paragraph(f"<strong>{markup.escape(markup.shorten(self.question))}</strong>")
        score = f'<small style="opacity:.8"> {self["score"]:.4f}</small>'
        words = markup.escape(markup.shorten(self["answer"])) or markup.escape(_("no answer"))
        parts = markup.escape(self.before), markup.mark(words + score), markup.escape(self.after)
        return html + markup.paragraph("".join(parts) if self["answer"] else parts[1])


class Answers(ResultList):
    """Several answers to one question, best first."""

    def can_be_drawn(self) -> bool:
        return bool(self) and all(isinstance(item, Answer) and item._repr_html_() for item in self)

    def draw(self) -> str:
        """A table of the answers with a bar for every score, and the best one in its context."""
        rows = []
        for item in self:
            words = markup.escape(markup.shorten(item["answer"])) or markup.escape(_("no answer"))
            rows.append(
                markup.cell(words, "th", markup.TEXT, scope="row", dir="auto") + markup.score_cells(item["score"])
            )
        return str(self[0]._repr_html_()) + markup.table([(_("answer"), 1), (_("score"), 2)], rows)
