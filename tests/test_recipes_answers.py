"""The questions written by hand for the model that answers: their form."""

from recipes import answers, factbook


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
