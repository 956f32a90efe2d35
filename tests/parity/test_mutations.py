"""Every planted mistake is seen by the cases named beside it; one that survives means a hole in the tests."""

from importlib import import_module
from importlib.util import find_spec

import pytest

from .mutations import Mutant, survives

TABLES = {"torch": ["mutants_pt"], "tensorflow": []}  # framework -> tables


def parameters() -> list:
    mark = {"torch": pytest.mark.torch, "tensorflow": pytest.mark.tf}
    return [
        pytest.param(mutant, id=mutant.name, marks=mark[framework])
        for framework, tables in TABLES.items()
        if find_spec(framework)
        for table in tables
        for mutant in import_module(f".{table}", __package__).MUTANTS
    ]


@pytest.mark.parametrize("mutant", parameters())
def test_mutation_is_seen(mutant: Mutant):
    assert not survives(mutant), f"{mutant.file}: {mutant.old!r} -> {mutant.new!r} and no check noticed"
