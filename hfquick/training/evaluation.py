"""A model's answers for every row of a dataset, in the dataset's order, from any number of processes."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..i18n import gettext as _
from .arrays import picked, stacked
from .batches import BatchLoader, StreamLoader
from .counting import rows_in
from .sentences import named_numbers
from .state import EvalPrediction, Metrics, PredictionOutput


@dataclass
class Answers:
    """What the batches of an evaluation gave, as it comes. Each list holds an item per batch."""

    losses: list[Any] = field(default_factory=list)  # mean over what counts in each batch, None without labels
    weights: list[Any] = field(
        default_factory=list
    )  # how many rows or labels that were; of a detector both are of (2,)
    predictions: list[Any] = field(default_factory=list)  # array or tuple of arrays
    labels: list[Any] = field(default_factory=list)
    rows: list[np.ndarray] = field(default_factory=list)  # row numbers in the dataset

    def add(self, loss: Tensor | None, weight: Any, predictions: Any, labels: Any, rows: np.ndarray) -> None:
        terms = getattr(loss, "terms", None)
        self.losses.append(None if loss is None else float(loss.mean()) if terms is None else _on_cpu(terms))
        self.weights.append(0 if loss is None else loss.numel() if loss.dim() else weight)  # numel: a loss for each row
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
            whole.weights += part.weights
            whole.predictions += part.predictions
            whole.labels += part.labels
            whole.rows += part.rows
        return whole

    def in_order(self) -> tuple[float | None, Any, Any, int]:
        """Mean loss, predictions and labels of each row once, and the number of rows."""
        rows = np.concatenate(self.rows) if self.rows else np.zeros(0, dtype=np.int64)
        first = np.unique(rows, return_index=True)[1]  # sorted; one that was repeated in a last batch counts once
        ends = np.cumsum([len(batch) for batch in self.rows], dtype=np.int64)
        counted = np.bincount(np.searchsorted(ends, first, side="right"), minlength=len(ends))  # rows of each batch
        loss = self._mean_loss([count / max(1, len(batch)) for count, batch in zip(counted, self.rows, strict=True)])
        sizes = [len(batch) for batch in self.rows]
        predictions, labels = (
            picked(stacked(part, sizes), first, len(rows)) if len(part) == len(sizes) else None
            for part in (self.predictions, self.labels)
        )
        return loss, predictions, labels, len(first)

    def _mean_loss(self, shares: list[float]) -> float | None:
        """The loss of all that counts, of which `shares` are the parts that are not repeated; nan if nothing counts."""
        if all(loss is None for loss in self.losses):
            return None
        weights = [weight * share for weight, share in zip(self.weights, shares, strict=True)]
        total = sum(weights)
        weighed = [
            loss * weight
            for loss, weight in zip(self.losses, weights, strict=True)
            if loss is not None and np.any(weight)
        ]
        return float(np.sum(sum(weighed) / np.where(total, total, 1))) if np.any(total) else math.nan


def evaluate_over(
    loader: Any,
    step: Callable[[Any], tuple[Tensor | None, Any, Any]],
    *,
    weigh: Callable[[Any, Any], Any],
    after_step: Callable[[], None],
    gather: Callable[[list[Answers]], list[Answers]],
    compute_metrics: Callable[[EvalPrediction], Mapping[str, Any]] | None,
    prefix: str,
    tell: Callable[[str], None],
    no_labels: Callable[[Any], str] | None = None,
) -> PredictionOutput:
    """Run `step(batch) -> (loss, predictions, labels)` over a loader: all predictions and labels, and metrics.

    `weigh(batch, loss)` says how many labels of a batch count, `gather` brings the answers of all processes. Names of
    metrics begin with `prefix`. `tell` says a line: that no label counts, or, where there should be some,
    `no_labels(batch)`.
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
        answers.add(loss, weigh(batch, loss), predictions, labels, rows)
        after_step()
    whole = Answers.joined(gather([answers]))
    mean_loss, predictions, labels, count = whole.in_order()
    metrics: dict[str, Any] = {} if mean_loss is None else {"loss": mean_loss}
    if mean_loss is not None and not any(map(np.any, whole.weights)):
        tell(
            _("none of the labels counts (all are -100, or nothing was masked), so {prefix}_loss is nan", prefix=prefix)
        )
    elif mean_loss is None and labels is None and count and no_labels is not None:
        tell(no_labels(batch))
    if compute_metrics is not None and predictions is not None and labels is not None:
        own = compute_metrics(EvalPrediction(predictions, labels))
        metrics |= named_numbers("compute_metrics", own)
    seconds = perf_counter() - start
    metrics |= {"runtime": seconds, "samples_per_second": count / seconds if seconds else 0.0}
    begin = f"{prefix}_"
    named = {name if name.startswith(begin) else begin + name: _plain(value) for name, value in metrics.items()}
    return PredictionOutput(predictions, labels, Metrics(named))


def _on_cpu(value: Any) -> Any:
    """Tensors, alone or in tuples, lists and dicts, as arrays; None for what has no numbers, as a cache."""
    if isinstance(value, tuple | list):
        return tuple(map(_on_cpu, value))
    if isinstance(value, Mapping):
        return {name: _on_cpu(each) for name, each in value.items()}
    if isinstance(value, Tensor):
        value = value.detach().cpu()
        return (value.float() if value.dtype == torch.bfloat16 else value).numpy()
    return np.asarray(value) if isinstance(value, np.ndarray | int | float) else None


def _plain(value: Any) -> Any:
    """Numbers and arrays of NumPy or torch as Python's, so that they can be written to a file."""
    return value.tolist() if hasattr(value, "tolist") else value
