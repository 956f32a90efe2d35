"""What goes wrong in training is a sentence: what was given, what was expected, what to try. Nothing is lost."""

import pytest

pytest.importorskip("torch")
import torch

import hfquick
from hfquick.data.collators import DefaultDataCollator
from hfquick.training.arguments import TrainingArguments
from hfquick.training.callbacks import TrainerCallback
from hfquick.training.trainer import Trainer
from tests.helpers.training import FOLDER, POINTS, Line, arguments, assert_equal, state_of, tiny_trainer
from tests.reference.training_cases import rows

pytestmark = pytest.mark.torch


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({}, ValueError, "give either model= or model_init="),
        ({"model": "bert"}, TypeError, "takes a PyTorch model"),
        ({"model": Line(), "args": {"output_dir": "x"}}, TypeError, "args= takes TrainingArguments, got dict"),
        ({"model": Line(), "train_dataset": []}, ValueError, "train_dataset= has no rows"),
        ({"model": Line(), "train_dataset": 3}, TypeError, "takes a dataset .*, got int"),
        ({"model": Line(), "train_dataset": {"train": POINTS}}, TypeError, r"train_dataset=dataset\['train'\]"),
        ({"model": Line(), "eval_dataset": []}, ValueError, "eval_dataset= has no rows"),
        ({"model": Line(), "callbacks": [3]}, TypeError, "a callback is a TrainerCallback"),
        ({"model": Line(), "processing_class": 1, "tokenizer": 1}, ValueError, "two names of one argument"),
    ],
)
def test_wrong_arguments(options, error, sentence):
    with pytest.raises(error, match=sentence):
        Trainer(**options)


def test_an_evaluation_strategy_needs_rows(tmp_path):
    with pytest.raises(ValueError, match="eval_strategy='epoch' needs rows to evaluate on"):
        tiny_trainer(tmp_path, eval_strategy="epoch")
    with pytest.raises(ValueError, match="there is nothing to evaluate on"):
        tiny_trainer(tmp_path).evaluate()
    with pytest.raises(ValueError, match="there is nothing to train on"):
        Trainer(Line(), arguments(tmp_path)).train()


def test_a_misspelt_event_is_named():
    class Wrong(TrainerCallback):
        def on_step_ends(self, args, state, control, **kwargs):
            """Never called."""

    with pytest.raises(ValueError, match="Wrong has on_step_ends; did you mean 'on_step_end'"):
        Trainer(Line(), callbacks=[Wrong()])


def test_missing_labels(tmp_path):
    data = [{"input_ids": row["input_ids"]} for row in rows(8)]
    with pytest.raises(ValueError, match=r"no 'labels' \(it has input_ids, attention_mask\).*add a column 'label'"):
        tiny_trainer(tmp_path, dataset=data).train()


def test_labels_out_of_range(tmp_path):
    data = [{**row, "label": 7} for row in rows(8)]
    with pytest.raises(ValueError, match="label 7 was given, this model has labels 0 to 2; try num_labels=8"):
        tiny_trainer(tmp_path, dataset=data).train()


def test_untokenized_texts(tmp_path):
    datasets = pytest.importorskip("datasets")
    data = datasets.Dataset.from_dict({"text": ["We are here"] * 8, "score": [0] * 8})
    with pytest.raises(
        ValueError, match=r"has the columns text, score, and BertFor\w+ reads input_ids.*tokenize first"
    ):
        tiny_trainer(tmp_path, dataset=data).train()


@pytest.mark.parametrize("accumulate", [1, 2])
def test_a_loss_that_is_no_number_stops_the_run(tmp_path, accumulate):
    class Broken(Trainer):
        def compute_loss(self, model, inputs, return_outputs=False, **kwargs):
            loss = super().compute_loss(model, inputs)
            return loss * float("nan") if self.state.global_step == 4 else loss

    options = {"save_strategy": "steps", "save_steps": 2, "gradient_accumulation_steps": accumulate}
    trainer = tiny_trainer(tmp_path, kind=Broken, dataset=rows(96), **options)
    with pytest.raises(FloatingPointError, match=r"the loss became nan at step 5 \(epoch 0\.\d+\), rows \d+") as caught:
        trainer.train()
    assert f"the last whole checkpoint is '{tmp_path / 'checkpoint-4'}'" in str(caught.value)
    assert "smaller learning_rate" in str(caught.value)
    saved = type(trainer.model).from_pretrained(tmp_path / "checkpoint-4")
    assert_equal(state_of(trainer.model), state_of(saved))  # the bad loss did not reach the weights


