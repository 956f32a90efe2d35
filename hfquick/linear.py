"""nn.Linear by oneDNN on processors where the library that torch takes for it is slow.

torch multiplies float32 matrices with Intel's MKL. On processors of AMD that takes its slow road, and oneDNN, which is
in torch as well, needs less than half the time (benchmarks/README.md). The numbers differ in the last digit at most.
HFQUICK_ONEDNN=0 leaves the choice to torch, 1 takes oneDNN everywhere.
"""

import os
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
