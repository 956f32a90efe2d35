"""The kinds of tokenizer on the Hub: what each model takes, and the special tokens that a repository need not name."""

from dataclasses import dataclass, field, replace
from typing import Any

TWO_INPUTS = ("input_ids", "attention_mask")
THREE_INPUTS = ("input_ids", "token_type_ids", "attention_mask")

SPECIAL_NAMES = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")

BERT_TOKENS = {
    "unk_token": "[UNK]",
    "sep_token": "[SEP]",
    "pad_token": "[PAD]",
    "cls_token": "[CLS]",
    "mask_token": "[MASK]",
}
ROBERTA_TOKENS = {
    "bos_token": "<s>",
    "eos_token": "</s>",
    "sep_token": "</s>",
    "cls_token": "<s>",
    "unk_token": "<unk>",
    "pad_token": "<pad>",
    "mask_token": "<mask>",
}
CAMEMBERT_UNUSED = ("<s>NOTUSED", "</s>NOTUSED", "<unk>NOTUSED")
GPT2_TOKENS = {"unk_token": "<|endoftext|>", "bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>"}
CLIP_TOKENS = {
    "unk_token": "<|endoftext|>",
    "bos_token": "<|startoftext|>",
    "eos_token": "<|endoftext|>",
    "pad_token": "<|endoftext|>",
}
CLS_SEP_ENDS = {"bos_token": "[CLS]", "eos_token": "[SEP]"}
ALBERT_TOKENS = {**BERT_TOKENS, **CLS_SEP_ENDS, "unk_token": "<unk>", "pad_token": "<pad>"}
CTC_TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
T5_TOKENS = {"eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}


@dataclass(frozen=True)
class Family:
    """One kind of tokenizer."""

    name: str  # "Bert" of BertTokenizerFast
    inputs: tuple[str, ...] = TWO_INPUTS  # what the model takes, in this order
    style: str = ""  # how it is built without tokenizer.json: "wordpiece", "gpt2", "roberta", "sentencepiece", "ctc"
    tokens: dict[str, str] = field(default_factory=dict)  # special tokens, unless the repository says otherwise
    more_tokens: tuple[str, ...] = ()  # the same of additional_special_tokens
    mask_is_normalized: bool = False  # whether a mask token that the repository only names is found after normalization

    @property
    def tokenizer_class(self) -> str:
        return f"{self.name}Tokenizer" if self.style == "ctc" else f"{self.name}TokenizerFast"


FAMILIES = {
    family.name: family
    for family in (
        Family("PreTrained", THREE_INPUTS),
        Family("Bert", THREE_INPUTS, "wordpiece", BERT_TOKENS),
        Family("DistilBert", TWO_INPUTS, "wordpiece", BERT_TOKENS),
        Family("Electra", THREE_INPUTS, "wordpiece", BERT_TOKENS),
        Family("MobileBert", THREE_INPUTS, "wordpiece", BERT_TOKENS),
        Family("Roberta", TWO_INPUTS, "roberta", ROBERTA_TOKENS),
        Family("Bart", TWO_INPUTS, "roberta", ROBERTA_TOKENS),
        Family("Longformer", TWO_INPUTS, "roberta", ROBERTA_TOKENS),
        Family("GPT2", TWO_INPUTS, "gpt2", GPT2_TOKENS),
        Family("Camembert", TWO_INPUTS, "sentencepiece", ROBERTA_TOKENS, CAMEMBERT_UNUSED),
        Family("XLMRoberta", TWO_INPUTS, "sentencepiece", ROBERTA_TOKENS, mask_is_normalized=True),
        Family("Wav2Vec2CTC", TWO_INPUTS, "ctc", CTC_TOKENS),  # letters: ctc.py
        # These come as tokenizer.json only.
        Family("CLIP", TWO_INPUTS, "", CLIP_TOKENS),
        Family("T5", TWO_INPUTS, "", T5_TOKENS),
        Family("Albert", THREE_INPUTS, "", ALBERT_TOKENS),
        Family("Deberta", ("input_ids", "attention_mask", "token_type_ids"), "", BERT_TOKENS),
        Family("DebertaV2", THREE_INPUTS, "", {**BERT_TOKENS, **CLS_SEP_ENDS}),
    )
}

TWO_INPUTS_FAMILY = replace(FAMILIES["PreTrained"], inputs=TWO_INPUTS)

# Models that use the tokenizer of another one; further names differ from a family's only in case and hyphens.
BORROWED = {
    "vilt": "Bert",
    "blip": "Bert",
    "visual_bert": "Bert",
    "layoutlm": "Bert",
    "mt5": "T5",
    "data2vec-text": "Roberta",
    **dict.fromkeys(
        (
            "wav2vec2",
            "wav2vec2-conformer",
            "hubert",
            "wavlm",
            "unispeech",
            "unispeech-sat",
            "sew",
            "sew-d",
            "data2vec-audio",
        ),
        "Wav2Vec2CTC",
    ),
}

# Models with learned positions: a longer sequence does not fit. Those of RoBERTa's kind count from pad_token_id + 1 on.
LEARNED_POSITIONS = {"bert", "distilbert", "electra", "mobilebert", "albert", "bart", "gpt2"}
SHIFTED_POSITIONS = {"roberta", "xlm-roberta", "camembert", "longformer", "data2vec-text"}


def family_of(tokenizer_class: str | None, model_type: str | None) -> Family | None:
    """The family by the names in tokenizer_config.json or config.json; None if neither says anything."""
    name = (tokenizer_class or "").removesuffix("Fast").removesuffix("Tokenizer")
    if name == "Wav2Vec2":  # until 2021 one class for both, letters and samples
        name = "Wav2Vec2CTC"
    if name in FAMILIES:
        return FAMILIES[name]
    if name == "TokenizersBackend":  # the same in transformers 5, where it means two inputs
        return TWO_INPUTS_FAMILY
    if name:
        return Family(name)  # not known here, but its tokenizer.json says all
    if not model_type:
        return None
    plain = BORROWED.get(model_type, model_type).replace("-", "").replace("_", "").lower()
    known = (family for family in FAMILIES.values() if family.name.lower() == plain)
    return next(known, TWO_INPUTS_FAMILY)


def position_count(config: dict[str, Any]) -> int | None:
    """For how many tokens a model of this config.json has positions; None if there is no such limit."""
    model_type = config.get("model_type")
    positions = config.get("max_position_embeddings", config.get("n_positions"))
    if not isinstance(positions, int) or isinstance(positions, bool) or positions < 1:
        return None
    if model_type in LEARNED_POSITIONS:
        return positions
    if model_type in SHIFTED_POSITIONS:
        padding = config.get("pad_token_id")
        return positions - (padding if isinstance(padding, int) else 1) - 1
    return None
