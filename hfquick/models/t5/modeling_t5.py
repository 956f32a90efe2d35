"""T5 in PyTorch: an encoder and an autoregressive decoder; every task is a text in and a text out.

Paper: Raffel et al. 2019, "Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer"
(https://arxiv.org/abs/1910.10683). Version 1.1, with a gate in its feed-forward parts: Shazeer 2020, "GLU Variants
Improve Transformer" (https://arxiv.org/abs/2002.05202).
Same model in Keras, class by class: modeling_tf_t5.py.
Attribute names spell the keys of a Hub checkpoint, so its state dict loads without renaming.

There are no position embeddings. The relative position of two tokens is a bias on their attention score instead, a
parameter of each head, the same in all layers of a stack. There are no other biases: not in linear maps, not in norms.

Shapes: B batch, S tokens of the encoder, T tokens of the decoder in this call, P those until now (T and those in the
cache), D d_model, H heads, K width of a head, V vocabulary.
"""

import math
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...core import checks
from ...core.losses import token_loss
from ...core.modeling import PreTrainedModel, activation, check_ids, is_for, is_full
from ...core.outputs import BaseModelOutput, BaseModelOutputWithPast, Seq2SeqLMOutput, Seq2SeqModelOutput
from ...generation.cache import Cache
from ...generation.decoding import GenerationMixin
from ...i18n import said
from .configuration_t5 import T5Config

LARGEST = 64_000.0  # in float16, which ends at 65,504


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


def relative_position_bucket(distances: Tensor, is_decoder: bool, count: int, longest: int) -> Tensor:
    """Distances from a token to those it attends to (negative: before it) -> the buckets whose bias they share.

    A short distance has a bucket of its own; longer ones share buckets that get wider and wider, up to `longest`.
    An encoder has one half of the buckets for later tokens, a decoder never attends to them.
    """
    first: Tensor | int  # where the buckets of a distance's half start
    if is_decoder:
        first, steps = 0, (-distances).clamp(min=0)
    else:
        count //= 2
        first, steps = (distances > 0) * count, distances.abs()
    alone = count // 2  # distances with a bucket of their own
    share = torch.log(steps.clamp(min=1).float() / alone) / math.log(longest / alone)  # 0 to 1 between the two
    shared = alone + (share * (count - alone)).long()
    return first + torch.where(steps < alone, steps, shared.clamp(max=count - 1))


def clamp_float16(x: Tensor) -> Tensor:
    """T5 was trained in bfloat16. In float16 its sums may become infinite, and NaN one layer later: clamp them."""
    return x.clamp(-LARGEST, LARGEST) if x.dtype is torch.float16 else x


def dense(inputs: int, outputs: int, std: float) -> nn.Linear:
    """A linear map without bias; `std` is the standard deviation of its weight initialisation."""
    layer = nn.Linear(inputs, outputs, bias=False)
    layer.std = std  # type: ignore[assignment]  # torch types tensors and modules alone
    return layer


class T5LayerNorm(nn.RMSNorm):  # one of PyTorch's norms, so that training does not decay its weight
    """RMSNorm: vectors divided by their root mean square, then scaled; no mean is subtracted, no bias added."""

    eps: float  # nn.RMSNorm may have None

    def __init__(self, config: T5Config) -> None:
        super().__init__(config.d_model, eps=config.layer_norm_epsilon)

    def forward(self, x: Tensor) -> Tensor:
        mean_square = x.float().square().mean(-1, keepdim=True)
        return self.weight * (x * torch.rsqrt(mean_square + self.eps)).to(self.weight.dtype)


class T5DenseActDense(nn.Module):
    """Feed-forward network of the first T5, position-wise: D -> d_ff -> D."""

    def __init__(self, config: T5Config) -> None:
        super().__init__()
        self.wi = dense(config.d_model, config.d_ff, config.d_model**-0.5)
        self.wo = dense(config.d_ff, config.d_model, config.d_ff**-0.5)
        self.dropout = nn.Dropout(config.dropout_rate)
        self.act = activation(config.dense_act_fn)

    def forward(self, x: Tensor) -> Tensor:
        return self.wo(self.dropout(self.act(self.wi(x))))


