"""RoBERTa in PyTorch: BERT, trained longer and on more text, without pairs of texts to tell apart.

Paper: Liu et al. 2019, "RoBERTa: A Robustly Optimized BERT Pretraining Approach" (https://arxiv.org/abs/1907.11692).
Two more are the same model, trained on other texts, under names of their own, at the end of this file: CamemBERT on
French (Martin et al. 2019, https://arxiv.org/abs/1911.03894), XLM-RoBERTa on a hundred languages (Conneau et al. 2019,
https://arxiv.org/abs/1911.02116).
Same model in Keras, class by class: modeling_tf_roberta.py. What is not here is BERT's: ../bert/modeling_bert.py.
Attribute names spell the keys of a Hub checkpoint, so its state dict loads without renaming.

Shapes: B batch, T tokens, D hidden_size, V vocabulary, N labels.
"""

from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...core.losses import classification_loss, token_loss
from ...core.modeling import check_ids, check_length
from ...core.outputs import MaskedLMOutput, SequenceClassifierOutput
from ..bert.modeling_bert import (
    BertEmbeddings,
    BertForQuestionAnswering,
    BertForTokenClassification,
    BertModel,
    BertPreTrainedModel,
    head_dropout,
)
from .configuration_roberta import CamembertConfig, RobertaConfig, XLMRobertaConfig


class RobertaEmbeddings(BertEmbeddings):
    """Token ids (B, T) -> embeddings (B, T, D), as in BERT, but padding has no position of its own.

    As in the original code, positions of tokens count from padding_idx + 1 on, and all padding has the position
    padding_idx, whose embedding is zero.
    """

    def __init__(self, config: RobertaConfig) -> None:
        super().__init__(config)
        self.padding_idx = config.pad_token_id
        self.position_embeddings = nn.Embedding(
            config.max_position_embeddings, config.hidden_size, padding_idx=self.padding_idx
        )

    def forward(
        self, input_ids: Tensor | None, token_type_ids: Tensor | None, inputs_embeds: Tensor | None = None
    ) -> Tensor:
        if inputs_embeds is None:
            assert input_ids is not None  # one of the two is given
            check_ids(input_ids, self.word_embeddings.num_embeddings, "token id")
            is_token = torch.ne(input_ids, self.padding_idx).long()  # (B, T)
            inputs_embeds = self.word_embeddings(input_ids)  # (B, T, D)
        else:
            is_token = torch.ones(inputs_embeds.shape[:2], dtype=torch.long, device=inputs_embeds.device)
        check_length(inputs_embeds.shape[1], self.position_embeddings.num_embeddings - self.padding_idx - 1)
        positions = is_token.cumsum(1) * is_token + self.padding_idx  # (B, T)
        if token_type_ids is None:
            token_type_ids = torch.zeros_like(positions)
        else:
            check_ids(token_type_ids, self.token_type_embeddings.num_embeddings, "token type")
        x = inputs_embeds + self.token_type_embeddings(token_type_ids) + self.position_embeddings(positions)
        return self.dropout(self.LayerNorm(x))


class RobertaPreTrainedModel(BertPreTrainedModel):
    """Loading, saving and weight initialisation of all RoBERTa models."""

    config_class = RobertaConfig
    base_model_prefix = "roberta"
    INPUT_EMBEDDINGS = "embeddings.word_embeddings"
    OPTIONAL = ("pooler.",)  # checkpoints of masked language models have none


class RobertaModel(RobertaPreTrainedModel, BertModel):
    """Token ids -> a contextual vector for each token, and a pooled one for the sequence.

    The arguments of a call are BERT's. `token_type_ids` are 0 everywhere: there is one type.
    """

    embeddings_class = RobertaEmbeddings


class RobertaLMHead(nn.Module):
    """Language-modeling head: token vectors (B, T, D) -> logits over the vocabulary (B, T, V)."""

    def __init__(self, config: RobertaConfig) -> None:
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)
        self.layer_norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.decoder = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        self.bias = nn.Parameter(torch.zeros(config.vocab_size))

    def forward(self, x: Tensor) -> Tensor:
        return self.decoder(self.layer_norm(F.gelu(self.dense(x)))) + self.bias


class RobertaForMaskedLM(RobertaPreTrainedModel):
    """Masked language modeling: predicts the token at each position; labels (B, T), -100 for those left out."""

    label_kind = "words"
    OUTPUT_EMBEDDINGS = "lm_head.decoder"
    OUTPUT_BIAS = "lm_head.bias"
    TIED: ClassVar = {"lm_head.decoder.weight": "roberta.embeddings.word_embeddings.weight"}
    ALIASES: ClassVar = {"lm_head.decoder.bias": "lm_head.bias"}

    def __init__(self, config: RobertaConfig) -> None:
        super().__init__(config)
        self.roberta = RobertaModel(config, add_pooling_layer=False)
        self.lm_head = RobertaLMHead(config)
        self.post_init()

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        labels: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
    ) -> MaskedLMOutput:
        outputs = self.roberta(
            input_ids, attention_mask, token_type_ids, inputs_embeds, output_hidden_states, output_attentions
        )
        logits = self.lm_head(outputs.last_hidden_state)  # (B, T, V)
        loss = None if labels is None else token_loss(logits, labels)
        return MaskedLMOutput(loss, logits, outputs.hidden_states, outputs.attentions)


