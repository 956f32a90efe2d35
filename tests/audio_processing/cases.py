"""What is given to feature extractors and CTC tokenizers, here and in transformers 4.57.6 (record_sounds.py)."""

import json
from typing import Any, NamedTuple

import numpy as np

RATE = 16_000
LENGTHS = {"long": 400, "middle": 250, "short": 137, "silence": 90, "quiet": 120}


def clip(name: str) -> np.ndarray:
    """Samples (S,) float32 with a mean other than 0, of any loudness."""
    generator = np.random.RandomState(sum(map(ord, name)))
    samples = generator.standard_normal(LENGTHS[name]) * generator.uniform(0.01, 2) + generator.uniform(-0.5, 0.5)
    return (samples * {"silence": 0, "quiet": 1e-3}.get(name, 1)).astype(np.float32)


class Features(NamedTuple):
    """One call of a feature extractor."""

    file: dict[str, Any]  # preprocessor_config.json
    clips: tuple[str, ...]
    options: dict[str, Any]
    given_as: str = "float32"  # a dtype, or "list"


THREE = ("long", "middle", "short")
MASKED = {"return_attention_mask": True}
FEATURES = {
    "one": Features({}, ("middle",), {"return_tensors": "np"}),
    "one_list": Features({}, ("short",), {"return_tensors": "np"}, "list"),
    "float64": Features({}, ("middle",), {"return_tensors": "np"}, "float64"),
    "lists": Features(MASKED, THREE, {"padding": True, "return_tensors": "np"}, "list"),
    "quiet": Features({}, ("quiet",), {"return_tensors": "np"}),
    "unpadded": Features({}, THREE, {}),
    "unpadded_mask": Features(MASKED, THREE, {"padding": False}),
    "padded": Features(MASKED, THREE, {"padding": True, "return_tensors": "np"}),
    "longest": Features({}, THREE, {"padding": "longest", "return_attention_mask": True, "return_tensors": "np"}),
    "multiple": Features(MASKED, THREE, {"padding": True, "pad_to_multiple_of": 64, "return_tensors": "np"}),
    "max_length": Features(
        MASKED, THREE, {"padding": "max_length", "max_length": 500, "pad_to_multiple_of": 64, "return_tensors": "np"}
    ),
    "cut": Features(
        MASKED, THREE, {"padding": "max_length", "max_length": 200, "truncation": True, "return_tensors": "np"}
    ),
    "cut_multiple": Features(
        MASKED, THREE, {"padding": True, "max_length": 150, "truncation": True, "pad_to_multiple_of": 64,
                        "return_tensors": "np"},
    ),
    "cut_unpadded": Features({}, THREE, {"max_length": 200, "truncation": True}),
    "not_normalized": Features(
        {"do_normalize": False, "padding_value": -1.5, "return_attention_mask": True}, THREE,
        {"padding": True, "return_tensors": "np"},
    ),
    "padding_value": Features({"padding_value": 0.25, **MASKED}, THREE, {"padding": True, "return_tensors": "np"}),
    "silence": Features(MASKED, ("silence", "short"), {"padding": True, "return_tensors": "np"}),
}  # fmt: skip

# Rows that were prepared before, and are padded for a batch.
PADS: dict[str, tuple[dict, dict]] = {
    "pad": (MASKED, {}),
    "pad_no_mask": ({}, {}),
    "pad_asked": ({}, {"return_attention_mask": True, "pad_to_multiple_of": 8}),
    "pad_left": ({"padding_side": "left", "padding_value": 7.0, **MASKED}, {}),
    "pad_max_length": (MASKED, {"padding": "max_length", "max_length": 420}),
    "pad_cut": (MASKED, {"padding": "max_length", "max_length": 200, "truncation": True}),
}


class Letters(NamedTuple):
    """One CTC tokenizer: its files, and texts to encode."""

    vocabulary: dict[str, int]
    settings: dict[str, Any]  # tokenizer_config.json
    texts: tuple[str, ...]
    special: dict[str, Any] | None = None  # special_tokens_map.json


def numbered(*tokens: str) -> dict[str, int]:
    return {token: index for index, token in enumerate(tokens)}


def shuffled(seed: int, *tokens: str) -> dict[str, int]:
    order = np.random.RandomState(seed).permutation(len(tokens))
    return {token: int(order[index]) for index, token in enumerate(tokens)}


