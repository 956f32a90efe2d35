"""What the benchmarks share: a full-size, randomly initialised DistilBERT, texts, and timing of two sides in turn."""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP))

VOCABULARY = TOP / "hfquick" / "zoo" / "distilbert-tiny-sentiment-en" / "vocab.txt"
SIZE = 30522  # words of distilbert-base-uncased


def full_size_folder(kind: str = "safetensors") -> Path:
    """A folder as on the Hub: DistilBERT of the published size, randomly initialised, with a WordPiece vocabulary.

    The vocabulary is that of an embedded model, filled up to the published size: tokens cost the same, whatever they
    stand for.
    """
    import torch

    from hfquick import DistilBertConfig
    from hfquick.models.distilbert.modeling_distilbert import DistilBertForSequenceClassification

    folder = Path(tempfile.gettempdir()) / f"hfquick-benchmark-{kind}"
    if (folder / "config.json").exists():
        return folder
    partial = Path(tempfile.mkdtemp(dir=folder.parent))
    torch.manual_seed(0)
    model = DistilBertForSequenceClassification.from_config(DistilBertConfig(vocab_size=SIZE))
    model.save_pretrained(partial)
    if kind == "bin":
        (partial / "model.safetensors").unlink()
        torch.save(model.state_dict(), partial / "pytorch_model.bin")
    write_vocabulary(partial)
    partial.rename(folder)
    return folder


def write_vocabulary(folder: Path) -> None:
    """The files of a WordPiece tokenizer of the published size."""
    words = VOCABULARY.read_text(encoding="utf-8").splitlines()
    words += [f"[filler{index}]" for index in range(SIZE - len(words))]
    (folder / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(
        '{"do_lower_case": true, "model_max_length": 512, "tokenizer_class": "DistilBertTokenizer"}'
    )


def texts(lengths: list[int]) -> list[str]:
    """Texts of so many words each, the same at every run."""
    words = [word for word in VOCABULARY.read_text(encoding="utf-8").split() if word.isalpha() and len(word) > 2]
    rng = random.Random(0)
    return [" ".join(rng.choices(words, k=count)) + "." for count in lengths]


def short_lengths(count: int) -> list[int]:
    """Words per text as in the Rotten Tomatoes sentences: mean 21, standard deviation 9, from 1 to 50."""
    rng = random.Random(1)
    return [min(50, max(1, round(rng.gauss(21, 9)))) for _ in range(count)]


def mixed_lengths(count: int) -> list[int]:
    """From a word to a page: the logarithm of the length is spread evenly between 3 and 350 words."""
    rng = random.Random(2)
    return [round(3 * (350 / 3) ** rng.random()) for _ in range(count)]


def in_turn(sides: dict[str, Callable[[], object]], rounds: int = 5) -> dict[str, list[float]]:
    """Run every side once to warm up, then all of them in turn, `rounds` times: seconds of each run.

    Turns make a comparison hold when the speed of the machine drifts.
    """
    for run in sides.values():
        run()
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, run in sides.items():
            start = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - start)
    return seconds


class Side:
    """A process that prepares one side, says so, and then works when it is told to.

    Each side has a process of its own, because what one has freed is memory that the other need not ask for.
    """

    def __init__(self, python: str, script: str, name: str, **environment: str) -> None:
        self.process = subprocess.Popen(
            [python, script, "--worker", name],
            env={**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": sys.path[0], **environment},
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.facts = self.answer()

    def answer(self) -> dict[str, Any]:
        """The next line of JSON that the process prints."""
        for line in self.process.stdout:
            if line.startswith('{"'):
                return json.loads(line)
        raise RuntimeError(f"a worker ended: {self.process.args}; run it by itself to see why")

    def run(self, work: str) -> dict[str, Any]:
        """Have it do something once -> what it measured."""
        self.process.stdin.write(work + "\n")
        self.process.stdin.flush()
        return self.answer()

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def ratio(slow: list[float], fast: list[float]) -> str:
    """Median of the ratios round by round, with their range."""
    pairs = [a / b for a, b in zip(slow, fast, strict=True)]
    return f"{statistics.median(pairs):.2f} (from {min(pairs):.2f} to {max(pairs):.2f})"
