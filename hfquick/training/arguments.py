"""TrainingArguments: everything about a run of the Trainer that is a number, a name or a switch."""

import dataclasses
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_type_hints

from ..i18n import N_, spoken
from ..utils.elsewhere import Kind, knows_its_names
from ..utils.fields import Choice, Range, check_field
from ..utils.files import write_json
from .elsewhere import ELSEWHERE, OTHER_NAMES

STRATEGIES = {
    "eval_strategy": ("no", "steps", "epoch"),
    "logging_strategy": ("no", "steps", "epoch"),
    "save_strategy": ("no", "steps", "epoch", "best"),
}
STEPS = Range(above=0, advice=N_("; a number below 1 is a part of all steps"))
LIMITS = {  # the numbers that are checked; their kinds are those of the annotations
    "per_device_train_batch_size": Range(1),
    "per_device_eval_batch_size": Range(1),
    "gradient_accumulation_steps": Range(1),
    "num_train_epochs": Range(0),
    "max_steps": None,
    "learning_rate": Range(0),
    "weight_decay": Range(0),
    "max_grad_norm": Range(0),
    "warmup_steps": Range(0),
    "warmup_ratio": Range(0, 1, advice=N_(", which is a part of all steps; a number of steps is warmup_steps")),
    "label_smoothing_factor": Range(0, below=1),
    "seed": None,
    "dataloader_num_workers": Range(0),
    "logging_steps": STEPS,
    "eval_steps": STEPS,
    "save_steps": STEPS,
    "save_total_limit": Range(1, advice=N_("; save_strategy='no' keeps none")),
}
REPORTS = ("none", "tensorboard")


def of_a_trainer(cls: Kind) -> Kind:
    """A class -> the same, which answers an unknown argument with a sentence, and knows those of transformers."""
    return knows_its_names(cls, OTHER_NAMES, ELSEWHERE)


