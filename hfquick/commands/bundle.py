"""`hfquick bundle FOLDER`: a stick for a class without internet, with packages, the clone, and one command to install.

pip finds out what is needed without downloading it (`--dry-run --report`), so a build of PyTorch with CUDA is refused
before its gigabytes arrive. Then it downloads exactly that, checked by sums; what is there already stays.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from fnmatch import fnmatch
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from .. import __version__
from ..i18n import gettext as _
from ..i18n import spoken
from .launch import CLONE, PARTS, LaunchError, digest_of, say
from .manifest import CLONE_FOLDER, NAME, WHEELS, Manifest, Target, holds_something_else, read_manifest, this_system

# What pip must know of a system that it does not run on: the tags of wheels (the newest first) and values of markers.
# Wheels for glibc 2.28 and macOS 14 run on the systems schools have; PyTorch and TensorFlow have none for older ones.
TAGS = {
    "linux": [f"manylinux_2_{minor}" for minor in (28, 27, 26, 24, 17, 12, 5)] + ["manylinux2014", "manylinux1"],
    "macos": ["macosx_14_0"],
    "windows": ["win"],
}
MARKERS = {
    "linux": {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux"},
    "macos": {"os_name": "posix", "sys_platform": "darwin", "platform_system": "Darwin"},
    "windows": {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows"},
}
MACHINES = {"linux": "x86_64", "macos": "arm64", "windows": "AMD64"}  # of systems other than this one
CUDA = ("nvidia-", "cuda-")  # what a build of PyTorch for these graphics processors asks for
# Of a clone without git: what is made in it, and is not part of it.
MADE = (".venv*", "__pycache__", "*.pyc", "build", "dist", "hfquick-tour", ".*_cache", "*.egg-info", NAME)

INSTALL = '''"""Install hfquick from this folder, without a network, and open the tour: python install.py"""

import sys
from pathlib import Path

if sys.version_info < (3, 10):
    sys.exit("hfquick needs Python 3.10 or newer; this is " + sys.version.split()[0])
sys.dont_write_bytecode = True  # the stick stays as it is
here = Path(__file__).resolve().parent
sys.path.insert(0, str(here / "clone"))
from hfquick.commands.from_bundle import main  # noqa: E402

sys.exit(main(sys.argv[1:], here))
'''
README = """hfquick {version}, {framework}, without a network, for:
{targets}

English: in this folder, type
    python3 install.py          (Windows: py install.py)
It installs into the folder "hfquick" of your home and opens the tour. python3 install.py FOLDER takes another one,
python3 install.py --no-tour only installs.

Français : dans ce dossier, tapez
    python3 install.py          (Windows : py install.py)
La visite s'installe dans le dossier "hfquick" de votre dossier personnel, puis s'ouvre. python3 install.py DOSSIER en
choisit un autre ; python3 install.py --no-tour installe sans ouvrir.
"""


def make_bundle(
    folder: Path,
    systems: list[str] | None = None,
    pythons: list[str] | None = None,
    framework: str = "pytorch",
    clone: Path | None = CLONE,
) -> Manifest:
    """Make the stick, or complete one that was begun -> its list. LaunchError says what the reader can mend."""
    if clone is None:
        raise spoken(
            LaunchError, "a stick is made in a clone of hfquick; an installed package lacks the list of packages"
        )
    if find_spec("pip") is None:
        raise spoken(
            LaunchError,
            "{python} has no pip; try: {command}",
            python=sys.executable,
            command=f"{sys.executable} -m ensurepip",
        )
    if holds_something_else(folder):
        raise spoken(
            LaunchError,
            "{folder} holds something else; name an empty folder, or a stick of hfquick bundle",
            folder=str(folder),
        )
    here, machine, python = this_system()
    targets = [
        Target(system, machine if system == here else MACHINES[system], version)
        for system in dict.fromkeys(systems or [here])
        for version in dict.fromkeys(pythons or [python])
    ]
    wheels = folder / WHEELS
    wheels.mkdir(parents=True, exist_ok=True)
    manifest = Manifest(__version__, framework, targets)
    manifest.write(folder)  # not complete: who takes the stick now is told so
    for target in targets:
        say(_("packages for {target}", target=str(target)))
        fetch(target, clone / "requirements" / f"{PARTS[framework]}.txt", wheels)
    for path in wheels.iterdir():  # of an earlier call with other systems
        if path.name not in {name for target in targets for name in target.wheels}:
            path.unlink()
    say(_("the clone"))
    copy_clone(clone, folder / CLONE_FOLDER)
    (folder / "install.py").write_text(INSTALL, encoding="utf-8")
    listed = "\n".join(f"    {target}" for target in targets)
    text = README.format(version=__version__, framework=framework, targets=listed)
    (folder / "README.txt").write_text(text, encoding="utf-8")
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != NAME:
            manifest.files[path.relative_to(folder).as_posix()] = (path.stat().st_size, digest_of(path))
    manifest.complete = True
    manifest.write(folder)
    return manifest


def describe(folder: Path) -> None:
    """Say what a stick holds and how large it is."""
    manifest = read_manifest(folder)
    for target in manifest.targets:
        size = sum(manifest.files[f"{WHEELS}/{name}"][0] for name in target.wheels)
        say(
            _(
                "{target}: {count} packages, {size} MB; installed {installed} MB",
                target=str(target),
                count=len(target.wheels),
                size=f"{size / 1e6:.0f}",
                installed=f"{target.installed / 1e6:.0f}",
            )
        )
    whole = sum(size for size, _digest in manifest.files.values())
    say(_("{folder}: {size} MB in all", folder=str(folder), size=f"{whole / 1e6:.0f}"))
    say(_("to install from it, in that folder: {command}", command="python3 install.py (Windows: py install.py)"))


def fetch(target: Target, requirements: Path, wheels: Path) -> None:
    """Bring the wheels one system needs into the folder, and note them in `target`."""
    with tempfile.TemporaryDirectory() as temporary:
        if target.system == "linux":
            refuse_cuda(resolve(target, requirements, Path(temporary), "--no-deps"), target)
        found = resolve(target, requirements, Path(temporary))
        pins = Path(temporary) / "pins.txt"
        pins.write_text("\n".join(map(pin, found)), encoding="utf-8")
        run_pip(target, "download", "--no-deps", "--dest", str(wheels), "-r", str(pins))
    target.wheels = sorted(unquote(package["download_info"]["url"]).rpartition("/")[2] for package in found)
    for name in target.wheels:
        with zipfile.ZipFile(wheels / name) as wheel:
            target.installed += sum(entry.file_size for entry in wheel.infolist())


def resolve(target: Target, requirements: Path, temporary: Path, *options: str) -> list[dict[str, Any]]:
    """What pip would install there, as its report has it."""
    report = temporary / "report.json"
    nowhere = ["--dry-run", "--ignore-installed", "--report", str(report), "--target", str(temporary)]
    run_pip(target, "install", *nowhere, *options, "-r", str(requirements))
    return json.loads(report.read_text(encoding="utf-8"))["install"]


def pin(package: dict[str, Any]) -> str:
    """A package of pip's report -> the line that asks for this very file."""
    name, version = package["metadata"]["name"], package["metadata"]["version"]
    return f"{name}=={version} --hash=sha256:{package['download_info']['archive_info']['hashes']['sha256']}"


