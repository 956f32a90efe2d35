"""Questions with their answer in a text: written by hand for the test, made from the Factbook for training."""

import json
import random
import re
from typing import NamedTuple

from . import answer_frames as frames
from . import entities, factbook, sources
from .common import HERE


class Question(NamedTuple):
    question: str
    context: str
    answer: str
    start: int  # position of the answer's first character in the context


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


class Everyday(NamedTuple):
    """A question of the dev set and all answers that are right."""

    row: Question
    accept: tuple[str, ...]


def everyday_dev() -> list[Everyday]:
    """`answers_dev_en.txt`: 109 questions about short everyday texts, written by hand to choose models by.

    They are neither trained on nor a test: patterns, epochs and sizes were chosen with them, so their score flatters.
    A line is a text, or "- question = right answers, with bars between them".
    """
    found, context = [], ""
    for line in (HERE / "answers_dev_en.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("- "):
            question, answers = line[2:].split(" = ")
            first, *others = answers.split("|")
            row = Question(question, context, first, context.lower().index(first.lower()))
            found.append(Everyday(row, (first, *others)))
        else:
            context = line
    return found


# Training questions


class Maker:
    """Makes questions about the countries of one part of the data, and about people who do not exist."""

    def __init__(self, name: str, seed: int) -> None:
        self.rng, self.name = random.Random(seed), name
        self.people = entities.Maker(seed)
        self.fields = [row for code, row in factbook.countries().items() if factbook.part_of(code) == name]
        self.prose = [row for row in _labelled(name) if len(row[0]) < 300]

    def facts(self) -> tuple[list[str], list[tuple[str, str, str]]]:
        """Sentences about a country and (question, sentence, answer) about some of them."""
        fields = self.rng.choice(self.fields)
        country = fields.get("Government / Country name / conventional short form", "none")
        if country == "none":
            country = fields.get("Government / Country name / conventional long form", "the country")
        country = country.split(" (")[0]
        sentences, asked = [], []
        known = [field for field in frames.FIELDS if field in fields]
        for field in self.rng.sample(known, min(len(known), self.rng.randint(4, 7))):
            shape, told, questions = frames.FIELDS[field]
            match = re.match(shape, fields[field])
            answer = " ".join(match[0].strip(" ,-").split()[:14]).strip(" ,;") if match else ""
            if answer and answer != "none":
                sentence = self.rng.choice(told).format(c=country, a=answer)
                *trained, kept = questions
                question = self.rng.choice(trained) if self.name == "train" else kept
                sentences.append(sentence)
                asked.append((question.format(c=country), sentence, answer))
        background = [s for s in sources.sentences_of(fields.get("Introduction / Background", "")) if len(s) < 220]
        return sentences + self.rng.sample(background, min(len(background), self.rng.randint(0, 2))), asked

    def story(self) -> tuple[list[str], list[tuple[str, str, str]]]:
        """A few sentences about people and things, and (question, sentence, answer) about each."""
        sentences, asked = [], []
        for line in self.rng.sample(frames.STORIES, self.rng.randint(2, 5)):
            frame, *questions = line
            values: list[str] = []
            sentence = re.sub(r"\{(\w)\}", lambda slot, values=values: self._word(slot[1], values), frame)
            sentences.append(sentence)
            for row in questions if self.name == "train" else questions[-1:]:
                question, number = row.split(">")
                asked.append((question.format(*values), sentence, values[int(number)]))
        return sentences, asked

    def _word(self, slot: str, values: list[str]) -> str:
        if slot == "y":
            word = str(self.rng.randint(1750, 2023))
        elif slot in frames.WORDS:
            word = self.rng.choice(frames.WORDS[slot])
        else:
            word = entities.MARK.sub(r"\1", self.people.fill("en", slot))
        values.append(word)
        return word

    def gap(self) -> tuple[list[str], list[tuple[str, str, str]]]:
        """Prose, and questions made of a sentence of it: a question word, and words from around a name or date."""
        start = self.rng.randrange(len(self.prose))
        rows = self.prose[start : start + self.rng.randint(2, 4)]
        asked = []
        for text, spans in rows:
            for first, last, kind in spans:
                if kind in GAPS and text.count(text[first:last]) == 1:
                    question = self._around(text[:first], text[last:], self.rng.choice(GAPS[kind]))
                    if len(question.split()) > 5:  # else too little is left to look for
                        asked.append((question, text, text[first:last].removeprefix("the ")))
        return [text for text, _ in rows], asked

    def _around(self, before: str, after: str, word: str) -> str:
        """As people ask: the question word first, a few words that stand near the answer, some of them forgotten."""
        pick = self.rng
        left = re.sub(r"\b(?:[Ii]n|[Oo]n|[Ss]ince|[Dd]uring|[Tt]he) ?$", "", before).split()[-pick.randint(3, 9) :]
        right = re.split(r"[,;.]", after.lstrip(" ,"))[0].split()[: pick.randint(0, 6) if len(left) > 3 else 9]
        left, right = ([one for one in side if pick.random() < 0.85] for side in (left, right))
        if pick.random() < 0.25:
            words = [*left, word, *right]
        else:
            words = [word, *pick.choice(([], ["did"], ["was"], ["is"], ["does"])), *left, *right]
        question = " ".join(words).strip(" ,;:.")
        return question[:1].upper() + question[1:] + "?"

    def questions(self, count: int) -> list[Question]:
        found: dict[Question, None] = {}
        known = {text for text, _ in self.prose}
        while len(found) < count:
            sentences, asked = self.rng.choices((self.facts, self.story, self.gap), (3, 3, 4))[0]()
            if not asked:
                continue
            if sentences[0] not in known:  # prose keeps its order
                self.rng.shuffle(sentences)
            context = " ".join(sentences)
            for question, sentence, answer in self.rng.sample(asked, min(3, len(asked))):
                start = context.index(sentence) + sentence.index(answer)
                if question.strip() and answer.strip():
                    found[Question(question, context, answer, start)] = None
        return list(found)[:count]


GAPS = {
    "PERSON": ["who"],
    "ORG": ["what", "who"],
    "GPE": ["where", "what", "which country"],
    "DATE": ["when", "in what year"],
    "LOC": ["where"],
    "CARDINAL": ["how many"],
    "NORP": ["who", "which people"],
}


def _labelled(name: str) -> list[tuple[str, list[tuple[int, int, str]]]]:
    """Sentences of the Factbook with spaCy's own labels, dates and numbers too."""
    entities.silver(name)
    rows = (sources.WORK / f"silver-{name}.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [text for _, text in factbook.prose(name)]
    pairs = zip(texts, map(json.loads, rows), strict=True)
    return [(text, spans) for text, spans in pairs if entities.PROSE.fullmatch(text)]
