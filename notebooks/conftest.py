"""`pytest --nbval notebooks/` sees what the builder saw: no network, an empty cache, an empty folder, none of today's
settings. A notebook in another language is left out where the English one runs and `proof.py` shows that it stands for
both; with CI set one of these runs all the same, another each day, and with NIGHTLY set all do.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from notebooks import percentages, proof

ROOT = Path(__file__).resolve().parents[1]
_cache = tempfile.TemporaryDirectory(prefix="hfquick-nbval-")  # removed when pytest ends
_work = tempfile.TemporaryDirectory(prefix="hfquick-nbval-work-")  # a folder for each kernel is in it
# The processes of one run agree on the day, also at midnight.
DAY = int(os.environ.setdefault("HFQUICK_NOTEBOOK_DAY", str(date.today().toordinal())))


@cache
def proven() -> tuple[list[Path], list[Path]]:
    """The notebooks for which the English ones stand today, and those of them that run all the same."""
    if os.environ.get("NIGHTLY"):
        return [], []
    found = proof.proven()
    turn = [found.pop(DAY % len(found))] if found and os.environ.get("CI") else []
    return found, turn


def pytest_report_header(config: pytest.Config) -> list[str]:
    if not config.getoption("--nbval", default=False):
        return []
    left_out, turn = proven()
    lines = [f"notebooks: the English run stands for {len(left_out)} others: their code and outputs are the same"]
    return lines + [f"notebooks: today's turn, run all the same: {path.relative_to(ROOT)}" for path in turn]


@pytest.hookimpl(trylast=True)  # after -k and -m: the English one must be there
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    cells = [item for item in items if item.path.suffix == ".ipynb"]
    if not cells:
        return
    run = {item.path for item in cells}
    left_out = {path for path in proven()[0] if proof.english_of(path) in run}
    if left_out:
        config.hook.pytest_deselected(items=[item for item in items if item.path in left_out])
        items[:] = [item for item in items if item.path not in left_out]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """A notebook's kernel starts while its first cell is set up, and inherits the environment of that moment only."""
    before = dict(os.environ)
    os.environ.update(HF_HUB_OFFLINE="1", HF_HOME=_cache.name, TF_CPP_MIN_LOG_LEVEL="2")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, [before.get("PYTHONPATH")])])  # this clone
    for name in ("HF_HUB_CACHE", "HFQUICK_LANG", "HFQUICK_STAND_INS"):
        os.environ.pop(name, None)
    try:
        with own_folder() if hasattr(item, "test_outputs") else nullcontext():
            return (yield)
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)


@contextmanager
def own_folder() -> Iterator[None]:
    """A kernel that starts within has an empty folder: two editions that save a model would meet in the notebook's."""
    import nbval.plugin

    start = nbval.plugin.RunningKernel

    def running_kernel(*args: Any, cwd: str, **options: Any) -> Any:
        return start(*args, cwd=tempfile.mkdtemp(dir=_work.name), **options)

    with patch.object(nbval.plugin, "RunningKernel", running_kernel):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Compare percentages with a margin, and of an output that grows while its cell runs, the last state.
    Pictures within HTML are left out of the comparison, as nbval leaves out PNG.

    nbval by itself would keep the first. It reads one message after the other and keeps the outputs of a cell in
    `test_outputs`.
    """
    if not hasattr(item, "test_outputs"):
        return (yield)
    cell: Any = item
    compare = cell.compare_outputs
    cell.compare_outputs = lambda test, ref, **options: compare(percentages.settle(test, ref), ref, **options)
    notebook: Any = item.parent
    notebook.sanitize_patterns.update(proof.DRAWN)
    read, places = notebook.get_kernel_message, {}

    def get_kernel_message(*args: Any, **options: Any) -> Any:
        message = read(*args, **options)
        kind, content = message["msg_type"], message["content"]
        name = content.get("transient", {}).get("display_id")
        if kind == "display_data" and name:
            places[name] = len(item.test_outputs)  # where nbval puts it next
        elif kind == "update_display_data" and name in places:
            item.test_outputs[places[name]]["data"] = content["data"]
        return message

    notebook.get_kernel_message = get_kernel_message
    try:
        return (yield)
    finally:
        notebook.get_kernel_message = read
        cell.compare_outputs = compare
