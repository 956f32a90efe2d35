"""Every Python that the tests start loads this by itself, kernels of notebooks too, and is kept on this machine."""

import importlib.util
from pathlib import Path

_spec = importlib.util.spec_from_file_location(
    "socket_guard", Path(__file__).parents[1] / "helpers" / "socket_guard.py"
)
_guard = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_guard)
_guard.install()
