"""Checkpoints of a run: all that is needed to go on from it as if it had never stopped, and the way back."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from ..core.weights import SAFETENSORS
from ..i18n import gettext as _
from ..utils.notices import say
from . import checkpoints, checks
from .arguments import TrainingArguments
from .callbacks import CallbackHandler
from .rng import get_rng_state, set_rng_state
from .state import TrainerState

ARGUMENTS, STATE = "training_args.json", "trainer_state.json"
OPTIMIZER, SCHEDULER = "optimizer.pt", "scheduler.pt"


class Saving:
    """The part of Trainer that writes checkpoints and resumes from them."""

    args: TrainingArguments
    state: TrainerState
    accelerator: Any
    model: nn.Module
    model_wrapped: nn.Module
    lr_scheduler: Any
    processing_class: Any
    callback_handler: CallbackHandler
    _plain_optimizer: torch.optim.Optimizer  # without Accelerate's wrapper
    _loss_sum: Tensor  # of the steps since the last log

    if TYPE_CHECKING:

        def _call(self, event: str) -> None: ...

    def _save_checkpoint(self) -> None:
        """Write everything from which this run can go on, whole or not at all."""
        state, args = self.state, self.args
        folder = checkpoints.folder_of(args.output_dir, state.global_step)
        is_best = state.best_global_step == state.global_step
        if is_best:
            state.best_model_checkpoint = str(folder)
        if not torch.isfinite(self._loss_sum):
            raise checks.not_finite(float("nan"), state.global_step, state.epoch, None, args.output_dir)
        state.loss_sum = float(self._loss_sum)
        state.callback_states = self.callback_handler.state_dict()
        weights, optimizer = self._whole_weights(), self._whole_optimizer()
        chances = self._gather([get_rng_state()])

        def fill(temporary: Path) -> None:
            self._write_model(temporary, weights)
            state.save_to_json(temporary / STATE)
            if not args.save_only_model:
                torch.save(optimizer, temporary / OPTIMIZER)
                torch.save(self._schedule_state(), temporary / SCHEDULER)
                for process, chance in enumerate(chances):
                    torch.save(chance, temporary / _chance_file(process))

        if self.accelerator.is_main_process:
            checkpoints.write(folder, fill)
            checkpoints.prune(folder, args.save_total_limit, state.best_model_checkpoint)
        self.accelerator.wait_for_everyone()
        self._call("on_save")

    def _schedule_state(self) -> dict[str, Any]:
        values = {"scheduler": self.lr_scheduler.state_dict()}
        if self.accelerator.scaler is not None:
            values["scaler"] = self.accelerator.scaler.state_dict()
        return values

    def _resume(self, checkpoint: Path) -> None:
        """Put optimizer, schedule, state and chance back to where they were; the weights are loaded already."""
        missing = [name for name in (OPTIMIZER, SCHEDULER, STATE) if not (checkpoint / name).is_file()]
        if missing:
            raise checkpoints.CheckpointError(
                f"the checkpoint {str(checkpoint)!r} has no {', '.join(missing)}: with save_only_model=True nothing is "
                "kept to resume from; start a new run from its weights (from_pretrained)"
            )
        saved = TrainerState.load_from_json(checkpoint / STATE)
        if saved.epoch_step and saved.train_batch_size != self.state.train_batch_size:
            say(
                _(
                    "the checkpoint comes from a run with {old} rows for each update, this one has {new}: until the "
                    "epoch ends, some rows are read twice or not at all",
                    old=saved.train_batch_size,
                    new=self.state.train_batch_size,
                )
            )
        for name in ("max_steps", "num_train_epochs", "logging_steps", "eval_steps", "save_steps", "train_batch_size"):
            setattr(saved, name, getattr(self.state, name))  # those of this run: it may be longer
        saved.is_world_process_zero = self.accelerator.is_main_process
        saved.is_local_process_zero = self.accelerator.is_local_main_process
        if saved.best_model_checkpoint and not Path(saved.best_model_checkpoint).is_dir():  # the folder was moved
            saved.best_model_checkpoint = str(checkpoint.parent / Path(saved.best_model_checkpoint).name)
        self.state = saved
        self._loss_sum.fill_(saved.loss_sum)
        self.callback_handler.load_state_dict(saved.callback_states)
        self._load_optimizer(checkpoints.load_state(checkpoint / OPTIMIZER))
        schedule = checkpoints.load_state(checkpoint / SCHEDULER)
        self.lr_scheduler.load_state_dict(schedule["scheduler"])
        if "scaler" in schedule and self.accelerator.scaler is not None:
            self.accelerator.scaler.load_state_dict(schedule["scaler"])
        chance = checkpoint / _chance_file(self.accelerator.process_index)
        if chance.is_file():  # absent when the run goes on with more processes
            set_rng_state(checkpoints.load_state(chance))

    def _gather(self, items: list[Any]) -> list[Any]:
        """The items of all processes, in their order."""
        if self.accelerator.num_processes == 1:
            return items
        from accelerate.utils import gather_object

        return gather_object(items)

    # With FSDP each process holds a part of the weights and of the optimizer's state; files hold the whole, so that a
    # checkpoint loads anywhere. torch puts the parts together and takes them apart.

    @property
    def _is_sharded(self) -> bool:
        return self.accelerator.distributed_type.value == "FSDP"

    def _whole_weights(self) -> dict[str, Tensor] | None:
        """All weights, on the main process; None where the model has them itself."""
        if not self._is_sharded:
            return None
        from torch.distributed.checkpoint.state_dict import get_model_state_dict

        return get_model_state_dict(self.model_wrapped, options=_whole())

    def _load_weights(self, checkpoint: Path) -> None:
        """Give the model, which may be in parts by now, the weights of a checkpoint."""
        if not self._is_sharded:
            checkpoints.load_weights(self.model, checkpoint)
            return
        from safetensors.torch import load_file
        from torch.distributed.checkpoint.state_dict import StateDictOptions, set_model_state_dict

        weights = load_file(checkpoint / SAFETENSORS)
        # Shared matrices are in a file once, under one of their names: strict would miss the others.
        set_model_state_dict(self.model_wrapped, weights, options=StateDictOptions(full_state_dict=True, strict=False))

    def _whole_optimizer(self) -> dict[str, Any]:
        if not self._is_sharded:
            return self._plain_optimizer.state_dict()
        from torch.distributed.checkpoint.state_dict import get_optimizer_state_dict

        return get_optimizer_state_dict(self.model_wrapped, self._plain_optimizer, options=_whole())

    def _load_optimizer(self, values: dict[str, Any]) -> None:
        if not self._is_sharded:
            self._plain_optimizer.load_state_dict(values)
            return
        from torch.distributed.checkpoint.state_dict import set_optimizer_state_dict

        set_optimizer_state_dict(self.model_wrapped, self._plain_optimizer, values, options=_whole())

    def _write_model(self, folder: Path, weights: dict[str, Tensor] | None) -> None:
        """Model, tokenizer and arguments into a folder."""
        checkpoints.save_weights(self.model, folder, weights)
        if self.processing_class is not None:
            self.processing_class.save_pretrained(folder)
        self.args.save_to_json(folder / ARGUMENTS)


def _chance_file(process: int) -> str:
    return f"rng_state_{process}.pth"


def _whole() -> Any:
    from torch.distributed.checkpoint.state_dict import StateDictOptions

    return StateDictOptions(full_state_dict=True, cpu_offload=True)
