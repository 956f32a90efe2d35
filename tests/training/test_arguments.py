"""TrainingArguments: names, values that cannot work, what they turn into."""

import json

import pytest

from hfquick.training.arguments import TrainingArguments, steps_of


def test_defaults_are_those_of_the_field():
    args = TrainingArguments()
    assert (args.learning_rate, args.per_device_train_batch_size, args.num_train_epochs) == (5e-5, 8, 3.0)
    assert (args.seed, args.lr_scheduler_type, args.max_grad_norm, args.save_steps) == (42, "linear", 1.0, 500)
    assert args.report_to == []
    assert args.eval_strategy == "no"


def test_both_spellings():
    args = TrainingArguments("out", evaluation_strategy="epoch", no_cuda=True)
    assert args.eval_strategy == "epoch"
    assert args.use_cpu is True
    with pytest.raises(TypeError, match="two names of one argument"):
        TrainingArguments(evaluation_strategy="no", eval_strategy="no")


def test_steps_may_be_a_part_of_all():
    assert [steps_of(value, 200) for value in (0.1, 0.0001, 7, 500)] == [20, 1, 7, 500]


def test_evaluation_falls_in_with_logging():
    assert TrainingArguments(eval_strategy="steps", logging_steps=7).eval_steps == 7


@pytest.mark.parametrize(
    ("metric", "better"), [("loss", False), ("accuracy", True), ("eval_loss", False), ("f1", True)]
)
def test_what_is_better(metric, better):
    assert TrainingArguments(metric_for_best_model=metric).greater_is_better is better


def test_repr_shows_what_differs_and_no_token():
    args = TrainingArguments("out", learning_rate=2e-5, hub_token="hf_secret")
    assert repr(args) == "TrainingArguments(output_dir='out', learning_rate=2e-05, hub_token='<hidden>')"


def test_they_are_written_as_json_without_the_token(tmp_path):
    TrainingArguments("out", hub_token="hf_secret").save_to_json(tmp_path / "args.json")
    text = (tmp_path / "args.json").read_text()
    assert "hf_secret" not in text
    assert json.loads(text)["hub_token"] == "<hidden>"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"learning_rates": 1}, "no argument 'learning_rates'; did you mean 'learning_rate'"),
        ({"batch_size": 1}, "no argument 'batch_size'"),
    ],
)
def test_unknown_names(options, sentence):
    with pytest.raises(TypeError, match=sentence):
        TrainingArguments(**options)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"eval_strategy": "epochs"}, "did you mean 'epoch'"),
        ({"save_strategy": "sometimes"}, "save_strategy is 'sometimes', expected 'no', 'steps', 'epoch' or 'best'"),
        ({"report_to": "tensorbord"}, "did you mean 'tensorboard'"),
        ({"per_device_train_batch_size": 0}, "per_device_train_batch_size is 0, expected a whole number from 1 on"),
        ({"per_device_train_batch_size": 8.0}, "per_device_train_batch_size is 8.0, expected a whole number from 1 on"),
        ({"max_steps": "8"}, "max_steps is '8', expected a whole number"),
        ({"warmup_ratio": 100}, "a number of steps is warmup_steps"),
        ({"learning_rate": -1}, "learning_rate is -1"),
        ({"learning_rate": float("nan")}, "learning_rate is nan"),
        ({"learning_rate": "2e-5"}, "learning_rate is '2e-5', expected a number from 0 on"),
        ({"label_smoothing_factor": 1.5}, "expected a number from 0 to below 1"),
        ({"save_steps": 0}, "save_steps is 0, expected a number above 0; a number below 1 is a part of all steps"),
        (
            {"save_total_limit": 0},
            "save_total_limit is 0, expected a whole number from 1 on or None; save_strategy='no' keeps none",
        ),
        ({"bf16": True, "fp16": True}, "exclude each other"),
        ({"load_best_model_at_end": True}, "set eval_strategy='epoch'"),
        ({"load_best_model_at_end": True, "eval_strategy": "epoch"}, "set both to the same"),
        (
            {"load_best_model_at_end": True, "eval_strategy": "steps", "eval_steps": 20, "save_steps": 50},
            "no multiple of eval_steps=20; try save_steps=20",
        ),
    ],
)
def test_values_that_cannot_work(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        TrainingArguments(**options)
