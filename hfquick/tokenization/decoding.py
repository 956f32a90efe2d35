"""Token ids -> tokens and texts."""

from collections.abc import Iterable
from typing import Any

from ..i18n import said, spoken
from ..utils.elsewhere import only_known
from .inputs import describe
from .names import DECODE
from .special_tokens import SpecialTokens

ID_LIMIT = 2**32  # ids are unsigned numbers of 32 bits in the library


class Decoding(SpecialTokens):
    """The part of a tokenizer that turns ids into tokens and texts."""

    clean_up_tokenization_spaces: bool

    def decode(
        self,
        token_ids: Any,
        skip_special_tokens: bool = False,
        clean_up_tokenization_spaces: bool | None = None,
        **unknown: Any,
    ) -> str:
        """Token ids of one sequence, (T,) or one id -> its text.

        Arguments:
            token_ids: a list, an array or a tensor of any framework.
            skip_special_tokens: leave out [CLS], padding and their like.
            clean_up_tokenization_spaces: take out the spaces before English punctuation; None: as the tokenizer was
                set up.

        Raises TypeError for the ids of several sequences, ValueError for an id that does not exist.
        """
        only_known(unknown, ("skip_special_tokens", "clean_up_tokenization_spaces"), DECODE, "decode")
        ids = self._checked_ids(token_ids)
        try:
            with self._lock:
                text = self._backend.decode(ids, skip_special_tokens=skip_special_tokens)
        except OverflowError:
            raise self._no_token(next(index for index in ids if not 0 <= index < ID_LIMIT)) from None
        if clean_up_tokenization_spaces is None:
            clean_up_tokenization_spaces = self.clean_up_tokenization_spaces
        return clean_up(text) if clean_up_tokenization_spaces else text

    def _checked_ids(self, token_ids: Any) -> list[int]:
        """The ids of one sequence as a list, or TypeError."""
        ids = plain_list(token_ids)
        ids = [ids] if isinstance(ids, int) else ids
        if isinstance(ids, list) and ids and isinstance(ids[0], list | tuple):
            raise spoken(
                TypeError, "decode takes the ids of one text, these are {count} texts; try batch_decode", count=len(ids)
            )
        if not isinstance(ids, list) or not all(isinstance(index, int) for index in ids):
            raise spoken(
                TypeError, "token_ids is {token_ids}, expected a list of whole numbers", token_ids=describe(token_ids)
            )
        return ids

    def _no_token(self, wrong: int) -> ValueError:
        """The error for an id that does not exist."""
        last = self._backend.get_vocab_size() - 1
        advice = said("; -100 marks labels that do not count, take them out first") if wrong == -100 else ""
        return spoken(
            ValueError,
            "there is no token {wrong}, ids go from 0 to {last}{advice}",
            wrong=wrong,
            last=last,
            advice=advice,
        )

    def batch_decode(
        self,
        sequences: Any,
        skip_special_tokens: bool = False,
        clean_up_tokenization_spaces: bool | None = None,
        **unknown: Any,
    ) -> list[str]:
        """Token ids of many sequences, (B, T) or lists of different lengths -> the text of each.

        The options are those of `decode`.
        """
        options = {"clean_up_tokenization_spaces": clean_up_tokenization_spaces, **unknown}
        return [self.decode(ids, skip_special_tokens, **options) for ids in plain_list(sequences)]

    def convert_tokens_to_ids(self, tokens: str | Iterable[str]) -> Any:
        """One token, or a list of them -> ids; an unknown one gives the id of the unknown token (None without one)."""
        if isinstance(tokens, str):
            index = self._backend.token_to_id(tokens)
            return self.unk_token_id if index is None else index
        return [self.convert_tokens_to_ids(token) for token in tokens]

    def convert_ids_to_tokens(self, ids: Any, skip_special_tokens: bool = False) -> Any:
        """One id, or a list of them -> tokens; None where there is no such id."""
        ids = plain_list(ids)
        if isinstance(ids, int):
            return self._backend.id_to_token(ids) if 0 <= ids < ID_LIMIT else None
        skipped = set(self.all_special_ids) if skip_special_tokens else set()
        return [self.convert_ids_to_tokens(index) for index in map(int, ids) if index not in skipped]

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        """Tokens -> text."""
        return " ".join(tokens) if self._backend.decoder is None else self._backend.decoder.decode(tokens)


def clean_up(text: str) -> str:
    """Take out the space that decoding leaves before English punctuation and short forms.

    >>> clean_up("it is n't late , is it ?")
    "it isn't late, is it?"
    """
    for spaced in (" .", " ?", " !", " ,"):
        text = text.replace(spaced, spaced[1:])
    text = text.replace(" ' ", "'")
    for spaced in (" n't", " 'm", " 's", " 've", " 're"):
        text = text.replace(spaced, spaced[1:])
    return text


def plain_list(value: Any) -> Any:
    """A tensor or array of any framework -> lists and numbers."""
    if isinstance(value, list | int):
        return value
    if hasattr(value, "tolist"):  # PyTorch, NumPy
        return value.tolist()
    if hasattr(value, "numpy"):  # TensorFlow
        return value.numpy().tolist()
    return list(value) if isinstance(value, tuple | range) else value
