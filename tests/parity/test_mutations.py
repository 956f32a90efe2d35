"""Every planted mistake is seen by the cases named beside it; one that survives means a hole in the tests."""

from importlib import import_module
from importlib.util import find_spec

import pytest

from .mutations import Mutant, planted, rows, survives

TABLES = {  # framework -> tables
    "torch": ["mutants_pt", "mutants_gpt2_pt", "mutants_roberta_pt", "mutants_bart_pt", "mutants_t5_pt"],
    "tensorflow": ["mutants_tf", "mutants_gpt2_tf", "mutants_roberta_tf", "mutants_bart_tf", "mutants_t5_tf"],
}


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


def suffix(expected: str) -> None:
    found = import_module("hfquick.utils.errors").did_you_mean("wieght", ["weight"])
    assert found == expected, found


def test_a_mutant_lives_only_within_its_block_and_in_no_file():
    mutant = rows("hfquick/utils/errors.py", {"suffix": suffix})(
        "no hint", "if near else", "if not near else", "suffix x"
    )
    before = import_module("hfquick.utils.errors")
    with planted(mutant):
        assert import_module("hfquick.utils.errors") is not before
        suffix("")
    assert import_module("hfquick.utils.errors") is before
    suffix("; did you mean 'weight'?")


def test_a_survivor_a_crash_and_a_stale_mutation_are_told_apart():
    row = rows("hfquick/utils/errors.py", {"suffix": suffix})
    assert survives(row("shorter", "cutoff=0.6", "cutoff=0.5", "suffix ; did you mean 'weight'?"))
    with pytest.raises(NameError):  # a crash is not a check that noticed
        survives(row("crash", "cutoff=0.6", "cutoff=unknown", "suffix ; did you mean 'weight'?"))
    with pytest.raises(AssertionError, match="0 times, expected once: bring this mutation up to date"):
        survives(row("stale", "cutoff=0.9999", "cutoff=0", "suffix x"))
