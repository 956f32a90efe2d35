"""axe-core, the usual checker of accessibility, finds nothing serious in what hfquick draws, in light and in dark."""

from importlib.util import find_spec
from pathlib import Path

import nbformat
import pytest

sync_api = pytest.importorskip("playwright.sync_api")
pytest.importorskip("anywidget")
pytest.importorskip("axe_playwright_python")

from hfquick.widgets.report import task_label  # noqa: E402
from hfquick.widgets.state import tasks  # noqa: E402
from tests.browser.lab import KERNEL, Notebook  # noqa: E402

pytestmark = [pytest.mark.browser, pytest.mark.torch]
THEMES = ("JupyterLab Light", "JupyterLab Dark")
GRAVE = ("serious", "critical")

DISPLAYS = """
import numpy as np
from PIL import Image
from hfquick.display import *
from hfquick.display.answers import Answer
from hfquick.display.chart import Curves

answers = [Answer.of("Who sells bread?", "Ada sells bread in Turku.", start, end, score)
           for start, end, score in ((0, 3, 0.7), (19, 24, 0.1))]
places = (("PER", "Ada", 0), ("LOC", "Oslo", 7), ("ORG", "Nokia", 13), ("MISC", "Finn", 20))
entities = [Entity(entity_group=label, score=0.9, word=word, start=start, end=start + len(word))
            for label, word, start in places]
words = [WordScore(score=0.4, token=1, token_str="cat", sequence="a cat"),
         WordScore(score=0.2, token=2, token_str="dog", sequence="a dog")]
tokens = [{"token": name, "probability": share, "alternatives": [("dog", 0.1)]}
          for name, share in (("cat", 0.9), ("+s", 0.4), ("\\u2423", 0.1))]
many = [f"token{number}" for number in range(15)]
pixels = np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8)
mask = Image.fromarray(np.tri(30, 40, dtype=np.uint8) * 255)
sound = {"array": np.sin(np.arange(16000) / 9).astype(np.float32), "sampling_rate": 16000}
said = [{"text": "HI", "timestamp": (0.1, 0.2)}, {"text": "YOU", "timestamp": (0.3, 0.6)}]
cat = Box(score=0.9, label="cat", box={"xmin": 5, "ymin": 3, "xmax": 20, "ymax": 25})
shown = [
    Scores([LabelScore(label="POSITIVE", score=0.75), LabelScore(label="NEGATIVE", score=0.25)], ["a film"]),
    answers[0], Answers(answers),
    Entities(entities, "Ada in Oslo, Nokia, Finn"),
    WordScores(words), Results([WordScores(words), WordScores(words)]),
    Texts([{"generated_text": "once upon a time"}], ["once"]),
    Texts([{"translation_text": "le chat"}], ["the cat"], "translation_text"),
    TokenProbabilities(tokens, "the", [" cat", "s", " "]),
    CrossAlignment(["the", "cat"], ["le", "chat"], np.array([[0.9, 0.1], [0.0, 1.0]], np.float32)),
    CrossAlignment(many, many, np.eye(15, dtype=np.float32)),
    ConfusionMatrix([0, 0, 1, 1], [0, 1, 1, 1], ["negative", "positive"]),
    LargestLosses(["a film", "a good film"], [0, 1], [[0.1, 0.9], [0.6, 0.4]], ["negative", "positive"]),
    PictureScores([LabelScore(label="cat", score=0.75)], [pixels]), Boxes([cat], pixels), Boxes([], pixels),
    Segments([Segment(score=None, label="cat", mask=mask)], pixels),
    PictureAnswers([PictureAnswer(score=0.9, answer="two")], pixels, "How many cats?"),
    Transcript({"text": "HI YOU", "chunks": said}, sound),
    SoundScores([LabelScore(label="drum", score=0.75)], [sound]), SoundView(sound),
    AttentionMaps([AttentionMap(np.eye(4) / 4, pixels, layer=0, heads=2, found=cat)]),
    Curves({"loss": [(1, 0.7), (2, 0.5)], "eval_accuracy": [(1, 0.5), (2, 0.75)], "learning_rate": [(1, 5e-5)]}),
]
display(*shown)
"""
CHART = """
from hfquick.widgets.training import TrainingMonitor, show_progress

monitor = TrainingMonitor()
show_progress(monitor)
monitor.begin(total_steps=60, samples_per_step=8)
for step in range(1, 31):
    monitor.trace(step, {"loss": 1 / step, "learning_rate": 5e-5 * (1 - step / 60)})
    monitor.log(step, {"eval_loss": 1.2 / step, "eval_accuracy": 1 - 0.5 / step})
    monitor.advance(step, epoch=step / 20)
"""
PLAYGROUND = "import hfquick\n\nhfquick.Playground()"


