"""What a Trainer does with models, datasets, callbacks and overridden methods."""

import subprocess
import sys
from itertools import count

import numpy as np
import pytest

pytest.importorskip("torch")
import torch
from torch import nn

import hfquick
from hfquick.data.collators import DefaultDataCollator
from hfquick.training.callbacks import EVENTS, EarlyStoppingCallback, TrainerCallback
from hfquick.training.optimization import get_scheduler
from hfquick.training.trainer import Trainer
from tests.helpers.training import (
    FOLDER,
    POINTS,
    Line,
    arguments,
    assert_equal,
    losses_of,
    state_of,
    tiny_model,
    tiny_trainer,
    tokenizer,
)
from tests.reference.training_cases import NO_DROPOUT, rows

pytestmark = pytest.mark.torch


@pytest.mark.parametrize("kind", ["dict", "tuple"])
def test_any_module_with_a_loss_can_be_trained_and_resumed(tmp_path, kind):
    options = {"learning_rate": 0.3, "max_steps": 60, "save_strategy": "steps", "save_steps": 50}
    trainer = Trainer(Line(kind), arguments(tmp_path, **options), train_dataset=POINTS, eval_dataset=POINTS)
    trainer.train()
    assert trainer.model.line.weight.item() == pytest.approx(3, abs=0.3)
    metrics = trainer.evaluate()
    assert metrics["eval_loss"] < 0.1
    found = trainer.predict([{"x": row["x"]} for row in POINTS])
    expected = trainer.model(torch.tensor([row["x"] for row in POINTS]))
    expected = expected["y"] if kind == "dict" else expected[0]
    assert found.predictions == pytest.approx(expected.detach().numpy(), abs=1e-6)
    assert found.label_ids is None
    assert "test_loss" not in found.metrics
    again = Trainer(Line(kind), arguments(tmp_path, **options), train_dataset=POINTS)
    again.train(resume_from_checkpoint=str(tmp_path / "checkpoint-50"))
    assert_equal(state_of(again.model), state_of(trainer.model))


def test_a_dataset_of_datasets(tmp_path):
    datasets = pytest.importorskip("datasets")
    texts = datasets.Dataset.from_dict({"text": ["We are here", "No"] * 12, "label": [0, 1] * 12})
    tokens = texts.map(lambda batch: tokenizer()(batch["text"]), batched=True)
    assert {"text", "input_ids", "attention_mask", "token_type_ids"} <= set(tokens.column_names)
    trainer = tiny_trainer(tmp_path, dataset=tokens, eval_dataset=tokens, num_train_epochs=2, max_steps=-1)
    assert trainer.train().global_step == 6
    assert "text" in tokens.column_names  # the user's dataset is as it was
    assert trainer.evaluate()["eval_loss"] > 0


def test_predictions_come_in_the_order_of_the_rows(tmp_path):
    """Although batches are made by length."""
    datasets = pytest.importorskip("datasets")
    plain = rows(30)
    trainer = tiny_trainer(tmp_path, per_device_eval_batch_size=4)
    found = trainer.predict(datasets.Dataset.from_list(plain))
    with torch.inference_mode():
        alone = [trainer.model(torch.tensor([row["input_ids"]])).logits[0].numpy() for row in plain]
    assert found.predictions == pytest.approx(np.stack(alone), abs=1e-5)
    assert found.label_ids.tolist() == [row["label"] for row in plain]
    losses = [
        nn.functional.cross_entropy(torch.tensor(x), torch.tensor(row["label"]))
        for x, row in zip(alone, plain, strict=True)
    ]
    assert found.metrics["test_loss"] == pytest.approx(float(np.mean(losses)), abs=1e-5)


def test_answers_of_different_length_are_filled_up(tmp_path):
    model = hfquick.AutoModelForTokenClassification.from_pretrained(FOLDER, **NO_DROPOUT)
    data = [{"input_ids": row["input_ids"], "labels": [1] * len(row["input_ids"])} for row in rows(12)]

    def collate(batch):
        longest = max(len(row["input_ids"]) for row in batch)
        fill = lambda values, value: values + [value] * (longest - len(values))  # noqa: E731
        return {
            "input_ids": torch.tensor([fill(row["input_ids"], 0) for row in batch]),
            "labels": torch.tensor([fill(row["labels"], -100) for row in batch]),
        }

    trainer = tiny_trainer(tmp_path, model, dataset=data, data_collator=collate, per_device_eval_batch_size=2)
    found = trainer.predict(data)
    longest = max(len(row["labels"]) for row in data)
    assert found.predictions.shape == (12, longest, 3)
    assert found.label_ids.shape == (12, longest)
    for labels, row in zip(found.label_ids, data, strict=True):
        assert labels.tolist() == row["labels"] + [-100] * (longest - len(row["labels"]))


