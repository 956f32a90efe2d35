"""repository.py and client.py against a Hub of our own that fails in every way it can."""

import threading
import time
from pathlib import Path

import pytest

from hfquick import hub
from hfquick.hub import client as hub_client
from hfquick.hub.repository import HubError, open_repo
from tests.helpers.hub import FAMOUS, fails, run, sentence
from tests.helpers.hub_server import answer, cut, hang_up, proxy_page, slow

FILES = {
    "config.json": b'{"model_type": "distilbert"}',
    "model.safetensors": bytes(range(256)) * 400,
    "onnx/model.onnx": b"o",
}


# A Hub that works


def test_files_are_fetched_once_and_one_by_one(hub_server, capsys):
    commit = hub_server.add("someone/model", FILES, lfs=["model.safetensors"])
    repo = open_repo("someone/model")
    assert hub_server.count() == 2  # the probe and the list of files
    assert repo.files() == sorted(FILES)
    assert repo.find("tf_model.h5", "pytorch_model.bin", "model.safetensors").read_bytes() == FILES["model.safetensors"]
    assert hub_server.count("tf_model|pytorch_model|config.json") == 1  # the probe alone: absent names cost nothing
    assert hub_server.count("/cdn/") == 1
    assert repo.find("onnx/model.onnx").read_bytes() == b"o"
    before = len(hub_server.asked)
    for _ in range(3):
        path = repo.path("model.safetensors")
    assert len(hub_server.asked) == before
    assert commit in path.parts
    assert open_repo("someone/model").path("model.safetensors") == path
    assert [asked.path for asked in hub_server.asked[before:]] == ["/api/models/someone/model"]  # no list is kept
    before = len(hub_server.asked)
    assert (repo.source, repo.stand_in_for, capsys.readouterr().out) == ("hub", None, "")
    with pytest.raises(
        HubError, match=r"has no model.safetensor; did you mean 'model.safetensors'\?; it has config.json"
    ):
        repo.path("model.safetensor")
    assert len(hub_server.asked) == before


def test_another_process_asks_one_question_for_what_it_has(hub_server):
    hub_server.add("someone/model", FILES)
    open_repo("someone/model").path("config.json")
    hub.reset()
    hub_server.asked.clear()
    open_repo("someone/model").path("config.json")
    assert [(asked.method, asked.path) for asked in hub_server.asked] == [
        ("HEAD", "/distilbert/distilbert-base-uncased/resolve/main/config.json"),
        ("GET", "/api/models/someone/model"),
    ]


def test_what_was_fetched_is_there_without_a_network(hub_server, monkeypatch, embedded, capsys):
    hub_server.add("distilbert/distilbert-base-uncased", FILES)
    hub_server.rename(FAMOUS, "distilbert/distilbert-base-uncased")
    assert open_repo(FAMOUS).path("config.json").read_bytes() == FILES["config.json"]
    assert hub_server.count("GET /api/models/distilbert/distilbert-base-uncased$") == 1  # redirected
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    hub.reset()
    before = len(hub_server.asked)
    for name in (FAMOUS, "distilbert/distilbert-base-uncased"):  # both spellings: it is one model
        for only in (True, False):
            repo = open_repo(name, local_files_only=only)
            assert (repo.source, repo.stand_in_for) == ("hub", None)
            assert repo.path("config.json").read_bytes() == FILES["config.json"]
            assert repo.find("model.safetensors") is None
            with pytest.raises(HubError) as error:
                repo.path("model.safetensors")
            assert "These are the files in the cache; more cannot be fetched" in str(error.value)
            assert "its tiny stand-in 'hfquick/distilbert-tiny-en' loads by its own name" in str(error.value)
    assert len(hub_server.asked) == before
    assert capsys.readouterr().out == ""


def test_huggingface_hub_itself_finds_what_we_fetched_and_the_other_way_round(hub_server, tmp_path):
    from huggingface_hub import hf_hub_download

    hub_server.add("someone/model", FILES)
    ours = open_repo("someone/model").path("config.json")
    assert Path(hf_hub_download("someone/model", "config.json", local_files_only=True)) == ours
    theirs = hf_hub_download("someone/model", "onnx/model.onnx", endpoint=hub_server.url)
    assert open_repo("someone/model", local_files_only=True, subfolder="onnx").path("model.onnx") == Path(theirs)


