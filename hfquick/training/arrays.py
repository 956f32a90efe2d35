"""Arrays of the batches of an evaluation, put together; without a framework, for both."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..i18n import spoken

IGNORED = -100  # label that no loss counts, and padding where a row is shorter than the longest


def joined(batches: list[np.ndarray], pad_value: int = IGNORED) -> np.ndarray:
    """Arrays of each batch -> one array, rows padded to the longest.

    >>> joined([np.array([[1, 2]]), np.array([[3]])]).tolist()
    [[1, 2], [3, -100]]
    """
    shapes = [batch.shape[1:] for batch in batches]
    if len({len(shape) for shape in shapes}) > 1 or not all(batch.ndim for batch in batches):
        raise spoken(
            ValueError,
            "the model's outputs for two batches have the shapes {one} and {other}, which cannot be put together; "
            "leave this output out with ignore_keys=[...], or evaluate with prediction_loss_only=True",
            one=min(batches, key=np.ndim).shape,
            other=max(batches, key=np.ndim).shape,
        )
    if len(set(shapes)) == 1:
        return np.concatenate(batches)
    longest = tuple(max(sizes) for sizes in zip(*shapes, strict=True))
    kind = np.result_type(*batches)
    kind = np.result_type(kind, np.int16) if kind.kind in "bu" else kind  # which -100 is none of
    whole = np.full((sum(map(len, batches)), *longest), pad_value, dtype=kind)
    start = 0
    for batch in batches:
        columns = tuple(slice(size) for size in batch.shape[1:])
        whole[(slice(start, start + len(batch)), *columns)] = batch
        start += len(batch)
    return whole


def stacked(batches: list[Any], rows: list[int]) -> Any:
    """What each batch gave, an array or a tuple or dict of such -> the same of all rows; None if there is nothing.

    `rows` are those of each batch. Arrays are padded to the longest row. What is one number for a whole batch is left
    out of a tuple; a batch of one row whose array has lost its first dimension (a model that squeezes) gets it back.
    """
    if not batches or any(batch is None for batch in batches):
        return None
    if isinstance(batches[0], Mapping):
        return {name: stacked([batch.get(name) for batch in batches], rows) for name in batches[0]}
    if not isinstance(batches[0], tuple):
        if max(rows) > 1 and _is_number_of_batch(batches, rows):
            return None
        return joined(_by_row(batches, rows))
    if _is_list_of_rows(batches, rows):
        return stacked([_with_axis(item) for batch in batches for item in batch], [1] * sum(rows))
    parts = [list(part) for part in zip(*batches, strict=False)]
    kept = [part for part in parts if not _is_number_of_batch(part, rows)] or parts[: len(parts) * (max(rows) == 1)]
    found = tuple(stacked(part, rows) for part in kept)
    return found if len(kept) == len(parts) else found[0] if len(found) == 1 else found or None


def picked(arrays: Any, rows: np.ndarray, count: int) -> Any:
    """The rows of these numbers from what `stacked` gave for `count` rows; what is not of rows stays as it is."""
    if isinstance(arrays, tuple):
        return tuple(picked(array, rows, count) for array in arrays)
    if isinstance(arrays, Mapping):
        return {name: picked(array, rows, count) for name, array in arrays.items()}
    return arrays[rows] if arrays is not None and len(arrays) == count else arrays


def _by_row(batches: list[np.ndarray], rows: list[int]) -> list[np.ndarray]:
    """The arrays, those of batches of one row with a first dimension as in the others."""
    several = [batch.ndim for batch, count in zip(batches, rows, strict=True) if count > 1]
    if several:
        is_short = [count == 1 and batch.ndim == max(several) - 1 for batch, count in zip(batches, rows, strict=True)]
    else:
        deepest = max(batch.ndim + (batch.shape[:1] != (1,)) for batch in batches)
        is_short = [batch.ndim < deepest for batch in batches]
    return [batch[None] if short else batch for batch, short in zip(batches, is_short, strict=True)]


def _is_list_of_rows(batches: list[tuple], rows: list[int]) -> bool:
    """Whether these tuples hold an item for each row, and not a part of the output for all rows."""
    if [len(batch) for batch in batches] != rows:
        return False
    items = [(item, count) for batch, count in zip(batches, rows, strict=True) for item in batch]
    return any(
        isinstance(item, Mapping) or (isinstance(item, np.ndarray) and item.shape[:1] != (count,))
        for item, count in items
    )


def _with_axis(item: Any) -> Any:
    if isinstance(item, Mapping):
        return {name: _with_axis(value) for name, value in item.items()}
    return tuple(map(_with_axis, item)) if isinstance(item, tuple) else None if item is None else item[None]


def _is_number_of_batch(part: list[Any], rows: list[int]) -> bool:
    """Whether a part is one number for each batch, whatever its rows are."""
    several = [value for value, count in zip(part, rows, strict=True) if count > 1] or part
    return all(isinstance(value, np.ndarray) and value.ndim == 0 for value in several)
