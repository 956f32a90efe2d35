"""What a tokenizer returns: a batch of lists or tensors that also knows which token came from which characters.

batch = tokenizer(["one text", "another"], padding=True, return_tensors="pt")
batch["input_ids"], batch.input_ids      # the same tensor
model(**batch)                           # it is a plain dict
batch.word_ids(0), batch.tokens(0)       # about the first text
"""

from typing import Any, NamedTuple

from tokenizers import Encoding

from ..i18n import spoken
from ..utils.batches import Batch


class Span(NamedTuple):
    """A half-open range of characters or tokens."""

    start: int
    end: int


class BatchEncoding(Batch):
    """Names of model inputs -> lists of numbers, or tensors.

    An integer index gives the `tokenizers.Encoding` of that text, with its tokens, offsets and word indices.
    """

    _encodings: list[Encoding] | None = None

    def __init__(
        self, data: dict | None = None, encodings: list[Encoding] | None = None, tensor_type: str | None = None
    ) -> None:
        super().__init__(data or {})
        self._encodings = encodings
        self.convert_to_tensors(tensor_type)

    def __getitem__(self, key: Any) -> Any:
        return self._all_encodings()[key] if isinstance(key, int | slice) else super().__getitem__(key)

    def copy(self) -> "BatchEncoding":
        return BatchEncoding(self, self._encodings)

    # Where the tokens come from.

    @property
    def encodings(self) -> list[Encoding] | None:
        return self._encodings

    def _all_encodings(self) -> list[Encoding]:
        if self._encodings is None:
            raise spoken(
                ValueError,
                "this batch was not made by calling a tokenizer, so it does not know its words and characters",
            )
        return self._encodings

    def _encoding(self, batch_index: int) -> Encoding:
        encodings = self._all_encodings()
        if not -len(encodings) <= batch_index < len(encodings):
            raise spoken(
                IndexError,
                "there is no text {batch_index}, this batch has {count}, counted from 0",
                batch_index=batch_index,
                count=len(encodings),
            )
        return encodings[batch_index]

    def tokens(self, batch_index: int = 0) -> list[str]:
        """The tokens of one text, special and padding tokens included."""
        return self._encoding(batch_index).tokens

    def word_ids(self, batch_index: int = 0) -> list[int | None]:
        """For each token the index of its word; None for special tokens."""
        return self._encoding(batch_index).word_ids

    def sequence_ids(self, batch_index: int = 0) -> list[int | None]:
        """For each token 0 if it belongs to the first text, 1 for the second of a pair; None for special tokens."""
        return self._encoding(batch_index).sequence_ids

    # With one index these are about the first text; with two, the first is that of the text in the batch.

    def char_to_token(self, batch_or_char: int, char: int | None = None, sequence_index: int = 0) -> int | None:
        """Index of the token that holds a character, None for a space."""
        encoding, char = self._at(batch_or_char, char)
        return encoding.char_to_token(char, sequence_index)

    def char_to_word(self, batch_or_char: int, char: int | None = None, sequence_index: int = 0) -> int | None:
        """Index of the word that holds a character."""
        encoding, char = self._at(batch_or_char, char)
        return encoding.char_to_word(char, sequence_index)

    def token_to_chars(self, batch_or_token: int, token: int | None = None) -> Span | None:
        """Characters of the text that a token stands for; None for special tokens."""
        encoding, token = self._token(batch_or_token, token)
        span = encoding.token_to_chars(token)
        return None if span is None else Span(*span)

    def token_to_word(self, batch_or_token: int, token: int | None = None) -> int | None:
        """Index of the word that a token belongs to; None for special tokens."""
        encoding, token = self._token(batch_or_token, token)
        return encoding.token_to_word(token)

    def word_to_chars(self, batch_or_word: int, word: int | None = None, sequence_index: int = 0) -> Span | None:
        """Characters of a word."""
        encoding, word = self._at(batch_or_word, word)
        span = encoding.word_to_chars(word, sequence_index)
        return None if span is None else Span(*span)

    def word_to_tokens(self, batch_or_word: int, word: int | None = None, sequence_index: int = 0) -> Span | None:
        """Tokens of a word."""
        encoding, word = self._at(batch_or_word, word)
        span = encoding.word_to_tokens(word, sequence_index)
        return None if span is None else Span(*span)

    def _at(self, batch_or_index: int, index: int | None) -> tuple[Encoding, int]:
        if index is None:
            return self._encoding(0), batch_or_index
        return self._encoding(batch_or_index), index

    def _token(self, batch_or_token: int, token: int | None) -> tuple[Encoding, int]:
        encoding, token = self._at(batch_or_token, token)
        count = len(encoding.ids)
        if not -count <= token < count:
            raise spoken(
                IndexError, "there is no token {token}, this text has {count}, counted from 0", token=token, count=count
            )
        return encoding, token % count
