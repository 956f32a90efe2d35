"""What a Keras training keeps: folders of save_pretrained while it runs, weights, .keras files that go on elsewhere."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")
pytest.importorskip("datasets")

import keras

import hfquick
from hfquick.training.checkpoints import CheckpointError
from tests.helpers.keras_training import CONFIG, MARKS, classifier, rows, run

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
    with pytest.raises(ValueError, match="save_total_limit is 0, expected a whole number from 1 on"):
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
        model.reset_metrics()  # up to Keras 3.12, train_on_batch gives the mean of all batches since then
        losses = [float(model.train_on_batch(*data, return_dict=True)["loss"]) for _ in range(3)]
        assert losses[2] < losses[0]
        np.save(tmp_path / f"{head}.losses.npy", losses)
    assert run(FRESH, *labels, cwd=tmp_path) == "equal"
