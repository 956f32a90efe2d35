"""What fit, evaluate and predict do with a model of this package, beyond what Keras does.

Its own loss is used unless compile() got another. Labels stand beside the inputs or among them. Datasets of the library
`datasets` are taken as they are, and in a notebook a live chart shows the run.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import keras
import tensorflow as tf
from keras import ops

from ..core.outputs import ModelOutput
from ..cpu.allocator import retain_freed_memory
from ..widgets.clicks import in_notebook
from . import batches as keras_data
from . import checks
from .batches import LABELS
from .callbacks import end_charts, with_defaults
from .optimizers import mend

DEFAULT_BATCH = 8  # rows, of a Dataset given to fit


class TrainableModel(keras.Model):
    """A keras.Model that knows its own loss, and learns from datasets of the library `datasets`."""

    config: Any
    main_input_name: ClassVar[str]

    @classmethod
    def inputs_known(cls) -> list[str]:
        """Names of the arguments of a call."""
        raise NotImplementedError

    def prepare_tf_dataset(
        self,
        dataset: Any,
        batch_size: int = 8,
        shuffle: bool = True,
        tokenizer: Any = None,
        collate_fn: Callable | None = None,
        collate_fn_args: Mapping[str, Any] | None = None,
        drop_remainder: bool | None = None,
        prefetch: bool = True,
    ) -> tf.data.Dataset:
        """A tokenized Dataset -> a tf.data.Dataset of batches (inputs, labels), each filled to its longest row.

        Columns that the model does not read are dropped; a column `label` becomes the labels. Of a DatasetDict, the
        train split is taken. With `shuffle`, the order is drawn anew for every epoch, the same after
        keras.utils.set_random_seed; rows of like length come together, which saves computing.

        Args:
            dataset: rows with input_ids; dataset.map(lambda rows: tokenizer(rows["text"]), batched=True) makes them.
            tokenizer: knows how to fill texts; without it the model's configuration says so.
            collate_fn: makes a batch from a list of rows instead (a data collator, of any kind of tensors);
                collate_fn_args are keywords for it.
            drop_remainder: leave the last batch out if it is smaller than the others.
            prefetch: make the next batches while the model computes.

        Raises ValueError for columns, labels or lengths that do not fit the model.
        """
        return keras_data.prepare(
            self,
            dataset,
            "prepare_tf_dataset",
            batch_size=batch_size,
            shuffle=shuffle,
            tokenizer=tokenizer,
            collate_fn=collate_fn,
            collate_fn_args=collate_fn_args,
            drop_remainder=drop_remainder,
            prefetch=prefetch,
        )

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: bool | str = False,
        auto_scale_loss: bool = True,
    ) -> None:
        """As in Keras; without `loss` the model's own one is used.

        `jit_compile` is False: XLA compiles anew for every length of the texts, 5 s each for a DistilBERT, and on a
        processor its steps were 10 % slower. With all texts of one length on a GPU, True pays.
        """
        self.loss = None  # Keras would keep the one of an earlier compile()
        super().compile(
            optimizer,
            loss,
            loss_weights=loss_weights,
            metrics=metrics,
            weighted_metrics=weighted_metrics,
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
            jit_compile=jit_compile,
            auto_scale_loss=auto_scale_loss,
        )
        if self.optimizer is not None:
            mend(self.optimizer)

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        **options: Any,
    ) -> keras.callbacks.History:
        """As in Keras; `x` and `validation_data` may also be a tokenized Dataset or DatasetDict.

        Raises FloatingPointError when the loss becomes NaN.
        """
        checks.check_compiled(self, "fit")
        if keras_data.is_dataset(x) and validation_split:
            raise ValueError(
                "validation_split divides arrays; divide a Dataset by parts = dataset.train_test_split(0.1), "
                "then fit(parts['train'], validation_data=parts['test'])"
            )
        size = options.get("validation_batch_size") or batch_size
        validation_data, _ = self._batches(validation_data, "validation_data", size)
        x, batch_size = self._batches(x, "fit", batch_size, shuffle)
        if isinstance(x, tf.data.Dataset):
            self.make_variables(x.element_spec)
        callbacks, verbose = with_defaults(callbacks, verbose, batch_size or getattr(x, "rows_of_a_batch", None) or 0)
        try:
            with retain_freed_memory():
                return super().fit(
                    x,
                    y,
                    batch_size=batch_size,
                    epochs=epochs,
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
        self, x: Any = None, y: Any = None, batch_size: int | None = None, verbose: Any = "auto", **options: Any
    ) -> Any:
        """As in Keras; `x` may also be a tokenized Dataset or DatasetDict."""
        checks.check_compiled(self, "evaluate")
        x, batch_size = self._batches(x, "evaluate", batch_size)
        return super().evaluate(x, y, batch_size=batch_size, verbose=quiet(verbose), **options)

    def predict(self, x: Any, batch_size: int | None = None, verbose: Any = "auto", **options: Any) -> Any:
        """As in Keras; `x` may also be a tokenized Dataset or DatasetDict, and labels in it are not read."""
        x, batch_size = self._batches(x, "predict", batch_size)
        outputs = super().predict(x, batch_size=batch_size, verbose=quiet(verbose), **options)
        return self._output_kind(**outputs) if isinstance(outputs, dict) else outputs

    def _batches(
        self, data: Any, purpose: str, batch_size: int | None, shuffle: bool = False
    ) -> tuple[Any, int | None]:
        """Data and batch size as Keras wants them: none for a dataset, which is in batches already."""
        if not keras_data.is_dataset(data):
            return data, batch_size
        size = DEFAULT_BATCH if batch_size is None else batch_size
        return keras_data.prepare(self, data, purpose, size, shuffle), None

    def make_variables(self, batch: Any) -> None:
        """Make the variables of optimizer and metrics, for batches of these shapes, before a step is traced.

        TensorFlow traces a step twice when it meets new variables in it.
        """
        with self.distribute_strategy.scope():
            self._symbolic_build(data_batch=self.sort_labels(batch))

    def _maybe_symbolic_build(self, iterator: Any = None, data_batch: Any = None) -> None:
        """With tf.distribute, Keras takes a batch away to learn its shapes, and averages token numbers: not here."""
        if self._distribute_strategy is not None:
            self.make_variables(data_batch if iterator is None else iterator.data_adapter.get_tf_dataset().element_spec)

    def train_step(self, data: Any) -> Any:
        return super().train_step(self.sort_labels(data))

    def test_step(self, data: Any) -> Any:
        return super().test_step(self.sort_labels(data))

    def predict_step(self, data: Any) -> Any:
        batch, _, _ = self.sort_labels(data)
        outputs = super().predict_step(({name: value for name, value in batch.items() if name not in LABELS},))
        if self.distribute_strategy.num_replicas_in_sync == 1:
            return outputs
        self._output_kind = type(outputs)
        return dict(outputs.items())  # tf.distribute puts dicts of several devices together, and no other classes

    def sort_labels(self, data: Any) -> tuple[dict, Any, Any]:
        """What a dataset gives -> inputs, labels, weights; labels are also inputs, for the model's own loss."""
        x, y, weight = keras.utils.unpack_x_y_sample_weight(data)
        batch = dict(x) if isinstance(x, Mapping) else {self.main_input_name: x}
        given = {name: batch.pop(name) for name in LABELS if name in batch}
        if y is None and given:
            y = given["labels"] if list(given) == ["labels"] else given
        if self.loss is None and y is not None:
            names = [name for name in LABELS if name in self.inputs_known()]
            batch |= (
                y
                if isinstance(y, Mapping)
                else dict(zip(names, y if isinstance(y, tuple | list) else [y], strict=True))
            )
        return batch, y, weight

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True) -> tf.Tensor:
        if self.loss is not None:
            return super().compute_loss(x, *self.compared(y, y_pred), sample_weight, training)
        if y_pred.get("loss") is None:
            raise ValueError(
                f"{type(self).__name__} got no labels to learn from; "
                "give fit a dataset of (inputs, labels), or of inputs with 'labels'"
            )
        if sample_weight is not None:
            raise ValueError(
                "weights of samples or classes were given, but the model's own loss takes none; "
                "try compile(loss=...) with a loss of Keras"
            )
        loss = ops.sum([ops.cast(loss, "float32") for loss in (y_pred["loss"], *self.losses)])
        devices = self.distribute_strategy.num_replicas_in_sync
        if devices > 1:  # gradients of all are added up, and a last, small batch may leave no row for one of them
            rows = tf.shape(next(iter(x.values())))[0]
            loss = tf.where(rows > 0, loss, 0.0) / devices
        return loss

    def compute_metrics(self, x: Any, y: Any, y_pred: ModelOutput, sample_weight: Any = None) -> dict:
        return super().compute_metrics(x, *self.compared(y, y_pred), sample_weight)

    def compared(self, labels: Any, outputs: ModelOutput) -> tuple[Any, Any]:
        """Labels and scores as a loss or a metric of Keras compares them, place by place."""
        return labels, self.scores(outputs)

    def scores(self, outputs: ModelOutput) -> Any:
        """The part of an output that is compared with labels."""
        if "start_logits" in outputs:
            return {"start_positions": outputs["start_logits"], "end_positions": outputs["end_logits"]}
        return outputs.get("logits", outputs[0])

    # Saving as one .keras file: the constructor builds the model, compile() what is needed to go on training.

    def get_config(self) -> dict[str, Any]:
        return {
            "config": self.config.to_dict(),
            "name": self.name,
            "dtype": self.dtype_policy.name,
            "trainable": self.trainable,
        }

    def get_build_config(self) -> dict[str, Any]:
        return {}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """The constructor has built the model already."""

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile as the model was when it was saved; Keras then reads the optimizer's state."""
        self.compile(**keras.saving.deserialize_keras_object(config))
        if self.optimizer is not None:
            self.optimizer.build(self.trainable_variables)


def quiet(verbose: Any) -> Any:
    """Keras's bar shows times, which change from run to run: in a notebook, none unless it is asked for."""
    return 0 if verbose == "auto" and in_notebook() else verbose
