"""One-line notices: printed, so that a learner sees them in the notebook, and never more than one line each."""

from threading import Lock

from ..i18n import plain, said

_said: set[str] = set()  # what was said in this process, by what it is about
_lock = Lock()


def say(line: str) -> None:
    """Print one line on stdout; names in it come from any file, so it is cut where it would not end."""
    print(plain(line), flush=True)


def say_once(line: str, about: str = "") -> None:
    """Print a line, unless this process has already said it, or something about the same."""
    key = about or line
    with _lock:
        new = key not in _said
        _said.add(key)
    if new:
        say(line)


def forget(about: str = "") -> None:
    """Forget what was said, as after a restart; or only what was said about something."""
    if about:
        _said.discard(about)
    else:
        _said.clear()


def short_list(names: list[str], most: int = 4) -> str:
    """Names on one line, the rest counted.

    >>> short_list(["a", "b", "c", "d", "e", "f"])
    'a, b, c, d and 2 more'
    """
    shown = ", ".join(plain(name, 100) for name in names[:most])
    return said("{names} and {count} more", names=shown, count=len(names) - most) if len(names) > most else shown
