"""minds14-tiny and the sounds to try: what is in their files, and that nobody was trained on them."""

import io
import json

import pytest

from hfquick.zoo import folder
from recipes import common, drums, speech_sample, speech_texts, speech_voices

pq = pytest.importorskip("pyarrow.parquet")
soundfile = pytest.importorskip("soundfile")
HERE = folder("minds14-tiny", "dataset")
SOUNDS = common.ZOO / "sounds"


def rows(locale):
    return pq.read_table(HERE / locale / "train-00000-of-00001.parquet").to_pylist()


@pytest.mark.parametrize("locale", speech_sample.LANGUAGES)
def test_rows(locale):
    found, language = rows(locale), speech_sample.LANGUAGES[locale]
    assert len(found) == {"en": 30, "fr": 28}[language]
    written = {speech_sample.plain(text): intent for text, _, intent in speech_texts.requests(language, "sample")}
    assert {row["transcription"]: speech_texts.INTENTS[row["intent_class"]] for row in found} == written
    for number, row in enumerate(found, 1):
        intent = speech_texts.INTENTS[row["intent_class"]]
        assert row["path"] == f"{locale}~{intent.upper()}/{number:02}.ogg"
        assert speech_sample.LOCALES[row["lang_id"]] == locale
        assert speech_texts.normalised(row["english_transcription"], "en")
        assert (row["english_transcription"] == row["transcription"]) == (language == "en")
        about = soundfile.info(io.BytesIO(row["audio"]["bytes"]))
        assert (about.samplerate, about.channels, about.format) == (speech_sample.TELEPHONE, 1, "OGG")
        assert 1 < about.duration < 10
        assert 5 < len(row["transcription"]) / about.duration < 25
    assert len({row["audio"]["bytes"] for row in found}) == len(found)


def test_the_tour_begins_with_joint_accounts():
    intents = [speech_texts.INTENTS[row["intent_class"]] for row in rows("en-US")]
    assert intents[:5] == ["joint_account"] * 4 + ["abroad"]


def test_voices_may_be_shipped():
    for language, names in speech_sample.SPEAKERS.items():
        known = {voice.name: voice for voice in speech_voices.VOICES[language]}
        for name in names:
            voice = known[name.rstrip("*")]
            assert voice.program != "pico"  # for training only
            assert (voice.part == "test") == name.endswith("*")
    assert all("pico" not in voice for _, _, voice in speech_sample.SAID.values())


def test_the_card():
    text = (HERE / "README.md").read_text(encoding="utf-8")
    _, front, body = text.split("---\n", 2)
    fields = {line.split(":")[0]: json.loads(line.split(":", 1)[1]) for line in front.splitlines()}
    assert [each["config_name"] for each in fields["configs"]] == list(speech_sample.LANGUAGES)
    for info in fields["dataset_info"]:
        (split,) = info["splits"]
        assert split["num_examples"] == len(rows(info["config_name"]))
        assert info["features"][4]["dtype"]["class_label"]["names"]["11"] == "joint_account"
    for words in ("synthetic voices, not people", f"seed {common.SEED}", "recipes/speech_sample.py", "`flite-slt`"):
        assert words in body
    template = (common.HERE / "cards" / "minds14-tiny.md").read_text(encoding="utf-8")
    assert template.partition("## Limits")[2] == body.partition("## Limits")[2]


def test_files_are_small():
    assert sum(path.stat().st_size for path in HERE.rglob("*") if path.is_file()) < 600_000
    assert sum(path.stat().st_size for path in SOUNDS.iterdir()) < 150_000


def test_sounds_to_try():
    names = [*speech_sample.SAID, *speech_sample.STRUCK]
    assert {path.name for path in SOUNDS.iterdir()} == {"README.md", *(f"{name}.ogg" for name in names)}
    text = (SOUNDS / "README.md").read_text(encoding="utf-8")
    for name in names:
        about = soundfile.info(SOUNDS / f"{name}.ogg")
        assert (about.samplerate, about.channels) == (speech_voices.RATE, 1)
        assert about.duration < 10
        assert f"- `{name}.ogg`: " in text
    for language, said, _ in speech_sample.SAID.values():
        assert said in speech_texts.reserved(language)
        assert said not in {row["transcription"] for locale in speech_sample.LANGUAGES for row in rows(locale)}
    assert drums.KITS["sonic-pi-drum"].part == "test"
    assert all(sample.startswith("drum_") for sample in speech_sample.STRUCK.values())
