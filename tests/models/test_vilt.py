"""What is ViLT's own, in both frameworks: pictures of several sizes, their order, vectors given, scores of answers.

Shapes: B pairs of a text and a picture, T tokens, Y and X height and width in pixels.
"""

import numpy as np
import pytest

import hfquick
from tests.helpers.checkpoints import framework

# Of TensorFlow's tensors.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")
CONFIG = hfquick.ViltConfig(
    hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=8, image_size=[8, 12], patch_size=4,
    vocab_size=20, max_position_embeddings=12, num_labels=5, initializer_range=0.3,
)  # fmt: skip
DRAW = np.random.RandomState(0)
IDS = DRAW.randint(1, 20, (3, 6))
SIZES = [(16, 20), (8, 12), (4, 16)]
PICTURES = [DRAW.standard_normal((3, *size)).astype(np.float32) for size in SIZES]


def batch() -> dict[str, np.ndarray]:
    """The pictures in one batch, and noise in the place of padding."""
    pixels = DRAW.standard_normal((3, 3, 16, 20)).astype(np.float32)
    mask = np.zeros((3, 16, 20), np.int64)
    for row, (picture, (Y, X)) in enumerate(zip(PICTURES, SIZES, strict=True)):
        pixels[row, :, :Y, :X], mask[row, :Y, :X] = picture, 1
    return {"input_ids": IDS, "pixel_values": pixels, "pixel_mask": mask}


def tensors(framework: str, arrays: dict) -> dict:
    if framework == "tf":
        tf = pytest.importorskip("tensorflow")
        return {name: tf.constant(value) for name, value in arrays.items()}
    torch = pytest.importorskip("torch")
    return {name: torch.from_numpy(value) for name, value in arrays.items()}


def numpy(value) -> np.ndarray:
    return value.detach().numpy() if hasattr(value, "detach") else np.asarray(value)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a model whose positions are not 0, as they start."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    model = hfquick.ViltForQuestionAnswering(CONFIG)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith(("cls_token", "vilt.embeddings.position_embeddings")):
                parameter.normal_(std=0.3)
    folder = tmp_path_factory.mktemp("vilt")
    model.save_pretrained(folder)
    return folder


def load(kind: str, framework: str, folder):
    pytest.importorskip("tensorflow" if framework == "tf" else "torch")
    return getattr(hfquick, f"{'TF' if framework == 'tf' else ''}{kind}").from_pretrained(folder)


@framework
def test_padding_and_neighbours_change_nothing(folder, framework):
    model = load("ViltForQuestionAnswering", framework, folder)
    together = numpy(model(**tensors(framework, batch())).logits)
    for row, picture in enumerate(PICTURES):
        alone = {"input_ids": IDS[row : row + 1], "pixel_values": picture[None]}
        np.testing.assert_allclose(numpy(model(**tensors(framework, alone)).logits)[0], together[row], atol=1e-5)
    full = {**batch(), "pixel_mask": np.ones((3, 16, 20), np.int64)}
    without = {name: value for name, value in full.items() if name != "pixel_mask"}
    expected = numpy(model(**tensors(framework, without)).logits)
    np.testing.assert_allclose(numpy(model(**tensors(framework, full)).logits), expected, atol=1e-5)
    for kind in (bool, np.float32, np.int32):
        given = {**batch(), "pixel_mask": batch()["pixel_mask"].astype(kind)}
        np.testing.assert_allclose(numpy(model(**tensors(framework, given)).logits), together, atol=1e-5)


@framework
def test_so_many_patches_are_read_as_the_largest_picture_has(folder, framework):
    model = load("ViltModel", framework, folder)
    smaller = {name: value[1:] for name, value in batch().items()}  # 2 x 3 and 1 x 4 patches, in a batch of 4 x 5
    outputs = model(**tensors(framework, smaller), output_attentions=True)
    assert tuple(outputs.last_hidden_state.shape) == (2, 6 + 1 + 6, 16)
    weights = numpy(outputs.attentions[0])
    assert not weights[1, :, :, -2:].any()  # of the 6 patches 2 are padding
    assert (weights[0] > 0).all()


