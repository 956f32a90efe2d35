"""Pictures of one thing each, for classifiers: rendered once, changed a little in every epoch; and the tests.

rows = things.Rows("train", 60_000)     # rows of a dataset for the Trainer, with things.Collator()
things.trials()                         # name -> (pictures, labels), none of a designer in the training data
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from . import pictures, scenes
from .common import SEED
from .pictures import WORK, Cutouts

SIDE = 64  # pixels of a picture's side
PLAIN = 0.15  # share of the pictures on one colour, as emoji and clip art come
CALM = 0.4  # the same of calm pictures
PHOTOGRAPHS = 0.3  # share of backgrounds that are pieces of photographs


def rendered(part: str, count: int, calm: bool = False) -> tuple[np.ndarray, ...]:
    """`count` pictures (count, SIDE, SIDE, 3) of uint8 and the numbers of their labels, drawn once and kept.

    `calm` ones are easy, see `scenes.calm`, and among them are icons of one colour. Backgrounds of the training are in
    no test.
    """
    plain = CALM if calm else PLAIN
    name = f"{'calm-icons' if calm else 'single'}-{part}-{count}-{plain:g}-all-{SEED}"
    path, numbers = WORK / f"{name}.npy", WORK / f"{name}-labels.npy"
    if not numbers.exists():
        train = part == "train"
        behind, _ = scenes.backgrounds(part, 6000 if train else 600, 96, PHOTOGRAPHS if train else 0.0)
        cutouts = Cutouts(part, with_icons=calm)
        rng = np.random.default_rng([SEED, len(name), *name.encode()])
        known = {label: number for number, label in enumerate(pictures.labels())}
        found = np.lib.format.open_memmap(path, "w+", np.uint8, (count, SIDE, SIDE, 3))
        labels = np.empty(count, np.int64)
        for place in range(count):
            label, cutout = cutouts.draw(rng)
            back = behind[rng.integers(len(behind))]
            top, left = rng.integers(0, 96 - SIDE + 1, 2)
            back = back[top : top + SIDE, left : left + SIDE]
            is_plain = rng.random() < plain
            if is_plain:
                shade = np.full(3, 255) if rng.random() < 0.6 else rng.integers(0, 256, 3)
                back = np.broadcast_to(shade.astype(np.uint8), back.shape)
            if calm:
                found[place] = scenes.calm(rng, cutout, back)
            else:
                found[place] = scenes.single(rng, cutout, back, plain=is_plain and rng.random() < 0.5)
            labels[place] = known[label]
        found.flush()
        np.save(numbers, labels)
    return np.load(path, mmap_mode="r"), np.load(numbers)


class Rows:
    """Rows of a dataset: a picture and its label, by number."""

    def __init__(self, arrays: np.ndarray, labels: Sequence[int] | np.ndarray) -> None:
        self.arrays, self.labels = arrays, labels

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, number: int) -> dict[str, Any]:
        return {"pixel_values": self.arrays[number], "labels": int(self.labels[number])}


class Collator:
    """Rows -> pixel_values (B, C, Y, X) from -1 to 1, and labels (B,).

    With `change`, pictures are mirrored, moved by a few pixels, and made brighter or darker, other ones in every epoch.
    With `wide`, things are also smaller, and narrow or broad, as they are once a photograph is made a square. `side` is
    their size in pixels, if it is another.
    """

    def __init__(self, change: bool = False, side: int = SIDE, wide: bool = False) -> None:
        self.change, self.side, self.wide = change, side, wide

    def __call__(self, rows: Sequence[dict[str, Any]]) -> dict[str, torch.Tensor]:
        pixels = torch.from_numpy(np.stack([row["pixel_values"] for row in rows])).permute(0, 3, 1, 2).float()
        labels = torch.tensor([row["labels"] for row in rows])
        pixels = changed(pixels, self.wide) if self.change else pixels
        return {"pixel_values": normalised(resized(pixels, self.side)), "labels": labels}


def resized(pixels: torch.Tensor, side: int) -> torch.Tensor:
    """Pictures (B, C, Y, X) in another size, as an image processor resizes them."""
    if pixels.shape[-1] == side:
        return pixels
    return torch.nn.functional.interpolate(pixels, size=(side, side), mode="bilinear", antialias=True)


def normalised(pixels: torch.Tensor) -> torch.Tensor:
    """0 to 255 -> -1 to 1, as preprocessor_config.json says: rescaled by 1 / 255, mean 0.5, standard deviation 0.5."""
    return pixels / 127.5 - 1


def changed(pixels: torch.Tensor, wide: bool = False) -> torch.Tensor:
    """Pictures (B, C, Y, X) of 0 to 255, some mirrored, moved, and in other colours; see Collator."""
    B, _, Y, X = pixels.shape
    mirror = torch.where(torch.rand(B) < 0.5, -1.0, 1.0)
    scale = torch.empty(B).uniform_(0.85, 1.4 if wide else 1.1)
    stretch = torch.empty(B).uniform_(-0.25, 0.25).exp() if wide else torch.ones(B)
    matrix = torch.zeros(B, 2, 3)
    matrix[:, 0, 0], matrix[:, 1, 1] = mirror * scale * stretch, scale / stretch
    matrix[:, :, 2] = torch.empty(B, 2).uniform_(-0.12, 0.12)
    grid = torch.nn.functional.affine_grid(matrix, [B, 3, Y, X], align_corners=False)
    moved = torch.nn.functional.grid_sample(pixels, grid, padding_mode="border", align_corners=False)
    # Some in grey, some in other colours: the channels change places.
    kind = torch.rand(B)
    turns = torch.eye(3)[torch.rand(B, 3).argsort(1)]
    grey = torch.full((3, 3), 1 / 3)
    colours = torch.where((kind < 0.15)[:, None, None], turns, torch.eye(3))
    colours = torch.where((kind > 0.85)[:, None, None], grey, colours)
    moved = torch.einsum("bij,bjyx->biyx", colours, moved)
    gain = torch.empty(B, 1, 1, 1).uniform_(0.8, 1.2) * torch.empty(B, 3, 1, 1).uniform_(0.92, 1.08)
    return (moved * gain).clamp(0, 255)


# Tests


def trials(part: str = "test") -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Name of a test -> its pictures (N, SIDE, SIDE, 3) and their labels."""
    rows, arrays = pictures.render()
    known = {label: number for number, label in enumerate(pictures.labels())}
    found: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    emoji = [n for n, row in enumerate(rows) if row.part == part and row.source in pictures.SETS]
    stamps = [n for n, row in enumerate(rows) if row.part == part and row.family == "tuxpaint-photograph"]
    drawn = [n for n, row in enumerate(rows) if row.part == part and row.family == "tuxpaint-drawing"]
    photographs = [n for n, row in enumerate(rows) if row.part == part and row.source == "gcompris"]
    rng = np.random.default_rng(SEED)
    behind, _ = scenes.backgrounds(part, 600, 96)
    for name, numbers, times, draw in (
        ("emoji, on white", emoji, 0, None),
        ("emoji, calm", emoji, 2, scenes.calm),
        ("emoji, small in a wide picture", emoji, 2, in_a_wide_one),
        ("emoji, over backgrounds", emoji, 3, scenes.single),
        ("stamps that are photographs, over backgrounds", stamps, 3, scenes.single),
        ("stamps that are drawings, over backgrounds", drawn, 3, scenes.single),
        ("photographs", photographs, 0, None),
    ):
        images = [] if draw else [whole(arrays[n]) for n in numbers]
        for number in numbers * times:
            back = behind[rng.integers(len(behind)), :SIDE, :SIDE]
            images.append(draw(rng, arrays[number], back))
        if numbers:
            found[name] = np.stack(images), np.array([known[rows[n].label] for n in numbers * max(1, times)])
    return found


