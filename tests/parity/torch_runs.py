"""Run one case with PyTorch models: ours in the tests, those of transformers in the recorder.

Names are equal on both sides, so one code serves both.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from .case import Case, Trace, flat, random, shadow

Arrays = dict[str, np.ndarray]


def prepare(model: torch.nn.Module, case: Case, double: bool = False) -> torch.nn.Module:
    """Give every parameter its drawn value, and every number that a checkpoint holds beside them."""
    saved = model.state_dict().keys()
    with torch.no_grad():
        for name, tensor in (*model.named_parameters(), *model.named_buffers()):
            if name in saved and tensor.is_floating_point() and not case.keeps(name):
                tensor.copy_(torch.from_numpy(case.weight(name, tuple(tensor.shape))))
    return model.double() if double else model


def batch(case: Case, double: bool = False) -> dict[str, torch.Tensor]:
    def tensor(value: Any) -> Any:
        if isinstance(value, list):  # of the objects of each picture
            return [{name: tensor(array) for name, array in each.items()} for each in value]
        given = torch.from_numpy(value)
        return given.double() if double and given.is_floating_point() else given

    return {name: tensor(value) for name, value in case.arrays().items()}


def named(outputs: Any) -> Arrays:
    """Outputs as arrays by name; tuples become "hidden_states.0", "hidden_states.1", ..., and so do tables by name."""
    return {name: tensor.detach().numpy() for name, tensor in flat(outputs)}


def evaluate(model: torch.nn.Module, case: Case, double: bool = False, **asked: bool) -> Arrays:
    """Outputs without dropout. `asked`: output_hidden_states, output_attentions."""
    with torch.no_grad():
        return named(prepare(model, case, double).eval()(**batch(case, double), **case.options, **asked))


def train(model: torch.nn.Module, case: Case, double: bool = False) -> tuple[Arrays, Arrays]:
    """Outputs and gradients in training, with a dropout that is the same everywhere: x * (1 - p) + p."""
    with steady_dropout():
        outputs = prepare(model, case, double).train()(**batch(case, double), **case.options)
        loss = outputs.loss if case.labels else objective(outputs, case)
        loss.backward()
    gradients = {name: parameter.grad for name, parameter in model.named_parameters() if parameter.requires_grad}
    lost = sorted(name for name, gradient in gradients.items() if gradient is None)
    assert all(name.endswith(f"{case.table}.weight") for name in lost), f"no gradient: {lost}"
    return named(outputs), {name: gradient.numpy() for name, gradient in gradients.items() if gradient is not None}


def objective(outputs: Any, case: Case) -> torch.Tensor:
    """A number to differentiate where there is no loss: a fixed weighted sum of the outputs."""
    total = torch.zeros((), dtype=outputs["last_hidden_state"].dtype)
    for name, output in outputs.items():
        weights = torch.from_numpy(random(f"objective of {name}").standard_normal(tuple(output.shape))).to(output.dtype)
        if output.dim() == 3:
            weights = weights * torch.from_numpy(case.counted(name)).to(output.dtype)[:, :, None]
        total = total + (output * weights).sum()
    return total


@contextmanager
def steady_dropout() -> Iterator[None]:
    def dropout(x: torch.Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> torch.Tensor:
        return x * (1 - p) + p if training else x

    original, torch.nn.functional.dropout = torch.nn.functional.dropout, dropout
    try:
        yield
    finally:
        torch.nn.functional.dropout = original


def trace(model: torch.nn.Module, case: Case, double: bool = False, **asked: bool) -> Trace:
    """Evaluate; shape and shadow of what every module put out, by name, in the order they finished."""
    found: Trace = {}
    hooks = []
    for name, module in model.named_modules():

        def keep(_module: Any, _inputs: Any, output: Any, name: str = name) -> None:
            found[name] = shadow(name, output)

        hooks.append(module.register_forward_hook(keep))
    evaluate(model, case, double, **asked)
    for hook in hooks:
        hook.remove()
    return found
