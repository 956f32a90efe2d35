"""BART in both frameworks: cache, masks, what the encoder has read, labels, files, errors; fit and compiled steps."""

import json

import numpy as np
import pytest

import hfquick
from hfquick.outputs import BaseModelOutput
from tests.checkpoint_helpers import framework, sentence, tensors, write_tensors

SIZES = {
    "vocab_size": 40,
    "max_position_embeddings": 16,
    "d_model": 32,
    "encoder_layers": 2,
    "encoder_attention_heads": 4,
    "encoder_ffn_dim": 48,
    "decoder_layers": 3,
    "decoder_attention_heads": 2,
    "decoder_ffn_dim": 44,
    "init_std": 0.3,
}
READ = np.random.RandomState(0).randint(3, 40, (3, 9))
MASK = np.array([[1] * 9, [1, 1, 0, 1, 1, 1, 0, 0, 0], [0, 0, 1, 1, 1, 1, 1, 1, 1]])
WRITTEN = np.random.RandomState(1).randint(3, 40, (3, 7))
WRITTEN[:, 0] = 2
WRITTEN_MASK = np.array([[1] * 7, [1, 1, 0, 1, 1, 1, 1], [0, 0, 1, 1, 1, 1, 1]])


def build(framework, end="ForConditionalGeneration", **config):
    """A model by its name's end, with random weights."""
    if framework == "tf":
        import keras

        keras.utils.set_random_seed(0)
    else:
        import torch

        torch.manual_seed(0)
    model = getattr(hfquick, f"{'TF' if framework == 'tf' else ''}Bart{end}")
    model = model.from_config(hfquick.BartConfig(**SIZES | config))
    return model if framework == "tf" else model.eval()


def tensor(value, framework):
    if not isinstance(value, np.ndarray):
        return value
    import_name = "tensorflow" if framework == "tf" else "torch"
    module = pytest.importorskip(import_name)
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
    np.testing.assert_allclose(np.asarray(ours), np.asarray(expected), rtol=1e-5, atol=1e-5)


def encode(model, framework):
    return call(model.get_encoder(), framework, input_ids=READ, attention_mask=MASK)


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
    model, cache, logits, end = build(framework), None, [], 0
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
def test_padding_and_neighbours_change_nothing(framework):
    model = build(framework)
    together = call(model, framework, input_ids=READ, attention_mask=np.tril(np.ones((3, 9), "int64"), 5),
                    decoder_input_ids=WRITTEN)  # fmt: skip
    for text, length in enumerate((6, 7, 8)):
        alone = call(model, framework, input_ids=READ[text : text + 1, :length],
                     decoder_input_ids=WRITTEN[text : text + 1])  # fmt: skip
        same(together.logits[text], alone.logits[0])
    later = WRITTEN.copy()
    later[:, 4:] = 5
    same(call(model, framework, input_ids=READ, decoder_input_ids=later).logits[:, :4],
         call(model, framework, input_ids=READ, decoder_input_ids=WRITTEN).logits[:, :4])  # fmt: skip


@framework
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_texts_of_padding_alone_give_numbers_in_half_precision(framework, dtype, tmp_path):
    build(framework, init_std=0.05).save_pretrained(tmp_path)
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
def test_labels_are_read_one_place_later(framework):
    model = build(framework)
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
    written = call(model, framework, input_ids=READ)  # without either: a text is written as it was read
    shifted = np.concatenate([np.full((3, 1), 2), READ[:, :-1]], 1)
    same(written.logits, call(model, framework, input_ids=READ, decoder_input_ids=shifted).logits)


@framework
def test_vectors_in_the_place_of_tokens(framework):
    model = build(framework, scale_embedding=True)
    words = model.model.shared
    table = np.asarray(words.embeddings if framework == "tf" else words.weight.detach()) * 32**0.5
    found = call(model, framework, inputs_embeds=table[READ], decoder_inputs_embeds=table[WRITTEN])
    same(found.logits, call(model, framework, input_ids=READ, decoder_input_ids=WRITTEN).logits)


