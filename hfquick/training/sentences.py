"""Errors that training in both frameworks raises, each written once; without a framework."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from ..i18n import N_, said, spoken
from ..utils.errors import did_you_mean
from ..utils.notices import short_list


def no_rows(what: str) -> ValueError:
    return spoken(ValueError, "{what} has no rows; was it filtered until nothing was left?", what=what)


def nothing_to_read(what: str, dataset: Any, known: Iterable[str], model: Any) -> ValueError:
    """No column of a dataset is an input of the model."""
    columns, known = list(dataset.column_names), list(known)
    hints = ((name, did_you_mean(name, known)) for name in columns)
    near = next((said(" ({name!r}{hint})", name=name, hint=hint) for name, hint in hints if hint), "")
    features = getattr(dataset, "features", None) or {}
    texts = [name for name in columns if getattr(features.get(name), "dtype", None) == "string"]
    hint = ""
    if texts and "pixel_values" in known and "input_ids" not in known:
        hint = said(
            "; paths become pictures by dataset.cast_column({name!r}, datasets.Image()), and an image processor makes "
            "pixel_values of them",
            name=texts[0],
        )
    elif texts and "input_values" in known:
        hint = said(
            "; paths become recordings by dataset.cast_column({name!r}, hfquick.Audio(sampling_rate=16_000)), and a "
            "feature extractor makes input_values of them",
            name=texts[0],
        )
    elif texts:
        hint = said(
            "; tokenize first: dataset.map(lambda rows: tokenizer(rows[{name!r}]), batched=True)", name=texts[0]
        )
    return spoken(
        ValueError,
        "{what} has the columns {columns}{near}, and {model_kind} reads {known}{hint}",
        what=what,
        columns=short_list(columns, 6),
        near=near,
        model_kind=type(model).__name__,
        known=short_list(known, 6),
        hint=hint,
    )


def loss_not_finite(loss: float, where: str, kept: str, advice: str) -> FloatingPointError:
    """The loss is not a number any more: where, what is left, and what to do."""
    became = "nan" if math.isnan(loss) else said("infinite")
    return spoken(
        FloatingPointError,
        "the loss became {became} {where}; {kept}. Try {advice}",
        became=became,
        where=where,
        kept=kept,
        advice=advice,
    )


def named_numbers(function: str, measured: Any) -> Mapping[str, Any]:
    """What a function for metrics returned, or TypeError for what is no dict."""
    if not isinstance(measured, Mapping):
        sentence = N_("{function} returned {measured!r}, expected a dict of named numbers: return {{'accuracy': 0.8}}")
        raise spoken(TypeError, sentence, function=function, measured=measured)
    return measured
