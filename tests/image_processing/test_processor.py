"""Image processors: files, options of a call, what a batch looks like, and what is refused."""

import copy
import json
import pickle
import threading
from inspect import signature
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import hfquick
from hfquick import (
    AutoFeatureExtractor,
    AutoImageProcessor,
    BatchFeature,
    DeiTImageProcessor,
    DetrImageProcessor,
    ViltImageProcessor,
    ViTImageProcessor,
)
from hfquick.hub import HubError
from hfquick.image_processing import processor as module
from hfquick.image_processing.transforms import center_crop, target_size

from .scenes import OLD_DETR, OLD_VILT, OLD_VIT, SCENES, noise, picture

REFERENCE = Path(__file__).parents[1] / "reference" / "image_processing"
CLASSES = [ViTImageProcessor, DeiTImageProcessor, DetrImageProcessor, ViltImageProcessor]
SMALL = {"height": 8, "width": 6}
PICTURE = picture("wide")


@pytest.fixture
def write(tmp_path):
    def write(values, name="preprocessor_config.json", **files):
        (tmp_path / name).write_text(values if isinstance(values, str) else json.dumps(values))
        for other, content in files.items():
            (tmp_path / f"{other}.json").write_text(json.dumps(content))
        return tmp_path

    return write


def fields(one):
    return {name: getattr(one, name) for name in one.DEFAULTS}


# Files.


@pytest.mark.parametrize("cls", CLASSES)
def test_what_is_saved_is_read(cls, tmp_path):
    ours = cls(do_normalize=False, resample=1)
    (path,) = ours.save_pretrained(tmp_path / "new")
    written = json.loads((tmp_path / "new" / "preprocessor_config.json").read_text())
    assert path == str(tmp_path / "new" / "preprocessor_config.json")
    assert written["image_processor_type"] == cls.__name__
    assert set(written) == {*cls.DEFAULTS, "image_processor_type"}
    again = AutoImageProcessor.from_pretrained(tmp_path / "new")
    assert type(again) is cls
    assert fields(again) == fields(ours)
    assert json.loads(ours.to_json_string()) == written
    assert repr(again) == f"{cls.__name__} {ours.to_json_string()}"


@pytest.mark.parametrize(
    ("file", "cls", "size"),
    [
        (OLD_VIT, ViTImageProcessor, {"height": 24, "width": 24}),
        (OLD_DETR, DetrImageProcessor, {"shortest_edge": 24, "longest_edge": 40}),
        (OLD_VILT, ViltImageProcessor, {"shortest_edge": 20}),
    ],
)
def test_files_of_2021(file, cls, size, write):
    folder = write(file)
    for auto in (AutoImageProcessor, AutoFeatureExtractor, cls):
        ours = auto.from_pretrained(folder)
        assert type(ours) is cls
        assert ours.size == size
        assert ours.do_rescale is True
        assert ours.rescale_factor == 1 / 255
    ours.save_pretrained(folder / "new")
    written = json.loads((folder / "new" / "preprocessor_config.json").read_text())
    assert "feature_extractor_type" not in written
    assert "max_size" not in written
    assert written["size"] == size


def test_other_old_files(write):
    ours = DetrImageProcessor.from_pretrained(
        write({"size": 700, "do_normalize": False, "pad_and_return_pixel_mask": False})
    )
    assert ours.size == {"shortest_edge": 700, "longest_edge": 1333}
    assert ours.do_pad is False
    assert ours.do_convert_annotations is False
    assert DeiTImageProcessor.from_pretrained(write({"size": [25, 30], "crop_size": 20})).size == {
        "height": 25,
        "width": 30,
    }


