"""Arrays, dicts, lists and tf.data given to fit, evaluate and predict: what is taken, and sentences for the rest."""

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")

import keras  # noqa: E402

import hfquick  # noqa: E402
from hfquick.tokenization import BatchEncoding  # noqa: E402
from tests.helpers.keras_training import CONFIG, MARKS, classifier, rows  # noqa: E402

pytestmark = MARKS
IDS = np.random.RandomState(0).randint(10, 60, (6, 5))
LABELS = np.arange(6) % 3
MASK = np.ones_like(IDS)


def in_rows(*parts) -> "tf.data.Dataset":
    return tf.data.Dataset.from_tensor_slices(parts if len(parts) > 1 else parts[0])


@pytest.fixture
def model():
    model = classifier()
    model.compile(keras.optimizers.SGD(0.0))
    return model


def test_all_ways_to_give_a_batch_give_the_same_loss(model):
    expected = pytest.approx(float(model(IDS, MASK, labels=LABELS).loss), abs=1e-5)
    model.compile(keras.optimizers.SGD(0.0), run_eagerly=True)
    batch = {"input_ids": IDS, "attention_mask": MASK}
    for given in (
        (IDS, LABELS),
        ([IDS, MASK], LABELS),
        (batch, LABELS),
        (batch, list(map(int, LABELS))),
        (batch, LABELS[:, None]),
        (batch, {"labels": LABELS}),
        (batch, [LABELS]),
        ({**batch, "labels": LABELS},),
        (BatchEncoding(batch), LABELS),
        (in_rows(batch, LABELS).batch(4),),
        (in_rows({**batch, "labels": LABELS}).batch(6),),
    ):
        assert model.evaluate(*given, verbose=0) == expected
    assert model.fit(batch, list(LABELS), verbose=0, validation_data=([IDS, MASK], list(LABELS))).history == {
        "loss": [expected], "val_loss": [expected],
    }  # fmt: skip
    np.testing.assert_allclose(model.predict([IDS, MASK], verbose=0).logits, model(IDS).logits, atol=1e-5)
    model.predict({**batch, "labels": np.array(["a"] * 6)[:, None] == "a"}, verbose=0)  # it does not read them


