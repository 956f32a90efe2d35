"""Products of matrices by the way that is faster on this processor, and weights packed once for many of them.

Which way: choice.py. Values differ in the last digits at most.

A product in bfloat16 wants the numbers of its weight in pairs. Each call lays them out so, and for a few vectors that
is half of its time: `Packed` does it once for all decoding steps of a text.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from . import choice, kernels
from .looking import is_plain

PLAIN = (Tensor, nn.Parameter)  # not their subclasses, which have ideas of their own
FEW = 2**19  # products below which the way to oneDNN costs more than it saves
ALIASED = 1024  # rows a multiple of 4096 bytes apart share the same lines of a cache: turned, they drive each other out
FEW_ROWS = 4  # up to so many vectors, beams for instance, reading the weight is nearly all there is to do


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x (..., I), weight (O, I) and bias (O,) -> x @ weight.T + bias (..., O), as F.linear."""
    packed = _packed.get()
    if packed is not None and packed.can_take(x, weight, bias):
        return packed.linear(x, weight, bias)
    ways = choice.ways()
    if not _can_take(x, weight, bias):
        return F.linear(x, weight, bias)
    learns = x.requires_grad or weight.requires_grad or (bias is not None and bias.requires_grad)
    if learns and torch.is_grad_enabled():
        return F.linear(x, weight, bias) if ways.training == choice.TORCH else _Linear.apply(x, weight, bias)
    is_few = x.shape[-1] < x.numel() <= FEW_ROWS * x.shape[-1]
    is_tall = weight.shape[0] >= weight.shape[1] and weight.is_contiguous()
    way = ways.few_rows if is_few and is_tall else ways.many_rows
    if way == choice.TURNED and weight.shape[1] % ALIASED == 0:
        way = ways.many_rows
    return WAYS[way](x, weight, bias)


WAYS = {choice.TORCH: F.linear, choice.ONEDNN: kernels.onednn, choice.TURNED: kernels.turned}


def _can_take(x: Tensor, weight: Tensor, bias: Tensor | None) -> bool:
    """Whether these are plain float32 matrices on the CPU."""
    return (
        type(x) in PLAIN
        and type(weight) in PLAIN
        and x.dtype is weight.dtype is torch.float32
        and x.device.type == weight.device.type == "cpu"
        and (bias is None or (type(bias) in PLAIN and bias.dtype is torch.float32))
        and x.shape[-1] == weight.shape[1]  # else torch says what is wrong
        and x.numel() * weight.shape[0] >= FEW
        and not torch.is_autocast_enabled("cpu")
    )


class Packed:
    """Prepacked bfloat16 weights: copies in the layout of oneDNN, each made when it is first used.

    They need as much memory as the weights do, and must not outlive a change of them: keep this object for one text.
    """

    def __init__(self) -> None:
        self.copies: dict[tuple, tuple[Tensor, Tensor]] = {}  # a weight and its copy

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """A block in which `linear` takes them."""
        token = _packed.set(self)
        try:
            yield
        finally:
            _packed.reset(token)

    def can_take(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> bool:
        """Whether these are plain bfloat16 matrices on the CPU, which need no gradients."""
        return (
            type(x) in PLAIN
            and type(weight) in PLAIN
            and x.dtype is weight.dtype is torch.bfloat16
            and x.device.type == weight.device.type == "cpu"
            and (bias is None or (type(bias) in PLAIN and bias.dtype is torch.bfloat16))
            and x.shape[-1] == weight.shape[1]
            and x.numel() * weight.shape[0] >= FEW
            and not torch.is_grad_enabled()
            and choice.packs()
        )

    def linear(self, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        key = weight.data_ptr(), weight.shape, weight.stride()  # a Conv1D turns its weight over anew in each call
        if key not in self.copies:
            # The weight is kept as well: were it freed, another one could come to lie at its address.
            self.copies[key] = weight, torch.ops.mkldnn._reorder_linear_weight(weight.detach())
        return kernels.onednn(x, self.copies[key][1], bias)


_packed: ContextVar[Packed | None] = ContextVar("packed", default=None)


def _product(x: Tensor, weight: Tensor) -> Tensor:
    """x @ weight.T of the backward pass, which nothing is trained through."""
    return kernels.onednn(x, weight) if is_plain() and _can_take(x, weight, None) else F.linear(x, weight)


class _Linear(torch.autograd.Function):
    """The same with gradients, which are two products more."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(x, weight)
        return kernels.onednn(x, weight, bias)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        x, weight = ctx.saved_tensors
        needs_x, needs_weight, needs_bias = ctx.needs_input_grad
        rows = grad.reshape(-1, grad.shape[-1])  # (N, O)
        product = linear if torch.is_grad_enabled() else _product  # gradients of gradients are asked for, or not
        return (
            product(grad, weight.t()) if needs_x else None,
            product(rows.t(), x.reshape(-1, x.shape[-1]).t()) if needs_weight else None,
            rows.sum(0) if needs_bias else None,
        )
