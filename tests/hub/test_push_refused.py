"""Pushes that a Hub of our own refuses, or a connection breaks: a sentence each time, and no half of a model."""

import re

import pytest

from hfquick.hub import client as hub_client
from hfquick.hub.push import upload_folder
from hfquick.hub.repository import open_repo
from tests.helpers.hub_server import Handler, answer, cut, etag, hang_up, proxy_page
from tests.helpers.hub_writing import cut_upload
from tests.helpers.sharing import FILES, WEIGHTS, Saved, commits, refused, write

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

    monkeypatch.setattr("hfquick.hub.errors.SLOW", {"Slow"})
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
