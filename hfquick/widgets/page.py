"""What a widget can only do in the page itself, by some lines of JavaScript: its keys, what is read aloud, uploads.

JupyterLab's shortcuts act on every focused element that is not text: on a list, the key x would cut the whole cell.
A focused element with the attribute `data-lm-suppress-shortcuts` keeps its keys to itself. And readers aloud only speak
what changes in a region that was there before, so that one must be marked when the widget appears. A file that is too
large must be refused before it is sent: Jupyter's server would close the connection to the kernel without a word.

anywidget brings the lines into the page. Where it is not installed, and on Colab, which has no such shortcuts and asks
for a permission first, widgets work without them.
"""

import sys
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

CODE = Path(__file__).with_suffix(".js")


Received = Callable[[str, int, bytes | None], None]  # name and size of a file; its bytes, unless it is too large


def marks(root: str, code_label: str = "", received: Received | None = None, most_bytes: int = 0) -> list[Any]:
    """The part that marks the page around it: a child for the widget with the class `root`, or nothing where it cannot.

    `code_label` is how readers aloud call the box of code. With `received`, the button of the class "hfquick-upload"
    asks for a file and sends it in one message, which no state of a widget ever holds.
    """
    if "google.colab" in sys.modules or find_spec("anywidget") is None:
        return []
    part = _part()(root=root, code_label=code_label, most_bytes=most_bytes)
    if received is not None:

        def message(widget: Any, content: Any, buffers: Any) -> None:
            received(content["name"], content["size"], bytes(buffers[0]) if buffers else None)

        part.on_msg(message)
    return [part]


@cache
def _part() -> Any:
    import anywidget
    from traitlets import Int, Unicode

    class PageMarks(anywidget.AnyWidget):
        """Marks the widget in which it lies."""

        _esm = CODE.read_text(encoding="utf-8")
        root = Unicode().tag(sync=True)
        code_label = Unicode().tag(sync=True)
        most_bytes = Int().tag(sync=True)

    return PageMarks
