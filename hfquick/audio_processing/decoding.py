"""The bytes of a sound file -> blocks of samples, at the rate of the file and in one channel.

The library soundfile decodes; before it is asked, the first bytes must be those of a format that is read here, and a
file that was cut off is refused where its header tells. Nothing is decoded ahead: a recording of hours needs the memory
of one block.

Shapes: S samples, C channels.
"""

import os
import re
from collections.abc import Callable, Iterator
from io import BufferedReader, BytesIO, FileIO
from typing import IO, Any

import numpy as np

from ..i18n import Said, said, spoken
from ..i18n import gettext as _
from ..utils.errors import need, sentence
from ..utils.notices import say_once

FORMATS = ("WAV", "WAVEX", "RF64", "FLAC", "OGG", "MP3", "AIFF")
LEAST_RATE, MOST_RATE = 1_000, 768_000  # Hz; what lies outside is a mistake, or meant to fill the memory
MOST_CHANNELS = 64
MOST_SECONDS = 86_400  # of one recording
BLOCK = 1 << 18  # values that are decoded at a time
SLACK = 0.05  # seconds; MP3 counts in frames of some 0.03 s, so what its header announces is not exact
UNKNOWN = 0x7FFF0000  # a size from here on says "not known yet": the file was written to a pipe
UNFINISHED = ("WAV", "WAVEX", "RF64", "AIFF")  # formats whose header is completed when the recording ends
HEADER = 1024  # bytes; a file of these formats that has more of them has samples
MPEG_FRAME, MPEG_1 = 576, 32_000  # samples that a frame of an MP3 has, and the rate from which it has twice as many
RESYNC = 1024  # bytes in which the library looks for the next frame
COUNTED = re.compile(rb"(?:Xing|Info)\0\0\0[\1\3\5\7\x09\x0b\x0d\x0f](?!\0{4})")  # how many frames an MP3 has
BEHIND, FEW, LITTLE = 1 << 20, 64, 0.02  # bytes to look at; frames, and a share of the file, that may be left unread
ENDS = 1 << 16  # bytes at the end of an OGG in which its last page begins
LAST_PAGE = 4  # the flag of that page

# The first bytes of files that hold sound, but are read by no library here -> what they are called.
CONTAINERS: tuple[tuple[int, bytes, str], ...] = (
    (4, b"ftyp", "MP4, M4A, MOV"),
    (0, b"\x1aE\xdf\xa3", "WebM, Matroska"),
    (8, b"AVI ", "AVI"),
    (0, b"0&\xb2u", "WMA, WMV"),
    (0, b"#!AMR", "AMR"),
    (0, b"\xff\xf1", "AAC"),
    (0, b"\xff\xf9", "AAC"),
    (0, b"\x00\x00\x01\xba", "MPEG"),
    (0, b"FLV", "FLV"),
)

Blocks = Iterator[np.ndarray]


