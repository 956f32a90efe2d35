"""The tensors of a file, matched strictly with those of a model: used, or named in one line, or refused.

Names, shapes and kinds of numbers are compared here, all in torch's spelling and layout. Tensors are read only where a
file holds twice what a model has once: then both must be equal. No framework is imported.
"""

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from ..i18n import gettext as _
from ..i18n import said, spoken
from ..utils.errors import did_you_mean
from ..utils.notices import say_once, short_list
from .configuration import PreTrainedConfig
from .weights import FLOATS, Weights, WeightsError

OLD_NAMES = {"gamma": "weight", "beta": "bias"}  # of LayerNorm, in checkpoints before 2019
OLD_BUFFERS = (".position_ids",)  # constants that early versions wrote into the file, for every model
OUTSIDE = "\0"  # marks a tensor outside the bare model while names are matched


@dataclass
class Match:
    """Which tensor of the file goes where, and what is said about the rest."""

    source: dict[str, str] = field(default_factory=dict)  # name in the model -> name in the file
    new: list[str] = field(default_factory=list)  # in the model only, or in another size: a head still to be trained
    dropped: list[str] = field(default_factory=list)  # in the file only: another head, old buffers
    twice: list[tuple[str, str]] = field(default_factory=list)  # names in the file of what the model has once
    tied: dict[str, tuple[str, str]] = field(default_factory=dict)  # the same by the name of what is shared


class OwnHead(Exception):
    """The language-modeling head in the file is not the token embeddings, though the configuration ties both."""


def match(
    shapes: dict[str, tuple[int, ...]],
    weights: Weights,
    *,
    where: str,
    prefix: str,
    is_base: bool,
    tied: dict[str, str] | None = None,
    aliases: dict[str, str] | None = None,
    optional: Iterable[str] = (),
    buffers: Iterable[str] = (),
    ignore_mismatched_sizes: bool = False,
) -> Match:
    """Match a model's tensors with a file's, strictly.

    Args:
        shapes: name -> shape of every tensor of the model (torch names and layouts).
        prefix: name of the bare model inside models with a head, "bert"; keys load with it or without.
        is_base: whether the model is the bare one.
        tied: name -> name of the tensor it shares; only the second is looked for.
        aliases: other name in use in files -> name in the model, for single tensors.
        optional: parts of the bare model which a checkpoint may have or lack ("pooler.").
        buffers: how names of constants end which old versions of this model wrote into the file (".attn.bias").

    Raises WeightsError that names the tensors, and the nearest names, when a part of the bare model is missing, a head
    is there in part, a shape differs, or the file has weights in a part the model has too but does not know.
    """
    dot, result = f"{prefix}.", Match()
    tied = tied or {}
    available = _spelled_as_here(weights, shapes, dot, is_base, aliases or {}, result)
    for name, source in tied.items():  # safetensors writes what is shared once, under any of its names
        if source in shapes and source not in available and name in available:
            available[source] = available.pop(name)
    result.tied = {
        name: (available.pop(name), available[source])
        for name, source in tied.items()
        if name in available and source in available and name in shapes and source in shapes
    }
    for name in shapes:
        if name in tied and tied[name] in shapes:
            continue
        elif name in available:
            result.source[name] = available.pop(name)
        else:
            result.new.append(name)

    inside = "" if is_base else dot  # what names of the bare model start with
    loose = tuple(f"{inside}{part}" for part in optional)
    constants = (*OLD_BUFFERS, *buffers)
    absent = [name for name in result.new if name.startswith(inside) and not name.startswith(loose)]
    heads = {_head(name) for name in result.source if not is_base and not name.startswith(dot)}
    absent += [name for name in result.new if not is_base and not name.startswith(dot) and _head(name) in heads]
    parts = {name.partition(".")[0] if is_base or name.startswith(dot) else _head(name) for name in shapes}
    strange = []
    for name, in_file in available.items():
        is_loose = f".{name}".endswith(constants) or name.startswith(loose)
        if not is_loose and (name.partition(".")[0] in parts or _head(name) in parts):
            strange.append(in_file)
        else:
            result.dropped.append(in_file)
    if absent:
        near = did_you_mean(absent[0], [*strange, *result.dropped])
        raise spoken(
            WeightsError,
            "{where} lacks {absent}{near}. Is it a checkpoint of this architecture and this config.json?",
            where=where,
            absent=short_list(absent),
            near=near,
        )
    if strange:
        near = did_you_mean(strange[0], shapes)
        raise spoken(
            WeightsError,
            "{where} holds {strange}, which this model does not have{near}",
            where=where,
            strange=short_list(strange),
            near=near,
        )

    for name, in_file in list(result.source.items()):
        theirs, expected = weights.shapes[in_file], tuple(shapes[name])
        if theirs == expected:
            continue
        if not ignore_mismatched_sizes or (is_base or name.startswith(dot)):
            hint = (
                ""
                if is_base or name.startswith(dot)
                else said("; to train a new head give ignore_mismatched_sizes=True")
            )
            raise spoken(
                WeightsError,
                "{where}: {in_file!r} has the shape {theirs}, this configuration expects {expected}{hint}",
                where=where,
                in_file=in_file,
                theirs=theirs,
                expected=expected,
                hint=hint,
            )
        del result.source[name]
        result.new.append(name)
    for in_file in result.source.values():
        if weights.dtypes[in_file] not in FLOATS:
            raise spoken(
                WeightsError,
                "{where}: {in_file!r} holds {dtype} numbers, weights are of the types {known}. Is it quantized? Look "
                "for the model it was made from",
                where=where,
                in_file=in_file,
                dtype=weights.dtypes[in_file],
                known=", ".join(sorted(FLOATS)),
            )
    return result


