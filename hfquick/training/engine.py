"""What the Trainer's loop stands on: making a run ready, what surrounds each update, evaluation, callbacks.

Nothing in here is meant to be overridden; what is stands in trainer.py. Checkpoints are saving.py, rows are feeding.py.
"""

import atexit
import gc
import inspect
import math
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..cpu.speed_up import speed_up
from ..i18n import gettext as _
from ..utils.notices import say
from . import checkpoints, checks, evaluation
from .arguments import TrainingArguments, steps_of
from .arrays import FILL
from .batches import BatchLoader
from .callbacks import metric_name
from .dataloading import Feeding
from .rng import fork_rng, seed_all
from .saving import Saving
from .state import TIMES, EvalPrediction, Metrics, PredictionOutput, TrainerControl, TrainerState, TrainOutput


class Engine(Saving, Feeding):
    """The inner half of Trainer."""

    model_init: Callable[[], nn.Module] | None
    optimizer: Any
    label_names: list[str]
    compute_metrics: Callable[[EvalPrediction], dict[str, float]] | None
    control: TrainerControl
    _given_optimizers: tuple[Any, Any]

    if TYPE_CHECKING:  # the methods of Trainer that are called from here

        def get_train_dataloader(self) -> Any: ...
        def create_optimizer_and_scheduler(self, num_training_steps: int) -> None: ...
        def prediction_step(
            self, model: nn.Module, inputs: Any, prediction_loss_only: bool, ignore_keys: Any
        ) -> Any: ...
        def evaluate(self) -> Metrics: ...
        def log(self, logs: dict[str, float]) -> None: ...

    # A run: its beginning and its end

    def _prepare(self, checkpoint: Path | None) -> None:
        """Loader, optimizer, schedule and state for `train`, from the beginning or as they were at a checkpoint."""
        args, accelerator = self.args, self.accelerator
        checks.check_trainable(self.model)
        if args.gradient_checkpointing:
            self._checkpoint_gradients()
        if checkpoint is not None:
            checkpoints.load_weights(self.model, checkpoint)
        speed_up(self.model)
        self._place()
        self.model.zero_grad()  # an interrupted run, or a loop of the user's own, may have left gradients
        self._train_loader = self.get_train_dataloader()
        if accelerator.num_processes > 1 and not hasattr(self._train_loader, "set_epoch"):
            self._train_loader = accelerator.prepare_data_loader(self._train_loader)  # a loader of the user's own
        self.state = self._new_state()
        self._count_steps()
        self.control = TrainerControl()
        self._loss_sum = torch.zeros((), dtype=torch.float64, device=self._sum_device)
        self._grad_norm: Any = None
        self._rows_seen = 0  # by this process; a loader of the user's own may give batches of any size

        self.optimizer, self.lr_scheduler = self._given_optimizers
        self.create_optimizer_and_scheduler(self.state.max_steps)
        self._plain_optimizer = self.optimizer
        if accelerator.distributed_type.value == "NO":
            self.optimizer = accelerator.prepare_optimizer(self.optimizer)
        else:  # together, because FSDP puts parts of the weights into both
            self.model_wrapped, self.optimizer = accelerator.prepare(self.model, self.optimizer)
        if checkpoint is not None:
            self._resume(checkpoint)

    def _count_steps(self) -> None:
        """How many updates there are in an epoch and in the run."""
        args, state, loader = self.args, self.state, self._train_loader
        length = len(loader) if hasattr(loader, "__len__") else None
        if length is None:
            if args.max_steps <= 0:
                raise ValueError("a stream of rows has no length, so it must be said how long to train: max_steps=1000")
            self._updates, state.max_steps = args.max_steps, args.max_steps
            state.num_train_epochs = args.max_steps  # a stream may be short: it is read again, as often as needed
        else:
            if length == 0:
                raise ValueError("the training data gives no batch; is dataloader_drop_last=True with too few rows?")
            self._updates = math.ceil(length / args.gradient_accumulation_steps)
            if args.max_steps > 0:
                state.max_steps, epochs = args.max_steps, math.ceil(args.max_steps / self._updates)
            else:
                state.max_steps = math.ceil(args.num_train_epochs * self._updates)
                epochs = math.ceil(args.num_train_epochs)
            state.num_train_epochs = epochs
        state.logging_steps = steps_of(args.logging_steps, state.max_steps)
        state.eval_steps = steps_of(args.eval_steps or args.logging_steps, state.max_steps)
        state.save_steps = steps_of(args.save_steps, state.max_steps)
        rows = args.per_device_train_batch_size * args.gradient_accumulation_steps
        state.train_batch_size = rows * self.accelerator.num_processes

    def _finish(self, seconds: float, first: int) -> TrainOutput:
        """The best model and the last numbers, at the end of a run that ended well. `first`: steps made before it."""
        args, state = self.args, self.state
        if state.best_model_checkpoint is not None and args.load_best_model_at_end:
            self._load_weights(Path(state.best_model_checkpoint))
        rest = self._mean_loss() * state.loss_steps if state.loss_steps else 0.0
        steps = state.global_step - first
        metrics = Metrics(
            train_runtime=seconds,
            train_samples_per_second=self._rows_seen * self.accelerator.num_processes / seconds,
            train_steps_per_second=steps / seconds,
            train_loss=(state.total_loss + rest) / max(1, state.global_step),
        )
        self.log(metrics)
        return TrainOutput(state.global_step, metrics["train_loss"], metrics)

    def _release(self) -> None:
        """Take off what Accelerate put around the model; always, so that an interrupted trainer can be used."""
        self.model = self.accelerator.unwrap_model(self.model_wrapped, keep_fp32_wrapper=False)
        self.model_wrapped = self.model
        self.model.eval()
        self.accelerator.free_memory()
        self._train_loader = None

    # Around each update

    def _batches_of(self, epoch: int, start: int) -> Iterator[Any]:
        """The batches of an epoch from batch `start` on."""
        loader = self._train_loader
        if hasattr(loader, "set_epoch"):
            if "start" in inspect.signature(loader.set_epoch).parameters:
                loader.set_epoch(epoch, start)
                return iter(loader)
            loader.set_epoch(epoch)
        with fork_rng(self.args.seed, epoch):  # a loader of the user's own shuffles when it gives its first batch
            batches = iter(loader)
            first = list(islice(batches, start, start + 1))
        return chain(first, batches)

    def _data_ended(self) -> None:
        """A pass over the data gave nothing: a stream that can be read once has been read."""
        if self.state.global_step == 0:
            raise ValueError("the training data gave no batch; has the stream ended, or is it empty?")
        say(
            _(
                "the data ended after step {step} of {total}; a stream that shall be read again needs to begin anew",
                step=self.state.global_step,
                total=self.state.max_steps,
            )
        )

    def _shares(self, group: list[Any]) -> list[float]:
        """How much each batch of an update counts: as many labels as it has, so that several equal one large batch."""
        if len(group) == 1:
            return [1.0]
        counts = [self._labels_in(batch) for batch in group]
        total = sum(counts)
        return [count / total for count in counts] if total else [1 / len(group)] * len(group)

    def _labels_in(self, batch: Any) -> int:
        labels = batch.get(self.label_names[0]) if isinstance(batch, Mapping) and self.label_names else None
        if isinstance(labels, Tensor):
            return int((labels != FILL).sum())
        return evaluation.rows_in(batch)

    def _check_loss(self, total: Tensor, group: list[Any]) -> None:
        """Stop at a loss that is no number, before it reaches the weights (on a GPU, where looking takes time, before
        it is logged or saved)."""
        state = self.state
        soon = any((state.global_step + 1) % steps == 0 for steps in (state.logging_steps, state.save_steps))
        if (total.device.type == "cpu" or soon) and not torch.isfinite(total):
            rows = None
            if isinstance(self._train_loader, BatchLoader):
                last = (state.epoch_step + 1) * self.args.gradient_accumulation_steps
                plan = self._train_loader.plan[last - self.args.gradient_accumulation_steps : last]
                rows = np.concatenate(plan).tolist() if plan else None
            if not any(map(self._labels_in, group)):
                raise checks.none_counts(state.global_step + 1, rows)
            raise checks.not_finite(float(total), state.global_step + 1, state.epoch, rows, self.args.output_dir)

    def _prepare_inputs(self, inputs: Any) -> Any:
        """A batch on the device of the model."""
        device = self.accelerator.device
        if device.type != "cpu":
            checks.check_labels(inputs, self.model)
        if isinstance(inputs, Mapping):
            return {name: self._prepare_inputs(value) for name, value in inputs.items()}
        if isinstance(inputs, tuple | list):
            return type(inputs)(self._prepare_inputs(value) for value in inputs)
        return inputs.to(device, non_blocking=self._pin_memory) if isinstance(inputs, Tensor) else inputs

    def _log_evaluate_save(self) -> None:
        """What the switches of `control` ask for."""
        control, state = self.control, self.state
        if control.should_log and state.loss_steps:
            self._log_loss()
        if control.should_evaluate:
            self._evaluate_and_remember()
        if control.should_save:
            self._save_checkpoint()
        control.clear()

    def _log_loss(self) -> None:
        state, mean = self.state, self._mean_loss()
        logs = {"loss": mean, "learning_rate": self.lr_scheduler.get_last_lr()[0]}
        if self._grad_norm is not None:
            logs["grad_norm"] = float(self._grad_norm)
        state.total_loss += mean * state.loss_steps
        self._loss_sum.zero_()
        state.loss_steps = 0
        self.log(logs)

    def _mean_loss(self) -> float:
        """Of the steps since the last log, over all processes."""
        mean = self._loss_sum / self.state.loss_steps
        return float(self.accelerator.reduce(mean, "mean")) if self.accelerator.num_processes > 1 else float(mean)

    def _evaluate_and_remember(self) -> None:
        """Evaluate, and note whether the model is the best so far."""
        args, state = self.args, self.state
        metrics = self.evaluate()
        if args.metric_for_best_model is None:
            return
        name = metric_name(args)
        if name not in metrics:
            raise KeyError(
                f"metric_for_best_model is {args.metric_for_best_model!r}, but the evaluation gave "
                f"{', '.join(each for each in metrics if not each.endswith(TIMES))}"
            )
        value, best = metrics[name], state.best_metric
        if best is None or (value > best if args.greater_is_better else value < best):
            state.best_metric, state.best_global_step = value, state.global_step
            if args.save_strategy == "best" or args.load_best_model_at_end:
                self.control.should_save = True

    # Evaluation

    def _predict_over(
        self, loader: Any, prefix: str, ignore_keys: list[str] | None, only_loss: bool
    ) -> PredictionOutput:
        """Run the model over a loader: predictions, labels and metrics."""
        start = perf_counter()
        self._place()
        model = self.model_wrapped if self._is_sharded else self.model
        model.eval()
        answers = evaluation.evaluate(
            loader,
            lambda batch: self.prediction_step(model, batch, only_loss, ignore_keys),
            lambda: self._call("on_prediction_step", eval_dataloader=loader),
            self._gather,
        )
        loss, predictions, labels, count = answers.in_order()
        metrics = Metrics()
        if loss is not None:
            metrics["loss"] = loss
        if self.compute_metrics is not None and predictions is not None and labels is not None:
            own = self.compute_metrics(EvalPrediction(predictions, labels))
            if not isinstance(own, Mapping):
                raise TypeError(
                    f"compute_metrics returned {own!r}, expected a dict of named numbers: return {{'accuracy': 0.8}}"
                )
            metrics |= own
        seconds = perf_counter() - start
        metrics |= {"runtime": seconds, "samples_per_second": count / seconds if seconds else 0.0}
        named = Metrics(
            {
                name if name.startswith(f"{prefix}_") else f"{prefix}_{name}": _plain(value)
                for name, value in metrics.items()
            }
        )
        return PredictionOutput(predictions, labels, named)

    # Small things

    def _make_model(self) -> nn.Module:
        """A new model from model_init, the same for the same seed."""
        seed_all(self.args.seed)
        assert self.model_init is not None
        return self.model_init().to(self.accelerator.device)

    @property
    def _hub_name(self) -> str:
        """The repository of this run."""
        return self.args.hub_model_id or Path(self.args.output_dir).resolve().name

    def _progress(self) -> list[Any]:
        """What shows the run: a chart in Jupyter, a bar in a terminal, nothing where it is not wanted."""
        if self.args.disable_tqdm or not self.accelerator.is_local_main_process:
            return []
        from .progress import ProgressCallback

        return [ProgressCallback()]

    @property
    def _sum_device(self) -> torch.device:
        device = self.accelerator.device
        return torch.device("cpu") if device.type == "mps" else device  # float64 does not exist there

    def _place(self) -> None:
        if self.model_wrapped is self.model and not self._is_sharded:
            self.model.to(self.accelerator.device)

    def _checkpoint_gradients(self) -> None:
        if not hasattr(self.model, "gradient_checkpointing_enable"):
            raise ValueError(
                f"gradient_checkpointing=True needs a model with gradient_checkpointing_enable(), "
                f"{type(self.model).__name__} has none; leave it out"
            )
        self.model.gradient_checkpointing_enable()

    def _new_state(self) -> TrainerState:
        return TrainerState(
            is_world_process_zero=self.accelerator.is_main_process,
            is_local_process_zero=self.accelerator.is_local_main_process,
        )

    @staticmethod
    def _eval_datasets(given: Any) -> dict[str, Any]:
        """What eval_dataset= was given -> its datasets by name, one without a name."""
        if given is None:
            return {}
        several = isinstance(given, Mapping) and not hasattr(given, "features")
        return dict(given) if several else {"": given}

    def _call(self, event: str, **extra: Any) -> None:
        self.callback_handler.call(
            event,
            self.args,
            self.state,
            self.control,
            model=self.model,
            processing_class=self.processing_class,
            optimizer=self.optimizer,
            lr_scheduler=self.lr_scheduler,
            train_dataloader=self._train_loader,
            **extra,
        )


