"""Names of other libraries, and of older versions, that scripts and courses use.

Where such a name asks for what happens here anyway it is accepted; else the error says what does it here, or why
nothing does. Each room has a table of them: name -> Other.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from functools import wraps
from typing import Any, NamedTuple, TypeVar

from ..i18n import N_, Said, said, spoken
from .errors import did_you_mean
from .notices import short_list

Kind = TypeVar("Kind", bound=type)
HERE = N_("here it is {code}")
LEAVE_OUT = N_("it changes no result here: leave it out")
NO_CODE = N_("hfquick never runs code from a repository: leave it out")


class Other(NamedTuple):
    """What a name of elsewhere is here: a piece of code, or the end of a sentence."""

    code: str = ""
    words: str = HERE  # in English, translated where it is said; has the field {code}
    same: tuple[Any, ...] = ()  # values that ask for what happens here anyway, as None does; with ... in it: all

    def asks_for_nothing(self, value: Any) -> bool:
        """Whether leaving the name out gives the same."""
        if value is None or ... in self.same:
            return True  # an array would compare each of its numbers: only plain values are looked at
        return isinstance(value, str | int | float | tuple | list | dict) and value in self.same


def instead(name: str, others: Mapping[str, Other], known: Iterable[str] = ()) -> Said | str:
    """The end of an error's sentence: what does here what this name does elsewhere, or the nearest names."""
    if name in others:
        return said("; {advice}", advice=said(others[name].words, code=others[name].code))
    return did_you_mean(name, known)


def only_known(
    given: Mapping[str, Any],
    known: Iterable[str],
    others: Mapping[str, Other],
    owner: str,
    kind: type[Exception] = TypeError,
) -> dict[str, Any]:
    """Arguments -> those that ask for something; raise `kind` for one that is not known, with what does it here."""
    known, asked = list(known), {}
    for name, value in given.items():
        if name in known:
            asked[name] = value
            continue
        value = value.value if isinstance(value, Enum) else value
        if name in others and others[name].asks_for_nothing(value):
            continue
        near = instead(name, others, known)
        if name in others and others[name].same:
            sentence = N_("{owner} does not take {name}={value!r}{near}")
        else:
            sentence = N_("{owner} has no argument {name!r}{near}")
            near = near or (said("; it has {known}", known=short_list(known, 12)) if known else "")
        raise spoken(kind, sentence, owner=owner, name=name, value=value, near=near)
    return asked


def knows_its_names(
    cls: Kind, older: Mapping[str, str] | None = None, others: Mapping[str, Other] | None = None
) -> Kind:
    """A class -> the same, whose __init__ answers an unknown name with a TypeError that says what to give instead.

    `older` are further names of its arguments, `others` arguments of other libraries that it does not have.
    """
    made: Callable = vars(cls)["__init__"]
    names = [name for name in inspect.signature(made).parameters if name != "self"]

    @wraps(made)  # the signature that Shift-Tab shows stays the class's own
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        given = _by_our_names(kwargs, older or {})
        made(self, *args, **only_known(given, names, others or {}, cls.__name__))

    setattr(cls, "__init__", init)  # noqa: B010  (mypy takes the plain form for a mistake)
    return cls


def _by_our_names(given: dict[str, Any], older: Mapping[str, str]) -> dict[str, Any]:
    for other in older.keys() & given.keys():
        value, name = given.pop(other), older[other]
        if value is None:
            continue
        if name in given:
            raise two_names(TypeError, other, name)
        given[name] = value
    return given


def two_names(kind: type[Exception], one: str, other: str) -> Exception:
    """The error for an argument that was given twice."""
    return spoken(kind, "{one}= and {other}= are two names of one argument; give one of them", one=one, other=other)
