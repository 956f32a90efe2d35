"""ViLT in Keras: one transformer encoder reads a text and the patches of a picture together.

Paper: Kim et al. 2021, "ViLT: Vision-and-Language Transformer Without Convolution or Region Supervision"
(https://arxiv.org/abs/2102.03334). Its layers are those of ViT, its text embeddings those of BERT.
Same model in PyTorch, class by class: modeling_vilt.py.
Attribute names spell the keys of a Hub checkpoint, so one table of layouts loads it (weights_tf.py).
Keras claims `output` and arguments that end in `mask` for itself: here they are `output_` and `mask_`.
Pictures come with their channels in front, as in PyTorch; on a processor TensorFlow convolves them only when they stand
last, so the first layer turns them.

Shapes: B pairs of a text and a picture, T tokens, C channels, Y and X height and width in pixels, y and x rows and
columns of patches, P patches that are read, S = T + 1 + P vectors, D hidden_size, H heads, K = D / H, N answers.
"""

from typing import Any

import keras
import tensorflow as tf
from keras import layers, ops

from ...core import checks
from ...core.losses_tf import scores_loss
from ...core.modeling_tf import Initial, TFPreTrainedModel, activation, check_ids, check_length, check_read
from ...core.outputs import BaseModelOutput, BaseModelOutputWithPooling, SequenceClassifierOutput
from ...core.pictures import both_sides
from .configuration_vilt import ViltConfig


class TFViltTextEmbeddings(layers.Layer):
    """Token ids (B, T) -> embeddings (B, T, D): word + position + token type, then LayerNorm."""

    def __init__(self, config: ViltConfig) -> None:
        super().__init__()
        self.word_embeddings = layers.Embedding(config.vocab_size, config.hidden_size)
        self.position_embeddings = layers.Embedding(config.max_position_embeddings, config.hidden_size)
        self.token_type_embeddings = layers.Embedding(config.type_vocab_size, config.hidden_size)
        self.LayerNorm = layers.LayerNormalization(epsilon=config.layer_norm_eps)
        self.dropout = layers.Dropout(config.hidden_dropout_prob)

    def call(
        self, input_ids: tf.Tensor | None, token_type_ids: tf.Tensor | None, inputs_embeds: tf.Tensor | None
    ) -> tf.Tensor:
        if inputs_embeds is None:
            check_ids(input_ids, self.word_embeddings.input_dim, "token id")
            inputs_embeds = self.word_embeddings(input_ids)  # (B, T, D)
        B, T, _ = ops.shape(inputs_embeds)
        check_length(T, self.position_embeddings.input_dim)
        positions = ops.arange(T)
        if token_type_ids is None:  # one text, no pair: type 0 everywhere
            token_type_ids = ops.zeros((B, T), "int32")
        else:
            check_ids(token_type_ids, self.token_type_embeddings.input_dim, "token type")
        x = inputs_embeds + self.token_type_embeddings(token_type_ids) + self.position_embeddings(positions)
        return self.dropout(self.LayerNorm(x))


class TFViltPatchEmbeddings(layers.Layer):
    """Pixels (B, C, Y, X) -> a vector of D numbers for each of y * x patches: one linear map, the same for all."""

    def __init__(self, config: ViltConfig) -> None:
        super().__init__()
        size = both_sides(config.patch_size)
        self.projection = layers.Conv2D(config.hidden_size, size, strides=size, data_format="channels_last")

    def call(self, pixel_values: tf.Tensor) -> tf.Tensor:
        return self.projection(ops.transpose(pixel_values, (0, 2, 3, 1)))  # (B, y, x, D)


