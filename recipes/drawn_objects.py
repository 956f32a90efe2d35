"""Simple objects drawn for the project with Pillow: shapes, a house, a tree, a car, a cup, in any colour and two hands.

They stand among the emoji of scenes, since nobody else has a claim on them and there is no end of them. A "hand" is a
set of proportions and habits, as a designer has: pictures for tests and samples are drawn by another hand than those
for training.
"""

import math
import random
from collections.abc import Callable
from typing import NamedTuple

from PIL import Image, ImageDraw

Colour = tuple[int, int, int]

COLOURS: dict[str, tuple[Colour, ...]] = {  # name -> several of that name; each object varies one of them a little
    "red": ((214, 39, 40), (230, 60, 50), (180, 20, 30), (240, 40, 60)),
    "blue": ((31, 90, 200), (60, 120, 230), (30, 60, 150), (85, 160, 245)),
    "green": ((44, 160, 60), (90, 190, 80), (20, 110, 50), (120, 200, 70)),
    "yellow": ((250, 210, 40), (255, 225, 80), (240, 220, 30), (245, 200, 20)),
    "orange": ((250, 130, 20), (240, 145, 50), (255, 110, 10), (235, 125, 30)),
    "purple": ((130, 60, 180), (110, 50, 150), (150, 90, 210), (95, 30, 140)),
    "pink": ((250, 140, 190), (255, 170, 200), (240, 110, 170), (250, 150, 170)),
    "brown": ((130, 80, 40), (110, 65, 35), (150, 95, 55), (95, 55, 30)),
    "black": ((25, 25, 28), (15, 15, 15), (40, 40, 45), (30, 25, 35)),
    "white": ((250, 250, 250), (240, 240, 242), (255, 252, 245), (245, 248, 255)),
    "gray": ((140, 140, 145), (120, 122, 125), (160, 160, 160), (105, 110, 115)),
}


class Hand(NamedTuple):
    """Who draws: proportions are sampled between the two values of each."""

    name: str
    outline: tuple[float, ...]  # widths of the outline, in parts of the side; one of them
    round: tuple[float, float]  # how round corners are
    slim: tuple[float, float]  # how much narrower than high
    petals: tuple[int, ...]
    windows: tuple[int, ...]


HANDS = {
    "train": Hand("train", (0.0, 0.0, 0.02, 0.035), (0.02, 0.12), (0.75, 1.0), (5, 6, 8), (1, 2)),
    "test": Hand("test", (0.0, 0.025), (0.14, 0.2), (0.68, 0.74), (7,), (3,)),
}
SIDE = 192  # drawn at this side, so that what is pasted smaller has smooth edges


class Pen:
    """Draws in a square of side 1, from the top left corner, in a colour and its shades."""

    def __init__(self, colour: Colour, rng: random.Random, hand: Hand) -> None:
        self.colour, self.rng, self.hand = colour, rng, hand
        self.image = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
        self.draw = ImageDraw.Draw(self.image)
        self.line = tuple(int(c * 0.45) for c in colour) if sum(colour) > 200 else (90, 90, 95)
        self.width = round(rng.choice(hand.outline) * SIDE)

    def between(self, low: float, high: float) -> float:
        return self.rng.uniform(low, high)

    def shade(self, factor: float) -> Colour:
        """The colour darker (below 1) or lighter (above)."""
        if factor <= 1:
            return tuple(int(c * factor) for c in self.colour)  # type: ignore[return-value]
        return tuple(int(255 - (255 - c) / factor) for c in self.colour)  # type: ignore[return-value]

    def _style(self, fill: Colour | None) -> dict[str, object]:
        return {"fill": fill or self.colour, "outline": self.line if self.width else None, "width": self.width or 1}

    def box(self, x: float, y: float, x2: float, y2: float, fill: Colour | None = None, radius: float = 0.0) -> None:
        corners = [v * SIDE for v in (x, y, x2, y2)]
        self.draw.rounded_rectangle(corners, radius * SIDE, **self._style(fill))  # type: ignore[arg-type]

    def oval(self, x: float, y: float, rx: float, ry: float, fill: Colour | None = None) -> None:
        corners = [v * SIDE for v in (x - rx, y - ry, x + rx, y + ry)]
        self.draw.ellipse(corners, **self._style(fill))  # type: ignore[arg-type]

    def shape(self, points: list[tuple[float, float]], fill: Colour | None = None) -> None:
        style = self._style(fill)
        corners = [(x * SIDE, y * SIDE) for x, y in points]
        self.draw.polygon(corners, fill=style["fill"])  # type: ignore[arg-type]
        if self.width:
            self.draw.line([*corners, corners[0], corners[1]], fill=self.line, width=self.width, joint="curve")


def circle(pen: Pen) -> None:
    pen.oval(0.5, 0.5, 0.46, 0.46)


def square(pen: Pen) -> None:
    pen.box(0.06, 0.06, 0.94, 0.94, radius=pen.rng.choice([0, 0, pen.between(*pen.hand.round) / 2]))


