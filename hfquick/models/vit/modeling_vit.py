"""ViT in PyTorch: a picture is cut into patches, and a transformer encoder reads them as it would read tokens.

Paper: Dosovitskiy et al. 2020, "An Image is Worth 16x16 Words" (https://arxiv.org/abs/2010.11929).
Same model in Keras, class by class: modeling_tf_vit.py.
Attribute names spell the keys of a Hub checkpoint, so its state dict loads without renaming.

Shapes: B pictures, C channels, Y and X height and width in pixels, y and x rows and columns of patches,
T = 1 + y * x vectors, D hidden_size, H heads, K = D / H, N labels.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...core.losses import classification_loss
from ...core.modeling import PreTrainedModel, activation
from ...core.outputs import BaseModelOutput, BaseModelOutputWithPooling, ImageClassifierOutput
from ...core.pictures import both_sides
from .configuration_vit import ViTConfig


class ViTPatchEmbeddings(nn.Module):
    """Pixels (B, C, Y, X) -> a vector of D numbers for each of y * x patches: one linear map, the same for all."""

    def __init__(self, config: ViTConfig) -> None:
        super().__init__()
        size = both_sides(config.patch_size)
        self.projection = nn.Conv2d(config.num_channels, config.hidden_size, kernel_size=size, stride=size)

    def forward(self, pixel_values: Tensor) -> Tensor:
        x = self.projection(pixel_values.to(self.projection.weight.dtype))  # (B, D, y, x)
        return x.flatten(2).transpose(1, 2)  # (B, y * x, D)


class ViTEmbeddings(nn.Module):
    """Pixels (B, C, Y, X) -> embeddings (B, T, D): a learned vector [CLS], then the patches; all + their position."""

    def __init__(self, config: ViTConfig) -> None:
        super().__init__()
        self.grid, self.patch_size = config.grid, both_sides(config.patch_size)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, config.hidden_size))
        self.position_embeddings = nn.Parameter(torch.zeros(1, 1 + self.grid[0] * self.grid[1], config.hidden_size))
        self.patch_embeddings = ViTPatchEmbeddings(config)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, pixel_values: Tensor, interpolate_pos_encoding: bool) -> Tensor:
        B, _, Y, X = pixel_values.shape
        x = torch.cat([self.cls_token.expand(B, -1, -1), self.patch_embeddings(pixel_values)], 1)  # (B, T, D)
        positions: Tensor = self.position_embeddings
        grid = Y // self.patch_size[0], X // self.patch_size[1]
        if interpolate_pos_encoding and grid != self.grid:
            positions = self.interpolated(*grid)
        return self.dropout(x + positions)

    def interpolated(self, y: int, x: int) -> Tensor:
        """The position embeddings (1, T, D) of another grid of patches: those learned, resized like a picture."""
        first, patches = self.position_embeddings.split([1, self.position_embeddings.shape[1] - 1], 1)
        picture = patches.unflatten(1, self.grid).permute(0, 3, 1, 2)  # (1, D, y, x)
        picture = F.interpolate(picture, size=(y, x), mode="bicubic", align_corners=False)
        return torch.cat([first, picture.flatten(2).transpose(1, 2)], 1)


class ViTSelfAttention(nn.Module):
    """Multi-head self-attention (B, T, D) -> (B, T, D): each patch attends to all patches."""

    def __init__(self, config: ViTConfig) -> None:
        super().__init__()
        self.num_attention_heads = config.num_attention_heads
        self.query = nn.Linear(config.hidden_size, config.hidden_size, bias=config.qkv_bias)
        self.key = nn.Linear(config.hidden_size, config.hidden_size, bias=config.qkv_bias)
        self.value = nn.Linear(config.hidden_size, config.hidden_size, bias=config.qkv_bias)
        self.dropout = nn.Dropout(config.attention_probs_dropout_prob)

    def forward(self, x: Tensor, output_attentions: bool) -> tuple[Tensor, Tensor | None]:
        B, T, D = x.shape
        K = D // self.num_attention_heads

        def split_heads(y: Tensor) -> Tensor:
            return y.view(B, T, self.num_attention_heads, K).transpose(1, 2)  # (B, H, T, K)

        q, k, v = split_heads(self.query(x)), split_heads(self.key(x)), split_heads(self.value(x))
        # The fused call below returns no attention weights and has no dropout.
        if output_attentions or (self.training and self.dropout.p > 0):
            scores = q @ k.transpose(-2, -1) / K**0.5  # (B, H, T, T)
            weights = self.dropout(scores.softmax(-1))
            context = weights @ v
        else:
            weights = None
            context = F.scaled_dot_product_attention(q, k, v)  # (B, H, T, K)
        return context.transpose(1, 2).reshape(B, T, D), weights


class ViTSelfOutput(nn.Module):
    """Output projection of the attention; its residual connection is in the layer."""

    def __init__(self, config: ViTConfig) -> None:
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, context: Tensor) -> Tensor:
        return self.dropout(self.dense(context))


class ViTAttention(nn.Module):
    """The attention half of a layer; `attention` and `output` are the checkpoint's names for its two parts."""

    def __init__(self, config: ViTConfig) -> None:
        super().__init__()
        self.attention = ViTSelfAttention(config)
        self.output = ViTSelfOutput(config)

    def forward(self, x: Tensor, output_attentions: bool) -> tuple[Tensor, Tensor | None]:
        context, weights = self.attention(x, output_attentions)
        return self.output(context), weights


