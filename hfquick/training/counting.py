"""How much a batch counts: its loss is a mean, and means are put together by how many values each was made of.

So the loss of an evaluation does not depend on the size of its batches, and gradients that are added up over small
batches are those of a large one. A batch in which no label counts weighs nothing: its loss, the mean of nothing, is
nan.

The loss of a detector has two means, of the classes of all queries and of the boxes of all objects. It is weighed by
objects: exact for boxes and masks, and for classes where pictures hold about as many. A batch of pictures without
objects weighs as one with a single object, by which its loss is divided as well.
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from . import distributed
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
    if isinstance(labels, list) and labels and isinstance(labels[0], Mapping):  # what is in each picture
        return max(1, sum(len(each.get("class_labels", ())) for each in labels))
    if not isinstance(labels, Tensor):
        return rows_in(batch) or 1
    if labels.is_floating_point():  # numbers to predict: all of them count, also -100.0
        return labels.numel()
    if shifts_labels(model):
        labels = labels[..., 1:]
    return int((labels != IGNORED).sum())


def shares_of(
    batches: list[Any], label_names: list[str], model: nn.Module, accelerator: Any, last_repeats: bool
) -> list[float]:
    """How much each batch of an update counts: by its labels, of those in all batches of all processes, so that several
    small ones equal a large one. Empty where no label counts.

    The gradients of processes are averaged, so the shares of all of them add up to the number of processes. With
    `last_repeats` the rows of the last batch are another process's, too, and count there.
    """
    counts = [labels_in(batch, label_names, model) for batch in batches]
    if last_repeats:
        counts[-1] = 0
    whole = distributed.total(accelerator, sum(counts))
    return [count * accelerator.num_processes / whole for count in counts] if whole else []
