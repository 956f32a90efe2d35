"""How much a batch counts: its loss is a mean, and means are put together by how many values each was made of.

So the loss of an evaluation does not depend on the size of its batches, and gradients that are added up over small
batches are those of a large one. A batch in which no label counts weighs nothing: its loss, the mean of nothing, is
nan.

The loss of a detector is the sum of two means, of the classes of all queries and of the boxes (and masks) of all
objects. Each has its own number of values, so the two are put together apart.

That of CTC is a sum over the recordings, or a mean: here it is always their mean.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from . import distributed
from .arrays import IGNORED
from .labels import label_kind_of, shifts_labels, sums_losses
from .outputs import part_of

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
    if _are_objects(labels):
        return max(1, objects_in(labels, model).boxes)
    if not isinstance(labels, Tensor) or label_kind_of(model) == "characters":  # a transcription counts as one
        return rows_in(batch) or 1
    if labels.is_floating_point():  # numbers to predict: all of them count, also -100.0
        return labels.numel()
    if shifts_labels(model):
        labels = labels[..., 1:]
    return int((labels != IGNORED).sum())


def weights_of(batch: Any, label_names: list[str], model: nn.Module | None, loss: Any) -> Any:
    """How much the loss of a batch counts in that of an evaluation; of a detector two numbers, one for each term."""
    if getattr(loss, "terms", None) is None:
        return labels_in(batch, label_names, model)
    return np.array(objects_in(batch["labels"], model))


# Recordings


def per_recording(loss: Any, model: Any, batch: Any) -> Any:
    """The loss of a model; where it is a sum over the recordings, their mean, as other losses are means."""
    return loss / max(1, rows_in(batch)) if sums_losses(model) and isinstance(loss, Tensor) else loss


# Detectors


class Objects(NamedTuple):
    """How many values the two means of a detector's loss were made of."""

    classes: float  # of all queries; those that stand for no object count less
    boxes: int


def objects_in(labels: Any, model: Any) -> Objects:
    """Of labels that are a list, with what is in each picture: DETR's loss weighs them so."""
    count, config = sum(len(each.get("class_labels", ())) for each in labels), getattr(model, "config", None)
    queries = len(labels) * getattr(config, "num_queries", 0)
    return Objects(count + getattr(config, "eos_coefficient", 0.0) * max(0, queries - count) or 1.0, count)


def _are_objects(labels: Any) -> bool:
    return isinstance(labels, list) and bool(labels) and isinstance(labels[0], Mapping)


def with_terms(loss: Any, outputs: Any) -> Any:
    """The loss of a model; that of a detector remembers its two terms (2,), of classes and of boxes, as `terms`."""
    parts = part_of(outputs, "loss_dict", -1) if hasattr(outputs, "keys") else None
    if isinstance(loss, Tensor) and isinstance(parts, Mapping):
        classes = sum(part for name, part in parts.items() if name.startswith("loss_ce"))
        loss.terms = torch.stack([classes, loss - classes])  # type: ignore[attr-defined]
    return loss


class Share(float):
    """How much a batch of pictures counts by its classes, and its boxes so many times as much."""

    boxes: float = 1.0

    def weigh(self, loss: Tensor) -> Tensor:
        """The loss that is right with this share."""
        terms = getattr(loss, "terms", None)
        return loss if terms is None or self.boxes == 1.0 else terms[0] + self.boxes * terms[1]


def _shares_of_objects(counts: list[Objects], accelerator: Any) -> list[float]:
    classes, boxes = (distributed.total(accelerator, sum(each[index] for each in counts)) for index in (0, 1))
    shares: list[float] = []
    for each in counts:
        share = Share(each.classes * accelerator.num_processes / classes)
        if boxes and each.classes:
            share.boxes = each.boxes / boxes * classes / each.classes
        shares.append(share)
    return shares


# Updates


def shares_of(
    batches: list[Any], label_names: list[str], model: nn.Module, accelerator: Any, last_repeats: bool
) -> list[float]:
    """How much each batch of an update counts: by its labels, of those in all batches of all processes, so that several
    small ones equal a large one. Empty where no label counts.

    The gradients of processes are averaged, so the shares of all of them add up to the number of processes. With
    `last_repeats` the rows of the last batch are another process's, too, and count there.
    """
    found = [batch.get("labels") if isinstance(batch, Mapping) else None for batch in batches]
    if all(map(_are_objects, found)):
        objects = [objects_in(labels, model) for labels in found]
        if last_repeats:
            objects[-1] = Objects(0.0, 0)
        return _shares_of_objects(objects, accelerator)
    counts = [labels_in(batch, label_names, model) for batch in batches]
    if last_repeats:
        counts[-1] = 0
    whole = distributed.total(accelerator, sum(counts))
    return [count * accelerator.num_processes / whole for count in counts] if whole else []
