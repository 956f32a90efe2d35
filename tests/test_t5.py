"""T5 in both frameworks: distances, cache, masks, what the encoder has read, labels, files, errors; fit and .keras."""

import json

import numpy as np
import pytest

import hfquick
from hfquick.outputs import BaseModelOutput
from tests.checkpoint_helpers import framework, sentence, tensors, write_tensors

SIZES = {
    "vocab_size": 40,
    "d_model": 32,
    "d_kv": 6,
    "d_ff": 48,
    "num_layers": 2,
    "num_decoder_layers": 3,
    "num_heads": 4,
    "relative_attention_num_buckets": 8,
    "relative_attention_max_distance": 6,
    "decoder_start_token_id": 0,
}
READ = np.random.RandomState(0).randint(3, 40, (3, 9))
MASK = np.array([[1] * 9, [1, 1, 0, 1, 1, 1, 0, 0, 0], [0, 0, 1, 1, 1, 1, 1, 1, 1]])
WRITTEN = np.random.RandomState(1).randint(3, 40, (3, 7))
WRITTEN_MASK = np.array([[1] * 7, [1, 1, 0, 1, 1, 1, 1], [0, 0, 1, 1, 1, 1, 1]])
NEW = {"feed_forward_proj": "gated-gelu", "tie_word_embeddings": False}  # T5 v1.1


def build(framework, end="ForConditionalGeneration", **config):
    """A model by its name's end, with random weights."""
    if framework == "tf":
        import keras

        keras.utils.set_random_seed(0)
    else:
        import torch

        torch.manual_seed(0)
    model = getattr(hfquick, f"{'TF' if framework == 'tf' else ''}T5{end}")
    model = model.from_config(hfquick.T5Config(**SIZES | config))
    return model if framework == "tf" else model.eval()


def tensor(value, framework):
    if not isinstance(value, np.ndarray):
        return value
    module = pytest.importorskip("tensorflow" if framework == "tf" else "torch")
    return module.constant(value) if framework == "tf" else module.from_numpy(value)


def call(model, framework, **inputs):
    """The outputs for NumPy arrays; no gradients."""
    inputs = {key: tensor(value, framework) for key, value in inputs.items()}
    if framework == "tf":
        return model(**inputs)
    import torch

    with torch.no_grad():
        return model(**inputs)


def same(ours, expected):
    expected = np.asarray(expected)
    np.testing.assert_allclose(np.asarray(ours), expected, rtol=1e-5, atol=2e-5 * max(1, expected.std()))


def encode(model, framework):
    return call(model.get_encoder(), framework, input_ids=READ, attention_mask=MASK)


