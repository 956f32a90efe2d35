"""Keys and values of the tokens that a decoder has read, so that a step reads only the new ones.

Twin in PyTorch: cache.py. A compiled step knows only fixed shapes, so here `append` gives the whole room, and the
model's mask hides what is not filled yet. The mask is made before the first layer, and so the model asks for the room.

Shapes: B batch, H heads, T new tokens, S room for tokens, K width of a head.
"""

from collections.abc import Callable

import tensorflow as tf

BUCKET = 64  # room grows by so many tokens, so that TensorFlow compiles rarely


class TFCache:
    """Memory of a decoder's attention, one pair of tensors per layer, laid out once.

    A model reads `length`, asks for `room_for` what it is about to read, calls `append` once in every layer, and
    `advance` at the end of its stack.
    """

    def __init__(self, room: int = BUCKET) -> None:
        self.room: int | tf.Tensor = room  # tokens that fit before memory is laid out again
        self.length: int | tf.Tensor = 0  # tokens read by all layers
        self.keys: list[tf.Tensor | tf.Variable] = []  # of each layer: (B, S, H, K)
        self.values: list[tf.Tensor | tf.Variable] = []
        self.encoder: list[tuple[tf.Tensor, tf.Tensor]] = []  # of each layer: those of what the encoder has read

    def room_for(self, tokens: int | tf.Tensor | None) -> int | tf.Tensor:
        """The room S when so many new tokens are read: memory is laid out again where they would not fit.

        Only where the numbers are known. A compiled step does not know its length, and its caller gives it the room.
        """
        if isinstance(self.length, int) and isinstance(self.room, int) and isinstance(tokens, int):
            end = self.length + tokens
            if end > self.room:
                more = whole_buckets(end) - self.room
                for kept in (self.keys, self.values):
                    kept[:] = [tf.pad(tensor, [[0, 0], [0, more], [0, 0], [0, 0]]) for tensor in kept]
                self.room += more
        return self.room

    def append(self, layer: int, keys: tf.Tensor, values: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Keep new keys and values (B, T, H, K) of one layer -> the whole room (B, S, H, K)."""
        room = self.room_for(keys.shape[1])
        for kept, new in ((self.keys, keys), (self.values, values)):
            if layer == len(kept):
                B, T, H, K = (tf.shape(new)[axis] if size is None else size for axis, size in enumerate(new.shape))
                kept.append(tf.concat([new, tf.zeros((B, room - T, H, K), new.dtype)], 1))
            elif isinstance(kept[layer], tf.Variable):  # of a compiled step, filled in place
                kept[layer][:, self.length : self.length + tf.shape(new)[1]].assign(new)
            else:
                end = self.length + tf.shape(new)[1]
                whole = tf.concat([kept[layer][:, : self.length], new, kept[layer][:, end:]], 1)
                kept[layer] = tf.ensure_shape(whole, kept[layer].shape)
        return tf.convert_to_tensor(self.keys[layer]), tf.convert_to_tensor(self.values[layer])

    def from_encoder(self, layer: int, make: Callable[[], tuple[tf.Tensor, tf.Tensor]]) -> tuple[tf.Tensor, tf.Tensor]:
        """Keys and values of the encoder's tokens for one layer: made by the first step, then always the same."""
        if layer == len(self.encoder):
            self.encoder.append(make())
        return self.encoder[layer]

    def advance(self, tokens: int | tf.Tensor) -> None:
        """All layers have read so many new tokens."""
        self.length = self.length + tokens

    def expand(self, times: int) -> None:
        """Each row of the batch becomes `times` rows that have read the same: beams, or several samples."""
        for kept in (self.keys, self.values):
            kept[:] = [tf.repeat(tensor, times, 0) for tensor in kept]
        self.encoder = [tuple(tf.repeat(tensor, times, 0) for tensor in pair) for pair in self.encoder]

    def reorder(self, rows: tf.Tensor, since: int | tf.Tensor = 0) -> None:
        """Row b of the batch goes on from what row rows[b] has read: beams that were given up are overwritten.

        Both have read the same tokens before `since`, and both go on with the same text of the encoder; so neither is
        moved where the cache lies in variables.
        """
        for kept in (self.keys, self.values):
            for layer, tensor in enumerate(kept):
                if isinstance(tensor, tf.Variable):
                    tensor[:, since : self.length].assign(tf.gather(tensor[:, since : self.length], rows))
                else:
                    kept[layer] = tf.gather(tensor, rows)


def whole_buckets(tokens: int) -> int:
    """A number of tokens -> the next one that fills all its buckets."""
    return -(-tokens // BUCKET) * BUCKET
