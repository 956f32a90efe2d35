"""linear is F.linear, whichever library multiplies."""

import pytest

torch = pytest.importorskip("torch")
import torch.nn.functional as F  # noqa: E402
from torch import nn  # noqa: E402

from hfquick.cpu import choice  # noqa: E402
from hfquick.cpu import linear as module  # noqa: E402
from hfquick.cpu.linear import Packed, linear  # noqa: E402
from hfquick.cpu.speed_up import speed_up  # noqa: E402

pytestmark = pytest.mark.torch

NEEDS_ONEDNN = pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="this torch has no oneDNN")


@pytest.fixture(params=["0", "1"])
def library(request, monkeypatch):
    """Both answers to HFQUICK_ONEDNN, whatever this processor is."""
    monkeypatch.setenv("HFQUICK_ONEDNN", request.param)
    monkeypatch.setattr(module, "FEW", 1)
    choice.reset()
    yield request.param
    choice.reset()


def faster(inputs, outputs, bias=True):
    """An nn.Linear as a model has it once `speed_up` has seen it."""
    layer = nn.Linear(inputs, outputs, bias=bias)
    speed_up(layer)
    return layer


@NEEDS_ONEDNN
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(1,), (7,), (2, 3), (2, 3, 4)])
def test_values_and_gradients_are_those_of_torch(library, bias, shape):
    torch.manual_seed(0)
    ours, x = faster(5, 6, bias=bias), torch.randn(*shape, 5, requires_grad=True)
    theirs, same = nn.Linear(5, 6, bias=bias), x.detach().clone().requires_grad_()
    theirs.load_state_dict(ours.state_dict())
    weights = torch.randn(*shape, 6)
    a, b = ours(x), theirs(same)
    (a.square() * weights).sum().backward()
    (b.square() * weights).sum().backward()
    torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(x.grad, same.grad, rtol=1e-5, atol=1e-5)
    for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, other.grad, rtol=1e-5, atol=1e-5)


@NEEDS_ONEDNN
@pytest.mark.parametrize("transposed", [True, False])
@pytest.mark.parametrize(("outputs", "inputs"), [(6, 5), (5, 6)])
def test_few_rows_and_many(library, outputs, inputs, transposed):
    torch.manual_seed(0)
    weight = torch.randn(inputs, outputs).t() if transposed else torch.randn(outputs, inputs)
    with torch.no_grad():
        for rows, bias in ((1, None), (2, torch.randn(outputs)), (4, None), (4, torch.randn(outputs)), (5, None)):
            x = torch.randn(rows, 1, inputs)
            found = linear(x, weight, bias)
            torch.testing.assert_close(found, F.linear(x, weight, bias), rtol=1e-5, atol=1e-5)
            assert found.is_contiguous()


@pytest.fixture
def packed(monkeypatch):
    """Packed weights, for matrices of any size."""
    if not choice.packs():
        pytest.skip("this torch or this processor does not multiply in bfloat16 by oneDNN")
    monkeypatch.setattr(module, "FEW", 1)
    return Packed()


@pytest.mark.parametrize("bias", [None, torch.randn(48).bfloat16()])
@pytest.mark.parametrize("rows", [(1,), (2, 1), (9,), (2, 3, 4)])
def test_packed_weights_give_the_same(packed, rows, bias):
    torch.manual_seed(0)
    weights = [torch.randn(48, 32).bfloat16(), torch.randn(32, 48).bfloat16().t()]
    square = torch.randn(48, 48).bfloat16()  # one memory, two matrices
    for _ in range(2):
        for weight in (*weights, square, square.t()):
            x = torch.randn(*rows, weight.shape[1]).bfloat16()
            with torch.no_grad(), packed.in_use():
                found = linear(x, weight, bias)
            torch.testing.assert_close(found, F.linear(x, weight, bias), rtol=0.02, atol=0.05)
    assert len(packed.copies) == 4, "laid out once for each matrix"


def test_a_weight_at_the_address_of_a_former_one_is_another(packed):
    x = torch.ones(2, 32).bfloat16()
    with torch.no_grad(), packed.in_use():
        for number in range(1, 5):
            weight = torch.full((48, 32), number, dtype=torch.bfloat16)  # the one before is freed about now
            assert linear(x, weight).unique().tolist() == [32 * number]
            del weight


