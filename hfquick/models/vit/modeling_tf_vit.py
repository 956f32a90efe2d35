"""ViT in Keras: a picture is cut into patches, and a transformer encoder reads them as it would read tokens.

Paper: Dosovitskiy et al. 2020, "An Image is Worth 16x16 Words" (https://arxiv.org/abs/2010.11929).
Same model in PyTorch, class by class: modeling_vit.py.
Attribute names spell the keys of a Hub checkpoint, so one table of layouts loads it (weights_tf.py).
Keras claims `output` for itself: here it is `output_`.
Pictures come with their channels in front, as in PyTorch; on a processor TensorFlow convolves them only when they stand
last, so the first layer turns them. Keras's own bicubic interpolation is another one, so torch's is written out below.

Shapes: B pictures, C channels, Y and X height and width in pixels, y and x rows and columns of patches,
T = 1 + y * x vectors, D hidden_size, H heads, K = D / H, N labels.
"""

import keras
import tensorflow as tf
from keras import layers, ops

from ...core.losses_tf import classification_loss
from ...core.modeling_tf import Initial, TFPreTrainedModel, activation
from ...core.outputs import BaseModelOutput, BaseModelOutputWithPooling, ImageClassifierOutput
from ...core.pictures import both_sides
from .configuration_vit import ViTConfig


class TFViTPatchEmbeddings(layers.Layer):
    """Pixels (B, C, Y, X) -> a vector of D numbers for each of y * x patches: one linear map, the same for all."""

    def __init__(self, config: ViTConfig) -> None:
        super().__init__()
        size = both_sides(config.patch_size)
        self.projection = layers.Conv2D(config.hidden_size, size, strides=size, data_format="channels_last")

    def call(self, pixel_values: tf.Tensor) -> tf.Tensor:
        x = self.projection(ops.transpose(pixel_values, (0, 2, 3, 1)))  # (B, y, x, D)
        return ops.reshape(x, (ops.shape(x)[0], -1, x.shape[-1]))  # (B, y * x, D)


class TFViTEmbeddings(layers.Layer):
    """Pixels (B, C, Y, X) -> embeddings (B, T, D): a learned vector [CLS], then the patches; all + their position."""

    def __init__(self, config: ViTConfig) -> None:
        super().__init__()
        self.grid, self.patch_size = config.grid, both_sides(config.patch_size)
        normal = keras.initializers.RandomNormal(stddev=config.initializer_range)
        self.cls_token_initializer, self.position_embeddings_initializer = Initial(normal), Initial(normal)
        self.cls_token = self.add_weight(
            name="cls_token", shape=(1, 1, config.hidden_size), initializer=self.cls_token_initializer
        )
        self.position_embeddings = self.add_weight(
            name="position_embeddings",
            shape=(1, 1 + self.grid[0] * self.grid[1], config.hidden_size),
            initializer=self.position_embeddings_initializer,
        )
        self.patch_embeddings = TFViTPatchEmbeddings(config)
        self.dropout = layers.Dropout(config.hidden_dropout_prob)

    def call(self, pixel_values: tf.Tensor, interpolate_pos_encoding: bool) -> tf.Tensor:
        B, _, Y, X = ops.shape(pixel_values)
        patches = self.patch_embeddings(pixel_values)  # (B, y * x, D)
        first = ops.broadcast_to(ops.cast(self.cls_token, patches.dtype), (B, 1, patches.shape[-1]))
        x = ops.concatenate([first, patches], 1)  # (B, T, D)
        positions = self.position_embeddings
        grid = Y // self.patch_size[0], X // self.patch_size[1]
        is_known = isinstance(Y, int) and isinstance(X, int)  # it may not be while a graph is traced
        if interpolate_pos_encoding and not (is_known and grid == self.grid):
            positions = self.interpolated(*grid)
        return self.dropout(x + ops.cast(positions, x.dtype))

    def interpolated(self, y: int | tf.Tensor, x: int | tf.Tensor) -> tf.Tensor:
        """The position embeddings (1, T, D) of another grid of patches: those learned, resized like a picture."""
        D = self.position_embeddings.shape[-1]
        first, patches = self.position_embeddings[:, :1], self.position_embeddings[0, 1:]
        rows, columns = (bicubic(old, new, patches.dtype) for old, new in zip(self.grid, (y, x), strict=True))
        picture = ops.einsum("yi,ijd->yjd", rows, ops.reshape(patches, (*self.grid, D)))
        picture = ops.einsum("xj,yjd->yxd", columns, picture)
        return ops.concatenate([first, ops.reshape(picture, (1, -1, D))], 1)


