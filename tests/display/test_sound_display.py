"""Pictures of sounds: the same every time, readable without seeing or hearing them, and never wrong about time."""

import base64
import copy
import io
import json
import pickle
import re
from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np
import polib
import pytest
from PIL import Image

from hfquick import i18n
from hfquick.audio_processing.sounds import open_sound
from hfquick.display import LabelScore, Results, SoundScores, SoundView, Transcript, to_hear
from hfquick.display.sound import (
    BANDS,
    LEVEL,
    MOST_SOUNDS,
    RATE,
    WAVE,
    Clip,
    Heard,
    describe,
    draw,
    player,
    small_clip,
    without_sounds,
)
from hfquick.display.spectrogram import band_frequencies, band_of, envelope, mel_filters, mel_spectrogram
from hfquick.display.transcript import words_of

from .test_display import Reader

sf = pytest.importorskip("soundfile")
SVG = "{http://www.w3.org/2000/svg}"


def tone(hertz=440.0, seconds=1.0, rate=RATE, silence=0.0):
    """A tone that stands between two pauses."""
    sound = 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)
    pause = np.zeros(round(silence * rate))
    return np.concatenate([pause, sound, pause]).astype(np.float32)


def table(samples, rate=RATE):
    return {"array": samples, "sampling_rate": rate}


def chunk(text, start, end):
    return {"text": text, "timestamp": (start, end)}


SOUND = table(tone(silence=0.5))
WORDS = [chunk("HELLO", 0.52, 0.9), chunk("WORLD", 1.0, 1.5)]
LETTERS = [chunk(text, 0.5 + 0.1 * index, 0.56 + 0.1 * index) for index, text in enumerate("GO ON")]
BARE = Transcript({"text": "HELLO WORLD"}, SOUND)
TIMED = Transcript({"text": "HELLO WORLD", "chunks": WORDS}, SOUND)
SPELT = Transcript({"text": "GO ON", "chunks": LETTERS}, SOUND)
SCORES = [LabelScore(label="rock", score=0.75), LabelScore(label="jazz", score=0.25)]
ONE = SoundScores(SCORES, [SOUND])
MANY = SoundScores([SoundScores(SCORES, [SOUND]), SoundScores(SCORES[::-1], [None])], [SOUND, None])
ALL = [BARE, TIMED, SPELT, ONE, MANY, Results([TIMED, BARE])]


def image(html):
    """The one image of a drawing: its alternative text, and the SVG."""
    [(alt, source)] = re.findall(r'<img alt="([^"]*)" style="[^"]*" src="data:image/svg\+xml,([^"]*)">', html)
    return alt, ElementTree.fromstring(unquote(source))


def pixels(svg):
    [embedded] = svg.findall(f"{SVG}defs/{SVG}image")
    kind, _, data = embedded.get("href").partition(",")
    assert kind == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))  # indices of colours


def texts(svg):
    return [element.text for element in svg.findall(f"{SVG}text")]


def read(html):
    """What stands beside picture and player."""
    return Reader(re.sub(r"<img[^>]*>", "", html))


def heard_in(html):
    """The samples that a player plays."""
    [source] = re.findall(r'<audio [^>]*src="data:audio/mpeg;base64,([^"]*)"', html)
    return sf.read(io.BytesIO(base64.b64decode(source)))


# Numbers of a sound.


def test_envelope_has_every_peak():
    samples = np.zeros(1000, np.float32)
    samples[333], samples[777] = 0.9, -0.8
    lowest, highest = envelope(samples, 10).T
    assert highest.tolist() == pytest.approx([0, 0, 0, 0.9, 0, 0, 0, 0, 0, 0])
    assert lowest.tolist() == pytest.approx([0, 0, 0, 0, 0, 0, 0, -0.8, 0, 0])
    assert envelope(samples[:3], 8).shape == (8, 2)  # fewer samples than columns


