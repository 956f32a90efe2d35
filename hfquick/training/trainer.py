"""Trainer: fine-tune any PyTorch model that returns a loss. The loop itself is `Trainer._run`, on one screen.

What it stands on is engine.py: devices, mixed precision and processes (Accelerate's work), checkpoints, loaders. The
order of the rows is batches.py, files are checkpoints.py, sentences about what went wrong are checks.py.
"""

import math
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..cpu.allocator import retain_freed_memory
from ..i18n import gettext as _
from ..utils.errors import need
from ..utils.notices import say
from . import checkpoints, checks
from .arguments import TrainingArguments, steps_of
from .batches import BatchLoader, StreamLoader, is_stream, lengths_of
from .callbacks import CallbackHandler, FlowCallback, TensorBoardCallback
from .engine import Engine, is_number, make_accelerator, part_of, smooth_loss
from .evaluation import rows_in
from .optimization import adamw, decay_groups, get_scheduler
from .rng import seed_all
from .state import EvalPrediction, Metrics, PredictionOutput, TrainerControl, TrainOutput

NO_PREDICTIONS = ("hidden_states", "attentions", "past_key_values", "encoder_last_hidden_state")


class Trainer(Engine):
    """Trains a model on a dataset, evaluates it, and writes checkpoints from which a run goes on.

    Args:
        model: a PreTrainedModel, or any torch.nn.Module whose output has a loss (as `loss`, key or first value).
        args: how to train; TrainingArguments() if not given.
        data_collator: makes a batch from rows; pads with `processing_class` if not given.
        train_dataset, eval_dataset: rows by number (datasets.Dataset, torch's Dataset, a list) or a stream of them.
            `eval_dataset` may be a dict of several.
        processing_class: tokenizer (or processor), saved beside the model; `tokenizer` is its older name.
        model_init: makes a new model for every call of `train`, in the place of `model`.
        compute_metrics: EvalPrediction -> dict of numbers, after each evaluation.
        compute_loss_func: (outputs, labels) -> loss, in the place of the model's own.
        callbacks: TrainerCallback objects or classes.
        optimizers: an optimizer and a schedule of your own; either may be None.
        preprocess_logits_for_metrics: (logits, labels) -> what is kept for compute_metrics, to save memory.

    To change more, override: compute_loss, create_optimizer, create_scheduler, get_train_dataloader,
    get_eval_dataloader, get_test_dataloader, training_step, prediction_step, evaluate, log.
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
        self.args = TrainingArguments() if args is None else args
        if not isinstance(self.args, TrainingArguments):
            raise TypeError(f"args= takes TrainingArguments, got {type(self.args).__name__}")
        if (model is None) == (model_init is None):
            raise ValueError("give either model= or model_init= (a function that makes one)")
        if processing_class is not None and tokenizer is not None:
            raise ValueError("processing_class= and tokenizer= are two names of one argument; give one of them")
        if model_init is not None and optimizers != (None, None):
            raise ValueError(
                "model_init= makes a new model for every run, which an optimizer given beforehand cannot know; "
                "leave optimizers= out and override create_optimizer"
            )
        self.model_init = model_init
        self.processing_class = tokenizer if processing_class is None else processing_class
        self.train_dataset, self.eval_dataset = train_dataset, eval_dataset
        if train_dataset is not None:
            checks.check_dataset(train_dataset, "train_dataset")
        for name, dataset in self._eval_datasets(eval_dataset).items():
            checks.check_dataset(dataset, f"eval_dataset[{name!r}]" if name else "eval_dataset")
        if self.args.eval_strategy != "no" and eval_dataset is None:
            raise ValueError(
                f"eval_strategy={self.args.eval_strategy!r} needs rows to evaluate on; give eval_dataset=, or set "
                "eval_strategy='no'"
            )
        self.accelerator = make_accelerator(self.args)
        self.model = self._make_model() if model is None else model
        if not isinstance(self.model, nn.Module):
            raise TypeError(f"model= takes a PyTorch model (torch.nn.Module), got {type(self.model).__name__}")
        checks.check_optimizer(optimizers[0], self.model)
        checks.check_scheduler(optimizers[1])
        self.data_collator = data_collator or self._usual_collator()
        self.compute_loss_func, self.compute_metrics = compute_loss_func, compute_metrics
        self.preprocess_logits_for_metrics = preprocess_logits_for_metrics
        self.optimizer, self.lr_scheduler = optimizers
        self._given_optimizers = optimizers
        self.label_names = self.args.label_names or self._find_label_names()

        reports = [TensorBoardCallback] if "tensorboard" in self.args.report_to else []
        self.callback_handler = CallbackHandler([FlowCallback, *reports, *(callbacks or ()), *self._progress()])
        self.state = self._new_state()
        self.control = TrainerControl()
        self.model_wrapped = self.model  # during a run: with Accelerate's wrappers around it
        self._train_loader: Any = None
        self._call("on_init_end")

    # Training

    def train(self, resume_from_checkpoint: str | bool | None = None) -> TrainOutput:
        """Train until the steps of the arguments are done, a callback stops the run, or it is interrupted.

        Args:
            resume_from_checkpoint: go on from this checkpoint, or with True from the last whole one of output_dir.

        After an error or Ctrl-C the trainer can be used: the weights are those of the last finished step.
        """
        asked = self.args.resume_from_checkpoint if resume_from_checkpoint is None else resume_from_checkpoint
        if self.train_dataset is None:
            raise ValueError("there is nothing to learn from; give Trainer a train_dataset=")
        checks.prepare_output_dir(self.args, self.model, resuming=bool(asked))
        checkpoint = checkpoints.find(asked, self.args.output_dir) if asked else None
        seed_all(self.args.seed)
        if self.model_init is not None:
            self.model = self.model_wrapped = self._make_model()
        try:
            with retain_freed_memory():
                self._prepare(checkpoint)
                output = self._run_with_callbacks()
        except KeyboardInterrupt:
            step = self.state.global_step
            say(_("interrupted after step {step}; the model keeps what it has learnt", step=step))
            raise
        except (MemoryError, RuntimeError) as error:
            sentence = checks.out_of_memory(error, self.args)
            if sentence is None:
                raise
            raise sentence from error
        finally:
            self._release()
        if self.args.push_to_hub:
            self.push_to_hub()
        return output

    def _run_with_callbacks(self) -> TrainOutput:
        start, first = time.perf_counter(), self.state.global_step
        try:
            self._call("on_train_begin")
            self._run()
            return self._finish(time.perf_counter() - start, first)
        finally:
            self._call("on_train_end")

    def _run(self) -> None:
        """The loop: epochs, updates, batches. A resumed run enters it where it was left."""
        args, state, control = self.args, self.state, self.control
        control.should_training_stop |= state.global_step >= state.max_steps
        if args.eval_on_start and state.global_step == 0:
            self.evaluate()  # no candidate for the best model: there is no checkpoint of it

        while state.epoch_number < state.num_train_epochs:
            self._call("on_epoch_begin")
            batches = self._batches_of(state.epoch_number, state.epoch_step * args.gradient_accumulation_steps)
            while not (control.should_training_stop or control.should_epoch_stop):
                group = list(islice(batches, args.gradient_accumulation_steps))
                if not group:
                    break
                self._call("on_step_begin")
                self._update(group)
                state.global_step += 1
                state.epoch_step += 1
                state.epoch = state.epoch_number + state.epoch_step / self._updates
                self._call("on_step_end")
                self._log_evaluate_save()
            is_left = control.should_training_stop  # in the middle: a resumed run goes on from there
            if state.epoch_step == 0 and not (control.should_training_stop or control.should_epoch_stop):
                self._data_ended()
                break
            self._call("on_epoch_end")
            if not is_left or state.epoch_step >= self._updates:
                state.epoch_number, state.epoch_step = state.epoch_number + 1, 0
            self._log_evaluate_save()
            control.should_epoch_stop = False
            if control.should_training_stop:
                break

    def _update(self, group: list[Any]) -> None:
        """One change of the weights: gradients of all batches of the group, clipped, then a step of the optimizer."""
        args, model = self.args, self.model_wrapped
        model.train()
        shares = self._shares(group)
        total = torch.zeros((), device=self.accelerator.device)
        for index, (batch, share) in enumerate(zip(group, shares, strict=True)):
            is_last = index == len(group) - 1
            with nullcontext() if is_last else self.accelerator.no_sync(model):
                total += self.training_step(model, batch, share) * share
            if not is_last:
                self._call("on_substep_end")
        self._check_loss(total, group)

        if args.max_grad_norm > 0:
            self._grad_norm = self.accelerator.clip_grad_norm_(model.parameters(), args.max_grad_norm)
        self._call("on_pre_optimizer_step")
        self.optimizer.step()
        self._call("on_optimizer_step")
        if not getattr(self.optimizer, "step_was_skipped", False):  # a float16 overflow: this update did not happen
            self.lr_scheduler.step()
        self.optimizer.zero_grad()
        self._loss_sum += total
        self._rows_seen += sum(map(rows_in, group))
        self.state.loss_steps += 1

    def training_step(self, model: nn.Module, inputs: Any, share: float = 1.0) -> Tensor:
        """Forward and backward pass of one batch; its gradients count with weight `share`. Returns the loss."""
        inputs = self._prepare_inputs(inputs)
        with self.accelerator.autocast():
            loss = self.compute_loss(model, inputs)
        if loss.dim():  # one for each row
            loss = loss.mean()
        self.accelerator.backward(loss if share == 1.0 else loss * share)
        return loss.detach()

    def compute_loss(
        self, model: nn.Module, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """The loss of a batch, and with `return_outputs` also what the model returned: override it to train on another.

        `num_items_in_batch` is accepted for scripts written for transformers, and not used: how much a batch counts is
        the `share` of training_step.
        """
        labels = None
        own = self.compute_loss_func is not None or self.args.label_smoothing_factor > 0
        if own and isinstance(inputs, Mapping) and "labels" in inputs:
            labels = inputs["labels"]
            if self.compute_loss_func is not None:
                inputs = {name: value for name, value in inputs.items() if name != "labels"}
        if self.args.label_smoothing_factor > 0 and self.compute_loss_func is None:
            checks.check_smoothing(labels, self.args.label_smoothing_factor)
        outputs = model(**inputs) if isinstance(inputs, Mapping) else model(*inputs)
        if labels is None:
            loss = part_of(outputs, "loss", 0)
        elif self.compute_loss_func is not None:
            loss = self.compute_loss_func(outputs, labels)
        else:
            loss = smooth_loss(part_of(outputs, "logits", 1), labels, self.args.label_smoothing_factor)
        if not isinstance(loss, Tensor):
            raise checks.no_loss(self.model, inputs, self.label_names)
        return (loss, outputs) if return_outputs else loss

    # What a run is made of: override these

    def get_train_dataloader(self) -> Iterable[Any]:
        """Batches to learn from: an iterable with a length. With a `set_epoch(epoch, start)` a resumed run jumps to its
        place; else it reads up to it."""
        args = self.args
        dataset = self._readable(self.train_dataset, "train_dataset")
        seed = args.seed if args.data_seed is None else args.data_seed
        common: dict[str, Any] = {
            "seed": seed,
            "drop_last": args.dataloader_drop_last,
            "process": self.accelerator.process_index,
            "processes": self.accelerator.num_processes,
            "workers": args.dataloader_num_workers,
        }
        if is_stream(dataset):
            if args.group_by_length:
                raise ValueError("group_by_length=True needs a dataset with a length, a stream has none; leave it out")
            return StreamLoader(dataset, self._collator(), args.per_device_train_batch_size, **common)
        lengths = lengths_of(self.train_dataset, args.length_column_name) if args.group_by_length else None
        return BatchLoader(
            dataset,
            self._collator(),
            args.per_device_train_batch_size,
            shuffle=True,
            lengths=lengths,
            pin_memory=self._pin_memory,
            **common,
        )

    def get_eval_dataloader(self, eval_dataset: Any = None) -> Iterable[Any]:
        """Batches to evaluate on; rows of like length together, which is faster and changes nothing."""
        dataset = self.eval_dataset if eval_dataset is None else eval_dataset
        if dataset is None:
            raise ValueError("there is nothing to evaluate on; give evaluate() a dataset, or Trainer an eval_dataset=")
        checks.check_dataset(dataset, "eval_dataset")
        return self._loader_in_order(dataset, "eval_dataset")

    def get_test_dataloader(self, test_dataset: Any) -> Iterable[Any]:
        """Batches to predict for."""
        checks.check_dataset(test_dataset, "test_dataset")
        return self._loader_in_order(test_dataset, "test_dataset")

    def create_optimizer(self) -> torch.optim.Optimizer:
        """AdamW over two groups of weights: see optimization.py."""
        if self.optimizer is None:
            args = self.args
            self.optimizer = adamw(
                decay_groups(self.model, args.weight_decay),
                lr=args.learning_rate,
                betas=(args.adam_beta1, args.adam_beta2),
                eps=args.adam_epsilon,
            )
        return self.optimizer

    def create_scheduler(self, num_training_steps: int, optimizer: torch.optim.Optimizer | None = None) -> Any:
        """The schedule that the arguments name."""
        if self.lr_scheduler is None:
            args = self.args
            warmup = steps_of(args.warmup_steps, num_training_steps) if args.warmup_steps else 0
            if args.warmup_ratio and not warmup:
                warmup = math.ceil(args.warmup_ratio * num_training_steps)
            self.lr_scheduler = get_scheduler(
                args.lr_scheduler_type,
                self.optimizer if optimizer is None else optimizer,
                warmup,
                num_training_steps,
                **args.lr_scheduler_kwargs,
            )
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
        known = self._eval_datasets(self.eval_dataset)
        if isinstance(eval_dataset, str):
            datasets = {eval_dataset: checks.named(eval_dataset, known)}
        else:
            datasets = known if eval_dataset is None else self._eval_datasets(eval_dataset)
        if not datasets:
            raise ValueError("there is nothing to evaluate on; give evaluate() a dataset, or Trainer an eval_dataset=")
        found = Metrics()
        for name, dataset in datasets.items():
            prefix = f"{metric_key_prefix}_{name}" if name else metric_key_prefix
            loader = self.get_eval_dataloader(dataset)
            found |= self._predict_over(loader, prefix, ignore_keys, self.args.prediction_loss_only).metrics
        self.log(found)
        self._call("on_evaluate", metrics=found)
        return found

    def predict(
        self, test_dataset: Any, ignore_keys: list[str] | None = None, metric_key_prefix: str = "test"
    ) -> PredictionOutput:
        """What the model says to every row, in their order, and metrics if there are labels."""
        loader = self.get_test_dataloader(test_dataset)
        output = self._predict_over(loader, metric_key_prefix, ignore_keys, False)
        self._call("on_predict", metrics=output.metrics)
        return output

    def prediction_step(
        self, model: nn.Module, inputs: Any, prediction_loss_only: bool = False, ignore_keys: list[str] | None = None
    ) -> tuple[Tensor | None, Any, Any]:
        """One batch -> (loss, predictions, labels), each None where there is none."""
        inputs = self._prepare_inputs(inputs)
        labels = [inputs[name] for name in self.label_names if isinstance(inputs, Mapping) and name in inputs]
        with torch.no_grad(), self.accelerator.autocast():
            if len(labels) == len(self.label_names) and labels:
                loss, outputs = self.compute_loss(model, inputs, return_outputs=True)
            else:
                loss, outputs = None, model(**inputs) if isinstance(inputs, Mapping) else model(*inputs)
        if prediction_loss_only:
            return loss, None, None
        left_out = {"loss", *(ignore_keys or NO_PREDICTIONS)}
        if hasattr(outputs, "items"):  # a dict, or a ModelOutput
            predictions = tuple(value for name, value in outputs.items() if name not in left_out and value is not None)
        else:
            several = isinstance(outputs, tuple | list)
            predictions = tuple(outputs[1 if loss is not None else 0 :]) if several else (outputs,)
        predictions = tuple(value for value in predictions if not is_number(value))  # of the batch, not of its rows
        known = None if not labels else labels[0] if len(labels) == 1 else tuple(labels)
        if self.preprocess_logits_for_metrics is not None:
            predictions = (self.preprocess_logits_for_metrics(predictions[0], known),)
        return loss, predictions[0] if len(predictions) == 1 else predictions or None, known

    # Logs, files, callbacks

    def log(self, logs: dict[str, float]) -> None:
        """Add numbers to the history of the run and tell the callbacks."""
        entry = {**logs, "epoch": round(self.state.epoch, 4), "step": self.state.global_step}
        self.state.log_history.append(entry)
        self._call("on_log", logs=logs)

    def save_model(self, output_dir: str | None = None) -> None:
        """Write the model and its tokenizer into a folder, output_dir if none is given."""
        folder = Path(output_dir or self.args.output_dir)
        weights = self._whole_weights()
        if self.accelerator.is_main_process:
            self._write_model(folder, weights)

    def create_model_card(self, dataset: str | None = None, license: str | None = None, **more: Any) -> Path:
        """Write README.md into output_dir: what the model is, and how it was trained and measured.

        Args:
            dataset: id of the data it learnt from; license: of the model, if you choose one.
            more: further fields of model_cards.ModelFacts, languages=("en",).
        """
        from ..hub.model_card import ModelFacts, TrainingFacts, create_model_card

        history = self.state.log_history
        measured = [entry for entry in history if any(name.startswith("eval_") for name in entry)]
        training = TrainingFacts(dataset=dataset, args=self.args.to_dict(), log_history=history)
        if measured:
            training = replace(training, metrics=measured[-1])
        facts = ModelFacts.of(self.model, self._hub_name, license=license, **more)
        return create_model_card(self.args.output_dir, facts, training)

    def push_to_hub(self, commit_message: str = "End of training", *, token: str | None = None, **facts: Any) -> str:
        """Save the model, write its card (see create_model_card) and upload output_dir without its checkpoints.

        Returns the address of the page. Raises HubError when there is no network or no token, or the Hub refuses.
        """
        from ..hub.push import upload_folder

        self.save_model()
        if not self.accelerator.is_main_process:
            return ""
        self.create_model_card(**facts)
        return upload_folder(
            self.args.output_dir,
            self._hub_name,
            commit_message=commit_message,
            private=self.args.hub_private_repo,
            token=token or self.args.hub_token,
            ignore_patterns=["checkpoint-*", "runs/*", "training_args.json"],
        )

    def add_callback(self, callback: Any) -> None:
        self.callback_handler.add(callback)

    def remove_callback(self, callback: Any) -> None:
        self.callback_handler.remove(callback)

    def pop_callback(self, callback: Any) -> Any:
        """Remove a callback, or the first of a class, and return it."""
        return self.callback_handler.remove(callback)
