"""Tokenizers from plain vocabularies, and the options and special tokens that go on top of any tokenizer.

vocab.txt                     WordPiece, one token per line (BERT and its kin before 2020)
vocab.json + merges.txt       byte-level BPE (GPT-2, RoBERTa)
vocab.json                    letters, of models that are trained with CTC: letters.py
sentencepiece.bpe.model       unigram (CamemBERT, XLM-RoBERTa): sentencepiece_models.py
"""

import json
from functools import partial
from typing import Any, cast

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from ..hub.repository import Repo
from ..i18n import gettext as _
from ..i18n import said, spoken
from ..utils.errors import damaged
from ..utils.files import read_text
from ..utils.notices import say_once
from . import letters, sentencepiece_models
from .families import FAMILIES, SPECIAL_NAMES, Family

VOCABULARIES = ("wordpiece", "gpt2", "roberta")  # styles of what vocab.txt, or vocab.json with merges.txt, may be
FILLER = "madeupword"  # how fairseq fills a vocabulary up
MOST_LOST = 0.01  # of the tokens of vocab.json may be such that no merge makes them
MOST_LOST_OF_MODEL = 0.1  # of a model's vocabulary may have no token
SENTENCEPIECE = ("spiece.model", "sentencepiece.bpe.model", "tokenizer.model")


def read_json(repo: Repo, name: str) -> dict[str, Any] | None:
    """A JSON object of the repository, None if there is no such file, ValueError if it is damaged."""
    return repo.read_json(name)


def _lines(repo: Repo, name: str) -> list[str]:
    try:
        lines = read_text(repo.path(name)).split("\n")
    except ValueError as error:
        raise damaged(name, repo.id, error) from None
    return lines[:-1] if lines[-1] == "" else lines


def from_vocabulary(
    repo: Repo, family: Family | None, settings: dict[str, Any], added: dict[int, AddedToken]
) -> tuple[Tokenizer, Family]:
    has_tokens = bool(repo.find("vocab.txt"))
    has_merges = bool(repo.find("vocab.json")) and bool(repo.find("merges.txt"))
    has_letters = bool(repo.find(letters.FILE)) and not has_merges
    if family is None and has_tokens:
        family = FAMILIES["Bert"]
    elif family is None and has_letters:
        family = FAMILIES["Wav2Vec2CTC"]
    if family and has_tokens and family.style == "wordpiece":
        return _wordpiece(repo, family, settings, added), family
    if family and has_merges and family.style in ("gpt2", "roberta"):
        return _byte_bpe(repo, family, settings, added), family
    if family and has_letters and family.style == "ctc":
        return _letters(repo, family, settings, added), family
    if family and family.style == "sentencepiece" and repo.find(sentencepiece_models.FILE):
        return _unigram(repo, family, settings, added), family
    if has_tokens or has_merges:
        name = "vocab.txt" if has_tokens else said("{one} and {other}", one="vocab.json", other="merges.txt")
        kind = said("is not named in tokenizer_config.json or config.json")
        if family:
            kind = said("is {kind!r}", kind=family.tokenizer_class)
        known = ", ".join(repr(each.tokenizer_class) for each in FAMILIES.values() if each.style in VOCABULARIES)
        raise spoken(
            ValueError,
            "{repo!r} has {name}, but its kind of tokenizer {kind}; try tokenizer_class= one of {known}",
            repo=repo.id,
            name=name,
            kind=kind,
            known=known,
        )
    only = next((name for name in SENTENCEPIECE if repo.find(name)), None)
    more = ""
    if only:
        more = said(
            "; its {file} becomes a tokenizer.json with transformers: AutoTokenizer...save_pretrained()", file=only
        )
    raise spoken(
        FileNotFoundError,
        "{repo!r} has no tokenizer: looked for tokenizer.json, vocab.txt, and vocab.json with merges.txt{more}",
        repo=repo.id,
        more=more,
    )


