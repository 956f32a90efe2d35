"""The live chart of a training run in a real JupyterLab: it moves, its button stops the run, cells keep their order."""

import math
import re
from importlib.util import find_spec

import nbformat
import pytest

sync_api = pytest.importorskip("playwright.sync_api")

from hfquick.display.chart import Curves  # noqa: E402
from tests.browser.lab import KERNEL, Notebook  # noqa: E402

pytestmark = pytest.mark.browser

TRAIN = """
import time
from hfquick.widgets.training import TrainingMonitor, show_progress

monitor = TrainingMonitor()
show_progress(monitor)
monitor.begin(total_steps=150, samples_per_step=8)
try:
    for step in range(1, 151):
        time.sleep(0.2)
        monitor.log(step, {"loss": 1 / step, "learning_rate": 5e-5 * (1 - step / 150)})
        if step % 5 == 0:
            monitor.log(step, {"eval_loss": 1.2 / step, "eval_accuracy": 1 - 0.5 / step})
        monitor.advance(step, epoch=step / 20)
        monitor.poll()
        if monitor.stop_requested:
            break
    monitor.finish()
finally:
    monitor.finish("interrupted")
"""
NEXT = "print(monitor.status, 5 < monitor.step < 140)"


def write(path, cells):
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    nbformat.write(notebook, path)


@pytest.fixture(scope="module")
def training(folder):
    write(folder / "training.ipynb", [nbformat.v4.new_code_cell(cell.strip()) for cell in (TRAIN, NEXT)])
    return "training.ipynb"


def printed(cell):
    return "".join(output.get("text", "") for output in cell["outputs"])


def test_stop_while_the_cell_runs(page, address, training, tmp_path):
    notebook = Notebook(page, address, training)
    notebook.menu("Run", "Run All Cells")
    chart = page.locator(".hfquick-training")
    status, stop = chart.get_by_role("status"), chart.get_by_role("button", name="Stop")
    sync_api.expect(status).to_have_text("Training.")
    page.wait_for_timeout(2000)
    bar = chart.get_by_role("progressbar", name="Progress")
    sync_api.expect(bar).to_have_attribute("max", "150")
    facts = r"step \d+ of 150 · epoch \d\.\d\d · \d+(\.\d)? samples per second · 0:\d\d left"
    sync_api.expect(chart).to_contain_text(re.compile(facts))
    picture = chart.get_by_role("img", name=re.compile(r"^loss from 1 to 0\.\d+ \(steps 1 to \d+\); eval_loss"))
    sync_api.expect(picture).to_be_visible()
    page.screenshot(path=tmp_path / "running.png")
    assert notebook.cells()[1]["count"] is None  # it waits for its turn

    if find_spec("anywidget"):
        stop.focus()
        page.keyboard.press("x")  # JupyterLab would cut the cell
        assert len(notebook.cells()) == 2
    stop.click()
    sync_api.expect(status).to_have_text(re.compile(r"Stopped after step \d+; the model keeps"))
    sync_api.expect(stop).to_be_hidden()
    cells = notebook.wait(20)
    assert [cell["count"] for cell in cells] == [1, 2]
    assert printed(cells[1]) == "stopped True\n"
    assert cells[0]["outputs"][0]["data"].keys() == {"text/plain", "text/html"}
    assert [output["output_type"] for output in cells[0]["outputs"]] == ["display_data"]
    assert cells[0]["outputs"][0]["data"]["text/plain"] == "TrainingChart()"

    step = int(re.search(r"after step (\d+)", status.inner_text())[1])
    sync_api.expect(chart).to_contain_text(f"step {step} of 150")
    assert f"(steps 1 to {step})" in picture.get_attribute("alt")  # the end is drawn
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        notebook.theme(theme)
        page.screenshot(path=tmp_path / f"{theme}.png")
    assert page.errors == []

    # Saved, and opened again beside a kernel that knows nothing of it
    page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    page.wait_for_function("!jupyterapp.shell.currentWidget.context.model.dirty")
    page.evaluate("jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.restart()")
    Notebook(page, address, training)
    sync_api.expect(chart).to_contain_text(f"step {step} of 150")
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
    page.screenshot(path=tmp_path / "reopened.png")


def test_a_running_chart_follows_the_theme(page, address, training):
    notebook = Notebook(page, address, training)
    notebook.menu("Run", "Run All Cells")
    chart = page.locator(".hfquick-training")
    lines = chart.locator("svg text")
    sync_api.expect(lines.first).to_be_visible()
    texts = {}
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        notebook.theme(theme)
        texts[theme] = lines.first.evaluate("text => getComputedStyle(text).fill")
    assert len(set(texts.values())) == 2
    chart.get_by_role("button", name="Stop").click()
    notebook.wait(20)


def test_interrupting_the_kernel_is_said(page, address, training, tmp_path):
    page.set_viewport_size({"width": 640, "height": 1000})
    notebook = Notebook(page, address, training)
    notebook.menu("Run", "Run All Cells")
    chart = page.locator(".hfquick-training")
    sync_api.expect(chart).to_contain_text(re.compile(r"step ([6-9]|\d\d) of 150"))
    page.screenshot(path=tmp_path / "narrow.png")
    edges = """chart => [chart.closest('.jp-OutputArea-output'), ...chart.querySelectorAll('svg, progress, button')]
        .map(part => part.getBoundingClientRect().right)"""
    output, *parts = chart.evaluate(edges)  # at one moment: the next step draws new ones
    assert len(parts) >= 3
    assert max(parts) <= output + 1
    notebook.menu("Kernel", "Interrupt Kernel")
    sync_api.expect(chart.get_by_role("status")).to_have_text(
        re.compile(r"Interrupted after step \d+; the model keeps")
    )
    sync_api.expect(chart.get_by_role("button", name="Stop")).to_be_hidden()
    page.screenshot(path=tmp_path / "interrupted.png")


def test_saved_curves_are_drawn_before_the_notebook_is_trusted(page, address, folder, tmp_path):
    """JupyterLab takes out what it does not know as harmless, inline SVG too; an image stays."""
    points = [(step, 0.2 + math.exp(-step / 100)) for step in range(10, 260, 10)]
    curves = Curves({"loss": points, "<b>$1 and $2</b>": [(50, 3.0), (250, 7.0)]})
    data = {"text/html": curves._repr_html_(), "text/plain": repr(curves)}
    cell = nbformat.v4.new_code_cell("curves", execution_count=1)
    cell.outputs = [nbformat.v4.new_output("execute_result", data, execution_count=1)]
    write(folder / "curves.ipynb", [cell])
    notebook = Notebook(page, address, "curves.ipynb")
    picture = page.get_by_role("img", name="loss from 1.1 to 0.282 (steps 10 to 250)")
    picture.wait_for()
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
    assert picture.bounding_box()["width"] > 300
    output = page.locator(".jp-OutputArea-output")
    assert output.inner_text().split() == ["loss", "0.282", "<b>$1", "and", "$2</b>", "7"]
    page.screenshot(path=tmp_path / "untrusted.png")
    notebook.theme("JupyterLab Dark")
    page.screenshot(path=tmp_path / "untrusted-dark.png")
    notebook.theme("JupyterLab Light")
