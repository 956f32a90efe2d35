"""What is right, worked out one row at a time: outputs of a model, and losses in NumPy.

A loss is given as the sum over the labels that count, and their number: a mean over a dataset is the sum of the sums
over the sum of the numbers, however the rows are dealt out to batches.
"""

from itertools import permutations
from typing import Any

import numpy as np

IGNORED = -100
Outputs = dict[str, np.ndarray]  # of one row: logits (T, N), or what its head has


def log_softmax(logits: np.ndarray) -> np.ndarray:
    logits = logits.astype(np.float64)
    logits = logits - logits.max(-1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True))


def softmax(logits: np.ndarray) -> np.ndarray:
    return np.exp(log_softmax(logits))


def sigmoid(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logits.astype(np.float64)))


# Losses: (outputs of a row, the row, label smoothing) -> (sum, number of labels)


def cross_entropy(logits: np.ndarray, labels: Any, smoothing: float = 0.0) -> tuple[float, int]:
    """logits (K, N), labels (K,)."""
    labels = np.asarray(labels, np.int64)
    counts = labels != IGNORED
    logs, labels = log_softmax(logits[counts]), labels[counts]
    losses = -(1 - smoothing) * logs[np.arange(len(labels)), labels] - smoothing * logs.mean(-1)
    return float(losses.sum()), len(labels)


def class_loss(outputs: Outputs, row: Any, smoothing: float = 0.0) -> tuple[float, int]:
    return cross_entropy(outputs["logits"][None], [row["label"]], smoothing)


def token_loss(outputs: Outputs, row: Any, smoothing: float = 0.0) -> tuple[float, int]:
    return cross_entropy(outputs["logits"], row["labels"], smoothing)


def causal_loss(outputs: Outputs, row: Any, smoothing: float = 0.0) -> tuple[float, int]:
    """The logits at a token predict the one after it."""
    return cross_entropy(outputs["logits"][:-1], row.get("labels", row["input_ids"])[1:], smoothing)


def number_loss(outputs: Outputs, row: Any) -> tuple[float, int]:
    return float((outputs["logits"].item() - row["label"]) ** 2), 1


def several_loss(outputs: Outputs, row: Any) -> tuple[float, int]:
    wanted, found = np.array(row["labels"]), sigmoid(outputs["logits"])
    return float(-np.log(np.where(wanted == 1, found, 1 - found)).mean()), 1


def scores_loss(outputs: Outputs, row: Any) -> tuple[float, int]:
    """Several answers may be right, each more or less."""
    wanted, found = np.array(row["labels"]), sigmoid(outputs["logits"])
    return float(-(wanted * np.log(found) + (1 - wanted) * np.log(1 - found)).sum()), 1


def span_loss(outputs: Outputs, row: Any) -> tuple[float, int]:
    """A position past the end of the text does not count."""
    total, count = 0.0, 0
    for logits, position in (("start_logits", "start_positions"), ("end_logits", "end_positions")):
        if row[position] < len(outputs[logits]):
            total, count = total - log_softmax(outputs[logits])[row[position]] / 2, 1
    return float(total), count


def characters_loss(outputs: Outputs, row: Any) -> tuple[float, int]:
    """CTC's (Graves et al. 2006), by its forward variables over the characters with a blank, 0, around each; divided
    by how many there are.
    """
    logs, characters = log_softmax(outputs["logits"]), [label for label in row["labels"] if label >= 0]
    places = [0, *(token for character in characters for token in (character, 0))]
    ways = np.full(len(places), -np.inf)
    ways[:2] = logs[0, places[:2]]
    for frame in logs[1:]:
        before = ways
        ways = np.full(len(places), -np.inf)
        for place, token in enumerate(places):
            skips = token != 0 and place > 1 and token != places[place - 2]
            first = max(0, place - 1 - skips)
            ways[place] = np.logaddexp.reduce(before[first : place + 1]) + frame[token]
    return float(-np.logaddexp.reduce(ways[-2:])) / max(1, len(characters)), 1


