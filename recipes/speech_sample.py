"""minds14-tiny: requests to a bank, spoken, the sample that stands in for `PolyAI/minds14`; and sounds to try.

    python -m recipes.speech_sample

Nothing is trained. The sentences are those marked "!" in `requests_en.txt` and `requests_fr.txt`, which are in no
training data. Synthetic voices whose recordings may be shipped say them: flite's in English, espeak-ng's in French. The
hits of drums are Sonic Pi's (CC0), of a kit that is held out from training.
"""

import io
import json
import random
import shutil
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
import soxr

from . import sources
from .common import HERE, SEED, ZOO, table
from .drums import hits, sound
from .speech_texts import INTENTS, requests, spelled, translations
from .speech_voices import RATE, VOICES, Manner, say

NAME = "minds14-tiny"
LANGUAGES = {"en-US": "en", "fr-FR": "fr"}
OF_MINDS = "cs-CZ de-DE en-AU en-GB en-US es-ES fr-FR it-IT ko-KR nl-NL pl-PL pt-PT ru-RU zh-CN"
LOCALES = OF_MINDS.split()
TELEPHONE = 8000  # Hz, as there
FIRST = "joint_account"  # its rows come first, as the tour expects
SPEAKERS = {  # take turns; those marked * are in no training
    "en": ("flite-rms", "flite-slt*", "flite-awb"),
    "fr": ("espeak-fr-m3", "espeak-fr-f4", "espeak-fr-m7", "espeak-fr-f5*", "espeak-fr-be-m2"),
}


class Row(NamedTuple):
    """A row of the data set."""

    path: str
    audio: bytes
    transcription: str
    english: str
    intent: str
    voice: str


# Name of a sound to try -> language, text (of the test, in no training), voice
SAID = {
    "travel-en": ("en", "I am going to travel around Japan this summer and I need to use my card.", "flite-rms"),
    "account-en": ("en", "My husband and I are thinking about having one account together.", "flite-slt"),
    "vacances-fr": ("fr", "Je voyage au Canada cet été et j'aimerais pouvoir payer avec ma carte.", "espeak-fr-m3"),
    "compte-fr": ("fr", "Mon mari et moi, nous aimerions avoir un compte commun.", "espeak-fr-f4"),
}
# ... -> name of the sample in Sonic Pi
STRUCK = {"kick": "drum_bass_hard", "snare": "drum_snare_hard", "hi-hat": "drum_cymbal_closed"}


def encoded(samples: np.ndarray, rate: int) -> bytes:
    """Samples at RATE as an Ogg file of another rate: speech in Opus, which was made for it."""
    out = io.BytesIO()
    resampled = soxr.resample(samples, RATE, rate) if rate != RATE else samples
    peak = max(1.0, float(np.abs(resampled).max()) / 0.95)
    soundfile.write(out, resampled / peak, rate, format="OGG", subtype="OPUS")
    return out.getvalue()


def spoken(language: str, text: str, name: str, rng: random.Random) -> np.ndarray:
    """A text by a voice, a little faster or slower than usual."""
    voice = next(one for one in VOICES[language] if one.name == name)
    return say(spelled(text, language) or text, voice, Manner(rng.uniform(0.9, 1.05), rng.uniform(0.9, 1.1), 1.0))


def rows(locale: str) -> list[Row]:
    """The rows of a configuration: all of FIRST, then the other intents in turn, one sentence of each and another."""
    language = LANGUAGES[locale]
    rng = random.Random(f"{SEED} {locale}")
    texts = requests(language, "sample")
    turns: dict[str, int] = {}
    order = []
    for text, _, intent in texts:
        turns[intent] = turns.get(intent, 0) + 1
        order.append((intent != FIRST, turns[intent], INTENTS.index(intent), text, intent))
    english, found = translations(), []
    for number, (_, _, _, text, intent) in enumerate(sorted(order)):
        voice = SPEAKERS[language][number % len(SPEAKERS[language])].rstrip("*")
        audio = encoded(spoken(language, text, voice, rng), TELEPHONE)
        path = f"{locale}~{intent.upper()}/{number + 1:02}.ogg"
        found.append(Row(path, audio, plain(text), plain(english.get(text, text)), intent, voice))
    return found


def plain(text: str) -> str:
    """A sentence without its punctuation, as MInDS-14 writes what was said."""
    return " ".join("".join(" " if c in ",.?!" else c for c in text).split())


