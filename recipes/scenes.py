"""Scenes composed of cut-outs over backgrounds: for a classifier one thing, for a detector up to four of them.

What a picture shows is known exactly, because it was put there: a thing's mask is where its alpha can be seen, its box
the extent of the mask, and each pixel of a background is sky, grass, water and so on. Everything is drawn from a
`numpy.random.Generator`, so a seed gives the same scene again.
"""

import io
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from PIL import Image

from . import sources
from .pictures import SIZE, WORK, Cutouts, gcompris

Generator = np.random.Generator

STUFF = ["sky", "grass", "sand", "snow", "water", "road", "floor", "wall"]  # kinds of background that have a name


class Scene(NamedTuple):
    """A picture (Y, X, 3) of uint8, what is in it (N things), and what each pixel of it is.

    `boxes` (N, 4) are left, top, right, bottom in pixels, `masks` (N, Y, X) what can be seen of each thing, `stuff`
    (Y, X) the number of a background's kind in STUFF, also behind things.
    """

    picture: np.ndarray
    labels: list[str]
    boxes: np.ndarray
    masks: np.ndarray
    stuff: np.ndarray


# Backgrounds


def noise(rng: Generator, size: int, octaves: Sequence[float], stretch: float = 1.0) -> np.ndarray:
    """Fractal noise (size, size) between about -1 and 1: random grids of these numbers of cells, coarse ones stronger.

    `stretch` > 1 draws it out from left to right, as waves are.
    """
    total = np.zeros((size, size), np.float32)
    for place, cells in enumerate(octaves):
        shape = max(2, round(cells)), max(2, round(cells / stretch))
        grid = Image.fromarray(rng.normal(size=shape).astype(np.float32))
        total += np.asarray(grid.resize((size, size), Image.Resampling.BICUBIC)) / 1.6**place
    return total / (np.abs(total).max() + 1e-6)


def colour(rng: Generator, *ranges: tuple[int, int]) -> np.ndarray:
    """An RGB colour, each channel from its range."""
    return np.array([rng.integers(low, high + 1) for low, high in ranges], np.float32)


