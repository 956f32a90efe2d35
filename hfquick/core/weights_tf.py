"""Keras variables under torch names and in torch layouts: one table per kind of layer, and a walk over attributes.

Keras numbers its own variable paths as they are made, so they cannot name a tensor in a file. Attributes can:
`bert.encoder.layer[0].output_.dense.kernel` is `bert.encoder.layer.0.output.dense.weight`.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from .weights import Weights
from .weights_matching import not_finite

# Kind of layer -> its variables -> (last part of the torch name, order of axes that turns one layout into the other)
RULES: dict[type, dict[str, tuple[str, tuple[int, ...] | None]]] = {
    layers.Dense: {"kernel": ("weight", (1, 0)), "bias": ("bias", None)},
    layers.Conv1D: {"kernel": ("weight", (2, 1, 0)), "bias": ("bias", None)},
    layers.Conv2D: {"kernel": ("weight", (2, 3, 1, 0)), "bias": ("bias", None)},
    layers.Embedding: {"embeddings": ("weight", None)},
    layers.GroupNormalization: {"gamma": ("weight", None), "beta": ("bias", None)},
    layers.LayerNormalization: {"gamma": ("weight", None), "beta": ("bias", None)},
}

_block = threading.local()  # .entered: inside init_empty_weights(); .error: what went wrong in it


class Initial(keras.initializers.Initializer):
    """The first value of one variable: from a checkpoint when `read` is set before it is needed, else initialised."""

    def __init__(self, draw: str | keras.initializers.Initializer) -> None:
        self.draw = keras.initializers.get(draw)
        self.read: Callable[[], tf.Tensor] | None = None
        self.filled = False

    def __call__(self, shape: tuple[int, ...], dtype: str | None = None) -> tf.Tensor:
        if not tf.executing_eagerly():
            return tf.zeros(shape, dtype)  # Keras traces the model to learn its shapes; nothing is kept of this
        if getattr(_block, "error", None) is None:
            try:
                value = self.draw(shape, dtype) if self.read is None else self.read()
                self.filled, self.read = self.read is not None, None  # lets go of the file
                return value
            except Exception as error:
                if not is_empty_init():
                    raise
                _block.error = error  # Keras would not get over an error here; init_empty_weights() raises it
        return tf.zeros((0,), dtype)


@contextmanager
def init_empty_weights() -> Iterator[None]:
    """Variables made in this block have shapes only, like torch's meta device; they get their values when it ends."""
    _block.entered, _block.error = True, None
    try:
        with keras.StatelessScope():  # Keras initialises what was made in it when it is left, after an error too
            try:
                yield
            except BaseException as error:
                _block.error = error
                raise
        if _block.error is not None:
            raise _block.error
    finally:
        _block.entered, _block.error = False, None


def is_empty_init() -> bool:
    return getattr(_block, "entered", False)


@dataclass
class Slot:
    """A variable, seen as the tensor of a torch checkpoint."""

    variable: keras.Variable
    order: tuple[int, ...] | None  # of axes, None for equal layouts
    initial: Initial | None  # where the first value comes from; None for variables of other people's layers

    @property
    def shape(self) -> tuple[int, ...]:
        """In torch layout."""
        shape = tuple(self.variable.shape)
        return shape if self.order is None else tuple(shape[axis] for axis in np.argsort(self.order))

    def to_keras(self, array: np.ndarray) -> tf.Tensor:
        """Torch layout -> the variable's layout and type. The array's memory is taken over where both are equal."""
        tensor = tf.convert_to_tensor(_Given(array))
        tensor = tensor if self.order is None else tf.transpose(tensor, self.order)
        return tf.cast(tensor, self.variable.dtype)

    def to_torch(self) -> np.ndarray:
        """The value in torch layout."""
        array = self.variable.numpy()
        return np.ascontiguousarray(array if self.order is None else array.transpose(np.argsort(self.order)))


def is_same(one: Slot, other: Slot) -> bool:
    """Whether two slots hold the same values."""
    return one.variable is other.variable or np.array_equal(one.to_torch(), other.to_torch())


def is_finite(tensor: tf.Tensor) -> bool:
    """Whether all numbers are finite. Their sum tells it in one pass without memory, unless it is too large itself."""
    total = tf.reduce_sum(tensor if tensor.dtype.size >= 4 else tf.cast(tensor, "float32"))
    return bool(tf.math.is_finite(total)) or bool(tf.reduce_all(tf.math.is_finite(tensor)))


def read_finite(slot: Slot, weights: Weights, in_file: str, where: str) -> tf.Tensor:
    """A tensor of a file, in the layout and type of its variable; WeightsError if it holds NaN or infinity."""
    array = weights.tensor(in_file)
    value = slot.to_keras(array)
    if not is_finite(value):
        overflow = is_finite(tf.convert_to_tensor(array))
        raise not_finite(where, in_file, value.dtype.name if overflow else "")
    return value


class _Given:
    """An array nobody else will write to: TensorFlow copies plain arrays, but uses the memory of what this gives."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self.array


def slots(layer: layers.Layer, path: str = "") -> dict[str, Slot]:
    """All variables of a built layer and of the layers in its attributes: torch name -> Slot. Seeds are no weights."""
    found = {}
    rule = next((RULES[kind] for kind in type(layer).__mro__ if kind in RULES), None)
    if rule is not None:
        for attribute, (name, order) in rule.items():
            variable = getattr(layer, attribute, None)
            if variable is not None:
                found[path + name] = Slot(variable, order, _initial(layer, attribute))
        return found
    for attribute, value in vars(layer).items():
        if attribute.startswith("_"):
            continue
        name = path + attribute.rstrip("_")  # Keras keeps `output` for itself, so ours is `output_`
        if isinstance(value, keras.Variable):
            found[name] = Slot(value, None, _initial(layer, attribute))
        for inner, child in children(name, value):
            found |= slots(child, f"{inner}.")
    return found


def children(name: str, value: Any) -> Iterator[tuple[str, layers.Layer]]:
    """The layers in the value of an attribute: itself, or those of a list by index."""
    if isinstance(value, layers.Layer):
        yield name, value
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from children(f"{name}.{index}", item)


def all_layers(layer: layers.Layer) -> Iterator[layers.Layer]:
    """The layer, then every layer below it."""
    yield layer
    for attribute, value in vars(layer).items():
        if not attribute.startswith("_"):
            for name, child in children(attribute.rstrip("_"), value):
                if not child.built:
                    child.name = name.replace(".", "_")  # what summary() shows: "classifier" instead of "dense_17"
                yield from all_layers(child)


def _initial(layer: layers.Layer, attribute: str) -> Initial | None:
    initial = getattr(layer, f"{attribute}_initializer", None)
    return initial if isinstance(initial, Initial) else None
