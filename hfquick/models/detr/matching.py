"""Which query of DETR stands for which object: the assignment of least cost, in NumPy for both frameworks.

Carion et al. 2020, section 3.1. Each object of a picture gets one query, and each query one object at most; all other
queries stand for "no object".

Shapes: B pictures, Q queries, N objects of one picture. Boxes are (centre x, centre y, width, height), 0-1.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...i18n import said, spoken
from ...utils.errors import label_out_of_range, need
from .configuration_detr import DetrConfig

IGNORED = -100  # in the place of a class: no object
Pairs = tuple[np.ndarray, np.ndarray]  # queries (N,), in order, and the object of each (N,)


def match(
    logits: np.ndarray, boxes: np.ndarray, labels: Sequence[tuple[np.ndarray, np.ndarray]], config: DetrConfig
) -> list[Pairs]:
    """Predictions logits (B, Q, labels + 1) and boxes (B, Q, 4), objects' classes (N,) and boxes (N, 4) -> pairs.

    Raises ImportError without SciPy, ValueError for objects that cannot be, FloatingPointError for predictions of NaN.
    """
    for classes, wanted in labels:
        _check_objects(classes, wanted, config.num_labels)
    solve = need("scipy.optimize", said("the matching of queries with objects"), "scipy").linear_sum_assignment
    return [
        tuple(solve(cost(scores, found, *objects, config)))
        for scores, found, objects in zip(logits, boxes, labels, strict=True)
    ]


def match_padded(
    logits: np.ndarray, boxes: np.ndarray, classes: np.ndarray, wanted: np.ndarray, config: DetrConfig
) -> np.ndarray:
    """The same for classes (B, N) and boxes (B, N, 4) padded with IGNORED -> the query of each object, (B, N).

    -1 where there is no object, or no query is left for one.
    """
    queries = np.full(classes.shape, -1)
    there = [np.flatnonzero(each != IGNORED) for each in classes]
    labels = [(classes[number, places], wanted[number, places]) for number, places in enumerate(there)]
    for number, (query, objects) in enumerate(match(logits, boxes, labels, config)):
        queries[number, there[number][objects]] = query
    return queries


def cost(
    logits: np.ndarray, boxes: np.ndarray, classes: np.ndarray, wanted: np.ndarray, config: DetrConfig
) -> np.ndarray:
    """Cost (Q, N) of each query for each object of one picture: improbable class, far corners, little overlap."""
    scores = np.exp(logits - logits.max(-1, keepdims=True))  # (Q, labels + 1)
    probabilities = scores / scores.sum(-1, keepdims=True)
    distance = np.abs(boxes[:, None] - wanted).sum(-1)  # (Q, N)
    overlap = generalized_iou(corners(boxes)[:, None], corners(wanted))
    total = config.bbox_cost * distance - config.class_cost * probabilities[:, classes] - config.giou_cost * overlap
    if np.isnan(total).any():
        raise spoken(
            FloatingPointError,
            "DETR's predictions are NaN, so they match no object: its training went wrong; try a smaller learning rate",
        )
    return total


def corners(boxes: np.ndarray) -> np.ndarray:
    """(centre x, centre y, width, height) (..., 4) -> (left, top, right, bottom) (..., 4)."""
    centre, size = boxes[..., :2], boxes[..., 2:]
    return np.concatenate([centre - size / 2, centre + size / 2], -1)


def generalized_iou(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Corners (..., 4) of two boxes -> how much they overlap (...), from -1 to 1 (Rezatofighi et al. 2019).

    Overlap over union, less the part of the box around both that neither fills: so it also says how far apart two
    boxes are that do not overlap.
    """
    overlap = np.prod((np.minimum(one, other)[..., 2:] - np.maximum(one, other)[..., :2]).clip(0), -1)
    around = np.prod(np.maximum(one, other)[..., 2:] - np.minimum(one, other)[..., :2], -1)
    union = np.prod(one[..., 2:] - one[..., :2], -1) + np.prod(other[..., 2:] - other[..., :2], -1) - overlap
    return overlap / union - (around - union) / around


KEYS = {"class_labels": ("N",), "boxes": ("N", 4), "masks": ("N", "Y", "X")}  # of the labels of one picture


def check_labels(labels: Any, pictures: int | None, has_masks: bool) -> None:
    """Raise TypeError or ValueError unless labels are a dict of tensors for each picture, whose shapes fit together."""
    keys = dict(list(KEYS.items())[: 3 if has_masks else 2])
    if not isinstance(labels, list | tuple) or not all(hasattr(each, "keys") for each in labels):
        raise spoken(
            TypeError,
            "labels are a {kind}, expected a list with a dict for each picture: {keys}",
            kind=type(labels).__name__,
            keys=", ".join(f"{name!r} ({', '.join(map(str, shape))})" for name, shape in keys.items()),
        )
    if pictures is not None and len(labels) != pictures:
        raise spoken(
            ValueError,
            "there are {count} pictures and labels of {given}; a picture without objects has empty labels, (0,) and "
            "(0, 4)",
            count=pictures,
            given=len(labels),
        )
    for number, each in enumerate(labels):
        for name, expected in keys.items():
            if name not in each:
                raise spoken(
                    ValueError,
                    "labels of picture {number} have no {name!r}, they have {keys}",
                    number=number,
                    name=name,
                    keys=", ".join(map(repr, each)) or said("nothing"),
                )
            shape, count = tuple(each[name].shape), each["class_labels"].shape[0]
            wanted = tuple(count if size == "N" else size for size in expected)
            fits = len(shape) == len(wanted) and all(
                isinstance(size, str) or None in (found, size) or found == size
                for found, size in zip(shape, wanted, strict=True)
            )
            if not fits:
                raise spoken(
                    ValueError,
                    "labels of picture {number}: {name!r} has the shape {shape}, expected ({wanted})",
                    number=number,
                    name=name,
                    shape=shape,
                    wanted=", ".join(map(str, wanted)) + ("," if len(wanted) == 1 else ""),
                )


def _check_objects(classes: np.ndarray, boxes: np.ndarray, num_labels: int) -> None:
    """Raise ValueError for a class the model does not have, and for boxes that are no part of a picture."""
    if classes.size and not 0 <= classes.min() <= classes.max() < num_labels:
        raise label_out_of_range(int(classes.min() if classes.min() < 0 else classes.max()), num_labels)
    wrong = ~((boxes >= -1) & (boxes <= 2)).all(-1) | (boxes[:, 2:] < 0).any(-1)  # NaN is wrong, too
    if wrong.any():
        raise spoken(
            ValueError,
            "a box is {box}, expected centre x, centre y, width and height as parts of the picture, from 0 to 1; "
            "divide pixels by its width and height",
            box=[round(float(value), 3) for value in boxes[wrong][0]],
        )
