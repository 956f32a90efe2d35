"""The models that are compared with transformers, as a table; case.py says what a row is.

A further architecture has its rows in a file of its own, and a line in MODELS.
"""

from typing import Any

from .case import Case
from .cases_bart import BART, BART_HEADS, BART_TABLE
from .cases_detr import DETR, DETR_HEADS, DETR_TABLE
from .cases_gpt2 import GPT2, GPT2_HEADS, GPT2_TABLE
from .cases_roberta import KIN_TABLE, ROBERTA, ROBERTA_TABLE
from .cases_t5 import T5, T5_HEADS, T5_TABLE
from .cases_vilt import VILT, VILT_HEADS, VILT_TABLE
from .cases_vit import VIT, VIT_HEADS, VIT_TABLE
from .cases_wav2vec2 import WAV2VEC2, WAV2VEC2_HEADS, WAV2VEC2_TABLE

BERT = {
    "vocab_size": 40,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 50,
    "max_position_embeddings": 12,
    "hidden_dropout_prob": 0.1,  # another for each place, so that one in the wrong place is seen
    "attention_probs_dropout_prob": 0.2,
}
DISTILBERT = {
    "vocab_size": 40,
    "dim": 32,
    "n_layers": 2,
    "n_heads": 4,
    "hidden_dim": 50,
    "max_position_embeddings": 12,
    "dropout": 0.1,
    "attention_dropout": 0.2,
    "qa_dropout": 0.3,
    "seq_classif_dropout": 0.4,
}

SEQUENCE, TOKENS, QA, WORDS = (
    "ForSequenceClassification",
    "ForTokenClassification",
    "ForQuestionAnswering",
    "ForMaskedLM",
)
READERS = ["Model", SEQUENCE, TOKENS, QA, WORDS]
MODELS: dict[str, tuple[str, dict[str, Any], list[str]]] = {  # model_type -> how classes start, small sizes, their ends
    "bert": ("Bert", BERT, READERS),
    "distilbert": ("DistilBert", DISTILBERT, READERS),
    "gpt2": ("GPT2", GPT2, GPT2_HEADS),
    "roberta": ("Roberta", ROBERTA, READERS),
    "camembert": ("Camembert", ROBERTA, READERS),
    "xlm-roberta": ("XLMRoberta", ROBERTA, READERS),
    "t5": ("T5", T5, T5_HEADS),
    "bart": ("Bart", BART, BART_HEADS),
    "detr": ("Detr", DETR, DETR_HEADS),
    "vit": ("ViT", VIT, VIT_HEADS),
    "vilt": ("Vilt", VILT, VILT_HEADS),
    "wav2vec2": ("Wav2Vec2", WAV2VEC2, WAV2VEC2_HEADS),
}


def kind_of(name: str) -> str:
    """The model_type of a class: "BertForMaskedLM" -> "bert"."""
    return next(kind for kind, (start, _, _) in MODELS.items() if name.startswith(start))


def is_bare(name: str) -> bool:
    """Whether a class is that of a model without a head, which knows no labels: "BertModel", not "GPT2LMHeadModel"."""
    return name.removeprefix(MODELS[kind_of(name)][0]) in ("Model", "EncoderModel")


def _bert(name: str, head: str = "Model", config: dict[str, Any] | None = None, **more: Any) -> Case:
    return Case(f"bert-{name}", f"Bert{head}", BERT | (config or {}), **more)


def _distilbert(name: str, head: str = "Model", config: dict[str, Any] | None = None, **more: Any) -> Case:
    return Case(f"distilbert-{name}", f"DistilBert{head}", DISTILBERT | (config or {}), **more)


ODD = {"hidden_size": 36, "num_attention_heads": 3, "intermediate_size": 50, "num_hidden_layers": 3}
ODD_DISTIL = {"dim": 36, "n_heads": 3, "hidden_dim": 50, "n_layers": 3}
STILL = {
    "hidden_dropout_prob": 0.0,
    "attention_probs_dropout_prob": 0.0,
}  # no dropout: training takes the fused attention
STILL_DISTIL = {"dropout": 0.0, "attention_dropout": 0.0}

