"""Reading of sounds: files of all formats, arrays of all kinds, resampling, and a sentence for what is none."""

import io
import os
import struct
import subprocess
import sys
from contextlib import closing
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
import soxr

from hfquick import zoo
from hfquick.audio_processing import decoding, sounds
from hfquick.audio_processing.sounds import open_sound
from hfquick.i18n import set_language
from hfquick.utils import notices
from tests.hub.test_downloads import Server

RATE = 16_000


def tone(rate=RATE, seconds=0.5, hertz=440.0, channels=1):
    """A sine (S,), or (S, C) with other loudness in each channel."""
    samples = 0.5 * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate)
    if channels == 1:
        return samples.astype(np.float32)
    return (samples[:, None] * np.linspace(0.2, 1, channels)).astype(np.float32)


def encoded(samples, rate=RATE, format="WAV", subtype=None):
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=format, subtype=subtype)
    return file.getvalue()


def sentence(given, rate=RATE, **options):
    with pytest.raises((ValueError, TypeError, OSError, ImportError)) as caught:
        open_sound(given, rate, **options).read()
    assert hasattr(caught.value, "english"), caught.value
    return str(caught.value)


# Files.


@pytest.mark.parametrize(
    ("format", "subtype", "tolerance"),
    [
        ("WAV", "PCM_U8", 0.01),
        ("WAV", "PCM_16", 1e-4),
        ("WAV", "PCM_24", 1e-6),
        ("WAV", "PCM_32", 1e-6),
        ("WAV", "FLOAT", 0),
        ("WAV", "ULAW", 0.02),
        ("WAVEX", "PCM_16", 1e-4),
        ("RF64", "PCM_16", 1e-4),
        ("FLAC", "PCM_16", 1e-4),
        ("FLAC", "PCM_24", 1e-6),
        ("AIFF", "PCM_16", 1e-4),
        ("OGG", "VORBIS", 0.1),
        ("OGG", "OPUS", 0.3),
        ("MP3", "MPEG_LAYER_III", 0.1),
    ],
)
def test_a_file_of_any_format_gives_its_samples(format, subtype, tolerance, tmp_path):
    content = encoded(tone(), format=format, subtype=subtype)
    (tmp_path / "tone").write_bytes(content)
    path = str(tmp_path / "tone")
    cells = {"bytes": content, "path": "tone"}, {"path": path, "bytes": None}
    for given in (content, tmp_path / "tone", path, io.BytesIO(content), memoryview(content), *cells):
        sound = open_sound(given, RATE)
        samples = sound.read()
        assert (samples.dtype, len(samples), sound.length, sound.sampling_rate) == (np.float32, 8_000, 8_000, RATE)
        assert np.abs(samples - tone()).max() <= tolerance


def test_channels_are_averaged():
    many = tone(channels=8)
    for content in (encoded(many, subtype="FLOAT"), encoded(many, format="FLAC", subtype="PCM_24")):
        np.testing.assert_allclose(open_sound(content).read(), many.mean(1), atol=1e-6)


def test_a_recording_is_read_again_from_its_beginning():
    sound = open_sound(encoded(tone()), RATE)
    assert np.array_equal(sound.read(), sound.read())
    assert open_sound(sound, 8_000).read().shape == (4_000,)
    assert open_sound(sound).sampling_rate == RATE


@pytest.mark.parametrize("rate", [4_000, 8_000, 11_025, 22_050, 44_100, 48_000, 192_000])
def test_resampling_keeps_the_tone_and_is_that_of_the_whole(rate, monkeypatch):
    monkeypatch.setattr(decoding, "BLOCK", 1_000)
    content = encoded(tone(rate), rate, subtype="FLOAT")
    sound = open_sound(content, RATE)
    samples = sound.read()
    assert len(samples) == sound.length
    assert abs(len(samples) - 8_000) < 2
    assert np.array_equal(samples, soxr.resample(tone(rate), rate, RATE, quality="HQ"))
    assert np.array_equal(np.concatenate(list(sound.blocks(777))), samples)
    middle = slice(500, -500)  # at its ends a filter sees silence
    assert np.abs(samples[middle] - tone()[: len(samples)][middle]).max() < 1e-3


