"""Streamers: given every token as it is generated, so that a user need not wait for the end.

    model.generate(**tokenizer("Once upon", return_tensors="pt"), streamer=TextStreamer(tokenizer))

A streamer has `put(tokens)`, called with the prompt (1, L) first and then with each new token (1,), and `end()`. To
send words elsewhere than to the screen, override `on_finalized_text`.
"""

import sys
from typing import Any

import numpy as np

from ..i18n import spoken
from ..utils.text import is_cjk


class TextStreamer:
    """Prints a text word by word: a word is shown when the token after it has come, because only then it is complete.

    `skip_prompt=True` leaves out the prompt; other options go to `tokenizer.decode` (skip_special_tokens=True).
    """

    def __init__(self, tokenizer: Any, skip_prompt: bool = False, **decode_options: Any) -> None:
        self.tokenizer, self.skip_prompt, self.decode_options = tokenizer, skip_prompt, decode_options
        self._start()

    def _start(self) -> None:
        self.tokens: list[int] = []  # of the current line
        self.shown = 0  # how many of its characters were shown
        self.is_prompt = True  # what comes next is the prompt

    def put(self, tokens: Any) -> None:
        """Take in the prompt or new tokens of one sequence, and show the words that are complete now."""
        tokens = np.asarray(tokens)
        if tokens.ndim > 1:  # a prompt: what is left of a text that was stopped is over
            self._start()
        if tokens.ndim > 1 and len(tokens) > 1:
            raise spoken(
                ValueError,
                "{count} texts are generated at once, a TextStreamer shows one; give one prompt",
                count=len(tokens),
            )
        is_prompt, self.is_prompt = self.is_prompt, False
        if is_prompt and self.skip_prompt:
            return
        self.tokens += map(int, tokens.reshape(-1))
        text = self.tokenizer.decode(self.tokens, **self.decode_options)
        end = complete_words(text)
        self.on_finalized_text(text[self.shown : end])
        self.shown = max(self.shown, end)
        if text.endswith("\n"):  # a new line: what was shown need not be decoded again
            self.tokens, self.shown = [], 0

    def end(self) -> None:
        """Show the rest, and be ready for another text."""
        text = self.tokenizer.decode(self.tokens, **self.decode_options) if self.tokens else ""
        rest = text[self.shown :]
        self._start()
        self.on_finalized_text(rest, stream_end=True)

    def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
        """Show new text (it may be empty); `stream_end` says that it is the last."""
        sys.stdout.write(text + ("\n" if stream_end else ""))
        sys.stdout.flush()


def complete_words(text: str) -> int:
    """Up to which index a text is final: after its last space, or its end where words have no spaces."""
    if text.endswith("\n") or (text and is_cjk(text[-1])):
        return len(text)
    return text.rfind(" ") + 1
