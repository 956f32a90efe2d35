"""Our PyTorch models give what transformers gives: outputs at every depth, with a cache, too, losses, and gradients."""

import pytest

pytest.importorskip("torch")

from .cases import CASES
from .ours_pt import CHECKS, STEPS

pytestmark = pytest.mark.torch


QUESTIONS = [(name, check) for name in CASES for check in CHECKS if check != "steps" or name in STEPS]


@pytest.mark.parametrize(("name", "check"), QUESTIONS)
def test_parity(name: str, check: str):
    CHECKS[check](name)
