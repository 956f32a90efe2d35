"""Files that hold twice what a model has once: equal they are one, different they are used or refused."""

import numpy as np
import pytest

import hfquick
from hfquick import AutoConfig
from hfquick.core.weights import WeightsError
from tests.helpers.checkpoints import CHECKPOINTS, copied, framework, model_class, sentence, tensors, write_tensors

HEADS = {  # checkpoint -> its tied head, and the token embeddings
    "bert-words": ("cls.predictions.decoder.weight", "bert.embeddings.word_embeddings.weight"),
    "camembert-words": ("lm_head.decoder.weight", "roberta.embeddings.word_embeddings.weight"),
    "distilbert-words": ("vocab_projector.weight", "distilbert.embeddings.word_embeddings.weight"),
    "gpt2-next": ("lm_head.weight", "transformer.wte.weight"),
    "bart-written": ("lm_head.weight", "model.shared.weight"),
}


def head_of(model, framework):
    head = model.get_output_embeddings()
    return np.asarray(head.weight if framework == "tf" else head.weight.detach())


@framework
@pytest.mark.parametrize("name", HEADS)
def test_a_head_that_differs_from_the_embeddings_is_used(framework, name, tmp_path, capsys):
    folder = copied(f"{name}/safetensors", tmp_path)
    head, table = HEADS[name]
    state = tensors(folder)
    own = state[table][::-1].copy()
    write_tensors(folder, {**state, head: own})
    loaded = model_class(name, framework).from_pretrained(folder)
    np.testing.assert_array_equal(head_of(loaded, framework), own)
    assert capsys.readouterr().out == (
        f"{folder}: {head} differs from the token embeddings, so it is loaded as a head of its own "
        "(tie_word_embeddings=False)\n"
    )
    assert AutoConfig.from_pretrained(folder).tie_word_embeddings
    loaded.save_pretrained(tmp_path / "again")
    again = model_class(name, framework).from_pretrained(tmp_path / "again")
    np.testing.assert_array_equal(head_of(again, framework), own)
    assert capsys.readouterr().out == ""


@framework
def test_a_caller_who_asks_for_ties_gets_them_and_a_line(framework, tmp_path, capsys):
    folder = copied("gpt2-next/safetensors", tmp_path)
    state = tensors(folder)
    write_tensors(folder, {**state, "lm_head.weight": state["transformer.wte.weight"] + 1})
    loaded = model_class("gpt2-next", framework).from_pretrained(folder, tie_word_embeddings=True)
    np.testing.assert_array_equal(head_of(loaded, framework), state["transformer.wte.weight"])
    assert "dropped, not part of this model: lm_head.weight" in capsys.readouterr().out
    own = model_class("gpt2-next", framework).from_pretrained(folder, tie_word_embeddings=False)
    np.testing.assert_array_equal(head_of(own, framework), state["transformer.wte.weight"] + 1)
    config = AutoConfig.from_pretrained(folder)
    model_class("gpt2-next", framework).from_pretrained(folder, config=config)
    assert config.tie_word_embeddings  # the caller's stays as it was


@framework
@pytest.mark.parametrize("name", HEADS)
def test_an_equal_head_says_nothing(framework, name, tmp_path, capsys):
    folder = copied(f"{name}/safetensors", tmp_path)
    head, table = HEADS[name]
    state = tensors(folder)
    write_tensors(folder, {**state, head: state[table].copy()})
    assert model_class(name, framework).from_pretrained(folder).config.tie_word_embeddings
    assert capsys.readouterr().out == ""


@framework
@pytest.mark.parametrize(
    ("name", "second", "first"),
    [
        ("bert-words", "cls.predictions.decoder.bias", "cls.predictions.bias"),
        ("camembert-words", "lm_head.decoder.bias", "lm_head.bias"),
        ("bart-written", "model.encoder.embed_tokens.weight", "model.shared.weight"),
        ("bart-written", "model.decoder.embed_tokens.weight", "model.shared.weight"),
        ("bart-bare", "decoder.embed_tokens.weight", "shared.weight"),
        ("bert-words", "bert.embeddings.LayerNorm.gamma", "bert.embeddings.LayerNorm.weight"),
    ],
)
def test_other_tensors_that_differ_are_refused(framework, name, second, first, tmp_path):
    folder = copied(f"{name}/safetensors", tmp_path)
    state = tensors(folder)
    write_tensors(folder, {**state, second: state[first].copy()})
    model_class(name, framework).from_pretrained(folder)
    write_tensors(folder, {**state, second: state[first] + 1})
    with pytest.raises(WeightsError) as error:
        model_class(name, framework).from_pretrained(folder)
    assert "have different values, and this model has only one such tensor" in sentence(error)
    assert repr(second) in sentence(error)


@framework
def test_a_scaled_head_is_not_chosen_unasked(framework, tmp_path, capsys):
    """T5 scales a tied head's input, one of its own not: which of both a file means cannot be seen."""
    hfquick.T5Config(vocab_size=40, d_model=16, d_kv=4, d_ff=8, num_layers=1, num_heads=2).save_pretrained(tmp_path)
    cls = model_class("bart-written", framework)
    cls = getattr(hfquick, cls.__name__.replace("Bart", "T5"))
    cls.from_config(AutoConfig.from_pretrained(tmp_path)).save_pretrained(tmp_path)
    state = tensors(tmp_path)
    write_tensors(tmp_path, {**state, "lm_head.weight": state["shared.weight"] * 2})
    with pytest.raises(WeightsError) as error:
        cls.from_pretrained(tmp_path)
    assert "tie_word_embeddings=False to use it as it is, or tie_word_embeddings=True to leave it out" in sentence(
        error
    )
    own = cls.from_pretrained(tmp_path, tie_word_embeddings=False)
    np.testing.assert_array_equal(head_of(own, framework), state["shared.weight"] * 2)
    tied = cls.from_pretrained(tmp_path, tie_word_embeddings=True)
    np.testing.assert_array_equal(head_of(tied, framework), state["shared.weight"])


@framework
def test_what_keras_writes_twice_must_be_equal(framework, tmp_path):
    import h5py

    folder = copied("bart-written/h5", tmp_path)
    found = []
    with h5py.File(folder / "tf_model.h5", "r+") as file:
        file.visititems(lambda name, entry: found.append(name) if isinstance(entry, h5py.Dataset) else None)
        name = next(name for name in found if name.endswith("shared/embeddings:0"))
        layer = file.create_group("repeated")
        layer.attrs["weight_names"] = [b"x"]
        layer["tf_bart/" + name.partition("/")[2].partition("/")[2]] = file[name][...]
    model_class("bart-written", framework).from_pretrained(folder)
    with h5py.File(folder / "tf_model.h5", "r+") as file:
        inner = file["repeated"]["tf_bart/" + name.partition("/")[2].partition("/")[2]]
        inner[0] = 7
    with pytest.raises(WeightsError, match="have different values, and this model has only one such tensor"):
        model_class("bart-written", framework).from_pretrained(folder)


def test_the_checkpoints_of_these_tests_hold_no_head_of_their_own():
    for name, (head, table) in HEADS.items():
        assert table in tensors(CHECKPOINTS / name / "safetensors")
        assert head not in tensors(CHECKPOINTS / name / "safetensors")
