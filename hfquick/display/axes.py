"""Round numbers for the axes of a chart, and for what is said about it."""

import math

DRAWABLE = 1e300  # beyond it, even the difference of two values cannot be counted on


def number(value: float) -> str:
    """A number in three digits, in more where it is a whole one.

    >>> [number(value) for value in (0.41234, 12.345, 1234.5, 250, 5e-05)]
    ['0.412', '12.3', '1234', '250', '5e-05']
    """
    if math.isfinite(value) and (1000 <= abs(value) < 1e7 or (value == int(value) and abs(value) < 1e7)):
        return f"{value:.0f}"
    return f"{value:.3g}"


def spread(values: list[float], least: float = 0.0) -> tuple[float, float]:
    """The range of the values, widened where it is (nearly) a point, so that it can be divided by."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if high - low > max(1e-6 * abs(low), 1e-6 * abs(high), 1 / DRAWABLE):
        return low, high
    pad = least or abs(low) * 0.1 or 1.0
    return low - pad, high + pad


def ticks(low: float, high: float, most: int, whole: bool = False) -> list[tuple[float, str]]:
    """A range -> about `most` round numbers that enclose or fill it, each with its label; steps of 1, 2, 5, 10, 20 ...

    `whole` keeps to whole numbers within the range (steps); else the first and the last are on or just outside it.
    """
    exponent = math.floor(math.log10((high - low) / most))
    factor = next(factor for factor in (1, 2, 5, 10) if factor * 10.0**exponent * most >= (high - low) * (1 - 1e-9))
    if factor == 10:
        factor, exponent = 1, exponent + 1
    if whole and exponent < 0:
        factor, exponent = 1, 0
    unit = factor * 10.0**exponent
    if whole:
        first, last = math.ceil(low / unit - 1e-9), math.floor(high / unit + 1e-9)
    else:
        first, last = math.floor(low / unit + 1e-9), math.ceil(high / unit - 1e-9)
    return [(step * unit, _label(step * factor, exponent)) for step in range(first, last + 1)]


def _label(digits: int, exponent: int) -> str:
    """digits x 10^exponent, exact and short.

    >>> [_label(3, -1), _label(25, -2), _label(2, 2), _label(5, -6), _label(15, 20), _label(0, 9)]
    ['0.3', '0.25', '200', '5e-06', '1.5e+21', '0']
    """
    value = float(f"{digits}e{exponent}")
    if value == 0:
        return "0"
    if -4 <= exponent < 0:
        return f"{value:.{-exponent}f}"
    return f"{value:.0f}" if exponent >= 0 and abs(value) < 1e6 else f"{value:.15g}"
