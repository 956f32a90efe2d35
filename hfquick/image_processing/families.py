"""Which processor a repository asks for: by what its files name, failing that by the type of its model."""

from typing import Any

from ..hub.preprocessors import FILE, TOGETHER, read_preprocessor
from ..hub.repository import Repo
from ..i18n import spoken
from ..tokenization import PreTrainedTokenizerFast
from ..utils.errors import did_you_mean
from .detr import DetrImageProcessor
from .processor import (
    DeiTImageProcessor,
    ImageProcessor,
    ViltImageProcessor,
    ViTImageProcessor,
)
from .vilt import ViltProcessor

PROCESSORS: dict[str, type[ImageProcessor]] = {
    kind.__name__: kind for kind in (ViTImageProcessor, DeiTImageProcessor, DetrImageProcessor, ViltImageProcessor)
}
OF_MODEL = {"vit": ViTImageProcessor, "detr": DetrImageProcessor, "vilt": ViltImageProcessor}  # model_type -> class


def image_processor_class(repo: Repo) -> type[ImageProcessor]:
    """The class for a repository: that of its file, under whatever name the class had when the file was written."""
    values = read_preprocessor(repo)
    named = values.get("image_processor_type") or values.get("feature_extractor_type")
    if named is None:
        kind = (repo.read_json("config.json") or {}).get("model_type")
        if kind in OF_MODEL:
            return OF_MODEL[kind]
        raise spoken(
            ValueError,
            "{file} of {repo!r} does not say its image_processor_type, nor config.json a model_type that takes "
            "pictures; try a class by its name, as {known}",
            file=FILE,
            repo=str(repo.id),
            known=", ".join(PROCESSORS),
        )
    name = str(named).removesuffix("Fast").replace("FeatureExtractor", "ImageProcessor")
    if name not in PROCESSORS:
        raise spoken(
            ValueError,
            "{file} of {repo!r} asks for {name}, which hfquick does not have{near}; it has {known}",
            file=FILE,
            repo=str(repo.id),
            name=name,
            near=did_you_mean(name, PROCESSORS),
            known=", ".join(PROCESSORS),
        )
    return PROCESSORS[name]


def processor_class(repo: Repo) -> Any:
    """The class that makes all inputs of a model: of pictures and texts together, of texts, or of pictures."""
    named = None
    for file in (TOGETHER, FILE, "tokenizer_config.json"):
        named = named or (repo.read_json(file) or {}).get("processor_class")
    if named == "ViltProcessor" or (
        named is None and (repo.read_json("config.json") or {}).get("model_type") == "vilt"
    ):
        return ViltProcessor
    if repo.find("tokenizer.json", "tokenizer_config.json", "vocab.txt", "vocab.json", "sentencepiece.bpe.model"):
        return PreTrainedTokenizerFast
    return image_processor_class(repo)
