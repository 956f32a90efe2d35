"""Texts that a model wrote, each below what it was asked."""

from typing import Any

from ..i18n import gettext as _
from . import markup
from .results import MOST_TEXTS, short


class Texts(list):
    """Results with one text each under the same key; `inputs` are what the model read, for the drawing."""

    def __init__(self, values: Any = (), inputs: Any = (), key: str = "generated_text") -> None:
        super().__init__(values)
        self.inputs, self.key = list(inputs), key

    def __repr__(self) -> str:
        return short(list(self))

    def _repr_html_(self) -> str | None:
        """What was given beside what was written; None (Jupyter shows the `repr`) when the list holds something else.

        Where a text goes on from what was given, only what is new is marked.
        """
        if not self or not all(isinstance(item, dict) and isinstance(item.get(self.key), str) for item in self):
            return None
        inputs = self.inputs * len(self) if len(self.inputs) == 1 else self.inputs
        if len(inputs) != len(self) or not all(isinstance(text, str) for text in inputs):
            inputs = [""] * len(self)
        rows = []
        for given, item in list(zip(inputs, self, strict=True))[:MOST_TEXTS]:
            text = item[self.key]
            if given and text.startswith(given):
                drawn = markup.escape(given) + markup.mark(markup.escape(text[len(given) :]))
                rows.append(markup.cell(drawn, style=markup.TEXT, dir="auto", colspan=2))
            else:
                row = markup.cell(markup.escape(markup.shorten(given)), "th", markup.TEXT, scope="row", dir="auto")
                rows.append(row + markup.cell(markup.escape(text), style=markup.TEXT, dir="auto"))
        if len(self) > MOST_TEXTS:
            rows.append(markup.cell(f"… + {len(self) - MOST_TEXTS}", colspan=2))
        return markup.table([(_("text"), 1), (_("written"), 1)], rows)
