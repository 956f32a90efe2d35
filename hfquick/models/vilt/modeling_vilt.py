"""ViLT in PyTorch: one transformer encoder reads a text and the patches of a picture together.

Paper: Kim et al. 2021, "ViLT: Vision-and-Language Transformer Without Convolution or Region Supervision"
(https://arxiv.org/abs/2102.03334). Its layers are those of ViT, its text embeddings those of BERT.
Same model in Keras, class by class: modeling_tf_vilt.py.
Attribute names spell the keys of a Hub checkpoint, so its state dict loads without renaming.

Shapes: B pairs of a text and a picture, T tokens, C channels, Y and X height and width in pixels, y and x rows and
columns of patches, P patches that are read, S = T + 1 + P vectors, D hidden_size, H heads, K = D / H, N answers.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...core import checks
from ...core.losses import scores_loss
from ...core.modeling import PreTrainedModel, activation, check_ids, check_length, check_read, is_full
from ...core.outputs import BaseModelOutput, BaseModelOutputWithPooling, SequenceClassifierOutput
from ...core.pictures import both_sides
from .configuration_vilt import ViltConfig


class ViltTextEmbeddings(nn.Module):
    """Token ids (B, T) -> embeddings (B, T, D): word + position + token type, then LayerNorm."""

    def __init__(self, config: ViltConfig) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(config.vocab_size, config.hidden_size, padding_idx=config.pad_token_id)
        self.position_embeddings = nn.Embedding(config.max_position_embeddings, config.hidden_size)
        self.token_type_embeddings = nn.Embedding(config.type_vocab_size, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, input_ids: Tensor | None, token_type_ids: Tensor | None, inputs_embeds: Tensor | None) -> Tensor:
        if inputs_embeds is None:
            check_ids(input_ids, self.word_embeddings.num_embeddings, "token id")
            inputs_embeds = self.word_embeddings(input_ids)  # (B, T, D)
        B, T, _ = inputs_embeds.shape
        check_length(T, self.position_embeddings.num_embeddings)
        positions = torch.arange(T, device=inputs_embeds.device)
        if token_type_ids is None:  # one text, no pair: type 0 everywhere
            token_type_ids = positions.new_zeros(B, T)
        else:
            check_ids(token_type_ids, self.token_type_embeddings.num_embeddings, "token type")
        x = inputs_embeds + self.token_type_embeddings(token_type_ids) + self.position_embeddings(positions)
        return self.dropout(self.LayerNorm(x))


class ViltPatchEmbeddings(nn.Module):
    """Pixels (B, C, Y, X) -> a vector of D numbers for each of y * x patches: one linear map, the same for all."""

    def __init__(self, config: ViltConfig) -> None:
        super().__init__()
        size = both_sides(config.patch_size)
        self.projection = nn.Conv2d(config.num_channels, config.hidden_size, kernel_size=size, stride=size)

    def forward(self, pixel_values: Tensor) -> Tensor:
        return self.projection(pixel_values.to(self.projection.weight.dtype))  # (B, D, y, x)


class ViltEmbeddings(nn.Module):
    """A text and a picture -> one sequence of embeddings (B, S, D), and which of them are read (B, S)."""

    def __init__(self, config: ViltConfig) -> None:
        super().__init__()
        self.grid = config.grid
        self.text_embeddings = ViltTextEmbeddings(config)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, config.hidden_size))
        self.patch_embeddings = ViltPatchEmbeddings(config)
        self.position_embeddings = nn.Parameter(torch.zeros(1, 1 + self.grid[0] * self.grid[1], config.hidden_size))
        self.token_type_embeddings = nn.Embedding(config.modality_type_vocab_size, config.hidden_size)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(
        self,
        input_ids: Tensor | None,
        attention_mask: Tensor | None,
        token_type_ids: Tensor | None,
        pixel_values: Tensor | None,
        pixel_mask: Tensor | None,
        inputs_embeds: Tensor | None,
        image_embeds: Tensor | None,
        image_token_type_idx: int,
    ) -> tuple[Tensor, Tensor | None]:
        text = self.text_embeddings(input_ids, token_type_ids, inputs_embeds)  # (B, T, D)
        if image_embeds is None:
            assert pixel_values is not None  # a call with neither is refused before it comes here
            picture, read = self.visual_embed(pixel_values, pixel_mask)  # (B, 1 + P, D)
        else:
            picture, read = image_embeds, None if pixel_mask is None else pixel_mask.flatten(1)
        x = torch.cat([text + self.kind(0, text), picture + self.kind(image_token_type_idx, picture)], 1)  # (B, S, D)
        if attention_mask is None and read is None:
            return x, None
        attention_mask = text.new_ones(text.shape[:2]) if attention_mask is None else attention_mask
        read = text.new_ones(picture.shape[:2]) if read is None else read
        return x, torch.cat([attention_mask.bool(), read.bool()], 1)

    def kind(self, index: int, x: Tensor) -> Tensor:
        """The embeddings (B, n, D) that tell what vectors x (B, n, D) are: of a text, or of a picture."""
        kinds = torch.full(x.shape[:2], index, device=x.device)
        check_ids(kinds, self.token_type_embeddings.num_embeddings, "token type")
        return self.token_type_embeddings(kinds)

    def visual_embed(self, pixel_values: Tensor, pixel_mask: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """Pixels (B, C, Y, X) -> a learned [CLS], then the patches, (B, 1 + P, D), and which are read (B, 1 + P).

        Pictures of several sizes come in one batch, padded below and on the right. The position embeddings are resized
        to each of them. Patches of padding are left out, as far as all pictures of the batch have some: P is the number
        of patches of the largest one. (transformers samples patches in random order, and their order means nothing to
        an encoder; here they come row by row.)
        """
        patches = self.patch_embeddings(pixel_values)  # (B, D, y, x)
        B, D, y, x = patches.shape
        vectors = patches.flatten(2).transpose(1, 2)  # (B, y * x, D)
        if pixel_mask is None or is_full(pixel_mask):
            read, size = None, torch.tensor([[y], [x]], device=vectors.device)
        else:
            read = F.interpolate(pixel_mask[:, None].float(), size=(y, x))[:, 0].long()  # (B, y, x), by nearest
            size = torch.stack([read[:, :, 0].sum(1), read[:, 0].sum(1)])  # (2, B): rows and columns of each picture
            check_read(size.prod(0))
        first, grid = self.position_embeddings[:, :1], self.position_embeddings[:, 1:].view(*self.grid, D)
        rows, columns = (bilinear(*sizes) for sizes in zip(self.grid, size, (y, x), strict=True))
        positions = torch.einsum("byi,ijd->byjd", rows.to(grid.dtype), grid)
        positions = torch.einsum("bxj,byjd->byxd", columns.to(grid.dtype), positions).flatten(1, 2)  # (B, y * x, D)
        vectors = vectors + positions
        if read is not None:
            read = read.flatten(1)
            longest = int(size.prod(0).max())  # P
            read_first = (1 - read).argsort(dim=1, stable=True)[:, :longest]  # (B, P): indices of patches
            vectors, read = vectors.take_along_dim(read_first[..., None], 1), read.gather(1, read_first)
            read = torch.cat([read.new_ones(B, 1), read], 1)
        return self.dropout(torch.cat([(self.cls_token + first).expand(B, -1, -1), vectors], 1)), read


def bilinear(old: int, sizes: Tensor, new: int) -> Tensor:
    """How much each of `new` lines takes of each of `old` ones, (B, new, old), when `sizes` (B,) of them span all.

    The first line is the first old one, and the last of so many the last; lines beyond take nothing.
    """
    line = torch.arange(new, device=sizes.device)
    at = line * (old - 1) / (sizes[:, None] - 1).clamp(min=1)  # (B, new), among the old ones
    near = (1 - (at[..., None] - torch.arange(old, device=sizes.device)).abs()).clamp(min=0)
    return near * (line < sizes[:, None])[..., None]


class ViltSelfAttention(nn.Module):
    """Multi-head self-attention (B, S, D) -> (B, S, D): tokens and patches attend to all of both."""

    def __init__(self, config: ViltConfig) -> None:
        super().__init__()
        self.num_attention_heads = config.num_attention_heads
        self.query = nn.Linear(config.hidden_size, config.hidden_size, bias=config.qkv_bias)
        self.key = nn.Linear(config.hidden_size, config.hidden_size, bias=config.qkv_bias)
        self.value = nn.Linear(config.hidden_size, config.hidden_size, bias=config.qkv_bias)
        self.dropout = nn.Dropout(config.attention_probs_dropout_prob)

    def forward(self, x: Tensor, mask: Tensor | None, output_attentions: bool) -> tuple[Tensor, Tensor | None]:
        B, S, D = x.shape
        K = D // self.num_attention_heads

        def split_heads(y: Tensor) -> Tensor:
            return y.view(B, S, self.num_attention_heads, K).transpose(1, 2)  # (B, H, S, K)

        q, k, v = split_heads(self.query(x)), split_heads(self.key(x)), split_heads(self.value(x))
        # The fused call below returns no attention weights and has no dropout.
        if output_attentions or (self.training and self.dropout.p > 0):
            scores = q @ k.transpose(-2, -1) / K**0.5  # (B, H, S, S)
            if mask is not None:
                scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
            weights = self.dropout(scores.softmax(-1))
            context = weights @ v
        else:
            weights = None
            context = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)  # (B, H, S, K)
        return context.transpose(1, 2).reshape(B, S, D), weights


class ViltSelfOutput(nn.Module):
    """Output projection of the attention; its residual connection is in the layer."""

    def __init__(self, config: ViltConfig) -> None:
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, context: Tensor) -> Tensor:
        return self.dropout(self.dense(context))


class ViltAttention(nn.Module):
    """The attention half of a layer; `attention` and `output` are the checkpoint's names for its two parts."""

    def __init__(self, config: ViltConfig) -> None:
        super().__init__()
        self.attention = ViltSelfAttention(config)
        self.output = ViltSelfOutput(config)

    def forward(self, x: Tensor, mask: Tensor | None, output_attentions: bool) -> tuple[Tensor, Tensor | None]:
        context, weights = self.attention(x, mask, output_attentions)
        return self.output(context), weights


