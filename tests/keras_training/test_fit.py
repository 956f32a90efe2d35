"""fit, evaluate and predict in Keras: losses, optimizers, precision, two devices, live chart, a loss that is nan."""

import os

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")
datasets = pytest.importorskip("datasets")

import keras  # noqa: E402

import hfquick  # noqa: E402
from hfquick.core.trainable_tf import TrainableModel  # noqa: E402
from hfquick.keras_training import callbacks as keras_callbacks  # noqa: E402
from hfquick.keras_training.optimizers import patch_optimizer  # noqa: E402
from tests.helpers.keras_training import CONFIG, MARKS, classifier, rows, run  # noqa: E402

pytestmark = MARKS
Adam = keras.optimizers.Adam


@pytest.fixture
def model():
    return classifier()


@pytest.fixture
def trained(model):
    model.compile(Adam(1e-2))
    model.fit(rows(), verbose=0)
    return model


class Traces:
    """How often TensorFlow traced a step of training."""

    def __init__(self, monkeypatch) -> None:
        self.count = 0
        step = TrainableModel.train_step

        def counted(model, data):
            self.count += 1
            return step(model, data)

        monkeypatch.setattr(TrainableModel, "train_step", counted)


# fit, evaluate, predict


def test_fit_on_a_datasetdict_learns_and_says_what_it_takes(model, capsys, monkeypatch):
    traces = Traces(monkeypatch)
    splits = datasets.DatasetDict(train=rows(40), validation=rows(10), test=rows(12))
    model.compile(optimizer=Adam(1e-2), metrics=["accuracy"])
    before = model.evaluate(splits, verbose=0, return_dict=True)
    history = model.fit(splits, epochs=8, verbose=0, validation_data=splits)
    after = model.evaluate(splits, verbose=0, return_dict=True)
    assert after["loss"] < 0.8 * before["loss"]
    assert history.history["loss"][-1] < 0.8 * history.history["loss"][0]
    assert capsys.readouterr().out.splitlines() == [
        "evaluate takes the split 'test': 12 rows in batches of 8, input_ids, attention_mask, label",
        "validation_data takes the split 'validation': 10 rows in batches of 8, input_ids, attention_mask, label",
        "fit takes the split 'train': 40 rows in batches of 8, input_ids, attention_mask, label",
        "evaluate takes the split 'test': 12 rows in batches of 8, input_ids, attention_mask, label",
    ]
    assert repr(history) == "History(epochs=8, measured=['accuracy', 'loss', 'val_accuracy', 'val_loss'])"
    assert traces.count == 1  # texts of all lengths, variables of optimizer and metrics made before

    direct = model(input_ids=np.array([row + [7] * (11 - len(row)) for row in splits["test"]["input_ids"]]),
                   attention_mask=np.array([row + [0] * (11 - len(row)) for row in splits["test"]["attention_mask"]]),
                   labels=np.array(splits["test"]["label"]))  # fmt: skip
    logits = model.predict(splits["test"], batch_size=5, verbose=0).logits
    np.testing.assert_allclose(logits, direct.logits, atol=1e-5)
    right = logits.argmax(-1) == np.array(splits["test"]["label"])
    assert after["accuracy"] == pytest.approx(right.mean())
    assert after["loss"] == pytest.approx(float(direct.loss), abs=1e-5)


