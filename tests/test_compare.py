"""tools/compare.py names the module in which a planted mistake sits."""

import importlib.util
from importlib import import_module
from pathlib import Path

import pytest

from tests.parity.mutations import planted, rows

PATH = Path(__file__).parents[1] / "tools" / "compare.py"


@pytest.fixture
def main():
    spec = importlib.util.spec_from_file_location("compare", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.main


@pytest.mark.torch
@pytest.mark.parametrize(
    "case",
    ["bert", "bert-words", "bert-one-of-seven", "distilbert", "distilbert-words-untied", "gpt2", "gpt2-one-of-three"],
)
def test_no_difference(main, case, capsys):
    assert main([case, "--all", "--maps"]) == 0
    assert "no difference in" in capsys.readouterr().out


MISTAKES = [
    ("bert", "bert", "self.LayerNorm(x + self.dropout(self.dense(hidden)))", "self.LayerNorm(self.dense(hidden))",
     "encoder.layer.0.output"),
    ("distilbert", "distilbert", "self.output_layer_norm(x + self.ffn(x))", "self.output_layer_norm(self.ffn(x))",
     "transformer.layer.0.output_layer_norm"),
    ("bert", "bert-one-of-three", "self.dense(x[:, 0])", "self.dense(x[:, 1])", "bert.pooler.dense"),
]  # fmt: skip


@pytest.mark.torch
@pytest.mark.parametrize(("kind", "case", "old", "new", "module"), MISTAKES)
def test_first_difference_is_named(main, kind, case, old, new, module, capsys):
    with planted(rows(f"hfquick/models/{kind}/modeling_{kind}.py", {})("mistake", old, new)):
        assert main([case]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert f"the first difference is in {module}" in lines[-1]
    assert lines[-2].startswith(f"[DIFF]     {module}")
    assert not any(line.startswith("[DIFF]") for line in lines[:-2])


@pytest.mark.tf
def test_keras(main, capsys):
    assert main(["bert-short", "--tf", "--all"]) == 0
    mistake = rows("hfquick/models/bert/modeling_tf_bert.py", {})("mistake", "ops.tanh(self.dense(x[:, 0]))", "x[:, 0]")
    with planted(mistake):
        assert main(["bert-short", "--tf"]) == 1
    assert "the first difference is in pooler;" in capsys.readouterr().out
    assert import_module("hfquick")


def test_unknown_case(main, capsys):
    with pytest.raises(SystemExit):
        main(["brt"])
    assert "no case 'brt'" in capsys.readouterr().err
