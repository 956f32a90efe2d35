"""A stick made by pip and installed from, with packages made on the spot: no index, no network, spaces in its path."""

import os
import subprocess
import sys

import pytest

from hfquick.commands import bundle, manifest
from hfquick.commands.launch import LaunchError, environment_python
from tests.helpers.wheels import make_clone, make_wheel

SYSTEM, MACHINE, PYTHON = manifest.this_system()


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder pip finds packages in, and nothing else."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", folder.as_uri())
    return folder


def test_a_learner_installs_from_a_stick_with_one_command(index, tmp_path):
    make_wheel(index, "standin-torch", needs=("standin-arrays>=1",))
    make_wheel(index, "standin-arrays", "1.0")
    make_wheel(index, "standin-arrays", "2.0")
    clone = make_clone(tmp_path / "clone", "standin-torch==1.0\n")
    stick, home = tmp_path / "clé USB", tmp_path / "my home"
    bundle.make_bundle(stick, clone=clone)
    assert manifest.read_manifest(stick).targets[0].wheels == [
        "standin_arrays-2.0-py3-none-any.whl",
        "standin_torch-1.0-py3-none-any.whl",
    ]
    before = sorted(stick.rglob("*"))
    # The class: the index is gone, and pip's settings lead nowhere.
    for path in index.iterdir():
        path.unlink()
    environment = {name: value for name, value in os.environ.items() if name not in ("PIP_NO_INDEX", "PIP_FIND_LINKS")}
    environment |= {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "HOME": str(home), "HFQUICK_LANG": "en"}
    command = [sys.executable, str(stick / "install.py"), str(home / "hfquick"), "--no-tour"]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "installed; to open the tour again" in done.stdout
    assert sorted(stick.rglob("*")) == before  # nothing is written on it
    python = environment_python(home / "hfquick" / ".venv")
    code = "import hfquick, standin_torch, standin_arrays; print(standin_arrays.version, hfquick.__file__)"
    bare = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    shown = subprocess.run([python, "-c", code], env=bare, cwd=home, capture_output=True, text=True, check=True).stdout
    assert shown.split(maxsplit=1) == ["2.0", f"{home / 'hfquick' / 'hfquick' / '__init__.py'}\n"]
    # A second time there is nothing to install, and nothing to fetch.
    again = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert again.returncode == 0
    assert "installing" not in again.stdout


def test_markers_are_those_of_the_system_the_stick_is_for(index, tmp_path):
    make_wheel(
        index,
        "standin-torch",
        needs=(
            'for-windows; sys_platform == "win32"',
            'for-mac; platform_system == "Darwin" and platform_machine == "arm64"',
            'for-linux; os_name == "posix" and sys_platform == "linux"',
            'for-older; python_version < "3.11"',
            'for-newer; python_version >= "3.11"',
        ),
    )
    for name in ("for-windows", "for-mac", "for-linux", "for-older", "for-newer"):
        make_wheel(index, name)
    clone = make_clone(tmp_path / "clone", "standin-torch==1.0\n")
    listed = bundle.make_bundle(tmp_path / "stick", ["windows", "macos", "linux"], ["3.10"], clone=clone)
    found = [[name.partition("-")[0] for name in target.wheels] for target in listed.targets]
    assert found == [
        ["for_older", "for_windows", "standin_torch"],
        ["for_mac", "for_older", "standin_torch"],
        ["for_linux", "for_older", "standin_torch"],
    ]


def test_what_was_downloaded_is_kept_and_what_is_damaged_is_fetched_again(index, tmp_path, capfd):
    original = make_wheel(index, "standin-torch").read_bytes()
    clone = make_clone(tmp_path / "clone", "standin-torch==1.0\n")
    stick = tmp_path / "stick"
    bundle.make_bundle(stick, clone=clone)
    wheel = stick / "wheels" / "standin_torch-1.0-py3-none-any.whl"
    os.utime(wheel, (1e9, 1e9))
    bundle.make_bundle(stick, clone=clone)
    assert wheel.stat().st_mtime == 1e9
    wheel.write_bytes(b"half of it")
    bundle.make_bundle(stick, clone=clone)
    assert wheel.read_bytes() == original


def test_a_build_with_cuda_is_refused_before_its_packages_are_fetched(index, tmp_path):
    make_wheel(
        index,
        "standin-torch",
        needs=('nvidia-cudnn==9.1; platform_system == "Linux"', 'nvidia-extra; extra == "and-cuda"'),
    )
    clone = make_clone(tmp_path / "clone", "standin-torch==1.0\n")
    with pytest.raises(
        LaunchError, match=r"Linux .* the package index has standin-torch with CUDA.*PIP_EXTRA_INDEX_URL"
    ):
        bundle.make_bundle(tmp_path / "stick", ["linux"], clone=clone)
    assert bundle.make_bundle(tmp_path / "stick", ["windows"], clone=clone).complete


def test_packages_that_cannot_be_had_are_a_sentence(index, tmp_path, capfd):
    clone = make_clone(tmp_path / "clone", "standin-torch==1.0\n")
    with pytest.raises(LaunchError, match=r"pip could not get the packages for Windows \(AMD64\), Python 3\.12"):
        bundle.make_bundle(tmp_path / "stick", ["windows"], ["3.12"], clone=clone)
    assert "standin-torch" in capfd.readouterr().err


def test_a_pip_that_does_not_take_markers_says_so(monkeypatch, capsys):
    from pip._vendor.packaging import markers

    from hfquick.commands import pip_elsewhere

    monkeypatch.setattr("pip._internal.cli.main.main", lambda arguments: 0)
    monkeypatch.setattr(markers, "default_environment", markers.default_environment)
    assert pip_elsewhere.main(['{"sys_platform": "win32"}', "help"]) == 0
    monkeypatch.setattr(markers.Marker, "evaluate", lambda self, environment=None: False)
    assert pip_elsewhere.main(['{"sys_platform": "win32"}', "help"]) == 2
    assert "does not take the markers of another system" in capsys.readouterr().err
    monkeypatch.delattr(markers, "default_environment")
    assert pip_elsewhere.main(['{"sys_platform": "win32"}', "help"]) == 2
    assert "pip's own modules are not where they were" in capsys.readouterr().err
