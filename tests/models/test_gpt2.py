"""GPT-2 in both frameworks: cache, masks and positions, the last token of a text, errors; fit and compiled steps."""

import numpy as np
import pytest

import hfquick
from tests.helpers.checkpoints import CHECKPOINTS, assert_as_recorded, framework, model_class, sentence

SIZES = {"vocab_size": 40, "n_positions": 16, "n_embd": 32, "n_layer": 2, "n_head": 4, "initializer_range": 0.3}
IDS = np.random.RandomState(0).randint(1, 40, (3, 7))
LEFT = np.array([[1] * 7, [0, 0] + [1] * 5, [0] * 6 + [1]])
POSITIONS = np.maximum(LEFT.cumsum(1) - 1, 0)


def build(framework, end="LMHeadModel", **config):
    """A model by its name's end, with random weights."""
    if framework == "tf":
        import keras

        keras.utils.set_random_seed(0)
    else:
        import torch

        torch.manual_seed(0)
    model = getattr(hfquick, f"{'TF' if framework == 'tf' else ''}GPT2{end}")
    model = model.from_config(hfquick.GPT2Config(**SIZES, **config))
    return model if framework == "tf" else model.eval()


def call(model, framework, **inputs):
    """The outputs for NumPy arrays; no gradients."""
    if framework == "tf":
        return model(**inputs)
    import torch

    with torch.no_grad():
        return model(
            **{key: torch.from_numpy(value) if isinstance(value, np.ndarray) else value
               for key, value in inputs.items()}
        )  # fmt: skip


def same(ours, expected):
    np.testing.assert_allclose(np.asarray(ours), np.asarray(expected), rtol=1e-5, atol=1e-5)


@framework
def test_a_cache_comes_only_where_it_is_asked_for(framework):
    model = build(framework)
    assert call(model, framework, input_ids=IDS).keys() == ["logits"]
    first = call(model, framework, input_ids=IDS[:, :4], use_cache=True)
    assert first.keys() == ["logits", "past_key_values"]
    again = call(model, framework, input_ids=IDS[:, 4:], past_key_values=first.past_key_values)
    assert again.past_key_values is first.past_key_values
    assert again.past_key_values.length == 7
    same(again.logits, call(model, framework, input_ids=IDS).logits[:, 4:])


@framework
@pytest.mark.parametrize("sizes", [(7,), (4, 3), (1,) * 7])
@pytest.mark.parametrize("maps", [False, True])
def test_steps_of_left_padded_texts_are_those_of_each_text_alone(framework, sizes, maps):
    model, cache, logits, end = build(framework), None, [], 0
    for size in sizes:
        start, end = end, end + size
        outputs = call(
            model,
            framework,
            input_ids=IDS[:, start:end],
            attention_mask=LEFT[:, :end],
            position_ids=POSITIONS[:, start:end],
            past_key_values=cache,
            use_cache=True,
            output_attentions=maps,
        )
        cache = outputs.past_key_values
        logits.append(np.asarray(outputs.logits))
        if maps:
            seen = np.asarray(outputs.attentions[1])  # (B, H, T, S or the room)
            same(seen.sum(-1), np.ones(seen.shape[:-1]))
            assert not seen[..., end:].any(), "looks at what is not there"
            assert not seen[1, :, max(2 - start, 0) :, :2].any(), "looks at padding"
    joined = np.concatenate(logits, 1)
    assert np.isfinite(joined).all()
    for text, first in enumerate((0, 2, 6)):
        alone = call(model, framework, input_ids=IDS[text : text + 1, first:]).logits
        same(joined[text, first:], alone[0])


@framework
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_rows_of_padding_alone_give_numbers_in_half_precision(framework, dtype, tmp_path):
    build(framework).save_pretrained(tmp_path)
    model = model_class("gpt2-next", framework).from_pretrained(tmp_path, dtype=dtype)
    for options in ({}, {"output_attentions": True}):
        for mask in (LEFT, LEFT * 0):
            found = call(model, framework, input_ids=IDS, attention_mask=mask, **options).logits
            found = found.float() if framework == "pt" else found
            assert np.isfinite(np.asarray(found, "float32")).all()


@framework
def test_the_last_token_of_a_text_decides_its_class(framework):
    model = build(framework, "ForSequenceClassification", pad_token_id=0, num_labels=3)
    alone = call(model, framework, input_ids=IDS[:1, :4]).logits
    padded = np.pad(IDS[:1, :4], ((0, 0), (0, 3)))
    right = call(model, framework, input_ids=np.concatenate([padded, IDS[1:2]]))
    same(right.logits[0], alone[0])
    left = np.pad(IDS[:1, :4], ((0, 0), (3, 0)))
    mask = (left != 0).astype("int64")
    positions = np.maximum(mask.cumsum(1) - 1, 0)
    same(call(model, framework, input_ids=left, attention_mask=mask, position_ids=positions).logits, alone)
    words = np.asarray(
        model.base_model.wte(padded) if framework == "tf" else model.base_model.wte.weight.detach()[padded]
    )
    mask = (padded != 0).astype("int64")  # vectors have no id: the mask tells
    same(call(model, framework, inputs_embeds=words, attention_mask=mask).logits, alone)


