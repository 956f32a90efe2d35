"""Rules: scores of all next tokens -> the same scores changed, so that some tokens become less probable or impossible.

A rule is called with `texts` (R, L), the tokens of each text so far with -1 where the prompt is padded, and `scores`
(R, V), which it may overwrite; it returns the scores. They are NumPy arrays, whichever framework the model is in.

Scores are logits in greedy search and sampling, and logarithms of probabilities in beam search.

Shapes: R texts, L tokens until now, V vocabulary.
"""

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..utils.arrays import softmax, top_k
from .configuration import GenerationConfig, ids_of

Rule = Callable[[np.ndarray, np.ndarray], np.ndarray]


def rules_for(
    config: GenerationConfig, prompt: int, max_length: int, encoder_texts: np.ndarray | None = None
) -> list[Rule]:
    """The rules that a configuration asks for, in the order in which they act.

    `prompt` is the length of the prompt, `encoder_texts` (R, S) what the encoder of an encoder-decoder has read.
    """
    rules: list[Rule] = []
    ends = config.eos_token_ids
    if config.repetition_penalty != 1:
        rules.append(RepetitionPenalty(config.repetition_penalty))
    if config.no_repeat_ngram_size:
        rules.append(NoRepeatNGram(config.no_repeat_ngram_size))
    if config.encoder_no_repeat_ngram_size and encoder_texts is not None:
        rules.append(NoNGramOf(config.encoder_no_repeat_ngram_size, encoder_texts))
    if config.bad_words_ids:
        rules.append(NoBadWords([word for word in config.bad_words_ids if word not in [[end] for end in ends]]))
    shortest = max(config.min_length, prompt + (config.min_new_tokens or 0))
    if ends and shortest > prompt:
        rules.append(Never(ends, until=shortest))
    if config.forced_bos_token_id is not None:
        rules.append(Forced([config.forced_bos_token_id], at=1))
    if config.forced_eos_token_id is not None:
        rules.append(Forced(ids_of(config.forced_eos_token_id), at=max_length - 1))
    if config.suppress_tokens:
        rules.append(Never(config.suppress_tokens))
    if config.begin_suppress_tokens:
        first = prompt + 1 if prompt == 1 and config.forced_bos_token_id is not None else prompt
        rules.append(Never(config.begin_suppress_tokens, since=first, until=first + 1))
    return rules + (sampling_rules(config) if config.do_sample else [])


def sampling_rules(config: GenerationConfig) -> list[Rule]:
    """Rules that only matter where tokens are drawn."""
    keep = len(config.eos_token_ids or [0]) + 1 if config.num_beams > 1 else 1  # beams need some that do not end
    rules: list[Rule] = []
    if config.temperature not in (None, 1):
        rules.append(Temperature(config.temperature))
    if config.top_k:
        rules.append(TopK(max(config.top_k, keep)))
    if config.top_p is not None and config.top_p < 1:
        rules.append(TopP(config.top_p, keep))
    if config.min_p is not None:
        rules.append(MinP(config.min_p, keep))
    return rules


class RepetitionPenalty:
    """Tokens that a text holds already become less probable (Keskar et al. 2019, https://arxiv.org/abs/1909.05858)."""

    def __init__(self, penalty: float) -> None:
        self.penalty = np.float32(penalty)

    def __call__(self, texts: np.ndarray, scores: np.ndarray) -> np.ndarray:
        for text, row in zip(texts, scores, strict=True):
            seen = np.unique(text[text >= 0])
            row[seen] = np.where(row[seen] < 0, row[seen] * self.penalty, row[seen] / self.penalty)
        return scores


class NoRepeatNGram:
    """No run of `size` tokens twice in a text (Paulus et al. 2017, https://arxiv.org/abs/1705.04304)."""

    def __init__(self, size: int) -> None:
        self.size = size

    def __call__(self, texts: np.ndarray, scores: np.ndarray) -> np.ndarray:
        return forbid_runs(texts, texts, self.size, scores)


class NoNGramOf:
    """No run of `size` tokens that the encoder's text has: the summary is in words of its own."""

    def __init__(self, size: int, encoder_texts: np.ndarray) -> None:
        self.size, self.encoder_texts = size, encoder_texts

    def __call__(self, texts: np.ndarray, scores: np.ndarray) -> np.ndarray:
        beams = len(texts) // len(self.encoder_texts)
        return forbid_runs(np.repeat(self.encoder_texts, beams, 0), texts, self.size, scores)


