"""The Playground with sounds, by its traits, without a browser. Holds with ipywidgets 7.7.1 as with 8."""

import ast
import io
import re
import sys
from base64 import b64encode
from dataclasses import replace
from html import unescape
from types import SimpleNamespace

import numpy as np
import pytest

widgets = pytest.importorskip("ipywidgets")
sf = pytest.importorskip("soundfile")

from hfquick import zoo  # noqa: E402
from hfquick.audio_processing import sounds as reading  # noqa: E402
from hfquick.display import LabelScore, SoundScores, Transcript, to_hear  # noqa: E402
from hfquick.i18n import set_language  # noqa: E402
from hfquick.tasks import TASKS  # noqa: E402
from hfquick.widgets import Playground, PlaygroundState  # noqa: E402
from hfquick.widgets import recorder as recorder_module  # noqa: E402
from hfquick.widgets import sounds as sounds_module  # noqa: E402
from hfquick.widgets.report import told  # noqa: E402
from tests.helpers.tiny_sounds import chirp, tiny_ctc, tiny_sound_classifier, write_wav  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:The .ipykernel.comm.Comm. class has been deprecated:DeprecationWarning")

SPEECH, CLASSIFY = "automatic-speech-recognition", "audio-classification"
SAMPLES = ("one.wav", "green-tea.wav")


def encoded(samples, rate=16_000, kind="WAV"):
    file = io.BytesIO()
    sf.write(file, samples, rate, format=kind)
    return file.getvalue()


