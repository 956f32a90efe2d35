"""What may go wrong in a widget, or print something: both belong into it, and not under some cell of the notebook."""

from collections.abc import Callable
from contextlib import redirect_stdout
from io import TextIOBase
from typing import Any

from traitlets import HasTraits, Unicode

from ..i18n import gettext as _
from ..utils.errors import sentence


class Attempts(HasTraits):
    """Traits for what was printed and for what went wrong."""

    notice = Unicode(help="what the library printed meanwhile, and whether the model is a stand-in")
    error = Unicode(help="one sentence, when it went wrong")

    def _attempt(self, work: Callable[[], Any]) -> None:
        """Do something that may fail, and that may print."""
        try:
            with redirect_stdout(_Lines(self)):
                work()
        except KeyboardInterrupt:
            self.error = _("Stopped.")
        except Exception as error:
            self.error = sentence(error)


class _Lines(TextIOBase):
    """A stdout that writes into `notice`, as it comes."""

    def __init__(self, state: Attempts) -> None:
        self.state = state

    def write(self, text: str) -> int:
        self.state.notice = (self.state.notice + text).lstrip("\n")
        return len(text)
