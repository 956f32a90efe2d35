"""The second training of the masked language models: everyday sentences, among the texts of the first one.

A model that has only read film reviews or old literature does not know what stands on a table. It continues with the
sentences of `common_sentences.py`, one word masked in each, as people type them, and with a part of what it has read
before, so that it forgets nothing.
"""

import json
import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch

from . import common_sentences, extend, masked, sources, tokens
from .common import SEED, TRAININGS, ZOO, Clock, free, publish, record, remember, save_half
from .common_sentences import Sentence
from .tokens import Row

PASSES = 3  # how often the templates are expanded, each time to other sentences
SHOWN = 12  # dev sentences in the card, the first of the file
FREQUENT = 3500  # words of the language that get a token of their own


class Round(NamedTuple):
    """A part of the second training, with a learning rate that falls to zero."""

    epochs: float
    learning_rate: float
    weight: float = 1  # of what the round made of the weights; the rest stays as it was before it


class Second(NamedTuple):
    """What one model's second training needs."""

    name: str
    language: str
    head: masked.Head
    replayed: Sequence[str]  # the texts of the first training
    short: Sequence[str]  # everyday sentences from elsewhere: one word, or some, are masked
    dev: Sequence[str]  # held-out texts of the first training's kinds
    replay: float  # millions of tokens of `replayed`
    rounds: Sequence[Round]
    weight: float = 1  # of what the second training made of the weights; the rest stays with the first one's
    size: int = 2048  # tokens per batch
    mlm_probability: float = 0.2


def everyday(language: str) -> list[Sentence]:
    return [sentence for turn in range(PASSES) for sentence in common_sentences.sentences(language, SEED + turn)]


def new_words(second: Second) -> list[str]:
    """What gets a token of its own: the words that may be masked, and frequent ones."""
    texts = [*second.replayed, *second.short, *(text for text, _ in common_sentences.sentences(second.language))]
    frequent = sources.frequent_words(second.language)[:FREQUENT]
    spaced = extend.forms(everyday(second.language)) + extend.frequent_forms(frequent, texts)
    return [*spaced, *(extend.joined_forms(texts) if second.language == "fr" else ())]


def rows(second: Second, tokenizer: Any) -> list[Row]:
    """All rows of the training: everyday sentences with a mask; short ones, half of them with one; texts."""
    rng = random.Random(SEED)
    found = masked.chosen_rows(tokenizer, everyday(second.language))
    whole, one = [], []
    for text in second.short:
        words = [match.span() for match in re.finditer(r"[^\W\d_]{3,}", text)]
        if words and rng.random() < 0.5:
            one.append(Sentence(text, (rng.choice(words),)))
        else:
            whole.append(text)
    found += masked.chosen_rows(tokenizer, one)
    print(f"{len(found)} rows with one mask", flush=True)
    found += [{"input_ids": ids} for ids in tokens.encode(tokenizer, whole, 128)]
    left = second.replay * 1e6
    replayed = rng.sample(second.replayed, len(second.replayed))
    for start in range(0, len(replayed), 5000):
        for ids in tokens.encode(tokenizer, replayed[start : start + 5000], 256):
            if left > 0:
                found.append({"input_ids": ids})
                left -= len(ids)
        if left <= 0:
            break
    print(f"{len(found)} rows, {sum(len(row['input_ids']) for row in found) / 1e6:.2f} million tokens", flush=True)
    return found


def train(second: Second, source: Path, start: Callable[[], tuple[Any, Any]] | None = None) -> None:
    """Train the model of the folder `source`, or the one that `start` makes; if it is better it goes into the zoo."""
    clock = Clock()
    torch.manual_seed(SEED)
    folder = sources.WORK / "models" / second.name
    folder.mkdir(parents=True, exist_ok=True)
    model, tokenizer = start() if start else extend.grown(source, folder, new_words(second))
    model = tokens.without_dropout(model)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    data = rows(second, tokenizer)
    for number, part in enumerate(second.rounds):
        start_of_round = {name: value.clone() for name, value in model.state_dict().items()}
        options = {"num_train_epochs": part.epochs, "learning_rate": part.learning_rate, "seed": SEED + number}
        masked.fit(
            f"{second.name}-{number + 1}",
            model,
            tokenizer,
            second.head,
            data,
            list(second.dev[:400]),
            second.mlm_probability,
            second.size,
            **options,
        )
        blend(model, start_of_round, part.weight)
    blend(model, before, second.weight)
    remember(second.name, texts(second))
    save_half(model, folder)
    if publish(folder, lambda some: score(second, some)):
        known = json.loads(TRAININGS.read_text(encoding="utf-8")).get(second.name, {})
        record(second.name, **{**known, **facts(second, data, clock.minutes())})


@torch.no_grad()
def blend(model: torch.nn.Module, before: dict[str, torch.Tensor], weight: float) -> None:
    """Weights between those from before a training and those from after it: most of the new, nearly all of the old.

    Wortsman et al. 2022, https://arxiv.org/abs/2109.01903.
    """
    for name, value in model.named_parameters():  # each once, though the head shares the table of embeddings
        value.lerp_(before[name], 1 - weight)


def facts(second: Second, data: Sequence[Row], minutes: float) -> dict[str, Any]:
    """What only the second training knows, for the card."""
    return {
        "everyday_minutes": minutes,
        "everyday_millions": round(sum(len(row["input_ids"]) for row in data) / 1e6, 1),
        "sentences": len({text for text, _ in everyday(second.language)}),
    }


def card(second: Second) -> dict[str, Any]:
    """What the card says of everyday words: the share that is right, and one line for each of some dev sentences."""
    model, tokenizer = masked.load(ZOO / second.name)
    answers = list(masked.everyday_answers(model, tokenizer, second.language))
    shown = "\n".join(
        f"- {text} → {', '.join(f'*{word}*' for word in words[:3])}" for text, words, _ in answers[:SHOWN]
    )
    share = sum(right for *_, right in answers) / len(answers)
    return {
        "everyday": share,
        "asked": len(answers),
        "shown": shown,
        "weight": second.weight,
        "epochs_everyday": sum(part.epochs for part in second.rounds),
    }


def texts(second: Second) -> list[str]:
    """Everything that the second training may read."""
    return [*second.replayed, *second.short, *(text for text, _ in everyday(second.language))]


def score(second: Second, folder: Path) -> float:
    """What chooses a model: the share of right everyday words, and the mean log-probability of held-out tokens."""
    model, tokenizer = masked.load(folder)
    share = masked.everyday_share(model, tokenizer, second.language)
    likelihood = masked.likelihood(folder, list(second.dev), None, second.head)
    print(f"{folder}: {share:.3f} of everyday words, log-likelihood {likelihood:.4f}", flush=True)
    return share + likelihood


def kept(found: Sequence[str]) -> list[str]:
    return [text for text in found if free(text)]
