"""Callbacks: code that the Trainer calls at every turn of a run, to watch it or to ask it to stop, save or evaluate."""

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..i18n import spoken
from ..utils.errors import did_you_mean, need
from .arguments import TrainingArguments
from .state import TrainerControl, TrainerState

EVENTS = (
    "on_init_end", "on_train_begin", "on_epoch_begin", "on_step_begin", "on_substep_end", "on_pre_optimizer_step",
    "on_optimizer_step", "on_step_end", "on_log", "on_evaluate", "on_prediction_step", "on_predict", "on_save",
    "on_epoch_end", "on_train_end",
)  # fmt: skip


class TrainerCallback:
    """Base of all callbacks: override what you want to see.

    Every method gets the arguments, the state and the control of the run, and by keyword what belongs to the event:
    `model`, `processing_class`, `optimizer`, `lr_scheduler`, `train_dataloader`, `eval_dataloader`, `logs` (on_log),
    `metrics` (on_evaluate, on_predict). What is returned is ignored: set the switches of `control`.

        class StopAtHundred(TrainerCallback):
            def on_step_end(self, args, state, control, **kwargs):
                control.should_training_stop = state.global_step >= 100
    """

    def on_init_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """The Trainer has been made."""

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """All is ready, no step was made."""

    def on_epoch_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """A pass over the data begins."""

    def on_step_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Before the first batch of an update."""

    def on_substep_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """After a batch whose gradients are only added up."""

    def on_pre_optimizer_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """The gradients are there, and clipped; the weights are still the old ones."""

    def on_optimizer_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """The weights are new, the gradients are still there."""

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """After an update."""

    def on_log(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """`logs` was added to state.log_history."""

    def on_evaluate(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """`metrics` of an evaluation are there."""

    def on_prediction_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """After a batch of an evaluation."""

    def on_predict(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """`metrics` of a prediction are there."""

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """A checkpoint was written whole."""

    def on_epoch_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """A pass over the data is over."""

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Always the last, also after an error or an interruption."""

    # What a callback remembers travels in checkpoints.

    def state_dict(self) -> dict[str, Any]:
        """Plain data to find again after a run is resumed."""
        return {}

    def load_state_dict(self, values: dict[str, Any]) -> None:
        """The same, back."""


class CallbackHandler:
    """Calls all callbacks of a Trainer, in the order in which they were added."""

    def __init__(self, callbacks: Iterable[Any]) -> None:
        self.callbacks: list[TrainerCallback] = []
        for callback in callbacks:
            self.add(callback)

    def add(self, callback: Any) -> None:
        """A callback, or a class of callbacks."""
        made = callback() if isinstance(callback, type) else callback
        if not isinstance(made, TrainerCallback):
            raise spoken(
                TypeError,
                "a callback is a TrainerCallback or a subclass of it, got {made_kind}",
                made_kind=type(made).__name__,
            )
        for name in dir(made):
            if name.startswith("on_") and name not in EVENTS:  # it would never be called, and nobody would know
                raise spoken(
                    ValueError,
                    "{made_kind} has {name}{near}; no event has this name",
                    made_kind=type(made).__name__,
                    name=name,
                    near=did_you_mean(name, EVENTS),
                )
        self.callbacks.append(made)

    def remove(self, callback: Any) -> TrainerCallback | None:
        """Take out the callback, or the first of this class, and give it back."""
        for each in self.callbacks:
            if each is callback or (isinstance(callback, type) and type(each) is callback):
                self.callbacks.remove(each)
                return each
        return None

    def call(
        self, event: str, args: TrainingArguments, state: TrainerState, control: TrainerControl, **extra: Any
    ) -> None:
        for callback in self.callbacks:
            getattr(callback, event)(args, state, control, **extra)

    def state_dict(self) -> dict[str, dict[str, Any]]:
        found = {type(each).__name__: each.state_dict() for each in self.callbacks}
        return {name: values for name, values in found.items() if values}

    def load_state_dict(self, states: dict[str, dict[str, Any]]) -> None:
        for each in self.callbacks:
            if type(each).__name__ in states:
                each.load_state_dict(states[type(each).__name__])


