"""Methods that a user may override are called in a run, with the arguments that they always had."""

import inspect

import pytest

pytest.importorskip("torch")

from hfquick.training import sharing
from hfquick.training.callbacks import TrainerCallback
from hfquick.training.seq2seq import Seq2SeqTrainer
from hfquick.training.trainer import Trainer
from tests.helpers.training import tiny_trainer
from tests.reference.training_cases import rows

pytestmark = pytest.mark.torch
SIGNATURES = {
    "train": ["resume_from_checkpoint"],
    "training_step": ["model", "inputs", "share"],
    "compute_loss": ["model", "inputs", "return_outputs", "num_items_in_batch"],
    "get_train_dataloader": [],
    "get_eval_dataloader": ["eval_dataset"],
    "get_test_dataloader": ["test_dataset"],
    "create_optimizer": [],
    "create_scheduler": ["num_training_steps", "optimizer"],
    "create_optimizer_and_scheduler": ["num_training_steps"],
    "evaluate": ["eval_dataset", "ignore_keys", "metric_key_prefix"],
    "predict": ["test_dataset", "ignore_keys", "metric_key_prefix"],
    "prediction_step": ["model", "inputs", "prediction_loss_only", "ignore_keys"],
    "log": ["logs"],
    "save_model": ["output_dir"],
    "create_model_card": ["dataset", "license", "more"],
    "push_to_hub": ["commit_message", "token", "facts"],
    "add_callback": ["callback"],
    "remove_callback": ["callback"],
    "pop_callback": ["callback"],
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_signatures_stay(name):
    assert list(inspect.signature(getattr(Trainer, name)).parameters) == ["self", *SIGNATURES[name]]


@pytest.fixture
def watched():
    """A Trainer class that notes which of its methods are called."""
    seen = set()

    def watching(name):
        def method(self, *args, **kwargs):
            seen.add(name)
            return getattr(Trainer, name)(self, *args, **kwargs)

        return method

    kind = type("Watched", (Trainer,), {name: watching(name) for name in SIGNATURES})
    kind.seen = seen
    return kind


def test_every_method_that_is_overridden_is_called(tmp_path, watched, monkeypatch):
    monkeypatch.setattr(sharing, "upload", lambda args, message, token: message)
    trainer = tiny_trainer(
        tmp_path, kind=watched, max_steps=2, eval_dataset=rows(8), eval_strategy="epoch", push_to_hub=True
    )
    assert watched.seen == set()
    trainer.train()
    called = watched.seen - {"train"}
    assert called == set(SIGNATURES) - {
        "train", "predict", "get_test_dataloader", "add_callback", "remove_callback", "pop_callback",
    }  # fmt: skip
    trainer.predict(rows(4))
    assert {"predict", "get_test_dataloader"} <= watched.seen
    assert trainer.push_to_hub("done") == "done"


def test_seq2seq_overrides_documented_methods_alone():
    assert Seq2SeqTrainer.__doc__
    own = {name for name in vars(Seq2SeqTrainer) if not name.startswith("_") and hasattr(Trainer, name)}
    assert own == {"evaluate", "predict", "prediction_step"}
    assert all(name in Trainer.__doc__ for name in own)
    private = {name for name in vars(Seq2SeqTrainer) if name.startswith("_") and not name.startswith("__")}
    assert not private & set(dir(Trainer))


def test_a_callback_may_ask_for_a_checkpoint_of_what_was_evaluated(tmp_path):
    class Keep(TrainerCallback):
        def on_evaluate(self, args, state, control, **kwargs):
            control.should_save = state.global_step == 4

    tiny_trainer(tmp_path, callbacks=[Keep], eval_dataset=rows(8), eval_strategy="steps", eval_steps=2).train()
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-4"]
