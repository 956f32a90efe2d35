"""BART and T5 in both frameworks: cache, masks, what the encoder has read, labels, files, errors; fit and steps.

What only one of them has is in test_bart.py and test_t5.py.
"""

import re

import numpy as np
import pytest

import hfquick
from hfquick.core.outputs import BaseModelOutput
from tests.helpers.checkpoints import framework, sentence, tensors, write_tensors
from tests.helpers.encoder_decoders import (
    FAMILIES,
    MASK,
    READ,
    WRITTEN,
    WRITTEN_MASK,
    call,
    encode,
    same,
    scores,
    tensor,
)

family = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)


def word_vectors(layer, framework):
    return layer.embeddings if framework == "tf" else layer.weight


# The cache and what was read


@framework
@family
def test_a_cache_comes_only_where_it_is_asked_for(family, framework):
    model = family.shared(framework)
    inputs = {"input_ids": READ, "attention_mask": MASK}
    whole = call(model, framework, **inputs, decoder_input_ids=WRITTEN)
    assert whole.keys() == ["logits", "encoder_last_hidden_state"]
    first = call(model, framework, **inputs, decoder_input_ids=WRITTEN[:, :4], use_cache=True)
    assert first.keys() == ["logits", "past_key_values", "encoder_last_hidden_state"]
    cache = first.past_key_values
    again = call(model, framework, **inputs, decoder_input_ids=WRITTEN[:, 4:], past_key_values=cache)
    assert again.past_key_values is cache
    assert cache.length == 7
    assert len(cache.keys) == len(cache.encoder) == 3
    same(again.logits, whole.logits[:, 4:])


