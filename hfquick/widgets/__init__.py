"""Widgets for Jupyter. `Playground` is a pipeline with buttons."""

from ..errors import need

need("ipywidgets", "hfquick.Playground", "notebooks")

from .playground import Playground  # noqa: E402
from .state import PlaygroundState  # noqa: E402

__all__ = ["Playground", "PlaygroundState"]
