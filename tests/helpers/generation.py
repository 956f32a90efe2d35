"""Models and references of the cases, for the tests of both frameworks."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import hfquick
from tests.generation.cases import Case
from tests.parity.case import draw_weight


@cache
def references() -> dict[str, dict[str, Any]]:
    return json.loads((Path(__file__).parents[1] / "reference" / "generation.json").read_text(encoding="utf-8"))


def torch_model(case: Case) -> Any:
    """A PyTorch model with the weights of the case; cases of one configuration share it."""
    return _torch_model(case.model, json.dumps(case.values))


@cache
def _torch_model(name: str, values: str) -> Any:
    import torch

    model_class = getattr(hfquick, name)
    model = model_class(model_class.config_class(**json.loads(values))).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(torch.from_numpy(draw_weight(name, tuple(parameter.shape))))
    return model


def keras_model(case: Case) -> Any:
    """The same in Keras."""
    return _keras_model(case.model, json.dumps(case.values))


@cache
def _keras_model(name: str, values: str) -> Any:
    from hfquick.core.weights_tf import slots

    model_class = getattr(hfquick, f"TF{name}")
    model = model_class(model_class.config_class(**json.loads(values)))
    for name, slot in slots(model).items():
        if name not in model.tied() and name not in model.ZEROS:  # which are no parameters in torch
            slot.variable.assign(slot.to_keras(draw_weight(name, slot.shape)))
    return model


def generated(array: np.ndarray, prompt: int, ends: list[int]) -> list[list[int]]:
    """Sequences up to the token that ends them; the padding after it says nothing."""
    sequences = []
    for row in np.asarray(array).tolist():
        stop = next((index for index in range(prompt, len(row)) if row[index] in ends), len(row) - 1)
        sequences.append(row[: stop + 1])
    return sequences


def check_found(case: Case, found: dict[str, np.ndarray]) -> None:
    """What `generate` gave, as arrays by name, is what was recorded."""
    reference = references()[case.name]
    expected = np.array(reference["sequences"])
    ends, prompt = case.arguments().get("eos_token_id", [2]), max(case.lengths) if case.decoder_only else 1
    ends = [1] if case.model.startswith("T5") and not case.ends else ends
    assert found["sequences"].shape == expected.shape
    assert generated(found["sequences"], prompt, ends) == generated(expected, prompt, ends)
    if "beam_indices" in reference:
        np.testing.assert_allclose(found["sequences_scores"], reference["sequences_scores"], atol=2e-4)
        assert found["beam_indices"].tolist() == reference["beam_indices"]
    # The best score of each step and text; those of a finished sequence say nothing.
    np.testing.assert_allclose(found["scores"].max(-1), reference["best"], atol=2e-4)
