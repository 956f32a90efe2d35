"""Sounds -> input values: normalised samples, padded to one length.

    feature_extractor = AutoFeatureExtractor.from_pretrained("facebook/wav2vec2-base-960h")
    batch = feature_extractor(["one.wav", "two.wav"], padding=True, return_tensors="pt")  # batch["input_values"] (B, S)

A model takes samples at one rate, `sampling_rate`. Files, and tables that say their rate, are resampled to it; of bare
arrays the caller must know. Each clip is normalised by its own mean and variance, over its true length, before it is
padded: so a clip has the same values in every batch.

Shapes: B clips, S samples of the longest.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from ..hub.preprocessors import TYPES, Fields, Preprocessor
from ..i18n import gettext as _
from ..i18n import spoken
from ..image_processing.features import BatchFeature
from ..tokenization.options import check_count, choose
from ..tokenization.padding import columns_of, round_up
from ..utils.arrays import to_numpy
from ..utils.batches import check_tensor_kind
from ..utils.elsewhere import Other, only_known
from ..utils.fields import Choice, Range, check_fields
from ..utils.notices import say_once
from .decoding import LEAST_RATE, MOST_RATE
from .names import ATTRIBUTES, CALL, LOADING
from .sounds import open_sound

VALUES, MASK = "input_values", "attention_mask"
PADDING = ("longest", "max_length", "do_not_pad")
EPSILON = 1e-7  # added to the variance of a clip, which in silence is 0
MOST_LENGTH = 230_400_000  # samples, 4 hours at 16 kHz

KINDS: dict[str, Any] = {
    "feature_size": int,
    "sampling_rate": int,
    "padding_value": float,
    "padding_side": str,
    "do_normalize": bool,
    "return_attention_mask": bool,
}
LIMITS: dict[str, Range | Choice] = {
    "feature_size": Range(1, 1),
    "sampling_rate": Range(LEAST_RATE, MOST_RATE),
    "padding_side": Choice("right", "left"),
    "padding_value": Range(-1e6, 1e6),
}


class Wav2Vec2FeatureExtractor(Preprocessor):
    """Of each clip its samples, normalised: what Wav2Vec2 and the models after it take."""

    DEFAULTS: ClassVar[Mapping[str, Any]] = {
        "feature_size": 1,
        "sampling_rate": 16_000,
        "padding_value": 0.0,
        "padding_side": "right",
        "do_normalize": True,
        "return_attention_mask": False,
    }
    NAMES = (LOADING, ATTRIBUTES)
    TYPE = TYPES[1]
    model_input_names: ClassVar[list[str]] = [VALUES, MASK]

    sampling_rate: int
    padding_value: float
    padding_side: str
    do_normalize: bool
    return_attention_mask: bool

    def _with(self, fields: Mapping[str, Any], given: Mapping[str, Any], others: Mapping[str, Other]) -> Fields:
        asked = only_known(given, self.DEFAULTS, others, type(self).__name__)
        values = {**fields, **{name: value for name, value in asked.items() if value is not None}}
        check_fields(values, KINDS, LIMITS)
        return values

    def __call__(
        self,
        raw_speech: Any,
        *,
        padding: bool | str = False,
        max_length: int | None = None,
        truncation: bool = False,
        pad_to_multiple_of: int | None = None,
        return_attention_mask: bool | None = None,
        return_tensors: str | None = None,
        sampling_rate: int | None = None,
        **unknown: Any,
    ) -> BatchFeature:
        """One sound, or a list -> `input_values` (B, S), where it is asked for `attention_mask` (B, S), too.

        Arguments:
            raw_speech: what `open_sound` takes (samples (S,), a path, an address, {"array", "sampling_rate"}, ...), or
                a list of it, or an array (B, S) of several sounds.
            padding: True or "longest" pads to the longest clip, "max_length" to `max_length`; False pads none.
            max_length: in samples.
            truncation: cut what is longer than `max_length`.
            pad_to_multiple_of: pad, or cut, to a multiple of it.
            return_attention_mask: `attention_mask`, 1 for sound and 0 for padding; left out, as the model was trained.
            return_tensors: "pt" for PyTorch, "tf" for TensorFlow, "np" for NumPy; left out, lists of arrays.
            sampling_rate: that of bare arrays. One that is not the model's is an error.

        Raises ValueError, TypeError or OSError with a sentence; of several sounds it names the one.
        """
        only_known(unknown, ("raw_speech", *_OPTIONS), CALL, type(self).__name__)
        self._check_rate(sampling_rate)
        sounds = as_list(raw_speech)
        if sampling_rate is None and any(_is_bare(sound) for sound in sounds):
            say_once(
                _("samples are taken to be at {rate:,} Hz; sampling_rate= says so, or which it is",
                  rate=self.sampling_rate)
            )  # fmt: skip
        length = self._length(padding, max_length, truncation, pad_to_multiple_of)
        clips = [self._clip(sound, index if len(sounds) > 1 else None) for index, sound in enumerate(sounds)]
        if truncation:
            clips = [clip[:length] for clip in clips]
        if self.do_normalize:
            clips = [normalized(clip) for clip in clips]
        return self._padded({VALUES: clips}, padding, length, pad_to_multiple_of, return_attention_mask, return_tensors)

    def pad(
        self,
        processed_features: Any,
        padding: bool | str = True,
        max_length: int | None = None,
        truncation: bool = False,
        pad_to_multiple_of: int | None = None,
        return_attention_mask: bool | None = None,
        return_tensors: str | None = None,
        **unknown: Any,
    ) -> BatchFeature:
        """Pad input values that were made before, a list of examples (dicts) or a dict of lists, to one length.

        They are not normalised once more. `attention_mask` is padded with them, other columns are passed on. Options
        are those of a call; without `return_tensors` there are NumPy arrays.
        """
        only_known(unknown, ("processed_features", *_OPTIONS), CALL, "pad")
        columns = columns_of(processed_features)
        if VALUES not in columns:
            raise spoken(
                ValueError,
                "padding needs {main!r}, the examples have {names}; prepare the sounds first: "
                "feature_extractor(sounds, sampling_rate=...)",
                main=VALUES,
                names=", ".join(map(repr, columns)) or "-",
            )
        columns[VALUES] = [to_numpy(row).astype(np.float32, copy=False) for row in _rows(columns[VALUES])]
        if MASK in columns:
            columns[MASK] = [to_numpy(row).astype(np.int32, copy=False) for row in _rows(columns[MASK])]
        length = self._length(padding, max_length, truncation, pad_to_multiple_of)
        if truncation:
            columns |= {name: [row[:length] for row in columns[name]] for name in (VALUES, MASK) if name in columns}
        kind = return_tensors or "np"
        return self._padded(columns, padding, length, pad_to_multiple_of, return_attention_mask, kind)

    def _check_rate(self, given: Any) -> None:
        """ValueError for samples at another rate than the model's."""
        if given is not None and given != self.sampling_rate:
            raise spoken(
                ValueError,
                "the samples are at {given!r} Hz, and this model was trained at {rate:,} Hz; cast the column: "
                "dataset.cast_column('audio', Audio(sampling_rate={rate})), or give each sound with its rate, which is "
                "resampled: {{'array': samples, 'sampling_rate': {given!r}}}",
                given=given,
                rate=self.sampling_rate,
            )

    def _clip(self, sound: Any, index: int | None) -> np.ndarray:
        """One sound -> its samples (S,) at the model's rate."""
        try:
            return open_sound(sound, self.sampling_rate).read()
        except (ValueError, TypeError, OSError) as error:
            raise (error if index is None else of_batch(error, index)) from None

    def _length(self, padding: Any, length: Any, truncation: Any, multiple: Any) -> int | None:
        """The length that `max_length` asks for; ValueError for options that cannot be met."""
        check_fields({"truncation": truncation}, {"truncation": bool})
        check_count("pad_to_multiple_of", multiple, 1)
        check_fields({"max_length": length}, {"max_length": int | None}, {"max_length": Range(1, MOST_LENGTH)})
        for option, asked in (("padding='max_length'", strategy_of(padding) == "max_length"),
                              ("truncation=True", truncation)):  # fmt: skip
            if asked and length is None:
                raise spoken(
                    ValueError, "{option} needs a length in samples; try max_length={length}, which are 10 seconds",
                    option=option, length=10 * self.sampling_rate,
                )  # fmt: skip
        return None if length is None else round_up(length, multiple)

    def _padded(
        self, columns: dict, padding: Any, length: int | None, multiple: int | None, mask: bool | None, kind: str | None
    ) -> BatchFeature:
        """Rows of different lengths -> a batch; rows that are longer than `length` stay as they are."""
        if kind is not None:
            check_tensor_kind(kind)
        if mask is False:
            columns.pop(MASK, None)
        mask = self.return_attention_mask if mask is None else mask
        rows, strategy = columns[VALUES], strategy_of(padding)
        if mask and MASK not in columns:
            columns[MASK] = [np.ones(len(row), np.int32) for row in rows]
        if strategy != "do_not_pad":
            longest = round_up(max(map(len, rows), default=0), multiple)
            target = longest if strategy == "longest" or length is None else length
            columns[VALUES] = [self._filled(row, target, self.padding_value) for row in rows]
            if MASK in columns:
                columns[MASK] = [self._filled(row, target, 0) for row in columns[MASK]]
        return BatchFeature(columns, kind)

    def _filled(self, row: np.ndarray, length: int, value: float) -> np.ndarray:
        missing = length - len(row)
        if missing <= 0:
            return row
        sides = (0, missing) if self.padding_side == "right" else (missing, 0)
        return np.pad(row, sides, constant_values=value)


