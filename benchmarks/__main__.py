"""Run all benchmarks, hfquick and transformers in turn: `make bench`.

transformers is installed for this alone, into .venv-bench, so that nothing else can come to depend on it.
"""

import subprocess
import sys
from pathlib import Path

from hfquick.launch import LaunchError, make_environment

HERE = Path(__file__).resolve().parent


def main() -> int:
    try:
        python = make_environment("bench", HERE.parent, HERE.parent / ".venv-bench")
    except LaunchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for name in ("start", "memory", "texts", "training"):
        print(f"\n=== {name}", flush=True)
        if subprocess.run([str(python), str(HERE / f"{name}.py")]).returncode:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
