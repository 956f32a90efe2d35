"""Pictures drawn by a formula, and what is done with them here and, for the references, by transformers."""

from typing import Any, NamedTuple

import numpy as np
from PIL import Image

PICTURES = {  # name -> mode, height, width
    "wide": ("RGB", 40, 56),
    "tall": ("RGB", 61, 33),
    "square": ("RGB", 32, 32),
    "grey": ("L", 30, 47),
    "palette": ("P", 44, 36),
    "alpha": ("RGBA", 37, 52),
    "grey-alpha": ("LA", 25, 31),
    "print": ("CMYK", 33, 40),
    "bits": ("1", 28, 35),
    "line": ("RGB", 3, 90),
}


def noise(*shape: int) -> np.ndarray:
    """Whole numbers from 0 to 255, the same with every version of NumPy: waves and something that looks like chance."""
    places = np.indices(shape, dtype=np.int64)
    mixed = sum(place * step for place, step in zip(places, (7919, 104729, 1299709, 15485863), strict=False))
    chance = ((mixed * 1103515245 + 12345) >> 8) & 127
    waves = sum(np.abs((place * 11) % 256 - 128) for place in places[:2]) // 2
    return (chance + waves).clip(0, 255).astype(np.uint8)


def picture(name: str) -> Image.Image:
    mode, height, width = PICTURES[name]
    if mode == "P":
        drawn = Image.fromarray(noise(height, width) >> 4).convert("P")
        drawn.putpalette(noise(256, 3).tobytes())
        drawn.info["transparency"] = 3
        return drawn
    if mode == "1":
        return Image.fromarray(noise(height, width)).convert("1")
    if mode == "L":
        return Image.fromarray(noise(height, width))
    return Image.frombytes(mode, (width, height), noise(height, width, len(mode)).tobytes())


class Scene(NamedTuple):
    """One call: the class, the file of the processor, options of the call, names of pictures."""

    kind: str
    file: dict[str, Any]
    options: dict[str, Any]
    pictures: tuple[str, ...]


