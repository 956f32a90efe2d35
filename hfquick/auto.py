"""Auto classes: read model_type in config.json, then hand over to the class of that architecture and task.

One table of architectures, one of heads; a class is found by its name, and only its own file is imported.
"""

import os
from importlib import import_module
from typing import Any

from .architectures import ARCHITECTURES, HEADS, folder_of, has_class
from .core.configuration import PreTrainedConfig, read_config
from .hub.repository import Repo, open_repo, take_hub_options
from .i18n import spoken
from .utils.errors import did_you_mean, need


def config_class(model_type: str, where: str) -> type[PreTrainedConfig]:
    """The configuration class of a model_type, or ValueError with the nearest names."""
    if model_type not in ARCHITECTURES:
        near = did_you_mean(model_type, ARCHITECTURES)
        raise spoken(
            ValueError,
            "{where} is a {model_type!r} model, which hfquick does not have{near}; it has {architectures}",
            where=where,
            model_type=model_type,
            near=near,
            architectures=", ".join(ARCHITECTURES),
        )
    folder = folder_of(model_type)
    module = import_module(f".models.{folder}.configuration_{folder}", __package__)
    return getattr(module, f"{ARCHITECTURES[model_type].prefix}Config")


def model_class(auto: str, kind: str) -> Any:
    """The class an Auto class stands for, for this model_type; "TF" at the front asks for the Keras twin."""
    tensorflow, auto = auto.startswith("TF"), auto.removeprefix("TF")
    name = f"{'TF' if tensorflow else ''}{ARCHITECTURES[kind].prefix}{HEADS[auto]}"
    need("tensorflow" if tensorflow else "torch", name, "tf" if tensorflow else "torch")
    if not has_class(auto, kind):
        raise spoken(
            ValueError,
            "{kind} models have no {name}; for them there are {heads}",
            kind=kind,
            name=auto if HEADS[auto] in ARCHITECTURES[kind].heads else name,  # two of them end alike
            heads=", ".join(head for head in HEADS if has_class(head, kind)),
        )
    folder = folder_of(kind)
    module = import_module(f".models.{folder}.modeling_{'tf_' if tensorflow else ''}{folder}", __package__)
    return getattr(module, name)


class AutoConfig:
    """The configuration of any known architecture."""

    def __init__(self, *given: Any, **options: Any) -> None:
        raise spoken(
            TypeError, "{name} is not built itself; try {name}.from_pretrained(name)", name=type(self).__name__
        )

    @classmethod
    def from_pretrained(cls, name: str | os.PathLike, **options: Any) -> PreTrainedConfig:
        """Read config.json of a folder or id; further keywords override its fields: `n_heads=12`."""
        return cls.from_repo(open_repo(name, **take_hub_options(options)), **options)

    @classmethod
    def from_repo(cls, repo: Repo, **overrides: Any) -> PreTrainedConfig:
        """The same from an opened repository."""
        return _config_class_of(repo).from_repo(repo, **overrides)


def _config_class_of(repo: Repo) -> type[PreTrainedConfig]:
    """The configuration class that config.json asks for."""
    values = read_config(repo)
    if "model_type" not in values:
        raise spoken(
            ValueError,
            "config.json of {repo!r} does not say its 'model_type', so its architecture is unknown",
            repo=str(repo.id),
        )
    return config_class(str(values["model_type"]), repr(str(repo.id)))


class AutoTokenizer:
    """The tokenizer of any model."""

    def __init__(self, *given: Any, **options: Any) -> None:
        raise spoken(TypeError, "AutoTokenizer is not built itself; try AutoTokenizer.from_pretrained(name)")

    @classmethod
    def from_pretrained(cls, name: str | os.PathLike, **options: Any) -> Any:
        """Load the tokenizer of a folder or id; see PreTrainedTokenizerFast.from_pretrained."""
        return cls.from_repo(open_repo(name, **take_hub_options(options)), **options)

    @classmethod
    def from_repo(cls, repo: Repo, **overrides: Any) -> Any:
        """The same from an opened repository."""
        from .tokenization import PreTrainedTokenizerFast

        return PreTrainedTokenizerFast.from_repo(repo, **overrides)