def test_revisions_subfolders_and_new_commits(hub_server):
    old = hub_server.add("someone/model", {"config.json": b"old"}, tags=["v1"])
    assert open_repo("someone/model").path("config.json").read_bytes() == b"old"
    hub_server.add("someone/model", {"config.json": b"new", "sub/config.json": b"sub"})
    hub.reset()
    pinned = open_repo("someone/model")
    assert pinned.path("config.json").read_bytes() == b"new"
    assert open_repo("someone/model", subfolder="sub/").files() == ["config.json"]
    assert open_repo("someone/model", subfolder="sub").path("config.json").read_bytes() == b"sub"
    for revision in ("v1", old):
        assert open_repo("someone/model", revision=revision).path("config.json").read_bytes() == b"old"
        assert (
            open_repo("someone/model", revision=revision, local_files_only=True).path("config.json").read_bytes()
            == b"old"
        )
    assert open_repo("someone/model", local_files_only=True).path("config.json").read_bytes() == b"new"
    hub_server.add("someone/model", {"config.json": b"newest", "sub/config.json": b"newest"})
    assert pinned.path("sub/config.json").read_bytes() == b"sub"  # all files of a Repo are of one commit


def test_cache_dir_and_force_download(hub_server, tmp_path):
    hub_server.add("someone/model", FILES)
    repo = open_repo("someone/model", cache_dir=tmp_path / "elsewhere")
    assert (tmp_path / "elsewhere") in repo.path("config.json").parents
    damaged = repo.path("config.json").resolve()
    damaged.write_bytes(b"damaged")
    assert open_repo("someone/model", cache_dir=tmp_path / "elsewhere").path("config.json").read_bytes() == b"damaged"
    again = open_repo("someone/model", cache_dir=str(tmp_path / "elsewhere"), force_download=True)
    hub_server.asked.clear()
    for _ in range(2):
        assert again.path("config.json").read_bytes() == FILES["config.json"]
    assert hub_server.count("GET .*config.json") == 1


def test_threads_share_one_download(hub_server):
    hub_server.add("someone/model", FILES, lfs=["model.safetensors"])
    hub_server.on("GET /cdn/", slow(0.2))
    found = []
    ask = [lambda: found.append(open_repo("someone/model").path("model.safetensors"))] * 4
    threads = [threading.Thread(target=one) for one in ask]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert {path.read_bytes() for path in found} == {FILES["model.safetensors"]}
    assert hub_server.count("/cdn/") == 1


def test_a_damaged_note_in_the_cache_is_not_followed(hub_server, tmp_path):
    hub_server.add("someone/model", FILES)
    ref = open_repo("someone/model").path("config.json").parents[2] / "refs" / "main"
    for text in ("", "..", "../../other", "zz"):
        ref.write_text(text)
        assert "is not in the cache" in sentence("someone/model", local_files_only=True)
    open_repo("someone/model").path("config.json")  # mends it
    assert open_repo("someone/model", local_files_only=True).path("config.json").is_file()


def test_a_cache_that_cannot_be_written(hub_server, tmp_path):
    hub_server.add("someone/model", FILES)
    (tmp_path / "file").write_text("")
    repo = open_repo("someone/model", cache_dir=tmp_path / "file")
    with pytest.raises(HubError, match=r"config.json of 'someone/model' cannot be kept in .*another cache_dir"):
        repo.path("config.json")


def test_datasets(hub_server):
    hub_server.add("someone/data", {"train.csv": b"a,b"}, kind="dataset")
    repo = open_repo("someone/data", repo_type="dataset")
    assert repo.path("train.csv").read_bytes() == b"a,b"
    assert open_repo("someone/data", repo_type="dataset", local_files_only=True).path("train.csv").is_file()
    assert "the Hub shows no model 'someone/data'" in sentence("someone/data")


def test_the_size_of_a_large_file_is_said_first(hub_server, monkeypatch, capsys):
    monkeypatch.setattr(hub_client, "LARGE", 100_000)
    hub_server.add("someone/model", FILES, lfs=["model.safetensors"])
    for _ in range(2):
        open_repo("someone/model").path("config.json")
        open_repo("someone/model").path("model.safetensors")
    assert capsys.readouterr().out == "fetching model.safetensors of 'someone/model': 0 MB\n"


