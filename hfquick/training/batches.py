"""Which rows make which batch, for every epoch and process, and the loaders that follow such a plan.

A plan depends on nothing but (seed, epoch, process): a resumed run finds its position in it without reading what was
read before. Randomness inside a batch (masking, augmentation) is seeded by the batch's position in the plan, so it is
the same after a resumption, and with any number of workers.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, IterableDataset

from ..data.batching import has_transform, length_grouped
from ..i18n import said, spoken
from .rng import fork_rng

GROUPS = 50  # batches whose rows are sorted by length together; more gives less padding, and a less random order

Plan = list[np.ndarray]  # row numbers of each batch of this process


def plan_epoch(
    count: int,
    batch_size: int,
    *,
    seed: int = 0,
    epoch: int = 0,
    shuffle: bool = True,
    lengths: np.ndarray | None = None,
    drop_last: bool = False,
    process: int = 0,
    processes: int = 1,
) -> Plan:
    """The batches of one epoch for one of the processes.

    All processes cut the same order into batches of batch_size * processes rows, and each takes its share of every one,
    so that together they are trained on what one process would be with the larger batch.

    Args:
        count: rows of the dataset.
        lengths: (count,) lengths of the rows; rows of like length then share a batch.
    """
    rng = np.random.default_rng((seed, epoch))
    order = rng.permutation(count) if shuffle else np.arange(count)
    whole = batch_size * processes
    if lengths is not None:
        order = length_grouped(order, lengths, whole * GROUPS if shuffle else None, longest_first=True)
    batches = [order[start : start + whole] for start in range(0, count, whole)]
    if drop_last and batches and len(batches[-1]) < whole:
        batches.pop()
    if lengths is not None and shuffle and batches:  # the longest first: if memory is short, it is seen at once
        longest = int(np.argmax([lengths[rows].max() for rows in batches]))
        batches[0], batches[longest] = batches[longest], batches[0]
        tail = batches.pop() if len(batches[-1]) < whole and len(batches) > 1 else None
        batches[1:] = [batches[1 + index] for index in rng.permutation(len(batches) - 1)]
        batches += [tail] if tail is not None else []
    return [_share(rows, process, processes) for rows in batches]


def _share(rows: np.ndarray, process: int, processes: int) -> np.ndarray:
    """The rows of one process: equal parts; a last batch with fewer rows than processes gives every one a row."""
    if len(rows) < processes:
        rows = np.resize(rows, processes)
    return np.array_split(rows, processes)[process]


def batches_per_epoch(count: int, batch_size: int, processes: int = 1, drop_last: bool = False) -> int:
    whole = batch_size * processes
    return count // whole if drop_last else -(-count // whole)


class _Batches(Dataset[Any]):
    """A dataset as torch's DataLoader takes it, whose items are whole batches."""

    def __init__(self, dataset: Any, collate: Callable, plan: Plan, numbers: tuple[int, ...]) -> None:
        self.dataset, self.collate, self.plan, self.numbers = dataset, collate, plan, numbers

    def __getitem__(self, index: int) -> Any:
        rows = self.plan[index].tolist()
        with fork_rng(*self.numbers, index):
            if hasattr(self.dataset, "__getitems__"):  # one look-up for all: datasets.Dataset, torch's Subset
                return self.collate(self.dataset.__getitems__(rows))
            return self.collate([self.dataset[row] for row in rows])


def _as_it_is(batch: Any) -> Any:
    return batch


