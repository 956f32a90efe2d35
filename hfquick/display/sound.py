"""A sound in HTML: its waveform and spectrogram as a picture, what was recognised placed in time, and a player.

The picture is one image with one alternative text, which a notebook that is not trusted yet keeps: PNG within an SVG.
It is drawn in lines, as music is, so that words have room. The player holds the sound itself as MP3: of what every
browser plays, it is the smallest that is the same each time.
"""

import math
import os
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.parse import quote

import numpy as np

from ..i18n import gettext as _
from . import markup, palette
from .axes import ticks
from .chart import GREY
from .picture import FONT, in_svg, width_of
from .spectrogram import BANDS, band_of, envelope, mel_spectrogram

RATE = 16_000  # Hz of what is kept for a drawing
MOST_SECONDS = 30  # of one sound that are drawn and can be heard
MOST_SOUNDS = 8  # one below the other, so that a notebook stays below 2 MB or so for each such cell
MOST_LINES = 4
WIDTH, LEAST_WIDTH = 600, 224  # pixels of a line
FEWEST, MOST = 75, 240  # pixels for a second
WAVE, LEVEL, AXIS, GAP = 40, FONT + 6, 18, 8  # heights of a line's parts: waveform, a row of words, times; and between
PLAYER = 320  # pixels of its width
SQUEEZED = 0.25  # of a line more than there is room for, before another one is begun
LEVELS = 2  # rows of words
BETWEEN, NUDGED = 4, 6  # pixels between two words; by which one may stand aside before it goes into the other row
DARK = "#10131c"  # ground of spectrogram and words, on any page
SHADES = ("#10131c", "#3b1f6b", "#9c2f7f", "#f0605d", "#fec98d", "#fcfdbf")  # each lighter than the one before
STEPS = 32  # of them between black and white, so that the picture stays small
BLUE = (0x42, 0x85, 0xF4)  # of the waveform, seen on white and on black
FREQUENCIES = ((4000, "4 kHz"), (1000, "1 kHz"), (250, "250 Hz"))
QUIET = 0.02  # of the loudest moment: what is below is a pause
MP3 = {"format": "MP3", "subtype": "MPEG_LAYER_III", "compression_level": 0.9}  # 4 kB for a second of speech


class Heard(NamedTuple):
    """A stretch of a sound and what was recognised in it."""

    text: str
    start: float  # seconds
    end: float


class Placed(NamedTuple):
    """Where something that was recognised stands in a picture: pixels from the left, and its row."""

    text: str
    level: int
    middle: float  # of the text
    first: float  # and the edges of its stretch
    last: float
    colour: str


@dataclass(frozen=True)
class Clip:
    """The first 30 seconds of a sound, or all of it if it is shorter, at 16 kHz; and how long it was."""

    samples: np.ndarray  # (S,) int16
    seconds: float

    @property
    def shown(self) -> float:
        """How many seconds there are of it."""
        return len(self.samples) / RATE

    @property
    def peak(self) -> int:
        """The loudest sample, 0 to 32768."""
        return int(np.abs(self.samples.astype(np.int32)).max(initial=0))

    @cached_property
    def file(self) -> tuple[bytes, str]:
        """The sound as a file and its kind: MP3, or WAV where the library of the system cannot write that."""
        import soundfile

        file, kind = BytesIO(), "audio/mpeg"
        if soundfile.check_format(MP3["format"], MP3["subtype"]):
            soundfile.write(file, self.samples, RATE, **MP3)
        else:
            soundfile.write(file, self.samples, RATE, format="WAV")
            kind = "audio/wav"
        return file.getvalue(), kind

    @property
    def address(self) -> str:
        """The sound as a data: address."""
        content, kind = self.file
        return f"data:{kind};base64,{b64encode(content).decode()}"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Clip) or self.seconds != other.seconds:
            return False
        return np.array_equal(self.samples, other.samples)


def small_clip(source: Any) -> Clip | None:
    """What a user gave as a sound -> its beginning; None where it cannot be opened (any more)."""
    from ..audio_processing.sounds import open_sound  # here, so that who works with text does not wait for it

    if source is None or isinstance(source, Clip):
        return source
    if _is_gone(source):
        return None
    try:
        return clip_of(open_sound(source))
    except (ValueError, TypeError, OSError, ImportError):
        return None


