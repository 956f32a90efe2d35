"""The controls of the Playground with which a sound is chosen: samples, recorder, upload, a path or an address."""

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from ..display import markup
from ..display.sound import without_sounds
from ..i18n import gettext as _
from .closing import close_inside
from .controls import control, explain, row, show
from .recorder import STYLE, give, recorder, why_no_player, why_not
from .sounds import OFFERED, named, preview
from .state import PlaygroundState
from .uploads import empty, uploads


class SoundControls:
    """`controls` are for choosing a sound, one below the other; the last of them plays it."""

    def __init__(self, state: PlaygroundState, attempt: Callable[..., None]) -> None:
        """`attempt` calls a function with its arguments, and shows what goes wrong."""
        self.state, self.attempt = state, attempt
        self.preview, self.samples, style = widgets.HTML(), row(), widgets.HTML(STYLE)
        self.preview.add_class("hfquick-preview")
        self.recorder = recorder(self.receive, self._give)
        if self.recorder is None:
            self.upload = widgets.FileUpload(accept="audio/*", multiple=False, description=_("Upload a sound"))
            self.upload.layout.width = "auto"
            explain(self.upload, _("A file of this computer: it stays in this notebook's kernel"))
            self.upload.observe(self._upload_changed, names="value")
            self.sources = row(self.upload, widgets.HTML(f"<small>{markup.escape(why_not())}</small>"))
        else:
            self.sources = row(self.recorder)
        tip = _("Of a sound: speech.wav, https://..., or the id of a sample")
        self.name = control(widgets.Text, _("Path or address"), tip, width=220)
        self.name.continuous_update = False
        self.controls = [style, self.samples, self.sources, row(self.name), self.preview]
        self._offered: list[str] = []
        state.observe(self._give, names="clip")

    def receive(self, name: str, size: int, recorded: bool, content: bytes | None) -> None:
        """A sound came from the page; or its name and size alone, where it has too many bytes."""
        if content is None:
            self.attempt(self.state.refuse_sound, name, size)
        elif recorded:
            self.attempt(self.state.record, content)
        else:
            self.attempt(self.state.upload_sound, name, content)

    def _upload_changed(self, change: Any) -> None:
        """A file in the button of ipywidgets."""
        for name, content in uploads(self.upload.value):
            empty(self.upload)
            self.receive(name, len(content), False, content)

    def _give(self, change: Any = None) -> None:
        """What came from the page is played there."""
        if self.recorder is not None and self.state.holds_sent:
            give(self.recorder, self.state.clip)

    def unsaved(self, drawn: str) -> str:
        """HTML as the state of a widget may have it, which may be saved: without a sound that came from the page."""
        if not self.state.holds_sent:
            return drawn
        instead = f"<small>{markup.escape(why_no_player())}</small>" if self.recorder is None else ""
        return without_sounds(drawn, instead)

    def draw(self) -> None:
        """State -> what is seen."""
        sounds = self.state.row.reads_sound
        for part in self.controls:
            show(part, sounds)
        if sounds:
            self.name.value, self.preview.value = self.state.sound, self.unsaved(preview(self.state))
            self._offer(self.state.sounds[:OFFERED])

    def _offer(self, sounds: list[str]) -> None:
        """The buttons of the samples."""
        if self._offered != sounds:
            self._offered = sounds
            for button in self.samples.children:
                close_inside(button)
                button.close()
            self.samples.children = [self._sample(sound) for sound in sounds]
        for sound, button in zip(sounds, self.samples.children, strict=True):
            chosen = self.state.is_sample_sound and sound == self.state.sound
            button.description = ("✓ " if chosen else "♪ ") + named(sound)
            (button.add_class if chosen else button.remove_class)("hfquick-chosen")

    def _sample(self, sound: str) -> Any:
        button = widgets.Button(tooltip=_("Take this sound: {name}", name=named(sound)))
        button.layout.width = "auto"
        button.on_click(lambda button: self.attempt(self.state.take, sound))
        return button