@pytest.mark.parametrize("rate", [4_001, 8_000, 44_100, 96_000])
@pytest.mark.parametrize("count", [1_000, 1_001, 12_345])
def test_the_length_that_is_announced_is_the_length_there_is(rate, count):
    sound = open_sound({"array": np.zeros(count, np.float32), "sampling_rate": rate}, RATE)
    assert sound.length == len(sound.read())
    assert sound.seconds == sound.length / RATE


def test_blocks_have_the_size_asked_for():
    sound = open_sound(np.arange(1_000) / 1_000, RATE)
    assert [len(block) for block in sound.blocks(300)] == [300, 300, 300, 100]
    assert [len(block) for block in sound.blocks(250)] == [250] * 4
    assert [len(block) for block in sound.blocks(5_000)] == [1_000]


def test_an_hour_needs_the_memory_of_a_block(tmp_path):
    """The most memory that a process of its own ever had, in bytes, before and after."""
    path = tmp_path / "hour.flac"
    with soundfile.SoundFile(path, "w", 8_000, 1, format="FLAC") as file:
        for _ in range(60):
            file.write(tone(8_000, 60))
    code = """
import resource, sys
from hfquick.audio_processing.sounds import open_sound
most = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
open_sound(sys.argv[1], 16_000).blocks(480_000).__next__()
before = most()
count = sum(len(block) for block in open_sound(sys.argv[1], 16_000).blocks(480_000))
print(count, most() - before)
"""
    run = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    count, grown = map(int, run.stdout.split())
    assert count == 3_600 * RATE
    assert grown < 20_000  # kilobytes; all samples have 230,000


# What is cut off, damaged, or no sound.


