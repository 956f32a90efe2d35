"""Entities, answers and hidden words: results of transformers 4.57.6, long texts, odd texts, and errors in sentences."""

import json
import pickle
from itertools import count, islice
from pathlib import Path

import pytest

import hfquick
from hfquick.pipelines.fill_mask import FillMaskPipeline
from hfquick.pipelines.question_answering import QuestionAnsweringPipeline, best_spans
from hfquick.pipelines.token_classification import TokenClassificationPipeline

FOLDER = Path(__file__).parent / "reference" / "pipelines"
FRAMEWORKS = [pytest.param("pt", marks=pytest.mark.torch), pytest.param("tf", marks=pytest.mark.tf)]
KINDS = {  # how a model's name starts -> its pipeline and its Auto class
    "ner": (TokenClassificationPipeline, "token-classification", "AutoModelForTokenClassification"),
    "qa": (QuestionAnsweringPipeline, "question-answering", "AutoModelForQuestionAnswering"),
    "fill": (FillMaskPipeline, "fill-mask", "AutoModelForMaskedLM"),
}
ENTITIES, ANSWERS, WORDS = (
    json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    for name in ("token_classification", "question_answering", "fill_mask")
)
ARCHITECTURES = ["bert", "distilbert", "roberta"]
LONG = "The library of Paris lent seven books to Ada. " * 3000  # over 100,000 characters

_pipelines: dict[tuple[str, str], hfquick.pipelines.Pipeline] = {}


def make(framework: str, name: str):
    if (framework, name) not in _pipelines:
        pipeline, task, head = KINDS[name.partition("-")[0]]
        model = getattr(hfquick, head if framework == "pt" else f"TF{head}").from_pretrained(FOLDER / name)
        tokenizer = hfquick.AutoTokenizer.from_pretrained(FOLDER / name)
        _pipelines[framework, name] = pipeline(task, model, tokenizer, framework=framework)
    return _pipelines[framework, name]


@pytest.fixture(params=FRAMEWORKS)
def ner(request):
    return make(request.param, "ner-bert")


@pytest.fixture(params=FRAMEWORKS)
def qa(request):
    return make(request.param, "qa-bert")


@pytest.fixture(params=FRAMEWORKS)
def fill(request):
    return make(request.param, "fill-bert")


def assert_same(ours, theirs):
    """Equal shape, keys, their order, and values; scores within 1e-5."""
    if isinstance(theirs, float):
        assert ours == pytest.approx(theirs, abs=1e-5)
    elif isinstance(theirs, dict):
        assert isinstance(ours, dict)
        assert list(ours) == list(theirs)
        for name in theirs:
            assert_same(ours[name], theirs[name])
    elif isinstance(theirs, list):
        assert isinstance(ours, list)
        assert len(ours) == len(theirs), f"{ours} is not {theirs}"
        for one, other in zip(ours, theirs, strict=True):
            assert_same(one, other)
    else:
        assert ours == theirs


def calls(recorded: dict, name: str) -> list[dict]:
    found = [call for call in recorded["results"] if call["model"] == name]
    assert found
    return found


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_entities_are_those_of_transformers(framework, architecture):
    pipe = make(framework, f"ner-{architecture}")
    for call in calls(ENTITIES, f"ner-{architecture}"):
        texts = ENTITIES["texts"]
        assert_same(pipe(texts, **call["options"]), call["many"])
        assert_same(pipe(texts[1], **call["options"]), call["many"][1])
        assert_same(list(pipe((text for text in texts), **call["options"])), call["many"])


def without_nothing(answers):
    """What transformers found, less the spans of score 0 with which it fills a list up to top_k."""
    if isinstance(answers, dict):
        return answers
    found = [answer for answer in answers if answer["score"] > 0]
    return found[0] if len(found) == 1 else found


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_answers_are_those_of_transformers(framework, architecture):
    pipe = make(framework, f"qa-{architecture}")
    questions, contexts = zip(*ANSWERS["questions"], strict=True)
    for call in calls(ANSWERS, f"qa-{architecture}"):
        answers = [without_nothing(answer) for answer in call["many"]]
        assert_same(pipe(question=list(questions), context=list(contexts), **call["options"]), answers)
        for question, context, answer in zip(questions, contexts, answers, strict=True):
            assert_same(pipe(question=question, context=context, **call["options"]), answer)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_hidden_words_are_those_of_transformers(framework, architecture, capsys):
    pipe = make(framework, f"fill-{architecture}")
    for call in calls(WORDS, f"fill-{architecture}"):
        assert_same(pipe(call["texts"], **call["options"]), call["many"])
        for text, words in zip(call["texts"], call["many"], strict=True):
            assert_same(pipe(text, **call["options"]), words)
