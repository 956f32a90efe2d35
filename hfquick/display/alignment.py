"""Cross-attention: where a decoder looked in its source text for each token of the target text."""

from typing import Any

from ..i18n import gettext as _
from . import markup
from .tokens import signs

MOST_SOURCE, MOST_TARGET = 60, 40  # tokens that are drawn
MOST_UPRIGHT = 12  # columns whose names stand upright; more have them turned
LEAST_SHOWN = 0.1  # a smaller weight has its colour, but no number, unless it is the largest of its row
SMALL = "padding:1px 3px;text-align:center;font-size:85%;"


class CrossAlignment:
    """A cross-attention map: the attention weights of each target token (T) over the source tokens (S).

    `weights` (T, S) are float32, the mean of all heads of one layer; each row sums to 1.
    """

    def __init__(self, source: list[str], target: list[str], weights: Any) -> None:
        self.source, self.target, self.weights = source, target, weights

    def __repr__(self) -> str:
        """One line for each target token, with the source token of the largest weight: `chat <- cat 0.71`."""
        width = max(map(len, self.target), default=0)
        return "\n".join(
            f"{name:<{width}} <- {self.source[row.argmax()]} {row.max():.2f}"
            for name, row in zip(self.target, self.weights, strict=True)
        )

    def _repr_html_(self) -> str:
        """A table: a row for each target token, a column for each source token, a stronger colour for more weight."""
        turned = "writing-mode:vertical-rl;text-align:right;" if len(self.source) > MOST_UPRIGHT else ""
        style = f"{SMALL}{turned}font-weight:normal;white-space:nowrap;vertical-align:bottom;"
        cut = len(self.source) > MOST_SOURCE
        head = [markup.cell("", style=SMALL)]
        head += [_cell(name, "th", style, scope="col") for name in self.source[:MOST_SOURCE]]
        head += [_cell(f"… + {len(self.source) - MOST_SOURCE}", "th", style)] * cut
        rows = ["".join(head)]
        for name, weights in list(zip(self.target, self.weights, strict=True))[:MOST_TARGET]:
            cells = [_cell(name, "th", f"{SMALL}text-align:right;font-weight:normal;white-space:nowrap;", scope="row")]
            least = min(LEAST_SHOWN, weights.max())
            for weight in weights[:MOST_SOURCE]:
                number = f"{weight:.2f}" if weight >= least else ""
                cells.append(f'<td style="{SMALL}{markup.tint(weight)}">{number}</td>')
            rows.append("".join(cells))
        if len(self.target) > MOST_TARGET:
            rows.append(_cell(f"… + {len(self.target) - MOST_TARGET}", "td", SMALL))
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        legend = markup.paragraph(markup.escape(_("rows: generated tokens; columns: source tokens")))
        legend += signs([*self.target[:MOST_TARGET], *self.source[:MOST_SOURCE]])
        return f'{legend}<div style="overflow-x:auto"><table style="border-collapse:collapse">{body}</table></div>'


def _cell(name: str, tag: str, style: str, **attributes: Any) -> str:
    return markup.cell(markup.escape(markup.shorten(name, 40)), tag, style, dir="auto", **attributes)
