"""Each logits processor alone, on scores that can be read."""

import numpy as np
import pytest

from hfquick.generation import logits_processors as processors
from hfquick.generation.configuration import GenerationConfig
from hfquick.utils.arrays import top_k

BANNED = -np.inf


def apply(processor: processors.LogitsProcessor, sequence: list[int], scores: list[float]) -> list[float]:
    return processor(np.array([sequence]), np.array([scores], np.float32))[0].tolist()


def test_repetition_penalty_looks_at_the_sign_and_not_at_padding():
    processor = processors.RepetitionPenalty(2.0)
    assert apply(processor, [-1, 0, 1, 1], [4, -4, 4, 4]) == [2, -8, 4, 4]


@pytest.mark.parametrize(
    ("size", "sequence", "banned"),
    [
        (2, [1, 2, 1], {2}),
        (2, [1, 2, 1, 3, 1], {2, 3}),
        (3, [1, 2, 3, 1, 2], {3}),
        (3, [1, 2, 3, 2, 1], set()),
        (1, [1, 2], {1, 2}),
        (3, [1], set()),
        (2, [-1, -1, 2, 1], set()),  # padding is no token
        (1, [-1, 2], {2}),
    ],
)
def test_no_ngram_occurs_twice(size, sequence, banned):
    scores = apply(processors.NoRepeatNGram(size), sequence, [0.0] * 4)
    assert {token for token, score in enumerate(scores) if score == BANNED} == banned


def test_no_ngram_of_the_encoder_for_all_beams():
    processor = processors.EncoderNoRepeatNGram(2, np.array([[1, 2, 3], [2, 1, -1]]))
    scores = processor(np.array([[0, 1], [0, 2], [0, 1], [0, 2]]), np.zeros((4, 4), np.float32))  # two beams each
    assert [np.flatnonzero(np.isneginf(row)).tolist() for row in scores] == [[2], [3], [], [1]]
    scores = processor(
        np.array([[1], [2]]), np.zeros((2, 4), np.float32)
    )  # a sequence of one token may begin such an n-gram
    assert [np.flatnonzero(np.isneginf(row)).tolist() for row in scores] == [[2], [1]]


def test_bad_words_of_one_token_and_of_several():
    processor = processors.NoBadWords([[0], [1, 2], [3, 1, 3]])
    assert apply(processor, [1], [0] * 4) == [BANNED, 0, BANNED, 0]
    assert apply(processor, [3, 1], [0] * 4) == [BANNED, 0, BANNED, BANNED]
    assert apply(processor, [2], [0] * 4) == [BANNED, 0, 0, 0]


def test_an_end_is_no_bad_word():
    config = GenerationConfig(bad_words_ids=[[2], [3]], eos_token_id=[2])
    (processor,) = processors.build_logits_processors(config, 1, 9)
    assert apply(processor, [0], [0] * 4) == [0, 0, 0, BANNED]


def test_suppress_and_force_act_at_their_lengths():
    assert apply(processors.SuppressTokens([1], since=2, until=3), [0], [0, 0]) == [0, 0]
    assert apply(processors.SuppressTokens([1], since=2, until=3), [0, 0], [0, 0]) == [0, BANNED]
    assert apply(processors.SuppressTokens([1], since=2, until=3), [0, 0, 0], [0, 0]) == [0, 0]
    assert apply(processors.ForceTokens([1], at=2), [0, 0], [5, -5]) == [BANNED, 0]
    assert apply(processors.ForceTokens([1], at=2), [0], [5, -5]) == [5, -5]


@pytest.mark.parametrize(
    ("prompt", "options", "chosen"),
    [(1, {}, 1), (3, {}, 3), (1, {"forced_bos_token_id": 0}, 2), (3, {"forced_bos_token_id": 0}, 3)],
)
def test_the_first_token_chosen_is_not_one_of_begin_suppress_tokens(prompt, options, chosen):
    """A forced first token is not chosen: then it is the one after it."""
    found = processors.build_logits_processors(GenerationConfig(begin_suppress_tokens=[1], **options), prompt, 9)
    for length in range(prompt, 6):
        scores = np.zeros((1, 3), np.float32)
        for processor in found:
            scores = processor(np.ones((1, length), int), scores)
        forced = options and length == 1
        assert scores[0].tolist() == ([0, BANNED, BANNED] if forced else [0, BANNED if length == chosen else 0, 0])


def test_temperature_and_top_k():
    assert apply(processors.Temperature(0.5), [0], [1, 2]) == [2, 4]
    assert apply(processors.TopK(2), [0], [1, 3, 2, 0]) == [BANNED, 3, 2, BANNED]
    assert apply(processors.TopK(9), [0], [1, 3]) == [1, 3]


@pytest.mark.parametrize(("p", "kept"), [(0.4, {0}), (0.5, {0}), (0.55, {0, 1}), (0.85, {0, 1, 2}), (0.0, {0})])
def test_top_p(p, kept):
    scores = apply(processors.TopP(p), [0], np.log([0.5, 0.3, 0.15, 0.05]).tolist())
    assert {token for token, score in enumerate(scores) if score != BANNED} == kept


@pytest.mark.parametrize(
    ("p", "keep", "kept"), [(0.5, 1, {0, 1}), (0.0, 1, {0, 1, 2, 3}), (1.0, 1, {0}), (1.0, 2, {0, 1})]
)
def test_min_p(p, keep, kept):
    scores = apply(processors.MinP(p, keep), [0], np.log([0.5, 0.3, 0.15, 0.05]).tolist())
    assert {token for token, score in enumerate(scores) if score != BANNED} == kept


def test_sampling_processors_are_left_out_without_sampling_and_keep_enough_for_beams():
    options = {"temperature": 0.7, "top_k": 1, "top_p": 0.1, "min_p": 0.9}
    assert processors.build_logits_processors(GenerationConfig(**options), 1, 9) == []
    found = processors.build_logits_processors(
        GenerationConfig(**options, do_sample=True, num_beams=2, eos_token_id=[1, 2]), 1, 9
    )
    scores = np.log(np.array([[0.4, 0.3, 0.2, 0.1]], np.float32))
    for processor in found:
        scores = processor(np.array([[0]]), scores)
    assert np.isfinite(scores).sum() == 3  # two may end the sequence, so a third must remain


def test_best_of_a_row():
    scores = np.random.RandomState(0).standard_normal((3, 500)).astype(np.float32)
    values, indices = top_k(scores, 7)
    assert indices.tolist() == np.argsort(-scores, 1)[:, :7].tolist()
    assert values.tolist() == (-np.sort(-scores, 1))[:, :7].tolist()