_OPTIONS = (
    "padding", "max_length", "truncation", "pad_to_multiple_of", "return_attention_mask", "return_tensors",
    "sampling_rate",
)  # fmt: skip


def normalized(clip: np.ndarray) -> np.ndarray:
    """Samples (S,) -> the same with mean 0 and variance 1; silence stays silent."""
    return (clip - clip.mean()) / np.sqrt(clip.var() + EPSILON)


def strategy_of(padding: Any) -> str:
    """What `padding` asks for, in a word."""
    return choose("padding", padding, PADDING, {True: "longest", False: "do_not_pad", None: "do_not_pad"})


def as_list(given: Any) -> list[Any]:
    """One sound, several of them, or an array (B, S) of several -> a list."""
    if getattr(given, "ndim", 1) == 2:
        clips, samples = given.shape
        if clips > samples:
            raise spoken(
                ValueError,
                "an array of the shape {shape} would be {clips} clips of {samples} samples; are these the channels of "
                "one? Give samples.mean(axis=1)",
                shape=tuple(given.shape),
                clips=clips,
                samples=samples,
            )
        given = list(given)
    elif hasattr(given, "__next__") and not hasattr(given, "read"):  # an open file gives lines
        given = list(given)
    if not isinstance(given, list | tuple):
        return [given]
    if not given:
        raise spoken(ValueError, "there is no sound in the list; give at least one")
    first = given[0]
    return [given] if isinstance(first, int | float) or getattr(first, "ndim", 1) == 0 else list(given)


def of_batch(error: Exception, index: int) -> Exception:
    """The error about one sound -> the same with its place in the batch."""
    return spoken(type(error), "sound {index}: {why}", index=index, why=error)


def _is_bare(sound: Any) -> bool:
    """Whether these are samples that do not say their rate."""
    return isinstance(sound, list | tuple) or hasattr(sound, "__array__")


def _rows(value: Any) -> list[Any]:
    """A column of one example, or of several -> a list of rows."""
    if getattr(value, "ndim", 2) == 1 or (isinstance(value, list | tuple) and value and np.ndim(value[0]) == 0):
        return [value]
    return list(value)
