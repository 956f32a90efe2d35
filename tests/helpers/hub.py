"""What the tests of the hub share."""

import os
import subprocess
import sys

import pytest

from hfquick.hub.repository import HubError, open_repo

FAMOUS = "distilbert-base-uncased"
STAND_IN = "hfquick/distilbert-tiny-en"


def fails(*args, **options) -> HubError:
    with pytest.raises(HubError) as error:
        open_repo(*args, **options)
    return error.value


def sentence(*args, **options) -> str:
    return str(fails(*args, **options))


def run(code: str, **environment: str) -> str:
    """What a Python process of its own prints."""
    result = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **environment}, capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()
