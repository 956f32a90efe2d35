"""Closing of widgets: a box that is closed closes what is in it, too."""

from typing import Any


def close_inside(box: Any) -> None:
    """Close all that a widget is made of: the widgets in it, their layouts and styles.

    ipywidgets closes the box alone, and the kernel keeps the others, with a channel to the browser for each.
    """
    for child in getattr(box, "children", ()):
        close_inside(child)
        child.close()
    for name in ("layout", "style"):
        part = getattr(box, name, None)
        if part is not None:
            part.close()
