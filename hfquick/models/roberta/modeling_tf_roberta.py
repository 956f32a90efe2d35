"""RoBERTa in Keras: BERT, trained longer and on more text, without pairs of texts to tell apart.

Paper: Liu et al. 2019, "RoBERTa: A Robustly Optimized BERT Pretraining Approach" (https://arxiv.org/abs/1907.11692).
Two more are the same model, trained on other texts, under names of their own, at the end of this file: CamemBERT on
French (Martin et al. 2019, https://arxiv.org/abs/1911.03894), XLM-RoBERTa on a hundred languages (Conneau et al. 2019,
https://arxiv.org/abs/1911.02116).
Same model in PyTorch, class by class: modeling_roberta.py. What is not here is BERT's: ../bert/modeling_tf_bert.py.
Attribute names spell the keys of a Hub checkpoint, so one table of layouts loads it (weights_tf.py).

Shapes: B batch, T tokens, D hidden_size, V vocabulary, N labels.
"""

from typing import ClassVar

import keras
import tensorflow as tf
from keras import layers, ops

from ...core.losses_tf import classification_loss, token_loss
from ...core.modeling_tf import Initial, LMHead, activation, check_ids, check_length
from ...core.outputs import MaskedLMOutput, SequenceClassifierOutput
from ..bert.modeling_tf_bert import (
    TFBertEmbeddings,
    TFBertForQuestionAnswering,
    TFBertForTokenClassification,
    TFBertModel,
    TFBertPreTrainedModel,
    head_dropout,
)
from .configuration_roberta import CamembertConfig, RobertaConfig, XLMRobertaConfig


class TFRobertaEmbeddings(TFBertEmbeddings):
    """Token ids (B, T) -> embeddings (B, T, D), as in BERT, but padding has no position of its own.

    As in the original code, positions of tokens count from padding_idx + 1 on, and all padding has the position
    padding_idx, whose embedding is zero.
    """

    def __init__(self, config: RobertaConfig) -> None:
        super().__init__(config)
        self.padding_idx = config.pad_token_id

    def call(
        self, input_ids: tf.Tensor | None, token_type_ids: tf.Tensor | None, inputs_embeds: tf.Tensor | None = None
    ) -> tf.Tensor:
        if inputs_embeds is None:
            check_ids(input_ids, self.word_embeddings.input_dim, "token id")
            is_token = ops.cast(ops.not_equal(input_ids, self.padding_idx), "int32")  # (B, T)
            inputs_embeds = self.word_embeddings(input_ids)  # (B, T, D)
        else:
            is_token = ops.ones(ops.shape(inputs_embeds)[:2], "int32")
        check_length(ops.shape(inputs_embeds)[1], self.position_embeddings.input_dim - self.padding_idx - 1)
        positions = ops.cumsum(is_token, 1) * is_token + self.padding_idx  # (B, T)
        if token_type_ids is None:
            token_type_ids = ops.zeros_like(positions)
        else:
            check_ids(token_type_ids, self.token_type_embeddings.input_dim, "token type")
        x = inputs_embeds + self.token_type_embeddings(token_type_ids) + self.position_embeddings(positions)
        return self.dropout(self.LayerNorm(x))


class TFRobertaPreTrainedModel(TFBertPreTrainedModel):
    """Loading, saving and weight initialisation of all RoBERTa models."""

    config_class = RobertaConfig
    base_model_prefix = "roberta"
    INPUT_EMBEDDINGS = "embeddings.word_embeddings"
    OPTIONAL = ("pooler.",)  # checkpoints of masked language models have none


@keras.saving.register_keras_serializable("hfquick")
class TFRobertaModel(TFRobertaPreTrainedModel, TFBertModel):
    """Token ids -> a contextual vector for each token, and a pooled one for the sequence.

    The arguments of a call are BERT's. `token_type_ids` are 0 everywhere: there is one type.
    """

    embeddings_class = TFRobertaEmbeddings


