"""The Trainer computes what transformers' Trainer computes: losses, learning rates, gradients, weights."""

import json
from itertools import pairwise
from pathlib import Path

import pytest

pytest.importorskip("torch")
import torch

from hfquick.training.batches import BatchLoader
from hfquick.training.callbacks import TrainerCallback
from hfquick.training.trainer import Trainer
from tests.helpers.training import losses_of, tiny_model, tiny_trainer
from tests.reference.training_cases import CASES, COMMON, NO_DROPOUT, STEPS, rows

pytestmark = pytest.mark.torch
RECORDED = json.loads((Path(__file__).parent.parent / "reference" / "training" / "losses.json").read_text())


class InOrder(Trainer):
    """The rows as they come, as in the recorded runs; every batch's loss is kept."""

    def get_train_dataloader(self):
        return BatchLoader(self.train_dataset, self.data_collator, self.args.per_device_train_batch_size, shuffle=False)

    def training_step(self, model, inputs, share=1.0):
        loss = super().training_step(model, inputs, share)
        self.exact = [*getattr(self, "exact", []), float(loss)]
        return loss


class Rates(TrainerCallback):
    def __init__(self):
        self.seen = []

    def on_pre_optimizer_step(self, args, state, control, **kwargs):
        self.seen.append(kwargs["optimizer"].param_groups[0]["lr"])


@pytest.mark.parametrize("case", CASES)
def test_losses_are_those_of_transformers(case, tmp_path):
    rates = Rates()
    options = {**COMMON, **CASES[case], "logging_steps": 1, "callbacks": [rates]}
    trainer = tiny_trainer(tmp_path, dataset=rows(), kind=InOrder, **options)
    trainer.train()
    theirs = RECORDED[case]
    assert trainer.exact == pytest.approx(theirs["losses"], abs=1e-4)
    assert len(rates.seen) == STEPS
    assert rates.seen == pytest.approx(theirs["rates"], rel=1e-9, abs=1e-15)
    if theirs["norms"] and CASES[case].get("max_grad_norm", 1):
        norms = [entry["grad_norm"] for entry in trainer.state.log_history if "grad_norm" in entry]
        assert norms == pytest.approx(theirs["norms"], rel=1e-3)
    total = sum(float(parameter.detach().double().abs().sum()) for parameter in trainer.model.parameters())
    assert total == pytest.approx(theirs["weights"], rel=1e-4)  # unclipped, sums in another order end 1e-5 apart


def test_several_small_batches_learn_like_a_large_one(tmp_path):
    """Also where the last ones are smaller: a batch counts as much as it has rows."""
    one = tiny_trainer(tmp_path / "1", dataset=rows(44), kind=InOrder, per_device_train_batch_size=8, logging_steps=1)
    four = tiny_trainer(
        tmp_path / "4",
        dataset=rows(44),
        kind=InOrder,
        per_device_train_batch_size=2,
        gradient_accumulation_steps=4,
        logging_steps=1,
    )
    one.train()
    four.train()
    assert losses_of(four) == pytest.approx(losses_of(one), abs=1e-5)
    for (name, mine), other in zip(one.model.named_parameters(), four.model.parameters(), strict=True):
        if "key.bias" not in name:  # its gradient is truly zero, and AdamW makes steps of the rounding errors
            torch.testing.assert_close(mine, other, rtol=0, atol=1e-5)


def test_it_learns(tmp_path):
    trainer = tiny_trainer(
        tmp_path,
        dataset=rows(700)[:600],
        eval_dataset=rows(700)[600:],
        max_steps=-1,
        num_train_epochs=6,
        logging_strategy="epoch",
        learning_rate=3e-3,
        compute_metrics=lambda found: {"accuracy": (found.predictions.argmax(-1) == found.label_ids).mean()},
    )
    before = trainer.evaluate()["eval_accuracy"]
    trainer.train()
    losses = losses_of(trainer)
    assert all(later < earlier for earlier, later in pairwise(losses))
    assert before < 0.6
    assert trainer.evaluate()["eval_accuracy"] > 0.7


def test_bfloat16_stays_near_float32(tmp_path):
    runs = {}
    for bf16 in (False, True):
        trainer = tiny_trainer(tmp_path / str(bf16), kind=InOrder, bf16=bf16, max_steps=10)
        trainer.train()
        assert all(parameter.dtype is torch.float32 for parameter in trainer.model.parameters())
        runs[bf16] = trainer.exact
    assert runs[True] != runs[False]
    assert runs[True] == pytest.approx(runs[False], abs=0.05)


def test_gradient_checkpointing_changes_no_number(tmp_path):
    runs = {}
    for twice in (False, True):
        model = tiny_model()  # with dropout: what is computed a second time must drop the same
        trainer = tiny_trainer(tmp_path / str(twice), model, kind=InOrder, gradient_checkpointing=twice)
        trainer.train()
        runs[twice] = trainer.exact
    assert runs[True] == pytest.approx(runs[False], abs=1e-6)


def test_gradient_checkpointing_computes_layers_twice():
    model = tiny_model(**NO_DROPOUT).train()
    calls = []
    layer = type(model.bert.encoder.layer[0]).forward
    try:
        type(model.bert.encoder.layer[0]).forward = lambda self, *args: calls.append(1) or layer(self, *args)
        ids = torch.arange(20, 40)[None]
        for enable, expected in (
            (model.gradient_checkpointing_enable, 4),
            (model.gradient_checkpointing_disable, 2),
        ):
            enable()
            calls.clear()
            model(ids, labels=torch.tensor([1])).loss.backward()
            assert len(calls) == expected
    finally:
        type(model.bert.encoder.layer[0]).forward = layer
