"""Calls of Keras models by hand: what cannot be right is a sentence, before Keras says something about a part inside.

Twin in PyTorch: calling.py; what needs no framework is in inputs.py. Kinds and shapes are looked at here, so a mistake
is found as well when a step of fit is traced; values are the business of losses_tf.py and of check_ids.
"""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ..i18n import N_
from . import inputs
from .losses_tf import problem_type
from .pictures import check_pixels
from .sounds import check_waveforms

NO_TENSORS = (
    "use_cache", "output_hidden_states", "output_attentions", "training", "past_key_values", "encoder_outputs",
    "interpolate_pos_encoding", "image_token_type_idx",
)  # fmt: skip
WORDS = inputs.Framework(
    "tf",
    N_("a TensorFlow tensor or an array of numbers"),
    "tf.constant",
    "labels.astype(int)",
    "tf.transpose(pixel_values, (0, 3, 1, 2))",
)


def is_tensor(value: Any) -> bool:
    """Whether a model takes this: a tensor of TensorFlow or Keras, or an array of numbers."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "iufb"
    is_dense = tf.is_tensor(value) and not isinstance(value, tf.RaggedTensor | tf.SparseTensor)
    return (is_dense and value.dtype != tf.string) or isinstance(value, keras.KerasTensor | keras.Variable)


def by_name(model: Any, args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a call by their names: tensors one by one, or first a dict or a list of them."""
    known = model.inputs_known()
    if args and isinstance(args[0], Mapping):
        return {**args[0], **dict(zip(known[1:], args[1:], strict=False)), **kwargs}
    if args and isinstance(args[0], tuple | list) and args[0] and all(is_tensor(value) for value in args[0]):
        args = (*args[0], *args[1:])
    return {**dict(zip(known, args, strict=False)), **kwargs}


def check_inputs(model: Any, given: dict[str, Any]) -> None:
    """Raise TypeError for inputs of the wrong kind, ValueError for wrong shapes: `given` has those of one call."""
    for name, value in given.items():
        if name == "labels" and model.label_kind == "objects":
            continue  # a loss looks at a list of objects itself
        if value is not None and name not in NO_TENSORS and not is_tensor(value):
            is_ragged = isinstance(value, tf.RaggedTensor | tf.SparseTensor)
            raise inputs.wrong_kind(name, value, first_text(value), WORDS, is_ragged)
    seen = check_pixels(model, given, WORDS) or check_waveforms(model, given, WORDS)
    inputs.check_shapes(model, given, WORDS, problem_type, seen)


def check_class_labels(labels: Any, count: int, config: Any) -> None:
    """Raise ValueError for labels of whole texts that are not one each, or a row of N where there are several."""
    inputs.check_class_labels(labels, count, config, WORDS, problem_type(config, labels))


def first_text(value: Any) -> str | None:
    """A text, or the first one in nested lists and arrays of texts; None where there is none."""
    if isinstance(value, np.ndarray):
        value = value.tolist() if value.dtype.kind in "OUS" else None
    elif tf.is_tensor(value) and value.dtype == tf.string:
        value = value.numpy().tolist() if hasattr(value, "numpy") else "..."
    while isinstance(value, list | tuple) and value:
        value = value[0]
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return value if isinstance(value, str) else None
