"""Write hfquick/__init__.pyi, by which VS Code, PyCharm and mypy see the public names that are loaded on first use.

    python -m tools.stub

A test compares the file with the table in hfquick/__init__.py.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import hfquick

STUB = Path(hfquick.__file__).with_suffix(".pyi")
HEAD = '''"""Written by tools/stub.py: where every public name of hfquick comes from, for editors and type checkers."""

'''


def stub() -> str:
    """The text of the file: one import for each module, every name as itself, which means that it is public."""
    by_module: dict[str, list[str]] = {}
    for name, module in hfquick._WHERE.items():
        by_module.setdefault(module, []).append(name)
    lines = []
    for module, names in sorted(by_module.items()):
        lines.append(f"from .{module} import (")
        lines += [f"    {name} as {name}," for name in sorted(names)]
        lines.append(")")
    return HEAD + "\n".join([*lines, "", "__version__: str", "__all__: list[str]"]) + "\n"


if __name__ == "__main__":
    STUB.write_text(stub(), encoding="utf-8")
    print(f"{STUB}: {len(hfquick._WHERE)} names")
