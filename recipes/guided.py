"""Attention that is shown where to look: a tiny writer with an encoder needs it, or it never looks at what it read.

From few texts such a model learns at first to write what is often written, whatever was read, and stays there: with the
sources exchanged, its loss was hardly worse. So the last layer's attention over the encoder is told, while it learns,
which pieces of the source a piece of the target belongs to (guided alignment, Chen et al. 2016,
https://arxiv.org/abs/1607.01628). What belongs together comes from counting: IBM's model 1 (Brown et al. 1993).
"""

from typing import Any

import numpy as np
import torch

from . import tokens

WEIGHT = 0.5  # of the attention's loss beside that of the words
SURE = 0.3  # probability from which on a piece of the target is said to belong to one of the source


def lexicon(rows: list[tokens.Row], size: int, skip: int = 0, rounds: int = 4) -> np.ndarray:
    """How probable each piece of the target is beside each piece of the source: (V, V), by expectation maximisation.

    `skip` leaves out that many pieces at the start of every source, such as a task's prefix.
    """
    source = [np.array(row["input_ids"][skip:]) for row in rows]
    target = [np.array(row["labels"]) for row in rows]
    links = np.concatenate([(x[:, None] * size + y).ravel() for x, y in zip(source, target, strict=True)])
    # A column of links is one piece of a target beside every piece of its source: `column` numbers them.
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
    """A TokenTrainer whose model is told where to look by a table of what belongs together (V source, V target).

    Nothing belongs to the first `skip` pieces of a source.
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
        looks = outputs.cross_attentions[-1].float().mean(1)  # (B, T, S)
        mask = inputs["attention_mask"].clone()
        mask[:, : self.skip] = 0
        wanted = belongs(self.table, inputs["input_ids"], inputs["labels"], mask)
        loss = outputs.loss + WEIGHT * looking_loss(looks, wanted)
        return (loss, outputs) if return_outputs else loss


def belongs(table: torch.Tensor, source: torch.Tensor, target: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Source (B, S) and target (B, T; -100 is no piece) -> how the places of the source share each piece of the target.

    (B, T, S); rows add up to 1, or are 0 where nothing is sure.
    """
    found = table[source[:, None, :], target.clamp(min=0)[:, :, None]] * mask[:, None, :]
    found = found / found.sum(-1, keepdim=True).clamp(min=1e-9)
    sure = (found.amax(-1) > SURE) & (target >= 0)
    return found * sure[:, :, None]


def looking_loss(looks: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of the attention (B, T, S) beside where it should look, mean over the pieces that are sure."""
    count = wanted.sum().clamp(min=1)
    return -(wanted * (looks + 1e-6).log()).sum() / count


def looking_straight(model: torch.nn.Module) -> torch.nn.Module:
    """The same model with no dropout in its attention: a weight that was dropped cannot be told where to look."""
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Dropout) and "att" in name.rpartition(".")[0].rpartition(".")[2].lower():
            module.p = 0.0
    return model
