"""Tools of torch work on our models as on any other: tracing, export, compilation, quantization, copies, transforms."""

import copy
import io
import pickle

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402
from torch.nn.utils import parametrize, prune  # noqa: E402

from hfquick.cpu import choice, linear  # noqa: E402
from hfquick.cpu.speed_up import is_sped_up, speed_up  # noqa: E402
from tests.parity import checks  # noqa: E402

pytestmark = [
    pytest.mark.torch,
    pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:`torch.jit:FutureWarning"),
]

NAMES = [
    "DistilBertForSequenceClassification",
    "BertForTokenClassification",
    "BertForQuestionAnswering",
    "DistilBertForMaskedLM",
    "GPT2LMHeadModel",
    "BartForConditionalGeneration",
    "T5ForConditionalGeneration",
]
every_kind = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(autouse=True)
def _exchanged(monkeypatch):
    """Layers are exchanged for faster ones, also where this processor would gain nothing by it."""
    monkeypatch.setenv("HFQUICK_ONEDNN", "1")
    monkeypatch.setattr(linear, "FEW", 1)
    choice.reset()
    yield
    choice.reset()


def model(name: str) -> nn.Module:
    torch.manual_seed(0)
    made = checks.model(name).eval()
    for parameter in made.parameters():
        nn.init.normal_(parameter, std=0.3)
    made.tie_weights()
    speed_up(made)
    assert not torch.backends.mkldnn.is_available() or any(is_sped_up(part) for part in made.modules())
    return made


def batch(made: nn.Module, length: int = 4, texts: int = 2) -> dict[str, torch.Tensor]:
    ids = torch.arange(5, 5 + texts * length).view(texts, length)
    mask = torch.ones_like(ids)
    mask[0, -1] = 0
    inputs = {"input_ids": ids, "attention_mask": mask}
    if "decoder_input_ids" in made.inputs_known():
        inputs["decoder_input_ids"] = ids + 1
    return inputs


def same(found: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


# torch's own embedding compares padding_idx, where that is above 0, with the size of its table.
@pytest.mark.filterwarnings("ignore:Converting a tensor to a Python boolean::torch.nn.functional")
@every_kind
def test_traced(name):
    """Warnings are errors here, those of the tracer, too: nothing of one text is taken for a constant."""
    made = model(name)
    traced = torch.jit.trace(made, tuple(batch(made).values()), strict=False)
    for length, texts in ((4, 2), (6, 3), (1, 1)):
        inputs = batch(made, length, texts)
        found, expected = traced(*inputs.values()), made(**inputs)
        assert found.keys() == set(expected.keys())
        for key in expected:
            same(found[key], expected[key])


def test_traced_from_one_token_and_without_a_mask():
    made, ids = model("GPT2LMHeadModel"), torch.tensor([[5, 6, 7]])
    traced = torch.jit.trace(made, ids[:, :1], strict=False)
    same(traced(ids)["logits"], made(ids).logits)


def test_traced_inside_a_module_of_ones_own():
    class Scores(nn.Module):
        def __init__(self, made):
            super().__init__()
            self.made = made

        def forward(self, input_ids):
            return self.made(input_ids).logits.softmax(-1)

    made = model("DistilBertForSequenceClassification")
    ids = batch(made)["input_ids"]
    same(torch.jit.trace(Scores(made), ids)(ids), made(ids).logits.softmax(-1))


@every_kind
def test_exported_and_saved(name):
    made = model(name)
    inputs, file = batch(made), io.BytesIO()
    torch.export.save(torch.export.export(made, (), inputs), file)
    file.seek(0)
    found, expected = torch.export.load(file).module()(**inputs), made(**inputs)
    assert type(found) is type(expected)
    assert found.keys() == expected.keys()
    same(found[0], expected[0])


@pytest.mark.parametrize(
    "name", ["DistilBertForSequenceClassification", "GPT2LMHeadModel", "T5ForConditionalGeneration"]
)
def test_compiled_in_one_piece(name):
    made = model(name)
    inputs = batch(made)
    expected = made(**inputs)
    found = torch.compile(made, backend="eager", fullgraph=True)(**inputs)
    assert type(found) is type(expected)
    same(found[0], expected[0])


@pytest.mark.filterwarnings("ignore:torch.ao.quantization is deprecated:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor:UserWarning")
@every_kind
def test_quantized(name):
    made = model(name)
    small = torch.ao.quantization.quantize_dynamic(made, {nn.Linear}, dtype=torch.qint8)
    count = sum(isinstance(part, nn.Linear) for part in made.modules())
    assert count > 0
    assert sum(isinstance(part, torch.ao.nn.quantized.dynamic.Linear) for part in small.modules()) == count
    assert not any(isinstance(part, nn.Linear) for part in small.modules())
    with torch.no_grad():
        found, expected = small(**batch(made))[0], made(**batch(made))[0]
    assert torch.corrcoef(torch.stack([found.flatten(), expected.flatten()]))[0, 1] > 0.5  # of 8 bits each


@every_kind
def test_copied_and_saved_whole(name):
    made, file = model(name), io.BytesIO()
    torch.save(made, file)
    file.seek(0)
    for twin in (copy.deepcopy(made), pickle.loads(pickle.dumps(made)), torch.load(file, weights_only=False)):
        same(twin(**batch(made))[0], made(**batch(made))[0])


@every_kind
def test_without_a_gpu_data_parallel_is_the_model(name):
    made = model(name)
    same(nn.DataParallel(made)(**batch(made))[0], made(**batch(made))[0])


@pytest.mark.filterwarnings("ignore:There is a performance drop:UserWarning")
@every_kind
def test_transforms_of_functions(name):
    made = model(name)
    inputs, weights = batch(made), dict(made.named_parameters())
    expected = made(**inputs)[0].detach()
    same(torch.func.functional_call(made, weights, (), inputs)[0], expected)

    def one(text):
        return torch.func.functional_call(made, weights, (), {key: row[None] for key, row in text.items()})

    with torch.no_grad():
        same(torch.func.vmap(one)(inputs)[0][:, 0], expected)


class Twice(nn.Module):
    def forward(self, weight):
        return 2 * weight


def test_parametrized_and_pruned():
    made = model("DistilBertForSequenceClassification")
    inputs, plain = batch(made), made(**batch(made)).logits - made.classifier.bias
    parametrize.register_parametrization(made.classifier, "weight", Twice())
    same(made(**inputs).logits - made.classifier.bias, 2 * plain)
    same(copy.deepcopy(made)(**inputs).logits, made(**inputs).logits)
    with pytest.raises(RuntimeError, match="parametrized modules is only supported through state_dict"):
        pickle.dumps(made)  # else it would be saved without
    parametrize.remove_parametrizations(made.classifier, "weight")
    same(made(**inputs).logits - made.classifier.bias, 2 * plain)
    prune.l1_unstructured(made.classifier, "weight", amount=1.0)
    same(made(**inputs).logits, made.classifier.bias.expand(2, -1))
