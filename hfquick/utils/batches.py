"""What a tokenizer or an image processor returns: a dict of model inputs whose values are lists or tensors.

batch["input_ids"], batch.input_ids      # the same
model(**batch)                           # it is a plain dict
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..i18n import N_, said, spoken
from .errors import did_you_mean, need
from .fields import wrong

TENSOR_KINDS = ("pt", "tf", "np")
OF_TEXTS = ("input_ids", "token_type_ids", "attention_mask", "special_tokens_mask", "offset_mapping")
OF_SOUNDS = "input_values"


class Batch(dict):
    """Names of model inputs -> lists of numbers, or tensors."""

    def __getitem__(self, key: Any) -> Any:
        try:
            return super().__getitem__(key)
        except KeyError:
            raise self._missing(KeyError, key) from None

    def __getattr__(self, name: str) -> Any:  # only reached when there is no such attribute
        if name in self:
            return self[name]
        raise self._missing(AttributeError, name)

    def _missing(self, kind: type[Exception], name: Any) -> Exception:
        sentence = N_("no {name!r} in this batch, which has {names}{near}")
        return spoken(kind, sentence, name=name, names=", ".join(self), near=did_you_mean(name, self))

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            super().__setattr__(name, value)
        else:
            self[name] = value  # batch.labels = ... must reach the model, so it becomes a key

    def __repr__(self) -> str:
        """One key per line; further lines of a tensor are indented under its first."""
        rows = []
        for key, value in self.items():
            name = f"{key!r}: "
            rows.append(name + repr(value).replace("\n", "\n" + " " * (len(name) + 1)))
        return "{" + ",\n ".join(rows) + "}"

    def convert_to_tensors(self, tensor_type: str | None) -> "Batch":
        """Turn all lists into tensors of a framework ("pt", "tf" or "np"), in place."""
        if tensor_type is not None:
            for key, value in self.items():
                self[key] = as_tensor(key, value, tensor_type)
        return self

    def to(self, device: Any, *, non_blocking: bool = False) -> "Batch":
        """Move all PyTorch tensors to `device`, in place. Raises TypeError if there are none."""
        moved = {
            key: value.to(device, non_blocking=non_blocking) for key, value in self.items() if hasattr(value, "to")
        }
        if self and not moved:
            kind = type(next(iter(self.values()))).__name__
            raise spoken(
                TypeError,
                "only PyTorch tensors move to a device, this batch holds {kind}; try return_tensors='pt'",
                kind=kind,
            )
        self.update(moved)
        return self


def check_tensor_kind(kind: Any) -> None:
    """Raise ValueError for what names no kind of tensors."""
    if kind not in TENSOR_KINDS:
        raise wrong("return_tensors", kind, said("'pt' (PyTorch), 'tf' (TensorFlow) or 'np' (NumPy)"))


def as_tensor(key: str, value: Any, kind: str) -> Any:
    """Nested lists of numbers -> a tensor; rows of different lengths raise ValueError."""
    check_tensor_kind(kind)
    array = _as_array(key, value)
    if kind == "np":
        return array
    if kind == "pt":
        torch = need("torch", "return_tensors='pt'", "torch")
        return torch.from_numpy(array.astype(np.float32) if array.dtype == np.float64 else array)
    tf = need("tensorflow", "return_tensors='tf'", "tf")
    smaller = {"int64": "int32", "float64": "float32"}.get(array.dtype.name)  # what tf.constant makes of Python numbers
    return tf.constant(array if smaller is None else array.astype(smaller))


def _as_array(key: str, value: Any) -> np.ndarray:
    try:
        array = np.asarray(value)
    except ValueError:  # lists of different lengths
        raise _ragged(key, value) from None
    if array.dtype.kind in "OSU":
        example = next(_leaves(value), None)
        raise spoken(
            ValueError,
            "{key!r} holds {example!r} ({example_kind}), expected numbers for a tensor; remove this column",
            key=key,
            example=example,
            example_kind=type(example).__name__,
        )
    return array.astype(np.int64) if array.size == 0 and not isinstance(value, np.ndarray) else array


def _ragged(key: str, value: list) -> ValueError:
    lengths = sorted({len(row) for row in value if hasattr(row, "__len__")})
    some = said("not all the same")
    if len(lengths) > 1:
        some = said("{shortest} and {longest}", shortest=lengths[0], longest=lengths[-1])
    if key == OF_SOUNDS:
        return spoken(ValueError, "sounds have different lengths ({some} samples); try padding=True", some=some)
    if key in OF_TEXTS:
        return spoken(ValueError, "texts have different lengths ({some} tokens); try padding=True", some=some)
    return spoken(
        ValueError,
        "{key!r} has rows of different lengths ({some}); only input_ids and masks are padded, remove this column",
        key=key,
        some=some,
    )


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    else:
        yield value
