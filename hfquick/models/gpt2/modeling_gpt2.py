"""GPT-2 in PyTorch: an autoregressive language model, a stack of transformer decoder blocks.

Paper: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners"
(https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf).
Same model in Keras, class by class: modeling_tf_gpt2.py.
Attribute names spell the keys of a Hub checkpoint, so its state dict loads without renaming.

Shapes: B batch, T tokens of this call, S tokens until now (T and those in the cache), D n_embd, H heads, K = D / H,
V vocabulary, N labels.
"""

from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...core import checks
from ...core.losses import classification_loss, token_loss
from ...core.modeling import PreTrainedModel, activation, check_ids, check_length, is_for, is_full
from ...core.outputs import BaseModelOutputWithPast, CausalLMOutputWithPast, SequenceClassifierOutputWithPast
from ...generation.cache import Cache
from ...generation.decoding import GenerationMixin
from .configuration_gpt2 import GPT2Config


def causal_mask(x: Tensor, past: int, attention_mask: Tensor | None = None) -> Tensor:
    """Additive causal mask for x (B, T, D): 0 where a token attends to itself or an earlier one, else -inf.

    Padding (0 in attention_mask (B, S)) is only very low, not -inf: a row of padding on the left attends to nothing
    else, and a softmax over -inf alone is NaN.
    """
    T = x.shape[1]
    later = x.new_full((T, past + T), -torch.inf).triu(past + 1)  # (T, S)
    if attention_mask is None:
        return later
    padding = x.new_zeros(attention_mask.shape).masked_fill(~attention_mask.bool(), torch.finfo(x.dtype).min / 2)
    return later + padding[:, None, None, :]  # (B, 1, T, S), for all heads


class Conv1D(nn.Module):
    """A linear map (..., in) -> (..., out) with a weight of shape (in, out), the transpose of nn.Linear's.

    The name is the original code's, which wrote it as a convolution over one token.
    """

    def __init__(self, inputs: int, outputs: int, std: float) -> None:
        super().__init__()
        self.std = std  # of its weight initialisation
        self.weight = nn.Parameter(torch.empty(inputs, outputs))
        self.bias = nn.Parameter(torch.empty(outputs))

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight.t(), self.bias)


def residual_init_std(config: GPT2Config) -> float:
    """Standard deviation of projections onto the residual stream: the more blocks, the smaller, so the sum stays."""
    return config.initializer_range / (2 * config.n_layer) ** 0.5


