"""Whether a resumed run reads what the run of its checkpoint read: the same rows in the same order.

The place in an epoch is a number of updates. It is the right place only if the order of the rows is the same, which the
seed, the size of the batches and the rows themselves decide.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np
from torch import Tensor

from ..i18n import gettext as _
from ..i18n import said
from .arguments import TrainingArguments
from .batches import BatchLoader
from .rng import fork_rng
from .state import TrainerState

LOOKED_AT = 16  # rows, from the first to the last: reading all could take minutes
ORDERING = ("group_by_length", "dataloader_drop_last")  # arguments on which the order depends, beside the seed
PLAIN = (str, int, float, bytes, date)


def fingerprint(loader: Any) -> dict[str, Any]:
    """How many rows a loader of ours has, and a digest of some; nothing for a stream or a loader of the user's own.

    The digest is empty where a row is another one at each look, as with a random transform of its own.
    """
    if not isinstance(loader, BatchLoader):
        return {}
    count = len(loader.dataset)
    numbers = np.unique(np.linspace(0, count - 1, min(count, LOOKED_AT)).astype(int)).tolist()
    digests = {_digest(loader.dataset, numbers) for _look in range(2)}
    return {"count": count, "digest": digests.pop() if len(digests) == 1 else ""}


def differences(
    saved: TrainerState, saved_args: Mapping[str, Any], new: TrainerState, args: TrainingArguments, rows: dict[str, Any]
) -> Iterator[str]:
    """A line for each thing that makes the rows of a resumed run other ones than those of its checkpoint's run."""
    before, count = saved.train_rows.get("count"), rows.get("count")
    is_over = before and saved.epoch_step * saved.train_batch_size >= before  # and its end is still to come
    is_within = saved.epoch_step > 0 and not is_over
    end = said("until the epoch ends, some rows are read twice or not at all")
    if saved.epoch_step and saved.train_batch_size != new.train_batch_size:
        yield _(
            "the checkpoint comes from a run with {old} rows for each update, this one has {new}: {end}",
            old=saved.train_batch_size,
            new=new.train_batch_size,
            end=end,
        )
    for name, old, now in _ordering(saved_args, args) if is_within and saved_args else ():
        yield _(
            "the checkpoint comes from a run with {name}={old}, this one has {new}: {end}",
            name=name,
            old=old,
            new=now,
            end=end,
        )
    if not is_within:
        end = said("the epochs to come are over these")
    if before and count and before != count:
        yield _(
            "the checkpoint comes from a run over {old} rows, train_dataset now has {new}: {end}",
            old=before,
            new=count,
            end=end,
        )
    elif before and count and saved.train_rows["digest"] and rows["digest"] not in ("", saved.train_rows["digest"]):
        yield _("the checkpoint comes from a run over other rows, or over these in another order: {end}", end=end)


def _ordering(saved_args: Mapping[str, Any], args: TrainingArguments) -> Iterator[tuple[str, Any, Any]]:
    """Name, old and new value of the arguments that order the rows in another way."""
    old, new = (given.get("data_seed") for given in (saved_args, vars(args)))
    by_data = old is not None or new is not None
    old = saved_args.get("seed") if old is None else old
    new = args.seed if new is None else new
    if old != new:
        yield ("data_seed" if by_data else "seed"), old, new
    for name in ORDERING:
        if saved_args.get(name, False) != getattr(args, name):
            yield name, saved_args.get(name, False), getattr(args, name)
    if args.group_by_length and saved_args.get("group_by_length"):  # texts are sorted within pools of many batches
        name = "per_device_train_batch_size"
        if saved_args.get(name) != getattr(args, name):
            yield name, saved_args.get(name), getattr(args, name)


def _digest(dataset: Any, numbers: list[int]) -> str:
    found = hashlib.blake2s(digest_size=16)
    for number in numbers:
        with fork_rng(number):
            for piece in _pieces(dataset[number]):
                found.update(piece)
    return found.hexdigest()


def _pieces(value: Any) -> Iterator[bytes]:
    """What a row holds, as bytes; of an object that is no data its class alone."""
    if isinstance(value, Mapping):
        for name in sorted(value, key=str):
            yield str(name).encode()
            yield from _pieces(value[name])
    elif isinstance(value, list | tuple):
        if all(isinstance(each, PLAIN) for each in value):
            yield repr(list(value)).encode()
        else:
            for each in value:
                yield from _pieces(each)
    elif isinstance(value, Tensor):
        yield repr(value.detach().cpu().tolist()).encode()
    elif hasattr(value, "tobytes"):  # arrays and pictures
        yield value.tobytes()
    else:
        yield (repr(value) if value is None or isinstance(value, PLAIN) else type(value).__name__).encode()
