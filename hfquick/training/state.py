"""What a run of the Trainer knows, what callbacks may ask of it, and what it returns."""

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ..utils.files import write_json
from .arguments import TrainingArguments, steps_of

TIMES = ("_runtime", "_per_second")  # ends of names of metrics that differ from run to run


@dataclass
class TrainerState:
    """Where a run stands. It is written into every checkpoint."""

    global_step: int = 0  # updates of the weights so far
    max_steps: int = 0  # updates when the run is over
    epoch: float = 0.0  # passes over the data so far, 1.5 in the middle of the second
    epoch_number: int = 0  # of the pass that is going on, from 0
    epoch_step: int = 0  # updates made in it
    num_train_epochs: int = 0
    logging_steps: int = 0  # as whole numbers of steps, whatever the arguments had
    eval_steps: int = 0
    save_steps: int = 0
    train_batch_size: int = 0  # rows of one update, over all devices
    train_rows: dict[str, Any] = field(default_factory=dict)  # how many rows there are, and a digest of some
    log_history: list[dict[str, float]] = field(default_factory=list)
    best_metric: float | None = None
    best_global_step: int | None = None
    best_model_checkpoint: str | None = None
    loss_sum: float = 0.0  # of the steps since the last log
    loss_steps: int = 0
    total_loss: float = 0.0  # of all steps that were logged
    skipped_steps: int = 0  # updates that left the weights as they were, since none of their labels counted
    is_local_process_zero: bool = True
    is_world_process_zero: bool = True
    callback_states: dict[str, dict[str, Any]] = field(default_factory=dict)  # what callbacks remember

    @classmethod
    def of_process(cls, accelerator: Any) -> "TrainerState":
        """A new state, which knows whether this process is the one that speaks."""
        return cls(
            is_world_process_zero=accelerator.is_main_process,
            is_local_process_zero=accelerator.is_local_main_process,
        )

    def plan(self, args: TrainingArguments, max_steps: int, epochs: int, processes: int) -> None:
        """Say how long the run is, and every how many of its steps something is done."""
        self.max_steps, self.num_train_epochs = max_steps, epochs
        self.logging_steps = steps_of(args.logging_steps, max_steps)
        self.eval_steps = steps_of(args.eval_steps or args.logging_steps, max_steps)
        self.save_steps = steps_of(args.save_steps, max_steps)
        self.train_batch_size = args.per_device_train_batch_size * args.gradient_accumulation_steps * processes

    def save_to_json(self, path: str | Path) -> None:
        write_json(path, dataclasses.asdict(self), allow_nan=True)  # a loss may be NaN

    @classmethod
    def load_from_json(cls, path: str | Path) -> "TrainerState":
        """The state in a checkpoint; fields of later versions are ignored."""
        values = json.loads(Path(path).read_text(encoding="utf-8"))
        known = {each.name for each in dataclasses.fields(cls)}
        return cls(**{name: value for name, value in values.items() if name in known})


@dataclass
class TrainerControl:
    """What the loop does next. Callbacks set these switches; the loop clears them."""

    should_training_stop: bool = False
    should_epoch_stop: bool = False
    should_log: bool = False
    should_evaluate: bool = False
    should_save: bool = False

    def clear(self) -> None:
        """The switches of one step, off."""
        self.should_log = self.should_evaluate = self.should_save = False


class Metrics(dict):
    """Name -> number. Shown with four digits and without times, so that a notebook looks the same in every run."""

    def __repr__(self) -> str:
        shown = {
            name: round(value, 4) if isinstance(value, float) else value
            for name, value in self.items()
            if not name.endswith(TIMES)
        }
        return repr(shown)


class TrainOutput(NamedTuple):
    """What `train` returns."""

    global_step: int
    training_loss: float  # mean over all steps
    metrics: Metrics  # with the times

    def __repr__(self) -> str:
        return f"TrainOutput(global_step={self.global_step}, training_loss={self.training_loss:.2f})"


@dataclass(repr=False)
class EvalPrediction:
    """What `compute_metrics` gets: NumPy arrays, one row per row of the dataset, in its order.

    Can be unpacked: `predictions, label_ids = prediction`. With several outputs (start and end of an answer) both are
    tuples of arrays. Rows of different length are padded with -100.
    """

    predictions: Any
    label_ids: Any

    def __iter__(self) -> Iterator[Any]:
        return iter((self.predictions, self.label_ids))

    def __getitem__(self, index: int) -> Any:
        return (self.predictions, self.label_ids)[index]

    def __repr__(self) -> str:
        return f"{type(self).__name__}(predictions={_shape(self.predictions)}, label_ids={_shape(self.label_ids)})"


class PredictionOutput(NamedTuple):
    """What `predict` returns: arrays as in EvalPrediction, and metrics if there were labels."""

    predictions: Any
    label_ids: Any
    metrics: Metrics

    def __repr__(self) -> str:
        return (
            f"PredictionOutput(predictions={_shape(self.predictions)}, label_ids={_shape(self.label_ids)}, "
            f"metrics={self.metrics!r})"
        )


def _shape(arrays: Any) -> str:
    if isinstance(arrays, tuple):
        return f"({', '.join(map(_shape, arrays))})"
    return "None" if arrays is None else f"array{arrays.shape}"