def forbid_runs(sources: np.ndarray, texts: np.ndarray, size: int, scores: np.ndarray) -> np.ndarray:
    """Make each token impossible with which the end of its text (R, L) would be a run of its source (R, S)."""
    start = texts.shape[1] + 1 - size
    if start < 0 or sources.shape[1] < size:
        return scores
    runs = sliding_window_view(sources, size, axis=1)  # (R, S - size + 1, size)
    same = (runs[:, :, :-1] == texts[:, None, start:]).all(-1) & (runs >= 0).all(-1)
    rows, places = same.nonzero()
    scores[rows, runs[rows, places, -1]] = -np.inf
    return scores


class NoBadWords:
    """A word is a run of tokens: its last one is impossible where the others have just been written."""

    def __init__(self, words: list[list[int]]) -> None:
        self.words = [np.array(word) for word in words]

    def __call__(self, texts: np.ndarray, scores: np.ndarray) -> np.ndarray:
        L = texts.shape[1]
        for word in self.words:
            if len(word) <= L + 1:
                rows = (texts[:, L - len(word) + 1 :] == word[:-1]).all(1)  # all, for a word of one token
                scores[rows, word[-1]] = -np.inf
        return scores


class Never:
    """Some tokens are impossible, while a text has at least `since` and less than `until` tokens."""

    def __init__(self, tokens: list[int], since: int = 0, until: float = np.inf) -> None:
        self.tokens, self.since, self.until = tokens, since, until

    def __call__(self, texts: np.ndarray, scores: np.ndarray) -> np.ndarray:
        if self.since <= texts.shape[1] < self.until:
            scores[:, self.tokens] = -np.inf
        return scores


class Forced:
    """Nothing but these tokens is possible when a text has `at` tokens."""

    def __init__(self, tokens: list[int], at: int) -> None:
        self.tokens, self.at = tokens, at

    def __call__(self, texts: np.ndarray, scores: np.ndarray) -> np.ndarray:
        if texts.shape[1] == self.at:
            scores[:] = -np.inf
            scores[:, self.tokens] = 0
        return scores


class Temperature:
    """Scores divided by a number: above 1 the probabilities come closer to each other, below 1 they part."""

    def __init__(self, temperature: float) -> None:
        self.temperature = np.float32(temperature)

    def __call__(self, texts: np.ndarray, scores: np.ndarray) -> np.ndarray:
        scores /= self.temperature
        return scores


class TopK:
    """Only the k most probable tokens (Fan et al. 2018, https://arxiv.org/abs/1805.04833)."""

    def __init__(self, k: int) -> None:
        self.k = k

    def __call__(self, texts: np.ndarray, scores: np.ndarray) -> np.ndarray:
        least = top_k(scores, min(self.k, scores.shape[1]))[0][:, -1:]  # (R, 1)
        scores[scores < least] = -np.inf
        return scores


class TopP:
    """Only the most probable tokens that have the probability p together (Holtzman et al. 2019,
    https://arxiv.org/abs/1904.09751), but at least `keep` of them."""

    def __init__(self, p: float, keep: int = 1) -> None:
        self.p, self.keep = p, keep

    def __call__(self, texts: np.ndarray, scores: np.ndarray) -> np.ndarray:
        order = scores.argsort(-1)  # the least probable first
        together = softmax(np.take_along_axis(scores, order, 1)).cumsum(-1)
        out = together <= 1 - self.p
        out[:, -self.keep :] = False
        rows, places = out.nonzero()
        scores[rows, order[rows, places]] = -np.inf
        return scores


class MinP:
    """Only tokens with at least the part p of the best one's probability (Nguyen et al. 2024,
    https://arxiv.org/abs/2407.01082), but at least `keep` of them."""

    def __init__(self, p: float, keep: int = 1) -> None:
        self.p, self.keep = p, keep

    def __call__(self, texts: np.ndarray, scores: np.ndarray) -> np.ndarray:
        probabilities = softmax(scores)
        out = probabilities < self.p * probabilities.max(-1, keepdims=True)
        np.put_along_axis(out, top_k(scores, min(self.keep, scores.shape[1]))[1], False, 1)
        scores[out] = -np.inf
        return scores
