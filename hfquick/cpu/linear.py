"""nn.Linear by oneDNN: on processors where the library that torch takes for it is slow, and for models that write.

torch multiplies float32 matrices with Intel's MKL. On processors of AMD that takes its slow road, and oneDNN, which is
in torch as well, needs less than half the time (benchmarks/README.md). The numbers differ in the last digit at most.
HFQUICK_ONEDNN=0 leaves the choice to torch, 1 takes oneDNN everywhere.

A product in bfloat16 wants the numbers of its weight in pairs. Each call lays them out so, and for a few vectors that
is half of its time: `Packed` does it once for all tokens of a text.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

PLAIN = (Tensor, nn.Parameter)  # not their subclasses, which have ideas of their own
FEW = 2**19  # products below which the way to oneDNN costs more than it saves
FEW_ROWS = 4  # up to so many vectors, beams for instance, reading the weight is nearly all there is to do


class Linear(nn.Linear):
    """Vectors (..., I) -> (..., O), as nn.Linear and with the same weights."""

    def forward(self, x: Tensor) -> Tensor:
        return linear(x, self.weight, self.bias)


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x (..., I), weight (O, I) and bias (O,) -> x times weight turned over, plus bias: (..., O)."""
    packed = None if torch.compiler.is_compiling() else _packed.get()
    if packed is not None and packed.can_take(x, weight, bias):
        return packed.linear(x, weight, bias)
    if not (_is_faster() and _can_take(x, weight, bias)):
        return F.linear(x, weight, bias)
    learns = x.requires_grad or weight.requires_grad or (bias is not None and bias.requires_grad)
    if learns and torch.is_grad_enabled():
        return _Linear.apply(x, weight, bias)
    is_few = x.shape[-1] < x.numel() <= FEW_ROWS * x.shape[-1]
    is_tall = weight.shape[0] >= weight.shape[1] and weight.is_contiguous()
    return (_few_rows if is_few and is_tall else _onednn)(x, weight, bias)


@cache
def _is_faster() -> bool:
    """Whether this processor gains by it: one of AMD with AVX-512, where both libraries were measured."""
    if not hasattr(torch.ops.mkldnn, "_linear_pointwise") or not torch.backends.mkldnn.is_available():
        return False
    asked = os.environ.get("HFQUICK_ONEDNN")
    if asked in ("0", "1"):
        return asked == "1"
    try:
        is_amd = "AuthenticAMD" in Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False
    return is_amd and torch.backends.cpu.get_cpu_capability() == "AVX512"


def _can_take(x: Tensor, weight: Tensor, bias: Tensor | None) -> bool:
    """Whether these are plain float32 matrices on the CPU, in a program that runs as it is written."""
    return (
        type(x) in PLAIN
        and type(weight) in PLAIN
        and x.dtype is weight.dtype is torch.float32
        and x.device.type == weight.device.type == "cpu"
        and (bias is None or (type(bias) in PLAIN and bias.dtype is torch.float32))
        and x.shape[-1] == weight.shape[1]  # else torch says what is wrong
        and x.numel() * weight.shape[0] >= FEW
        and not torch.is_autocast_enabled("cpu")
        and not (torch.compiler.is_compiling() or torch.jit.is_tracing() or _is_transformed())
    )


def _is_transformed() -> bool:
    """Whether torch.func's transforms (vmap, grad, jvp) look at what is computed: they ask more of a function."""
    stack = getattr(torch._C._functorch, "peek_interpreter_stack", None)
    return stack is not None and stack() is not None


def _onednn(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    return torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")


def _few_rows(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """The same by MKL, with the weight in the place of x: it is read once and in order, as fast as memory gives it."""
    rows = weight @ x.reshape(-1, x.shape[-1]).t()  # (O, few)
    rows = rows.t() if bias is None else rows.t() + bias
    return rows.contiguous().view(*x.shape[:-1], -1)


class Packed:
    """Copies of a model's weights, laid out for products in bfloat16: each made when it is first used.

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
            and _packs()
        )

    def linear(self, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        place = weight.data_ptr(), weight.shape, weight.stride()  # a Conv1D turns its weight over anew in each call
        if place not in self.copies:
            # The weight is kept as well: were it freed, another one could come to lie at its address.
            self.copies[place] = weight, torch.ops.mkldnn._reorder_linear_weight(weight.detach())
        return _onednn(x, self.copies[place][1], bias)


_packed: ContextVar[Packed | None] = ContextVar("packed", default=None)


@cache
def _packs() -> bool:
    """Whether this torch and this processor multiply in bfloat16 by oneDNN, and weights can be laid out for it."""
    names = ("_linear_pointwise", "_reorder_linear_weight", "_is_mkldnn_bf16_supported")
    return (
        all(hasattr(torch.ops.mkldnn, name) for name in names)
        and torch.backends.mkldnn.is_available()
        and os.environ.get("HFQUICK_ONEDNN") != "0"
        and torch.ops.mkldnn._is_mkldnn_bf16_supported()
    )


class _Linear(torch.autograd.Function):
    """The same with gradients, which are two products more."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(x, weight)
        return _onednn(x, weight, bias)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        x, weight = ctx.saved_tensors
        needs_x, needs_weight, needs_bias = ctx.needs_input_grad
        rows = grad.reshape(-1, grad.shape[-1])  # (N, O)
        return (
            linear(grad, weight.t()) if needs_x else None,
            linear(rows.t(), x.reshape(-1, x.shape[-1]).t()) if needs_weight else None,
            rows.sum(0) if needs_bias else None,
        )