@pytest.mark.parametrize("hertz", [120, 440, 1000, 3000, 7000])
def test_a_tone_is_in_its_band_at_its_time(hertz):
    mel = mel_spectrogram(tone(hertz, silence=0.5), RATE, frames=200)  # (T, M)
    assert mel.shape == (200, BANDS)
    assert mel.max() == 1
    assert mel.min() == 0
    middle = mel[100]
    assert abs(middle.argmax() - band_of(hertz, RATE)) <= 1.5
    assert abs(band_frequencies(RATE)[1:-1] - hertz).argmin() == pytest.approx(middle.argmax(), abs=1)
    loud = mel.max(axis=1) > 0.5
    assert loud[53:147].all()
    assert not loud[:47].any()
    assert not loud[153:].any()


def test_every_band_hears_something_and_no_filter_is_larger_than_one():
    filters = mel_filters(RATE, 512)
    assert filters.shape == (BANDS, 257)
    assert (filters.max(axis=1) >= 0.5).all()
    assert filters.max() <= 1
    assert band_of(band_frequencies(RATE)[1], RATE) == pytest.approx(0)


def test_silence_has_an_empty_spectrogram():
    assert not mel_spectrogram(np.zeros(100, np.float32), RATE, frames=7).any()


# Data.


@pytest.mark.parametrize("result", ALL)
def test_results_are_plain_data_and_drawn_the_same_again(result):
    for again in (pickle.loads(pickle.dumps(result)), copy.deepcopy(result)):
        assert type(again) is type(result)
        assert again == result
        assert repr(again) == repr(result)
        assert again._repr_html_() == result._repr_html_()
    assert json.loads(json.dumps(result))


def test_repr_is_that_of_the_data():
    assert repr(BARE) == "{'text': 'HELLO WORLD'}"
    assert repr(TIMED) == (
        "{'text': 'HELLO WORLD', 'chunks': [{'text': 'HELLO', 'timestamp': (0.52, 0.9)}, "
        "{'text': 'WORLD', 'timestamp': (1.0, 1.5)}]}"
    )
    assert repr(SoundView("speech.wav")) == "SoundView(speech.wav)"
    assert repr(SoundView(SOUND)) == "SoundView(dict)"


def test_what_a_result_keeps_of_its_sound(tmp_path):
    path = tmp_path / "tone.wav"
    sf.write(path, tone(), RATE)
    content, samples = path.read_bytes(), tone(rate=8000)
    for given in (str(path), path, content, {"bytes": content, "path": None}, table(samples)):
        assert to_hear(given, open_sound(given)) is given
    kept = to_hear(samples, open_sound(samples, array_rate=8000))
    assert kept["array"] is samples
    assert kept["sampling_rate"] == 8000
    with open(path, "rb") as file:
        sound = open_sound(file)
        copied = to_hear(file, sound)
    assert isinstance(copied, Clip)
    np.testing.assert_array_equal(copied.samples, small_clip(path).samples)
    web = to_hear("https://example.com/tone.wav", sound)
    assert web.seconds == copied.seconds == 1
    assert to_hear(path, sound, copies=False) is path
    for given in (content, samples, "https://example.com/tone.wav"):
        assert to_hear(given, sound, copies=False) is None
    assert Transcript({"text": "A"}, web)._repr_html_() == Transcript({"text": "A"}, path)._repr_html_()


def test_of_a_long_sound_the_beginning_is_kept():
    samples = tone(seconds=70, rate=8000)
    kept = to_hear(samples, open_sound(samples, array_rate=8000))
    assert (kept.seconds, kept.shown, len(kept.samples)) == (70, 30, 30 * RATE)
    html = draw(kept) + player(kept)
    assert "the first 30.0 s are drawn, of 70.0 s" in html
    assert "the first 30.0 s can be heard here" in html
    assert len(html) < 400_000


@pytest.mark.parametrize("source", [None, "nowhere.wav", b"no sound", 3, "http://127.0.0.1:9/tone.wav", np.zeros(0)])
def test_without_its_sound_the_words_are_drawn_alone(source):
    html = Transcript(TIMED, source)._repr_html_()
    assert "<img" not in html
    assert "<audio" not in html
    assert "HELLO" in read(html).text
    assert read(SoundScores(SCORES, [source])._repr_html_()).cells[1][0] == "rock"
    assert SoundView(source)._repr_html_() is None


