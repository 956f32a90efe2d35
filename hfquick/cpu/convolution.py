"""Convolution, frozen batch norm, activation and residual connection in one pass over the pixels, by oneDNN.

A frozen batch norm multiplies and shifts each channel by what is known beforehand, so a convolution with another kernel
and a bias gives the same (Jacob et al. 2018, section 3.2). The kernel is made once for each layer and kept beside it,
until one of the values changes that it was made of. Channels stand last in memory, which oneDNN need not reorder.

Layers say themselves that they are such ones, by the constant FUSED:

    "convolution"   self.activation(self.normalization(self.convolution(x))), the first an nn.Conv2d without bias, the
                    second with weight, bias, running_mean and running_var
    "residual"      self.activation(self.layer(x) + self.shortcut(x)), the second a sequence of such convolutions

x (B, C, y, x) -> (B, O, y, x). Values differ in the last digits at most.
"""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

from . import choice
from .linear import PLAIN
from .looking import is_plain

EPSILON = 1e-5  # of every batch norm, as PyTorch has it
KEPT = "_folded"  # attribute of a layer with its kernel, as it was made


def can_take(layer: Any, x: Tensor) -> bool:
    """Whether this is plain float32 on the CPU, nothing of it is trained, and nobody looks at what is in between."""
    return _is_plain(layer, x) and x.shape[1] == layer.convolution.in_channels  # else torch says what is wrong


def takes_residual(block: Any, x: Tensor) -> bool:
    """The same for a residual block, whose sum is computed with the last of its convolutions."""
    first, last = block.layer[0], block.layer[-1]
    hooks = last._forward_hooks or block.activation._forward_hooks
    return can_take(first, x) and _is_plain(last, x) and isinstance(last.activation, nn.Identity) and not hooks


def _is_plain(layer: Any, x: Tensor) -> bool:
    return computes_plainly(x, layer.convolution.weight, (layer.convolution, layer.normalization, layer.activation))


def computes_plainly(x: Tensor, weight: Tensor, parts: Iterable[nn.Module]) -> bool:
    """Whether this is plain float32 on the CPU, nothing is trained, and no part has a hook."""
    learns = torch.is_grad_enabled() and (x.requires_grad or weight.requires_grad)
    return (
        not learns
        and is_plain()
        and type(x) in PLAIN
        and x.dtype is weight.dtype is torch.float32
        and x.device.type == weight.device.type == "cpu"
        and not torch.is_autocast_enabled("cpu")
        and not any(part._forward_hooks for part in parts)
        and choice.fuses()
    )


def kept(layer: Any, made_of: tuple[Tensor, ...], make: Callable[[], tuple[Tensor, ...]]) -> tuple[Tensor, ...]:
    """What `make` makes of tensors, kept beside a layer until one of them changes."""
    mark = [_mark(tensor) for tensor in made_of]
    found = layer.__dict__.get(KEPT)
    if found is None or found[0] != mark:
        with torch.no_grad():
            found = layer.__dict__[KEPT] = mark, *make()
    return found[1:]


def _mark(tensor: Tensor) -> tuple[Any, ...]:
    """What tells a tensor from itself with other values: torch does not count a change through `.data`."""
    first, last = (tensor[(place,) * tensor.dim()].item() for place in (0, -1))
    return tensor.data_ptr(), 0 if tensor.is_inference() else tensor._version, first, last


def folded(layer: Any) -> tuple[Tensor, ...]:
    """Kernel (O, C, y, x) and bias (O,) of a convolution that gives the same as one and its batch norm."""
    norm = layer.normalization
    made_of = (layer.convolution.weight, norm.weight, norm.bias, norm.running_mean, norm.running_var)

    def make() -> tuple[Tensor, ...]:
        weight, gain, bias, mean, variance = (tensor.detach() for tensor in made_of)
        scale = gain * (variance + EPSILON).rsqrt()
        kernel = (weight * scale[:, None, None, None]).contiguous(memory_format=torch.channels_last)
        return kernel, bias - mean * scale

    return kept(layer, made_of, make)


def convolution(layer: Any, x: Tensor) -> Tensor:
    """A layer of the kind "convolution", which can be taken."""
    is_relu = isinstance(layer.activation, nn.ReLU)
    kernel, bias = folded(layer)
    x = torch.ops.mkldnn._convolution_pointwise(
        x.contiguous(memory_format=torch.channels_last),
        kernel,
        bias,
        *_options(layer.convolution),
        "relu" if is_relu else "none",
        [],
        "",
    )
    return x if is_relu else layer.activation(x)


def residual(block: Any, x: Tensor) -> Tensor:
    """A layer of the kind "residual", whose last convolution can be taken."""
    *before, last = block.layer
    x = x.contiguous(memory_format=torch.channels_last)
    update = x
    for layer in before:
        update = layer(update)
    is_relu = isinstance(block.activation, nn.ReLU)
    kernel, bias = folded(last)
    shortcut = block.shortcut(x).contiguous(memory_format=torch.channels_last)
    x = torch.ops.mkldnn._convolution_pointwise.binary(
        update.contiguous(memory_format=torch.channels_last),
        shortcut,
        kernel,
        bias,
        *_options(last.convolution),
        "add",
        1.0,
        "relu" if is_relu else None,
        [],
        "",
    )
    return x if is_relu else block.activation(x)


def _options(convolution: nn.Conv2d) -> tuple[Any, ...]:
    padding, stride = convolution.padding, convolution.stride
    return list(padding), list(stride), list(convolution.dilation), convolution.groups
