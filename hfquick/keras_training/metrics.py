"""Metrics of one's own after each epoch of Keras's fit, also of what a model generates.

    measure = KerasMetricCallback(rouge, tokenized["validation"], predict_with_generate=True)
    model.fit(data, callbacks=[measure])

Its twin in PyTorch is the compute_metrics of Seq2SeqTrainer (training/seq2seq.py).
"""

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ..core.trainable_tf import LABELS
from ..i18n import spoken
from ..training import sentences
from ..training.arrays import IGNORED, joined
from . import batches as keras_data


class KerasMetricCallback(keras.callbacks.Callback):
    """Calls `metric_fn((predictions, labels))` after each epoch; what it returns joins the logs of that epoch.

    Predictions are logits (rows, ...), or with predict_with_generate=True generated token ids, (rows, longest), padded
    with pad_token_id. Labels are (rows, ...), padded with -100. Of a detector predictions are logits, boxes and perhaps
    masks, and labels a dict of arrays.

    Args:
        metric_fn: (predictions, labels) -> dict of named numbers.
        eval_dataset: of the library `datasets`, tokenized, or what prepare_tf_dataset made of one.
        generate_kwargs: options of `generate`: {"max_new_tokens": 30}.
    """

    def __init__(
        self,
        metric_fn: Callable[[tuple[Any, Any]], Mapping[str, float]],
        eval_dataset: Any,
        *,
        batch_size: int = 8,
        predict_with_generate: bool = False,
        generate_kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        if not keras_data.is_dataset(eval_dataset) and not isinstance(eval_dataset, tf.data.Dataset):
            raise spoken(
                TypeError,
                "eval_dataset is a {eval_dataset_kind}, expected a tokenized Dataset, or what "
                "model.prepare_tf_dataset made of one",
                eval_dataset_kind=type(eval_dataset).__name__,
            )
        self.metric_fn, self.eval_dataset, self.batch_size = metric_fn, eval_dataset, batch_size
        self.predict_with_generate, self.generate_kwargs = predict_with_generate, dict(generate_kwargs or {})
        self._batches: tf.data.Dataset | None = None

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Find out now, not after an epoch, that the rows do not fit or the model cannot generate."""
        if self.predict_with_generate and not getattr(self.model, "can_generate", False):
            raise spoken(
                TypeError,
                "predict_with_generate=True needs a generative model, {model_kind} is none; leave it out, then "
                "predictions are logits",
                model_kind=type(self.model).__name__,
            )
        self._batches = self.eval_dataset
        if keras_data.is_dataset(self.eval_dataset):
            self._batches = keras_data.prepare(self.model, self.eval_dataset, "validation_data", self.batch_size)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        assert self._batches is not None
        predictions: list[tuple[np.ndarray, ...]] = []
        labels: list[Any] = []
        for inputs, answers in self._batches:
            predictions.append(self._predict(inputs, answers))
            labels.append(self._labels(answers))
        pad = self.model.generation_config.padding_id if self.predict_with_generate else IGNORED
        outputs = [joined(list(batches), pad) for batches in zip(*predictions, strict=True)]
        measured = self.metric_fn((outputs[0] if len(outputs) == 1 else tuple(outputs), self._joined(labels)))
        measured = sentences.named_numbers("metric_fn", measured)
        if logs is not None:
            logs.update({name: float(value) for name, value in measured.items()})

    def _predict(self, inputs: Mapping[str, tf.Tensor], answers: Any) -> tuple[np.ndarray, ...]:
        """Generated tokens, or logits: those of both ends where answers are found; of a detector, boxes as well."""
        if self.predict_with_generate:
            prompts = {name: inputs[name] for name in ("input_ids", "attention_mask") if name in inputs}
            return (self.model.generate(**prompts, **self.generate_kwargs).numpy(),)
        are_several = isinstance(answers, Mapping) and "class_labels" not in answers
        given = answers if are_several else {"labels": answers}  # a decoder reads them
        outputs = self.model({**inputs, **given}, training=False)
        kept = ("start_logits", "end_logits", "logits", "pred_boxes", "pred_masks")
        return tuple(array.numpy() for name, array in outputs.items() if name in kept)

    @staticmethod
    def _joined(labels: list[Any]) -> Any:
        """Those of all batches; of what is in pictures, a dict of arrays."""
        if isinstance(labels[0], Mapping):
            return {name: joined([batch[name] for batch in labels]) for name in labels[0]}
        return joined(labels)

    @staticmethod
    def _labels(answers: Any) -> Any:
        if not isinstance(answers, Mapping):
            return answers.numpy()
        if "class_labels" in answers:
            return {name: array.numpy() for name, array in answers.items()}
        return np.stack([answers[name].numpy() for name in LABELS if name in answers], axis=-1)
