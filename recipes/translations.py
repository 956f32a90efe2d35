"""English sentences with their French translations, split by source.

Debian's package descriptions (split by package), captions of Tux Paint's stamps and the phrases of `phrases_en_fr.tsv`
(both split by sentence). For training only: the Debian Administrator's Handbook, words of two FreeDict dictionaries,
the composed sentences of `everyday.py`.
"""

import random
import re
from functools import cache
from typing import NamedTuple

from . import everyday, sources
from .common import HERE, SEED, Guard, free, key, part

SOURCES = ("debian", "stamps", "handbook", "words", "composed", "phrases")
PARTS = ("train", "dev", "test")
STAMPS = 8  # times each caption is repeated: it is what people say, and there are few
COMPOSED = 190_000
LONGEST = 140  # characters: longer sentences would take most of the time of training
PREFIX = "translate English to French: "
SHOWN = [  # in the card, as they come; never trained on
    "The cat is on the table.",
    "A red car.",
    "My name is Sarah and I live in London.",
    "This package contains the documentation.",
    "I would like a cup of tea.",
    "A small dog with a ball.",
    "The weather is nice today.",
    "Where is the library?",
    "It is a simple text editor.",
    "Three green apples.",
]


class Pair(NamedTuple):
    source: str  # one of SOURCES
    english: str
    french: str


@cache
def pairs() -> dict[str, list[Pair]]:
    """Part -> pairs. What is nearly the same as a held-out sentence is not trained on."""
    found: dict[str, list[Pair]] = {name: [] for name in PARTS}
    for package, english, french in sources.debian_descriptions():
        pair = Pair("debian", tidy(english), tidy(french))
        if is_translation(pair) and free(english) and free(french):
            found[part(package.split("-")[0], 0.03, 0.02)].append(pair)
    for english, french in sources.stamp_sentences():
        if free(english) and free(french):
            found[part(english, 0.1, 0.05)].append(Pair("stamps", tidy(english), tidy(french)))
    for english, french in sources.handbook():
        pair = Pair("handbook", tidy(english), tidy(french))
        if is_translation(pair) and free(english) and free(french):
            found["train"].append(pair)
    for pair in (Pair("phrases", *texts) for texts in phrases()):
        if unseen(pair):
            found[part(pair.english, 0, 0.1)].append(pair)
    composed = (Pair("composed", *texts) for texts in everyday.sentences(COMPOSED, SEED))
    found["train"] += [pair for pair in composed if unseen(pair)]
    guard = Guard([*SHOWN, *(pair.english for name in ("dev", "test") for pair in found[name])])
    found["train"] = [pair for pair in found["train"] if guard.clean(pair.english)]
    known = {key(text) for text in SHOWN} | {key(pair.english) for name in ("dev", "test") for pair in found[name]}
    found["train"] += [
        Pair("words", english, french) for english, french in sources.bilingual_words() if key(english) not in known
    ]
    return {name: list(dict.fromkeys(some)) for name, some in found.items()}


def phrases() -> list[tuple[str, str]]:
    """What people say, with the French that a native speaker says: written by hand for hfquick."""
    path = HERE / "phrases_en_fr.tsv"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [(english, french) for english, french in rows]


def typed(pair: Pair, rng: random.Random) -> Pair:
    """The same pair, its English as people type it: often contracted, sometimes without capitals, full stop or
    apostrophes. The French stays as it is written."""
    english = everyday.contracted(pair.english, rng) if pair.source == "phrases" else pair.english
    place = rng.random()
    if place < 0.2:
        english = english.rstrip(".!" if rng.random() < 0.5 else ".!?")
    if place < 0.14 and english[:2] != "I'":
        english = re.sub(r"\bI\b", "i", english[0].lower() + english[1:])
    if place < 0.03:
        english = english.replace("'", "")
    return pair._replace(english=english or pair.english)


def unseen(pair: Pair) -> bool:
    """No sentence of the pair is reserved, whether its English is contracted or not."""
    rng = random.Random(0)
    spellings = {pair.english, everyday.expanded(pair.english), everyday.contracted(pair.english, rng, 1)}
    return free(pair.french) and all(map(free, spellings))


def tidy(text: str) -> str:
    """No bullets, no fixed spaces, one space between words."""
    return re.sub(r"\s+", " ", text.replace("\u00a0", " ").replace("⋅", " ")).strip(" *-")


def is_translation(pair: Pair) -> bool:
    """Neither untranslated nor of very different length, and short enough to train on."""
    a, b = len(pair.english), len(pair.french)
    return key(pair.english) != key(pair.french) and 2 < a < LONGEST and 0.5 < b / a < 2.2