TABLE = [
    # The bare model: three lengths, then holes, odd sizes and everything a configuration may say.
    _bert("padded", gradients="full"),
    _bert("short", config={"num_hidden_layers": 1}, inputs="ids holes types"),  # the quickest to build
    _bert("holes", config={"type_vocab_size": 3}, inputs="ids holes types"),
    _bert(
        "odd",
        config=ODD | {"hidden_act": "relu", "layer_norm_eps": 1e-3, "type_vocab_size": 3},
        inputs="ids holes types",
    ),
    _bert("no-mask", config={"hidden_act": "silu", "type_vocab_size": 1, "num_hidden_layers": 1}, inputs="ids pad"),
    _bert("embeds", config={"hidden_act": "gelu_new", "layer_norm_eps": 1e-3}, inputs="embeds holes"),
    _bert("limit", config={"hidden_act": "tanh", "max_position_embeddings": 9}, inputs="ids holes"),
    _bert(
        "one-token", config={"hidden_act": "gelu_pytorch_tanh", "num_attention_heads": 1}, inputs="ids", batch=(1, 1)
    ),
    _bert("pad-id", config={"pad_token_id": 3, "hidden_act": "swish"}, inputs="ids mask types pad"),
    _bert("quiet", config={"layer_norm_eps": 1e-5}, scale=0.01),
    _bert("wide", config={"hidden_size": 96, "num_attention_heads": 6, "intermediate_size": 100}),
    _bert("still", config=STILL, inputs="ids holes types"),
    # Heads and their losses.
    _bert("one-of-three", SEQUENCE, labels="class", gradients="full"),
    _bert(
        "one-of-seven", SEQUENCE, {"num_labels": 7, "classifier_dropout": 0.5}, labels="class", inputs="ids holes types"
    ),
    _bert("number", SEQUENCE, {"num_labels": 1, "num_hidden_layers": 1}, labels="number", inputs="ids mask"),
    _bert("numbers", SEQUENCE, {"problem_type": "regression", "num_hidden_layers": 1}, labels="numbers"),
    _bert("several", SEQUENCE, {"num_labels": 7, "num_hidden_layers": 1}, labels="classes"),
    _bert(
        "several-said",
        SEQUENCE,
        {"problem_type": "multi_label_classification", "num_hidden_layers": 1},
        labels="classes",
    ),
    _bert("tokens", TOKENS, {"num_labels": 7, "classifier_dropout": 0.4}, labels="tokens", inputs="ids holes types"),
    _bert("tokens-plain", TOKENS, {"num_hidden_layers": 1}, labels="tokens", inputs="ids mask"),
    _bert("answers", QA, labels="span", inputs="ids mask types"),
    _bert("answers-column", QA, {"num_hidden_layers": 1}, labels="span column", inputs="ids holes"),
    _bert("words", WORDS, {"layer_norm_eps": 1e-3}, labels="words", gradients="full"),
    _bert(
        "words-untied",
        WORDS,
        {"tie_word_embeddings": False, "hidden_act": "relu"},
        labels="words",
        inputs="ids holes types",
    ),
    # DistilBERT, the same round.
    _distilbert("padded", gradients="full"),
    _distilbert("short", config={"n_layers": 1}, inputs="ids holes"),
    _distilbert("holes", inputs="ids holes"),
    _distilbert("odd", config=ODD_DISTIL | {"activation": "relu"}, inputs="ids holes"),
    _distilbert("sinusoidal", config={"sinusoidal_pos_embds": True, "activation": "silu"}, inputs="ids holes"),
    _distilbert("no-mask", config={"n_layers": 1, "activation": "gelu_new"}, inputs="ids pad"),
    _distilbert("embeds", config={"activation": "tanh"}, inputs="embeds holes"),
    _distilbert("limit", config={"max_position_embeddings": 9}, inputs="ids holes"),
    _distilbert("one-token", config={"n_heads": 1}, inputs="ids", batch=(1, 1)),
    _distilbert("pad-id", config={"pad_token_id": 3}, inputs="ids mask pad"),
    _distilbert("quiet", scale=0.003),
    _distilbert("wide", config={"dim": 96, "n_heads": 6, "hidden_dim": 100}),
    _distilbert("still", config=STILL_DISTIL, inputs="ids holes"),
    _distilbert("one-of-three", SEQUENCE, labels="class", gradients="full"),
    _distilbert("one-of-seven", SEQUENCE, {"num_labels": 7}, labels="class", inputs="ids holes"),
    _distilbert("number", SEQUENCE, {"num_labels": 1, "n_layers": 1}, labels="number"),
    _distilbert("numbers", SEQUENCE, {"problem_type": "regression", "n_layers": 1}, labels="numbers"),
    _distilbert("several", SEQUENCE, {"num_labels": 7, "n_layers": 1}, labels="classes"),
    _distilbert("tokens", TOKENS, {"num_labels": 7}, labels="tokens", inputs="ids holes"),
    _distilbert("answers", QA, labels="span"),
    _distilbert("answers-column", QA, {"n_layers": 1}, labels="span column", inputs="ids holes"),
    _distilbert("words", WORDS, labels="words", gradients="full"),
    _distilbert(
        "words-untied", WORDS, {"tie_word_embeddings": False, "activation": "relu"}, labels="words", inputs="ids holes"
    ),
    _distilbert("words-quiet", WORDS, {"n_layers": 1}, labels="words", scale=0.003),
    *GPT2_TABLE,
    *ROBERTA_TABLE,
    *KIN_TABLE,
    *T5_TABLE,
    *BART_TABLE,
    *DETR_TABLE,
    *VIT_TABLE,
    *VILT_TABLE,
    *WAV2VEC2_TABLE,
]
CASES = {case.name: case for case in TABLE}
assert len(CASES) == len(TABLE), "two cases share a name"
