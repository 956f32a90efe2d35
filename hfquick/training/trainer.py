"""Trainer: fine-tune any PyTorch model that returns a loss. The whole run is `Trainer.loop`, on one screen.

A run has a BatchSource (dataloading.py) that gives it the batches of each update, a Checkpointer (checkpointer.py) that
saves and restores it, and a Meter (meter.py) that adds up its losses. Devices, precision and processes are Accelerate's
work (distributed.py). Sentences about what went wrong are checks.py.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..cpu.allocator import retain_freed_memory
from ..cpu.speed_up import speed_up
from ..i18n import gettext as _
from ..i18n import spoken
from ..utils.errors import need
from ..utils.notices import say
from . import checkpoints, checks, distributed, outputs, sharing
from .arguments import TrainingArguments, of_a_trainer
from .batches import to_device
from .callbacks import CallbackHandler, FlowCallback, TensorBoardCallback
from .checkpointer import Checkpointer, write_model
from .counting import Share, per_recording, rows_in, shares_of, weights_of, with_terms
from .dataloading import BatchSource, default_collator, eval_loader, label_names_of, pins_memory, train_loader
from .evaluation import evaluate_over
from .labels import shifts_labels
from .meter import Meter
from .optimization import adamw, decay_groups, get_scheduler, warmup_of
from .progress import ProgressCallback
from .rng import seed_all
from .state import EvalPrediction, Metrics, PredictionOutput, TrainerControl, TrainerState, TrainOutput


@of_a_trainer
class Trainer:
    """Trains a model on a dataset, evaluates it, and writes checkpoints from which a run is resumed.

    Args:
        model: a PreTrainedModel, or any torch.nn.Module whose output has a loss (as `loss`, key or first value).
        args: how to train; TrainingArguments() if not given.
        data_collator: makes a batch from rows; pads with `processing_class` if not given, or prepares pictures with it.
        train_dataset, eval_dataset: rows by number (datasets.Dataset, torch's Dataset, a list) or a stream of them.
            `eval_dataset` may be a dict of several.
        processing_class: tokenizer, image processor or both in one, saved beside the model; `tokenizer` is its older
            name.
        model_init: makes a new model for every call of `train`, instead of `model`.
        compute_metrics: EvalPrediction -> dict of numbers, after each evaluation.
        compute_loss_func: (outputs, labels) -> loss, instead of the model's own.
        callbacks: TrainerCallback objects or classes.
        optimizers: an optimizer and a schedule of your own; either may be None.
        preprocess_logits_for_metrics: (logits, labels) -> what is kept for compute_metrics, to save memory.

    To change more, override: compute_loss, create_optimizer, create_scheduler, get_train_dataloader,
    get_eval_dataloader, get_test_dataloader, training_step, prediction_step, evaluate, predict, log, save_model.
    """

    def __init__(
        self,
        model: nn.Module | None = None,
        args: TrainingArguments | None = None,
        data_collator: Callable | None = None,
        train_dataset: Any = None,
        eval_dataset: Any = None,
        processing_class: Any = None,
        model_init: Callable[[], nn.Module] | None = None,
        compute_loss_func: Callable | None = None,
        compute_metrics: Callable[[EvalPrediction], dict[str, float]] | None = None,
        callbacks: Iterable[Any] | None = None,
        optimizers: tuple[Any, Any] = (None, None),
        preprocess_logits_for_metrics: Callable | None = None,
        *,
        tokenizer: Any = None,
    ) -> None:
        need("accelerate", "Trainer", "torch")
        checks.check_choices(model, args, model_init, optimizers, processing_class, tokenizer)
        self.args = TrainingArguments() if args is None else args
        checks.check_datasets(self.args, train_dataset, eval_dataset)
        self.train_dataset, self.eval_dataset = train_dataset, eval_dataset
        self.processing_class = tokenizer if processing_class is None else processing_class
        self.accelerator = distributed.make_accelerator(self.args)
        self.model_init = model_init
        self.model: nn.Module = self._new_model() if model is None else model
        checks.check_model(self.model)
        checks.check_optimizer(optimizers[0], self.model)
        checks.check_scheduler(optimizers[1])
        self.optimizer, self.lr_scheduler = self._given_optimizers = optimizers
        self.data_collator = data_collator or default_collator(self.processing_class)
        self.compute_loss_func, self.compute_metrics = compute_loss_func, compute_metrics
        self.preprocess_logits_for_metrics = preprocess_logits_for_metrics
        self.label_names = self.args.label_names or label_names_of(self.model)

        self.model_wrapped = self.model  # during a run: with Accelerate's wrappers around it
        self.source: Any = None  # during a run: a BatchSource
        self.checkpointer: Any = None  # a Checkpointer
        self.meter: Any = None  # a Meter
        self.state, self.control = TrainerState.of_process(self.accelerator), TrainerControl()
        reports = [TensorBoardCallback] if "tensorboard" in self.args.report_to else []
        shown = [] if self.args.disable_tqdm or not self.state.is_local_process_zero else [ProgressCallback]
        self.callback_handler = CallbackHandler([FlowCallback, *reports, *(callbacks or ()), *shown])
        self._call("on_init_end")

    # Training

    def train(self, resume_from_checkpoint: str | bool | None = None) -> TrainOutput:
        """Train until the steps of the arguments are done, a callback stops the run, or it is interrupted.

        Args:
            resume_from_checkpoint: resume this checkpoint, or with True the last whole one of output_dir.

        After an error or Ctrl-C the trainer can be used: the weights are those of the last finished step.
        """
        asked = self.args.resume_from_checkpoint if resume_from_checkpoint is None else resume_from_checkpoint
        if self.train_dataset is None:
            raise spoken(ValueError, "there is nothing to train on; give Trainer a train_dataset=")
        checks.prepare_output_dir(self.args, self.model, resuming=bool(asked))
        checkpoint = checkpoints.find(asked, self.args.output_dir) if asked else None
        seed_all(self.args.seed)
        if self.model_init is not None:
            self.model = self.model_wrapped = self._new_model()
        try:
            with retain_freed_memory(), checks.errors_of_memory(self.args):
                self._prepare(checkpoint)
                output = self._run()
        except KeyboardInterrupt:
            step = self.state.global_step
            say(_("interrupted after step {step}; the model keeps what it has learnt", step=step))
            raise
        finally:
            self._release()
        if self.args.push_to_hub:
            self.push_to_hub()
        return output

    def _prepare(self, checkpoint: Path | None) -> None:
        """Batches, optimizer, schedule and state of a run, from the beginning or as they were at a checkpoint."""
        args, accelerator = self.args, self.accelerator
        checks.check_head(self.model, self._has_own_loss())
        checks.check_trainable(self.model)
        speed_up(self.model)
        if args.gradient_checkpointing:
            checks.check_can_checkpoint(self.model).gradient_checkpointing_enable()
        if checkpoint is not None:
            checkpoints.load_weights(self.model, checkpoint)
        self._move_model()
        self.model.zero_grad()  # an interrupted run, or a loop of the user's own, may have left gradients
        self.source = BatchSource(self.get_train_dataloader(), args, accelerator)
        self.state, self.control = TrainerState.of_process(accelerator), TrainerControl()
        steps, epochs = self.source.steps_and_epochs(args)
        self.state.plan(args, steps, epochs, accelerator.num_processes)
        self.optimizer, self.lr_scheduler = self._given_optimizers
        self.create_optimizer_and_scheduler(self.state.max_steps)
        optimizer = self.optimizer
        self.model_wrapped, self.optimizer = distributed.prepare(accelerator, self.model, optimizer)
        self.checkpointer = Checkpointer(
            args,
            accelerator,
            self.source,
            self.model,
            self.model_wrapped,
            optimizer,
            self.lr_scheduler,
            self.processing_class,
            self.callback_handler,
        )
        if checkpoint is not None:
            self.state = self.checkpointer.resume(checkpoint, self.state)
        self.meter = Meter(accelerator, self.state)

    def _run(self) -> TrainOutput:
        """The loop, what comes before and after it, and what is returned."""
        try:
            self._call("on_train_begin")
            self.loop()
            checks.check_learnt(self.state, self.label_names)
            if self.args.load_best_model_at_end:
                self.checkpointer.load_best(self.state)
            metrics = self.meter.summary(self.state)
            self.log(metrics)
            return TrainOutput(self.state.global_step, metrics["train_loss"], metrics)
        finally:
            self._call("on_train_end")

    def loop(self) -> None:
        """The run: epochs, updates, batches. A resumed run enters it where it was left."""
        args, state, control, source = self.args, self.state, self.control, self.source
        control.should_training_stop |= state.global_step >= state.max_steps
        if args.eval_on_start and state.global_step == 0:
            self.evaluate()  # no candidate for the best model: there is no checkpoint of it

        while state.epoch_number < state.num_train_epochs:
            self._call("on_epoch_begin")
            groups = source.groups(state.epoch_number, state.epoch_step)
            while not (control.should_training_stop or control.should_epoch_stop):
                batches = next(groups, None)  # several, if gradients are accumulated
                if batches is None:
                    break
                self._call("on_step_begin")
                self.update(batches)
                state.global_step += 1
                state.epoch_step += 1
                state.epoch = state.epoch_number + state.epoch_step / source.updates
                self._call("on_step_end", loss=self.meter.loss)
                self._log_evaluate_save()
            is_left = control.should_training_stop  # in the middle: a resumed run goes on from there
            if state.epoch_step == 0 and not (control.should_training_stop or control.should_epoch_stop):
                checks.data_ended(state)
                break
            self._call("on_epoch_end")
            if not is_left or state.epoch_step >= source.updates:
                state.epoch_number, state.epoch_step = state.epoch_number + 1, 0
            self._log_evaluate_save()
            control.should_epoch_stop = False
            if control.should_training_stop:
                break

    def update(self, batches: list[Any]) -> None:
        """One change of the weights: gradients of all these batches, clipped, then a step of the optimizer.

        Where no label of them counts there is nothing to learn, and the weights stay as they are.
        """
        args, model = self.args, self.model_wrapped
        model.train()
        is_repeat = self.source.last_repeats(self.state.epoch_step)
        shares = shares_of(batches, self.label_names, self.model, self.accelerator, is_repeat)
        if not shares:
            self.meter.skip(self.state)
            return
        total = torch.zeros((), device=self.accelerator.device)
        for index, (batch, share) in enumerate(zip(batches, shares, strict=True)):
            is_last = index == len(batches) - 1
            with nullcontext() if is_last else self.accelerator.no_sync(model):
                loss = self.training_step(model, batch, share)
            if share:
                total += loss * share
            if not is_last:
                self._call("on_substep_end")
        checks.check_loss(total, self.state, self.source, args.output_dir)

        if args.max_grad_norm > 0:
            self.meter.grad_norm = self.accelerator.clip_grad_norm_(model.parameters(), args.max_grad_norm)
        self._call("on_pre_optimizer_step")
        self.optimizer.step()
        self._call("on_optimizer_step")
        if not getattr(self.optimizer, "step_was_skipped", False):  # a float16 overflow: this update did not happen
            self.lr_scheduler.step()
        self.optimizer.zero_grad()
        self.meter.add(total, sum(map(rows_in, batches)), self.state)

    def training_step(self, model: nn.Module, inputs: Any, share: float = 1.0) -> Tensor:
        """Forward and backward pass of one batch; its gradients count with weight `share`. Returns the loss."""
        inputs = self._prepare_inputs(inputs)
        with self.accelerator.autocast():
            loss = self.compute_loss(model, inputs)
        if loss.dim():  # one for each row
            loss = loss.mean()
        if isinstance(share, Share):
            loss = share.weigh(loss)
        if not share:  # the mean of nothing is nan; other processes wait for these gradients, which are zero
            loss = torch.nan_to_num(loss)
        self.accelerator.backward(loss if share == 1.0 else loss * share)
        return loss.detach()

    def compute_loss(
        self, model: nn.Module, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """The loss of a batch, and with `return_outputs` also what the model returned: override it to train on another.

        `num_items_in_batch` is accepted for scripts written for transformers, and not used: how much a batch counts is
        the `share` of training_step.
        """
        own, smoothing = self.compute_loss_func, self.args.label_smoothing_factor
        labels: Any = inputs.get("labels") if isinstance(inputs, Mapping) else None
        if own is not None and labels is not None:
            outs = model(**{name: value for name, value in inputs.items() if name != "labels"})
            loss = own(outs, labels)
        elif own is None and smoothing > 0:
            checks.check_smoothing(labels, smoothing, self.model)
            outs = outputs.run_model(model, inputs)
            logits = outputs.part_of(outs, "logits", 1)
            if shifts_labels(self.model):  # the logits of a token are compared with the next one
                logits, labels = logits[..., :-1, :], labels[..., 1:]
            loss = outputs.smooth_loss(logits, labels, smoothing)
        else:
            outs = outputs.run_model(model, inputs)
            loss = with_terms(outputs.part_of(outs, "loss", 0), outs)
            loss = per_recording(loss, self.model, inputs)
        if not isinstance(loss, Tensor):
            raise checks.no_loss(self.model, inputs, self.label_names)
        return (loss, outs) if return_outputs else loss

    def _log_evaluate_save(self) -> None:
        """What the switches of `control` ask for."""
        control, state = self.control, self.state
        if control.should_log and state.loss_steps:
            self.log(self.meter.logs(state, self.lr_scheduler.get_last_lr()[0]))
        if control.should_evaluate and self.checkpointer.remember_best(self.evaluate(), state):
            control.should_save = True
        if control.should_save:
            state.loss_sum = float(self.meter.loss_sum)
            self.checkpointer.save(state)
            self._call("on_save")
        control.clear()

    # The parts of a run: override these

    def get_train_dataloader(self) -> Iterable[Any]:
        """Batches to train on: an iterable with a length. With a `set_epoch(epoch, start)` a resumed run jumps to its
        position; else it reads up to it."""
        return train_loader(self.train_dataset, self.model, self.data_collator, self.args, self.accelerator)

    def get_eval_dataloader(self, eval_dataset: Any = None) -> Iterable[Any]:
        """Batches to evaluate on; rows of like length together, which is faster and changes nothing."""
        dataset = self.eval_dataset if eval_dataset is None else eval_dataset
        if dataset is None:
            raise checks.nothing_to_evaluate()
        return eval_loader(dataset, "eval_dataset", self.model, self.data_collator, self.args, self.accelerator)

    def get_test_dataloader(self, test_dataset: Any) -> Iterable[Any]:
        """Batches to predict for."""
        return eval_loader(test_dataset, "test_dataset", self.model, self.data_collator, self.args, self.accelerator)

    def create_optimizer(self) -> torch.optim.Optimizer:
        """AdamW over two groups of weights: see optimization.py."""
        if self.optimizer is None:
            args = self.args
            groups, betas = decay_groups(self.model, args.weight_decay), (args.adam_beta1, args.adam_beta2)
            self.optimizer = adamw(groups, lr=args.learning_rate, betas=betas, eps=args.adam_epsilon)
        return self.optimizer

    def create_scheduler(self, num_training_steps: int, optimizer: torch.optim.Optimizer | None = None) -> Any:
        """The schedule that the arguments name."""
        if self.lr_scheduler is None:
            args, optimizer = self.args, self.optimizer if optimizer is None else optimizer
            warmup, options = warmup_of(args, num_training_steps), args.lr_scheduler_kwargs
            self.lr_scheduler = get_scheduler(args.lr_scheduler_type, optimizer, warmup, num_training_steps, **options)
        return self.lr_scheduler

    def create_optimizer_and_scheduler(self, num_training_steps: int) -> None:
        self.create_optimizer()
        self.create_scheduler(num_training_steps)

    # Evaluation

    def evaluate(
        self, eval_dataset: Any = None, ignore_keys: list[str] | None = None, metric_key_prefix: str = "eval"
    ) -> Metrics:
        """Loss and metrics on a dataset, logged and returned.

        `eval_dataset` may be a dict of several, or the name of one of those that the Trainer was given.
        """
        found = Metrics()
        for name, dataset in checks.datasets_to_evaluate(eval_dataset, self.eval_dataset).items():
            prefix = f"{metric_key_prefix}_{name}" if name else metric_key_prefix
            loader = self.get_eval_dataloader(dataset)
            found |= self._evaluate_over(loader, prefix, ignore_keys, self.args.prediction_loss_only, True).metrics
        self.log(found)
        self._call("on_evaluate", metrics=found)
        return found

    def predict(
        self, test_dataset: Any, ignore_keys: list[str] | None = None, metric_key_prefix: str = "test"
    ) -> PredictionOutput:
        """The model's predictions for every row, in their order, and metrics if there are labels."""
        output = self._evaluate_over(self.get_test_dataloader(test_dataset), metric_key_prefix, ignore_keys, False)
        self._call("on_predict", metrics=output.metrics)
        return output

    def prediction_step(
        self, model: nn.Module, inputs: Any, prediction_loss_only: bool = False, ignore_keys: list[str] | None = None
    ) -> tuple[Tensor | None, Any, Any]:
        """One batch -> (loss, predictions, labels), each None where there is none."""
        inputs = self._prepare_inputs(inputs)
        labels = [inputs[name] for name in self.label_names if isinstance(inputs, Mapping) and name in inputs]
        loss = None
        with torch.no_grad(), self.accelerator.autocast():
            if checks.is_headless(self.model) and not self._has_own_loss():
                outs = model(**{name: inputs[name] for name in inputs if name not in self.label_names})
            elif len(labels) == len(self.label_names) and labels:
                loss, outs = self.compute_loss(model, inputs, return_outputs=True)
            else:
                outs = outputs.run_model(model, inputs)
        if prediction_loss_only:
            return loss, None, None
        has_loss = loss is not None and self.compute_loss_func is None  # which the model was then not asked for
        predictions = outputs.predictions_in(outs, has_loss, ignore_keys)
        known = None if not labels else labels[0] if len(labels) == 1 else tuple(labels)
        if self.preprocess_logits_for_metrics is not None and predictions:
            of_rows = [each for each in predictions if not isinstance(each, Tensor) or each.dim()] or predictions[:1]
            logits = of_rows[0] if len(of_rows) == 1 else tuple(of_rows)
            predictions = (self.preprocess_logits_for_metrics(logits, known),)
        return loss, predictions[0] if len(predictions) == 1 else predictions or None, known

    def _evaluate_over(
        self, loader: Any, prefix: str, ignore_keys: list[str] | None, loss_only: bool, needs_labels: bool = False
    ) -> PredictionOutput:
        self._move_model()
        model = self.model_wrapped if distributed.is_sharded(self.accelerator) else self.model
        model.eval()
        return evaluate_over(
            loader,
            lambda batch: self.prediction_step(model, batch, loss_only, ignore_keys),
            weigh=lambda batch, loss: weights_of(batch, self.label_names, self.model, loss),
            after_step=lambda: self._call("on_prediction_step", eval_dataloader=loader),
            gather=lambda answers: distributed.gather(self.accelerator, answers),
            compute_metrics=self.compute_metrics,
            prefix=prefix,
            tell=say if self.state.is_world_process_zero else lambda line: None,
            no_labels=partial(checks.no_labels, self.label_names) if needs_labels else None,
        )

    # Logs, files, callbacks

    def log(self, logs: dict[str, float]) -> None:
        """Add numbers to the history of the run and tell the callbacks."""
        entry = {**logs, "epoch": round(self.state.epoch, 4), "step": self.state.global_step}
        self.state.log_history.append(entry)
        self._call("on_log", logs=logs)

    def save_model(self, output_dir: str | None = None) -> None:
        """Write the model and its tokenizer into a folder, output_dir if none is given."""
        weights = distributed.full_weights(self.accelerator, self.model_wrapped)
        if self.accelerator.is_main_process:
            folder = Path(output_dir or self.args.output_dir)
            with checkpoints.model_written(folder):
                write_model(folder, self.model, weights, self.processing_class, self.args)

    def create_model_card(self, dataset: str | None = None, license: str | None = None, **more: Any) -> Path:
        """Write README.md into output_dir: what the model is, and how it was trained and measured.

        Args:
            dataset: id of the data it was trained on; license: of the model, if you choose one.
            more: further fields of hub.model_card.ModelFacts, languages=("en",).
        """
        return sharing.create_model_card(self.model, self.args, self.state, dataset, license=license, **more)

    def push_to_hub(self, commit_message: str = "End of training", *, token: str | None = None, **facts: Any) -> str:
        """Save the model, write its card (see create_model_card) and upload output_dir without its checkpoints.

        Returns the address of the page. Raises HubError when there is no network or no token, or the Hub refuses.
        """
        self.save_model()
        if not self.accelerator.is_main_process:
            return ""
        self.create_model_card(**facts)
        return sharing.upload(self.args, commit_message, token)

    def add_callback(self, callback: Any) -> None:
        self.callback_handler.add(callback)

    def remove_callback(self, callback: Any) -> None:
        self.callback_handler.remove(callback)

    def pop_callback(self, callback: Any) -> Any:
        """Remove a callback, or the first of a class, and return it."""
        return self.callback_handler.remove(callback)

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
            train_dataloader=getattr(self.source, "loader", None),
            **extra,
        )

    # Small things

    def _has_own_loss(self) -> bool:
        """Whether the loss is not the model's."""
        return self.compute_loss_func is not None or type(self).compute_loss is not Trainer.compute_loss

    def _new_model(self) -> nn.Module:
        """A model from model_init, the same for the same seed."""
        assert self.model_init is not None
        seed_all(self.args.seed)
        return self.model_init().to(self.accelerator.device)

    def _move_model(self) -> None:
        """To its device, unless Accelerate cares for that."""
        if self.model_wrapped is self.model and not distributed.is_sharded(self.accelerator):
            self.model.to(self.accelerator.device)

    def _prepare_inputs(self, inputs: Any) -> Any:
        """A batch on the device of the model."""
        checks.check_labels(inputs, self.model)  # before they are on a GPU, which would only say "assert"
        return to_device(inputs, self.accelerator.device, non_blocking=pins_memory(self.args, self.accelerator))

    def _release(self) -> None:
        """Take off what Accelerate put around the model; always, so that an interrupted trainer can be used."""
        self.model = self.accelerator.unwrap_model(self.model_wrapped, keep_fp32_wrapper=False)
        self.model_wrapped = self.model
        self.model.eval()
        self.accelerator.free_memory()
        self.source = self.checkpointer = self.meter = None
