"""What is freed in a retain_freed_memory() block is there for the next one who needs it."""

import subprocess
import sys
from pathlib import Path

import pytest

from hfquick.cpu.allocator import _glibc, retain_freed_memory

ROOT = Path(__file__).parents[2]
BYTES = 96 * 2**20
HEAD = f"""
import resource
import numpy as np
from hfquick.cpu.allocator import retain_freed_memory
BYTES = {BYTES}

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()
"""


def alone(code: str, *arguments: object) -> list[int]:
    """The numbers that a process of its own prints: the suite's has heaps of many threads, with other rules."""
    command = [sys.executable, "-c", HEAD + code, *map(str, arguments)]
    return [int(word) for word in subprocess.check_output(command, cwd=ROOT, text=True).split()]


@pytest.mark.skipif(_glibc() is None, reason="not glibc")
def test_a_block_is_asked_for_once():
    pages = alone("""
with retain_freed_memory():
    np.ones(BYTES, np.uint8).sum()
    before = faults()
    np.ones(BYTES, np.uint8).sum()
    print(faults() - before)
""")
    assert pages[0] < 100


@pytest.mark.skipif(_glibc() is None, reason="not glibc")
@pytest.mark.parametrize("more", [0, 2**31], ids=["small", "large"])  # the second is asked for, and never touched
def test_afterwards_it_is_returned(more):
    held, inside, afterwards = alone(
        """
import sys
with retain_freed_memory():
    block = np.empty(BYTES + int(sys.argv[1]), np.uint8)
    block[:BYTES] = 1
    print(resident())
    del block
    print(resident())
print(resident())
""",
        more,
    )
    assert inside > held - BYTES / 2
    assert afterwards < held - BYTES / 2


def test_elsewhere_nothing_happens(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    with retain_freed_memory():
        assert _glibc() is None


def test_an_error_goes_through():
    with pytest.raises(KeyError), retain_freed_memory():
        raise KeyError
