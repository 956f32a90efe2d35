"""The ways to multiply float32 matrices that are compared and chosen among: oneDNN, and MKL with its operands turned.

x (..., I), weight (O, I), bias (O,) -> x @ weight.T + bias (..., O)
"""

import torch
from torch import Tensor


def has_onednn() -> bool:
    """Whether this torch has oneDNN, and the operator by which it is reached (it is not a public one)."""
    return torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")


def has_fused_convolution() -> bool:
    """Whether the same is there for convolutions, with a sum and an activation after them."""
    return torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_convolution_pointwise")


def onednn(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    return torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")


def turned(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """By torch's own library, with the weight in the place of x: for few rows it is read once and in order."""
    rows = weight @ x.reshape(-1, x.shape[-1]).t()  # (O, rows)
    rows = rows.t() if bias is None else rows.t() + bias
    return rows.contiguous().view(*x.shape[:-1], -1)
