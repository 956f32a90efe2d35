"""Softmax, sigmoid, top-k and a check in NumPy, for pipelines, generation and pictures in both frameworks."""

from typing import Any

import numpy as np

from ..i18n import spoken


def softmax(scores: np.ndarray) -> np.ndarray:
    """Scores of any shape -> numbers from 0 to 1 that sum to 1, along the last axis."""
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True)


def sigmoid(scores: np.ndarray) -> np.ndarray:
    """Scores of any shape -> numbers from 0 to 1, each for itself."""
    return 1 / (1 + np.exp(-scores))


def top_k(scores: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The k largest of each row (R, V), best first -> their values and places, each (R, k)."""
    places = np.argpartition(scores, -k, 1)[:, -k:]  # a sixth of the time that sorting them all takes
    values = np.take_along_axis(scores, places, 1)
    order = np.argsort(-values, 1, kind="stable")
    return np.take_along_axis(values, order, 1), np.take_along_axis(places, order, 1)


def numbers(scores: np.ndarray) -> np.ndarray:
    """The same scores; ValueError where one of them is NaN or infinite, and so says nothing."""
    if not np.isfinite(scores).all():
        raise not_numbers()
    return scores


def not_numbers() -> ValueError:
    """The error for scores that a damaged model gives."""
    return spoken(
        ValueError,
        "the model's scores are not numbers (NaN): its weights are damaged, or its dtype is too narrow; try "
        'dtype="float32"',
    )


def to_numpy(given: Any) -> np.ndarray:
    """An array, or a tensor of either framework, also one with a gradient, on a GPU, or in bfloat16."""
    if hasattr(given, "detach"):
        given = given.detach().cpu()
        given = given.float() if str(given.dtype) == "torch.bfloat16" else given
    return np.asarray(given)