def to_hear(given: Any, sound: Any, copies: bool = True) -> Any:
    """What a result keeps of its sound, which was given in some way and opened as `sound`: its name, or a copy.

    Of what is long, or can be read only once, its first 30 seconds are kept. Without `copies` only a name is.
    """
    if isinstance(given, str | os.PathLike) and not _is_gone(given):
        return given
    if not copies:
        return None
    if sound.seconds > MOST_SECONDS or isinstance(given, type(sound)) or _is_gone(given):
        return clip_of(sound)
    if isinstance(given, bytes | bytearray | Mapping):
        return given
    return {"array": given, "sampling_rate": sound.original_rate}


def clip_of(sound: Any) -> Clip:
    """The beginning of a sound that was opened; ValueError where it cannot be read."""
    from ..audio_processing.sounds import open_sound

    again = open_sound(sound, RATE)
    samples = next(iter(again.blocks(MOST_SECONDS * RATE)))
    return Clip(np.clip(np.rint(samples * 32768), -32768, 32767).astype(np.int16), again.seconds)


def _is_gone(source: Any) -> bool:
    """Whether a sound should not be opened a second time: drawing asks no server, and a file was read to its end."""
    from ..hub.downloads import is_url

    if isinstance(source, Mapping):  # a table of samples, or a cell of `datasets`
        return source.get("bytes") is None and isinstance(source.get("path"), str) and is_url(source["path"])
    if hasattr(source, "read") or hasattr(source, "get_all_samples"):
        return True
    return isinstance(source, str) and is_url(source)


# What a page shows.


def sound_in(clip: Clip | None, heard: Sequence[Heard] = ()) -> str:
    """The picture of a sound with its player below; nothing where there is none."""
    return draw(clip, heard) + player(clip) if clip else ""


def width_in(clip: Clip | None, heard: Sequence[Heard] = ()) -> int:
    """The pixels from left to right of what `sound_in` shows."""
    return max(PLAYER, _lines(clip.shown, heard)[1]) if clip else 0


def player(clip: Clip) -> str:
    """The controls with which a browser plays a clip, and a line where it has not all of the sound."""
    said = _("the sound, {seconds} s", seconds=_seconds(clip.seconds))
    style = f"display:block;width:100%;max-width:{PLAYER}px;height:40px;margin:4px 0"
    made = f'<audio controls preload="metadata" style="{style}" aria-label="{markup.attribute(said)}"'
    made += f' src="{clip.address}"></audio>'
    if clip.seconds > clip.shown + 0.1:
        most = _("the first {seconds} s can be heard here", seconds=_seconds(clip.shown))
        made += markup.paragraph(f"<small>{markup.escape(most)}</small>")
    return made


PLAYER_IN = re.compile(r'(<audio [^>]*) src="data:audio/[^"]*"></audio>(<div[^>]*><small>[^<]*</small></div>)?')


def without_sounds(html: str, instead: str = "") -> str:
    """The same HTML without the sounds in it: a script of the page gives them to its players, marked `data-sent`.

    Where there is no such script, give what is to stand `instead` of each player.
    """
    return PLAYER_IN.sub(lambda found: instead or f"{found[1]} data-sent></audio>{found[2] or ''}", html)


# The picture.