class T5DenseGatedActDense(nn.Module):
    """The same with a gated linear unit, in T5 v1.1: one half scales the other."""

    def __init__(self, config: T5Config) -> None:
        super().__init__()
        self.wi_0 = dense(config.d_model, config.d_ff, config.d_model**-0.5)
        self.wi_1 = dense(config.d_model, config.d_ff, config.d_model**-0.5)
        self.wo = dense(config.d_ff, config.d_model, config.d_ff**-0.5)
        self.dropout = nn.Dropout(config.dropout_rate)
        self.act = activation(config.dense_act_fn)

    def forward(self, x: Tensor) -> Tensor:
        return self.wo(self.dropout(self.act(self.wi_0(x)) * self.wi_1(x)))


class T5LayerFF(nn.Module):
    """Feed-forward network with its norm and residual connection (pre-norm)."""

    def __init__(self, config: T5Config) -> None:
        super().__init__()
        self.DenseReluDense = T5DenseGatedActDense(config) if config.is_gated_act else T5DenseActDense(config)
        self.layer_norm = T5LayerNorm(config)
        self.dropout = nn.Dropout(config.dropout_rate)

    def forward(self, x: Tensor) -> Tensor:
        return clamp_float16(x + self.dropout(self.DenseReluDense(self.layer_norm(x))))