@of_a_trainer
@dataclass(repr=False)
class TrainingArguments:
    """How to train. Every argument does something; an unknown one raises TypeError with the nearest names.

    Older names as `evaluation_strategy` and `no_cuda` are understood, and arguments that transformers has where they
    ask for what happens anyway (optim="adamw_torch"); otherwise a TypeError says what does it here (elsewhere.py).
    Raises ValueError for values that cannot work, alone or together.
    """

    output_dir: str = "trainer_output"  # checkpoints, logs and the finished model go here
    overwrite_output_dir: bool = False  # train although the folder holds checkpoints of another model

    # How long, and in which portions
    num_train_epochs: float = 3.0  # passes over the training data
    max_steps: int = -1  # updates of the weights; when positive, num_train_epochs does not count
    per_device_train_batch_size: int = 8  # rows of a batch on one device
    per_device_eval_batch_size: int = 8
    gradient_accumulation_steps: int = 1  # batches whose gradients are added up for one update

    # The optimizer, AdamW, and its learning rate
    learning_rate: float = 5e-5  # the highest it gets
    weight_decay: float = 0.0  # of matrices; biases and norms are never decayed
    adam_beta1: float = 0.9
    adam_beta2: float = 0.999
    adam_epsilon: float = 1e-8
    max_grad_norm: float = 1.0  # a longer gradient is shortened to this; 0 leaves all as they are
    lr_scheduler_type: str = "linear"  # linear, cosine, constant, constant_with_warmup, ...
    lr_scheduler_kwargs: dict[str, Any] = field(default_factory=dict)  # num_cycles of cosine, power of polynomial, ...
    warmup_ratio: float = 0.0  # part of all steps in which the learning rate rises
    warmup_steps: float = 0  # the same as a number of steps (below 1: as a part); wins over warmup_ratio
    label_smoothing_factor: float = 0.0  # probability given to all labels alike instead of the right one

    # Precision, memory, device
    bf16: bool = False  # compute in bfloat16 where that is safe
    fp16: bool = False  # the same in float16, with scaled losses; needs a GPU
    gradient_checkpointing: bool = False  # recompute activations in the backward pass instead of keeping them
    use_cpu: bool = False  # even where there is a GPU
    ddp_find_unused_parameters: bool = False  # for models that leave weights out of some steps, in several processes

    # Random numbers, and the order of the rows
    seed: int = 42
    data_seed: int | None = None  # of the order alone; seed if not given
    group_by_length: bool = False  # batch texts of similar length: less padding, faster
    length_column_name: str = "length"  # column with the lengths; counted if there is none

    # Data loading
    dataloader_num_workers: int = 0  # processes that prepare batches; 0: this one does it
    dataloader_drop_last: bool = False  # leave out a last batch that is not full
    dataloader_pin_memory: bool = True  # faster copies to a GPU
    remove_unused_columns: bool = True  # columns that are no input of the model are left out
    label_names: list[str] | None = None  # found from the model's inputs if not given

    # Evaluation
    eval_strategy: str = "no"  # no, steps (each eval_steps), epoch
    eval_steps: float | None = None  # logging_steps if not given; below 1: part of all steps
    eval_on_start: bool = False  # once before training
    prediction_loss_only: bool = False  # keep no predictions, only the loss

    # Logs
    logging_strategy: str = "steps"
    logging_steps: float = 500
    logging_first_step: bool = False
    logging_dir: str | None = None  # of TensorBoard; "runs" in output_dir if not given
    report_to: str | list[str] = "none"  # "none", "tensorboard"
    disable_tqdm: bool = False  # show no progress

    # Checkpoints
    save_strategy: str = "steps"  # no, steps (each save_steps), epoch, best (after the best evaluation so far)
    save_steps: float = 500
    save_total_limit: int | None = None  # checkpoints kept, the newest ones and the best
    save_only_model: bool = False  # smaller checkpoints, from which no run can be resumed
    load_best_model_at_end: bool = False
    metric_for_best_model: str | None = None  # "loss" if not given
    greater_is_better: bool | None = None  # true for all metrics but a loss, if not given
    resume_from_checkpoint: str | bool | None = None  # a checkpoint, or True for the last whole one in output_dir

    # Sharing
    push_to_hub: bool = False  # upload the finished model
    hub_model_id: str | None = None  # "name" or "user/name"; the name of output_dir if not given
    hub_private_repo: bool | None = None
    hub_token: str | None = None

    def __post_init__(self) -> None:
        self.output_dir = str(Path(self.output_dir or "trainer_output").expanduser())
        self.lr_scheduler_kwargs = self.lr_scheduler_kwargs or {}
        for name, allowed in STRATEGIES.items():
            value = str(getattr(self, name)).rpartition(".")[2].lower()  # also IntervalStrategy.STEPS and False
            value = {"false": "no", "none": "no"}.get(value, value)
            check_field(name, value, str, Choice(*allowed))
            setattr(self, name, value)
        self.report_to = [self.report_to] if isinstance(self.report_to, str) else list(self.report_to or [])
        for report in self.report_to:
            check_field("report_to", report, str, Choice(*REPORTS))
        self.report_to = [report for report in self.report_to if report != "none"]
        self.lr_scheduler_type = str(getattr(self.lr_scheduler_type, "value", self.lr_scheduler_type))
        hints = get_type_hints(type(self))
        for name, limit in LIMITS.items():
            check_field(name, getattr(self, name), hints[name], limit)
        self._check_together()

    def _check_together(self) -> None:
        if self.bf16 and self.fp16:
            raise spoken(
                ValueError, "bf16=True and fp16=True exclude each other; on a recent processor or GPU take bf16"
            )
        if self.eval_strategy == "steps" and self.eval_steps is None:
            self.eval_steps = self.logging_steps
        if self.load_best_model_at_end or self.save_strategy == "best":
            self.metric_for_best_model = self.metric_for_best_model or "loss"
            if self.eval_strategy == "no":
                raise spoken(
                    ValueError,
                    "the best model can only be found with evaluations; set eval_strategy='epoch' (or 'steps')",
                )
        if self.greater_is_better is None and self.metric_for_best_model:
            self.greater_is_better = not self.metric_for_best_model.endswith("loss")
        if self.load_best_model_at_end and self.save_strategy != "best":
            if self.save_strategy != self.eval_strategy:
                raise spoken(
                    ValueError,
                    "load_best_model_at_end needs a checkpoint of every evaluated model, but eval_strategy is "
                    "{eval_strategy!r} and save_strategy {save_strategy!r}; set both to the same",
                    eval_strategy=self.eval_strategy,
                    save_strategy=self.save_strategy,
                )
            if self.save_strategy == "steps" and self.eval_steps and not _is_multiple(self.save_steps, self.eval_steps):
                raise spoken(
                    ValueError,
                    "load_best_model_at_end needs an evaluation of every checkpoint, but save_steps={save_steps} "
                    "is no multiple of eval_steps={eval_steps}; try save_steps={eval_steps}",
                    save_steps=self.save_steps,
                    eval_steps=self.eval_steps,
                )

    def to_dict(self) -> dict[str, Any]:
        """All arguments as plain data; a token becomes "<hidden>"."""
        values = dataclasses.asdict(self)
        if values["hub_token"] is not None:
            values["hub_token"] = "<hidden>"
        return values

    def save_to_json(self, path: str | Path) -> None:
        write_json(path, self.to_dict())

    def __repr__(self) -> str:
        """Only what differs from the defaults."""
        usual = type(self)()
        changed = [f"{name}={value!r}" for name, value in self.to_dict().items() if value != getattr(usual, name)]
        return f"{type(self).__name__}({', '.join(changed)})"


def steps_of(value: float, total: int) -> int:
    """logging_steps and their like -> steps: numbers below 1 are a part of all steps."""
    return max(1, math.ceil(total * value)) if value < 1 else int(value)


def _is_multiple(many: float, one: float) -> bool:
    quotient = many / one
    return quotient >= 1 and math.isclose(quotient, round(quotient))
