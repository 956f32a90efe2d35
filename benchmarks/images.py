"""Pictures through models: hfquick and transformers in turn, full-size, randomly initialised ViT and DETR, CPU.

    python benchmarks/images.py [--rounds 3] [--parts classify prepare bfloat16 detect panoptic twins]

Pictures have 640 x 480 pixels, as most of COCO. `twins` compares our Keras models with our PyTorch models.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from common import TOP, in_turn, ratio
from PIL import Image

PARTS = ("classify", "prepare", "bfloat16", "detect", "panoptic", "twins")
PICKED = (1, 2, 4, 8, 24)  # batch sizes a careful user of transformers would try

PEAK = "next(int(line.split()[1]) / 1e6 for line in open('/proc/self/status') if line.startswith('VmHWM'))"


def pictures(count: int) -> list[Image.Image]:
    """Pictures of 640 x 480 pixels, the same at every run: smooth, with details."""
    rng = np.random.default_rng(0)
    small = [Image.fromarray(rng.integers(0, 256, (48, 64, 3), np.uint8)) for _ in range(count)]
    return [one.resize((640, 480), Image.Resampling.BICUBIC) for one in small]


def folder_of(name: str, make: Callable[[], tuple[Any, Any]]) -> str:
    """A folder as on the Hub, with a model and its image processor, made once."""
    folder = Path(tempfile.gettempdir()) / f"hfquick-benchmark-{name}"
    if not (folder / "config.json").exists():
        import torch

        torch.manual_seed(0)
        partial = Path(tempfile.mkdtemp(dir=folder.parent))
        for part in make():
            part.save_pretrained(partial)
        partial.rename(folder)
    return str(folder)


def vit() -> str:
    import hfquick

    names = {index: f"class {index}" for index in range(1000)}
    make = lambda: (  # noqa: E731
        hfquick.ViTForImageClassification.from_config(hfquick.ViTConfig(id2label=names)),
        hfquick.ViTImageProcessor(size={"height": 224, "width": 224}),
    )
    return folder_of("vit", make)


def detr(head: str = "DetrForObjectDetection") -> str:
    import hfquick

    config = hfquick.DetrConfig(
        use_timm_backbone=False,
        use_pretrained_backbone=False,
        backbone=None,
        backbone_config={"model_type": "resnet", "out_features": ["stage1", "stage2", "stage3", "stage4"]},
        num_labels=91,
    )
    make = lambda: (getattr(hfquick, head).from_config(config), hfquick.DetrImageProcessor())  # noqa: E731
    return folder_of(head.lower(), make)


def sides(task: str, folder: str, dtype: str = "float32") -> tuple[Any, Any]:
    """The pipelines of both libraries."""
    import torch
    import transformers

    import hfquick

    transformers.logging.set_verbosity_error()
    theirs = transformers.pipeline(task, model=folder, device="cpu", dtype=getattr(torch, dtype))
    return hfquick.pipeline(task, model=folder, device="cpu", dtype=dtype), theirs


def show(seconds: dict[str, list[float]], count: int) -> None:
    """Milliseconds per picture, and multiples of ours, the first one."""
    ours = next(iter(seconds.values()))
    for name, runs in seconds.items():
        print(
            f"  {name:28} {1000 * statistics.median(runs) / count:8.1f} ms   times ours: {ratio(runs, ours)}",
            flush=True,
        )


def classify(rounds: int) -> None:
    many = pictures(24)
    ours, theirs = sides("image-classification", vit())
    found = [[one[0]["label"] for one in pipe(many)] for pipe in (ours, theirs)]
    print(f"\nViT-base, 24 pictures; the best label is the same for {np.mean(np.equal(*found)):.0%}")
    runs: dict[str, Any] = {"ours": lambda: ours(many), "ours, one by one": lambda: [ours(one) for one in many]}
    runs |= {f"transformers, batch_size={size}": lambda size=size: theirs(many, batch_size=size) for size in PICKED}
    show(in_turn(runs, rounds), len(many))


def prepare(rounds: int) -> None:
    many = pictures(24)
    for name, folder in (("ViT", vit()), ("DETR", detr())):
        ours, theirs = (pipe.image_processor for pipe in sides(task_of(name), folder))
        pixels = [np.asarray(each(many[0], return_tensors="np")["pixel_values"]) for each in (ours, theirs)]
        kind = type(theirs).__name__
        print(f"\npreprocessing for {name} beside {kind}, largest difference {np.abs(np.subtract(*pixels)).max():.1e}")
        runs = {
            "ours": lambda ours=ours: ours(many, return_tensors="pt"),
            kind: lambda theirs=theirs: theirs(many, return_tensors="pt"),
        }
        show(in_turn(runs, rounds), len(many))


def task_of(name: str) -> str:
    return "image-classification" if name == "ViT" else "object-detection"


def bfloat16(rounds: int) -> None:
    import hfquick

    many = pictures(24)
    runs = {}
    for dtype in ("bfloat16", "float32"):
        pipe = hfquick.pipeline("image-classification", model=vit(), device="cpu", dtype=dtype)
        runs[f"our {dtype}"] = lambda pipe=pipe: pipe(many)
    print("\nViT-base, our float32 over our bfloat16")
    show(in_turn(runs, rounds), len(many))


def detect(rounds: int) -> None:
    many = pictures(4)
    ours, theirs = sides("object-detection", detr())
    print("\nDETR with ResNet-50, 4 pictures")
    runs = {
        "ours": lambda: ours(many),
        "ours, one by one": lambda: [ours(one) for one in many],
        "ours, batch_size=4": lambda: ours(many, batch_size=4),
        "transformers, one by one": lambda: [theirs(one) for one in many],
        "transformers, batch_size=4": lambda: theirs(many, batch_size=4),
    }
    show(in_turn(runs, rounds), len(many))


def panoptic(rounds: int) -> None:
    """Peak memory of one picture in a process of its own, above what imports and weights need."""
    folder = detr("DetrForSegmentation")
    print("\nDETR panoptic, one picture of 640 x 480: peak memory of the process, GB")
    for library in ("hfquick", "transformers"):
        code = (
            f"import sys; sys.path.insert(0, {str(TOP / 'benchmarks')!r})\n"
            f"import {library}, images\n"
            f"pipe = {library}.pipeline('image-segmentation', model={folder!r}, device='cpu')\n"
            f"before = {PEAK}\npipe(images.pictures(1)[0])\nprint(before, {PEAK})"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment())
        if done.returncode:
            print(f"  {library:14} not measured: {done.stderr.strip().splitlines()[-1]}")
            continue
        before, after = map(float, done.stdout.split()[-2:])
        print(f"  {library:14} {after:5.2f}, of which {before:5.2f} before the picture", flush=True)


def twins(rounds: int) -> None:
    import hfquick

    for name, folder, count in (("ViT-base", vit(), 8), ("DETR with ResNet-50", detr(), 2)):
        many, task = pictures(count), task_of(name.partition("-")[0])
        pipes = {kind: hfquick.pipeline(task, model=folder, framework=kind) for kind in ("pt", "tf")}
        print(f"\n{name}, {count} pictures, our PyTorch and our Keras model")
        runs = {kind: partial(pipe, many) for kind, pipe in pipes.items()}
        show(in_turn(runs, rounds), count)


def environment() -> dict[str, str]:
    return {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(TOP)}


def main(rounds: int, parts: list[str]) -> None:
    import torch
    import transformers

    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, transformers {transformers.__version__}")
    for part in parts:
        globals()[part](rounds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    options = parser.parse_args()
    main(options.rounds, options.parts)