def test_tokens(hub_server, monkeypatch, tmp_path):
    hub_server.add("someone/private", FILES, lfs=["model.safetensors"], readers=["hf_known"])
    hub_server.add("someone/gated", FILES, accepted=["hf_accepted"])
    repo = open_repo("someone/private", token="hf_known")
    assert repo.path("model.safetensors").read_bytes() == FILES["model.safetensors"]  # the CDN refuses a token
    said = sentence("someone/private")
    assert said.startswith("the Hub shows no model 'someone/private'. Check the spelling; if it is private, log in")
    assert said.endswith("`hf auth login` or set HF_TOKEN. A copy is in the cache: local_files_only=True loads it")
    assert fails("someone/private", cache_dir=tmp_path / "empty").status == 401
    with pytest.raises(
        HubError, match=r"'someone/gated' is gated: accept its conditions at http.*, then log in with"
    ) as error:
        open_repo("someone/gated").path("config.json")
    assert error.value.status == 401
    with pytest.raises(HubError, match=r"gated: accept .*, and wait until the access is granted to your account"):
        open_repo("someone/gated", token="hf_known").path("config.json")
    assert open_repo("someone/gated", token="hf_accepted").path("config.json").is_file()
    assert "the Hub refused the token (Invalid credentials" in sentence("someone/open", token="hf_wrong")
    assert "hf_wrong" not in sentence("someone/open", token="hf_wrong")
    assert "token=True asks for the token kept here, and there is none" in sentence("someone/open", token=True)
    monkeypatch.setenv("HF_TOKEN", "hf_known")
    hub.reset()
    assert open_repo("someone/private", cache_dir=None).files()


# A Hub that says no: never a stand-in


def test_unknown_ids_revisions_and_files(hub_server, embedded, capsys):
    said = sentence("distilbert-base-uncasd")
    assert said.startswith("the Hub shows no model 'distilbert-base-uncasd'; did you mean 'distilbert-base-uncased'")
    assert fails(FAMOUS).status == 401
    assert fails(FAMOUS, token="hf_known").status == 404
    assert f"did you mean {FAMOUS!r}" not in sentence(FAMOUS)
    hub_server.add(FAMOUS, FILES)
    said = sentence(FAMOUS, revision="v9")
    assert said.startswith("'distilbert-base-uncased' has no revision 'v9'; its branches and tags: http")
    assert open_repo(FAMOUS).find("absent.json") is None
    hub_server.on("resolve/.*/config.json", answer(404, {"X-Error-Code": "EntryNotFound"}))
    with pytest.raises(HubError, match=r"'distilbert-base-uncased' has no file 'config.json'; its files are at "):
        open_repo(FAMOUS).path("config.json")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (429, {"Retry-After": "41"}, r"asked too often from here \(429\); try again in 41 s"),
        (429, {"RateLimit": '"api";r=0;t=55'}, "try again in 55 s"),
        (429, {}, "try again in some minutes"),
        (
            500,
            {},
            r"the Hub is out of order \(500\) when asked for 'distilbert-base-uncased'; try again in some minutes",
        ),
        (503, {}, "out of order"),
        (403, {}, "the Hub does not let this account read 'distilbert-base-uncased'; ask its owner at "),
        (403, {"X-Error-Message": "Plan too small"}, r"read 'distilbert-base-uncased' \(Plan too small\); ask"),
        (401, {"X-Error-Message": "Invalid credentials in Authorization header"}, "refused the token"),
        (418, {"X-Error-Message": "teapot"}, "the Hub answered 418 when asked for 'distilbert-base-uncased': teapot"),
    ],
)
def test_every_no_is_a_sentence_in_little_time_and_no_stand_in(hub_server, embedded, capsys, status, headers, expected):
    hub_server.add(FAMOUS, FILES)
    hub_server.on("/api/", answer(status, headers))
    start = time.monotonic()
    with pytest.raises(HubError, match=expected) as error:
        open_repo(FAMOUS)
    assert error.value.status == status
    hub.reset()
    hub_server.rules.clear()
    hub_server.on("/resolve/main/|/resolve/[0-9a-f]{40}/", answer(status, headers))
    with pytest.raises(HubError) as error:  # the same at the first file
        open_repo(FAMOUS).path("config.json")
    assert error.value.status == status
    assert time.monotonic() - start < 3
    assert capsys.readouterr().out == ""


def test_one_hiccup_is_not_an_error(hub_server):
    hub_server.add("someone/model", FILES)
    hub_server.on("/api/models", answer(503), times=1)
    hub_server.on("HEAD .*someone/model/resolve", answer(500), times=1)
    assert open_repo("someone/model").path("config.json").read_bytes() == FILES["config.json"]


