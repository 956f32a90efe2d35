"""Tests in both frameworks, and how nearly equal their results are."""

from typing import Any

import pytest

FRAMEWORKS = [pytest.param("pt", marks=pytest.mark.torch), pytest.param("tf", marks=pytest.mark.tf)]
framework = pytest.mark.parametrize("framework", FRAMEWORKS)


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
