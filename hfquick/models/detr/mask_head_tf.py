"""The mask head of DETR in Keras: where a query looks, made finer by the ResNet's feature maps -> its mask.

Paper: Carion et al. 2020, section 4.4 (https://arxiv.org/abs/2005.12872). Same head in PyTorch: mask_head.py.
Channels stand last. The first convolution has a class of its own: Keras makes the weights of a layer when it is called.

Shapes: B batch, Q queries, D d_model, H heads, K = D / H, y and x the sides of the last feature map, S = y * x; y' and
x' those of the finest, mostly eight times as large.
"""

from collections.abc import Sequence

import tensorflow as tf
from keras import layers, ops

from .configuration_detr import DetrConfig

EPSILON = 1e-5  # as PyTorch has it
TOGETHER = 10  # queries at once, at most: all of them would need gigabytes


class TFDetrMHAttentionMap(layers.Layer):
    """Queries (B, Q, D) and encoded feature map (B, S, D) -> attention weights (B, Q, H, S) of all heads."""

    def __init__(self, config: DetrConfig) -> None:
        super().__init__()
        self.num_heads = config.encoder_attention_heads
        self.q_linear = layers.Dense(config.d_model)
        self.k_linear = layers.Dense(config.d_model)

    def split_heads(self, y: tf.Tensor) -> tf.Tensor:
        B, T, D = ops.shape(y)
        return ops.reshape(y, (B, T, self.num_heads, D // self.num_heads))  # (B, T, H, K)

    def call(self, x: tf.Tensor, encoded: tf.Tensor, seen: tf.Tensor | None) -> tf.Tensor:
        q, k = self.split_heads(self.q_linear(x)), self.split_heads(self.k_linear(encoded))
        scores = ops.einsum("bqhk,bshk->bqhs", q, k) / q.shape[-1] ** 0.5  # (B, Q, H, S)
        if seen is not None:
            is_seen = ops.reshape(seen, (ops.shape(seen)[0], 1, 1, -1))
            scores = ops.where(is_seen, scores, ops.cast(scores.dtype.min, scores.dtype))
        B, Q, H, S = ops.shape(scores)
        weights = tf.nn.softmax(ops.reshape(scores, (B, Q, H * S)))  # all heads of a query together sum to 1
        return ops.reshape(weights, (B, Q, H, S))


class TFSharedConvolution(layers.Conv2D):
    """A convolution (B, y, x, D + H) -> (B, y, x, D + H) in two parts whose sum it is.

    Called, it gives that over the first D channels, and `of_query` that over the last H.
    """

    def __init__(self, width: int) -> None:
        super().__init__(width, 3, padding="same", data_format="channels_last")

    def build(self, input_shape: tuple) -> None:
        super().build((*input_shape[:-1], self.filters))
        self.input_spec = None  # which asks for all channels

    def call(self, x: tf.Tensor) -> tf.Tensor:
        kernel = ops.cast(self.kernel[:, :, : x.shape[-1]], x.dtype)
        return tf.nn.conv2d(x, kernel, 1, "SAME") + ops.cast(self.bias, x.dtype)

    def of_query(self, attention: tf.Tensor) -> tf.Tensor:
        kernel = ops.cast(self.kernel[:, :, -attention.shape[-1] :], attention.dtype)
        return tf.nn.conv2d(attention, kernel, 1, "SAME")


class TFDetrMaskHeadSmallConv(layers.Layer):
    """Feature map (B, y, x, D), attention weights (B, Q, H, y, x), finer maps -> mask logits (B, Q, y', x').

    The finer maps come with the finest last; each is added to what was computed until then.
    """

    def __init__(self, config: DetrConfig) -> None:
        super().__init__()
        _, widths = config.mask_head_sizes()
        self.num_heads = config.encoder_attention_heads
        self.together = max(count for count in range(1, TOGETHER + 1) if config.num_queries % count == 0)

        def convolution(width: int, size: int) -> layers.Conv2D:
            return layers.Conv2D(width, size, padding="same", data_format="channels_last")

        self.lay1 = TFSharedConvolution(widths[0])
        self.lay2, self.lay3, self.lay4, self.lay5 = (convolution(width, 3) for width in widths[1:])
        self.gn1, self.gn2, self.gn3, self.gn4, self.gn5 = (
            layers.GroupNormalization(min(8, width), epsilon=EPSILON) for width in widths
        )
        self.out_lay = convolution(1, 3)
        self.adapter1, self.adapter2, self.adapter3 = (convolution(width, 1) for width in widths[1:4])

    def call(self, x: tf.Tensor, attention: tf.Tensor, maps: Sequence[tf.Tensor]) -> tf.Tensor:
        # The first convolution reads the feature map, which all queries share, and the weights of one query: the sum of
        # both parts is the same as one convolution over both together, and the first part is computed once.
        shared = self.lay1(x)  # (B, y, x, D + H)
        finer = [adapter(map) for adapter, map in zip((self.adapter1, self.adapter2, self.adapter3), maps, strict=True)]
        parts = tf.split(attention, attention.shape[1] // self.together, 1)
        return ops.concatenate([self.masks(shared, part, finer) for part in parts], 1)

    def masks(self, shared: tf.Tensor, attention: tf.Tensor, finer: Sequence[tf.Tensor]) -> tf.Tensor:
        """Mask logits (B, q, y', x') of some of the queries, (B, q, H, y, x)."""
        B, q, H, y, x = ops.shape(attention)

        def add(one: tf.Tensor, of_query: tf.Tensor) -> tf.Tensor:
            """A map of each picture (B, y, x, C) + a map of each query (B * q, y, x, C)."""
            _, y, x, C = ops.shape(one)
            return ops.reshape(one[:, None] + ops.reshape(of_query, (B, q, y, x, C)), (B * q, y, x, C))

        own = self.lay1.of_query(ops.transpose(ops.reshape(attention, (B * q, H, y, x)), (0, 2, 3, 1)))
        z = ops.relu(self.gn1(add(shared, own)))
        z = ops.relu(self.gn2(self.lay2(z)))
        rest = ((self.lay3, self.gn3), (self.lay4, self.gn4), (self.lay5, self.gn5))
        for map, (convolution, norm) in zip(finer, rest, strict=True):
            z = add(map, nearest(z, ops.shape(map)[1], ops.shape(map)[2]))  # each position of the coarser becomes four
            z = ops.relu(norm(convolution(z)))
        z = self.out_lay(z)  # (B * q, y', x', 1)
        return ops.reshape(z, (B, q, ops.shape(z)[1], ops.shape(z)[2]))


def nearest(map: tf.Tensor, y: int | tf.Tensor, x: int | tf.Tensor) -> tf.Tensor:
    """A map (B, Y, X, ...) in another size (B, y, x, ...): of each position the nearest above and to the left.

    As torch computes it; TensorFlow takes the nearest centre.
    """
    for axis, size in ((1, y), (2, x)):
        old, new = (ops.cast(count, "float32") for count in (ops.shape(map)[axis], size))
        map = ops.take(map, ops.cast(ops.floor(ops.arange(size, dtype="float32") * (old / new)), "int32"), axis)
    return map
