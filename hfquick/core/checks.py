"""What both frameworks refuse in the same sentences: inputs, ids, and sizes of a vocabulary."""

from collections.abc import Iterable
from typing import Any

from ..hub.repository import Repo
from ..i18n import N_, said, spoken
from ..utils.elsewhere import Other, instead
from ..utils.fields import Range, check_field
from .configuration import PreTrainedConfig

INPUTS = {
    # Tokenizers give them by default, and most models have no token types.
    "token_type_ids": Other("return_token_type_ids=False", N_("try {code} in the tokenizer")),
    # Of Keras models; those of PyTorch take it.
    "return_dict": Other("outputs[0], outputs.to_tuple()", N_("outputs are read by position, too: {code}")),
}


def unknown_input(model: str, name: str, known: Iterable[str]) -> TypeError:
    """The error for a call of a model with an input that it does not have."""
    known = list(known)
    return spoken(
        TypeError,
        "{model} has no input {name!r}{near}; it has {known}",
        model=model,
        name=name,
        near=instead(name, INPUTS, known),
        known=", ".join(known),
    )


def config_of(kind: type[PreTrainedConfig], repo: Repo, given: Any, overrides: dict[str, Any]) -> Any:
    """The configuration that a caller gave for a repository, or else its own, with some fields of it overridden."""
    if given is None:
        return kind.from_repo(repo, **overrides)
    if overrides:
        sentence = N_("config= was given, so {overrides} must be set in it, not beside it")
        raise spoken(ValueError, sentence, overrides=", ".join(overrides))
    return given


def no_config(model: str, wanted: str, given: Any) -> TypeError:
    """The error for a model that is built from something else than its configuration."""
    hint = said("; try {model}.from_pretrained({given!r})", model=model, given=given) if isinstance(given, str) else ""
    return spoken(
        TypeError,
        "{name} is built from a {config_class}, got a {config_kind}{hint}",
        name=model,
        config_class=wanted,
        config_kind=type(given).__name__,
        hint=hint,
    )


WHAT = (N_("token id"), N_("token type"), N_("position"))  # that may be out of range


def id_out_of_range(what: str, found: int, count: int) -> ValueError:
    """The error for a token id, token type or position that is not in a table of `count` rows."""
    hint = said("; after tokenizer.add_tokens try model.resize_token_embeddings(len(tokenizer))")
    return spoken(
        ValueError,
        "{what} {found} was given, this model has {what}s 0 to {last}; does the tokenizer fit the model?{hint}",
        what=said(what),
        found=found,
        last=count - 1,
        hint=hint if what == "token id" and found >= count else "",
    )


def start_and_pad(config: Any, usual: str = "") -> tuple[int, int]:
    """The tokens that labels need to become a decoder's inputs, or ValueError; `usual` says what both mostly are."""
    start, pad = config.decoder_start_token_id, config.pad_token_id
    if start is None or pad is None:
        raise spoken(
            ValueError,
            "decoder_start_token_id is {start} and pad_token_id {pad} in the configuration, so labels cannot be "
            "shifted to the right as the decoder's inputs; set both{usual}, or give decoder_input_ids",
            start=start,
            pad=pad,
            usual=usual,
        )
    return start, pad


def vocabulary_size(now: int, new_num_tokens: Any, pad_to_multiple_of: Any, pad_token_id: int | None) -> int:
    """How many tokens a model of `now` tokens shall have, or ValueError for a size that it cannot have."""
    for name, value, example in (
        ("new_num_tokens", new_num_tokens, "len(tokenizer)"),
        ("pad_to_multiple_of", pad_to_multiple_of, "64"),
    ):
        if value is not None:
            check_field(name, value, int, Range(1), said("; try {name}={example}", name=name, example=example))
    size = now if new_num_tokens is None else new_num_tokens
    if pad_to_multiple_of is not None:
        size = -(-size // pad_to_multiple_of) * pad_to_multiple_of
    if pad_token_id is not None and size <= pad_token_id < now:
        raise spoken(
            ValueError,
            "new_num_tokens={size} is too small: the token id of padding is {pad_token_id}; keep at least "
            "{least} tokens",
            size=size,
            pad_token_id=pad_token_id,
            least=pad_token_id + 1,
        )
    return size


def check_vocabulary(model: Any) -> None:
    """Raise TypeError for a model that reads no text: it has no vocabulary to be resized."""
    if model.main_input_name == "input_values":
        raise spoken(
            TypeError,
            "{name} reads recordings, so there are no token embeddings to resize; for other characters try "
            "from_pretrained(..., vocab_size=len(tokenizer), ignore_mismatched_sizes=True)",
            name=type(model).__name__,
        )
    if "vocab_size" not in model.config.fields():
        raise spoken(
            TypeError,
            "{name} reads pictures and has no vocabulary, so there are no token embeddings to resize",
            name=type(model).__name__,
        )


def check_given(ids: Any, vectors: Any, name: str = "") -> None:
    """Raise ValueError unless a model is given either token ids or their vectors; `name` is "decoder_" or nothing."""
    if (ids is None) == (vectors is None):
        hint: str = said("; a tokenizer makes the first")
        if name:
            hint = said("; to generate text try model.generate(**batch), to train give labels") if ids is None else ""
        sentence = N_("give either {name}input_ids (B, T) or {name}inputs_embeds (B, T, D){hint}")
        raise spoken(ValueError, sentence, name=name, hint=hint)


def nothing_to_start_from() -> ValueError:
    """The error for an encoder-decoder whose decoder is given nothing, and which cannot make it of labels."""
    return spoken(
        ValueError,
        "the decoder has nothing to start from; give decoder_input_ids (B, T), or labels to a model that has a head",
    )


def wrong_mask(given: int | None, new: Any, past: int = 0, name: str = "") -> ValueError:
    """The error for an attention mask that is not for the tokens which are read, those of the cache before them."""
    parts = said(": {past} in the cache and {new} new ones", past=past, new=new) if past else ""
    sentence = N_("{name}attention_mask is for {given} tokens, but {count} are read{parts}")
    return spoken(ValueError, sentence, name=name, given=given, count=past + new, parts=parts)


def too_long(length: int, longest: int) -> ValueError:
    """The error for a text with more tokens than a model has positions."""
    return spoken(
        ValueError,
        "a text of {length} tokens was given, this model reads at most {longest}; try truncation=True in the tokenizer",
        length=length,
        longest=longest,
    )


def no_ends_of_texts() -> ValueError:
    """The error for a batch whose padding cannot be told from its texts."""
    return spoken(
        ValueError,
        "several texts were given, and the configuration has no pad_token_id, so where each ends is unknown; try "
        "model.config.pad_token_id = tokenizer.pad_token_id",
    )
