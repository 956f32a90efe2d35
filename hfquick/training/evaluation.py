"""A model's answers for every row of a dataset, in the dataset's order, from any number of processes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..i18n import spoken
from .arrays import joined
from .batches import BatchLoader, StreamLoader, rows_in
from .state import EvalPrediction, Metrics, PredictionOutput


@dataclass
class Answers:
    """What the batches of an evaluation gave, as it comes. Each list holds an item per batch."""

    losses: list[float] = field(default_factory=list)  # mean over the rows of each batch
    predictions: list[Any] = field(default_factory=list)  # array or tuple of arrays
    labels: list[Any] = field(default_factory=list)
    rows: list[np.ndarray] = field(default_factory=list)  # row numbers in the dataset

    def add(self, loss: Tensor | None, predictions: Any, labels: Any, rows: np.ndarray) -> None:
        if loss is not None:
            self.losses.append(float(loss.mean()))
        if predictions is not None:
            self.predictions.append(_on_cpu(predictions))
        if labels is not None:
            self.labels.append(_on_cpu(labels))
        self.rows.append(np.asarray(rows))

    @classmethod
    def joined(cls, parts: list["Answers"]) -> "Answers":
        """Those of all processes as one."""
        whole = cls()
        for part in parts:
            whole.losses += part.losses
            whole.predictions += part.predictions
            whole.labels += part.labels
            whole.rows += part.rows
        return whole

    def in_order(self) -> tuple[float | None, Any, Any, int]:
        """Mean loss, predictions and labels of each row once, and the number of rows."""
        rows = np.concatenate(self.rows) if self.rows else np.zeros(0, dtype=np.int64)
        _, first = np.unique(
            rows, return_index=True
        )  # sorted by row; one that was repeated in a last batch counts once
        ends = np.cumsum([len(batch) for batch in self.rows], dtype=np.int64)
        counted = np.bincount(np.searchsorted(ends, first, side="right"), minlength=len(ends))  # rows of each batch
        weighed = list(zip(self.losses, counted.tolist(), strict=True)) if self.losses else []
        total = sum(count for _, count in weighed)
        loss = sum(value * count for value, count in weighed) / total if total else None
        return loss, _pick(_stack(self.predictions), first), _pick(_stack(self.labels), first), len(first)


def evaluate_over(
    loader: Any,
    step: Callable[[Any], tuple[Tensor | None, Any, Any]],
    *,
    after_step: Callable[[], None],
    gather: Callable[[list[Answers]], list[Answers]],
    compute_metrics: Callable[[EvalPrediction], Mapping[str, Any]] | None,
    prefix: str,
) -> PredictionOutput:
    """Run `step(batch) -> (loss, predictions, labels)` over a loader: all predictions and labels, and metrics.

    `gather` brings the answers of all processes; names of metrics begin with `prefix`.
    """
    start = perf_counter()
    answers, seen = Answers(), 0
    for index, batch in enumerate(loader):
        loss, predictions, labels = step(batch)
        count = rows_in(batch)
        if isinstance(loader, BatchLoader):
            rows = loader.plan[index]
        else:
            rows = loader.rows if isinstance(loader, StreamLoader) else np.arange(seen, seen + count)
        seen += count
        answers.add(loss, predictions, labels, rows)
        after_step()
    mean_loss, predictions, labels, count = Answers.joined(gather([answers])).in_order()
    metrics: dict[str, Any] = {} if mean_loss is None else {"loss": mean_loss}
    if compute_metrics is not None and predictions is not None and labels is not None:
        own = compute_metrics(EvalPrediction(predictions, labels))
        if not isinstance(own, Mapping):
            raise spoken(
                TypeError,
                "compute_metrics returned {own!r}, expected a dict of named numbers: return {{'accuracy': 0.8}}",
                own=own,
            )
        metrics |= own
    seconds = perf_counter() - start
    metrics |= {"runtime": seconds, "samples_per_second": count / seconds if seconds else 0.0}
    begin = f"{prefix}_"
    named = {name if name.startswith(begin) else begin + name: _plain(value) for name, value in metrics.items()}
    return PredictionOutput(predictions, labels, Metrics(named))


def _on_cpu(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return tuple(map(_on_cpu, value))
    value = value.detach().cpu()
    return (value.float() if value.dtype == torch.bfloat16 else value).numpy()


def _stack(batches: list[Any]) -> Any:
    """What each batch gave, an array or a tuple of them -> the same of all rows."""
    if not batches:
        return None
    if isinstance(batches[0], tuple):
        return tuple(_stack(list(parts)) for parts in zip(*batches, strict=True))
    return joined(batches)


def _pick(arrays: Any, rows: np.ndarray) -> Any:
    if isinstance(arrays, tuple):
        return tuple(_pick(array, rows) for array in arrays)
    return None if arrays is None else arrays[rows]


def _plain(value: Any) -> Any:
    """Numbers and arrays of NumPy or torch as Python's, so that they can be written to a file."""
    return value.tolist() if hasattr(value, "tolist") else value
