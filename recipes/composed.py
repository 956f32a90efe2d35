"""Composed scenes as a detector and a segmenter need them: rendered once, with what is where, and their scores.

    rows = composed.scenes_of("train", 16_000)

A thing is one of 30 of the classes of pictures; the kinds of background are "stuff", one region of each in a picture
(Kirillov et al. 2019, https://arxiv.org/abs/1801.00868). Both are objects to DETR, each with a class, a box and a mask.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from . import scenes
from .common import SEED
from .pictures import WORK, Cutouts
from .scenes import STUFF

SIDE = 128
THINGS = [
    *("person", "cat", "dog", "horse", "cow", "sheep", "pig", "elephant", "bird", "fish", "bicycle", "car", "bus"),
    *("truck", "train", "airplane", "boat", "tree", "flower", "house", "umbrella", "apple", "banana", "pizza", "cake"),
    *("cup", "bottle", "clock", "book", "ball"),
]
LABELS = [*THINGS, *STUFF]
MOST = 8  # objects of one picture: four things, three kinds of background
SMALLEST = 0.02  # of a picture: a region of background that is less is none
NOTHING = 255
SIDES, HARSH, SQUEEZED = (0.28, 0.65), 0.4, 0.4  # see scenes.compose


class Rows(NamedTuple):
    """N pictures (N, SIDE, SIDE, 3) and their objects.

    `segments` (N, SIDE, SIDE) says which of its picture's objects a pixel is of, NOTHING is none. `classes` (N, MOST)
    are numbers of LABELS, -1 beyond the last object; `boxes` (N, MOST, 4) are centre x, centre y, width, height, 0-1.
    """

    pictures: np.ndarray
    segments: np.ndarray
    classes: np.ndarray
    boxes: np.ndarray


def scenes_of(part: str, count: int, squeezed: bool = True) -> Rows:
    """`count` scenes of a part, drawn once and kept in the work folder; things are `squeezed` or as they were drawn."""
    name = f"{'squeezed' if squeezed else 'scenes'}-{part}-{count}"
    paths = [WORK / f"{name}-{field}.npy" for field in Rows._fields]
    if not paths[-1].exists():
        behind, stuff = scenes.backgrounds(f"{part}-scenes", max(400, count // 4), SIDE)
        cutouts = Cutouts(part, lambda row: row.label in THINGS)
        rng = np.random.default_rng([SEED, len(name), *name.encode()])
        images = np.lib.format.open_memmap(paths[0], "w+", np.uint8, (count, SIDE, SIDE, 3))
        segments = np.lib.format.open_memmap(paths[1], "w+", np.uint8, (count, SIDE, SIDE))
        classes, boxes = np.full((count, MOST), -1, np.int64), np.zeros((count, MOST, 4), np.float32)
        for place in range(count):
            number = rng.integers(len(behind))
            flip = slice(None, None, 1 - 2 * int(rng.integers(2)))
            scene = scenes.compose(
                rng,
                cutouts,
                behind[number][:, flip],
                stuff[number][:, flip],
                sides=SIDES,
                harsh=HARSH,
                squeezed=SQUEEZED * squeezed,
            )
            images[place] = scene.picture
            segments[place], classes[place], boxes[place] = objects(scene)
        np.save(paths[2], classes)
        np.save(paths[3], boxes)
    return Rows(*(np.load(path, mmap_mode="r" if place < 2 else None) for place, path in enumerate(paths)))


def objects(scene: scenes.Scene) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A scene -> its segments (Y, X), classes (MOST,) and boxes (MOST, 4)."""
    masks = [*scene.masks]
    numbers = [LABELS.index(label) for label in scene.labels]
    free = ~scene.masks.any(0)
    for kind in np.unique(scene.stuff):
        region = free & (scene.stuff == kind)
        if kind < len(STUFF) and region.mean() > SMALLEST:
            masks.append(region)
            numbers.append(len(THINGS) + int(kind))
    segments = np.full(free.shape, NOTHING, np.uint8)
    for place, mask in enumerate(masks[:MOST]):
        segments[mask] = place
    classes, boxes = np.full(MOST, -1, np.int64), np.zeros((MOST, 4), np.float32)
    classes[: len(numbers)] = numbers[:MOST]
    corners = scenes.extents(np.stack(masks[:MOST])) / free.shape[0]
    boxes[: len(corners)] = centred(corners)
    return segments, classes, boxes