@framework
@family
@pytest.mark.parametrize("sizes", [(7,), (4, 3), (1,) * 7])
@pytest.mark.parametrize("maps", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_steps_are_one_call(family, framework, sizes, maps, masked):
    model, cache, logits, end = family.shared(framework, **family.untied), None, [], 0
    masks = {"attention_mask": MASK} | ({"decoder_attention_mask": WRITTEN_MASK} if masked else {})
    whole = call(model, framework, input_ids=READ, decoder_input_ids=WRITTEN, **masks)
    encoded = encode(model, framework)
    for size in sizes:
        start, end = end, end + size
        if masked:
            masks["decoder_attention_mask"] = WRITTEN_MASK[:, :end]
        outputs = call(
            model,
            framework,
            encoder_outputs=encoded,
            decoder_input_ids=WRITTEN[:, start:end],
            past_key_values=cache,
            use_cache=True,
            output_attentions=maps,
            **masks,
        )
        cache = outputs.past_key_values
        logits.append(np.asarray(outputs.logits))
        if maps:
            seen, read = np.asarray(outputs.decoder_attentions[2]), np.asarray(outputs.cross_attentions[2])
            for weights in (seen, read):
                same(weights.sum(-1), np.ones(weights.shape[:-1]))
            assert not seen[..., end:].any(), "looks at what is not there"
            assert not read[1, ..., 6:].any(), "looks at padding of what is read"
            assert not read[2, ..., :2].any(), "looks at padding of what is read"
            if masked:
                assert not seen[2, :, max(2 - start, 0) :, :2].any(), "looks at padding"
    joined = np.concatenate(logits, 1)
    assert np.isfinite(joined).all()
    same(joined, whole.logits)


@framework
@family
def test_the_encoder_is_asked_once_and_its_outputs_may_be_given_in_any_form(family, framework):
    model = family.shared(framework)
    whole = call(model, framework, input_ids=READ, attention_mask=MASK, decoder_input_ids=WRITTEN)
    encoded = encode(model, framework)
    same(encoded.last_hidden_state, whole.encoder_last_hidden_state)
    x = encoded.last_hidden_state
    for given in (encoded, BaseModelOutput(x), (x,), [x]):
        found = call(model, framework, encoder_outputs=given, attention_mask=MASK, decoder_input_ids=WRITTEN)
        same(found.logits, whole.logits)
    cache = call(model, framework, encoder_outputs=encoded, attention_mask=MASK, decoder_input_ids=WRITTEN[:, :4],
                 use_cache=True).past_key_values  # fmt: skip
    rest = call(model, framework, encoder_outputs=(x * 0,), attention_mask=MASK, decoder_input_ids=WRITTEN[:, 4:],
                past_key_values=cache)  # fmt: skip
    same(rest.logits, whole.logits[:, 4:])  # the cache has kept what was read


@framework
@family
def test_what_comes_later_changes_nothing_before(family, framework):
    model = family.shared(framework)
    later = WRITTEN.copy()
    later[:, 4:] = 5
    same(call(model, framework, input_ids=READ, decoder_input_ids=later).logits[:, :4],
         call(model, framework, input_ids=READ, decoder_input_ids=WRITTEN).logits[:, :4])  # fmt: skip


@framework
@family
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_texts_of_padding_alone_give_numbers_in_half_precision(family, framework, dtype, tmp_path):
    family.build(framework, **family.narrow).save_pretrained(tmp_path)
    auto = getattr(hfquick, f"{'TF' if framework == 'tf' else ''}AutoModelForSeq2SeqLM")
    model = auto.from_pretrained(tmp_path, dtype=dtype)
    for options in ({}, {"output_attentions": True}):
        for masks in ((MASK, WRITTEN_MASK), (MASK * 0, WRITTEN_MASK * 0)):
            found = call(model, framework, input_ids=READ, attention_mask=masks[0], decoder_input_ids=WRITTEN,
                         decoder_attention_mask=masks[1], **options).logits  # fmt: skip
            assert dtype in str(found.dtype)
            found = found.float() if framework == "pt" else found
            assert np.isfinite(np.asarray(found, "float32")).all()


# Inputs and labels


@framework
@family
def test_labels_are_read_one_place_later(family, framework):
    model = family.shared(framework, pad_token_id=1, decoder_start_token_id=2)
    labels = np.array([[7, 8, 9, 2], [7, 2, -100, -100], [-100, 5, 6, 2]])
    shifted = np.array([[2, 7, 8, 9], [2, 7, 2, 1], [2, 1, 5, 6]])
    found = model.prepare_decoder_input_ids_from_labels(labels=tensor(labels, framework))
    np.testing.assert_array_equal(np.asarray(found), shifted)
    given = call(model, framework, input_ids=READ, decoder_input_ids=shifted)
    with_labels = call(model, framework, input_ids=READ, labels=labels)
    same(with_labels.logits, given.logits)
    logits = np.asarray(given.logits, "float64")
    chances = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    wanted = [-np.log(chances[row, place, labels[row, place]]) for row, place in np.argwhere(labels != -100)]
    same(with_labels.loss, np.mean(wanted))


@framework
@family
def test_vectors_in_the_place_of_tokens(family, framework):
    model = family.shared(framework)
    words = word_vectors(model.base_model.shared, framework)
    table = np.asarray(words if framework == "tf" else words.detach())
    found = call(model, framework, inputs_embeds=table[READ], decoder_inputs_embeds=table[WRITTEN])
    same(found.logits, call(model, framework, input_ids=READ, decoder_input_ids=WRITTEN).logits)


BOTH = {"input_ids": READ, "decoder_input_ids": WRITTEN}
ERRORS = [
    (BOTH | {"input_ids": READ + 40}, "this model has token ids 0 to 39"),
    (BOTH | {"decoder_input_ids": WRITTEN + 40}, "this model has token ids 0 to 39"),
    (BOTH | {"attention_mask": MASK[:, :5]}, "attention_mask is for 5 tokens, but 9 are read"),
    (BOTH | {"decoder_attention_mask": WRITTEN_MASK[:, :6]}, "decoder_attention_mask is for 6 tokens, but 7 are read"),
    (BOTH | {"labels": WRITTEN + 40}, "this model has labels 0 to 39"),
]


@framework
@family
@pytest.mark.parametrize(("inputs", "part"), ERRORS)
def test_bad_input_is_a_sentence(family, framework, inputs, part):
    with pytest.raises(ValueError) as error:
        call(family.shared(framework), framework, **inputs)
    assert part in str(error.value)


@framework
@family
def test_a_decoder_without_a_start_token_needs_its_tokens(family, framework):
    model = family.shared(framework, decoder_start_token_id=None)
    said = f"decoder_start_token_id is None and pad_token_id {model.config.pad_token_id} in the configuration, so"
    with pytest.raises(ValueError, match=said):
        call(model, framework, input_ids=READ, labels=WRITTEN)
    assert call(model, framework, input_ids=READ, labels=WRITTEN, decoder_input_ids=WRITTEN).loss > 0


# Files


@framework
@family
@pytest.mark.parametrize("tied", [True, False])
def test_what_is_saved_loads_in_both_frameworks(family, framework, tied, tmp_path, capsys):
    model = family.shared(framework, **({} if tied else family.untied))
    expected = scores(model, framework)
    model.save_pretrained(tmp_path)
    state = tensors(tmp_path)
    assert not [name for name in state if name.endswith("embed_tokens.weight")], "what is shared is written once"
    assert ("lm_head.weight" in state) is not tied
    assert tied or not np.array_equal(state["lm_head.weight"], state[f"{family.prefix}shared.weight"])
    for other in ("pt", "tf"):
        pytest.importorskip({"pt": "torch", "tf": "tensorflow"}[other])
        same(scores(family.model_class(other).from_pretrained(tmp_path), other), expected)
        bare = family.model_class(other, "Model").from_pretrained(tmp_path)
        shared = word_vectors(bare.shared, other)
        assert word_vectors(bare.encoder.embed_tokens, other) is shared
        assert word_vectors(bare.decoder.embed_tokens, other) is shared
    assert "untrained" not in capsys.readouterr().out


@framework
@family
@pytest.mark.parametrize("kept", ["shared", "encoder.embed_tokens", "decoder.embed_tokens", "lm_head"])
def test_what_is_shared_is_found_under_any_of_its_names(family, framework, kept, tmp_path, capsys):
    model = family.shared(framework)
    model.save_pretrained(tmp_path)
    state = tensors(tmp_path)
    name = f"{'' if kept == 'lm_head' else family.prefix}{kept}.weight"
    state[name] = state.pop(f"{family.prefix}shared.weight")
    write_tensors(tmp_path, state)
    same(scores(type(model).from_pretrained(tmp_path), framework), scores(model, framework))
    assert capsys.readouterr().out == ""


@framework
@family
def test_a_head_that_is_not_in_the_file_is_said_to_be_new(family, framework, tmp_path, capsys):
    model = family.shared(framework, **family.untied)
    model.save_pretrained(tmp_path)
    state = tensors(tmp_path)
    del state["lm_head.weight"]
    write_tensors(tmp_path, state)
    type(model).from_pretrained(tmp_path)
    assert "new, untrained: lm_head.weight - train before use" in capsys.readouterr().out


@framework
@family
def test_a_file_that_lacks_a_part_is_refused(family, framework, tmp_path):
    model = family.shared(framework)
    model.save_pretrained(tmp_path)
    state = tensors(tmp_path)
    moved = state.pop(family.part)
    write_tensors(tmp_path, state)
    with pytest.raises(OSError) as error:
        type(model).from_pretrained(tmp_path)
    assert f"lacks {family.part}" in sentence(error)
    write_tensors(tmp_path, state | {family.part.replace("q", "query"): moved})
    with pytest.raises(OSError, match=f"did you mean '{re.escape(family.part.rsplit('.', 2)[0])}"):
        type(model).from_pretrained(tmp_path)


# Training and compiled steps


@pytest.mark.torch
@family
def test_gradient_checkpointing_gives_the_same_gradients(family):
    import torch

    gradients = []
    for checkpointing in (False, True):
        model = family.build("pt", **family.no_dropout).train()
        if checkpointing:
            model.gradient_checkpointing_enable()
        model(tensor(READ, "pt"), tensor(MASK, "pt"), labels=tensor(WRITTEN, "pt")).loss.backward()
        gradients.append({name: parameter.grad for name, parameter in model.named_parameters()})
    for name, gradient in gradients[0].items():
        assert gradient is not None, name
        torch.testing.assert_close(gradients[1][name], gradient)


@pytest.mark.tf
@family
def test_a_compiled_step_is_traced_once_for_all_lengths(family):
    import tensorflow as tf

    from hfquick.generation.cache_tf import TFCache

    model, traced = family.shared("tf"), []
    encoded = encode(model, "tf").last_hidden_state

    @tf.function
    def step(ids, length, keys, values, read):
        traced.append(1)
        cache = TFCache()
        cache.length, cache.keys, cache.values, cache.encoder = length, [*keys], [*values], [*read]
        outputs = model(attention_mask=MASK, decoder_input_ids=ids, encoder_outputs=(encoded,), past_key_values=cache)
        return outputs.logits, cache.keys, cache.values

    whole = call(model, "tf", input_ids=READ, attention_mask=MASK, decoder_input_ids=WRITTEN).logits
    cache = call(model, "tf", encoder_outputs=(encoded,), attention_mask=MASK, decoder_input_ids=WRITTEN[:, :3],
                 use_cache=True).past_key_values  # fmt: skip
    keys, values = cache.keys, cache.values
    for length in range(3, 7):
        ids = tf.constant(WRITTEN[:, length : length + 1])
        logits, keys, values = step(ids, tf.constant(length), keys, values, cache.encoder)
        same(logits, whole[:, length : length + 1])
    assert traced == [1]


@pytest.mark.tf
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")  # of TensorFlow's tensors
@family
def test_fit_learns_a_text_by_heart_and_a_keras_file_keeps_it(family, tmp_path):
    import keras

    model = family.build("tf", **family.narrow | family.no_dropout)
    model.compile(keras.optimizers.Adam(1e-2))
    inputs = {"input_ids": READ, "attention_mask": MASK, "labels": WRITTEN}
    losses = model.fit(inputs, epochs=30, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 4
    model.save(tmp_path / "model.keras")
    same(scores(keras.models.load_model(tmp_path / "model.keras"), "tf"), scores(model, "tf"))
