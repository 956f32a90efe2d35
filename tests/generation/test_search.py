"""The search over a step that is a table: which sequences it finds can be computed by trying all of them."""

from itertools import pairwise, product

import numpy as np
import pytest

from hfquick.generation.configuration import GenerationConfig
from hfquick.generation.logits_processors import build_logits_processors
from hfquick.generation.search import Plan, SearchResult, sample, search
from hfquick.generation.stopping_criteria import StoppingCriteria

V, END = 6, 5
TABLE = np.random.RandomState(3).standard_normal((V, V)).astype(np.float32) * 2  # scores of the token after each token


class Chain:
    """A model in which each token depends on the one before it alone; it has a cache as a real one does."""

    def __init__(self, prompts: list[list[int]]) -> None:
        self.cache = np.array(prompts)  # the tokens of each row
        self.moves: list[tuple[list[int], int]] = []

    def start(self, times: int) -> np.ndarray:
        self.cache = np.repeat(self.cache, times, 0)
        return TABLE[self.cache[:, -1]]

    def __call__(self, tokens: np.ndarray, rows: np.ndarray | None = None, since: int = 0) -> np.ndarray:
        if rows is not None:
            self.moves.append((rows.tolist(), since))
            self.cache[:, since:] = self.cache[rows, since:]
        self.cache = np.concatenate([self.cache, tokens[:, None]], 1)
        return TABLE[self.cache[:, -1]]


def run(prompts: list[list[int]], longest: int, seed: int = 0, **options: object) -> tuple[SearchResult, Chain]:
    config = GenerationConfig(eos_token_id=END, pad_token_id=0, **options)  # type: ignore[arg-type]
    step, P = Chain(prompts), len(prompts[0])
    processors = build_logits_processors(config, P, P + longest)
    plan = Plan(config, processors, StoppingCriteria(config, P + longest), P + longest, 0, np.random.default_rng(seed))
    return search(step, np.array(prompts), plan), step


def log_probability(text: list[int]) -> float:
    log_probs = TABLE.astype(np.float64) - np.log(np.exp(TABLE.astype(np.float64)).sum(-1, keepdims=True))
    return float(sum(log_probs[a, b] for a, b in pairwise(text)))


def all_texts(first: int, longest: int) -> list[list[int]]:
    """Every text that ends, or has the longest length."""
    texts = []
    for count in range(1, longest + 1):
        for tokens in product(range(V), repeat=count):
            if END not in tokens[:-1] and (tokens[-1] == END or count == longest):
                texts.append([first, *tokens])
    return texts


def test_greedy_takes_the_most_probable_next_token():
    found, _ = run([[1], [2]], 4)
    for row in found.sequences:
        text = row.tolist()
        for before, after in pairwise(text):
            if before == END:
                assert after == 0
                break
            assert after == TABLE[before].argmax()


@pytest.mark.parametrize("penalty", [0.0, 1.0, 2.0])
def test_many_beams_find_the_best_sequence_of_all(penalty):
    found, _ = run([[1]], 4, num_beams=300, length_penalty=penalty, early_stopping="never", num_return_sequences=3)
    scored = sorted((log_probability(text) / (len(text) - 1) ** penalty, text) for text in all_texts(1, 4))[::-1][:3]
    for row, (score, text), given in zip(found.sequences, scored, found.sequences_scores, strict=True):
        assert row[: len(text)].tolist() == text
        assert (row[len(text) :] == 0).all()
        assert given == pytest.approx(score, abs=1e-5)


@pytest.mark.parametrize("options", [{}, {"early_stopping": True, "length_penalty": 3.0}])
def test_beams_of_several_prompts_do_not_mix(options):
    together, _ = run([[0], [1], [2], [3], [4]], 6, num_beams=3, **options)
    for first, row in enumerate(together.sequences):
        alone, _ = run([[first]], 6, num_beams=3, **options)
        assert row[: alone.sequences.shape[1]].tolist() == alone.sequences[0].tolist()


