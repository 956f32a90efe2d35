"""Segments of a picture: each a colour over it with a number, and a legend that says label, score and area."""

from typing import TYPE_CHECKING, Any

import numpy as np

from ..i18n import gettext as _
from . import markup, palette
from .picture import MOST_LABEL, MOST_PICTURES, ROOMY, Small, Spot, beside, draw, labels, named, small
from .results import MOST_TEXTS, ResultDict, ResultList

if TYPE_CHECKING:
    from PIL.Image import Image

STRENGTH = 0.5  # of a colour over the picture


class Segment(ResultDict):
    """One segment: score (0 to 1, or None), label, and its mask, a picture of mode L with 255 inside of it."""


class Segments(ResultList):
    """The segments of one picture; `source` is that picture, as it was given, for the drawing."""

    most_together = MOST_PICTURES

    def __init__(self, values: Any = (), source: Any = None) -> None:
        super().__init__(values)
        self.source = source

    def can_be_drawn(self) -> bool:
        return all(map(_is_segment, self))

    def draw(self) -> str:
        """The picture under its segments, beside their legend; without a picture (it may be gone) the legend."""
        picture = small(self.source, least=ROOMY)
        facts = self._legend() if self else markup.paragraph(markup.escape(_("nothing found above the threshold")))
        if picture is None:
            return beside("", facts)
        said = _("segments found: {facts}", facts=self._facts()) if self else _("nothing found above the threshold")
        masks = [_reduced(item["mask"], picture.image.size) for item in self[:MOST_TEXTS]]
        names = []
        for index, mask in enumerate(masks):
            if mask.any():
                number = str(index + 1)
                names.append((_middle(mask, picture), number, number, palette.colour(index)))
        return beside(draw(picture, said, labels(picture, names), _coloured(picture.image, masks)), facts,
                      picture.shown[0])  # fmt: skip

    def _legend(self) -> str:
        with_score = any(item["score"] is not None for item in self)
        rows = []
        for index, item in enumerate(self[:MOST_TEXTS]):
            name = markup.escape(markup.shorten(named(str(item["label"]))))
            row = markup.cell(f"{_swatch(index)}{index + 1}", style="white-space:nowrap;")
            row += markup.cell(name, "th", markup.TEXT, scope="row", dir="auto")
            if with_score:
                row += markup.cell("") * 2 if item["score"] is None else markup.score_cells(item["score"])
            rows.append(row + markup.cell(f"{_share(item['mask']):.1%}", style=markup.NUMBER))
        if len(self) > MOST_TEXTS:
            rows.append(markup.cell(f"… + {len(self) - MOST_TEXTS}", colspan=5))
        head = [("", 1), (_("label"), 1), *[(_("score"), 2)] * with_score, (_("area"), 1)]
        return markup.table(head, rows)

    def _facts(self) -> str:
        facts = []
        for number, item in enumerate(self[:MOST_TEXTS], start=1):
            label = markup.shorten(str(item["label"]), MOST_LABEL)
            facts.append(f"{number} {label} {_share(item['mask']):.1%}")
        return ", ".join(facts)


def _coloured(image: "Image", masks: list[np.ndarray]) -> "Image":
    """A picture (y, x) under its masks: half of its own colour and half of theirs, with a white line around each."""
    from PIL import Image

    pixels = np.asarray(image).astype(np.float32)  # (y, x, 3)
    for index, mask in enumerate(masks):
        pixels[mask] = (1 - STRENGTH) * pixels[mask] + STRENGTH * np.array(palette.rgb(index), np.float32)
        pixels[mask & ~_eroded(mask)] = 255
    return Image.fromarray(pixels.round().astype(np.uint8))


def _eroded(mask: np.ndarray) -> np.ndarray:
    """A mask without the pixels at its border. Outside of the picture nothing ends."""
    padded = np.pad(mask, 1, mode="edge")
    return mask & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]


def _middle(mask: np.ndarray, picture: Small) -> Spot:
    """Where a number stands for certain in its segment: at a pixel that is as far from the border as any."""
    step = max(1, max(mask.shape) // 96)
    rest = np.pad(mask[::step, ::step], 1)
    if not rest.any():
        rest, step = np.pad(mask, 1), 1
    while (inner := _eroded(rest)).any():
        rest = inner
    ys, xs = np.nonzero(rest)
    nearest = np.argmin((ys - ys.mean()) ** 2 + (xs - xs.mean()) ** 2)
    y, x = (ys[nearest] - 1) * step, (xs[nearest] - 1) * step
    across, down = picture.shown[0] / mask.shape[1], picture.shown[1] / mask.shape[0]
    return (x + 0.5) * across, (y + 0.5) * down, (x + 0.5) * across, (y + 0.5) * down


def _swatch(index: int) -> str:
    style = f"display:inline-block;width:14px;height:14px;background-color:{palette.colour(index)};"
    style += "border:1px solid currentColor;vertical-align:middle;margin-right:6px"
    return f'<span aria-hidden="true" style="{style}"></span>'


def _inside(mask: "Image") -> np.ndarray:
    return np.asarray(mask.convert("L")) > 127


def _reduced(mask: "Image", size: tuple[int, int]) -> np.ndarray:
    """The mask of a reduced picture: pixels of which half is inside, or any part where there is no such one."""
    from PIL import Image

    shares = np.asarray(mask.convert("L").resize(size, Image.Resampling.BOX))
    return shares > 127 if (shares > 127).any() else shares > 0


def _share(mask: "Image") -> float:
    return float(_inside(mask).mean())


def _is_segment(item: Any) -> bool:
    if not isinstance(item, dict) or "label" not in item or not isinstance(item.get("score", ""), int | float | None):
        return False
    return getattr(item.get("mask"), "mode", None) in ("L", "1")
