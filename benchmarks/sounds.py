"""Sounds through models: hfquick and transformers in turn, full-size, randomly initialised Wav2Vec2 (base), CPU.

    python benchmarks/sounds.py [--rounds 3] [--parts transcribe read bfloat16 hour twins]

Eight recordings of 3 to 12 s at 16 kHz. `read` gives them as files of 44.1 kHz; `hour` is about memory, and has no
other side.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
from common import in_turn
from images import environment, folder_of, show, sides

PARTS = ("transcribe", "read", "bfloat16", "hour", "twins")
RATE, FILE_RATE = 16_000, 44_100
SECONDS = (3.0, 12.0, 4.3, 10.7, 5.6, 9.4, 6.9, 8.1)
LETTERS = ["<pad>", "<s>", "</s>", "<unk>", "|", *"ETAONIHSRDLUMWCFGYPBVK'XJQZ"]
TASK = "automatic-speech-recognition"
PEAK = "next(int(line.split()[1]) / 1e6 for line in open('/proc/self/status') if line.startswith('VmHWM'))"


def recordings(rate: int = RATE) -> list[np.ndarray]:
    """Notes that change, with noise: the same at every run."""
    rng = np.random.default_rng(0)
    found = []
    for seconds in SECONDS:
        count = int(seconds * rate)
        notes = np.repeat(rng.uniform(100, 1000, count // 1_000 + 1), 1_000)[:count]
        wave = 0.3 * np.sin(2 * np.pi * np.cumsum(notes) / rate) + 0.02 * rng.standard_normal(count)
        found.append(wave.astype(np.float32))
    return found


def speech() -> str:
    """A folder as on the Hub, with the model, its feature extractor and its tokenizer."""
    import json

    import hfquick

    file = Path(tempfile.mkdtemp()) / "vocab.json"
    file.write_text(json.dumps({token: index for index, token in enumerate(LETTERS)}))
    make = lambda: (  # noqa: E731
        hfquick.Wav2Vec2ForCTC.from_config(hfquick.Wav2Vec2Config()),
        hfquick.Wav2Vec2FeatureExtractor(),
        hfquick.Wav2Vec2CTCTokenizer(file),
    )
    return folder_of("wav2vec2", make)


def transcribe(rounds: int) -> None:
    many = recordings()
    ours, theirs = sides(TASK, speech())
    found = [[one["text"] for one in pipe(many)] for pipe in (ours, theirs)]
    print(f"\nWav2Vec2-base, 8 recordings of 3 to 12 s; the text is the same for {np.mean(np.equal(*found)):.0%}")
    runs = {
        "ours": lambda: ours(many),
        "ours, one by one": lambda: [ours(one) for one in many],
        "transformers, one by one": lambda: theirs(many),
        "transformers, batch_size=4": lambda: theirs(many, batch_size=4),
    }
    show(in_turn(runs, rounds), len(many))


def read(rounds: int) -> None:
    """What decoding and resampling take of the whole, if nothing else ran meanwhile."""
    import soundfile

    from hfquick.audio_processing.sounds import open_sound

    folder, many = Path(tempfile.mkdtemp()), recordings(FILE_RATE)
    pipe = sides(TASK, speech())[0]
    print("\nfiles of 44.1 kHz: decoding and resampling, of all that our pipeline takes for them")
    for kind in ("wav", "flac", "ogg", "mp3"):
        paths = [folder / f"{index}.{kind}" for index in range(len(many))]
        for path, wave in zip(paths, many, strict=True):
            soundfile.write(path, wave, FILE_RATE)
        runs = {
            "all": partial(pipe, paths),
            "read": lambda paths=paths: [open_sound(path, RATE).read() for path in paths],
        }
        seconds = in_turn(runs, rounds)
        share = statistics.median(seconds["read"]) / statistics.median(seconds["all"])
        print(f"  {kind:6} {share:6.1%}", flush=True)


def bfloat16(rounds: int) -> None:
    import hfquick

    many, runs = recordings(), {}
    for dtype in ("bfloat16", "float32"):
        pipe = hfquick.pipeline(TASK, model=speech(), device="cpu", dtype=dtype)
        runs[f"our {dtype}"] = partial(pipe, many)
    print("\nWav2Vec2-base, our float32 over our bfloat16")
    show(in_turn(runs, rounds), len(many))


def hour(rounds: int) -> None:
    """Peak memory of an hour in chunks of 30 s, in a process of its own, above what it has with the model loaded."""
    import soundfile

    path, wave = Path(tempfile.mkdtemp()) / "hour.wav", np.concatenate(recordings())
    with soundfile.SoundFile(path, "w", RATE, 1, subtype="PCM_16") as file:
        for _ in range(60):
            file.write(wave)
    code = (
        f"import hfquick, time\npipe = hfquick.pipeline({TASK!r}, model={speech()!r}, device='cpu')\n"
        f"before, start = {PEAK}, time.time()\npipe({str(path)!r}, chunk_length_s=30)\n"
        f"print({PEAK} - before, time.time() - start)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=True)
    more, seconds = map(float, done.stdout.split()[-2:])
    print(f"\nan hour in chunks of 30 s: {more:.2f} GB above the model, {seconds:.0f} s")
    os.unlink(path)


def twins(rounds: int) -> None:
    import hfquick

    many = recordings()
    pipes = {kind: hfquick.pipeline(TASK, model=speech(), framework=kind, device="cpu") for kind in ("pt", "tf")}
    print("\nWav2Vec2-base, our PyTorch and our Keras model")
    show(in_turn({kind: partial(pipe, many) for kind, pipe in pipes.items()}, rounds), len(many))


def main(rounds: int, parts: list[str]) -> None:
    import torch
    import transformers

    start = time.time()
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, transformers {transformers.__version__}")
    for part in parts:
        globals()[part](rounds)
    print(f"\n{time.time() - start:.0f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    options = parser.parse_args()
    main(options.rounds, options.parts)
