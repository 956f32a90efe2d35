"""The launcher: .venv is whole or made again, a learner's changes are kept, JupyterLab opens on the tour."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from hfquick.commands import launch

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def clone(tmp_path):
    """A clone with two small requirements files."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "base.txt").write_text("numpy\n")
    (tmp_path / "requirements" / "tour.txt").write_text("-r base.txt\ntorch\n")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    return tmp_path


@pytest.fixture
def pip(monkeypatch):
    """Commands given to pip instead of running it, and empty environments instead of real ones."""
    given = []

    def create(folder, with_pip):
        given.append("new environment")
        python = launch.environment_python(folder)
        python.parent.mkdir(parents=True)
        python.touch()
        (folder / "pyvenv.cfg").touch()

    monkeypatch.setattr(launch.venv, "create", create)
    monkeypatch.setattr(launch, "run_pip", lambda python, *arguments: given.append(arguments[1]))
    return given


def test_requirements_are_read_with_the_files_they_name(clone):
    assert launch.read_requirements("tour", clone) == "numpy\ntorch"


def test_an_environment_is_made_once_and_brought_up_to_date(clone, pip, capsys):
    python = launch.make_environment("tour", clone, clone / ".venv")
    assert python == launch.environment_python(clone / ".venv")
    assert pip == ["new environment", "-r", "--no-deps"]
    assert "making the virtual environment" in capsys.readouterr().out
    launch.make_environment("tour", clone, clone / ".venv")
    assert len(pip) == 3  # nothing to do
    (clone / "requirements" / "base.txt").write_text("numpy>=2\n")
    launch.make_environment("tour", clone, clone / ".venv")
    assert pip[3:] == ["-r", "--no-deps"]  # an included file counts; the environment itself stays


def test_a_second_part_keeps_the_first(clone, pip):
    (clone / "requirements" / "dev.txt").write_text("-r tour.txt\npytest\n")
    launch.make_environment("tour", clone, clone / ".venv")
    launch.make_environment("dev", clone, clone / ".venv")
    launch.make_environment("tour", clone, clone / ".venv")
    assert pip == ["new environment", "-r", "--no-deps", "-r", "--no-deps"]


def test_an_installation_that_was_cut_starts_afresh(clone, pip, monkeypatch):
    with monkeypatch.context() as patch:

        def cut(python, *arguments):
            raise KeyboardInterrupt

        patch.setattr(launch, "run_pip", cut)
        with pytest.raises(KeyboardInterrupt):
            launch.make_environment("tour", clone, clone / ".venv")
    assert not (clone / ".venv" / "hfquick-done.json").exists()
    launch.make_environment("tour", clone, clone / ".venv")
    assert pip == ["new environment", "new environment", "-r", "--no-deps"]


