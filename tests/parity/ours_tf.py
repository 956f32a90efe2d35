"""Our Keras models for a case: the same three questions as in ours_pt.py, against the same references."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from typing import Any
from unittest.mock import patch

import keras
import numpy as np
import tensorflow as tf

from . import reference
from .case import Case, Trace, flat, random, shadow
from .cases import CASES

Arrays = dict[str, np.ndarray]


def build(case: Case, quick: bool = False) -> Any:
    """The case's model with its drawn weights. Modules are looked up at every call, so a changed copy is used.

    `quick` makes the variables in an eager call instead of a symbolic one, which takes a third of the time.
    """
    folder = case.folder
    model_class = getattr(import_module(f"hfquick.models.{folder}.modeling_tf_{folder}"), f"TF{case.model}")
    return _built(model_class, case.name, quick)


@lru_cache(maxsize=1)  # building costs more than all questions together
def _built(model_class: type, name: str, quick: bool) -> Any:
    case, seen = CASES[name], set()
    config = model_class.config_class(**case.values)
    if quick:
        with patch.object(keras.Model, "compute_output_spec", lambda self, **_: None):
            model = model_class(config)
        model(**{name: tf.constant(array) for name, array in case.least().items()}, **case.options)
    else:
        model = model_class(config)
    for name, slot in slots(model).items():
        if not case.keeps(name) and id(slot.variable) not in seen:  # a shared one has the value of its first name
            slot.variable.assign(slot.to_keras(case.weight(name, slot.shape)))
        seen.add(id(slot.variable))
    return model


def slots(model: Any) -> dict[str, Any]:
    return import_module("hfquick.core.weights_tf").slots(model)


def batch(case: Case) -> dict[str, tf.Tensor]:
    def tensor(value: Any) -> Any:
        if isinstance(value, list):  # of the objects of each picture
            return [{name: tensor(array) for name, array in each.items()} for each in value]
        return tf.constant(value)

    return {name: tensor(value) for name, value in case.arrays().items()}


def named(outputs: Any) -> Arrays:
    return {name: tensor.numpy() for name, tensor in flat(outputs)}


def maps(name: str, quick: bool = False) -> float:
    """Outputs with all hidden states and attention maps: the written-out attention."""
    case = CASES[name]
    found = named(build(case, quick)(**batch(case), **case.options, output_hidden_states=True, output_attentions=True))
    return reference.check_outputs(case, "eval", found)


def fused(name: str, quick: bool = False) -> float:
    """The same without maps: Keras's attention in one call, at every depth. One batch as a dict."""
    case = CASES[name]
    found = named(build(case, quick)(batch(case), **case.options, output_hidden_states=True))
    assert not [key for key in found if key.startswith("attentions")], f"{name}: attention maps were not asked for"
    return reference.check_outputs(case, "eval", found, complete=False)


def steps(name: str, quick: bool = False) -> float:
    """The outputs once more, where a text is read in pieces and a cache keeps what was read."""
    case, cache, parts, encoded = CASES[name], None, [], {}
    model = build(case, quick)
    for piece in case.pieces():
        inputs = {key: tf.constant(array) for key, array in piece.items()}
        outputs = model(**inputs, **encoded, past_key_values=cache, use_cache=True)
        cache = outputs.past_key_values
        if case.has_two_texts:  # the first is read once
            encoded = {"encoder_outputs": (outputs.encoder_last_hidden_state,)}
        parts.append(outputs[0].numpy())
    assert cache.length == sum(part.shape[1] for part in parts)
    return reference.check_outputs(case, "eval", {outputs.keys()[0]: np.concatenate(parts, 1)}, complete=False)


def train(name: str, quick: bool = False) -> float:
    """Outputs, loss and all gradients in training."""
    case = CASES[name]
    outputs, gradients = gradients_of(build(case, quick), case)
    return max(reference.check_outputs(case, "train", outputs), reference.check_gradients(case, gradients))


