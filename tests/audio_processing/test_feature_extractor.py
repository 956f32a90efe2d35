"""Wav2Vec2FeatureExtractor and Wav2Vec2Processor: what a call does, the files, and a sentence for what cannot be."""

import json

import numpy as np
import pytest

import hfquick
from hfquick import (
    AutoFeatureExtractor,
    AutoProcessor,
    AutoTokenizer,
    Wav2Vec2CTCTokenizer,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2Processor,
)
from hfquick.utils import notices
from tests.audio_processing.test_parity import REFERENCE
from tests.audio_processing.test_sounds import encoded, tone

from .cases import ENGLISH, RATE, THREE, clip, numbered

NAMES = json.loads((REFERENCE / "names.json").read_text())


@pytest.fixture
def extractor():
    return Wav2Vec2FeatureExtractor()


@pytest.fixture
def folder(tmp_path):
    """A repository as people make it: with a processor, and fields that are not known here."""
    write(tmp_path, "preprocessor_config.json", feature_extractor_type="Wav2Vec2FeatureExtractor", strange=[1])
    write(tmp_path, "config.json", model_type="wav2vec2")
    write(tmp_path, "vocab.json", **numbered(*ENGLISH))
    return tmp_path


def write(folder, file, **content):
    (folder / file).write_text(json.dumps(content), encoding="utf-8")


def sentence(call, *given, **options):
    with pytest.raises((ValueError, TypeError, OSError, AttributeError)) as caught:
        call(*given, **options)
    assert hasattr(caught.value, "english"), caught.value
    return str(caught.value)


def test_a_clip_has_the_same_values_in_every_batch(extractor):
    clips = [clip(one) for one in THREE]
    for options in ({}, {"return_attention_mask": True}, {"pad_to_multiple_of": 100}):
        batch = extractor(clips, sampling_rate=RATE, padding=True, return_tensors="np", **options)
        for row, one in zip(batch["input_values"], clips, strict=True):
            alone = extractor(one, sampling_rate=RATE, return_tensors="np")["input_values"][0]
            assert np.array_equal(row[: len(one)], alone)
            assert not row[len(one) :].any()
            assert abs(alone.mean()) < 1e-6
            assert abs(alone.std() - 1) < 1e-3


def test_padding_on_the_left(extractor):
    extractor = Wav2Vec2FeatureExtractor(padding_side="left", padding_value=3, return_attention_mask=True)
    batch = extractor([clip("long"), clip("short")], sampling_rate=RATE, padding=True, return_tensors="np")
    alone = extractor(clip("short"), sampling_rate=RATE, return_tensors="np")["input_values"][0]
    assert np.array_equal(batch["input_values"][1][-137:], alone)
    assert (batch["input_values"][1][:-137] == 3).all()
    assert batch["attention_mask"][1].tolist() == [0] * 263 + [1] * 137


def test_sounds_of_any_kind(extractor, tmp_path):
    path = tmp_path / "tone.wav"
    path.write_bytes(encoded(tone(), subtype="FLOAT"))
    wanted = extractor(tone(), sampling_rate=RATE)["input_values"][0]
    array = {"array": tone(), "sampling_rate": RATE}
    for given in (path, str(path), path.read_bytes(), array, tone().tolist(), tuple(tone().tolist()), tone()[None]):
        batch = extractor(given, sampling_rate=RATE)
        assert len(batch["input_values"]) == 1
        np.testing.assert_allclose(batch["input_values"][0], wanted, atol=1e-6)
    with path.open("rb") as file:
        assert extractor(file)["input_values"][0].shape == wanted.shape
    many = extractor([path, array, tone(), tone().astype(np.float64)], sampling_rate=RATE, return_tensors="np")
    np.testing.assert_allclose(many["input_values"], np.stack([wanted] * 4), atol=1e-6)
    assert len(extractor({"array": tone(8_000), "sampling_rate": 8_000})["input_values"][0]) == 8_000
    assert len(extractor((one for one in (tone(), tone())), sampling_rate=RATE)["input_values"]) == 2


@pytest.mark.torch
def test_tensors_of_pytorch(extractor):
    import torch

    batch = extractor([torch.tensor(clip(one)) for one in THREE], sampling_rate=RATE, padding=True, return_tensors="pt",
                      return_attention_mask=True)  # fmt: skip
    assert (batch["input_values"].dtype, batch["attention_mask"].dtype) == (torch.float32, torch.int32)
    assert batch["input_values"].shape == batch["attention_mask"].shape == (3, 400)
    assert extractor(torch.zeros(2, 500), sampling_rate=RATE, return_tensors="pt")["input_values"].shape == (2, 500)
    assert extractor.pad([{"input_values": torch.zeros(5)}], return_tensors="pt")["input_values"].shape == (1, 5)