ERRORS = [
    ({"decoder_input_ids": WRITTEN}, "give either input_ids (B, S) or inputs_embeds (B, S, D)"),
    ({}, "the decoder has nothing to start from; give decoder_input_ids (B, T)"),
    ({"input_ids": READ + 40}, "this model has token ids 0 to 39"),
    ({"input_ids": READ, "decoder_input_ids": WRITTEN + 40}, "this model has token ids 0 to 39"),
    ({"input_ids": np.full((1, 17), 3)}, "a text of 17 tokens was given, this model reads at most 16"),
    ({"input_ids": READ[:1], "decoder_input_ids": np.full((1, 17), 3)}, "a text of 17 tokens was given"),
    ({"input_ids": READ, "attention_mask": MASK[:, :5]}, "attention_mask is for 5 tokens, but 9 are read"),
    (
        {"input_ids": READ, "decoder_input_ids": WRITTEN, "decoder_attention_mask": WRITTEN_MASK[:, :6]},
        "decoder_attention_mask is for 6 tokens, but 7 are read: 0 in the cache and 7 new ones",
    ),
    (
        {"input_ids": READ, "decoder_input_ids": WRITTEN, "decoder_inputs_embeds": np.zeros((3, 7, 32), "float32")},
        "give either decoder_input_ids (B, T) or decoder_inputs_embeds (B, T, D)",
    ),
    ({"input_ids": READ, "labels": WRITTEN + 40}, "this model has labels 0 to 39"),
]


@framework
@pytest.mark.parametrize(("inputs", "part"), ERRORS)
def test_bad_input_is_a_sentence(framework, inputs, part):
    if "labels" in inputs:
        inputs = inputs | {"decoder_input_ids": WRITTEN}
    with pytest.raises(ValueError) as error:
        call(build(framework), framework, **inputs)
    assert part in str(error.value)


@framework
def test_a_decoder_without_a_start_token_needs_its_tokens(framework):
    model = build(framework, decoder_start_token_id=None)
    with pytest.raises(ValueError, match=r"decoder_start_token_id is None and pad_token_id 1 in the configuration, so"):
        call(model, framework, input_ids=READ, labels=WRITTEN)
    assert call(model, framework, input_ids=READ, labels=WRITTEN, decoder_input_ids=WRITTEN).loss > 0


@framework
@pytest.mark.parametrize("name", ["encoder_layerdrop", "decoder_layerdrop"])
def test_layers_are_never_left_out_in_training(framework, name):
    model = build(framework, **{name: 0.1})
    assert call(model, framework, input_ids=READ).logits.shape == (3, 9, 40)
    with pytest.raises(ValueError, match=rf"{name} is 0.1, but this BART trains all.*try model.config.{name} = 0.0"):
        model.train()(tensor(READ, "pt")) if framework == "pt" else model(tensor(READ, "tf"), training=True)
    setattr(model.config, name, 0.0)
    outputs = model.train()(tensor(READ, "pt")) if framework == "pt" else model(tensor(READ, "tf"), training=True)
    assert outputs.logits.shape == (3, 9, 40)


@pytest.mark.parametrize(
    ("config", "part"),
    [
        ({"d_model": 30}, "d_model 30 is not divisible by encoder_attention_heads 16"),
        ({"decoder_attention_heads": 3}, "d_model 1024 is not divisible by decoder_attention_heads 3"),
        ({"decoder_layers": 10**6}, "'decoder_layers' is 1000000, expected a number from 1 to 1000"),
    ],
)
def test_configurations_that_cannot_be(config, part):
    with pytest.raises(ValueError) as error:
        hfquick.BartConfig(**config)
    assert part in str(error.value)


def test_common_names_of_the_configuration(tmp_path):
    config = hfquick.BartConfig(hidden_size=24, num_attention_heads=3, decoder_attention_heads=3, initializer_range=0.1)
    assert (config.d_model, config.encoder_attention_heads, config.init_std) == (24, 3, 0.1)
    assert (config.hidden_size, config.num_hidden_layers, config.initializer_range) == (24, 12, 0.1)
    assert not {"hidden_size", "num_hidden_layers", "initializer_range"} & set(config.to_dict())
    assert config.num_labels == 3
    assert hfquick.BartConfig(num_labels=5).num_labels == 5
    assert hfquick.BartConfig(label2id={"no": 0, "yes": 1}).id2label == {0: "no", 1: "yes"}


