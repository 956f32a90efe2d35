"""Planted mistakes in RoBERTa in Keras, and the cases that must see each."""

from functools import partial

from . import ours_tf
from .mutations import rows

CHECKS = {name: partial(check, quick=True) for name, check in ours_tf.CHECKS.items()}
roberta = rows("hfquick/models/roberta/modeling_tf_roberta.py", CHECKS)

POSITIONS = "ops.cumsum(is_token, 1) * is_token + self.padding_idx"
SCORES = 'self.decoder(self.layer_norm(activation("gelu")(self.dense(x)))) + self.bias'
HEAD = "self.out_proj(self.dropout(ops.tanh(self.dense(self.dropout(x[:, 0])))))"

# fmt: off
MUTANTS = [
    roberta("positions count from 0", POSITIONS, "ops.cumsum(is_token, 1) * is_token", "fused roberta-short"),
    roberta("positions start one late", POSITIONS, POSITIONS + " + is_token", "fused roberta-short"),
    roberta("padding has a position", POSITIONS, "ops.cumsum(is_token, 1) + self.padding_idx", "fused roberta-pad"),
    roberta("always padding 1", "self.padding_idx = config.pad_token_id", "self.padding_idx = 1",
            "fused roberta-pad-id"),
    roberta("vectors: positions from 0", "ops.ones(ops.shape", "ops.zeros(ops.shape",
            "fused roberta-embeds"),
    roberta("one position too few", "input_dim - self.padding_idx - 1", "input_dim - self.padding_idx - 2",
            "fused roberta-limit", seen_by=ValueError),
    roberta("token types ignored", "inputs_embeds + self.token_type_embeddings(token_type_ids)", "inputs_embeds",
            "fused roberta-types"),
    roberta("embeddings: no dropout", "self.dropout(self.LayerNorm(x))", "self.LayerNorm(x)", "train roberta-short"),
    roberta("words: norm before gelu", 'self.layer_norm(activation("gelu")(self.dense(x)))',
            'activation("gelu")(self.layer_norm(self.dense(x)))', "fused roberta-words"),
    roberta("words: activation of the configuration", '"gelu"', '"relu"', "fused roberta-words-untied"),
    roberta("words: no bias", SCORES, SCORES.removesuffix(" + self.bias"), "fused roberta-words"),
    roberta("words: eps fixed", "epsilon=config.layer_norm_eps", "epsilon=1e-5", "fused roberta-words"),
    roberta("class: no tanh", HEAD, HEAD.replace("ops.tanh", ""), "fused roberta-one-of-three"),
    roberta("class: no first dropout", HEAD, HEAD.replace("self.dropout(x[:, 0])", "x[:, 0]"),
            "train roberta-one-of-three"),
    roberta("class: no second dropout", HEAD, HEAD.replace("self.dropout(ops", "(ops"), "train roberta-one-of-three"),
    roberta("class: the last token", "x[:, 0]", "x[:, -1]", "fused roberta-one-of-three"),
    roberta("tokens: no dropout", "self.dropout = head_dropout(config) self.classifier",
            "self.dropout = layers.Dropout(0.0)\n        self.classifier", "train roberta-tokens"),
    roberta("XLM-RoBERTa: answers as words", "class TFXLMRobertaForQuestionAnswering(TFRobertaForQuestionAnswering)",
            "class TFXLMRobertaForQuestionAnswering(TFRobertaForMaskedLM)", "fused xlm-roberta-answers",
            seen_by=TypeError),
]
# fmt: on
