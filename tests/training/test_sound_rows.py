"""The Trainer over columns of sounds, which are prepared when their batch is due."""

import pytest

torch = pytest.importorskip("torch")
datasets = pytest.importorskip("datasets")

import hfquick  # noqa: E402
from tests.helpers.training import arguments  # noqa: E402
from tests.kinds.sounds import SIZES, prepared, processor, recordings, whole  # noqa: E402

pytestmark = pytest.mark.torch


@pytest.fixture
def made(tmp_path):
    return processor(tmp_path)


def model(kind=hfquick.Wav2Vec2ForCTC, **config):
    torch.manual_seed(0)
    return kind(hfquick.Wav2Vec2Config(**{**SIZES, **config}))


def trainer(folder, data, of, processing_class, collator=None, **options):
    options = {"max_steps": 2, "per_device_train_batch_size": 4, "per_device_eval_batch_size": 4, **options}
    return hfquick.Trainer(of, arguments(folder, **options), collator, data, data, processing_class)


def test_all_ways_to_give_sounds_have_the_same_loss(made, tmp_path):
    data = recordings(datasets)
    batch = {name: torch.from_numpy(value) for name, value in whole(made, data).items()}
    with torch.no_grad():
        right = float(model().eval()(**batch).loss)
    collate = hfquick.DataCollatorCTCWithPadding(made)
    for rows, processing, collator in (
        (data, made, None),
        (data.cast_column("audio", hfquick.Audio(sampling_rate=16_000)), made, None),
        (data.cast_column("audio", hfquick.Audio(decode=False)), made, None),
        (data, made, collate),
        (data.map(prepared(made)), made, None),
        (data.map(prepared(made), remove_columns=data.column_names), None, collate),
    ):
        found = trainer(tmp_path, rows, model(), processing, collator).evaluate()["eval_loss"]
        assert found == pytest.approx(right, rel=1e-4)


def test_a_model_is_trained_and_saved_with_its_processor(made, tmp_path):
    run = trainer(tmp_path / "out", recordings(datasets), model(), made, max_steps=3, learning_rate=1e-3)
    run.train()
    run.save_model()
    assert type(hfquick.AutoProcessor.from_pretrained(tmp_path / "out")) is hfquick.Wav2Vec2Processor
    assert run.predict(recordings(datasets)).predictions.shape[0] == 4


def test_sounds_of_classes(made, tmp_path):
    data = recordings(datasets, label=[0, 0, 1, 1])
    classifier = model(hfquick.Wav2Vec2ForSequenceClassification, num_labels=2)
    run = trainer(tmp_path, data, classifier, made.feature_extractor)
    assert run.train().global_step == 2
    assert run.predict(data).predictions.shape == (4, 2)


def test_sounds_without_a_processor_are_a_sentence(made, tmp_path):
    with pytest.raises(ValueError, match=r"train_dataset= has sounds in the column 'audio', and a model reads input v"):
        trainer(tmp_path, recordings(datasets), model(), None).train()
