"""Sentences about ordinary things for the masked language models, expanded from templates written for hfquick.

    On the {table|chair} there is a [big|small] {cat|dog}.

{a|b|c} is one of these words, the likelier first, and a word that may be masked; [a|b] is one of these, as it stands,
and may hold words in braces. `common_sentences_en.txt` and `common_sentences_fr.txt` have a template a line.
They are training data. `masked_dev_en.txt` and `masked_dev_fr.txt` are other sentences, by which models are chosen.
"""

import random
import re
from functools import cache
from typing import NamedTuple

from .common import HERE, SEED, free, key

MOST = 60  # sentences of one template
PER_SENTENCE = 3  # of all that a template can say, it says so many times as much at most: other words are masked
MASK = "___"  # in the dev sentences


class Sentence(NamedTuple):
    text: str
    words: tuple[tuple[int, int], ...]  # where the words begin and end that may be masked


class DevSentence(NamedTuple):
    before: str
    after: str
    accepted: tuple[str, ...]


@cache
def templates(language: str) -> list[str]:
    """The lines of a file, the names of its lists replaced by their words."""
    lists: dict[str, str] = {}
    found = []
    for line in (HERE / f"common_sentences_{language}.txt").read_text(encoding="utf-8").splitlines():
        name = re.match(r"([A-Z]+) = (.+)", line)
        if name:
            lists[name[1]] = name[2]
        elif line and not line.startswith("#"):
            found.append(re.sub(r"\b[A-Z]{3,}\b", lambda word: lists.get(word[0], word[0]), line))
    return found


def options(part: str) -> list[str]:
    """What a pair of brackets offers: its parts between bars, but not between bars inside braces."""
    return re.split(r"\|(?![^{}]*\})", part)


def choose(some: list[str], rng: random.Random) -> str:
    """One of some words; the first ones are likelier."""
    return rng.choices(some, [1 / (2 + place) for place in range(len(some))])[0]


def expand(template: str, rng: random.Random) -> Sentence:
    """One sentence that a template can say."""
    text = template
    while "[" in text:
        text = re.sub(r"\[([^\[\]]*)\]", lambda part: rng.choice(options(part[1])), text, count=1)
    found, spans = "", []
    for place, part in enumerate(re.split(r"\{([^}]*)\}", text)):
        if place % 2:
            word = choose(part.split("|"), rng)
            spans.append((len(found), len(found) + len(word)))
            found += word
        else:
            found += part
    return tidy(Sentence(found, tuple(spans)))


def tidy(sentence: Sentence) -> Sentence:
    """No two spaces and none before a comma or full stop, where an option was empty."""
    text, spans = sentence
    for bad in re.finditer(r" (?=[ ,.])", text):
        if bad.start() > 0:
            return tidy(drop(sentence, bad.start()))
    return Sentence(text, spans)


def drop(sentence: Sentence, place: int) -> Sentence:
    """A sentence without the character at a place."""
    moved = tuple((a - (a > place), b - (b > place)) for a, b in sentence.words)
    return Sentence(sentence.text[:place] + sentence.text[place + 1 :], moved)


def as_typed(sentence: Sentence, language: str, rng: random.Random) -> Sentence:
    """As people type it: at times without the full stop, without the space before ! and ?, or in small letters."""
    text, spans = sentence
    if text.endswith(".") and rng.random() < 0.2:
        text = text[:-1]
    elif language == "fr" and text.endswith((" !", " ?")) and rng.random() < 0.4:
        text = text[:-2] + text[-1]
    if rng.random() < 0.06:
        text = text[:1].lower() + text[1:]
    return Sentence(text, tuple((a, b) for a, b in spans if b <= len(text)))


def with_another(sentence: Sentence, rng: random.Random) -> Sentence:
    """Every second sentence with one word more that may be masked, any: a verb or a preposition, too."""
    others = [word.span() for word in re.finditer(r"[^\W\d_]+", sentence.text) if word.span() not in sentence.words]
    if others and rng.random() < 0.5:
        return sentence._replace(words=(*sentence.words, rng.choice(others)))
    return sentence


def combinations(template: str) -> int:
    """About how many sentences a template can say."""
    count = 1
    for part in re.findall(r"\{([^}]*)\}", template):
        count *= 1 + part.count("|")
    for part in re.findall(r"\[([^\]]*)\]", template):
        count *= len(options(part))
    return count


@cache
def sentences(language: str, seed: int = SEED) -> list[Sentence]:
    """Sentences of all templates of a language, without those that are kept for tests, notebooks or dev."""
    rng = random.Random(seed)
    kept = {key(f"{row.before}{word}{row.after}") for row in dev(language) for word in row.accepted}
    found = []
    for template in templates(language):
        for _ in range(min(MOST, PER_SENTENCE * combinations(template))):
            sentence = expand(template, rng)
            if sentence.words and free(sentence.text) and key(sentence.text) not in kept:
                found.append(as_typed(with_another(sentence, rng), language, rng))
    return found


@cache
def words(language: str) -> list[str]:
    """Every word that may be masked, each once."""
    found = (
        word for line in templates(language) for part in re.findall(r"\{([^}]*)\}", line) for word in part.split("|")
    )
    return [word for word in dict.fromkeys(found) if word]


@cache
def dev(language: str) -> list[DevSentence]:
    """Sentences by which models are chosen, with the words that a person would accept.

    They are in `masked_dev_en.txt` and `masked_dev_fr.txt`, a line each: "The sky is ___. = blue grey".
    """
    found = []
    for line in (HERE / f"masked_dev_{language}.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            text, _, accepted = line.rpartition(" = ")
            before, _, after = text.partition(MASK)
            found.append(DevSentence(before, after, tuple(accepted.split())))
    return found
