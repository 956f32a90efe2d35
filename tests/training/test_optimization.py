"""Groups of weights and schedules of the learning rate."""

import pytest

pytest.importorskip("torch")
import torch

from hfquick.training.optimization import SCHEDULES, decay_groups, get_scheduler
from tests.helpers.training import tiny_model

pytestmark = pytest.mark.torch


def test_biases_and_norms_are_not_decayed_and_every_weight_is_in_one_group():
    model = tiny_model()
    decay, no_decay = decay_groups(model, 0.1)
    assert (decay["weight_decay"], no_decay["weight_decay"]) == (0.1, 0.0)
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    left = {names[id(parameter)] for parameter in no_decay["params"]}
    assert left == {name for name in names.values() if "LayerNorm" in name or name.endswith("bias")}
    assert {id(each) for group in (decay, no_decay) for each in group["params"]} == set(names)


def test_frozen_and_shared_weights():
    first, second = torch.nn.Linear(3, 3), torch.nn.Linear(3, 3)
    second.weight = first.weight
    first.bias.requires_grad = False
    decay, no_decay = decay_groups(torch.nn.Sequential(first, second), 0.1)
    assert [id(each) for each in decay["params"]] == [id(first.weight)]
    assert [id(each) for each in no_decay["params"]] == [id(second.bias)]


def rates(name, warmup=4, total=20, **options):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = get_scheduler(name, optimizer, warmup, total, **options)
    found = []
    for _ in range(total + 1):
        found.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
    return found


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_stay_between_zero_and_the_highest(name):
    found = rates(name)
    assert all(0 <= rate <= 1 for rate in found)
    assert max(found) == 1
    if name != "constant":
        assert found[:5] == pytest.approx([0, 0.25, 0.5, 0.75, 1])
    if name in ("linear", "cosine", "polynomial", "cosine_with_restarts"):
        assert found[-1] == pytest.approx(0)


def test_options_of_schedules():
    assert rates("polynomial", power=2)[12] == pytest.approx(0.25)
    assert rates("cosine", num_cycles=1.0)[12] == pytest.approx(0)
    with pytest.raises(TypeError, match="no option 'powers'; it has power"):
        rates("polynomial", powers=2)
    with pytest.raises(ValueError, match="did you mean 'cosine'"):
        rates("cosin")


@pytest.mark.parametrize("name", ["BertModel", "DistilBertModel", "GPT2Model", "BartModel", "T5Model"])
def test_norms_and_biases_of_every_model_are_not_decayed(name):
    from tests.parity.checks import model

    made = model(name)
    decay, no_decay = ({id(parameter) for parameter in group["params"]} for group in decay_groups(made, 0.1))
    for key, parameter in made.named_parameters():
        is_no_decay = key.endswith("bias") or "norm" in key.lower() or ".ln_" in f".{key}"
        assert id(parameter) in (no_decay if is_no_decay else decay), key
