"""Keys and values of the tokens that a decoder has read, so that a step reads only the new ones.

Twin in TensorFlow: cache_tf.py.

Shapes: B batch, H heads, T new tokens, S all tokens until now, K width of a head.
"""

from collections.abc import Callable

import torch
from torch import Tensor

BUCKET = 64  # room grows by so many tokens


class Cache:
    """Memory of a decoder's attention, one pair of tensors per layer, laid out once and filled in place.

    A model reads `length`, calls `append` once in every layer, and `advance` at the end of its stack.
    """

    def __init__(self, room: int = BUCKET) -> None:
        self.room = room  # tokens that fit before memory is laid out again
        self.length = 0  # tokens read by all layers
        self.keys: list[Tensor] = []  # of each layer: (B, H, room, K)
        self.values: list[Tensor] = []
        self.encoder: list[tuple[Tensor, Tensor]] = []  # of each layer: keys and values of what the encoder has read

    def append(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Keep new keys and values (B, H, T, K) of one layer -> those of all tokens until now (B, H, S, K)."""
        start, end = self.length, self.length + keys.shape[2]
        for kept, new in ((self.keys, keys), (self.values, values)):
            if layer == len(kept):
                B, H, _, K = new.shape
                kept.append(new.new_empty(B, H, max(self.room, end), K))
            elif end > kept[layer].shape[2]:
                B, H, room, K = kept[layer].shape
                larger = new.new_empty(B, H, max(room + BUCKET, end), K)
                larger[:, :, :start] = kept[layer][:, :, :start]
                kept[layer] = larger
            kept[layer][:, :, start:end] = new
        return self.keys[layer][:, :, :end], self.values[layer][:, :, :end]

    def from_encoder(self, layer: int, make: Callable[[], tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
        """Keys and values of the encoder's tokens for one layer: made by the first step, then always the same."""
        if layer == len(self.encoder):
            self.encoder.append(make())
        return self.encoder[layer]

    def advance(self, tokens: int) -> None:
        """All layers have read so many new tokens."""
        self.length += tokens

    def expand(self, times: int) -> None:
        """Each row of the batch becomes `times` rows that have read the same: beams, or several samples."""
        for kept in (self.keys, self.values):
            for layer, tensor in enumerate(kept):
                B, H, room, K = tensor.shape
                kept[layer] = tensor.new_empty(B * times, H, room, K)
                kept[layer][:, :, : self.length] = tensor[:, :, : self.length].repeat_interleave(times, 0)
        # What a single text's encoder has read is looked at by all rows, and lies in memory once.
        self.encoder = [
            tuple(t.expand(times, -1, -1, -1) if len(t) == 1 else t.repeat_interleave(times, 0) for t in pair)
            for pair in self.encoder
        ]

    def reorder(self, rows: Tensor, since: int = 0) -> None:
        """Row b of the batch goes on from what row rows[b] has read: beams that were given up are overwritten.

        Both have read the same tokens before `since`, and both go on with the same text of the encoder; so neither is
        moved.
        """
        places = (rows != torch.arange(len(rows), device=rows.device)).nonzero().squeeze(1)
        sources = rows[places]
        for kept in (self.keys, self.values):
            for tensor in kept:
                recent = tensor[:, :, since : self.length]
                recent.index_copy_(0, places, recent.index_select(0, sources))
