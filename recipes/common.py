"""What all recipes share: one way to normalise, to split, to remember training data, and to write a model's folder.

A sentence's part (train, dev or test) is decided by a hash of its letters and digits alone, so that one sentence that
two sources spell differently always falls into the same part.
"""

import copy
import hashlib
import json
import math
import re
import shutil
import sys
import time
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

from . import sources

SEED = 20261123
HERE = Path(__file__).parent
ZOO = HERE.parent / "hfquick" / "zoo"
ACCEPTED = HERE.parent / "tests" / "first_inputs" / "accepted.json"
TRAININGS = HERE / "trainings.json"
ZOO_FILES = (
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "vocab.txt",
    "vocab.json",
    "preprocessor_config.json",
    "generation_config.json",
    "model.safetensors",
    "README.md",
)

# Sentences that learners will meet in the tour and on the command line: never trained on, whatever the source.
RESERVED = [
    "We are very happy to show you the 🤗 Transformers library.",
    "We are very happy to show you hfquick.",
    "We hope you don't hate it.",
    "Nous sommes très heureux de vous présenter la bibliothèque 🤗 Transformers.",
    "Nous sommes très heureux de vous présenter hfquick.",
    "Nous espérons que vous ne la détesterez pas.",
    "Nous sommes très heureux.",
]


# Text


def normalise(text: str) -> str:
    """A text -> its words in small letters, without accents, punctuation or emoji, with one space between them.

    >>> normalise("Très  bien, n'est-ce pas ? 🤗")
    'tres bien n est ce pas'
    """
    plain = unicodedata.normalize("NFKD", text).lower()
    kept = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(re.findall(r"[^\W_]+", kept))


def key(text: str) -> str:
    """Letters and digits only: equal for two spellings of one sentence ("it ' s" and "it's")."""
    return normalise(text).replace(" ", "")


def part(text: str, test: float = 0.15, dev: float = 0.05) -> str:
    """The part of the data that a text belongs to, for ever: "test", "dev" or "train"."""
    digest = hashlib.blake2b(f"{SEED}:{key(text)}".encode(), digest_size=8).digest()
    place = int.from_bytes(digest, "big") / 2**64
    return "test" if place < test else "dev" if place < test + dev else "train"


def digest(text: str) -> bytes:
    """Four bytes that stand for a sentence in the lists of hashes."""
    return hashlib.blake2b(normalise(text).encode(), digest_size=4).digest()


def shingles(text: str, n: int = 5) -> list[str]:
    """All n-grams of words of the normalised text, to find rows that are nearly the same."""
    words = normalise(text).split()
    return [" ".join(words[i : i + n]) for i in range(len(words) - n + 1)]


class Guard:
    """Says which training rows must go, because a held-out row or a reserved sentence is the same, or nearly."""

    def __init__(self, heldout: Iterable[str]) -> None:
        texts = [*heldout, *RESERVED]
        self.keys = {key(text) for text in texts}
        self.shingles = {s for text in texts for s in shingles(text)}

    def clean(self, text: str) -> bool:
        if key(text) in self.keys:
            return False
        ngrams = shingles(text)
        return sum(ngram in self.shingles for ngram in ngrams) <= 0.3 * len(ngrams)


@cache
def reserved_keys() -> set[str]:
    return {key(line) for line in (HERE / "reserved_sentences.txt").read_text(encoding="utf-8").splitlines()}


def free(text: str) -> bool:
    """No sentence of the text is reserved for the notebooks, the samples or the tests."""
    return key(text) not in reserved_keys() and not any(key(s) in reserved_keys() for s in sources.sentences_of(text))


# What was trained on


def remember(name: str, texts: Iterable[str]) -> int:
    """Add the digests of a recipe's training sentences to `training_hashes.bin`, and count what is there.

    The list only grows: models that are not trained again keep their training data.
    """
    sentences = {s for text in texts for s in sources.sentences_of(text)}
    trained = {digest(s) for s in sentences if len(normalise(s).split()) >= 3}
    path = HERE / "training_hashes.bin"
    joined = trained | (read_digests(path) if path.exists() else set())
    print(f"{name} was trained on {len(trained)} sentences", flush=True)
    write_digests(path, joined)
    return len(joined)


def write_digests(path: Path, digests: set[bytes]) -> None:
    path.write_bytes(b"".join(sorted(digests)))


