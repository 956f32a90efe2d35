"""Keywords of transformers that mean nothing new here: taken where they ask for what is done anyway, else answered.

take_keywords({"low_cpu_mem_usage": True}, table)   # nothing: a model is always loaded so
take_keywords({"load_in_4bit": True}, table)        # ValueError: load_in_4bit=True: ...; try ...
"""

from typing import Any, NamedTuple

from ..i18n import said, spoken

ANYTHING = object()  # in place of values: whatever is given changes nothing


class Keyword(NamedTuple):
    """One row of a table of keywords."""

    same: tuple  # values that ask for what is done anyway
    advice: str = ""  # for any other value: why not, and what to try


def take_keywords(options: dict[str, Any], table: dict[str, Keyword]) -> None:
    """Take the keywords of a table out of `options` (which is changed); ValueError for a value that asks for more."""
    for name in [name for name in options if name in table]:
        value, row = options.pop(name), table[name]
        if ANYTHING in row.same or any(value is each or _is_equal(value, each) for each in row.same):
            continue
        raise spoken(ValueError, "{name}={value!r}: {advice}", name=name, value=value, advice=said(row.advice))


def _is_equal(value: Any, other: Any) -> bool:
    """Whether two plain values are equal; an array would answer for each of its numbers."""
    return type(value) is type(other) and isinstance(value, str | int | dict) and value == other
