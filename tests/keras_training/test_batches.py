"""Datasets for Keras: what prepare_tf_dataset and fit make of rows, and a sentence where they cannot."""

import hashlib
import json
import sys

import numpy as np
import pytest

pytest.importorskip("tensorflow")
datasets = pytest.importorskip("datasets")

import keras  # noqa: E402

import hfquick  # noqa: E402
from hfquick.keras_training import batches as keras_data  # noqa: E402
from tests.helpers.keras_training import CONFIG, MARKS, classifier, rows  # noqa: E402

pytestmark = MARKS
Adam = keras.optimizers.Adam


@pytest.fixture
def model():
    return classifier()


# prepare_tf_dataset


def test_batches_are_filled_and_hold_what_the_model_reads(model):
    data = model.prepare_tf_dataset(rows(), batch_size=8, shuffle=False)
    assert int(data.cardinality()) == 3
    inputs, labels = data.element_spec
    assert {name: spec.shape.as_list() for name, spec in inputs.items()} == {
        "input_ids": [None, None],
        "attention_mask": [None, None],
    }
    assert labels.shape.as_list() == [None]
    seen = list(data)
    assert [len(labels) for _, labels in seen] == [8, 8, 4]
    expected = rows()
    at = 0
    for inputs, labels in seen:
        ids, mask = inputs["input_ids"].numpy(), inputs["attention_mask"].numpy()
        assert ids.shape == mask.shape == (len(labels), max(map(len, expected["input_ids"][at : at + len(labels)])))
        for row in range(len(labels)):
            length = len(expected[at]["input_ids"])
            assert ids[row].tolist() == expected[at]["input_ids"] + [7] * (ids.shape[1] - length)
            assert mask[row].tolist() == [1] * length + [0] * (ids.shape[1] - length)
            assert int(labels[row]) == expected[at]["label"]
            at += 1


def test_order_is_new_at_every_epoch_and_the_same_after_a_seed(model):
    def orders(**options) -> list[list[int]]:
        keras.utils.set_random_seed(3)
        numbered = rows(label=None, labels=list(range(20)))
        data = keras_data.prepare(Anything(model), numbered, "prepare_tf_dataset", batch_size=8, **options)
        return [[int(label) for _, labels in data for label in labels] for _ in range(2)]

    first, second = orders(shuffle=True)
    assert first != second
    assert sorted(first) == sorted(second) == list(range(20))
    assert orders(shuffle=True) == [first, second]
    assert orders(shuffle=True, prefetch=False) == [first, second]
    assert orders(shuffle=False) == [list(range(20))] * 2
    assert [len(order) for order in orders(shuffle=True, drop_remainder=True)] == [16, 16]


def test_shuffled_rows_come_with_rows_of_like_length(model):
    rng = np.random.RandomState(0)
    texts = rows(400, input_ids=[[1] * rng.randint(1, 17) for _ in range(400)], attention_mask=None, label=[0] * 400)

    def filled(**options) -> list[int]:
        return [inputs["input_ids"].shape[1] for inputs, _ in model.prepare_tf_dataset(texts, **options)]

    sorted_ones, plain = filled(), filled(shuffle=False)
    assert len(sorted_ones) == len(plain) == 50
    assert sum(sorted_ones) < 0.75 * sum(plain)
    assert sorted(sorted_ones) not in (sorted_ones, sorted_ones[::-1])  # batches come in any order
    lengths = np.array([len(row) for row in texts["input_ids"]])
    batches = keras_data.Batches(texts, None, set(), 8, True, False, 0, lengths)
    first, second = (
        {frozenset(order[at : at + 8]) for at in range(0, 400, 8)} for order in (batches.order(), batches.order())
    )
    assert len(first & second) < 3  # and hold other rows at every epoch


def test_rows_come_in_the_order_of_earlier_versions():
    lengths = np.random.default_rng(1).integers(1, 60, 403)
    batches = keras_data.Batches(range(403), None, set(), 8, True, False, 3, lengths)
    orders = json.dumps([batches.order().tolist(), batches.order().tolist()]).encode()
    assert hashlib.sha256(orders).hexdigest() == "b642457554e548d9563bc65f57ef36f1b09b25c3f7d9bc267b7077c958b2b25c"


