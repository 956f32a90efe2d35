"""Pictures in pipelines: results of transformers 4.57.6, batches that change nothing, streams, errors in sentences."""

import json
import pickle
from functools import cache
from itertools import count, islice
from pathlib import Path

import numpy as np
import PIL
import pytest
from PIL import Image

import hfquick
from hfquick import KeyDataset, pipeline
from hfquick.pipelines.pictures import PIXELS_PER_BATCH, WINDOW
from tests.hub.test_downloads import Server
from tests.image_processing.scenes import PICTURES, picture

FOLDER = Path(__file__).parents[1] / "reference" / "pipelines"
RECORDED = json.loads((FOLDER / "pictures.json").read_text())
MASKS = np.load(FOLDER / "pictures.npz")
TASK = {
    "picture-class": "image-classification",
    "picture-labels": "image-classification",
    "boxes": "object-detection",
    "masks": "image-segmentation",
    "vqa": "visual-question-answering",
}
FRAMEWORKS = [pytest.param("pt", marks=pytest.mark.torch), pytest.param("tf", marks=pytest.mark.tf)]
both = pytest.mark.parametrize("framework", FRAMEWORKS)


@cache
def pipe_of(model: str, framework: str):
    return pipeline(TASK[model], model=str(FOLDER / model), framework=framework, device="cpu")


def mask_of(name: str, shown: str) -> np.ndarray:
    _mode, height, width = PICTURES[shown]
    return np.unpackbits(MASKS[name], count=height * width).reshape(height, width).astype(bool)


def assert_same(found, recorded, shown: str) -> None:
    """The same labels in the same order, nearly the same scores, boxes and masks but for pixels on an edge."""
    assert len(found) == len(recorded)
    for ours, theirs in zip(found, recorded, strict=True):
        assert list(ours) == list(theirs)
        for name in theirs:
            if name == "mask":
                drawn = np.asarray(ours["mask"])
                assert drawn.dtype == np.uint8
                assert set(np.unique(drawn)) <= {0, 255}
                assert ((drawn > 0) != mask_of(theirs["mask"], shown)).mean() <= 0.002
            elif name == "box":
                assert all(abs(ours["box"][side] - at) <= 1 for side, at in theirs["box"].items())
            else:
                expected = theirs[name]
                assert ours[name] == (pytest.approx(expected, abs=2e-4) if isinstance(expected, float) else expected)


def near(found) -> list:
    """Results with so many digits as batches of other sizes leave alone."""
    return [(item.get("label", item.get("answer")), round(item["score"], 4)) for item in found]


def all_near(found) -> list:
    return list(map(near, found))


def input_of(row: dict):
    shown = picture(row["picture"])
    return {"image": shown, "question": row["question"]} if "question" in row else shown


@pytest.mark.skipif(PIL.__version__ < "13", reason="recorded with Pillow 13, which resizes with other roundings")
@both
@pytest.mark.parametrize("model", TASK)
def test_results_are_those_of_transformers(model, framework):
    rows = [row for row in RECORDED if row["model"] == model]
    assert rows
    for row in rows:
        found = pipe_of(model, framework)(input_of(row), **row["options"])
        assert_same(found, row["result"], row["picture"])


@both
@pytest.mark.parametrize("model", TASK)
def test_a_list_gives_what_one_by_one_gives(model, framework):
    """Pictures of many sizes, each twice and mixed, so that batches have several and results must find their place."""
    rows = [row for row in RECORDED if row["model"] == model][: len(PICTURES)]
    inputs = [input_of(row) for row in (*rows, *rows[::-1])]
    pipe = pipe_of(model, framework)
    options = {} if model in ("picture-class", "picture-labels", "vqa") else {"threshold": 0.1}
    alone = [pipe(one, **options) for one in inputs]
    for many in (pipe(inputs, **options), pipe(inputs, batch_size=3, **options), list(pipe(iter(inputs), **options))):
        assert len(many) == len(inputs)
        for one, other in zip(many, alone, strict=True):
            assert [item.get("label", item.get("answer")) for item in one] == [
                item.get("label", item.get("answer")) for item in other
            ]
            assert [item["score"] for item in one] == pytest.approx([item["score"] for item in other], abs=1e-5)