def make_accelerator(args: TrainingArguments) -> Any:
    """Accelerate's idea of this machine: device, precision, processes. A notebook may make several Trainers."""
    from accelerate import Accelerator
    from accelerate.state import AcceleratorState
    from accelerate.utils import DistributedDataParallelKwargs

    cpu = args.use_cpu or not torch.accelerator.is_available()  # said, or several processes would not find each other
    if args.fp16 and cpu:
        raise ValueError("fp16=True needs a GPU; on a CPU bf16=True does what you want")
    precision = "bf16" if args.bf16 else "fp16" if args.fp16 else None  # None: as `accelerate launch` was told, or none
    known = AcceleratorState._shared_state
    if known and (precision or "no") != known.get("_mixed_precision"):
        AcceleratorState._reset_state()  # it would refuse another precision; transformers does the same
    options = DistributedDataParallelKwargs(find_unused_parameters=args.ddp_find_unused_parameters)
    accelerator = Accelerator(cpu=cpu, mixed_precision=precision, kwargs_handlers=[options])
    if accelerator.num_processes > 1:  # else its threads may outlive Python's end, which aborts the process
        atexit.register(_leave_group)
    return accelerator


def _leave_group() -> None:
    if torch.distributed.is_initialized():
        gc.collect()  # models in cycles of references would keep the groups alive
        torch.distributed.destroy_process_group()


def smooth_loss(logits: Tensor, labels: Tensor, factor: float) -> Tensor:
    """Cross-entropy against labels of which each class gets a part (Szegedy et al. 2016, section 7), -100 left out."""
    return F.cross_entropy(logits.reshape(-1, logits.shape[-1]).float(), labels.reshape(-1), label_smoothing=factor)


def part_of(outputs: Any, name: str, position: int) -> Any:
    """A model's output by attribute, key or position; None if it has none."""
    if isinstance(outputs, Mapping):
        return outputs.get(name)
    if not isinstance(outputs, Tensor) and hasattr(outputs, name):
        return getattr(outputs, name)
    if isinstance(outputs, tuple | list):
        return outputs[position] if len(outputs) > position else None
    return outputs if position == 0 else None


def is_number(value: Any) -> bool:
    """Whether a part of an output is one number, as a tensor or not."""
    return isinstance(value, int | float) or (isinstance(value, Tensor) and value.dim() == 0)


def _plain(value: Any) -> Any:
    """Numbers and arrays of NumPy or torch as Python's, so that they can be written."""
    return value.tolist() if hasattr(value, "tolist") else value
