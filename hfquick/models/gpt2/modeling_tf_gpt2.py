"""GPT-2 in Keras: an autoregressive language model, a stack of transformer decoder blocks.

Paper: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners"
(https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf).
Same model in PyTorch, class by class: modeling_gpt2.py.
Attribute names spell the keys of a Hub checkpoint, so one table of layouts loads it (weights_tf.py).
Keras claims arguments that end in `mask` for itself: here it is `mask_`. Its layers learn the width of their inputs
when they are built, so TFConv1D is not told.

Shapes: B batch, T tokens of this call, S tokens until now (here: all the capacity of the cache), D n_embd, H heads,
K = D / H, V vocabulary, N labels.
"""

from typing import ClassVar

import keras
import tensorflow as tf
from keras import layers, ops

from ...core import checks
from ...core.losses_tf import classification_loss, token_loss
from ...core.modeling_tf import Initial, LMHead, TFPreTrainedModel, activation, check_ids, check_length
from ...core.outputs import (
    BaseModelOutputWithPast,
    CausalLMOutputWithPast,
    ModelOutput,
    SequenceClassifierOutputWithPast,
)
from ...core.weights_tf import RULES
from ...generation.cache_tf import BUCKET, TFCache
from ...generation.decoding_tf import TFGenerationMixin
from .configuration_gpt2 import GPT2Config


def causal_mask(
    x: tf.Tensor, past: int | tf.Tensor, room: int | tf.Tensor, attention_mask: tf.Tensor | None
) -> tf.Tensor:
    """Additive causal mask for x (B, T, D): 0 where a token attends to itself or an earlier one, else -inf.

    Padding (0 in attention_mask (B, S)) is only very low, not -inf: a row of padding on the left attends to nothing
    else, and a softmax over -inf alone is NaN. Unused capacity of the cache comes later, so it is masked.
    """
    T = ops.shape(x)[1]
    is_later = ops.arange(room) > past + ops.arange(T)[:, None]
    later = ops.where(is_later, ops.cast(-float("inf"), x.dtype), ops.cast(0, x.dtype))  # (T, S)
    if attention_mask is None:
        return later
    is_token = ops.cast(attention_mask, "bool")
    is_token = tf.pad(is_token, [[0, 0], [0, room - ops.shape(is_token)[1]]], constant_values=False)
    lowest = ops.cast(float(x.dtype.min) / 2, x.dtype)
    padding = ops.where(is_token, ops.cast(0, x.dtype), lowest)
    return later + padding[:, None, None, :]  # (B, 1, T, S), for all heads


class TFConv1D(layers.Dense):
    """A linear map (..., in) -> (..., out) with a weight of shape (in, out), the transpose of nn.Linear's.

    The name is the original code's, which wrote it as a convolution over one token.
    """

    def __init__(self, outputs: int, std: float) -> None:
        super().__init__(outputs)
        self.std = std  # of its weight initialisation


RULES[TFConv1D] = {"kernel": ("weight", None), "bias": ("bias", None)}


def residual_init_std(config: GPT2Config) -> float:
    """Standard deviation of projections onto the residual stream: the more blocks, the smaller, so the sum stays."""
    return config.initializer_range / (2 * config.n_layer) ** 0.5


