"""Our Keras models give what transformers gives: outputs at every depth, losses, and gradients in training."""

import pytest

pytest.importorskip("tensorflow")

from .cases import CASES
from .ours_tf import CHECKS

pytestmark = pytest.mark.tf


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("name", CASES)
def test_parity(name: str, check: str):
    CHECKS[check](name)
