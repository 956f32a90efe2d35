"""How the suite is dealt out to processes, and what is slow (conftest.py of the repository)."""

import importlib.util
from pathlib import Path

import pytest

PATH = Path(__file__).parents[1] / "conftest.py"
ROOT = PATH.parent


@pytest.fixture(scope="module")
def suite():
    spec = importlib.util.spec_from_file_location("suite", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_cells_of_a_notebook_are_one_group_and_a_table_has_one_for_each_architecture(suite):
    assert suite.group_of("notebooks/en/quicktour.ipynb::Cell 3") == "notebooks/en/quicktour.ipynb"
    assert suite.group_of("tests/hub/test_client.py::test_x[a-b]") == "tests/hub/test_client.py"
    parity = "tests/parity/test_parity_tf.py"
    assert suite.group_of(f"{parity}::test_parity[bert-padded]") == f"{parity} bert"
    mutants = "tests/parity/test_mutations.py"
    assert suite.group_of(f"{mutants}::test_mutation_is_seen[modeling_t5: no mask]") == f"{mutants} modeling_t5"


def test_crowds_of_processes_never_meet(suite):
    groups = {suite.group_of(f"{file}::test_x") for file in suite.CROWDS}
    assert groups == {"crowds"}


def test_what_is_named_is_there(suite):
    for name in (
        *suite.CROWDS,
        *suite.LONG,
        *suite.MUTANTS,
        *suite.TABLES,
        *suite.QUICK,
        *set(suite.SECONDS) - {"crowds"},
    ):
        assert list(ROOT.glob(f"{name}*")), name


def test_slow_is_what_a_quick_round_leaves_out(suite):
    slow = [
        "tests/browser/test_tour.py::test_x",
        "tests/parity/test_mutations.py::test_y",
        "notebooks/en/quicktour.ipynb::Cell 0",
    ]
    quick = ["tests/hub/test_client.py::test_x", "notebooks/en/lessons/fill_mask_pytorch.ipynb::Cell 0"]
    assert [suite.is_slow(name) for name in slow + quick] == [True] * 3 + [False] * 2


def test_the_longest_groups_come_first(suite):
    groups = [
        "tests/hub/test_client.py",
        "tests/parity/test_parity_tf.py bert",
        "notebooks/en/quicktour.ipynb",
        "crowds",
    ]
    assert sorted(groups, key=lambda group: -suite.seconds_of(group)) == groups[::-1]


def test_a_crowded_memory_takes_fewer_processes(suite, monkeypatch):
    monkeypatch.setattr(suite.os, "sched_getaffinity", lambda _: range(64), raising=False)
    monkeypatch.setattr(suite.Path, "read_text", lambda self: "MemAvailable:   9000000 kB\n")
    assert suite.pytest_xdist_auto_num_workers(None) == 3
    monkeypatch.setattr(suite.Path, "read_text", lambda self: "MemAvailable:   90 kB\n")
    assert suite.pytest_xdist_auto_num_workers(None) == 1


def test_the_slowest_tests_and_the_sums_of_groups_are_listed(suite):
    suite.seconds.clear()
    suite.seconds.update({"tests/a.py::x": 1.0, "tests/a.py::y": 3.0, "tests/b.py::z": 2.0})
    lines = suite.slowest(count=2)
    assert lines[0] == "the slowest of 3 tests, 6 seconds in all processes together"
    assert [line.split() for line in lines[1:3]] == [["3.0", "tests/a.py::y"], ["2.0", "tests/b.py::z"]]
    assert [line.split() for line in lines[5:]] == [["4.0", "tests/a.py"], ["2.0", "tests/b.py"]]
