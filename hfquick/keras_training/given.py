"""What fit, evaluate and predict are given besides a Dataset: arrays, dicts, tf.data; mistakes are sentences.

model.fit(tokenizer(texts, padding=True, return_tensors="np"), labels)
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import tensorflow as tf

from ..core.calling_tf import check_class_labels, first_text
from ..core.checks import id_out_of_range, unknown_input
from ..core.trainable_tf import LABELS
from ..i18n import spoken
from ..training.arrays import IGNORED
from ..training.labels import label_kind_of
from ..utils.errors import label_out_of_range
from .batches import as_arrays
from .checks import class_count, is_language_model, of_vocabulary


def arranged(model: Any, x: Any, y: Any, what: str) -> tuple[Any, Any]:
    """Inputs and labels as Keras takes them: lists of arrays get names, labels in a list become an array.

    Raises TypeError for texts and lists of numbers, ValueError for labels that the model does not have.
    """
    if x is None:
        raise spoken(
            ValueError,
            "{what} was given no data; give it a tokenized Dataset, or arrays: model.{what}(dict(batch), labels)",
            what=what,
        )
    if isinstance(x, tf.data.Dataset):
        _check_batched(model, x)
        return x, y
    if isinstance(x, tuple | list) and x and all(map(_is_array, x)):
        x = dict(zip(_inputs(model), x, strict=False))
    if isinstance(x, Mapping):
        for name, value in x.items():
            if name not in model.inputs_known():
                raise unknown_input(type(model).__name__, name, _inputs(model))
            if name not in LABELS:
                _check_input(name, value, what)
        if what != "predict":  # which does not read them
            x = {name: _labels(model, value, name) if name in LABELS else value for name, value in x.items()}
    else:
        _check_input(model.main_input_name, x, what)
    return x, _labels(model, y)


def _inputs(model: Any) -> list[str]:
    return [name for name in model.inputs_known() if name not in ("training", "use_cache")]


def _is_array(value: Any) -> bool:
    """Whether this is an array or a tensor of any framework, as Keras takes them for data."""
    return hasattr(value, "__array__") and len(getattr(value, "shape", ())) > 0


def _check_input(name: str, value: Any, what: str) -> None:
    text, is_picture = first_text(value), name.startswith("pixel_")
    if text is not None and is_picture:
        raise spoken(
            TypeError,
            "{what} was given the text {text!r} as {name}, a model takes pixels; try "
            "image_processor(pictures, return_tensors='np'), or a Dataset of pixel_values",
            what=what,
            text=text,
            name=name,
        )
    if text is not None and name == "input_values":
        raise spoken(
            TypeError,
            "{what} was given the text {text!r} as {name}, a model takes samples; try feature_extractor(recordings, "
            "sampling_rate=..., return_tensors='np'), or a Dataset of input_values",
            what=what,
            text=text,
            name=name,
        )
    if text is not None:
        raise spoken(
            TypeError,
            "{what} was given the text {text!r} as {name}, a model takes token ids; try "
            "tokenizer(texts, padding=True, return_tensors='np'), or a tokenized Dataset",
            what=what,
            text=text,
            name=name,
        )
    if isinstance(value, tuple | list) and is_picture:
        raise spoken(
            TypeError,
            "{what} was given a list as {name}, expected an array; try np.stack(pictures), or return_tensors='np' in "
            "the image processor",
            what=what,
            name=name,
        )
    if isinstance(value, tuple | list) and name == "input_values":
        raise spoken(
            TypeError,
            "{what} was given a list as {name}, expected an array; try padding=True and return_tensors='np' in the "
            "feature extractor",
            what=what,
            name=name,
        )
    if isinstance(value, tuple | list):
        raise spoken(
            TypeError,
            "{what} was given a list as {name}, expected an array; try padding=True and return_tensors='np' in the "
            "tokenizer, or give the tokenized Dataset itself",
            what=what,
            name=name,
        )


def _labels(model: Any, labels: Any, name: str = "labels") -> Any:
    """Labels as an array, or ValueError for those that a model cannot have."""
    labels = as_arrays(labels) if label_kind_of(model) == "objects" and isinstance(labels, list | tuple) else labels
    if isinstance(labels, Mapping):
        return {name: _labels(model, value, name) for name, value in labels.items()}
    if isinstance(labels, tuple | list) and labels and all(map(_is_array, labels)):
        return labels  # the first and the last tokens of answers
    text = first_text(labels)
    if text is not None:
        raise spoken(
            ValueError,
            "the labels are texts ({text!r}), a model takes numbers; try names = sorted(set(labels)), then "
            "np.array([names.index(label) for label in labels])",
            text=text,
        )
    if isinstance(labels, tuple | list):
        try:
            labels = np.asarray(labels)
        except ValueError:
            raise spoken(
                ValueError,
                "the lists of labels differ in length; fill the shorter ones with {ignored}",
                ignored=IGNORED,
            ) from None
    if isinstance(labels, np.ndarray) and labels.dtype.kind in "iu" and labels.size and name == "labels":
        if label_kind_of(model) == "class" and labels.ndim == 2 and labels.shape[1] == 1:
            labels = labels[:, 0]
        if label_kind_of(model) == "class" and model.loss is None:
            check_class_labels(labels, len(labels), model.config)
        count, counted = class_count(model), labels[labels != IGNORED]
        if count is not None and counted.size:
            wrong = counted[(counted < 0) | (counted >= count)]
            if wrong.size:
                kind = "words" if of_vocabulary(model) else None
                raise label_out_of_range(int(wrong.min() if wrong.min() < 0 else wrong.max()), count, kind)
    return labels


def _check_batched(model: Any, data: tf.data.Dataset) -> None:
    """Raise for a tf.data.Dataset of texts one by one, or of texts that are not tokenized."""
    spec = data.element_spec
    inputs = spec[0] if isinstance(spec, tuple) and spec else spec
    ids = inputs.get(model.main_input_name) if isinstance(inputs, Mapping) else inputs
    if not isinstance(ids, tf.TensorSpec):
        return
    if ids.dtype == tf.string and model.main_input_name == "pixel_values":
        raise spoken(
            TypeError,
            "the tf.data.Dataset holds texts, a model takes pixels; make it of "
            "image_processor(pictures, return_tensors='np')",
        )
    if ids.dtype == tf.string and model.main_input_name == "input_values":
        raise spoken(
            TypeError,
            "the tf.data.Dataset holds texts, a model takes samples; make it of "
            "feature_extractor(recordings, sampling_rate=..., padding=True, return_tensors='np')",
        )
    if ids.dtype == tf.string:
        raise spoken(
            TypeError,
            "the tf.data.Dataset holds texts, a model takes token ids; make it of "
            "tokenizer(texts, padding=True, return_tensors='np')",
        )
    if ids.shape.rank == 3 and model.main_input_name == "pixel_values":
        raise spoken(ValueError, "the tf.data.Dataset gives one picture at a time, expected batches; try data.batch(8)")
    if ids.shape.rank == 1 and model.main_input_name == "input_values":
        raise spoken(
            ValueError,
            "the tf.data.Dataset gives one recording at a time, expected batches; try data.padded_batch(8)",
        )
    if ids.shape.rank == 1 and model.main_input_name == "input_ids":
        raise spoken(
            ValueError,
            "the tf.data.Dataset gives one text at a time, expected batches; try data.batch(8), or "
            "data.padded_batch(8) where texts differ in length",
        )


@contextmanager
def sentences_of_steps(model: Any) -> Iterator[None]:
    """Say what TensorFlow found in a step that was compiled, where Python cannot look at values: ids, and labels."""
    try:
        yield
    except tf.errors.InvalidArgumentError as error:
        label = re.search(r"label value of (-?\d+) which is outside the valid range of \[0, (\d+)\)", str(error))
        index = re.search(r"indices\[.*?\] = (-?\d+) is not in \[0, (\d+)\)", str(error))
        if label:
            kind = "words" if is_language_model(model) else None
            raise label_out_of_range(int(label[1]), int(label[2]), kind) from error
        names = {getattr(model.config, "vocab_size", None): "token id"}
        names[getattr(model.config, "type_vocab_size", None)] = "token type"
        if index and names.get(int(index[2])):
            raise id_out_of_range(names[int(index[2])], int(index[1]), int(index[2])) from error
        raise
