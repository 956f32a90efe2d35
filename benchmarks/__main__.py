"""Run all benchmarks, hfquick and transformers in turn: `make bench`.

transformers is installed for this alone, into .venv-bench and, with TensorFlow, into .venv-bench-tf, so that nothing
else can come to depend on it.
"""

import subprocess
import sys
from pathlib import Path

from hfquick.commands.launch import LaunchError, make_environment

HERE = Path(__file__).resolve().parent
SCRIPTS = {  # by environment
    "bench": ("start", "memory", "texts", "training", "generation", "images", "sounds"),
    "bench-tf": ("training_tf", "generation_tf"),
}


def main() -> int:
    for environment, names in SCRIPTS.items():
        try:
            python = make_environment(environment, HERE.parent, HERE.parent / f".venv-{environment}")
        except LaunchError as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
        for name in names:
            print(f"\n=== {name}", flush=True)
            if subprocess.run([str(python), str(HERE / f"{name}.py")]).returncode:
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
