"""Losses of the heads, and the check of their labels.

Twin in Keras: losses_tf.py.

Shapes: B batch, T tokens, N labels.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from ..cpu.looking import may_look
from ..i18n import spoken
from ..utils.errors import label_out_of_range
from .configuration import PreTrainedConfig
from .sounds import blank_of, check_characters


def problem_type(config: PreTrainedConfig, labels: Tensor) -> str:
    """What a sequence classification head is trained for, told by its labels where the configuration does not say."""
    return config.problem_type or (
        "regression" if config.num_labels == 1
        else "multi_label_classification" if labels.is_floating_point() else "single_label_classification"
    )  # fmt: skip


def classification_loss(logits: Tensor, labels: Tensor, config: PreTrainedConfig) -> Tensor:
    """Loss of one prediction per text: squared error, cross-entropy, or binary cross-entropy for several labels.

    logits (B, N); labels (B,) whole numbers, (B,) numbers for a regression, (B, N) zeros and ones for several labels.
    """
    kind = problem_type(config, labels)
    remember(kind, config)
    if kind == "regression":
        return F.mse_loss(logits.squeeze(-1), labels.to(logits.dtype).view_as(logits.squeeze(-1)))
    if kind == "multi_label_classification":
        return F.binary_cross_entropy_with_logits(logits, labels.to(logits.dtype))
    return token_loss(logits, labels)


def remember(kind: str, config: PreTrainedConfig) -> None:
    """Keep in the configuration that outputs are numbers, or several labels: whoever loads the model must know."""
    if config.problem_type is None and kind != "single_label_classification" and not torch.compiler.is_compiling():
        config.problem_type = kind


def token_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean cross-entropy of logits (..., N) and labels (...), those labelled -100 left out; nan where all are."""
    _check_labels(labels, logits.shape[-1])
    labels = labels.long()  # cross_entropy takes no other whole numbers
    return F.cross_entropy(logits.reshape(-1, logits.shape[-1]), labels.reshape(-1))


def scores_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Binary cross-entropy of logits (B, N) and labels (B, N) between 0 and 1: summed over N, then the mean over B.

    As for visual question answering: Teney et al. 2017, "Tips and Tricks" (https://arxiv.org/abs/1708.02711).
    """
    return F.binary_cross_entropy_with_logits(logits, labels.to(logits.dtype)) * labels.shape[1]


def ctc_loss(logits: Tensor, labels: Tensor, frames: Tensor, config: PreTrainedConfig) -> Tensor:
    """Connectionist temporal classification (Graves et al. 2006, https://www.cs.toronto.edu/~graves/icml_2006.pdf).

    logits (B, T, V) in `frames` (B,) frames, those after are padding; labels (B, L), negative ones left out. The blank
    is config.pad_token_id. One number for each recording, then config.ctc_loss_reduction: their sum, or the mean of
    what each has per character.
    """
    _check_labels(labels, config.vocab_size, "characters")
    is_label = labels >= 0
    counts = is_label.sum(1)
    if may_look(labels) and may_look(frames):
        check_characters(labels.tolist(), frames.tolist(), config)
    scores = logits.float().log_softmax(-1).transpose(0, 1)  # (T, B, V)
    return F.ctc_loss(
        scores,
        labels[is_label].long(),
        frames.long().clamp(min=0),
        counts,
        blank=blank_of(config),
        reduction=config.ctc_loss_reduction,
        zero_infinity=config.ctc_zero_infinity,
    )


def span_loss(start_logits: Tensor, end_logits: Tensor, starts: Tensor, ends: Tensor) -> Tensor:
    """Mean cross-entropy of the first and last tokens of answers: logits (B, T), positions (B,), those past T left out.

    The mean over all positions that count, so that an answer of which only one end was cut off still has a loss.
    """
    T = start_logits.shape[-1]
    starts, ends = starts.reshape(-1).clamp(0, T), ends.reshape(-1).clamp(0, T)
    return F.cross_entropy(torch.cat([start_logits, end_logits]), torch.cat([starts, ends]), ignore_index=T)


def _check_labels(labels: Tensor, count: int, kind: str | None = None) -> None:
    if labels.is_floating_point():
        raise spoken(
            ValueError,
            "labels are {dtype} numbers, expected whole numbers from 0 to {last} (torch.long)",
            dtype=labels.dtype,
            last=count - 1,
        )
    if may_look(labels):
        wrong = labels[(labels != -100) & ((labels < 0) | (labels >= count))]
        if wrong.numel():
            worst = int(wrong.min()) if wrong.min() < 0 else int(wrong.max())
            raise label_out_of_range(worst, count, kind)
