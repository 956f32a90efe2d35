"""Pushes to a Hub of our own: what arrives, what is sent again, cards, and commits of others in between."""

import json
import re

import pytest

import hfquick
from hfquick.hub import client as hub_client
from hfquick.hub.model_card import MARK
from hfquick.hub.push import ModelFacts, TrainingFacts, create_model_card, upload_folder
from hfquick.hub.repository import open_repo
from tests.helpers.hub import run
from tests.helpers.hub_server import Handler
from tests.helpers.hub_writing import WritableHub
from tests.helpers.sharing import FILES, Saved, Words, commits, refused, write
from tests.helpers.tiny_model import tiny_classifier

# What arrives is what was sent


@pytest.mark.torch
def test_a_pushed_model_is_loaded_back(ada, tmp_path):
    import torch

    folder = tiny_classifier(tmp_path)
    model = hfquick.AutoModelForSequenceClassification.from_pretrained(folder)
    tokenizer = hfquick.AutoTokenizer.from_pretrained(folder)
    assert model.push_to_hub("feelings") == f"{ada.url}/ada/feelings"
    assert tokenizer.push_to_hub("ada/feelings", commit_message="The words") == f"{ada.url}/ada/feelings"
    assert ada.repos["model", "ada/feelings"].lfs == {"model.safetensors"}
    loaded = hfquick.AutoModelForSequenceClassification.from_pretrained("ada/feelings")
    words = hfquick.AutoTokenizer.from_pretrained("ada/feelings")
    assert (model.origin, loaded.origin) == (None, "ada/feelings")
    batch = words(["we are happy", "sad ."], padding=True, return_tensors="pt")
    assert batch["input_ids"].tolist() == tokenizer(["we are happy", "sad ."], padding=True)["input_ids"]
    with torch.no_grad():
        assert torch.equal(model(**batch).logits, loaded(**batch).logits)
    # The example in the card is what a reader will type.
    card = ada.files("ada/feelings")["README.md"].decode()
    printed = run(
        re.search(r"```python\n(.*?)```", card, re.DOTALL)[1], HF_ENDPOINT=ada.url, HF_HUB_OFFLINE="0", HF_TOKEN=""
    )
    assert re.fullmatch(r"\[\{'label': '(POSITIVE|NEGATIVE)', 'score': [\d.]+\}\]", printed)


@pytest.mark.torch
@pytest.mark.tf
def test_both_frameworks_push_the_same_weights(ada, tmp_path):
    import numpy as np

    folder = tiny_classifier(tmp_path)
    model = hfquick.TFAutoModelForSequenceClassification.from_pretrained(folder)
    model.push_to_hub("ada/keras")
    assert "| tensorflow |" in ada.files("ada/keras")["README.md"].decode()
    loaded = hfquick.AutoModelForSequenceClassification.from_pretrained("ada/keras")
    original = hfquick.AutoModelForSequenceClassification.from_pretrained(folder)
    for name, tensor in original.state_dict().items():
        assert np.array_equal(tensor.numpy(), loaded.state_dict()[name].numpy()), name
    original.push_to_hub("ada/torch")
    again = hfquick.TFAutoModelForSequenceClassification.from_pretrained("ada/torch")
    for ours, theirs in zip(model.get_weights(), again.get_weights(), strict=True):
        assert np.array_equal(ours, theirs)
    assert again.origin == "ada/torch"


@pytest.mark.torch
def test_the_folder_of_a_training(ada, tmp_path):
    from tests.helpers.training import rows, state_of, tiny_trainer

    trainer = tiny_trainer(tmp_path / "run", eval_dataset=rows(8), save_strategy="steps", save_steps=3, logging_steps=2)
    trainer.train()
    facts = TrainingFacts(
        dataset="rotten_tomatoes",
        evaluated_on="validation",
        args=trainer.args.to_dict(),
        log_history=trainer.state.log_history,
        metrics=trainer.evaluate(),
    )
    trainer.save_model()
    create_model_card(tmp_path / "run", ModelFacts.of(trainer.model, "ada/reviews"), facts)
    upload_folder(tmp_path / "run", "ada/reviews", ignore_patterns=["checkpoint-*", "training_args.json"])
    card = ada.files("ada/reviews").pop("README.md").decode()
    assert not [name for name in ada.files("ada/reviews") if "checkpoint" in name or name.endswith((".pt", ".pth"))]
    assert "| learning_rate | 0.002 |" in card
    assert f"| loss | {trainer.state.log_history[-1]['eval_loss']:.4f} |" in card
    assert str(tmp_path) not in card
    loaded = hfquick.AutoModelForSequenceClassification.from_pretrained("ada/reviews")
    ours, theirs = state_of(trainer.model), state_of(loaded)
    assert [name for name in ours if not ours[name].equal(theirs[name])] == []
    assert hfquick.AutoTokenizer.from_pretrained("ada/reviews")("we")["input_ids"]


