"""Losses of the heads, and the check of their labels.

Twin in PyTorch: losses.py. Losses are computed in float32 here, also where the model computes in 16 bits.

Shapes: B batch, T tokens, N labels.
"""

import tensorflow as tf
from keras import ops

from ..i18n import spoken
from ..utils.errors import label_out_of_range
from .configuration import PreTrainedConfig


def classification_loss(logits: tf.Tensor, labels: tf.Tensor, config: PreTrainedConfig) -> tf.Tensor:
    """Loss of one prediction per text: squared error, cross-entropy, or binary cross-entropy for several labels.

    logits (B, N); labels (B,) whole numbers, (B,) numbers for a regression, (B, N) zeros and ones for several labels.
    """
    kind = problem_type(config, labels)
    remember(kind, config)
    if kind == "regression":
        logits = ops.cast(ops.reshape(logits, (-1,)), "float32")
        return ops.mean(ops.square(logits - ops.cast(ops.reshape(labels, (-1,)), "float32")))
    if kind == "multi_label_classification":
        return ops.mean(
            ops.binary_crossentropy(ops.cast(labels, "float32"), ops.cast(logits, "float32"), from_logits=True)
        )
    return token_loss(logits, labels)


def problem_type(config: PreTrainedConfig, labels: tf.Tensor) -> str:
    """What a sequence classification head is trained for, told by its labels where the configuration does not say."""
    return config.problem_type or (
        "regression" if config.num_labels == 1
        else "multi_label_classification" if tf.as_dtype(labels.dtype).is_floating else "single_label_classification"
    )  # fmt: skip


def remember(kind: str, config: PreTrainedConfig) -> None:
    """Keep in the configuration that outputs are numbers, or several labels: whoever loads the model must know."""
    if config.problem_type is None and kind != "single_label_classification":
        config.problem_type = kind


def token_loss(logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """Mean cross-entropy of logits (..., N) and labels (...), those labelled -100 left out; 0 where all are."""
    _check_labels(labels, logits.shape[-1])
    return _cross_entropy(ops.reshape(logits, (-1, logits.shape[-1])), ops.reshape(labels, (-1,)), ignore_index=-100)


def scores_loss(logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """Binary cross-entropy of logits (B, N) and labels (B, N) between 0 and 1: summed over N, then the mean over B.

    As for visual question answering: Teney et al. 2017, "Tips and Tricks" (https://arxiv.org/abs/1708.02711).
    """
    losses = tf.nn.sigmoid_cross_entropy_with_logits(ops.cast(labels, "float32"), ops.cast(logits, "float32"))
    return ops.mean(losses) * logits.shape[1]


def span_loss(start_logits: tf.Tensor, end_logits: tf.Tensor, starts: tf.Tensor, ends: tf.Tensor) -> tf.Tensor:
    """Mean cross-entropy of the first and last tokens of answers: logits (B, T), positions (B,), those past T left out.

    The mean over all positions that count, so that an answer of which only one end was cut off still has a loss.
    """
    T = ops.shape(start_logits)[-1]
    starts, ends = (ops.clip(ops.cast(ops.reshape(positions, (-1,)), "int32"), 0, T) for positions in (starts, ends))
    logits, positions = ops.concatenate([start_logits, end_logits]), ops.concatenate([starts, ends])
    return _cross_entropy(logits, positions, ignore_index=T)


def _cross_entropy(logits: tf.Tensor, labels: tf.Tensor, ignore_index: int | tf.Tensor) -> tf.Tensor:
    counted = ops.not_equal(labels, ignore_index)
    losses = ops.sparse_categorical_crossentropy(
        ops.where(counted, labels, 0), ops.cast(logits, "float32"), from_logits=True
    )
    counted = ops.cast(counted, "float32")
    return ops.sum(losses * counted) / ops.maximum(ops.sum(counted), 1.0)  # no mean of nothing, which would be NaN


def _check_labels(labels: tf.Tensor, count: int) -> None:
    if labels.dtype.is_floating:
        raise spoken(
            ValueError,
            "labels are {dtype} numbers, expected whole numbers from 0 to {last} (tf.int64)",
            dtype=labels.dtype.name,
            last=count - 1,
        )
    if tf.executing_eagerly() and "GPU" not in labels.device:
        values = labels.numpy()
        wrong = values[(values != -100) & ((values < 0) | (values >= count))]
        if wrong.size:
            worst = int(wrong.min()) if wrong.min() < 0 else int(wrong.max())
            raise label_out_of_range(worst, count)