def test_an_update_that_was_cut_starts_afresh(clone, pip, monkeypatch):
    launch.make_environment("tour", clone, clone / ".venv")
    (clone / "requirements" / "base.txt").write_text("numpy>=2\n")
    with monkeypatch.context() as patch:
        patch.setattr(launch, "run_pip", lambda *arguments: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            launch.make_environment("tour", clone, clone / ".venv")
    pip.clear()
    launch.make_environment("tour", clone, clone / ".venv")
    assert pip[0] == "new environment"


def test_an_environment_that_was_cut_while_it_was_made_starts_afresh(clone, pip, monkeypatch):
    def cut(folder, with_pip):
        (folder / "lib").mkdir()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(launch.venv, "create", cut)
        with pytest.raises(KeyboardInterrupt):
            launch.make_environment("tour", clone, clone / ".venv")
    launch.make_environment("tour", clone, clone / ".venv")
    assert pip == ["new environment", "-r", "--no-deps"]
    assert not (clone / ".venv" / "lib").exists()


def test_an_environment_somebody_made_is_kept(clone, pip):
    python = launch.environment_python(clone / ".venv")
    python.parent.mkdir(parents=True)
    python.touch()
    (clone / ".venv" / "mine.txt").touch()
    launch.make_environment("tour", clone, clone / ".venv")
    assert pip == ["-r", "--no-deps"]
    assert (clone / ".venv" / "mine.txt").exists()


def test_a_folder_of_something_else_is_not_cleared(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(launch.LaunchError, match="is not a virtual environment; move it away"):
        launch.make_venv(tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_a_python_that_cannot_make_environments_is_named(tmp_path, monkeypatch):
    def broken(*arguments, **options):
        raise subprocess.CalledProcessError(1, ["ensurepip"])

    monkeypatch.setattr(launch.venv, "create", broken)
    with pytest.raises(launch.LaunchError, match="apt install python3-venv; or choose another Python"):
        launch.make_venv(tmp_path / ".venv")


def test_pip_that_fails_is_a_sentence(capfd):
    with pytest.raises(launch.LaunchError, match="check the network and the package index"):
        launch.run_pip(Path(sys.executable), "install", "--no-index", "hfquick-no-such-package")
    assert "hfquick-no-such-package" in capfd.readouterr().err


def test_a_python_that_is_too_new_is_said_before_pip_runs(clone, pip, monkeypatch, capsys):
    monkeypatch.setattr(launch.sys, "version_info", (3, 14, 0, "final", 0))
    launch.make_environment("tour", clone, clone / ".venv")
    said = capsys.readouterr().out.splitlines()
    assert said[0] == (
        "Python 3.14 is newer than those hfquick is tested with (3.10 to 3.13): PyTorch and TensorFlow may have no "
        "builds for it yet. If pip finds none, choose another: "
        "make PYTHON=python3.12 tour (python3.12 -m hfquick tour)"
    )
    assert "making the virtual environment" in said[1]
    assert pip == ["new environment", "-r", "--no-deps"]  # it is tried: there may be builds by now


def test_a_python_that_is_too_new_is_said_again_when_pip_fails(monkeypatch, capfd):
    monkeypatch.setattr(launch.sys, "version_info", (3, 14, 0, "final", 0))
    with pytest.raises(launch.LaunchError, match=r"pip could not install .* is kept\. Python 3\.14 is newer"):
        launch.run_pip(Path(sys.executable), "install", "--no-index", "hfquick-no-such-package")
    monkeypatch.setattr(launch, "CLONE", None)
    monkeypatch.setattr(launch.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(launch.LaunchError, match=r"the tour needs jupyterlab.*choose another: make PYTHON=python3\.12"):
        launch.open_tour("fr", "pytorch")


def test_a_tested_python_is_not_spoken_of(monkeypatch):
    for minor in (10, 13):
        monkeypatch.setattr(launch.sys, "version_info", (3, minor, 9, "final", 0))
        assert launch.newer_python() == ""


def test_copies_are_updated_until_the_learner_changes_them(tmp_path):
    tours, mine = tmp_path / "tours", tmp_path / "mine"
    (tours / "fr").mkdir(parents=True)
    original, copy = tours / "fr" / "quicktour.ipynb", mine / "fr" / "quicktour.ipynb"
    original.write_text("first")
    assert launch.copy_tours(mine, tours) == []
    assert copy.read_text() == "first"
    original.write_text("second")
    assert launch.copy_tours(mine, tours) == []
    assert copy.read_text() == "second"  # it was ours
    copy.write_text("my notes")
    assert launch.copy_tours(mine, tours) == []  # there is nothing newer to speak of
    original.write_text("third")
    assert launch.copy_tours(mine, tours) == [copy]
    assert copy.read_text() == "my notes"
    copy.unlink()
    assert launch.copy_tours(mine, tours) == []
    assert copy.read_text() == "third"


def one_tour(tmp_path):
    """A tour, and where its copy goes."""
    tours, mine = tmp_path / "tours", tmp_path / "mine"
    (tours / "fr").mkdir(parents=True)
    (tours / "fr" / "quicktour.ipynb").write_text("first")
    return tours, mine, mine / "fr" / "quicktour.ipynb"


@pytest.mark.parametrize("there", [True, False])
def test_a_link_among_the_copies_is_not_written_through(tmp_path, there):
    tours, mine, copy = one_tour(tmp_path)
    target = tmp_path / "secret"
    copy.parent.mkdir(parents=True)
    copy.symlink_to(target)
    if there:
        target.write_text("first")
        launch.copy_tours(mine, tours)
        (tours / "fr" / "quicktour.ipynb").write_text("second")
    launch.copy_tours(mine, tours)
    assert copy.read_text() == ("second" if there else "first")
    assert not copy.is_symlink()
    assert target.read_text() == "first" if there else not target.exists()


@pytest.mark.parametrize("record", ["{", "[]", "\x00"])
def test_a_damaged_record_keeps_what_was_changed(tmp_path, record):
    tours, mine, copy = one_tour(tmp_path)
    launch.copy_tours(mine, tours)
    copy.write_text("my notes")
    (mine / ".hfquick-copies.json").write_text(record)
    assert launch.copy_tours(mine, tours) == [copy]
    assert copy.read_text() == "my notes"


def test_a_copy_is_whole_or_not_there(tmp_path, monkeypatch):
    tours, mine, copy = one_tour(tmp_path)

    def killed(path, content):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", killed)
        with pytest.raises(KeyboardInterrupt):
            launch.copy_tours(mine, tours)
    assert not copy.exists()
    launch.copy_tours(mine, tours)
    assert copy.read_text() == "first"


def test_a_file_in_the_place_of_the_copies_is_a_sentence(tmp_path):
    tours, mine, _ = one_tour(tmp_path)
    mine.write_text("")
    with pytest.raises(launch.LaunchError, match=r"the tour cannot be copied into .*; move away what is there, or try"):
        launch.copy_tours(mine, tours)


def test_jupyterlab_starts_where_nobody_has_put_anything(tmp_path, monkeypatch):
    """It runs what lies in its own folder: a learner's random.py, and a jupyter_server_config.py of anybody."""
    folder, given, popen = tmp_path / "hfquick-tour", {}, subprocess.Popen
    (folder / ".jupyter").mkdir(parents=True)
    for name in ("random.py", "jupyter_server_config.py", ".jupyter/jupyter_server_config.py"):
        (folder / name).write_text("raise SystemExit('this ran')")

    def start(command, env, cwd):
        given.update(env=env, cwd=Path(cwd), mode=stat.S_IMODE(os.stat(cwd).st_mode), there=os.listdir(cwd))
        return popen([sys.executable, "-c", "import random"], cwd=cwd)

    monkeypatch.delenv("JUPYTER_CONFIG_PATH", raising=False)
    monkeypatch.setattr(launch.subprocess, "Popen", start)
    assert launch.serve(folder, folder / "fr" / "quicktour.ipynb", None, False) == 0
    assert folder not in (given["cwd"], *given["cwd"].parents)
    assert (given["mode"] & 0o077, given["there"]) == (0, ["labconfig"])
    assert given["env"]["JUPYTER_CONFIG_PATH"] == str(given["cwd"])
    assert not given["cwd"].exists()


def test_lessons_are_copied_beside_the_tours(tmp_path):
    tours, mine = tmp_path / "tours", tmp_path / "mine"
    (tours / "fr" / "lessons").mkdir(parents=True)
    for name in ("quicktour", "lessons/fill_mask_pytorch"):
        (tours / "fr" / f"{name}.ipynb").write_text(name)
    (tours / "fr" / "lessons" / ".ipynb_checkpoints").mkdir()
    (tours / "fr" / "lessons" / ".ipynb_checkpoints" / "fill_mask_pytorch-checkpoint.ipynb").touch()
    assert launch.copy_tours(mine, tours) == []
    assert {path.relative_to(mine).as_posix() for path in mine.rglob("*.ipynb")} == {
        "fr/quicktour.ipynb",
        "fr/lessons/fill_mask_pytorch.ipynb",
    }


def test_a_language_without_a_tour_names_those_there_are():
    with pytest.raises(launch.LaunchError, match="there is no tour in language 'xx'; there are: en, fr"):
        launch.open_tour("xx")


def test_what_is_missing_is_named_with_the_command(monkeypatch):
    monkeypatch.setattr(launch, "CLONE", None)
    monkeypatch.setattr(launch.importlib.util, "find_spec", lambda name: None if name == "jupyterlab" else "found")
    with pytest.raises(launch.LaunchError) as caught:
        launch.open_tour("fr", "pytorch")
    assert str(caught.value) == (
        "the tour needs jupyterlab, not installed here; try: pip install torch accelerate "
        "jupyterlab ipykernel ipywidgets anywidget datasets"
    )


@pytest.mark.parametrize(
    ("installed", "framework"),
    [((), "pytorch"), (("torch",), "pytorch"), (("tensorflow",), "tensorflow"), (("torch", "tensorflow"), "pytorch")],
)
def test_one_framework_is_shown_unless_both_are_asked_for(monkeypatch, installed, framework):
    missing = {"torch", "tensorflow"} - set(installed)
    monkeypatch.setattr(launch.importlib.util, "find_spec", lambda name: None if name in missing else "found")
    assert launch.default_framework() == framework


def test_make_tour_installs_one_framework_and_no_tools(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(launch, "make_environment", lambda part, root, folder: asked.append(part))
    assert launch.main(["both"]) == 0
    assert launch.main(["pytorch"]) == 0
    assert asked == ["tour", "pytorch"]
    shown = subprocess.run(["make", "-n", "tour"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "hfquick.commands.launch pytorch\n" in shown
    shown = subprocess.run(["make", "-n", "tour", "FRAMEWORK=both"], cwd=ROOT, capture_output=True, text=True).stdout
    assert "hfquick.commands.launch both\n" in shown
    pinned = launch.read_requirements("pytorch", ROOT).splitlines()
    assert not [line for line in pinned if line.startswith(("tensorflow", "keras", "pytest", "ruff", "mypy"))]


def test_a_port_in_use_is_said():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(launch.LaunchError, match=f"port {port} is in use; choose another"):
            launch.free_port(port)
    assert 8888 <= launch.free_port(None) < 8988


@pytest.mark.parametrize(
    ("system", "variables", "there"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "w"}, True),
        ("darwin", {}, True),
    ],
)
def test_where_a_browser_can_open(monkeypatch, system, variables, there):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(launch.sys, "platform", system)
    assert launch.has_display() is there


@pytest.mark.parametrize(("asked", "threads"), [(None, "1"), ("4", "4")])
def test_kernels_have_one_thread_unless_asked_and_end_when_nobody_uses_them(tmp_path, monkeypatch, asked, threads):
    given, popen = {}, subprocess.Popen

    def start(command, env, cwd):
        given.update(command=command, env=env)
        return popen([sys.executable, "-c", ""])

    monkeypatch.delenv("OMP_NUM_THREADS")
    if asked:
        monkeypatch.setenv("OMP_NUM_THREADS", asked)
    monkeypatch.setattr(launch.subprocess, "Popen", start)
    launch.serve(tmp_path, tmp_path / "fr" / "quicktour.ipynb", None, False)
    assert given["env"]["OMP_NUM_THREADS"] == threads
    assert "--MappingKernelManager.cull_idle_timeout=10800" in given["command"]


def test_a_port_lost_to_another_learner_is_left_for_the_next(tmp_path, monkeypatch):
    """Two who type `hfquick tour` at once on one machine find the same port free; one server ends."""
    given, popen, free_port = [], subprocess.Popen, launch.free_port

    def start(command, env, cwd):
        given.append(command[-1])
        return popen([sys.executable, "-c", ""])

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        lost = other.getsockname()[1]
        monkeypatch.setattr(launch, "free_port", lambda wish: lost if wish is None and not given else free_port(wish))
        monkeypatch.setattr(launch.subprocess, "Popen", start)
        launch.serve(tmp_path, tmp_path / "fr" / "quicktour.ipynb", None, False)
    assert given[0] == f"--ServerApp.port={lost}"
    assert len(given) == 2  # the second ended, too, but of itself: its port is free
    assert given[1] != given[0]


def test_the_tour_opens_in_a_real_jupyterlab_and_ends_on_a_signal(tmp_path):
    """What `make tour` does once .venv is there, without a clone and without a screen: the address works as printed."""
    framework = next((name for name in ("both", "pytorch", "tensorflow") if not launch.missing_packages(name)), None)
    if framework is None:
        pytest.skip("JupyterLab or both frameworks are not installed")
    start = (
        "import sys, hfquick.commands.launch as launch; launch.CLONE = None; "
        f"sys.exit(launch.open_tour('fr', {framework!r}, browser=False))"
    )
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "HFQUICK_LANG": "en",
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
    }
    command = [sys.executable, "-c", start]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, **pipes) as tour:
        try:
            address = re.search(r"the tour is at (http://\S+)", tour.stdout.readline()).group(1)
            port, token = int(re.search(r":(\d+)/", address).group(1)), address.partition("token=")[2]
            assert launch.answers(port, token) is True
            assert launch.answers(port, "another") is False
            direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with direct.open(address, timeout=30) as page:
                assert b"JupyterLab" in page.read()
            with direct.open(address.replace("/lab/tree/", "/api/contents/"), timeout=30) as reply:
                assert json.load(reply)["content"]["cells"]
            assert (tmp_path / "hfquick-tour" / "fr" / f"{launch.VARIANTS[framework]}.ipynb").is_file()
        finally:
            tour.send_signal(signal.SIGTERM)
            tour.wait(timeout=30)
    assert launch.answers(port, token) is False


def test_a_child_that_does_not_end_when_it_is_told_to_is_ended(tmp_path):
    child = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    code = (
        "import subprocess, sys; from hfquick.commands.launch import wait_for; "
        f"sys.exit(wait_for(subprocess.Popen([sys.executable, '-c', {child!r}]), 0.5))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE) as launcher:
        assert launcher.stdout.readline() == b"1\n"
        launcher.send_signal(signal.SIGTERM)
        assert launcher.wait(timeout=20) == 0
        assert launcher.stdout.read() == b""  # the pipe is closed: the child is gone too


def test_the_layout_begins_without_a_file_browser_and_stays_as_it_is_left(tmp_path):
    (layout,) = launch.wide_notebook(tmp_path).iterdir()
    data = json.loads(layout.read_text(encoding="utf-8"))
    assert data["metadata"] == {"id": "default"}
    assert data["data"]["layout-restorer:data"]["left"]["collapsed"] is True
    layout.write_text("theirs", encoding="utf-8")
    launch.wide_notebook(tmp_path)
    assert layout.read_text(encoding="utf-8") == "theirs"


@pytest.mark.parametrize(("version", "there"), [("7.4.2", True), ("6.5.7", False), (None, False)])
def test_a_page_for_narrow_screens_is_offered_where_there_is_one(tmp_path, monkeypatch, capsys, version, there):
    def installed(name):
        if version is None:
            raise launch.importlib.metadata.PackageNotFoundError(name)
        return version

    popen, codes = subprocess.Popen, [sys.executable, "-c", "import time; time.sleep(2)"]
    monkeypatch.setattr(launch.importlib.metadata, "version", installed)
    monkeypatch.setattr(launch.subprocess, "Popen", lambda command, env, cwd: popen(codes))
    monkeypatch.setattr(launch, "answers", lambda port, token: True)
    launch.serve(tmp_path, tmp_path / "fr" / "quicktour.ipynb", None, False)
    assert ("/notebooks/fr/quicktour.ipynb?token=" in capsys.readouterr().out) is there


@pytest.mark.parametrize("arguments", [[], ["everything"], ["both", "dev"]])
def test_the_launcher_says_how_it_is_used(arguments, capsys):
    assert launch.main(arguments) == 2
    assert "pytorch|tensorflow|both|dev" in capsys.readouterr().err


def test_the_launcher_says_errors_in_a_sentence(monkeypatch, capsys):
    def fail(part, root, folder):
        raise launch.LaunchError("the disk is full")

    monkeypatch.setattr(launch, "make_environment", fail)
    assert launch.main(["both"]) == 2
    assert capsys.readouterr().err == "error: the disk is full\n"
