"""The questions written by hand for the model that answers: their form."""

from recipes import answers, common, factbook
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


def test_everyday_texts_and_all_questions_were_not_learnt():
    """By no model at all; the Factbook's prose is public text, which the model's base has read."""
    learnt = common.read_digests(common.HERE / "training_hashes.bin")
    rows = answers.by_hand()
    texts = {text for source, row in rows if source == "everyday" for text in sentences_of(row.context)}
    long = [text for text in texts | {row.question for _, row in rows} if len(common.normalise(text).split()) >= 3]
    assert len(long) > 110
    assert not [text for text in long if common.digest(text) in learnt]
