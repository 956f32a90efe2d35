"""The first thing that a lesson shows is a success: a learner who begins sees what the task is, done well."""

from typing import Any

import pytest

from hfquick import i18n
from tests.helpers.notebooks import code_cells, prepare, run

pytest.importorskip("jupytext")

FIRST_CALLS = (
    *("unmasker(text)", "answerer(question=", "generator(prompt", "recognizer(text", "translator(["),
    *(f'{made}("hfquick/pictures/' for made in ("answerer", "classifier", "detector", "segmenter")),
)
OPENINGS = {  # lesson -> what its first call gives, in English and in French
    "fill_mask": ("tea", "table"),
    "question_answering": ("Henrike Aalto", "Henrike Aalto"),
    "text_generation": (
        "Once upon a time, there was a little girl called Emma who lived in a broken house near the forest.",
        "Le médecin n'était pas un homme de bien, mais il n'y a point de mal.",
    ),
    "token_classification": (
        ["PER Albert Einstein", "ORG Princeton University", "LOC New Jersey"],
        ["PER Paul Dupont", "ORG Airbus", "LOC Toulouse"],
    ),
    "translation": (
        [
            "Le chien est noir et le chat est blanc.",
            "Un chat jaune sous un arbre.",
            "Ma sœur achète deux pommes rouges.",
        ],
    )
    * 2,
    "visual_question_answering": ("blue", "bleu"),
}
SEEN = {  # lesson -> labels of its first picture that are among those found
    "image_classification": {"strawberry"},
    "image_segmentation": {"car", "tree", "sky"},
    "object_detection": {"car", "tree", "person"},
}


def said(name: str, shown: Any, namespace: dict[str, Any]) -> Any:
    """What a learner reads of the first result."""
    if name == "fill_mask":
        return shown[0]["token_str"].strip()
    if name == "token_classification":
        spans = [(one["entity_group"], one["start"], one["end"]) for one in shown]
        return [f"{group} {namespace['text'][start:end]}" for group, start, end in spans]
    if name == "translation":
        return [one["translation_text"] for one in shown]
    if name == "visual_question_answering":
        return shown[0]["answer"]
    return shown["answer"] if name == "question_answering" else shown[0]["generated_text"]


@pytest.mark.torch
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", OPENINGS)
def test_a_lesson_opens_with_a_result_that_is_right(name, language):
    cells = code_cells(f"lessons/{name}", language)
    place = next(place for place, cell in enumerate(cells) if cell.rpartition("\n")[2].startswith(FIRST_CALLS))
    namespace = prepare(cells, place)
    try:
        i18n.set_language(language)
        _, shown = run(cells[place], namespace)
        assert shown._repr_html_()
    finally:
        i18n.set_language(None)
    assert said(name, shown, namespace) == OPENINGS[name][["en", "fr"].index(language)]


@pytest.mark.torch
@pytest.mark.parametrize("name", SEEN)
def test_a_lesson_on_pictures_opens_with_what_is_in_the_picture(name):
    cells = code_cells(f"lessons/{name}", "en")
    place = next(place for place, cell in enumerate(cells) if cell.rpartition("\n")[2].startswith(FIRST_CALLS))
    _, shown = run(cells[place], prepare(cells, place))
    assert shown._repr_html_()
    found = [one["label"] for one in shown]
    assert set(found) >= SEEN[name]
    assert name != "image_classification" or found[0] == "strawberry"


@pytest.mark.torch
def test_the_lesson_on_summaries_opens_with_a_line_about_its_text():
    cells = code_cells("lessons/summarization", "en")
    place = next(place for place, cell in enumerate(cells) if cell.rpartition("\n")[2].startswith("summarizer("))
    namespace = prepare(cells, place)
    _, shown = run(cells[place], namespace)
    line = shown[0]["summary_text"].lower().split()
    text = " ".join(value for value in namespace.values() if isinstance(value, str)).lower() + cells[place].lower()
    assert 2 <= len(line) < 25
    assert len([word for word in line if word in text]) > len(line) / 2


@pytest.mark.torch
@pytest.mark.parametrize(("language", "end"), [("en", "AND I NEED TO USE MY CARD"), ("fr", "payer avec ma carte")])
def test_the_lesson_on_speech_opens_with_a_recording_that_is_mostly_understood(language, end):
    cells = code_cells("lessons/automatic_speech_recognition", language)
    place = next(place for place, cell in enumerate(cells) if cell == "recognizer(recording)")
    _, shown = run(cells[place], prepare(cells, place))
    assert shown._repr_html_()
    assert shown["text"].endswith(end)
