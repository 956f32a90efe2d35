"""hfquick.Audio: columns of sounds, through all that `datasets` does with rows, without torchcodec."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

datasets = pytest.importorskip("datasets")

import hfquick  # noqa: E402
from hfquick import Audio, load_dataset  # noqa: E402
from hfquick.audio_processing import sounds  # noqa: E402
from hfquick.data import audio  # noqa: E402
from hfquick.data.sounds import SoundCollator, undecoded  # noqa: E402
from tests.audio_processing.test_sounds import encoded, tone  # noqa: E402
from tests.helpers.garbage import files_left_open  # noqa: E402


@pytest.fixture
def paths(tmp_path):
    """Five files at 8 kHz, each half a second longer than the one before."""
    files = [tmp_path / f"{index}.flac" for index in range(5)]
    for index, file in enumerate(files):
        file.write_bytes(encoded(tone(8_000, 0.5 * (index + 1)), 8_000, "FLAC"))
    return [str(file) for file in files]


@pytest.fixture
def rows(paths):
    data = datasets.Dataset.from_dict({"audio": paths, "label": range(5)})
    return data.cast_column("audio", Audio(sampling_rate=16_000))


def lengths(rows, name="audio"):
    return [len(one["array"]) for one in rows[name]]


ALL = [8_000, 16_000, 24_000, 32_000, 40_000]


def test_a_cell_is_samples_at_the_rate_asked_for(rows, paths):
    cell = rows[0]["audio"]
    assert list(cell) == ["path", "array", "sampling_rate"]
    assert (cell["path"], cell["sampling_rate"], cell["array"].dtype) == (paths[0], 16_000, np.float32)
    assert lengths(rows[:4]) == ALL[:4]
    assert lengths(rows) == ALL
    own = rows.cast_column("audio", Audio())[1]["audio"]
    assert (own["sampling_rate"], len(own["array"])) == (8_000, 8_000)
    assert rows.cast_column("audio", Audio(decode=False))[0]["audio"] == {"bytes": None, "path": paths[0]}


def test_it_is_the_feature_of_datasets():
    assert issubclass(Audio, datasets.Audio)
    assert Audio(16_000) == Audio(sampling_rate=16_000, mono=True) != Audio(8_000)
    assert repr(Audio(16_000)).startswith("Audio(sampling_rate=16000, decode=True")
    for options in ({"mono": False}, {"num_channels": 2}):
        with pytest.raises(TypeError, match="sounds come in one channel; for all of them try soundfile"):
            Audio(**options)
    with pytest.raises(TypeError, match="did you mean 'sampling_rate'"):
        Audio(samplingrate=1)


def test_map_and_filter_and_select(rows):
    counted = rows.map(lambda row: {"count": len(row["audio"]["array"])})
    assert list(counted["count"]) == ALL == lengths(counted)
    batched = rows.map(lambda batch: {"count": [len(one["array"]) for one in batch["audio"]]}, batched=True)
    assert list(batched["count"]) == ALL
    assert lengths(rows.filter(lambda row: len(row["audio"]["array"]) > 20_000)) == ALL[2:]
    assert lengths(rows.select([0, 3])) == [ALL[0], ALL[3]]
    assert sum(lengths(part)[0] for part in rows.train_test_split(0.2, seed=0).values()) > 0
    assert lengths(datasets.concatenate_datasets([rows, rows])) == ALL * 2


def louder(row):
    row["audio"]["array"] = row["audio"]["array"] * 2
    return row


def test_changed_samples_are_the_ones_that_are_kept(rows):
    assert np.array_equal(rows.map(louder)[1]["audio"]["array"], rows[1]["audio"]["array"] * 2)


def test_map_in_several_processes(rows):
    counted = rows.map(lambda row: {"count": len(row["audio"]["array"])}, num_proc=2)
    assert list(counted["count"]) == ALL


@pytest.mark.torch
def test_formats_of_frameworks(rows):
    import torch

    assert isinstance(rows.with_format("torch")[0]["audio"]["array"], torch.Tensor)
    assert isinstance(rows.with_format("numpy")[0]["audio"]["array"], np.ndarray)
    assert lengths(rows.with_transform(lambda batch: batch)[:2]) == ALL[:2]


def test_it_is_saved_and_read(rows, tmp_path, capfd):
    saved = tmp_path / "saved"
    rows.save_to_disk(saved)
    assert lengths(datasets.load_from_disk(str(saved))) == ALL
    capfd.readouterr()
    assert lengths(load_dataset(str(saved))) == ALL
    assert capfd.readouterr() == ("", "")
    features = json.loads((saved / "dataset_info.json").read_text())["features"]
    assert features["audio"] == {"sampling_rate": 16_000, "_type": "Audio"}  # as `datasets` itself writes it
    datasets.DatasetDict({"train": rows, "test": rows.select([0])}).save_to_disk(tmp_path / "splits")
    assert lengths(load_dataset(str(tmp_path / "splits"), split="test")) == ALL[:1]
    assert list(load_dataset(tmp_path / "splits")) == ["train", "test"]
    with pytest.raises(ValueError, match="there is no split 'tset'; did you mean 'test'"):
        load_dataset(str(tmp_path / "splits"), split="tset")


def test_a_fresh_process_reads_what_was_saved(rows, tmp_path):
    rows.save_to_disk(tmp_path / "saved")
    code = f"import hfquick; print(len(hfquick.load_dataset({str(tmp_path / 'saved')!r})[4]['audio']['array']))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "40000\n"


def test_parquet_and_streams(rows, tmp_path):
    file = str(tmp_path / "rows.parquet")
    rows.to_parquet(file)
    options = {"data_files": file, "split": "train", "cache_dir": str(tmp_path / "cache")}
    assert lengths(load_dataset("parquet", **options)) == ALL
    stream = load_dataset("parquet", streaming=True, **options)
    assert [len(row["audio"]["array"]) for row in stream.take(2)] == ALL[:2]
    assert len(next(iter(stream.cast_column("audio", Audio(4_000))))["audio"]["array"]) == 2_000


def test_a_folder_of_sounds(paths, tmp_path):
    for name, path in zip(("train/no/a.flac", "train/yes/b.flac"), paths, strict=False):
        (tmp_path / "sounds" / name).parent.mkdir(parents=True)
        shutil.copy(path, tmp_path / "sounds" / name)
    for name, options in ((str(tmp_path / "sounds"), {}), ("audiofolder", {"data_dir": str(tmp_path / "sounds")})):
        rows = load_dataset(name, split="train", cache_dir=str(tmp_path / "cache"), **options)
        assert isinstance(rows.features["audio"], Audio)
        assert (rows.features["label"].names, lengths(rows)) == (["no", "yes"], [4_000, 8_000])


@files_left_open
def test_a_csv_with_the_paths_of_recordings(paths, tmp_path):
    table = tmp_path / "recordings.csv"
    table.write_text("audio,transcription\n" + "".join(f"{path},GOOD MORNING\n" for path in paths))
    data = load_dataset("csv", data_files=str(table), split="train")
    assert lengths(data.cast_column("audio", Audio(sampling_rate=16_000))) == ALL


def test_columns_of_datasets_become_ours(paths):
    plain = datasets.Audio(sampling_rate=8_000)
    assert audio._ours(plain) == Audio(8_000)
    assert isinstance(audio._ours({"a": plain})["a"], Audio)
    assert isinstance(audio._ours(datasets.Sequence(plain)).feature, Audio)
    for other in (datasets.Value("string"), {"a": datasets.Value("int8")}, datasets.Sequence(Audio()), Audio()):
        assert audio._ours(other) is other
    rows = datasets.Dataset.from_dict({"audio": paths, "several": [paths[:2]] * 5})
    rows = rows.cast_column("audio", plain).cast_column("several", datasets.Sequence(plain))
    both = audio.with_audio(datasets.DatasetDict({"train": rows}))
    assert isinstance(both, datasets.DatasetDict)
    assert lengths(both["train"]) == [4_000, 8_000, 12_000, 16_000, 20_000]
    assert [len(one["array"]) for one in both["train"][0]["several"]] == [4_000, 8_000]


def test_sounds_of_any_kind_become_a_column(paths, tmp_path):
    decoder = SimpleNamespace(_hf_encoded={"path": paths[2], "bytes": None})
    content = Path(paths[1]).read_bytes()
    cells = [paths[0], tmp_path / "0.flac", content, {"bytes": content, "path": "b"}]
    cells += [{"array": tone(8_000), "sampling_rate": 8_000}]
    rows = datasets.Dataset.from_dict({"audio": cells}, features=datasets.Features({"audio": Audio()}))
    assert lengths(rows) == [4_000, 4_000, 8_000, 8_000, 4_000]
    assert np.array_equal(rows[4]["audio"]["array"], tone(8_000))  # the very samples
    assert Audio().encode_example(decoder) == {"path": paths[2], "bytes": None}
    table = datasets.Dataset.from_list([{"audio": {"array": [0.0, 0.5] * 500, "sampling_rate": 8_000}}])
    assert lengths(table.cast_column("audio", Audio(16_000))) == [2_000]
    with pytest.raises(ValueError, match="a sound has neither 'path' nor 'bytes' nor 'array'"):
        Audio().encode_example({"a": 1})
    decoded = {"path": None, "array": tone(), "sampling_rate": 1}
    assert Audio().decode_example(decoded) is decoded


def test_a_row_may_not_lead_into_the_local_network(monkeypatch):
    from datasets.utils import file_utils

    monkeypatch.setattr(file_utils, "xopen", lambda *_, **__: pytest.fail("it was opened"))
    for path, said in (
        ("http://127.0.0.1:1/a.wav", "an address of this machine or its network"),
        ("webhdfs://127.0.0.1:1/a.wav", "is no address of the web|only http"),
        ("ftp://127.0.0.1:1/a.wav", "is no address of the web|only http"),
        ("zip://a.wav::http://127.0.0.1:1/a.zip", "is not fetched: a row may name .* and this one asks by http://"),
        ("zip://a.wav::zip://b.zip::webhdfs://127.0.0.1:1/a.zip", "this one asks by webhdfs://; download the archive"),
    ):
        with pytest.raises(ValueError, match=said):
            Audio().decode_example({"path": path, "bytes": None})


def test_a_file_in_an_archive_is_read(paths, tmp_path, monkeypatch):
    import zipfile

    with zipfile.ZipFile(tmp_path / "sounds.zip", "w") as file:
        file.write(paths[0], "a.flac")
    cell = {"path": f"zip://a.flac::{tmp_path / 'sounds.zip'}", "bytes": None}
    assert len(Audio(16_000).decode_example(cell)["array"]) == 8_000
    rows = datasets.Dataset.from_dict({"audio": [cell["path"]]}).cast_column("audio", Audio(16_000))
    collate = SoundCollator(hfquick.Wav2Vec2FeatureExtractor(), return_tensors="np")
    assert collate([undecoded(rows)[0]])["input_values"].shape == (1, 8_000)  # as in training
    with pytest.raises(OSError, match=r"was not found or cannot be read .*; is the archive there, and whole"):
        Audio().decode_example({**cell, "path": cell["path"].replace("a.flac", "b.flac")})
    monkeypatch.setattr(sounds, "MOST_BYTES", 100)
    with pytest.raises(ValueError, match=r"has more than 100 bytes, .* unpack the archive and give the path"):
        Audio().decode_example(cell)


def test_a_damaged_row_is_a_sentence(tmp_path):
    (tmp_path / "a.wav").write_text("text")
    rows = datasets.Dataset.from_dict({"audio": [str(tmp_path / "a.wav")]}).cast_column("audio", Audio())
    with pytest.raises(ValueError, match="is no sound"):
        rows[0]


def test_without_datasets(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    monkeypatch.delitem(sys.modules, "hfquick.data.audio")
    monkeypatch.delitem(vars(hfquick), "Audio", raising=False)
    with pytest.raises(ImportError, match="Audio needs datasets, which is not installed"):
        hfquick.Audio  # noqa: B018
