"""Logits processors: scores of all next tokens -> changed scores, so that some tokens are less probable or impossible.

A processor is called with `sequences` (R, L), the tokens so far with -1 where the prompt is padded, and `scores`
(R, V), which it may overwrite; it returns the scores. They are NumPy arrays, whichever framework the model is in.

Scores are logits in greedy search and sampling, and log-probabilities in beam search.

Shapes: R sequences, L tokens until now, V vocabulary.
"""

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..utils.arrays import softmax, top_k
from .configuration import GenerationConfig, ids_of

LogitsProcessor = Callable[[np.ndarray, np.ndarray], np.ndarray]


def build_logits_processors(
    config: GenerationConfig, prompt: int, max_length: int, encoder_ids: np.ndarray | None = None
) -> list[LogitsProcessor]:
    """The processors that a configuration asks for, in the order in which they act.

    `prompt` is the length of the prompt, `encoder_ids` (B, S) the encoder's input in an encoder-decoder.
    """
    processors: list[LogitsProcessor] = []
    ends = config.eos_token_ids
    if config.repetition_penalty != 1:
        processors.append(RepetitionPenalty(config.repetition_penalty))
    if config.no_repeat_ngram_size:
        processors.append(NoRepeatNGram(config.no_repeat_ngram_size))
    if config.encoder_no_repeat_ngram_size and encoder_ids is not None:
        processors.append(EncoderNoRepeatNGram(config.encoder_no_repeat_ngram_size, encoder_ids))
    if config.bad_words_ids:
        processors.append(NoBadWords([word for word in config.bad_words_ids if word not in [[end] for end in ends]]))
    shortest = max(config.min_length, prompt + (config.min_new_tokens or 0))
    if ends and shortest > prompt:
        processors.append(SuppressTokens(ends, until=shortest))
    if config.forced_bos_token_id is not None:
        processors.append(ForceTokens([config.forced_bos_token_id], at=1))
    if config.forced_eos_token_id is not None:
        processors.append(ForceTokens(ids_of(config.forced_eos_token_id), at=max_length - 1))
    if config.suppress_tokens:
        processors.append(SuppressTokens(config.suppress_tokens))
    if config.begin_suppress_tokens:
        first = prompt + 1 if prompt == 1 and config.forced_bos_token_id is not None else prompt
        processors.append(SuppressTokens(config.begin_suppress_tokens, since=first, until=first + 1))
    return processors + (sampling_processors(config) if config.do_sample else [])


def sampling_processors(config: GenerationConfig) -> list[LogitsProcessor]:
    """Processors that only matter where tokens are sampled."""
    keep = len(config.eos_token_ids or [0]) + 1 if config.num_beams > 1 else 1  # beams need some that do not end
    processors: list[LogitsProcessor] = []
    if config.temperature is not None and config.temperature != 1:
        processors.append(Temperature(config.temperature))
    if config.top_k:
        processors.append(TopK(max(config.top_k, keep)))
    if config.top_p is not None and config.top_p < 1:
        processors.append(TopP(config.top_p, keep))
    if config.min_p is not None:
        processors.append(MinP(config.min_p, keep))
    return processors


class RepetitionPenalty:
    """Tokens that a sequence has already become less probable (Keskar et al. 2019, https://arxiv.org/abs/1909.05858)."""

    def __init__(self, penalty: float) -> None:
        self.penalty = np.float32(penalty)

    def __call__(self, sequences: np.ndarray, scores: np.ndarray) -> np.ndarray:
        for sequence, row in zip(sequences, scores, strict=True):
            seen = np.unique(sequence[sequence >= 0])
            row[seen] = np.where(row[seen] < 0, row[seen] * self.penalty, row[seen] / self.penalty)
        return scores


class NoRepeatNGram:
    """No n-gram of this size occurs twice in a sequence (Paulus et al. 2017, https://arxiv.org/abs/1705.04304)."""

    def __init__(self, size: int) -> None:
        self.size = size

    def __call__(self, sequences: np.ndarray, scores: np.ndarray) -> np.ndarray:
        return ban_ngrams(sequences, sequences, self.size, scores)


class EncoderNoRepeatNGram:
    """No n-gram of this size is copied from the encoder's input: a summary in words of its own."""

    def __init__(self, size: int, encoder_ids: np.ndarray) -> None:
        self.size, self.encoder_ids = size, encoder_ids

    def __call__(self, sequences: np.ndarray, scores: np.ndarray) -> np.ndarray:
        beams = len(sequences) // len(self.encoder_ids)
        return ban_ngrams(np.repeat(self.encoder_ids, beams, 0), sequences, self.size, scores)


