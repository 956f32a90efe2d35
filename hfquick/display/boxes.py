"""Objects found in a picture: boxes with labels and scores over it, and the same in a table."""

import math
from typing import Any

from ..i18n import gettext as _
from . import markup, palette
from .picture import MOST_LABEL, MOST_PICTURES, ROOMY, Small, Spot, beside, draw, labels, named, small
from .results import MOST_TEXTS, ResultDict, ResultList

LINE = 2  # pixels to each side of the edge of a box
SIDES = ("xmin", "ymin", "xmax", "ymax")


class Box(ResultDict):
    """One object: score (0 to 1), label, and its box in pixels, {"xmin", "ymin", "xmax", "ymax"}."""


class Boxes(ResultList):
    """The objects found in one picture; `source` is that picture, as it was given, for the drawing."""

    most_together = MOST_PICTURES

    def __init__(self, values: Any = (), source: Any = None) -> None:
        super().__init__(values)
        self.source = source

    def can_be_drawn(self) -> bool:
        return all(map(_is_box, self))

    def draw(self) -> str:
        """The picture with its boxes beside a table; without a picture (it may be gone) the table."""
        picture = small(self.source, least=ROOMY)
        facts = self._table() if self else markup.paragraph(markup.escape(_("nothing found above the threshold")))
        if picture is None:
            return beside("", facts)
        said = _("objects found: {facts}", facts=self._facts()) if self else _("nothing found above the threshold")
        return beside(draw(picture, said, self._over(picture)), facts, picture.shown[0])

    def _kinds(self) -> dict[str, int]:
        """Each label -> its number: boxes of one label have one colour."""
        return {label: index for index, label in enumerate(dict.fromkeys(str(item["label"]) for item in self))}

    def _over(self, picture: Small) -> str:
        """The SVG over the picture: all boxes, then all labels."""
        kinds, shapes, names = self._kinds(), "", []
        for number, item in enumerate(self[:MOST_TEXTS], start=1):
            kind = kinds[str(item["label"])]
            spot = on_screen(item["box"], picture)
            shapes += rectangle(spot, palette.colour(kind), palette.dash(kind))
            names.append((spot, f"{number} {scored(item)}", str(number), palette.colour(kind)))
        return shapes + labels(picture, names)

    def _table(self) -> str:
        kinds, rows = self._kinds(), []
        for number, item in enumerate(self[:MOST_TEXTS], start=1):
            label = str(item["label"])
            name = markup.escape(markup.shorten(named(label)))
            row = markup.cell(f"{palette.swatch(kinds[label])}{number}", style="white-space:nowrap;")
            row += markup.cell(name, "th", markup.TEXT, scope="row", dir="auto")
            row += markup.cell(f"{item['score']:.4f}", style=markup.NUMBER)
            corners = ", ".join(f"{item['box'][side]:.0f}" for side in SIDES)
            rows.append(row + markup.cell(corners, style="font-variant-numeric:tabular-nums;"))
        if len(self) > MOST_TEXTS:
            rows.append(markup.cell(f"… + {len(self) - MOST_TEXTS}", colspan=4))
        return markup.table([("", 1), (_("label"), 1), (_("score"), 1), (", ".join(SIDES), 1)], rows)

    def _facts(self) -> str:
        return ", ".join(f"{number} {scored(item)}" for number, item in enumerate(self[:MOST_TEXTS], start=1))


def scored(item: dict[str, Any]) -> str:
    """The label of an object and its score, "cat 0.98", short enough to stand over a picture."""
    return f"{markup.shorten(str(item['label']), MOST_LABEL)} {item['score']:.2f}"


def on_screen(box: dict[str, float], picture: Small) -> Spot:
    """A box in pixels of the original -> in those of the screen; all of its line is within the picture."""
    (across, down), (width, height) = picture.scale, picture.shown
    xs = sorted(max(LINE, min(box[side] * across, width - LINE)) for side in ("xmin", "xmax"))
    ys = sorted(max(LINE, min(box[side] * down, height - LINE)) for side in ("ymin", "ymax"))
    return xs[0], ys[0], xs[1], ys[1]


def rectangle(spot: Spot, colour: str, dashes: str = "") -> str:
    """A line that is seen on light and dark pictures: its colour, with its dashes, on a dark one."""
    left, top, right, bottom = spot
    frame = f'x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{bottom - top:.1f}" fill="none"'
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<rect {frame} stroke="#000" stroke-opacity="0.6" stroke-width="5"/>'
        f'<rect {frame} stroke="{colour}" stroke-width="3"{dashed}/>'
    )


def _is_box(item: Any) -> bool:
    if not isinstance(item, dict) or "label" not in item or not isinstance(item.get("score"), int | float):
        return False
    box = item.get("box")
    return isinstance(box, dict) and all(
        isinstance(box.get(side), int | float) and math.isfinite(box[side]) for side in SIDES
    )
