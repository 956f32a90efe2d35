"""Speech to train on: its texts are spelled out and parted, its clips trimmed, written and read again."""

from collections import Counter
from itertools import combinations

import numpy as np
import pytest

from recipes import speech, speech_recordings, speech_texts, speech_voices
from recipes.common import Guard, free, key
from recipes.speech_texts import in_words, normalised, spelled

soundfile = pytest.importorskip("soundfile")
LANGUAGES = ("en", "fr")
SPLITS = ("train", "dev", "test")
RATE = speech_voices.RATE


@pytest.mark.parametrize(
    ("number", "english", "french"),
    [
        (0, "zero", "zéro"),
        (17, "seventeen", "dix-sept"),
        (80, "eighty", "quatre-vingts"),
        (100, "one hundred", "cent"),
        (200, "two hundred", "deux cents"),
        (1000, "one thousand", "mille"),
        (80_000, "eighty thousand", "quatre-vingt mille"),
        (200_000, "two hundred thousand", "deux cent mille"),
        (300_021, "three hundred thousand twenty-one", "trois cent mille vingt et un"),
        (300_071, "three hundred thousand seventy-one", "trois cent mille soixante et onze"),
        (300_081, "three hundred thousand eighty-one", "trois cent mille quatre-vingt-un"),
        (300_099, "three hundred thousand ninety-nine", "trois cent mille quatre-vingt-dix-neuf"),
        (600_342, "six hundred thousand three hundred forty-two", "six cent mille trois cent quarante-deux"),
    ],
)
def test_numbers_in_words(number, english, french):
    assert in_words(number, "en") == english
    assert in_words(number, "fr") == french


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("It's 5 o'clock, isn't it?", "en", "IT'S FIVE O'CLOCK ISN'T IT"),
        ("He said: “well-known”!", "en", "HE SAID WELL KNOWN"),
        ("It costs 1,200 dollars.", "en", "IT COSTS ONE THOUSAND TWO HUNDRED DOLLARS"),
        ("Où est-ce qu’il va ?", "fr", "où est ce qu'il va"),
        ("Le bateau part le 25 de Brest", "fr", "le bateau part le vingt cinq de brest"),
        ("Un cœur, ça bat.", "fr", "un cœur ça bat"),
        ("At 5:30 p.m.", "en", None),
        ("The BBC said so.", "en", None),
        ("Mr. Smith", "en", None),
        ("Une pièce de 1 cent (0,01 $)", "fr", None),
        ("50 % de plus", "fr", None),
        ("El niño", "fr", None),
        ("", "en", None),
        ("...", "fr", None),
    ],
)
def test_what_a_recogniser_shall_write(text, language, found):
    assert normalised(text, language) == found


def test_a_voice_is_given_numbers_in_words_and_keeps_its_punctuation():
    assert spelled("Il a 21 ans, non ?", "fr") == "Il a vingt et un ans, non ?"


@pytest.mark.parametrize("language", LANGUAGES)
def test_requests(language):
    lines = speech_texts.request_lines(language)
    assert {intent for intent, _, _ in lines} == set(speech_texts.INTENTS)
    counts = Counter((intent, part) for intent, part, _ in lines)
    for intent in speech_texts.INTENTS:
        extra = language == "en" and intent == "joint_account"  # the tour shows four of them
        assert counts[intent, "sample"] == (4 if extra else 2)
        assert counts[intent, "test"] == counts[intent, "dev"] == 1
        assert counts[intent, "train"] >= 7
    assert len(lines) >= {"en": 170, "fr": 150}[language]
    for text, kind, _ in speech_texts.requests(language, "train"):
        assert kind == "request"
        assert normalised(text, language), text
        assert not set("[]|{}") & set(text)
        assert "  " not in text


