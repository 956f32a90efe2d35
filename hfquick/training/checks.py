"""What can go wrong in training, as sentences: what was given, what was expected, what to try."""

import inspect
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from ..core.memory import is_out_of_memory
from ..i18n import gettext as _
from ..i18n import said, spoken
from ..utils.elsewhere import two_names
from ..utils.errors import all_of, label_out_of_range
from ..utils.notices import say, short_list
from . import checkpoints, sentences
from .arguments import TrainingArguments
from .arrays import IGNORED
from .labels import label_kind_of
from .optimization import waits_for_evaluations
from .state import TrainerState


def check_choices(
    model: Any, args: Any, model_init: Any, optimizers: tuple[Any, Any], processing_class: Any, tokenizer: Any
) -> None:
    """Raise for arguments of a Trainer that do not go together."""
    if args is not None and not isinstance(args, TrainingArguments):
        raise spoken(TypeError, "args= takes TrainingArguments, got {args_kind}", args_kind=type(args).__name__)
    if (model is None) == (model_init is None):
        raise spoken(ValueError, "give either model= or model_init= (a function that makes one)")
    if processing_class is not None and tokenizer is not None:
        raise two_names(ValueError, "processing_class", "tokenizer")
    if model_init is not None and optimizers != (None, None):
        raise spoken(
            ValueError,
            "model_init= makes a new model for every run, which an optimizer given beforehand cannot know; leave "
            "optimizers= out and override create_optimizer",
        )


def check_model(model: Any) -> None:
    if not isinstance(model, torch.nn.Module):
        raise spoken(
            TypeError,
            "model= takes a PyTorch model (torch.nn.Module), got {model_kind}",
            model_kind=type(model).__name__,
        )


def check_datasets(args: TrainingArguments, train_dataset: Any, eval_dataset: Any) -> None:
    """Raise for datasets of a Trainer that are none, and for an evaluation without rows."""
    if train_dataset is not None:
        check_dataset(train_dataset, "train_dataset")
    for name, dataset in by_name(eval_dataset).items():
        check_dataset(dataset, f"eval_dataset[{name!r}]" if name else "eval_dataset")
    if args.eval_strategy != "no" and eval_dataset is None:
        raise spoken(
            ValueError,
            "eval_strategy={eval_strategy!r} needs rows to evaluate on; give eval_dataset=, or set eval_strategy='no'",
            eval_strategy=args.eval_strategy,
        )


def check_dataset(dataset: Any, name: str) -> None:
    """Raise for what is no dataset, and for one without rows."""
    if isinstance(dataset, str):
        raise spoken(
            TypeError,
            "{name}= takes a dataset, got the text {dataset!r}; try load_dataset({dataset!r}, split=...)",
            name=name,
            dataset=dataset,
        )
    if isinstance(dataset, Mapping):
        splits = ", ".join(map(str, dataset))
        raise spoken(
            TypeError,
            "{name}= is a dict of datasets ({splits}); give one of them: {name}=dataset['train']",
            name=name,
            splits=splits,
        )
    if not hasattr(dataset, "__getitem__") and not hasattr(dataset, "__iter__"):
        raise spoken(
            TypeError,
            "{name}= takes a dataset (rows by number, or a stream of them), got {dataset_kind}",
            name=name,
            dataset_kind=type(dataset).__name__,
        )
    if hasattr(dataset, "__len__") and len(dataset) == 0:
        raise sentences.no_rows(f"{name}=")


def by_name(given: Any) -> dict[str, Any]:
    """What eval_dataset= was given -> its datasets by name, one without a name."""
    if given is None:
        return {}
    several = isinstance(given, Mapping) and not hasattr(given, "features")
    return dict(given) if several else {"": given}


def datasets_to_evaluate(asked: Any, given: Any) -> dict[str, Any]:
    """What `evaluate` was asked for, or else what the Trainer was given, by name. A text is one of those names."""
    known = by_name(given)
    if isinstance(asked, str):
        if asked not in known:
            there = said("; there are {names}", names=", ".join(known)) if any(known) else ""
            raise spoken(
                ValueError, "eval_dataset={asked!r} names no dataset of this Trainer{there}", asked=asked, there=there
            )
        return {asked: known[asked]}
    found = known if asked is None else by_name(asked)
    if not found:
        raise nothing_to_evaluate()
    return found


