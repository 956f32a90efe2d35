"""Saving, in both frameworks: whole or not at all, and the other framework loads it."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.checkpoints import CHECKPOINTS, FOLDERS, assert_as_recorded, copied, framework, model_class, tensors


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
