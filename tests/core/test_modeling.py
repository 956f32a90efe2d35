"""Every PyTorch model: gradients, outputs, losses, errors, initial weights, tied weights, copies, half precision."""

import copy
import math
import pickle

import pytest

torch = pytest.importorskip("torch")

from tests.parity import checks, torch_runs  # noqa: E402
from tests.parity.cases import CASES, is_bare  # noqa: E402
from tests.parity.cases import MODELS as TABLE  # noqa: E402

pytestmark = pytest.mark.torch

ALL = [start + head for start, _, heads in TABLE.values() for head in heads]
MODELS = [name for name in ALL if not name.startswith("Detr")]  # whose labels and outputs are sets: tests/models
LOSSES = [name for name in MODELS if not is_bare(name)]
IDS = torch.tensor([[5, 6, 7, 8, 9], [5, 9, 8, 0, 0]])
MASK = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])
PIXELS = torch.randn(2, 3, 12, 12, generator=torch.Generator().manual_seed(0))  # 9 patches of 4 x 4, and [CLS]
WAVES = torch.randn(2, 210, generator=torch.Generator().manual_seed(0))  # 10 frames
CHARACTERS = torch.tensor([[3, 1, 2, -100, 1], [-100, 2, 4, -100, -100]])  # none is the blank
TEXTS = [name for name in MODELS if checks.case_of(name).has_text]
KINDS = ("hidden_states", "attentions")


def labels(name: str) -> dict[str, torch.Tensor]:
    kind = getattr(checks.class_of(name), "label_kind", "")
    if kind == "span":
        return {"start_positions": torch.tensor([1, 0]), "end_positions": torch.tensor([3, 2])}
    known = {
        "class": torch.tensor([2, 0]),
        "scores": torch.tensor([[0.9, 0.0], [0.3, 1.0]]),
        "characters": CHARACTERS,
        "": None,
    }
    words = torch.tensor([[0, 1, 2, -100, 1], [-100, 2, 0, -100, -100]])
    found = known.get(kind, words)
    return {} if found is None else {"labels": found}


def call(model, ids=IDS, mask=None, rows=slice(None), **more):
    """The outputs for texts, with a picture for each where a model reads pictures (of these the ones in `rows`).

    Where there are two texts, both are the same. Of a model that reads sound, those for recordings.
    """
    if "input_values" in model.inputs_known():
        return model(WAVES[rows], **more)
    if "pixel_values" in model.inputs_known():
        more["pixel_values"] = PIXELS[rows]
    if "input_ids" not in model.inputs_known():
        return model(**more)
    two_texts = getattr(model.config, "is_encoder_decoder", False) and "Encoder" not in type(model).__name__
    if two_texts and "labels" not in more:
        more |= {"decoder_input_ids": ids, "decoder_attention_mask": mask}
    return model(ids, mask, **more)


@pytest.mark.parametrize("name", ALL)
def test_names_and_shapes_are_those_of_the_hub(name):
    checks.names(name)


@pytest.mark.parametrize("kind", TABLE)
def test_configuration_defaults(kind):
    checks.defaults(kind)


@pytest.mark.parametrize("name", MODELS)
def test_initial_weights(name):
    checks.initial(name)


FILES = [
    (name, how)
    for name in MODELS
    for how in ("old", "bare", "bin", "keras")
    if (how != "bare" or name in LOSSES) and (how != "keras" or not name.startswith("Vilt"))  # never was in TensorFlow
]


@pytest.mark.parametrize(("name", "how"), FILES)
def test_files_in_the_ways_of_the_hub_load(name, how, capsys):
    checks.loads(f"{how} {name}")
    if (name, how) == ("BertForMaskedLM", "old"):  # what bert-base-uncased has, too
        assert "dropped, not part of this model: " in capsys.readouterr().out


@pytest.mark.parametrize(
    "what",
    [
        "headed BertModel",
        "headed DistilBertModel",
        "headed GPT2Model",
        "headed ViTModel",
        "alias BertForMaskedLM",
        "headed Wav2Vec2Model",
        "whole Wav2Vec2ForCTC",
    ],
)
def test_other_names_in_files_load(what):
    checks.loads(what)


@pytest.mark.parametrize("name", MODELS)
def test_every_parameter_receives_a_gradient(name):
    model = checks.model(name).train()
    outputs = call(model, IDS, MASK, **labels(name))
    loss = outputs.loss if name in LOSSES else torch_runs.objective(outputs, CASES["bert-one-token"])
    loss.backward()
    without = [key for key, parameter in model.named_parameters() if parameter.grad is None]
    assert without == []
    assert all(torch.isfinite(parameter.grad).all() for parameter in model.parameters())


