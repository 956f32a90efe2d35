"""What the tests of models with an encoder and a decoder share: both models with small sizes, texts, one way to call.

Every size is another one, so that two that are mixed up are seen. Weights are drawn wide, masks have holes.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest

import hfquick

READ = np.random.RandomState(0).randint(3, 40, (3, 9))  # (B, S)
MASK = np.array([[1] * 9, [1, 1, 0, 1, 1, 1, 0, 0, 0], [0, 0, 1, 1, 1, 1, 1, 1, 1]])
WRITTEN = np.random.RandomState(1).randint(3, 40, (3, 7))  # (B, T)
WRITTEN[:, 0] = 2
WRITTEN_MASK = np.array([[1] * 7, [1, 1, 0, 1, 1, 1, 1], [0, 0, 1, 1, 1, 1, 1]])


@dataclass(frozen=True)
class Family:
    """BART or T5: how its classes start, the sizes of the tests, and what is called differently in each."""

    start: str
    sizes: dict[str, Any]
    untied: dict[str, Any]  # the form with a head of its own
    narrow: dict[str, Any]  # weights as narrow as trained ones
    no_dropout: dict[str, Any]
    prefix: str  # of the keys of the model below the head
    part: str  # a weight that a damaged file lacks

    def model_class(self, framework: str, end: str = "ForConditionalGeneration") -> type:
        return getattr(hfquick, f"{'TF' if framework == 'tf' else ''}{self.start}{end}")

    def build(self, framework: str, end: str = "ForConditionalGeneration", **config: Any) -> Any:
        """A model by its name's end, with random weights."""
        if framework == "tf":
            import keras

            keras.utils.set_random_seed(0)
        else:
            import torch

            torch.manual_seed(0)
        config_class = getattr(hfquick, f"{self.start}Config")
        model = self.model_class(framework, end).from_config(config_class(**self.sizes | config))
        return model if framework == "tf" else model.eval()

    def shared(self, framework: str, **config: Any) -> Any:
        """The same model for all tests that only call it: building one takes as long as many calls."""
        return _shared(self.start, framework, tuple(sorted(config.items())))


@cache
def _shared(start: str, framework: str, config: tuple[tuple[str, Any], ...]) -> Any:
    (family,) = (family for family in FAMILIES.values() if family.start == start)
    return family.build(framework, **dict(config))


BART = Family(
    start="Bart",
    sizes={
        "vocab_size": 40,
        "max_position_embeddings": 16,
        "d_model": 32,
        "encoder_layers": 2,
        "encoder_attention_heads": 4,
        "encoder_ffn_dim": 48,
        "decoder_layers": 3,
        "decoder_attention_heads": 2,
        "decoder_ffn_dim": 44,
        "init_std": 0.3,
    },
    untied={"tie_word_embeddings": False},
    narrow={"init_std": 0.05},
    no_dropout={"dropout": 0.0},
    prefix="model.",
    part="model.decoder.layers.2.encoder_attn.q_proj.weight",
)
T5 = Family(
    start="T5",
    sizes={
        "vocab_size": 40,
        "d_model": 32,
        "d_kv": 6,
        "d_ff": 48,
        "num_layers": 2,
        "num_decoder_layers": 3,
        "num_heads": 4,
        "relative_attention_num_buckets": 8,
        "relative_attention_max_distance": 6,
        "decoder_start_token_id": 0,
    },
    untied={"feed_forward_proj": "gated-gelu", "tie_word_embeddings": False},  # T5 v1.1
    narrow={},
    no_dropout={"dropout_rate": 0.0},
    prefix="",
    part="decoder.block.2.layer.1.EncDecAttention.q.weight",
)
FAMILIES = {"bart": BART, "t5": T5}


def tensor(value: Any, framework: str) -> Any:
    if not isinstance(value, np.ndarray):
        return value
    module = pytest.importorskip("tensorflow" if framework == "tf" else "torch")
    return module.constant(value) if framework == "tf" else module.from_numpy(value)


def call(model: Any, framework: str, **inputs: Any) -> Any:
    """The outputs for NumPy arrays; no gradients."""
    inputs = {key: tensor(value, framework) for key, value in inputs.items()}
    if framework == "tf":
        return model(**inputs)
    import torch

    with torch.no_grad():
        return model(**inputs)


def encode(model: Any, framework: str) -> Any:
    return call(model.get_encoder(), framework, input_ids=READ, attention_mask=MASK)


def scores(model: Any, framework: str) -> np.ndarray:
    return np.asarray(call(model, framework, input_ids=READ, attention_mask=MASK, decoder_input_ids=WRITTEN)[0])


def same(ours: Any, expected: Any) -> None:
    expected = np.asarray(expected)
    np.testing.assert_allclose(np.asarray(ours), expected, rtol=1e-5, atol=2e-5 * max(1, expected.std()))
