"""load_dataset: embedded rows, stand-ins, the Hub and its cache, and every sentence that says why there are no rows."""

import json
import sys
import time
from pathlib import Path

import pytest
from huggingface_hub import constants

from hfquick import hub, load_dataset, zoo
from hfquick.hub.repository import HubError
from recipes import common
from recipes.sources import sentences_of
from tests.helpers.garbage import files_left_open
from tests.helpers.hub import run
from tests.helpers.hub_server import answer, cut, hang_up, proxy_page

datasets = pytest.importorskip("datasets")

pytestmark = files_left_open
FAMOUS = ("rotten_tomatoes", "cornell-movie-review-data/rotten_tomatoes")
SAMPLE = "hfquick/reviews-tiny-en"
CSV = b"text,label\nfine,1\nawful,0\n"
FILES = {"README.md": b"# Rows\n", "train.csv": CSV, "test.csv": b"text,label\nso so,0\n"}


def sentence(*args, **options) -> str:
    with pytest.raises(HubError) as error:
        load_dataset(*args, **options)
    return str(error.value)


@pytest.fixture
def cache(monkeypatch, tmp_path):
    """An empty folder for the rows that `datasets` reads."""
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "rows")
    return tmp_path / "rows"


@pytest.fixture
def online(hub_server, cache, monkeypatch):
    """A Hub of our own, for `datasets` too, which reads its settings when it is imported."""
    monkeypatch.setattr(datasets.config, "HF_ENDPOINT", hub_server.url)
    monkeypatch.setattr(constants, "ENDPOINT", hub_server.url)
    template = hub_server.url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", False)
    for elsewhere in ("HF_UPDATE_DOWNLOAD_COUNTS", "USE_PARQUET_EXPORT"):  # other servers, which it does without
        monkeypatch.setattr(datasets.config, elsewhere, False)
    return hub_server


