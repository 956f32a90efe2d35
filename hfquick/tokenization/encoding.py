"""What a tokenizer returns: a dict of lists or tensors that also knows which token came from which characters.

batch = tokenizer(["one text", "another"], padding=True, return_tensors="pt")
batch["input_ids"], batch.input_ids      # the same tensor
model(**batch)                           # it is a plain dict
batch.word_ids(0), batch.tokens(0)       # about the first text
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from tokenizers import Encoding

from ..i18n import N_, said, spoken
from ..utils.errors import did_you_mean, need
from ..utils.fields import wrong

TENSOR_KINDS = ("pt", "tf", "np")


class Span(NamedTuple):
    """A half-open range of characters or tokens."""

    start: int
    end: int


class BatchEncoding(dict):
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
        if isinstance(key, int | slice):
            return self._all_encodings()[key]
        try:
            return super().__getitem__(key)
        except KeyError:
            raise self._missing(KeyError, key) from None

    def __getattr__(self, name: str) -> Any:  # only reached when there is no such attribute
        if name in self:
            return self[name]
        raise self._missing(AttributeError, name)

    def _missing(self, kind: type[Exception], name: Any) -> Exception:
        sentence = N_("no {name!r} in this batch, which has {names}{near}")
        return spoken(kind, sentence, name=name, names=", ".join(self), near=did_you_mean(name, self))

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            super().__setattr__(name, value)
        else:
            self[name] = value  # batch.labels = ... must reach the model, so it becomes a key

    def copy(self) -> "BatchEncoding":
        return BatchEncoding(self, self._encodings)

    def __repr__(self) -> str:
        """One key per line; further lines of a tensor are indented under its first."""
        rows = []
        for key, value in self.items():
            name = f"{key!r}: "
            rows.append(name + repr(value).replace("\n", "\n" + " " * (len(name) + 1)))
        return "{" + ",\n ".join(rows) + "}"

    def convert_to_tensors(self, tensor_type: str | None) -> "BatchEncoding":
        """Turn all lists into tensors of a framework ("pt", "tf" or "np"), in place."""
        if tensor_type is not None:
            for key, value in self.items():
                self[key] = as_tensor(key, value, tensor_type)
        return self

    def to(self, device: Any, *, non_blocking: bool = False) -> "BatchEncoding":
        """Move all PyTorch tensors to `device`, in place. Raises TypeError if there are none."""
        moved = {
            key: value.to(device, non_blocking=non_blocking) for key, value in self.items() if hasattr(value, "to")
        }
        if self and not moved:
            kind = type(next(iter(self.values()))).__name__
            raise spoken(
                TypeError,
                "only PyTorch tensors move to a device, this batch holds {kind}; try return_tensors='pt'",
                kind=kind,
            )
        self.update(moved)
        return self

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


def check_tensor_kind(kind: Any) -> None:
    """Raise ValueError for what names no kind of tensors."""
    if kind not in TENSOR_KINDS:
        raise wrong("return_tensors", kind, said("'pt' (PyTorch), 'tf' (TensorFlow) or 'np' (NumPy)"))


def as_tensor(key: str, value: Any, kind: str) -> Any:
    """Nested lists of numbers -> a tensor; texts of different lengths raise ValueError."""
    check_tensor_kind(kind)
    array = _as_array(key, value)
    if kind == "np":
        return array
    if kind == "pt":
        torch = need("torch", "return_tensors='pt'", "torch")
        return torch.from_numpy(array.astype(np.float32) if array.dtype == np.float64 else array)
    tf = need("tensorflow", "return_tensors='tf'", "tf")
    smaller = {"int64": "int32", "float64": "float32"}.get(array.dtype.name)  # what tf.constant makes of Python numbers
    return tf.constant(array if smaller is None else array.astype(smaller))


def _as_array(key: str, value: Any) -> np.ndarray:
    try:
        array = np.asarray(value)
    except ValueError:  # lists of different lengths
        raise _ragged(key, value) from None
    if array.dtype.kind in "OSU":
        example = next(_leaves(value), None)
        raise spoken(
            ValueError,
            "{key!r} holds {example!r} ({example_kind}), expected numbers for a tensor; remove this column",
            key=key,
            example=example,
            example_kind=type(example).__name__,
        )
    return array.astype(np.int64) if array.size == 0 else array


def _ragged(key: str, value: list) -> ValueError:
    lengths = sorted({len(row) for row in value if hasattr(row, "__len__")})
    some = said("not all the same")
    if len(lengths) > 1:
        some = said("{shortest} and {longest}", shortest=lengths[0], longest=lengths[-1])
    if key in ("input_ids", "token_type_ids", "attention_mask", "special_tokens_mask", "offset_mapping"):
        return spoken(ValueError, "texts have different lengths ({some} tokens); try padding=True", some=some)
    return spoken(
        ValueError,
        "{key!r} has rows of different lengths ({some}); only input_ids and masks are padded, remove this column",
        key=key,
        some=some,
    )


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    else:
        yield value
