"""What is BART's own: bounded positions, layerdrop, the bias of the word scores, names and files of old checkpoints."""

import json

import numpy as np
import pytest

import hfquick
from tests.helpers.checkpoints import framework, tensors, write_tensors
from tests.helpers.encoder_decoders import BART, READ, WRITTEN, WRITTEN_MASK, call, same, scores, tensor

build = BART.build


@framework
def test_padding_and_neighbours_change_nothing(framework):
    model = build(framework)
    together = call(model, framework, input_ids=READ, attention_mask=np.tril(np.ones((3, 9), "int64"), 5),
                    decoder_input_ids=WRITTEN)  # fmt: skip
    for text, length in enumerate((6, 7, 8)):
        alone = call(model, framework, input_ids=READ[text : text + 1, :length],
                     decoder_input_ids=WRITTEN[text : text + 1])  # fmt: skip
        same(together.logits[text], alone.logits[0])


@framework
def test_without_text_or_labels_a_text_is_written_as_it_was_read(framework):
    model = build(framework)
    shifted = np.concatenate([np.full((3, 1), 2), READ[:, :-1]], 1)
    expected = call(model, framework, input_ids=READ, decoder_input_ids=shifted).logits
    same(call(model, framework, input_ids=READ).logits, expected)


@framework
def test_vectors_in_the_place_of_tokens_are_not_scaled(framework):
    model = build(framework, scale_embedding=True)
    words = model.model.shared
    table = np.asarray(words.embeddings if framework == "tf" else words.weight.detach()) * 32**0.5
    found = call(model, framework, inputs_embeds=table[READ], decoder_inputs_embeds=table[WRITTEN])
    same(found.logits, call(model, framework, input_ids=READ, decoder_input_ids=WRITTEN).logits)


ERRORS = [
    ({"decoder_input_ids": WRITTEN}, "give either input_ids (B, T) or inputs_embeds (B, T, D)"),
    ({}, "the decoder has nothing to start from; give decoder_input_ids (B, T)"),
    ({"input_ids": np.full((1, 17), 3)}, "a text of 17 tokens was given, this model reads at most 16"),
    ({"input_ids": READ[:1], "decoder_input_ids": np.full((1, 17), 3)}, "a text of 17 tokens was given"),
    (
        {"input_ids": READ, "decoder_input_ids": WRITTEN, "decoder_attention_mask": WRITTEN_MASK[:, :6]},
        "decoder_attention_mask is for 6 tokens, but 7 are read",
    ),
    (
        {"input_ids": READ, "decoder_input_ids": WRITTEN, "decoder_inputs_embeds": np.zeros((3, 7, 32), "float32")},
        "give either decoder_input_ids (B, T) or decoder_inputs_embeds (B, T, D)",
    ),
]


@framework
@pytest.mark.parametrize(("inputs", "part"), ERRORS)
def test_bad_input_is_a_sentence(framework, inputs, part):
    with pytest.raises(ValueError) as error:
        call(build(framework), framework, **inputs)
    assert part in str(error.value)


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
        ({"decoder_layers": 10**6}, "'decoder_layers' is 1000000, expected a whole number from 1 to 1000"),
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


@framework
def test_the_bias_of_the_word_scores_is_kept_and_not_trained(framework, tmp_path, capsys):
    model, bias = build(framework), np.linspace(-1, 1, 40, dtype="float32")[None]
    model.final_logits_bias.assign(bias) if framework == "tf" else model.final_logits_bias.copy_(tensor(bias, "pt"))
    expected = scores(model, framework)
    model.save_pretrained(tmp_path)
    state = tensors(tmp_path)
    np.testing.assert_array_equal(state["final_logits_bias"], bias)
    for name in ("model.shared.weight", "lm_head.weight"):  # the shared table under either name
        state[name] = state.pop("model.shared.weight")
        write_tensors(tmp_path, state)
        for other in ("pt", "tf"):
            pytest.importorskip({"pt": "torch", "tf": "tensorflow"}[other])
            loaded = BART.model_class(other).from_pretrained(tmp_path)
            same(scores(loaded, other), expected)
            if other == "pt":
                assert "final_logits_bias" in dict(loaded.named_buffers())
            else:
                assert not loaded.final_logits_bias.trainable
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
    bare = BART.model_class(framework, "Model").from_pretrained(tmp_path)
    same(scores(bare, framework), scores(model.model, framework))