def test_drawing_asks_no_server(monkeypatch):
    from hfquick.audio_processing import sounds

    monkeypatch.setattr(sounds, "download", lambda *given, **options: pytest.fail("it asked"))
    for source in ("https://example.com/a.wav", {"bytes": None, "path": "https://example.com/a.wav"}):
        assert small_clip(source) is None


@pytest.mark.parametrize("value", [{}, {"text": 3}, {"text": None, "chunks": WORDS}])
def test_something_else_is_not_drawn(value):
    assert Transcript(value, SOUND)._repr_html_() is None


@pytest.mark.parametrize(
    "chunks",
    [None, 3, [3], [{"text": "A"}], [chunk(3, 0, 1)], [chunk("A", 0.5, None)], [{"text": "A", "timestamp": 3}]],
)
def test_chunks_without_times_are_left_out(chunks):
    html = Transcript({"text": "HELLO", "chunks": chunks}, SOUND)._repr_html_()
    assert texts(image(html)[1]) == texts(image(Transcript({"text": "HELLO"}, SOUND)._repr_html_())[1])


# The picture.


def test_words_stand_where_they_were_spoken():
    alt, svg = image(TIMED._repr_html_())
    scale = float(svg.get("width")) / 2
    [hello, world] = [element for element in svg.findall(f"{SVG}text") if element.text in ("HELLO", "WORLD")]
    assert float(hello.get("x")) == pytest.approx(0.71 * scale, abs=1)
    assert float(world.get("x")) == pytest.approx(1.25 * scale, abs=1)
    bands = [element for element in svg.findall(f"{SVG}rect") if element.get("fill-opacity")]
    places = [(float(band.get("x")), float(band.get("width"))) for band in bands]
    assert places == [pytest.approx(place, abs=0.1) for place in ((0.52 * scale, 0.38 * scale), (scale, 0.5 * scale))]
    assert [text for text in texts(svg) if text.endswith(" s")] == ["0 s", "0.5 s", "1.0 s", "1.5 s"]
    assert alt == (
        "waveform and spectrogram of 2.0 s of sound, loud from 0.5 to 1.5 s; recognised, with the second in which each "
        "begins: HELLO 0.5, WORLD 1.0"
    )


def test_characters_make_words_in_text_and_table_and_stand_alone_in_the_picture():
    _alt, svg = image(SPELT._repr_html_())
    assert texts(svg)[:4] == ["G", "O", "O", "N"]
    assert read(SPELT._repr_html_()).cells[1:] == [["GO", "0.50", "0.66"], ["ON", "0.80", "0.96"]]


@pytest.mark.parametrize("text", ["HELLO", " HELLO ", "H"])
def test_characters_without_a_space_are_one_word(text):
    letters = [chunk(letter, 0.5 + 0.1 * index, 0.56 + 0.1 * index) for index, letter in enumerate(text.strip())]
    html = Transcript({"text": text, "chunks": letters}, SOUND)._repr_html_()
    assert texts(image(html)[1])[: len(letters)] == list(text.strip())
    assert read(html).cells[1:] == [[text.strip(), "0.50", f"{letters[-1]['timestamp'][1]:.2f}"]]
    assert text.strip() in read(html).text


def test_words_stay_words():
    pair = [Heard("AB", 0, 1), Heard("C", 1, 2)]
    assert words_of(pair, "AB C") == pair
    assert words_of(pair[:1], "AB") == pair[:1]
    assert words_of([], "AB C") == []
    spaced = [Heard(" AB", 0, 1), Heard(" C", 1, 2)]  # as other libraries have them
    assert words_of(spaced, " AB C") == spaced


def test_waveform_and_spectrogram_are_in_the_image():
    _alt, svg = image(BARE._repr_html_())
    indices = pixels(svg)
    assert indices.shape == (WAVE + BANDS, 480)
    wave, spectrogram = indices[:WAVE], indices[WAVE:]
    assert set(np.unique(wave)) == {0, 1}
    assert wave[:, 240].all()  # as loud as it gets
    assert wave[:, 20].sum() <= 2
    assert spectrogram.min() == 2
    row = BANDS - 1 - round(band_of(440, RATE))
    assert spectrogram[row - 1 : row + 2, 240].max() >= 30
    assert spectrogram[:, 20].max() == 2