@pytest.mark.parametrize("status", [429, 503])
def test_a_hub_out_of_order_leaves_the_cache(hub_server, embedded, capsys, status):
    hub_server.add(FAMOUS, FILES)
    open_repo(FAMOUS).path("config.json")
    hub.reset()
    hub_server.on("/api/", answer(status))
    for _ in range(2):
        repo = open_repo(FAMOUS)
        assert (repo.source, repo.stand_in_for) == ("hub", None)
        assert repo.path("config.json").read_bytes() == FILES["config.json"]
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert out.endswith("; what is in the cache is used\n")
    with pytest.raises(HubError, match="more cannot be fetched: the Hub is out of order"):
        repo.path("model.safetensors")
    assert fails(FAMOUS, force_download=True).status == status


# Connections that break


def test_a_download_that_is_cut_resumes(hub_server, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 10_000)
    hub_server.add("someone/model", FILES, lfs=["model.safetensors"])
    hub_server.on("GET /cdn/", cut(70_000), times=1)
    assert open_repo("someone/model").path("model.safetensors").read_bytes() == FILES["model.safetensors"]
    ranges = [asked.headers.get("range") for asked in hub_server.asked if asked.path.startswith("/cdn/")]
    assert ranges == [None, "bytes=70000-"]


def test_a_download_that_is_cut_again_and_again_leaves_nothing(hub_server, monkeypatch, tmp_path, embedded, capsys):
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda seconds: None)
    hub_server.add(FAMOUS, FILES, lfs=["model.safetensors"])
    hub_server.on("GET /cdn/", cut(0))
    repo = open_repo(FAMOUS)
    with pytest.raises(
        HubError, match=r"the connection broke at model.safetensors of .*; nothing of it counts as fetched"
    ):
        repo.path("model.safetensors")
    hub_server.rules.clear()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert not list((tmp_path / "hf-cache").rglob("model.safetensors"))
    assert hub_client.cached_snapshot(repo._wanted) is None
    monkeypatch.delenv("HF_HUB_OFFLINE")
    assert repo.path("model.safetensors").read_bytes() == FILES["model.safetensors"]
    assert "stand-in" not in capsys.readouterr().out


def test_a_file_of_the_wrong_length_is_refused(hub_server, tmp_path):
    hub_server.add("someone/model", FILES, lfs=["model.safetensors"])
    hub_server.on("GET /cdn/", answer(200, {}, b"short"))
    with pytest.raises(HubError, match=r"model.safetensors of 'someone/model' could not be fetched .*; run it again"):
        open_repo("someone/model").path("model.safetensors")
    assert not list((tmp_path / "hf-cache").rglob("model.safetensors"))


@pytest.mark.parametrize("force", [False, True])
def test_a_file_of_the_right_length_and_another_content_is_not_kept(hub_server, tmp_path, force):
    hub_server.add("someone/model", FILES, lfs=["model.safetensors"])
    body = FILES["model.safetensors"]
    if force:
        open_repo("someone/model").path("model.safetensors")
    hub_server.on("GET /cdn/", answer(200, {}, body[:-1] + b"x"))
    with pytest.raises(HubError, match=r"model.safetensors of 'someone/model' came with another content than the Hub"):
        open_repo("someone/model", force_download=force).path("model.safetensors")
    assert not any(
        path.read_bytes() == body[:-1] + b"x" for path in (tmp_path / "hf-cache").rglob("*") if path.is_file()
    )
    hub_server.rules.clear()
    assert open_repo("someone/model").path("model.safetensors").read_bytes() == body


def test_a_connection_that_breaks_before_an_answer(hub_server, embedded):
    hub_server.add(FAMOUS, FILES)
    hub_server.on("/api/", hang_up)
    assert "the connection broke at 'distilbert-base-uncased'" in sentence(FAMOUS)


def test_a_slow_answer(hub_server, embedded, monkeypatch):
    monkeypatch.setattr(hub_client, "ANSWER_SECONDS", 0.3)
    hub_server.add(FAMOUS, FILES)
    hub_server.on("/api/", slow(0.8))
    assert "was too slow when asked for 'distilbert-base-uncased'; try again later" in sentence(FAMOUS)
    hub_server.rules.clear()
    repo = open_repo(FAMOUS)
    hub_server.on("HEAD .*resolve", slow(0.8))
    with pytest.raises(HubError, match=r"was too slow when asked for config.json of"):
        repo.path("config.json")


# No way to the Hub


