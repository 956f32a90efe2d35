"""What `generate` asks of a framework: decoding.py (PyTorch) and decoding_tf.py (TensorFlow) have one backend each."""

from typing import Any, Protocol

import numpy as np

from .search import Step


class Backend(Protocol):
    """Conversions, a seed, the encoder's forward pass and a decoding session of one framework.

    Shapes: B prompts, P tokens of a prompt, S tokens of the encoder, D width of the model.
    """

    def to_numpy(self, tensor: Any) -> np.ndarray:
        """A tensor, or anything like an array -> an array."""

    def to_tensor(self, array: np.ndarray, model: Any) -> Any:
        """An array -> a tensor on the model's device."""

    def draw_seed(self) -> int:
        """A seed from the framework's global random number generator."""

    def encode(self, model: Any, ids: np.ndarray, mask: np.ndarray) -> tuple[Any, Any]:
        """Token ids (B, S) and their mask -> the encoder's hidden states (B, S, D), and the mask as a tensor."""

    def session(
        self, model: Any, prompts: np.ndarray, mask: np.ndarray | None, max_length: int, encoded: tuple | None = None
    ) -> Step:
        """A model with prompts (B, P) and a KV cache, for one call of `generate`.

        `mask` (B, P) is 0 for padding, None when there is none; `max_length` the longest sequence, prompt included;
        `encoded` what `encode` gave, of an encoder-decoder.
        """
