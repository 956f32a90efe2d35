"""What models that read pictures share: sizes in a configuration, and the check of pixel_values in a call.

As in inputs.py only kinds and shapes are looked at, so it costs a few microseconds for each call.

Shapes: B pictures, C channels, Y height, X width.
"""

from typing import Any

from ..i18n import N_, said, spoken
from .inputs import Framework, Shape, fits, shape_of, wrong_shape

MOST_CHANNELS = 16  # what is larger is a height or width: the channels do not stand where they should


def both_sides(size: int | list | tuple) -> tuple[int, int]:
    """A size as configurations give it, one number for a square or a pair -> (height, width)."""
    if isinstance(size, int):
        return size, size
    height, width = size
    return height, width


def check_patches(image_size: Any, patch_size: Any) -> None:
    """Raise ValueError for sizes of which no grid of patches can be made: `image_size` and `patch_size` of a file."""
    for name, size in (("image_size", image_size), ("patch_size", patch_size)):
        sides = list(size) if isinstance(size, list | tuple) else [size, size]
        if len(sides) != 2 or not all(isinstance(side, int) and side > 0 for side in sides):
            raise spoken(
                ValueError,
                "{name} is {size}, expected a whole number of pixels, or two: [height, width]",
                name=name,
                size=size,
            )
    (Y, X), (y, x) = both_sides(image_size), both_sides(patch_size)
    if y > Y or x > X:
        raise spoken(
            ValueError,
            "patch_size {patch} is larger than image_size {image}, so a picture has not one patch",
            patch=patch_size,
            image=image_size,
        )


def check_pixels(model: Any, given: dict[str, Any], words: Framework) -> Shape | None:
    """Raise ValueError for pixel_values or a pixel_mask of wrong shapes; the shape (B, Y, X), None without pictures."""
    if "pixel_values" not in model.inputs_known():
        return None
    pixels, vectors, config = given.get("pixel_values"), given.get("image_embeds"), model.config
    if pixels is not None and vectors is not None:
        raise spoken(ValueError, "give either pixel_values (B, C, Y, X) or image_embeds (B, P, D), not both")
    if vectors is not None:
        return shape_of(vectors)
    if pixels is None:
        raise spoken(
            ValueError,
            "{model} reads pictures, and got none; try model(**image_processor(pictures, return_tensors={kind!r}))",
            model=type(model).__name__,
            kind=words.kind,
        )
    shape = shape_of(pixels)
    if not fits(shape, (None, config.num_channels, None, None)):
        raise _wrong_pixels(pixels, config.num_channels, words)
    if "float" not in str(pixels.dtype):
        raise spoken(
            ValueError,
            "pixel_values are {dtype} numbers, expected floating-point ones, rescaled and normalised; try "
            "image_processor(pictures, return_tensors={kind!r})",
            dtype=getattr(pixels.dtype, "name", pixels.dtype),
            kind=words.kind,
        )
    if shape is None:
        return None
    B, _, Y, X = shape
    mask = given.get("pixel_mask")
    if mask is not None and not fits(shape_of(mask), (B, Y, X)):
        sizes = {"rows": B or "B", "height": Y or "Y", "width": X or "X"}
        raise wrong_shape("pixel_mask", mask, said("({rows}, {height}, {width}), one number for each pixel", **sizes))
    if hasattr(config, "patch_size"):
        fixed = "interpolate_pos_encoding" in model.inputs_known() and not given.get("interpolate_pos_encoding")
        _check_size((Y, X), fixed, config)
    return B, Y, X


def _wrong_pixels(pixels: Any, channels: int, words: Framework) -> ValueError:
    """The error for pixel_values that are no batch of pictures with so many channels."""
    shape, hint = shape_of(pixels) or (), ""
    if len(shape) == 3 and fits(shape, (channels, None, None)):
        hint = said(
            "; one picture is a batch, too: return_tensors={kind!r} in the image processor, or pixel_values[None]",
            kind=words.kind,
        )
    elif fits(shape, (None, None, None, channels)):
        hint = said("; channels stand first: try {code}", code=words.channels_first)
    elif len(shape) == 4 and (shape[1] or 0) <= MOST_CHANNELS:
        hint = said("; this model reads pictures of {channels} channels (num_channels)", channels=channels)
    expected = said("(pictures, {channels}, height, width)", channels=channels)
    return wrong_shape("pixel_values", pixels, expected, hint)


def nothing_read(index: int) -> ValueError:
    """The error for a picture of which no patch is within its pixel_mask."""
    return spoken(
        ValueError,
        "the pixel_mask of picture {index} has no 1 where its patches begin, so nothing of it is read; the picture "
        "stands at the top left, and padding follows",
        index=index,
    )


def _check_size(size: Shape, fixed: bool, config: Any) -> None:
    """Raise ValueError for pictures of another size than a model has positions for, unless these are interpolated."""
    patch, wanted = both_sides(config.patch_size), both_sides(config.image_size)
    if not fixed:
        if any(side is not None and side < least for side, least in zip(size, patch, strict=True)):
            sentence = N_("pictures of {given} pixels were given (height x width), one patch of this model has {patch}")
            raise spoken(ValueError, sentence, given=_times(size), patch=_times(patch))
    elif not fits(size, wanted):
        raise spoken(
            ValueError,
            "pictures of {given} pixels were given (height x width), this model reads {wanted}; try an image "
            "processor, which resizes them, or interpolate_pos_encoding=True",
            given=_times(size),
            wanted=_times(wanted),
        )


def _times(size: Shape) -> str:
    return "x".join(str(side or "?") for side in size)
