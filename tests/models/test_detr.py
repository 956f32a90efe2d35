"""DETR in both frameworks: its ResNet's names and sizes, dilation, labels that are sets of objects, the mask head."""

import copy
import json
import pickle
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import hfquick
from hfquick.models.detr.configuration_detr import ResNetConfig, timm_name
from hfquick.models.detr.matching import cost, match
from tests.helpers.checkpoints import framework, sentence
from tests.parity.cases_detr import DETR, RESNET

HEADS = ["Model", "ForObjectDetection", "ForSegmentation"]
SMALL = DETR | {
    "backbone_config": RESNET | {"layer_type": "basic"},
    "num_labels": 3,
    "dropout": 0.0,
    "attention_dropout": 0.0,
    "activation_dropout": 0.0,
}
DRAW = np.random.RandomState(0)
PIXELS = DRAW.standard_normal((2, 3, 64, 80)).astype(np.float32)
MASK = np.ones((2, 64, 80), np.int64)
MASK[1, :, 50:] = 0
OBJECTS = [  # the second picture has none
    {"class_labels": np.array([2, 0]), "boxes": np.array([[0.3, 0.4, 0.2, 0.3], [0.7, 0.6, 0.4, 0.5]], np.float32)},
    {"class_labels": np.zeros(0, int), "boxes": np.zeros((0, 4), np.float32)},
]
MASKS = [
    each | {"masks": (DRAW.rand(len(each["boxes"]), 64, width) < 0.5).astype(np.float32)}
    for each, width in zip(OBJECTS, (80, 50), strict=True)
]


def labels(end):
    return MASKS if end == "ForSegmentation" else OBJECTS


def class_of(framework, end):
    return getattr(hfquick, f"{'TF' if framework == 'tf' else ''}Detr{end}")


def build(framework, end="ForObjectDetection", **config):
    """A small model with random weights, ready for inference."""
    if framework == "tf":
        pytest.importorskip("keras").utils.set_random_seed(0)
    else:
        pytest.importorskip("torch").manual_seed(0)
    model = class_of(framework, end)(hfquick.DetrConfig(**SMALL | config))
    return model if framework == "tf" else model.eval()


def tensors(value, framework):
    """NumPy arrays, in lists and dicts, too, as tensors."""
    if isinstance(value, dict):
        return {name: tensors(part, framework) for name, part in value.items()}
    if isinstance(value, list):
        return [tensors(part, framework) for part in value]
    if not isinstance(value, np.ndarray):
        return value
    return __import__("tensorflow").constant(value) if framework == "tf" else __import__("torch").from_numpy(value)


def call(model, framework, pixels=PIXELS, mask=None, **inputs):
    """The outputs for NumPy arrays; no gradients."""
    inputs = tensors({"pixel_values": pixels, "pixel_mask": mask, **inputs}, framework)
    if framework == "tf":
        return model(**inputs)
    with __import__("torch").no_grad():
        return model(**inputs)


def same(ours, expected, atol=1e-5):
    np.testing.assert_allclose(np.asarray(ours), np.asarray(expected), rtol=1e-5, atol=atol)


# The configuration, and the names in files.

FACEBOOK = {  # what facebook/detr-resnet-50 says, in short
    "model_type": "detr",
    "use_timm_backbone": True,
    "backbone": "resnet50",
    "dilation": False,
    "num_hidden_layers": 6,
    "max_position_embeddings": 1024,
    "scale_embedding": False,
}


