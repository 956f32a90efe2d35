"""BERT in Keras: a stack of bidirectional transformer encoder layers.

Paper: Devlin et al. 2018, "BERT: Pre-training of Deep Bidirectional Transformers" (https://arxiv.org/abs/1810.04805).
Same model in PyTorch, class by class: modeling_bert.py.
Attribute names spell the keys of a Hub checkpoint, so one table of layouts loads it (weights_tf.py).
Keras claims `output` and arguments that end in `mask` for itself: here they are `output_` and `mask_`.

Shapes: B batch, T tokens, D hidden_size, H heads, K = D / H, V vocabulary, N labels.
"""

from typing import ClassVar

import keras
import tensorflow as tf
from keras import layers, ops

from ...core import checks
from ...core.losses_tf import classification_loss, span_loss, token_loss
from ...core.modeling_tf import Initial, LMHead, TFPreTrainedModel, activation, check_ids, check_length
from ...core.outputs import (
    BaseModelOutput,
    BaseModelOutputWithPooling,
    MaskedLMOutput,
    QuestionAnsweringModelOutput,
    SequenceClassifierOutput,
    TokenClassifierOutput,
)
from .configuration_bert import BertConfig


class TFBertEmbeddings(layers.Layer):
    """Token ids (B, T) -> embeddings (B, T, D): word + position + token type, then LayerNorm."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.word_embeddings = layers.Embedding(config.vocab_size, config.hidden_size)
        self.position_embeddings = layers.Embedding(config.max_position_embeddings, config.hidden_size)
        self.token_type_embeddings = layers.Embedding(config.type_vocab_size, config.hidden_size)
        self.LayerNorm = layers.LayerNormalization(epsilon=config.layer_norm_eps)
        self.dropout = layers.Dropout(config.hidden_dropout_prob)

    def call(
        self, input_ids: tf.Tensor | None, token_type_ids: tf.Tensor | None, inputs_embeds: tf.Tensor | None = None
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


class TFBertSelfAttention(layers.Layer):
    """Multi-head self-attention (B, T, D) -> (B, T, D): each token attends to all tokens."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.num_attention_heads = config.num_attention_heads
        self.query = layers.Dense(config.hidden_size)
        self.key = layers.Dense(config.hidden_size)
        self.value = layers.Dense(config.hidden_size)
        self.dropout = layers.Dropout(config.attention_probs_dropout_prob)

    def call(
        self, x: tf.Tensor, mask_: tf.Tensor | None, output_attentions: bool, training: bool = False
    ) -> tuple[tf.Tensor, tf.Tensor | None]:
        B, T, D = ops.shape(x)
        K = D // self.num_attention_heads

        def split_heads(y: tf.Tensor) -> tf.Tensor:
            return ops.reshape(y, (B, T, self.num_attention_heads, K))

        q, k, v = split_heads(self.query(x)), split_heads(self.key(x)), split_heads(self.value(x))  # (B, T, H, K)
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
        return ops.reshape(context, (B, T, D)), weights


class TFBertSelfOutput(layers.Layer):
    """Output projection of the attention, residual connection, then LayerNorm."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.dense = layers.Dense(config.hidden_size)
        self.LayerNorm = layers.LayerNormalization(epsilon=config.layer_norm_eps)
        self.dropout = layers.Dropout(config.hidden_dropout_prob)

    def call(self, context: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
        return self.LayerNorm(x + self.dropout(self.dense(context)))


class TFBertAttention(layers.Layer):
    """The attention half of a layer; `self` and `output` are the checkpoint's names for its two parts."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.self = TFBertSelfAttention(config)
        self.output_ = TFBertSelfOutput(config)

    def call(
        self, x: tf.Tensor, mask_: tf.Tensor | None, output_attentions: bool
    ) -> tuple[tf.Tensor, tf.Tensor | None]:
        context, weights = self.self(x, mask_, output_attentions=output_attentions)
        return self.output_(context, x), weights