def _letters(repo: Repo, family: Family, settings: dict[str, Any], added: dict[int, AddedToken]) -> Tokenizer:
    vocabulary = read_json(repo, letters.FILE) or {}
    refused = partial(damaged, letters.FILE, repo.id)
    backend = letters.from_letters(vocabulary, family, settings, added, refused)
    add_missing(backend, settings, added)
    _check_ids(repo, backend, added)
    return backend


def spaced_mask(token: str, family: Family) -> AddedToken:
    """The mask of RoBERTa and its kin takes the space before it along."""
    return AddedToken(token, lstrip=True, rstrip=False, normalized=family.mask_is_normalized)


def _set_defaults(family: Family, settings: dict[str, Any], **options: Any) -> None:
    for name, value in {**family.tokens, **options}.items():
        settings.setdefault(name, value)


def _with_ids(repo: Repo, backend: Tokenizer, settings: dict[str, Any], *names: str) -> list[tuple[str, int]]:
    """Special tokens that are put around a text, with their ids."""
    for name in names:
        if settings.get(name) is None:
            raise damaged(
                "special_tokens_map.json", repo.id, said("there is no {name}, which every text needs", name=name)
            )
    tokens = [str(settings[name]) for name in names]  # `add_missing` has put them all into the vocabulary
    return [(token, cast(int, backend.token_to_id(token))) for token in tokens]


def _wordpiece(repo: Repo, family: Family, settings: dict[str, Any], added: dict[int, AddedToken]) -> Tokenizer:
    lines = _lines(repo, "vocab.txt")
    vocabulary = {token: index for index, token in enumerate(lines)}
    if len(vocabulary) < len(lines) and len(lines) != _model_size(repo):  # some models were trained with such a list
        raise damaged("vocab.txt", repo.id, _repeated(lines))
    _set_defaults(
        family,
        settings,
        do_lower_case=True,
        tokenize_chinese_chars=True,
        strip_accents=None,
        clean_up_tokenization_spaces=True,
    )
    unknown = str(settings["unk_token"])
    if unknown not in vocabulary:
        why = said("no {token!r} among its {count} tokens, one per line", token=unknown, count=len(vocabulary))
        raise damaged("vocab.txt", repo.id, why)
    _check_size(repo, "vocab.txt", _count(len(lines), added))
    backend = Tokenizer(models.WordPiece(vocabulary, unk_token=unknown))
    backend.normalizer = normalizers.BertNormalizer()
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.decoder = decoders.WordPiece(prefix="##")
    add_missing(backend, settings, added)
    _check_ids(repo, backend, added)
    cls, sep = _with_ids(repo, backend, settings, "cls_token", "sep_token")
    backend.post_processor = processors.TemplateProcessing(
        single=f"{cls[0]}:0 $A:0 {sep[0]}:0",
        pair=f"{cls[0]}:0 $A:0 {sep[0]}:0 $B:1 {sep[0]}:1",
        special_tokens=[cls, sep],
    )
    return backend


