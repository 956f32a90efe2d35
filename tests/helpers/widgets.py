"""What ipywidgets itself knows of the widgets there are."""

from collections.abc import Mapping
from typing import Any

import pytest


def open_widgets() -> Mapping[str, Any]:
    """All widgets that are not closed, now and later: ipywidgets 8 keeps them in a module, 7 in a class."""
    module = pytest.importorskip("ipywidgets.widgets.widget")
    found: Mapping[str, Any] = module._instances if hasattr(module, "_instances") else module.Widget.widgets
    return found
