"""Decoding strategies: greedy search, sampling and beam search, one token after the other.

They are the same for PyTorch and Keras: a `Step` gives scores as NumPy arrays, and all choices are made in NumPy.
Beside a forward pass of a real model, which reads all its weights, this is little: 0.3 ms of 40 for four beams of
GPT-2.

Shapes: B prompts, n beams for each, R = B * n sequences, P tokens of a prompt, L tokens until now, V vocabulary.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from ..i18n import spoken
from ..utils.arrays import not_numbers, softmax, top_k
from .configuration import GenerationConfig
from .logits_processors import LogitsProcessor
from .stopping_criteria import StoppingCriteria

NEG_INF = np.float32(-1e9)  # added to the score of what must not be chosen


class Step(Protocol):
    """A model with its prompts and its KV cache: decoding.py and decoding_tf.py have one each."""

    def start(self, times: int) -> np.ndarray:
        """Prefill: the forward pass of the prompts, each repeated `times` times -> scores of the next tokens (R, V)."""

    def __call__(self, tokens: np.ndarray, rows: np.ndarray | None = None, since: int = 0) -> np.ndarray:
        """Decoding step: append a token (R,) to each sequence -> scores of the next (R, V).

        With `rows` (R,) sequence r first becomes what sequence rows[r] was; they differ from position `since` on.
        """


class Streamer(Protocol):
    """Is given each token as it is generated: streamers.py."""

    def put(self, tokens: np.ndarray) -> None: ...

    def end(self) -> None: ...


@dataclass
class Plan:
    """All that a search needs to know beside the model."""

    config: GenerationConfig
    processors: Sequence[LogitsProcessor]
    stopping: StoppingCriteria
    max_length: int
    pad: int  # id of the padding after a sequence that finished before the others
    rng: np.random.Generator
    streamer: Streamer | None = None

    def process(self, sequences: np.ndarray, scores: np.ndarray) -> np.ndarray:
        """Scores (R, V) for the next token of sequences (R, L), after all logits processors."""
        for processor in self.processors:
            scores = processor(sequences, scores)
        return scores


@dataclass
class SearchResult:
    """What a search gives: N sequences from R hypotheses."""

    sequences: np.ndarray  # (N, L), prompts included
    scores: list[np.ndarray] = field(default_factory=list)  # of each step (R, V), after the processors; when asked for
    logits: list[np.ndarray] = field(default_factory=list)  # and before them
    sequences_scores: np.ndarray | None = None  # (N,), of beams: log-probability, divided by the length penalty
    beam_indices: np.ndarray | None = None  # (N, L - P), of beams: the row of `scores` that each token was chosen in


def search(step: Step, prompts: np.ndarray, plan: Plan) -> SearchResult:
    """Prompts (B, P), padding on the left as -1 -> generated sequences."""
    if plan.config.num_beams > 1:
        return beam_search(step, prompts, plan)
    return greedy_or_sample(step, prompts, plan)


def greedy_or_sample(step: Step, prompts: np.ndarray, plan: Plan) -> SearchResult:
    """Greedy search or sampling: append to each sequence its most probable token, or a sampled one."""
    times = plan.config.num_return_sequences
    sequences = _allocate(prompts, times, plan)  # (R, max_length)
    result, unfinished = SearchResult(sequences), np.ones(len(sequences), bool)
    if plan.streamer:
        plan.streamer.put(prompts[:, (prompts >= 0).argmax() :])
    logits, L = step.start(times), prompts.shape[1]
    while True:
        _record(result.logits, logits, plan.config.output_logits)
        scores = plan.process(sequences[:, :L], logits)
        _record(result.scores, scores, plan.config.output_scores)
        tokens = sample(scores, plan.rng) if plan.config.do_sample else scores.argmax(-1)  # (R,)
        _check(scores[np.arange(len(sequences)), tokens][unfinished])
        sequences[:, L] = np.where(unfinished, tokens, plan.pad)
        L += 1
        if plan.streamer:
            plan.streamer.put(sequences[:, L - 1])
        unfinished &= ~plan.stopping(sequences[:, :L])
        if not unfinished.any():
            break
        logits = step(sequences[:, L - 1])
    if plan.streamer:
        plan.streamer.end()
    result.sequences = sequences[:, :L]
    return result


def sample(scores: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One token of each row (R, V), by their probabilities -> (R,)."""
    cumulative = softmax(scores.astype(np.float64)).cumsum(-1)
    return (cumulative <= rng.random((len(scores), 1)) * cumulative[:, -1:]).sum(-1)


