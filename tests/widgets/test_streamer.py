"""The streamer for notebooks: one output that grows, in a real kernel and in a made-up one; elsewhere plain text."""

import os
import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import hfquick
from hfquick import NotebookStreamer
from hfquick.widgets import streamer as notebook
from tests.display.test_display import Reader
from tests.generation.test_stopping_criteria import TOKENIZERS, ids, stream

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tokenizer():
    return hfquick.AutoTokenizer.from_pretrained(TOKENIZERS / "gpt2-json")


@pytest.fixture
def outputs(monkeypatch):
    """What a notebook would hold: for each output all that it showed, one after the other."""
    IPython = pytest.importorskip("IPython")
    shown: list[list[dict]] = []

    class Handle:
        def __init__(self, states: list[dict]) -> None:
            self.states = states

        def update(self, data: dict, raw: bool) -> None:
            assert raw
            self.states.append(data)

    def display(data: dict, raw: bool, display_id: bool) -> Handle:
        assert raw
        assert display_id
        shown.append([data])
        return Handle(shown[-1])

    monkeypatch.setattr(notebook, "in_notebook", lambda: True)
    monkeypatch.setattr(IPython.display, "display", display)
    return shown


def test_a_text_grows_in_one_output(tokenizer, outputs, monkeypatch):
    monkeypatch.setattr(notebook, "SECONDS", 0)
    stream(NotebookStreamer(tokenizer), ids(tokenizer, "It is "), ids(tokenizer, "a ☕ naïve cat"))
    [states] = outputs
    texts = [state["text/plain"] for state in states]
    assert texts[0] == "It is "
    assert texts[-1] == "It is a ☕ naïve cat"
    assert len(texts) > 3
    assert all(later.startswith(earlier) for earlier, later in pairwise(texts))
    assert not any("\ufffd" in text for text in texts), "half a letter was shown"


def test_messages_are_few_and_the_last_has_all(tokenizer, outputs, monkeypatch):
    monkeypatch.setattr(notebook, "SECONDS", 3600)
    text = "a cat " * 50
    stream(NotebookStreamer(tokenizer, skip_prompt=True), ids(tokenizer, "It is "), ids(tokenizer, text))
    assert [len(states) for states in outputs] == [2]  # the first word, and the whole
    assert outputs[0][-1]["text/plain"] == text


def test_every_text_has_an_output_of_its_own(tokenizer, outputs):
    streamer = NotebookStreamer(tokenizer, skip_prompt=True, skip_special_tokens=True)
    for text in ("one", "two"):
        stream(streamer, ids(tokenizer, "It is"), [*ids(tokenizer, text), tokenizer.eos_token_id])
    assert [states[-1]["text/plain"] for states in outputs] == ["one", "two"]


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "a & \"b\" 'c'", "مرحبا بالعالم", "🤗 ok", "two\nlines", ""]
)
def test_a_text_is_data(tokenizer, outputs, text):
    stream(NotebookStreamer(tokenizer, skip_prompt=True), ids(tokenizer, "It is"), ids(tokenizer, text))
    state = outputs[0][-1]
    reader = Reader(state["text/html"])
    assert reader.text == state["text/plain"] == text
    assert [tag for tag, _attributes in reader.tags] == ["div"]
    assert reader.tags[0][1]["dir"] == "auto"
    assert "white-space:pre-wrap" in state["text/html"]


def test_a_text_that_was_stopped_is_left_where_it_was(tokenizer, outputs, monkeypatch):
    """After Ctrl-C in `generate` the next text begins in an output of its own, without the prompt if so asked."""
    monkeypatch.setattr(notebook, "SECONDS", 0)
    streamer = NotebookStreamer(tokenizer, skip_prompt=True)
    streamer.put(np.array([ids(tokenizer, "It is ")]))
    for token in ids(tokenizer, "a little cat and"):
        streamer.put(np.array([token]))
    stream(streamer, ids(tokenizer, "It is "), ids(tokenizer, "two"))
    assert len(outputs) == 2
    assert outputs[0][-1]["text/plain"].startswith("a little")
    assert outputs[1][-1]["text/plain"] == "two"


def test_elsewhere_it_is_printed(tokenizer, capsys):
    stream(NotebookStreamer(tokenizer), ids(tokenizer, "It is"), ids(tokenizer, " a cat"))
    assert capsys.readouterr().out == "It is a cat\n"


CELL = f"""
import numpy as np
from hfquick import AutoTokenizer, NotebookStreamer
from hfquick.widgets import streamer as module

module.SECONDS = 0
tokenizer = AutoTokenizer.from_pretrained({str(TOKENIZERS / "gpt2-json")!r})
streamer = NotebookStreamer(tokenizer)
for text in ("one <b>cat</b> and a dog", "two"):
    streamer.put(np.array([tokenizer("It is ").input_ids]))
    for token in tokenizer(text).input_ids:
        streamer.put(np.array([token]))
    streamer.end()
"""


def test_a_saved_notebook_holds_each_text_once(monkeypatch):
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    cells = [nbformat.v4.new_code_cell(CELL)]
    saved = nbclient.NotebookClient(
        nbformat.v4.new_notebook(cells=cells), timeout=120, startup_timeout=90, resources={"metadata": {"path": ROOT}}
    ).execute()
    assert [output["data"]["text/plain"] for output in saved.cells[0].outputs] == [
        "It is one <b>cat</b> and a dog",
        "It is two",
    ]
    assert "&lt;b&gt;cat&lt;/b&gt;" in saved.cells[0].outputs[0]["data"]["text/html"]
    assert "display_id" not in nbformat.writes(saved)


def test_nbval_compares_the_whole_text(tmp_path):
    """It would compare the first words, if notebooks/conftest.py did not teach it."""
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("nbval")
    shutil.copy(ROOT / "notebooks" / "conftest.py", tmp_path)
    code = """display({"text/plain": "It"}, raw=True, display_id="text").update({"text/plain": "It is"}, raw=True)"""
    for name, text in (("whole", "It is"), ("begun", "It")):
        output = nbformat.v4.new_output("display_data", {"text/plain": text})
        cell = nbformat.v4.new_code_cell(code, execution_count=1, outputs=[output])
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        written = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel})
        nbformat.write(written, tmp_path / f"{name}.ipynb")
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-rA", "-p", "no:cacheprovider", str(tmp_path)]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))}
    ran = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=240)
    assert re.findall(r"(PASSED|FAILED) (\w+)\.ipynb", ran.stdout) == [("PASSED", "whole"), ("FAILED", "begun")]
