"""A recognised text: in the picture of its sound, as a text, and in a table that says when each word was spoken."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from ..i18n import gettext as _
from . import markup
from .picture import beside
from .results import MOST_TEXTS, ResultDict
from .sound import MOST_SOUNDS, Heard, small_clip, sound_in, width_in


class Transcript(ResultDict):
    """What was recognised in one sound: {"text": ...}, and where it was asked for "chunks", with the times of each.

    A chunk is {"text": a word or a character, "timestamp": (start, end) in seconds}. `source` is the sound, as
    `to_hear` keeps it.
    """

    most_together = MOST_SOUNDS

    def __init__(self, values: Any = (), source: Any = None, **more: Any) -> None:
        super().__init__(values, **more)
        self.source = source

    def _repr_html_(self) -> str | None:
        """Picture and player beside the text and its table; None when the dict now holds something else."""
        if not isinstance(self.get("text"), str):
            return None
        heard = [Heard(chunk["text"], *map(float, chunk["timestamp"])) for chunk in self._chunks()]
        words = words_of(heard, self["text"])
        facts = _text(self["text"], words) + (_table(words) if words else "")
        clip = small_clip(self.source)
        return beside(sound_in(clip, heard), facts, width_in(clip, heard))

    def _chunks(self) -> list[Any]:
        chunks = self.get("chunks")
        return [chunk for chunk in chunks if _is_chunk(chunk)] if isinstance(chunks, list) else []


def words_of(heard: list[Heard], text: str) -> list[Heard]:
    """Words, or characters with the spaces between them -> words of `text`."""
    together = "".join(one.text for one in heard)
    is_one_word = together == text.strip() and len(text.split()) == 1  # between words of a text there is a space
    if not is_one_word and not any(one.text.isspace() for one in heard):
        return heard
    words = []
    for space, letters in groupby(heard, lambda one: one.text.isspace()):
        if not space:
            word = list(letters)
            words.append(Heard("".join(one.text for one in word), word[0].start, word[-1].end))
    return words


def _text(text: str, words: list[Heard]) -> str:
    """The text; a page of ours marks in it the word that is being played."""
    if not text.strip():
        return markup.paragraph(markup.escape(_("nothing was recognised")))
    if not words:
        return markup.paragraph(markup.escape(text))
    spans = (
        f'<span data-start="{word.start:.3f}" data-end="{word.end:.3f}">{markup.escape(word.text.strip())}</span>'
        for word in words
    )
    return markup.paragraph(" ".join(spans))


def _table(words: list[Heard]) -> str:
    rows = []
    for word in words[:MOST_TEXTS]:
        row = markup.cell(markup.escape(markup.shorten(word.text.strip())), "th", markup.TEXT, scope="row", dir="auto")
        rows.append(row + "".join(markup.cell(f"{second:.2f}", style=markup.NUMBER) for second in word[1:]))
    if len(words) > MOST_TEXTS:
        rows.append(markup.cell(f"… + {len(words) - MOST_TEXTS}", colspan=3))
    return markup.table([(_("word"), 1), (_("from (s)"), 1), (_("to (s)"), 1)], rows)


def _is_chunk(chunk: Any) -> bool:
    if not isinstance(chunk, Mapping) or not isinstance(chunk.get("text"), str):
        return False
    times = chunk.get("timestamp")
    return isinstance(times, tuple | list) and len(times) == 2 and all(isinstance(one, int | float) for one in times)