def rectangle(pen: Pen) -> None:
    half = pen.between(0.2, 0.28)
    if pen.rng.random() < 0.5:
        pen.box(0.04, 0.5 - half, 0.96, 0.5 + half)
    else:
        pen.box(0.5 - half, 0.04, 0.5 + half, 0.96)


def triangle(pen: Pen) -> None:
    pen.shape([(pen.between(0.35, 0.65), 0.06), (0.95, 0.92), (0.05, 0.92)])


def star(pen: Pen) -> None:
    inner, turn = pen.between(0.19, 0.24), -math.pi / 2 + pen.between(-0.15, 0.15)
    radii = [0.48, inner] * 5
    angles = [turn + math.pi * k / 5 for k in range(10)]
    pen.shape([(0.5 + r * math.cos(a), 0.52 + r * math.sin(a)) for r, a in zip(radii, angles, strict=True)])


def heart(pen: Pen) -> None:
    points = []
    for k in range(48):
        t = 2 * math.pi * k / 48
        x = 16 * math.sin(t) ** 3
        y = 13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)
        points.append((0.5 + x / 36, 0.46 - y / 36))
    pen.shape(points)


def house(pen: Pen) -> None:
    roof, top = pen.rng.choice([(150, 60, 50), (90, 90, 100), (120, 75, 45), (60, 70, 110)]), pen.between(0.38, 0.5)
    pen.box(0.14, top, 0.86, 0.96)
    pen.shape([(0.5, 0.05), (0.97, top + 0.03), (0.03, top + 0.03)], roof)
    door = pen.between(0.22, 0.62)
    pen.box(door, 0.66, door + 0.18, 0.96, (95, 60, 40))
    for k in range(pen.rng.choice(pen.hand.windows)):
        pen.box(0.2 + k * 0.23, top + 0.08, 0.34 + k * 0.23, top + 0.2, (190, 225, 250))


def tree(pen: Pen) -> None:
    pen.box(0.43, 0.55, 0.57, 0.97, (120, 78, 45))
    kind = pen.rng.random()
    if kind < 0.4:
        pen.oval(0.5, 0.36, 0.34 + pen.between(0, 0.1), 0.33)
    elif kind < 0.7:
        for k in range(3):
            pen.shape([(0.5, 0.03 + 0.17 * k), (0.74 + 0.07 * k, 0.4 + 0.17 * k), (0.26 - 0.07 * k, 0.4 + 0.17 * k)])
    else:
        for x, y in ((0.3, 0.42), (0.7, 0.42), (0.5, 0.24)):
            pen.oval(x, y, 0.24, 0.22)


def car(pen: Pen) -> None:
    front = pen.between(0.16, 0.28)
    pen.shape([(front, 0.5), (front + 0.12, 0.26), (0.68, 0.26), (0.84, 0.5)])
    pen.box(0.04, 0.46, 0.96, 0.72, radius=pen.between(*pen.hand.round) / 2)
    pen.shape([(front + 0.07, 0.48), (front + 0.15, 0.31), (0.47, 0.31), (0.47, 0.48)], (195, 228, 250))
    pen.shape([(0.51, 0.48), (0.51, 0.31), (0.66, 0.31), (0.76, 0.48)], (195, 228, 250))
    for x in (0.26, 0.74):
        pen.oval(x, 0.73, 0.12, 0.12, (35, 35, 38))
        pen.oval(x, 0.73, 0.05, 0.05, (190, 190, 195))


def bus(pen: Pen) -> None:
    pen.box(0.03, 0.22, 0.97, 0.76, radius=pen.between(*pen.hand.round) / 2)
    for k in range(4):
        pen.box(0.08 + k * 0.22, 0.3, 0.25 + k * 0.22, 0.48, (195, 228, 250))
    for x in (0.25, 0.75):
        pen.oval(x, 0.77, 0.1, 0.1, (35, 35, 38))


def boat(pen: Pen) -> None:
    pen.box(0.47, 0.08, 0.51, 0.68, (110, 75, 45))
    pen.shape([(0.53, 0.1), (0.9, 0.6), (0.53, 0.6)], (245, 245, 240))
    if pen.rng.random() < 0.6:
        pen.shape([(0.45, 0.18), (0.45, 0.6), (0.16, 0.6)], (235, 235, 228))
    pen.shape([(0.03, 0.66), (0.97, 0.66), (0.8, 0.93), (0.2, 0.93)])


def flower(pen: Pen) -> None:
    pen.box(0.475, 0.5, 0.525, 0.98, (60, 150, 60))
    pen.oval(0.64, 0.8, 0.14, 0.06, (60, 150, 60))
    count = pen.rng.choice(pen.hand.petals)
    for k in range(count):
        a = 2 * math.pi * k / count
        pen.oval(0.5 + 0.2 * math.cos(a), 0.33 + 0.2 * math.sin(a), 0.13, 0.13)
    pen.oval(0.5, 0.33, 0.11, 0.11, (250, 215, 70) if pen.colour[2] > 120 or pen.colour[1] < 150 else (130, 80, 40))


