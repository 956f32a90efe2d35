"""Calls of Keras models by hand: what cannot be right is a sentence, before Keras says something about a part inside.

Twin in PyTorch: calling.py. Kinds and shapes are looked at here, so a mistake is found as well when a step of fit is
traced; values are the business of losses_tf.py and of check_ids.

Shapes: B texts, T tokens, D width of the model, N labels.
"""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ..i18n import N_, said, spoken
from ..utils.fields import KINDS
from .losses_tf import problem_type
from .outputs import ModelOutput

NO_TENSORS = (
    "use_cache",
    "output_hidden_states",
    "output_attentions",
    "training",
    "past_key_values",
    "encoder_outputs",
)
LIBRARIES = {"torch": N_("a PyTorch tensor")}
Shape = tuple[int | None, ...]


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
        if value is not None and name not in NO_TENSORS and not is_tensor(value):
            raise wrong_kind(name, value)
    is_decoder = "decoder_input_ids" in model.inputs_known()
    texts = _texts(given, "", model.config)
    _texts(given, "decoder_", model.config)
    if isinstance(given.get("encoder_outputs"), ModelOutput | tuple):
        texts = None  # those of an earlier call
    if is_decoder or "past_key_values" not in model.inputs_known():  # else a cache makes it longer: the model compares
        _check_mask("attention_mask", given, texts)
    _check_mask("token_type_ids", given, texts)
    if texts is not None:
        _check_labels(model, given, texts)


def wrong_kind(name: str, value: Any) -> TypeError:
    """The error for an input that is no tensor."""
    text = first_text(value)
    is_label = name == "labels" or name.endswith("_positions")
    if text is not None and is_label:
        return spoken(
            TypeError,
            "labels hold the text {text!r}, a model takes numbers; try the ids of model.config.label2id, in an array",
            text=text,
        )
    if text is not None:
        return spoken(
            TypeError,
            "{name} holds the text {text!r}, a model takes token ids; try model(**tokenizer(texts, padding=True, "
            "return_tensors='tf'))",
            name=name,
            text=text,
        )
    if isinstance(value, tf.RaggedTensor | tf.SparseTensor):
        advice = said("padding=True and return_tensors='tf' in the tokenizer")
    elif is_label:
        advice = said("{name}=tf.constant(...)", name=name)
    else:
        advice = said("return_tensors='tf' in the tokenizer")
    library = type(value).__module__.partition(".")[0]
    words = LIBRARIES.get(library) or KINDS.get(type(value))
    return spoken(
        TypeError,
        "{name} is {kind}, expected a TensorFlow tensor or an array of numbers; try {advice}",
        name=name,
        kind=said(words) if words else said("{kind!r}", kind=type(value).__name__),
        advice=advice,
    )


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


def shape_of(value: Any) -> Shape | None:
    """The shape of a tensor, None for a size that is not known yet; None where not even the rank is."""
    shape = value.shape
    return None if getattr(shape, "rank", 0) is None else tuple(shape)


def fits(found: Shape | None, expected: Shape) -> bool:
    """Whether a shape may be the one expected, as far as both are known."""
    if found is None:
        return True
    pairs = zip(found, expected, strict=False)
    return len(found) == len(expected) and all(None in (one, other) or one == other for one, other in pairs)


def _texts(given: dict[str, Any], start: str, config: Any) -> Shape | None:
    """The shape (B, T) of what an encoder or decoder reads; None where it is not given or not known."""
    ids, vectors = given.get(f"{start}input_ids"), given.get(f"{start}inputs_embeds")
    if ids is not None:
        shape = shape_of(ids)
        if not fits(shape, (None, None)):
            hint = said("; one text is a batch, too: return_tensors='tf' in the tokenizer, or ids[None]")
            raise _wrong_shape(f"{start}input_ids", ids, said("(texts, tokens)"), hint if fits(shape, (None,)) else "")
        if shape is not None and shape[1] == 0:
            raise spoken(ValueError, "{name} have no tokens, expected at least one", name=f"{start}input_ids")
        return shape
    shape = None if vectors is None else shape_of(vectors)
    if not fits(shape, (None, None, config.hidden_size)):
        raise _wrong_shape(f"{start}inputs_embeds", vectors, said("(texts, tokens, {width})", width=config.hidden_size))
    return None if shape is None else shape[:2]


def _check_mask(name: str, given: dict[str, Any], texts: Shape | None) -> None:
    """Raise ValueError unless there is a number for each token; one row may serve all texts."""
    mask = given.get(name)
    if mask is None or texts is None:
        return
    if not fits(shape_of(mask), texts) and not fits(shape_of(mask), (1, texts[1])):
        raise _wrong_shape(name, mask, said("{shape}, one number for each token", shape=texts))


def _check_labels(model: Any, given: dict[str, Any], texts: Shape) -> None:
    """Raise ValueError for labels that are not one for each text, or for each token."""
    count, labels = texts[0], given.get("labels")
    for name in ("start_positions", "end_positions"):
        place = given.get(name)
        if place is not None and not _is_one_each(place, count):
            raise _wrong_shape(name, place, said("({count},), one position for each text", count=count))
    if labels is None or not model.label_kind:
        return
    if getattr(model.config, "is_encoder_decoder", False):
        if not fits(shape_of(labels), (count, None)):
            raise _wrong_shape("labels", labels, said("{shape}, one label for each token", shape=(count, None)))
    elif model.label_kind != "class":
        if not fits(shape_of(labels), texts):
            raise _wrong_shape("labels", labels, said("{shape}, one label for each token", shape=texts))
    else:
        check_class_labels(labels, count, model.config)


def _is_one_each(labels: Any, count: int | None) -> bool:
    return fits(shape_of(labels), (count,)) or fits(shape_of(labels), (count, 1))


def check_class_labels(labels: Any, count: int | None, config: Any) -> None:
    """The same for labels of whole texts: one each, or with several labels a row of N."""
    kind, size = problem_type(config, labels), config.num_labels
    if kind == "single_label_classification":
        if not _is_one_each(labels, count):
            hint = ""
            if fits(shape_of(labels), (count, size)):
                hint = said(
                    "; for several labels per text try model.config.problem_type = 'multi_label_classification'"
                )
            raise _wrong_shape("labels", labels, said("({count},), one label for each text", count=count), hint)
    elif kind == "multi_label_classification":
        if not fits(shape_of(labels), (count, size)):
            hint = ""
            if config.problem_type is None and _is_one_each(labels, count):  # it was told by the kind of their numbers
                hint = said(
                    "; with one label per text these are whole numbers: try labels.astype(int), or "
                    "dataset.cast_column('label', datasets.Value('int64'))"
                )
            rows = said("({count}, {size}), a row of numbers for each text", count=count, size=size)
            raise _wrong_shape("labels", labels, rows, hint)
    elif not _is_one_each(labels, count) and not fits(shape_of(labels), (count, size)):
        raise _wrong_shape(
            "labels", labels, said("({count}, {size}), a row of numbers for each text", count=count, size=size)
        )


def _wrong_shape(name: str, tensor: Any, expected: str, hint: str = "") -> ValueError:
    return spoken(
        ValueError,
        "the shape of {name} is {shape}, expected {expected}{hint}",
        name=name,
        shape=shape_of(tensor),
        expected=expected,
        hint=hint,
    )
