"""Attention of incremental decoding in bfloat16, computed in float32 where torch's fused kernel is slow at it.

On some processors torch's kernel takes three to four times as long in bfloat16 as in float32 for a single query, which
is all that a decoding step has. Queries, keys and values stay 16 bits wide in memory; the sums are float32 either way.

Shapes: B batch, H heads, T queries, S keys, K width of a head.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from . import choice


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
) -> Tensor:
    """query (B, H, T, K), key and value (B, H, S, K) -> attention output (B, H, T, K), as torch's function."""
    options: dict[str, Any] = {"dropout_p": dropout_p, "is_causal": is_causal, "scale": scale}
    is_step = query.dtype is torch.bfloat16 and query.device.type == "cpu" and query.shape[2] == 1
    if not (is_step and choice.widens_attention()):
        return F.scaled_dot_product_attention(query, key, value, attn_mask=attn_mask, **options)
    return in_float32(query, key, value, attn_mask, **options)


def in_float32(query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None, **options: Any) -> Tensor:
    """The same with 32-bit copies of its inputs, and the output in the dtype of the query."""
    if attn_mask is not None and attn_mask.is_floating_point():
        attn_mask = attn_mask.float()
    wide = query.float(), key.float(), value.float()
    return F.scaled_dot_product_attention(*wide, attn_mask=attn_mask, **options).to(query.dtype)
