"""Sentences a student can act on: the nearest names, the package that is missing, what an exception says."""

from collections.abc import Iterable
from difflib import get_close_matches
from importlib import import_module
from itertools import islice
from types import ModuleType
from typing import Any

from ..i18n import N_, Said, said, spoken

# Extra of hfquick -> the packages to ask an index for, which has these names, but not (yet) hfquick's own.
PACKAGES = {"torch": "torch accelerate", "tf": "tensorflow keras"}
LONGEST, MOST = 200, 5_000  # letters of a name that is compared with others, and how many those may be
# Module -> the extra that brings it.
EXTRAS = {"torch": "torch", "accelerate": "torch", "tensorflow": "tf", "keras": "tf"}


def did_you_mean(word: str, choices: Iterable[str], n: int = 3) -> str:
    """A name that does not exist -> "; did you mean 'a' or 'b'?", or an empty string when nothing is near."""
    near = nearest(word, choices, n)
    return said("; did you mean {names}?", names=either(near)) if near else ""


def nearest(word: str, choices: Iterable[str], n: int = 3) -> list[str]:
    """The choices that are spelled like a word, the nearest first; failing that, those that it is the beginning of.

    Only the first of many thousands are compared.
    """
    word = str(word)
    if len(word) > LONGEST:
        return []
    few = [text for choice in islice(choices, MOST) if len(text := str(choice)) <= LONGEST]
    longer = [text for text in few if len(word) > 3 and text.startswith(word)]
    return get_close_matches(word, few, n=n, cutoff=0.6) or longer[:n]


def unknown(sentence: str, name: Any, known: Iterable[str]) -> ValueError:
    """The error for a name that is none of those known; the sentence has the fields `name`, `near` and `known`."""
    known = list(known)
    return spoken(ValueError, sentence, name=name, near=did_you_mean(name, known), known=", ".join(known))


def either(names: Iterable[str]) -> Said:
    """Names -> "'a' or 'b'"."""
    return _joined(names, N_("{names} or {name!r}"))


def all_of(names: Iterable[str]) -> Said:
    """Names -> "'a' and 'b'"."""
    return _joined(names, N_("{names} and {name!r}"))


def _joined(names: Iterable[str], words: str) -> Said:
    first, *others = names
    joined = said("{name!r}", name=first)
    for name in others:
        joined = said(words, names=joined, name=name)
    return joined


def need(module: str, what: str, extra: str) -> ModuleType:
    """Import `module` for the feature `what`, or say what brings it: a whole extra of hfquick, or the module alone.

    >>> need("json", "reading a config", "all").__name__
    'json'
    """
    top = module.partition(".")[0]
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != top:
            raise  # the module is there, something it imports is not: that name is the useful one
        raise _lacks(what, top, extra) from None


def not_installed(error: ModuleNotFoundError, what: str) -> ImportError:
    """The error of an import that `what` needed -> the same as a sentence, where an extra of hfquick would help."""
    top = (error.name or "").partition(".")[0]
    return _lacks(what, top, EXTRAS[top]) if top in EXTRAS else error


def _lacks(what: str, module: str, extra: str) -> ImportError:
    advice = f"pip install {PACKAGES.get(extra, module)}"
    return spoken(
        ImportError,
        "{what} needs {module}, which is not installed; try: {advice}",
        what=what,
        module=module,
        advice=advice,
    )


def damaged(file: str, repo: str, why: object) -> ValueError:
    """The error for a file of a repository that cannot be right."""
    return spoken(
        ValueError,
        "{file} of {repo!r} is damaged ({why}); fetch it again with force_download=True",
        file=file,
        repo=repo,
        why=why,
    )


def label_out_of_range(label: int, count: int, kind: str | None = None) -> ValueError:
    """The error for a label, the lowest or the highest of a batch, that is none of a model's `count` labels.

    `kind` is that of label_kind_of: "words" and "characters" are tokens of the vocabulary.
    """
    if label < 0:
        advice = N_("{label} often marks rows without a label: filter them out, or write -100, which never counts")
    elif kind in ("words", "characters"):
        advice = N_("does the tokenizer fit the model?")
    else:
        advice = N_("try num_labels={count}, ignore_mismatched_sizes=True in from_pretrained")
    return spoken(
        ValueError,
        "label {label} was given, this model has labels 0 to {last}; {advice}",
        label=label,
        last=count - 1,
        advice=said(advice, label=label, count=label + 1),
    )


def texts_for_numbers(column: str, text: str | bytes) -> ValueError:
    """The error for a column of a batch that holds texts."""
    if column == "labels":
        return spoken(
            ValueError,
            "the labels are texts ({text!r}); a model takes numbers: try dataset.class_encode_column(...), or number "
            "them with map",
            text=text,
        )
    return spoken(
        ValueError,
        "column {column!r} holds texts; a model takes numbers: tokenize it or remove the column",
        column=column,
    )


def sentence(error: BaseException) -> Said:
    """What an exception says, on one line, in the reader's language and in English; its kind, when that is all."""
    words = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    local, english = getattr(error, "local", words), getattr(error, "english", words)
    kind = type(error).__name__
    return Said(" ".join(local.split()) or kind, " ".join(english.split()) or kind)