WRONG = {  # what fit, evaluate (and without labels predict) are given, and the sentence
    "texts": (
        ["a film", "b"],
        "{what} was given the text 'a film' as input_ids, a model takes token ids; try",
    ),
    "array of texts": (np.array(["a film"]), "{what} was given the text 'a film' as input_ids"),
    "lists": (
        [[1, 2], [3]],
        "{what} was given a list as input_ids, expected an array; try padding=True and",
    ),
    "rows": (dict(rows(label=None, text=None)[:4]), "{what} was given a list as input_ids, expected an array"),
    "text column": (rows()[:4], "TFDistilBertForSequenceClassification has no input 'text'"),
    "no such column": ({"inputs_ids": IDS}, "has no input 'inputs_ids'; did you mean 'input_ids'"),
    "one text": (IDS[0], r"the shape of input_ids is \((5|None),\), expected \(texts, tokens\); one text is a batch"),
    "one text at a time": (
        in_rows({"input_ids": IDS}),
        r"gives one text at a time, expected batches; try data.b",
    ),
    "tf.data of texts": (in_rows(np.array(["a", "b"])).batch(2), "the tf.data.Dataset holds texts"),
    "nothing": (None, "{what} was given no data; give it a tokenized Dataset, or arrays"),
    "mask": (
        {"input_ids": IDS, "attention_mask": MASK[:, :3]},
        r"attention_mask is for 3 tokens, but 5 are read",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_inputs_are_sentences(model, name):
    given, sentence = WRONG[name]
    calls = {"predict": model.predict}
    if not isinstance(given, tf.data.Dataset):
        labels = None if given is None else LABELS[: len(given) if isinstance(given, list | np.ndarray) else 6]
        calls |= {"fit": lambda x, **options: model.fit(x, labels, **options)}
    for what, call in calls.items():
        with pytest.raises((TypeError, ValueError), match=sentence.format(what=what)):
            call(given, verbose=0)
    assert not int(model.optimizer.iterations)


WRONG_LABELS = {
    "texts": (
        list("abcabc"),
        r"the labels are texts \('a'\), a model takes numbers; try names = sorted",
    ),
    "array of texts": (np.array(list("abcabc")), r"the labels are texts \('a'\)"),
    "too large": (LABELS + 3, r"label 5 was given, this model has labels 0 to 2; try .*num_labels=6"),
    "negative": (LABELS - 1, "label -1 was given, .*; -1 often marks rows without a label"),
    "fractions": (
        LABELS / 1.0,
        "expected .*, a row of float32 numbers for each text; with one label per text these are whole",
    ),
    "one-hot": (np.eye(3, dtype=int)[LABELS], r"expected \(6,\), one label for each text; for several labels per text"),
    "uneven": ([[1], [1, 2]] * 3, "the lists of labels differ in length; fill the shorter ones with -100"),
    "none": (None, "got no labels to train on; give fit a dataset of"),
}


@pytest.mark.parametrize("name", WRONG_LABELS)
def test_wrong_labels_are_sentences(model, name):
    labels, sentence = WRONG_LABELS[name]
    for call in (model.fit, model.evaluate):
        with pytest.raises(ValueError, match=sentence):
            call(IDS, labels, verbose=0)
    if name == "texts":  # the advice, to its end
        names = sorted(set(labels))
        model.evaluate(IDS, np.array([names.index(label) for label in labels]), verbose=0)
    if name == "none":
        model.compile("adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        with pytest.raises(ValueError, match=sentence):
            model.fit(IDS, verbose=0)


def test_what_a_compiled_step_finds_is_a_sentence(model):
    with pytest.raises(ValueError, match=r"^label 5 was given, this model has labels 0 to 2; try .*num_labels=6"):
        model.fit(in_rows({"input_ids": IDS}, np.full(6, 5)).batch(3), verbose=0)
    for call in (lambda: model.fit(IDS + 60, LABELS, verbose=0), lambda: model.predict(IDS * 0 + 60, verbose=0)):
        with pytest.raises(ValueError, match=r"^token id \d+ was given, this model has token ids 0 to 59; does the"):
            call()
    words = hfquick.TFDistilBertForMaskedLM.from_config(CONFIG)
    words.compile("adam", run_eagerly=True)
    with pytest.raises(ValueError, match=r"label 60 was given, .*; does the tokenizer fit the model"):
        words.evaluate(IDS, np.full_like(IDS, 60), verbose=0)


def pictures_model() -> hfquick.TFViTForImageClassification:
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8}
    model = hfquick.TFViTForImageClassification(hfquick.ViTConfig(**sizes, image_size=8, patch_size=4, num_labels=3))
    model.compile(keras.optimizers.SGD(0.0), metrics=["accuracy"])
    return model


def test_pictures_are_given_as_texts_are():
    model, pixels = pictures_model(), np.random.RandomState(1).standard_normal((6, 3, 8, 8)).astype(np.float32)
    expected = pytest.approx(float(model(pixels, labels=LABELS).loss), abs=1e-5)
    for given in (
        (pixels, LABELS),
        ({"pixel_values": pixels}, LABELS),
        ({"pixel_values": pixels, "labels": LABELS},),
        (in_rows({"pixel_values": pixels}, LABELS).batch(4),),
    ):
        assert model.evaluate(*given, verbose=0)[0] == expected
        assert model.fit(*given, verbose=0).history["loss"] == [expected]
    logits = model.predict(pixels, verbose=0).logits
    np.testing.assert_allclose(logits, model(pixels).logits, atol=1e-5)
    for given, sentence in (
        (["cat.jpg"], "{what} was given the text 'cat.jpg' as pixel_values, a model takes pixels; try image_processor"),
        ([list(pixels[0])], r"{what} was given a list as pixel_values, expected an array; try np.stack\(pictures\)"),
        (in_rows(np.array(["a", "b"])).batch(2), "the tf.data.Dataset holds texts, a model takes pixels; make it of"),
        (in_rows({"pixel_values": pixels}), "gives one picture at a time, expected batches; try data.batch"),
    ):
        with pytest.raises((TypeError, ValueError), match=sentence.format(what="predict")):
            model.predict(given, verbose=0)