def test_fit_on_a_dataset_is_fit_on_what_prepare_gives(model):
    weights = model.get_weights()
    results = []
    for prepared in (False, True):
        model.set_weights(weights)
        model.compile(optimizer=Adam(1e-2))
        keras.utils.set_random_seed(5)
        data = model.prepare_tf_dataset(rows(), batch_size=4) if prepared else rows()
        results.append(model.fit(data, batch_size=None if prepared else 4, epochs=2, verbose=0).history["loss"])
    assert results[0] == results[1]


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "adafactor"])
def test_losses_and_optimizers_of_the_user(model, optimizer):
    model.compile(optimizer, loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    history = model.fit(rows(), batch_size=10, verbose=0, callbacks=[keras.callbacks.CSVLogger(os.devnull)])
    assert set(history.history) == {"accuracy", "loss"}
    assert np.isfinite(history.history["loss"]).all()
    own = model(input_ids=np.array([[11, 12]]), labels=np.array([2])).loss
    given = model.evaluate(rows(1, input_ids=[[11, 12]], attention_mask=None, label=[2]), verbose=0)[0]
    assert given == pytest.approx(float(own), abs=1e-5)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_learns(policy):
    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy(policy)
    try:
        model = hfquick.TFDistilBertForSequenceClassification.from_config(CONFIG)
    finally:
        keras.config.set_dtype_policy("float32")
    model.compile(Adam(1e-2))
    loss = model.fit(rows(), epochs=6, verbose=0).history["loss"]
    assert np.isfinite(loss).all()
    assert loss[-1] < 0.9 * loss[0]
    assert all(np.isfinite(array).all() for array in model.get_weights())
    assert {str(variable.dtype) for variable in model.weights} == {"float32"}


def lookups(optimizer, as_rows: bool, mended: bool) -> list[np.ndarray]:
    """Weights after some steps on tokens that repeat; the gradient of the embedding as rows, or whole."""

    class Whole(keras.layers.Embedding):
        def call(self, ids):
            return tf.matmul(tf.one_hot(tf.cast(ids, "int32"), self.input_dim), self.embeddings)

    keras.utils.set_random_seed(0)
    kind = keras.layers.Embedding if as_rows else Whole
    model = keras.Sequential([kind(6, 4), keras.layers.Flatten(), keras.layers.Dense(2)])
    model.build((None, 5))
    optimizer = optimizer()
    if mended:
        patch_optimizer(optimizer)
    model.compile(optimizer, loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    rng = np.random.RandomState(0)
    model.fit(rng.randint(0, 6, (12, 5)), rng.randint(0, 2, 12), batch_size=4, epochs=2, shuffle=False, verbose=0)
    return model.get_weights()


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda: Adam(1e-2),
        lambda: keras.optimizers.AdamW(1e-2, weight_decay=0.1, clipnorm=0.05),
        lambda: Adam(keras.optimizers.schedules.PolynomialDecay(1e-2, 6), amsgrad=True),
        lambda: keras.optimizers.RMSprop(1e-2),
    ],
    ids=["Adam", "AdamW", "amsgrad", "RMSprop"],
)
def test_repeated_tokens_count_as_often_as_they_come(optimizer):
    """Keras gives the right result for whole gradients: ours for rows must be the same."""
    right = lookups(optimizer, as_rows=False, mended=False)
    ours = lookups(optimizer, as_rows=True, mended=True)
    start = lookups(lambda: keras.optimizers.SGD(0.0), as_rows=True, mended=False)
    assert np.abs(right[0] - start[0]).max() > 1e-2
    for one, other in zip(right, ours, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_compile_mends_the_users_optimizer_and_keeps_the_object(model):
    optimizer = Adam(1e-2)
    model.compile(optimizer)
    assert model.optimizer is optimizer
    assert {optimizer.apply.__module__, optimizer.update_step.__module__} == {"hfquick.keras_training.optimizers"}


# Several devices

TWO_DEVICES = """
import numpy as np, tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
import keras, hfquick
from tests.helpers.keras_training import CONFIG, rows

def run(strategy, count):
    keras.utils.set_random_seed(1)
    with strategy.scope():
        model = hfquick.TFDistilBertForSequenceClassification.from_config(CONFIG)
        model.compile(keras.optimizers.Adam(1e-3), metrics=["accuracy"])
    data = rows(count)
    losses = model.fit(data, epochs=3, verbose=0).history["loss"]
    return losses, model.evaluate(data, verbose=0), model.predict(data, verbose=0)

one, two = tf.distribute.get_strategy(), tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
assert two.num_replicas_in_sync == 2
(losses, measured, outputs), (losses2, measured2, outputs2) = run(one, 24), run(two, 24)
np.testing.assert_allclose(losses, losses2, atol=1e-5)
np.testing.assert_allclose(measured, measured2, atol=1e-5)
np.testing.assert_allclose(outputs.logits, outputs2.logits, atol=1e-4)
assert type(outputs2).__name__ == "SequenceClassifierOutput"
assert np.isfinite(run(two, 17)[0]).all()  # a last batch of one row leaves none for the second device
print("equal")
"""


def test_two_devices_give_the_losses_of_one():
    assert run(TWO_DEVICES) == "equal"


# The live chart


@pytest.fixture
def monitors(monkeypatch):
    """As in a notebook, but what would be shown is kept."""
    training = pytest.importorskip("hfquick.widgets.training")
    shown = []

    def show(monitor):
        monitor.seen = [monitor.status]
        monitor.observe(lambda change: monitor.seen.append(change["new"]), names=["status"])
        shown.append(monitor)

    monkeypatch.setattr(keras_callbacks, "in_notebook", lambda: True)
    monkeypatch.setattr("hfquick.keras_training.fit.in_notebook", lambda: True)
    monkeypatch.setattr(training, "show_progress", show)
    return shown


def test_chart_in_a_notebook_and_nothing_that_changes(model, monitors, capsys):
    model.compile(Adam(1e-2), metrics=["accuracy"])
    data = model.prepare_tf_dataset(rows(), batch_size=8)
    history = model.fit(data, epochs=2, validation_data=rows(9))
    (monitor,) = monitors
    assert monitor.seen == ["preparing", "running", "done"]
    assert (monitor.step, monitor.total_steps, monitor.epoch) == (6, 6, 2.0)
    assert set(monitor.curves) == {"loss", "learning_rate", "accuracy", "val_accuracy", "val_loss"}
    assert [step for step, _ in monitor.curves["loss"]] == [1, 2, 3, 4, 5, 6]
    losses = [value for _, value in monitor.curves.faint["loss"]]
    means = [np.average(losses[start : start + 3], weights=[8, 8, 4]) for start in (0, 3)]
    np.testing.assert_allclose(means, history.history["loss"], rtol=0.05)  # Keras weighs the last, smaller batch less
    assert [step for step, _ in monitor.curves["val_loss"]] == [3, 6]
    model.evaluate(data)
    model.predict(data)
    printed = capsys.readouterr().out
    assert printed == "validation_data takes 9 rows in batches of 8, input_ids, attention_mask, label\n"


def test_stop_button_ends_cleanly_and_keeps_the_weights(model, monitors, tmp_path):
    before = model.get_weights()
    saver = hfquick.SavePretrainedCallback(tmp_path)

    class Click(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            if batch == 1:
                monitors[0].request_stop()

    model.compile(Adam(1e-2))
    history = model.fit(rows(), epochs=3, callbacks=[Click(), saver])
    assert monitors[0].seen == ["preparing", "running", "stopping", "stopped"]
    assert monitors[0].step == 2
    assert len(history.history["loss"]) == 1
    assert saver.last_saved.name == "checkpoint-2"
    assert any(np.abs(one - other).max() > 1e-3 for one, other in zip(before, model.get_weights(), strict=True))


@pytest.mark.parametrize(("error", "status"), [(KeyboardInterrupt, "interrupted"), (RuntimeError, "failed")])
def test_chart_says_how_a_run_ended(trained, monitors, error, status):
    class Raise(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            raise error

    with pytest.raises(error):
        trained.fit(rows(), callbacks=[Raise()])
    assert monitors[0].status == status
    assert np.isfinite(trained.fit(rows(), verbose=0).history["loss"]).all()  # still of use


# What can go wrong


def test_nan_stops_with_epoch_and_step_and_keeps_the_last_good_folder(model, tmp_path):
    class Ruin(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                self.model.classifier.bias.assign([np.nan] * 3)

    saver = hfquick.SavePretrainedCallback(tmp_path)
    model.compile(Adam(1e-3))
    with pytest.raises(FloatingPointError) as caught:
        model.fit(rows(), epochs=3, verbose=0, callbacks=[Ruin(), saver])
    said = str(caught.value)
    assert said.startswith("the loss became nan in epoch 2, step 1; ")
    assert f"the last folder that was saved before, {str(tmp_path / 'checkpoint-3')!r}, is good" in said
    assert "smaller learning rate (it was 0.001)" in said
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-3"]
    good = hfquick.TFAutoModelForSequenceClassification.from_pretrained(tmp_path / "checkpoint-3")
    assert np.isfinite(good(np.array([[11]])).logits).all()
