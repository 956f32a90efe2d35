"""Calls of pipelines show their options: in `inspect.signature`, in docstrings, and with Shift-Tab in Jupyter."""

import inspect
from dataclasses import MISSING, fields
from importlib import import_module
from pathlib import Path

import pytest

import hfquick
from hfquick.hub.repository import HUB_OPTIONS
from hfquick.pipelines.base import Pipeline
from hfquick.pipelines.text_classification import TextClassificationPipeline
from hfquick.tasks import TASKS
from tests.helpers.fake_model import fake_pipeline

FOLDER = Path(__file__).parents[1] / "reference" / "pipelines"


def pipeline_class(task: str) -> type[Pipeline]:
    module, _dot, name = TASKS[task].pipeline.partition(".")
    return getattr(import_module(f"hfquick.pipelines.{module}"), name)


@pytest.mark.parametrize("task", TASKS)
def test_a_call_shows_the_options_of_its_task_and_their_defaults(task):
    kind = pipeline_class(task)
    shown = inspect.signature(kind.__call__).parameters.values()
    options = {value.name: value.default for value in shown if value.kind is value.KEYWORD_ONLY}
    settings = {field.name: field for field in fields(kind.settings_class)}
    given = {"question", "context"} if task == "question-answering" else set()  # inputs that are named
    assert options.keys() - given == {name for name, field in settings.items() if field.default is not MISSING}
    assert all(default == getattr(kind.settings_class(), name, default) for name, default in options.items())
    further = [value.name for value in shown if value.kind is value.VAR_KEYWORD]
    assert further == [name for name, field in settings.items() if field.default is MISSING]
    assert further == (["generate_kwargs"] if hasattr(kind, "generate_one") else [])


@pytest.mark.parametrize("task", TASKS)
def test_a_docstring_explains_each_option_and_no_other(task):
    kind = pipeline_class(task)
    shown = inspect.signature(kind.__call__).parameters.keys() - {"self"}
    lines = inspect.getdoc(kind.__call__).partition("Args:\n")[2].partition("\n\n")[0].splitlines()
    assert {line.strip().partition(":")[0] for line in lines if line.startswith("    ") and line[4] != " "} == shown


def test_a_class_with_settings_of_its_own_has_a_call_of_its_own():
    for kind in map(pipeline_class, TASKS):
        for base in kind.__mro__:
            if "settings_class" in vars(base) and "generate_one" not in vars(base):
                assert "__call__" in vars(base)


def shift_tab(value) -> dict:
    """What Jupyter finds out about a value to show it."""
    kind = pytest.importorskip("IPython.core.oinspect").Inspector
    options = {"theme_name": "neutral"} if "theme_name" in inspect.signature(kind.__init__).parameters else {}
    return kind(**options).info(value)


def test_shift_tab_on_a_pipeline():
    pipe = fake_pipeline(TextClassificationPipeline, "text-classification", FOLDER / "three-labels", top_k=None)
    info = shift_tab(pipe)
    shown = info["definition"] or info["call_def"]
    assert "top_k: int | str | None = 'best'" in shown
    assert "batch_size: int | None = None" in shown
    assert "top_k: how many labels, best first; None gives all." in info["call_docstring"]
    assert str(inspect.signature(pipe)) == str(inspect.signature(pipe.__call__))


def test_shift_tab_on_pipeline():
    info = shift_tab(hfquick.pipeline)
    assert "device: Any = None" in info["definition"]
    for name in (*inspect.signature(hfquick.pipeline).parameters, *HUB_OPTIONS):
        assert f"{name}:" in info["docstring"] or f"{name}," in info["docstring"] or f"{name};" in info["docstring"]


def test_an_option_of_the_pipeline_holds_for_calls_that_do_not_give_it():
    pipe = fake_pipeline(TextClassificationPipeline, "text-classification", FOLDER / "three-labels", top_k=2)
    assert len(pipe("We are here")) == 2
    assert len(pipe("We are here", top_k="best")) == 1
    assert len(pipe("We are here", top_k=None)) == 3
    assert pipe.settings.top_k == 2
