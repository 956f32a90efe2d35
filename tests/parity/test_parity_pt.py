"""Our PyTorch models give what transformers gives: outputs at every depth, losses, and gradients in training."""

import pytest

pytest.importorskip("torch")

from .cases import CASES
from .ours_pt import CHECKS

pytestmark = pytest.mark.torch


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("name", CASES)
def test_parity(name: str, check: str):
    CHECKS[check](name)
