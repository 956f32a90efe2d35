"""What a data set says about the objects in a picture (COCO's two formats) -> the labels that DETR is trained with.

    {"image_id": 1, "annotations": [{"bbox": [x, y, width, height], "category_id": 3, ...}, ...]}       coco_detection
    {"image_id": 1, "file_name": "1.png", "segments_info": [{"id": 7, "category_id": 3, ...}, ...]}     coco_panoptic

In a panoptic PNG the colour of a pixel is the id of its segment: red + 256 green + 65,536 blue.

Shapes: N objects, Y rows, X columns.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ..i18n import said, spoken
from ..utils.errors import sentence

Size = tuple[int, int]
Labels = dict[str, Any]

EXPECTED = {
    "coco_detection": "{'image_id': 1, 'annotations': [{'bbox': [x, y, width, height], 'category_id': 3}]}",
    "coco_panoptic": "{'image_id': 1, 'file_name': '1.png', 'segments_info': [{'id': 7, 'category_id': 3}]}",
}
FINE = 5  # parts of a pixel that a polygon's corners are rounded to, as COCO's own tools do


def as_annotations(given: Any, pictures: int, form: str) -> list[Mapping[str, Any]]:
    """One annotation or a list of them -> one for each picture, looked at from outside."""
    rows = [given] if isinstance(given, Mapping) else list(given)
    if len(rows) != pictures:
        raise spoken(
            ValueError,
            "there are {pictures} pictures and {rows} annotations; give one for each picture, with an empty list where "
            "nothing is in it",
            pictures=pictures,
            rows=len(rows),
        )
    for index, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise _wrong(index, form, said("it is a {kind}", kind=type(row).__name__))
        items = row.get("annotations" if form == "coco_detection" else "segments_info", 0)
        needs_file = form == "coco_panoptic" and "file_name" not in row
        if not isinstance(items, list | tuple) or needs_file or not ("image_id" in row or "id" in row):
            raise _wrong(index, form, said("it has {names}", names=", ".join(map(repr, row))))
    return rows


def _wrong(index: int, form: str, why: str) -> ValueError:
    return spoken(
        ValueError,
        "annotation {index} is none of the format {form!r} ({why}); expected {expected}",
        index=index,
        form=form,
        why=why,
        expected=EXPECTED[form],
    )


def prepare(row: Mapping[str, Any], index: int, form: str, size: Size, masks: bool, folder: Any) -> Labels:
    """One annotation -> labels in pixels of a picture of this size; boxes are corners (x1, y1, x2, y2)."""
    try:
        if form == "coco_detection":
            return _detection(row, size, masks)
        return _panoptic(row, size, masks, folder)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        if hasattr(error, "english"):
            raise
        missing = said("{name!r} is missing", name=error.args[0]) if isinstance(error, KeyError) else sentence(error)
        raise _wrong(index, form, missing) from None


def _detection(row: Mapping[str, Any], size: Size, masks: bool) -> Labels:
    height, width = size
    objects = [one for one in row["annotations"] if not one.get("iscrowd", 0)]
    boxes = np.asarray([one["bbox"] for one in objects], np.float32).reshape(-1, 4)  # (N, 4) x, y, width, height
    area = np.asarray([one.get("area", one["bbox"][2] * one["bbox"][3]) for one in objects], np.float32)
    boxes[:, 2:] += boxes[:, :2]
    boxes[:, 0::2] = boxes[:, 0::2].clip(0, width)
    boxes[:, 1::2] = boxes[:, 1::2].clip(0, height)
    keep = (boxes[:, 3] > boxes[:, 1]) & (boxes[:, 2] > boxes[:, 0])  # what lies outside has no box
    labels = {
        "image_id": np.asarray([row["image_id"] if "image_id" in row else row["id"]], np.int64),
        "class_labels": np.asarray([one["category_id"] for one in objects], np.int64)[keep],
        "boxes": boxes[keep],
        "area": area[keep],
        "iscrowd": np.zeros(int(keep.sum()), np.int64),
        "orig_size": np.asarray(size, np.int64),
    }
    if objects and "keypoints" in objects[0]:
        points = np.asarray([one["keypoints"] for one in objects], np.float32)[keep]
        labels["keypoints"] = points.reshape(-1, 3) if len(points) else points
    if masks:
        drawn = [polygons_to_mask(one["segmentation"], size) for one in objects]
        labels["masks"] = np.asarray(drawn, bool).reshape(-1, *size)[keep]  # (N, Y, X)
    return labels


def _panoptic(row: Mapping[str, Any], size: Size, masks: bool, folder: Any) -> Labels:
    segments = row["segments_info"]
    ids = _segment_ids(Path(folder or ".") / row["file_name"], size)
    each = ids == np.asarray([one["id"] for one in segments], np.int64)[:, None, None]  # (N, Y, X)
    labels = {
        "image_id": np.asarray([row["image_id"] if "image_id" in row else row["id"]], np.int64),
        "orig_size": np.asarray(size, np.int64),
        "boxes": masks_to_boxes(each),
        "class_labels": np.asarray([one["category_id"] for one in segments], np.int64),
        "iscrowd": np.asarray([one.get("iscrowd", 0) for one in segments], np.int64),
        "area": np.asarray([one.get("area", mask.sum()) for one, mask in zip(segments, each, strict=True)], np.float32),
    }
    return {**labels, "masks": each} if masks else labels


def _segment_ids(path: Path, size: Size) -> np.ndarray:
    """A panoptic PNG -> the id of the segment of each pixel (Y, X)."""
    if not path.is_file():
        raise spoken(
            FileNotFoundError,
            "there is no file {path!r} with the segments of a picture; masks_path is the folder that has such files",
            path=os.fspath(path),
        )
    with Image.open(path) as picture:
        colours = np.asarray(picture.convert("RGB"), np.int64)  # (Y, X, C)
    if colours.shape[:2] != size:
        raise spoken(
            ValueError,
            "the segments in {path!r} have the size {found}, their picture has {size}",
            path=os.fspath(path),
            found=colours.shape[:2],
            size=size,
        )
    return colours @ np.asarray([1, 256, 65_536])


def masks_to_boxes(masks: np.ndarray) -> np.ndarray:
    """Masks (N, Y, X) -> the corners of their boxes (N, 4): first and last column, first and last row."""
    boxes = np.zeros((len(masks), 4), np.float32)
    for box, mask in zip(boxes, masks, strict=True):
        columns, rows = np.flatnonzero(mask.any(0)), np.flatnonzero(mask.any(1))
        if len(rows):
            box[:] = columns[0], rows[0], columns[-1], rows[-1]
    return boxes


def polygons_to_mask(polygons: Sequence[Sequence[float]], size: Size) -> np.ndarray:
    """Polygons [x, y, x, y, ...] of one object -> its mask (Y, X), pixel for pixel that of COCO's own tools."""
    height, width = size
    mask = np.zeros(size, bool)
    for polygon in polygons:
        corners = np.asarray(polygon, np.float64).reshape(-1, 2)
        # The outline crosses a column at some row: from there on downwards pixels change between outside and inside.
        changes = np.bincount(_crossings(corners, size), minlength=height * width + 1)[:-1]
        mask |= (np.cumsum(changes) % 2).reshape(width, height).T.astype(bool)
    return mask


