"""Labels and errors in the reader's language. English is the key; locale/<language>.po holds the labels.

    from hfquick.i18n import gettext as _
    _("{count} models", count=3)      # "3 modèles" for a French reader
    raise spoken(ValueError, "there is no task {name!r}", name=name)

The names of classes of pictures are in locale/classes/<language>.po.

The language is HFQUICK_LANG when set, else that of the system (LANGUAGE, LC_ALL, LC_MESSAGES, LANG), else English.
An error says its sentence in that language, and below it the English one, which can be searched for. What errors say
is in locale/errors/<language>.po, which is read when the first one is said; locale/classes/<language>.po has names of
what models find in pictures, for drawings.
"""

import locale
import os
import re
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, TypeVar

LOCALE = Path(__file__).parent / "locale"
THOUSANDS = {"fr": "\u202f"}  # between groups of three digits, where it is no comma
VARIABLES = ("HFQUICK_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")

MOST_LETTERS = 1_000  # of a value that is put into an error's sentence
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")  # all but tab and line break

_chosen: str | None = None
Kind = TypeVar("Kind", bound=BaseException)


class Said(str):
    """A text in the reader's language that knows the English one. `+` and `%` keep both."""

    english: str

    def __new__(cls, local: str, english: str) -> "Said":
        self = super().__new__(cls, local)
        self.english = english
        return self

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]  # for copies and pickles
        return str(self), self.english

    def __add__(self, other: str) -> "Said":
        return Said(str(self) + other, self.english + _english(other))

    def __radd__(self, other: str) -> "Said":
        return Said(other + str(self), _english(other) + self.english)

    def __mod__(self, values: Any) -> "Said":
        named = {name: _english(value) for name, value in values.items()} if isinstance(values, dict) else None
        return Said(super().__mod__(values), self.english % (_english(values) if named is None else named))


class _Message(str):
    """The two lines of an error. KeyError shows the repr of its message, where a line break would read as "\\n"."""

    def __repr__(self) -> str:
        return super().__repr__().replace("\\n", "\n")


@cache
def languages() -> tuple[str, ...]:
    """The languages there are, English first."""
    return "en", *sorted(path.stem for path in LOCALE.glob("*.po"))


def language() -> str:
    """The language in use: chosen by `set_language`, else from the environment, else the system's, else English."""
    if _chosen is not None:
        return _chosen
    known = languages()
    for variable in VARIABLES:
        wishes = [code for code in map(_code, os.environ.get(variable, "").split(":")) if code]
        if wishes:  # LANGUAGE holds a list ("de:fr"); a weaker variable has no say once a stronger one is set
            return next((code for code in wishes if code in known), "en")
    return _system_language(known)


def set_language(code: str | None) -> None:
    """Use this language from now on; None goes back to the environment's."""
    global _chosen
    if code is not None and _code(code) not in languages():
        raise spoken(
            ValueError, "no labels in language {code!r}; there are: {known}", code=code, known=", ".join(languages())
        )
    _chosen = None if code is None else _code(code)


def gettext(text: str, /, **values: object) -> str:
    """An English text -> the same in the reader's language, with {names} filled in.

    >>> gettext("{count} models", count=3)
    '3 models'
    """
    translated = _catalogue(language()).get(text) or text
    parts = {name: _part(value) for name, value in values.items()}
    return _Numbers().vformat(translated, (), parts) if parts else translated


def said(text: str, /, **values: object) -> Said:
    """As `gettext`, for a part of an error's sentence. A value may itself be a part, or an error.

    >>> said("{count} models", count=3).english
    '3 models'
    """
    parts = {name: _part(value) for name, value in values.items()}
    translated = _catalogue(language()).get(text) or _catalogue(f"errors/{language()}").get(text) or text
    if not parts:
        return Said(translated, text)
    return Said(_Local().vformat(translated, (), parts), _English().vformat(text, (), parts))