def test_two_labels_of_an_answer(tmp_path):
    model = hfquick.AutoModelForQuestionAnswering.from_pretrained(FOLDER, **NO_DROPOUT)
    data = [{"input_ids": row["input_ids"][:6], "start_positions": 1, "end_positions": 3} for row in rows(8)]
    trainer = tiny_trainer(tmp_path, model, dataset=data, data_collator=DefaultDataCollator(), max_steps=2)
    trainer.train()
    found = trainer.predict(data)
    starts, ends = found.predictions
    assert starts.shape == ends.shape == (8, 6)
    assert [labels.tolist() for labels in found.label_ids] == [[1] * 8, [3] * 8]


def test_several_datasets_to_evaluate_on(tmp_path):
    trainer = tiny_trainer(tmp_path, eval_dataset={"short": rows(8), "long": rows(20)}, eval_strategy="epoch")
    trainer.train()
    logged = next(entry for entry in trainer.state.log_history if "eval_short_loss" in entry)
    assert logged["eval_short_loss"] != logged["eval_long_loss"]


def test_metrics_are_shown_without_times(tmp_path):
    metrics = tiny_trainer(tmp_path, eval_dataset=rows(8)).evaluate()
    assert metrics["eval_runtime"] > 0
    assert "runtime" not in repr(metrics)
    assert "per_second" not in repr(metrics)
    assert repr(metrics) == f"{{'eval_loss': {round(metrics['eval_loss'], 4)}}}"


def test_logits_can_be_made_small_before_they_are_kept(tmp_path):
    trainer = tiny_trainer(tmp_path, eval_dataset=rows(8))
    trainer.preprocess_logits_for_metrics = lambda logits, labels: logits.argmax(-1)
    assert trainer.predict(rows(8)).predictions.shape == (8,)


# Methods to override


def test_a_loss_of_ones_own(tmp_path):
    class Doubled(Trainer):
        def compute_loss(self, model, inputs, return_outputs=False, **kwargs):
            loss, outputs = super().compute_loss(model, inputs, return_outputs=True)
            return (2 * loss, outputs) if return_outputs else 2 * loss

    usual, doubled = tiny_trainer(tmp_path), tiny_trainer(tmp_path, kind=Doubled)
    one, two = (trainer.evaluate(rows(8))["eval_loss"] for trainer in (usual, doubled))
    assert two == pytest.approx(2 * one, rel=1e-5)
    with_function = tiny_trainer(
        tmp_path,
        compute_loss_func=lambda outputs, labels: 3 * nn.functional.cross_entropy(outputs.logits, labels),
    )
    assert with_function.evaluate(rows(8))["eval_loss"] == pytest.approx(3 * one, rel=1e-5)


def test_an_optimizer_and_schedule_of_ones_own(tmp_path):
    model = tiny_model(**NO_DROPOUT)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    schedule = get_scheduler("constant", optimizer)
    trainer = tiny_trainer(tmp_path, model, optimizers=(optimizer, schedule), logging_steps=1)
    trainer.train()
    assert {entry["learning_rate"] for entry in trainer.state.log_history if "loss" in entry} == {0.5}

    class Slow(Trainer):
        def create_optimizer(self):
            self.optimizer = torch.optim.SGD(self.model.parameters(), lr=1e-3)
            return self.optimizer

        def create_scheduler(self, num_training_steps, optimizer=None):
            self.lr_scheduler = torch.optim.lr_scheduler.StepLR(self.optimizer, 3)
            return self.lr_scheduler

    trainer = tiny_trainer(tmp_path, kind=Slow, logging_steps=1)
    trainer.train()
    rates = [entry["learning_rate"] for entry in trainer.state.log_history if "loss" in entry]
    assert rates == pytest.approx([1e-3, 1e-3, 1e-4, 1e-4, 1e-4, 1e-5])