def read_digests(path: Path) -> set[bytes]:
    data = path.read_bytes()
    return {data[i : i + 4] for i in range(0, len(data), 4)}


# Models and their cards


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


def write_compact(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def save_half(model, folder: Path) -> None:
    """Write config.json and the weights in float16. Scores are measured after that, on the file."""
    copy.deepcopy(model).half().save_pretrained(folder)


def copy_tokenizer(source: Path, folder: Path) -> None:
    """Give a fine-tuned model the tokenizer files of its base."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ZOO_FILES[1:5]:
        if (source / name).exists():  # not every kind of tokenizer has a vocab.txt
            shutil.copyfile(source / name, folder / name)


def publish(folder: Path, dev_score: Callable[[Path], float]) -> bool:
    """Copy a trained model from the work folder into the zoo, if it is better on dev rows than the one that is there.

    The card comes after that, measured on the files of the zoo. Test rows choose nothing.
    """
    target = ZOO / folder.name
    new, old = dev_score(folder), dev_score(target) if (target / "model.safetensors").exists() else -math.inf
    print(f"{folder.name} on dev rows: {new:.4f}, the one in the zoo: {old:.4f}", flush=True)
    if new <= old:
        return False
    target.mkdir(parents=True, exist_ok=True)
    for name in ZOO_FILES[:-1]:
        if (folder / name).exists():
            shutil.copyfile(folder / name, target / name)
    if (target / "tokenizer.json").exists():  # half of it would be spaces
        write_compact(target / "tokenizer.json", json.loads((target / "tokenizer.json").read_text(encoding="utf-8")))
    return True


def record(name: str, **facts: object) -> None:
    """Keep what only a training knows (minutes, epochs, rows), for the card: `trainings.json`."""
    known = json.loads(TRAININGS.read_text(encoding="utf-8")) if TRAININGS.exists() else {}
    write_json(TRAININGS, {**known, name: facts})


def write_card(name: str, front: dict[str, object], values: dict[str, object]) -> None:
    """README.md of a model of the zoo: `cards/<name>.md` under the Hub's front matter (JSON values are YAML too)."""
    size = (ZOO / name / "model.safetensors").stat().st_size
    facts = json.loads(TRAININGS.read_text(encoding="utf-8"))[name]
    about = {"name": name, "script": name.replace("-", "_"), "seed": SEED, "megabytes": size / 1e6}
    about["first_inputs"] = first_inputs(name)
    body = (HERE / "cards" / f"{name}.md").read_text(encoding="utf-8").format(**about, **facts, **values)
    lines = [f"{field}: {json.dumps(value, ensure_ascii=False)}" for field, value in front.items()]
    (ZOO / name / "README.md").write_text("---\n" + "\n".join(lines) + "\n---\n\n" + body, encoding="utf-8")
    print(body, flush=True)


def first_inputs(name: str) -> str:
    """What a card says of the inputs that people type first (`tests/first_inputs/accepted.json`); empty for others."""
    rows = [row for row in json.loads(ACCEPTED.read_text(encoding="utf-8")) if row["model"] == name]
    if not rows:
        return ""
    counts = []
    for row in rows:
        language = {"en": "English", "fr": "French"}[row["language"]]
        before = "as before" if row["before"] == row["after"] else f"{row['before']} before"
        note = "" if row["before"] is None else f" ({before})"  # None: there was no model before this one
        counts.append(f"of {row['inputs']} in {language} {row['after']} are accepted{note}")
    training = "any training" if rows[0]["before"] is None else "any training on everyday sentences"
    return (
        f"What people type first, written down before {training} and never trained on\n"
        f"(`tests/first_inputs`): {', '.join(counts)}."
    )


def run(train: Callable[[], None], card: Callable[[], None]) -> None:
    """What a recipe does as a script: train, then measure; with the word "card" after its name only measure again."""
    if sys.argv[1:] != ["card"]:
        train()
    card()


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; floats with four digits."""

    def line(cells: Iterable[object]) -> str:
        return "| " + " | ".join(f"{cell:.4f}" if isinstance(cell, float) else str(cell) for cell in cells) + " |"

    return "\n".join([line(head), line("---" for _ in head), *map(line, rows)])


class Clock:
    """Minutes since the start, for the cards."""

    def __init__(self) -> None:
        self.start = time.time()

    def minutes(self) -> float:
        return round((time.time() - self.start) / 60, 1)
