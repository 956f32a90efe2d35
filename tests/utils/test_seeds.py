"""One seed for everything, also for a framework that is imported afterwards."""

import os
import random
import subprocess
import sys

import numpy as np
import pytest

import hfquick
from hfquick.utils import seeds


def test_python_and_numpy():
    drawn = []
    for seed in (3, np.int64(3), 4):
        hfquick.set_seed(seed)
        drawn.append((random.random(), np.random.random()))
    assert drawn[0] == drawn[1] != drawn[2]


@pytest.mark.torch
def test_torch():
    import torch

    hfquick.set_seed(3)
    first = torch.rand(3)
    hfquick.set_seed(3)
    assert torch.equal(torch.rand(3), first)


@pytest.mark.tf
def test_tensorflow():
    import tensorflow as tf

    hfquick.set_seed(3)
    first = tf.random.uniform([3]).numpy()
    hfquick.set_seed(3)
    assert tf.random.uniform([3]).numpy().tolist() == first.tolist()


@pytest.mark.parametrize("seed", [-1, 1.5, "3", None, True])
def test_what_is_no_seed(seed):
    with pytest.raises(ValueError, match=r"seed is .*, expected a whole number from 0 on"):
        hfquick.set_seed(seed)


def test_a_seed_waits_for_a_framework_and_is_given_once(monkeypatch):
    given = []

    class Torch:
        __name__ = "torch"
        manual_seed = given.append

    monkeypatch.setattr(seeds, "_waiting", {"torch": 7})
    seeds.seed_late(Torch())
    seeds.seed_late(Torch())
    assert given == [7]


LATE = """
import sys, hfquick
hfquick.set_seed({seed})
assert "{framework}" not in sys.modules
from hfquick import {model}, BertConfig
sizes = {{"hidden_size": 8, "num_attention_heads": 1, "num_hidden_layers": 1, "intermediate_size": 8, "vocab_size": 9}}
model = {model}(BertConfig(**sizes))
print({drawn})
"""
DRAWN = {
    "torch": ("BertModel", "model.embeddings.word_embeddings.weight[1].tolist()"),
    "tensorflow": ("TFBertModel", "__import__('tensorflow').random.uniform([3]).numpy().tolist()"),
}


@pytest.mark.parametrize(
    "framework", [pytest.param("torch", marks=pytest.mark.torch), pytest.param("tensorflow", marks=pytest.mark.tf)]
)
def test_a_model_made_after_the_seed_is_always_the_same(framework):
    model, drawn = DRAWN[framework]

    def run(seed: int) -> str:
        code = LATE.format(seed=seed, framework=framework, model=model, drawn=drawn)
        command = [sys.executable, "-c", code]
        return subprocess.run(command, env=os.environ, capture_output=True, text=True, check=True, timeout=120).stdout

    first = run(3)
    assert first.startswith("[")
    assert run(3) == first
    assert run(4) != first


@pytest.mark.torch
def test_a_trainer_seeds_in_the_same_way():
    import torch

    from hfquick.training.rng import seed_all

    hfquick.set_seed(3)
    first = random.random(), np.random.random(), torch.rand(1).item()
    seed_all(3)
    assert (random.random(), np.random.random(), torch.rand(1).item()) == first
