"""DETR in PyTorch: a ResNet, an encoder over its feature map, and a decoder whose queries each find one object.

Paper: Carion et al. 2020, "End-to-End Object Detection with Transformers" (https://arxiv.org/abs/2005.12872).
Same model in Keras, class by class: modeling_tf_detr.py. The ResNet is in resnet.py, the mask head in mask_head.py, the
loss in loss_detr.py.
Attribute names spell the keys of a checkpoint with Hugging Face's ResNet; files with timm's load, too.

Shapes: B batch, C channels, Y and X the sides of the pictures, y and x those of the last feature map, S = y * x,
Q queries, D d_model, H heads, K = D / H.
"""

import math
from collections.abc import Iterable
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...core.modeling import PreTrainedModel, activation, is_full
from ...core.outputs import BaseModelOutput, DetrModelOutput, DetrObjectDetectionOutput, DetrSegmentationOutput
from ...i18n import spoken
from .configuration_detr import DetrConfig, timm_name
from .loss_detr import detection_loss
from .mask_head import DetrMaskHeadSmallConv, DetrMHAttentionMap
from .resnet import ResNetBackbone, ResNetConvLayer

LONGEST = 50  # rows and columns that have learned positions


class DetrSinePositionEmbedding(nn.Module):
    """Mask (B, y, x) -> positions (B, S, D): sines and cosines of the place among all that is no padding.

    As for the tokens of a text in Vaswani et al. 2017, with one half of D for each axis.
    """

    def __init__(self, config: DetrConfig) -> None:
        super().__init__()
        self.width = config.d_model // 2

    def forward(self, mask: Tensor) -> Tensor:
        pairs = torch.arange(self.width // 2, device=mask.device).repeat_interleave(2)
        wavelength = 10_000 ** (2 * pairs / self.width)  # (D / 2,)
        parts = []
        for axis in (1, 2):
            place = mask.cumsum(axis, dtype=torch.float32)  # 1, 2, 3 ...
            place = place / (place.narrow(axis, -1, 1) + 1e-6) * 2 * math.pi
            angle = place[..., None] / wavelength  # (B, y, x, D / 2)
            parts.append(torch.stack([angle[..., 0::2].sin(), angle[..., 1::2].cos()], -1).flatten(3))
        return torch.cat(parts, -1).flatten(1, 2)


class DetrLearnedPositionEmbedding(nn.Module):
    """Mask (B, y, x), of which only the sides count -> learned positions (1, S, D) of columns and rows."""

    def __init__(self, config: DetrConfig) -> None:
        super().__init__()
        self.row_embeddings = nn.Embedding(LONGEST, config.d_model // 2)
        self.column_embeddings = nn.Embedding(LONGEST, config.d_model // 2)

    def forward(self, mask: Tensor) -> Tensor:
        rows, columns = mask.shape[1:]
        if max(rows, columns) > LONGEST:
            raise spoken(
                ValueError,
                "the feature map of these pictures has {rows} rows and {columns} columns, this model has learned "
                "positions for {longest}; make the pictures smaller",
                rows=rows,
                columns=columns,
                longest=LONGEST,
            )
        by_column = self.column_embeddings.weight[:columns].expand(rows, -1, -1)  # (y, x, D / 2)
        by_row = self.row_embeddings.weight[:rows, None].expand(-1, columns, -1)
        return torch.cat([by_column, by_row], -1).flatten(0, 1)[None]


class DetrConvEncoder(nn.Module):
    """The ResNet: pictures (B, C, Y, X) -> feature maps, the finest first."""

    def __init__(self, config: DetrConfig) -> None:
        super().__init__()
        self.model = ResNetBackbone(config.resnet)

    def forward(self, pixel_values: Tensor) -> list[Tensor]:
        return self.model(pixel_values)


class DetrConvModel(nn.Module):
    """Pictures (B, C, Y, X) and their mask (B, Y, X) -> feature maps; mask (B, y, x) and positions of the last one."""

    def __init__(self, config: DetrConfig) -> None:
        super().__init__()
        self.conv_encoder = DetrConvEncoder(config)
        is_learned = config.position_embedding_type == "learned"
        self.position_embedding = (DetrLearnedPositionEmbedding if is_learned else DetrSinePositionEmbedding)(config)

    def forward(self, pixel_values: Tensor, pixel_mask: Tensor | None) -> tuple[list[Tensor], Tensor | None, Tensor]:
        maps = self.conv_encoder(pixel_values)
        sides = maps[-1].shape[2:]
        mask = None
        if pixel_mask is not None and not is_full(pixel_mask):
            mask = F.interpolate(pixel_mask[:, None].float(), sides)[:, 0].bool()  # that of the nearest pixel
        seen = maps[-1].new_ones(1, *sides, dtype=torch.bool) if mask is None else mask
        return maps, mask, self.position_embedding(seen).to(maps[-1].dtype)


class DetrAttention(nn.Module):
    """Multi-head attention of x (B, T, D) to y (B, S, D) -> (B, T, D); positions count for who attends to what."""

    def __init__(self, config: DetrConfig, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.k_proj = nn.Linear(config.d_model, config.d_model)
        self.v_proj = nn.Linear(config.d_model, config.d_model)
        self.q_proj = nn.Linear(config.d_model, config.d_model)
        self.out_proj = nn.Linear(config.d_model, config.d_model)
        self.dropout = nn.Dropout(config.attention_dropout)

    def split_heads(self, y: Tensor) -> Tensor:
        B, T, D = y.shape
        return y.view(B, T, self.num_heads, D // self.num_heads).transpose(1, 2)  # (B, H, T, K)

    def forward(
        self, x: Tensor, x_position: Tensor, y: Tensor, y_position: Tensor, mask: Tensor | None, output_attentions: bool
    ) -> tuple[Tensor, Tensor | None]:
        B, T, D = x.shape
        q = self.split_heads(self.q_proj(x + x_position))
        k = self.split_heads(self.k_proj(y + y_position))
        v = self.split_heads(self.v_proj(y))
        # The fused call below returns no attention weights and has no dropout.
        if output_attentions or (self.training and self.dropout.p > 0):
            scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5  # (B, H, T, S)
            weights = (scores if mask is None else scores + mask).softmax(-1)
            context = self.dropout(weights) @ v
        else:
            weights = None
            context = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)  # (B, H, T, K)
        return self.out_proj(context.transpose(1, 2).reshape(B, T, D)), weights


class DetrEncoderLayer(nn.Module):
    """Transformer encoder layer: self-attention, then feed-forward network (post-norm)."""

    def __init__(self, config: DetrConfig) -> None:
        super().__init__()
        self.self_attn = DetrAttention(config, config.encoder_attention_heads)
        self.self_attn_layer_norm = nn.LayerNorm(config.d_model)
        self.activation_fn = activation(config.activation_function)
        self.fc1 = nn.Linear(config.d_model, config.encoder_ffn_dim)
        self.fc2 = nn.Linear(config.encoder_ffn_dim, config.d_model)
        self.final_layer_norm = nn.LayerNorm(config.d_model)
        self.dropout = nn.Dropout(config.dropout)
        self.activation_dropout = nn.Dropout(config.activation_dropout)

    def forward(
        self, x: Tensor, position: Tensor, mask: Tensor | None, output_attentions: bool
    ) -> tuple[Tensor, Tensor | None]:
        update, weights = self.self_attn(x, position, x, position, mask, output_attentions)
        x = self.self_attn_layer_norm(x + self.dropout(update))
        update = self.fc2(self.activation_dropout(self.activation_fn(self.fc1(x))))
        return self.final_layer_norm(x + self.dropout(update)), weights


class DetrDecoderLayer(nn.Module):
    """Transformer decoder layer: self-attention of the queries, cross-attention, feed-forward network (post-norm)."""

    def __init__(self, config: DetrConfig) -> None:
        super().__init__()
        self.self_attn = DetrAttention(config, config.decoder_attention_heads)
        self.self_attn_layer_norm = nn.LayerNorm(config.d_model)
        self.encoder_attn = DetrAttention(config, config.decoder_attention_heads)
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
        x_position: Tensor,
        encoded: Tensor,
        position: Tensor,
        mask: Tensor | None,
        query_mask: Tensor | None,
        output_attentions: bool,
    ) -> tuple[Tensor, Tensor | None, Tensor | None]:
        update, weights = self.self_attn(x, x_position, x, x_position, query_mask, output_attentions)
        x = self.self_attn_layer_norm(x + self.dropout(update))
        update, cross_weights = self.encoder_attn(x, x_position, encoded, position, mask, output_attentions)
        x = self.encoder_attn_layer_norm(x + self.dropout(update))
        update = self.fc2(self.activation_dropout(self.activation_fn(self.fc1(x))))
        return self.final_layer_norm(x + self.dropout(update)), weights, cross_weights


def padding_mask(x: Tensor, mask: Tensor | None) -> Tensor | None:
    """Additive mask from one of a feature map (B, y, x): 0 where it is True, very low where it is False."""
    if mask is None:
        return None
    very_low = torch.finfo(x.dtype).min / 2  # -inf would be NaN for a picture that is padding alone
    return x.new_zeros(mask.shape).masked_fill(~mask, very_low).flatten(1)[:, None, None, :]  # (B, 1, 1, S)


class DetrEncoder(nn.Module):
    """A feature map (B, S, D) and its positions -> the same, each position having attended to all others."""

    def __init__(self, config: DetrConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(DetrEncoderLayer(config) for _ in range(config.encoder_layers))
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self,
        x: Tensor,
        position: Tensor,
        mask: Tensor | None,
        output_hidden_states: bool = False,
        output_attentions: bool = False,
    ) -> BaseModelOutput:
        x = self.dropout(x)
        mask = padding_mask(x, mask)
        states, maps = [x], []
        for layer in self.layers:
            x, weights = layer(x, position, mask, output_attentions)
            if output_hidden_states:
                states.append(x)
            if output_attentions:
                maps.append(weights)
        return BaseModelOutput(
            x, tuple(states) if output_hidden_states else None, tuple(maps) if output_attentions else None
        )


class DetrDecoder(nn.Module):
    """Queries (B, Q, D), their positions, and the encoder's outputs (B, S, D) -> a vector for each query (B, Q, D).

    query_mask (Q, Q) is added to the scores of self-attention; None lets every query attend to all.
    """

    def __init__(self, config: DetrConfig) -> None:
        super().__init__()
        self.config = config
        self.layers = nn.ModuleList(DetrDecoderLayer(config) for _ in range(config.decoder_layers))
        self.layernorm = nn.LayerNorm(config.d_model)

    def forward(
        self,
        x: Tensor,
        x_position: Tensor,
        encoded: Tensor,
        position: Tensor,
        mask: Tensor | None,
        query_mask: Tensor | None = None,
        output_hidden_states: bool = False,
        output_attentions: bool = False,
    ) -> DetrModelOutput:
        mask = padding_mask(x, mask)
        states, maps, cross_maps, intermediate = [x], [], [], []
        for layer in self.layers:
            x, weights, cross_weights = layer(x, x_position, encoded, position, mask, query_mask, output_attentions)
            if self.config.auxiliary_loss:
                # The paper's code normalises a copy for the loss. Here, as in transformers, the next layer reads what
                # was normalised, so that a model trained in one library gives the same in the other.
                x = self.layernorm(x)
                intermediate.append(x)
            states.append(x)
            maps.append(weights)
            cross_maps.append(cross_weights)
        x = self.layernorm(x)
        return DetrModelOutput(
            x,
            (*states[:-1], x) if output_hidden_states else None,
            tuple(maps) if output_attentions else None,
            tuple(cross_maps) if output_attentions else None,
            intermediate_hidden_states=torch.stack(intermediate) if intermediate else None,
        )


class DetrMLPPredictionHead(nn.Module):
    """Vectors (B, Q, D) -> boxes (B, Q, 4) before the sigmoid."""

    def __init__(self, config: DetrConfig) -> None:
        super().__init__()
        D = config.d_model
        self.layers = nn.ModuleList([nn.Linear(D, D), nn.Linear(D, D), nn.Linear(D, 4)])

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers[:-1]:
            x = layer(x).relu()
        return self.layers[-1](x)


class DetrPreTrainedModel(PreTrainedModel):
    """Loading, saving and weight initialisation of all DETR models."""

    config: DetrConfig
    config_class = DetrConfig
    base_model_prefix = "model"
    main_input_name = "pixel_values"
    BUFFERS = (".num_batches_tracked",)  # of a batch norm that was not frozen yet
    IN_SEGMENTATION: ClassVar[str] = ""  # how the names of this model begin in the file of a segmentation model

    def aliases(self, names: Iterable[str]) -> dict[str, str]:
        """Names with timm's ResNet -> ours; a detector is found in the file of a segmentation model, too."""
        names = list(names)
        ours = {timm_name(name): name for name in names}
        inside = (ours | dict(zip(names, names, strict=True))).items() if self.IN_SEGMENTATION else ()
        return ours | {self.IN_SEGMENTATION + other: name for other, name in inside}

    def save_pretrained(self, folder: Any, **options: Any) -> None:
        """As PreTrainedModel; the configuration says the ResNet by its sizes, so timm is not needed to load it."""
        self.config.leave_timm()
        super().save_pretrained(folder, **options)

    def _to_save(self, whole: dict[str, Tensor]) -> dict[str, Tensor]:
        state = super()._to_save(whole)
        return {timm_name(name): tensor for name, tensor in state.items()} if self.config.use_timm_backbone else state

    def init_weights(self, module: nn.Module) -> None:
        super().init_weights(module)
        if isinstance(module, nn.GroupNorm):
            module.reset_parameters()
        elif isinstance(module, ResNetConvLayer):
            nn.init.kaiming_normal_(module.convolution.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(module, DetrMHAttentionMap):
            for layer in (module.q_linear, module.k_linear):
                nn.init.xavier_uniform_(layer.weight, self.config.init_xavier_std)
        elif isinstance(module, DetrLearnedPositionEmbedding):
            nn.init.uniform_(module.row_embeddings.weight)
            nn.init.uniform_(module.column_embeddings.weight)


class DetrModel(DetrPreTrainedModel):
    """Pictures -> a vector for each query, which stands for one object or none.

    Args of a call:
        pixel_values: (B, C, Y, X) pictures as an image processor makes them; smaller ones are padded.
        pixel_mask: (B, Y, X), 1 for pixels of the picture and 0 for padding; None is no padding.
        output_hidden_states: also return the vectors before the first layer and after each, of both stacks.
        output_attentions: also return the attention weights of both, and those of cross-attention (B, H, Q, S).
    """

    IN_SEGMENTATION = "detr.model."

    def __init__(self, config: DetrConfig) -> None:
        super().__init__(config)
        self.backbone = DetrConvModel(config)
        self.input_projection = nn.Conv2d(config.resnet.channels[-1], config.d_model, 1)
        self.query_position_embeddings = nn.Embedding(config.num_queries, config.d_model)
        self.encoder = DetrEncoder(config)
        self.decoder = DetrDecoder(config)
        self.post_init()
        resnet = self.backbone.conv_encoder.model
        for part in (resnet.embedder, resnet.encoder.stages[0]):  # edges and colours are the same everywhere
            part.requires_grad_(False)

    def get_encoder(self) -> nn.Module:
        """The transformer's encoder."""
        return self.encoder

    def freeze_backbone(self) -> None:
        """Train nothing of the ResNet."""
        self.backbone.conv_encoder.requires_grad_(False)

    def unfreeze_backbone(self) -> None:
        """Train all of the ResNet but its batch norm; a new model trains all but the stem and the first stage."""
        self.backbone.conv_encoder.requires_grad_(True)

    def forward(
        self,
        pixel_values: Tensor,
        pixel_mask: Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
    ) -> DetrModelOutput:
        return self.with_maps(pixel_values, pixel_mask, output_hidden_states, output_attentions)[0]

    def with_maps(
        self,
        pixel_values: Tensor,
        pixel_mask: Tensor | None,
        output_hidden_states: bool | None,
        output_attentions: bool | None,
    ) -> tuple[DetrModelOutput, list[Tensor], Tensor | None]:
        """The outputs, and what a mask head reads: feature maps, the one for the encoder last, and its mask."""
        asked = {
            "output_hidden_states": self.config.output_hidden_states
            if output_hidden_states is None
            else output_hidden_states,
            "output_attentions": self.config.output_attentions if output_attentions is None else output_attentions,
        }
        if self.training:
            self.config.check_training()
        maps, mask, position = self.backbone(pixel_values, pixel_mask)
        maps.append(self.input_projection(maps[-1]))  # (B, D, y, x)
        encoded = self.encoder(maps[-1].flatten(2).transpose(1, 2), position, mask, **asked)  # (B, S, D)
        x_position = self.query_position_embeddings.weight[None]  # (1, Q, D)
        x = torch.zeros_like(x_position).expand(len(pixel_values), -1, -1)  # queries differ by their position alone
        outputs = self.decoder(x, x_position, encoded.last_hidden_state, position, mask, **asked)
        outputs.encoder_last_hidden_state = encoded.last_hidden_state
        outputs.encoder_hidden_states, outputs.encoder_attentions = encoded.hidden_states, encoded.attentions
        return outputs, maps, mask


class DetrForObjectDetection(DetrPreTrainedModel):
    """Object detection: a class, or "no object", and a box for each query.

    labels: a list with a dict for each picture, {"class_labels": (N,), "boxes": (N, 4)}; boxes are (centre x, centre y,
    width, height) as parts of the picture, padding not counted.
    """

    label_kind = "objects"
    IN_SEGMENTATION = "detr."

    def __init__(self, config: DetrConfig) -> None:
        super().__init__(config)
        self.model = DetrModel(config)
        self.class_labels_classifier = nn.Linear(config.d_model, config.num_labels + 1)  # the last is "no object"
        self.bbox_predictor = DetrMLPPredictionHead(config)
        self.post_init()

    def forward(
        self,
        pixel_values: Tensor,
        pixel_mask: Tensor | None = None,
        labels: list[dict[str, Tensor]] | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
    ) -> DetrObjectDetectionOutput:
        outputs = self.model(pixel_values, pixel_mask, output_hidden_states, output_attentions)
        return DetrObjectDetectionOutput(**self.with_heads(outputs, labels))

    def with_heads(self, outputs: DetrModelOutput, labels: Any, pred_masks: Tensor | None = None) -> dict[str, Any]:
        """The outputs of a head by name, and their loss where labels are given."""
        predictions = self.predictions(outputs.last_hidden_state)
        if pred_masks is not None:
            predictions["pred_masks"] = pred_masks
        values: dict[str, Any] = {**predictions}
        if labels is not None:
            auxiliary = []
            if self.config.auxiliary_loss:
                auxiliary = [self.predictions(states) for states in outputs.intermediate_hidden_states[:-1]]
                values["auxiliary_outputs"] = auxiliary
            values["loss"], values["loss_dict"] = detection_loss(predictions, auxiliary, labels, self.config)
        return values | {name: value for name, value in outputs.items() if name != "intermediate_hidden_states"}

    def predictions(self, x: Tensor) -> dict[str, Tensor]:
        """Vectors (B, Q, D) -> logits (B, Q, labels + 1) and boxes (B, Q, 4)."""
        return {"logits": self.class_labels_classifier(x), "pred_boxes": self.bbox_predictor(x).sigmoid()}


class DetrForSegmentation(DetrPreTrainedModel):
    """Segmentation: a class, a box and a mask for each query; labels also have "masks" (N, Y, X)."""

    base_model_prefix = "detr"  # so that a detector's file loads, to which a mask head is to be trained
    label_kind = "objects"

    def __init__(self, config: DetrConfig) -> None:
        super().__init__(config)
        self.detr = DetrForObjectDetection(config)
        self.mask_head = DetrMaskHeadSmallConv(config)
        self.bbox_attention = DetrMHAttentionMap(config)
        self.post_init()

    def forward(
        self,
        pixel_values: Tensor,
        pixel_mask: Tensor | None = None,
        labels: list[dict[str, Tensor]] | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
    ) -> DetrSegmentationOutput:
        outputs, maps, mask = self.detr.model.with_maps(
            pixel_values, pixel_mask, output_hidden_states, output_attentions
        )
        attention = self.bbox_attention(outputs.last_hidden_state, outputs.encoder_last_hidden_state, mask)
        attention = attention.unflatten(-1, maps[-1].shape[2:])  # (B, Q, H, y, x)
        pred_masks = self.mask_head(maps[-1], attention, maps[2::-1])
        return DetrSegmentationOutput(**self.detr.with_heads(outputs, labels, pred_masks))
