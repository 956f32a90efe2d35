"""The architectures that hfquick has, and the heads they come with: plain data that Auto classes and model cards read.

Adding a model is a row here and a folder in models/.
"""

from typing import NamedTuple


class Architecture(NamedTuple):
    """One row of ARCHITECTURES."""

    prefix: str  # how its classes start: "Bert" of BertForMaskedLM; its Keras twin has TF in front
    heads: tuple[str, ...]  # how they end


ENCODER_HEADS = ("Model", "ForSequenceClassification", "ForTokenClassification", "ForQuestionAnswering", "ForMaskedLM")

ARCHITECTURES: dict[str, Architecture] = {  # model_type in config.json, and the folder in models/
    "bart": Architecture("Bart", ("Model", "ForConditionalGeneration")),
    "bert": Architecture("Bert", ENCODER_HEADS),
    "distilbert": Architecture("DistilBert", ENCODER_HEADS),
    "gpt2": Architecture("GPT2", ("Model", "LMHeadModel", "ForSequenceClassification")),
    "roberta": Architecture("Roberta", ENCODER_HEADS),
    "t5": Architecture("T5", ("Model", "EncoderModel", "ForConditionalGeneration")),
}

HEADS = {  # Auto class -> how the classes it stands for end
    "AutoModel": "Model",
    "AutoModelForSequenceClassification": "ForSequenceClassification",
    "AutoModelForTokenClassification": "ForTokenClassification",
    "AutoModelForQuestionAnswering": "ForQuestionAnswering",
    "AutoModelForMaskedLM": "ForMaskedLM",
    "AutoModelForCausalLM": "LMHeadModel",  # as GPT-2 calls it
    "AutoModelForSeq2SeqLM": "ForConditionalGeneration",
}
