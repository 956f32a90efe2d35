"""CamemBERT and XLM-RoBERTa in pipelines, from whole folders: results of transformers 4.57.6, in both frameworks.

Also that such a model is loaded by the Auto classes, is told apart from RoBERTa, and is saved under its own name.
"""

import json
from functools import cache
from pathlib import Path

import pytest

import hfquick
from tests.pipelines.test_text_pipelines import as_written, assert_same, without_nothing

FOLDER = Path(__file__).parents[1] / "reference" / "pipelines"
RESULTS = json.loads((FOLDER / "camembert.json").read_text(encoding="utf-8"))["results"]
FRAMEWORKS = [pytest.param("pt", marks=pytest.mark.torch), pytest.param("tf", marks=pytest.mark.tf)]
HEADS = {
    "fill": ("AutoModelForMaskedLM", "ForMaskedLM"),
    "ner": ("AutoModelForTokenClassification", "ForTokenClassification"),
    "qa": ("AutoModelForQuestionAnswering", "ForQuestionAnswering"),
    "class": ("AutoModelForSequenceClassification", "ForSequenceClassification"),
}
STARTS = {"camembert": "Camembert", "xlm-roberta": "XLMRoberta"}
NAMES = sorted({call["model"] for call in RESULTS})


@cache
def pipe(framework: str, task: str, name: str):
    return hfquick.pipeline(task, model=FOLDER / name, framework=framework)


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("name", NAMES)
def test_results_are_those_of_transformers(framework, name):
    calls = [call for call in RESULTS if call["model"] == name]
    assert calls
    for call in calls:
        many = call["many"]
        if name.startswith("qa"):
            many = [without_nothing(answers) for answers in many]
        if name.startswith("ner"):
            many = [as_written(text, entities) for text, entities in zip(call["inputs"], many, strict=True)]
        ask = pipe(framework, call["task"], name)
        for one, expected in zip(call["inputs"], many, strict=True):
            assert_same(ask(one, **call["options"]), expected)
        if name.startswith("class") and "top_k" not in call["options"]:
            many = [best for (best,) in many]  # one text gives a list of one label, a list of texts a label for each
        assert_same(ask(call["inputs"], **call["options"]), many)


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("name", NAMES)
def test_an_auto_class_loads_it_and_it_is_saved_under_its_own_name(framework, name, tmp_path):
    head, kind = name.split("-", 1)
    auto, end = HEADS[head]
    prefix = "TF" if framework == "tf" else ""
    model = getattr(hfquick, prefix + auto).from_pretrained(FOLDER / name)
    own = STARTS[kind] + end
    assert type(model) is getattr(hfquick, prefix + own)
    assert type(model).__name__ == prefix + own
    assert type(model.config) is getattr(hfquick, f"{STARTS[kind]}Config")
    model.save_pretrained(tmp_path)
    saved, before = (json.loads((folder / "config.json").read_text()) for folder in (tmp_path, FOLDER / name))
    assert (saved["model_type"], saved["architectures"]) == (kind, [own])
    assert {key: saved[key] for key in ("pad_token_id", "bos_token_id", "eos_token_id", "vocab_size")} == {
        key: before[key] for key in ("pad_token_id", "bos_token_id", "eos_token_id", "vocab_size")
    }
    with pytest.raises(ValueError, match=f"is a '{kind}' model, RobertaConfig reads 'roberta'; try AutoConfig or Auto"):
        getattr(hfquick, f"{prefix}Roberta{end}").from_pretrained(tmp_path)


@pytest.mark.torch
def test_the_task_is_found_by_the_name_that_was_saved():
    for name, task in (("fill-camembert", "fill-mask"), ("qa-xlm-roberta", "question-answering")):
        assert hfquick.pipeline(model=str(FOLDER / name), framework="pt").task == task


@pytest.mark.torch
def test_a_head_they_do_not_have_is_a_sentence():
    with pytest.raises(
        ValueError, match="xlm-roberta models have no XLMRobertaForConditionalGeneration; for them there"
    ):
        hfquick.AutoModelForSeq2SeqLM.from_pretrained(FOLDER / "fill-xlm-roberta")
