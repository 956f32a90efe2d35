"""What fit, evaluate and predict of a model do before and after Keras's own: rows become batches, mistakes sentences.

The first argument is the model, the second Keras's own method of it.
"""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from ..cpu.allocator import retain_freed_memory
from ..i18n import spoken
from ..widgets.clicks import in_notebook
from . import batches, checks
from .callbacks import end_charts, with_defaults

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
    validation_data, _ = in_batches(model, validation_data, "validation_data", size)
    x, batch_size = in_batches(model, x, "fit", batch_size, shuffle)
    if isinstance(x, tf.data.Dataset):
        model.make_variables(x.element_spec)
    callbacks, verbose = with_defaults(callbacks, verbose, batch_size or getattr(x, "rows_of_a_batch", None) or 0)
    try:
        with retain_freed_memory():
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
    return keras_evaluate(x, y, batch_size=batch_size, verbose=quiet(verbose), **options)


def predict(
    model: Any, keras_predict: Callable, x: Any, *, batch_size: int | None, verbose: Any, **options: Any
) -> Any:
    """The outputs of a model for all rows."""
    x, batch_size = in_batches(model, x, "predict", batch_size)
    return keras_predict(x, batch_size=batch_size, verbose=quiet(verbose), **options)


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
