"""Models that read pictures, called by hand in both frameworks: sentences for what cannot be right."""

import numpy as np
import pytest

import hfquick
from hfquick.core.pictures import both_sides
from tests.helpers.checkpoints import framework

SIZES = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8, "num_labels": 3}
CONFIG = hfquick.ViTConfig(**SIZES, image_size=[8, 12], patch_size=4)
PIXELS = np.random.RandomState(0).standard_normal((2, 3, 8, 12)).astype(np.float32)
LAST = PIXELS.transpose(0, 2, 3, 1)
SHAPE = r"expected \(pictures, 3, height, width\)"


def tensor(framework: str, value):
    if framework == "tf":
        return pytest.importorskip("tensorflow").constant(value)
    return pytest.importorskip("torch").tensor(value)


@pytest.fixture(scope="module")
def models():
    return {}


@pytest.fixture
def model(models, framework):
    pytest.importorskip("tensorflow" if framework == "tf" else "torch")
    if framework not in models:
        kind = hfquick.TFViTForImageClassification if framework == "tf" else hfquick.ViTForImageClassification
        models[framework] = kind(CONFIG) if framework == "tf" else kind(CONFIG).eval()
    return models[framework]


WRONG = {  # inputs, and the sentence with the words of a framework
    "nothing": ({}, r"^(TF)?ViTForImageClassification reads pictures, and got none; try model\(\*\*image_processor\("),
    "one picture": (
        {"pixel_values": PIXELS[0]},
        rf"^the shape of pixel_values is \(3, 8, 12\), {SHAPE}; one picture is a batch, too: return_tensors='{{kind}}' "
        r"in the image processor, or pixel_values\[None\]$",
    ),
    "channels last": (
        {"pixel_values": LAST},
        rf"^the shape of pixel_values is \(2, 8, 12, 3\), {SHAPE}; channels stand first: try {{first}}$",
    ),
    "one picture with channels last": ({"pixel_values": LAST[0]}, rf"is \(8, 12, 3\), {SHAPE}$"),
    "grey": ({"pixel_values": PIXELS[:, :1]}, rf"{SHAPE}; this model reads pictures of 3 channels \(num_channels\)$"),
    "five axes": ({"pixel_values": PIXELS[None]}, rf"is \(1, 2, 3, 8, 12\), {SHAPE}$"),
    "whole numbers": (
        {"pixel_values": (PIXELS * 9).astype(np.uint8)},
        r"^pixel_values are (torch\.)?uint8 numbers, expected floating-point ones, rescaled and normalised; try "
        r"image_processor\(pictures, return_tensors='{kind}'\)$",
    ),
    "another size": (
        {"pixel_values": PIXELS[..., :8]},
        r"^pictures of 8x8 pixels were given \(height x width\), this model reads 8x12; try an image processor, which "
        "resizes them, or interpolate_pos_encoding=True$",
    ),
    "less than a patch": (
        {"pixel_values": PIXELS[..., :2], "interpolate_pos_encoding": True},
        r"^pictures of 8x2 pixels were given \(height x width\), one patch of this model has 4x4$",
    ),
    "too many labels": (
        {"pixel_values": PIXELS, "labels": np.array([0, 1, 2])},
        r"^the shape of labels is \(3,\), expected \(2,\), one label for each picture$",
    ),
    "a label that is not there": (
        {"pixel_values": PIXELS, "labels": np.array([0, 3])},
        "^label 3 was given, this model has labels 0 to 2",
    ),
    "rows of labels": (
        {"pixel_values": PIXELS, "labels": np.array([[0, 1, 1], [1, 0, 0]])},
        r"one label for each picture; for several labels per picture try model.config.problem_type = 'multi_label_cl",
    ),
    "fractions": (
        {"pixel_values": PIXELS, "labels": np.array([0.0, 1.0], np.float32)},
        r"expected \(2, 3\), a row of (torch\.)?float32 numbers for each picture; with one label per picture these are",
    ),
}