class T5Attention(nn.Module):
    """Multi-head attention (B, T, D) -> (B, T, D). Scores are not divided by sqrt(K): query weights start smaller."""

    def __init__(self, config: T5Config, is_decoder: bool = False, has_relative_attention_bias: bool = False) -> None:
        super().__init__()
        self.config = config
        self.is_decoder = is_decoder
        D, inner = config.d_model, config.num_heads * config.d_kv
        self.q = dense(D, inner, (D * config.d_kv) ** -0.5)
        self.k = dense(D, inner, D**-0.5)
        self.v = dense(D, inner, D**-0.5)
        self.o = dense(inner, D, inner**-0.5)
        if has_relative_attention_bias:
            self.relative_attention_bias = nn.Embedding(config.relative_attention_num_buckets, config.num_heads)
            self.relative_attention_bias.std = D**-0.5
        self.dropout = nn.Dropout(config.dropout_rate)

    def position_bias(self, past: int, T: int) -> Tensor:
        """Relative position bias on the scores of T tokens, after those in the cache: (1, H, T, P)."""
        positions = torch.arange(past + T, device=self.relative_attention_bias.weight.device)
        bucket = relative_position_bucket(
            positions - positions[past:, None],  # (T, P)
            self.is_decoder,
            self.config.relative_attention_num_buckets,
            self.config.relative_attention_max_distance,
        )
        return self.relative_attention_bias(bucket).permute(2, 0, 1)[None]

    def split_heads(self, y: Tensor) -> Tensor:
        return y.view(*y.shape[:2], self.config.num_heads, self.config.d_kv).transpose(1, 2)  # (B, H, T, K)

    def keys_and_values(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of the vectors that are attended to, (B, S, D) -> twice (B, H, S, K)."""
        return self.split_heads(self.k(y)), self.split_heads(self.v(y))

    def forward(
        self, x: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, output_attentions: bool
    ) -> tuple[Tensor, Tensor | None]:
        q = self.split_heads(self.q(x))
        # The fused call below returns no attention weights and has no dropout.
        if output_attentions or (self.training and self.dropout.p > 0):
            scores = q @ k.transpose(-2, -1)  # (B, H, T, S)
            if mask is not None:
                scores = scores + mask
            weights = self.dropout(scores.float().softmax(-1).to(v.dtype))
            context = weights @ v
        else:
            weights = None
            context = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, scale=1.0)  # (B, H, T, K)
        return self.o(context.transpose(1, 2).flatten(2)), weights


class T5LayerSelfAttention(nn.Module):
    """Self-attention with its norm and residual connection (pre-norm)."""

    def __init__(
        self, config: T5Config, layer_idx: int, is_decoder: bool = False, has_relative_attention_bias: bool = False
    ) -> None:
        super().__init__()
        self.layer_idx = layer_idx
        self.SelfAttention = T5Attention(config, is_decoder, has_relative_attention_bias)
        self.layer_norm = T5LayerNorm(config)
        self.dropout = nn.Dropout(config.dropout_rate)

    def forward(
        self, x: Tensor, mask: Tensor, cache: Cache | None, output_attentions: bool
    ) -> tuple[Tensor, Tensor | None]:
        y = self.layer_norm(x)
        k, v = self.SelfAttention.keys_and_values(y)
        if cache is not None:
            k, v = cache.append(self.layer_idx, k, v)  # (B, H, P, K)
        update, weights = self.SelfAttention(y, k, v, mask, output_attentions)
        return clamp_float16(x + self.dropout(update)), weights


class T5LayerCrossAttention(nn.Module):
    """Cross-attention to the encoder's outputs, the same way; between two texts there are no relative positions."""

    def __init__(self, config: T5Config, layer_idx: int) -> None:
        super().__init__()
        self.layer_idx = layer_idx
        self.EncDecAttention = T5Attention(config)
        self.layer_norm = T5LayerNorm(config)
        self.dropout = nn.Dropout(config.dropout_rate)

    def forward(
        self, x: Tensor, encoded: Tensor, encoder_mask: Tensor | None, cache: Cache | None, output_attentions: bool
    ) -> tuple[Tensor, Tensor | None]:
        def encoder_keys() -> tuple[Tensor, Tensor]:
            return self.EncDecAttention.keys_and_values(encoded)  # (B, H, S, K)

        k, v = encoder_keys() if cache is None else cache.from_encoder(self.layer_idx, encoder_keys)
        update, weights = self.EncDecAttention(self.layer_norm(x), k, v, encoder_mask, output_attentions)
        return clamp_float16(x + self.dropout(update)), weights


class T5Block(nn.Module):
    """Transformer block: self-attention, in a decoder also cross-attention, then feed-forward network."""

    def __init__(self, config: T5Config, layer_idx: int, is_decoder: bool) -> None:
        super().__init__()
        self.is_decoder = is_decoder
        first = T5LayerSelfAttention(config, layer_idx, is_decoder, has_relative_attention_bias=layer_idx == 0)
        cross = [T5LayerCrossAttention(config, layer_idx)] if is_decoder else []
        self.layer = nn.ModuleList([first, *cross, T5LayerFF(config)])

    def forward(
        self,
        x: Tensor,
        mask: Tensor,
        encoded: Tensor | None,
        encoder_mask: Tensor | None,
        cache: Cache | None,
        output_attentions: bool,
    ) -> tuple[Tensor, Tensor | None, Tensor | None]:
        x, weights = self.layer[0](x, mask, cache, output_attentions)
        encoder_weights = None
        if self.is_decoder:
            x, encoder_weights = self.layer[1](x, encoded, encoder_mask, cache, output_attentions)
        return self.layer[-1](x), weights, encoder_weights


class T5Stack(nn.Module):
    """Token ids (B, T), or embeddings instead -> vectors (B, T, D): the encoder or, with `encoded`, the decoder.

    attention_mask (B, P) is of its own tokens, encoder_attention_mask (B, S) of the encoder's.
    """

    def __init__(self, config: T5Config, embed_tokens: nn.Embedding, is_decoder: bool) -> None:
        super().__init__()
        self.is_decoder = is_decoder
        self.embed_tokens = embed_tokens
        count = (config.num_decoder_layers if is_decoder else None) or config.num_layers
        self.block = nn.ModuleList(T5Block(config, layer_idx, is_decoder) for layer_idx in range(count))
        self.final_layer_norm = T5LayerNorm(config)
        self.dropout = nn.Dropout(config.dropout_rate)

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        output_hidden_states: bool = False,
        output_attentions: bool = False,
        encoded: Tensor | None = None,
        encoder_attention_mask: Tensor | None = None,
        cache: Cache | None = None,
    ) -> BaseModelOutputWithPast:
        name = "decoder_" if self.is_decoder else ""
        checks.check_given(input_ids, inputs_embeds, name)
        if inputs_embeds is None:
            check_ids(input_ids, self.embed_tokens.num_embeddings, "token id")
            inputs_embeds = self.embed_tokens(input_ids)
        T, past = inputs_embeds.shape[1], 0 if cache is None else cache.length
        if attention_mask is not None and not is_for(attention_mask, past + T):
            raise checks.wrong_mask(attention_mask.shape[-1], T, past, name)
        x = self.dropout(inputs_embeds)
        first: Any = self.block[0]  # a T5Block; nn.ModuleList does not tell the class of its items
        mask = first.layer[0].SelfAttention.position_bias(past, T)  # (1, H, T, P), the same for all blocks
        if self.is_decoder:
            mask = mask + causal_mask(x, past)
        padding = padding_mask(x, attention_mask)
        if padding is not None:
            mask = mask + padding  # (B, H, T, P)
        encoder_mask = padding_mask(x, encoder_attention_mask)

        states, maps, encoder_maps = [x], [], []
        for block in self.block:
            x, weights, encoder_weights = block(x, mask, encoded, encoder_mask, cache, output_attentions)
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


