"""Keywords with which a user makes a tokenizer, or loads one: which there are, and whether they can be meant."""

from typing import Any

from ..i18n import spoken
from ..utils.elsewhere import only_known
from ..utils.errors import did_you_mean
from .families import FAMILIES, SPECIAL_NAMES, family_of
from .files import KINDS, as_token, check_settings, check_special_tokens
from .names import LOADING

SETTINGS = (*KINDS, "model_max_length", "additional_special_tokens", "extra_special_tokens", *SPECIAL_NAMES)


def checked(settings: dict[str, Any], where: str) -> dict[str, Any]:
    """Keywords of a user, special tokens as tokens and without those that are None; or TypeError, or ValueError."""
    settings = only_known(settings, SETTINGS, LOADING, where)
    given = {name: as_token(value) for name, value in settings.items() if value is not None}
    check_settings(given)
    check_special_tokens(given)
    kind = given.get("tokenizer_class")
    if kind is not None and family_of(kind, None) not in FAMILIES.values():
        names = [family.tokenizer_class for family in FAMILIES.values()]
        raise spoken(
            ValueError,
            "tokenizer_class is {kind!r}, expected one of {names}{near}",
            kind=kind,
            names=", ".join(names),
            near=did_you_mean(kind, names),
        )
    return given | {name: None for name in SPECIAL_NAMES if settings.get(name, "") is None}  # None: no such token
