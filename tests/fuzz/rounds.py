"""A round of malformed files: each is loaded, in PyTorch in a process of its own, and may take 10 s and so much memory.

    python -m tests.fuzz.rounds [--framework pt|tf] [--count 500] [--seed 0] [--show ugly] [kind ...]

Prints a table of outcomes, and the cases of the outcomes that `--show` names. `make test` runs a short round
(test_malformed.py); the long one is run by hand, its table is in docs/safety.md.

| outcome | means |
| --- | --- |
| clear | hfquick's own sentence |
| foreign | an exception that hfquick has not spoken, or a sentence of more than 3,000 characters |
| hang, memory | more than 10 s; more than 300 MB beyond what a sound file takes |
| crash | the process ended by a signal |
| code | the canary was there: code of the file has run |
| same | loaded, and the answer is that of the sound file |
| differs | loaded, with another answer, where the file alone does not show that it is wrong |
| silent | loaded with another answer and no line, though a reader could see from the file that it is wrong |
"""

import argparse
import io
import json
import os
import resource
import select
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np

from .malformed import CANARY, MAKERS, Case, cases

REFERENCE = Path(__file__).parents[1] / "reference"
OUTCOMES = ("clear", "foreign", "hang", "memory", "crash", "code", "same", "differs", "silent")
SECONDS, ROOM, LONGEST = 10, 300 * 2**20, 3_000
IDS = [[5, 6, 7, 8, 9]]
WEIGHTS = ("model.safetensors", "pytorch_model.bin", "tf_model.h5", "model.safetensors.index.json")
TOKENIZERS = {  # kind of file -> a tokenizer of the references that has it
    "tokenizer.json": "distilbert-json",
    "vocab.txt": "bert-vocab",
    "vocab.json": "gpt2-vocab",
    "merges.txt": "gpt2-vocab",
    "tokenizer_config.json": "bert-options",
    "special_tokens_map.json": "bert-options",
    "added_tokens.json": "bert-options",
    "chat_template": "distilbert-json",
}
KINDS = {"pt": tuple(MAKERS), "tf": ("config.json", "model.safetensors", "tf_model.h5", "model.safetensors.index.json")}


def sound_folder(kind: str, target: Path) -> Path:
    """The folder in which one file will be malformed."""
    checkpoints = REFERENCE / "checkpoints"
    if kind in TOKENIZERS:
        shutil.copytree(REFERENCE / "tokenizers" / TOKENIZERS[kind], target)
        config = json.loads((target / "config.json").read_text()) if (target / "config.json").exists() else {}
        for name in ("vocab.txt", "vocab.json"):
            if (target / name).exists():
                text = (target / name).read_text(encoding="utf-8")
                config["vocab_size"] = len(json.loads(text) if name == "vocab.json" else text.splitlines())
        config.setdefault("model_type", TOKENIZERS[kind].partition("-")[0])
        (target / "config.json").write_text(json.dumps(config))
        return target
    head = "gpt2-next" if kind == "generation_config.json" else "bert-labels"
    shutil.copytree(checkpoints / head / "safetensors", target)
    if kind == "tf_model.h5":
        shutil.copy(checkpoints / head / "h5" / kind, target)
    if kind == "generation_config.json":
        options = {"eos_token_id": 3, "pad_token_id": 0, "max_new_tokens": 4, "do_sample": False}
        (target / kind).write_text(json.dumps(options))
    return target


def probe(kind: str, framework: str) -> Callable[[Path], Any]:
    """Loads a folder as a learner does -> what comes out, as an array or a list."""
    import hfquick

    def tokens(folder: Path) -> Any:
        tokenizer = hfquick.AutoTokenizer.from_pretrained(str(folder))
        if kind == "chat_template":
            return tokenizer.apply_chat_template([{"role": "user", "content": "hello"}], tokenize=False)
        return [tokenizer(text)["input_ids"] for text in ("the cat sat, [MASK] on the mat 123", "é <mask> hello world")]

    def logits(folder: Path) -> Any:
        model = getattr(hfquick, f"{'TF' * (framework == 'tf')}AutoModelForSequenceClassification")
        loaded = model.from_pretrained(str(folder))
        if framework == "tf":
            return np.asarray(loaded({"input_ids": np.array(IDS)}).logits)
        import torch

        with torch.no_grad():
            return loaded(input_ids=torch.tensor(IDS)).logits.float().numpy()

    def generated(folder: Path) -> Any:
        import torch

        model = hfquick.AutoModelForCausalLM.from_pretrained(str(folder))
        return model.generate(torch.tensor(IDS)).tolist()

    if kind in TOKENIZERS:
        return tokens
    return generated if kind == "generation_config.json" else logits


def is_same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.shape == other.shape and bool(np.allclose(one, other, atol=1e-6, equal_nan=False))
    return type(one) is type(other) and one == other


def judged(error: BaseException) -> tuple[str, str]:
    """An exception -> its outcome, and what to show of it."""
    line = f"{type(error).__name__}: {error}"
    if isinstance(error, Hang):
        return "hang", ""
    if isinstance(error, MemoryError) or "can't allocate memory" in line:
        return "memory", line[:300]
    is_own = hasattr(error, "english") and len(line) < LONGEST and "\x1b" not in line
    return ("clear" if is_own else "foreign"), line[:300]


