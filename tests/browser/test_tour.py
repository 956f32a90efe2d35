"""The tour in a real JupyterLab, as on a learner's first day: open it, run it, use the picker."""

import shutil

import pytest

from tests.browser.lab import ROOT, Notebook

sync_api = pytest.importorskip("playwright.sync_api")

pytestmark = [pytest.mark.browser, pytest.mark.torch]

SAMPLE = "I would gladly watch this film again tomorrow!"


def test_the_tour_runs_and_its_picker_answers(page, address, folder, tmp_path):
    (folder / "tour").mkdir()
    shutil.copy(ROOT / "notebooks" / "en" / "quicktour_pytorch.ipynb", folder / "tour" / "tour.ipynb")
    notebook = Notebook(page, address, "tour/tour.ipynb")
    cells = notebook.run_all(seconds=400)  # it trains: minutes, where two slow cores are shared with other tests
    wrong = [(cell["source"], out["evalue"]) for cell in cells for out in cell["outputs"] if "evalue" in out]
    assert wrong == []
    assert len(cells) > 20

    notebook.show("hfquick.Playground()")
    playground = page.locator(".hfquick-playground")
    playground.get_by_label("Sample").select_option(label=SAMPLE)
    sync_api.expect(playground.get_by_label("Text", exact=True)).to_have_value(SAMPLE)
    playground.get_by_role("button", name="Run").click()
    playground.get_by_text("s for the answer").wait_for()
    text, label, score, _bar = playground.locator("tbody").locator("th, td").all_inner_texts()
    assert text == SAMPLE
    assert label in ("POSITIVE", "NEGATIVE")
    assert 0.5 <= float(score) <= 1
    assert playground.locator("pre").inner_text() == f"[{{'label': '{label}', 'score': {float(score)}}}]"
    assert notebook.cells() == cells
    page.screenshot(path=tmp_path / "light.png")
    notebook.theme("JupyterLab Dark")
    page.screenshot(path=tmp_path / "dark.png")
    assert page.errors == []
