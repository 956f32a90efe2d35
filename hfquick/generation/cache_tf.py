"""KV cache: keys and values of the tokens that a decoder has processed, so that a step computes only the new ones.

Twin in PyTorch: cache.py. A compiled step knows only fixed shapes, so here `append` gives the whole capacity, and the
model's mask hides what is not filled yet. The mask is made before the first layer, and so the model asks for the
capacity.

Shapes: B batch, H heads, T new tokens, S capacity in tokens, K width of a head.
"""

from collections.abc import Callable

import tensorflow as tf

BUCKET = 64  # the capacity grows by so many tokens, so that TensorFlow compiles rarely


class TFCache:
    """KV cache of a decoder, preallocated: one pair of tensors per layer.

    A model reads `length`, asks for `capacity_for` its new tokens, calls `append` once in every layer, and `advance` at
    the end of its stack.
    """

    def __init__(self, capacity: int = BUCKET) -> None:
        self.capacity: int | tf.Tensor = capacity  # tokens that fit before a reallocation
        self.length: int | tf.Tensor = 0  # tokens cached by all layers
        self.keys: list[tf.Tensor | tf.Variable] = []  # of each layer: (B, S, H, K)
        self.values: list[tf.Tensor | tf.Variable] = []
        self.encoder: list[tuple[tf.Tensor, tf.Tensor]] = []  # of each layer: keys and values of the encoder's tokens

    def capacity_for(self, tokens: int | tf.Tensor | None) -> int | tf.Tensor:
        """The capacity S with so many new tokens: the tensors are reallocated where they would not fit.

        Only where the lengths are known. A compiled step does not know its length, and its caller sets the capacity.
        """
        if isinstance(self.length, int) and isinstance(self.capacity, int) and isinstance(tokens, int):
            end = self.length + tokens
            if end > self.capacity:
                more = whole_buckets(end) - self.capacity
                for cached in (self.keys, self.values):
                    cached[:] = [tf.pad(tensor, [[0, 0], [0, more], [0, 0], [0, 0]]) for tensor in cached]
                self.capacity += more
        return self.capacity

    def append(self, layer: int, keys: tf.Tensor, values: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Cache new keys and values (B, T, H, K) of one layer -> the whole capacity (B, S, H, K)."""
        capacity = self.capacity_for(keys.shape[1])
        for cached, new in ((self.keys, keys), (self.values, values)):
            if layer == len(cached):
                B, T, H, K = (tf.shape(new)[axis] if size is None else size for axis, size in enumerate(new.shape))
                cached.append(tf.concat([new, tf.zeros((B, capacity - T, H, K), new.dtype)], 1))
            elif isinstance(cached[layer], tf.Variable):  # of a compiled step, filled in place
                cached[layer][:, self.length : self.length + tf.shape(new)[1]].assign(new)
            else:
                end = self.length + tf.shape(new)[1]
                whole = tf.concat([cached[layer][:, : self.length], new, cached[layer][:, end:]], 1)
                cached[layer] = tf.ensure_shape(whole, cached[layer].shape)
        return tf.convert_to_tensor(self.keys[layer]), tf.convert_to_tensor(self.values[layer])

    def from_encoder(self, layer: int, make: Callable[[], tuple[tf.Tensor, tf.Tensor]]) -> tuple[tf.Tensor, tf.Tensor]:
        """Keys and values of the encoder's tokens for one layer: made by the first step, then always the same."""
        if layer == len(self.encoder):
            self.encoder.append(make())
        return self.encoder[layer]

    def advance(self, tokens: int | tf.Tensor) -> None:
        """All layers have cached so many new tokens."""
        self.length = self.length + tokens

    def expand(self, times: int) -> None:
        """Repeat each row of the batch `times` times, for beams or several samples."""
        for cached in (self.keys, self.values):
            cached[:] = [tf.repeat(tensor, times, 0) for tensor in cached]
        self.encoder = [(tf.repeat(keys, times, 0), tf.repeat(values, times, 0)) for keys, values in self.encoder]

    def reorder(self, rows: tf.Tensor, since: int | tf.Tensor = 0) -> None:
        """Row b of the batch continues row rows[b]: beams that were dropped are overwritten.

        Both rows have the same tokens before position `since`, and the same encoder sequence; so neither is copied
        where the cache lies in variables.
        """
        for cached in (self.keys, self.values):
            for layer, tensor in enumerate(cached):
                if isinstance(tensor, tf.Variable):
                    tensor[:, since : self.length].assign(tf.gather(tensor[:, since : self.length], rows))
                else:
                    cached[layer] = tf.gather(tensor, rows)


def whole_buckets(tokens: int) -> int:
    """A number of tokens -> the next one that fills all its buckets."""
    return -(-tokens // BUCKET) * BUCKET
