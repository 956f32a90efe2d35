"""Generation with full-size, randomly initialised models, CPU, float32: hfquick and transformers in turn.

    python benchmarks/generation.py [--rounds 5] [--only gpt2]

Prompts of 32 tokens, 48 new ones each, none of which may end a text, so that both sides do the same work. A decoding
step is timed without the prefill: the time of 48 new tokens less that of 8, by 40.
"""

import argparse
import json
import statistics
import sys
import time
from dataclasses import dataclass, field
from typing import Any

import torch
from common import Side, ratio

SHORT, LONG = 8, 48  # new tokens
PROMPT = 32  # tokens


@dataclass(frozen=True)
class Scene:
    """One model and its generation options."""

    model: str
    batch: int
    options: dict[str, Any] = field(default_factory=dict)
    wanted: float = 1.0  # times transformers' speed
    padded: bool = False  # all prompts but the first have half the length
    dtype: str = "float32"


BART = {"d_model": 1024, "encoder_layers": 12, "decoder_layers": 12}  # bart-large
T5 = {
    "d_model": 768,
    "d_ff": 3072,
    "num_layers": 12,
    "num_heads": 12,
    "vocab_size": 32128,
    "decoder_start_token_id": 0,
}  # t5-base
MODELS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "gpt2": ("GPT2LMHeadModel", "GPT2Config", {}),
    "t5-base": ("T5ForConditionalGeneration", "T5Config", T5),
    "bart-large": ("BartForConditionalGeneration", "BartConfig", BART),
}
SCENES = {
    "gpt2, one prompt": Scene("gpt2", 1, wanted=1.2),
    "gpt2, 8 prompts": Scene("gpt2", 8, wanted=1.3),
    "gpt2, 8 prompts, padded": Scene("gpt2", 8, wanted=1.3, padded=True),
    "gpt2, 4 beams": Scene("gpt2", 1, {"num_beams": 4}, wanted=1.8),
    "gpt2, one prompt, bfloat16": Scene("gpt2", 1, dtype="bfloat16"),
    "gpt2, 8 prompts, bfloat16": Scene("gpt2", 8, dtype="bfloat16"),
    "t5-base, 4 texts": Scene("t5-base", 4, wanted=1.3),
    "bart-large, 4 beams": Scene("bart-large", 1, {"num_beams": 4}, wanted=1.5),
}


def main(rounds: int, only: str) -> None:
    sides = {name: Side(sys.executable, __file__, name) for name in ("hfquick", "transformers")}
    print(*(side.facts["versions"] for side in sides.values()), sep="\n")
    steps: dict[str, dict[str, float]] = {}
    for title, scene in SCENES.items():
        if not title.startswith(only):
            continue
        for side in sides.values():
            side.run(title)  # builds the model and warms up
        measured: dict[str, list[dict[str, float]]] = {name: [] for name in sides}
        for _ in range(rounds):
            for name, side in sides.items():
                measured[name].append(side.run(title))
        ours, theirs = (measured[name] for name in sides)
        steps[title] = {name: statistics.median(run["step"] for run in runs) for name, runs in measured.items()}
        print(
            f"{title}: {ratio([run['long'] for run in theirs], [run['long'] for run in ours])}, wanted {scene.wanted}; "
            f"a step {1e3 * steps[title]['hfquick']:.1f} ms, {1e3 * steps[title]['transformers']:.1f} ms",
            flush=True,
        )
    for title, other, what in (
        ("gpt2, 8 prompts, padded", "gpt2, one prompt", "a step of 8 padded prompts, by one of one prompt"),
        ("gpt2, one prompt", "gpt2, one prompt, bfloat16", "float32 by bfloat16, one prompt"),
        ("gpt2, 8 prompts", "gpt2, 8 prompts, bfloat16", "float32 by bfloat16, 8 prompts"),
    ):
        if title in steps and other in steps:
            print(f"hfquick: {what}: {steps[title]['hfquick'] / steps[other]['hfquick']:.2f}")
    for side in sides.values():
        side.close()


def work(name: str) -> None:
    """Generate with a scene's model for every line of stdin; the model is kept until another is asked for."""
    if name == "hfquick":
        import hfquick as library
    else:
        import transformers as library

        library.logging.set_verbosity_error()
    versions = f"{name} {library.__version__}, torch {torch.__version__}, {torch.get_num_threads()} threads"
    print(json.dumps({"versions": versions}), flush=True)
    built: tuple[Any, Any] = None, None
    for line in sys.stdin:
        scene = SCENES[line.strip()]
        if built[0] != (scene.model, scene.dtype):
            built = None, None  # its memory first
            kind, config, values = MODELS[scene.model]
            torch.manual_seed(0)
            model = getattr(library, kind)(getattr(library, config)(**values))
            built = (scene.model, scene.dtype), model.eval().to(getattr(torch, scene.dtype))
            generate(built[1], scene, SHORT)
        short, long = (generate(built[1], scene, new) for new in (SHORT, LONG))
        print(json.dumps({"long": long, "step": (long - short) / (LONG - SHORT)}), flush=True)


def generate(model: Any, scene: Scene, new: int) -> float:
    """Seconds for so many new tokens of each text."""
    torch.manual_seed(1)
    ids = torch.randint(100, 30_000, (scene.batch, PROMPT))
    mask = torch.ones_like(ids)
    if scene.padded:
        mask[1:, : PROMPT // 2] = 0
    start = time.perf_counter()
    found = model.generate(
        input_ids=ids, attention_mask=mask, min_new_tokens=new, max_new_tokens=new, pad_token_id=0, do_sample=False,
        **scene.options,
    )  # fmt: skip
    seconds = time.perf_counter() - start
    start_length = PROMPT if scene.model == "gpt2" else 1
    assert found.shape[1] == start_length + new
    return seconds


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="scenes that start so")
    parser.add_argument("--worker", choices=("hfquick", "transformers"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    work(options.worker) if options.worker else main(options.rounds, options.only)
