"""Pictures to ask about, composed so that everything in them is known: which things, where, in which colour.

Things are emoji and stamps (`pictures.py`) and drawn ones (`drawn_objects.py`), painted in a colour that the question
does not betray, on grounds of all kinds. Which designers a picture may use is decided by its part, train, dev or test.
"""

import random
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from . import drawn_objects, pictures, scenes
from .picture_words import KINDS, MOST, PALETTES
from .questions_on_pictures import Thing

SHORT = 96  # the shorter side of a picture as the model sees it
PATCH = 12
SHAPES = {(96, 96): 0.55, (96, 120): 0.15, (120, 96): 0.15, (96, 144): 0.15}  # height and width, and how often
NOTHING = 255  # in `owner`: no thing is there
LABELS = {"plane": "airplane"}  # kinds that `picture_classes.txt` calls otherwise
DRAWN_SHARE = 0.25  # of the things that can be had both ways
MOSTLY, NAMED = 0.35, 0.45  # which share of a thing its main colour must have, to be exchanged, and to be its name
SOURCES = {  # part -> sets of emoji; training has all of its part, and stamps. Of "test", "sample" may be committed
    "test": ("fxemoji", "emojione", "emojione-v1"),
    "sample": ("fxemoji", "emojione"),
    "dev": ("streamline",),
}


class Picture(NamedTuple):
    """A composed picture."""

    image: Image.Image
    things: list[Thing]
    owner: np.ndarray  # (y, x) of patches: which thing covers it, or NOTHING


# Things


@cache
def designs(kind: str, part: str) -> list[np.ndarray]:
    """The cut-outs (128, 128, 4) of a kind that pictures of this part may show."""
    label = LABELS.get(kind, kind)
    return [*cutouts(part, "picture_classes.txt").get(label, []), *cutouts(part, "asked_classes.txt").get(label, [])]


@cache
def cutouts(part: str, file: str) -> dict[str, list[np.ndarray]]:
    """Label -> the cut-outs (128, 128, 4) that pictures of this part may show."""
    rows, arrays = pictures.render(file)
    found: dict[str, list[np.ndarray]] = {}
    for row, array in zip(rows, arrays, strict=True):
        if row.source != "gcompris" and (row.source in SOURCES[part] if part in SOURCES else row.part == part):
            found.setdefault(row.label, []).append(np.array(array))
    return found


