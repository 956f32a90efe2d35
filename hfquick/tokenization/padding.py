"""Filling of texts that were tokenized one by one: for `tokenizer.pad`, and for the collators of training."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .options import pad_id


def filler_for(tokenizer: Any, strategy: str) -> dict[str, Any]:
    """Column -> the number that it is filled with; the first is the one that is measured."""
    return {
        tokenizer.model_input_names[0]: None if strategy == "do_not_pad" else pad_id(tokenizer),
        "attention_mask": 0,
        "token_type_ids": tokenizer.pad_token_type_id,
        "special_tokens_mask": 1,
    }


def columns_of(encoded: Any, taker: str = "pad") -> dict[str, Any]:
    """Examples (dicts), or a dict of lists -> a dict of lists. Raises where examples have different columns."""
    if isinstance(encoded, Mapping):
        return dict(encoded)
    if not isinstance(encoded, list | tuple) or not all(isinstance(example, Mapping) for example in encoded):
        kind = type(encoded).__name__
        if isinstance(encoded, list | tuple):
            kind += f" of {type(next(e for e in encoded if not isinstance(e, Mapping))).__name__}"
        raise TypeError(f"{taker} takes a list of examples (dicts) or a dict of lists, not {kind}")
    first = encoded[0] if encoded else {}
    for index, example in enumerate(encoded):
        if example.keys() != first.keys():
            missing = next((name for name in first if name not in example), None)
            less, more = (index, 0) if missing else (0, index)
            name = missing or next(name for name in example if name not in first)
            raise ValueError(
                f"example {less} has no {name!r}, which example {more} has; expected the same columns everywhere"
            )
    return {name: [example[name] for example in encoded] for name in first}


def pad_array(rows: Sequence[Any], length: int, fill: int, side: str) -> np.ndarray:
    """Rows of whole numbers, none longer than `length` -> one array (rows, length).

    Each row is copied into the filled array at once, several times faster than a list of filled lists.
    """
    array = np.full((len(rows), length), fill, dtype=np.int64)
    for index, row in enumerate(rows):
        if side == "right":
            array[index, : len(row)] = row
        else:
            array[index, length - len(row) :] = row
    return array


def pad_lists(
    encoded: Any,
    filler: dict[str, Any],
    strategy: str,
    max_length: int | None,
    multiple: int | None,
    side: str,
    with_mask: bool,
) -> tuple[dict[str, Any], str | None]:
    """Examples, or columns -> columns of one length, and the kind of the tensors that came in, if any."""
    columns, found = _columns(encoded)
    main = next(iter(filler))
    if main not in columns:
        raise ValueError(
            f"padding needs {main!r}, the examples have {', '.join(map(repr, columns)) or 'nothing'}; "
            "tokenize the texts first"
        )
    rows = columns[main]
    single = bool(rows) and isinstance(rows[0], int)
    if single:
        columns = {key: [value] for key, value in columns.items()}
        rows = columns[main]
    for key, values in columns.items():
        if not isinstance(values, list) or len(values) != len(rows):
            raise ValueError(
                f"{key!r} has not one value for each of the {len(rows)} texts; remove this column or mend it"
            )
    if with_mask and "attention_mask" not in columns:
        columns["attention_mask"] = [[1] * len(row) for row in rows]
    lengths = [len(row) for row in rows]
    target = max(lengths, default=0) if strategy == "longest" else max_length or 0
    if multiple:
        target = -(-target // multiple) * multiple
    if strategy != "do_not_pad":
        for key, fill in filler.items():
            if key in columns:
                columns[key] = [
                    _fill(row, target - length, fill, side) for row, length in zip(columns[key], lengths, strict=True)
                ]
    if single:
        columns = {key: value[0] for key, value in columns.items()}
    return columns, found


def _fill(row: Any, missing: int, fill: int, side: str) -> Any:
    if missing <= 0:
        return row
    more = [fill] * missing
    return [*row, *more] if side == "right" else [*more, *row]


def _columns(encoded: Any) -> tuple[dict[str, Any], str | None]:
    found = None
    plain = {}
    for name, values in columns_of(encoded).items():
        kind, plain[name] = _plain(values)
        found = found or kind
    return plain, found


def _plain(value: Any) -> tuple[str | None, Any]:
    """Tensors at any depth of lists -> numbers, and the kind of the first tensor."""
    if isinstance(value, list | tuple):
        if value and isinstance(value[0], int | float | str):
            return None, list(value)  # the usual case: nothing deeper to look at
        kinds, items = zip(*map(_plain, value), strict=True) if value else ((), ())
        return next(filter(None, kinds), None), list(items)
    if hasattr(value, "tolist"):
        return ("pt" if type(value).__module__.startswith("torch") else "np"), value.tolist()
    if hasattr(value, "numpy"):
        return "tf", value.numpy().tolist()
    return None, value
