"""The files of a tokenizer: read from a repository in any of three layouts, written as one folder that everybody reads.

    tokenizer.json                everything; what the `tokenizers` library writes
    vocab.txt                     WordPiece, one token per line (BERT and its kin before 2020)
    vocab.json + merges.txt       byte-level BPE (GPT-2, RoBERTa)

beside tokenizer_config.json (options), special_tokens_map.json and added_tokens.json, each of which may be missing.
"""

import json
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from .files import write_json, write_text
from .hub import Repo
from .tokenizer_families import FAMILIES, SPECIAL_NAMES, Family, family_of, longest_text

NO_LIMIT = int(1e30)  # how a tokenizer_config.json says that it knows no longest text
LARGE = int(1e20)  # any number above is meant as "no limit"
SENTENCEPIECE = ("spiece.model", "sentencepiece.bpe.model", "tokenizer.model")
PRIVATE_KEYS = ("tokenizer_class", "added_tokens_decoder", "name_or_path", "special_tokens_map_file", "tokenizer_file",
                "vocab_file", "merges_file", "init_inputs", "is_local", "local_files_only", "backend")  # fmt: skip


def read_tokenizer(repo: Repo, overrides: dict[str, Any]) -> tuple[Tokenizer, Family, dict[str, Any]]:
    """An opened repository -> the tokenizer, its family and its settings (special tokens among them).

    Raises ValueError for a damaged file, FileNotFoundError if there is no vocabulary at all.
    """
    settings = read_json(repo, "tokenizer_config.json") or {}
    named = overrides.pop("tokenizer_class", None) or settings.get("tokenizer_class")
    limit = settings.get("model_max_length", settings.pop("max_len", None))
    config: dict[str, Any] = {}
    if limit is None or limit > LARGE or named in (None, "TokenizersBackend"):
        config = read_json(repo, "config.json") or {}
    if limit is None or limit > LARGE:
        settings["model_max_length"] = longest_text(config) or NO_LIMIT
    family = family_of(named or config.get("tokenizer_class"), config.get("model_type"))
    added = _read_special_tokens(repo, settings)
    settings.update(overrides)
    if repo.find("tokenizer.json"):
        backend = _from_tokenizer_json(repo)
        family = family or FAMILIES["PreTrained"]
        for name, token in family.tokens.items():
            settings.setdefault(name, _mask(token) if family.style == "roberta" and name == "mask_token" else token)
    else:
        backend, family = _from_vocabulary(repo, family, settings, added)
    adjust(backend, family, settings)
    add_missing(backend, settings, added)
    for key in PRIVATE_KEYS:
        settings.pop(key, None)
    return backend, family, settings


