"""Layers that a user lets share their weights: checkpoints are written, resumed from, and load as any model."""

import pytest

pytest.importorskip("torch")
import torch
from torch import nn

from hfquick.training import checkpoints
from hfquick.training.trainer import Trainer
from tests.helpers.kinds import model_of, rows_of
from tests.helpers.training import POINTS, arguments, assert_equal, state_of, tiny_model, tiny_trainer
from tests.reference.training_cases import NO_DROPOUT

pytestmark = pytest.mark.torch
EVERY_THREE = {"save_strategy": "steps", "save_steps": 3, "max_steps": 6}


def like_albert():
    model = tiny_model(**NO_DROPOUT)
    model.bert.encoder.layer[1] = model.bert.encoder.layer[0]
    return model


def test_a_checkpoint_of_shared_layers(tmp_path):
    whole = tiny_trainer(tmp_path, like_albert(), **EVERY_THREE)
    whole.train()
    resumed = tiny_trainer(tmp_path / "other", like_albert(), **EVERY_THREE)
    resumed.train(resume_from_checkpoint=str(tmp_path / "checkpoint-3"))
    assert_equal(state_of(resumed.model), state_of(whole.model))
    layers = resumed.model.bert.encoder.layer
    assert layers[1].output.dense.weight is layers[0].output.dense.weight  # as before
    loaded = type(whole.model).from_pretrained(tmp_path / "checkpoint-6")
    assert_equal(state_of(loaded), state_of(whole.model))
    whole.save_model(tmp_path / "saved")
    assert_equal(state_of(type(whole.model).from_pretrained(tmp_path / "saved")), state_of(whole.model))


def test_the_best_model_of_shared_layers_is_loaded(tmp_path):
    scores = iter([0.9, 0.1])
    options = {
        "eval_strategy": "steps",
        "eval_steps": 3,
        "load_best_model_at_end": True,
        "eval_dataset": rows_of("class"),
    }
    trainer = tiny_trainer(
        tmp_path,
        like_albert(),
        compute_metrics=lambda found: {"score": next(scores)},
        metric_for_best_model="score",
        **EVERY_THREE,
        **options,
    )
    trainer.train()
    assert_equal(state_of(trainer.model), state_of(type(trainer.model).from_pretrained(tmp_path / "checkpoint-3")))


def test_tied_weights_are_in_the_file_once(tmp_path):
    from safetensors import safe_open

    model = model_of("causal")
    checkpoints.save_weights(model, tmp_path)
    with safe_open(tmp_path / "model.safetensors", "pt") as file:
        assert "lm_head.weight" not in file.keys()  # noqa: SIM118
    with torch.no_grad():
        model.transformer.wte.weight.zero_()
    checkpoints.load_weights(model, tmp_path)
    assert_equal(state_of(model), state_of(model_of("causal")))


class Twice(nn.Module):
    """A model of nobody's library, with one layer under two names."""

    def __init__(self):
        super().__init__()
        self.one = nn.Linear(1, 1)
        self.other = self.one

    def forward(self, x, labels=None):
        y = self.other(self.one(x))
        return {"loss": nn.functional.mse_loss(y, labels), "y": y}


def test_any_module_may_share(tmp_path):
    whole, resumed = (Trainer(Twice(), arguments(tmp_path, **EVERY_THREE), train_dataset=POINTS) for _ in range(2))
    whole.train()
    resumed.train(resume_from_checkpoint=str(tmp_path / "checkpoint-3"))
    assert_equal(state_of(resumed.model), state_of(whole.model))


def test_names_that_are_missing_are_said(tmp_path):
    checkpoints.save_weights(Twice(), tmp_path)

    class More(Twice):
        def __init__(self):
            super().__init__()
            self.third = nn.Linear(1, 1)

    with pytest.raises(checkpoints.CheckpointError, match=r"missing third.weight, third.bias, unknown none"):
        checkpoints.load_weights(More(), tmp_path)
