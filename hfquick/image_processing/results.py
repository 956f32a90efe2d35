"""What DETR returns -> boxes in pixels, and maps of segments: in NumPy, for both frameworks.

Results equal those of transformers' DetrImageProcessor, in less memory: masks are enlarged one after the other, and of
all of them only the winner of each pixel is kept.

Shapes: B pictures, Q queries, L labels and one for "no object"; y rows and x columns of masks, Y and X of a picture.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..i18n import said, spoken
from ..utils.arrays import softmax, to_numpy
from ..utils.fields import PROBABILITY, Range, check_field

Size = tuple[int, int]


def read(outputs: Any, *names: str) -> list[np.ndarray]:
    """These outputs of a model, as float32."""
    found = []
    for name in names:
        value = outputs.get(name) if isinstance(outputs, Mapping) else getattr(outputs, name, None)
        if value is None:
            advice = said("; masks come from DetrForSegmentation") if name == "pred_masks" else ""
            raise spoken(
                ValueError, "the outputs have no {name!r}{advice}; give what the model returned",
                name=name, advice=advice,
            )  # fmt: skip
        found.append(to_numpy(value).astype(np.float32, copy=False))
    return found


def as_sizes(target_sizes: Any, count: int) -> list[Size] | None:
    """(height, width) for each picture, from a list, an array or a tensor."""
    if target_sizes is None:
        return None
    rows = target_sizes if isinstance(target_sizes, list | tuple) else to_numpy(target_sizes)
    try:
        sizes = [(int(height), int(width)) for height, width in rows]
    except (TypeError, ValueError):
        sizes = []
    if len(sizes) != count or any(min(size) < 1 for size in sizes):
        raise spoken(
            ValueError,
            "target_sizes is {given!r}, expected (height, width) in pixels for each of the {count} pictures, as in "
            "[(480, 640)]",
            given=target_sizes,
            count=count,
        )
    return sizes


def check_thresholds(**thresholds: Any) -> None:
    """Raise ValueError for a threshold that is no probability."""
    for name, value in thresholds.items():
        check_field(name, value, float, PROBABILITY)


def detections(outputs: Any, threshold: float, target_sizes: Any, top_k: int | None) -> list[dict[str, np.ndarray]]:
    """For each picture `scores` (N,), `labels` (N,) and `boxes` (N, 4), corners x1, y1, x2, y2."""
    check_thresholds(threshold=threshold)
    check_field("top_k", top_k, int | None, Range(1))
    logits, boxes = read(outputs, "logits", "pred_boxes")
    sizes = as_sizes(target_sizes, len(logits))
    chances = softmax(logits)[..., :-1]  # (B, Q, L)
    scores, labels = chances.max(-1), chances.argmax(-1)
    centre, half = boxes[..., :2], boxes[..., 2:] * np.float32(0.5)
    corners = np.concatenate([centre - half, centre + half], -1)  # (B, Q, 4)
    if sizes is not None:
        corners = corners * np.asarray([(x, y, x, y) for y, x in sizes], np.float32)[:, None]
    results = []
    for score, label, box in zip(scores, labels, corners, strict=True):
        keep = np.flatnonzero(score > threshold)
        if top_k is not None:
            keep = keep[np.argsort(-score[keep], kind="stable")[:top_k]]
        results.append({"scores": score[keep], "labels": label[keep], "boxes": box[keep]})
    return results


def semantic_maps(outputs: Any, target_sizes: Any) -> list[np.ndarray]:
    """For each picture the label of each pixel (Y, X): the one whose queries' masks have the most weight there."""
    logits, masks = read(outputs, "logits", "pred_masks")
    sizes = as_sizes(target_sizes, len(logits)) or [masks.shape[-2:]] * len(logits)
    maps = []
    for rows, picture, size in zip(softmax(logits)[..., :-1], masks, sizes, strict=True):
        queries, *small = picture.shape
        weights = rows.T @ _sigmoid(picture).reshape(queries, -1)  # (L, y * x)
        maps.append(_winners(_enlarged(weights.reshape(-1, *small), size), size)[0])
    return maps