class BatchLoader:
    """Iterates over the batches of one epoch of a dataset with a length; `set_epoch` chooses which, and where to begin.

    `plan` says which rows the batches hold.
    """

    def __init__(
        self,
        dataset: Any,
        collate: Callable,
        batch_size: int,
        *,
        seed: int = 0,
        shuffle: bool = False,
        lengths: np.ndarray | None = None,
        drop_last: bool = False,
        process: int = 0,
        processes: int = 1,
        workers: int = 0,
        pin_memory: bool = False,
    ) -> None:
        self.dataset, self.collate, self.batch_size = dataset, collate, batch_size
        self.seed, self.processes, self.drop_last = seed, processes, drop_last
        self._plan_options: dict[str, Any] = {
            "seed": seed,
            "shuffle": shuffle,
            "lengths": lengths,
            "drop_last": drop_last,
            "process": process,
            "processes": processes,
        }
        self._process = process
        self._loader_options: dict[str, Any] = {"num_workers": workers, "pin_memory": pin_memory}
        self.set_epoch(0)

    def set_epoch(self, epoch: int, start: int = 0) -> None:
        """Go to batch `start` of an epoch; what comes before it is not read."""
        self.epoch, self.start = epoch, start
        self.plan = plan_epoch(len(self.dataset), self.batch_size, epoch=epoch, **self._plan_options)

    def repeats(self, index: int) -> bool:
        """Whether the rows of this batch are also another process's: the last rows may be fewer than processes."""
        left = len(self.dataset) % (self.batch_size * self.processes)
        is_last = index == len(self.plan) - 1 and not self.drop_last
        return is_last and 0 < left < self.processes and self._process >= left

    def __len__(self) -> int:
        return batches_per_epoch(len(self.dataset), self.batch_size, self.processes, self.drop_last)

    def __iter__(self) -> Iterator[Any]:
        batches = _Batches(self.dataset, self.collate, self.plan, (self.seed, self.epoch, self._process))
        return iter(
            DataLoader(
                batches,
                batch_size=None,
                sampler=range(self.start, len(self.plan)),
                collate_fn=_as_it_is,
                generator=torch.Generator(),  # its own, so that making it leaves the run's as it is
                **self._loader_options,
            )
        )


class StreamLoader:
    """The same over a stream: rows come as they come, and a position is found again by reading up to it.

    `rows` are the numbers, in the stream, of the rows of the batch that came last; with `repeats_rows` they are also
    another process's.
    """

    repeats_rows = False

    def __init__(
        self,
        dataset: Any,
        collate: Callable,
        batch_size: int,
        *,
        seed: int = 0,
        drop_last: bool = False,
        process: int = 0,
        processes: int = 1,
        workers: int = 0,
    ) -> None:
        self.dataset, self.collate, self.batch_size, self.seed = dataset, collate, batch_size, seed
        self.drop_last, self.process, self.processes, self.workers = drop_last, process, processes, workers
        self.set_epoch(0)

    def set_epoch(self, epoch: int, start: int = 0) -> None:
        self.epoch, self.start = epoch, start
        if hasattr(self.dataset, "set_epoch"):
            self.dataset.set_epoch(epoch)

    def __iter__(self) -> Iterator[Any]:
        whole = self.batch_size * self.processes
        groups: Iterator[Sequence[Any]]
        if self.workers and isinstance(self.dataset, IterableDataset):
            groups = iter(DataLoader(self.dataset, whole, collate_fn=_as_it_is, num_workers=self.workers))
        else:
            groups = _groups(iter(self.dataset), whole)
        for index, rows in enumerate(groups):
            if index < self.start or (self.drop_last and len(rows) < whole):
                continue
            mine = _share(np.arange(len(rows)), self.process, self.processes)
            with fork_rng(self.seed, self.epoch, self.process, index):
                batch = self.collate([rows[row] for row in mine])
            self.rows, self.repeats_rows = mine + index * whole, self.process >= len(rows)
            yield batch


def _groups(rows: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while group := list(islice(rows, size)):
        yield group


def is_stream(dataset: Any) -> bool:
    """Whether rows come one after the other and cannot be asked for by number, whatever is known of how many."""
    return isinstance(dataset, IterableDataset) or not hasattr(dataset, "__len__")


def lengths_of(dataset: Any, column: str, main_input: str = "input_ids") -> np.ndarray:
    """The length of every row: the column that has it, or the number of tokens, counted once."""
    names = () if has_transform(dataset) else getattr(dataset, "column_names", None) or ()
    if column in names:
        return np.asarray(dataset[column][:])
    if main_input in names:
        return np.fromiter(map(len, dataset[main_input][:]), dtype=np.int64, count=len(dataset))
    rows = (dataset[index] for index in range(len(dataset)))
    try:
        return np.fromiter((len(row[main_input]) for row in rows), dtype=np.int64, count=len(dataset))
    except (KeyError, TypeError, IndexError):
        raise spoken(
            ValueError,
            "group_by_length=True needs a column {column!r} or {main_input!r}, this dataset has {names}; "
            "tokenize it first, or leave group_by_length out",
            column=column,
            main_input=main_input,
            names=", ".join(names) or said("neither"),
        ) from None


# One batch


def to_device(batch: Any, device: Any, non_blocking: bool) -> Any:
    """A batch on another device."""
    if isinstance(batch, Mapping):
        return {name: to_device(value, device, non_blocking) for name, value in batch.items()}
    if isinstance(batch, tuple | list):
        return type(batch)(to_device(value, device, non_blocking) for value in batch)
    return batch.to(device, non_blocking=non_blocking) if isinstance(batch, Tensor) else batch
