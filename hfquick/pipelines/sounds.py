"""What pipelines that read sounds share: sounds decoded ahead, in chunks where they are long, batches of one length.

A thread decodes and resamples while the model works on what came before, and only so much is held as a window has: an
hour needs no more memory than a minute. Nothing is padded that changes a score: where the model normalises over all
samples of a recording (`feat_extract_norm="group"`), a batch has recordings of one length, elsewhere those of nearly
one, with a mask.

Shapes: S samples, T frames, V vocabulary.
"""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from ..audio_processing.feature_extractor import Wav2Vec2FeatureExtractor, of_batch
from ..audio_processing.sounds import Sound, open_sound
from ..display.sound import MOST_SOUNDS, to_hear
from ..i18n import N_, said, spoken
from ..utils.elsewhere import Other
from ..utils.errors import need
from .base import Piece, Pipeline
from .names import OF_SOUNDS

AHEAD = 8  # pieces that are decoded ahead
FIRST_WINDOW, WINDOW = 480_000, 9_600_000  # samples that are sorted together: half a minute at 16 kHz, ten minutes
SAMPLES_PER_BATCH = 160_000  # more gains nothing on a CPU
PADDING = 0.03  # of the samples of a batch, at most
MOST_VALUES = 2**31  # that the first convolution may make of one piece: 8 GB; 22 minutes for Wav2Vec2's base model
END = object()


class Given(NamedTuple):
    """An input and its sound."""

    given: Any
    sound: Sound
    is_kept: bool  # whether the result may hold a copy of it

    def to_hear(self) -> Any:
        """What the result keeps of it; of a stream, which may be longer than the memory, copies of the first ones."""
        return to_hear(self.given, self.sound, copies=self.is_kept)


@dataclass
class Part:
    """Which part of an input a piece is, in samples: its ends have been heard before, or will be."""

    of: Given
    is_last: bool
    length: int
    left: int  # that are of the piece before
    right: int  # that are of the piece after it


