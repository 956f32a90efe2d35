"""Automatic speech recognition: what is said in a recording, and when.

A model with a CTC head gives a token, or the blank, for every frame of 20 ms. A long recording is read in chunks that
overlap: each chunk has frames of the one before and of the one after it (the strides), which give the model context and
are then dropped. So the tokens of all chunks are those of one recording, and are decoded together.

Shapes: S samples, T frames, V vocabulary.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..audio_processing.sounds import SAMPLES
from ..display import Transcript
from ..i18n import N_, spoken
from ..tokenization.ctc import Wav2Vec2CTCTokenizer
from ..utils.elsewhere import Other
from ..utils.errors import unknown
from .base import Piece, Settings
from .names import OF_SPEECH
from .sounds import Given, SoundPipeline
from .texts import compare_vocabularies

TIMESTAMPS = ("char", "word")
STRIDE = 1 / 6  # of a chunk, on each side
MOST_SECONDS = 1e9


@dataclass(frozen=True, kw_only=True)
class SpeechRecognitionSettings(Settings):
    """The options of AutomaticSpeechRecognitionPipeline."""

    return_timestamps: str | None = None
    chunk_length_s: float | None = None
    stride_length_s: float | tuple[float, float] | None = None


class AutomaticSpeechRecognitionPipeline(SoundPipeline):
    """Transcribes speech: `pipe("speech.wav")`."""

    settings_class: ClassVar[type[Settings]] = SpeechRecognitionSettings
    parts: ClassVar[tuple[str, ...]] = ("feature_extractor", "tokenizer")
    smaller: ClassVar[str] = N_("chunk_length_s=30, or a smaller model")
    too_long: ClassVar[str] = N_("chunk_length_s=30 reads it in parts")
    other_names: ClassVar[Mapping[str, Other]] = OF_SPEECH

    def __call__(self, inputs: Any = None, **options: Any) -> Any:
        """Transcribe one recording, or each of many.

        Args:
            inputs: a recording, or a list, dataset or generator of them. A recording is a path, an address, bytes, an
                open file, samples at the model's rate (an array (S,), or with channels), a dict {"array": ...,
                "sampling_rate": ...}, which is resampled, or a cell of `datasets`. What else such a dict says comes
                back with the result; of its "stride" (left, right), in samples, nothing is transcribed.
            return_timestamps: "char" or "word" gives "chunks", each with its text and when it begins and ends, in
                seconds.
            chunk_length_s: read the recording in chunks of so many seconds; None reads it at once. An hour needs it.
            stride_length_s: how many seconds of a chunk are of the one before and of the one after it, which are
                context only: one number, or (before, after). None is a sixth of the chunk.
            batch_size: most recordings, or chunks, per batch; None makes batches of those of nearly one length.

        An option left out is the one with which the pipeline was made. The result has "text", and "chunks" where they
        are asked for.
        """
        return super().__call__(inputs, **options)

    def check_parts(self) -> None:
        super().check_parts()
        if not isinstance(self.tokenizer, Wav2Vec2CTCTokenizer):
            raise spoken(
                TypeError,
                "tokenizer is a {given}, which does not decode frames; a model with a CTC head has a "
                "Wav2Vec2CTCTokenizer",
                given=type(self.tokenizer).__name__,
            )
        compare_vocabularies(self.tokenizer, self.model)

    def check(self, settings: Any) -> None:
        stamps = settings.return_timestamps
        if stamps not in (None, False, *TIMESTAMPS):
            if isinstance(stamps, str):
                raise unknown(N_("return_timestamps {name!r} is unknown{near}; known: {known}"), stamps, TIMESTAMPS)
            raise spoken(
                ValueError,
                "return_timestamps is {stamps!r}; a CTC model gives the times of each character, 'char', or of each "
                "word, 'word'",
                stamps=stamps,
            )
        for name, example in (("chunk_length_s", 30), ("stride_length_s", 5)):
            value = getattr(settings, name)
            one_or_two = value if name == "stride_length_s" and isinstance(value, list | tuple) else (value, value)
            if value is not None and (len(one_or_two) != 2 or not all(map(_is_seconds, one_or_two))):
                raise spoken(
                    ValueError,
                    "{name} is {value!r}, expected seconds, such as {example}",
                    name=name,
                    value=value,
                    example=example,
                )
        if settings.chunk_length_s:
            self.sizes(settings)

    def sizes(self, settings: Any) -> tuple[int, int, int]:
        """How many samples a chunk has, and its strides before and after: whole frames."""
        chunk, config = settings.chunk_length_s, self.model.config
        strides = chunk * STRIDE if settings.stride_length_s is None else settings.stride_length_s
        rate, frame = self.feature_extractor.sampling_rate, config.inputs_to_logits_ratio
        length, left, right = (round(seconds * rate / frame) * frame for seconds in (chunk, *_pair(strides)))
        if length < config.receptive_field:
            raise spoken(
                ValueError,
                "chunk_length_s is {chunk}, too short: this model computes a frame from {least:.3f} s; try 30",
                chunk=chunk,
                least=config.receptive_field / rate,
            )
        if chunk > self.most_seconds:
            raise spoken(
                ValueError,
                "chunk_length_s is {chunk}, and this model reads at most {most:,} s at once; try 30",
                chunk=chunk,
                most=self.most_seconds,
            )
        if left + right >= length:
            raise spoken(
                ValueError,
                "a chunk of {chunk} s has {strides} s of its neighbours, so nothing is left of it; chunk_length_s must "
                "be larger than both strides together",
                chunk=chunk,
                strides=sum(_pair(strides)),
            )
        return length, left, right

    def chunks(self, one: Given, settings: Any) -> Iterator[tuple[np.ndarray, int, int]]:
        if not settings.chunk_length_s:
            for samples, _left, _right in super().chunks(one, settings):
                yield samples, *self._given_stride(one, len(samples))
            return
        length, left, right = self.sizes(settings)
        held, before, is_first = np.zeros(0, np.float32), 0, True
        for block in one.sound:
            held = np.concatenate([held, block])
            while len(held) > length:
                yield held[:length], before, right
                held, before, is_first = held[length - left - right :], left, False
        if is_first or len(held) >= self.model.config.receptive_field:  # else there is no frame in it
            yield held, before, 0

    def _given_stride(self, one: Given, count: int) -> tuple[int, int]:
        """How many samples at both ends an input has that are not to be transcribed."""
        stride = one.given.get("stride") if isinstance(one.given, Mapping) else None
        if stride is None:
            return 0, 0
        wrong = not isinstance(stride, list | tuple) or len(stride) != 2 or not all(map(_is_seconds, stride))
        if wrong or sum(stride) * one.sound.sampling_rate > count * one.sound.original_rate:
            raise spoken(
                ValueError,
                "the stride of {what} is {stride!r}, expected how many of its samples are not to be transcribed, "
                "(before, after), and not more than it has",
                what=one.sound.what,
                stride=stride,
            )
        left, right = (round(side * one.sound.sampling_rate / one.sound.original_rate) for side in stride)
        return left, right

    def postprocess(self, outputs: dict[str, np.ndarray], piece: Piece, settings: Any) -> Any:
        logits, config, part = outputs["logits"], self.model.config, piece.facts
        frames = config.frames(part.length)
        tokens = logits[:frames].argmax(-1).astype(np.int32)  # (T,), without frames of padding
        if not part.left and not part.right:
            return tokens
        count = round(part.length / config.inputs_to_logits_ratio)
        left, right = (round(side / part.length * count) for side in (part.left, part.right))
        return tokens[left : count - right]

    def join(self, results: list[Any], inputs: Given, settings: Any) -> Any:
        stamps, frame = settings.return_timestamps, self.model.config.inputs_to_logits_ratio
        rate = self.feature_extractor.sampling_rate
        wanted = {f"output_{stamps}_offsets": True} if stamps else {}
        decoded = self.tokenizer.decode(np.concatenate(results), **wanted)
        found = {"text": decoded["text"] if stamps else decoded}
        if stamps:
            found["chunks"] = [
                {
                    "text": one[stamps],
                    "timestamp": (one["start_offset"] * frame / rate, one["end_offset"] * frame / rate),
                }
                for one in decoded[f"{stamps}_offsets"]
            ]
        others = others_of(inputs.given)
        return Transcript(found | {name: [value] * len(results) for name, value in others.items()}, inputs.to_hear())


def others_of(given: Any) -> dict[str, Any]:
    """What a table says beyond its sound."""
    known = (*SAMPLES, "sampling_rate", "path", "bytes", "stride")
    return {name: value for name, value in given.items() if name not in known} if isinstance(given, Mapping) else {}


def _is_seconds(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | float) and 0 <= value < MOST_SECONDS


def _pair(seconds: Any) -> tuple[Any, ...]:
    """One number for both sides, or one for each."""
    return tuple(seconds) if isinstance(seconds, list | tuple) else (seconds, seconds)
