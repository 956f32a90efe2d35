"""What models of sound need in the table: a processor or a feature extractor, and clips made by arithmetic.

Clips are of several lengths. The models normalise each frame by itself and have a mask of what is padding, so a clip
gives the same in every batch.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import hfquick

Row = dict[str, Any]
IGNORED = -100
RATE = 16_000
LETTERS = ("<pad>", "<s>", "</s>", "<unk>", "|", "a", "c", "d", "e", "g", "h", "n", "o", "r", "s", "t")


@dataclass(frozen=True)
class Samples:
    """A feature extractor, and for models of characters the tokenizer beside it."""

    letters: bool = False
    inputs: tuple[str, ...] = ("input_values", "attention_mask")

    @property
    def auto(self) -> str:
        return "AutoProcessor" if self.letters else "AutoFeatureExtractor"

    def config(self) -> dict[str, Any]:
        """What a model must know of it."""
        return {"vocab_size": len(LETTERS), "pad_token_id": 0} if self.letters else {}

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        settings = {"return_attention_mask": True, "sampling_rate": RATE}
        hfquick.Wav2Vec2FeatureExtractor(**settings).save_pretrained(folder)
        if self.letters:
            ids = {letter: index for index, letter in enumerate(LETTERS)}
            (folder / "vocab.json").write_text(json.dumps(ids))
            named = {"pad_token": "<pad>", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
            kind = {"tokenizer_class": "Wav2Vec2CTCTokenizer", "word_delimiter_token": "|"}
            (folder / "tokenizer_config.json").write_text(json.dumps({**kind, **named}))
            hfquick.Wav2Vec2Processor.from_pretrained(folder).save_pretrained(folder)


def clip(index: int, samples: int) -> np.ndarray:
    """Two tones that go up, others for each index."""
    t = np.arange(samples) / RATE
    return (0.5 * np.sin(t * 900 * (index + 2)) + 0.3 * np.sin(t * t * 40_000 * (index + 1))).astype(np.float32)


LENGTHS = [600, 900, 420, 750, 600, 925, 510]  # a pipeline batches 925 with 900, which has two frames less
CLIPS = [{"array": clip(index, length), "sampling_rate": RATE} for index, length in enumerate(LENGTHS)]
SAID = ["a cat", "dogs", "at", "a dog ran", "the", "no cat sang", "go"]
WHICH = [0, 2, 1, IGNORED, 1, 0, 2]  # label of each clip; that of row 3 does not count
SIZES = {
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "conv_dim": [8, 12],
    "conv_stride": [5, 4],
    "conv_kernel": [10, 4],  # a frame each 20 samples
    "num_conv_pos_embeddings": 8,
    "num_conv_pos_embedding_groups": 2,
    "feat_extract_norm": "layer",
    "conv_bias": True,
    "do_stable_layer_norm": True,
    "mask_time_prob": 0.0,
    "layerdrop": 0.0,
    "classifier_proj_size": 12,
}
DROPOUT = ("hidden_dropout", "activation_dropout", "attention_dropout", "feat_proj_dropout", "final_dropout")


def _values(processor: Any) -> list[list[float]]:
    batches = (processor(each["array"], sampling_rate=RATE, return_tensors="np") for each in CLIPS)
    return [batch["input_values"][0].tolist() for batch in batches]


def speech_rows(processor: Any) -> list[Row]:
    """A transcription of each, of letters that a frame each may hold."""
    labels = processor.tokenizer(SAID)["input_ids"]
    return [{"input_values": values, "labels": ids} for values, ids in zip(_values(processor), labels, strict=True)]


def sound_rows(processor: Any) -> list[Row]:
    """The label of row 3 does not count."""
    return [{"input_values": values, "label": label} for values, label in zip(_values(processor), WHICH, strict=True)]