def test_files_that_are_cut_off(tmp_path, capfd):
    samples = np.random.RandomState(0).standard_normal(160_000).astype(np.float32) / 10
    for format in ("WAV", "AIFF", "FLAC", "MP3"):
        content = encoded(samples, format=format)
        said = sentence(content[: len(content) // 2])
        assert said.startswith("the sound is cut off"), said
        assert said.endswith("; fetch or save it again")
    assert "320,044 bytes are there" in sentence(encoded(samples)[:160_000])
    content = encoded(samples, format="OGG")
    notices.forget()
    assert 10_000 < len(open_sound(content[: len(content) // 2], RATE).read()) < 160_000
    assert "the sound has no end: what is there is read" in capfd.readouterr().out
    open_sound(content, RATE).read()
    assert not capfd.readouterr().out


def test_a_damaged_file_is_a_sentence():
    content = bytearray(encoded(np.random.RandomState(0).standard_normal(90_000) / 10, format="FLAC"))
    content[len(content) // 2 :][:2_000] = bytes(2_000)
    content[len(content) // 2 : len(content) // 2 + 2_000] = bytes(2_000)
    assert "is cut off or damaged" in sentence(bytes(content))
    for start in (b"RIFF\x04\x00\x00\x00WAVE", b"fLaC" + bytes(100), b"OggS" + bytes(100), b"ID3" + bytes(100)):
        assert "is cut off or damaged" in sentence(start), start
    set_language("fr")
    try:
        with pytest.raises(ValueError, match=r"^le son est tronqué ou endommagé"):
            open_sound(start, RATE)
    finally:
        set_language(None)


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (b"\x00\x00\x00\x20ftypisom", "MP4, M4A, MOV"),
        (b"\x1aE\xdf\xa3\x01", "WebM, Matroska"),
        (b"RIFF\x00\x00\x10\x00AVI LIST", "AVI"),
        (b"0&\xb2u\x8ef\xcf\x11", "WMA, WMV"),
        (b"\xff\xf1\x50\x80", "AAC"),
        (b"\x00\x00\x01\xba", "MPEG"),
        (b"#!AMR\n", "AMR"),
        (b"FLV\x01", "FLV"),
    ],
)
def test_a_video_says_how_to_make_a_wav(start, name):
    said = sentence(start + bytes(200))
    assert f"a container that is not read ({name})" in said
    assert "ffmpeg -i recording.mp4 recording.wav" in said


def test_what_is_no_sound(tmp_path):
    path = tmp_path / "notes.wav"
    path.write_text("These are notes, not sounds.\n" * 20)
    said = sentence(path)
    assert f"the sound '{path}' is no sound, or of a format that is not read" in said
    assert "begins with b'These are notes, not sou'; expected WAV, FLAC, OGG, MP3 or AIFF" in said
    assert "is no sound" in sentence(b"\x89PNG\r\n\x1a\n" + bytes(50))
    assert "is no sound" in sentence(encoded(tone(), format="AU"))  # soundfile reads it; who has one?
    assert "is no sound" in sentence(b"\xff\xff" + bytes(10)) or "damaged" in sentence(b"\xff\xff" + bytes(10))
    path.write_bytes(b"")
    assert sentence(path) == f"the sound '{path}' is empty: it has 0 bytes"


def test_paths_that_lead_nowhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "speech.wav").write_bytes(encoded(tone()))
    assert "there is no sound 'spech.wav' in the folder" in sentence("spech.wav")
    assert sentence("spech.wav").endswith("; did you mean 'speech.wav'?")
    assert "is a folder; give its sounds: sorted(Path(" in sentence(tmp_path)
    assert "there is no sound" in sentence("nowhere/at/all.wav")
    assert "there is no sound" in sentence("x" * 3_000)
    assert "not an embedded sound" in sentence("hfquick/sounds/none.ogg")
    if os.geteuid():
        os.chmod("speech.wav", 0)
        assert "cannot be opened" in sentence("speech.wav")


def test_an_embedded_sound_has_an_address(tmp_path, monkeypatch):
    (tmp_path / "sounds").mkdir()
    (tmp_path / "sounds" / "hello.flac").write_bytes(encoded(tone(), format="FLAC"))
    monkeypatch.setattr(zoo, "HERE", tmp_path)
    assert len(open_sound("hfquick/sounds/hello.flac").read()) == 8_000
    assert "did you mean 'hfquick/sounds/hello.flac'?" in sentence("hfquick/sounds/helo.flac")
    with pytest.raises(ValueError, match=r"; embedded sounds: hfquick/sounds/hello\.flac"):
        zoo.sound("?")


def test_an_open_file(tmp_path):
    path = tmp_path / "speech.wav"
    path.write_bytes(encoded(tone()))
    with open(path, "rb") as file:
        sound = open_sound(file)
    assert str(sound.what) == f"the sound '{path}'"
    assert repr(sound) == f"Sound({str(sound.what)!r}, sampling_rate=16000, length=8000)"
    (tmp_path / "text").write_text("text")
    with open(tmp_path / "text") as file:
        assert "the file gives text, and a sound is bytes" in sentence(file)


# Limits.


def test_a_header_that_promises_too_much(monkeypatch):
    content = bytearray(encoded(tone()))
    content[24:28] = struct.pack("<I", 1)
    assert sentence(bytes(content)).startswith("the sound has 1 samples per second, expected 1,000 to 768,000")
    monkeypatch.setattr(decoding, "MOST_SECONDS", 3_600)
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", 1_000, 1, format="FLAC") as flac:
        for _ in range(37):
            flac.write(np.zeros(100_000))
    assert len(file.getvalue()) < 30_000
    assert "lasts more than 1 hours, the most that is read" in sentence(file.getvalue())
    assert "lasts more than 1 hours" in sentence({"array": np.zeros(3_601_000), "sampling_rate": 1_000})
    many = tone(channels=8)
    monkeypatch.setattr(decoding, "MOST_CHANNELS", 4)
    assert "has 8 channels, 4 are the most that are mixed" in sentence(encoded(many))


def test_a_file_that_goes_on_longer_than_it_says(monkeypatch):
    def blocks():
        while True:
            yield np.zeros(100_000, np.float32)

    monkeypatch.setattr(decoding, "MOST_SECONDS", 100)
    endless = sounds.Sound(open_sound(tone(), RATE).what, RATE, 1_000, blocks)
    with pytest.raises(ValueError, match="lasts more than"):
        endless.read()


def test_what_is_read_at_once_is_limited(monkeypatch):
    monkeypatch.setattr(sounds, "MOST_SAMPLES", 7_999)
    assert sentence(tone()).startswith("the sound has more than 7,999 samples, the most that is read at once")
    assert sum(len(block) for block in open_sound(tone(), RATE)) == 8_000
    lies = sounds.Sound(open_sound(tone(), RATE).what, RATE, 10, lambda: iter([tone()]))
    with pytest.raises(ValueError, match="more than 7,999 samples"):
        lies.read()


def test_bytes_are_limited(monkeypatch):
    monkeypatch.setattr(sounds, "MOST_BYTES", 1_000)
    assert "has more than 1,000 bytes, the most that is held in memory" in sentence(encoded(tone()))
    assert "has more than 1,000 bytes" in sentence(io.BytesIO(encoded(tone())))


# The web.


def test_a_sound_from_the_web(monkeypatch):
    with closing(Server()) as web:
        web.pages["/tone.flac"] = (200, {"Content-Type": "audio/flac"}, encoded(tone(), format="FLAC"))
        web.pages["/page"] = (200, {"Content-Type": "text/html"}, b"<!doctype html><p>none</p>")
        assert len(open_sound(f"{web.url}/tone.flac", RATE).read()) == 8_000
        assert web.asked[0][1]["Accept"] == "audio/*"
        assert "what came of the kind 'text/html' begins with" in sentence(f"{web.url}/page")
        assert "an address of this machine or its network" in sentence({"path": f"{web.url}/tone.flac", "bytes": None})
        monkeypatch.setattr(sounds, "MOST_BYTES_WEB", 1_000)
        assert "it has more than 1,000 bytes" in sentence(f"{web.url}/tone.flac")
    assert "only http:// and https:// are asked" in sentence("file:///etc/passwd")


# Arrays.


@pytest.mark.parametrize(
    ("array", "wanted"),
    [
        (np.array([0, 16_384, -32_768], np.int16), [0, 0.5, -1]),
        (np.array([0, 2**30, -(2**31)], np.int32), [0, 0.5, -1]),
        (np.array([0, 64, -128], np.int8), [0, 0.5, -1]),
        (np.array([128, 192, 0], np.uint8), [0, 0.5, -1]),
        (np.array([32_768, 49_152, 0], np.uint16), [0, 0.5, -1]),
        (np.array([0, 16_384, -32_768]), [0, 0.5, -1]),
        ([0, 16_384, -32_768], [0, 0.5, -1]),
        ((0, 2**30, -(2**31)), [0, 0.5, -1]),
        (np.array([0, 0.5, -1]), [0, 0.5, -1]),
        (np.array([0, 0.5, -1], np.float16), [0, 0.5, -1]),
        ([0.0, 0.5, -1.0], [0, 0.5, -1]),
        ([0.0, 2.5, -7.0], [0, 2.5, -7]),  # louder than full scale, as some programs write
    ],
)
def test_samples_of_any_kind_of_number(array, wanted):
    samples = open_sound(array, RATE).read()
    assert samples.dtype == np.float32
    np.testing.assert_allclose(samples, wanted)


def test_samples_in_two_dimensions_of_either_order():
    for channels in (1, 2, 8):
        many = tone(channels=channels).reshape(-1, channels)
        for array in (many, many.T, many.T.tolist()):
            np.testing.assert_allclose(open_sound(array, RATE).read(), many.mean(1), atol=1e-6)
    assert np.array_equal(open_sound(np.array([[1.0, 3], [5, 7]]), RATE).read(), [2, 6])


@pytest.mark.torch
def test_tensors_of_pytorch():
    import torch

    for tensor in (torch.tensor(tone()), torch.tensor(tone())[None].requires_grad_(), torch.tensor(tone())[:, None]):
        assert np.array_equal(open_sound(tensor, RATE).read(), tone())
    assert len(open_sound(torch.tensor(tone()).bfloat16(), RATE).read()) == 8_000
    assert np.array_equal(open_sound(torch.tensor([[1.0, 3], [5, 7]]), RATE).read(), [3, 5])


@pytest.mark.tf
def test_tensors_of_tensorflow():
    import tensorflow as tf

    assert np.array_equal(open_sound(tf.constant(tone()), RATE).read(), tone())


def test_tables_as_pipelines_and_datasets_have_them():
    for name in ("array", "raw"):
        sound = open_sound({name: tone(8_000), "sampling_rate": 8_000, "path": None}, RATE)
        assert (sound.original_rate, sound.length) == (8_000, 8_000)
        assert open_sound({name: tone(8_000), "sampling_rate": np.int64(8_000)}).sampling_rate == 8_000
    assert open_sound(tone(8_000), RATE, array_rate=8_000).length == 8_000


def test_a_decoder_of_torchcodec_is_taken():
    """What `datasets` hands out where torchcodec is installed: samples (C, S) and their rate."""
    samples = SimpleNamespace(data=tone(8_000, channels=2).T, sample_rate=8_000)
    sound = open_sound(SimpleNamespace(get_all_samples=lambda: samples), RATE)
    assert (sound.original_rate, sound.length) == (8_000, 8_000)
    np.testing.assert_allclose(open_sound(sound, 8_000).read(), tone(8_000, channels=2).mean(1), atol=1e-7)


def test_silence_is_a_sound():
    assert not open_sound(np.zeros(1_600), RATE).read().any()
    assert not open_sound(encoded(np.zeros(1_600)), 8_000).read().any()


def test_what_is_empty():
    for given in ([], np.zeros(0), np.zeros((2, 0)), {"array": [], "sampling_rate": RATE}, encoded(np.zeros(0))):
        assert sentence(given) == "the sound is empty: it has no sample"
    assert sentence({"array": [0.5], "sampling_rate": 192_000}) == (
        "the sound is too short: 1 samples at 192,000 Hz, and none at 16,000 Hz"
    )


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, 1e300])
def test_samples_that_are_no_numbers(wrong):
    samples = tone().astype(np.float64)
    samples[4_000] = wrong
    said = sentence(samples)
    assert said.startswith("the sound has samples that are no numbers (NaN or infinity), the first at 0.25 s")
    if wrong != 1e300:
        assert sentence(encoded(samples, subtype="FLOAT")) == said


@pytest.mark.parametrize("rate", [0, -1, 1, 999, 768_001, 10**9])
def test_a_rate_that_no_recording_has(rate):
    assert f"the sound has {rate:,} samples per second, expected" in sentence({"array": tone(), "sampling_rate": rate})


@pytest.mark.parametrize("rate", ["16k", 16_000.5, float("nan"), True, [16_000], float("inf")])
def test_a_rate_that_is_no_number(rate):
    said = sentence({"array": tone(), "sampling_rate": rate})
    assert "expected a whole number of samples per second, such as 16000" in said


def test_samples_need_a_rate():
    assert "only you know how many there are for a second" in sentence({"array": tone()})
    assert "samples say nothing about their sampling rate" in sentence(tone(), None)
    assert open_sound({"array": tone(), "sampling_rate": 16_000.0}).sampling_rate == RATE


def test_what_cannot_be_samples():
    assert "an array of the shape (2, 3, 4) is no sound" in sentence(np.zeros((2, 3, 4)))
    assert "an array of the shape (100, 16000) is no sound" in sentence(np.zeros((100, 16_000)))
    assert "an array of the shape () is no sound" in sentence(np.float32(1))
    assert "a list of lists of different lengths" in sentence([[1.0], [1.0, 2.0]])
    for given in (np.ones(3, bool), np.ones(3, complex), np.array(["a"]), ["a", "b"], np.array([None, 1])):
        assert "holds values of the kind" in sentence(given)
    assert "has whole numbers from 0 to 4,294,967,296, which no recording has" in sentence(np.array([0, 2**32]))
    for given in (None, 7, 0.5, object()):
        assert "a sound was expected, got" in sentence(given)
    assert "a table with 'a' is no sound" in sentence({"a": 1})
    assert "a table with nothing in it is no sound" in sentence({})


def test_without_the_libraries(monkeypatch):
    monkeypatch.setitem(sys.modules, "soundfile", None)
    assert sentence(encoded(tone())).startswith("reading a sound file needs soundfile, which is not installed;")
    monkeypatch.setitem(sys.modules, "soxr", None)
    assert "resampling a sound needs soxr" in sentence({"array": tone(), "sampling_rate": 8_000})
    assert len(open_sound(tone(), RATE).read()) == 8_000  # needs neither
