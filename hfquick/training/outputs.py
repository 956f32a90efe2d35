"""The parts of a model's output, a dict, a ModelOutput, a tuple or a loss: what is its loss, what a prediction."""

from collections.abc import Collection, Mapping
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

# What a model was on the way, by the ends of names: of each layer, or of the encoder alone; and parts of its loss.
NO_PREDICTIONS = (
    "hidden_states", "attentions", "past_key_values", "encoder_last_hidden_state", "auxiliary_outputs", "loss_dict",
)  # fmt: skip


def run_model(model: nn.Module, inputs: Any) -> Any:
    """Call a model with a batch, a dict of its arguments or a list of them."""
    return model(**inputs) if isinstance(inputs, Mapping) else model(*inputs)


def part_of(outputs: Any, name: str, index: int) -> Any:
    """A model's output by attribute, key or index; None if it has none."""
    if isinstance(outputs, Mapping):
        return outputs.get(name)
    if not isinstance(outputs, Tensor) and hasattr(outputs, name):
        return getattr(outputs, name)
    if isinstance(outputs, tuple | list):
        return outputs[index] if len(outputs) > index else None
    return outputs if index == 0 else None


def predictions_in(outputs: Any, has_loss: bool, ignore_keys: Collection[str] | None) -> tuple[Any, ...]:
    """What an output says of each row: all its parts but the loss, those to be ignored, and numbers of Python."""
    if hasattr(outputs, "items"):  # a dict, or a ModelOutput
        ignored = tuple(ignore_keys or ())
        no_predictions = (*NO_PREDICTIONS, "last_hidden_state") if "logits" in outputs else NO_PREDICTIONS
        parts = tuple(
            value
            for name, value in outputs.items()
            if name != "loss" and not (name in ignored if ignored else name.endswith(no_predictions))
        )
    else:
        parts = tuple(outputs[1 if has_loss else 0 :]) if isinstance(outputs, tuple | list) else (outputs,)
    return tuple(value for value in parts if value is not None and not isinstance(value, int | float))


def smooth_loss(logits: Tensor, labels: Tensor, factor: float) -> Tensor:
    """Cross-entropy against labels of which each class gets a part (Szegedy et al. 2016, section 7), -100 left out."""
    return F.cross_entropy(logits.reshape(-1, logits.shape[-1]).float(), labels.reshape(-1), label_smoothing=factor)