def refuse_cuda(found: list[dict[str, Any]], target: Target) -> None:
    """A stick has no room for gigabytes that graphics processors need: LaunchError where a package asks for them."""
    for package in found:
        asked = [line for line in package["metadata"].get("requires_dist", []) if "extra ==" not in line]
        if any(line.startswith(CUDA) for line in asked):
            raise spoken(
                LaunchError,
                "for {target} the package index has {name} with CUDA, several GB; name an index with its build for "
                "processors in PIP_EXTRA_INDEX_URL (requirements/README.md tells how)",
                target=str(target),
                name=package["metadata"]["name"],
            )


def run_pip(target: Target, command: str, *arguments: str) -> None:
    """pip for that system: its tags, its markers, its Python. With progress in a terminal, only errors elsewhere."""
    machine = target.machine.lower()
    system = "32" if target.system == "windows" and machine == "x86" else f"_{machine}"
    platforms = [option for tag in TAGS[target.system] for option in ("--platform", f"{tag}{system}")]
    markers = {
        **MARKERS[target.system],
        "platform_machine": target.machine,
        "python_version": target.python,
        "python_full_version": f"{target.python}.0",  # what the oldest one needs serves all
    }
    quiet = [] if sys.stdout.isatty() else ["-qq"]
    given = [sys.executable, "-m", "hfquick.commands.pip_elsewhere", json.dumps(markers), command]
    given += ["--disable-pip-version-check", "--no-input", *quiet, "--only-binary=:all:"]
    given += [*platforms, "--python-version", target.python, *arguments]
    root = Path(__file__).resolve().parents[2]
    if subprocess.run(given, stdin=subprocess.DEVNULL, cwd=root).returncode:
        raise spoken(
            LaunchError,
            "pip could not get the packages for {target} (its reasons are above); check the network and the "
            "package index (pip config list), then give the same command again: what was downloaded is kept",
            target=str(target),
        )


def files_of(clone: Path) -> list[str]:
    """The tracked files of a clone; without git (it came from a stick, say) all but those that are made in it."""
    if not (clone / ".git").exists():
        found = []
        for place, folders, names in os.walk(clone):
            made = [name for name in folders if ours(name) or (Path(place) / name / NAME).exists()]  # a stick, too
            folders[:] = sorted(set(folders) - set(made))
            found += [(Path(place) / name).relative_to(clone).as_posix() for name in names if not ours(name)]
        return sorted(found)
    try:
        command = ["git", "-C", str(clone), "ls-files", "-z"]
        listed = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    except (OSError, subprocess.CalledProcessError) as error:
        raise spoken(
            LaunchError, "git does not list the files of {clone}: {reason}", clone=str(clone), reason=error
        ) from None
    return [name for name in listed.split("\0") if name and (clone / name).is_file()]


def ours(name: str) -> bool:
    """Is this the name of a file or folder that is made in a clone?"""
    return any(fnmatch(name, pattern) for pattern in MADE)


def copy_clone(clone: Path, folder: Path) -> None:
    """Its files as they are now, changed ones too."""
    names = files_of(clone)
    shutil.rmtree(folder, ignore_errors=True)
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(clone / name, folder / name)
