"""Sentences a student can act on: the nearest names, the package that is missing, what an exception says."""

from collections.abc import Iterable
from difflib import get_close_matches
from importlib import import_module
from types import ModuleType
from typing import Any

# Module -> the extra that brings it.
EXTRAS = {"torch": "torch", "accelerate": "torch", "tensorflow": "tf", "keras": "tf"}


def did_you_mean(word: str, choices: Iterable[str], n: int = 3) -> str:
    """A name that does not exist -> "; did you mean 'a' or 'b'?", or an empty string when nothing is near."""
    near = get_close_matches(str(word), [str(choice) for choice in choices], n=n, cutoff=0.6)
    return f"; did you mean {' or '.join(map(repr, near))}?" if near else ""


def need(module: str, what: str, extra: str) -> ModuleType:
    """Import `module` for the feature `what`, or say which extra of hfquick brings it.

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
    return ImportError(f"{what} needs {module}, which is not installed; try: pip install 'hfquick[{extra}]'")


def damaged(file: str, repo: str, why: object) -> ValueError:
    """The error for a file of a repository that cannot be right."""
    return ValueError(f"{file} of {repo!r} is damaged ({why}); fetch it again with force_download=True")


def refuse_remote_code(options: dict[str, Any]) -> None:
    """Take the keyword trust_remote_code out of `options`; raise ValueError where it is set."""
    if options.pop("trust_remote_code", False):
        raise ValueError("trust_remote_code=True: hfquick never runs code from a repository; leave this keyword out")


def label_out_of_range(label: int, count: int, advice: str) -> ValueError:
    """The error for a label that is none of a model's `count` labels."""
    return ValueError(f"label {label} was given, this model has labels 0 to {count - 1}; {advice}")


def texts_for_numbers(column: str, text: str | bytes) -> ValueError:
    """The error for a column of a batch that holds texts."""
    if column == "labels":
        return ValueError(
            f"the labels are texts ({text!r}); a model takes numbers: "
            "try dataset.class_encode_column(...), or number them with map"
        )
    return ValueError(f"column {column!r} holds texts; a model takes numbers: tokenize it or remove the column")


def sentence(error: Exception) -> str:
    """What an exception says, on one line; its kind too, when that is all there is."""
    said = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    return " ".join(said.split()) or type(error).__name__