def test_a_resnet_is_said_by_its_name_or_by_its_sizes():
    config = hfquick.DetrConfig(**FACEBOOK)
    assert (config.resnet.depths, config.resnet.layer_type, config.resnet.dilation) == (
        [3, 4, 6, 3],
        "bottleneck",
        False,
    )
    assert config.resnet.channels == [256, 512, 1024, 2048]
    assert config.num_hidden_layers == config.encoder_layers == 6
    config = hfquick.DetrConfig(backbone="resnet101", dilation=True)
    assert (config.resnet.depths, config.resnet.dilation) == ([3, 4, 23, 3], True)
    assert config.backbone_kwargs == {"in_chans": 3, "out_indices": [1, 2, 3, 4], "output_stride": 16}
    config = hfquick.DetrConfig(backbone="resnet18.a1_in1k")
    assert config.resnet.channels == [64, 128, 256, 512]
    config = hfquick.DetrConfig(use_timm_backbone=False, backbone_config=RESNET | {"out_features": ["stem", "stage2"]})
    assert (config.resnet.maps, config.resnet.channels, config.dilation) == ([0, 2], [8, 24], None)
    assert hfquick.DetrConfig(use_timm_backbone=False).resnet.channels == [2048]  # as in transformers: the last alone
    newer = {"model_type": "timm_backbone", "backbone": "resnet34", "out_indices": [2, 4], "output_stride": 16}
    config = hfquick.DetrConfig(use_timm_backbone=False, backbone=None, backbone_config=newer)
    assert (config.resnet.channels, config.resnet.layer_type, config.resnet.dilation) == ([128, 512], "basic", True)
    assert ResNetConfig(out_indices=[-2]).maps == [3]


def test_what_is_saved_says_the_sizes_and_dilation_stays_with_timm():
    config = hfquick.DetrConfig(**FACEBOOK)
    sizes = config.resnet
    config.leave_timm()
    assert (config.use_timm_backbone, config.use_pretrained_backbone, config.backbone) == (False, False, None)
    assert config.backbone_config["out_features"] == ["stage1", "stage2", "stage3", "stage4"]
    again = hfquick.DetrConfig.from_dict(json.loads(config.to_json_string()))
    assert again == config
    assert (again.resnet.depths, again.resnet.channels) == (sizes.depths, sizes.channels)
    config = hfquick.DetrConfig(dilation=True)
    config.leave_timm()
    assert (config.use_timm_backbone, config.backbone, config.dilation) == (True, "resnet50", True)


WRONG = [
    ({"backbone": "resnet5"}, "backbone 'resnet5' is unknown; did you mean 'resnet50'"),
    ({"use_timm_backbone": False, "backbone_config": {"model_type": "swin"}}, "the backbone is a 'swin'; the DETR of"),
    ({"position_embedding_type": "cosine"}, "position_embedding_type is 'cosine', expected 'sine' or 'learned'"),
    (
        {"d_model": 30, "encoder_attention_heads": 3, "decoder_attention_heads": 3},
        "d_model is 30, expected a multiple of 4",
    ),
    ({"d_model": 36}, "d_model 36 is not divisible by encoder_attention_heads 8"),
]
WRONG_SIZES = [
    ({"layer_type": "wide"}, "layer_type is 'wide', expected 'bottleneck' or 'basic'"),
    ({"depths": [1, 1]}, "hidden_sizes is [16, 24, 28, 32], expected as many as depths [1, 1]"),
    ({"depths": [1, 1, 1, -1]}, "depths is -1, expected a whole number from 1 to 1000"),
    ({"hidden_sizes": [16, 24, 28, 34]}, "expected multiples of 4 for bottleneck blocks"),
    ({"out_features": ["stage2", "stage1"]}, "out_features is ['stage2', 'stage1'], expected some of"),
    ({"out_features": ["stage7"]}, "out_features is ['stage7'], expected some of"),
    ({"out_features": None, "out_indices": [5]}, "out_indices is [5], expected some of [0, 1, 2, 3, 4]"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "words"),
    [*WRONG, *(({"use_timm_backbone": False, "backbone_config": RESNET | each}, words) for each, words in WRONG_SIZES)],
)
def test_a_configuration_that_cannot_be_is_a_sentence(values, words):
    with pytest.raises(ValueError) as error:
        hfquick.DetrConfig(**values)
    assert words in sentence(error)


def of_timm(name: str) -> str:
    """timm's name of a tensor, step by step; the package has one table of patterns."""
    name = name.replace(".embedder.embedder.convolution.", ".conv1.").replace(
        ".embedder.embedder.normalization.", ".bn1."
    )
    found = re.search(r"\.encoder\.stages\.(\d)\.layers\.(\d+)\.", name)
    if not found or "conv_encoder" not in name:
        return name
    name = name.replace(found[0], f".layer{int(found[1]) + 1}.{found[2]}.")
    name = name.replace(".shortcut.convolution.", ".downsample.0.").replace(
        ".shortcut.normalization.", ".downsample.1."
    )
    for number in range(3):
        name = name.replace(f".layer.{number}.convolution.", f".conv{number + 1}.")
        name = name.replace(f".layer.{number}.normalization.", f".bn{number + 1}.")
    return name  # fmt: skip


