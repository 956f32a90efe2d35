"""What is T5's own: distances, padding on the left, sums too large for float16, v1.1, old files, first weights."""

import json

import numpy as np
import pytest

import hfquick
from tests.helpers.checkpoints import framework, tensors, write_tensors
from tests.helpers.encoder_decoders import MASK, READ, T5, WRITTEN, WRITTEN_MASK, call, encode, same, scores, tensor

build = T5.build


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

    twin = import_module(f"hfquick.models.t5.modeling_{'tf_' if framework == 'tf' else ''}t5")
    buckets = twin.relative_position_bucket
    distances = np.array(list(expected), "int32")
    found = np.asarray(buckets(tensor(distances, framework), is_decoder, count, longest))
    assert dict(zip(distances.tolist(), found.tolist(), strict=True)) == expected
    every = np.asarray(buckets(tensor(np.arange(-300, 300, dtype="int32"), framework), is_decoder, count, longest))
    assert sorted(set(every.tolist())) == [number for number in range(count) if is_decoder or number != count // 2]


@framework
def test_only_distances_count_so_padding_on_the_left_changes_nothing(framework):
    model = build(framework)
    masks = {"attention_mask": MASK[2:], "decoder_attention_mask": WRITTEN_MASK[2:]}
    padded = call(model, framework, input_ids=READ[2:], decoder_input_ids=WRITTEN[2:], **masks)
    alone = call(model, framework, input_ids=READ[2:, 2:], decoder_input_ids=WRITTEN[2:, 2:])
    same(padded.logits[:, 2:], alone.logits)


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


ERRORS = [
    ({"decoder_input_ids": WRITTEN}, "give either input_ids (B, T) or inputs_embeds (B, T, D)"),
    ({"input_ids": READ}, "give either decoder_input_ids (B, T) or decoder_inputs_embeds (B, T, D)"),
]


@framework
@pytest.mark.parametrize(("inputs", "part"), ERRORS)
def test_bad_input_is_a_sentence(framework, inputs, part):
    with pytest.raises(ValueError) as error:
        call(build(framework), framework, **inputs)
    assert part in str(error.value)


@pytest.mark.parametrize(
    ("config", "part"),
    [
        ({"relative_attention_num_buckets": 3}, "relative_attention_num_buckets is 3, expected at least 4"),
        ({"relative_attention_max_distance": 16}, "relative_attention_max_distance is 16, expected more than 16"),
        ({"num_decoder_layers": 10**6}, "'num_decoder_layers' is 1000000, expected a whole number from 1 to 1000"),
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


@framework
@pytest.mark.parametrize("config", [{}, T5.untied])
def test_the_encoder_of_a_saved_model_loads_alone_in_both_frameworks(framework, config, tmp_path, capsys):
    model = build(framework, **config)
    encoded = np.asarray(encode(model, framework)[0])
    model.save_pretrained(tmp_path)
    for other in ("pt", "tf"):
        pytest.importorskip({"pt": "torch", "tf": "tensorflow"}[other])
        encoder = T5.model_class(other, "EncoderModel").from_pretrained(tmp_path)
        same(call(encoder, other, input_ids=READ, attention_mask=MASK)[0], encoded)
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
    same(scores(T5.model_class(framework).from_pretrained(tmp_path), framework), expected)
    assert f"dropped, not part of this model: {old}" in capsys.readouterr().out


@framework
def test_a_new_head_is_as_wide_as_the_papers_code_draws_it(framework, tmp_path, capsys):
    build(framework, "Model", **T5.untied).save_pretrained(tmp_path)
    model = T5.model_class(framework).from_pretrained(tmp_path)
    assert "new, untrained: lm_head.weight - train before use" in capsys.readouterr().out
    head = np.asarray(model.lm_head.weight if framework == "tf" else model.lm_head.weight.detach())
    assert 0.9 < head.std() < 1.1


@pytest.mark.tf
def test_initial_weights_in_keras_are_as_wide_as_those_in_pytorch():
    from hfquick.core.weights_tf import slots
    from tests.parity import checks

    model = build("tf", d_model=64, vocab_size=400, initializer_factor=0.5, **T5.untied)
    for name, slot in slots(model).items():
        value = slot.to_torch()
        if checks.is_norm(name):
            assert (value == 0.5).all(), name
        else:
            wanted = 0.5 * checks.width_of_t5(name, model.config)
            assert abs(value.std() / wanted - 1) < 5 / (2 * value.size) ** 0.5, name