class ViltIntermediate(nn.Module):
    """First half of the feed-forward network, position-wise: D -> intermediate_size, then the activation."""

    def __init__(self, config: ViltConfig) -> None:
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.intermediate_size)
        self.intermediate_act_fn = activation(config.hidden_act)

    def forward(self, x: Tensor) -> Tensor:
        return self.intermediate_act_fn(self.dense(x))


class ViltOutput(nn.Module):
    """Second half of the feed-forward network: back to D, residual connection."""

    def __init__(self, config: ViltConfig) -> None:
        super().__init__()
        self.dense = nn.Linear(config.intermediate_size, config.hidden_size)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, hidden: Tensor, x: Tensor) -> Tensor:
        return x + self.dropout(self.dense(hidden))


class ViltLayer(nn.Module):
    """Transformer encoder layer: each half reads through a LayerNorm and is added to its input (pre-norm)."""

    def __init__(self, config: ViltConfig) -> None:
        super().__init__()
        self.attention = ViltAttention(config)
        self.intermediate = ViltIntermediate(config)
        self.output = ViltOutput(config)
        self.layernorm_before = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.layernorm_after = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, x: Tensor, mask: Tensor | None, output_attentions: bool) -> tuple[Tensor, Tensor | None]:
        context, weights = self.attention(self.layernorm_before(x), mask, output_attentions)
        x = x + context
        return self.output(self.intermediate(self.layernorm_after(x)), x), weights


