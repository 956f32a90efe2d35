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
from ..utils.elsewhere import two_names
from .losses_tf import IGNORED, problem_type
from .outputs import ModelOutput

LABELS = ("labels", "start_positions", "end_positions")  # inputs that are no features


class TrainableModel(keras.Model):
    """A keras.Model with a loss of its own, trained on arrays, tf.data, or datasets of the library `datasets`."""

    config: Any
    main_input_name: ClassVar[str]
    label_kind: ClassVar[str]

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
        processing_class: Any = None,
    ) -> tf.data.Dataset:
        """A tokenized Dataset -> a tf.data.Dataset of batches (inputs, labels), each padded to its longest row.

        Columns that the model does not read are dropped; a column `label` becomes the labels. Of a DatasetDict, the
        train split is taken. With `shuffle`, every epoch has a new random order, the same after
        keras.utils.set_random_seed; rows of like length come together, which saves computing.

        Args:
            dataset: rows with input_ids; dataset.map(lambda rows: tokenizer(rows["text"]), batched=True) makes them. Or
                rows with pictures, or with their pixel_values; of recordings with input_values.
            processing_class: the tokenizer, which knows how to pad texts; without it the model's configuration says so.
                Or the image processor, which prepares the pictures of each batch. `tokenizer` is its older name.
            collate_fn: makes a batch from a list of rows instead (a data collator, of any kind of tensors);
                collate_fn_args are keywords for it.
            drop_remainder: leave the last batch out if it is smaller than the others.
            prefetch: make the next batches while the model computes.

        Raises ValueError for columns, labels or lengths that do not fit the model.
        """
        from ..keras_training.batches import prepare

        if tokenizer is not None and processing_class is not None:
            raise two_names(ValueError, "processing_class", "tokenizer")
        return prepare(
            self,
            dataset,
            "prepare_tf_dataset",
            batch_size=batch_size,
            shuffle=shuffle,
            processing_class=tokenizer if processing_class is None else processing_class,
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

        A loss of Keras, and metrics, see the labels that count, one beside the other: of labels (B, T) and logits
        (B, T, N) those where the label is not -100, as (n,) and (n, N). Models give logits, so a loss needs
        from_logits=True.

        With `gradient_accumulation_steps` in the optimizer, Keras takes the mean of the gradients of so many batches:
        where they differ in how many labels count, that is not quite the gradient of one large batch.

        Raises ValueError for an optimizer that is none of Keras 3, and for losses and metrics that take logits for
        probabilities.

        `jit_compile` is False: XLA compiles anew for every length of the texts, 5 s each for a DistilBERT, and on a
        processor its steps were 10 % slower. With all texts of one length on a GPU, True pays.
        """
        from ..keras_training import compiled

        compiled.check_optimizer(optimizer)
        loss = compiled.checked_loss(self, loss)
        metrics, weighted_metrics = (compiled.checked_metrics(self, each, loss) for each in (metrics, weighted_metrics))
        self.loss = self._compile_loss = self._compile_metrics = None  # Keras would keep those of an earlier compile()
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

    # Keras weighs the loss of a batch by its rows. A loss per token is a mean of labels, of which a row may have many,
    # or none: weighed by rows, the mean of an epoch would depend on the batch size. So the steps are our own.

    def train_step(self, data: Any) -> dict:
        batch, labels, weight = self.sort_labels(data)
        with tf.GradientTape() as tape:
            outputs = self(batch, training=True)
            loss = self.compute_loss(batch, labels, outputs, weight, training=True)
            scaled = self.optimizer.scale_loss(loss)
        if self.trainable_weights:
            gradients = tape.gradient(scaled, self.trainable_weights)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_weights, strict=True))
        return self._measure(batch, labels, outputs, weight, loss)

    def test_step(self, data: Any) -> dict:
        batch, labels, weight = self.sort_labels(data)
        outputs = self(batch, training=False)
        loss = self.compute_loss(batch, labels, outputs, weight, training=False)
        return self._measure(batch, labels, outputs, weight, loss)

    def _measure(self, batch: dict, labels: Any, outputs: ModelOutput, weight: Any, loss: tf.Tensor) -> dict:
        """Add a batch to the loss and the metrics of this epoch."""
        devices = self.distribute_strategy.num_replicas_in_sync  # whose losses are added up, and the weights as well
        count = sum_of_devices(self.count_labels(batch, labels, outputs))
        self._loss_tracker.update_state(loss * devices, sample_weight=count / devices)
        return self.compute_metrics(batch, labels, outputs, weight)

    def loss_so_far(self) -> tuple[float, float]:
        """The sum of all losses of this epoch, and of how many labels; no mean where none counted."""
        return float(self._loss_tracker.total.numpy()), float(self._loss_tracker.count.numpy())

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
        if isinstance(x, Mapping):
            batch = dict(x)
        else:
            batch = dict(zip(self.inputs_known(), x if isinstance(x, tuple | list) else [x], strict=False))
        given = {name: batch.pop(name) for name in LABELS if name in batch}
        names = [name for name in LABELS if name in self.inputs_known()]
        if y is None and given:
            y = given["labels"] if list(given) == ["labels"] else given
        if isinstance(y, Mapping) and list(y) == ["labels"]:
            y = y["labels"]
        if isinstance(y, tuple | list) and len(y) == len(names):
            y = y[0] if len(names) == 1 else dict(zip(names, y, strict=True))
        reads_labels = self.loss is None or "decoder_input_ids" in self.inputs_known()  # a decoder reads them, too
        if reads_labels and y is not None and names:
            batch |= dict(y) if isinstance(y, Mapping) and set(y) <= set(names) else {names[0]: y}
        return batch, y, weight

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> tf.Tensor:
        if self.loss is not None and y is not None:
            loss = super().compute_loss(x, *self.compared(y, y_pred, sample_weight), training)
            loss = tf.where(self.count_labels(x, y, y_pred) > 0, loss, 0.0)  # Keras's mean of nothing is NaN
            return loss if loss.shape.num_elements() else tf.reduce_sum(loss)
        if self.loss is not None or y_pred.get("loss") is None:
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
        loss = ops.cast(y_pred["loss"], "float32")
        if self.label_kind == "characters" and self.config.ctc_loss_reduction != "mean":  # a sum, or not even that
            loss = ops.sum(loss) / self.count_labels(x, y, y_pred)
        loss = ops.sum([loss, *(ops.cast(more, "float32") for more in self.losses)])
        if self.distribute_strategy.num_replicas_in_sync > 1:  # gradients of all are added up
            count = self.count_labels(x, y, y_pred)  # a last, small batch may leave none for one of them
            loss = tf.where(count > 0, loss, 0.0) * count / tf.maximum(sum_of_devices(count), 1.0)
        return loss

    def compute_metrics(self, x: Any, y: Any, y_pred: ModelOutput, sample_weight: Any = None) -> dict:
        return super().compute_metrics(x, *self.compared(y, y_pred, sample_weight))

    def count_labels(self, batch: dict, labels: Any, outputs: ModelOutput) -> tf.Tensor:
        """How many labels the loss of a batch is the mean of: a float32."""
        if self.label_kind == "objects":  # at least one, by which DETR divides its loss as well
            count = ops.sum(ops.cast(ops.not_equal(labels["class_labels"], IGNORED), "float32"))
            return ops.maximum(count, 1.0)
        labels, scores = self.aligned(labels, outputs)
        if isinstance(labels, Mapping):  # first and last tokens of answers, those past the end of the texts left out
            counts = [ops.cast(labels[name], "int32") < ops.shape(scores[name])[-1] for name in scores]
            return ops.sum(ops.cast(ops.concatenate(counts), "float32")) / len(counts)
        if labels is not None and self.leaves_out(labels):
            return ops.sum(ops.cast(ops.not_equal(labels, IGNORED), "float32"))
        return tf.cast(tf.shape(next(iter(batch.values())))[0], "float32")

    def leaves_out(self, labels: tf.Tensor) -> bool:
        """Whether a label of -100 does not count: where one of several is chosen, not where numbers are predicted."""
        if self.label_kind == "class":
            return problem_type(self.config, labels) == "single_label_classification"
        return self.label_kind in ("token", "words")

    def compared(self, labels: Any, outputs: ModelOutput, weight: Any = None) -> tuple[Any, Any, Any]:
        """Labels (n,), scores (n, N) and weights (n,) of what counts, for losses and metrics of Keras.

        They know nothing of -100, and would compare padding as well.
        """
        labels, scores = self.aligned(labels, outputs)
        if labels is None or isinstance(labels, Mapping) or not self.leaves_out(labels):
            return labels, scores, weight
        if labels.shape.rank != scores.shape.rank - 1:  # a probability of each class, as CategoricalCrossentropy takes
            return labels, scores, weight
        counts = ops.not_equal(labels, IGNORED)
        if weight is not None:
            weight = tf.reshape(weight, tf.concat([tf.shape(weight), [1] * (len(labels.shape) - len(weight.shape))], 0))
            weight = tf.boolean_mask(tf.broadcast_to(weight, tf.shape(labels)), counts)
        return tf.boolean_mask(labels, counts), tf.boolean_mask(scores, counts), weight

    def aligned(self, labels: Any, outputs: ModelOutput) -> tuple[Any, Any]:
        """Labels and scores, position by position."""
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


def sum_of_devices(value: tf.Tensor) -> tf.Tensor:
    """The sum of a value of each device, where a step runs on several."""
    device = tf.distribute.get_replica_context()
    if device is None or device.num_replicas_in_sync == 1:
        return value
    return device.all_reduce(tf.distribute.ReduceOp.SUM, value)
