"""Model cards: what is known about a model and its training -> the README.md that stands beside it on the Hub.

    facts = ModelFacts.of(model, "ada/reviews", license="apache-2.0")
    training = TrainingFacts(dataset="rotten_tomatoes", args={"learning_rate": 5e-5}, metrics={"eval_accuracy": 0.81})
    text = model_card(facts, training)

A card says only what it was told. What nobody told is listed as unknown: a reader must not take silence for quality.
The same facts always give the same text. No framework is imported here.
"""

import json
import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import __version__
from ..architectures import ARCHITECTURES, auto_class_of
from ..i18n import said
from ..tasks import Task, task_for
from ..utils.errors import need
from ..utils.files import write_text
from ..utils.notices import short_list
from ..utils.packages import version_of
from ..zoo import PREFIX
from .client import is_hub_id

CARD = "README.md"
MARK = "<!-- written by hfquick"  # begins the line that tells a card of ours from one that a person has finished
NOTE = f"{MARK}: complete it. Without this line the card is yours, and hfquick does not replace it. -->"
PACKAGES = {"torch": ("torch",), "keras": ("tensorflow", "keras")}  # package of a model's class -> what it runs on
# Kind of input -> a sample, where the card knows no file.
FILES = {"image": '"photo.jpg"', "image and question": '"photo.jpg", "What is in the picture?"', "audio": '"sound.wav"'}
PREPARED_BY = {  # kind of input, or the AutoModel -> what makes a batch of it
    "image": "image processor",
    "image and question": "processor",
    "audio": "feature extractor",
    "AutoModelForCTC": "processor",
}
NO_METRIC = re.compile(r"runtime|_per_second$|_time$|^epoch$|^step$|^total_flos$|^num_|_samples$")
# What a card tells of the arguments of a training: those that decide what it computes. Whatever is not named here stays
# out: a new argument may hold a token, a path, or a name.
HYPERPARAMETERS = frozenset(
    {
        "num_train_epochs", "epochs", "max_steps",
        "per_device_train_batch_size", "batch_size", "gradient_accumulation_steps", "group_by_length",
        "learning_rate", "lr_scheduler_type", "warmup_ratio", "warmup_steps",
        "optim", "optimizer", "weight_decay", "adam_beta1", "adam_beta2", "adam_epsilon", "max_grad_norm",
        "label_smoothing_factor", "bf16", "fp16", "seed", "data_seed",
        "load_best_model_at_end", "metric_for_best_model",
    }
)  # fmt: skip


@dataclass(frozen=True)
class ModelFacts:
    """What is known about a model, without the model."""

    name: str  # its id on the Hub, or how it shall be called
    architecture: str = ""  # its class, "DistilBertForSequenceClassification"
    model_type: str = ""  # "distilbert"
    base_model: str | None = None  # id of the model its weights started from
    framework: str = ""  # "torch" or "keras"
    parameters: int | None = None
    labels: tuple[str, ...] = ()
    license: str | None = None  # only if its author chose one, e.g. "apache-2.0"
    languages: tuple[str, ...] = ()  # "en", "fr"

    @classmethod
    def of(cls, model: Any, name: str, **more: Any) -> "ModelFacts":
        """A PyTorch or Keras model -> what it says about itself; `more` are further fields, and count more."""
        config = getattr(model, "config", None)
        labels = getattr(config, "id2label", None) or {}
        roots = [base.__module__.partition(".")[0] for base in type(model).__mro__]
        found: dict[str, Any] = {
            "architecture": type(model).__name__,
            "model_type": getattr(config, "model_type", ""),
            "base_model": getattr(model, "origin", None),
            "framework": next((root for root in roots if root in PACKAGES), ""),
            "parameters": _size(model),
            # LABEL_0, LABEL_1 ... is what a configuration holds when nobody named them.
            "labels": tuple(label for index, label in sorted(labels.items()) if label != f"LABEL_{index}"),
        }
        return cls(name, **{**found, **more})

    @property
    def task(self) -> Task | None:
        """The row of TASKS this model is for."""
        return task_for(self.architecture)


