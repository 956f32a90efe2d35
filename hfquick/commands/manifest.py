"""What lies on a stick of `hfquick bundle`: every file with its sum, and the systems that its packages are for.

    install.py            installs from this folder, without a network
    README.txt            how, in two languages
    clone/                hfquick itself
    wheels/               packages, those of all systems in one folder
    hfquick-bundle.json   this list

Only the standard library is used here: where a stick is used nothing else is installed yet.
"""

import json
import platform
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ..i18n import said, spoken
from .launch import LaunchError, digest_of

NAME = "hfquick-bundle.json"
FORMAT = 1
WHEELS, CLONE_FOLDER = "wheels", "clone"
SYSTEMS = {"linux": "Linux", "macos": "macOS", "windows": "Windows"}


@dataclass
class Target:
    """One system with one Python: its wheels, and the bytes they need once installed."""

    system: str
    machine: str
    python: str
    wheels: list[str] = field(default_factory=list)
    installed: int = 0

    def __str__(self) -> str:
        return f"{SYSTEMS[self.system]} ({self.machine}), Python {self.python}"


@dataclass
class Manifest:
    """The list itself. `files` has, for each path from the folder of the list, its size in bytes and its SHA-256."""

    version: str
    framework: str
    targets: list[Target] = field(default_factory=list)
    files: dict[str, tuple[int, str]] = field(default_factory=dict)
    complete: bool = False
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        partial = folder / f"{NAME}.new"
        partial.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        partial.replace(folder / NAME)

    def paths(self, target: Target) -> list[str]:
        """The files that one system needs: all of the clone, and its own wheels."""
        wheels = {f"{WHEELS}/{name}" for name in target.wheels}
        return [path for path in self.files if not path.startswith(f"{WHEELS}/") or path in wheels]


def read_manifest(folder: Path) -> Manifest:
    """The list of a folder; LaunchError where there is none, or none that this hfquick can read."""
    try:
        entries = json.loads((folder / NAME).read_text(encoding="utf-8"))
        if entries["format"] != FORMAT:
            raise spoken(ValueError, "its format is {number}", number=entries["format"])
        entries["targets"] = [Target(**target) for target in entries["targets"]]
        entries["files"] = {path: (size, digest) for path, (size, digest) in entries["files"].items()}
        return Manifest(**entries)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise spoken(
            LaunchError,
            "{path} cannot be read ({reason}): make the stick again with hfquick bundle, or copy it again, whole",
            path=str(folder / NAME),
            reason=said("{kind}: {error}", kind=type(error).__name__, error=error),
        ) from None


def holds_something_else(folder: Path) -> bool:
    """Whether something is there that is not of a stick: it is left alone."""
    return folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not (folder / NAME).is_file()))


def damaged(folder: Path, manifest: Manifest, target: Target) -> list[str]:
    """Files this system needs that are missing, or not as they were when the stick was made."""
    found = []
    for name in manifest.paths(target):
        path, (size, digest) = folder / name, manifest.files[name]
        if not path.is_file() or path.stat().st_size != size or digest_of(path) != digest:
            found.append(name)
    return found


def this_system() -> tuple[str, str, str]:
    """System, machine and Python of the process that asks."""
    system = {"win32": "windows", "darwin": "macos"}.get(sys.platform, "linux")
    return system, platform.machine(), ".".join(map(str, sys.version_info[:2]))
