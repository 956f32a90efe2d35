"""Errors in the learner's language: the same type, the English sentence findable, every raise of the package spoken."""

import ast
import copy
import pickle
import re
from pathlib import Path

import pytest

from hfquick import i18n
from hfquick.hub import HubError
from hfquick.i18n import Said, said, spoken
from hfquick.utils import errors
from hfquick.utils.fields import Choice, Range, check_field
from hfquick.utils.notices import say, short_list

PACKAGE = Path(i18n.__file__).parent
UNKNOWN = "framework {framework!r} is unknown; give 'pt' for PyTorch or 'tf' for TensorFlow"
ENGLISH = "framework 'jax' is unknown; give 'pt' for PyTorch or 'tf' for TensorFlow"
FRENCH = "le framework 'jax' est inconnu ; donnez 'pt' pour PyTorch ou 'tf' pour TensorFlow"


@pytest.fixture
def french():
    i18n.set_language("fr")
    yield
    i18n.set_language(None)


class Refused(OSError):
    """As HubError: an error with more than a message."""

    def __init__(self, message, status=None):
        super().__init__(message)
        self.status = status


def test_in_english_an_error_is_what_it_was():
    error = spoken(ValueError, UNKNOWN, framework="jax")
    assert type(error) is ValueError
    assert error.args == (ENGLISH,)
    assert type(error.args[0]) is str
    assert repr(error) == repr(ValueError(ENGLISH))
    assert error.english == error.local == ENGLISH


@pytest.mark.usefixtures("french")
def test_in_french_both_sentences_are_there():
    error = spoken(ValueError, UNKNOWN, framework="jax")
    assert type(error) is ValueError
    assert str(error) == f"{FRENCH}\nEn anglais : {ENGLISH}"
    assert (error.local, error.english) == (FRENCH, ENGLISH)


@pytest.mark.usefixtures("french")
@pytest.mark.parametrize("kind", [ValueError, KeyError, AttributeError, ImportError, FloatingPointError, Refused])
def test_an_error_survives_pickling_and_copying(kind):
    error = spoken(kind, UNKNOWN, framework="jax")
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(other) is kind
        assert str(other) == str(error)
        assert (other.local, other.english) == (FRENCH, ENGLISH)


@pytest.mark.usefixtures("french")
def test_an_error_has_its_own_arguments_and_its_cause():
    with pytest.raises(Refused) as caught:
        raise spoken(Refused, UNKNOWN, 404, framework="jax") from KeyError("why")
    assert caught.value.status == 404
    assert isinstance(caught.value.__cause__, KeyError)


@pytest.mark.usefixtures("french")
def test_a_key_error_keeps_its_two_lines():
    error = spoken(KeyError, UNKNOWN, framework="jax")
    assert len(str(error).splitlines()) == 2
    assert errors.sentence(error) == FRENCH


@pytest.mark.usefixtures("french")
def test_an_error_inside_another_one_gives_each_language_its_part():
    inner = spoken(ValueError, UNKNOWN, framework="jax")
    outer = errors.damaged("config.json", "ada/model", inner)
    assert outer.local.startswith(f"config.json de 'ada/model' est abîmé ({FRENCH}) ; ")
    assert (
        outer.english == f"config.json of 'ada/model' is damaged ({ENGLISH}); fetch it again with force_download=True"
    )
    assert str(outer).count("\n") == 1


@pytest.mark.usefixtures("french")
def test_parts_keep_both_languages():
    near = errors.did_you_mean("topk", ["top_k", "top_p"])
    assert near == " ; vouliez-vous dire 'top_k' ou 'top_p' ?"
    assert near.english == "; did you mean 'top_k' or 'top_p'?"
    both = "a" + near + "b"
    assert (both, both.english) == (f"a{near}b", f"a{near.english}b")
    assert errors.all_of(["a", "b"]).english == "'a' and 'b'"
    named = Said("nom %(name)s", "name %(name)s") % {"name": Said("chat", "cat")}
    assert (named, named.english) == ("nom chat", "name cat")
    assert pickle.loads(pickle.dumps(near)).english == near.english


@pytest.mark.usefixtures("french")
@pytest.mark.parametrize(
    ("value", "hint", "limit", "local"),
    [
        (0, int | None, Range(1), "top_k vaut 0, il faut un nombre entier à partir de 1 ou None"),
        (3, float, Range(0, 1), "top_k vaut 3, il faut un nombre de 0 à 1"),
        (0, float, Range(above=0, most=2), "top_k vaut 0, il faut un nombre supérieur à 0 et jusqu’à 2"),
        (7, int, Range(0, below=7), "top_k vaut 7, il faut un nombre entier à partir de 0 et inférieur à 7"),
        ("x", bool | str, Choice(True, "y"), "top_k vaut 'x', il faut True ou 'y'"),
        (None, list | dict, None, "top_k vaut None, il faut une liste ou une table"),
    ],
)
def test_fields_are_checked_in_french(value, hint, limit, local):
    with pytest.raises(ValueError) as caught:
        check_field("top_k", value, hint, limit)
    assert caught.value.local == local


def test_ranges_in_english():
    kinds = (int,)
    assert Range(1).describe(kinds) == "a whole number from 1 on"
    assert Range(1, 3).describe(kinds) == "a whole number from 1 to 3"
    assert Range(1, below=3).describe(kinds) == "a whole number from 1 to below 3"
    assert Range(above=1).describe(kinds) == "a whole number above 1"
    assert Range(above=1, most=3).describe(kinds) == "a whole number above 1 to 3"
    assert Range(above=1, below=3).describe(kinds) == "a whole number above 1 to below 3"


