"""Rows with sounds -> batches: prepared beforehand or when they are due, with labels of letters or of classes."""

import numpy as np
import pytest

from hfquick import DataCollatorCTCWithPadding, Wav2Vec2CTCTokenizer, Wav2Vec2FeatureExtractor, Wav2Vec2Processor
from hfquick.data.sounds import SoundCollator, prepares_sounds
from tests.audio_processing.cases import ENGLISH, numbered
from tests.audio_processing.test_sounds import encoded, tone
from tests.tokenization.test_ctc import written


@pytest.fixture
def processor(tmp_path):
    tokenizer = Wav2Vec2CTCTokenizer(written(tmp_path, numbered(*ENGLISH)))
    return Wav2Vec2Processor(Wav2Vec2FeatureExtractor(return_attention_mask=True), tokenizer)


def sound(seconds, rate=16_000):
    return {"path": None, "array": tone(rate, seconds), "sampling_rate": rate}


def test_prepared_rows_are_padded_each_in_its_own_way(processor):
    rows = [{"input_values": [0.5, 1.0, 2.0], "labels": [7, 8]}, {"input_values": [3.0], "labels": [7, 8, 9]}]
    batch = DataCollatorCTCWithPadding(processor, return_tensors="np")(rows)
    assert batch["input_values"].tolist() == [[0.5, 1.0, 2.0], [3.0, 0.0, 0.0]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1], [1, 0, 0]]
    assert batch["labels"].tolist() == [[7, 8, -100], [7, 8, 9]]
    wide = DataCollatorCTCWithPadding(processor=processor, padding="longest", pad_to_multiple_of=4,
                                      pad_to_multiple_of_labels=5, return_tensors="np")(rows)  # fmt: skip
    assert (wide["input_values"].shape, wide["labels"].shape) == ((2, 4), (2, 5))


def test_sounds_and_texts_are_prepared_when_they_are_due(processor):
    rows = [
        {"audio": sound(0.5), "transcription": "HELLO", "label": None},
        {"audio": {"bytes": encoded(tone(8_000, 0.25), 8_000), "path": None}, "transcription": "A", "label": None},
    ]
    batch = DataCollatorCTCWithPadding(processor, return_tensors="np")(rows)  # fmt: skip
    assert (batch["input_values"].shape, batch["input_values"].dtype) == ((2, 8_000), np.float32)
    assert batch["attention_mask"].sum(1).tolist() == [8_000, 4_000]
    assert batch["labels"].tolist() == [[12, 5, 15, 15, 8], [7, -100, -100, -100, -100]]
    wanted = processor(sound(0.5), return_tensors="np")["input_values"][0]
    assert np.array_equal(batch["input_values"][0], wanted)
    cut = DataCollatorCTCWithPadding(processor, max_length=5_000, return_tensors="np")(rows)
    assert cut["input_values"].shape == (2, 5_000)


def test_labels_of_classes_stay_numbers():
    collate = SoundCollator(Wav2Vec2FeatureExtractor(), return_tensors="np")
    batch = collate([{"audio": sound(0.5), "label": 3}, {"audio": sound(0.25), "label": 1}])
    assert batch["labels"].tolist() == [3, 1]
    assert set(batch) == {"input_values", "labels"}
    several = [{"audio": sound(0.5), "label": [0.0, 0.7]}, {"audio": sound(0.25), "label": [1.0, 1.0]}]
    for kind in (list, np.array):  # a score for each class, and no letters
        rows = [{**row, "label": kind(row["label"])} for row in several]
        assert np.allclose(collate(rows)["labels"], [[0, 0.7], [1, 1]])
    assert collate.prepares("audio", sound(0.1))
    assert not collate.prepares("text", "a")


@pytest.mark.torch
def test_tensors_of_pytorch(processor):
    import torch

    batch = DataCollatorCTCWithPadding(processor)([{"audio": sound(0.5), "text": "AB"}])
    assert (batch["input_values"].dtype, batch["labels"].dtype) == (torch.float32, torch.int64)
    rows = [
        {"input_values": torch.ones(3), "labels": torch.tensor([1, 2])},
        {"input_values": torch.ones(2), "labels": [1]},
    ]
    assert DataCollatorCTCWithPadding(processor)(rows)["labels"].tolist() == [[1, 2], [1, -100]]


@pytest.mark.tf
def test_tensors_of_tensorflow(processor):
    import tensorflow as tf

    batch = DataCollatorCTCWithPadding(processor, return_tensors="tf")([{"audio": sound(0.5), "text": "AB"}])
    assert (batch["input_values"].dtype, batch["labels"].dtype) == (tf.float32, tf.int64)


def test_what_cannot_be_a_batch(processor):
    with pytest.raises(TypeError, match="needs what prepares the sounds, got Wav2Vec2CTCTokenizer; try AutoProcessor"):
        DataCollatorCTCWithPadding(processor.tokenizer)
    collate = DataCollatorCTCWithPadding(processor)
    with pytest.raises(ValueError, match=r"rows have sounds in 2 columns \('a' and 'b'\), and the model takes one"):
        collate([{"a": sound(0.1), "b": sound(0.1)}])
    with pytest.raises(ValueError, match=r"rows have sounds in 0 columns \('text'\)"):
        collate([{"text": "A"}])
    with pytest.raises(ValueError, match="sound 1: the sound is empty"):
        collate([{"audio": sound(0.1)}, {"audio": sound(0)}])
    with pytest.raises(TypeError, match="did you mean 'padding'"):
        DataCollatorCTCWithPadding(processor, paddding=True)
    assert prepares_sounds(processor)
    assert not prepares_sounds(processor.tokenizer)