def beam_search(step: Step, prompts: np.ndarray, plan: Plan) -> SearchResult:
    """Keep the n best hypotheses (beams) of each prompt, and extend them by one token at a time.

    Of all their continuations the n best become the new beams. Those that have ended are finished hypotheses, which
    compete by their log-probability, divided by the length penalty. The order of hypotheses, and when to stop, are as
    in transformers.
    """
    config, n, V = plan.config, plan.config.num_beams, 0
    B, P = prompts.shape
    beams: np.ndarray = _allocate(prompts, n, plan).reshape(B, n, -1)
    cumulative_log_probs = np.zeros((B, n), np.float32)
    cumulative_log_probs[:, 1:] = NEG_INF  # at first all n beams are the same prompt: one of them counts
    choices = np.full((B, n, plan.max_length - P), -1)  # the rows in which their tokens were chosen
    finished, finished_scores, finished_choices = beams.copy(), np.full((B, n), NEG_INF), choices.copy()
    is_finished = np.zeros((B, n), bool)
    may_improve = np.ones((B, 1), bool)
    first_rows = np.arange(B)[:, None] * n
    result = SearchResult(beams)
    candidates = max(2, 1 + len(config.eos_token_ids)) * n  # so that n are left when the best have ended
    logits, L = step.start(n), P
    while True:
        V = logits.shape[1]
        _record(result.logits, logits, config.output_logits)
        scores = plan.process(beams[:, :, :L].reshape(B * n, L), log_softmax(logits))
        _record(result.scores, scores, config.output_scores)
        scores = (scores.reshape(B, n, V) + cumulative_log_probs[:, :, None]).reshape(B, n * V)
        if config.do_sample:  # the largest of scores with Gumbel noise are a sample without replacement
            _, indices = top_k(scores + plan.rng.gumbel(size=scores.shape), min(candidates, n * V))
            new_log_probs = np.take_along_axis(scores, indices, 1)
        else:
            new_log_probs, indices = top_k(scores, min(candidates, n * V))  # (B, 2n)
        parents, tokens = indices // V, indices % V
        new_beams, new_choices = _gather(beams, parents), _gather(choices, parents)
        new_beams[:, :, L] = tokens
        new_choices[:, :, L - P] = first_rows + parents
        has_ended = plan.stopping(new_beams[:, :, : L + 1].reshape(-1, L + 1)).reshape(B, -1)

        # The n best that have not ended are the new beams.
        running = new_log_probs + has_ended * NEG_INF
        chosen = _best_indices(running, n)
        before, beams = beams, _gather(new_beams, chosen)
        cumulative_log_probs, choices = _gather(running, chosen), _gather(new_choices, chosen)

        # Those of the n best that have ended join the finished hypotheses, of which the n best stay.
        newly_finished = has_ended & (np.arange(indices.shape[1]) < n)
        values = new_log_probs / np.float32((L + 1 - P) ** config.length_penalty)
        closed = (is_finished.all(1, keepdims=True) & (config.early_stopping is True)) | ~may_improve
        values = values + closed * NEG_INF + ~newly_finished * NEG_INF
        values = np.concatenate([finished_scores, values], 1)
        chosen_finished = _best_indices(values, n)
        finished_scores = _gather(values, chosen_finished)
        finished = _gather(np.concatenate([finished, new_beams], 1), chosen_finished)
        finished_choices = _gather(np.concatenate([finished_choices, new_choices], 1), chosen_finished)
        is_finished = _gather(np.concatenate([is_finished, newly_finished], 1), chosen_finished)

        L += 1
        may_improve &= _can_improve(
            cumulative_log_probs, finished_scores, is_finished, L - P, plan.max_length - P, config
        )
        if not may_improve.any() or has_ended.all() or (config.early_stopping is True and is_finished.all()):
            break
        rows = (first_rows + np.take_along_axis(parents, chosen, 1)).reshape(-1)  # (R,)
        since = _first_difference(before.reshape(B * n, -1)[:, : L - 1], rows)
        logits = step(beams[:, :, L - 1].reshape(-1), None if since is None else rows, since or 0)

    N = config.num_return_sequences
    finished, finished_choices = finished[:, :N].reshape(B * N, -1), finished_choices[:, :N].reshape(B * N, -1)
    longest = int((finished_choices >= 0).sum(1).max())
    result.sequences, result.beam_indices = finished[:, : P + longest], finished_choices[:, :longest]
    result.sequences_scores = finished_scores[:, :N].reshape(-1)
    return result


