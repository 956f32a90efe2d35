"""Wav2Vec2 beside transformers: both kinds of norm, before and after, padding and masked frames, CTC's reductions.

Shapes: B recordings, S samples, T frames, L characters, V vocabulary.
"""

from typing import Any

import numpy as np

from .case import Case, draw_weight, random

WAV2VEC2 = {
    "vocab_size": 12,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 50,
    "conv_dim": [16, 20, 24],
    "conv_stride": [5, 2, 2],
    "conv_kernel": [10, 3, 2],
    "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 4,
    "classifier_proj_size": 20,
    "hidden_dropout": 0.1,  # another for each place, so that one in the wrong place is seen
    "activation_dropout": 0.2,
    "attention_dropout": 0.3,
    "feat_proj_dropout": 0.15,
    "final_dropout": 0.25,
    "layerdrop": 0.0,  # what is chosen at random has tests of its own
    "mask_time_prob": 0.0,
}
CTC, SEQUENCE = "ForCTC", "ForSequenceClassification"
WAV2VEC2_HEADS = ["Model", CTC, SEQUENCE]
LAYER = {"feat_extract_norm": "layer", "conv_bias": True, "do_stable_layer_norm": True}  # as the larger models
STILL = {name: 0.0 for name in WAV2VEC2 if name.endswith("dropout")}  # training takes the fused attention
SPELLINGS = {"parametrizations.weight.original0": "weight_g", "parametrizations.weight.original1": "weight_v"}


def our_name(name: str) -> str:
    """A parameter of transformers, which has torch's newest spelling of weight normalisation, as it is called here."""
    for theirs, ours in SPELLINGS.items():
        name = name.replace(theirs, ours)
    return name


class SoundCase(Case):
    """A case whose batch is recordings, S samples each. `inputs`: mask (of padding), masked (frames in training)."""

    table = "no table"
    padding_learns: Any = True  # there is none
    has_text = reads_on = False

    @property
    def lengths(self) -> np.ndarray:
        """Samples of each recording."""
        B, S = self.batch
        return np.array([S, S - 90, S - 170][:B] if "mask" in self.inputs.split() else [S] * B)

    def frames(self, samples: Any) -> Any:
        for kernel, stride in zip(self.values["conv_kernel"], self.values["conv_stride"], strict=True):
            samples = (samples - kernel) // stride + 1
        return samples

    def arrays(self) -> dict[str, np.ndarray]:
        """Noise, in the padding, too: the first frames of it overlap with what is read."""
        draw, (B, S) = random(self.name), self.batch
        arrays = {"input_values": draw.standard_normal((B, S)).astype(np.float32)}
        kinds, T = self.inputs.split(), self.frames(S)
        if "mask" in kinds:
            arrays["attention_mask"] = (np.arange(S) < self.lengths[:, None]).astype(np.int64)
        if "masked" in kinds:
            arrays["mask_time_indices"] = draw.rand(B, T) < 0.3
        if self.labels == "class":
            arrays["labels"] = draw.randint(0, self.values["num_labels"], B)
        elif self.labels:
            arrays["labels"] = self._transcriptions(draw)
        return arrays

    def _transcriptions(self, draw: np.random.RandomState) -> np.ndarray:
        """Token ids (B, L) without the blank, with equal ones beside each other; padding and holes are -100."""
        B, L, V, blank = self.batch[0], 7, self.values["vocab_size"], self.values.get("pad_token_id", 0)
        labels = draw.randint(1, V, (B, L))
        labels = np.where(labels == blank, 0, labels)
        labels[:, 2] = labels[:, 1]
        labels = np.where(np.arange(L) < np.array([5, 3, 4][:B])[:, None], labels, -100)
        if self.labels == "holes":
            labels[0, 1], labels[1, 0] = -100, -100
        elif self.labels == "long":  # for as many frames as the second recording has, one of them a blank
            labels = np.concatenate([labels, np.full((B, 40), -100)], 1)
            count = int(self.frames(self.lengths)[1])
            labels[1, :count] = np.resize([3, 4], count)
            labels[1, 1] = 3
        return labels

    def least(self) -> dict[str, np.ndarray]:
        return {"input_values": np.zeros((1, 100), np.float32)}

    def counted(self, output: str = "last_hidden_state") -> np.ndarray:
        return (np.arange(self.frames(self.batch[1])) < self.frames(self.lengths)[:, None]).astype(np.float32)

    def weight(self, name: str, shape: tuple[int, ...]) -> np.ndarray:
        """As in other models; kernels by all that they read, and positions that count as much as what stands there."""
        name = our_name(name)
        noise = random(name).standard_normal(shape).astype(np.float32)
        if name.endswith("conv.weight"):
            return np.float32(1.4 / np.prod(shape[1:]) ** 0.5 * self.scale) * noise
        if name.endswith(("weight_g", "layer_weights")):
            return np.float32(2 * self.scale) * noise
        return draw_weight(name, tuple(shape)) * np.float32(self.scale)


