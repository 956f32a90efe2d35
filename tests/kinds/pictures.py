"""What models of pictures need in the table: an image processor, and rows of pictures drawn by arithmetic.

Shapes: C channels, Y rows of pixels, X columns.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import hfquick

Row = dict[str, Any]
IGNORED = -100


@dataclass(frozen=True)
class Pixels:
    """An image processor: its class and its settings."""

    kind: str
    settings: dict[str, Any] = field(default_factory=dict)
    inputs: tuple[str, ...] = ("pixel_values",)
    auto: str = "AutoImageProcessor"

    def config(self) -> dict[str, Any]:
        """What a model must know of it."""
        return {}

    def write(self, folder: Path) -> None:
        getattr(hfquick, self.kind)(**self.settings).save_pretrained(folder)


def picture(index: int, height: int = 10, width: int = 13) -> Image.Image:
    """Stripes and a slope, others for each index."""
    y, x = np.mgrid[:height, :width]
    channels = [
        np.sin(x * (index + 1) / 3) * 100 + 120,
        (y * 20 + x * 7 + index * 40) % 256,
        (y + x) % (index + 2) * 60,
    ]
    return Image.fromarray(np.stack(channels, -1).clip(0, 255).astype(np.uint8))


WHICH = [0, 2, 1, IGNORED, 1, 0, 2]  # label of each picture; that of row 3 does not count
SIZES = [(10, 13), (8, 12), (16, 9), (10, 13), (7, 7), (12, 20), (9, 11)]
PICTURES = [picture(index, *size) for index, size in enumerate(SIZES)]

VIT = Pixels("ViTImageProcessor", {"size": {"height": 8, "width": 12}})
VIT_SIZES = {
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "image_size": [8, 12],
    "patch_size": 4,
    "id2label": {0: "cat", 1: "dog", 2: "home"},
}


def picture_rows(processor: Any) -> list[Row]:
    """The label of row 3 does not count."""
    pixels = processor(PICTURES, return_tensors="np")["pixel_values"]
    return [{"pixel_values": one.tolist(), "label": label} for one, label in zip(pixels, WHICH, strict=True)]


# DETR: pictures of several sizes, padded to one beforehand. Its ResNet sees the padding, so what it finds in a picture
# depends a little on how far that is padded.

DETR = Pixels(
    "DetrImageProcessor",
    {"size": {"shortest_edge": 24, "longest_edge": 40}, "pad_size": {"height": 40, "width": 40}},
    ("pixel_values", "pixel_mask"),
)
DETR_SIZES = {
    "use_timm_backbone": False,
    "backbone_config": {
        "model_type": "resnet",
        "embedding_size": 8,
        "hidden_sizes": [8, 12, 16],
        "depths": [1, 1, 1],
        "layer_type": "basic",
        "out_features": ["stage1", "stage2", "stage3"],
    },
    "num_queries": 4,
    "d_model": 32,
    "encoder_layers": 1,
    "encoder_ffn_dim": 24,
    "encoder_attention_heads": 8,
    "decoder_layers": 1,
    "decoder_ffn_dim": 24,
    "decoder_attention_heads": 8,
    "id2label": {0: "cat", 1: "dog", 2: "home"},
}
DETR_DROPOUT = ("dropout", "attention_dropout", "activation_dropout")
MASKS = (10, 10)  # rows and columns of a mask: as many as the model gives


def object_rows(processor: Any) -> list[Row]:
    """Two objects in each picture."""
    batch = processor(PICTURES, return_tensors="np")
    rows = []
    for index, label in enumerate(WHICH):
        boxes = [[0.3 + index / 30, 0.4, 0.2, 0.3], [0.6, 0.7 - index / 20, 0.3, 0.2]]
        labels = {"class_labels": [max(label, 0), index % 3], "boxes": boxes}
        rows.append({name: array[index].tolist() for name, array in batch.items()} | {"labels": labels})
    return rows


def segment_rows(processor: Any) -> list[Row]:
    """The same with their masks."""
    rows = object_rows(processor)
    y, x = np.mgrid[: MASKS[0], : MASKS[1]]
    for index, row in enumerate(rows):
        masks = [(x + index) % 4 < 2, y < 4 + index % 3]
        row["labels"]["masks"] = [mask.astype(int).tolist() for mask in masks]
    return rows


# ViLT: a question about each picture.

VILT_SIZES = {
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "max_position_embeddings": 26,
    "image_size": 12,
    "patch_size": 4,
    "id2label": {0: "yes", 1: "no", 2: "mat"},
}
VILT_PIXELS = {"size": {"shortest_edge": 8}, "size_divisor": 4}
QUESTIONS = ["who ?", "what ran ?", "who sat on the mat ?", "what ?", "cat ?", "what are we ?", "who ran ?"]
SCENES = [{"image": picture, "question": text} for picture, text in zip(PICTURES, QUESTIONS, strict=True)]


@dataclass(frozen=True)
class Both:
    """A tokenizer and an image processor in one."""

    tokens: Any
    pixels: dict[str, Any]
    auto: str = "AutoProcessor"

    @property
    def inputs(self) -> tuple[str, ...]:
        return (*self.tokens.inputs, "pixel_values", "pixel_mask")

    def config(self) -> dict[str, Any]:
        return self.tokens.config()

    def write(self, folder: Path) -> None:
        self.tokens.write(folder)
        tokenizer = hfquick.AutoTokenizer.from_pretrained(folder)
        hfquick.ViltProcessor(hfquick.ViltImageProcessor(**self.pixels), tokenizer).save_pretrained(folder)


def question_rows(processor: Any) -> list[Row]:
    """How right each of three answers is."""
    rows = []
    for index, scene in enumerate(SCENES):
        batch = processor(scene["image"], scene["question"], return_tensors="np")
        labels = [index / 6, 1.0 if index % 2 else 0.0, 0.3]
        rows.append({name: array[0].tolist() for name, array in batch.items()} | {"labels": labels})
    return rows
