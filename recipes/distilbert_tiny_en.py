"""distilbert-tiny-en: an English masked language model, a DistilBERT of 3 layers.

Run: python -m recipes.distilbert_tiny_en
"""

import math
import random
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from hfquick import DataCollatorForLanguageModeling

from . import english, shrink, sources, tokens
from .common import (
    SEED,
    SPECIAL,
    ZOO,
    Clock,
    copy_tokenizer,
    free,
    part,
    publish,
    record,
    remember,
    run,
    save_half,
    table,
    write_card,
    zoo_tokenizer,
)

NAME = "distilbert-tiny-en"
VOCABULARY = 7000
CONFIG = {
    "vocab_size": VOCABULARY,
    "dim": 192,
    "hidden_dim": 512,
    "n_layers": 3,
    "n_heads": 6,
    "max_position_embeddings": 512,
    "pad_token_id": 0,
}
EPOCHS, LR, TOKENS, HIDDEN = 1.25, 1.2e-3, 2048, 0.2


@cache
def texts() -> dict[str, dict[str, list[str]]]:
    """source -> part -> texts: film reviews, the Factbook, Debian's descriptions. Split by review, text, package."""
    found = {name: {"train": [], "dev": [], "test": []} for name in ("film reviews", "factbook", "debian")}
    guard = english.guard()
    draw = random.Random(SEED)
    for row in english.rows():
        if row.source == "imdb" and row.part != "train":
            found["film reviews"][row.part].append(row.text)
        elif row.source == "imdb" and draw.random() < 0.05:  # whole, so that late positions are learnt too
            found["film reviews"]["train"].append(" ".join(s for s in sources.sentences_of(row.text) if guard.clean(s)))
    found["film reviews"]["train"] += [text for text, _ in english.imdb_passages()]
    found["film reviews"]["train"] += [
        row.text for row in english.rows() if row.part == "train" and row.source != "imdb"
    ]
    for text in sources.factbook_prose():
        found["factbook"][part(text, 0.03, 0.01)].append(text)
    packages: dict[str, list[str]] = {}
    for package, en, _ in sources.debian_descriptions():
        packages.setdefault(package, []).append(en)
    for package, sentences in packages.items():
        found["debian"][part(package.split("-")[0], 0.03, 0.01)].append(" ".join(sentences))
    return found


