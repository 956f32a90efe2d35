"""The Playground with pictures in a real JupyterLab: an upload by mouse, and one by keyboard alone."""

import json
import re
from base64 import b64encode

import nbformat
import pytest
from PIL import Image

sync_api = pytest.importorskip("playwright.sync_api")
pytest.importorskip("anywidget")

from hfquick import zoo  # noqa: E402
from hfquick.i18n import gettext as _  # noqa: E402
from hfquick.i18n import set_language  # noqa: E402
from hfquick.tasks import TASKS  # noqa: E402
from hfquick.widgets.report import task_label  # noqa: E402
from tests.browser.lab import KERNEL, Notebook, press_until  # noqa: E402
from tests.helpers.tiny_pictures import tiny_detr, tiny_vilt, tiny_vit  # noqa: E402

pytestmark = [pytest.mark.browser, pytest.mark.torch]
CODE = """
import hfquick
from hfquick.i18n import set_language

set_language({language!r})
hfquick.Playground({task!r})
"""
MODELS = {"image-classification": tiny_vit, "object-detection": tiny_detr, "visual-question-answering": tiny_vilt}


@pytest.fixture(scope="module")
def models(folder):
    """Models beside the notebook, and files to upload that are not."""
    for task, make in MODELS.items():
        (folder / task).mkdir()
        make(folder / task)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    made = tmp_path_factory.mktemp("files")
    picture = Image.effect_noise((80, 60), 90).convert("RGB")
    picture.save(made / "mine.png")
    (made / "notes.png").write_text("Dear diary")
    (made / "large.png").write_bytes(bytes(12_000_000))
    return made


@pytest.fixture
def playground(page, address, folder, models):
    def opened(task, language="en"):
        set_language(language)
        cells = [nbformat.v4.new_code_cell(CODE.format(task=task, language=language).strip())]
        nbformat.write(
            nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL}), folder / "pictures.ipynb"
        )
        notebook = Notebook(page, address, "pictures.ipynb")
        notebook.run_all()
        found = page.locator(".hfquick-playground")
        sync_api.expect(found.locator("[data-hfquick-ready]")).to_have_count(1, timeout=30_000)  # the page is marked
        found.notebook = notebook
        return found

    yield opened
    set_language(None)


def choose_model(playground, task):
    if playground.get_by_label(_("Its name")).is_hidden():
        playground.get_by_label(_("Model"), exact=True).select_option(label=_("another model ..."))
    playground.get_by_label(_("Its name")).fill(f"./{task}")
    playground.get_by_label(_("Its name")).press("Tab")


def test_a_sample_an_upload_and_what_is_refused_by_mouse(page, playground, files, folder, tmp_path):
    found = playground("image-classification", "fr")
    choose_model(found, "image-classification")
    code, alert = found.locator(".hfquick-code textarea"), found.get_by_role("alert")
    run, preview = found.get_by_role("button", name="Lancer"), found.locator(".hfquick-preview:visible")

    found.get_by_role("button", name="fraise").click()
    sync_api.expect(found.get_by_role("button", name="✓ fraise")).to_be_visible()
    sync_api.expect(preview.get_by_role("img", name="une fraise")).to_be_visible()
    sync_api.expect(code).to_have_value(re.compile(r'\)\("hfquick/pictures/strawberry\.png"\)$'))
    run.click()
    found.get_by_text("réponse en").wait_for(timeout=60_000)
    sync_api.expect(found.locator("tbody tr")).to_have_count(3)
    assert "chien" in found.locator("tbody").inner_text()
    page.screenshot(path=tmp_path / "sample.png")

    def upload(name):
        with page.expect_file_chooser() as chooser:
            found.get_by_role("button", name="Téléverser", exact=False).click()
        chooser.value.set_files(files / name)

    upload("mine.png")
    sync_api.expect(preview).to_contain_text("mine.png, 80 × 60 pixels")
    sync_api.expect(code).to_have_value(re.compile(r'\n# mettez "mine\.png" dans le dossier.*\n.*\("mine\.png"\)$'))
    found.get_by_text("Un réglage a changé").first.wait_for()
    run.click()
    sync_api.expect(found.get_by_text("Un réglage a changé")).to_have_count(0, timeout=60_000)
    page.screenshot(path=tmp_path / "upload.png")

    upload("notes.png")  # no picture: said, and the one before stays
    sync_api.expect(alert).to_contain_text("n’est pas une image")
    sync_api.expect(found.locator(".hfquick-told")).to_contain_text("Erreur")
    sync_api.expect(preview).to_contain_text("mine.png")
    upload("large.png")  # it would cost the connection to the kernel
    sync_api.expect(alert).to_contain_text("le fichier 'large.png' fait 12.0 Mo")
    run.click()
    sync_api.expect(alert).to_have_count(0, timeout=60_000)

    page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    page.wait_for_function("!jupyterapp.shell.currentWidget.context.model.dirty")
    saved = (folder / "pictures.ipynb").read_text(encoding="utf-8")
    content = (files / "mine.png").read_bytes()
    assert b64encode(content[:3000]).decode()[100:200] not in saved
    assert "widgets" not in json.loads(saved)["metadata"]
    assert page.errors == []