class Anything:
    """A model that takes any label."""

    def __init__(self, model) -> None:
        self.config, self.main_input_name, self.inputs_known = model.config, "input_ids", model.inputs_known


def test_tokenizers_and_collators_of_the_user(model, tmp_path):
    from tests.helpers.tiny_model import WORDS

    (tmp_path / "vocab.txt").write_text("\n".join(WORDS) + "\n", encoding="utf-8")
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": True, "padding_side": "left"}))
    (tmp_path / "config.json").write_text('{"model_type": "distilbert"}')
    tokenizer = hfquick.AutoTokenizer.from_pretrained(tmp_path)
    texts = datasets.Dataset.from_dict({"text": ["we are happy", "sad"], "label": [0, 1]})
    texts = texts.map(lambda row: tokenizer(row["text"]))
    ((inputs, labels),) = model.prepare_tf_dataset(texts, shuffle=False, tokenizer=tokenizer)
    expected = tokenizer(["we are happy", "sad"], padding=True)
    assert inputs["input_ids"].numpy().tolist() == expected["input_ids"]
    assert labels.numpy().tolist() == [0, 1]
    for kind in ("np", "tf", "pt") if "torch" in sys.modules else ("np", "tf"):
        collator = hfquick.DataCollatorWithPadding(tokenizer, return_tensors=kind)
        ((inputs, labels),) = model.prepare_tf_dataset(texts, shuffle=False, collate_fn=collator)
        assert inputs["input_ids"].numpy().tolist() == expected["input_ids"]
        assert labels.numpy().tolist() == [0, 1]

    def collate(examples, extra):
        return {"input_ids": [[len(row["text"]), extra] for row in examples], "other": [1] * len(examples)}

    raw = datasets.Dataset.from_dict({"text": ["ab", "abc"]})
    (inputs,) = model.prepare_tf_dataset(raw, shuffle=False, collate_fn=collate, collate_fn_args={"extra": 9})
    assert {name: value.numpy().tolist() for name, value in inputs.items()} == {"input_ids": [[2, 9], [3, 9]]}


def test_labels_of_tokens_and_of_answers():
    tokens = hfquick.TFDistilBertForTokenClassification.from_config(CONFIG)
    labelled = rows(3, input_ids=[[1, 2, 3], [4], [5, 6]], attention_mask=None, label=[[0, 1, 2], [-100], [1, 1]])
    ((inputs, labels),) = tokens.prepare_tf_dataset(labelled, shuffle=False)
    assert labels.numpy().tolist() == [[0, 1, 2], [-100, -100, -100], [1, 1, -100]]
    assert inputs["attention_mask"].numpy().tolist() == [[1, 1, 1], [1, 0, 0], [1, 1, 0]]
    answers = hfquick.TFDistilBertForQuestionAnswering.from_config(CONFIG)
    ((_, labels),) = answers.prepare_tf_dataset(
        rows(2, label=None, start_positions=[1, 0], end_positions=[2, 1]), shuffle=False
    )
    assert {name: value.numpy().tolist() for name, value in labels.items()} == {
        "start_positions": [1, 0],
        "end_positions": [2, 1],
    }
    answers.compile(Adam(1e-3))
    history = answers.fit(rows(4, label=None, start_positions=[0] * 4, end_positions=[1] * 4), verbose=0)
    assert np.isfinite(history.history["loss"]).all()


# What can go wrong


