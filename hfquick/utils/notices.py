"""One-line notices: printed, so that a learner sees them in the notebook, and never more than one line each."""

from ..i18n import said


def say(line: str) -> None:
    """Print one line on stdout."""
    print(line, flush=True)


def short_list(names: list[str], most: int = 4) -> str:
    """Names on one line, the rest counted.

    >>> short_list(["a", "b", "c", "d", "e", "f"])
    'a, b, c, d and 2 more'
    """
    shown = ", ".join(names[:most])
    return said("{names} and {count} more", names=shown, count=len(names) - most) if len(names) > most else shown
