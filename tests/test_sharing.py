"""sharing.py and hub_upload.py: pushes to a Hub of our own, which keeps what it gets or refuses in every way."""

import json
import re
import tempfile
from pathlib import Path

import pytest

import hfquick
from hfquick import hub_client
from hfquick.hub import HubError, open_repo
from hfquick.model_cards import MARK
from hfquick.sharing import ModelFacts, PushToHubMixin, TrainingFacts, create_model_card, upload_folder
from tests.hub_helpers import run
from tests.hub_server import Handler, answer, cut, etag, hang_up, proxy_page
from tests.hub_writing import WritableHub, cut_upload
from tests.tiny_model import tiny_classifier

WEIGHTS = bytes(range(256)) * 400
FILES = {"config.json": b'{"model_type": "distilbert"}', "model.safetensors": WEIGHTS}


@pytest.fixture
def ada(hub_server, monkeypatch, tmp_path_factory):
    """The Hub, with the token of ada in the environment; waiting between tries takes no time.

    Temporary folders have a place of their own, so that `refused` sees those of the test and no others.
    """
    monkeypatch.setenv("HF_TOKEN", "hf_known")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("temporary")))
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda seconds: None)
    return hub_server


class Saved(PushToHubMixin):
    """Something that saves these files."""

    config = None  # a model has one

    def __init__(self, files: dict[str, bytes] = FILES):
        self.files = files

    def save_pretrained(self, folder):
        write(Path(folder), self.files)


class Words(PushToHubMixin):
    def save_pretrained(self, folder):
        write(Path(folder), {"vocab.txt": b"[PAD]\n"})


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, body in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)
    return folder


def refused(push, *args, **options) -> HubError:
    """The error of a push that does not work. No token is ever part of it, and nothing is left on this machine."""
    with pytest.raises(HubError) as error:
        push(*args, **options)
    assert not re.search(r"hf_[a-z]+", str(error.value).replace("hf_xet", ""))
    assert not list(Path(tempfile.gettempdir()).glob("hfquick-*/config.json"))
    return error.value


def commits(hub: WritableHub, name: str) -> int:
    """How many commits a repository has, the one it begins with apart."""
    return len(hub.repos["model", name].commits) - 1


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
    from tests.training.helpers import rows, state_of, tiny_trainer

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


# Who may


def test_tokens(ada, monkeypatch):
    said = str(refused(Saved().push_to_hub, "ada/model", token="hf_wrong"))
    assert said == (
        "the Hub does not accept this token (Invalid credentials in Authorization header); "
        "log in with `hf auth login`, or set HF_TOKEN to another one"
    )
    assert "token=False forbids a token" in str(refused(Saved().push_to_hub, "ada/model", token=False))
    assert refused(Saved().push_to_hub, "ada/model", token="hf_wrong").status == 401
    monkeypatch.delenv("HF_TOKEN")
    before = len(ada.asked)
    for token in (None, True, ""):
        assert str(refused(Saved().push_to_hub, "ada/model", token=token)) == (
            "there is no token here; log in with `hf auth login`, or set HF_TOKEN. "
            f"A token that may write is made at {ada.url}/settings/tokens"
        )
    assert len(ada.asked) == before
    assert not ada.repos
    Saved().push_to_hub("ada/model", token="hf_known")
    assert commits(ada, "ada/model") == 1


def test_the_namespace_of_somebody_else(ada):
    error = refused(Saved().push_to_hub, "bob/model")
    assert error.status == 403
    assert str(error) == (
        "this token may not write to 'bob/model' (You don't have the rights to create a model under the namespace "
        "\"bob\"): it may write to 'ada' and 'class-of-42'. Try 'ada/model', or create_pr=True to propose a change"
    )
    Saved().push_to_hub("bob/model", token="hf_accepted")  # now it exists, and is asked for first
    said = str(refused(Saved(FILES | {"a": b"a"}).push_to_hub, "bob/model"))
    assert said.startswith(
        "this token may not write to 'bob/model' (Forbidden: pass `create_pr=1` as a query parameter"
    )
    assert commits(ada, "bob/model") == 1
    ada.on("whoami", answer(429))
    assert str(refused(Saved().push_to_hub, "eve/model")).endswith("; ask its owner, or give an id of your own")


