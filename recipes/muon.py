"""Muon for the matrices inside a transformer, AdamW for the rest: half as many steps for the tiny ViLT.

Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon) keeps a momentum of the gradients of a matrix and
moves along the nearest orthogonal matrix to it, so that all directions are learnt at one pace, also those in which
gradients are small. Torch has one of its own since 2.9; this one treats matrices of one shape together, which is faster
where they are small, and is one optimizer for all weights, as a Trainer wants.
"""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

MOMENTUM, DECAY, ROUNDS = 0.95, 0.1, 5


def orthogonal(matrices: Tensor, rounds: int = ROUNDS) -> Tensor:
    """(N, n, m) -> about the nearest orthogonal matrices, their singular values near 1: Newton-Schulz iterations."""
    x = matrices.bfloat16()
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    tall = x.shape[1] > x.shape[2]
    if tall:
        x = x.mT
    for _ in range(rounds):
        squared = x @ x.mT
        x = 3.4445 * x + (2.0315 * (squared @ squared) - 4.775 * squared) @ x
    return (x.mT if tall else x).float()


class MuonWithAdamW(torch.optim.AdamW):
    """AdamW, but for groups with `"muon": True`: their matrices are moved by Muon."""

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        for group in self.param_groups:
            if not group.get("muon"):
                continue
            alike: dict[torch.Size, list[Tensor]] = {}
            for weight in group["params"]:
                if weight.grad is not None:
                    alike.setdefault(weight.shape, []).append(weight)
            for shape, weights in alike.items():
                self._move(weights, group["lr"] * max(1.0, shape[0] / shape[1]) ** 0.5)
        return super().step(closure)

    def _move(self, weights: list[Tensor], lr: float) -> None:
        """One step of matrices of one shape. Their gradients are taken away, so AdamW passes them over."""
        gradients = torch.stack([weight.grad for weight in weights])  # (N, n, m)
        for weight, gradient in zip(weights, gradients, strict=True):
            state = self.state[weight]
            if not state:
                state["step"], state["momentum"] = torch.tensor(0.0), torch.zeros_like(weight)
            state["momentum"].mul_(MOMENTUM).add_(gradient)
        momentum = torch.stack([self.state[weight]["momentum"] for weight in weights])
        for weight, change in zip(weights, orthogonal(gradients + MOMENTUM * momentum), strict=True):
            weight.mul_(1 - lr * DECAY).sub_(change, alpha=lr)
            weight.grad = None


def optimizer(
    model: nn.Module,
    blocks: Iterable[nn.Module],
    lr: float,
    matrix_lr: float,
    decay: float,
    gently: Iterable[Tensor] = (),
    factor: float = 1.0,
) -> MuonWithAdamW:
    """Muon for the matrices within `blocks`, AdamW for all other weights of a model; vectors do not decay.

    The learning rates of the weights in `gently` are multiplied by `factor`.
    """
    inside = {id(weight) for block in blocks for weight in block.parameters() if weight.ndim == 2}
    slow, groups = {id(weight) for weight in gently}, []
    for speed, some in (
        (1.0, [weight for weight in model.parameters() if id(weight) not in slow]),
        (factor, [weight for weight in model.parameters() if id(weight) in slow]),
    ):
        rest = [weight for weight in some if id(weight) not in inside]
        vectors, tables = ([weight for weight in rest if (weight.ndim < 2) == flat] for flat in (True, False))
        matrices = [weight for weight in some if id(weight) in inside]
        groups += [
            {"params": matrices, "muon": True, "lr": speed * matrix_lr},
            {"params": tables, "weight_decay": decay, "lr": speed * lr},
            {"params": vectors, "weight_decay": 0.0, "lr": speed * lr},
        ]
    return MuonWithAdamW([group for group in groups if group["params"]], lr=lr, betas=(0.9, 0.98), weight_decay=0.0)
