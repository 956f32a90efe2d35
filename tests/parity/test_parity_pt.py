"""Our PyTorch models give what transformers gives: outputs at every depth, losses, and gradients in training."""

import pytest

pytest.importorskip("torch")

from . import ours_pt
from .cases import CASES

pytestmark = pytest.mark.torch


@pytest.mark.parametrize("name", CASES)
def test_outputs_and_attention_maps(name):
    ours_pt.maps(name)


@pytest.mark.parametrize("name", CASES)
def test_outputs_of_the_fused_attention(name):
    ours_pt.fused(name)


@pytest.mark.parametrize("name", CASES)
def test_training(name):
    ours_pt.train(name)
