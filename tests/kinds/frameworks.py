"""Tests in both frameworks, and how nearly equal their results are."""

from collections.abc import Iterable
from typing import Any

import pytest

from tests.kinds.table import KINDS

FRAMEWORKS = [pytest.param("pt", marks=pytest.mark.torch), pytest.param("tf", marks=pytest.mark.tf)]
framework = pytest.mark.parametrize("framework", FRAMEWORKS)


def over_both(pt: Iterable[str] = tuple(KINDS), tf: Iterable[str] = tuple(KINDS)) -> Any:
    """The mark that runs a test for these kinds in PyTorch, and for those in Keras, where each takes longer."""
    cases = [pytest.param(KINDS[name], "pt", id=f"{name}-pt", marks=pytest.mark.torch) for name in pt]
    cases += [pytest.param(KINDS[name], "tf", id=f"{name}-tf", marks=pytest.mark.tf) for name in tf]
    return pytest.mark.parametrize(("kind", "framework"), cases)


def tensor(values: Any, framework: str) -> Any:
    """Token ids as a tensor."""
    module = pytest.importorskip("tensorflow" if framework == "tf" else "torch")
    return module.constant(values) if framework == "tf" else module.tensor(values)


def assert_same(found: Any, right: Any, tolerance: float = 1e-5) -> None:
    """Two results of pipelines: the same lists, dicts and texts, and nearly the same numbers."""
    if isinstance(right, dict):
        assert dict(found).keys() == dict(right).keys()
        for name, value in right.items():
            assert_same(found[name], value, tolerance)
    elif isinstance(right, list | tuple):
        assert len(found) == len(right)
        for one, other in zip(found, right, strict=True):
            assert_same(one, other, tolerance)
    else:
        assert found == (pytest.approx(right, abs=tolerance) if isinstance(right, float) else right)