def test_packed_weights_are_for_bfloat16_without_gradients_and_within_the_block(packed):
    wide, narrow = torch.randn(4, 4), torch.randn(4, 4).bfloat16()
    with torch.no_grad():
        linear(narrow, narrow)
        with packed.in_use():
            linear(wide, wide)
    with packed.in_use():
        linear(narrow, narrow)
    assert not packed.copies
    with torch.inference_mode(), packed.in_use():
        linear(narrow, narrow)
    assert packed.copies


@NEEDS_ONEDNN
def test_gradients_of_gradients(library):
    torch.manual_seed(0)
    x, weight = torch.randn(3, 4, requires_grad=True), torch.randn(2, 4, requires_grad=True)

    def second(product):
        (grad,) = torch.autograd.grad(product(x, weight).pow(3).sum(), x, create_graph=True)
        return torch.autograd.grad(grad.pow(2).sum(), weight)[0]

    torch.testing.assert_close(second(linear), second(F.linear), rtol=1e-4, atol=1e-4)


@NEEDS_ONEDNN
def test_a_frozen_weight_gets_no_gradient(library):
    layer, x = faster(4, 2), torch.randn(3, 4, requires_grad=True)
    layer.weight.requires_grad_(False)
    layer(x).sum().backward()
    assert layer.weight.grad is None
    assert layer.bias.grad is not None
    assert x.grad is not None


@NEEDS_ONEDNN
def test_the_choice_is_made_by_the_variable(library, monkeypatch):
    seen = []
    monkeypatch.setitem(module.WAYS, choice.ONEDNN, lambda *tensors: seen.append(tensors) or F.linear(*tensors))
    with torch.no_grad():
        linear(torch.ones(5, 3), torch.ones(4, 3))
    assert bool(seen) == (library == "1")


@NEEDS_ONEDNN
@pytest.mark.parametrize("kind", ["double", "bfloat16", "few", "autocast"])
def test_what_is_not_its_business_goes_to_torch(monkeypatch, kind):
    monkeypatch.setenv("HFQUICK_ONEDNN", "1")
    choice.reset()
    monkeypatch.setitem(module.WAYS, choice.ONEDNN, None)  # calling it would fail
    monkeypatch.setitem(module.WAYS, choice.TURNED, None)
    monkeypatch.setattr(module, "FEW", 100 if kind == "few" else 0)
    dtype = {"double": torch.float64, "bfloat16": torch.bfloat16}.get(kind, torch.float32)
    x, weight = torch.ones(2, 3, dtype=dtype), torch.ones(4, 3, dtype=dtype)
    with torch.autocast("cpu", torch.bfloat16, enabled=kind == "autocast"):
        assert linear(x, weight).shape == (2, 4)
    choice.reset()


def test_a_shape_that_does_not_fit_is_refused_by_torch(library):
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        linear(torch.ones(2, 3), torch.ones(4, 5))


@NEEDS_ONEDNN
def test_torchs_own_tools_go_through(library):
    """torch.func's transforms would not take a function with gradients of its own."""
    torch.manual_seed(0)
    layer, x = faster(5, 6), torch.randn(3, 5)
    plain = nn.Linear(5, 6)
    plain.load_state_dict(layer.state_dict())
    weights = dict(layer.named_parameters())

    def loss(module, parameters):
        return torch.func.functional_call(module, parameters, (x,)).pow(2).sum()

    ours, theirs = (torch.func.grad(loss, argnums=1)(module, weights) for module in (layer, plain))
    torch.testing.assert_close(ours["weight"], theirs["weight"], rtol=1e-5, atol=1e-5)
    many = torch.randn(4, 3, 5)
    torch.testing.assert_close(torch.func.vmap(layer)(many), plain(many), rtol=1e-5, atol=1e-5)


@NEEDS_ONEDNN
@torch.no_grad()
def test_rows_that_drive_each_other_out_of_a_cache_are_not_turned(library, monkeypatch):
    taken = []
    monkeypatch.setitem(
        module.WAYS, choice.TURNED, lambda x, weight, bias: taken.append(len(weight)) or F.linear(x, weight)
    )
    for inputs in (768, 1024, 1280, 2048):
        linear(torch.randn(2, inputs), torch.randn(inputs, inputs))
    assert taken == ([768, 1280] if library == "1" else [])