class SoundPipeline(Pipeline):
    """A pipeline whose pieces are sounds, or parts of a long one."""

    parts: ClassVar[tuple[str, ...]] = ("feature_extractor",)
    wants: ClassVar[str] = N_("a sound (a path, an address, bytes, samples, or a dict of samples and their rate)")
    opens_files: ClassVar[bool] = True
    smaller: ClassVar[str] = N_("a shorter sound, or a smaller model")
    too_long: ClassVar[str] = N_("give a part of it")
    other_names: ClassVar[Mapping[str, Other]] = OF_SOUNDS

    def is_one(self, inputs: Any) -> bool:
        return is_sound(inputs)

    def check_parts(self) -> None:
        if getattr(self.model, "main_input_name", "") != "input_values":
            raise spoken(
                ValueError,
                "{task} reads sounds, and a {model} does not; try a Wav2Vec2 model",
                task=self.task,
                model=type(self.model).__name__,
            )
        if not isinstance(self.feature_extractor, Wav2Vec2FeatureExtractor):
            raise spoken(
                TypeError,
                "feature_extractor is a {given}, expected one of sounds; try "
                "AutoFeatureExtractor.from_pretrained('facebook/wav2vec2-base-960h')",
                given=type(self.feature_extractor).__name__,
            )

    def chunks(self, one: Given, settings: Any) -> Iterator[tuple[np.ndarray, int, int]]:
        """A sound -> its parts in turn: samples (S,), and how many of them are of the part before and after."""
        self._check_length(one.sound)
        yield one.sound.read(), 0, 0

    # From inputs to pieces.

    def _stream(self, inputs: Iterable[Any], settings: Any) -> Iterator[Any]:
        settings, results = self.ready(settings), []
        size = WINDOW if isinstance(inputs, list) else FIRST_WINDOW  # a stream's first results come soon
        for window in windows(self._ahead(inputs, settings), size):
            for piece, result in zip(window, self._results(window, settings), strict=True):
                results.append(result)
                if piece.facts.is_last:
                    yield self.join(results, piece.facts.of, settings)
                    results = []

    def _ahead(self, inputs: Iterable[Any], settings: Any) -> Iterator[Piece]:
        """The pieces of all inputs; a thread prepares the next ones, but the inputs are asked for here."""
        given: Iterator[Any] = enumerate(inputs)
        waiting = deque[tuple[int, Any]]()  # inputs that are held for the thread
        alone = isinstance(inputs, list) and len(inputs) == 1  # an error need not say which

        def prepared() -> Iterator[Piece]:
            while waiting:
                index, one = waiting.popleft()
                try:  # what stands in the call was typed by the user, addresses in a dataset were not
                    is_list = isinstance(inputs, list)
                    yield from self._pieces(one, is_list, is_list or index < MOST_SOUNDS, settings)
                except (ValueError, TypeError, OSError) as error:
                    if alone:
                        raise
                    raise of_batch(error, index) from error

        pieces, coming = prepared(), deque[Future[Any]]()
        pool = ThreadPoolExecutor(1, "hfquick-sound")
        try:
            while True:
                while len(coming) < AHEAD:
                    while len(waiting) <= len(coming) and (one := next(given, None)) is not None:
                        waiting.append(one)
                    coming.append(pool.submit(next, pieces, END))
                if (piece := coming.popleft().result()) is END:
                    return
                yield piece
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _pieces(self, given: Any, typed: bool, is_kept: bool, settings: Any) -> Iterator[Piece]:
        one = Given(given, open_sound(given, self.feature_extractor.sampling_rate, typed=typed), is_kept)
        before = None
        for samples, left, right in self.chunks(one, settings):
            if before is not None:
                yield before
            before = Piece(self.features_of(samples), Part(one, False, len(samples), left, right))
        if before is not None:
            before.facts.is_last = True
            yield before

    def features_of(self, samples: np.ndarray) -> dict[str, np.ndarray]:
        """What the model is called with for so many samples (S,) at its rate."""
        least = self.model.config.receptive_field
        if len(samples) < least:
            raise spoken(
                ValueError,
                "the sound has {count} samples, and one frame of this model is computed from {least}; give a longer "
                "one, or silence after it",
                count=len(samples),
                least=least,
            )
        rate = self.feature_extractor.sampling_rate
        [values] = self.feature_extractor(samples, sampling_rate=rate, return_attention_mask=False)["input_values"]
        features = {"input_values": np.asarray(values, np.float32)}
        return features | ({"attention_mask": np.ones(len(values), np.int32)} if self.can_pad else {})

    # Batches.

    @property
    def can_pad(self) -> bool:
        """Whether the model gives a padded recording the scores that it has alone."""
        return self.model.config.feat_extract_norm != "group"

    def batches(self, pieces: list[Piece], settings: Any) -> Iterator[list[int]]:
        lengths = [piece.facts.length for piece in pieces]
        return batches(lengths, settings.batch_size, PADDING if self.can_pad else 0)

    def collate(self, features: list[dict[str, Any]]) -> dict[str, Any]:
        longest = max(len(row["input_values"]) for row in features)
        arrays = {
            name: np.stack([np.pad(row[name], (0, longest - len(row[name]))) for row in features])
            for name in features[0]
        }
        if self.framework == "tf":
            tf = need("tensorflow", said("this pipeline"), "tf")
            return {name: tf.convert_to_tensor(array) for name, array in arrays.items()}
        torch = need("torch", said("this pipeline"), "torch")
        return {name: torch.from_numpy(array) for name, array in arrays.items()}

    # What can be wrong.

    @property
    def most_seconds(self) -> int:
        """How long a piece may be, so that it does not fill the memory of most computers."""
        config = self.model.config
        return MOST_VALUES // config.conv_dim[0] * config.conv_stride[0] // self.feature_extractor.sampling_rate

    def _check_length(self, sound: Sound) -> None:
        """Raise ValueError for a sound that is longer."""
        most = self.most_seconds
        if sound.seconds > most:
            raise spoken(
                ValueError,
                "{what} lasts {seconds:,.0f} s, and this model reads at most {most:,} s at once; {advice}",
                what=sound.what,
                seconds=sound.seconds,
                most=most,
                advice=said(self.too_long),
            )


def is_sound(value: Any) -> bool:
    """Whether a value is one sound, as far as its kind tells; a list of numbers is, and a list of lists is several."""
    if isinstance(value, str | bytes | bytearray | os.PathLike | Mapping | Sound):
        return True
    if hasattr(value, "read") or hasattr(value, "get_all_samples"):  # an open file, a decoder of torchcodec
        return True
    if isinstance(value, list | tuple):
        return bool(value) and isinstance(value[0], int | float | np.number)
    return hasattr(value, "__array__") and 0 < np.ndim(value) <= 2


def windows(pieces: Iterable[Piece], size: int) -> Iterator[list[Piece]]:
    """Pieces -> lists of those that are held, and sorted, together: of so many samples, then of more, up to WINDOW."""
    window: list[Piece] = []
    left = size
    for piece in pieces:
        window.append(piece)
        left -= piece.facts.length
        if left <= 0:
            yield window
            window, size = [], min(size * 2, WINDOW)
            left = size
    if window:
        yield window


def batches(lengths: list[int], most: int | None, padding: float) -> Iterator[list[int]]:
    """Indices of pieces, grouped so that a batch has about SAMPLES_PER_BATCH samples and that share of padding at most.

    >>> list(batches([30_000, 20_000, 30_000, 20_000], None, 0))
    [[0, 2], [1, 3]]
    >>> list(batches([30_000, 29_900, 30_000, 20_000], None, 0.03))
    [[0, 2, 1], [3]]
    """
    batch: list[int] = []
    padded = 0
    for index in sorted(range(len(lengths)), key=lambda index: -lengths[index]):
        if batch:
            longest, rows = lengths[batch[0]], len(batch) + 1
            padded += longest - lengths[index]
            full = rows > most if most else rows * longest > SAMPLES_PER_BATCH
            if full or padded > padding * rows * longest:
                yield batch
                batch, padded = [], 0
        batch.append(index)
    if batch:
        yield batch
