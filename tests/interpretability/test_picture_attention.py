"""Attention over pictures: weights are the model's own, lie where they belong, and both frameworks see the same."""

import re

import numpy as np
import pytest
from PIL import Image

import hfquick
from hfquick import (
    DeiTImageProcessor,
    DetrImageProcessor,
    ViltImageProcessor,
    ViTImageProcessor,
    attention_map,
    attention_rollout,
    query_attention_map,
)
from hfquick.interpretability.picture_attention import _grid
from tests.display.test_pictures import images, photo

from .test_interpretability import FOLDER, FRAMEWORKS

SIZES = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 48}
QUESTION = "We are here"
STEPS = {"do_rescale": True, "resample": 2}

_folders: dict[str, str] = {}


def configuration(kind):
    if kind == "vit":
        labels = {"id2label": {0: "cat", 1: "dog"}}
        return hfquick.ViTConfig(image_size=[40, 48], patch_size=8, initializer_range=0.5, **SIZES, **labels)
    if kind == "vilt":
        vocabulary = len(hfquick.AutoTokenizer.from_pretrained(FOLDER / "ner-bert"))
        return hfquick.ViltConfig(
            image_size=64, patch_size=16, vocab_size=vocabulary, initializer_range=0.5, **SIZES,
            id2label={0: "one", 1: "two"},
        )  # fmt: skip
    resnet = {"depths": [1, 1, 1, 1], "hidden_sizes": [8, 8, 16, 16], "embedding_size": 8, "layer_type": "basic"}
    return hfquick.DetrConfig(
        d_model=32, encoder_layers=1, decoder_layers=2, encoder_ffn_dim=32, decoder_ffn_dim=32, num_queries=9,
        encoder_attention_heads=4, decoder_attention_heads=4, use_timm_backbone=False, backbone=None, init_std=0.5,
        backbone_config={"model_type": "resnet", **resnet}, id2label={0: "cat", 1: "dog", 2: "tree"},
    )  # fmt: skip


KINDS = {
    "vit": ("image-classification", "ViTForImageClassification"),
    "vilt": ("visual-question-answering", "ViltForQuestionAnswering"),
    "detr": ("object-detection", "DetrForObjectDetection"),
}
PROCESSORS = {
    "vit": lambda: ViTImageProcessor(size={"height": 40, "width": 48}),
    "vilt": lambda: ViltImageProcessor(size={"shortest_edge": 48}, size_divisor=16),
    "detr": lambda: DetrImageProcessor(size={"shortest_edge": 100, "longest_edge": 300}),
}


@pytest.fixture(scope="module")
def make(tmp_path_factory):
    """framework, kind -> a pipeline of a small model; both frameworks have the same weights."""
    made = {}
    torch = pytest.importorskip("torch")

    def pipe(framework, kind, processor=None):
        task, head = KINDS[kind]
        folder = tmp_path_factory.getbasetemp() / f"attention-{kind}"
        if not folder.exists():
            torch.manual_seed(0)
            model = getattr(hfquick, head)(configuration(kind))
            model.save_pretrained(folder)
        if (framework, kind) not in made:
            made[framework, kind] = getattr(hfquick, head if framework == "pt" else f"TF{head}").from_pretrained(folder)
        tokenizer = hfquick.AutoTokenizer.from_pretrained(FOLDER / "ner-bert") if kind == "vilt" else None
        processor = processor or PROCESSORS[kind]()
        return hfquick.pipeline(task, made[framework, kind], tokenizer, processor, framework=framework)

    return pipe


def attentions(pipe, picture, name="attentions", **text):
    """What the model itself gives for a picture: the weights of each layer."""
    inputs = dict(pipe.image_processor(picture, return_tensors=pipe.framework))
    if text:
        inputs |= dict(pipe.tokenizer([text["question"]], return_tensors=pipe.framework))
    if pipe.framework == "tf":
        outputs = pipe.model(inputs, output_attentions=True)
    else:
        import torch

        with torch.no_grad():
            outputs = pipe.model(**inputs, output_attentions=True)
    return [np.asarray(one)[0] for one in outputs[name]]


