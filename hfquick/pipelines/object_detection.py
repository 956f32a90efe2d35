"""Object detection: what is in a picture, each with the box around it."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..display import Box, Boxes, to_draw
from ..utils.arrays import numbers
from ..utils.fields import PROBABILITY, check_field
from .base import Piece, Settings
from .pictures import PicturePipeline, of_one


@dataclass(frozen=True, kw_only=True)
class ObjectDetectionSettings(Settings):
    """The options of ObjectDetectionPipeline."""

    threshold: float = 0.5


class ObjectDetectionPipeline(PicturePipeline):
    """Finds the objects in a picture: `pipe("street.jpg")` gives the label, the score and the box of each."""

    settings_class: ClassVar[type[Settings]] = ObjectDetectionSettings
    outputs: ClassVar[tuple[str, ...]] = ("logits", "pred_boxes")

    def __call__(self, inputs: Any = None, **options: Any) -> Any:
        """Find the objects in one picture, or in each of many.

        Args:
            inputs: a picture, or a list, dataset or generator of them. A picture is a path, an address, bytes, base64,
                an open file, a picture of Pillow, or an array of pixels.
            threshold: objects with a lower score, 0 to 1, are left out.
            batch_size: most pictures per batch; None makes batches of pictures of one size.

        An option left out is the one with which the pipeline was made. Boxes are in pixels of the picture, from its
        upper left corner: {"xmin": ..., "ymin": ..., "xmax": ..., "ymax": ...}.
        """
        return super().__call__(inputs, **options)

    def check(self, settings: Any) -> None:
        check_field("threshold", settings.threshold, float, PROBABILITY)

    def postprocess(self, outputs: dict[str, np.ndarray], piece: Piece, settings: Any) -> Any:
        numbers(outputs["logits"])
        [found] = self.image_processor.post_process_object_detection(
            of_one(outputs), threshold=settings.threshold, target_sizes=[piece.facts]
        )
        labels = self.model.config.id2label
        return [
            Box(score=float(score), label=labels[int(label)], box=_corners(box))
            for score, label, box in zip(found["scores"], found["labels"], found["boxes"], strict=True)
        ]

    def join(self, results: list[Any], inputs: Any, settings: Any) -> Any:
        [result] = results
        return Boxes(result, to_draw(inputs.given, inputs.picture))


def _corners(box: np.ndarray) -> dict[str, int]:
    return dict(zip(("xmin", "ymin", "xmax", "ymax"), map(int, box), strict=True))
