"""Drawings of entities, answers and hidden words: safe, the same every time, and readable without colours."""

import copy
import json
import pickle
import re

import pytest

from hfquick.display import Answer, Answers, Entities, Entity, Results, Texts, TokenProbabilities, WordScore, WordScores
from hfquick.display.entities import MOST_CHARACTERS, colour
from hfquick.display.tokens import signs
from hfquick.i18n import set_language

from .test_display import Reader

TEXT = "Ada lives in London."
ADA = Entity(entity_group="PER", score=0.99981234, word="Ada", start=0, end=3)
LONDON = Entity(entity_group="LOC", score=0.75, word="London", start=13, end=19)
ENTITIES = Entities([ADA, LONDON], TEXT)
ANSWER = Answer.of("Where?", TEXT, 13, 19, 0.87654321)
ANSWERS = Answers([ANSWER, Answer.of("Where?", TEXT, 0, 3, 0.1)])
WORDS = WordScores(
    [
        WordScore(score=0.5, token=7, token_str="here", sequence="We are here"),
        WordScore(score=0.25, token=9, token_str="there", sequence="We are there"),
    ]
)
ALL = [ENTITIES, ANSWER, ANSWERS, WORDS, Results([ENTITIES, ENTITIES]), Results([ANSWER, ANSWERS]), Results([WORDS])]


def seen(result) -> str:
    """What a person reads, with spaces as they are."""
    return Reader(result._repr_html_()).text


@pytest.mark.parametrize("result", ALL, ids=lambda result: type(result).__name__)
def test_results_are_plain_data_and_drawn_the_same_again(result):
    plain = json.loads(json.dumps(result))
    assert plain == result
    assert result == plain
    for again in (pickle.loads(pickle.dumps(result)), copy.deepcopy(result)):
        assert type(again) is type(result)
        assert again == result
        assert again._repr_html_() == result._repr_html_()
        assert repr(again) == repr(result)


def test_repr_has_four_digits_and_the_data_all():
    assert repr(ADA) == "{'entity_group': 'PER', 'score': 0.9998, 'word': 'Ada', 'start': 0, 'end': 3}"
    assert repr(Results([ENTITIES])).startswith("[[{'entity_group': 'PER', 'score': 0.9998, ")
    assert repr(ANSWER) == "{'score': 0.8765, 'start': 13, 'end': 19, 'answer': 'London'}"
    assert repr(ANSWERS) == f"[{ANSWER!r}, {{'score': 0.1, 'start': 0, 'end': 3, 'answer': 'Ada'}}]"
    assert repr(WORDS[0]) == "{'score': 0.5, 'token': 7, 'token_str': 'here', 'sequence': 'We are here'}"
    assert ANSWER["score"] == 0.87654321


def test_entities_stand_in_their_text_with_label_and_score():
    assert seen(ENTITIES) == "Ada PER 1.00 lives in London LOC 0.75."
    tags = [tag for tag, _attributes in Reader(ENTITIES._repr_html_()).tags]
    assert tags == ["div", "mark", "small", "mark", "small"]
    tokens = Entities([Entity(entity="B-PER", score=0.5, index=1, word="Ada", start=0, end=3)], TEXT)
    assert seen(tokens) == "Ada B-PER 0.50 lives in London."
    assert seen(Entities([], TEXT)) == TEXT


def test_a_kind_of_entity_has_one_colour():
    assert colour("B-PER") == colour("I-PER") == colour("PER") != colour("LOC")
    assert colour("animal") == colour("B-animal")
    assert re.fullmatch(r"\d+,\d+,\d+", colour("half \ud83d"))
    assert f"rgba({colour('PER')},.25)" in ENTITIES._repr_html_()


def test_long_texts_are_cut_between_entities():
    text = "Ada. " * 2000
    marks = [
        Entity(entity_group="PER", score=1.0, word="Ada", start=start, end=start + 3) for start in range(0, 10000, 5)
    ]
    words = seen(Entities(marks, text)).replace(" PER 1.00", "")
    assert words.endswith("…")
    assert text.startswith(words[:-1])
    assert MOST_CHARACTERS - 5 <= len(words) - 1 <= MOST_CHARACTERS
    assert seen(Entities([], "x" * 9000)) == "x" * MOST_CHARACTERS + "…"


@pytest.mark.parametrize(
    "values",
    [
        ["Ada"],
        [{"entity": "PER", "score": 0.5, "start": 0, "end": 99}],
        [{"entity": "PER", "score": 0.5, "start": 3, "end": 0}],
        [{"entity": "PER", "score": "high", "start": 0, "end": 3}],
        [{"label": "PER", "score": 0.5, "start": 0, "end": 3}],
        [{"entity": "PER", "score": 0.5, "start": None, "end": None}],
        [ADA, {**ADA, "start": 2, "end": 5}],
    ],
)
def test_a_list_that_does_not_fit_its_text_is_left_to_its_repr(values):
    assert Entities(values, TEXT)._repr_html_() is None
    assert Results([ENTITIES, Entities(values, TEXT)])._repr_html_() is None


def test_other_things_than_results_are_left_to_their_repr():
    assert Entities([ADA])._repr_html_() is None  # without a text
    assert Results([])._repr_html_() is None
    assert Results([3])._repr_html_() is None
    assert WordScores([])._repr_html_() is None
    assert WordScores([{"score": 1}])._repr_html_() is None
    assert Answers([])._repr_html_() is None
    assert Answers([3])._repr_html_() is None
    assert Answer(answer="Ada")._repr_html_() is None