def ban_ngrams(sources: np.ndarray, sequences: np.ndarray, size: int, scores: np.ndarray) -> np.ndarray:
    """Make each token impossible with which the end of its sequence (R, L) would be an n-gram of its source (R, S)."""
    start = sequences.shape[1] + 1 - size
    if start < 0 or sources.shape[1] < size:
        return scores
    ngrams = sliding_window_view(sources, size, axis=1)  # (R, S - size + 1, size)
    same = (ngrams[:, :, :-1] == sequences[:, None, start:]).all(-1) & (ngrams >= 0).all(-1)
    rows, indices = same.nonzero()
    scores[rows, ngrams[rows, indices, -1]] = -np.inf
    return scores


class NoBadWords:
    """A word is one or several tokens: its last one is impossible where the others have just been generated."""

    def __init__(self, words: list[list[int]]) -> None:
        self.words = [np.array(word) for word in words]

    def __call__(self, sequences: np.ndarray, scores: np.ndarray) -> np.ndarray:
        L = sequences.shape[1]
        for word in self.words:
            if len(word) <= L + 1:
                rows = (sequences[:, L - len(word) + 1 :] == word[:-1]).all(1)  # all, for a word of one token
                scores[rows, word[-1]] = -np.inf
        return scores


class SuppressTokens:
    """Some tokens are impossible, while a sequence has at least `since` and less than `until` tokens.

    Those that a model does not have are so anyway: an end of another model, for instance.
    """

    def __init__(self, tokens: list[int], since: int = 0, until: float = np.inf) -> None:
        self.tokens, self.since, self.until = tokens, since, until

    def __call__(self, sequences: np.ndarray, scores: np.ndarray) -> np.ndarray:
        if self.since <= sequences.shape[1] < self.until:
            scores[:, [token for token in self.tokens if token < scores.shape[1]]] = -np.inf
        return scores


class ForceTokens:
    """Only these tokens are possible when a sequence has `at` tokens."""

    def __init__(self, tokens: list[int], at: int) -> None:
        self.tokens, self.at = tokens, at

    def __call__(self, sequences: np.ndarray, scores: np.ndarray) -> np.ndarray:
        if sequences.shape[1] == self.at:
            scores[:] = -np.inf
            scores[:, self.tokens] = 0
        return scores


class Temperature:
    """Scores divided by the temperature: above 1 flattens the distribution, below 1 sharpens it."""

    def __init__(self, temperature: float) -> None:
        self.temperature = np.float32(temperature)

    def __call__(self, sequences: np.ndarray, scores: np.ndarray) -> np.ndarray:
        scores /= self.temperature
        return scores


class TopK:
    """Only the k most probable tokens (Fan et al. 2018, https://arxiv.org/abs/1805.04833)."""

    def __init__(self, k: int) -> None:
        self.k = k

    def __call__(self, sequences: np.ndarray, scores: np.ndarray) -> np.ndarray:
        least = top_k(scores, min(self.k, scores.shape[1]))[0][:, -1:]  # (R, 1)
        scores[scores < least] = -np.inf
        return scores


class TopP:
    """Only the most probable tokens that have the probability p together (Holtzman et al. 2019,
    https://arxiv.org/abs/1904.09751), but at least `keep` of them."""

    def __init__(self, p: float, keep: int = 1) -> None:
        self.p, self.keep = p, keep

    def __call__(self, sequences: np.ndarray, scores: np.ndarray) -> np.ndarray:
        order = scores.argsort(-1)  # the least probable first
        cumulative = softmax(np.take_along_axis(scores, order, 1)).cumsum(-1)
        out = cumulative <= 1 - self.p
        out[:, -self.keep :] = False
        rows, indices = out.nonzero()
        scores[rows, order[rows, indices]] = -np.inf
        return scores


class MinP:
    """Only tokens with at least the part p of the best one's probability (Nguyen et al. 2024,
    https://arxiv.org/abs/2407.01082), but at least `keep` of them."""

    def __init__(self, p: float, keep: int = 1) -> None:
        self.p, self.keep = p, keep

    def __call__(self, sequences: np.ndarray, scores: np.ndarray) -> np.ndarray:
        probabilities = softmax(scores)
        out = probabilities < self.p * probabilities.max(-1, keepdims=True)
        np.put_along_axis(out, top_k(scores, min(self.keep, scores.shape[1]))[1], False, 1)
        scores[out] = -np.inf
        return scores
