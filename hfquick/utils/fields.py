"""Checking of values that users and files give: what kind they are, in which range, and one sentence for what is wrong.

    check_field("top_k", 0, int | None, Range(1))
    # ValueError: top_k is 0, expected a whole number from 1 on or None
    check_field("padding_side", "top", str, Choice("right", "left"))
    # ValueError: padding_side is 'top', expected 'right' or 'left'

Kinds are written as annotations. True and False are no numbers here, and a whole number is a number, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import NoneType
from typing import Any, get_args, get_origin

from ..i18n import N_, Said, said, spoken
from .errors import did_you_mean

KINDS = {
    int: N_("a whole number"),
    float: N_("a number"),
    bool: N_("True or False"),
    str: N_("a text"),
    list: N_("a list"),
    dict: N_("a table"),
    NoneType: "None",
}


@dataclass(frozen=True)
class Range:
    """The numbers from `least` to `most`, both allowed, or above `above` and below `below`."""

    least: float | None = None
    most: float | None = None
    above: float | None = None
    below: float | None = None
    name: str = ""  # "a probability", where "a number" says too little; in English, as the advice
    advice: str = ""  # "; what to try", the end of the sentence

    def holds(self, value: Any) -> bool:
        """Whether a number lies within; nan lies nowhere."""
        return (
            (self.least is None or value >= self.least)
            and (self.most is None or value <= self.most)
            and (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
        )

    def describe(self, kinds: tuple[Any, ...]) -> str:
        """What is expected, in words.

        >>> Range(1, 9).describe((int, NoneType))
        'a whole number from 1 to 9 or None'
        """
        number = float if float in kinds else int
        others = [said(KINDS[kind]) for kind in kinds if kind not in (int, float)]
        values = {"number": said(self.name or KINDS[number]), **vars(self)}
        if self.above is not None:
            words = said("{number} above {above}", **values)
            if self.most is not None:
                words = said("{number} above {above} to {most}", **values)
            elif self.below is not None:
                words = said("{number} above {above} to below {below}", **values)
        elif self.most is not None:
            words = said("{number} from {least} to {most}", **values)
        elif self.below is not None:
            words = said("{number} from {least} to below {below}", **values)
        else:
            words = said("{number} from {least} on", **values)
        return _or([words, *others])


PROBABILITY = Range(0, 1, name=N_("a probability"))


class Choice:
    """One of a few values."""

    advice = ""

    def __init__(self, *values: Any) -> None:
        self.values = values

    def holds(self, value: Any) -> bool:
        return value in self.values

    def describe(self, kinds: tuple[Any, ...]) -> str:
        """All of them, in words.

        >>> Choice(True, False, "never").describe((bool, str))
        "True, False or 'never'"
        """
        *others, last = map(repr, self.values)
        return said("{names} or {last}", names=", ".join(others), last=last) if others else last


def check_field(name: str, value: Any, hint: Any, limit: Range | Choice | None = None, advice: str = "") -> None:
    """Raise ValueError unless `value` is of the kind that `hint` says and within the limit.

    None is never compared with a limit: the hint says whether it is allowed. `advice` ends the sentence.
    """
    kinds = kinds_of(hint)
    if any(_is(value, kind) for kind in kinds) and (value is None or limit is None or limit.holds(value)):
        return
    if limit is None:
        raise wrong(name, value, _or([said(KINDS[kind]) for kind in kinds]), advice)
    if isinstance(limit, Choice) and isinstance(value, str):
        advice = did_you_mean(value, limit.values) + advice
    raise wrong(name, value, limit.describe(kinds), said(limit.advice) + advice)


def check_fields(
    values: Mapping[str, Any], hints: Mapping[str, Any], limits: Mapping[str, Range | Choice] | None = None
) -> None:
    """The same for all names of `hints` that have a value."""
    for name, hint in hints.items():
        if name in values:
            check_field(name, values[name], hint, (limits or {}).get(name))


def _or(parts: list[Said]) -> Said:
    first, *others = parts
    for other in others:
        first = said("{names} or {last}", names=first, last=other)
    return first


def wrong(name: str, value: Any, expected: str, advice: str = "") -> ValueError:
    """The error for a value, to be raised: what it is, what was expected, what to try."""
    return spoken(
        ValueError,
        "{name} is {value!r}, expected {expected}{advice}",
        name=name,
        value=value,
        expected=expected,
        advice=advice,
    )


@cache
def kinds_of(hint: Any) -> tuple[Any, ...]:
    """An annotation -> the classes it allows.

    >>> kinds_of(list[str] | None)
    (<class 'list'>, <class 'NoneType'>)
    """
    parts = (hint,) if isinstance(hint, type) or get_origin(hint) in (list, dict) else get_args(hint)
    return tuple(get_origin(part) or part for part in parts)


def _is(value: Any, kind: Any) -> bool:
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)
