"""The TensorFlow backend of `generate`: prefill, decoding steps with a KV cache, reordering of beams.

Twin in PyTorch: decoding.py. The step is a tf.function. With the second number of sequences, and of tokens, it is
traced anew with those left open, and then serves them all. Its KV cache lies in variables, which it fills in place.

Shapes: B prompts, R sequences, P tokens of a prompt, S capacity in tokens, V vocabulary.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from .cache_tf import BUCKET, TFCache, whole_buckets
from .generate import BaseGenerationMixin


class TFBackend:
    """See backend.Backend."""

    def to_numpy(self, tensor: Any) -> np.ndarray:
        """A tensor -> an array."""
        return tensor.numpy() if isinstance(tensor, tf.Tensor | tf.Variable) else np.asarray(tensor)

    def to_tensor(self, array: np.ndarray, model: Any) -> tf.Tensor:
        """An array -> a tensor; whole numbers in 32 bits, as everywhere in TensorFlow."""
        return tf.convert_to_tensor(array.astype(np.int32) if array.dtype == np.int64 else array)

    def draw_seed(self) -> int:
        """A seed that tf.random.set_seed and keras.utils.set_random_seed decide."""
        return int(tf.random.uniform((), maxval=2**62, dtype=tf.int64))

    def encode(self, model: Any, ids: np.ndarray, mask: np.ndarray) -> tuple[tf.Tensor, tf.Tensor]:
        """Token ids (B, S) and their mask -> the encoder's hidden states (B, S, D), and the mask as a tensor."""
        attention_mask = self.to_tensor(mask, model)
        return model.get_encoder()(self.to_tensor(ids, model), attention_mask)[0], attention_mask

    def session(
        self, model: Any, prompts: np.ndarray, mask: np.ndarray | None, max_length: int, encoded: tuple | None = None
    ) -> "TFDecodingSession":
        return TFDecodingSession(model, prompts, mask, max_length, encoded)


backend = TFBackend()


class TFGenerationMixin(BaseGenerationMixin):
    """Gives a Keras model with a language-modeling head `generate` and `generation_config`."""

    backend = backend


class TFDecodingSession:
    """A Keras model with prompts and a KV cache; see search.Step.

    Args:
        prompts: (B, P) what the decoder starts from.
        mask: (B, P) 0 for padding; None when there is none.
        max_length: tokens of a sequence, prompt included, at most.
        encoded: of an encoder-decoder, the encoder's hidden states (B, S, D) and its mask (B, S).
    """

    def __init__(
        self, model: Any, prompts: np.ndarray, mask: np.ndarray | None, max_length: int, encoded: tuple | None = None
    ) -> None:
        self.model, self.prompts, self.encoded = model, prompts, encoded
        self.step = compiled_step(model)
        self.capacity = whole_buckets(prompts.shape[1])
        self.length = 0
        # What is not filled yet is hidden anyway.
        self.mask = np.ones((len(prompts), whole_buckets(max_length)), np.int32)
        if mask is not None:
            self.mask[:, : mask.shape[1]] = mask
        self.positions = np.maximum(self.mask[:, : prompts.shape[1]].cumsum(1) - 1, 0)  # (B, P)
        self.keys: list[tf.Variable] = []  # of each layer, and values: (R, S, H, K)
        self.values: list[tf.Variable] = []
        self.of_encoder: list[tuple[tf.Tensor, tf.Tensor]] = []

    def start(self, times: int) -> np.ndarray:
        cache = TFCache(self.capacity)
        tokens = backend.to_tensor(self.prompts, self.model)
        positions = tf.constant(self.positions, tf.int32)
        scores = _forward(self.model, tokens, self._mask(), positions, cache, self.encoded)
        self.length = self.prompts.shape[1]
        cache.expand(times)
        self.keys, self.values = ([variable(tensor) for tensor in cached] for cached in (cache.keys, cache.values))
        self.of_encoder = cache.encoder
        self.mask, self.positions = (np.repeat(array, times, 0) for array in (self.mask, self.positions))
        if self.encoded is not None:
            self.encoded = self.encoded[0], tf.repeat(self.encoded[1], times, 0)
        return np.repeat(scores.numpy(), times, 0)

    def __call__(self, tokens: np.ndarray, rows: np.ndarray | None = None, since: int = 0) -> np.ndarray:
        if self.length == self.capacity:
            self.capacity += BUCKET
            self.keys, self.values = (
                [variable(tf.pad(tensor, [[0, 0], [0, BUCKET], [0, 0], [0, 0]])) for tensor in cached]
                for cached in (self.keys, self.values)
            )
        self.positions = self.positions[:, -1:] + 1  # beams of one prompt are all padded alike
        scores = self.step(
            tf.constant(tokens[:, None], tf.int32),
            self._mask(),
            tf.constant(self.positions, tf.int32),
            tf.constant(self.length),
            self.keys,
            self.values,
            self.of_encoder,
            self.encoded,
            None if rows is None else tf.constant(rows, tf.int32),
            tf.constant(since),
        )
        self.length += 1
        return scores.numpy()

    def _mask(self) -> tf.Tensor:
        return tf.constant(self.mask[:, : self.capacity])


def _forward(
    model: Any,
    tokens: tf.Tensor,
    mask: tf.Tensor,
    positions: tf.Tensor,
    cache: TFCache,
    encoded: tuple[tf.Tensor, tf.Tensor] | None,
) -> tf.Tensor:
    """Forward pass of new tokens (R, T), prefill or a decoding step -> scores after the last of them (R, V)."""
    if encoded is not None:
        states, encoder_mask = encoded  # after the first call the cache has what is needed of them
        scores = model(
            attention_mask=encoder_mask, decoder_input_ids=tokens, encoder_outputs=(states,), past_key_values=cache
        ).logits[:, -1]
    else:
        states = model.base_model(
            tokens, attention_mask=mask, position_ids=positions, past_key_values=cache
        ).last_hidden_state
        scores = model.lm_head(states[:, -1])  # of the last token alone: a prompt's other scores are not needed
    return tf.cast(scores, tf.float32)


def compiled_step(model: Any) -> Callable:
    """One more token (R, 1) of each sequence -> scores of the next (R, V), as a function that a model keeps."""
    if "_generation_step" not in vars(model):

        @tf.function(reduce_retracing=True)
        def step(
            tokens: tf.Tensor,
            mask: tf.Tensor,
            positions: tf.Tensor,
            length: tf.Tensor,
            keys: list[tf.Variable],
            values: list[tf.Variable],
            of_encoder: list[tuple[tf.Tensor, tf.Tensor]],
            encoded: tuple[tf.Tensor, tf.Tensor] | None,
            rows: tf.Tensor | None,
            since: tf.Tensor,
        ) -> tf.Tensor:
            cache = TFCache(tf.shape(keys[0])[1])
            cache.length, cache.keys, cache.values, cache.encoder = length, list(keys), list(values), list(of_encoder)
            if rows is not None:
                cache.reorder(rows, since)
            return _forward(model, tokens, mask, positions, cache, encoded)

        object.__setattr__(model, "_generation_step", step)  # no part of the model, so Keras need not know
    return model._generation_step


def variable(tensor: tf.Tensor) -> tf.Variable:
    """A variable that a step traced for any number of sequences and tokens accepts."""
    shape = (None, None, *tensor.shape[2:])
    return tf.Variable(tensor, trainable=False, shape=shape)
