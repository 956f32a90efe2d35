"""How much a batch counts: its loss is a mean, and means are put together by how many values each was made of.

So the loss of an evaluation does not depend on the size of its batches, and gradients that are added up over small
batches are those of a large one. A batch in which no label counts weighs nothing: its loss, the mean of nothing, is
nan.
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from .arrays import IGNORED
from .labels import shifts_labels

SPAN = ["start_positions", "end_positions"]


def rows_in(batch: Any) -> int:
    """Rows of a batch, a dict (or tuple) of tensors."""
    values = batch.values() if isinstance(batch, Mapping) else batch if isinstance(batch, tuple | list) else [batch]
    return next((len(value) for value in values if isinstance(value, Tensor) and value.dim()), 0)


def labels_in(batch: Any, label_names: list[str], model: nn.Module | None = None) -> int:
    """How many labels of a batch count in the loss of the model; its rows where there are no labels."""
    found = [batch.get(name) for name in label_names] if isinstance(batch, Mapping) else []
    if label_names == SPAN and isinstance(batch.get("input_ids"), Tensor) and all(isinstance(x, Tensor) for x in found):
        length = batch["input_ids"].shape[-1]  # an answer that begins or ends after it was cut off
        return sum(int((positions < length).sum()) for positions in found)
    labels = found[0] if found else None
    if not isinstance(labels, Tensor):
        return rows_in(batch) or 1
    if labels.is_floating_point():  # numbers to predict: all of them count, also -100.0
        return labels.numel()
    if shifts_labels(model):
        labels = labels[..., 1:]
    return int((labels != IGNORED).sum())
