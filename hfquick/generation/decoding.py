"""The PyTorch backend of `generate`: prefill, decoding steps with a KV cache, reordering of beams.

Twin in TensorFlow: decoding_tf.py. Nothing else in this folder, the cache apart, knows a framework.

Shapes: B prompts, R sequences, P tokens of a prompt, V vocabulary.
"""

from contextlib import nullcontext
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..cpu.linear import Packed
from ..cpu.speed_up import speed_up
from .cache import BUCKET, Cache
from .generate import BaseGenerationMixin

MIN_NEW_TOKENS_TO_PREPACK = 16  # from so many new tokens on it is worth prepacking the weights


class TorchBackend:
    """See backend.Backend."""

    def to_numpy(self, tensor: Any) -> np.ndarray:
        """A tensor -> an array, of the same memory where it is on the CPU."""
        return tensor.detach().cpu().numpy() if isinstance(tensor, Tensor) else np.asarray(tensor)

    def to_tensor(self, array: np.ndarray, model: Any) -> Tensor:
        """An array -> a tensor on the model's device."""
        return torch.from_numpy(np.ascontiguousarray(array)).to(model.device)

    def draw_seed(self) -> int:
        """A seed that torch.manual_seed decides."""
        return int(torch.randint(2**62, ()))

    def encode(self, model: Any, ids: np.ndarray, mask: np.ndarray) -> tuple[Tensor, Tensor]:
        """Token ids (B, S) and their mask -> the encoder's hidden states (B, S, D), and the mask as a tensor."""
        with torch.inference_mode():
            attention_mask = self.to_tensor(mask, model)
            return model.get_encoder()(self.to_tensor(ids, model), attention_mask)[0], attention_mask

    def session(
        self, model: Any, prompts: np.ndarray, mask: np.ndarray | None, max_length: int, encoded: tuple | None = None
    ) -> "DecodingSession":
        return DecodingSession(model, prompts, mask, max_length, encoded)


backend = TorchBackend()


class GenerationMixin(BaseGenerationMixin):
    """Gives a PyTorch model with a language-modeling head `generate` and `generation_config`."""

    backend = backend


class DecodingSession:
    """A PyTorch model with prompts and a KV cache; see search.Step.

    Args:
        prompts: (B, P) what the decoder starts from.
        mask: (B, P) 0 for padding; None when there is none.
        max_length: tokens of a sequence, prompt included, at most.
        encoded: of an encoder-decoder, the encoder's hidden states (B, S, D) and its mask (B, S).
    """

    def __init__(
        self, model: Any, prompts: np.ndarray, mask: np.ndarray | None, max_length: int, encoded: tuple | None = None
    ) -> None:
        speed_up(model)  # its dtype may have changed since it was loaded
        self.model, self.prompts, self.encoded = model, backend.to_tensor(prompts, model), encoded
        self.cache = Cache(min(max_length, prompts.shape[1] + BUCKET))
        self.packed = Packed() if max_length - prompts.shape[1] >= MIN_NEW_TOKENS_TO_PREPACK else None
        self.mask = self.positions = None
        if mask is not None:
            self.mask = torch.ones(len(prompts), max_length, dtype=torch.int64, device=model.device)
            self.mask[:, : mask.shape[1]] = backend.to_tensor(mask, model)
            self.positions = (self.mask[:, : mask.shape[1]].cumsum(1) - 1).clamp(min=0)  # (B, P)

    def start(self, times: int) -> np.ndarray:
        with torch.inference_mode():
            scores = self._forward(self.prompts)
            if times > 1:
                self.cache.expand(times)
                self.mask, self.positions = (
                    None if tensor is None else tensor.repeat_interleave(times, 0)
                    for tensor in (self.mask, self.positions)
                )
                if self.encoded is not None:
                    self.encoded = self.encoded[0], self.encoded[1].repeat_interleave(times, 0)
        return np.repeat(scores, times, 0)

    def __call__(self, tokens: np.ndarray, rows: np.ndarray | None = None, since: int = 0) -> np.ndarray:
        with torch.inference_mode(), self.packed.in_use() if self.packed else nullcontext():
            if rows is not None:
                self.cache.reorder(backend.to_tensor(rows, self.model), since)
            if self.positions is not None:
                self.positions = self.positions[:, -1:] + 1  # beams of one prompt are all padded alike
            return self._forward(backend.to_tensor(tokens[:, None], self.model))

    def _forward(self, tokens: Tensor) -> np.ndarray:
        """Forward pass of new tokens (R, T), prefill or a decoding step -> scores after the last of them (R, V)."""
        model, cache = self.model, self.cache
        if self.encoded is not None:
            states, encoder_mask = self.encoded  # after the first call the cache has what is needed of them
            scores = model(
                attention_mask=encoder_mask, decoder_input_ids=tokens, encoder_outputs=(states,), past_key_values=cache
            ).logits[:, -1]
        else:
            inputs: dict[str, Tensor | None] = {}
            if self.mask is not None:
                inputs = {
                    "attention_mask": self.mask[:, : cache.length + tokens.shape[1]],
                    "position_ids": self.positions,
                }
            states = model.base_model(tokens, past_key_values=cache, **inputs).last_hidden_state
            scores = model.lm_head(states[:, -1])  # of the last token alone: a prompt's other scores are not needed
        return backend.to_numpy(scores.float())
