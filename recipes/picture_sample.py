"""pictures-tiny: five musical instruments, a labelled set to fine-tune on; and a few pictures to try each task with.

    python -m recipes.picture_sample

Nothing is trained. The instruments are none of the classes of the embedded models, so nobody has seen them. The test
split has other designers than the train split, as the tests of those models have. Only designs under Apache-2.0, MIT
and CC-BY-4.0 are in here. The pictures to try are composed of designs that are in no training data of any model.
"""

import io
import json
import shutil
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from . import pictures, scenes, sources
from .common import HERE, SEED, ZOO, table
from .pictures import FREE, SETS

NAME = "pictures-tiny"
FILE = "picture_instruments.txt"
SIDE = 80
SPLITS = {"train": ("train", 5), "test": ("test", 5)}  # the part of the designers, pictures of each design
WIDTH, HEIGHT = 400, 300  # of the pictures to try


class Placed(NamedTuple):
    """A thing of a picture to try: the set and the name of the icon, the middle and the width of it, in pixels."""

    source: str
    name: str
    x: int
    y: int
    width: int
    mirror: bool = False


# Name of a picture to try -> a seed, kinds of background from top to bottom and where each begins, the things.
SAMPLES: dict[str, tuple[int, tuple[tuple[str, float], ...], tuple[Placed, ...]]] = {
    "cat": (7, (("wall", 0), ("floor", 0.62)), (Placed("fxemoji", "catside", 200, 165, 210),)),
    "boat": (0, (("sky", 0), ("water", 0.55)), (Placed("emojione", "sailboat", 200, 150, 190),)),
    "strawberry": (3, (("wall", 0),), (Placed("fxemoji", "strawberry", 205, 150, 190),)),
    "street": (
        6,
        (("sky", 0), ("grass", 0.5), ("road", 0.74)),
        (
            Placed("emojione", "house", 95, 120, 130),
            Placed("fxemoji", "deciduoustree", 320, 112, 130),
            Placed("emojione", "automobile", 250, 232, 120),
            Placed("fxemoji", "walking", 110, 222, 72),
        ),
    ),
    "meadow": (
        1,
        (("sky", 0), ("grass", 0.42)),
        (
            Placed("fxemoji", "cow", 110, 200, 140),
            Placed("emojione", "dog", 275, 222, 110),
            Placed("emojione", "bird", 300, 62, 70),
        ),
    ),
    "table": (
        3,
        (("wall", 0), ("floor", 0.5)),
        (
            Placed("fxemoji", "birthdaycake", 95, 150, 130),
            Placed("emojione", "hot-beverage", 225, 182, 100),
            Placed("fxemoji", "redapple", 325, 190, 84),
        ),
    ),
}

Row = tuple[bytes, int]  # a PNG, the number of its label


def sample(name: str) -> np.ndarray:
    """A picture to try, (HEIGHT, WIDTH, 3) of uint8."""
    seed, kinds, things = SAMPLES[name]
    rng = np.random.default_rng([seed, *name.encode()])
    picture = np.zeros((HEIGHT, WIDTH, 3))
    for kind, start in kinds:
        top = round(start * HEIGHT)
        picture[top:] = scenes.DRAW[kind](rng, WIDTH)[: HEIGHT - top]
    picture = picture.clip(0, 255) / 255
    for one in things:
        image = pictures.rendered(pictures.icons(one.source)[one.name], 512)
        image = image.crop(image.getchannel("A").getbbox())
        size = one.width, round(one.width * image.height / image.width)
        image = image.convert("RGBa").resize(size, Image.Resampling.LANCZOS)
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if one.mirror else image
        left, top = one.x - size[0] // 2, one.y - size[1] // 2
        where = slice(top, top + size[1]), slice(left, left + size[0])
        foot = np.exp(-(((np.arange(WIDTH)[None] - one.x) / (0.45 * size[0])) ** 2))
        foot = foot * np.exp(-(((np.arange(HEIGHT)[:, None] - (top + size[1] - 4)) / 9) ** 2))
        on_ground = kinds[-1][0] not in ("wall", "water") and top + size[1] > kinds[-1][1] * HEIGHT
        picture = picture * (1 - 0.35 * foot[..., None] * on_ground)
        picture[where] = scenes.paste(picture[where], np.asarray(image) / 255)
    return (picture.clip(0, 1) * 255).astype(np.uint8)


