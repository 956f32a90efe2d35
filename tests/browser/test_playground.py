"""The Playground and the drawing of results in a real JupyterLab, used as a learner uses them."""

import re

import nbformat
import pytest

sync_api = pytest.importorskip("playwright.sync_api")

from hfquick.display import LabelScore, Scores  # noqa: E402
from hfquick.widgets.report import task_label  # noqa: E402
from hfquick.widgets.state import tasks  # noqa: E402
from tests.browser.lab import KERNEL, Notebook  # noqa: E402
from tests.helpers.tiny_model import tiny_classifier  # noqa: E402

pytestmark = [pytest.mark.browser, pytest.mark.torch]

CELLS = [
    "import hfquick\n\nhfquick.Playground()",
    "from hfquick.display import *\n\nScores([LabelScore(label='<b>A</b>', score=0.75)], ['from $1 to $2 <script>'])",
]


@pytest.fixture(scope="module")
def small(folder):
    """A notebook of two cells, and a model beside it."""
    (folder / "tiny").mkdir()
    tiny_classifier(folder / "tiny")
    write(folder / "small.ipynb", [nbformat.v4.new_code_cell(cell) for cell in CELLS])
    return "small.ipynb"


def write(path, cells):
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL}), path)


def test_choose_write_run_read(page, address, small, tmp_path):
    notebook = Notebook(page, address, small)
    before = notebook.run_all()
    assert [output["output_type"] for cell in before for output in cell["outputs"]] == ["execute_result"] * 2
    assert (
        before[0]["outputs"][0]["data"]["text/plain"]
        == "Playground(task='text-classification'): run this cell to use it"
    )
    notebook.show("Playground")
    playground = page.locator(".hfquick-playground")

    # A model of one's own: its field appears
    assert not playground.get_by_label("Its name").is_visible()
    playground.get_by_label("Model").select_option(label="another model ...")
    playground.get_by_label("Its name").fill("./tiny")
    playground.get_by_label("Its name").press("Tab")

    code = playground.locator(".hfquick-code textarea")
    sync_api.expect(code).to_have_value(re.compile(r'model="\./tiny"'))

    # A sample fills the text; then the keyboard alone: own words, on to the button, Enter
    text = playground.get_by_role("textbox", name="Text", exact=True)
    playground.get_by_label("Sample").select_option(label="I would gladly watch this film again tomorrow!")
    sync_api.expect(text).to_have_value("I would gladly watch this film again tomorrow!")
    playground.get_by_label("All labels").check()
    text.fill("<script>we are happy</script> $1 and $2")
    text.focus()
    run = playground.get_by_role("button", name="Run")
    for _key in range(4):
        page.keyboard.press("Tab")
        if run.evaluate("button => button === document.activeElement"):
            break
    page.keyboard.press("Enter")
    sync_api.expect(run).to_be_focused()  # while the framework is loaded, and afterwards
    playground.get_by_text("s for the answer").wait_for(timeout=60_000)

    cells = playground.locator("table th, table td").all_inner_texts()
    assert cells[:4] == ["text", "label", "score", "<script>we are happy</script> $1 and $2"]
    assert {cells[4], cells[7]} == {"NEGATIVE", "POSITIVE"}
    assert float(cells[5]) + float(cells[8]) == pytest.approx(1, abs=1e-3)
    assert playground.locator("pre").inner_text().startswith("[{'label': '")
    start, end = code.input_value().split(', framework="')
    assert start == 'from hfquick import pipeline\n\npipeline("sentiment-analysis", model="./tiny"'
    assert end.endswith('")("<script>we are happy</script> $1 and $2", top_k=None)')
    page.get_by_role("cell", name="<b>A</b>").wait_for()  # the same drawing as a cell's output
    page.screenshot(path=tmp_path / "light.png")
    notebook.theme("JupyterLab Dark")
    page.screenshot(path=tmp_path / "dark.png")
    notebook.theme("JupyterLab Light")

    # A mistake is said, and goes away with the next run
    text.fill("")
    run.click()
    playground.get_by_role("alert").wait_for()
    assert playground.get_by_role("alert").inner_text().startswith("Error: There is no text yet")
    assert notebook.cells() == before  # whatever is printed while it runs stays in the widget
    assert page.errors == []


