"""The way of the rows to the model: which columns it reads, who makes batches of them, in which order."""

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from torch import nn

from ..data.collators import DataCollatorWithPadding, DefaultDataCollator
from . import checks
from .arguments import TrainingArguments
from .batches import BatchLoader, StreamLoader, has_transform, is_stream, lengths_of

LABELS = ("labels", "label", "label_ids", "start_positions", "end_positions")  # inputs that are no features
COLLATORS = (DataCollatorWithPadding, DefaultDataCollator)


class Feeding:
    """The part of Trainer that knows datasets."""

    args: TrainingArguments
    accelerator: Any
    model: nn.Module
    processing_class: Any
    data_collator: Callable

    def _loader_in_order(self, dataset: Any, name: str) -> Any:
        args = self.args
        readable = self._readable(dataset, name)
        common: dict[str, Any] = {
            "process": self.accelerator.process_index,
            "processes": self.accelerator.num_processes,
        }
        if is_stream(dataset):
            return StreamLoader(readable, self._collator(), args.per_device_eval_batch_size, **common)
        lengths = None
        if not has_transform(dataset) and {args.length_column_name, "input_ids"} & set(
            getattr(dataset, "column_names", None) or ()
        ):
            lengths = lengths_of(dataset, args.length_column_name)
        return BatchLoader(
            readable,
            self._collator(),
            args.per_device_eval_batch_size,
            lengths=lengths,
            workers=args.dataloader_num_workers,
            pin_memory=self._pin_memory,
            **common,
        )

    def _readable(self, dataset: Any, name: str) -> Any:
        """The dataset without the columns that the model does not read."""
        known = self._columns_known()
        columns = getattr(dataset, "column_names", None)
        if not self.args.remove_unused_columns or not known or not columns:
            return dataset
        if has_transform(dataset):  # columns do not tell what rows will have
            return dataset
        checks.check_columns(dataset, known, name)
        unused = [column for column in columns if column not in known]
        return dataset.remove_columns(unused) if unused and hasattr(dataset, "remove_columns") else dataset

    def _columns_known(self) -> list[str]:
        """Names of the inputs of the model, and of labels; empty when its forward takes anything."""
        models = [self.model, getattr(self.model, "base_model", None)]  # heads hand further inputs on to their base
        found: dict[str, None] = {}
        for model in models:
            if model is None:
                continue
            parameters = inspect.signature(model.forward).parameters.values()
            found |= {each.name: None for each in parameters if each.kind is not each.VAR_KEYWORD}
            if model is self.model and any(each.kind is each.VAR_KEYWORD for each in parameters) and models[1] is None:
                return []
        return [*found, *LABELS]

    def _find_label_names(self) -> list[str]:
        names = [name for name in inspect.signature(self.model.forward).parameters if "label" in name or name in LABELS]
        return names or ["labels"]

    def _collator(self) -> Callable:
        """Rows -> a batch. A function of the user's own sees them whole; our collators see what the model reads."""
        known = self._columns_known() if self.args.remove_unused_columns else []  # looked up once, not for every batch
        if known and isinstance(self.data_collator, COLLATORS):
            return partial(collate_known, self.data_collator, frozenset(known))
        return self.data_collator

    def _usual_collator(self) -> Callable:
        """Padding where there is a tokenizer; else rows of one length, side by side."""
        if hasattr(self.processing_class, "pad"):
            return DataCollatorWithPadding(self.processing_class)
        return DefaultDataCollator()

    @property
    def _pin_memory(self) -> bool:
        return self.args.dataloader_pin_memory and self.accelerator.device.type == "cuda"


def collate_known(collate: Callable, known: frozenset[str], rows: Any) -> Any:
    """A batch of rows without the columns that are not known."""
    if isinstance(rows, list):
        rows = [{name: row[name] for name in row if name in known} if isinstance(row, Mapping) else row for row in rows]
    return collate(rows)
