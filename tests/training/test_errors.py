"""What goes wrong in training is a sentence: what was given, what was expected, what to try. Nothing is lost."""

import numpy as np
import pytest

pytest.importorskip("torch")
import torch

import hfquick
from hfquick.data.collators import DefaultDataCollator
from hfquick.training.arguments import TrainingArguments
from hfquick.training.callbacks import TrainerCallback
from hfquick.training.trainer import Trainer
from tests.helpers.kinds import model_of
from tests.helpers.training import FOLDER, POINTS, Line, arguments, assert_equal, state_of, tiny_model, tiny_trainer
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
    model = tiny_model(num_labels=8, ignore_mismatched_sizes=True)  # as the sentence says
    assert tiny_trainer(tmp_path, model, dataset=data).train().global_step == 6


def test_labels_of_rows_without_one(tmp_path):
    """-1, as in the test part of GLUE."""
    data = [{**row, "label": -1 if number % 2 else row["label"]} for number, row in enumerate(rows(16))]
    with pytest.raises(ValueError, match=r"-1 often marks rows without a label: filter .*, or write -100"):
        tiny_trainer(tmp_path, dataset=data).train()
    filtered = [row for row in data if row["label"] != -1]
    for better in (filtered, filtered + [{**row, "label": -100} for row in data if row["label"] == -1]):
        assert tiny_trainer(tmp_path, dataset=better).train().global_step == 6


def test_tokens_outside_the_vocabulary_as_labels(tmp_path):
    data = [{"input_ids": [20, 21], "labels": [20, 90_000]}] * 4
    with pytest.raises(ValueError, match=r"label 90000 was given, .*; does the tokenizer fit the model"):
        tiny_trainer(tmp_path, model_of("masked"), dataset=data, data_collator=DefaultDataCollator()).train()


def test_labels_with_a_point(tmp_path):
    """As pandas reads a column of which one row is empty."""
    datasets = pytest.importorskip("datasets")
    data = datasets.Dataset.from_list([{**row, "label": float(row["label"])} for row in rows(8)])
    with pytest.raises(
        ValueError,
        match=r"a row of torch.float32 numbers .* these are whole numbers: .* or dataset.cast_column\('label', ",
    ):
        tiny_trainer(tmp_path, dataset=data).train()
    whole = data.cast_column("label", datasets.Value("int64"))
    assert tiny_trainer(tmp_path, dataset=whole).train().global_step == 6
    number = tiny_model(num_labels=1, ignore_mismatched_sizes=True)
    assert tiny_trainer(tmp_path, number, dataset=data).train().global_step == 6


@pytest.mark.parametrize(
    ("label", "options", "sentence"),
    [
        (
            1.0,
            {"problem_type": "regression"},
            r"shape of labels is \(\d,\), expected \(\d, 3\), a row of torch.float32",
        ),
        ([1, 0, 1], {}, "one label for each text; for several labels per text try .*'multi_label_classification'"),
        (
            1,
            {"problem_type": "multi_label_classification"},
            r"shape of labels is \(\d,\), expected \(\d, 3\), a row of",
        ),
        (
            [1.0, 0.0],
            {"problem_type": "multi_label_classification"},
            r"\(\d, 2\), expected \(\d, 3\), a row of torch.float",
        ),
    ],
)
def test_labels_of_another_shape(tmp_path, label, options, sentence):
    data = [{**row, "label": label} for row in rows(8)]
    with pytest.raises(ValueError, match=sentence):
        tiny_trainer(tmp_path, tiny_model(**options), dataset=data).train()


def test_whole_numbers_to_predict(tmp_path):
    data = [{**row, "label": [7, 8, 9]} for row in rows(8)]
    model = tiny_model(problem_type="regression")
    assert tiny_trainer(tmp_path, model, dataset=data, max_steps=1).train().global_step == 1


@pytest.mark.parametrize(
    "label", [True, [1.0, 0.0, 1.0], np.int32(1), torch.tensor(True), torch.tensor(2, dtype=torch.int32)]
)
def test_labels_that_do_fit(tmp_path, label):
    data = [{**row, "label": label} for row in rows(8)]
    assert tiny_trainer(tmp_path, dataset=data, max_steps=1).train().global_step == 1


def test_labels_that_are_texts(tmp_path):
    datasets = pytest.importorskip("datasets")
    data = datasets.Dataset.from_list([{**row, "label": "ABC"[row["label"]]} for row in rows(8)])
    with pytest.raises(ValueError, match=r"the labels are texts \('[ABC]'\).*class_encode_column"):
        tiny_trainer(tmp_path, dataset=data).train()
    assert tiny_trainer(tmp_path, dataset=data.class_encode_column("label"), max_steps=1).train().global_step == 1


def test_a_model_without_a_head(tmp_path):
    body = hfquick.AutoModel.from_pretrained(FOLDER)
    with pytest.raises(ValueError, match=r"BertModel has no head, so .*AutoModelForSequenceClassification"):
        tiny_trainer(tmp_path, body).train()

    class Own(Trainer):
        def compute_loss(self, model, inputs, return_outputs=False, **kwargs):
            return model(input_ids=inputs["input_ids"]).last_hidden_state.square().mean()

    assert tiny_trainer(tmp_path, body, kind=Own, max_steps=1).train().global_step == 1  # as the sentence says


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
        (1, "the batch is one row already: cut texts shorter"),
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
    with pytest.raises(TypeError, match="lr_scheduler_type='constant'"):
        tiny_trainer(tmp_path, lr_scheduler_type="reduce_lr_on_plateau").train()


def test_an_evaluation_dataset_by_its_name(tmp_path):
    trainer = tiny_trainer(tmp_path, eval_dataset={"films": rows(8), "books": rows(16)})
    assert set(trainer.evaluate("books")) >= {"eval_books_loss"}
    with pytest.raises(ValueError, match="'plays' names no dataset of this Trainer; there are films, books"):
        trainer.evaluate("plays")
    with pytest.raises(TypeError, match=r"got the text 'films'; try load_dataset\('films'"):
        tiny_trainer(tmp_path, eval_dataset="films")
