"""DETR in Keras: a ResNet, an encoder over its feature map, and a decoder whose queries each find one object.

Paper: Carion et al. 2020, "End-to-End Object Detection with Transformers" (https://arxiv.org/abs/2005.12872).
Same model in PyTorch, class by class: modeling_detr.py. The ResNet is in resnet_tf.py, the mask head in
mask_head_tf.py, the loss in loss_tf_detr.py.
Attribute names spell the keys of a checkpoint with Hugging Face's ResNet; files with timm's load, too.
Keras claims arguments that end in `mask` for itself: here they are `mask_` and `query_mask_`. Feature maps have their
channels last.

Shapes: B batch, C channels, Y and X the sides of the pictures, y and x those of the last feature map, S = y * x,
Q queries, D d_model, H heads, K = D / H.
"""

import math
from collections.abc import Iterable
from typing import Any, ClassVar

import keras
import tensorflow as tf
from keras import layers, ops

from ...core.modeling_tf import Initial, TFPreTrainedModel, activation
from ...core.outputs import BaseModelOutput, DetrModelOutput, DetrObjectDetectionOutput, DetrSegmentationOutput
from ...core.weights_tf import Slot
from ...i18n import spoken
from .configuration_detr import DetrConfig, timm_name
from .loss_tf_detr import detection_loss
from .mask_head_tf import TFDetrMaskHeadSmallConv, TFDetrMHAttentionMap, nearest
from .resnet_tf import TFResNetBackbone, TFResNetConvLayer

EPSILON = 1e-5  # of every LayerNorm, as PyTorch has it
LONGEST = 50  # rows and columns that have learned positions


