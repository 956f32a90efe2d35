"""Files of weights in every layout, in both frameworks: real ones load to the recorded outputs, damaged ones say so."""

import json
import os
import pickle
import shutil
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

import hfquick
from hfquick.core import weights as weights_module
from hfquick.core.weights import WeightsError
from tests.helpers.checkpoints import (
    CHECKPOINTS,
    FOLDERS,
    assert_as_recorded,
    copied,
    framework,
    model_class,
    need_reader_of,
    run,
    sentence,
    tensors,
    write_tensors,
)

# Real files


@framework
@pytest.mark.parametrize("folder", FOLDERS)
def test_every_layout_loads_to_the_recorded_outputs(framework, folder):
    need_reader_of(folder)
    model, layout = folder.split("/")
    dtype = next((name for name in ("bfloat16", "float16") if layout.startswith(name)), None)
    loaded = model_class(model, framework).from_pretrained(CHECKPOINTS / folder)
    assert_as_recorded(loaded, framework, folder, f"outputs-{dtype}.npz" if dtype else "outputs.npz")


@framework
@pytest.mark.parametrize("folder", ["bert-bare/tf-safetensors", "distilbert-words/tf-safetensors"])
def test_tensorflow_layout_in_safetensors_is_converted_in_silence(framework, folder, capsys):
    model_class(folder.split("/")[0], framework).from_pretrained(CHECKPOINTS / folder)
    assert capsys.readouterr().out == ""  # nothing new, nothing dropped: nothing is random


@framework
@pytest.mark.parametrize(("folder", "option"), [("bert-words/h5", "from_tf"), ("distilbert-labels/h5", "from_tf")])
def test_from_tf_prefers_what_tensorflow_wrote(framework, folder, option, tmp_path):
    both = copied(folder, tmp_path)
    state = tensors(CHECKPOINTS / folder.split("/")[0] / "safetensors")
    write_tensors(both, {name: value + 1 for name, value in state.items()})
    loaded = model_class(folder.split("/")[0], framework).from_pretrained(both, **{option: True})
    assert_as_recorded(loaded, framework, folder)


@pytest.mark.torch  # reads the .bin
@framework
@pytest.mark.parametrize("ours", ["bin", "safetensors"])
def test_from_pt_prefers_what_pytorch_wrote(framework, ours, tmp_path):
    several = copied(f"distilbert-words/{ours}", tmp_path)
    (several / "tf_model.h5").write_bytes(b"not read")
    if ours == "bin":  # without the option this file would be taken, whoever wrote it
        state = tensors(CHECKPOINTS / "distilbert-words/tf-safetensors")
        write_tensors(several, {name: value + 1 for name, value in state.items()}, written_by="tf")
    else:
        (several / "pytorch_model.bin").write_bytes(b"not read")
    loaded = model_class("distilbert-words", framework).from_pretrained(several, from_pt=True)
    assert_as_recorded(loaded, framework, f"distilbert-words/{ours}")


@framework
@pytest.mark.parametrize(("layout", "option"), [("h5", "from_pt"), ("tf-safetensors", "from_pt"), ("bin", "from_tf")])
def test_from_pt_and_from_tf_find_the_other_kind_too(framework, layout, option):
    need_reader_of(layout)
    loaded = model_class("bert-words", framework).from_pretrained(CHECKPOINTS / "bert-words" / layout, **{option: True})
    assert_as_recorded(loaded, framework, "bert-words")


@pytest.mark.tf
def test_without_torch_a_file_of_its_own_is_not_called_damaged(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match=r"reading pytorch_model.bin needs torch, which is not installed; try: pip"):
        model_class("bert-words", "tf").from_pretrained(CHECKPOINTS / "bert-words" / "bin")


@framework
def test_from_pt_and_from_tf_together(framework):
    with pytest.raises(ValueError) as error:
        model_class("bert-words", framework).from_pretrained(
            CHECKPOINTS / "bert-words/safetensors", from_pt=True, from_tf=True
        )
    assert sentence(error).startswith("from_tf=True and from_pt=True exclude each other; give the one that names")


@framework
@pytest.mark.parametrize("folder", ["bert-words/float16", "distilbert-labels/bfloat16-bin", "bert-words/safetensors"])
@pytest.mark.parametrize("option", ["dtype", "torch_dtype"])
def test_dtype_auto_is_that_of_the_file(framework, folder, option):
    need_reader_of(folder)
    loaded = model_class(folder.split("/")[0], framework).from_pretrained(CHECKPOINTS / folder, **{option: "auto"})
    expected = folder.split("/")[1].removesuffix("-bin").replace("safetensors", "float32")
    assert str(loaded.dtype).removeprefix("torch.") == expected


