"""distilbert-tiny-sentiment-en: is an English sentence positive or negative? A DistilBERT, distilled from a teacher.

Run after recipes.teacher and recipes.distilbert_tiny_en: python -m recipes.distilbert_tiny_sentiment_en
"""

import random
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from . import distilbert_tiny_en, english, shrink, sources, teacher, tokens
from .common import (
    SEED,
    ZOO,
    Clock,
    copy_tokenizer,
    free,
    key,
    publish,
    record,
    remember,
    run,
    save_half,
    table,
    write_card,
)

NAME = "distilbert-tiny-sentiment-en"
CONFIG = {
    **distilbert_tiny_en.CONFIG,
    "id2label": {0: "NEGATIVE", 1: "POSITIVE"},
    "label2id": {"NEGATIVE": 0, "POSITIVE": 1},
}
EPOCHS, LR, TOKENS, PASSAGES = 1.5, 1e-3, 3072, 70_000
CHECKS = [
    "We are very happy to show you the 🤗 Transformers library.",
    "We hope you don't hate it.",
]  # for the card, never trained on


def examples() -> tuple[list[str], np.ndarray]:
    """Training texts and soft labels, the probability of POSITIVE: the teacher's, pulled towards the label."""
    rows = [row for row in english.rows() if row.part == "train" and row.source != "imdb"]
    passages = random.Random(SEED + 1).sample(english.imdb_passages(), PASSAGES)
    texts = [row.text for row in rows] + [text for text, _ in passages]
    out, _ = teacher.label(texts, "english")
    lean = out[:, 1] - out[:, 0]
    known = {key(row.text): row.label for row in rows if row.label is not None}
    pull = [
        0 if key(row.text) not in known else 4 * known[key(row.text)] - 2 for row in rows
    ]  # the label of the sentence
    pull += [label - 0.5 for _, label in passages]  # the label of the whole review says little about one passage of it
    positive = 1 / (1 + np.exp(-(lean + np.array(pull))))
    keep = [place for place, text in enumerate(texts) if free(text)]
    return [texts[place] for place in keep], positive[keep]


def labelled(part: str = "test") -> tuple[list[str], np.ndarray]:
    rows = [row for row in english.rows() if row.source == "rotten_tomatoes" and row.part == part]
    return [row.text for row in rows], np.array([row.label for row in rows])


def baseline(with_imdb: bool) -> float:
    """A bag of words (single words and pairs) with logistic regression, on the same test rows."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    rows = [row for row in english.rows() if row.part == "train" and row.label is not None]
    rows = [row for row in rows if with_imdb or row.source == "rotten_tomatoes"]
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    model = make_pipeline(words, LogisticRegression(C=3, max_iter=300))
    model.fit([row.text for row in rows], [row.label for row in rows])
    texts, gold = labelled()
    return float(np.mean(model.predict(texts) == gold))


def train() -> None:
    from hfquick import AutoModelForSequenceClassification, AutoTokenizer, DistilBertConfig

    clock = Clock()
    torch.manual_seed(SEED)
    base, folder = ZOO / distilbert_tiny_en.NAME, sources.WORK / "models" / NAME
    tokenizer = AutoTokenizer.from_pretrained(str(base))
    model = AutoModelForSequenceClassification.from_config(DistilBertConfig(**CONFIG))
    with torch.no_grad():
        embeddings = shrink.token_embeddings(base / "tokenizer.json", CONFIG["dim"])
        model.distilbert.embeddings.word_embeddings.weight.copy_(torch.tensor(embeddings))
    texts, positive = examples()
    ids = tokens.insert_unknown(tokens.encode(tokenizer, texts, 128), SEED)
    dev_texts, dev_gold = labelled("dev")
    trainer = tokens.TokenTrainer(
        tokens.without_dropout(model),
        tokens.arguments(NAME, num_train_epochs=EPOCHS, learning_rate=LR, eval_steps=500),
        tokens.padder(tokenizer),
        train_dataset=tokens.labelled(ids, np.stack([1 - positive, positive], 1)),
        eval_dataset=tokens.labelled(tokens.encode(tokenizer, dev_texts, 128), np.eye(2)[dev_gold]),
        compute_loss_func=lambda outputs, labels: F.cross_entropy(outputs.logits.float(), labels),
        compute_metrics=lambda found: {"accuracy": np.mean(found.predictions.argmax(-1) == found.label_ids.argmax(-1))},
        tokens=TOKENS,
    )
    trainer.train_to_the_end()
    copy_tokenizer(base, folder)
    remember(NAME, texts)
    save_half(model, folder)
    if publish(folder, lambda folder: accuracy(folder, dev_texts, dev_gold)):
        record(NAME, minutes=clock.minutes(), epochs=EPOCHS, count=len(texts))


def accuracy(folder: Path, texts: list[str], gold: np.ndarray) -> float:
    """Share of the texts that the model in a folder classifies correctly."""
    return float(np.mean(answers(folder, texts).argmax(-1) == gold))


def answers(folder: Path, texts: list[str]) -> np.ndarray:
    from hfquick import AutoModelForSequenceClassification, AutoTokenizer

    model = AutoModelForSequenceClassification.from_pretrained(str(folder))
    return tokens.logits(model, AutoTokenizer.from_pretrained(str(folder)), texts, 512)


def card() -> None:
    folder = ZOO / NAME
    texts, gold = labelled()
    reviews = [row for row in english.rows() if row.source == "imdb" and row.part == "test"]
    whole = accuracy(folder, [row.text for row in reviews], np.array([row.label for row in reviews]))
    of_teacher = teacher.answers(teacher.load(sources.WORK / teacher.FOLDER), texts)
    lines = [
        ("this model", accuracy(folder, texts, gold)),
        ("bag of words + logistic regression, trained on the same Rotten Tomatoes rows", baseline(with_imdb=False)),
        ("the same baseline with the IMDb reviews added", baseline(with_imdb=True)),
        ("majority class", float(max(gold.mean(), 1 - gold.mean()))),
        ("the teacher (22.7 M parameters)", float(np.mean((of_teacher[:, 1] > of_teacher[:, 0]) == gold))),
    ]
    probabilities = tokens.softmax(answers(folder, CHECKS))[:, 1]
    front = {
        "license": "apache-2.0",
        "language": ["en"],
        "library_name": "hfquick",
        "pipeline_tag": "text-classification",
        "base_model": "sentence-transformers/all-MiniLM-L6-v2",
        "tags": ["distilbert", "sentiment-analysis", "tiny", "education"],
        "metrics": ["accuracy"],
    }
    checks = zip(CHECKS, probabilities, strict=True)
    values = {
        **CONFIG,
        "scores": table(("", "accuracy"), lines),
        "tests": len(texts),
        "reviews": len(reviews),
        "whole": whole,
        "checks": "; ".join(f'"{text}" {positive:.4f} positive' for text, positive in checks),
    }
    write_card(NAME, front, values)


if __name__ == "__main__":
    run(train, card)
