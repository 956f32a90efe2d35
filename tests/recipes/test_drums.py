"""Hits of drum kits: their classes by the names of instruments, kits held out, the clips, the baseline's features."""

import numpy as np
import pytest

from recipes import drums
from recipes.speech_voices import RATE

soundfile = pytest.importorskip("soundfile")


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Pearl Kick", "kick"),
        ("BassDrum", "kick"),
        ("c3 - bass drum 1", "kick"),
        ("Snare Jazz", "snare"),
        ("Sabian Hat Pedal", "hi-hat"),
        ("Closed HH", "hi-hat"),
        ("Hi-Hat Semiopen (Paiste Alpha Metal edge 14)", "hi-hat"),
        ("Floor Tom", "tom"),
        ("Crash/Ride Bell", "cymbal"),
        ("ride-crash20inch", "cymbal"),
        ("Hand Clap", ""),
        ("Stick", ""),
        ("Snare Roll", ""),
        ("Cowbell", ""),
        ("", ""),
    ],
)
def test_classes_by_name(name, label):
    assert drums.label_of(name, drums.RULES) == label


@pytest.mark.parametrize(
    ("name", "label"),
    [("bd_haus", "kick"), ("drum_cymbal_open", "hi-hat"), ("drum_cymbal_hard", "cymbal"), ("elec_lo_snare", "snare"),
     ("drum_tom_hi_soft", "tom"), ("hat_zild", "hi-hat"), ("drum_roll", ""), ("loop_amen", "")],
)  # fmt: skip
def test_classes_of_sonic_pi(name, label):
    assert drums.label_of(name, drums.SONIC_PI) == label


def test_an_author_is_in_one_part_of_the_data():
    parts = {}
    for kit in drums.KITS.values():
        assert parts.setdefault(kit.author, kit.part) == kit.part
    assert set(parts.values()) == {"train", "dev", "test"}


def struck(seconds, frequency):
    time = np.arange(round(seconds * RATE)) / RATE
    return (0.2 * np.exp(-time) * np.sin(2 * np.pi * frequency * time)).astype(np.float32)


@pytest.fixture
def kits(tmp_path, monkeypatch):
    """A kit for each part, of two tones; one file is there twice."""
    found = []
    for kit, pitch in (("Audiophob", 60), ("BJA_Pacific", 70), ("Millo-Drums_v.1", 80)):
        for label, frequency, seconds in (("kick", pitch, 0.4), ("hi-hat", 60 * pitch, 3.0), ("kick", pitch, 0.4)):
            path = tmp_path / f"{kit}-{len(found)}.wav"
            soundfile.write(path, struck(seconds, frequency), RATE)
            found.append(drums.Hit(path, label, kit, label))
    monkeypatch.setattr(drums, "FOLDER", tmp_path / "drums")
    monkeypatch.setattr(drums, "hits", lambda: iter(found))
    drums.build()


def test_hits_are_written_and_read_again(kits):
    for split in ("train", "dev", "test"):
        kick, hat = drums.rows(split)
        assert (kick.label, hat.label) == ("kick", "hi-hat")
        assert drums.KITS[kick.kit].part == split
        for clip in (kick, hat):
            assert np.abs(clip.samples).max() == pytest.approx(drums.LOUDNESS, abs=1e-3)
        assert len(hat.samples) == drums.SECONDS * RATE
        assert abs(hat.samples[-1]) < 1e-4
    assert len(kick.samples) < RATE


def test_features_tell_a_kick_from_a_hi_hat(kits):
    kick, hat = (drums.described(clip.samples) for clip in drums.rows("train"))
    assert kick.shape == hat.shape == (81,)
    assert np.isfinite([kick, hat]).all()
    assert kick[:20].argmax() < 5 < hat[:20].argmax()
    assert np.isfinite(drums.described(np.zeros(10))).all()


def test_the_baseline(kits):
    pytest.importorskip("sklearn")
    assert drums.baseline() == {"leave one kit out": 1, "leave one author out": 1, "dev": 1, "test": 1}
