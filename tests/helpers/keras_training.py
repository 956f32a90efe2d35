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