def test_no_word_covers_another_and_a_row_is_added_only_where_it_is_needed():
    crowded = [Heard("incontestablement", 0.5 + 0.02 * index, 0.52 + 0.02 * index) for index in range(4)]
    for heard in ([Heard("a", 0.5, 0.6)], crowded[:1], crowded[:2]):
        _alt, svg = image(draw(small_clip(SOUND), heard))
        rows = {element.get("y") for element in svg.findall(f"{SVG}text") if element.text == heard[0].text}
        assert len(rows) == len(heard)
        [ground] = [element for element in svg.findall(f"{SVG}rect") if element.get("fill") == "#10131c"]
        assert int(ground.get("height")) == LEVEL * len(rows)
    image(draw(small_clip(SOUND), crowded))  # more than there is room for are drawn all the same


def test_a_long_sound_has_several_lines_and_each_word_is_in_its_own():
    clip = small_clip(table(tone(seconds=20)))
    _alt, svg = image(draw(clip, [Heard("one", 1, 1.5), Heard("twelve", 12, 12.5)]))
    assert svg.get("width") == "600"
    assert len(svg.findall(f"{SVG}svg")) == 2 * 3  # of each line waveform and spectrogram
    height = {element.text: float(element.get("y")) for element in svg.findall(f"{SVG}text")}
    assert height["one"] < height["6 s"] < height["twelve"] < height["15 s"]
    assert pixels(svg).shape == (3 * (WAVE + BANDS), 600)


def test_words_after_what_is_drawn_are_not_in_the_picture_but_in_the_table():
    html = Transcript({"text": "late", "chunks": [chunk("late", 31, 32)]}, table(tone(seconds=33)))._repr_html_()
    assert "late" not in texts(image(html)[1])
    assert read(html).cells[1] == ["late", "31.00", "32.00"]


@pytest.mark.parametrize("count", [1, 2, 100])
def test_the_shortest_sounds_are_drawn(count):
    clip = small_clip(table(np.full(count, 0.5, np.float32)))
    image(draw(clip))
    assert "0.0 s" in describe(clip)


def test_silence_is_said_and_stays_flat():
    for level in (0, 2e-5):
        alt, svg = image(draw(small_clip(table(np.full(RATE, level, np.float32)))))
        assert alt == "waveform and spectrogram of 1.0 s of sound, silence"
        assert (pixels(svg)[:WAVE].sum(axis=0) <= 2).all()


# Text, table, player.


def test_the_player_plays_the_sound():
    samples, rate = heard_in(SoundView(table(tone(hertz=500, rate=44_100), 44_100))._repr_html_())
    assert rate == RATE
    assert len(samples) == pytest.approx(RATE, abs=20)
    spectrum = np.abs(np.fft.rfft(samples))
    assert spectrum.argmax() == pytest.approx(500, abs=2)
    assert 'controls preload="metadata"' in player(small_clip(SOUND))
    assert 'aria-label="the sound, 2.0 s"' in player(small_clip(SOUND))


def test_players_may_be_given_their_sounds_by_the_page():
    for html in (TIMED._repr_html_(), MANY._repr_html_(), SoundView(table(tone(seconds=31)))._repr_html_()):
        assert html.count("data:audio") == 1
        empty, none = without_sounds(html), without_sounds(html, "not here")
        assert "data:audio" not in empty + none
        [whole] = re.findall("<audio [^>]*>", html)
        assert re.findall("<audio [^>]*>", empty) == [re.sub(' src="[^"]*"', " data-sent", whole)]
        assert "not here" in none
        assert "<audio" not in none
    assert "can be heard here" in empty
    assert "can be heard here" not in none
    assert without_sounds(draw(small_clip(SOUND))) == draw(small_clip(SOUND))


def test_clips_of_the_same_samples_are_equal():
    clip = small_clip(SOUND)
    assert clip == small_clip(SOUND)
    assert clip != small_clip(table(tone(silence=0.6)))
    assert clip != Clip(clip.samples, 3.0)
    assert clip != Clip(np.roll(clip.samples, 1), clip.seconds)
    assert clip != 3