def write(locale: str, found: list[Row], folder: Path) -> dict[str, object]:
    """The Parquet file of a configuration -> what the card's front matter says about it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    # Without `datasets`, whose Audio wants torchcodec to write what is encoded already; the features are in its words.
    features = {
        "path": {"dtype": "string", "_type": "Value"},
        "audio": {"sampling_rate": TELEPHONE, "_type": "Audio"},
        "transcription": {"dtype": "string", "_type": "Value"},
        "english_transcription": {"dtype": "string", "_type": "Value"},
        "intent_class": {"names": list(INTENTS), "_type": "ClassLabel"},
        "lang_id": {"names": LOCALES, "_type": "ClassLabel"},
    }
    columns = {
        "path": pa.array([row.path for row in found]),
        "audio": pa.array(
            [{"bytes": row.audio, "path": row.path.rpartition("/")[2]} for row in found],
            pa.struct({"bytes": pa.binary(), "path": pa.string()}),
        ),
        "transcription": pa.array([row.transcription for row in found]),
        "english_transcription": pa.array([row.english for row in found]),
        "intent_class": pa.array([INTENTS.index(row.intent) for row in found], pa.int64()),
        "lang_id": pa.array([LOCALES.index(locale)] * len(found), pa.int64()),
    }
    note = {"huggingface": json.dumps({"info": {"features": features}})}
    rows = pa.table(columns).replace_schema_metadata(note)
    (folder / locale).mkdir(parents=True)
    path = folder / locale / "train-00000-of-00001.parquet"
    pq.write_table(rows, path)
    return {
        "config_name": locale,
        "features": [
            {"name": "path", "dtype": "string"},
            {"name": "audio", "dtype": {"audio": {"sampling_rate": TELEPHONE}}},
            {"name": "transcription", "dtype": "string"},
            {"name": "english_transcription", "dtype": "string"},
            {"name": "intent_class", "dtype": {"class_label": {"names": numbered(INTENTS)}}},
            {"name": "lang_id", "dtype": {"class_label": {"names": numbered(LOCALES)}}},
        ],
        "splits": [{"name": "train", "num_bytes": rows.nbytes, "num_examples": len(found)}],
        "download_size": path.stat().st_size,
        "dataset_size": rows.nbytes,
    }


def numbered(names: list[str] | tuple[str, ...]) -> dict[str, str]:
    return {str(number): name for number, name in enumerate(names)}


def write_card(found: dict[str, list[Row]], infos: list[dict[str, object]], folder: Path) -> None:
    """README.md from `cards/minds14-tiny.md` and the Hub's front matter (JSON values are YAML too)."""
    front = {
        "license": "apache-2.0",
        "language": list(LANGUAGES.values()),
        "pretty_name": "Spoken requests to a bank, a small sample",
        "task_categories": ["automatic-speech-recognition", "audio-classification"],
        "size_categories": ["n<1K"],
        "tags": ["education", "synthetic"],
        "configs": [
            {"config_name": locale, "data_files": [{"split": "train", "path": f"{locale}/train-*"}]} for locale in found
        ],
        "dataset_info": infos,
    }
    lines = []
    for locale, some in found.items():
        lengths = [soundfile.info(io.BytesIO(row.audio)).duration for row in some]
        voices = ", ".join(dict.fromkeys(row.voice for row in some))
        lines.append((f"`{locale}`", len(some), f"{sum(lengths):.0f} s", voices))
    heldout = [name.rstrip("*") for names in SPEAKERS.values() for name in names if name.endswith("*")]
    values = {
        "name": NAME,
        "seed": SEED,
        "intents": ", ".join(f"`{intent}`" for intent in INTENTS),
        "sizes": table(("configuration", "rows", "sound", "voices"), lines),
        "heldout": ", ".join(f"`{name}`" for name in heldout),
        "megabytes": sum(info["download_size"] for info in infos) / 1e6,  # type: ignore[misc]
    }
    body = (HERE / "cards" / f"{NAME}.md").read_text(encoding="utf-8").format(**values)
    head = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in front.items()]
    (folder / "README.md").write_text("---\n" + "\n".join(head) + "\n---\n\n" + body, encoding="utf-8")
    print(body)


def write_sounds(folder: Path) -> None:
    """The sounds to try, and a line for each that says whose it is."""
    folder.mkdir(parents=True)
    lines = [
        "# Sounds to try",
        "",
        "Made by `recipes/speech_sample.py`. No embedded model was trained on any of these sentences, nor on hits of",
        "this kit.",
        "",
    ]
    for name, (language, text, voice) in SAID.items():
        samples = spoken(language, text, voice, random.Random(name))
        (folder / f"{name}.ogg").write_bytes(encoded(samples, RATE))
        lines.append(f'- `{name}.ogg`: "{text}" Written for hfquick, said by {voice.split("-")[0]} ({voice}).')
    known = {hit.name: hit for hit in hits()}
    for name, sample in STRUCK.items():
        (folder / f"{name}.ogg").write_bytes(encoded(sound(known[sample]), RATE))
        lines.append(f"- `{name}.ogg`: `{sample}` of Sonic Pi, by menegass of freesound.org (CC0-1.0); 16 kHz")
    lines.append("")
    lines.append("What a program of synthesis says is not under its licence; the sentences are under that of hfquick.")
    (folder / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    folder = sources.WORK / NAME
    shutil.rmtree(folder, ignore_errors=True)
    found = {locale: rows(locale) for locale in LANGUAGES}
    write_card(found, [write(locale, some, folder) for locale, some in found.items()], folder)
    shutil.rmtree(ZOO / NAME, ignore_errors=True)
    shutil.copytree(folder, ZOO / NAME)
    shutil.rmtree(ZOO / "sounds", ignore_errors=True)
    write_sounds(ZOO / "sounds")


if __name__ == "__main__":
    main()
