"""Calls of PyTorch models by hand: what cannot be right is a sentence, before torch says something about a part inside.

Only kinds, shapes and devices are looked at, and no value of a tensor on a GPU, for which the processor would have to
wait.

Shapes: B texts, T tokens, D width of the model, N labels.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import torch
import torch.utils._pytree as pytree
from torch import Tensor

from ..cpu.looking import may_look
from ..i18n import N_, Said, said, spoken
from ..i18n import gettext as _
from ..utils.fields import KINDS
from ..utils.notices import say_once
from .losses import problem_type
from .outputs import ModelOutput

NO_TENSORS = ("use_cache", "output_hidden_states", "output_attentions", "return_dict")  # True, False or None
WHOLE = (torch.int64, torch.int32)  # what an embedding takes as indices
LIBRARIES = {"tensorflow": N_("a TensorFlow tensor"), "numpy": N_("a NumPy array")}


def check_inputs(model: Any, given: dict[str, Any]) -> None:
    """Raise TypeError for inputs of the wrong kind, ValueError for wrong shapes: `given` has those of one call."""
    for name, value in given.items():
        if value is None or name in NO_TENSORS:
            continue
        if name == "past_key_values":
            fits = hasattr(value, "length")  # Cache, which this room does not know
        else:
            fits = isinstance(value, ModelOutput | tuple | list if name == "encoder_outputs" else Tensor)
        if not fits:
            raise wrong_kind(type(model).__name__, name, value)
    for name, value in given.items():
        if name.endswith(("_ids", "_positions")) and value is not None and value.dtype not in WHOLE:
            raise spoken(
                ValueError,
                "{name} are {dtype} numbers, expected whole numbers (torch.long), as a tokenizer gives them; try "
                "{name}.long()",
                name=name,
                dtype=value.dtype,
            )
    _check_shapes(model, given)
    if model.base_model is model:  # once for each call of a model with a head, too
        _notice_padding(model.config, given)


def wrong_kind(model: str, name: str, value: Any) -> TypeError:
    """The error for an input that is no tensor of PyTorch."""
    if isinstance(value, Mapping):
        first = next(iter(value.values()), None)
        return spoken(
            TypeError,
            "{model} was given a whole batch as {name}, and takes its entries one by one; try model(**batch){hint}",
            model=model,
            name=name,
            hint="" if isinstance(first, Tensor) else said(", with return_tensors='pt' in the tokenizer"),
        )
    if name == "past_key_values":
        return spoken(
            TypeError,
            "past_key_values is {kind}, expected the KV cache that a call with use_cache=True returned",
            kind=_kind(value),
        )
    if name == "encoder_outputs":
        return spoken(
            TypeError,
            "encoder_outputs is {kind}, expected what model.get_encoder() returned",
            kind=_kind(value),
        )
    text = _first_text(value)
    if text is not None and name == "labels":
        return spoken(
            TypeError,
            "labels hold the text {text!r}, a model takes numbers; try torch.tensor of their ids in "
            "model.config.label2id",
            text=text,
        )
    if text is not None:
        return spoken(
            TypeError,
            "{name} holds the text {text!r}, a model takes token ids; try model(**tokenizer(texts, padding=True, "
            "return_tensors='pt'))",
            name=name,
            text=text,
        )
    advice = said("return_tensors='pt' in the tokenizer")
    if name == "labels" or name.endswith("_positions"):
        advice = said("{name}=torch.tensor(...)", name=name)
    return spoken(
        TypeError,
        "{name} is {kind}, expected a PyTorch tensor; try {advice}",
        name=name,
        kind=_kind(value),
        advice=advice,
    )


def _kind(value: Any) -> str:
    """What a value is, in words."""
    library = type(value).__module__.partition(".")[0]
    words = LIBRARIES.get(library) or KINDS.get(type(value))
    return said(words) if words else said("{kind!r}", kind=type(value).__name__)


def _first_text(value: Any) -> str | None:
    """A text, or the first one in nested lists; None where there is none."""
    while isinstance(value, list | tuple) and value:
        value = value[0]
    return value if isinstance(value, str) else None


def _check_shapes(model: Any, given: dict[str, Any]) -> None:
    """Raise ValueError for tensors that do not belong to the same texts."""
    texts, decoded = _texts(given, "", model.config), _texts(given, "decoder_", model.config)
    encoded = given.get("encoder_outputs")
    has_cache = "past_key_values" in model.inputs_known()  # such a model compares the lengths itself
    if encoded:
        _check_mask("attention_mask", given, (None, encoded[0].shape[1]))  # of one text for all beams, for instance
    elif texts is not None:
        _check_mask("attention_mask", given, (texts[0], None if has_cache else texts[1]))
        _check_mask("token_type_ids", given, (texts[0], texts[1]))
        _check_labels(model, given, texts, decoded)
    if decoded is not None:
        _check_mask("decoder_attention_mask", given, (decoded[0], None))


def _texts(given: dict[str, Any], start: str, config: Any) -> torch.Size | None:
    """The shape (B, T) of what an encoder or decoder reads; None where it is not given."""
    ids, vectors = given.get(f"{start}input_ids"), given.get(f"{start}inputs_embeds")
    if ids is not None:
        if ids.dim() != 2:
            hint = said("; one text is a batch, too: return_tensors='pt' in the tokenizer, or ids[None]")
            raise _wrong_shape(f"{start}input_ids", ids, said("(texts, tokens)"), hint if ids.dim() == 1 else "")
        if ids.shape[1] == 0:
            raise spoken(ValueError, "{name} have no tokens, expected at least one", name=f"{start}input_ids")
        return ids.shape
    if vectors is None:
        return None
    if vectors.dim() != 3 or vectors.shape[-1] != config.hidden_size:
        expected = said("(texts, tokens, {width})", width=config.hidden_size)
        raise _wrong_shape(f"{start}inputs_embeds", vectors, expected)
    return vectors.shape[:2]


def _check_mask(name: str, given: dict[str, Any], wanted: tuple[int | None, int | None]) -> None:
    """Raise ValueError unless there is a number for each token (B, T); one row may serve all, None is any number."""
    mask = given.get(name)
    if mask is None:
        return
    rows, length = wanted
    fits = mask.dim() == 2 and length in (None, mask.shape[1])
    if not fits and mask.dim() == 2 and name == "attention_mask":  # in the words of the models that have a cache
        raise spoken(
            ValueError,
            "attention_mask is for {given} tokens, but {count} are read",
            given=mask.shape[1],
            count=length,
        )
    if not fits or (rows is not None and len(mask) not in (1, rows)):
        expected = said("({rows}, {length}), one number for each token", rows=rows or "B", length=length or "T")
        raise _wrong_shape(name, mask, expected)


def _check_labels(model: Any, given: dict[str, Any], texts: torch.Size, decoded: torch.Size | None) -> None:
    """Raise ValueError for labels that are not one for each text, or for each token."""
    labels, count = given.get("labels"), texts[0]
    for name in ("start_positions", "end_positions"):
        place = given.get(name)
        if place is not None and place.numel() != count:
            raise _wrong_shape(name, place, said("({count},), one position for each text", count=count))
    if labels is None:
        return
    if model.label_kind == "class":
        _check_class_labels(labels, count, model.config)
    elif vars(model.config).get("is_encoder_decoder"):  # of the decoder, which may be given them alone
        if labels.dim() != 2 or len(labels) != count or (decoded is not None and labels.shape != decoded):
            expected = said("({count}, tokens)", count=count) if decoded is None else str(tuple(decoded))
            raise _wrong_shape("labels", labels, said("{shape}, one label for each token", shape=expected))
    elif model.label_kind and labels.shape != texts:
        raise _wrong_shape("labels", labels, said("{shape}, one label for each token", shape=tuple(texts)))


def _check_class_labels(labels: Tensor, count: int, config: Any) -> None:
    """The same for labels of whole texts: one each, or with several labels (or numbers to predict) a row of N."""
    kind, size = problem_type(config, labels), config.num_labels
    if kind == "single_label_classification":
        if labels.numel() == count:
            return
        hint = ""
        if labels.shape == (count, size):
            hint = said("; for several labels per text try model.config.problem_type = 'multi_label_classification'")
        raise _wrong_shape("labels", labels, said("({count},), one label for each text", count=count), hint)
    if kind == "regression" and labels.numel() == count * size:
        return
    if labels.shape != (count, size):
        hint = ""
        if config.problem_type is None and labels.numel() == count:  # it was told by the kind of their numbers
            hint = said(
                "; with one label per text these are whole numbers: try labels.long(), or "
                "dataset.cast_column('label', datasets.Value('int64'))"
            )
        rows = said(
            "({count}, {size}), a row of {dtype} numbers for each text", count=count, size=size, dtype=labels.dtype
        )
        raise _wrong_shape("labels", labels, rows, hint)


def _wrong_shape(name: str, tensor: Tensor, expected: str, hint: str | Said = "") -> ValueError:
    return spoken(
        ValueError,
        "the shape of {name} is {shape}, expected {expected}{hint}",
        name=name,
        shape=tuple(tensor.shape),
        expected=expected,
        hint=hint,
    )


def _notice_padding(config: Any, given: dict[str, Any]) -> None:
    """Say in one line that padding is taken for tokens: it is there, and no attention mask.

    Where the padding token has another use, a text may begin or end with it: then two in a row are padding.
    """
    ids, pad = given.get("input_ids"), config.pad_token_id
    if pad is None or ids is None or given.get("attention_mask") is not None:
        return
    if given.get("past_key_values") is not None or not may_look(ids):
        return
    width = 2 if pad in (vars(config).get("bos_token_id"), vars(config).get("eos_token_id")) else 1
    if ids.shape[1] > width and any((edge == pad).all(1).any() for edge in (ids[:, :width], ids[:, -width:])):
        say_once(
            _(
                "input_ids hold padding (token id {pad}) and no attention_mask was given, so it counts as text; try "
                "model(**batch), with the tokenizer's attention_mask",
                pad=pad,
            ),
            about="padding without a mask",
        )


def elsewhere(model: Any, given: dict[str, Any]) -> RuntimeError | None:
    """The error for a call that failed since an input is on another device than the model; None for another reason."""
    device = next((parameter.device for parameter in model.parameters()), None)
    for name, value in given.items():
        if isinstance(value, Tensor) and device is not None and value.device != device:
            return spoken(
                RuntimeError,
                "{name} is on {found}, the model on {device}; try batch.to(model.device), labels included",
                name=name,
                found=value.device,
                device=device,
            )
    return None


def without_gpu(error: Exception) -> Exception | None:
    """The error of moving a model where there is no GPU to move it to, of the same class; None for another reason."""
    if torch.cuda.is_available() or not any(name in str(error).upper() for name in ("CUDA", "NVIDIA")):
        return None
    return spoken(
        type(error),
        "this machine has no GPU that torch can use; leave the model on the CPU, or try model.to('cuda' if "
        "torch.cuda.is_available() else 'cpu')",
    )


def show_torch(kind: type[ModelOutput]) -> None:
    """Let torch.export, torch.func.vmap and others look inside an output; they would take it for one value."""

    def with_names(output: ModelOutput) -> tuple[list, tuple[str, ...]]:
        return [(pytree.GetAttrKey(name), value) for name, value in output.items()], tuple(output.keys())

    with suppress(ValueError):  # this module was reloaded, and torch knows the class already
        pytree.register_pytree_node(
            kind,
            lambda output: (output.values(), tuple(output.keys())),
            lambda values, names: kind(**dict(zip(names, values, strict=True))),
            serialized_type_name=f"{kind.__module__}.{kind.__qualname__}",
            to_dumpable_context=list,
            from_dumpable_context=tuple,
            flatten_with_keys_fn=with_names,
        )


def for_tracer(model: Any, outputs: Any) -> Any:
    """What torch.jit.trace may record: a dict of the model that it was given, as it knows no other class with names."""
    traced = getattr(torch.jit._trace, "_trace_module_map", None)  # what it was given is "__module"
    is_root = traced is not None and traced.get("__module") is model
    return dict(outputs.items()) if is_root and isinstance(outputs, ModelOutput) else outputs