@pytest.mark.torch
@pytest.mark.parametrize(("name", "blocks"), [("resnet50", 16), ("resnet101", 33)])
def test_the_names_of_timm_are_those_of_the_files_on_the_hub(name, blocks):
    torch = pytest.importorskip("torch")
    from hfquick.core.modeling import init_empty_weights

    with init_empty_weights():
        model = hfquick.DetrForObjectDetection(hfquick.DetrConfig(backbone=name))
    shapes = {timm_name(key): tuple(tensor.shape) for key, tensor in model.state_dict().items()}
    start = "model.backbone.conv_encoder.model."
    inside = {key.removeprefix(start): shape for key, shape in shapes.items() if key.startswith(start)}
    assert inside["conv1.weight"] == (64, 3, 7, 7)
    assert inside["bn1.running_mean"] == (64,)
    assert inside["layer1.0.downsample.0.weight"] == inside["layer1.0.conv3.weight"] == (256, 64, 1, 1)
    assert inside["layer1.0.downsample.1.running_var"] == (256,)
    assert inside["layer4.0.conv2.weight"] == (512, 512, 3, 3)
    assert inside["layer3.5.bn2.bias"] == (256,)
    assert len(inside) == 5 * (1 + 3 * blocks + 4)  # each convolution with its batch norm, four shortcuts
    assert all(
        re.fullmatch(r"(conv1|bn1|layer[1-4]\.\d+\.(conv[123]|bn[123]|downsample\.[01]))\.\w+", key) for key in inside
    )
    assert shapes["model.query_position_embeddings.weight"] == (100, 256)
    assert shapes["class_labels_classifier.weight"] == (3, 256)
    assert shapes["model.decoder.layernorm.weight"] == (256,)
    assert model.state_dict()["class_labels_classifier.bias"].dtype is torch.float32  # fmt: skip


def written(model, framework, folder: Path, rename) -> Path:
    """The model's file with other names; `rename` gives None for what is left out."""
    from safetensors.numpy import load_file, save_file

    model.save_pretrained(folder)
    state = load_file(folder / "model.safetensors")
    save_file({rename(key): array for key, array in state.items() if rename(key)}, folder / "model.safetensors")
    return folder


@framework
@pytest.mark.parametrize("end", HEADS)
def test_files_with_the_names_of_timm_load(framework, end, tmp_path, capsys):
    model = build(framework, end)
    folder = written(model, framework, tmp_path, of_timm)
    from safetensors.numpy import load_file, save_file

    state = load_file(folder / "model.safetensors")
    assert not any("encoder.stages" in key for key in state)
    counted = next(key for key in state if key.endswith("bn1.weight")).replace("weight", "num_batches_tracked")
    save_file(state | {counted: np.array(7)}, folder / "model.safetensors")  # of a batch norm that still learnt
    loaded = type(model).from_pretrained(folder)
    same(call(loaded, framework, mask=MASK)[0], call(model, framework, mask=MASK)[0], 1e-4)
    said = capsys.readouterr().out
    assert "dropped, not part of this model" in said
    assert "num_batches_tracked" in said


@framework
def test_a_detector_and_a_segmentation_model_load_each_others_files(framework, tmp_path, capsys):
    whole = build(framework, "ForSegmentation")
    whole.save_pretrained(tmp_path / "masks")
    detector = class_of(framework, "ForObjectDetection").from_pretrained(tmp_path / "masks")
    same(call(detector, framework).pred_boxes, call(whole, framework).pred_boxes, 1e-4)
    bare = class_of(framework, "Model").from_pretrained(written(whole, framework, tmp_path / "masks", of_timm))
    same(call(bare, framework)[0], call(whole, framework).last_hidden_state, 1e-4)
    assert "dropped, not part of this model: " in capsys.readouterr().out
    detector.save_pretrained(tmp_path / "boxes")
    new = class_of(framework, "ForSegmentation").from_pretrained(tmp_path / "boxes")
    assert "new, untrained: " in capsys.readouterr().out
    same(call(new, framework).logits, call(whole, framework).logits, 1e-4)
    assert np.isfinite(np.asarray(call(new, framework).pred_masks)).all()


