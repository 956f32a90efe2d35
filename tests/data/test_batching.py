"""Rows of like length share a batch, in an order that depends on nothing but what was given."""

import numpy as np
import pytest

from hfquick.data.batching import length_grouped

LENGTHS = np.random.default_rng(0).integers(1, 9, 50)
ORDER = np.random.default_rng(1).permutation(50)


@pytest.mark.parametrize("longest_first", [False, True])
@pytest.mark.parametrize("pool", [None, 1, 8, 50, 70])
def test_each_pool_is_sorted_and_equal_lengths_keep_their_order(pool, longest_first):
    found = length_grouped(ORDER, LENGTHS, pool, longest_first)
    sign = -1 if longest_first else 1
    for start in range(0, 50, pool or 50):
        part = ORDER[start : start + (pool or 50)].tolist()
        assert found[start : start + (pool or 50)].tolist() == sorted(part, key=lambda row: sign * LENGTHS[row])


def test_no_rows():
    assert length_grouped(np.arange(0), LENGTHS).tolist() == []