def test_an_upload_and_a_question_by_keyboard_alone(page, playground, files, tmp_path):
    found = playground("visual-question-answering")
    choose_model(found, "visual-question-answering")
    before = len(found.notebook.cells())
    page.on("filechooser", lambda _chooser: None)  # dialogs are caught from now on; a key is quicker than that message
    upload, run = found.get_by_role("button", name="Upload"), found.get_by_role("button", name="Run")
    question = found.get_by_label("Question")
    found.get_by_label("Task").focus()

    second = found.locator(".hfquick-thumbnail").nth(1)
    press_until(page, "Tab", second)
    for key in ("x", "d", "d", "a", "b", "m", "ArrowDown"):  # commands of JupyterLab
        page.keyboard.press(key)
    sync_api.expect(second).to_be_focused()
    page.keyboard.press("Space")
    sync_api.expect(second).to_have_text(re.compile("^✓ "))
    sync_api.expect(second).to_be_focused()

    press_until(page, "Tab", upload)
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(files / "mine.png")
    sync_api.expect(found.locator(".hfquick-preview:visible")).to_contain_text("mine.png, 80 × 60 pixels")
    sync_api.expect(upload).to_be_focused()

    press_until(page, "Shift+Tab", question)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("How many cats?")
    press_until(page, "Tab", run)
    page.keyboard.press("Enter")
    found.get_by_text("s for the answer").wait_for(timeout=60_000)
    sync_api.expect(found.locator(".hfquick-told")).to_have_text(re.compile(r"^0\.\d\d (yes|no|2), "))
    sync_api.expect(run).to_be_focused()
    sync_api.expect(found.get_by_role("img", name=re.compile("question: How many cats"))).to_be_visible()
    assert len(found.notebook.cells()) == before
    page.screenshot(path=tmp_path / "keyboard.png")
    assert page.errors == []


def test_the_threshold_has_a_name_and_keeps_its_keys(page, playground):
    found = playground("object-detection")
    choose_model(found, "object-detection")
    slider = found.get_by_role("slider", name="Threshold")
    slider.focus()
    for _time in range(4):
        page.keyboard.press("ArrowLeft")
    sync_api.expect(found.locator(".hfquick-code textarea")).to_have_value(re.compile(r"threshold=0\.3\)$"))
    page.keyboard.press("x")  # JupyterLab would cut the cell
    sync_api.expect(slider).to_be_focused()
    found.get_by_role("button", name="Run").click()
    found.get_by_text("s for the answer").wait_for(timeout=60_000)
    sync_api.expect(found.get_by_role("img", name=re.compile("objects found: 1 "))).to_be_visible()
    assert page.errors == []


@pytest.mark.parametrize("width", [400, 640])
def test_narrow_page(page, playground, tmp_path, width):
    page.set_viewport_size({"width": width, "height": 1200})
    found = playground("visual-question-answering")
    if width == 400:
        page.keyboard.press("ControlOrMeta+b")  # the file browser would leave 40 pixels
        sync_api.expect(page.locator(".jp-FileBrowser")).to_be_hidden()
    choose_model(found, "visual-question-answering")
    found.get_by_role("button", name="Run").click()
    found.get_by_text("s for the answer").wait_for(timeout=60_000)
    page.screenshot(path=tmp_path / f"{width}.png")
    area = page.locator(".jp-OutputArea-output", has=found).bounding_box()
    parts = "select:visible, input:visible, button:visible, textarea:visible, img, pre"
    for part in [found, *found.locator(parts).all()]:
        box = part.bounding_box()
        assert box["x"] + box["width"] <= area["x"] + area["width"] + 1


def test_every_task_of_pictures_has_the_keys_of_a_list(page, playground):
    """From one task to the next with an arrow: what is shown follows."""
    found = playground("image-classification")
    task = found.get_by_label("Task")
    task.focus()
    for name in ("object-detection", "image-segmentation", "visual-question-answering"):
        page.keyboard.press("ArrowDown")
        sync_api.expect(task).to_have_value(task_label(TASKS[name]))
        found.get_by_text(TASKS[name].hint).wait_for()
        first = zoo.find(TASKS[name].stand_in).sample_inputs[0]
        shown = first["image"] if isinstance(first, dict) else first
        sync_api.expect(found.get_by_label("Path or address").locator("visible=true")).to_have_value(shown)
    assert page.errors == []
