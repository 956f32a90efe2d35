"""A short round of malformed files, the same at every run; `python -m tests.fuzz.rounds` is the long one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .malformed import MAKERS, Case, cases
from .rounds import KINDS, LONGEST, judged, outcome_of, sound_folder

ROOT = Path(__file__).parents[2]
COUNTS = {"pt": 20, "tf": 6}  # of each kind
NEVER = ("code", "crash", "hang", "memory", "silent", "foreign")
# Within the Rust tokenizers, where no limit of ours reaches: docs/safety.md.
ELSEWHERE = {"tokenizer.json": ("hang", "memory", "foreign")}

linux = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="measures memory as Linux tells it")


@linux
@pytest.mark.parametrize(
    "framework", [pytest.param("pt", marks=pytest.mark.torch), pytest.param("tf", marks=pytest.mark.tf)]
)
def test_a_malformed_file_is_a_sentence_or_harmless(framework):
    command = [
        sys.executable,
        "-m",
        "tests.fuzz.rounds",
        "--json",
        f"--framework={framework}",
        f"--count={COUNTS[framework]}",
    ]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HFQUICK_LANG": "en", "TF_CPP_MIN_LOG_LEVEL": "3"}
    printed = subprocess.run(
        command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True, timeout=600
    )
    found = json.loads(printed.stdout.splitlines()[-1])
    assert len(found) == COUNTS[framework] * len(KINDS[framework])
    assert {"clear", "same"} <= {result["outcome"] for result in found}
    wrong = [
        result
        for result in found
        if result["outcome"] in NEVER and result["outcome"] not in ELSEWHERE.get(result["kind"], ())
    ]
    assert not wrong


def test_cases_are_the_same_for_a_seed_and_others_for_another(tmp_path):
    for kind in MAKERS:
        if kind in ("tf_model.h5", "pytorch_model.bin"):  # these hold the time they were written at
            continue
        sound = sound_folder(kind, tmp_path / kind)
        assert list(cases(kind, 20, 0, sound)) == list(cases(kind, 20, 0, sound))
        assert list(cases(kind, 20, 0, sound)) != list(cases(kind, 20, 1, sound))


@linux
@pytest.mark.parametrize(
    ("outcome", "load"),
    {
        "same": lambda folder: [1],
        "differs": lambda folder: print("said") or [2],
        "silent": lambda folder: [2],
        "foreign": lambda folder: {}["x"],
        "hang": lambda folder: __import__("time").sleep(60),
        "memory": lambda folder: bytearray(500 * 2**20) and [1],
        "crash": lambda folder: os.kill(os.getpid(), 9),
        "code": lambda folder: Path("canary").touch(),
    }.items(),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_outcome_is_told_apart(outcome, load, tmp_path, monkeypatch):
    monkeypatch.setattr("tests.fuzz.rounds.SECONDS", 3)
    case = Case("config.json", "nothing", {"config.json": b"{}"}, visible=True)
    assert outcome_of(case, tmp_path, load, [1])["outcome"] == outcome


def test_what_is_a_sentence_of_ours():
    from hfquick.i18n import spoken

    assert judged(spoken(ValueError, "{what} is damaged", what="a file"))[0] == "clear"
    assert judged(spoken(ValueError, "x" * LONGEST))[0] == "foreign"
    assert judged(ValueError("damaged"))[0] == "foreign"
