"""Checkpoints are whole or not there, damaged ones are seen, and a resumed run is the run that was never stopped."""

import errno
import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

pytest.importorskip("torch")
import torch

from hfquick.training import checkpoints
from hfquick.training.callbacks import EarlyStoppingCallback, TrainerCallback
from hfquick.training.checkpoints import CheckpointError
from tests.helpers.training import assert_equal, losses_of, state_of, tiny_model, tiny_trainer
from tests.reference.training_cases import rows

pytestmark = pytest.mark.torch
EVERY_TWO = {"save_strategy": "steps", "save_steps": 2, "logging_steps": 3, "max_steps": 10}


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_checkpoint_has_everything_and_loads_as_a_model(tmp_path):
    trainer = tiny_trainer(tmp_path, **EVERY_TWO)
    trainer.train()
    assert [path.name for path in checkpoints.all_of(tmp_path)] == [f"checkpoint-{step}" for step in (2, 4, 6, 8, 10)]
    last = tmp_path / "checkpoint-10"
    assert {
        "checkpoint.json", "config.json", "model.safetensors", "optimizer.pt", "rng_state_0.pth", "scheduler.pt",
        "tokenizer.json", "trainer_state.json", "training_args.json",
    } <= set(names_in(last))  # fmt: skip
    assert not checkpoints.problem_of(last)
    loaded = type(trainer.model).from_pretrained(last)
    assert_equal(state_of(loaded), state_of(trainer.model))
    listed = json.loads((last / "checkpoint.json").read_text())["files"]
    assert set(listed) == set(names_in(last)) - {"checkpoint.json"}


@pytest.mark.parametrize("step", [2, 6, 8])
@pytest.mark.parametrize("options", [{}, {"gradient_accumulation_steps": 2, "group_by_length": True}], ids=["", "more"])
def test_a_resumed_run_is_the_run_that_was_never_stopped(tmp_path, step, options):
    """With dropout, over the end of an epoch (6 updates, or 3), with evaluations and logs between checkpoints."""
    options = {**EVERY_TWO, "eval_strategy": "epoch", "eval_dataset": rows(60)[48:], **options}
    whole = tiny_trainer(tmp_path / "whole", tiny_model(), **options)
    whole.train()
    for place in ("state of the weights", "another process"):
        again = tiny_trainer(tmp_path / place, tiny_model(), **options)
        torch.manual_seed(len(place))  # chance is what the checkpoint says, not what it is now
        again.train(resume_from_checkpoint=str(tmp_path / "whole" / f"checkpoint-{step}"))
        assert_equal(state_of(again.model), state_of(whole.model))
        assert losses_of(again) == losses_of(whole)
        evaluated = [
            [entry["eval_loss"] for entry in trainer.state.log_history if "eval_loss" in entry]
            for trainer in (whole, again)
        ]
        assert evaluated[0] == evaluated[1]
        assert len(evaluated[0]) > 0


def test_resuming_a_finished_run_does_nothing(tmp_path):
    trainer = tiny_trainer(tmp_path, **EVERY_TWO)
    output = trainer.train()
    before = state_of(trainer.model)
    assert trainer.train(resume_from_checkpoint=True).training_loss == pytest.approx(output.training_loss)
    assert_equal(state_of(trainer.model), before)


def test_a_run_can_be_made_longer(tmp_path):
    tiny_trainer(tmp_path, **{**EVERY_TWO, "lr_scheduler_type": "constant"}).train()
    longer = tiny_trainer(tmp_path, **{**EVERY_TWO, "max_steps": 14, "lr_scheduler_type": "constant"})
    assert longer.train(resume_from_checkpoint=True).global_step == 14
    whole = tiny_trainer(tmp_path / "whole", **{**EVERY_TWO, "max_steps": 14, "lr_scheduler_type": "constant"})
    whole.train()
    assert_equal(state_of(longer.model), state_of(whole.model))