def nothing_to_evaluate() -> ValueError:
    return spoken(ValueError, "there is nothing to evaluate on; give evaluate() a dataset, or Trainer an eval_dataset=")


def check_columns(dataset: Any, known: list[str], made_of: list[str], name: str, model: torch.nn.Module) -> None:
    """Raise ValueError when no column of the dataset is one that the model reads, or of which its inputs are made."""
    columns = getattr(dataset, "column_names", None) or ()
    main = next((name for name in ("input_ids", "pixel_values", "input_values") if name in known), None)
    reads_none = not set(columns) & set(known) or (main not in (None, "input_ids") and main not in columns)
    if columns and known and reads_none and not made_of:
        raise sentences.nothing_to_read(f"{name}=", dataset, known, model)


def unprepared(name: str, column: str, model: torch.nn.Module) -> ValueError:
    """A model shall be trained on a column of pictures or sounds, and nothing makes its inputs of them."""
    if getattr(model, "main_input_name", "") == "input_values":
        return spoken(
            ValueError,
            "{name}= has sounds in the column {column!r}, and a model reads input values; give Trainer what prepares "
            "each batch: processing_class=AutoProcessor.from_pretrained(...)",
            name=name,
            column=column,
        )
    return spoken(
        ValueError,
        "{name}= has pictures in the column {column!r}, and a model reads pixel values; give Trainer the image "
        "processor, which prepares each batch: processing_class=AutoImageProcessor.from_pretrained(...), or call it "
        "yourself in dataset.with_transform(...)",
        name=name,
        column=column,
    )


def no_labels(label_names: list[str], batch: Any) -> str:
    """The line for an evaluation whose batches have no labels."""
    missing, given = _missing(label_names, batch)
    return _(
        "a batch has no {missing} (it has {given}), so there is neither loss nor metrics; add a column 'label' to the "
        "dataset, or check the collator and label_names",
        missing=all_of(missing or label_names),
        given=given,
    )


def _missing(label_names: list[str], batch: Any) -> tuple[list[str], str]:
    """The labels that a batch lacks, and what it has."""
    if not isinstance(batch, Mapping):
        return label_names, type(batch).__name__
    return [name for name in label_names if name not in batch], short_list(list(batch), 6)


def no_loss(model: Any, batch: Any, labels: list[str]) -> ValueError:
    """The model gave no loss, most often because the batch has no labels."""
    missing, given = _missing(labels, batch)
    if missing:
        return spoken(
            ValueError,
            "a batch has no {missing} (it has {given}), so there is nothing to train on; add a column 'label' to the "
            "dataset, or check the collator",
            missing=all_of(missing),
            given=given,
        )
    return spoken(
        ValueError,
        "{model_kind} gave no loss for a batch with {given}; return it as output['loss'] or as the first value, "
        "or override Trainer.compute_loss",
        model_kind=type(model).__name__,
        given=given,
    )


def is_headless(model: torch.nn.Module) -> bool:
    """Whether a model is the bare one of a library, which reads no labels and has no loss."""
    is_of_library = type(model).__module__.partition(".")[0] in ("hfquick", "transformers")
    return (
        is_of_library
        and not any("label" in name for name in inspect.signature(model.forward).parameters)
        and (label_kind_of(model) in (None, ""))
    )


def check_head(model: torch.nn.Module, has_own_loss: bool) -> None:
    """Raise ValueError for a model without a head, unless the loss is made elsewhere."""
    if is_headless(model) and not has_own_loss:
        if getattr(model, "main_input_name", "") == "pixel_values":
            raise spoken(
                ValueError,
                "{model_kind} has no head, so it has no loss to train on; load AutoModelForImageClassification (a "
                "label for each picture), AutoModelForObjectDetection (boxes) or AutoModelForImageSegmentation "
                "(masks), or override Trainer.compute_loss",
                model_kind=type(model).__name__,
            )
        if getattr(model, "main_input_name", "") == "input_values":
            raise spoken(
                ValueError,
                "{model_kind} has no head, so it has no loss to train on; load AutoModelForCTC (a transcription of "
                "each recording) or AutoModelForAudioClassification (a label), or override Trainer.compute_loss",
                model_kind=type(model).__name__,
            )
        raise spoken(
            ValueError,
            "{model_kind} has no head, so it has no loss to train on; load AutoModelForSequenceClassification (a label "
            "for each text), AutoModelForImageClassification (for each picture), AutoModelForTokenClassification (for "
            "each token), AutoModelForQuestionAnswering, AutoModelForMaskedLM, AutoModelForCausalLM or "
            "AutoModelForSeq2SeqLM, or override Trainer.compute_loss",
            model_kind=type(model).__name__,
        )