def test_nothing_jumps_with_another_task(page, address, small, tmp_path):
    notebook = Notebook(page, address, small)
    notebook.run_all()
    notebook.show("Playground")
    playground = page.locator(".hfquick-playground")
    task, framework = playground.get_by_label("Task"), playground.get_by_label("Framework")
    run = playground.get_by_role("button", name="Run")
    first = None
    for row in tasks():
        task.select_option(label=task_label(row))
        playground.get_by_text(row.hint).wait_for()
        first = first or run.bounding_box()
        for _ in range(50):  # the kernel shows and hides several parts of the form, one message after the other
            in_line = abs(framework.bounding_box()["y"] - task.bounding_box()["y"]) < 2
            if in_line and run.bounding_box() == pytest.approx(first, abs=2):
                break
            page.wait_for_timeout(100)
        assert run.bounding_box() == pytest.approx(first, abs=2), row.name
        assert abs(framework.bounding_box()["y"] - task.bounding_box()["y"]) < 2  # in one line with the task
        page.screenshot(path=tmp_path / f"{row.name}.png")
    notebook.theme("JupyterLab Dark")
    arrow = task.evaluate("list => getComputedStyle(list).backgroundImage")
    letters = task.evaluate("list => getComputedStyle(list).color")
    assert letters in arrow  # seen as well as they are
    notebook.theme("JupyterLab Light")


def test_narrow_page(page, address, small, tmp_path):
    page.set_viewport_size({"width": 640, "height": 1000})
    notebook = Notebook(page, address, small)
    notebook.run_all()
    notebook.show("Playground")
    playground = page.locator(".hfquick-playground")
    playground.get_by_label("Model").select_option(label="another model ...")
    playground.get_by_label("Its name").fill("./tiny")
    playground.get_by_label("Text", exact=True).fill("we are happy and areweareweareweareweareweareweareweareweare")
    playground.get_by_role("button", name="Run").click()
    playground.get_by_text("s for the answer").wait_for(timeout=60_000)
    page.screenshot(path=tmp_path / "narrow.png")
    area = page.locator(".jp-OutputArea-output", has=playground).bounding_box()
    for part in [playground, *playground.locator("select:visible, textarea:visible, button:visible, pre").all()]:
        box = part.bounding_box()
        assert box["x"] + box["width"] <= area["x"] + area["width"] + 1


def test_a_saved_result_is_drawn_before_the_notebook_is_trusted(page, address, folder, tmp_path):
    """JupyterLab takes out what it does not know as harmless; what is left must still be a table with bars."""
    scores = Scores([LabelScore(label="<b>A</b>", score=0.75), LabelScore(label="B", score=0.25)], ["from $1 to $2"])
    data = {"text/html": scores._repr_html_(), "text/plain": repr(scores)}
    cell = nbformat.v4.new_code_cell("scores", execution_count=1)
    cell.outputs = [nbformat.v4.new_output("execute_result", data, execution_count=1)]
    write(folder / "saved.ipynb", [cell])
    Notebook(page, address, "saved.ipynb")
    table = page.locator(".jp-OutputArea table")
    table.wait_for()
    page.screenshot(path=tmp_path / "untrusted.png")
    assert table.locator("th, td").all_inner_texts()[3:6] == ["from $1 to $2", "<b>A</b>", "0.7500"]
    wide, narrow = (bar.bounding_box()["width"] for bar in table.locator("td div div").all())
    assert wide == pytest.approx(3 * narrow, abs=1)
    colour = table.locator("td div div").first.evaluate("bar => getComputedStyle(bar).backgroundColor")
    assert colour not in ("rgba(0, 0, 0, 0)", "transparent")
