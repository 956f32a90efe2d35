"""What pipelines that read texts share: tokens, windows of long texts, batches by length."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..i18n import Said, said, spoken
from ..i18n import gettext as _
from ..utils.notices import say
from .base import Piece, Pipeline

if TYPE_CHECKING:
    from tokenizers import Encoding

    from ..tokenization.encoding import BatchEncoding

FIRST_WINDOW, WINDOW = 32, 1024  # inputs sorted together; a stream starts with few, so that its first results come soon
CHARACTERS = 512  # of an input on average; where texts are longer, fewer of them are held at once
TOKENS_PER_BATCH = 1024  # more gains nothing on a CPU: the batch leaves its caches
LEAST_SHARE = 0.9  # of the tokens of a model that its tokenizer has
PADDING_PER_BATCH = 48  # tokens of padding at which another batch is cheaper; measured in benchmarks/


@dataclass
class Alignment:
    """Where the T tokens of a window stand in the text they are from; arrays, since a long text has many."""

    text: str
    inside: np.ndarray  # (T,) whether a token is of the text: special tokens are not, nor those of a question
    offsets: np.ndarray  # (T, 2) where it starts and ends, in characters
    words: np.ndarray  # (T,) the index of its word, -1 without one

    @classmethod
    def of(cls, encoding: "Encoding", text: str, part: int = 0) -> "Alignment":
        """The alignment of a window; of the two parts of a pair, `part` says which is the text."""
        words = [-1 if word is None else word for word in encoding.word_ids]
        inside = np.array([of_part == part for of_part in encoding.sequence_ids], bool)
        return cls(text, inside, np.array(encoding.offsets, np.int32), np.array(words, np.int32))


class TextPipeline(Pipeline):
    """A pipeline whose pieces are tokens."""

    def check_parts(self) -> None:
        compare_vocabularies(self.tokenizer, self.model)

    def windows(self, inputs: Iterable[Any]) -> Iterator[list[Any]]:
        return windows(inputs)

    def batches(self, pieces: list[Piece], settings: Any) -> Iterator[list[int]]:
        return batches([len(piece.features["input_ids"]) for piece in pieces], settings.batch_size)

    def collate(self, features: list[dict[str, Any]]) -> dict[str, Any]:
        """Features of pieces -> a batch, padded on the right, whatever the tokenizer does.

        Models count positions from the left, so padding there would move a text, and its scores would depend on the
        lengths of its neighbours.
        """
        return dict(self.tokenizer.pad(features, padding_side="right", return_tensors=self.framework))

    @property
    def most_tokens(self) -> int:
        """How many tokens are encoded at once: what the model can, or less where its tokenizer says so."""
        limits = (self.model.config.longest_text, self.tokenizer.model_max_length)
        return min(limit for limit in limits if limit is not None)

    def cut(self, settings: Any, length: int | None = None) -> dict[str, Any]:
        """Options of the tokenizer that cut what is longer than `length`, or than the model can take.

        A length that was asked for is a wish to cut, and the model's own limit counts where a tokenizer has none.
        """
        if not settings.truncation and length is None:
            return {"truncation": settings.truncation}
        most = self.most_tokens if length is None else min(length, self.most_tokens)
        return {"truncation": settings.truncation or True, "max_length": most}

    def check_lengths(self, pieces: list[Piece], advice: str) -> None:
        """Raise ValueError for a text that is too long; one piece per text."""
        limit = self.model.config.longest_text
        for row, piece in enumerate(pieces):
            count = len(piece.features["input_ids"])
            if limit is not None and count > limit:
                which = which_text(row, len(pieces))
                raise spoken(
                    ValueError,
                    "{which} has {count} tokens, the model reads at most {limit}; try {advice}",
                    which=which,
                    count=count,
                    limit=limit,
                    advice=advice,
                )

    def windows_of(self, batch: "BatchEncoding", texts: Sequence[str], part: int = 0) -> Iterator[tuple[int, Piece]]:
        """What the tokenizer made with return_overflowing_tokens=True -> each window, after the row of its text."""
        names = [name for name in self.tokenizer.model_input_names if name in batch]
        for index, (row, encoding) in enumerate(
            zip(batch["overflow_to_sample_mapping"], batch.encodings or [], strict=True)
        ):
            features = {name: batch[name][index] for name in names}
            yield row, Piece(features, Alignment.of(encoding, texts[row], part))


def compare_vocabularies(tokenizer: Any, model: Any) -> None:
    """Say a line where tokenizer and model hardly belong together; a model's table may be somewhat larger."""
    tokens, rows = len(tokenizer), getattr(model.config, "vocab_size", None)
    if rows is not None and not LEAST_SHARE * rows <= tokens <= rows:
        line = _("the tokenizer has {tokens} tokens and the model {rows}; do they belong together?")
        say(line.format(tokens=tokens, rows=rows))


