"""Length-grouped batches: rows of similar length share a batch, so that less of it is padding.

For batches of so many rows, in training. Pipelines (pipelines/texts.py) and recipes (recipes/tokens.py) make batches of
so many tokens instead, which need no pools: the number of rows follows from their length.
"""

from typing import Any

import numpy as np


def length_grouped(
    order: np.ndarray, lengths: np.ndarray, pool: int | None = None, longest_first: bool = False
) -> np.ndarray:
    """An order of rows -> the same rows, sorted by length within each pool of `pool` of them, or all of them.

    Batches are then cut from it one after the other. A larger pool leaves less padding, a smaller one more of the order
    it was given. Rows of one length keep their order, so the result depends on nothing else.

    >>> length_grouped(np.array([3, 0, 2, 1]), np.array([9, 5, 7, 6]), pool=2).tolist()
    [3, 0, 1, 2]
    """
    keys = -lengths[order] if longest_first else lengths[order]
    return order[np.lexsort((keys, np.arange(len(order)) // (pool or max(1, len(order)))))]


def has_transform(dataset: Any) -> bool:
    """Whether a datasets.Dataset makes its rows on the way (set_transform), so that its columns do not tell of them."""
    return getattr(dataset, "format", None) is not None and dataset.format.get("type") == "custom"