def _can_improve(
    cumulative_log_probs: np.ndarray,
    finished_scores: np.ndarray,
    is_finished: np.ndarray,
    length: int,
    longest: int,
    config: GenerationConfig,
) -> np.ndarray:
    """Whether the best beam could still beat the worst finished hypothesis, (B, 1).

    Its score is estimated with its present length, which is wrong where long sequences are favoured, but quick; with
    early_stopping="never" with the greatest length it may have.
    """
    if config.early_stopping == "never" and config.length_penalty > 0:
        length = longest
    attainable = cumulative_log_probs[:, :1] / np.float32(length**config.length_penalty)
    worst: np.ndarray = np.where(is_finished, finished_scores.min(1, keepdims=True), NEG_INF)
    return np.any(attainable > worst, axis=1, keepdims=True)


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Logits (R, V) -> log-probabilities."""
    shifted = logits - logits.max(-1, keepdims=True)
    _check(shifted[:, 0])
    shifted -= np.log(np.exp(shifted).sum(-1, keepdims=True))
    return shifted


def _allocate(prompts: np.ndarray, times: int, plan: Plan) -> np.ndarray:
    """Prompts (B, P) -> sequences (B * times, max_length) that start with them."""
    sequences = np.full((len(prompts) * times, plan.max_length), plan.pad, np.int64)
    sequences[:, : prompts.shape[1]] = np.repeat(prompts, times, 0)
    return sequences


def _gather(values: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """values (B, m, ...), indices (B, k) -> (B, k, ...)."""
    return values[np.arange(len(values))[:, None], indices]


def _best_indices(values: np.ndarray, n: int) -> np.ndarray:
    """Indices of the n largest of each row, (B, n)."""
    return np.argsort(-values, 1, kind="stable")[:, :n]


def _first_difference(sequences: np.ndarray, rows: np.ndarray) -> int | None:
    """The first position in which a sequence (R, L) differs from the one that replaces it; None if all stay.

    The KV cache of the positions before it is the same and need not be copied: often that is nearly all.
    """
    differs = (sequences[rows] != sequences).any(0)
    return int(differs.argmax()) if differs.any() else None


def _record(recorded: list[np.ndarray], scores: np.ndarray, wanted: bool) -> None:
    if wanted:
        recorded.append(scores.copy())  # the processors, or the next step, may overwrite them


def _check(values: np.ndarray) -> None:
    """Raise ValueError for scores that are NaN, or where no token is left to choose."""
    if np.isnan(values).any():
        raise not_numbers()
    if np.isneginf(values).any():
        raise spoken(
            ValueError,
            "no token is left to choose: the logits processors together (bad_words_ids, suppress_tokens, "
            "no_repeat_ngram_size, min_length) forbid all; leave one of them out",
        )
