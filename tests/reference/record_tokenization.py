"""Records what transformers 4.57.6 makes of tests/reference/tokenizers/, for tests/tokenization/test_tokenization.py.

Run it where transformers is installed:  python tests/reference/record_tokenization.py
Result: tests/reference/tokenization/<name>.json, a list of scenes; each opens a tokenizer anew and takes a few steps:
    {"options": {...}, "steps": [{"do": "__call__", "args": [...], "options": {...}, "result": ...}, ...]}
A step that raises has "raises" instead of "result".
"""

import itertools
import json
import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
TEXTS = [
    "The little cat sat on the mat, didn't it?",
    "",
    "Nous étions très contents: l'été, les élèves lisent dehors.",
    "  Tabs\tand  many   spaces\n\nand lines  ",
    "今天天气很好。我们去公园。",
    "Über größer ŒUVRE İstanbul ǅ ﬁ ½",
    "😀👩‍👩‍👧 🌧️ zzz \u200b\u0301 e\u0301",
    "مرحبا بالعالم שלום",
    "[CLS] a [MASK] b<mask> c <s>d</s> <|endoftext|> <pad>[PAD]",
    "x\x00y \ufffd z\x07",
    "supercalifragilistic" * 5,
    "1999 and 3.5 %; don't they've I'm",
]
SHORT = ["The little cat", "reads", "A reader reads, a writer writes.", ""]
FIRST = "The reader reads a letter near the window"
SECOND = "It rained, and rained again; nobody minded the rain on the roof of the school"
WORDS = ["The", "unhappily", "learning", "reader's", "été", "", "cat"]
INSIDE = {"return_offsets_mapping": True, "return_special_tokens_mask": True}


def call(*args, **options):
    return {"do": "__call__", "args": list(args), "options": options}


def do(name, *args, **options):
    return {"do": name, "args": list(args), "options": options}


