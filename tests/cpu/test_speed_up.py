"""Layers are exchanged where another way is faster, and nothing else about a model changes."""

import copy
import pickle

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

import hfquick  # noqa: E402
from hfquick.cpu import choice, linear  # noqa: E402
from hfquick.cpu.speed_up import is_sped_up, speed_up  # noqa: E402

pytestmark = [
    pytest.mark.torch,
    pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="this torch has no oneDNN"),
]

SMALL = {
    "Bert": {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64},
    "DistilBert": {"dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 64},
    "Roberta": {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64},
    "GPT2": {"n_embd": 32, "n_layer": 2, "n_head": 4},
    "Bart": {"d_model": 32, "encoder_layers": 2, "decoder_layers": 2, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64}
    | {"encoder_attention_heads": 4, "decoder_attention_heads": 4},
    "T5": {"d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4},
}


@pytest.fixture(params=["0", "1"])
def variable(request, monkeypatch):
    monkeypatch.setenv("HFQUICK_ONEDNN", request.param)
    monkeypatch.setattr(linear, "FEW", 1)
    choice.reset()
    yield request.param
    choice.reset()


def small_model(kind: str) -> nn.Module:
    torch.manual_seed(0)
    config = getattr(hfquick, f"{kind}Config")(vocab_size=100, **SMALL[kind])
    model = getattr(hfquick, f"{kind}Model")(config).eval()
    for parameter in model.parameters():  # wide, so that a wrong product is seen
        nn.init.normal_(parameter, std=0.3)
    return model


def outputs(model: nn.Module) -> torch.Tensor:
    ids = torch.arange(1, 13).view(2, 6)
    options = {"decoder_input_ids": ids} if model.config.model_type in ("bart", "t5") else {}
    return model(ids, **options).last_hidden_state


@pytest.mark.parametrize("kind", SMALL)
def test_every_linear_map_and_every_fused_attention_is_exchanged_and_computes_the_same(variable, kind):
    model = small_model(kind)
    plain = copy.deepcopy(model)
    names = [(name, type(module).__name__) for name, module in model.named_modules()]
    speed_up(model)
    exchanged = [module for module in model.modules() if is_sped_up(module)]
    if variable == "0":
        assert exchanged == []
        return
    kinds = {type(module).__name__ for module in exchanged}
    assert any("Attention" in kind for kind in kinds), "the fused call"
    assert all(is_sped_up(module) for module in model.modules() if isinstance(module, nn.Linear))
    assert ("Conv1D" in kinds) == (kind == "GPT2")
    assert [(name, type(module).__name__) for name, module in model.named_modules()] == names
    torch.testing.assert_close(outputs(model), outputs(plain), rtol=1e-4, atol=1e-4)
    for made in (model, plain):
        made.zero_grad()
        outputs(made).square().sum().backward()
        grads = {name: parameter.grad for name, parameter in made.named_parameters() if parameter.grad is not None}
        if made is model:
            found = {name: grad.clone() for name, grad in grads.items()}
    assert found.keys() == grads.keys()
    scale = max(float(grad.abs().max()) for grad in grads.values())
    for name in grads:
        torch.testing.assert_close(found[name], grads[name], rtol=1e-3, atol=1e-5 * scale)


def test_doing_it_again_changes_nothing(variable):
    model = small_model("Bert")
    speed_up(model)
    kinds = [type(module) for module in model.modules()]
    speed_up(model)
    assert [type(module) for module in model.modules()] == kinds


def test_what_is_exchanged_is_really_called(monkeypatch):
    """A subclass that calls torch's function all the same would be as right, and no faster."""
    monkeypatch.setenv("HFQUICK_ONEDNN", "1")
    monkeypatch.setattr(linear, "FEW", 1)
    choice.reset()
    model, calls = small_model("GPT2"), []
    real = linear.WAYS[choice.ONEDNN]
    monkeypatch.setitem(linear.WAYS, choice.ONEDNN, lambda *given: calls.append(given) or real(*given))
    speed_up(model)
    with torch.no_grad():
        outputs(model)
    assert len(calls) == 2 * 4, "four products in each of two layers"
    choice.reset()


def test_copies_have_the_classes_of_torch_again(variable):
    model = small_model("GPT2")
    speed_up(model)
    for made in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert not any(is_sped_up(module) for module in made.modules())
        torch.testing.assert_close(outputs(made), outputs(model), rtol=1e-4, atol=1e-4)


@pytest.mark.filterwarnings("ignore:torch.ao.quantization is deprecated:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor:UserWarning")
def test_dynamic_quantization_finds_the_linear_maps(variable):
    model = small_model("Bert")
    speed_up(model)
    small = torch.ao.quantization.quantize_dynamic(model, {nn.Linear}, dtype=torch.qint8)
    kinds = [f"{type(part).__module__}.{type(part).__name__}" for part in small.modules()]
    assert sum(kind.endswith("dynamic.modules.linear.Linear") for kind in kinds) == 13


def test_a_model_of_somebody_else_is_left_alone_but_for_its_linear_maps(variable):
    class Own(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(3, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.layer(x)

    model = Own()
    speed_up(model)
    assert type(model) is Own
    assert is_sped_up(model.layer) == (variable == "1")


def test_in_float64_and_without_weights_there_is_nothing_to_gain(variable):
    for model in (small_model("Bert").double(), nn.ReLU()):
        speed_up(model)
        assert not any(is_sped_up(module) for module in model.modules() if isinstance(module, nn.Linear))


def test_loading_training_and_generation_ask_for_it(monkeypatch):
    """Nobody has to call it."""
    seen = []
    monkeypatch.setattr("hfquick.core.modeling.speed_up", lambda model: seen.append("loaded"))
    monkeypatch.setattr("hfquick.generation.decoding.speed_up", lambda model: seen.append("generates"))
    model = hfquick.AutoModelForCausalLM.from_pretrained("hfquick/gpt2-tiny-fr")
    model.generate(torch.tensor([[5, 6]]), max_new_tokens=2)
    assert seen == ["loaded", "generates"]