@pytest.mark.torch
@pytest.mark.tf
@pytest.mark.parametrize("end", HEADS)
def test_either_framework_loads_what_the_other_saved(end, tmp_path):
    ours, expected = build("pt", end), None
    ours.save_pretrained(tmp_path / "pt")
    expected = call(ours, "pt", mask=MASK)
    twin = class_of("tf", end).from_pretrained(tmp_path / "pt")
    found = call(twin, "tf", mask=MASK)
    assert found.keys() == expected.keys()
    for name in found:
        same(found[name], expected[name], 1e-4)
    twin.save_pretrained(tmp_path / "tf")
    again = class_of("pt", end).from_pretrained(tmp_path / "tf")
    same(call(again, "pt", mask=MASK)[0], expected[0], 1e-4)
    assert again.config == ours.config
    auto = {"Model": "AutoModel", "ForObjectDetection": "AutoModelForObjectDetection"}
    auto = getattr(hfquick, auto.get(end, "AutoModelForImageSegmentation"))
    assert type(auto.from_pretrained(tmp_path / "tf")) is class_of("pt", end)


@framework
def test_a_dilated_model_is_saved_with_the_names_of_timm(framework, tmp_path):
    config = {"use_timm_backbone": True, "backbone": "resnet18", "dilation": True, "backbone_config": None}
    model = build(framework, "Model", **config)
    model.save_pretrained(tmp_path)
    from safetensors import safe_open

    with safe_open(tmp_path / "model.safetensors", "np") as file:
        names = list(file.keys())
    assert "backbone.conv_encoder.model.layer4.1.conv2.weight" in names
    assert not any("encoder.stages" in name for name in names)
    values = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
    assert (values["use_timm_backbone"], values["backbone"], values["dilation"]) == (True, "resnet18", True)
    loaded = type(model).from_pretrained(tmp_path)
    assert loaded.config.resnet.dilation
    same(call(loaded, framework)[0], call(model, framework)[0], 1e-4)
    if framework == "pt":  # as Trainer goes on
        from hfquick.training.checkpoints import load_weights

        load_weights(model, tmp_path)


# The ResNet.


@framework
@pytest.mark.parametrize("kind", ["basic", "bottleneck"])
def test_dilation_gives_the_values_in_between(framework, kind, tmp_path):
    """At even positions those of a ResNet without, whose last stage leaves out every second position."""
    if framework == "tf":
        pytest.importorskip("tensorflow")
        from hfquick.models.detr.resnet_tf import TFResNetBackbone as Backbone
    else:
        pytest.importorskip("torch")
        from hfquick.models.detr.resnet import ResNetBackbone as Backbone
    sizes = RESNET | {"layer_type": kind, "depths": [1, 1, 1, 3], "out_features": ["stage4"]}
    plain, dilated = (Backbone(ResNetConfig(**sizes, dilation=dilation)) for dilation in (False, True))
    pixels = tensors(PIXELS[:, :, :, :70], framework)
    if framework == "tf":
        found = plain(pixels)[0], dilated(pixels)[0]
        weights = zip(plain.weights, dilated.weights, strict=True)
        for one, other in weights:
            other.assign(one)
        coarse, fine = (np.asarray(model(pixels)[0]).transpose(0, 3, 1, 2) for model in (plain, dilated))
        assert found[0].shape[-1] == 32
    else:
        dilated.load_state_dict(plain.state_dict())
        coarse, fine = (model(pixels)[0].detach().numpy() for model in (plain, dilated))
    assert coarse.shape[2:] == (2, 3)
    assert fine.shape[2:] == (4, 5)
    same(fine[:, :, ::2, ::2], coarse)


@framework
def test_edges_and_colours_are_not_trained(framework):
    model = build(framework)
    if framework == "tf":
        from hfquick.core.weights_tf import slots

        def trained():
            learns = {id(variable) for variable in model.trainable_variables}
            return {name for name, slot in slots(model).items() if id(slot.variable) in learns}
    else:

        def trained():
            return {name for name, parameter in model.named_parameters() if parameter.requires_grad}

    start = "model.backbone.conv_encoder.model."
    inside = {name.removeprefix(start) for name in trained() if name.startswith(start)}
    assert inside
    assert all(re.match(r"encoder\.stages\.[123]\..*convolution\.weight", name) for name in inside)
    base = model.model
    base.freeze_backbone()
    assert not any(name.startswith(start) for name in trained())
    assert "model.input_projection.weight" in trained()
    base.unfreeze_backbone()
    inside = {name.removeprefix(start) for name in trained() if name.startswith(start)}
    assert {"embedder.embedder.convolution.weight", "encoder.stages.0.layers.0.layer.0.convolution.weight"} < inside
    assert not any("normalization" in name for name in inside)