def draw(clip: Clip, heard: Sequence[Heard] = ()) -> str:
    """Waveform and spectrogram of a clip, line by line, and between them what was recognised, where it was."""
    heard = [one for one in heard if one.text.strip() and one.start < clip.shown]
    seconds, width, count = _lines(clip.shown, heard)
    scale, end = width / seconds, min(clip.shown, count * seconds)
    lines = [
        _placed([one for one in heard if start <= (one.start + one.end) / 2 < start + seconds], start, scale, width)
        for start in (line * seconds for line in range(count))
    ]
    strip = LEVEL * max((1 + one.level for line in lines for one in line), default=0)
    high = WAVE + strip + BANDS + AXIS + GAP
    shapes = ""
    for line, placed in enumerate(lines):
        start, top = line * seconds, line * high
        wide = round((min(end, start + seconds) - start) * scale)
        shapes += _words(placed, top) + _crop(line, wide, top, strip)
        shapes += _texts(placed, top + WAVE)
        shapes += _axis(start, min(end, start + seconds), scale, top + WAVE + strip + BANDS)
    shapes += _frequencies(WAVE + strip)
    height = count * high - GAP
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    head += f' font-family="system-ui,sans-serif" font-size="{FONT}">'
    head += f'<defs><image id="s" width="{width}" height="{count * (WAVE + BANDS)}" href="'
    tail = f'"/></defs>{shapes}</svg>'
    data = f"data:image/svg+xml,{quote(head, SAFE)}{_image(clip, seconds, width, count)}{quote(tail, SAFE)}"
    style = f"display:block;width:100%;max-width:{width}px;height:auto;margin:0"
    drawn = f'<img alt="{markup.attribute(describe(clip, heard))}" style="{style}" src="{data}">'
    if clip.seconds > end + 0.1:
        said = _("the first {seconds} s are drawn, of {all} s", seconds=_seconds(end), all=_seconds(clip.seconds))
        drawn += markup.paragraph(f"<small>{markup.escape(said)}</small>")
    return drawn


SAFE = "/ =:;,()"  # what needs no quoting in an address


def describe(clip: Clip, heard: Sequence[Heard] = ()) -> str:
    """What a picture of a sound shows, in words."""
    said = _("waveform and spectrogram of {seconds} s of sound", seconds=_seconds(clip.shown))
    loud = np.flatnonzero(np.abs(clip.samples.astype(np.int32)) > QUIET * clip.peak)
    if not len(loud) or clip.peak < 2:
        said += ", " + _("silence")
    else:
        start, end = _seconds(loud[0] / RATE), _seconds(loud[-1] / RATE)
        said += ", " + _("loud from {start} to {end} s", start=start, end=end)
    if heard:
        words = ", ".join(f"{one.text.strip()} {_seconds(one.start)}" for one in heard)
        said += _("; ") + _("recognised, with the second in which each begins: {words}", words=markup.shorten(words))
    return said


