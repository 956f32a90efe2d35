"""A teacher for the tiny models: all-MiniLM-L6-v2 with one head of 7 outputs, 2 for the polarity and 5 for the stars.

It is fine-tuned on labelled sentences (Rotten Tomatoes), labelled reviews (IMDb) and rated sentences (vaderSentiment);
then it labels sentences that have no label of their own. The tiny models are trained on its probabilities: knowledge
distillation (Hinton et al. 2015, arXiv:1503.02531).
"""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from . import english, sources, tokens
from .common import SEED, Clock, free, key, remember

CENTRES = np.array([-2.4, -1.2, 0.0, 1.2, 2.4])  # the mean rating that each number of stars stands for
EDGES = (CENTRES[1:] + CENTRES[:-1]) / 2
FOLDER = "teacher"


def soft_stars(rating: float) -> np.ndarray:
    """A mean rating -> soft labels: a bell of width 0.6 around it, so that the neighbours get their share."""
    bell = np.exp(-0.5 * ((CENTRES - np.clip(rating, -2.6, 2.6)) / 0.6) ** 2)
    return bell / bell.sum()


def stars(rating: float) -> int:
    """A mean rating -> 0 to 4, the nearest centre (one star is 0)."""
    return int(np.searchsorted(EDGES, rating))


def tokenizer() -> Any:
    from hfquick import AutoTokenizer

    return AutoTokenizer.from_pretrained(str(sources.teacher_folder()))


def load(folder: Path | None = None) -> Any:
    from hfquick import AutoModelForSequenceClassification

    return AutoModelForSequenceClassification.from_pretrained(str(folder or sources.teacher_folder()), num_labels=7)


def examples() -> list[tuple[str, int | None, np.ndarray | None]]:
    """(text, polarity or None, five star probabilities or None): the sentences twice, and 10,000 passages of reviews.

    A film sentence that has both a polarity and a rating gives both, once in each source's spelling.
    """
    sentences = [row for row in english.rows() if row.part == "train" and row.source != "imdb"]
    polarity = {key(row.text): row.label for row in sentences if row.label is not None}
    rating = {key(row.text): row.rating for row in sentences if row.rating is not None}
    found: list[tuple[str, int | None, np.ndarray | None]] = []
    for row in sentences:
        rated = rating.get(key(row.text))
        found.append((row.text, polarity.get(key(row.text)), None if rated is None else soft_stars(rated)))
    both = polarity.keys() & rating.keys()
    found += [row for row in found if key(row[0]) not in both]
    passages = [passage for passage in english.imdb_passages() if len(passage[0].split()) >= 25]
    found += [(text, label, None) for text, label in random.Random(SEED).sample(passages, 10_000)]
    return found


def both_losses(outputs: Any, labels: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of both groups of outputs. Probabilities that are all 0 (not known) add nothing."""
    polarity, star = outputs.logits.float().split([2, 5], 1)
    return F.cross_entropy(polarity, labels[:, :2]) + F.cross_entropy(star, labels[:, 2:])


def main() -> None:
    clock = Clock()
    torch.manual_seed(SEED)
    english.write_test_hashes()
    model = load()
    model.bert.embeddings.requires_grad_(False)  # frozen: faster, and it forgets less
    rows = [row for row in examples() if free(row[0])]
    remember("teacher", [row[0] for row in rows])
    labels = np.zeros((len(rows), 7))
    for label, (_, polarity, star) in zip(labels, rows, strict=True):
        if polarity is not None:
            label[polarity] = 1
        if star is not None:
            label[2:] = star
    trainer = tokens.TokenTrainer(
        model,
        tokens.arguments(FOLDER, num_train_epochs=1, learning_rate=1e-4, eval_strategy="no"),
        tokens.padder(tokenizer()),
        train_dataset=tokens.labelled(tokens.encode(tokenizer(), [row[0] for row in rows], 100), labels),
        compute_loss_func=both_losses,
        tokens=1536,
    )
    trainer.train_to_the_end()
    trainer.save_model(str(sources.WORK / FOLDER))
    for name, value in scores(model).items():
        print(name, round(value, 4))
    print("minutes", clock.minutes())


def scores(model) -> dict[str, float]:
    """How good the teacher itself is on the dev rows."""
    result = {}
    rows = [row for row in english.rows() if row.part == "dev" and row.source == "rotten_tomatoes"]
    out = answers(model, [row.text for row in rows])
    result["polarity"] = float(np.mean((out[:, 1] > out[:, 0]) == [row.label for row in rows]))
    rows = [row for row in english.rows() if row.part == "dev" and row.rating is not None]
    out = answers(model, [row.text for row in rows])[:, 2:].argmax(-1)
    gold = np.array([stars(row.rating) for row in rows])
    result["stars"] = float(np.mean(out == gold))
    result["stars off by at most one"] = float(np.mean(abs(out - gold) <= 1))
    return result


def answers(model, texts: Sequence[str]) -> np.ndarray:
    return tokens.logits(model, tokenizer(), texts, 128, half=True)


def label(texts: Sequence[str], name: str) -> tuple[np.ndarray, np.ndarray]:
    """Texts -> (polarity logits (N, 2), star logits (N, 5)) of the teacher, kept in the work folder under `name`."""
    path = sources.WORK / f"labels-{name}.npy"
    if path.exists():
        out = np.load(path)
        if len(out) == len(texts):
            return out[:, :2], out[:, 2:]
    out = answers(load(sources.WORK / FOLDER), texts)
    np.save(path, out.astype(np.float32))
    return out[:, :2], out[:, 2:]


if __name__ == "__main__":
    main()