class TFViltEmbeddings(layers.Layer):
    """A text and a picture -> one sequence of embeddings (B, S, D), and which of them are read (B, S)."""

    def __init__(self, config: ViltConfig) -> None:
        super().__init__()
        self.grid = config.grid
        self.text_embeddings = TFViltTextEmbeddings(config)
        self.cls_token_initializer, self.position_embeddings_initializer = Initial("zeros"), Initial("zeros")
        self.cls_token = self.add_weight(
            name="cls_token", shape=(1, 1, config.hidden_size), initializer=self.cls_token_initializer
        )
        self.patch_embeddings = TFViltPatchEmbeddings(config)
        self.position_embeddings = self.add_weight(
            name="position_embeddings",
            shape=(1, 1 + self.grid[0] * self.grid[1], config.hidden_size),
            initializer=self.position_embeddings_initializer,
        )
        self.token_type_embeddings = layers.Embedding(config.modality_type_vocab_size, config.hidden_size)
        self.dropout = layers.Dropout(config.hidden_dropout_prob)

    def call(
        self,
        input_ids: tf.Tensor | None,
        text_mask_: tf.Tensor | None,
        token_type_ids: tf.Tensor | None,
        pixel_values: tf.Tensor | None,
        pixel_mask_: tf.Tensor | None,
        inputs_embeds: tf.Tensor | None,
        image_embeds: tf.Tensor | None,
        image_token_type_idx: int,
    ) -> tuple[tf.Tensor, tf.Tensor | None]:
        text = self.text_embeddings(input_ids, token_type_ids, inputs_embeds)  # (B, T, D)
        if image_embeds is None:
            picture, read = self.visual_embed(pixel_values, pixel_mask_)  # (B, 1 + P, D)
        else:
            picture, read = image_embeds, None
            if pixel_mask_ is not None:
                read = ops.reshape(pixel_mask_, (ops.shape(pixel_mask_)[0], -1))
        x = ops.concatenate(
            [text + self.kind(0, text), picture + self.kind(image_token_type_idx, picture)], 1
        )  # (B, S, D)
        if text_mask_ is None and read is None:
            return x, None
        text_mask_ = ops.ones(ops.shape(text)[:2], "bool") if text_mask_ is None else ops.cast(text_mask_, "bool")
        read = ops.ones(ops.shape(picture)[:2], "bool") if read is None else ops.cast(read, "bool")
        return x, ops.concatenate([text_mask_, read], 1)

    def kind(self, index: int, x: tf.Tensor) -> tf.Tensor:
        """The embeddings (B, n, D) that tell what vectors x (B, n, D) are: of a text, or of a picture."""
        kinds = ops.full(ops.shape(x)[:2], index, "int32")
        check_ids(kinds, self.token_type_embeddings.input_dim, "token type")
        return self.token_type_embeddings(kinds)

    def visual_embed(
        self, pixel_values: tf.Tensor, pixel_mask_: tf.Tensor | None
    ) -> tuple[tf.Tensor, tf.Tensor | None]:
        """Pixels (B, C, Y, X) -> a learned [CLS], then the patches, (B, 1 + P, D), and which are read (B, 1 + P).

        Pictures of several sizes come in one batch, padded below and on the right. The position embeddings are resized
        to each of them. Patches of padding are left out, as far as all pictures of the batch have some: P is the number
        of patches of the largest one. (transformers samples patches in random order, and their order means nothing to
        an encoder; here they come row by row.)
        """
        patches = self.patch_embeddings(pixel_values)  # (B, y, x, D)
        B, y, x, D = ops.shape(patches)
        vectors = ops.reshape(patches, (B, -1, D))  # (B, y * x, D)
        size: Any
        if pixel_mask_ is None:
            read, size = None, (ops.stack([y]), ops.stack([x]))
        else:
            read = nearest(ops.cast(pixel_mask_, "int32"), y, x)  # (B, y, x)
            size = ops.sum(read[:, :, 0], 1), ops.sum(read[:, 0], 1)  # rows and columns (B,) of each picture
            check_read(size[0] * size[1])
        first = ops.cast(self.cls_token + self.position_embeddings[:, :1], vectors.dtype)
        grid = ops.reshape(ops.cast(self.position_embeddings[:, 1:], vectors.dtype), (*self.grid, D))
        rows, columns = (bilinear(*sizes, vectors.dtype) for sizes in zip(self.grid, size, (y, x), strict=True))
        positions = ops.einsum("byi,ijd->byjd", rows, grid)
        positions = ops.einsum("bxj,byjd->byxd", columns, positions)
        vectors = vectors + ops.reshape(positions, (-1, y * x, D))
        if read is not None:
            read = ops.reshape(read, (B, -1))
            longest = ops.max(size[0] * size[1])  # P
            read_first = tf.argsort(1 - read, axis=1, stable=True)[:, :longest]  # (B, P): indices of patches
            vectors, read = (tf.gather(each, read_first, batch_dims=1) for each in (vectors, read))
            read = ops.concatenate([ops.ones((B, 1), "int32"), read], 1)
        return self.dropout(ops.concatenate([ops.broadcast_to(first, (B, 1, D)), vectors], 1)), read


