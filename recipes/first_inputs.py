"""What people type first: 60 inputs for each task with the answers a person would accept, and what is said today.

    python -m recipes.first_inputs [task ...] [--framework pt|tf] [--failures]

The inputs are in `tests/first_inputs/`, whose README says how they were written. No model is trained on them, and none
is chosen by them.
"""

import argparse
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from .common import HERE, table

FOLDER = HERE.parent / "tests" / "first_inputs"
SEED = 0
MASK = "<mask>"  # in the files; a model may spell it otherwise
MODELS = {  # (task, language of the input) -> the embedded model that a learner gets for it
    ("text-classification", "en"): "hfquick/distilbert-tiny-sentiment-en",
    ("text-classification", "fr"): "hfquick/bert-tiny-multilingual-stars",
    ("token-classification", "en"): "hfquick/bert-tiny-multilingual-ner",
    ("token-classification", "fr"): "hfquick/bert-tiny-multilingual-ner",
    ("question-answering", "en"): "hfquick/distilbert-tiny-qa-en",
    ("fill-mask", "en"): "hfquick/distilbert-tiny-en",
    ("fill-mask", "fr"): "hfquick/roberta-tiny-fr",
    ("text-generation", "en"): "hfquick/gpt2-tiny-en",
    ("text-generation", "fr"): "hfquick/gpt2-tiny-fr",
    ("summarization", "en"): "hfquick/bart-tiny-synopsis-en",
    ("translation", "en"): "hfquick/t5-tiny-en-fr",
    ("visual-question-answering", "en"): "hfquick/vilt-tiny-vqa",
    ("visual-question-answering", "fr"): "hfquick/vilt-tiny-vqa",
}
TASKS = list(dict.fromkeys(task for task, _ in MODELS))
COMMON = {  # frequent words that tell the two languages apart
    "en": "the of and to in is that it was he she for with his her they you this have had not be are we my i at by "
    "from all were there their been has would what if no which when who will so out up them then him its your can",
    "fr": "le la les des de du et à un une que qui il elle est dans en pour pas ne ce se sa son ses au aux par sur "
    "avec plus je vous nous ils elles était sont mais comme si ou où leur tout cette ces être bien fait mon ma mes",
}
Row = dict[str, Any]


def rows(task: str) -> list[Row]:
    """The inputs of a task: each with its `input`, what to `accept`, and the `language` of the input."""
    return json.loads((FOLDER / f"{task}.json").read_text(encoding="utf-8"))


def texts() -> Iterator[str]:
    """All that no model may be trained on: the inputs; where a word is masked, the sentence with each accepted word.

    Not the questions about pictures: of those it is the pictures that must be new, since everybody asks the same.
    """
    for task in TASKS:
        for row in rows(task) if task != "visual-question-answering" else ():
            if task == "fill-mask":
                yield from (row["input"].replace(MASK, word) for word in row["accept"])
            else:
                yield from row["input"].values() if isinstance(row["input"], dict) else [row["input"]]


# Comparing


def expand(pattern: str) -> Iterator[str]:
    """What a pattern stands for: one of the words between { | }, of which one may be empty.

    >>> list(expand("{Bonjour|Salut} Anna{ !|}"))
    ['Bonjour Anna !', 'Bonjour Anna', 'Salut Anna !', 'Salut Anna']
    """
    choice = re.search(r"\{([^{}]*)\}", pattern)
    if choice is None:
        yield pattern
        return
    for word in choice[1].split("|"):
        yield from expand(pattern[: choice.start()] + word + pattern[choice.end() :])


def plain(text: str) -> str:
    """Small letters, one kind of apostrophe, and of the punctuation only the question mark.

    >>> plain("L’œuf, est-il là ?")
    "l'oeuf est il là?"
    """
    text = unicodedata.normalize("NFC", text).lower().replace("œ", "oe").replace("’", "'")
    return re.sub(r"\s+(?=\?|$)", "", re.sub(r"[^\w'?]+", " ", text)).strip()


def without_article(text: str) -> str:
    return re.sub(r"^(?:(?:a|an|the|le|la|les|un|une) |l')", "", plain(text))


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text).lower())


# What is right, task by task


def right_label(row: Row, said: str) -> bool:
    return said in row["accept"]


def right_entities(row: Row, said: list[tuple[str, str]]) -> bool:
    """Every expected entity was found with its label, and none besides but those that `maybe` allows."""

    def among(found: tuple[str, str], expected: list[list[str]]) -> int:
        """Which of the expected entities was found, or -1; its spellings and its labels are separated by |."""
        for index, (spellings, labels) in enumerate(expected):
            same = without_article(found[0]) in map(without_article, spellings.split("|"))
            if same and found[1] in labels.split("|"):
                return index
        return -1

    places = [among(found, row["accept"]) for found in said if among(found, row.get("maybe", [])) < 0]
    return sorted(places) == list(range(len(row["accept"])))


def right_answer(row: Row, said: str) -> bool:
    return without_article(said) in {without_article(answer) for line in row["accept"] for answer in expand(line)}


def right_word(row: Row, said: list[str]) -> bool:
    """One of the five most probable words."""
    return not {plain(word) for word in said}.isdisjoint(map(plain, row["accept"]))


