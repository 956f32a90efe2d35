"""What tests leave to the garbage collector.

Collections that are quick, for folders of tests that train: their conftest.py imports the fixture. And a mark for tests
in which `datasets` reads files.
"""

import gc
from collections.abc import Iterator

import pytest

# datasets 4.0, which Colab has, leaves the files it reads to the garbage collector.
files_left_open = pytest.mark.filterwarnings(
    "ignore:unclosed file:ResourceWarning",
    "ignore:Exception ignored in. <_io:pytest.PytestUnraisableExceptionWarning",
)


@pytest.fixture(scope="module", autouse=True)
def quick_collections() -> Iterator[None]:
    """A run of the Trainer ends with gc.collect(), which looks at all that the frameworks' modules hold: not here.

    What a test makes is looked at as ever; what was there before its file waits until the file is through.
    """
    gc.freeze()
    yield
    gc.unfreeze()