def main_colour(array: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """RGBA -> the colour that most of a thing has, where it has it (0 to 1), and which share of the thing that is."""
    rgb, opaque = array[..., :3].astype(np.float32), array[..., 3] > 128
    value, chroma = rgb.max(-1), rgb.max(-1) - rgb.min(-1)
    inside = opaque & (value > 60)
    if inside.sum() < 0.2 * opaque.sum():  # a black thing
        inside = opaque
    bins = (rgb[inside] // 32).astype(int) @ (64, 8, 1)
    best = np.bincount(bins, minlength=512).argmax()
    colour = np.median(rgb[inside][bins == best], 0)
    if colour.max() - colour.min() > 45:
        angle = np.abs((hue(rgb) - hue(colour) + 0.5) % 1 - 0.5)
        where = np.clip((0.11 - angle) / 0.03, 0, 1) * np.clip((chroma - 25) / 25, 0, 1)
    else:
        where = np.clip((50 - chroma) / 20, 0, 1) * np.clip((value - colour.max() + 110) / 30, 0, 1)
    where = where * opaque
    return colour, where, float(where.sum() / max(1, opaque.sum()))


def hue(rgb: np.ndarray) -> np.ndarray:
    """The hue of colours (..., 3), from 0 to 1."""
    high, low = rgb.max(-1), rgb.min(-1)
    span = np.maximum(high - low, 1e-6)
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    sixth = np.where(
        high == red, (green - blue) / span, np.where(high == green, 2 + (blue - red) / span, 4 + (red - green) / span)
    )
    return (sixth / 6) % 1


@cache
def main_of(kind: str, part: str, number: int) -> tuple[np.ndarray, np.ndarray, float]:
    """`main_colour` of a design, computed once."""
    colour, where, share = main_colour(designs(kind, part)[number])
    return colour, where.astype(np.float16), share


def painted(array: np.ndarray, main: np.ndarray, where: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """The same thing with another colour where it has its main one; light and shade stay."""
    rgb, target = array[..., :3].astype(np.float32), np.array(colour, np.float32)
    weights = np.array([0.3, 0.59, 0.11], np.float32)
    ratio = np.clip((rgb @ weights) / max(20.0, float(main @ weights)), 0, 1.6)[..., None]
    new = target * np.minimum(ratio, 1) + (255 - target) * np.maximum(ratio - 1, 0)
    mixed = rgb + (new - rgb) * where.astype(np.float32)[..., None]
    return np.dstack([np.clip(mixed, 0, 255).astype(np.uint8), array[..., 3]])


def colour_name(rgb: np.ndarray) -> str:
    """What a person would call a colour; "" between two names."""
    high, low = float(rgb.max()), float(rgb.min())
    angle, chroma = float(hue(rgb)) * 360, high - low
    if chroma < 28:
        return "white" if low > 225 else "black" if high < 55 else "gray" if 80 < high < 200 else ""
    if high < 60:
        return "black"
    dull = chroma / high
    if angle < 12 or angle > 345:
        if dull > 0.6 and high > 150:
            return "red"
        return "pink" if high > 225 and dull < 0.5 else "brown" if high < 140 else ""
    if angle < 40:
        return "brown" if high < 175 else "orange" if dull > 0.65 and angle > 20 else ""
    if 45 < angle < 62:
        return "yellow" if high > 200 and dull > 0.4 else ""
    if 80 < angle < 165:
        return "green" if dull > 0.3 else ""
    if 195 < angle < 240:
        return "blue" if dull > 0.3 else ""
    if 262 < angle < 300:
        return "purple" if dull > 0.25 else ""
    return "pink" if 310 < angle <= 345 and high > 200 else ""


class Sprites:
    """Draws things of a part."""

    def __init__(self, part: str, rng: random.Random, drawn: float = DRAWN_SHARE) -> None:
        self.part, self.rng, self.drawn = part, rng, drawn

    def has(self, kind: str) -> bool:
        return kind in drawn_objects.DRAWN or bool(designs(kind, self.part))

    def colour(self, kind: str) -> str:
        """A colour to paint a kind in, or "" to leave it as it is."""
        palette = PALETTES[KINDS[kind].paint]
        return self.rng.choice(palette) if palette and self.rng.random() < 0.8 else ""

    def make(self, kind: str, colour: str) -> tuple[Image.Image, str, np.ndarray]:
        """A cut-out of a kind, the name of the colour that it has in the end, and that colour."""
        known = designs(kind, self.part)
        if kind in drawn_objects.DRAWN and (not known or self.rng.random() < self.drawn):
            plain = {"tree": "green", "sun": "yellow", "moon": "yellow"}.get(kind, "")
            colour = colour or plain or self.rng.choice(PALETTES["any"])
            hand = "train" if self.part == "train" else "test"
            shown = np.array(drawn_objects.COLOURS[colour][0], float)
            return drawn_objects.draw(kind, colour, self.rng, hand), colour, shown
        number = self.rng.randrange(len(known))
        main, where, share = main_of(kind, self.part, number)
        if colour and share >= MOSTLY:  # others have too many colours to be painted
            tone = drawn_objects.vary(self.rng.choice(drawn_objects.COLOURS[colour]), self.rng)
            return Image.fromarray(painted(known[number], main, where, tone)), colour, np.array(tone, float)
        return Image.fromarray(known[number]), colour_name(main) if share > NAMED else "", main


# Where things are

Box = tuple[float, float, float]  # the middle in pixels, and the side


def overlap(one: Box, other: Box) -> float:
    """How much of the smaller of two squares the other covers."""
    wide = (one[2] + other[2]) / 2 - abs(one[0] - other[0])
    high = (one[2] + other[2]) / 2 - abs(one[1] - other[1])
    return max(0.0, wide) * max(0.0, high) / min(one[2], other[2]) ** 2


def scattered(count: int, low: float, high: float, height: float, width: float, rng: random.Random) -> list[Box] | None:
    """So many squares that hardly touch; the sides are between low and high. None where there was no room."""
    found: list[Box] = []
    for _ in range(60 * count):
        side = rng.uniform(low, high)
        box = (rng.uniform(side / 2, width - side / 2), rng.uniform(side / 2, height - side / 2), side)
        if all(overlap(box, other) < 0.06 for other in found):
            found.append(box)
            if len(found) == count:
                return found
    return None


def paired(height: float, width: float, rng: random.Random) -> list[Box]:
    """Two things side by side, or one above the other."""
    short = min(height, width)
    beside = rng.random() < (0.6 if width >= height else 0.4)
    along, across = (width, height) if beside else (height, width)
    first, second = (rng.uniform(0.28, 0.46) * short for _ in range(2))
    gap = along - first - second
    start = rng.uniform(0, max(0.0, gap / 2))
    places = [start + first / 2, along - rng.uniform(0, max(0.0, gap / 2 - 1)) - second / 2]
    middle = rng.uniform(0.35, 0.65) * across
    found = []
    for place, side in zip(places, (first, second), strict=True):
        other = min(max(middle + rng.uniform(-0.1, 0.1) * across, side / 2), across - side / 2)
        found.append((place, other, side) if beside else (other, place, side))
    return found


# What is behind them


def tint(rng: random.Random) -> tuple[int, int, int]:
    """A colour for a ground: mostly light, sometimes strong or dark."""
    kind = rng.random()
    if kind < 0.2:
        return (255, 255, 255) if rng.random() < 0.7 else (245, 245, 245)
    if kind < 0.65:
        return tuple(rng.randint(195, 255) for _ in range(3))  # type: ignore[return-value]
    if kind < 0.85:
        return tuple(rng.randint(90, 220) for _ in range(3))  # type: ignore[return-value]
    return tuple(rng.randint(10, 110) for _ in range(3))  # type: ignore[return-value]


GROUNDS: dict[str, tuple[tuple[int, int, int], tuple[int, int, int]]] = {  # above and below the horizon
    "meadow": ((170, 215, 245), (130, 195, 95)),
    "street": ((205, 225, 240), (150, 150, 155)),
    "sea": ((185, 225, 250), (70, 140, 200)),
    "sky": ((130, 190, 240), (205, 230, 250)),
    "room": ((240, 228, 205), (190, 150, 110)),
    "night": ((25, 30, 70), (40, 55, 60)),
    "sand": ((150, 205, 240), (235, 215, 160)),
    "snow": ((190, 210, 235), (245, 248, 252)),
}


SCENERY = "scenery"  # name of a ground: one of those that pictures for detection have


@cache
def scenery() -> np.ndarray:
    """Grounds for training (N, 96, 96, 3): grass, water, walls with their grain, and photographs."""
    return scenes.backgrounds("train", 6000, 96, 0.3)[0]


def ground(height: int, width: int, rng: random.Random, name: str = "") -> Image.Image:
    """A ground by name, or any: plain, shaded from one colour to another, with a horizon, or with blurred spots."""
    kind = rng.random()
    if name == SCENERY:
        found = scenery()
        return Image.fromarray(np.array(found[rng.randrange(len(found))])).resize((width, height))
    if name and name != "plain":
        upper, lower = GROUNDS[name]
        return horizon(height, width, upper, lower, 0.55)
    if name == "plain" or kind < 0.4:
        return Image.new("RGB", (width, height), tint(rng))
    if kind < 0.6:
        one, other = np.array(tint(rng), float), np.array(tint(rng), float)
        steps = np.linspace(0, 1, height)[:, None, None]
        shaded = np.broadcast_to(one + (other - one) * steps, (height, width, 3))
        return Image.fromarray(shaded.astype(np.uint8))
    if kind < 0.85:
        upper, lower = rng.choice(list(GROUNDS.values())) if rng.random() < 0.6 else (tint(rng), tint(rng))
        vary: Callable = drawn_objects.vary
        return horizon(height, width, vary(upper, rng, 20), vary(lower, rng, 20), rng.uniform(0.3, 0.75))
    image = Image.new("RGB", (width, height), tint(rng))
    pen = ImageDraw.Draw(image)
    base = tint(rng)
    for _ in range(rng.randint(4, 14)):
        x, y, r = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(0.05, 0.3) * height
        pen.ellipse([x - r, y - r, x + r, y + r], fill=drawn_objects.vary(base, rng, 30))
    return image.filter(ImageFilter.GaussianBlur(height / 24))


def horizon(height: int, width: int, upper: tuple, lower: tuple, where: float) -> Image.Image:
    image = Image.new("RGB", (width, height), upper)
    ImageDraw.Draw(image).rectangle([0, int(height * where), width, height], fill=lower)
    return image


# The whole picture


def plan(sprites: Sprites, height: float, width: float) -> list[tuple[str, str, Box]]:
    """Which kinds in which colours, and where: one thing, two, a few, or many of one kind."""
    rng = sprites.rng
    kinds = [kind for kind in KINDS if sprites.has(kind)]
    short, drawn = min(height, width), rng.random()
    if drawn < 0.2:
        side = rng.uniform(0.38, 0.88) * short
        places = [(rng.uniform(side / 2, width - side / 2), rng.uniform(side / 2, height - side / 2), side)]
        chosen = [rng.choice(kinds)]
    elif drawn < 0.5:
        places, chosen = paired(height, width, rng), rng.sample(kinds, 2)
    elif drawn < 0.72:
        count = rng.choice((3, 3, 4))
        found = scattered(count, 0.24 * short, 0.38 * short, height, width, rng)
        if found is None:
            return plan(sprites, height, width)
        places, chosen = found, rng.sample(kinds, count)
    else:
        count = rng.randint(2, MOST)
        others = rng.choice((0, 0, 1, 2)) if count < 5 else rng.choice((0, 0, 1))
        high = {2: 0.44, 3: 0.38, 4: 0.34, 5: 0.3}.get(count + others, 0.28)
        found = scattered(count + others, 0.75 * high * short, high * short, height, width, rng)
        if found is None:
            return plan(sprites, height, width)
        first, *rest = rng.sample(kinds, 3)
        places, chosen = found, [first] * count + [rng.choice(rest) for _ in range(others)]
        if others == 2 and rng.random() < 0.5:
            chosen[-1] = chosen[-2]
    colours = {kind: sprites.colour(kind) for kind in chosen}  # things of one kind are often of one colour
    mixed = rng.random() < 0.3
    return [
        (kind, sprites.colour(kind) if mixed else colours[kind], place)
        for kind, place in zip(chosen, places, strict=True)
    ]


def compose(
    sprites: Sprites, height: int, width: int, planned: list[tuple[str, str, Box]] | None = None, name: str = ""
) -> Picture:
    """A picture of so many pixels; `planned` and the name of a ground, where given, say what to show."""
    rng = sprites.rng
    planned = planned or plan(sprites, height, width)
    made = [(kind, *sprites.make(kind, colour), box) for kind, colour, box in planned]
    image = _ground_that_contrasts(height, width, rng, name, made)
    owner, things = np.full((height, width), NOTHING, np.uint8), []
    for number, (kind, cutout, colour, _, (x, y, side)) in enumerate(made):
        cutout = cutout.crop(cutout.getbbox())
        if rng.random() < 0.3 and kind not in ("clock", "book") and name in ("", SCENERY):
            cutout = cutout.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        scale = side / max(cutout.size)
        size = max(2, round(cutout.width * scale)), max(2, round(cutout.height * scale))
        cutout = cutout.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
        left, top = round(x - size[0] / 2), round(y - size[1] / 2)
        image.paste(cutout, (left, top), cutout)
        seen = np.zeros((height, width), bool)
        y0, x0, y1, x1 = max(0, top), max(0, left), min(height, top + size[1]), min(width, left + size[0])
        seen[y0:y1, x0:x1] = np.asarray(cutout)[y0 - top : y1 - top, x0 - left : x1 - left, 3] > 128
        owner[seen] = number
        things.append(Thing(kind, x / width, y / height, size[0] / width, size[1] / height, colour))
    return Picture(image, things, owner)


def _ground_that_contrasts(height: int, width: int, rng: random.Random, name: str, made: list) -> Image.Image:
    """A ground on which no thing disappears: none of their main colours is near that of the ground behind it."""
    for _ in range(12):
        image = ground(height, width, rng, name)
        for _, _, _, colour, (x, y, _) in made:
            behind = image.getpixel((min(width - 1, max(0, int(x))), min(height - 1, max(0, int(y)))))
            if np.abs(np.array(behind, float) - colour).sum() < 90:
                break
        else:
            return image
    return image


def grid(owner: np.ndarray, patch: int) -> np.ndarray:
    """Which thing covers each patch (y, x), if it covers a fifth of it at least; else NOTHING."""
    height, width = owner.shape[0] // patch, owner.shape[1] // patch
    cells = owner[: height * patch, : width * patch].reshape(height, patch, width, patch).swapaxes(1, 2)
    cells = cells.reshape(height, width, patch * patch)
    found = np.full((height, width), NOTHING, np.uint8)
    best = np.full((height, width), 0.2)
    for number in set(np.unique(owner)) - {NOTHING}:
        share = (cells == number).mean(-1)
        found = np.where(share > best, number, found).astype(np.uint8)
        best = np.maximum(best, share)
    return found


def seen(part: str, rng: random.Random, shape: tuple[int, int], name: str = "") -> Picture:
    """A picture as the model sees it; `owner` by patches. `name` is that of a ground, if it is not to be any."""
    found = compose(Sprites(part, rng), *shape, name=name)
    return Picture(found.image, found.things, grid(found.owner, PATCH))