def test_the_probe_takes_two_seconds_at_most_and_once(hub_server, embedded, monkeypatch, capsys):
    assert hub_client.PROBE_SECONDS == 2
    monkeypatch.setattr(hub_client, "PROBE_SECONDS", 0.3)
    hub_server.on("HEAD /distilbert/", slow(1.5))
    start = time.monotonic()
    threads = [threading.Thread(target=open_repo, args=(FAMOUS,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0.3 <= time.monotonic() - start < 1.4
    assert hub_server.count() == 1
    assert hub.is_offline()
    assert "did not answer within 0.3 s (HF_HUB_OFFLINE=0 waits longer)" in hub.offline_reason()
    assert capsys.readouterr().out.count("stand-in") == 1


def test_a_name_lookup_that_hangs_is_not_waited_for(hub_server, monkeypatch):
    from huggingface_hub import utils

    class Session:
        def head(self, *args, **options):
            time.sleep(3)

    monkeypatch.setattr(utils, "get_session", Session)
    monkeypatch.setattr(hub_client, "PROBE_SECONDS", 0.2)
    start = time.monotonic()
    assert hub.is_offline()
    assert time.monotonic() - start < 1


def test_a_slow_network_can_be_declared(hub_server, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    hub_server.add(FAMOUS, FILES)
    assert not hub.is_offline()
    assert open_repo(FAMOUS).source == "hub"
    assert hub_server.count("HEAD /distilbert/") == 0


def test_nobody_listens(hub_server, embedded, monkeypatch, capsys):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert open_repo(FAMOUS).stand_in_for == FAMOUS
    assert "there is no route to http://127.0.0.1:9 (" in sentence("someone/model")
    assert "Connect and restart the kernel" in sentence("someone/model")


def test_the_network_goes_away_after_the_probe(hub_server, embedded, monkeypatch, capsys):
    hub_server.add(FAMOUS, FILES)
    hub_server.add("someone/model", FILES)
    assert not hub.is_offline()
    repo = open_repo(FAMOUS)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(HubError, match=r"config.json of 'distilbert-base-uncased' was not fetched: there is no route"):
        repo.path("config.json")
    assert hub.is_offline()  # the next question does not wait again
    assert open_repo(FAMOUS).stand_in_for == FAMOUS
    hub.reset()
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    assert open_repo(FAMOUS).stand_in_for == FAMOUS


@pytest.mark.parametrize("where", ["HEAD /distilbert/", "/api/", "/"])
@pytest.mark.parametrize("status", [200, 403, 407, 511])
def test_the_page_of_a_proxy_counts_as_no_route(hub_server, embedded, capsys, where, status):
    hub_server.add(FAMOUS, FILES)
    hub_server.on(where, proxy_page(status))
    assert open_repo(FAMOUS).stand_in_for == FAMOUS
    assert hub.is_offline()
    assert capsys.readouterr().out.startswith("offline: 'distilbert-base-uncased' is replaced")
    said = sentence("someone/model")
    assert f"a proxy or firewall refused {hub_server.url} ({status})" in said or "sign in to this network" in said


def test_a_proxy_that_refuses_files_only(hub_server, embedded):
    hub_server.add(FAMOUS, FILES)
    hub_server.on(f"/{FAMOUS}/resolve/[0-9a-f]", proxy_page(403))
    with pytest.raises(
        HubError, match=r"config.json of 'distilbert-base-uncased' was not fetched: a proxy or firewall"
    ):
        open_repo(FAMOUS).path("config.json")


def test_a_proxy_of_the_environment_is_used(hub_server, embedded, monkeypatch):
    """Another process, since the HTTP client reads the environment when it is made."""
    hub_server.on("http://hub.example", proxy_page(403))
    code = "from hfquick.hub import offline_reason; print(offline_reason())"
    out = run(code, HF_ENDPOINT="http://hub.example", http_proxy=hub_server.url, HF_HUB_OFFLINE="")
    assert out == "a proxy or firewall refused http://hub.example (403)"


def test_the_environment_alone_is_enough(hub_server, tmp_path):
    hub_server.add("someone/model", FILES, lfs=["model.safetensors"])
    code = "from hfquick.hub import open_repo; print(open_repo('someone/model').path('model.safetensors'))"
    home = {"HF_HOME": str(tmp_path / "home"), "HF_ENDPOINT": hub_server.url}
    path = run(code, HF_HUB_OFFLINE="", **home)
    assert Path(path).read_bytes() == FILES["model.safetensors"]
    before = len(hub_server.asked)
    assert run(code, HF_HUB_OFFLINE="1", **home) == path
    assert len(hub_server.asked) == before
