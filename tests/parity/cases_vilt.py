"""ViLT beside transformers: texts with padding, pictures of one size and of several, vectors in their place, its head.

transformers samples the patches of a picture in random order; where references are recorded they come row by row.
"""

from typing import Any

import numpy as np

from .case import Case
from .cases_vit import PictureCase

VILT = {
    "vocab_size": 40,
    "max_position_embeddings": 12,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 50,
    "image_size": 12,
    "patch_size": 4,
    "hidden_dropout_prob": 0.1,  # another for each place, so that one in the wrong place is seen
    "attention_probs_dropout_prob": 0.2,
}
ANSWERS = "ForQuestionAnswering"
VILT_HEADS = ["Model", ANSWERS]
ODD = {"hidden_size": 36, "num_attention_heads": 3, "intermediate_size": 50, "num_hidden_layers": 3}
STILL = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}  # training takes the fused attention
SEVERAL = {"pixels": (16, 20), "sizes": ((16, 20), (8, 12), (12, 4))}  # the first fills the batch
PADDED = {"pixels": (16, 20), "sizes": ((8, 16), (12, 8), (16, 4))}  # none does


class ViltCase(PictureCase):
    """A case whose batch is texts with a picture each."""

    table = "embeddings.text_embeddings.word_embeddings"

    @property
    def padding_learns(self) -> bool:
        return self.values.get("pad_token_id") is None

    def arrays(self) -> dict[str, np.ndarray]:
        return Case.arrays(self)

    def least(self) -> dict[str, np.ndarray]:
        return Case.least(self) | super().least()

    def counted(self, output: str = "last_hidden_state") -> np.ndarray:
        """(B, T + 1 + P) 1.0 for tokens, [CLS] and patches that are read."""
        text = self.arrays().get("attention_mask", np.ones(self.batch))
        assert self.pixels
        (Y, X), size = self.pixels, self.values["patch_size"]
        # The first pixels of all rows and columns of patches.
        rows, columns = (np.floor(np.arange(side // size) * (side / (side // size))) for side in (Y, X))
        sizes = self.sizes or [self.pixels] * self.batch[0]
        counts = np.array([(rows < height).sum() * (columns < width).sum() for height, width in sizes])
        read = np.arange(1 + counts.max()) < 1 + counts[:, None]
        return np.concatenate([text, read], 1).astype(np.float32)


def _vilt(
    name: str,
    head: str = "Model",
    config: dict[str, Any] | None = None,
    inputs: str = "ids mask types",
    pixels: tuple[int, int] = (12, 12),
    **more: Any,
) -> Case:
    return ViltCase(f"vilt-{name}", f"Vilt{head}", VILT | (config or {}), inputs, pixels=pixels, **more)


VILT_TABLE = [
    # The bare model.
    _vilt("plain", gradients="full"),
    _vilt("short", config={"num_hidden_layers": 1}, **PADDED),  # the quickest to build
    _vilt("sizes", inputs="ids holes types", gradients="full", **SEVERAL),
    _vilt("odd", config=ODD | {"hidden_act": "relu", "layer_norm_eps": 1e-3, "type_vocab_size": 3}, **SEVERAL),
    _vilt(
        "uneven", config={"image_size": 14, "hidden_act": "silu"}, pixels=(18, 23), sizes=((18, 23), (9, 17), (13, 6))
    ),
    _vilt("larger", config={"num_hidden_layers": 1}, inputs="ids", pixels=(20, 16)),
    _vilt("lines", config={"num_hidden_layers": 1}, inputs="ids", pixels=(20, 24), sizes=((4, 24), (20, 4), (4, 4))),
    _vilt("no-bias", config={"qkv_bias": False, "num_hidden_layers": 1, "hidden_act": "tanh"}, **SEVERAL),
    _vilt("embeds", config={"num_hidden_layers": 1, "hidden_act": "gelu_new"}, inputs="embeds mask", **PADDED),
    _vilt("kinds", config={"modality_type_vocab_size": 3}, options={"image_token_type_idx": 2}),
    _vilt("pad-id", config={"pad_token_id": 3, "num_hidden_layers": 1}, inputs="ids mask pad"),
    _vilt("one", config={"num_attention_heads": 1, "image_size": 4}, inputs="ids", pixels=(4, 4), batch=(1, 1)),
    _vilt("quiet", config={"layer_norm_eps": 1e-5}, scale=0.1, **PADDED),
    _vilt("wide", config={"hidden_size": 96, "num_attention_heads": 6, "intermediate_size": 100}),
    _vilt("still", config=STILL, **PADDED),
    _vilt("still-full", config=STILL, inputs="ids"),
    # Its head, and the loss.
    _vilt("answers", ANSWERS, {"num_labels": 5}, labels="scores", gradients="full", **PADDED),
    _vilt("answers-plain", ANSWERS, {"num_labels": 7, "num_hidden_layers": 1}, "ids", labels="scores"),
    _vilt("answers-quiet", ANSWERS, {"num_labels": 3, "num_hidden_layers": 1}, labels="scores", scale=0.003),
]