@framework
@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float64"])
def test_dtype_by_name(framework, dtype, tmp_path):
    loaded = model_class("bert-labels", framework).from_pretrained(CHECKPOINTS / "bert-labels/safetensors", dtype=dtype)
    assert str(loaded.dtype).removeprefix("torch.") == dtype
    loaded.save_pretrained(tmp_path)
    assert json.loads((tmp_path / "config.json").read_text())["dtype"] == dtype
    again = model_class("bert-labels", framework).from_pretrained(tmp_path)
    assert str(again.dtype).removeprefix("torch.") == "float32"
    recorded = np.load(CHECKPOINTS / "bert-labels/outputs.npz")
    difference = np.abs(run(again, framework, recorded)["logits"] - recorded["logits"]).max()
    assert difference < {"bfloat16": 0.1, "float16": 0.01, "float64": 1e-5}[dtype] * recorded["logits"].std()


@framework
def test_dtype_unknown(framework):
    with pytest.raises(ValueError) as error:
        model_class("bert-labels", framework).from_pretrained(CHECKPOINTS / "bert-labels/safetensors", dtype="floot16")
    assert "dtype 'floot16' is unknown; did you mean 'float16'" in sentence(error)


# Damage and malice


@framework
@pytest.mark.parametrize(
    ("folder", "file"),
    [
        ("bert-labels/safetensors", "model.safetensors"),
        ("bert-words/bin", "pytorch_model.bin"),
        ("bert-words/bin-old", "pytorch_model.bin"),
        ("bert-labels/h5", "tf_model.h5"),
        ("bert-words/bin-shards", "pytorch_model-00002-of-00003.bin"),
        ("bert-words/h5-shards", "tf_model-00002-of-00002.h5"),
    ],
)
@pytest.mark.parametrize("damage", ["cut", "empty", "noise", "page"])
def test_a_damaged_file(framework, folder, file, damage, tmp_path):
    need_reader_of(folder)
    path = copied(folder, tmp_path) / file
    content = path.read_bytes()
    path.write_bytes(
        {
            "cut": content[: len(content) * 2 // 3],
            "empty": b"",
            "noise": bytes(range(256)) * (len(content) // 256),
            "page": b"<!doctype html><title>Sign in to the network</title>",  # what a school's proxy answers
        }[damage]
    )
    with pytest.raises(WeightsError) as error:
        model_class(folder.split("/")[0], framework).from_pretrained(path.parent)
    assert file in sentence(error)
    assert "damaged" in sentence(error)


@framework
@pytest.mark.parametrize(
    ("layout", "file"),
    [
        ("safetensors-shards", "model-00002-of-00003.safetensors"),
        ("bin-shards", "pytorch_model-00002-of-00003.bin"),
        ("h5-shards", "tf_model-00002-of-00002.h5"),
    ],
)
def test_a_missing_shard(framework, layout, file, tmp_path):
    folder = copied(f"bert-words/{layout}", tmp_path)
    (folder / file).unlink()
    with pytest.raises(WeightsError) as error:
        model_class("bert-words", framework).from_pretrained(folder)
    assert f"lacks {file}, one of its" in sentence(error)


@framework
@pytest.mark.parametrize(
    ("layout", "file"),
    [
        ("safetensors-shards", "model.safetensors.index.json"),
        ("bin-shards", "pytorch_model.bin.index.json"),
        ("h5-shards", "tf_model.h5.index.json"),
    ],
)
def test_a_shard_that_lacks_what_the_index_promises(framework, layout, file, tmp_path):
    need_reader_of(layout)
    index = copied(f"bert-words/{layout}", tmp_path) / file
    table = json.loads(index.read_text())
    some = next(iter(table["weight_map"].values()))
    table["weight_map"]["tf_bert/bert/nowhere/kernel:0" if "h5" in layout else "bert.nowhere.weight"] = some
    index.write_text(json.dumps(table))
    with pytest.raises(WeightsError) as error:
        model_class("bert-words", framework).from_pretrained(index.parent)
    assert f"{some} of " in sentence(error)
    assert f"lacks bert.nowhere.weight, which {file} promises" in sentence(error)


OUTSIDE = ["../secret.safetensors", "/etc/passwd", "sub/part.safetensors", "..", "", "a\\b.safetensors"]


@framework
@pytest.mark.parametrize("target", OUTSIDE)
def test_an_index_that_points_outside_its_folder(framework, target, tmp_path):
    index = copied("bert-words/safetensors-shards", tmp_path) / "model.safetensors.index.json"
    shutil.copy(index.parent / "model-00001-of-00003.safetensors", tmp_path / "secret.safetensors")
    table = json.loads(index.read_text())
    table["weight_map"][next(iter(table["weight_map"]))] = target
    index.write_text(json.dumps(table))
    with pytest.raises(WeightsError) as error:
        model_class("bert-words", framework).from_pretrained(index.parent)
    assert "points outside its folder" in sentence(error)


@framework
@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "[" * 100_000,
        "1" * 5_000,
        '{"weight_map": 3}',
        '{"metadata": {}}',
        '{"weight_map": {"a": ["b"]}}',
        f'{{"weight_map": {{"a": "{"x" * 300}"}}}}',
    ],
)
def test_a_damaged_index(framework, text, tmp_path):
    index = copied("bert-words/safetensors-shards", tmp_path) / "model.safetensors.index.json"
    index.write_text(text)
    with pytest.raises(WeightsError) as error:
        model_class("bert-words", framework).from_pretrained(index.parent)
    assert index.name in sentence(error)


