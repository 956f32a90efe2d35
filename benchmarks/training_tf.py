"""Training in TensorFlow: hfquick on Keras 3 and transformers 4.50.3 on tf-keras in turn, full-size DistilBERT, CPU.

    python benchmarks/training_tf.py [--rounds 5] [--python .venv-bench-tf/bin/python]

320 short texts in batches of 8; each side prepares them with its own prepare_tf_dataset and trains with
compile(optimizer=Adam(3e-5)) and fit: once unshuffled, which gives both the same batches, and once with shuffle=True,
the default, for which hfquick groups texts by length. The two sides are two processes of one environment (the newest
transformers whose TensorFlow loading is right needs the Keras of old times); one works at a time.
"""

import argparse
import json
import statistics
import sys
import time
from importlib.metadata import version
from pathlib import Path

from common import SIZE, Side, ratio, short_lengths, texts, write_vocabulary

ROWS, BATCH = 320, 8
ORDERS = {"same batches": False, "shuffled": True}


def main(python: str, rounds: int) -> None:
    sides = {}
    for name in ("hfquick", "transformers"):  # one after the other: the first step of each is timed by itself
        legacy = {"TF_USE_LEGACY_KERAS": "1"} if name == "transformers" else {}
        sides[name] = Side(python, __file__, name, TF_CPP_MIN_LOG_LEVEL="3", **legacy)
        facts = sides[name].facts
        print(
            f"{name:13} {facts['versions']}: first step, with tracing and compiling, {facts['first']['seconds']:.1f} s "
            f"({facts['first']['cpu']:.1f} s of processor time)",
            flush=True,
        )
    assert len({side.facts["tokens"] for side in sides.values()}) == 1, "the two sides do not see the same tokens"
    passes: dict[tuple, list[dict]] = {(order, name): [] for order in ORDERS for name in sides}
    for _ in range(rounds):
        for order, name in passes:
            passes[order, name].append(sides[name].run(order))
    for order in ORDERS:
        for measure, unit in {"seconds": "second", "cpu": "second of processor time"}.items():
            ours, theirs = ([run[measure] for run in passes[order, name]] for name in sides)
            speeds = [
                f"{name} {ROWS / statistics.median(runs):.1f}" for name, runs in zip(sides, (ours, theirs), strict=True)
            ]
            print(f"{order}: samples per {unit}: {', '.join(speeds)}: {ratio(theirs, ours)}", flush=True)
    for side in sides.values():
        side.close()


def work(name: str) -> None:
    """Prepare one side, time its first step, then one pass for every line of stdin."""
    import tempfile

    import datasets
    import tensorflow as tf

    folder = Path(tempfile.mkdtemp())
    write_vocabulary(folder)
    if name == "hfquick":
        import hfquick

        tokenizer = hfquick.AutoTokenizer.from_pretrained(folder)
        model = hfquick.TFDistilBertForSequenceClassification.from_config(hfquick.DistilBertConfig(vocab_size=SIZE))
        versions = f"Keras {version('keras')}, TensorFlow {tf.__version__}"
    else:
        import transformers

        tokenizer = transformers.DistilBertTokenizerFast(str(folder / "vocab.txt"))
        model = transformers.TFDistilBertForSequenceClassification(transformers.DistilBertConfig(vocab_size=SIZE))
        versions = f"{transformers.__version__}, tf-keras {version('tf-keras')}, TensorFlow {tf.__version__}"
    rows = datasets.Dataset.from_dict({"text": texts(short_lengths(ROWS)), "label": [row % 2 for row in range(ROWS)]})
    rows = rows.map(lambda batch: tokenizer(batch["text"]), batched=True)
    data = {
        order: model.prepare_tf_dataset(rows, batch_size=BATCH, shuffle=shuffle, tokenizer=tokenizer)
        for order, shuffle in ORDERS.items()
    }
    model.compile(optimizer=tf.keras.optimizers.Adam(3e-5))

    def fit(batches: tf.data.Dataset) -> dict[str, float]:
        wall, cpu = time.perf_counter(), time.process_time()
        model.fit(batches, verbose=0)
        return {"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu}

    tokens = sum(map(len, rows["input_ids"]))
    first = fit(data["same batches"].take(1))
    print(json.dumps({"first": first, "versions": versions, "tokens": tokens}), flush=True)
    fit(data["same batches"])  # to warm up
    for line in sys.stdin:
        print(json.dumps(fit(data[line.strip()])), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--python", default=sys.executable, help="of an environment with requirements/bench-tf.txt")
    parser.add_argument("--worker", choices=("hfquick", "transformers"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options.worker)
    else:
        main(options.python, options.rounds)
