"""What Accelerate knows of this machine, and state dicts of models that several processes hold in parts (FSDP).

Files hold the whole, so that a checkpoint loads anywhere: torch puts the parts together and takes them apart.
"""

import atexit
import gc
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..i18n import spoken
from . import checkpoints
from .arguments import TrainingArguments


def make_accelerator(args: TrainingArguments) -> Any:
    """Accelerate's idea of this machine: device, precision, processes. A notebook may make several Trainers."""
    # Before there is a group: default arguments in this module take hold of the group that is there when it is
    # imported, later on by torch itself, and what is held does not end.
    import torch.distributed.nn.functional
    from accelerate import Accelerator
    from accelerate.state import AcceleratorState
    from accelerate.utils import DistributedDataParallelKwargs

    cpu = args.use_cpu or not torch.accelerator.is_available()  # said, or several processes would not find each other
    if args.fp16 and cpu:
        raise spoken(ValueError, "fp16=True needs a GPU; on a CPU bf16=True does what you want")
    precision = "bf16" if args.bf16 else "fp16" if args.fp16 else None  # None: as `accelerate launch` was told, or none
    known = AcceleratorState._shared_state
    if known and (precision or "no") != known.get("_mixed_precision"):
        AcceleratorState._reset_state()  # it would refuse another precision; transformers does the same
    options = DistributedDataParallelKwargs(find_unused_parameters=bool(args.ddp_find_unused_parameters))
    accelerator = Accelerator(cpu=cpu, mixed_precision=precision, kwargs_handlers=[options])
    if accelerator.num_processes > 1:
        atexit.register(_leave_group)
    return accelerator


def _leave_group() -> None:
    """End the group and its threads: one that lets go of a tensor after Python's end would abort the process."""
    if torch.distributed.is_initialized():
        gc.collect()  # models in cycles of references would keep the groups alive
        torch.distributed.destroy_process_group()
        time.sleep(0.1)  # caches of torch keep the groups of FSDP alive: what their threads still hold, they let go of


def prepare(accelerator: Any, model: nn.Module, optimizer: torch.optim.Optimizer) -> tuple[nn.Module, Any]:
    """Model and optimizer as they are trained, with Accelerate's wrappers: the model has one in several processes."""
    if accelerator.distributed_type.value == "NO":
        return model, accelerator.prepare_optimizer(optimizer)
    return accelerator.prepare(model, optimizer)  # together, because FSDP puts parts of the weights into both


def gather(accelerator: Any, items: list[Any]) -> list[Any]:
    """The items of all processes, in their order."""
    if accelerator.num_processes == 1:
        return items
    from accelerate.utils import gather_object

    return gather_object(items)


def total(accelerator: Any, count: float) -> float:
    """The sum of a number over all processes."""
    if accelerator.num_processes == 1:
        return count
    return float(accelerator.reduce(torch.tensor(count, device=accelerator.device), "sum").item())


def is_sharded(accelerator: Any) -> bool:
    """Whether each process holds a part of the weights and of the optimizer's state."""
    return accelerator.distributed_type.value == "FSDP"


def full_weights(accelerator: Any, model: nn.Module) -> dict[str, Tensor] | None:
    """All weights of a sharded model, on the main process; None where the model has them itself."""
    if not is_sharded(accelerator):
        return None
    from torch.distributed.checkpoint.state_dict import get_model_state_dict

    weights: dict[str, Any] = get_model_state_dict(model, options=_full())
    return weights


def load_weights(accelerator: Any, model: nn.Module, checkpoint: Path) -> None:
    """Give a model, which may be sharded, the weights of a checkpoint."""
    if not is_sharded(accelerator):
        checkpoints.load_weights(model, checkpoint)
        return
    from torch.distributed.checkpoint.state_dict import StateDictOptions, set_model_state_dict

    weights: dict[str, Any] = checkpoints.read_weights(model, checkpoint)
    # Shared matrices are in a file once, under one of their names: strict would miss the others.
    set_model_state_dict(model, weights, options=StateDictOptions(full_state_dict=True, strict=False))


def full_optimizer_state(accelerator: Any, model: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    """The state of the optimizer of a model, which may be sharded."""
    if not is_sharded(accelerator):
        return optimizer.state_dict()
    from torch.distributed.checkpoint.state_dict import get_optimizer_state_dict

    return get_optimizer_state_dict(model, optimizer, options=_full())


def load_optimizer_state(
    accelerator: Any, model: nn.Module, optimizer: torch.optim.Optimizer, values: dict[str, Any]
) -> None:
    """The same, back."""
    if not is_sharded(accelerator):
        optimizer.load_state_dict(values)
        return
    from torch.distributed.checkpoint.state_dict import set_optimizer_state_dict

    set_optimizer_state_dict(model, optimizer, values, options=_full())


def _full() -> Any:
    from torch.distributed.checkpoint.state_dict import StateDictOptions

    return StateDictOptions(full_state_dict=True, cpu_offload=True)
