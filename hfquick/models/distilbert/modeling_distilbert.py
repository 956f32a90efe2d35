"""DistilBERT in PyTorch: BERT with half the layers, no token types and no pooler.

Paper: Sanh et al. 2019, "DistilBERT, a distilled version of BERT" (https://arxiv.org/abs/1910.01108).
Same model in Keras, class by class: modeling_tf_distilbert.py.
Attribute names spell the keys of a Hub checkpoint, so its state dict loads without renaming.

Shapes: B batch, T tokens, D dim, H heads, K = D / H, V vocabulary, N labels.
"""

from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...core import checks
from ...core.losses import classification_loss, span_loss, token_loss
from ...core.modeling import PreTrainedModel, activation, check_ids, check_length
from ...core.outputs import (
    BaseModelOutput,
    MaskedLMOutput,
    QuestionAnsweringModelOutput,
    SequenceClassifierOutput,
    TokenClassifierOutput,
)
from .configuration_distilbert import DistilBertConfig


def sinusoids(positions: int, dim: int) -> Tensor:
    """Fixed position embeddings (positions, dim): sines in even columns, cosines in odd (Vaswani et al. 2017, 3.5)."""
    column = torch.arange(dim)
    angle = torch.arange(positions)[:, None].double() / 10000.0 ** (2 * (column // 2) / dim)
    return torch.where(column % 2 == 0, angle.sin(), angle.cos()).float()


class Embeddings(nn.Module):
    """Token ids (B, T) -> embeddings (B, T, D): word + position, then LayerNorm."""

    def __init__(self, config: DistilBertConfig) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(config.vocab_size, config.dim, padding_idx=config.pad_token_id)
        self.position_embeddings = nn.Embedding(config.max_position_embeddings, config.dim)
        self.position_embeddings.weight.requires_grad = not config.sinusoidal_pos_embds
        self.LayerNorm = nn.LayerNorm(config.dim, eps=1e-12)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, input_ids: Tensor | None, inputs_embeds: Tensor | None = None) -> Tensor:
        if inputs_embeds is None:
            check_ids(input_ids, self.word_embeddings.num_embeddings, "token id")
            inputs_embeds = self.word_embeddings(input_ids)  # (B, T, D)
        T = inputs_embeds.shape[1]
        check_length(T, self.position_embeddings.num_embeddings)
        positions = torch.arange(T, device=inputs_embeds.device)
        return self.dropout(self.LayerNorm(inputs_embeds + self.position_embeddings(positions)))


class MultiHeadSelfAttention(nn.Module):
    """Multi-head self-attention (B, T, D) -> (B, T, D): each token attends to all tokens."""

    def __init__(self, config: DistilBertConfig) -> None:
        super().__init__()
        self.n_heads = config.n_heads
        self.q_lin = nn.Linear(config.dim, config.dim)
        self.k_lin = nn.Linear(config.dim, config.dim)
        self.v_lin = nn.Linear(config.dim, config.dim)
        self.out_lin = nn.Linear(config.dim, config.dim)
        self.dropout = nn.Dropout(config.attention_dropout)

    def forward(self, x: Tensor, mask: Tensor | None, output_attentions: bool) -> tuple[Tensor, Tensor | None]:
        B, T, D = x.shape
        K = D // self.n_heads

        def split_heads(y: Tensor) -> Tensor:
            return y.view(B, T, self.n_heads, K).transpose(1, 2)  # (B, H, T, K)

        q, k, v = split_heads(self.q_lin(x)), split_heads(self.k_lin(x)), split_heads(self.v_lin(x))
        # The fused call below returns no attention weights and has no dropout.
        if output_attentions or (self.training and self.dropout.p > 0):
            scores = q @ k.transpose(-2, -1) / K**0.5  # (B, H, T, T)
            if mask is not None:
                scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
            weights = self.dropout(scores.softmax(-1))
            context = weights @ v
        else:
            weights = None
            context = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)  # (B, H, T, K)
        context = context.transpose(1, 2).reshape(B, T, D)
        return self.out_lin(context), weights


