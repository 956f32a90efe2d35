"""T5 in Keras: an encoder and an autoregressive decoder; every task is a text in and a text out.

Paper: Raffel et al. 2019, "Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer"
(https://arxiv.org/abs/1910.10683). Version 1.1, with a gate in its feed-forward parts: Shazeer 2020, "GLU Variants
Improve Transformer" (https://arxiv.org/abs/2002.05202).
Same model in PyTorch, class by class: modeling_t5.py.
Attribute names spell the keys of a Hub checkpoint, so one table of layouts loads it (weights_tf.py).
Keras claims arguments that end in `mask` for itself: here they are `mask_` and `encoder_mask_`. Its layers learn the
width of their inputs when they are built, so `dense` is not told.

There are no position embeddings. The relative position of two tokens is a bias on their attention score instead, a
parameter of each head, the same in all layers of a stack. There are no other biases: not in linear maps, not in norms.

Shapes: B batch, S tokens of the encoder, T tokens of the decoder in this call, P those until now (here: all the
capacity of the cache), D d_model, H heads, K width of a head, V vocabulary.
"""

import math
from typing import Any, ClassVar

import keras
import tensorflow as tf
from keras import layers, ops

from ...core import checks
from ...core.losses_tf import token_loss
from ...core.modeling_tf import Initial, LMHead, TFPreTrainedModel, activation, check_ids
from ...core.outputs import BaseModelOutput, BaseModelOutputWithPast, Seq2SeqLMOutput, Seq2SeqModelOutput
from ...core.weights_tf import RULES
from ...generation.cache_tf import BUCKET, TFCache
from ...generation.decoding_tf import TFGenerationMixin
from ...i18n import said
from .configuration_t5 import T5Config

LARGEST = 64_000.0  # in float16, which ends at 65,504


def causal_mask(x: tf.Tensor, past: int | tf.Tensor, room: int | tf.Tensor) -> tf.Tensor:
    """Additive causal mask for x (B, T, D): 0 where a token attends to itself or an earlier one, else -inf.

    Unused capacity of the cache comes later, so it is masked.
    """
    is_later = ops.arange(room) > past + ops.arange(ops.shape(x)[1])[:, None]
    return ops.where(is_later, ops.cast(-float("inf"), x.dtype), ops.cast(0, x.dtype))  # (T, P)


def padding_mask(x: tf.Tensor, attention_mask: tf.Tensor | None, room: int | tf.Tensor) -> tf.Tensor | None:
    """Additive padding mask from attention_mask (B, S): 0 where it is 1, very low where it is 0.

    Only very low, not -inf: a token that attends to nothing but padding would get NaN from a softmax over -inf alone.
    """
    if attention_mask is None:
        return None
    is_token = ops.cast(attention_mask, "bool")
    is_token = tf.pad(is_token, [[0, 0], [0, room - ops.shape(is_token)[1]]], constant_values=False)
    lowest = ops.cast(float(x.dtype.min) / 2, x.dtype)
    return ops.where(is_token, ops.cast(0, x.dtype), lowest)[:, None, None, :]


def relative_position_bucket(distances: tf.Tensor, is_decoder: bool, count: int, longest: int) -> tf.Tensor:
    """Distances from a token to those it attends to (negative: before it) -> the buckets whose bias they share.

    A short distance has a bucket of its own; longer ones share buckets that get wider and wider, up to `longest`.
    An encoder has one half of the buckets for later tokens, a decoder never attends to them.
    """
    if is_decoder:
        first, steps = 0, ops.maximum(-distances, 0)
    else:
        count //= 2
        first, steps = ops.cast(distances > 0, "int32") * count, ops.abs(distances)
    alone = count // 2  # distances with a bucket of their own
    share = ops.log(ops.cast(ops.maximum(steps, 1), "float32") / alone) / math.log(longest / alone)  # 0 to 1
    shared = alone + ops.cast(share * (count - alone), "int32")
    return first + ops.where(steps < alone, steps, ops.minimum(shared, count - 1))


def clamp_float16(x: tf.Tensor) -> tf.Tensor:
    """T5 was trained in bfloat16. In float16 its sums may become infinite, and NaN one layer later: clamp them."""
    return ops.clip(x, -LARGEST, LARGEST) if x.dtype == tf.float16 else x


