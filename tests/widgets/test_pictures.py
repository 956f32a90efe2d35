"""The Playground with pictures, by its traits, without a browser. Holds with ipywidgets 7.7.1 as with 8."""

import ast
import base64
import datetime
import os
import re
from dataclasses import replace
from io import BytesIO
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

widgets = pytest.importorskip("ipywidgets")

import hfquick  # noqa: E402
from hfquick import zoo  # noqa: E402
from hfquick.hub import downloads  # noqa: E402
from hfquick.i18n import set_language  # noqa: E402
from hfquick.image_processing import pictures as reading  # noqa: E402
from hfquick.tasks import TASKS  # noqa: E402
from hfquick.widgets import Playground, PlaygroundState  # noqa: E402
from hfquick.widgets import pictures as pictures_module  # noqa: E402
from hfquick.widgets import state as state_module  # noqa: E402
from hfquick.widgets import uploads as uploads_module  # noqa: E402
from hfquick.widgets.pictures import OFFERED  # noqa: E402
from hfquick.widgets.uploads import empty, uploads  # noqa: E402
from tests.helpers.tiny_pictures import tiny_detr, tiny_vilt, tiny_vit  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:The .ipykernel.comm.Comm. class has been deprecated:DeprecationWarning")

CLASSIFY, DETECT, SEGMENT, ASK = (
    "image-classification",
    "object-detection",
    "image-segmentation",
    "visual-question-answering",
)
OF_PICTURES = (CLASSIFY, DETECT, SEGMENT, ASK)
QUESTIONS = {"cat.png": ("How many cats?", "What colour is it?"), "bus.png": ("Is it a bus?",)}


def encoded(image, kind="PNG", **options):
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def noise(height=48, width=64, seed=0):
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