def read_json(repo: Repo, name: str) -> dict[str, Any] | None:
    """A JSON object of the repository, None if there is no such file, ValueError if it is damaged."""
    path = repo.find(name)
    if path is None:
        return None
    try:
        value = json.loads(Path(path).read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(_damaged(repo, name, error)) from None
    if not isinstance(value, dict):
        raise ValueError(_damaged(repo, name, f"it holds a {type(value).__name__}, expected an object"))
    return value


def _damaged(repo: Repo, name: str, why: Any) -> str:
    return f"{name} of {repo.id!r} is damaged ({why}); fetch it again with force_download=True"


def as_token(value: Any, special: bool = False) -> Any:
    """A special token as JSON files write it (a text, or the fields of an AddedToken) -> text or AddedToken."""
    if isinstance(value, list):
        return [as_token(item, special) for item in value]
    if isinstance(value, dict) and "content" in value:
        fields = {key: value[key] for key in ("content", "single_word", "lstrip", "rstrip", "normalized", "special") if key in value}
        return AddedToken(**{**fields, **({"special": True} if special else {})})
    return value


def _mask(token: str) -> AddedToken:
    """RoBERTa's mask takes the space before it along."""
    return AddedToken(token, lstrip=True, rstrip=False, normalized=False)


def _read_special_tokens(repo: Repo, settings: dict[str, Any]) -> dict[int, AddedToken]:
    """Put the special tokens of all files into `settings`; return id -> further added token."""
    added: dict[int, AddedToken] = {}
    if "added_tokens_decoder" in settings:
        added = {int(index): as_token(token) for index, token in settings["added_tokens_decoder"].items()}
    else:
        for name, value in (read_json(repo, "special_tokens_map.json") or {}).items():
            settings[name] = as_token(value, special=True)
        special = {str(value) for value in map(as_token, settings.values()) if isinstance(value, str | AddedToken)}
        for content, index in (read_json(repo, "added_tokens.json") or {}).items():
            is_special = content in special
            added[index] = AddedToken(content, normalized=not is_special, special=is_special)
    by_text = {token.content: token for token in added.values()}
    for name in SPECIAL_NAMES:
        if settings.get(name) is not None:
            token = as_token(settings[name])
            settings[name] = by_text.get(str(token), token)
    more = settings.get("additional_special_tokens") or []
    extra = settings.get("extra_special_tokens")
    if isinstance(extra, list):  # as transformers 5 writes them
        more = [*more, *settings.pop("extra_special_tokens")]
    settings["additional_special_tokens"] = [by_text.get(str(token), token) for token in as_token(more)]
    return added


def _from_tokenizer_json(repo: Repo) -> Tokenizer:
    try:
        return Tokenizer.from_file(str(repo.path("tokenizer.json")))
    except Exception as error:  # the library raises a bare Exception
        raise ValueError(_damaged(repo, "tokenizer.json", error)) from None


def _from_vocabulary(
    repo: Repo, family: Family | None, settings: dict[str, Any], added: dict[int, AddedToken]
) -> tuple[Tokenizer, Family]:
    has_pieces = bool(repo.find("vocab.txt"))
    has_merges = bool(repo.find("vocab.json")) and bool(repo.find("merges.txt"))
    if family is None and has_pieces:
        family = FAMILIES["Bert"]
    style = family.style if family else ""
    if has_pieces and style == "wordpiece":
        return _wordpiece(repo, family, settings, added), family
    if has_merges and style in ("gpt2", "roberta"):
        return _byte_bpe(repo, family, settings, added), family
    if has_pieces or has_merges:
        name = "vocab.txt" if has_pieces else "vocab.json and merges.txt"
        kind = f"is {family.tokenizer_class!r}" if family else "is not named in tokenizer_config.json or config.json"
        known = ", ".join(repr(each.tokenizer_class) for each in FAMILIES.values() if each.style)
        raise ValueError(f"{repo.id!r} has {name}, but its kind of tokenizer {kind}; try tokenizer_class= one of {known}")
    only = next((name for name in SENTENCEPIECE if repo.find(name)), None)
    more = f"; its {only} becomes a tokenizer.json with transformers: AutoTokenizer...save_pretrained()" if only else ""
    raise FileNotFoundError(
        f"{repo.id!r} has no tokenizer: looked for tokenizer.json, for vocab.txt, and for vocab.json with merges.txt{more}"
    )


def _lines(repo: Repo, name: str) -> list[str]:
    try:
        lines = repo.path(name).read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise ValueError(_damaged(repo, name, error)) from None
    return lines[:-1] if lines[-1] == "" else lines


def _fill(family: Family, settings: dict[str, Any], **options: Any) -> None:
    for name, value in {**family.tokens, **options}.items():
        settings.setdefault(name, value)


def _number(backend: Tokenizer, token: Any) -> tuple[str, int]:
    """A special token and its id; it is added behind the vocabulary if it is not in there."""
    if backend.token_to_id(str(token)) is None:
        backend.add_special_tokens([token])
    return str(token), backend.token_to_id(str(token))


def _wordpiece(repo: Repo, family: Family, settings: dict[str, Any], added: dict[int, AddedToken]) -> Tokenizer:
    vocabulary = {token: index for index, token in enumerate(_lines(repo, "vocab.txt"))}
    _fill(family, settings, do_lower_case=True, tokenize_chinese_chars=True, strip_accents=None, clean_up_tokenization_spaces=True)
    unknown = str(settings["unk_token"])
    if unknown not in vocabulary:
        raise ValueError(_damaged(repo, "vocab.txt", f"no {unknown!r} among its {len(vocabulary)} tokens, one per line"))
    backend = Tokenizer(models.WordPiece(vocabulary, unk_token=unknown))
    backend.normalizer = normalizers.BertNormalizer()
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.decoder = decoders.WordPiece(prefix="##")
    add_missing(backend, settings, added)
    _check_numbers(repo, backend, added)
    cls, sep = _number(backend, settings["cls_token"]), _number(backend, settings["sep_token"])
    backend.post_processor = processors.TemplateProcessing(
        single=f"{cls[0]}:0 $A:0 {sep[0]}:0",
        pair=f"{cls[0]}:0 $A:0 {sep[0]}:0 $B:1 {sep[0]}:1",
        special_tokens=[cls, sep],
    )
    return backend


def _byte_bpe(repo: Repo, family: Family, settings: dict[str, Any], added: dict[int, AddedToken]) -> Tokenizer:
    vocabulary = read_json(repo, "vocab.json")
    if not all(isinstance(index, int) for index in vocabulary.values()):
        raise ValueError(_damaged(repo, "vocab.json", "expected a number for every token"))
    merges = []
    for number, line in enumerate(_lines(repo, "merges.txt"), 1):
        if not line or (number == 1 and line.startswith("#version")):
            continue
        parts = line.split(" ")
        if len(parts) != 2:
            raise ValueError(_damaged(repo, "merges.txt", f"line {number} is {line[:40]!r}, expected two pieces and one space"))
        merges.append((parts[0], parts[1]))
    try:
        model = models.BPE(vocab=vocabulary, merges=merges, continuing_subword_prefix="", end_of_word_suffix="")
    except Exception as error:  # the library raises a bare Exception
        raise ValueError(_damaged(repo, "merges.txt", f"it does not fit vocab.json: {error}")) from None
    _fill(family, settings, add_prefix_space=False)
    if isinstance(settings.get("mask_token"), str):
        settings["mask_token"] = _mask(settings["mask_token"])
    spaced = settings["add_prefix_space"]
    backend = Tokenizer(model)
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=spaced)
    backend.decoder = decoders.ByteLevel()
    add_missing(backend, settings, added)
    _check_numbers(repo, backend, added)
    if family.style == "roberta":
        sep, cls = _number(backend, settings["sep_token"]), _number(backend, settings["cls_token"])
        backend.post_processor = processors.RobertaProcessing(sep=sep, cls=cls, add_prefix_space=spaced, trim_offsets=True)
    elif settings.get("add_bos_token"):
        bos = _number(backend, settings["bos_token"])
        backend.post_processor = processors.TemplateProcessing(single=f"{bos[0]}:0 $A:0", pair=f"{bos[0]}:0 $A:0 $B:1", special_tokens=[bos])
    else:
        backend.post_processor = processors.ByteLevel(trim_offsets=False)
    return backend


