"""The same script in one process and in two (torchrun, gloo): the same losses, no row counted twice."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")
import hfquick

pytestmark = pytest.mark.torch
ROOT = Path(__file__).parent.parent.parent
SCRIPT = str(Path(__file__).with_name("shared_run.py"))


def start(folder: Path, batch_size: int, processes: int, *more: str) -> None:
    """Run shared_run.py."""
    torchrun = ["-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={processes}"] if processes > 1 else []
    command = [sys.executable, *torchrun, SCRIPT, str(folder), str(batch_size), *more]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]


def run(folder: Path, batch_size: int, processes: int, *more: str) -> dict:
    """The result of shared_run.py."""
    start(folder, batch_size, processes, *more)
    return json.loads((folder / f"result{'-resumed' if 'resume' in more else ''}.json").read_text())


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    return run(tmp_path_factory.mktemp("one"), 8, 1)


def assert_same(two, one):
    assert two["processes"] == 2
    assert two["losses"] == pytest.approx(one["losses"], abs=1e-5)
    assert two["metrics"]["eval_rows"] == one["metrics"]["eval_rows"] == 43
    assert two["metrics"]["eval_sum"] == one["metrics"]["eval_sum"]
    assert two["metrics"]["eval_loss"] == pytest.approx(one["metrics"]["eval_loss"], abs=1e-5)
    for mine, other in zip(two["predictions"], one["predictions"], strict=True):
        assert mine == pytest.approx(other, abs=1e-4)


def test_two_processes_learn_like_one_with_the_doubled_batch(one, tmp_path):
    assert_same(run(tmp_path, 4, 2), one)
    resumed = run(tmp_path, 4, 2, "resume")
    assert resumed["losses"] == pytest.approx(one["losses"], abs=1e-5)


def test_processes_weigh_by_their_labels(tmp_path):
    """Two processes, and two batches for each update, learn like one process with batches twice as large, although
    one of them may have few labels that count, or none."""
    two, one = run(tmp_path / "two", 1, 2, "words"), run(tmp_path / "one", 2, 1, "words")
    for name in ("losses", "eval_loss", "weights"):
        assert two[name] == pytest.approx(one[name], rel=1e-5)


def test_each_process_may_hold_a_part_of_the_weights(one, tmp_path):
    """FSDP: the files hold the whole, and a run that goes on finds its optimizer."""
    assert_same(run(tmp_path, 4, 2, "sharded"), one)
    loaded = hfquick.AutoModelForSequenceClassification.from_pretrained(tmp_path / "checkpoint-10")
    assert loaded.config.architectures == ["BertForSequenceClassification"]
    assert "optimizer.pt" in {path.name for path in (tmp_path / "checkpoint-4").iterdir()}
    resumed = run(tmp_path, 4, 2, "sharded", "resume")
    assert resumed["losses"] == pytest.approx(one["losses"], abs=1e-5)


def test_the_best_model_is_loaded_into_the_parts(tmp_path):
    run(tmp_path / "parts", 4, 2, "sharded", "best")
    result = run(tmp_path / "whole", 8, 1, "best")
    parts = json.loads((tmp_path / "parts" / "result.json").read_text())
    losses = {
        entry["step"]: entry["eval_loss"]
        for entry in json.loads((tmp_path / "parts" / "checkpoint-10" / "trainer_state.json").read_text())[
            "log_history"
        ]
        if "eval_loss" in entry
    }
    assert max(losses, key=losses.get) != 10
    assert parts["metrics"]["eval_loss"] == pytest.approx(max(losses.values()), abs=1e-6)
    assert parts["metrics"]["eval_loss"] == pytest.approx(result["metrics"]["eval_loss"], abs=1e-5)


def test_threads_of_the_group_do_not_outlive_python(tmp_path):
    """A thread that needs Python after its end would abort its process, and torchrun all others."""
    start(tmp_path, 4, 2, "hasty")