class ViTIntermediate(nn.Module):
    """First half of the feed-forward network, position-wise: D -> intermediate_size, then the activation."""

    def __init__(self, config: ViTConfig) -> None:
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.intermediate_size)
        self.intermediate_act_fn = activation(config.hidden_act)

    def forward(self, x: Tensor) -> Tensor:
        return self.intermediate_act_fn(self.dense(x))


class ViTOutput(nn.Module):
    """Second half of the feed-forward network: back to D, residual connection."""

    def __init__(self, config: ViTConfig) -> None:
        super().__init__()
        self.dense = nn.Linear(config.intermediate_size, config.hidden_size)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, hidden: Tensor, x: Tensor) -> Tensor:
        return x + self.dropout(self.dense(hidden))


class ViTLayer(nn.Module):
    """Transformer encoder layer: each half reads through a LayerNorm and is added to its input (pre-norm)."""

    def __init__(self, config: ViTConfig) -> None:
        super().__init__()
        self.attention = ViTAttention(config)
        self.intermediate = ViTIntermediate(config)
        self.output = ViTOutput(config)
        self.layernorm_before = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.layernorm_after = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, x: Tensor, output_attentions: bool) -> tuple[Tensor, Tensor | None]:
        context, weights = self.attention(self.layernorm_before(x), output_attentions)
        x = x + context
        return self.output(self.intermediate(self.layernorm_after(x)), x), weights


class ViTEncoder(nn.Module):
    """The stack of num_hidden_layers layers."""

    def __init__(self, config: ViTConfig) -> None:
        super().__init__()
        self.layer = nn.ModuleList(ViTLayer(config) for _ in range(config.num_hidden_layers))

    def forward(self, x: Tensor, output_hidden_states: bool, output_attentions: bool) -> BaseModelOutput:
        states, maps = [x], []
        for layer in self.layer:
            x, weights = layer(x, output_attentions)
            if output_hidden_states:
                states.append(x)
            if output_attentions:
                maps.append(weights)
        return BaseModelOutput(
            x, tuple(states) if output_hidden_states else None, tuple(maps) if output_attentions else None
        )


class ViTPooler(nn.Module):
    """Pools the vector of [CLS]: linear + activation, (B, T, D) -> (B, pooler_output_size)."""

    def __init__(self, config: ViTConfig) -> None:
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.pooler_output_size or config.hidden_size)
        self.activation = activation(config.pooler_act)

    def forward(self, x: Tensor) -> Tensor:
        return self.activation(self.dense(x[:, 0]))


class ViTPreTrainedModel(PreTrainedModel):
    """Loading, saving and weight initialisation of all ViT models."""

    config_class = ViTConfig
    base_model_prefix = "vit"
    main_input_name = "pixel_values"
    INPUT_EMBEDDINGS = "embeddings.patch_embeddings"
    OPTIONAL = ("pooler.",)  # checkpoints of classifiers have none
    BUFFERS = ("embeddings.mask_token",)  # of masked image modeling, in whose place patches were hidden

    def init_weights(self, module: nn.Module) -> None:
        super().init_weights(module)
        if isinstance(module, ViTEmbeddings) and not module.cls_token.is_meta:
            nn.init.normal_(module.cls_token, std=self.config.initializer_range)
            nn.init.normal_(module.position_embeddings, std=self.config.initializer_range)


class ViTModel(ViTPreTrainedModel):
    """Pictures -> a contextual vector for [CLS] and for each patch, and a pooled one for the picture.

    Args of a call:
        pixel_values: (B, C, Y, X), as an image processor makes them; Y and X are config.image_size.
        interpolate_pos_encoding: take pictures of any size, and resize the position embeddings to them.
        output_hidden_states: also return the vectors after the embeddings and after each layer, all without the
            last LayerNorm.
        output_attentions: also return each layer's attention weights (B, H, T, T).
    """

    def __init__(self, config: ViTConfig, add_pooling_layer: bool = True) -> None:
        super().__init__(config)
        self.embeddings = ViTEmbeddings(config)
        self.encoder = ViTEncoder(config)
        self.layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.pooler = ViTPooler(config) if add_pooling_layer else None
        self.post_init()

    def forward(
        self,
        pixel_values: Tensor | None = None,
        interpolate_pos_encoding: bool | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
    ) -> BaseModelOutputWithPooling:
        if output_hidden_states is None:
            output_hidden_states = self.config.output_hidden_states
        if output_attentions is None:
            output_attentions = self.config.output_attentions
        x = self.embeddings(pixel_values, bool(interpolate_pos_encoding))
        outputs = self.encoder(x, output_hidden_states, output_attentions)
        x = self.layernorm(outputs.last_hidden_state)
        pooled = None if self.pooler is None else self.pooler(x)
        return BaseModelOutputWithPooling(x, pooled, outputs.hidden_states, outputs.attentions)


class ViTForImageClassification(ViTPreTrainedModel):
    """Image classification: logits (B, N) from the vector of [CLS]; labels (B,)."""

    label_kind = "class"

    def __init__(self, config: ViTConfig) -> None:
        super().__init__(config)
        self.vit = ViTModel(config, add_pooling_layer=False)
        self.classifier = nn.Linear(config.hidden_size, config.num_labels)
        self.post_init()

    def forward(
        self,
        pixel_values: Tensor | None = None,
        labels: Tensor | None = None,
        interpolate_pos_encoding: bool | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
    ) -> ImageClassifierOutput:
        outputs = self.vit(pixel_values, interpolate_pos_encoding, output_hidden_states, output_attentions)
        logits = self.classifier(outputs.last_hidden_state[:, 0])  # (B, N)
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return ImageClassifierOutput(loss, logits, outputs.hidden_states, outputs.attentions)
