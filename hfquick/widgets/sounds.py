"""The sounds of the Playground, without its controls: the one that is chosen, its player, what is said of it.

What was uploaded or recorded is held in the memory of the kernel until another sound is chosen; no file, no notebook
and no state of a widget ever has it.
"""

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from ..audio_processing.sounds import Sound, open_sound
from ..display import markup
from ..display.sound import Clip, clip_of, player
from ..hub.downloads import is_url
from ..i18n import N_
from ..i18n import gettext as _
from ..zoo import SOUNDS
from .uploads import check_size

if TYPE_CHECKING:
    from .state import PlaygroundState

RECORDING = "recording.mp3"  # what the code calls a recording: browsers save the sound of a player as MP3
MOST_RECORDED = 30  # seconds
LONG = 60  # seconds; what is longer is read in chunks
CHUNK = 30  # seconds of one
OFFERED = 12  # samples, at most
SILENT = 100  # of 32768: no microphone that is switched on hears so little
SAMPLES = {  # file of an embedded sound -> what it is
    "account-en.ogg": N_("account, in English"),
    "compte-fr.ogg": N_("account, in French"),
    "hi-hat.ogg": N_("hi-hat"),
    "kick.ogg": N_("kick drum"),
    "snare.ogg": N_("snare drum"),
    "travel-en.ogg": N_("travel, in English"),
    "vacances-fr.ogg": N_("travel, in French"),
}


class Opened(NamedTuple):
    """A sound that was opened and is kept: what the page sent, or the web."""

    name: str  # as PlaygroundState.sound has it
    sound: Sound
    sent: bool  # by the page


def opened_file(name: str) -> Sound:
    """The sound behind a sample's id, a path or an address; raises ValueError or OSError with a sentence."""
    return open_sound(name)


def opened_upload(name: str, content: bytes) -> Opened:
    """The sound in an uploaded file."""
    check_size(name, len(content))
    return Opened(name, open_sound({"bytes": content, "path": name}), sent=True)


def seen(sound: Sound) -> Clip:
    """The sound as a page plays it; an error where it cannot be read."""
    return clip_of(sound)


def is_silent(clip: Clip | None) -> bool:
    return clip is not None and clip.peak < SILENT


def said_of_silence() -> str:
    return _("The recording is silent: is the microphone switched on, and is it the one that the browser uses?")


def named(sound: str) -> str:
    """What a sample is called: "hfquick/sounds/kick.ogg" is "kick drum"."""
    file = PurePosixPath(sound)
    return _(SAMPLES[file.name]) if sound.startswith(SOUNDS) and file.name in SAMPLES else file.stem


def said(state: "PlaygroundState") -> str:
    """The line below the player."""
    if not state.sound:
        return _("no sound yet")
    if state.clip is None:
        return _("heard when you press Run") if is_url(state.sound) else ""
    if state.is_recorded:
        return _("your recording, {seconds} s", seconds=f"{state.clip.seconds:.1f}")
    name = named(state.sound) if state.is_sample_sound else PurePosixPath(state.sound).name
    return _("{name}, {seconds} s", name=markup.shorten(name, 40), seconds=f"{state.clip.seconds:.1f}")


def preview(state: "PlaygroundState") -> str:
    """The player of the chosen sound, and below it what it is."""
    drawn = player(state.clip) if state.clip is not None else ""
    words = f'<div style="font-size:85%;line-height:1.3;overflow-wrap:anywhere">{markup.escape(said(state))}</div>'
    return f'<div style="color:var(--jp-ui-font-color1,inherit)">{drawn}{words}</div>'
