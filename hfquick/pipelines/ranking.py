"""Logits -> labels with their scores, best first: what all kinds of classification share."""

from typing import Any

import numpy as np

from ..display import LabelScore
from ..i18n import N_, said
from ..utils.arrays import numbers, sigmoid, softmax
from ..utils.errors import unknown
from ..utils.fields import Range, check_field

FUNCTIONS = {"softmax": softmax, "sigmoid": sigmoid, "none": lambda logits: logits}


def check_ranking(top_k: Any, function: str | None) -> None:
    """Raise ValueError or TypeError for options that no ranking has."""
    if top_k is not None:
        check_field("top_k", top_k, int, Range(1), said(", or None for all labels"))
    if function is not None and function not in FUNCTIONS:
        raise unknown(N_("function_to_apply {name!r} is unknown{near}; known: {known}"), function, FUNCTIONS)


def ranked(logits: np.ndarray, config: Any, function: str | None) -> list[LabelScore]:
    """(N,) -> all labels, best first. Without a function the configuration says it: its own, that of its problem."""
    scores = numbers(FUNCTIONS[function or _usual(config)](logits))
    order = np.argsort(-scores, kind="stable")
    return [LabelScore(label=config.id2label[int(index)], score=float(scores[index])) for index in order]


def _usual(config: Any) -> str:
    if function := getattr(config, "function_to_apply", None):
        return function
    several = config.problem_type == "multi_label_classification" or config.num_labels == 1
    return "none" if config.problem_type == "regression" else "sigmoid" if several else "softmax"
