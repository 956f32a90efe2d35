"""What can go wrong in training, as sentences: what was given, what was expected, what to try."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from ..utils.notices import short_list
from . import checkpoints
from .arguments import TrainingArguments


def check_dataset(dataset: Any, name: str) -> None:
    """Raise for what is no dataset, and for one without rows."""
    if isinstance(dataset, str):
        raise TypeError(f"{name}= takes a dataset, got the text {dataset!r}; try load_dataset({dataset!r}, split=...)")
    if isinstance(dataset, Mapping):
        splits = ", ".join(map(str, dataset))
        raise TypeError(f"{name}= is a dict of datasets ({splits}); give one of them: {name}=dataset['train']")
    if not hasattr(dataset, "__getitem__") and not hasattr(dataset, "__iter__"):
        raise TypeError(f"{name}= takes a dataset (rows by number, or a stream of them), got {type(dataset).__name__}")
    if hasattr(dataset, "__len__") and len(dataset) == 0:
        raise ValueError(f"{name}= has no rows; was it filtered until nothing was left?")


def named(name: str, known: dict[str, Any]) -> Any:
    """The dataset of this name, or ValueError with the names there are."""
    if name not in known:
        there = f"; there are {', '.join(known)}" if any(known) else ""
        raise ValueError(f"eval_dataset={name!r} names no dataset of this Trainer{there}")
    return known[name]


def check_columns(dataset: Any, known: list[str], name: str) -> None:
    """Raise ValueError when no column of the dataset is one that the model reads."""
    columns = getattr(dataset, "column_names", None)
    if columns and known and not set(columns) & set(known):
        hint = "tokenize it first: dataset.map(lambda rows: tokenizer(rows['text']), batched=True)"
        raise ValueError(
            f"{name}= has no column that the model reads: it has {short_list(list(columns), 6)}, the model reads "
            f"{short_list(known, 6)}; {hint}"
        )


def no_loss(model: Any, batch: Any, labels: list[str]) -> ValueError:
    """The model gave no loss, most often because the batch has no labels."""
    given = short_list(list(batch), 6) if isinstance(batch, Mapping) else type(batch).__name__
    missing = [name for name in labels if not isinstance(batch, Mapping) or name not in batch]
    if missing:
        said = f"a batch has no {' and '.join(map(repr, missing))} (it has {given}), so there is nothing to learn from"
        return ValueError(f"{said}; add a column 'label' to the dataset, or check the collator")
    return ValueError(
        f"{type(model).__name__} gave no loss for a batch with {given}; return it as output['loss'] or as the first "
        "value, or override Trainer.compute_loss"
    )


def check_labels(batch: Any, model: Any) -> None:
    """Raise ValueError for labels outside the model's range, before they go to a GPU, which would only say "assert"."""
    count = getattr(getattr(model, "config", None), "num_labels", None)
    labels = batch.get("labels") if isinstance(batch, Mapping) else None
    if count is None or count < 2 or not isinstance(labels, torch.Tensor) or labels.is_floating_point():
        return
    if "For" not in type(model).__name__ or not type(model).__name__.endswith("Classification") or not labels.numel():
        return
    wrong = labels[(labels != -100) & ((labels < 0) | (labels >= count))]
    if wrong.numel():
        raise ValueError(
            f"label {int(wrong[0])} was given, this model has labels 0 to {count - 1}; "
            f"try from_pretrained(..., num_labels={int(labels.max()) + 1})"
        )


def check_optimizer(optimizer: Any, model: torch.nn.Module) -> None:
    """Raise ValueError for an optimizer that was made for another model: training would change nothing."""
    if optimizer is None:
        return
    ours = {id(parameter) for parameter in model.parameters()}
    if not any(id(parameter) in ours for group in optimizer.param_groups for parameter in group["params"]):
        raise ValueError(
            "the optimizer holds none of the model's weights, so nothing would be learnt; "
            "make it from model.parameters() of the model that is given"
        )


