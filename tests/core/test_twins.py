"""What a learner sees of the models of both frameworks: arguments, kinds of labels, sentences for wrong inputs."""

import inspect

import numpy as np
import pytest

import hfquick
from hfquick.architectures import ARCHITECTURES
from tests.helpers.checkpoints import framework

NAMES = [row.prefix + head for row in ARCHITECTURES.values() for head in row.heads]
KINDS = {
    "ForSequenceClassification": "class",
    "ForTokenClassification": "token",
    "ForQuestionAnswering": "span",
    "ForMaskedLM": "words",
    "LMHeadModel": "words",
    "ForConditionalGeneration": "words",
    "ForImageClassification": "class",
    "ForObjectDetection": "objects",
    "ForSegmentation": "objects",
    "ForCTC": "characters",
}
SMALL = {
    "GPT2LMHeadModel": hfquick.GPT2Config(vocab_size=40, n_positions=12, n_embd=8, n_layer=1, n_head=2),
    "DistilBertModel": hfquick.DistilBertConfig(vocab_size=40, dim=8, n_layers=1, n_heads=2, hidden_dim=8),
}


def twins(name: str) -> tuple[type, type]:
    pytest.importorskip("torch")
    pytest.importorskip("tensorflow")
    return getattr(hfquick, name), getattr(hfquick, f"TF{name}")


@pytest.mark.torch
@pytest.mark.tf
@pytest.mark.parametrize("name", NAMES)
def test_twins_have_the_same_arguments_in_the_same_order(name):
    ours, theirs = twins(name)
    forward, call = (list(inspect.signature(each).parameters.values())[1:] for each in (ours.forward, theirs.call))
    assert call.pop().name == "training"
    assert [each.name for each in forward] == [each.name for each in call]
    assert [each.default for each in forward] == [each.default for each in call]
    assert {each.kind for each in forward} == {inspect.Parameter.POSITIONAL_OR_KEYWORD}
    assert ours.inputs_known() == theirs.inputs_known()[:-1] == [each.name for each in forward]


@pytest.mark.torch
@pytest.mark.tf
@pytest.mark.parametrize("name", NAMES)
def test_every_head_says_what_its_labels_are(name):
    expected = "scores" if name.startswith("Vilt") and "For" in name else None
    if expected is None:
        expected = next((kind for end, kind in KINDS.items() if name.endswith(end)), "")
    assert [twin.label_kind for twin in twins(name)] == [expected] * 2


@framework
@pytest.mark.parametrize("name", SMALL)
def test_an_input_that_a_model_does_not_have_is_a_sentence(name, framework):
    model = getattr(hfquick, f"{'TF' if framework == 'tf' else ''}{name}").from_config(SMALL[name])
    ids = np.array([[5, 6, 7]])
    ids = ids if framework == "tf" else __import__("torch").from_numpy(ids)
    hint = "'token_type_ids'; try return_token_type_ids=False in the tokenizer"
    with pytest.raises(TypeError, match=f"{name} has no input {hint}; it has input_ids, attention_mask, "):
        model(input_ids=ids, token_type_ids=ids)
    with pytest.raises(TypeError, match="has no input 'attention_maks'; did you mean 'attention_mask'"):
        model(ids, attention_maks=ids)
    if name == "GPT2LMHeadModel":
        said = "generate has no argument 'token_type_ids'; try return_token_type_ids=False"
        with pytest.raises(TypeError, match=said):
            model.generate(input_ids=ids, token_type_ids=ids)


@pytest.mark.torch
def test_a_model_of_ones_own_may_take_any_input():
    pytest.importorskip("torch")

    class Mine(hfquick.DistilBertModel):
        def forward(self, input_ids, **options):
            return input_ids, options

    assert Mine(SMALL["DistilBertModel"])(1, anything=2) == (1, {"anything": 2})
    assert Mine.inputs_known() == []