def nearest(mask_: tf.Tensor, y: int | tf.Tensor, x: int | tf.Tensor) -> tf.Tensor:
    """A mask of pixels (B, Y, X) -> that of patches (B, y, x): its value at the first pixel of each."""
    for axis, count in ((1, y), (2, x)):
        step = ops.cast(ops.shape(mask_)[axis], "float32") / ops.cast(count, "float32")
        mask_ = ops.take(mask_, ops.cast(ops.floor(ops.arange(count, dtype="float32") * step), "int32"), axis)
    return mask_


def bilinear(old: int, sizes: tf.Tensor, new: int | tf.Tensor, dtype: str) -> tf.Tensor:
    """How much each of `new` lines takes of each of `old` ones, (B, new, old), when `sizes` (B,) of them span all.

    The first line is the first old one, and the last of so many the last; lines beyond take nothing.
    """
    line, sizes = ops.arange(new, dtype="float32"), ops.cast(sizes, "float32")[:, None]
    at = line * (old - 1) / ops.maximum(sizes - 1, 1)  # (B, new), among the old ones
    near = ops.maximum(1 - ops.abs(at[..., None] - ops.arange(old, dtype="float32")), 0)
    return ops.cast(near * ops.cast(line < sizes, "float32")[..., None], dtype)


class TFViltSelfAttention(layers.Layer):
    """Multi-head self-attention (B, S, D) -> (B, S, D): tokens and patches attend to all of both."""

    def __init__(self, config: ViltConfig) -> None:
        super().__init__()
        self.num_attention_heads = config.num_attention_heads
        self.query = layers.Dense(config.hidden_size, use_bias=config.qkv_bias)
        self.key = layers.Dense(config.hidden_size, use_bias=config.qkv_bias)
        self.value = layers.Dense(config.hidden_size, use_bias=config.qkv_bias)
        self.dropout = layers.Dropout(config.attention_probs_dropout_prob)

    def call(
        self, x: tf.Tensor, mask_: tf.Tensor | None, output_attentions: bool, training: bool = False
    ) -> tuple[tf.Tensor, tf.Tensor | None]:
        B, S, D = ops.shape(x)
        K = D // self.num_attention_heads

        def split_heads(y: tf.Tensor) -> tf.Tensor:
            return ops.reshape(y, (B, S, self.num_attention_heads, K))

        q, k, v = split_heads(self.query(x)), split_heads(self.key(x)), split_heads(self.value(x))  # (B, S, H, K)
        # The fused call below returns no attention weights and has no dropout.
        if output_attentions or (training and self.dropout.rate > 0):
            scores = ops.einsum("bqhk,bthk->bhqt", q, k) / K**0.5  # (B, H, S, S)
            if mask_ is not None:
                scores = ops.where(mask_, scores, scores.dtype.min)
            weights = self.dropout(tf.nn.softmax(scores))
            context = ops.einsum("bhqt,bthk->bqhk", weights, v)
        else:
            weights = None
            context = ops.dot_product_attention(q, k, v, mask=mask_)  # (B, S, H, K)
        return ops.reshape(context, (B, S, D)), weights


