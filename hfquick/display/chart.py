"""Curves of a training run -> pictures. The same curves always give the same picture.

    Curves({"loss": [(10, 0.69), (20, 0.52)], "eval_loss": [(20, 0.55)]})

is a plain dict that Jupyter draws and that says the facts in words elsewhere. Losses share one panel, values from 0
to 1 (accuracy, F1) a second one, everything else has a panel of its own. Axes are linear and nothing is smoothed here:
what is drawn is what was measured. Where whoever measured gives a running mean, `faint` has the values behind it.
"""

import math
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from itertools import cycle
from typing import Any

from ..i18n import N_, gettext
from . import markup
from .axes import DRAWABLE, number, spread, ticks

Points = list[tuple[float, float]]  # (step, value), in the order in which they were measured

WIDTH, HEIGHT, LOW_HEIGHT = 380, 184, 104  # of a panel, in pixels before it is fitted to its place
LEFT, RIGHT, TOP, BOTTOM = 54, 20, 8, 34  # what axes and their labels need of it
MOST_POINTS = 300  # of one curve that are drawn; beyond that, of every stretch its lowest and its highest
MOST_DOTS = 30
COLOURS = ("#4285f4", "#d9690a", "#2e9455", "#a05ee0", "#d6457f", "#8a7a12")  # seen on white and on black
GREY = "#7a7a7a"  # the same, for axes where a front end has no theme
LINE = f"stroke:var(--jp-border-color1,{GREY})"
GRID = f"stroke:var(--jp-border-color2,{GREY}55)"
TEXT = f"fill:var(--jp-ui-font-color1,{GREY})"
RATES = ("learning_rate", "lr")
NO_CURVES = ("epoch", "step", "grad_norm", "total_flos")  # logged beside the curves
NO_CURVE_ENDINGS = ("_runtime", "_per_second")
AXES = (N_("step"), N_("epoch"))  # what is counted from left to right
SPANS = {
    "step": N_("{name} from {first} to {last} (steps {start} to {end})"),
    "epoch": N_("{name} from {first} to {last} (epochs {start} to {end})"),
}


class Curves(dict[str, Points]):
    """Name -> [(step, value), ...], drawn by Jupyter; `x` says what is counted: "step" or "epoch".

    `faint` has more points of some of these curves, for a thin line behind them.
    """

    def __init__(self, values: Any = (), x: str = "step") -> None:
        super().__init__(values)
        self.x = x
        self.faint: dict[str, Points] = {}

    @classmethod
    def from_logs(cls, log_history: Iterable[Mapping[str, Any]]) -> "Curves":
        """A trainer's log_history: every row holds its "step" and what was measured there."""
        made = cls()
        for row in log_history:
            made.add(row.get("step", 0), row)
        return made

    @classmethod
    def from_history(cls, history: Any) -> "Curves":
        """What Keras' `fit` returns: one value an epoch."""
        values = getattr(history, "history", history)
        return cls({name: list(enumerate(map(float, row), start=1)) for name, row in values.items()}, x="epoch")

    def add(self, step: float, values: Mapping[str, Any]) -> None:
        """One row of a log -> a point more on each of its curves. Times, counters and texts are no curves."""
        if "train_runtime" in values:  # the last row of a run sums it up
            return
        for name, value in values.items():
            value = value.item() if getattr(value, "ndim", None) == 0 else value  # of NumPy or a framework
            measured = isinstance(value, int | float) and not isinstance(value, bool)
            if measured and name not in NO_CURVES and not name.endswith(NO_CURVE_ENDINGS):
                self.setdefault(name, []).append((step, float(value)))

    def __repr__(self) -> str:
        return describe(self, self.x, say=str.format) or "no curves yet"  # English, as all data: nbval compares it

    def _repr_html_(self) -> str:
        return f"{markup.MEASURED}{draw(self, self.x)}</div>"


