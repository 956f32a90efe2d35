"""Record the losses of transformers 4.57.6's Trainer. In the oracle's environment, from the top folder:

    python -m tests.reference.record_training

Writes tests/reference/training/losses.json: for every case the loss of each batch, the learning rate and length of the
gradient of each update, and the sum of all weights at the end.
"""

import json
import tempfile
from pathlib import Path

import torch
import transformers
from transformers import DataCollatorWithPadding, Trainer, TrainerCallback, TrainingArguments

from .training_cases import CASES, COMMON, NO_DROPOUT, rows

HERE = Path(__file__).parent
FOLDER = HERE / "pipelines" / "three-labels"


class InOrder(Trainer):
    """The rows as they come, and the exact loss of every batch."""

    def _get_train_sampler(self, *args, **kwargs):
        return torch.utils.data.SequentialSampler(self.train_dataset)

    def compute_loss(self, *args, **kwargs):
        result = super().compute_loss(*args, **kwargs)
        self.exact.append(float(result[0] if isinstance(result, tuple) else result))
        return result


class Watch(TrainerCallback):
    def __init__(self) -> None:
        self.rates, self.norms = [], []

    def on_pre_optimizer_step(self, args, state, control, **kwargs) -> None:
        self.rates.append(kwargs["optimizer"].param_groups[0]["lr"])

    def on_log(self, args, state, control, logs=None, **kwargs) -> None:
        if "grad_norm" in logs:
            self.norms.append(float(logs["grad_norm"]))


def record(options: dict) -> dict:
    model = transformers.AutoModelForSequenceClassification.from_pretrained(FOLDER, **NO_DROPOUT)
    tokenizer = transformers.AutoTokenizer.from_pretrained(FOLDER)
    watch = Watch()
    if options.get("lr_scheduler_type") == "polynomial":  # theirs ends at 1e-7 unless told so, ours at zero
        options = {**options, "lr_scheduler_kwargs": {**options["lr_scheduler_kwargs"], "lr_end": 0.0}}
    with tempfile.TemporaryDirectory() as folder:
        args = TrainingArguments(folder, logging_steps=1, report_to="none", **{**COMMON, **options})
        trainer = InOrder(
            model,
            args,
            DataCollatorWithPadding(tokenizer),
            rows(),
            processing_class=tokenizer,
            callbacks=[watch],
        )
        trainer.exact = []
        trainer.train()
    total = sum(float(parameter.detach().double().abs().sum()) for parameter in model.parameters())
    return {"losses": trainer.exact, "rates": watch.rates, "norms": watch.norms, "weights": total}


def main() -> None:
    assert transformers.__version__ == "4.57.6", f"expected transformers 4.57.6, this is {transformers.__version__}"
    torch.set_num_threads(1)
    found = {name: record(options) for name, options in CASES.items()}
    path = HERE / "training" / "losses.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(path, path.stat().st_size)


if __name__ == "__main__":
    main()
