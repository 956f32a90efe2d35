"""The stick of `hfquick bundle`: whose folder it may fill, what it lists, what it says when something is wrong."""

import os
import subprocess

import pytest

from hfquick import i18n
from hfquick.commands import bundle, cli, from_bundle, manifest
from hfquick.commands.launch import TESTED, LaunchError
from tests.helpers.wheels import make_clone, make_wheel

HERE = manifest.this_system()


@pytest.fixture
def clone(tmp_path):
    return make_clone(tmp_path / "clone", "standin-torch==1.0\n")


@pytest.fixture
def fetched(monkeypatch):
    """No pip: the wheels of a target are made on the spot. Gives the targets that were asked for."""
    asked = []

    def fetch(target, requirements, wheels):
        asked.append((str(target), requirements.name))
        path = make_wheel(wheels, f"for-{target.system}-{target.python}")
        target.wheels, target.installed = [path.name], 1000

    monkeypatch.setattr(bundle, "fetch", fetch)
    return asked


@pytest.fixture
def stick(clone, fetched, tmp_path):
    bundle.make_bundle(tmp_path / "stick", clone=clone)
    return tmp_path / "stick"


def test_a_stick_holds_clone_packages_and_a_command(stick, capsys):
    assert sorted(path.name for path in stick.iterdir()) == [
        "README.txt",
        "clone",
        "hfquick-bundle.json",
        "install.py",
        "wheels",
    ]
    assert "DOSSIER" in (stick / "README.txt").read_text(encoding="utf-8")
    listed = manifest.read_manifest(stick)
    assert listed.complete
    assert [str(target) for target in listed.targets] == [str(manifest.Target(*HERE))]
    files = {path.relative_to(stick).as_posix() for path in stick.rglob("*") if path.is_file()}
    assert set(listed.files) == files - {"hfquick-bundle.json"}
    bundle.describe(stick)
    said = capsys.readouterr().out
    assert f"{manifest.Target(*HERE)}: 1 packages, 0 MB; installed 0 MB" in said
    assert f"{stick}: " in said
    assert "python3 install.py" in said


def test_systems_pythons_and_framework_are_those_asked_for(clone, fetched, tmp_path):
    folder = tmp_path / "stick"
    bundle.make_bundle(folder, ["windows", "macos", "windows"], ["3.11", "3.12"], "both", clone)
    assert [name for name, _file in fetched] == [
        "Windows (AMD64), Python 3.11",
        "Windows (AMD64), Python 3.12",
        "macOS (arm64), Python 3.11",
        "macOS (arm64), Python 3.12",
    ]
    assert {file for _name, file in fetched} == {"tour.txt"}
    bundle.make_bundle(folder, ["macos"], ["3.12"], "pytorch", clone)  # what no one needs any more goes
    assert [path.name for path in (folder / "wheels").iterdir()] == ["for_macos_3.12-1.0-py3-none-any.whl"]