# [CLS] over patches.


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_map_is_the_mean_of_the_heads(framework, make):
    pipe, picture = make(framework, "vit"), photo(90, 60)
    maps = attentions(pipe, picture)
    found = attention_map(pipe, picture)
    assert found.weights.shape == (5, 6)
    assert found.weights.dtype == np.float32
    np.testing.assert_allclose(found.weights.ravel(), maps[-1].mean(0)[0, 1:], atol=1e-6)
    assert repr(found).startswith("[CLS], layer 2, mean of 4 heads: most on row ")
    [shown] = images(found)
    assert shown.pixels.size == (90, 60)
    one = attention_map(pipe, picture, layer=0, head=-1)
    np.testing.assert_allclose(one.weights.ravel(), maps[0][3, 0, 1:], atol=1e-6)
    assert (one.layer, one.head) == (0, 3)
    assert repr(one).startswith("[CLS], layer 0, head 3: ")


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_rollout_follows_every_path_through_the_layers(framework, make):
    pipe, picture = make(framework, "vit"), photo()
    found = attention_rollout(pipe, picture)
    reached = np.zeros(31)
    reached[0] = 1  # all of [CLS] comes from itself, after the last layer
    for layer in reversed(attentions(pipe, picture)):  # and was before it half itself, half what it attended to
        reached = 0.5 * reached + 0.5 * reached @ layer.mean(0)
    np.testing.assert_allclose(found.weights.ravel(), reached[1:], atol=1e-6)
    assert reached.sum() == pytest.approx(1)
    assert repr(found).startswith("[CLS], attention rollout: ")


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("size", [(90, 60), (40, 70)])
def test_attention_of_a_question_over_the_picture(framework, size, make):
    pipe, picture = make(framework, "vilt"), photo(*size)
    found = attention_map(pipe, picture, QUESTION)
    maps = attentions(pipe, picture, question=QUESTION)
    rows, columns = found.weights.shape
    assert (rows > columns) == (size[1] > size[0])
    np.testing.assert_allclose(found.weights.ravel(), maps[-1].mean(0)[0, -rows * columns :], atol=1e-6)
    tokens = len(pipe.tokenizer(QUESTION).input_ids)
    assert maps[0].shape[-1] == tokens + 1 + rows * columns
    again = attention_map(pipe, {"image": picture, "question": QUESTION})
    np.testing.assert_array_equal(again.weights, found.weights)
    assert len(images(again)) == 1
    assert attention_rollout(pipe, picture, QUESTION).weights.shape == (rows, columns)


@pytest.mark.torch
def test_a_cropped_picture_has_its_map_in_the_middle(make):
    processor = DeiTImageProcessor(size={"height": 50, "width": 60}, crop_size={"height": 40, "width": 48})
    found = attention_map(make("pt", "vit", processor), photo())
    np.testing.assert_allclose(found.area, (0.1, 0.1, 0.9, 0.9))
    processor.do_resize = False
    np.testing.assert_allclose(attention_map(make("pt", "vit", processor), photo(96, 40)).area, (0.25, 0, 0.75, 1))
    assert attention_map(make("pt", "vit"), photo()).area == (0, 0, 1, 1)


# Queries over a feature map.


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_each_object_has_the_map_of_its_query(framework, make):
    pipe, picture = make(framework, "detr"), photo(90, 60)
    scores = sorted(one["score"] for one in pipe(picture, threshold=0.0))
    threshold = (scores[3] + scores[4]) / 2  # five of nine queries
    found = query_attention_map(pipe, picture, threshold=threshold)
    expected = pipe(picture, threshold=threshold)
    assert [one.found["label"] for one in found] == [one["label"] for one in expected]
    assert [one.found["score"] for one in found] == pytest.approx([one["score"] for one in expected], abs=1e-5)
    assert len(found) == 5
    maps = attentions(pipe, picture, "cross_attentions")
    everything = query_attention_map(pipe, picture, threshold=0.0)
    assert len(everything) == 9
    for query, one in enumerate(everything):  # all queries, in their order
        assert one.weights.shape == (4, 5)  # 100 x 150 pixels
        np.testing.assert_allclose(one.weights.ravel(), maps[-1].mean(0)[query], atol=1e-6)
        assert one.weights.sum() == pytest.approx(1, abs=1e-5)
        np.testing.assert_allclose(one.area, (0, 0, 5 * 32 / 150, 4 * 32 / 100))
    chosen = [everything[query] for query, one in enumerate(everything) if one.found["score"] > threshold]
    for one, other in zip(found, chosen, strict=True):
        np.testing.assert_array_equal(one.weights, other.weights)
    first = query_attention_map(pipe, picture, threshold=0.0, layer=0, head=1)[4]
    np.testing.assert_allclose(first.weights.ravel(), maps[0][1, 4], atol=1e-6)
    assert "layer 0, head 1" in repr(first)
    assert len(images(found)) == 5


@pytest.mark.torch
def test_no_object_no_map(make):
    assert repr(query_attention_map(make("pt", "detr"), photo(), threshold=1.0)) == "nothing found above the threshold"


@pytest.mark.torch
def test_a_padded_picture_has_its_map_where_it_is(make):
    processor = DetrImageProcessor(size={"height": 64, "width": 64}, pad_size={"height": 128, "width": 96})
    [*found] = query_attention_map(make("pt", "detr", processor), photo(), threshold=0.0)
    assert found[0].weights.shape == (4, 3)
    assert found[0].area == (0, 0, 1.5, 2)
    assert found[0].weights[:2, :2].sum() == pytest.approx(1, abs=1e-5)  # no query attends to padding


