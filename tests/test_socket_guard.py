"""The guard that keeps all tests on this machine does what it says."""

import os
import socket
import subprocess
import sys
import urllib.request

import pytest

from tests.helpers import socket_guard
from tests.helpers.socket_guard import NetworkRefused


def refuse(call, *args, **options):
    with pytest.raises(NetworkRefused, match="tests may only talk to this machine"):
        call(*args, **options)
    assert socket_guard.refused, "what was refused is remembered, so that no `except` can hide it"
    socket_guard.refused.clear()


def test_everything_outside_is_refused():
    for host in ("93.184.215.14", "10.0.0.1", "192.168.1.1"):
        with socket.socket() as tcp:
            refuse(tcp.connect, (host, 80))
            refuse(tcp.connect_ex, (host, 80))
        refuse(socket.create_connection, (host, 80), timeout=1)
        with socket.socket(type=socket.SOCK_DGRAM) as udp:
            refuse(udp.sendto, b"?", (host, 53))
    if socket.has_ipv6:
        with socket.socket(socket.AF_INET6) as tcp:
            refuse(tcp.connect, ("2606:4700::1111", 80))
    refuse(socket.getaddrinfo, "huggingface.co", 443)
    refuse(urllib.request.urlopen, "http://huggingface.co", timeout=1)


def test_processes_that_tests_start_are_guarded_too():
    code = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert "NetworkRefused: this test tried to reach ('192.0.2.1'" in result.stderr


def test_this_machine_is_allowed():
    with socket.create_server(("127.0.0.1", 0)) as server:
        for host in ("127.0.0.1", "localhost"):
            with socket.create_connection((host, server.getsockname()[1]), timeout=5):
                pass
    assert socket.getaddrinfo("localhost", 80)


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no sockets with a path on this system")
def test_sockets_with_a_path_are_allowed(tmp_path):
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "s"))
        server.listen()
        client.connect(str(tmp_path / "s"))


def test_the_whole_suite_is_offline():
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    assert "hfquick-tests-" in os.environ["HF_HOME"]
    for name in ("HF_TOKEN", "HF_ENDPOINT", "https_proxy", "HTTPS_PROXY"):
        assert name not in os.environ
