"""Names of other libraries, and of older versions, that scripts and courses use.

Where such a name asks for what happens here anyway it is accepted; else the error says what does it here, or why
nothing does. Each room has a table of them: name -> Other. None asks for nothing, whatever the name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..i18n import N_, Said, said
from .errors import did_you_mean

HERE = N_("; here it is {code}")
LEAVE_OUT = N_("; it changes no result here: leave it out")


@dataclass(frozen=True)
class Other:
    """What a name of elsewhere is here: a piece of code, or the end of a sentence."""

    code: str = ""
    words: str = HERE  # in English, translated where it is said; has the field {code}
    same: tuple[Any, ...] = ()  # values that ask for what happens here anyway

    def asks_for_nothing(self, value: Any) -> bool:
        """Whether leaving the name out gives the same."""
        return value is None or any(type(value) is type(one) and value == one for one in self.same)


def without_effect(options: Mapping[str, Any], others: Mapping[str, Other]) -> dict[str, Any]:
    """Options -> those that ask for something, under names of ours and of elsewhere."""
    return {
        name: value for name, value in options.items() if name not in others or not others[name].asks_for_nothing(value)
    }


def instead(name: str, others: Mapping[str, Other], known: Iterable[str] = ()) -> Said | str:
    """The end of an error's sentence: what does here what this name does elsewhere, or the nearest names."""
    if name in others:
        return said(others[name].words, code=others[name].code)
    return did_you_mean(name, known)
