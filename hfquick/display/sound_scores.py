"""A sound alone, and a sound beside the bars of its labels."""

from typing import Any

from ..i18n import gettext as _
from . import markup
from .picture import beside, named
from .results import SourceScores, rows_of
from .sound import MOST_SOUNDS, small_clip, sound_in, width_in


class SoundView:
    """What a notebook shows of a sound: waveform, spectrogram and a player: `SoundView("speech.wav")`."""

    def __init__(self, source: Any) -> None:
        self.source = source

    def __repr__(self) -> str:
        name = self.source if isinstance(self.source, str) else type(self.source).__name__
        return f"SoundView({markup.shorten(name, 80)})"

    def _repr_html_(self) -> str | None:
        return sound_in(small_clip(self.source)) or None


class SoundScores(SourceScores):
    """Labels and scores of one sound, or of a list of sounds; `inputs` are those, as `to_hear` keeps them."""

    most_together = MOST_SOUNDS

    def _beside(self, source: Any, scores: list[Any]) -> str:
        clip = small_clip(source)
        return beside(sound_in(clip), _table(scores), width_in(clip))


def _table(scores: list[Any]) -> str:
    with_bar = all(0 <= item["score"] <= 1 for item in scores)  # logits can be any number
    rows = rows_of(None, scores, False, with_bar, name=named)
    return markup.table([(_("label"), 1), (_("score"), 1 + with_bar)], rows)