def test_the_class_that_a_file_names(write):
    for name in ("ViTImageProcessorFast", "ViTImageProcessor"):
        assert type(AutoImageProcessor.from_pretrained(write({"image_processor_type": name}))) is ViTImageProcessor
    assert type(AutoImageProcessor.from_pretrained(write({}, config={"model_type": "detr"}))) is DetrImageProcessor
    with pytest.raises(ValueError, match=r"asks for VitImageProcessor, .*; did you mean .*'ViTImageProcessor'"):
        AutoImageProcessor.from_pretrained(write({"feature_extractor_type": "VitFeatureExtractor"}))
    for config in ({"model_type": "bert"}, {}):
        with pytest.raises(ValueError, match="does not say its image_processor_type"):
            AutoImageProcessor.from_pretrained(write({}, config=config))


def test_the_file_of_transformers_5(write):
    """It keeps all that makes inputs in one file."""
    inner = {"image_processor_type": "ViltImageProcessorFast", "size": {"shortest_edge": 64}}
    folder = write({"image_processor": inner, "processor_class": "ViltProcessor"}, "processor_config.json")
    assert AutoImageProcessor.from_pretrained(folder).size == {"shortest_edge": 64}


def test_unknown_fields_are_kept(write):
    folder = write({**OLD_VIT, "processor_class": "SomeProcessor", "of_mine": [1, 2]})
    AutoImageProcessor.from_pretrained(folder).save_pretrained(folder / "new")
    written = json.loads((folder / "new" / "preprocessor_config.json").read_text())
    assert written["of_mine"] == [1, 2]
    assert written["processor_class"] == "SomeProcessor"


def test_keywords_override_fields(write):
    folder = write(OLD_DETR)
    ours = AutoImageProcessor.from_pretrained(folder, do_pad=False, max_size=50, use_fast=True, trust_remote_code=False)
    assert ours.size == {"shortest_edge": 24, "longest_edge": 50}
    assert ours.do_pad is False
    assert AutoImageProcessor.from_pretrained(folder, size=10).size == {"shortest_edge": 10, "longest_edge": 1333}
    with pytest.raises(TypeError, match=r"ViTImageProcessor has no argument 'do_resise'; did you mean 'do_resize'"):
        ViTImageProcessor(do_resise=True)
    with pytest.raises(TypeError, match="has no argument 'do_pads'"):
        AutoImageProcessor.from_pretrained(folder, do_pads=True)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ("{", "is damaged"),
        ({"size": "large"}, "size is 'large', expected {'height': ..., 'width': ...}"),
        ({"size": {"height": 3}}, "expected {'height': ..., 'width': ...}"),
        (
            {"size": {"height": 10**9, "width": 4}},
            "size['height'] is 1000000000, expected a whole number from 1 to 16384",
        ),
        ({"resample": 9}, "resample is 9, expected a whole number from 0 to 5"),
        ({"do_resize": "yes"}, "do_resize is 'yes', expected True or False"),
        ({"image_mean": [0.5, 0.5]}, "expected three numbers, one for each of red, green and blue"),
        ({"image_std": [0.5, 0.5, 0]}, "numbers other than 0"),
        ({"image_std": [0.5, 0.5, float("nan")]}, "damaged"),
        ({"rescale_factor": 0}, "rescale_factor is 0, expected a number above 0 to 1000"),
    ],
)
def test_damaged_files(values, words, write):
    with pytest.raises(ValueError) as caught:
        ViTImageProcessor.from_pretrained(write(values))
    assert "preprocessor_config.json of " in str(caught.value)
    assert words in str(caught.value)


