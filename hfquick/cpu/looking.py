"""Whether code may look at the values of a tensor: where that costs nothing, and no tool of torch records it."""

import torch
from torch import Tensor


def is_plain() -> bool:
    """Whether a program runs as it is written: no tool of torch compiles, exports, traces or transforms it."""
    return not (torch.compiler.is_compiling() or torch.jit.is_tracing() or _is_transformed())


def may_look(tensor: Tensor) -> bool:
    """The same, and the values are on the CPU; for one on a GPU the processor would have to wait."""
    return tensor.device.type == "cpu" and is_plain()


def _is_transformed() -> bool:
    """Whether torch.func's transforms (vmap, grad, jvp) look at what is computed: they ask more of a function."""
    stack = getattr(torch._C._functorch, "peek_interpreter_stack", None)
    return stack is not None and stack() is not None
