"""Which feature extractor or processor a repository with sounds asks for: by what its files name, or its model type."""

from typing import Any

from ..hub.preprocessors import FILE, TOGETHER, read_preprocessor
from ..hub.repository import Repo
from ..i18n import gettext as _
from ..i18n import spoken
from ..utils.notices import say_once
from .feature_extractor import Wav2Vec2FeatureExtractor
from .wav2vec2 import Wav2Vec2Processor

EXTRACTORS: dict[str, type[Wav2Vec2FeatureExtractor]] = {"Wav2Vec2FeatureExtractor": Wav2Vec2FeatureExtractor}
OF_PICTURES = ("ViT", "DeiT", "Detr", "Vilt")  # image processors, by their names until 2022
OF_MODEL = {"wav2vec2"}  # model types whose repositories may name no class
PROCESSORS = ("Wav2Vec2Processor", "Wav2Vec2ProcessorWithLM")


def hears(repo: Repo) -> bool:
    """Whether a repository is about sounds: it names a feature extractor, or has a model that takes them."""
    named = _named(repo, FILE, "feature_extractor_type") or _named(repo, TOGETHER, "feature_extractor_type")
    if named is not None:
        return str(named).removesuffix("FeatureExtractor") not in OF_PICTURES
    return _named(repo, "config.json", "model_type") in OF_MODEL or _processor(repo) in PROCESSORS


def feature_extractor_class(repo: Repo) -> type[Wav2Vec2FeatureExtractor]:
    """The class for the sounds of a repository."""
    name = read_preprocessor(repo).get("feature_extractor_type", "Wav2Vec2FeatureExtractor")
    if name not in EXTRACTORS:
        raise spoken(
            ValueError,
            "{file} of {repo!r} asks for {name}, which hfquick does not have; of sounds it has {known}",
            file=FILE,
            repo=str(repo.id),
            name=name,
            known=", ".join(EXTRACTORS),
        )
    return EXTRACTORS[name]


def processor_class(repo: Repo) -> Any:
    """The class that makes all inputs of a model of sounds: with a tokenizer where there is a vocabulary."""
    named = _processor(repo)
    if named == "Wav2Vec2ProcessorWithLM":
        say_once(_("{repo}: its language model is left out, the best token of each frame is taken", repo=str(repo.id)))
    if named in PROCESSORS or (named is None and repo.find("vocab.json")):
        return Wav2Vec2Processor
    return feature_extractor_class(repo)


def _processor(repo: Repo) -> str | None:
    names = (_named(repo, file, "processor_class") for file in (TOGETHER, FILE, "tokenizer_config.json"))
    return next((name for name in names if name is not None), None)


def _named(repo: Repo, file: str, field: str) -> Any:
    values = repo.read_json(file) or {}
    part = values.get("feature_extractor")  # of processor_config.json
    return values.get(field, part.get(field) if isinstance(part, dict) else None)
