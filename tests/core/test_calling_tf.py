"""Keras models called by hand: what is taken, and the sentences for what cannot be right, without words of Keras."""

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")

import hfquick  # noqa: E402
from tests.helpers.keras_training import CONFIG, KINDS, MARKS, classifier, rows, uneven  # noqa: E402

pytestmark = MARKS
IDS = np.array([[11, 12, 13], [14, 15, 16]])
MASK = np.array([[1, 1, 0], [1, 1, 1]])
TENSOR = "expected a TensorFlow tensor or an array of numbers; try "


@pytest.fixture(scope="module")
def model():
    return classifier()


def test_all_ways_to_call_with_a_batch(model):
    batch = {"input_ids": IDS, "attention_mask": MASK}
    expected = model(**batch).logits
    tensors = {name: tf.constant(value, "int32") for name, value in batch.items()}
    for outputs in (
        model(batch), model(IDS, MASK), model([IDS, MASK]), model((IDS, MASK)), model(IDS, attention_mask=MASK),
        model(tensors), model(**tensors), model(list(tensors.values())), tf.function(model)(tensors),
    ):  # fmt: skip
        np.testing.assert_allclose(outputs.logits, expected, atol=1e-6)
    loss, logits = model(batch, labels=np.array([0, 1]), return_dict=False)
    assert (loss.shape, logits.shape) == ((), (2, 3))


WRONG = {
    "return_tensors forgotten": (
        TypeError, lambda m: m([11, 12]),
        rf"^input_ids is a list, {TENSOR}return_tensors='tf'",
    ),
    "texts of other length": (TypeError, lambda m: m(input_ids=[[1], [2, 3]]), rf"^input_ids is a list, {TENSOR}"),
    "a text": (
        TypeError, lambda m: m("a film"),
        r"^input_ids holds the text 'a film', .* try model\(\*\*tokenizer\(texts",
    ),
    "texts": (
        TypeError, lambda m: m(["a film", "b"]),
        "^input_ids holds the text 'a film', a model takes token ids",
    ),
    "an array of texts": (TypeError, lambda m: m(np.array(["a film"])), "^input_ids holds the text 'a film'"),
    "a tensor of texts": (TypeError, lambda m: m(tf.constant(["a film"])), "^input_ids holds the text 'a film'"),
    "ragged": (
        TypeError, lambda m: m(tf.ragged.constant([[1], [2, 3]])),
        rf"'RaggedTensor', {TENSOR}padding=True and",
    ),
    "a number": (TypeError, lambda m: m(3), rf"^input_ids is a whole number, {TENSOR}"),
    "a dataset": (TypeError, lambda m: m(rows()), rf"^input_ids is 'Dataset', {TENSOR}"),
    "one text": (ValueError, lambda m: m(IDS[0]), r"^the shape of input_ids is \(3,\), .*or ids\[None\]"),
    "three axes": (
        ValueError, lambda m: m(IDS[None]),
        r"^the shape of input_ids is \(1, 2, 3\), expected \(texts, tokens\)$",
    ),
    "no tokens": (ValueError, lambda m: m(IDS[:, :0]), "^input_ids have no tokens, expected at least one"),
    "mask of one": (
        ValueError, lambda m: m(IDS, MASK[0]),
        r"^the shape of attention_mask is \(3,\), expected \(2, 3\), one n",
    ),
    "short mask": (
        ValueError, lambda m: m(IDS, MASK[:, :2]),
        "^attention_mask is for 2 tokens, but 3 are read",
    ),
    "vectors": (
        ValueError, lambda m: m(inputs_embeds=np.ones((2, 3, 4))),
        r"inputs_embeds .*, expected \(texts, tokens, 16\)",
    ),
    "list of labels": (
        TypeError, lambda m: m(IDS, labels=[0, 1]),
        rf"^labels is a list, {TENSOR}labels=tf.constant",
    ),
    "labels as texts": (
        TypeError, lambda m: m(IDS, labels=["a", "b"]),
        "^labels hold the text 'a', a model takes numbers",
    ),
    "fractions": (
        ValueError, lambda m: m(IDS, labels=np.ones(2)),
        r"labels is \(2,\), expected \(2, 3\), .* try labels.astype\(int\), or dataset",
    ),
    "too many": (
        ValueError, lambda m: m(IDS, labels=np.ones(3, int)),
        r"labels is \(3,\), expected \(2,\), one label for each text$",
    ),
    "one-hot": (
        ValueError, lambda m: m(IDS, labels=np.eye(3, dtype=int)[:2]),
        r"expected \(2,\), .*problem_type = 'multi",
    ),
    "too large": (
        ValueError, lambda m: m(IDS, labels=np.array([0, 5])),
        "^label 5 was given, this model has labels 0 to 2",
    ),
    "strange id": (ValueError, lambda m: m(IDS + 60), "^token id 76 was given, this model has token ids 0 to 59"),
    "fractional ids": (ValueError, lambda m: m(IDS / 2), "^token ids are float32 numbers, expected whole numbers"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_right_is_a_sentence(model, name):
    kind, call, sentence = WRONG[name]
    with pytest.raises(kind, match=sentence):
        call(model)


@pytest.mark.torch
def test_tensors_of_torch_are_a_sentence(model):
    torch = pytest.importorskip("torch")
    with pytest.raises(TypeError, match=rf"^input_ids is a PyTorch tensor, {TENSOR}return_tensors='tf'"):
        model(torch.tensor(IDS))
    with pytest.raises(TypeError, match=rf"^labels is a PyTorch tensor, {TENSOR}labels=tf.constant"):
        model(IDS, labels=torch.tensor([0, 1]))


@pytest.mark.parametrize("kind", KINDS)
def test_labels_must_fit_the_texts_in_every_kind_of_model(kind):
    model, batch = uneven(kind)
    name = "labels" if "labels" in batch else "start_positions"
    part = {key: value[:4] for key, value in batch.items()}
    assert np.isfinite(model(part).loss)
    fewer = part | {name: part[name][:3]}
    with pytest.raises(ValueError, match=rf"^the shape of {name} is \(3"):
        model(fewer)
    with pytest.raises(ValueError, match=rf"^the shape of {name} is \(3"):  # the same when TensorFlow traces a call
        tf.function(lambda given: model(given), autograph=False)(fewer)
    wrong = np.full(part[name].shape, "a")
    with pytest.raises(TypeError, match=r"^labels hold the text 'a', a model takes numbers"):
        model(part | {name: wrong})


def test_a_model_of_ones_own_may_take_anything():
    class Mine(hfquick.TFDistilBertForSequenceClassification):
        def call(self, input_ids=None, note=None, training=False):
            return super().call(input_ids, training=training), note

    outputs, note = Mine.from_config(CONFIG)(IDS, note="kept")
    assert (outputs.logits.shape, note) == ((2, 3), "kept")
