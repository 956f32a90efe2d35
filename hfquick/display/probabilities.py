"""A generated text, token by token, with the probability of each and its alternatives."""

from typing import Any

from ..i18n import gettext as _
from . import markup
from .results import MOST_TEXTS, ResultList
from .tokens import signs


class TokenProbabilities(ResultList):
    """A row for each token: {"token": name, "probability": 0 to 1, "alternatives": [(name, probability), ...]}.

    In a name "+" is no part of the text: such a token continues the word before it. `pieces` are the same tokens as
    they stand in the text, `prompt` is the text that they follow.
    """

    def __init__(self, values: Any = (), prompt: str = "", pieces: Any = ()) -> None:
        super().__init__(values)
        self.prompt, self.pieces = prompt, list(pieces)

    def __repr__(self) -> str:
        """One line for each token: `chat  0.52  chien 0.21 · lit 0.08`."""
        if not self or not all(map(_is_row, self)):
            return super().__repr__()
        width = max(len(row["token"]) for row in self)
        lines = (f"{row['token']:<{width}}  {row['probability']:.2f}  {_alternatives(row)}" for row in self)
        return "\n".join(line.rstrip() for line in lines)

    def can_be_drawn(self) -> bool:
        return bool(self) and len(self.pieces) == len(self) and all(map(_is_row, self))

    def draw(self) -> str:
        """The text, a stronger colour for a more probable token, above a table that says it in words and numbers."""
        text = markup.escape(self.prompt)
        for row, piece in zip(self, self.pieces, strict=True):
            text += _shaded(row, piece if text else piece.lstrip(" "))
        rows = []
        for row in self[:MOST_TEXTS]:
            name = markup.cell(markup.escape(row["token"]), "th", markup.TEXT, scope="row", dir="auto")
            others = markup.cell(markup.escape(_alternatives(row)), style=markup.TEXT, dir="auto")
            rows.append(name + markup.score_cells(row["probability"]) + others)
        if len(self) > MOST_TEXTS:
            rows.append(markup.cell(f"… + {len(self) - MOST_TEXTS}", colspan=4))
        head = [(_("token"), 1), (_("probability"), 2), (_("alternatives"), 1)]
        names = [name for row in self for name in (row["token"], *(other for other, _share in row["alternatives"]))]
        return markup.paragraph(text) + markup.table(head, rows) + signs(names)


def _shaded(row: dict[str, Any], piece: str) -> str:
    """One token in its text. Spaces stay outside of the colour, and what cannot be seen is shown by its name."""
    word = piece.strip()
    space, rest = (piece[: piece.index(word)], piece[piece.index(word) + len(word) :]) if word else ("", piece)
    title = f"{row['token']} {row['probability']:.2f}\n{_alternatives(row)}"
    shown = markup.escape(word or row["token"])
    return space + markup.shade(shown, row["probability"], markup.attribute(title)) + rest


def _alternatives(row: dict[str, Any]) -> str:
    return " · ".join(f"{name} {probability:.2f}" for name, probability in row["alternatives"])


def _is_row(row: Any) -> bool:
    return (
        isinstance(row, dict)
        and isinstance(row.get("token"), str)
        and isinstance(row.get("probability"), int | float)
        and isinstance(row.get("alternatives"), list | tuple)
        and all(
            isinstance(pair, list | tuple) and len(pair) == 2 and isinstance(pair[1], int | float)
            for pair in row["alternatives"]
        )
    )
