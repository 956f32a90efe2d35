"""t5-tiny-en-fr: translation from English to French, a T5 of 3 + 3 layers.

Run: python -m recipes.t5_tiny_en_fr        (the card needs sacrebleu and scikit-learn as well)
"""

import random
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from hfquick import GenerationConfig

from . import guided, seq2seq, sources, tokens, vocabularies
from .common import SEED, ZOO, Clock, copy_tokenizer, publish, record, remember, run, save_half, table, write_card
from .translations import LONGEST, PREFIX, SHOWN, SOURCES, STAMPS, Pair, pairs

NAME = "t5-tiny-en-fr"
CONFIG = {
    "vocab_size": 4500,
    "d_model": 192,
    "d_kv": 32,
    "num_heads": 4,
    "d_ff": 384,
    "num_layers": 3,
    "num_decoder_layers": 3,
    "decoder_start_token_id": 0,
    "pad_token_id": 0,
    "eos_token_id": 1,
    "task_specific_params": {
        "translation_en_to_fr": {"early_stopping": True, "max_length": 128, "num_beams": 4, "prefix": PREFIX}
    },
}
GENERATION = {  # its default options: generation_config.json
    "decoder_start_token_id": 0,
    "pad_token_id": 0,
    "eos_token_id": 1,
    "max_length": 128,
    "num_beams": 4,
    "early_stopping": True,
    "no_repeat_ngram_size": 3,
}
EPOCHS, LR = (6, 4), (2e-3, 1e-3)  # of two stages: with dropout, then, from the weights of the first, without
TOKENS = 1024


def vocabulary() -> Any:
    """T5's kind of tokenizer for both languages; the task's prefix is cut into few tokens."""

    def texts() -> list[str]:
        return [text for pair in pairs()["train"] for text in pair[1:]] + [PREFIX] * 3000

    return vocabularies.of(NAME, vocabularies.unigram, texts, CONFIG["vocab_size"])


def rows(some: list[Pair]) -> list[tokens.Row]:
    english, french = [PREFIX + pair.english for pair in some], [pair.french for pair in some]
    return seq2seq.pairs_of(vocabulary(), english, french, (160, 160))


@cache
def train_rows() -> list[tokens.Row]:
    weighted = [pair for pair in pairs()["train"] for _ in range(STAMPS if pair.source == "stamps" else 1)]
    return rows(weighted)


def likelihood(folder: Path) -> float:
    return seq2seq.likelihood(folder, rows(pairs()["dev"]))


def train() -> None:
    from hfquick import AutoModelForSeq2SeqLM, T5Config

    clock = Clock()
    torch.manual_seed(SEED)
    folder, first = (sources.WORK / "models" / name for name in (NAME, f"{NAME}-first"))
    vocabulary()
    copy_tokenizer(ZOO / NAME, folder)
    table = guided.lexical_table(rows(pairs()["train"]), CONFIG["vocab_size"], prefix())
    if not (first / "config.json").exists():
        model = guided.without_attention_dropout(AutoModelForSeq2SeqLM.from_config(T5Config(**CONFIG)))
        fit(model, f"{NAME}-first", 0, table)
        save_half(model, first)
    model = tokens.without_dropout(AutoModelForSeq2SeqLM.from_pretrained(str(first)).float())
    fit(model, NAME, 1, table)
    remember(NAME, [text for pair in pairs()["train"] for text in pair[1:]])
    model.generation_config = GenerationConfig(**GENERATION)
    save_half(model, folder)
    if publish(folder, likelihood):
        counts = {name: sum(pair.source == name for pair in pairs()["train"]) for name in SOURCES}
        record(NAME, minutes=clock.minutes(), epochs=sum(EPOCHS), **counts)


def fit(model: Any, name: str, stage: int, table: np.ndarray) -> None:
    """One stage of training; `table` says which tokens of a sentence and of its translation are aligned."""
    options = {"num_train_epochs": EPOCHS[stage], "learning_rate": LR[stage], "eval_steps": 2000}
    dev = rows(pairs()["dev"][:600])
    seq2seq.fit(name, model, vocabulary(), train_rows(), dev, TOKENS, table, prefix(), **options)


def prefix() -> int:
    """Number of tokens of the task's prefix, to which no token of a translation is aligned."""
    return len(vocabulary()(PREFIX)["input_ids"]) - 1  # without </s>


def translate(model: Any, tokenizer: Any, texts: list[str]) -> list[str]:
    """Greedy translations, in the order given."""
    return seq2seq.generate(model, tokenizer, [PREFIX + text for text in texts], max_length=128, num_beams=1)


def nearest(texts: list[str]) -> list[str]:
    """The baseline: the translation of the training sentence that shares most words."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    known = pairs()["train"]
    vectorizer = TfidfVectorizer()
    table_ = vectorizer.fit_transform(pair.english for pair in known)
    return [known[int((table_ @ row.T).toarray().argmax())].french for row in vectorizer.transform(texts)]


def card() -> None:
    import sacrebleu

    model, tokenizer = seq2seq.load(ZOO / NAME)
    rng = random.Random(SEED)
    head = ("held-out sentences", "rows", "", "BLEU", "chrF")
    lines, below = [], []
    for source in ("stamps", "debian"):
        some = [pair for pair in pairs()["test"] if pair.source == source]
        some = rng.sample(some, min(400, len(some)))
        texts, gold = [pair.english for pair in some], [[pair.french for pair in some]]
        scores = {}
        for name, answers in (
            ("this model", translate(model, tokenizer, texts)),
            ("the nearest known sentence", nearest(texts)),
            ("the English sentence itself", texts),
        ):
            scores[name] = sacrebleu.corpus_bleu(answers, gold).score, sacrebleu.corpus_chrf(answers, gold).score
            lines.append((source, len(some), name, *(f"{score:.1f}" for score in scores[name])))
        for name, score in scores.items():
            worse = [
                what for what, ours, theirs in zip(head[3:], scores["this model"], score, strict=True) if ours < theirs
            ]
            if worse:
                below.append(f"{source}, {name} ({' and '.join(worse)})")
    answers = translate(model, tokenizer, SHOWN)
    outputs = "\n".join(f"- {english} → *{french}*" for english, french in zip(SHOWN, answers, strict=True))
    front = {
        "license": "gpl-2.0",
        "language": ["en", "fr"],
        "library_name": "hfquick",
        "pipeline_tag": "translation",
        "tags": ["t5", "translation", "tiny", "education"],
        "metrics": ["bleu", "chrf"],
    }
    write_card(
        NAME,
        front,
        {
            **CONFIG,
            "scores": table(head, lines),
            "below": f"**Below its baselines on: {'; '.join(below)}.**" if below else "Nowhere below its baselines.",
            "outputs": outputs,
            "times": STAMPS,
            "longest": LONGEST,
            "beams": GENERATION["num_beams"],
        },
    )


if __name__ == "__main__":
    run(train, card)