@pytest.mark.tf
def test_tensors_of_tensorflow(extractor):
    import tensorflow as tf

    clips = [tf.constant(clip(one)) for one in THREE]
    batch = extractor(clips, sampling_rate=RATE, padding=True, return_tensors="tf")
    assert (batch["input_values"].shape, batch["input_values"].dtype) == ((3, 400), tf.float32)


def test_samples_without_a_rate_say_so_once(extractor, capsys):
    notices.forget()
    extractor(clip("short"))
    extractor([clip("short"), clip("long")])
    assert capsys.readouterr().out == "samples are taken to be at 16,000 Hz; sampling_rate= says so, or which it is\n"
    notices.forget()
    extractor({"array": clip("long"), "sampling_rate": RATE})
    extractor(clip("short"), sampling_rate=RATE)
    assert not capsys.readouterr().out


def test_another_rate_is_a_sentence_that_says_what_to_do(extractor):
    said = sentence(extractor, clip("short"), sampling_rate=8_000)
    assert said.startswith("the samples are at 8000 Hz, and this model was trained at 16,000 Hz; cast the column")
    assert "Audio(sampling_rate=16000)" in said
    assert "{'array': samples, 'sampling_rate': 8000}" in said


def test_an_error_names_the_sound(extractor, tmp_path):
    said = sentence(extractor, [clip("short"), tmp_path / "none.wav"], sampling_rate=RATE)
    assert said.startswith("sound 1: there is no sound")
    assert sentence(extractor, np.array([1, np.nan])).startswith("the sound has samples that are no numbers")
    assert sentence(extractor, []) == "there is no sound in the list; give at least one"
    assert sentence(extractor, [[]]) == "the sound is empty: it has no sample"
    said = sentence(extractor, np.zeros((48_000, 2)), sampling_rate=RATE)
    assert said == (
        "an array of the shape (48000, 2) would be 48000 clips of 2 samples; are these the channels of one? Give "
        "samples.mean(axis=1)"
    )


def test_options_that_cannot_be_met(extractor):
    given = [clip("long"), clip("short")]
    assert sentence(extractor, given, return_tensors="np").startswith("sounds have different lengths (137 and 400 ")
    assert "padding='max_length' needs a length in samples; try max_length=160000" in sentence(
        extractor, given, padding="max_length"
    )
    assert "truncation=True needs a length in samples" in sentence(extractor, given, truncation=True)
    assert "padding is 'all', expected True, False, 'longest'" in sentence(extractor, given, padding="all")
    assert "truncation is 'longest', expected True or False" in sentence(extractor, given, truncation="longest")
    assert "max_length is 0, expected a whole number from 1" in sentence(extractor, given, max_length=0)
    assert "max_length is 1000000000000, expected" in sentence(extractor, given, max_length=10**12)
    assert "pad_to_multiple_of is 0, expected" in sentence(extractor, given, pad_to_multiple_of=0)
    assert "return_tensors is 'jax', expected" in sentence(extractor, given, padding=True, return_tensors="jax")
    assert "has no argument 'paddding'; did you mean 'padding'?" in sentence(extractor, given, paddding=True)
    assert "sounds and texts together are for Wav2Vec2Processor" in sentence(extractor, given, text="a")


def test_padding_of_prepared_rows(extractor):
    rows = [{"input_values": [0.5, 1.0], "n": 1}, {"input_values": [2.0], "n": 2}]
    batch = extractor.pad(rows, return_attention_mask=True)
    assert batch["input_values"].tolist() == [[0.5, 1.0], [2.0, 0.0]]
    assert batch["attention_mask"].tolist() == [[1, 1], [1, 0]]
    assert batch["n"].tolist() == [1, 2]
    assert extractor.pad({"input_values": [0.5, 1.0]})["input_values"].tolist() == [[0.5, 1.0]]
    masked = [{"input_values": [0.5, 1.0], "attention_mask": [1, 1]}, {"input_values": [2.0], "attention_mask": [1]}]
    assert extractor.pad(masked)["attention_mask"].tolist() == [[1, 1], [1, 0]]
    assert "attention_mask" not in extractor.pad(masked, return_attention_mask=False)
    assert "padding needs 'input_values', the examples have 'audio'" in sentence(extractor.pad, [{"audio": 1}])