def in_a_wide_one(rng: np.random.Generator, cutout: np.ndarray, behind: np.ndarray) -> np.ndarray:
    """A thing of about two thirds of the height of a picture of 4:3, somewhere in it, which is then made a square."""
    side, aspect = SIDE * rng.uniform(0.5, 0.8) * (3 / 4) ** 0.5, (4 / 3) ** 0.5
    slack = (SIDE - side * aspect) / 2
    centre = SIDE / 2 + rng.uniform(-slack, slack), SIDE / 2 + rng.uniform(-slack, slack)
    thing = scenes.turned(cutout, SIDE, side, centre, 0.0, rng.random() < 0.5, aspect)
    return (scenes.paste(behind / np.float32(255), thing).clip(0, 1) * 255).astype(np.uint8)


def whole(cutout: np.ndarray) -> np.ndarray:
    """A cut-out on white, with a narrow margin -> (SIDE, SIDE, 3)."""
    side = SIDE if cutout[..., 3].min() == 255 else SIDE * 0.9
    thing = scenes.turned(cutout, SIDE, side, (SIDE / 2, SIDE / 2), 0.0, False, 1.0)
    return (scenes.paste(np.ones((SIDE, SIDE, 3), np.float32), thing).clip(0, 1) * 255).astype(np.uint8)


@torch.inference_mode()
def logits(model: torch.nn.Module, images: np.ndarray, side: int = SIDE) -> np.ndarray:
    """Logits (N, labels) of a classifier for pictures (N, SIDE, SIDE, 3), brought to `side`."""
    model.eval()
    parts = [torch.from_numpy(images[start : start + 128].copy()) for start in range(0, len(images), 128)]
    with torch.autocast("cpu", torch.bfloat16):
        found = [
            model(pixel_values=normalised(resized(part.permute(0, 3, 1, 2).float(), side))).logits.float()
            for part in parts
        ]
    return torch.cat(found).numpy()


def baseline(train: tuple[np.ndarray, np.ndarray], tests: dict[str, tuple[np.ndarray, np.ndarray]]) -> dict[str, float]:
    """Accuracy of a linear classifier of small pictures and directions of edges, on each test."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=200))
    model.fit(described(train[0]), train[1])
    return {name: float(model.score(described(images), labels)) for name, (images, labels) in tests.items()}


def described(images: np.ndarray) -> np.ndarray:
    """Pictures (N, SIDE, SIDE, 3) -> vectors: colours of 8x8 pieces, and 8 directions of the edges in each."""
    N, cells, side = len(images), 8, SIDE // 8
    grey = np.asarray(images, np.float32).mean(-1) / 255
    down, right = np.gradient(grey, axis=(1, 2))
    strength, angle = np.hypot(down, right), np.arctan2(down, right) % np.pi
    bins = (angle / np.pi * 8).astype(int) % 8
    edges = np.stack([np.where(bins == b, strength, 0) for b in range(8)], -1)
    edges = edges.reshape(N, cells, side, cells, side, 8).mean((2, 4))
    edges = edges / (np.linalg.norm(edges, axis=-1, keepdims=True) + 0.02)
    colours = np.asarray(images, np.float32).reshape(N, cells, side, cells, side, 3).mean((2, 4)) / 255
    return np.concatenate([edges.reshape(N, -1), colours.reshape(N, -1)], 1)
