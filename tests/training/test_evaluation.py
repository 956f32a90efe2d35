"""What an evaluation makes of models of every kind, of streams, and of metrics."""

import numpy as np
import pytest

pytest.importorskip("torch")
import torch
from torch import nn

import hfquick
from hfquick.data.collators import DefaultDataCollator
from hfquick.training.batches import StreamLoader
from hfquick.training.evaluation import Answers
from hfquick.training.trainer import Trainer
from tests.helpers.kinds import collator_of, model_of, rows_of
from tests.helpers.training import FOLDER, arguments, tiny_model, tiny_trainer
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
        whole.add(
            torch.tensor(loss), len(rows_of_batch), torch.zeros(len(rows_of_batch)), None, np.array(rows_of_batch)
        )
    loss, predictions, _, count = whole.in_order()
    assert loss == pytest.approx((2 * 1 + 2 * 3 + 5) / 5)
    assert count == len(predictions) == 5


def test_batches_without_labels_do_not_count_in_the_loss():
    whole = Answers()
    for rows_of_batch, loss in (([0, 1], torch.tensor(1.0)), ([2, 3], None), ([4], torch.tensor(4.0))):
        whole.add(loss, len(rows_of_batch), torch.zeros(len(rows_of_batch)), None, np.array(rows_of_batch))
    assert whole.in_order()[0] == pytest.approx((2 * 1 + 4) / 3)


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


# Outputs that are not one tensor for each row


class Free(nn.Module):
    """Its output is what `shape` makes of x, (rows, 3)."""

    def __init__(self, shape):
        super().__init__()
        self.line, self.shape = nn.Linear(3, 3), shape

    def forward(self, x, labels=None):
        return {"loss": self.line(x).mean()} | self.shape(x)


ROWS = [{"x": [float(row), row + 0.1, row + 0.2], "labels": row % 2} for row in range(9)]  # 9 = 4 + 4 + 1


@pytest.mark.parametrize("size", [1, 2, 4, 9])
@pytest.mark.parametrize(
    ("shape", "shapes"),
    [
        (lambda x: {"y": x[:, 0].squeeze()}, (9,)),  # (), for a batch of one row
        (lambda x: {"y": x.squeeze()}, (9, 3)),
        (lambda x: {"y": x[:, :1].squeeze(), "z": x[:, 1].squeeze()}, ((9,), (9,))),
        (lambda x: {"number": x.sum(), "y": x, "half": 0.5}, (9, 3)),
        (lambda x: {"number": x.sum()}, None),
        (lambda x: {"y": x, "parts": (x[:, :1], [x, x[:, :2]])}, ((9, 3), ((9, 1), ((9, 3), (9, 2))))),
        (lambda x: {"y": x, "more": {"a": x[:, :1], "none": None}}, ((9, 3), {"a": (9, 1), "none": None})),
        (lambda x: {"y": list(x.unbind())}, (9, 3)),  # an item for each row
        (lambda x: {"y": x > 2, "z": x.bfloat16()}, ((9, 3), (9, 3))),
        (lambda x: {"y": x, "cache": object()}, ((9, 3), None)),
    ],
    ids=lambda value: "",
)
def test_outputs_have_their_rows_whatever_the_batches(tmp_path, shape, shapes, size):
    trainer = Trainer(Free(shape), arguments(tmp_path, per_device_eval_batch_size=size), eval_dataset=ROWS)
    if shapes is None and size == 1:
        shapes = (9,)  # a number of each batch, which is a row
    found = trainer.predict(ROWS)
    assert _shapes(found.predictions) == shapes
    assert found.label_ids.shape == (9,)
    first = found.predictions
    while isinstance(first, tuple):
        first = first[0]
    if first is not None and first.dtype.kind == "f" and shape(torch.ones(2, 3)).keys() & {"y"}:
        expected = np.array([row["x"] for row in ROWS], dtype=np.float32)
        assert first == pytest.approx(expected[:, 0] if first.ndim == 1 else expected)


def _shapes(arrays):
    if isinstance(arrays, tuple):
        return tuple(map(_shapes, arrays))
    if isinstance(arrays, dict):
        return {name: _shapes(array) for name, array in arrays.items()}
    return None if arrays is None else arrays.shape


