"""Our Keras models give what transformers gives: outputs at every depth, with a cache, too, losses, and gradients."""

import pytest

pytest.importorskip("tensorflow")

from .cases import CASES
from .ours_tf import CHECKS, STEPS
from .reference import ask

pytestmark = pytest.mark.tf


@pytest.mark.parametrize("name", CASES)
def test_parity(name: str):
    """One model answers all questions; the failure names those with a wrong answer."""
    ask(name, {check: CHECKS[check] for check in CHECKS if check != "steps" or name in STEPS})
