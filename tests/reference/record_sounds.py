"""Records what transformers 4.57.6 makes of the cases in tests/audio_processing/cases.py. In the oracle's environment:

    python -m tests.reference.record_sounds

Results, in tests/reference/audio_processing/: features.npz (case/clip/input_values, case/clip/attention_mask),
letters.json (case -> ids, texts, offsets), names.json.
"""

import inspect
import json
import tempfile
from pathlib import Path

import numpy as np
import transformers
from transformers import Wav2Vec2CTCTokenizer, Wav2Vec2FeatureExtractor, Wav2Vec2Processor

from tests.audio_processing.cases import FEATURES, LETTERS, OPTIONS, PADS, RATE, THREE, clip, frames, write

RESULT = Path(__file__).parent / "audio_processing"


def as_given(name, kind):
    return clip(name).tolist() if kind == "list" else clip(name).astype(kind)


def features():
    arrays = {}

    def keep(name, batch):
        for key, rows in batch.items():
            assert all(row.dtype == (np.int32 if key == "attention_mask" else np.float32) for row in rows), (name, key)
            arrays.update({f"{name}/{index}/{key}": row for index, row in enumerate(rows)})

    for name, case in FEATURES.items():
        clips = [as_given(one, case.given_as) for one in case.clips]
        extractor = Wav2Vec2FeatureExtractor(**case.file)
        keep(name, extractor(clips if len(clips) > 1 else clips[0], sampling_rate=RATE, **case.options))
    for name, (file, options) in PADS.items():
        rows = [{"input_values": clip(one)} for one in THREE]
        keep(name, Wav2Vec2FeatureExtractor(**file).pad(rows, **options))
    np.savez_compressed(RESULT / "features.npz", **arrays)


def plain(value):
    """An output as JSON has it."""
    if isinstance(value, str):
        return value
    return {key: [{k: v if isinstance(v, str) else int(v) for k, v in one.items()} for one in part]
            if isinstance(part, list) else part for key, part in value.items()}  # fmt: skip


def letters():
    found = {}
    for name, case in LETTERS.items():
        with tempfile.TemporaryDirectory() as folder:
            write(name, Path(folder))
            tokenizer = Wav2Vec2CTCTokenizer.from_pretrained(folder)
        found[name] = {
            "ids": [tokenizer(text).input_ids for text in case.texts],
            "decoded": {
                option: [plain(tokenizer.decode(ids, **chosen)) for ids in frames(name)]
                for option, chosen in OPTIONS.items()
            },
            "special_tokens_map": tokenizer.special_tokens_map,
            "size": [tokenizer.vocab_size, len(tokenizer)],
            "vocab": tokenizer.get_vocab(),
            "delimiter": [tokenizer.word_delimiter_token, tokenizer.word_delimiter_token_id],
        }
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    (RESULT / "letters.json").write_text(text.replace('},"', '},\n"') + "\n", encoding="utf-8")


def names():
    found = {}
    for kind in (Wav2Vec2FeatureExtractor, Wav2Vec2Processor, Wav2Vec2CTCTokenizer):
        methods = ("__call__", "pad", "from_pretrained", "decode", "batch_decode")
        found[kind.__name__] = {
            "attributes": [name for name in dir(kind) if name[0] != "_"],
            **{
                method: sorted(inspect.signature(getattr(kind, method)).parameters.keys() - {"self", "kwargs", "args"})
                for method in methods
                if hasattr(kind, method)
            },
        }
    (RESULT / "names.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    assert transformers.__version__ == "4.57.6"
    RESULT.mkdir(exist_ok=True)
    features()
    letters()
    names()
