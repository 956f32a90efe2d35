"""Results: plain dicts and lists with full-precision values, a short `repr`, and a drawing in Jupyter."""

from collections.abc import Callable, Mapping
from typing import Any

from ..i18n import gettext as _
from . import markup

MOST_TEXTS = 50  # drawn; the list itself holds them all


def short(value: Any) -> str:
    """`repr` with numbers rounded to 4 digits, as in the tour.

    >>> short({"label": "POSITIVE", "score": 0.99981234})
    "{'label': 'POSITIVE', 'score': 0.9998}"
    """
    if isinstance(value, float):
        return repr(round(value, 4))
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {short(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(short, value)) + "]"
    if type(value).__module__.startswith("PIL."):  # whose own `repr` has an address in memory
        return f"<{type(value).__module__}.{type(value).__name__} mode={value.mode} size={value.width}x{value.height}>"
    return repr(value)


class ResultDict(dict):
    """One result: a dict with a short `repr`."""

    def __repr__(self) -> str:
        return short(dict(self))


class ResultList(list):
    """Several results: a list with a short `repr`, and a drawing as long as it holds what it was made with.

    A list of one's own says when it `can_be_drawn`, and how to `draw` it.
    """

    most_together = MOST_TEXTS  # such lists that are drawn one below the other

    def __repr__(self) -> str:
        return short(list(self))

    def _repr_html_(self) -> str | None:
        """The drawing; None (Jupyter shows the `repr`) when the list now holds something else."""
        return self.draw() if self.can_be_drawn() else None

    def can_be_drawn(self) -> bool:
        """Whether the list still holds what its drawing needs."""
        raise NotImplementedError

    def draw(self) -> str:
        """The drawing, as HTML."""
        raise NotImplementedError


class LabelScore(ResultDict):
    """One label and its score, 0 to 1."""

    def _repr_html_(self) -> str | None:
        return Scores([self])._repr_html_()


class Scores(ResultList):
    """Labels and scores of one text, or of a list of texts; `inputs` are those texts, for the drawing."""

    def __init__(self, values: Any = (), inputs: list[Any] | None = None) -> None:
        super().__init__(values)
        self.inputs = inputs or []

    def can_be_drawn(self) -> bool:
        scores = self._scores()
        return bool(scores) and all(map(_is_score, scores))

    def draw(self) -> str:
        """A table with a bar for every score.

        Its head is in the reader's language; labels and texts are data and stay as they are.
        """
        groups, scores = self._groups(), self._scores()
        with_text = any(text is not None for text, _scores in groups)
        with_bar = all(0 <= item["score"] <= 1 for item in scores)  # logits can be any number
        rows = [row for text, scores in groups[:MOST_TEXTS] for row in rows_of(text, scores, with_text, with_bar)]
        if len(groups) > MOST_TEXTS:
            rows.append(markup.cell(f"… + {len(groups) - MOST_TEXTS}", colspan=4))
        return markup.table([(_("text"), 1)] * with_text + [(_("label"), 1), (_("score"), 1 + with_bar)], rows)

    def _scores(self) -> list[Any]:
        return [item for _text, scores in self._groups() for item in scores]

    def _groups(self) -> list[tuple[Any, list[Any]]]:
        """Every text with its labels; the text is None where it is not known."""
        nested = any(isinstance(item, list) for item in self)
        if len(self.inputs) == 1 and not nested:  # one text and all its labels
            return [(self.inputs[0], list(self))]
        texts = self.inputs if len(self.inputs) == len(self) else [None] * len(self)
        return [(text, item if isinstance(item, list) else [item]) for text, item in zip(texts, self, strict=True)]


class SourceScores(Scores):
    """Scores of a picture or a sound, or of several: each stands beside the bars of its labels."""

    def __init__(self, values: Any = (), inputs: list[Any] | None = None) -> None:
        super().__init__(values, inputs)
        if any(isinstance(item, SourceScores) for item in self):  # which know what can be drawn
            self.inputs = [source for item in self for source in getattr(item, "inputs", [None])]

    def draw(self) -> str:
        """Each beside a table with a bar for every score."""
        groups, most = self._groups(), self.most_together
        drawn = [self._beside(source, scores) for source, scores in groups[:most]]
        if len(groups) > most:
            drawn.append(markup.paragraph(f"… + {len(groups) - most}"))
        return markup.LINE.join(drawn)

    def _beside(self, source: Any, scores: list[Any]) -> str:
        """One of them and its table."""
        raise NotImplementedError


class Results(ResultList):
    """The results of several inputs, or of several masks in one."""

    def can_be_drawn(self) -> bool:
        drawings = self._drawings()
        return bool(drawings) and None not in drawings

    def draw(self) -> str:
        """One drawing below the other, with a line between."""
        drawings = self._drawings()
        rest = [markup.paragraph(f"… + {len(self) - len(drawings)}")] if len(self) > len(drawings) else []
        return markup.LINE.join([*map(str, drawings), *rest])

    def _drawings(self) -> list[Any]:
        most = min((getattr(item, "most_together", MOST_TEXTS) for item in self), default=MOST_TEXTS)
        return [item._repr_html_() if hasattr(item, "_repr_html_") else None for item in self[:most]]


def rows_of(
    text: Any, scores: list[Any], with_text: bool, with_bar: bool, name: Callable[[str], str] = str
) -> list[str]:
    """The rows of one text: the text once, beside as many labels as it has; `name` says how a label is shown."""
    rows = []
    for index, item in enumerate(scores):
        row = ""
        if with_text and index == 0:
            words = markup.escape(markup.shorten(_words(text)))
            over = {"rowspan": len(scores)} if len(scores) > 1 else {}
            row += markup.cell(words, "th", markup.TEXT, scope="row", dir="auto", **over)
        row += markup.cell(markup.escape(markup.shorten(name(str(item["label"])))), dir="auto")
        row += markup.cell(f"{item['score']:.4f}", style=markup.NUMBER)
        rows.append(row + (markup.cell(markup.bar(item["score"])) if with_bar else ""))
    return rows


def _is_score(item: Any) -> bool:
    return isinstance(item, dict) and "label" in item and isinstance(item.get("score"), int | float)


def _words(text: Any) -> str:
    """An input -> what a person reads: a pair is two lines."""
    parts = text.values() if isinstance(text, Mapping) else text if isinstance(text, tuple) else [text]
    return "\n".join(str(part) for part in parts if part is not None)
