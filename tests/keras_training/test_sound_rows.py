"""Keras over columns of sounds, which are prepared when their batch is due."""

import pytest

pytest.importorskip("tensorflow")
datasets = pytest.importorskip("datasets")

import keras  # noqa: E402

import hfquick  # noqa: E402
from tests.helpers.keras_training import MARKS  # noqa: E402
from tests.kinds.sounds import SIZES, prepared, processor, recordings, whole  # noqa: E402

pytestmark = MARKS


def model(kind="TFWav2Vec2ForCTC", **config):
    keras.utils.set_random_seed(0)
    made = getattr(hfquick, kind)(hfquick.Wav2Vec2Config(**{**SIZES, **config}))
    made.compile(keras.optimizers.SGD(0.0), run_eagerly=True)
    return made


def test_all_ways_to_give_sounds_have_the_same_loss(tmp_path):
    made, data = processor(tmp_path), recordings(datasets)
    ours = model()
    right = float(ours(**whole(made, data)).loss)
    collate = hfquick.DataCollatorCTCWithPadding(made, return_tensors="np")
    for rows, options in (
        (data, {"processing_class": made}),
        (data.cast_column("audio", hfquick.Audio(decode=False)), {"processing_class": made}),
        (data, {"collate_fn": collate}),
        (data.map(prepared(made)), {"processing_class": made}),
    ):
        batches = ours.prepare_tf_dataset(rows, batch_size=4, shuffle=False, **options)
        assert ours.evaluate(batches, verbose=0) == pytest.approx(right, rel=1e-4)


def test_sounds_of_classes_and_what_is_missing(tmp_path):
    made, data = processor(tmp_path), recordings(datasets, label=[0, 0, 1, 1])
    classifier = model("TFWav2Vec2ForSequenceClassification", num_labels=2)
    classifier.fit(
        classifier.prepare_tf_dataset(data, batch_size=2, processing_class=made.feature_extractor), verbose=0
    )
    with pytest.raises(
        ValueError, match="the dataset has sounds in the column 'audio', and a model reads input values"
    ):
        classifier.prepare_tf_dataset(data)