@framework
@pytest.mark.parametrize("name", WRONG)
def test_wrong_inputs_are_sentences(model, framework, name):
    inputs, sentence = WRONG[name]
    given = {key: tensor(framework, value) if value is not True else value for key, value in inputs.items()}
    first = {"pt": r"pixel_values\.permute\(0, 3, 1, 2\)", "tf": r"tf\.transpose\(pixel_values, \(0, 3, 1, 2\)\)"}
    with pytest.raises(ValueError, match=sentence.replace("{kind}", framework).replace("{first}", first[framework])):
        model(**given)


@framework
def test_wrong_kinds_are_sentences(model, framework):
    Image = pytest.importorskip("PIL.Image")
    advice = f"; try return_tensors='{framework}' in the image processor$"
    for value, sentence in (
        ("cat.jpg", r"^pixel_values holds the text 'cat.jpg', a model takes pixels; try model\(\*\*image_processor\("),
        (["cat.jpg"], "^pixel_values holds the text 'cat.jpg', a model takes pixels"),
        (Image.new("RGB", (4, 4)), f"^pixel_values is a picture of Pillow, expected .*{advice}"),
        ([PIXELS[0]], f"^pixel_values is a list, expected .*{advice}"),
    ):
        with pytest.raises(TypeError, match=sentence):
            model(pixel_values=value)
    if framework == "pt":
        with pytest.raises(TypeError, match=f"^pixel_values is a NumPy array, expected a PyTorch tensor{advice}"):
            model(PIXELS)


@framework
def test_a_vocabulary_is_not_resized(model, framework):
    with pytest.raises(TypeError, match=r"ViTForImageClassification reads pictures and has no vocabulary, so there"):
        model.resize_token_embeddings(5)


@framework
def test_outputs_of_a_bare_model_say_where_logits_are(framework):
    pytest.importorskip("tensorflow" if framework == "tf" else "torch")
    bare = (hfquick.TFViTModel if framework == "tf" else hfquick.ViTModel)(CONFIG)
    with pytest.raises(AttributeError, match=r"; a model with a head .* or AutoModelForImageClassification$"):
        _ = bare(tensor(framework, PIXELS)).logits


def test_sizes_of_a_configuration():
    assert both_sides(3) == (3, 3)
    assert both_sides([3, 4]) == both_sides((3, 4)) == (3, 4)
    assert CONFIG.grid == (2, 3)
    assert hfquick.ViTConfig(image_size=(8, 9), patch_size=4).image_size == [8, 9]  # as config.json has it
    assert hfquick.ViTConfig(hidden_size=24).pooler_output_size == 24
    for size in (0, [8], [8, 8, 8], [8, 0], [8, "8"], -1):
        with pytest.raises(ValueError, match=r"image_size is .*, expected a whole number of pixels, or two"):
            hfquick.ViTConfig(image_size=size)
    with pytest.raises(ValueError, match="ViTConfig: 'image_size' is 'large', expected a whole number or a list"):
        hfquick.ViTConfig(image_size="large")
    with pytest.raises(ValueError, match=r"patch_size 16 is larger than image_size 8, so a picture has not one patch"):
        hfquick.ViTConfig(image_size=8)
    for kind in (hfquick.ViTConfig, hfquick.ViltConfig):
        with pytest.raises(ValueError, match="hidden_size 10 is not divisible by num_attention_heads 3"):
            kind(hidden_size=10, num_attention_heads=3)
    with pytest.raises(
        ValueError, match=r"^max_image_length is 200, .*: try from_pretrained\(..., max_image_length=-1\)"
    ):
        hfquick.ViltConfig(max_image_length=200)