class TFViltSelfOutput(layers.Layer):
    """Output projection of the attention; its residual connection is in the layer."""

    def __init__(self, config: ViltConfig) -> None:
        super().__init__()
        self.dense = layers.Dense(config.hidden_size)
        self.dropout = layers.Dropout(config.hidden_dropout_prob)

    def call(self, context: tf.Tensor) -> tf.Tensor:
        return self.dropout(self.dense(context))


class TFViltAttention(layers.Layer):
    """The attention half of a layer; `attention` and `output` are the checkpoint's names for its two parts."""

    def __init__(self, config: ViltConfig) -> None:
        super().__init__()
        self.attention = TFViltSelfAttention(config)
        self.output_ = TFViltSelfOutput(config)

    def call(
        self, x: tf.Tensor, mask_: tf.Tensor | None, output_attentions: bool
    ) -> tuple[tf.Tensor, tf.Tensor | None]:
        context, weights = self.attention(x, mask_, output_attentions=output_attentions)
        return self.output_(context), weights


class TFViltIntermediate(layers.Layer):
    """First half of the feed-forward network, position-wise: D -> intermediate_size, then the activation."""

    def __init__(self, config: ViltConfig) -> None:
        super().__init__()
        self.dense = layers.Dense(config.intermediate_size)
        self.intermediate_act_fn = activation(config.hidden_act)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return self.intermediate_act_fn(self.dense(x))


