"""Planted mistakes: each must turn a test of the table red, in the kinds that it is about.

The mistakes are made through what may be overridden (methods of the Trainer, collators, models), so they stay the same
whatever becomes of the code underneath. Without them the checks pass: that is what the other files are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("datasets")

from hfquick import Trainer  # noqa: E402
from hfquick.training.dataloading import default_collator  # noqa: E402
from tests.kinds import test_generate, test_pipelines, test_trainer  # noqa: E402
from tests.kinds.table import KINDS, READING_TEXTS  # noqa: E402

pytestmark = pytest.mark.torch
IGNORED = -100


class WeighedByRows(Trainer):
    """Means of batches, put together by their rows."""

    def evaluate(self, *args, **options):
        total = count = 0
        for batch in self.get_eval_dataloader():
            loss, _, _ = self.prediction_step(self.model, batch, prediction_loss_only=True)
            rows = len(next(iter(batch.values())))
            if not loss.isnan():
                total, count = total + float(loss) * rows, count + rows
        return {"eval_loss": total / count}


class LastBatchDropped(Trainer):
    def get_test_dataloader(self, test_dataset):
        return list(super().get_test_dataloader(test_dataset))[:-1]


class InOrderOfBatches(Trainer):
    """Rows are sorted by length for their batches, and not sorted back."""

    def predict(self, test_dataset, *args, **options):
        lengths = [len(row["input_ids"]) for row in test_dataset]
        order = np.argsort(lengths, kind="stable")[::-1].tolist()
        return super().predict([test_dataset[index] for index in order], *args, **options)


class SmoothedWithoutShift(Trainer):
    """Labels of a causal model compared with the logits at their own tokens."""

    def compute_loss(self, model, inputs, return_outputs=False, **options):
        outputs = model(**inputs)
        logits, labels = outputs.logits.flatten(0, -2), inputs["labels"].flatten()
        loss = torch.nn.functional.cross_entropy(logits, labels, label_smoothing=self.args.label_smoothing_factor)
        return (loss, outputs) if return_outputs else loss


class EqualShares(Trainer):
    """Accumulated batches count alike, whatever they hold."""

    def training_step(self, model, inputs, share=1.0):
        steps = self.args.gradient_accumulation_steps
        return super().training_step(model, inputs, 1 / steps) * (1 / steps) / share


class StartedAgain(Trainer):
    """A resumed run reads the rows of its epoch from the first one on."""

    def get_train_dataloader(self):
        loader = super().get_train_dataloader()
        set_epoch = loader.set_epoch
        loader.set_epoch = lambda epoch, start=0: set_epoch(epoch, 0)
        return loader


class OptimizerForgotten(Trainer):
    """A resumed run begins with the moments of Adam at zero."""

    def create_optimizer(self):
        optimizer = super().create_optimizer()
        optimizer.load_state_dict = lambda state: None
        return optimizer


def collator(change: Callable[[dict], Any]) -> type[Trainer]:
    """A Trainer whose batches are changed."""

    class Changed(Trainer):
        def __init__(self, *args, data_collator, processing_class, **options):
            collate = data_collator or default_collator(processing_class)
            options["processing_class"] = processing_class
            super().__init__(*args, data_collator=lambda rows: change(collate(known(rows))), **options)

    def known(rows):
        names = (
            "input_ids", "attention_mask", "token_type_ids", "pixel_values", "pixel_mask", "input_values", "label",
            "labels", "start_positions", "end_positions",
        )  # fmt: skip
        return [{name: row[name] for name in names if name in row} for row in rows]

    return Changed


def masks_forgotten(batch):
    return {name: torch.ones_like(value) if name.endswith("_mask") else value for name, value in batch.items()}


def padding_counted(batch):
    labels = batch["labels"]
    return {**batch, "labels": torch.where(labels == IGNORED, 0, labels)}


@dataclass(frozen=True)
class Mistake:
    why: str
    trainer: type[Trainer]
    check: Callable[..., Any]
    kinds: tuple[str, ...]
    sizes: tuple[int, ...] = ()


predicting = test_trainer.test_predict_gives_each_row_what_the_model_gives_it_alone
evaluating = test_trainer.test_evaluate_is_the_mean_over_all_labels_that_count
smoothing = test_trainer.test_the_smoothed_loss_is_that_of_the_same_labels
updating = test_trainer.test_an_update_goes_down_the_mean_loss_of_its_labels
resuming = test_trainer.test_a_resumed_run_ends_with_the_weights_of_one_that_was_not_stopped
LENGTHS_DIFFER = tuple(name for name in READING_TEXTS if name != "spans")
PADDED = (
    "classifier",
    "regression",
    "several",
    "tokens",
    "spans",
    "masked",
    "bart",
    "t5",
    "detector",
    "picture-questions",
)
MISTAKES = [
    Mistake(
        "eval loss by rows", WeighedByRows, evaluating, ("tokens", "spans", "masked", "causal", "bart", "t5"), (3,)
    ),
    Mistake("last batch dropped", LastBatchDropped, predicting, tuple(KINDS), (3,)),
    Mistake("order of batches", InOrderOfBatches, predicting, LENGTHS_DIFFER, (16,)),
    Mistake("smoothed without shift", SmoothedWithoutShift, smoothing, ("causal",), (3,)),
    Mistake("equal shares", EqualShares, updating, ("regression", "several", "tokens"), (3,)),
    Mistake("rows from the first", StartedAgain, resuming, ("regression", "causal")),
    Mistake("optimizer forgotten", OptimizerForgotten, resuming, ("tokens", "t5")),
    Mistake("masks forgotten", collator(masks_forgotten), predicting, PADDED, (16,)),
    Mistake("padding counted", collator(padding_counted), updating, ("tokens", "masked", "causal", "t5"), (16,)),
]


def run(trainer, check, kind, size, workshop, folder, monkeypatch):
    """A test of test_trainer.py with another Trainer in it."""
    make = test_trainer.make
    monkeypatch.setattr(test_trainer, "make", lambda *args, **options: make(*args, **options, kind_of_trainer=trainer))
    check(workshop=workshop, kind=KINDS[kind], tmp_path=folder, **({"size": size[0]} if size else {}))


@pytest.mark.parametrize(
    ("mistake", "kind"),
    [pytest.param(mistake, name, id=f"{mistake.why}-{name}") for mistake in MISTAKES for name in mistake.kinds],
)
def test_a_mistake_of_a_trainer_is_seen(mistake, kind, workshop, tmp_path, monkeypatch):
    with pytest.raises(AssertionError):
        run(mistake.trainer, mistake.check, kind, mistake.sizes, workshop, tmp_path, monkeypatch)


@pytest.mark.parametrize("kind", list(KINDS))
def test_batches_that_are_not_changed_are_right(kind, workshop, tmp_path, monkeypatch):
    """It is the mistake that is seen, not the way it is made."""
    run(collator(lambda batch: batch), predicting, kind, (3,), workshop, tmp_path, monkeypatch)


# Pipelines, generate, Keras, losses by hand


@pytest.mark.parametrize("kind", ["classifier", "tokens", "spans", "masked"])
def test_a_pipeline_without_masks_is_seen(workshop, kind, monkeypatch):
    from hfquick.tokenization import PreTrainedTokenizerFast

    pad = PreTrainedTokenizerFast.pad
    monkeypatch.setattr(PreTrainedTokenizerFast, "pad", lambda *args, **options: masks_forgotten(pad(*args, **options)))
    with pytest.raises(AssertionError):
        test_pipelines.test_results_depend_on_no_batch_and_no_side(workshop, KINDS[kind])


@pytest.mark.torch
def test_sounds_padded_without_a_mask_are_seen(workshop, monkeypatch):
    from hfquick.pipelines.sounds import SoundPipeline

    collate = SoundPipeline.collate
    monkeypatch.setattr(SoundPipeline, "collate", lambda *given: masks_forgotten(collate(*given)))
    with pytest.raises(AssertionError):
        test_pipelines.test_results_depend_on_no_batch_and_no_side(workshop, KINDS["sounds"])


def test_prompts_without_masks_are_seen(workshop, monkeypatch):
    """Padding is then part of the prompt."""
    kind, padded = KINDS["causal"], test_generate.padded

    def without_masks(*args):
        ids, mask = padded(*args)
        return ids, np.ones_like(mask).tolist()

    monkeypatch.setattr(test_generate, "padded", without_masks)
    with pytest.raises(AssertionError):
        test_generate.test_greedy_search_finds_the_most_probable_token_of_each_step(workshop, kind, "pt")


@pytest.mark.parametrize("kind", list(KINDS))
def test_losses_by_hand_are_not_those_of_other_labels(workshop, kind):
    """A table in which all losses were alike could not fail."""
    kind = KINDS[kind]
    outputs, rows = workshop.outputs(kind), workshop.rows(kind)
    single = [kind.loss(*pair) for pair in zip(outputs, rows, strict=True)]
    means = [total / count for total, count in single if count]
    assert np.std(means) > 0.1
    assert (min(count for _, count in single) > 0) == kind.all_count


@pytest.mark.tf
@pytest.mark.parametrize("kind", ["regression", "several"])
def test_a_last_batch_that_keras_drops_is_seen(workshop, kind, monkeypatch):
    from tests.kinds import test_keras

    batches = test_keras.batches
    monkeypatch.setattr(test_keras, "batches", lambda *args, **options: batches(*args, **options).take(2))
    for check in (
        test_keras.test_predict_gives_each_row_what_the_model_gives_it_alone,
        test_keras.test_evaluate_is_the_mean_over_all_labels_that_count,
    ):
        with pytest.raises(AssertionError):
            check(workshop, KINDS[kind])