def test_a_folder_of_something_else_is_left_alone(clone, fetched, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work")
    with pytest.raises(LaunchError, match="mine holds something else; name an empty folder"):
        bundle.make_bundle(folder, clone=clone)
    with pytest.raises(LaunchError, match=r"thesis\.txt holds something else"):
        bundle.make_bundle(folder / "thesis.txt", clone=clone)
    assert [path.name for path in folder.iterdir()] == ["thesis.txt"]
    assert fetched == []


def test_an_installed_package_makes_no_stick(tmp_path):
    with pytest.raises(LaunchError, match="a stick is made in a clone of hfquick"):
        bundle.make_bundle(tmp_path / "stick", clone=None)
    assert not (tmp_path / "stick").exists()


def test_a_python_without_pip_is_said(clone, tmp_path, monkeypatch):
    monkeypatch.setattr(bundle, "find_spec", lambda name: None)
    with pytest.raises(LaunchError, match="has no pip; try: "):
        bundle.make_bundle(tmp_path / "stick", clone=clone)


def test_a_stick_that_was_cut_is_not_taken_and_can_be_completed(clone, fetched, tmp_path, monkeypatch):
    folder = tmp_path / "stick"
    with monkeypatch.context() as patch:
        patch.setattr(bundle, "copy_clone", lambda *arguments: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            bundle.make_bundle(folder, clone=clone)
    with pytest.raises(LaunchError, match="this stick is not whole"):
        from_bundle.choose(manifest.read_manifest(folder))
    bundle.make_bundle(folder, clone=clone)
    assert from_bundle.choose(manifest.read_manifest(folder)).system == HERE[0]


def test_the_tracked_files_of_a_clone_are_taken(clone):
    git = ["git", "-C", str(clone)]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "-A"], check=True)
    (clone / "notes.txt").write_text("mine")
    (clone / "backend.py").unlink()
    names = bundle.files_of(clone)
    assert "hfquick/i18n.py" in names
    assert "notes.txt" not in names  # not tracked
    assert "backend.py" not in names  # tracked, but gone
    (clone / ".git" / "HEAD").unlink()
    with pytest.raises(LaunchError, match="git does not list the files of"):
        bundle.files_of(clone)


def test_without_git_what_is_made_in_a_clone_is_left_out(clone, stick):
    for name in (".venv/bin/python", "hfquick-tour/fr/a.ipynb", "build/x.txt", "hfquick/__pycache__/a.pyc"):
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).touch()
    stick.rename(clone / "stick")
    names = bundle.files_of(clone)
    assert {name.partition("/")[0] for name in names} == {"hfquick", "requirements", "pyproject.toml", "backend.py"}
    assert not [name for name in names if name.endswith(".pyc")]


def test_damaged_and_missing_files_are_named_before_anything_is_installed(stick, tmp_path):
    listed = manifest.read_manifest(stick)
    wheel = next((stick / "wheels").iterdir())
    content = bytearray(wheel.read_bytes())
    content[-1] ^= 1  # one bit; the size stays
    wheel.write_bytes(content)
    (stick / "clone" / "hfquick" / "i18n.py").unlink()
    assert manifest.damaged(stick, listed, listed.targets[0]) == ["clone/hfquick/i18n.py", f"wheels/{wheel.name}"]
    with pytest.raises(
        LaunchError, match=r"2 files of the stick are missing or damaged, such as clone/hfquick/i18n\.py"
    ):
        from_bundle.install(stick, listed, tmp_path / "home")
    assert not (tmp_path / "home").exists()


def test_packages_of_other_systems_need_not_be_whole(clone, fetched, tmp_path):
    folder = tmp_path / "stick"
    bundle.make_bundle(folder, ["windows", "macos"], ["3.12"], clone=clone)
    (folder / "wheels" / "for_macos_3.12-1.0-py3-none-any.whl").unlink()
    listed = manifest.read_manifest(folder)
    assert manifest.damaged(folder, listed, listed.targets[0]) == []
    assert len(manifest.damaged(folder, listed, listed.targets[1])) == 1


def test_a_stick_for_other_systems_says_for_which(clone, fetched, tmp_path, monkeypatch):
    bundle.make_bundle(tmp_path / "stick", ["windows"], ["3.12"], clone=clone)
    monkeypatch.setattr(from_bundle, "this_system", lambda: ("linux", "x86_64", "3.13"))
    with pytest.raises(LaunchError) as caught:
        from_bundle.choose(manifest.read_manifest(tmp_path / "stick"))
    assert str(caught.value).startswith(
        "this is Linux (x86_64), Python 3.13; the stick has packages for: Windows (AMD64), Python 3.12. "
    )
    monkeypatch.setattr(from_bundle, "this_system", lambda: ("windows", "amd64", "3.12"))
    assert from_bundle.choose(manifest.read_manifest(tmp_path / "stick")).system == "windows"


