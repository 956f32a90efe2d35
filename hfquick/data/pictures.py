"""Rows with pictures -> one batch of tensors; the pictures are prepared when their batch is due, and padded together.

    Trainer(model, args, train_dataset=photos["train"], processing_class=image_processor)     # columns: image, label

Prepared beforehand (`dataset.map`) a picture of 224 x 224 needs 600 kB, thirty times what its JPEG needs; prepared here
it needs that for a moment only, and several are decoded at a time. Rows that hold `pixel_values` already are taken as
they are: those of `dataset.map`, or of `dataset.with_transform`, where pictures can be flipped and cropped at random.

Shapes: B rows, C channels, Y rows of pixels, X columns, of the largest picture where pictures are padded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..i18n import spoken
from ..image_processing.transforms import pad
from ..utils.errors import all_of
from .collators import DataCollatorWithPadding, check_tensor_kind, read_columns, stack, to_tensors

PIXELS, MASK = "pixel_values", "pixel_mask"
IDS = "input_ids"
TEXTS = ("question", "text")  # columns that a processor with a tokenizer reads beside a picture


@dataclass(eq=False)
class PictureCollator:
    """Rows with pictures, or with their pixel values -> a batch, as the processor of the model makes it.

    Pictures of different sizes are padded where the processor pads (`do_pad`): `pixel_mask` says where a picture is. A
    processor that has a tokenizer, too, reads the questions beside them.
    """

    processor: Any
    return_tensors: str = "pt"  # "pt" PyTorch, "tf" TensorFlow, "np" NumPy

    def __post_init__(self) -> None:
        check_tensor_kind(self.return_tensors)
        self.images = getattr(self.processor, "image_processor", self.processor)
        self.tokenizer = getattr(self.processor, "tokenizer", None)

    def __call__(self, features: Any, return_tensors: str | None = None) -> dict[str, Any]:
        columns = read_columns(features)
        batch = {**self._pixels(columns), **self._tokens(columns)}
        batch |= {name: stack(name, values) for name, values in columns.items()}
        return to_tensors(batch, return_tensors or self.return_tensors)

    def prepares(self, name: str, value: Any) -> bool:
        """Whether it makes inputs of this column: of pictures, and of texts where there is a tokenizer."""
        return is_picture(value) or (self.tokenizer is not None and name in TEXTS)

    def _pixels(self, columns: dict[str, Any]) -> dict[str, Any]:
        """What a batch has of its pictures; their columns are taken out."""
        pictures = [name for name, values in columns.items() if is_picture(values[0])]
        images = [columns.pop(name) for name in pictures]
        if PIXELS in columns:
            return side_by_side(columns.pop(PIXELS), columns.pop(MASK, None), getattr(self.images, "do_pad", False))
        if len(images) > 1:
            raise spoken(
                ValueError,
                "rows have pictures in the columns {names}, and the model reads one of each row; remove the others: "
                "dataset.remove_columns([{last!r}])",
                names=all_of(pictures),
                last=pictures[-1],
            )
        return dict(self.images(images[0], return_tensors="np")) if images else {}

    def _tokens(self, columns: dict[str, Any]) -> dict[str, Any]:
        """The same of its texts."""
        if self.tokenizer is None:
            return {}
        texts = [columns.pop(name) for name in TEXTS if name in columns and isinstance(columns[name][0], str)]
        if texts and IDS not in columns:
            columns |= self.tokenizer(list(texts[0]), truncation=True)
        if IDS not in columns:
            return {}
        names = [name for name in self.tokenizer.model_input_names if name in columns]
        return dict(DataCollatorWithPadding(self.tokenizer, return_tensors="np")({n: columns.pop(n) for n in names}))


def prepares_pictures(processing_class: Any) -> bool:
    """Whether a processing_class makes pixel values, as an image processor does."""
    return PIXELS in getattr(processing_class, "model_input_names", ())


def is_picture(value: Any) -> bool:
    """Whether a value of a row is a picture of Pillow, or a cell of an Image column that was not decoded."""
    return value.keys() == {"bytes", "path"} if isinstance(value, Mapping) else hasattr(value, "getpixel")


def picture_columns(dataset: Any) -> list[str]:
    """The columns of a dataset (of the library `datasets`) that hold pictures."""
    features = getattr(dataset, "features", None)
    return [name for name, kind in (features or {}).items() if type(kind).__name__ == "Image"]


def columns_to_prepare(dataset: Any, collate: Any) -> list[str]:
    """The columns of which a collator makes inputs: pictures, and beside them texts."""
    pictures = picture_columns(dataset)
    has_tokenizer = getattr(collate, "tokenizer", None) is not None and isinstance(collate, PictureCollator)
    return [*pictures, *(name for name in TEXTS if name in dataset.column_names and has_tokenizer and pictures)]


def undecoded(dataset: Any) -> Any:
    """The same dataset, which gives its pictures as bytes: they are decoded in threads where a batch is made."""
    for name in picture_columns(dataset):
        if getattr(dataset.features[name], "decode", False):
            dataset = dataset.cast_column(name, type(dataset.features[name])(decode=False))
    return dataset


def side_by_side(pictures: Sequence[Any], masks: Sequence[Any] | None, pads: bool) -> dict[str, Any]:
    """Pixel values (C, y, x) -> pixel_values (B, C, Y, X), and where they are padded pixel_mask (B, Y, X)."""
    if not pads:
        batch = {PIXELS: stack(PIXELS, pictures)}
        return batch if masks is None else batch | {MASK: stack(MASK, masks)}
    values, inside = pad([np.asarray(picture, np.float32) for picture in pictures], masks)
    return {PIXELS: values, MASK: inside}
