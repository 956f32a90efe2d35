"""Keras over pictures: the ways to give them, detectors in a compiled step, what is saved, and what goes wrong."""

import numpy as np
import pytest

pytest.importorskip("tensorflow")
datasets = pytest.importorskip("datasets")
pytest.importorskip("scipy")

import keras  # noqa: E402

import hfquick  # noqa: E402
from tests.helpers.keras_training import MARKS, run  # noqa: E402
from tests.kinds.pictures import DETR, DETR_DROPOUT, DETR_SIZES, PICTURES, VIT_SIZES  # noqa: E402

pytestmark = MARKS
SIZE = {"height": 8, "width": 12}
LABELS = [0, 2, 1, 0, 1, 0, 2]
SGD = keras.optimizers.SGD


def processor():
    return hfquick.ViTImageProcessor(size=SIZE)


def model(rate=0.0, run_eagerly=True, **config):
    keras.utils.set_random_seed(0)
    made = hfquick.TFViTForImageClassification(hfquick.ViTConfig(**{**VIT_SIZES, **config}))
    made.compile(SGD(rate), run_eagerly=run_eagerly)
    return made


def photos():
    names = datasets.ClassLabel(names=["cat", "dog", "home"])
    features = datasets.Features({"image": datasets.Image(), "label": names})
    return datasets.Dataset.from_dict({"image": PICTURES, "label": LABELS}, features=features)


def prepared(rows):
    """As tutorials write it, for with_transform and for map."""
    return {"pixel_values": processor()(rows["image"], return_tensors="np")["pixel_values"], "label": rows["label"]}


def by_hand():
    """The loss of all pictures in one batch."""
    pixels = processor()(PICTURES, return_tensors="np")["pixel_values"]
    return pytest.approx(float(model()(pixels, labels=np.array(LABELS)).loss), abs=1e-5)


def test_all_ways_to_give_pictures_have_the_same_loss():
    right, data = by_hand(), photos()
    made, options = model(), {"batch_size": 3, "shuffle": False}
    for given in (
        made.prepare_tf_dataset(data, processing_class=processor(), **options),
        made.prepare_tf_dataset(data, tokenizer=processor(), **options),
        made.prepare_tf_dataset(data.map(prepared, batched=True), **options),
        made.prepare_tf_dataset(data.with_transform(prepared), **options),
        made.prepare_tf_dataset(data, **options, collate_fn=of_ones_own),
        data.map(prepared, batched=True),
        data.with_transform(prepared),
        dict(processor()(PICTURES, return_tensors="np")) | {"labels": np.array(LABELS)},
    ):
        assert made.evaluate(given, verbose=0) == right
    assert made.fit(data.with_transform(prepared), verbose=0).history["loss"] == [right]


def of_ones_own(rows):
    return prepared({"image": [row["image"] for row in rows], "label": [row["label"] for row in rows]})


def test_a_run_from_pictures_to_a_pipeline(tmp_path):
    """The image processor is saved beside the model, and a fresh process reads both."""
    made = model(run_eagerly=False)
    made.compile(keras.optimizers.Adam(2e-2), metrics=["accuracy"])
    saver = hfquick.SavePretrainedCallback(tmp_path, tokenizer=processor())
    data = made.prepare_tf_dataset(photos(), batch_size=7, processing_class=processor())
    history = made.fit(data, epochs=30, verbose=0, callbacks=[saver]).history
    assert history["accuracy"][-1] == 1.0
    assert made.predict(data, verbose=0).logits.shape == (7, 3)
    made.save(tmp_path / "whole.keras")
    for index, picture in enumerate(PICTURES):
        picture.save(tmp_path / f"{index}.png")
    code = (
        "import sys; from pathlib import Path; import keras, numpy as np, hfquick; folder = Path(sys.argv[1]);"
        "pipe = hfquick.pipeline('image-classification', sys.argv[2], framework='tf');"
        "files = [str(folder / f'{index}.png') for index in range(7)];"
        "whole = keras.saving.load_model(folder / 'whole.keras');"
        "pixels = pipe.image_processor(files, return_tensors='np')['pixel_values'];"
        "same = np.allclose(whole(pixels).logits, pipe.model(pixels).logits, atol=1e-5);"
        "print([found[0]['label'] for found in pipe(files)], same)"
    )
    names = [VIT_SIZES["id2label"][label] for label in LABELS]
    assert run(code, str(tmp_path), str(saver.last_saved)) == f"{names} True"


# Detectors

COUNTS = [2, 0, 1, 3, 0, 1, 2]  # of objects in each picture


def detector(rate=0.0, run_eagerly=True):
    keras.utils.set_random_seed(0)
    still = dict.fromkeys(DETR_DROPOUT, 0.0)
    made = hfquick.TFDetrForObjectDetection(hfquick.DetrConfig(**{**DETR_SIZES, **still}))
    made.compile(SGD(rate), run_eagerly=run_eagerly)
    return made


def of_detector():
    """Pads a batch to its largest picture."""
    return hfquick.DetrImageProcessor(size=DETR.settings["size"])


