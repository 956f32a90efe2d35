"""One id, one opening: what a pipeline and the Auto classes ask the Hub for, counted with the real client."""

import re

import pytest

import hfquick
from hfquick import hub, pipeline
from hfquick.hub.repository import Repo, open_repo
from tests.helpers.hub import FAMOUS
from tests.helpers.tiny_model import tiny_classifier

pytestmark = pytest.mark.torch

# To be asked once per process: is there a way to the Hub?
PROBE = ["HEAD /distilbert/distilbert-base-uncased/resolve/main/config.json"]
LISTING = ["GET /api/models/ada/reviews"]
# For each small file: hfquick looks whether it would come, and how large it is; then huggingface_hub looks again, and
# fetches it. Each look at a small file is redirected to the Hub's own cache.
LOOK = ["HEAD /ada/reviews/resolve/<commit>/{}", "HEAD /api/resolve-cache/models/ada/reviews/<commit>/{}"]
SMALL = [*LOOK, *LOOK, "GET /api/resolve-cache/models/ada/reviews/<commit>/{}"]
# A large one comes from another host, where it is fetched and not looked at.
LARGE = ["HEAD /ada/reviews/resolve/<commit>/{}", "HEAD /ada/reviews/resolve/<commit>/{}", "GET /cdn/<hash>"]
FILES = [
    (name, request.format(name))
    for name, requests in [
        ("config.json", SMALL),
        ("model.safetensors", LARGE),
        ("tokenizer_config.json", SMALL),
        ("vocab.txt", SMALL),
    ]
    for request in requests
]
COLD = [request for _, request in FILES]


@pytest.fixture
def reviews(hub_server, tmp_path):
    """A model on the Hub with its tokenizer; `requests()` is what was asked since the last time."""
    (tmp_path / "saved").mkdir()
    files = {path.name: path.read_bytes() for path in tiny_classifier(tmp_path / "saved").iterdir()}
    for name in ("ada/reviews", "ada/words"):
        hub_server.add(name, files, lfs=["model.safetensors"])

    def requests():
        asked = [f"{request.method} {request.path}" for request in hub_server.asked]
        hub_server.asked.clear()
        asked = [re.sub("[0-9a-f]{64}", "<hash>", re.sub(r"/[0-9a-f]{40}/", "/<commit>/", each)) for each in asked]
        return [each for each in asked if not re.match("GET .*/resolve/", each)]  # an older client: redirected again

    hub_server.requests = requests
    return hub_server


@pytest.fixture
def parsed(monkeypatch):
    """The names of the JSON files that were parsed."""
    names, parse = [], Repo._parse
    monkeypatch.setattr(Repo, "_parse", lambda repo, path, name: names.append(name) or parse(repo, path, name))
    return names


def test_a_pipeline_opens_a_repository_once(reviews, parsed):
    pipe = pipeline("sentiment-analysis", model="ada/reviews", framework="pt")
    assert reviews.requests() == PROBE + LISTING + COLD
    assert parsed.count("config.json") == 1
    assert pipe.model.origin == pipe.tokenizer.name_or_path == "ada/reviews"
    hub.reset()  # another process, which has the files
    pipeline("sentiment-analysis", model="ada/reviews", framework="pt")
    assert reviews.requests() == PROBE + LISTING


def test_so_does_one_that_finds_its_task_by_itself(reviews, parsed):
    pipe = pipeline(model="ada/reviews", framework="pt", tokenizer="ada/reviews")
    assert pipe.task == "text-classification"
    assert reviews.requests() == PROBE + LISTING + COLD
    assert parsed.count("config.json") == 1


def test_a_tokenizer_of_another_id_is_a_second_opening(reviews, parsed):
    pipe = pipeline("sentiment-analysis", model="ada/reviews", tokenizer="ada/words", framework="pt")
    assert (pipe.model.origin, pipe.tokenizer.name_or_path) == ("ada/reviews", "ada/words")
    asked = reviews.requests()
    assert [each for each in asked if each.startswith("GET /api/models")] == [*LISTING, "GET /api/models/ada/words"]
    assert parsed.count("config.json") == 2


