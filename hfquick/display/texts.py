"""Generated texts, each beside its prompt."""

from typing import Any

from ..i18n import gettext as _
from . import markup
from .results import MOST_TEXTS, ResultList


class Texts(ResultList):
    """Results with one generated text each under the same key; `inputs` are the prompts, for the drawing."""

    def __init__(self, values: Any = (), inputs: Any = (), key: str = "generated_text") -> None:
        super().__init__(values)
        self.inputs, self.key = list(inputs), key

    def can_be_drawn(self) -> bool:
        return bool(self) and all(isinstance(item, dict) and isinstance(item.get(self.key), str) for item in self)

    def draw(self) -> str:
        """Prompt and generated text side by side; where the text continues its prompt, only what is new is marked."""
        inputs = self.inputs * len(self) if len(self.inputs) == 1 else self.inputs
        if len(inputs) != len(self) or not all(isinstance(text, str) for text in inputs):
            inputs = [""] * len(self)
        rows, continued = [], []
        for given, item in list(zip(inputs, self, strict=True))[:MOST_TEXTS]:
            text = item[self.key]
            continued.append(bool(given) and text.startswith(given))
            if continued[-1]:
                drawn = markup.escape(given) + markup.mark(markup.escape(text[len(given) :]))
                rows.append(markup.cell(drawn, style=markup.TEXT, dir="auto", colspan=2))
            else:
                row = markup.cell(markup.escape(markup.shorten(given)), "th", markup.TEXT, scope="row", dir="auto")
                rows.append(row + markup.cell(markup.escape(text), style=markup.TEXT, dir="auto"))
        if len(self) > MOST_TEXTS:
            rows.append(markup.cell(f"… + {len(self) - MOST_TEXTS}", colspan=2))
        if all(continued):
            return markup.table([(_("generated text"), 2)], rows)
        return markup.table([(_("text"), 1), (_("generated text"), 1)], rows)