class TFDetrSinePositionEmbedding(layers.Layer):
    """Mask (B, y, x) -> positions (B, S, D): sines and cosines of the place among all that is no padding.

    As for the tokens of a text in Vaswani et al. 2017, with one half of D for each axis.
    """

    def __init__(self, config: DetrConfig) -> None:
        super().__init__()
        self.width = config.d_model // 2

    def call(self, seen: tf.Tensor) -> tf.Tensor:
        B, y, x = ops.shape(seen)
        pairs = ops.repeat(ops.arange(self.width // 2, dtype="float32"), 2)
        wavelength = 10_000 ** (2 * pairs / self.width)  # (D / 2,)
        parts = []
        for axis in (1, 2):
            place = ops.cumsum(ops.cast(seen, "float32"), axis)  # 1, 2, 3 ...
            last = place[:, -1:] if axis == 1 else place[:, :, -1:]
            place = place / (last + 1e-6) * 2 * math.pi
            angle = place[..., None] / wavelength  # (B, y, x, D / 2)
            waves = ops.stack([ops.sin(angle[..., 0::2]), ops.cos(angle[..., 1::2])], -1)
            parts.append(ops.reshape(waves, (B, y * x, self.width)))
        return ops.concatenate(parts, -1)


class TFDetrLearnedPositionEmbedding(layers.Layer):
    """Mask (B, y, x), of which only the sides count -> learned positions (1, S, D) of columns and rows."""

    def __init__(self, config: DetrConfig) -> None:
        super().__init__()
        self.width = config.d_model // 2
        self.row_embeddings = layers.Embedding(LONGEST, self.width)
        self.column_embeddings = layers.Embedding(LONGEST, self.width)

    def call(self, seen: tf.Tensor) -> tf.Tensor:
        rows, columns = ops.shape(seen)[1:]
        if all(isinstance(count, int) for count in (rows, columns)) and max(rows, columns) > LONGEST:
            raise spoken(
                ValueError,
                "the feature map of these pictures has {rows} rows and {columns} columns, this model has learned "
                "positions for {longest}; make the pictures smaller",
                rows=rows,
                columns=columns,
                longest=LONGEST,
            )
        shape = (rows, columns, self.width)  # (y, x, D / 2)
        by_column = ops.broadcast_to(self.column_embeddings(ops.arange(columns))[None], shape)
        by_row = ops.broadcast_to(self.row_embeddings(ops.arange(rows))[:, None], shape)
        return ops.reshape(ops.concatenate([by_column, by_row], -1), (1, rows * columns, 2 * self.width))


class TFDetrConvEncoder(layers.Layer):
    """The ResNet: pictures (B, C, Y, X) -> feature maps (B, y, x, O), the finest first."""

    def __init__(self, config: DetrConfig) -> None:
        super().__init__()
        self.model = TFResNetBackbone(config.resnet)

    def call(self, pixel_values: tf.Tensor) -> list[tf.Tensor]:
        return self.model(pixel_values)


class TFDetrConvModel(layers.Layer):
    """Pictures (B, C, Y, X) and their mask (B, Y, X) -> feature maps; mask (B, y, x) and positions of the last one."""

    def __init__(self, config: DetrConfig) -> None:
        super().__init__()
        self.conv_encoder = TFDetrConvEncoder(config)
        is_learned = config.position_embedding_type == "learned"
        self.position_embedding = (TFDetrLearnedPositionEmbedding if is_learned else TFDetrSinePositionEmbedding)(
            config
        )

    def call(
        self, pixel_values: tf.Tensor, pixel_mask_: tf.Tensor | None
    ) -> tuple[list[tf.Tensor], tf.Tensor | None, tf.Tensor]:
        maps = self.conv_encoder(pixel_values)
        _, y, x, _ = ops.shape(maps[-1])
        seen = None
        if pixel_mask_ is not None:
            seen = ops.cast(nearest(pixel_mask_, y, x), "bool")
        position = self.position_embedding(ops.ones((1, y, x), "bool") if seen is None else seen)
        return maps, seen, ops.cast(position, maps[-1].dtype)


class TFDetrAttention(layers.Layer):
    """Multi-head attention of x (B, T, D) to y (B, S, D) -> (B, T, D); positions count for who attends to what."""

    def __init__(self, config: DetrConfig, num_heads: int) -> None:
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

    def call(
        self,
        x: tf.Tensor,
        x_position: tf.Tensor,
        y: tf.Tensor,
        y_position: tf.Tensor,
        mask_: tf.Tensor | None,
        output_attentions: bool = False,
        training: bool = False,
    ) -> tuple[tf.Tensor, tf.Tensor | None]:
        B, T, D = ops.shape(x)
        q = self.split_heads(self.q_proj(x + x_position))
        k = self.split_heads(self.k_proj(y + y_position))
        v = self.split_heads(self.v_proj(y))
        # The fused call below returns no attention weights and has no dropout.
        if output_attentions or (training and self.dropout.rate > 0):
            scores = ops.einsum("bthk,bshk->bhts", q, k) / q.shape[-1] ** 0.5  # (B, H, T, S)
            weights = tf.nn.softmax(scores if mask_ is None else scores + mask_)
            context = ops.einsum("bhts,bshk->bthk", self.dropout(weights), v)
        else:
            weights = None
            context = ops.dot_product_attention(q, k, v, bias=mask_)  # (B, T, H, K)
        return self.out_proj(ops.reshape(context, (B, T, D))), weights


class TFDetrEncoderLayer(layers.Layer):
    """Transformer encoder layer: self-attention, then feed-forward network (post-norm)."""

    def __init__(self, config: DetrConfig) -> None:
        super().__init__()
        self.self_attn = TFDetrAttention(config, config.encoder_attention_heads)
        self.self_attn_layer_norm = layers.LayerNormalization(epsilon=EPSILON)
        self.activation_fn = activation(config.activation_function)
        self.fc1 = layers.Dense(config.encoder_ffn_dim)
        self.fc2 = layers.Dense(config.d_model)
        self.final_layer_norm = layers.LayerNormalization(epsilon=EPSILON)
        self.dropout = layers.Dropout(config.dropout)
        self.activation_dropout = layers.Dropout(config.activation_dropout)

    def call(
        self, x: tf.Tensor, position: tf.Tensor, mask_: tf.Tensor | None, output_attentions: bool = False
    ) -> tuple[tf.Tensor, tf.Tensor | None]:
        update, weights = self.self_attn(x, position, x, position, mask_, output_attentions=output_attentions)
        x = self.self_attn_layer_norm(x + self.dropout(update))
        update = self.fc2(self.activation_dropout(self.activation_fn(self.fc1(x))))
        return self.final_layer_norm(x + self.dropout(update)), weights


class TFDetrDecoderLayer(layers.Layer):
    """Transformer decoder layer: self-attention of the queries, cross-attention, feed-forward network (post-norm)."""

    def __init__(self, config: DetrConfig) -> None:
        super().__init__()
        self.self_attn = TFDetrAttention(config, config.decoder_attention_heads)
        self.self_attn_layer_norm = layers.LayerNormalization(epsilon=EPSILON)
        self.encoder_attn = TFDetrAttention(config, config.decoder_attention_heads)
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
        x_position: tf.Tensor,
        encoded: tf.Tensor,
        position: tf.Tensor,
        mask_: tf.Tensor | None,
        query_mask_: tf.Tensor | None,
        output_attentions: bool = False,
    ) -> tuple[tf.Tensor, tf.Tensor | None, tf.Tensor | None]:
        asked = {"output_attentions": output_attentions}
        update, weights = self.self_attn(x, x_position, x, x_position, query_mask_, **asked)
        x = self.self_attn_layer_norm(x + self.dropout(update))
        update, cross_weights = self.encoder_attn(x, x_position, encoded, position, mask_, **asked)
        x = self.encoder_attn_layer_norm(x + self.dropout(update))
        update = self.fc2(self.activation_dropout(self.activation_fn(self.fc1(x))))
        return self.final_layer_norm(x + self.dropout(update)), weights, cross_weights


def padding_mask(x: tf.Tensor, seen: tf.Tensor | None) -> tf.Tensor | None:
    """Additive mask from one of a feature map (B, y, x): 0 where it is True, very low where it is False."""
    if seen is None:
        return None
    very_low = ops.cast(float(x.dtype.min) / 2, x.dtype)  # -inf would be NaN for a picture that is padding alone
    mask_ = ops.where(seen, ops.cast(0, x.dtype), very_low)
    return ops.reshape(mask_, (ops.shape(mask_)[0], 1, 1, -1))  # (B, 1, 1, S)


class TFDetrEncoder(layers.Layer):
    """A feature map (B, S, D) and its positions -> the same, each position having attended to all others."""

    def __init__(self, config: DetrConfig) -> None:
        super().__init__()
        self.layers = [TFDetrEncoderLayer(config) for _ in range(config.encoder_layers)]
        self.dropout = layers.Dropout(config.dropout)

    def call(
        self,
        x: tf.Tensor,
        position: tf.Tensor,
        seen: tf.Tensor | None,
        output_hidden_states: bool = False,
        output_attentions: bool = False,
    ) -> BaseModelOutput:
        x = self.dropout(x)
        mask_ = padding_mask(x, seen)
        states, maps = [x], []
        for layer in self.layers:
            x, weights = layer(x, position, mask_, output_attentions=output_attentions)
            if output_hidden_states:
                states.append(x)
            if output_attentions:
                maps.append(weights)
        return BaseModelOutput(
            x, tuple(states) if output_hidden_states else None, tuple(maps) if output_attentions else None
        )


class TFDetrDecoder(layers.Layer):
    """Queries (B, Q, D), their positions, and the encoder's outputs (B, S, D) -> a vector for each query (B, Q, D).

    query_mask_ (Q, Q) is added to the scores of self-attention; None lets every query attend to all.
    """

    def __init__(self, config: DetrConfig) -> None:
        super().__init__()
        self.config = config
        self.layers = [TFDetrDecoderLayer(config) for _ in range(config.decoder_layers)]
        self.layernorm = layers.LayerNormalization(epsilon=EPSILON)

    def call(
        self,
        x: tf.Tensor,
        x_position: tf.Tensor,
        encoded: tf.Tensor,
        position: tf.Tensor,
        seen: tf.Tensor | None,
        query_mask_: tf.Tensor | None = None,
        output_hidden_states: bool = False,
        output_attentions: bool = False,
    ) -> DetrModelOutput:
        mask_ = padding_mask(x, seen)
        states, maps, cross_maps, intermediate = [x], [], [], []
        for layer in self.layers:
            x, weights, cross_weights = layer(
                x, x_position, encoded, position, mask_, query_mask_, output_attentions=output_attentions
            )
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
            intermediate_hidden_states=ops.stack(intermediate) if intermediate else None,
        )