def test_the_questions_of_one_push(ada):
    Saved().push_to_hub("ada/model", commit_message="First try")
    asked = [f"{request.method} {re.sub('[0-9a-f]{64}', '<hash>', request.path)}" for request in ada.asked[1:]]
    assert asked == [
        "GET /api/models/ada/model",
        "POST /api/repos/create",
        "GET /api/models/ada/model",
        "POST /api/validate-yaml",
        "POST /api/models/ada/model/preupload/main",
        "POST /ada/model.git/info/lfs/objects/batch",
        "PUT /lfs/<hash>",
        "POST /ada/model.git/info/lfs/objects/verify",
        "POST /api/models/ada/model/commit/main",
    ]
    (put,) = (request for request in ada.asked if request.method == "PUT")
    assert "authorization" not in put.headers  # another host: the token stays with the Hub
    files = ada.files("ada/model")
    assert {name: files[name] for name in FILES} == FILES
    assert commits(ada, "ada/model") == 1
    ada.asked.clear()
    Saved(FILES | {"config.json": b"{}"}).push_to_hub("ada/model")
    asked = [f"{request.method} {request.path}" for request in ada.asked]
    assert asked == [
        "GET /api/models/ada/model",
        "POST /api/models/ada/model/preupload/main",
        "POST /ada/model.git/info/lfs/objects/batch",  # which says that the weights are there
        "POST /api/models/ada/model/commit/main",
    ]


def test_a_repository_that_moved(ada):
    Saved().push_to_hub("class-of-42/model")
    ada.rename("ada/model", "class-of-42/model")
    assert Saved(FILES | {"a": b"a"}).push_to_hub("ada/model") == f"{ada.url}/class-of-42/model"
    assert ada.files("class-of-42/model")["a"] == b"a"


def test_a_folder_arrives_without_what_is_hidden_or_left_out(ada, tmp_path):
    there = {"README.md": b"Mine.\n", "config.json": b"{}", "runs/events": b"e", "vocab/a b.txt": "é".encode()}
    hidden = {".env": b"SECRET=1", ".git/HEAD": b"ref", "sub/.ipynb_checkpoints/x.ipynb": b"{}"}
    left = {"checkpoint-5/model.safetensors": b"old", "optimizer.pt": b"o"}
    folder = write(tmp_path / "output", there | hidden | left)
    options = {"ignore_patterns": ["checkpoint-*", "*.pt"], "commit_message": "Trained"}
    with pytest.warns(UserWarning, match="empty or missing yaml metadata"):  # the Hub's own words about a bare card
        assert upload_folder(folder, "class-of-42/reviews", **options) == f"{ada.url}/class-of-42/reviews"
    assert ada.files("class-of-42/reviews") == there
    with pytest.warns(UserWarning, match="empty or missing"):
        upload_folder(str(folder), "ada/one-pattern", ignore_patterns="*5*")
    assert sorted(ada.files("ada/one-pattern")) == sorted([*there, "optimizer.pt"])


def test_only_what_changed_is_sent_again(ada, capsys, monkeypatch):
    monkeypatch.setattr(hub_client, "LARGE", 100_000)
    Saved().push_to_hub("ada/model")
    assert capsys.readouterr().out == "sending 3 files to 'ada/model': 0 MB\n"
    head = ada.repos["model", "ada/model"].refs["main"]
    assert Saved().push_to_hub("ada/model") == f"{ada.url}/ada/model"
    assert (ada.repos["model", "ada/model"].refs["main"], commits(ada, "ada/model")) == (head, 1)
    Saved(FILES | {"config.json": b"{}"}).push_to_hub("ada/model")
    assert ada.files("ada/model")["config.json"] == b"{}"
    assert (ada.count("PUT"), commits(ada, "ada/model")) == (1, 2)


def test_what_was_pushed_is_what_is_loaded_next(ada):
    Saved().push_to_hub("ada/model")
    assert open_repo("ada/model").path("config.json").read_bytes() == FILES["config.json"]
    Saved(FILES | {"config.json": b"{}"}).push_to_hub("ada/model")
    assert open_repo("ada/model").path("config.json").read_bytes() == b"{}"


def test_branches_and_pull_requests(ada, monkeypatch):
    Saved().push_to_hub("ada/model")
    new = FILES | {"config.json": b"{}"}
    assert Saved(new).push_to_hub("ada/model", revision="v2") == f"{ada.url}/ada/model/tree/v2"
    assert Saved(new | {"a": b"a"}).push_to_hub("ada/model", revision="v2").endswith("/tree/v2")  # it is there by now
    assert ada.files("ada/model")["config.json"] == FILES["config.json"]
    assert ada.files("ada/model", "v2")["a"] == b"a"
    options = {"token": "hf_accepted", "create_pr": True, "commit_message": "A better model"}
    assert Saved(new).push_to_hub("ada/model", **options) == f"{ada.url}/ada/model/discussions/1"
    assert ada.pull_requests == {"ada/model": ["A better model"]}
    assert ada.files("ada/model")["config.json"] == FILES["config.json"]
    assert ada.files("ada/model", "refs/pr/1")["config.json"] == b"{}"
    Saved(new | {"b": b"b"}).push_to_hub("ada/model", revision="refs/pr/1")
    assert ada.files("ada/model", "refs/pr/1")["b"] == b"b"
    said = str(refused(Saved().push_to_hub, "ada/model", revision="refs/pr/9"))
    assert said.startswith(
        "the Hub shows this account no model 'ada/model' with the revision 'refs/pr/9'; look at http"
    )
    said = str(refused(Saved().push_to_hub, "ada/model", revision="v2", create_pr=True))
    assert said == "create_pr=True proposes a change of 'main', but revision='v2' was given with it"


