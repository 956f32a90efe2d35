"""What people do to a Playground: each odd input is answered or refused in their language, and nothing breaks."""

import re

import nbformat
import pytest

sync_api = pytest.importorskip("playwright.sync_api")
pytest.importorskip("anywidget")

from hfquick.i18n import gettext as _  # noqa: E402
from hfquick.i18n import set_language  # noqa: E402
from hfquick.widgets.report import task_label  # noqa: E402
from hfquick.widgets.state import tasks  # noqa: E402
from tests.browser.lab import KERNEL, Notebook, press_until  # noqa: E402
from tests.helpers.tiny_model import tiny_classifier  # noqa: E402

pytestmark = [pytest.mark.browser, pytest.mark.torch]
CODE = """
import hfquick
from hfquick.i18n import set_language

set_language({language!r})
hfquick.Playground()
"""
TEXTS = {
    "<script>alert(1)</script><img src=x onerror=alert(1)>": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "$x^2$ and \\(y\\)": "$x^2$ and \\(y\\)",
    "we are \N{GRINNING FACE} \N{FAMILY} happy": "we are \N{GRINNING FACE} \N{FAMILY} happy",
    "שלום עולם مرحبا": "שלום עולם مرحبا",
    "我们很高兴": "我们很高兴",
    "a\x00b\x07c": "a␀b␇c",
    "x" * 400: "x" * 400,
}


@pytest.fixture(params=["en", "fr"])
def playground(page, address, folder, request):
    if not (folder / "bad").is_dir():
        (folder / "bad").mkdir()
        tiny_classifier(folder / "bad")
    cells = [nbformat.v4.new_code_cell(CODE.format(language=request.param).strip())]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL}), folder / "odd.ipynb")
    notebook = Notebook(page, address, "odd.ipynb")
    notebook.run_all()
    found = page.locator(".hfquick-playground")
    found.wait_for()
    set_language(request.param)
    yield found
    set_language(None)


def run(playground, text, model="./bad"):
    """Fill in a model and a text, and press the button."""
    if playground.get_by_label(_("Its name")).is_hidden():
        playground.get_by_label(_("Model"), exact=True).select_option(label=_("another model ..."))
    playground.get_by_label(_("Its name")).fill(model)
    playground.get_by_label(_("Its name")).press("Tab")
    playground.get_by_label(_("Text"), exact=True).fill(text)
    playground.get_by_role("button", name=_("Run")).click()


def test_odd_texts_are_answered_and_shown_as_they_are(page, playground, tmp_path):
    page.on("dialog", lambda dialog: page.errors.append(f"dialog: {dialog.message}"))
    for text, shown in TEXTS.items():
        run(playground, text)
        cell = playground.locator("tbody th").first
        sync_api.expect(cell).to_have_text(shown, timeout=60_000)
        sync_api.expect(playground.get_by_role("alert")).to_have_count(0)
    assert page.locator("[onerror]").count() == 0
    page.screenshot(path=tmp_path / "odd.png")
    assert page.errors == []


def test_what_is_refused_is_said_and_the_next_text_is_answered(page, playground, tmp_path):
    alert = playground.get_by_role("alert")
    sentences = {
        "": _("There is no text yet: write one, or choose a sample."),
        " \n ": _("There is no text yet: write one, or choose a sample."),
        "word " * 10_000: _(
            "This text has {length} characters, the Playground takes {most}: shorten it.", length=50_000, most=20_000
        ),
    }
    for text, said in sentences.items():
        run(playground, text)
        sync_api.expect(alert).to_have_text(f"{_('Error:')} {said}", timeout=60_000)
    run(playground, "we are happy", model="nobody/nothing")  # there is no network either
    sync_api.expect(alert).to_contain_text("nobody/nothing", timeout=60_000)
    assert "Traceback" not in playground.inner_text()
    page.screenshot(path=tmp_path / "refused.png")
    run(playground, "we are happy")
    sync_api.expect(playground.locator("tbody th").first).to_have_text("we are happy", timeout=60_000)
    sync_api.expect(alert).to_have_count(0)
    assert page.errors == []


def test_two_clicks_are_one_run(page, playground):
    run(playground, "we are happy")
    sync_api.expect(playground.locator("tbody th").first).to_have_text("we are happy", timeout=60_000)
    playground.get_by_label(_("Text"), exact=True).fill("we are sad")
    playground.get_by_role("button", name=_("Run")).dblclick()
    sync_api.expect(playground.locator("tbody th").first).to_have_text("we are sad", timeout=60_000)
    page.wait_for_timeout(1000)
    assert playground.locator("tbody tr").count() == 1
    sync_api.expect(playground.get_by_role("button", name=_("Run"))).to_be_visible()  # and not still running
    assert page.errors == []


def test_every_task_by_keyboard(page, playground, tmp_path):
    """From the list of tasks to a result and back, for all tasks, without a mouse and in both languages."""
    task = playground.get_by_label(_("Task"), exact=True)
    told, before = playground.locator(".hfquick-told"), ""
    task.focus()
    for number, row in enumerate(tasks()):
        if number:
            page.keyboard.press("ArrowDown")
        sync_api.expect(task).to_have_value(task_label(row))
        playground.get_by_text(_(row.hint)).wait_for()
        if not row.stand_in:  # nothing answers without a network
            continue
        press_until(page, "Tab", playground.get_by_role("button", name=_("Run")), most=26)
        page.keyboard.press("Enter")
        not_yet = re.compile(f"^({'|'.join(map(re.escape, ['', _('Running ...'), before]))})$")
        sync_api.expect(told).not_to_have_text(not_yet, timeout=60_000)
        before = " ".join(told.inner_text().split())
        sync_api.expect(playground.get_by_role("alert")).to_have_count(0)
        press_until(page, "Shift+Tab", task, most=26)
    page.screenshot(path=tmp_path / "keyboard.png")
    assert page.errors == []
