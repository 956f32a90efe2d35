"""Debian's long descriptions, each with the one line its maintainers wrote for it, split by source package.

A body of 120 characters or more, a synopsis of 3 to 14 words, and no families of packages (-dev, -doc, transitional)
whose synopses are one text with another name in it.
"""

import re
from functools import cache
from typing import NamedTuple

from . import sources
from .common import Guard, free, key, part

PARTS = ("train", "dev", "test")
FAMILIES = re.compile(r"-(dev|doc|docs|dbg|dbgsym|data|common|l10n-.*|i18n|tests?)$")
REPEATED = re.compile(r"transitional|dummy package|metapackage|\((development|debug|documentation|introspection)", re.I)


class Description(NamedTuple):
    package: str
    synopsis: str
    body: str


@cache
def descriptions() -> dict[str, list[Description]]:
    """Part -> descriptions; 3 % of the source packages are the test, 2 % dev, and no body or synopsis occurs twice."""
    found: dict[str, list[Description]] = {name: [] for name in PARTS}
    seen: set[str] = set()
    for source, package, synopsis, body in sources.debian_synopses():
        if FAMILIES.search(package) or REPEATED.search(synopsis) or not fit(synopsis, body):
            continue
        marks = {key(synopsis), "of" + key(body)[:200]}
        if seen & marks or not (free(synopsis) and free(body)):
            continue
        seen |= marks
        found[part(source, 0.03, 0.02)].append(Description(package, synopsis, body))
    guard = Guard(row.body for name in ("dev", "test") for row in found[name])
    found["train"] = [row for row in found["train"] if guard.clean(row.body)]
    return found


def fit(synopsis: str, body: str) -> bool:
    return len(body) >= 120 and 3 <= len(synopsis.split()) <= 14


def first_sentence(body: str) -> str:
    """The baseline: what a description says first."""
    return sources.sentences_of(body)[0]
