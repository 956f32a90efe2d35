"""Checkpointer: writes all that is needed to resume a run as if it had never stopped, and puts it back.

How a folder is written whole, found, checked and deleted is checkpoints.py, which Keras's callbacks use too.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..i18n import gettext as _
from ..i18n import spoken
from ..utils.notices import say
from . import checkpoints, checks, distributed
from .arguments import TrainingArguments
from .callbacks import CallbackHandler, gain, metric_name
from .dataloading import BatchSource
from .resuming import differences
from .rng import get_rng_state, set_rng_state
from .state import TIMES, TrainerState

ARGUMENTS, STATE = "training_args.json", "trainer_state.json"
OPTIMIZER, SCHEDULER = "optimizer.pt", "scheduler.pt"
OF_THIS_RUN = (  # fields of a state that a resumed run has anew: it may be longer, or have other processes
    "max_steps", "num_train_epochs", "logging_steps", "eval_steps", "save_steps", "train_batch_size",
    "is_world_process_zero", "is_local_process_zero",
)  # fmt: skip


@dataclass
class Checkpointer:
    """Saves the parts of a run into folders, and restores them. The state of the run is told with each call."""

    args: TrainingArguments
    accelerator: Any
    source: BatchSource
    model: nn.Module
    model_wrapped: nn.Module  # the same with Accelerate's wrappers around it
    optimizer: torch.optim.Optimizer  # without Accelerate's wrapper
    lr_scheduler: Any
    processing_class: Any
    callbacks: CallbackHandler

    def save(self, state: TrainerState) -> None:
        """Write a checkpoint of this step, whole or not at all, and delete those that are too many."""
        args = self.args
        folder = checkpoints.folder_of(args.output_dir, state.global_step)
        if state.best_global_step == state.global_step:
            state.best_model_checkpoint = str(folder)
        if not math.isfinite(state.loss_sum):
            raise checks.not_finite(float("nan"), state.global_step, state.epoch, None, args.output_dir)
        state.train_rows = self.source.fingerprint
        state.callback_states = self.callbacks.state_dict()
        weights = distributed.full_weights(self.accelerator, self.model_wrapped)
        optimizer = distributed.full_optimizer_state(self.accelerator, self.model_wrapped, self.optimizer)
        rng_states = distributed.gather(self.accelerator, [get_rng_state()])

        def write_files(temporary: Path) -> None:
            write_model(temporary, self.model, weights, self.processing_class, args)
            state.save_to_json(temporary / STATE)
            if not args.save_only_model:
                torch.save(optimizer, temporary / OPTIMIZER)
                torch.save(self._schedule_state(), temporary / SCHEDULER)
                for process, rng_state in enumerate(rng_states):
                    torch.save(rng_state, temporary / _rng_file(process))

        if self.accelerator.is_main_process:
            checkpoints.write(folder, write_files)
            checkpoints.prune(folder, args.save_total_limit, state.best_model_checkpoint)
        self.accelerator.wait_for_everyone()

    def resume(self, checkpoint: Path, new: TrainerState) -> TrainerState:
        """Put optimizer, schedule, callbacks and random number generators back, and return the state that was saved,
        with those fields of `new` that belong to this run. The weights are loaded already."""
        missing = [name for name in (OPTIMIZER, SCHEDULER, STATE) if not (checkpoint / name).is_file()]
        if missing:
            raise spoken(
                checkpoints.CheckpointError,
                "the checkpoint {checkpoint!r} has no {missing}: with save_only_model=True nothing is kept to "
                "resume from; start a new run from its weights (from_pretrained)",
                checkpoint=str(checkpoint),
                missing=", ".join(missing),
            )
        saved = TrainerState.load_from_json(checkpoint / STATE)
        if new.is_world_process_zero:
            for line in differences(saved, _arguments_in(checkpoint), new, self.args, self.source.fingerprint):
                say(line)
        for name in OF_THIS_RUN:
            setattr(saved, name, getattr(new, name))
        if saved.best_model_checkpoint and not Path(saved.best_model_checkpoint).is_dir():  # the folder was moved
            saved.best_model_checkpoint = str(checkpoint.parent / Path(saved.best_model_checkpoint).name)
        self.callbacks.load_state_dict(saved.callback_states)
        optimizer = checkpoints.load_state(checkpoint / OPTIMIZER)
        distributed.load_optimizer_state(self.accelerator, self.model_wrapped, self.optimizer, optimizer)
        schedule = checkpoints.load_state(checkpoint / SCHEDULER)
        self.lr_scheduler.load_state_dict(schedule["scheduler"])
        if "scaler" in schedule and self.accelerator.scaler is not None:
            self.accelerator.scaler.load_state_dict(schedule["scaler"])
        rng_file = checkpoint / _rng_file(self.accelerator.process_index)
        if rng_file.is_file():  # absent when the run is resumed with more processes
            set_rng_state(checkpoints.load_state(rng_file))
        return saved

    def remember_best(self, metrics: Mapping[str, float], state: TrainerState) -> bool:
        """Note the model of this step if it is the best so far; true if that one is to be kept."""
        args = self.args
        if args.metric_for_best_model is None:
            return False
        name = metric_name(args)
        if name not in metrics:
            raise spoken(
                KeyError,
                "metric_for_best_model is {metric_for_best_model!r}, but the evaluation gave {names}",
                metric_for_best_model=args.metric_for_best_model,
                names=", ".join(each for each in metrics if not each.endswith(TIMES)),
            )
        value = metrics[name]
        if not isinstance(value, int | float):
            raise spoken(
                TypeError,
                "metric_for_best_model is {metric_for_best_model!r}, which is {value!r}; models are compared by one "
                "number",
                metric_for_best_model=args.metric_for_best_model,
                value=value,
            )
        if not math.isfinite(value) and state.is_world_process_zero:
            say(
                _(
                    "{name} is {value} after step {step}, so this model is not the best one",
                    name=name,
                    value=value,
                    step=state.global_step,
                )
            )
        if gain(value, state.best_metric, bool(args.greater_is_better)) <= 0:
            return False
        state.best_metric, state.best_global_step = value, state.global_step
        return args.save_strategy == "best" or args.load_best_model_at_end

    def load_best(self, state: TrainerState) -> None:
        """Give the model the weights of the best checkpoint, if there is one."""
        if state.best_model_checkpoint is None:
            if state.is_world_process_zero and state.global_step:
                say(
                    _(
                        "no evaluation had a number for {name}, so there is no best model to load; this is the last "
                        "one",
                        name=metric_name(self.args),
                    )
                )
        else:
            model = self.model_wrapped if distributed.is_sharded(self.accelerator) else self.model
            distributed.load_weights(self.accelerator, model, Path(state.best_model_checkpoint))

    def _schedule_state(self) -> dict[str, Any]:
        values = {"scheduler": self.lr_scheduler.state_dict()}
        if self.accelerator.scaler is not None:
            values["scaler"] = self.accelerator.scaler.state_dict()
        return values


def write_model(
    folder: Path, model: nn.Module, weights: dict[str, Tensor] | None, processing_class: Any, args: TrainingArguments
) -> None:
    """Model, tokenizer and arguments into a folder; `weights` are all of them where the model holds only a part."""
    checkpoints.save_weights(model, folder, weights)
    if processing_class is not None:
        processing_class.save_pretrained(folder)
    args.save_to_json(folder / ARGUMENTS)


def _arguments_in(checkpoint: Path) -> dict[str, Any]:
    """The arguments of a checkpoint's run; none where they cannot be read."""
    try:
        found: dict[str, Any] = json.loads((checkpoint / ARGUMENTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _rng_file(process: int) -> str:
    return f"rng_state_{process}.pth"
