"""What pipelines that read pictures share: pictures opened ahead, batches of one height and width.

Pictures are decoded in threads while the model works on those before. Nothing is padded: a batch has pictures that
became equally large, so that their scores are those of one by one.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from types import SimpleNamespace
from typing import Any, ClassVar, NamedTuple

import numpy as np

from ..i18n import N_, said
from ..image_processing.pictures import open_picture, open_pictures
from ..utils.elsewhere import Other
from ..utils.errors import need
from .base import Piece, Pipeline
from .names import OF_PICTURES

WINDOW = 16  # pictures that are held, and put into batches, together; one that DETR reads needs 10 MB
PIXELS_PER_BATCH = 2**19  # of all pictures: ten of 224 x 224; more gains nothing on a CPU


class Opened(NamedTuple):
    """An input and its picture."""

    given: Any
    picture: Any  # of Pillow, RGB


class PicturePipeline(Pipeline):
    """A pipeline whose pieces are pictures."""

    parts: ClassVar[tuple[str, ...]] = ("image_processor",)
    wants: ClassVar[str] = N_("a picture (a path, an address, bytes, a picture of Pillow or an array)")
    opens_files: ClassVar[bool] = True
    smaller: ClassVar[str] = N_("a smaller picture, or a smaller model")
    other_names: ClassVar[Mapping[str, Other]] = OF_PICTURES

    def is_one(self, inputs: Any) -> bool:
        return is_picture(inputs)

    def picture_of(self, given: Any) -> Any:
        """The picture of one input."""
        return given

    def windows(self, inputs: Iterable[Any]) -> Iterator[list[Opened]]:
        opened = self._open(inputs)
        while window := list(islice(opened, WINDOW)):
            yield window

    def _open(self, inputs: Iterable[Any]) -> Iterator[Opened]:
        if isinstance(inputs, list) and len(inputs) == 1:  # an error need not say which
            yield Opened(inputs[0], open_picture(self.picture_of(inputs[0])))
            return
        waiting: list[Any] = []  # as many as are opened ahead

        def pictures() -> Iterator[Any]:
            for given in inputs:
                waiting.append(given)
                yield self.picture_of(given)

        # What stands in the call was typed by the user; addresses in a dataset or from a generator were not.
        for picture in open_pictures(pictures(), typed=isinstance(inputs, list)):
            yield Opened(waiting.pop(0), picture)

    def preprocess(self, inputs: list[Opened], settings: Any) -> list[list[Piece]]:
        return [[Piece(self.features_of(one), size_of(one.picture))] for one in inputs]

    def features_of(self, one: Opened) -> dict[str, np.ndarray]:
        """What the model is called with for one input: a row of each array."""
        return {name: array[0] for name, array in self.image_processor(one.picture, return_tensors="np").items()}

    def batches(self, pieces: list[Piece], settings: Any) -> Iterator[list[int]]:
        """Pieces of a window -> indices of those of one shape, at most PIXELS_PER_BATCH together."""
        groups: dict[Any, list[int]] = {}
        for index, piece in enumerate(pieces):
            shapes = tuple(sorted((name, np.shape(value)) for name, value in piece.features.items()))
            groups.setdefault(shapes, []).append(index)
        for indices in groups.values():
            height, width = pieces[indices[0]].features["pixel_values"].shape[-2:]
            most = settings.batch_size or max(1, PIXELS_PER_BATCH // (height * width))
            yield from (indices[start : start + most] for start in range(0, len(indices), most))

    def collate(self, features: list[dict[str, Any]]) -> dict[str, Any]:
        arrays = {name: np.stack([row[name] for row in features]) for name in features[0]}
        if self.framework == "tf":
            tf = need("tensorflow", said("this pipeline"), "tf")
            return {name: tf.convert_to_tensor(array) for name, array in arrays.items()}
        torch = need("torch", said("this pipeline"), "torch")
        batch = {name: torch.from_numpy(array) for name, array in arrays.items()}
        return batch | {"pixel_values": batch["pixel_values"].to(self.model.dtype)}


def is_picture(value: Any) -> bool:
    """Whether a value is one picture, as far as its kind tells; an array with four axes is several."""
    if isinstance(value, str | bytes | bytearray | os.PathLike) or hasattr(value, "getpixel") or hasattr(value, "read"):
        return True
    if isinstance(value, Mapping):  # a cell of `datasets`
        return True
    return hasattr(value, "__array__") and np.ndim(value) <= 3


def size_of(picture: Any) -> tuple[int, int]:
    """The height and width of a picture in pixels, as tensors have them; Pillow gives width and height."""
    return picture.height, picture.width


def of_one(outputs: Mapping[str, np.ndarray]) -> SimpleNamespace:
    """The arrays of one piece -> outputs of a batch of one, as an image processor reads them."""
    return SimpleNamespace(**{name: array[None] for name, array in outputs.items()})