def unpadded(array: np.ndarray, piece: Piece) -> np.ndarray:
    """The rows of a piece's own tokens: (T with padding, ...) -> (T, ...)."""
    count = len(piece.features["input_ids"])
    if array.ndim == 0 or len(array) < count:
        raise spoken(
            ValueError,
            "the model gave scores of the shape {shape} for a text of {count} tokens, expected a row for each "
            "token; is it a model for this task?",
            shape=array.shape,
            count=count,
        )
    return array[:count]


def windows(inputs: Iterable[Any]) -> Iterator[list[Any]]:
    """Inputs -> lists of those that are sorted together: at most WINDOW, and few where they are long.

    >>> [len(window) for window in windows(["x" * WINDOW * CHARACTERS, "a", "b"])]
    [1, 2]
    """
    size = WINDOW if isinstance(inputs, list) else FIRST_WINDOW
    window: list[Any] = []
    left = size * CHARACTERS
    for value in inputs:
        window.append(value)
        left -= characters(value)
        if len(window) == size or left <= 0:
            yield window
            window, size = [], min(size * 2, WINDOW)
            left = size * CHARACTERS
    if window:
        yield window


def characters(value: Any) -> int:
    """How long an input is: the characters of all its texts.

    >>> characters({"question": "Who?", "context": "Ada."})
    8
    """
    if isinstance(value, str):
        return len(value)
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    return sum(map(characters, parts))


def batches(lengths: Sequence[int], most: int | None = None) -> Iterator[list[int]]:
    """Indices of inputs, grouped so that a batch holds about TOKENS_PER_BATCH tokens of nearly equal length.

    Padding is what makes batches slow: in a batch of mixed lengths most of the work is for nothing. So inputs are
    sorted by length, and a batch ends where one more would waste more than a new batch costs. `most` limits the inputs
    per batch.

    >>> list(batches([3, 500, 3, 4]))
    [[1], [3, 0, 2]]
    """
    batch: list[int] = []
    padding = 0
    for index in sorted(range(len(lengths)), key=lambda index: -lengths[index]):
        if batch:
            longest = lengths[batch[0]]
            padding += longest - lengths[index]
            full = len(batch) == most if most else (len(batch) + 1) * longest > TOKENS_PER_BATCH
            if full or padding > PADDING_PER_BATCH:
                yield batch
                batch, padding = [], 0
        batch.append(index)
    if batch:
        yield batch


def which_text(row: int, count: int) -> Said:
    """How an error names one of the texts that were given."""
    return said("the text") if count == 1 else said("text {number} of {count}", number=row + 1, count=count)


def is_text_pair(value: Any) -> bool:
    """Whether a value is a pair of texts: {"text": ..., "text_pair": ...} or a tuple of two."""
    if isinstance(value, Mapping):
        return True
    return isinstance(value, tuple) and len(value) == 2 and all(isinstance(part, str) for part in value)


def check_text(value: Any, reader: str) -> str:
    """The text given, or TypeError with what was given instead."""
    if not isinstance(value, str):
        raise spoken(
            TypeError,
            "{reader} reads texts, got {got}: {value!r}",
            reader=reader,
            got=type(value).__name__,
            value=str(value)[:40],
        )
    return value
