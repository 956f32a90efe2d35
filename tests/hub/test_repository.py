"""repository.py on one machine: folders, embedded models, stand-ins, and every id that is none. No network is asked."""

import pickle
import threading
from pathlib import Path

import pytest

from hfquick import zoo
from hfquick.hub.repository import HubError, open_repo, take_hub_options
from tests.helpers.hub import FAMOUS, STAND_IN, run, sentence

# A folder of this machine


def test_a_folder_is_itself(tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "config.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    for given in ("mine", "./mine", "mine/", tmp_path / "mine", str(tmp_path / "mine")):
        repo = open_repo(given)
        assert (repo.source, repo.stand_in_for) == ("folder", None)
        assert repo.find("model.safetensors", "config.json").read_text() == "{}"
        assert repo.find("model.safetensors") is None
    assert open_repo(".", subfolder="mine").path("config.json").is_file()
    assert repr(open_repo("mine")) == "Repo('mine', source='folder')"


def test_a_folder_wins_over_a_famous_id_and_over_the_zoo(tmp_path, monkeypatch, embedded):
    monkeypatch.chdir(tmp_path)
    for name in (FAMOUS, STAND_IN):
        (tmp_path / name).mkdir(parents=True)
        assert open_repo(name).source == "folder"


@pytest.mark.parametrize(
    "given", ["./pt_save_pretrain", "/no/such/folder", "no\\such", "~/no-such-folder", "../none", "C:/x", "save/"]
)
def test_what_is_written_like_a_folder_is_never_asked_of_the_hub(given, tmp_path, monkeypatch):
    (tmp_path / "pt_save_pretrained").mkdir()
    monkeypatch.chdir(tmp_path)
    said = sentence(given)
    assert said.startswith(f"the folder {given!r} does not exist (looked from ")
    assert "Hub" not in said
    if "pretrain" in given:
        assert said.endswith("; did you mean 'pt_save_pretrained'?")
    assert "does not exist" in sentence(Path(given))


def test_a_file_in_place_of_a_folder(tmp_path):
    file = tmp_path / "model.safetensors"
    file.write_bytes(b"")
    assert sentence(file) == f"{str(file)!r} is a file, expected the folder around it; try {str(tmp_path)!r}"


def test_a_missing_file_is_named_with_what_is_there(tmp_path):
    (tmp_path / "confg.json").write_text("{}")
    (tmp_path / "checkpoint-1").mkdir()
    with pytest.raises(HubError) as error:
        open_repo(tmp_path).path("config.json")
    assert str(error.value) == (
        f"{str(tmp_path)!r} has no config.json; did you mean 'confg.json'?; it has checkpoint-1/, confg.json"
    )
    with pytest.raises(HubError, match=r"has no a\.bin and no b\.bin; it is empty$"):
        open_repo(tmp_path / "checkpoint-1").path("a.bin", "b.bin")


@pytest.mark.parametrize(
    "name", ["../secret", "a/../../secret", "/etc/passwd", "a\\b", "C:/x", "c:x", "", ".", "..", "a\0b", 3, None]
)
def test_names_that_could_leave_the_folder_are_refused(name, tmp_path):
    folder = tmp_path / "inner"
    folder.mkdir()
    (tmp_path / "secret").write_text("s")
    for ask in (open_repo(folder).find, open_repo(folder).path):
        with pytest.raises(HubError, match="is refused as file of"):
            ask(name)
    if name and isinstance(name, str):
        with pytest.raises(HubError, match="is refused as subfolder"):
            open_repo(folder, subfolder=name)


# Ids that are none


@pytest.mark.parametrize("given", [None, 3, ["distilbert-base-uncased"], b"bert"])
def test_an_id_of_another_type(given):
    with pytest.raises(TypeError, match=r"^expected a folder or an id such as 'distilbert-base-uncased', got \w+: "):
        open_repo(given)


def test_impossible_ids():
    assert sentence("  ").startswith("the id is empty; give a folder or an id")
    assert "is an address, expected an id" in sentence("https://huggingface.co/distilbert/distilbert-base-uncased")
    assert "is an address, expected an id" in sentence("huggingface.co/bert-base-uncased")
    for given in ("a/b/c", "bert base", "-bert", "bert--base", "org/-x", "é", "x" * 200):
        assert "is neither a folder here nor a possible id" in sentence(given)
    assert "; did you mean 'distilbert-base-uncased'" in sentence("distilbert base uncased")
    assert sentence("bert", repo_type="space") == "repo_type is 'space', expected 'model' or 'dataset'"
    assert "'../../x' is refused as revision of 'bert'" in sentence("bert", revision="../../x")


def test_options_are_taken_out_of_the_keywords():
    options = {"revision": "v1", "n_heads": 12, "local_files_only": True, "trust_remote_code": False}
    assert take_hub_options(options) == {"revision": "v1", "local_files_only": True}
    assert options == {"n_heads": 12}
    with pytest.raises(ValueError, match="never runs code from a repository"):
        take_hub_options({"trust_remote_code": True})


# The zoo and its stand-ins, without a network (HF_HUB_OFFLINE=1 is set for all tests)


def test_an_embedded_model_needs_nothing(embedded, capsys):
    repo = open_repo(STAND_IN)
    assert (repo.id, repo.source, repo.stand_in_for) == (STAND_IN, "zoo", None)
    assert repo.path("config.json").read_text() == '{"model_type": "embedded"}'
    assert open_repo(STAND_IN, subfolder="onnx").find("model.onnx")
    assert capsys.readouterr().out == ""


def test_an_unknown_embedded_model(embedded):
    said = sentence("hfquick/distilbert-tiny")
    assert said.startswith(
        "'hfquick/distilbert-tiny' is not an embedded model; did you mean 'hfquick/distilbert-tiny-en'"
    )
    assert all(name in sentence("hfquick/zzz") for name in zoo.MODELS)
    said = sentence(STAND_IN, repo_type="dataset")
    assert said.startswith(f"{STAND_IN!r} is an embedded model, not a dataset; did you mean 'hfquick/reviews-tiny-en'")


def test_an_embedded_dataset(embedded, capsys):
    for name in ("hfquick/reviews-tiny-en", "rotten_tomatoes", "cornell-movie-review-data/rotten_tomatoes"):
        repo = open_repo(name, repo_type="dataset")
        assert (repo.source, repo.stand_in_for) == ("zoo", None if name.startswith("hfquick/") else name)
        assert repo.path("README.md").read_text() == "embedded"
    assert capsys.readouterr().out.count("is replaced by its tiny stand-in 'hfquick/reviews-tiny-en'") == 2
    assert "'rotten_tomatoes' is neither a folder here" in sentence("rotten_tomatoes")  # it names no model
    assert "'hfquick/reviews-tiny-en' is an embedded dataset, not a model" in sentence("hfquick/reviews-tiny-en")


def test_lost_files_of_the_package(monkeypatch, tmp_path):
    monkeypatch.setattr(zoo, "HERE", tmp_path / "gone")
    assert "the files of 'hfquick/distilbert-tiny-en' are missing" in sentence(STAND_IN)


def test_a_famous_id_becomes_its_stand_in_and_one_line_says_so(embedded, capsys):
    for _ in range(3):
        repo = open_repo(FAMOUS)
        assert (repo.id, repo.source, repo.stand_in_for) == (FAMOUS, "zoo", FAMOUS)
        assert repo.path("config.json").read_text() == '{"model_type": "embedded"}'
    assert capsys.readouterr().out == (
        "offline: 'distilbert-base-uncased' is replaced by its tiny stand-in 'hfquick/distilbert-tiny-en' "
        "(HFQUICK_STAND_INS=0 forbids this)\n"
    )
    assert open_repo("distilbert/distilbert-base-uncased", revision="main").stand_in_for == f"distilbert/{FAMOUS}"
    assert capsys.readouterr().out.count("\n") == 1  # another id, another line


def test_the_line_is_in_the_readers_language_and_errors_are_not(embedded, monkeypatch, capsys):
    monkeypatch.setenv("HFQUICK_LANG", "fr")
    open_repo(FAMOUS)
    assert capsys.readouterr().out == (
        "hors ligne : 'distilbert-base-uncased' est remplacé par sa petite doublure 'hfquick/distilbert-tiny-en' "
        "(HFQUICK_STAND_INS=0 l’interdit)\n"
    )
    monkeypatch.setenv("HFQUICK_STAND_INS", "0")
    assert "and HFQUICK_STAND_INS=0 forbids its stand-in" in sentence(FAMOUS)


def test_many_threads_print_one_line(embedded, capsys):
    threads = [threading.Thread(target=open_repo, args=(FAMOUS,)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert capsys.readouterr().out.count("offline:") == 1


@pytest.mark.parametrize("value", ["0", "false", "No"])
def test_stand_ins_can_be_forbidden(embedded, monkeypatch, capsys, value):
    monkeypatch.setenv("HFQUICK_STAND_INS", value)
    said = sentence(FAMOUS)
    assert "HFQUICK_STAND_INS=0 forbids its stand-in 'hfquick/distilbert-tiny-en'" in said
    assert "HF_HUB_OFFLINE=1" in said
    assert "Connect and restart the kernel, unset HFQUICK_STAND_INS" in said
    assert capsys.readouterr().out == ""


def test_no_stand_in_where_something_exact_is_asked(embedded, capsys):
    assert "no stand-in is taken for an exact revision" in sentence(FAMOUS, revision="v1.0")
    assert "no stand-in is taken for an exact revision or subfolder" in sentence(FAMOUS, subfolder="onnx")
    assert "its tiny stand-in 'hfquick/distilbert-tiny-en' loads by its own name" in sentence(
        FAMOUS, local_files_only=True
    )
    assert "cannot be fetched again: HF_HUB_OFFLINE=1" in sentence(FAMOUS, force_download=True)
    assert "the dataset 'distilbert-base-uncased' is neither" in sentence(FAMOUS, repo_type="dataset")
    assert capsys.readouterr().out == ""


def test_offline_without_a_stand_in(embedded):
    said = sentence("someone/bert-french-sentiment-stars")
    assert said.startswith("'someone/bert-french-sentiment-stars' is neither a folder here nor in the cache (")
    assert "HF_HUB_OFFLINE=1 forbids asking the Hub" in said
    assert said.index("'hfquick/bert-tiny-multilingual-stars' (text-classification)") > 0
    assert "Did you mean 'distilbert-base-uncased'" in sentence("distilbert-base-uncasd")
    assert all(name in sentence("zzzz/zzzz") for name in zoo.MODELS)


def test_exclusive_wishes():
    assert "exclude each other" in sentence(FAMOUS, local_files_only=True, force_download=True)


def test_folders_and_embedded_models_do_not_import_huggingface_hub(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    code = f"""
import sys
import hfquick.zoo
from hfquick.hub import HubError, open_repo
open_repo({str(tmp_path)!r}).path("config.json")
for name in ("hfquick/none", "hfquick/distilbert-tiny-en"):
    try:
        open_repo(name)
    except HubError:
        pass
heavy = {{"huggingface_hub", "torch", "tensorflow", "numpy", "tokenizers", "requests", "httpx", "transformers"}}
print(sorted(heavy & set(sys.modules)))
"""
    assert run(code) == "[]"


def test_an_error_can_be_sent_to_another_process():
    error = pickle.loads(pickle.dumps(HubError("a sentence", 404)))
    assert str(error) == "a sentence"
    assert isinstance(error, OSError)
