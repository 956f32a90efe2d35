"""Peak memory of loading a full-size DistilBERT, above a process that has only imported what loading needs.

    python benchmarks/memory.py

In multiples of the checkpoint's size; "and run" adds one forward pass, which touches every weight (files are
memory-mapped).
"""

import os
import subprocess
import sys
from pathlib import Path

from common import full_size_folder

TOP = Path(__file__).resolve().parent.parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(TOP), "HF_HUB_OFFLINE": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
# VmHWM belongs to the process alone; ru_maxrss would begin at the size of the parent.
TAIL = "\nprint(next(int(line.split()[1]) * 1024 for line in open('/proc/self/status') if line.startswith('VmHWM')))"
CLASSES = "{0}AutoModelForSequenceClassification as Auto, {0}DistilBertForSequenceClassification"
HFQUICK = f"import torch, hfquick.core.modeling, safetensors.torch; from hfquick import {CLASSES.format('')}"
TRANSFORMERS = f"import torch; from transformers import {CLASSES.format('')}"
KERAS = f"import tensorflow as tf, hfquick.core.modeling_tf; from hfquick import {CLASSES.format('TF')}"
RUN = {"pt": "\nmodel(torch.ones(1, 8, dtype=torch.long))", "tf": "\nmodel(tf.ones((1, 8), tf.int32))"}


def peak(code: str) -> int:
    """Largest resident size of a process, in bytes."""
    lines = subprocess.run([sys.executable, "-c", code + TAIL], env=ENVIRONMENT, capture_output=True, text=True)
    if lines.returncode:
        raise RuntimeError(lines.stderr[-500:])
    return int(lines.stdout.split()[-1])


def main() -> None:
    for kind in ("safetensors", "bin"):
        folder = full_size_folder(kind)
        size = max(path.stat().st_size for path in folder.iterdir())
        print(f"\n{kind}: {size / 1e6:.0f} MB")
        for name, imports, framework in [
            ("hfquick", HFQUICK, "pt"),
            ("transformers", TRANSFORMERS, "pt"),
            ("hfquick, Keras", KERAS, "tf"),
        ]:
            load = f"{imports}\nmodel = Auto.from_pretrained({str(folder)!r})"
            try:
                bare = peak(imports)
                loaded, run = (peak(code) - bare for code in (load, load + RUN[framework]))
            except RuntimeError as error:
                print(f"  {name:15} not measured: {str(error).splitlines()[-1]}")
                continue
            print(
                f"  {name:15} loaded {loaded / size:.2f} times the checkpoint, and run {run / size:.2f} "
                f"(bare {bare / 1e6:.0f} MB)"
            )


if __name__ == "__main__":
    main()
