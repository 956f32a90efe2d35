"""Convolutions over time give the same in fewer passes, and only where nothing of them is trained."""

import copy

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

from hfquick.cpu import choice, convolution, frames  # noqa: E402
from hfquick.cpu.speed_up import is_sped_up, speed_up  # noqa: E402
from hfquick.models.wav2vec2.configuration_wav2vec2 import Wav2Vec2Config  # noqa: E402
from hfquick.models.wav2vec2.modeling_wav2vec2 import (  # noqa: E402
    Wav2Vec2ConvLayer,
    Wav2Vec2Model,
    WeightNormConv1d,
)

pytestmark = [
    pytest.mark.torch,
    pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="this torch has no oneDNN"),
]

SIZES = {
    "hidden_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "conv_dim": [16, 24, 20],
    "conv_stride": [5, 2, 2],
    "conv_kernel": [10, 3, 2],
    "num_conv_pos_embeddings": 64,
    "num_conv_pos_embedding_groups": 4,
}
WAVES = torch.randn(3, 1, 400, generator=torch.Generator().manual_seed(1))


@pytest.fixture(autouse=True)
def _chosen(monkeypatch):
    monkeypatch.delenv("HFQUICK_ONEDNN", raising=False)
    choice.reset()
    yield
    choice.reset()


def model(**config) -> Wav2Vec2Model:
    torch.manual_seed(0)
    found = Wav2Vec2Model(Wav2Vec2Config(**SIZES | config)).eval()
    for name, parameter in found.named_parameters():
        if "norm" in name or name.endswith("bias"):
            parameter.data.normal_(float("norm.weight" in name), 0.3)
    return found


@pytest.mark.parametrize("scale", [1.0, 1e-3, 100.0])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("norm", ["group", "layer"])
@pytest.mark.parametrize("act", ["gelu", "relu", "gelu_new"])
def test_layers_in_fewer_passes_give_the_same(norm, act, bias, scale):
    layers = model(feat_extract_norm=norm, conv_bias=bias, feat_extract_activation=act).feature_extractor.conv_layers
    plain = copy.deepcopy(layers)
    speed_up(layers)
    assert all(map(is_sped_up, layers))
    x = y = WAVES * scale + scale  # with a mean that is not zero
    with torch.no_grad():
        for ours, given in zip(layers, plain, strict=True):
            assert frames.can_take(ours, x)
            x, y = ours(x), given(y)
            torch.testing.assert_close(x, y, rtol=1e-5, atol=2e-5)


def test_silence_has_no_variance():
    layers = model().feature_extractor.conv_layers
    plain = copy.deepcopy(layers)
    speed_up(layers)
    with torch.no_grad():
        for x in (torch.zeros(1, 1, 400), torch.full((1, 1, 400), 0.5), WAVES[:1, :, :15]):  # of two frames, too
            torch.testing.assert_close(layers[0](x), plain[0](x), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(("width", "groups"), [(64, 4), (65, 2), (128, 1), (127, 8)])
@pytest.mark.parametrize("T", [1, 5, 64, 65, 130, 300])
def test_positions_by_frequencies_give_the_same(width, groups, T):
    torch.manual_seed(0)
    layer = WeightNormConv1d(32, width, groups).eval()
    for parameter in layer.parameters():
        parameter.data.normal_()
    plain, x = copy.deepcopy(layer), torch.randn(2, 32, T)
    speed_up(layer)
    with torch.no_grad():
        assert frames.takes_positions(layer, x)
        torch.testing.assert_close(layer(x), plain(x), rtol=1e-5, atol=1e-5)
        layer.weight_g.mul_(4)  # the kernel follows
        layer(x)
        layer.weight_g.data.mul_(0.5)  # torch does not count this one
        torch.testing.assert_close(
            layer(x) - layer.bias[:, None], 2 * (plain(x) - plain.bias[:, None]), atol=1e-4, rtol=1e-4
        )


def test_a_whole_model_gives_the_same_and_copies_are_plain():
    found = model()
    plain = copy.deepcopy(found)
    speed_up(found)
    for context in (torch.no_grad(), torch.inference_mode()):
        with context:
            torch.testing.assert_close(found(WAVES[:, 0])[0], plain(WAVES[:, 0])[0], rtol=1e-5, atol=1e-5)
    conv = found.encoder.pos_conv_embed.conv
    assert convolution.KEPT in vars(conv)
    twin = copy.deepcopy(found)
    assert type(twin.encoder.pos_conv_embed.conv) is WeightNormConv1d
    assert type(twin.feature_extractor.conv_layers[0]) is Wav2Vec2ConvLayer
    assert convolution.KEPT not in vars(twin.encoder.pos_conv_embed.conv)
    assert found.state_dict().keys() == plain.state_dict().keys()


def test_what_is_trained_is_computed_as_it_is_written():
    found = model(hidden_dropout=0.0, attention_dropout=0.0, activation_dropout=0.0, layerdrop=0.0, mask_time_prob=0.0)
    plain = copy.deepcopy(found)
    speed_up(found)
    for each in (found, plain):
        each.train().freeze_feature_encoder()
        each(WAVES[:, 0])[0].sum().backward()
    layers = found.feature_extractor.conv_layers
    assert all(convolution.KEPT in vars(layer) for layer in layers[1:])  # of which nothing is trained
    assert convolution.KEPT not in vars(found.encoder.pos_conv_embed.conv)
    for ours, expected in zip(found.parameters(), plain.parameters(), strict=True):
        if expected.requires_grad:
            torch.testing.assert_close(ours.grad, expected.grad, rtol=1e-4, atol=1e-4)


def test_other_numbers_hooks_and_narrow_kernels_are_left_to_torch():
    found = model()
    speed_up(found)
    first, conv = found.feature_extractor.conv_layers[0], found.encoder.pos_conv_embed.conv
    with torch.no_grad():
        assert frames.can_take(first, WAVES)
        assert not frames.can_take(first, WAVES.double())
        assert not frames.can_take(first, WAVES[:, :, :9])
        with torch.autocast("cpu", torch.bfloat16):
            assert not frames.can_take(first, WAVES)
        handle = first.layer_norm.register_forward_hook(lambda *_: None)
        assert not frames.can_take(first, WAVES)
        handle.remove()
        assert not frames.takes_positions(conv, torch.zeros(1, 30, 9))
        narrow = WeightNormConv1d(8, 16, 2)
        nn.init.ones_(narrow.weight_v)
        assert not frames.takes_positions(narrow, torch.zeros(1, 8, 9))
    with torch.enable_grad():
        assert not frames.can_take(first, WAVES)
