"""How fast it opens: importing the package, and a whole process from its start to a first result.

    python benchmarks/start.py [--rounds 7]

Every run is a fresh process of this interpreter, hfquick and transformers in turn; the model is a full-size DistilBERT
on disk.
"""

import argparse
import os
import statistics
import subprocess
import sys
from pathlib import Path

from common import full_size_folder, in_turn, ratio

TOP = Path(__file__).resolve().parent.parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(TOP), "HF_HUB_OFFLINE": "1"}

HEAVY = ("torch", "tensorflow", "keras", "numpy")


def python(code: str) -> None:
    subprocess.run(
        [sys.executable, "-c", code], check=True, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def report(title: str, sides: dict[str, str], rounds: int) -> None:
    seconds = in_turn({name: lambda code=code: python(code) for name, code in sides.items()}, rounds)
    print(f"\n{title}")
    for name, runs in seconds.items():
        print(f"  {name:13} {statistics.median(runs):6.3f} s")
    print(f"  transformers / hfquick: {ratio(seconds['transformers'], seconds['hfquick'])}")


def main(rounds: int) -> None:
    folder = full_size_folder()
    loaded = subprocess.run(
        [sys.executable, "-c", f"import hfquick, sys; print([name for name in {HEAVY} if name in sys.modules])"],
        env=ENVIRONMENT, capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    print(f"heavy modules that `import hfquick` loads: {loaded}")
    report(
        "import", {"python alone": "pass", "hfquick": "import hfquick", "transformers": "import transformers"}, rounds
    )
    call = "from {package} import pipeline; print(pipeline('text-classification', model={folder!r})('A first text.'))"
    report(
        "process to a first result",
        {
            "torch alone": "import torch",
            "hfquick": call.format(package="hfquick", folder=str(folder)),
            "transformers": call.format(package="transformers", folder=str(folder)),
        },
        rounds,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    main(parser.parse_args().rounds)
