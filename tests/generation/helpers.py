"""Models and references of the cases, for the tests of both frameworks."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import hfquick
from tests.generation.cases import Case


@cache
def references() -> dict[str, dict[str, Any]]:
    return json.loads((Path(__file__).parents[1] / "reference" / "generation.json").read_text(encoding="utf-8"))


@cache
def torch_model(case: Case) -> Any:
    """A model with the weights of the case."""
    import torch

    model_class = getattr(hfquick, case.model)
    model = model_class(model_class.config_class(**case.values)).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(torch.from_numpy(case.weight(name, tuple(parameter.shape))))
    return model


def written(sequences: np.ndarray, prompt: int, ends: list[int]) -> list[list[int]]:
    """Texts up to the token that ends them; what fills the rest says nothing."""
    texts = []
    for row in np.asarray(sequences).tolist():
        stop = next((place for place in range(prompt, len(row)) if row[place] in ends), len(row) - 1)
        texts.append(row[: stop + 1])
    return texts
