"""What a classifier gets wrong on a test set: its confusion matrix, and the examples with the largest loss.

Their `repr` names no number: a training ends in other digits on another machine, and notebooks compare it. `str` does.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..i18n import gettext as _
from ..i18n import spoken
from . import markup
from .picture import draw, small

SMALL = 96  # pixels of a picture's longer side
MOST_TEXT = 100  # characters of one text
COUNT = "padding:6px 12px;text-align:center;font-variant-numeric:tabular-nums;"


class ConfusionMatrix:
    """How often each label (a row) was predicted as each label (a column): what stands on the diagonal is right.

    Args:
        references: (N,) the label of each example, as a number from 0 on.
        predictions: (N,) the predicted label of each example, or (N, L) logits or probabilities, of which the largest
            counts.
        labels: (L,) the names of the labels; left out, they are named by their numbers.

    `counts` (L, L) are the numbers.

    Raises:
        ValueError: references and predictions of different lengths, none at all, or a number that is no label.
    """

    def __init__(self, references: Any, predictions: Any, labels: Sequence[str] | None = None) -> None:
        references, predictions = np.asarray(references), np.asarray(predictions)
        if predictions.ndim == 2:
            predictions = predictions.argmax(axis=-1)
        _check_lengths(references, predictions)
        size = len(labels) if labels is not None else int(max(references.max(), predictions.max())) + 1
        _check_labels(references, size)
        _check_labels(predictions, size)
        self.labels = list(map(str, labels if labels is not None else range(size)))
        self.counts = np.zeros((size, size), dtype=int)
        np.add.at(self.counts, (references, predictions), 1)

    def __repr__(self) -> str:
        return f"ConfusionMatrix(labels={self.labels}, examples={self.counts.sum()})"

    def __str__(self) -> str:
        """A table in plain text: a row for each label, a column for each prediction."""
        width = max(map(len, [*self.labels, str(self.counts.max())]))
        lines = [" ".join(f"{name:>{width}}" for name in ["", *self.labels])]
        for name, row in zip(self.labels, self.counts, strict=True):
            lines.append(" ".join(f"{cell:>{width}}" for cell in [name, *map(str, row)]))
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """A table, a stronger colour for a larger number."""
        most = max(1, int(self.counts.max()))
        rows = [markup.cell("") + "".join(_name(label, "col") for label in self.labels)]
        for label, counts in zip(self.labels, self.counts, strict=True):
            cells = (f'<td style="{COUNT}{markup.tint(count / most)}">{count}</td>' for count in counts)
            rows.append(_name(label, "row") + "".join(cells))
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        legend = markup.paragraph(markup.escape(_("rows: labels; columns: predictions")))
        return f'{markup.MEASURED}{legend}<table style="border-collapse:collapse">{body}</table></div>'


class LargestLosses:
    """The examples with the largest cross-entropy: the less probability the right label has, the larger it is.

    Args:
        texts: (N,) the examples: texts, or pictures.
        references: (N,) the label of each, as a number from 0 on.
        probabilities: (N, L) what the model gives each label; each row sums to 1.
        labels: (L,) the names of the labels; left out, they are named by their numbers.
        count: how many examples are kept, the largest loss first.

    `rows` are dicts of text (or the picture), index (of the example), label, prediction, probability (of the
    prediction) and loss.

    Raises:
        ValueError: arguments of different lengths, none at all, or a number that is no label.
    """

    def __init__(
        self,
        texts: Sequence[Any],
        references: Any,
        probabilities: Any,
        labels: Sequence[str] | None = None,
        count: int = 5,
    ) -> None:
        references, probabilities = np.asarray(references), np.asarray(probabilities)
        _check_lengths(references, probabilities)
        _check_lengths(references, texts)
        size = probabilities.shape[1]
        _check_labels(references, size)
        names = list(map(str, labels if labels is not None else range(size)))
        of_label = probabilities[np.arange(len(references)), references]
        self.rows = [
            {
                "text": texts[int(place)],
                "index": int(place),
                "label": names[references[place]],
                "prediction": names[probabilities[place].argmax()],
                "probability": float(probabilities[place].max()),
                "loss": float(-np.log(max(of_label[place], np.finfo(np.float32).tiny))),
            }
            for place in np.argsort(of_label, kind="stable")[:count]
        ]

    def __repr__(self) -> str:
        return f"LargestLosses(examples={len(self.rows)})"

    def __str__(self) -> str:
        """One line for each example."""
        line = "{label} -> {prediction} {probability:.2f}, loss {loss:.2f}: {name}"
        return "\n".join(line.format(**row, name=_named(row)) for row in self.rows)

    def _repr_html_(self) -> str:
        """A table: text, label, prediction with its probability as a bar, loss."""
        rows = []
        for row in self.rows:
            name = markup.escape(_named(row))
            picture = None if isinstance(row["text"], str) else small(row["text"], SMALL, SMALL)
            name = name if picture is None else draw(picture, name)
            cells = markup.cell(name, "th", markup.TEXT, scope="row", dir="auto")
            cells += markup.cell(markup.escape(row["label"]), dir="auto")
            cells += markup.cell(markup.escape(row["prediction"]), dir="auto")
            cells += markup.score_cells(row["probability"])
            rows.append(cells + markup.cell(f"{row['loss']:.2f}", style=markup.NUMBER))
        kind = _("text") if all(isinstance(row["text"], str) for row in self.rows) else _("picture")
        head = [(kind, 1), (_("label"), 1), (_("prediction"), 1), (_("probability"), 2), (_("loss"), 1)]
        return f"{markup.MEASURED}{markup.table(head, rows)}</div>"


def _named(row: dict[str, Any]) -> str:
    """A text, shortened; a picture by its place among the examples."""
    text = row["text"]
    return shortened(text) if isinstance(text, str) else _("picture {number}", number=row["index"])


def shortened(text: str, most: int = MOST_TEXT) -> str:
    """A text -> its beginning, cut where a word ends.

    >>> shortened("the chef found it", 10), shortened("the chef", 10), shortened("extraordinarily", 10)
    ('the chef…', 'the chef', 'extraordi…')
    """
    if len(text) <= most:
        return text
    words = text[:most].rpartition(" ")[0].rstrip(" ,;:.")
    return (words or text[: most - 1]) + "…"


def _name(label: str, scope: str) -> str:
    return markup.cell(markup.escape(markup.shorten(label, 40)), "th", "padding:6px 12px;", scope=scope, dir="auto")


def _check_lengths(references: Any, others: Any) -> None:
    if len(references) != len(others):
        raise spoken(
            ValueError,
            "{labels} labels were given for {examples} examples, expected as many of both",
            labels=len(references),
            examples=len(others),
        )
    if not len(references):
        raise spoken(ValueError, "there are no examples: nothing can be counted")


def _check_labels(numbers: np.ndarray, size: int) -> None:
    if not np.issubdtype(numbers.dtype, np.integer):
        raise spoken(ValueError, "labels are whole numbers from 0 on, got {kind}", kind=numbers.dtype)
    wrong = numbers[(numbers < 0) | (numbers >= size)]
    if wrong.size:
        raise spoken(
            ValueError,
            "the label {label} is out of range: there are {size}, numbered from 0",
            label=wrong[0],
            size=size,
        )