# Files.


def test_fields_are_checked():
    for name, value in [
        ("sampling_rate", 10), ("sampling_rate", "16k"), ("feature_size", 80), ("padding_side", "top"),
        ("do_normalize", 1), ("padding_value", "0"), ("return_attention_mask", "no"), ("padding_value", float("nan")),
    ]:  # fmt: skip
        assert sentence(Wav2Vec2FeatureExtractor, **{name: value}).startswith(f"{name} is {value!r}, expected")
    assert "did you mean 'sampling_rate'?" in sentence(Wav2Vec2FeatureExtractor, samplingrate=8_000)
    assert Wav2Vec2FeatureExtractor(sampling_rate=None).sampling_rate == RATE


def test_a_file_is_read_and_written_whole(folder, tmp_path):
    extractor = AutoFeatureExtractor.from_pretrained(folder, do_normalize=False)
    assert (extractor.sampling_rate, extractor.do_normalize) == (RATE, False)
    extractor.save_pretrained(tmp_path / "new")
    values = json.loads((tmp_path / "new" / "preprocessor_config.json").read_text())
    assert values == {
        "do_normalize": False, "feature_extractor_type": "Wav2Vec2FeatureExtractor", "feature_size": 1,
        "padding_side": "right", "padding_value": 0.0, "return_attention_mask": False, "sampling_rate": RATE,
        "strange": [1],
    }  # fmt: skip
    assert Wav2Vec2FeatureExtractor.from_json_file(tmp_path / "new" / "preprocessor_config.json").to_dict() == values
    write(folder, "preprocessor_config.json", sampling_rate=0)
    assert "preprocessor_config.json of" in sentence(AutoFeatureExtractor.from_pretrained, folder)
    assert sentence(lambda: extractor.samplig_rate).endswith("did you mean 'sampling_rate'?")


def test_which_class_a_repository_asks_for(folder):
    assert type(AutoFeatureExtractor.from_pretrained(folder)) is Wav2Vec2FeatureExtractor
    assert type(AutoProcessor.from_pretrained(folder)) is Wav2Vec2Processor
    write(folder, "preprocessor_config.json")  # names nothing: the model says it
    assert type(AutoFeatureExtractor.from_pretrained(folder)) is Wav2Vec2FeatureExtractor
    write(folder, "preprocessor_config.json", feature_extractor_type="WhisperFeatureExtractor")
    assert "asks for WhisperFeatureExtractor, which hfquick does not have; of sounds it has Wav2Vec2" in sentence(
        AutoFeatureExtractor.from_pretrained, folder
    )
    for named in ({"feature_extractor_type": "ViTFeatureExtractor"}, {"image_processor_type": "ViTImageProcessor"}):
        write(folder, "config.json", model_type="vit")
        write(folder, "preprocessor_config.json", **named)
        assert type(AutoFeatureExtractor.from_pretrained(folder)) is hfquick.ViTImageProcessor


def test_a_model_without_a_vocabulary_has_a_feature_extractor_alone(folder):
    (folder / "vocab.json").unlink()
    assert type(AutoProcessor.from_pretrained(folder)) is Wav2Vec2FeatureExtractor


def test_the_layout_of_transformers_5(folder):
    (folder / "preprocessor_config.json").unlink()
    write(folder, "processor_config.json", processor_class="Wav2Vec2Processor", feature_extractor={
        "feature_extractor_type": "Wav2Vec2FeatureExtractor", "sampling_rate": 8_000,
    })  # fmt: skip
    assert AutoProcessor.from_pretrained(folder).feature_extractor.sampling_rate == 8_000
    assert AutoFeatureExtractor.from_pretrained(folder).sampling_rate == 8_000


def test_a_language_model_is_left_out_with_a_word(folder, capsys):
    write(folder, "preprocessor_config.json", processor_class="Wav2Vec2ProcessorWithLM")
    notices.forget()
    assert type(AutoProcessor.from_pretrained(folder)) is Wav2Vec2Processor
    assert "its language model is left out, the best token of each frame is taken" in capsys.readouterr().out


# The processor.


