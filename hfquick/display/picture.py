"""A picture in HTML: reduced, embedded as data, with shapes and labels over it.

It is one image with one alternative text, which a notebook that is not trusted yet keeps: JPEG or PNG within an SVG.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any
from unicodedata import category, east_asian_width
from urllib.parse import quote

from ..i18n import class_name
from . import markup

if TYPE_CHECKING:
    from PIL.Image import Image

LONGEST = 512  # pixels of the longer side that are kept
LEAST = 224  # pixels of the screen for the longer side: a smaller picture is enlarged
ROOMY = 384  # the same where something is drawn over the picture, which needs room
MOST_PICTURES = 12  # drawn one below the other, so that a notebook stays below 1 MB or so for each such cell
FEW_COLOURS = 256  # of a drawing, which PNG keeps exactly and small
FONT = 13  # pixels
PLATE = FONT + 6  # height of the plate on which a label stands
MOST_LABEL = 28  # characters of one label over a picture; the table beside it has more
WIDE_LETTERS, NARROW_LETTERS = "mwMW@%—…", " .,;:!'|()[]fijlrtI"


@dataclass(frozen=True)
class Small:
    """A picture (RGB), its longer side at most 512 pixels, and the width and height that it had."""

    image: "Image"
    size: tuple[int, int]
    least: int = LEAST  # pixels of the screen for the longer side

    @property
    def shown(self) -> tuple[int, int]:
        """Width and height on the screen."""
        factor = max(1.0, self.least / max(self.image.size))
        width, height = self.image.size
        return max(1, round(width * factor)), max(1, round(height * factor))

    @property
    def scale(self) -> tuple[float, float]:
        """Pixels of the screen for one of the original, across and down."""
        return self.shown[0] / self.size[0], self.shown[1] / self.size[1]


def small(source: Any, longest: int = LONGEST, least: int = LEAST) -> Small | None:
    """What a user gave as a picture -> the same, reduced; None where it cannot be opened (any more)."""
    from PIL import Image  # here, so that who works with text does not wait for it

    from ..image_processing.pictures import open_picture

    if isinstance(source, Small):
        picture, size = source.image, source.size
    elif source is None or _is_gone(source):
        return None
    else:
        try:
            picture = open_picture(source)
        except (ValueError, TypeError, OSError):
            return None
        size = picture.size
    factor = min(1.0, longest / max(picture.size))
    width, height = (max(1, round(side * factor)) for side in picture.size)
    if (width, height) != picture.size:
        picture = picture.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return Small(picture, size, least)


def to_draw(source: Any, opened: "Image") -> Any:
    """What a result keeps of its picture: what was given, and of what can be read only once a reduced copy."""
    return small(opened) if _is_gone(source) else source


def _is_gone(source: Any) -> bool:
    """Whether a picture should not be opened a second time: drawing asks no server, and a file was read to its end."""
    from ..hub.downloads import is_url

    if isinstance(source, Mapping):  # a cell of `datasets`
        return source.get("bytes") is None
    return hasattr(source, "read") or (isinstance(source, str) and is_url(source))


def address(image: "Image") -> str:
    """The pixels of a picture as a data: address, JPEG for photos, PNG for drawings of few colours."""
    from PIL.Image import Dither

    file = BytesIO()
    if image.getcolors(FEW_COLOURS):
        image.quantize(FEW_COLOURS, dither=Dither.NONE).save(file, "PNG", optimize=True)
        kind = "png"
    else:
        image.save(file, "JPEG", quality=85)
        kind = "jpeg"
    return f"data:image/{kind};base64,{b64encode(file.getvalue()).decode()}"


def draw(picture: Small, alt: str, over: str = "", image: "Image | None" = None) -> str:
    """A picture with SVG over it, in pixels of the screen; `image` is drawn in its place, with other pixels."""
    width, height = picture.shown
    across, down = canvas(picture)
    crisp = ' style="image-rendering:pixelated"' if width >= 2 * picture.image.width else ""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{across}" height="{down}" viewBox="0 0 {across} {down}">'
    head += f'<image width="{width}" height="{height}" preserveAspectRatio="none"{crisp} href="'
    tail = f'"/>{over}</svg>'
    # The pixels need no quoting: none of their letters means anything in an address.
    data = f"data:image/svg+xml,{quote(head)}{address(image or picture.image)}{quote(tail)}"
    style = f"width:100%;max-width:{across}px;height:auto;margin:0"
    return f'<img alt="{markup.attribute(alt)}" style="{style}" src="{data}">'


def canvas(picture: Small) -> tuple[int, int]:
    """Width and height of a drawing: the picture's, or what a label needs, if the picture is a thin strip."""
    width, height = picture.shown
    return max(width, LEAST), max(height, 2 * PLATE)


