"""Files of weights that are no weights: numbers from elsewhere, numbers that are none, and what takes all memory."""

import json
import shutil
import zipfile

import numpy as np
import pytest

from hfquick.core.weights import MOST_LETTERS, WeightsError, torch_key
from tests.helpers.checkpoints import copied, framework, model_class, sentence, tensors, write_tensors


def refused(framework, folder, model="bert-labels", **options) -> str:
    with pytest.raises(WeightsError) as error:
        model_class(model, framework).from_pretrained(folder, **options)
    return sentence(error)


def with_numbers(folder, name, change):
    state = tensors(folder)
    state[name] = change(state[name])
    write_tensors(folder, state)


# tf_model.h5: HDF5 can take numbers from anywhere

KERNEL = "classifier/tf_bert_for_sequence_classification/classifier/kernel:0"


def external(file, shape, elsewhere):
    import h5py

    (elsewhere / "secret").write_bytes(b"root:x:0:0:root:/root:/bin/bash\n" * 100)
    file.create_dataset(KERNEL, shape, "f4", external=[(str(elsewhere / "secret"), 0, h5py.h5f.UNLIMITED)])


def virtual(file, shape, elsewhere):
    import h5py

    with h5py.File(elsewhere / "other.h5", "w") as other:
        other["numbers"] = np.ones(shape, "f4")
    layout = h5py.VirtualLayout(shape, "f4")
    layout[...] = h5py.VirtualSource(str(elsewhere / "other.h5"), "numbers", shape)
    file.create_virtual_dataset(KERNEL, layout, fillvalue=0)


def unwritten(file, shape, elsewhere):
    file.create_dataset(KERNEL, shape, "f4", chunks=(8, 2), fillvalue=3)


def half_written(file, shape, elsewhere):
    file.create_dataset(KERNEL, shape, "f4", chunks=(8, 2))[:8] = 1


def bomb(file, shape, elsewhere):
    table = file.create_dataset(KERNEL, shape, "f4", maxshape=(None, None), chunks=(10_000, 1_000), compression="gzip")
    table[...] = 1


@framework
@pytest.mark.parametrize(
    ("make", "why"),
    [
        (external, "its numbers are to come from other files of this machine"),
        (virtual, "its numbers are to come from other files of this machine"),
        (unwritten, "its numbers, or some of them, were never written"),
        (half_written, "its numbers, or some of them, were never written"),
        (bomb, "its 38971 bytes would become 40,000,000 in memory"),
    ],
)
def test_a_dataset_whose_numbers_are_not_in_the_file(framework, make, why, tmp_path):
    import h5py

    folder = copied("bert-labels/h5", tmp_path)
    with h5py.File(folder / "tf_model.h5", "r+") as file:
        shape = file[KERNEL].shape
        del file[KERNEL]
        make(file, shape, tmp_path)
    assert "'classifier/kernel:0' of tf_model.h5 is refused: " + why in refused(framework, folder)


@framework
def test_big_endian_numbers_are_read_and_compressed_ones(framework, tmp_path):
    import h5py

    folder = copied("bert-labels/h5", tmp_path)
    with h5py.File(folder / "tf_model.h5", "r+") as file:
        numbers = file[KERNEL][...]
        del file[KERNEL]
        file.create_dataset(KERNEL, data=numbers.astype(">f4"), compression="gzip")
    loaded = model_class("bert-labels", framework).from_pretrained(folder)
    kernel = loaded.classifier.kernel if framework == "tf" else loaded.classifier.weight.detach().T
    np.testing.assert_array_equal(np.asarray(kernel), numbers)


@framework
def test_a_file_of_keras_is_closed_after_loading(framework, tmp_path):
    import h5py

    folder = copied("bert-labels/h5", tmp_path)
    loaded = model_class("bert-labels", framework).from_pretrained(folder)
    with h5py.File(folder / "tf_model.h5", "r+") as file:  # HDF5 refuses this for a file that is open for reading
        file.attrs["written"] = 1
    assert loaded is not None


def test_groups_too_deep(tmp_path):
    import h5py

    folder = copied("bert-labels/h5", tmp_path)
    with h5py.File(folder / "tf_model.h5", "r+") as file:
        file.create_group("/".join("a" * 2000))
    pytest.importorskip("torch")
    assert "groups lie in it more than 32 deep" in refused("pt", folder)


def test_a_bias_of_several_rows_is_no_bias(tmp_path):
    import h5py

    folder = copied("bert-labels/h5", tmp_path)
    name = KERNEL.replace("kernel", "bias")
    with h5py.File(folder / "tf_model.h5", "r+") as file:
        numbers = file[name][...]
        del file[name]
        file[name] = np.stack([numbers, numbers])
    pytest.importorskip("torch")
    assert "'classifier.bias' has the shape (2, " in refused("pt", folder)


# Names


def test_torch_key_takes_no_time_for_a_long_name():
    assert torch_key("a" * 2_000_000 + "/kernel:0")[1]  # quadratic, this would be half an hour
    assert torch_key("mlm___cls/predictions/bias:0") == ("cls.predictions.bias", False)
    assert torch_key("model.shared/model.shared/embeddings") == ("model.shared.weight", False)


@framework
def test_a_name_of_a_million_letters(framework, tmp_path):
    folder = copied("bert-labels/safetensors", tmp_path)
    write_tensors(folder, {**tensors(folder), "x" * 1_000_000: np.zeros(1, "f4")})
    said = refused(framework, folder)
    assert f"the name of a tensor has more than {MOST_LETTERS} letters" in said
    assert len(said) < 500


