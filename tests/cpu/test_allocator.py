"""What is freed in a retain_freed_memory() block is there for the next one who needs it."""

import sys

import numpy as np
import pytest

from hfquick.cpu.allocator import _glibc, retain_freed_memory

BYTES = 96 * 2**20
resource = pytest.importorskip("resource")


def faults() -> int:
    """How many pages this process has asked the system for."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def new_pages() -> int:
    """Pages that a block of 96 MB costs when one of the same size was freed just before."""
    np.ones(BYTES, np.uint8).sum()
    before = faults()
    np.ones(BYTES, np.uint8).sum()
    return faults() - before


@pytest.mark.skipif(_glibc() is None, reason="not glibc")
def test_a_block_is_asked_for_once():
    with retain_freed_memory():
        assert new_pages() < 100


@pytest.mark.skipif(_glibc() is None, reason="not glibc")
@pytest.mark.parametrize("more", [0, 2**31], ids=["small", "large"])  # the second is asked for, and never touched
def test_afterwards_it_is_returned(more):
    with retain_freed_memory():
        block = np.empty(BYTES + more, np.uint8)
        block[:BYTES] = 1
        held = resident()
        del block
        assert resident() > held - BYTES / 2
    assert resident() < held - BYTES / 2


def resident() -> float:
    """Bytes of this process that are in memory."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def test_elsewhere_nothing_happens(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    with retain_freed_memory():
        assert _glibc() is None


def test_an_error_goes_through():
    with pytest.raises(KeyError), retain_freed_memory():
        raise KeyError
