"""What compile takes and what it refuses: losses and metrics for probabilities, optimizers of other libraries."""

import functools

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")

import keras  # noqa: E402

import hfquick  # noqa: E402
from tests.helpers.keras_training import CONFIG, MARKS, NO_DROPOUT, SIZES, classifier, run  # noqa: E402

pytestmark = MARKS
losses, metrics = keras.losses, keras.metrics
IDS = np.random.RandomState(0).randint(10, 60, (6, 5))


def of_kind(kind: str):
    sizes = NO_DROPOUT | {"dim": 16, "n_layers": 1, "n_heads": 2, "hidden_dim": 24}
    more = {"number": {"num_labels": 1}, "several": {"problem_type": "multi_label_classification"}}.get(kind, {})
    return hfquick.TFDistilBertForSequenceClassification.from_config(
        hfquick.DistilBertConfig(**(SIZES | more), **sizes)
    )


# Losses


FOR_PROBABILITIES = {
    "name": "sparse_categorical_crossentropy",
    "name of the class": "SparseCategoricalCrossentropy",
    "short name": "ce",
    "object": losses.SparseCategoricalCrossentropy(),
    "function": losses.sparse_categorical_crossentropy,
    "partial": functools.partial(losses.sparse_categorical_crossentropy, axis=-1),
    "list": [losses.SparseCategoricalCrossentropy()],
    "dict": {"logits": "sparse_categorical_crossentropy"},
}


@pytest.mark.parametrize("given", FOR_PROBABILITIES)
def test_a_loss_that_takes_logits_for_probabilities_is_refused(given):
    model = classifier()
    with pytest.raises(ValueError, match="takes logits for probabilities") as caught:
        model.compile("adam", loss=FOR_PROBABILITIES[given])
    said = str(caught.value)
    assert "; leave loss out, and the model uses its own, or give loss=" in said
    own = model(IDS, labels=np.arange(6) % 3).loss
    for loss in (None, eval(said.partition("loss=")[2].rpartition("loss=")[2])):  # the advice, to its end
        model.compile("adam", loss=loss, run_eagerly=True)
        assert model.evaluate(IDS, np.arange(6) % 3, verbose=0) == pytest.approx(float(own), abs=1e-5)


@pytest.mark.parametrize("loss", ["binary_crossentropy", "kl_divergence", losses.KLDivergence(), losses.Dice()])
def test_what_has_no_equal_for_logits_is_refused_with_less_advice(loss):
    with pytest.raises(ValueError, match=r"leave loss out, and the model uses its own$"):
        classifier().compile("adam", loss=loss)
    hfquick.TFDistilBertModel.from_config(CONFIG).compile("adam", loss=loss)  # its outputs are no logits


def test_losses_that_are_right_are_taken():
    model = classifier()
    mean = functools.partial(losses.sparse_categorical_crossentropy, from_logits=True)
    for loss in (losses.SparseCategoricalCrossentropy(from_logits=True), mean, lambda labels, logits: 0.0, "mse"):
        model.compile("adam", loss=loss)
        assert model.loss is loss
    for own in (model.compute_loss, "passthrough", "auto_with_warning", [None], None):  # as in older scripts
        model.compile("adam", loss=own)
        assert model.loss is None
    with pytest.raises(ValueError, match=r"loss 'sparse_crossentropy' is unknown; did you mean '.*'"):
        model.compile("adam", loss="sparse_crossentropy")


# Metrics


BAD_METRICS = {
    "AUC": ("class", "AUC", "'accuracy', or measure what predict gives: keras.ops.softmax"),
    "accuracy at one half": ("class", "binary_accuracy", "'accuracy', or measure"),
    "precision": ("class", metrics.Precision(), "'accuracy', or measure"),
    "ids": ("class", metrics.Accuracy(), "'accuracy'$"),
    "cross-entropy": ("class", "ce", r"keras.metrics.SparseCategoricalCrossentropy\(from_logits=True\)$"),
    "several, accuracy": ("several", "accuracy", r"keras.metrics.BinaryAccuracy\(threshold=0.0\)$"),
    "several, at one half": ("several", metrics.BinaryAccuracy(), r"keras.metrics.BinaryAccuracy\(threshold=0.0\)$"),
    "several, precision": ("several", "Precision", r"keras.metrics.Precision\(thresholds=0.0\)$"),
    "several, AUC": ("several", metrics.AUC(), r"keras.metrics.AUC\(from_logits=True\)$"),
    "number": ("number", "accuracy", r"'mae', or for labels 0 and 1 keras.metrics.BinaryAccuracy\(\)$"),
}