def grid():
    """Scenes for every tokenizer: (options of from_pretrained, steps)."""
    yield {}, [do("facts")]
    yield {}, [call(text, **INSIDE) for text in TEXTS]
    yield {}, [call(text, add_special_tokens=False) for text in TEXTS[:4]]
    yield (
        {},
        [
            call(TEXTS),
            call(TEXTS, padding=True, return_special_tokens_mask=True),
            call(SHORT, padding="longest", pad_to_multiple_of=4),
        ],
    )
    yield (
        {},
        [call(FIRST, SECOND, **INSIDE), call([FIRST, SECOND], [SECOND, FIRST]), call(FIRST, ""), call([FIRST], [""])],
    )
    yield {}, [call([[FIRST, SECOND], ["a", "b"]], padding=True)]
    yield (
        {},
        [
            call(FIRST, max_length=5),
            call(SHORT, max_length=6, padding=True),
            call(SHORT, max_length=9, padding="max_length"),
        ],
    )
    yield (
        {},
        [call(FIRST, max_length=9, padding="max_length", truncation=False), call(FIRST, truncation=None, max_length=4)],
    )
    yield {}, [call(SHORT, padding="max_length", max_length=7, pad_to_multiple_of=4), call(SHORT, padding="do_not_pad")]
    yield {}, [call(SHORT, padding=True, truncation=True, max_length=8, pad_to_multiple_of=8)]
    yield {}, [call(SHORT, padding=True, truncation=True, max_length=9, pad_to_multiple_of=8)]
    sides = itertools.product(("right", "left"), ("right", "left"))
    for padding_side, truncation_side in sides:
        yield (
            {"padding_side": padding_side, "truncation_side": truncation_side},
            [
                call([SECOND, "cat"], padding=True, truncation=True, max_length=12),
                call(FIRST, SECOND, truncation=True, max_length=15),
            ],
        )
    yield {}, [call(SHORT, padding=True, padding_side=side) for side in ("left", "right")]
    for strategy, length in itertools.product(("longest_first", "only_first", "only_second"), (20, 60)):
        yield {}, [call(FIRST, SECOND, truncation=strategy, max_length=length, **INSIDE)]
        yield {}, [call([FIRST, "a"], [SECOND, SECOND], truncation=strategy, max_length=length, padding=True)]
    for stride, length in ((0, 10), (3, 10), (5, 14)):
        options = {"truncation": True, "max_length": length, "stride": stride, "return_overflowing_tokens": True}
        yield {}, [call(SECOND, **options, **INSIDE), call([SECOND, "cat", FIRST], **options, padding=True, **INSIDE)]
        yield (
            {"truncation_side": "left"},
            [call(SECOND, **options), call(SECOND, **options, return_tensors="np", padding=True)],
        )
    overflowing = {"return_overflowing_tokens": True, "max_length": 34, "stride": 4}
    yield {}, [call(FIRST, SECOND * 3, truncation="only_second", **overflowing, padding="max_length", **INSIDE)]
    yield (
        {},
        [
            call(FIRST * 3, "the cat", truncation="only_first", **overflowing, **INSIDE),
            call(FIRST, return_overflowing_tokens=True),
        ],
    )
    yield (
        {},
        [
            call(FIRST, return_length=True),
            call(SHORT, return_length=True, padding=True),
            call(SHORT, return_tensors="np", padding=True),
        ],
    )
    yield (
        {},
        [
            call(FIRST, return_token_type_ids=True, return_attention_mask=False),
            call([FIRST], return_token_type_ids=False),
        ],
    )
    yield (
        {},
        [
            call(FIRST, return_tensors="np", return_length=True, **INSIDE),
            call([FIRST] * 2, return_tensors="np", return_length=True),
        ],
    )
    yield (
        {"add_prefix_space": True},
        [
            call(WORDS, is_split_into_words=True, **INSIDE),
            call([WORDS, ["cat"], []], is_split_into_words=True, padding=True),
            call(WORDS, ["a", "letter"], is_split_into_words=True),
            call([WORDS], [["a", "letter"]], is_split_into_words=True, truncation=True, max_length=16),
            call(TEXTS[0], **INSIDE),
        ],
    )
    yield {}, [do("encode", text) for text in TEXTS[:3]] + [do("encode", FIRST, SECOND, add_special_tokens=False)]
    yield (
        {},
        [
            do("encode", FIRST, max_length=6, truncation=True, padding="max_length"),
            do("encode", FIRST, return_tensors="np"),
        ],
    )
    yield {}, [do("tokenize", text) for text in TEXTS] + [do("tokenize", FIRST, SECOND, add_special_tokens=True)]
    for clean, skip in itertools.product((None, True, False), (True, False)):
        yield (
            {},
            [do("decode of", text, skip_special_tokens=skip, clean_up_tokenization_spaces=clean) for text in TEXTS],
        )
    yield {}, [do("decode", []), do("decode", 7), do("decode", [5, 100000, 6]), do("batch_decode", [[5, 6], [7], []])]
    yield {}, [
        do("convert_tokens_to_ids", "the"),
        do("convert_tokens_to_ids", ["The", "▁the", "Ġthe", "nosuchtoken", "</s>", "[SEP]"]),
        do("convert_ids_to_tokens", 9), do("convert_ids_to_tokens", [2, 0, 50, 100000]),
        do("convert_ids_to_tokens", [0, 1, 2, 50], skip_special_tokens=True),
        do("convert_tokens_to_string", ["the", "##re", "Ġthe", "▁the", "re"]),
        do("num_special_tokens_to_add"), do("num_special_tokens_to_add", pair=True),
    ]  # fmt: skip
    yield {}, [
        do("add_tokens", ["newword", "the"]), do("facts"), do("encode", "a newword the newwords"),
        do("add_tokens", "newword"),
        do("add_special_tokens", {"additional_special_tokens": ["<X>", "<Y>"], "bos_token": "<begin>"}), do("facts"),
        do("tokenize", "a <X>newword<Y> <begin>"),
        do("add_special_tokens", {"additional_special_tokens": ["<Z>"]}), do("facts"),
        do("add_special_tokens", {"additional_special_tokens": ["<W>"]}, replace_additional_special_tokens=False),
        do("facts"), do("decode of", "a <X> newword<Y>", skip_special_tokens=True),
        do("set", "pad_token", "<X>"), do("set", "bos_token", None), do("facts"), call(SHORT, padding=True),
    ]  # fmt: skip
    columns = {"input_ids": [[5, 6, 7], [8]], "labels": [0, 1]}
    typed = {"input_ids": [[5, 6, 7], [8]], "token_type_ids": [[0, 0, 1], [0]], "special_tokens_mask": [[1, 0, 1], [1]]}
    rows = [
        {"input_ids": [5, 6, 7], "attention_mask": [1, 0, 1], "label": 1.5},
        {"input_ids": [8], "attention_mask": [1], "label": 2},
    ]
    for options in (
        {}, {"padding_side": "left"}, {"pad_to_multiple_of": 4}, {"padding": "max_length", "max_length": 6},
        {"max_length": 2}, {"padding": False}, {"return_attention_mask": False}, {"return_tensors": "np"},
    ):  # fmt: skip
        examples = (
            [columns, typed, rows]
            if options.get("padding") is not False and "return_tensors" not in options
            else [columns, rows]
        )
        if "return_attention_mask" in options:
            examples = [columns, typed]
        yield {}, [do("pad", example, **options) for example in examples]
    yield {}, [do("pad", {"input_ids": [5, 6]}, padding="max_length", max_length=4)]