@pytest.mark.parametrize("name", MODELS)
def test_outputs_by_attribute_key_index_and_slice(name):
    model = checks.model(name).eval()
    outputs = call(model, IDS, MASK)
    first = "last_hidden_state" if is_bare(name) else "start_logits" if "start_positions" in labels(name) else "logits"
    assert outputs.keys()[0] == first
    assert outputs[first] is outputs[0] is getattr(outputs, first) is outputs[:1][0] is outputs.to_tuple()[0]
    kinds = [key for key in vars(outputs) if key.endswith(KINDS)]
    assert kinds
    assert not any(kind in outputs for kind in kinds)
    assert all(getattr(outputs, kind) is None for kind in kinds)
    assert len(outputs) == len(list(outputs)) == len(outputs.to_tuple()) == len(outputs.items())
    with pytest.raises(KeyError, match="this output has no 'logit'"):
        outputs["logit"]
    with pytest.raises(AttributeError, match="this output has no 'logit', it has "):
        _ = outputs.logit
    if is_bare(name):
        with pytest.raises(AttributeError, match="; a model with a head gives them, such as that of AutoModelForSeque"):
            _ = outputs.logits

    full = call(model, IDS, MASK, output_hidden_states=True, output_attentions=True, **labels(name))
    states, attentions = ("encoder_hidden_states", "encoder_attentions") if "encoder_attentions" in full else KINDS
    assert full.keys()[-2:] == [states, attentions]
    case = checks.case_of(name)
    T = 5 * case.has_text + 10 * bool(case.pixels) or 10  # of a recording 10 frames
    assert [tuple(state.shape) for state in full[states]] == [(2, T, 32)] * 3
    assert [tuple(weights.shape) for weights in full[attentions]] == [(2, 4, T, T)] * 2
    for weights in full[attentions]:
        torch.testing.assert_close(weights.sum(-1), torch.ones(2, 4, T))
        assert not case.has_text or not weights[1, :, :, 3:5].any(), "padding is looked at"
    if name in LOSSES:
        assert full[0] is full.loss
        assert full[1] is full[first]


@pytest.mark.parametrize("name", MODELS)
def test_the_configuration_asks_for_hidden_states_and_the_call_decides(name):
    model = checks.model(name, output_hidden_states=True, output_attentions=True).eval()
    assert all(any(key.endswith(kind) for key in call(model)) for kind in KINDS)
    quiet = call(model, output_hidden_states=False, output_attentions=False)
    assert not any(key.endswith(KINDS) for key in quiet)


@pytest.mark.parametrize("name", LOSSES)
def test_loss_is_one_number_and_falls_when_trained(name):
    torch.manual_seed(0)
    model = checks.model(name).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(30):
        loss = call(model, IDS, MASK, **labels(name)).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert loss.shape == ()
    assert losses[-1] < losses[0] / 2
    assert call(model.eval(), IDS, MASK).loss is None


def test_untrained_loss_is_that_of_a_guess():
    model = checks.model("BertForSequenceClassification").eval()
    assert model(IDS, labels=torch.tensor([0, 2])).loss.item() == pytest.approx(math.log(3), abs=0.1)


@pytest.mark.parametrize("name", TEXTS)
def test_padding_and_neighbours_change_nothing(name):
    model = checks.model(name, initializer_range=0.3).eval()
    together, alone = call(model, IDS, MASK)[0][1], call(model, IDS[1:, :3], rows=slice(1, 2))[0][0]
    is_of_tokens = together.shape != alone.shape or "start_positions" in labels(name)
    torch.testing.assert_close(together[:3] if is_of_tokens else together, alone[:3] if is_of_tokens else alone)
    for mask in (MASK.bool(), MASK.float(), MASK.int()):
        torch.testing.assert_close(call(model, IDS, mask)[0], call(model, IDS, MASK)[0], rtol=0, atol=0)
    assert torch.isfinite(call(model, IDS, torch.zeros_like(MASK))[0]).all(), (
        "a text of padding alone gives numbers, too"
    )


@pytest.mark.parametrize(
    "name", ["BertModel", "DistilBertModel", "GPT2Model", "T5Model", "ViTModel", "ViltModel", "Wav2Vec2Model"]
)
def test_dropout_is_on_in_training_and_off_after_it(name):
    torch.manual_seed(0)
    model = checks.model(name).train()
    assert not torch.equal(call(model)[0], call(model)[0])
    model.eval()
    assert torch.equal(call(model)[0], call(model)[0])


@pytest.mark.parametrize("name", MODELS)
def test_from_config_is_the_same_for_the_same_seed(name):
    config = checks.model(name).config
    models = []
    for seed in (3, 3, 4):
        torch.manual_seed(seed)
        models.append(checks.model(name).from_config(config).state_dict())
    assert all(torch.equal(models[0][key], models[1][key]) for key in models[0])
    assert not all(torch.equal(models[0][key], models[2][key]) for key in models[0])


