"""Everyday sentences with entities, English and French, as people type them: composed, or labelled by lists of words.

`everyday_frames_<language>.txt` has frames, `everyday_names.txt` names. {a|b} is one of them; the slots are
<P> person, <F> first name, <L> last name, <C> city, <K> country, <A> other place, <O> company, <B> public body,
<T> team, <S> school, <W> work or event, <V> tournament, <N> nationality (English), <G> language (English), <M> people,
<Z> places in the plural (French); <in>, <of> and <la> are a French country with its preposition or its article.
"""

import random
import re
from collections.abc import Callable, Iterator
from functools import cache

from . import entities, everyday, stories
from .common import HERE
from .entities import Sentence, french_country, parse

ARTICLE = re.compile(r"(?:the |la |le |les |l')")
CAPITALS = {"en": 0.06, "fr": 0.06}  # share of the sentences that come once more in capitals
SMALL = {"en": 0.12, "fr": 0.12}  # and in small letters
AGES = ("seven", "ten", "twelve", "twenty", "thirty", "forty")
TOURNAMENTS = ("World Cup", "Champions League", "Olympic Games", "Super Bowl")


@cache
def names() -> dict[str, list[str]]:
    lines = (HERE / "everyday_names.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition(": ") for line in lines if line and not line.startswith("#"))
    return {head: words.split(", ") for head, _, words in pairs}


@cache
def frames(language: str) -> list[str]:
    lines = (HERE / f"everyday_frames_{language}.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


class EverydayMaker:
    """Fills everyday frames; half of the names are well known, half come from the longer lists of `entities.Maker`."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.others = entities.Maker(seed)

    def sentences(self, language: str, count: int) -> Iterator[Sentence]:
        """So many sentences, and some of them once more in capitals or in small letters."""
        for _ in range(count):
            sentence = self.sentence(language)
            yield sentence
            number = self.rng.random()
            if number < CAPITALS[language]:
                yield changed(sentence, str.upper)
            elif number < CAPITALS[language] + SMALL[language]:
                yield changed(sentence, str.lower)

    def sentence(self, language: str) -> Sentence:
        frame = self.rng.choice(frames(language))
        while "{" in frame:
            frame = re.sub(r"\{([^{}]*)\}", lambda match: self.rng.choice(match[1].split("|")), frame)
        marked = re.sub(r"<(\w+)>", lambda slot: self.fill(language, slot[1]), frame).strip()
        if language == "fr":
            marked = elided(marked)
        else:
            marked = re.sub(r"\b([Aa]) (?=\[?[AEIO])", r"\1n ", marked)
        if self.rng.random() < 0.12:  # people forget the full stop
            marked = marked.removesuffix(".")
        first = re.match(r"[«\"]? ?\[?", marked)
        place = first.end() if first else 0
        return parse(marked[:place] + marked[place : place + 1].upper() + marked[place + 1 :])

    def fill(self, language: str, slot: str) -> str:
        """A slot -> a name with its mark; an article in front of it stays outside."""
        pick, lists = self.rng.choice, names()
        known = self.rng.random() < 0.6
        if slot == "age":
            return pick(AGES)
        if slot in ("in", "of"):
            return self.country(slot)
        kind, word = {
            "P": lambda: ("PER", self.person(language)),
            "F": lambda: ("PER", pick(lists[f"first_{language}"]) if known else pick(self.others.first)),
            "L": lambda: ("PER", pick(lists[f"last_{language}"]) if known else pick(self.others.last)),
            "C": lambda: ("LOC", pick(lists[f"city_{language}"]) if known else pick(self.others.cities)),
            "K": lambda: ("LOC", pick(lists["country_en"])),
            "la": lambda: ("LOC", pick(lists["country_fr"])),
            "A": lambda: ("LOC", pick(lists[f"place_{language}"])),
            "O": lambda: ("ORG", self.company(language)),
            "B": lambda: ("ORG", pick(lists["body" if language == "en" else "body_fr"])),
            "T": lambda: ("ORG", pick(lists["team"][: None if language == "en" else -4])),
            "S": lambda: ("ORG", self.school(language)),
            "W": lambda: ("MISC", pick(lists[f"work_{language}"])),
            "V": lambda: ("MISC", pick(TOURNAMENTS)),
            "N": lambda: ("MISC", pick(lists["people_en"])),
            "G": lambda: ("MISC", pick(lists["language_en"])),
            "M": lambda: ("MISC", pick(lists["people_fr"])),
            "Z": lambda: ("LOC", pick(lists["plural_fr"])),
        }[slot]()
        if slot == "V":
            return f"the [{word}]({kind})"
        article = ARTICLE.match(word)
        if article and word not in ("Les Misérables",):
            return f"{article[0]}[{word[article.end() :]}]({kind})"
        return f"[{word}]({kind})"

    def country(self, slot: str) -> str:
        plural = self.rng.random() < 0.12
        if plural:
            name = self.rng.choice(["Pays-Bas", "États-Unis", "Philippines", "Antilles"])
            return f"{'aux' if slot == 'in' else 'des'} [{name}](LOC)"
        return french_country(self.rng.choice(names()["country_fr"]), slot)

    def person(self, language: str) -> str:
        pick, lists, number = self.rng.choice, names(), self.rng.random()
        if number < 0.25:
            return pick(lists["people"])
        if number < 0.5:
            return pick(lists[f"first_{language}"])
        if number < 0.75:
            return f"{pick(lists[f'first_{language}'])} {pick(lists[f'last_{language}'])}"
        return self.others.person()

    def company(self, language: str) -> str:
        if self.rng.random() < 0.8:
            return self.rng.choice(names()["company"])
        return self.others.organisation(language)

    def school(self, language: str) -> str:
        pick = self.rng.choice
        city = pick(names()[f"city_{language}"])
        if self.rng.random() < 0.5:
            return pick(names()["school" if language == "en" else "school_fr"])
        if language == "en":
            return pick([f"the University of {city}", f"{city} University", f"the {city} School of Economics"])
        return pick([f"l'université de {city}", f"l'Université de {city}", f"l'école d'ingénieurs de {city}"])


def elided(marked: str) -> str:
    """French contractions and elisions, across the marks: "de [Anne]" -> "d'[Anne]", "à le [Louvre]" -> "au [Louvre]".

    >>> elided("Je viens de [Orléans](LOC) et je vais à le [Mans](LOC).")
    "Je viens d'[Orléans](LOC) et je vais au [Mans](LOC)."
    """
    marked = re.sub(r"\bà le (?=\[)", "au ", marked)
    marked = re.sub(r"\bde le (?=\[)", "du ", marked)
    marked = re.sub(r"\bde les (?=\[)", "des ", marked)
    return re.sub(r"\b([Dd])e (?=\[[AEIOUÉÈÊÎÔH])", r"\1'", marked)


def changed(sentence: Sentence, case: Callable[[str], str]) -> Sentence:
    """A sentence in capitals or in small letters; a letter that would become two stays, so that spans hold."""
    text = "".join(case(letter) if len(case(letter)) == 1 else letter for letter in sentence.text)
    return Sentence(text, sentence.spans)


# Sentences of other recipes of which all names are known


@cache
def _kinds() -> dict[str, str]:
    """Names of the stories' lists -> their kind."""
    lists = stories.words()
    found = dict.fromkeys(lists["girlboy"], "PER") | dict.fromkeys(lists["city"], "LOC")
    found |= dict.fromkeys(lists["country"], "LOC") | dict.fromkeys(lists["language"], "MISC")
    return found


def from_stories(seed: int, count: int) -> Iterator[Sentence]:
    """Texts of `stories.py` with their names, most of them without any; a text with another capital is left out."""
    days = {*stories.words()["day"], *stories.words()["month"], "I", "English"}
    pattern = re.compile("|".join(sorted(map(re.escape, _kinds()), key=len, reverse=True)))
    for text in stories.Composer(seed).texts(count):
        spans = [(m.start(), m.end(), _kinds()[m[0]]) for m in re.finditer(rf"\b(?:{pattern.pattern})\b", text)]
        rest = "".join(" " * (m.end() - m.start()) if m[0] in _kinds() else m[0] for m in re.finditer(r"\w+|\W", text))
        for start, end, _ in spans:
            rest = rest[:start] + " " * (end - start) + rest[end:]
        capitals = re.findall(r"(?<=[a-z,;] )[A-Z]\w*", rest)
        if set(capitals) <= days and len(text) < 160:
            yield Sentence(text, tuple(spans))


def plain_french(seed: int, count: int) -> Iterator[Sentence]:
    """Everyday French sentences without a name, from the pairs for translation."""
    first = set(entities.names()[0]) | set(names()["first_fr"]) | set(names()["first_en"])
    for _, text in everyday.sentences(count, seed):
        if not any(letter.isupper() for letter in text[1:]) and re.match(r"\w*", text)[0] not in first:
            yield Sentence(text, ())
