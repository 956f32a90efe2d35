"""Pipelines: a model and its preprocessing behind one call. `pipeline` (factory.py) builds them from the rows of TASKS.

base.py takes inputs to results, texts.py batches texts by their length, pictures.py pictures by height and width; a
file for each kind of task has its preprocessing and postprocessing.
"""

from importlib import import_module
from typing import Any

from ..i18n import spoken
from ..tasks import TASKS, Task, find_task
from .factory import pipeline

__all__ = ["TASKS", "KeyDataset", "Pipeline", "Task", "find_task", "pipeline"]


def __getattr__(name: str) -> Any:
    if name in ("Pipeline", "KeyDataset"):  # these need NumPy, which reading the table does not
        return getattr(import_module(".base", __name__), name)
    raise spoken(AttributeError, "module {module!r} has no attribute {name!r}", module=__name__, name=name)