@framework
def test_several_texts_need_a_padding_token(framework):
    model = build(framework, "ForSequenceClassification")
    assert call(model, framework, input_ids=IDS[:1]).logits.shape == (1, 2)
    with pytest.raises(ValueError, match=r"has no pad_token_id, so where each ends is unknown; try model.config.pad_"):
        call(model, framework, input_ids=IDS)
    model.config.pad_token_id = 0
    assert call(model, framework, input_ids=IDS).logits.shape == (3, 2)


ERRORS = [
    ({}, "give either input_ids (B, T) or inputs_embeds (B, T, D)"),
    ({"input_ids": IDS + 40}, "this model has token ids 0 to 39"),
    ({"input_ids": np.ones((1, 17), "int64")}, "a text of 17 tokens was given, this model reads at most 16"),
    ({"input_ids": IDS, "position_ids": POSITIONS + 10}, "position 16 was given, this model has positions 0 to 15"),
    (
        {"input_ids": IDS, "attention_mask": LEFT[:, :6]},
        "attention_mask is for 6 tokens, but 7 are read",
    ),
    ({"input_ids": IDS[:, :6], "attention_mask": LEFT}, "attention_mask is for 7 tokens, but 6 are read"),
]


@framework
@pytest.mark.parametrize(("inputs", "part"), ERRORS)
def test_bad_input_is_a_sentence(framework, inputs, part):
    with pytest.raises(ValueError) as error:
        call(build(framework), framework, **inputs)
    assert part in str(error.value)


@framework
def test_a_mask_of_new_tokens_alone_is_refused(framework):
    model = build(framework)
    cache = call(model, framework, input_ids=IDS[:, :4], use_cache=True).past_key_values
    with pytest.raises(ValueError, match="attention_mask is for 3 tokens, but 7 are read: 4 in the cache and 3 new"):
        call(model, framework, input_ids=IDS[:, 4:], attention_mask=LEFT[:, 4:], past_key_values=cache)


@pytest.mark.parametrize(
    ("config", "part"),
    [
        ({"n_embd": 30}, "n_embd 30 is not divisible by n_head 12"),
        ({"add_cross_attention": True}, "this GPT-2 reads no encoder"),
        ({"n_layer": 10**6}, "'n_layer' is 1000000, expected a whole number from 1 to 1000"),
    ],
)
def test_configurations_that_cannot_be(config, part):
    with pytest.raises(ValueError) as error:
        hfquick.GPT2Config(**config)
    assert part in str(error.value)


def test_common_names_of_the_configuration():
    config = hfquick.GPT2Config(hidden_size=24, num_attention_heads=3)
    assert (config.n_embd, config.n_head) == (24, 3)
    assert (config.num_hidden_layers, config.max_position_embeddings) == (12, 1024)
    assert "hidden_size" not in config.to_dict()


@framework
def test_the_auto_class_of_models_that_write(framework):
    auto = getattr(hfquick, f"{'TF' if framework == 'tf' else ''}AutoModelForCausalLM")
    loaded = auto.from_pretrained(CHECKPOINTS / "gpt2-next/safetensors")
    assert type(loaded) is model_class("gpt2-next", framework)
    with pytest.raises(ValueError, match=r"bert models have no (TF)?BertLMHeadModel; for them there are AutoModel, "):
        auto.from_pretrained(CHECKPOINTS / "bert-words/safetensors")


@framework
def test_the_first_file_loads_and_says_what_it_holds_beside_weights(framework, capsys):
    loaded = model_class("gpt2-next", framework).from_pretrained(CHECKPOINTS / "gpt2-next/first")
    assert_as_recorded(loaded, framework, "gpt2-next")
    told = capsys.readouterr().out
    assert told.count("\n") == 1
    assert "dropped, not part of this model: h.0.attn.bias, h.0.attn.masked_bias, h.1.attn.bias" in told


@framework
def test_a_bias_that_is_none_of_the_constants_is_missed(framework, tmp_path):
    from safetensors.numpy import load_file, save_file

    folder = CHECKPOINTS / "gpt2-next/first"
    state = load_file(folder / "model.safetensors")
    del state["h.1.attn.c_attn.bias"]
    save_file(state, tmp_path / "model.safetensors", metadata={"format": "pt"})
    (tmp_path / "config.json").write_text((folder / "config.json").read_text())
    with pytest.raises(OSError) as error:
        model_class("gpt2-next", framework).from_pretrained(tmp_path)
    assert "lacks transformer.h.1.attn.c_attn.bias" in sentence(error)


