"""fit, evaluate and predict of Keras over every kind of model: right numbers, and those of PyTorch."""

import numpy as np
import pytest

keras = pytest.importorskip("keras")
pytest.importorskip("datasets")

from hfquick import KerasMetricCallback  # noqa: E402
from tests.kinds import by_hand  # noqa: E402
from tests.kinds.table import IGNORED, KINDS, WITHOUT_SIBLINGS, over  # noqa: E402

pytestmark = [
    pytest.mark.tf,
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword"),  # TensorFlow's tensors
]
SGD = keras.optimizers.SGD


def compiled(model, rate=0.0, run_eagerly=True):
    """Without a compiled step: to make one takes longer than to run a few."""
    model.compile(SGD(rate), run_eagerly=run_eagerly)
    return model


def batches(workshop, kind, keras_model, size, rows=None, **of_collator):
    data = workshop.dataset(kind) if rows is None else rows
    collate = kind.make_collator(workshop.processor(kind), "np", **of_collator)
    return keras_model.prepare_tf_dataset(data, batch_size=size, shuffle=False, collate_fn=collate, prefetch=False)


def check_predictions(workshop, kind, model, size):
    """Each row has what the model gives for it alone. A decoder needs its inputs, which the collator then makes."""
    options = {"model": model} if kind.has_decoder_inputs else {}
    found = model.predict(batches(workshop, kind, model, size, **options), verbose=0)
    outputs = workshop.outputs(kind)
    for name in kind.outputs:
        assert found[name].shape[0] == len(outputs)
        for index, right in enumerate(outputs):
            row = np.asarray(found[name][index])
            np.testing.assert_allclose(row[: len(right[name])], right[name], atol=1e-4)


@over()
def test_predict_gives_each_row_what_the_model_gives_it_alone(workshop, kind):
    """The last batch has one row."""
    check_predictions(workshop, kind, compiled(workshop.shared(kind, "tf")), 3)


@over()
def test_evaluate_is_the_mean_over_all_labels_that_count(workshop, kind):
    model = compiled(workshop.shared(kind, "tf"))
    right = by_hand.mean_loss(kind, workshop.outputs(kind), workshop.rows(kind))
    assert model.evaluate(batches(workshop, kind, model, 3), verbose=0) == pytest.approx(right, abs=1e-4)


@over(WITHOUT_SIBLINGS)
def test_rows_one_by_one_with_nothing_to_predict_among_them(workshop, kind):
    """With a learning rate of 0 the loss of an epoch is that of the data. One of these rows has nothing to predict."""
    model, chosen = compiled(workshop.model(kind, "tf")), [0, 3, 5, 6]
    outputs, rows = ([of[row] for row in chosen] for of in (workshop.outputs(kind), workshop.rows(kind)))
    right = by_hand.mean_loss(kind, outputs, rows)
    data = batches(workshop, kind, model, 1, workshop.dataset(kind).select(chosen))
    history = model.fit(data, epochs=1, verbose=0).history["loss"]
    assert history == pytest.approx([right], abs=1e-4)
    assert all(np.isfinite(weight).all() for weight in model.get_weights())


@over(faults={"spans": "Keras trains the vector of the padding, PyTorch leaves it as it is"})
@pytest.mark.torch
def test_updates_are_those_of_pytorch(workshop, kind):
    """A step of gradient descent on all rows at once."""
    import torch

    model, twin, rows = compiled(workshop.model(kind, "tf"), 0.1), workshop.model(kind), workshop.rows(kind)
    history = model.fit(batches(workshop, kind, model, 16), verbose=0).history["loss"]
    optimizer = torch.optim.SGD(twin.parameters(), lr=0.1)
    loss = twin(**kind.make_collator(workshop.processor(kind))(rows)).loss
    loss.backward()
    optimizer.step()
    assert history == pytest.approx([loss.item()], abs=1e-4)
    assert history == pytest.approx([by_hand.mean_loss(kind, workshop.outputs(kind), rows)], abs=1e-4)
    for name, array in by_hand.alone(twin, kind, rows[1]).items():
        np.testing.assert_allclose(by_hand.alone(model, kind, rows[1])[name], array, atol=1e-4)
        assert abs(array - workshop.outputs(kind)[1][name]).max() > 1e-2


@over([name for name, kind in KINDS.items() if kind.choice])
def test_accuracy_counts_what_the_loss_counts(workshop, kind):
    model = workshop.shared(kind, "tf")
    model.compile(SGD(0.0), metrics=["accuracy"], run_eagerly=True)
    found = model.evaluate(batches(workshop, kind, model, 16), verbose=0, return_dict=True)["accuracy"]
    hits = []
    for outputs, row in zip(workshop.outputs(kind), workshop.rows(kind), strict=True):
        guesses, labels = outputs["logits"].argmax(-1).reshape(-1), kind.labels(row).reshape(-1)
        if kind.name == "causal":
            guesses, labels = guesses[:-1], labels[1:]
        hits += (guesses == labels)[labels != IGNORED].tolist()
    assert found == pytest.approx(np.mean(hits), abs=1e-5)


@over(WITHOUT_SIBLINGS)
def test_a_metric_of_ones_own_sees_each_row(workshop, kind):
    model, seen = workshop.shared(kind, "tf"), []
    callback = KerasMetricCallback(lambda both: seen.append(both) or {}, batches(workshop, kind, model, 3))
    callback.set_model(model)
    callback.on_train_begin()
    callback.on_epoch_end(0, {})
    predictions, labels = seen[0]
    for index, (right, row) in enumerate(zip(workshop.outputs(kind), workshop.rows(kind), strict=True)):
        parts = predictions if isinstance(predictions, tuple) else (predictions,)
        for name, array in zip(kind.outputs, parts, strict=True):
            np.testing.assert_allclose(array[index][: len(right[name])], right[name], atol=1e-4)
        own = kind.labels(row)
        if isinstance(own, dict):
            for name, array in own.items():
                np.testing.assert_allclose(labels[name][index][: len(array)], array)
        else:
            np.testing.assert_allclose(labels[index][: len(own)] if own.ndim else labels[index], own)


@over(WITHOUT_SIBLINGS)
def test_hidden_states_and_attentions_change_nothing(workshop, kind):
    model = compiled(workshop.model(kind, "tf", output_hidden_states=True, output_attentions=True))
    check_predictions(workshop, kind, model, 16)


@over(["tokens", "causal"])
def test_a_compiled_step_is_the_same(workshop, kind):
    """In the graph of TensorFlow, which is made once for batches of any size and length."""
    model, twin = compiled(workshop.model(kind, "tf"), 0.1, False), compiled(workshop.model(kind, "tf"), 0.1)
    for each in (model, twin):
        each.fit(batches(workshop, kind, each, 4), epochs=1, verbose=0)
    for one, other in zip(model.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


@over(["masked"])
def test_a_saved_run_goes_on_as_if_it_had_not_been_stopped(workshop, kind, tmp_path):
    """model.save keeps the optimizer, too."""
    model = workshop.model(kind, "tf")
    model.compile(keras.optimizers.Adam(0.01), run_eagerly=True)
    counts = [kind.loss(*pair)[1] for pair in zip(workshop.outputs(kind), workshop.rows(kind), strict=True)]
    data = batches(workshop, kind, model, 16, workshop.dataset(kind).select(np.flatnonzero(counts)))
    model.fit(data, verbose=0)
    model.save(tmp_path / "run.keras")
    again = keras.saving.load_model(tmp_path / "run.keras")
    for each in (model, again):
        each.fit(data, verbose=0)
    for one, other in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