def test_a_loader_of_ones_own_finds_its_place_too(tmp_path):
    class Plain(Trainer):
        def get_train_dataloader(self):
            return torch.utils.data.DataLoader(self.train_dataset, batch_size=8, collate_fn=self.data_collator)

    options = {"save_strategy": "steps", "save_steps": 4, "max_steps": 9, "kind": Plain, "logging_steps": 1}
    whole, again = tiny_trainer(tmp_path, tiny_model(), **options), tiny_trainer(tmp_path, tiny_model(), **options)
    whole.train()
    again.train(resume_from_checkpoint=str(tmp_path / "checkpoint-4"))
    assert_equal(state_of(again.model), state_of(whole.model))


def test_speed_counts_the_rows_that_a_loader_of_ones_own_gave(tmp_path):
    class Uneven(Trainer):
        def get_train_dataloader(self):
            sizes = [slice(0, 30), slice(30, 35), slice(35, 48)]
            return [self.data_collator(self.train_dataset[size]) for size in sizes]

    metrics = tiny_trainer(tmp_path, kind=Uneven, max_steps=-1, num_train_epochs=2).train().metrics
    assert metrics["train_samples_per_second"] * metrics["train_runtime"] == pytest.approx(96)
    assert metrics["train_steps_per_second"] * metrics["train_runtime"] == pytest.approx(6)


def test_a_new_model_for_every_run(tmp_path):
    made = count()

    def init():
        next(made)
        return tiny_model()

    trainer = Trainer(model_init=init, args=arguments(tmp_path), train_dataset=rows(48), processing_class=tokenizer())
    first = state_of(trainer.train() and trainer.model)
    second = state_of(trainer.train() and trainer.model)
    assert next(made) == 3
    assert_equal(first, second)


# Steps, streams, callbacks


def test_epochs_and_steps(tmp_path):
    assert tiny_trainer(tmp_path, max_steps=-1, num_train_epochs=2).train().global_step == 12
    assert tiny_trainer(tmp_path, max_steps=-1, num_train_epochs=1.5).train().global_step == 9
    trainer = tiny_trainer(tmp_path, max_steps=8, num_train_epochs=1)
    assert trainer.train().global_step == 8
    assert trainer.state.epoch == pytest.approx(8 / 6)
    drop = tiny_trainer(tmp_path, dataset=rows(50), max_steps=-1, num_train_epochs=1, dataloader_drop_last=True)
    assert drop.train().global_step == 6


def test_streams_are_read_until_the_steps_are_done(tmp_path):
    datasets = pytest.importorskip("datasets")

    def stream():
        yield from rows(20)

    dataset = datasets.IterableDataset.from_generator(stream)
    options = {"max_steps": 7, "save_strategy": "steps", "save_steps": 4}
    trainer = tiny_trainer(tmp_path, tiny_model(), dataset=dataset, eval_dataset=dataset, **options)
    assert trainer.train().global_step == 7  # 3 batches a pass
    assert trainer.evaluate()["eval_loss"] > 0
    again = tiny_trainer(tmp_path, tiny_model(), dataset=dataset, **options)
    again.train(resume_from_checkpoint=str(tmp_path / "checkpoint-4"))
    assert_equal(state_of(again.model), state_of(trainer.model))
    with pytest.raises(ValueError, match="max_steps=1000"):
        tiny_trainer(tmp_path, dataset=dataset, max_steps=-1).train()


class Recorder(TrainerCallback):
    def __init__(self):
        self.seen = []


for _event in EVENTS:
    setattr(Recorder, _event, lambda self, args, state, control, _event=_event, **kwargs: self.seen.append(_event))


def test_every_event_comes_in_its_order(tmp_path):
    recorder = Recorder()
    trainer = tiny_trainer(
        tmp_path,
        callbacks=[recorder],
        max_steps=1,
        gradient_accumulation_steps=2,
        eval_dataset=rows(4),
        eval_strategy="steps",
        eval_steps=1,
        logging_steps=1,
        save_strategy="steps",
        save_steps=1,
    )
    trainer.train()
    trainer.predict(rows(4))
    assert recorder.seen == [
        "on_init_end", "on_train_begin", "on_epoch_begin", "on_step_begin", "on_substep_end", "on_pre_optimizer_step",
        "on_optimizer_step", "on_step_end", "on_log", "on_prediction_step", "on_log", "on_evaluate", "on_save",
        "on_epoch_end", "on_log", "on_train_end", "on_prediction_step", "on_predict",
    ]  # fmt: skip
    assert set(recorder.seen) == set(EVENTS)