class GPT2Attention(nn.Module):
    """Causal multi-head self-attention (B, T, D) -> (B, T, D): each token attends to itself and those before it."""

    def __init__(self, config: GPT2Config, layer_idx: int) -> None:
        super().__init__()
        self.n_head = config.n_head
        self.layer_idx = layer_idx
        self.reorder_and_upcast_attn = config.reorder_and_upcast_attn
        self.scale = (config.n_embd // config.n_head) ** -0.5 if config.scale_attn_weights else 1.0
        if config.scale_attn_by_inverse_layer_idx:
            self.scale /= layer_idx + 1
        self.c_attn = Conv1D(config.n_embd, 3 * config.n_embd, config.initializer_range)  # queries, keys, values
        self.c_proj = Conv1D(config.n_embd, config.n_embd, residual_init_std(config))
        self.attn_dropout = nn.Dropout(config.attn_pdrop)
        self.resid_dropout = nn.Dropout(config.resid_pdrop)

    def forward(
        self, x: Tensor, mask: Tensor | None, cache: Cache | None, output_attentions: bool
    ) -> tuple[Tensor, Tensor | None]:
        B, T, D = x.shape
        # Each (B, H, T, K).
        q, k, v = self.c_attn(x).view(B, T, 3, self.n_head, D // self.n_head).permute(2, 0, 3, 1, 4).unbind()
        if cache is not None:
            k, v = cache.append(self.layer_idx, k, v)  # (B, H, S, K)
        # The fused call below returns no attention weights and has no dropout.
        if output_attentions or (self.training and self.attn_dropout.p > 0):
            if self.reorder_and_upcast_attn:  # what the fused call does by itself
                q, k = q.float(), k.float()
            scores = q @ k.transpose(-2, -1) * self.scale  # (B, H, T, S)
            scores = scores + (causal_mask(x, k.shape[2] - T) if mask is None else mask)
            weights = self.attn_dropout(scores.softmax(-1).to(v.dtype))
            context = weights @ v
        else:
            weights = None
            context = F.scaled_dot_product_attention(
                q, k, v, attn_mask=mask, is_causal=mask is None and T > 1, scale=self.scale
            )  # (B, H, T, K)
        return self.resid_dropout(self.c_proj(context.transpose(1, 2).reshape(B, T, D))), weights


class GPT2MLP(nn.Module):
    """Feed-forward network, position-wise: D -> n_inner -> D."""

    def __init__(self, config: GPT2Config) -> None:
        super().__init__()
        width = 4 * config.n_embd if config.n_inner is None else config.n_inner
        self.c_fc = Conv1D(config.n_embd, width, config.initializer_range)
        self.c_proj = Conv1D(width, config.n_embd, residual_init_std(config))
        self.act = activation(config.activation_function)
        self.dropout = nn.Dropout(config.resid_pdrop)

    def forward(self, x: Tensor) -> Tensor:
        return self.dropout(self.c_proj(self.act(self.c_fc(x))))


class GPT2Block(nn.Module):
    """Transformer decoder block: self-attention, then feed-forward network (pre-norm)."""

    def __init__(self, config: GPT2Config, layer_idx: int) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(config.n_embd, eps=config.layer_norm_epsilon)
        self.attn = GPT2Attention(config, layer_idx)
        self.ln_2 = nn.LayerNorm(config.n_embd, eps=config.layer_norm_epsilon)
        self.mlp = GPT2MLP(config)

    def forward(
        self, x: Tensor, mask: Tensor | None, cache: Cache | None, output_attentions: bool
    ) -> tuple[Tensor, Tensor | None]:
        update, weights = self.attn(self.ln_1(x), mask, cache, output_attentions)
        x = x + update
        return x + self.mlp(self.ln_2(x)), weights


class GPT2PreTrainedModel(PreTrainedModel):
    """Loading, saving and weight initialisation of all GPT-2 models."""

    config_class = GPT2Config
    base_model_prefix = "transformer"
    INPUT_EMBEDDINGS = "wte"
    BUFFERS = (".attn.bias", ".attn.masked_bias")  # a triangle of ones and a number, which causal_mask computes

    def init_weights(self, module: nn.Module) -> None:
        super().init_weights(module)
        if isinstance(module, Conv1D) and not module.weight.is_meta:
            nn.init.normal_(module.weight, std=module.std)
            nn.init.zeros_(module.bias)


class GPT2Model(GPT2PreTrainedModel):
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
        self.wte = nn.Embedding(config.vocab_size, config.n_embd)
        self.wpe = nn.Embedding(config.n_positions, config.n_embd)
        self.drop = nn.Dropout(config.embd_pdrop)
        self.h = nn.ModuleList(GPT2Block(config, layer_idx) for layer_idx in range(config.n_layer))
        self.ln_f = nn.LayerNorm(config.n_embd, eps=config.layer_norm_epsilon)
        self.post_init()

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        position_ids: Tensor | None = None,
        past_key_values: Cache | None = None,
        use_cache: bool | None = None,
        inputs_embeds: Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
    ) -> BaseModelOutputWithPast:
        checks.check_given(input_ids, inputs_embeds)
        if output_hidden_states is None:
            output_hidden_states = self.config.output_hidden_states
        if output_attentions is None:
            output_attentions = self.config.output_attentions
        cache = Cache() if use_cache and past_key_values is None else past_key_values
        past = 0 if cache is None else cache.length
        if inputs_embeds is None:
            check_ids(input_ids, self.wte.num_embeddings, "token id")
            inputs_embeds = self.wte(input_ids)  # (B, T, D)
        T = inputs_embeds.shape[1]
        if position_ids is None:
            check_length(past + T, self.wpe.num_embeddings)
            position_ids = torch.arange(past, past + T, device=inputs_embeds.device)
        else:
            check_ids(position_ids, self.wpe.num_embeddings, "position")
        x = self.drop(inputs_embeds + self.wpe(position_ids))

        if attention_mask is not None:
            if not is_for(attention_mask, past + T):
                raise checks.wrong_mask(attention_mask.shape[-1], T, past)
            if is_full(attention_mask):
                attention_mask = None
        mask = None  # the usual cases: a whole sequence, or one token that attends to all before it
        if attention_mask is not None or (past and T > 1) or torch.jit.is_tracing():  # a trace must fit any T
            mask = causal_mask(x, past, attention_mask)

        states, maps = [x], []
        for block in self.h:
            x, weights = block(x, mask, cache, output_attentions)
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


class GPT2LMHeadModel(GenerationMixin, GPT2PreTrainedModel):
    """Causal language modeling: predicts the token after each one; labels (B, T) are input_ids, -100 is left out."""

    label_kind = "words"
    OUTPUT_EMBEDDINGS = "lm_head"
    TIED: ClassVar = {"lm_head.weight": "transformer.wte.weight"}

    def __init__(self, config: GPT2Config) -> None:
        super().__init__(config)
        self.transformer = GPT2Model(config)
        self.lm_head = nn.Linear(config.n_embd, config.vocab_size, bias=False)
        self.post_init()

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        position_ids: Tensor | None = None,
        past_key_values: Cache | None = None,
        use_cache: bool | None = None,
        inputs_embeds: Tensor | None = None,
        labels: Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
    ) -> CausalLMOutputWithPast:
        outputs = self.transformer(
            input_ids,
            attention_mask,
            position_ids,
            past_key_values,
            use_cache,
            inputs_embeds,
            output_hidden_states,
            output_attentions,
        )
        logits = self.lm_head(outputs.last_hidden_state)  # (B, T, V)
        # The logits at a token predict the one after it; what follows the last is not known.
        loss = None if labels is None else token_loss(logits[:, :-1], labels[:, 1:])
        return CausalLMOutputWithPast(loss, logits, outputs.past_key_values, outputs.hidden_states, outputs.attentions)


