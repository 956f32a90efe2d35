"""Real runs are killed (SIGKILL) at random moments: no checkpoint looks whole and is not, and the run that goes on ends
with the losses and weights of one that nobody killed."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")

pytestmark = [
    pytest.mark.torch,
    pytest.mark.skipif(not hasattr(signal, "SIGKILL") or not hasattr(os, "fork"), reason="needs fork and SIGKILL"),
]
KILLS = 24


def run(*arguments: object) -> str:
    command = [sys.executable, "-m", "tests.training.killed_run", *map(str, arguments)]
    root = Path(__file__).parent.parent.parent
    return subprocess.run(command, cwd=root, check=True, stdout=subprocess.PIPE, text=True, timeout=600).stdout


def result(folder: Path) -> dict:
    run(folder)
    return json.loads((folder / "result.json").read_text())


def test_a_run_that_is_killed_again_and_again(tmp_path):
    found = json.loads(run(tmp_path / "killed", "--kills", KILLS).splitlines()[-1])
    assert found["kills"] == KILLS
    assert found["lies"] == []
    assert len(set(found["steps"])) > 3  # the shots fell in different places
    killed, whole = result(tmp_path / "killed"), result(tmp_path / "whole")
    assert killed["losses"] == whole["losses"]
    assert killed["weights"] == whole["weights"]
