"""Colours of what is found in a picture: those of Okabe and Ito (2008), which colour-blind people tell apart.

Colour alone says nothing here: boxes have dashes of their own too, and everything has a number that the table repeats.
"""

# Blue, vermilion and green are also seen on a white and on a black page; yellow and black of the eight are left out.
COLOURS = ("#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#0072b2")
DASHES = ("", "9 4", "3 3", "12 3 3 3", "6 6")  # as many as have no common divisor with the colours
BORDERS = ("solid", "dashed", "dotted", "double", "dashed")  # what is nearest to them in CSS


def colour(index: int) -> str:
    """The colour of the thing with this number, "#rrggbb"."""
    return COLOURS[index % len(COLOURS)]


def dash(index: int) -> str:
    """Its dashes, as SVG has them; the first is a line without gaps."""
    return DASHES[index % len(DASHES)]


def rgb(index: int) -> tuple[int, int, int]:
    """Its colour as red, green, blue, 0 to 255."""
    value = int(colour(index)[1:], 16)
    return value >> 16, value >> 8 & 255, value & 255


def swatch(index: int) -> str:
    """The line in that colour which stands in a table; what it says is in the number beside it."""
    line = f"{BORDERS[index % len(BORDERS)]} {colour(index)}"
    style = f"display:inline-block;width:20px;border-top:4px {line};vertical-align:middle;margin-right:6px"
    return f'<span aria-hidden="true" style="{style}"></span>'
