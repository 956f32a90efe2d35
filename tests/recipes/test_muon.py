"""Muon with AdamW: what is moved by which, and that a run can be resumed."""

import copy

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

from recipes import muon  # noqa: E402


def model():
    torch.manual_seed(0)
    return torch.nn.ModuleDict({"block": torch.nn.Linear(6, 12), "head": torch.nn.Linear(12, 3)})


def optimizer(net):
    return muon.optimizer(net, [net["block"]], lr=1e-3, matrix_lr=0.02, decay=0.01)


def step(net, moved, seed=0):
    x = torch.randn(8, 6, generator=torch.Generator().manual_seed(seed))
    net["head"](net["block"](x)).square().mean().backward()
    moved.step()
    moved.zero_grad()


@pytest.mark.parametrize("shape", [(2, 8, 8), (3, 6, 12), (3, 12, 6)])
def test_all_directions_become_nearly_as_long(shape):
    found = muon.orthogonal(torch.randn(shape, generator=torch.Generator().manual_seed(0)))
    values = torch.linalg.svdvals(found)
    assert found.shape == shape
    assert values.min() > 0.4
    assert values.max() < 1.4


def test_matrices_of_blocks_are_moved_by_muon_and_the_rest_by_adamw():
    net = model()
    before = copy.deepcopy(net)
    step(net, optimizer(net))
    change = before["block"].weight - net["block"].weight
    lr = 0.02 * 2**0.5  # twice as many rows as columns
    values = torch.linalg.svdvals(change - before["block"].weight * lr * muon.DECAY) / lr
    assert values[:3].min() > 0.4  # the head has three rows, so the gradient has three directions
    assert values.max() < 1.4
    for name in ("block.bias", "head.weight", "head.bias"):
        moved = (before.get_parameter(name) - net.get_parameter(name)).detach().abs()
        assert moved.max() == pytest.approx(1e-3, rel=0.05)  # AdamW's first step is its learning rate


def test_every_weight_is_in_one_group():
    net = model()
    found = [weight for group in optimizer(net).param_groups for weight in group["params"]]
    assert {id(weight) for weight in found} == {id(weight) for weight in net.parameters()}
    assert len(found) == len(list(net.parameters()))


def test_some_weights_are_moved_slowly():
    net = model()
    moved = muon.optimizer(net, [net["block"]], 1e-3, 0.02, 0.01, gently=net["block"].parameters(), factor=0.1)
    rates = {id(weight): group["lr"] for group in moved.param_groups for weight in group["params"]}
    assert rates[id(net["block"].weight)] == pytest.approx(0.002)
    assert rates[id(net["block"].bias)] == pytest.approx(1e-4)
    assert rates[id(net["head"].weight)] == pytest.approx(1e-3)


def test_a_resumed_run_goes_on_as_if_it_had_not_stopped():
    whole = model()
    moved = optimizer(whole)
    step(whole, moved)
    again = copy.deepcopy(whole)
    resumed = optimizer(again)
    resumed.load_state_dict(copy.deepcopy(moved.state_dict()))
    for seed in (1, 2):
        step(whole, moved, seed)
        step(again, resumed, seed)
    assert all(torch.equal(*pair) for pair in zip(whole.parameters(), again.parameters(), strict=True))
