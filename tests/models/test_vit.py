"""What is ViT's own, in both frameworks: other sizes, a file without a pooler, pictures in 16 bits."""

import numpy as np
import pytest

import hfquick
from hfquick.core.weights import WeightsError
from tests.helpers.checkpoints import CHECKPOINTS, framework

# Of TensorFlow's tensors.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")
SIZES = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8}
OBLONG = hfquick.ViTConfig(**SIZES, image_size=[8, 12], patch_size=4, num_labels=3, initializer_range=0.3)
PIXELS = np.random.RandomState(0).standard_normal((2, 3, 16, 20)).astype(np.float32)


def tensor(framework: str, value):
    if framework == "tf":
        return pytest.importorskip("tensorflow").constant(value)
    return pytest.importorskip("torch").from_numpy(value)


def numpy(value) -> np.ndarray:
    return value.detach().numpy() if hasattr(value, "detach") else np.asarray(value)


def load(kind: str, framework: str, folder, **options):
    pytest.importorskip("tensorflow" if framework == "tf" else "torch")
    return getattr(hfquick, f"{'TF' if framework == 'tf' else ''}{kind}").from_pretrained(folder, **options)


@pytest.fixture(scope="module")
def oblong(tmp_path_factory):
    """A folder with a model for pictures that are no squares."""
    folder = tmp_path_factory.mktemp("oblong")
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    hfquick.ViTForImageClassification(OBLONG).save_pretrained(folder)
    return folder


@framework
def test_positions_of_an_oblong_grid_are_interpolated(oblong, framework):
    """transformers takes the root of their number for both sides, so no reference of it is recorded."""
    torch = pytest.importorskip("torch")
    model = load("ViTForImageClassification", framework, oblong)
    embedded = model.vit.embeddings
    learned = torch.from_numpy(numpy(embedded.position_embeddings).copy())
    grid = learned[:, 1:].reshape(1, 2, 3, 16).permute(0, 3, 1, 2)
    wanted = torch.nn.functional.interpolate(grid, size=(4, 5), mode="bicubic", align_corners=False)
    found = numpy(embedded.interpolated(4, 5))
    np.testing.assert_allclose(found[:, 1:], wanted.flatten(2).transpose(1, 2).numpy(), atol=1e-6)
    np.testing.assert_array_equal(found[:, :1], learned[:, :1].numpy())


@pytest.mark.torch
@pytest.mark.tf
def test_twins_agree_about_every_size_in_a_graph_that_knows_none(oblong):
    tf, torch = pytest.importorskip("tensorflow"), pytest.importorskip("torch")
    theirs, ours = (load("ViTForImageClassification", name, oblong) for name in ("tf", "pt"))
    traced = tf.function(
        lambda pixels: theirs(pixels, interpolate_pos_encoding=True).logits,
        input_signature=[tf.TensorSpec((None, 3, None, None))],
    )
    for Y, X in ((16, 20), (8, 12), (8, 20), (12, 12), (4, 4), (11, 19)):
        pixels = PIXELS[:, :, :Y, :X]
        with torch.no_grad():
            expected = ours(torch.from_numpy(pixels), interpolate_pos_encoding=True).logits
        for logits in (traced(pixels), theirs(pixels, interpolate_pos_encoding=True).logits):
            np.testing.assert_allclose(logits, expected, atol=1e-5)


@framework
def test_a_file_without_a_pooler_says_so_and_one_may_do_without(framework, capsys):
    folder = CHECKPOINTS / "vit-classes" / "safetensors"
    model = load("ViTModel", framework, folder)
    assert "new, untrained: pooler.dense.weight, pooler.dense.bias - train before use" in capsys.readouterr().out
    pixels = tensor(framework, PIXELS[:, :, :12, :12])
    assert tuple(model(pixels).pooler_output.shape) == (2, 32)
    kind = type(model)
    without = kind(model.config, add_pooling_layer=False)
    assert "pooler_output" not in without(pixels)
    assert not any("pooler" in name for name in names_of(without))


def names_of(model) -> list[str]:
    if hasattr(model, "state_dict"):
        return list(model.state_dict())
    from hfquick.core.weights_tf import slots

    return list(slots(model))


@framework
def test_another_size_than_that_of_the_file_is_refused(framework):
    with pytest.raises(WeightsError, match=r"vit.embeddings.position_embeddings.*\(1, 10, 32\).*\(1, 26, 32\)"):
        load("ViTForImageClassification", framework, CHECKPOINTS / "vit-classes" / "safetensors", image_size=20)


@framework
def test_a_new_head_takes_the_place_of_another(framework, capsys):
    folder = CHECKPOINTS / "vit-classes" / "safetensors"
    model = load("ViTForImageClassification", framework, folder, num_labels=7, ignore_mismatched_sizes=True)
    assert "new, untrained: classifier.weight, classifier.bias" in capsys.readouterr().out
    assert tuple(model(tensor(framework, PIXELS[:, :, :12, :12])).logits.shape) == (2, 7)


@pytest.mark.torch
def test_pictures_take_the_dtype_of_the_model(oblong):
    torch = pytest.importorskip("torch")
    model = load("ViTForImageClassification", "pt", oblong, dtype="bfloat16")
    pixels = torch.from_numpy(PIXELS[:, :, :8, :12])
    for given in (pixels, pixels.double(), pixels.bfloat16()):
        assert model(given).logits.dtype == torch.bfloat16


@pytest.mark.tf
def test_a_keras_file_keeps_the_model(oblong, tmp_path):
    keras = pytest.importorskip("keras")
    model = load("ViTForImageClassification", "tf", oblong)
    model.compile(keras.optimizers.Adam(1e-2), metrics=["accuracy"])
    pixels, labels = PIXELS[:, :, :8, :12], np.array([0, 2])
    first = model.fit({"pixel_values": pixels}, labels, epochs=20, verbose=0).history["loss"]
    assert first[-1] < first[0] / 2
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(again(pixels).logits, model(pixels).logits, atol=1e-6)
    assert again.evaluate(pixels, labels, verbose=0)[1] == 1


@pytest.mark.torch
def test_the_trainer_trains_it(tmp_path):
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    rows = [{"pixel_values": pixels, "labels": index % 2} for index, pixels in enumerate(PIXELS[:, :, :8, :12])] * 4
    model = hfquick.ViTForImageClassification(OBLONG)
    arguments = hfquick.TrainingArguments(
        tmp_path, num_train_epochs=8, learning_rate=1e-2, per_device_train_batch_size=4, disable_tqdm=True,
        report_to="none", save_strategy="no", use_cpu=True,
    )  # fmt: skip
    trainer = hfquick.Trainer(model, arguments, train_dataset=rows, eval_dataset=rows)
    before = trainer.evaluate()["eval_loss"]
    trainer.train()
    assert trainer.evaluate()["eval_loss"] < before / 2
