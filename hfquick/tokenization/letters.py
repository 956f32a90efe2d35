"""The vocabulary of a model that is trained with CTC: a vocab.json of letters, made into a tokenizer of the library.

    {"<pad>": 0, "<s>": 1, "</s>": 2, "<unk>": 3, "|": 4, "E": 5, "T": 6, ...}

Every letter of a text is a token, a space is the token "|"; tokens of several letters are found whole.
"""

import re
from collections.abc import Callable
from typing import Any

from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers

from ..i18n import Said, said
from .decoding import ID_LIMIT
from .families import SPECIAL_NAMES, Family

FILE = "vocab.json"
DEFAULTS = {"word_delimiter_token": "|", "replace_word_delimiter_char": " ", "do_lower_case": False}
MOST_CASES = 0x10000  # letters above have no other case in any vocabulary


def from_letters(
    vocabulary: Any,
    family: Family,
    settings: dict[str, Any],
    added: dict[int, AddedToken],
    damaged: Callable[[Said], ValueError],
) -> Tokenizer:
    """A table token -> id as a tokenizer, without its special tokens: `settings` and `added` have them afterwards.

    `damaged` makes the error for a table that cannot be right.
    """
    check(vocabulary, settings, damaged)
    for name, value in {**family.tokens, **DEFAULTS}.items():
        settings.setdefault(name, value)
    special = {str(settings[name]) for name in SPECIAL_NAMES if settings.get(name) is not None}
    for token, index in vocabulary.items():
        if len(token) > 1:  # the spaces around it belong to it
            is_special = token in special or (index in added and added[index].special)
            added[index] = AddedToken(token, lstrip=True, rstrip=True, normalized=False, special=is_special)
    for name in SPECIAL_NAMES:
        if str(settings.get(name)) in vocabulary:
            settings[name] = added.get(vocabulary[str(settings[name])], settings[name])
    backend = Tokenizer(models.WordLevel(vocabulary, unk_token=str(settings.get("unk_token"))))
    space = settings["word_delimiter_token"]
    cases = _upper_cases(vocabulary) if settings["do_lower_case"] else {}
    replaced = [normalizers.Replace(letter, upper) for letter, upper in cases.items()]
    backend.normalizer = normalizers.Sequence([*replaced, normalizers.Replace(" ", space)])
    backend.pre_tokenizer = pre_tokenizers.Split(Regex(rf"{re.escape(space)}|[\s\S]"), "isolated")
    return backend


def check(vocabulary: Any, settings: dict[str, Any], damaged: Callable[[Said], ValueError]) -> None:
    """Raise ValueError for a vocabulary that is no table of ids, or one of several languages."""
    languages = [name for name, value in vocabulary.items() if isinstance(value, dict)]
    if languages or settings.get("target_lang") is not None:
        raise damaged(
            said(
                "it has a vocabulary for each of several languages (target_lang), as models of MMS do, which hfquick "
                "does not read; take a model of one language"
            )
        )
    if not all(type(index) is int and 0 <= index < ID_LIMIT for index in vocabulary.values()) or not vocabulary:
        raise damaged(said("expected an id for every token"))
    if len(set(vocabulary.values())) < len(vocabulary):
        raise damaged(said("two tokens have one id"))
    settings.pop("target_lang", None)


def _upper_cases(vocabulary: dict[str, int]) -> dict[str, str]:
    """Lower-case letters -> the upper-case ones of the vocabulary; "ß" becomes two."""
    known = {token for token in vocabulary if len(token) == 1}
    pairs = ((letter, letter.upper()) for letter in map(chr, range(MOST_CASES)) if letter.islower())
    return {letter: upper for letter, upper in pairs if letter != upper and known.issuperset(upper)}
