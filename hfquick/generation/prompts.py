"""Prompts as they may be given -> arrays, and the maximum length: what `generate` checks before it starts.

Shapes: B prompts, P tokens of the longest, T tokens that a decoder starts from.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..i18n import gettext as _
from ..i18n import said, spoken
from ..utils.notices import say
from .backend import Backend
from .configuration import GenerationConfig


def read_prompts(
    backend: Backend, ids: Any, attention_mask: Any, config: GenerationConfig
) -> tuple[np.ndarray, np.ndarray]:
    """Token ids and mask in any form -> (B, P) each; without a mask, padding is found by pad_token_id.

    That is not done where the same token ends sequences: it may belong to the prompt.
    """
    ids = backend.to_numpy(ids)
    if ids.ndim != 2 or not (np.issubdtype(ids.dtype, np.integer) or ids.size == 0):
        hint = said("; one prompt is a batch, too: [ids]") if ids.ndim == 1 else ""
        raise spoken(
            ValueError,
            "input_ids are {dtype} numbers of shape {shape}, expected whole numbers (prompts, tokens){hint}",
            dtype=ids.dtype,
            shape=ids.shape,
            hint=hint,
        )
    if not ids.size:
        start = said(": start with token {token}", token=config.bos_token_id) if config.bos_token_id is not None else ""
        raise spoken(ValueError, "the prompt is empty, expected at least one token{start}", start=start)
    ids = ids.astype(np.int64)
    pad = config.pad_token_id
    if attention_mask is not None:
        mask = (backend.to_numpy(attention_mask) != 0).astype(np.int64)
    elif pad is not None and pad not in config.eos_token_ids:
        mask = (ids != pad).astype(np.int64)
    else:
        mask = np.ones_like(ids)
        if (token := padding_in(ids, [pad, *config.eos_token_ids])) is not None:
            # Perhaps it is text: GPT-2 has one token for the beginning, the end and the padding.
            line = _("generate: token {token} at an end of prompts is read as text; for padding give attention_mask")
            say(line.format(token=token))
    if mask.shape != ids.shape:
        raise spoken(
            ValueError,
            "attention_mask has the shape {shape}, input_ids have {expected}; expected the same",
            shape=mask.shape,
            expected=ids.shape,
        )
    if not mask.any(1).all():
        wrong = int((~mask.any(1)).argmax())
        raise spoken(ValueError, "prompt {wrong} is all padding, expected at least one token", wrong=wrong)
    return ids, mask


def padding_in(ids: np.ndarray, tokens: list[int | None]) -> int | None:
    """Which of these tokens pads prompts (B, P), by the look of them; None where none does.

    One such token in front of every prompt is their beginning, and one behind every prompt their end.
    """
    for token in (token for token in tokens if token is not None):
        for side in (ids, ids[:, ::-1]):
            ends = (side == token).cumprod(1).sum(1)  # (B,) how many of them there are at this end of each prompt
            if ends.max() > 1 or ends.max() != ends.min():
                return token
    return None


def decoder_prompts(backend: Backend, given: Any, count: int, config: GenerationConfig) -> np.ndarray:
    """What the decoder of an encoder-decoder starts from, (B, T)."""
    start = config.bos_token_id if config.decoder_start_token_id is None else config.decoder_start_token_id
    if start is None:
        raise spoken(
            ValueError,
            "the decoder has no first token; try generate(..., decoder_start_token_id=...), for T5 it is pad_token_id",
        )
    first = np.full((count, 1), start)
    if given is None:
        return first
    ids = backend.to_numpy(given).astype(np.int64)
    if ids.ndim != 2 or len(ids) != count:
        raise spoken(
            ValueError,
            "decoder_input_ids have the shape {shape}, expected ({count}, tokens)",
            shape=ids.shape,
            count=count,
        )
    return ids if (ids[:, 0] == start).any() else np.concatenate([first, ids], 1)


def max_total_length(config: GenerationConfig, options: Mapping[str, Any], prompt: int, positions: int | None) -> int:
    """Tokens of a sequence at most, its prompt of so many included; a model has `positions`, None if any number.

    `options` are those of the call: a max_length of 20 that was not asked for means 20 after the prompt.
    """
    if positions is not None and prompt >= positions:
        raise spoken(
            ValueError,
            "the prompt has {prompt} tokens and the model {positions} positions, so nothing can follow; try "
            "truncation=True, max_length={most} in the tokenizer",
            prompt=prompt,
            positions=positions,
            most=max(positions - 20, 1),
        )
    limit = "max_new_tokens"  # the option to raise
    if config.max_new_tokens is not None:
        longest = prompt + config.max_new_tokens
    elif options.get("max_length") is None and config.max_length == GenerationConfig.max_length:
        longest = prompt + config.max_length
        longest = longest if positions is None else min(longest, positions)
    else:
        limit, longest = "max_length", config.max_length
        if longest <= prompt:
            raise spoken(
                ValueError,
                "max_length is {longest}, but the prompt alone has {prompt} tokens; try max_new_tokens, which "
                "does not count it",
                longest=longest,
                prompt=prompt,
            )
    if positions is not None and longest > positions:
        raise spoken(
            ValueError,
            "a prompt of {prompt} tokens and what may follow are {longest}, the model has {positions} positions; "
            "try max_new_tokens={left}",
            prompt=prompt,
            longest=longest,
            positions=positions,
            left=positions - prompt,
        )
    shortest = max(config.min_length, prompt + (config.min_new_tokens or 0))
    if shortest > longest:
        name = "min_new_tokens" if config.min_new_tokens else "min_length"
        raise spoken(
            ValueError,
            "{name} is {value}, which makes texts of at least {shortest} tokens, but they may have {longest} at "
            "most; raise {limit} or lower {name}",
            name=name,
            value=getattr(config, name),
            shortest=shortest,
            longest=longest,
            limit=limit,
        )
    return longest