@framework
@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_upcast_scores_are_nearer_to_those_of_float32(framework, dtype, tmp_path):
    lost = {}
    for upcast in (False, True):
        model = build(framework, reorder_and_upcast_attn=upcast)
        model.save_pretrained(tmp_path)
        rounded = type(model).from_pretrained(tmp_path, dtype=dtype)
        exact, low = (call(one, framework, input_ids=IDS, output_attentions=True).attentions[0]
                      for one in (model, rounded))  # fmt: skip
        assert dtype in str(low.dtype)
        low = low.float() if framework == "pt" else low
        lost[upcast] = np.abs(np.asarray(low, "float32") - np.asarray(exact)).mean()
    assert lost[True] < lost[False]


@pytest.mark.torch
def test_gradient_checkpointing_gives_the_same_gradients():
    import torch

    gradients = []
    for checkpointing in (False, True):
        model = build("pt", attn_pdrop=0.0, resid_pdrop=0.0, embd_pdrop=0.0).train()
        if checkpointing:
            model.gradient_checkpointing_enable()
        ids = torch.from_numpy(IDS)
        model(ids, torch.from_numpy(LEFT), labels=ids).loss.backward()
        gradients.append([parameter.grad for parameter in model.parameters()])
    for ours, expected in zip(*gradients, strict=True):
        torch.testing.assert_close(ours, expected)


@pytest.mark.tf
def test_initial_weights_in_keras():
    model = build("tf", "Model", n_inner=256)
    block = model.h[0]
    for layer, wanted in ((block.mlp.c_fc, 0.3), (block.mlp.c_proj, 0.15), (block.attn.c_proj, 0.15), (model.wte, 0.3)):
        kernel = layer.embeddings if layer is model.wte else layer.kernel
        assert abs(np.asarray(kernel).std() / wanted - 1) < 0.1
    assert not np.asarray(block.attn.c_proj.bias).any()


@pytest.mark.tf
def test_a_compiled_step_is_traced_once_for_all_lengths():
    import tensorflow as tf

    from hfquick.generation.cache_tf import TFCache

    model, traced = build("tf"), []

    @tf.function
    def step(ids, mask, positions, length, keys, values):
        traced.append(1)
        cache = TFCache()
        cache.length, cache.keys, cache.values = length, [*keys], [*values]
        return model(ids, mask, positions, past_key_values=cache).logits, cache.keys, cache.values

    cache = call(model, "tf", input_ids=IDS[:, :4], attention_mask=LEFT[:, :4], use_cache=True).past_key_values
    mask = np.pad(
        LEFT, ((0, 0), (0, cache.capacity - 7)), constant_values=1
    )  # as wide as the capacity: one shape for all
    logits, keys, values = None, cache.keys, cache.values
    for length in (4, 5, 6):
        positions = np.full((3, 1), length)
        logits, keys, values = step(IDS[:, length : length + 1], mask, positions, tf.constant(length), keys, values)
    same(logits[:, 0], call(model, "tf", input_ids=IDS, attention_mask=LEFT).logits[:, -1])
    assert traced == [1]


@pytest.mark.tf
def test_a_compiled_classifier_refuses_several_texts_without_a_padding_token():
    import tensorflow as tf

    model = build("tf", "ForSequenceClassification")
    compiled = tf.function(lambda ids: model(ids).logits, input_signature=[tf.TensorSpec((None, None), tf.int64)])
    same(compiled(IDS[:1]), model(IDS[:1]).logits)
    with pytest.raises(tf.errors.InvalidArgumentError, match="the configuration has no pad_token_id"):
        compiled(IDS)


@pytest.mark.tf
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")  # of TensorFlow's tensors
def test_losses_and_metrics_of_keras_compare_scores_with_the_next_token():
    import keras

    model = build("tf")
    outputs = model(IDS, labels=IDS)
    right = np.mean(np.argmax(outputs.logits, -1)[:, :-1] == IDS[:, 1:])
    assert right != np.mean(np.argmax(outputs.logits, -1) == IDS), "the test would not see it"
    for loss in (None, keras.losses.SparseCategoricalCrossentropy(from_logits=True)):
        model.compile(loss=loss, metrics=["accuracy"])
        for data in (({"input_ids": IDS, "labels": IDS},), ({"input_ids": IDS}, IDS)):
            found = model.evaluate(*data, verbose=0, return_dict=True)
            same(found["loss"], outputs.loss)
            same(found["accuracy"], right)


@pytest.mark.tf
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")  # of TensorFlow's tensors
def test_fit_learns_a_text_by_heart_and_a_keras_file_keeps_it(tmp_path):
    import keras

    model = build("tf", attn_pdrop=0.0, resid_pdrop=0.0, embd_pdrop=0.0)
    model.compile(keras.optimizers.Adam(1e-2))
    losses = model.fit({"input_ids": IDS, "labels": IDS}, epochs=30, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 4
    model.save(tmp_path / "model.keras")
    same(keras.models.load_model(tmp_path / "model.keras")(IDS).logits, model(IDS).logits)
