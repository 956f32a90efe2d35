"""What kind of labels a model has: what its class says, or for other libraries what its name says."""

import pytest

pytest.importorskip("torch")
import torch
from torch import nn

from hfquick.training import checks
from hfquick.training.labels import label_kind_of
from tests.helpers.training import tiny_model

pytestmark = pytest.mark.torch


class Said(nn.Module):
    label_kind = "token"


class TheirForSequenceClassification(nn.Module):
    """Of another library, without the attribute."""


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("BertForSequenceClassification", "class"),
        ("XLMRobertaForSequenceClassification", "class"),
        ("BertForTokenClassification", "token"),
        ("BertForQuestionAnswering", "span"),
        ("BertForMaskedLM", "words"),
        ("GPT2LMHeadModel", "words"),
        ("T5ForConditionalGeneration", "words"),
        ("Classification", None),
        ("Linear", None),
    ],
)
def test_kinds_by_the_names_of_other_libraries(name, kind):
    assert label_kind_of(type(name, (), {})()) == kind


def test_what_a_class_says_comes_first():
    assert label_kind_of(type("MyForMaskedLM", (Said,), {})()) == "token"
    assert label_kind_of(tiny_model()) == "class"


@pytest.mark.parametrize("wrap", [lambda kind: kind, lambda kind: type(f"FSDP{kind.__name__}", (kind,), {})])
def test_labels_are_checked_whatever_wraps_the_class(wrap):
    """FSDP gives a model a class of its own, which inherits."""
    for kind in (Said, TheirForSequenceClassification):
        model = wrap(kind)()
        model.config = tiny_model().config
        checks.check_labels({"labels": torch.tensor([0, 2, -100])}, model)
        with pytest.raises(ValueError, match=r"label 5 was given, this model has labels 0 to 2; try .*num_labels=6"):
            checks.check_labels({"labels": torch.tensor([0, 5])}, model)
        with pytest.raises(ValueError, match=r"label -1 was given, .*; -1 often marks rows without a label"):
            checks.check_labels({"labels": torch.tensor([0, -1])}, model)
    free = nn.Linear(1, 1)
    free.config = tiny_model().config
    checks.check_labels({"labels": torch.tensor([9])}, free)
