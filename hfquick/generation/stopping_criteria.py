"""When a text is at its end: a token that says so, a string, or the longest length."""

from typing import Any

import numpy as np

from .configuration import GenerationConfig


class Stopping:
    """Texts (R, L) -> True for those at their end (R,); padding is -1."""

    def __init__(self, config: GenerationConfig, max_length: int, tokenizer: Any = None) -> None:
        self.ends = np.array(config.eos_token_ids, dtype=np.int64)
        self.max_length = max_length
        strings = config.stop_strings
        self.strings = [strings] if isinstance(strings, str) else list(strings or [])
        self.tokenizer = tokenizer
        if self.strings and tokenizer is None:
            raise ValueError(
                f"stop_strings is {strings!r}, and without a tokenizer nobody knows what the tokens spell; "
                "try generate(..., tokenizer=tokenizer)"
            )
        # A letter may be four tokens (an emoji, byte by byte); more of a text's end need not be looked at.
        self.longest = 4 * max(map(len, self.strings), default=0) + 1

    def __call__(self, texts: np.ndarray) -> np.ndarray:
        if texts.shape[1] >= self.max_length:
            return np.ones(len(texts), bool)
        done = np.isin(texts[:, -1], self.ends)
        if self.strings:
            done |= [self.has_string(text) for text in texts]
        return done

    def has_string(self, text: np.ndarray) -> bool:
        """Whether the last token completes one of the strings; one that the prompt holds does not count."""
        end = [int(token) for token in text[-self.longest :] if token >= 0]
        before, now = (self.tokenizer.decode(ids, clean_up_tokenization_spaces=False) for ids in (end[:-1], end))
        # A letter of several tokens stands as U+FFFD in `before`, until it is whole.
        start = len(before.rstrip("\ufffd"))
        return any((place := now.rfind(string)) >= 0 and place + len(string) > start for string in self.strings)
