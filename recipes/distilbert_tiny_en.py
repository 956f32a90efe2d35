"""distilbert-tiny-en: an English masked language model, a DistilBERT of 3 layers.

Run: python -m recipes.distilbert_tiny_en
"""

import random
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from . import continued, english, everyday, masked, shrink, sources, tokens, vocabularies
from .common import (
    SEED,
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
EPOCHS, LR, TOKENS, MLM_PROBABILITY = 1.25, 1.2e-3, 2048, 0.2
REPLAY, WEIGHT = 1.2, 0.8  # of the second training; REPLAY in millions of tokens
ROUNDS = (continued.Round(1, 7e-4),)


@cache
def texts() -> dict[str, dict[str, list[str]]]:
    """source -> part -> texts: film reviews, the Factbook, Debian's descriptions. Split by review, text, package."""
    found = {name: {"train": [], "dev": [], "test": []} for name in ("film reviews", "factbook", "debian")}
    guard = english.guard()
    rng = random.Random(SEED)
    for row in english.rows():
        if row.source == "imdb" and row.part != "train":
            found["film reviews"][row.part].append(row.text)
        elif row.source == "imdb" and rng.random() < 0.05:  # whole, so that late positions are trained too
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


def head(model: torch.nn.Module, states: torch.Tensor) -> torch.Tensor:
    """Hidden states of masked positions -> logits over the vocabulary."""
    return model.vocab_projector(model.vocab_layer_norm(model.activation(model.vocab_transform(states))))


def likelihood(folder: Path) -> float:
    return masked.likelihood(folder, part_of("dev"), frequencies(), head)


def part_of(name: str) -> list[str]:
    return [text for parts in texts().values() for text in parts[name] if free(text)]


def vocabulary() -> Any:
    texts = partial(part_of, "train")
    return vocabularies.of(NAME, vocabularies.wordpiece, texts, VOCABULARY, "DistilBertTokenizer")


@cache
def train_ids() -> list[list[int]]:
    return tokens.encode(vocabulary(), part_of("train"), 512)


@cache
def frequencies() -> np.ndarray:
    """How often each token occurs in the training texts (V,); special ones count 0."""
    return masked.frequencies(train_ids(), len(vocabulary()), len(vocabularies.SPECIAL))


@cache
def short() -> list[str]:
    """Everyday sentences, composed, captions of stamps, and those by which WordNet shows what a word means."""
    found = [english for english, _ in everyday.sentences(20_000, SEED)]
    found += 4 * [english for english, _ in sources.stamp_sentences()]
    found += [sentence(text) for *_, examples in sources.wordnet() for text in examples if 4 <= len(text.split()) <= 12]
    return continued.kept(found)


def sentence(text: str) -> str:
    """With a capital letter at the beginning and a mark at the end."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def second() -> continued.Second:
    """Everyday sentences among film reviews, the Factbook and descriptions."""
    texts, options = (part_of("train"), short(), part_of("dev")), (REPLAY, ROUNDS, WEIGHT)
    return continued.Second(NAME, "en", head, *texts, *options)


def train() -> None:
    if not (ZOO / NAME / "model.safetensors").exists():
        first()
    continued.train(second(), ZOO / NAME)


def first() -> None:
    """Train on film reviews, the Factbook and descriptions; only the token embeddings are not random."""
    from hfquick import AutoModelForMaskedLM, DistilBertConfig

    clock = Clock()
    torch.manual_seed(SEED)
    folder = sources.WORK / "models" / NAME
    tokenizer = vocabulary()
    copy_tokenizer(ZOO / NAME, folder)
    model = tokens.without_dropout(AutoModelForMaskedLM.from_config(DistilBertConfig(**CONFIG)))
    with torch.no_grad():
        embeddings = shrink.token_embeddings(folder / "tokenizer.json", CONFIG["dim"])
        model.distilbert.embeddings.word_embeddings.weight.copy_(torch.tensor(embeddings))
    masked.init_bias(model.vocab_projector.bias, frequencies())
    options = {"num_train_epochs": EPOCHS, "learning_rate": LR}
    rows = [{"input_ids": ids} for ids in train_ids()]
    masked.fit(NAME, model, tokenizer, head, rows, part_of("dev")[:600], MLM_PROBABILITY, TOKENS, **options)
    remember(NAME, part_of("train"))
    save_half(model, folder)
    if publish(folder, likelihood):
        count = sum(map(len, train_ids()))
        record(
            NAME,
            minutes=clock.minutes(),
            epochs=EPOCHS,
            mlm_probability=MLM_PROBABILITY,
            millions=round(count / 1e6, 1),
        )


def card() -> None:
    model, tokenizer = masked.load(ZOO / NAME)
    held_out = {source: parts["test"] for source, parts in texts().items()}
    lines = masked.scores(model, tokenizer, held_out, frequencies(), head)
    columns = (
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
    size = {"vocab_size": len(tokenizer), "scores": table(columns, lines)}
    write_card(NAME, front, {**CONFIG, **size, **continued.card(second())})


if __name__ == "__main__":
    run(train, card)