FEW = [
    ({}, [do("facts"), call(TEXTS, padding=True), call(FIRST, SECOND, **INSIDE), do("decode of", TEXTS[0])]),
    ({}, [call(TEXTS[0], **INSIDE), call(TEXTS[8]), call(SECOND, truncation=True, max_length=12)]),
]
ONLY = {
    "bert-vocab": [
        ({"do_lower_case": False}, [call(TEXTS[2]), call(TEXTS[5])]),
        ({"tokenize_chinese_chars": False, "strip_accents": False}, [call(TEXTS[4]), call(TEXTS[2])]),
        ({"model_max_length": 64}, [call(SECOND * 9, truncation=True), call("cat", padding="max_length")]),
    ],
    "bert-options": [
        ({"model_max_length": 20}, [call([SECOND, "a [USER] unhappily"], truncation=True, padding="max_length")])
    ],
    "distilbert-json": [
        ({"do_lower_case": False}, [call(TEXTS[2])]),
        ({"pad_token": "[UNK]"}, [call(SHORT, padding=True), do("facts")]),
        ({"model_input_names": ["input_ids", "token_type_ids"]}, [call(FIRST)]),
    ],
    "roberta-vocab": [
        ({}, [call("a <mask> b, c<mask>d", **INSIDE), call(TEXTS, truncation=True, padding="max_length")])
    ],
    "gpt2-vocab": [
        ({"add_bos_token": True}, [call(FIRST, SECOND, **INSIDE)]),
        ({}, [do("facts"), call(SHORT, padding=True), call(WORDS, is_split_into_words=True)]),
    ],
    "unigram-json": [
        ({"padding_side": "right"}, [call(SHORT, padding=True)]),
        ({}, [call("a <mask>, <extra_0>b", **INSIDE)]),
    ],
}

# For these only a few scenes: they differ from the others in how they are opened.
SMALL = {"bert-json": FEW, "gpt2-json": FEW, "roberta-json": [*FEW, ({"add_prefix_space": False}, FEW[0][1])]}
KIN = [  # CamemBERT's and XLM-RoBERTa's
    *FEW,
    ({}, [call(text, **INSIDE) for text in TEXTS]),
    ({}, [call(f"Il fait <mask> .{end}", **INSIDE) for end in ("", "<mask>", "  ", " <s>NOTUSED a", "▁b")]),
    ({}, [call(WORDS, is_split_into_words=True, **INSIDE), do("tokenize", TEXTS[2]), do("encode", FIRST, SECOND)]),
    ({}, [do("decode of", text, skip_special_tokens=skip) for text in TEXTS for skip in (True, False)]),
    ({}, [call(SECOND * 9, truncation=True, max_length=40), call(SHORT, padding=True)]),
    ({}, [do("convert_ids_to_tokens", [0, 4, 5, 9])]),
    ({"additional_special_tokens": ["<x>"]}, [do("facts"), call("a <x> <unk>NOTUSED")]),
]
SMALL |= {f"{kind}-{file}": KIN for kind in ("camembert", "xlm-roberta") for file in ("json", "sentencepiece")}
ONLY |= SMALL