@pytest.fixture
def run(page, address, folder):
    """Opens a notebook of one cell, runs it, and brings axe into the page."""

    def opened(code):
        cells = [nbformat.v4.new_code_cell(code.strip())]
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL}), folder / "axe.ipynb")
        page.set_viewport_size({"width": 1280, "height": 2400})  # all in sight: JupyterLab empties cells that are not
        notebook = Notebook(page, address, "axe.ipynb")
        (cell,) = notebook.run_all()
        assert [output for output in cell["outputs"] if output["output_type"] == "error"] == []
        axe = Path(find_spec("axe_playwright_python").origin).parent / "axe.min.js"
        page.evaluate(axe.read_text(encoding="utf-8"))
        return notebook

    return opened


def faults(page, selector):
    """What axe finds within these elements, as sentences."""
    found = page.evaluate("selector => axe.run({include: [[selector]]}, {resultTypes: ['violations']})", selector)
    assert found["passes"]  # it has looked at something
    return [
        f"{fault['id']} ({fault['impact']}): {node['html'][:200]} {node['failureSummary'][:200]}"
        for fault in found["violations"]
        if fault["impact"] in GRAVE
        for node in fault["nodes"]
    ]


def faults_in_both_themes(notebook, selector, pictures):
    found = []
    for theme in THEMES:
        notebook.theme(theme)
        found += [f"{theme}: {fault}" for fault in faults(notebook.page, selector)]
        notebook.page.screenshot(path=pictures / f"{theme}.png")
    return found


def test_it_would_find_a_fault(page, run):
    run("print()")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<div id=bad><p>a</p><input></div>')")
    assert [fault.split()[0] for fault in faults(page, "#bad")] == ["label"]


def test_what_lessons_draw(run, tmp_path):
    assert faults_in_both_themes(run(DISPLAYS), ".jp-Notebook .jp-OutputArea", tmp_path) == []


@pytest.mark.parametrize("code", [CHART, f"{CHART}monitor.finish()"], ids=["running", "done"])
def test_the_chart_of_a_run(run, tmp_path, code):
    assert faults_in_both_themes(run(code), ".hfquick-training", tmp_path) == []


@pytest.mark.parametrize("theme", THEMES)
def test_the_playground_with_each_task(page, run, tmp_path, theme):
    notebook = run(PLAYGROUND)
    notebook.theme(theme)
    playground = page.locator(".hfquick-playground")
    found = []
    old = playground.get_by_text("Something was changed since this result")
    for number, row in enumerate(tasks()):
        playground.get_by_label("Task").select_option(label=task_label(row))
        if not row.stand_in:  # nothing answers without a network
            playground.get_by_text(row.hint).wait_for()
            found += [f"{row.name}: {fault}" for fault in faults(page, ".hfquick-playground")]
            continue
        if number:  # the kernel has taken the change in
            old.wait_for()
        playground.get_by_role("button", name="Run").click()
        sync_api.expect(old).to_have_count(0)
        playground.get_by_text("s for the answer").wait_for(timeout=60_000)
        found += [f"{row.name}: {fault}" for fault in faults(page, ".hfquick-playground")]
        page.screenshot(path=tmp_path / f"{row.name}.png", clip={"x": 250, "y": 0, "width": 1030, "height": 900})
    assert found == []
