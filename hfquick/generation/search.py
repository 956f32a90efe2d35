"""The search for a text: one token after the other, in one text per prompt or in several at once (beams).

It is the same for PyTorch and Keras: a `Step` gives scores as NumPy arrays, all that is chosen here is chosen in NumPy.
Beside a step of a real model, which reads all its weights, this is little: 0.3 ms of 40 for four beams of GPT-2.

Shapes: B prompts, n beams for each, R = B * n texts, P tokens of a prompt, L tokens until now, V vocabulary.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from ..utils.arrays import softmax, top_k
from .configuration import GenerationConfig
from .logits_processors import Rule
from .stopping_criteria import Stopping

OUT = np.float32(-1e9)  # added to the score of what must not be chosen


class Step(Protocol):
    """A model with its prompts and its memory of what it has read: steps.py and steps_tf.py have one each."""

    def start(self, times: int) -> np.ndarray:
        """Read the prompts; each becomes `times` texts -> scores of their next tokens (R, V)."""

    def __call__(self, tokens: np.ndarray, rows: np.ndarray | None = None, since: int = 0) -> np.ndarray:
        """Read one more token (R,) of each text -> scores of the next (R, V).

        With `rows` (R,) text r first becomes what text rows[r] was; they differ from token `since` on.
        """


class Streamer(Protocol):
    """Told of each token as it is written: streamers.py."""

    def put(self, tokens: np.ndarray) -> None: ...

    def end(self) -> None: ...


@dataclass
class Plan:
    """All that a search needs to know beside the model."""

    config: GenerationConfig
    rules: Sequence[Rule]
    stopping: Stopping
    max_length: int
    pad: int  # fills a text that ended before the others
    chance: np.random.Generator
    streamer: Streamer | None = None

    def ruled(self, texts: np.ndarray, scores: np.ndarray) -> np.ndarray:
        """Scores (R, V) for the next token of texts (R, L), after all rules."""
        for rule in self.rules:
            scores = rule(texts, scores)
        return scores


@dataclass
class Found:
    """What a search has found: N texts."""

    sequences: np.ndarray  # (N, L), prompts included
    scores: list[np.ndarray] = field(default_factory=list)  # of each step (R, V), after the rules; when asked for
    logits: list[np.ndarray] = field(default_factory=list)  # and before them
    sequences_scores: np.ndarray | None = None  # (N,), of beams: logarithm of the probability, by the length penalty
    beam_indices: np.ndarray | None = None  # (N, L - P), of beams: the row of `scores` that each token was chosen in


def search(step: Step, prompts: np.ndarray, plan: Plan) -> Found:
    """Prompts (B, P), padding on the left as -1 -> whole texts."""
    if plan.config.num_beams > 1:
        return beam_search(step, prompts, plan)
    return one_text_each(step, prompts, plan)


def one_text_each(step: Step, prompts: np.ndarray, plan: Plan) -> Found:
    """Greedy search, or sampling: each text goes on with its most probable token, or with one drawn by chance."""
    times = plan.config.num_return_sequences
    texts = _room_for(prompts, times, plan)  # (R, max_length)
    found, alive = Found(texts), np.ones(len(texts), bool)
    if plan.streamer:
        plan.streamer.put(prompts[:, (prompts >= 0).argmax() :])
    logits, L = step.start(times), prompts.shape[1]
    while True:
        _keep(found.logits, logits, plan.config.output_logits)
        scores = plan.ruled(texts[:, :L], logits)
        _keep(found.scores, scores, plan.config.output_scores)
        tokens = draw(scores, plan.chance) if plan.config.do_sample else scores.argmax(-1)  # (R,)
        _check(scores[np.arange(len(texts)), tokens][alive])
        texts[:, L] = np.where(alive, tokens, plan.pad)
        L += 1
        if plan.streamer:
            plan.streamer.put(texts[:, L - 1])
        alive &= ~plan.stopping(texts[:, :L])
        if not alive.any():
            break
        logits = step(texts[:, L - 1])
    if plan.streamer:
        plan.streamer.end()
    found.sequences = texts[:, :L]
    return found


def draw(scores: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """One token of each row (R, V), by their probabilities -> (R,)."""
    together = softmax(scores.astype(np.float64)).cumsum(-1)
    return (together <= chance.random((len(scores), 1)) * together[:, -1:]).sum(-1)


def beam_search(step: Step, prompts: np.ndarray, plan: Plan) -> Found:
    """The n best texts of each prompt are kept in sight, and grow by one token at a time.

    Of all their continuations the best go on; those that have come to their end wait among the whole ones, where they
    compete by their mean logarithm of probability. What is best in sight, and when to stop, is as in transformers.
    """
    config, n, V = plan.config, plan.config.num_beams, 0
    B, P = prompts.shape
    texts: np.ndarray = _room_for(prompts, n, plan).reshape(B, n, -1)  # that go on
    totals = np.zeros((B, n), np.float32)  # their logarithms of probability
    totals[:, 1:] = OUT  # at first all n are the same text: one of them counts
    choices = np.full((B, n, plan.max_length - P), -1)  # the rows in which their tokens were chosen
    whole, whole_scores, whole_choices = texts.copy(), np.full((B, n), OUT), choices.copy()
    is_whole = np.zeros((B, n), bool)
    may_improve = np.ones((B, 1), bool)
    first_rows = np.arange(B)[:, None] * n
    found = Found(texts)
    candidates = max(2, 1 + len(config.eos_token_ids)) * n  # so that n are left when the best have come to their end
    logits, L = step.start(n), P
    while True:
        V = logits.shape[1]
        _keep(found.logits, logits, config.output_logits)
        scores = plan.ruled(texts[:, :, :L].reshape(B * n, L), log_softmax(logits))
        _keep(found.scores, scores, config.output_scores)
        scores = (scores.reshape(B, n, V) + totals[:, :, None]).reshape(B, n * V)
        if config.do_sample:  # the largest of scores with Gumbel noise are a sample without repetition
            _, places = top_k(scores + plan.chance.gumbel(size=scores.shape), min(candidates, n * V))
            new_totals = np.take_along_axis(scores, places, 1)
        else:
            new_totals, places = top_k(scores, min(candidates, n * V))  # (B, 2n)
        parents, tokens = places // V, places % V
        new_texts, new_choices = _pick(texts, parents), _pick(choices, parents)
        new_texts[:, :, L] = tokens
        new_choices[:, :, L - P] = first_rows + parents
        at_end = plan.stopping(new_texts[:, :, : L + 1].reshape(-1, L + 1)).reshape(B, -1)

        # The n best that are not at their end go on.
        go_on = new_totals + at_end * OUT
        chosen = _order(go_on, n)
        before, texts = texts, _pick(new_texts, chosen)
        totals, choices = _pick(go_on, chosen), _pick(new_choices, chosen)

        # Those of the n best that are at their end join the whole ones, of which the n best stay.
        ends = at_end & (np.arange(places.shape[1]) < n)
        values = new_totals / np.float32((L + 1 - P) ** config.length_penalty)
        closed = (is_whole.all(1, keepdims=True) & (config.early_stopping is True)) | ~may_improve
        values = values + closed * OUT + ~ends * OUT
        values = np.concatenate([whole_scores, values], 1)
        chosen_whole = _order(values, n)
        whole_scores = _pick(values, chosen_whole)
        whole = _pick(np.concatenate([whole, new_texts], 1), chosen_whole)
        whole_choices = _pick(np.concatenate([whole_choices, new_choices], 1), chosen_whole)
        is_whole = _pick(np.concatenate([is_whole, ends], 1), chosen_whole)

        L += 1
        may_improve &= _can_improve(totals, whole_scores, is_whole, L - P, plan.max_length - P, config)
        if not may_improve.any() or at_end.all() or (config.early_stopping is True and is_whole.all()):
            break
        rows = (first_rows + np.take_along_axis(parents, chosen, 1)).reshape(-1)  # (R,)
        since = _first_difference(before.reshape(B * n, -1)[:, : L - 1], rows)
        logits = step(texts[:, :, L - 1].reshape(-1), None if since is None else rows, since or 0)

    N = config.num_return_sequences
    whole, whole_choices = whole[:, :N].reshape(B * N, -1), whole_choices[:, :N].reshape(B * N, -1)
    longest = int((whole_choices >= 0).sum(1).max())
    found.sequences, found.beam_indices = whole[:, : P + longest], whole_choices[:, :longest]
    found.sequences_scores = whole_scores[:, :N].reshape(-1)
    return found


def _can_improve(
    totals: np.ndarray,
    whole_scores: np.ndarray,
    is_whole: np.ndarray,
    length: int,
    longest: int,
    config: GenerationConfig,
) -> np.ndarray:
    """Whether the best text that goes on could still beat the worst whole one, (B, 1).

    Its score is estimated with the tokens it has now, which is wrong where long texts are favoured, but quick; with
    early_stopping="never" with those it may have at most.
    """
    if config.early_stopping == "never" and config.length_penalty > 0:
        length = longest
    hope = totals[:, :1] / np.float32(length**config.length_penalty)
    worst: np.ndarray = np.where(is_whole, whole_scores.min(1, keepdims=True), OUT)
    return np.any(hope > worst, axis=1, keepdims=True)


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Scores (R, V) -> logarithms of probabilities."""
    shifted = logits - logits.max(-1, keepdims=True)
    _check(shifted[:, 0])
    shifted -= np.log(np.exp(shifted).sum(-1, keepdims=True))
    return shifted


