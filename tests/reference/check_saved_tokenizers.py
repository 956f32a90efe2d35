"""Shows that tokenizers saved by hfquick give the same ids in transformers 4.57 and 5. Two steps, in two environments:

python tests/reference/check_saved_tokenizers.py save FOLDER       where hfquick is installed
python tests/reference/check_saved_tokenizers.py check FOLDER      where transformers is installed
"""

import json
import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
TEXTS = [
    "The little cat sat on the mat, didn't it?",
    "Nous étions très contents: l'été, les élèves lisent dehors.",
    "  Tabs\tand  many   spaces\n\n",
    "今天天气很好。 😀👩‍👩‍👧 zzz",
    "[CLS] a [MASK] b<mask> c <s>d</s> <|endoftext|> [USER] newword <X>",
    "",
]


def results(tokenizer) -> dict:
    calls = {
        "one by one": [tokenizer(text)["input_ids"] for text in TEXTS],
        "pair": dict(tokenizer(TEXTS[0], TEXTS[1])),
        "cut": dict(tokenizer(TEXTS[:2], truncation=True, max_length=9)),
        "text": [tokenizer.decode(tokenizer(text)["input_ids"], skip_special_tokens=True) for text in TEXTS],
        "special": [tokenizer.pad_token_id, tokenizer.unk_token_id, tokenizer.mask_token, tokenizer.eos_token],
        "length": len(tokenizer),
    }
    if tokenizer.pad_token is not None:
        calls["padded"] = dict(tokenizer(TEXTS, padding=True))
    return json.loads(json.dumps(calls))


def save(folder: Path) -> None:
    from hfquick.tokenization import PreTrainedTokenizerFast

    for source in sorted((HERE / "tokenizers").iterdir()):
        for changed in (False, True):
            tokenizer = PreTrainedTokenizerFast.from_pretrained(source)
            if changed:
                tokenizer.add_tokens(["newword"])
                tokenizer.add_special_tokens({"additional_special_tokens": ["<X>"]})
            target = folder / (source.name + ("-changed" if changed else ""))
            tokenizer.save_pretrained(target)
            again = PreTrainedTokenizerFast.from_pretrained(target)
            assert results(again) == results(tokenizer), target
            (target / "expected.json").write_text(json.dumps(results(tokenizer)))


def check(folder: Path) -> int:
    os.environ["HF_HUB_OFFLINE"] = "1"
    import transformers

    transformers.logging.set_verbosity_error()
    wrong = 0
    for target in sorted(folder.iterdir()):
        tokenizer = transformers.AutoTokenizer.from_pretrained(target)
        expected = json.loads((target / "expected.json").read_text())
        found = results(tokenizer)
        different = [key for key in expected if found.get(key) != expected[key]]
        wrong += bool(different)
        print(target.name, type(tokenizer).__name__, f"differs in {', '.join(different)}" if different else "equal")
        for key in different:
            print("   expected", str(expected[key])[:600], "\n   found   ", str(found.get(key))[:600])
    print(f"transformers {transformers.__version__}: {wrong} differ")
    return wrong


if __name__ == "__main__":
    step, where = sys.argv[1:]
    sys.exit(save(Path(where)) if step == "save" else check(Path(where)))
