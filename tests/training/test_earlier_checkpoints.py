"""A checkpoint of an earlier version resumes, and ends where that version's run ended which was never stopped."""

import json

import pytest

pytest.importorskip("torch")
import torch
from safetensors.torch import load_file

from tests.reference.record_trainer_checkpoint import FOLDER, STEP, logged, plans, trainer

pytestmark = pytest.mark.torch
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))


def test_an_earlier_checkpoint_resumes(tmp_path):
    """To 1e-6, not to the last bit: another processor or another torch adds up in another order. That one and the same
    version ends bit by bit the same is tested in test_checkpoints.py."""
    run = trainer(tmp_path)
    torch.manual_seed(1)  # the state of the generators comes from the checkpoint
    assert run.train(resume_from_checkpoint=str(FOLDER / f"checkpoint-{STEP}")).global_step == 8
    for found, expected in zip(logged(run), EXPECTED["logged"], strict=True):
        assert found == pytest.approx(expected, abs=1e-6)
    final = load_file(FOLDER / "final.safetensors")
    assert list(final) == sorted(run.model.state_dict())
    torch.testing.assert_close({**run.model.state_dict()}, final, atol=1e-6, rtol=0)


def test_the_run_that_is_not_stopped_is_the_earlier_one(tmp_path):
    run = trainer(tmp_path)
    run.train()
    for found, expected in zip(logged(run), EXPECTED["logged"], strict=True):
        assert found == pytest.approx(expected, abs=1e-5)  # its initial weights are drawn here


def test_rows_come_in_the_earlier_order():
    assert plans() == EXPECTED["plans"]
