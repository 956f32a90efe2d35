"""Saving, in both frameworks: whole or not at all, and the other framework loads it."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from hfquick import AutoConfig, AutoTokenizer
from hfquick.core.weights import WeightsError
from tests.helpers.checkpoints import (
    CHECKPOINTS,
    FOLDERS,
    assert_as_recorded,
    copied,
    framework,
    model_class,
    run,
    sentence,
    tensors,
    write_tensors,
)
from tests.helpers.encoder_decoders import BART, T5


@framework
@pytest.mark.parametrize("model", ["bert-words", "distilbert-labels"])
def test_saving_into_the_folder_it_came_from(framework, model, tmp_path):
    folder = copied(f"{model}/safetensors", tmp_path)
    loaded = model_class(model, framework).from_pretrained(folder)
    loaded.save_pretrained(folder)
    assert_as_recorded(loaded, framework, model)  # its tensors were mapped from the file that was replaced
    assert_as_recorded(model_class(model, framework).from_pretrained(folder), framework, model)
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "model.safetensors"]
    state = tensors(folder)
    before = tensors(CHECKPOINTS / model / "safetensors")
    assert state.keys() == before.keys()
    assert all(np.array_equal(state[name], before[name]) for name in state)


@framework
def test_a_failing_save_leaves_the_old_files(framework, tmp_path, monkeypatch):
    folder = copied("bert-labels/safetensors", tmp_path)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    loaded = model_class("bert-labels", framework).from_pretrained(folder)

    def full(state, path, metadata=None):
        Path(path).write_bytes(b"half")
        raise OSError("No space left on device")

    module = "safetensors.numpy" if framework == "tf" else "safetensors.torch"
    monkeypatch.setattr(f"{module}.save_file", full)
    with pytest.raises(OSError, match="No space left"):
        loaded.save_pretrained(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@framework
def test_a_save_says_what_it_is(framework, tmp_path):
    from safetensors import safe_open

    model_class("bert-tokens", framework).from_pretrained(
        CHECKPOINTS / "bert-bare/safetensors", num_labels=2
    ).save_pretrained(tmp_path / "new" / "folder")
    saved = tmp_path / "new" / "folder"
    assert json.loads((saved / "config.json").read_text())["architectures"] == ["BertForTokenClassification"]
    with safe_open(saved / "model.safetensors", "np") as file:
        assert file.metadata() == {"format": "pt"}


@pytest.mark.torch
@pytest.mark.tf
@pytest.mark.parametrize("model", sorted({folder.split("/")[0] for folder in FOLDERS}))
def test_saved_in_one_framework_loaded_in_the_other(model, tmp_path):
    for first, second in (("pt", "tf"), ("tf", "pt")):
        saved = model_class(model, first).from_pretrained(CHECKPOINTS / model / "safetensors")
        saved.save_pretrained(tmp_path / first)
        option = {"from_pt": True} if first == "pt" else {"from_tf": True}
        assert_as_recorded(model_class(model, second).from_pretrained(tmp_path / first, **option), second, model)


# One save, one model


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def generative(framework, folder):
    """A model whose save writes three files, loaded from a copy of its own."""
    return model_class("gpt2-next", framework).from_pretrained(folder)


@framework
@pytest.mark.parametrize(
    "value", [object(), {1, 2}, np.float32(0.5), float("nan"), float("inf"), "\ud800", {(1, 2): 3}]
)
def test_what_config_json_cannot_hold_leaves_the_old_model(framework, value, tmp_path):
    folder = copied("gpt2-next/safetensors", tmp_path)
    loaded = generative(framework, folder)
    loaded.save_pretrained(folder)
    before = contents(folder)
    loaded.config.note = value
    with pytest.raises((TypeError, ValueError)) as error:
        loaded.save_pretrained(folder)
    assert "config.json" in sentence(error)
    assert "note" in sentence(error)
    assert contents(folder) == before


@framework
def test_what_generation_config_json_cannot_hold_leaves_the_old_model(framework, tmp_path):
    folder = copied("gpt2-next/safetensors", tmp_path)
    loaded = generative(framework, folder)
    loaded.save_pretrained(folder)
    before = contents(folder)
    loaded.config.note = "new"
    loaded.generation_config.others["note"] = object()
    with pytest.raises(TypeError, match=r"generation_config.json cannot hold 'note', a object"):
        loaded.save_pretrained(folder)
    assert contents(folder) == before


@framework
@pytest.mark.parametrize("renames", range(4))
def test_a_kill_while_files_get_their_names_leaves_no_mixture(framework, renames, tmp_path, monkeypatch):
    """After any of the renames the folder is the old model, or the new one, or says that it is none."""
    folder = copied("gpt2-next/safetensors", tmp_path)
    loaded = generative(framework, folder)
    loaded.save_pretrained(folder)
    before = contents(folder)
    loaded.config.note = "new"
    state = tensors(folder)
    write_tensors(tmp_path, {name: value + 1 for name, value in state.items()})
    (tmp_path / "model.safetensors").rename(tmp_path / "other.safetensors")

    class Killed(BaseException):
        """A process that is killed runs nothing of what comes after."""

    replace, left = os.replace, [renames]

    def counted(one, other):
        if not left[0]:
            raise Killed
        left[0] -= 1
        replace(one, other)

    save = f"safetensors.{'numpy' if framework == 'tf' else 'torch'}.save_file"
    monkeypatch.setattr(save, lambda state, path, metadata: shutil.copy(tmp_path / "other.safetensors", path))
    with monkeypatch.context() as killed:
        killed.setattr(os, "replace", counted)
        with pytest.raises(Killed):
            loaded.save_pretrained(folder)
    after = {name: content for name, content in contents(folder).items() if not name.startswith(".")}
    if renames:
        assert "model.safetensors" not in after
        with pytest.raises(WeightsError, match="has no weights"):
            generative(framework, folder)
    else:
        assert after == before
    loaded.save_pretrained(folder)
    assert sorted(contents(folder)) == ["config.json", "generation_config.json", "model.safetensors"]
    assert tensors(folder)["transformer.wte.weight"][0, 0] == state["transformer.wte.weight"][0, 0] + 1


@framework
def test_a_full_disk_says_the_folder(framework, tmp_path, monkeypatch):
    import errno

    folder = copied("gpt2-next/safetensors", tmp_path)
    loaded = generative(framework, folder)
    loaded.save_pretrained(folder)
    before = contents(folder)

    def full(state, path, metadata=None):
        from safetensors import SafetensorError

        raise SafetensorError("Error while serializing: No space left on device (os error 28)")

    monkeypatch.setattr(f"safetensors.{'numpy' if framework == 'tf' else 'torch'}.save_file", full)
    with pytest.raises(OSError) as error:
        loaded.save_pretrained(folder)
    assert sentence(error).startswith(f"nothing was saved into {str(folder)!r} (Error while serializing: No space left")
    assert sentence(error).endswith("what was there is as it was. Free space, or try another folder")
    assert contents(folder) == before

    def full_for_texts(self, *args, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", full_for_texts)
    for one in (loaded, loaded.config, loaded.generation_config):
        with pytest.raises(OSError, match=r"nothing was saved into .*No space left on device") as error:
            one.save_pretrained(folder)
        assert error.value.errno == errno.ENOSPC
    assert contents(folder) == before


def test_a_tokenizer_is_saved_as_one(tmp_path):
    tokenizer = AutoTokenizer.from_pretrained("hfquick/distilbert-tiny-sentiment-en")
    tokenizer.save_pretrained(tmp_path)
    before = contents(tmp_path)
    tokenizer.add_tokens(["newer"])
    tokenizer._settings["note"] = object()
    with pytest.raises(TypeError, match=r"tokenizer_config.json cannot hold 'note'"):
        tokenizer.save_pretrained(tmp_path)
    assert contents(tmp_path) == before


def test_a_folder_in_the_way_leaves_the_old_files(tmp_path):
    config = AutoConfig.from_pretrained(CHECKPOINTS / "gpt2-next/safetensors")
    (tmp_path / "config.json").mkdir()
    with pytest.raises(IsADirectoryError, match=r"config.json' is a folder, expected a file to replace"):
        config.save_pretrained(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.json"]


# What its user shared, or parted


@pytest.mark.torch
def test_layers_that_share_their_weights_are_saved(tmp_path):
    loaded = model_class("distilbert-labels", "pt").from_pretrained(CHECKPOINTS / "distilbert-labels/safetensors")
    layers = loaded.distilbert.transformer.layer
    layers[1] = layers[0]
    loaded.save_pretrained(tmp_path)
    recorded = np.load(CHECKPOINTS / "distilbert-labels/outputs.npz")
    again = model_class("distilbert-labels", "pt").from_pretrained(tmp_path)
    np.testing.assert_array_equal(run(again, "pt", recorded)["logits"], run(loaded, "pt", recorded)["logits"])


@pytest.mark.torch
@pytest.mark.parametrize("name", ["gpt2-next", "bert-words", "camembert-words", "distilbert-words", "bart-written"])
def test_a_head_that_was_parted_from_the_embeddings_is_saved_as_its_own(name, tmp_path, capsys):
    from torch import nn

    loaded = model_class(name, "pt").from_pretrained(CHECKPOINTS / name / "safetensors")
    head = loaded.get_output_embeddings()
    head.weight = nn.Parameter(head.weight.detach() * 2)
    loaded.save_pretrained(tmp_path)
    assert "no longer the token embeddings, so it is saved as its own" in capsys.readouterr().out
    again = model_class(name, "pt").from_pretrained(tmp_path)
    assert not again.config.tie_word_embeddings
    np.testing.assert_array_equal(again.get_output_embeddings().weight.detach(), head.weight.detach())
    assert capsys.readouterr().out == ""


@pytest.mark.torch
@pytest.mark.parametrize("part", ["model.encoder.embed_tokens", "model.decoder.embed_tokens", "T5's lm_head"])
def test_what_a_model_cannot_have_apart_is_not_saved(part, tmp_path):
    from torch import nn

    model = BART.build("pt")
    if part.startswith("T5"):  # a tied head's input is scaled, that of a head of its own is not
        model, part = T5.build("pt"), "lm_head"
    module = model.get_submodule(part)
    before = module.weight.detach()
    module.weight = nn.Parameter(before * 2)
    with pytest.raises(ValueError, match=rf"{part}.weight of this .* was parted from .*shared.weight"):
        model.save_pretrained(tmp_path)
    assert not list(tmp_path.iterdir())
    module.weight = nn.Parameter(before.clone())
    model.save_pretrained(tmp_path)
