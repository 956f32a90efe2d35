"""RoBERTa in Keras: BERT, trained longer and on more text, without pairs of texts to tell apart.

Paper: Liu et al. 2019, "RoBERTa: A Robustly Optimized BERT Pretraining Approach" (https://arxiv.org/abs/1907.11692).
Same model in PyTorch, class by class: modeling_roberta.py. What is not here is BERT's: ../bert/modeling_tf_bert.py.
Attribute names spell the keys of a Hub checkpoint, so one table of layouts loads it (weights_tf.py).

Shapes: B batch, T tokens, D hidden_size, V vocabulary, N labels.
"""

from typing import ClassVar

import keras
import tensorflow as tf
from keras import layers, ops

from ...core.losses_tf import classification_loss, span_loss, token_loss
from ...core.modeling_tf import Initial, LMHead, TFPreTrainedModel, activation, check_ids, check_length
from ...core.outputs import (
    MaskedLMOutput,
    QuestionAnsweringModelOutput,
    SequenceClassifierOutput,
    TokenClassifierOutput,
)
from ..bert.modeling_tf_bert import TFBertEmbeddings, TFBertModel, head_dropout
from .configuration_roberta import RobertaConfig


class TFRobertaEmbeddings(TFBertEmbeddings):
    """Token ids (B, T) -> vectors (B, T, D), as in BERT, but padding has no position of its own.

    Its original code numbers the tokens that are read from padding_idx + 1 on, and gives padding the position
    padding_idx, whose vector is zero.
    """

    def __init__(self, config: RobertaConfig) -> None:
        super().__init__(config)
        self.padding_idx = config.pad_token_id

    def call(
        self, input_ids: tf.Tensor | None, token_type_ids: tf.Tensor | None, inputs_embeds: tf.Tensor | None = None
    ) -> tf.Tensor:
        if inputs_embeds is None:
            check_ids(input_ids, self.word_embeddings.input_dim, "token id")
            is_read = ops.cast(ops.not_equal(input_ids, self.padding_idx), "int32")  # (B, T)
            inputs_embeds = self.word_embeddings(input_ids)  # (B, T, D)
        else:
            is_read = ops.ones(ops.shape(inputs_embeds)[:2], "int32")
        check_length(ops.shape(inputs_embeds)[1], self.position_embeddings.input_dim - self.padding_idx - 1)
        positions = ops.cumsum(is_read, 1) * is_read + self.padding_idx  # (B, T)
        if token_type_ids is None:
            token_type_ids = ops.zeros_like(positions)
        else:
            check_ids(token_type_ids, self.token_type_embeddings.input_dim, "token type")
        x = inputs_embeds + self.token_type_embeddings(token_type_ids) + self.position_embeddings(positions)
        return self.dropout(self.LayerNorm(x))


class TFRobertaPreTrainedModel(TFPreTrainedModel):
    """Loading, saving and initial weights of all RoBERTa models."""

    config_class = RobertaConfig
    base_model_prefix = "roberta"
    OPTIONAL = ("pooler.",)  # checkpoints of masked language models have none


@keras.saving.register_keras_serializable("hfquick")
class TFRobertaModel(TFRobertaPreTrainedModel, TFBertModel):
    """Token ids -> one vector per token, which has read the whole text, and one for the text.

    The arguments of a call are BERT's. `token_type_ids` are 0 everywhere: there is one type.
    """

    embeddings_class = TFRobertaEmbeddings


class TFRobertaLMHead(layers.Layer):
    """Token vectors (B, T, D) -> a score for every word (B, T, V)."""

    def __init__(self, config: RobertaConfig) -> None:
        super().__init__()
        self.dense = layers.Dense(config.hidden_size)
        self.layer_norm = layers.LayerNormalization(epsilon=config.layer_norm_eps)
        self.decoder = LMHead(config.vocab_size, use_bias=False)
        self.bias_initializer = Initial("zeros")
        self.bias = self.add_weight(name="bias", shape=(config.vocab_size,), initializer=self.bias_initializer)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return self.decoder(self.layer_norm(activation("gelu")(self.dense(x)))) + self.bias


@keras.saving.register_keras_serializable("hfquick")
class TFRobertaForMaskedLM(TFRobertaPreTrainedModel):
    """Guesses the word behind every token; labels (B, T), -100 where nothing is to be guessed."""

    TIED: ClassVar = {"lm_head.decoder.weight": "roberta.embeddings.word_embeddings.weight"}
    ALIASES: ClassVar = {"lm_head.decoder.bias": "lm_head.bias"}

    def __init__(self, config: RobertaConfig) -> None:
        super().__init__(config)
        self.roberta = TFRobertaModel(config, add_pooling_layer=False)
        self.lm_head = TFRobertaLMHead(config)
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
        outputs = self.roberta(
            input_ids,
            attention_mask,
            token_type_ids,
            inputs_embeds,
            output_hidden_states=output_hidden_states,
            output_attentions=output_attentions,
        )
        logits = self.lm_head(outputs.last_hidden_state)  # (B, T, V)
        loss = None if labels is None else token_loss(logits, labels)
        return MaskedLMOutput(loss, logits, outputs.hidden_states, outputs.attentions)


class TFRobertaClassificationHead(layers.Layer):
    """The first token's vector (B, D) -> scores (B, N), through a linear map and tanh: it takes the pooler's place."""

    def __init__(self, config: RobertaConfig) -> None:
        super().__init__()
        self.dense = layers.Dense(config.hidden_size)
        self.dropout = head_dropout(config)
        self.out_proj = layers.Dense(config.num_labels)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return self.out_proj(self.dropout(ops.tanh(self.dense(self.dropout(x[:, 0])))))


@keras.saving.register_keras_serializable("hfquick")
class TFRobertaForSequenceClassification(TFRobertaPreTrainedModel):
    """Scores a text for each label, from its first token's vector; labels (B,)."""

    def __init__(self, config: RobertaConfig) -> None:
        super().__init__(config)
        self.roberta = TFRobertaModel(config, add_pooling_layer=False)
        self.classifier = TFRobertaClassificationHead(config)
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
        outputs = self.roberta(
            input_ids,
            attention_mask,
            token_type_ids,
            inputs_embeds,
            output_hidden_states=output_hidden_states,
            output_attentions=output_attentions,
        )
        logits = self.classifier(outputs.last_hidden_state)  # (B, N)
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return SequenceClassifierOutput(loss, logits, outputs.hidden_states, outputs.attentions)


@keras.saving.register_keras_serializable("hfquick")
class TFRobertaForTokenClassification(TFRobertaPreTrainedModel):
    """Scores every token for each label; labels (B, T), -100 for tokens that do not count."""

    def __init__(self, config: RobertaConfig) -> None:
        super().__init__(config)
        self.roberta = TFRobertaModel(config, add_pooling_layer=False)
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
        outputs = self.roberta(
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
class TFRobertaForQuestionAnswering(TFRobertaPreTrainedModel):
    """Scores every token as start and as end of the answer; start_positions and end_positions (B,)."""

    def __init__(self, config: RobertaConfig) -> None:
        super().__init__(config)
        self.roberta = TFRobertaModel(config, add_pooling_layer=False)
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
        outputs = self.roberta(
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