SMALL = {"height": 24, "width": 24}
OLD_VIT = {  # google/vit-base-patch16-224 in 2021, with a smaller size
    "do_normalize": True,
    "do_resize": True,
    "feature_extractor_type": "ViTFeatureExtractor",
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.5, 0.5, 0.5],
    "resample": 2,
    "size": 24,
}
OLD_DETR = {  # facebook/detr-resnet-50 in 2021, with smaller sizes
    "do_normalize": True,
    "do_resize": True,
    "feature_extractor_type": "DetrFeatureExtractor",
    "format": "coco_detection",
    "image_mean": [0.485, 0.456, 0.406],
    "image_std": [0.229, 0.224, 0.225],
    "max_size": 40,
    "size": 24,
}
OLD_VILT = {  # dandelin/vilt-b32-finetuned-vqa in 2021, with a smaller size
    "do_normalize": True,
    "do_resize": True,
    "feature_extractor_type": "ViltFeatureExtractor",
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.5, 0.5, 0.5],
    "resample": 3,
    "size": 20,
    "size_divisor": 8,
}
EDGES = {"shortest_edge": 20, "longest_edge": 30}
SCENES = {
    "vit-old": Scene("ViTImageProcessor", OLD_VIT, {}, ("wide", "tall")),
    "vit-modes": Scene(
        "ViTImageProcessor",
        {"size": {"height": 14, "width": 18}},
        {},
        ("grey", "palette", "alpha", "grey-alpha", "print", "bits"),
    ),
    "vit-resample": Scene(
        "ViTImageProcessor", {"size": SMALL}, {"resample": 1, "size": {"height": 50, "width": 20}}, ("wide",)
    ),
    "vit-nearest": Scene("ViTImageProcessor", {"size": SMALL, "resample": 0}, {"do_normalize": False}, ("tall",)),
    "vit-box": Scene("ViTImageProcessor", {"size": SMALL, "resample": 4}, {"image_mean": [0.1, 0.2, 0.3]}, ("tall",)),
    "vit-no-rescale": Scene(
        "ViTImageProcessor", {"size": SMALL}, {"do_rescale": False, "data_format": "channels_last"}, ("tall",)
    ),
    "vit-as-it-is": Scene(
        "ViTImageProcessor", {"do_resize": False, "rescale_factor": 0.01}, {"image_std": 0.25}, ("square",)
    ),
    "deit": Scene(
        "DeiTImageProcessor",
        {"size": {"height": 31, "width": 30}, "crop_size": {"height": 21, "width": 22}},
        {},
        ("wide",),
    ),
    "deit-black": Scene("DeiTImageProcessor", {"size": {"height": 17, "width": 30}, "crop_size": 22}, {}, ("wide",)),
    "deit-black-odd": Scene(
        "DeiTImageProcessor", {"size": {"height": 14, "width": 14}, "crop_size": 19}, {}, ("tall",)
    ),
    "vilt-old": Scene("ViltImageProcessor", OLD_VILT, {}, ("wide", "tall", "square")),
    "vilt": Scene(
        "ViltImageProcessor", {"size": {"shortest_edge": 24}, "size_divisor": 8, "do_pad": False}, {}, ("wide",)
    ),
    "detr-old": Scene("DetrImageProcessor", OLD_DETR, {}, ("wide", "tall", "square")),
    "detr-limit": Scene("DetrImageProcessor", {"size": EDGES}, {"data_format": "channels_last"}, ("tall", "wide")),
    "detr-within": Scene("DetrImageProcessor", {"size": {"max_height": 20, "max_width": 25}}, {}, ("tall", "square")),
    "detr-exact": Scene("DetrImageProcessor", {"size": SMALL, "pad_size": {"height": 26, "width": 30}}, {}, ("tall",)),
    "detr-bare": Scene(
        "DetrImageProcessor", {"size": EDGES}, {"do_normalize": False, "do_rescale": False, "do_pad": False}, ("tall",)
    ),
}

# What COCO says about two pictures, with a crowd, a box that reaches out of the picture, and one outside of it.
DETECTION = [
    {
        "image_id": 7,
        "annotations": [
            {"bbox": [5, 6.5, 20, 17], "category_id": 3, "area": 300.0, "iscrowd": 0, "id": 1,
             "segmentation": [[5, 6.5, 25, 8, 22.5, 23.5, 6, 20]]},
            {"bbox": [30, 20, 60, 50], "category_id": 1, "area": 900.0, "id": 2,
             "segmentation": [[30, 20, 55, 21, 55.5, 39, 31, 38], [2, 30, 9, 30.2, 5, 37.7]]},
            {"bbox": [70, 3, 5, 5], "category_id": 2, "area": 25.0, "id": 3, "segmentation": [[70, 3, 75, 3, 75, 8]]},
            {"bbox": [0, 0, 40, 30], "category_id": 1, "area": 1200.0, "iscrowd": 1, "id": 4, "segmentation": {}},
        ],
    },
    {"image_id": 8, "annotations": []},
]  # fmt: skip
PANOPTIC = [
    {"image_id": 9, "file_name": "wide.png", "segments_info": [
        {"id": 1, "category_id": 4, "area": 500, "iscrowd": 0},
        {"id": 70_000, "category_id": 2, "area": 300, "iscrowd": 1},
    ]},
]  # fmt: skip