@dataclass(frozen=True)
class TrainingFacts:
    """What is known about a training."""

    dataset: str | None = None  # id of the data it was trained on
    evaluated_on: str | None = None  # split the metrics were measured on, "validation"
    args: Mapping[str, Any] = field(default_factory=dict)  # arguments of the training; HYPERPARAMETERS are told
    log_history: Sequence[Mapping[str, Any]] = ()  # rows with step, epoch, loss, eval_loss, eval_<metric>
    metrics: Mapping[str, float] = field(default_factory=dict)  # the last measurement
    when: str | None = None  # a date, if it shall stand there
    versions: Mapping[str, str] = field(default_factory=dict)  # more than those of hfquick and its framework


def create_model_card(folder: str | os.PathLike, model: ModelFacts, training: TrainingFacts | None = None) -> Path:
    """Write README.md into a folder and return its path; a card that a person has finished stays as it is."""
    path = Path(folder) / CARD
    if not path.exists() or is_generated(path.read_text(encoding="utf-8", errors="replace")):
        write_text(path, model_card(model, training))
    return path


def is_generated(card: str) -> bool:
    """Whether a card still carries the line that hfquick writes into its own."""
    return MARK in card


def model_card(model: ModelFacts, training: TrainingFacts | None = None) -> str:
    """Facts -> the text of README.md: front matter for the Hub, then simple English for people."""
    training = training or TrainingFacts()
    front = need("huggingface_hub.utils", said("writing a model card"), "all").yaml_dump(
        front_matter(model, training), sort_keys=False
    )
    parts = [f"---\n{front}---", NOTE, f"# {_text(model.name.rpartition('/')[2])}", _what_it_is(model)]
    parts += [*_use(model), *_results(training), *_training(training), *_unknown(model, training)]
    return "\n\n".join([*parts, *_versions(model, training)]) + "\n"


def front_matter(model: ModelFacts, training: TrainingFacts) -> dict[str, Any]:
    """What the Hub reads: searches, the buttons of the page, and the table of results."""
    scores = {name: value for name, value in metrics(training).items() if name != "loss"}
    values: dict[str, Any] = {
        # The files are in the layout of transformers, and the code behind the Hub's button "use this model" works.
        "library_name": "transformers" if model.model_type in ARCHITECTURES else None,
        "pipeline_tag": model.task and model.task.name,
        "license": model.license,
        "language": list(model.languages),
        "base_model": _on_the_hub(model.base_model),
        "datasets": [name] if (name := _on_the_hub(training.dataset)) else [],
        "tags": ["hfquick", *([model.model_type] if model.model_type else [])],
        "metrics": list(scores),
    }
    if scores and model.task and values["datasets"]:  # the Hub accepts results only with a task and a data set
        data = {"type": training.dataset, "name": training.dataset, "split": training.evaluated_on}
        result = {
            "task": {"type": model.task.name, "name": model.task.title},
            "dataset": {key: value for key, value in data.items() if value},
            "metrics": [{"type": name, "value": value} for name, value in scores.items()],
        }
        values["model-index"] = [{"name": model.name.rpartition("/")[2], "results": [result]}]
    return {key: value for key, value in values.items() if value}


def metrics(training: TrainingFacts) -> dict[str, float]:
    """The scores among the metrics, without "eval_" in front: no speeds, no counters, nothing that is not a number."""
    found = {}
    for name, value in training.metrics.items():
        short = re.sub(r"^(eval|test|predict)_", "", name)
        if not NO_METRIC.search(short) and _is_number(value) and math.isfinite(value):
            found[short] = float(value)
    return found


def hyperparameters(training: TrainingFacts) -> dict[str, Any]:
    """The arguments that decide what a training computes, as far as they are set: numbers, switches, single words."""

    def plain(value: Any) -> bool:
        if isinstance(value, str):
            return re.fullmatch(r"(?!hf_)[\w.+-]{1,40}", value, re.ASCII) is not None
        return _is_number(value) or value is True

    # One of these two ends a training; the other has no effect.
    unused = "num_train_epochs" if (training.args.get("max_steps") or -1) > 0 else "max_steps"
    names = HYPERPARAMETERS - {unused}
    return {name: value for name, value in training.args.items() if name in names and plain(value)}


