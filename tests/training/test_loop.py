"""Where a run begins, stops and goes on: the loop's edges."""

import pytest

pytest.importorskip("torch")
import torch

from hfquick.training.callbacks import EVENTS, TrainerCallback
from hfquick.training.trainer import Trainer
from tests.helpers.training import assert_equal, losses_of, state_of, tiny_model, tiny_trainer
from tests.reference.training_cases import rows

pytestmark = pytest.mark.torch
EPOCHS = {"max_steps": -1, "num_train_epochs": 2, "save_strategy": "epoch", "logging_steps": 1}  # of 6 updates


class StopAt(TrainerCallback):
    """What the stop button does."""

    def __init__(self, step, switch="should_training_stop"):
        self.step, self.switch = step, switch

    def on_step_end(self, args, state, control, **kwargs):
        if state.global_step == self.step:
            setattr(control, self.switch, True)


@pytest.mark.parametrize("step", [3, 6, 9])
def test_a_stopped_run_goes_on_where_it_was_stopped(tmp_path, step):
    """In the middle of an epoch too, although its checkpoint is written as the one of an epoch."""
    whole = tiny_trainer(tmp_path / "whole", tiny_model(), **EPOCHS)
    whole.train()
    assert tiny_trainer(tmp_path, tiny_model(), callbacks=[StopAt(step)], **EPOCHS).train().global_step == step
    again = tiny_trainer(tmp_path, tiny_model(), **EPOCHS)
    assert again.train(resume_from_checkpoint=str(tmp_path / f"checkpoint-{step}")).global_step == 12
    assert losses_of(again) == losses_of(whole)
    assert_equal(state_of(again.model), state_of(whole.model))


def test_a_run_that_ended_within_an_epoch_can_be_made_longer(tmp_path):
    options = {**EPOCHS, "lr_scheduler_type": "constant"}
    whole = tiny_trainer(tmp_path / "whole", tiny_model(), **options)
    whole.train()
    tiny_trainer(tmp_path, tiny_model(), **{**options, "max_steps": 8}).train()
    longer = tiny_trainer(tmp_path, tiny_model(), **options)
    assert longer.train(resume_from_checkpoint=True).global_step == 12
    assert_equal(state_of(longer.model), state_of(whole.model))


@pytest.mark.parametrize("event", ["on_train_begin", "on_epoch_begin"])
def test_a_run_may_be_stopped_before_its_first_step(tmp_path, event):
    assert event in EVENTS
    stop = type("Stop", (TrainerCallback,), {})
    setattr(stop, event, lambda self, args, state, control, **kwargs: setattr(control, "should_training_stop", True))
    trainer = tiny_trainer(tmp_path, callbacks=[stop])
    before = state_of(trainer.model)
    assert trainer.train().global_step == 0
    assert_equal(state_of(trainer.model), before)


def test_all_steps_may_be_warm_up(tmp_path):
    trainer = tiny_trainer(tmp_path, warmup_ratio=1.0, learning_rate=0.006, logging_steps=1)
    trainer.train()
    rates = [entry["learning_rate"] for entry in trainer.state.log_history if "loss" in entry]
    assert rates[:5] == pytest.approx([0.001, 0.002, 0.003, 0.004, 0.005])


def test_no_epoch_is_no_step(tmp_path):
    assert tiny_trainer(tmp_path, max_steps=-1, num_train_epochs=0).train().global_step == 0


def test_a_stream_that_can_be_read_once_ends_the_run(tmp_path, capsys):
    stream = (row for row in rows(20))
    trainer = tiny_trainer(tmp_path, dataset=stream, max_steps=10, eval_dataset=rows(4), eval_strategy="epoch")
    assert trainer.train().global_step == 3
    assert "the data ended after step 3 of 10" in capsys.readouterr().out
    assert len([entry for entry in trainer.state.log_history if "eval_loss" in entry]) == 1
    with pytest.raises(ValueError, match="the training data gave no batch"):
        trainer.train()


class BrokenAt(Trainer):
    """The loss is no number at one step."""

    step = 3

    def compute_loss(self, model, inputs, return_outputs=False, **kwargs):
        self.seen = inputs["labels"]
        loss = super().compute_loss(model, inputs)
        return loss * float("nan") if self.state.global_step == self.step else loss


def test_after_a_bad_loss_the_trainer_can_be_used(tmp_path):
    """What the bad step left in the gradients does not reach the next run."""
    trainer = tiny_trainer(tmp_path, kind=BrokenAt)
    with pytest.raises(FloatingPointError):
        trainer.train()
    trainer.step = None
    assert trainer.train().global_step == 6
    assert all(torch.isfinite(parameter).all() for parameter in trainer.model.parameters())


def test_the_rows_of_a_bad_loss_are_right_after_a_skipped_epoch(tmp_path):
    data = rows(48)
    skip = StopAt(2, "should_epoch_stop")
    trainer = tiny_trainer(tmp_path, kind=BrokenAt, dataset=data, callbacks=[skip], max_steps=-1, num_train_epochs=2)
    with pytest.raises(FloatingPointError) as caught:
        trainer.train()
    named = str(caught.value).split("rows ")[1].split(";")[0].split(", ")
    assert [data[int(row)]["label"] for row in named] == trainer.seen.tolist()
