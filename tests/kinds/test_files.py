"""Saving, loading and sharing over every kind of model: in both frameworks, and from one to the other."""

import re

import numpy as np
import pytest

import hfquick
from tests.kinds import by_hand
from tests.kinds.frameworks import over_both
from tests.kinds.table import KINDS, WITHOUT_SIBLINGS, over


def check(workshop, kind, model):
    """The same outputs as the model that was saved, and the same labels."""
    assert type(model) in (kind.model_class("pt"), kind.model_class("tf"))
    for row, outputs in zip(workshop.rows(kind)[:2], workshop.outputs(kind), strict=False):
        for name, array in by_hand.alone(model, kind, row).items():
            np.testing.assert_allclose(array, outputs[name], atol=1e-4)
    config, right = model.config.to_dict(), workshop.shared(kind).config.to_dict()
    for name in ("architectures", "dtype"):
        config.pop(name, None), right.pop(name, None)
    assert config == right
    if kind.generates:
        right = workshop.shared(kind).generation_config.to_dict()
        assert model.generation_config.to_dict() == right


@over(WITHOUT_SIBLINGS)
@pytest.mark.torch
@pytest.mark.tf
def test_from_one_framework_to_the_other_and_back(workshop, kind, tmp_path):
    """Every weight comes back as it was."""
    model = workshop.shared(kind, "tf")
    check(workshop, kind, model)
    model.save_pretrained(tmp_path)
    again = kind.auto_class("tf").from_pretrained(tmp_path)
    for one, other in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    right = workshop.shared(kind).state_dict()
    for options in ({}, {"from_tf": True}):
        found = kind.auto_class("pt").from_pretrained(tmp_path, **options)
        check(workshop, kind, found)
        assert list(found.state_dict()) == list(right)
        assert [name for name in right if not right[name].equal(found.state_dict()[name])] == []


@over()
@pytest.mark.torch
def test_what_is_saved_is_loaded_again(workshop, kind, tmp_path):
    workshop.shared(kind).save_pretrained(tmp_path)
    workshop.processor(kind).save_pretrained(tmp_path)
    check(workshop, kind, kind.auto_class("pt").from_pretrained(tmp_path))
    right, found = workshop.processor(kind), getattr(hfquick, kind.reads.auto).from_pretrained(tmp_path)
    for value in kind.inputs[:3]:
        np.testing.assert_equal(kind.prepare(found, value), kind.prepare(right, value))
    if kind.reads_texts:
        assert found.all_special_ids == right.all_special_ids


@pytest.mark.torch  # what came back is compared with the model of PyTorch
@over_both(tf=["several"])  # what is sent does not depend on the framework
def test_what_is_pushed_is_loaded_from_the_hub(workshop, kind, framework, ada):
    """With a card that says its task, and that names it in the example."""
    name = f"ada/{kind.name}"
    workshop.shared(kind, framework).push_to_hub(name)
    workshop.processor(kind).push_to_hub(name)
    card = ada.files(name)["README.md"].decode()
    task = KINDS["bart"].task if kind.has_decoder_inputs else kind.task  # which of two tasks, nobody can tell
    assert f"pipeline_tag: {task}\n" in card
    assert re.search(rf'pipeline\("{task}", model="{name}"', card)
    check(workshop, kind, kind.auto_class(framework).from_pretrained(name))