@pytest.mark.parametrize("limit", [None, 2])
def test_a_run_that_was_stopped_is_resumed_although_an_earlier_one_went_further(tmp_path, limit):
    class Stop(TrainerCallback):
        def on_step_end(self, args, state, control, **kwargs):
            if state.global_step == 3:
                control.should_training_stop = control.should_save = True

    options = {**EVERY_TWO, "save_total_limit": limit}
    whole = tiny_trainer(tmp_path, tiny_model(), **options)
    whole.train()
    assert tiny_trainer(tmp_path, tiny_model(), **options, callbacks=[Stop()]).train().global_step == 3
    assert checkpoints.all_of(tmp_path)[-1].name == "checkpoint-3"
    again = tiny_trainer(tmp_path, tiny_model(), **options)
    assert again.train(resume_from_checkpoint=True).global_step == 10
    assert_equal(state_of(again.model), state_of(whole.model))


def test_checkpoints_of_former_versions_are_in_the_order_of_their_steps(tmp_path):
    tiny_trainer(tmp_path, **EVERY_TWO).train()
    for path in checkpoints.all_of(tmp_path):
        manifest = json.loads((path / "checkpoint.json").read_text())
        del manifest["written"]
        (path / "checkpoint.json").write_text(json.dumps(manifest))
    assert [path.name for path in checkpoints.all_of(tmp_path)] == [f"checkpoint-{step}" for step in (2, 4, 6, 8, 10)]


def test_old_checkpoints_go_but_the_best_one_stays(tmp_path):
    scores = iter([0.1, 0.9, 0.2, 0.3, 0.4])
    trainer = tiny_trainer(
        tmp_path,
        **EVERY_TWO,
        save_total_limit=2,
        eval_strategy="steps",
        eval_steps=2,
        eval_dataset=rows(8),
        load_best_model_at_end=True,
        metric_for_best_model="score",
        compute_metrics=lambda found: {"score": next(scores)},
    )
    trainer.train()
    assert [path.name for path in checkpoints.all_of(tmp_path)] == ["checkpoint-4", "checkpoint-10"]
    assert trainer.state.best_metric == 0.9
    assert trainer.state.best_global_step == 4
    best = type(trainer.model).from_pretrained(tmp_path / "checkpoint-4")
    assert_equal(state_of(trainer.model), state_of(best))


def test_only_the_best_is_saved(tmp_path):
    scores = iter([0.5, 0.4, 0.6, 0.1, 0.2])
    trainer = tiny_trainer(
        tmp_path,
        **{**EVERY_TWO, "save_strategy": "best"},
        eval_strategy="steps",
        eval_steps=2,
        eval_dataset=rows(8),
        metric_for_best_model="score",
        compute_metrics=lambda found: {"score": next(scores)},
    )
    trainer.train()
    assert [path.name for path in checkpoints.all_of(tmp_path)] == ["checkpoint-2", "checkpoint-6"]


def test_early_stopping_remembers_over_a_resumption(tmp_path):
    def run(folder, scores, **more):
        scores = iter(scores)
        trainer = tiny_trainer(
            folder,
            **EVERY_TWO,
            eval_strategy="steps",
            eval_steps=2,
            eval_dataset=rows(8),
            metric_for_best_model="score",
            compute_metrics=lambda found: {"score": next(scores)},
            callbacks=[EarlyStoppingCallback(3)],
        )
        trainer.train(**more)
        return trainer.state.global_step

    assert run(tmp_path, [0.5, 0.4, 0.3, 0.2]) == 8
    assert run(tmp_path, [0.3, 0.2], resume_from_checkpoint=str(tmp_path / "checkpoint-4")) == 8


def damage_by_cutting(path):
    path.write_bytes(path.read_bytes()[:-10])


def damage_by_flipping(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("name", "damage", "said"),
    [
        ("optimizer.pt", damage_by_cutting, "bytes instead of"),
        ("model.safetensors", damage_by_flipping, "has changed since it was written"),
        ("trainer_state.json", lambda path: path.unlink(), "trainer_state.json is missing"),
        ("checkpoint.json", lambda path: path.unlink(), "has no checkpoint.json"),
        ("checkpoint.json", damage_by_cutting, "cannot be read"),
    ],
)
def test_a_damaged_checkpoint_names_the_last_whole_one(tmp_path, name, damage, said):
    tiny_trainer(tmp_path, **EVERY_TWO).train()
    damage(tmp_path / "checkpoint-10" / name)
    trainer = tiny_trainer(tmp_path, **EVERY_TWO)
    with pytest.raises(CheckpointError, match=said) as caught:
        trainer.train(resume_from_checkpoint=str(tmp_path / "checkpoint-10"))
    assert f"the last whole one is '{tmp_path / 'checkpoint-8'}'" in str(caught.value)
    assert trainer.train(resume_from_checkpoint=True).global_step == 10  # takes checkpoint-8 by itself