def evaluations(training: TrainingFacts) -> list[dict[str, Any]]:
    """One row for each evaluation: epoch, step, the training loss last logged before it, and what was measured."""
    rows, last = [], None
    for entry in training.log_history:
        last = entry.get("loss", last)
        seen = {name.removeprefix("eval_"): value for name, value in entry.items() if name.startswith("eval_")}
        seen = {name: value for name, value in seen.items() if not NO_METRIC.search(name) and _is_number(value)}
        if seen:
            epoch = f"{entry['epoch']:.4g}" if "epoch" in entry else None
            row = {"epoch": epoch, "step": entry.get("step"), "training loss": last}
            rows.append(row | {"evaluation loss": seen.pop("loss", None)} | seen)
    return rows


# The parts of the text


def _what_it_is(model: ModelFacts) -> str:
    kind = f"A `{_code(model.architecture)}`" if model.architecture else "A model"
    size = f" with {model.parameters:,} parameters" if model.parameters else ""
    lines = [f"{kind}{size}{f', for {model.task.title.lower()}' if model.task else ''}."]
    if model.labels:
        lines.append(f"Its labels: {short_list([f'`{_code(label)}`' for label in model.labels], 20)}.")
    if base := _on_the_hub(model.base_model):
        lines.append(f"Its weights started from {_link(base, 'models')}.")
    elif _is_embedded(model.base_model):
        lines.append(f"Its weights started from `{_code(model.base_model)}`, a small model inside the hfquick package.")
    return " ".join(lines)


def _use(model: ModelFacts) -> Iterator[str]:
    if model.model_type not in ARCHITECTURES or not (head := auto_class_of(model.architecture)):
        return
    name = json.dumps(model.name, ensure_ascii=False)
    part = PREPARED_BY.get(
        head.removeprefix("TF"), PREPARED_BY.get(model.task.input if model.task else "", "tokenizer")
    )
    if model.task:
        sample = FILES.get(model.task.input) or _sample(model.task.samples[0])
        code = (
            f'from hfquick import pipeline\n\npipe = pipeline("{model.task.name}", model={name})\nprint(pipe({sample}))'
        )
    else:
        code = (
            f"from hfquick import {head}, AutoTokenizer\n\n"
            f"tokenizer = AutoTokenizer.from_pretrained({name})\n"
            f"model = {head}.from_pretrained({name})\n"
            f'batch = tokenizer("A short text.", return_tensors="{"tf" if head.startswith("TF") else "pt"}")\n'
            "print({name: value.shape for name, value in model(**batch).items()})"
        )
    yield f"## How to use it\n\n```python\n{code}\n```"
    yield f"The {part} has to be in the same repository. The files also load in transformers."


def _sample(value: Any) -> str:
    """A sample input as Python, with the mask token of the model's own tokenizer."""
    code = json.dumps(value, ensure_ascii=False)
    return "f" + code.replace("<mask>", "{pipe.tokenizer.mask_token}") if "<mask>" in code else code


def _results(training: TrainingFacts) -> Iterator[str]:
    found = metrics(training)
    if found:
        split = f"the split {_text(training.evaluated_on)}" if training.evaluated_on else ""
        where = " of ".join(filter(None, [split, _data(training.dataset)]))
        yield f"## Results\n\nMeasured{f' on {where}' if where else ''}:"
        yield _table(("metric", "value"), list(found.items()))