@pytest.mark.parametrize(
    ("size", "advice"),
    [
        (8, "per_device_train_batch_size=4, gradient_accumulation_steps=2; gradient_checkpointing=True and bf16=True"),
        (1, "the batch is one row already: cut the texts shorter"),
    ],
)
def test_memory_that_is_not_there(tmp_path, size, advice):
    class Greedy(Trainer):
        def compute_loss(self, model, inputs, return_outputs=False, **kwargs):
            return torch.empty(2**50)  # a real failure of torch's allocator

    with pytest.raises(MemoryError) as caught:
        tiny_trainer(tmp_path, kind=Greedy, per_device_train_batch_size=size).train()
    assert advice in str(caught.value)


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"cannot be written .*; choose another folder"):
        tiny_trainer(tmp_path / "file" / "run").train()


def test_a_folder_of_another_model(tmp_path):
    tiny_trainer(tmp_path, save_strategy="steps", save_steps=3).train()
    other = hfquick.AutoModelForTokenClassification.from_pretrained(FOLDER)
    data = [{"input_ids": [20, 21], "labels": [1, 2]} for _ in range(8)]
    options = {"dataset": data, "data_collator": DefaultDataCollator()}
    with pytest.raises(ValueError, match=r"another model .BertForSequenceClassification.*overwrite_output_dir=True"):
        tiny_trainer(tmp_path, other, **options).train()
    assert tiny_trainer(tmp_path, other, overwrite_output_dir=True, **options).train().global_step == 6


def test_a_metric_that_the_evaluation_does_not_give(tmp_path):
    trainer = tiny_trainer(
        tmp_path,
        eval_dataset=rows(8),
        eval_strategy="epoch",
        save_strategy="epoch",
        load_best_model_at_end=True,
        metric_for_best_model="accuracy",
    )
    with pytest.raises(KeyError, match="'accuracy', but the evaluation gave eval_loss"):
        trainer.train()


def test_float16_needs_a_gpu(tmp_path):
    with pytest.raises(ValueError, match="on a CPU bf16=True does what you want"):
        Trainer(Line(), TrainingArguments(str(tmp_path), fp16=True, use_cpu=True))


def test_gradient_checkpointing_needs_a_model_that_can(tmp_path):
    with pytest.raises(ValueError, match="Line has none; leave it out"):
        Trainer(Line(), arguments(tmp_path, gradient_checkpointing=True), train_dataset=POINTS).train()


def test_a_frozen_model(tmp_path):
    model = tiny_trainer(tmp_path).model.requires_grad_(False)
    with pytest.raises(ValueError, match="all weights of this BertForSequenceClassification are frozen"):
        tiny_trainer(tmp_path, model).train()


def test_a_batch_of_which_no_label_counts(tmp_path):
    data = [{**row, "label": -100} for row in rows(8)]
    with pytest.raises(ValueError, match=r"all labels of step 1 \(rows \d.*\) are -100"):
        tiny_trainer(tmp_path, dataset=data).train()


def test_smoothing_needs_classes(tmp_path):
    with pytest.raises(ValueError, match="needs a column 'labels' with the numbers of classes, the batch has none"):
        tiny_trainer(
            tmp_path,
            hfquick.AutoModelForQuestionAnswering.from_pretrained(FOLDER),
            dataset=[{"input_ids": [20, 21], "start_positions": 0, "end_positions": 1}] * 8,
            data_collator=DefaultDataCollator(),
            label_smoothing_factor=0.1,
        ).train()
    data = [{**row, "label": 0.5} for row in rows(8)]
    with pytest.raises(ValueError, match=r"numbers of classes .*, got torch.float32"):
        tiny_trainer(tmp_path, dataset=data, label_smoothing_factor=0.1).train()


def test_a_schedule_that_waits_for_evaluations(tmp_path):
    optimizer = torch.optim.SGD(Line().parameters(), lr=0.1)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer)
    with pytest.raises(TypeError, match="step it in on_evaluate"):
        Trainer(Line(), arguments(tmp_path), optimizers=(None, plateau))


def test_an_evaluation_dataset_by_its_name(tmp_path):
    trainer = tiny_trainer(tmp_path, eval_dataset={"films": rows(8), "books": rows(16)})
    assert set(trainer.evaluate("books")) >= {"eval_books_loss"}
    with pytest.raises(ValueError, match="'plays' names no dataset of this Trainer; there are films, books"):
        trainer.evaluate("plays")
    with pytest.raises(TypeError, match=r"got the text 'films'; try load_dataset\('films'"):
        tiny_trainer(tmp_path, eval_dataset="films")
