"""The unit tests on more machines than ours: other Pythons, the oldest packages that pyproject.toml allows, Colab's.

    python tools/test_versions.py                 every environment, one after the other
    python tools/test_versions.py colab lowest    only these
    python tools/test_versions.py --list          their names
    python tools/test_versions.py --install colab install and import, run no test
    python tools/test_versions.py lowest-isa      the English notebooks, with the processor's oldest instructions

An environment is made in a temporary folder and removed again. A line for each closes the run: its versions, what
passed and failed, seconds. Only the standard library is used here. docs/tests.md says what was seen.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BASE = ["tokenizers", "safetensors", "huggingface_hub", "numpy", "pillow", "h5py", "soundfile", "soxr"]
BASE += ["polib", "jinja2", "scipy"]
NOTEBOOKS = ["ipykernel", "ipywidgets", "datasets"]
TOOLS = ["pytest==9.*", "pytest-xdist==3.*", "nbval==0.11.*", "nbformat", "jupytext==1.19.*", "nbclient", "tensorboard"]
# What torch imports. On Linux only a build for processors is taken: one with CUDA does not start without gigabytes of
# libraries. Where the index has none (PIP_EXTRA_INDEX_URL, see requirements/README.md), an environment has no PyTorch.
CPU = "+cpu" if sys.platform == "linux" else ""
OF_TORCH = ["filelock", "typing-extensions", "sympy", "networkx", "jinja2", "fsspec", "setuptools"]
SHOWN = ("numpy", "torch", "tensorflow-cpu", "keras", "tokenizers", "huggingface_hub", "datasets", "ipywidgets")
QUIET = {"HF_HUB_OFFLINE": "1", "HFQUICK_LANG": "en", "HFQUICK_STAND_INS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
OLDEST = {"ATEN_CPU_CAPABILITY": "default", "ONEDNN_MAX_CPU_ISA": "SSE41", "DNNL_MAX_CPU_ISA": "SSE41"}


@dataclass(frozen=True)
class Environment:
    python: str  # "3.12"
    constraints: str = ""  # a file of requirements/
    torch: str = "torch==2.13.0"
    tensorflow: str = "tensorflow-cpu==2.21.*"


ENVIRONMENTS = {
    "python3.10": Environment("3.10"),
    "python3.12": Environment("3.12"),
    "python3.13": Environment("3.13"),
    "lowest": Environment("3.10", "lowest.txt", "torch==2.6.0", "tensorflow-cpu==2.20.0"),
    "colab": Environment("3.13", "colab.txt", "torch==2.11.0", "tensorflow-cpu==2.20.0"),
    # The pinned torch among other packages of these versions, with the Python for which its build is at hand.
    "lowest-pinned-torch": Environment("3.11", "lowest.txt", tensorflow="tensorflow-cpu==2.20.0"),
    "colab-pinned-torch": Environment("3.11", "colab.txt", tensorflow="tensorflow-cpu==2.20.0"),
}


class NotPossible(Exception):
    """A sentence: why an environment cannot be made here."""


def find_python(version: str) -> str:
    """A Python of this version: on the path, or pyenv's."""
    places = [shutil.which(f"python{version}"), sys.executable]
    places += map(str, sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python")))
    for place in filter(None, places):
        asked = [place, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        found = subprocess.run(asked, capture_output=True, text=True)  # a shim of pyenv may be there and not run
        if found.returncode == 0 and found.stdout.strip() == version:
            return place
    raise NotPossible(f"there is no Python {version} here")


def pip(python: Path, *arguments: str) -> None:
    command = [str(python), "-m", "pip", "--disable-pip-version-check", "--no-input", "-q", *arguments]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if "ERROR" in line] or done.stderr.splitlines()[-3:]
        raise NotPossible(f"pip could not install: {' '.join(lines)[:500]}")


def install(environment: Environment, folder: Path) -> tuple[Path, str]:
    """The environment's Python, and a sentence about what is missing."""
    subprocess.run([find_python(environment.python), "-m", "venv", str(folder)], check=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    constraints = ["-c", str(ROOT / "requirements" / environment.constraints)] if environment.constraints else []
    pip(python, "install", "--upgrade", "pip")
    pip(python, "install", *constraints, *BASE, *NOTEBOOKS, *TOOLS, environment.tensorflow)
    try:
        pip(python, "install", "--no-deps", f"{environment.torch}{CPU}")
    except NotPossible:
        return python, f"without PyTorch: no {environment.torch}{CPU} for Python {environment.python} here"
    pip(python, "install", *constraints, *OF_TORCH, "psutil", "packaging", "pyyaml")
    pip(python, "install", "--no-deps", *constraints, "accelerate")
    return python, ""


def versions(python: Path) -> str:
    code = (
        "import sys\nfrom importlib.metadata import PackageNotFoundError, version\n"
        f"print('Python', sys.version.split()[0], end='')\nfor name in {SHOWN}:\n"
        "    try:\n        print(f', {name} {version(name)}', end='')\n    except PackageNotFoundError:\n        pass\n"
    )
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout


def run_tests(python: Path, *arguments: str, **settings: str) -> tuple[str, bool]:
    """pytest's last line, and whether all passed."""
    kept = {
        name: value for name, value in os.environ.items() if name not in ("PYTHONWARNINGS", "PYTHONDONTWRITEBYTECODE")
    }
    command = [str(python), "-m", "pytest", "-q", "-n", "auto", "-p", "no:cacheprovider", *arguments]
    process = subprocess.Popen(
        command, cwd=ROOT, env=kept | QUIET | settings, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    last = ""
    for line in process.stdout or ():
        print(line, end="", flush=True)
        last = line.strip() if re.search(r"\d+ (passed|failed|error)", line) else last
    return last or f"pytest ended with {process.wait()}", process.wait() == 0


def try_environment(name: str, install_only: bool) -> tuple[str, bool]:
    """A line about one environment, and whether all is well."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=f"hfquick-{name}-") as folder:
        try:
            python, missing = install(ENVIRONMENTS[name], Path(folder))
        except NotPossible as reason:
            return f"{name}: {reason}", False
        about = "; ".join(filter(None, [versions(python), missing]))
        print(f"{name}: {about}", flush=True)
        if install_only:
            code = "import hfquick, tensorflow; print(hfquick.TFBertModel, hfquick.__version__)"
            done = subprocess.run(
                [python, "-c", code], cwd=ROOT, capture_output=True, text=True, env=os.environ | QUIET
            )
            result, passed = (done.stdout or done.stderr[-300:]).strip(), done.returncode == 0
        else:
            result, passed = run_tests(python, "-m", "not slow", "tests")
    return f"{name}: {about}: {result} ({time.monotonic() - start:.0f} s)", passed


def try_oldest_instructions() -> tuple[str, bool]:
    """The English notebooks in this environment, with neither AVX nor what came after: no printed digit changes."""
    start = time.monotonic()
    python = ROOT / ".venv" / "bin" / "python"
    result, passed = run_tests(python if python.exists() else Path(sys.executable), "--nbval", "notebooks/en", **OLDEST)
    settings = " ".join(f"{name}={value}" for name, value in OLDEST.items())
    return f"lowest-isa: {settings}: {result} ({time.monotonic() - start:.0f} s)", passed


def main() -> int:
    names = [*ENVIRONMENTS, "lowest-isa"]
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names)}; default: all")
    parser.add_argument("--list", action="store_true", help="only print the names")
    parser.add_argument("--install", action="store_true", help="install and import, run no test")
    options = parser.parse_args()
    if unknown := set(options.names) - set(names):
        parser.error(f"there is no {', '.join(sorted(unknown))}; names are {', '.join(names)}")
    if options.list:
        print(*names, sep="\n")
        return 0
    results = []
    for name in options.names or names:
        results.append(try_oldest_instructions() if name == "lowest-isa" else try_environment(name, options.install))
        print(results[-1][0], flush=True)
    print(*["", *(line for line, _ in results)], sep="\n")
    return int(not all(passed for _, passed in results))


if __name__ == "__main__":
    sys.exit(main())