@framework
def test_vectors_in_the_place_of_a_picture(folder, framework):
    model = load("ViltModel", framework, folder)
    text, picture = {"input_ids": IDS}, {name: batch()[name] for name in ("pixel_values", "pixel_mask")}
    given = tensors(framework, picture)
    vectors, read = model.embeddings.visual_embed(*given.values())
    again = model(**tensors(framework, text), image_embeds=vectors, pixel_mask=read)
    assert tuple(again.last_hidden_state.shape) == (3, 6 + vectors.shape[1], 16)
    same = model(**tensors(framework, text), **given)
    np.testing.assert_allclose(numpy(again.last_hidden_state), numpy(same.last_hidden_state), atol=1e-6)


@pytest.mark.torch
@pytest.mark.tf
def test_twins_agree_in_a_graph_that_knows_no_size(folder):
    tf, torch = pytest.importorskip("tensorflow"), pytest.importorskip("torch")
    theirs, ours = (load("ViltForQuestionAnswering", name, folder) for name in ("tf", "pt"))
    signature = {
        "input_ids": tf.TensorSpec((None, None), "int64"),
        "pixel_values": tf.TensorSpec((None, 3, None, None)),
        "pixel_mask": tf.TensorSpec((None, None, None), "int64"),
    }
    traced = tf.function(lambda inputs: theirs(inputs).logits, input_signature=[signature])
    for rows in (slice(0, 3), slice(1, 3), slice(2, 3)):
        arrays = {name: value[rows] for name, value in batch().items()}
        with torch.no_grad():
            expected = ours(**tensors("pt", arrays)).logits
        np.testing.assert_allclose(traced(arrays), expected, atol=1e-5)


@pytest.mark.torch
def test_the_order_of_patches_means_nothing(folder):
    """As transformers samples them in random order."""
    torch = pytest.importorskip("torch")
    model = load("ViltForQuestionAnswering", "pt", folder)
    inputs = tensors("pt", {"input_ids": IDS, "pixel_values": np.stack([PICTURES[0]] * 3)})
    vectors, _ = model.vilt.embeddings.visual_embed(inputs["pixel_values"], None)
    order = torch.cat([torch.tensor([0]), 1 + torch.randperm(20, generator=torch.Generator().manual_seed(0))])
    shuffled = model(inputs["input_ids"], image_embeds=vectors[:, order]).logits
    torch.testing.assert_close(shuffled, model(**inputs).logits, rtol=1e-5, atol=1e-5)


@framework
def test_the_loss_is_that_of_every_answer_by_itself(folder, framework):
    model = load("ViltForQuestionAnswering", framework, folder)
    scores = np.array([[1, 0.3, 0, 0, 0], [0, 0, 0, 0, 0.9], [0, 0, 1, 1, 0]], np.float32)
    outputs = model(**tensors(framework, batch() | {"labels": scores}))
    sure = 1 / (1 + np.exp(-numpy(outputs.logits).astype(np.float64)))
    wanted = -(scores * np.log(sure) + (1 - scores) * np.log(1 - sure)).sum(-1).mean()
    assert float(numpy(outputs.loss)) == pytest.approx(wanted, rel=1e-5)


@framework
def test_its_vocabulary_is_resized(folder, framework):
    model = load("ViltForQuestionAnswering", framework, folder)
    before = numpy(model(**tensors(framework, batch())).logits)
    model.resize_token_embeddings(23)
    assert model.config.vocab_size == 23
    inputs = batch()
    assert numpy(model(**tensors(framework, {**inputs, "input_ids": np.full((3, 6), 22)})).logits).shape == before.shape


@pytest.mark.tf
def test_fit_and_a_keras_file(folder, tmp_path):
    keras = pytest.importorskip("keras")
    model = load("ViltForQuestionAnswering", "tf", folder)
    model.compile(keras.optimizers.Adam(1e-2))
    inputs, scores = batch(), np.eye(5, dtype=np.float32)[[0, 1, 4]]
    losses = model.fit(inputs, scores, epochs=20, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 2
    assert model.evaluate(inputs, scores, batch_size=2, verbose=0) == pytest.approx(
        model.evaluate(inputs, scores, batch_size=3, verbose=0), rel=1e-5
    )
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(again(inputs).logits, model(inputs).logits, atol=1e-6)
