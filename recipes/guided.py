"""Guided alignment: supervised cross-attention. A tiny encoder-decoder model needs it, or it ignores its source.

Trained on few texts, such a model becomes a language model of its targets and stays one: with the sources exchanged,
its loss was hardly worse. So the cross-attention of the last layer gets a loss of its own, which says to which tokens
of the source a token of the target is aligned (Chen et al. 2016, https://arxiv.org/abs/1607.01628). The alignments come
from counting, by IBM model 1 (Brown et al. 1993).
"""

from typing import Any

import numpy as np
import torch

from . import tokens

WEIGHT = 0.5  # of the alignment loss, beside the language-modeling loss
SURE = 0.3  # probability from which on a token of the target counts as aligned to one of the source


def lexical_table(rows: list[tokens.Row], size: int, skip: int = 0, rounds: int = 4) -> np.ndarray:
    """Probability of each target token given each source token, (V, V): IBM model 1, by expectation maximisation.

    `skip` leaves out that many tokens at the start of every source, such as a task's prefix.
    """
    source = [np.array(row["input_ids"][skip:]) for row in rows]
    target = [np.array(row["labels"]) for row in rows]
    links = np.concatenate([(x[:, None] * size + y).ravel() for x, y in zip(source, target, strict=True)])
    # A column of links is one token of a target beside every token of its source: `column` numbers them.
    starts = np.cumsum([0] + [len(y) for y in target[:-1]])
    column = np.concatenate(
        [np.tile(np.arange(len(y)) + start, len(x)) for x, y, start in zip(source, target, starts, strict=True)]
    )
    found = np.full(size * size, 1 / size, np.float32)
    for _ in range(rounds):
        share = found[links]
        share /= np.bincount(column, share)[column]
        counts = np.bincount(links, share, size * size).reshape(size, size)
        found = (counts / np.maximum(counts.sum(1, keepdims=True), 1e-9)).astype(np.float32).ravel()
    return found.reshape(size, size)


class GuidedTrainer(tokens.TokenTrainer):
    """A TokenTrainer that supervises cross-attention with a lexical table (V source, V target).

    Nothing is aligned to the first `skip` tokens of a source.
    """

    def __init__(self, *args: Any, table: np.ndarray, skip: int = 0, **kwargs: Any) -> None:
        self.table, self.skip = torch.from_numpy(table), skip
        super().__init__(*args, **kwargs)

    def compute_loss(
        self, model: torch.nn.Module, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        if not model.training:
            return super().compute_loss(model, inputs, return_outputs)
        outputs = model(**inputs, output_attentions=True)
        attention = outputs.cross_attentions[-1].float().mean(1)  # (B, T, S), mean of the heads
        mask = inputs["attention_mask"].clone()
        mask[:, : self.skip] = 0
        targets = alignment_targets(self.table, inputs["input_ids"], inputs["labels"], mask)
        loss = outputs.loss + WEIGHT * alignment_loss(attention, targets)
        return (loss, outputs) if return_outputs else loss


def alignment_targets(
    table: torch.Tensor, source: torch.Tensor, target: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    """Source ids (B, S) and target ids (B, T; -100 is no token) -> how the source positions share each target token.

    (B, T, S); rows add up to 1, or are 0 where no alignment is sure.
    """
    found = table[source[:, None, :], target.clamp(min=0)[:, :, None]] * mask[:, None, :]
    found = found / found.sum(-1, keepdim=True).clamp(min=1e-9)
    sure = (found.amax(-1) > SURE) & (target >= 0)
    return found * sure[:, :, None]


def alignment_loss(attention: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of the attention (B, T, S) against the alignment, mean over the tokens whose alignment is sure."""
    count = targets.sum().clamp(min=1)
    return -(targets * (attention + 1e-6).log()).sum() / count


def without_attention_dropout(model: torch.nn.Module) -> torch.nn.Module:
    """The same model with no dropout in its attention: an attention weight that was dropped cannot be supervised."""
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Dropout) and "att" in name.rpartition(".")[0].rpartition(".")[2].lower():
            module.p = 0.0
    return model
