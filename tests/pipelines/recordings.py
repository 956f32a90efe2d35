"""Sounds for tests, made by a formula: notes that change, between pauses, with noise. 16,000 samples a second."""

import numpy as np

RATE = 16_000
LENGTHS = {"short": 4_321, "second": 16_000, "odd": 23_457, "same": 23_457, "longer": 24_001, "long": 80_003}


def recording(name: str) -> np.ndarray:
    """The sound of that name, (S,) float32."""
    seed, length = list(LENGTHS).index(name), LENGTHS[name]
    rng = np.random.RandomState(seed)
    notes = rng.uniform(120, 2_000, length // 1_600 + 1).repeat(1_600)[:length]
    loud = rng.uniform(0, 1, length // 2_000 + 1).repeat(2_000)[:length]
    loud[loud < 0.2] = 0
    wave = np.sin(2 * np.pi * np.cumsum(notes) / RATE) * loud + 0.02 * rng.randn(length)
    return (0.3 * wave).astype(np.float32)