class FlowCallback(TrainerCallback):
    """The plan of every run: when to log, evaluate, save and stop, as the arguments say. The Trainer adds it itself."""

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        step = state.global_step
        if args.logging_strategy == "steps":
            control.should_log |= step % state.logging_steps == 0 or (step == 1 and args.logging_first_step)
        if args.eval_strategy == "steps":
            control.should_evaluate |= step % state.eval_steps == 0
        if args.save_strategy == "steps":
            control.should_save |= step % state.save_steps == 0
        if step >= state.max_steps:
            control.should_training_stop = True
            control.should_save |= args.save_strategy == "steps"  # the end of a run is worth keeping
            control.should_evaluate |= args.eval_strategy == "steps" and args.load_best_model_at_end

    def on_epoch_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        control.should_log |= args.logging_strategy == "epoch"
        control.should_evaluate |= args.eval_strategy == "epoch"
        control.should_save |= args.save_strategy == "epoch"


class EarlyStoppingCallback(TrainerCallback):
    """Stops when `args.metric_for_best_model` has not become better in so many evaluations.

    Args:
        early_stopping_patience: evaluations without progress until the run stops.
        early_stopping_threshold: how much better counts as progress.
    """

    def __init__(self, early_stopping_patience: int = 1, early_stopping_threshold: float = 0.0) -> None:
        if early_stopping_patience < 1:
            raise spoken(
                ValueError,
                "early_stopping_patience is {early_stopping_patience!r}, expected at least 1",
                early_stopping_patience=early_stopping_patience,
            )
        self.patience, self.threshold = early_stopping_patience, early_stopping_threshold
        self.best: float | None = None
        self.waited = 0

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        if args.eval_strategy == "no":
            raise spoken(ValueError, "EarlyStoppingCallback needs evaluations; set eval_strategy='epoch' (or 'steps')")
        if args.metric_for_best_model is None:
            raise spoken(
                ValueError,
                "EarlyStoppingCallback needs a metric to watch; set metric_for_best_model='loss' (or one of yours)",
            )
        if state.global_step == 0:
            self.best, self.waited = None, 0

    def on_evaluate(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        value = kwargs["metrics"].get(metric_name(args))
        if not isinstance(value, int | float):  # the evaluation of another dataset
            return
        if gain(value, self.best, bool(args.greater_is_better)) > self.threshold:
            self.best, self.waited = value, 0
        else:
            self.waited += 1
            control.should_training_stop |= self.waited >= self.patience

    def state_dict(self) -> dict[str, Any]:
        return {"best": self.best, "waited": self.waited}

    def load_state_dict(self, values: dict[str, Any]) -> None:
        self.best, self.waited = values["best"], values["waited"]  # nan in checkpoints of former versions


class TensorBoardCallback(TrainerCallback):
    """Writes logs, arguments and configuration for TensorBoard: `tensorboard --logdir <output_dir>/runs`."""

    def __init__(self) -> None:
        need("tensorboard", "report_to='tensorboard'", "all")
        self.writer: Any = None

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        if state.is_world_process_zero:
            from torch.utils.tensorboard import SummaryWriter

            self.writer = SummaryWriter(
                args.logging_dir or str(Path(args.output_dir) / "runs"), purge_step=state.global_step + 1
            )
            self.writer.add_text("arguments", json.dumps(args.to_dict(), indent=2))
            config = getattr(kwargs.get("model"), "config", None)
            if config is not None:
                self.writer.add_text("configuration", json.dumps(config.to_dict(), indent=2, default=str))

    def on_log(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        if self.writer is None:
            return
        for name, value in kwargs["logs"].items():
            if isinstance(value, int | float):
                room, own = ("eval", name.removeprefix("eval_")) if name.startswith("eval_") else ("train", name)
                self.writer.add_scalar(f"{room}/{own}", value, state.global_step)
        self.writer.flush()

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        if self.writer is not None:
            self.writer.close()
            self.writer = None


def metric_name(args: TrainingArguments) -> str:
    """The name that an evaluation gives to the metric by which models are compared: "eval_loss"."""
    name = args.metric_for_best_model or "loss"
    return name if name.startswith("eval_") else f"eval_{name}"


def gain(value: float, best: float | None, greater_is_better: bool) -> float:
    """By how much a metric is better than the best so far. What is nan or infinite is never better: nan compares false
    with every number, so once taken for the best it would stay so."""
    if not math.isfinite(value):
        return -math.inf
    if best is None or not math.isfinite(best):
        return math.inf
    return value - best if greater_is_better else best - value
