"""Training with Keras: datasets as they are, losses and optimizers, saved folders, live chart, what can go wrong."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")
datasets = pytest.importorskip("datasets")

import keras  # noqa: E402

import hfquick  # noqa: E402
from hfquick.training import keras_callbacks, keras_data  # noqa: E402
from hfquick.training.checkpoints import CheckpointError  # noqa: E402
from hfquick.training.keras_optimizers import mend  # noqa: E402

pytestmark = [
    pytest.mark.tf,
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword"),  # TensorFlow's tensors
]

SIZES = {"vocab_size": 60, "max_position_embeddings": 16, "num_labels": 3, "initializer_range": 0.3, "pad_token_id": 7}
NO_DROPOUT = {"dropout": 0.0, "attention_dropout": 0.0, "seq_classif_dropout": 0.0, "qa_dropout": 0.0}
CONFIG = hfquick.DistilBertConfig(**SIZES, **NO_DROPOUT, dim=16, n_layers=1, n_heads=2, hidden_dim=24)
Adam = keras.optimizers.Adam


def rows(count: int = 20, **columns) -> "datasets.Dataset":
    """Texts of 3 to 11 tokens; the label is seen from the first token."""
    rng = np.random.RandomState(0)
    ids = [rng.randint(10, 60, rng.randint(3, 12)).tolist() for _ in range(count)]
    made = {
        "text": [f"text {index}" for index in range(count)],
        "input_ids": ids,
        "attention_mask": [[1] * len(row) for row in ids],
        "label": [row[0] % 3 for row in ids],
    }
    return datasets.Dataset.from_dict({name: value for name, value in (made | columns).items() if value is not None})


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    return hfquick.TFDistilBertForSequenceClassification.from_config(CONFIG)


@pytest.fixture
def trained(model):
    model.compile(Adam(1e-2))
    model.fit(rows(), verbose=0)
    return model


class Traces:
    """How often TensorFlow traced a step of training."""

    def __init__(self, monkeypatch) -> None:
        self.count = 0
        step = keras.Model.train_step

        def counted(model, data):
            self.count += 1
            return step(model, data)

        monkeypatch.setattr(keras.Model, "train_step", counted)


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


class Anything:
    """A model that takes any label."""

    def __init__(self, model) -> None:
        self.config, self.main_input_name, self.inputs_known = model.config, "input_ids", model.inputs_known


def test_tokenizers_and_collators_of_the_user(model, tmp_path):
    from tests.tiny_model import WORDS

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
        mend(optimizer)
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
    assert {optimizer.apply.__module__, optimizer.update_step.__module__} == {"hfquick.training.keras_optimizers"}


# Saving


def test_saved_folders_are_whole_and_load(model, tmp_path, monkeypatch):
    saver = hfquick.SavePretrainedCallback(tmp_path / "runs", save_total_limit=2, tokenizer=Tokenizer())
    model.compile(Adam(1e-2))
    model.fit(rows(), epochs=3, verbose=0, callbacks=[saver])
    folders = sorted(path.name for path in (tmp_path / "runs").iterdir())
    assert folders == ["checkpoint-6", "checkpoint-9"]
    assert saver.last_saved == tmp_path / "runs" / "checkpoint-9"
    assert (saver.last_saved / "vocab.txt").is_file()
    again = hfquick.TFAutoModelForSequenceClassification.from_pretrained(saver.last_saved)
    ids = np.array([[11, 12, 13]])
    np.testing.assert_allclose(again(ids).logits, model(ids).logits, atol=1e-6)

    def fails(folder):
        (Path(folder) / "config.json").write_text("{")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(model, "save_pretrained", fails)
    with pytest.raises(CheckpointError, match=r"the disk is full; the last whole checkpoint is .*checkpoint-9"):
        model.fit(rows(), verbose=0, callbacks=[saver])
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == folders


class Tokenizer:
    def save_pretrained(self, folder) -> None:
        (Path(folder) / "vocab.txt").write_text("[PAD]\n")


def test_saving_by_steps(trained, tmp_path):
    saver = hfquick.SavePretrainedCallback(tmp_path, save_strategy="steps", save_steps=2)
    trained.fit(rows(), epochs=2, verbose=0, callbacks=[saver])  # 3 steps before, then 2 epochs of 3
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"checkpoint-{step}" for step in (4, 6, 8, 9)]


def test_a_run_with_a_new_optimizer_is_saved_again(model, tmp_path):
    """Its steps count from 0 again, and the same number then means other weights."""
    saver = hfquick.SavePretrainedCallback(tmp_path)
    for _ in range(2):
        model.compile(optimizer=keras.optimizers.Adam(1e-2))
        model.fit(rows(), verbose=0, callbacks=[saver])
    again = hfquick.TFAutoModelForSequenceClassification.from_pretrained(saver.last_saved)
    ids = np.array([[11, 12, 13]])
    np.testing.assert_allclose(again(ids).logits, model(ids).logits, atol=1e-6)


def test_saving_says_what_is_wrong(trained, tmp_path):
    with pytest.raises(ValueError, match="save_strategy='epochs' is unknown; did you mean 'epoch'"):
        hfquick.SavePretrainedCallback(tmp_path, save_strategy="epochs")
    with pytest.raises(ValueError, match=r"save_strategy='steps' and save_steps=100 .* go together"):
        hfquick.SavePretrainedCallback(tmp_path, save_strategy="steps")
    with pytest.raises(ValueError, match="save_total_limit=0 was given, expected a whole number from 1 on"):
        hfquick.SavePretrainedCallback(tmp_path, save_total_limit=0)
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckpointError, match=r"output_dir='.*file' cannot be written .*; choose another folder"):
        trained.fit(rows(), verbose=0, callbacks=[hfquick.SavePretrainedCallback(tmp_path / "file")])


def test_weights_go_out_and_in(trained, tmp_path):
    other = hfquick.TFDistilBertForSequenceClassification.from_config(CONFIG)
    ids = np.array([[11, 12, 13]])
    trained.save_weights(tmp_path / "some.weights.h5")
    other.load_weights(tmp_path / "some.weights.h5")
    np.testing.assert_array_equal(other(ids).logits, trained(ids).logits)
    other.set_weights([array * 2 for array in trained.get_weights()])
    assert np.abs(other(ids).logits - trained(ids).logits).max() > 1e-3


FRESH = """
import sys, keras, numpy as np, hfquick
hfquick.TFDistilBertModel
ids = np.load("ids.npy")
for name in sys.argv[1:]:
    model = keras.models.load_model(name + ".keras")
    labels = dict(np.load(name + ".labels.npz"))
    np.testing.assert_allclose(model(ids)[0], np.load(name + ".npy"), atol=1e-5)
    assert int(model.optimizer.iterations) == 2, int(model.optimizer.iterations)
    data = ({"input_ids": ids}, labels.get("labels", labels))
    losses = [float(model.train_on_batch(*data, return_dict=True)["loss"]) for _ in range(3)]
    np.testing.assert_allclose(losses, np.load(name + ".losses.npy"), atol=1e-5)
