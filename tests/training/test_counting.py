"""A mean of means: every batch weighs as much as there is in it that counts, in evaluations and in training."""

import math

import pytest

pytest.importorskip("torch")
import torch

from hfquick.training.batches import BatchLoader
from hfquick.training.counting import labels_in
from hfquick.training.trainer import Trainer
from tests.helpers.kinds import KINDS, collator_of, loss_of, model_of, rows_of
from tests.helpers.training import POINTS, Line, arguments, assert_equal, losses_of, state_of

pytestmark = pytest.mark.torch


class InOrder(Trainer):
    def get_train_dataloader(self):
        return BatchLoader(self.train_dataset, self.data_collator, self.args.per_device_train_batch_size)


def make(folder, kind, data=None, **options):
    model, data = model_of(kind), rows_of(kind) if data is None else data
    plain = torch.optim.SGD(model.parameters(), lr=0.1)  # AdamW would make steps of rounding errors
    args = arguments(folder, logging_steps=1, **options)
    return InOrder(model, args, collator_of(kind), data, data, optimizers=(plain, None))


@pytest.mark.parametrize("kind", KINDS)
def test_the_loss_of_an_evaluation_is_the_same_for_every_batch_size(tmp_path, kind):
    """That of all rows in one batch."""
    whole = loss_of(model_of(kind), kind)
    for size in range(1, 9):
        trainer = make(tmp_path, kind, per_device_eval_batch_size=size)
        assert trainer.evaluate()["eval_loss"] == pytest.approx(whole, abs=1e-5)
    found = trainer.predict(rows_of(kind)).metrics
    assert found["test_loss"] == pytest.approx(whole, abs=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_rows_of_like_length_in_a_batch_change_nothing(tmp_path, kind):
    datasets = pytest.importorskip("datasets")
    data = datasets.Dataset.from_list(rows_of(kind))
    trainer = make(tmp_path, kind, data, per_device_eval_batch_size=3)
    assert trainer.get_eval_dataloader().plan[0].tolist() != [0, 1, 2]  # grouped by length
    assert trainer.evaluate()["eval_loss"] == pytest.approx(loss_of(trainer.model, kind), abs=1e-5)


@pytest.mark.parametrize(
    ("kind", "smoothing"), [*((kind, 0.0) for kind in KINDS), ("token", 0.2), ("causal", 0.2), ("seq2seq", 0.2)]
)
def test_small_batches_that_are_added_up_learn_like_a_large_one(tmp_path, kind, smoothing):
    """The weights, and the losses that are logged; also where a last batch is not full."""
    runs = {}
    for size, steps in ((8, 1), (3, 3)):
        options = {"gradient_accumulation_steps": steps, "label_smoothing_factor": smoothing, "max_grad_norm": 0.5}
        data = rows_of(kind)[:8]
        runs[size] = make(tmp_path / str(size), kind, data, per_device_train_batch_size=size, max_steps=3, **options)
        runs[size].train()
        assert losses_of(runs[size]) == pytest.approx(losses_of(runs[8]), abs=1e-5)
        for mine, other in zip(runs[size].model.parameters(), runs[8].model.parameters(), strict=True):
            torch.testing.assert_close(mine, other, rtol=0, atol=1e-5)
    assert losses_of(runs[8])[0] != losses_of(runs[8])[-1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_in_which_nothing_counts_weighs_nothing(tmp_path, kind):
    """It leaves the weights, and what the optimizer remembers, as if it had not been there."""
    alone, among = rows_of(kind)[:1], rows_of(kind)[:2]
    runs = []
    for data in (alone, among):
        trainer = make(tmp_path / str(len(data)), kind, data, per_device_train_batch_size=1, num_train_epochs=2)
        trainer.args.max_steps = -1
        assert trainer.evaluate()["eval_loss"] == pytest.approx(make(tmp_path, kind, alone).evaluate()["eval_loss"])
        trainer.optimizer = None
        trainer._given_optimizers = (torch.optim.AdamW(trainer.model.parameters(), lr=0.01), None)
        trainer.lr_scheduler = None
        trainer.args.lr_scheduler_type = "constant"
        done = trainer.train()
        assert math.isfinite(done.training_loss)
        runs.append(trainer)
    assert [run.state.global_step for run in runs] == [2, 4]
    assert runs[1].state.skipped_steps == 2
    assert losses_of(runs[1]) == losses_of(runs[0])
    assert runs[1].state.log_history[-1]["train_loss"] == runs[0].state.log_history[-1]["train_loss"]
    assert_equal(state_of(runs[1].model), state_of(runs[0].model))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_at_all_counts(tmp_path, kind, capsys):
    trainer = make(tmp_path, kind, rows_of(kind)[1:2])
    assert math.isnan(trainer.evaluate()["eval_loss"])
    assert "none of the labels counts" in capsys.readouterr().out
    before = state_of(trainer.model)
    with pytest.raises(ValueError, match=r"no label of the training data counts \(6 steps.*nothing to learn"):
        trainer.train()
    assert_equal(state_of(trainer.model), before)


def test_what_counts():
    ids = torch.zeros(2, 5, dtype=torch.long)
    labels = torch.tensor([[-100, 1, 2, -100, 3], [4, -100, -100, -100, -100]])
    assert labels_in({"input_ids": ids, "labels": labels}, ["labels"]) == 4
    assert labels_in({"input_ids": ids, "labels": labels}, ["labels"], model_of("causal")) == 3
    spans = {"start_positions": torch.tensor([1, 7]), "end_positions": torch.tensor([5, 4])}
    assert labels_in({"input_ids": ids, **spans}, ["start_positions", "end_positions"]) == 2
    assert labels_in({"x": ids, "labels": torch.tensor([-100.0, 3.0])}, ["labels"]) == 2  # numbers, both
    assert labels_in({"x": ids}, ["labels"]) == 2  # rows
    assert labels_in((ids,), ["labels"]) == 2
    assert labels_in({"text": ["a", "b"]}, ["labels"]) == 1


def test_a_class_of_ones_own_still_shifts_its_labels():
    class Mine(type(model_of("causal"))):
        """Of another name."""

    assert labels_in({"labels": torch.ones(1, 3, dtype=torch.long)}, ["labels"], Mine(model_of("causal").config)) == 2


def test_a_loss_for_each_row(tmp_path):
    class Rows(Trainer):
        def compute_loss(self, model, inputs, return_outputs=False, **kwargs):
            loss = (model(inputs["x"])["y"] - inputs["labels"]).square().squeeze(-1)
            return (loss, {"y": loss}) if return_outputs else loss

    losses = [
        Rows(Line(), arguments(tmp_path, per_device_eval_batch_size=size), eval_dataset=POINTS[:7]) for size in (2, 7)
    ]
    losses[1].model.load_state_dict(losses[0].model.state_dict())
    one, other = (trainer.evaluate()["eval_loss"] for trainer in losses)
    assert one == pytest.approx(other, abs=1e-6)