def segments_png() -> Image.Image:
    """The segments of PANOPTIC: two rectangles on nothing."""
    _, height, width = PICTURES["wide"]
    ids = np.zeros((height, width), np.int64)
    ids[3:30, 4:25] = 1
    ids[10:35, 20:50] = 70_000
    return Image.fromarray(np.stack([ids % 256, ids // 256 % 256, ids // 65_536], -1).astype(np.uint8))


LABELS = {  # name -> file, options, pictures, annotations
    "detection": (OLD_DETR, {"return_segmentation_masks": True}, ("wide",), DETECTION[:1]),
    "detection-none": (OLD_DETR, {}, ("wide", "tall"), DETECTION),
    "detection-absolute": (
        {"size": EDGES},
        {"do_convert_annotations": False, "do_pad": False},
        ("wide",),
        DETECTION[:1],
    ),
    "panoptic": (
        {"size": EDGES, "format": "coco_panoptic"},
        {"pad_size": {"height": 30, "width": 40}},
        ("wide",),
        PANOPTIC,
    ),
    "panoptic-boxes": (
        {"size": EDGES, "format": "coco_panoptic"},
        {"return_segmentation_masks": False},
        ("wide",),
        PANOPTIC,
    ),
}


class Outputs(NamedTuple):
    """What DETR returns: 2 pictures, 6 queries, 4 labels and one for nothing, masks of 9 x 12."""

    logits: np.ndarray
    pred_boxes: np.ndarray
    pred_masks: np.ndarray


def outputs() -> Outputs:
    """Outputs with some sure queries, two of one label, one that others cover, and for the second picture none."""
    logits = noise(2, 6, 5).astype(np.float32) / 100
    for query, label in enumerate((1, 2, 1, 0, 4, 3)):
        logits[0, query, label] += 4 + query / 4
    logits[1, :, 4] += 9
    y, x = np.mgrid[:9, :12].astype(np.float32)
    places = ((2, 3), (6, 8), (3, 9), (2.2, 3.2), (4, 4), (7, 2))
    masks = np.stack([3 - (y - b) ** 2 / (1 + k % 3) - (x - a) ** 2 / 4 for k, (b, a) in enumerate(places)])
    masks = np.stack([masks, masks[::-1]]) + noise(2, 6, 9, 12).astype(np.float32) / 500
    return Outputs(logits, noise(2, 6, 4).astype(np.float32) / 300 + 0.05, masks.astype(np.float32))


TARGETS = [(23, 31), (17, 11)]
RESULTS = {  # name -> method, options
    "objects": ("post_process_object_detection", {"threshold": 0.3, "target_sizes": TARGETS}),
    "objects-relative": ("post_process_object_detection", {"threshold": 0.0}),
    "semantic": ("post_process_semantic_segmentation", {"target_sizes": TARGETS}),
    "semantic-small": ("post_process_semantic_segmentation", {}),
    "instance": ("post_process_instance_segmentation", {"threshold": 0.3, "target_sizes": TARGETS}),
    "instance-small": ("post_process_instance_segmentation", {"threshold": 0.2, "overlap_mask_area_threshold": 0.3}),
    "instance-runs": ("post_process_instance_segmentation", {"threshold": 0.3, "return_coco_annotation": True}),
    "panoptic": (
        "post_process_panoptic_segmentation",
        {"threshold": 0.3, "target_sizes": TARGETS, "label_ids_to_fuse": [1], "overlap_mask_area_threshold": 0.2},
    ),
    "panoptic-strict": (
        "post_process_panoptic_segmentation", {"threshold": 0.3, "mask_threshold": 0.7, "label_ids_to_fuse": []}
    ),
}  # fmt: skip

# Sizes of pictures whose sizes after resizing are recorded: (height, width).
SIZES = [
    (480, 640), (640, 480), (800, 1333), (800, 800), (427, 640), (1, 1), (33, 500), (500, 33), (1080, 1920),
    (799, 1334), (1333, 1333), (375, 500), (100, 167), (384, 384), (3000, 4000), (4032, 3024), (612, 612),
    (801, 1335), (50, 83), (51, 85), (640, 427), (768, 1024), (384, 640), (385, 641), (720, 1280), (97, 211),
    (1234, 567), (31, 47), (224, 224), (32, 53),
]  # fmt: skip