def test_force_download_fetches_each_file_once(reviews, parsed):
    pipeline(model="ada/reviews", framework="pt")
    reviews.requests()
    pipeline(model="ada/reviews", framework="pt", force_download=True)
    assert reviews.requests() == LISTING + COLD
    hfquick.AutoModelForSequenceClassification.from_pretrained("ada/reviews", force_download=True)
    of_the_model = [request for name, request in FILES if name in ("config.json", "model.safetensors")]
    assert reviews.requests() == LISTING + of_the_model


def test_auto_classes_read_config_once(reviews, parsed):
    model = hfquick.AutoModelForSequenceClassification.from_pretrained("ada/reviews", num_labels=2, dtype="bfloat16")
    assert str(model.dtype) == "torch.bfloat16"
    assert parsed == ["config.json"]
    hfquick.AutoTokenizer.from_pretrained("ada/reviews")  # another opening, which asks for the list of files again
    assert [each for each in reviews.requests() if each.startswith("GET /api/models")] == LISTING * 2


def test_all_that_is_made_from_one_repo_is_of_one_commit(reviews, tmp_path):
    repo = open_repo("ada/reviews")
    config = hfquick.AutoConfig.from_repo(repo)
    files = dict(reviews.files("ada/reviews"))
    reviews.add("ada/reviews", files | {"vocab.txt": files["vocab.txt"] + b"new\n"}, lfs=["model.safetensors"])
    model = hfquick.AutoModelForSequenceClassification.from_repo(repo, config=config)
    assert model.config is config
    assert len(hfquick.AutoTokenizer.from_repo(repo)) == config.vocab_size
    assert len(hfquick.AutoTokenizer.from_pretrained("ada/reviews")) == config.vocab_size + 1
    with pytest.raises(ValueError, match="config= was given, so num_labels must be set in it"):
        hfquick.AutoModelForSequenceClassification.from_repo(repo, config=config, num_labels=3)


def test_what_a_reader_changes_no_other_reader_sees(tmp_path):
    repo = open_repo(tiny_classifier(tmp_path))
    repo.read_json("config.json")["id2label"].clear()
    assert hfquick.AutoConfig.from_repo(repo).id2label == {0: "NEGATIVE", 1: "POSITIVE"}
    assert repo.read_json("generation_config.json") is None


def test_code_of_a_repository_is_never_run(tmp_path):
    folder = tiny_classifier(tmp_path)
    with pytest.raises(ValueError, match="trust_remote_code=True; hfquick never runs code from a repository"):
        pipeline("sentiment-analysis", model=folder, trust_remote_code=True)
    assert pipeline("sentiment-analysis", model=folder, trust_remote_code=False, framework="pt")("we are happy")


def test_a_stand_in_is_announced_once_for_model_and_tokenizer(capsys):
    assert pipeline("fill-mask", model=FAMOUS, framework="pt").model.config.stand_in_for == FAMOUS
    assert capsys.readouterr().out.count("offline:") == 1


def test_a_folder_that_tells_no_task(tmp_path):
    folder = tiny_classifier(tmp_path)
    config = folder / "config.json"
    config.write_text(config.read_text().replace('"architectures"', '"once"'))
    with pytest.raises(ValueError, match="the model is a DistilBertModel, which tells no task; give one of"):
        pipeline(model=folder)


@pytest.mark.tf
def test_the_keras_twin_takes_an_opened_repository(reviews, parsed):
    repo = open_repo("ada/reviews")
    model = hfquick.TFAutoModelForSequenceClassification.from_repo(repo)
    assert model.origin == "ada/reviews"
    assert parsed == ["config.json"]
    assert reviews.requests() == PROBE + LISTING + [
        request for name, request in FILES if name in ("config.json", "model.safetensors")
    ]
