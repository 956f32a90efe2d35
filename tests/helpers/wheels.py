"""Small packages for pip, made on the spot, and a clone of hfquick that needs nothing else."""

import base64
import hashlib
import shutil
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("commands", "locale", "utils")  # what the launcher and a stick need of hfquick
BACKEND = '''"""A build backend that only makes editable installs: pip needs none of an index."""
import zipfile
from pathlib import Path


def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "hfquick-1.0-py3-none-any.whl"
    with zipfile.ZipFile(Path(folder) / name, "w") as wheel:
        wheel.writestr("hfquick.pth", str(Path(__file__).parent))
        wheel.writestr("hfquick-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: hfquick\\nVersion: 1.0\\n")
        wheel.writestr("hfquick-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        wheel.writestr("hfquick-1.0.dist-info/RECORD", "")
    return name
'''
PROJECT = """[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""


def make_wheel(folder: Path, name: str, version: str = "1.0", needs: tuple[str, ...] = ()) -> Path:
    """A wheel with one module of that name, which may need others."""
    module, info = name.replace("-", "_"), f"{name.replace('-', '_')}-{version}.dist-info"
    metadata = [
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}",
        *(f"Requires-Dist: {line}" for line in needs),
    ]
    files = {
        f"{module}.py": f"version = {version!r}\n",
        f"{info}/METADATA": "\n".join(metadata) + "\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = []
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        record.append(f"{path},sha256={digest},{len(text)}")
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,"]) + "\n"
    path = folder / f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name_in_it, text in files.items():
            wheel.writestr(name_in_it, text)
    return path


def make_clone(folder: Path, requirements: str) -> Path:
    """A clone whose only packages are those requirements, with as much of hfquick as a stick needs."""
    for room in ROOMS:
        shutil.copytree(
            ROOT / "hfquick" / room, folder / "hfquick" / room, ignore=shutil.ignore_patterns("__pycache__")
        )
    for path in (ROOT / "hfquick").glob("*.py"):
        shutil.copyfile(path, folder / "hfquick" / path.name)
    (folder / "requirements").mkdir()
    for part in ("pytorch", "tensorflow", "tour"):
        (folder / "requirements" / f"{part}.txt").write_text(requirements)
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / "backend.py").write_text(BACKEND)
    return folder
