"""Entities, answers and hidden words: results of transformers 4.57.6, long and odd texts, errors in sentences."""

import json
import pickle
from dataclasses import replace
from functools import cache
from itertools import count, islice
from pathlib import Path

import numpy as np
import pytest

import hfquick
from hfquick.pipelines.fill_mask import FillMaskPipeline
from hfquick.pipelines.question_answering import QuestionAnsweringPipeline, Span, best_spans
from hfquick.pipelines.texts import CHARACTERS, FIRST_WINDOW, WINDOW, windows
from hfquick.pipelines.token_classification import TokenClassificationPipeline
from hfquick.tasks import find_task
from tests.helpers.fake_model import fake_pipeline

FOLDER = Path(__file__).parents[1] / "reference" / "pipelines"
FRAMEWORKS = [pytest.param("pt", marks=pytest.mark.torch), pytest.param("tf", marks=pytest.mark.tf)]
KINDS = {  # how a model's name starts -> its pipeline and its Auto class
    "ner": (TokenClassificationPipeline, "token-classification", "AutoModelForTokenClassification"),
    "qa": (QuestionAnsweringPipeline, "question-answering", "AutoModelForQuestionAnswering"),
    "fill": (FillMaskPipeline, "fill-mask", "AutoModelForMaskedLM"),
}
ENTITIES, ANSWERS, ANSWERS_LEFT, WORDS = (
    json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    for name in ("token_classification", "question_answering", "question_answering_left", "fill_mask")
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


@cache
def fake(name: str):
    """The same with a model in NumPy: for what a pipeline does with inputs, options and results."""
    pipeline, task, _head = KINDS[name.partition("-")[0]]
    return fake_pipeline(pipeline, task, FOLDER / name)


@pytest.fixture
def ner():
    return fake("ner-bert")


@pytest.fixture
def qa():
    return fake("qa-bert")


@pytest.fixture
def fill():
    return fake("fill-bert")


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
        many = [as_written(text, entities) for text, entities in zip(texts, call["many"], strict=True)]
        assert_same(pipe(texts, **call["options"]), many)
        assert_same(pipe(texts[1], **call["options"]), many[1])
        assert_same(list(pipe((text for text in texts), **call["options"])), many)


def as_written(text: str, entities: list[dict]) -> list[dict]:
    """What transformers found, each entity as the text has it: its tokens put together are "L ' Oréal"."""
    found = []
    for entity in entities:
        start, end = entity["start"], entity["end"]
        if "entity_group" in entity and (words := text[start:end].strip()):
            start += len(text[start:end]) - len(text[start:end].lstrip())
            entity = {**entity, "word": words, "start": start, "end": start + len(words)}
        elif "entity_group" in entity:
            entity = {**entity, "word": text[start:end]}
        found.append(entity)
    return found


def without_nothing(answers):
    """What transformers found, less the spans of score 0 with which it fills a list up to top_k."""
    if isinstance(answers, dict):
        return answers
    found = [answer for answer in answers if answer["score"] > 0]
    return found[0] if len(found) == 1 else found


def assert_answers(pipe, recorded: dict, name: str) -> None:
    """All questions at once, in batches, and one by one."""
    questions, contexts = zip(*recorded["questions"], strict=True)
    for call in calls(recorded, name):
        answers = [without_nothing(answer) for answer in call["many"]]
        assert_same(pipe(question=list(questions), context=list(contexts), **call["options"]), answers)
        for question, context, answer in zip(questions, contexts, answers, strict=True):
            assert_same(pipe(question=question, context=context, **call["options"]), answer)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_answers_are_those_of_transformers(framework, architecture):
    assert_answers(make(framework, f"qa-{architecture}"), ANSWERS, f"qa-{architecture}")


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_with_padding_on_the_left_the_context_comes_first(framework, architecture):
    name = f"qa-{architecture}"
    tokenizer = hfquick.AutoTokenizer.from_pretrained(FOLDER / name, padding_side="left")
    pipe = QuestionAnsweringPipeline("question-answering", make(framework, name).model, tokenizer, framework=framework)
    assert_answers(pipe, ANSWERS_LEFT, name)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_hidden_words_are_those_of_transformers(framework, architecture, capsys):
    pipe = make(framework, f"fill-{architecture}")
    for call in calls(WORDS, f"fill-{architecture}"):
        assert_same(pipe(call["texts"], **call["options"]), call["many"])
        for text, words in zip(call["texts"], call["many"], strict=True):
            assert_same(pipe(text, **call["options"]), words)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize(("kind", "text"), [("ner", "Ada of London"), ("fill", "We are {mask} .")])
def test_neighbours_change_no_score_where_the_tokenizer_pads_on_the_left(framework, architecture, kind, text):
    name = f"{kind}-{architecture}"
    known, tokenizer = make(framework, name), hfquick.AutoTokenizer.from_pretrained(FOLDER / name, padding_side="left")
    pipe = type(known)(known.task, known.model, tokenizer, framework=framework)
    text = text.format(mask=tokenizer.mask_token)
    together = pipe([text, f"{text} and " * 5], batch_size=2)
    assert_same(together[0], known(text))


# Long texts


def test_windows_of_many_texts_are_those_of_each_text(ner):
    texts = [LONG[: 90 * index] for index in range(9)] + ["Ada", ""]
    options = {"aggregation_strategy": "simple", "stride": 8}
    together = ner(texts, **options)
    for text, entities in zip(texts, together, strict=True):
        assert_same(entities, [dict(entity) for entity in ner(text, **options)])
    assert_same(ner(texts, batch_size=3, **options), [[dict(entity) for entity in entities] for entities in together])


def test_a_long_text_is_read_to_its_end_by_stride_only(ner, capsys):
    text = LONG[:2000]
    assert max(entity["end"] for entity in ner(text, ignore_labels=[])) < 400
    said = capsys.readouterr().out
    assert said == (
        "the text has more than 64 tokens, its end is not read; stride=16, aggregation_strategy='simple' reads all\n"
    )
    for texts, start in (([text, "Ada"], "1 of 2 texts has more"), ([text, text], "2 of 2 texts have more")):
        ner(texts)
        assert capsys.readouterr().out.startswith(start)
    found = ner(text, stride=16, aggregation_strategy="simple", ignore_labels=[])
    assert found[-1]["end"] == len(text.rstrip())
    assert capsys.readouterr().out == ""


def test_a_context_of_more_than_100_000_characters(qa):
    context = LONG[:60_000] + "Zorro wrote it." + LONG[60_000:]
    assert len(context) > 100_000
    answer = qa(question="Who?", context=context)
    assert context[answer["start"] : answer["end"]] == answer["answer"]
    assert "".join(answer) == "scorestartendanswer"


def test_a_context_has_no_answer_when_none_of_its_windows_has(qa):
    pair = {"question": "Who?", "context": "Ada wrote it."}
    settings = qa._settings({"handle_impossible_answer": True})
    found = [([Span(0, 3, 0.5)], 0.9), ([Span(0, 3, 0.2), Span(4, 9, 0.4)], 0.1)]
    assert dict(qa.join(found, pair, settings)) == {"score": 0.5, "start": 0, "end": 3, "answer": "Ada"}
    three = replace(settings, top_k=3)
    assert [(one["answer"], one["score"]) for one in qa.join(found, pair, three)][1:] == [("wrote", 0.4), ("", 0.1)]


def test_long_contexts_come_as_a_stream_and_few_are_held():
    qa, taken = fake("qa-distilbert"), []
    context = LONG[:120_000]
    endless = (taken.append(index) or {"question": "Who?", "context": context + str(index)} for index in count())
    results = list(islice(qa(endless, max_seq_len=64, doc_stride=0), 1))
    assert len(results) == len(taken) == 1  # not the 32 that are taken of short ones


def test_a_window_of_inputs_holds_few_long_ones():
    long = {"question": "x", "context": "y" * (WINDOW * CHARACTERS // 2)}
    assert [len(window) for window in windows([long] * 5)] == [2, 2, 1]
    assert [len(window) for window in windows(iter([long] * 4))] == [1, 1, 1, 1]
    assert [len(window) for window in windows(iter(["a"] * 100))] == [FIRST_WINDOW, 2 * FIRST_WINDOW, 4]
    assert list(windows([])) == []


def test_the_best_spans_are_those_of_all_pairs():
    random = np.random.RandomState(0)
    for T, longest, most in ((1, 1, 3), (7, 3, 4), (30, 15, 12), (5, 99, 100)):
        starts, ends = random.rand(2, T)
        pairs = [(i, j) for i in range(T) for j in range(i, min(i + longest, T))]
        expected = sorted(pairs, key=lambda pair: -starts[pair[0]] * ends[pair[1]])[:most]
        found = best_spans(starts, ends, longest, most)
        assert [(first, last) for first, last, _score in found] == expected
        assert [score for *_span, score in found] == [pytest.approx(starts[i] * ends[j]) for i, j in expected]
    assert best_spans(np.zeros(4), np.zeros(4), 2, 3) == []


# Ways to call


@pytest.mark.torch
@pytest.mark.parametrize(
    ("task", "name"), [("ner", "ner-bert"), ("question-answering", "qa-bert"), ("fill-mask", "fill-roberta")]
)
def test_the_table_has_the_task_and_inputs_to_try(task, name):
    pipe, row = hfquick.pipeline(task, model=FOLDER / name, framework="pt"), find_task(task)
    assert type(pipe) is KINDS[name.partition("-")[0]][0]
    assert hfquick.pipeline(model=str(FOLDER / name), framework="pt").task == row.name  # the head tells
    for sample in row.samples:
        assert pipe(sample) is not None


def test_ways_to_ask(qa):
    question, context = ANSWERS["questions"][1]
    one = dict(qa(question=question, context=context))
    pair = {"question": question, "context": context}
    for answer in (qa(pair), qa([pair]), qa(question, context), qa(question=[question], context=context)):
        assert_same(answer, one)
    for answers in (
        qa([pair, pair]),
        qa(question=[question, question], context=context),
        qa(question=(question, question), context=(context, context)),
        list(qa(iter([pair, pair]))),
    ):
        assert_same(answers, [one, one])
    assert qa([]) == []


def test_a_larger_top_k_looks_at_more_spans_of_the_same_words(qa):
    context = "We are here. " * 12  # "We" stands there twelve times
    few, many = (qa(question="Who?", context=context, top_k=top_k) for top_k in (2, 20))
    scores = {answer["answer"]: answer["score"] for answer in many}
    assert all(scores[answer["answer"]] >= answer["score"] for answer in few)
    assert any(scores[answer["answer"]] > answer["score"] for answer in few)


def test_a_question_that_leaves_little_room_still_gets_on(qa):
    question = "Who wrote " + "it " * 40
    context = ENTITIES["texts"][1] * 3
    answer = qa(question=question, context=context, doc_stride=30)  # more than the room for the context
    assert context[answer["start"] : answer["end"]] == answer["answer"] != ""
    together = qa(question=["Who?", question, "What?"], context=context, doc_stride=30)  # windows of two kinds
    alone = [qa(question=one, context=context, doc_stride=30) for one in ("Who?", question, "What?")]
    assert_same(together, [dict(answer) for answer in alone])


def test_datasets(qa, ner):
    datasets = pytest.importorskip("datasets")
    rows = [{"question": question, "context": context} for question, context in ANSWERS["questions"]]
    expected = [dict(answer) for answer in qa(rows)]
    assert_same(list(qa(datasets.Dataset.from_list(rows))), expected)
    texts = [row["context"] for row in rows]
    found = ner(datasets.Dataset.from_list(rows)["context"])
    assert_same(found, [[dict(entity) for entity in ner(text)] for text in texts])


def test_results_are_plain_data_with_a_short_repr(ner, qa, fill):
    entities, answer = ner("We are here"), qa(question="Where?", context="We are here")
    words, several = fill("We are [MASK] ."), fill("[MASK] are [MASK] .")
    for result in (
        entities,
        ner(["We are here"]),
        answer,
        qa(question="Where?", context="We", top_k=3),
        words,
        several,
    ):
        assert json.loads(json.dumps(result)) == result
        assert pickle.loads(pickle.dumps(result)) == result
    assert f"'score': {answer['score']:.4g}"[:12] in repr(answer)
    assert repr(answer) == repr({**answer, "score": round(answer["score"], 4)})
    assert repr(words) == repr([{**word, "score": round(word["score"], 4)} for word in map(dict, words)])
    assert repr(entities) == repr([{**one, "score": round(one["score"], 4)} for one in map(dict, entities)])
    assert len(several) == 2
    assert "[MASK]" in several[0][0]["sequence"]  # the other mask stays
    assert "[MASK]" not in words[0]["sequence"]


# Hidden words


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("name", ["hfquick/roberta-tiny-en", "hfquick/roberta-tiny-fr"])
def test_a_full_stop_right_behind_the_mask(framework, name):
    fill = hfquick.pipeline("fill-mask", model=name, framework=framework)
    mask = fill.tokenizer.mask_token
    for word in fill(f"Paul {mask}."):
        assert word["sequence"] == f"Paul{word['token_str']}."  # no space between the two


def test_what_is_drawn_of_a_text_with_two_masks():
    fill = hfquick.pipeline("fill-mask", model="hfquick/roberta-tiny-fr")
    mask = fill.tokenizer.mask_token
    first, second = fill(f"Paul {mask}, et l'{mask}.")
    assert first[0]["sequence"] == f"<s>Paul{first[0]['token_str']}, et l'{mask}.</s>"  # as in transformers
    assert first[0].shown == f"Paul{first[0]['token_str']}, et l'{mask}."
    assert second[0].shown == f"Paul {mask}, et l'{second[0]['token_str']}."
    assert "&lt;s&gt;" not in first._repr_html_() + second._repr_html_()
    assert fill(f"Paul {mask}.")[0].shown == ""  # then the text has no marks


def test_targets_that_are_no_words_of_the_vocabulary(fill, capsys):
    found = fill("We are [MASK] .", targets=["teach", "unbelievableness"])
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 1
    token = said[0].split("'")[3]
    assert said[0].startswith("the target 'unbelievableness' is not in the vocabulary, its first token ")
    assert sorted(word["token"] for word in found) == sorted(fill.tokenizer.convert_tokens_to_ids(["teach", token]))
    fill(["We are [MASK] ."] * 3, targets=["unbelievableness"], batch_size=1)
    assert len(capsys.readouterr().out.splitlines()) == 1  # once a call, not once a text
    assert len(fill("We are [MASK] .", targets=["teach", ""])) == 1
    assert capsys.readouterr().out == "the target '' has no tokens, it is left out\n"
    with pytest.raises(ValueError, match="targets has no word that could be compared; give at least one"):
        fill("We are [MASK] .", targets=[""])


def test_more_words_than_there_are(fill):
    words = fill("We are [MASK] .", top_k=10**6)
    assert len(words) == len(fill.tokenizer)
    assert sum(word["score"] for word in words) == pytest.approx(1, abs=1e-4)


def test_a_long_text_can_be_cut(fill):
    text = "[MASK] " + "we are " * 100
    with pytest.raises(ValueError, match=r"the text has \d+ tokens, the model reads at most 64; try truncation=True"):
        fill(text)
    assert len(fill(text, tokenizer_kwargs={"truncation": True})) == 5


@pytest.mark.torch
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_longest_text_is_read_and_one_token_more_is_too_long(architecture):
    fill = make("pt", f"fill-{architecture}")  # RoBERTa has 66 positions, of which 64 are for tokens
    mask = fill.tokenizer.mask_token
    assert len(fill(mask * 62)) == 62
    with pytest.raises(ValueError, match="the text has 65 tokens, the model reads at most 64"):
        fill(mask * 63)


def test_a_tokenizer_without_mask(fill):
    tokenizer = hfquick.AutoTokenizer.from_pretrained(FOLDER.parent / "tokenizers" / "gpt2-json")
    with pytest.raises(ValueError, match="the tokenizer has no mask token, so its model was not trained to predict"):
        type(fill)("fill-mask", fill.model, tokenizer)


# Odd texts and wrong calls

ODD = [" ", "\n\t", "\x00", "a\x00b", "🤗" * 30, "مرحبا بالعالم", "e\u0301", "half \ud83d of one", "\u202eevil"]


@pytest.mark.parametrize("text", ODD, ids=ascii)
def test_odd_texts_give_a_result(ner, qa, fill, text):
    for strategy in ("none", "simple", "average"):
        for entity in ner(text, ignore_labels=[], aggregation_strategy=strategy):
            assert 0 <= entity["start"] < entity["end"] <= len(text)
    answer = qa(question="Who?", context=text)
    assert text[answer["start"] : answer["end"]] == answer["answer"]
    assert set(qa(question=text, context="We are here")) == {"score", "start", "end", "answer"}
    assert len(fill(f"{text} [MASK]")) == 5


NER, QA, FILL = "ner-bert", "qa-bert", "fill-bert"


@pytest.mark.parametrize(
    ("name", "arguments", "options", "error", "sentence"),
    [
        (NER, (3,), {}, TypeError, "takes a text, or a list, dataset or generator of them; got int"),
        (NER, (["a", None],), {}, TypeError, "token classification reads texts, got NoneType"),
        (NER, ("a",), {"aggregation_strategy": "frist"}, ValueError, "'frist' is unknown; did you mean 'first'"),
        (NER, ("a",), {"ignore_labels": "O"}, TypeError, r"expected a list of labels such as \['O'\]; \[\] gives all"),
        (NER, ("a",), {"stride": 3}, ValueError, "give an aggregation_strategy, e.g. 'simple'"),
        (
            NER,
            ("a",),
            {"stride": -1, "aggregation_strategy": "max"},
            ValueError,
            "stride is -1, expected a whole number",
        ),
        (NER, ("a",), {"stride": 62, "aggregation_strategy": "max"}, ValueError, "a window has room for 62 tokens"),
        (NER, ("a",), {"strid": 6}, TypeError, "has no argument 'strid'; did you mean 'stride'"),
        (QA, (), {}, ValueError, "question= is missing"),
        (QA, (), {"question": "Who?"}, ValueError, "context= is missing"),
        (QA, ({"question": "Who?"},), {"context": "I"}, TypeError, "takes question= and context=, or one dict"),
        (QA, (3,), {}, TypeError, "takes question= and context=, or a dict of both, or a list, .* got int"),
        (QA, (["Who?", "Me"],), {}, TypeError, "reads dicts with question and context, got str"),
        (QA, ("Who?",), {}, TypeError, "takes question= and context=, or a dict of both, or a list, .* got str"),
        (QA, ("",), {}, TypeError, "takes question= and context=, or a dict of both, or a list, .* got str"),
        (NER, (b"Ada",), {}, TypeError, "takes a text, or a list, dataset or generator of them; got bytes"),
        (
            QA,
            ({"question": "Who?", "text": "I"},),
            {},
            ValueError,
            "the keys 'question' and 'context', got 'question', 'tex",
        ),
        (QA, (), {"question": "Who?", "context": ""}, ValueError, "the context is empty; give a text to look in"),
        (QA, (), {"question": "", "context": "I"}, ValueError, "the question is empty; give a question"),
        (QA, (), {"question": "Who?", "context": 3}, TypeError, "question answering reads texts, got int: '3'"),
        (QA, (), {"question": ["a", "b"], "context": ["c"]}, ValueError, "2 questions were given with 1 contexts"),
        (QA, (), {"question": "a", "context": ["b"]}, ValueError, "one question was given with a list of contexts"),
        (
            QA,
            ("a " * 90, "I"),
            {},
            ValueError,
            "has 90 tokens, which leaves no room for a context: 64 tokens are encoded",
        ),
        (QA, ("a", "b"), {"top_k": 0}, ValueError, "top_k is 0, expected a whole number from 1 on"),
        (QA, ("a", "b"), {"max_answer_len": 1.5}, ValueError, "max_answer_len is 1.5, expected a whole number"),
        (QA, ("a", "b"), {"doc_stride": 65}, ValueError, "doc_stride is 65, but a window has 64 tokens"),
        (
            QA,
            ("a", "b"),
            {"max_seq_len": 0},
            ValueError,
            "max_seq_len is 0, expected a whole number from 1 on, or None",
        ),
        (FILL, ("a",), {}, ValueError, r"the text has no mask \(\[MASK\]\): 'a'; write \[MASK\] in the place"),
        (FILL, (["[MASK]", "a"],), {}, ValueError, "text 2 of 2 has no mask"),
        (FILL, ([3],), {}, TypeError, "fill-mask reads texts, got int"),
        (FILL, ("[MASK]",), {"top_k": -1}, ValueError, "top_k is -1, expected a whole number from 1 on"),
        (FILL, ("[MASK]",), {"targets": 3}, TypeError, "targets is 3, expected a word or a list of words"),
        (FILL, ("[MASK]",), {"targets": []}, ValueError, "targets has no word that could be compared"),
        (FILL, ("[MASK]",), {"tokenizer_kwargs": True}, TypeError, "tokenizer_kwargs is True, expected a dict"),
        (FILL, ("[MASK]",), {"tokenizer_kwargs": {"trunc": 1}}, TypeError, "no argument 'trunc'; did you mean 'trunca"),
    ],
)
def test_wrong_calls(name, arguments, options, error, sentence):
    with pytest.raises(error, match=sentence):
        fake(name)(*arguments, **options)
