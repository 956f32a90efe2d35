"""BART in PyTorch: a bidirectional encoder, and an autoregressive decoder that generates another text.

Paper: Lewis et al. 2019, "BART: Denoising Sequence-to-Sequence Pre-training for Natural Language Generation,
Translation, and Comprehension" (https://arxiv.org/abs/1910.13461).
Same model in Keras, class by class: modeling_tf_bart.py.
Attribute names spell the keys of a Hub checkpoint, so its state dict loads without renaming.

Shapes: B batch, S tokens of the encoder, T tokens of the decoder in this call, P those until now (T and those in the
cache), D d_model, H heads, K = D / H, V vocabulary.
"""

from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...core import checks
from ...core.losses import token_loss
from ...core.modeling import PreTrainedModel, activation, check_ids, check_length, is_for, is_full
from ...core.outputs import BaseModelOutput, BaseModelOutputWithPast, Seq2SeqLMOutput, Seq2SeqModelOutput
from ...generation.cache import Cache
from ...generation.decoding import GenerationMixin
from .configuration_bart import BartConfig


def causal_mask(x: Tensor, past: int) -> Tensor:
    """Additive causal mask for x (B, T, D): 0 where a token attends to itself or an earlier one, else -inf."""
    T = x.shape[1]
    return x.new_full((T, past + T), -torch.inf).triu(past + 1)  # (T, P)


def padding_mask(x: Tensor, attention_mask: Tensor | None) -> Tensor | None:
    """Additive padding mask from attention_mask (B, S): 0 where it is 1, very low where it is 0.

    Only very low, not -inf: a token that attends to nothing but padding would get NaN from a softmax over -inf alone.
    None where there is no padding, which is seen where looking costs nothing (on the CPU).
    """
    if attention_mask is None or is_full(attention_mask):
        return None
    very_low = torch.finfo(x.dtype).min / 2
    return x.new_zeros(attention_mask.shape).masked_fill(~attention_mask.bool(), very_low)[:, None, None, :]


class BartScaledWordEmbedding(nn.Embedding):
    """Token ids (B, T) -> embeddings (B, T, D), times sqrt(D) where the configuration has scale_embedding."""

    def __init__(self, config: BartConfig) -> None:
        super().__init__(config.vocab_size, config.d_model, padding_idx=config.pad_token_id)
        self.embed_scale = config.d_model**0.5 if config.scale_embedding else 1.0

    def forward(self, ids: Tensor) -> Tensor:
        return super().forward(ids) * self.embed_scale


class BartLearnedPositionalEmbedding(nn.Embedding):
    """Positions (T,) -> embeddings (T, D). The first two rows belong to no position: fairseq counted from 2 on."""

    offset = 2

    def __init__(self, config: BartConfig) -> None:
        super().__init__(config.max_position_embeddings + self.offset, config.d_model)

    def forward(self, positions: Tensor) -> Tensor:
        return super().forward(positions + self.offset)


