"""The pictures of the Playground, without its controls: the one that is chosen, what it looks like, what is said of it.

Of an uploaded file only the picture is kept, and only until another is chosen: not its bytes, nor what a camera wrote
into it. What a page shows is a small copy.
"""

import re
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

from ..display import markup
from ..display.picture import address, small
from ..hub.downloads import is_url
from ..i18n import N_, spoken
from ..i18n import gettext as _
from ..image_processing.pictures import FRAMES, open_picture
from ..utils.notices import forget
from ..zoo import PICTURES
from .uploads import check_size

if TYPE_CHECKING:
    from PIL.Image import Image

    from .state import PlaygroundState

MOST_LETTERS = 1000  # of a path or an address; what is longer is a picture in base64
PREVIEW = 144  # pixels of the longer side
THUMBNAIL = 96
OFFERED = 8  # samples, at most
SAMPLES = {  # file of an embedded picture -> its name on a button, and what it shows
    "boat.png": (N_("boat"), N_("a sailing boat on the sea")),
    "cat.png": (N_("cat"), N_("a cat in a room")),
    "lake.png": (N_("lake"), N_("two boats on a lake, and the sun")),
    "meadow.png": (N_("meadow"), N_("a cow, a dog and a bird on a meadow")),
    "playground.png": (N_("playground"), N_("a dog, a ball and a tree on a lawn")),
    "shelf.png": (N_("shelf"), N_("a cup, a book and a clock")),
    "strawberry.png": (N_("strawberry"), N_("a strawberry")),
    "street.png": (N_("street"), N_("a house and a tree, and a car and a person on a street")),
    "table.png": (N_("table"), N_("a birthday cake, a cup of coffee and an apple on a table")),
}


class Opened(NamedTuple):
    """A picture that was opened and is kept: an upload, of which nothing else is left, or what the web sent."""

    name: str  # as PlaygroundState.picture has it
    image: "Image"  # RGB
    uploaded: bool


class Seen(NamedTuple):
    """What a page shows of the chosen picture."""

    address: str  # a small copy, as data
    size: tuple[int, int]  # width and height of the picture itself, in pixels


def seen(image: "Image") -> Seen:
    """The picture as a page shows it."""
    copy = small(image, PREVIEW)
    return Seen(address(copy.image if copy else image), image.size)


def opened_file(name: str) -> Any:
    """The picture behind a sample's id, a path or an address; raises ValueError or OSError with a sentence."""
    if len(name) > MOST_LETTERS or name[:5].lower() == "data:":
        raise spoken(
            ValueError,
            "this is a picture itself and not its name; give a path or an address (https://...), or upload the picture",
        )
    forget(FRAMES)  # said for each picture that has several, also for the second one
    return open_picture(name)


def opened_upload(name: str, content: bytes) -> Opened:
    """The picture in an uploaded file."""
    check_size(name, len(content))
    forget(FRAMES)
    return Opened(name, open_picture({"bytes": content, "path": name}), uploaded=True)


# What is said and shown.


def named(picture: str) -> str:
    """What a sample is called: "hfquick/pictures/cat.png" is "cat"."""
    return _words(picture)[0]


def described(picture: str) -> str:
    """What a sample shows, as far as anybody has said it."""
    return _words(picture)[1]


def _words(picture: str) -> tuple[str, str]:
    file = PurePosixPath(picture)
    name, shows = SAMPLES.get(file.name, ("", "")) if picture.startswith(PICTURES) else ("", "")
    return (_(name), _(shows)) if name else (file.stem, file.stem)


def _said(state: "PlaygroundState") -> str:
    """The line below the chosen picture."""
    if not state.picture:
        return _("no picture yet")
    if state.seen is None:
        return _("shown when you press Run") if is_url(state.picture) else ""
    width, height = state.seen.size
    name = named(state.picture) if state.is_sample_picture else PurePosixPath(state.picture).name
    return _("{name}, {width} × {height} pixels", name=markup.shorten(name, 40), width=width, height=height)


def preview(state: "PlaygroundState") -> str:
    """The chosen picture, small, and below it what it is."""
    drawn = ""
    if state.seen is not None:
        crisp = ";image-rendering:pixelated" if max(state.seen.size) < PREVIEW else ""
        style = f"max-width:100%;max-height:{PREVIEW - 40}px;min-height:32px;object-fit:contain;margin:0{crisp}"
        shows = described(state.picture) if state.is_sample_picture else _("the chosen picture")
        drawn = f'<img alt="{markup.attribute(shows)}" style="{style}" src="{state.seen.address}">'
    words = f'<div style="font-size:85%;line-height:1.3;overflow-wrap:anywhere">{markup.escape(_said(state))}</div>'
    return f'<div style="color:var(--jp-ui-font-color1,inherit)">{drawn}{words}</div>'


def thumbnail_class(picture: str) -> str:
    """The class of a button that shows a sample: the same in every Playground of a page."""
    return "hfquick-picture-" + re.sub(r"[^a-z0-9]+", "-", picture.lower()).strip("-")


def thumbnails(pictures: list[str]) -> str:
    """The rules of style by which buttons show samples."""
    return f"<style>{''.join(map(_rule, pictures))}</style>"


@cache
def _rule(picture: str) -> str:
    copy = small(picture, THUMBNAIL)
    return f'.{thumbnail_class(picture)} {{background-image: url("{address(copy.image)}")}}\n' if copy else ""