def test_a_token_that_reads_only(ada):
    for name in ("ada/model", "model"):
        said = str(refused(Saved().push_to_hub, name, token="hf_read"))
        assert said.startswith(f"this token may not write to {name!r} (You don't have the rights")
        assert said.endswith(f": it was made to read only. Make one that may write at {ada.url}/settings/tokens")


def test_a_limit_of_the_account_is_not_taken_for_a_missing_right(ada):
    ada.on("POST .*lfs/objects/batch", answer(403, {"X-Error-Message": "Private storage limit reached."}))
    said = str(refused(Saved().push_to_hub, "ada/model"))
    assert said == "the Hub refuses to write to 'ada/model' (Private storage limit reached); nothing was changed"


# Names


@pytest.mark.parametrize(
    ("given", "near"),
    [
        ("my model!", "my-model"),
        ("ada/my/model", "ada/my-model"),
        ("https://huggingface.co/ada/model", "ada/model"),
        ("hf.co/ada/model/", "ada/model"),
        ("ada\\model", "ada/model"),
        ("ada/model.git", "ada/model"),
        ("ada/my--model..v2", "ada/my-model.v2"),
        ("ada/-model-", "ada/model"),
        ("modèle", "mod-le"),
        ("ada/" + "m" * 120, "ada/" + "m" * 96),
    ],
)
def test_names_that_are_no_ids(ada, given, near):
    assert str(refused(Saved().push_to_hub, given)) == (
        f"{given!r} is no possible id of the Hub (letters, digits, '-', '_', '.', at most one '/'); try {near!r}"
    )
    assert hub_client.is_hub_id(near)
    assert not ada.asked


def test_other_names_that_do_not_work(ada):
    assert str(refused(Saved().push_to_hub, "?!")).endswith("at most one '/')")  # nothing near
    for empty in ("", "  ", None, 3):
        assert "expected a name such as 'my-model' or 'owner/my-model'" in str(refused(Saved().push_to_hub, empty))
    said = str(refused(Saved().push_to_hub, "hfquick/reviews"))
    assert said.startswith("'hfquick/reviews': names that begin with 'hfquick/' are embedded models")
    assert said.endswith("try 'reviews'")
    assert not ada.asked


def test_folders_that_cannot_be_sent(ada, tmp_path):
    (tmp_path / "output").mkdir()
    assert "did you mean 'output'?" in str(refused(upload_folder, tmp_path / "outptu", "ada/model"))
    assert str(refused(upload_folder, tmp_path / "output", "ada/model")).endswith("has no file to send, it is empty")
    write(tmp_path / "output", {".env": b"", "a.pt": b""})
    said = str(refused(upload_folder, tmp_path / "output", "ada/model", ignore_patterns="*.pt"))
    assert said.endswith("has no file to send; all 2 are hidden or match ['*.pt']")
    assert not ada.asked


# A Hub that says no


@pytest.mark.parametrize("where", ["GET /api/models", "preupload", "objects/batch", "/commit/"])
@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (400, {"X-Error-Message": "Not like this."}, r"the Hub refused what was sent to 'ada/model' \(Not like this\)"),
        (413, {}, "the Hub refused a file of 'ada/model' as too large"),
        (429, {"Retry-After": "41"}, r"the Hub was asked too often \(429\); try again in 41 s"),
        (429, {"RateLimit": '"api";r=0;t=55'}, "try again in 55 s"),
        (503, {}, r"the Hub is out of order \(503\) while something is sent to 'ada/model'. Later: run it again"),
        (418, {}, r"the Hub refused what was sent to 'ada/model' \(418\)"),
    ],
)
def test_every_no_is_a_sentence_and_leaves_no_half(ada, where, status, headers, expected):
    Saved().push_to_hub("ada/model")
    before = ada.files("ada/model")
    new = Saved({"config.json": b"{}", "model.safetensors": WEIGHTS[::-1], "extra.bin": b"e"})
    ada.on(where, answer(status, headers))
    error = refused(new.push_to_hub, "ada/model")
    assert re.search(expected, str(error)), str(error)
    assert error.status == status
    assert error.passing == (status in (429, 503))
    assert ada.files("ada/model") == before
    ada.rules.clear()
    new.push_to_hub("ada/model")
    assert ada.files("ada/model") == before | new.files


