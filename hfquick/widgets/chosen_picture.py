"""The picture that is chosen in the Playground, as traits that a view (or a test) sets and watches.

chosen.picture = "cat.png"                    # or a sample's id, or an address
chosen.upload("cat.png", content)             # or a file's bytes, which are not kept
chosen.seen, chosen.error, chosen.notice
"""

from typing import Any

from traitlets import Any as AnyTrait
from traitlets import Int, Unicode, observe, validate

from ..hub.downloads import is_url
from ..utils.errors import sentence
from .attempts import Attempts
from .pictures import Opened, opened_file, opened_upload, seen
from .uploads import too_large


class ChosenPicture(Attempts):
    """A picture that is opened as soon as it is chosen, and what is said about it."""

    picture = Unicode(help="the id of a sample, a path, an address, or the name of an upload")
    uploads = Int(0, help="how many files have been uploaded")
    seen = AnyTrait(None, allow_none=True, help="the picture as a page shows it; None as long as it was not opened")

    _opened: Opened | None = None

    @validate("picture")
    def _without_blanks(self, proposal: Any) -> str:
        return proposal["value"].strip()  # of an address that was copied from somewhere

    @observe("picture")
    def _picture_changed(self, change: Any) -> None:
        if self._opened and self._opened.name != self.picture:
            self._opened = None
        if self._opened is None:
            self.notice = ""  # what was said of another picture
        self.seen, self.error = None, ""
        if self.picture and not is_url(self.picture):  # the web is asked in a run only, which can be stopped
            self._attempt(self._open)

    @property
    def is_uploaded(self) -> bool:
        return self._opened is not None and self._opened.uploaded and self._opened.name == self.picture

    def upload(self, name: str, content: bytes) -> None:
        """A file that was uploaded becomes the picture; its bytes are not kept."""
        self.error = self.notice = ""
        name = name.strip() or "upload"  # as the trait will have it

        def take() -> None:
            self._opened = opened_upload(name, content)
            if self.picture == name:  # another file of that name
                self._picture_changed(None)
            self.picture = name
            self.uploads += 1

        self._attempt(take)

    def refuse_upload(self, name: str, size: int) -> None:
        """Say of a file that it has too many bytes: the page did not even send it."""
        self.error = sentence(too_large(name, size))

    def forget_picture(self) -> None:
        """Let go of an upload."""
        self._opened = self.seen = None

    def _open(self) -> Any:
        """The chosen picture; a file is read each time, for it may have changed."""
        if self._opened is None:
            image = opened_file(self.picture)
            if is_url(self.picture):
                self._opened = Opened(self.picture, image, uploaded=False)
        else:
            image = self._opened.image
        self.seen = seen(image)
        return image
