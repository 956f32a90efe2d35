"""Keras models in the hands of Keras: calls, symbolic calls, fit, predict, .keras files, precision; twins; no torch."""

import inspect
import re
import subprocess
import sys

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")

import keras  # noqa: E402

import hfquick  # noqa: E402

pytestmark = [
    pytest.mark.tf,
    pytest.mark.filterwarnings("ignore:`shuffle=True` was passed"),  # Keras says it of every dataset
    pytest.mark.filterwarnings(
        "ignore:__array__ implementation doesn't accept a copy keyword"
    ),  # of TensorFlow's tensors
]

SIZES = {"vocab_size": 60, "max_position_embeddings": 16, "num_labels": 3, "initializer_range": 0.3}
BERT = hfquick.BertConfig(**SIZES, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=40)
DISTILBERT = hfquick.DistilBertConfig(**SIZES, dim=32, n_layers=2, n_heads=4, hidden_dim=40)
IDS = np.random.RandomState(0).randint(1, 60, (6, 7)).astype("int32")
MASK = np.array([[1, 1, 1, 1, 1, 0, 0]] * 6, "int32")
BATCH = {"input_ids": tf.constant(IDS), "attention_mask": tf.constant(MASK)}
LABELS = np.array([0, 1, 2, 0, 1, 2])


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    return hfquick.TFDistilBertForSequenceClassification.from_config(DISTILBERT)


def same(one, other) -> None:
    np.testing.assert_allclose(np.asarray(one), np.asarray(other), atol=1e-5)


@pytest.mark.torch
@pytest.mark.parametrize("kind", ["bert", "distilbert", "roberta", "gpt2", "bart", "t5", "vit", "vilt", "wav2vec2"])
def test_twins_have_the_same_classes_and_docstrings(kind):
    from importlib import import_module

    modules = [import_module(f"hfquick.models.{kind}.modeling_{prefix}{kind}") for prefix in ("", "tf_")]
    classes = [
        {name.removeprefix("TF"): " ".join((inspect.getdoc(value) or "").split())
         for name, value in vars(module).items()
         if isinstance(value, type) and value.__module__ == module.__name__}
        for module in modules
    ]  # fmt: skip
    assert list(classes[0]) == list(classes[1])
    assert classes[0] == classes[1]


def test_all_ways_to_call(model):
    expected = model(BATCH).logits
    for other in (
        model(**BATCH),
        model(hfquick.BatchEncoding(BATCH)),
        model(IDS, attention_mask=MASK),
        model(IDS, MASK),
        tf.function(lambda batch: model(batch))(BATCH),
        tf.function(model, reduce_retracing=True)(**BATCH),
    ):
        same(other.logits, expected)
        assert type(other).__name__ == "SequenceClassifierOutput"


def test_bad_calls_are_sentences(model):
    with pytest.raises(TypeError, match="has no input 'label'; did you mean 'labels'"):
        model(BATCH, label=LABELS)
    with pytest.raises(ValueError, match="token id 60 was given, this model has token ids 0 to 59"):
        model(np.array([[60]]))
    with pytest.raises(ValueError, match="token id -1 was given"):
        model(np.array([[-1]]))
    with pytest.raises(ValueError, match="a text of 17 tokens was given, this model reads at most 16"):
        model(np.ones((1, 17), "int32"))
    with pytest.raises(ValueError, match="token ids are float32 numbers, expected whole numbers"):
        model(np.ones((1, 2), "float32"))
    with pytest.raises(ValueError, match="label 3 was given, this model has labels 0 to 2; try num_labels=4"):
        model(BATCH, labels=LABELS + 1)
    with pytest.raises(ValueError, match="give either input_ids"):
        model(attention_mask=MASK)


def test_symbolic_calls_and_functional_models(model, tmp_path):
    inputs = {name: keras.Input((None,), dtype="int32", name=name) for name in BATCH}
    whole = keras.Model(inputs, keras.layers.Dense(2)(model(inputs).logits))
    whole.save(tmp_path / "whole.keras")
    same(keras.models.load_model(tmp_path / "whole.keras")(BATCH), whole(BATCH))


def test_summary_names_the_parts(model):
    lines: list[str] = []
    model.summary(print_fn=lambda line, **_: lines.append(line))
    assert all(re.search(name, "\n".join(lines)) for name in ("distilbert", "pre_classifier", "classifier"))