class T5PreTrainedModel(PreTrainedModel):
    """Loading, saving and weight initialisation of all T5 models; one with a head holds the bare one's parts itself."""

    config_class = T5Config
    INPUT_EMBEDDINGS = "shared"
    OPTIONAL = ("lm_head.",)
    BUFFERS = (".EncDecAttention.relative_attention_bias.weight",)  # in old files; it was never used
    encoder: T5Stack
    decoder: T5Stack  # T5EncoderModel has none

    def __init__(self, config: T5Config) -> None:
        super().__init__(config)
        self.shared = nn.Embedding(config.vocab_size, config.d_model)
        self.shared.std = 1.0  # type: ignore[assignment]  # as in dense

    def init_weights(self, module: nn.Module) -> None:
        """Normal weights, each map of a standard deviation that keeps the scale of vectors, as in the paper's code."""
        if isinstance(module, nn.Linear | nn.Embedding) and not module.weight.is_meta:
            nn.init.normal_(module.weight, std=self.config.initializer_factor * module.std)
        elif isinstance(module, T5LayerNorm) and not module.weight.is_meta:
            nn.init.constant_(module.weight, self.config.initializer_factor)

    def tied(self) -> dict[str, str]:
        """Encoder and decoder always share the token embeddings, the head where the configuration says so."""
        always = {name: source for name, source in self.TIED.items() if name.endswith("embed_tokens.weight")}
        return always | super().tied()

    def get_encoder(self) -> T5Stack:
        """The encoder; a call takes its outputs as encoder_outputs."""
        return self.encoder

    def prepare_decoder_input_ids_from_labels(self, labels: Tensor) -> Tensor:
        """The decoder's inputs for labels (B, T): shifted one position to the right, after the start token."""
        start, pad = checks.start_and_pad(self.config, said(" (T5's are 0)"))
        before = labels[:, :-1].masked_fill(labels[:, :-1] == -100, pad)
        return F.pad(before, (1, 0), value=start)  # (B, T)

    def encode_and_decode(
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
        outputs = self.decoder(
            decoder_input_ids,
            decoder_attention_mask,
            decoder_inputs_embeds,
            **asked,
            encoded=encoder_outputs.last_hidden_state,
            encoder_attention_mask=attention_mask,
            cache=Cache() if use_cache and past_key_values is None else past_key_values,
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


class T5Model(T5PreTrainedModel):
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
        self.encoder = T5Stack(config, self.shared, is_decoder=False)
        self.decoder = T5Stack(config, self.shared, is_decoder=True)
        self.post_init()

    forward = T5PreTrainedModel.encode_and_decode


class T5ForConditionalGeneration(GenerationMixin, T5PreTrainedModel):
    """Sequence-to-sequence language modeling: predicts each next token; labels (B, T), -100 for those left out.

    With labels, decoder_input_ids are made from them. The other inputs are those of the bare model.
    """

    label_kind = "words"
    OUTPUT_EMBEDDINGS = "lm_head"
    TIED: ClassVar = T5Model.TIED | {"lm_head.weight": "shared.weight"}
    TIED_IS_SCALED = True

    def __init__(self, config: T5Config) -> None:
        super().__init__(config)
        self.encoder = T5Stack(config, self.shared, is_decoder=False)
        self.decoder = T5Stack(config, self.shared, is_decoder=True)
        self.lm_head = dense(config.d_model, config.vocab_size, std=1.0)
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


class T5EncoderModel(T5PreTrainedModel):
    """The encoder alone: token ids (B, S) -> a contextual vector for each token (B, S, D)."""

    TIED: ClassVar = {"encoder.embed_tokens.weight": "shared.weight"}

    def __init__(self, config: T5Config) -> None:
        super().__init__(config)
        self.encoder = T5Stack(config, self.shared, is_decoder=False)
        self.post_init()

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
    ) -> BaseModelOutput:
        if output_hidden_states is None:
            output_hidden_states = self.config.output_hidden_states
        if output_attentions is None:
            output_attentions = self.config.output_attentions
        outputs = self.encoder(input_ids, attention_mask, inputs_embeds, output_hidden_states, output_attentions)
        return BaseModelOutput(outputs.last_hidden_state, outputs.hidden_states, outputs.attentions)
