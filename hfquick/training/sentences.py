"""Errors that training in both frameworks raises, each written once; without a framework."""

import math
from collections.abc import Iterable
from typing import Any

from ..utils import errors
from ..utils.errors import did_you_mean
from ..utils.notices import short_list


def no_rows(what: str) -> ValueError:
    return ValueError(f"{what} has no rows; was it filtered until nothing was left?")


def nothing_to_read(what: str, dataset: Any, known: Iterable[str], model: Any) -> ValueError:
    """No column of a dataset is an input of the model."""
    columns, known = list(dataset.column_names), list(known)
    near = next((f" ({name!r}{hint})" for name in columns if (hint := did_you_mean(name, known))), "")
    features = getattr(dataset, "features", None) or {}
    texts = [name for name in columns if getattr(features.get(name), "dtype", None) == "string"]
    hint = f"; tokenize first: dataset.map(lambda rows: tokenizer(rows[{texts[0]!r}]), batched=True)" if texts else ""
    return ValueError(
        f"{what} has the columns {short_list(columns, 6)}{near}, and {type(model).__name__} reads "
        f"{short_list(known, 6)}{hint}"
    )


def label_out_of_range(label: int, count: int, kind: str | None) -> ValueError:
    """`label` is the lowest or the highest of a dataset or a batch, `kind` that of label_kind_of."""
    if label < 0:
        hint = "-1 often marks rows without a label: filter them out"
    elif kind == "words":
        hint = "does the tokenizer fit the model?"
    else:
        hint = f"try from_pretrained(..., num_labels={label + 1})"
    return errors.label_out_of_range(label, count, hint)


def loss_not_finite(loss: float, where: str, kept: str, advice: str) -> FloatingPointError:
    """The loss is not a number any more: where, what is left, and what to do."""
    said = "nan" if math.isnan(loss) else "infinite"
    return FloatingPointError(f"the loss became {said} {where}; {kept}. Try {advice}")
