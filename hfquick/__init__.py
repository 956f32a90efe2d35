"""hfquick: learn and use transformers, in PyTorch or TensorFlow, online or offline.

Names are loaded on first use, so `import hfquick` is fast and brings in no framework.
"""

import os
from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_READERS = ["Model", "ForSequenceClassification", "ForTokenClassification", "ForQuestionAnswering", "ForMaskedLM"]
_MODELS = {  # folder -> how its classes start and end
    "bart": ("Bart", ["Model", "ForConditionalGeneration"]),
    "bert": ("Bert", _READERS),
    "distilbert": ("DistilBert", _READERS),
    "roberta": ("Roberta", _READERS),
    "gpt2": ("GPT2", ["Model", "LMHeadModel", "ForSequenceClassification"]),
    "t5": ("T5", ["Model", "EncoderModel", "ForConditionalGeneration"]),
}
_HEADS = ["", *_READERS[1:], "ForCausalLM", "ForSeq2SeqLM"]  # how Auto classes end
_WHERE = {  # public name -> module that has it
    "pipeline": "pipelines",
    "KeyDataset": "pipelines.base",
    "AutoConfig": "auto",
    "AutoTokenizer": "auto",
    **{f"{framework}AutoModel{head}": "auto" for framework in ("", "TF") for head in _HEADS},
    "PreTrainedConfig": "configuration",
    "PretrainedConfig": "configuration",
    "PreTrainedModel": "modeling",
    "TFPreTrainedModel": "modeling_tf",
    "GenerationConfig": "generation.configuration",
    "TextStreamer": "generation.streamers",
    "NotebookStreamer": "generation.notebook",
    "token_probabilities": "inside",
    "cross_alignment": "inside",
    "PreTrainedTokenizerFast": "tokenization",
    "BatchEncoding": "tokenization",
    "PushToHubMixin": "sharing",
    "upload_folder": "sharing",
    "ModelFacts": "model_cards",
    "TrainingFacts": "model_cards",
    "create_model_card": "model_cards",
    "Trainer": "training.trainer",
    "TrainingArguments": "training.arguments",
    "Seq2SeqTrainer": "training.seq2seq",
    "Seq2SeqTrainingArguments": "training.seq2seq",
    "TrainerCallback": "training.callbacks",
    "EarlyStoppingCallback": "training.callbacks",
    "TrainerState": "training.state",
    "TrainerControl": "training.state",
    "EvalPrediction": "training.state",
    "get_scheduler": "training.optimization",
    "default_data_collator": "training.collators",
    "DefaultDataCollator": "training.collators",
    "DataCollatorWithPadding": "training.collators",
    "DataCollatorForTokenClassification": "training.collators",
    "DataCollatorForSeq2Seq": "training.collators",
    "DataCollatorForLanguageModeling": "training.masking",
    "DataCollatorForWholeWordMask": "training.masking",
    "DataCollatorForSpanMasking": "training.masking",
    "SavePretrainedCallback": "training.keras_callbacks",
    "KerasMetricCallback": "training.keras_metrics",
    "load_dataset": "data",
    "Audio": "data",
    "Playground": "widgets",
}
for _folder, (_architecture, _heads) in _MODELS.items():
    _WHERE[f"{_architecture}Config"] = f"models.{_folder}.configuration_{_folder}"
    for _head in _heads:
        _WHERE[f"{_architecture}{_head}"] = f"models.{_folder}.modeling_{_folder}"
        _WHERE[f"TF{_architecture}{_head}"] = f"models.{_folder}.modeling_tf_{_folder}"

__all__ = [*_WHERE]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        from .errors import did_you_mean

        raise AttributeError(f"module {__name__!r} has no attribute {name!r}{did_you_mean(name, _WHERE)}")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")  # should this bring in TensorFlow: warnings, but no remarks
    try:
        module = import_module(f".{_WHERE[name]}", __name__)
    except ModuleNotFoundError as error:
        from .errors import not_installed

        raise not_installed(error, name) from None
    value = getattr(module, name)
    globals()[name] = value  # the next use does not come here
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_WHERE])
