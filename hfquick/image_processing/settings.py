"""The fields of image processors: what each must be, and how older files wrote them."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..hub.preprocessors import Fields
from ..i18n import said
from ..utils.fields import Choice, Range, check_field, wrong

Keys = tuple[str, ...]

EXACT: Keys = ("height", "width")
EDGE: Keys = ("shortest_edge",)
EDGES: Keys = ("shortest_edge", "longest_edge")
WITHIN: Keys = ("max_height", "max_width")
OLDER: Keys = ("max_size", "pad_and_return_pixel_mask")  # names of fields until 2022
LONGEST = 1333  # pixels, the limit where a file of that time names none
MOST_EDGE = 16_384  # pixels; more is a mistake, or meant to fill the memory

KINDS: dict[str, Any] = {
    "do_resize": bool,
    "do_rescale": bool,
    "do_normalize": bool,
    "do_center_crop": bool,
    "do_pad": bool,
    "do_convert_rgb": bool | None,
    "do_convert_annotations": bool,
    "resample": int,
    "rescale_factor": float,
    "size_divisor": int,
    "format": str,
}
LIMITS: dict[str, Range | Choice] = {
    "resample": Range(0, 5),
    "rescale_factor": Range(above=0, most=1_000),
    "size_divisor": Range(1, 1_024),
    "format": Choice("coco_detection", "coco_panoptic"),
}


def renamed(given: Mapping[str, Any], sizes: tuple[Keys, ...], usual: Any) -> Fields:
    """Fields as any file or caller has them -> by their names of today; those that are None are left out.

    `sizes` are the tables that this processor takes for a size, its own kind first; `usual` is the size it has.
    """
    fields = {name: value for name, value in given.items() if value is not None}
    longest = fields.pop("max_size", None)
    if longest is not None:
        fields.setdefault("size", usual)
    if "size" in fields:
        fields["size"] = _size_table(fields["size"], longest, sizes)
    for name in ("crop_size", "pad_size"):
        if name in fields:
            fields[name] = _size_table(fields[name], None, (EXACT,))
    pads = fields.pop("pad_and_return_pixel_mask", None)
    if pads is not None:
        fields.setdefault("do_pad", pads)
    return fields


def _size_table(size: Any, longest: int | None, sizes: tuple[Keys, ...]) -> Any:
    """A number or a pair as a table: of a square, or of the shorter edge, with the limit of the longer one."""
    if isinstance(size, list | tuple) and len(size) == 2:
        return dict(zip(EXACT, size, strict=True))
    if isinstance(size, int) and not isinstance(size, bool):
        if sizes[0] == EXACT:
            return dict.fromkeys(EXACT, size)
        size = {"shortest_edge": size}
    if isinstance(size, dict) and EDGES in sizes and (longest is not None or tuple(size) == EDGE):
        return {**size, "longest_edge": LONGEST if longest is None else longest}
    return size


def checked(fields: Fields, sizes: tuple[Keys, ...]) -> Fields:
    """The same fields, in plain types; ValueError with a sentence about the first that cannot be."""
    fine: Fields = {}
    for name, value in fields.items():
        value = getattr(value, "value", value)  # of an enumeration
        if name in KINDS:
            check_field(name, value, KINDS[name], LIMITS.get(name))
        elif name == "size":
            check_size(name, value, sizes)
        elif name in ("crop_size", "pad_size") and value is not None:
            check_size(name, value, (EXACT,))
        elif name in ("image_mean", "image_std"):
            value = _for_channels(name, value)
        fine[name] = value
    return fine


def check_size(name: str, size: Any, tables: tuple[Keys, ...]) -> None:
    """Raise ValueError unless a size has the keys of one of these tables, and lengths that can be meant."""
    if not isinstance(size, dict) or not any(set(size) == set(keys) for keys in tables):
        expected = said("{table}", table=_shape(tables[0]))
        for keys in tables[1:]:
            expected = said("{names} or {last}", names=expected, last=_shape(keys))
        raise wrong(name, size, expected)
    for key, length in size.items():
        check_field(f"{name}[{key!r}]", length, int, Range(1, MOST_EDGE))


def _shape(keys: Keys) -> str:
    return "{" + ", ".join(f"{key!r}: ..." for key in keys) + "}"


def _for_channels(name: str, value: Any) -> list[float]:
    """A mean or a standard deviation: one number for each of red, green and blue, or one for all."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    values = value if isinstance(value, list | tuple) else [value]
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one) for one in values)
    if len(values) not in (1, 3) or not numbers:
        raise wrong(name, value, said("three numbers, one for each of red, green and blue"))
    if name == "image_std" and not all(values):
        raise wrong(name, value, said("numbers other than 0, as values are divided by them"))
    return [float(one) for one in values] * (3 // len(values))