def test_an_answer_is_marked_in_its_context():
    assert seen(ANSWER) == "Where?Ada lives in London 0.8765."
    context = "x " * 1000 + "here" + " y" * 1000
    words = seen(Answer.of("Where?", context, 2000, 2004, 0.5))
    assert words == "Where?…" + "x " * 120 + "here 0.5000" + " y" * 120 + "…"


def test_no_answer_is_said():
    nothing = Answer.of("Where?", TEXT, 0, 0, 0.9)
    assert seen(nothing) == "Where?no answer 0.9000"
    assert Reader(Answers([nothing, ANSWER])._repr_html_()).cells[1:] == [
        ["no answer", "0.9000", ""],
        ["London", "0.8765", ""],
    ]


def test_several_answers_and_words_have_bars():
    table = Reader(ANSWERS._repr_html_())
    assert table.cells == [["answer", "score"], ["London", "0.8765", ""], ["Ada", "0.1000", ""]]
    table = Reader(WORDS._repr_html_())
    assert table.cells == [
        ["word", "score", "text"],
        ["here", "0.5000", "", "We are here"],
        ["there", "0.2500", "", "We are there"],
    ]
    assert re.findall(r"width:([\d.]+)%", WORDS._repr_html_()) == ["50.0", "25.0"]
    assert sum(attributes.get("aria-hidden") == "true" for _tag, attributes in table.tags) == 2
    more = Answers([Answer.of("?", TEXT, 0, 3, 1.5)] * 2)  # said in two windows, scores are added
    assert re.findall(r"width:([\d.]+)%", more._repr_html_()) == ["100.0", "100.0"]


def test_a_word_is_drawn_with_its_text_as_a_person_reads_it():
    marked = "<s>sa mère<mask>.</s>"  # as transformers has it
    words = WordScores([WordScore(score=0.5, token=7, token_str=" mère", sequence=marked, shown="sa mère <mask>.")])
    assert Reader(words._repr_html_()).cells[1] == ["mère", "0.5000", "", "sa mère <mask>."]
    assert words[0]["sequence"] == marked
    assert pickle.loads(pickle.dumps(words))._repr_html_() == words._repr_html_()
    assert copy.deepcopy(words)._repr_html_() == words._repr_html_()


def test_many_results_are_drawn_one_below_the_other():
    assert seen(Results([ENTITIES, ENTITIES])) == 2 * seen(ENTITIES)
    many = Results([Entities([], str(number)) for number in range(60)])
    assert seen(many) == "".join(map(str, range(50))) + "… + 10"


@pytest.mark.parametrize(
    "value", ["<script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "</td></mark>", "$x$"]
)
def test_texts_labels_and_words_are_data(value):
    entity = Entity(entity_group=value, score=0.5, word=value, start=0, end=len(value))
    word = WordScore(score=0.5, token=1, token_str=value, sequence=value)
    answer = Answer.of(value, value, 0, len(value), 0.5)
    for result in (Entities([entity], value), WordScores([word]), answer, Answers([answer, answer])):
        reader = Reader(result._repr_html_())
        assert value in reader.text
        assert not {"script", "img"} & {tag for tag, _attributes in reader.tags}
        assert not [name for _tag, attributes in reader.tags for name in attributes if name.startswith("on")]


def test_odd_characters_are_shown_and_the_direction_is_that_of_the_text():
    text = "a\x00b half \ud83d \u202eevil"
    for result in (Entities([], text), Answer.of("?", text, 0, 1, 0.5)):
        html = result._repr_html_()
        html.encode()  # fits into a notebook file
        assert "␀" in html
        assert 'dir="auto"' in html


@pytest.mark.parametrize("result", ALL, ids=lambda result: type(result).__name__)
def test_nothing_comes_from_elsewhere_and_no_text_has_a_fixed_colour(result):
    html = result._repr_html_()
    assert not re.search(r"https?:|url\(|src=|<style|<script|class=", html)
    assert set(re.findall(r"(?<![-\w])color:(\w+)", html)) <= {"inherit"}


def test_heads_are_in_the_readers_language():
    try:
        set_language("fr")
        assert Reader(WORDS._repr_html_()).cells[0] == ["mot", "score", "texte"]
        assert Reader(ANSWERS._repr_html_()).cells[0] == ["réponse", "score"]
        assert "pas de réponse" in seen(Answer.of("Où ?", TEXT, 0, 0, 0.9))
    finally:
        set_language(None)


def head_of(drawing):
    return re.findall(r'<th scope="col\w*"[^>]*>([^<]*)</th>', drawing)


def test_a_generated_text_stands_under_its_own_name():
    continued, other = {"generated_text": "once upon a time"}, {"generated_text": "le chat"}
    assert head_of(Texts([continued], ["once"]).draw()) == ["generated text"]  # no column for a prompt that is in it
    assert head_of(Texts([other], ["the cat"]).draw()) == ["text", "generated text"]
    set_language("fr")
    try:
        assert head_of(Texts([continued], ["once"]).draw()) == ["texte produit"]
    finally:
        set_language(None)


def test_signs_are_explained_where_they_stand():
    assert signs(["cat", "dog"]) == ""
    assert "␣ is a space" in signs(["cat", "␣␣"])
    assert "+ continues the word before it" in signs(["+s"])
    assert signs(["+"]) == ""  # a plus by itself is one
    rows = [{"token": "cat", "probability": 0.5, "alternatives": [("␣", 0.1)]}]
    assert TokenProbabilities(rows, "the", [" cat"]).draw().count("␣ is a space, or several") == 1