@pytest.mark.usefixtures("french")
def test_a_sentence_that_nobody_translated_is_said_once():
    error = spoken(ValueError, "a sentence about {what}", what="nothing")
    assert str(error) == "a sentence about nothing"


@pytest.mark.usefixtures("french")
def test_an_unknown_language_is_refused_in_the_language_in_use():
    with pytest.raises(ValueError) as caught:
        i18n.set_language("xx")
    assert caught.value.local == "il n’y a pas de textes en langue 'xx' ; il y a : en, fr"


@pytest.mark.usefixtures("french")
def test_the_errors_of_the_hub_speak(monkeypatch):
    from hfquick import AutoConfig

    with pytest.raises(HubError) as caught:
        AutoConfig.from_pretrained("ada/nowhere")
    assert caught.value.local.startswith("'ada/nowhere' n’est ni un dossier ici ni dans le cache (")
    assert ", et HF_HUB_OFFLINE=1 interdit d’interroger le Hub. Connectez-vous" in caught.value.local
    assert ", and HF_HUB_OFFLINE=1 forbids asking the Hub. Connect and restart" in caught.value.english
    assert caught.value.passing is False


def test_no_catalogue_is_read_before_something_is_said_in_another_language(monkeypatch):
    read = []
    monkeypatch.setattr(i18n, "_catalogue", lambda code: read.append(code) or {})
    spoken(ValueError, UNKNOWN, framework="jax")
    assert set(read) <= {"en", "errors/en"}
    i18n.gettext("task")
    assert "errors/fr" not in read


# Who speaks

# Errors for developers of hfquick itself, and what other libraries are told.
UNSPOKEN = {"AssertionError", "NotImplementedError", "SystemExit", "KeyboardInterrupt", "TemplateError"}
INNER = {"NoRoute"}  # never reaches a reader: its reason, which is spoken, goes into a HubError


def made(node: ast.AST) -> str:
    """The name of an exception that a call makes, or ""."""
    if not isinstance(node, ast.Call):
        return ""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name if name.endswith(("Error", "Exit", "Interrupt")) or name in INNER else ""


def unspoken(path: Path) -> list[str]:
    """Exceptions that a file makes by themselves, with a sentence that is English alone."""
    return [
        f"{path.relative_to(PACKAGE)}:{node.lineno}: {name}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (name := made(node)) and name not in UNSPOKEN | INNER and node.args
    ]


def test_a_raise_that_is_not_spoken_is_found(tmp_path):
    (tmp_path / "file.py").write_text('raise ValueError(f"no {name}")\nraise spoken(ValueError, "no {name}", name=1)\n')
    found = [made(node) for node in ast.walk(ast.parse((tmp_path / "file.py").read_text()))]
    assert [name for name in found if name] == ["ValueError"]


@pytest.mark.parametrize("room", sorted({path.relative_to(PACKAGE).parts[0] for path in PACKAGE.rglob("*.py")}))
def test_every_error_is_spoken(room):
    place = PACKAGE / room
    assert [line for path in ([place] if place.is_file() else place.rglob("*.py")) for line in unspoken(path)] == []


COMMAND = re.compile(r"make | ?pip | *-m |install\.py ")  # what is typed is the same in every language


def words_beside(path: Path) -> list[str]:
    """Values of spoken sentences that are English words themselves, and so would stay English."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("said", "spoken"):
            inside = {id(part) for value in node.keywords for call in ast.walk(value.value)
                      if isinstance(call, ast.Call | ast.Compare) for part in ast.walk(call)}  # fmt: skip
            found += [
                f"{path.name}:{part.lineno}: {part.value}"
                for value in node.keywords
                for part in ast.walk(value.value)
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and id(part) not in inside
                and len(part.value.split()) > 1 and not COMMAND.match(part.value)
            ]  # fmt: skip
    return found


def test_values_of_sentences_are_no_english_words():
    assert [line for path in PACKAGE.rglob("*.py") for line in words_beside(path)] == []


def test_said_without_a_translation_is_english():
    assert said("{count} models", count=3) == said("{count} models", count=3).english == "3 models"


# Values from files of others


def test_a_value_of_a_million_letters_is_cut():
    for value in (
        "x" * 1_000_000,
        {"key": "x" * 1_000_000},
        UnicodeDecodeError("utf-8", b"\xff" * 1_000_000, 0, 1, "no"),
    ):
        for sentence in ("{value} is too much", "{value!r} is too much"):
            assert len(str(spoken(ValueError, sentence, value=value))) < 1_100
    part = said("a part of {value}", value="y" * 5_000)
    assert str(spoken(ValueError, "{part} ends", part=part)).endswith("… ends")


@pytest.mark.usefixtures("french")
def test_nor_is_its_english_longer():
    error = spoken(ValueError, UNKNOWN, framework="x" * 1_000_000)
    assert len(error.english) < 1_200 > len(error.local)


def test_control_characters_never_reach_the_terminal(capsys):
    name = "weight\x1b[2J\x07\u202e\x9b"
    spelled = r"weight\x1b[2J\x07\u202e\x9b"
    assert str(spoken(ValueError, "there is {name}", name=name)) == f"there is {spelled}"
    say(f"there is {name}")
    assert capsys.readouterr().out == f"there is {spelled}\n"
    say(f"there is {short_list(['x' * 500_000])}")
    assert len(capsys.readouterr().out) < 150
    assert str(spoken(ValueError, "{text}", text="une é,\n\tüß 你好 🤗\u202f!")) == "une é,\n\tüß 你好 🤗\u202f!"