class TFRobertaLMHead(layers.Layer):
    """Language-modeling head: token vectors (B, T, D) -> logits over the vocabulary (B, T, V)."""

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
    """Masked language modeling: predicts the token at each position; labels (B, T), -100 for those left out."""

    label_kind = "words"
    OUTPUT_EMBEDDINGS = "lm_head.decoder"
    OUTPUT_BIAS = "lm_head.bias"
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
    """Token vectors (B, T, D) -> logits (B, N): pools the first token, linear + tanh, then projects to the labels."""

    def __init__(self, config: RobertaConfig) -> None:
        super().__init__()
        self.dense = layers.Dense(config.hidden_size)
        self.dropout = head_dropout(config)
        self.out_proj = layers.Dense(config.num_labels)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return self.out_proj(self.dropout(ops.tanh(self.dense(self.dropout(x[:, 0])))))


@keras.saving.register_keras_serializable("hfquick")
class TFRobertaForSequenceClassification(TFRobertaPreTrainedModel):
    """Sequence classification: logits (B, N) from the first token; labels (B,)."""

    label_kind = "class"

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
    """Token classification: logits (B, T, N) for each token; labels (B, T), -100 for tokens left out."""

    label_kind = "token"

    def __init__(self, config: RobertaConfig) -> None:
        super().__init__(config)
        self.roberta = TFRobertaModel(config, add_pooling_layer=False)
        self.dropout = head_dropout(config)
        self.classifier = layers.Dense(config.num_labels)
        self.post_init()

    call = TFBertForTokenClassification.call  # it asks base_model, which is self.roberta here


@keras.saving.register_keras_serializable("hfquick")
class TFRobertaForQuestionAnswering(TFRobertaPreTrainedModel):
    """Extractive question answering: logits (B, T) of start and end; start_positions and end_positions (B,)."""

    label_kind = "span"

    def __init__(self, config: RobertaConfig) -> None:
        super().__init__(config)
        self.roberta = TFRobertaModel(config, add_pooling_layer=False)
        self.qa_outputs = layers.Dense(2)
        self.post_init()

    call = TFBertForQuestionAnswering.call  # it asks base_model, which is self.roberta here


@keras.saving.register_keras_serializable("hfquick")
class TFCamembertModel(TFRobertaModel):
    """CamemBERT: as RobertaModel, under the name that its files have."""

    config_class = CamembertConfig


@keras.saving.register_keras_serializable("hfquick")
class TFCamembertForMaskedLM(TFRobertaForMaskedLM):
    """CamemBERT: as RobertaForMaskedLM, under the name that its files have."""

    config_class = CamembertConfig


@keras.saving.register_keras_serializable("hfquick")
class TFCamembertForSequenceClassification(TFRobertaForSequenceClassification):
    """CamemBERT: as RobertaForSequenceClassification, under the name that its files have."""

    config_class = CamembertConfig


@keras.saving.register_keras_serializable("hfquick")
class TFCamembertForTokenClassification(TFRobertaForTokenClassification):
    """CamemBERT: as RobertaForTokenClassification, under the name that its files have."""

    config_class = CamembertConfig


@keras.saving.register_keras_serializable("hfquick")
class TFCamembertForQuestionAnswering(TFRobertaForQuestionAnswering):
    """CamemBERT: as RobertaForQuestionAnswering, under the name that its files have."""

    config_class = CamembertConfig


@keras.saving.register_keras_serializable("hfquick")
class TFXLMRobertaModel(TFRobertaModel):
    """XLM-RoBERTa: as RobertaModel, under the name that its files have."""

    config_class = XLMRobertaConfig


@keras.saving.register_keras_serializable("hfquick")
class TFXLMRobertaForMaskedLM(TFRobertaForMaskedLM):
    """XLM-RoBERTa: as RobertaForMaskedLM, under the name that its files have."""

    config_class = XLMRobertaConfig


@keras.saving.register_keras_serializable("hfquick")
class TFXLMRobertaForSequenceClassification(TFRobertaForSequenceClassification):
    """XLM-RoBERTa: as RobertaForSequenceClassification, under the name that its files have."""

    config_class = XLMRobertaConfig


@keras.saving.register_keras_serializable("hfquick")
class TFXLMRobertaForTokenClassification(TFRobertaForTokenClassification):
    """XLM-RoBERTa: as RobertaForTokenClassification, under the name that its files have."""

    config_class = XLMRobertaConfig


@keras.saving.register_keras_serializable("hfquick")
class TFXLMRobertaForQuestionAnswering(TFRobertaForQuestionAnswering):
    """XLM-RoBERTa: as RobertaForQuestionAnswering, under the name that its files have."""

    config_class = XLMRobertaConfig