@pytest.mark.torch
def test_batches_have_pictures_of_one_size_and_are_not_too_large():
    pipe = pipe_of("boxes", "pt")
    sizes = [(64, 80)] * 5 + [(64, 64)] * 3 + [(64, 80)]
    pieces = [
        part for [part] in pipe.preprocess([next(pipe._open([Image.new("RGB", (x, y))])) for y, x in sizes], None)
    ]
    found = sorted(map(sorted, pipe.batches(pieces, pipe.settings)))
    assert found == [[0, 1, 2, 3, 4, 8], [5, 6, 7]]
    pixels = [piece.features["pixel_values"][0].size for piece in pieces]
    large = pieces * (PIXELS_PER_BATCH // pixels[0])
    assert all(len(batch) * pixels[batch[0] % 9] <= PIXELS_PER_BATCH for batch in pipe.batches(large, pipe.settings))
    assert max(map(len, pipe.batches(large, pipe._settings({"batch_size": 2})))) == 2


@pytest.mark.torch
def test_a_stream_holds_few_pictures_and_never_ends_too_early():
    seen = []

    def pictures():
        for number in count():
            seen.append(number)
            yield picture("wide")

    stream = pipe_of("picture-class", "pt")(pictures())
    assert len(list(islice(stream, 3))) == 3
    assert len(seen) <= 2 * WINDOW + 16
    stream.close()


@pytest.mark.torch
def test_every_way_to_give_a_picture(tmp_path):
    datasets = pytest.importorskip("datasets")
    pipe, shown = pipe_of("picture-class", "pt"), picture("wide")
    path = tmp_path / "wide.png"
    shown.save(path)
    expected = pipe(shown)
    content = path.read_bytes()
    array = np.asarray(shown)
    rows = datasets.Dataset.from_dict({"image": [str(path)] * 2}).cast_column("image", datasets.Image())
    undecoded = rows.cast_column("image", datasets.Image(decode=False))
    with path.open("rb") as file:
        for one in (
            str(path),
            path,
            content,
            array,
            array / 255,
            array.transpose(2, 0, 1),
            file,
            undecoded[0]["image"],
        ):
            assert pipe(one) == expected
    for many in (rows["image"], undecoded["image"], [array, path], np.stack([array, array]), KeyDataset(rows, "image")):
        assert [near(found) for found in pipe(many)] == [near(expected)] * 2


@both
def test_questions_and_pictures_in_every_form(framework):
    pipe, one, other = pipe_of("vqa", framework), picture("wide"), picture("tall")
    first, second = "What is it?", "how many are there"
    expected = {
        (name, ask): pipe(shown, ask) for name, shown in (("one", one), ("other", other)) for ask in (first, second)
    }
    assert pipe(image=one, question=first) == expected["one", first]
    assert pipe({"image": one, "question": first}) == expected["one", first]
    assert pipe([{"image": one, "question": first}]) == [expected["one", first]]
    assert all_near(pipe(one, [first, second])) == all_near([expected["one", first], expected["one", second]])
    assert all_near(pipe([one, other], first)) == all_near([expected["one", first], expected["other", first]])
    everything = [(name, ask) for ask in (first, second) for name in ("one", "other")]
    assert all_near(pipe([one, other], [first, second])) == all_near([expected[pair] for pair in everything])
    alias = pipeline("vqa", model=str(FOLDER / "vqa"), framework=framework)
    assert alias.task == "visual-question-answering"
    assert near(alias(one, first)) == near(expected["one", first])


@pytest.mark.torch
def test_one_picture_is_prepared_once_for_all_its_questions(monkeypatch):
    pipe, prepared = pipeline("vqa", model=str(FOLDER / "vqa"), framework="pt"), []
    processor = pipe.image_processor
    pipe.image_processor = lambda shown, **options: prepared.append(shown) or processor(shown, **options)
    pipe(picture("wide"), ["What is it?", "Is it red?", "how many are there"])
    assert len(prepared) == 1


@pytest.mark.torch
@pytest.mark.parametrize(
    ("model", "inputs", "options", "error", "said"),
    [
        ("picture-class", 3, {}, TypeError, "image-classification takes a picture"),
        ("picture-class", "no-such.png", {}, FileNotFoundError, "there is no picture 'no-such.png'"),
        (
            "picture-class",
            ["wide", "no-such.png"],
            {},
            FileNotFoundError,
            "picture 1: there is no picture 'no-such.png'",
        ),
        ("picture-class", "wide", {"top_k": 0}, ValueError, "top_k is 0"),
        ("picture-class", "wide", {"function_to_apply": "softmin"}, ValueError, "did you mean 'softmax'"),
        ("picture-class", "wide", {"timeout": 3}, TypeError, "a picture is waited for as long as is sensible"),
        ("boxes", "wide", {"threshold": 1.5}, ValueError, "threshold is 1.5, expected a probability from 0 to 1"),
        ("boxes", "wide", {"threshold": "high"}, ValueError, "threshold is 'high'"),
        ("masks", "wide", {"mask_threshold": -0.1}, ValueError, "mask_threshold is -0.1"),
        ("masks", "wide", {"subtask": "panotic"}, ValueError, "did you mean 'panoptic'"),
        ("vqa", "wide", {}, TypeError, "reads a picture and a question about it"),
        ("vqa", "wide", {"question": " "}, ValueError, "the question is empty"),
        ("vqa", "wide", {"question": 5}, TypeError, "reads texts, got int"),
        ("vqa", {"picture": 1}, {}, ValueError, "an input has the keys 'image' and 'question', got 'picture'"),
        (
            "vqa",
            "wide",
            {"question": "what is it " * 20},
            ValueError,
            "has 102 tokens, the model reads at most 24; try",
        ),
    ],
)
def test_bad_inputs_are_sentences(model, inputs, options, error, said):
    given = [picture(one) if one in PICTURES else one for one in inputs] if isinstance(inputs, list) else inputs
    given = picture(inputs) if inputs in ("wide",) else given
    with pytest.raises(error, match=said):
        pipe_of(model, "pt")(given, **options)


@pytest.mark.torch
def test_a_long_question_is_cut_when_asked_to():
    assert pipe_of("vqa", "pt")(picture("wide"), "what is it " * 20, truncation=True)


@pytest.mark.torch
def test_parts_of_a_pipeline():
    folder = str(FOLDER / "picture-class")
    model = hfquick.AutoModelForImageClassification.from_pretrained(folder)
    processor = hfquick.AutoImageProcessor.from_pretrained(folder)
    expected = pipe_of("picture-class", "pt")(picture("wide"))
    for options in (
        {"image_processor": processor},
        {"feature_extractor": processor},
        {"image_processor": folder},
        {"processor": folder},
    ):
        assert pipeline("image-classification", model=model, **options)(picture("wide")) == expected
    both_parts = hfquick.AutoProcessor.from_pretrained(FOLDER / "vqa")
    asked = pipeline("vqa", model=pipe_of("vqa", "pt").model, processor=both_parts)
    assert asked(picture("wide"), "What is it?") == pipe_of("vqa", "pt")(picture("wide"), "What is it?")
    assert pipeline(model=folder).task == "image-classification"
    with pytest.raises(
        ValueError, match=r"a loaded model was given without its image_processor; give image_processor="
    ):
        pipeline("image-classification", model=model)
    with pytest.raises(TypeError, match="two names of one argument"):
        pipeline("image-classification", model=model, image_processor=processor, feature_extractor=processor)
    with pytest.raises(TypeError, match="text-classification reads no pictures, and takes no image_processor"):
        pipeline("text-classification", model=str(FOLDER / "three-labels"), image_processor=processor)


@pytest.mark.torch
def test_a_model_of_another_kind_is_a_sentence():
    boxes = pipe_of("boxes", "pt")
    pipe = pipeline("image-segmentation", model=boxes.model, image_processor=boxes.image_processor)
    with pytest.raises(ValueError, match="reads pred_masks, and the DetrForObjectDetection gives"):
        pipe(picture("wide"))


@pytest.mark.torch
def test_pipelines_are_pickled():
    pipe = pickle.loads(pickle.dumps(pipe_of("boxes", "pt")))
    found = pipe_of("boxes", "pt")(picture("wide"), threshold=0.2)
    assert near(pipe(picture("wide"), threshold=0.2)) == near(found)  # a copy has torch's own layers again


@pytest.mark.torch
def test_half_the_digits():
    """bfloat16 takes pixel values of its own dtype."""
    pipe = pipeline("image-classification", model=str(FOLDER / "picture-class"), framework="pt", dtype="bfloat16")
    assert pipe(picture("wide"))[0]["label"] == pipe_of("picture-class", "pt")(picture("wide"))[0]["label"]


@pytest.mark.torch
def test_results_read_well():
    [found] = pipe_of("boxes", "pt")(picture("wide"), threshold=0.7)[:1]
    assert repr(found).startswith("{'score': 0.7")
    assert "'box': {'xmin': " in repr(found)
    segment = pipe_of("masks", "pt")(picture("wide"), threshold=0.25)
    assert "size=56x40" in repr(segment)
    assert " at 0x" not in repr(segment)


@pytest.mark.torch
def test_addresses_of_rows_may_not_be_of_the_local_network(monkeypatch):
    """What stands in the call was typed; what a dataset or a generator gives was not."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server, pipe = Server(), pipe_of("picture-class", "pt")
    try:
        address = f"{server.url}/cat.png"
        assert [row["label"] for row in pipe([address, address])[1]] == [row["label"] for row in pipe(address)]
        with pytest.raises(ValueError, match=r"picture 0: .* asked only when you type it yourself"):
            next(pipe(one for one in [address]))
        column = pytest.importorskip("datasets").Dataset.from_dict({"picture": [address]})["picture"]
        with pytest.raises(ValueError, match=r"picture 0: .* asked only when you type it yourself"):
            pipe(column)
    finally:
        server.close()
