"""The sentences annotated by hand for the entity model: their form, and that the marks say what they mean."""

from collections import Counter

import pytest

from recipes import common, entities, gazetteer


def test_marks_become_spans():
    text, spans = entities.parse("Ils [les [Hollandais](MISC)] vont à [Cranganor](LOC) [[Inde](LOC)]")
    assert text == "Ils [les Hollandais] vont à Cranganor [Inde]"
    assert [(text[start:end], kind) for start, end, kind in spans] == [
        ("Hollandais", "MISC"),
        ("Cranganor", "LOC"),
        ("Inde", "LOC"),
    ]


@pytest.mark.parametrize(
    ("language", "sources"), [("en", "factbook debian everyday"), ("fr", "littre debian everyday")]
)
def test_sentences_annotated_by_hand(language, sources):
    rows = entities.by_hand(language)
    assert 95 <= len(rows) <= 105
    assert {source for source, _ in rows} == set(sources.split())
    assert len({sentence.text for _, sentence in rows}) == len(rows)
    for _, (text, spans) in rows:
        assert "](" not in text
        borders = {place for word in entities.words_of(text) for place in word}
        assert text == text.strip()
        assert all(start in borders and end in borders for start, end, _ in spans), text
        assert list(spans) == sorted(spans)
    counts = [kind for _, sentence in rows for *_, kind in sentence.spans]
    assert all(counts.count(kind) >= 10 for kind in entities.KINDS)
    assert any(not sentence.spans for _, sentence in rows)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_everyday_sentences_were_not_trained_on(language):
    """By no model at all; the others are public text, on which other models of the zoo may have been trained."""
    trained_on = common.read_digests(common.HERE / "training_hashes.bin")
    texts = [text for source, (text, _) in entities.by_hand(language) if source == "everyday"]
    assert not [text for text in texts if common.digest(text) in trained_on]


def test_made_sentences_mark_what_their_slots_hold():
    from recipes.entity_frames import ENGLISH, FRENCH

    for frame in ENGLISH + FRENCH:
        assert "](" not in frame
        assert frame.count("{") == frame.count("}")
    assert entities.french_country("l'Irlande", "of") == "d'[Irlande](LOC)"
    assert entities.french_country("le Mali", "in") == "au [Mali](LOC)"


@pytest.fixture
def small_words(monkeypatch):
    """A language of few words, so that no data is needed."""
    words = ["le", "la", "de", "et", "les", "dit", "avec", "roi", "chez", "ville", "paris"]
    monkeypatch.setattr(gazetteer, "counted", lambda: Counter({**dict.fromkeys(words, 9), "Paris": 40, "Le": 3}))
    return {"Rambouillet": "LOC", "Marie": "PER", "Curie": "PER", "Grèce": "LOC", "Les Fleurs": "MISC"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Le roi de Grèce et Marie", [("Grèce", "LOC"), ("Marie", "PER")]),
        ("Le roi et Marie Curie", [("Marie Curie", "PER")]),
        ("Mme de Rambouillet dit", [("Rambouillet", "PER")]),
        ("la ville de Rambouillet", [("Rambouillet", "LOC")]),
        ("Les Fleurs et le roi", [("Les Fleurs", "MISC")]),
        ("le roi dit", []),
        ("Le roi de Paris", None),  # mostly written with a capital, and not in a list: a name that would be missed
        ("le roi Zorglub et Marie", None),
    ],
)
def test_a_sentence_is_taken_when_every_capital_is_explained(small_words, text, names):
    found = gazetteer.labelled(text, small_words)
    assert (found and [(text[start:end], kind) for start, end, kind in found.spans]) == names
