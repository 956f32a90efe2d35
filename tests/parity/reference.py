"""Recorded references: how they are kept, and how far a result may be from them.

One small .npz per case. Values are those of transformers in double precision (kept as float32); beside each stands its
floor: how far transformers itself is from them in single precision. A result may be off by max(1e-5, 5 floors) of the
values' spread.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from .case import Case, Trace, project

FOLDER = Path(__file__).parents[1] / "reference" / "parity"
TOLERANCE = 1e-5
GRADIENTS = "train.gradients"


@dataclass
class Reference:
    values: dict[str, np.ndarray]
    floors: dict[str, float]
    parameters: list[str]  # that have a gradient
    trace: Trace  # of the modules


def relative_error(ours: np.ndarray, truth: np.ndarray) -> float:
    """Largest difference, in units of the truth's spread (of its size where it is a single number)."""
    ours, truth = np.asarray(ours, np.float64), np.asarray(truth, np.float64)
    spread = truth.std() if truth.size > 1 else np.abs(truth).max()
    return float(np.abs(ours - truth).max() / (spread or 1.0))


def gradient_error(ours: np.ndarray, truth: np.ndarray) -> float:
    """Largest difference, relative to the largest gradient in the model."""
    return float(np.abs(ours.astype(np.float64) - truth).max() / np.abs(truth).max())


def flatten(case: Case, gradients: dict[str, np.ndarray]) -> np.ndarray:
    """Gradients by name -> one vector: whole, or 16 numbers for each."""
    kept = [
        gradients[name].reshape(-1) if case.gradients == "full" else project(name, gradients[name])
        for name in sorted(gradients)
    ]
    return np.concatenate(kept)


def save(
    case: Case, single: dict[str, np.ndarray], double: dict[str, np.ndarray], parameters: list[str], trace: Trace
) -> Path:
    floors = {
        name: (gradient_error if name == GRADIENTS else relative_error)(single[name], truth)
        for name, truth in double.items()
    }
    path = FOLDER / f"{case.name}.npz"
    shapes = {name: shape for name, (shape, _) in trace.items()}
    arrays = {**double, "shadows": np.stack([values for _, values in trace.values()])}
    np.savez_compressed(
        path,
        about=np.array(json.dumps({"floors": floors, "parameters": parameters, "shapes": shapes})),
        **{name: value.astype(np.float32) for name, value in arrays.items()},
    )
    return path


@cache
def load(name: str) -> Reference:
    with np.load(FOLDER / f"{name}.npz") as file:
        about = json.loads(str(file["about"]))
        values = {key: file[key] for key in file.files if key not in ("about", "shadows")}
        modules = zip(about["shapes"].items(), file["shadows"], strict=True)
        trace = {module: (tuple(shape), values) for (module, shape), values in modules}
    return Reference(values, about["floors"], about["parameters"], trace)


def tolerance(reference: Reference, name: str) -> float:
    return max(TOLERANCE, 5 * reference.floors[name])


def check_outputs(case: Case, part: str, ours: dict[str, np.ndarray], complete: bool = True) -> float:
    """Assert that the outputs equal the recorded ones; returns the largest error in units of what is allowed.

    Args:
        part: "eval" or "train".
        complete: whether every recorded output must be there, attention maps included.
    """
    reference, worst, wrong = load(case.name), 0.0, []
    recorded = [key for key in reference.values if key.startswith(f"{part}.") and key != GRADIENTS]
    found = {f"{part}.{name}": value for name, value in ours.items()}
    assert found.keys() <= set(recorded), (
        f"{case.name}: outputs that transformers does not have: {sorted(found.keys() - set(recorded))}"
    )
    assert not complete or len(found) == len(recorded), (
        f"{case.name}: outputs missing: {sorted(set(recorded) - found.keys())}"
    )
    for name in recorded:
        if name in found:
            truth = reference.values[name]
            assert found[name].shape == truth.shape, (
                f"{case.name}: {name} has the shape {found[name].shape}, recorded is {truth.shape}"
            )
            error = relative_error(found[name], truth)
            worst = max(worst, error / tolerance(reference, name))
            if not error <= tolerance(reference, name):  # NaN is wrong too
                wrong.append(f"{name} is off by {error:.2g} of its spread, allowed is {tolerance(reference, name):.2g}")
    assert not wrong, f"{case.name}: {'; '.join(wrong)}"
    return worst


def check_gradients(case: Case, ours: dict[str, np.ndarray]) -> float:
    """Assert that all gradients equal the recorded ones; returns the error in units of what is allowed."""
    reference = load(case.name)
    strange = set(ours) ^ set(reference.parameters)
    assert not strange, f"{case.name}: only one side has gradients of {sorted(strange)}"
    truth, found = reference.values[GRADIENTS], flatten(case, ours)
    assert found.shape == truth.shape, f"{case.name}: a gradient has another shape than recorded"
    error, allowed = gradient_error(found, truth), tolerance(reference, GRADIENTS)
    if not error <= allowed:
        sizes = [ours[name].size if case.gradients == "full" else 16 for name in sorted(ours)]
        off = np.split(np.abs(found - truth) / np.abs(truth).max(), np.cumsum(sizes)[:-1])
        name, most = max(
            zip(sorted(ours), (part.max() for part in off), strict=True),
            key=lambda pair: np.nan_to_num(pair[1], nan=np.inf),
        )
        raise AssertionError(
            f"{case.name}: the gradient of {name} is off by {most:.2g} of the largest, allowed is {allowed:.2g}"
        )
    return error / allowed


def ask(name: str, questions: dict[str, Callable[[str], float]]) -> None:
    """Put all questions to a case, and name in one AssertionError every one that has a wrong answer."""
    wrong = []
    for question, answer in questions.items():
        try:
            answer(name)
        except AssertionError as error:
            wrong.append(f"{question}: {error}")
    assert not wrong, "\n".join(wrong)
