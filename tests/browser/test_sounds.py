"""The Playground with sounds in a real JupyterLab: a microphone (of Chromium, which beeps), uploads, words in time."""

import json
import re

import nbformat
import pytest

sync_api = pytest.importorskip("playwright.sync_api")
pytest.importorskip("anywidget")

from hfquick.i18n import set_language  # noqa: E402
from hfquick.widgets.recorder import words  # noqa: E402
from tests.browser.lab import KERNEL, Notebook, press_until  # noqa: E402
from tests.browser.test_pictures import choose_model  # noqa: E402
from tests.helpers.tiny_sounds import chirp, tiny_ctc, tiny_sound_classifier, write_wav  # noqa: E402

pytestmark = [pytest.mark.browser, pytest.mark.torch]
CODE = """
import hfquick
from hfquick.i18n import set_language

set_language({language!r})
hfquick.Playground({task!r})
"""
SPEECH, CLASSIFY = "automatic-speech-recognition", "audio-classification"
REFUSED = "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError'); }"
# Permission is given when the page calls `allow()`. `taken` are the tracks of the microphone.
LATE = """
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    window.taken = [];
    navigator.mediaDevices.getUserMedia = async (wanted) => {
        const stream = await ask(wanted);
        taken.push(...stream.getTracks());
        await new Promise((given) => { window.allow = given; });
        return stream;
    };"""
OFF = "taken.length === 1 && taken[0].readyState === 'ended'"
NO_TAP = "window.AudioWorkletNode = class { constructor() { throw new DOMException('no', 'InvalidStateError'); } }"
NO_SOUND = "AudioContext.prototype.resume = () => new Promise(() => {})"
INSECURE = "Object.defineProperty(window, 'isSecureContext', {value: false})"
WEBM = """async () => {
    const stream = await navigator.mediaDevices.getUserMedia({audio: true}), parts = [];
    const recorder = new MediaRecorder(stream);
    recorder.ondataavailable = event => parts.push(event.data);
    const stopped = new Promise(done => recorder.onstop = done);
    recorder.start();
    await new Promise(done => setTimeout(done, 1200));
    recorder.stop();
    await stopped;
    stream.getTracks().forEach(track => track.stop());
    return Array.from(new Uint8Array(await new Blob(parts).arrayBuffer()));
}"""


@pytest.fixture(scope="module")
def models(folder):
    """Models beside the notebook."""
    for task, make in {SPEECH: tiny_ctc, CLASSIFY: tiny_sound_classifier}.items():
        (folder / task).mkdir()
        make(folder / task)


@pytest.fixture
def playground(page, address, folder, models):
    def opened(task, language="en"):
        set_language(language)
        cells = [nbformat.v4.new_code_cell(CODE.format(task=task, language=language).strip())]
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL}), folder / "sounds.ipynb")
        notebook = Notebook(page, address, "sounds.ipynb")
        notebook.run_all()
        found = page.locator(".hfquick-playground")
        sync_api.expect(found.locator(".hfquick-told")).to_have_attribute("aria-live", "polite", timeout=30_000)
        sync_api.expect(found.locator(".hfquick-recorder button").first).to_be_visible(timeout=30_000)
        choose_model(found, task)
        found.notebook = notebook
        return found

    yield opened
    set_language(None)


def of_recorder(found, name):
    return found.locator(".hfquick-recorder").get_by_role("button", name=words()[name], exact=True)


def record(page, found, press):
    """Record a second, by any way to press a button."""
    press(of_recorder(found, "record"))
    sync_api.expect(found.locator(".hfquick-level")).to_contain_text(re.compile(r"^1\.[0-9]"), timeout=30_000)
    assert found.locator("meter").evaluate("meter => meter.value >= 0")
    press(of_recorder(found, "stop"))


