"""Sound files that programs write differently: headers that are not complete, MP3s with much around their sound."""

import io
import struct
import zipfile

import numpy as np
import pytest
import soundfile

from hfquick.audio_processing.sounds import open_sound

from .test_sounds import RATE, encoded, sentence, tone


def encoded_mp3(samples, bitrate_mode="VARIABLE"):
    """An MP3, and the same without its first frame, which counts the others."""
    file = io.BytesIO()
    options = {"format": "MP3", "bitrate_mode": bitrate_mode, "compression_level": 0.5}
    with soundfile.SoundFile(file, "w", 44_100, 1, **options) as mp3:
        mp3.write(samples)
    content = file.getvalue()
    return content, content[content.index(content[:2], 4) :]


def noise(seconds, quiet=slice(0)):
    samples = np.random.RandomState(0).standard_normal(44_100 * seconds).astype(np.float32) / 10
    samples[quiet] *= 1e-4
    return samples


def tag(count):
    """What some programs write behind an MP3: APE, with a cover of so many bytes."""
    edge = b"APETAGEX" + struct.pack("<IIII8x", 2_000, count + 32, 1, 0x80000000)
    return edge + b"\xff\xd8" + np.random.RandomState(1).bytes(count).replace(b"\xff", b"\xff\x00") + edge


def test_an_mp3_whose_end_the_library_would_leave_out():
    """Without its first frame, which has the table, a length is guessed from the bit rate of the next one."""
    samples = np.random.RandomState(0).standard_normal(44_100 * 20) / 10
    samples *= np.sin(np.arange(len(samples)) / 15_000)  # soft and loud, so bit rates differ
    content = encoded(samples, 44_100, "MP3")
    assert len(open_sound(content).read()) == len(samples)
    assert len(open_sound(content + b"TAG" + bytes(125)).read()) == len(samples)
    said = sentence(content[content.index(b"\xff\xfb", 4) :])
    assert said.startswith("the sound is an MP3 that says no length, or a wrong one, so that its end would be left out")
    assert sentence(content + content) == said


@pytest.mark.parametrize("mode", ["CONSTANT", "VARIABLE"])
def test_a_whole_mp3_is_read_whatever_is_around_its_sound(mode):
    content, uncounted = encoded_mp3(noise(8, quiet=slice(44_100 * 3)), mode)
    whole, guessed = open_sound(content).read(), open_sound(uncounted).read()
    assert len(whole) == 8 * 44_100 <= len(guessed) < 8 * 44_100 + 3_000
    title = b"ID3\x03\x00\x00\x00\x06\x00\x00" + bytes(6 << 14)
    for before, behind in (
        (b"", tag(2_500)),
        (b"", tag(100_000)),
        (b"", bytes(3_000)),
        (title, b""),
        (title, tag(9_000)),
    ):
        samples = open_sound(before + content + behind).read()
        np.testing.assert_allclose(samples, whole, atol=1e-6)
        samples = open_sound(before + uncounted + behind).read()
        np.testing.assert_allclose(samples, guessed, atol=1e-6)


def test_a_length_that_was_guessed_is_no_promise():
    """A quiet beginning has short frames, so that too many are expected; where one counts them, it is believed."""
    content, uncounted = encoded_mp3(noise(8, quiet=slice(44_100 * 3)))
    sound = open_sound(uncounted)
    assert sound.length > 10 * 44_100
    assert 0 <= len(sound.read()) - len(open_sound(content).read()) < 3_000  # less is cut from its ends
    assert sentence(content[: len(content) // 2]).startswith("the sound is cut off: ")
    table = bytearray(uncounted[:4] + bytes(32) + b"VBRI" + bytes(20)).ljust(content.index(uncounted[:100]), b"\0")
    assert "its end would be left out" in sentence(
        bytes(table) + encoded_mp3(noise(8, quiet=slice(44_100 * 3, None)))[1]
    )


def test_an_mp3_that_is_damaged_in_its_middle():
    uncounted = encoded_mp3(noise(8), "CONSTANT")[1]
    middle = len(uncounted) // 2
    for behind in (b"", tag(2_500)):
        assert "is cut off or damaged" in sentence(uncounted[:middle] + bytes(3_000) + uncounted[middle:] + behind)


def test_a_flac_that_does_not_say_how_long_it_is():
    content = bytearray(encoded(tone(), format="FLAC"))
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    assert sentence(bytes(content)) == (
        "the sound does not say how long it is, as a file that was written to a pipe; make a WAV of it: ffmpeg -i "
        "recording.flac recording.wav"
    )


def test_a_size_that_counts_too_much_is_no_damage():
    content = bytearray(encoded(tone()))
    for more in (1, 8, 9):
        content[4:8] = struct.pack("<I", len(content) - 8 + more)
        assert len(open_sound(bytes(content)).read()) == 8_000
    content[4:8] = struct.pack("<I", len(content) + 2)
    assert sentence(bytes(content)).startswith("the sound is cut off: 16,044 of 16,054 bytes are there")


@pytest.mark.parametrize("format", ["WAV", "RF64", "AIFF"])
def test_a_header_that_was_never_completed(format):
    def stopped(count):
        content = bytearray(encoded(np.zeros(0), format=format))
        size = struct.pack(">I" if format == "AIFF" else "<I", len(content) - 8)
        content[4:8] = b"\xff" * 4 if format == "RF64" else size
        return bytes(content) + bytes(count)

    assert sentence(stopped(0)) == "the sound is empty: it has no sample"
    said = sentence(stopped(16_000))
    assert said.startswith("the sound announces no sample, though it has 16,")
    assert "make a WAV of it: ffmpeg -i recording.wav completed.wav" in said


@pytest.mark.parametrize("name", ["tone.raw", "TONE.RAW", "tone.flac", "tone"])
def test_the_name_of_a_file_says_nothing_about_its_format(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(encoded(tone()))
    with open(path, "rb") as file, zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.write(path, name)
        cells = {"path": str(path), "bytes": None}, {"path": name, "bytes": path.read_bytes()}
        for given in (path, str(path), file, *cells):
            assert len(open_sound(given, RATE).read()) == 8_000
    with zipfile.ZipFile(tmp_path / "all.zip") as archive, archive.open(name) as member:
        assert len(open_sound(member, RATE).read()) == 8_000


def test_a_size_that_is_not_known_yet_is_no_damage():
    content = bytearray(encoded(tone()))
    for size in (0, 0xFFFFFFFF, 0x7FFFF024):  # as programs write into a pipe
        content[4:8] = struct.pack("<I", size)
        assert len(open_sound(bytes(content)).read()) == 8_000
