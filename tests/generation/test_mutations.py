"""Every planted mistake of generation is seen by the tests named beside it; a survivor means that a test is missing."""

from importlib.util import find_spec

import pytest

from tests.parity.mutations import Mutant, survives

from .mutants import NUMPY, TENSORFLOW, TORCH


def parameters() -> list:
    tables = [(NUMPY, [])]
    tables += [(TORCH, [pytest.mark.torch])] if find_spec("torch") else []
    tables += [(TENSORFLOW, [pytest.mark.tf])] if find_spec("tensorflow") else []
    return [pytest.param(mutant, id=mutant.name, marks=marks) for table, marks in tables for mutant in table]


@pytest.mark.parametrize("mutant", parameters())
def test_mutation_is_seen(mutant: Mutant):
    assert not survives(mutant), f"{mutant.file}: {mutant.old!r} -> {mutant.new!r} and no check noticed"
