"""A run that is resumed with other rows, or in another order, says so: a line for each thing, none for the same."""

import numpy as np
import pytest

pytest.importorskip("torch")
import torch

from hfquick.training.batches import BatchLoader
from hfquick.training.resuming import fingerprint
from tests.helpers.training import tiny_trainer
from tests.reference.training_cases import rows

pytestmark = pytest.mark.torch
EVERY_TWO = {"save_strategy": "steps", "save_steps": 2, "max_steps": 8}
TWICE = "until the epoch ends, some rows are read twice or not at all"


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Six updates of eight rows are an epoch: checkpoint-2 is within it, checkpoint-6 at its end."""
    folder = tmp_path_factory.mktemp("saved")
    tiny_trainer(folder, **EVERY_TWO).train()
    return folder


def resumed(saved, tmp_path, capsys, step=2, data=None, **options):
    """What is said when a run goes on from a checkpoint."""
    capsys.readouterr()
    trainer = tiny_trainer(tmp_path, dataset=data, **{**EVERY_TWO, "save_strategy": "no", **options})
    trainer.train(resume_from_checkpoint=str(saved / f"checkpoint-{step}"))
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"per_device_train_batch_size": 4}, "8 rows for each update, this one has 4"),
        ({"gradient_accumulation_steps": 2}, "8 rows for each update, this one has 16"),
        ({"seed": 7}, "seed=42, this one has 7"),
        ({"data_seed": 7}, "data_seed=42, this one has 7"),
        ({"group_by_length": True}, "group_by_length=False, this one has True"),
        ({"dataloader_drop_last": True}, "dataloader_drop_last=False, this one has True"),
        ({"data": rows(48)[:24]}, "over 48 rows, train_dataset now has 24"),
        ({"data": rows(60)}, "over 48 rows, train_dataset now has 60"),
        ({"data": rows(48)[::-1]}, "over other rows, or over these in another order"),
    ],
)
def test_what_makes_the_rows_other_ones_is_said(saved, tmp_path, capsys, options, line):
    said = resumed(saved, tmp_path, capsys, **options)
    assert line in said
    assert said.rstrip().endswith(TWICE)
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"learning_rate": 1e-4},
        {"seed": 7, "data_seed": 42},  # the order is that of before
        {"per_device_train_batch_size": 4, "gradient_accumulation_steps": 2},  # the same rows in every update
        {"data": [dict(reversed(list(row.items()))) for row in rows(48)]},  # columns in another order
    ],
)
def test_nothing_is_said_of_the_same(saved, tmp_path, capsys, options):
    assert resumed(saved, tmp_path, capsys, **options) == ""


def test_at_the_end_of_an_epoch_only_the_rows_matter(saved, tmp_path, capsys):
    assert resumed(saved, tmp_path, capsys, step=6, seed=7, group_by_length=True) == ""
    said = resumed(saved, tmp_path, capsys, step=6, data=rows(24))
    assert "over 48 rows, train_dataset now has 24: the epochs to come are over these" in said


def test_the_same_rows_in_other_forms_or_with_chance(tmp_path):
    def of(data):
        return fingerprint(BatchLoader(data, list, 4))

    class Drawn(torch.utils.data.Dataset):
        """Each look is another one, with a random number generator of its own or with the run's."""

        def __init__(self, draw):
            self.draw = draw

        def __len__(self):
            return 40

        def __getitem__(self, index):
            return {"x": self.draw(3), "object": object()}

    own = np.random.default_rng(0)
    assert of(Drawn(own.random)) == {"count": 40, "digest": ""}
    assert of(Drawn(np.random.random)) == of(Drawn(np.random.random)) != of(Drawn(np.random.randn))
    assert of(Drawn(lambda size: torch.ones(size))) != of(Drawn(lambda size: torch.zeros(size)))
    assert fingerprint([1, 2]) == {}
    datasets = pytest.importorskip("datasets")
    assert of(datasets.Dataset.from_list(rows(48))) == of(rows(48))
