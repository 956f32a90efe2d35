"""Everyday sentences with entities: marks and elisions; capitals and small letters keep their spans."""

import re

import pytest

from recipes import entities, everyday_entities


def test_every_slot_can_be_filled():
    slots = set("PFLCKAOBTSWVNGMZ") | {"in", "of", "la", "age"}
    for language in ("en", "fr"):
        for frame in everyday_entities.frames(language):
            assert set(re.findall(r"<(\w+)>", frame)) <= slots, frame
            assert frame.count("{") == frame.count("}"), frame


def test_names_are_listed_with_one_kind():
    lists = everyday_entities.names()
    assert all(word == word.strip() and word for words in lists.values() for word in words)
    assert not set(lists["company"]) & {*lists["city_en"], *lists["city_fr"], *lists["country_en"], *lists["people"]}


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("de [Orléans](LOC)", "d'[Orléans](LOC)"),
        ("de [Lyon](LOC)", "de [Lyon](LOC)"),
        ("à le [Mans](LOC)", "au [Mans](LOC)"),
        ("de les [Alpes](LOC)", "des [Alpes](LOC)"),
        ("De [Anne](PER)", "D'[Anne](PER)"),
    ],
)
def test_elisions(marked, expected):
    assert everyday_entities.elided(marked) == expected


@pytest.mark.parametrize("case", [str.upper, str.lower])
def test_spans_hold_in_capitals_and_in_small_letters(case):
    sentence = entities.parse("À [Saint-Étienne](LOC), [Weiß](PER) et [İpek](PER)")
    changed = everyday_entities.changed(sentence, case)
    assert len(changed.text) == len(sentence.text)
    assert changed.spans == sentence.spans
    assert changed.text[2:15] == case("Saint-Étienne")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_dev_sentences_are_annotated(language):
    dev = [sentence for _, sentence in entities.by_hand(language, "dev")]
    assert len(dev) >= 60
    assert len({sentence.text for sentence in dev}) == len(dev)
    test = {sentence.text for _, sentence in entities.by_hand(language)}
    assert not test & {sentence.text for sentence in dev}
    assert 8 <= sum(not sentence.spans for sentence in dev) <= 20
