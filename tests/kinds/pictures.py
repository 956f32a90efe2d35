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
    labels = [0, 2, 1, IGNORED, 1, 0, 2]
    return [{"pixel_values": one.tolist(), "label": label} for one, label in zip(pixels, labels, strict=True)]