def dense(outputs: int, std: float) -> layers.Dense:
    """A linear map without bias; `std` is the standard deviation of its weight initialisation."""
    layer = layers.Dense(outputs, use_bias=False)
    layer.std = std
    return layer


class TFT5LayerNorm(layers.Layer):
    """RMSNorm: vectors divided by their root mean square, then scaled; no mean is subtracted, no bias added."""

    def __init__(self, config: T5Config) -> None:
        super().__init__()
        self.eps = config.layer_norm_epsilon
        self.width = config.d_model

    def build(self, input_shape: tuple | None = None) -> None:
        self.weight = self.add_weight(name="weight", shape=(self.width,), initializer=self.weight_initializer)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        mean_square = ops.mean(ops.square(ops.cast(x, "float32")), axis=-1, keepdims=True)
        return self.weight * ops.cast(ops.cast(x, "float32") * ops.rsqrt(mean_square + self.eps), x.dtype)


RULES[TFT5LayerNorm] = {"weight": ("weight", None)}


class TFT5DenseActDense(layers.Layer):
    """Feed-forward network of the first T5, position-wise: D -> d_ff -> D."""

    def __init__(self, config: T5Config) -> None:
        super().__init__()
        self.wi = dense(config.d_ff, config.d_model**-0.5)
        self.wo = dense(config.d_model, config.d_ff**-0.5)
        self.dropout = layers.Dropout(config.dropout_rate)
        self.act = activation(config.dense_act_fn)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return self.wo(self.dropout(self.act(self.wi(x))))


class TFT5DenseGatedActDense(layers.Layer):
    """The same with a gated linear unit, in T5 v1.1: one half scales the other."""

    def __init__(self, config: T5Config) -> None:
        super().__init__()
        self.wi_0 = dense(config.d_ff, config.d_model**-0.5)
        self.wi_1 = dense(config.d_ff, config.d_model**-0.5)
        self.wo = dense(config.d_model, config.d_ff**-0.5)
        self.dropout = layers.Dropout(config.dropout_rate)
        self.act = activation(config.dense_act_fn)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return self.wo(self.dropout(self.act(self.wi_0(x)) * self.wi_1(x)))


class TFT5LayerFF(layers.Layer):
    """Feed-forward network with its norm and residual connection (pre-norm)."""

    def __init__(self, config: T5Config) -> None:
        super().__init__()
        self.DenseReluDense = TFT5DenseGatedActDense(config) if config.is_gated_act else TFT5DenseActDense(config)
        self.layer_norm = TFT5LayerNorm(config)
        self.dropout = layers.Dropout(config.dropout_rate)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return clamp_float16(x + self.dropout(self.DenseReluDense(self.layer_norm(x))))