def bicubic(old: int, new: int | tf.Tensor, dtype: str) -> tf.Tensor:
    """How much each of `new` lines takes of each of `old` ones, (new, old): torch's cubic interpolation, a = -0.75.

    Keys 1981, "Cubic convolution interpolation for digital image processing"; Keras has a = -0.5.
    """
    at = (ops.arange(new, dtype="float32") + 0.5) * (old / ops.cast(new, "float32")) - 0.5  # among the old ones
    before, weights = ops.floor(at), 0.0
    for step in (-1, 0, 1, 2):  # the four old lines around it; beyond the edge stands the last one again
        line = before + step
        d = ops.abs(at - line)
        near, far = (1.25 * d - 2.25) * d * d + 1, -0.75 * (((d - 5) * d + 8) * d - 4)
        place = ops.one_hot(ops.cast(ops.clip(line, 0, old - 1), "int32"), old)  # (new, old)
        weights += ops.where(d <= 1, near, far)[:, None] * place
    return ops.cast(weights, dtype)


class TFViTSelfAttention(layers.Layer):
    """Multi-head self-attention (B, T, D) -> (B, T, D): each patch attends to all patches."""

    def __init__(self, config: ViTConfig) -> None:
        super().__init__()
        self.num_attention_heads = config.num_attention_heads
        self.query = layers.Dense(config.hidden_size, use_bias=config.qkv_bias)
        self.key = layers.Dense(config.hidden_size, use_bias=config.qkv_bias)
        self.value = layers.Dense(config.hidden_size, use_bias=config.qkv_bias)
        self.dropout = layers.Dropout(config.attention_probs_dropout_prob)

    def call(self, x: tf.Tensor, output_attentions: bool, training: bool = False) -> tuple[tf.Tensor, tf.Tensor | None]:
        B, T, D = ops.shape(x)
        K = D // self.num_attention_heads

        def split_heads(y: tf.Tensor) -> tf.Tensor:
            return ops.reshape(y, (B, T, self.num_attention_heads, K))

        q, k, v = split_heads(self.query(x)), split_heads(self.key(x)), split_heads(self.value(x))  # (B, T, H, K)
        # The fused call below returns no attention weights and has no dropout.
        if output_attentions or (training and self.dropout.rate > 0):
            scores = ops.einsum("bqhk,bthk->bhqt", q, k) / K**0.5  # (B, H, T, T)
            weights = self.dropout(tf.nn.softmax(scores))
            context = ops.einsum("bhqt,bthk->bqhk", weights, v)
        else:
            weights = None
            context = ops.dot_product_attention(q, k, v)  # (B, T, H, K)
        return ops.reshape(context, (B, T, D)), weights


class TFViTSelfOutput(layers.Layer):
    """Output projection of the attention; its residual connection is in the layer."""

    def __init__(self, config: ViTConfig) -> None:
        super().__init__()
        self.dense = layers.Dense(config.hidden_size)
        self.dropout = layers.Dropout(config.hidden_dropout_prob)

    def call(self, context: tf.Tensor) -> tf.Tensor:
        return self.dropout(self.dense(context))


class TFViTAttention(layers.Layer):
    """The attention half of a layer; `attention` and `output` are the checkpoint's names for its two parts."""

    def __init__(self, config: ViTConfig) -> None:
        super().__init__()
        self.attention = TFViTSelfAttention(config)
        self.output_ = TFViTSelfOutput(config)

    def call(self, x: tf.Tensor, output_attentions: bool) -> tuple[tf.Tensor, tf.Tensor | None]:
        context, weights = self.attention(x, output_attentions=output_attentions)
        return self.output_(context), weights


class TFViTIntermediate(layers.Layer):
    """First half of the feed-forward network, position-wise: D -> intermediate_size, then the activation."""

    def __init__(self, config: ViTConfig) -> None:
        super().__init__()
        self.dense = layers.Dense(config.intermediate_size)
        self.intermediate_act_fn = activation(config.hidden_act)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return self.intermediate_act_fn(self.dense(x))


