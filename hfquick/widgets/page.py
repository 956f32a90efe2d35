"""What a widget can only do in the page itself, by some lines of JavaScript: its keys, and what is read aloud.

JupyterLab's shortcuts act on every focused element that is not text: on a list, the key x would cut the whole cell.
A focused element with the attribute `data-lm-suppress-shortcuts` keeps its keys to itself. And readers aloud only speak
what changes in a region that was there before, so that one must be marked when the widget appears.

anywidget brings the lines into the page. Where it is not installed, and on Colab, which has no such shortcuts and asks
for a permission first, widgets work without them.
"""

import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

CODE = Path(__file__).with_suffix(".js")


def marks(root: str, code_label: str = "") -> list[Any]:
    """The part that marks the page around it: a child for the widget with the class `root`, or nothing where it cannot.

    `code_label` is how readers aloud call the box of code.
    """
    if "google.colab" in sys.modules or find_spec("anywidget") is None:
        return []
    return [_part()(root=root, code_label=code_label)]


@cache
def _part() -> Any:
    import anywidget
    from traitlets import Unicode

    class PageMarks(anywidget.AnyWidget):
        """Marks the widget in which it lies."""

        _esm = CODE.read_text(encoding="utf-8")
        root = Unicode().tag(sync=True)
        code_label = Unicode().tag(sync=True)

    return PageMarks