@pytest.mark.parametrize("penalty", [-1.0, -0.5, 0.0, 1.0, 3.0])
@pytest.mark.parametrize("beams", [2, 3])
def test_never_gives_up_only_what_cannot_win(monkeypatch, penalty, beams):
    """early_stopping="never" finds what a search finds that goes on to the longest length."""
    options = {"num_beams": beams, "num_return_sequences": beams, "length_penalty": penalty, "early_stopping": "never"}
    for table in np.random.RandomState(10).standard_normal((30, V, V)).astype(np.float32) * 4:
        monkeypatch.setitem(globals(), "TABLE", table)
        found, _ = run([[1]], 8, **options)
        with monkeypatch.context() as patch:
            patch.setattr("hfquick.generation.search._can_improve", lambda *_: np.ones((1, 1), bool))
            whole, _ = run([[1]], 8, **options)
        assert found.sequences_scores.tolist() == whole.sequences_scores.tolist()
        assert found.sequences.tolist() == whole.sequences.tolist()


def test_the_cache_moves_only_what_differs():
    """After every move each row of the cache has the tokens of its sequence, though only the last tokens were moved."""
    found, step = run([[1, 2, 3], [3, 2, 4]], 8, num_beams=4, min_new_tokens=8)
    assert step.moves
    assert all(since >= 3 for _, since in step.moves)
    assert all(row // 4 == source // 4 for rows, _ in step.moves for row, source in enumerate(rows))
    assert (
        found.sequences.tolist() == run([[1, 2, 3], [3, 2, 4]], 8, num_beams=4, min_new_tokens=8)[0].sequences.tolist()
    )
    texts = {tuple(row) for row in step.cache.tolist()}
    assert any(tuple(found.sequences[0][:-1]) == text[: found.sequences.shape[1] - 1] for text in texts)


def test_sampled_tokens_have_their_probabilities():
    scores = np.log(np.array([[0.5, 0.3, 0.0, 0.2]] * 20_000) + 1e-30)
    counts = np.bincount(sample(scores, np.random.default_rng(0)), minlength=4) / 20_000
    np.testing.assert_allclose(counts, [0.5, 0.3, 0, 0.2], atol=0.015)
    assert counts[2] == 0


def test_sampled_beams_are_different_sequences_with_their_probabilities():
    """The first of two beams after one token is a plain sample."""
    firsts = []
    for seed in range(400):
        found, _ = run([[1]], 1, seed, num_beams=2, do_sample=True, top_k=0, num_return_sequences=2)
        assert len({tuple(row) for row in found.sequences.tolist()}) == 2
        firsts += found.sequences[:, 1].tolist()
    probabilities = np.exp(TABLE[1]) / np.exp(TABLE[1]).sum()
    both = np.array(
        [p + sum(q * p / (1 - q) for q in np.delete(probabilities, i)) for i, p in enumerate(probabilities)]
    )
    np.testing.assert_allclose(np.bincount(firsts, minlength=V) / 400, both, atol=0.09)


def test_scores_recorded_are_those_before_and_after_the_processors():
    found, _ = run([[1]], 3, suppress_tokens=[3], min_new_tokens=3, output_scores=True, output_logits=True)
    assert len(found.scores) == len(found.logits) == 3
    assert np.isneginf(found.scores[0][0, 3])
    assert found.logits[0][0, 3] == TABLE[1, 3]
    assert TABLE[1, 3] > -10, "the processor wrote over the model's scores"


def test_nothing_left_to_choose():
    with pytest.raises(ValueError) as error:
        run([[1]], 3, suppress_tokens=list(range(V)))
    assert str(error.value).startswith("no token is left to choose")


def test_scores_that_are_no_numbers(monkeypatch):
    monkeypatch.setitem(globals(), "TABLE", np.full((V, V), np.nan, np.float32))
    for beams in (1, 2):
        with pytest.raises(ValueError) as error:
            run([[1]], 3, num_beams=beams)
        assert "are not numbers (NaN)" in str(error.value)
