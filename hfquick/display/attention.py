"""Attention over a picture: a heat map, the more attention, the lighter, and the facts of it in words."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..i18n import N_, gettext
from . import markup, palette
from .boxes import on_screen, rectangle, scored
from .picture import MOST_PICTURES, ROOMY, Small, Spot, beside, draw, labels, small
from .results import Results

if TYPE_CHECKING:
    from PIL.Image import Image

WHOLE = (0.0, 0.0, 1.0, 1.0)
# Black, purple, orange, light yellow: each lighter than the one before, so it is read without colours, too.
SCALE = np.array([(0, 0, 4), (87, 16, 110), (188, 55, 84), (249, 142, 9), (252, 255, 164)], np.float32)
STRENGTH = 0.55  # of the heat map over the picture
MOST_ROWS = 5  # of the table: the places with the most attention

Say = Callable[..., str]


class AttentionMap:
    """Attention weights over the places of a picture: patches, or those of a feature map.

    Args:
        weights: (y, x) the share of the attention that each place gets; together at most 1, the rest is not on the
            picture.
        source: the picture, as it was given, for the drawing.
        layer: whose weights they are, None if they are a rollout through all layers.
        heads: how many heads there are.
        head: whose weights they are, None if they are the mean of all.
        found: the result of object detection that the attending query stands for; None if [CLS] attends.
        area: the part of the picture that the places cover: left, top, right, bottom from 0 to 1. It reaches beyond the
            picture where that was padded.
    """

    most_together = MOST_PICTURES

    def __init__(
        self,
        weights: Any,
        source: Any = None,
        *,
        layer: int | None,
        heads: int,
        head: int | None = None,
        found: dict[str, Any] | None = None,
        area: Spot = WHOLE,
    ) -> None:
        self.weights = np.asarray(weights, np.float32)
        self.source, self.area = source, area
        self.layer, self.heads, self.head, self.found = layer, heads, head, found

    def __repr__(self) -> str:
        """One line: `[CLS], layer 3, mean of 4 heads: most on row 5, column 8 of 14 x 14, 3.4%; ...`."""
        return self.describe(str.format)

    def describe(self, say: Say = gettext) -> str:
        """The facts in words, in the reader's language or with say=str.format in English. Rows count from 0."""
        (row, column), share = self.places(1)[0]
        rows, columns = self.weights.shape
        values = {"row": row, "column": column, "rows": rows, "columns": columns, "share": f"{share:.1%}"}
        facts = N_("most on row {row}, column {column} of {rows} x {columns}, {share}; half of it on {half} of {all}")
        facts = say(facts, half=self.half(), all=self.weights.size, **values)
        return say(N_("{name}: {facts}"), name=self._name(say), facts=facts)

    def places(self, count: int) -> list[tuple[tuple[int, int], float]]:
        """The places with the most attention: row, column, and share of each."""
        order = np.argsort(-self.weights, axis=None, kind="stable")[:count]
        rows, columns = np.unravel_index(order, self.weights.shape)
        return [
            ((int(row), int(column)), float(self.weights[row, column]))
            for row, column in zip(rows, columns, strict=True)
        ]

    def half(self) -> int:
        """On how few places half of the attention is that the picture gets: 1 if one place has it all."""
        shares = np.sort(self.weights, axis=None)[::-1].astype(np.float64).cumsum()
        return int(np.searchsorted(shares, shares[-1] / 2 * (1 - 1e-6))) + 1

    def _name(self, say: Say) -> str:
        """What attends: of [CLS] or a query, in which layer and head."""
        if self.layer is None:
            return "[CLS], " + say(N_("attention rollout"))
        name = "[CLS]" if self.found is None else say(N_("the query that found {name}"), name=scored(self.found))
        head = say(N_("mean of {count} heads"), count=self.heads)
        if self.head is not None:
            head = say(N_("head {head}"), head=self.head)
        return f"{name}, {say(N_('layer {layer}'), layer=self.layer)}, {head}"

    def _repr_html_(self) -> str:
        """The picture under the heat map, beside its facts and a table of the places with the most attention."""
        picture = small(self.source, least=ROOMY)
        rows = [
            markup.cell(str(row), "th", markup.NUMBER, scope="row")
            + markup.cell(str(column), style=markup.NUMBER)
            + markup.cell(f"{share:.1%}", style=markup.NUMBER)
            for (row, column), share in self.places(MOST_ROWS)
        ]
        facts = markup.paragraph(markup.escape(self.describe()))
        facts += markup.table([(gettext("row"), 1), (gettext("column"), 1), (gettext("attention"), 1)], rows)
        rest = gettext("{share} of the attention is on the picture; rows and columns count from 0",
                       share=f"{self.weights.sum():.1%}")  # fmt: skip
        facts += markup.paragraph(f"<small>{markup.escape(rest)}</small>")
        if picture is None:
            return beside("", facts)
        said = gettext("attention over a picture") + f". {self.describe()}"
        return beside(draw(picture, said, self._over(picture), self._heated(picture)), facts, picture.shown[0])

    def _over(self, picture: Small) -> str:
        """The frame and share of the place with the most attention, and the box of what was found."""
        [((row, column), share)] = self.places(1)
        spot = self._spot(row, column, picture)
        frame = rectangle(spot, "#fff")
        things = [(spot, f"{share:.1%}", f"{share:.0%}", "#fff")]
        if self.found is not None:
            box = on_screen(self.found["box"], picture)
            frame += rectangle(box, palette.colour(0), palette.dash(1))
            things.append((box, scored(self.found), f"{self.found['score']:.2f}", palette.colour(0)))
        return frame + labels(picture, things)

    def _spot(self, row: int, column: int, picture: Small) -> Spot:
        """A place -> where it is on the screen; one in the padding is at the edge."""
        (rows, columns), (width, height) = self.weights.shape, picture.shown
        left, top, right, bottom = self.area
        xs = [(left + (right - left) * at / columns) * width for at in (column, column + 1)]
        ys = [(top + (bottom - top) * at / rows) * height for at in (row, row + 1)]
        xs, ys = [min(max(x, 1), width - 1) for x in xs], [min(max(y, 1), height - 1) for y in ys]
        return xs[0], ys[0], xs[1], ys[1]

    def _heated(self, picture: Small) -> "Image":
        """The picture in grey, and over it the colour of each place."""
        from PIL import Image

        (columns, rows), (left, top, right, bottom) = picture.image.size, self.area
        padded = np.pad(self.weights / max(float(self.weights.max()), 1e-12), 1)  # around the area there is none
        y, x = _places(rows, top, bottom, padded.shape[0]), _places(columns, left, right, padded.shape[1])
        heat = padded[np.ix_(y, x)]  # (Y, X), 0 to 1
        grey = np.asarray(picture.image.convert("L")).astype(np.float32)[..., None]
        mixed = (1 - STRENGTH) * grey + STRENGTH * heat_colours(heat)
        return Image.fromarray(mixed.round().astype(np.uint8))


def _places(pixels: int, start: float, end: float, count: int) -> np.ndarray:
    """For each pixel of a side the place that covers it, of `count` with one more before and behind the area."""
    shares = (np.arange(pixels) + 0.5) / pixels
    return np.clip(np.floor((shares - start) / (end - start) * (count - 2)).astype(int) + 1, 0, count - 1)


class AttentionMaps(Results):
    """The attention of several queries over one picture."""

    def __repr__(self) -> str:
        """One line for each."""
        return "\n".join(map(repr, self)) if self else "nothing found above the threshold"

    def can_be_drawn(self) -> bool:
        return not self or super().can_be_drawn()

    def draw(self) -> str:
        return super().draw() if self else markup.paragraph(markup.escape(gettext("nothing found above the threshold")))


def heat_colours(shares: np.ndarray) -> np.ndarray:
    """Numbers from 0 to 1 (...) -> red, green and blue (..., 3) from 0 to 255, lighter for a larger number."""
    stops = np.linspace(0, 1, len(SCALE))
    return np.stack([np.interp(shares, stops, channel) for channel in SCALE.T], -1).astype(np.float32)
