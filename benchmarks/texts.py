"""Many texts through one pipeline: hfquick and transformers in turn, full-size, randomly initialised DistilBERT, CPU.

python benchmarks/texts.py [--rounds 5] [--parts short mixed bfloat16]
"""

import argparse
import statistics

import numpy as np
import torch
from common import full_size_folder, in_turn, mixed_lengths, ratio, short_lengths, texts

from hfquick import pipeline
from hfquick.pipelines.texts import batches

PICKED = (1, 4, 8, 16, 32, 64, 128)  # batch sizes a careful user of transformers would try


PARTS = ("short", "mixed", "bfloat16")


def main(rounds: int, parts: list[str]) -> None:
    import transformers

    folder = str(full_size_folder())
    transformers.logging.set_verbosity_error()
    theirs = transformers.pipeline("text-classification", model=folder, device="cpu", dtype=torch.float32)
    ours = pipeline("text-classification", model=folder, device="cpu")
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, transformers {transformers.__version__}")

    short, mixed = texts(short_lengths(256)), texts(mixed_lengths(96))
    if "short" in parts:
        compare("256 short texts", short, ours, theirs, PICKED, rounds)
    if "mixed" in parts:
        compare("96 texts of mixed lengths", mixed, ours, theirs, (16,), rounds)
    if "bfloat16" not in parts:
        return
    half = pipeline("text-classification", model=folder, device="cpu", dtype="bfloat16")
    seconds = in_turn({"float32": lambda: ours(short), "bfloat16": lambda: half(short)}, rounds)
    print(f"\n256 short texts, our float32 over our bfloat16: {ratio(seconds['float32'], seconds['bfloat16'])}")


def compare(title: str, many: list[str], ours, theirs, sizes: tuple[int, ...], rounds: int) -> None:
    """Print how long each side takes, as multiples of ours."""
    alone = [ours(text)[0]["score"] for text in many]
    together = [result["score"] for result in ours(many)]
    print(f"\n{title}: largest difference to one by one {np.abs(np.subtract(alone, together)).max():.1e}")
    sides = {"ours": lambda: ours(many), "linear": linear_calls(ours, many), "default": lambda: theirs(many)}
    sides |= {f"batch_size={size}": lambda size=size: theirs(many, batch_size=size) for size in sizes}
    seconds = in_turn(sides, rounds)
    for side, runs in seconds.items():
        print(f"  {side:15} {statistics.median(runs):7.3f} s   times ours: {ratio(runs, seconds['ours'])}")
    print(f"  share of the Linear calls alone: {ratio(seconds['linear'], seconds['ours'])}", flush=True)


def linear_calls(pipe, many: list[str]):
    """What the model's Linear layers alone cost on the pipeline's batches: the floor of any implementation."""
    features = [piece.features for [piece] in pipe.preprocess(many, pipe._settings({}))]
    shapes = [
        (len(batch), max(len(features[index]["input_ids"]) for index in batch))
        for batch in batches([len(item["input_ids"]) for item in features])
    ]
    blocks = [
        module
        for name, module in pipe.model.named_modules()
        if isinstance(module, torch.nn.Linear) and ".layer." in name
    ]
    inputs = {
        (b, t, width): torch.randn(b, t, width)
        for b, t in shapes
        for width in {module.in_features for module in blocks}
    }

    def run() -> None:
        with torch.inference_mode():
            for b, t in shapes:
                for module in blocks:
                    module(inputs[b, t, module.in_features])

    return run


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    options = parser.parse_args()
    main(options.rounds, options.parts)
