"""Rows for visual question answering: easy-vqa and composed pictures, rendered once, with their questions.

    python -m recipes.asked_rows        # renders all parts into the work folder

Pixels lie in memory maps, one for each shape of picture, so that a batch is a slice of a file.
"""

import json
import random
import sys
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from . import asked_pictures, sources
from .asked_pictures import NOTHING, PATCH, SHAPES
from .common import SEED
from .picture_words import COLOUR_WORDS, KINDS
from .questions_on_pictures import Asked, Asker, Thing

FOLDER = sources.WORK / "asked"
COUNTS = {"train": 16_000, "scenery": 6_000, "dev": 500, "test": 1_000}  # pictures
QUESTIONS = {"train": 14, "dev": 3, "test": 4}  # about each
SQUARE = (96, 96)
EASY_DEV = 200  # pictures of easy-vqa's training split, the last ones, that are not trained on


class Row(NamedTuple):
    """A question about a picture of a part."""

    picture: int  # its number among those of its shape
    shape: tuple[int, int]
    question: str
    answers: tuple[str, ...]
    about: str
    language: str
    look: int  # bit k is set where the answer stands on thing k


class Part(NamedTuple):
    """All of a part: pixels (N, 3, Y, X), owner (N, y, x) by shape, the things of each picture, and the rows."""

    pixels: dict[tuple[int, int], np.ndarray]
    owner: dict[tuple[int, int], np.ndarray]
    things: dict[tuple[int, int], list[list[Thing]]]
    rows: list[Row]


def bits(things: tuple[int, ...]) -> int:
    return sum(1 << k for k in things)


# Composed pictures


def write(part: str, count: int, seed: int, name: str, ground: str = "") -> None:
    """Render so many pictures of a part, and ask about them."""
    rng = random.Random(seed)
    asker = Asker(part, rng)
    pixels: dict[tuple[int, int], list[np.ndarray]] = {shape: [] for shape in SHAPES}
    owner: dict[tuple[int, int], list[np.ndarray]] = {shape: [] for shape in SHAPES}
    things: dict[tuple[int, int], list[list[Thing]]] = {shape: [] for shape in SHAPES}
    rows: list[Row] = []
    for number in range(count):
        shape = rng.choices(list(SHAPES), list(SHAPES.values()))[0]
        picture = asked_pictures.seen(part, rng, shape, ground)
        for asked in asker.questions(picture.things, QUESTIONS[part]):
            rows.append(row_of(asked, len(pixels[shape]), shape))
        pixels[shape].append(np.asarray(picture.image).transpose(2, 0, 1))
        owner[shape].append(picture.owner)
        things[shape].append(picture.things)
        if number % 2000 == 1999:
            print(name, number + 1, flush=True)
    save(FOLDER / name, pixels, owner, things, rows)


def row_of(asked: Asked, picture: int, shape: tuple[int, int]) -> Row:
    return Row(picture, shape, asked.question, asked.answers, asked.about, asked.language, bits(asked.things))