def guesses(model: torch.nn.Module, batch: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Scores over the vocabulary (N, V) for the hidden places only, and what was there (N,): a head over all of them
    would be the slowest part of a tiny model.

    N is filled to a multiple of 64 with labels of -100, so that few shapes occur.
    """
    labels = batch["labels"].flatten()
    places = (labels != -100).nonzero()[:, 0]
    more = (0, -len(places) % 64)
    places, gold = F.pad(places, more), F.pad(labels[places], more, value=-100)
    states = model.distilbert(batch["input_ids"], batch["attention_mask"]).last_hidden_state.flatten(0, 1)[places]
    return model.vocab_projector(model.vocab_layer_norm(model.activation(model.vocab_transform(states)))).float(), gold


class MaskedTrainer(tokens.TokenTrainer):
    """Learns hidden words; the collator hides others in every pass."""

    def compute_loss(
        self, model: torch.nn.Module, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        scores, gold = guesses(model, inputs)
        count = (gold != -100).sum().clamp(min=1)  # in a batch of few short rows chance may hide nothing
        loss = F.cross_entropy(scores, gold, reduction="sum") / count
        return (loss, scores) if return_outputs else loss


def hider(tokenizer: Any, chance: float) -> DataCollatorForLanguageModeling:
    return DataCollatorForLanguageModeling(tokenizer, mlm_probability=chance, pad_to_multiple_of=tokens.STEP)


@torch.inference_mode()
def evaluate(model: torch.nn.Module, tokenizer: Any, some: list[str]) -> dict[str, float]:
    """Hidden words found and perplexity, beside a baseline that knows only how frequent every piece is.

    15 % are hidden; the same ones in every call.
    """
    counts = frequencies()
    likely = torch.tensor(np.log((counts + 1) / (counts + 1).sum()))
    loss = right = unigram = frequent = total = 0.0
    rows = [{"input_ids": ids} for ids in tokens.encode(tokenizer, some, 256)]
    for batch in tokens.TokenLoader(rows, hider(tokenizer, 0.15), 8192):
        scores, gold = guesses(model, batch)
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


def likelihood(folder: Path) -> float:
    """Mean log-probability of the hidden pieces of the dev texts, for the model in a folder."""
    model, tokenizer = load(folder)
    return -math.log(evaluate(model, tokenizer, part_of("dev"))["perplexity"])


def part_of(name: str) -> list[str]:
    return [text for parts in texts().values() for text in parts[name] if free(text)]


def load(folder: Path) -> tuple[Any, Any]:
    from hfquick import AutoModelForMaskedLM, AutoTokenizer

    return AutoModelForMaskedLM.from_pretrained(str(folder)).eval(), AutoTokenizer.from_pretrained(str(folder))


def vocabulary() -> Any:
    return zoo_tokenizer(NAME, lambda: part_of("train"), VOCABULARY, "DistilBertTokenizer")


@cache
def train_ids() -> list[list[int]]:
    return tokens.encode(vocabulary(), part_of("train"), 512)


@cache
def frequencies() -> np.ndarray:
    """How often each piece occurs in the training texts (V,); special ones count 0."""
    counts = np.bincount(np.concatenate(train_ids()), minlength=VOCABULARY)
    counts[: len(SPECIAL)] = 0
    return counts


def train() -> None:
    from hfquick import AutoModelForMaskedLM, DistilBertConfig

    clock = Clock()
    torch.manual_seed(SEED)
    folder = sources.WORK / "models" / NAME
    tokenizer = vocabulary()
    copy_tokenizer(ZOO / NAME, folder)
    rows = [{"input_ids": ids} for ids in train_ids()]
    counts = frequencies()
    model = tokens.without_dropout(AutoModelForMaskedLM.from_config(DistilBertConfig(**CONFIG)))
    with torch.no_grad():
        start = shrink.word_vectors(folder / "tokenizer.json", CONFIG["dim"])
        model.distilbert.embeddings.word_embeddings.weight.copy_(torch.tensor(start))
        model.vocab_projector.bias.copy_(torch.tensor(np.log((counts + 1) / counts.sum())))
    options = {"num_train_epochs": EPOCHS, "learning_rate": LR, "eval_steps": 1000, "prediction_loss_only": True}
    trainer = MaskedTrainer(
        model,
        tokens.arguments(NAME, **options),
        hider(tokenizer, HIDDEN),
        train_dataset=rows,
        eval_dataset=[{"input_ids": ids} for ids in tokens.encode(tokenizer, part_of("dev")[:600], 128)],
        tokens=TOKENS,
    )
    trainer.train_to_the_end()
    remember(NAME, part_of("train"))
    save_half(model, folder)
    if publish(folder, likelihood):
        pieces = sum(len(row["input_ids"]) for row in rows)
        record(NAME, minutes=clock.minutes(), epochs=EPOCHS, hidden=HIDDEN, millions=round(pieces / 1e6, 1))


def card() -> None:
    model, tokenizer = load(ZOO / NAME)
    lines = []
    for source, parts in texts().items():
        found = evaluate(model, tokenizer, parts["test"])
        lines.append(
            (source, len(parts["test"]), *(round(value, 4 if "acc" in name else 1) for name, value in found.items()))
        )
    head = (
        "held-out texts",
        "rows",
        "accuracy",
        "perplexity",
        "accuracy of the baseline",
        "perplexity of the baseline",
    )
    front = {
        "license": "apache-2.0",
        "language": ["en"],
        "library_name": "hfquick",
        "pipeline_tag": "fill-mask",
        "base_model": "sentence-transformers/all-MiniLM-L6-v2",
        "tags": ["distilbert", "fill-mask", "tiny", "education"],
        "metrics": ["accuracy", "perplexity"],
    }
    write_card(NAME, front, {**CONFIG, "scores": table(head, lines)})


if __name__ == "__main__":
    run(train, card)