class RobertaClassificationHead(nn.Module):
    """Token vectors (B, T, D) -> logits (B, N): pools the first token, linear + tanh, then projects to the labels."""

    def __init__(self, config: RobertaConfig) -> None:
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)
        self.dropout = head_dropout(config)
        self.out_proj = nn.Linear(config.hidden_size, config.num_labels)

    def forward(self, x: Tensor) -> Tensor:
        return self.out_proj(self.dropout(torch.tanh(self.dense(self.dropout(x[:, 0])))))


class RobertaForSequenceClassification(RobertaPreTrainedModel):
    """Sequence classification: logits (B, N) from the first token; labels (B,)."""

    label_kind = "class"

    def __init__(self, config: RobertaConfig) -> None:
        super().__init__(config)
        self.roberta = RobertaModel(config, add_pooling_layer=False)
        self.classifier = RobertaClassificationHead(config)
        self.post_init()

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        labels: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        output_hidden_states: bool | None = None,
        output_attentions: bool | None = None,
    ) -> SequenceClassifierOutput:
        outputs = self.roberta(
            input_ids, attention_mask, token_type_ids, inputs_embeds, output_hidden_states, output_attentions
        )
        logits = self.classifier(outputs.last_hidden_state)  # (B, N)
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return SequenceClassifierOutput(loss, logits, outputs.hidden_states, outputs.attentions)


class RobertaForTokenClassification(RobertaPreTrainedModel):
    """Token classification: logits (B, T, N) for each token; labels (B, T), -100 for tokens left out."""

    label_kind = "token"

    def __init__(self, config: RobertaConfig) -> None:
        super().__init__(config)
        self.roberta = RobertaModel(config, add_pooling_layer=False)
        self.dropout = head_dropout(config)
        self.classifier = nn.Linear(config.hidden_size, config.num_labels)
        self.post_init()

    forward = BertForTokenClassification.forward  # it asks base_model, which is self.roberta here


class RobertaForQuestionAnswering(RobertaPreTrainedModel):
    """Extractive question answering: logits (B, T) of start and end; start_positions and end_positions (B,)."""

    label_kind = "span"

    def __init__(self, config: RobertaConfig) -> None:
        super().__init__(config)
        self.roberta = RobertaModel(config, add_pooling_layer=False)
        self.qa_outputs = nn.Linear(config.hidden_size, 2)
        self.post_init()

    forward = BertForQuestionAnswering.forward  # it asks base_model, which is self.roberta here


class CamembertModel(RobertaModel):
    """CamemBERT: as RobertaModel, under the name that its files have."""

    config_class = CamembertConfig


class CamembertForMaskedLM(RobertaForMaskedLM):
    """CamemBERT: as RobertaForMaskedLM, under the name that its files have."""

    config_class = CamembertConfig


class CamembertForSequenceClassification(RobertaForSequenceClassification):
    """CamemBERT: as RobertaForSequenceClassification, under the name that its files have."""

    config_class = CamembertConfig


class CamembertForTokenClassification(RobertaForTokenClassification):
    """CamemBERT: as RobertaForTokenClassification, under the name that its files have."""

    config_class = CamembertConfig


class CamembertForQuestionAnswering(RobertaForQuestionAnswering):
    """CamemBERT: as RobertaForQuestionAnswering, under the name that its files have."""

    config_class = CamembertConfig


class XLMRobertaModel(RobertaModel):
    """XLM-RoBERTa: as RobertaModel, under the name that its files have."""

    config_class = XLMRobertaConfig


class XLMRobertaForMaskedLM(RobertaForMaskedLM):
    """XLM-RoBERTa: as RobertaForMaskedLM, under the name that its files have."""

    config_class = XLMRobertaConfig


class XLMRobertaForSequenceClassification(RobertaForSequenceClassification):
    """XLM-RoBERTa: as RobertaForSequenceClassification, under the name that its files have."""

    config_class = XLMRobertaConfig


class XLMRobertaForTokenClassification(RobertaForTokenClassification):
    """XLM-RoBERTa: as RobertaForTokenClassification, under the name that its files have."""

    config_class = XLMRobertaConfig


class XLMRobertaForQuestionAnswering(RobertaForQuestionAnswering):
    """XLM-RoBERTa: as RobertaForQuestionAnswering, under the name that its files have."""

    config_class = XLMRobertaConfig
