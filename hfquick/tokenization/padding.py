"""Filling of texts that were tokenized one by one, as a collator does it."""

from collections.abc import Mapping
from typing import Any


def pad_lists(
    encoded: Any,
    filler: dict[str, Any],
    strategy: str,
    max_length: int | None,
    multiple: int | None,
    side: str,
    with_mask: bool,
) -> tuple[dict[str, Any], str | None]:
    """Examples, or columns -> columns of one length, and the kind of tensors that came in ("pt", "tf", "np" or None).

    `filler` gives for each column that is filled the number to fill it with; its first is the one that is measured.
    """
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
    if isinstance(encoded, Mapping):
        columns = dict(encoded)
    elif isinstance(encoded, list | tuple) and all(isinstance(example, Mapping) for example in encoded):
        names = list(encoded[0]) if encoded else []
        for index, example in enumerate(encoded):
            missing = [name for name in names if name not in example]
            if missing:
                raise ValueError(
                    f"example {index} has no {missing[0]!r}, which example 0 has; expected the same columns everywhere"
                )
        columns = {name: [example[name] for example in encoded] for name in names}
    else:
        raise TypeError(f"pad takes a list of examples (dicts) or a dict of lists, not {type(encoded).__name__}")
    found = None
    plain = {}
    for name, values in columns.items():
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