def write_samples(folder: Path) -> None:
    """The pictures to try, and a line for each that says whose designs are in it."""
    folder.mkdir(parents=True)
    lines = [
        "# Pictures to try",
        "",
        "Composed of emoji by `recipes/picture_sample.py`: rendered, scaled and placed, which is a change. No embedded",
        "model was trained on any picture by these designers.",
        "",
    ]
    for name, (_, _, things) in SAMPLES.items():
        image = Image.fromarray(sample(name)).quantize(200, dither=Image.Dither.NONE)
        image.save(folder / f"{name}.png", optimize=True)
        used = dict.fromkeys(SETS[one.source] for one in things)
        lines.append(f"- `{name}.png`: {', '.join(one.name for one in things)}; {credits_of(list(used))}")
    (folder / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def png(array: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(array).save(out, "PNG", optimize=True)
    return out.getvalue()


def compose(rng: np.random.Generator, cutout: np.ndarray, size: int) -> np.ndarray:
    """One instrument over a background, or on one colour: (size, size, 3) of uint8, quiet enough for a small file."""
    side = size * rng.uniform(0.65, 0.95)
    slack = (size - side) / 2
    centre = size / 2 + rng.uniform(-slack, slack), size / 2 + rng.uniform(-slack, slack)
    thing = scenes.turned(cutout, size, side, centre, rng.normal() * 0.15, rng.random() < 0.5, 1.0)
    behind = quiet(rng, size)
    shade = scenes.shadow(rng, thing[..., 3]) if rng.random() < 0.5 else None
    return (scenes.paste(behind, thing, shade).clip(0, 1) * 255).astype(np.uint8)


def quiet(rng: np.random.Generator, size: int) -> np.ndarray:
    """A background of 0 to 1 without grain: one colour, or two that run into each other."""
    one, other = (scenes.colour(rng, *((60, 255),) * 3) / 255 for _ in range(2))
    if rng.random() < 0.4:
        return np.full((size, size, 3), 1.0 if rng.random() < 0.5 else one, np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[:size, :size] / size - 0.5
    return scenes.mixed(0.5 + np.cos(angle) * x + np.sin(angle) * y, one, other).astype(np.float32)


def rows() -> dict[str, list[Row]]:
    """Split -> its rows, shuffled, as many of each class."""
    cutouts, arrays = pictures.render(FILE)
    names = list(pictures.classes(FILE))
    found: dict[str, list[Row]] = {}
    for split, (part, times) in SPLITS.items():
        rng = np.random.default_rng([SEED, len(split)])
        found[split] = []
        for number, cutout in enumerate(cutouts):
            if cutout.part == part and cutout.licence in FREE:
                for _ in range(times):
                    found[split].append((png(compose(rng, arrays[number], SIDE)), names.index(cutout.label)))
        found[split] = [found[split][place] for place in rng.permutation(len(found[split]))]
    return found


def write(splits: dict[str, list[Row]], folder: Path) -> dict[str, object]:
    """The Parquet files, one for each split -> what the card's front matter says about them."""
    from datasets import ClassLabel, Dataset, Features
    from datasets import Image as ImageColumn

    names = list(pictures.classes(FILE))
    features = Features({"image": ImageColumn(), "label": ClassLabel(names=names)})
    (folder / "data").mkdir(parents=True)
    infos = []
    for split, found in splits.items():
        data = {"image": [{"bytes": one, "path": None} for one, _ in found], "label": [label for _, label in found]}
        dataset = Dataset.from_dict(data, features=features)
        dataset.to_parquet(folder / "data" / f"{split}-00000-of-00001.parquet")
        infos.append({"name": split, "num_bytes": dataset.data.nbytes, "num_examples": len(found)})
    labels = {str(number): name for number, name in enumerate(names)}
    return {
        "features": [
            {"name": "image", "dtype": "image"},
            {"name": "label", "dtype": {"class_label": {"names": labels}}},
        ],
        "splits": infos,
        "download_size": sum(path.stat().st_size for path in (folder / "data").iterdir()),
        "dataset_size": sum(info["num_bytes"] for info in infos),
    }


def baseline(splits: dict[str, list[Row]]) -> float:
    """Accuracy on the test split of a linear classifier of colours and edges."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from .things import SIDE as SMALL
    from .things import described

    both = {}
    for split, found in splits.items():
        images = [Image.open(io.BytesIO(one)).resize((SMALL, SMALL), Image.Resampling.BILINEAR) for one, _ in found]
        both[split] = described(np.stack([np.asarray(image) for image in images])), [label for _, label in found]
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=300))
    model.fit(*both["train"])
    return float(model.score(*both["test"]))


def write_card(splits: dict[str, list[Row]], info: dict[str, object], folder: Path) -> None:
    """README.md from `cards/pictures-tiny.md` and the Hub's front matter (JSON values are YAML too)."""
    front = {
        "license": "cc-by-4.0",
        "pretty_name": "Five musical instruments, a small sample",
        "task_categories": ["image-classification"],
        "size_categories": ["n<1K"],
        "tags": ["education", "emoji"],
        "configs": [
            {
                "config_name": "default",
                "data_files": [{"split": split, "path": f"data/{split}-*"} for split in splits],
            }
        ],
        "dataset_info": info,
    }
    used = {
        part: [row for row in SETS.values() if row.part == part and row.licence in FREE] for part, _ in SPLITS.values()
    }
    values = {
        "name": NAME,
        "side": SIDE,
        "seed": SEED,
        "classes": ", ".join(pictures.classes(FILE)),
        "sizes": table(
            ("split", "pictures", "of each class", "designs by"),
            [
                (split, len(found), len(found) // len(pictures.classes(FILE)), credits_of(used[SPLITS[split][0]]))
                for split, found in splits.items()
            ],
        ),
        "baseline": baseline(splits),
        "guess": 1 / len(pictures.classes(FILE)),
        "tests": len(splits["test"]),
        "megabytes": info["download_size"] / 1e6,
    }
    body = (HERE / "cards" / f"{NAME}.md").read_text(encoding="utf-8").format(**values)
    head = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in front.items()]
    (folder / "README.md").write_text("---\n" + "\n".join(head) + "\n---\n\n" + body, encoding="utf-8")
    print(body)


def credits_of(rows: list[pictures.Set]) -> str:
    return "; ".join(f"{row.credit} ({row.licence})" for row in rows)


def main() -> None:
    folder = sources.WORK / NAME
    shutil.rmtree(folder, ignore_errors=True)
    splits = rows()
    write_card(splits, write(splits, folder), folder)
    shutil.rmtree(ZOO / NAME, ignore_errors=True)
    shutil.copytree(folder, ZOO / NAME)
    shutil.rmtree(ZOO / "pictures", ignore_errors=True)
    write_samples(ZOO / "pictures")
    for name in (NAME, "pictures"):
        shutil.copyfile(HERE / "cards" / "pictures-licences.txt", ZOO / name / "LICENSE.txt")


if __name__ == "__main__":
    main()