def right_translation(row: Row, said: str) -> bool:
    return plain(said) in {plain(french) for line in row["accept"] for french in expand(line)}


def right_summary(row: Row, said: str) -> bool:
    """Shorter than the text, about the same things, and nothing invented that a list or a capital betrays.

    `accept` has groups of beginnings of words, of which `least` groups must occur; no word of `refuse` may.
    """
    summary, text = words(said), words(row["input"])
    met = sum(any(word.startswith(start) for word in summary for start in group.split("|")) for group in row["accept"])
    refused = {form for word in row["refuse"] for form in (word, word + "s")} & set(summary)
    names = re.findall(r"(?<!^)\b(?=\w*[A-Z])\w+|\b\w*\d\w*|^\w+[A-Z]\w*", said.strip())  # a capital, but not the first
    invented = {name.lower() for name in names} - set(text)
    return met >= row["least"] and not refused and not invented and len(summary) < len(text)


def ends(row: Row, said: str) -> bool:
    """A sentence is over at the end."""
    return re.search(r"[.!?…][\"»”')\]]*\s*$", said) is not None


def varied(row: Row, said: str) -> bool:
    """At least three words, and no word, nor any two, three or four of them, more than three times in a row."""
    found = words(said)
    for size in range(1, 5):
        for start in range(len(found) - 4 * size + 1):
            groups = [found[start + size * turn : start + size * (turn + 1)] for turn in range(4)]
            if all(one == other for one, other in pairwise(groups)):
                return False
    return len(found) >= 3


def language(row: Row, said: str) -> bool:
    """A fifth of the words are frequent ones of the prompt's language, and more than are of the other."""
    shares = {name: sum(word in common.split() for word in words(said)) for name, common in COMMON.items()}
    own = shares.pop(row["language"])
    return own >= max(1, len(words(said)) / 5) and own > max(shares.values())


CRITERIA: dict[str, Callable[[Row, str], bool]] = {"ends": ends, "varied": varied, "language": language}


def right_form(row: Row, said: str) -> bool:
    """Only the form of a generated text: whether it makes sense no rule can tell."""
    return all(CRITERIA[name](row, said) for name in row["accept"])


RIGHT: dict[str, Callable[[Row, Any], bool]] = {
    "text-classification": right_label,
    "token-classification": right_entities,
    "question-answering": right_answer,
    "fill-mask": right_word,
    "text-generation": right_form,
    "summarization": right_summary,
    "translation": right_translation,
    "visual-question-answering": right_answer,
}


# Asking


def ask(task: str, pipe: Any, inputs: list[Any]) -> list[Any]:
    """What a pipeline says to each input, in the form that RIGHT[task] takes."""
    if task == "token-classification":
        found = pipe(inputs, aggregation_strategy="first")
        return [
            [(text[e["start"] : e["end"]], e["entity_group"]) for e in row]
            for text, row in zip(inputs, found, strict=True)
        ]
    if task == "fill-mask":
        found = pipe([text.replace(MASK, pipe.tokenizer.mask_token) for text in inputs], top_k=5)
        return [[word["token_str"].strip() for word in row] for row in found]
    if task == "text-generation":  # one by one, so that one prompt's text does not depend on the others
        return [pipe(text, return_full_text=False, seed=SEED)[0]["generated_text"] for text in inputs]
    if task == "visual-question-answering":
        asked = [{**row, "image": str(FOLDER / "pictures" / row["image"])} for row in inputs]
        return [row[0]["answer"] for row in pipe(asked, top_k=1)]
    name = {
        "text-classification": "label",
        "question-answering": "answer",
        "summarization": "summary_text",
        "translation": "translation_text",
    }[task]
    return [result[name] for result in pipe(inputs)]


def measure(task: str, language: str, framework: str | None, failures: bool) -> list[object]:
    """A row of the table: task, language, model, how many inputs, share accepted. Prints failures where asked to."""
    from hfquick import pipeline

    model = MODELS[task, language]
    asked = [row for row in rows(task) if row["language"] == language]
    said = ask(task, pipeline(task, model, framework=framework), [row["input"] for row in asked])
    right = [RIGHT[task](row, answer) for row, answer in zip(asked, said, strict=True)]
    if failures:
        for row, answer, accepted in zip(asked, said, right, strict=True):
            if not accepted:
                print(f"{task} ({language}): {row['input']}\n    said: {answer}\n    accepted: {row['accept']}")
    return [task, language, model, len(asked), f"{sum(right) / len(right):.2f}"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tasks", nargs="*", metavar="task", help=f"one or more of {', '.join(TASKS)}; all by default")
    parser.add_argument("--framework", choices=("pt", "tf"), help="PyTorch or TensorFlow; what is installed by default")
    parser.add_argument("--failures", action="store_true", help="print what was said in place of an accepted answer")
    options = parser.parse_args()
    for task in options.tasks:
        if task not in TASKS:
            parser.error(f"task {task!r} is unknown; one of {', '.join(TASKS)}")
    found = [
        measure(task, language, options.framework, options.failures)
        for task, language in MODELS
        if not options.tasks or task in options.tasks
    ]
    print(table(["task", "language", "model", "inputs", "accepted"], found))


if __name__ == "__main__":
    main()