# Calls.


@framework
@pytest.mark.parametrize("end", HEADS)
def test_outputs_have_the_names_of_transformers(framework, end):
    model = build(framework, end)
    first = {"Model": [], "ForObjectDetection": ["logits", "pred_boxes"]}.get(
        end, ["logits", "pred_boxes", "pred_masks"]
    )
    outputs = call(model, framework)
    assert outputs.keys() == [*first, "last_hidden_state", "encoder_last_hidden_state"]
    assert outputs[0] is outputs[outputs.keys()[0]]
    same(call(model, framework, mask=np.ones_like(MASK))[0], outputs[0])  # which says nothing
    full = call(model, framework, output_hidden_states=True, output_attentions=True)
    stacks = ["decoder_hidden_states", "decoder_attentions", "cross_attentions", "encoder_last_hidden_state"]
    assert full.keys() == [*first, "last_hidden_state", *stacks, "encoder_hidden_states", "encoder_attentions"]
    assert [len(full[name]) for name in ("decoder_hidden_states", "encoder_hidden_states")] == [3, 2]
    assert tuple(full.cross_attentions[0].shape) == (2, 4, 7, 6)
    same(np.asarray(full.cross_attentions[1]).sum(-1), np.ones((2, 4, 7)))
    padded = call(model, framework, mask=MASK, output_attentions=True)
    assert not np.asarray(padded.cross_attentions[0]).reshape(2, 4, 7, 2, 3)[1, ..., 2].any(), "padding is attended to"
    asked = build(framework, end, output_hidden_states=True, output_attentions=True)
    assert call(asked, framework).keys() == full.keys()
    assert call(asked, framework, output_hidden_states=False, output_attentions=False).keys() == outputs.keys()
    nothing = call(model, framework, mask=np.zeros_like(MASK))
    assert np.isfinite(np.asarray(nothing[0])).all(), "a picture of padding alone gives numbers, too"
    if first:
        same(np.asarray(outputs.logits).shape, (2, 7, 4), 0)
        boxes = np.asarray(outputs.pred_boxes)
        assert ((boxes > 0) & (boxes < 1)).all()
    if end == "ForSegmentation":
        assert tuple(outputs.pred_masks.shape) == (2, 7, 16, 20)


@framework
def test_auxiliary_losses_are_those_of_all_layers(framework):
    model = build(framework, auxiliary_loss=True, decoder_layers=3, bbox_loss_coefficient=0.5, giou_loss_coefficient=0)
    outputs = call(model, framework, labels=OBJECTS)
    assert outputs.keys()[:5] == ["loss", "loss_dict", "logits", "pred_boxes", "auxiliary_outputs"]
    assert [sorted(each) for each in outputs.auxiliary_outputs] == [["logits", "pred_boxes"]] * 2
    kinds = {"loss_ce": 1, "loss_bbox": 0.5, "loss_giou": 0, "cardinality_error": 0}
    assert sorted(outputs.loss_dict) == sorted(name + end for name in kinds for end in ("", "_0", "_1"))
    wanted = sum(kinds[re.sub(r"_\d$", "", name)] * float(part) for name, part in outputs.loss_dict.items())
    same(float(outputs.loss), wanted)
    bare = call(build(framework, "Model", auxiliary_loss=True), framework)
    assert tuple(bare.intermediate_hidden_states.shape) == (2, 2, 7, 32)


@framework
def test_learned_positions_end_somewhere(framework):
    two = RESNET | {"hidden_sizes": [8, 8], "depths": [1, 1], "out_features": ["stage2"]}
    model = build(framework, "Model", position_embedding_type="learned", backbone_config=two)
    with pytest.raises(ValueError) as error:
        call(model, framework, np.zeros((1, 3, 408, 8), np.float32))
    assert sentence(error).startswith(
        "the feature map of these pictures has 51 rows and 1 columns, this model has lear"
    )