class TFDetrMLPPredictionHead(layers.Layer):
    """Vectors (B, Q, D) -> boxes (B, Q, 4) before the sigmoid."""

    def __init__(self, config: DetrConfig) -> None:
        super().__init__()
        self.layers = [layers.Dense(config.d_model), layers.Dense(config.d_model), layers.Dense(4)]

    def call(self, x: tf.Tensor) -> tf.Tensor:
        for layer in self.layers[:-1]:
            x = ops.relu(layer(x))
        return self.layers[-1](x)


class TFDetrPreTrainedModel(TFPreTrainedModel):
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

    def save_pretrained(self, folder: Any) -> None:
        """As TFPreTrainedModel; the configuration says the ResNet by its sizes, so timm is not needed to load it."""
        self.config.leave_timm()
        super().save_pretrained(folder)

    def _to_save(self, whole: dict[str, Slot]) -> dict[str, Any]:
        state = super()._to_save(whole)
        return {timm_name(name): tensor for name, tensor in state.items()} if self.config.use_timm_backbone else state

    def init_weights(self, module: layers.Layer) -> None:
        super().init_weights(module)

        def draw(layer: layers.Layer, scale: float, mode: str, distribution: str) -> None:
            layer.kernel_initializer = Initial(keras.initializers.VarianceScaling(scale, mode, distribution))
            layer.bias_initializer = Initial("zeros")
            layer._has_initial_weights = True  # parents come first here

        if isinstance(module, layers.GroupNormalization):
            module.gamma_initializer, module.beta_initializer = Initial("ones"), Initial("zeros")
        elif isinstance(module, TFResNetConvLayer):
            draw(module.convolution, 2.0, "fan_out", "untruncated_normal")  # He et al. 2015
        elif isinstance(module, TFDetrMHAttentionMap):
            for layer in (module.q_linear, module.k_linear):
                draw(layer, self.config.init_xavier_std**2, "fan_avg", "uniform")  # Glorot and Bengio 2010
        elif isinstance(module, TFDetrLearnedPositionEmbedding):
            for layer in (module.row_embeddings, module.column_embeddings):
                layer.embeddings_initializer = Initial(keras.initializers.RandomUniform(0, 1))
                layer._has_initial_weights = True


