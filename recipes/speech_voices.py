"""Synthetic voices: free programs of Debian that read a text aloud, varied in speed, pitch and length of the throat.

Needed: `apt-get install flite espeak-ng festival festvox-kdlpc16k festvox-us-slt-hts`, and `libttspico-utils`, which is
in Debian's section non-free (its voices come without the recordings they were made of; its licence is Apache-2.0). What
pico says is for training and never shipped. One French voice sounds natural, pico's; the others are espeak-ng's.
"""

import math
import random
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
import soxr

RATE = 16000
SILENCE = 0.15  # seconds that stay before and after the voice


class Voice(NamedTuple):
    """A voice of a program. With `throat` above 1 its formants and pitch are higher, as of a smaller person."""

    name: str
    program: str
    option: str
    weight: float
    throat: tuple[float, float] = (0.93, 1.1)  # from, to
    part: str = "train"


def espeak(accent: str, variants: str, weight: float, part: str = "train") -> list[Voice]:
    return [
        Voice(f"espeak-{accent}-{variant}", "espeak-ng", f"{accent}+{variant}", weight, (0.97, 1.04), part)
        for variant in variants.split()
    ]


VOICES = {
    "fr": [
        Voice("pico-fr", "pico", "fr-FR", 40, (1.0, 1.0)),
        Voice("pico-fr-varied", "pico", "fr-FR", 40, (0.91, 1.12)),
        *espeak("fr", "m1 m3 m4 m7 m8 f1 f2 f4 Alex Andrea Denis Hugo Max Michael Lee edward2 klatt2 klatt4", 1.8),
        *espeak("fr-be", "m2 f3 Diogo", 2),
        *espeak("fr-ch", "m5 f2 Nguyen", 2),
        Voice("pico-fr-deep", "pico", "fr-FR", 3, (0.85, 0.87), "test"),
        *espeak("fr", "f5 m6 Mario", 1, "test"),
    ],
    "en": [
        Voice("flite-rms", "flite", "rms", 20),
        Voice("flite-awb", "flite", "awb", 20),
        Voice("flite-kal16", "flite", "kal16", 5),
        Voice("pico-us", "pico", "en-US", 16),
        Voice("pico-gb", "pico", "en-GB", 14),
        Voice("festival-ked", "festival", "voice_ked_diphone", 5),
        *espeak("en-us", "m1 m3 m7 f1 f2 f4 Alex Andrea Max edward2 klatt4", 1),
        *espeak("en-gb", "m2 m4 f3 Hugo Michael", 1),
        *espeak("en-gb-scotland", "m8 Denis", 1),
        *espeak("en-gb-x-rp", "m5 Lee", 1),
        Voice("flite-slt", "flite", "slt", 5, (1.0, 1.0), "test"),
        Voice("festival-slt", "festival", "voice_cmu_us_slt_arctic_hts", 3, (1.0, 1.0), "test"),
        *espeak("en-us", "f5", 1, "test"),
        *espeak("en-gb", "m6", 1, "test"),
    ],
}


class Manner(NamedTuple):
    """How a voice says something: times its usual speed, its pitch and the size of its throat."""

    speed: float = 1.0
    pitch: float = 1.0
    throat: float = 1.0


USUAL = Manner()


def voices(language: str, part: str = "train") -> list[Voice]:
    return [voice for voice in VOICES[language] if voice.part == part]


def manner(voice: Voice, rng: random.Random) -> Manner:
    """A manner at random. Diphones and HTS voices keep their pitch, of which they have no simple setting."""
    throat = math.exp(rng.uniform(*map(math.log, voice.throat)))
    return Manner(math.exp(rng.uniform(-0.22, 0.2)), math.exp(rng.uniform(-0.22, 0.22)), throat)


def say(text: str, voice: Voice, how: Manner = USUAL) -> np.ndarray:
    """A text read aloud: float32 samples at RATE, without long silence around it."""
    speed = how.speed / how.throat  # a larger throat is made by playing more slowly, which is undone here
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        path = Path(folder) / "said.wav"
        commands = {"pico": pico, "espeak-ng": espeak_ng, "flite": flite, "festival": festival}
        commands[voice.program](text, voice.option, speed, how.pitch, path)
        return recorded(path, how.throat)


def run(command: list[str], text: str | None = None) -> None:
    subprocess.run(command, input=text, text=True, check=True, capture_output=True)


def pico(text: str, option: str, speed: float, pitch: float, path: Path) -> None:
    marked = text.replace("&", " ").replace("<", " ")
    levels = f'<speed level="{round(80 * speed)}"><pitch level="{round(100 * pitch)}">{marked}</pitch></speed>'
    run(["pico2wave", "-l", option, "-w", str(path), levels])


def espeak_ng(text: str, option: str, speed: float, pitch: float, path: Path) -> None:
    rate = str(round(150 * speed))
    run(["espeak-ng", "-v", option, "-s", rate, "-p", str(round(50 * pitch)), "-w", str(path), "--stdin"], text)


def flite(text: str, option: str, speed: float, pitch: float, path: Path) -> None:
    run(["flite", "-voice", option, "--setf", f"duration_stretch={1 / speed:.3f}", "-o", str(path), "-t", f" {text}"])


def festival(text: str, option: str, speed: float, pitch: float, path: Path) -> None:
    run(
        [
            "text2wave",
            "-o",
            str(path),
            "-eval",
            f"(begin ({option}) (Parameter.set 'Duration_Stretch {1 / speed:.3f}))",
        ],
        text,
    )


def recorded(path: Path, throat: float = 1.0, keep: float = SILENCE) -> np.ndarray:
    """A sound file as float32 samples at RATE, mono and trimmed."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    sound = samples.mean(axis=1)
    if rate * throat != RATE:
        sound = soxr.resample(sound, rate * throat, RATE)
    return trimmed(sound, keep)


def trimmed(sound: np.ndarray, keep: float = SILENCE) -> np.ndarray:
    """Without the silence at both ends, but for `keep` seconds. Silent is what is 40 dB below the loudest 10 ms."""
    size = RATE // 100
    frames = sound[: len(sound) // size * size].reshape(-1, size)
    if not len(frames):
        return sound
    power = (frames**2).mean(axis=1)
    loud = np.flatnonzero(power > power.max() * 1e-4)
    first, last = loud[0] * size - round(keep * RATE), (loud[-1] + 1) * size + round(keep * RATE)
    return sound[max(0, first) : last]
