"""Wav2Vec2's processor: a feature extractor for the sounds and a tokenizer for the texts, called as one.

processor = AutoProcessor.from_pretrained("facebook/wav2vec2-base-960h")
batch = processor(audio=samples, sampling_rate=16_000, text="HELLO", return_tensors="pt")     # input_values, labels
processor.batch_decode(model(batch.input_values).logits.argmax(-1))
"""

import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..hub.push import PushToHubMixin
from ..hub.repository import Repo, open_repo, take_hub_options
from ..i18n import spoken
from ..image_processing.features import BatchFeature
from ..tokenization import PreTrainedTokenizerFast
from ..tokenization.ctc import Wav2Vec2CTCTokenizer
from ..utils.elsewhere import instead, only_known
from ..utils.files import one_save
from .feature_extractor import Wav2Vec2FeatureExtractor, strategy_of
from .names import OF_PROCESSOR, PROCESSOR

OF_SOUNDS, OF_TEXTS = (
    {name for name, one in inspect.signature(call).parameters.items() if one.kind is inspect.Parameter.KEYWORD_ONLY}
    for call in (Wav2Vec2FeatureExtractor.__call__, PreTrainedTokenizerFast.__call__)
)
IN_SAMPLES = {"max_length", "truncation", "pad_to_multiple_of", "return_attention_mask"}  # beside a sound, of it alone


class Wav2Vec2Processor(PushToHubMixin):
    """Sounds -> input values, their texts -> labels, and back."""

    def __init__(self, feature_extractor: Wav2Vec2FeatureExtractor, tokenizer: PreTrainedTokenizerFast) -> None:
        for name, given, kind in (
            ("feature_extractor", feature_extractor, Wav2Vec2FeatureExtractor),
            ("tokenizer", tokenizer, PreTrainedTokenizerFast),
        ):
            if not isinstance(given, kind):
                raise spoken(
                    TypeError,
                    "{name} is a {given}, expected a {kind}; {owner}.from_pretrained(name) makes both",
                    name=name,
                    given=type(given).__name__,
                    kind=kind.__name__,
                    owner=type(self).__name__,
                )
        self.feature_extractor, self.tokenizer = feature_extractor, tokenizer

    @classmethod
    def from_pretrained(cls, name: str | os.PathLike, **options: Any) -> "Wav2Vec2Processor":
        """Both from a folder or a Hub id; further keywords override fields of the feature extractor."""
        return cls.from_repo(open_repo(name, **take_hub_options(options)), **options)

    @classmethod
    def from_repo(cls, repo: Repo, **overrides: Any) -> "Wav2Vec2Processor":
        """The same from an opened repository."""
        return cls(Wav2Vec2FeatureExtractor.from_repo(repo, **overrides), Wav2Vec2CTCTokenizer.from_repo(repo))

    def save_pretrained(self, folder: str | os.PathLike) -> tuple[str, ...]:
        """Write the files of both into `folder` (made if missing); returns their paths."""
        self.feature_extractor._others["processor_class"] = type(self).__name__
        self.tokenizer._settings["processor_class"] = type(self).__name__
        with one_save(folder, last="vocab.json"):
            sounds = self.feature_extractor.save_pretrained(Path(folder))
            return (*sounds, *self.tokenizer.save_pretrained(Path(folder)))

    def __call__(
        self, audio: Any = None, text: Any = None, *, return_tensors: str | None = None, **options: Any
    ) -> BatchFeature:
        """Sounds, their texts, or both -> `input_values`, `attention_mask` where the model takes it, and `labels`.

        Texts alone give what the tokenizer gives, with `input_ids`.

        Arguments:
            audio: one sound or a list, as the feature extractor takes them.
            text: one text or a list.
            return_tensors: "pt" for PyTorch, "tf" for TensorFlow, "np" for NumPy; left out, lists.
            options: of the feature extractor (sampling_rate=16000, padding=True) and the tokenizer.
        """
        audio = options.pop("raw_speech", None) if audio is None else audio
        given = only_known(options, sorted(OF_SOUNDS | OF_TEXTS), PROCESSOR, type(self).__name__)
        if audio is None and text is None:
            raise spoken(ValueError, "there is neither a sound nor a text; give processor(audio=samples, text=text)")
        if audio is None:
            of_texts = {name: value for name, value in given.items() if name in OF_TEXTS}
            return BatchFeature(self.tokenizer(text, return_tensors=return_tensors, **of_texts))
        of_sounds = {name: value for name, value in given.items() if name in OF_SOUNDS}
        batch = self.feature_extractor(audio, return_tensors=return_tensors, **of_sounds)
        if text is not None:
            of_labels = {name: value for name, value in given.items() if name in OF_TEXTS - IN_SAMPLES}
            of_labels["padding"] = strategy_of(given.get("padding")) != "do_not_pad"
            batch["labels"] = self.tokenizer(text, return_tensors=return_tensors, **of_labels)["input_ids"]
        return batch

    def pad(self, input_features: Any = None, *, labels: Any = None, **options: Any) -> BatchFeature:
        """Examples with `input_values`, and examples with the `input_ids` of labels -> one batch, padded.

        Labels are padded with the padding token; a loss is to leave them out, so `DataCollatorCTCWithPadding`, which
        pads with -100, is the shorter way to a batch for training.
        """
        if input_features is None and labels is None:
            raise spoken(ValueError, "there is neither a sound nor a text; give processor.pad(features, labels=labels)")
        if input_features is None:
            return BatchFeature(self.tokenizer.pad(labels, **options))
        batch = self.feature_extractor.pad(input_features, **options)
        if labels is not None:
            of_labels = {name: value for name, value in options.items() if name not in IN_SAMPLES}
            of_labels["padding"] = strategy_of(options.get("padding", True)) != "do_not_pad"
            batch["labels"] = self.tokenizer.pad(labels, **of_labels)["input_ids"]
        return batch

    @property
    def model_input_names(self) -> list[str]:
        return [*self.feature_extractor.model_input_names, "labels"]

    @property
    def decode(self) -> Callable[..., Any]:
        """The tokenizer's."""
        return self.tokenizer.decode

    @property
    def batch_decode(self) -> Callable[..., Any]:
        """The tokenizer's."""
        return self.tokenizer.batch_decode

    def __getattr__(self, name: str) -> Any:  # only reached when there is no such attribute
        known = ["feature_extractor", "tokenizer", *(one for one in dir(type(self)) if one[0] != "_")]
        near = instead(name, OF_PROCESSOR, known)
        raise spoken(AttributeError, "{owner} has no {name!r}{near}", owner=type(self).__name__, name=name, near=near)

    def __repr__(self) -> str:
        return f"{type(self).__name__}:\n- feature_extractor: {self.feature_extractor}\n- tokenizer: {self.tokenizer}\n"
