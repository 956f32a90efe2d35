"""The recorder of the Playground: a microphone in the page, or a file that a phone records or that there is already.

A browser gives a microphone only to pages of https and to those of this computer, and not to every frame. Where it
gives none, the same button opens a file field, which on a phone opens its own recorder, and the page says why. What
Python does not read (the M4A of a phone, WebM) the browser decodes, so that it always sends what `open_sound` takes.

What came from the page goes back to its players in a message, for the state of a widget may be saved in a notebook.

anywidget brings the lines into the page. Where it is not installed, and on Colab, whose frame has no microphone, there
is the button of ipywidgets instead, and a line that says so.
"""

import sys
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..display.sound import Clip
from ..i18n import gettext as _
from .sounds import MOST_RECORDED
from .uploads import MOST_BYTES

CODE = Path(__file__).with_suffix(".js")
STYLE = """<style>
.hfquick-recorder {display: flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; line-height: 1.4;
  color: var(--jp-ui-font-color1, inherit)}
.hfquick-recorder button {width: auto; min-width: 148px}
.hfquick-recorder .hfquick-records {outline: 2px solid #d93025; outline-offset: 1px}
.hfquick-level {display: inline-flex; align-items: center; gap: 8px; font-variant-numeric: tabular-nums}
.hfquick-recorder [hidden] {display: none !important}
.hfquick-recorder-told {flex: 1 1 220px}
</style>"""

# Name of a file, its size, whether it was recorded, and its bytes unless there are too many.
Received = Callable[[str, int, bool, bytes | None], None]


def recorder(received: Received, asked: Callable[[], None]) -> Any:
    """The part of a widget that records and uploads, or None where the page cannot have it.

    `asked` is called where the page shows it anew, and has to be given the sound once more.
    """
    if "google.colab" in sys.modules or find_spec("anywidget") is None:
        return None
    part = _part()(words=words(), most_bytes=MOST_BYTES, most_seconds=MOST_RECORDED)

    def message(widget: Any, content: Any, buffers: Any) -> None:
        if content.get("asks"):
            asked()
            return
        name, size, recorded = (content[key] for key in ("name", "size", "recorded"))
        received(name, size, recorded, bytes(buffers[0]) if buffers else None)

    part.on_msg(message)
    return part


def give(part: Any, clip: Clip | None) -> None:
    """Give the players around a recorder the sound that came from the page; or take it from them."""
    content, kind = clip.file if clip is not None else (b"", "")
    part.send({"kind": kind}, [content] if content else [])


def why_no_player() -> str:
    """What stands in place of a player, where there is no recorder that gives it its sound."""
    return _("No player here: your sound would be saved with the notebook.")


def why_not() -> str:
    """Why there is no recorder, where there is none."""
    if "google.colab" in sys.modules:
        return _("No recorder here: Colab shows this in a frame without a microphone. Record elsewhere and upload it.")
    return _("No recorder here: it needs anywidget (pip install anywidget). Record elsewhere and upload it.")


def words() -> dict[str, str]:
    """What the page says. `{now}`, `{most}` and `{name}` are filled in there."""
    there = _("The button opens the recorder of a phone; on a computer it asks for a file.")
    instead = _("The button beside it opens the recorder of a phone; on a computer it asks for a file.")
    return {
        "record": _("● Record"),
        "record_tip": _("With the microphone of this computer, {most} seconds at most", most=MOST_RECORDED),
        "stop": _("■ Stop recording"),
        "stop_tip": _("Keep what was recorded; Escape drops it"),
        "upload": _("Upload a sound"),
        "upload_tip": _("A file of this computer: it stays in this notebook's kernel"),
        "device": _("Recorder of this device"),
        "device_tip": there,
        "asking": _("Allow the microphone in your browser ..."),
        "opening": _("Opening the file ..."),
        "recording": _("Recording. Stop keeps it, Escape drops it."),
        "full": _("{most} seconds are the most: the recording is complete.", most=MOST_RECORDED),
        "lost": _("The microphone is gone; what it heard until then is kept."),
        "dropped": _("Nothing was kept."),
        "clock": _("{now} of {most} s"),
        "insecure": _("No microphone: a browser gives one only to pages of https and of this computer.") + " " + there,
        "framed": _("No microphone: the frame in which this notebook is shown refuses it.") + " " + there,
        "forbidden": _("The microphone was refused, by you or by the browser; it can be allowed there.")
        + " "
        + instead,
        "none": _("No microphone was found.") + " " + instead,
        "silent": _("The browser begins no sound: it may need loudspeakers or headphones that are switched on.")
        + " "
        + instead,
        "failed": _("The microphone cannot be opened ({name}).") + " " + instead,
    }


@cache
def _part() -> Any:
    import anywidget
    from traitlets import Dict, Int

    class Recorder(anywidget.AnyWidget):
        """A microphone, and a file field."""

        _esm = CODE.read_text(encoding="utf-8")
        words = Dict().tag(sync=True)
        most_bytes = Int().tag(sync=True)
        most_seconds = Int().tag(sync=True)

    return Recorder
