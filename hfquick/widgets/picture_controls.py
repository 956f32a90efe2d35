"""The controls of the Playground with which a picture is chosen: samples, an upload, a path or an address.

A sample is a button that shows it, so that it is reached by mouse and by keyboard, and read aloud by its name.
"""

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from ..i18n import gettext as _
from .closing import close_inside
from .controls import control, explain, row, show
from .pictures import OFFERED, described, named, preview, thumbnail_class, thumbnails
from .state import PlaygroundState
from .uploads import empty, uploads

STYLE = """<style>
.hfquick-thumbnail {width: 96px; height: 76px; margin: 2px 6px 2px 2px; padding: 54px 2px 0; line-height: 20px;
  overflow: hidden; text-overflow: ellipsis; white-space: nowrap; text-align: center;
  background-color: var(--jp-layout-color1, #fff); background-repeat: no-repeat; background-position: center 4px;
  background-size: auto 50px; border: 1px solid var(--jp-border-color1, #bdbdbd);
  color: var(--jp-ui-font-color1, #212121)}
.hfquick-chosen {border: 2px solid var(--jp-brand-color1, #1a73e8); font-weight: bold}
</style>"""


class PictureControls:
    """`preview` shows the chosen picture; `controls` are for choosing it, one below the other."""

    def __init__(self, state: PlaygroundState, attempt: Callable[..., None]) -> None:
        """`attempt` calls a function with its arguments, and shows what goes wrong."""
        self.state, self.attempt = state, attempt
        self.preview, self.thumbnails, self.style = widgets.HTML(), row(), widgets.HTML()
        self.preview.add_class("hfquick-preview")
        self.upload = widgets.FileUpload(accept="image/*", multiple=False, description=_("Upload"))
        self.upload.add_class("hfquick-upload")
        self.upload.layout.margin = "2px 12px 2px 2px"
        explain(self.upload, _("A picture of this computer: it stays in this notebook's kernel"))
        self.upload.observe(self._upload_changed, names="value")
        tip = _("Of a picture: cat.png, https://..., or the id of a sample")
        self.name = control(widgets.Text, _("Path or address"), tip, width=220)
        self.name.continuous_update = False
        self.place = row(self.upload, self.name)
        self.controls = [self.style, self.thumbnails, self.place]
        self._offered: list[str] = []

    def receive(self, name: str, size: int, content: bytes | None) -> None:
        """A file came from the page; or its name and size alone, where it has too many bytes."""
        if content is None:
            self.attempt(self.state.refuse_upload, name, size)
        else:
            self.attempt(self.state.upload, name, content)

    def _upload_changed(self, change: Any) -> None:
        """A file in the button itself: where the page could not be marked, which else sends it to `receive`."""
        for name, content in uploads(self.upload.value):
            empty(self.upload)
            self.receive(name, len(content), content)

    def draw(self) -> None:
        """State -> what is seen."""
        pictured = self.state.row.reads_picture
        for part in (self.preview, self.thumbnails, self.place):
            show(part, pictured)
        if pictured:
            self.name.value, self.preview.value = self.state.picture, preview(self.state)
            self._offer(self.state.pictures[:OFFERED])

    def _offer(self, pictures: list[str]) -> None:
        """The buttons of the samples."""
        if self._offered != pictures:
            self._offered = pictures
            for button in self.thumbnails.children:
                close_inside(button)
                button.close()
            self.style.value = STYLE + thumbnails(pictures)
            self.thumbnails.children = [self._thumbnail(picture) for picture in pictures]
        for picture, button in zip(pictures, self.thumbnails.children, strict=True):
            chosen = self.state.is_sample_picture and picture == self.state.picture
            button.description = ("✓ " if chosen else "") + named(picture)
            (button.add_class if chosen else button.remove_class)("hfquick-chosen")

    def _thumbnail(self, picture: str) -> Any:
        button = widgets.Button(tooltip=described(picture))
        button.add_class("hfquick-thumbnail")
        button.add_class(thumbnail_class(picture))
        button.on_click(lambda button: self.attempt(self.state.choose, picture))
        return button