class Mischief:
    """What a malicious checkpoint holds: unpickled, it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.torch
@framework
@pytest.mark.parametrize("kind", ["plain", "zip", "beside tensors"])
def test_a_malicious_pickle_never_runs(framework, kind, tmp_path):
    import torch

    folder = copied("bert-words/bin", tmp_path)
    path, proof = folder / "pytorch_model.bin", tmp_path / "it-ran"
    if kind == "plain":
        path.write_bytes(pickle.dumps({"bert.weight": Mischief(proof)}, protocol=2))
    elif kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("archive/data.pkl", pickle.dumps(Mischief(proof), protocol=2))
            archive.writestr("archive/version", "3\n")
    else:
        state = torch.load(path, weights_only=True)
        torch.save({**state, "bert.extra": Mischief(proof)}, path)
    with pytest.raises(WeightsError) as error:
        model_class("bert-words", framework).from_pretrained(folder)
    assert not proof.exists()
    assert "unpickling it could run foreign code" in sentence(error)
    pickle.loads(pickle.dumps(Mischief(proof)))  # the trap works
    assert proof.exists()


@pytest.mark.torch
@framework
def test_a_bin_that_is_no_state_dict(framework, tmp_path):
    import torch

    folder = copied("bert-words/bin", tmp_path)
    torch.save([torch.zeros(2)], folder / "pytorch_model.bin")
    with pytest.raises(WeightsError) as error:
        model_class("bert-words", framework).from_pretrained(folder)
    assert "is no state dict" in sentence(error)


@framework
def test_no_weights_at_all(framework, tmp_path):
    folder = copied("bert-words/safetensors", tmp_path)
    (folder / "model.safetensors").unlink()
    with pytest.raises(WeightsError) as error:
        model_class("bert-words", framework).from_pretrained(folder)
    assert "has no weights; looked for model.safetensors" in sentence(error)


@pytest.mark.tf
def test_a_safetensors_file_that_shrinks_while_it_is_read(tmp_path, monkeypatch):
    folder = copied("bert-labels/safetensors", tmp_path)
    read = weights_module._read_array

    def cut_then_read(path, start, *rest):
        os.truncate(path, 2000)
        return read(path, start, *rest)

    monkeypatch.setattr(weights_module, "_read_array", cut_then_read)
    with pytest.raises(WeightsError) as error:
        model_class("bert-labels", "tf").from_pretrained(folder)
    assert "was cut short while it was read" in sentence(error)


@framework
@pytest.mark.parametrize(
    ("field", "value", "part"),
    [
        ("vocab_size", 10**12, "'vocab_size' is 1000000000000, expected a whole number from 1 to"),
        ("hidden_size", 10**8, "GB of memory"),
        ("num_hidden_layers", 10**7, "'num_hidden_layers' is 10000000, expected a whole number from 1 to"),
        ("hidden_size", -32, "'hidden_size' is -32, expected a whole number from 1 to"),
        ("hidden_size", "32", "'hidden_size' is '32', expected a whole number"),
    ],
)
def test_absurd_sizes_are_refused_before_memory_is_asked_for(framework, field, value, part, tmp_path):
    folder = copied("bert-bare/safetensors", tmp_path)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, field: value}))
    cls = model_class("bert-bare", framework)
    if "memory" in part:  # from_pretrained finds that the file is smaller; a new model would really take it
        with pytest.raises(WeightsError, match="this configuration expects"):
            cls.from_pretrained(folder)
        with pytest.raises(MemoryError) as error:
            cls.from_config(hfquick.AutoConfig.from_pretrained(folder))
    else:
        with pytest.raises(ValueError) as error:
            cls.from_pretrained(folder)
    assert part in sentence(error)