def test_files_that_are_too_large(ada):
    ada.largest = 50_000
    said = str(refused(Saved().push_to_hub, "ada/model"))
    assert said == (
        "the Hub refused model.safetensors (0.1 MB) (Maximum individual file size is 50000 bytes); nothing was changed"
    )
    ada.largest = 10**9
    ada.on("/commit/", answer(413), times=1)
    said = str(refused(Saved().push_to_hub, "ada/model"))
    assert said.endswith("as too large (413); the largest is model.safetensors (0.1 MB). Nothing was changed")
    assert ada.files("ada/model") == {}


def test_one_hiccup_is_not_an_error(ada):
    ada.on("/api/repos/create", answer(503), times=1)
    ada.on("GET /api/models/ada/model", hang_up, times=1)
    ada.on("PUT", answer(500), times=1)
    Saved().push_to_hub("ada/model")
    assert commits(ada, "ada/model") == 1


@pytest.mark.parametrize(("status", "passing"), [(403, False), (503, True)])
def test_the_store_of_large_files_refuses(ada, status, passing):
    ada.on("PUT", answer(status, {"X-Powered-By": ""}))
    error = refused(Saved().push_to_hub, "ada/model")
    assert str(error) == (
        f"the store of large files refused what was sent model.safetensors to 'ada/model' ({status}); nothing was "
        "changed. Run it again: what has arrived is not sent twice"
    )
    assert error.passing is passing
    assert ada.files("ada/model") == {}


def test_the_compiled_client_for_large_files_fails_in_a_sentence(ada, monkeypatch):
    """Xet, which the real Hub prefers: the Hub of the tests has none, but the way there and its failure are real."""
    pytest.importorskip("hf_xet")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", False)
    ada.on("xet-write-token", answer(403))
    said = str(refused(Saved().push_to_hub, "ada/model"))
    assert said.startswith("the store of large files did not take what was sent to 'ada/model' (ConnectionError: ")
    assert said.endswith(
        "if that does not help, huggingface_hub.constants.HF_HUB_DISABLE_XET = True takes an older way"
    )
    assert (ada.count("xet-write-token"), ada.count("PUT"), ada.files("ada/model")) == (1, 0, {})
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
    Saved().push_to_hub("ada/model")
    assert ada.files("ada/model")["model.safetensors"] == WEIGHTS


# Connections that break


def test_an_upload_that_is_cut_is_finished_by_a_second_call(ada):
    files = FILES | {"model-2.safetensors": WEIGHTS[::-1]}
    second = f"PUT /lfs/{etag(files['model-2.safetensors'])}"
    ada.on(second, cut_upload(70_000))
    error = refused(Saved(files).push_to_hub, "ada/model")
    assert str(error) == (
        "the connection broke while sending model-2.safetensors to 'ada/model'. The repository has all of this push or "
        "nothing of it. Run it again: what has arrived is not sent twice"
    )
    assert error.passing
    assert ada.files("ada/model") == {}
    ada.rules.clear()
    ada.asked.clear()
    Saved(files).push_to_hub("ada/model")
    assert ada.count("PUT") == ada.count(second) == 1
    sent = ada.files("ada/model")
    assert {name: sent[name] for name in files} == files
    assert commits(ada, "ada/model") == 1


def test_an_upload_that_is_cut_once_goes_on_by_itself(ada):
    ada.on("PUT", cut_upload(10_000), times=2)
    Saved().push_to_hub("ada/model")
    assert ada.files("ada/model")["model.safetensors"] == WEIGHTS


