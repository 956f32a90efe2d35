"""The questions written by hand for the model that answers: their form."""

import random
import re

import pytest

from recipes import answer_stories, answers, common, entities, factbook
from recipes.sources import sentences_of


def test_questions_written_by_hand():
    rows = answers.by_hand()
    assert 85 <= len(rows) <= 105
    assert len({(row.question, row.context) for _, row in rows}) == len(rows)
    assert {source for source, _ in rows} == {"factbook", "everyday"}
    for _, (question, context, answer, start) in rows:
        assert question.endswith("?")
        assert question[0].isupper()
        assert context[start : start + len(answer)] == answer == answer.strip()
        assert answer


def test_their_countries_are_held_out():
    assert {factbook.part_of(code) for code in ("mt", "hu", "gh", "np", "mu", "ca", "mg", "gt")} == {"test"}


def test_everyday_texts_and_all_questions_were_not_trained_on():
    """By no model at all; the Factbook's prose is public text, on which the model's base was trained.

    Two everyday questions were also made, without any text, for the model that translates; it answers nothing.
    """
    trained_on = common.read_digests(common.HERE / "training_hashes.bin")
    rows = answers.by_hand()
    texts = {text for source, row in rows if source == "everyday" for text in sentences_of(row.context)}
    long = [text for text in texts | {row.question for _, row in rows} if len(common.normalise(text).split()) >= 3]
    assert len(long) > 110
    # Their digests: written out here, they would be taken for texts to keep unseen.
    asked_by_translation = {"6e5ffac9", "3a398dfd"}
    assert {common.digest(text).hex() for text in long if common.digest(text) in trained_on} == asked_by_translation


def test_questions_of_prose_ask_with_words_from_around_the_answer():
    maker = object.__new__(answers.Maker)  # without its data
    maker.rng = random.Random(0)
    before, after = "After four wars the old kingdom was founded in", ", long before its neighbour. It fell."
    asked = [maker._around(before, after, "when") for _ in range(200)]
    assert all(text.endswith("?") and text[0].isupper() and "when" in text.lower() for text in asked)
    assert not any("fell" in text or " in?" in text for text in asked)
    assert len(set(asked)) > 100
    assert sum(text.startswith("When") for text in asked) > 120


def test_everyday_questions_to_choose_by():
    rows = answers.everyday_dev()
    assert len(rows) == 109
    assert len({(one.row.question, one.row.context) for one in rows}) == len(rows)
    for (question, context, answer, start), accept in rows:
        assert context[start : start + len(answer)].lower() == answer.lower() == accept[0].lower()
        assert len(question.split()) >= 3
        assert accept
    hand_written = {row.context for _, row in answers.by_hand()}
    assert hand_written.isdisjoint(one.row.context for one in rows)


@pytest.fixture
def stories(monkeypatch):
    monkeypatch.setattr(entities, "names", lambda: (["Ada", "Nils"], ["Berg", "Diallo"]))
    monkeypatch.setattr(entities, "cities", lambda: ["Turku", "Porto"])
    return answer_stories.Maker(0)


def test_made_questions_are_answered_where_they_say(stories):
    rows = stories.questions(3000)
    for question, context, answer, start in rows:
        assert context[start : start + len(answer)] == answer != ""
        assert not re.search(r"[{}<>|~\[\]]", question + context), (question, context)
        assert question[-1] not in " ."
    assert len({question.split()[0].lower() for question, *_ in rows}) >= 9
    several = {}  # a question asked of one text has one answer
    for question, context, answer, _ in rows:
        assert several.setdefault((question.lower(), context), answer) == answer
    assert len({context for _, context, *_ in rows}) > 700


def test_every_pattern_can_be_filled_and_asked(stories):
    for block in answer_stories.blocks():
        text, asked = answer_stories.Text(stories), []
        for _ in range(60):
            text.fresh()
            sentence, some = stories.by_pattern(text, block)
            assert sentence[-1] in ".?!"
            asked += [answer for _, answer in some if answer.lower() in sentence.lower()]
        assert len(set(asked)) >= 5, block.sentences
    for block in answer_stories.blocks("answer_chains.txt"):
        assert all(re.search(r"\{(?:S|s|Poss)\}", line) for line in block.sentences), block.sentences


def test_made_texts_hold_two_of_a_kind(stories):
    """The question's words have to decide between them."""
    contexts = {context for _, context, *_ in stories.questions(2000)}
    counts = [len(re.findall(r" (?:lives|works|bought|costs|has|plays|wrote|likes|went) ", text)) for text in contexts]
    assert sum(count >= 2 for count in counts) > 0.1 * len(counts)


@pytest.mark.parametrize(
    ("place", "answer"),
    [
        ("in the garden", "the garden"),
        ("at home", "home"),
        ("on Monday morning", "Monday morning"),
        ("in 1998", "1998"),
        ("on 3 May", "3 May"),
        ("under the bed", "under the bed"),
        ("on the table", "on the table"),
        ("in front of the house", "in front of the house"),
        *((f"in {count} days", f"in {count} days") for count in ("two", "ten")),
        ("at night", "at night"),
        ("yesterday", "yesterday"),
    ],
)
def test_the_shortest_answer(place, answer):
    assert answer_stories.minimal(place) == answer
