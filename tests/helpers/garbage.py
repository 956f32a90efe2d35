"""Garbage collections that are quick, for folders of tests that train: their conftest.py imports the fixture."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def quick_collections() -> Iterator[None]:
    """A run of the Trainer ends with gc.collect(), which looks at all that the frameworks' modules hold: not here.

    What a test makes is looked at as ever; what was there before its file waits until the file is through.
    """
    gc.freeze()
    yield
    gc.unfreeze()