@framework
def test_layers_are_not_left_out_in_training(framework):
    model = build(framework, encoder_layerdrop=0.1)
    assert call(model, framework).logits.shape[1] == 7
    with pytest.raises(ValueError) as error:
        model(tensors(PIXELS, "tf"), training=True) if framework == "tf" else model.train()(tensors(PIXELS, "pt"))
    assert sentence(error).startswith("encoder_layerdrop is 0.1, but this DETR trains all its layers in every step")


@framework
def test_a_mask_head_needs_maps_and_groups(framework):
    one = RESNET | {"out_features": ["stage4"]}
    for config, words in (
        ({"backbone_config": one}, "the backbone gives 1 feature maps, a mask head needs at least 3; try out_features"),
        (
            {"d_model": 40},
            "d_model 40 with 8 encoder_attention_heads gives no mask head, which normalises its maps in 8",
        ),
    ):
        with pytest.raises(ValueError) as error:
            build(framework, "ForSegmentation", **config)
        assert sentence(error).startswith(words)


@framework
def test_masks_are_the_same_in_pieces(framework, monkeypatch):
    model = build(framework, "ForSegmentation", num_queries=6)
    whole = np.asarray(call(model, framework).pred_masks)
    if framework == "tf":
        sizes = []
        parts, model.mask_head.together = type(model.mask_head).masks, 2
        monkeypatch.setattr(
            type(model.mask_head), "masks", lambda self, a, b, c: sizes.append(b.shape[1]) or parts(self, a, b, c)
        )
    else:
        sizes, head = [], model.mask_head.masks
        monkeypatch.setattr("hfquick.models.detr.mask_head.BUDGET", 2 * 2 * 4 * 16 * 20)
        model.mask_head.masks = lambda a, b, c: sizes.append(b.shape[1]) or head(a, b, c)
    same(call(model, framework).pred_masks, whole, 1e-6)
    assert sizes == [2, 2, 2]


# Labels and losses.


def test_the_cheapest_pairs_are_matched():
    pytest.importorskip("scipy")
    config = hfquick.DetrConfig(num_labels=2)
    boxes = np.array([[0.2, 0.2, 0.2, 0.2], [0.5, 0.5, 0.2, 0.2], [0.8, 0.8, 0.2, 0.2]])
    logits = np.zeros((3, 3))
    queries, objects = match(logits[None], boxes[None], [(np.array([0, 1]), boxes[[2, 0]])], config)[0]
    assert (queries.tolist(), objects.tolist()) == ([0, 2], [1, 0])
    costs = cost(logits, boxes, np.array([0, 1]), boxes[[2, 0]], config)
    apart = 5 * 1.2 - 2 * (0 - (0.64 - 0.08) / 0.64)  # the distance of centres; and -1 < generalised IoU < 0
    same(costs, np.array([[apart, -2], [3 - 2 * (-(0.25 - 0.08) / 0.25)] * 2, [-2, apart]]) - 1 / 3)
    logits[2, 1] = 9.0  # of a class nobody asked for
    assert cost(logits, boxes, np.array([0]), boxes[:1], config)[2] > costs[2, 1]
    assert [
        len(each) for each in match(logits[None], boxes[None], [(np.zeros(0, int), np.zeros((0, 4)))], config)[0]
    ] == [0, 0]


def with_one(**changes):
    return [OBJECTS[0] | changes, OBJECTS[1]]


