"""Every argument that transformers has is one here too, or is understood, or is refused by a sentence."""

import pytest

pytest.importorskip("torch")

import hfquick
from hfquick.training.arguments import TrainingArguments
from hfquick.training.elsewhere import ELSEWHERE, OTHER_NAMES
from hfquick.training.seq2seq import Seq2SeqTrainer, Seq2SeqTrainingArguments
from hfquick.training.trainer import Trainer
from tests.helpers.training import FOLDER, Line, arguments, tokenizer
from tests.reference.upstream_arguments import COLLATORS, SEQ2SEQ_TRAINING_ARGUMENTS, TRAINER, TRAINING_ARGUMENTS

pytestmark = pytest.mark.torch
STRANGE = object()
ALL = TRAINING_ARGUMENTS | SEQ2SEQ_TRAINING_ARGUMENTS | TRAINER | {"tf_experimental_compile": False}


def test_their_defaults_are_accepted_one_by_one_and_together():
    for name, value in TRAINING_ARGUMENTS.items():
        TrainingArguments(**{name: value})
    together = {name: value for name, value in TRAINING_ARGUMENTS.items() if OTHER_NAMES.get(name) not in ALL}
    args = Seq2SeqTrainingArguments(**together, **SEQ2SEQ_TRAINING_ARGUMENTS)
    assert args.output_dir == "trainer_output"
    assert args.lr_scheduler_kwargs == {}


@pytest.mark.parametrize("name", TRAINING_ARGUMENTS | SEQ2SEQ_TRAINING_ARGUMENTS)
def test_no_name_gives_a_bare_error(name):
    """Of those that are not here, a value that would do something is refused by the name of the argument."""
    if name in ELSEWHERE and ... not in ELSEWHERE[name].same:
        with pytest.raises(TypeError, match=rf"(has no argument '{name}'|does not take {name}=.*); \w+.*"):
            Seq2SeqTrainingArguments(**{name: STRANGE})
    elif name in OTHER_NAMES:
        assert OTHER_NAMES[name] in TRAINING_ARGUMENTS
    else:
        assert name in ELSEWHERE or name in Seq2SeqTrainingArguments.__dataclass_fields__


def test_nothing_old_is_in_the_table():
    for table in (ELSEWHERE, OTHER_NAMES):
        assert table.keys() - ALL.keys() <= {"evaluation_strategy"}  # a name of before 4.46
        assert not table.keys() & Seq2SeqTrainingArguments.__dataclass_fields__.keys()


@pytest.mark.parametrize(
    ("options", "field", "value"),
    [
        ({"optim": "adamw_torch"}, "weight_decay", 0.0),
        ({"per_gpu_train_batch_size": 4}, "per_device_train_batch_size", 4),
        ({"push_to_hub_token": "hf_x"}, "hub_token", "hf_x"),
        ({"eval_accumulation_steps": 10, "run_name": "mine", "do_train": True}, "seed", 42),
    ],
)
def test_what_means_the_same(options, field, value):
    assert getattr(TrainingArguments(**options), field) == value


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"optim": "adafactor"}, r"does not take optim='adafactor'; AdamW is the optimizer; .*optimizers="),
        ({"fp16_full_eval": True}, "bf16=True or fp16=True set the precision"),
        ({"deepspeed": "ds.json"}, "`accelerate config`"),
        ({"save_safetensors": False}, "weights are written as model.safetensors"),
        ({"torch_compile": True}, "nothing is compiled; leave it out"),
        ({"per_gpu_eval_batch_size": 4, "per_device_eval_batch_size": 4}, "two names of one argument"),
        ({"optims": 1}, r"no argument 'optims'; it has output_dir, "),
    ],
)
def test_what_does_it_here(options, sentence):
    with pytest.raises(TypeError, match=sentence):
        TrainingArguments(**options)


@pytest.mark.parametrize("kind", [Trainer, Seq2SeqTrainer])
def test_arguments_of_a_trainer(kind, tmp_path):
    given = TRAINER | {"model": Line(), "args": arguments(tmp_path)}
    assert kind(**given).args is given["args"]
    with pytest.raises(TypeError, match=r"Trainer has no argument 'optimizer_cls_and_kwargs'; AdamW is the optimizer"):
        kind(**given | {"optimizer_cls_and_kwargs": (STRANGE, {})})
    with pytest.raises(TypeError, match=r"Trainer has no argument 'train_data'; did you mean 'train_dataset'"):
        kind(Line(), train_data=[])


@pytest.mark.parametrize("name", COLLATORS)
def test_arguments_of_collators(name):
    given = COLLATORS[name] | ({"tokenizer": tokenizer()} if "tokenizer" in COLLATORS[name] else {})
    assert getattr(hfquick, name)(**given).return_tensors == "pt"
    with pytest.raises(TypeError, match=rf"{name} has no argument 'return_tensor'; did you mean 'return_tensors'"):
        getattr(hfquick, name)(**given, return_tensor="np")
    if "mlm" in given:
        with pytest.raises(TypeError, match=r"does not take tf_experimental_compile=True; return_tensors='tf'"):
            getattr(hfquick, name)(**given | {"tf_experimental_compile": True})


def test_the_advice_for_another_optimizer_works(tmp_path):
    import torch

    model = hfquick.AutoModelForSequenceClassification.from_pretrained(FOLDER)
    data = [{"input_ids": [20, 21], "label": 1}] * 4
    trainer = Trainer(
        model,
        arguments(tmp_path, max_steps=1),
        train_dataset=data,
        processing_class=tokenizer(),
        optimizers=(torch.optim.SGD(model.parameters()), None),
    )
    assert trainer.train().global_step == 1