class FFN(nn.Module):
    """Feed-forward network, position-wise: D -> hidden_dim -> D, with an activation between the two linear maps."""

    def __init__(self, config: DistilBertConfig) -> None:
        super().__init__()
        self.lin1 = nn.Linear(config.dim, config.hidden_dim)
        self.activation = activation(config.activation)
        self.lin2 = nn.Linear(config.hidden_dim, config.dim)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor) -> Tensor:
        return self.dropout(self.lin2(self.activation(self.lin1(x))))


class TransformerBlock(nn.Module):
    """Transformer encoder layer: self-attention, then feed-forward network (post-norm)."""

    def __init__(self, config: DistilBertConfig) -> None:
        super().__init__()
        self.attention = MultiHeadSelfAttention(config)
        self.sa_layer_norm = nn.LayerNorm(config.dim, eps=1e-12)
        self.ffn = FFN(config)
        self.output_layer_norm = nn.LayerNorm(config.dim, eps=1e-12)

    def forward(self, x: Tensor, mask: Tensor | None, output_attentions: bool) -> tuple[Tensor, Tensor | None]:
        context, weights = self.attention(x, mask, output_attentions)
        x = self.sa_layer_norm(x + context)
        return self.output_layer_norm(x + self.ffn(x)), weights


class Transformer(nn.Module):
    """The stack of n_layers blocks."""

    def __init__(self, config: DistilBertConfig) -> None:
        super().__init__()
        self.layer = nn.ModuleList(TransformerBlock(config) for _ in range(config.n_layers))

    def forward(
        self, x: Tensor, mask: Tensor | None, output_hidden_states: bool, output_attentions: bool
    ) -> BaseModelOutput:
        states, maps = [x], []
        for block in self.layer:
            x, weights = block(x, mask, output_attentions)
            if output_hidden_states:
                states.append(x)
            if output_attentions:
                maps.append(weights)
        return BaseModelOutput(
            x, tuple(states) if output_hidden_states else None, tuple(maps) if output_attentions else None
        )


class DistilBertPreTrainedModel(PreTrainedModel):
    """Loading, saving and weight initialisation of all DistilBERT models."""

    config_class = DistilBertConfig
    base_model_prefix = "distilbert"
    INPUT_EMBEDDINGS = "embeddings.word_embeddings"

    def init_weights(self, module: nn.Module) -> None:
        super().init_weights(module)
        if (
            isinstance(module, Embeddings)
            and self.config.sinusoidal_pos_embds
            and not module.position_embeddings.weight.is_meta
        ):
            table = module.position_embeddings
            table.weight.data.copy_(sinusoids(*table.weight.shape))


class DistilBertModel(DistilBertPreTrainedModel):
    """Token ids -> a contextual vector for each token.

    Args of a call:
        input_ids: (B, T) token ids, or give inputs_embeds (B, T, D) instead.
        attention_mask: (B, T), 1 for tokens and 0 for padding; None is no padding.
        output_hidden_states: also return the vectors after the embeddings and after each layer.
        output_attentions: also return each layer's attention weights (B, H, T, T).
    """

    def __init__(self, config: DistilBertConfig) -> None:
        super().__init__(config)
        self.embeddings = Embeddings(config)
        self.transformer = Transformer(config)
        self.post_init()

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
    ) -> BaseModelOutput:
        checks.check_given(input_ids, inputs_embeds)
        if output_hidden_states is None:
            output_hidden_states = self.config.output_hidden_states
        if output_attentions is None:
            output_attentions = self.config.output_attentions
        x = self.embeddings(input_ids, inputs_embeds)
        mask = None  # no padding
        if attention_mask is not None:
            mask = attention_mask[:, None, None, :].bool()  # (B, 1, 1, T), for all heads and queries
        return self.transformer(x, mask, output_hidden_states, output_attentions)