def _training(training: TrainingFacts) -> Iterator[str]:
    chosen, rows = hyperparameters(training), evaluations(training)
    losses = [entry["loss"] for entry in training.log_history if _is_number(entry.get("loss"))]
    if not (training.dataset or chosen or rows or losses or training.when):
        return
    data = f"It was trained on {_data(training.dataset)}." if training.dataset else "The data is not named."
    yield f"## Training\n\n{data}{f' Trained: {_text(training.when)}.' if training.when else ''}"
    if chosen:
        yield "### Hyperparameters"
        yield _table(("argument", "value"), [(name, str(value)) for name, value in chosen.items()])
    if rows:
        yield "### Losses"
        names = list(dict.fromkeys(name for row in rows for name in row))
        used = [name for name in names if any(row.get(name) is not None for row in rows)]
        yield _table(tuple(used), [tuple(row.get(name) for name in used) for row in rows])
    elif losses:
        yield f"The last training loss was {_rounded(losses[-1])}. No evaluation was made while it was training."


def _unknown(model: ModelFacts, training: TrainingFacts) -> Iterator[str]:
    missing = []
    if not model.license:
        missing.append("The licence: none was given. Ask the author before you use the model elsewhere.")
    if not training.dataset:
        missing.append("The data it was trained on.")
    if not _on_the_hub(model.base_model) and not _is_embedded(model.base_model):
        missing.append("What its weights started from.")
    if not model.languages:
        missing.append("The languages it is made for.")
    if not metrics(training):
        missing.append("How good it is: no score was recorded.")
    elif not training.evaluated_on:
        missing.append("Whether the data it was measured on was kept apart from the training.")
    missing.append("Where it fails, and whom its mistakes would hurt: nobody has written that down yet.")
    yield "## What is not known\n\n" + "\n".join(f"- {line}" for line in missing)


def _versions(model: ModelFacts, training: TrainingFacts) -> Iterator[str]:
    own = {package: version_of(package) for package in PACKAGES.get(model.framework, ())}
    found = {"hfquick": __version__, **{package: version for package, version in own.items() if version}}
    yield "## Versions"
    yield _table(("package", "version"), list({**found, **training.versions}.items()))


# Small helpers


def _size(model: Any) -> int | None:
    if hasattr(model, "num_parameters"):
        return int(model.num_parameters())
    if hasattr(model, "count_params"):  # of any Keras model
        return int(model.count_params()) if model.built else None
    parameters = getattr(model, "parameters", None)  # of any torch.nn.Module
    return sum(parameter.numel() for parameter in parameters()) if parameters is not None else None


def _is_embedded(name: str | None) -> bool:
    return (name or "").startswith(PREFIX)


def _on_the_hub(name: str | None) -> str | None:
    """The id, if the Hub can have a page of it: what is embedded in hfquick has none, and what is no id neither."""
    return name if name and is_hub_id(name) and not _is_embedded(name) else None


def _link(name: str, kind: str) -> str:
    return f"[{name}](https://huggingface.co/{'datasets/' if kind == 'datasets' else ''}{name})"


def _data(name: str | None) -> str:
    """Data as the text names it: of a file only its own name, not the path on somebody's machine."""
    if not name:
        return ""
    if _on_the_hub(name):
        return _link(name, "datasets")
    short = name if _is_embedded(name) else re.split(r"[/\\]", name)[-1]
    return f"`{_code(short)}`"


def _table(head: tuple[str, ...], rows: list[tuple]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(value) for value in line) + " |" for line in lines)


def _cell(value: Any) -> str:
    return "" if value is None else _rounded(value) if isinstance(value, float) else _text(value)


def _rounded(value: float) -> str:
    """Four digits after the point, or four that count when the number is small."""
    return f"{value:.4f}" if value == 0 or abs(value) >= 0.001 else f"{value:.4g}"


def _text(value: Any) -> str:
    """Text from outside as one line that Markdown and HTML leave alone."""
    line = " ".join(str(value).split())
    return re.sub(r"([|*`\[\]\\])", r"\\\1", line.replace("&", "&amp;").replace("<", "&lt;"))


def _code(value: Any) -> str:
    """The same between backticks, where only a backtick and a table's bar mean something."""
    return " ".join(str(value).split()).replace("`", "'").replace("|", "/")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
