"""Our PyTorch models give what transformers gives: outputs at every depth, with a cache, too, losses, and gradients."""

import pytest

pytest.importorskip("torch")

from .cases import CASES
from .ours_pt import CHECKS, STEPS
from .reference import ask

pytestmark = pytest.mark.torch


@pytest.mark.parametrize("name", CASES)
def test_parity(name: str):
    """One model answers all questions; the failure names those with a wrong answer."""
    ask(name, {check: CHECKS[check] for check in CHECKS if check != "steps" or name in STEPS})