class ViltEncoder(nn.Module):
    """The stack of num_hidden_layers layers."""

    def __init__(self, config: ViltConfig) -> None:
        super().__init__()
        self.layer = nn.ModuleList(ViltLayer(config) for _ in range(config.num_hidden_layers))

    def forward(
        self, x: Tensor, mask: Tensor | None, output_hidden_states: bool, output_attentions: bool
    ) -> BaseModelOutput:
        states, maps = [x], []
        for layer in self.layer:
            x, weights = layer(x, mask, output_attentions)
            if output_hidden_states:
                states.append(x)
            if output_attentions:
                maps.append(weights)
        return BaseModelOutput(
            x, tuple(states) if output_hidden_states else None, tuple(maps) if output_attentions else None
        )


class ViltPooler(nn.Module):
    """Pools the first token of the text: linear + tanh, (B, S, D) -> (B, D)."""

    def __init__(self, config: ViltConfig) -> None:
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(self.dense(x[:, 0]))


class ViltPreTrainedModel(PreTrainedModel):
    """Loading, saving and weight initialisation of all ViLT models; [CLS] and positions of the picture start at 0."""

    config_class = ViltConfig
    base_model_prefix = "vilt"
    INPUT_EMBEDDINGS = "embeddings.text_embeddings.word_embeddings"
    OPTIONAL = ("pooler.",)
    BUFFERS = (".token_type_ids",)  # of early versions, as position_ids


