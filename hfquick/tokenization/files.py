"""The files of a tokenizer: read from a repository in any of five layouts, written as one folder that everybody reads.

    tokenizer.json                                 all in one; what the `tokenizers` library writes
    vocab.txt, or vocab.json with merges.txt       plain vocabularies: vocabularies.py
    vocab.json alone                               letters, of models that are trained with CTC: letters.py
    sentencepiece.bpe.model                        of CamemBERT and XLM-RoBERTa: sentencepiece_models.py

beside tokenizer_config.json (options), special_tokens_map.json and added_tokens.json, each of which may be missing.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer

from ..hub.repository import Repo
from ..i18n import N_, said, spoken
from ..utils.errors import damaged
from ..utils.fields import Range, check_field, check_fields, wrong
from ..utils.files import one_save, read_text, write_json, write_text
from . import letters
from .decoding import ID_LIMIT
from .families import FAMILIES, SPECIAL_NAMES, Family, family_of, position_count
from .options import LARGEST_LIMIT, SIDES
from .vocabularies import VOCABULARIES, add_missing, adjust, from_vocabulary, read_json, spaced_mask

MOST_TOKENIZER = 200_000_000  # bytes of a tokenizer.json; the largest in use have some 35 million
NO_LIMIT = int(1e30)  # how a tokenizer_config.json says that it knows no longest text
PRIVATE_KEYS = ("tokenizer_class", "added_tokens_decoder", "name_or_path", "special_tokens_map_file", "tokenizer_file",
                "vocab_file", "merges_file", "init_inputs", "is_local", "local_files_only", "backend")  # fmt: skip
KINDS = {  # setting -> what it must be
    "do_lower_case": bool,
    "tokenize_chinese_chars": bool,
    "strip_accents": bool,
    "add_prefix_space": bool,
    "trim_offsets": bool,
    "add_bos_token": bool,
    "clean_up_tokenization_spaces": bool,
    "tokenizer_class": str,
    "model_input_names": list,
    "pad_token_type_id": int,
    "padding_side": str,
    "truncation_side": str,
    "word_delimiter_token": str,
    "replace_word_delimiter_char": str,
}
LIMITS = {"padding_side": SIDES, "truncation_side": SIDES}


def read_tokenizer(repo: Repo, overrides: dict[str, Any]) -> tuple[Tokenizer, Family, dict[str, Any]]:
    """An opened repository -> the tokenizer, its family and its settings (special tokens among them).

    Raises ValueError for a damaged file, FileNotFoundError if there is no vocabulary at all.
    """
    settings = read_json(repo, "tokenizer_config.json") or {}
    limit = settings.get("model_max_length", settings.pop("max_len", None))
    with _naming(repo, "tokenizer_config.json"):
        check_settings(settings)
        check_field("model_max_length", limit, float | None, Range(1))
    named = overrides.pop("tokenizer_class", None) or settings.get("tokenizer_class")
    no_limit = limit is None or limit > LARGEST_LIMIT
    config: dict[str, Any] = {}
    if no_limit or named is None:
        config = read_json(repo, "config.json") or {}
        with _naming(repo, "config.json"):
            check_fields(config, {"model_type": str | None, "tokenizer_class": str | None})
    settings["model_max_length"] = (position_count(config) or NO_LIMIT) if no_limit else int(limit)
    family = family_of(named or config.get("tokenizer_class"), config.get("model_type"))
    added = _read_special_tokens(repo, settings, family)
    template = repo.find("chat_template.jinja")  # where newer repositories have it
    if template is not None:
        with _naming(repo, "chat_template.jinja"):
            settings["chat_template"] = read_text(template)
    settings.update(overrides)
    whole = repo.find("tokenizer.json")
    if whole and not (family and family.style == "ctc"):
        backend = read_file(whole, repo.id)
        family = family or FAMILIES["PreTrained"]
        for name, token in family.tokens.items():
            settings.setdefault(name, token)
        if family.style in ("roberta", "sentencepiece") and isinstance(settings["mask_token"], str):
            settings["mask_token"] = spaced_mask(settings["mask_token"], family)
    else:
        backend, family = from_vocabulary(repo, family, settings, added)
    adjust(backend, family, settings)
    add_missing(backend, settings, added)
    for key in PRIVATE_KEYS:
        settings.pop(key, None)
    return backend, family, settings


@contextmanager
def _naming(repo: Repo, file: str) -> Iterator[None]:
    """A ValueError inside says that this file of the repository is damaged."""
    try:
        yield
    except ValueError as error:
        raise damaged(file, repo.id, error) from None


def check_settings(settings: dict[str, Any]) -> None:
    """Raise ValueError for the first setting of a wrong kind; null counts as not given and is taken out."""
    for name in KINDS:
        if name in settings and settings[name] is None:
            del settings[name]
    check_fields(settings, KINDS, LIMITS)
    inputs = settings.get("model_input_names", [""])
    if not inputs or not all(isinstance(name, str) for name in inputs):
        raise wrong("model_input_names", inputs, said("a list of names"))


def as_token(value: Any, special: bool = False) -> Any:
    """A special token as JSON files write it (a text, or the fields of an AddedToken) -> text or AddedToken."""
    if isinstance(value, list):
        return [as_token(item, special) for item in value]
    if isinstance(value, dict) and isinstance(value.get("content"), str):
        names = ("single_word", "lstrip", "rstrip", "normalized", "special")
        flags = {name: value[name] for name in names if name in value}
        if all(isinstance(flag, bool) for flag in flags.values()):
            return AddedToken(value["content"], **{**flags, **({"special": True} if special else {})})
    return value  # what is neither is refused where its name is known


def _read_special_tokens(repo: Repo, settings: dict[str, Any], family: Family | None) -> dict[int, AddedToken]:
    """Put the special tokens of all files into `settings`; return id -> further added token."""
    added: dict[int, AddedToken] = {}
    if "added_tokens_decoder" in settings:
        with _naming(repo, "tokenizer_config.json"):
            added = _added_tokens(settings["added_tokens_decoder"])
            check_special_tokens(settings)
    else:
        for name, value in (read_json(repo, "special_tokens_map.json") or {}).items():
            settings[name] = as_token(value, special=True)
        with _naming(repo, "tokenizer_config.json"):
            check_special_tokens(settings)
        special = {str(settings[name]) for name in SPECIAL_NAMES if name in settings}
        special |= set(map(str, settings.get("additional_special_tokens") or []))
        whole = {str(token): token for name in SPECIAL_NAMES if isinstance(token := settings.get(name), AddedToken)}
        for content, index in (read_json(repo, "added_tokens.json") or {}).items():
            with _naming(repo, "added_tokens.json"):
                check_field(said("the id of {token!r}", token=content), index, int, Range(0, below=ID_LIMIT))
            is_special = content in special
            plain = AddedToken(content, normalized=not is_special, special=is_special)
            added[index] = whole.get(content, plain)  # the other file may say more, a mask's lstrip for one
    by_text = {token.content: token for token in added.values()}
    for name in SPECIAL_NAMES:
        if settings.get(name) is not None:
            settings[name] = by_text.get(str(settings[name]), settings[name])
    more = settings.get("additional_special_tokens")
    if more is None:
        more = family.more_tokens if family else []
    settings["additional_special_tokens"] = [by_text.get(str(token), token) for token in more]
    return added


def _added_tokens(written: Any) -> dict[int, AddedToken]:
    """Id -> added token, from what tokenizer_config.json has."""
    check_field("added_tokens_decoder", written, dict)
    tokens = {index: as_token(token) for index, token in written.items()}
    for index, token in tokens.items():
        if not index.isdecimal() or not isinstance(token, AddedToken):
            raise wrong("added_tokens_decoder", {index: written[index]}, said("ids and the fields of their tokens"))
    return {int(index): token for index, token in tokens.items()}


def check_special_tokens(settings: dict[str, Any]) -> None:
    """Make texts or AddedTokens of all special tokens, in place; raise ValueError for the first that is neither."""
    extra = settings.get("extra_special_tokens")
    if isinstance(extra, list):  # as transformers 5 writes those without a role
        settings["additional_special_tokens"] = (settings.get("additional_special_tokens") or []) + extra
        del settings["extra_special_tokens"]
    several = {
        "additional_special_tokens": (list, N_("a list of tokens")),
        "extra_special_tokens": (dict, N_("a table of tokens")),
    }
    for name in (*SPECIAL_NAMES, *several):
        value = settings.get(name)
        if value is None:
            continue
        kind, expected = several.get(name, (object, N_("a token")))
        if kind is dict and isinstance(value, dict):
            settings[name] = {role: as_token(token) for role, token in value.items()}
            tokens = list(settings[name].values())
        else:
            settings[name] = as_token(value)
            tokens = settings[name] if kind is list else [settings[name]]
        if not isinstance(value, kind) or not all(
            isinstance(token, str | AddedToken) and str(token) for token in tokens
        ):
            raise wrong(name, value, said(expected))


def read_file(path: str | os.PathLike, name: str = "") -> Tokenizer:
    """A tokenizer.json, or ValueError if it is damaged. `name` is the repository it comes from, for the error."""
    if not Path(path).is_file():
        raise spoken(FileNotFoundError, "there is no file {path!r}; expected a tokenizer.json", path=str(path))

    try:
        if os.path.getsize(path) > MOST_TOKENIZER:
            raise spoken(
                ValueError,
                "it has {size:,} bytes, {most:,} are the most that is read",
                size=os.path.getsize(path),
                most=MOST_TOKENIZER,
            )
        return Tokenizer.from_file(str(path))
    except BaseException as error:  # the library raises a bare Exception, or a panic, which is not even that
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        if name:
            raise damaged("tokenizer.json", name, error) from None
        raise spoken(
            ValueError,
            "{path!r} is no tokenizer.json ({error}); expected what Tokenizer.save writes",
            path=str(path),
            error=error,
        ) from None


def write_tokenizer(
    folder: Path, backend: Tokenizer, family: Family, settings: dict[str, Any], special: dict[str, Any]
) -> list[str]:
    """Write the folder: all files are the new ones, or all the old ones. Returns the names of the files."""
    added = backend.get_added_tokens_decoder()
    known = {token.content: token for token in added.values()}
    states = {str(index): token.__getstate__() for index, token in sorted(added.items())}
    config = {
        **settings,
        **{name: str(token) for name, token in special.items() if isinstance(token, str | AddedToken)},
    }
    config["additional_special_tokens"] = [str(token) for token in special.get("additional_special_tokens", [])]
    config = {**config, "added_tokens_decoder": states, "tokenizer_class": family.tokenizer_class}
    extra = settings.get("extra_special_tokens") or {}
    config["extra_special_tokens"] = {name: str(token) for name, token in extra.items()}
    first = "tokenizer.json"
    if family.style == "ctc":
        first = letters.FILE
        config |= {name: None for name in family.tokens if name not in special}  # else they come back
    names = [first, "special_tokens_map.json", "tokenizer_config.json"]
    size = backend.get_vocab_size(with_added_tokens=False)
    behind = {token.content: index for index, token in sorted(added.items()) if index >= size}
    old = _vocabulary_files(backend, family)
    if old and behind:
        old["added_tokens.json"] = json.dumps(behind, indent=2, ensure_ascii=False) + "\n"
    with one_save(folder, last=first):
        if first == "tokenizer.json":
            write_text(folder / first, backend.to_str(pretty=True))
        write_json(folder / "special_tokens_map.json", {name: _plain(token, known) for name, token in special.items()})
        write_json(folder / "tokenizer_config.json", dict(sorted(config.items())))
        for name, text in old.items():
            write_text(folder / name, text)
    return [*dict.fromkeys(names + list(old))]


def _vocabulary_files(backend: Tokenizer, family: Family) -> dict[str, str]:
    """The files of the two older layouts, for readers that know no tokenizer.json: name -> content."""
    if family.style == "ctc":
        table = dict(sorted(backend.get_vocab(with_added_tokens=False).items(), key=lambda item: item[1]))
        return {letters.FILE: json.dumps(table, indent=2, ensure_ascii=False) + "\n"}
    state = json.loads(backend.to_str())["model"] if family.style in VOCABULARIES else {}
    if sorted(state.get("vocab", {}).values()) != list(range(len(state.get("vocab", {})))):
        return {}  # a list of lines cannot say these ids
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


def _plain(token: Any, known: dict[str, AddedToken]) -> Any:
    """A special token with all that the vocabulary knows about it."""
    if isinstance(token, list):
        return [_plain(item, known) for item in token]
    names = ("content", "lstrip", "normalized", "rstrip", "single_word")
    return {name: getattr(known[str(token)], name) for name in names} if str(token) in known else str(token)
