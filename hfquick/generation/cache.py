"""KV cache: keys and values of the tokens that a decoder has processed, so that a step computes only the new ones.

Twin in TensorFlow: cache_tf.py.

Shapes: B batch, H heads, T new tokens, S all tokens until now, K width of a head.
"""

from collections.abc import Callable

import torch
from torch import Tensor

BUCKET = 64  # the capacity grows by so many tokens


class Cache:
    """KV cache of a decoder, preallocated: one pair of tensors per layer, filled in place.

    A model reads `length`, calls `append` once in every layer, and `advance` at the end of its stack.
    """

    def __init__(self, capacity: int = BUCKET) -> None:
        self.capacity = capacity  # tokens that fit before a reallocation
        self.length = 0  # tokens cached by all layers
        self.keys: list[Tensor] = []  # of each layer: (B, H, capacity, K)
        self.values: list[Tensor] = []
        self.encoder: list[tuple[Tensor, Tensor]] = []  # of each layer: keys and values of the encoder's tokens

    def append(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Cache new keys and values (B, H, T, K) of one layer -> those of all tokens until now (B, H, S, K)."""
        start, end = self.length, self.length + keys.shape[2]
        for cached, new in ((self.keys, keys), (self.values, values)):
            if layer == len(cached):
                B, H, _, K = new.shape
                cached.append(new.new_empty(B, H, max(self.capacity, end), K))
            elif end > cached[layer].shape[2]:
                B, H, capacity, K = cached[layer].shape
                larger = new.new_empty(B, H, max(capacity + BUCKET, end), K)
                larger[:, :, :start] = cached[layer][:, :, :start]
                cached[layer] = larger
            cached[layer][:, :, start:end] = new
        return self.keys[layer][:, :, :end], self.values[layer][:, :, :end]

    def from_encoder(self, layer: int, make: Callable[[], tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
        """Keys and values of the encoder's tokens for one layer: made by the first step, then always the same."""
        if layer == len(self.encoder):
            self.encoder.append(make())
        return self.encoder[layer]

    def advance(self, tokens: int) -> None:
        """All layers have cached so many new tokens."""
        self.length += tokens

    def expand(self, times: int) -> None:
        """Repeat each row of the batch `times` times, for beams or several samples."""
        for cached in (self.keys, self.values):
            for layer, tensor in enumerate(cached):
                B, H, capacity, K = tensor.shape
                cached[layer] = tensor.new_empty(B * times, H, capacity, K)
                cached[layer][:, :, : self.length] = tensor[:, :, : self.length].repeat_interleave(times, 0)

        def repeat(tensor: Tensor) -> Tensor:
            """Keys or values of a single encoder sequence are shared by all rows, and stored once."""
            return tensor.expand(times, -1, -1, -1) if len(tensor) == 1 else tensor.repeat_interleave(times, 0)

        self.encoder = [(repeat(keys), repeat(values)) for keys, values in self.encoder]

    def reorder(self, rows: Tensor, since: int = 0) -> None:
        """Row b of the batch continues row rows[b]: beams that were dropped are overwritten.

        Both rows have the same tokens before position `since`, and the same encoder sequence; so neither is copied.
        """
        changed = (rows != torch.arange(len(rows), device=rows.device)).nonzero().squeeze(1)
        sources = rows[changed]
        for cached in (self.keys, self.values):
            for tensor in cached:
                recent = tensor[:, :, since : self.length]
                recent.index_copy_(0, changed, recent.index_select(0, sources))