class GPT2ForSequenceClassification(GPT2PreTrainedModel):
    """Sequence classification: logits (B, N) from the last token, which has attended to all; labels (B,)."""

    label_kind = "class"

    def __init__(self, config: GPT2Config) -> None:
        super().__init__(config)
        self.transformer = GPT2Model(config)
        self.score = nn.Linear(config.n_embd, config.num_labels, bias=False)
        self.post_init()

    def last_tokens(self, input_ids: Tensor | None, attention_mask: Tensor | None, shape: torch.Size) -> Tensor:
        """Index of the last token of each sequence: (B,). Padding is told by its id, without ids by the mask."""
        B, T = shape
        if input_ids is not None and B > 1 and self.config.pad_token_id is None:
            raise checks.no_ends_of_texts()
        if input_ids is not None and self.config.pad_token_id is not None:
            is_token = input_ids != self.config.pad_token_id
        elif attention_mask is not None:
            is_token = attention_mask[:, -T:].bool()
        else:
            return torch.full((B,), T - 1)
        return (torch.arange(T, device=is_token.device) * is_token).argmax(-1)

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        position_ids: Tensor | None = None,
        past_key_values: Cache | None = None,
        use_cache: bool | None = None,
        inputs_embeds: Tensor | None = None,
        labels: Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
    ) -> SequenceClassifierOutputWithPast:
        outputs = self.transformer(
            input_ids,
            attention_mask,
            position_ids,
            past_key_values,
            use_cache,
            inputs_embeds,
            output_hidden_states,
            output_attentions,
        )
        x = outputs.last_hidden_state
        last = self.last_tokens(input_ids, attention_mask, x.shape[:2])  # (B,)
        logits = self.score(x[torch.arange(len(x)), last])  # (B, N)
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return SequenceClassifierOutputWithPast(
            loss, logits, outputs.past_key_values, outputs.hidden_states, outputs.attentions
        )
