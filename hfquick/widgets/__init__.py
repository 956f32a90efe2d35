"""Widgets for Jupyter. `Playground` is a pipeline with buttons; TrainingChart is the live chart of a training run.

What needs ipywidgets is imported on first use: training looks here for clicks and charts also where it is missing.
"""

from importlib import import_module
from typing import Any

from ..i18n import spoken
from ..utils.errors import need

__all__ = ["Playground", "PlaygroundState"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise spoken(AttributeError, "module {module!r} has no attribute {name!r}", module=__name__, name=name)
    need("ipywidgets", f"hfquick.{name}", "notebooks")
    return getattr(import_module(".state" if name == "PlaygroundState" else ".playground", __name__), name)