@pytest.mark.torch
@pytest.mark.tf
def test_both_frameworks_see_the_same(make):
    picture = photo(90, 60)
    for look in (attention_map, attention_rollout):
        one, other = (look(make(framework, "vit"), picture).weights for framework in ("pt", "tf"))
        np.testing.assert_allclose(one, other, atol=1e-5)
    one, other = (attention_map(make(framework, "vilt"), picture, QUESTION).weights for framework in ("pt", "tf"))
    np.testing.assert_allclose(one, other, atol=1e-5)
    both = (query_attention_map(make(framework, "detr"), picture, threshold=0.0) for framework in ("pt", "tf"))
    for one, other in zip(*both, strict=True):
        np.testing.assert_allclose(one.weights, other.weights, atol=1e-5)


@pytest.mark.parametrize(("sides", "places", "found"), [
    ((800, 1066), 25 * 34, ((25, 34), 32)),
    ((800, 1066), 50 * 67, ((50, 67), 16)),  # with dilation
    ((64, 64), 4, ((2, 2), 32)),
    ((20, 30), 1, ((1, 1), 32)),
])  # fmt: skip
def test_the_grid_of_a_feature_map(sides, places, found):
    assert _grid(sides, places) == found


@pytest.mark.torch
def test_pictures_come_as_for_a_pipeline(make, tmp_path):
    pipe, picture = make("pt", "vit"), photo()
    picture.save(tmp_path / "cat.png")
    expected = attention_map(pipe, picture)
    for given in (
        tmp_path / "cat.png",
        str(tmp_path / "cat.png"),
        (tmp_path / "cat.png").read_bytes(),
        np.asarray(picture),
    ):
        found = attention_map(pipe, given)
        np.testing.assert_array_equal(found.weights, expected.weights)
        assert found._repr_html_() == expected._repr_html_()
    with open(tmp_path / "cat.png", "rb") as file:  # read once, drawn all the same
        assert len(images(attention_map(pipe, file))) == 1
    assert len(images(query_attention_map(make("pt", "detr"), Image.new("L", (9, 9)), threshold=0.0))) == 9


@pytest.mark.torch
def test_weights_of_16_bits_become_float32(make, tmp_path):
    import torch

    make("pt", "vit").model.save_pretrained(tmp_path)
    model = hfquick.ViTForImageClassification.from_pretrained(tmp_path, dtype="bfloat16")
    pipe = hfquick.pipeline("image-classification", model, image_processor=PROCESSORS["vit"]())
    assert pipe.model.dtype == torch.bfloat16
    for look in (attention_map, attention_rollout):
        found, expected = (look(one, photo()) for one in (pipe, make("pt", "vit")))
        assert found.weights.dtype == np.float32
        np.testing.assert_allclose(found.weights, expected.weights, atol=0.05)


# Errors.


@pytest.mark.torch
@pytest.mark.parametrize(
    ("look", "kind", "options", "error", "sentence"),
    [
        (
            attention_map,
            "detr",
            {},
            TypeError,
            "pipeline('image-classification'), got a ObjectDetectionPipe",
        ),
        (
            query_attention_map,
            "vit",
            {},
            TypeError,
            "query_attention_map needs a pipeline, such as pipeline('object",
        ),
        (attention_rollout, None, {}, TypeError, "attention_rollout needs a pipeline, such as"),
        (attention_map, "vit", {"layer": 3}, ValueError, "layer is 3, but there are 3, from 0 to 2; -1 is the last"),
        (attention_map, "vit", {"layer": 1.0}, ValueError, "layer is 1.0, but there are 3"),
        (attention_map, "vit", {"head": -5}, ValueError, "head is -5, but there are 4, from 0 to 3"),
        (query_attention_map, "detr", {"layer": True}, ValueError, "layer is True, but there are 2"),
        (query_attention_map, "detr", {"head": 4}, ValueError, "head is 4, but there are 4"),
        (query_attention_map, "detr", {"threshold": 2}, ValueError, "threshold is 2"),
        (attention_map, "vit", {"question": "?"}, ValueError, "attention_map reads a question with pipeline('visual"),
        (attention_map, "vilt", {"question": " "}, ValueError, "the question is empty"),
        (attention_map, "vilt", {}, TypeError, "visual question answering reads a picture and a question about it"),
    ],
)
def test_maps_that_cannot_be(look, kind, options, error, sentence, make):
    with pytest.raises(error, match=re.escape(sentence)):
        look(make("pt", kind) if kind else "vit", photo(), **options)


@pytest.mark.torch
@pytest.mark.parametrize(
    ("picture", "error", "sentence"),
    [
        ([photo()] * 2, TypeError, "takes one picture, got a list of 2"),
        (np.zeros((2, 8, 8, 3)), TypeError, "takes one picture, got a ndarray of 2"),
        (3, TypeError, "takes one picture, got int"),
        ("nowhere.png", FileNotFoundError, "there is no picture 'nowhere.png'"),
    ],
)
def test_pictures_that_are_none(picture, error, sentence, make):
    for look, kind in ((attention_map, "vit"), (query_attention_map, "detr")):
        with pytest.raises(error, match=re.escape(sentence)):
            look(make("pt", kind), picture)
