"""The KV cache, used by hand: it grows with the tokens, and nothing of it is lost or mixed up."""

import numpy as np
import pytest

from tests.generation.cases import BART, GPT2, T5, Case
from tests.helpers.generation import keras_model, torch_model

LONG = Case("cache", GPT2, {}, config={"n_positions": 200, "n_layer": 1})
READS = {
    "gpt2": LONG,
    "t5": Case("cache", T5, {}, config={"num_layers": 1}),
    "bart": Case("cache", BART, {}, config={"max_position_embeddings": 200, "decoder_layers": 1}),
}
TOKENS = np.random.RandomState(5).randint(20, 60, (2, 150))
CHUNKS = (60, 4, 1, 70, 1, 1, 13)  # fills the first capacity exactly, goes one beyond, then past the next at once


@pytest.fixture(params=[pytest.param("pt", marks=pytest.mark.torch), pytest.param("tf", marks=pytest.mark.tf)])
def framework(request):
    return request.param


def tensor(framework: str, array: np.ndarray):
    if framework == "pt":
        import torch

        return torch.from_numpy(array)
    import tensorflow as tf

    return tf.constant(array)


def new_cache(framework: str, capacity: int):
    if framework == "pt":
        from hfquick.generation.cache import Cache

        return Cache(capacity)
    from hfquick.generation.cache_tf import TFCache

    return TFCache(capacity)


def scores(framework: str, model, arrays: dict, **options):
    """Outputs of a call, and its scores as an array."""
    inputs = {name: tensor(framework, array) for name, array in arrays.items()}
    if framework == "tf":
        outputs = model(**inputs, **options)
    else:
        import torch

        with torch.no_grad():
            outputs = model(**inputs, **options)
    return outputs, np.asarray(outputs.logits)


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("capacity", [None, 1])
def test_a_sequence_in_chunks_is_the_same_past_every_capacity(framework, name, capacity):
    model = (torch_model if framework == "pt" else keras_model)(READS[name])
    read, fixed = ("input_ids", {}) if name == "gpt2" else ("decoder_input_ids", {"input_ids": TOKENS[:, :7]})
    _, whole = scores(framework, model, fixed | {read: TOKENS})
    cache, start = None if capacity is None else new_cache(framework, capacity), 0
    for count in CHUNKS:
        chunk = TOKENS[:, start : start + count]
        outputs, found = scores(framework, model, fixed | {read: chunk}, past_key_values=cache, use_cache=True)
        np.testing.assert_allclose(found, whole[:, start : start + count], atol=1e-3)
        cache, start = outputs.past_key_values, start + count
    assert cache.length == start == 150


def test_padding_is_hidden_past_every_capacity(framework):
    model = (torch_model if framework == "pt" else keras_model)(LONG)
    mask = np.ones_like(TOKENS)
    mask[1, :9] = 0
    _, whole = scores(framework, model, {"input_ids": TOKENS, "attention_mask": mask})
    cache, start = None, 0
    for count in CHUNKS:
        end = start + count
        arrays = {"input_ids": TOKENS[:, start:end], "attention_mask": mask[:, :end]}
        outputs, found = scores(framework, model, arrays, past_key_values=cache, use_cache=True)
        np.testing.assert_allclose(found[0], whole[0, start:end], atol=1e-3)
        np.testing.assert_allclose(found[1, -1], whole[1, end - 1], atol=1e-3)
        cache, start = outputs.past_key_values, end


def append(framework: str, cache, layer: int, array: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Keys (B, T, 1, 1) of so many tokens; their values are the same, negative. -> what the cache holds, (B, S)."""
    if framework == "pt":
        array = array.swapaxes(1, 2)
    cached = cache.append(layer, tensor(framework, array), tensor(framework, -array))
    return tuple(np.asarray(part).reshape(len(array), -1) for part in cached)


def test_rows_are_repeated_and_reordered(framework):
    cache = new_cache(framework, 3)
    first = np.array([[1, 2], [5, 6]], np.float32)[:, :, None, None]
    for layer in range(2):
        append(framework, cache, layer, first * 10**layer)
    cache.advance(2)
    pair = tensor(framework, np.array([7, 8], np.float32)[:, None, None, None])
    for _ in range(2):  # made once only
        cache.from_encoder(0, lambda: (pair, pair))
    cache.expand(2)  # rows 1 1 5 5
    new = np.array([[3], [4], [7], [8]], np.float32)[:, :, None, None]
    for layer in range(2):
        append(framework, cache, layer, new * 10**layer)
    cache.advance(1)
    cache.reorder(tensor(framework, np.array([1, 1, 3, 2])), since=2)
    expected = np.array([[1, 2, 4, 9], [1, 2, 4, 9], [5, 6, 8, 9], [5, 6, 7, 9]])
    last = np.full((4, 1, 1, 1), 9, np.float32)
    for layer in range(2):  # the fourth token exceeds the capacity
        keys, values = append(framework, cache, layer, last * 10**layer)
        assert keys[:, :4].tolist() == (expected * 10**layer).tolist()
        assert values[:, :4].tolist() == (-expected * 10**layer).tolist()
    assert np.asarray(cache.encoder[0][0]).reshape(-1).tolist() == [7, 7, 8, 8]


def test_one_encoder_sequence_is_shared_by_all_beams(framework):
    cache = new_cache(framework, 3)
    pair = tensor(framework, np.full((1, 2, 1, 1), 7, np.float32))
    cache.from_encoder(0, lambda: (pair, pair))
    cache.expand(3)
    assert np.asarray(cache.encoder[0][1]).shape == (3, 2, 1, 1)
