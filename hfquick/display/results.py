"""Results: plain dicts and lists with full-precision values, a short `repr`, and a drawing in Jupyter."""

from typing import Any


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
    return repr(value)


class LabelScore(dict):
    """One label and its score, 0 to 1."""

    def __repr__(self) -> str:
        return short(dict(self))


class Scores(list):
    """Labels and scores of one text, or of a list of texts; `inputs` are those texts, for the drawing."""

    def __init__(self, values: Any = (), inputs: list[Any] | None = None) -> None:
        super().__init__(values)
        self.inputs = inputs or []

    def __repr__(self) -> str:
        return short(list(self))
