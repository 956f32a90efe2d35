"""BART in Keras: a bidirectional encoder, and an autoregressive decoder that generates another text.

Paper: Lewis et al. 2019, "BART: Denoising Sequence-to-Sequence Pre-training for Natural Language Generation,
Translation, and Comprehension" (https://arxiv.org/abs/1910.13461).
Same model in PyTorch, class by class: modeling_bart.py.
Attribute names spell the keys of a Hub checkpoint, so one table of layouts loads it (weights_tf.py).
Keras claims arguments that end in `mask` for itself: here they are `mask_` and `encoder_mask_`. The decoder always gets
its causal mask, because a cache gives all its capacity, so TFBartAttention has no `is_causal`.

Shapes: B batch, S tokens of the encoder, T tokens of the decoder in this call, P those until now (here: all the
capacity of the cache), D d_model, H heads, K = D / H, V vocabulary.
"""

from collections.abc import Callable
from typing import Any, ClassVar

import keras
import tensorflow as tf
from keras import layers, ops

from ...core import checks
from ...core.losses_tf import token_loss
from ...core.modeling_tf import Initial, LMHead, TFPreTrainedModel, activation, check_ids, check_length
from ...core.outputs import BaseModelOutput, BaseModelOutputWithPast, Seq2SeqLMOutput, Seq2SeqModelOutput
from ...generation.cache_tf import BUCKET, TFCache
from ...generation.decoding_tf import TFGenerationMixin
from .configuration_bart import BartConfig

EPSILON = 1e-5  # of every LayerNorm, as PyTorch has it


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


class TFBartScaledWordEmbedding(layers.Embedding):
    """Token ids (B, T) -> embeddings (B, T, D), times sqrt(D) where the configuration has scale_embedding."""

    def __init__(self, config: BartConfig) -> None:
        super().__init__(config.vocab_size, config.d_model)
        self.embed_scale = config.d_model**0.5 if config.scale_embedding else 1.0
        self._table: Callable[[], layers.Embedding] | None = None

    def tie(self, table: layers.Embedding) -> None:
        """Take the vectors of another layer."""
        self._table = lambda: table  # a function, so that Keras does not count the layer as a part of this one

    def build(self, input_shape: tuple | None = None) -> None:
        if self._table is None:
            super().build(input_shape)
        else:
            self._table().build(input_shape)
            self.built = True

    @property
    def embeddings(self) -> keras.Variable:
        return super().embeddings if self._table is None else self._table().embeddings

    def call(self, ids: tf.Tensor) -> tf.Tensor:
        return super().call(ids) * self.embed_scale

    def save_own_variables(self, store: dict) -> None:  # into a .keras file: what is another layer's is saved there
        if self._table is None:
            super().save_own_variables(store)

    def load_own_variables(self, store: dict) -> None:
        if self._table is None:
            super().load_own_variables(store)


class TFBartLearnedPositionalEmbedding(layers.Embedding):
    """Positions (T,) -> embeddings (T, D). The first two rows belong to no position: fairseq counted from 2 on."""

    offset = 2

    def __init__(self, config: BartConfig) -> None:
        super().__init__(config.max_position_embeddings + self.offset, config.d_model)

    def call(self, positions: tf.Tensor) -> tf.Tensor:
        return super().call(positions + self.offset)


