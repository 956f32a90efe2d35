"""Small models and rows for tests of the Trainer: a run takes a fraction of a second."""

from pathlib import Path
from typing import Any

from torch import nn

from hfquick import AutoModelForSequenceClassification, AutoTokenizer
from hfquick.training.arguments import TrainingArguments
from hfquick.training.trainer import Trainer
from tests.reference.training_cases import NO_DROPOUT, rows

FOLDER = Path(__file__).parent.parent / "reference" / "pipelines" / "three-labels"


class Line(nn.Module):
    """A model of nobody's library: y = wx + b, with the loss as one of the usual kinds of output."""

    def __init__(self, kind="dict"):
        super().__init__()
        self.line, self.kind = nn.Linear(1, 1), kind

    def forward(self, x, labels=None):
        y = self.line(x)
        loss = None if labels is None else nn.functional.mse_loss(y, labels)
        if self.kind == "dict":
            return {"loss": loss, "y": y} if loss is not None else {"y": y}
        return (loss, y) if loss is not None else (y,)


POINTS = [{"x": [value / 10], "labels": [3 * value / 10 + 1]} for value in range(32)]


def tiny_model(**options: Any) -> Any:
    """A BERT of two layers, the same at every call; dropout is on unless it is set to 0."""
    return AutoModelForSequenceClassification.from_pretrained(FOLDER, **options)


def tokenizer() -> Any:
    return AutoTokenizer.from_pretrained(FOLDER)


def arguments(folder: Path, **options: Any) -> TrainingArguments:
    usual = {"max_steps": 6, "learning_rate": 2e-3, "save_strategy": "no", "disable_tqdm": True, "use_cpu": True}
    return TrainingArguments(str(folder), **{**usual, **options})


def tiny_trainer(folder: Path, model: Any = None, *, dataset: Any = None, kind: type = Trainer, **options: Any) -> Any:
    """A Trainer over 48 rows; `options` go to the arguments, or to the Trainer where it knows them."""
    for_trainer = {
        name: options.pop(name)
        for name in ("eval_dataset", "compute_metrics", "callbacks", "optimizers", "data_collator", "compute_loss_func")
        if name in options
    }
    model = tiny_model(**NO_DROPOUT) if model is None else model
    dataset = rows(48) if dataset is None else dataset
    args = arguments(folder, **options)
    return kind(model, args, train_dataset=dataset, processing_class=tokenizer(), **for_trainer)


def losses_of(trainer: Any) -> list[float]:
    """The logged losses of a run, in order."""
    return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]


def state_of(model: Any) -> dict[str, Any]:
    """A copy of all weights."""
    return {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}


def assert_equal(one: dict[str, Any], other: dict[str, Any]) -> None:
    """The same names, and every number the same to the last bit."""
    assert list(one) == list(other)
    assert [name for name in one if not one[name].equal(other[name])] == []