def test_what_old_configurations_say(tmp_path):
    values = {  # as those of distilbart, which has fewer layers in its decoder
        "model_type": "bart", "d_model": 32, "encoder_layers": 4, "decoder_layers": 2, "num_hidden_layers": 12,
        "force_bos_token_to_be_generated": True, "normalize_before": False, "extra_pos_embeddings": 2,
    }  # fmt: skip
    (tmp_path / "config.json").write_text(json.dumps(values))
    config = hfquick.AutoConfig.from_pretrained(tmp_path)
    assert (config.encoder_layers, config.decoder_layers, config.num_hidden_layers) == (4, 2, 4)
    assert (config.forced_bos_token_id, config.extra_pos_embeddings) == (0, 2)
    assert hfquick.AutoConfig.from_pretrained(tmp_path, num_hidden_layers=3).encoder_layers == 3
    assert hfquick.BartConfig().forced_bos_token_id is None


def scores(model, framework):
    return np.asarray(call(model, framework, input_ids=READ, attention_mask=MASK, decoder_input_ids=WRITTEN)[0])


def with_bias(framework):
    """A model whose bias of the word scores is not zero."""
    model, bias = build(framework), np.linspace(-1, 1, 40, dtype="float32")[None]
    model.final_logits_bias.assign(bias) if framework == "tf" else model.final_logits_bias.copy_(tensor(bias, "pt"))
    return model, bias


def classes(end="ForConditionalGeneration"):
    return {"pt": getattr(hfquick, f"Bart{end}"), "tf": getattr(hfquick, f"TFBart{end}")}


@framework
def test_what_is_saved_loads_in_both_frameworks(framework, tmp_path, capsys):
    model, bias = with_bias(framework)
    expected = scores(model, framework)
    model.save_pretrained(tmp_path)
    state = tensors(tmp_path)
    np.testing.assert_array_equal(state["final_logits_bias"], bias)
    assert not {"lm_head.weight", "model.encoder.embed_tokens.weight"} & set(state), "what is shared is written once"
    for other in ("pt", "tf"):
        pytest.importorskip({"pt": "torch", "tf": "tensorflow"}[other])
        loaded = classes()[other].from_pretrained(tmp_path)
        same(scores(loaded, other), expected)
        if other == "pt":
            assert "final_logits_bias" in dict(loaded.named_buffers()), "is not trained"
        bare = classes("Model")[other].from_pretrained(tmp_path)
        if other == "pt":
            assert bare.encoder.embed_tokens.weight is bare.shared.weight is bare.decoder.embed_tokens.weight
        else:
            assert bare.encoder.embed_tokens.embeddings is bare.shared.embeddings
    assert "untrained" not in capsys.readouterr().out


@framework
@pytest.mark.parametrize("kept", ["model.shared.weight", "model.encoder.embed_tokens.weight", "lm_head.weight"])
def test_what_is_shared_is_found_under_any_of_its_names(framework, kept, tmp_path, capsys):
    model, _ = with_bias(framework)
    model.save_pretrained(tmp_path)
    state = tensors(tmp_path)
    state[kept] = state.pop("model.shared.weight")
    write_tensors(tmp_path, state)
    same(scores(type(model).from_pretrained(tmp_path), framework), scores(model, framework))
    assert capsys.readouterr().out == ""


@framework
@pytest.mark.parametrize("prefix", ["model.", ""])
def test_files_of_distilbart_and_of_bare_models(framework, prefix, tmp_path, capsys):
    torch = pytest.importorskip("torch")
    model = build(framework)
    expected = scores(model, framework)
    model.save_pretrained(tmp_path)
    state = {key: torch.from_numpy(value) for key, value in tensors(tmp_path).items()}
    (tmp_path / "model.safetensors").unlink()
    del state["final_logits_bias"]  # old files lack it: it is zero then
    for stack in ("encoder", "decoder"):
        state[f"model.{stack}.embed_tokens.weight"] = state["model.shared.weight"].clone()
        state[f"model.{stack}.version"] = torch.tensor([3.0])
    torch.save(
        {key.replace("model.", prefix, 1): value for key, value in state.items()}, tmp_path / "pytorch_model.bin"
    )
    loaded = type(model).from_pretrained(tmp_path)
    same(scores(loaded, framework), expected)
    assert not np.asarray(loaded.final_logits_bias).any()
    said = capsys.readouterr().out
    assert "encoder.version" in said
    assert "untrained" not in said
    bare = classes("Model")[framework].from_pretrained(tmp_path)
    same(scores(bare, framework), scores(model.model, framework))