class ViltModel(ViltPreTrainedModel):
    """A text and a picture -> a contextual vector for each token and each patch, and a pooled one for both.

    Args of a call:
        input_ids: (B, T) token ids, or give inputs_embeds (B, T, D) instead.
        attention_mask: (B, T), 1 for tokens and 0 for padding; None is no padding.
        token_type_ids: (B, T), 0 for the first text of a pair and 1 for the second; None is 0 everywhere.
        pixel_values: (B, C, Y, X), as a processor makes them, of any size; or give image_embeds (B, P, D) instead.
        pixel_mask: (B, Y, X), 1 for the picture and 0 for padding below and on the right; None is no padding. With
            image_embeds: (B, P).
        image_token_type_idx: which kind of vectors those of the picture are; None is 1.
        output_hidden_states: also return the vectors after the embeddings and after each layer, all without the
            last LayerNorm.
        output_attentions: also return each layer's attention weights (B, H, S, S).
    """

    def __init__(self, config: ViltConfig, add_pooling_layer: bool = True) -> None:
        super().__init__(config)
        self.embeddings = ViltEmbeddings(config)
        self.encoder = ViltEncoder(config)
        self.layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.pooler = ViltPooler(config) if add_pooling_layer else None
        self.post_init()

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        pixel_values: Tensor | None = None,
        pixel_mask: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        image_embeds: Tensor | None = None,
        image_token_type_idx: int | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
    ) -> BaseModelOutputWithPooling:
        checks.check_given(input_ids, inputs_embeds)
        if output_hidden_states is None:
            output_hidden_states = self.config.output_hidden_states
        if output_attentions is None:
            output_attentions = self.config.output_attentions
        x, mask = self.embeddings(
            input_ids,
            attention_mask,
            token_type_ids,
            pixel_values,
            pixel_mask,
            inputs_embeds,
            image_embeds,
            1 if image_token_type_idx is None else image_token_type_idx,
        )
        if mask is not None:
            mask = mask[:, None, None, :]  # (B, 1, 1, S), for all heads and queries
        outputs = self.encoder(x, mask, output_hidden_states, output_attentions)
        x = self.layernorm(outputs.last_hidden_state)
        pooled = None if self.pooler is None else self.pooler(x)
        return BaseModelOutputWithPooling(x, pooled, outputs.hidden_states, outputs.attentions)


class ViltForQuestionAnswering(ViltPreTrainedModel):
    """Visual question answering: logits (B, N) of the answers it knows, from the pooled vector.

    Labels (B, N) say how right each answer is, from 0 to 1: people answer differently, and several may be right.
    """

    label_kind = "scores"

    def __init__(self, config: ViltConfig) -> None:
        super().__init__(config)
        self.vilt = ViltModel(config)
        self.classifier = nn.Sequential(
            nn.Linear(config.hidden_size, 2 * config.hidden_size),
            nn.LayerNorm(2 * config.hidden_size),
            nn.GELU(),
            nn.Linear(2 * config.hidden_size, config.num_labels),
        )
        self.post_init()

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        pixel_values: Tensor | None = None,
        pixel_mask: Tensor | None = None,
        labels: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        image_embeds: Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
    ) -> SequenceClassifierOutput:
        outputs = self.vilt(
            input_ids,
            attention_mask,
            token_type_ids,
            pixel_values,
            pixel_mask,
            inputs_embeds,
            image_embeds,
            output_hidden_states=output_hidden_states,
            output_attentions=output_attentions,
        )
        logits = self.classifier(outputs.pooler_output)  # (B, N)
        loss = None if labels is None else scores_loss(logits, labels)
        return SequenceClassifierOutput(loss, logits, outputs.hidden_states, outputs.attentions)
