"""Training a full-size DistilBERT with random weights on 320 short reviews, batch 8, CPU: hfquick's Trainer and
transformers' in turn.

python benchmarks/training.py [--rounds 3]
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from functools import wraps

import torch
from common import SIZE, full_size_folder, ratio, short_lengths, texts

from hfquick import AutoTokenizer, DataCollatorWithPadding, DistilBertConfig, Trainer, TrainingArguments
from hfquick.models.distilbert.modeling_distilbert import DistilBertForSequenceClassification

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
    import transformers

    transformers.logging.set_verbosity_error()
    torch.manual_seed(0)
    folder = str(full_size_folder())
    tokenizer = AutoTokenizer.from_pretrained(folder)
    data, collate = rows(tokenizer), DataCollatorWithPadding(tokenizer)
    fixed = fixed_batches(data, collate)
    theirs_tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    their_collate = transformers.DataCollatorWithPadding(theirs_tokenizer)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, transformers {transformers.__version__}")

    def ours(batches=None, **options):
        model = DistilBertForSequenceClassification(DistilBertConfig(vocab_size=SIZE))
        with tempfile.TemporaryDirectory() as out:
            args = TrainingArguments(out, **COMMON, **options)
            return run(with_loader(Trainer, batches)(model, args, collate, data))

    def theirs(batches=None):
        model = transformers.DistilBertForSequenceClassification(transformers.DistilBertConfig(vocab_size=SIZE))
        with tempfile.TemporaryDirectory() as out:
            args = transformers.TrainingArguments(out, **COMMON)
            return run(with_loader(transformers.Trainer, batches)(model, args, their_collate, data))

    def run(trainer) -> tuple[float, float]:
        watch = Watch(trainer)
        with watch.on():
            start = time.perf_counter()
            trainer.train()
            seconds = time.perf_counter() - start
        return seconds, 1 - watch.inside / seconds

    sides = {
        "ours, fixed batches": lambda: ours(fixed),
        "theirs, fixed batches": lambda: theirs(fixed),
        "ours, group_by_length": lambda: ours(group_by_length=True),
        "theirs, default": lambda: theirs(),
    }
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    outside: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            took, rest = side()
            seconds[name].append(took)
            outside[name].append(rest)
    for name in sides:
        took, rest = statistics.median(seconds[name]), statistics.median(outside[name])
        print(f"  {name:24} {took:7.2f} s  {ROWS / took:6.1f} rows/s  outside forward, backward, optimizer {rest:.1%}")
    print(f"fixed batches: {ratio(seconds['theirs, fixed batches'], seconds['ours, fixed batches'])}")
    print(f"group_by_length: {ratio(seconds['theirs, default'], seconds['ours, group_by_length'])}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    main(parser.parse_args().rounds)