BAD = [
    (TypeError, {"class_labels": np.array([0])}, "labels are a dict, expected a list with a dict for each picture: "),
    (TypeError, [np.array([0]), np.array([1])], "labels are a list, expected a list with a dict for each picture:"),
    (ValueError, OBJECTS[:1], "there are 2 pictures and labels of 1; a picture without objects has empty labels"),
    (ValueError, [{"boxes": OBJECTS[0]["boxes"]}, OBJECTS[1]], "labels of picture 0 have no 'class_labels', they ha"),
    (ValueError, [OBJECTS[0], {}], "labels of picture 1 have no 'class_labels', they have nothing"),
    (ValueError, with_one(boxes=np.zeros((3, 4), np.float32)), "'boxes' has the shape (3, 4), expected (2, 4)"),
    (ValueError, with_one(class_labels=np.zeros((2, 1), int)), "'class_labels' has the shape (2, 1), expected (2,)"),
    (ValueError, with_one(class_labels=np.array([0, 3])), "label 3 was given, this model has labels 0 to 2"),
    (ValueError, with_one(class_labels=np.array([-1, 2])), "label -1 was given, this model has labels 0 to 2"),
    (ValueError, with_one(boxes=np.array([[20, 30, 8, 9]] * 2, np.float32)), "a box is [20.0, 30.0, 8.0, 9.0], expe"),
    (ValueError, with_one(boxes=np.array([[0.5, 0.5, -0.1, 0.1]] * 2, np.float32)), "a box is [0.5, 0.5, -0.1, 0.1]"),
    (ValueError, with_one(boxes=np.full((2, 4), np.nan, np.float32)), "a box is [nan, nan, nan, nan], expected"),
]  # fmt: skip


@framework
def test_labels_that_cannot_be_are_sentences(framework):
    model = build(framework)
    for kind, given, words in BAD[framework == "tf" :]:  # Keras takes a table for all pictures, too
        with pytest.raises(kind) as error:
            call(model, framework, labels=given)
        assert words in sentence(error)
    with pytest.raises(ValueError) as error:
        call(build(framework, "ForSegmentation"), framework, labels=OBJECTS)
    assert sentence(error) == "labels of picture 0 have no 'masks', they have 'class_labels', 'boxes'"


@framework
def test_predictions_of_nan_match_nothing(framework):
    with pytest.raises(FloatingPointError) as error:
        call(build(framework), framework, np.full_like(PIXELS, np.nan), labels=OBJECTS)
    assert sentence(error).startswith(
        "DETR's predictions are NaN, so they match no object: its training went wrong; try"
    )


@framework
def test_without_scipy_a_sentence_says_so(framework, monkeypatch):
    model = build(framework)
    monkeypatch.setitem(__import__("sys").modules, "scipy.optimize", None)
    monkeypatch.setitem(__import__("sys").modules, "scipy", None)
    assert call(model, framework).logits.shape[0] == 2
    with pytest.raises(ImportError) as error:
        call(model, framework, labels=OBJECTS)
    assert sentence(error) == (
        "the matching of queries with objects needs scipy, which is not installed; try: pip install scipy"
    )


@framework
@pytest.mark.parametrize("end", HEADS[1:])
def test_pictures_without_objects_have_a_loss(framework, end):
    given = [{name: array[:0] for name, array in each.items()} for each in labels(end)]
    outputs = call(build(framework, end), framework, labels=given)
    parts = {name: float(part) for name, part in outputs.loss_dict.items()}
    assert {name for name, part in parts.items() if part} <= {"loss_ce", "cardinality_error"}
    assert np.isfinite(float(outputs.loss))
    assert float(outputs.loss) > 0


@framework
@pytest.mark.parametrize("end", HEADS[1:])
def test_the_loss_falls_when_trained(framework, end):
    model, losses = build(framework, end, init_std=0.1), []
    given = tensors({"pixel_values": PIXELS, "pixel_mask": MASK, "labels": labels(end)}, framework)
    if framework == "tf":
        import keras
        import tensorflow as tf

        optimizer = keras.optimizers.AdamW(4e-3)
        for _ in range(6):
            with tf.GradientTape() as tape:
                loss = model(**given, training=True).loss
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
            losses.append(float(loss))
        assert all(gradient is not None for gradient in gradients)
    else:
        import torch

        optimizer = torch.optim.AdamW(model.train().parameters(), 4e-3)
        for _ in range(6):
            optimizer.zero_grad()
            loss = model(**given).loss
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        learns = {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}
        assert [name for name, parameter in learns.items() if parameter.grad is None] == []
        assert loss.shape == ()
    assert losses[-1] < 0.9 * losses[0], losses
    assert call(model, framework).get("loss") is None