def _lines(shown: float, heard: Sequence[Heard]) -> tuple[float, int, int]:
    """Seconds and pixels of a line, and how many lines there are: as many pixels for a second as most words need."""
    needed = sorted(
        (width_of(one.text) + _gap(one.text)) / max(after.start - one.start, 0.01) for one, after in pairwise(heard)
    )
    wanted = needed[len(needed) * 3 // 4] if needed else 0
    per_second = min(max(wanted, FEWEST), MOST)
    count = max(1, math.ceil(shown * per_second / WIDTH - SQUEEZED))
    if count == 1:
        return shown, min(WIDTH, max(LEAST_WIDTH, round(shown * MOST))), 1
    if count > MOST_LINES:
        return math.floor(WIDTH / per_second * 2) / 2, WIDTH, MOST_LINES
    return math.ceil(shown / count * 2) / 2, WIDTH, count  # a line begins at a half or a whole second


def _image(clip: Clip, seconds: float, width: int, count: int) -> str:
    """The pixels of all lines, one below the other: waveform on nothing, spectrogram on black -> a data: address."""
    from PIL import Image

    size = round(count * seconds * RATE)
    samples = np.zeros(size, np.float32)
    there = clip.samples[:size]
    samples[: len(there)] = there / max(clip.peak, 328)  # what is nearly silent stays flat
    columns = count * width
    waves = np.zeros((WAVE, columns), np.uint8)
    lowest, highest = np.rint((1 - envelope(samples, columns).T) * (WAVE - 1) / 2)  # rows, from the top
    rows = np.arange(WAVE)[:, None]
    waves[(rows >= highest) & (rows <= lowest)] = 1
    mel = mel_spectrogram(samples, RATE, columns).T[::-1]  # (M, T), the highest frequency first
    sounds = 2 + np.rint(mel * (STEPS - 1)).astype(np.uint8)
    pixels = np.concatenate([waves, sounds])  # (rows, columns)
    lines = np.concatenate(np.split(pixels, count, axis=1))
    image = Image.fromarray(lines)
    image.putpalette([0, 0, 0, *BLUE, *_shades().flatten().tolist()])
    file = BytesIO()
    image.save(file, "PNG", optimize=True, transparency=0)
    return f"data:image/png;base64,{b64encode(file.getvalue()).decode()}"


def _shades() -> np.ndarray:
    """Colours (STEPS, 3) from black over red to a light yellow, as red, green and blue."""
    colours = np.array([list(bytes.fromhex(shade[1:])) for shade in SHADES])
    places = np.linspace(0, len(SHADES) - 1, STEPS)
    return np.stack([np.interp(places, np.arange(len(SHADES)), column) for column in colours.T], axis=1).astype(int)


def _crop(line: int, wide: int, top: int, strip: int) -> str:
    """A line's waveform and spectrogram out of the image, with the words' ground between."""
    source = line * (WAVE + BANDS)
    shapes = f'<rect y="{top + WAVE}" width="{wide}" height="{strip}" fill="{DARK}"/>' if strip else ""
    for there, height, place in ((source, WAVE, top), (source + WAVE, BANDS, top + WAVE + strip)):
        shapes += f'<svg y="{place}" width="{wide}" height="{height}" viewBox="0 {there} {wide} {height}">'
        shapes += '<use href="#s"/></svg>'
    return shapes


def _placed(heard: Sequence[Heard], start: float, scale: float, width: int) -> list[Placed]:
    """What was recognised in a line, each under the middle of its stretch as far as there is room, else a row lower."""
    placed, ends = [], [0.0] * LEVELS
    for index, one in enumerate(heard):
        text = one.text.strip()
        needed = width_of(text)
        left = max(0.0, min(((one.start + one.end) / 2 - start) * scale - needed / 2, width - needed))
        level = next((level for level in range(LEVELS) if ends[level] <= left + NUDGED), ends.index(min(ends)))
        left = max(left, ends[level])
        ends[level] = left + needed + _gap(text)
        first, last = (min(max(0.0, (second - start) * scale), width) for second in (one.start, one.end))
        placed.append(Placed(text, level, left + needed / 2, first, max(last, first + 1), palette.colour(index % 2)))
    return placed


def _words(placed: Sequence[Placed], top: int) -> str:
    """Behind the waveform: how far each word reaches, in two colours by turns."""
    return "".join(
        f'<rect x="{one.first:.1f}" y="{top}" width="{one.last - one.first:.1f}" height="{WAVE}" fill="{one.colour}" '
        'fill-opacity="0.35"/>'
        for one in placed
    )


def _texts(placed: Sequence[Placed], top: int) -> str:
    """The words in white on their ground, below the edges of their stretches."""
    shapes = ""
    for one in placed:
        shapes += f'<rect x="{one.first:.1f}" y="{top}" width="{one.last - one.first:.1f}" height="3"'
        shapes += f' fill="{one.colour}"/>'
        y = top + LEVEL * (one.level + 1) - 4
        shapes += f'<text x="{one.middle:.1f}" y="{y}" text-anchor="middle" fill="#fff">{in_svg(one.text)}</text>'
    return shapes


def _gap(text: str) -> int:
    return BETWEEN if len(text) > 1 else 0  # letters stand as in a word


def _axis(start: float, end: float, scale: float, top: int) -> str:
    """The seconds below a line."""
    shapes = ""
    for second, label in ticks(start, end, most=max(1, round((end - start) * scale / 70))):
        x = (second - start) * scale
        if not start - 1e-6 <= second <= end - 8 / scale:
            continue
        anchor = "start" if x < 8 else "middle"
        shapes += f'<path d="M{x:.1f},{top}v4" stroke="{GREY}"/>'
        shapes += (
            f'<text x="{x:.1f}" y="{top + 15}" font-size="11" text-anchor="{anchor}" fill="{GREY}">{label} s</text>'
        )
    return shapes


def _frequencies(top: int) -> str:
    """The names of some frequencies over the spectrogram."""
    shapes = ""
    for frequency, label in FREQUENCIES:
        y = top + BANDS - 1 - band_of(frequency, RATE)
        style = 'font-size="9" fill="#fff" stroke="#000" stroke-width="2" stroke-opacity="0.6" paint-order="stroke"'
        shapes += f'<path d="M0,{y:.1f}h4" stroke="#fff"/><text x="6" y="{y + 3:.1f}" {style}>{label}</text>'
    return shapes


def _seconds(value: float) -> str:
    return f"{value:.1f}"
