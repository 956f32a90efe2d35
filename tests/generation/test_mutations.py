"""Every planted mistake of generation is seen by the tests named beside it; a survivor means that a test is missing."""

from importlib.util import find_spec

import pytest

from tests.parity import verdicts
from tests.parity.mutations import Mutant

from .mutants import NUMPY, TENSORFLOW, TORCH


def parameters() -> list:
    tables = [(NUMPY, [])]
    tables += [(TORCH, [pytest.mark.torch])] if find_spec("torch") else []
    tables += [(TENSORFLOW, [pytest.mark.tf])] if find_spec("tensorflow") else []
    return [pytest.param(mutant, id=mutant.name, marks=marks) for table, marks in tables for mutant in table]


@pytest.mark.parametrize("mutant", parameters())
def test_mutation_is_seen(mutant: Mutant, record_property):
    seen, is_kept = verdicts.is_seen(mutant)
    record_property("mutant", "kept" if is_kept else "planted")
    assert seen, f"{mutant.file}: {mutant.old!r} -> {mutant.new!r} and no check noticed"
