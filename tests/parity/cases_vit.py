"""ViT beside transformers: pictures of the size it knows and of others, odd configurations, its head."""

from typing import Any

import numpy as np

from .case import Case, random

VIT = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 50,
    "image_size": 12,
    "patch_size": 4,
    "hidden_dropout_prob": 0.1,  # another for each place, so that one in the wrong place is seen
    "attention_probs_dropout_prob": 0.2,
}
IMAGE = "ForImageClassification"
VIT_HEADS = ["Model", IMAGE]
ODD = {"hidden_size": 36, "num_attention_heads": 3, "intermediate_size": 50, "num_hidden_layers": 3}
STILL = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}  # training takes the fused attention
RESIZED = {"interpolate_pos_encoding": True}


class PictureCase(Case):
    """A case whose batch is pictures."""

    table = "no table"
    padding_learns: Any = True  # there is none

    def arrays(self) -> dict[str, np.ndarray]:
        draw = random(self.name)
        return self._pictures(draw) | self._labels(draw, *self.batch, 0, np.ones(0))

    def least(self) -> dict[str, np.ndarray]:
        channels = self.values.get("num_channels", 3)
        return {"pixel_values": np.zeros((1, channels, *self.pixels), np.float32)} if self.pixels else {}

    def _pictures(self, draw: np.random.RandomState) -> dict[str, np.ndarray]:
        """Pictures with the mask of their padding, which is not 0: nothing may come of it."""
        if not self.pixels:
            return {}
        B, (Y, X), channels = self.batch[0], self.pixels, self.values.get("num_channels", 3)
        arrays = {"pixel_values": draw.standard_normal((B, channels, Y, X)).astype(np.float32)}
        if self.sizes:
            mask = [(np.arange(Y) < y)[:, None] & (np.arange(X) < x) for y, x in self.sizes]
            arrays["pixel_mask"] = np.stack(mask).astype(np.int64)
        return arrays

    def counted(self, output: str = "last_hidden_state") -> np.ndarray:
        return np.ones((self.batch[0], 1), np.float32)


def _vit(
    name: str, head: str = "Model", config: dict[str, Any] | None = None, pixels: tuple = (12, 12), **more: Any
) -> Case:
    return PictureCase(f"vit-{name}", f"ViT{head}", VIT | (config or {}), "", pixels=pixels, **more)


VIT_TABLE = [
    # The bare model.
    _vit("plain", gradients="full"),
    _vit("short", config={"num_hidden_layers": 1}),  # the quickest to build
    _vit("odd", config=ODD | {"hidden_act": "relu", "layer_norm_eps": 1e-3, "num_channels": 1, "patch_size": 3}),
    _vit("oblong", config={"image_size": [8, 15], "patch_size": [4, 5], "hidden_act": "gelu_new"}, pixels=(8, 15)),
    _vit("uneven", config={"image_size": 14, "hidden_act": "silu"}, pixels=(14, 14)),  # its last pixels are not read
    _vit("no-bias", config={"qkv_bias": False, "num_hidden_layers": 1}),
    _vit("pooled", config={"pooler_output_size": 20, "pooler_act": "relu", "num_hidden_layers": 1}),
    _vit("one", config={"num_attention_heads": 1, "image_size": 4}, pixels=(4, 4), batch=(1, 1)),
    _vit("quiet", config={"layer_norm_eps": 1e-5}, scale=0.1),
    _vit("wide", config={"hidden_size": 96, "num_attention_heads": 6, "intermediate_size": 100}),
    _vit("still", config=STILL),
    # Other sizes.
    _vit("larger", config={"num_hidden_layers": 1}, pixels=(20, 28), options=RESIZED, gradients="full"),
    _vit("smaller", config={"num_hidden_layers": 1}, pixels=(9, 8), options=RESIZED),
    _vit("wider", config={"num_hidden_layers": 1}, pixels=(12, 28), options=RESIZED),
    _vit("same", config={"num_hidden_layers": 1}, options=RESIZED),
    # Its head, and the losses.
    _vit("one-of-three", IMAGE, labels="class", gradients="full"),
    _vit("one-of-seven", IMAGE, {"num_labels": 7, "qkv_bias": False}, (20, 16), options=RESIZED, labels="class"),
    _vit("number", IMAGE, {"num_labels": 1, "num_hidden_layers": 1}, labels="number"),
    _vit("numbers", IMAGE, {"problem_type": "regression", "num_hidden_layers": 1}, labels="numbers"),
    _vit("several", IMAGE, {"num_labels": 7, "num_hidden_layers": 1}, labels="classes"),
]
