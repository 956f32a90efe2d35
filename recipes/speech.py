"""Speech with its text, to train and to test recognisers in French and English: recordings, and synthetic voices.

    python -m recipes.speech fr        # or en; some minutes on two cores

Writes two files for each language and split into the work folder: `fr-train.samples.npy`, the samples of all clips one
after the other (int16, 16 kHz), and `fr-train.jsonl`, a line for each clip with its start, length, text, source, voice,
kind and intent. `rows` reads them. Splits:

- train, dev: sentences by the training voices; French: Tux Paint's recordings too.
- test-sentences: other sentences by the same voices. test-voices: those by voices that are not in training.
- test-human: Tux Paint's recordings in French, other captions by the speaker of the training. test-asterisk and
  test-ktuberling: speakers who are in no training, two for each language.

A text is in one split only: `common.part` decides by its letters, of requests a mark. Only what the last two say is
held out by its speaker alone: numbers and single words are in the training too.
"""

import json
import random
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

import numpy as np

from . import sources
from .common import SEED
from .speech_recordings import recordings
from .speech_texts import normalised, spelled, split_texts
from .speech_voices import RATE, VOICES, manner, recorded, say, voices

FOLDER = sources.WORK / "speech"
PROCESSES = 2
LIMITS = 0.3, 9.9  # seconds of a clip
RATES = 3.0, 26.0  # letters a second; outside something is wrong
TIMES = {"train": 1, "dev": 1, "test-sentences": 1, "test-voices": 1}  # clips of each text
SYNTHETIC = {"train": "train", "dev": "dev", "test-sentences": "test", "test-voices": "test"}  # split -> of its texts


class Job(NamedTuple):
    """A clip to be: a text for a voice, or a recording's file."""

    text: str
    kind: str
    intent: str
    voice: str  # a name in VOICES, or a speaker
    source: str
    path: str
    seed: int


class Clip(NamedTuple):
    """A clip: its samples, float32 at RATE, and what is known of it."""

    samples: np.ndarray
    text: str
    source: str
    voice: str
    kind: str
    intent: str


def jobs(language: str, split: str) -> list[Job]:
    rng = random.Random(f"{SEED} {language} {split}")
    found = []
    if split in SYNTHETIC:
        known = voices(language, "test" if split == "test-voices" else "train")
        weights = [voice.weight for voice in known]
        for text, kind, intent in split_texts(language, SYNTHETIC[split]):
            times = 2 if kind == "request" and split.startswith("test") else TIMES[split]
            for voice in rng.choices(known, weights, k=times):
                found.append(Job(text, kind, intent, voice.name, voice.program, "", rng.randrange(10**9)))
    for row in recordings(language):
        if row.split == split:
            found.append(Job(row.text, row.kind, "", row.speaker, row.source, str(row.path), 0))
    rng.shuffle(found)
    return found


def made(language: str, job: Job) -> np.ndarray | None:
    """The samples of a clip, int16; None if it is too long or cannot be what the text says."""
    if job.path:
        sound = recorded(job.path)
    else:
        voice = next(voice for voice in VOICES[language] if voice.name == job.voice)
        words = spelled(job.text, language)
        sound = say(words or "", voice, manner(voice, random.Random(job.seed)))
    seconds, letters = len(sound) / RATE, len(normalised(job.text, language) or "")
    voiced = max(seconds - 0.25, 0.1)
    if not (
        LIMITS[0] <= seconds <= LIMITS[1] and RATES[0] * voiced <= letters + 3 and letters <= RATES[1] * voiced + 3
    ):
        return None
    peak = float(np.abs(sound).max())
    return (sound * (32767 * min(1.0, 0.99 / max(peak, 1e-6)))).round().astype(np.int16)


def build(language: str, split: str) -> None:
    """Render a split and write its two files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    todo = jobs(language, split)
    if not todo:
        return
    with ProcessPoolExecutor(PROCESSES) as pool:
        clips = list(pool.map(made, [language] * len(todo), todo, chunksize=16))
    lines, start = [], 0
    for job, samples in zip(todo, clips, strict=True):
        if samples is not None:
            row = {"start": start, "length": len(samples), "text": normalised(job.text, language)}
            row |= {"source": job.source, "voice": job.voice, "kind": job.kind, "intent": job.intent}
            lines.append(json.dumps(row, ensure_ascii=False))
            start += len(samples)
    np.save(FOLDER / f"{language}-{split}.samples.npy", np.concatenate([one for one in clips if one is not None]))
    (FOLDER / f"{language}-{split}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{language} {split}: {len(lines)} clips of {len(todo)}, {start / RATE / 3600:.2f} hours", flush=True)


def rows(language: str, split: str) -> Iterator[Clip]:
    """The clips of a split; the samples are read from the disk when they are asked for."""
    samples = np.load(FOLDER / f"{language}-{split}.samples.npy", mmap_mode="r")
    for line in (FOLDER / f"{language}-{split}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        start, length = row.pop("start"), row.pop("length")
        yield Clip(samples=samples[start : start + length].astype(np.float32) / 32768, **row)


SPLITS = ("train", "dev", "test-sentences", "test-voices", "test-human", "test-asterisk", "test-ktuberling")


def main() -> None:
    for language in sys.argv[1:] or ["fr", "en"]:
        for split in SPLITS:
            build(language, split)


if __name__ == "__main__":
    main()
