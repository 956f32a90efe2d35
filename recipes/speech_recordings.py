"""Recordings of people with what they say, from Debian's packages."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from . import sources
from .common import part
from .speech_texts import normalised


class Recording(NamedTuple):
    """A sound file, and in which split it is."""

    path: Path
    text: str
    kind: str
    source: str
    speaker: str
    split: str


def recordings(language: str) -> Iterator[Recording]:
    yield from tuxpaint(language)


def tuxpaint(language: str) -> Iterator[Recording]:
    """The captions of Tux Paint's stamps, read aloud (GPL-2); French by one speaker, nearly all."""
    root = sources.debian_package("tuxpaint-stamps-default") / "usr/share/tuxpaint/stamps"
    if language == "fr":
        for path in sorted(root.rglob("*_desc_fr.ogg")):
            caption = path.with_name(path.name.replace("_desc_fr.ogg", ".txt"))
            lines = caption.read_text(encoding="utf-8", errors="replace").splitlines() if caption.exists() else []
            texts = [line[8:].strip() for line in lines if line.startswith("fr.utf8=")]
            label = normalised(texts[0], "fr") if texts else None
            if label and not label.startswith("la lettre "):
                where = part(label, test=0.15, dev=0.05)
                split = "test-human" if where == "test" else where
                yield Recording(path, texts[0], "caption", "tuxpaint", "tuxpaint-fr", split)
