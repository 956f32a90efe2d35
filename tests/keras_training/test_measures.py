"""Loss and metrics of evaluate and fit: means of labels, the same for every batch size, also where none counts."""

import math

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")

import keras  # noqa: E402

from tests.helpers.keras_training import KINDS, MARKS, uneven  # noqa: E402

pytestmark = MARKS
SGD = keras.optimizers.SGD
FROM_LOGITS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def rows_of(batch, rows) -> dict:
    return {name: values[rows] for name, values in batch.items()}


def shorter(batch: dict, size: int) -> "tf.data.Dataset":
    """Batches of a batch, each padded only to its longest text."""

    def parts():
        for start in range(0, len(batch["input_ids"]), size):
            part = rows_of(batch, slice(start, start + size))
            longest = part["attention_mask"].sum(1).max()
            yield {name: value[:, :longest] if value.shape[1:] == (9,) else value for name, value in part.items()}

    spec = {name: tf.TensorSpec([None] * values.ndim, values.dtype) for name, values in batch.items()}
    data = tf.data.Dataset.from_generator(parts, output_signature=spec)
    return data.apply(tf.data.experimental.assert_cardinality(-(-len(batch["input_ids"]) // size)))


@pytest.mark.parametrize("kind", KINDS)
def test_loss_and_accuracy_are_those_of_one_large_batch(kind):
    model, batch = uneven(kind)
    is_one_of_many = kind not in ("regression", "several", "span")
    outputs = model(batch)
    expected = [float(outputs.loss)]
    if is_one_of_many:
        labels, scores = model.aligned(batch["labels"], outputs)
        counted = labels != -100
        expected.append(float((np.argmax(scores, -1) == labels)[counted].mean()))
    for loss, sizes in ((None, (1, 3, 8)), (FROM_LOGITS, (1,)))[: 2 if is_one_of_many else 1]:
        model.compile(SGD(0.0), loss=loss, metrics=["accuracy"] if is_one_of_many else None, run_eagerly=True)
        for size in sizes:
            data = batch if kind == "span" else shorter(batch, size)  # a span is looked for in the padding, too
            measured = model.evaluate(data, batch_size=size if kind == "span" else None, verbose=0)
            np.testing.assert_allclose(np.ravel(measured), expected, atol=1e-5, err_msg=f"{loss} {size}")


def test_fit_shows_the_same_loss_for_training_and_validation():
    model, batch = uneven("masked")
    loss, weights = float(model(batch).loss), model.get_weights()
    model.compile(SGD(0.0), metrics=["accuracy"])
    seen = model.fit(batch, batch_size=2, shuffle=False, verbose=0, validation_data=(batch, None)).history
    assert [seen["loss"], seen["val_loss"]] == [[pytest.approx(loss, abs=1e-5)]] * 2
    assert seen["accuracy"] == seen["val_accuracy"]
    assert all(np.array_equal(one, other) for one, other in zip(weights, model.get_weights(), strict=True))


def test_weights_of_samples_go_to_the_labels_that_count():
    model, batch = uneven("token")
    labels, weight = batch.pop("labels"), np.array([1.0, 2, 0, 1, 1, 0, 0, 0, 3])
    model.compile(SGD(0.0), loss=FROM_LOGITS, weighted_metrics=["accuracy"], run_eagerly=True)
    measured = model.evaluate(batch, labels, sample_weight=weight, batch_size=9, verbose=0, return_dict=True)
    logits = model(batch).logits.numpy()
    losses = keras.losses.sparse_categorical_crossentropy(np.maximum(labels, 0), logits, from_logits=True).numpy()
    counts = labels != -100
    share = np.broadcast_to(weight[:, None], labels.shape)[counts]
    assert measured["loss"] == pytest.approx((losses[counts] * share).mean(), abs=1e-5)  # Keras divides by their number
    right = (logits.argmax(-1) == labels)[counts]
    assert measured["accuracy"] == pytest.approx(np.average(right, weights=share))


@pytest.mark.parametrize("kind", ["class", "token", "span", "masked", "causal", "seq2seq"])
def test_a_batch_in_which_nothing_counts_weighs_nothing(kind):
    model, batch = uneven(kind)
    nothing = {name: np.full_like(value, -100) for name, value in batch.items() if name == "labels"}
    if kind == "span":
        nothing = {name: np.full_like(batch[name], 40) for name in ("start_positions", "end_positions")}
    empty = batch | nothing
    assert float(model(empty).loss) == 0.0
    with tf.GradientTape() as tape:
        loss = model(empty).loss
    gradients = tape.gradient(loss, model.trainable_weights)
    assert all(np.all(tf.convert_to_tensor(gradient) == 0) for gradient in gradients if gradient is not None)
    both = {name: np.concatenate([empty[name], values]) for name, values in batch.items()}
    model.compile(SGD(0.0), run_eagerly=True)
    expected = pytest.approx(float(model(batch).loss), abs=1e-5)
    assert model.evaluate(both, batch_size=9, verbose=0) == expected
    assert model.fit(both, batch_size=9, shuffle=False, verbose=0).history["loss"] == [expected]


def test_where_no_label_counts_there_is_no_number(capsys):
    model, batch = uneven("masked")
    empty = batch | {"labels": np.full_like(batch["labels"], -100)}
    model.compile(SGD(0.1), metrics=["accuracy"])
    assert all(map(math.isnan, model.evaluate(empty, verbose=0)))
    assert capsys.readouterr().out == "no label counts, all are -100: there is nothing to measure\n"
    seen = model.fit(empty, epochs=1, verbose=0, validation_data=(batch, None)).history
    assert capsys.readouterr().out == "no label counts, all are -100: there is nothing to learn in epoch 1\n"
    assert [math.isnan(seen[name][0]) for name in ("loss", "accuracy", "val_loss", "val_accuracy")] == [True] * 2 + [
        False
    ] * 2


def test_several_small_batches_of_an_optimizer_step_are_their_plain_mean():
    """What compile says of gradient_accumulation_steps."""
    steps = []
    for accumulated in (1, 2):
        model, batch = uneven("masked")
        start = model.get_weights()
        if accumulated == 1:
            with tf.GradientTape() as tape:
                loss = (model(rows_of(batch, slice(0, 4))).loss + model(rows_of(batch, slice(4, 8))).loss) / 2
            model.compile(SGD(0.5))
            model.optimizer.apply_gradients(
                zip(tape.gradient(loss, model.trainable_weights), model.trainable_weights, strict=True)
            )
        else:
            model.compile(SGD(0.5, gradient_accumulation_steps=2), run_eagerly=True)
            model.fit(rows_of(batch, slice(0, 8)), batch_size=4, shuffle=False, verbose=0)
        steps.append([end - one for one, end in zip(start, model.get_weights(), strict=True)])
    assert max(np.abs(change).max() for change in steps[0]) > 1e-3
    for one, other in zip(*steps, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_compile_forgets_the_losses_and_metrics_of_before():
    model, batch = uneven("span")
    model.compile(SGD(0.0), loss=FROM_LOGITS, metrics=["accuracy"], run_eagerly=True)
    there = rows_of(batch, [0, 1, 2])
    assert len(model.evaluate(there, verbose=0, return_dict=True)) == 5
    model.compile(SGD(0.0), run_eagerly=True)
    assert list(model.evaluate(there, verbose=0, return_dict=True)) == ["loss"]


@pytest.mark.parametrize("kind", ["class", "seq2seq"])
def test_hidden_states_and_attentions_in_fit_evaluate_and_predict(kind):
    model, batch = uneven(kind)
    model.config.output_hidden_states = model.config.output_attentions = True
    loss = float(model(batch).loss)
    model.compile(SGD(0.0), run_eagerly=True)
    assert model.evaluate(batch, batch_size=4, verbose=0) == pytest.approx(loss, abs=1e-5)  # the last batch is one row
    assert model.fit(batch, batch_size=4, verbose=0).history["loss"] == [pytest.approx(loss, abs=1e-5)]
    if kind == "seq2seq":
        batch = batch | {"decoder_input_ids": batch["input_ids"]}
    outputs = model.predict({name: value for name, value in batch.items() if name != "labels"}, batch_size=4, verbose=0)
    direct = model({name: value for name, value in batch.items() if name != "labels"})
    assert outputs.keys() == direct.keys()
    for name, value in outputs.items():
        pairs = zip(value, direct[name], strict=True) if isinstance(value, tuple) else [(value, direct[name])]
        for found, expected in pairs:
            assert isinstance(found, np.ndarray)
            np.testing.assert_allclose(found, expected, atol=1e-5)


def test_predict_fills_texts_of_other_batches_with_ignored_scores():
    model, batch = uneven("token")
    batch.pop("labels")
    model.config.output_hidden_states = True
    outputs = model.predict(shorter(batch, 4), verbose=0)
    assert outputs.logits.shape == (9, 9, 3)
    assert [states.shape for states in outputs.hidden_states] == [(9, 9, 16)] * 2
    direct = model(batch).logits.numpy()
    mask = batch["attention_mask"].astype(bool)
    np.testing.assert_allclose(outputs.logits[mask], direct[mask], atol=1e-5)
    assert (outputs.logits[8] == -100).sum() == 3 * 3  # the last text is alone in its batch, of six tokens