class AutoImageProcessor:
    """The image processor of any model that takes pictures."""

    def __init__(self, *given: Any, **options: Any) -> None:
        raise spoken(
            TypeError, "{name} is not built itself; try {name}.from_pretrained(name)", name=type(self).__name__
        )

    @classmethod
    def from_pretrained(cls, name: str | os.PathLike, **options: Any) -> Any:
        """Load the image processor of a folder or id; see ViTImageProcessor.from_pretrained."""
        return cls.from_repo(open_repo(name, **take_hub_options(options)), **options)

    @classmethod
    def from_repo(cls, repo: Repo, **overrides: Any) -> Any:
        """The same from an opened repository."""
        from .image_processing.families import image_processor_class

        return image_processor_class(repo).from_repo(repo, **overrides)


class AutoFeatureExtractor(AutoImageProcessor):
    """The feature extractor of any model that takes sounds; of pictures their image processor, by its older name."""

    @classmethod
    def from_repo(cls, repo: Repo, **overrides: Any) -> Any:
        """The same from an opened repository."""
        from .audio_processing.families import feature_extractor_class, hears

        return (
            feature_extractor_class(repo).from_repo(repo, **overrides)
            if hears(repo)
            else super().from_repo(repo, **overrides)
        )


class AutoProcessor:
    """What makes all inputs of a model: for ViLT and Wav2Vec2 two parts as one, else the one that there is."""

    def __init__(self, *given: Any, **options: Any) -> None:
        raise spoken(
            TypeError, "{name} is not built itself; try {name}.from_pretrained(name)", name=type(self).__name__
        )

    @classmethod
    def from_pretrained(cls, name: str | os.PathLike, **options: Any) -> Any:
        """Load the processor of a folder or id, such as a Wav2Vec2Processor, a tokenizer or an image processor."""
        return cls.from_repo(open_repo(name, **take_hub_options(options)), **options)

    @classmethod
    def from_repo(cls, repo: Repo, **overrides: Any) -> Any:
        """The same from an opened repository."""
        from .audio_processing import families as of_sounds
        from .image_processing import families as of_pictures

        processor_class = of_sounds.processor_class if of_sounds.hears(repo) else of_pictures.processor_class
        return processor_class(repo).from_repo(repo, **overrides)


class _AutoModelBase:
    """What every AutoModel class does; the class name says for which head."""

    def __init__(self, *given: Any, **options: Any) -> None:
        name = type(self).__name__
        raise spoken(
            TypeError,
            "{name} is not built itself; try {name}.from_pretrained(name) or {name}.from_config(config)",
            name=name,
        )

    @classmethod
    def from_config(cls, config: PreTrainedConfig, **options: Any) -> Any:
        """A new, randomly initialised model, to be trained; options as attn_implementation="eager" change nothing."""
        if not isinstance(config, PreTrainedConfig):
            raise spoken(
                TypeError,
                "{name}.from_config takes a configuration, got {given!r}; try AutoConfig.from_pretrained(name), or "
                "{name}.from_pretrained(name) for a trained model",
                name=cls.__name__,
                given=config,
            )
        take_hub_options(options)
        for option in options:
            raise spoken(
                TypeError,
                "{name}.from_config has no option {option!r}; set fields in the configuration, and try model.to(dtype) "
                "for another dtype",
                name=cls.__name__,
                option=option,
            )
        return model_class(cls.__name__, config.model_type).from_config(config)

    @classmethod
    def from_pretrained(cls, name: str | os.PathLike, *, config: PreTrainedConfig | None = None, **options: Any) -> Any:
        """Load a model from a folder, the zoo or the Hub; see PreTrainedModel.from_pretrained."""
        return cls.from_repo(open_repo(name, **take_hub_options(options)), config=config, **options)

    @classmethod
    def from_repo(cls, repo: Repo, *, config: PreTrainedConfig | None = None, **options: Any) -> Any:
        """The same from an opened repository."""
        kind = (_config_class_of(repo) if config is None else config).model_type
        return model_class(cls.__name__, kind).from_repo(repo, config=config, **options)