def save(folder: Path, pixels: dict, owner: dict, things: dict, rows: list[Row]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for shape, some in pixels.items():
        if some:
            name = "x".join(map(str, shape))
            np.save(folder / f"pixels-{name}.npy", np.stack(some))
            np.save(folder / f"owner-{name}.npy", np.stack(owner[shape]))
    content = {"things": {"x".join(map(str, shape)): some for shape, some in things.items()}, "rows": rows}
    (folder / "rows.json").write_text(json.dumps(content), encoding="utf-8")


def load(name: str) -> Part:
    """A part that was rendered, its pixels mapped from the file."""
    folder = FOLDER / name
    content = json.loads((folder / "rows.json").read_text(encoding="utf-8"))
    rows = [Row(row[0], tuple(row[1]), row[2], tuple(row[3]), *row[4:]) for row in content["rows"]]
    things = {
        tuple(map(int, shape.split("x"))): [[Thing(*thing) for thing in one] for one in some]
        for shape, some in content["things"].items()
    }
    maps: dict[str, dict[tuple[int, int], np.ndarray]] = {"pixels": {}, "owner": {}}
    for shape in things:
        for kind, found in maps.items():
            path = folder / f"{kind}-{shape[0]}x{shape[1]}.npy"
            if path.exists():
                found[shape] = np.load(path, mmap_mode="r")
    return Part(maps["pixels"], maps["owner"], things, rows)


# easy-vqa (Zhou 2019, MIT): one shape in one colour, 64x64


@cache
def easy_folder() -> Path:
    return sources.pip_package("easy-vqa", "1.0") / "easy_vqa" / "data"


def easy_questions(split: str) -> list[tuple[str, str, int]]:
    """(question, answer, number of the picture) of the official split, "train" or "test"."""
    path = easy_folder() / split / "questions.json"
    return [(row[0], row[1], row[2]) for row in json.loads(path.read_text(encoding="utf-8"))]


def easy_image(split: str, number: int) -> Image.Image:
    return Image.open(easy_folder() / split / "images" / f"{number}.png").convert("RGB")


def write_easy(split: str, numbers: range, name: str) -> None:
    """easy-vqa's pictures at our size. Where the shape is, its pixels say; what it is, the answers that name it."""
    pixels, owner, things = [], [], []
    known: dict[int, dict[str, str]] = {}
    questions = [row for row in easy_questions(split) if row[2] in numbers]
    for question, answer, number in questions:
        if question.startswith("what"):
            known.setdefault(number, {})["colour" if answer in COLOUR_WORDS else "kind"] = answer
    for number in numbers:
        image = easy_image(split, number)
        array = np.asarray(image).astype(int)
        shape = np.abs(array - array[0, 0]).sum(-1) > 60
        y, x = (np.nonzero(shape)[axis] / 64 for axis in (0, 1))
        about = known.get(number, {})
        sides = (x.max() - x.min(), y.max() - y.min()) if len(x) else (0.0, 0.0)
        middle = (x.mean(), y.mean()) if len(x) else (0.5, 0.5)
        things.append([Thing(about.get("kind", ""), *middle, *sides, about.get("colour", ""))])
        owner.append(asked_pictures.grid(np.where(shape, 0, NOTHING), 64 * PATCH // SQUARE[0]))
        resized = image.resize(SQUARE[::-1], Image.Resampling.BICUBIC)
        pixels.append(np.asarray(resized).transpose(2, 0, 1))
    rows = [
        Row(number - numbers.start, SQUARE, question, (answer,), "easy-vqa", "en", 1)
        for question, answer, number in questions
    ]
    save(FOLDER / name, {SQUARE: pixels}, {SQUARE: owner}, {SQUARE: things}, rows)


def texts(count: int) -> list[str]:
    """Training questions without pictures, for the tokenizer; and those of easy-vqa."""
    rng = random.Random(SEED + 10)
    sprites, asker = asked_pictures.Sprites("train", rng), Asker("train", rng)
    found = [question for question, _, _ in easy_questions("train")]
    for _ in range(count):
        planned = asked_pictures.plan(sprites, 1.0, 1.0)
        things = [Thing(kind, x, y, side, side, colour or "red") for kind, colour, (x, y, side) in planned]
        found += [asked.question for asked in asker.questions(things, 8)]
    return found


def make() -> None:
    """Everything, but what is there already."""
    easy = 1 + max(number for _, _, number in easy_questions("train"))
    jobs: list[tuple[str, Any]] = [
        ("easy-train", lambda: write_easy("train", range(easy - EASY_DEV), "easy-train")),
        ("easy-dev", lambda: write_easy("train", range(easy - EASY_DEV, easy), "easy-dev")),
        ("easy-test", lambda: write_easy("test", range(1000), "easy-test")),
    ]
    jobs += [
        (part, lambda part=part, step=step: write(part, COUNTS[part], SEED + step, part))
        for step, part in enumerate(("dev", "test", "train"))
    ]
    grounds = asked_pictures.SCENERY
    jobs.append(("scenery", lambda: write("train", COUNTS["scenery"], SEED + 5, "scenery", grounds)))
    for name, job in jobs:
        if not (FOLDER / name / "rows.json").exists() and (len(sys.argv) < 2 or name in sys.argv[1:]):
            job()


if __name__ == "__main__":
    make()
    print(len(KINDS), "kinds", flush=True)