def check_labels(batch: Any, model: Any) -> None:
    """Raise ValueError for labels outside the model's range, where looking at them costs nothing (on the CPU)."""
    labels, config = batch.get("labels") if isinstance(batch, Mapping) else None, getattr(model, "config", None)
    if not isinstance(labels, torch.Tensor) or labels.is_floating_point() or labels.device.type != "cpu":
        return
    if getattr(config, "problem_type", None) not in (None, "single_label_classification"):
        return  # labels are no choice of one
    kind = label_kind_of(model)
    names = {"class": "num_labels", "token": "num_labels", "words": "vocab_size", "characters": "vocab_size"}
    count = getattr(config, names[kind], None) if kind in names else None
    counted = labels[labels != IGNORED]
    if not isinstance(count, int) or count < 2 or not counted.numel():
        return
    low, high = (int(value) for value in counted.aminmax())
    if low < 0 or high >= count:
        raise label_out_of_range(low if low < 0 else high, count, kind)


def check_optimizer(optimizer: Any, model: torch.nn.Module) -> None:
    """Raise ValueError for an optimizer that was made for another model: training would change nothing."""
    if optimizer is None:
        return
    ours = {id(parameter) for parameter in model.parameters()}
    if not any(id(parameter) in ours for group in optimizer.param_groups for parameter in group["params"]):
        raise spoken(
            ValueError,
            "the optimizer holds none of the model's weights, so nothing would be trained; make it from "
            "model.parameters() of the model that is given",
        )


def check_scheduler(scheduler: Any) -> None:
    """Raise TypeError for a schedule that cannot be stepped after every update."""
    if isinstance(scheduler, torch.optim.lr_scheduler.ReduceLROnPlateau):
        raise waits_for_evaluations()


def check_trainable(model: torch.nn.Module) -> None:
    """Raise ValueError for a model of which nothing can be trained."""
    if not any(parameter.requires_grad for parameter in model.parameters()):
        raise spoken(
            ValueError,
            "all weights of this {model_kind} are frozen (requires_grad=False), so nothing can be trained; leave "
            "some free: model.classifier.requires_grad_(True)",
            model_kind=type(model).__name__,
        )


def check_can_checkpoint(model: torch.nn.Module) -> Any:
    """The model, if it can recompute activations."""
    if not hasattr(model, "gradient_checkpointing_enable"):
        raise spoken(
            ValueError,
            "gradient_checkpointing=True needs a model with gradient_checkpointing_enable(), {model_kind} has "
            "none; leave it out",
            model_kind=type(model).__name__,
        )
    return model


def check_smoothing(labels: Any, factor: float, model: Any) -> None:
    """Raise ValueError where label smoothing means nothing: it needs one right class for each row or token."""
    if label_kind_of(model) == "characters":
        raise spoken(
            ValueError,
            "label_smoothing_factor={factor} needs one right class for each place, and CTC has many ways to place the "
            "characters; leave it out",
            factor=factor,
        )
    if labels is None:
        raise spoken(
            ValueError,
            "label_smoothing_factor={factor} needs a column 'labels' with the numbers of classes, the batch has "
            "none; leave it out",
            factor=factor,
        )
    if not isinstance(labels, torch.Tensor) or labels.is_floating_point():
        raise spoken(
            ValueError,
            "label_smoothing_factor={factor} needs labels that are numbers of classes (torch.long), got {dtype}; "
            "leave it out",
            factor=factor,
            dtype=getattr(labels, "dtype", type(labels).__name__),  # a list: what is in each picture
        )


def data_ended(state: TrainerState) -> None:
    """Say that a pass over the data gave nothing: a stream that can be read once has been read."""
    if state.global_step == 0:
        raise spoken(ValueError, "the training data gave no batch; has the stream ended, or is it empty?")
    say(
        _(
            "the data ended after step {step} of {total}; a stream that shall be read again needs to begin anew",
            step=state.global_step,
            total=state.max_steps,
        )
    )


