"""ViLT's processor: a tokenizer for the questions and an image processor for the pictures, called as one.

processor = AutoProcessor.from_pretrained("dandelin/vilt-b32-finetuned-vqa")
batch = processor(picture, "How many cats are there?", return_tensors="pt")
"""

import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..hub.push import PushToHubMixin
from ..hub.repository import Repo, open_repo, take_hub_options
from ..i18n import spoken
from ..tokenization import PreTrainedTokenizerFast
from ..utils.elsewhere import only_known
from ..utils.files import one_save
from .features import BatchFeature
from .names import CALL
from .processor import ViltImageProcessor
from .settings import OLDER

OF_BOTH = ("return_tensors",)
OF_TEXTS = {
    name
    for name, one in inspect.signature(PreTrainedTokenizerFast.__call__).parameters.items()
    if one.kind is inspect.Parameter.KEYWORD_ONLY and name not in OF_BOTH
}
OF_PICTURES = {*ViltImageProcessor.DEFAULTS, *OLDER, "data_format", "input_data_format"}


class ViltProcessor(PushToHubMixin):
    """Pictures and questions -> all that a ViLT model takes."""

    def __init__(self, image_processor: ViltImageProcessor, tokenizer: PreTrainedTokenizerFast) -> None:
        for name, given, kind in (
            ("image_processor", image_processor, ViltImageProcessor),
            ("tokenizer", tokenizer, PreTrainedTokenizerFast),
        ):
            if not isinstance(given, kind):
                raise spoken(
                    TypeError,
                    "{name} is a {given}, expected a {kind}; ViltProcessor.from_pretrained(name) makes both",
                    name=name,
                    given=type(given).__name__,
                    kind=kind.__name__,
                )
        self.image_processor, self.tokenizer = image_processor, tokenizer

    @classmethod
    def from_pretrained(cls, name: str | os.PathLike, **options: Any) -> "ViltProcessor":
        """Both from a folder or a Hub id; further keywords override fields of the image processor."""
        return cls.from_repo(open_repo(name, **take_hub_options(options)), **options)

    @classmethod
    def from_repo(cls, repo: Repo, **overrides: Any) -> "ViltProcessor":
        """The same from an opened repository."""
        pictures: Any = ViltImageProcessor.from_repo(repo, **overrides)
        return cls(pictures, PreTrainedTokenizerFast.from_repo(repo))

    def save_pretrained(self, folder: str | os.PathLike) -> tuple[str, ...]:
        """Write the files of both into `folder` (made if missing); returns their paths."""
        self.image_processor._others["processor_class"] = type(self).__name__
        with one_save(folder, last="tokenizer.json"):
            pictures = self.image_processor.save_pretrained(Path(folder))
            return (*pictures, *self.tokenizer.save_pretrained(Path(folder)))

    def __call__(
        self, images: Any = None, text: Any = None, *, return_tensors: str | None = None, **options: Any
    ) -> BatchFeature:
        """Pictures and texts, one text for each picture -> what both parts return, in one batch.

        Arguments:
            images: one picture or a list, as ViltImageProcessor takes them.
            text: one question or a list.
            return_tensors: "pt" for PyTorch, "tf" for TensorFlow, "np" for NumPy; left out, lists.
            options: of the tokenizer (padding=True, truncation=True), and fields of the image processor.
        """
        given = only_known(options, (*sorted(OF_TEXTS), *sorted(OF_PICTURES)), CALL, type(self).__name__)
        if images is None and text is None:
            raise spoken(ValueError, "there is neither a picture nor a text; give processor(picture, question)")
        batch = BatchFeature()
        if text is not None:
            of_text = {name: value for name, value in given.items() if name in OF_TEXTS}
            batch.update(self.tokenizer(text, return_tensors=return_tensors, **of_text))
        if images is not None:
            of_pictures = {name: value for name, value in given.items() if name in OF_PICTURES}
            batch.update(self.image_processor(images, return_tensors=return_tensors, **of_pictures))
        if return_tensors is not None and images is not None and text is not None:
            pictures, texts = len(batch["pixel_values"]), len(batch["input_ids"])
            if pictures != texts:
                raise spoken(
                    ValueError,
                    "there are {pictures} pictures and {texts} texts; give a picture for each text, the same one twice "
                    "if need be",
                    pictures=pictures,
                    texts=texts,
                )
        return batch

    @property
    def model_input_names(self) -> list[str]:
        return [*self.tokenizer.model_input_names, *self.image_processor.model_input_names]

    @property
    def feature_extractor(self) -> ViltImageProcessor:
        """The image processor, by its name until 2022."""
        return self.image_processor

    @property
    def decode(self) -> Callable[..., str]:
        """The tokenizer's."""
        return self.tokenizer.decode

    @property
    def batch_decode(self) -> Callable[..., list[str]]:
        """The tokenizer's."""
        return self.tokenizer.batch_decode

    def __repr__(self) -> str:
        return f"{type(self).__name__}:\n- image_processor: {self.image_processor}\n- tokenizer: {self.tokenizer}\n"
