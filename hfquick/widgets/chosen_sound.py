"""The sound that is chosen in the Playground, as traits that a view (or a test) sets and watches.

chosen.sound = "speech.wav"                          # or a sample's id, or an address
chosen.upload_sound("speech.mp3", content)           # or a file's bytes
chosen.record(content)                               # or what a microphone heard, as the bytes of a WAV
chosen.clip, chosen.error, chosen.notice

What was uploaded or recorded is kept in memory until another sound is chosen, and written nowhere. What a pipeline made
of it has a copy, and goes with it.
"""

from typing import Any

from traitlets import Any as AnyTrait
from traitlets import Int, Unicode, observe, validate

from ..hub.downloads import is_url
from ..utils.errors import sentence
from .attempts import Attempts
from .sounds import RECORDING, Opened, is_silent, opened_file, opened_upload, said_of_silence, seen
from .uploads import too_large


class ChosenSound(Attempts):
    """A sound that is opened as soon as it is chosen, and what is said about it."""

    sound = Unicode(help="the id of a sample, a path, an address, or the name of an upload")
    sounds_sent = Int(0, help="how many files and recordings have come from the page")
    clip = AnyTrait(None, allow_none=True, help="the sound as a page plays it; None as long as it was not opened")
    result = AnyTrait(None, allow_none=True, help="what the pipeline gave")

    _opened_sound: Opened | None = None

    @validate("sound")
    def _sound_without_blanks(self, proposal: Any) -> str:
        return proposal["value"].strip()

    @observe("sound")
    def _sound_changed(self, change: Any) -> None:
        if self._opened_sound and self._opened_sound.name != self.sound:
            self._let_go()
        self.clip = None
        if not self.sound:
            return  # what there is to say is of the picture or the text that was chosen instead
        if self._opened_sound is None:
            self.notice = ""  # what was said of another sound
        self.error = ""
        if not is_url(self.sound):  # the web is asked in a run only, which can be stopped
            self._attempt(self._open_sound)

    @property
    def holds_sent(self) -> bool:
        """Whether an upload or a recording is held; the clip and the result are then of it, or will be."""
        return self._opened_sound is not None and self._opened_sound.sent

    @property
    def is_sent(self) -> bool:
        """Whether the sound came from the page: an upload, or a recording."""
        opened = self._opened_sound
        return opened is not None and opened.sent and opened.name == self.sound

    @property
    def is_recorded(self) -> bool:
        return self.is_sent and self.sound == RECORDING

    def upload_sound(self, name: str, content: bytes) -> None:
        """A file that was uploaded becomes the sound."""
        self.error = self.notice = ""
        name = name.strip() or "upload"  # as the trait will have it

        def take() -> None:
            opened = opened_upload(name, content)
            self._let_go()
            self._opened_sound = opened
            if self.sound == name:  # another file of that name
                self._sound_changed(None)
            self.sound = name
            self.sounds_sent += 1
            if name == RECORDING and is_silent(self.clip):
                self.notice = said_of_silence()

        self._attempt(take)

    def record(self, content: bytes) -> None:
        """What a microphone heard becomes the sound."""
        self.upload_sound(RECORDING, content)

    def refuse_sound(self, name: str, size: int) -> None:
        """Say of a file that it has too many bytes: the page did not even send it."""
        self.error = sentence(too_large(name, size))

    def forget_sound(self) -> None:
        """Let go of an upload or a recording."""
        self._let_go()
        self.clip = None

    def _let_go(self) -> None:
        """Let go of the sound that was opened, and where it came from the page of all that has a copy."""
        if self.holds_sent:  # until they are gone: a view may look at each change
            self.clip = self.result = None
        self._opened_sound = None

    def _open_sound(self) -> Any:
        """The chosen sound; a file is opened each time, for it may have changed."""
        if self._opened_sound is None:
            sound = opened_file(self.sound)
            if is_url(self.sound):
                self._opened_sound = Opened(self.sound, sound, sent=False)
        else:
            sound = self._opened_sound.sound
        self.clip = seen(sound)
        return sound
