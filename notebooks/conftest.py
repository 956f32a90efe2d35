"""`pytest --nbval notebooks/` sees what the builder saw: no network, an empty cache, none of today's settings."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
_cache = tempfile.TemporaryDirectory(prefix="hfquick-nbval-")  # removed when pytest ends


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """A notebook's kernel starts while its first cell is set up, and inherits the environment of that moment only."""
    before = dict(os.environ)
    os.environ.update(HF_HUB_OFFLINE="1", HF_HOME=_cache.name, TF_CPP_MIN_LOG_LEVEL="2")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, [before.get("PYTHONPATH")])])  # this clone
    for name in ("HF_HUB_CACHE", "HFQUICK_LANG", "HFQUICK_STAND_INS"):
        os.environ.pop(name, None)
    try:
        return (yield)
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Of an output that grows while its cell runs, compare the last state: nbval by itself would keep the first.

    nbval reads one message after the other and keeps the outputs of a cell in `test_outputs`.
    """
    if not hasattr(item, "test_outputs"):
        return (yield)
    notebook: Any = item.parent
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
