"""What is installed in this Python."""

from importlib import metadata


def version_of(package: str) -> str | None:
    """The installed version of a package, None where it is missing; `tensorflow` comes under other names too."""
    for name in [package, *(["tensorflow-cpu", "tensorflow-macos"] if package == "tensorflow" else [])]:
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
        return found if name == package else f"{found} ({name})"
    return None