# Numbers that are none


@framework
@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite(framework, number, tmp_path):
    folder = copied("bert-labels/safetensors", tmp_path)
    with_numbers(folder, "classifier.bias", lambda bias: np.where(np.arange(len(bias)) == 0, number, bias).astype("f4"))
    assert "'classifier.bias' holds NaN or infinity, so every answer would be NaN" in refused(framework, folder)


@framework
def test_numbers_whose_sum_is_too_large_are_finite_all_the_same(framework, tmp_path):
    folder = copied("bert-labels/safetensors", tmp_path)
    with_numbers(folder, "classifier.bias", lambda bias: np.full_like(bias, 3e38))
    model_class("bert-labels", framework).from_pretrained(folder)


@framework
def test_numbers_too_large_for_float16(framework, tmp_path):
    folder = copied("bert-labels/safetensors", tmp_path)
    with_numbers(folder, "classifier.weight", lambda weight: np.where(weight == weight.max(), 1e6, weight).astype("f4"))
    said = refused(framework, folder, dtype="float16")
    assert "'classifier.weight' has numbers too large for float16; try dtype='bfloat16' or 'float32'" in said
    for dtype in ("bfloat16", "float32"):
        model_class("bert-labels", framework).from_pretrained(folder, dtype=dtype)


@framework
@pytest.mark.parametrize("dtype", ["int64", "uint8", "bool", "int8"])
def test_whole_numbers_are_no_weights(framework, dtype, tmp_path):
    folder = copied("bert-labels/safetensors", tmp_path)
    with_numbers(folder, "classifier.weight", lambda weight: weight.astype(dtype))
    said = refused(framework, folder)
    assert "'classifier.weight' holds " in said
    assert "numbers, weights are of the types bfloat16, float16, float32, float64. Is it quantized?" in said


@pytest.mark.torch
@framework
@pytest.mark.parametrize("kind", ["complex64", "float8_e4m3fn"])
@pytest.mark.parametrize("layout", ["bin", "safetensors"])
def test_other_kinds_of_numbers(framework, kind, layout, tmp_path):
    import torch
    from safetensors.torch import load_file, save_file

    folder = copied("bert-labels/safetensors", tmp_path)
    state = load_file(folder / "model.safetensors")
    state["classifier.weight"] = state["classifier.weight"].to(getattr(torch, kind))
    (folder / "model.safetensors").unlink()
    if layout == "bin":
        torch.save(state, folder / "pytorch_model.bin")
    else:
        try:
            save_file(state, folder / "model.safetensors")
        except KeyError:
            pytest.skip(f"this version of safetensors has no {kind}")
    assert "numbers, weights are of the types" in refused(framework, folder)


@framework
def test_a_quantized_model(framework, tmp_path):
    folder = copied("bert-labels/safetensors", tmp_path)
    config = json.loads((folder / "config.json").read_text())
    config["quantization_config"] = {"quant_method": "bitsandbytes", "load_in_4bit": True}
    (folder / "config.json").write_text(json.dumps(config))
    assert "is quantized (quantization_config in config.json: bitsandbytes)" in refused(framework, folder)


@framework
def test_more_layers_than_tensors(framework, tmp_path):
    """Building them would take minutes in Keras, before anything is compared."""
    folder = copied("bert-labels/safetensors", tmp_path)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "num_hidden_layers": 1000}))
    assert "num_hidden_layers is 1000 in the configuration, and the file has " in refused(framework, folder)


# pytorch_model.bin


@pytest.mark.torch
@framework
@pytest.mark.parametrize("kind", ["sparse", "stretched", "meta", "number as name"])
def test_what_a_bin_may_hold_beside_tables_of_numbers(framework, kind, tmp_path):
    import torch

    folder = copied("bert-words/bin", tmp_path)
    path = folder / "pytorch_model.bin"
    state = torch.load(path, weights_only=True)
    name = "cls.predictions.bias"
    bias = state[name]
    if kind == "number as name":
        state[7] = bias
    else:
        state[name] = {
            "sparse": lambda: bias.to_sparse(),
            "stretched": lambda: torch.zeros(1).expand(len(bias)),
            "meta": lambda: bias.to("meta"),
        }[kind]()
    torch.save(state, path)
    said = refused(framework, folder, "bert-words")
    assert ("is no state dict" if kind == "number as name" else f"holds {name!r} not as a table of numbers") in said


@pytest.mark.torch
@framework
@pytest.mark.parametrize("kind", ["compressed", "long table", "long table of an old file"])
def test_a_bin_that_would_take_all_memory(framework, kind, tmp_path, monkeypatch):
    folder = copied("bert-words/bin-old" if "old" in kind else "bert-words/bin", tmp_path)
    path = folder / "pytorch_model.bin"
    if kind == "compressed":
        with zipfile.ZipFile(path) as archive, zipfile.ZipFile(tmp_path / "new", "w", zipfile.ZIP_DEFLATED) as packed:
            for entry in archive.namelist():
                packed.writestr(entry, archive.read(entry))
        shutil.move(tmp_path / "new", path)
    else:
        monkeypatch.setattr("hfquick.core.weights.MOST_PICKLE", 200)
    assert "it is compressed, or its table of tensors is longer than any model's" in refused(
        framework, folder, "bert-words"
    )
