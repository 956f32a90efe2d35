"""Rows with sounds -> one batch of tensors; the sounds are prepared when their batch is due, and padded together.

    DataCollatorCTCWithPadding(processor)              # columns: audio and transcription, or input_values and labels
    SoundCollator(feature_extractor)                   # columns: audio and label

Prepared beforehand (`dataset.map`) a second of sound needs 64 kB, twenty times what its OGG needs; prepared here it
needs that for a moment only. Rows that hold `input_values` already are taken as they are.

Labels of CTC are the ids of letters, of any number: they are padded with -100, which no loss counts.

Shapes: B rows, S samples of the longest clip, L letters of the longest text.
"""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np

from ..i18n import spoken
from ..tokenization.padding import pad, round_up, row_lengths
from ..utils.elsewhere import knows_its_names
from ..utils.errors import all_of
from .collators import IGNORED, check_tensor_kind, read_columns, stack, to_tensors

VALUES, MASK = "input_values", "attention_mask"
TEXTS = ("transcription", "sentence", "text")  # columns of which labels are made, where there is a tokenizer


@dataclass(eq=False)
class SoundCollator:
    """Rows with sounds, or with their input values -> a batch, as the processor of the model makes it."""

    processor: Any
    _: KW_ONLY
    padding: bool | str = True  # True or "longest", "max_length"
    max_length: int | None = None  # in samples; longer clips are cut
    pad_to_multiple_of: int | None = None
    pad_to_multiple_of_labels: int | None = None
    return_tensors: str = "pt"  # "pt" PyTorch, "tf" TensorFlow, "np" NumPy

    def __post_init__(self) -> None:
        check_tensor_kind(self.return_tensors)
        self.feature_extractor = getattr(self.processor, "feature_extractor", self.processor)
        self.tokenizer = getattr(self.processor, "tokenizer", None)
        if not prepares_sounds(self.feature_extractor):
            raise spoken(
                TypeError,
                "{name} needs what prepares the sounds, got {given}; try AutoProcessor.from_pretrained(...)",
                name=type(self).__name__,
                given=type(self.processor).__name__,
            )

    def __call__(self, features: Any, return_tensors: str | None = None) -> dict[str, Any]:
        """Rows (a list of dicts) or columns (a dict of lists) -> a batch."""
        columns = read_columns(features)
        batch = {**self._sounds(columns), **self._labels(columns)}
        batch |= {name: stack(name, values) for name, values in columns.items()}
        return to_tensors(batch, return_tensors or self.return_tensors)

    def prepares(self, name: str, value: Any) -> bool:
        """Whether it makes inputs of this column: of sounds, and of texts where there is a tokenizer."""
        return is_sound(value) or (self.tokenizer is not None and name in TEXTS)

    def _sounds(self, columns: dict[str, Any]) -> dict[str, Any]:
        """What a batch has of its sounds; their columns are taken out."""
        names = [name for name, values in columns.items() if is_sound(values[0])]
        sounds = [columns.pop(name) for name in names]
        options: dict[str, Any] = {"padding": self.padding, "pad_to_multiple_of": self.pad_to_multiple_of}
        options |= {"max_length": self.max_length, "truncation": self.max_length is not None, "return_tensors": "np"}
        if VALUES in columns:
            prepared = {name: columns.pop(name) for name in (VALUES, MASK) if name in columns}
            return dict(self.feature_extractor.pad(prepared, **options))
        if len(sounds) != 1:
            raise spoken(
                ValueError,
                "rows have sounds in {count} columns ({names}), and the model takes one of each row; remove the others",
                count=len(sounds),
                names=all_of(names) if names else ", ".join(map(repr, columns)),
            )
        return dict(self.feature_extractor(list(sounds[0]), **options))

    def _labels(self, columns: dict[str, Any]) -> dict[str, Any]:
        """The labels of a batch, where they are ids of letters; those of classes stay in the columns.

        Several numbers with a point are no letters: they are a score for each class.
        """
        texts = [columns.pop(name) for name in TEXTS if name in columns and isinstance(columns[name][0], str)]
        if texts and self.tokenizer is not None and "labels" not in columns:
            columns["labels"] = self.tokenizer(list(texts[0]))["input_ids"]
        first = np.asarray(columns["labels"][0] if "labels" in columns else 0)
        if not first.ndim or (first.size and first.dtype.kind == "f"):  # of an empty text NumPy makes floats
            return {}
        rows = columns.pop("labels")
        length = round_up(max(row_lengths("labels", rows)), self.pad_to_multiple_of_labels)
        return {"labels": pad({"labels": rows}, {"labels": IGNORED}, length)["labels"]}


@knows_its_names
@dataclass(eq=False)
class DataCollatorCTCWithPadding(SoundCollator):
    """The same under the name that courses use, for models that are trained with CTC."""


def prepares_sounds(processing_class: Any) -> bool:
    """Whether a processing_class makes input values, as a feature extractor does."""
    return VALUES in getattr(processing_class, "model_input_names", ())


def sound_columns(dataset: Any) -> list[str]:
    """The columns of a dataset (of the library `datasets`) that hold sounds."""
    features = getattr(dataset, "features", None)
    return [name for name, kind in (features or {}).items() if getattr(kind, "_type", "") == "Audio"]


def columns_to_prepare(dataset: Any, collate: Any) -> list[str]:
    """The columns of which a collator makes inputs and labels: sounds, and beside them texts."""
    sounds = sound_columns(dataset)
    has_tokenizer = getattr(collate, "tokenizer", None) is not None and isinstance(collate, SoundCollator)
    return [*sounds, *(name for name in TEXTS if name in dataset.column_names and has_tokenizer and sounds)]


def undecoded(dataset: Any) -> Any:
    """The same dataset, which gives its sounds as bytes: they are decoded at the model's rate where a batch is made."""
    for name in sound_columns(dataset):
        if getattr(dataset.features[name], "decode", False):
            dataset = dataset.cast_column(name, type(dataset.features[name])(decode=False))
    return dataset


def is_sound(value: Any) -> bool:
    """Whether a value of a row is a sound: samples with their rate, or a cell that was not decoded, or a decoder."""
    if isinstance(value, Mapping):
        return {"array", "sampling_rate"} <= value.keys() or value.keys() == {"bytes", "path"}
    return hasattr(value, "get_all_samples")
