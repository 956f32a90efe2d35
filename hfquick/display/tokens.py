"""Tokens as a reader sees them. "Ġchat", "▁chat" and "##s" are spellings of vocabularies; a text holds " chat" and "s".

`piece` is what a token adds to a text, `label` its name where it stands alone.
"""

from typing import Any
from unicodedata import category

from ..i18n import gettext as _
from ..utils.text import is_cjk
from . import markup

HALF = "\ufffd"  # what decoding shows for bytes that are no whole character
CONTINUES, SPACE = "+", "␣"


def piece(tokenizer: Any, index: int) -> str:
    """A token id -> what it adds to a text, with its space; a special token is its name.

    A part of a character is named by its bytes, as Python writes them: an emoji may be "\\xf0\\x9f" and two more.
    """
    token = tokenizer.convert_ids_to_tokens(index)
    if token is None:
        return f"[{index}]"  # a model may have more rows than its tokenizer has tokens
    if index in tokenizer.all_special_ids:
        return token
    options = {"clean_up_tokenization_spaces": False}
    # The first token of a text loses its space in some vocabularies, the second never does.
    text = tokenizer.decode([index, index], **options)[len(tokenizer.decode([index], **options)) :]
    if HALF in text and all(letter in BYTES for letter in token):
        return bytes(BYTES[letter] for letter in token).decode("utf-8", "backslashreplace")
    return text or token


def label(text: str, before: str = "") -> str:
    """A piece of text -> its name on one line; "+" in front where it continues the word before it.

    >>> label(" chat"), label("s", "chat"), label(",", "chats"), label(" "), label("\\n")
    ('chat', '+s', ',', '␣', '\\\\n')
    """
    seen = text.strip(" ") or SPACE * len(text)
    seen = "".join(letter if letter.isprintable() else _escaped(letter) for letter in seen)
    continues = in_word(before[-1:]) and in_word(text[:1]) and not is_cjk(text[0])
    return CONTINUES + seen if continues else seen


def labels(pieces: list[str], before: str = "") -> list[str]:
    """Pieces that follow each other, and the text before them -> the name of each."""
    names = []
    for text in pieces:
        names.append(label(text, before))
        before = text or before
    return names


def signs(names: list[str]) -> str:
    """Names of tokens -> a line of HTML that explains the signs in them, or nothing where there are none."""
    said = [_("␣ is a space, or several")] * any(SPACE in name for name in names)
    said += [_("+ continues the word before it")] * any(name.startswith(CONTINUES) and name[1:] for name in names)
    return markup.paragraph(f"<small>{markup.escape('; '.join(said))}</small>") if said else ""


def in_word(letter: str) -> bool:
    """Whether this is a letter, a digit, or a mark on one."""
    return bool(letter) and category(letter)[0] in "LMN"


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode()


def _bytes_of_letters() -> dict[str, int]:
    """The alphabet of byte-level BPE: a byte that can be printed is its own letter, the others follow from 256 on."""
    printed = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printed]
    return {chr(byte): byte for byte in printed} | {chr(256 + index): byte for index, byte in enumerate(others)}


BYTES = _bytes_of_letters()