def gradients_of(model: Any, case: Case) -> tuple[Arrays, Arrays]:
    """Outputs in training and gradients by torch name, in torch layout."""
    with steady_dropout(), untrained_padding(model, case), tf.GradientTape() as tape:
        outputs = model(**batch(case), **case.options, training=True)
        loss = outputs.loss if case.labels else objective(outputs, case)
    trainable = {id(variable) for variable in model.trainable_variables}
    tied = model.tied()
    wanted = {name: slot for name, slot in slots(model).items() if name not in tied and id(slot.variable) in trainable}
    assert len(wanted) == len(trainable), (
        f"{case.name}: {len(trainable)} variables are trained, {len(wanted)} have a name"
    )
    found = tape.gradient(loss, [slot.variable.value for slot in wanted.values()])
    gradients = {}
    for (name, slot), gradient in zip(wanted.items(), found, strict=True):
        if gradient is None:
            assert name.endswith(f"{case.table}.weight"), f"{case.name}: no gradient of {name}"
            continue
        array = tf.convert_to_tensor(gradient).numpy()
        gradients[name] = array if slot.order is None else array.transpose(np.argsort(slot.order))
    return named(outputs), gradients


def objective(outputs: Any, case: Case) -> tf.Tensor:
    """As in torch_runs.py."""
    total = tf.zeros(())
    for name, output in outputs.items():
        weights = random(f"objective of {name}").standard_normal(tuple(output.shape)).astype(np.float32)
        if output.shape.rank == 3:
            weights = weights * case.counted(name)[:, :, None]
        total += tf.reduce_sum(output * weights)
    return total


@contextmanager
def steady_dropout() -> Iterator[None]:
    def call(self: keras.layers.Dropout, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        return inputs * (1 - self.rate) + self.rate if training else inputs

    original, keras.layers.Dropout.call = keras.layers.Dropout.call, call
    try:
        yield
    finally:
        keras.layers.Dropout.call = original


@contextmanager
def untrained_padding(model: Any, case: Case) -> Iterator[None]:
    """torch never trains the padding token's vector (padding_idx). Keras has no such thing: here it keeps to that."""
    original = keras.layers.Embedding.call
    tables = [] if case.padding_learns else [model.base_model.get_submodule(case.table)]
    if case.architecture == "bart":  # which looks the same vectors up in two places
        tables = [model.base_model.encoder.embed_tokens, model.base_model.decoder.embed_tokens]
    if case.folder == "roberta":  # whose padding has a position
        tables.append(model.base_model.embeddings.position_embeddings)

    def call(self: keras.layers.Embedding, ids: tf.Tensor) -> tf.Tensor:
        vectors = original(self, ids)
        if not any(self is table for table in tables):
            return vectors
        is_padding = tf.equal(ids, tf.cast(case.values.get("pad_token_id", 0), ids.dtype))[..., None]
        return tf.where(is_padding, tf.stop_gradient(vectors), vectors)

    keras.layers.Embedding.call = call
    try:
        yield
    finally:
        keras.layers.Embedding.call = original


def trace(case: Case, **asked: bool) -> Trace:
    """As torch_runs.trace: shape and shadow of what every layer put out, by torch name, in the order they finished."""
    model, found = build(case), {}
    named_layers = {id(model): ""} | dict(walk(model))
    original = keras.layers.Layer.__call__

    def call(self: keras.layers.Layer, *args: Any, **kwargs: Any) -> Any:
        output = original(self, *args, **kwargs)
        if id(self) in named_layers:
            name = named_layers[id(self)]
            found[name] = shadow(name, output)
        return output

    keras.layers.Layer.__call__ = call
    try:
        model(**batch(case), **case.options, **asked)
    finally:
        keras.layers.Layer.__call__ = original
    return found


def walk(layer: Any, path: str = "") -> Iterator[tuple[int, str]]:
    """(id, torch name) of every layer below this one."""
    children = import_module("hfquick.core.weights_tf").children
    for attribute, value in vars(layer).items():
        if not attribute.startswith("_"):
            for name, child in children(path + attribute.rstrip("_"), value):
                yield id(child), name
                yield from walk(child, f"{name}.")


CHECKS = {"maps": maps, "fused": fused, "train": train, "steps": steps}
STEPS = [case.name for case in CASES.values() if case.reads_on]