def peak() -> int:
    """The most memory this process has had in use since it was forked, in bytes."""
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM"))


def loaded(work: Path, load: Callable[[Path], Any], expected: Any, visible: bool) -> dict[str, str]:
    """Load, and compare."""
    os.chdir(work)
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")  # the peak begins here
    before, printed = peak(), io.StringIO()
    try:
        with redirect_stdout(printed), redirect_stderr(printed):
            found, said = load(work / "model"), ""
        outcome = "same" if is_same(found, expected) else "differs"
        if outcome == "differs" and visible and not printed.getvalue().strip():
            outcome = "silent"
    except BaseException as error:
        outcome, said = judged(error)
    if outcome != "memory" and peak() - before > ROOM:
        outcome, said = "memory", f"{(peak() - before) >> 20} MB; {outcome} {said}"
    return {"outcome": outcome, "said": said}


def limit_memory() -> None:
    with open("/proc/self/statm", encoding="ascii") as file:
        size = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + 4 * ROOM, size + 4 * ROOM))


def outcome_here(case: Case, sound: Path, load: Callable[[Path], Any], expected: Any) -> dict[str, str]:
    """Load it in this process, which TensorFlow leaves no other choice: it takes seconds to begin in each.

    What hangs beyond the reach of a signal, or crashes, ends the round.
    """

    def too_long(*ignored: object) -> None:
        raise Hang

    with tempfile.TemporaryDirectory() as temporary:
        work, home = Path(temporary), Path.cwd()
        place(case, sound, work)
        signal.signal(signal.SIGALRM, too_long)
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
        try:
            found = loaded(work, load, expected, case.visible)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            os.chdir(home)
        return {"outcome": "code", "said": ""} if (work / CANARY).exists() else found


class Hang(BaseException):
    """It took too long."""


def place(case: Case, sound: Path, work: Path) -> None:
    """The sound folder with the malformed file in it: its weights are of one kind."""
    shutil.copytree(sound, work / "model")
    for name in WEIGHTS:
        if case.kind in WEIGHTS:
            (work / "model" / name).unlink(missing_ok=True)
    case.write(work / "model")


def outcome_of(case: Case, sound: Path, load: Callable[[Path], Any], expected: Any) -> dict[str, str]:
    """Load a folder with the malformed file in a forked process."""
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        place(case, sound, work)
        reading, writing = os.pipe()
        process = os.fork()
        if process == 0:
            try:
                os.close(reading)
                limit_memory()
                os.write(writing, json.dumps(loaded(work, load, expected, case.visible)).encode()[:4000])
            finally:
                os._exit(0)
        os.close(writing)
        ready, _, _ = select.select([reading], [], [], SECONDS)
        written = os.read(reading, 8192) if ready else b""
        os.close(reading)
        if not ready:
            os.kill(process, signal.SIGKILL)
        status = os.waitpid(process, 0)[1]
        if (work / CANARY).exists():
            return {"outcome": "code", "said": ""}
        if not ready:
            return {"outcome": "hang", "said": ""}
        if not written:
            return {"outcome": "crash", "said": f"status {status}"}
        return json.loads(written)


def round_of(kind: str, framework: str, count: int, seed: int) -> list[dict[str, str]]:
    """`count` malformed files of one kind -> what became of each."""
    load = probe(kind, framework)
    with tempfile.TemporaryDirectory() as temporary:
        sound = sound_folder(kind, Path(temporary) / "sound")
        taken = list(cases(kind, count, seed, sound))
        try:
            expected = load(sound)
        except Exception as error:  # no chat template: every answer differs from that
            expected = repr(error)
        outcome = outcome_of if framework == "pt" else outcome_here
        return [
            {"kind": kind, "framework": framework, "what": case.what, **outcome(case, sound, load, expected)}
            for case in taken
        ]


def table(results: list[dict[str, str]]) -> str:
    lines = ["| kind | cases | " + " | ".join(OUTCOMES) + " |", "|---|" + "---|" * (len(OUTCOMES) + 1)]
    groups: dict[str, Counter[str]] = {}
    for result in results:
        framework = {"pt": "PyTorch", "tf": "TensorFlow"}[result["framework"]]
        groups.setdefault(f"{result['kind']}, {framework}", Counter())[result["outcome"]] += 1
    groups["**all**"] = sum(groups.values(), Counter())
    for name, counts in groups.items():
        lines.append(f"| {name} | {counts.total()} | " + " | ".join(str(counts[name]) for name in OUTCOMES) + " |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*")
    parser.add_argument("--framework", choices=("pt", "tf"), default="pt")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", action="append", default=[])
    parser.add_argument("--json", action="store_true", help="print what became of each, for a program")
    given = parser.parse_args()
    start = time.monotonic()
    results = []
    for kind in given.kinds or KINDS[given.framework]:
        results += round_of(kind, given.framework, given.count, given.seed)
    if given.json:
        print(json.dumps(results))
        return 0
    print(table(results))
    for result in results:
        if result["outcome"] in given.show:
            print(f"{result['outcome']}: {result['kind']}: {result['what']}: {result['said']}")
    print(f"{time.monotonic() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
