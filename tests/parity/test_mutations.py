"""Every planted mistake is seen by the cases named beside it; one that survives means a hole in the tests."""

import os
from importlib import import_module
from importlib.util import find_spec

import pytest

from . import verdicts
from .mutations import ROOT, Mutant, planted, rows, stale, survives

TABLES = {  # framework -> tables
    "torch": [
        "mutants_pt",
        "mutants_gpt2_pt",
        "mutants_roberta_pt",
        "mutants_bart_pt",
        "mutants_t5_pt",
        "mutants_vit_pt",
        "mutants_detr_pt",
        "mutants_vilt_pt",
        "mutants_wav2vec2_pt",
    ],
    "tensorflow": [
        "mutants_tf",
        "mutants_gpt2_tf",
        "mutants_roberta_tf",
        "mutants_bart_tf",
        "mutants_t5_tf",
        "mutants_vit_tf",
        "mutants_detr_tf",
        "mutants_vilt_tf",
        "mutants_wav2vec2_tf",
    ],
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
def test_mutation_is_seen(mutant: Mutant, record_property):
    seen, is_kept = verdicts.is_seen(mutant)
    record_property("mutant", "kept" if is_kept else "planted")
    assert seen, f"{mutant.file}: {mutant.old!r} -> {mutant.new!r} and no check noticed"


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
        survives(row("crash", "cutoff=0.6", "cutoff=not_a_name", "suffix ; did you mean 'weight'?"))
    with pytest.raises(AssertionError, match="0 times, expected once: bring this mutation up to date"):
        survives(row("stale", "cutoff=0.9999", "cutoff=0", "suffix x"))


def test_what_depends_on_the_changed_file_is_imported_afresh_and_nothing_else():
    config, base, errors = (
        "hfquick.models.gpt2.configuration_gpt2",
        "hfquick.core.configuration",
        "hfquick.utils.errors",
    )
    loaded = {name: import_module(name) for name in (config, base, errors, "hfquick.i18n", "hfquick.core", "hfquick")}
    assert stale(config, loaded) == {config}
    assert stale(base, loaded) == {base, config}
    assert stale(errors, loaded) == {errors, base, config}
    assert stale("hfquick.core", loaded) == {"hfquick.core", base, config}


UNCHANGED = {
    mutant.file: mutant for parameter in parameters() for mutant in parameter.values if mutant.seen_by is AssertionError
}


@pytest.mark.torch
@pytest.mark.tf
@pytest.mark.parametrize("file", UNCHANGED)
def test_checks_pass_in_a_copy_that_is_not_changed(file: str, monkeypatch):
    """So it is the mutation that they see, and not the copy."""
    monkeypatch.setattr(Mutant, "source", lambda self: (ROOT / self.file).read_text(encoding="utf-8"))
    assert survives(UNCHANGED[file])


@pytest.fixture(scope="module", autouse=True)
def _old_verdicts():
    verdicts.throw_old_away()


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A small repository, whose verdicts are kept in a folder beside it."""
    for name in ("HFQUICK_MUTANTS", "CI", "NIGHTLY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = tmp_path / "clone"
    for file in (*SEEN, *NOT_SEEN):
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text("x = 1\n")
    return root


MODEL = "hfquick/models/gpt2/modeling_gpt2.py"
SEEN = [
    MODEL,
    "hfquick/core/modeling.py",
    "hfquick/models/gpt2/configuration_gpt2.py",
    "tests/parity/ours_pt.py",
    "tests/generation/test_search.py",
    "tests/reference/parity/gpt2.npz",
]
NOT_SEEN = ["hfquick/display/chart.py", "hfquick/models/t5/modeling_t5.py", "tests/parity/mutants_pt.py"]


def verdict_of(root, monkeypatch, asked: list, old: str = "x = 1", check: str = "suffix a") -> bool:
    """Whether the verdict of a mutant of MODEL came from an earlier run."""
    monkeypatch.setattr("tests.parity.mutations.ROOT", root)
    monkeypatch.setattr(verdicts, "survives", lambda mutant: asked.append(mutant) or False)
    verdicts.world.cache_clear()
    seen, is_kept = verdicts.is_seen(rows(MODEL, {"suffix": suffix})("why", old, "y = 2", check), root)
    assert seen
    return is_kept


def test_a_verdict_is_kept_until_something_it_depends_on_changes(small, monkeypatch):
    asked: list = []
    assert not verdict_of(small, monkeypatch, asked)
    assert verdict_of(small, monkeypatch, asked)
    assert len(asked) == 1
    for file in NOT_SEEN:
        (small / file).write_text("x = 3\n")
        assert verdict_of(small, monkeypatch, asked), file
    for file in SEEN:
        (small / file).write_text("x = 1  # changed\n")
        assert not verdict_of(small, monkeypatch, asked), file
        assert verdict_of(small, monkeypatch, asked), file


def test_another_row_another_check_or_another_version_is_another_verdict(small, monkeypatch):
    asked: list = []
    assert not verdict_of(small, monkeypatch, asked)
    assert not verdict_of(small, monkeypatch, asked, old="= 1")
    assert not verdict_of(small, monkeypatch, asked, check="suffix b")
    assert verdict_of(small, monkeypatch, asked)
    monkeypatch.setattr(verdicts, "installed", lambda package: "99")
    assert not verdict_of(small, monkeypatch, asked)


def test_in_ci_and_at_night_all_are_planted_unless_told_otherwise(small, monkeypatch):
    asked: list = []
    assert not verdict_of(small, monkeypatch, asked)
    for name in ("CI", "NIGHTLY"):
        monkeypatch.setenv(name, "true")
        assert not verdict_of(small, monkeypatch, asked)
        monkeypatch.setenv("HFQUICK_MUTANTS", "kept")
        assert verdict_of(small, monkeypatch, asked)
        monkeypatch.delenv("HFQUICK_MUTANTS")
        monkeypatch.delenv(name)
    monkeypatch.setenv("HFQUICK_MUTANTS", "all")
    assert not verdict_of(small, monkeypatch, asked)


def test_a_verdict_nobody_asked_for_is_thrown_away(small, monkeypatch):
    asked: list = []
    assert not verdict_of(small, monkeypatch, asked)
    (mark,) = verdicts.folder().iterdir()
    verdicts.throw_old_away()
    assert mark.exists()
    os.utime(mark, (0, 0))
    verdicts.throw_old_away()
    assert not mark.exists()


def test_a_survivor_is_asked_again(small, monkeypatch):
    monkeypatch.setattr("tests.parity.mutations.ROOT", small)
    monkeypatch.setattr(verdicts, "survives", lambda mutant: True)
    mutant = rows(MODEL, {"suffix": suffix})("why", "x = 1", "y = 2", "suffix a")
    assert [verdicts.is_seen(mutant, small) for _ in range(2)] == [(False, False)] * 2