def open_file(source: str | bytes, what: Said, kind: str = "") -> tuple[int, int, Callable[[], Blocks]]:
    """A path, or the bytes of a file -> its sampling rate, how many samples it announces, and a function to read them.

    That function gives blocks (S,) of float32, from the beginning each time it is called. `kind` is the media type that
    a server gave the bytes. Raises ValueError with a sentence.
    """
    library = need("soundfile", "reading a sound file", "base")

    def opened(file: IO[bytes]) -> Any:
        try:
            return library.SoundFile(file)
        except (library.SoundFileError, TypeError) as error:
            raise _damaged(what, error) from None

    with _stream(source) as file:
        size = _check_start(file, what, kind)
        with opened(file) as sound:
            rate, frames, channels, is_mp3 = sound.samplerate, sound.frames, sound.channels, sound.format == "MP3"
            if sound.format not in FORMATS:
                raise _no_sound(what, sound.format.encode(), kind)
            if not frames and size > HEADER and sound.format in UNFINISHED:
                raise spoken(
                    ValueError, "{what} announces no sample, though it has {size:,} bytes: its recorder was stopped "
                    "before it completed the header; make a WAV of it: ffmpeg -i recording.wav completed.wav",
                    what=what, size=size,
                )  # fmt: skip
        head, is_counted = _first_frame(file) if is_mp3 else (b"", True)
        has_tail = not is_counted and _has_tail(file, size, head)
    check_rate(rate, what)
    if channels > MOST_CHANNELS:
        raise spoken(
            ValueError, "{what} has {channels} channels, {most} are the most that are mixed",
            what=what, channels=channels, most=MOST_CHANNELS,
        )  # fmt: skip
    if frames >= 1 << 62:
        raise spoken(
            ValueError, "{what} does not say how long it is, as a file that was written to a pipe; make a WAV of it: "
            "ffmpeg -i recording.flac recording.wav", what=what,
        )  # fmt: skip
    check_seconds(frames / rate, what)
    step = max(1, BLOCK // channels)
    if not is_counted:
        # Whole frames: after each call the library seeks where it is, and within a frame it would decode anew. With a
        # tail the sound ends in an error, which drops what was read in the same call.
        frame = MPEG_FRAME if rate < MPEG_1 else 2 * MPEG_FRAME
        step = frame if has_tail else max(frame, step - step % frame)

    def read() -> Blocks:
        count = 0
        with _stream(source) as file, opened(file) as sound:
            while True:
                try:
                    block = sound.read(step, dtype="float32", always_2d=True)  # (S, C)
                except library.SoundFileError as error:
                    if not has_tail or not count or _is_left_out(file, size, head):
                        raise _damaged(what, error) from None
                    break
                if not len(block):
                    break
                count += len(block)
                yield mixed(block)
            if is_mp3 and _is_left_out(file, size, head):
                raise spoken(
                    ValueError, "{what} is an MP3 that says no length, or a wrong one, so that its end would "
                    "be left out; make a WAV of it: ffmpeg -i recording.mp3 recording.wav", what=what,
                )  # fmt: skip
        if count + SLACK * rate < frames and (is_counted or not count):  # else its length was a guess
            raise _cut_off(what, said("{count:,} of {all:,} samples are there", count=count, all=frames))

    return rate, frames, read


def _stream(source: str | bytes) -> IO[bytes]:
    return BytesIO(source) if isinstance(source, bytes) else _Unnamed(FileIO(source))


class _Unnamed(BufferedReader):
    """A file without its name: of one that ends in .raw soundfile would think that it has no header."""

    name = None


def mixed(block: np.ndarray) -> np.ndarray:
    """(S, C) -> (S,): the mean of the channels."""
    return block[:, 0] if block.shape[1] == 1 else block.mean(axis=1)


def check_rate(rate: Any, what: Said) -> int:
    """A sampling rate as a whole number; ValueError with a sentence for one that cannot be."""
    whole = rate.item() if getattr(rate, "ndim", None) == 0 else rate  # of an array or a tensor
    if isinstance(whole, bool) or not isinstance(whole, int | float) or whole % 1 != 0:
        raise spoken(
            ValueError, "the sampling rate of {what} is {rate!r}, expected a whole number of samples per second, such "
            "as 16000", what=what, rate=rate,
        )  # fmt: skip
    if not LEAST_RATE <= whole <= MOST_RATE:
        raise spoken(
            ValueError, "{what} has {rate:,} samples per second, expected {least:,} to {most:,}; 16,000 are usual for "
            "speech", what=what, rate=int(whole), least=LEAST_RATE, most=MOST_RATE,
        )  # fmt: skip
    return int(whole)


def check_seconds(seconds: float, what: Said) -> None:
    """ValueError for a recording that is longer than any."""
    if seconds > MOST_SECONDS:
        raise spoken(
            ValueError, "{what} lasts more than {hours} hours, the most that is read; cut it into parts",
            what=what, hours=MOST_SECONDS // 3_600,
        )  # fmt: skip


# What a file is, by its first bytes.


def _check_start(file: IO[bytes], what: Said, kind: str) -> int:
    """The size of a file; ValueError unless it begins as a format that is read here, and is as long as it says."""
    start = file.read(1024)
    size = file.seek(0, os.SEEK_END)
    if not size:
        raise spoken(ValueError, "{what} is empty: it has 0 bytes", what=what)
    for place, letters, name in CONTAINERS:
        if start[place : place + len(letters)] == letters:
            raise spoken(
                ValueError, "{what} is a video, or a sound in a container that is not read ({name}); make a WAV of it: "
                "ffmpeg -i recording.mp4 recording.wav", what=what, name=name,
            )  # fmt: skip
    if start[:4] in (b"RIFF", b"FORM") and start[8:12] in (b"WAVE", b"AIFF", b"AIFC"):
        announced = int.from_bytes(start[4:8], "little" if start[:4] == b"RIFF" else "big") + 8
        # Some writers forget the byte that makes a size even, others count the eight bytes before it.
        if size + 9 < announced < UNKNOWN:
            raise _cut_off(what, said("{count:,} of {all:,} bytes are there", count=size, all=announced))
    elif start[:4] == b"OggS":
        file.seek(max(0, size - ENDS))
        end = file.read()
        page = end.rfind(b"OggS")
        if page < 0 or not end[page + 5 : page + 6] or not end[page + 5] & LAST_PAGE:
            say_once(_("{what} has no end: what is there is read", what=what))
    elif not (start[:4] in (b"RF64", b"fLaC") or start[:3] == b"ID3" or _is_mpeg(start)):
        raise _no_sound(what, start, kind)
    file.seek(0)
    return size


def _is_mpeg(start: bytes) -> bool:
    """Whether bytes begin a frame of MPEG audio: eleven bits that are set, and a layer."""
    return len(start) > 2 and start[0] == 0xFF and start[1] >= 0xE0 and start[1] & 0b110 != 0


def _first_frame(file: IO[bytes]) -> tuple[bytes, bool]:
    """How the frames of an MP3 begin, and whether the first one says how many there are; else that is guessed.

    The table VBRI, which few encoders write, is not read by the library.
    """
    place = 0
    for _tag in range(16):  # titles and covers
        file.seek(place)
        start = file.read(4096)
        if start[:3] != b"ID3":
            break
        place += 10 + sum((byte & 127) << shift for byte, shift in zip(start[6:10], (21, 14, 7, 0), strict=False))
    found = re.search(rb"\xff[\xe2-\xff]", start)
    return found[0] if found else b"\xff\xfb", COUNTED.search(start) is not None


def _has_tail(file: IO[bytes], size: int, head: bytes) -> bool:
    """Whether an MP3 ends with so much that is no frame, such as its cover, that the library does not look beyond."""
    file.seek(max(0, size - RESYNC))
    return head not in file.read()


def _is_left_out(file: IO[bytes], size: int, head: bytes) -> bool:
    """Whether there are frames of an MP3 behind what was read, and not only a title, a cover or zeros."""
    return size - file.tell() > LITTLE * size and file.read(BEHIND).count(head) > FEW


# What can be wrong.


def _no_sound(what: Said, start: bytes, kind: str) -> ValueError:
    came = said(" of the kind {kind!r}", kind=kind) if kind else ""
    return spoken(
        ValueError,
        "{what} is no sound, or of a format that is not read: what came{came} begins with {start!r}; expected WAV, "
        "FLAC, OGG, MP3 or AIFF",
        what=what,
        came=came,
        start=start[:24],
    )


def _cut_off(what: Said, why: Said) -> ValueError:
    return spoken(ValueError, "{what} is cut off: {why}; fetch or save it again", what=what, why=why)


def _damaged(what: Said, error: Exception) -> ValueError:
    why = getattr(error, "error_string", "") or sentence(error)  # without the name of the object that was read
    why = why.rstrip(".")
    return spoken(ValueError, "{what} is cut off or damaged: {why}; fetch or save it again", what=what, why=why)