PNG = encoded(noise())
OTHER = encoded(noise(seed=1))


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """A folder for each task, with a model that has learnt nothing."""
    pytest.importorskip("torch")  # which writes them
    made = {CLASSIFY: tiny_vit, DETECT: tiny_detr, ASK: tiny_vilt}
    made[SEGMENT] = lambda folder: tiny_detr(folder, segments=True)
    return {task: str(make(tmp_path_factory.mktemp(task))) for task, make in made.items()}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where the kernel is: two pictures are there."""
    (tmp_path / "cat.png").write_bytes(PNG)
    (tmp_path / "bus.png").write_bytes(OTHER)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def sampled(folder, monkeypatch):
    """Tasks whose samples are those two."""
    asked = tuple({"image": name, "question": one} for name, several in QUESTIONS.items() for one in several)
    for task in OF_PICTURES:
        row = replace(TASKS[task], samples=asked if task == ASK else tuple(QUESTIONS), stand_in=None)
        monkeypatch.setitem(TASKS, task, row)
    monkeypatch.setattr(zoo, "models", lambda task=None: [])
    monkeypatch.setattr(zoo, "STAND_INS", {})  # an embedded model has samples of its own
    return folder


@pytest.fixture
def state(sampled, models):
    made = PlaygroundState(CLASSIFY)
    made.model, made.framework = models[CLASSIFY], "pt"
    return made


@pytest.fixture
def playground(sampled, models):
    made = Playground(CLASSIFY)
    made.state.model, made.state.framework = models[CLASSIFY], "pt"
    return made


def evaluated(code):
    """What the lines shown give."""
    *before, last = ast.parse(code).body
    names = {}
    exec(compile(ast.Module(before, []), "code", "exec"), names)
    return eval(compile(ast.Expression(last.value), "code", "eval"), names)


def controls(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from controls(child)


def same(found, expected):
    """Results, with pictures in them or without."""
    assert repr(found) == repr(expected)
    for one, other in zip(found, expected, strict=True):
        if "mask" in one:
            assert np.array_equal(np.asarray(one["mask"]), np.asarray(other["mask"]))


# Choices


@pytest.mark.parametrize("task", OF_PICTURES)
def test_a_task_begins_with_a_sample_of_its_own(sampled, task):
    state = PlaygroundState(task)
    assert state.input == state.samples[0]
    assert state.picture == "cat.png"
    assert state.seen.size == (64, 48)
    assert state.seen.address.startswith("data:image/")
    assert state.pictures == ["cat.png", "bus.png"]
    assert state.error == state.notice == ""


def test_a_picture_and_a_question_are_one_input(sampled):
    state = PlaygroundState(ASK)
    assert state.input == {"image": "cat.png", "question": "How many cats?"}
    assert [one["question"] for one in state.questions] == list(QUESTIONS["cat.png"])
    state.choose("bus.png")
    assert state.input == {"image": "bus.png", "question": "Is it a bus?"}
    assert [one["question"] for one in state.questions] == list(QUESTIONS["bus.png"])
    state.question = "Why?"
    state.choose("cat.png")  # what somebody wrote stays
    assert state.input == {"image": "cat.png", "question": "Why?"}
    assert state.code.endswith(')(image="cat.png", question="Why?")')
    state.upload("mine.png", OTHER)  # to a picture of one's own any question can be put
    assert [one["question"] for one in state.questions] == [*QUESTIONS["cat.png"], *QUESTIONS["bus.png"]]
    state.take(state.questions[1])
    assert (state.picture, state.question, state.is_uploaded) == ("mine.png", "What colour is it?", True)


def test_an_upload_may_have_blanks_around_its_name(sampled):
    state = PlaygroundState(CLASSIFY)
    for name, kept in ((" mine.png ", "mine.png"), ("cat.png\n", "cat.png"), ("  ", "upload")):
        state.upload(name, OTHER)
        assert (state.picture, state.is_uploaded, state.error) == (kept, True, "")
        assert state.seen.size == Image.open(BytesIO(OTHER)).size


def test_a_picture_of_ones_own_stays_with_another_task_and_a_sample_does_not(sampled):
    state = PlaygroundState(CLASSIFY)
    state.choose("bus.png")
    state.task = DETECT
    assert state.picture == "cat.png"
    state.upload("mine.png", OTHER)
    for task in (SEGMENT, ASK, CLASSIFY):
        state.task = task
        assert state.picture == "mine.png"
        assert state.question == ("How many cats?" if task == ASK else "")
        assert state.is_uploaded
    state.task = "text-classification"  # a text is no picture: it starts anew
    assert (state.picture, state.is_uploaded) == ("", False)
    assert state.text
    state.task = CLASSIFY
    assert (state.picture, state.text) == ("cat.png", "")


@pytest.mark.parametrize(
    ("task", "changes", "options"),
    [
        (CLASSIFY, {}, {}),
        (CLASSIFY, {"top_k": 3}, {"top_k": 3}),
        (CLASSIFY, {"top_k": None}, {"top_k": None}),
        (CLASSIFY, {"top_k": 5, "threshold": 0.1, "subtask": "semantic"}, {}),
        (DETECT, {"threshold": 0.5}, {}),
        (DETECT, {"threshold": 0.30000000000000004, "top_k": 3}, {"threshold": 0.3}),
        (SEGMENT, {"threshold": 0.9, "subtask": "panoptic"}, {}),
        (SEGMENT, {"threshold": 0.5, "subtask": "instance"}, {"subtask": "instance", "threshold": 0.5}),
        (SEGMENT, {"threshold": 0.5, "subtask": "semantic"}, {"subtask": "semantic"}),  # which has no scores
        (ASK, {"top_k": 1, "truncation": True}, {"truncation": True, "top_k": 1}),
    ],
)
def test_options_stand_in_the_code_where_they_are_not_the_usual_ones(sampled, task, changes, options):
    state = PlaygroundState(task)
    for name, value in changes.items():
        setattr(state, name, value)
    assert state.options == options
    for name, value in options.items():
        assert f"{name}={state_module.literal(value)}" in state.code
    state.task = DETECT if task == CLASSIFY else CLASSIFY
    assert state.options == {}


# Running


@pytest.mark.torch
@pytest.mark.parametrize(
    ("task", "changes"),
    [
        (CLASSIFY, {}),
        (CLASSIFY, {"top_k": 1}),
        (DETECT, {"threshold": 0.1}),
        (SEGMENT, {"subtask": "semantic"}),
        (ASK, {"question": 'What "colour"?'}),
    ],
)
def test_the_code_shown_does_the_same(sampled, models, task, changes):
    state = PlaygroundState(task)
    state.model, state.framework = models[task], "pt"
    for name, value in changes.items():
        setattr(state, name, value)
    state.run()
    assert (state.error, state.notice) == ("", "")
    assert state.result
    assert state.ran == state.code
    same(evaluated(state.code), state.result)
    assert len(state.code.splitlines()) == 3
    assert 'src="data:image/' in state.result._repr_html_()


@pytest.mark.torch
def test_the_code_of_an_upload_opens_the_file_by_its_name(state, folder):
    state.upload('my\n"cat".png', PNG)
    state.run()
    assert state.error == ""
    assert state.code.splitlines()[2] == r'# put "my\n\"cat\".png" into the folder of this notebook'
    if os.name != "nt":
        (folder / 'my\n"cat".png').write_bytes(PNG)
        same(evaluated(state.code), state.result)


@pytest.mark.tf
def test_tensorflow_gives_the_same(state):
    state.run()
    expected = state.result
    state.framework = "tf"
    state.run()
    assert state.error == ""
    assert [one["label"] for one in state.result] == [one["label"] for one in expected]
    assert state.result[0]["score"] == pytest.approx(expected[0]["score"], abs=1e-5)


@pytest.mark.torch
def test_an_address_is_asked_in_a_run_and_only_once(state, monkeypatch):
    asked = []

    def download(url, typed=True):
        asked.append((url, typed))
        return downloads.Downloaded(PNG, "image/png")

    monkeypatch.setattr(reading, "download", download)
    state.picture = " https://example.org/cat.png\n"
    assert state.picture == "https://example.org/cat.png"  # as it may be copied
    assert (state.seen, asked) == (None, [])
    assert "shown when you press Run" in pictures_module.preview(state)
    for _time in range(2):
        state.run()
        assert state.error == ""
        assert state.seen.size == (64, 48)
    assert asked == [("https://example.org/cat.png", True)]
    assert 'src="data:image/' in state.result._repr_html_()
    assert state.code.endswith(')("https://example.org/cat.png")')
    state.picture = "https://example.org/dog.png"
    state.run()
    assert len(asked) == 2


@pytest.mark.torch
def test_a_file_is_read_again_in_each_run(state, folder):
    state.run()
    before = repr(state.result)
    (folder / "cat.png").write_bytes(OTHER)
    state.run()
    assert repr(state.result) != before


# What can go wrong is a sentence in the widget, at once

TRUNCATED = encoded(noise(300, 400), "JPEG")[:9000]
BAD = {
    "no picture": (
        b"MZ\x90\x00 this is a program",
        "is no picture, or of a format that is not read",
        "n’est pas une image",
    ),
    "nothing": (b"", "is empty: it has 0 bytes", "est vide"),
    "cut off": (TRUNCATED, "is cut off or damaged", "tronquée ou endommagée"),
    "a drawing": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "is an SVG", "est un SVG"),
    "a web page": (b"<!DOCTYPE html><html></html>", "is no picture", "n’est pas une image"),
}


@pytest.mark.parametrize("code", ["en", "fr"])
@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("way", ["upload", "path"])
def test_what_is_no_picture_is_said_in_the_readers_language(sampled, kind, way, code):
    content, english, french = BAD[kind]
    set_language(code)
    try:
        playground = Playground(CLASSIFY)
        state = playground.state
        before = state.picture
        if way == "upload":
            state.upload("what.png", content)
        else:
            (sampled / "what.png").write_bytes(content)
            state.picture = "what.png"
    finally:
        set_language(None)
    assert english in state.error.english
    assert (french if code == "fr" else english) in state.error
    assert "what.png" in state.error
    assert "what.png" in playground.output.value
    assert playground.told.value.startswith("Erreur" if code == "fr" else "Error")
    assert state.picture == (before if way == "upload" else "what.png")  # an upload that fails changes nothing
    assert (state.seen is not None) is (way == "upload")
    state.choose("bus.png")
    assert state.error == ""


def test_a_decompression_bomb_is_refused_unread(state, monkeypatch):
    monkeypatch.setattr(reading, "MOST_PIXELS", 1000)
    state.upload("bomb.png", PNG)
    assert (
        state.error
        == "the picture 'bomb.png' has more than 1,000 pixels, the most that is opened; make it smaller first"
    )
    assert not state.is_uploaded


def test_an_animated_picture_is_its_first_frame_and_that_is_said_every_time(state):
    frames = [noise(seed=seed).quantize(16) for seed in range(3)]
    animated = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    for name in ("one.gif", "two.gif", "two.gif"):
        state.upload(name, animated)
        assert state.error == ""
        assert state.notice.strip() == f"the picture {name!r} has several frames or pages: the first is used"
    state.choose("cat.png")


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        ("", "There is no picture yet: choose one, upload one, or write its path or address."),
        ("cta.png", "there is no picture 'cta.png' in the folder"),
        (".", "'.' is a folder; give its pictures"),
        ("file:///etc/passwd", "'file:///etc/passwd' is not fetched"),
        ("https://", "'https://' is no address of a file"),
        ("http://127.0.0.1:1/cat.png", "http://127.0.0.1:1/cat.png was not fetched: there is no way to its server"),
        ("data:image/png;base64,aaaa", "this is a picture itself and not its name"),
        (base64.b64encode(PNG).decode(), "this is a picture itself and not its name"),
        ("x" * 5000, "this is a picture itself and not its name"),
    ],
)
def test_a_mistake_is_a_sentence(state, picture, said):
    state.picture = picture
    state.run()
    assert said in state.error
    assert "\n" not in state.error
    assert (state.result, state.busy, state.seen) == (None, False, None)


def test_a_question_that_is_missing_is_a_sentence(sampled):
    state = PlaygroundState(ASK)
    state.question = " "
    state.run()
    assert state.error == "There is no question yet: write one, or choose a sample."


def test_a_question_has_a_limit_of_characters(sampled):
    state = PlaygroundState(ASK)
    state.question = "who " * 5001
    state.run()
    assert "characters, the Playground takes 20000" in state.error


@pytest.mark.torch
@pytest.mark.parametrize("size", [(1, 1), (10_000, 2)])
def test_tiny_and_wide_pictures_are_answered_and_drawn(state, size):
    state.upload("odd.png", encoded(Image.new("RGB", size, "red")))
    state.run()
    assert state.error == ""
    assert state.seen.size == size
    assert state.result._repr_html_()


def test_an_error_goes_before_an_old_result_for_the_ear(playground):
    playground.state.result = [{"label": "cat", "score": 0.75}]
    assert playground.told.value == "cat 0.75"
    playground.state.upload("what.png", b"no")
    assert playground.told.value.startswith("Error: the picture &#x27;what.png&#x27; is no picture")


# Uploads: both shapes of FileUpload


def put(button, name, content):
    """Put a file into an upload button, as the page does."""
    if button.has_trait("data"):  # ipywidgets 7
        button.metadata = [{"name": name, "type": "image/png", "size": len(content), "lastModified": 0}]
        button.data = [content]
        button._counter = 1
    else:
        when = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
        one = {"name": name, "type": "image/png", "size": len(content), "last_modified": when}
        button.value = ({**one, "content": memoryview(content)},)


def test_what_an_upload_button_holds_in_both_versions():
    old = {"cat.png": {"metadata": {"name": "cat.png", "size": 3}, "content": b"abc"}}
    new = ({"name": "cat.png", "size": 3, "content": memoryview(b"abc")},)
    assert uploads(old) == uploads(new) == [("cat.png", b"abc")]
    assert uploads({}) == uploads(()) == []


def test_an_upload_button_of_ipywidgets_7_is_emptied():
    button = SimpleNamespace(metadata=[{"name": "a"}], data=[b"abc"], _counter=1, has_trait=lambda name: name == "data")
    empty(button)
    assert (button.metadata, button.data, button._counter) == ([], [], 0)


def test_an_upload_is_seen_and_its_bytes_are_dropped(playground):
    state = playground.state
    put(playground.pictures.upload, "mine.png", OTHER)
    assert state.error == ""
    assert uploads(playground.pictures.upload.value) == []
    if playground.pictures.upload.has_trait("data"):
        assert (playground.pictures.upload.data, playground.pictures.upload.metadata) == ([], [])
    assert playground.pictures.name.value == state.picture == "mine.png"
    assert "mine.png, 64 × 48 pixels" in playground.pictures.preview.value
    assert playground.pictures.upload.accept == "image/*"
    assert state.ran != state.code
    first = state.seen
    put(playground.pictures.upload, "mine.png", PNG)  # another file of that name
    assert state.seen != first
    assert "mine.png, 64 × 48 pixels" in playground.pictures.preview.value
    playground.pictures.name.value = "cat.png"
    assert state._opened is None
    assert "# put" not in playground.code.value


def test_an_upload_of_the_name_of_a_file_is_the_upload(playground):
    state = playground.state
    assert state.is_sample_picture
    put(playground.pictures.upload, "cat.png", OTHER)
    assert not state.is_sample_picture
    assert '# put "cat.png" into the folder of this notebook' in playground.code.value
    assert not any(button.description.startswith("✓") for button in playground.pictures.thumbnails.children)
    assert np.array_equal(np.asarray(state._open()), np.asarray(Image.open(BytesIO(OTHER))))


@pytest.mark.torch
def test_no_state_of_a_widget_holds_the_bytes_of_an_upload(playground):
    put(playground.pictures.upload, "mine.png", OTHER)
    playground.button.click()
    assert playground.state.error == ""
    held = repr([part.get_state() for part in controls(playground)])  # what a saved notebook may hold
    assert "mine.png" in held
    for start in range(0, len(OTHER) - 60, 500):
        assert repr(OTHER[start : start + 30])[2:-1] not in held
        assert base64.b64encode(OTHER[start : start + 30]).decode() not in held


def test_what_a_camera_writes_into_a_picture_is_not_shown(playground):
    exif = Image.Exif()
    exif[0x010E] = "at home, Rue de la Paix 5"
    put(playground.pictures.upload, "photo.jpg", encoded(noise(), "JPEG", exif=exif))
    [(data,)] = [re.findall(r'base64,([^"]+)"', playground.pictures.preview.value)]
    assert b"Rue de la Paix" not in base64.b64decode(data)


@pytest.mark.parametrize("code", ["en", "fr"])
def test_a_file_that_is_too_large_is_refused(sampled, monkeypatch, code):
    monkeypatch.setattr(uploads_module, "MOST_BYTES", 1_000_000)
    set_language(code)
    try:
        playground = Playground(CLASSIFY)
        playground.pictures.receive("big.png", 12_345_678, None)  # the page has not sent it
        said = playground.state.error
        put(playground.pictures.upload, "big.png", bytes(1_000_001))
    finally:
        set_language(None)
    assert said.english.startswith("the file 'big.png' has 12.3 MB, and the Playground takes uploads of 1 MB; make it")
    if code == "fr":
        assert said.startswith("le fichier 'big.png' fait 12.3 Mo, et le Playground accepte des fichiers de 1 Mo")
    assert playground.state.error.english.startswith("the file 'big.png' has 1.0 MB")
    assert playground.state.picture == "cat.png"
    assert uploads(playground.pictures.upload.value) == []


def test_the_page_sends_a_file_in_a_message(playground):
    pytest.importorskip("anywidget")
    part = playground.children[-1]
    assert part.most_bytes == uploads_module.MOST_BYTES
    part._handle_custom_msg({"name": "mine.png", "size": len(OTHER)}, [memoryview(OTHER)])
    assert (playground.state.picture, playground.state.is_uploaded) == ("mine.png", True)
    part._handle_custom_msg({"name": "big.png", "size": 20_000_000}, [])
    assert playground.state.error.startswith("the file 'big.png' has 20.0 MB")
    assert playground.state.picture == "mine.png"


def test_closing_it_lets_go_of_an_upload(playground):
    put(playground.pictures.upload, "mine.png", OTHER)
    playground.close()
    assert playground.state._opened is playground.state.seen is None


# The view


SEEN = {
    CLASSIFY: {"top_k"},
    DETECT: {"threshold"},
    SEGMENT: {"threshold", "subtask"},
    ASK: {"question", "sample", "top_k", "truncation"},
    "text-classification": {"text", "sample", "all_labels", "truncation"},
    "question-answering": {"text", "question", "sample"},
}


@pytest.mark.parametrize("task", SEEN)
def test_controls_are_those_of_the_task(playground, task):
    playground.task.value = task
    names = ("text", "question", "sample", "all_labels", "truncation", "top_k", "threshold", "subtask")
    layouts = {name: getattr(playground, name).layout for name in names}
    assert {
        name for name, layout in layouts.items() if layout.display != "none" and layout.visibility != "hidden"
    } == SEEN[task]
    for part in (playground.pictures.preview, playground.pictures.thumbnails, playground.pictures.place):
        assert (part.layout.display is None) is (task in OF_PICTURES)


def test_samples_are_buttons_that_show_them(playground):
    state, buttons = playground.state, playground.pictures.thumbnails.children
    assert [button.description for button in buttons] == ["✓ cat", "bus"]
    assert all(button.tooltip for button in buttons)
    assert playground.pictures.style.value.count("background-image: url(") == 2
    assert buttons[1]._dom_classes == ("hfquick-thumbnail", "hfquick-picture-bus-png")
    buttons[1].click()
    assert state.picture == playground.pictures.name.value == "bus.png"
    assert [button.description for button in buttons] == ["cat", "✓ bus"]
    assert "hfquick-chosen" in buttons[1]._dom_classes
    playground.pictures.name.value = "cat.png"
    assert [button.description for button in buttons] == ["✓ cat", "bus"]
    playground.task.value = DETECT
    assert playground.pictures.thumbnails.children == buttons  # not made anew


def test_there_are_never_more_samples_than_have_room(sampled, monkeypatch):
    monkeypatch.setitem(TASKS, CLASSIFY, replace(TASKS[CLASSIFY], samples=tuple(f"{i}.png" for i in range(20))))
    playground = Playground(CLASSIFY)
    assert len(playground.pictures.thumbnails.children) == OFFERED


def test_a_button_that_fails_says_so(playground, monkeypatch):
    playground.state.observe(lambda change: 1 / 0, names="picture")
    playground.pictures.thumbnails.children[1].click()
    assert playground.state.error == "ZeroDivisionError: division by zero"


def test_the_chosen_picture_has_alternative_text(playground):
    shown = playground.pictures.preview.value
    assert '<img alt="cat"' in shown
    assert "cat, 64 × 48 pixels" in shown
    playground.state.picture = "nowhere.png"
    assert "<img" not in playground.pictures.preview.value
    playground.state.upload('"><script>.png', PNG)
    assert "&quot;&gt;&lt;script&gt;.png" in playground.pictures.preview.value
    assert "<script" not in playground.pictures.preview.value
    assert '<img alt="the chosen picture"' in playground.pictures.preview.value


def test_samples_of_the_package_say_what_they_show():
    names = {path.name for path in (zoo.HERE / "pictures").glob("*.png")}
    assert set(pictures_module.SAMPLES) == names


def test_controls_write_into_the_state_and_follow_it(playground):
    state = playground.state
    playground.task.value = ASK
    playground.sample.value = state.questions[1]
    assert state.question == playground.question.value == "What colour is it?"
    playground.question.value = "Why?"
    assert playground.sample.label == "my own question"
    playground.top_k.value = 3
    assert "top_k=3" in playground.code.value
    playground.top_k.value = 0
    assert state.top_k is None
    assert "top_k=None" in playground.code.value
    state.top_k = 7  # which the list did not have
    assert playground.top_k.value == 7
    playground.task.value = SEGMENT
    assert (playground.threshold.value, playground.subtask.value) == (0.9, "panoptic")
    playground.threshold.value = 0.35
    playground.subtask.value = "instance"
    assert playground.code.value.endswith('subtask="instance", threshold=0.35)')
    playground.subtask.value = "semantic"
    assert playground.code.value.endswith('subtask="semantic")')


@pytest.mark.torch
def test_the_result_is_drawn_once_and_read_aloud(playground, models, monkeypatch):
    told = []
    playground.told.observe(lambda change: told.append(change["new"]), names="value")
    playground.task.value = DETECT
    playground.state.model, playground.threshold.value = models[DETECT], 0.05
    playground.button.click()
    assert playground.state.error == ""
    result = playground.state.result
    assert result._repr_html_() in playground.output.value
    assert 'alt="objects found: ' in playground.output.value
    assert told[-1].startswith(f"{result[0]['score']:.2f} {result[0]['label']}, ")
    drawn = []
    monkeypatch.setattr(type(result), "_repr_html_", lambda self: drawn.append(self) or "drawn")
    playground.threshold.value = 0.95
    assert "Something was changed since this result" in playground.output.value
    assert drawn == []
    playground.button.click()
    assert drawn == [playground.state.result] == [[]]
    assert told[-1] == "nothing found above the threshold"


def test_labels_are_in_the_readers_language(sampled):
    try:
        set_language("fr")
        french = Playground(ASK)
        french.state.picture = ""
        french.state.run()
        french.state.upload("moi.png", PNG)
        code = french.code.value
    finally:
        set_language(None)
    assert french.pictures.name.description == "Chemin ou adresse"
    assert french.pictures.upload.description == "Téléverser"
    assert french.threshold.description == "Seuil"
    assert french.subtask.options[0][0] == "panoptic : objets et arrière-plan"
    assert "moi.png, 64 × 48 pixels" in french.pictures.preview.value
    assert '# mettez "moi.png" dans le dossier de ce notebook' in code


@pytest.mark.torch
def test_it_can_be_saved_and_run_without_a_picture(models, sampled, monkeypatch):
    """A task without samples, as one of somebody else's model may be."""
    monkeypatch.setitem(TASKS, CLASSIFY, replace(TASKS[CLASSIFY], samples=()))
    playground = Playground(CLASSIFY)
    assert "no picture yet" in playground.pictures.preview.value
    playground.button.click()
    assert playground.state.error.startswith("There is no picture yet")
    playground.state.model, playground.pictures.name.value = models[CLASSIFY], "cat.png"
    playground.button.click()
    assert playground.state.error == ""
    assert playground.state.result == hfquick.pipeline(CLASSIFY, model=models[CLASSIFY], framework="pt")("cat.png")