def object_loss(outputs: Outputs, row: Any) -> tuple[float, int]:
    """DETR's (Carion et al. 2020): of all ways to give each object a query the cheapest is found by trying them all.

    logits (Q, N + 1), pred_boxes (Q, 4), perhaps pred_masks (Q, y, x) and masks as large.
    """
    logs, boxes = log_softmax(outputs["logits"]), outputs["pred_boxes"].astype(np.float64)
    classes, wanted = row["labels"]["class_labels"], np.array(row["labels"]["boxes"])

    def cost(query: int, thing: int) -> float:
        distance, overlap = np.abs(boxes[query] - wanted[thing]).sum(), overlap_of(boxes[query], wanted[thing])
        return 5 * distance - 2 * overlap - np.exp(logs[query, classes[thing]])

    ways = permutations(range(len(boxes)), len(classes))
    queries = min(ways, key=lambda way: sum(cost(query, thing) for thing, query in enumerate(way)))
    labels, weights = np.full(len(boxes), logs.shape[-1] - 1), np.full(len(boxes), 0.1)
    labels[list(queries)], weights[list(queries)] = classes, 1.0
    loss = -(weights * logs[np.arange(len(labels)), labels]).sum() / weights.sum() * len(classes)
    for thing, query in enumerate(queries):
        loss += 5 * np.abs(boxes[query] - wanted[thing]).sum() + 2 * (1 - overlap_of(boxes[query], wanted[thing]))
        if "masks" in row["labels"]:
            loss += mask_loss(outputs["pred_masks"][query], np.array(row["labels"]["masks"][thing]))
    return float(loss), len(classes)


def overlap_of(one: np.ndarray, other: np.ndarray) -> float:
    """The generalised intersection over union of two boxes (centre x, centre y, width, height)."""
    (a, b, c, d), (e, f, g, h) = ((x - w / 2, y - h / 2, x + w / 2, y + h / 2) for x, y, w, h in (one, other))
    shared = max(0, min(c, g) - max(a, e)) * max(0, min(d, h) - max(b, f))
    union = one[2] * one[3] + other[2] * other[3] - shared
    around = (max(c, g) - min(a, e)) * (max(d, h) - min(b, f))
    return shared / union - (around - union) / around


def mask_loss(logits: np.ndarray, mask: np.ndarray) -> float:
    """Focal and dice loss of one mask (y, x)."""
    found = sigmoid(logits)
    right = np.where(mask == 1, found, 1 - found)
    focal = (np.where(mask == 1, 0.25, 0.75) * (1 - right) ** 2 * -np.log(right)).mean()
    return float(focal + 1 - (2 * (found * mask).sum() + 1) / (found.sum() + mask.sum() + 1))


# Outputs of a model for one row


def alone(model: Any, kind: Any, row: Any) -> Outputs:
    """The outputs for a row by itself, with no padding but its own; the first axis is taken off."""
    arrays = {name: np.array([values]) for name, values in kind.columns(row).items()}
    arrays = {name: array.astype(np.float32) if array.dtype.kind == "f" else array for name, array in arrays.items()}
    if kind.has_decoder_inputs:
        labels = [token if token != IGNORED else model.config.pad_token_id for token in row["labels"]]
        arrays["decoder_input_ids"] = np.array([[model.config.decoder_start_token_id, *labels[:-1]]])
    return {name: array[0] for name, array in call(model, arrays).items() if name in kind.outputs}


def call(model: Any, arrays: dict[str, np.ndarray], **options: Any) -> dict[str, np.ndarray]:
    """The outputs of a model of either framework for NumPy arrays, hidden states and their like left out."""
    if hasattr(model, "parameters"):
        import torch

        model.eval()
        with torch.no_grad():
            outputs = model(**{name: torch.from_numpy(array) for name, array in arrays.items()}, **options)
    else:
        outputs = model(arrays, training=False, **options)
    return {name: np.asarray(value) for name, value in outputs.items() if not isinstance(value, tuple)}


def mean_loss(kind: Any, outputs: list[Outputs], rows: Any, *smoothing: float) -> float:
    """The loss of a dataset: the mean over all labels that count."""
    totals, counts = zip(*(kind.loss(*pair, *smoothing) for pair in zip(outputs, rows, strict=True)), strict=True)
    return sum(totals) / sum(counts)


def padded_left(tokenizer: Any, row: Any, longest: dict[str, int]) -> Any:
    """A row with padding in front of it, up to these lengths; where labels come from the text, none for the padding."""
    if not {"label", "labels", "start_positions"} & row.keys():
        row, longest = {**row, "labels": row["input_ids"]}, {**longest, "labels": longest["input_ids"]}
    fill = {"input_ids": tokenizer.pad_token_id, "labels": IGNORED}
    return {
        name: [fill.get(name, 0)] * (longest[name] - len(value)) + value if name in longest else value
        for name, value in row.items()
    }