def _byte_bpe(repo: Repo, family: Family, settings: dict[str, Any], added: dict[int, AddedToken]) -> Tokenizer:
    vocabulary = read_json(repo, "vocab.json") or {}
    if not all(type(index) is int and 0 <= index < 2**32 for index in vocabulary.values()):
        raise damaged("vocab.json", repo.id, said("expected an id for every token"))
    if len(set(vocabulary.values())) < len(vocabulary):
        raise damaged("vocab.json", repo.id, said("two tokens have one id"))
    _check_size(repo, "vocab.json", _count(max(vocabulary.values(), default=-1) + 1, added))
    merges = []
    for number, line in enumerate(_lines(repo, "merges.txt"), 1):
        if not line or (number == 1 and line.startswith("#version")):
            continue
        parts = line.split(" ")
        if len(parts) != 2:
            why = said("line {number} is {line!r}, expected two tokens and one space", number=number, line=line[:40])
            raise damaged("merges.txt", repo.id, why)
        missing = next((token for token in (*parts, "".join(parts)) if token not in vocabulary), None)
        if missing is not None:
            why = said(
                "line {number} is {line!r}, but {missing!r} is not in vocab.json",
                number=number,
                line=line[:40],
                missing=missing,
            )
            raise damaged("merges.txt", repo.id, why)
        merges.append((parts[0], parts[1]))
    special = {str(settings[name]) for name in SPECIAL_NAMES if settings.get(name) is not None}
    special |= {token.content for token in added.values()} | set(family.tokens.values())
    _check_merges(repo, vocabulary, merges, special)
    model = models.BPE(vocab=vocabulary, merges=merges, continuing_subword_prefix="", end_of_word_suffix="")
    _set_defaults(family, settings, add_prefix_space=False)
    for name in SPECIAL_NAMES:
        if isinstance(settings.get(name), str):
            token = settings[name]
            settings[name] = spaced_mask(token, family) if name == "mask_token" else AddedToken(token, normalized=True)
    spaced = settings["add_prefix_space"]
    backend = Tokenizer(model)
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=spaced)
    backend.decoder = decoders.ByteLevel()
    add_missing(backend, settings, added)
    _check_ids(repo, backend, added)
    if family.style == "roberta":
        sep, cls = _with_ids(repo, backend, settings, "sep_token", "cls_token")
        backend.post_processor = processors.RobertaProcessing(sep, cls, True, spaced)
    elif settings.get("add_bos_token"):
        (bos,) = _with_ids(repo, backend, settings, "bos_token")
        backend.post_processor = processors.TemplateProcessing(
            single=f"{bos[0]}:0 $A:0", pair=f"{bos[0]}:0 $A:0 $B:1", special_tokens=[bos]
        )
    else:
        backend.post_processor = processors.ByteLevel(trim_offsets=False)
    return backend


def _check_merges(repo: Repo, vocabulary: dict[str, int], merges: list[tuple[str, str]], special: set[str]) -> None:
    """Raise ValueError where merges.txt was cut: then tokens of vocab.json are never made, and words fall apart."""
    made = {"".join(pair) for pair in merges}
    lost = [
        token
        for token in vocabulary
        if len(token) > 1 and token not in made and token not in special and not token.startswith(FILLER)
    ]
    if not lost:
        return
    if len(lost) > MOST_LOST * len(vocabulary):
        why = said("no line makes {token!r} of vocab.json, and {count} more", token=lost[0], count=len(lost) - 1)
        raise damaged("merges.txt", repo.id, why)
    say_once(
        _("{repo}: no line of merges.txt makes {token!r} and {count} more; was it cut?",
          repo=repo.id, token=lost[0], count=len(lost) - 1)
    )  # fmt: skip


def _repeated(lines: list[str]) -> str:
    first: dict[str, int] = {}
    for number, token in enumerate(lines, 1):
        if first.setdefault(token, number) != number:
            return said("lines {one} and {other} are both {token!r}", one=first[token], other=number, token=token)
    raise AssertionError


def _count(own: int, added: dict[int, AddedToken]) -> int:
    """For how many ids there are tokens."""
    return max([own, *(index + 1 for index in added)])


def _model_size(repo: Repo) -> int | None:
    """The size of the model's vocabulary by config.json; None where that is not said."""
    size = (read_json(repo, "config.json") or {}).get("vocab_size")
    return size if isinstance(size, int) and not isinstance(size, bool) else None


