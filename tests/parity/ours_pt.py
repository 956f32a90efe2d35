"""Our PyTorch models for a case, and the questions the tests and the planted mutations ask of them."""

from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np
import torch

from . import reference, torch_runs
from .case import Case
from .cases import CASES


def build(case: Case) -> Any:
    """The case's model as hfquick has it. Modules are looked up at every call, so a changed copy is used."""
    model = _built(class_of(case), case.name)
    model.zero_grad()
    return model


def class_of(case: Case) -> Any:
    folder = case.folder
    return getattr(import_module(f"hfquick.models.{folder}.modeling_{folder}"), case.model)


@lru_cache(maxsize=1)  # all questions of a case are asked of one model; torch_runs gives it its values for each
def _built(model_class: Any, name: str) -> Any:
    return model_class(model_class.config_class(**CASES[name].values))


def maps(name: str) -> float:
    """Outputs with all hidden states and attention maps: the written-out attention."""
    case = CASES[name]
    found = torch_runs.evaluate(build(case), case, output_hidden_states=True, output_attentions=True)
    return reference.check_outputs(case, "eval", found)


def fused(name: str) -> float:
    """The same without maps: the fused attention, at every depth."""
    case = CASES[name]
    found = torch_runs.evaluate(build(case), case, output_hidden_states=True)
    assert not [key for key in found if key.startswith("attentions")], f"{name}: attention maps were not asked for"
    return reference.check_outputs(case, "eval", found, complete=False)


def train(name: str) -> float:
    """Outputs, loss and all gradients in training."""
    case = CASES[name]
    outputs, gradients = torch_runs.train(build(case), case)
    return max(reference.check_outputs(case, "train", outputs), reference.check_gradients(case, gradients))


def steps(name: str) -> float:
    """The outputs once more, where a text is read in pieces and a cache keeps what was read."""
    case, cache, parts, encoded = CASES[name], None, [], {}
    model = torch_runs.prepare(build(case), case).eval()
    for piece in case.pieces():
        with torch.no_grad():
            outputs = model(
                **{key: torch.from_numpy(array) for key, array in piece.items()},
                **encoded,
                past_key_values=cache,
                use_cache=True,
            )
        cache = outputs.past_key_values
        if case.has_two_texts:  # the first is read once
            encoded = {"encoder_outputs": (outputs.encoder_last_hidden_state,)}
        parts.append(outputs[0].numpy())
    assert cache.length == sum(part.shape[1] for part in parts)
    return reference.check_outputs(case, "eval", {outputs.keys()[0]: np.concatenate(parts, 1)}, complete=False)


STEPS = [case.name for case in CASES.values() if case.reads_on]
CHECKS = {"maps": maps, "fused": fused, "train": train, "steps": steps}
