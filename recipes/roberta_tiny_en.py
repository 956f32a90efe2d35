"""roberta-tiny-en: an English masked language model, a RoBERTa of 3 layers with a cased byte-level vocabulary.

Run: python -m recipes.roberta_tiny_en, after recipes.distilbert_tiny_en, whose layers it begins with
"""

import random
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from . import continued, distilbert_tiny_en, masked, sources, tokens, vocabularies, warm_start
from .common import SEED, ZOO, copy_tokenizer, run, table, write_card
from .roberta_tiny_fr import head

NAME = "roberta-tiny-en"
SUBWORDS = 4500  # by BPE; then frequent words and those of the everyday sentences become a token each
CONFIG = {
    "hidden_size": 192,
    "num_hidden_layers": 3,
    "num_attention_heads": 6,
    "intermediate_size": 512,
    "max_position_embeddings": 258,
    "type_vocab_size": 1,
    "layer_norm_eps": 1e-5,
    "pad_token_id": 1,
}
REPLAY = 1.6  # millions of tokens of the texts of distilbert-tiny-en
ROUNDS = (continued.Round(0.7, 1e-3),)


@cache
def replayed() -> list[str]:
    """The texts of distilbert-tiny-en, and WordNet's definitions."""
    definitions = [f"{word}: {definition}" for word, definition, _ in sources.wordnet()]
    return [*distilbert_tiny_en.part_of("train"), *continued.kept(definitions)]


def second() -> continued.Second:
    dev = distilbert_tiny_en.part_of("dev")
    return continued.Second(NAME, "en", head, replayed(), distilbert_tiny_en.short(), dev, REPLAY, ROUNDS)


def make_vocabulary(folder: Path, texts: list[str], size: int, *options: Any) -> None:
    vocabularies.byte_level(folder, texts, size, *options)
    vocabularies.add_words(folder, continued.new_words(second()))


def vocabulary() -> Any:
    texts = partial(continued.texts, second())
    return vocabularies.of(NAME, make_vocabulary, texts, SUBWORDS, vocabularies.ENDS, "RobertaTokenizerFast")


@cache
def frequencies() -> np.ndarray:
    ids = tokens.encode(vocabulary(), continued.texts(second()), 256)
    return masked.frequencies(ids, len(vocabulary()), 5)


def start() -> tuple[Any, Any]:
    """The model with the layers of distilbert-tiny-en, and the tokenizer."""
    from hfquick import AutoModelForMaskedLM, RobertaConfig

    tokenizer = vocabulary()
    copy_tokenizer(ZOO / NAME, sources.WORK / "models" / NAME)
    model = AutoModelForMaskedLM.from_config(RobertaConfig(vocab_size=len(tokenizer), **CONFIG))
    warm_start.roberta_from_distilbert(model, tokenizer, *masked.load(ZOO / "distilbert-tiny-en"))
    some = random.Random(SEED).sample(continued.texts(second()), 40_000)
    counts = masked.frequencies(tokens.encode(tokenizer, some, 256), len(tokenizer), 5)
    masked.init_bias(model.lm_head.bias, counts)
    return model, tokenizer


def train() -> None:
    continued.train(second(), ZOO / NAME, start)


def card() -> None:
    model, tokenizer = masked.load(ZOO / NAME)
    held_out = {source: parts["test"] for source, parts in distilbert_tiny_en.texts().items()}
    lines = masked.scores(model, tokenizer, held_out, frequencies(), head)
    columns = ("held-out texts", "rows", "accuracy", "perplexity", "accuracy of the baseline", "perplexity of it")
    front = {
        "license": "apache-2.0",
        "language": ["en"],
        "library_name": "hfquick",
        "pipeline_tag": "fill-mask",
        "tags": ["roberta", "fill-mask", "tiny", "education"],
        "metrics": ["accuracy", "perplexity"],
    }
    size = {"vocab_size": len(tokenizer), "scores": table(columns, lines)}
    write_card(NAME, front, {**CONFIG, **size, **continued.card(second())})


if __name__ == "__main__":
    run(train, card)
