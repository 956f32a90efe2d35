"""Planted mistakes in RoBERTa in PyTorch, and the cases that must see each."""

from . import checks, ours_pt
from .mutations import rows

CHECKS = {**ours_pt.CHECKS, **checks.CHECKS}
roberta = rows("hfquick/models/roberta/modeling_roberta.py", CHECKS)
config = rows("hfquick/models/roberta/configuration_roberta.py", CHECKS)

POSITIONS = "is_token.cumsum(1) * is_token + self.padding_idx"
SCORES = "self.decoder(self.layer_norm(F.gelu(self.dense(x)))) + self.bias"
HEAD = "self.out_proj(self.dropout(torch.tanh(self.dense(self.dropout(x[:, 0])))))"
FIRST = 'as RobertaModel, under the name that its files have."""\n\n    config_class = {}\n\n\nclass CamembertForMasked'
CAMEMBERT = 'model_type: ClassVar[str] = "camembert"\n\n'
XLM = 'model_type: ClassVar[str] = "xlm-roberta"\n\n'

# fmt: off
MUTANTS = [
    roberta("positions count from 0", POSITIONS, "is_token.cumsum(1) * is_token", "fused roberta-padded"),
    roberta("positions start one late", POSITIONS, POSITIONS + " + is_token", "fused roberta-padded"),
    roberta("padding has a position", POSITIONS, "is_token.cumsum(1) + self.padding_idx", "fused roberta-pad"),
    roberta("padding moves the positions", POSITIONS, "torch.ones_like(is_token).cumsum(1) + self.padding_idx",
            "fused roberta-pad"),
    roberta("always padding 1", "self.padding_idx = config.pad_token_id", "self.padding_idx = 1",
            "fused roberta-pad-id"),
    roberta("position of padding learns", ", padding_idx=self.padding_idx", "", "train roberta-padded"),
    roberta("vectors: positions from 0", "torch.ones(inputs_embeds.shape[:2]", "torch.zeros(inputs_embeds.shape[:2]",
            "fused roberta-embeds"),
    roberta("one position too few", "num_embeddings - self.padding_idx - 1", "num_embeddings - self.padding_idx - 2",
            "fused roberta-limit", seen_by=ValueError),
    roberta("token types ignored", "inputs_embeds + self.token_type_embeddings(token_type_ids)", "inputs_embeds",
            "fused roberta-types"),
    roberta("embeddings: no dropout", "self.dropout(self.LayerNorm(x))", "self.LayerNorm(x)", "train roberta-padded"),
    roberta("words: no norm", SCORES, SCORES.replace("self.layer_norm(F.gelu(self.dense(x)))", "F.gelu(self.dense(x))"),
            "fused roberta-words"),
    roberta("words: activation of the configuration", "F.gelu(self", "F.relu(self", "fused roberta-words-untied"),
    roberta("words: norm before gelu", "self.layer_norm(F.gelu(self.dense(x)))",
            "F.gelu(self.layer_norm(self.dense(x)))", "fused roberta-words"),
    roberta("words: no bias", SCORES, SCORES.removesuffix(" + self.bias"), "fused roberta-words"),
    roberta("words: eps fixed", "nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)",
            "nn.LayerNorm(config.hidden_size, eps=1e-5)", "fused roberta-words"),
    roberta("words: a second name of the bias refused", 'ALIASES: ClassVar = {"lm_head.decoder.bias": "lm_head.bias"}',
            "ALIASES: ClassVar = {}", "loads alias RobertaForMaskedLM", seen_by=OSError),
    roberta("class: no tanh", HEAD, HEAD.replace("torch.tanh", ""), "fused roberta-one-of-three"),
    roberta("class: no first dropout", HEAD, HEAD.replace("self.dropout(x[:, 0])", "x[:, 0]"),
            "train roberta-one-of-three"),
    roberta("class: no second dropout", HEAD, HEAD.replace("self.dropout(torch", "(torch"),
            "train roberta-one-of-three"),
    roberta("class: the last token", "x[:, 0]", "x[:, -1]", "fused roberta-one-of-three"),
    roberta("tokens: no dropout", "self.dropout = head_dropout(config) self.classifier",
            "self.dropout = nn.Dropout(0.0)\n        self.classifier", "train roberta-tokens"),
    roberta("another name than the Hub's", 'base_model_prefix = "roberta"', 'base_model_prefix = "bert"',
            "loads bare RobertaForMaskedLM", seen_by=OSError),
    roberta("pooler required", 'OPTIONAL = ("pooler.",)', "OPTIONAL = ()", "loads old RobertaForMaskedLM",
            seen_by=OSError),
    roberta("CamemBERT: tokens as one class", "class CamembertForTokenClassification(RobertaForTokenClassification)",
            "class CamembertForTokenClassification(RobertaForSequenceClassification)",
            "names CamembertForTokenClassification"),
    roberta("XLM-RoBERTa: answers as words", "class XLMRobertaForQuestionAnswering(RobertaForQuestionAnswering)",
            "class XLMRobertaForQuestionAnswering(RobertaForMaskedLM)", "names XLMRobertaForQuestionAnswering"),
    roberta("CamemBERT: the configuration of XLM-RoBERTa", FIRST.format("CamembertConfig"),
            FIRST.format("XLMRobertaConfig"), "names CamembertModel", seen_by=TypeError),
    config("words of BERT", "vocab_size: int = 50265", "vocab_size: int = 30522", "defaults roberta"),
    config("padding of BERT", "pad_token_id: int = 1", "pad_token_id: int = 0", "defaults roberta"),
    config("CamemBERT: words of RoBERTa", f"{CAMEMBERT}    vocab_size: int = 30522", CAMEMBERT, "defaults camembert"),
    config("XLM-RoBERTa: words of RoBERTa", f"{XLM}    vocab_size: int = 30522", XLM, "defaults xlm-roberta"),
]
# fmt: on