BOTH = hfquick.ViltConfig(**SIZES | {"num_labels": 4}, image_size=8, patch_size=4, vocab_size=20)
PAIRS = {"input_ids": np.array([[1, 2, 3], [4, 5, 6]]), "pixel_values": PIXELS}
SCORES = np.random.RandomState(1).rand(2, 4).astype(np.float32)
WRONG_PAIRS = {
    "one picture for two texts": (
        {"pixel_values": PIXELS[:1]},
        "^2 texts and 1 pictures were given; a model reads them in pairs, so give each text its own$",
    ),
    "no picture": ({"pixel_values": None}, "ViltForQuestionAnswering reads pictures, and got none"),
    "no text": ({"input_ids": None}, r"^give either input_ids \(B, T\) or inputs_embeds \(B, T, D\)"),
    "pixels and vectors": (
        {"image_embeds": np.zeros((2, 6, 8), np.float32)},
        r"^give either pixel_values \(B, C, Y, X\) or image_embeds \(B, P, D\), not both$",
    ),
    "a mask of another size": (
        {"pixel_mask": np.ones((2, 8, 8), int)},
        r"^the shape of pixel_mask is \(2, 8, 8\), expected \(2, 8, 12\), one number for each pixel$",
    ),
    "a mask of nothing": (
        {"pixel_mask": np.stack([np.ones((8, 12), int), np.zeros((8, 12), int)])},
        "^the pixel_mask of picture 1 has no 1 where its patches begin, so nothing of it is read",
    ),
    "less than a patch": ({"pixel_values": PIXELS[..., :3]}, r"^pictures of 8x3 pixels .*, one patch of .* has 4x4$"),
    "one answer each": (
        {"labels": np.array([0, 3])},
        r"^labels are (torch\.)?int64 numbers of the shape \(2,\), expected floating-point ones of the shape \(2, 4\): "
        r"how right each .*, from 0 to 1; where one answer is right try (torch.nn.functional|tf).one_hot\(labels, 4\)",
    ),
    "whole scores": ({"labels": np.ones((2, 4), int)}, r"int64 numbers of the shape \(2, 4\), .*, from 0 to 1$"),
    "too few scores": ({"labels": SCORES[:, :3]}, r"float32 numbers of the shape \(2, 3\), .* from 0 to 1$"),
    "a third kind of vectors": (
        {"image_token_type_idx": 2},
        "token type 2 was given, this model has token types 0 to 1",
    ),
}


@framework
@pytest.mark.parametrize("name", WRONG_PAIRS)
def test_wrong_pairs_are_sentences(framework, name):
    pytest.importorskip("tensorflow" if framework == "tf" else "torch")
    changed, sentence = WRONG_PAIRS[name]
    kind = "ViltModel" if "image_token_type_idx" in changed else "ViltForQuestionAnswering"
    model = getattr(hfquick, f"{'TF' if framework == 'tf' else ''}{kind}")(BOTH)
    given = {
        key: tensor(framework, value) if isinstance(value, np.ndarray) else value
        for key, value in (PAIRS | changed).items()
    }
    with pytest.raises(ValueError, match=sentence):
        model(**given)


@framework
def test_auto_classes_tell_questions_about_texts_from_those_about_pictures(framework):
    pytest.importorskip("tensorflow" if framework == "tf" else "torch")
    start = "TF" if framework == "tf" else ""
    visual = getattr(hfquick, f"{start}AutoModelForVisualQuestionAnswering")
    assert type(visual.from_config(BOTH)).__name__ == f"{start}ViltForQuestionAnswering"
    text = getattr(hfquick, f"{start}AutoModelForQuestionAnswering")
    bert = hfquick.BertConfig(hidden_size=8, num_attention_heads=2, num_hidden_layers=1, intermediate_size=8)
    assert type(text.from_config(bert)).__name__ == f"{start}BertForQuestionAnswering"
    with pytest.raises(
        ValueError, match=r"^vilt models have no AutoModelForQuestionAnswering; for them there are AutoMo"
    ):
        text.from_config(BOTH)
    with pytest.raises(
        ValueError, match=r"^bert models have no AutoModelForVisualQuestionAnswering; for them there are "
    ):
        visual.from_config(bert)
    with pytest.raises(
        ValueError, match=r"^vit models have no (TF)?ViTForQuestionAnswering; for them there are AutoMod"
    ):
        text.from_config(CONFIG)
