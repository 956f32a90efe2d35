"""What `install.py` on a stick of `hfquick bundle` does: check, copy, make .venv without a network, open the tour.

Only the standard library is used here. hfquick is copied to the learner's own disk, so that the stick can go on to the
next one; the launcher makes .venv there from the wheels of the stick, as `make tour` does from a package index.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..i18n import gettext as _
from ..i18n import said, spoken
from .cli import Parser, complain
from .launch import PARTS, LaunchError, make_environment, say, wait_for
from .manifest import (
    CLONE_FOLDER,
    NAME,
    WHEELS,
    Manifest,
    Target,
    damaged,
    holds_something_else,
    read_manifest,
    this_system,
)


def main(arguments: list[str], stick: Path) -> int:
    """`python install.py [FOLDER] [--no-tour]`."""
    # The French labels need polib, which is installed later: a wheel can be imported from as it is.
    sys.path += [str(path) for path in (stick / WHEELS).glob("polib-*.whl")]
    parser = Parser(prog="install.py", description=_("Install hfquick without a network and open the tour."))
    home = Path.home() / "hfquick"
    parser.add_argument(
        "folder", nargs="?", type=Path, default=home, help=_("where to install; default: {folder}", folder=str(home))
    )
    parser.add_argument("--no-tour", action="store_true", help=_("only install"))
    options = parser.parse_args(arguments)
    try:
        manifest = read_manifest(stick)
        python = install(stick, manifest, options.folder.expanduser().absolute())
    except (LaunchError, OSError) as error:
        complain(said("error: {message}", message=error))
        return 2
    except KeyboardInterrupt:
        print(_("stopped; the same command starts the installation afresh"), file=sys.stderr)
        return 130
    folder = python.parents[2]
    again = f"{Path(sys.executable).name} -m hfquick tour --framework {manifest.framework}"
    say(_("installed; to open the tour again, in {folder}: {command}", folder=str(folder), command=again))
    if options.no_tour:
        return 0
    command = [str(python), "-m", "hfquick", "tour", "--framework", manifest.framework]
    return wait_for(subprocess.Popen(command, cwd=folder))


def install(stick: Path, manifest: Manifest, folder: Path) -> Path:
    """Check the stick, copy the clone, make its .venv -> the Python in it; LaunchError says what went wrong."""
    target = choose(manifest)
    say(_("checking the files of the stick"))
    if broken := damaged(stick, manifest, target):
        raise spoken(
            LaunchError,
            "{count} files of the stick are missing or damaged, such as {name}; copy it again, or repair it with "
            "hfquick bundle",
            count=len(broken),
            name=broken[0],
        )
    copy(stick, manifest, target, folder)
    with packages_of(stick):
        return make_environment(PARTS[manifest.framework], folder, folder / ".venv")


def choose(manifest: Manifest) -> Target:
    """The packages for this system and this Python."""
    if not manifest.complete:
        raise spoken(LaunchError, "this stick is not whole: give the command hfquick bundle that makes it once more")
    here = this_system()
    for target in manifest.targets:
        if (target.system, target.machine.lower(), target.python) == (here[0], here[1].lower(), here[2]):
            return target
    raise spoken(
        LaunchError,
        "this is {this}; the stick has packages for: {targets}. Use one of these Pythons, or have the stick made "
        "for this one too (hfquick bundle --system, --python)",
        this=str(Target(*here)),
        targets="; ".join(map(str, manifest.targets)),
    )


def copy(stick: Path, manifest: Manifest, target: Target, folder: Path) -> None:
    """Bring the clone to the learner's disk, over an older one from a stick; anything else there is left alone."""
    if holds_something_else(folder):
        raise spoken(
            LaunchError,
            "{folder} holds something else; name another: {command}",
            folder=str(folder),
            command="install.py FOLDER",
        )
    names = [path for path in manifest.files if path.startswith(f"{CLONE_FOLDER}/")]
    needed = target.installed + sum(manifest.files[name][0] for name in names)
    above = next(parent for parent in [folder, *folder.parents] if parent.exists())
    free = shutil.disk_usage(above).free
    if not (folder / ".venv").exists() and free < needed:
        raise spoken(
            LaunchError,
            "{folder} needs {needed} MB, {free} MB are free; make room, or name a folder on another disk",
            folder=str(folder),
            needed=f"{needed / 1e6:.0f}",
            free=f"{free / 1e6:.0f}",
        )
    say(_("copying hfquick to {folder}", folder=str(folder)))
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(stick / NAME, folder / NAME)  # the mark that this folder is ours
    for name in names:
        place = folder / name.removeprefix(f"{CLONE_FOLDER}/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(stick / name, place)


@contextmanager
def packages_of(stick: Path) -> Iterator[None]:
    """Meanwhile pip finds the wheels of the stick and asks no index, whatever its settings say."""
    settings = {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": (stick / WHEELS).resolve().as_uri(),  # an address: pip splits a path at its spaces
        "PIP_CONFIG_FILE": os.devnull,
    }
    kept = {name: os.environ[name] for name in os.environ if name.startswith("PIP_")}
    for name in kept:
        del os.environ[name]
    os.environ.update(settings)
    try:
        yield
    finally:
        for name in settings:
            os.environ.pop(name, None)
        os.environ.update(kept)
