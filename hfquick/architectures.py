"""The architectures that hfquick has, and the heads they come with: plain data that Auto classes and model cards read.

Adding a model is a row here and a folder in models/. One whose classes are another's under other names is a row only.
"""

from typing import NamedTuple


class Architecture(NamedTuple):
    """One row of ARCHITECTURES."""

    prefix: str  # how its classes start: "Bert" of BertForMaskedLM; its Keras twin has TF in front
    heads: tuple[str, ...]  # how they end
    folder: str = ""  # in models/, where it is not the model_type: of the architecture that it is but for its name
    reads: str = "texts"  # or "pictures", "both" of these, or "sounds"


ENCODER_HEADS = ("Model", "ForSequenceClassification", "ForTokenClassification", "ForQuestionAnswering", "ForMaskedLM")

ARCHITECTURES: dict[str, Architecture] = {  # model_type in config.json, mostly the folder in models/
    "bart": Architecture("Bart", ("Model", "ForConditionalGeneration")),
    "bert": Architecture("Bert", ENCODER_HEADS),
    "camembert": Architecture("Camembert", ENCODER_HEADS, folder="roberta"),
    "detr": Architecture("Detr", ("Model", "ForObjectDetection", "ForSegmentation"), reads="pictures"),
    "distilbert": Architecture("DistilBert", ENCODER_HEADS),
    "gpt2": Architecture("GPT2", ("Model", "LMHeadModel", "ForSequenceClassification")),
    "roberta": Architecture("Roberta", ENCODER_HEADS),
    "t5": Architecture("T5", ("Model", "EncoderModel", "ForConditionalGeneration")),
    "vilt": Architecture("Vilt", ("Model", "ForQuestionAnswering"), reads="both"),
    "vit": Architecture("ViT", ("Model", "ForImageClassification"), reads="pictures"),
    "wav2vec2": Architecture("Wav2Vec2", ("Model", "ForCTC", "ForSequenceClassification"), reads="sounds"),
    "xlm-roberta": Architecture("XLMRoberta", ENCODER_HEADS, folder="roberta"),
}

HEADS = {  # Auto class -> how the classes it stands for end
    "AutoModel": "Model",
    "AutoModelForSequenceClassification": "ForSequenceClassification",
    "AutoModelForTokenClassification": "ForTokenClassification",
    "AutoModelForQuestionAnswering": "ForQuestionAnswering",
    "AutoModelForMaskedLM": "ForMaskedLM",
    "AutoModelForCausalLM": "LMHeadModel",  # as GPT-2 calls it
    "AutoModelForSeq2SeqLM": "ForConditionalGeneration",
    "AutoModelForImageClassification": "ForImageClassification",
    "AutoModelForVisualQuestionAnswering": "ForQuestionAnswering",
    "AutoModelForObjectDetection": "ForObjectDetection",
    "AutoModelForImageSegmentation": "ForSegmentation",
    "AutoModelForCTC": "ForCTC",
    "AutoModelForAudioClassification": "ForSequenceClassification",
}
READS = {  # Auto classes whose classes end alike -> what their models read
    "AutoModelForQuestionAnswering": "texts",
    "AutoModelForVisualQuestionAnswering": "both",
    "AutoModelForSequenceClassification": "texts",
    "AutoModelForAudioClassification": "sounds",
}


def folder_of(model_type: str) -> str:
    """The folder in models/ that has the classes of an architecture."""
    return ARCHITECTURES[model_type].folder or model_type


def has_class(auto: str, model_type: str) -> bool:
    """Whether an Auto class, named without TF, stands for a class of an architecture."""
    row = ARCHITECTURES[model_type]
    return HEADS[auto] in row.heads and READS.get(auto, row.reads) == row.reads


def auto_class_of(architecture: str) -> str:
    """The Auto class that stands for a class, with TF where that has it; "" for one that ends like none of ours.

    >>> auto_class_of("TFViltForQuestionAnswering")
    'TFAutoModelForVisualQuestionAnswering'
    """
    name = architecture.removeprefix("TF")
    reads = next((row.reads for row in ARCHITECTURES.values() if name.startswith(row.prefix)), "texts")
    found = [auto for auto, end in HEADS.items() if name.endswith(end) and READS.get(auto, reads) == reads]
    longest = max(found, key=lambda auto: len(HEADS[auto]), default="")  # LMHeadModel ends like a bare Model, too
    return f"{'TF' if name != architecture else ''}{longest}" if longest else ""
