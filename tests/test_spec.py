"""The quick tour that hfquick brings to life: every code block of it runs, in order, in each framework, offline.

reference/spec_blocks.json has the blocks as they stand there, prompts and shown results apart, with `hfquick` in the
place of `transformers` and of `datasets`.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BLOCKS = Path(__file__).parent / "reference" / "spec_blocks.json"
ROOT = Path(__file__).resolve().parents[1]
EVERY = 1 if os.environ.get("NIGHTLY") else 24  # one review in so many is trained on

RUN = """
import json, sys

import hfquick.data.loading as loading

path, framework, every = sys.argv[1], sys.argv[2], int(sys.argv[3])
whole = loading.load_dataset


def fewer(path, *given, **options):
    dataset = whole(path, *given, **options)
    if path != "rotten_tomatoes":
        return dataset
    return type(dataset)({split: rows.select(range(0, len(rows), every)) for split, rows in dataset.items()})


loading.load_dataset = fewer
blocks, ran = json.load(open(path, encoding="utf-8")), 0
names = {"__name__": "__main__", "with_score": "with score"}  # that phrase stands in a cell of its own in our tours
for number, block in enumerate(blocks):
    code = chr(10).join(block["code"])
    if framework == "tf":  # what a pipeline does where both frameworks are there is up to its caller
        code = code.replace('pipeline("sentiment-analysis")', 'pipeline("sentiment-analysis", framework="tf")')
        code = code.replace('wav2vec2-base-960h")', 'wav2vec2-base-960h", framework="tf")')
    try:
        exec(compile(code, f"block {number}", "exec"), names)
    except Exception as error:
        print(f"block {number}: {type(error).__name__}: {error}")
    else:
        ran += 1
print(f"{ran} of {len(blocks)} blocks ran")
print("framework", names["speech_recognizer"].framework)
"""


@pytest.mark.torch
@pytest.mark.tf
@pytest.mark.parametrize("framework", ["pt", "tf"])
def test_every_block_of_the_tour_runs(framework, tmp_path):
    # In a process of its own, as a learner's kernel: settings of the suite and models of other tests are not there.
    found = subprocess.run(
        [sys.executable, "-c", RUN, str(BLOCKS), framework, str(EVERY)],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
            "HF_HOME": str(tmp_path / "cache"),
            "HF_HUB_OFFLINE": "1",
        },
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=900,
    )
    print(found.stdout, found.stderr[-2000:])
    assert "44 of 44 blocks ran" in found.stdout
    assert f"framework {framework}" in found.stdout


def test_the_list_has_all_of_them():
    blocks = json.loads(BLOCKS.read_text(encoding="utf-8"))
    assert len(blocks) == 44
    assert not any("waits_for" in block for block in blocks)