def centred(corners: np.ndarray) -> np.ndarray:
    """(left, top, right, bottom) (..., 4) -> (centre x, centre y, width, height)."""
    low, high = corners[..., :2], corners[..., 2:]
    return np.concatenate([(low + high) / 2, high - low], -1)


def cornered(boxes: np.ndarray) -> np.ndarray:
    """The way back."""
    centre, size = boxes[..., :2], boxes[..., 2:]
    return np.concatenate([centre - size / 2, centre + size / 2], -1)


# Scores


class Found(NamedTuple):
    """What a detector says of one picture: classes (Q,), how sure it is (Q,), corners (Q, 4) of 0 to 1."""

    classes: np.ndarray
    scores: np.ndarray
    boxes: np.ndarray


def iou(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Corners (M, 4) and (N, 4) -> intersection over union (M, N)."""
    low = np.maximum(one[:, None, :2], other[None, :, :2])
    high = np.minimum(one[:, None, 2:], other[None, :, 2:])
    shared = (high - low).clip(min=0).prod(-1)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(-1) for boxes in (one, other)]
    return shared / np.maximum(areas[0][:, None] + areas[1][None] - shared, 1e-9)


def average_precision(found: Sequence[Found], rows: Rows, least: float = 0.5) -> float:
    """Mean over the things of the area under precision and recall, as COCO's AP at one overlap: AP50.

    A detection is right if it has the class of a thing that it overlaps enough, and no surer one has taken it.
    """
    corners = cornered(rows.boxes)
    scores: list[float] = []
    for number in range(len(THINGS)):
        total = int((rows.classes == number).sum())
        if not total:
            continue
        kept = [(float(score), place, box) for place, one in enumerate(found) for score, box in of_class(one, number)]
        taken: set[tuple[int, int]] = set()
        right = []
        for _, place, box in sorted(kept, key=lambda each: -each[0]):
            mine = np.nonzero(rows.classes[place] == number)[0]
            overlap = iou(box[None], corners[place][mine])[0] if len(mine) else np.zeros(0)
            best = int(overlap.argmax()) if len(mine) else -1
            hit = best >= 0 and overlap[best] >= least and (place, int(mine[best])) not in taken
            if hit:
                taken.add((place, int(mine[best])))
            right.append(hit)
        hits = np.cumsum(right) if right else np.zeros(1)
        recall, precision = hits / total, hits / (np.arange(len(hits)) + 1)
        precision = np.maximum.accumulate(precision[::-1])[::-1]
        steps = np.linspace(0, 1, 101)
        places = np.searchsorted(recall, steps)
        scores.append(float(np.mean([precision[p] if p < len(precision) else 0.0 for p in places])))
    return float(np.mean(scores))


def of_class(found: Found, number: int) -> list[tuple[float, np.ndarray]]:
    return [(s, box) for c, s, box in zip(found.classes, found.scores, found.boxes, strict=True) if c == number]


def panoptic_quality(found: Sequence[tuple[np.ndarray, np.ndarray]], rows: Rows) -> dict[str, float]:
    """PQ over things, over stuff, and the mean IoU of those segments of things that were found.

    `found` has for each picture a map (Y, X) of numbers of segments, -1 is none, and the classes of the segments.
    """
    hits, overlaps = np.zeros(len(LABELS)), np.zeros(len(LABELS))
    wrong, missed = np.zeros(len(LABELS)), np.zeros(len(LABELS))
    for (segments, classes), truth, wanted in zip(found, rows.segments, rows.classes, strict=True):
        taken = set()
        for number, kind in enumerate(classes):
            mask = segments == number
            best = 0.0
            for other in np.nonzero(wanted == kind)[0]:
                real = truth == other
                share = (mask & real).sum() / max(1, (mask | real).sum())
                if share > 0.5 and other not in taken:
                    best = share
                    taken.add(other)
                    break
            hits[kind] += best > 0
            overlaps[kind] += best
            wrong[kind] += best == 0
        for other, kind in enumerate(wanted):
            missed[kind] += kind >= 0 and other not in taken
    total = hits + (wrong + missed) / 2
    quality = np.where(total > 0, overlaps / np.maximum(total, 1e-9), np.nan)
    things = slice(0, len(THINGS))
    return {
        "things": float(np.nanmean(quality[things])),
        "stuff": float(np.nanmean(quality[len(THINGS) :])),
        "mask IoU": float(overlaps[things].sum() / max(1, hits[things].sum())),
    }