def test_no_file(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(HubError, match=r"has no preprocessor_config\.json; .* it has config\.json"):
        AutoImageProcessor.from_pretrained(tmp_path)
    for auto in (AutoImageProcessor, AutoFeatureExtractor):
        with pytest.raises(TypeError, match=f"{auto.__name__} is not built itself"):
            auto()


def test_names_until_2022():
    for cls in CLASSES:
        assert getattr(hfquick, cls.__name__.replace("ImageProcessor", "FeatureExtractor")) is cls


# Calls.


def test_one_picture_and_several():
    ours = ViTImageProcessor(size=SMALL)
    one = ours(PICTURE, return_tensors="np")
    assert isinstance(one, BatchFeature)
    assert one.pixel_values.shape == (1, 3, 8, 6)
    both = ours([PICTURE, np.asarray(picture("tall"))], return_tensors="np")
    assert both["pixel_values"].shape == (2, 3, 8, 6)
    assert np.array_equal(both.pixel_values[0], one.pixel_values[0])
    stack = ours(np.stack([np.asarray(PICTURE)] * 2), return_tensors="np")
    assert np.array_equal(stack.pixel_values[1], one.pixel_values[0])
    assert np.array_equal(ours(iter([PICTURE]), return_tensors="np").pixel_values, one.pixel_values)
    assert np.array_equal(ours.preprocess(images=PICTURE, return_tensors="np").pixel_values, one.pixel_values)


def test_lists_where_no_tensors_are_asked_for():
    batch = DetrImageProcessor(size={"shortest_edge": 9, "longest_edge": 20})([PICTURE, picture("tall")])
    assert isinstance(batch.pixel_values, list)
    assert [one.shape for one in batch.pixel_values] == [batch.pixel_values[0].shape] * 2
    assert [one.shape for one in batch.pixel_mask] == [batch.pixel_values[0].shape[1:]] * 2
    several = DetrImageProcessor(do_resize=False, do_pad=False)([PICTURE, picture("tall")])
    assert [one.shape for one in several.pixel_values] == [(3, 40, 56), (3, 61, 33)]
    assert "pixel_mask" not in several


@pytest.mark.torch
def test_tensors_of_torch():
    torch = pytest.importorskip("torch")
    batch = ViltImageProcessor(size=64)([PICTURE, picture("tall")], return_tensors="pt")
    assert batch.pixel_values.dtype is torch.float32
    assert batch.pixel_mask.dtype is torch.int64
    half = batch.to(torch.float16)
    assert half.pixel_values.dtype is torch.float16
    assert half.pixel_mask.dtype is torch.int64
    assert batch.to("cpu").pixel_values.device.type == "cpu"


@pytest.mark.torch
def test_labels_move_with_their_batch():
    torch = pytest.importorskip("torch")
    annotations = {"image_id": 1, "annotations": [{"bbox": [1, 2, 3, 4], "category_id": 3}]}
    batch = DetrImageProcessor(size=20)(PICTURE, annotations, return_tensors="pt")
    assert batch.labels[0].class_labels.tolist() == [3]
    moved = batch.to("meta")
    assert moved.labels[0].boxes.device == moved.pixel_values.device == torch.device("meta")
    with pytest.raises(TypeError, match="only PyTorch tensors move to a device"):
        DetrImageProcessor(size=20)(PICTURE, return_tensors="np").to("cpu")


@pytest.mark.tf
def test_tensors_of_tensorflow():
    tf = pytest.importorskip("tensorflow")
    batch = ViltImageProcessor(size=64)([PICTURE, picture("tall")], return_tensors="tf")
    assert batch.pixel_values.dtype == tf.float32
    assert batch.pixel_mask.dtype == tf.int32


def test_floats_from_0_to_1_stay_what_they_are():
    """Also where nobody says do_rescale=False; transformers would divide them by 255 again."""
    array = np.asarray(PICTURE)
    ours = ViTImageProcessor(size=SMALL)
    wanted = ours(array, return_tensors="np").pixel_values
    for options in ({}, {"do_rescale": False}):
        assert np.allclose(ours(array / 255, return_tensors="np", **options).pixel_values, wanted, atol=1e-6)
    assert ours(array, do_rescale=False, return_tensors="np").pixel_values.max() > 100


def test_the_axis_of_channels():
    odd = noise(3, 5, 3)
    ours = ViTImageProcessor(do_resize=False, do_normalize=False)
    last = ours(odd, input_data_format="channels_last", return_tensors="np").pixel_values[0]
    first = ours(odd, input_data_format="channels_first", return_tensors="np").pixel_values[0]
    assert np.allclose(last, np.moveaxis(odd, -1, 0) / 255)
    assert np.allclose(first, odd / 255)
    assert np.allclose(ours(odd, data_format="channels_last", return_tensors="np").pixel_values[0], odd / 255)


def test_a_call_changes_nothing_for_the_next():
    ours = ViTImageProcessor(size=SMALL)
    before = fields(ours)
    ours(PICTURE, size=12, do_normalize=False, image_mean=0.1, resample=Image.Resampling.BOX)
    assert fields(ours) == before
    other = ViTImageProcessor()
    other.size["height"] = 5
    assert ViTImageProcessor().size["height"] == 224
    other.size = "large"
    with pytest.raises(ValueError, match="size is 'large'"):
        other(PICTURE)


def test_options_that_ask_for_what_happens_anyway():
    ours = ViTImageProcessor(size=SMALL)
    ours(PICTURE, do_convert_rgb=True, do_resize=None, use_fast=False)
    DetrImageProcessor(size=20)(PICTURE, pad_and_return_pixel_mask=False, max_size=30, do_convert_rgb=True)
    with pytest.raises(TypeError, match="here it is batch"):
        ours(PICTURE, device="cuda")


@pytest.mark.parametrize(
    ("images", "options", "words"),
    [
        ([], {}, "there is no picture in the list"),
        ([PICTURE, PICTURE.resize((5, 5))], {"do_resize": False, "return_tensors": "np"}, "(40 x 56 and 5 x 5)"),
        ([PICTURE, b"nothing"], {}, "picture 1: the picture is no picture"),
        (b"nothing", {}, "the picture is no picture"),
        (PICTURE, {"return_tensors": "jax"}, "return_tensors is 'jax', expected 'pt' (PyTorch)"),
        (PICTURE, {"data_format": "first"}, "data_format is 'first', expected 'channels_first' or 'channels_last'"),
        (PICTURE, {"input_data_format": "last"}, "input_data_format is 'last'"),
        (
            PICTURE,
            {"size": {"shortest_edge": 5}},
            "size is {'shortest_edge': 5}, expected {'height': ..., 'width': ...}",
        ),
    ],
)
def test_what_is_refused(images, options, words):
    with pytest.raises((ValueError, TypeError)) as caught:
        ViTImageProcessor(size=SMALL)(images, **options)
    assert caught.value.english
    assert words in str(caught.value)


def test_a_pad_size_that_is_too_small():
    with pytest.raises(
        ValueError, match=r"pad_size is \(10, 10\), and the largest picture of this batch has \(20, 28\)"
    ):
        DetrImageProcessor(size=20, pad_size=10)(PICTURE)


@pytest.mark.parametrize("cls", CLASSES)
def test_no_name_of_transformers_is_left_without_a_word(cls):
    names = json.loads((REFERENCE / "names.json").read_text())[cls.__name__]
    ours = cls()
    known = {*signature(cls.__call__).parameters, *cls.DEFAULTS}
    for name in set(names["call"]) - known:
        with pytest.raises(TypeError, match=f"(has no argument '{name}'|does not take {name}=.*); (?!did you mean)"):
            ours(PICTURE, **{name: object()})
    for name in names["attributes"]:
        if not hasattr(ours, name):
            with pytest.raises(AttributeError, match=f"{cls.__name__} has no '{name}'; (?!did you mean)"):
                getattr(ours, name)
    with pytest.raises(AttributeError, match="has no 'do_resise'; did you mean 'do_resize'"):
        ours.do_resise  # noqa: B018


def test_pictures_of_single_calls_are_padded_together():
    """As the collator of a DETR that is trained does."""
    ours = DetrImageProcessor(size=16, max_size=30)
    pictures = [picture("wide"), picture("tall")]
    wanted = ours(pictures, return_tensors="np")
    batch = ours.pad([ours(one).pixel_values[0] for one in pictures], return_tensors="np")
    assert all(np.array_equal(batch[name], wanted[name]) for name in ("pixel_values", "pixel_mask"))
    assert set(ours.pad(list(wanted.pixel_values), return_pixel_mask=False)) == {"pixel_values"}
    with pytest.raises(ValueError, match=r"each; got \(4, 5\)"):
        ours.pad([np.zeros((4, 5))])


def test_other_files(tmp_path):
    ours = DetrImageProcessor(size=16)
    ours.to_json_file(tmp_path / "pictures.json")
    assert fields(DetrImageProcessor.from_json_file(tmp_path / "pictures.json")) == fields(ours)
    assert fields(pickle.loads(pickle.dumps(ours))) == fields(ours)
    assert fields(copy.deepcopy(ours)) == fields(ours)


# Properties.


@pytest.mark.parametrize("size", [(1, 1), (1, 10_000), (10_000, 1), (7, 3), (500, 499), (3, 2_000)])
def test_every_size_gives_a_picture(size):
    height, width = size
    edges = target_size(height, width, {"shortest_edge": 80, "longest_edge": 133})
    steps = target_size(height, width, {"shortest_edge": 64}, 32)
    within = target_size(height, width, {"max_height": 50, "max_width": 70})
    assert min(*edges, *steps, *within) >= 1
    assert max(edges) <= 133
    assert within[0] <= 50
    assert within[1] <= 70
    assert not any(edge % 32 for edge in steps)
    batch = DetrImageProcessor(size=20, max_size=40)(Image.new("RGB", (width, height)), return_tensors="np")
    assert batch.pixel_values.shape[2:] == batch.pixel_mask.shape[1:]
    ViltImageProcessor(size=32)(Image.new("RGB", (width, height)))


def test_padding_is_0_and_the_mask_says_where():
    ours = DetrImageProcessor(size=16, max_size=30)
    pictures = [picture("wide"), picture("tall"), picture("line")]
    batch = ours(pictures, return_tensors="np")
    for index, one in enumerate(pictures):
        alone = ours(one, return_tensors="np")
        height, width = alone.pixel_values.shape[2:]
        assert alone.pixel_mask.all()
        assert np.array_equal(batch.pixel_values[index, :, :height, :width], alone.pixel_values[0])
        assert batch.pixel_mask[index].sum() == height * width
        assert not batch.pixel_values[index, :, batch.pixel_mask[index] == 0].any()


@pytest.mark.parametrize("size", [(3, 4), (6, 9), (9, 4), (4, 9), (7, 8)])
def test_the_middle_of_a_picture(size):
    pixels = noise(6, 7, 3) + np.uint8(1)
    middle = center_crop(pixels, size)
    assert middle.shape == (*size, 3)
    assert middle.any(-1).sum() == min(size[0], 6) * min(size[1], 7)


def test_many_at_a_time_are_as_one_by_one():
    ours = ViltImageProcessor.from_dict(SCENES["vilt-old"].file)
    pictures = [picture(name) for name in ("wide", "tall", "square", "line") * 5]
    batch = ours(pictures, return_tensors="np")
    for index, one in enumerate(pictures):
        alone = ours(one, return_tensors="np").pixel_values[0]
        assert np.array_equal(batch.pixel_values[index, :, : alone.shape[1], : alone.shape[2]], alone)


def test_one_processor_in_several_threads():
    ours = ViTImageProcessor(size=SMALL)
    wanted = ours(PICTURE, return_tensors="np").pixel_values
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(ours([PICTURE] * 3, return_tensors="np").pixel_values))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(one, np.repeat(wanted, 3, 0)) for one in found)
    assert len(found) == 4


def test_no_pool_for_one_picture(monkeypatch):
    monkeypatch.setattr(module, "ThreadPoolExecutor", None)
    ViTImageProcessor(size=SMALL)(PICTURE)
