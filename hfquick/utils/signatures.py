"""Classes that answer a name they do not know with a sentence, and understand the names of other libraries."""

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, NamedTuple, TypeVar

from ..i18n import said, spoken
from .errors import did_you_mean

Kind = TypeVar("Kind", bound=type)


class Elsewhere(NamedTuple):
    """An argument that another library has: the values at which it asks for nothing, and what does it here."""

    harmless: tuple[Any, ...]  # with ... in it: all values
    advice: str  # in English


def knows_its_names(
    cls: Kind, other_names: Mapping[str, str] | None = None, elsewhere: Mapping[str, Elsewhere] | None = None
) -> Kind:
    """A class -> the same, whose __init__ answers an unknown name with a TypeError that has the nearest ones.

    `other_names` are further names of its arguments, `elsewhere` arguments of other libraries that it does not have.
    """
    made: Callable = vars(cls)["__init__"]
    names = [name for name in inspect.signature(made).parameters if name != "self"]

    @wraps(made)  # the signature that Shift-Tab shows stays the class's own
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        given = _by_our_names(kwargs, other_names or {})
        made(self, *args, **_without_harmless(cls.__name__, given, names, elsewhere or {}))

    setattr(cls, "__init__", init)  # noqa: B010  (mypy takes the plain form for a mistake)
    return cls


def _by_our_names(given: dict[str, Any], other_names: Mapping[str, str]) -> dict[str, Any]:
    for other in other_names.keys() & given.keys():
        value, name = given.pop(other), other_names[other]
        if value is None:
            continue
        if name in given:
            raise spoken(
                TypeError,
                "{other}= and {name}= are two names of one argument; give one of them",
                other=other,
                name=name,
            )
        given[name] = value
    return given


def _without_harmless(
    cls: str, given: dict[str, Any], names: list[str], elsewhere: Mapping[str, Elsewhere]
) -> dict[str, Any]:
    for name in given.keys() - set(names):
        value = getattr(given[name], "value", given[name])  # also that of an Enum
        if name not in elsewhere:
            raise spoken(
                TypeError,
                "{cls} has no argument {name!r}{near}",
                cls=cls,
                name=name,
                near=did_you_mean(name, names),
            )
        if ... not in elsewhere[name].harmless and value not in elsewhere[name].harmless:
            raise spoken(
                TypeError,
                "{cls} has no argument {name!r} (given: {value!r}); {advice}",
                cls=cls,
                name=name,
                value=value,
                advice=said(elsewhere[name].advice),
            )
        given.pop(name)
    return given
