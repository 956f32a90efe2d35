"""Losses of the heads, and the check of their labels.

Twin in PyTorch: losses.py. Losses are computed in float32 here, also where the model computes in 16 bits.

Shapes: B batch, T tokens, N labels.
"""

import math

import tensorflow as tf
from keras import ops

from ..i18n import spoken
from ..utils.errors import label_out_of_range
from .configuration import PreTrainedConfig
from .sounds import blank_of, check_characters

IGNORED = -100  # as a label: this one does not count


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
    return _cross_entropy(ops.reshape(logits, (-1, logits.shape[-1])), ops.reshape(labels, (-1,)), ignore_index=IGNORED)


def scores_loss(logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """Binary cross-entropy of logits (B, N) and labels (B, N) between 0 and 1: summed over N, then the mean over B.

    As for visual question answering: Teney et al. 2017, "Tips and Tricks" (https://arxiv.org/abs/1708.02711).
    """
    losses = tf.nn.sigmoid_cross_entropy_with_logits(ops.cast(labels, "float32"), ops.cast(logits, "float32"))
    return ops.mean(losses) * logits.shape[1]


def ctc_loss(logits: tf.Tensor, labels: tf.Tensor, frames: tf.Tensor, config: PreTrainedConfig) -> tf.Tensor:
    """Connectionist temporal classification (Graves et al. 2006, https://www.cs.toronto.edu/~graves/icml_2006.pdf).

    logits (B, T, V) in `frames` (B,) frames, those after are padding; labels (B, L), negative ones left out. The blank
    is config.pad_token_id. One number for each recording, then config.ctc_loss_reduction: their sum, or the mean of
    what each has per character.
    """
    _check_labels(labels, config.vocab_size, "characters")
    if tf.executing_eagerly() and "GPU" not in labels.device:
        check_characters(labels.numpy().tolist(), frames.numpy().tolist(), config)
    blank, T = blank_of(config), ops.shape(logits)[1]
    logits, labels, frames = ops.cast(logits, "float32"), ops.cast(labels, "int32"), ops.cast(frames, "int32")
    characters = tf.ragged.boolean_mask(labels, labels >= 0)  # moved together, each row as long as it is
    counts = ops.cast(characters.row_lengths(), "int32")
    dense = characters.to_tensor(IGNORED)
    repeats = tf.math.count_nonzero((dense[:, 1:] == dense[:, :-1]) & (dense[:, 1:] >= 0), 1, dtype="int32")
    is_empty, is_long = counts == 0, counts + repeats > frames  # between two equal characters there must be a blank
    # TensorFlow refuses the first, and gives NaN as gradient of the second: it gets another character for them.
    other = tf.fill((ops.shape(labels)[0], 1), 0 if blank else 1)
    characters = tf.ragged.boolean_mask(
        tf.concat([other, dense], 1), tf.concat([(is_empty | is_long)[:, None], ~is_long[:, None] & (dense >= 0)], 1)
    )
    losses = tf.nn.ctc_loss(
        characters.to_sparse(),
        logits,
        None,
        ops.where(is_empty | is_long, T, frames),
        logits_time_major=False,
        blank_index=blank,
    )
    blanks = ops.log_softmax(logits)[..., blank]  # (B, T)
    blanks = ops.sum(ops.where(ops.arange(T) < frames[:, None], blanks, 0.0), 1)
    losses = ops.where(is_empty, -blanks, ops.where(is_long, 0.0 if config.ctc_zero_infinity else math.inf, losses))
    if config.ctc_loss_reduction == "mean":
        return ops.mean(losses / ops.cast(ops.maximum(counts, 1), "float32"))
    return ops.sum(losses) if config.ctc_loss_reduction == "sum" else losses


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


def _check_labels(labels: tf.Tensor, count: int, kind: str | None = None) -> None:
    if labels.dtype.is_floating:
        raise spoken(
            ValueError,
            "labels are {dtype} numbers, expected whole numbers from 0 to {last} (tf.int64)",
            dtype=labels.dtype.name,
            last=count - 1,
        )
    if tf.executing_eagerly() and "GPU" not in labels.device:
        values = labels.numpy()
        wrong = values[(values != IGNORED) & ((values < 0) | (values >= count))]
        if wrong.size:
            worst = int(wrong.min()) if wrong.min() < 0 else int(wrong.max())
            raise label_out_of_range(worst, count, kind)
