"""Exchange, in place, the classes of layers that this processor computes faster another way.

    speed_up(model)

A model file writes `F.linear` (nn.Linear does, too) and `F.scaled_dot_product_attention`. Where another way is faster
(choice.py), each module that calls one of them gets a subclass whose `forward` is the same code, with `F` bound to
FASTER: torch.nn.functional with those two functions exchanged. Looking that up costs next to nothing per call, a
TorchFunctionMode would cost 0.6 ms for a text (docs/LOG.md). Where torch's way is the fastest nothing is exchanged.
Layers with the constant FUSED are computed in one pass, where nothing of them is trained (convolution.py,
frames.py).
Under torch.compile, torch.export, torch.jit.trace and torch.func the forward of the class itself runs.

A copy (copy.deepcopy, pickle) has torch's own classes again, so that tools which look for nn.Linear find it.
"""

from functools import cache, wraps
from types import FunctionType, ModuleType
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from . import choice, convolution, frames
from .attention import scaled_dot_product_attention
from .linear import linear
from .looking import is_plain

FASTER = ModuleType("torch.nn.functional, with faster ways on this processor")
FASTER.__dict__.update(vars(F), linear=linear, scaled_dot_product_attention=scaled_dot_product_attention)
EXCHANGED = {"linear", "scaled_dot_product_attention"}


def speed_up(model: nn.Module) -> None:
    """Let the layers of a model take the faster way, if there is one for its dtype on this processor.

    Values differ in the last digits at most; names, weights and `isinstance` stay. Doing it again costs little, and is
    needed after the model was moved to another dtype.
    """
    dtype = next((parameter.dtype for parameter in model.parameters() if parameter.is_floating_point()), None)
    if dtype is None:
        return
    gains, fuses = choice.gains(dtype), dtype is torch.float32 and choice.fuses()
    for module in model.modules():
        kind: type = type(module)  # to mypy a type[nn.Module] is not hashable, a type is
        if fuses and hasattr(kind, "FUSED") and not is_sped_up(module):
            module.__class__ = _fused(kind)
        elif gains and _calls_exchanged(kind):
            module.__class__ = _exchanged(kind)


@cache
def _calls_exchanged(kind: type[nn.Module]) -> bool:
    """Whether the forward pass of a class calls one of the functions, by the name F of torch.nn.functional."""
    forward = kind.forward
    return (
        isinstance(forward, FunctionType)
        and forward.__globals__.get("F") is F
        and bool(EXCHANGED & set(forward.__code__.co_names))
    )


@cache
def _exchanged(kind: type[nn.Module]) -> type[nn.Module]:
    """The subclass of a class whose forward calls FASTER, and as it is written where a tool of torch records it."""
    given = kind.forward
    names = {**given.__globals__, "F": FASTER}
    faster = FunctionType(given.__code__, names, given.__name__, given.__defaults__, given.__closure__)
    faster.__kwdefaults__ = given.__kwdefaults__

    @wraps(given)
    def forward(self: nn.Module, *args: Any, **kwargs: Any) -> Any:
        return (faster if is_plain() else given)(self, *args, **kwargs)

    return _with(kind, forward)


@cache
def _fused(kind: type[nn.Module]) -> type[nn.Module]:
    """The subclass of a class with FUSED that computes all it does in one pass, where it can be taken."""
    given = kind.forward
    can_take, in_one = {
        "convolution": (convolution.can_take, convolution.convolution),
        "residual": (convolution.takes_residual, convolution.residual),
        "frames": (frames.can_take, frames.convolution),
        "positions": (frames.takes_positions, frames.positions),
    }[kind.FUSED]  # type: ignore[attr-defined]  # what has this constant comes here

    @wraps(given)
    def forward(self: nn.Module, x: Any) -> Any:
        return (in_one if can_take(self, x) else given)(self, x)

    return _with(kind, forward)


def _with(kind: type[nn.Module], forward: Any) -> type[nn.Module]:
    """A subclass with another forward, of which copies have the class itself."""

    def __reduce_ex__(self: nn.Module, protocol: Any) -> tuple | str:
        if type(self) is not exchanged:  # torch.nn.utils.parametrize made a subclass of this one
            return nn.Module.__reduce_ex__(self, protocol)
        kept = {name: value for name, value in self.__dict__.items() if name != convolution.KEPT}
        return kind.__new__, (kind,), kept

    members = {"forward": forward, "__reduce_ex__": __reduce_ex__, "__doc__": kind.__doc__, "is_sped_up": True}
    named = {"__module__": kind.__module__, "__qualname__": kind.__qualname__}
    exchanged = type(kind.__name__, (kind,), members | named)
    return exchanged


def is_sped_up(module: nn.Module) -> bool:
    """Whether the class of this module was exchanged."""
    return getattr(type(module), "is_sped_up", False)