def test_a_commit_that_is_cut_is_no_commit(ada):
    ada.on("/commit/", cut_upload(500))
    assert "The repository has all of this push or nothing of it" in str(refused(Saved().push_to_hub, "ada/model"))
    assert ada.files("ada/model") == {}


def test_a_commit_whose_answer_is_lost_is_not_made_twice(ada):
    ada.on("/commit/", cut(0))
    assert "The repository has all of this push or nothing of it" in str(refused(Saved().push_to_hub, "ada/model"))
    head = ada.repos["model", "ada/model"].refs["main"]
    assert ada.files("ada/model")["model.safetensors"] == WEIGHTS
    ada.rules.clear()
    assert open_repo("ada/model").path("config.json").read_bytes() == FILES["config.json"]
    Saved().push_to_hub("ada/model")
    assert (ada.repos["model", "ada/model"].refs["main"], commits(ada, "ada/model")) == (head, 1)


def test_a_slow_answer(ada, monkeypatch):
    class Slow(Exception):
        pass

    monkeypatch.setattr(hub_client, "SLOW", {"Slow"})
    monkeypatch.setattr("huggingface_hub.HfApi.create_commit", lambda *args, **options: raised(Slow()))
    error = refused(Saved().push_to_hub, "ada/model")
    assert str(error).startswith(f"{ada.url} was too slow while sending to 'ada/model'. Run it again")
    assert error.passing


def raised(error: Exception):
    raise error


def test_a_file_that_cannot_be_read(ada, tmp_path, monkeypatch):
    folder = write(tmp_path, FILES)
    ada.on("preupload", lambda handler: bool((folder / "config.json").unlink(missing_ok=True)))
    said = str(refused(upload_folder, folder, "ada/model"))
    assert said.startswith("a file for 'ada/model' cannot be read (FileNotFoundError: ")
    assert said.endswith("); nothing was changed")


# No way to the Hub


def test_offline_nothing_is_tried_and_connecting_is_enough(ada, monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for push, args in ((Saved().push_to_hub, ()), (upload_folder, (write(tmp_path, FILES),))):
        assert str(refused(push, *args, "ada/model")) == (
            "nothing was sent to 'ada/model': HF_HUB_OFFLINE=1 forbids asking the Hub. "
            "Connect and run it again; save_pretrained(folder) keeps a model until then"
        )
    monkeypatch.delenv("HF_HUB_OFFLINE")
    url = ada.url
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert "there is no route to http://127.0.0.1:9" in str(refused(Saved().push_to_hub, "ada/model"))
    assert not ada.asked
    monkeypatch.setenv("HF_ENDPOINT", url)
    Saved().push_to_hub("ada/model")  # in the same process: a restart would have lost the model
    assert commits(ada, "ada/model") == 1


@pytest.mark.parametrize("where", ["/api/repos/create", "preupload", "/commit/"])
def test_the_network_goes_away_in_the_middle(ada, where):
    ada.on(where, proxy_page(403))
    said = str(refused(Saved().push_to_hub, "ada/model"))
    assert said == f"the push to 'ada/model' stopped: a proxy or firewall refused {ada.url} (403)"
    ada.rules.clear()
    ada.on(where, answer(200, {}, b"Welcome to this network"))
    assert "an answer was not that of a Hub; is there a page to sign in" in str(
        refused(Saved().push_to_hub, "ada/model")
    )
    assert hub_client.offline_reason() == ""  # what is read next is not replaced by a stand-in


def test_the_server_is_gone_in_the_middle(ada):
    def leave(handler: Handler) -> bool:
        ada.__exit__()
        return hang_up(handler)

    ada.on("PUT", leave)
    said = str(refused(Saved().push_to_hub, "ada/model"))
    assert said.startswith("the push model.safetensors to 'ada/model' stopped: there is no route to http")


# Light


def test_sharing_imports_no_framework():
    heavy = "{'torch', 'tensorflow', 'keras', 'numpy', 'huggingface_hub'}"
    code = f"import json, sys, hfquick, hfquick.sharing; print(json.dumps(sorted({heavy} & set(sys.modules))))"
    assert json.loads(run(code)) == []
