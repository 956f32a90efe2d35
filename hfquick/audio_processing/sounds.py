"""Anything that is a sound -> a recording in one channel, at one sampling rate: the one place that reads sounds.

    open_sound("speech.mp3", 16_000).read()                     # (S,) float32, from -1 to 1
    for block in open_sound("lecture.flac", 16_000): ...        # hours of it, in the memory of one block
    open_sound({"array": samples, "sampling_rate": 44_100}, 16_000)

Channels are averaged, resampling is soxr's "HQ". Resampled block by block, a recording has the very samples that it has
when it is resampled at once.

Shapes: S samples, C channels.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from .. import zoo
from ..hub.downloads import download, is_url
from ..i18n import Said, plain, said, spoken
from ..utils.arrays import to_numpy
from ..utils.errors import need
from ..utils.files import near_file
from .decoding import BLOCK, MOST_CHANNELS, Blocks, check_rate, check_seconds, mixed, open_file
from .stored import fetch, is_stored

MOST_SAMPLES = 230_400_000  # that are read at once: 4 hours at 16 kHz, or 920 MB
MOST_BYTES = 1_000_000_000  # of a file that is held in memory
MOST_BYTES_WEB = 200_000_000  # of a sound from the web: an hour and a half as WAV at 16 kHz, three as FLAC
SAMPLES = ("array", "raw")  # how a table names its samples
WHOLE = (16, 32)  # bits that samples in Python's whole numbers may have


class Sound:
    """A recording that was opened: an iterator over its blocks (S,), float32, in one channel.

    It may be read several times, from the beginning each time.
    """

    def __init__(
        self, what: Said, rate: int, count: int, read: Callable[[], Blocks], sampling_rate: int | None = None
    ) -> None:
        self.what = what  # for sentences: "the sound 'speech.wav'"
        self.original_rate = rate
        self.sampling_rate = rate if sampling_rate is None else check_rate(sampling_rate, what)
        self.length = _resampled_length(count, rate, self.sampling_rate)  # in samples, as the file announces it
        self._count, self._read = count, read
        if not self.length:
            raise spoken(
                ValueError, "{what} is too short: {count} samples at {rate:,} Hz, and none at {wanted:,} Hz",
                what=what, count=count, rate=rate, wanted=self.sampling_rate,
            ) if count else empty(what)  # fmt: skip

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.length / self.sampling_rate

    def __iter__(self) -> Blocks:
        """Blocks of any length, resampled as they come. ValueError with a sentence where one cannot be."""
        blocks = _finite(self._read(), self.what, self.original_rate)
        return _resampled(blocks, self.original_rate, self.sampling_rate)

    def blocks(self, size: int) -> Blocks:
        """Blocks of `size` samples, the last one shorter."""
        waiting: list[np.ndarray] = []
        count = 0
        for block in self:
            waiting.append(block)
            count += len(block)
            if count < size:
                continue
            joined = np.concatenate(waiting)
            whole = count - count % size
            yield from np.split(joined[:whole], whole // size)
            waiting, count = [joined[whole:]], count - whole
        if count:
            yield np.concatenate(waiting)

    def read(self) -> np.ndarray:
        """All samples (S,); ValueError where that would fill the memory."""
        parts, count = [], 0
        for block in () if self.length > MOST_SAMPLES else self:
            parts.append(block)
            count += len(block)
            if count > MOST_SAMPLES:
                break
        if max(count, self.length) > MOST_SAMPLES:
            raise spoken(
                ValueError, "{what} has more than {most:,} samples, the most that is read at once; a pipeline reads it "
                "in parts: give chunk_length_s=30", what=self.what, most=MOST_SAMPLES,
            )  # fmt: skip
        return np.concatenate(parts)

    def __repr__(self) -> str:
        return f"Sound({str(self.what)!r}, sampling_rate={self.sampling_rate}, length={self.length})"


def open_sound(
    given: Any,
    sampling_rate: int | None = None,
    *,
    array_rate: int | None = None,
    typed: bool = True,
    token: str | None = None,
) -> Sound:
    """A sound of any kind -> a recording at `sampling_rate`, or where that is left out at its own.

    Args:
        given: a path; an address (https://...); the name of an embedded sound ("hfquick/sounds/..."); the bytes of a
            file, or a file opened with "rb"; {"array": ..., "sampling_rate": ...}, where transformers says "raw", too;
            {"bytes": ..., "path": ...}, a cell of `datasets`; a decoder of torchcodec; an array, a tensor or a list of
            samples (S,), with several channels (C, S) or (S, C), of floats from -1 to 1 or of whole numbers.
        sampling_rate: in Hz, that of the model.
        array_rate: the rate of samples that come without one; left out, they are taken to be at `sampling_rate`.
        typed: whether the user of this kernel wrote it. An address in a row of a dataset was written by somebody else,
            and may not lead into the local network: give False, as is done for cells anyway.
        token: of the Hub, for a cell that names a file there.

    Raises ValueError, TypeError or OSError with a sentence.
    """
    if isinstance(given, Sound):
        return Sound(given.what, given.original_rate, given._count, given._read, sampling_rate or given.sampling_rate)
    if isinstance(given, str):
        return _from_text(given, sampling_rate, typed)
    if isinstance(given, os.PathLike):
        return _from_path(os.fsdecode(given), sampling_rate)
    if isinstance(given, bytes | bytearray | memoryview):
        return _from_file(bytes(given), said("the sound"), sampling_rate)
    if isinstance(given, Mapping):
        return _from_table(given, sampling_rate, token)
    if hasattr(given, "get_all_samples"):
        samples = given.get_all_samples()
        return _from_array(samples.data, samples.sample_rate, sampling_rate)
    if hasattr(given, "read"):
        return _from_open_file(given, sampling_rate)
    if hasattr(given, "__array__") or isinstance(given, list | tuple):
        return _from_array(given, sampling_rate if array_rate is None else array_rate, sampling_rate)
    raise spoken(
        TypeError,
        "a sound was expected, got {kind}; give a path, an address (https://...), bytes, an open file, or "
        "{{'array': samples, 'sampling_rate': 16000}}",
        kind=type(given).__name__,
    )


# Where a sound may come from.


def _from_text(text: str, rate: int | None, typed: bool) -> Sound:
    if is_url(text):
        what = said("the sound {name!r}", name=plain(text, 200))
        came = download(text, typed=typed, kind="audio", most=MOST_BYTES_WEB)
        return _from_file(came.content, what, rate, came.kind)
    if text.startswith(zoo.SOUNDS) and not os.path.exists(text):
        return _from_path(str(zoo.sound(text)), rate)
    return _from_path(os.path.expanduser(text), rate)


def _from_path(path: str, rate: int | None) -> Sound:
    if os.path.isdir(path):
        raise spoken(
            IsADirectoryError,
            "{path!r} is a folder; give its sounds: sorted(Path({path!r}).glob('*.wav'))",
            path=path,
        )
    if not os.path.isfile(path):
        raise spoken(
            FileNotFoundError, "there is no sound {path!r} in the folder {here!r}{near}",
            path=plain(path, 200), here=os.getcwd(), near=near_file(path),
        )  # fmt: skip
    what = said("the sound {name!r}", name=plain(path, 200))
    try:
        return _from_file(path, what, rate)
    except OSError as error:
        if hasattr(error, "english"):
            raise
        raise spoken(type(error), "{what} cannot be opened ({why})", what=what, why=error.strerror) from None


def _from_file(source: str | bytes, what: Said, rate: int | None, kind: str = "") -> Sound:
    if isinstance(source, bytes) and len(source) > MOST_BYTES:
        raise spoken(
            ValueError, "{what} has more than {most:,} bytes, the most that is held in memory; give its path",
            what=what, most=MOST_BYTES,
        )  # fmt: skip
    own, count, read = open_file(source, what, kind)
    return Sound(what, own, count, read, rate)


def _from_open_file(file: Any, rate: int | None) -> Sound:
    content = file.read(MOST_BYTES + 1)
    if not isinstance(content, bytes | bytearray):
        raise spoken(TypeError, "the file gives text, and a sound is bytes; open it with open(path, 'rb')")
    name = getattr(file, "name", None)
    what = said("the sound {name!r}", name=plain(name, 200)) if isinstance(name, str) else said("the sound")
    return _from_file(bytes(content), what, rate)


def _from_table(table: Mapping[str, Any], rate: int | None, token: str | None) -> Sound:
    """{"array" or "raw", "sampling_rate"}, or a row of an Audio column that `datasets` has not decoded."""
    samples = next((table[name] for name in SAMPLES if table.get(name) is not None), None)
    path, content = table.get("path"), table.get("bytes")
    if samples is not None:
        if table.get("sampling_rate") is None:
            raise spoken(
                ValueError, "the table has samples and no 'sampling_rate', and only you know how many there are for a "
                "second; give {{'array': samples, 'sampling_rate': 16000}}",
            )  # fmt: skip
        return _from_array(samples, table["sampling_rate"], rate)
    what = said("the sound {name!r}", name=plain(path, 200)) if isinstance(path, str) else said("the sound")
    if content is None and isinstance(path, str) and is_stored(path):
        content = fetch(path, what, MOST_BYTES, token)
    if isinstance(content, bytes | bytearray):
        return _from_file(bytes(content), what, rate)
    if isinstance(path, str) and content is None:
        return _from_text(path, rate, typed=False)
    raise spoken(
        TypeError,
        "a table with {names} is no sound; expected {{'array': ..., 'sampling_rate': ...}}, or {{'bytes': ..., 'path': "
        "...}}, as an Audio column of `datasets` has it",
        names=", ".join(map(repr, table)) or said("nothing in it"),
    )


# Arrays of samples.


def _from_array(given: Any, own: Any, rate: int | None) -> Sound:
    what = said("the sound")
    if own is None:
        raise spoken(
            ValueError, "samples say nothing about their sampling rate; give {{'array': samples, 'sampling_rate': "
            "16000}}",
        )  # fmt: skip
    own = check_rate(own, what)
    array = samples_of(given)
    check_seconds(len(array) / own, what)
    divisor, middle = _scale(array, what)
    step = max(1, BLOCK // array.shape[1])

    def read() -> Blocks:
        for start in range(0, len(array), step):
            with np.errstate(over="ignore"):  # what does not fit is infinite, and is seen as such
                block = array[start : start + step].astype(np.float32)
            yield mixed((block - middle) / divisor)

    return Sound(what, own, len(array), read, rate)


def samples_of(given: Any) -> np.ndarray:
    """Samples in any container -> an array (S, C) of numbers, of the kind they have."""
    what = said("the sound")
    try:
        array = to_numpy(given)
    except ValueError:  # lists of different lengths
        raise spoken(
            ValueError, "{what} is a list of lists of different lengths; give several sounds as a list of arrays",
            what=what,
        ) from None  # fmt: skip
    if array.ndim not in (1, 2) or (array.ndim == 2 and array.size and min(array.shape) > MOST_CHANNELS):
        raise spoken(
            ValueError,
            "an array of the shape {shape} is no sound; expected (samples,), or with channels as the first axis or the "
            "last; give several sounds as a list",
            shape=array.shape,
        )
    if array.size == 0:
        raise empty(what)
    if array.dtype.kind not in "iuf":
        raise spoken(
            ValueError, "{what} holds values of the kind {kind}, expected numbers", what=what, kind=array.dtype
        )
    if array.ndim == 1:
        return array[:, None]
    first, last = array.shape
    has_channels_first = first < last or (first == last and hasattr(given, "detach"))
    return array.T if has_channels_first else array


def _scale(array: np.ndarray, what: Said) -> tuple[np.float32, np.float32]:
    """By what samples are divided to lie between -1 and 1, and what stands for silence: by the kind of their numbers.

    Whole numbers of 64 bits, as Python has them, are samples of 16 bits, or where that is not enough of 32.
    """
    if array.dtype.kind == "f":
        return np.float32(1), np.float32(0)
    bits = array.dtype.itemsize * 8
    signed = array.dtype.kind == "i"
    if bits == 64:
        least, most = int(array.min()), int(array.max())
        signed = True
        bits = next((bits for bits in WHOLE if -(2 ** (bits - 1)) <= least and most < 2 ** (bits - 1)), 0)
        if not bits:
            raise spoken(
                ValueError, "{what} has whole numbers from {least:,} to {most:,}, which no recording has; expected "
                "floats from -1 to 1, or samples of 16 or 32 bits", what=what, least=least, most=most,
            )  # fmt: skip
    half = np.float32(2 ** (bits - 1))
    return half, np.float32(0) if signed else half


def empty(what: Said) -> ValueError:
    """The error for a sound of no samples."""
    return spoken(ValueError, "{what} is empty: it has no sample", what=what)


# What happens to every block.


def _finite(blocks: Blocks, what: Said, rate: int) -> Blocks:
    """The same blocks; ValueError for samples that are no numbers, or a file that goes on and on."""
    count = 0
    for block in blocks:
        if not np.isfinite(block).all():
            index = count + int(np.argmin(np.isfinite(block)))
            raise spoken(
                ValueError, "{what} has samples that are no numbers (NaN or infinity), the first at {second:.2f} s; "
                "np.nan_to_num(samples) makes silence of them", what=what, second=index / rate,
            )  # fmt: skip
        count += len(block)
        check_seconds(count / rate, what)
        yield block


def _resampled(blocks: Blocks, rate: int, wanted: int) -> Iterator[np.ndarray]:
    """Blocks at one sampling rate -> blocks at another one."""
    if rate == wanted:
        yield from blocks
        return
    stream = need("soxr", "resampling a sound", "base").ResampleStream(rate, wanted, 1, dtype="float32", quality="HQ")
    for block in blocks:
        if len(made := stream.resample_chunk(block)):
            yield made
    if len(made := stream.resample_chunk(np.zeros(0, np.float32), last=True)):
        yield made


def _resampled_length(count: int, rate: int, wanted: int) -> int:
    """How many samples soxr makes of so many.

    >>> _resampled_length(44_101, 44_100, 16_000)
    16000
    """
    return (2 * count * wanted + rate) // (2 * rate)
