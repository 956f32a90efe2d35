"""Padding of sequences that were tokenized one by one: for `tokenizer.pad`, the collators and the pipelines.

What is tokenized and padded in one call is padded by the library, in Rust: options.py.

Shapes: B rows, T tokens of a padded row.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..i18n import said, spoken
from ..utils.errors import texts_for_numbers
from .options import pad_id


def pad(
    columns: Mapping[str, Sequence[Any]],
    values: Mapping[str, int],
    length: int | None = None,
    side: str = "right",
    with_mask: bool = False,
    arrays: bool = True,
) -> dict[str, Any]:
    """Columns of rows of different lengths -> arrays (B, T); T is `length`, or the length of the longest row.

    `values` has the number that each column is padded with. The first of them tells how many tokens the rows have, the
    others must have as many. Columns without a value are passed on. `with_mask` adds an attention mask where there is
    none. arrays=False makes lists of lists, in which rows longer than T stay as they are.

    >>> pad({"input_ids": [[5, 6], [7]]}, {"input_ids": 0}, with_mask=True)["attention_mask"].tolist()
    [[1, 1], [1, 0]]
    """
    main = next(iter(values))
    lengths = row_lengths(main, columns[main])
    T = max(lengths, default=0) if length is None else length
    pad_rows = _as_array if arrays else _as_lists
    padded: dict[str, Any] = dict(columns)
    for name in [name for name in values if name in columns]:
        if row_lengths(name, columns[name]) != lengths:
            raise _not_as_many(name, columns[name], lengths)
        padded[name] = pad_rows(columns[name], T, values[name], side)
    if with_mask and "attention_mask" not in columns:
        ones = [np.ones(count, np.int64) if arrays else [1] * count for count in lengths]
        padded["attention_mask"] = pad_rows(ones, T, 0, side)
    return padded


def _as_array(rows: Sequence[Any], length: int, value: int, side: str) -> np.ndarray:
    """Rows, none longer than `length` -> (B, T). Each is copied at once, which is faster than padding lists."""
    array = np.full((len(rows), length), value, dtype=np.int64)
    for index, row in enumerate(rows):
        # NumPy would ask a tensor not to copy, at which torch warns; a list is copied once.
        values = np.asarray(row) if hasattr(row, "__array__") else row
        if side == "right":
            array[index, : len(row)] = values
        else:
            array[index, length - len(row) :] = values
    return array


def _as_lists(rows: Sequence[Any], length: int, value: int, side: str) -> list[list]:
    """Rows -> lists of at least `length`."""
    missing = [[value] * (length - len(row)) for row in rows]  # nothing for a row that is longer
    return [[*row, *more] if side == "right" else [*more, *row] for row, more in zip(rows, missing, strict=True)]


def row_lengths(name: str, rows: Sequence[Any]) -> list[int]:
    """The length of each row of a column, or ValueError where a row is no list of whole numbers."""
    try:
        first = next((row[0] for row in rows if len(row)), 0)
        lengths = [len(row) for row in rows]
    except TypeError:  # a number, or None
        wrong = next(row for row in rows if not hasattr(row, "__len__"))
        raise spoken(
            ValueError,
            "column {name!r} holds {wrong!r}, expected a list with a number for each token",
            name=name,
            wrong=wrong,
        ) from None
    if isinstance(first, str):
        raise texts_for_numbers(name, first)
    if isinstance(first, float):
        raise spoken(ValueError, "column {name!r} holds {first!r}, expected whole numbers", name=name, first=first)
    return lengths


def _not_as_many(name: str, rows: Sequence[Any], lengths: list[int]) -> ValueError:
    index = next(index for index, row in enumerate(rows) if len(row) != lengths[index])
    return spoken(
        ValueError,
        "row {index} has {count} values in {name!r} for {length} tokens; expected as many",
        index=index,
        count=len(rows[index]),
        name=name,
        length=lengths[index],
    )


def padding_values(tokenizer: Any, needed: bool = True) -> dict[str, int]:
    """Column -> the number that it is padded with, the token ids first.

    Raises ValueError for a tokenizer without a padding token, unless it is not `needed`: where nothing is to be padded.
    """
    return {
        tokenizer.model_input_names[0]: pad_id(tokenizer) if needed else 0,
        "attention_mask": 0,
        "token_type_ids": tokenizer.pad_token_type_id,
        "special_tokens_mask": 1,
    }


def round_up(count: int, multiple: int | None) -> int:
    """The next multiple, or the count itself without one.

    >>> round_up(9, 8)
    16
    """
    return -(-count // multiple) * multiple if multiple else count


def columns_of(encoded: Any, taker: str = "pad") -> dict[str, Any]:
    """Examples (dicts), or a dict of lists -> a dict of lists. Raises where examples have different columns."""
    if isinstance(encoded, Mapping):
        return dict(encoded)
    if not isinstance(encoded, list | tuple) or not all(isinstance(example, Mapping) for example in encoded):
        kind = type(encoded).__name__
        if isinstance(encoded, list | tuple):
            item = next(each for each in encoded if not isinstance(each, Mapping))
            kind = said("{kind} of {item}", kind=kind, item=type(item).__name__)
        raise spoken(
            TypeError, "{taker} takes a list of examples (dicts) or a dict of lists, not {kind}", taker=taker, kind=kind
        )
    first = encoded[0] if encoded else {}
    for index, example in enumerate(encoded):
        if example.keys() != first.keys():
            missing = next((name for name in first if name not in example), None)
            less, more = (index, 0) if missing else (0, index)
            name = missing or next(name for name in example if name not in first)
            raise spoken(
                ValueError,
                "example {less} has no {name!r}, which example {more} has; expected the same columns everywhere",
                less=less,
                name=name,
                more=more,
            )
    return {name: [example[name] for example in encoded] for name in first}


def pad_examples(
    encoded: Any,
    values: dict[str, int],
    length: int | None,
    multiple: int | None,
    side: str,
    with_mask: bool,
    kind: str | None,
) -> tuple[dict[str, Any], str | None]:
    """One example, several, or columns -> padded columns, and the kind of tensors to make of them, if any.

    None for `length` is the longest row; rows that are longer than `length` stay as they are, so 0 pads none. None for
    `kind` is what came in.
    """
    columns, found = _columns(encoded)
    main = next(iter(values))
    if main not in columns:
        raise spoken(
            ValueError,
            "padding needs {main!r}, the examples have {names}; tokenize the texts first",
            main=main,
            names=", ".join(map(repr, columns)) or said("nothing"),
        )
    single = bool(columns[main]) and isinstance(columns[main][0], int)
    if single:
        columns = {name: [value] for name, value in columns.items()}
    count = len(columns[main])
    for name, rows in columns.items():
        if not isinstance(rows, list) or len(rows) != count:
            raise spoken(
                ValueError,
                "{name!r} has not one value for each of the {count} texts; remove this column or mend it",
                name=name,
                count=count,
            )
    longest = max(row_lengths(main, columns[main]), default=0)
    T = round_up(longest if length is None else length, multiple)
    kind = kind or found
    columns = pad(columns, values, T, side, with_mask, arrays=kind is not None and longest <= T)
    if single:
        columns = {name: rows[0] for name, rows in columns.items()}
    return columns, kind


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
