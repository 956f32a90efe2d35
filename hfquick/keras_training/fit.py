"""What fit, evaluate and predict of a model do before and after Keras's own: rows become batches, mistakes sentences.

The first argument is the model, the second Keras's own method of it.
"""

import math
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from ..core.outputs import ModelOutput
from ..core.trainable_tf import IGNORED
from ..cpu.allocator import retain_freed_memory
from ..i18n import gettext as _
from ..i18n import spoken
from ..utils.notices import say
from ..widgets.clicks import in_notebook
from . import batches, checks
from .callbacks import end_charts, with_defaults
from .given import arranged, sentences_of_steps

DEFAULT_BATCH = 8  # rows, of a Dataset given to fit


def fit(
    model: Any,
    keras_fit: Callable,
    x: Any,
    y: Any,
    *,
    batch_size: int | None,
    verbose: Any,
    callbacks: Any,
    validation_split: float,
    validation_data: Any,
    shuffle: bool,
    **options: Any,
) -> keras.callbacks.History:
    """Train a model, with the callbacks that come with every run."""
    checks.check_compiled(model, "fit")
    if batches.is_dataset(x) and validation_split:
        raise spoken(
            ValueError,
            "validation_split divides arrays; divide a Dataset by parts = dataset.train_test_split(0.1), then "
            "fit(parts['train'], validation_data=parts['test'])",
        )
    size = options.get("validation_batch_size") or batch_size
    validation_data, __ = in_batches(model, validation_data, "validation_data", size)
    if isinstance(validation_data, tuple) and validation_data:
        held_out, expected, *weights = (*validation_data, None)[: max(2, len(validation_data))]
        validation_data = (*arranged(model, held_out, expected, "validation_data"), *weights)
    x, batch_size = in_batches(model, x, "fit", batch_size, shuffle)
    x, y = arranged(model, x, y, "fit")
    if isinstance(x, tf.data.Dataset):
        model.make_variables(x.element_spec)
    callbacks, verbose = with_defaults(callbacks, verbose, batch_size or getattr(x, "rows_of_a_batch", None) or 0)
    try:
        with retain_freed_memory(), sentences_of_steps(model):
            return keras_fit(
                x,
                y,
                batch_size=batch_size,
                verbose=verbose,
                callbacks=callbacks,
                validation_split=validation_split,
                validation_data=validation_data,
                shuffle=shuffle and not isinstance(x, tf.data.Dataset),  # which Keras cannot, and would say so
                **options,
            )
    except BaseException as error:
        end_charts(callbacks, error)
        raise


def evaluate(
    model: Any, keras_evaluate: Callable, x: Any, y: Any, *, batch_size: int | None, verbose: Any, **options: Any
) -> Any:
    """Loss and metrics of a model."""
    checks.check_compiled(model, "evaluate")
    x, batch_size = in_batches(model, x, "evaluate", batch_size)
    x, y = arranged(model, x, y, "evaluate")
    with sentences_of_steps(model):
        measured = keras_evaluate(x, y, batch_size=batch_size, verbose=quiet(verbose), **options)
    if model.loss_so_far()[1]:
        return measured
    say(_("no label counts, all are -100: there is nothing to measure"))
    return keras.tree.map_structure(lambda _: math.nan, measured)


def predict(
    model: Any, keras_predict: Callable, x: Any, *, batch_size: int | None, verbose: Any, **options: Any
) -> Any:
    """The outputs of a model for all rows; where batches differ in length, rows are filled with -100 to the longest."""
    x, batch_size = in_batches(model, x, "predict", batch_size)
    x, __ = arranged(model, x, None, "predict")
    with sentences_of_steps(model):
        outputs = keras_predict(x, batch_size=batch_size, verbose=quiet(verbose), **options)
    if isinstance(outputs, ModelOutput):
        return type(outputs)(**{name: one_shape(value) for name, value in outputs.items()})
    return {name: one_shape(value) for name, value in outputs.items()} if isinstance(outputs, dict) else outputs


def one_shape(value: Any) -> Any:
    """What batches of different length gave, which Keras leaves ragged -> an array, padded as a Trainer does it."""
    if isinstance(value, tuple):
        return tuple(map(one_shape, value))
    return value.to_tensor(IGNORED).numpy() if isinstance(value, tf.RaggedTensor) else value


def in_batches(
    model: Any, data: Any, purpose: str, batch_size: int | None, shuffle: bool = False
) -> tuple[Any, int | None]:
    """Data and batch size as Keras wants them: none for a dataset, which is in batches then."""
    if not batches.is_dataset(data):
        return data, batch_size
    size = DEFAULT_BATCH if batch_size is None else batch_size
    return batches.prepare(model, data, purpose, size, shuffle), None


def quiet(verbose: Any) -> Any:
    """Keras's bar shows times, which change from run to run: in a notebook, none unless it is asked for."""
    return 0 if verbose == "auto" and in_notebook() else verbose