def _room_for(prompts: np.ndarray, times: int, plan: Plan) -> np.ndarray:
    """Prompts (B, P) -> texts (B * times, max_length) that start with them."""
    texts = np.full((len(prompts) * times, plan.max_length), plan.pad, np.int64)
    texts[:, : prompts.shape[1]] = np.repeat(prompts, times, 0)
    return texts


def _pick(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """values (B, m, ...), places (B, k) -> (B, k, ...)."""
    return values[np.arange(len(values))[:, None], places]


def _order(values: np.ndarray, n: int) -> np.ndarray:
    """Places of the n largest of each row, (B, n)."""
    return np.argsort(-values, 1, kind="stable")[:, :n]


def _first_difference(texts: np.ndarray, rows: np.ndarray) -> int | None:
    """The first token in which a text (R, L) differs from the one that takes its place; None if all stay as they are.

    The model's memory of the tokens before it is the same and need not be moved: often that is nearly all.
    """
    differs = (texts[rows] != texts).any(0)
    return int(differs.argmax()) if differs.any() else None


def _keep(kept: list[np.ndarray], scores: np.ndarray, wanted: bool) -> None:
    if wanted:
        kept.append(scores.copy())  # the rules, or the next step, may write over them


def _check(values: np.ndarray) -> None:
    """Raise ValueError for scores that are no numbers, or where nothing is left to choose."""
    if np.isnan(values).any():
        raise ValueError(
            "the model's scores are not numbers (NaN): its weights are damaged, or its dtype is too narrow; "
            'try dtype="float32"'
        )
    if np.isneginf(values).any():
        raise ValueError(
            "no token is left to choose: the rules together (bad_words_ids, suppress_tokens, no_repeat_ngram_size, "
            "min_length) forbid all; take one of them away"
        )