def test_record_run_and_read_by_mouse(page, playground, folder, tmp_path):
    found = playground(SPEECH, "fr")
    record(page, found, lambda button: button.click())
    preview = found.locator(".hfquick-preview:visible")
    sync_api.expect(preview).to_contain_text(re.compile(r"votre enregistrement, 1\.\d\ss"))
    sync_api.expect(preview.locator("audio")).to_have_attribute("src", re.compile("^blob:"))
    preview.locator("audio").evaluate("audio => { audio.muted = true; return audio.play(); }")
    page.screenshot(path=tmp_path / "recorded.png")
    code = found.locator(".hfquick-code textarea")
    sync_api.expect(code).to_have_value(
        re.compile(r'\n# enregistrez.*\n.*\("recording\.mp3", return_timestamps="word"\)$')
    )
    found.get_by_role("button", name="Lancer").click()
    found.get_by_text("réponse en").wait_for(timeout=60_000)
    picture = found.get_by_role("img", name=re.compile("^forme d’onde et spectrogramme de 1.*reconnu"))
    picture.scroll_into_view_if_needed()
    first = found.locator("[data-start]").first.inner_text()
    sync_api.expect(found.locator(".hfquick-told")).to_contain_text(first)
    page.screenshot(path=tmp_path / "read.png")

    result = found.locator("audio").last  # the one below the picture
    result.evaluate("audio => { audio.muted = true; audio.playbackRate = 0.5; return audio.play(); }")
    sync_api.expect(found.locator(".hfquick-now")).to_have_count(1)
    page.screenshot(path=tmp_path / "playing.png")
    sync_api.expect(found.locator(".hfquick-now")).to_have_count(0, timeout=20_000)

    page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    page.wait_for_function("!jupyterapp.shell.currentWidget.context.model.dirty")
    saved = (folder / "sounds.ipynb").read_text(encoding="utf-8")
    assert "data:audio" not in saved
    assert "widgets" not in json.loads(saved)["metadata"]
    assert page.errors == []


def test_record_drop_and_run_by_keyboard_alone(page, playground, tmp_path):
    found = playground(SPEECH)
    before = len(found.notebook.cells())
    told, run = found.locator(".hfquick-recorder-told"), found.get_by_role("button", name="Run")
    start, stop = of_recorder(found, "record"), of_recorder(found, "stop")
    found.get_by_label("Task").focus()
    press_until(page, "Tab", start)
    page.keyboard.press("Space")
    sync_api.expect(told).to_have_text("Recording. Stop keeps it, Escape drops it.")
    sync_api.expect(stop).to_be_focused()
    for key in ("x", "d", "d", "a", "b", "m"):  # commands of JupyterLab
        page.keyboard.press(key)
    page.keyboard.press("Escape")
    sync_api.expect(told).to_have_text("Nothing was kept.")
    sync_api.expect(start).to_be_focused()
    assert "recording" not in found.locator(".hfquick-preview:visible").inner_text()

    record(page, found, lambda button: button.press("Enter"))
    sync_api.expect(found.locator(".hfquick-preview:visible")).to_contain_text("your recording, 1.")
    sync_api.expect(found.locator(".hfquick-preview:visible")).to_have_attribute("aria-live", "polite")
    sync_api.expect(start).to_be_focused()
    press_until(page, "Tab", run, most=24)
    page.keyboard.press("Enter")
    found.get_by_text("s for the answer").wait_for(timeout=60_000)
    sync_api.expect(found.locator(".hfquick-told")).not_to_be_empty()
    sync_api.expect(run).to_be_focused()
    assert len(found.notebook.cells()) == before
    assert page.errors == []


def test_uploads_and_what_is_refused(page, playground, tmp_path):
    found = playground(CLASSIFY)
    write_wav(tmp_path / "mine.wav", chirp())
    (tmp_path / "memo.webm").write_bytes(bytes(page.evaluate(WEBM)))  # which Python does not read
    (tmp_path / "notes.wav").write_text("Dear diary")
    write_wav(tmp_path / "large.wav", chirp(120, 48_000), 48_000)  # 11.5 MB; 3.8 MB at 16 kHz
    write_wav(tmp_path / "long.wav", chirp(360))  # 11.5 MB at 16 kHz
    (tmp_path / "huge.mp3").write_bytes(bytes(12_000_000))
    preview, alert = found.locator(".hfquick-preview:visible"), found.get_by_role("alert")

    def upload(name):
        with page.expect_file_chooser() as chooser:
            of_recorder(found, "upload").click()
        chooser.value.set_files(tmp_path / name)

    upload("mine.wav")
    sync_api.expect(preview).to_contain_text("mine.wav, 2.0 s")
    found.get_by_role("button", name="Run").click()
    found.get_by_text("s for the answer").wait_for(timeout=60_000)
    sync_api.expect(found.locator("tbody tr")).to_have_count(3)
    page.screenshot(path=tmp_path / "labels.png")
    upload("memo.webm")
    sync_api.expect(preview).to_contain_text(re.compile(r"memo\.wav, 1\.\d s"))
    sync_api.expect(found.locator("tbody tr")).to_have_count(0)  # a result goes with its sound
    upload("large.wav")
    sync_api.expect(preview).to_contain_text("large.wav, 120.0 s", timeout=60_000)
    upload("notes.wav")  # no sound: said, and the one before stays
    sync_api.expect(alert).to_contain_text("is no sound")
    sync_api.expect(preview).to_contain_text("large.wav")
    for name, size in (("huge.mp3", "12.0"), ("long.wav", "11.5")):  # they would cost the connection to the kernel
        upload(name)
        sync_api.expect(alert).to_contain_text(f"the file '{name}' has {size} MB", timeout=60_000)
    assert page.errors == []