class AutoModel(_AutoModelBase):
    """The PyTorch model of any known architecture, without a head."""


class AutoModelForSequenceClassification(_AutoModelBase):
    """The PyTorch model of any known architecture, with a sequence classification head."""


class AutoModelForTokenClassification(_AutoModelBase):
    """The PyTorch model of any known architecture, with a token classification head."""


class AutoModelForQuestionAnswering(_AutoModelBase):
    """The PyTorch model of any known architecture, with a head for extractive question answering."""


class AutoModelForMaskedLM(_AutoModelBase):
    """The PyTorch model of any known architecture, with a masked language-modeling head."""


class AutoModelForCausalLM(_AutoModelBase):
    """The PyTorch model of any known architecture, with a causal language-modeling head."""


class AutoModelForSeq2SeqLM(_AutoModelBase):
    """The PyTorch model of any known architecture, with a sequence-to-sequence language-modeling head."""


class AutoModelForImageClassification(_AutoModelBase):
    """The PyTorch model of any known architecture, with an image classification head."""


class AutoModelForVisualQuestionAnswering(_AutoModelBase):
    """The PyTorch model of any known architecture, with a head for visual question answering."""


class AutoModelForObjectDetection(_AutoModelBase):
    """The PyTorch model of any known architecture, with an object detection head."""


class AutoModelForImageSegmentation(_AutoModelBase):
    """The PyTorch model of any known architecture, with a head that gives a mask for each object."""


class AutoModelForCTC(_AutoModelBase):
    """The PyTorch model of any known architecture, with a head that gives characters for each frame of a recording."""


class AutoModelForAudioClassification(_AutoModelBase):
    """The PyTorch model of any known architecture, with an audio classification head."""


class TFAutoModel(_AutoModelBase):
    """The Keras model of any known architecture, without a head."""


class TFAutoModelForSequenceClassification(_AutoModelBase):
    """The Keras model of any known architecture, with a sequence classification head."""


class TFAutoModelForTokenClassification(_AutoModelBase):
    """The Keras model of any known architecture, with a token classification head."""


class TFAutoModelForQuestionAnswering(_AutoModelBase):
    """The Keras model of any known architecture, with a head for extractive question answering."""


class TFAutoModelForMaskedLM(_AutoModelBase):
    """The Keras model of any known architecture, with a masked language-modeling head."""


class TFAutoModelForCausalLM(_AutoModelBase):
    """The Keras model of any known architecture, with a causal language-modeling head."""


class TFAutoModelForSeq2SeqLM(_AutoModelBase):
    """The Keras model of any known architecture, with a sequence-to-sequence language-modeling head."""


class TFAutoModelForImageClassification(_AutoModelBase):
    """The Keras model of any known architecture, with an image classification head."""


class TFAutoModelForVisualQuestionAnswering(_AutoModelBase):
    """The Keras model of any known architecture, with a head for visual question answering."""


class TFAutoModelForObjectDetection(_AutoModelBase):
    """The Keras model of any known architecture, with an object detection head."""


class TFAutoModelForImageSegmentation(_AutoModelBase):
    """The Keras model of any known architecture, with a head that gives a mask for each object."""


class TFAutoModelForCTC(_AutoModelBase):
    """The Keras model of any known architecture, with a head that gives characters for each frame of a recording."""


class TFAutoModelForAudioClassification(_AutoModelBase):
    """The Keras model of any known architecture, with an audio classification head."""