def beside(picture: str, facts: str, width: int = LONGEST) -> str:
    """HTML of a picture, and of what it says in words, side by side; below each other where the page is narrow."""
    style = "display:flex;flex-wrap:wrap;align-items:flex-start;gap:8px 24px"
    seen = f'<div style="flex:0 1 {width}px;min-width:0">{picture}</div>' if picture else ""
    told = "flex:1 1 max-content;min-width:0;max-width:100%;overflow-x:auto"  # a table goes below before it is cut
    return f'<div style="{style}">{seen}<div style="{told}">{facts}</div></div>'


def named(label: str) -> str:
    """A label, and behind it its name in the reader's language where that is another one: "cat (chat)"."""
    name = class_name(label)
    return label if name == label else f"{label} ({name})"


# Labels over a picture.

Spot = tuple[float, float, float, float]  # left, top, right, bottom


def labels(picture: Small, things: Sequence[tuple[Spot, str, str, str]]) -> str:
    """Labels beside their boxes: (box, label, short label, colour) each -> SVG.

    A label stands above its box, else in it, below it, or where it covers least of the labels before it and of small
    boxes. Where it would still cover one, the short label, its number, takes its place if that covers less.
    """
    taken = [box for box, *_ in things if max(box[2] - box[0], box[3] - box[1]) < 2 * PLATE]
    drawn = []
    for box, name, number, colour in things:
        found = min(
            ((covered(spot, taken), rank, spot, text)
             for rank, text in enumerate((name, number)) for spot in _spots(box, text, canvas(picture))),
            key=lambda choice: choice[:2],
        )  # fmt: skip
        taken.append(found[2])
        drawn.append(_plate(found[2], found[3], colour))
    return "".join(drawn)


def covered(spot: Spot, taken: Sequence[Spot]) -> float:
    """How much of the spots that are taken this one would cover, in square pixels."""
    return sum(
        max(0.0, min(spot[2], other[2]) - max(spot[0], other[0]))
        * max(0.0, min(spot[3], other[3]) - max(spot[1], other[1]))
        for other in taken
    )


def _spots(box: Spot, text: str, size: tuple[int, int]) -> list[Spot]:
    """Where a label may stand, best first, all of it within the drawing; nowhere if it is wider than that."""
    left, top, right, bottom = box
    wide = width_of(text) + 10
    last = size[0] - wide, size[1] - PLATE
    if last[0] < 0:
        return []
    xs = (left, right - wide, right, left - wide, (left + right - wide) / 2)
    ys = (top - PLATE, top, bottom, bottom - PLATE, (top + bottom - PLATE) / 2)
    spots = [(min(max(x, 0), last[0]), y) for x in xs for y in ys if 0 <= y <= last[1]]
    spots = spots or [(min(max(left, 0), last[0]), min(max(top, 0), last[1]))]
    return [(x, y, x + wide, y + PLATE) for x, y in spots]


def _plate(spot: Spot, text: str, colour: str) -> str:
    """White letters on black, which are read on any picture, framed in the colour of their box."""
    left, top, right, bottom = spot
    frame = f'width="{right - left - 2:.1f}" height="{bottom - top - 2:.1f}" rx="3" fill="#111" fill-opacity="0.85"'
    font = f'font-family="system-ui,sans-serif" font-size="{FONT}" fill="#fff"'
    return (
        f'<rect x="{left + 1:.1f}" y="{top + 1:.1f}" {frame} stroke="{colour}" stroke-width="1.5"/>'
        f'<text x="{left + 5:.1f}" y="{bottom - 5:.1f}" {font}>{in_svg(text)}</text>'
    )


def width_of(text: str) -> float:
    """About how many pixels a text is wide; no browser is at hand to measure it."""
    return FONT * sum(map(_width, text))


def _width(letter: str) -> float:
    if east_asian_width(letter) in "WF":
        return 1.0
    return 0.95 if letter in WIDE_LETTERS else 0.4 if letter in NARROW_LETTERS else 0.7 if letter.isupper() else 0.62


def in_svg(text: str) -> str:
    """A text -> the same between two tags of an SVG, on one line, in which nothing turns what follows around."""
    seen = (letter for letter in " ".join(text.split()) if letter == "\u200d" or category(letter) not in ("Cf", "Cn"))
    return markup.attribute("".join(seen))