def sun(pen: Pen) -> None:
    count = pen.rng.choice([8, 10, 12])
    for k in range(count):
        a, wide = 2 * math.pi * k / count, math.pi / count * 0.6
        pen.shape(
            [(0.5 + r * math.cos(a + d), 0.5 + r * math.sin(a + d)) for r, d in ((0.3, -wide), (0.49, 0), (0.3, wide))]
        )
    pen.oval(0.5, 0.5, 0.28, 0.28)


def moon(pen: Pen) -> None:
    pen.oval(0.5, 0.5, 0.45, 0.45)
    bite = pen.between(0.62, 0.75)
    corners = [v * SIDE for v in (bite - 0.38, 0.02, bite + 0.42, 0.82)]
    pen.draw.ellipse(corners, fill=(0, 0, 0, 0))


def fish(pen: Pen) -> None:
    pen.shape([(0.66, 0.5), (0.97, 0.24), (0.97, 0.76)], pen.shade(0.8))
    pen.oval(0.42, 0.5, 0.38, pen.between(0.22, 0.3))
    pen.shape([(0.42, 0.52), (0.58, 0.44), (0.58, 0.62)], pen.shade(0.8))
    pen.oval(0.2, 0.44, 0.05, 0.05, (250, 250, 250))
    pen.oval(0.19, 0.44, 0.025, 0.025, (20, 20, 20))


def cup(pen: Pen) -> None:
    wide = 0.62 * pen.between(*pen.hand.slim)
    left, right = 0.4 - wide / 2, 0.4 + wide / 2
    corners = [v * SIDE for v in (right - 0.12, 0.32, right + 0.28, 0.68)]
    pen.draw.ellipse(corners, outline=pen.shade(0.85), width=round(0.07 * SIDE))
    pen.box(left, 0.2, right, 0.88, radius=pen.between(*pen.hand.round) / 2)
    pen.oval((left + right) / 2, 0.21, wide / 2, 0.06, pen.shade(0.7))


def book(pen: Pen) -> None:
    slim = pen.between(*pen.hand.slim)
    left, right = 0.5 - 0.42 * slim, 0.5 + 0.42 * slim
    pen.box(left, 0.06, right, 0.94, radius=0.02)
    pen.box(left, 0.06, left + 0.1, 0.94, pen.shade(0.75))
    for k in range(pen.rng.choice([1, 2])):
        pen.box(left + 0.2, 0.2 + 0.12 * k, right - 0.1, 0.25 + 0.12 * k, (250, 245, 225))


def ball(pen: Pen) -> None:
    pen.oval(0.5, 0.5, 0.45, 0.45)
    other = (250, 250, 250) if sum(pen.colour) < 600 else (60, 100, 200)
    for start in (20, 140, 260) if pen.rng.random() < 0.6 else (0, 180):
        corners = [v * SIDE for v in (0.06, 0.06, 0.94, 0.94)]
        pen.draw.pieslice(corners, start, start + 40, fill=other)
    pen.oval(0.5, 0.5, 0.1, 0.1)


def umbrella(pen: Pen) -> None:
    pen.draw.line([(0.5 * SIDE, 0.1 * SIDE), (0.5 * SIDE, 0.85 * SIDE)], fill=(90, 70, 60), width=8)
    pen.draw.arc([0.36 * SIDE, 0.76 * SIDE, 0.52 * SIDE, 0.95 * SIDE], 0, 180, fill=(90, 70, 60), width=8)
    pen.draw.pieslice([0.04 * SIDE, 0.08 * SIDE, 0.96 * SIDE, 0.98 * SIDE], 180, 360, fill=pen.colour)
    parts = pen.rng.choice([3, 4])
    for k in range(parts):
        if k % 2:
            start = 180 + 180 * k / parts
            pen.draw.pieslice(
                [0.04 * SIDE, 0.08 * SIDE, 0.96 * SIDE, 0.98 * SIDE], start, start + 180 / parts, fill=pen.shade(0.82)
            )


DRAWN: dict[str, Callable[[Pen], None]] = {
    function.__name__: function
    for function in (
        circle, square, rectangle, triangle, star, heart, house, tree, car, bus, boat, flower, sun, moon, fish, cup,
        book, ball, umbrella,
    )
}  # fmt: skip


def vary(colour: Colour, rng: random.Random, amount: int = 12) -> Colour:
    return tuple(min(255, max(0, c + rng.randint(-amount, amount))) for c in colour)  # type: ignore[return-value]


def draw(kind: str, colour: str, rng: random.Random, hand: str = "train") -> Image.Image:
    """A kind of object in a colour of COLOURS -> an RGBA picture with transparent ground, cut to the object."""
    pen = Pen(vary(rng.choice(COLOURS[colour]), rng), rng, HANDS[hand])
    DRAWN[kind](pen)
    return pen.image.crop(pen.image.getbbox())
