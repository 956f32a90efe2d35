"""What pipelines read of a model's outputs, whatever its configuration asks for, and outputs that cannot be right."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import hfquick
from hfquick import pipeline
from hfquick.core.outputs import SequenceClassifierOutput
from hfquick.pipelines.base import one_row_each
from hfquick.pipelines.fill_mask import FillMaskPipeline
from hfquick.pipelines.question_answering import QuestionAnsweringPipeline
from hfquick.pipelines.text_classification import TextClassificationPipeline
from hfquick.pipelines.texts import compare_vocabularies
from hfquick.pipelines.token_classification import TokenClassificationPipeline
from tests.helpers.fake_model import fake_pipeline
from tests.pipelines.test_text_pipelines import assert_same

FOLDER = Path(__file__).parents[1] / "reference" / "pipelines"
FRAMEWORKS = [pytest.param("pt", marks=pytest.mark.torch), pytest.param("tf", marks=pytest.mark.tf)]
QUESTION = {"question": "Who?", "context": "Ada wrote it in London."}
CASES = {  # model -> task, input, options
    "three-labels": ("text-classification", "We are here", {"top_k": None}),
    "number": ("text-classification", "We are here", {}),
    "ner-bert": ("token-classification", "Ada wrote it in London.", {"ignore_labels": []}),
    "qa-bert": ("question-answering", QUESTION, {"top_k": 2}),
    "fill-bert": ("fill-mask", "The [MASK] is in Paris", {}),
    "write-gpt2": ("text-generation", "We are here", {"do_sample": False, "max_new_tokens": 4}),
    "say-bart": ("summarization", "We are here", {"max_new_tokens": 4}),
    "say-t5": ("translation", "We are here", {"max_new_tokens": 4}),
}
READERS = {
    "three-labels": TextClassificationPipeline,
    "ner-bert": TokenClassificationPipeline,
    "qa-bert": QuestionAnsweringPipeline,
    "fill-bert": FillMaskPipeline,
}


@pytest.mark.parametrize("model", CASES)
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_what_a_configuration_asks_for_changes_no_result(framework, model, tmp_path):
    task, given, options = CASES[model]
    shutil.copytree(FOLDER / model, tmp_path / "asks")
    config = json.loads((tmp_path / "asks" / "config.json").read_text())
    asked = {"output_hidden_states": True, "output_attentions": True, "use_cache": False, "return_dict": False}
    (tmp_path / "asks" / "config.json").write_text(json.dumps(config | asked))
    plain, asks = (pipeline(task, model=folder, framework=framework) for folder in (FOLDER / model, tmp_path / "asks"))
    assert asks.model.config.output_hidden_states
    expected = json.loads(json.dumps(plain(given, **options)))
    assert_same(asks(given, **options), expected)
    many = json.loads(json.dumps(plain([given, given], **options)))
    assert_same(asks([given, given], **options), many)


@pytest.mark.torch
@pytest.mark.parametrize("model", ["number", "three-labels"])
def test_a_model_may_squeeze_what_it_gives_for_one_text(model, monkeypatch):
    pipe = pipeline("text-classification", model=FOLDER / model, framework="pt")
    texts = ["We are here", "no"]
    expected = [json.loads(json.dumps(pipe(text))) for text in texts]
    forward = pipe.model.forward
    squeezed = lambda **inputs: SequenceClassifierOutput(logits=forward(**inputs).logits.squeeze())  # noqa: E731
    monkeypatch.setattr(pipe.model, "forward", squeezed)
    for text, one in zip(texts, expected, strict=True):
        assert_same(pipe(text), one)
    assert_same(pipe(texts), [one for [one] in expected])


def test_an_output_has_a_row_for_each_text():
    assert one_row_each("logits", np.array(3.0), 1).shape == (1,)
    assert one_row_each("logits", np.zeros(3), 1).shape == (1, 3)
    assert one_row_each("logits", np.zeros((1, 3)), 1).shape == (1, 3)
    assert one_row_each("logits", np.zeros(2), 2).shape == (2,)
    for wrong in (np.array(3.0), np.zeros((3, 2))):
        with pytest.raises(
            ValueError, match=r"the model's logits have the shape \(.*\), expected one row for each of 2"
        ):
            one_row_each("logits", wrong, 2)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_model_of_another_task_is_a_sentence(framework):
    end = "TF" if framework == "tf" else ""

    def made(task, model, head):
        loaded = getattr(hfquick, f"{end}AutoModelFor{head}").from_pretrained(FOLDER / model)
        return pipeline(task, model=loaded, tokenizer=hfquick.AutoTokenizer.from_pretrained(FOLDER / model))

    for made_of, said in (
        (
            ("text-classification", "qa-bert", "QuestionAnswering"),
            f"text-classification reads logits, and the {end}BertForQuestionAnswering gives start_logits, end_logits; "
            f"load it with {end}AutoModelForSequenceClassification",
        ),
        (
            ("text-classification", "ner-bert", "TokenClassification"),
            r"the model gave scores of the shape \(\d+, \d+\) for a text, expected one for each label; is it a model",
        ),
        (
            ("token-classification", "three-labels", "SequenceClassification"),
            r"the model gave scores of the shape \(3,\) for a text of \d+ tokens, expected a row for each token",
        ),
    ):
        with pytest.raises(ValueError, match=said):
            made(*made_of)("We are here")


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
@pytest.mark.parametrize("model", READERS)
def test_scores_that_are_no_numbers_are_a_sentence(model, wrong):
    task, given, options = CASES[model]
    pipe = fake_pipeline(READERS[model], task, FOLDER / model)
    for tables in pipe.model.tables.values():
        tables[0][:, 0] = wrong
    said = r"the model's scores are not numbers \(NaN\): its weights are damaged"
    with np.errstate(invalid="ignore"), pytest.raises(ValueError, match=said):
        pipe(given, **options)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_weights_that_are_no_numbers_are_a_sentence(framework, monkeypatch):
    pipe = pipeline("text-classification", model=FOLDER / "three-labels", framework=framework)
    bias = pipe.model.classifier.bias
    if framework == "pt":
        bias.data[0] = float("nan")
    else:
        bias.assign([float("nan"), 0.0, 0.0])
    with pytest.raises(ValueError, match=r"the model's scores are not numbers \(NaN\)"):
        pipe("We are here")


def test_a_tokenizer_of_another_model_is_told_in_a_line(capsys):
    pipe = fake_pipeline(FillMaskPipeline, "fill-mask", FOLDER / "fill-bert")
    assert capsys.readouterr().out == ""
    rows = pipe.model.config.vocab_size
    for vocabulary in (rows - 1, rows * 2):
        pipe.model.config.vocab_size = vocabulary
        compare_vocabularies(pipe.tokenizer, pipe.model)
        said = f"the tokenizer has {rows} tokens and the model {vocabulary}; do they belong together?\n"
        assert capsys.readouterr().out == said


FORKED = f"""
import os
from hfquick import pipeline

pipe = pipeline("text-classification", model={str(FOLDER / "three-labels")!r}, framework="tf")
pipe("We are here")
if os.fork() == 0:
    try:
        pipe("We are here")
    except RuntimeError as error:
        print(error, flush=True)
    os._exit(0)
os.wait()
print(pipe("We are here")[0]["label"])
"""


@pytest.mark.tf
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_tensorflow_in_a_forked_process_is_a_sentence():
    env = {**os.environ, "PYTHONWARNINGS": "ignore"}
    ran = subprocess.run([sys.executable, "-c", FORKED], env=env, capture_output=True, text=True, timeout=120)
    said, label = ran.stdout.splitlines()
    assert said.startswith("this process was forked from one in which TensorFlow had begun to work")
    assert label
