"""Which rows come in which batch: every row once, the same after a resumption, shared among processes."""

import random

import numpy as np
import pytest

pytest.importorskip("torch")
import torch
from torch.utils.data import IterableDataset

from hfquick.training.batches import BatchLoader, StreamLoader, lengths_of, plan_epoch
from hfquick.training.rng import fork_rng, get_rng_state, set_rng_state
from tests.helpers.training import rows

pytestmark = pytest.mark.torch


def together(rows_of_batches):
    return np.concatenate(rows_of_batches).tolist()


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("with_lengths", [True, False])
@pytest.mark.parametrize("count", [1, 7, 16, 101])
def test_every_row_comes_once(count, shuffle, with_lengths):
    lengths = np.random.default_rng(0).integers(1, 90, count) if with_lengths else None
    plan = plan_epoch(count, 8, shuffle=shuffle, lengths=lengths)
    assert sorted(together(plan)) == list(range(count))
    assert sorted(map(len, plan), reverse=True)[:-1] == [8] * (len(plan) - 1)


def test_epochs_differ_and_repeat():
    first, again, second = (plan_epoch(50, 8, seed=3, epoch=epoch) for epoch in (0, 0, 1))
    assert together(first) == together(again) != together(second)
    assert together(plan_epoch(50, 8, seed=4)) != together(first)


@pytest.mark.parametrize("processes", [2, 3])
def test_processes_share_the_batches_of_one(processes):
    alone = plan_epoch(51, 4 * processes, seed=1)
    parts = [plan_epoch(51, 4, seed=1, process=process, processes=processes) for process in range(processes)]
    for batch, *shares in zip(alone, *parts, strict=True):
        assert sorted(together(shares)) == sorted(batch.tolist())


def test_a_last_row_goes_to_every_process():
    parts = [plan_epoch(9, 4, process=process, processes=2) for process in range(2)]
    assert [len(part[-1]) for part in parts] == [1, 1]


@pytest.mark.parametrize("count", [1, 2, 3, 8, 9, 11])
def test_rows_of_several_processes_count_in_one(count):
    """The rows that are not another's are each row once, in a dataset and in a stream."""
    for kind in (BatchLoader, StreamLoader):
        seen = []
        for process in range(4):
            loader = kind(list(range(count)), list, 2, process=process, processes=4)
            for index, given in enumerate(loader):
                repeats = loader.repeats(index) if kind is BatchLoader else loader.repeats_rows
                seen += [] if repeats else given
        assert sorted(seen) == list(range(count))


def test_dropping_the_last_batch():
    assert [len(batch) for batch in plan_epoch(20, 8, drop_last=True)] == [8, 8]


def test_rows_of_like_length_share_a_batch():
    lengths = np.random.default_rng(0).integers(5, 100, 800)

    def padding(plan):
        return sum(int(lengths[batch].max()) * len(batch) for batch in plan) - int(lengths.sum())

    grouped = plan_epoch(800, 8, lengths=lengths)
    assert padding(grouped) < padding(plan_epoch(800, 8)) / 5
    assert lengths[grouped[0]].max() == lengths.max()  # if memory is short, the first step shows it
    means = [lengths[batch].mean() for batch in grouped]
    assert means != sorted(means)
    assert means != sorted(means, reverse=True)


def collate(rows):
    return {"rows": torch.tensor(rows), "draws": torch.rand(3), "numpy": np.random.rand(2), "python": random.random()}


@pytest.mark.parametrize("workers", [0, 2])
def test_a_place_is_found_again_with_the_same_chance(workers):
    loader = BatchLoader(list(range(40)), collate, 4, seed=5, shuffle=True, workers=workers)
    loader.set_epoch(2)
    whole = list(loader)
    assert len(whole) == len(loader) == 10
    loader.set_epoch(2, start=7)
    rest = list(loader)
    assert len(rest) == 3
    for one, other in zip(whole[7:], rest, strict=True):
        assert one["rows"].equal(other["rows"])
        assert one["draws"].equal(other["draws"])
        assert one["numpy"].tolist() == other["numpy"].tolist()
        assert one["python"] == other["python"]
    assert not whole[0]["draws"].equal(whole[1]["draws"])


def test_loading_draws_nothing_from_the_run():
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    list(BatchLoader(list(range(8)), collate, 4))
    assert torch.rand(1).equal(expected)


def test_seeded_puts_everything_back():
    before = get_rng_state()
    with fork_rng(1, 2):
        inside = torch.rand(1), np.random.rand(), random.random()
    after = get_rng_state()
    assert after["torch"].equal(before["torch"])
    assert after["numpy"] == before["numpy"]
    assert after["python"] == before["python"]
    with fork_rng(1, 2):
        assert (torch.rand(1), np.random.rand(), random.random()) == inside
    with fork_rng(1, 3):
        assert torch.rand(1) != inside[0]


def test_chance_can_be_put_back():
    state = get_rng_state()
    drawn = torch.rand(2), np.random.rand(), random.random(), np.random.normal()
    set_rng_state(state)
    again = torch.rand(2), np.random.rand(), random.random(), np.random.normal()
    assert drawn[0].equal(again[0])
    assert drawn[1:] == again[1:]


class Stream(IterableDataset):
    def __init__(self, count):
        self.count = count

    def __iter__(self):
        return iter(range(self.count))


@pytest.mark.parametrize("workers", [0, 1])
def test_streams(workers):
    loader = StreamLoader(Stream(10), collate, 4, workers=workers)
    assert [batch["rows"].tolist() for batch in loader] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    loader.set_epoch(0, start=2)
    assert [batch["rows"].tolist() for batch in loader] == [[8, 9]]


def test_streams_are_shared_among_processes():
    parts = [StreamLoader(Stream(8), collate, 2, process=process, processes=2) for process in range(2)]
    assert [[batch["rows"].tolist() for batch in part] for part in parts] == [[[0, 1], [4, 5]], [[2, 3], [6, 7]]]


def test_lengths_are_found_or_asked_for():
    datasets = pytest.importorskip("datasets")
    plain = rows(20)
    dataset = datasets.Dataset.from_list(plain)
    expected = [len(row["input_ids"]) for row in plain]
    assert lengths_of(dataset, "length").tolist() == lengths_of(plain, "length").tolist() == expected
    named = dataset.add_column("length", list(range(20)))
    assert lengths_of(named, "length").tolist() == list(range(20))
    with pytest.raises(ValueError, match="tokenize it first"):
        lengths_of(datasets.Dataset.from_dict({"text": ["a"]}), "length")
