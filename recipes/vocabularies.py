"""The tokenizers of the zoo: three kinds, each trained on texts and written as the Hub's files.

    tokenizer = vocabularies.of(NAME, vocabularies.wordpiece, texts, 7000, "BertTokenizer")

A tokenizer that is in the zoo is not trained again: two runs of a trainer number equally frequent subwords in different
orders, and other models and the notebooks stand on the order that is shipped.
"""

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from .common import ZOO, write_json

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]  # of the WordPiece kind
ENDS = {  # special tokens of the byte-level kind with marks at both ends
    "bos_token": "<s>",
    "pad_token": "<pad>",
    "eos_token": "</s>",
    "unk_token": "<unk>",
    "mask_token": "<mask>",
    "cls_token": "<s>",
    "sep_token": "</s>",
}


def of(
    name: str, train: Callable[..., None], texts: Callable[[], Iterable[str]], size: int, *options: Any, **more: Any
) -> Any:
    """The tokenizer of a model of the zoo; `train(folder, texts, size, ...)` makes it first if there is none."""
    from hfquick import AutoTokenizer

    if not (ZOO / name / "tokenizer.json").exists():
        (ZOO / name).mkdir(parents=True, exist_ok=True)
        train(ZOO / name, texts(), size, *options, **more)
    return AutoTokenizer.from_pretrained(str(ZOO / name))


def wordpiece(
    folder: Path, texts: Iterable[str], size: int, tokenizer_class: str, lowercase: bool = True, length: int = 512
) -> None:
    """BERT's kind: WordPiece, words cut into subwords, uncased or not."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)  # lower case also strips accents
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    # A small alphabet: an emoji or a rare script becomes [UNK] instead of taking a place in the table.
    alphabet = 120 if lowercase else 200
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, special_tokens=SPECIAL, limit_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0",
        pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    words = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    (folder / "vocab.txt").write_text("".join(f"{word}\n" for word, _ in words), encoding="utf-8")
    names = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), SPECIAL, strict=True))
    config = {"do_lower_case": lowercase, "model_max_length": length, "tokenizer_class": tokenizer_class, **names}
    write_json(folder / "special_tokens_map.json", names)
    write_json(folder / "tokenizer_config.json", config)


def byte_level(folder: Path, texts: Iterable[str], size: int, special: dict[str, str], tokenizer_class: str) -> None:
    """GPT-2's kind: byte-level BPE, so that no text is unknown; RoBERTa's and BART's put a mark at both ends."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    has_ends = tokenizer_class.startswith(("Roberta", "Bart"))  # a mark before the text and one after it
    tokenizer = Tokenizer(models.BPE())
    # No space is put in front of a text that has none: the library would put one after every mask as well, and read
    # "the end<mask>." as "the end<mask> .".
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        # The mask takes the space in front of it, as a word does.
        special_tokens=[
            AddedToken(token, lstrip=token == special.get("mask_token")) for token in dict.fromkeys(special.values())
        ],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    if has_ends:
        ends = [(special[name], tokenizer.token_to_id(special[name])) for name in ("sep_token", "cls_token")]
        tokenizer.post_processor = processors.RobertaProcessing(*ends, trim_offsets=True, add_prefix_space=False)
    else:
        tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    tokenizer.save(str(folder / "tokenizer.json"))
    write_json(folder / "special_tokens_map.json", special)
    config = {"model_max_length": 256, "tokenizer_class": tokenizer_class, **special}
    write_json(folder / "tokenizer_config.json", config)