@pytest.mark.tf
@pytest.mark.parametrize("end", HEADS[1:2])  # a segmenter takes minutes to compile; its loss is compared without
def test_keras_fits_tables_that_are_padded(end):
    """In a compiled step, whose matching is NumPy's; the loss is that of a list of dicts."""
    keras = pytest.importorskip("keras")
    model = build("tf", end, init_std=0.1)
    table = {
        "class_labels": np.array([[2, 0], [-100, -100]]),
        "boxes": np.stack([OBJECTS[0]["boxes"], np.zeros((2, 4), np.float32)]),
    }
    expected = float(call(model, "tf", labels=labels(end)).loss)
    same(call(model, "tf", labels=table).loss, expected)
    model.compile(keras.optimizers.AdamW(4e-3))
    same(model.evaluate({"pixel_values": PIXELS, "labels": table}, verbose=0), expected)
    history = model.fit({"pixel_values": PIXELS}, table, epochs=4, verbose=0, shuffle=False).history["loss"]
    same(history[0], expected)
    assert history[-1] < 0.95 * history[0]
    found = model.predict({"pixel_values": PIXELS}, verbose=0)
    same(found.logits, call(model, "tf").logits)


# Weights.


@framework
def test_initial_weights(framework):
    config = {"init_std": 0.05, "init_xavier_std": 0.5, "position_embedding_type": "learned", "d_model": 64}
    model = build(framework, "ForSegmentation", **config)
    if framework == "tf":
        from hfquick.core.weights_tf import slots

        state = {name: slot.to_torch() for name, slot in slots(model).items()}
    else:
        state = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    for name, array in state.items():
        deviation, room = float(array.std()), 5 / (2 * array.size) ** 0.5
        if name.endswith(("bias", "running_mean")):
            assert not array.any(), name
        elif "norm" in name or ".gn" in name:
            assert (array == 1).all(), name
        elif "conv_encoder" in name:  # He et al. 2015
            fan_out = array.shape[0] * np.prod(array.shape[2:])
            assert abs(deviation / (2 / fan_out) ** 0.5 - 1) < room, name
        elif "bbox_attention" in name:  # Glorot and Bengio 2010: uniform up to gain * sqrt(6 / (in + out))
            assert abs(deviation / (0.5 * (2 / 128) ** 0.5) - 1) < room, name
            assert np.abs(array).max() <= 0.5 * (6 / 128) ** 0.5 + 1e-6
        elif "position_embedding." in name:
            assert 0 <= array.min() < 0.02 < 0.98 < array.max() <= 1, name
        else:
            assert abs(deviation / 0.05 - 1) < room, f"{name} has the standard deviation {deviation:.4f}"


@pytest.mark.torch
@pytest.mark.parametrize("end", HEADS)
def test_copies_pickles_and_other_precisions(end):
    torch = pytest.importorskip("torch")
    model = build("pt", end)
    expected = call(model, "pt", mask=MASK)[0]
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert torch.equal(call(twin, "pt", mask=MASK)[0], expected)
        assert twin.config == model.config
    given = {} if end == "Model" else {"labels": labels(end)}
    for dtype in (torch.float16, torch.bfloat16, torch.float64):
        inputs = tensors({"pixel_values": PIXELS, "pixel_mask": MASK, **given}, "pt")
        inputs["pixel_values"] = inputs["pixel_values"].to(dtype)
        with torch.no_grad():
            outputs = copy.deepcopy(model).to(dtype)(**inputs, output_attentions=True)
        assert outputs.last_hidden_state.dtype == dtype
        torch.testing.assert_close(outputs.last_hidden_state.float(), call(model, "pt", mask=MASK).last_hidden_state,
                                   rtol=0.2, atol=0.2)  # fmt: skip
        assert end == "Model" or outputs.loss.dtype in (torch.float32, torch.float64)


@pytest.mark.torch
def test_activations_may_be_recomputed():
    torch = pytest.importorskip("torch")
    model = build("pt", auxiliary_loss=True).train()
    given = tensors({"pixel_values": PIXELS, "labels": OBJECTS}, "pt")
    gradients = []
    for _ in range(2):
        model.zero_grad()
        model(**given).loss.backward()
        gradients.append([parameter.grad for parameter in model.parameters() if parameter.requires_grad])
        model.gradient_checkpointing_enable()
    assert model.is_gradient_checkpointing
    assert all(torch.allclose(one, other, atol=1e-6) for one, other in zip(*gradients, strict=True))
    assert all(a is not b for a, b in pairwise(gradients))