def segments(
    outputs: Any,
    threshold: float,
    mask_threshold: float,
    overlap: float,
    fused: Collection[int],
    target_sizes: Any,
) -> list[dict[str, Any]]:
    """For each picture `segmentation` (Y, X), the id of the segment of each pixel, and `segments_info` about them.

    Segments of a label in `fused` are one. Without any, all pixels are -1.
    """
    check_thresholds(threshold=threshold, mask_threshold=mask_threshold, overlap_mask_area_threshold=overlap)
    logits, masks = read(outputs, "logits", "pred_masks")
    sizes = as_sizes(target_sizes, len(logits)) or [masks.shape[-2:]] * len(logits)
    chances = softmax(logits)  # (B, Q, L + 1)
    results = []
    for rows, picture, size in zip(chances, masks, sizes, strict=True):
        scores, labels = rows.max(-1), rows.argmax(-1)
        keep = (labels != logits.shape[-1] - 1) & (scores > threshold)
        if not keep.any():
            results.append({"segmentation": np.full(size, -1, np.int32), "segments_info": []})
            continue
        results.append(
            _segments(_sigmoid(picture[keep]), scores[keep], labels[keep], size, mask_threshold, overlap, fused)
        )
    return results


def _segments(
    masks: np.ndarray,
    scores: np.ndarray,
    labels: np.ndarray,
    size: Size,
    mask_threshold: float,
    overlap: float,
    fused: Collection[int],
) -> dict[str, Any]:
    areas = []

    def weighted() -> Iterator[np.ndarray]:
        for mask, score in zip(_enlarged(masks, size), scores, strict=True):
            mask *= score
            areas.append(int((mask >= mask_threshold).sum()))
            yield mask

    owners, won = _winners(weighted(), size)
    segmentation = np.zeros(size, np.int32)
    infos: list[dict[str, Any]] = []
    shared: dict[int, int] = {}  # label that is fused -> its segment
    current = 0
    for query, label in enumerate(labels.tolist()):
        # A segment that lost most of its pixels to others is what is left of a wrong one.
        kept = np.float32(won[query]) / np.float32(areas[query] or np.inf)  # in float32, as torch: 4 of 5 are above 0.8
        if float(kept) <= overlap:
            continue
        current = shared[label] if label in shared else current + 1
        if label in fused:
            shared[label] = current
        segmentation[owners == query] = current
        score = round(float(scores[query]), 6)
        infos.append({"id": current, "label_id": label, "was_fused": label in fused, "score": score})
    return {"segmentation": segmentation, "segments_info": infos}


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 0.5 * (np.tanh(0.5 * values) + 1)  # of large numbers, too


def _winners(maps: Iterator[np.ndarray], size: Size) -> tuple[np.ndarray, np.ndarray]:
    """Maps (Y, X) one after the other -> which has the highest value at each pixel, and how many pixels each won."""
    best, owner = np.full(size, -np.inf, np.float32), np.zeros(size, np.int64)
    count = 0
    for index, values in enumerate(maps):
        higher = values > best
        np.copyto(best, values, where=higher)
        owner[higher] = index
        count = index + 1
    return owner, np.bincount(owner.ravel(), minlength=count)


def _enlarged(maps: Sequence[np.ndarray] | np.ndarray, size: Size) -> Iterator[np.ndarray]:
    """Each map (y, x) at another size (Y, X), by bilinear interpolation between the centres of pixels.

    As torch's interpolate with align_corners=False: where a map gets smaller, values are picked and not averaged.
    """
    if tuple(maps[0].shape) == tuple(size):
        yield from (np.array(one) for one in maps)
        return
    upper, lower, down = _neighbours(maps[0].shape[0], size[0])
    left, right, across = _neighbours(maps[0].shape[1], size[1])
    for one in maps:
        wide = one[:, left] * (1 - across) + one[:, right] * across  # (y, X)
        yield wide[upper] * (1 - down)[:, None] + wide[lower] * down[:, None]  # (Y, X)


def _neighbours(before: int, after: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each new pixel the two old ones beside its centre, and how near the second is."""
    place = np.maximum((np.arange(after, dtype=np.float32) + 0.5) * np.float32(before / after) - 0.5, 0)
    first = np.minimum(place.astype(np.int64), before - 1)
    return first, np.minimum(first + 1, before - 1), (place - first).astype(np.float32)


def run_lengths(segmentation: np.ndarray) -> list[list[int]]:
    """A map of segments -> for each id in it, the lowest first, COCO's run-length encoding [start, length, ...]."""
    encoded = []
    for index in np.unique(segmentation):
        pixels = np.concatenate([[0], (segmentation == index).ravel().astype(np.int8), [0]])
        runs = np.flatnonzero(pixels[1:] != pixels[:-1]) + 1
        runs[1::2] -= runs[::2]
        encoded.append(runs.tolist())
    return encoded