def objects():
    """What is in each picture, as an image processor makes it of annotations."""
    boxes = np.array([[0.3, 0.4, 0.2, 0.3], [0.6, 0.7, 0.3, 0.2], [0.5, 0.5, 0.9, 0.9]], np.float32)
    return [{"class_labels": np.arange(count) % 3, "boxes": boxes[:count]} for count in COUNTS]


def scenes():
    lists = [{name: array.tolist() for name, array in each.items()} for each in objects()]
    rows = [{"image": picture, "labels": labels} for picture, labels in zip(PICTURES, lists, strict=True)]
    return datasets.Dataset.from_list(rows).cast_column("image", datasets.Image())


def test_a_detector_in_a_compiled_step_of_pictures_of_several_sizes():
    """Traced once, for any size and any number of objects; the same as with nothing compiled."""
    runs = []
    for eagerly in (True, False):
        made = detector(0.01, eagerly)
        data = made.prepare_tf_dataset(scenes(), 3, shuffle=False, processing_class=of_detector())
        shapes = [inputs["pixel_values"].shape for inputs, _ in data]
        assert len(set(shapes)) == len(shapes)
        runs.append((made, made.fit(data, epochs=1, verbose=0).history["loss"]))
    (eager, losses), (compiled, others) = runs
    assert losses == pytest.approx(others, abs=1e-3)
    for one, other in zip(eager.get_weights(), compiled.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-3)
    made, data = compiled, compiled.prepare_tf_dataset(scenes(), 3, shuffle=False, processing_class=of_detector())
    counts = [float(made.count_labels({}, labels, None)) for _, labels in data]
    assert counts == [3.0, 4.0, 2.0]
    losses = [float(made({**inputs, "labels": labels}).loss) for inputs, labels in data]
    right = np.average(losses, weights=counts)
    assert made.evaluate(data, verbose=0) == pytest.approx(right, abs=1e-4)


def test_objects_beside_arrays_and_metrics_of_ones_own():
    made, seen = detector(), []
    batch = dict(of_detector()(PICTURES, return_tensors="np"))
    right = pytest.approx(float(made(**batch, labels=objects()).loss), abs=1e-4)
    assert made.evaluate(batch, objects(), batch_size=7, verbose=0) == right
    assert made.evaluate({**batch, "labels": objects()}, batch_size=7, verbose=0) == right
    found = made.predict(batch, verbose=0)
    assert (found.logits.shape, found.pred_boxes.shape) == ((7, 4, 4), (7, 4, 4))
    data = made.prepare_tf_dataset(scenes(), 3, shuffle=False, processing_class=of_detector())
    callback = hfquick.KerasMetricCallback(lambda both: seen.append(both) or {"seen": 1}, data)
    callback.set_model(made)
    callback.on_train_begin()
    callback.on_epoch_end(0, {})
    (logits, boxes), labels = seen[0]
    assert (logits.shape, boxes.shape, labels["boxes"].shape) == ((7, 4, 4), (7, 4, 4), (7, 3, 4))
    assert (labels["class_labels"] != -100).sum(1).tolist() == COUNTS


# What goes wrong


def test_nothing_prepares_the_pictures():
    for way in (model().fit, model().evaluate, model().prepare_tf_dataset):
        with pytest.raises(ValueError, match=r"pictures in the column 'image'.*processing_class=AutoImageProcessor"):
            way(photos())
    pixels = [[[[0.0] * width] * 8] * 3 for width in (12, 13)]
    rows = datasets.Dataset.from_dict({"pixel_values": pixels, "label": [0, 1]})
    with pytest.raises(ValueError, match=r"several sizes \(8x12 and 8x13, height x width\)"):
        model().fit(rows)
    with pytest.raises(ValueError, match=r"processing_class= and tokenizer= are two names of one argument"):
        model().prepare_tf_dataset(photos(), tokenizer=processor(), processing_class=processor())


def test_labels_that_do_not_fit():
    data = photos()
    few = model(id2label={0: "cat", 1: "dog"})
    with pytest.raises(ValueError, match="label 2 was given, this model has labels 0 to 1; try num_labels=3"):
        few.prepare_tf_dataset(data, processing_class=processor())
    texts = data.remove_columns("label").add_column("label", ["cat"] * 7)
    with pytest.raises(ValueError, match=r"the labels are texts \('cat'\).*class_encode_column"):
        model().prepare_tf_dataset(texts, processing_class=processor())
    several = data.remove_columns("label").add_column("label", [[0, 1, 0]] * 7)
    with pytest.raises(ValueError, match="a list of whole numbers for each picture, this model gives one label"):
        model().prepare_tf_dataset(several, processing_class=processor())
    with pytest.raises(ValueError, match="fit needs 'labels', the dataset has the columns"):
        model().fit(data.remove_columns("label").map(lambda rows: {}, batched=True))


def test_metrics_of_keras_know_no_objects():
    made = detector()
    with pytest.raises(ValueError, match=r"objects of a picture have no order.*KerasMetricCallback"):
        made.compile("sgd", metrics=["accuracy"])
    with pytest.raises(ValueError, match="objects of a picture have no order"):
        made.compile("sgd", loss="mse")