@pytest.mark.parametrize("content", [None, "{", "[]", '{"format": 2}', '{"format": 1, "targets": [], "files": {}}'])
def test_a_list_that_cannot_be_read_is_a_sentence(tmp_path, content):
    if content:
        (tmp_path / manifest.NAME).write_text(content)
    with pytest.raises(LaunchError, match=r"hfquick-bundle\.json cannot be read \(.+\): make the stick again"):
        manifest.read_manifest(tmp_path)


def test_the_learners_folder_is_taken_only_when_it_is_ours_and_has_room(stick, tmp_path, monkeypatch):
    listed, home = manifest.read_manifest(stick), tmp_path / "home"
    target = listed.targets[0]
    home.mkdir()
    (home / "photo.jpg").touch()
    with pytest.raises(LaunchError, match=r"home holds something else; name another: install\.py FOLDER"):
        from_bundle.copy(stick, listed, target, home)
    (home / "photo.jpg").unlink()
    target.installed = 10**18
    with pytest.raises(LaunchError, match=r"home needs 1000000000\d+ MB, \d+ MB are free"):
        from_bundle.copy(stick, listed, target, home)
    target.installed = 0
    from_bundle.copy(stick, listed, target, home)
    (home / "hfquick-tour").mkdir()
    (home / "hfquick-tour" / "mine.ipynb").write_text("my answers")
    (home / "backend.py").write_text("older")
    from_bundle.copy(stick, listed, target, home)
    assert (home / "hfquick-tour" / "mine.ipynb").read_text() == "my answers"
    assert (home / "backend.py").read_text() != "older"


def test_pip_sees_the_stick_and_nothing_else_meanwhile(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://example.invalid")
    folder = tmp_path / "a stick"
    with from_bundle.packages_of(folder):
        seen = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    assert seen == {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": (folder / "wheels").as_uri(),
        "PIP_CONFIG_FILE": os.devnull,
    }
    assert os.environ["PIP_EXTRA_INDEX_URL"] == "https://example.invalid"
    assert "PIP_NO_INDEX" not in os.environ


def test_errors_of_install_are_one_sentence_in_the_readers_language(tmp_path, capsys):
    assert from_bundle.main(["--no-tour"], tmp_path) == 2
    assert capsys.readouterr().err.startswith(f"error: {tmp_path / manifest.NAME} cannot be read")
    i18n.set_language("fr")
    try:
        assert from_bundle.main(["--no-tour"], tmp_path) == 2
    finally:
        i18n.set_language(None)
    assert "est illisible" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "systems", "pythons", "framework"),
    [
        ([], None, None, "pytorch"),
        (["--system", "linux", "windows", "--python", "3.11"], ["linux", "windows"], ["3.11"], "pytorch"),
        (["--system", "linux", "--system", "macos", "--framework", "both"], ["linux", "macos"], None, "both"),
    ],
)
def test_the_command_line_passes_on_what_was_asked(monkeypatch, tmp_path, arguments, systems, pythons, framework):
    given = []
    monkeypatch.setattr(bundle, "make_bundle", lambda *values: given.append(values))
    monkeypatch.setattr(bundle, "describe", lambda folder: given.append(folder))
    assert cli.main(["bundle", str(tmp_path), *arguments]) == 0
    assert given == [(tmp_path, systems, pythons, framework), tmp_path]


@pytest.mark.parametrize("arguments", [["--system", "amiga"], ["--python", "3.9"], ["--framework", "jax"], []])
def test_the_command_line_refuses_what_there_is_not(capsys, tmp_path, arguments):
    assert cli.main(["bundle", *([str(tmp_path)] if arguments else []), *arguments]) == 2
    assert "see: hfquick bundle --help" in capsys.readouterr().err


def test_the_command_line_knows_the_pythons_and_systems_there_are():
    (first, oldest), (_, newest) = TESTED
    pythons = [f"{first}.{minor}" for minor in range(oldest, newest + 1)]
    options = cli.build_parser().parse_args(["bundle", "x", "--python", *pythons, "--system", *manifest.SYSTEMS])
    assert options.python == pythons
    assert options.system == list(bundle.TAGS) == list(bundle.MARKERS) == list(bundle.MACHINES)
