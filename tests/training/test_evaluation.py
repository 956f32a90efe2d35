"""What an evaluation makes of models of every kind, of streams, and of metrics."""

import numpy as np
import pytest

pytest.importorskip("torch")
import torch
from torch import nn

from hfquick.training.batches import StreamLoader
from hfquick.training.evaluation import Answers
from hfquick.training.trainer import Trainer
from tests.helpers.training import arguments, tiny_model, tiny_trainer
from tests.reference.training_cases import rows

pytestmark = pytest.mark.torch
POINTS = [{"x": [value / 10], "labels": [3 * value / 10 + 1]} for value in range(32)]


class Output(nn.Module):
    """y = wx + b, whose output is what `shape` makes of loss and y."""

    def __init__(self, shape):
        super().__init__()
        self.line, self.shape, self.scale = nn.Linear(1, 1), shape, None

    def forward(self, x, labels=None):
        if self.scale is None:  # kept from the first call on, as models keep their positions
            self.scale = torch.ones(1)
        y = self.line(x) * self.scale
        return self.shape(nn.functional.mse_loss(y, labels), y)


@pytest.mark.parametrize(
    ("shape", "has_predictions"),
    [
        (lambda loss, y: {"loss": loss, "y": y, "aux": torch.tensor(1.0)}, True),
        (lambda loss, y: [loss, y], True),
        (lambda loss, y: loss, False),
    ],
    ids=["a number beside the rows", "list", "loss alone"],
)
def test_outputs_of_every_kind(tmp_path, shape, has_predictions):
    trainer = Trainer(Output(shape), arguments(tmp_path), train_dataset=POINTS)
    found = trainer.predict(POINTS)
    assert found.metrics["test_loss"] > 0
    assert (found.predictions is not None) is has_predictions
    if has_predictions:
        assert found.predictions.shape == (32, 1)
    assert trainer.train().global_step == 6  # what an evaluation left in the model can be learnt with


def test_a_row_that_fills_up_counts_once_in_the_loss():
    whole = Answers()
    for rows_of_batch, loss in (([0, 1], 1.0), ([2, 3], 3.0), ([4], 5.0), ([4], 5.0)):  # two processes, five rows
        whole.add(torch.tensor(loss), torch.zeros(len(rows_of_batch)), None, np.array(rows_of_batch))
    loss, predictions, _, count = whole.in_order()
    assert loss == pytest.approx((2 * 1 + 2 * 3 + 5) / 5)
    assert count == len(predictions) == 5


def test_rows_of_a_stream_have_numbers_in_every_process():
    seen = []
    for process in range(2):
        loader = StreamLoader(list(range(10)), list, 2, process=process, processes=2)
        seen.append([loader.rows.tolist() for _ in loader])
    assert seen == [[[0, 1], [4, 5], [8]], [[2, 3], [6, 7], [9]]]


@pytest.mark.parametrize("given", [None, 0.5])
def test_metrics_must_have_names(tmp_path, given):
    trainer = tiny_trainer(tmp_path, eval_dataset=rows(4), compute_metrics=lambda found: given)
    with pytest.raises(TypeError, match=r"compute_metrics returned .*, expected a dict .*'accuracy'"):
        trainer.evaluate()


def test_metrics_that_are_arrays_can_be_kept(tmp_path):
    options = {"eval_strategy": "epoch", "save_strategy": "epoch", "eval_dataset": rows(4)}
    trainer = tiny_trainer(tmp_path, compute_metrics=lambda found: {"matrix": np.eye(2)}, **options)
    trainer.train()
    assert trainer.evaluate()["eval_matrix"] == [[1, 0], [0, 1]]


def test_parts_of_the_output_that_are_left_out(tmp_path):
    trainer = tiny_trainer(tmp_path, tiny_model(output_hidden_states=True, output_attentions=True))
    assert trainer.predict(rows(8)).predictions.shape == (8, 3)
    kept = trainer.predict(rows(8), ignore_keys=["hidden_states", "attentions", "logits"]).predictions
    assert kept is None
    both = trainer.predict(rows(8), ignore_keys=["attentions"]).predictions
    assert len(both) == 2
    assert both[0].shape == (8, 3)
