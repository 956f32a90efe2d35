"""A streamer for notebooks: the text grows in one output, which a saved notebook holds whole."""

import time
from typing import Any

import numpy as np

from ..display import markup
from ..generation.streamers import TextStreamer
from .clicks import in_notebook

SECONDS = 0.1  # between two messages: a kernel that sends too many bytes a second is cut off by its server


class NotebookStreamer(TextStreamer):
    """Shows a text in a notebook while it is generated; elsewhere it prints it, as TextStreamer does.

    The options are those of TextStreamer: skip_prompt=True, skip_special_tokens=True.
    """

    def __init__(self, tokenizer: Any, skip_prompt: bool = False, **decode_options: Any) -> None:
        self._forget()
        super().__init__(tokenizer, skip_prompt, **decode_options)

    def _forget(self) -> None:
        self._handle: Any = None  # of the output that is shown now
        self._text, self._next = "", 0.0

    def put(self, tokens: Any) -> None:
        """Take in the prompt, with which a new output begins, or new tokens of one sequence."""
        if np.ndim(tokens) > 1:
            self._forget()
        super().put(tokens)

    def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
        """Add new text to the output, at once or with what follows soon; `stream_end` closes it."""
        if not in_notebook():
            return super().on_finalized_text(text, stream_end)
        self._text += text
        now = time.monotonic()
        if stream_end or (text and now >= self._next):
            self._next = now + SECONDS
            self._show()
        if stream_end:
            self._forget()
        return None

    def _show(self) -> None:
        from IPython.display import display

        data = {"text/plain": self._text, "text/html": markup.paragraph(markup.escape(self._text))}
        if self._handle is None:
            self._handle = display(data, raw=True, display_id=True)
        else:
            self._handle.update(data, raw=True)
