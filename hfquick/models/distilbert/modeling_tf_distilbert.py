"""DistilBERT in Keras: BERT with half the layers, no token types and no pooler.

Paper: Sanh et al. 2019, "DistilBERT, a distilled version of BERT" (https://arxiv.org/abs/1910.01108).
Same model in PyTorch, class by class: modeling_distilbert.py.
Attribute names spell the keys of a Hub checkpoint, so one table of layouts loads it (weights_tf.py).
Keras claims arguments that end in `mask` for itself: here it is `mask_`.

Shapes: B batch, T tokens, D dim, H heads, K = D / H, V vocabulary, N labels.
"""

from typing import ClassVar

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from ...core import checks
from ...core.losses_tf import classification_loss, span_loss, token_loss
from ...core.modeling_tf import Initial, LMHead, TFPreTrainedModel, activation, check_ids, check_length
from ...core.outputs import (
    BaseModelOutput,
    MaskedLMOutput,
    QuestionAnsweringModelOutput,
    SequenceClassifierOutput,
    TokenClassifierOutput,
)
from .configuration_distilbert import DistilBertConfig


def sinusoids(positions: int, dim: int) -> np.ndarray:
    """Fixed position embeddings (positions, dim): sines in even columns, cosines in odd (Vaswani et al. 2017, 3.5)."""
    column = np.arange(dim)
    angle = np.arange(positions)[:, None] / 10000.0 ** (2 * (column // 2) / dim)
    return np.where(column % 2 == 0, np.sin(angle), np.cos(angle)).astype("float32")


class TFEmbeddings(layers.Layer):
    """Token ids (B, T) -> embeddings (B, T, D): word + position, then LayerNorm."""

    def __init__(self, config: DistilBertConfig) -> None:
        super().__init__()
        self.word_embeddings = layers.Embedding(config.vocab_size, config.dim)
        self.position_embeddings = layers.Embedding(config.max_position_embeddings, config.dim)
        self.position_embeddings.trainable = not config.sinusoidal_pos_embds
        self.LayerNorm = layers.LayerNormalization(epsilon=1e-12)
        self.dropout = layers.Dropout(config.dropout)

    def call(self, input_ids: tf.Tensor | None, inputs_embeds: tf.Tensor | None = None) -> tf.Tensor:
        if inputs_embeds is None:
            check_ids(input_ids, self.word_embeddings.input_dim, "token id")
            inputs_embeds = self.word_embeddings(input_ids)  # (B, T, D)
        T = ops.shape(inputs_embeds)[1]
        check_length(T, self.position_embeddings.input_dim)
        positions = ops.arange(T)
        return self.dropout(self.LayerNorm(inputs_embeds + self.position_embeddings(positions)))


class TFMultiHeadSelfAttention(layers.Layer):
    """Multi-head self-attention (B, T, D) -> (B, T, D): each token attends to all tokens."""

    def __init__(self, config: DistilBertConfig) -> None:
        super().__init__()
        self.n_heads = config.n_heads
        self.q_lin = layers.Dense(config.dim)
        self.k_lin = layers.Dense(config.dim)
        self.v_lin = layers.Dense(config.dim)
        self.out_lin = layers.Dense(config.dim)
        self.dropout = layers.Dropout(config.attention_dropout)

    def call(
        self, x: tf.Tensor, mask_: tf.Tensor | None, output_attentions: bool, training: bool = False
    ) -> tuple[tf.Tensor, tf.Tensor | None]:
        B, T, D = ops.shape(x)
        K = D // self.n_heads

        def split_heads(y: tf.Tensor) -> tf.Tensor:
            return ops.reshape(y, (B, T, self.n_heads, K))

        q, k, v = split_heads(self.q_lin(x)), split_heads(self.k_lin(x)), split_heads(self.v_lin(x))  # (B, T, H, K)
        # The fused call below returns no attention weights and has no dropout.
        if output_attentions or (training and self.dropout.rate > 0):
            scores = ops.einsum("bqhk,bthk->bhqt", q, k) / K**0.5  # (B, H, T, T)
            if mask_ is not None:
                scores = ops.where(mask_, scores, scores.dtype.min)
            weights = self.dropout(tf.nn.softmax(scores))  # ops.softmax warns where a text is one token
            context = ops.einsum("bhqt,bthk->bqhk", weights, v)
        else:
            weights = None
            context = ops.dot_product_attention(q, k, v, mask=mask_)  # (B, T, H, K)
        context = ops.reshape(context, (B, T, D))
        return self.out_lin(context), weights


class TFFFN(layers.Layer):
    """Feed-forward network, position-wise: D -> hidden_dim -> D, with an activation between the two linear maps."""

    def __init__(self, config: DistilBertConfig) -> None:
        super().__init__()
        self.lin1 = layers.Dense(config.hidden_dim)
        self.activation = activation(config.activation)
        self.lin2 = layers.Dense(config.dim)
        self.dropout = layers.Dropout(config.dropout)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return self.dropout(self.lin2(self.activation(self.lin1(x))))


class TFTransformerBlock(layers.Layer):
    """Transformer encoder layer: self-attention, then feed-forward network (post-norm)."""

    def __init__(self, config: DistilBertConfig) -> None:
        super().__init__()
        self.attention = TFMultiHeadSelfAttention(config)
        self.sa_layer_norm = layers.LayerNormalization(epsilon=1e-12)
        self.ffn = TFFFN(config)
        self.output_layer_norm = layers.LayerNormalization(epsilon=1e-12)

    def call(
        self, x: tf.Tensor, mask_: tf.Tensor | None, output_attentions: bool
    ) -> tuple[tf.Tensor, tf.Tensor | None]:
        context, weights = self.attention(x, mask_, output_attentions=output_attentions)
        x = self.sa_layer_norm(x + context)
        return self.output_layer_norm(x + self.ffn(x)), weights


class TFTransformer(layers.Layer):
    """The stack of n_layers blocks."""

    def __init__(self, config: DistilBertConfig) -> None:
        super().__init__()
        self.layer = [TFTransformerBlock(config) for _ in range(config.n_layers)]

    def call(
        self, x: tf.Tensor, mask_: tf.Tensor | None, output_hidden_states: bool, output_attentions: bool
    ) -> BaseModelOutput:
        states, maps = [x], []
        for block in self.layer:
            x, weights = block(x, mask_, output_attentions=output_attentions)
            if output_hidden_states:
                states.append(x)
            if output_attentions:
                maps.append(weights)
        return BaseModelOutput(
            x, tuple(states) if output_hidden_states else None, tuple(maps) if output_attentions else None
        )


class TFDistilBertPreTrainedModel(TFPreTrainedModel):
    """Loading, saving and weight initialisation of all DistilBERT models."""

    config_class = DistilBertConfig
    base_model_prefix = "distilbert"
    INPUT_EMBEDDINGS = "embeddings.word_embeddings"

    def init_weights(self, module: layers.Layer) -> None:
        super().init_weights(module)
        if isinstance(module, layers.Embedding) and not module.trainable:
            module.embeddings_initializer = Initial(lambda shape, dtype: ops.cast(sinusoids(*shape), dtype))


@keras.saving.register_keras_serializable("hfquick")
class TFDistilBertModel(TFDistilBertPreTrainedModel):
    """Token ids -> a contextual vector for each token.

    Args of a call:
        input_ids: (B, T) token ids, or give inputs_embeds (B, T, D) instead.
        attention_mask: (B, T), 1 for tokens and 0 for padding; None is no padding.
        output_hidden_states: also return the vectors after the embeddings and after each layer.
        output_attentions: also return each layer's attention weights (B, H, T, T).
    """

    def __init__(self, config: DistilBertConfig) -> None:
        super().__init__(config)
        self.embeddings = TFEmbeddings(config)
        self.transformer = TFTransformer(config)
        self.post_init()

    def call(
        self,
        input_ids: tf.Tensor | None = None,
        attention_mask: tf.Tensor | None = None,
        inputs_embeds: tf.Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        training: bool = False,
    ) -> BaseModelOutput:
        checks.check_given(input_ids, inputs_embeds)
        if output_hidden_states is None:
            output_hidden_states = self.config.output_hidden_states
        if output_attentions is None:
            output_attentions = self.config.output_attentions
        x = self.embeddings(input_ids, inputs_embeds)
        mask_ = None  # no padding
        if attention_mask is not None:
            mask_ = ops.cast(attention_mask, "bool")[:, None, None, :]  # (B, 1, 1, T), for all heads and queries
        return self.transformer(
            x, mask_, output_hidden_states=output_hidden_states, output_attentions=output_attentions
        )


@keras.saving.register_keras_serializable("hfquick")
class TFDistilBertForMaskedLM(TFDistilBertPreTrainedModel):
    """Masked language modeling: predicts the token at each position; labels (B, T), -100 for those left out."""

    label_kind = "words"
    OUTPUT_EMBEDDINGS = "vocab_projector"
    OUTPUT_BIAS = "vocab_projector.bias"
    TIED: ClassVar = {"vocab_projector.weight": "distilbert.embeddings.word_embeddings.weight"}

    def __init__(self, config: DistilBertConfig) -> None:
        super().__init__(config)
        self.distilbert = TFDistilBertModel(config)
        self.vocab_transform = layers.Dense(config.dim)
        self.activation = activation(config.activation)
        self.vocab_layer_norm = layers.LayerNormalization(epsilon=1e-12)
        self.vocab_projector = LMHead(config.vocab_size)
        self.post_init()

    def call(
        self,
        input_ids: tf.Tensor | None = None,
        attention_mask: tf.Tensor | None = None,
        labels: tf.Tensor | None = None,
        inputs_embeds: tf.Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        training: bool = False,
    ) -> MaskedLMOutput:
        outputs = self.distilbert(
            input_ids,
            attention_mask,
            inputs_embeds,
            output_hidden_states=output_hidden_states,
            output_attentions=output_attentions,
        )
        x = self.vocab_layer_norm(self.activation(self.vocab_transform(outputs.last_hidden_state)))
        logits = self.vocab_projector(x)  # (B, T, V)
        loss = None if labels is None else token_loss(logits, labels)
        return MaskedLMOutput(loss, logits, outputs.hidden_states, outputs.attentions)


@keras.saving.register_keras_serializable("hfquick")
class TFDistilBertForSequenceClassification(TFDistilBertPreTrainedModel):
    """Sequence classification: logits (B, N) from the first token; labels (B,)."""

    label_kind = "class"

    def __init__(self, config: DistilBertConfig) -> None:
        super().__init__(config)
        self.distilbert = TFDistilBertModel(config)
        self.pre_classifier = layers.Dense(config.dim)
        self.dropout = layers.Dropout(config.seq_classif_dropout)
        self.classifier = layers.Dense(config.num_labels)
        self.post_init()

    def call(
        self,
        input_ids: tf.Tensor | None = None,
        attention_mask: tf.Tensor | None = None,
        labels: tf.Tensor | None = None,
        inputs_embeds: tf.Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        training: bool = False,
    ) -> SequenceClassifierOutput:
        outputs = self.distilbert(
            input_ids,
            attention_mask,
            inputs_embeds,
            output_hidden_states=output_hidden_states,
            output_attentions=output_attentions,
        )
        first = outputs.last_hidden_state[:, 0]  # (B, D)
        logits = self.classifier(self.dropout(ops.relu(self.pre_classifier(first))))  # (B, N)
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return SequenceClassifierOutput(loss, logits, outputs.hidden_states, outputs.attentions)


@keras.saving.register_keras_serializable("hfquick")
class TFDistilBertForTokenClassification(TFDistilBertPreTrainedModel):
    """Token classification: logits (B, T, N) for each token; labels (B, T), -100 for tokens left out."""

    label_kind = "token"

    def __init__(self, config: DistilBertConfig) -> None:
        super().__init__(config)
        self.distilbert = TFDistilBertModel(config)
        self.dropout = layers.Dropout(config.dropout)
        self.classifier = layers.Dense(config.num_labels)
        self.post_init()

    def call(
        self,
        input_ids: tf.Tensor | None = None,
        attention_mask: tf.Tensor | None = None,
        labels: tf.Tensor | None = None,
        inputs_embeds: tf.Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        training: bool = False,
    ) -> TokenClassifierOutput:
        outputs = self.distilbert(
            input_ids,
            attention_mask,
            inputs_embeds,
            output_hidden_states=output_hidden_states,
            output_attentions=output_attentions,
        )
        logits = self.classifier(self.dropout(outputs.last_hidden_state))  # (B, T, N)
        loss = None if labels is None else token_loss(logits, labels)
        return TokenClassifierOutput(loss, logits, outputs.hidden_states, outputs.attentions)


@keras.saving.register_keras_serializable("hfquick")
class TFDistilBertForQuestionAnswering(TFDistilBertPreTrainedModel):
    """Extractive question answering: logits (B, T) of start and end; start_positions and end_positions (B,)."""

    label_kind = "span"

    def __init__(self, config: DistilBertConfig) -> None:
        super().__init__(config)
        self.distilbert = TFDistilBertModel(config)
        self.dropout = layers.Dropout(config.qa_dropout)
        self.qa_outputs = layers.Dense(2)
        self.post_init()

    def call(
        self,
        input_ids: tf.Tensor | None = None,
        attention_mask: tf.Tensor | None = None,
        start_positions: tf.Tensor | None = None,
        end_positions: tf.Tensor | None = None,
        inputs_embeds: tf.Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        training: bool = False,
    ) -> QuestionAnsweringModelOutput:
        outputs = self.distilbert(
            input_ids,
            attention_mask,
            inputs_embeds,
            output_hidden_states=output_hidden_states,
            output_attentions=output_attentions,
        )
        starts, ends = ops.unstack(self.qa_outputs(self.dropout(outputs.last_hidden_state)), axis=-1)  # each (B, T)
        loss = None
        if start_positions is not None and end_positions is not None:
            loss = span_loss(starts, ends, start_positions, end_positions)
        return QuestionAnsweringModelOutput(loss, starts, ends, outputs.hidden_states, outputs.attentions)