@framework
@pytest.mark.parametrize(
    ("is_decoder", "count", "longest", "expected"),
    [  # distances -> buckets as transformers 4.57.6 gives them, at and around the places where they change
        (True, 32, 128, {5: 0, 0: 0, -1: 1, -15: 15, -16: 16, -18: 16, -19: 17, -24: 19, -127: 31, -500: 31}),
        (False, 32, 128, {0: 0, -1: 1, 1: 17, -7: 7, -8: 8, -11: 8, -12: 9, 12: 25, 127: 31, -127: 15, 500: 31}),
        (True, 8, 7, {1: 0, -3: 3, -4: 4, -5: 5, -6: 6, -7: 7, -90: 7}),
        (False, 8, 7, {-1: 1, 1: 5, -2: 2, -3: 2, -4: 3, 3: 6, 4: 7, 90: 7}),
    ],
)
def test_near_distances_stand_alone_and_far_ones_share(framework, is_decoder, count, longest, expected):
    from importlib import import_module

    buckets = import_module(f"hfquick.models.t5.modeling_{'tf_' if framework == 'tf' else ''}t5").buckets
    distances = np.array(list(expected), "int32")
    found = np.asarray(buckets(tensor(distances, framework), is_decoder, count, longest))
    assert dict(zip(distances.tolist(), found.tolist(), strict=True)) == expected
    every = np.asarray(buckets(tensor(np.arange(-300, 300, dtype="int32"), framework), is_decoder, count, longest))
    assert sorted(set(every.tolist())) == [number for number in range(count) if is_decoder or number != count // 2]


@framework
def test_a_cache_comes_only_where_it_is_asked_for(framework):
    model = build(framework)
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
@pytest.mark.parametrize("sizes", [(7,), (4, 3), (1,) * 7])
@pytest.mark.parametrize("maps", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_steps_are_one_call(framework, sizes, maps, masked):
    model, cache, logits, end = build(framework, **NEW), None, [], 0
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
def test_only_distances_count_so_padding_on_the_left_changes_nothing(framework):
    model = build(framework)
    masks = {"attention_mask": MASK[2:], "decoder_attention_mask": WRITTEN_MASK[2:]}
    padded = call(model, framework, input_ids=READ[2:], decoder_input_ids=WRITTEN[2:], **masks)
    alone = call(model, framework, input_ids=READ[2:, 2:], decoder_input_ids=WRITTEN[2:, 2:])
    same(padded.logits[:, 2:], alone.logits)
    later = WRITTEN.copy()
    later[:, 4:] = 5
    same(call(model, framework, input_ids=READ, decoder_input_ids=later).logits[:, :4],
         call(model, framework, input_ids=READ, decoder_input_ids=WRITTEN).logits[:, :4])  # fmt: skip


@framework
def test_the_encoder_is_asked_once_and_its_outputs_may_be_given_in_any_form(framework):
    model = build(framework)
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
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_texts_of_padding_alone_give_numbers_in_half_precision(framework, dtype, tmp_path):
    build(framework).save_pretrained(tmp_path)
    auto = getattr(hfquick, f"{'TF' if framework == 'tf' else ''}AutoModelForSeq2SeqLM")
    model = auto.from_pretrained(tmp_path, dtype=dtype)
    for options in ({}, {"output_attentions": True}):
        for masks in ((MASK, WRITTEN_MASK), (MASK * 0, WRITTEN_MASK * 0)):
            found = call(model, framework, input_ids=READ, attention_mask=masks[0], decoder_input_ids=WRITTEN,
                         decoder_attention_mask=masks[1], **options).logits  # fmt: skip
            assert dtype in str(found.dtype)
            found = found.float() if framework == "pt" else found
            assert np.isfinite(np.asarray(found, "float32")).all()


@framework
def test_sums_too_large_for_float16_stay_numbers(framework, tmp_path):
    build(framework).save_pretrained(tmp_path)
    state = tensors(tmp_path)
    for name in state:
        if name.endswith("wo.weight"):
            state[name] = np.sign(state[name]) * 30_000
    write_tensors(tmp_path, state)
    auto = getattr(hfquick, f"{'TF' if framework == 'tf' else ''}AutoModelForSeq2SeqLM")
    model = auto.from_pretrained(tmp_path, dtype="float16")
    found = call(model, framework, input_ids=READ, decoder_input_ids=WRITTEN, output_hidden_states=True)
    largest = np.abs(np.asarray(found.encoder_hidden_states[1])).max()
    assert largest == 64_000
    assert np.isfinite(np.asarray(found.logits)).all()


@framework
def test_labels_are_read_one_place_later(framework):
    model = build(framework, pad_token_id=1, decoder_start_token_id=2)
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
def test_vectors_in_the_place_of_tokens(framework):
    model = build(framework)
    table = np.asarray(model.shared.embeddings if framework == "tf" else model.shared.weight.detach())
    found = call(model, framework, inputs_embeds=table[READ], decoder_inputs_embeds=table[WRITTEN])
    same(found.logits, call(model, framework, input_ids=READ, decoder_input_ids=WRITTEN).logits)


ERRORS = [
    ({"decoder_input_ids": WRITTEN}, "give either input_ids (B, T) or inputs_embeds (B, T, D)"),
    ({"input_ids": READ}, "give either decoder_input_ids (B, T) or decoder_inputs_embeds (B, T, D)"),
    ({"input_ids": READ + 40, "decoder_input_ids": WRITTEN}, "this model has token ids 0 to 39"),
    ({"input_ids": READ, "decoder_input_ids": WRITTEN + 40}, "this model has token ids 0 to 39"),
    ({"input_ids": READ, "attention_mask": MASK[:, :5]}, "attention_mask is for 5 tokens, but 9 are read"),
    (
        {"input_ids": READ, "decoder_input_ids": WRITTEN, "decoder_attention_mask": WRITTEN_MASK[:, :6]},
        "decoder_attention_mask is for 6 tokens, but 7 are read",
    ),
    ({"input_ids": READ, "labels": WRITTEN + 40, "decoder_input_ids": WRITTEN}, "this model has labels 0 to 39"),
]


@framework
@pytest.mark.parametrize(("inputs", "part"), ERRORS)
def test_bad_input_is_a_sentence(framework, inputs, part):
    with pytest.raises(ValueError) as error:
        call(build(framework), framework, **inputs)
    assert part in str(error.value)


@framework
def test_a_decoder_without_a_start_token_needs_its_tokens(framework):
    model = build(framework, decoder_start_token_id=None)
    with pytest.raises(ValueError, match=r"decoder_start_token_id is None and pad_token_id 0 in the configuration, so"):
        call(model, framework, input_ids=READ, labels=WRITTEN)
    assert call(model, framework, input_ids=READ, labels=WRITTEN, decoder_input_ids=WRITTEN).loss > 0


@pytest.mark.parametrize(
    ("config", "part"),
    [
        ({"relative_attention_num_buckets": 3}, "relative_attention_num_buckets is 3, expected at least 4"),
        ({"relative_attention_max_distance": 16}, "relative_attention_max_distance is 16, expected more than 16"),
        ({"num_decoder_layers": 10**6}, "'num_decoder_layers' is 1000000, expected a number from 1 to 1000"),
        ({"d_kv": "64"}, "'d_kv' is '64', expected a whole number"),
    ],
)
def test_configurations_that_cannot_be(config, part):
    with pytest.raises(ValueError) as error:
        hfquick.T5Config(**config)
    assert part in str(error.value)


@framework
def test_an_unknown_function_of_the_feed_forward_part_is_a_sentence(framework):
    with pytest.raises(ValueError, match="activation 'gelou' is unknown; did you mean 'gelu'"):
        build(framework, feed_forward_proj="gated-gelou")


def test_what_configurations_of_the_hub_say(tmp_path):
    values = {  # as those of flan-t5 and t5-small
        "model_type": "t5", "d_model": 32, "num_layers": 4, "feed_forward_proj": "gated-gelu", "is_gated_act": True,
        "dense_act_fn": "gelu_new", "n_positions": 512, "output_past": True,
        "task_specific_params": {"summarization": {"prefix": "summarize: ", "num_beams": 4}},
    }  # fmt: skip
    (tmp_path / "config.json").write_text(json.dumps(values))
    config = hfquick.AutoConfig.from_pretrained(tmp_path)
    assert (config.num_layers, config.num_decoder_layers, config.hidden_size, config.head_dim) == (4, 4, 32, 64)
    assert (config.is_gated_act, config.dense_act_fn) == (True, "gelu_new")
    assert config.task_specific_params["summarization"]["prefix"] == "summarize: "
    config.save_pretrained(tmp_path)
    saved = json.loads((tmp_path / "config.json").read_text())
    assert saved["task_specific_params"] == values["task_specific_params"]
    assert saved["n_positions"] == 512
    assert not {"initializer_range", "is_gated_act", "hidden_size"} & set(saved)
    for proj, gated, function in (("relu", False, "relu"), ("gated-silu", True, "silu"), ("gelu", False, "gelu")):
        config = hfquick.T5Config(feed_forward_proj=proj)
        assert (config.is_gated_act, config.dense_act_fn) == (gated, function)


def scores(model, framework):
    return np.asarray(call(model, framework, input_ids=READ, attention_mask=MASK, decoder_input_ids=WRITTEN)[0])


def classes(end="ForConditionalGeneration"):
    return {"pt": getattr(hfquick, f"T5{end}"), "tf": getattr(hfquick, f"TFT5{end}")}


@framework
@pytest.mark.parametrize("config", [{}, NEW])
def test_what_is_saved_loads_in_both_frameworks(framework, config, tmp_path, capsys):
    model = build(framework, **config)
    expected, encoded = scores(model, framework), np.asarray(encode(model, framework)[0])
    model.save_pretrained(tmp_path)
    state = tensors(tmp_path)
    assert not {"encoder.embed_tokens.weight", "decoder.embed_tokens.weight"} & set(state), "it is written once"
    assert ("lm_head.weight" in state) is bool(config)
    for other in ("pt", "tf"):
        pytest.importorskip({"pt": "torch", "tf": "tensorflow"}[other])
        same(scores(classes()[other].from_pretrained(tmp_path), other), expected)
        encoder = classes("EncoderModel")[other].from_pretrained(tmp_path)
        same(call(encoder, other, input_ids=READ, attention_mask=MASK)[0], encoded)
        bare = classes("Model")[other].from_pretrained(tmp_path)
        assert bare.encoder.embed_tokens is bare.shared is bare.decoder.embed_tokens
    assert "untrained" not in capsys.readouterr().out


@framework
@pytest.mark.parametrize("kept", ["encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "lm_head.weight"])
def test_what_is_shared_is_found_under_any_of_its_names(framework, kept, tmp_path, capsys):
    model = build(framework)
    expected = scores(model, framework)
    model.save_pretrained(tmp_path)
    state = tensors(tmp_path)
    state[kept] = state.pop("shared.weight")
    write_tensors(tmp_path, state)
    same(scores(classes()[framework].from_pretrained(tmp_path), framework), expected)
    assert "untrained" not in capsys.readouterr().out


@framework
def test_copies_and_a_bias_that_was_never_read_are_dropped_from_old_files(framework, tmp_path, capsys):
    model = build(framework)
    expected = scores(model, framework)
    model.save_pretrained(tmp_path)
    state, old = tensors(tmp_path), "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"
    for name in ("encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "lm_head.weight"):
        state[name] = state["shared.weight"].copy()
    write_tensors(tmp_path, state | {old: np.zeros((8, 4), "float32")})
    same(scores(classes()[framework].from_pretrained(tmp_path), framework), expected)
    assert f"dropped, not part of this model: {old}" in capsys.readouterr().out


@framework
def test_a_head_that_is_not_in_the_file_is_said_to_be_new(framework, tmp_path, capsys):
    build(framework, "Model", **NEW).save_pretrained(tmp_path)
    model = classes()[framework].from_pretrained(tmp_path)
    assert "new, untrained: lm_head.weight - train before use" in capsys.readouterr().out
    head = np.asarray(model.lm_head.weight if framework == "tf" else model.lm_head.weight.detach())
    assert 0.9 < head.std() < 1.1, "as wide as the paper's code draws it"


@framework
def test_a_file_that_lacks_a_layer_is_refused(framework, tmp_path):
    build(framework).save_pretrained(tmp_path)
    state = tensors(tmp_path)
    del state["decoder.block.2.layer.1.EncDecAttention.q.weight"]
    write_tensors(tmp_path, state)
    with pytest.raises(OSError) as error:
        classes()[framework].from_pretrained(tmp_path)
    assert "lacks decoder.block.2.layer.1.EncDecAttention.q.weight" in sentence(error)


@pytest.mark.torch
def test_gradient_checkpointing_gives_the_same_gradients():
    import torch

    gradients = []
    for twice in (False, True):
        model = build("pt", dropout_rate=0.0).train()
        if twice:
            model.gradient_checkpointing_enable()
        model(tensor(READ, "pt"), tensor(MASK, "pt"), labels=tensor(WRITTEN, "pt")).loss.backward()
        gradients.append([parameter.grad for parameter in model.parameters()])
    for once, again in zip(*gradients, strict=True):
        torch.testing.assert_close(once, again)


@pytest.mark.tf
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")  # of TensorFlow's tensors
class TestKeras:
    def test_initial_weights_are_as_wide_as_those_in_pytorch(self):
        from hfquick.weights_tf import slots
        from tests.parity import checks

        model = build("tf", d_model=64, vocab_size=400, initializer_factor=0.5, **NEW)
        for name, slot in slots(model).items():
            value = slot.to_torch()
            if checks.is_norm(name):
                assert (value == 0.5).all(), name
            else:
                wanted = 0.5 * checks.width_of_t5(name, model.config)
                assert abs(value.std() / wanted - 1) < 5 / (2 * value.size) ** 0.5, name

    def test_fit_learns_from_labels(self):
        import keras

        model = build("tf", initializer_factor=1.0)
        model.compile(keras.optimizers.Adam(1e-2))
        batch = {"input_ids": READ, "attention_mask": MASK, "labels": WRITTEN}
        history = model.fit(batch, epochs=20, batch_size=3, verbose=0).history["loss"]
        assert history[-1] < history[0] / 2

    def test_a_keras_file_gives_the_same(self, tmp_path):
        import keras

        model = build("tf")
        expected = scores(model, "tf")
        model.save(tmp_path / "model.keras")
        same(scores(keras.models.load_model(tmp_path / "model.keras"), "tf"), expected)

    def test_a_compiled_step_reads_on(self):
        import tensorflow as tf

        from hfquick.generation.cache_tf import TFCache

        model = build("tf")
        whole = call(model, "tf", input_ids=READ, attention_mask=MASK, decoder_input_ids=WRITTEN).logits
        encoded = encode(model, "tf")[0]
        cache = call(model, "tf", encoder_outputs=(encoded,), attention_mask=MASK, decoder_input_ids=WRITTEN[:, :3],
                     use_cache=True).past_key_values  # fmt: skip

        @tf.function(reduce_retracing=True)
        def step(ids, length, keys, values, of_encoder):
            cache = TFCache(room=64)
            cache.length, cache.keys, cache.values, cache.encoder = length, list(keys), list(values), list(of_encoder)
            logits = model(attention_mask=MASK, decoder_input_ids=ids, encoder_outputs=(encoded,),
                           past_key_values=cache).logits  # fmt: skip
            return logits, cache.keys, cache.values

        keys, values = cache.keys, cache.values
        for place in range(3, 7):
            ids = tf.constant(WRITTEN[:, place : place + 1])
            logits, keys, values = step(ids, tf.constant(place), keys, values, cache.encoder)
            same(logits, whole[:, place : place + 1])
