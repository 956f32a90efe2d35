"""The way of the rows to the model: which columns it reads, who makes batches of them, and the batches of a run.

Which rows make which batch is batches.py.
"""

import inspect
import math
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from itertools import chain, islice
from typing import Any

import numpy as np
from torch import nn

from ..data.batching import has_transform
from ..data.collators import DataCollatorWithPadding, DefaultDataCollator, default_data_collator
from ..data.preparing import PREPARING, collator_of, columns_to_prepare, undecoded
from ..i18n import spoken
from . import checks
from .arguments import TrainingArguments
from .batches import BatchLoader, StreamLoader, is_stream, lengths_of
from .resuming import fingerprint
from .rng import fork_rng

LABELS = ("labels", "label", "label_ids", "start_positions", "end_positions")  # inputs that are no features
COLLATORS = (DataCollatorWithPadding, DefaultDataCollator, *PREPARING)


# A dataset -> a loader


def train_loader(dataset: Any, model: nn.Module, collator: Callable, args: TrainingArguments, accelerator: Any) -> Any:
    """Shuffled batches of a dataset, the share of this process."""
    common: dict[str, Any] = {
        "seed": args.seed if args.data_seed is None else args.data_seed,
        "drop_last": args.dataloader_drop_last,
        "process": accelerator.process_index,
        "processes": accelerator.num_processes,
        "workers": args.dataloader_num_workers,
    }
    rows = without_unused_columns(dataset, model, collator, args, "train_dataset")
    collate = without_unused_names(collator, model, args)
    if is_stream(rows):
        if args.group_by_length:
            raise spoken(
                ValueError, "group_by_length=True needs a dataset with a length, a stream has none; leave it out"
            )
        return StreamLoader(rows, collate, args.per_device_train_batch_size, **common)
    lengths = lengths_of(dataset, args.length_column_name) if args.group_by_length else None
    pin = pins_memory(args, accelerator)
    return BatchLoader(
        rows, collate, args.per_device_train_batch_size, shuffle=True, lengths=lengths, pin_memory=pin, **common
    )


def eval_loader(
    dataset: Any, name: str, model: nn.Module, collator: Callable, args: TrainingArguments, accelerator: Any
) -> Any:
    """Batches of a dataset, rows of like length together where lengths are known, the share of this process."""
    checks.check_dataset(dataset, name)
    common: dict[str, Any] = {"process": accelerator.process_index, "processes": accelerator.num_processes}
    rows = without_unused_columns(dataset, model, collator, args, name)
    collate = without_unused_names(collator, model, args)
    if is_stream(dataset):
        return StreamLoader(rows, collate, args.per_device_eval_batch_size, **common)
    columns = {args.length_column_name, "input_ids"} & set(getattr(dataset, "column_names", None) or ())
    lengths = lengths_of(dataset, args.length_column_name) if columns and not has_transform(dataset) else None
    pin, workers = pins_memory(args, accelerator), args.dataloader_num_workers
    return BatchLoader(
        rows, collate, args.per_device_eval_batch_size, lengths=lengths, workers=workers, pin_memory=pin, **common
    )


def without_unused_columns(
    dataset: Any, model: nn.Module, collator: Callable, args: TrainingArguments, name: str
) -> Any:
    """The dataset without the columns that the model does not read; those of which inputs are made stay."""
    prepares = isinstance(collator, PREPARING) and not has_transform(dataset)
    dataset = undecoded(dataset, collator) if prepares else dataset
    known = columns_read(model)
    columns = getattr(dataset, "column_names", None)
    if not args.remove_unused_columns or not known or not columns:
        return dataset
    if has_transform(dataset):  # columns do not tell what rows will have
        return dataset
    is_ours = isinstance(collator, COLLATORS) or collator is default_data_collator
    made_of = columns_to_prepare(dataset, collator, known, columns)
    if made_of and is_ours and not prepares:
        raise checks.unprepared(name, made_of[0], model)
    checks.check_columns(dataset, known, made_of, name, model)
    unused = [column for column in columns if column not in known and column not in made_of]
    return dataset.remove_columns(unused) if unused and hasattr(dataset, "remove_columns") else dataset


def without_unused_names(collator: Callable, model: nn.Module, args: TrainingArguments) -> Callable:
    """The collator. A function of the user's own sees whole rows; our collators see what the model reads."""
    known = columns_read(model) if args.remove_unused_columns else []  # looked up once, not for every batch
    return partial(collate_known, collator, frozenset(known)) if known and isinstance(collator, COLLATORS) else collator