def unigram(folder: Path, texts: Iterable[str], size: int) -> None:
    """T5's kind: unigram, the most probable cut into subwords, and </s> at the end."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace("’", "'")])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Metaspace(), pre_tokenizers.Punctuation(), pre_tokenizers.Digits(individual_digits=True)]
    )
    tokenizer.decoder = decoders.Metaspace()
    special = ["<pad>", "</s>", "<unk>"]
    trainer = trainers.UnigramTrainer(
        vocab_size=size, special_tokens=special, unk_token="<unk>", show_progress=False, max_piece_length=12
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    names = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    write_json(folder / "special_tokens_map.json", names)
    write_json(
        folder / "tokenizer_config.json", {"model_max_length": 256, "tokenizer_class": "T5TokenizerFast", **names}
    )


def extended(source: Path, folder: Path, texts: Iterable[str], size: int, known: int) -> None:
    """A unigram tokenizer of `size` pieces: the first `known` ones of another, and the most frequent words it cuts.

    Words are those of the texts; a word that occurs twice only is left in pieces. A piece that no text was cut into,
    for two others were likelier, may be listed twice, which changes no text's numbers.
    """
    from tokenizers import Tokenizer

    folder.mkdir(parents=True, exist_ok=True)
    state = json.loads((source / "tokenizer.json").read_text(encoding="utf-8"))
    pieces = state["model"]["vocab"] = state["model"]["vocab"][:known]
    cut = Tokenizer.from_str(json.dumps(state))
    words: Counter[str] = Counter()
    for text in texts:
        words.update(word for word, _ in cut.pre_tokenizer.pre_tokenize_str(cut.normalizer.normalize_str(text)))
    total = sum(words.values())
    for word, count in words.most_common():
        if len(pieces) < size and count > 2 and len(word) < 17 and len(cut.model.tokenize(word)) > 1:
            pieces.append([word, math.log(count / total)])
    (folder / "tokenizer.json").write_text(json.dumps(state, ensure_ascii=False, indent=2), encoding="utf-8")
    for name in ("tokenizer_config.json", "special_tokens_map.json"):
        (folder / name).write_text((source / name).read_text(encoding="utf-8"), encoding="utf-8")


# More words for a vocabulary that exists; what is there keeps its number


def add_words(folder: Path, words: Iterable[str]) -> int:
    """Make each word one token, where it is several -> how many tokens were added, at the end of the vocabulary.

    In a byte-level vocabulary " cat" and "cat" are two words. Every other text is cut as before, but where it holds one
    of the words.
    """
    from tokenizers import Tokenizer

    path = folder / "tokenizer.json"
    state = json.loads(path.read_text(encoding="utf-8"))
    before = len(state["model"]["vocab"])
    tokenizer = Tokenizer.from_file(str(path))
    is_bpe = state["model"]["type"] == "BPE"
    add = _add_merges if is_bpe else _add_entry
    if not is_bpe:
        words = [tokenizer.normalizer.normalize_str(word.strip()) for word in words]
    for word in dict.fromkeys(words):
        pieces = tokenizer.encode(word, add_special_tokens=False).tokens
        if len(pieces) > 1:
            add(state["model"], word, pieces)
    path.write_text(json.dumps(state, ensure_ascii=False, indent=2), encoding="utf-8")
    vocabulary = state["model"]["vocab"]
    if (folder / "vocab.txt").exists():
        (folder / "vocab.txt").write_text("".join(f"{word}\n" for word in vocabulary), encoding="utf-8")
    return len(vocabulary) - before


def without_words(source: Path, folder: Path, size: int) -> None:
    """A byte-level tokenizer as it was before `add_words`: its first `size` tokens, in a folder of its own."""
    from .common import copy_tokenizer

    copy_tokenizer(source, folder)
    path = folder / "tokenizer.json"
    state = json.loads(path.read_text(encoding="utf-8"))
    model = state["model"]
    model["vocab"] = {token: number for token, number in model["vocab"].items() if number < size}
    model["merges"] = model["merges"][: size - len(state["added_tokens"]) - 256]  # one for each token but the bytes
    path.write_text(json.dumps(state, ensure_ascii=False, indent=2), encoding="utf-8")


def _add_merges(model: dict[str, Any], word: str, pieces: list[str]) -> None:
    """Merge the pieces from left to right, after all merges that are known: BPE has no other way to a token."""
    left = pieces[0]
    for right in pieces[1:]:
        if left + right not in model["vocab"]:
            model["vocab"][left + right] = len(model["vocab"])
        if [left, right] not in model["merges"]:
            model["merges"].append([left, right])
        left += right


def _add_entry(model: dict[str, Any], word: str, pieces: list[str]) -> None:
    model["vocab"].setdefault(word, len(model["vocab"]))


def without_prefix_space(folder: Path) -> None:
    """A byte-level tokenizer that puts no space in front of a text, as `byte_level` makes it."""
    path, settings = folder / "tokenizer.json", folder / "tokenizer_config.json"
    state, config = (json.loads(file.read_text(encoding="utf-8")) for file in (path, settings))
    for part in (state["pre_tokenizer"], state["post_processor"]):
        if "add_prefix_space" in part:
            part["add_prefix_space"] = False
    path.write_text(json.dumps(state, ensure_ascii=False, indent=2), encoding="utf-8")
    config.pop("add_prefix_space", None)
    write_json(settings, config)
