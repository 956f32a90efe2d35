"""What the recipes of models with an encoder and a decoder share: loading, learning, the score on dev rows, writing."""

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


def pairs_of(tokenizer: Any, read: list[str], write: list[str], longest: tuple[int, int]) -> list[tokens.Row]:
    """Texts and what is to be written about each -> rows of ids, cut to so many tokens read and written."""
    ids, labels = (tokens.encode(tokenizer, some, most) for some, most in zip((read, write), longest, strict=True))
    return [{"input_ids": source, "labels": target} for source, target in zip(ids, labels, strict=True)]


def collator(tokenizer: Any) -> DataCollatorForSeq2Seq:
    return DataCollatorForSeq2Seq(tokenizer, pad_to_multiple_of=tokens.STEP)


def learn(
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
    """Train a model on rows, in batches of `size` tokens, and show its attention where to look (guided.py).

    The run is kept under `name` and goes on where it broke off; `dev` rows are measured on the way.
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
    """Mean log-probability of a piece of what is to be written, for the model in a folder."""
    model, tokenizer = load(folder)
    total, count = 0.0, 0
    for batch in tokens.TokenLoader(rows, collator(tokenizer), 4096):
        read = int((batch["labels"] != -100).sum())
        total, count = total - model(**batch).loss.item() * read, count + read
    return total / count


def write(model: Any, tokenizer: Any, texts: list[str], most: int | None = None, **options: Any) -> list[str]:
    """What a model writes about each text, in the order given; of a text `most` tokens are read, all without it."""
    order = np.argsort([len(text) for text in texts])
    found = [""] * len(texts)
    for start in range(0, len(order), 32):
        some = order[start : start + 32]
        cut = {} if most is None else {"truncation": True, "max_length": most}
        batch = tokenizer([texts[index] for index in some], padding=True, return_tensors="pt", **cut)
        written = model.generate(**batch, **options)
        for index, text in zip(some, tokenizer.batch_decode(written, skip_special_tokens=True), strict=True):
            found[index] = text
    return found
