"""ResNet in Keras, the backbone of DETR: a picture -> feature maps, each of half the resolution of the one before.

Paper: He et al. 2015, "Deep Residual Learning for Image Recognition" (https://arxiv.org/abs/1512.03385).
Same network in PyTorch, class by class: resnet.py.
Attribute names spell the keys of Hugging Face's ResNet; those of timm's are in configuration_detr.py.
Channels stand last, because on a processor TensorFlow convolves nothing else. Where a stride is in play, Keras's "same"
would pad one side only: the padding is written out.

Batch norm is frozen: DETR is trained with few pictures in a batch, of which statistics would say little.

Shapes: B batch, C channels, y and x the sides of a map.
"""

import tensorflow as tf
from keras import layers, ops

from ...core.modeling_tf import Initial, activation
from .configuration_detr import ResNetConfig

EPSILON = 1e-5  # as PyTorch has it


class TFFrozenBatchNorm2d(layers.Layer):
    """Batch norm (B, y, x, C) with the statistics of an earlier training; nothing of it is trained."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        for name, value in (("weight", "ones"), ("bias", "zeros"), ("running_mean", "zeros"), ("running_var", "ones")):
            initial = Initial(value)
            setattr(self, f"{name}_initializer", initial)
            setattr(self, name, self.add_weight(name=name, shape=(channels,), initializer=initial, trainable=False))

    def call(self, x: tf.Tensor) -> tf.Tensor:
        scale = self.weight * ops.rsqrt(self.running_var + EPSILON)
        return x * ops.cast(scale, x.dtype) + ops.cast(self.bias - self.running_mean * scale, x.dtype)


class TFResNetConvLayer(layers.Layer):
    """Convolution without bias, batch norm, ReLU: (B, y, x, C) -> (B, y / stride, x / stride, O)."""

    def __init__(
        self, outputs: int, size: int = 3, stride: int = 1, dilation: int = 1, act: str | None = "relu"
    ) -> None:
        super().__init__()
        # Of a 1x1 convolution with a stride every second pixel counts. TensorFlow's gradient of one over fewer than 16
        # channels, which oneDNN computes, writes outside of its memory: so the pixels are picked beforehand.
        self.every = stride if size == 1 else 1
        self.padding = size // 2 if stride > 1 else 0
        self.convolution = layers.Conv2D(
            outputs,
            size,
            stride // self.every,
            padding="valid" if stride > 1 else "same",
            data_format="channels_last",
            dilation_rate=dilation,
            use_bias=False,
        )
        self.normalization = TFFrozenBatchNorm2d(outputs)
        self.activation = (lambda x: x) if act is None else activation(act)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        if self.every > 1:
            x = x[:, :: self.every, :: self.every]
        if self.padding:
            x = tf.pad(x, [[0, 0], [self.padding] * 2, [self.padding] * 2, [0, 0]])
        return self.activation(self.normalization(self.convolution(x)))


class TFResNetEmbeddings(layers.Layer):
    """The stem: a wide convolution and max pooling, (B, C, Y, X) -> (B, Y / 4, X / 4, O)."""

    def __init__(self, config: ResNetConfig) -> None:
        super().__init__()
        self.embedder = TFResNetConvLayer(config.embedding_size, size=7, stride=2, act=config.hidden_act)

    def call(self, pixel_values: tf.Tensor) -> tf.Tensor:
        x = self.embedder(ops.transpose(pixel_values, (0, 2, 3, 1)))
        x = tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], constant_values=x.dtype.min)
        return tf.nn.max_pool2d(x, 3, 2, "VALID")


class TFResNetLayer(layers.Layer):
    """A residual block: two 3x3 convolutions ("basic"), or one between two 1x1 that narrow and widen ("bottleneck").

    `first` is the dilation of its first 3x3 convolution, `dilation` that of those after.
    """

    def __init__(
        self, config: ResNetConfig, inputs: int, outputs: int, stride: int = 1, first: int = 1, dilation: int = 1
    ) -> None:
        super().__init__()
        self.shortcut = None
        if inputs != outputs or stride != 1:
            self.shortcut = TFResNetConvLayer(outputs, size=1, stride=stride, act=None)
        if config.layer_type == "basic":
            self.layer = [
                TFResNetConvLayer(outputs, 3, stride, first),
                TFResNetConvLayer(outputs, 3, 1, dilation, act=None),
            ]
        else:
            width = outputs // 4
            strides = (stride, 1) if config.downsample_in_bottleneck else (1, stride)
            self.layer = [
                TFResNetConvLayer(width, 1, strides[0]),
                TFResNetConvLayer(width, 3, strides[1], first),
                TFResNetConvLayer(outputs, 1, act=None),
            ]
        self.activation = activation(config.hidden_act)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        update = x
        for layer in self.layer:
            update = layer(update)
        return self.activation(update + (x if self.shortcut is None else self.shortcut(x)))


class TFResNetStage(layers.Layer):
    """Blocks of one resolution; the first of them may halve that of the map before.

    Instead of halving it, dilation leaves out every second position in the convolutions that come after. So the values
    at even positions are those of a stage that halves.
    """

    def __init__(
        self, config: ResNetConfig, inputs: int, outputs: int, depth: int, stride: int = 2, dilated: bool = False
    ) -> None:
        super().__init__()
        stride, dilation = (1, 2) if dilated else (stride, 1)
        self.layers = [TFResNetLayer(config, inputs, outputs, stride, 1, dilation)]
        self.layers += [TFResNetLayer(config, outputs, outputs, 1, dilation, dilation) for _ in range(depth - 1)]

    def call(self, x: tf.Tensor) -> tf.Tensor:
        for layer in self.layers:
            x = layer(x)
        return x


class TFResNetEncoder(layers.Layer):
    """The stages one after the other: the stem's map -> that map and one of each stage."""

    def __init__(self, config: ResNetConfig) -> None:
        super().__init__()
        stages, inputs = [], config.embedding_size
        for number, (outputs, depth) in enumerate(zip(config.hidden_sizes, config.depths, strict=True)):
            stride = 1 if number == 0 and not config.downsample_in_first_stage else 2
            is_last = number == len(config.depths) - 1
            stages.append(TFResNetStage(config, inputs, outputs, depth, stride, config.dilation and is_last))
            inputs = outputs
        self.stages = stages

    def call(self, x: tf.Tensor) -> list[tf.Tensor]:
        maps = [x]
        for stage in self.stages:
            maps.append(stage(maps[-1]))
        return maps


class TFResNetBackbone(layers.Layer):
    """Pictures (B, C, Y, X) -> the feature maps (B, y, x, O) that the configuration asks for, the finest first."""

    def __init__(self, config: ResNetConfig) -> None:
        super().__init__()
        self.config = config
        self.embedder = TFResNetEmbeddings(config)
        self.encoder = TFResNetEncoder(config)

    def call(self, pixel_values: tf.Tensor) -> list[tf.Tensor]:
        maps = self.encoder(self.embedder(pixel_values))
        return [maps[index] for index in self.config.maps]
