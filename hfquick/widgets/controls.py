"""Controls of ipywidgets as the Playground has them: labelled, explained, and below each other where there is no room.

Only what ipywidgets 7.7 (Colab) and 8 share.
"""

from typing import Any

import ipywidgets as widgets


def row(*controls: Any) -> widgets.HBox:
    """Controls side by side, or below each other where the page is narrow."""
    return widgets.HBox(controls, layout=widgets.Layout(flex_flow="row wrap", align_items="center"))


def control(kind: type, label: str, tip: str, width: int = 0) -> Any:
    """A control with its label in front and an explanation on hovering.

    Beside others it takes at least `width` pixels and its share of what is left, whatever is written in it.
    """
    layout = widgets.Layout(width="auto", max_width="100%", margin="2px 12px 2px 0")
    if width:
        layout.width, layout.min_width, layout.flex = "0", "0", f"1 1 {width}px"
    made = kind(description=label, style={"description_width": "initial"}, layout=layout)
    explain(made, tip)
    return made


def explain(made: Any, tip: str) -> None:
    """What is shown where the pointer rests on a control."""
    made.set_trait("tooltip" if made.has_trait("tooltip") else "description_tooltip", tip)  # ipywidgets 8, 7


def show(made: Any, wanted: bool) -> None:
    made.layout.display = None if wanted else "none"