def check_repeats(
    found: Match, weights: Weights, *, where: str, head: str = "", scaled: bool = False, asked: bool = False
) -> None:
    """Raise WeightsError where a file holds twice, with different values, what the model has once.

    Args:
        head: the tied tensor that may also be one of its own.
        scaled: whether the tied head computes something else than one of its own, so that neither may be assumed.
        asked: whether the caller has asked for a tied head: then the other one is dropped.

    Raises OwnHead where the head should be one of its own.
    """
    pairs = [(one, other) for one, other in found.twice if other in found.source.values()]
    pairs += [names for name, names in found.tied.items() if name != head]
    readers: list[tuple[str, str, Callable[[], Any]]] = [(a, b, partial(weights.tensor, a)) for a, b in pairs]
    readers += [(name, name, read) for name, read in weights.again if name in found.source.values()]
    for one, other, read in readers:
        if not _equal(read(), weights.tensor(other)):
            raise spoken(
                WeightsError,
                "{where}: {one!r} and {other!r} have different values, and this model has only one such tensor; the "
                "checkpoint is damaged, or of another model",
                where=where,
                one=one,
                other=other,
            )
    if head not in found.tied or _equal(*map(weights.tensor, found.tied[head])):
        return
    if asked:
        found.dropped.append(found.tied[head][0])
    elif scaled:
        raise spoken(
            WeightsError,
            "{where}: {head!r} differs from the token embeddings, with which the configuration ties it. Give "
            "tie_word_embeddings=False to use it as it is, or tie_word_embeddings=True to leave it out",
            where=where,
            head=head,
        )
    else:
        raise OwnHead


def _equal(one: Any, other: Any) -> bool:
    """Whether two tensors of a file, of torch or NumPy, hold the same numbers; their types may differ."""
    if one.shape != other.shape:
        return False
    return bool((one == other).all())


Config = TypeVar("Config", bound=PreTrainedConfig)


def untied(config: Config, where: str, head: str) -> Config:
    """A copy of a configuration, for a head of its own; one line says so."""
    say_once(
        _(
            "{where}: {head} differs from the token embeddings, so it is loaded as a head of its own "
            "(tie_word_embeddings=False)",
            where=where,
            head=head,
        )
    )
    config = copy(config)
    config.tie_word_embeddings = False
    return config


