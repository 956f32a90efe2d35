"""French texts for the two models that learn French from literature, split by author, and their tokenizers.

Citations of the 17th to 19th century from Littré's dictionary, each with its author. All citations of an author are on
one side, so that no model is asked about a book it has read. The masked model reads Debian's French descriptions
and the captions of Tux Paint's stamps as well, for today's words.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from . import sources
from .common import ZOO, free, part, write_json

PARTS = ("train", "dev", "test")


@cache
def citations() -> dict[str, list[str]]:
    """Part -> citations. 3 % of the authors are kept for the test, 2 % for dev."""
    found: dict[str, list[str]] = {name: [] for name in PARTS}
    for author, text in sources.littre_citations():
        if free(text):
            found[part(author, 0.03, 0.02)].append(tidy(text))
    return found


def tidy(text: str) -> str:
    """A citation as a sentence: it begins with a capital letter and ends with a mark."""
    text = text.strip().rstrip(",;: ")
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "…", "»")) else f"{text}."


@cache
def today() -> dict[str, list[str]]:
    """Part -> French of today: Debian's descriptions, split by package, and captions of stamps, for training only."""
    found: dict[str, list[str]] = {name: [] for name in PARTS}
    packages: dict[str, list[str]] = {}
    for package, _, french in sources.debian_descriptions():
        if free(french):
            packages.setdefault(package, []).append(french)
    for package, sentences in packages.items():
        found[part(package.split("-")[0], 0.03, 0.02)].append(" ".join(sentences))
    found["train"] += [french for _, french in sources.stamp_sentences() if free(french)]
    return found


def byte_level(name: str, texts: Iterable[str], size: int, special: dict[str, str], tokenizer_class: str) -> Any:
    """A byte-level BPE tokenizer (as GPT-2 has) of the zoo, learnt from the texts only if there is none."""
    from hfquick import AutoTokenizer

    folder = ZOO / name
    if not (folder / "tokenizer.json").exists():
        _train_byte_level(folder, texts, size, special, tokenizer_class)
    return AutoTokenizer.from_pretrained(str(folder))


def _train_byte_level(
    folder: Path, texts: Iterable[str], size: int, special: dict[str, str], tokenizer_class: str
) -> None:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    is_roberta = tokenizer_class.startswith("Roberta")
    has_ends = is_roberta or tokenizer_class.startswith("Bart")  # a mark before the text and one after it
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=is_roberta)
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
        tokenizer.post_processor = processors.RobertaProcessing(*ends, trim_offsets=True, add_prefix_space=is_roberta)
    else:
        tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    write_json(folder / "special_tokens_map.json", special)
    config = {"model_max_length": 256, "tokenizer_class": tokenizer_class, **special}
    if is_roberta:
        config["add_prefix_space"] = True
    write_json(folder / "tokenizer_config.json", config)
