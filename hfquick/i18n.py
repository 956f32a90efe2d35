"""Labels and messages in the reader's language. English is the key; locale/<language>.po holds the rest.

    from hfquick.i18n import gettext as _
    _("{count} models", count=3)      # "3 modèles" for a French reader

The language is HFQUICK_LANG when set, else that of the system (LANGUAGE, LC_ALL, LC_MESSAGES, LANG), else English.
Errors of the Python interface stay English, as in every library a student will meet: they can be searched for.
"""

import locale
import os
from functools import cache
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"
VARIABLES = ("HFQUICK_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")

_chosen: str | None = None


def languages() -> list[str]:
    """The languages there are, English first."""
    return ["en", *sorted(path.stem for path in LOCALE.glob("*.po"))]


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
        raise ValueError(f"no labels in language {code!r}; there are: {', '.join(languages())}")
    _chosen = None if code is None else _code(code)


def gettext(text: str, **values: object) -> str:
    """An English text -> the same in the reader's language, with {names} filled in.

    >>> gettext("{count} models", count=3)
    '3 models'
    """
    said = _catalogue(language()).get(text) or text
    return said.format(**values) if values else said


def N_(text: str) -> str:
    """Marks a text in a table, which is translated later where it is shown: `_(row.title)`."""
    return text


def _code(name: str) -> str:
    """'fr_CA.UTF-8' -> 'fr'; 'C' and 'POSIX' -> 'en'."""
    code = name.replace("-", "_").partition(".")[0].partition("@")[0].partition("_")[0].strip().lower()
    return "en" if code in ("c", "posix") else code


def _system_language(known: list[str]) -> str:
    """Windows and macOS often set no variable: ask the system."""
    try:
        code = _code(locale.getlocale()[0] or "")
    except ValueError:
        return "en"
    code = {"french": "fr", "english": "en"}.get(code, code)  # Windows says "French_France"
    return code if code in known else "en"


@cache
def _catalogue(code: str) -> dict[str, str]:
    if code == "en":
        return {}
    try:
        import polib
    except ModuleNotFoundError:  # a fresh clone, before anything is installed: English until then
        return {}
    entries = polib.pofile(str(LOCALE / f"{code}.po"), encoding="utf-8")
    return {entry.msgid: entry.msgstr for entry in entries if entry.msgstr and not entry.fuzzy and not entry.obsolete}
