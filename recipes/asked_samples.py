"""Draws the pictures of `tests/first_inputs/pictures` and those that the task shows first: scenes described by hand.

    python -m recipes.asked_samples     # after recipes.picture_sample, which makes the folder of pictures to try

What they show comes from designers that no model is trained on (fxemoji, Apache-2.0; EmojiOne 2, CC-BY-4.0), and from
the other hand of `drawn_objects.py`. A description has the size, the ground, and for each thing its kind, its middle
and its side in parts of the picture (the side in parts of the shorter one), and its colour, or null for the designer's.
"""

import json
import random
from pathlib import Path

from PIL import Image

from . import asked_pictures, pictures
from .common import HERE, SEED, ZOO

FIRST_INPUTS = HERE.parent / "tests" / "first_inputs" / "pictures"
SAMPLES = ZOO / "pictures"  # what `picture_sample.py` writes is there, too
SCENES: dict[str, dict] = {  # to try, with questions in both languages
    "playground": {
        "size": [400, 300],
        "background": "meadow",
        "objects": [["dog", 0.2, 0.62, 0.4, None], ["ball", 0.5, 0.76, 0.28, "red"], ["tree", 0.8, 0.5, 0.6, None]],
        "questions": ["What is the colour of this ball?", "Le chien est-il à gauche de l'arbre ?"],
    },
    "lake": {
        "size": [400, 300],
        "background": "sea",
        "objects": [["boat", 0.22, 0.6, 0.36, None], ["boat", 0.62, 0.66, 0.4, None], ["sun", 0.84, 0.2, 0.28, None]],
        "questions": ["How many boats are there?", "Y a-t-il un poisson ?"],
    },
    "shelf": {
        "size": [400, 300],
        "background": "room",
        "objects": [
            ["cup", 0.2, 0.6, 0.36, "blue"],
            ["book", 0.5, 0.58, 0.44, "green"],
            ["clock", 0.8, 0.56, 0.4, None],
        ],
        "questions": ["What is to the right of the book?", "Quelle est la couleur de la tasse ?"],
    },
}


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


def write(scenes: dict[str, dict], folder: Path) -> None:
    """The pictures of some descriptions, with 128 colours each: small files."""
    for name, scene in scenes.items():
        image = drawn(scene, name).quantize(128, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        image.save(folder / f"{name}.png", optimize=True)


def credit(readme: Path) -> None:
    """Say whose designs are in the samples, below the lines of those that are there already."""
    text = readme.read_text(encoding="utf-8")
    sets = [pictures.SETS[source] for source in asked_pictures.SOURCES["sample"]]
    whose = "; ".join(f"{row.credit} ({row.licence})" for row in sets)
    names = ", ".join(f"`{name}.png`" for name in SCENES)
    line = f"- {names}, by `recipes/asked_samples.py`: {whose}; and things drawn for the project\n"
    if line not in text:
        readme.write_text(text + line, encoding="utf-8")


if __name__ == "__main__":
    write(json.loads((FIRST_INPUTS / "scenes.json").read_text(encoding="utf-8")), FIRST_INPUTS)
    write(SCENES, SAMPLES)
    credit(SAMPLES / "README.md")