def plain(value):
    """A result as JSON can hold it; NumPy arrays keep their shape and type."""
    if hasattr(value, "dtype"):
        return {"shape": list(value.shape), "dtype": str(value.dtype), "values": value.tolist()}
    if hasattr(value, "items"):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def inside(batch):
    """What a batch knows about the origin of its tokens."""
    known = {}
    for index in range(len(batch.encodings)):
        known[str(index)] = {
            "tokens": batch.tokens(index),
            "words": batch.word_ids(index),
            "sequences": batch.sequence_ids(index),
        }
    if known and batch.tokens(0):
        middle = len(batch.tokens(0)) // 2
        known["places"] = [
            [batch.char_to_token(character) for character in range(6)],
            [batch.char_to_token(0, character) for character in range(6)],
            [batch.char_to_word(character) for character in range(6)],
            batch.token_to_word(middle),
            batch.token_to_chars(middle),
            batch.token_to_chars(0, len(batch.tokens(0)) - 1),
            batch.word_to_tokens(0),
            batch.word_to_chars(0) if batch.word_to_tokens(0) else None,
        ]
    return known


def facts(tokenizer):
    """Everything one can ask a tokenizer about itself, and how the library is set up beneath."""
    backend = json.loads(tokenizer.backend_tokenizer.to_str())
    backend["model"].pop("vocab")
    backend["model"].pop("merges", None)
    for name in ("truncation", "padding", "version"):
        backend.pop(name)
    names = (
        "vocab_size", "model_input_names", "padding_side", "truncation_side", "special_tokens_map",
        "all_special_tokens", "all_special_ids", "clean_up_tokenization_spaces", "pad_token_type_id", "pad_token_id",
        "mask_token", "unk_token_id",
    )  # fmt: skip
    known = {name: getattr(tokenizer, name) for name in names}
    return {**known, "length": len(tokenizer), "added": tokenizer.get_added_vocab(), "backend": backend}


def take(tokenizer, step):
    """Do one step; returns its result in plain form."""
    name, args, options = step["do"], step["args"], step["options"]
    if name == "facts":
        return plain(facts(tokenizer))
    if name == "set":
        return setattr(tokenizer, *args)
    if name == "decode of":
        return tokenizer.decode(tokenizer.encode(args[0]), **options)
    result = tokenizer(*args, **options) if name == "__call__" else getattr(tokenizer, name)(*args, **options)
    if name == "__call__" and options.get("return_offsets_mapping"):
        return plain({**result, "inside": inside(result)})
    return plain(result)


def main():
    os.environ["HF_HUB_OFFLINE"] = "1"
    import transformers

    if transformers.__version__ != "4.57.6":
        return f"this records transformers 4.57.6, found {transformers.__version__}"
    transformers.logging.set_verbosity_error()
    (HERE / "tokenization").mkdir(exist_ok=True)
    for folder in sorted((HERE / "tokenizers").iterdir()):
        scenes = []
        usual = {"pad_token": "<|endoftext|>"} if folder.name == "gpt2-vocab" else {}
        common = [] if folder.name in SMALL else [(usual | options, steps) for options, steps in grid()]
        for options, steps in [*common, *ONLY[folder.name]]:
            tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **options)
            for step in (steps := json.loads(json.dumps(steps))):
                try:
                    step["result"] = take(tokenizer, json.loads(json.dumps(step)))
                except Exception as error:
                    step["raises"] = type(error).__name__
            scenes.append({"options": options, "steps": steps})
        lines = ",\n".join(json.dumps(scene, ensure_ascii=True, separators=(",", ":")) for scene in scenes)
        (HERE / "tokenization" / f"{folder.name}.json").write_text(f"[\n{lines}\n]\n", encoding="ascii")
        raised = sum("raises" in step for scene in scenes for step in scene["steps"])
        print(
            folder.name, len(scenes), "scenes,", sum(len(scene["steps"]) for scene in scenes), "steps,", raised, "raise"
        )
    return None


if __name__ == "__main__":
    sys.exit(main())