def test_private_means_private(ada):
    Saved().push_to_hub("ada/secret", private=True)
    assert ada.repos["model", "ada/secret"].readers == {"hf_known", "hf_read"}
    Saved(FILES | {"config.json": b"{}"}).push_to_hub("ada/secret", private=True)
    Saved().push_to_hub("ada/open")
    before = ada.files("ada/open")
    said = str(refused(Saved(FILES | {"new": b""}).push_to_hub, "ada/open", private=True))
    assert said == (
        "'ada/open' exists and is public, which private=True does not change; nothing was sent. "
        f"Change it at {ada.url}/ada/open/settings, or leave private out"
    )
    assert ada.files("ada/open") == before
    assert "'ada/secret' exists and is private" in str(refused(Saved().push_to_hub, "ada/secret", private=False))


# Cards


def test_a_card_is_added_where_there_is_none_and_stays(ada, tmp_path):
    Words().push_to_hub("ada/model")
    assert list(ada.files("ada/model")) == ["vocab.txt"]  # a tokenizer leaves the card to its model
    Saved().push_to_hub("ada/model")
    first = ada.files("ada/model")["README.md"]
    assert MARK in first.decode()
    Saved(FILES | {"config.json": b"{}"}).push_to_hub("ada/model")
    assert ada.files("ada/model")["README.md"] == first
    # A training knows more than a push, so its card takes the place of one that hfquick wrote ...
    trained = write(tmp_path / "trained", {"README.md": f"---\nlicense: mit\n---\n{MARK} -->\nTrained.\n".encode()})
    upload_folder(trained, "ada/model")
    assert b"Trained." in ada.files("ada/model")["README.md"]
    Saved().push_to_hub("ada/model")
    assert b"Trained." in ada.files("ada/model")["README.md"]
    # ... but not of one that a person wrote, who alone replaces it.
    by_hand = write(tmp_path / "hand", {"README.md": b"---\nlicense: mit\n---\nBy hand.\n"})
    upload_folder(by_hand, "ada/model")
    upload_folder(write(trained, {"a.txt": b"a"}), "ada/model")
    Saved().push_to_hub("ada/model")
    files = ada.files("ada/model")
    assert (files["README.md"], files["a.txt"]) == (b"---\nlicense: mit\n---\nBy hand.\n", b"a")
    upload_folder(write(by_hand, {"README.md": b"---\nlicense: mit\n---\nBetter.\n"}), "ada/model")
    assert b"Better." in ada.files("ada/model")["README.md"]


def test_a_card_the_hub_does_not_accept(ada, tmp_path):
    folder = write(tmp_path, {"README.md": b"---\nlicense: [mit\n---\nText.\n", "config.json": b"{}"})
    said = str(refused(upload_folder, folder, "ada/model"))
    assert said.startswith("the Hub does not accept the first lines of README.md (YAML Metadata Error: ")
    assert said.endswith("); nothing was changed")
    assert ada.files("ada/model") == {}


# Others push too


def other_commit(hub: WritableHub, files: dict[str, bytes]):
    """An action: somebody else commits these files, then the true answer follows."""

    def action(handler: Handler) -> bool:
        repo = hub.repos["model", "ada/model"]
        hub.put(repo, "main", repo.commits[repo.refs["main"]] | files)
        return False

    return action


def test_a_commit_in_between_is_neither_lost_nor_mixed(ada):
    ada.on("POST .*preupload", other_commit(ada, {"README.md": b"By hand.", "notes.txt": b"n"}), times=1)
    Saved().push_to_hub("ada/model")
    assert ada.files("ada/model") == FILES | {"README.md": b"By hand.", "notes.txt": b"n"}
    assert ada.count("PUT") == 1


def test_a_repository_that_never_stands_still(ada):
    ada.on("POST .*preupload", other_commit(ada, {"notes.txt": b"n"}))
    error = refused(Saved().push_to_hub, "ada/model")
    assert str(error) == (
        "somebody else changed 'ada/model' in the same moment; nothing was changed. "
        "Run it again: what has arrived is not sent twice"
    )
    assert (error.status, error.passing, ada.count("POST .*/commit/")) == (412, True, 3)
    assert ada.files("ada/model") == {"notes.txt": b"n"}


# Light


def test_sharing_imports_no_framework():
    heavy = "{'torch', 'tensorflow', 'keras', 'numpy', 'huggingface_hub'}"
    code = f"import json, sys, hfquick, hfquick.hub.push; print(json.dumps(sorted({heavy} & set(sys.modules))))"
    assert json.loads(run(code)) == []