class TFViTOutput(layers.Layer):
    """Second half of the feed-forward network: back to D, residual connection."""

    def __init__(self, config: ViTConfig) -> None:
        super().__init__()
        self.dense = layers.Dense(config.hidden_size)
        self.dropout = layers.Dropout(config.hidden_dropout_prob)

    def call(self, hidden: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
        return x + self.dropout(self.dense(hidden))


class TFViTLayer(layers.Layer):
    """Transformer encoder layer: each half reads through a LayerNorm and is added to its input (pre-norm)."""

    def __init__(self, config: ViTConfig) -> None:
        super().__init__()
        self.attention = TFViTAttention(config)
        self.intermediate = TFViTIntermediate(config)
        self.output_ = TFViTOutput(config)
        self.layernorm_before = layers.LayerNormalization(epsilon=config.layer_norm_eps)
        self.layernorm_after = layers.LayerNormalization(epsilon=config.layer_norm_eps)

    def call(self, x: tf.Tensor, output_attentions: bool) -> tuple[tf.Tensor, tf.Tensor | None]:
        context, weights = self.attention(self.layernorm_before(x), output_attentions=output_attentions)
        x = x + context
        return self.output_(self.intermediate(self.layernorm_after(x)), x), weights


class TFViTEncoder(layers.Layer):
    """The stack of num_hidden_layers layers."""

    def __init__(self, config: ViTConfig) -> None:
        super().__init__()
        self.layer = [TFViTLayer(config) for _ in range(config.num_hidden_layers)]

    def call(self, x: tf.Tensor, output_hidden_states: bool, output_attentions: bool) -> BaseModelOutput:
        states, maps = [x], []
        for layer in self.layer:
            x, weights = layer(x, output_attentions=output_attentions)
            if output_hidden_states:
                states.append(x)
            if output_attentions:
                maps.append(weights)
        return BaseModelOutput(
            x, tuple(states) if output_hidden_states else None, tuple(maps) if output_attentions else None
        )


class TFViTPooler(layers.Layer):
    """Pools the vector of [CLS]: linear + activation, (B, T, D) -> (B, pooler_output_size)."""

    def __init__(self, config: ViTConfig) -> None:
        super().__init__()
        self.dense = layers.Dense(config.pooler_output_size or config.hidden_size)
        self.activation = activation(config.pooler_act)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return self.activation(self.dense(x[:, 0]))


class TFViTPreTrainedModel(TFPreTrainedModel):
    """Loading, saving and weight initialisation of all ViT models."""

    config_class = ViTConfig
    base_model_prefix = "vit"
    main_input_name = "pixel_values"
    INPUT_EMBEDDINGS = "embeddings.patch_embeddings"
    OPTIONAL = ("pooler.",)  # checkpoints of classifiers have none
    BUFFERS = ("embeddings.mask_token",)  # of masked image modeling, in whose place patches were hidden


@keras.saving.register_keras_serializable("hfquick")
class TFViTModel(TFViTPreTrainedModel):
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
        self.embeddings = TFViTEmbeddings(config)
        self.encoder = TFViTEncoder(config)
        self.layernorm = layers.LayerNormalization(epsilon=config.layer_norm_eps)
        self.pooler = TFViTPooler(config) if add_pooling_layer else None
        self.post_init()

    def call(
        self,
        pixel_values: tf.Tensor | None = None,
        interpolate_pos_encoding: bool | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        training: bool = False,
    ) -> BaseModelOutputWithPooling:
        if output_hidden_states is None:
            output_hidden_states = self.config.output_hidden_states
        if output_attentions is None:
            output_attentions = self.config.output_attentions
        x = self.embeddings(pixel_values, interpolate_pos_encoding=bool(interpolate_pos_encoding))
        outputs = self.encoder(x, output_hidden_states=output_hidden_states, output_attentions=output_attentions)
        x = self.layernorm(outputs.last_hidden_state)
        pooled = None if self.pooler is None else self.pooler(x)
        return BaseModelOutputWithPooling(x, pooled, outputs.hidden_states, outputs.attentions)


@keras.saving.register_keras_serializable("hfquick")
class TFViTForImageClassification(TFViTPreTrainedModel):
    """Image classification: logits (B, N) from the vector of [CLS]; labels (B,)."""

    label_kind = "class"

    def __init__(self, config: ViTConfig) -> None:
        super().__init__(config)
        self.vit = TFViTModel(config, add_pooling_layer=False)
        self.classifier = layers.Dense(config.num_labels)
        self.post_init()

    def call(
        self,
        pixel_values: tf.Tensor | None = None,
        labels: tf.Tensor | None = None,
        interpolate_pos_encoding: bool | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        training: bool = False,
    ) -> ImageClassifierOutput:
        outputs = self.vit(
            pixel_values,
            interpolate_pos_encoding=interpolate_pos_encoding,
            output_hidden_states=output_hidden_states,
            output_attentions=output_attentions,
        )
        logits = self.classifier(outputs.last_hidden_state[:, 0])  # (B, N)
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return ImageClassifierOutput(loss, logits, outputs.hidden_states, outputs.attentions)