def test_fit_evaluate_and_predict(model):
    pairs = tf.data.Dataset.from_tensor_slices((BATCH, LABELS)).batch(3)
    inside = tf.data.Dataset.from_tensor_slices({**BATCH, "labels": LABELS}).batch(3)
    model.compile(keras.optimizers.Adam(1e-3), loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    for data in (pairs, inside):
        model.fit(data, verbose=0)
        same(model.evaluate(data, verbose=0), model(BATCH, labels=LABELS).loss)
    model.compile(keras.optimizers.Adam(1e-3), metrics=["accuracy"])  # its own loss
    for data in (pairs, inside):
        assert {"loss", "accuracy"} <= model.fit(data, verbose=0).history.keys()
        same(model.evaluate(data, verbose=0)[0], model(BATCH, labels=LABELS).loss)
    model.fit(hfquick.BatchEncoding(BATCH), LABELS, verbose=0)
    for data in (inside, hfquick.BatchEncoding(BATCH)):
        same(model.predict(data, verbose=0).logits, model(BATCH).logits)
    with pytest.raises(ValueError, match="got no labels to train on"):
        model.fit(BATCH, verbose=0)
    with pytest.raises(ValueError, match="the model's own loss takes none"):
        model.fit(BATCH, LABELS, sample_weight=np.ones(6), verbose=0)


def test_keras_files_give_the_same_values_in_a_fresh_process(tmp_path):
    models = {
        "a": hfquick.TFBertForQuestionAnswering.from_config(BERT),
        "b": hfquick.TFBertForMaskedLM.from_config(BERT),
        "c": hfquick.TFDistilBertForMaskedLM.from_config(DISTILBERT),
    }
    np.savez(tmp_path / "batch.npz", input_ids=IDS, attention_mask=MASK)
    for name, model in models.items():
        model.save(tmp_path / f"{name}.keras")
        np.save(tmp_path / f"{name}.npy", model(BATCH)[0])
    code = (
        "import keras, numpy as np, hfquick\nhfquick.TFBertModel, hfquick.TFDistilBertModel\n"
        "batch = dict(np.load('batch.npz'))\n"
        "for name in 'abc':\n"
        "    model = keras.models.load_model(f'{name}.keras')\n"
        "    np.testing.assert_allclose(model(batch)[0], np.load(f'{name}.npy'), atol=1e-5)\n"
        "print('equal')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, env=_environment()
    )
    assert done.stdout.strip() == "equal", done.stderr


def test_without_torch(tmp_path):
    hfquick.TFDistilBertModel.from_config(DISTILBERT).save_pretrained(tmp_path)
    code = (
        "import sys\n"
        "class NoTorch:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] == 'torch':\n"
        "            raise ModuleNotFoundError('No module named torch', name='torch')\n"
        "sys.meta_path.insert(0, NoTorch())\n"
        "import hfquick, numpy as np\n"
        "model = hfquick.TFAutoModel.from_pretrained('.')\n"
        "model.save_pretrained('again')\n"
        "print(model(np.array([[2, 3]])).last_hidden_state.shape)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, env=_environment()
    )
    assert done.stdout.strip() == "(1, 2, 32)", done.stderr


def _environment() -> dict[str, str]:
    import os
    from pathlib import Path

    here = str(Path(__file__).parents[2])
    return {**os.environ, "PYTHONPATH": os.pathsep.join([here, os.environ.get("PYTHONPATH", "")])}


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision(policy):
    keras.config.set_dtype_policy(policy)
    try:
        model = hfquick.TFBertForSequenceClassification.from_config(BERT)
        outputs = model(BATCH, labels=LABELS)
    finally:
        keras.config.set_dtype_policy("float32")
    assert outputs.logits.dtype.name == policy.removeprefix("mixed_")
    assert {str(variable.dtype) for variable in model.weights} == {"float32"}
    assert np.isfinite(float(outputs.loss))


def test_a_failed_load_leaves_nothing_behind(tmp_path, model):
    with pytest.raises(MemoryError, match="GB of memory"):
        hfquick.TFBertModel.from_config(hfquick.BertConfig(**{**BERT.to_dict(), "hidden_size": 10**8}))
    assert hfquick.TFBertModel.from_config(BERT)(BATCH).pooler_output.shape == (6, 32)
