"""Inputs that are made when their batch is due, of pictures or of sounds: by which collator, and of which columns."""

from collections.abc import Iterable
from typing import Any

from . import pictures, sounds
from .collators import LABELS
from .pictures import PIXELS, PictureCollator
from .sounds import VALUES, SoundCollator

PREPARING: tuple[type[PictureCollator], type[SoundCollator]] = (PictureCollator, SoundCollator)


def collator_of(processing_class: Any, return_tensors: str = "pt") -> PictureCollator | SoundCollator | None:
    """The collator for an image processor, a feature extractor or a processor; None for a tokenizer."""
    if pictures.prepares_pictures(processing_class):
        return PictureCollator(processing_class, return_tensors)
    if sounds.prepares_sounds(processing_class):
        return SoundCollator(processing_class, return_tensors=return_tensors)
    return None


def columns_to_prepare(dataset: Any, collate: Any, known: Iterable[str], given: Iterable[str]) -> list[str]:
    """The columns of which inputs are made that the model knows, and that rows are not given with as they are."""
    if PIXELS in known and PIXELS not in given:
        return pictures.columns_to_prepare(dataset, collate)
    if VALUES in known and VALUES not in given:
        return sounds.columns_to_prepare(dataset, collate)
    return []


def undecoded(dataset: Any, collate: Any) -> Any:
    """The same dataset, which gives pictures or sounds as bytes: they are decoded where a batch is made."""
    return (sounds if isinstance(collate, SoundCollator) else pictures).undecoded(dataset)


def makes_labels(dataset: Any, collate: Any) -> bool:
    """Whether labels are made of a column of texts: of the transcriptions of sounds."""
    columns = columns_to_prepare(dataset, collate, [VALUES], ()) if isinstance(collate, SoundCollator) else []
    return any(name in sounds.TEXTS for name in columns) and not set(LABELS) & set(dataset.column_names)