def _crossings(corners: np.ndarray, size: Size) -> np.ndarray:
    """Where an outline crosses the middle of a column of pixels, as column * height + row."""
    height, width = size
    fine = (FINE * corners + 0.5).astype(np.int64)
    xs, ys = [], []
    for (x0, y0), (x1, y1) in zip(fine, np.roll(fine, -1, 0), strict=True):
        steps = max(abs(x1 - x0), abs(y1 - y0))
        if steps == 0:
            xs.append(np.asarray([x0]))
            ys.append(np.asarray([y0]))
            continue
        flat = abs(x1 - x0) >= abs(y1 - y0)
        backwards = x0 > x1 if flat else y0 > y1  # lines are drawn from left to right, or from top to bottom
        (a0, b0), (a1, b1) = ((x1, y1), (x0, y0)) if backwards else ((x0, y0), (x1, y1))
        t = np.arange(steps + 1)
        other = ((b0 + (b1 - b0) / steps * t) if flat else (a0 + (a1 - a0) / steps * t)) + 0.5
        x, y = (t + a0, other.astype(np.int64)) if flat else (other.astype(np.int64), t + b0)
        xs.append(x[::-1] if backwards else x)
        ys.append(y[::-1] if backwards else y)
    x, y = np.concatenate(xs), np.concatenate(ys)
    moved = np.flatnonzero(x[1:] != x[:-1]) + 1
    column = (np.where(x[moved] < x[moved - 1], x[moved], x[moved] - 1) + 0.5) / FINE - 0.5
    row = np.ceil(np.clip((np.minimum(y[moved], y[moved - 1]) + 0.5) / FINE - 0.5, 0, height)).astype(np.int64)
    usable = (column == np.floor(column)) & (column >= 0) & (column <= width - 1)
    return column[usable].astype(np.int64) * height + row[usable]


def resized(labels: Labels, before: Size, after: Size) -> Labels:
    """The same labels for the picture at another size."""
    y, x = after[0] / before[0], after[1] / before[1]
    changed = {**labels, "size": after, "boxes": labels["boxes"] * np.asarray([x, y, x, y], np.float32)}
    changed["area"] = (labels["area"] * (x * y)).astype(np.float32)
    if "masks" in labels:
        small = [
            np.asarray(Image.fromarray(mask.astype(np.uint8)).resize((after[1], after[0]), Image.Resampling.NEAREST))
            for mask in labels["masks"]
        ]
        changed["masks"] = np.asarray(small, bool).reshape(-1, *after)
    return changed


def relative(labels: Labels, size: Size) -> Labels:
    """Boxes from corners in pixels to (centre x, centre y, width, height) from 0 to 1."""
    x1, y1, x2, y2 = labels["boxes"].T
    boxes = np.stack([(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1], -1)  # (N, 4)
    return {**labels, "boxes": (boxes / np.asarray([size[1], size[0]] * 2, np.float32)).astype(np.float32)}


def padded(labels: Labels, size: Size, whole: Size, is_relative: bool) -> Labels:
    """The same labels for the picture in the upper left corner of a larger one."""
    changed = {**labels, "size": whole}
    if is_relative:
        y, x = size[0] / whole[0], size[1] / whole[1]
        changed["boxes"] = (labels["boxes"] * np.asarray([x, y, x, y])).astype(np.float32)
    if "masks" in labels:
        changed["masks"] = np.pad(labels["masks"], ((0, 0), (0, whole[0] - size[0]), (0, whole[1] - size[1])))
    return changed
