"""Learning hidden words, for the recipes of masked language models: the batches, the loss, the score.

A `head` turns vectors of hidden places (N, D) into scores over the vocabulary (N, V); each recipe has its own.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from hfquick import DataCollatorForLanguageModeling

from . import tokens

Head = Callable[[torch.nn.Module, torch.Tensor], torch.Tensor]


def guesses(model: torch.nn.Module, batch: Any, head: Head) -> tuple[torch.Tensor, torch.Tensor]:
    """Scores over the vocabulary (N, V) for the hidden places only, and what was there (N,): a head over all of them
    would be the slowest part of a tiny model.

    N is filled to a multiple of 64 with labels of -100, so that few shapes occur.
    """
    labels = batch["labels"].flatten()
    places = (labels != -100).nonzero()[:, 0]
    more = (0, -len(places) % 64)
    places, gold = F.pad(places, more), F.pad(labels[places], more, value=-100)
    states = model.base_model(batch["input_ids"], batch["attention_mask"]).last_hidden_state.flatten(0, 1)[places]
    return head(model, states).float(), gold


class MaskedTrainer(tokens.TokenTrainer):
    """Learns hidden words; the collator hides others in every pass."""

    def __init__(self, *args: Any, head: Head, **kwargs: Any) -> None:
        self.head = head
        super().__init__(*args, **kwargs)

    def compute_loss(
        self, model: torch.nn.Module, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        scores, gold = guesses(model, inputs, self.head)
        count = (gold != -100).sum().clamp(min=1)  # in a batch of few short rows chance may hide nothing
        loss = F.cross_entropy(scores, gold, reduction="sum") / count
        return (loss, scores) if return_outputs else loss


def start_from(bias: torch.nn.Parameter, counts: np.ndarray) -> None:
    """Set the bias of a head (V,) so that an untrained model guesses every piece as often as it occurs."""
    with torch.no_grad():
        bias.copy_(torch.tensor(np.log((counts + 1) / counts.sum())))


def learn(
    name: str,
    model: torch.nn.Module,
    tokenizer: Any,
    head: Head,
    ids: list[list[int]],
    dev: list[str],
    hidden: float,
    size: int,
    **options: Any,
) -> None:
    """Train a model on texts as ids, with the share `hidden` of their pieces hidden, in batches of `size` tokens.

    The run is kept under `name` and goes on where it broke off; `dev` texts are measured on the way.
    """
    trainer = MaskedTrainer(
        model,
        tokens.arguments(name, eval_steps=1000, prediction_loss_only=True, **options),
        hider(tokenizer, hidden),
        train_dataset=[{"input_ids": row} for row in ids],
        eval_dataset=[{"input_ids": row} for row in tokens.encode(tokenizer, dev, 128)],
        tokens=size,
        head=head,
    )
    trainer.train_to_the_end()


def hider(tokenizer: Any, chance: float) -> DataCollatorForLanguageModeling:
    return DataCollatorForLanguageModeling(tokenizer, mlm_probability=chance, pad_to_multiple_of=tokens.STEP)


def frequencies(ids: list[list[int]], size: int, special: int) -> np.ndarray:
    """How often each piece occurs in some texts (V,); special ones count 0."""
    counts = np.bincount(np.concatenate(ids), minlength=size)
    counts[:special] = 0
    return counts


@torch.inference_mode()
def evaluate(
    model: torch.nn.Module, tokenizer: Any, some: list[str], counts: np.ndarray, head: Head
) -> dict[str, float]:
    """Hidden words found and perplexity, beside a baseline that knows only how frequent every piece is.

    15 % are hidden; the same ones in every call.
    """
    likely = torch.tensor(np.log((counts + 1) / (counts + 1).sum()))
    loss = right = unigram = frequent = total = 0.0
    rows = [{"input_ids": ids} for ids in tokens.encode(tokenizer, some, 256)]
    for batch in tokens.TokenLoader(rows, hider(tokenizer, 0.15), 8192):
        scores, gold = guesses(model, batch, head)
        known = gold != -100
        scores, gold = scores[known], gold[known]
        loss += F.cross_entropy(scores, gold, reduction="sum").item()
        right += (scores.argmax(-1) == gold).sum().item()
        unigram -= likely[gold].sum().item()
        frequent += (gold == int(counts.argmax())).sum().item()
        total += len(gold)
    return {
        "accuracy": right / total,
        "perplexity": float(np.exp(loss / total)),
        "unigram accuracy": frequent / total,
        "unigram perplexity": float(np.exp(unigram / total)),
    }


def load(folder: Path) -> tuple[Any, Any]:
    """The model and the tokenizer of a folder."""
    from hfquick import AutoModelForMaskedLM, AutoTokenizer

    return AutoModelForMaskedLM.from_pretrained(str(folder)).eval(), AutoTokenizer.from_pretrained(str(folder))


def likelihood(folder: Path, some: list[str], counts: np.ndarray, head: Head) -> float:
    """Mean log-probability of the hidden pieces of some texts, for the model in a folder."""
    return -math.log(evaluate(*load(folder), some, counts, head)["perplexity"])
