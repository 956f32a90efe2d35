"""Keys and values of the tokens that a decoder has read, so that a step reads only the new ones.

Twin in PyTorch: cache.py. A compiled step knows only fixed shapes, so here `append` gives the whole room, and the
model's mask hides what is not filled yet.

Shapes: B batch, H heads, T new tokens, S room for tokens, K width of a head.
"""

from collections.abc import Callable

import tensorflow as tf

BUCKET = 64  # room grows by so many tokens, so that TensorFlow compiles rarely


class TFCache:
    """Memory of a decoder's attention, one pair of tensors per layer, laid out once.

    A model reads `length`, calls `append` once in every layer, and `advance` at the end of its stack.
    """

    def __init__(self, room: int = BUCKET) -> None:
        self.room = room
        self.length: int | tf.Tensor = 0  # tokens read by all layers
        self.keys: list[tf.Tensor] = []  # of each layer: (B, S, H, K)
        self.values: list[tf.Tensor] = []
        self.encoder: list[tuple[tf.Tensor, tf.Tensor]] = []  # of each layer: those of what the encoder has read

    def append(self, layer: int, keys: tf.Tensor, values: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Keep new keys and values (B, T, H, K) of one layer -> the whole room (B, S, H, K)."""
        for kept, new in ((self.keys, keys), (self.values, values)):
            if layer == len(kept):
                B, T, H, K = (tf.shape(new)[axis] if size is None else size for axis, size in enumerate(new.shape))
                kept.append(tf.concat([new, tf.zeros((B, self.room - T, H, K), new.dtype)], 1))
            else:
                end = self.length + tf.shape(new)[1]
                whole = tf.concat([kept[layer][:, : self.length], new, kept[layer][:, end:]], 1)
                kept[layer] = tf.ensure_shape(whole, kept[layer].shape)
        return self.keys[layer], self.values[layer]

    def from_encoder(self, layer: int, make: Callable[[], tuple[tf.Tensor, tf.Tensor]]) -> tuple[tf.Tensor, tf.Tensor]:
        """Keys and values of the encoder's tokens for one layer: made by the first step, then always the same."""
        if layer == len(self.encoder):
            self.encoder.append(make())
        return self.encoder[layer]

    def advance(self, tokens: int | tf.Tensor) -> None:
        """All layers have read so many new tokens."""
        self.length = self.length + tokens

    def reorder(self, rows: tf.Tensor) -> None:
        """Row b of the batch goes on from what row rows[b] has read: beams that were given up are overwritten."""
        self.keys, self.values = ([tf.gather(tensor, rows) for tensor in kept] for kept in (self.keys, self.values))
        self.encoder = [(tf.gather(keys, rows), tf.gather(values, rows)) for keys, values in self.encoder]