WAV = encoded(chirp())
VOICE = encoded(np.random.default_rng(0).integers(-9_000, 9_000, 32_000, np.int16))  # like no sample


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """A folder for each task, with a model that has learnt nothing."""
    pytest.importorskip("torch")  # which writes them
    made = {SPEECH: tiny_ctc, CLASSIFY: tiny_sound_classifier}
    return {task: str(make(tmp_path_factory.mktemp(task))) for task, make in made.items()}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where the kernel is: two sounds are there."""
    for index, name in enumerate(SAMPLES, start=1):
        write_wav(tmp_path / name, chirp(index))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def sampled(folder, monkeypatch):
    """Tasks whose samples are those two."""
    for task in (SPEECH, CLASSIFY):
        monkeypatch.setitem(TASKS, task, replace(TASKS[task], samples=SAMPLES, stand_in=None))
    monkeypatch.setattr(zoo, "models", lambda task=None: [])
    monkeypatch.setattr(zoo, "STAND_INS", {})  # an embedded model has samples of its own


@pytest.fixture
def state(sampled):
    return PlaygroundState(SPEECH)


@pytest.fixture
def playground(sampled):
    made = Playground(SPEECH)
    yield made
    made.close()


class Answers:
    """Answers as a pipeline does, and at once; its results keep the sound, as those of the pipelines do."""

    model = SimpleNamespace(config=None)

    def __init__(self, task):
        self.task = task

    def __call__(self, given, **options):
        if self.task == CLASSIFY:
            return SoundScores([LabelScore(label="kick", score=0.75)], [to_hear(given, given)])
        return Transcript({"text": "HI", "chunks": [{"text": "HI", "timestamp": (0.2, 0.9)}]}, to_hear(given, given))


@pytest.fixture
def answering(monkeypatch):
    """Runs need no framework."""
    monkeypatch.setattr(PlaygroundState, "_pipeline", lambda state: (Answers(state.task), False))


def run(state, models):
    state.model = models[state.task]
    state.run()
    assert state.error == ""
    return state.result


# What is chosen.


def test_the_first_sample_is_there_and_the_code_says_it(state):
    assert state.sounds == list(SAMPLES)
    assert (state.sound, state.clip.seconds, state.is_sample_sound) == ("one.wav", 1.0, True)
    assert state.code.endswith('("one.wav", return_timestamps="word")')
    ast.parse(state.code)


def test_a_sound_is_opened_when_it_is_chosen(state):
    state.sound = " green-tea.wav "
    assert (state.sound, state.clip.seconds, state.error) == ("green-tea.wav", 2.0, "")
    state.sound = "nowhere.wav"
    assert "there is no sound 'nowhere.wav'" in state.error
    assert state.clip is None
    state.sound = "one.wav"
    assert state.error == ""


def test_an_upload_is_the_sound_until_another_is_chosen(state):
    state.upload_sound("mine.flac", encoded(chirp(), kind="FLAC"))
    assert (state.sound, state.clip.seconds, state.is_sent, state.is_recorded) == ("mine.flac", 2.0, True, False)
    assert '# put "mine.flac" into the folder of this notebook\n' in state.code
    state.sound = "one.wav"
    assert not state.is_sent
    assert state._opened_sound is None
    assert "#" not in state.code


def test_a_recording_is_in_no_file_and_the_code_says_so(state):
    state.record(WAV)
    assert state.is_recorded
    assert "# save your recording from the player as recording.mp3, beside this notebook\n" in state.code
    assert '("recording.mp3", ' in state.code
    ran = state.sounds_sent
    state.record(encoded(chirp(1)))
    assert (state.clip.seconds, state.sounds_sent) == (1.0, ran + 1)
    state.task = "text-classification"
    assert state._opened_sound is None
    assert state.clip is None


def test_an_upload_may_have_blanks_around_its_name(state, folder):
    write_wav(folder / "mine.wav", chirp(3))
    state.upload_sound(" mine.wav ", WAV)
    assert (state.sound, state.clip.seconds, state.is_sent, state.error) == ("mine.wav", 2.0, True, "")
    state.upload_sound("one.wav\t", WAV)
    assert (state.sound, state.clip.seconds, state.is_sent) == ("one.wav", 2.0, True)
    state.upload_sound("  ", encoded(chirp(1)))
    assert (state.sound, state.clip.seconds, state.is_sent) == ("upload", 1.0, True)


@pytest.mark.parametrize("task", [SPEECH, CLASSIFY])
def test_a_result_goes_with_the_sound_that_was_sent(state, answering, task):
    state.task = task

    def answered():
        state.record(WAV)
        state.run()
        assert state.error == ""
        return state.result is not None

    assert answered()
    state.upload_sound("broken.wav", b"Dear diary")  # which changes nothing
    assert state.result is not None
    state.upload_sound("mine.wav", WAV)
    assert state.result is None
    for replace_it in (
        lambda: state.record(encoded(chirp(1))),
        lambda: setattr(state, "sound", "one.wav"),
        lambda: setattr(state, "task", "text-classification"),
        state.forget_sound,
    ):
        state.task = task
        assert answered()
        replace_it()
        assert state.result is None
    state.task, state.sound = task, "one.wav"
    state.run()
    state.sound = "green-tea.wav"
    assert state.result is not None  # of a file: it may be looked at again


def test_a_recording_is_as_good_for_another_task_of_sounds(state):
    state.record(WAV)
    state.task = CLASSIFY
    assert state.is_recorded
    state.sound = "one.wav"
    state.task = SPEECH
    assert state.sound == "one.wav"


def test_a_silent_recording_is_said(state):
    state.record(encoded(np.zeros(16_000, np.int16)))
    assert state.notice.startswith("The recording is silent")
    state.record(WAV)
    assert state.notice == ""
    state.upload_sound("silence.wav", encoded(np.zeros(16_000, np.int16)))
    assert state.notice == ""


@pytest.mark.parametrize(
    ("content", "wrong"),
    [(b"Dear diary", "is no sound"), (b"", "0 bytes"), (WAV[:2000], "cut off"), (b"\x1aE\xdf\xa3" + bytes(99), "WebM")],
)
def test_a_broken_upload_leaves_what_was_there(state, content, wrong):
    state.upload_sound("mine.wav", content)
    assert wrong in state.error
    assert state.sound == "one.wav"


def test_an_upload_has_a_limit(state):
    state.upload_sound("mine.wav", bytes(10_000_001))
    assert "the file 'mine.wav' has 10.0 MB" in state.error
    state.refuse_sound("mine.mp3", 20_000_000)
    assert "the file 'mine.mp3' has 20.0 MB" in state.error
    assert state.sound == "one.wav"


def test_what_is_long_is_read_in_chunks(state):
    state.upload_sound("long.wav", encoded(chirp(61, 4_000), 4_000))
    assert state.chunk_length_s == 30
    assert state.code.endswith('("long.wav", return_timestamps="word", chunk_length_s=30)')
    state.chunk_length_s = 0
    assert "chunk" not in state.code
    state.sound = "one.wav"
    assert state.chunk_length_s == 0
    state.task = CLASSIFY
    state.upload_sound("long.wav", encoded(chirp(61, 4_000), 4_000))
    assert "chunk" not in state.code


def test_a_run_leaves_the_chunks_as_they_were_chosen(state, answering):
    state.chunk_length_s = 10
    state.run()
    assert (state.error, state.chunk_length_s) == ("", 10)


def test_the_web_is_asked_in_a_run_only(state, models, monkeypatch):
    asked = []

    def download(address, **options):
        asked.append(address)
        return type("Came", (), {"content": WAV, "kind": "audio/wav"})

    monkeypatch.setattr(reading, "download", download)
    state.sound = "https://example.com/speech.wav"
    assert (asked, state.clip, state.error) == ([], None, "")
    assert "heard when you press Run" in sounds_module.preview(state)
    run(state, models)
    assert state.clip.seconds == 2.0
    run(state, models)
    assert len(asked) == 1


# Running.


def test_speech_gives_words_and_characters(state, models):
    result = run(state, models)
    assert result["text"]
    assert [chunk["text"] for chunk in result["chunks"]] == result["text"].split()
    assert unescape(told(state)).startswith(result["text"].split()[0])
    state.return_timestamps = "char"
    assert "".join(chunk["text"] for chunk in run(state, models)["chunks"]) == state.result["text"]
    state.return_timestamps = ""
    assert set(run(state, models)) == {"text"}
    assert state.code.endswith('("one.wav")')


def test_a_recording_is_read_and_drawn(state, models):
    state.record(WAV)
    result = run(state, models)
    assert "<audio" in result._repr_html_()
    assert state.ran == state.code
    state.record(encoded(chirp(1)))
    assert state.ran == ""


def test_labels_of_a_sound(state, models):
    state.task = CLASSIFY
    assert (state.top_k, state.can_rank, state.can_time, state.can_chunk) == (None, True, False, False)
    assert len(run(state, models)) == 3
    state.top_k = 1
    [best] = run(state, models)
    assert best["label"] in ("kick", "snare", "hihat")
    assert state.code.endswith('("one.wav", top_k=1)')


def test_without_a_sound_there_is_a_sentence(state, models):
    state.sound = ""
    state.model = models[SPEECH]
    state.run()
    assert state.error.startswith("There is no sound yet")


def test_nothing_recognised_is_told(state):
    state.result = {"text": ""}
    assert told(state) == "nothing was recognised"


# What is seen.


def test_the_controls_follow_the_task(playground):
    sounds, pictures = playground.sounds, playground.pictures
    seen = {part: part.layout.display != "none" for part in (sounds.preview, sounds.sources, playground.times)}
    assert all(seen.values())
    for hidden in (playground.text, pictures.upload, pictures.place, playground.sample, playground.top_k):
        assert hidden.layout.display == "none" or hidden is pictures.upload
    assert [button.description for button in sounds.samples.children] == ["✓ one", "♪ green-tea"]
    sounds.samples.children[1].click()
    assert playground.state.sound == "green-tea.wav"
    assert sounds.samples.children[1].description == "✓ green-tea"
    assert "green-tea, 2.0 s" in sounds.preview.value
    assert "<audio" in sounds.preview.value
    playground.state.task = CLASSIFY
    assert playground.times.layout.display == playground.chunks.layout.display == "none"
    assert playground.top_k.layout.display is None
    playground.state.task = "text-classification"
    assert sounds.preview.layout.display == sounds.sources.layout.display == "none"
    assert playground.text.layout.display is None


def test_samples_of_the_package_say_what_they_are():
    assert set(sounds_module.SAMPLES) == {path.name for path in (zoo.HERE / "sounds").glob("*.ogg")}
    assert sounds_module.named("hfquick/sounds/kick.ogg") == "kick drum"
    assert sounds_module.named("kick.ogg") == "kick"


def test_options_and_path_reach_the_state(playground):
    playground.times.value = "char"
    playground.chunks.value = 10
    playground.sounds.name.value = "green-tea.wav"
    assert (playground.state.return_timestamps, playground.state.sound) == ("char", "green-tea.wav")
    playground.chunks.value = 10
    assert playground.state.options == {"return_timestamps": "char", "chunk_length_s": 10}


def test_the_page_sends_uploads_and_recordings(playground):
    receive = playground.sounds.receive
    receive("mine.wav", len(WAV), False, WAV)
    assert playground.state.sound == "mine.wav"
    receive("recording.wav", len(WAV), True, WAV)
    assert playground.state.is_recorded
    assert "your recording, 2.0 s" in playground.sounds.preview.value
    receive("large.wav", 20_000_000, False, None)
    assert "20.0 MB" in playground.output.value


def parts_of(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from parts_of(child)


def has(text, *files):
    """Whether a text has a stretch of one of these files in it, in base64."""
    return any(
        b64encode(file[at : at + 60]).decode() in text for file in files for at in range(600, len(file) - 600, 300)
    )


@pytest.mark.parametrize("task", [SPEECH, CLASSIFY])
@pytest.mark.parametrize("recorded", [True, False])
def test_no_state_of_a_widget_ever_holds_a_sound_that_was_sent(playground, answering, task, recorded):
    ever = []
    playground.state.task = task
    for part in parts_of(playground):
        part.observe(lambda change: ever.append(str(change["new"])), names=list(part.keys))
    playground.sounds.receive("mine.wav", len(VOICE), recorded, VOICE)
    heard = playground.state.clip.file[0]
    assert has(playground.state.clip.address, heard)
    for _time in range(2):
        states = widgets.Widget.get_manager_state(widgets=list(parts_of(playground)))["state"]
        assert len(states) > 20
        assert "data:audio" not in str(states)
        assert not has(str(states), heard, VOICE)
        playground.state.run()
        assert playground.state.error == ""
        assert "waveform and spectrogram" in playground.output.value
    assert ("<audio" in playground.output.value) is (playground.sounds.recorder is not None)
    playground.state.sound = "one.wav"
    assert "<img" not in playground.output.value
    assert "data:audio" in playground.sounds.preview.value  # a file is played as before
    assert len(ever) > 20
    assert not has("".join(ever), heard, VOICE)


@pytest.mark.parametrize("sent", [True, False])
def test_nothing_is_left_of_a_sound_when_the_playground_is_closed(playground, answering, sent):
    if sent:
        playground.sounds.receive("recording.wav", len(WAV), True, WAV)
    state = playground.state
    state.run()
    assert state.result is not None
    playground.close()
    assert (state._opened_sound, state.clip, state.result) == (None, None, None)
    assert (playground._drawn, playground.output.value) == ((None, ""), "")


def test_the_players_of_the_page_are_given_what_was_sent(playground, monkeypatch):
    pytest.importorskip("anywidget")
    given, part = [], playground.sounds.recorder
    monkeypatch.setattr(part, "send", lambda content, buffers: given.append((content["kind"], buffers)))
    playground.sounds.receive("recording.wav", len(WAV), True, WAV)
    kind, [content] = given.pop()
    assert (kind, content) == ("audio/mpeg", playground.state.clip.file[0])
    part._handle_custom_msg({"asks": True}, [])  # another view of it
    assert given.pop() == (kind, [content])
    assert "data-sent></audio>" in playground.sounds.preview.value
    playground.state.sound = "one.wav"
    assert given.pop() == ("", [])
    given.clear()
    playground.state.sound = "green-tea.wav"
    part._handle_custom_msg({"asks": True}, [])
    assert given == []


def test_every_word_of_the_page_is_there():
    script = recorder_module.CODE.read_text(encoding="utf-8")
    used = set(re.findall(r"words\.(\w+)", script)) | {
        "record",
        "upload",
        "device",
        "record_tip",
        "upload_tip",
        "device_tip",
    }
    assert used == set(recorder_module.words())
    assert not re.search(r"https?:|import |fetch\(", script)


@pytest.mark.parametrize("why", ["colab", "anywidget"])
def test_without_a_recorder_there_is_an_upload_and_a_reason(sampled, monkeypatch, why):
    if why == "colab":
        monkeypatch.setitem(sys.modules, "google.colab", object())
    else:
        monkeypatch.setattr(recorder_module, "find_spec", lambda name: None)
    made = Playground(SPEECH)
    assert made.sounds.recorder is None
    assert "No recorder here" in made.sounds.sources.children[1].value
    assert why in made.sounds.sources.children[1].value.lower()
    upload = made.sounds.upload
    content = {"name": "mine.wav", "type": "audio/wav", "size": len(WAV), "last_modified": None, "content": WAV}
    if upload.has_trait("data"):  # ipywidgets 7
        upload.metadata, upload.data, upload._counter = [{"name": "mine.wav"}], [WAV], 1
    else:
        import datetime

        upload.value = ({**content, "last_modified": datetime.datetime.now(datetime.timezone.utc)},)
    assert (made.state.sound, made.state.is_sent) == ("mine.wav", True)
    assert not upload.value
    assert "<audio" not in made.sounds.preview.value
    assert "No player here: your sound would be saved" in made.sounds.preview.value
    made.state.sound = "one.wav"
    assert "<audio" in made.sounds.preview.value
    made.close()


@pytest.mark.parametrize("chosen", ["en", "fr"])
def test_speech_begins_in_the_language_of_the_learner(chosen):
    set_language(chosen)
    try:
        state = PlaygroundState(SPEECH)
        assert state.model == f"hfquick/wav2vec2-tiny-{chosen}"
        assert state.sound == zoo.MODELS[state.model].sample_inputs[0]
        assert PlaygroundState(CLASSIFY).model == "hfquick/wav2vec2-tiny-drums"
    finally:
        set_language(None)


def test_it_speaks_french():
    set_language("fr")
    try:
        assert recorder_module.words()["record"] == "● Enregistrer"
        assert recorder_module.why_not().startswith("Pas d’enregistreur ici")
    finally:
        set_language(None)
