"""Files that a page sends: how large they may be, and what the button of ipywidgets holds."""

from typing import Any

from ..i18n import spoken

MOST_BYTES = 10_000_000  # of an upload: Jupyter's server closes the connection at a message of more than 10 MiB


def check_size(name: str, size: int) -> None:
    """Raise ValueError for a file that has more bytes than may be uploaded."""
    if size > MOST_BYTES:
        raise too_large(name, size)


def too_large(name: str, size: int) -> ValueError:
    """The error for a file that has more bytes than may be uploaded."""
    return spoken(
        ValueError,
        "the file {name!r} has {size:.1f} MB, and the Playground takes uploads of {most:.0f} MB; make it smaller, or "
        "put it into the folder of this notebook and write its name",
        name=name,
        size=size / 1e6,
        most=MOST_BYTES / 1e6,
    )


def uploads(value: Any) -> list[tuple[str, bytes]]:
    """Names and bytes of what an upload button holds: a dict in ipywidgets 7, a tuple of dicts in 8."""
    files = value.values() if isinstance(value, dict) else value
    return [(file.get("metadata", file)["name"], bytes(file["content"])) for file in files]


def empty(button: Any) -> None:
    """Take the bytes out of an upload button, here and in the page."""
    if button.has_trait("data"):  # ipywidgets 7, which makes its value of these as the counter changes
        button.metadata, button.data, button._counter = [], [], 0
    else:
        button.value = ()
