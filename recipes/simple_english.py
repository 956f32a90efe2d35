"""Simple English for gpt2-tiny-en: composed texts, the example sentences of WordNet, short sentences of film reviews.

Composed texts are most of it. They are split by frame, real sentences by their hash; nothing reserved is among them.
"""

import re
from collections import Counter
from functools import cache

from . import english, sources, stories
from .common import HERE, SEED, Guard, digest, free, part

COMPOSED = {"train": 170_000, "dev": 1_000, "test": 1_000}
COMMON = 12_000  # a real sentence is simple when all its words are among so many
BEGINNINGS = (  # of whole sentences
    "i you he she it we they there this that these those my your his her our their who what where when why how if let "
    "please don't do did can could will would are is was were have has everyone everybody nobody some many most"
)
VERBS = "is are was were has had can could will would must went came got took made gave said ran fell left"
ABOUT_FILMS = (  # and what nobody should meet in a first lesson
    "film films movie movies scene scenes actor actors actress acting plot script character characters director "
    "directed cast dvd watch watching watched show series episode horror sequel screen role ending viewer audience "
    "crap sucks sex sexual sexually sexy rape raped raping rapist nude naked porn damn hell kill killed killing killer "
    "gore dead gay slut whore bitch ass suicide"
)
TITLES = {"composed": "composed texts, from other frames", "wordnet": "WordNet's examples", "reviews": "film reviews"}


@cache
def texts() -> dict[str, dict[str, list[str]]]:
    """Part -> where from -> texts, each once."""
    found: dict[str, dict[str, list[str]]] = {name: {} for name in COMPOSED}
    for name, count in COMPOSED.items():
        composed = stories.Composer(SEED).texts(count, name)
        found[name][TITLES["composed"]] = [text for text in dict.fromkeys(composed) if _usable(text)]
    for source, real in (("wordnet", wordnet()), ("reviews", reviews())):
        for name in COMPOSED:
            found[name][TITLES[source]] = [text for text in real if part(text, 0.04, 0.02) == name]
    guard = Guard(text for name in ("dev", "test") for some in found[name].values() for text in some)
    for title in list(TITLES.values())[1:]:
        found["train"][title] = [text for text in found["train"][title] if guard.clean(text)]
    return found


def _usable(text: str) -> bool:
    """Nothing reserved is in it, nor a sentence with the same four bytes as one that is."""
    return free(text) and not any(digest(s) in _reserved() for s in sources.sentences_of(text))


@cache
def _reserved() -> frozenset[bytes]:
    return frozenset(map(digest, (HERE / "reserved_sentences.txt").read_text(encoding="utf-8").splitlines()))


@cache
def common_words() -> frozenset[str]:
    """The words of the frames, and the most frequent ones of film reviews."""
    composed = {word for text in stories.Composer(SEED).texts(20_000) for word in words_of(text)}
    counts = Counter(word for text in review_sentences() for word in words_of(text))
    return frozenset(composed | {word for word, _ in counts.most_common(COMMON)})


@cache
def review_sentences() -> list[str]:
    """Short sentences of the training reviews."""
    rows = [row.text for row in english.rows() if row.source == "imdb" and row.part == "train"]
    found = dict.fromkeys(s for text in rows for s in sources.sentences_of(text) if 4 <= len(s.split()) <= 14)
    return [text for text in found if english.guard().clean(text)]


def wordnet() -> list[str]:
    """WordNet's examples that are whole simple sentences, with a capital and a full stop."""
    found: dict[str, None] = {}
    for text in sources.wordnet_examples():
        text = re.sub(r"\s+", " ", text).strip().rstrip(".,;")
        text = text[0].upper() + text[1:] + ("" if text.endswith(("?", "!")) else ".")
        if is_simple(text):
            found[text] = None
    return [text for text in found if _usable(text)]


def reviews() -> list[str]:
    """Short simple sentences of film reviews that are not about films."""
    some = [
        text for text in review_sentences() if is_simple(text) and set(ABOUT_FILMS.split()).isdisjoint(words_of(text))
    ]
    return [text for text in some if _usable(text)]


def words_of(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())


def is_simple(text: str) -> bool:
    """A short whole sentence of common words; no name but I is in it."""
    words = words_of(text)
    whole = words[:1] and (
        words[0].split("'")[0] in BEGINNINGS.split() or (words[0] in ("the", "a") and _has_verb(words))
    )
    plain = re.fullmatch(r"[A-Z][A-Za-z', -]+[.!?]", text) and not re.search(r" [A-HJ-Z]|--", text)
    return bool(whole and plain and 4 <= len(words) <= 16 and common_words().issuperset(words))


def _has_verb(words: list[str]) -> bool:
    return any(word in VERBS.split() or (word.endswith("ed") and len(word) > 4) for word in words[1:])
