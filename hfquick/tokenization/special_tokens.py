"""Tokens with a meaning of their own: [CLS], [SEP], <s>, <pad> ...; as attributes, and added to a vocabulary."""

import threading
from typing import Any

from tokenizers import AddedToken, Tokenizer

from ..i18n import spoken
from ..utils.elsewhere import instead
from ..utils.errors import did_you_mean
from .families import SPECIAL_NAMES
from .names import ATTRIBUTES


def _token(name: str) -> property:
    def get(self: "SpecialTokens") -> str | None:
        token = self._special.get(name)
        return None if token is None else str(token)

    def set_(self: "SpecialTokens", token: str | AddedToken | None) -> None:
        self._set_special(name, token)

    return property(get, set_, doc=f"The {name.removesuffix('_token')} token, None if there is none.")


def _token_id(name: str) -> property:
    def get(self: "SpecialTokens") -> int | None:
        token = self._special.get(name)
        return None if token is None else self._backend.token_to_id(str(token))

    def set_(self: "SpecialTokens", index: int | None) -> None:
        self._set_special(name, None if index is None else self._backend.id_to_token(index))

    return property(get, set_, doc=f"Id of the {name.removesuffix('_token')} token, None if there is none.")


class SpecialTokens:
    """The part of a tokenizer that knows its special tokens."""

    _backend: Tokenizer
    _lock: threading.RLock
    _special: dict[str, Any]  # name -> text or AddedToken; "additional_special_tokens" -> list of them

    bos_token, bos_token_id = _token("bos_token"), _token_id("bos_token")
    eos_token, eos_token_id = _token("eos_token"), _token_id("eos_token")
    unk_token, unk_token_id = _token("unk_token"), _token_id("unk_token")
    sep_token, sep_token_id = _token("sep_token"), _token_id("sep_token")
    pad_token, pad_token_id = _token("pad_token"), _token_id("pad_token")
    cls_token, cls_token_id = _token("cls_token"), _token_id("cls_token")
    mask_token, mask_token_id = _token("mask_token"), _token_id("mask_token")

    def _set_special_tokens(self, settings: dict[str, Any]) -> None:
        self._special = {name: settings.pop(name) for name in SPECIAL_NAMES if settings.get(name) is not None}
        extra = settings.get("extra_special_tokens")
        self._special.update(extra if isinstance(extra, dict) else {})
        more = settings.pop("additional_special_tokens", None)
        if more:
            self._special["additional_special_tokens"] = list(more)

    def _set_special(self, name: str, token: str | AddedToken | None) -> None:
        if token is None:
            self._special.pop(name, None)
            return
        if not isinstance(token, str | AddedToken):
            raise spoken(TypeError, "{name} is {token!r}, expected a text", name=name, token=token)
        if self._backend.token_to_id(str(token)) is None:
            raise spoken(
                ValueError,
                "{token!r} is not in the vocabulary; try tokenizer.add_special_tokens({{{name!r}: {token!r}}}), "
                "and then model.resize_token_embeddings(len(tokenizer))",
                token=str(token),
                name=name,
            )
        self._special[name] = token

    def __getattr__(self, name: str) -> Any:  # only reached for unusual names, such as image_token
        special = self.__dict__.get("_special", {})
        if name in special:
            return str(special[name])
        if name.removesuffix("_id") in special and name.endswith("_id"):
            return self._backend.token_to_id(str(special[name.removesuffix("_id")]))
        near = instead(name, ATTRIBUTES, dir(self))
        raise spoken(AttributeError, "a tokenizer has no {name!r}{near}", name=name, near=near)

    @property
    def additional_special_tokens(self) -> list[str]:
        """Special tokens without a role of their own."""
        return [str(token) for token in self._special.get("additional_special_tokens", [])]

    @property
    def special_tokens_map(self) -> dict[str, Any]:
        """Role -> token."""
        names = [*SPECIAL_NAMES, *(name for name in self._special if name not in SPECIAL_NAMES)]
        return {name: _text(self._special[name]) for name in names if name in self._special}

    @property
    def all_special_tokens(self) -> list[str]:
        """Every special token once."""
        tokens: list[str] = []
        for token in self.special_tokens_map.values():
            tokens += token if isinstance(token, list) else [token]
        return list(dict.fromkeys(tokens))

    @property
    def all_special_ids(self) -> list[int]:
        """Their ids."""
        found = map(self._backend.token_to_id, self.all_special_tokens)
        return [index for index in found if index is not None]

    def add_tokens(self, new_tokens: str | AddedToken | list, special_tokens: bool = False) -> int:
        """Put tokens behind the vocabulary; returns how many were new.

        The model's embeddings then need a row for each: model.resize_token_embeddings(len(tokenizer)).
        """
        tokens = [new_tokens] if isinstance(new_tokens, str | AddedToken) else list(new_tokens)
        for token in tokens:
            if not isinstance(token, str | AddedToken):
                raise spoken(TypeError, "a new token is {token!r}, expected a text or an AddedToken", token=token)
        with self._lock:
            return self._backend.add_special_tokens(tokens) if special_tokens else self._backend.add_tokens(tokens)

    def add_special_tokens(
        self, special_tokens_dict: dict[str, Any], replace_additional_special_tokens: bool = True
    ) -> int:
        """Give tokens a role, {"pad_token": "[PAD]"}, adding them if need be; returns how many were new."""
        choices = (*SPECIAL_NAMES, "additional_special_tokens")
        for name in special_tokens_dict:
            if name not in choices:
                raise spoken(
                    ValueError,
                    "{name!r} is no special token, expected one of {choices}{near}",
                    name=name,
                    choices=", ".join(choices),
                    near=did_you_mean(name, choices),
                )
        count = 0
        for name, value in special_tokens_dict.items():
            if name == "additional_special_tokens":
                if isinstance(value, str | AddedToken):
                    raise spoken(
                        TypeError, "additional_special_tokens is {value!r}, expected a list of tokens", value=str(value)
                    )
                count += self.add_tokens(list(value), special_tokens=True)
                old = [] if replace_additional_special_tokens else self._special.get(name, [])
                seen = set(map(str, old))
                self._special[name] = [*old, *(token for token in value if str(token) not in seen)]
            else:
                count += self.add_tokens(value, special_tokens=True)
                self._set_special(name, value)
        return count


def _text(value: Any) -> Any:
    return [str(item) for item in value] if isinstance(value, list) else str(value)