def test_a_microphone_that_is_allowed_too_late_is_off_at_once(page, playground):
    page.add_init_script(LATE)
    found = playground(SPEECH)
    of_recorder(found, "record").click()
    page.wait_for_function("typeof allow === 'function'")
    sync_api.expect(found.locator(".hfquick-recorder-told")).to_have_text(words()["asking"])
    page.evaluate("jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    sync_api.expect(page.locator(".hfquick-recorder")).to_have_count(0)
    page.evaluate("allow()")
    page.wait_for_function(OFF, timeout=5_000)
    assert page.errors == []


@pytest.mark.parametrize(
    ("fault", "name", "instead"), [(NO_TAP, "failed", "InvalidStateError"), (NO_SOUND, "silent", "")]
)
def test_a_recording_that_cannot_begin_is_said_and_the_microphone_is_off(page, playground, fault, name, instead):
    page.add_init_script(f"{LATE}; {fault}")
    found = playground(SPEECH)
    of_recorder(found, "record").click()
    page.wait_for_function("typeof allow === 'function'")
    page.evaluate("allow()")
    told = words()[name].replace("{name}", instead)
    sync_api.expect(found.locator(".hfquick-recorder-told")).to_have_text(told, timeout=10_000)
    page.wait_for_function(OFF, timeout=5_000)
    sync_api.expect(of_recorder(found, "record")).to_be_visible()
    assert page.errors == []


@pytest.mark.parametrize("why", ["forbidden", "insecure"])
def test_without_a_microphone_it_says_why_and_asks_for_a_file(page, playground, tmp_path, why):
    page.add_init_script(REFUSED if why == "forbidden" else INSECURE)
    found = playground(SPEECH)
    write_wav(tmp_path / "memo.wav", chirp())
    told = found.locator(".hfquick-recorder-told")
    if why == "forbidden":
        of_recorder(found, "record").click()
    sync_api.expect(told).to_have_text(words()[why])
    page.screenshot(path=tmp_path / f"{why}.png")
    with page.expect_file_chooser() as chooser:
        of_recorder(found, "device").click()
    assert chooser.value.element.get_attribute("accept") == "audio/*"
    assert chooser.value.element.get_attribute("capture") == "user"
    chooser.value.set_files(tmp_path / "memo.wav")
    sync_api.expect(found.locator(".hfquick-preview:visible")).to_contain_text("memo.wav, 2.0 s")
    sync_api.expect(told).to_have_text(words()[why])
    assert page.errors == []


def test_narrow_page(page, playground, tmp_path):
    page.set_viewport_size({"width": 400, "height": 1200})
    found = playground(SPEECH)
    page.evaluate("jupyterapp.commands.execute('application:toggle-left-area')")  # it would leave 40 pixels
    sync_api.expect(page.locator(".jp-FileBrowser")).to_be_hidden()
    of_recorder(found, "record").click()
    sync_api.expect(of_recorder(found, "stop")).to_be_visible()
    area = page.locator(".jp-OutputArea-output", has=found).bounding_box()
    page.screenshot(path=tmp_path / "narrow.png")
    parts = "select:visible, input:visible, button:visible, textarea:visible, audio:visible, meter"
    for part in [found, *found.locator(parts).all()]:
        box = part.bounding_box()
        assert box["x"] + box["width"] <= area["x"] + area["width"] + 1
    page.keyboard.press("Escape")
    assert page.errors == []


def test_every_control_of_sounds_has_a_name(playground):
    found = playground(SPEECH)
    names = found.locator("select:visible, input:visible, textarea:visible, button:visible").evaluate_all(
        "all => all.map(e => e.getAttribute('aria-label') || e.labels?.[0]?.innerText || e.innerText)"
    )
    assert len(names) >= 10
    assert all(name.strip() for name in names), names
