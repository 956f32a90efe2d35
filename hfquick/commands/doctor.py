"""`hfquick doctor`: what is installed, what is missing and how to get it, and whether the Hub is in reach.

It imports none of the libraries it looks for, so that it works in the broken environment it is asked about; only a GPU
cannot be seen without its framework. Addresses of proxies and the value of HF_TOKEN may be secrets: never printed.
"""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from .. import __version__, zoo
from ..i18n import N_
from ..i18n import gettext as _
from ..utils.files import hugging_face_home
from ..utils.packages import version_of
from .launch import CLONE, THREADS

# package on the index -> the extra of hfquick that brings it ("" for the base), what it is for
PACKAGES = {
    "tokenizers": ("", N_("text to tokens")),
    "safetensors": ("", N_("reading and writing weights")),
    "huggingface_hub": ("", N_("models from the Hub")),
    "numpy": ("", N_("arrays")),
    "pillow": ("", N_("reading pictures")),
    "h5py": ("", N_("reading tf_model.h5")),
    "soundfile": ("", N_("reading sounds")),
    "soxr": ("", N_("sounds at another sampling rate")),
    "polib": ("", N_("labels in other languages")),
    "torch": ("torch", N_("models in PyTorch")),
    "accelerate": ("torch", N_("training in PyTorch")),
    "tensorflow": ("tf", N_("models in TensorFlow")),
    "keras": ("tf", N_("models in TensorFlow")),
    "jupyterlab": ("notebooks", N_("the tour")),
    "ipywidgets": ("notebooks", N_("the picker")),
    "anywidget": ("notebooks", N_("keys and screen readers in widgets")),
    "datasets": ("notebooks", N_("rows to work on")),
}
PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")


def examine() -> Iterator[str]:
    """The report, line by line: the network is asked last, for it may take two seconds."""
    yield f"hfquick {__version__}, Python {platform.python_version()}, {platform.platform()}"
    yield ""
    yield from packages()
    yield ""
    yield from machine()
    yield ""
    yield from network()


def packages() -> Iterator[str]:
    """One line for each package, then the commands that bring what is missing."""
    found = {package: version_of(package) for package in PACKAGES}
    for package, (_extra, purpose) in PACKAGES.items():
        yield f"{package:16} {found[package] or '-':24} {_(purpose)}"
    yield ""
    missing = {extra: None for package, (extra, _purpose) in PACKAGES.items() if found[package] is None}
    if not missing:
        yield _("nothing is missing")
    for extra in missing:
        names = [package for package in PACKAGES if PACKAGES[package][0] == extra and found[package] is None]
        yield _("missing: {names}; try: {command}", names=", ".join(names), command=install_command(extra, names))
    if not found["torch"] and not found["tensorflow"]:
        yield _("no framework: models need the extra torch or the extra tf, one of them is enough")
    installed = {(dist.metadata["Name"] or "").lower().replace("_", "-") for dist in metadata.distributions()}
    if {"tensorflow", "tensorflow-cpu"} <= installed:
        yield _(
            "tensorflow and tensorflow-cpu are both installed and overwrite each other: pip uninstall both, install one"
        )


def install_command(extra: str, names: list[str]) -> str:
    """The command that brings an extra ("" for the base), or without a clone these packages, to the Python of now."""
    short = Path(sys.executable).name  # enough where this Python is the one a shell finds
    python = short if shutil.which(short) == sys.executable else sys.executable
    what = f"-e '{CLONE}{f'[{extra}]' if extra else ''}'" if CLONE else " ".join(names)
    return f"{python} -m pip install {what}"


def fact(label: str, value: str) -> str:
    return _("{label}: {value}", label=label, value=value)


def machine() -> Iterator[str]:
    """Graphics processor, what computes on the other one, and the Hugging Face cache."""
    yield fact(_("GPU"), gpu())
    yield fact(_("products of float32 matrices"), kernels())
    yield fact(_("threads"), threads())
    folder = cache_folder()
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    free = shutil.disk_usage(next(parent for parent in [folder, *folder.parents] if parent.exists())).free
    left = _("{free} GB free", free=f"{free / 1e9:.0f}")
    yield fact(_("cache"), f"{folder}, {_('{size} MB', size=f'{size / 1e6:.1f}')} ({left})")


def gpu() -> str:
    """The GPU PyTorch or TensorFlow would use, found in a process of its own: a broken driver cannot hurt this one."""
    if find_spec("torch"):
        code = (
            "import torch; print(torch.cuda.get_device_name(0) if torch.cuda.is_available() else"
            " 'Apple Metal' if torch.backends.mps.is_available() else '')"
        )
    elif find_spec("tensorflow"):
        code = "import tensorflow as tf; print(', '.join(d.name for d in tf.config.list_physical_devices('GPU')))"
    else:
        return _("unknown without a framework")
    return in_a_process(code) or _("none, the processor is used")


def in_a_process(code: str) -> str:
    """What these lines of Python print last, or why they do not."""
    try:
        result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    except subprocess.TimeoutExpired:
        return _("the framework did not answer in a minute")
    if result.returncode:
        return _("the framework cannot be imported: {reason}", reason=(result.stderr.strip().splitlines() or ["?"])[-1])
    return result.stdout.strip().splitlines()[-1] if result.stdout.strip() else ""


def kernels() -> str:
    """How float32 matrices are multiplied on this processor (cpu/choice.py), found in a process of its own, too."""
    if not find_spec("torch"):
        return _("unknown without PyTorch")
    return in_a_process("from hfquick.cpu import choice; print(choice.described())") or "-"


def threads() -> str:
    """How many threads the processor's frameworks take, and what the tour gives its kernels."""
    asked = os.environ.get("OMP_NUM_THREADS")
    number, own = asked or os.cpu_count() or 1, asked or THREADS["OMP_NUM_THREADS"]
    return _("{number}; {own} in the tour (OMP_NUM_THREADS chooses)", number=number, own=own)


def cache_folder() -> Path:
    """Where huggingface_hub keeps what it downloads, by its own rules."""
    return Path(os.environ.get("HF_HUB_CACHE") or hugging_face_home() / "hub").expanduser()


def network() -> Iterator[str]:
    """Is the Hub in reach, through which proxy, with a token or not."""
    proxies = [name for name in PROXIES if os.environ.get(name) or os.environ.get(name.lower())]
    yield fact(_("proxy"), ", ".join(proxies) or _("none"))
    home = cache_folder().parent
    token = os.environ.get("HF_TOKEN") or os.environ.get("HF_TOKEN_PATH") or (home / "token").is_file()
    yield fact("HF_TOKEN", _("set") if token else _("not set"))
    allowed = zoo.stand_ins_allowed()
    yield fact(_("stand-ins"), _("allowed when offline") if allowed else _("forbidden by HFQUICK_STAND_INS=0"))
    yield fact(_("Hugging Face Hub"), hub_state())


def hub_state() -> str:
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        return _("not asked, HF_HUB_OFFLINE is set")
    if version_of("huggingface_hub") is None:
        return _("not asked, huggingface_hub is missing")
    from ..hub.repository import is_offline

    return _("no route; embedded models and what is in the cache still work") if is_offline() else _("in reach")