BAD_DATA = {
    "no labels": (
        rows(label=None, stars=[1] * 20),
        "fit needs 'labels', the dataset has the columns text, input_ids, attention_mask, stars; "
        "if a column holds them, name it so: dataset.rename_column\\('stars', 'labels'\\)",
    ),
    "too large": (rows(label=[0, 5] * 10), "label 5 was given, this model has labels 0 to 2; try .*num_labels=6"),
    "negative": (rows(label=[0, -1] * 10), "label -1 was given, .*; -1 often marks rows without a label: filter"),
    "selected": (rows(label=[9] + [0] * 19).select([1, 0]), "label 9 was given, this model has labels 0 to 2"),
    "texts as labels": (
        rows(label=["good"] * 20),
        "the labels are texts \\('good'\\); a model takes numbers: try dataset.class_encode_column",
    ),
    "no label in a row": (rows(label=[0, 1, None, 1] * 5), "row 2 has no label: 'label' is None there"),
    "fractions": (rows(label=[0.5] * 20), "the labels are double numbers, expected whole numbers from 0 to 2"),
    "several labels": (rows(label=[[0, 1, 1]] * 20), "'label' holds a list of whole numbers for each text"),
    "not tokenized": (
        rows(input_ids=None, attention_mask=None),
        "the dataset has the columns text, label, and TFDistilBertForSequenceClassification reads input_ids, "
        "attention_mask, inputs_embeds; tokenize first: dataset.map\\(lambda rows: tokenizer\\(rows\\['text'\\]\\)",
    ),
    "unknown columns": (
        rows(input_ids=None, attention_mask=None, inputs_ids=[[1]] * 20),
        "inputs_ids \\('inputs_ids'; did you mean 'input_ids' or 'inputs_embeds'\\?\\), and",
    ),
    "too long": (rows(1, input_ids=[[1] * 17], attention_mask=None), "a text of 17 tokens was given, .* at most 16"),
    "no rows": (rows().select([]), "the dataset has no rows; was it filtered until nothing was left?"),
    "no train split": (
        datasets.DatasetDict(test=rows(), unsupervised=rows()),
        "fit looks for the split 'train', and the DatasetDict has 'test', 'unsupervised'; "
        "give one of them, such as dataset\\['test'\\]",
    ),
}


@pytest.mark.parametrize("name", BAD_DATA)
def test_bad_data_is_a_sentence_before_the_first_step(model, name):
    data, sentence = BAD_DATA[name]
    model.compile(Adam(1e-3))
    with pytest.raises(ValueError, match=sentence):
        model.fit(data, verbose=0)
    assert int(model.optimizer.iterations) == 0


def test_bad_calls_are_sentences(model):
    for call in (model.fit, model.evaluate):
        with pytest.raises(
            ValueError, match=r"needs an optimizer.*; call model.compile.optimizer=keras.optimizers.Adam"
        ):
            call(rows(), verbose=0)
    model.compile(Adam(1e-3))
    with pytest.raises(ValueError, match="batch_size is 0, expected a whole number from 1 on"):
        model.fit(rows(), batch_size=0)
    with pytest.raises(ValueError, match="20 rows, fewer than one batch of 32, and drop_remainder=True"):
        model.prepare_tf_dataset(rows(), batch_size=32, drop_remainder=True)
    with pytest.raises(ValueError, match="validation_split divides arrays; divide a Dataset by"):
        model.fit(rows(), validation_split=0.1)
    with pytest.raises(TypeError, match="a Dataset of the library datasets is expected, got IterableDataset; take"):
        model.fit(rows().to_iterable_dataset())
    with pytest.raises(TypeError, match="a Dataset of the library datasets is expected, got list"):
        model.prepare_tf_dataset([1])
    model.config.pad_token_id = None
    try:
        with pytest.raises(ValueError, match=r"the configuration has no pad_token_id .*tokenizer=tokenizer"):
            model.fit(rows())
    finally:
        model.config.pad_token_id = 7


def test_labels_of_words_are_checked_too():
    words = hfquick.TFDistilBertForMaskedLM.from_config(CONFIG)
    words.compile(Adam(1e-3))
    with pytest.raises(ValueError, match="label 60 was given, this model has labels 0 to 59; does the tokenizer fit"):
        words.fit(rows(2, input_ids=[[1, 2]] * 2, attention_mask=None, label=[[-100, 60], [1, 2]]))
    with pytest.raises(ValueError, match=r"fit needs 'labels'.*collate_fn=DataCollatorForLanguageModeling"):
        words.fit(rows(label=None))
