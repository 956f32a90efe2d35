"""Real French sentences with their names, found by lists of names: distant supervision (Mintz et al. 2009).

A sentence is taken only when every capital in it is explained: a known name of one kind only, or the first letter of a
word that is common in small letters. So what is labelled is nearly right, and what has no label is no name.
"""

import re
from collections import Counter
from functools import cache

from . import entities, sources
from . import entity_frames as frames
from .common import part
from .entities import MARK, Sentence, Span

WORD = re.compile(r"\w+(?:[-']\w+)*|\d+")
COMMON = 5  # times that a word must occur in small letters, and more often than with a capital, to be no name
TITLES = {"M", "Mme", "Mlle", "MM", "Monsieur", "Madame", "Saint", "Sainte"}
OF = re.compile(r"\b(?:M\.|Mme|Mlle|MM\.) (?:de |du |d')$")  # Mme de Rambouillet is no town
OFTEN = 100  # sentences of one name; "Dieu" alone has 3,000


def bare(words: list[str]) -> list[str]:
    """Names without marks and articles."""
    return [re.sub(r"^(?:[Ll]a |[Ll]e |[Ll]es |[Ll]')", "", MARK.sub(r"\1", word)) for word in words]


@cache
def kinds(seed: int) -> dict[str, str]:
    """Name -> its kind; a name of two kinds is left out, and so is every name of the sentences annotated by hand."""
    maker = entities.Maker(seed)
    lists = {
        "PER": [*maker.first, *maker.last],
        "LOC": [*maker.cities, *bare(maker.countries["fr"]), *bare(maker.lists["PLACES_FR"]), *frames.MOUNTAINS_FR],
        "MISC": [*bare(maker.lists["PEOPLES_FR"]), *bare(maker.lists["WORKS_FR"])],
        "ORG": maker.lists["COMPANIES"],
    }
    found: dict[str, set[str]] = {}
    for kind, names in lists.items():
        for name in names:
            found.setdefault(name, set()).add(kind)
    for people in bare(maker.lists["PEOPLES_FR"]):
        found.setdefault(people.removesuffix("s"), set()).add("MISC")
    return {name: of.pop() for name, of in found.items() if len(of) == 1 and len(name) > 2}


@cache
def texts() -> dict[str, list[str]]:
    """Part -> French sentences: Littré's citations split by author, Debian's descriptions by source package."""
    found: dict[str, list[str]] = {"train": [], "dev": [], "test": []}
    for author, text in sources.littre_citations():
        found[part(author, 0.03, 0.05)].append(text)
    for package, _, french in sources.debian_descriptions():
        found[part(package.split("-")[0])].append(french)
    return found


@cache
def counted() -> Counter:
    """How often every word occurs, as it is written."""
    return Counter(word for some in texts().values() for text in some for word in WORD.findall(text))


def is_common(word: str) -> bool:
    return counted()[word.lower()] >= max(COMMON, counted()[word])


def labelled(text: str, known: dict[str, str]) -> Sentence | None:
    """A sentence with its names, or None when a capital is not explained."""
    spans: list[Span] = []
    for match in WORD.finditer(text):
        start, word = match.start(), match[0]
        if spans and start < spans[-1][1]:
            continue
        if word[0].islower() or word[0].isdigit():
            continue
        head = re.match(r"(?:[LlDdQqJjNnSsMmCc]|[Qq]u)'", word)  # l'Espagne
        if head:
            start, word = start + head.end(), word[head.end() :]
            if not word or word[0].islower():
                continue
        for longer in range(4, 0, -1):  # the longest name that begins here
            more = re.match(rf"(?:[\w'-]+ ){{{longer - 1}}}[\w'-]+", text[start:])
            if more and more[0] in known:
                kind = "PER" if OF.search(text[:start]) else known[more[0]]
                spans.append((start, start + more.end(), kind))
                break
        else:
            if not is_common(word) and word not in TITLES:
                return None
    if any(is_common(text[start:end]) for start, end, _ in spans):
        return None  # a rose or Rose
    return Sentence(text, _joined(text, spans))


def _joined(text: str, spans: list[Span]) -> tuple[Span, ...]:
    """First and last name beside each other are one person."""
    found: list[Span] = []
    for start, end, kind in spans:
        if found and kind == found[-1][2] == "PER" and text[found[-1][1] : start] == " ":
            found[-1] = (found[-1][0], end, kind)
        else:
            found.append((start, end, kind))
    return tuple(found)


@cache
def sentences(name: str, seed: int) -> list[Sentence]:
    """All sentences of a part in which every capital is explained and one of them at least is a name."""
    known = kinds(seed)
    found, times = [], Counter()
    for text in dict.fromkeys(texts()[name]):
        sentence = labelled(text, known)
        if sentence and sentence.spans:
            names = {text[start:end] for start, end, _ in sentence.spans}
            if all(times[one] < OFTEN for one in names):
                times.update(names)
                found.append(sentence)
    return found