def test_sounds_and_texts_in_one_call(folder):
    processor = AutoProcessor.from_pretrained(folder)
    batch = processor(
        audio=[clip("long"), clip("short")], text=["HELLO", "A"], sampling_rate=RATE, padding=True, return_tensors="np"
    )
    assert batch["input_values"].shape == (2, 400)
    assert batch["labels"].tolist() == [[12, 5, 15, 15, 8], [7, 0, 0, 0, 0]]
    assert processor.batch_decode(batch["labels"], group_tokens=False) == ["HELLO", "A"]
    assert processor.decode([12, 12, 5]) == "HE"
    assert processor(text="HELLO")["input_ids"] == [12, 5, 15, 15, 8]
    assert list(processor(clip("long"), sampling_rate=RATE)) == ["input_values"]
    assert list(processor(raw_speech=clip("long"), sampling_rate=RATE)) == ["input_values"]
    cut = processor(clip("long"), "HELLO", sampling_rate=RATE, max_length=3, truncation=True, padding="max_length")
    assert (len(cut["input_values"][0]), cut["labels"]) == (3, [12, 5, 15, 15, 8])
    padded = processor.pad([{"input_values": [1.0, 2.0]}, {"input_values": [3.0]}],
                           labels=[{"input_ids": [5]}, {"input_ids": [6, 7]}], return_tensors="np")  # fmt: skip
    assert padded["input_values"].tolist() == [[1, 2], [3, 0]]
    assert padded["labels"].tolist() == [[5, 0], [6, 7]]
    assert processor.pad(labels=[{"input_ids": [5]}, {"input_ids": [6, 7]}])["input_ids"] == [[5, 0], [6, 7]]
    assert processor.model_input_names == ["input_values", "attention_mask", "labels"]
    assert repr(processor).startswith("Wav2Vec2Processor:\n- feature_extractor: Wav2Vec2FeatureExtractor {")


def test_what_a_processor_cannot_take(folder):
    processor = AutoProcessor.from_pretrained(folder)
    assert "neither a sound nor a text" in sentence(processor)
    assert "neither a sound nor a text" in sentence(processor.pad)
    assert "pictures are for AutoImageProcessor" in sentence(processor, clip("long"), images=1)
    assert "did you mean 'sampling_rate'" in sentence(processor, clip("long"), sampling_rat=1)
    assert sentence(lambda: processor.as_target_processor).endswith("; here it is processor(text=texts)")
    assert sentence(lambda: processor.tokeniser).endswith("; did you mean 'tokenizer'?")
    assert sentence(Wav2Vec2Processor, processor.tokenizer, processor.tokenizer) == (
        "feature_extractor is a Wav2Vec2CTCTokenizer, expected a Wav2Vec2FeatureExtractor; "
        "Wav2Vec2Processor.from_pretrained(name) makes both"
    )


def test_a_processor_is_saved_whole(folder, tmp_path):
    processor = AutoProcessor.from_pretrained(folder, sampling_rate=8_000)
    new = tmp_path / "new"
    names = {path.rpartition("/")[2] for path in processor.save_pretrained(new)}
    assert names == {file.name for file in new.iterdir()}
    assert names == {"preprocessor_config.json", "vocab.json", "tokenizer_config.json", "special_tokens_map.json"}
    again = AutoProcessor.from_pretrained(new)
    assert type(again) is Wav2Vec2Processor
    assert again.feature_extractor.to_dict() == processor.feature_extractor.to_dict()
    assert again.tokenizer.get_vocab() == processor.tokenizer.get_vocab()
    assert type(AutoTokenizer.from_pretrained(new)) is Wav2Vec2CTCTokenizer


def test_a_repository_is_opened_once(folder, monkeypatch):
    from hfquick.hub import repository

    opened = []
    before = repository.local_repo
    monkeypatch.setattr(repository, "local_repo", lambda *given: opened.append(given) or before(*given))
    AutoProcessor.from_pretrained(folder)
    assert len(opened) == 1


@pytest.mark.parametrize("kind", ["Wav2Vec2FeatureExtractor", "Wav2Vec2CTCTokenizer"])
def test_every_name_of_transformers_is_there_or_says_what_is(kind, folder):
    processor = AutoProcessor.from_pretrained(folder)
    ours = processor.tokenizer if kind == "Wav2Vec2CTCTokenizer" else processor.feature_extractor
    silent = []
    for name in NAMES[kind]["attributes"]:
        try:
            getattr(ours, name)
        except AttributeError as error:
            if not hasattr(error, "english") or ";" not in error.english:
                silent.append(name)
    assert not silent
