"""DETR's image processor: pictures and what is known to be in them -> a batch, and a model's outputs -> what it found.

    processor = DetrImageProcessor.from_pretrained("facebook/detr-resnet-50")
    batch = processor(picture, return_tensors="pt")
    found = processor.post_process_object_detection(model(**batch), 0.9, [(picture.height, picture.width)])

How labels are made: annotations.py. How results are: results.py.
"""

import os
from collections.abc import Collection, Mapping
from typing import Any, ClassVar

import numpy as np

from ..utils.fields import check_field
from . import annotations as coco
from . import results
from .features import BatchFeature
from .processor import ImageProcessor, Prepared, with_tensors
from .settings import EDGES, EXACT, LONGEST, WITHIN, Fields, Keys

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class DetrImageProcessor(ImageProcessor):
    """The proportions of a picture stay, within limits, and a batch is padded to its largest picture."""

    DEFAULTS: ClassVar[Mapping[str, Any]] = {
        **ImageProcessor.DEFAULTS,
        "size": {"shortest_edge": 800, "longest_edge": LONGEST},
        "image_mean": IMAGENET_MEAN,
        "image_std": IMAGENET_STD,
        "do_pad": True,
        "pad_size": None,
        "format": "coco_detection",
        "do_convert_annotations": True,
    }
    SIZES: ClassVar[tuple[Keys, ...]] = (EDGES, WITHIN, EXACT)
    model_input_names: ClassVar[list[str]] = ["pixel_values", "pixel_mask"]

    def __init__(self, **fields: Any) -> None:
        if fields.get("do_convert_annotations") is None:  # older files have one field for both
            fields["do_convert_annotations"] = fields.get("do_normalize")
        super().__init__(**fields)

    def __call__(
        self,
        images: Any,
        annotations: Any = None,
        *,
        return_segmentation_masks: bool | None = None,
        masks_path: str | os.PathLike | None = None,
        return_tensors: str | None = None,
        data_format: str = "channels_first",
        input_data_format: str | None = None,
        **options: Any,
    ) -> BatchFeature:
        """Pictures -> `pixel_values` (B, C, Y, X) and `pixel_mask` (B, Y, X); with annotations `labels`, too.

        Each of the labels has `class_labels` (N,), `boxes` (N, 4) as (centre x, centre y, width, height) from 0 to 1,
        `area`, `iscrowd`, `image_id`, `size` of the padded and `orig_size` of the original picture, and `masks`
        (N, Y, X) where they are asked for. Other arguments: see ViTImageProcessor.

        Arguments:
            annotations: for each picture what is in it, in the format that `format` names.
            return_segmentation_masks: whether labels have masks; left out, with "coco_panoptic" they do. For
                "coco_detection" they are drawn from the polygons in "segmentation".
            masks_path: the folder with the PNG files of "coco_panoptic".
        """
        fields = self._options(options, return_tensors, data_format, input_data_format)
        prepared = self._prepare(images, fields, input_data_format)
        batch = self._collate(prepared, fields, data_format)
        if annotations is None:
            return with_tensors(batch, return_tensors)
        check_field("return_segmentation_masks", return_segmentation_masks, bool | None)
        rows = coco.as_annotations(annotations, len(prepared), fields["format"])
        with_masks = return_segmentation_masks
        if with_masks is None:
            with_masks = fields["format"] == "coco_panoptic"
        whole = np.shape(batch["pixel_mask"])[1:] if "pixel_mask" in batch else None
        labels = []
        for index, (row, one) in enumerate(zip(rows, prepared, strict=True)):
            first = coco.prepare(row, index, fields["format"], one.before, with_masks, masks_path)
            labels.append(_labels(first, one, fields, whole))
        batch = with_tensors(batch, return_tensors)
        batch["labels"] = [BatchFeature(one, return_tensors) for one in labels]
        return batch

    # A model's outputs -> results. They are read as NumPy, whatever the framework.

    def post_process_object_detection(
        self, outputs: Any, threshold: float = 0.5, target_sizes: Any = None, top_k: int | None = None
    ) -> list[dict[str, np.ndarray]]:
        """For each picture the objects found: `scores` (N,), `labels` (N,), `boxes` (N, 4) as corners x1, y1, x2, y2.

        Arguments:
            outputs: of a DetrForObjectDetection in either framework.
            threshold: objects with a lower score are left out.
            target_sizes: (height, width) of each picture; boxes are in its pixels, left out from 0 to 1.
            top_k: at most so many objects, the surest first; left out all, in the order of queries.
        """
        return results.detections(outputs, threshold, target_sizes, top_k)

    def post_process_semantic_segmentation(self, outputs: Any, target_sizes: Any = None) -> list[np.ndarray]:
        """For each picture a map (Y, X) of labels; `target_sizes` as above, left out those of the model's masks."""
        return results.semantic_maps(outputs, target_sizes)

    def post_process_instance_segmentation(
        self,
        outputs: Any,
        threshold: float = 0.5,
        mask_threshold: float = 0.5,
        overlap_mask_area_threshold: float = 0.8,
        target_sizes: Any = None,
        return_coco_annotation: bool = False,
    ) -> list[dict[str, Any]]:
        """For each picture `segmentation` (Y, X), the id of the segment of each pixel, 0 for none, and `segments_info`.

        Each of the latter has the `id`, `label_id` and `score` of a segment. Without any, all pixels are -1.

        Arguments:
            outputs: of a DetrForSegmentation in either framework.
            threshold: queries with a lower score are left out.
            mask_threshold: from which value on a pixel counts as part of a query's mask.
            overlap_mask_area_threshold: a segment that keeps no larger part of its mask's area is left out.
            target_sizes: (height, width) of each picture; left out, maps have the size of the model's masks.
            return_coco_annotation: `segmentation` as run-length encodings, one for each id.
        """
        check_field("return_coco_annotation", return_coco_annotation, bool)
        found = results.segments(outputs, threshold, mask_threshold, overlap_mask_area_threshold, (), target_sizes)
        if return_coco_annotation:
            for one in found:
                if one["segments_info"]:
                    one["segmentation"] = results.run_lengths(one["segmentation"])
        return found

    def post_process_panoptic_segmentation(
        self,
        outputs: Any,
        threshold: float = 0.5,
        mask_threshold: float = 0.5,
        overlap_mask_area_threshold: float = 0.8,
        label_ids_to_fuse: Collection[int] | None = None,
        target_sizes: Any = None,
    ) -> list[dict[str, Any]]:
        """The same with all segments of a label in `label_ids_to_fuse` as one: there is one sky, and many persons."""
        fused = set(label_ids_to_fuse or ())
        return results.segments(outputs, threshold, mask_threshold, overlap_mask_area_threshold, fused, target_sizes)


def _labels(labels: coco.Labels, one: Prepared, fields: Fields, whole: tuple[int, ...] | None) -> coco.Labels:
    """Labels in pixels of the picture as it came -> those of the picture in the batch."""
    after = one.pixels.shape[0], one.pixels.shape[1]
    labels = coco.resized(labels, one.before, after)
    if fields["do_convert_annotations"]:
        labels = coco.relative(labels, after)
    if whole is not None:
        labels = coco.padded(labels, after, (whole[0], whole[1]), fields["do_convert_annotations"])
    return {**labels, "size": np.asarray(labels["size"], np.int64)}


DetrFeatureExtractor = DetrImageProcessor  # its name until 2022