class TFViltOutput(layers.Layer):
    """Second half of the feed-forward network: back to D, residual connection."""

    def __init__(self, config: ViltConfig) -> None:
        super().__init__()
        self.dense = layers.Dense(config.hidden_size)
        self.dropout = layers.Dropout(config.hidden_dropout_prob)

    def call(self, hidden: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
        return x + self.dropout(self.dense(hidden))


class TFViltLayer(layers.Layer):
    """Transformer encoder layer: each half reads through a LayerNorm and is added to its input (pre-norm)."""

    def __init__(self, config: ViltConfig) -> None:
        super().__init__()
        self.attention = TFViltAttention(config)
        self.intermediate = TFViltIntermediate(config)
        self.output_ = TFViltOutput(config)
        self.layernorm_before = layers.LayerNormalization(epsilon=config.layer_norm_eps)
        self.layernorm_after = layers.LayerNormalization(epsilon=config.layer_norm_eps)

    def call(
        self, x: tf.Tensor, mask_: tf.Tensor | None, output_attentions: bool
    ) -> tuple[tf.Tensor, tf.Tensor | None]:
        context, weights = self.attention(self.layernorm_before(x), mask_, output_attentions=output_attentions)
        x = x + context
        return self.output_(self.intermediate(self.layernorm_after(x)), x), weights


class TFViltEncoder(layers.Layer):
    """The stack of num_hidden_layers layers."""

    def __init__(self, config: ViltConfig) -> None:
        super().__init__()
        self.layer = [TFViltLayer(config) for _ in range(config.num_hidden_layers)]

    def call(
        self, x: tf.Tensor, mask_: tf.Tensor | None, output_hidden_states: bool, output_attentions: bool
    ) -> BaseModelOutput:
        states, maps = [x], []
        for layer in self.layer:
            x, weights = layer(x, mask_, output_attentions=output_attentions)
            if output_hidden_states:
                states.append(x)
            if output_attentions:
                maps.append(weights)
        return BaseModelOutput(
            x, tuple(states) if output_hidden_states else None, tuple(maps) if output_attentions else None
        )


class TFViltPooler(layers.Layer):
    """Pools the first token of the text: linear + tanh, (B, S, D) -> (B, D)."""

    def __init__(self, config: ViltConfig) -> None:
        super().__init__()
        self.dense = layers.Dense(config.hidden_size)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return ops.tanh(self.dense(x[:, 0]))


class TFViltPreTrainedModel(TFPreTrainedModel):
    """Loading, saving and weight initialisation of all ViLT models; [CLS] and positions of the picture start at 0."""

    config_class = ViltConfig
    base_model_prefix = "vilt"
    INPUT_EMBEDDINGS = "embeddings.text_embeddings.word_embeddings"
    OPTIONAL = ("pooler.",)
    BUFFERS = (".token_type_ids",)  # of early versions, as position_ids


@keras.saving.register_keras_serializable("hfquick")
class TFViltModel(TFViltPreTrainedModel):
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
        self.embeddings = TFViltEmbeddings(config)
        self.encoder = TFViltEncoder(config)
        self.layernorm = layers.LayerNormalization(epsilon=config.layer_norm_eps)
        self.pooler = TFViltPooler(config) if add_pooling_layer else None
        self.post_init()

    def call(
        self,
        input_ids: tf.Tensor | None = None,
        attention_mask: tf.Tensor | None = None,
        token_type_ids: tf.Tensor | None = None,
        pixel_values: tf.Tensor | None = None,
        pixel_mask: tf.Tensor | None = None,
        inputs_embeds: tf.Tensor | None = None,
        image_embeds: tf.Tensor | None = None,
        image_token_type_idx: int | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        training: bool = False,
    ) -> BaseModelOutputWithPooling:
        checks.check_given(input_ids, inputs_embeds)
        if output_hidden_states is None:
            output_hidden_states = self.config.output_hidden_states
        if output_attentions is None:
            output_attentions = self.config.output_attentions
        x, mask_ = self.embeddings(
            input_ids,
            attention_mask,
            token_type_ids,
            pixel_values,
            pixel_mask,
            inputs_embeds,
            image_embeds,
            image_token_type_idx=1 if image_token_type_idx is None else image_token_type_idx,
        )
        if mask_ is not None:
            mask_ = mask_[:, None, None, :]  # (B, 1, 1, S), for all heads and queries
        outputs = self.encoder(x, mask_, output_hidden_states=output_hidden_states, output_attentions=output_attentions)
        x = self.layernorm(outputs.last_hidden_state)
        pooled = None if self.pooler is None else self.pooler(x)
        return BaseModelOutputWithPooling(x, pooled, outputs.hidden_states, outputs.attentions)


@keras.saving.register_keras_serializable("hfquick")
class TFViltForQuestionAnswering(TFViltPreTrainedModel):
    """Visual question answering: logits (B, N) of the answers it knows, from the pooled vector.

    Labels (B, N) say how right each answer is, from 0 to 1: people answer differently, and several may be right.
    """

    label_kind = "scores"

    def __init__(self, config: ViltConfig) -> None:
        super().__init__(config)
        self.vilt = TFViltModel(config)
        self.classifier = [
            layers.Dense(2 * config.hidden_size),
            layers.LayerNormalization(epsilon=1e-5),
            layers.Activation(activation("gelu")),
            layers.Dense(config.num_labels),
        ]
        self.post_init()

    def call(
        self,
        input_ids: tf.Tensor | None = None,
        attention_mask: tf.Tensor | None = None,
        token_type_ids: tf.Tensor | None = None,
        pixel_values: tf.Tensor | None = None,
        pixel_mask: tf.Tensor | None = None,
        labels: tf.Tensor | None = None,
        inputs_embeds: tf.Tensor | None = None,
        image_embeds: tf.Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        training: bool = False,
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
        logits = outputs.pooler_output
        for layer in self.classifier:
            logits = layer(logits)  # at last (B, N)
        loss = None if labels is None else scores_loss(logits, labels)
        return SequenceClassifierOutput(loss, logits, outputs.hidden_states, outputs.attentions)