class TFBertIntermediate(layers.Layer):
    """First half of the feed-forward network, position-wise: D -> intermediate_size, then the activation."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.dense = layers.Dense(config.intermediate_size)
        self.intermediate_act_fn = activation(config.hidden_act)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return self.intermediate_act_fn(self.dense(x))


class TFBertOutput(layers.Layer):
    """Second half of the feed-forward network: back to D, residual connection, then LayerNorm."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.dense = layers.Dense(config.hidden_size)
        self.LayerNorm = layers.LayerNormalization(epsilon=config.layer_norm_eps)
        self.dropout = layers.Dropout(config.hidden_dropout_prob)

    def call(self, hidden: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
        return self.LayerNorm(x + self.dropout(self.dense(hidden)))


class TFBertLayer(layers.Layer):
    """Transformer encoder layer: self-attention, then feed-forward network (post-norm)."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.attention = TFBertAttention(config)
        self.intermediate = TFBertIntermediate(config)
        self.output_ = TFBertOutput(config)

    def call(
        self, x: tf.Tensor, mask_: tf.Tensor | None, output_attentions: bool
    ) -> tuple[tf.Tensor, tf.Tensor | None]:
        x, weights = self.attention(x, mask_, output_attentions=output_attentions)
        return self.output_(self.intermediate(x), x), weights


class TFBertEncoder(layers.Layer):
    """The stack of num_hidden_layers layers."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.layer = [TFBertLayer(config) for _ in range(config.num_hidden_layers)]

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


class TFBertPooler(layers.Layer):
    """Pools the first token: linear + tanh, (B, T, D) -> (B, D)."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.dense = layers.Dense(config.hidden_size)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return ops.tanh(self.dense(x[:, 0]))


class TFBertPreTrainedModel(TFPreTrainedModel):
    """Loading, saving and weight initialisation of all BERT models."""

    config_class = BertConfig
    base_model_prefix = "bert"
    INPUT_EMBEDDINGS = "embeddings.word_embeddings"
    OPTIONAL = ("pooler.",)  # checkpoints of masked language models have none


@keras.saving.register_keras_serializable("hfquick")
class TFBertModel(TFBertPreTrainedModel):
    """Token ids -> a contextual vector for each token, and a pooled one for the sequence.

    Args of a call:
        input_ids: (B, T) token ids, or give inputs_embeds (B, T, D) instead.
        attention_mask: (B, T), 1 for tokens and 0 for padding; None is no padding.
        token_type_ids: (B, T), 0 for the first text of a pair and 1 for the second; None is 0 everywhere.
        output_hidden_states: also return the vectors after the embeddings and after each layer.
        output_attentions: also return each layer's attention weights (B, H, T, T).
    """

    embeddings_class: ClassVar[type[TFBertEmbeddings]] = TFBertEmbeddings  # RoBERTa has others

    def __init__(self, config: BertConfig, add_pooling_layer: bool = True) -> None:
        super().__init__(config)
        self.embeddings = self.embeddings_class(config)
        self.encoder = TFBertEncoder(config)
        self.pooler = TFBertPooler(config) if add_pooling_layer else None
        self.post_init()

    def call(
        self,
        input_ids: tf.Tensor | None = None,
        attention_mask: tf.Tensor | None = None,
        token_type_ids: tf.Tensor | None = None,
        inputs_embeds: tf.Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        training: bool = False,
    ) -> BaseModelOutputWithPooling:
        checks.check_given(input_ids, inputs_embeds)
        if output_hidden_states is None:
            output_hidden_states = self.config.output_hidden_states
        if output_attentions is None:
            output_attentions = self.config.output_attentions
        x = self.embeddings(input_ids, token_type_ids, inputs_embeds)
        mask_ = None  # no padding
        if attention_mask is not None:
            mask_ = ops.cast(attention_mask, "bool")[:, None, None, :]  # (B, 1, 1, T), for all heads and queries
        outputs = self.encoder(x, mask_, output_hidden_states=output_hidden_states, output_attentions=output_attentions)
        pooled = None if self.pooler is None else self.pooler(outputs.last_hidden_state)
        return BaseModelOutputWithPooling(outputs.last_hidden_state, pooled, outputs.hidden_states, outputs.attentions)


class TFBertPredictionHeadTransform(layers.Layer):
    """Transform before the vocabulary projection: linear map, activation, LayerNorm."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.dense = layers.Dense(config.hidden_size)
        self.transform_act_fn = activation(config.hidden_act)
        self.LayerNorm = layers.LayerNormalization(epsilon=config.layer_norm_eps)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return self.LayerNorm(self.transform_act_fn(self.dense(x)))


class TFBertLMPredictionHead(layers.Layer):
    """Language-modeling head: token vectors (B, T, D) -> logits over the vocabulary (B, T, V)."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.transform = TFBertPredictionHeadTransform(config)
        self.decoder = LMHead(config.vocab_size, use_bias=False)
        self.bias_initializer = Initial("zeros")
        self.bias = self.add_weight(name="bias", shape=(config.vocab_size,), initializer=self.bias_initializer)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return self.decoder(self.transform(x)) + self.bias


class TFBertOnlyMLMHead(layers.Layer):
    """Holds the head under the name checkpoints have for it."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.predictions = TFBertLMPredictionHead(config)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return self.predictions(x)


@keras.saving.register_keras_serializable("hfquick")
class TFBertForMaskedLM(TFBertPreTrainedModel):
    """Masked language modeling: predicts the token at each position; labels (B, T), -100 for those left out."""

    label_kind = "words"
    OUTPUT_EMBEDDINGS = "cls.predictions.decoder"
    OUTPUT_BIAS = "cls.predictions.bias"
    TIED: ClassVar = {"cls.predictions.decoder.weight": "bert.embeddings.word_embeddings.weight"}
    ALIASES: ClassVar = {"cls.predictions.decoder.bias": "cls.predictions.bias"}

    def __init__(self, config: BertConfig) -> None:
        super().__init__(config)
        self.bert = TFBertModel(config, add_pooling_layer=False)
        self.cls = TFBertOnlyMLMHead(config)
        self.post_init()

    def call(
        self,
        input_ids: tf.Tensor | None = None,
        attention_mask: tf.Tensor | None = None,
        token_type_ids: tf.Tensor | None = None,
        labels: tf.Tensor | None = None,
        inputs_embeds: tf.Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        training: bool = False,
    ) -> MaskedLMOutput:
        outputs = self.bert(
            input_ids,
            attention_mask,
            token_type_ids,
            inputs_embeds,
            output_hidden_states=output_hidden_states,
            output_attentions=output_attentions,
        )
        logits = self.cls(outputs.last_hidden_state)  # (B, T, V)
        loss = None if labels is None else token_loss(logits, labels)
        return MaskedLMOutput(loss, logits, outputs.hidden_states, outputs.attentions)


def head_dropout(config: BertConfig) -> layers.Dropout:
    return layers.Dropout(
        config.hidden_dropout_prob if config.classifier_dropout is None else config.classifier_dropout
    )


@keras.saving.register_keras_serializable("hfquick")
class TFBertForSequenceClassification(TFBertPreTrainedModel):
    """Sequence classification: logits (B, N) from the pooled vector; labels (B,)."""

    label_kind = "class"

    def __init__(self, config: BertConfig) -> None:
        super().__init__(config)
        self.bert = TFBertModel(config)
        self.dropout = head_dropout(config)
        self.classifier = layers.Dense(config.num_labels)
        self.post_init()

    def call(
        self,
        input_ids: tf.Tensor | None = None,
        attention_mask: tf.Tensor | None = None,
        token_type_ids: tf.Tensor | None = None,
        labels: tf.Tensor | None = None,
        inputs_embeds: tf.Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        training: bool = False,
    ) -> SequenceClassifierOutput:
        outputs = self.bert(
            input_ids,
            attention_mask,
            token_type_ids,
            inputs_embeds,
            output_hidden_states=output_hidden_states,
            output_attentions=output_attentions,
        )
        logits = self.classifier(self.dropout(outputs.pooler_output))  # (B, N)
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return SequenceClassifierOutput(loss, logits, outputs.hidden_states, outputs.attentions)


@keras.saving.register_keras_serializable("hfquick")
class TFBertForTokenClassification(TFBertPreTrainedModel):
    """Token classification: logits (B, T, N) for each token; labels (B, T), -100 for tokens left out."""

    label_kind = "token"

    def __init__(self, config: BertConfig) -> None:
        super().__init__(config)
        self.bert = TFBertModel(config, add_pooling_layer=False)
        self.dropout = head_dropout(config)
        self.classifier = layers.Dense(config.num_labels)
        self.post_init()

    def call(
        self,
        input_ids: tf.Tensor | None = None,
        attention_mask: tf.Tensor | None = None,
        token_type_ids: tf.Tensor | None = None,
        labels: tf.Tensor | None = None,
        inputs_embeds: tf.Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        training: bool = False,
    ) -> TokenClassifierOutput:
        outputs = self.base_model(  # self.bert; RoBERTa shares this call
            input_ids,
            attention_mask,
            token_type_ids,
            inputs_embeds,
            output_hidden_states=output_hidden_states,
            output_attentions=output_attentions,
        )
        logits = self.classifier(self.dropout(outputs.last_hidden_state))  # (B, T, N)
        loss = None if labels is None else token_loss(logits, labels)
        return TokenClassifierOutput(loss, logits, outputs.hidden_states, outputs.attentions)


@keras.saving.register_keras_serializable("hfquick")
class TFBertForQuestionAnswering(TFBertPreTrainedModel):
    """Extractive question answering: logits (B, T) of start and end; start_positions and end_positions (B,)."""

    label_kind = "span"

    def __init__(self, config: BertConfig) -> None:
        super().__init__(config)
        self.bert = TFBertModel(config, add_pooling_layer=False)
        self.qa_outputs = layers.Dense(2)
        self.post_init()

    def call(
        self,
        input_ids: tf.Tensor | None = None,
        attention_mask: tf.Tensor | None = None,
        token_type_ids: tf.Tensor | None = None,
        start_positions: tf.Tensor | None = None,
        end_positions: tf.Tensor | None = None,
        inputs_embeds: tf.Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
        training: bool = False,
    ) -> QuestionAnsweringModelOutput:
        outputs = self.base_model(  # self.bert; RoBERTa shares this call
            input_ids,
            attention_mask,
            token_type_ids,
            inputs_embeds,
            output_hidden_states=output_hidden_states,
            output_attentions=output_attentions,
        )
        starts, ends = ops.unstack(self.qa_outputs(outputs.last_hidden_state), axis=-1)  # each (B, T)
        loss = None
        if start_positions is not None and end_positions is not None:
            loss = span_loss(starts, ends, start_positions, end_positions)
        return QuestionAnsweringModelOutput(loss, starts, ends, outputs.hidden_states, outputs.attentions)
