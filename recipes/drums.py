"""Hits of drum kits in five classes, to train and to test classifiers of sounds.

    python -m recipes.drums

Debian's `hydrogen-drumkits` (a licence for each kit, see KITS) and npm's `supersonic-scsynth-samples` (CC0). Whole kits
are held out: a classifier that knows only how one drum sounds would learn nothing of the others. Claps, sticks, bells,
rolls and hand drums are left out. Written to the work folder as `recipes.speech` writes its clips, `label` for `text`.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import numpy as np

from . import sources
from .speech_voices import RATE, recorded

FOLDER = sources.WORK / "drums"
LABELS = ["cymbal", "hi-hat", "kick", "snare", "tom"]
SECONDS = 2.0  # of a hit, at most: what rings longer is faded out
FADE = 0.05
LOUDNESS = 0.7  # the highest sample of each hit

RULES = {  # the first that is found in an instrument's name tells its class; "" is none of them
    "": r"clap|stick|rim ?click|cowbell|tambourine|roll|agogo|^\W*$",
    "hi-hat": r"\bhh\b|\bohh\b|hi[- ]?hat|\bhat\b",
    "kick": r"kick|bass ?drum",
    "snare": r"snare|redo super opaco",
    "tom": r"tom",
    "cymbal": r"ride|crash|china|splash|cymbal|paiste bell",
}
SONIC_PI = {  # the same for the names of Sonic Pi's samples: its "drum_cymbal_open" is an open hi-hat
    "": r"roll|cowbell",
    "hi-hat": r"^hat_|cymbal_(closed|open|pedal)",
    "kick": r"^bd_|^drum_bass|kick",
    "snare": r"^sn_|snare",
    "tom": r"tom",
    "cymbal": r"^ride_|cymbal|splash",
}


class Kit(NamedTuple):
    """Whose recordings, under which licence, and in which part of the data."""

    author: str
    licence: str
    part: str


KITS = {
    "Audiophob": Kit("Audiophob, of sounds of freesound.org", "CC0-1.0", "test"),
    "BJA_Pacific": Kit("Luc Tunguay", "CC-BY-SA-3.0-US", "train"),
    "ColomboAcousticDrumkit": Kit("Marcos Guglielmetti", "GPL-2.0-or-later with an exception", "train"),
    "ElectricEmpireKit": Kit("Artemiy Pavlov", "GPL-2.0-or-later", "train"),
    "ForzeeStereo": Kit("Vladimir Sadovnikov, Alexander Belokurov", "GPL-2.0", "train"),
    "HardElectro1": Kit("Artemiy Pavlov", "GPL-2.0-or-later", "train"),
    "Millo-Drums_v.1": Kit("Emiliano Grilli", "GPL-2.0", "dev"),
    "Millo_MultiLayered2": Kit("Emiliano Grilli", "GPL-2.0", "dev"),
    "Millo_MultiLayered3": Kit("Emiliano Grilli", "GPL-2.0", "dev"),
    "The Black Pearl 1.0": Kit("Glen MacArthur", "GPL-2.0", "test"),
    "rumpf_kit_z01_h2": Kit("Emanuel Rumpf", "CC-BY-3.0", "train"),
    # Sonic Pi's, by prefix of their names; `drum` are by menegass, as some of Audiophob's, so both are in the test
    "sonic-pi-drum": Kit("menegass and Zajo of freesound.org, in Sonic Pi", "CC0-1.0", "test"),
    "sonic-pi-elec": Kit("looppool of freesound.org, in Sonic Pi", "CC0-1.0", "train"),
    "sonic-pi": Kit("people of freesound.org, in Sonic Pi", "CC0-1.0", "train"),
}


class Hit(NamedTuple):
    """A hit: its file, class and kit, and the name of its instrument there."""

    path: Path
    label: str
    kit: str
    name: str


def label_of(name: str, rules: dict[str, str]) -> str:
    """The class that an instrument's name tells, "" if none.

    >>> label_of("Sabian Hat Pedal", RULES), label_of("Hand Clap", RULES)
    ('hi-hat', '')
    """
    return next((label for label, pattern in rules.items() if re.search(pattern, name.lower())), "")


def hits() -> Iterator[Hit]:
    """All hits of the kits, each file once."""
    root = sources.debian_package("hydrogen-drumkits") / "usr/share/hydrogen/data/drumkits"
    for kit in KITS:
        if kit.startswith("sonic-pi"):
            continue
        text = (root / kit / "drumkit.xml").read_text(encoding="utf-8", errors="replace")
        seen = set()
        for instrument in ElementTree.fromstring(re.sub(r'xmlns="[^"]*"', "", text)).iter("instrument"):
            name = instrument.findtext("name") or ""
            label = label_of(name, RULES)
            for file in (one.text for one in instrument.iter("filename")):
                if label and file and file not in seen and (root / kit / file).exists():
                    seen.add(file)
                    yield Hit(root / kit / file, label, kit, name)
    folder = sources.npm_package("supersonic-scsynth-samples", "0.84.2") / "samples"
    for path in sorted(folder.glob("*.flac")):
        label = label_of(path.stem, SONIC_PI)
        if label:
            prefix = path.stem.split("_")[0]
            yield Hit(path, label, f"sonic-pi-{prefix}" if prefix in ("drum", "elec") else "sonic-pi", path.stem)


def sound(hit: Hit) -> np.ndarray:
    """A hit's samples, float32 at RATE: as loud as the others, faded out where it is long."""
    samples = recorded(hit.path, keep=0.02)
    size = round(SECONDS * RATE)
    if len(samples) > size:
        fade = round(FADE * RATE)
        samples = samples[:size].copy()
        samples[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return samples * (LOUDNESS / max(float(np.abs(samples).max()), 1e-6))


def build() -> None:
    """Write the three splits: `train.samples.npy` and `train.jsonl`, and so on."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    clips: dict[str, list[np.ndarray]] = {}
    lines: dict[str, list[str]] = {}
    known = set()
    for hit in hits():
        samples = (sound(hit) * 32767).round().astype(np.int16)
        if samples.tobytes() in known:  # one author's kits share some
            continue
        known.add(samples.tobytes())
        part = KITS[hit.kit].part
        start = sum(map(len, clips.setdefault(part, [])))
        clips[part].append(samples)
        row = {"start": start, "length": len(samples), "label": hit.label, "kit": hit.kit, "name": hit.name}
        lines.setdefault(part, []).append(json.dumps(row, ensure_ascii=False))
    for part, found in clips.items():
        np.save(FOLDER / f"{part}.samples.npy", np.concatenate(found))
        (FOLDER / f"{part}.jsonl").write_text("\n".join(lines[part]) + "\n", encoding="utf-8")


class Clip(NamedTuple):
    samples: np.ndarray  # float32 at RATE
    label: str
    kit: str
    name: str


def rows(split: str) -> Iterator[Clip]:
    """The hits of "train", "dev" or "test"."""
    samples = np.load(FOLDER / f"{split}.samples.npy", mmap_mode="r")
    for line in (FOLDER / f"{split}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        start, length = row.pop("start"), row.pop("length")
        yield Clip(samples=samples[start : start + length].astype(np.float32) / 32768, **row)


def described(samples: np.ndarray, bands: int = 20, parts: tuple[float, ...] = (0.03, 0.1, 0.3, 1.0)) -> np.ndarray:
    """Simple spectral features: the energy in bands (log-spaced, in dB) of four stretches of time, and the length."""
    edges = np.geomspace(40, RATE / 2, bands + 1)
    found, start = [], 0.0
    for end in parts:
        piece = samples[round(start * RATE) : round(end * RATE)]
        piece = np.pad(piece, (0, max(0, 512 - len(piece))))
        power = np.abs(np.fft.rfft(piece * np.hanning(len(piece)))) ** 2 / len(piece)
        frequencies = np.fft.rfftfreq(len(piece), 1 / RATE)
        sums = np.histogram(frequencies, edges, weights=power)[0]
        found += list(10 * np.log10(sums + 1e-7))
        start = end
    return np.array([*found, len(samples) / RATE])


def baseline() -> dict[str, float]:
    """Accuracy of a linear classifier of `described`: leaving out one kit after the other, and on the test split."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    splits = {split: list(rows(split)) for split in ("train", "dev", "test")}
    features = {split: np.stack([described(clip.samples) for clip in found]) for split, found in splits.items()}
    labels = {split: np.array([clip.label for clip in found]) for split, found in splits.items()}
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=2000))
    everything, answers = np.concatenate(list(features.values())), np.concatenate(list(labels.values()))
    kits = np.array([clip.kit for found in splits.values() for clip in found])
    authors = np.array([KITS[kit].author for kit in kits])
    scores = {}
    for name, groups in (("leave one kit out", kits), ("leave one author out", authors)):
        guesses = cross_val_predict(model, everything, answers, groups=groups, cv=LeaveOneGroupOut())
        scores[name] = float((guesses == answers).mean())
    model.fit(features["train"], labels["train"])
    return scores | {split: float(model.score(features[split], labels[split])) for split in ("dev", "test")}


def main() -> None:
    build()
    for split in ("train", "dev", "test"):
        found = list(rows(split))
        print(split, len(found), dict(Counter(clip.label for clip in found)), dict(Counter(clip.kit for clip in found)))
    print(baseline())


if __name__ == "__main__":
    main()