def test_a_callback_can_stop_a_run_or_an_epoch(tmp_path):
    class Stop(TrainerCallback):
        def on_step_end(self, args, state, control, **kwargs):
            control.should_training_stop = state.global_step >= 3

    class Skip(TrainerCallback):
        def on_step_end(self, args, state, control, **kwargs):
            control.should_epoch_stop = True

    trainer = tiny_trainer(tmp_path, callbacks=[Stop])
    assert trainer.train().global_step == 3
    trainer.remove_callback(Stop)
    assert trainer.train().global_step == 6
    assert tiny_trainer(tmp_path, callbacks=[Skip], max_steps=-1, num_train_epochs=2).train().global_step == 2


def test_early_stopping(tmp_path):
    scores = iter([0.5, 0.6, 0.6, 0.55, 0.9])
    trainer = tiny_trainer(
        tmp_path,
        max_steps=50,
        eval_strategy="steps",
        eval_steps=2,
        eval_dataset=rows(8),
        metric_for_best_model="accuracy",
        compute_metrics=lambda found: {"accuracy": next(scores)},
        callbacks=[EarlyStoppingCallback(early_stopping_patience=2)],
    )
    assert trainer.train().global_step == 8


def test_an_interrupted_trainer_can_be_used(tmp_path, capsys):
    class Interrupt(TrainerCallback):
        def on_step_begin(self, args, state, control, **kwargs):
            if state.global_step == 3:
                raise KeyboardInterrupt

    recorder = Recorder()
    trainer = tiny_trainer(tmp_path, callbacks=[recorder, Interrupt], bf16=True, eval_dataset=rows(8))
    with pytest.raises(KeyboardInterrupt):
        trainer.train()
    assert "interrupted after step 3; the model keeps what it has learnt" in capsys.readouterr().out
    assert recorder.seen[-1] == "on_train_end"
    assert trainer.evaluate()["eval_loss"] > 0
    assert not trainer.model.training
    trainer.remove_callback(Interrupt)
    assert trainer.train().global_step == 6


def test_two_trainers_with_different_precision(tmp_path):
    for bf16 in (True, False, True):
        trainer = tiny_trainer(tmp_path, bf16=bf16, max_steps=1)
        assert trainer.accelerator.mixed_precision == ("bf16" if bf16 else "no")
        trainer.train()


def test_tensorboard(tmp_path):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    trainer = tiny_trainer(
        tmp_path, report_to="tensorboard", logging_steps=2, eval_dataset=rows(8), eval_strategy="epoch"
    )
    trainer.train()
    events = EventAccumulator(str(tmp_path / "runs")).Reload()
    assert {"train/loss", "train/learning_rate", "eval/loss"} <= set(events.Tags()["scalars"])
    assert [each.step for each in events.Scalars("train/loss")] == [2, 4, 6]
    assert [each.value for each in events.Scalars("train/loss")] == pytest.approx(losses_of(trainer), abs=1e-6)


def test_a_saved_model_is_a_model_folder(tmp_path):
    trainer = tiny_trainer(tmp_path / "run")
    trainer.train()
    trainer.save_model(str(tmp_path / "saved"))
    pipe = hfquick.pipeline("text-classification", model=str(tmp_path / "saved"), framework="pt")
    assert pipe("We are here")[0]["label"] in {"bad", "so-so", "good"}


def test_the_state_is_logged_with_step_and_epoch(tmp_path):
    trainer = tiny_trainer(tmp_path, logging_steps=4)
    output = trainer.train()
    loss, last = trainer.state.log_history
    assert (loss["step"], loss["epoch"]) == (4, pytest.approx(4 / 6, abs=1e-4))
    assert last["train_loss"] == output.training_loss
    assert last["train_runtime"] > 0
    assert repr(output) == f"TrainOutput(global_step=6, training_loss={output.training_loss:.2f})"


def test_hfquick_names_load_no_framework():
    code = "import sys, hfquick; hfquick.TrainingArguments; assert not {'torch', 'tensorflow'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
