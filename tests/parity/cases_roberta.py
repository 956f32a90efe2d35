"""RoBERTa beside transformers: where it is not BERT, that is its positions and two of its heads.

CamemBERT and XLM-RoBERTa are RoBERTa under other names: one case for each of their classes.
"""

from typing import Any

from .case import Case

ROBERTA = {
    "vocab_size": 40,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 50,
    "max_position_embeddings": 14,
    "type_vocab_size": 1,
    "layer_norm_eps": 1e-5,
    "pad_token_id": 1,
    "hidden_dropout_prob": 0.1,  # another for each place, so that one in the wrong place is seen
    "attention_probs_dropout_prob": 0.2,
}
SEQUENCE, TOKENS = "ForSequenceClassification", "ForTokenClassification"
QA, WORDS = "ForQuestionAnswering", "ForMaskedLM"
STILL = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}  # training takes the fused attention


def _roberta(
    name: str, head: str = "Model", config: dict[str, Any] | None = None, inputs: str = "ids mask", **more: Any
) -> Case:
    return Case(f"roberta-{name}", f"Roberta{head}", ROBERTA | (config or {}), inputs, **more)


ROBERTA_TABLE = [
    _roberta("padded", gradients="full"),
    _roberta("short", config={"num_hidden_layers": 1}, inputs="ids holes"),
    _roberta("holes", config={"hidden_act": "relu", "num_hidden_layers": 3}, inputs="ids holes"),
    _roberta("pad", inputs="ids mask pad"),  # padding where it is read: it has no position
    _roberta("pad-id", config={"pad_token_id": 3, "max_position_embeddings": 16}, inputs="ids mask pad"),
    _roberta("no-mask", config={"num_hidden_layers": 1}, inputs="ids"),
    _roberta("embeds", config={"layer_norm_eps": 1e-3}, inputs="embeds holes"),
    _roberta("limit", config={"max_position_embeddings": 11}, inputs="ids holes"),
    _roberta("types", config={"type_vocab_size": 2}, inputs="ids mask types"),
    _roberta("one-token", config={"num_attention_heads": 1}, inputs="ids", batch=(1, 1)),
    _roberta("quiet", scale=0.01),
    _roberta("still", config=STILL, inputs="ids holes"),
    _roberta("one-of-three", SEQUENCE, labels="class", gradients="full"),
    _roberta("one-of-seven", SEQUENCE, {"num_labels": 7, "classifier_dropout": 0.5}, "ids holes", labels="class"),
    _roberta("number", SEQUENCE, {"num_labels": 1, "num_hidden_layers": 1}, labels="number"),
    _roberta("several", SEQUENCE, {"num_labels": 7, "num_hidden_layers": 1}, labels="classes"),
    _roberta("tokens", TOKENS, {"num_labels": 7, "classifier_dropout": 0.4}, "ids holes", labels="tokens"),
    _roberta("answers", QA, labels="span"),
    _roberta("words", WORDS, {"layer_norm_eps": 1e-3}, labels="words", gradients="full"),
    _roberta("words-untied", WORDS, {"tie_word_embeddings": False, "hidden_act": "relu"}, labels="words"),
    _roberta("words-quiet", WORDS, {"num_hidden_layers": 1}, labels="words", scale=0.01),
]


def _kin(kind: str, start: str, ends: dict[str, int]) -> list[Case]:
    """The cases of a model that is RoBERTa but for its name; `ends`: ids of the tokens around a text."""
    values = ROBERTA | ends
    return [
        Case(f"{kind}-padded", f"{start}Model", values, "ids holes pad", gradients="full"),
        Case(f"{kind}-one-of-five", f"{start}{SEQUENCE}", values | {"num_labels": 5}, "ids mask", labels="class"),
        Case(f"{kind}-tokens", f"{start}{TOKENS}", values | {"num_labels": 7}, "ids holes", labels="tokens"),
        Case(f"{kind}-answers", f"{start}{QA}", values, "ids mask", labels="span"),
        Case(f"{kind}-words", f"{start}{WORDS}", values, "ids holes", labels="words", gradients="full"),
    ]


KIN_TABLE = [
    *_kin("camembert", "Camembert", {"bos_token_id": 5, "eos_token_id": 6}),
    *_kin("xlm-roberta", "XLMRoberta", {"bos_token_id": 0, "eos_token_id": 2}),
]