ENGLISH = ("<pad>", "<s>", "</s>", "<unk>", "|", *"ETAOINSHRDLUMWCFGYPBVK'XJQZ")
FRENCH = ("|", *"abcdefghijklmnopqrstuvwxyzàâæçéèêëîïôœùûü'-", "[UNK]", "[PAD]")
FRENCH_TEXTS = ("où dort l'hôtesse", "un œuf à la coque", "ÇA ?", "  deux  espaces ", "")
LETTERS = {
    "english": Letters(
        numbered(*ENGLISH),
        {"tokenizer_class": "Wav2Vec2CTCTokenizer", "do_lower_case": False, "do_normalize": True},
        ("HELLO WORLD", "DON'T <unk> STOP", "lower é", "A <pad> B<s>C", "|A|  B\tC\n\nD", "", " "),
        {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"},
    ),
    "bare": Letters(numbered(*ENGLISH), {}, ("HELLO WORLD", "")),
    "lower_case": Letters(
        numbered(*ENGLISH),
        {"tokenizer_class": "Wav2Vec2CTCTokenizer", "do_lower_case": True},
        ("Hello World", "don't <unk> STOP", "Straße, é", "a <pad> b"),
    ),
    "french": Letters(
        numbered(*FRENCH),
        {"unk_token": "[UNK]", "pad_token": "[PAD]", "word_delimiter_token": "|", "bos_token": None, "eos_token": None,
         "tokenizer_class": "Wav2Vec2CTCTokenizer"},
        FRENCH_TEXTS,
    ),
    "french_with_ends": Letters(  # <s> and </s>, which the vocabulary lacks, come behind it
        numbered(*FRENCH),
        {"unk_token": "[UNK]", "pad_token": "[PAD]", "tokenizer_class": "Wav2Vec2CTCTokenizer"},
        (*FRENCH_TEXTS, "a <s> b</s>"),
    ),
    "shuffled": Letters(
        shuffled(3, *ENGLISH), {"tokenizer_class": "Wav2Vec2CTCTokenizer"}, ("HELLO WORLD", "ZEBRA QUIZ é")
    ),
    "long_tokens": Letters(
        shuffled(5, "<pad>", "<unk>", "|", *"abcdefgh", "sh", "th", "<laugh>", "the end"),
        {"tokenizer_class": "Wav2Vec2CTCTokenizer"},
        ("abc sh d", "dash bath", "the end", "a <laugh> b", "xyz"),
    ),
    "other_space": Letters(
        shuffled(7, "<pad>", "<unk>", "_", *"abcdefgh"),
        {"tokenizer_class": "Wav2Vec2CTCTokenizer", "word_delimiter_token": "_", "replace_word_delimiter_char": "-",
         "clean_up_tokenization_spaces": True},
        ("abc def", "a_b c|d", "gh - ab"),
    ),
    "space_itself": Letters(
        shuffled(9, "<pad>", "<unk>", " ", *"abc.,"),
        {"tokenizer_class": "Wav2Vec2CTCTokenizer", "word_delimiter_token": " ", "clean_up_tokenization_spaces": True},
        ("abc cab", "a . b , c"),
    ),
}  # fmt: skip
OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "ungrouped": {"group_tokens": False},
    "labels": {"group_tokens": False, "skip_special_tokens": True},
    "spaced": {"spaces_between_special_tokens": True},
    "cleaned": {"clean_up_tokenization_spaces": True},
    "letters": {"output_char_offsets": True},
    "words": {"output_word_offsets": True},
    "both": {"output_char_offsets": True, "output_word_offsets": True},
    "ungrouped_words": {"output_word_offsets": True, "group_tokens": False},
}


def frames(name: str) -> list[list[int]]:
    """Ids of frames as a model gives them: runs of blanks, letters and spaces, and an id that no token has."""
    case = LETTERS[name]
    generator = np.random.RandomState(sum(map(ord, name)))
    blank = case.vocabulary[case.settings.get("pad_token") or "<pad>"]
    space = case.vocabulary.get(case.settings.get("word_delimiter_token", "|"), blank)
    sequences = [[], [blank] * 4, [space, space, blank, space], [len(case.vocabulary) + 5, 0, 0]]
    for _ in range(6):
        sequence: list[int] = []
        for _ in range(generator.randint(5, 20)):
            letter = int(generator.choice([blank, space, *generator.randint(0, len(case.vocabulary), 3)]))
            sequence += [letter] * generator.randint(1, 4)
        sequences.append(sequence)
    return sequences


def write(name: str, folder: Any) -> None:
    """The files of one tokenizer."""
    case = LETTERS[name]
    files = {"vocab.json": case.vocabulary, "tokenizer_config.json": case.settings,
             "special_tokens_map.json": case.special}  # fmt: skip
    for file, content in files.items():
        if content:
            (folder / file).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
