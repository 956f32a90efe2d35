"""English sentences with their French translations, split by source, and the tokenizer of the translating model.

Debian's package descriptions (split by package), captions of Tux Paint's stamps (split by sentence), and pairs of words
of the two FreeDict dictionaries, for training only.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from . import sources
from .common import ZOO, Guard, free, key, part, write_json

PARTS = ("train", "dev", "test")
STAMPS = 12  # times each caption is learnt: it is what people say, and there are few
PREFIX = "translate English to French: "


class Pair(NamedTuple):
    source: str  # "debian", "stamps" or "words"
    english: str
    french: str


@cache
def pairs() -> dict[str, list[Pair]]:
    """Part -> pairs. What is nearly the same as a held-out sentence is not learnt."""
    found: dict[str, list[Pair]] = {name: [] for name in PARTS}
    for package, english, french in sources.debian_descriptions():
        pair = Pair("debian", tidy(english), tidy(french))
        if is_translation(pair) and free(english) and free(french):
            found[part(package.split("-")[0], 0.03, 0.02)].append(pair)
    for english, french in sources.stamp_sentences():
        if free(english) and free(french):
            found[part(english, 0.1, 0.05)].append(Pair("stamps", tidy(english), tidy(french)))
    guard = Guard(pair.english for name in ("dev", "test") for pair in found[name])
    found["train"] = [pair for pair in found["train"] if guard.clean(pair.english)]
    known = {key(pair.english) for name in ("dev", "test") for pair in found[name]}
    found["train"] += [
        Pair("words", english, french) for english, french in sources.bilingual_words() if key(english) not in known
    ]
    return {name: list(dict.fromkeys(some)) for name, some in found.items()}


def tidy(text: str) -> str:
    """No bullets, no fixed spaces, one space between words."""
    return re.sub(r"\s+", " ", text.replace("\u00a0", " ").replace("⋅", " ")).strip(" *-")


def is_translation(pair: Pair) -> bool:
    """Neither untranslated nor of very different length, and short enough to learn from."""
    a, b = len(pair.english), len(pair.french)
    return key(pair.english) != key(pair.french) and 2 < a < 300 and 0.5 < b / a < 2.2


def vocabulary(name: str, size: int) -> Any:
    """T5's kind of tokenizer (unigram pieces, </s> at the end) for both languages, learnt only if there is none."""
    from hfquick import AutoTokenizer

    folder = ZOO / name
    if not (folder / "tokenizer.json").exists():
        train_unigram([text for pair in pairs()["train"] for text in pair[1:]] + [PREFIX] * 100, size, folder)
    return AutoTokenizer.from_pretrained(str(folder))


def train_unigram(texts: list[str], size: int, folder: Path) -> None:
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
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    names = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    write_json(folder / "special_tokens_map.json", names)
    write_json(
        folder / "tokenizer_config.json", {"model_max_length": 256, "tokenizer_class": "T5TokenizerFast", **names}
    )
