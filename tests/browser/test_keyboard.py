"""The Playground without a mouse, and as a reader aloud finds it."""

import re

import nbformat
import pytest

sync_api = pytest.importorskip("playwright.sync_api")
pytest.importorskip("anywidget")

from tests.browser.lab import KERNEL, Notebook  # noqa: E402

pytestmark = [pytest.mark.browser, pytest.mark.torch]
FOCUSED = "element => element.contains(document.activeElement)"


@pytest.fixture
def playground(page, address, folder):
    cells = [nbformat.v4.new_code_cell(code) for code in ("import hfquick\n\nhfquick.Playground()", "print('after')")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL}), folder / "keys.ipynb")
    notebook = Notebook(page, address, "keys.ipynb")
    notebook.run_all()
    notebook.show("Playground")
    found = page.locator(".hfquick-playground")
    sync_api.expect(found.locator(".hfquick-told")).to_have_attribute(
        "aria-live", "polite", timeout=30_000
    )  # the page is marked
    found.notebook = notebook
    return found


def test_keys_stay_in_the_playground(page, playground):
    before = len(playground.notebook.cells())
    task = playground.get_by_label("Task")
    task.focus()
    page.keyboard.press("ArrowDown")
    sync_api.expect(task).to_have_value("Named entity recognition (ner)")
    for key in ("x", "d", "d", "a", "b", "m"):  # commands of JupyterLab: cut, delete, new cells, markdown
        page.keyboard.press(key)
    assert len(playground.notebook.cells()) == before
    assert playground.evaluate(FOCUSED)


def test_from_task_to_result_by_keyboard_alone(page, playground):
    text, run = playground.get_by_label("Text", exact=True), playground.get_by_role("button", name="Run")
    playground.get_by_label("Task").focus()
    for _key in range(12):
        page.keyboard.press("Tab")
        if text.evaluate("element => element === document.activeElement"):
            break
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("A wonderful film, warm and funny.")
    for _key in range(8):
        page.keyboard.press("Tab")
        if run.evaluate("element => element === document.activeElement"):
            break
    page.keyboard.press("Enter")
    told = playground.locator(".hfquick-told")
    playground.get_by_text("s for the answer").wait_for(timeout=60_000)
    sync_api.expect(told).to_have_text(re.compile(r"^POSITIVE 0\.\d\d$"))
    sync_api.expect(run).to_be_focused()


def test_every_control_has_a_name(playground):
    names = playground.locator("select:visible, input:visible, textarea:visible, button:visible").evaluate_all(
        "all => all.map(e => e.getAttribute('aria-label') || e.labels?.[0]?.innerText || e.innerText)"
    )
    assert len(names) >= 8
    assert all(name.strip() for name in names), names