class TFBartAttention(layers.Layer):
    """Multi-head attention (B, T, D) -> (B, T, D): self-attention, or cross-attention to the encoder's outputs."""

    def __init__(self, config: BartConfig, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.k_proj = layers.Dense(config.d_model)
        self.v_proj = layers.Dense(config.d_model)
        self.q_proj = layers.Dense(config.d_model)
        self.out_proj = layers.Dense(config.d_model)
        self.dropout = layers.Dropout(config.attention_dropout)

    def split_heads(self, y: tf.Tensor) -> tf.Tensor:
        B, T, D = ops.shape(y)
        return ops.reshape(y, (B, T, self.num_heads, D // self.num_heads))  # (B, T, H, K)

    def keys_and_values(self, y: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Keys and values of the vectors that are attended to, (B, S, D) -> twice (B, S, H, K)."""
        return self.split_heads(self.k_proj(y)), self.split_heads(self.v_proj(y))

    def call(
        self,
        x: tf.Tensor,
        k: tf.Tensor,
        v: tf.Tensor,
        mask_: tf.Tensor | None,
        output_attentions: bool,
        training: bool = False,
    ) -> tuple[tf.Tensor, tf.Tensor | None]:
        B, T, D = ops.shape(x)
        q = self.split_heads(self.q_proj(x))
        # The fused call below returns no attention weights and has no dropout.
        if output_attentions or (training and self.dropout.rate > 0):
            scores = ops.einsum("bqhk,bshk->bhqs", q, k) / q.shape[-1] ** 0.5  # (B, H, T, S)
            if mask_ is not None:
                scores = scores + mask_
            weights = self.dropout(tf.nn.softmax(scores))
            context = ops.einsum("bhqs,bshk->bqhk", weights, v)
        else:
            weights = None
            context = ops.dot_product_attention(q, k, v, bias=mask_)  # (B, T, H, K)
        return self.out_proj(ops.reshape(context, (B, T, D))), weights


class TFBartEncoderLayer(layers.Layer):
    """Transformer encoder layer: self-attention, then feed-forward network (post-norm)."""

    def __init__(self, config: BartConfig) -> None:
        super().__init__()
        self.self_attn = TFBartAttention(config, config.encoder_attention_heads)
        self.self_attn_layer_norm = layers.LayerNormalization(epsilon=EPSILON)
        self.activation_fn = activation(config.activation_function)
        self.fc1 = layers.Dense(config.encoder_ffn_dim)
        self.fc2 = layers.Dense(config.d_model)
        self.final_layer_norm = layers.LayerNormalization(epsilon=EPSILON)
        self.dropout = layers.Dropout(config.dropout)
        self.activation_dropout = layers.Dropout(config.activation_dropout)

    def call(
        self, x: tf.Tensor, mask_: tf.Tensor | None, output_attentions: bool
    ) -> tuple[tf.Tensor, tf.Tensor | None]:
        k, v = self.self_attn.keys_and_values(x)
        update, weights = self.self_attn(x, k, v, mask_, output_attentions=output_attentions)
        x = self.self_attn_layer_norm(x + self.dropout(update))
        update = self.fc2(self.activation_dropout(self.activation_fn(self.fc1(x))))
        return self.final_layer_norm(x + self.dropout(update)), weights


class TFBartDecoderLayer(layers.Layer):
    """Transformer decoder layer: causal self-attention, cross-attention, then feed-forward network (post-norm)."""

    def __init__(self, config: BartConfig, layer_idx: int) -> None:
        super().__init__()
        self.layer_idx = layer_idx
        self.self_attn = TFBartAttention(config, config.decoder_attention_heads)
        self.self_attn_layer_norm = layers.LayerNormalization(epsilon=EPSILON)
        self.encoder_attn = TFBartAttention(config, config.decoder_attention_heads)
        self.encoder_attn_layer_norm = layers.LayerNormalization(epsilon=EPSILON)
        self.activation_fn = activation(config.activation_function)
        self.fc1 = layers.Dense(config.decoder_ffn_dim)
        self.fc2 = layers.Dense(config.d_model)
        self.final_layer_norm = layers.LayerNormalization(epsilon=EPSILON)
        self.dropout = layers.Dropout(config.dropout)
        self.activation_dropout = layers.Dropout(config.activation_dropout)

    def call(
        self,
        x: tf.Tensor,
        mask_: tf.Tensor,
        encoded: tf.Tensor,
        encoder_mask_: tf.Tensor | None,
        cache: TFCache | None = None,
        output_attentions: bool = False,
    ) -> tuple[tf.Tensor, tf.Tensor | None, tf.Tensor | None]:
        k, v = self.self_attn.keys_and_values(x)
        if cache is not None:
            k, v = cache.append(self.layer_idx, k, v)  # (B, P, H, K)
        update, weights = self.self_attn(x, k, v, mask_, output_attentions=output_attentions)
        x = self.self_attn_layer_norm(x + self.dropout(update))

        def encoder_keys() -> tuple[tf.Tensor, tf.Tensor]:
            return self.encoder_attn.keys_and_values(encoded)  # (B, S, H, K)

        k, v = encoder_keys() if cache is None else cache.from_encoder(self.layer_idx, encoder_keys)
        update, encoder_weights = self.encoder_attn(x, k, v, encoder_mask_, output_attentions=output_attentions)
        x = self.encoder_attn_layer_norm(x + self.dropout(update))

        update = self.fc2(self.activation_dropout(self.activation_fn(self.fc1(x))))
        return self.final_layer_norm(x + self.dropout(update)), weights, encoder_weights


class TFBartEncoder(layers.Layer):
    """Token ids (B, S), or embeddings instead -> a contextual vector for each token (B, S, D)."""

    def __init__(self, config: BartConfig) -> None:
        super().__init__()
        self.config = config
        self.embed_tokens = TFBartScaledWordEmbedding(config)
        self.embed_positions = TFBartLearnedPositionalEmbedding(config)
        self.layers = [TFBartEncoderLayer(config) for _ in range(config.encoder_layers)]
        self.layernorm_embedding = layers.LayerNormalization(epsilon=EPSILON)
        self.dropout = layers.Dropout(config.dropout)

    def call(
        self,
        input_ids: tf.Tensor | None = None,
        attention_mask: tf.Tensor | None = None,
        inputs_embeds: tf.Tensor | None = None,
        output_hidden_states: bool = False,
        output_attentions: bool = False,
        training: bool = False,
    ) -> BaseModelOutput:
        checks.check_given(input_ids, inputs_embeds)
        if inputs_embeds is None:
            check_ids(input_ids, self.embed_tokens.input_dim, "token id")
            inputs_embeds = self.embed_tokens(input_ids)  # (B, S, D)
        S = ops.shape(inputs_embeds)[1]
        check_length(S, self.config.max_position_embeddings)
        if attention_mask is not None and isinstance(S, int) and attention_mask.shape[-1] not in (S, None):
            raise checks.wrong_mask(attention_mask.shape[-1], S)
        if training:
            self.config.check_training()
        positions = self.embed_positions(ops.arange(S))
        x = self.dropout(self.layernorm_embedding(inputs_embeds + positions))
        mask_ = padding_mask(x, attention_mask, S)

        states, maps = [x], []
        for layer in self.layers:
            x, weights = layer(x, mask_, output_attentions=output_attentions)
            if output_hidden_states:
                states.append(x)
            if output_attentions:
                maps.append(weights)
        return BaseModelOutput(
            x, tuple(states) if output_hidden_states else None, tuple(maps) if output_attentions else None
        )


class TFBartDecoder(layers.Layer):
    """Token ids (B, T), or embeddings instead, and the encoder's outputs (B, S, D) -> vectors (B, T, D)."""

    def __init__(self, config: BartConfig) -> None:
        super().__init__()
        self.config = config
        self.embed_tokens = TFBartScaledWordEmbedding(config)
        self.embed_positions = TFBartLearnedPositionalEmbedding(config)
        self.layers = [TFBartDecoderLayer(config, layer_idx) for layer_idx in range(config.decoder_layers)]
        self.layernorm_embedding = layers.LayerNormalization(epsilon=EPSILON)
        self.dropout = layers.Dropout(config.dropout)

    def call(
        self,
        input_ids: tf.Tensor | None,
        attention_mask: tf.Tensor | None,
        encoded: tf.Tensor,
        encoder_attention_mask: tf.Tensor | None,
        cache: TFCache | None = None,
        inputs_embeds: tf.Tensor | None = None,
        output_hidden_states: bool = False,
        output_attentions: bool = False,
    ) -> BaseModelOutputWithPast:
        checks.check_given(input_ids, inputs_embeds, "decoder_")
        if inputs_embeds is None:
            check_ids(input_ids, self.embed_tokens.input_dim, "token id")
            inputs_embeds = self.embed_tokens(input_ids)  # (B, T, D)
        T, past = ops.shape(inputs_embeds)[1], 0 if cache is None else cache.length
        check_length(past + T, self.config.max_position_embeddings)
        room = (
            T if cache is None else cache.capacity_for(T)
        )  # a mask may be that wide, so that all steps have one shape
        if attention_mask is not None and isinstance(past + T, int):
            given = attention_mask.shape[1]
            if given is not None and not past + T <= given <= room:
                raise checks.wrong_mask(given, T, past, "decoder_")
        positions = self.embed_positions(past + ops.arange(T))
        x = self.dropout(self.layernorm_embedding(inputs_embeds + positions))
        mask_ = causal_mask(x, past, room)
        if attention_mask is not None:
            mask_ = mask_ + padding_mask(x, attention_mask, room)  # (B, 1, T, P), for all heads
        encoder_mask_ = padding_mask(x, encoder_attention_mask, ops.shape(encoded)[1])

        states, maps, encoder_maps = [x], [], []
        for layer in self.layers:
            x, weights, encoder_weights = layer(
                x, mask_, encoded, encoder_mask_, cache=cache, output_attentions=output_attentions
            )
            if output_hidden_states:
                states.append(x)
            if output_attentions:
                maps.append(weights)
                encoder_maps.append(encoder_weights)
        if cache is not None:
            cache.advance(T)
        return BaseModelOutputWithPast(
            x,
            cache,
            tuple(states) if output_hidden_states else None,
            tuple(maps) if output_attentions else None,
            tuple(encoder_maps) if output_attentions else None,
        )


class TFBartPreTrainedModel(TFPreTrainedModel):
    """Loading, saving and weight initialisation of all BART models."""

    config_class = BartConfig
    base_model_prefix = "model"
    INPUT_EMBEDDINGS = "shared"
    BUFFERS = (".encoder.version", ".decoder.version")  # a number in fairseq's files

    def tied(self) -> dict[str, str]:
        """Encoder and decoder always share the token embeddings, the head where the configuration says so."""
        always = {name: source for name, source in self.TIED.items() if name.endswith("embed_tokens.weight")}
        return always | super().tied()

    def get_encoder(self) -> layers.Layer:
        """The encoder; a call takes its outputs as encoder_outputs."""
        return self.base_model.get_submodule("encoder")

    def prepare_decoder_input_ids_from_labels(self, labels: tf.Tensor) -> tf.Tensor:
        """The decoder's inputs for labels (B, T): shifted one position to the right, after the start token."""
        start, pad = checks.start_and_pad(self.config)
        labels = ops.convert_to_tensor(labels)
        before = ops.where(ops.equal(labels[:, :-1], -100), ops.cast(pad, labels.dtype), labels[:, :-1])
        return tf.pad(before, [[0, 0], [1, 0]], constant_values=start)  # (B, T)


@keras.saving.register_keras_serializable("hfquick")
class TFBartModel(TFBartPreTrainedModel):
    """Token ids of the encoder and of the decoder -> a contextual vector for each of the latter.

    Args of a call:
        input_ids: (B, S) token ids of the encoder, or give inputs_embeds (B, S, D) instead.
        attention_mask: (B, S), 1 for tokens and 0 for padding; None is no padding.
        decoder_input_ids: (B, T) token ids of the decoder, or decoder_inputs_embeds (B, T, D). Without both, input_ids
            shifted to the right: the decoder reconstructs the encoder's text, as in BART's pre-training.
        decoder_attention_mask: (B, past + T), the cache's first; None is no padding.
        encoder_outputs: what the encoder gave for these tokens before, instead of input_ids.
        past_key_values: a KV cache of earlier calls; keys and values of this one are appended to it.
        use_cache: start such a cache, and return it.
        output_hidden_states: also return the vectors after the embeddings and after each layer, of both stacks.
        output_attentions: also return the attention weights of both, and those of cross-attention (B, H, T, S).
    """

    TIED: ClassVar = {"encoder.embed_tokens.weight": "shared.weight", "decoder.embed_tokens.weight": "shared.weight"}

    def __init__(self, config: BartConfig) -> None:
        super().__init__(config)
        self.shared = TFBartScaledWordEmbedding(config)
        self.encoder = TFBartEncoder(config)
        self.decoder = TFBartDecoder(config)
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
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        training: bool = False,
    ) -> Seq2SeqModelOutput:
        if output_hidden_states is None:
            output_hidden_states = self.config.output_hidden_states
        if output_attentions is None:
            output_attentions = self.config.output_attentions
        if decoder_input_ids is None and decoder_inputs_embeds is None:
            if input_ids is None:
                raise checks.nothing_to_start_from()
            decoder_input_ids = self.prepare_decoder_input_ids_from_labels(input_ids)
        asked = {"output_hidden_states": output_hidden_states, "output_attentions": output_attentions}
        if encoder_outputs is None:
            encoder_outputs = self.encoder(input_ids, attention_mask, inputs_embeds, **asked)
        elif isinstance(encoder_outputs, tuple | list):
            encoder_outputs = BaseModelOutput(*encoder_outputs)
        cache = past_key_values
        if use_cache and cache is None:
            decoder_input = decoder_input_ids if decoder_inputs_embeds is None else decoder_inputs_embeds
            cache = TFCache(capacity=(ops.shape(decoder_input)[1] // BUCKET + 1) * BUCKET)
        outputs = self.decoder(
            decoder_input_ids,
            decoder_attention_mask,
            encoder_outputs.last_hidden_state,
            attention_mask,
            cache=cache,
            inputs_embeds=decoder_inputs_embeds,
            **asked,
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
class TFBartForConditionalGeneration(TFGenerationMixin, TFBartPreTrainedModel):
    """Sequence-to-sequence language modeling: predicts each next token; labels (B, T), -100 for those left out.

    With labels, decoder_input_ids are made from them.
    """

    label_kind = "words"
    OUTPUT_EMBEDDINGS = "lm_head"
    OUTPUT_BIAS = "final_logits_bias"
    TIED: ClassVar = {
        "model.encoder.embed_tokens.weight": "model.shared.weight",
        "model.decoder.embed_tokens.weight": "model.shared.weight",
        "lm_head.weight": "model.shared.weight",
    }
    ZEROS = ("final_logits_bias",)

    def __init__(self, config: BartConfig) -> None:
        super().__init__(config)
        self.model = TFBartModel(config)
        self.final_logits_bias_initializer = Initial("zeros")
        self.final_logits_bias = self.add_weight(
            name="final_logits_bias",
            shape=(1, config.vocab_size),
            initializer=self.final_logits_bias_initializer,
            trainable=False,
        )
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
        outputs = self.model(
            input_ids,
            attention_mask,
            decoder_input_ids,
            decoder_attention_mask,
            encoder_outputs=encoder_outputs,
            past_key_values=past_key_values,
            use_cache=use_cache,
            inputs_embeds=inputs_embeds,
            decoder_inputs_embeds=decoder_inputs_embeds,
            output_hidden_states=output_hidden_states,
            output_attentions=output_attentions,
        )
        logits = self.lm_head(outputs.last_hidden_state) + self.final_logits_bias  # (B, T, V)
        loss = None if labels is None else token_loss(logits, labels)
        return Seq2SeqLMOutput.with_head(outputs, loss, logits)
