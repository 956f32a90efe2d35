"""Rows of every kind of dataset reach the model without what it does not read."""

import pytest

pytest.importorskip("torch")
import torch

from hfquick.data.collators import DataCollatorWithPadding
from tests.helpers.training import tiny_trainer, tokenizer
from tests.reference.training_cases import rows

pytestmark = pytest.mark.torch
WITH_TEXT = [{**row, "text": "abc"} for row in rows(24)]


class Stream(torch.utils.data.IterableDataset):
    def __iter__(self):
        return iter(WITH_TEXT)

    def __len__(self):
        return len(WITH_TEXT)


@pytest.mark.parametrize("data", [WITH_TEXT, Stream()], ids=["list", "stream with a length"])
@pytest.mark.parametrize("own", [False, True])
def test_columns_that_nobody_reads_are_left_out(tmp_path, data, own):
    more = {"data_collator": DataCollatorWithPadding(tokenizer())} if own else {}
    trainer = tiny_trainer(tmp_path, dataset=data, eval_dataset=data, **more)
    assert trainer.train().global_step == 6
    assert trainer.evaluate()["eval_loss"] > 0
    whole = tiny_trainer(tmp_path, dataset=data, remove_unused_columns=False, **more)
    with pytest.raises(ValueError, match="column 'text' holds texts"):
        whole.train()


def test_a_function_of_ones_own_sees_whole_rows(tmp_path):
    seen = []

    def collate(batch):
        seen.append(batch[0]["text"])
        return {
            "input_ids": torch.tensor([row["input_ids"][:3] for row in batch]),
            "labels": torch.tensor([0] * len(batch)),
        }

    tiny_trainer(tmp_path, dataset=WITH_TEXT, data_collator=collate, max_steps=1).train()
    assert seen == ["abc"]


def test_rows_made_on_the_way(tmp_path):
    """A dataset with a transform, which needs columns together."""
    datasets = pytest.importorskip("datasets")
    dataset = datasets.Dataset.from_list(WITH_TEXT)
    dataset.set_transform(
        lambda batch: {"input_ids": batch["input_ids"], "labels": batch["label"], "n": [len(x) for x in batch["text"]]}
    )
    trainer = tiny_trainer(tmp_path, dataset=dataset, eval_dataset=dataset, group_by_length=True)
    assert trainer.train().global_step == 6
    assert trainer.evaluate()["eval_loss"] > 0
