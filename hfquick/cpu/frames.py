"""Convolutions over time, with the norm and the activation after them, in fewer passes over the samples.

Layers say themselves that they are such ones, by the constant FUSED:

    "frames"      self.activation(self.layer_norm(self.conv(x))), an nn.Conv1d without padding, then a norm or None
    "positions"   a convolution of few frames with a wide kernel in groups: self.weight_v in the lengths self.weight_g

The first convolution of a waveform has one channel to read, so mean and variance of each channel that it makes follow
from those of the few samples in its window: what an nn.GroupNorm of single channels does is known before anything is
convolved. The others are oneDNN's with their channels last in memory, GELU included.

A wide kernel is multiplied in the frequency domain, block by block, and the rest of a block is what would overlap
(overlap-save; Stockham 1966, "High-speed convolution and correlation"). Kernels are made once for each layer.

x (B, C, S) -> (B, O, S'). Values differ in the last digits at most.
"""

from typing import Any

import torch
from torch import Tensor, nn

from .convolution import computes_plainly, kept

GELU: tuple[Any, ...] = ("gelu", [], "none")  # how oneDNN's operators are told what follows
NONE: tuple[Any, ...] = ("none", [], "")
WIDE = 64  # places of a kernel from which on frequencies are faster


def can_take(layer: Any, x: Tensor) -> bool:
    """Whether this is plain float32 on the CPU, nothing of it is trained, and nobody looks at what is in between."""
    conv, parts = layer.conv, [part for part in (layer.conv, layer.layer_norm, layer.activation) if part is not None]
    fits = x.dim() == 3 and x.shape[1] == conv.in_channels and x.shape[2] >= conv.kernel_size[0]
    return fits and computes_plainly(x, conv.weight, parts)  # else torch says what is wrong


def convolution(layer: Any, x: Tensor) -> Tensor:
    """A layer of the kind "frames", which can be taken."""
    conv, norm = layer.conv, layer.layer_norm
    is_gelu = isinstance(layer.activation, nn.GELU) and layer.activation.approximate == "none"
    of_channels = isinstance(norm, nn.GroupNorm) and norm.num_groups == norm.num_channels
    joined = is_gelu and (norm is None or (of_channels and conv.in_channels == 1))  # all in one
    if conv.in_channels == 1:
        x = torch.stack([_first(layer, waveform, of_channels, joined) for waveform in x[:, 0]])  # (B, S', O)
    else:
        (kernel,) = kept(layer, (conv.weight,), lambda: (_last(conv.weight[:, :, None]),))
        options = [0, 0], [1, *conv.stride], [1, 1], 1
        x = torch.ops.mkldnn._convolution_pointwise(
            _last(x[:, :, None]), kernel, conv.bias, *options, *(GELU if joined else NONE)
        )
        x = x[:, :, 0].transpose(1, 2)  # (B, S', O), in one piece
    if isinstance(norm, nn.LayerNorm):
        x = norm(x)
    x = x.transpose(1, 2)
    if norm is not None and not of_channels and not isinstance(norm, nn.LayerNorm):
        x = norm(x)
    return x if joined else layer.activation(x)


def _last(x: Tensor) -> Tensor:
    return x.contiguous(memory_format=torch.channels_last)


def _first(layer: Any, waveform: Tensor, of_channels: bool, joined: bool) -> Tensor:
    """The convolution of one waveform (S,) -> (S', O), as a product with its windows; with the norm of channels."""
    conv, norm = layer.conv, layer.layer_norm
    windows = waveform.unfold(0, *conv.kernel_size, *conv.stride)  # (S', width)
    kernel, bias = conv.weight[:, 0], conv.bias  # (O, width)
    if of_channels:  # sums of squares need more digits than they leave
        windows = windows.double()
        windows = windows - windows.mean(0)
        covariance = windows.t() @ windows / len(windows)
        wide = kernel.double()
        scale = norm.weight * (((wide @ covariance) * wide).sum(1) + norm.eps).rsqrt()
        kernel, bias = (wide * scale[:, None]).float(), norm.bias
    windows = windows.float().contiguous()
    return torch.ops.mkldnn._linear_pointwise(windows, kernel.contiguous(), bias, *(GELU if joined else NONE))


def takes_positions(layer: Any, x: Tensor) -> bool:
    """The same for a wide kernel in groups."""
    fits = x.dim() == 3 and x.shape[1] == len(layer.weight_v) and layer.weight_v.shape[2] >= WIDE
    return fits and computes_plainly(x, layer.weight_v, ())


def positions(layer: Any, x: Tensor) -> Tensor:
    """A layer of the kind "positions", which can be taken."""
    (B, C, T), groups, width = x.shape, layer.groups, layer.weight_v.shape[2]
    length = T + 2 * layer.padding - width + 1  # of the result
    size = 2 * width  # of a block, whose last width - 1 places belong to the next one
    hop = size - width + 1
    count = -(-length // hop)
    (kernel,) = kept(layer, (layer.weight_g, layer.weight_v), lambda: (_frequencies(layer, size),))
    x = nn.functional.pad(x, (layer.padding, count * hop + width - 1 - layer.padding - T))
    blocks = torch.fft.rfft(x.unfold(2, size, hop))  # (B, C, count, frequencies)
    blocks = blocks.view(B, groups, C // groups, count, -1).permute(4, 1, 0, 3, 2)
    blocks = blocks.reshape(-1, groups, B * count, C // groups) @ kernel  # (frequencies, groups, B * count, C / groups)
    blocks = blocks.view(-1, groups, B, count, C // groups).permute(2, 1, 4, 3, 0)
    x = torch.fft.irfft(blocks, size)[..., :hop]  # (B, groups, C / groups, count, hop)
    return x.reshape(B, C, count * hop)[:, :, :length] + layer.bias[:, None]


def _frequencies(layer: Any, size: int) -> Tensor:
    """The kernel (frequencies, groups, channels in, channels out), turned round in time as a convolution has it."""
    groups = layer.groups
    direction = layer.weight_v.detach()
    kernel = direction * (layer.weight_g.detach() / direction.norm(dim=(0, 1), keepdim=True))  # (C, C / groups, width)
    kernel = kernel.view(groups, -1, *kernel.shape[1:])
    return torch.fft.rfft(kernel, size).conj().permute(3, 0, 2, 1).resolve_conj().contiguous()
