"""Measures after each epoch of fit, also of what the model writes."""

from pathlib import Path

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")
datasets = pytest.importorskip("datasets")

import keras  # noqa: E402

import hfquick  # noqa: E402
from hfquick import AutoTokenizer, KerasMetricCallback, TFAutoModelForSeq2SeqLM  # noqa: E402
from tests.helpers.keras_training import rows  # noqa: E402

pytestmark = [
    pytest.mark.tf,
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword"),
]
FOLDER = Path(__file__).parents[1] / "reference" / "pipelines"
SIZES = {"vocab_size": 60, "max_position_embeddings": 16, "num_labels": 3, "pad_token_id": 7}


def accuracy(pair):
    predictions, labels = pair
    return {"right": np.mean(predictions.argmax(-1) == labels)}


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    config = hfquick.DistilBertConfig(**SIZES, dim=16, n_layers=1, n_heads=2, hidden_dim=24)
    made = hfquick.TFDistilBertForSequenceClassification.from_config(config)
    made.compile(keras.optimizers.Adam(1e-3))
    return made


@pytest.mark.parametrize("prepared", [False, True])
def test_what_is_measured_joins_the_history(model, prepared, capsys):
    data = model.prepare_tf_dataset(rows(), batch_size=8, shuffle=False) if prepared else rows()
    history = model.fit(rows(), epochs=2, verbose=0, callbacks=[KerasMetricCallback(accuracy, data)])
    assert len(history.history["right"]) == 2
    logits = model.predict(rows(), verbose=0).logits
    assert history.history["right"][-1] == pytest.approx(np.mean(logits.argmax(-1) == np.array(rows()["label"])))


def test_what_the_model_writes_is_measured():
    model = TFAutoModelForSeq2SeqLM.from_pretrained(FOLDER / "say-t5")
    tokenizer = AutoTokenizer.from_pretrained(FOLDER / "say-t5")
    texts = ["We are here", "a", "The library of Paris lent seven books"]
    ids = tokenizer(texts)["input_ids"]
    data = datasets.Dataset.from_dict(
        {"input_ids": ids, "attention_mask": [[1] * len(row) for row in ids], "labels": [row[:3] for row in ids]}
    )
    batches = model.prepare_tf_dataset(data, batch_size=2, shuffle=False, tokenizer=tokenizer)
    seen = []

    def measure(pair):
        seen.append(pair)
        return {"rows": len(pair[0])}

    callback = KerasMetricCallback(
        measure, batches, predict_with_generate=True, generate_kwargs={"max_new_tokens": 5, "num_beams": 2}
    )
    model.compile(keras.optimizers.SGD(0.0))  # learns nothing: the texts are those of now
    history = model.fit(batches, verbose=0, callbacks=[callback])
    assert history.history["rows"] == [3.0]
    [(written, labels)] = seen
    for row, text in enumerate(texts):
        alone = model.generate(tf.constant([tokenizer(text)["input_ids"]]), max_new_tokens=5, num_beams=2).numpy()[0]
        assert written[row, : len(alone)].tolist() == alone.tolist()
        assert labels[row].tolist() == (ids[row][:3] + [-100] * 3)[:3]


def test_what_cannot_be_is_said_before_training(model):
    with pytest.raises(TypeError, match="eval_dataset is a list, expected a tokenized Dataset"):
        KerasMetricCallback(accuracy, [1, 2])
    writes = KerasMetricCallback(accuracy, rows(), predict_with_generate=True)
    with pytest.raises(TypeError, match="TFDistilBertForSequenceClassification is none; leave it out"):
        model.fit(rows(), verbose=0, callbacks=[writes])
    with pytest.raises(TypeError, match=r"metric_fn returned 3, expected a dict of named numbers"):
        model.fit(rows(), verbose=0, callbacks=[KerasMetricCallback(lambda pair: 3, rows())])


def test_texts_to_write_are_the_labels():
    model = TFAutoModelForSeq2SeqLM.from_pretrained(FOLDER / "say-t5")
    model.compile(keras.optimizers.SGD(0.1))
    with pytest.raises(ValueError, match="add a column 'labels' with the token ids of the texts to write"):
        model.fit(datasets.Dataset.from_dict({"input_ids": [[3, 4, 1]] * 4}), verbose=0)
