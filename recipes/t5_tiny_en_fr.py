"""t5-tiny-en-fr: English to French, a T5 of 3 + 3 layers.

Run: python -m recipes.t5_tiny_en_fr        (the card needs sacrebleu and scikit-learn as well)
"""

import random
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from hfquick import DataCollatorForSeq2Seq, GenerationConfig

from . import guided, sources, tokens, vocabularies
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
WRITING = {  # how it writes unless a call says otherwise: generation_config.json
    "decoder_start_token_id": 0,
    "pad_token_id": 0,
    "eos_token_id": 1,
    "max_length": 128,
    "num_beams": 4,
    "early_stopping": True,
    "no_repeat_ngram_size": 3,
}
EPOCHS, LR = (6, 4), (2e-3, 1e-3)  # of two courses: with dropout and, from what was learnt, without
TOKENS = 1024


def vocabulary() -> Any:
    """T5's kind of tokenizer for both languages; the task's prefix is cut into few pieces."""

    def texts() -> list[str]:
        return [text for pair in pairs()["train"] for text in pair[1:]] + [PREFIX] * 3000

    return vocabularies.of(NAME, vocabularies.unigram, texts, CONFIG["vocab_size"])


def rows(some: list[Pair]) -> list[tokens.Row]:
    tokenizer = vocabulary()
    english = tokens.encode(tokenizer, [PREFIX + pair.english for pair in some], 160)
    french = tokens.encode(tokenizer, [pair.french for pair in some], 160)
    return [{"input_ids": ids, "labels": labels} for ids, labels in zip(english, french, strict=True)]


@cache
def train_rows() -> list[tokens.Row]:
    weighted = [pair for pair in pairs()["train"] for _ in range(STAMPS if pair.source == "stamps" else 1)]
    return rows(weighted)


def load(folder: Path) -> tuple[Any, Any]:
    from hfquick import AutoModelForSeq2SeqLM, AutoTokenizer

    return AutoModelForSeq2SeqLM.from_pretrained(str(folder)).eval(), AutoTokenizer.from_pretrained(str(folder))


def collator(tokenizer: Any) -> DataCollatorForSeq2Seq:
    return DataCollatorForSeq2Seq(tokenizer, pad_to_multiple_of=tokens.STEP)


@torch.inference_mode()
def likelihood(folder: Path) -> float:
    """Mean log-probability of a piece of the dev translations, for the model in a folder."""
    model, tokenizer = load(folder)
    total, count = 0.0, 0
    for batch in tokens.TokenLoader(rows(pairs()["dev"]), collator(tokenizer), 4096):
        read = int((batch["labels"] != -100).sum())
        total, count = total - model(**batch).loss.item() * read, count + read
    return total / count


def train() -> None:
    from hfquick import AutoModelForSeq2SeqLM, T5Config

    clock = Clock()
    torch.manual_seed(SEED)
    folder, first = (sources.WORK / "models" / name for name in (NAME, f"{NAME}-first"))
    vocabulary()
    copy_tokenizer(ZOO / NAME, folder)
    table = guided.lexicon(rows(pairs()["train"]), CONFIG["vocab_size"], prefix())
    if not (first / "config.json").exists():
        model = guided.looking_straight(AutoModelForSeq2SeqLM.from_config(T5Config(**CONFIG)))
        learn(model, f"{NAME}-first", 0, table)
        save_half(model, first)
    model = tokens.without_dropout(AutoModelForSeq2SeqLM.from_pretrained(str(first)).float())
    learn(model, NAME, 1, table)
    remember(NAME, [text for pair in pairs()["train"] for text in pair[1:]])
    model.generation_config = GenerationConfig(**WRITING)
    save_half(model, folder)
    if publish(folder, likelihood):
        counts = {name: sum(pair.source == name for pair in pairs()["train"]) for name in SOURCES}
        record(NAME, minutes=clock.minutes(), epochs=sum(EPOCHS), **counts)


def learn(model: Any, name: str, course: int, table: np.ndarray) -> None:
    """One course of training; `table` says which pieces of a sentence and of its translation belong together."""
    options = {"num_train_epochs": EPOCHS[course], "learning_rate": LR[course], "eval_steps": 2000}
    trainer = guided.GuidedTrainer(
        model,
        tokens.arguments(name, prediction_loss_only=True, **options),
        collator(vocabulary()),
        train_dataset=train_rows(),
        eval_dataset=rows(pairs()["dev"][:600]),
        tokens=TOKENS,
        table=table,
        skip=prefix(),
    )
    trainer.train_to_the_end()


def prefix() -> int:
    """Pieces of the task's prefix, which no piece of a translation belongs to."""
    return len(vocabulary()(PREFIX)["input_ids"]) - 1  # without </s>


def translate(model: Any, tokenizer: Any, texts: list[str]) -> list[str]:
    """Greedy translations, in the order given."""
    order = np.argsort([len(text) for text in texts])
    found = [""] * len(texts)
    for start in range(0, len(order), 32):
        some = order[start : start + 32]
        batch = tokenizer([PREFIX + texts[index] for index in some], padding=True, return_tensors="pt")
        written = model.generate(**batch, max_length=128, num_beams=1)
        for index, text in zip(some, tokenizer.batch_decode(written, skip_special_tokens=True), strict=True):
            found[index] = text
    return found


def nearest(texts: list[str]) -> list[str]:
    """The baseline: the translation of the training sentence that shares most words."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    known = pairs()["train"]
    vectorizer = TfidfVectorizer()
    table_ = vectorizer.fit_transform(pair.english for pair in known)
    return [known[int((table_ @ row.T).toarray().argmax())].french for row in vectorizer.transform(texts)]


def card() -> None:
    import sacrebleu

    model, tokenizer = load(ZOO / NAME)
    draw = random.Random(SEED)
    head = ("held-out sentences", "rows", "", "BLEU", "chrF")
    lines, below = [], []
    for source in ("stamps", "debian"):
        some = [pair for pair in pairs()["test"] if pair.source == source]
        some = draw.sample(some, min(400, len(some)))
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
            "beams": WRITING["num_beams"],
        },
    )


if __name__ == "__main__":
    run(train, card)
