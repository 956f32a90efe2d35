"""Stopping criteria: a sequence ends with an end-of-sequence token, a stop string, or at the maximum length."""

from typing import Any

import numpy as np

from ..i18n import spoken
from .configuration import GenerationConfig


class StoppingCriteria:
    """Sequences (R, L) -> True for those that have ended (R,); padding is -1."""

    def __init__(self, config: GenerationConfig, max_length: int, tokenizer: Any = None) -> None:
        self.eos_token_ids = np.array(config.eos_token_ids, dtype=np.int64)
        self.max_length = max_length
        strings = config.stop_strings
        self.strings = [strings] if isinstance(strings, str) else list(strings or [])
        self.tokenizer = tokenizer
        if self.strings and tokenizer is None:
            raise spoken(
                ValueError,
                "stop_strings is {strings!r}, and without a tokenizer token ids cannot be decoded; try "
                "generate(..., tokenizer=tokenizer)",
                strings=strings,
            )
        # A character may be four tokens (an emoji, byte by byte); more of a sequence's end need not be decoded.
        self.longest = 4 * max(map(len, self.strings), default=0) + 1

    def __call__(self, sequences: np.ndarray) -> np.ndarray:
        if sequences.shape[1] >= self.max_length:
            return np.ones(len(sequences), bool)
        done = np.isin(sequences[:, -1], self.eos_token_ids)
        if self.strings:
            done |= [self.ends_with_string(sequence) for sequence in sequences]
        return done

    def ends_with_string(self, sequence: np.ndarray) -> bool:
        """Whether the last token completes one of the strings; one that the prompt holds does not count."""
        end = [int(token) for token in sequence[-self.longest :] if token >= 0]
        before, now = (self.tokenizer.decode(ids, clean_up_tokenization_spaces=False) for ids in (end[:-1], end))
        # A character of several tokens stands as U+FFFD in `before`, until it is complete.
        start = len(before.rstrip("\ufffd"))
        return any((index := now.rfind(string)) >= 0 and index + len(string) > start for string in self.strings)
