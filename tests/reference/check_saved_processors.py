"""Shows that processors of sounds saved by hfquick are the same in transformers 4.57 and 5. In two environments:

python -m tests.reference.check_saved_processors save FOLDER       where hfquick is installed
python -m tests.reference.check_saved_processors check FOLDER      where transformers is installed

transformers 5.24 reads no word_delimiter_token but "|" from a folder, its own or ours: there "other_space" differs.
"""

import json
import sys
from pathlib import Path

from tests.audio_processing.cases import LETTERS, RATE, clip, frames, write

FIELDS = ("do_normalize", "feature_size", "padding_side", "padding_value", "return_attention_mask", "sampling_rate")


def results(name, processor) -> dict:
    tokenizer = processor.tokenizer
    calls = {
        "ids": [tokenizer(text).input_ids for text in LETTERS[name].texts],
        "texts": [tokenizer.decode(ids) for ids in frames(name)],
        "vocab": tokenizer.get_vocab(),
        "special": [tokenizer.bos_token, tokenizer.eos_token, tokenizer.unk_token, tokenizer.pad_token],
        "fields": {key: value for key, value in processor.feature_extractor.to_dict().items() if key in FIELDS},
        "values": [round(float(value), 4) for value in processor(clip("short"), sampling_rate=RATE).input_values[0]],
    }
    return json.loads(json.dumps(calls))


def save(folder: Path) -> None:
    from hfquick import AutoTokenizer, Wav2Vec2FeatureExtractor, Wav2Vec2Processor

    for name in LETTERS:
        source = folder / f"source-{name}"
        source.mkdir(parents=True)
        write(name, source)
        tokenizer = AutoTokenizer.from_pretrained(source)
        tokenizer.add_tokens(["<new>"])
        processor = Wav2Vec2Processor(Wav2Vec2FeatureExtractor(return_attention_mask=True), tokenizer)
        processor.save_pretrained(folder / name)
        (folder / name / "expected.json").write_text(json.dumps(results(name, processor)))


def check(folder: Path) -> int:
    import transformers

    wrong = 0
    for name in LETTERS:
        expected = json.loads((folder / name / "expected.json").read_text())
        found = results(name, transformers.AutoProcessor.from_pretrained(folder / name))
        differ = [key for key in expected if found[key] != expected[key]]
        wrong += bool(differ)
        print(name, "differs in", differ) if differ else print(name, "is the same")
    return wrong


if __name__ == "__main__":
    action, place = sys.argv[1], Path(sys.argv[2])
    sys.exit(save(place) if action == "save" else check(place))
