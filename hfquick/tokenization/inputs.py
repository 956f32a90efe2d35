"""What may be given to a tokenizer: checked here, once, before it reaches the library written in Rust."""

import re
from collections.abc import Sequence
from typing import Any

from ..i18n import N_, said, spoken

EXPECTED = N_("expected a text or a list of texts")

_SURROGATE = re.compile("[\ud800-\udfff]")


def as_list(value: Any) -> Any:
    """A column of a dataset, a NumPy array, a pandas column or a tuple -> a list; anything else as it is."""
    if isinstance(value, list | str | bytes):
        return value
    if hasattr(value, "tolist"):
        return value.tolist()
    return list(value) if isinstance(value, Sequence) else value


def to_batch(text: Any, text_pair: Any, words: bool) -> tuple[list, bool]:
    """The arguments of a call -> (inputs for `encode_batch`, whether a list was given).

    Raises TypeError for anything that is no text, ValueError for two lists of different lengths.
    """
    if type(text) is str and text_pair is None and not words:
        return [text], False
    text, text_pair = as_list(text), as_list(text_pair)
    if words:
        batched = isinstance(text, list) and bool(text) and not isinstance(text[0], str)
    else:
        batched = isinstance(text, list)
    if not batched:
        check_one(text, words, "text")
        if text_pair is not None:
            check_one(text_pair, words, "text_pair")
        return [(text, text_pair) if text_pair else text], False  # an empty second text is no second text
    if text_pair is None:
        return check_many(text, words, "text", pairs=not words), True
    if not isinstance(text_pair, list) or (words and text_pair and isinstance(text_pair[0], str)):
        raise spoken(
            TypeError,
            "text is a list, but text_pair is {text_pair}; expected a list of {count} texts",
            text_pair=describe(text_pair),
            count=len(text),
        )
    if len(text) != len(text_pair):
        raise spoken(
            ValueError,
            "text has {count} texts and text_pair has {other}, expected as many of both",
            count=len(text),
            other=len(text_pair),
        )
    return list(zip(check_many(text, words, "text"), check_many(text_pair, words, "text_pair"), strict=True)), True


def check_one(text: Any, words: bool, name: str) -> None:
    if words:
        if not isinstance(text, list) or not all(isinstance(word, str) for word in text):
            raise spoken(
                TypeError,
                "{name} is {text}, expected a list of words, because is_split_into_words=True",
                name=name,
                text=describe(text),
            )
    elif not isinstance(text, str):
        raise spoken(
            TypeError,
            "{name} is {text}, {expected}{advice}",
            name=name,
            text=describe(text),
            expected=said(EXPECTED),
            advice=_advice(text),
        )


def check_many(texts: list, words: bool, name: str, pairs: bool = False) -> list:
    """Every item is a text, or a list of words, or with `pairs` a pair; else TypeError names the first that is not."""
    if not words and set(map(type, texts)) <= {str}:
        return texts
    checked = []
    for index, item in enumerate(texts):
        if words:
            item = as_list(item)
            good = isinstance(item, list) and all(isinstance(word, str) for word in item)
        elif pairs and isinstance(item, list | tuple) and len(item) == 2:
            good = all(isinstance(part, str) for part in item)
            item = tuple(item)
        else:
            good = isinstance(item, str)
        if not good:
            what = (
                said("expected a list of words, because is_split_into_words=True")
                if words
                else said(EXPECTED) + _advice(item)
            )
            raise spoken(
                TypeError,
                "item {index} of {name} is {item}, {what}",
                index=index,
                name=name,
                item=describe(item),
                what=what,
            )
        checked.append(item)
    return checked


def describe(value: Any) -> str:
    """A value for an error sentence, shortened."""
    if value is None:
        return "None"
    shown = repr(value)
    return f"{shown if len(shown) <= 40 else shown[:37] + '...'} ({type(value).__name__})"


def _advice(value: Any) -> str:
    if isinstance(value, bytes):
        return said("; try .decode('utf-8') to make a text of bytes")
    if isinstance(value, int) and not isinstance(value, bool):
        return said("; token ids become text with decode() and are padded with pad()")
    if isinstance(value, list | tuple) and value and all(isinstance(word, str) for word in value):
        return said("; try is_split_into_words=True if these are the words of one text")
    if hasattr(value, "__next__"):
        return said("; try list(...) around a generator")
    return ""


def without_surrogates(value: Any) -> Any:
    """Halves of cut emoji (lone surrogates, which UTF-8 cannot hold) -> U+FFFD, one for one: offsets stay true."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    return type(value)(without_surrogates(part) for part in value)