def draw(curves: Mapping[str, Points], x: str = "step", inline: bool = False) -> str:
    """Curves -> HTML: panels side by side, below each other where the page is narrow; empty without curves.

    Each is an image, which a notebook that is not trusted yet keeps; `inline` gives SVG that follows the page's theme.
    """
    steps = [step for points in curves.values() for step, _ in points]
    faint = getattr(curves, "faint", {})
    drawn = "".join(_panel(panel, x, spread(steps, least=1), inline, faint) for panel in panels(curves))
    return (
        f'<div style="display:flex;flex-wrap:wrap;align-items:flex-end;gap:8px 24px;line-height:1.4">{drawn}</div>'
        if drawn
        else ""
    )


def describe(curves: Mapping[str, Points], x: str = "step", say: Callable[..., str] = gettext) -> str:
    """Curves -> their facts in words, in the reader's language or with say=str.format in English.

    >>> describe({"loss": [(10, 0.6931), (250, 0.4123)], "eval_accuracy": [(250, 0.78125)]}, say=str.format)
    'loss from 0.693 to 0.412 (steps 10 to 250); eval_accuracy 0.781'
    """
    return say(N_("; ")).join(_facts(name, points, x, say) for name, points in curves.items() if points)


def _facts(name: str, points: Points, x: str, say: Callable[..., str]) -> str:
    good = [point for point in points if _is_drawable(point)]
    said = name
    if len(good) == 1:
        said = f"{name} {number(good[0][1])}"
    elif good:
        (start, first), (end, last) = good[0], good[-1]
        values = {"first": number(first), "last": number(last), "start": number(start), "end": number(end)}
        said = say(SPANS.get(x, SPANS["step"]), name=name, **values)
    if len(good) < len(points):
        place = next(step for step, value in points if not _is_drawable((step, value)))
        bad = {"bad": len(points) - len(good), "all": len(points), "place": number(place)}
        said += ", " + say(N_("{bad} of {all} values are not finite numbers, the first at {place}"), **bad)
    return said


def panels(curves: Mapping[str, Points]) -> list[dict[str, Points]]:
    """Which curves share a picture: losses; values from 0 to 1; each other one by itself, the learning rate last."""
    losses: dict[str, Points] = {}
    shares: dict[str, Points] = {}
    others: list[dict[str, Points]] = []
    rates: list[dict[str, Points]] = []
    for name, points in curves.items():
        if not points:
            continue
        if name == "loss" or name.endswith("_loss"):
            losses[name] = points
        elif name in RATES:
            rates.append({name: points})
        elif all(0 <= value <= 1 for _, value in points if math.isfinite(value)):
            shares[name] = points
        else:
            others.append({name: points})
    return [panel for panel in (losses, shares, *others, *rates) if panel]


def _panel(
    curves: dict[str, Points], x: str, span: tuple[float, float], inline: bool, faint: Mapping[str, Points]
) -> str:
    """One picture under its legend, over the steps that all panels share; single points are numbers in the legend."""
    box = '<div style="flex:1 1 360px;max-width:440px;min-width:0">'
    if all(len(points) == 1 for points in curves.values()):
        return f"{box}{_legend(curves)}</div>"
    said = markup.attribute(markup.shorten(describe(curves, x)))
    height = LOW_HEIGHT if curves.keys() & set(RATES) else HEIGHT
    if inline:
        picture = svg(curves, x, span, height, faint, f'role="img" aria-label="{said}"')
    else:
        data = b64encode(svg(curves, x, span, height, faint).encode()).decode()
        picture = f'<img alt="{said}" style="width:100%" src="data:image/svg+xml;base64,{data}">'
    return f"{box}{_legend(curves)}{picture}</div>"


def _legend(curves: dict[str, Points]) -> str:
    """Names with their lines and their last values, so that nobody needs to see the picture for those."""
    items = []
    for (name, points), colour in zip(curves.items(), cycle(COLOURS), strict=False):
        dash = "dashed" if _is_evaluation(name) else "solid"
        shape = f"display:inline-block;width:18px;border-top:3px {dash} {colour};margin:0 6px 4px 0"
        said = f"{markup.escape(markup.shorten(name, 60))} <b>{number(points[-1][1])}</b>"
        items.append(f'<span style="display:inline-block;margin-right:16px"><span style="{shape}"></span>{said}</span>')
    return " ".join(items)


