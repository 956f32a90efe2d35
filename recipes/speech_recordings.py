"""Recordings of people with what they say, from Debian's packages; only those whose words are known.

Tux Paint's captions stand beside their recordings. The others have names only: of the prompts of Asterisk's telephone
and of KTuberling's potatoes those are taken that leave no doubt, the first from `speech_prompts.txt`. Two speakers for
each language who are in no training.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from . import sources
from .common import HERE, part
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
    yield from asterisk(language)
    yield from ktuberling(language)


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


SPEAKERS = {"en": ("en_US_f_Allison", "Allison Smith"), "fr": ("fr_CA_f_June", "June Wallack")}


def asterisk(language: str) -> Iterator[Recording]:
    """Prompts of a telephone exchange, 8 kHz, CC-BY-SA-3.0: a professional speaker for each language. A test only."""
    folder, speaker = SPEAKERS[language]
    root = sources.debian_package(f"asterisk-core-sounds-{language}-wav") / "usr/share/asterisk/sounds" / folder
    for name, text in prompts(f"asterisk {language}").items():
        path = root / f"{name}.wav"
        if path.exists():
            yield Recording(path, text, "prompt", "asterisk", speaker, "test-asterisk")


def ktuberling(language: str) -> Iterator[Recording]:
    """Names of things, one or two words each, GPL-2+: amateurs. A test only."""
    root = sources.debian_package("ktuberling-data") / "usr/share/ktuberling/sounds" / language
    known = prompts(f"ktuberling {language}")
    for path in sorted(root.iterdir()):
        name = path.stem.rpartition("_")[2].replace("-", " ")
        if name.isalpha() or language == "fr":
            yield Recording(
                path, known.get(name, name), "prompt", "ktuberling", f"ktuberling-{language}", "test-ktuberling"
            )


def prompts(heading: str) -> dict[str, str]:
    """A part of `speech_prompts.txt`: name -> what is said."""
    text = (HERE / "speech_prompts.txt").read_text(encoding="utf-8")
    block = text.partition(f"[{heading}]\n")[2].partition("\n[")[0]
    rows = (line.partition(" = ") for line in block.splitlines() if " = " in line)
    return {name: said for name, _, said in rows}
