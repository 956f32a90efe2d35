"""tools/sizes.py fails above its budgets."""

import importlib.util
from pathlib import Path

import pytest


@pytest.fixture
def sizes():
    path = Path(__file__).parents[1] / "tools" / "sizes.py"
    spec = importlib.util.spec_from_file_location("sizes", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_within_the_budgets_nothing_is_said(sizes, capsys):
    assert sizes.over_budget(sizes.CODE, sizes.ZOO) == 0
    assert capsys.readouterr().out == ""


def test_what_has_grown_too_large_is_said_in_a_sentence(sizes, capsys):
    assert sizes.over_budget(sizes.CODE + 1, sizes.ZOO) == 1
    assert f"hfquick/ has {sizes.CODE + 1} lines of code, more than {sizes.CODE}" in capsys.readouterr().out
    assert sizes.over_budget(sizes.CODE, sizes.ZOO + 0.1) == 1
    assert "the embedded models have" in capsys.readouterr().out


def test_code_is_neither_blank_nor_a_comment_nor_a_docstring(sizes, tmp_path):
    file = tmp_path / "small.py"
    file.write_text('"""Said."""\n\n# said\nx = (\n    1  # one\n)\n\n\ndef f():\n    """Said."""\n    return x\n')
    assert sizes.code_lines(file) == 5