def svg(
    curves: Mapping[str, Points],
    x: str,
    span: tuple[float, float],
    height: int,
    faint: Mapping[str, Points],
    attributes: str = "",
) -> str:
    """Curves -> one picture with axes, as wide as its place. It holds numbers only: names stand in the legend."""
    x_low, x_high = span
    behind = {name: thin(faint[name]) for name in curves if name in faint}
    seen = [*curves.values(), *behind.values()]
    y_low, y_high = spread([point[1] for points in seen for point in points if _is_drawable(point)])
    y_ticks = ticks(y_low, y_high, most=height // 36)
    y_low, y_high = min(y_low, y_ticks[0][0]), max(y_high, y_ticks[-1][0])
    right, bottom = WIDTH - RIGHT, height - BOTTOM

    def across(step: float) -> float:
        return LEFT + (step - x_low) / (x_high - x_low) * (right - LEFT)

    def up(value: float) -> float:
        return bottom - (value - y_low) / (y_high - y_low) * (bottom - TOP)

    drawn = []
    for value, label in y_ticks:
        y = up(value)
        drawn.append(f'<path d="M{LEFT},{y:.1f}H{right}" style="{GRID}"/>')
        drawn.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
    for step, label in ticks(x_low, x_high, most=6, whole=True):
        drawn.append(f'<path d="M{across(step):.1f},{bottom}v4" style="{LINE}"/>')
        drawn.append(f'<text x="{across(step):.1f}" y="{bottom + 16}" text-anchor="middle">{label}</text>')
    drawn.append(f'<text x="{right}" y="{bottom + 30}" text-anchor="end">{markup.attribute(gettext(x))}</text>')
    drawn.append(f'<path d="M{LEFT},{TOP}V{bottom}H{right}" fill="none" style="{LINE}"/>')
    for (name, row), colour in zip(curves.items(), cycle(COLOURS), strict=False):
        if name in behind:
            drawn.append(f'<g opacity="0.35">{_line(behind[name], across, up, colour, False, width=1)}</g>')
        drawn.append(_line(thin(row), across, up, colour, _is_evaluation(name)))
    attributes += f' viewBox="0 0 {WIDTH} {height}" font-family="system-ui,sans-serif" font-size="11" style="{TEXT}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{"".join(drawn)}</svg>'


def _line(
    points: Points,
    across: Callable[[float], float],
    up: Callable[[float], float],
    colour: str,
    dashed: bool,
    width: int = 2,
) -> str:
    """One curve: broken where a value is missing, with dots where there are few points or one stands alone."""
    path, dots = "", ""
    with_dots = dashed and len(points) <= MOST_DOTS
    there = [False, *map(_is_drawable, points), False]
    for (step, value), before, here, after in zip(points, there, there[1:], there[2:], strict=False):
        if not here:
            continue
        spot = across(step), up(value)
        path += f"{'L' if before else 'M'}{spot[0]:.1f},{spot[1]:.1f}"
        if with_dots or not (before or after):
            dots += f'<circle cx="{spot[0]:.1f}" cy="{spot[1]:.1f}" r="3" fill="{colour}"/>'
    dash = ' stroke-dasharray="6 3"' if dashed else ""
    style = f'fill="none" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round"{dash}'
    return (f'<path d="{path}" {style}/>' if path else "") + dots


def thin(points: Points, most: int = MOST_POINTS) -> Points:
    """At most about so many points: of every stretch the lowest and the highest, and a gap where there is one.

    No peak is lost, and drawing takes the same time however long the run is.
    """
    if len(points) <= most:
        return points
    size = math.ceil(len(points) / (most // 2))
    kept = {0, len(points) - 1}
    for start in range(0, len(points), size):
        stretch = range(start, min(start + size, len(points)))
        good = [index for index in stretch if _is_drawable(points[index])]
        if good:
            kept |= {min(good, key=lambda index: points[index][1]), max(good, key=lambda index: points[index][1])}
        if len(good) < len(stretch):
            kept.add(next(index for index in stretch if not _is_drawable(points[index])))
    return [points[index] for index in sorted(kept)]


def _is_drawable(point: tuple[float, float]) -> bool:
    return abs(point[1]) < DRAWABLE  # False for NaN as well


def _is_evaluation(name: str) -> bool:
    return name.startswith(("eval_", "val_", "test_"))
