"""What the tests of training with Keras share: a small configuration, rows of a dataset, a model, a fresh process."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hfquick

datasets = pytest.importorskip("datasets")

MARKS = [
    pytest.mark.tf,
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword"),  # TensorFlow's tensors
]
SIZES = {"vocab_size": 60, "max_position_embeddings": 16, "num_labels": 3, "initializer_range": 0.3, "pad_token_id": 7}
NO_DROPOUT = {"dropout": 0.0, "attention_dropout": 0.0, "seq_classif_dropout": 0.0, "qa_dropout": 0.0}
CONFIG = hfquick.DistilBertConfig(**SIZES, **NO_DROPOUT, dim=16, n_layers=1, n_heads=2, hidden_dim=24)


def rows(count: int = 20, **columns) -> "datasets.Dataset":
    """Texts of 3 to 11 tokens; the label is seen from the first token."""
    rng = np.random.RandomState(0)
    ids = [rng.randint(10, 60, rng.randint(3, 12)).tolist() for _ in range(count)]
    made = {
        "text": [f"text {index}" for index in range(count)],
        "input_ids": ids,
        "attention_mask": [[1] * len(row) for row in ids],
        "label": [row[0] % 3 for row in ids],
    }
    return datasets.Dataset.from_dict({name: value for name, value in (made | columns).items() if value is not None})


def classifier() -> Any:
    """A model of three classes with the same random weights every time."""
    import keras

    keras.utils.set_random_seed(0)
    return hfquick.TFDistilBertForSequenceClassification.from_config(CONFIG)


def run(code: str, *arguments: str, cwd: Path | None = None) -> str:
    """The last line that this code prints in a process of its own."""
    here = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([here, os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=cwd, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip().splitlines()[-1]


LENGTHS = [3, 1, 7, 4, 2, 9, 5, 3, 6]  # of the texts of `uneven`
GPT2 = hfquick.GPT2Config(
    vocab_size=60, n_positions=16, n_embd=16, n_layer=1, n_head=2, pad_token_id=7, num_labels=3, initializer_range=0.3,
    embd_pdrop=0.0, attn_pdrop=0.0, resid_pdrop=0.0,
)  # fmt: skip
T5 = hfquick.T5Config(
    vocab_size=60, d_model=16, d_kv=8, d_ff=24, num_layers=1, num_heads=2, pad_token_id=0, decoder_start_token_id=0,
    dropout_rate=0.0,
)  # fmt: skip
KINDS = ("class", "regression", "several", "token", "span", "masked", "causal", "causal class", "seq2seq")


def uneven(kind: str) -> tuple[Any, dict[str, np.ndarray]]:
    """A model of this kind and a batch of nine texts with labels, of which some rows have many and some none."""
    import keras

    keras.utils.set_random_seed(1)
    rng = np.random.RandomState(1)
    is_token = np.arange(max(LENGTHS)) < np.array(LENGTHS)[:, None]
    ids = np.where(is_token, rng.randint(10, 60, is_token.shape), 7)
    some = np.where(is_token & (rng.rand(*is_token.shape) < 0.4), ids, -100)
    some[0] = -100  # nothing masked in this text
    one_each = np.array([0, 1, -100, 2, 0, 1, 2, 0, 1])
    head, config, labels = {
        "class": ("DistilBertForSequenceClassification", {}, one_each),
        "regression": ("DistilBertForSequenceClassification", {"num_labels": 1}, one_each / 2),
        "several": ("DistilBertForSequenceClassification", {}, (ids[:, :3] % 2).astype("float32")),
        "token": ("DistilBertForTokenClassification", {}, np.where(some < 0, some, ids % 3)),
        "span": ("DistilBertForQuestionAnswering", {}, None),
        "masked": ("DistilBertForMaskedLM", {}, some),
        "causal": ("GPT2LMHeadModel", GPT2, np.where(is_token, ids, -100)),  # one of the texts has one token
        "causal class": ("GPT2ForSequenceClassification", GPT2, one_each),
        "seq2seq": ("T5ForConditionalGeneration", T5, some),
    }[kind]
    if isinstance(config, dict):
        config = hfquick.DistilBertConfig(
            **(SIZES | config), **NO_DROPOUT, dim=16, n_layers=1, n_heads=2, hidden_dim=24
        )
    model = getattr(hfquick, f"TF{head}").from_config(config)
    batch = {"input_ids": ids, "attention_mask": is_token.astype(int)}
    if labels is None:  # of two rows the answer is not in the text: they are left out
        starts = np.array([0, 0, 3, 40, 1, 2, 3, 40, 0])
        return model, {**batch, "start_positions": starts, "end_positions": starts + (starts < 3)}
    return model, {**batch, "labels": labels}
