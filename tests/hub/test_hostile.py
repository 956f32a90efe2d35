"""client.py against a Hub, or somebody in between, that means harm, or never comes to an end."""

import time

import pytest

from hfquick import hub
from hfquick.hub import client as hub_client
from hfquick.hub.repository import HubError, open_repo
from tests.helpers.hub import sentence
from tests.helpers.hub_server import answer
from tests.hub.test_client import FILES

# Names of files

OUTSIDE = ["/{outside}", "../../{outside}", "..", ".", "a/b", "a\\b", "x" * 129, ""]


@pytest.mark.parametrize("second", [False, True])
@pytest.mark.parametrize("header", ["ETag", "X-Linked-Etag"])
@pytest.mark.parametrize("mark", OUTSIDE)
def test_an_etag_never_names_a_file_outside_the_cache(hub_server, tmp_path, header, mark, second):
    """huggingface_hub joins it to the cache's folder; its own question, the second one, may get another answer."""
    commit = hub_server.add("someone/model", FILES)
    victim = tmp_path / "outside" / "evil.pth"
    victim.parent.mkdir()
    value = mark.format(outside=str(victim).lstrip("/"))
    asked = []

    def lie(handler):
        asked.append(handler.command)
        if second and len(asked) == 1:
            return False
        headers = {"X-Repo-Commit": commit, "ETag": '"fine"', "X-Linked-Size": "28", header: f'"{value}"'}
        handler.reply(200, FILES["config.json"], headers)
        return True

    hub_server.on("(HEAD|GET) /someone/model/resolve", lie)
    with pytest.raises(HubError, match=r"was refused: its ETag is .* could name a file outside the cache"):
        open_repo("someone/model").path("config.json")
    assert not list(victim.parent.iterdir())
    assert not list((tmp_path / "hf-cache").rglob("*evil*"))


@pytest.mark.parametrize("status", [200, 404])
def test_a_commit_never_names_a_file_outside_the_cache(hub_server, tmp_path, status):
    """Of a file that is missing, huggingface_hub keeps a note under the commit that the answer names."""
    hub_server.add("someone/model", FILES)
    victim = tmp_path / "outside"
    asked = []

    def lie(handler):
        asked.append(handler.command)
        if len(asked) == 1:
            return False
        headers = {"X-Repo-Commit": str(victim), "ETag": "fine"}
        if status == 404:
            headers["X-Error-Code"] = "EntryNotFound"
        handler.reply(status, b"", headers)
        return True

    hub_server.on("HEAD /someone/model/resolve", lie)
    with pytest.raises(HubError, match="was refused: its X-Repo-Commit is "):
        open_repo("someone/model").path("config.json")
    assert not victim.exists()


# A Hub that never ends


def drip(seconds: float, headers: bool):
    """An answer that comes byte by byte; each of them starts the time limits of a connection anew."""

    def action(handler):
        lines = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n"
        if not headers:
            lines += b"\r\n"
            handler.wfile.write(lines)
            lines = b" " * 100_000
        end = time.monotonic() + seconds
        for byte in lines:
            if time.monotonic() > end:
                break
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(0.02)
        handler.close_connection = True
        return True

    return action


@pytest.mark.parametrize("headers", [True, False])
@pytest.mark.parametrize("where", ["/api/", "HEAD .*someone/model/resolve"])
def test_an_answer_that_drips(hub_server, monkeypatch, headers, where):
    monkeypatch.setattr(hub_client, "ALL_SECONDS", 0.4)
    hub_server.add("someone/model", FILES)
    hub_server.on(where, drip(3, headers or "HEAD" in where))
    with pytest.raises(HubError, match=r"was too slow when asked for .*'someone/model'; try again later"):
        open_repo("someone/model").path("config.json")


def test_a_download_that_drips(hub_server, monkeypatch, tmp_path):
    monkeypatch.setattr(hub_client, "SLOW_SECONDS", 0.2)
    hub_server.add("someone/model", FILES, lfs=["model.safetensors"])
    hub_server.on("GET /cdn/", drip(5, headers=False))
    with pytest.raises(HubError, match=r"was too slow when asked for model.safetensors of 'someone/model'"):
        open_repo("someone/model").path("model.safetensors")
    assert not list((tmp_path / "hf-cache").rglob("model.safetensors"))


def test_a_download_that_does_not_end(hub_server):
    def endless(handler):
        handler.send_response(200)
        handler.end_headers()
        handler.close_connection = True
        for _ in range(200):
            handler.wfile.write(bytes(100_000))
        return True

    hub_server.add("someone/model", FILES, lfs=["model.safetensors"])
    hub_server.on("GET /cdn/", endless)
    with pytest.raises(HubError, match="more than its 102,400 bytes came"):
        open_repo("someone/model").path("model.safetensors")


@pytest.mark.parametrize("headers", [{"Retry-After": "100000"}, {"RateLimit": '"resolvers";r=0;t=100000'}])
def test_a_wait_of_hours_is_said(hub_server, headers):
    hub_server.add("someone/model", FILES, lfs=["model.safetensors"])
    hub_server.on("GET /cdn/", answer(429, headers))
    with pytest.raises(HubError, match=r"asked too often from here \(429\); try again in 100000 s"):
        open_repo("someone/model").path("model.safetensors")


def test_a_short_wait_is_waited(hub_server, monkeypatch):
    waited = []
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", waited.append)
    hub_server.add("someone/model", FILES, lfs=["model.safetensors"])
    hub_server.on("GET /cdn/", answer(429, {"Retry-After": "3"}), times=1)
    assert open_repo("someone/model").path("model.safetensors").read_bytes() == FILES["model.safetensors"]
    assert 4.0 in waited


def test_the_password_of_a_mirror_is_in_no_message(hub_server, embedded, monkeypatch):
    hub_server.tokens = frozenset({"Basic bWU6c2VjcmV0"})  # how the password is sent
    hub_server.add("someone/model", FILES)
    hub_server.on("/api/models/someone/slow", answer(403))
    monkeypatch.setenv("HF_ENDPOINT", hub_server.url.replace("://", "://me:secret@"))
    errors = [sentence("someone/slow"), sentence("someone/model", revision="v9")]
    hub_server.on("HEAD .*someone/model/resolve", answer(200, {"X-Repo-Commit": "a" * 40, "ETag": "../x"}))
    with pytest.raises(HubError) as error:
        open_repo("someone/model").path("config.json")
    errors.append(str(error.value))
    monkeypatch.setenv("HF_ENDPOINT", "http://me:secret@127.0.0.1:9")
    hub.reset()
    errors.append(sentence("someone/model"))
    for message in errors:
        assert "http://127.0.0.1:" in message
        assert "secret" not in message
