"""ResNet in PyTorch, the backbone of DETR: a picture -> feature maps, each of half the resolution of the one before.

Paper: He et al. 2015, "Deep Residual Learning for Image Recognition" (https://arxiv.org/abs/1512.03385).
Same network in Keras, class by class: resnet_tf.py.
Attribute names spell the keys of Hugging Face's ResNet; those of timm's are in configuration_detr.py.

Batch norm is frozen: DETR is trained with few pictures in a batch, of which statistics would say little.

Shapes: B batch, C channels, y and x the sides of a map.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...core.modeling import activation
from .configuration_detr import ResNetConfig


class FrozenBatchNorm2d(nn.Module):
    """Batch norm (B, C, y, x) with the statistics of an earlier training; nothing of it is trained."""

    weight: Tensor
    bias: Tensor
    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("weight", torch.ones(channels))
        self.register_buffer("bias", torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias)


class ResNetConvLayer(nn.Module):
    """Convolution without bias, batch norm, ReLU: (B, C, y, x) -> (B, O, y / stride, x / stride)."""

    FUSED = "convolution"  # cpu.speed_up computes it in one pass

    def __init__(
        self, inputs: int, outputs: int, size: int = 3, stride: int = 1, dilation: int = 1, act: str | None = "relu"
    ) -> None:
        super().__init__()
        padding = size // 2 * dilation
        self.convolution = nn.Conv2d(inputs, outputs, size, stride, padding, dilation, bias=False)
        self.normalization = FrozenBatchNorm2d(outputs)
        self.activation = nn.Identity() if act is None else activation(act)

    def forward(self, x: Tensor) -> Tensor:
        return self.activation(self.normalization(self.convolution(x)))


class ResNetEmbeddings(nn.Module):
    """The stem: a wide convolution and max pooling, (B, C, Y, X) -> (B, O, Y / 4, X / 4)."""

    def __init__(self, config: ResNetConfig) -> None:
        super().__init__()
        self.embedder = ResNetConvLayer(
            config.num_channels, config.embedding_size, size=7, stride=2, act=config.hidden_act
        )
        self.pooler = nn.MaxPool2d(3, stride=2, padding=1)

    def forward(self, pixel_values: Tensor) -> Tensor:
        return self.pooler(self.embedder(pixel_values))


class ResNetLayer(nn.Module):
    """A residual block: two 3x3 convolutions ("basic"), or one between two 1x1 that narrow and widen ("bottleneck").

    `first` is the dilation of its first 3x3 convolution, `dilation` that of those after.
    """

    FUSED = "residual"  # the sum comes with the last convolution

    def __init__(
        self, config: ResNetConfig, inputs: int, outputs: int, stride: int = 1, first: int = 1, dilation: int = 1
    ) -> None:
        super().__init__()
        self.shortcut: nn.Module = nn.Identity()
        if inputs != outputs or stride != 1:
            self.shortcut = ResNetConvLayer(inputs, outputs, size=1, stride=stride, act=None)
        if config.layer_type == "basic":
            self.layer = nn.Sequential(
                ResNetConvLayer(inputs, outputs, 3, stride, first),
                ResNetConvLayer(outputs, outputs, 3, 1, dilation, act=None),
            )
        else:
            width = outputs // 4
            strides = (stride, 1) if config.downsample_in_bottleneck else (1, stride)
            self.layer = nn.Sequential(
                ResNetConvLayer(inputs, width, 1, strides[0]),
                ResNetConvLayer(width, width, 3, strides[1], first),
                ResNetConvLayer(width, outputs, 1, act=None),
            )
        self.activation = activation(config.hidden_act)

    def forward(self, x: Tensor) -> Tensor:
        return self.activation(self.layer(x) + self.shortcut(x))


class ResNetStage(nn.Module):
    """Blocks of one resolution; the first of them may halve that of the map before.

    Instead of halving it, dilation leaves out every second position in the convolutions that come after. So the values
    at even positions are those of a stage that halves.
    """

    def __init__(
        self, config: ResNetConfig, inputs: int, outputs: int, depth: int, stride: int = 2, dilated: bool = False
    ) -> None:
        super().__init__()
        stride, dilation = (1, 2) if dilated else (stride, 1)
        blocks = [ResNetLayer(config, inputs, outputs, stride, 1, dilation)]
        blocks += [ResNetLayer(config, outputs, outputs, 1, dilation, dilation) for _ in range(depth - 1)]
        self.layers = nn.Sequential(*blocks)

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


class ResNetEncoder(nn.Module):
    """The stages one after the other: the stem's map -> that map and one of each stage."""

    def __init__(self, config: ResNetConfig) -> None:
        super().__init__()
        stages, inputs = [], config.embedding_size
        for number, (outputs, depth) in enumerate(zip(config.hidden_sizes, config.depths, strict=True)):
            stride = 1 if number == 0 and not config.downsample_in_first_stage else 2
            is_last = number == len(config.depths) - 1
            stages.append(ResNetStage(config, inputs, outputs, depth, stride, config.dilation and is_last))
            inputs = outputs
        self.stages = nn.ModuleList(stages)

    def forward(self, x: Tensor) -> list[Tensor]:
        maps = [x]
        for stage in self.stages:
            maps.append(stage(maps[-1]))
        return maps


class ResNetBackbone(nn.Module):
    """Pictures (B, C, Y, X) -> the feature maps that the configuration asks for, the finest first."""

    def __init__(self, config: ResNetConfig) -> None:
        super().__init__()
        self.config = config
        self.embedder = ResNetEmbeddings(config)
        self.encoder = ResNetEncoder(config)

    def forward(self, pixel_values: Tensor) -> list[Tensor]:
        maps = self.encoder(self.embedder(pixel_values))
        return [maps[index] for index in self.config.maps]