def check_learnt(state: TrainerState, label_names: list[str]) -> None:
    """Raise ValueError after a run in which no label counted. Not earlier: each pass masks other tokens."""
    if state.global_step and state.skipped_steps == state.global_step:
        raise spoken(
            ValueError,
            "no label of the training data counts ({steps} steps, {names}), so there is nothing to learn: labels of "
            "-100 are left out, and so is the first token of a text that a model continues; leave out rows without a "
            "label that counts, mask more tokens (mlm_probability), or cut texts less short",
            steps=state.global_step,
            names=all_of(label_names),
        )


def check_loss(loss: torch.Tensor, state: TrainerState, source: Any, output_dir: str) -> None:
    """Stop at a loss that is not finite, before it reaches the weights (on a GPU, where looking takes time, before it
    is logged or saved). `source` knows which rows the batches hold."""
    step = state.global_step + 1
    soon = step % state.logging_steps == 0 or step % state.save_steps == 0
    if (loss.device.type == "cpu" or soon) and not torch.isfinite(loss):
        raise not_finite(float(loss), step, state.epoch, source.rows_of(state.epoch_step), output_dir)


def not_finite(loss: float, step: int, epoch: float, rows: Any, output_dir: str) -> FloatingPointError:
    """The loss is not a number any more: where, and what to do."""
    whole = checkpoints.last_whole(output_dir)
    where = said("at step {step} (epoch {epoch:.2f})", step=step, epoch=epoch)
    if rows is not None:
        where = said("{where}, rows {rows}", where=where, rows=short_list(list(map(str, rows)), 8))
    kept = said("no checkpoint was written yet")
    if whole:
        kept = said("the last whole checkpoint is {folder!r}", folder=str(whole))
    return sentences.loss_not_finite(
        loss,
        said("{where}; training stopped before the weights were changed by it", where=where),
        kept,
        said("a smaller learning_rate, a warm-up (warmup_ratio=0.1), or look at these rows"),
    )


@contextmanager
def errors_of_memory(args: TrainingArguments) -> Iterator[None]:
    """A block in which an exception that means "no memory left" becomes a sentence about which argument to lower."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        raise out_of_memory(args) from error


def out_of_memory(args: TrainingArguments) -> MemoryError:
    size = args.per_device_train_batch_size
    if size > 1:
        advice = said(
            "lower the batch and keep its effect: per_device_train_batch_size={half}, "
            "gradient_accumulation_steps={steps}",
            half=size // 2,
            steps=args.gradient_accumulation_steps * 2,
        )
    else:
        advice = said(
            "the batch is one row already: cut texts shorter (truncation=True, max_length=...), make pictures smaller"
        )
    more = [f"{name}=True" for name in ("gradient_checkpointing", "bf16") if not getattr(args, name)]
    if more:
        options = more[0] if len(more) == 1 else said("{one} and {other}", one=more[0], other=more[1])
        advice = said("{advice}; {options} also save memory", advice=advice, options=options)
    return spoken(
        MemoryError,
        "no memory is left for a step with per_device_train_batch_size={size}; {advice}",
        size=size,
        advice=advice,
    )


def prepare_output_dir(args: TrainingArguments, model: Any, resuming: bool) -> None:
    """Make the folder of a run; raise where it cannot be written, or holds checkpoints of another model."""
    folder = Path(args.output_dir)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise checkpoints.cannot_write(args.output_dir, error) from None
    checkpoints.clean(folder)
    there = checkpoints.all_of(folder)
    if there and not resuming and not args.overwrite_output_dir:
        theirs, ours = _kind_in(there[-1]), _kind(getattr(model, "config", None), type(model).__name__)
        if theirs and ours and theirs != ours:
            raise spoken(
                ValueError,
                "output_dir={output_dir!r} holds checkpoints of another model ({theirs}, this one is {ours}); "
                "choose another folder, or set overwrite_output_dir=True",
                output_dir=args.output_dir,
                theirs=theirs,
                ours=ours,
            )


def _kind_in(folder: Path) -> str:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    name = next(iter(config.get("architectures") or []), "")
    return f"{name}, {_sizes(config)}" if name else ""


def _kind(config: Any, name: str) -> str:
    return f"{name}, {_sizes(config.to_dict())}" if config is not None else ""


def _sizes(config: dict[str, Any]) -> str:
    """The numbers that tell two models of one class apart."""
    width = config.get("hidden_size") or config.get("dim") or config.get("d_model") or config.get("n_embd")
    depth = (
        config.get("num_hidden_layers") or config.get("n_layers") or config.get("num_layers") or config.get("n_layer")
    )
    return f"width {width}, {depth} layers"
