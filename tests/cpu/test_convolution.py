"""Convolutions in one pass with what follows them give the same, and only where nothing of them is trained."""

import copy
import pickle

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

from hfquick.cpu import choice, convolution  # noqa: E402
from hfquick.cpu.speed_up import is_sped_up, speed_up  # noqa: E402
from hfquick.models.detr.configuration_detr import ResNetConfig  # noqa: E402
from hfquick.models.detr.resnet import ResNetBackbone, ResNetConvLayer, ResNetLayer  # noqa: E402

pytestmark = [
    pytest.mark.torch,
    pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="this torch has no oneDNN"),
]

SIZES = {"embedding_size": 8, "hidden_sizes": [16, 24, 32], "depths": [1, 2, 1], "out_indices": [0, 1, 2, 3]}
PIXELS = torch.randn(2, 3, 37, 50, generator=torch.Generator().manual_seed(1))


@pytest.fixture(autouse=True)
def _chosen(monkeypatch):
    monkeypatch.delenv("HFQUICK_ONEDNN", raising=False)
    choice.reset()
    yield
    choice.reset()


def backbone(**config) -> ResNetBackbone:
    torch.manual_seed(0)
    model = ResNetBackbone(ResNetConfig(**SIZES | config)).eval()
    for name, tensor in model.state_dict().items():
        if "normalization" in name:
            tensor.copy_(torch.rand_like(tensor) + 0.5)
    return model


@pytest.mark.parametrize("kind", ["basic", "bottleneck"])
@pytest.mark.parametrize("config", [{}, {"hidden_act": "gelu"}, {"dilation": True, "downsample_in_bottleneck": True}])
def test_layers_that_are_fused_give_the_same(kind, config):
    model = backbone(layer_type=kind, **config)
    plain = copy.deepcopy(model)
    speed_up(model)
    fused = [module for module in model.modules() if isinstance(module, ResNetConvLayer | ResNetLayer)]
    assert fused
    assert all(map(is_sped_up, fused))
    with torch.no_grad():
        for ours, expected in zip(model(PIXELS), plain(PIXELS), strict=True):
            torch.testing.assert_close(ours, expected)
    assert model.state_dict().keys() == plain.state_dict().keys()
    assert all(convolution.KEPT in vars(module) for module in fused if isinstance(module, ResNetConvLayer))


def test_what_is_trained_is_computed_as_it_is_written():
    model = backbone()
    plain = copy.deepcopy(model)
    speed_up(model)
    for each in (model, plain):
        each.embedder.requires_grad_(False)
        each(PIXELS)[-1].sum().backward()
    kept = {name for name, module in model.named_modules() if convolution.KEPT in vars(module)}
    assert kept == {"embedder.embedder"}
    for ours, expected in zip(model.parameters(), plain.parameters(), strict=True):
        if expected.grad is not None:
            torch.testing.assert_close(ours.grad, expected.grad)


def test_a_kernel_follows_the_weights_it_was_made_of():
    model = backbone()
    speed_up(model)
    layer = model.embedder.embedder
    with torch.no_grad():
        model(PIXELS)
        first = vars(layer)[convolution.KEPT][1]
        model(PIXELS)
        assert vars(layer)[convolution.KEPT][1] is first
        for change in (layer.convolution.weight, layer.normalization.running_var, layer.normalization.bias):
            change.mul_(1.5)
            torch.testing.assert_close(model(PIXELS)[-1], copy.deepcopy(model)(PIXELS)[-1])
        layer.convolution.weight = nn.Parameter(layer.convolution.weight * 2)
        torch.testing.assert_close(model(PIXELS)[-1], copy.deepcopy(model)(PIXELS)[-1])
    with torch.inference_mode():
        torch.testing.assert_close(model(PIXELS)[-1], copy.deepcopy(model)(PIXELS)[-1])


def test_copies_have_the_classes_themselves_and_no_kernel():
    model = backbone()
    speed_up(model)
    with torch.no_grad():
        expected = model(PIXELS)[-1]
        for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
            layer = twin.embedder.embedder
            assert type(layer) is ResNetConvLayer
            assert convolution.KEPT not in vars(layer)
            torch.testing.assert_close(twin(PIXELS)[-1], expected)


def test_hooks_and_tools_see_every_layer():
    model, seen = backbone(), []
    speed_up(model)
    block = model.encoder.stages[1].layers[0]
    handles = [
        part.register_forward_hook(lambda *_: seen.append(1)) for part in (block.layer[2].normalization, block.layer[2])
    ]
    with torch.no_grad():
        model(PIXELS)
    assert seen == [1, 1]
    for handle in handles:
        handle.remove()
    with torch.no_grad():
        mapped = torch.func.vmap(model)(PIXELS[:, None])[-1]
        torch.testing.assert_close(mapped[:, 0], model(PIXELS)[-1])


def test_other_numbers_and_wishes_are_left_to_torch(monkeypatch):
    model = backbone()
    speed_up(model)
    layer = model.embedder.embedder
    with torch.no_grad():
        assert convolution.can_take(layer, PIXELS)
        assert not convolution.can_take(layer, PIXELS.double())
        assert not convolution.can_take(layer, PIXELS[:, :2])
        with torch.autocast("cpu", torch.bfloat16):
            assert not convolution.can_take(layer, PIXELS)
        assert model.bfloat16()(PIXELS.bfloat16())[-1].dtype is torch.bfloat16
    monkeypatch.setenv("HFQUICK_ONEDNN", "0")
    choice.reset()
    assert not choice.fuses()
    plain = backbone()
    speed_up(plain)
    assert not any(map(is_sped_up, plain.modules()))
