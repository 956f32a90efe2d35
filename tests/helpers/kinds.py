"""A tiny model of every kind of labels, with rows of uneven lengths of which some have no label that counts."""

import copy
from functools import cache
from pathlib import Path
from typing import Any

import torch

import hfquick
from tests.helpers.training import FOLDER, tokenizer
from tests.reference.training_cases import NO_DROPOUT

KINDS = ("class", "token", "span", "masked", "causal", "seq2seq")
T5 = Path(__file__).parent.parent / "reference" / "pipelines" / "say-t5"
LENGTHS = (9, 1, 4, 12, 2, 7, 5, 3, 6, 1, 8)


def model_of(kind: str) -> Any:
    """The same weights at every call; no dropout."""
    return copy.deepcopy(_model(kind))


@cache
def _model(kind: str) -> Any:
    torch.manual_seed(0)
    if kind == "causal":
        drop = {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0}
        sizes = {"vocab_size": 420, "n_positions": 16, "n_embd": 16, "n_layer": 1, "n_head": 2}
        return hfquick.GPT2LMHeadModel(hfquick.GPT2Config(**sizes, **drop, initializer_range=0.3))
    if kind == "seq2seq":
        return hfquick.AutoModelForSeq2SeqLM.from_pretrained(T5, dropout_rate=0.0)
    head = {
        "class": hfquick.AutoModelForSequenceClassification,
        "token": hfquick.AutoModelForTokenClassification,
        "span": hfquick.AutoModelForQuestionAnswering,
        "masked": hfquick.AutoModelForMaskedLM,
    }[kind]
    return head.from_pretrained(FOLDER, **NO_DROPOUT)


@cache
def collator_of(kind: str) -> Any:
    if kind == "seq2seq":
        return hfquick.DataCollatorForSeq2Seq(hfquick.AutoTokenizer.from_pretrained(T5))
    if kind == "span":  # padding has logits too, so the loss of a text depends on the length to which it is padded
        return hfquick.DataCollatorWithPadding(tokenizer(), padding="max_length", max_length=16)
    if kind == "class":
        return hfquick.DataCollatorWithPadding(tokenizer())
    return hfquick.DataCollatorForTokenClassification(tokenizer())  # pads the labels


def rows_of(kind: str) -> list[dict[str, Any]]:
    """Eleven rows. The labels of the second do not count, and those of the others are few and many."""
    most = 30 if kind == "seq2seq" else 400
    rows = []
    for row, length in enumerate(LENGTHS):
        ids = [20 + (7 * row + 13 * place) % (most - 20) for place in range(length)]
        labels = [-100 if row == 1 or (place + row) % 3 == 0 else number for place, number in enumerate(ids)]
        made: dict[str, Any] = {"input_ids": ids}
        if kind == "class":
            made["label"] = -100 if row == 1 else row % 3
        elif kind == "span":  # some answers, or only their ends, were cut off
            made |= {"start_positions": 99 if row in (1, 5) else length // 2}
            made |= {"end_positions": 99 if row in (1, 3, 5) else length - 1}
        elif kind == "token":
            made["labels"] = [number if number < 0 else number % 3 for number in labels]
        elif kind == "seq2seq":
            made["labels"] = labels[::-1][: 1 + length // 2]
        else:
            made["labels"] = labels
        rows.append(made)
    return rows


def loss_of(model: Any, kind: str) -> float:
    """The loss of all rows in one batch."""
    batch = collator_of(kind)(rows_of(kind))
    known = {name: value for name, value in batch.items() if name != "token_type_ids"}
    with torch.no_grad():
        return float(model.eval()(**known).loss)
