"""A Keras model that knows its own loss: what compile, fit, evaluate and predict do with a model of this package.

The loss of the model is used unless compile() got another. Labels stand beside the inputs or among them. Datasets of
the library `datasets` are taken as they are, and in a notebook a live chart shows the run: that is keras_training/,
which the methods that begin a run import when they are called, since it stands above the models.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import keras
import tensorflow as tf
from keras import ops

from ..i18n import spoken
from .outputs import ModelOutput

LABELS = ("labels", "start_positions", "end_positions")  # inputs that are no features


class TrainableModel(keras.Model):
    """A keras.Model with a loss of its own, trained on arrays, tf.data, or datasets of the library `datasets`."""

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
        """A tokenized Dataset -> a tf.data.Dataset of batches (inputs, labels), each padded to its longest row.

        Columns that the model does not read are dropped; a column `label` becomes the labels. Of a DatasetDict, the
        train split is taken. With `shuffle`, every epoch has a new random order, the same after
        keras.utils.set_random_seed; rows of like length come together, which saves computing.

        Args:
            dataset: rows with input_ids; dataset.map(lambda rows: tokenizer(rows["text"]), batched=True) makes them.
            tokenizer: knows how to pad texts; without it the model's configuration says so.
            collate_fn: makes a batch from a list of rows instead (a data collator, of any kind of tensors);
                collate_fn_args are keywords for it.
            drop_remainder: leave the last batch out if it is smaller than the others.
            prefetch: make the next batches while the model computes.

        Raises ValueError for columns, labels or lengths that do not fit the model.
        """
        from ..keras_training.batches import prepare

        return prepare(
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
            from ..keras_training.optimizers import patch_optimizer

            patch_optimizer(self.optimizer)

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
        from ..keras_training import fit

        return fit.fit(
            self,
            super().fit,
            x,
            y,
            batch_size=batch_size,
            epochs=epochs,
            verbose=verbose,
            callbacks=callbacks,
            validation_split=validation_split,
            validation_data=validation_data,
            shuffle=shuffle,
            **options,
        )

    def evaluate(
        self, x: Any = None, y: Any = None, batch_size: int | None = None, verbose: Any = "auto", **options: Any
    ) -> Any:
        """As in Keras; `x` may also be a tokenized Dataset or DatasetDict."""
        from ..keras_training import fit

        return fit.evaluate(self, super().evaluate, x, y, batch_size=batch_size, verbose=verbose, **options)

    def predict(self, x: Any, batch_size: int | None = None, verbose: Any = "auto", **options: Any) -> Any:
        """As in Keras; `x` may also be a tokenized Dataset or DatasetDict, and labels in it are not read."""
        from ..keras_training import fit

        outputs = fit.predict(self, super().predict, x, batch_size=batch_size, verbose=verbose, **options)
        return self._output_kind(**outputs) if isinstance(outputs, dict) else outputs

    def make_variables(self, batch: Any) -> None:
        """Make the variables of optimizer and metrics, for batches of these shapes, before a step is traced.

        TensorFlow traces a step twice when it meets new variables in it.
        """
        with self.distribute_strategy.scope():
            self._symbolic_build(data_batch=self.sort_labels(batch))

    def _maybe_symbolic_build(self, iterator: Any = None, data_batch: Any = None) -> None:
        """With tf.distribute, Keras takes a batch away to see its shapes, and averages token ids: not here."""
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

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> tf.Tensor:
        if self.loss is not None:
            return super().compute_loss(x, *self.compared(y, y_pred), sample_weight, training)
        if y_pred.get("loss") is None:
            raise spoken(
                ValueError,
                "{name} got no labels to train on; give fit a dataset of (inputs, labels), or of inputs with 'labels'",
                name=type(self).__name__,
            )
        if sample_weight is not None:
            raise spoken(
                ValueError,
                "weights of samples or classes were given, but the model's own loss takes none; try "
                "compile(loss=...) with a loss of Keras",
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
        """Labels and scores as a loss or a metric of Keras compares them, position by position."""
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