def goes_offline(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    hub.reset()


# ---------------------------------------------------------------- the embedded sample


def test_the_sample_by_its_own_name(capsys):
    rows = load_dataset(SAMPLE)
    assert {split: len(rows[split]) for split in rows} == {"train": 7212, "validation": 448, "test": 1346}
    for split in rows.values():
        assert split.column_names == ["text", "label"]
        assert split.features["label"].names == ["neg", "pos"]
        assert sum(split["label"]) * 2 == len(split)
    assert capsys.readouterr() == ("", "")  # no bar, no remark


def test_parts_of_it(capsys):
    train = load_dataset(SAMPLE, split="train")
    tenth = load_dataset(SAMPLE, split="train[:10%]")
    assert len(tenth) == 721
    assert tenth[0] == train[0]
    first, test = load_dataset(SAMPLE, split=["train[:5]", "test"])
    assert (len(first), len(test)) == (5, 1346)
    streamed = load_dataset(SAMPLE, split="train", streaming=True)
    assert next(iter(streamed)) == train[0]
    assert streamed.features == train.features
    assert list(load_dataset(SAMPLE, streaming=True)) == ["train", "validation", "test"]
    assert len(load_dataset(SAMPLE, "default", split="test", keep_in_memory=True)) == 1346
    with pytest.raises(
        ValueError, match=r"Unknown split \"trian\". Should be one of \['train', 'validation', 'test'\]"
    ):
        load_dataset(SAMPLE, split="trian")
    with pytest.raises(TypeError, match=r"^load_dataset has no keyword 'splt'; did you mean 'split'\?$"):
        load_dataset(SAMPLE, splt="train")
    assert capsys.readouterr() == ("", "")


def test_settings_of_datasets_are_left_as_they_were(cache):
    verbosity, bars = datasets.logging.get_verbosity(), datasets.are_progress_bars_disabled()
    load_dataset(SAMPLE, split="test")
    with pytest.raises(ValueError):
        load_dataset(SAMPLE, split="none")
    assert (datasets.logging.get_verbosity(), datasets.are_progress_bars_disabled()) == (verbosity, bars)
    datasets.disable_progress_bars()
    try:
        load_dataset(SAMPLE, split="test", download_mode="force_redownload")
        assert datasets.are_progress_bars_disabled()
    finally:
        datasets.enable_progress_bars()


def test_a_cache_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    said = sentence(SAMPLE, cache_dir=tmp_path / "file")
    assert said.startswith(f"the rows of '{SAMPLE}' cannot be kept in {tmp_path / 'file'} (")
    assert said.endswith("; try another cache_dir")
    load_dataset(SAMPLE, split="test", cache_dir=tmp_path / "mine")
    assert list((tmp_path / "mine").rglob("*.arrow"))


# Digests of two sentences that stand in reviews and in a phrase book: the translation model learnt them, no model of
# opinions did. The third has the digest, of four bytes, of something that the summarizer read. They are not spelt
# out, for what a test spells out is what no model has seen.
PHRASES = {bytes.fromhex("ffe80483"), bytes.fromhex("fc901ced"), bytes.fromhex("118dab26")}


def test_no_model_has_learnt_from_what_it_is_measured_on():
    learnt = common.read_digests(common.HERE / "training_hashes.bin")
    for split, part in (("test", "test"), ("validation", "dev"), ("train", "train")):
        texts = load_dataset(SAMPLE, split=split)["text"][:]
        assert {common.part(text) for text in texts} == {part}
        sentences = {each for text in texts for each in (text, *sentences_of(text))}
        known = [each for each in sentences if common.digest(each) in learnt]
        assert (
            {common.digest(each) for each in known} <= PHRASES if split != "train" else len(known) > len(texts) / 2
        )  # the card says so of the train split


def test_no_row_is_in_two_splits():
    rows = load_dataset(SAMPLE)
    keys = [common.key(text) for split in rows.values() for text in split["text"][:]]
    assert len(keys) == len(set(keys))
    guard = common.Guard(rows["test"]["text"][:])
    assert all(guard.clean(text) for split in ("train", "validation") for text in rows[split]["text"][:])
    assert not [text for split in rows.values() for text in split["text"][:] if text != " ".join(text.split())]


def test_the_card_is_complete():
    folder = zoo.folder(SAMPLE, "dataset")
    _, front, body = (folder / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    fields = {line.split(":")[0]: json.loads(line.split(":", 1)[1]) for line in front.splitlines()}
    assert fields["license"] == "mit"
    assert "Permission is hereby granted" in (folder / "LICENSE.txt").read_text()
    rows = load_dataset(SAMPLE)
    assert {each["name"]: each["num_examples"] for each in fields["dataset_info"]["splits"]} == {
        split: len(rows[split]) for split in rows
    }
    for split in rows:
        assert f"| {split} | {len(rows[split])} | {sum(rows[split]['label'])} |" in body
    for words in ("Hutto, C.J. & Gilbert", "rottentomatoes.com", f"seed {common.SEED}", "recipes/review_sample.py"):
        assert words in body
    assert sum(path.stat().st_size for path in folder.rglob("*")) < 1e6


def test_the_baseline_of_the_card():
    """The figure is that of the files as they are."""
    pytest.importorskip("sklearn")
    from recipes import review_sample

    rows = load_dataset(SAMPLE)
    splits = {split: list(zip(rows[split]["text"][:], rows[split]["label"][:], strict=True)) for split in rows}
    found = review_sample.baseline(splits)
    body = (zoo.folder(SAMPLE, "dataset") / "README.md").read_text(encoding="utf-8")
    assert float(body.split("accuracy ")[1].split()[0]) == pytest.approx(found, abs=0.002)


# ---------------------------------------------------------------- the embedded sample of speech


def test_a_configuration_of_spoken_requests(capsys):
    english = load_dataset("PolyAI/minds14", name="en-US", split="train")
    assert "is replaced by its tiny stand-in 'hfquick/minds14-tiny'" in capsys.readouterr().out
    french = load_dataset("hfquick/minds14-tiny", "fr-FR", split="train")
    columns = ["path", "audio", "transcription", "english_transcription", "intent_class", "lang_id"]
    for rows, count, language in ((english, 30, "en-US"), (french, 28, "fr-FR")):
        assert rows.column_names == columns
        assert len(rows) == count
        assert len(rows.features["intent_class"].names) == rows.features["lang_id"].num_classes == 14
        assert {rows.features["lang_id"].int2str(number) for number in rows["lang_id"][:]} == {language}
        assert rows.features["audio"].sampling_rate == 8000
        sounds = rows.cast_column("audio", datasets.Audio(decode=False))["audio"][:]
        assert all(sound["bytes"].startswith(b"OggS") for sound in sounds)  # without torchcodec
    joint = english.features["intent_class"].str2int("joint_account")
    assert english["intent_class"][:5] == [joint] * 4 + [0]
    assert list(load_dataset("PolyAI/minds14", "fr-FR")) == ["train"]
    for options, words in (({}, "Config name is missing"), ({"name": "de-DE"}, r"Available: \['en-US', 'fr-FR'\]")):
        with pytest.raises(ValueError, match=words):
            load_dataset("PolyAI/minds14", **options)


# ---------------------------------------------------------------- famous ids without a network


@pytest.mark.parametrize("name", FAMOUS)
def test_a_famous_id_becomes_the_sample_and_one_line_says_so(name, capsys):
    for _ in range(2):
        assert len(load_dataset(name, split="test")) == 1346
    assert capsys.readouterr().out == (
        f"offline: {name!r} is replaced by its tiny stand-in '{SAMPLE}' (HFQUICK_STAND_INS=0 forbids this)\n"
    )


def test_a_stand_in_can_be_forbidden(monkeypatch, capsys):
    monkeypatch.setenv("HFQUICK_STAND_INS", "0")
    said = sentence("rotten_tomatoes")
    assert said.startswith("the dataset 'rotten_tomatoes' is not in the cache, HF_HUB_OFFLINE=1 forbids asking the Hub")
    assert f"HFQUICK_STAND_INS=0 forbids its stand-in '{SAMPLE}'. Connect and restart the kernel, unset" in said
    assert said.endswith("or give the embedded dataset by its own name")
    assert capsys.readouterr().out == ""


def test_no_stand_in_where_something_exact_is_asked(capsys):
    for options in ({"revision": "v1"}, {"data_files": "train.csv"}, {"data_dir": "data"}):
        assert "(no stand-in is taken for an exact revision or files)" in sentence("rotten_tomatoes", **options)
    assert sentence("rotten_tomatoes", download_mode="force_redownload") == (
        "the dataset 'rotten_tomatoes' cannot be fetched again: HF_HUB_OFFLINE=1 forbids asking the Hub. "
        "Connect and restart the kernel, or leave out download_mode"
    )
    assert capsys.readouterr().out == ""
    assert load_dataset("rotten_tomatoes", revision="main")
    assert "offline:" in capsys.readouterr().out


def test_ids_that_mean_nothing_here(cache):
    said = sentence("rotten_tomatos")
    assert said.startswith(f"the dataset 'rotten_tomatos' is neither a folder here nor in the cache ({cache}), and HF_")
    assert "Did you mean 'rotten_tomatoes'?" in said
    assert said.endswith(f"or use an embedded dataset: '{SAMPLE}' (text-classification)")
    assert "Did you mean" not in sentence("stanfordnlp/imdb")
    assert sentence("hfquick/reviews-tiny") == (
        f"'hfquick/reviews-tiny' is not an embedded dataset; did you mean '{SAMPLE}' or "
        "'hfquick/pictures-tiny' or 'hfquick/minds14-tiny'?"
    )
    assert "'hfquick/distilbert-tiny-en' is an embedded model, not a dataset" in sentence("hfquick/distilbert-tiny-en")
    with pytest.raises(HubError, match=f"'{SAMPLE}' is an embedded dataset, not a model"):
        hub.open_repo(SAMPLE)
    assert "neither a folder here nor a possible id" in sentence("rotten tomatoes")
    with pytest.raises(TypeError, match="expected a folder or an id"):
        load_dataset(3)
    with pytest.raises(ValueError, match="never runs code from a repository: leave it out"):
        load_dataset(SAMPLE, trust_remote_code=True)


def test_offline_for_datasets_alone(hub_server, cache, monkeypatch):
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    assert not hub.is_offline()
    assert "HF_DATASETS_OFFLINE=1 forbids asking the Hub for datasets" in sentence("someone/rows")
    assert hub_server.count("/datasets/") == 0


# ---------------------------------------------------------------- files of this machine


def test_a_folder_and_builders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "train.csv").write_bytes(CSV)
    for given in ("mine", Path("mine"), str(tmp_path / "mine")):
        assert load_dataset(given, split="train")["text"][:] == ["fine", "awful"]
    assert load_dataset("csv", data_files="mine/train.csv", split="train[:1]")[0] == {"text": "fine", "label": 1}
    assert load_dataset("text", data_files={"test": "mine/train.csv"})["test"].num_rows == 3
    (tmp_path / "rotten_tomatoes").mkdir()
    (tmp_path / "rotten_tomatoes" / "test.csv").write_bytes(CSV)
    assert list(load_dataset("rotten_tomatoes")) == ["test"]  # a folder wins
    said = sentence("mine/train.csv")
    assert said.endswith("expected a folder or an id; try load_dataset('csv', data_files='mine/train.csv')")
    assert sentence("./mnie").endswith("; did you mean 'mine'?")


# ---------------------------------------------------------------- the Hub, and what is left of it without a network


def test_rows_of_the_hub_are_there_again_without_a_network(online, monkeypatch, capsys):
    online.add("someone/Rows", FILES, kind="dataset")
    assert load_dataset("someone/Rows")["train"]["text"][:] == ["fine", "awful"]
    assert next(iter(load_dataset("someone/Rows", split="test", streaming=True))) == {"text": "so so", "label": 0}
    goes_offline(monkeypatch)
    capsys.readouterr()
    before = len(online.asked)
    assert load_dataset("someone/Rows")["train"]["text"][:] == ["fine", "awful"]
    assert len(load_dataset("someone/Rows", split="train[:50%]")) == 1
    assert next(iter(load_dataset("someone/Rows", split="test", streaming=True))) == {"text": "so so", "label": 0}
    assert len(online.asked) == before
    assert capsys.readouterr() == ("", "")  # `datasets` would name times and paths
    assert "at revision 'v1' is neither" in sentence("someone/Rows", revision="v1")


def test_a_famous_id_on_the_hub_and_in_the_cache_is_itself(online, monkeypatch, capsys):
    online.add(FAMOUS[1], FILES, kind="dataset")
    online.rename(*FAMOUS, kind="dataset")
    assert len(load_dataset("rotten_tomatoes")["train"]) == 2
    goes_offline(monkeypatch)
    for name in FAMOUS:
        assert len(load_dataset(name)["train"]) == 2
    assert "stand-in" not in capsys.readouterr().out


def test_an_old_id_is_found_again_under_its_new_one(online, cache, monkeypatch):
    """`datasets` takes no id without an organisation any more; the Hub knows where it went."""
    online.add("stanfordnlp/imdb", FILES, kind="dataset")
    online.rename("imdb", "stanfordnlp/imdb", kind="dataset")
    assert len(load_dataset("imdb", split="train")) == 2
    goes_offline(monkeypatch)
    for name in ("imdb", "stanfordnlp/imdb"):
        assert len(load_dataset(name, split="train")) == 2
    assert "is neither a folder here nor in the cache" in sentence("else/imdb")


def test_revisions_files_and_tokens(online):
    online.add("someone/rows", FILES, kind="dataset", tags=["v1"])
    online.add("someone/rows", FILES | {"train.csv": CSV + b"new,1\n"}, kind="dataset")
    assert len(load_dataset("someone/rows", split="train")) == 3
    assert len(load_dataset("someone/rows", split="train", revision="v1")) == 2
    assert len(load_dataset("someone/rows", data_files="test.csv", split="train")) == 1
    online.add("someone/private", FILES, kind="dataset", readers=["hf_known"])
    assert len(load_dataset("someone/private", split="test", token="hf_known")) == 1


def test_a_folder_of_the_same_name_is_not_taken_for_the_dataset(online, monkeypatch, tmp_path):
    """Its rows are kept in the same place."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "imdb").mkdir()
    (tmp_path / "imdb" / "train.csv").write_bytes(CSV)
    assert len(load_dataset("imdb", split="train")) == 2
    monkeypatch.chdir(tmp_path.parent)
    goes_offline(monkeypatch)
    assert "is neither a folder here nor in the cache" in sentence("imdb")


@pytest.mark.parametrize("where", ["/api/datasets", "/datasets/.*/resolve/"])
@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (answer(429, {"Retry-After": "41"}), "asked too often from here (429); try again in 41 s"),
        (answer(503), "the Hub is out of order (503) when asked for the dataset 'rotten_tomatoes'"),
        (answer(401, {"X-Error-Message": "Invalid credentials in Authorization header"}), "refused the token"),
        (hang_up, "the connection broke at "),
    ],
)
def test_a_no_of_the_hub_is_a_sentence_in_little_time_and_no_stand_in(online, capsys, where, action, expected):
    online.add("rotten_tomatoes", FILES, kind="dataset")
    online.on(where, action)
    start = time.monotonic()
    assert expected in sentence("rotten_tomatoes")
    assert time.monotonic() - start < 3
    assert capsys.readouterr().out == ""


def test_unknown_private_and_gated(online, capsys):
    said = sentence("rotten_tomatos")
    assert said.startswith("the Hub shows no dataset 'rotten_tomatos'; did you mean 'rotten_tomatoes'?")
    assert "the Hub shows no dataset 'rotten_tomatoes'" in sentence("rotten_tomatoes")  # it says no: no stand-in
    online.add("someone/gated", FILES, kind="dataset", accepted=["hf_accepted"])
    assert "'someone/gated' is gated: accept its conditions at " in sentence("someone/gated")
    online.add("someone/rows", FILES, kind="dataset")
    assert "'someone/rows' has no revision 'v9'" in sentence("someone/rows", revision="v9")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("where", ["HEAD /distilbert/", "/api/datasets", "/datasets/.*/resolve/"])
def test_the_page_of_a_proxy_counts_as_no_route(online, capsys, where):
    online.add("rotten_tomatoes", FILES, kind="dataset")
    online.on(where, proxy_page(403))
    assert len(load_dataset("rotten_tomatoes", split="test")) == 1346
    assert capsys.readouterr().out.startswith("offline: 'rotten_tomatoes' is replaced")
    assert hub.is_offline()


def test_the_way_is_lost_while_rows_are_fetched(online, monkeypatch):
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda seconds: None)
    online.add("someone/rows", FILES, kind="dataset", lfs=["train.csv"])
    online.on("/cdn/", proxy_page(403))
    said = sentence("someone/rows")
    assert said.startswith("the dataset 'someone/rows' was not fetched: a proxy or firewall refused ")
    assert said.endswith("(403). Connect and restart the kernel")
    hub.reset()
    online.rules.clear()
    online.on("/cdn/", cut(5))
    assert "the connection broke at the dataset 'someone/rows'; nothing of it counts as fetched" in sentence(
        "someone/rows"
    )
    online.rules.clear()
    assert len(load_dataset("someone/rows", split="train")) == 2


def test_a_hub_out_of_order_leaves_the_cache(online, monkeypatch, capsys):
    online.add("someone/rows", FILES, kind="dataset")
    load_dataset("someone/rows")
    hub.reset()
    online.on("/", answer(503))
    capsys.readouterr()
    assert len(load_dataset("someone/rows", split="train")) == 2
    assert capsys.readouterr().out.endswith("; what is in the cache is used\n")
    online.rules.clear()
    online.repos.clear()
    hub.reset()
    said = sentence("someone/rows")
    assert said.startswith("the Hub shows no dataset 'someone/rows'")
    assert said.endswith("A copy is in the cache: HF_HUB_OFFLINE=1 loads it")


def test_what_datasets_says_about_the_rows_is_left_as_it_is(online):
    online.add("someone/rows", FILES, kind="dataset")
    with pytest.raises(ValueError, match="Unknown split"):
        load_dataset("someone/rows", split="none")
    with pytest.raises(ValueError, match="BuilderConfig 'none' not found"):
        load_dataset("someone/rows", "none")


# ---------------------------------------------------------------- around it


def test_without_the_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(ImportError, match=r"^load_dataset needs datasets, which is not installed; try: pip install"):
        load_dataset(SAMPLE)


def test_the_first_words_of_the_spec_run_in_a_process_of_their_own(tmp_path):
    code = "from hfquick import load_dataset; print(load_dataset('rotten_tomatoes')['train'][0].keys())"
    out = run(code, HF_HOME=str(tmp_path))
    assert out.splitlines()[0].startswith("offline: 'rotten_tomatoes' is replaced")
    assert out.splitlines()[1] == "dict_keys(['text', 'label'])"
