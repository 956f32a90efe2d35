"""Labels: the language chosen, the fall back to English, and a French file that is complete and holds nothing old."""

import ast
import re
import string
from pathlib import Path

import polib
import pytest

from hfquick import i18n, zoo
from hfquick.tasks import TASKS

PACKAGE = Path(i18n.__file__).parent
OTHER_LANGUAGES = [code for code in i18n.languages() if code != "en"]


@pytest.fixture(autouse=True)
def no_language(monkeypatch):
    for variable in i18n.VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    yield
    i18n.set_language(None)


LABELS = {"_": 0, "gettext": 0}  # function -> which of its arguments is the text
ERRORS = {"said": 0, "spoken": 1}
MARKS = {**LABELS, **ERRORS, "N_": 0}  # what N_ marks is in the one catalogue or the other
PERCENT = re.compile(r"%(?:\(\w+\))?[srd]")  # of what argparse says
FIELD = re.compile(r"\{[^{}]*\}")


def text_in(node: ast.AST, marks: dict[str, int]) -> ast.expr | None:
    """The text that a call marks for translation, None for any other piece of code."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in marks:
        return None
    place = marks[node.func.id]
    return node.args[place] if len(node.args) > place else None


def marked_texts(marks: dict[str, int] = MARKS) -> dict[str, str]:
    """Every text of the package that is marked for translation -> where it stands."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            text = text_in(node, marks)
            if text is None:
                continue
            where = f"{path.relative_to(PACKAGE)}:{text.lineno}"
            assert not isinstance(text, ast.JoinedStr), f"{where}: an f-string cannot be translated, use {{names}}"
            if isinstance(text, ast.Constant) and FIELD.sub("", text.value).strip():
                found[text.value] = where
    # Tables whose texts are translated where they are shown.
    found.update({text: "the TASKS table" for task in TASKS.values() for text in (task.title, task.hint)})
    found.update({row.title: "the zoo's table" for row in zoo.MODELS.values()})
    return found


def catalogue(name: str) -> dict[str, polib.POEntry]:
    return {entry.msgid: entry for entry in polib.pofile(str(i18n.LOCALE / f"{name}.po"), encoding="utf-8")}


@pytest.mark.parametrize("code", OTHER_LANGUAGES)
def test_language_file_is_complete_and_holds_nothing_old(code):
    labels, errors = catalogue(code), catalogue(f"errors/{code}")
    texts, entries = marked_texts(), {**errors, **labels}
    missing = [text for text in texts if text not in entries or not entries[text].msgstr or entries[text].fuzzy]
    paste = "\n".join(str(polib.POEntry(msgid=text, occurrences=[(texts[text], "")])) for text in missing)
    assert not missing, f"add to hfquick/locale/{code}.po, errors to hfquick/locale/errors/{code}.po:\n{paste}"
    assert sorted(set(entries) - set(texts)) == [], f"no longer used, remove from hfquick/locale/{code}.po"
    assert sorted(set(marked_texts(LABELS)) - set(labels)) == [], "a label is looked for among the labels only"
    assert sorted(set(labels) & set(errors)) == [], "once is enough"


@pytest.mark.parametrize("code", OTHER_LANGUAGES)
def test_translations_fill_in_the_same_names(code):
    for entry in [*catalogue(code).values(), *catalogue(f"errors/{code}").values()]:
        assert fields_of(entry.msgid) == fields_of(entry.msgstr), entry.msgid


def fields_of(text: str) -> set[str | tuple[str, str | None]]:
    """The names that are filled into a text, with how their numbers are written; also those of argparse."""
    named = {(field, spec) for _, field, spec, _ in string.Formatter().parse(text) if field}
    return named | set(PERCENT.findall(text))


PROSE = PACKAGE.parent / "notebooks" / "po"
FRENCH = [*sorted(i18n.LOCALE.rglob("fr.po")), PROSE / "fr.po", *sorted(PROSE.glob("fr/lessons/*.po"))]


@pytest.mark.parametrize("path", FRENCH, ids=lambda path: path.relative_to(PACKAGE.parent).as_posix())
def test_french_has_typographic_apostrophes_and_one_word_for_each_thing(path):
    """Code in it keeps the quotes of Python: those stand beside no letter on one of their sides."""
    for entry in polib.pofile(str(path)):
        text = re.sub(r"`[^`]*`", "", entry.msgstr)
        assert entry.obsolete or not re.search(r"[^\W\d_]'[^\W\d_{]|\}'[^\W\d_]", text), text
        assert entry.obsolete or not re.search(r"\bétapes?\b|\bcahiers?\b|hors connexion|plus foncé|\.\.\.$", text), (
            text
        )


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "fr_CA"}, "fr"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LANGUAGE": "fr:en"}, "fr"),
        ({"LANGUAGE": "xx:fr"}, "fr"),
        ({"LANG": "xx_XX.UTF-8"}, "en"),
        ({"LANG": "fr_FR.UTF-8", "HFQUICK_LANG": "en"}, "en"),
        ({"LC_MESSAGES": "fr_BE@euro", "LANG": "en_US"}, "fr"),
        ({"HFQUICK_LANG": "klingon"}, "en"),
    ],
)
def test_language_from_the_environment(monkeypatch, variables, code):
    monkeypatch.setattr(i18n.locale, "getlocale", lambda: (None, None))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert i18n.language() == code


@pytest.mark.parametrize(
    ("name", "code"), [("fr_FR", "fr"), ("French_France", "fr"), ("Klingon", "en"), ("English_United States", "en")]
)
def test_language_of_a_system_without_variables(monkeypatch, name, code):
    monkeypatch.setattr(i18n.locale, "getlocale", lambda: (name, "UTF-8"))
    assert i18n.language() == code


def test_gettext_translates_and_fills_in():
    i18n.set_language("fr")
    assert i18n.gettext("{free} GB free", free=7) == "7 Go libres"
    assert i18n.gettext("a text nobody translated") == "a text nobody translated"
    i18n.set_language("en")
    assert i18n.gettext("{free} GB free", free=7) == "7 GB free"
    assert i18n.gettext("{braces} stay without values") == "{braces} stay without values"


def test_numbers_are_grouped_as_in_the_language():
    text = "it has {count:,} letters, {most:,} are the most"
    for code, said in (("en", "it has 1,000 letters, 20,000 are the most"), ("fr", "1\u202f000 lettres")):
        i18n.set_language(code)
        assert said in i18n.said(text, count=1000, most=20_000)
        assert i18n.said(text, count=1000, most=20_000).english == "it has 1,000 letters, 20,000 are the most"
    assert i18n.gettext("{rate:,} Hz", rate=16_000) == "16\u202f000 Hz"


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError) as caught:
        i18n.set_language("xx")
    assert str(caught.value) == "no labels in language 'xx'; there are: en, fr"
