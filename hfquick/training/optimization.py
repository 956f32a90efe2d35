"""The optimizer's two groups of weights, and how the learning rate goes up and down.

Sources: Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization" (AdamW, https://arxiv.org/abs/1711.05101);
the same authors 2017, "SGDR" (cosine, https://arxiv.org/abs/1608.03983); Vaswani et al. 2017, section 5.3 (warm-up,
inverse square root).
"""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from ..i18n import N_, said, spoken
from ..utils.errors import unknown
from .arguments import TrainingArguments, steps_of

NO_DECAY = (nn.LayerNorm, nn.GroupNorm, nn.modules.batchnorm._BatchNorm, nn.RMSNorm)


def decay_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """A model -> parameter groups: matrices and embeddings decay by `weight_decay`, biases and norms do not.

    A bias moves a sum and a norm's weight scales it: pulling them to zero would change what the layer computes, not
    keep it simple.
    """
    decay: list[nn.Parameter] = []
    no_decay: list[nn.Parameter] = []
    seen: set[int] = set()
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            if parameter.requires_grad and id(parameter) not in seen:
                seen.add(id(parameter))  # a shared matrix is in one group only
                bias_or_norm = isinstance(module, NO_DECAY) or "bias" in name
                (no_decay if bias_or_norm else decay).append(parameter)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": no_decay, "weight_decay": 0.0}]


def adamw(groups: list[dict[str, Any]], **options: Any) -> torch.optim.Optimizer:
    """AdamW over parameter groups, in one kernel per group where torch has it: the step is bound by memory."""
    devices = {parameter.device.type for group in groups for parameter in group["params"]}
    return torch.optim.AdamW(groups, fused=devices <= {"cpu", "cuda", "mps", "xpu"}, **options)


# Step -> part of the highest learning rate. `total` and `warmup` are numbers of updates.


def linear(step: int, warmup: int, total: int) -> float:
    """Up in a straight line, then down to zero."""
    if step < warmup:
        return step / max(1, warmup)
    return max(0.0, (total - step) / max(1, total - warmup))


def cosine(step: int, warmup: int, total: int, num_cycles: float = 0.5) -> float:
    """Up in a straight line, then down along a cosine: half a wave unless `num_cycles` says otherwise."""
    if step < warmup:
        return step / max(1, warmup)
    part = (step - warmup) / max(1, total - warmup)
    return max(0.0, 0.5 * (1.0 + math.cos(math.pi * num_cycles * 2.0 * part)))


def cosine_with_restarts(step: int, warmup: int, total: int, num_cycles: int = 1) -> float:
    """Down along half a wave, again and again from the top."""
    if step < warmup:
        return step / max(1, warmup)
    part = (step - warmup) / max(1, total - warmup)
    return 0.0 if part >= 1.0 else max(0.0, 0.5 * (1.0 + math.cos(math.pi * ((num_cycles * part) % 1.0))))


def polynomial(step: int, warmup: int, total: int, power: float = 1.0) -> float:
    """Down to zero along a power of the part that is left."""
    if step < warmup:
        return step / max(1, warmup)
    return max(0.0, (total - step) / max(1, total - warmup)) ** power


def inverse_sqrt(step: int, warmup: int, total: int, timescale: int | None = None) -> float:
    """Up in a straight line, then as one over the square root of the step."""
    if step < warmup:
        return step / max(1, warmup)
    scale = timescale or warmup or 10_000
    return 1.0 / math.sqrt((step - warmup + scale) / scale)


def constant(step: int, warmup: int, total: int) -> float:
    return 1.0


def constant_with_warmup(step: int, warmup: int, total: int) -> float:
    """Up in a straight line, then level."""
    return min(1.0, step / max(1, warmup)) if warmup else 1.0


SCHEDULES: dict[str, Callable[..., float]] = {
    "linear": linear,
    "cosine": cosine,
    "cosine_with_restarts": cosine_with_restarts,
    "polynomial": polynomial,
    "inverse_sqrt": inverse_sqrt,
    "constant": constant,
    "constant_with_warmup": constant_with_warmup,
}


def waits_for_evaluations() -> TypeError:
    """The error for ReduceLROnPlateau, which cannot be stepped after every update."""
    return spoken(
        TypeError,
        "ReduceLROnPlateau waits for an evaluation, and Trainer moves its schedule after every update; step "
        "it in on_evaluate of a TrainerCallback, and give Trainer a constant one: "
        "lr_scheduler_type='constant'",
    )


def warmup_of(args: TrainingArguments, total: int) -> int:
    """The updates in which the learning rate rises, of `total` ones, as the arguments say."""
    warmup = steps_of(args.warmup_steps, total) if args.warmup_steps else 0
    return warmup or math.ceil(args.warmup_ratio * total)


def get_scheduler(
    name: str, optimizer: torch.optim.Optimizer, num_warmup_steps: int = 0, num_training_steps: int = 1, **options: Any
) -> torch.optim.lr_scheduler.LRScheduler:
    """The schedule of this name over an optimizer; call its step() after each update.

    Raises ValueError for a name that is not in SCHEDULES, TypeError for an option that the schedule does not have.
    """
    if name == "reduce_lr_on_plateau":
        raise waits_for_evaluations()
    if name not in SCHEDULES:
        raise unknown(N_("the schedule {name!r} is unknown{near}; known: {known}"), name, SCHEDULES)
    factor = SCHEDULES[name]
    try:
        factor(0, num_warmup_steps, num_training_steps, **options)
    except TypeError:
        known = factor.__code__.co_varnames[3 : factor.__code__.co_argcount]
        raise spoken(
            TypeError,
            "the schedule {name!r} has no option {options}; it has {known}",
            name=name,
            options=", ".join(map(repr, options)),
            known=", ".join(known) or said("none"),
        ) from None
    return torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: factor(step, num_warmup_steps, num_training_steps, **options)
    )