def test_what_is_not_of_rows_stays_whole(tmp_path):
    trainer = Trainer(Free(lambda x: {"y": x, "table": torch.zeros(5, 2)}), arguments(tmp_path))
    rows_, table = trainer.predict(ROWS[:8]).predictions
    assert rows_.shape == (8, 3)
    assert table.shape == (5, 2)


def test_shapes_that_cannot_be_put_together(tmp_path):
    trainer = Trainer(
        Free(lambda x: {"y": x if x[0, 0] == 0 else x[..., None]}),
        arguments(tmp_path, per_device_eval_batch_size=3),
        eval_dataset=ROWS,
    )
    with pytest.raises(ValueError, match=r"shapes \(3, 3\) and \(3, 3, 1\), which cannot .* ignore_keys"):
        trainer.evaluate()
    assert "test_loss" in trainer.predict(ROWS, ignore_keys=["y"]).metrics  # as the sentence says
    trainer.args.prediction_loss_only = True
    assert "eval_loss" in trainer.evaluate()


def test_padding_of_numbers_without_a_sign(tmp_path):
    data = [{"x": [1.0] * 3, "labels": 0} for _ in range(3)]
    trainer = Trainer(Free(lambda x: {"y": (x > 2)[:, : len(x)]}), arguments(tmp_path, per_device_eval_batch_size=2))
    assert trainer.predict(data).predictions.tolist() == [[0, 0], [0, 0], [0, -100]]


@pytest.mark.parametrize("kind", ["class", "token", "span", "masked", "seq2seq", "causal"])
def test_states_and_attentions_are_left_out_of_predictions(tmp_path, kind):
    model = model_of(kind)
    plain, full = (
        Trainer(each, arguments(tmp_path, per_device_eval_batch_size=5), collator_of(kind)) for each in (model, model)
    )
    before = plain.predict(rows_of(kind)).predictions
    model.config.output_hidden_states = model.config.output_attentions = True
    after = full.predict(rows_of(kind))
    assert _shapes(after.predictions) == _shapes(before)
    kept = full.predict(rows_of(kind), ignore_keys=["past_key_values"]).predictions
    assert len(kept) > len(before) if kind == "span" else len(kept) > 1
    states = next(part for part in kept if isinstance(part, tuple))
    assert all(len(state) == len(rows_of(kind)) for state in states)


def test_a_loss_function_keeps_the_logits_of_a_tuple(tmp_path):
    trainer = tiny_trainer(
        tmp_path,
        Output(lambda loss, y: (y,)),
        dataset=POINTS,
        data_collator=DefaultDataCollator(),
        compute_loss_func=lambda outputs, labels: nn.functional.mse_loss(outputs[0], labels),
    )
    trainer.model.forward = lambda x, labels=None: (trainer.model.line(x),)
    assert trainer.predict(POINTS).predictions.shape == (32, 1)


# Labels


def test_an_evaluation_without_labels_says_what_is_missing(tmp_path, capsys):
    data = [{"input_ids": row["input_ids"], "sentiment": row["label"]} for row in rows(4)]
    trainer = tiny_trainer(tmp_path, eval_dataset=data, compute_metrics=lambda found: {"one": 1.0})
    assert "eval_one" not in trainer.evaluate()
    said = capsys.readouterr().out
    assert "a batch has no 'labels' (it has input_ids, attention_mask)" in said
    assert "neither loss nor metrics; add a column 'label'" in said
    trainer.predict(data)  # rows to be labelled have none
    tiny_trainer(tmp_path, eval_dataset=rows(4)).evaluate()
    assert capsys.readouterr().out == ""
    tiny_trainer(tmp_path, eval_dataset=rows(4), label_names=["stars"]).evaluate()
    assert "no 'stars' (it has input_ids, labels, attention_mask)" in capsys.readouterr().out


def test_a_model_without_a_head_predicts_its_states(tmp_path):
    body = hfquick.AutoModel.from_pretrained(FOLDER)
    trainer = tiny_trainer(
        tmp_path, body, eval_dataset=rows(4), compute_metrics=lambda found: {"rows": len(found[0][0])}
    )
    assert trainer.evaluate()["eval_rows"] == 4  # last states and pooled ones
