"""What an image processor returns: a batch of arrays or tensors; the labels in it are batches themselves."""

from typing import Any

from ..utils.batches import Batch, as_tensor


class BatchFeature(Batch):
    """Names of model inputs -> arrays or tensors. `labels` is a list with one such batch for each picture."""

    def __init__(self, data: dict | None = None, tensor_type: str | None = None) -> None:
        super().__init__(data or {})
        self.convert_to_tensors(tensor_type)

    def copy(self) -> "BatchFeature":
        return BatchFeature(self)

    def convert_to_tensors(self, tensor_type: str | None) -> "BatchFeature":
        """Turn all arrays into tensors of a framework ("pt", "tf" or "np"), in place."""
        if tensor_type is not None:
            for key, value in self.items():
                if _is_labels(value):
                    self[key] = [BatchFeature(dict(one), tensor_type) for one in value]
                else:
                    self[key] = as_tensor(key, value, tensor_type)
        return self

    def to(self, device: Any, *, non_blocking: bool = False) -> "BatchFeature":
        """Move all PyTorch tensors to `device`, in place; a dtype, such as torch.float16, converts those of floats.

        Raises TypeError if there are none.
        """
        if type(device).__name__ == "dtype":
            for key, value in self.items():
                if getattr(value, "is_floating_point", bool)():
                    self[key] = value.to(device)
            return self
        labels = {key: value for key, value in self.items() if _is_labels(value)}
        for key in labels:
            del self[key]
        super().to(device, non_blocking=non_blocking)
        self.update({key: [one.to(device) for one in value] for key, value in labels.items()})
        return self


def _is_labels(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)
