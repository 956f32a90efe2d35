"""docs/safety.md names the numbers that the package has, and tests that there are."""

import re
from pathlib import Path

import pytest

from hfquick import i18n
from hfquick.audio_processing import decoding, sounds
from hfquick.core import configuration, labels, weights
from hfquick.generation import configuration as generation
from hfquick.hub import client, downloads
from hfquick.image_processing import pictures, settings
from hfquick.tokenization import chat, files, sandbox
from hfquick.utils import files as utils
from hfquick.widgets import sounds as widget_sounds
from hfquick.widgets import uploads

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "safety.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.partition("## What is limited")[2].partition("\n## ")[0].splitlines() if line[:2] == "| "]
LIMITS = {
    "a text or JSON file": (utils.MOST_BYTES, files.MOST_TOKENIZER),
    "lists and tables in each other": (utils.MOST_LEVELS,),
    "digits of a whole number": (utils.MOST_DIGITS,),
    "labels of a classifier": (labels.MOST_LABELS,),
    "layers": (configuration.MOST_LAYERS,),
    "widths, vocabularies and lengths": (configuration.MOST_SIZE,),
    "tensors in a checkpoint": (weights.MOST_TENSORS, weights.MOST_LETTERS),
    "table of tensors": (weights.MOST_PICKLE,),
    "groups in each other": (weights.MOST_DEPTH,),
    "what a compressed tensor": (weights.MOST_INFLATED,),
    "beams": (generation.MOST_SEQUENCES,),
    "a chat template": (chat.MOST_LETTERS, sandbox.SECONDS, sandbox.MOST),
    "an answer of the Hub": (client.ALL_SECONDS,),
    "a download": (client.SLOW_BYTES, client.SLOW_SECONDS),
    "a wait": (client.MOST_WAIT,),
    "a picture": (pictures.MOST_PIXELS,),
    "an image from the web": (downloads.MOST_BYTES, downloads.ALL_SECONDS, downloads.MOST_REDIRECTS),
    "a recording": (
        decoding.MOST_SECONDS,
        decoding.MOST_CHANNELS,
        decoding.LEAST_RATE,
        decoding.MOST_RATE,
        sounds.MOST_SAMPLES,
    ),
    "bytes of a sound": (sounds.MOST_BYTES, sounds.MOST_BYTES_WEB),
    "an upload to the Playground": (uploads.MOST_BYTES,),
    "what the Playground records": (widget_sounds.MOST_RECORDED,),
    "sizes in `preprocessor_config.json`": (settings.MOST_EDGE,),
    "a value in the sentence": (i18n.MOST_LETTERS,),
}


@pytest.mark.parametrize("what", LIMITS)
def test_the_limits_are_those_of_the_package(what):
    (row,) = (line for line in ROWS if line.startswith(f"| {what}"))
    for number in LIMITS[what]:
        assert re.search(rf"(?<![\d,]){number:,.0f}(?!\d|,\d)", row), f"{row}: {number:,.0f}"


def test_every_limit_is_in_the_table():
    assert len(ROWS) - 1 == len(LIMITS)  # the first one is the head


def test_the_tests_it_names_exist():
    for name in re.findall(r"`(tests/[\w/.]+)`", PAGE):
        assert (ROOT / name).is_file(), name