def add_missing(backend: Tokenizer, settings: dict[str, Any], added: dict[int, AddedToken]) -> None:
    """Make every added and special token known to the library, so that it is never cut into pieces."""
    known = {repr(token) for token in backend.get_added_tokens_decoder().values()}
    tokens = [token for _, token in sorted(added.items()) if repr(token) not in known]
    texts = {token.content for token in tokens} | {token.content for token in backend.get_added_tokens_decoder().values()}
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


def _check_numbers(repo: Repo, backend: Tokenizer, added: dict[int, AddedToken]) -> None:
    for index, token in added.items():
        found = backend.token_to_id(token.content)
        if found != index:
            raise ValueError(_damaged(repo, "added_tokens.json", f"{token.content!r} should be number {index}, but would be {found}"))


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
            backend.post_processor = processors.RobertaProcessing(tuple(state["sep"]), tuple(state["cls"]), trimmed, spaced)


def write_tokenizer(folder: Path, backend: Tokenizer, family: Family, settings: dict[str, Any], special: dict[str, Any]) -> list[str]:
    """Write the folder; every file is whole or absent. Returns the names of the files."""
    added = backend.get_added_tokens_decoder()
    states = {str(index): token.__getstate__() for index, token in sorted(added.items())}
    config = {**settings, **{name: str(token) for name, token in special.items() if isinstance(token, str | AddedToken)}}
    config["additional_special_tokens"] = [str(token) for token in special.get("additional_special_tokens", [])]
    config = {**config, "added_tokens_decoder": states, "tokenizer_class": family.tokenizer_class}
    config.setdefault("extra_special_tokens", {})
    write_text(folder / "tokenizer.json", backend.to_str(pretty=True))
    write_json(folder / "special_tokens_map.json", {name: _plain(token) for name, token in special.items()})
    write_json(folder / "tokenizer_config.json", dict(sorted(config.items())))
    names = ["tokenizer.json", "special_tokens_map.json", "tokenizer_config.json"]
    size = backend.get_vocab_size(with_added_tokens=False)
    behind = {token.content: index for index, token in sorted(added.items()) if index >= size}
    old = _vocabulary_files(backend, family)
    if old and behind:
        old["added_tokens.json"] = json.dumps(behind, indent=2, ensure_ascii=False) + "\n"
    for name, text in old.items():
        write_text(folder / name, text)
    return names + list(old)


def _vocabulary_files(backend: Tokenizer, family: Family) -> dict[str, str]:
    """The files of the two older layouts, for readers that know no tokenizer.json: name -> content."""
    state = json.loads(backend.to_str())["model"] if family.style else {}
    if sorted(state.get("vocab", {}).values()) != list(range(len(state.get("vocab", {})))):
        return {}  # a list of lines cannot say these numbers
    if state.get("type") == "WordPiece" and family.style == "wordpiece":
        tokens = sorted(state["vocab"], key=state["vocab"].get)
        return {"vocab.txt": "".join(token + "\n" for token in tokens)}
    if state.get("type") == "BPE" and family.style in ("gpt2", "roberta"):
        merges = [line if isinstance(line, str) else " ".join(line) for line in state["merges"]]
        vocabulary = dict(sorted(state["vocab"].items(), key=lambda item: item[1]))
        return {
            "vocab.json": json.dumps(vocabulary, ensure_ascii=False) + "\n",
            "merges.txt": "".join(line + "\n" for line in ["#version: 0.2", *merges]),
        }
    return {}


def _plain(token: Any) -> Any:
    if isinstance(token, list):
        return [_plain(item) for item in token]
    if isinstance(token, AddedToken):
        return {name: getattr(token, name) for name in ("content", "lstrip", "normalized", "rstrip", "single_word")}
    return token