class TFGPT2Attention(layers.Layer):
    """Causal multi-head self-attention (B, T, D) -> (B, T, D): each token attends to itself and those before it."""

    def __init__(self, config: GPT2Config, layer_idx: int) -> None:
        super().__init__()
        self.n_head = config.n_head
        self.layer_idx = layer_idx
        self.reorder_and_upcast_attn = config.reorder_and_upcast_attn
        self.scale = (config.n_embd // config.n_head) ** -0.5 if config.scale_attn_weights else 1.0
        if config.scale_attn_by_inverse_layer_idx:
            self.scale /= layer_idx + 1
        self.c_attn = TFConv1D(3 * config.n_embd, config.initializer_range)  # queries, keys, values
        self.c_proj = TFConv1D(config.n_embd, residual_init_std(config))
        self.attn_dropout = layers.Dropout(config.attn_pdrop)
        self.resid_dropout = layers.Dropout(config.resid_pdrop)

    def call(
        self,
        x: tf.Tensor,
        mask_: tf.Tensor,
        cache: TFCache | None = None,
        output_attentions: bool = False,
        training: bool = False,
    ) -> tuple[tf.Tensor, tf.Tensor | None]:
        B, T, D = ops.shape(x)
        q, k, v = ops.unstack(ops.reshape(self.c_attn(x), (B, T, 3, self.n_head, D // self.n_head)), axis=2)
        if cache is not None:
            k, v = cache.append(self.layer_idx, k, v)  # (B, S, H, K)
        # The fused call below returns no attention weights and has no dropout.
        if output_attentions or (training and self.attn_dropout.rate > 0):
            if self.reorder_and_upcast_attn:  # what the fused call does by itself
                q, k = ops.cast(q, "float32"), ops.cast(k, "float32")
            scores = ops.einsum("bqhk,bshk->bhqs", q, k) * self.scale  # (B, H, T, S)
            scores = scores + ops.cast(mask_, scores.dtype)
            weights = self.attn_dropout(ops.cast(tf.nn.softmax(scores), v.dtype))
            context = ops.einsum("bhqs,bshk->bqhk", weights, v)
        else:
            weights = None
            context = ops.dot_product_attention(q, k, v, bias=mask_, scale=self.scale)  # (B, T, H, K)
        return self.resid_dropout(self.c_proj(ops.reshape(context, (B, T, D)))), weights


class TFGPT2MLP(layers.Layer):
    """Feed-forward network, position-wise: D -> n_inner -> D."""

    def __init__(self, config: GPT2Config) -> None:
        super().__init__()
        width = 4 * config.n_embd if config.n_inner is None else config.n_inner
        self.c_fc = TFConv1D(width, config.initializer_range)
        self.c_proj = TFConv1D(config.n_embd, residual_init_std(config))
        self.act = activation(config.activation_function)
        self.dropout = layers.Dropout(config.resid_pdrop)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return self.dropout(self.c_proj(self.act(self.c_fc(x))))


class TFGPT2Block(layers.Layer):
    """Transformer decoder block: self-attention, then feed-forward network (pre-norm)."""

    def __init__(self, config: GPT2Config, layer_idx: int) -> None:
        super().__init__()
        self.ln_1 = layers.LayerNormalization(epsilon=config.layer_norm_epsilon)
        self.attn = TFGPT2Attention(config, layer_idx)
        self.ln_2 = layers.LayerNormalization(epsilon=config.layer_norm_epsilon)
        self.mlp = TFGPT2MLP(config)

    def call(
        self, x: tf.Tensor, mask_: tf.Tensor, cache: TFCache | None = None, output_attentions: bool = False
    ) -> tuple[tf.Tensor, tf.Tensor | None]:
        update, weights = self.attn(self.ln_1(x), mask_, cache=cache, output_attentions=output_attentions)
        x = x + update
        return x + self.mlp(self.ln_2(x)), weights


class TFGPT2PreTrainedModel(TFPreTrainedModel):
    """Loading, saving and weight initialisation of all GPT-2 models."""

    config_class = GPT2Config
    base_model_prefix = "transformer"
    INPUT_EMBEDDINGS = "wte"
    BUFFERS = (".attn.bias", ".attn.masked_bias")  # a triangle of ones and a number, which causal_mask computes

    def init_weights(self, module: layers.Layer) -> None:
        super().init_weights(module)
        if isinstance(module, TFConv1D):
            module.kernel_initializer = Initial(keras.initializers.RandomNormal(stddev=module.std))


@keras.saving.register_keras_serializable("hfquick")
class TFGPT2Model(TFGPT2PreTrainedModel):
    """Token ids -> a contextual vector for each token, from the tokens up to it.

    Args of a call:
        input_ids: (B, T) token ids, or give inputs_embeds (B, T, D) instead.
        attention_mask: (B, past + T), 1 for tokens and 0 for padding, the cache's first; None is no padding.
        position_ids: (B, T) positions of the tokens; None continues after those in the cache.
        past_key_values: a KV cache of earlier calls; keys and values of this one are appended to it.
        use_cache: start such a cache, and return it.
        output_hidden_states: also return the vectors after the embeddings and each block (the last through ln_f).
        output_attentions: also return each block's attention weights (B, H, T, S).
    """

    def __init__(self, config: GPT2Config) -> None:
        super().__init__(config)
        self.wte = layers.Embedding(config.vocab_size, config.n_embd)
        self.wpe = layers.Embedding(config.n_positions, config.n_embd)
        self.drop = layers.Dropout(config.embd_pdrop)
        self.h = [TFGPT2Block(config, layer_idx) for layer_idx in range(config.n_layer)]
        self.ln_f = layers.LayerNormalization(epsilon=config.layer_norm_epsilon)
        self.post_init()

    def call(
        self,
        input_ids: tf.Tensor | None = None,
        attention_mask: tf.Tensor | None = None,
        position_ids: tf.Tensor | None = None,
        past_key_values: TFCache | None = None,
        use_cache: bool | None = None,
        inputs_embeds: tf.Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        training: bool = False,
    ) -> BaseModelOutputWithPast:
        checks.check_given(input_ids, inputs_embeds)
        if output_hidden_states is None:
            output_hidden_states = self.config.output_hidden_states
        if output_attentions is None:
            output_attentions = self.config.output_attentions
        if inputs_embeds is None:
            check_ids(input_ids, self.wte.input_dim, "token id")
            inputs_embeds = self.wte(input_ids)  # (B, T, D)
        T = ops.shape(inputs_embeds)[1]
        cache = past_key_values
        if use_cache and cache is None:
            cache = TFCache(capacity=(T // BUCKET + 1) * BUCKET)
        past = 0 if cache is None else cache.length
        if position_ids is None:
            check_length(past + T, self.wpe.input_dim)
            position_ids = past + ops.arange(T)
        else:
            check_ids(position_ids, self.wpe.input_dim, "position")
        x = self.drop(inputs_embeds + self.wpe(position_ids))

        room = (
            T if cache is None else cache.capacity_for(T)
        )  # a mask may be that wide, so that all steps have one shape
        if attention_mask is not None and isinstance(past + T, int):
            given = attention_mask.shape[1]
            if given is not None and not past + T <= given <= room:
                raise checks.wrong_mask(given, T, past)
        mask_ = causal_mask(x, past, room, attention_mask)

        states, maps = [x], []
        for block in self.h:
            x, weights = block(x, mask_, cache=cache, output_attentions=output_attentions)
            if output_hidden_states:
                states.append(x)
            if output_attentions:
                maps.append(weights)
        if cache is not None:
            cache.advance(T)
        x = states[-1] = self.ln_f(x)
        return BaseModelOutputWithPast(
            x, cache, tuple(states) if output_hidden_states else None, tuple(maps) if output_attentions else None
        )


@keras.saving.register_keras_serializable("hfquick")
class TFGPT2LMHeadModel(TFGenerationMixin, TFGPT2PreTrainedModel):
    """Causal language modeling: predicts the token after each one; labels (B, T) are input_ids, -100 is left out."""

    label_kind = "words"
    OUTPUT_EMBEDDINGS = "lm_head"
    TIED: ClassVar = {"lm_head.weight": "transformer.wte.weight"}

    def __init__(self, config: GPT2Config) -> None:
        super().__init__(config)
        self.transformer = TFGPT2Model(config)
        self.lm_head = LMHead(config.vocab_size, use_bias=False)
        self.post_init()

    def call(
        self,
        input_ids: tf.Tensor | None = None,
        attention_mask: tf.Tensor | None = None,
        position_ids: tf.Tensor | None = None,
        past_key_values: TFCache | None = None,
        use_cache: bool | None = None,
        inputs_embeds: tf.Tensor | None = None,
        labels: tf.Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        training: bool = False,
    ) -> CausalLMOutputWithPast:
        outputs = self.transformer(
            input_ids,
            attention_mask,
            position_ids,
            past_key_values=past_key_values,
            use_cache=use_cache,
            inputs_embeds=inputs_embeds,
            output_hidden_states=output_hidden_states,
            output_attentions=output_attentions,
        )
        logits = self.lm_head(outputs.last_hidden_state)  # (B, T, V)
        # The logits at a token predict the one after it; what follows the last is not known.
        loss = None if labels is None else token_loss(logits[:, :-1], labels[:, 1:])
        return CausalLMOutputWithPast(loss, logits, outputs.past_key_values, outputs.hidden_states, outputs.attentions)

    def aligned(self, labels: tf.Tensor | None, outputs: ModelOutput) -> tuple:
        """For losses and metrics of Keras: each token's scores beside the token after it."""
        return (None if labels is None else labels[:, 1:]), outputs["logits"][:, :-1]


@keras.saving.register_keras_serializable("hfquick")
class TFGPT2ForSequenceClassification(TFGPT2PreTrainedModel):
    """Sequence classification: logits (B, N) from the last token, which has attended to all; labels (B,)."""

    label_kind = "class"

    def __init__(self, config: GPT2Config) -> None:
        super().__init__(config)
        self.transformer = TFGPT2Model(config)
        self.score = layers.Dense(config.num_labels, use_bias=False)
        self.post_init()

    def last_tokens(self, input_ids: tf.Tensor | None, attention_mask: tf.Tensor | None, shape: tuple) -> tf.Tensor:
        """Index of the last token of each sequence: (B,). Padding is told by its id, without ids by the mask."""
        B, T = shape
        if input_ids is not None and self.config.pad_token_id is None:
            error = checks.no_ends_of_texts()
            if not isinstance(B, int):  # compiled for any number of texts
                tf.debugging.assert_less(B, 2, str(error))
            elif B > 1:
                raise error
        if input_ids is not None and self.config.pad_token_id is not None:
            is_token = ops.not_equal(input_ids, self.config.pad_token_id)
        elif attention_mask is not None:
            is_token = ops.cast(attention_mask[:, -T:], "bool")
        else:
            return ops.full((B,), T - 1, "int32")
        return ops.argmax(ops.arange(T) * ops.cast(is_token, "int32"), axis=-1)

    def call(
        self,
        input_ids: tf.Tensor | None = None,
        attention_mask: tf.Tensor | None = None,
        position_ids: tf.Tensor | None = None,
        past_key_values: TFCache | None = None,
        use_cache: bool | None = None,
        inputs_embeds: tf.Tensor | None = None,
        labels: tf.Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        training: bool = False,
    ) -> SequenceClassifierOutputWithPast:
        outputs = self.transformer(
            input_ids,
            attention_mask,
            position_ids,
            past_key_values=past_key_values,
            use_cache=use_cache,
            inputs_embeds=inputs_embeds,
            output_hidden_states=output_hidden_states,
            output_attentions=output_attentions,
        )
        x = outputs.last_hidden_state
        last = self.last_tokens(input_ids, attention_mask, ops.shape(x)[:2])  # (B,)
        logits = self.score(tf.gather(x, last, batch_dims=1))  # (B, N)
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return SequenceClassifierOutputWithPast(
            loss, logits, outputs.past_key_values, outputs.hidden_states, outputs.attentions
        )