class DistilBertForMaskedLM(DistilBertPreTrainedModel):
    """Masked language modeling: predicts the token at each position; labels (B, T), -100 for those left out."""

    label_kind = "words"
    OUTPUT_EMBEDDINGS = "vocab_projector"
    OUTPUT_BIAS = "vocab_projector.bias"
    TIED: ClassVar = {"vocab_projector.weight": "distilbert.embeddings.word_embeddings.weight"}

    def __init__(self, config: DistilBertConfig) -> None:
        super().__init__(config)
        self.distilbert = DistilBertModel(config)
        self.vocab_transform = nn.Linear(config.dim, config.dim)
        self.activation = activation(config.activation)
        self.vocab_layer_norm = nn.LayerNorm(config.dim, eps=1e-12)
        self.vocab_projector = nn.Linear(config.dim, config.vocab_size)
        self.post_init()

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        labels: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
    ) -> MaskedLMOutput:
        outputs = self.distilbert(input_ids, attention_mask, inputs_embeds, output_hidden_states, output_attentions)
        x = self.vocab_layer_norm(self.activation(self.vocab_transform(outputs.last_hidden_state)))
        logits = self.vocab_projector(x)  # (B, T, V)
        loss = None if labels is None else token_loss(logits, labels)
        return MaskedLMOutput(loss, logits, outputs.hidden_states, outputs.attentions)


class DistilBertForSequenceClassification(DistilBertPreTrainedModel):
    """Sequence classification: logits (B, N) from the first token; labels (B,)."""

    label_kind = "class"

    def __init__(self, config: DistilBertConfig) -> None:
        super().__init__(config)
        self.distilbert = DistilBertModel(config)
        self.pre_classifier = nn.Linear(config.dim, config.dim)
        self.dropout = nn.Dropout(config.seq_classif_dropout)
        self.classifier = nn.Linear(config.dim, config.num_labels)
        self.post_init()

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        labels: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
    ) -> SequenceClassifierOutput:
        outputs = self.distilbert(input_ids, attention_mask, inputs_embeds, output_hidden_states, output_attentions)
        first = outputs.last_hidden_state[:, 0]  # (B, D)
        logits = self.classifier(self.dropout(F.relu(self.pre_classifier(first))))  # (B, N)
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return SequenceClassifierOutput(loss, logits, outputs.hidden_states, outputs.attentions)


class DistilBertForTokenClassification(DistilBertPreTrainedModel):
    """Token classification: logits (B, T, N) for each token; labels (B, T), -100 for tokens left out."""

    label_kind = "token"

    def __init__(self, config: DistilBertConfig) -> None:
        super().__init__(config)
        self.distilbert = DistilBertModel(config)
        self.dropout = nn.Dropout(config.dropout)
        self.classifier = nn.Linear(config.dim, config.num_labels)
        self.post_init()

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        labels: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
    ) -> TokenClassifierOutput:
        outputs = self.distilbert(input_ids, attention_mask, inputs_embeds, output_hidden_states, output_attentions)
        logits = self.classifier(self.dropout(outputs.last_hidden_state))  # (B, T, N)
        loss = None if labels is None else token_loss(logits, labels)
        return TokenClassifierOutput(loss, logits, outputs.hidden_states, outputs.attentions)


class DistilBertForQuestionAnswering(DistilBertPreTrainedModel):
    """Extractive question answering: logits (B, T) of start and end; start_positions and end_positions (B,)."""

    label_kind = "span"

    def __init__(self, config: DistilBertConfig) -> None:
        super().__init__(config)
        self.distilbert = DistilBertModel(config)
        self.dropout = nn.Dropout(config.qa_dropout)
        self.qa_outputs = nn.Linear(config.dim, 2)
        self.post_init()

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        start_positions: Tensor | None = None,
        end_positions: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
    ) -> QuestionAnsweringModelOutput:
        outputs = self.distilbert(input_ids, attention_mask, inputs_embeds, output_hidden_states, output_attentions)
        starts, ends = self.qa_outputs(self.dropout(outputs.last_hidden_state)).unbind(-1)  # each (B, T)
        loss = None
        if start_positions is not None and end_positions is not None:
            loss = span_loss(starts, ends, start_positions, end_positions)
        return QuestionAnsweringModelOutput(loss, starts, ends, outputs.hidden_states, outputs.attentions)