@framework
def test_a_head_of_its_own(framework, tmp_path, capsys):
    model = build(framework, tie_word_embeddings=False)
    model.save_pretrained(tmp_path)
    state = tensors(tmp_path)
    assert not np.array_equal(state["lm_head.weight"], state["model.shared.weight"])
    same(scores(type(model).from_pretrained(tmp_path), framework), scores(model, framework))
    del state["lm_head.weight"]
    write_tensors(tmp_path, state)
    type(model).from_pretrained(tmp_path)
    assert "new, untrained: lm_head.weight - train before use" in capsys.readouterr().out


@framework
def test_a_file_without_a_part_is_refused(framework, tmp_path):
    model = build(framework)
    model.save_pretrained(tmp_path)
    state = tensors(tmp_path)
    moved = state.pop("model.decoder.layers.2.encoder_attn.q_proj.weight")
    write_tensors(tmp_path, state)
    with pytest.raises(OSError) as error:
        type(model).from_pretrained(tmp_path)
    assert "lacks model.decoder.layers.2.encoder_attn.q_proj.weight" in sentence(error)
    write_tensors(tmp_path, state | {"model.decoder.layers.2.encoder_attn.query.weight": moved})
    with pytest.raises(OSError, match=r"did you mean 'model.decoder.layers.2.encoder_attn"):
        type(model).from_pretrained(tmp_path)


@pytest.mark.torch
def test_gradient_checkpointing_gives_the_same_gradients():
    gradients = []
    for checkpointing in (False, True):
        model = build("pt", dropout=0.0).train()
        if checkpointing:
            model.gradient_checkpointing_enable()
        model(tensor(READ, "pt"), tensor(MASK, "pt"), labels=tensor(WRITTEN, "pt")).loss.backward()
        gradients.append({name: parameter.grad for name, parameter in model.named_parameters()})
    import torch

    assert all(gradient is not None for gradient in gradients[0].values())
    for name, gradient in gradients[0].items():
        torch.testing.assert_close(gradients[1][name], gradient)


@pytest.mark.tf
def test_a_compiled_step_is_traced_once_for_all_lengths():
    import tensorflow as tf

    from hfquick.generation.cache_tf import TFCache

    model, traced = build("tf"), []
    encoded = encode(model, "tf").last_hidden_state

    @tf.function
    def step(ids, length, keys, values, read):
        traced.append(1)
        cache = TFCache()
        cache.length, cache.keys, cache.values, cache.encoder = length, [*keys], [*values], [*read]
        outputs = model(attention_mask=MASK, decoder_input_ids=ids, encoder_outputs=(encoded,), past_key_values=cache)
        return outputs.logits, cache.keys, cache.values

    cache = call(model, "tf", encoder_outputs=(encoded,), attention_mask=MASK, decoder_input_ids=WRITTEN[:, :4],
                 use_cache=True).past_key_values  # fmt: skip
    logits, keys, values = None, cache.keys, cache.values
    for length in (4, 5, 6):
        ids = tf.constant(WRITTEN[:, length : length + 1])
        logits, keys, values = step(ids, tf.constant(length), keys, values, cache.encoder)
    whole = call(model, "tf", input_ids=READ, attention_mask=MASK, decoder_input_ids=WRITTEN)
    same(logits[:, 0], whole.logits[:, -1])
    assert traced == [1]


@pytest.mark.tf
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")  # of TensorFlow's tensors
def test_fit_learns_a_text_by_heart_and_a_keras_file_keeps_it(tmp_path):
    import keras

    model = build("tf", dropout=0.0, init_std=0.1)
    model.compile(keras.optimizers.Adam(1e-2))
    inputs = {"input_ids": READ, "attention_mask": MASK, "labels": WRITTEN}
    losses = model.fit(inputs, epochs=30, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 4
    assert not model.final_logits_bias.numpy().any(), "is not trained"
    model.save(tmp_path / "model.keras")
    same(scores(keras.models.load_model(tmp_path / "model.keras"), "tf"), scores(model, "tf"))