def collate_known(collate: Callable, known: frozenset[str], rows: Any) -> Any:
    """A batch of rows without the columns that are not known; what the collator prepares stays."""
    prepares = collate.prepares if isinstance(collate, PREPARING) else None
    if isinstance(rows, list):
        rows = [
            {name: row[name] for name in row if name in known or (prepares and prepares(name, row[name]))}
            if isinstance(row, Mapping)
            else row
            for row in rows
        ]
    return collate(rows)


def columns_read(model: nn.Module) -> list[str]:
    """Names of the inputs of the model, and of labels; empty when its forward takes anything."""
    models = [model, getattr(model, "base_model", None)]  # heads hand further inputs on to their base
    found: dict[str, None] = {}
    for each in models:
        if each is None:
            continue
        parameters = inspect.signature(each.forward).parameters.values()
        found |= {parameter.name: None for parameter in parameters if parameter.kind is not parameter.VAR_KEYWORD}
        takes_more = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
        if each is model and takes_more and models[1] is None:
            return []
    return [*found, *LABELS]


def label_names_of(model: nn.Module) -> list[str]:
    """Names of the inputs of a model that are labels."""
    names = [name for name in inspect.signature(model.forward).parameters if "label" in name or name in LABELS]
    return names or ["labels"]


def default_collator(processing_class: Any) -> Callable:
    """Padding where there is a tokenizer, inputs of pictures or sounds where a processor; else rows of one length."""
    preparing = collator_of(processing_class)
    if preparing is not None:
        return preparing
    if hasattr(processing_class, "pad"):
        return DataCollatorWithPadding(processing_class)
    return DefaultDataCollator()


def pins_memory(args: TrainingArguments, accelerator: Any) -> bool:
    return args.dataloader_pin_memory and accelerator.device.type == "cuda"


# A loader -> the batches of a run


class BatchSource:
    """Gives a run its batches, in groups of one update each, from any position on.

    `updates` are those of an epoch, or of the whole run where the rows are a stream.
    """

    def __init__(self, loader: Any, args: TrainingArguments, accelerator: Any) -> None:
        if accelerator.num_processes > 1 and not hasattr(loader, "set_epoch"):
            loader = accelerator.prepare_data_loader(loader)  # a loader of the user's own
        self.loader, self.seed, self.group_size = loader, args.seed, args.gradient_accumulation_steps
        self.is_stream = not hasattr(loader, "__len__")
        if self.is_stream and args.max_steps <= 0:
            raise spoken(
                ValueError, "a stream of rows has no length, so it must be said how long to train: max_steps=1000"
            )
        if not self.is_stream and len(loader) == 0:
            raise spoken(
                ValueError, "the training data gives no batch; is dataloader_drop_last=True with too few rows?"
            )
        self.updates = args.max_steps if self.is_stream else math.ceil(len(loader) / self.group_size)

    @cached_property
    def fingerprint(self) -> dict[str, Any]:
        """What tells the rows from others, as far as that is known."""
        return fingerprint(self.loader)

    def steps_and_epochs(self, args: TrainingArguments) -> tuple[int, int]:
        """How many updates a run has, and in how many epochs, the last of which may end early."""
        if self.is_stream:  # it may be short: it is read again, as often as needed
            return args.max_steps, args.max_steps
        if args.max_steps > 0:
            return args.max_steps, math.ceil(args.max_steps / self.updates)
        return math.ceil(args.num_train_epochs * self.updates), math.ceil(args.num_train_epochs)

    def groups(self, epoch: int, update: int) -> Iterator[list[Any]]:
        """The batches of each update of an epoch, from `update` on. Nothing is read before it is asked for."""
        batches = self._batches(epoch, update * self.group_size)
        while group := list(islice(batches, self.group_size)):
            yield group

    def _batches(self, epoch: int, start: int) -> Iterator[Any]:
        loader = self.loader
        if hasattr(loader, "set_epoch"):
            if "start" in inspect.signature(loader.set_epoch).parameters:
                loader.set_epoch(epoch, start)
                return iter(loader)
            loader.set_epoch(epoch)
        with fork_rng(self.seed, epoch):  # a loader of the user's own shuffles when it gives its first batch
            batches = iter(loader)
            first = list(islice(batches, start, start + 1))
        return chain(first, batches)

    def last_repeats(self, update: int) -> bool:
        """Whether the rows of the last batch of an update of this epoch are also another process's."""
        if isinstance(self.loader, BatchLoader):
            return self.loader.repeats(min((update + 1) * self.group_size, len(self.loader.plan)) - 1)
        return bool(getattr(self.loader, "repeats_rows", False))

    def rows_of(self, update: int) -> list[int] | None:
        """The numbers of the rows of an update of this epoch, where they are known."""
        if not isinstance(self.loader, BatchLoader):
            return None
        plan = self.loader.plan[update * self.group_size : (update + 1) * self.group_size]
        return np.concatenate(plan).tolist() if plan else None
