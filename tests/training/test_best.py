"""The best model is found, kept and loaded; old folders do not get in the way."""

import shutil

import pytest

pytest.importorskip("torch")
import torch

from hfquick.training import checkpoints
from hfquick.training.callbacks import EarlyStoppingCallback
from hfquick.training.checkpoints import CheckpointError
from hfquick.training.trainer import Trainer
from tests.helpers.training import arguments, assert_equal, state_of, tiny_model, tiny_trainer, tokenizer
from tests.reference.training_cases import rows

pytestmark = pytest.mark.torch
SCORED = {"eval_strategy": "steps", "eval_steps": 2, "metric_for_best_model": "score", "save_strategy": "steps"}


def scored(folder, scores, **options):
    """A Trainer whose evaluations give these scores."""
    left = iter(scores)
    metrics = lambda found: {"score": next(left)}  # noqa: E731
    return tiny_trainer(folder, **{**SCORED, "eval_dataset": rows(4), "compute_metrics": metrics, **options})


def test_a_best_model_between_two_checkpoints_is_kept_too(tmp_path):
    trainer = scored(tmp_path, [0.9, 0.1, 0.2, 0.3], save_steps=4, max_steps=8, load_best_model_at_end=True)
    trainer.train()
    assert [path.name for path in checkpoints.all_of(tmp_path)] == ["checkpoint-2", "checkpoint-4", "checkpoint-8"]
    assert_equal(state_of(trainer.model), state_of(type(trainer.model).from_pretrained(tmp_path / "checkpoint-2")))


def test_the_evaluation_before_the_start_is_no_candidate(tmp_path):
    options = {"eval_on_start": True, "save_strategy": "best", "load_best_model_at_end": True, "max_steps": 4}
    trainer = scored(tmp_path, [0.9, 0.2, 0.1], **options)
    trainer.train()
    assert [path.name for path in checkpoints.all_of(tmp_path)] == ["checkpoint-2"]
    assert trainer.state.best_metric == 0.2


def test_the_best_checkpoint_is_found_in_a_folder_that_moved(tmp_path):
    options = {"save_steps": 2, "load_best_model_at_end": True}
    scored(tmp_path / "old", [0.9, 0.1, 0.2], **options).train()
    (tmp_path / "old").rename(tmp_path / "new")
    again = scored(tmp_path / "new", [0.3], **options)
    again.train(resume_from_checkpoint=str(tmp_path / "new" / "checkpoint-4"))
    best = tmp_path / "new" / "checkpoint-2"
    assert again.state.best_model_checkpoint == str(best)
    assert_equal(state_of(again.model), state_of(type(again.model).from_pretrained(best)))
    shutil.rmtree(best)
    gone = scored(tmp_path / "new", [0.3], **options)
    with pytest.raises(CheckpointError, match=r"checkpoint-2' has no model.safetensors"):
        gone.train(resume_from_checkpoint=str(tmp_path / "new" / "checkpoint-4"))


def test_early_stopping_on_a_misspelt_metric_is_said(tmp_path):
    trainer = scored(tmp_path, [0.5], metric_for_best_model="scores", callbacks=[EarlyStoppingCallback(1)])
    with pytest.raises(KeyError, match=r"'scores', but the evaluation gave eval_loss, eval_score"):
        trainer.train()


def test_checkpoints_of_an_earlier_run_do_not_push_out_new_ones(tmp_path):
    tiny_trainer(tmp_path, save_strategy="steps", save_steps=6).train()
    tiny_trainer(tmp_path, save_strategy="steps", save_steps=2, max_steps=4, save_total_limit=1).train()
    assert "checkpoint-4" in [path.name for path in checkpoints.all_of(tmp_path)]


def test_an_optimizer_of_another_model_is_refused(tmp_path):
    optimizer = torch.optim.SGD(tiny_model().parameters(), lr=0.1)
    with pytest.raises(ValueError, match="the optimizer holds none of the model's weights"):
        tiny_trainer(tmp_path, optimizers=(optimizer, None))
    with pytest.raises(ValueError, match="model_init= makes a new model for every run"):
        Trainer(
            model_init=tiny_model,
            args=arguments(tmp_path),
            train_dataset=rows(8),
            processing_class=tokenizer(),
            optimizers=(optimizer, None),
        )


def test_arguments_are_not_changed_by_a_trainer(tmp_path):
    args = arguments(tmp_path)
    before = args.to_dict()
    Trainer(tiny_model(), args, train_dataset=rows(8), processing_class=tokenizer()).train()
    assert args.to_dict() == before