@keras.saving.register_keras_serializable("hfquick")
class TFDetrModel(TFDetrPreTrainedModel):
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
        self.backbone = TFDetrConvModel(config)
        self.input_projection = layers.Conv2D(config.d_model, 1, data_format="channels_last")
        self.query_position_embeddings = layers.Embedding(config.num_queries, config.d_model)
        self.encoder = TFDetrEncoder(config)
        self.decoder = TFDetrDecoder(config)
        self.post_init()
        resnet = self.backbone.conv_encoder.model
        for part in (resnet.embedder, resnet.encoder.stages[0]):  # edges and colours are the same everywhere
            part.trainable = False

    def get_encoder(self) -> layers.Layer:
        """The transformer's encoder."""
        return self.encoder

    def freeze_backbone(self) -> None:
        """Train nothing of the ResNet."""
        self.backbone.conv_encoder.trainable = False

    def unfreeze_backbone(self) -> None:
        """Train all of the ResNet but its batch norm; a new model trains all but the stem and the first stage."""
        self.backbone.conv_encoder.trainable = True

    def call(
        self,
        pixel_values: tf.Tensor,
        pixel_mask: tf.Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        training: bool = False,
    ) -> DetrModelOutput:
        return self.with_maps(pixel_values, pixel_mask, output_hidden_states, output_attentions, training)[0]

    def with_maps(
        self,
        pixel_values: tf.Tensor,
        pixel_mask: tf.Tensor | None,
        output_hidden_states: bool | None,
        output_attentions: bool | None,
        training: bool,
    ) -> tuple[DetrModelOutput, list[tf.Tensor], tf.Tensor | None]:
        """The outputs, and what a mask head reads: feature maps, the one for the encoder last, and its mask."""
        asked = {
            "output_hidden_states": self.config.output_hidden_states
            if output_hidden_states is None
            else output_hidden_states,
            "output_attentions": self.config.output_attentions if output_attentions is None else output_attentions,
        }
        if training:
            self.config.check_training()
        maps, seen, position = self.backbone(pixel_values, pixel_mask)
        maps = [*maps, self.input_projection(maps[-1])]  # (B, y, x, D)
        B, y, x, D = ops.shape(maps[-1])
        encoded = self.encoder(ops.reshape(maps[-1], (B, y * x, D)), position, seen, **asked)  # (B, S, D)
        queries = self.query_position_embeddings(ops.arange(self.config.num_queries))[None]  # (1, Q, D)
        # Queries differ by their position alone. After ops.tile, Keras 3.12 no longer knows how wide they are.
        x = ops.broadcast_to(ops.zeros_like(queries), (B, *queries.shape[1:]))
        outputs = self.decoder(x, queries, encoded.last_hidden_state, position, seen, **asked)
        outputs.encoder_last_hidden_state = encoded.last_hidden_state
        outputs.encoder_hidden_states, outputs.encoder_attentions = encoded.hidden_states, encoded.attentions
        return outputs, maps, seen


