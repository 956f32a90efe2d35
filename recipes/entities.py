"""Sentences with their entities: annotated by hand for the test, made or labelled by another model to learn from.

A sentence is a text and its spans (first letter, letter after the last, kind). Kinds as in CoNLL 2003: PER, ORG, LOC
(states and regions too) and MISC (peoples, languages, events, works, products). In French an adjective such as
"belge" is no name and has no label.
"""

import re
from typing import NamedTuple

from .common import HERE

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


def by_hand(language: str) -> list[tuple[str, Sentence]]:
    """(source, sentence) of `entities_test_<language>.tsv`, committed before training, never used to choose anything.

    Sources: "factbook" (countries kept for the test), "debian" (package descriptions), "littre" (citations), and
    "everyday": sentences written for this test, as a learner would type them.
    """
    lines = (HERE / f"entities_test_{language}.tsv").read_text(encoding="utf-8").splitlines()
    return [(source, parse(marked)) for source, marked in (line.split("\t") for line in lines)]


def words_of(text: str) -> list[tuple[int, int]]:
    """Places of the words and marks of a text, as BERT's tokenizer cuts them before word pieces."""
    return [match.span() for match in re.finditer(r"\w+|[^\w\s]", text)]
