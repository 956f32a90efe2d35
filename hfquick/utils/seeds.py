"""One seed for all random number generators of a process: Python's, NumPy's, those of PyTorch and of TensorFlow."""

import random
import sys
from typing import Any

import numpy as np

from .fields import Range, check_field

_waiting: dict[str, int] = {}  # framework that is not imported yet -> its seed


def set_seed(seed: int) -> None:
    """Seed the random number generators of Python, NumPy, PyTorch and TensorFlow, so that a run can be repeated.

    A framework that is not imported yet is seeded when hfquick first needs it. Raises ValueError for what is no whole
    number from 0 on.
    """
    seed = int(seed) if isinstance(seed, np.integer) else seed
    check_field("seed", seed, int, Range(0))
    random.seed(seed)
    np.random.seed(seed % 2**32)
    for name in ("torch", "tensorflow"):
        _waiting[name] = seed
        if name in sys.modules:
            seed_late(sys.modules[name])


def seed_late(framework: Any) -> None:
    """A framework that has just been imported gets the seed that waits for it, if one does."""
    seed = _waiting.pop(framework.__name__, None)
    if seed is None:
        return
    if framework.__name__ == "torch":
        framework.manual_seed(seed % 2**63)  # on every device
    else:
        framework.random.set_seed(seed % 2**63)