def test_where_the_library_writes_no_mp3_it_is_a_wav(monkeypatch):
    monkeypatch.setattr(sf, "check_format", lambda *given: False)
    [source] = re.findall(r"data:audio/wav;base64,([^\"]*)", player(small_clip(SOUND)))
    samples, rate = sf.read(io.BytesIO(base64.b64decode(source)))
    np.testing.assert_allclose(samples, SOUND["array"], atol=1e-4)
    assert rate == RATE


def test_text_and_table_say_what_the_picture_shows():
    read_html = read(TIMED._repr_html_().replace("controls", ""))
    assert read_html.cells == [["word", "from (s)", "to (s)"], ["HELLO", "0.52", "0.90"], ["WORLD", "1.00", "1.50"]]
    spans = [attributes for tag, attributes in read_html.tags if tag == "span"]
    assert [(span["data-start"], span["data-end"]) for span in spans] == [("0.520", "0.900"), ("1.000", "1.500")]
    assert "HELLO WORLD" in read_html.text
    many = Transcript({"text": "A " * 60, "chunks": [chunk("A", index / 60, index / 60) for index in range(60)]}, SOUND)
    assert read(many._repr_html_()).cells[-1] == ["… + 10"]
    assert "nothing was recognised" in Transcript({"text": " "}, SOUND)._repr_html_()


def test_scores_stand_beside_their_sound():
    assert read(ONE._repr_html_()).cells == [["label", "score"], ["rock", "0.7500", ""], ["jazz", "0.2500", ""]]
    assert MANY._repr_html_().count("<img") == 1
    assert SoundScores(list(MANY)).inputs == [SOUND, None]
    many = SoundScores([SoundScores(SCORES, [SOUND])] * 10)._repr_html_()
    assert many.count("<img") == MOST_SOUNDS
    assert "… + 2" in many
    assert Results([TIMED] * 10)._repr_html_().count("<audio") == MOST_SOUNDS
    logits = SoundScores([LabelScore(label="rock", score=7.5)], [SOUND])
    assert read(logits._repr_html_()).cells == [["label", "score"], ["rock", "7.5000"]]


def test_nothing_comes_from_elsewhere_and_no_text_has_a_fixed_colour():
    for result in ALL:
        html = re.sub(r'src="data:[^"]*"', "", result._repr_html_())
        assert not re.search(r"https?:|url\(|src=|<style|<script|class=", html)
        assert not re.search(r"(?<![-\w])color:", html)


@pytest.mark.parametrize("value", ["<script>alert(1)</script>", "\"'><image href=x onerror=alert(1)>", "</text></svg>"])
def test_words_and_labels_are_data(value):
    html = Transcript({"text": value, "chunks": [chunk(value, 0, 1)]}, SOUND)._repr_html_()
    assert value in read(html).text
    alt, svg = image(html)
    assert {element.tag for element in svg.iter()} <= {
        f"{SVG}{name}" for name in ("svg", "defs", "image", "use", "rect", "path", "text")
    }
    assert "<" not in alt
    assert value in read(SoundScores([LabelScore(label=value, score=0.5)], [SOUND])._repr_html_()).text


@pytest.mark.parametrize("word", ["\u202eevil", "a\x00b\x1b[31m", "half \ud83d", "\uffff\ufffe", "two\nlines", "]]>"])
def test_a_word_of_any_letters_is_an_svg_of_one_line(word):
    _alt, svg = image(draw(small_clip(SOUND), [Heard(word, 0.5, 1.0)]))
    assert (texts(svg)[0] or "").isprintable()


def test_it_speaks_french(monkeypatch):
    i18n.set_language("fr")
    try:
        alt, _svg = image(TIMED._repr_html_())
        assert alt.startswith("forme d’onde et spectrogramme de 2.0 s de son, audible de 0.5 à 1.5 s\u202f; reconnu")
        assert read(TIMED._repr_html_()).cells[0] == ["mot", "de (s)", "à (s)"]
    finally:
        i18n.set_language(None)
    assert polib.pofile("hfquick/locale/fr.po").find("from (s)").msgstr == "de (s)"
