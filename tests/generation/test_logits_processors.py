"""Each rule alone, on scores that can be read."""

import numpy as np
import pytest

from hfquick.generation import logits_processors as rules
from hfquick.generation.configuration import GenerationConfig

NEVER = -np.inf


def apply(rule: rules.Rule, text: list[int], scores: list[float]) -> list[float]:
    return rule(np.array([text]), np.array([scores], np.float32))[0].tolist()


def test_repetition_penalty_looks_at_the_sign_and_not_at_padding():
    rule = rules.RepetitionPenalty(2.0)
    assert apply(rule, [-1, 0, 1, 1], [4, -4, 4, 4]) == [2, -8, 4, 4]


@pytest.mark.parametrize(
    ("size", "text", "forbidden"),
    [
        (2, [1, 2, 1], {2}),
        (2, [1, 2, 1, 3, 1], {2, 3}),
        (3, [1, 2, 3, 1, 2], {3}),
        (3, [1, 2, 3, 2, 1], set()),
        (1, [1, 2], {1, 2}),
        (3, [1], set()),
        (2, [-1, -1, 2, 1], set()),  # padding is no text
        (1, [-1, 2], {2}),
    ],
)
def test_no_run_twice(size, text, forbidden):
    scores = apply(rules.NoRepeatNGram(size), text, [0.0] * 4)
    assert {token for token, score in enumerate(scores) if score == NEVER} == forbidden


def test_no_run_of_what_the_encoder_reads_for_all_beams():
    rule = rules.NoNGramOf(2, np.array([[1, 2, 3], [2, 1, -1]]))
    scores = rule(np.array([[0, 1], [0, 2], [0, 1], [0, 2]]), np.zeros((4, 4), np.float32))  # two beams each
    assert [np.flatnonzero(np.isneginf(row)).tolist() for row in scores] == [[2], [3], [], [1]]
    scores = rule(np.array([[1], [2]]), np.zeros((2, 4), np.float32))  # a text of one token may begin such a run
    assert [np.flatnonzero(np.isneginf(row)).tolist() for row in scores] == [[2], [1]]


def test_bad_words_of_one_token_and_of_several():
    rule = rules.NoBadWords([[0], [1, 2], [3, 1, 3]])
    assert apply(rule, [1], [0] * 4) == [NEVER, 0, NEVER, 0]
    assert apply(rule, [3, 1], [0] * 4) == [NEVER, 0, NEVER, NEVER]
    assert apply(rule, [2], [0] * 4) == [NEVER, 0, 0, 0]


def test_an_end_is_no_bad_word():
    config = GenerationConfig(bad_words_ids=[[2], [3]], eos_token_id=[2])
    (rule,) = rules.rules_for(config, 1, 9)
    assert apply(rule, [0], [0] * 4) == [0, 0, 0, NEVER]


def test_never_and_forced_act_at_their_lengths():
    assert apply(rules.Never([1], since=2, until=3), [0], [0, 0]) == [0, 0]
    assert apply(rules.Never([1], since=2, until=3), [0, 0], [0, 0]) == [0, NEVER]
    assert apply(rules.Never([1], since=2, until=3), [0, 0, 0], [0, 0]) == [0, 0]
    assert apply(rules.Forced([1], at=2), [0, 0], [5, -5]) == [NEVER, 0]
    assert apply(rules.Forced([1], at=2), [0], [5, -5]) == [5, -5]


@pytest.mark.parametrize(
    ("prompt", "options", "chosen"),
    [(1, {}, 1), (3, {}, 3), (1, {"forced_bos_token_id": 0}, 2), (3, {"forced_bos_token_id": 0}, 3)],
)
def test_the_first_token_chosen_is_not_one_of_begin_suppress_tokens(prompt, options, chosen):
    """A forced first token is not chosen: then it is the one after it."""
    found = rules.rules_for(GenerationConfig(begin_suppress_tokens=[1], **options), prompt, 9)
    for length in range(prompt, 6):
        scores = np.zeros((1, 3), np.float32)
        for rule in found:
            scores = rule(np.ones((1, length), int), scores)
        forced = options and length == 1
        assert scores[0].tolist() == ([0, NEVER, NEVER] if forced else [0, NEVER if length == chosen else 0, 0])


def test_temperature_and_top_k():
    assert apply(rules.Temperature(0.5), [0], [1, 2]) == [2, 4]
    assert apply(rules.TopK(2), [0], [1, 3, 2, 0]) == [NEVER, 3, 2, NEVER]
    assert apply(rules.TopK(9), [0], [1, 3]) == [1, 3]


@pytest.mark.parametrize(("p", "kept"), [(0.4, {0}), (0.5, {0}), (0.55, {0, 1}), (0.85, {0, 1, 2}), (0.0, {0})])
def test_top_p(p, kept):
    scores = apply(rules.TopP(p), [0], np.log([0.5, 0.3, 0.15, 0.05]).tolist())
    assert {token for token, score in enumerate(scores) if score != NEVER} == kept


@pytest.mark.parametrize(
    ("p", "keep", "kept"), [(0.5, 1, {0, 1}), (0.0, 1, {0, 1, 2, 3}), (1.0, 1, {0}), (1.0, 2, {0, 1})]
)
def test_min_p(p, keep, kept):
    scores = apply(rules.MinP(p, keep), [0], np.log([0.5, 0.3, 0.15, 0.05]).tolist())
    assert {token for token, score in enumerate(scores) if score != NEVER} == kept


def test_sampling_rules_are_left_out_without_sampling_and_keep_enough_for_beams():
    options = {"temperature": 0.7, "top_k": 1, "top_p": 0.1, "min_p": 0.9}
    assert rules.rules_for(GenerationConfig(**options), 1, 9) == []
    found = rules.rules_for(GenerationConfig(**options, do_sample=True, num_beams=2, eos_token_id=[1, 2]), 1, 9)
    scores = np.log(np.array([[0.4, 0.3, 0.2, 0.1]], np.float32))
    for rule in found:
        scores = rule(np.array([[0]]), scores)
    assert np.isfinite(scores).sum() == 3  # two may end the text, so a third must go on


def test_best_of_a_row():
    scores = np.random.RandomState(0).standard_normal((3, 500)).astype(np.float32)
    values, places = rules.top_k(scores, 7)
    assert places.tolist() == np.argsort(-scores, 1)[:, :7].tolist()
    assert values.tolist() == (-np.sort(-scores, 1))[:, :7].tolist()