def _check_size(repo: Repo, file: str, count: int) -> None:
    """Compare a vocabulary with its model's: ValueError where much of it is missing, one line where some is.

    Models are often a little larger, because GPUs like multiples of 64. Where one line was lost, all later ids shift.
    """
    size = _model_size(repo)
    if size is None or count >= size:
        return
    if count < (1 - MOST_LOST_OF_MODEL) * size:
        why = said("it has {count} tokens, the model {size}", count=count, size=size)
        raise damaged(file, repo.id, why)
    say_once(
        _("{repo}: {file} has {count} tokens, the model {size}; if a line was lost, all tokens behind it are mixed up",
          repo=repo.id, file=file, count=count, size=size)
    )  # fmt: skip


def _unigram(repo: Repo, family: Family, settings: dict[str, Any], added: dict[int, AddedToken]) -> Tokenizer:
    backend = sentencepiece_models.from_sentencepiece(repo, family.name)
    _check_size(repo, sentencepiece_models.FILE, _count(backend.get_vocab_size(), added))
    _set_defaults(family, settings)
    if isinstance(settings["mask_token"], str):
        settings["mask_token"] = spaced_mask(settings["mask_token"], family)
    add_missing(backend, settings, added)
    _check_ids(repo, backend, added)
    return backend


def add_missing(backend: Tokenizer, settings: dict[str, Any], added: dict[int, AddedToken]) -> None:
    """Make every added and special token known to the library, so that it is never split."""
    known = {repr(token) for token in backend.get_added_tokens_decoder().values()}
    tokens = [token for _, token in sorted(added.items()) if repr(token) not in known]
    texts = {token.content for token in tokens} | {
        token.content for token in backend.get_added_tokens_decoder().values()
    }
    special = [settings[name] for name in SPECIAL_NAMES if settings.get(name) is not None]
    special += settings.get("additional_special_tokens") or []
    extra = settings.get("extra_special_tokens")
    special += extra.values() if isinstance(extra, dict) else []
    special_texts = set(map(str, special))
    tokens += [token for token in special if isinstance(token, AddedToken) or token not in texts]
    for token in tokens:
        if isinstance(token, str):
            token = AddedToken(token, special=True)
        elif str(token) in special_texts:
            token.special = True
        backend.add_tokens([token])


def _check_ids(repo: Repo, backend: Tokenizer, added: dict[int, AddedToken]) -> None:
    for index, token in added.items():
        found = backend.token_to_id(token.content)
        if found != index:
            why = said(
                "{token!r} should have the id {index}, but would have {found}",
                token=token.content,
                index=index,
                found=found,
            )
            raise damaged("added_tokens.json", repo.id, why)


def adjust(backend: Tokenizer, family: Family, settings: dict[str, Any]) -> None:
    """Options of tokenizer_config.json win over what tokenizer.json says, as they do in transformers."""
    normalizer = backend.normalizer
    if family.style == "wordpiece":
        for name, value in (("do_lower_case", True), ("tokenize_chinese_chars", True), ("strip_accents", None)):
            settings.setdefault(name, value)
        if isinstance(normalizer, normalizers.BertNormalizer):
            normalizer.lowercase = settings["do_lower_case"]
            normalizer.handle_chinese_chars = settings["tokenize_chinese_chars"]
            normalizer.strip_accents = settings["strip_accents"]
            backend.normalizer = normalizer
    spaced = bool(settings.get("add_prefix_space", False))
    pre_tokenizer = backend.pre_tokenizer
    if isinstance(pre_tokenizer, pre_tokenizers.ByteLevel) and pre_tokenizer.add_prefix_space != spaced:
        pre_tokenizer.add_prefix_space = spaced
        backend.pre_tokenizer = pre_tokenizer
    processor = backend.post_processor
    if family.style == "roberta" and isinstance(processor, processors.RobertaProcessing):
        state = json.loads(processor.__getstate__())
        trimmed = settings.get("trim_offsets", True)
        if (state["add_prefix_space"], state["trim_offsets"]) != (spaced, trimmed):
            backend.post_processor = processors.RobertaProcessing(
                tuple(state["sep"]), tuple(state["cls"]), trimmed, spaced
            )