class TFT5Attention(layers.Layer):
    """Multi-head attention (B, T, D) -> (B, T, D). Scores are not divided by sqrt(K): query weights start smaller."""

    def __init__(self, config: T5Config, is_decoder: bool = False, has_relative_attention_bias: bool = False) -> None:
        super().__init__()
        self.config = config
        self.is_decoder = is_decoder
        D, inner = config.d_model, config.num_heads * config.d_kv
        self.q = dense(inner, (D * config.d_kv) ** -0.5)
        self.k = dense(inner, D**-0.5)
        self.v = dense(inner, D**-0.5)
        self.o = dense(D, inner**-0.5)
        if has_relative_attention_bias:
            self.relative_attention_bias = layers.Embedding(config.relative_attention_num_buckets, config.num_heads)
            self.relative_attention_bias.std = D**-0.5
        self.dropout = layers.Dropout(config.dropout_rate)

    def position_bias(self, past: int | tf.Tensor, T: int | tf.Tensor, room: int | tf.Tensor) -> tf.Tensor:
        """Relative position bias on the scores of T tokens, after those in the cache: (1, H, T, P)."""
        bucket = relative_position_bucket(
            ops.arange(room) - (past + ops.arange(T))[:, None],  # (T, P)
            self.is_decoder,
            self.config.relative_attention_num_buckets,
            self.config.relative_attention_max_distance,
        )
        return ops.transpose(self.relative_attention_bias(bucket), (2, 0, 1))[None]

    def split_heads(self, y: tf.Tensor) -> tf.Tensor:
        return ops.reshape(y, (*ops.shape(y)[:2], self.config.num_heads, self.config.d_kv))  # (B, T, H, K)

    def keys_and_values(self, y: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Keys and values of the vectors that are attended to, (B, S, D) -> twice (B, S, H, K)."""
        return self.split_heads(self.k(y)), self.split_heads(self.v(y))

    def call(
        self,
        x: tf.Tensor,
        k: tf.Tensor,
        v: tf.Tensor,
        mask_: tf.Tensor | None,
        output_attentions: bool,
        training: bool = False,
    ) -> tuple[tf.Tensor, tf.Tensor | None]:
        B, T, _ = ops.shape(x)
        q = self.split_heads(self.q(x))
        # The fused call below returns no attention weights and has no dropout.
        if output_attentions or (training and self.dropout.rate > 0):
            scores = ops.einsum("bqhk,bshk->bhqs", q, k)  # (B, H, T, S)
            if mask_ is not None:
                scores = scores + mask_
            weights = self.dropout(ops.cast(tf.nn.softmax(ops.cast(scores, "float32")), v.dtype))
            context = ops.einsum("bhqs,bshk->bqhk", weights, v)
        else:
            weights = None
            context = ops.dot_product_attention(q, k, v, bias=mask_, scale=1.0)  # (B, T, H, K)
        return self.o(ops.reshape(context, (B, T, self.config.num_heads * self.config.d_kv))), weights


class TFT5LayerSelfAttention(layers.Layer):
    """Self-attention with its norm and residual connection (pre-norm)."""

    def __init__(
        self, config: T5Config, layer_idx: int, is_decoder: bool = False, has_relative_attention_bias: bool = False
    ) -> None:
        super().__init__()
        self.layer_idx = layer_idx
        self.SelfAttention = TFT5Attention(config, is_decoder, has_relative_attention_bias)
        self.layer_norm = TFT5LayerNorm(config)
        self.dropout = layers.Dropout(config.dropout_rate)

    def call(
        self, x: tf.Tensor, mask_: tf.Tensor, cache: TFCache | None, output_attentions: bool
    ) -> tuple[tf.Tensor, tf.Tensor | None]:
        y = self.layer_norm(x)
        k, v = self.SelfAttention.keys_and_values(y)
        if cache is not None:
            k, v = cache.append(self.layer_idx, k, v)  # (B, P, H, K)
        update, weights = self.SelfAttention(y, k, v, mask_, output_attentions=output_attentions)
        return clamp_float16(x + self.dropout(update)), weights


class TFT5LayerCrossAttention(layers.Layer):
    """Cross-attention to the encoder's outputs, the same way; between two texts there are no relative positions."""

    def __init__(self, config: T5Config, layer_idx: int) -> None:
        super().__init__()
        self.layer_idx = layer_idx
        self.EncDecAttention = TFT5Attention(config)
        self.layer_norm = TFT5LayerNorm(config)
        self.dropout = layers.Dropout(config.dropout_rate)

    def call(
        self,
        x: tf.Tensor,
        encoded: tf.Tensor,
        encoder_mask_: tf.Tensor | None,
        cache: TFCache | None,
        output_attentions: bool,
    ) -> tuple[tf.Tensor, tf.Tensor | None]:
        def encoder_keys() -> tuple[tf.Tensor, tf.Tensor]:
            return self.EncDecAttention.keys_and_values(encoded)  # (B, S, H, K)

        k, v = encoder_keys() if cache is None else cache.from_encoder(self.layer_idx, encoder_keys)
        update, weights = self.EncDecAttention(
            self.layer_norm(x), k, v, encoder_mask_, output_attentions=output_attentions
        )
        return clamp_float16(x + self.dropout(update)), weights


class TFT5Block(layers.Layer):
    """Transformer block: self-attention, in a decoder also cross-attention, then feed-forward network."""

    def __init__(self, config: T5Config, layer_idx: int, is_decoder: bool) -> None:
        super().__init__()
        self.is_decoder = is_decoder
        first = TFT5LayerSelfAttention(config, layer_idx, is_decoder, has_relative_attention_bias=layer_idx == 0)
        cross = [TFT5LayerCrossAttention(config, layer_idx)] if is_decoder else []
        self.layer: list[Any] = [first, *cross, TFT5LayerFF(config)]

    def call(
        self,
        x: tf.Tensor,
        mask_: tf.Tensor,
        encoded: tf.Tensor | None,
        encoder_mask_: tf.Tensor | None,
        cache: TFCache | None,
        output_attentions: bool,
    ) -> tuple[tf.Tensor, tf.Tensor | None, tf.Tensor | None]:
        x, weights = self.layer[0](x, mask_, cache=cache, output_attentions=output_attentions)
        encoder_weights = None
        if self.is_decoder:
            x, encoder_weights = self.layer[1](
                x, encoded, encoder_mask_, cache=cache, output_attentions=output_attentions
            )
        return self.layer[-1](x), weights, encoder_weights


class TFT5Stack(layers.Layer):
    """Token ids (B, T), or embeddings instead -> vectors (B, T, D): the encoder or, with `encoded`, the decoder.

    attention_mask (B, P) is of its own tokens, encoder_attention_mask (B, S) of the encoder's.
    """

    def __init__(self, config: T5Config, embed_tokens: layers.Embedding, is_decoder: bool) -> None:
        super().__init__()
        self.is_decoder = is_decoder
        self.embed_tokens = embed_tokens
        count = (config.num_decoder_layers if is_decoder else None) or config.num_layers
        self.block = [TFT5Block(config, layer_idx, is_decoder) for layer_idx in range(count)]
        self.final_layer_norm = TFT5LayerNorm(config)
        self.dropout = layers.Dropout(config.dropout_rate)

    def call(
        self,
        input_ids: tf.Tensor | None = None,
        attention_mask: tf.Tensor | None = None,
        inputs_embeds: tf.Tensor | None = None,
        output_hidden_states: bool = False,
        output_attentions: bool = False,
        encoded: tf.Tensor | None = None,
        encoder_attention_mask: tf.Tensor | None = None,
        cache: TFCache | None = None,
    ) -> BaseModelOutputWithPast:
        name = "decoder_" if self.is_decoder else ""
        checks.check_given(input_ids, inputs_embeds, name)
        if inputs_embeds is None:
            check_ids(input_ids, self.embed_tokens.input_dim, "token id")
            inputs_embeds = self.embed_tokens(input_ids)
        T, past = ops.shape(inputs_embeds)[1], 0 if cache is None else cache.length
        room = (
            T if cache is None else cache.capacity_for(T)
        )  # a mask may be that wide, so that all steps have one shape
        if attention_mask is not None and isinstance(past + T, int):
            given = attention_mask.shape[1]
            if given is not None and not past + T <= given <= room:
                raise checks.wrong_mask(given, T, past, name)
        x = self.dropout(inputs_embeds)
        mask_ = self.block[0].layer[0].SelfAttention.position_bias(past, T, room)  # (1, H, T, P), for all blocks
        if self.is_decoder:
            mask_ = mask_ + causal_mask(x, past, room)
        if attention_mask is not None:
            mask_ = mask_ + padding_mask(x, attention_mask, room)  # (B, H, T, P)
        encoder_mask_ = None
        if encoder_attention_mask is not None:
            encoder_mask_ = padding_mask(x, encoder_attention_mask, ops.shape(encoded)[1])

        states, maps, encoder_maps = [x], [], []
        for block in self.block:
            x, weights, encoder_weights = block(
                x, mask_, encoded, encoder_mask_, cache=cache, output_attentions=output_attentions
            )
            if output_hidden_states:
                states.append(x)
            if output_attentions:
                maps.append(weights)
                encoder_maps.append(encoder_weights)
        if cache is not None:
            cache.advance(T)
        x = states[-1] = self.dropout(self.final_layer_norm(x))
        return BaseModelOutputWithPast(
            x,
            cache,
            tuple(states) if output_hidden_states else None,
            tuple(maps) if output_attentions else None,
            tuple(encoder_maps) if output_attentions and self.is_decoder else None,
        )


class TFT5PreTrainedModel(TFPreTrainedModel):
    """Loading, saving and weight initialisation of all T5 models; one with a head holds the bare one's parts itself."""

    config_class = T5Config
    INPUT_EMBEDDINGS = "shared"
    OPTIONAL = ("lm_head.",)
    BUFFERS = (".EncDecAttention.relative_attention_bias.weight",)  # in old files; it was never used
    encoder: TFT5Stack
    decoder: TFT5Stack  # T5EncoderModel has none

    def __init__(self, config: T5Config) -> None:
        super().__init__(config)
        self.shared = layers.Embedding(config.vocab_size, config.d_model)
        self.shared.std = 1.0

    def init_weights(self, module: layers.Layer) -> None:
        """Normal weights, each map of a standard deviation that keeps the scale of vectors, as in the paper's code."""
        factor = self.config.initializer_factor
        if isinstance(module, layers.Dense):
            module.kernel_initializer = Initial(keras.initializers.RandomNormal(stddev=factor * module.std))
        elif isinstance(module, layers.Embedding):
            module.embeddings_initializer = Initial(keras.initializers.RandomNormal(stddev=factor * module.std))
        elif isinstance(module, LMHead):
            module.weight_initializer = Initial(keras.initializers.RandomNormal(stddev=factor))
        elif isinstance(module, TFT5LayerNorm):
            module.weight_initializer = Initial(keras.initializers.Constant(factor))

    def tied(self) -> dict[str, str]:
        """Encoder and decoder always share the token embeddings, the head where the configuration says so."""
        always = {name: source for name, source in self.TIED.items() if name.endswith("embed_tokens.weight")}
        return always | super().tied()

    def get_encoder(self) -> TFT5Stack:
        """The encoder; a call takes its outputs as encoder_outputs."""
        return self.encoder

    def prepare_decoder_input_ids_from_labels(self, labels: tf.Tensor) -> tf.Tensor:
        """The decoder's inputs for labels (B, T): shifted one position to the right, after the start token."""
        start, pad = checks.start_and_pad(self.config, said(" (T5's are 0)"))
        labels = ops.convert_to_tensor(labels)
        before = ops.where(ops.equal(labels[:, :-1], -100), ops.cast(pad, labels.dtype), labels[:, :-1])
        return tf.pad(before, [[0, 0], [1, 0]], constant_values=start)  # (B, T)

    def encode_and_decode(
        self,
        input_ids: tf.Tensor | None = None,
        attention_mask: tf.Tensor | None = None,
        decoder_input_ids: tf.Tensor | None = None,
        decoder_attention_mask: tf.Tensor | None = None,
        encoder_outputs: Any = None,
        past_key_values: TFCache | None = None,
        use_cache: bool | None = None,
        inputs_embeds: tf.Tensor | None = None,
        decoder_inputs_embeds: tf.Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        training: bool = False,
    ) -> Seq2SeqModelOutput:
        """A call of the bare model; the one with a head starts with it. Both have the two stacks as attributes."""
        if output_hidden_states is None:
            output_hidden_states = self.config.output_hidden_states
        if output_attentions is None:
            output_attentions = self.config.output_attentions
        asked = {"output_hidden_states": output_hidden_states, "output_attentions": output_attentions}
        if encoder_outputs is None:
            encoder_outputs = self.encoder(input_ids, attention_mask, inputs_embeds, **asked)
        elif isinstance(encoder_outputs, tuple | list):
            encoder_outputs = BaseModelOutput(*encoder_outputs)
        cache = past_key_values
        if use_cache and cache is None:
            written = decoder_input_ids if decoder_inputs_embeds is None else decoder_inputs_embeds
            cache = TFCache(capacity=(ops.shape(written)[1] // BUCKET + 1) * BUCKET)
        outputs = self.decoder(
            decoder_input_ids,
            decoder_attention_mask,
            decoder_inputs_embeds,
            **asked,
            encoded=encoder_outputs.last_hidden_state,
            encoder_attention_mask=attention_mask,
            cache=cache,
        )
        return Seq2SeqModelOutput(
            outputs.last_hidden_state,
            outputs.past_key_values,
            outputs.hidden_states,
            outputs.attentions,
            outputs.cross_attentions,
            encoder_outputs.last_hidden_state,
            encoder_outputs.hidden_states,
            encoder_outputs.attentions,
        )


@keras.saving.register_keras_serializable("hfquick")
class TFT5Model(TFT5PreTrainedModel):
    """Token ids of the encoder and of the decoder -> a contextual vector for each of the latter.

    Args of a call:
        input_ids: (B, S) token ids of the encoder, or give inputs_embeds (B, S, D) instead.
        attention_mask: (B, S), 1 for tokens and 0 for padding; None is no padding.
        decoder_input_ids: (B, T) token ids of the decoder, start token first, or decoder_inputs_embeds (B, T, D).
        decoder_attention_mask: (B, past + T), the cache's first; None is no padding.
        encoder_outputs: what the encoder gave for these tokens before, instead of input_ids.
        past_key_values: a KV cache of earlier calls; keys and values of this one are appended to it.
        use_cache: start such a cache, and return it.
        output_hidden_states: also return the vectors after the embeddings and after each block (the last through
            final_layer_norm), of both stacks.
        output_attentions: also return the attention weights of both, and those of cross-attention (B, H, T, S).
    """

    TIED: ClassVar = {"encoder.embed_tokens.weight": "shared.weight", "decoder.embed_tokens.weight": "shared.weight"}

    def __init__(self, config: T5Config) -> None:
        super().__init__(config)
        self.encoder = TFT5Stack(config, self.shared, is_decoder=False)
        self.decoder = TFT5Stack(config, self.shared, is_decoder=True)
        self.post_init()

    call = TFT5PreTrainedModel.encode_and_decode


@keras.saving.register_keras_serializable("hfquick")
class TFT5ForConditionalGeneration(TFGenerationMixin, TFT5PreTrainedModel):
    """Sequence-to-sequence language modeling: predicts each next token; labels (B, T), -100 for those left out.

    With labels, decoder_input_ids are made from them. The other inputs are those of the bare model.
    """

    label_kind = "words"
    OUTPUT_EMBEDDINGS = "lm_head"
    TIED: ClassVar = TFT5Model.TIED | {"lm_head.weight": "shared.weight"}
    TIED_IS_SCALED = True

    def __init__(self, config: T5Config) -> None:
        super().__init__(config)
        self.encoder = TFT5Stack(config, self.shared, is_decoder=False)
        self.decoder = TFT5Stack(config, self.shared, is_decoder=True)
        self.lm_head = LMHead(config.vocab_size, use_bias=False)
        self.post_init()

    def call(
        self,
        input_ids: tf.Tensor | None = None,
        attention_mask: tf.Tensor | None = None,
        decoder_input_ids: tf.Tensor | None = None,
        decoder_attention_mask: tf.Tensor | None = None,
        encoder_outputs: Any = None,
        past_key_values: TFCache | None = None,
        use_cache: bool | None = None,
        inputs_embeds: tf.Tensor | None = None,
        decoder_inputs_embeds: tf.Tensor | None = None,
        labels: tf.Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        training: bool = False,
    ) -> Seq2SeqLMOutput:
        if labels is not None and decoder_input_ids is None and decoder_inputs_embeds is None:
            decoder_input_ids = self.prepare_decoder_input_ids_from_labels(labels)
        outputs = self.encode_and_decode(
            input_ids,
            attention_mask,
            decoder_input_ids,
            decoder_attention_mask,
            encoder_outputs,
            past_key_values,
            use_cache,
            inputs_embeds,
            decoder_inputs_embeds,
            output_hidden_states,
            output_attentions,
        )
        x = outputs.last_hidden_state
        if self.config.tie_word_embeddings:  # embeddings have a large scale, too large for the weights of a head
            x = x * self.config.d_model**-0.5
        logits = self.lm_head(x)  # (B, T, V)
        loss = None if labels is None else token_loss(logits, labels)
        return Seq2SeqLMOutput.with_head(outputs, loss, logits)


@keras.saving.register_keras_serializable("hfquick")
class TFT5EncoderModel(TFT5PreTrainedModel):
    """The encoder alone: token ids (B, S) -> a contextual vector for each token (B, S, D)."""

    TIED: ClassVar = {"encoder.embed_tokens.weight": "shared.weight"}

    def __init__(self, config: T5Config) -> None:
        super().__init__(config)
        self.encoder = TFT5Stack(config, self.shared, is_decoder=False)
        self.post_init()

    def call(
        self,
        input_ids: tf.Tensor | None = None,
        attention_mask: tf.Tensor | None = None,
        inputs_embeds: tf.Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        training: bool = False,
    ) -> BaseModelOutput:
        if output_hidden_states is None:
            output_hidden_states = self.config.output_hidden_states
        if output_attentions is None:
            output_attentions = self.config.output_attentions
        outputs = self.encoder(
            input_ids,
            attention_mask,
            inputs_embeds,
            output_hidden_states=output_hidden_states,
            output_attentions=output_attentions,
        )
        return BaseModelOutput(outputs.last_hidden_state, outputs.hidden_states, outputs.attentions)
