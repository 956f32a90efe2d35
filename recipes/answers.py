"""Questions with their answer in a text: written by hand for the test, made from the Factbook to learn from."""

import json
from typing import NamedTuple

from .common import HERE


class Question(NamedTuple):
    question: str
    context: str
    answer: str
    start: int  # place of the answer's first letter in the context


def by_hand() -> list[tuple[str, Question]]:
    """(source, question) of `answers_test_en.json`, committed before training, never used to choose anything.

    Sources: "factbook" (prose and facts of countries kept for the test), "everyday" (texts written for this test).
    """
    texts = json.loads((HERE / "answers_test_en.json").read_text(encoding="utf-8"))
    return [
        (
            text["source"],
            Question(row["question"], text["context"], row["answer"], text["context"].index(row["answer"])),
        )
        for text in texts
        for row in text["questions"]
    ]
