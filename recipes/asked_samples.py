"""Draws the pictures of `tests/first_inputs/pictures` and those that the task shows first: scenes described by hand.

    python -m recipes.asked_samples

What they show comes from designers that no model is trained on (fxemoji, Apache-2.0; EmojiOne 2, CC-BY-4.0), and from
the other hand of `drawn_objects.py`. A description has the size, the ground, and for each thing its kind, its middle
and its side in parts of the picture (the side in parts of the shorter one), and its colour, or null for the designer's.
"""

import json
import random
from pathlib import Path

from PIL import Image

from . import asked_pictures
from .common import HERE, SEED

FIRST_INPUTS = HERE.parent / "tests" / "first_inputs" / "pictures"


def drawn(scene: dict, seed: str) -> Image.Image:
    """The picture of a description."""
    rng = random.Random(f"{SEED} {seed}")
    sprites = asked_pictures.Sprites("sample", rng, drawn=0.3)
    width, height = scene["size"]
    planned = [
        (kind, colour or "", (x * width, y * height, side * min(width, height)))
        for kind, x, y, side, colour in scene["objects"]
    ]
    for _ in range(100):  # not every design can be painted: until all colours are those that were asked for
        found = asked_pictures.compose(sprites, height, width, planned, scene["background"])
        wanted = [colour for _, _, _, _, colour in scene["objects"]]
        if all(colour in (None, thing.colour) for colour, thing in zip(wanted, found.things, strict=True)):
            return found.image
    raise ValueError(f"nothing can be painted as {seed} wants it")


def write(folder: Path) -> None:
    """All pictures of a folder's scenes.json, with 128 colours each: small files."""
    scenes = json.loads((folder / "scenes.json").read_text(encoding="utf-8"))
    for name, scene in scenes.items():
        image = drawn(scene, name).quantize(128, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        image.save(folder / f"{name}.png", optimize=True)


if __name__ == "__main__":
    write(FIRST_INPUTS)
