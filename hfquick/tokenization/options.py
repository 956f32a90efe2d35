"""The options of a call, checked, and put into the words of the library: truncation and padding."""

import warnings
from typing import Any

import tokenizers

from ..i18n import said, spoken
from ..utils.fields import Choice, Range, check_field

PADDING = ("longest", "max_length", "do_not_pad")
TRUNCATION = ("longest_first", "only_first", "only_second", "do_not_truncate")
SIDES = Choice("right", "left")
LOSE_WINDOWS = ("0.23.2",)  # versions of tokenizers that give the first window of a long text alone (docs/LOG.md)
LARGEST_LIMIT = int(1e20)  # a model_max_length above this means "no limit"


def truncation_for(
    tokenizer: Any, truncation: Any, padding: Any, max_length: int | None, stride: int, pair: bool, special_tokens: bool
) -> dict[str, Any] | None:
    """What the library is told about truncation; None for none. Raises ValueError for options that cannot be met."""
    check_count("max_length", max_length, 1)
    if truncation is None and max_length is not None and padding is False:
        truncation = True
    off = "do_not_truncate"
    strategy = choose("truncation", truncation, TRUNCATION, {True: "longest_first", False: off, None: off})
    length = tokenizer.model_max_length if max_length is None else max_length
    if strategy == off or length > LARGEST_LIMIT:
        return None
    check_count("stride", stride, 0)
    special = tokenizer.num_special_tokens_to_add(pair) if special_tokens else 0
    if length < special or (stride and stride >= length - special):
        given = said("max_length={length}", length=length)
        if stride:
            given = said("max_length={length} with stride={stride}", length=length, stride=stride)
        raise spoken(
            ValueError,
            "{given} leaves no room for text, since {special} special tokens are added; try a max_length above {least}",
            given=given,
            special=special,
            least=special + stride,
        )
    side = check_side("truncation_side", tokenizer.truncation_side)
    return {"max_length": length, "stride": stride, "strategy": strategy, "direction": side}


def padding_for(
    tokenizer: Any, padding: Any, max_length: int | None, multiple: int | None, side: str | None, cut: dict | None
) -> dict[str, Any] | None:
    """What the library is told about padding; None for none. Raises ValueError for options that cannot be met."""
    strategy = padding_strategy(padding)
    if strategy == "do_not_pad":
        return None
    check_count("pad_to_multiple_of", multiple, 1)
    length = full_length(tokenizer, max_length) if strategy == "max_length" else None
    if strategy == "longest" and max_length is not None and cut is None:
        warnings.warn(
            "max_length does nothing with padding=True alone; try truncation=True or padding='max_length'", stacklevel=4
        )
    if cut and multiple and cut["max_length"] % multiple:
        raise spoken(
            ValueError,
            "texts are cut to {cut} tokens, which is no multiple of pad_to_multiple_of={multiple}; try "
            "max_length={next}",
            cut=cut["max_length"],
            multiple=multiple,
            next=-(-cut["max_length"] // multiple) * multiple,
        )
    return {
        "length": length,
        "direction": check_side("padding_side", tokenizer.padding_side if side is None else side),
        "pad_id": pad_id(tokenizer),
        "pad_token": tokenizer.pad_token,
        "pad_type_id": tokenizer.pad_token_type_id,
        "pad_to_multiple_of": multiple,
    }


def padding_strategy(padding: Any) -> str:
    return choose("padding", padding, PADDING, {True: "longest", False: "do_not_pad", None: "do_not_pad"})


def full_length(tokenizer: Any, max_length: int | None) -> int:
    """The length that padding="max_length" pads to."""
    length = tokenizer.model_max_length if max_length is None else max_length
    if length > LARGEST_LIMIT:
        raise spoken(
            ValueError,
            "padding='max_length' needs a length, and this tokenizer knows no longest text; try max_length=128",
        )
    return length


def pad_id(tokenizer: Any) -> int:
    """Id of the padding token, or ValueError if there is none."""
    if tokenizer.pad_token_id is None:
        raise spoken(
            ValueError,
            "padding needs a padding token and this tokenizer has none; try tokenizer.pad_token = "
            "tokenizer.eos_token, or tokenizer.add_special_tokens({'pad_token': '[PAD]'})",
        )
    return tokenizer.pad_token_id


def library_error(error: BaseException, cut: dict | None) -> ValueError | None:
    """A sentence for what the library says about truncation; None for any other error."""
    words = str(error)
    if cut and "Second sequence not provided" in words:
        return spoken(
            ValueError,
            "truncation='only_second' cuts the second text, but a text that is too long has none; try truncation=True",
        )
    if cut and "Truncation error" in words:
        return spoken(
            ValueError,
            "truncation={strategy!r} cannot bring a pair down to {length} tokens by cutting one of its texts; try "
            "truncation=True or a larger max_length",
            strategy=cut["strategy"],
            length=cut["max_length"],
        )
    if cut and "stride" in words:
        return spoken(
            ValueError,
            "stride={stride} is as long as the room that is left for the text that is cut; try a smaller stride or a "
            "larger max_length",
            stride=cut["stride"],
        )
    if "WordLevel" in words and "Missing [UNK] token" in words:  # a vocabulary of letters without one
        return spoken(
            ValueError,
            "a character of the text is not in the vocabulary, which has no unk_token for it; take it out of the text",
        )
    if type(error) is Exception or type(error).__name__ == "PanicException":  # all that the library ever raises itself
        return spoken(
            ValueError,
            "the tokenizers library cannot read this text ({error}); its tokenizer.json may be damaged",
            error=error,
        )
    return None


def choose(name: str, value: Any, choices: tuple[str, ...], shorthand: dict) -> str:
    """One of `choices`, or a shorthand such as True for it. Raises ValueError otherwise."""
    check_field(name, value, bool | str | None, Choice(True, False, *choices))
    return shorthand[value] if isinstance(value, bool) or value is None else value


def check_count(name: str, value: Any, least: int) -> None:
    """Raise ValueError unless `value` is None or a whole number from `least` on."""
    check_field(name, value, int | None, Range(least))


def check_side(name: str, value: Any) -> str:
    check_field(name, value, str, SIDES)
    return value


def check_overflowing() -> None:
    """Raise ImportError where the installed library loses windows of long texts: nothing else would show it."""
    if tokenizers.__version__ in LOSE_WINDOWS:
        raise spoken(
            ImportError,
            "tokenizers {version} gives the first window of a long text and drops the others; try: pip install "
            "'tokenizers!={version}'",
            version=tokenizers.__version__,
        )
