"""Texts as token ids, and what the recipes add to hfquick's Trainer: batches of so many tokens instead of rows.

Models are trained here on a CPU, on texts of one to five hundred tokens. A batch of so many rows would be a drop one
time and a flood the next; a batch of so many tokens takes the same time each time, and hardly any of it is padding.
"""

import contextlib
import random
import shutil
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from hfquick import DataCollatorWithPadding, Trainer, TrainingArguments
from hfquick.training import checkpoints
from hfquick.training.batches import BatchLoader

from . import sources
from .common import SEED

STEP = 8  # lengths are padded to a multiple of it: the CPU's kernels are compiled, and kept in memory, for each shape

Row = dict[str, Any]  # "input_ids" and, for a classifier, "labels"


def encode(tokenizer: Any, texts: Sequence[str], max_length: int) -> list[list[int]]:
    """Texts -> lists of token ids with [CLS] and [SEP], truncated to max_length."""
    slices = (list(texts[start : start + 5000]) for start in range(0, len(texts), 5000))  # an encoding is much larger
    return [ids for some in slices for ids in tokenizer(some, truncation=True, max_length=max_length)["input_ids"]]


def insert_unknown(ids: list[list[int]], seed: int, unknown: int = 1) -> list[list[int]]:
    """One row in twelve gets an unknown token somewhere, so that an emoji does not upset the model."""
    rng = random.Random(seed)
    found = []
    for row in ids:
        position = rng.randrange(1, len(row))
        found.append([*row[:position], unknown, *row[position:]] if rng.random() < 1 / 12 else row)
    return found


def labelled(ids: Sequence[list[int]], labels: np.ndarray) -> list[Row]:
    """Ids and their labels (N, ...) -> rows of a dataset."""
    return [{"input_ids": row, "labels": label} for row, label in zip(ids, labels.tolist(), strict=True)]


# Batches


def batches(lengths: Sequence[int], tokens: int, rng: random.Random | None = None) -> list[np.ndarray]:
    """Row numbers in batches of at most `tokens` tokens, a row at least; rows of a batch have one length once padded.

    With `rng`, rows and batches come in a random order, and always as many batches; without it, shortest first.
    """
    # Not data.batching.length_grouped, which sorts rows so that batches of so many rows need little padding: here all
    # rows of a batch have one length, and their number follows from it.
    order = list(range(len(lengths)))
    if rng:
        rng.shuffle(order)
    alike: dict[int, list[int]] = {}
    for row in order:
        alike.setdefault(-(-lengths[row] // STEP) * STEP, []).append(row)
    found = []
    for length, rows in sorted(alike.items()):
        size = max(1, tokens // length)
        found += [np.array(rows[start : start + size]) for start in range(0, len(rows), size)]
    if rng:
        rng.shuffle(found)
    return found


class TokenLoader(BatchLoader):
    """The Trainer's loader with `batches` for a plan. Without a seed: in order of length, to evaluate."""

    def __init__(self, rows: Sequence[Row], collate: Callable, tokens: int, seed: int | None = None) -> None:
        self.tokens, self.shuffled = tokens, seed is not None
        self.lengths = [len(row["input_ids"]) for row in rows]
        super().__init__(rows, collate, 1, seed=seed or 0)

    def set_epoch(self, epoch: int, start: int = 0) -> None:
        self.epoch, self.start = epoch, start
        self.plan = batches(self.lengths, self.tokens, random.Random(f"{self.seed} {epoch}") if self.shuffled else None)

    def __len__(self) -> int:
        return len(self.plan)


# Training


class PlainTrainer(Trainer):
    """A Trainer whose steps use plain attention: the fused one has a slow backward pass on a CPU."""

    def training_step(self, model: torch.nn.Module, inputs: Any, share: float = 1.0) -> torch.Tensor:
        torch.backends.cuda.allow_fp16_bf16_reduction_math_sdp(True)  # for CPUs too, whatever its name says
        with sdpa_kernel(SDPBackend.MATH):
            return super().training_step(model, inputs, share)


class TokenTrainer(PlainTrainer):
    """Trainer with batches of about `tokens` tokens."""

    def __init__(self, *args: Any, tokens: int, **kwargs: Any) -> None:
        self.tokens = tokens
        super().__init__(*args, **kwargs)

    def get_train_dataloader(self) -> TokenLoader:
        return TokenLoader(self.train_dataset, self.data_collator, self.tokens, seed=self.args.seed)

    def get_eval_dataloader(self, eval_dataset: Any = None) -> TokenLoader:
        dataset = self.eval_dataset if eval_dataset is None else eval_dataset
        return TokenLoader(dataset, self.data_collator, 2 * self.tokens)

    def train_to_the_end(self) -> None:
        """Train, from the last whole checkpoint if an earlier run broke off; then remove the checkpoints."""
        self.train(resume_from_checkpoint=bool(checkpoints.all_of(self.args.output_dir)))
        shutil.rmtree(self.args.output_dir)


def arguments(name: str, **options: Any) -> TrainingArguments:
    """How all models of the recipes are trained: bfloat16, a short warm-up, then a straight line to zero."""
    common: dict[str, Any] = {
        "output_dir": str(sources.WORK / "runs" / name),
        "use_cpu": True,
        "bf16": True,
        "seed": SEED,
        "warmup_ratio": 0.05,
        "weight_decay": 0.01,
        "adam_beta2": 0.98,
        "logging_steps": 200,
        "eval_strategy": "steps",
        "save_steps": 1000,
        "save_total_limit": 1,
    }
    return TrainingArguments(**{**common, **options})


def padder(tokenizer: Any) -> DataCollatorWithPadding:
    return DataCollatorWithPadding(tokenizer, pad_to_multiple_of=STEP)


def without_dropout(model: torch.nn.Module) -> torch.nn.Module:
    """The same model with every dropout at 0: a tiny model on much data does not need it, and runs faster.

    Its configuration keeps the usual dropout, for those who train it on less.
    """
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return model


# Answers


@torch.inference_mode()
def logits(model: torch.nn.Module, tokenizer: Any, texts: Sequence[str], max_length: int, half: bool = False) -> Any:
    """Logits (N, labels) of a sequence classifier for every text, in the order given; `half` computes in bfloat16."""
    model.eval()
    rows: list[Row] = [{"input_ids": ids} for ids in encode(tokenizer, texts, max_length)]
    loader = TokenLoader(rows, padder(tokenizer), 8192)
    with torch.autocast("cpu", torch.bfloat16) if half else contextlib.nullcontext():
        found = np.concatenate([model(**batch).logits.float().numpy() for batch in loader])
    return found[np.argsort(np.concatenate(loader.plan))]


def softmax(values: np.ndarray) -> np.ndarray:
    powers = np.exp(values - values.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)
