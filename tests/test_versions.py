"""tools/test_versions.py: its environments are what they say. Making one takes minutes, and is no test's work."""

import importlib.util
import sys
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

tomllib = pytest.importorskip("tomllib")

ROOT = Path(__file__).parents[1]


@pytest.fixture
def tool():
    spec = importlib.util.spec_from_file_location("versions_tool", ROOT / "tools" / "test_versions.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def constraints(name: str) -> dict[str, Version]:
    lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
    found = map(Requirement, (line for line in lines if line and line[0] != "#"))
    return {r.name.lower().removesuffix("-cpu"): Version(next(iter(r.specifier)).version) for r in found}


def test_lowest_is_the_lower_end_of_every_range():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [lines for name, lines in project["optional-dependencies"].items() if name != "dev"]
    ranges = [Requirement(line) for line in chain(project["dependencies"], *extras)]
    lowest = constraints("lowest.txt")
    for name, version in lowest.items():
        (lower,) = {s.version for r in ranges if r.name.lower() == name for s in r.specifier if s.operator == ">="}
        assert version == Version(lower), name
    assert {Requirement(line).name.lower() for line in project["dependencies"]} <= lowest.keys()


def test_frameworks_agree_with_the_constraints(tool):
    for name, environment in tool.ENVIRONMENTS.items():
        wanted = constraints(environment.constraints) if environment.constraints else {}
        frameworks = [environment.tensorflow] if "pinned" in name else [environment.tensorflow, environment.torch]
        for framework in map(Requirement, frameworks):
            version = wanted.get(framework.name.removesuffix("-cpu"))
            assert version is None or framework.specifier.contains(version), name


def test_every_python_is_one_that_the_package_names(tool):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for environment in tool.ENVIRONMENTS.values():
        assert f"Programming Language :: Python :: {environment.python}" in project["classifiers"]


def test_what_cannot_be_made_here_is_said_in_a_sentence(tool):
    with pytest.raises(tool.NotPossible, match=r"there is no Python 2\.99 here"):
        tool.find_python("2.99")
