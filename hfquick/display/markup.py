"""Safe pieces of HTML: texts of users and models are data, and every front end and theme can show them.

Inline styles only: a notebook that is not trusted yet, Colab and VS Code all keep those. Text has the page's colour;
a bar that of JupyterLab's theme, or else one that can be seen on white and on black.
"""

import html
from typing import Any

BAR = "#4285f4"
CELL = "padding:2px 12px 2px 0;text-align:left;vertical-align:top;line-height:1.4;"
TEXT = "white-space:pre-wrap;overflow-wrap:anywhere;min-width:6em;max-width:40em;font-weight:normal;"
MEASURED = '<div class="hfquick-measured">'  # notebooks do not compare what stands in it, as they compare no picture
LINE = '<div style="border-top:1px solid rgba(128,128,128,.4);margin:6px 0"></div>'  # between two results
NUMBER = "text-align:right;font-variant-numeric:tabular-nums;"
MOST_CHARACTERS = 500  # of one text in a table

_VISIBLE = {code: 0x2400 + code for code in range(32) if code not in (9, 10)}  # the bell becomes a small "BEL"
_VISIBLE |= {127: 0x2421, **dict.fromkeys(range(0x80, 0xA0), 0xFFFD)}


def escape(value: Any) -> str:
    """Any value -> its text as HTML; control characters are shown, not obeyed, and `$` never starts a formula.

    >>> escape("<b>bold</b> \\a")
    '&lt;b&gt;bold&lt;/b&gt; ␇'
    """
    safe = attribute(value)
    return safe.replace("$", "<span>$</span>").replace("\\", "<span>\\</span>")  # MathJax reads text nodes one by one


def attribute(value: Any) -> str:
    """Any value -> its text between the quotes of an attribute, or in SVG: where no other element may stand."""
    return html.escape(str(value).encode("utf-8", "replace").decode().translate(_VISIBLE))


def shorten(text: str, most: int = MOST_CHARACTERS) -> str:
    """A text -> its beginning, with a mark where it was cut."""
    return text if len(text) <= most else text[: most - 1] + "…"


def cell(content: str, tag: str = "td", style: str = "", **attributes: Any) -> str:
    """One table cell around HTML that is already safe."""
    extra = "".join(f' {name}="{html.escape(str(value))}"' for name, value in attributes.items())
    return f'<{tag}{extra} style="{CELL}{style}">{content}</{tag}>'


def table(head: list[tuple[str, int]], rows: list[str]) -> str:
    """Column names with the columns they span, and rows of cells -> a table that leaves colours to the page."""
    names = ""
    for name, span in head:
        over = {"scope": "colgroup", "colspan": span} if span > 1 else {"scope": "col"}
        names += cell(escape(name), "th", **over)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<table style="border-collapse:collapse"><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table>'


def bar(share: float) -> str:
    """A number from 0 to 1 -> a bar of that length. The number stands beside it, so readers aloud skip the bar."""
    colour = f"background-color:{BAR};background-color:var(--jp-brand-color1,{BAR})"
    full = f'<div style="width:{share:.1%};height:10px;{colour}"></div>'
    return f'<div aria-hidden="true" style="width:120px;border:1px solid {BAR};margin-top:4px">{full}</div>'


def score_cells(score: float) -> str:
    """A score from 0 to 1 -> two cells, the number and its bar."""
    number = cell(f"{score:.4f}", style=NUMBER)
    return number + cell(bar(min(max(score, 0.0), 1.0)))  # several windows can add up to more than 1


def mark(content: str, colour: str = "66,133,244") -> str:
    """HTML that is already safe -> the same on a colour, "red,green,blue", through which the page is seen."""
    style = f"background-color:rgba({colour},.25);border-bottom:2px solid rgb({colour});padding:0 2px;border-radius:3px"
    return f'<mark style="color:inherit;{style}">{content}</mark>'


def tint(share: float) -> str:
    """A number from 0 to 1 -> a style: a colour, stronger for a larger number, on which a text is still read."""
    return f"background-color:rgba(66,133,244,{0.55 * share:.3f});"


def shade(content: str, share: float, title: str) -> str:
    """HTML that is already safe -> the same on a tint, with a safe text that is shown where the pointer rests on it."""
    style = f"{tint(share)}border-bottom:2px solid rgba(66,133,244,.6);margin:0 1px;border-radius:3px"
    return f'<span title="{title}" style="{style}">{content}</span>'


def paragraph(content: str) -> str:
    """HTML that is already safe -> a paragraph that keeps line breaks, and runs in the direction of its letters."""
    return f'<div dir="auto" style="{TEXT}line-height:1.7;margin:4px 0">{content}</div>'