@pytest.mark.parametrize(
    ("name", "tied"),
    [
        ("BertForMaskedLM", "cls.predictions.decoder.weight"),
        ("DistilBertForMaskedLM", "vocab_projector.weight"),
        ("GPT2LMHeadModel", "lm_head.weight"),
        ("T5ForConditionalGeneration", "lm_head.weight"),
    ],
)
def test_word_scores_share_the_word_embeddings(name, tied):
    model, place = checks.model(name), next(case.table for case in CASES.values() if case.model == name)
    words = model.base_model.get_submodule(place)
    assert model.get_parameter(tied) is words.weight
    assert (
        model.num_parameters() == checks.model(name, tie_word_embeddings=False).num_parameters() - words.weight.numel()
    )
    copied = copy.deepcopy(model)
    assert copied.get_parameter(tied) is copied.base_model.get_submodule(place).weight
    assert copied.get_parameter(tied) is not words.weight
    words.weight = torch.nn.Parameter(torch.zeros_like(words.weight))
    model.tie_weights()
    assert model.get_parameter(tied) is words.weight
    untied = checks.model(name, tie_word_embeddings=False)
    assert untied.get_parameter(tied) is not untied.base_model.get_submodule(place).weight


@pytest.mark.parametrize("name", MODELS)
def test_copies_and_pickles_give_the_same(name):
    model = checks.model(name).eval()
    expected = call(model, IDS, MASK)[0]
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert torch.equal(call(twin, IDS, MASK)[0], expected)
        assert twin.config == model.config


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("name", MODELS)
def test_other_precisions_run_and_stay_near(name, dtype):
    model = checks.model(name).eval()
    expected = call(model, IDS, MASK, **labels(name))
    for options in ({}, {"output_attentions": True}):
        outputs = call(copy.deepcopy(model).to(dtype), IDS, MASK, **labels(name), **options)
        logits = outputs[1] if name in LOSSES else outputs[0]
        assert logits.dtype == dtype
        near = expected[1] if name in LOSSES else expected[0]
        torch.testing.assert_close(logits.float(), near, rtol=0.1, atol=0.1)


def test_hooks_see_every_place_of_an_activation():
    model, seen = checks.model("BertModel").eval(), []
    model.encoder.layer[1].intermediate.intermediate_act_fn.register_forward_hook(lambda *_: seen.append(1))
    model(IDS)
    assert seen == [1]


ERRORS = [
    ("BertModel", {}, "give either input_ids (B, T) or inputs_embeds (B, T, D)"),
    ("BertModel", {"input_ids": IDS, "inputs_embeds": torch.zeros(2, 5, 32)}, "give either input_ids"),
    ("DistilBertModel", {}, "give either input_ids"),
    ("BertModel", {"input_ids": torch.tensor([[5, 40]])}, "token id 40 was given, this model has token ids 0 to 39"),
    (
        "DistilBertModel",
        {"input_ids": torch.tensor([[-1, 4]])},
        "token id -1 was given, this model has token ids 0 to 39",
    ),
    (
        "BertModel",
        {"input_ids": IDS, "token_type_ids": IDS},
        "token type 9 was given, this model has token types 0 to 1",
    ),
    (
        "BertModel",
        {"input_ids": IDS.repeat(1, 3)},
        "a text of 15 tokens was given, this model reads at most 12; try tru",
    ),
    ("DistilBertModel", {"input_ids": IDS.repeat(1, 3)}, "a text of 15 tokens was given, this model reads at most 12"),
    (
        "BertForSequenceClassification",
        {"input_ids": IDS, "labels": torch.tensor([0, 3])},
        "label 3 was given, this model",
    ),
    ("DistilBertForTokenClassification", {"input_ids": IDS, "labels": IDS}, "labels 0 to 2; try num_labels=10"),
    (
        "BertForMaskedLM",
        {"input_ids": IDS, "labels": IDS.float()},
        "labels are torch.float32 numbers, expected whole num",
    ),
]


@pytest.mark.parametrize(("name", "inputs", "sentence"), ERRORS)
def test_bad_input_is_a_sentence(name, inputs, sentence):
    with pytest.raises(ValueError) as error:
        checks.model(name)(**inputs)
    assert sentence in str(error.value)


def test_a_model_says_which_configuration_it_wants():
    with pytest.raises(TypeError, match="BertModel is built from a BertConfig, got a DistilBertConfig"):
        type(checks.model("BertModel"))(checks.config_class("distilbert")())
    with pytest.raises(ValueError, match="activation 'gelou' is unknown; did you mean 'gelu'"):
        checks.model("BertModel", hidden_act="gelou")


@pytest.mark.parametrize("labels", [torch.tensor([[0.5], [2.0]]), torch.tensor([0.5, 2.0]), torch.tensor([1, 2])])
def test_regression_takes_a_column_or_a_row_of_numbers(labels):
    model = checks.model("BertForSequenceClassification", num_labels=1).eval()
    outputs = model(IDS, labels=labels)
    wanted = ((outputs.logits.squeeze(-1) - labels.squeeze(-1)) ** 2).mean()
    torch.testing.assert_close(outputs.loss, wanted)
