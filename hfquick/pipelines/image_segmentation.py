"""Image segmentation: which pixels of a picture belong to what."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from PIL import Image

from ..display import Segment, Segments, to_draw
from ..i18n import N_
from ..utils.arrays import numbers
from ..utils.errors import unknown
from ..utils.fields import PROBABILITY, check_field
from .base import Piece, Settings
from .pictures import PicturePipeline, of_one

SUBTASKS = ("panoptic", "instance", "semantic")


@dataclass(frozen=True, kw_only=True)
class ImageSegmentationSettings(Settings):
    """The options of ImageSegmentationPipeline."""

    subtask: str | None = None
    threshold: float = 0.9
    mask_threshold: float = 0.5
    overlap_mask_area_threshold: float = 0.5


class ImageSegmentationPipeline(PicturePipeline):
    """Finds the segments of a picture: `pipe("street.jpg")` gives the label, the score and the mask of each."""

    settings_class: ClassVar[type[Settings]] = ImageSegmentationSettings
    outputs: ClassVar[tuple[str, ...]] = ("logits", "pred_masks")

    def __call__(self, inputs: Any = None, **options: Any) -> Any:
        """Find the segments of one picture, or of each of many.

        Args:
            inputs: a picture, or a list, dataset or generator of them. A picture is a path, an address, bytes, base64,
                an open file, a picture of Pillow, or an array of pixels.
            subtask: "panoptic" (each object, and each kind of background once), "instance" (each object), "semantic"
                (each kind once); None is panoptic.
            threshold: segments with a lower score, 0 to 1, are left out; a semantic segment has none.
            mask_threshold: how probable it must be that a pixel belongs to a segment, 0 to 1.
            overlap_mask_area_threshold: which share of a segment must be left, 0 to 1, once others that cover it got
                their pixels; one with less is left out.
            batch_size: most pictures per batch; None makes batches of pictures of one size.

        An option left out is the one with which the pipeline was made. A mask is a picture of Pillow as large as the
        input, 255 where the segment is, 0 elsewhere.
        """
        return super().__call__(inputs, **options)

    def check(self, settings: Any) -> None:
        for name in ("threshold", "mask_threshold", "overlap_mask_area_threshold"):
            check_field(name, getattr(settings, name), float, PROBABILITY)
        if settings.subtask is not None and settings.subtask not in SUBTASKS:
            raise unknown(N_("subtask {name!r} is unknown{near}; known: {known}"), settings.subtask, SUBTASKS)

    def postprocess(self, outputs: dict[str, np.ndarray], piece: Piece, settings: Any) -> Any:
        numbers(outputs["logits"])
        if settings.subtask == "semantic":
            [kinds] = self.image_processor.post_process_semantic_segmentation(
                of_one(outputs), target_sizes=[piece.facts]
            )
            return [self._segment(kinds == kind, int(kind), None) for kind in np.unique(kinds)]
        find = getattr(self.image_processor, f"post_process_{settings.subtask or 'panoptic'}_segmentation")
        [found] = find(
            of_one(outputs),
            threshold=settings.threshold,
            mask_threshold=settings.mask_threshold,
            overlap_mask_area_threshold=settings.overlap_mask_area_threshold,
            target_sizes=[piece.facts],
        )
        places = np.asarray(found["segmentation"])  # (Y, X), the number of the segment of each pixel
        return [
            self._segment(places == segment["id"], segment["label_id"], float(segment["score"]))
            for segment in found["segments_info"]
        ]

    def _segment(self, mask: np.ndarray, label: int, score: float | None) -> Segment:
        drawn = Image.fromarray(mask.astype(np.uint8) * 255)
        return Segment(score=score, label=self.model.config.id2label[label], mask=drawn)

    def join(self, results: list[Any], inputs: Any, settings: Any) -> Any:
        [result] = results
        return Segments(result, to_draw(inputs.given, inputs.picture))