@keras.saving.register_keras_serializable("hfquick")
class TFDetrForObjectDetection(TFDetrPreTrainedModel):
    """Object detection: a class, or "no object", and a box for each query.

    labels: a list with a dict for each picture, {"class_labels": (N,), "boxes": (N, 4)}; boxes are (centre x, centre y,
    width, height) as parts of the picture, padding not counted. Or one such table for all, padded: loss_tf_detr.py.
    """

    label_kind = "objects"
    IN_SEGMENTATION = "detr."

    def __init__(self, config: DetrConfig) -> None:
        super().__init__(config)
        self.model = TFDetrModel(config)
        self.class_labels_classifier = layers.Dense(config.num_labels + 1)  # the last is "no object"
        self.bbox_predictor = TFDetrMLPPredictionHead(config)
        self.post_init()

    def call(
        self,
        pixel_values: tf.Tensor,
        pixel_mask: tf.Tensor | None = None,
        labels: Any = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        training: bool = False,
    ) -> DetrObjectDetectionOutput:
        outputs = self.model(
            pixel_values,
            pixel_mask=pixel_mask,
            output_hidden_states=output_hidden_states,
            output_attentions=output_attentions,
        )
        return DetrObjectDetectionOutput(**self.with_heads(outputs, labels))

    def with_heads(self, outputs: DetrModelOutput, labels: Any, pred_masks: tf.Tensor | None = None) -> dict[str, Any]:
        """The outputs of a head by name, and their loss where labels are given."""
        predictions = self.predictions(outputs.last_hidden_state)
        if pred_masks is not None:
            predictions["pred_masks"] = pred_masks
        values: dict[str, Any] = {**predictions}
        if labels is not None:
            auxiliary = []
            if self.config.auxiliary_loss:
                states = ops.unstack(outputs.intermediate_hidden_states)
                auxiliary = [self.predictions(each) for each in states[:-1]]
                values["auxiliary_outputs"] = auxiliary
            values["loss"], values["loss_dict"] = detection_loss(predictions, auxiliary, labels, self.config)
        return values | {name: value for name, value in outputs.items() if name != "intermediate_hidden_states"}

    def predictions(self, x: tf.Tensor) -> dict[str, tf.Tensor]:
        """Vectors (B, Q, D) -> logits (B, Q, labels + 1) and boxes (B, Q, 4)."""
        return {"logits": self.class_labels_classifier(x), "pred_boxes": ops.sigmoid(self.bbox_predictor(x))}


@keras.saving.register_keras_serializable("hfquick")
class TFDetrForSegmentation(TFDetrPreTrainedModel):
    """Segmentation: a class, a box and a mask for each query; labels also have "masks" (N, Y, X)."""

    base_model_prefix = "detr"  # so that a detector's file loads, to which a mask head is to be trained
    label_kind = "objects"

    def __init__(self, config: DetrConfig) -> None:
        super().__init__(config)
        self.detr = TFDetrForObjectDetection(config)
        self.mask_head = TFDetrMaskHeadSmallConv(config)
        self.bbox_attention = TFDetrMHAttentionMap(config)
        self.post_init()

    def call(
        self,
        pixel_values: tf.Tensor,
        pixel_mask: tf.Tensor | None = None,
        labels: Any = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        training: bool = False,
    ) -> DetrSegmentationOutput:
        outputs, maps, seen = self.detr.model.with_maps(
            pixel_values, pixel_mask, output_hidden_states, output_attentions, training
        )
        attention = self.bbox_attention(outputs.last_hidden_state, outputs.encoder_last_hidden_state, seen)
        B, Q, H, _ = ops.shape(attention)
        attention = ops.reshape(attention, (B, Q, H, *ops.shape(maps[-1])[1:3]))  # (B, Q, H, y, x)
        pred_masks = self.mask_head(maps[-1], attention, maps[2::-1])
        return DetrSegmentationOutput(**self.detr.with_heads(outputs, labels, pred_masks))