def test_nothing_to_resume_from(tmp_path):
    with pytest.raises(CheckpointError, match="there is none; leave it out"):
        tiny_trainer(tmp_path, **EVERY_TWO).train(resume_from_checkpoint=True)
    with pytest.raises(CheckpointError, match="there is no such folder"):
        tiny_trainer(tmp_path, **EVERY_TWO).train(resume_from_checkpoint=str(tmp_path / "checkpoint-99"))


def test_a_checkpoint_of_the_model_alone_cannot_be_resumed_from(tmp_path):
    tiny_trainer(tmp_path, **EVERY_TWO, save_only_model=True).train()
    assert "optimizer.pt" not in names_in(tmp_path / "checkpoint-10")
    with pytest.raises(CheckpointError, match="with save_only_model=True nothing is kept to resume from"):
        tiny_trainer(tmp_path, **EVERY_TWO).train(resume_from_checkpoint=True)


def test_weights_of_another_model_are_refused(tmp_path):
    tiny_trainer(tmp_path, **EVERY_TWO).train()
    other = tiny_trainer(tmp_path / "other", tiny_model(num_labels=5, ignore_mismatched_sizes=True), **EVERY_TWO)
    with pytest.raises(CheckpointError, match="do not fit this BertForSequenceClassification"):
        other.train(resume_from_checkpoint=str(tmp_path / "checkpoint-4"))


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        RuntimeError("[enforce fail at inline_container.cc] . PytorchStreamWriter failed writing file data/0"),
    ],
)
def test_a_full_disk_leaves_no_half_checkpoint(tmp_path, monkeypatch, error):
    trainer = tiny_trainer(tmp_path, **EVERY_TWO)
    real, calls = torch.save, []

    def save(value, path):
        calls.append(path)
        if len(calls) > 8:  # in the third checkpoint
            path.write_bytes(b"half")
            raise error
        real(value, path)

    monkeypatch.setattr(torch, "save", save)
    with pytest.raises(CheckpointError, match="the disk is full; the last whole checkpoint is") as caught:
        trainer.train()
    assert "checkpoint-4'" in str(caught.value)
    assert "save_total_limit" in str(caught.value)
    assert names_in(tmp_path) == ["checkpoint-2", "checkpoint-4"]
    monkeypatch.undo()
    assert trainer.train(resume_from_checkpoint=True).global_step == 10


def test_an_interruption_while_saving_leaves_no_half_checkpoint(tmp_path, monkeypatch, capsys):
    trainer = tiny_trainer(tmp_path, **EVERY_TWO)
    real, calls = torch.save, []

    def save(value, path):
        calls.append(path)
        if len(calls) == 5:
            raise KeyboardInterrupt
        real(value, path)

    monkeypatch.setattr(torch, "save", save)
    with pytest.raises(KeyboardInterrupt):
        trainer.train()
    assert "interrupted after step 4" in capsys.readouterr().out
    assert names_in(tmp_path) == ["checkpoint-2"]


def test_what_a_killed_run_left_is_removed(tmp_path):
    left = tmp_path / ".unfinished-checkpoint-4"
    left.mkdir(parents=True)
    (left / "model.safetensors").write_bytes(b"half")
    tiny_trainer(tmp_path, **EVERY_TWO).train()
    assert not left.exists()
    assert checkpoints.all_of(tmp_path)


def test_other_folders_are_no_checkpoints(tmp_path):
    for name in ("checkpoint-best", "checkpoint-", "checkpoints", ".unfinished-checkpoint-3"):
        (tmp_path / name).mkdir()
    (tmp_path / "checkpoint-7").write_text("a file")
    assert checkpoints.all_of(tmp_path) == []


def test_callbacks_see_only_whole_checkpoints(tmp_path):
    class Look(TrainerCallback):
        def on_save(self, args, state, control, **kwargs):
            assert not checkpoints.problem_of(checkpoints.folder_of(args.output_dir, state.global_step))
            shutil.rmtree(checkpoints.folder_of(args.output_dir, state.global_step))

    tiny_trainer(tmp_path, **EVERY_TWO, callbacks=[Look]).train()
    assert names_in(tmp_path) == []