def spoken(kind: type[Kind], text: str, /, *arguments: object, **values: object) -> Kind:
    """An error of this kind, in the reader's language, with the English sentence on a second line.

    `error.local` and `error.english` are the two sentences, each alone. `arguments` are more of the error's own. In
    English the error is what `kind(text.format(**values), *arguments)` gives.

    >>> str(spoken(ValueError, "there is no task {name!r}", name="sing"))
    "there is no task 'sing'"
    """
    sentence = said(text, **values)
    local, english = str(sentence), str(sentence.english)
    message = local if local == english else _Message(f"{local}\n{gettext('In English: {sentence}', sentence=english)}")
    error = kind(message, *arguments)
    vars(error).update(local=local, english=english, _keras_call_info_injected=True)  # Keras adds no words of its own
    return error


class _Numbers(Formatter):
    """Writes {count:,} as the reader's language does: 1,000 in English, 1 000 in French."""

    def format_field(self, value: Any, format_spec: str) -> str:
        text = super().format_field(value, format_spec)
        return text.replace(",", THOUSANDS.get(language(), ",")) if "," in format_spec else text


class _Words(Formatter):
    """Fills in values, which may come from any file: none has a million letters, none moves a terminal's cursor."""

    def format_field(self, value: Any, format_spec: str) -> str:
        text = super().format_field(value, format_spec)
        return text if isinstance(value, Said) else plain(text)


class _Local(_Numbers, _Words):
    """Fills in the words of a sentence in the reader's language."""


class _English(_Words):
    """Fills in the English of what is a part of a sentence, also where it is an attribute of what was given."""

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        value, first = super().get_field(field_name, args, kwargs)
        return _english(value), first


def _part(value: object) -> object:
    """An error that was spoken -> its sentence as a part of another one; anything else as it is."""
    if isinstance(value, BaseException) and hasattr(value, "english"):
        return Said(vars(value)["local"], vars(value)["english"])
    return value


def _english(value: Any) -> Any:
    return value.english if isinstance(value, Said) else value


def plain(text: str, most: int = MOST_LETTERS) -> str:
    """A text of unknown origin, for a line that people read: control characters are spelled out, the rest is cut off.

    >>> plain("a\\x1b[2Jb" + "c" * 9, most=12)
    'a\\\\x1b[2Jbccc…'
    """
    if not text.isprintable():
        text = CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), text[: most + 1])
    return text if len(text) <= most else f"{text[:most]}…"


def class_name(label: str) -> str:
    """What a class of pictures is called in the reader's language ("cat" -> "chat"), or its label.

    Labels are a model's own words and are no part of the interface, so they have a catalogue of their own.
    """
    return _catalogue(f"classes/{language()}").get(label) or label


def N_(text: str) -> str:
    """Marks a text in a table, which is translated later where it is shown: `_(row.title)`."""
    return text


def _code(name: str) -> str:
    """'fr_CA.UTF-8' -> 'fr'; 'C' and 'POSIX' -> 'en'."""
    code = name.replace("-", "_").partition(".")[0].partition("@")[0].partition("_")[0].strip().lower()
    return "en" if code in ("c", "posix") else code


def _system_language(known: tuple[str, ...]) -> str:
    """Windows and macOS often set no variable: ask the system."""
    try:
        code = _code(locale.getlocale()[0] or "")
    except ValueError:
        return "en"
    code = {"french": "fr", "english": "en"}.get(code, code)  # Windows says "French_France"
    return code if code in known else "en"


@cache
def _catalogue(code: str) -> dict[str, str]:
    if code.rpartition("/")[2] == "en":
        return {}
    try:
        import polib
    except ModuleNotFoundError:  # a fresh clone, before anything is installed: English until then
        return {}
    path = LOCALE / f"{code}.po"
    if not path.is_file():  # a language in which nobody has translated the errors, or the names of classes, yet
        return {}
    entries = polib.pofile(str(path), encoding="utf-8")
    return {entry.msgid: entry.msgstr for entry in entries if entry.msgstr and not entry.fuzzy and not entry.obsolete}