class BartAttention(nn.Module):
    """Multi-head attention (B, T, D) -> (B, T, D): self-attention, or cross-attention to the encoder's outputs."""

    def __init__(self, config: BartConfig, num_heads: int, is_causal: bool = False) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.is_causal = is_causal
        self.k_proj = nn.Linear(config.d_model, config.d_model)
        self.v_proj = nn.Linear(config.d_model, config.d_model)
        self.q_proj = nn.Linear(config.d_model, config.d_model)
        self.out_proj = nn.Linear(config.d_model, config.d_model)
        self.dropout = nn.Dropout(config.attention_dropout)

    def split_heads(self, y: Tensor) -> Tensor:
        B, T, D = y.shape
        return y.view(B, T, self.num_heads, D // self.num_heads).transpose(1, 2)  # (B, H, T, K)

    def keys_and_values(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of the vectors that are attended to, (B, S, D) -> twice (B, H, S, K)."""
        return self.split_heads(self.k_proj(y)), self.split_heads(self.v_proj(y))

    def forward(
        self, x: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, output_attentions: bool
    ) -> tuple[Tensor, Tensor | None]:
        B, T, D = x.shape
        q = self.split_heads(self.q_proj(x))
        # The fused call below returns no attention weights and has no dropout.
        if output_attentions or (self.training and self.dropout.p > 0):
            scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5  # (B, H, T, S)
            if mask is None and self.is_causal:
                mask = causal_mask(x, k.shape[2] - T)
            if mask is not None:
                scores = scores + mask
            weights = self.dropout(scores.softmax(-1))
            context = weights @ v
        else:
            weights = None
            is_causal = self.is_causal and mask is None and T > 1
            context = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=is_causal)  # (B, H, T, K)
        return self.out_proj(context.transpose(1, 2).reshape(B, T, D)), weights


class BartEncoderLayer(nn.Module):
    """Transformer encoder layer: self-attention, then feed-forward network (post-norm)."""

    def __init__(self, config: BartConfig) -> None:
        super().__init__()
        self.self_attn = BartAttention(config, config.encoder_attention_heads)
        self.self_attn_layer_norm = nn.LayerNorm(config.d_model)
        self.activation_fn = activation(config.activation_function)
        self.fc1 = nn.Linear(config.d_model, config.encoder_ffn_dim)
        self.fc2 = nn.Linear(config.encoder_ffn_dim, config.d_model)
        self.final_layer_norm = nn.LayerNorm(config.d_model)
        self.dropout = nn.Dropout(config.dropout)
        self.activation_dropout = nn.Dropout(config.activation_dropout)

    def forward(self, x: Tensor, mask: Tensor | None, output_attentions: bool) -> tuple[Tensor, Tensor | None]:
        k, v = self.self_attn.keys_and_values(x)
        update, weights = self.self_attn(x, k, v, mask, output_attentions)
        x = self.self_attn_layer_norm(x + self.dropout(update))
        update = self.fc2(self.activation_dropout(self.activation_fn(self.fc1(x))))
        return self.final_layer_norm(x + self.dropout(update)), weights


class BartDecoderLayer(nn.Module):
    """Transformer decoder layer: causal self-attention, cross-attention, then feed-forward network (post-norm)."""

    def __init__(self, config: BartConfig, layer_idx: int) -> None:
        super().__init__()
        self.layer_idx = layer_idx
        self.self_attn = BartAttention(config, config.decoder_attention_heads, is_causal=True)
        self.self_attn_layer_norm = nn.LayerNorm(config.d_model)
        self.encoder_attn = BartAttention(config, config.decoder_attention_heads)
        self.encoder_attn_layer_norm = nn.LayerNorm(config.d_model)
        self.activation_fn = activation(config.activation_function)
        self.fc1 = nn.Linear(config.d_model, config.decoder_ffn_dim)
        self.fc2 = nn.Linear(config.decoder_ffn_dim, config.d_model)
        self.final_layer_norm = nn.LayerNorm(config.d_model)
        self.dropout = nn.Dropout(config.dropout)
        self.activation_dropout = nn.Dropout(config.activation_dropout)

    def forward(
        self,
        x: Tensor,
        mask: Tensor | None,
        encoded: Tensor,
        encoder_mask: Tensor | None,
        cache: Cache | None,
        output_attentions: bool,
    ) -> tuple[Tensor, Tensor | None, Tensor | None]:
        k, v = self.self_attn.keys_and_values(x)
        if cache is not None:
            k, v = cache.append(self.layer_idx, k, v)  # (B, H, P, K)
        update, weights = self.self_attn(x, k, v, mask, output_attentions)
        x = self.self_attn_layer_norm(x + self.dropout(update))

        def encoder_keys() -> tuple[Tensor, Tensor]:
            return self.encoder_attn.keys_and_values(encoded)  # (B, H, S, K)

        k, v = encoder_keys() if cache is None else cache.from_encoder(self.layer_idx, encoder_keys)
        update, encoder_weights = self.encoder_attn(x, k, v, encoder_mask, output_attentions)
        x = self.encoder_attn_layer_norm(x + self.dropout(update))

        update = self.fc2(self.activation_dropout(self.activation_fn(self.fc1(x))))
        return self.final_layer_norm(x + self.dropout(update)), weights, encoder_weights


class BartEncoder(nn.Module):
    """Token ids (B, S), or embeddings instead -> a contextual vector for each token (B, S, D)."""

    def __init__(self, config: BartConfig) -> None:
        super().__init__()
        self.config = config
        self.embed_tokens = BartScaledWordEmbedding(config)
        self.embed_positions = BartLearnedPositionalEmbedding(config)
        self.layers = nn.ModuleList(BartEncoderLayer(config) for _ in range(config.encoder_layers))
        self.layernorm_embedding = nn.LayerNorm(config.d_model)
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        output_hidden_states: bool = False,
        output_attentions: bool = False,
    ) -> BaseModelOutput:
        checks.check_given(input_ids, inputs_embeds)
        if inputs_embeds is None:
            check_ids(input_ids, self.embed_tokens.num_embeddings, "token id")
            inputs_embeds = self.embed_tokens(input_ids)  # (B, S, D)
        S = inputs_embeds.shape[1]
        check_length(S, self.config.max_position_embeddings)
        if attention_mask is not None and not is_for(attention_mask, S):
            raise checks.wrong_mask(attention_mask.shape[-1], S)
        if self.training:
            self.config.check_training()
        positions = self.embed_positions(torch.arange(S, device=inputs_embeds.device))
        x = self.dropout(self.layernorm_embedding(inputs_embeds + positions))
        mask = padding_mask(x, attention_mask)

        states, maps = [x], []
        for layer in self.layers:
            x, weights = layer(x, mask, output_attentions)
            if output_hidden_states:
                states.append(x)
            if output_attentions:
                maps.append(weights)
        return BaseModelOutput(
            x, tuple(states) if output_hidden_states else None, tuple(maps) if output_attentions else None
        )


class BartDecoder(nn.Module):
    """Token ids (B, T), or embeddings instead, and the encoder's outputs (B, S, D) -> vectors (B, T, D)."""

    def __init__(self, config: BartConfig) -> None:
        super().__init__()
        self.config = config
        self.embed_tokens = BartScaledWordEmbedding(config)
        self.embed_positions = BartLearnedPositionalEmbedding(config)
        self.layers = nn.ModuleList(BartDecoderLayer(config, layer_idx) for layer_idx in range(config.decoder_layers))
        self.layernorm_embedding = nn.LayerNorm(config.d_model)
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self,
        input_ids: Tensor | None,
        attention_mask: Tensor | None,
        encoded: Tensor,
        encoder_attention_mask: Tensor | None,
        cache: Cache | None = None,
        inputs_embeds: Tensor | None = None,
        output_hidden_states: bool = False,
        output_attentions: bool = False,
    ) -> BaseModelOutputWithPast:
        checks.check_given(input_ids, inputs_embeds, "decoder_")
        if inputs_embeds is None:
            check_ids(input_ids, self.embed_tokens.num_embeddings, "token id")
            inputs_embeds = self.embed_tokens(input_ids)  # (B, T, D)
        T, past = inputs_embeds.shape[1], 0 if cache is None else cache.length
        check_length(past + T, self.config.max_position_embeddings)
        if attention_mask is not None and not is_for(attention_mask, past + T):
            raise checks.wrong_mask(attention_mask.shape[-1], T, past, "decoder_")
        positions = self.embed_positions(torch.arange(past, past + T, device=inputs_embeds.device))
        x = self.dropout(self.layernorm_embedding(inputs_embeds + positions))
        padding = padding_mask(x, attention_mask)
        mask = None  # the usual cases: a whole sequence, or one token that attends to all before it
        if padding is not None:
            mask = causal_mask(x, past) + padding  # (B, 1, T, P), for all heads
        elif (past and T > 1) or torch.jit.is_tracing():  # a trace must fit any T
            mask = causal_mask(x, past)
        encoder_mask = padding_mask(x, encoder_attention_mask)

        states, maps, encoder_maps = [x], [], []
        for layer in self.layers:
            x, weights, encoder_weights = layer(x, mask, encoded, encoder_mask, cache, output_attentions)
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


class BartPreTrainedModel(PreTrainedModel):
    """Loading, saving and weight initialisation of all BART models."""

    config_class = BartConfig
    base_model_prefix = "model"
    INPUT_EMBEDDINGS = "shared"
    BUFFERS = (".encoder.version", ".decoder.version")  # a number in fairseq's files

    def tied(self) -> dict[str, str]:
        """Encoder and decoder always share the token embeddings, the head where the configuration says so."""
        always = {name: source for name, source in self.TIED.items() if name.endswith("embed_tokens.weight")}
        return always | super().tied()

    def get_encoder(self) -> nn.Module:
        """The encoder; a call takes its outputs as encoder_outputs."""
        return self.base_model.get_submodule("encoder")

    def prepare_decoder_input_ids_from_labels(self, labels: Tensor) -> Tensor:
        """The decoder's inputs for labels (B, T): shifted one position to the right, after the start token."""
        start, pad = checks.start_and_pad(self.config)
        before = labels[:, :-1].masked_fill(labels[:, :-1] == -100, pad)
        return F.pad(before, (1, 0), value=start)  # (B, T)


class BartModel(BartPreTrainedModel):
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
        self.shared = BartScaledWordEmbedding(config)
        self.encoder = BartEncoder(config)
        self.decoder = BartDecoder(config)
        self.post_init()

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        decoder_input_ids: Tensor | None = None,
        decoder_attention_mask: Tensor | None = None,
        encoder_outputs: Any = None,
        past_key_values: Cache | None = None,
        use_cache: bool | None = None,
        inputs_embeds: Tensor | None = None,
        decoder_inputs_embeds: Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
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
        cache = Cache() if use_cache and past_key_values is None else past_key_values
        outputs = self.decoder(
            decoder_input_ids,
            decoder_attention_mask,
            encoder_outputs.last_hidden_state,
            attention_mask,
            cache,
            decoder_inputs_embeds,
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


class BartForConditionalGeneration(GenerationMixin, BartPreTrainedModel):
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
        self.model = BartModel(config)
        self.register_buffer("final_logits_bias", torch.zeros(1, config.vocab_size))  # is not trained
        self.lm_head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        self.post_init()

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        decoder_input_ids: Tensor | None = None,
        decoder_attention_mask: Tensor | None = None,
        encoder_outputs: Any = None,
        past_key_values: Cache | None = None,
        use_cache: bool | None = None,
        inputs_embeds: Tensor | None = None,
        decoder_inputs_embeds: Tensor | None = None,
        labels: Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
    ) -> Seq2SeqLMOutput:
        if labels is not None and decoder_input_ids is None and decoder_inputs_embeds is None:
            decoder_input_ids = self.prepare_decoder_input_ids_from_labels(labels)
        outputs = self.model(
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
        logits = self.lm_head(outputs.last_hidden_state) + self.final_logits_bias  # (B, T, V)
        loss = None if labels is None else token_loss(logits, labels)
        return Seq2SeqLMOutput.with_head(outputs, loss, logits)
