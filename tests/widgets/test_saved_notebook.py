"""What a notebook that was run and saved holds for those who open it without a kernel: pictures."""

import os
from base64 import b64decode, b64encode
from pathlib import Path

import nbformat
import pytest
from PIL import Image

widgets = pytest.importorskip("ipywidgets")
nbclient = pytest.importorskip("nbclient")

ROOT = Path(__file__).parents[2]
VIEW = "application/vnd.jupyter.widget-view+json"
TORCH = """
from tests.helpers.training import tiny_trainer

trainer = tiny_trainer("out", disable_tqdm=False, logging_steps=2, report_to=[])
done = trainer.train()
"""
KERAS = """
from tests.helpers.keras_training import classifier, rows

model = classifier()
model.compile(optimizer="adam")
history = model.fit(rows(), batch_size=4, epochs=2)
"""


def run_and_save(folder, *codes):
    """The outputs of each cell, as the saved file holds them."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code.strip()) for code in codes])
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    settings = {**os.environ, "PYTHONPATH": path, "HFQUICK_LANG": "fr", "TF_CPP_MIN_LOG_LEVEL": "2"}
    client = nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3")
    client.resources = {"metadata": {"path": str(folder)}}
    client.execute(env=settings)
    nbformat.write(notebook, folder / "saved.ipynb")
    saved = nbformat.read(folder / "saved.ipynb", as_version=4)
    return [[output for output in cell.outputs if output.output_type != "stream"] for cell in saved.cells]


@pytest.mark.parametrize(
    "code", [pytest.param(TORCH, marks=pytest.mark.torch), pytest.param(KERAS, marks=pytest.mark.tf)], ids=["pt", "tf"]
)
def test_a_run_leaves_a_picture_of_its_curves(tmp_path, code):
    ((output,),) = run_and_save(tmp_path, code)
    assert output.data.keys() == {"text/plain", "text/html"}
    html = output.data["text/html"]
    assert "Terminé, " in html
    pictures = [part.partition('"')[0] for part in html.split("data:image/svg+xml;base64,")[1:]]
    assert len(pictures) >= 2  # the loss, the learning rate
    assert all(b64decode(picture).startswith(b"<svg ") for picture in pictures)
    assert 'alt="loss de ' in html


@pytest.mark.skipif(widgets.__version__.startswith("7."), reason="ipywidgets 7 asks for no picture of a widget")
def test_the_playground_says_how_to_bring_it_back(tmp_path):
    ((output,),) = run_and_save(tmp_path, "import hfquick\n\nhfquick.Playground()")
    assert output.data["text/plain"] == "Playground(task='text-classification'): run this cell to use it"
    assert "Exécutez cette cellule" in output.data["text/html"]
    assert VIEW in output.data  # and those who run it see it


UPLOAD = """
from pathlib import Path
import hfquick

playground = hfquick.Playground("image-classification")
playground.pictures.receive("mine.png", 0, Path("mine.png").read_bytes())
playground
"""


def test_a_saved_playground_holds_no_uploaded_bytes(tmp_path):
    """Also where the states of widgets are saved, as Colab does: nbclient writes them into the file, too."""
    Image.effect_noise((80, 60), 90).convert("RGB").save(tmp_path / "mine.png")
    content = (tmp_path / "mine.png").read_bytes()
    run_and_save(tmp_path, UPLOAD)
    saved = (tmp_path / "saved.ipynb").read_text(encoding="utf-8")
    assert "mine.png, 80 × 60 pixels" in saved  # the states are there
    for start in range(0, 3000, 300):
        assert b64encode(content[start : start + 90]).decode() not in saved
