"""Questions that both frameworks ask before they call a model; wrong answers are sentences."""

from collections.abc import Iterable

from ..utils.errors import did_you_mean


def unknown_input(model: str, name: str, known: Iterable[str]) -> TypeError:
    """The error for a call of a model with an input that it does not have."""
    known = list(known)
    return TypeError(f"{model} has no input {name!r}{instead_of(name, known)}; it has {', '.join(known)}")


def instead_of(name: str, known: Iterable[str]) -> str:
    """What to try instead of an input that a model does not have."""
    if name == "token_type_ids":  # tokenizers give them by default, and most models have no token types
        return "; try return_token_type_ids=False in the tokenizer"
    return did_you_mean(name, known)