def mixed(mix: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(Y, X) from 0 to 1 -> (Y, X, 3) between two colours."""
    mix = mix.clip(0, 1)[..., None]
    return one * (1 - mix) + other * mix


def sky(rng: Generator, size: int) -> np.ndarray:
    """Day, dusk or night, a gradient downwards, with clouds or stars."""
    down = np.linspace(0, 1, size, dtype=np.float32)[:, None] + np.zeros((1, size), np.float32)
    kind = rng.choice(3, p=[0.65, 0.15, 0.2])
    if kind == 0:
        found = mixed(
            down, colour(rng, (40, 130), (120, 190), (200, 250)), colour(rng, (150, 225), (200, 240), (225, 255))
        )
        clouds = noise(rng, size, (3, 6, 12, 24), 2.0) * rng.uniform(0.5, 2) - rng.uniform(0, 0.8)
        return mixed(clouds, found, colour(rng, (225, 255), (225, 255), (230, 255)))
    if kind == 1:
        return mixed(down, colour(rng, (60, 150), (50, 110), (90, 170)), colour(rng, (220, 255), (110, 190), (60, 140)))
    found = mixed(down, colour(rng, (0, 20), (0, 25), (20, 60)), colour(rng, (10, 50), (15, 60), (50, 110)))
    stars = rng.random((size, size)) > 1 - rng.uniform(0, 0.006)
    return np.where(stars[..., None], np.float32(230), found)


def grained(one: tuple, other: tuple, octaves: Sequence[float], stretch: float = 1.0) -> Callable:
    """A kind of background whose colour changes with noise between two ranges of colours."""

    def draw(rng: Generator, size: int) -> np.ndarray:
        mix = 0.5 + rng.uniform(0.3, 0.7) * noise(rng, size, octaves, stretch)
        return mixed(mix, colour(rng, *one), colour(rng, *other))

    return draw


def floor(rng: Generator, size: int) -> np.ndarray:
    """Boards of wood, tiles, or a carpet."""
    kind, cells = rng.integers(3), int(rng.integers(4, 12))
    if kind == 2:
        return grained(((40, 200),) * 3, ((60, 220),) * 3, (20, 60))(rng, size)
    y, x = np.mgrid[:size, :size] * cells // size
    wood = kind == 0
    one = colour(rng, (90, 200), (60, 140), (30, 90)) if wood else colour(rng, (120, 240), (120, 240), (120, 240))
    tones = rng.uniform(0.85, 1.1, cells * cells)[y * cells * (not wood) + x if not wood else y]
    grain = 1 + 0.12 * noise(rng, size, (4, 16, 48), 6.0 if wood else 1.0)
    seams = (np.arange(size) * cells % size < cells) if size > 2 * cells else np.zeros(size, bool)
    dark = seams[:, None] | (seams[None] & (not wood))
    return one * (tones * grain * np.where(dark, 0.75, 1))[..., None]


def wall(rng: Generator, size: int) -> np.ndarray:
    """One colour, a gradient, stripes, dots or bricks."""
    kind = rng.integers(6)
    bright = rng.random() < 0.5
    one = colour(rng, *(((190, 255),) * 3 if bright else ((20, 255),) * 3))
    if kind <= 1:
        return one + np.zeros((size, size, 1), np.float32)
    if kind == 2:
        angle = rng.uniform(0, 2 * np.pi)
        y, x = np.mgrid[:size, :size].astype(np.float32) / size - 0.5
        return mixed(0.5 + np.cos(angle) * x + np.sin(angle) * y, one, one * rng.uniform(0.5, 0.95))
    y, x = np.mgrid[:size, :size]
    step = int(rng.integers(6, 24))
    other = (one + rng.uniform(-60, 60, 3)).clip(0, 255)
    if kind == 3:
        where = (x // step) % 2
    elif kind == 4:
        where = ((x % step - step / 2) ** 2 + (y % step - step / 2) ** 2) < (step / 4) ** 2
    else:
        where = (y % step < 2) | ((x + step * (y // step % 2)) % (2 * step) < 2)
    found = mixed(where.astype(np.float32), one, other)
    return found * (1 + 0.06 * noise(rng, size, (8, 32)))[..., None]


DRAW: dict[str, Callable[[Generator, int], np.ndarray]] = {
    "sky": sky,
    "grass": grained(((20, 90), (90, 150), (10, 60)), ((60, 150), (140, 200), (30, 90)), (6, 24, 64, 64)),
    "sand": grained(((190, 225), (160, 195), (110, 150)), ((215, 250), (190, 230), (140, 190)), (4, 16, 64)),
    "snow": grained(((205, 230), (215, 235), (230, 250)), ((240, 255), (244, 255), (248, 255)), (4, 12, 48)),
    "water": grained(((0, 60), (70, 130), (120, 190)), ((60, 150), (150, 210), (190, 240)), (8, 24, 48), 4.0),
    "road": grained(((60, 110),) * 3, ((90, 140),) * 3, (3, 48, 64)),
    "floor": floor,
    "wall": wall,
}
ARRANGED = (  # from top to bottom, with how often
    (("sky", "grass"), 5),
    (("sky", "water"), 3),
    (("sky", "sand"), 2),
    (("sky", "snow"), 2),
    (("sky", "road"), 3),
    (("sky", "water", "sand"), 2),
    (("sky", "grass", "road"), 2),
    (("wall", "floor"), 5),
    (("wall",), 5),
    (("grass",), 1),
    (("sky",), 2),
    (("water",), 1),
    (("sand",), 1),
    (("floor",), 1),
    (("road",), 1),
)


def background(rng: Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
    """A picture (size, size, 3) of uint8 without things, and the kind of each of its pixels (size, size)."""
    weights = np.array([weight for _, weight in ARRANGED], float)
    kinds = ARRANGED[rng.choice(len(ARRANGED), p=weights / weights.sum())][0]
    picture = DRAW[kinds[0]](rng, size)
    stuff = np.full((size, size), STUFF.index(kinds[0]), np.uint8)
    y = np.arange(size)[:, None] / size
    edges = np.sort(rng.uniform(0.25, 0.8, len(kinds) - 1))
    for kind, edge in zip(kinds[1:], edges, strict=True):
        flat = kind in ("water", "floor", "road")
        line = 0.0 if flat else rng.uniform(0, 0.06) * noise(rng, size, (3, 6))[:1]
        below = y > edge + line + rng.uniform(-0.04, 0.04) * np.linspace(-1, 1, size)[None]
        picture = np.where(below[..., None], DRAW[kind](rng, size), picture)
        stuff[below] = STUFF.index(kind)
    light = 1 + 0.15 * rng.uniform() * noise(rng, size, (2, 3))  # nothing is lit evenly
    return (picture * light[..., None]).clip(0, 255).astype(np.uint8), stuff


@cache
def views() -> list[Image.Image]:
    """Photographs of landscapes and buildings (Tux Paint, GCompris): what may be behind a thing; training only."""
    folder = sources.debian_package("tuxpaint-data") / "usr/share/tuxpaint/templates"
    found = [Image.open(path) for path in sorted(folder.glob("*.jpg")) if path.stem not in ("sheep", "lighthouse")]
    found += [
        Image.open(io.BytesIO(data))
        for path, data in sorted(gcompris("explore_monuments").items())
        if path.endswith(".webp")
    ]
    return [image.convert("RGB") for image in found]


def view(rng: Generator, size: int) -> np.ndarray:
    """A square piece of one of the photographs (size, size, 3)."""
    image = views()[rng.integers(len(views()))]
    side = int(min(image.size) * rng.uniform(0.3, 1))
    left, top = (int(rng.integers(0, length - side + 1)) for length in image.size)
    return np.asarray(image.resize((size, size), Image.Resampling.BILINEAR, box=(left, top, left + side, top + side)))


def backgrounds(part: str, count: int, size: int, photographs: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Many backgrounds at once (count, size, size, 3) with their kinds, drawn once and kept in the work folder.

    A share of them are `photographs`, of which no kinds are known: 255.
    """
    name = f"backgrounds-{part}-{count}-{size}-{photographs:g}"
    path = WORK / f"{name}.npy"
    if not path.exists():
        WORK.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng([len(name), *name.encode()])
        both = np.empty((count, size, size, 4), np.uint8)
        for row in both:
            if rng.random() < photographs:
                row[..., :3], row[..., 3] = view(rng, size), 255
            else:
                row[..., :3], row[..., 3] = background(rng, size)
        np.save(path, both)
    both = np.load(path, mmap_mode="r")
    return both[..., :3], both[..., 3]


# Things


def turned(
    cutout: np.ndarray, size: int, side: float, centre: tuple[float, float], angle: float, mirror: bool, aspect: float
) -> np.ndarray:
    """A cut-out (SIZE, SIZE, 4) placed on an empty canvas -> (size, size, 4), float32 with premultiplied alpha, 0 to 1.

    `side` is the length of its square in pixels, `centre` (x, y) where its middle comes to be.
    """
    image = Image.fromarray(cutout).convert("RGBa")  # premultiplied: what is transparent has no colour
    shrink = max(1, int(SIZE / side))
    if shrink > 1:
        image = image.reduce(shrink)
    scale = SIZE / shrink / side  # pixels of the cut-out for one of the canvas
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    flip = -1 if mirror else 1
    a, b, d, e = flip * cos * aspect, flip * sin * aspect, -sin / aspect, cos / aspect
    middle, (x, y) = SIZE / shrink / 2, centre
    matrix = (a, b, middle - a * x - b * y, d, e, middle - d * x - e * y)
    return np.asarray(
        image.transform((size, size), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
    ) / np.float32(255)


def tinted(rng: Generator, colours: np.ndarray, strength: float) -> np.ndarray:
    """Colours (..., 3) of 0 to 1 with another brightness, contrast, saturation and hue, each sampled."""
    angle = rng.normal() * 0.35 * strength
    grey = np.array([0.299, 0.587, 0.114], np.float32)
    saturation = 1 + rng.uniform(-0.5, 0.4) * strength
    # A turn about the axis of greys changes hue, a blend with the projection on it changes saturation.
    axis = np.full((3, 3), 1 / 3)
    cross = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / np.sqrt(3)
    hue = np.cos(angle) * np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * axis
    matrix = (saturation * np.eye(3) + (1 - saturation) * grey[None]) @ hue
    contrast, brightness = 1 + rng.uniform(-0.3, 0.3) * strength, rng.uniform(-0.12, 0.12) * strength
    return colours @ (contrast * matrix.T).astype(np.float32) + np.float32(brightness)


def lit(rng: Generator, thing: np.ndarray) -> np.ndarray:
    """A placed cut-out with light and shade on it, since emoji are flat and things are not."""
    size = len(thing)
    shade = 1 + rng.uniform(0, 0.35) * noise(rng, size, (2, 4, 8) if rng.random() < 0.5 else (3, 12, 32))
    if rng.random() < 0.3:
        shade = shade * np.linspace(*rng.permutation([1.15, rng.uniform(0.5, 1)]), size, dtype=np.float32)[None]
    colours = tinted(rng, thing[..., :3], rng.uniform(0, 1)) * shade[..., None].astype(np.float32)
    alpha = thing[..., 3:]
    return np.concatenate([colours.clip(0, 1) * (alpha > 0), alpha], -1).clip(0, alpha.max() if alpha.size else 1)


def shadow(rng: Generator, alpha: np.ndarray) -> np.ndarray:
    """How dark a thing's shadow is (Y, X): its alpha moved and blurred."""
    size = len(alpha)
    small = Image.fromarray((alpha * 255).astype(np.uint8)).reduce(4).resize((size, size), Image.Resampling.BICUBIC)
    edge = size // 16
    top, left = rng.integers(0, 2 * edge + 1, 2)
    moved = np.pad(np.asarray(small) / np.float32(255), edge)[top : top + size, left : left + size]
    return moved * np.float32(rng.uniform(0.1, 0.5))


def paste(picture: np.ndarray, thing: np.ndarray, shade: np.ndarray | None = None) -> np.ndarray:
    """A placed cut-out over a picture (Y, X, 3) of 0 to 1."""
    if shade is not None:
        picture = picture * (1 - shade[..., None])
    return thing[..., :3] + picture * (1 - thing[..., 3:])


def camera(rng: Generator, picture: np.ndarray, harsh: float = 1.0) -> np.ndarray:
    """What a camera, a scanner or a small file do to a picture of 0 to 1 -> uint8; `harsh` 0 is nothing."""
    picture = tinted(rng, picture, 0.6 * harsh)
    if rng.random() < 0.08 * harsh:
        picture = np.repeat(picture.mean(-1, keepdims=True), 3, -1)
    if rng.random() < 0.3 * harsh:
        picture = picture + rng.normal(0, rng.uniform(0, 0.05), picture.shape).astype(np.float32)
    found = (picture.clip(0, 1) * 255).astype(np.uint8)
    if rng.random() < 0.2 * harsh:
        size, small = len(found), int(len(found) * rng.uniform(0.5, 0.9))
        image = Image.fromarray(found).resize((small, small), Image.Resampling.BILINEAR)
        found = np.asarray(image.resize((size, size), Image.Resampling.BILINEAR))
    return found


def single(rng: Generator, cutout: np.ndarray, behind: np.ndarray, plain: bool = False) -> np.ndarray:
    """One thing, for a classifier: a cut-out over a background (size, size, 3), anywhere, turned a little -> uint8."""
    size = len(behind)
    side = size * rng.uniform(0.5, 1.05)
    slack = max(0.0, size - side) / 2 + 0.06 * size
    centre = size / 2 + rng.uniform(-slack, slack), size / 2 + rng.uniform(-slack, slack)
    angle = rng.normal() * 0.2 if rng.random() < 0.6 else 0.0
    thing = turned(cutout, size, side, centre, angle, rng.random() < 0.5, np.exp(rng.normal() * 0.12))
    if plain:
        return (paste(behind / np.float32(255), thing).clip(0, 1) * 255).astype(np.uint8)
    thing = lit(rng, thing) if rng.random() < 0.7 else thing
    shade = shadow(rng, thing[..., 3]) if rng.random() < 0.4 else None
    return camera(rng, paste(behind / np.float32(255), thing, shade))


def calm(rng: Generator, cutout: np.ndarray, behind: np.ndarray) -> np.ndarray:
    """One thing as in `single`, but large, in the middle and upright, in its own colours or nearly, as clip art is."""
    size = len(behind)
    side = size * rng.uniform(0.7, 1.0)
    slack = (size - side) / 2 + 0.02 * size
    centre = size / 2 + rng.uniform(-slack, slack), size / 2 + rng.uniform(-slack, slack)
    angle = rng.normal() * 0.1 if rng.random() < 0.4 else 0.0
    thing = turned(cutout, size, side, centre, angle, rng.random() < 0.5, np.exp(rng.normal() * 0.12))
    return (tinted(rng, paste(behind / np.float32(255), thing), 0.4).clip(0, 1) * 255).astype(np.uint8)


# Several things


def compose(
    rng: Generator,
    cutouts: Cutouts,
    behind: np.ndarray,
    stuff: np.ndarray,
    most: int = 4,
    drawn: Sequence[str] | None = None,
    sides: tuple[float, float] = (0.22, 0.6),
    harsh: float = 1.0,
    squeezed: float = 0.0,
) -> Scene:
    """A scene of 1 to `most` things over a background; with `drawn`, things of these labels, left to right in no order.

    `sides` are the least and the largest side of a thing, in parts of the picture's; `harsh` is how much light, shade
    and a camera change; with `squeezed`, things are narrow or broad by up to its exponential, as they are in a picture
    that was made a square.

    A thing that would hide more than a third of another one is placed anew, at most ten times, and then left out.
    """
    size = len(behind)
    picture = behind / np.float32(255)
    wanted: Sequence[str | None] = drawn or [None] * int(rng.integers(1, most + 1))
    labels: list[str] = []
    masks: list[np.ndarray] = []
    areas: list[int] = []
    aspect = float(np.exp(rng.uniform(-squeezed, squeezed) / 2)) if squeezed else 1.0
    for one in wanted:
        label, cutout = cutouts.draw(rng, one)
        for _ in range(10):
            side = size * np.exp(rng.uniform(*np.log(sides))) / (1 if len(wanted) < 3 else 1.2)
            slack = max(0.0, size - side) / 2
            centre = size / 2 + rng.uniform(-slack, slack), size / 2 + rng.uniform(-slack, slack)
            # Only a window around the thing is computed; a part of it may be outside the picture.
            length = int(1.2 * side * max(aspect, 1 / aspect)) + 8
            left, top = (round(middle - length / 2) for middle in centre)
            inside = centre[0] - left, centre[1] - top
            thing = turned(cutout, length, side, inside, rng.normal() * 0.08, rng.random() < 0.5, aspect)
            there = slice(max(0, top), top + length), slice(max(0, left), left + length)
            here = (slice(max(0, -top), size - top), slice(max(0, -left), size - left))
            mask = np.zeros((size, size), bool)
            mask[there] = thing[here][..., 3] > 0.5
            rest = [int((other & ~mask).sum()) for other in masks]
            if mask.sum() >= 12 and all(left > 2 / 3 * area for left, area in zip(rest, areas, strict=True)):
                break
        else:
            continue
        thing = lit(rng, thing) if rng.random() < 0.5 * harsh else thing
        shade = shadow(rng, thing[..., 3])[here] if rng.random() < 0.4 else None
        picture[there] = paste(picture[there], thing[here], shade)
        masks = [other & ~mask for other in masks] + [mask]
        labels.append(label)
        areas.append(int(mask.sum()))
    found = np.stack(masks) if masks else np.zeros((0, size, size), bool)
    return Scene(camera(rng, picture, harsh), labels, extents(found), found, np.asarray(stuff))


def extents(masks: np.ndarray) -> np.ndarray:
    """Masks (N, Y, X) -> boxes (N, 4) around what is set: left, top, right, bottom, the last two just outside."""
    boxes = np.zeros((len(masks), 4), np.float32)
    for box, mask in zip(boxes, masks, strict=True):
        columns, rows = np.nonzero(mask.any(0))[0], np.nonzero(mask.any(1))[0]
        box[:] = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    return boxes
