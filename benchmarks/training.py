"""Training a full-size, randomly initialised DistilBERT on 320 short reviews, batch 8, CPU: hfquick's Trainer and
transformers' in turn.

python benchmarks/training.py [--rounds 3]
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from functools import wraps

import torch
from common import SIZE, Side, full_size_folder, ratio, short_lengths, texts

ROWS, BATCH = 320, 8
COMMON = {
    "per_device_train_batch_size": BATCH,
    "num_train_epochs": 1,
    "logging_steps": 10,
    "save_strategy": "no",
    "report_to": "none",
    "disable_tqdm": True,
    "use_cpu": True,
    "learning_rate": 5e-5,
}


def rows(tokenizer) -> list[dict]:
    """Tokenized reviews with a label, the same at every run."""
    encoded = tokenizer(texts(short_lengths(ROWS)))
    columns = ("input_ids", "attention_mask")
    return [{**{name: encoded[name][index] for name in columns}, "label": index % 2} for index in range(ROWS)]


def fixed_batches(data: list[dict], collate: Callable) -> list[dict]:
    """The batches of both sides, made once: then only the training itself is compared."""
    return [dict(collate(data[start : start + BATCH])) for start in range(0, ROWS, BATCH)]


class Watch:
    """Seconds that a run spends in forward, backward and optimizer, whoever calls them.

    The optimizer's work is clipping, the step, and giving the gradients' memory back.
    """

    PLACES = (
        (torch.Tensor, "backward"),
        (torch.nn.utils, "clip_grad_norm_"),
        (torch.optim.AdamW, "step"),
        (torch.optim.AdamW, "zero_grad"),
        (torch.nn.Module, "zero_grad"),
    )

    def __init__(self, trainer) -> None:
        self.trainer, self.inside = trainer, 0.0

    @contextmanager
    def on(self):
        model = self.trainer.model
        before = [(place, name, getattr(place, name)) for place, name in self.PLACES]
        model.forward = self._timed(model.forward)
        for place, name, function in before:
            setattr(place, name, self._timed(function))
        try:
            yield
        finally:
            del model.forward
            for place, name, function in before:
                setattr(place, name, function)

    def _timed(self, function: Callable) -> Callable:
        @wraps(function)  # with its signature, by which both sides choose columns
        def run(*args, **kwargs):
            start = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self.inside += time.perf_counter() - start

        return run


def with_loader(kind: type, batches: list[dict] | None) -> type:
    """A Trainer class that takes these batches as they are; its own loader if there are none."""
    if batches is None:
        return kind

    class Fixed(kind):
        def get_train_dataloader(self):
            return torch.utils.data.DataLoader(batches, batch_size=None)

    return Fixed


def main(rounds: int) -> None:
    sides = {name: Side(sys.executable, __file__, name) for name in ("hfquick", "transformers")}
    print(sides["transformers"].facts["versions"])
    runs: dict[tuple[str, str], list[dict[str, float]]] = {
        (work, name): [] for work in ("fixed batches", "own batches") for name in sides
    }
    for _ in range(rounds):
        for work, name in runs:
            runs[work, name].append(sides[name].run(work))
    for (work, name), measured in runs.items():
        took, rest = (statistics.median(run[what] for run in measured) for what in ("seconds", "outside"))
        print(f"  {name:13} {work:14} {took:6.2f} s  {ROWS / took:5.1f} rows/s  outside the step's parts {rest:.1%}")
    for work in ("fixed batches", "own batches"):
        theirs, ours = ([run["seconds"] for run in runs[work, name]] for name in ("transformers", "hfquick"))
        print(f"{work}: {ratio(theirs, ours)}")
    for side in sides.values():
        side.close()


def work(name: str) -> None:
    """Prepare one side, train once to warm up, then once for every line of stdin.

    Its own batches are those of group_by_length=True for hfquick, those of the default for transformers.
    """
    torch.manual_seed(0)
    folder = str(full_size_folder())
    own = {"group_by_length": True} if name == "hfquick" else {}
    if name == "hfquick":
        import hfquick as library
        from hfquick.models.distilbert.modeling_distilbert import DistilBertForSequenceClassification as Model
    else:
        import transformers as library
        from transformers import DistilBertForSequenceClassification as Model

        library.logging.set_verbosity_error()
    tokenizer = library.AutoTokenizer.from_pretrained(folder)
    collate = library.DataCollatorWithPadding(tokenizer)
    data = rows(tokenizer)
    fixed = fixed_batches(data, collate)

    def train(batches: list[dict] | None, options: dict) -> dict[str, float]:
        model = Model(library.DistilBertConfig(vocab_size=SIZE))
        with tempfile.TemporaryDirectory() as out:
            args = library.TrainingArguments(out, **COMMON, **options)
            trainer = with_loader(library.Trainer, batches)(model, args, collate, data)
            watch = Watch(trainer)
            with watch.on():
                start = time.perf_counter()
                trainer.train()
                seconds = time.perf_counter() - start
        return {"seconds": seconds, "outside": 1 - watch.inside / seconds}

    train(fixed, {})
    versions = f"torch {torch.__version__}, {torch.get_num_threads()} threads, {name} {library.__version__}"
    print(json.dumps({"versions": versions}), flush=True)
    for line in sys.stdin:
        print(json.dumps(train(fixed, {}) if line.startswith("fixed") else train(None, own)), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--worker", choices=("hfquick", "transformers"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    work(options.worker) if options.worker else main(options.rounds)
