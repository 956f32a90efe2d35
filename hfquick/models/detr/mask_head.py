"""The mask head of DETR in PyTorch: where a query looks, made finer by the ResNet's feature maps -> its mask.

Paper: Carion et al. 2020, section 4.4 (https://arxiv.org/abs/2005.12872). Same head in Keras: mask_head_tf.py.

Shapes: B batch, Q queries, D d_model, H heads, K = D / H, y and x the sides of the last feature map, S = y * x; y' and
x' those of the finest, mostly eight times as large.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .configuration_detr import DetrConfig

BUDGET = (
    2**23
)  # values of the largest map that are computed at once; 100 queries of a picture of 640x480 have 8 times that


class DetrMHAttentionMap(nn.Module):
    """Queries (B, Q, D) and encoded feature map (B, S, D) -> attention weights (B, Q, H, S) of all heads."""

    def __init__(self, config: DetrConfig) -> None:
        super().__init__()
        self.num_heads = config.encoder_attention_heads
        self.q_linear = nn.Linear(config.d_model, config.d_model)
        self.k_linear = nn.Linear(config.d_model, config.d_model)

    def split_heads(self, y: Tensor) -> Tensor:
        B, T, D = y.shape
        return y.view(B, T, self.num_heads, D // self.num_heads).transpose(1, 2)  # (B, H, T, K)

    def forward(self, x: Tensor, encoded: Tensor, mask: Tensor | None) -> Tensor:
        q, k = self.split_heads(self.q_linear(x)), self.split_heads(self.k_linear(encoded))
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5  # (B, H, Q, S)
        if mask is not None:
            scores = scores.masked_fill(~mask.flatten(1)[:, None, None], torch.finfo(scores.dtype).min)
        scores = scores.transpose(1, 2)  # (B, Q, H, S)
        return scores.flatten(2).softmax(-1).view(scores.shape)  # all heads of a query together sum to 1


class DetrMaskHeadSmallConv(nn.Module):
    """Feature map (B, D, y, x), attention weights (B, Q, H, y, x), finer maps -> mask logits (B, Q, y', x').

    The finer maps come with the finest last; each is added to what was computed until then.
    """

    def __init__(self, config: DetrConfig) -> None:
        super().__init__()
        channels, widths = config.mask_head_sizes()
        self.lay1 = nn.Conv2d(widths[0], widths[0], 3, padding=1)
        self.lay2, self.lay3, self.lay4, self.lay5 = (
            nn.Conv2d(wide, narrow, 3, padding=1) for wide, narrow in pairwise(widths)
        )
        self.gn1, self.gn2, self.gn3, self.gn4, self.gn5 = (nn.GroupNorm(min(8, width), width) for width in widths)
        self.out_lay = nn.Conv2d(widths[-1], 1, 3, padding=1)
        self.adapter1, self.adapter2, self.adapter3 = (
            nn.Conv2d(count, width, 1) for count, width in zip(channels, widths[1:], strict=False)
        )

    def forward(self, x: Tensor, attention: Tensor, maps: Sequence[Tensor]) -> Tensor:
        D = x.shape[1]
        # The first convolution reads the feature map, which all queries share, and the weights of one query: the sum of
        # both parts is the same as one convolution over both together, and the first part is computed once.
        shared = F.conv2d(x, self.lay1.weight[:, :D], self.lay1.bias, padding=1)  # (B, D + H, y, x)
        finer = [adapter(map) for adapter, map in zip((self.adapter1, self.adapter2, self.adapter3), maps, strict=True)]
        together = max(1, BUDGET // finer[-1].numel())  # queries at once: all of them would need gigabytes
        return torch.cat([self.masks(shared, part, finer) for part in attention.split(together, 1)], 1)

    def masks(self, shared: Tensor, attention: Tensor, finer: Sequence[Tensor]) -> Tensor:
        """Mask logits (B, q, y', x') of some of the queries, (B, q, H, y, x)."""
        B, q = attention.shape[:2]

        def add(one: Tensor, of_query: Tensor) -> Tensor:
            """A map of each picture (B, C, y, x) + a map of each query (B * q, C, y, x)."""
            return (one[:, None] + of_query.unflatten(0, (B, q))).flatten(0, 1)

        own = F.conv2d(attention.flatten(0, 1), self.lay1.weight[:, -attention.shape[2] :], padding=1)
        x = self.gn1(add(shared, own)).relu()
        x = self.gn2(self.lay2(x)).relu()
        rest = ((self.lay3, self.gn3), (self.lay4, self.gn4), (self.lay5, self.gn5))
        for map, (convolution, norm) in zip(finer, rest, strict=True):
            x = add(map, F.interpolate(x, map.shape[2:]))  # each position of the coarser map becomes four
            x = norm(convolution(x)).relu()
        return self.out_lay(x).reshape(B, q, *x.shape[2:])
