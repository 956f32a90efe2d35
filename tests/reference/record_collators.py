"""Records what transformers 4.57.6's collators make of rows, for tests/data/test_collators.py.

Run it where transformers and torch are installed:  python tests/reference/record_collators.py
Result: tests/reference/collators.json, a list of scenes, each with all that is needed to play it again:
    {"collator": ..., "tokenizer": ..., "options": {...}, "kind": "pt" or "np", "seed": null or a number for np.random,
     "rows": [...], "batch": {column: {"dtype": ..., "values": [...]}}}
"""

import json
import os
import sys
import warnings
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
RESULT = HERE / "collators.json"
TEXTS = ["The little cat sat on the mat", "A reader reads", "The unhappily learning writer writes a letter"]
LONGER = [*TEXTS, "It rained and rained again and nobody minded the rain on the roof of the school", "cat"]


def rows_of(tokenizer, texts=TEXTS, labels=None, **options):
    """One dict for each text, as a dataset gives them."""
    encoded = tokenizer(texts, **options)
    rows = [{name: values[index] for name, values in encoded.items()} for index in range(len(texts))]
    if labels == "tokens":
        for number, row in enumerate(rows):
            row["labels"] = [(place * 3 + number) % 5 for place in range(len(row["input_ids"]))]
    elif labels == "texts":
        for row, other in zip(rows, reversed(texts), strict=True):
            row["labels"] = tokenizer(other)["input_ids"]
    elif labels:
        for number, row in enumerate(rows):
            row[labels] = number % 2
    return rows


def scenes():
    """(collator, tokenizer, its options, options of the collator, kind, seed, rows or how to make them)."""
    left = {"padding_side": "left"}
    pad = "DataCollatorWithPadding"
    for name in ("bert-vocab", "distilbert-json", "roberta-json", "unigram-json"):
        yield pad, name, {}, {}, "pt", None, {"labels": "label"}
        yield pad, name, left, {"pad_to_multiple_of": 8}, "np", None, {"labels": "label_ids"}
    yield pad, "bert-vocab", {}, {"padding": "max_length", "max_length": 21}, "pt", None, {"labels": "label"}
    yield pad, "bert-vocab", {"model_max_length": 30}, {"padding": "max_length"}, "pt", None, {}
    yield pad, "bert-vocab", {}, {}, "pt", None, {"return_attention_mask": False}
    yield pad, "bert-vocab", {}, {}, "pt", None, {"return_special_tokens_mask": True}
    yield pad, "bert-vocab", {}, {"padding": False}, "pt", None, {"texts": [TEXTS[1]] * 3, "labels": "label"}
    for side in ({}, left):
        for options in ({}, {"pad_to_multiple_of": 16, "label_pad_token_id": -1}):
            yield (
                "DataCollatorForTokenClassification",
                "distilbert-json",
                side,
                options,
                "pt",
                None,
                {"labels": "tokens"},
            )
            yield "DataCollatorForSeq2Seq", "bert-vocab", side, options, "pt", None, {"labels": "texts"}
    yield "DataCollatorForTokenClassification", "bert-vocab", {}, {}, "np", None, {}
    longest = {"padding": "max_length", "max_length": 40}
    yield "DataCollatorForSeq2Seq", "bert-vocab", {}, longest, "np", None, {"labels": "texts"}
    yield "DataCollatorForSeq2Seq", "bert-vocab", {}, {}, "pt", None, {}

    lm, texts = "DataCollatorForLanguageModeling", {"texts": LONGER}
    eos = {"pad_token": "<|endoftext|>"}
    yield lm, "gpt2-vocab", eos, {"mlm": False}, "pt", None, texts
    yield lm, "bert-vocab", left, {"mlm": False, "pad_to_multiple_of": 8}, "np", None, texts
    for name in ("bert-vocab", "distilbert-json", "roberta-json"):
        for seed in range(3):
            yield lm, name, {}, {"mlm_probability": 0.3}, "np", seed, texts
        yield lm, name, left, {"seed": 7}, "np", None, texts | {"return_special_tokens_mask": True}
    for shares in ((1.0, 0.0), (0.0, 1.0), (0.5, 0.4), (0.0, 0.0)):
        options = {"mask_replace_prob": shares[0], "random_replace_prob": shares[1], "mlm_probability": 0.5}
        yield lm, "bert-vocab", {}, options, "np", 5, texts
    words = {"whole_word_mask": True, "mask_replace_prob": 1.0, "random_replace_prob": 0.0, "mlm_probability": 0.3}
    alike = {"texts": [LONGER[3]] * 4}  # offsets are not filled, so there all rows must have one length
    inside = {"return_offsets_mapping": True, "return_special_tokens_mask": True}
    for seed in range(3):
        # not for byte-level BPE: there a space belongs to the offsets of a word, and it takes a text for one word
        yield lm, "bert-vocab", {}, words, "np", seed, alike | inside
        by_count = {"seed": seed + 1, "random_replace_prob": 0.0, "mlm_probability": 0.1 + 0.2 * seed}
        yield "DataCollatorForWholeWordMask", "bert-vocab", {}, by_count, "np", None, texts

    default, plain = "DefaultDataCollator", {"input_ids": [4, 5, 6], "attention_mask": [1, 1, 0]}
    for kind in ("pt", "np"):
        for labels in (
            {"label": 1},
            {"label": 0.5},
            {"label_ids": [1, 0]},
            {"label_ids": [0.5, 1.5, 2.5]},
            {"labels": 3},
        ):
            yield default, None, {}, {}, kind, None, [plain | labels, plain | labels]
        yield default, None, {}, {}, kind, None, [plain | {"start_positions": 1, "pixels": [[0.25], [1.0]]}] * 3


def play(module, tokenizer, scene):
    """The batch of one scene in plain form; `module` has the collators."""
    options = {**scene["options"], "return_tensors": scene["kind"]}
    collator = getattr(module, scene["collator"])(*([tokenizer] if tokenizer else []), **options)
    if scene["seed"] is not None:
        np.random.seed(scene["seed"])
    batch = collator([dict(row) for row in scene["rows"]])
    return {name: plain(value) for name, value in batch.items() if value is not None}


def plain(value):
    array = np.asarray(value)
    return {"dtype": str(array.dtype), "values": array.tolist()}


def main():
    os.environ["HF_HUB_OFFLINE"] = "1"
    import transformers

    if transformers.__version__ != "4.57.6":
        return f"this records transformers 4.57.6, found {transformers.__version__}"
    transformers.logging.set_verbosity_error()
    warnings.simplefilter("ignore")
    found = []
    for collator, name, tokenizer_options, options, kind, seed, rows in scenes():
        tokenizer = name and transformers.AutoTokenizer.from_pretrained(HERE / "tokenizers" / name, **tokenizer_options)
        scene = {"collator": collator, "tokenizer": name, "tokenizer_options": tokenizer_options, "options": options}
        scene |= {"kind": kind, "seed": seed, "rows": rows_of(tokenizer, **rows) if name else rows}
        scene["rows"] = json.loads(json.dumps(scene["rows"]))
        found.append(scene | {"batch": play(transformers, tokenizer, scene)})
    lines = ",\n".join(json.dumps(scene, separators=(",", ":")) for scene in found)
    RESULT.write_text(f"[\n{lines}\n]\n", encoding="ascii")
    print(len(found), "scenes,", RESULT.stat().st_size, "bytes")
    return None


if __name__ == "__main__":
    sys.exit(main())
