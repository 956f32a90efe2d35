"""Record a checkpoint in the middle of a run, and how the run ended that was never stopped. From the top folder:

    OMP_NUM_THREADS=1 python -m tests.reference.record_trainer_checkpoint

Writes tests/reference/checkpoints_of_trainer/: the folder checkpoint-4, final.safetensors with the weights at the end,
and expected.json with what was logged and the orders of the rows. Recorded once, before Trainer was composed of parts.
A version that changes them breaks the runs of its users, so record again only if that is said to them.
"""

import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

from hfquick import BertConfig, BertForSequenceClassification
from hfquick.training.arguments import TrainingArguments
from hfquick.training.callbacks import EarlyStoppingCallback
from hfquick.training.trainer import Trainer

FOLDER = Path(__file__).parent / "checkpoints_of_trainer"
STEP = 4  # in the second epoch, between two logs
SIZES = {
    "vocab_size": 40, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 24,
    "max_position_embeddings": 16, "num_labels": 3, "hidden_dropout_prob": 0.2, "attention_probs_dropout_prob": 0.0,
}  # fmt: skip
PLANS: dict[str, dict[str, Any]] = {
    "shuffled": {},
    "in order": {"shuffle": False},
    "grouped": {"lengths": True},
    "grouped, without the rest": {"lengths": True, "drop_last": True},
    "grouped, in order": {"lengths": True, "shuffle": False},
    "shared": {"process": 1, "processes": 3},
    "grouped and shared": {"lengths": True, "process": 1, "processes": 3},
}


class Dropout(nn.Module):
    """nn.Dropout from torch.rand: the masks of torch's own depend on the maker of the processor."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * (torch.rand(x.shape) >= self.p) / (1 - self.p) if self.training else x


def model() -> nn.Module:
    torch.manual_seed(0)
    made = BertForSequenceClassification(BertConfig(**SIZES))
    for module in list(made.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.Dropout):
                setattr(module, name, Dropout(child.p))
    return made


def rows(count: int = 22) -> list[dict[str, Any]]:
    """Rows of 3 to 14 token ids; the first says the label."""
    rng = np.random.default_rng(0)
    made = (rng.integers(5, 40, int(rng.integers(3, 15))).tolist() for _ in range(count))
    return [{"input_ids": ids, "label": ids[0] % 3} for ids in made]


def collate(batch: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
    """Rows padded with 0; one token of each is replaced at random, as masking would."""
    longest = max(len(row["input_ids"]) for row in batch)
    ids = torch.zeros(len(batch), longest, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for index, row in enumerate(batch):
        length = len(row["input_ids"])
        ids[index, :length], mask[index, :length] = torch.tensor(row["input_ids"]), 1
        ids[index, np.random.randint(length)] = 4
        ids[index, int(torch.randint(length, ()))] = 3
    return {"input_ids": ids, "attention_mask": mask, "labels": torch.tensor([row["label"] for row in batch])}


def trainer(output_dir: Path | str, kind: type[Trainer] = Trainer) -> Trainer:
    """The run: 3 updates in an epoch and 8 in all, grouped by length, accumulated, clipped, with a schedule."""
    args = TrainingArguments(
        str(output_dir),
        max_steps=8,
        per_device_train_batch_size=4,
        gradient_accumulation_steps=2,
        learning_rate=1e-2,
        weight_decay=0.1,
        adam_epsilon=1e-4,  # Adam would make a step of a gradient that is zero but for rounding (biases of keys)
        max_grad_norm=0.5,
        lr_scheduler_type="cosine",
        warmup_steps=2,
        group_by_length=True,
        logging_steps=3,
        eval_strategy="steps",
        eval_steps=2,
        save_strategy="steps",
        save_steps=STEP,
        metric_for_best_model="loss",
        disable_tqdm=True,
        use_cpu=True,
    )
    early = EarlyStoppingCallback(9)
    return kind(model(), args, collate, rows(), eval_dataset=rows(30)[22:], callbacks=[early])


def logged(run: Trainer) -> list[list[float]]:
    """The numbers that a run logged, without times."""
    return [
        [entry["step"], *(entry[name] for name in ("loss", "grad_norm", "learning_rate", "eval_loss") if name in entry)]
        for entry in run.state.log_history
        if "loss" in entry or "eval_loss" in entry
    ]


def digest(rows: Any) -> str:
    return hashlib.sha256(json.dumps([np.asarray(each).tolist() for each in rows]).encode()).hexdigest()


def plans() -> dict[str, str]:
    """The order of the rows, as sums, for each kind of plan."""
    from hfquick.training.batches import plan_epoch

    lengths = np.random.default_rng(1).integers(1, 60, 1003)
    found = {}
    for name, options in PLANS.items():
        given = {**options, "lengths": lengths} if "lengths" in options else options
        found[name] = digest(rows for epoch in range(2) for rows in plan_epoch(1003, 8, seed=3, epoch=epoch, **given))
    return found


if __name__ == "__main__":
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        run = trainer("run")
        run.train()
        shutil.rmtree(FOLDER / f"checkpoint-{STEP}", ignore_errors=True)
        FOLDER.mkdir(exist_ok=True)
        shutil.copytree(Path("run") / f"checkpoint-{STEP}", FOLDER / f"checkpoint-{STEP}")
    save_file(run.model.state_dict(), FOLDER / "final.safetensors")
    expected = {"logged": logged(run), "plans": plans()}
    (FOLDER / "expected.json").write_text(json.dumps(expected, indent=2) + "\n", encoding="utf-8")
