"""hfquick: learn and use transformers, in PyTorch or TensorFlow, online or offline.

Names are loaded on first use, so `import hfquick` is fast and brings in no framework.
"""

import os
from importlib import import_module
from typing import Any

from .architectures import ARCHITECTURES, HEADS, folder_of

__version__ = "0.1.0"

_WHERE = {  # public name -> module that has it
    "pipeline": "pipelines.factory",
    "KeyDataset": "pipelines.base",
    "AutoConfig": "auto",
    "AutoTokenizer": "auto",
    "AutoImageProcessor": "auto",
    "AutoFeatureExtractor": "auto",
    "AutoProcessor": "auto",
    **{f"{framework}{name}": "auto" for framework in ("", "TF") for name in HEADS},
    "PreTrainedConfig": "core.configuration",
    "PretrainedConfig": "core.configuration",
    "PreTrainedModel": "core.modeling",
    "TFPreTrainedModel": "core.modeling_tf",
    "GenerationConfig": "generation.configuration",
    "TextStreamer": "generation.streamers",
    "NotebookStreamer": "widgets.streamer",
    "token_probabilities": "interpretability.token_probabilities",
    "cross_attention_map": "interpretability.cross_attention",
    "cross_alignment": "interpretability.cross_attention",
    "attention_map": "interpretability.picture_attention",
    "attention_rollout": "interpretability.picture_attention",
    "query_attention_map": "interpretability.picture_attention",
    "PreTrainedTokenizerFast": "tokenization",
    "BatchEncoding": "tokenization",
    **{
        f"{model}{kind}": "image_processing.processor"
        for model in ("ViT", "DeiT", "Vilt")
        for kind in ("ImageProcessor", "FeatureExtractor")
    },
    "DetrImageProcessor": "image_processing.detr",
    "DetrFeatureExtractor": "image_processing.detr",
    "ViltProcessor": "image_processing.vilt",
    "BatchFeature": "image_processing.features",
    "Wav2Vec2FeatureExtractor": "audio_processing.feature_extractor",
    "Wav2Vec2CTCTokenizer": "tokenization.ctc",
    "Wav2Vec2Processor": "audio_processing.wav2vec2",
    "PushToHubMixin": "hub.push",
    "upload_folder": "hub.push",
    "ModelFacts": "hub.model_card",
    "TrainingFacts": "hub.model_card",
    "create_model_card": "hub.model_card",
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
    "default_data_collator": "data.collators",
    "DefaultDataCollator": "data.collators",
    "DataCollatorWithPadding": "data.collators",
    "DataCollatorForTokenClassification": "data.collators",
    "DataCollatorForSeq2Seq": "data.collators",
    "DataCollatorCTCWithPadding": "data.sounds",
    "DataCollatorForLanguageModeling": "data.masking",
    "DataCollatorForWholeWordMask": "data.masking",
    "DataCollatorForSpanMasking": "data.masking",
    "SavePretrainedCallback": "keras_training.callbacks",
    "KerasMetricCallback": "keras_training.metrics",
    "load_dataset": "data.loading",
    "Audio": "data.audio",
    "Playground": "widgets",
    "set_seed": "utils.seeds",
}
for _kind, _row in ARCHITECTURES.items():
    _folder = folder_of(_kind)
    _WHERE[f"{_row.prefix}Config"] = f"models.{_folder}.configuration_{_folder}"
    for _head in _row.heads:
        _WHERE[f"{_row.prefix}{_head}"] = f"models.{_folder}.modeling_{_folder}"
        _WHERE[f"TF{_row.prefix}{_head}"] = f"models.{_folder}.modeling_tf_{_folder}"

__all__ = [*_WHERE]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        from .i18n import spoken
        from .utils.public_names import public_name

        raise spoken(
            AttributeError,
            "module {module!r} has no attribute {name!r}{near}",
            module=__name__,
            name=name,
            near=public_name(name, [*_WHERE]),
        )
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")  # should this bring in TensorFlow: warnings, but no remarks
    try:
        module = import_module(f".{_WHERE[name]}", __name__)
    except ModuleNotFoundError as error:
        from .utils.errors import not_installed

        raise not_installed(error, name) from None
    value = getattr(module, name)
    globals()[name] = value  # the next use does not come here
    return value


def __dir__() -> list[str]:
    """The public names, and Python's own: what Tab shows behind `hfquick.`, without modules and imports."""
    return sorted([*(name for name in globals() if name.startswith("__")), *_WHERE])
