"""PyTorch models called by hand: the mistakes of a first hour are sentences, for every kind of model."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import hfquick  # noqa: E402
from tests.parity import checks  # noqa: E402

pytestmark = pytest.mark.torch

KINDS = {  # a small model of each kind -> labels that fit
    "BertForSequenceClassification": torch.tensor([2, 0]),
    "DistilBertForTokenClassification": torch.tensor([[0, 1, 2], [2, 1, -100]]),
    "BertForQuestionAnswering": None,
    "RobertaForMaskedLM": torch.tensor([[5, 6, 7], [8, 9, -100]]),
    "GPT2LMHeadModel": torch.tensor([[5, 6, 7], [8, 9, -100]]),
    "GPT2ForSequenceClassification": torch.tensor([2, 0]),
    "BartForConditionalGeneration": torch.tensor([[5, 6], [8, 9]]),
    "T5ForConditionalGeneration": torch.tensor([[5, 6], [8, 9]]),
    "T5EncoderModel": None,
}
IDS = torch.tensor([[5, 6, 7], [8, 9, 3]])
every_kind = pytest.mark.parametrize("name", KINDS)


def model(name: str, **config):
    return checks.model(name, **({"pad_token_id": 0} if name.startswith("GPT2") else {}), **config).eval()


def more(made) -> dict:
    """What an encoder-decoder needs as well."""
    return {"decoder_input_ids": IDS[:, :2]} if "decoder_input_ids" in made.inputs_known() else {}


@every_kind
def test_inputs_that_are_no_tensors(name):
    made = model(name)
    batch = hfquick.AutoTokenizer.from_pretrained("hfquick/distilbert-tiny-sentiment-en")(["A film."])
    lists = {"input_ids": batch["input_ids"], "attention_mask": batch["attention_mask"]}
    wanted = "expected a PyTorch tensor; try return_tensors='pt' in the tokenizer"
    for inputs, sentence in [
        (lists, f"input_ids is a list, {wanted}"),
        ({"input_ids": IDS, "attention_mask": [[1, 1, 1]] * 2}, f"attention_mask is a list, {wanted}"),
        ({"input_ids": IDS.numpy()}, f"input_ids is a NumPy array, {wanted}"),
        (
            {"input_ids": "A film."},
            "input_ids holds the text 'A film.', a model takes token ids; try model\\(\\*\\*tok",
        ),
        ({"input_ids": ["A film."]}, "input_ids holds the text 'A film.'"),
        ({"input_ids": batch}, r"a whole batch as input_ids.*; try model\(\*\*batch\), with return_tensors='pt'"),
        ({"input_ids": {"input_ids": IDS}}, r"a whole batch as input_ids.*; try model\(\*\*batch\)$"),
        ({"input_ids": batch[0]}, "input_ids is 'Encoding', expected"),
    ]:
        with pytest.raises(TypeError, match=sentence):
            made(**inputs)
        with pytest.raises(TypeError, match=sentence):
            made(*inputs.values())


@pytest.mark.tf
def test_tensors_of_the_other_framework():
    tf = pytest.importorskip("tensorflow")
    with pytest.raises(TypeError, match="input_ids is a TensorFlow tensor, expected a PyTorch tensor; try return_t"):
        model("BertModel")(tf.constant([[5, 6]]))


@every_kind
def test_token_ids_of_the_wrong_shape_or_kind(name):
    made = model(name)
    for ids, sentence in [
        (IDS[0], r"the shape of input_ids is \(3,\), expected \(texts, tokens\); one text is a batch, too: return_te"),
        (IDS[None], r"the shape of input_ids is \(1, 2, 3\), expected \(texts, tokens\)$"),
        (IDS[:, :0], "input_ids have no tokens, expected at least one"),
        (IDS.float(), r"input_ids are torch.float32 numbers, expected whole numbers .*; try input_ids.long\(\)"),
        (IDS.to(torch.uint8), "input_ids are torch.uint8 numbers, expected whole numbers"),
        (IDS * 1000, "token id 9000 was given, this model has token ids"),
    ]:
        with pytest.raises(ValueError, match=sentence):
            made(ids, **more(made))
    made(IDS.int(), **more(made))  # the other kind that torch takes
    made(IDS[0][None], **{key: value[:1] for key, value in more(made).items()})  # what was advised
    made(IDS.float().long(), **more(made))


@every_kind
def test_masks_of_another_shape(name):
    made, rest = model(name), more(model(name))
    for mask in (torch.ones(2, 4), torch.ones(2, 1)):
        with pytest.raises(ValueError, match=rf"^attention_mask is for {mask.shape[1]} tokens, but 3 are read"):
            made(IDS, attention_mask=mask, **rest)
    for mask in (torch.ones(3, 3), torch.ones(3), torch.ones(2, 3, 3)):
        with pytest.raises(
            ValueError, match=r"the shape of attention_mask is \(.*\), expected \(2, (3|T)\), one number"
        ):
            made(IDS, attention_mask=mask, **rest)
    one_row = made(IDS, attention_mask=torch.tensor([[1, 1, 0]]), **rest)[0]
    assert torch.equal(one_row, made(IDS, attention_mask=torch.tensor([[1, 1, 0]] * 2), **rest)[0])
    if "token_type_ids" in made.inputs_known():
        with pytest.raises(ValueError, match="the shape of token_type_ids is"):
            made(IDS, token_type_ids=IDS[:, :2])
    if rest:
        with pytest.raises(ValueError, match=r"decoder_attention_mask is for 3 tokens, but 2 are read"):
            made(IDS, decoder_attention_mask=torch.ones(2, 3), **rest)
        encoded = made.get_encoder()(IDS)
        with pytest.raises(ValueError, match=r"^attention_mask is for 2 tokens, but 3 are read"):
            made(encoder_outputs=encoded, attention_mask=torch.ones(2, 2), **rest)
        with pytest.raises(
            ValueError, match=r"the shape of decoder_attention_mask is \(3, 2\), expected \(2, T\), one"
        ):
            made(IDS, decoder_attention_mask=torch.ones(3, 2), **rest)
        one = made.get_encoder()(IDS[:1])  # for two beams
        made(encoder_outputs=one, attention_mask=torch.ones(2, 3), **rest)


@every_kind
def test_embeddings_of_another_width(name):
    made = model(name)
    width = made.config.hidden_size
    for shape in ((2, 3, width + 1), (3, width)):
        with pytest.raises(ValueError, match=rf"the shape of inputs_embeds is .*, expected \(texts, tokens, {width}\)"):
            made(inputs_embeds=torch.zeros(shape), **more(made))


@pytest.mark.parametrize("name", [name for name, labels in KINDS.items() if labels is not None])
def test_labels(name):
    made, labels = model(name), KINDS[name]
    assert made(IDS, labels=labels).loss.isfinite()
    assert torch.equal(made(IDS, labels=labels.int()).loss, made(IDS, labels=labels).loss)
    each = "label for each text" if labels.dim() == 1 else "label for each token"
    with pytest.raises(ValueError, match=rf"the shape of labels is .*, one {each}"):
        made(IDS, labels=labels[:1])
    with pytest.raises(ValueError, match=r"(label|token id) 1000 was given, this model has"):
        made(IDS, labels=torch.full_like(labels, 1000))
    with pytest.raises(TypeError, match=r"labels is a list, expected a PyTorch tensor; try labels=torch.tensor"):
        made(IDS, labels=labels.tolist())
    with pytest.raises(TypeError, match=r"labels hold the text 'good', .* model.config.label2id"):
        made(IDS, labels=["good", "bad"])
    with pytest.raises(TypeError, match=r"labels is a NumPy array, expected a PyTorch tensor; try labels=torch.tensor"):
        made(IDS, labels=labels.numpy())


@pytest.mark.parametrize(
    ("config", "labels", "sentence"),
    [
        ({}, torch.tensor([1.0, 2.0]), r"a row of torch.float32 numbers .*; with one label .*: try labels.long\(\)"),
        ({}, torch.ones(2, 3).long(), "; for several labels per text try model.config.problem_type = 'multi_label_cl"),
        ({}, torch.ones(2, 2), r"is \(2, 2\), expected \(2, 3\), a row of torch.float32 numbers for each text$"),
        ({"problem_type": "single_label_classification"}, torch.tensor([1.0, 2.0]), "labels are torch.float32 numbers"),
        ({"problem_type": "multi_label_classification"}, torch.tensor([1, 0]), r"is \(2,\), expected \(2, 3\), a row"),
        ({"problem_type": "regression"}, torch.tensor([1.0, 0.0]), r"is \(2,\), expected \(2, 3\), a row of torch.fl"),
        ({"num_labels": 1}, torch.tensor([1.0, 0.0, 3.0]), r"is \(3,\), expected \(2, 1\), a row of torch.float32 num"),
    ],
)
@pytest.mark.parametrize("name", ["BertForSequenceClassification", "GPT2ForSequenceClassification"])
def test_labels_of_texts(name, config, labels, sentence):
    with pytest.raises(ValueError, match=sentence):
        model(name, **config)(IDS, labels=labels)


def test_the_advice_on_labels_of_texts_works():
    made = model("BertForSequenceClassification")
    one = made(IDS, labels=torch.tensor([1.0, 2.0]).long()).loss
    made.config.problem_type = "multi_label_classification"
    several = made(IDS, labels=torch.ones(2, 3).long()).loss
    assert one.isfinite()
    assert several.isfinite()


def test_positions_of_answers():
    made, two = model("BertForQuestionAnswering"), torch.tensor([1, 2])
    with pytest.raises(ValueError, match=r"the shape of end_positions is \(3,\), expected \(2,\), one position for"):
        made(IDS, start_positions=two, end_positions=torch.tensor([1, 2, 0]))
    with pytest.raises(
        ValueError, match=r"start_positions are torch.float32 numbers, .*; try start_positions.long\(\)"
    ):
        made(IDS, start_positions=two.float(), end_positions=two)
    with pytest.raises(TypeError, match=r"start_positions is a list, .* try start_positions=torch.tensor\(...\)"):
        made(IDS, start_positions=[1, 2], end_positions=two)
    assert made(IDS, start_positions=two[:, None], end_positions=two).loss.isfinite()


@pytest.mark.parametrize("name", ["T5Model", "T5ForConditionalGeneration"])
def test_a_decoder_without_its_tokens(name):
    made = model(name)
    with pytest.raises(ValueError, match=r"give either decoder_input_ids .*; to generate text try model.generate\("):
        made(IDS)
    with pytest.raises(TypeError, match="past_key_values is a list, expected the KV cache that a call"):
        made(IDS, decoder_input_ids=IDS, past_key_values=[])
    with pytest.raises(
        TypeError, match=r"encoder_outputs is a PyTorch tensor, expected what model.get_encoder\(\) returned"
    ):
        made(encoder_outputs=torch.zeros(2, 3, 32), decoder_input_ids=IDS)
    assert made(encoder_outputs=made.get_encoder()(IDS), decoder_input_ids=IDS)[0].shape[:2] == (2, 3)


@every_kind
def test_a_model_on_another_device(name):
    def as_torch(*_):  # which says nothing about the meta device, the only other one that every machine has
        raise RuntimeError("Expected all tensors to be on the same device")

    made = model(name)
    made.register_forward_pre_hook(as_torch)
    with pytest.raises(RuntimeError, match=r"input_ids is on meta, the model on cpu; try batch.to\(model.device\)"):
        made(IDS.to("meta"), **more(made))
    with pytest.raises(RuntimeError, match=r"^Expected all tensors"):
        made(IDS, **more(made))


@every_kind
def test_a_plain_tuple_is_given_when_asked_for(name):
    made, rest = model(name), more(model(name))
    plain = made(IDS, return_dict=False, output_attentions=True, **rest)
    named = made(IDS, return_dict=True, output_attentions=True, **rest)
    assert type(plain) is tuple
    assert len(plain) == len(named)
    assert torch.equal(plain[0], named[0])


PADDING = (
    "input_ids hold padding (token id {}) and no attention_mask was given, so it counts as text; try model(**batch)"
)


@pytest.mark.parametrize("name", ["BertForSequenceClassification", "GPT2LMHeadModel", "T5EncoderModel"])
@pytest.mark.parametrize("ids", [[[0, 0, 7], [8, 9, 3]], [[7, 8, 9], [8, 0, 0]]], ids=["left", "right"])
def test_padding_without_a_mask_is_said_once(name, ids, capsys):
    made, ids = model(name), torch.tensor(ids)
    made(ids, attention_mask=(ids != 0).long())
    made(IDS)
    assert capsys.readouterr().out == ""
    for _ in range(2):
        made(ids)
    assert capsys.readouterr().out.count(PADDING.format(0)) == 1


def test_a_text_may_begin_or_end_with_the_padding_token_where_that_has_another_use(capsys):
    made = model("GPT2LMHeadModel", eos_token_id=0)
    made(torch.tensor([[0, 6, 7], [8, 9, 0]]))
    assert capsys.readouterr().out == ""
    made(torch.tensor([[0, 0, 7], [8, 9, 3]]))
    assert PADDING.format(0) in capsys.readouterr().out


def test_numbers_of_numpy_in_a_tensor_are_fine():
    made = model("BertModel")
    assert torch.equal(made(torch.from_numpy(np.array([[5, 6]], "int32")))[0], made(torch.tensor([[5, 6]]))[0])


def test_what_courses_ask_of_a_model(tmp_path):
    made = model("DistilBertForSequenceClassification")
    assert (made.num_labels, made.name_or_path, made.base_model) == (3, made.config.name_or_path, made.distilbert)
    assert made.get_memory_footprint() == 4 * made.num_parameters()
    made.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    assert made.is_gradient_checkpointing
    made.gradient_checkpointing_disable()
    assert not made.is_gradient_checkpointing
    with pytest.raises(
        ValueError, match=r"gradient_checkpointing_kwargs is .*; activations are recomputed with use_reen"
    ):
        made.gradient_checkpointing_enable({"use_reentrant": True})
    made.set_attn_implementation("eager")
    with pytest.raises(ValueError, match="attn_implementation='flash_attention_2'; "):
        made.set_attn_implementation("flash_attention_2")
    with pytest.raises(AttributeError, match=r"has no prune_heads: .* try torch.nn.utils.prune"):
        made.prune_heads({0: [1]})
    with pytest.raises(AttributeError, match=r"has no to_bettertransformer: .*; leave it out"):
        made.to_bettertransformer()
    assert made.half().dtype == torch.float16
    assert made.to("cpu", torch.float32) is made


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
@pytest.mark.parametrize("move", [lambda made: made.to("cuda"), lambda made: made.cuda(), lambda made: made.cuda(0)])
def test_without_a_gpu(move):
    with pytest.raises((AssertionError, RuntimeError), match=r"this machine has no GPU .*; leave the model on the CPU"):
        move(model("BertModel"))
