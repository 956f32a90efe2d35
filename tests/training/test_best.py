"""The best model is found, kept and loaded; old folders do not get in the way."""

import shutil

import numpy as np
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


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("scores", "options", "best", "step"),
    [
        ([NAN, 0.9, 0.5], {"greater_is_better": True}, 0.9, 4),
        ([NAN, 0.9, 0.5], {"greater_is_better": False}, 0.5, 6),
        ([0.9, NAN, 0.5], {"greater_is_better": True}, 0.9, 2),
        ([INF, 0.9, 0.5], {"greater_is_better": True}, 0.9, 4),
        ([-INF, 0.9, 0.5], {"greater_is_better": False}, 0.5, 6),
        ([NAN, 0.9, 0.5], {"greater_is_better": True, "save_strategy": "best"}, 0.9, 4),
    ],
)
def test_what_is_no_number_is_never_the_best(tmp_path, capsys, scores, options, best, step):
    trainer = scored(tmp_path, scores, **{"save_steps": 2, "load_best_model_at_end": True, "max_steps": 6, **options})
    trainer.train()
    assert (trainer.state.best_metric, trainer.state.best_global_step) == (best, step)
    assert trainer.state.best_model_checkpoint == str(tmp_path / f"checkpoint-{step}")
    assert "so this model is not the best one" in capsys.readouterr().out
    assert_equal(
        state_of(trainer.model), state_of(type(trainer.model).from_pretrained(tmp_path / f"checkpoint-{step}"))
    )


def test_no_model_is_the_best(tmp_path, capsys):
    trainer = scored(tmp_path, [NAN] * 3, save_strategy="best", load_best_model_at_end=True, max_steps=6)
    trainer.train()
    assert checkpoints.all_of(tmp_path) == []
    assert "no evaluation had a number for eval_score" in capsys.readouterr().out


@pytest.mark.parametrize("greater", [True, False])
def test_patience_is_not_used_up_by_a_first_nan(tmp_path, greater):
    values = [NAN, 0.1, 0.2, 0.3, 0.4] if greater else [NAN, 0.4, 0.3, 0.2, 0.1]
    stopping = EarlyStoppingCallback(2)
    trainer = scored(tmp_path, values, callbacks=[stopping], greater_is_better=greater, max_steps=10)
    assert trainer.train().global_step == 10
    assert (stopping.best, stopping.waited) == (values[-1], 0)


def test_patience_ends_with_nothing_but_nan(tmp_path):
    trainer = scored(tmp_path, [NAN] * 5, callbacks=[EarlyStoppingCallback(2)], max_steps=10)
    assert trainer.train().global_step == 4


def test_models_are_compared_by_one_number(tmp_path):
    with pytest.raises(TypeError, match=r"metric_for_best_model is 'score', which is \[0.1, 0.2\]; .* one number"):
        scored(tmp_path, [np.array([0.1, 0.2])], save_strategy="best", callbacks=[EarlyStoppingCallback(2)]).train()