def test_a_step_that_is_saved_again_is_never_missing(tmp_path, monkeypatch):
    """A kill while the new one takes the old one's place: the old one is there when the next run begins."""
    folder = checkpoints.folder_of(tmp_path, 3)
    checkpoints.write(folder, lambda path: (path / "model.safetensors").write_text("old"))
    rename = Path.rename

    def killed(self, target):
        if self.name.startswith(checkpoints.UNFINISHED):
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", killed)
    with pytest.raises(KeyboardInterrupt):
        checkpoints.write(folder, lambda path: (path / "model.safetensors").write_text("new"))
    monkeypatch.undo()
    assert checkpoints.all_of(tmp_path) == []
    checkpoints.clean(tmp_path)
    assert (folder / "model.safetensors").read_text() == "old"
    assert checkpoints.problem_of(folder) == ""
    checkpoints.write(folder, lambda path: (path / "model.safetensors").write_text("new"))
    assert (folder / "model.safetensors").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-3"]


def test_another_batch_size_is_said(tmp_path, capsys):
    tiny_trainer(tmp_path, save_strategy="steps", save_steps=3).train()
    tiny_trainer(tmp_path, per_device_train_batch_size=4).train(resume_from_checkpoint=str(tmp_path / "checkpoint-3"))
    assert "8 rows for each update, this one has 4" in capsys.readouterr().out


# Two runs that share an output_dir


@pytest.mark.parametrize("name", ["model.safetensors", "optimizer.pt", "scheduler.pt", "trainer_state.json"])
def test_a_list_without_a_needed_file_is_of_no_whole_checkpoint(tmp_path, name):
    tiny_trainer(tmp_path, **EVERY_TWO).train()
    folder = tmp_path / "checkpoint-10"
    (folder / name).unlink()
    manifest = json.loads((folder / checkpoints.MANIFEST).read_text())
    del manifest["files"][name]
    (folder / checkpoints.MANIFEST).write_text(json.dumps(manifest))
    assert checkpoints.problem_of(folder) == f"{name} is missing"
    assert checkpoints.last_whole(tmp_path) == tmp_path / "checkpoint-8"


def test_two_that_write_the_same_steps_leave_whole_checkpoints(tmp_path):
    def run(number):
        for step in [1, 2, 3] * 10:
            folder = checkpoints.folder_of(tmp_path, step)
            checkpoints.clean(tmp_path)
            checkpoints.write(folder, lambda path: (path / "model.safetensors").write_text(f"run {number}" * 50_000))
            checkpoints.prune(folder, 2, None)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(run, range(3)))  # raises what one of them raised
    left = checkpoints.all_of(tmp_path)
    assert left
    assert [checkpoints.problem_of(path) for path in left] == [""] * len(left)
    checkpoints.clean(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in left}


def test_what_another_run_is_writing_stays(tmp_path):
    def write_files(path):
        checkpoints.clean(tmp_path)  # as another run does when it begins
        (path / "model.safetensors").write_text("whole")

    checkpoints.write(checkpoints.folder_of(tmp_path, 1), write_files)
    assert names_in(tmp_path) == ["checkpoint-1"]


def test_where_there_are_no_locks_a_folder_of_today_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "fcntl", None)
    fresh, old = tmp_path / ".unfinished-checkpoint-1~aa", tmp_path / ".unfinished-checkpoint-2~bb"
    for folder in (fresh, old):
        folder.mkdir()
    os.utime(old, (0, 0))
    checkpoints.write(checkpoints.folder_of(tmp_path, 3), lambda path: (path / "model.safetensors").write_text(""))
    checkpoints.clean(tmp_path)
    assert fresh.exists()
    assert not old.exists()


def test_a_model_that_cannot_be_written_is_said(tmp_path, monkeypatch):
    trainer = tiny_trainer(tmp_path)

    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(trainer.model, "save_pretrained", full)
    with pytest.raises(
        CheckpointError, match=r"the model was not written into .*run.*: the disk is full; free some space"
    ):
        trainer.save_model(tmp_path / "run")
