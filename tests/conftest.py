"""What every test gets: no network beyond this machine, an empty Hugging Face cache, quiet frameworks.

Marks `torch`, `tf` and `browser` skip a test only where the framework or a Chromium is not installed, and say so.
"""

import os
import shutil
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_home = tempfile.mkdtemp(prefix="hfquick-tests-")
os.environ.update(
    HF_HUB_OFFLINE="1",
    HF_HOME=_home,
    HF_HUB_DISABLE_TELEMETRY="1",
    HF_HUB_DISABLE_PROGRESS_BARS="1",
    HF_HUB_DISABLE_XET="1",  # a compiled client and a store of its own kind: the Hub of the tests speaks plain LFS
    HF_HUB_VERBOSITY="error",  # its log keeps a captured stream that is closed when the next test writes to it
    HFQUICK_LANG="en",
    OMP_NUM_THREADS=os.environ.get("OMP_NUM_THREADS", "1"),
    TF_CPP_MIN_LOG_LEVEL="3",
    TOKENIZERS_PARALLELISM="false",
    PYTHONPATH=os.pathsep.join(filter(None, [str(Path(__file__).parent / "guard"), os.environ.get("PYTHONPATH")])),
)
for _name in (
    "HF_ENDPOINT",
    "HF_TOKEN",
    "HF_HUB_CACHE",
    "HUGGINGFACE_HUB_CACHE",
    "TRANSFORMERS_OFFLINE",
    "HFQUICK_STAND_INS",
):
    os.environ.pop(_name, None)
for _name in ("http_proxy", "https_proxy", "all_proxy"):
    os.environ.pop(_name, None)
    os.environ.pop(_name.upper(), None)

import pytest  # noqa: E402  (what is imported from here on reads the environment above)

from hfquick import hub, zoo  # noqa: E402
from tests.helpers import socket_guard  # noqa: E402
from tests.helpers.hub_writing import WritableHub  # noqa: E402

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _missing() -> dict[str, str]:
    """Mark -> why its tests are skipped, for what is not installed here."""
    reasons = {}
    if not _version("torch"):
        reasons["torch"] = "torch is not installed"
    if not any(_version(name) for name in ("tensorflow", "tensorflow-cpu", "tensorflow-intel", "tensorflow-macos")):
        reasons["tf"] = "tensorflow is not installed"
    if not _version("playwright"):
        reasons["browser"] = "playwright is not installed"
    elif not any(map(shutil.which, CHROMIUM)):
        reasons["browser"] = "no chromium found; on Debian: apt install chromium"
    return reasons


def pytest_configure(config: pytest.Config) -> None:
    for line in ("torch: needs PyTorch", "tf: needs TensorFlow", "browser: opens a real JupyterLab in Chromium"):
        config.addinivalue_line("markers", line)
    socket_guard.install()


def pytest_unconfigure(config: pytest.Config) -> None:
    socket_guard.remove()
    shutil.rmtree(_home, ignore_errors=True)


def pytest_report_header(config: pytest.Config) -> str:
    names = ("torch", "tensorflow", "tensorflow-cpu", "keras", "tokenizers", "huggingface_hub", "ipywidgets")
    there = ", ".join(f"{name} {_version(name)}" for name in names if _version(name))
    skipped = "; ".join(f"{mark} tests are skipped: {reason}" for mark, reason in _missing().items())
    return f"hfquick: {there}" + (f"\nhfquick: {skipped}" if skipped else "")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = _missing()
    for item in items:
        for mark, reason in missing.items():
            if item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(autouse=True)
def _fresh_process():
    """No test sees the notices, or the knowledge about the network, of the one before; none may leave this machine."""
    hub.reset()
    socket_guard.refused.clear()
    yield
    hub.reset()
    assert not socket_guard.refused, f"the test tried to reach {socket_guard.refused}"


@pytest.fixture
def hub_server(monkeypatch, tmp_path):
    """A Hub of our own on this machine, which hfquick and huggingface_hub use for this test, with an empty cache."""
    from huggingface_hub import constants

    with WritableHub() as server:
        monkeypatch.delenv("HF_HUB_OFFLINE")
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hf-cache"))
        monkeypatch.setattr("hfquick.hub.client.RETRY_SECONDS", 0.01)
        yield server


@pytest.fixture
def ada(hub_server, monkeypatch, tmp_path_factory):
    """The Hub, with the token of ada in the environment; waiting between tries takes no time.

    Temporary folders have a place of their own, so that `refused` sees those of the test and no others.
    """
    monkeypatch.setenv("HF_TOKEN", "hf_known")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("temporary")))
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda seconds: None)
    return hub_server


@pytest.fixture
def embedded(monkeypatch, tmp_path):
    """Embedded models and datasets with known content, whatever the package holds."""
    root = tmp_path / "zoo"
    for name in zoo.MODELS:
        folder = root / name.removeprefix(zoo.PREFIX)
        (folder / "onnx").mkdir(parents=True)
        (folder / "config.json").write_text('{"model_type": "embedded"}')
        (folder / "onnx" / "model.onnx").write_text("embedded")
    for name in zoo.DATASETS:
        folder = root / name.removeprefix(zoo.PREFIX)
        folder.mkdir()
        (folder / "README.md").write_text("embedded")
    monkeypatch.setattr(zoo, "HERE", root)
    return root