def _wav2vec2(name: str, head: str = "Model", config: dict[str, Any] | None = None, **more: Any) -> SoundCase:
    given = {"inputs": "mask", "batch": (3, 300), **more}
    return SoundCase(f"wav2vec2-{name}", f"Wav2Vec2{head}", WAV2VEC2 | (config or {}), **given)


ODD = {
    "hidden_size": 36,
    "num_attention_heads": 3,
    "num_hidden_layers": 3,
    "num_conv_pos_embeddings": 7,
    "num_conv_pos_embedding_groups": 6,
    "conv_dim": [12, 20],
    "conv_stride": [3, 4],
    "conv_kernel": [7, 4],
    "hidden_act": "relu",
    "feat_extract_activation": "gelu_new",
    "layer_norm_eps": 1e-3,
}
ONE = {"num_hidden_layers": 1}

WAV2VEC2_TABLE = [
    # The bare model.
    _wav2vec2("plain", inputs="", gradients="full"),
    _wav2vec2("short", config=ONE),  # the quickest to build
    _wav2vec2("padded", gradients="full"),
    _wav2vec2("layer", config=LAYER, gradients="full"),
    _wav2vec2("layer-whole", config=LAYER | ONE, inputs=""),
    _wav2vec2("layer-after", config={"feat_extract_norm": "layer"}),
    _wav2vec2("group-before", config={"do_stable_layer_norm": True, "conv_bias": True}),
    _wav2vec2("odd", config=ODD),
    _wav2vec2("odd-layer", config=ODD | LAYER, inputs=""),
    _wav2vec2("one-frame", config={"num_attention_heads": 1}, inputs="", batch=(1, 30)),
    _wav2vec2("quiet", scale=0.01),
    _wav2vec2("quiet-layer", config=LAYER, scale=0.01),
    _wav2vec2("wide", config={"hidden_size": 96, "num_attention_heads": 6, "num_conv_pos_embedding_groups": 16}),
    _wav2vec2("still", config=STILL),
    # Frames that are masked, as in training.
    _wav2vec2("masked", config={"mask_time_prob": 0.3, **ONE}, inputs="masked", gradients="full"),
    _wav2vec2("masked-padded", config={"mask_time_prob": 0.3, **LAYER}, inputs="mask masked"),
    # Characters.
    _wav2vec2("characters", CTC, labels="characters", gradients="full"),
    _wav2vec2("characters-whole", CTC, LAYER, inputs="", labels="characters"),
    _wav2vec2("characters-mean", CTC, {"ctc_loss_reduction": "mean", **ONE}, labels="characters"),
    _wav2vec2("characters-holes", CTC, {"pad_token_id": 4, "vocab_size": 9, **ONE}, labels="holes"),
    _wav2vec2("characters-long", CTC, {"ctc_zero_infinity": True, **ONE}, labels="long"),
    _wav2vec2(
        "characters-long-mean", CTC, {"ctc_zero_infinity": True, "ctc_loss_reduction": "mean", **ONE}, labels="long"
    ),
    # Classes.
    _wav2vec2("one-of-three", SEQUENCE, labels="class", gradients="full"),
    _wav2vec2("one-of-seven", SEQUENCE, {"num_labels": 7, **LAYER}, inputs="", labels="class"),
    _wav2vec2("weighted", SEQUENCE, {"use_weighted_layer_sum": True}, labels="class", gradients="full"),
    _wav2vec2("weighted-layer", SEQUENCE, {"use_weighted_layer_sum": True, **LAYER}, inputs="", labels="class"),
]
