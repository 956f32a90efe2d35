"""What is done to a picture before a model sees it: resize, crop, scale and normalise, pad.

Results equal those of transformers' image processors (the slow ones, which use Pillow too): resampling is Pillow's on
8 bits per channel, so only the last step leaves whole numbers. Sizes are (height, width), as there; Pillow's are
(width, height).

Shapes: B pictures, C = 3 channels, Y rows, X columns.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

VILT_RATIO = 1333 / 800  # longest edge to shortest edge, at most: that of the pictures DETR and ViLT were trained on


def target_size(height: int, width: int, size: Mapping[str, int], divisor: int | None = None) -> tuple[int, int]:
    """The size that a picture gets; `size` is one of four tables, by their keys.

    height, width                  exactly this, whatever happens to its proportions
    shortest_edge, longest_edge    the shorter edge gets this length, unless the longer one would become too long
    max_height, max_width          as large as fits into this
    shortest_edge, and a divisor   as the second, the limit in proportion, and both edges multiples of the divisor

    >>> target_size(480, 640, {"shortest_edge": 800, "longest_edge": 1333})
    (800, 1066)
    """
    if "height" in size:
        return size["height"], size["width"]
    if "max_height" in size:
        scale = min(size["max_height"] / height, size["max_width"] / width)
        wanted = int(height * scale), int(width * scale)
    elif divisor is not None:
        wanted = _in_steps(height, width, size["shortest_edge"], divisor)
    else:
        wanted = _edges(height, width, size["shortest_edge"], size["longest_edge"])
    least = divisor or 1  # a line of 10,000 pixels still has a height
    return max(wanted[0], least), max(wanted[1], least)


def _edges(height: int, width: int, shortest: int, longest: int) -> tuple[int, int]:
    short, long = min(height, width), max(height, width)
    exact: float = shortest  # the shorter edge before it is rounded
    if long / short * shortest > longest:
        exact = longest * short / long
        shortest = round(exact)
    if short == shortest:
        return height, width
    other = int(exact * long / short)
    return (other, shortest) if width < height else (shortest, other)


def _in_steps(height: int, width: int, shortest: int, divisor: int) -> tuple[int, int]:
    longest = int(VILT_RATIO * shortest)
    scale = shortest / min(height, width)
    new_height, new_width = (shortest, scale * width) if height < width else (scale * height, shortest)
    if max(new_height, new_width) > longest:
        scale = longest / max(new_height, new_width)
        new_height, new_width = scale * new_height, scale * new_width
    return int(new_height + 0.5) // divisor * divisor, int(new_width + 0.5) // divisor * divisor


def resize(picture: Image.Image, size: tuple[int, int], resample: int) -> Image.Image:
    """A picture at another size; `resample` is Pillow's number: 0 nearest, 2 bilinear, 3 bicubic, 1 Lanczos."""
    height, width = size
    return picture.resize((width, height), Image.Resampling(resample))


def center_crop(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The middle of a picture (Y, X, C); where it is smaller than `size`, black is added around it."""
    here, wanted = pixels.shape[:2], size
    least = [max(pair) for pair in zip(here, wanted, strict=True)]
    if tuple(least) != here:
        # Of an odd number of black lines the first edge gets one more.
        starts = [-((have - need) // 2) for have, need in zip(here, least, strict=True)]
        whole = np.zeros((*least, *pixels.shape[2:]), pixels.dtype)
        whole[starts[0] : starts[0] + here[0], starts[1] : starts[1] + here[1]] = pixels
        tops = [(have - need) // 2 + start for have, need, start in zip(here, wanted, starts, strict=True)]
        pixels = whole
    else:
        tops = [(have - need) // 2 for have, need in zip(here, wanted, strict=True)]
    return pixels[tops[0] : tops[0] + wanted[0], tops[1] : tops[1] + wanted[1]]


def normalize_into(out: np.ndarray, pixels: np.ndarray, scale: np.ndarray, shift: np.ndarray) -> None:
    """Write pixels (Y, X, C) of 0 to 255, times `scale` (C,) plus `shift` (C,), into the corner of `out` (C, Y, X).

    Scaling by 1/255 and (value - mean) / std are one product and one sum, in float32, without a copy in between.
    """
    height, width = pixels.shape[:2]
    for channel, part in enumerate(out[:, :height, :width]):
        np.multiply(pixels[..., channel], scale[channel], out=part)
        part += shift[channel]


def largest(sizes: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The height and width into which all of these fit."""
    return max(height for height, _ in sizes), max(width for _, width in sizes)


def pixel_mask(sizes: Sequence[tuple[int, int]], padded: tuple[int, int]) -> np.ndarray:
    """(B, Y, X): 1 where a picture is, 0 where it was padded, to the right and below."""
    mask = np.zeros((len(sizes), *padded), np.int64)
    for row, (height, width) in zip(mask, sizes, strict=True):
        row[:height, :width] = 1
    return mask


def pad(pictures: Sequence[np.ndarray], masks: Sequence[np.ndarray] | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Pixel values (C, y, x) of several pictures -> (B, C, Y, X), 0 to the right and below, and their pixel_mask.

    `masks` (y, x) are those of pictures that hold padding already.
    """
    sizes = [picture.shape[-2:] for picture in pictures]
    whole = largest(sizes)
    values = np.zeros((len(pictures), *pictures[0].shape[:-2], *whole), np.float32)
    inside = pixel_mask(sizes, whole)
    for index, (picture, (height, width)) in enumerate(zip(pictures, sizes, strict=True)):
        values[index, ..., :height, :width] = picture
        if masks is not None:
            inside[index, :height, :width] = masks[index]
    return values, inside