def check_scheduler(scheduler: Any) -> None:
    """Raise TypeError for a schedule that cannot be stepped after every update."""
    if isinstance(scheduler, torch.optim.lr_scheduler.ReduceLROnPlateau):
        raise TypeError(
            "ReduceLROnPlateau waits for an evaluation, and Trainer moves its schedule after every update; step it in "
            "on_evaluate of a TrainerCallback, and give Trainer a constant one: lr_scheduler_type='constant'"
        )


def check_trainable(model: torch.nn.Module) -> None:
    """Raise ValueError for a model of which nothing can be learnt."""
    if not any(parameter.requires_grad for parameter in model.parameters()):
        raise ValueError(
            f"all weights of this {type(model).__name__} are frozen (requires_grad=False), so nothing can be learnt; "
            "leave some free: model.classifier.requires_grad_(True)"
        )


def check_smoothing(labels: Any, factor: float) -> None:
    """Raise ValueError where label smoothing means nothing: it needs one right class for each row or token."""
    if labels is None:
        raise ValueError(
            f"label_smoothing_factor={factor} needs a column 'labels' with the numbers of classes, the batch has none; "
            "leave it out"
        )
    if labels.is_floating_point():
        raise ValueError(
            f"label_smoothing_factor={factor} needs labels that are numbers of classes (torch.long), got "
            f"{labels.dtype}; leave it out"
        )


def none_counts(step: int, rows: Any) -> ValueError:
    """All labels of an update are -100, so its loss is the mean of nothing."""
    where = f" (rows {short_list(list(map(str, rows)), 8)})" if rows is not None else ""
    return ValueError(
        f"all labels of step {step}{where} are -100, so there is nothing to learn from; leave out rows without a label "
        "that counts, or cut texts less short"
    )


def not_finite(loss: float, step: int, epoch: float, rows: Any, output_dir: str) -> FloatingPointError:
    """The loss is not a number any more: where, and what to do."""
    kept = checkpoints.last_whole(output_dir)
    where = f"step {step} (epoch {epoch:.2f})" + (
        f", rows {short_list(list(map(str, rows)), 8)}" if rows is not None else ""
    )
    last = f"the last whole checkpoint is {str(kept)!r}" if kept else "no checkpoint was written yet"
    return FloatingPointError(
        f"the loss became {loss} at {where}; training stopped before the weights were changed by it; {last}. "
        "Try a smaller learning_rate, a warm-up (warmup_ratio=0.1), or look at these rows"
    )


def out_of_memory(error: BaseException, args: TrainingArguments) -> MemoryError | None:
    """An exception that means "no memory left" -> a sentence that says which argument to lower; else None."""
    signs = ("out of memory", "can't allocate memory", "not enough memory")
    if not isinstance(error, MemoryError | torch.OutOfMemoryError) and not (
        isinstance(error, RuntimeError) and any(sign in str(error) for sign in signs)
    ):
        return None
    size = args.per_device_train_batch_size
    if size > 1:
        advice = (
            f"lower the batch and keep its effect: per_device_train_batch_size={size // 2}, "
            f"gradient_accumulation_steps={args.gradient_accumulation_steps * 2}"
        )
    else:
        advice = "the batch is one row already: cut the texts shorter (truncation=True, max_length=...)"
    more = [f"{name}=True" for name in ("gradient_checkpointing", "bf16") if not getattr(args, name)]
    return MemoryError(
        f"no memory is left for a step with per_device_train_batch_size={size}; {advice}"
        + (f"; {' and '.join(more)} also save memory" if more else "")
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
        raise checkpoints.CheckpointError(
            f"output_dir={args.output_dir!r} cannot be written ({error.strerror or error}); choose another folder"
        ) from None
    checkpoints.clean(folder)
    there = checkpoints.all_of(folder)
    if there and not resuming and not args.overwrite_output_dir:
        theirs, ours = _kind_in(there[-1]), _kind(getattr(model, "config", None), type(model).__name__)
        if theirs and ours and theirs != ours:
            raise ValueError(
                f"output_dir={args.output_dir!r} holds checkpoints of another model ({theirs}, this one is {ours}); "
                "choose another folder, or set overwrite_output_dir=True"
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
