"""Masked language modeling, for the recipes of such models: the batches, the loss, the score.

A `head` turns the hidden states of masked positions (N, D) into logits over the vocabulary (N, V); each recipe has its
own.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from hfquick import DataCollatorForLanguageModeling

from . import common_sentences, tokens
from .common_sentences import Sentence
from .tokens import Row

Head = Callable[[torch.nn.Module, torch.Tensor], torch.Tensor]


def masked_logits(model: torch.nn.Module, batch: Any, head: Head) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits (N, V) of the masked positions only, and their labels (N,): a head over all positions would be the slowest
    part of a tiny model.

    N is padded to a multiple of 64 with labels of -100, so that few shapes occur.
    """
    labels = batch["labels"].flatten()
    positions = (labels != -100).nonzero()[:, 0]
    more = (0, -len(positions) % 64)
    positions, gold = F.pad(positions, more), F.pad(labels[positions], more, value=-100)
    states = model.base_model(batch["input_ids"], batch["attention_mask"]).last_hidden_state.flatten(0, 1)[positions]
    return head(model, states).float(), gold


class MaskedTrainer(tokens.TokenTrainer):
    """Trains a masked language model; the collator masks other tokens in every epoch."""

    def __init__(self, *args: Any, head: Head, **kwargs: Any) -> None:
        self.head = head
        super().__init__(*args, **kwargs)

    def compute_loss(
        self, model: torch.nn.Module, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        logits, gold = masked_logits(model, inputs, self.head)
        count = (gold != -100).sum().clamp(min=1)  # in a batch of few short rows no token may happen to be masked
        loss = F.cross_entropy(logits, gold, reduction="sum") / count
        return (loss, logits) if return_outputs else loss


def init_bias(bias: torch.nn.Parameter, counts: np.ndarray) -> None:
    """Initialise the bias of a head (V,) so that an untrained model predicts every token as often as it occurs."""
    with torch.no_grad():
        bias.copy_(torch.tensor(np.log((counts + 1) / counts.sum())))


def fit(
    name: str,
    model: torch.nn.Module,
    tokenizer: Any,
    head: Head,
    rows: list[Row],
    dev: list[str],
    mlm_probability: float,
    size: int,
    **options: Any,
) -> None:
    """Train a model on rows of token ids, `mlm_probability` of them masked, in batches of `size` tokens.

    In a row that has a mask already, only that word is predicted (`chosen_rows`).

    Checkpoints are kept under `name` and a run that broke off is resumed; `dev` texts are evaluated during training.
    """
    trainer = MaskedTrainer(
        model,
        tokens.arguments(name, eval_steps=1000, prediction_loss_only=True, **options),
        ChosenCollator(tokenizer, mlm_probability),
        train_dataset=rows,
        eval_dataset=[{"input_ids": row} for row in tokens.encode(tokenizer, dev, 128)],
        tokens=size,
        head=head,
    )
    trainer.train_to_the_end()


class ChosenCollator:
    """Masks as `masking_collator` does, but in a row that has a mask already only that one counts: its "labels" is the
    token it hides."""

    def __init__(self, tokenizer: Any, mlm_probability: float) -> None:
        self.mask = tokenizer.mask_token_id
        self.collate = masking_collator(tokenizer, mlm_probability)

    def __call__(self, features: list[Any]) -> Any:
        batch = self.collate([{"input_ids": row["input_ids"]} for row in features])
        for place, row in enumerate(features):
            if self.mask in row["input_ids"]:
                ids = torch.tensor(row["input_ids"])
                batch["input_ids"][place, : len(ids)] = ids
                batch["labels"][place] = -100
                batch["labels"][place, : len(ids)][ids == self.mask] = row["labels"]
        return batch


def chosen_rows(tokenizer: Any, sentences: Sequence[Sentence]) -> list[Row]:
    """Sentences -> a row for each word that may be masked and is one token, with the mask in its place."""
    found: list[Row] = []
    encoded = tokenizer([text for text, _ in sentences], return_offsets_mapping=True)
    for (_, spans), ids, offsets in zip(sentences, encoded["input_ids"], encoded["offset_mapping"], strict=True):
        places = [place for place, (a, b) in enumerate(offsets) if b > a and (a, b) in spans]
        for place in places:
            found.append(
                {"input_ids": [*ids[:place], tokenizer.mask_token_id, *ids[place + 1 :]], "labels": ids[place]}
            )
        if not places:
            found.append({"input_ids": ids})
    return found


def everyday_share(model: Any, tokenizer: Any, language: str, most: int = 5) -> float:
    """In how many of the dev sentences one of the most probable words is one that a person would accept."""
    return sum(right for *_, right in everyday_answers(model, tokenizer, language, most)) / len(
        common_sentences.dev(language)
    )


def everyday_answers(model: Any, tokenizer: Any, language: str, most: int = 5) -> Iterator[tuple[str, list[str], bool]]:
    """(sentence, the most probable words, whether one of them is accepted) for each dev sentence."""
    for row in common_sentences.dev(language):
        text = f"{row.before}{tokenizer.mask_token}{row.after}"
        words = [word for word, _ in most_probable(model, tokenizer, text, most)]
        accepted = {word.lower() for word in row.accepted}
        yield text, words, any(word.lower() in accepted for word in words)


@torch.inference_mode()
def most_probable(model: Any, tokenizer: Any, text: str, most: int = 3) -> list[tuple[str, float]]:
    """The most probable words for the mask of a text, with their probabilities."""
    ids = tokenizer(text, return_tensors="pt")
    [position] = (ids["input_ids"][0] == tokenizer.mask_token_id).nonzero()[:, 0]
    probabilities, tokens = model(**ids).logits[0, position].float().softmax(-1).topk(most)
    pairs = zip(tokens.tolist(), probabilities.tolist(), strict=True)
    return [(tokenizer.decode([token]).strip(), probability) for token, probability in pairs]


def masking_collator(tokenizer: Any, mlm_probability: float) -> DataCollatorForLanguageModeling:
    return DataCollatorForLanguageModeling(tokenizer, mlm_probability=mlm_probability, pad_to_multiple_of=tokens.STEP)


def frequencies(ids: list[list[int]], size: int, special: int) -> np.ndarray:
    """How often each token occurs in some texts (V,); special ones count 0."""
    counts = np.bincount(np.concatenate(ids), minlength=size)
    counts[:special] = 0
    return counts


@torch.inference_mode()
def evaluate(
    model: torch.nn.Module, tokenizer: Any, some: list[str], counts: np.ndarray | None, head: Head
) -> dict[str, float]:
    """Accuracy and perplexity on masked tokens, beside a unigram model, which knows only how frequent every token is.

    15 % are masked; the same ones in every call. Without counts of the tokens the unigram model guesses.
    """
    counts = np.ones(len(tokenizer)) if counts is None else counts
    likely = torch.tensor(np.log((counts + 1) / (counts + 1).sum()))
    loss = right = unigram = frequent = total = 0.0
    rows = [{"input_ids": ids} for ids in tokens.encode(tokenizer, some, 256)]
    for batch in tokens.TokenLoader(rows, masking_collator(tokenizer, 0.15), 8192):
        logits, gold = masked_logits(model, batch, head)
        known = gold != -100
        logits, gold = logits[known], gold[known]
        loss += F.cross_entropy(logits, gold, reduction="sum").item()
        right += (logits.argmax(-1) == gold).sum().item()
        unigram -= likely[gold].sum().item()
        frequent += (gold == int(counts.argmax())).sum().item()
        total += len(gold)
    return {
        "accuracy": right / total,
        "perplexity": float(np.exp(loss / total)),
        "unigram accuracy": frequent / total,
        "unigram perplexity": float(np.exp(unigram / total)),
    }


def scores(
    model: torch.nn.Module, tokenizer: Any, texts: dict[str, list[str]], counts: np.ndarray | None, head: Head
) -> list[tuple[Any, ...]]:
    """A card's rows, one for each source of held-out texts: its name, how many texts, and what `evaluate` found."""
    return [
        (source, len(some), *rounded(evaluate(model, tokenizer, some, counts, head))) for source, some in texts.items()
    ]


def rounded(found: dict[str, float]) -> list[float]:
    """What `evaluate` found, as a card shows it."""
    return [round(value, 4 if "acc" in name else 1) for name, value in found.items()]


def load(folder: Path) -> tuple[Any, Any]:
    """The model and the tokenizer of a folder."""
    from hfquick import AutoModelForMaskedLM, AutoTokenizer

    return AutoModelForMaskedLM.from_pretrained(str(folder)).eval(), AutoTokenizer.from_pretrained(str(folder))


def likelihood(folder: Path, some: list[str], counts: np.ndarray | None, head: Head) -> float:
    """Mean log-probability of the masked tokens of some texts, for the model in a folder."""
    return -math.log(evaluate(*load(folder), some, counts, head)["perplexity"])
