"""distilbert-tiny-sentiment-en: is an English sentence positive or negative? A DistilBERT that learns from a teacher.

Run after recipes.teacher and recipes.distilbert_tiny_en: python -m recipes.distilbert_tiny_sentiment_en
"""

import random

import numpy as np
import torch
from torch.nn import functional as F

from . import distilbert_tiny_en, english, loop, shrink, sources, teacher
from .common import SEED, Clock, copy_tokenizer, free, key, publish, remember, save_half, table, write_card

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
]  # looked at, never learnt


def examples() -> tuple[list[str], np.ndarray]:
    """Training texts and how positive each is (0 to 1): the teacher's answer, pulled towards the label."""
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


def main() -> None:
    from tokenizers import Tokenizer

    from hfquick.models.distilbert.configuration_distilbert import DistilBertConfig
    from hfquick.models.distilbert.modeling_distilbert import DistilBertForSequenceClassification

    clock = Clock()
    loop.seed_everything(SEED)
    base, folder = (sources.WORK / "models" / name for name in (distilbert_tiny_en.NAME, NAME))
    model = loop.without_dropout(DistilBertForSequenceClassification(DistilBertConfig(**CONFIG)))
    with torch.no_grad():
        start = shrink.word_vectors(base / "tokenizer.json", CONFIG["dim"])
        model.distilbert.embeddings.word_embeddings.weight.copy_(torch.tensor(start))
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    texts, positive = examples()
    rows = loop.sprinkle(loop.encode(tokenizer, texts, 128), SEED)
    target = torch.tensor(np.stack([1 - positive, positive], 1), dtype=torch.float)
    dev_texts, dev_gold = labelled("dev")
    dev = loop.encode(tokenizer, dev_texts, 128)

    def loss_of(group: list[int]) -> torch.Tensor:
        ids, mask = loop.pad([rows[row] for row in group])
        return F.cross_entropy(model(input_ids=ids, attention_mask=mask).logits.float(), target[group])

    loop.train(
        model,
        [len(row) for row in rows],
        loss_of,
        epochs=EPOCHS,
        tokens=TOKENS,
        lr=LR,
        seed=SEED,
        after=lambda step: print("dev", np.mean(loop.logits(model, dev).argmax(-1) == dev_gold), flush=True),
    )
    copy_tokenizer(base, folder)
    remember(NAME, texts)
    save_half(model, folder)
    card(folder, clock.minutes(), len(texts))
    publish(folder)


def card(folder, minutes: float, count: int) -> None:
    from tokenizers import Tokenizer

    from hfquick import AutoModelForSequenceClassification

    model = AutoModelForSequenceClassification.from_pretrained(str(folder)).eval()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    texts, gold = labelled()
    accuracy = float(np.mean(loop.logits(model, loop.encode(tokenizer, texts, 512)).argmax(-1) == gold))
    reviews = [row for row in english.rows() if row.source == "imdb" and row.part == "test"]
    found = loop.logits(model, loop.encode(tokenizer, [row.text for row in reviews], 512)).argmax(-1)
    whole = float(np.mean(found == [row.label for row in reviews]))
    of_teacher = teacher.answers(teacher.load(sources.WORK / teacher.FOLDER), texts)
    lines = [
        ("this model", accuracy),
        ("bag of words + logistic regression, trained on the same Rotten Tomatoes rows", baseline(with_imdb=False)),
        ("the same baseline with the IMDb reviews added", baseline(with_imdb=True)),
        ("majority guess", float(max(gold.mean(), 1 - gold.mean()))),
        ("the teacher (22.7 M parameters)", float(np.mean((of_teacher[:, 1] > of_teacher[:, 0]) == gold))),
    ]
    chances = loop.softmax(loop.logits(model, loop.encode(tokenizer, CHECKS, 512)))[:, 1]
    front = {
        "license": "apache-2.0",
        "language": ["en"],
        "library_name": "hfquick",
        "pipeline_tag": "text-classification",
        "base_model": "sentence-transformers/all-MiniLM-L6-v2",
        "tags": ["distilbert", "sentiment-analysis", "tiny", "education"],
        "metrics": ["accuracy"],
    }
    checks = zip(CHECKS, chances, strict=True)
    values = {
        **CONFIG,
        "scores": table(("", "accuracy"), lines),
        "tests": len(texts),
        "reviews": len(reviews),
        "whole": whole,
        "checks": "; ".join(f'"{text}" {chance:.4f} positive' for text, chance in checks),
        "count": count,
        "epochs": EPOCHS,
    }
    write_card(folder, front, values, minutes)


if __name__ == "__main__":
    main()