@pytest.mark.parametrize("name", BAD_METRICS)
def test_a_metric_that_cannot_be_right_is_refused(name):
    kind, metric, advice = BAD_METRICS[name]
    model = of_kind(kind)
    for given in ({"metrics": [metric]}, {"weighted_metrics": [metric]}):
        with pytest.raises(ValueError, match=f"needs probabilities, or labels, and .* gives logits; try {advice}"):
            model.compile("adam", **given)
    if kind == "several":
        advised = eval(advice.replace("\\", "").removesuffix("$"))
        model.compile("adam", metrics=[advised], run_eagerly=True)
        labels = np.random.RandomState(0).randint(0, 2, (6, 3)).astype("float32")
        found = model.evaluate(IDS, labels, verbose=0)[1]
        yes = model(IDS).logits.numpy()
        if isinstance(advised, metrics.BinaryAccuracy):
            assert found == pytest.approx(((yes > 0) == labels).mean())
        if isinstance(advised, metrics.Precision):
            assert found == pytest.approx(labels[yes > 0].mean())


def test_metrics_that_are_right_are_taken():
    classifier().compile("adam", metrics=["accuracy", "sparse_categorical_accuracy", metrics.MeanIoU(3)])
    of_kind("several").compile("adam", metrics=[metrics.AUC(from_logits=True), lambda labels, logits: 0.0])
    of_kind("number").compile("adam", metrics=["mae", metrics.BinaryAccuracy()])
    with pytest.raises(ValueError, match="metric 'acuracy' is unknown; did you mean 'accuracy'"):
        classifier().compile("adam", metrics=["acuracy"])
    one_logit = of_kind("number")
    with pytest.raises(ValueError, match=r"metrics='accuracy' .*BinaryAccuracy\(threshold=0.0\)$"):
        one_logit.compile("adam", loss=losses.BinaryCrossentropy(from_logits=True), metrics=["accuracy"])


# Optimizers


KERAS_2 = type("Adam", (), {"__module__": "tf_keras.src.optimizers.adam"})
NO_OPTIMIZERS = {
    "of Keras 2": (KERAS_2(), r"optimizer Adam is of Keras 2 \(tf_keras\), .*; try keras.optimizers.Adam, after"),
    "its child": (type("Mine", (KERAS_2,), {})(), r"optimizer Mine is of Keras 2"),
    "class": (keras.optimizers.Adam, r"optimizer is the class Adam, expected an object of it: keras.optimizers.Adam"),
    "two": ((keras.optimizers.Adam(), None), "optimizer is a tuple of 2, expected one .* create_optimizer"),
    "compat": (
        tf.compat.v1.train.AdamOptimizer(1e-3), r"optimizer is tensorflow.AdamOptimizer, expected one of Keras: keras",
    ),
    "rate": (1e-3, "optimizer is float, expected one of Keras"),
    "typo": ("adamm", "optimizer 'adamm' is unknown; did you mean 'adam'"),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_OPTIMIZERS)
def test_what_is_no_optimizer_of_keras_3_is_a_sentence(name):
    given, sentence = NO_OPTIMIZERS[name]
    with pytest.raises(ValueError, match=sentence):
        classifier().compile(given)


@pytest.mark.torch
def test_an_optimizer_of_torch_is_a_sentence():
    torch = pytest.importorskip("torch")
    given = torch.optim.Adam([torch.nn.Parameter(torch.ones(1))])
    with pytest.raises(ValueError, match=r"optimizer is torch\.Adam, expected one of Keras: keras.optimizers.Adam"):
        classifier().compile(given)


def test_losses_metrics_and_callbacks_of_keras_2_and_why_they_are(monkeypatch):
    def of_keras_2(name):
        return type(name, (), {"__module__": "tf_keras.src.some"})()

    model = classifier()
    monkeypatch.setenv("TF_USE_LEGACY_KERAS", "1")
    why = "TF_USE_LEGACY_KERAS makes tf.keras Keras 2: unset that environment variable and restart$"
    with pytest.raises(ValueError, match=f"loss MeanSquaredError is of Keras 2.*keras.losses.MeanSquaredError.*{why}"):
        model.compile("adam", loss=of_keras_2("MeanSquaredError"))
    with pytest.raises(ValueError, match=f"metrics AUC is of Keras 2.*keras.metrics.AUC, after import keras; {why}"):
        model.compile("adam", metrics=[of_keras_2("AUC")])
    model.compile("adam")
    with pytest.raises(ValueError, match=r"callback EarlyStopping is of Keras 2.*keras.callbacks.EarlyStopping"):
        model.fit(IDS, np.arange(6) % 3, callbacks=[of_keras_2("EarlyStopping")], verbose=0)


def test_legacy_keras_is_said_when_the_first_keras_model_is_asked_for():
    """Where tf_keras is missing, tf.keras.optimizers is an error of TensorFlow, which comes before compile."""
    code = "import os; os.environ['TF_USE_LEGACY_KERAS'] = '1'; import hfquick; hfquick.TFDistilBertModel"
    assert run(code) == (
        "TF_USE_LEGACY_KERAS makes tf.keras Keras 2, and models are of Keras 3: take optimizers from import keras, or "
        "unset that environment variable and restart"
    )


def test_an_optimizer_is_asked_for_before_training():
    model = classifier()
    model.compile(None)
    assert np.isfinite(model.evaluate(IDS, np.arange(6) % 3, verbose=0))
    with pytest.raises(ValueError, match=r"fit needs an optimizer and does not know one yet; call model.compile"):
        model.fit(IDS, np.arange(6) % 3, verbose=0)
