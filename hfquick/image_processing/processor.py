"""Pictures -> what a model takes: one class for all, and for each architecture a table of what differs.

    processor = AutoImageProcessor.from_pretrained("google/vit-base-patch16-224")
    batch = processor(["cat.png", picture], return_tensors="pt")      # batch["pixel_values"] (B, C, Y, X)

The steps, each of which can be turned off: resize, centre crop, rescale, normalise, pad. Pixel values equal those of
transformers' slow processors. Pictures are read and resized in threads, on 8 bits; float32 comes with the last step.

Shapes: B pictures, C = 3 channels, Y rows, X columns; of the largest picture, where they are padded.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar, NamedTuple, TypeVar

import numpy as np

from ..hub.preprocessors import Fields, Preprocessor
from ..i18n import spoken
from ..utils.arrays import to_numpy
from ..utils.batches import check_tensor_kind
from ..utils.elsewhere import Other, only_known
from ..utils.fields import Choice, check_field
from .features import BatchFeature
from .names import ATTRIBUTES, CALL, LOADING
from .pictures import THREADS, is_unit_range, of_batch, open_picture
from .settings import EDGE, EXACT, OLDER, Keys, checked, renamed
from .transforms import center_crop, largest, normalize_into, pad, pixel_mask, resize, target_size

LAYOUTS = Choice("channels_first", "channels_last")
HALF = (0.5, 0.5, 0.5)
BILINEAR, BICUBIC = 2, 3  # Pillow's numbers
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

Result = TypeVar("Result")


class Prepared(NamedTuple):
    """One picture on its way."""

    pixels: np.ndarray  # (Y, X, C), 0 to 255, resized and cropped
    factor: float  # what one step of a pixel stands for
    before: tuple[int, int]  # the size the picture came with


class ImageProcessor(Preprocessor):
    """What all image processors do; DEFAULTS of a class are its fields, as preprocessor_config.json names them."""

    DEFAULTS: ClassVar[Mapping[str, Any]] = {
        "do_resize": True,
        "size": {"height": 224, "width": 224},
        "resample": BILINEAR,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": HALF,
        "image_std": HALF,
    }
    OLDER: ClassVar[tuple[str, ...]] = OLDER
    NAMES = (LOADING, ATTRIBUTES)
    SIZES: ClassVar[tuple[Keys, ...]] = (EXACT,)  # the tables that `size` may be
    model_input_names: ClassVar[list[str]] = ["pixel_values"]
    is_fast: ClassVar[bool] = False  # it gives what transformers calls slow processors give

    def _with(self, fields: Mapping[str, Any], given: Mapping[str, Any], others: Mapping[str, Other]) -> Fields:
        """All fields, where a user gives some of them; TypeError or ValueError for what cannot be."""
        asked = only_known(given, (*self.DEFAULTS, *self.OLDER), others, type(self).__name__)
        return checked({**fields, **renamed(asked, self.SIZES, fields["size"])}, self.SIZES)

    # Pictures -> a batch.

    def __call__(
        self,
        images: Any,
        *,
        return_tensors: str | None = None,
        data_format: str = "channels_first",
        input_data_format: str | None = None,
        **options: Any,
    ) -> BatchFeature:
        """One picture, or a list -> `pixel_values` (B, C, Y, X), where pictures are padded `pixel_mask` (B, Y, X), too.

        Arguments:
            images: what `open_picture` takes (a path, an address, a picture of Pillow, an array, ...), or a list of it,
                or an array of several pictures.
            return_tensors: "pt" for PyTorch, "tf" for TensorFlow, "np" for NumPy; left out, lists of arrays.
            data_format: "channels_first" (C, Y, X), as models in both frameworks take it, or "channels_last" (Y, X, C).
            input_data_format: the same of arrays that are given; left out, their shape says it.
            options: any field of this processor, for this call only: do_resize=False, size={"height": 384, ...}.
        """
        fields = self._options(options, return_tensors, data_format, input_data_format)
        prepared = self._prepare(images, fields, input_data_format)
        return with_tensors(self._collate(prepared, fields, data_format), return_tensors)

    def preprocess(self, images: Any, *more: Any, **options: Any) -> BatchFeature:
        """The name of a call in transformers."""
        return self(images, *more, **options)

    def pad(self, images: Any, *, return_pixel_mask: bool = True, return_tensors: str | None = None) -> BatchFeature:
        """Pixel values (C, y, x) of several pictures -> one batch, `pixel_values` (B, C, Y, X) and `pixel_mask`.

        For a function of one's own that makes batches of rows: `image_processor.pad([row["pixel_values"] for row in
        rows], return_tensors="pt")`. Without `return_pixel_mask` nothing says what is padding.
        """
        arrays = [to_numpy(image).astype(np.float32, copy=False) for image in as_list(images)]
        if any(one.ndim != 3 or one.shape[0] != arrays[0].shape[0] for one in arrays):
            raise spoken(
                ValueError,
                "pad takes the pixel values of several pictures, (channels, height, width) each; got {shapes}",
                shapes=", ".join(str(one.shape) for one in arrays[:4]),
            )
        values, mask = pad(arrays)
        batch = BatchFeature({"pixel_values": values, **({"pixel_mask": mask} if return_pixel_mask else {})})
        return with_tensors(batch, return_tensors)

    def _options(self, options: Fields, tensors: str | None, *formats: str | None) -> Fields:
        """The fields of one call."""
        if tensors is not None:
            check_tensor_kind(tensors)
        for name, value in zip(("data_format", "input_data_format"), formats, strict=True):
            if value is not None:
                check_field(name, getattr(value, "value", value), str, LAYOUTS)
        return self._with(self._fields(), options, CALL)

    def _prepare(self, images: Any, fields: Fields, input_data_format: str | None) -> list[Prepared]:
        """Pictures of any kind -> pixels at their final size. An error names the picture by its place."""
        given = as_list(images)
        first = None if input_data_format is None else input_data_format == "channels_first"

        def prepare(index: int) -> Prepared:
            try:
                picture = open_picture(given[index], channels_first=first)
            except (ValueError, TypeError, OSError) as error:
                raise (of_batch(error, index) if len(given) > 1 else error) from None
            before = picture.height, picture.width
            if fields["do_resize"]:
                size = target_size(*before, fields["size"], fields.get("size_divisor"))
                picture = resize(picture, size, fields["resample"])
            pixels = np.asarray(picture)
            if fields.get("do_center_crop"):
                pixels = center_crop(pixels, (fields["crop_size"]["height"], fields["crop_size"]["width"]))
            factor = fields["rescale_factor"] if fields["do_rescale"] else 1.0
            if not fields["do_rescale"] and is_unit_range(given[index]):
                factor = 1 / 255  # floats from 0 to 1 stay what they were
            return Prepared(pixels, factor, before)

        return in_threads(prepare, len(given))

    def _collate(self, prepared: Sequence[Prepared], fields: Fields, data_format: str) -> BatchFeature:
        """Pixels of whole numbers -> the batch in float32; each picture is written once, into its place."""
        mean, std = np.zeros(3), np.ones(3)
        if fields["do_normalize"]:
            mean, std = np.asarray(fields["image_mean"]), np.asarray(fields["image_std"])
        sizes = [one.pixels.shape[:2] for one in prepared]
        whole = self._padded_size(sizes, fields) if fields.get("do_pad") else None
        if whole is None and len(set(sizes)) == 1:
            whole = sizes[0]
        first = data_format == "channels_first"
        values: Any
        if whole is None:  # pictures of several sizes, which no padding makes one array
            values = [np.empty((3, *size) if first else (*size, 3), np.float32) for size in sizes]
        else:
            make = np.empty if set(sizes) == {whole} else np.zeros
            values = make((len(sizes), 3, *whole) if first else (len(sizes), *whole, 3), np.float32)

        def write(index: int) -> None:
            one = prepared[index]
            place = values[index] if first else np.moveaxis(values[index], -1, 0)
            scale, shift = one.factor / std, -mean / std
            normalize_into(place, one.pixels, scale.astype(np.float32), shift.astype(np.float32))

        in_threads(write, len(sizes))
        batch = BatchFeature({"pixel_values": values})
        if fields.get("do_pad") and whole is not None:
            batch["pixel_mask"] = pixel_mask(sizes, whole)
        return batch

    def _padded_size(self, sizes: Sequence[tuple[int, int]], fields: Fields) -> tuple[int, int]:
        """The size of the batch: the one asked for, or the one into which all pictures fit."""
        needed = largest(sizes)
        if fields.get("pad_size") is None:
            return needed
        asked = fields["pad_size"]["height"], fields["pad_size"]["width"]
        if asked[0] < needed[0] or asked[1] < needed[1]:
            raise spoken(
                ValueError,
                "pad_size is {asked}, and the largest picture of this batch has {needed} after resizing; give a larger "
                "pad_size, or a smaller size",
                asked=asked,
                needed=needed,
            )
        return asked


def as_list(images: Any) -> list[Any]:
    """One picture, several of them, or an array (B, ...) of several -> a list."""
    if isinstance(images, list | tuple) or getattr(images, "ndim", 0) == 4 or hasattr(images, "__next__"):
        given = list(images)
    else:
        given = [images]
    if not given:
        raise spoken(ValueError, "there is no picture in the list; give at least one")
    return given


def in_threads(work: Callable[[int], Result], count: int) -> list[Result]:
    """[work(0), work(1), ...]: Pillow and NumPy let other threads run while they compute."""
    threads = min(THREADS, CORES, count)
    if threads == 1:
        return [work(index) for index in range(count)]
    with ThreadPoolExecutor(threads, "hfquick-picture") as pool:
        return list(pool.map(work, range(count)))


def with_tensors(batch: BatchFeature, kind: str | None) -> BatchFeature:
    """Tensors of a framework, or lists of arrays."""
    if kind is None:
        return BatchFeature({name: list(value) for name, value in batch.items()})  # an array -> a list of its rows
    if isinstance(batch["pixel_values"], list):
        some = sorted({f"{one.shape[-2]} x {one.shape[-1]}" for one in batch["pixel_values"]})[:2]
        raise spoken(
            ValueError,
            "the pictures have several sizes ({one} and {other}), which are not one tensor; leave do_resize=True, or "
            "give do_pad=True where the model takes a pixel_mask",
            one=some[0],
            other=some[-1],
        )
    return batch.convert_to_tensors(kind)


class ViTImageProcessor(ImageProcessor):
    """Every picture becomes a square of one size."""

    DEFAULTS: ClassVar[Mapping[str, Any]] = {**ImageProcessor.DEFAULTS, "do_convert_rgb": None}


class DeiTImageProcessor(ImageProcessor):
    """Of a larger square the middle: for ViT models that were trained by the recipe of DeiT."""

    DEFAULTS: ClassVar[Mapping[str, Any]] = {
        **ImageProcessor.DEFAULTS,
        "size": {"height": 256, "width": 256},
        "resample": BICUBIC,
        "do_center_crop": True,
        "crop_size": {"height": 224, "width": 224},
    }


class ViltImageProcessor(ImageProcessor):
    """The proportions stay; edges are multiples of a patch's, and a batch is padded."""

    DEFAULTS: ClassVar[Mapping[str, Any]] = {
        **ImageProcessor.DEFAULTS,
        "size": {"shortest_edge": 384},
        "size_divisor": 32,
        "resample": BICUBIC,
        "do_pad": True,
    }
    SIZES: ClassVar[tuple[Keys, ...]] = (EDGE,)
    model_input_names: ClassVar[list[str]] = ["pixel_values", "pixel_mask"]


# Their names until 2022.
ViTFeatureExtractor = ViTImageProcessor
DeiTFeatureExtractor = DeiTImageProcessor
ViltFeatureExtractor = ViltImageProcessor
