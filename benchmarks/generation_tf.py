"""Generation in TensorFlow: hfquick on Keras 3 and transformers 4.50.3 on tf-keras in turn, GPT-2 of full size, CPU.

    python benchmarks/generation_tf.py [--rounds 3] [--python .venv-bench-tf/bin/python]

Randomly initialised, prompts of 32 tokens, 24 new ones each. The first call of hfquick traces its decoding step; it
is timed apart. Processor time is given beside seconds, for machines that do other work, too.
"""

import argparse
import json
import sys
import time
from importlib.metadata import version
from typing import Any

from common import Side, ratio

NEW, PROMPT = 24, 32  # tokens
SCENES: dict[str, tuple[int, dict[str, Any]]] = {  # prompts, options
    "one prompt": (1, {}),
    "8 prompts": (8, {}),
    "4 beams": (1, {"num_beams": 4}),
}


def main(python: str, rounds: int) -> None:
    sides = {}
    for name in ("hfquick", "transformers"):
        legacy = {"TF_USE_LEGACY_KERAS": "1"} if name == "transformers" else {}
        sides[name] = Side(python, __file__, name, TF_CPP_MIN_LOG_LEVEL="3", **legacy)
        print(sides[name].facts["versions"], flush=True)
    for title in SCENES:
        first = {name: side.run(title)["seconds"] for name, side in sides.items()}
        runs: dict[str, list[dict]] = {name: [] for name in sides}
        for _ in range(rounds):
            for name, side in sides.items():
                runs[name].append(side.run(title))
        for measure in ("seconds", "cpu"):
            ours, theirs = ([run[measure] for run in runs[name]] for name in sides)
            print(f"{title}, {measure}: {ratio(theirs, ours)}, wanted 2.0; hfquick {min(ours):.2f}", flush=True)
        print(f"{title}, the first call: hfquick {first['hfquick']:.1f} s, transformers {first['transformers']:.1f} s")
    for side in sides.values():
        side.close()


def work(name: str) -> None:
    """Generate once for every line of stdin."""
    import numpy as np
    import tensorflow as tf

    if name == "hfquick":
        from hfquick import GPT2Config, TFGPT2LMHeadModel

        model = TFGPT2LMHeadModel.from_config(GPT2Config())
        versions = f"hfquick, Keras {version('keras')}, TensorFlow {tf.__version__}"
    else:
        from transformers import GPT2Config, TFGPT2LMHeadModel

        model = TFGPT2LMHeadModel(GPT2Config())
        versions = f"transformers {version('transformers')}, TensorFlow {tf.__version__}"
    print(json.dumps({"versions": versions}), flush=True)
    for line in sys.stdin:
        prompts, options = SCENES[line.strip()]
        ids = tf.constant(np.random.RandomState(0).randint(100, 50_000, (prompts, PROMPT)), tf.int32)
        wall, cpu = time.perf_counter(), time.process_time()
        found = model.generate(
            input_ids=ids, attention_mask=tf.ones_like(ids), max_new_tokens=NEW, min_new_tokens=NEW, pad_token_id=50256,
            do_sample=False, **options,
        )  # fmt: skip
        assert found.shape[1] == PROMPT + NEW
        times = {"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
        print(json.dumps(times), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--python", default=sys.executable, help="of an environment with requirements/bench-tf.txt")
    parser.add_argument("--worker", choices=("hfquick", "transformers"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options.worker)
    else:
        main(options.python, options.rounds)
