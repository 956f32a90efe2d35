"""What the recipes of encoder-decoder models (BART, T5) share: loading, training, the score on dev rows, generation."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from hfquick import DataCollatorForSeq2Seq

from . import guided, tokens


def load(folder: Path) -> tuple[Any, Any]:
    """The model and the tokenizer of a folder."""
    from hfquick import AutoModelForSeq2SeqLM, AutoTokenizer

    return AutoModelForSeq2SeqLM.from_pretrained(str(folder)).eval(), AutoTokenizer.from_pretrained(str(folder))


def pairs_of(tokenizer: Any, sources: list[str], targets: list[str], max_lengths: tuple[int, int]) -> list[tokens.Row]:
    """Sources and their targets -> rows of token ids, truncated to so many tokens of each."""
    both = zip((sources, targets), max_lengths, strict=True)
    ids, labels = (tokens.encode(tokenizer, some, most) for some, most in both)
    return [{"input_ids": source, "labels": target} for source, target in zip(ids, labels, strict=True)]


def collator(tokenizer: Any) -> DataCollatorForSeq2Seq:
    return DataCollatorForSeq2Seq(tokenizer, pad_to_multiple_of=tokens.STEP)


def fit(
    name: str,
    model: torch.nn.Module,
    tokenizer: Any,
    rows: list[tokens.Row],
    dev: list[tokens.Row],
    size: int,
    table: np.ndarray,
    skip: int = 0,
    **options: Any,
) -> None:
    """Train a model on rows, in batches of `size` tokens, with supervised cross-attention (guided.py).

    Checkpoints are kept under `name` and a run that broke off is resumed; `dev` rows are evaluated during training.
    """
    trainer = guided.GuidedTrainer(
        model,
        tokens.arguments(name, prediction_loss_only=True, **options),
        collator(tokenizer),
        train_dataset=rows,
        eval_dataset=dev,
        tokens=size,
        table=table,
        skip=skip,
    )
    trainer.train_to_the_end()


@torch.inference_mode()
def likelihood(folder: Path, rows: list[tokens.Row]) -> float:
    """Mean log-probability of a target token, for the model in a folder."""
    model, tokenizer = load(folder)
    total, count = 0.0, 0
    for batch in tokens.TokenLoader(rows, collator(tokenizer), 4096):
        labels = int((batch["labels"] != -100).sum())
        total, count = total - model(**batch).loss.item() * labels, count + labels
    return total / count


def generate(model: Any, tokenizer: Any, texts: list[str], max_length: int | None = None, **options: Any) -> list[str]:
    """What a model generates for each text, in the order given; `max_length` truncates the texts."""
    order = np.argsort([len(text) for text in texts])
    found = [""] * len(texts)
    for start in range(0, len(order), 32):
        some = order[start : start + 32]
        cut = {} if max_length is None else {"truncation": True, "max_length": max_length}
        batch = tokenizer([texts[index] for index in some], padding=True, return_tensors="pt", **cut)
        generated = model.generate(**batch, **options)
        for index, text in zip(some, tokenizer.batch_decode(generated, skip_special_tokens=True), strict=True):
            found[index] = text
    return found