def part(config: PreTrainedConfig, model: str, name: str, source: str, is_head: bool) -> None:
    """Note in a configuration, with one line, that a head no longer is the token embeddings; ValueError for others."""
    if not is_head:
        raise spoken(
            ValueError,
            "{name} of this {model} was parted from {source}, with which its configuration ties it; give both the same "
            "values before it is saved",
            name=name,
            model=model,
            source=source,
        )
    say_once(
        _("{model}: {name} is no longer the token embeddings, so it is saved as its own (tie_word_embeddings=False)",
          model=model, name=name)
    )  # fmt: skip
    config.tie_word_embeddings = False


def not_finite(where: str, in_file: str, dtype: str = "") -> WeightsError:
    """The error for a tensor with numbers that are none; `dtype` says the type that is too small for them."""
    if dtype:
        return spoken(
            WeightsError,
            "{where}: {in_file!r} has numbers too large for {dtype}; try dtype='bfloat16' or 'float32'",
            where=where,
            in_file=in_file,
            dtype=dtype,
        )
    return spoken(
        WeightsError,
        "{where}: {in_file!r} holds NaN or infinity, so every answer would be NaN: its training went wrong, or the "
        "file is damaged. Take an earlier checkpoint, or fetch the file again with force_download=True",
        where=where,
        in_file=in_file,
    )


def check_before(config: PreTrainedConfig, weights: Weights, where: str) -> None:
    """Raise WeightsError for a checkpoint that need not be tried: it is quantized, or has fewer tensors than layers."""
    quantized = vars(config).get("quantization_config")
    if quantized is not None:
        raise spoken(
            WeightsError,
            "{where} is quantized (quantization_config in config.json: {method}), and hfquick computes with "
            "weights that are not; look for the model it was made from",
            where=where,
            method=quantized.get("quant_method") if isinstance(quantized, dict) else quantized,
        )
    for name in config.fields():
        count = getattr(config, name)
        if name.endswith(("layer", "layers")) and isinstance(count, int) and count > len(weights.shapes):
            raise spoken(
                WeightsError,
                "{where}: {name} is {count} in the configuration, and the file has {tensors} tensors in all. Is it a "
                "checkpoint of this config.json?",
                where=where,
                name=name,
                count=count,
                tensors=len(weights.shapes),
            )


def _spelled_as_here(
    weights: Weights,
    shapes: dict[str, tuple[int, ...]],
    dot: str,
    is_base: bool,
    aliases: dict[str, str],
    result: Match,
) -> dict[str, str]:
    """Every tensor of a file: its name as this model would spell it -> its name in the file.

    Where two have one name here, the second is noted in `result`.
    """
    available: dict[str, str] = {}
    bare_file = not any(name.startswith(dot) for name in weights)
    inside = {name[len(dot) :].partition(".")[0] for name in shapes if name.startswith(dot)}  # parts of the bare model
    for name in weights:
        stem, _dot, last = name.rpartition(".")
        ours = f"{stem}.{OLD_NAMES[last]}" if last in OLD_NAMES and "norm" in stem.lower() else name
        if is_base and not bare_file:
            ours = ours[len(dot) :] if ours.startswith(dot) else f"{OUTSIDE}{ours}"
        elif not is_base and bare_file and ours.partition(".")[0] in inside:
            ours = f"{dot}{ours}"
        if ours in available:
            result.twice.append((name, available[ours]))
        available.setdefault(ours, name)
    for other, ours in aliases.items():
        if other in available and other not in shapes:
            name = available.pop(other)
            if ours in available:
                result.twice.append((name, available[ours]))
            available.setdefault(ours, name)
    return available


def _head(name: str) -> str:
    """The head of a tensor: "cls.predictions.bias" belongs to "cls.predictions", not to "cls.seq_relationship"."""
    return ".".join(name.split(".")[:-1][:2])


def announce(found: Match, where: str, zeros: Iterable[str] = ()) -> None:
    """Say in one line, once, what was left out of a file and what starts untrained; `zeros` are to start as zeros."""
    untrained = short_list([name for name in found.new if name not in set(zeros)])
    if found.dropped:
        line = _("{where}: dropped, not part of this model: {names}", where=where, names=short_list(found.dropped))
        if untrained:
            line += " · " + _("new, untrained: {names} - train before use", names=untrained)
        say_once(line)
    elif untrained:
        say_once(_("{where}: new, untrained: {names} - train before use", where=where, names=untrained))
