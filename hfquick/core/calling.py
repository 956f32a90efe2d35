"""Calls of PyTorch models by hand: what cannot be right is a sentence, before torch says something about a part inside.

Only kinds, shapes and devices are looked at, and no value of a tensor on a GPU, for which the processor would have to
wait.

What needs no framework is in inputs.py. Twin in Keras: calling_tf.py.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import torch
import torch.utils._pytree as pytree
from torch import Tensor

from ..cpu.looking import may_look
from ..i18n import N_, said, spoken
from ..i18n import gettext as _
from ..utils.notices import say_once
from . import inputs
from .losses import problem_type
from .outputs import ModelOutput
from .pictures import check_pixels
from .sounds import check_waveforms

NO_TENSORS = (  # True, False, None, or one number
    "use_cache", "output_hidden_states", "output_attentions", "return_dict", "interpolate_pos_encoding",
    "image_token_type_idx",
)  # fmt: skip
WHOLE = (torch.int64, torch.int32)  # what an embedding takes as indices
WORDS = inputs.Framework(
    "pt", N_("a PyTorch tensor"), "torch.tensor", "labels.long()", "pixel_values.permute(0, 3, 1, 2)"
)


def check_inputs(model: Any, given: dict[str, Any]) -> None:
    """Raise TypeError for inputs of the wrong kind, ValueError for wrong shapes: `given` has those of one call."""
    for name, value in given.items():
        if value is None or name in NO_TENSORS or (name == "labels" and model.label_kind == "objects"):
            continue  # a loss looks at a list of objects itself
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
    seen = check_pixels(model, given, WORDS) or check_waveforms(model, given, WORDS)
    inputs.check_shapes(model, given, WORDS, problem_type, seen)
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
            kind=inputs.kind_of(value),
        )
    if name == "encoder_outputs":
        return spoken(
            TypeError,
            "encoder_outputs is {kind}, expected what model.get_encoder() returned",
            kind=inputs.kind_of(value),
        )
    return inputs.wrong_kind(name, value, _first_text(value), WORDS)


def _first_text(value: Any) -> str | None:
    """A text, or the first one in nested lists; None where there is none."""
    while isinstance(value, list | tuple) and value:
        value = value[0]
    return value if isinstance(value, str) else None


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