assert "torch" not in sys.modules
print("equal")
"""


def test_keras_files_go_on_training_in_a_fresh_process(tmp_path):
    ids = np.random.RandomState(0).randint(10, 60, (6, 5))
    labels = {
        "ForSequenceClassification": {"labels": np.arange(6) % 3},
        "ForTokenClassification": {"labels": ids % 3},
        "ForMaskedLM": {"labels": np.where(ids % 2, ids, -100)},
        "ForQuestionAnswering": {"start_positions": np.arange(6) % 5, "end_positions": np.arange(6) % 5},
    }
    np.save(tmp_path / "ids.npy", ids)
    for head, given in labels.items():
        keras.utils.set_random_seed(0)
        model = getattr(hfquick, f"TFDistilBert{head}").from_config(CONFIG)
        model.compile(Adam(1e-2))
        data = ({"input_ids": ids}, given.get("labels", given))
        for _ in range(2):
            model.train_on_batch(*data)
        model.save(tmp_path / f"{head}.keras")
        np.savez(tmp_path / f"{head}.labels.npz", **given)
        np.save(tmp_path / f"{head}.npy", model(ids)[0])
        losses = [float(model.train_on_batch(*data, return_dict=True)["loss"]) for _ in range(3)]
        assert losses[2] < losses[0]
        np.save(tmp_path / f"{head}.losses.npy", losses)
    assert run(FRESH, *labels, cwd=tmp_path) == "equal"


def run(code: str, *arguments: str, cwd=None) -> str:
    here = str(Path(__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([here, os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=cwd, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip().splitlines()[-1]


# Several devices

TWO_DEVICES = """
import numpy as np, tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
import keras, hfquick
from tests.test_keras_training import CONFIG, rows

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
    monkeypatch.setattr("hfquick.training.keras_fit.in_notebook", lambda: True)
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
    losses = [value for _, value in monitor.curves["loss"]]
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
        "the labels are texts \\('good'\\), a model learns numbers; try dataset.class_encode_column\\('label'\\)",
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
    with pytest.raises(ValueError, match="batch_size=0 was given, expected a whole number from 1 on"):
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