def test_every_french_request_of_the_sample_has_its_translation():
    translated = speech_texts.translations()
    assert {text for text, _, _ in speech_texts.requests("fr", "sample")} == set(translated)
    assert all(normalised(english, "en") for english in translated.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_of_the_splits(language):
    texts = {split: [text for text, _, _ in speech_texts.split_texts(language, split)] for split in SPLITS}
    keys = {split: {key(text) for text in found} for split, found in texts.items()}
    assert all(not keys[one] & keys[other] for one, other in combinations(SPLITS, 2))
    assert len(texts["train"]) > 6000
    for found in texts.values():
        assert all(len(normalised(text, language)) <= speech_texts.LONGEST for text in found)
    held = speech_texts.reserved(language)
    assert {key(text) for text in held} <= keys["dev"] | keys["test"]
    assert not {key(text) for text in held} & keys["train"]
    guard = Guard(held)
    assert all(guard.clean(text) for text, kind, _ in speech_texts.split_texts(language, "train") if kind == "request")
    assert all(free(text) for text, kind, _ in speech_texts.split_texts(language, "train") if kind != "request")
    kinds = Counter(kind for _, kind, _ in speech_texts.split_texts(language, "train"))
    assert min(kinds.values()) >= 400
    assert set(kinds) == set(speech_texts.SHARES)


def test_sentences_of_the_sample_are_reserved():
    lines = (speech_texts.HERE / "reserved_sentences.txt").read_text(encoding="utf-8").splitlines()
    known = {key(line) for line in lines}
    for language in LANGUAGES:
        assert {key(text) for text in speech_texts.reserved(language)} <= known


@pytest.mark.parametrize("language", LANGUAGES)
def test_voices_of_a_test_are_in_no_training(language):
    training = {(voice.program, voice.option) for voice in speech_voices.voices(language)}
    for voice in speech_voices.voices(language, "test"):
        if voice.name != "pico-fr-deep":  # the one French voice that sounds natural, with a throat beyond the others'
            assert (voice.program, voice.option) not in training
    assert not any("slt" in voice.name for voice in speech_voices.voices("en"))
    names = [voice.name for voice in speech_voices.VOICES[language]]
    assert len(set(names)) == len(names)


def tone(seconds, frequency=300.0):
    return 0.5 * np.sin(2 * np.pi * frequency * np.arange(round(seconds * RATE)) / RATE).astype(np.float32)


def test_silence_is_trimmed():
    silent = np.zeros(RATE, np.float32)
    sound = np.concatenate([silent, tone(0.5), silent])
    assert len(speech_voices.trimmed(sound)) == pytest.approx(0.8 * RATE, abs=RATE // 50)
    assert len(speech_voices.trimmed(tone(0.5))) == RATE // 2
    assert len(speech_voices.trimmed(tone(0.001))) == 16


def test_a_file_becomes_samples_of_one_rate(tmp_path):
    soundfile.write(tmp_path / "stereo.wav", np.stack([tone(1.0), tone(1.0)], axis=1), 2 * RATE)
    assert len(speech_voices.recorded(tmp_path / "stereo.wav")) == pytest.approx(RATE / 2, abs=10)
    higher = speech_voices.recorded(tmp_path / "stereo.wav", throat=1.25)  # shorter, and higher
    assert len(higher) == pytest.approx(RATE / 2 / 1.25, abs=10)
    peaks = [
        np.abs(np.fft.rfft(one)).argmax() * RATE / len(one)
        for one in (speech_voices.recorded(tmp_path / "stereo.wav"), higher)
    ]
    assert peaks == pytest.approx([600, 750], abs=5)


def test_clips_are_written_and_read_again(tmp_path, monkeypatch):
    """With a voice that whistles: a job a clip, what is too long or too fast for its text left out."""

    class Here:  # a pool without processes
        def __init__(self, _):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def map(self, function, *lists, chunksize):
            return map(function, *lists)

    lengths = {"a short text": 1.0, "much too long": 12.0, "a text of which so much cannot be said so fast": 0.5}
    monkeypatch.setattr(speech, "FOLDER", tmp_path)
    monkeypatch.setattr(speech, "ProcessPoolExecutor", Here)
    monkeypatch.setattr(speech, "say", lambda text, voice, how: tone(lengths[text]))
    monkeypatch.setattr(speech, "recordings", lambda language: [])
    monkeypatch.setattr(speech, "split_texts", lambda language, split: [(text, "word", "") for text in lengths])
    speech.build("fr", "dev")
    (clip,) = speech.rows("fr", "dev")
    assert (clip.text, clip.kind, clip.intent) == ("a short text", "word", "")
    assert clip.voice in {voice.name for voice in speech_voices.voices("fr")}
    assert np.allclose(clip.samples, tone(1.0), atol=1e-4)
    speech.build("fr", "test-human")  # nothing to do, nothing written
    assert {path.name for path in tmp_path.iterdir()} == {"fr-dev.jsonl", "fr-dev.samples.npy"}


@pytest.mark.parametrize("heading", ["asterisk en", "asterisk fr", "ktuberling en", "ktuberling fr"])
def test_prompts_of_recordings_can_be_written(heading):
    found = speech_recordings.prompts(heading)
    assert found
    assert all(normalised(text, heading[-2:]) for text in found.values())
    assert len(found) > 100 or heading.startswith("ktuberling")
