"""The tensors of a file, matched strictly with those of a model: used, or named in one line, or refused.

Only names and shapes are compared here, all in torch's spelling and layout; no tensor is read, no framework is needed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..i18n import gettext as _
from ..i18n import said, spoken
from ..utils.errors import did_you_mean
from ..utils.notices import say_once, short_list
from .weights import Weights, WeightsError

OLD_NAMES = {"gamma": "weight", "beta": "bias"}  # of LayerNorm, in checkpoints before 2019
OLD_BUFFERS = (".position_ids",)  # constants that early versions wrote into the file, for every model
OUTSIDE = "\0"  # marks a tensor outside the bare model while names are matched


@dataclass
class Match:
    """Which tensor of the file goes where, and what is said about the rest."""

    source: dict[str, str] = field(default_factory=dict)  # name in the model -> name in the file
    new: list[str] = field(default_factory=list)  # in the model only, or in another size: a head still to be trained
    dropped: list[str] = field(default_factory=list)  # in the file only: another head, old buffers


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
    available = _spelled_as_here(weights, shapes, dot, is_base, aliases or {})
    for name, source in tied.items():  # safetensors writes what is shared once, under any of its names
        if source in shapes and source not in available and name in available:
            available[source] = available.pop(name)
    for name in shapes:
        if name in tied and tied[name] in shapes:
            available.pop(name, None)
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
    return result


def _spelled_as_here(
    weights: Weights, shapes: dict[str, tuple[int, ...]], dot: str, is_base: bool, aliases: dict[str, str]
) -> dict[str, str]:
    """Every tensor of a file: its name as this model would spell it -> its name in the file."""
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
        available.setdefault(ours, name)
    for other, ours in aliases.items():
        if other in available and other not in shapes:
            available.setdefault(ours, available.pop(other))
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
