"""Arguments that courses and older scripts give to pipelines: accepted where they mean the same, else led on."""

import json
import re
from functools import cache
from pathlib import Path

import pytest

import hfquick
from hfquick import TextStreamer, pipeline
from hfquick.pipelines.fill_mask import FillMaskPipeline
from hfquick.pipelines.question_answering import QuestionAnsweringPipeline
from hfquick.pipelines.text_classification import TextClassificationPipeline
from hfquick.pipelines.token_classification import TokenClassificationPipeline
from tests.helpers.fake_model import fake_pipeline
from tests.pipelines.test_generation_pipelines import make

REFERENCE = Path(__file__).parents[1] / "reference"
FOLDER = REFERENCE / "pipelines"
FRAMEWORKS = [pytest.param("pt", marks=pytest.mark.torch), pytest.param("tf", marks=pytest.mark.tf)]
NAMES = json.loads((REFERENCE / "names.json").read_text(encoding="utf-8"))
READERS = {  # task -> class, model, an input
    "text-classification": (TextClassificationPipeline, "three-labels", "We are here"),
    "token-classification": (TokenClassificationPipeline, "ner-bert", "Ada wrote it in London."),
    "question-answering": (QuestionAnsweringPipeline, "qa-bert", {"question": "Who?", "context": "Ada wrote it."}),
    "fill-mask": (FillMaskPipeline, "fill-bert", "The [MASK] is in Paris"),
}
WRITERS = {"text-generation": "write-gpt2", "summarization": "say-bart", "translation": "say-t5"}
MORE = ["padding", "num_workers", "batch_size", "return_tensors", "tokenizer_kwargs", "torch_dtype", "use_auth_token",
        "topk", "max_length", "truncation", "text", "texts", "stride"]  # fmt: skip
OF_WRITERS = ["streamer", "stop_sequence", "stopping_criteria", "logits_processor", "assistant_model", "use_cache",
              "src_lang", "forward_params", "min_length", "max_new_tokens"]  # fmt: skip


@cache
def reader(task: str):
    kind, model, _given = READERS[task]
    return fake_pipeline(kind, task, FOLDER / model)


def check_led_on(pipe, name: str) -> None:
    """A name of elsewhere is an option here, or its error says what does it."""
    if name in pipe.settings.options() or name in hfquick.GenerationConfig.fields():
        return
    with pytest.raises(TypeError) as caught:
        pipe._settings({name: object()})
    assert re.match(
        rf"{pipe.task} (has no argument '{name}'|does not take {name}=.*); (?!it has|did you mean)", str(caught.value)
    ), caught.value


@pytest.mark.parametrize("task", READERS)
def test_no_name_of_transformers_is_left_without_a_word(task):
    for name in {*NAMES["pipelines"][task], *NAMES["pipeline"], *MORE} - {"stride"}:
        check_led_on(reader(task), name)


@pytest.mark.torch
@pytest.mark.parametrize("task", WRITERS)
def test_no_name_of_transformers_is_left_without_a_word_where_texts_are_generated(task):
    pipe = make("pt", WRITERS[task], task)
    names = {*NAMES["pipelines"][task], *NAMES["pipeline"], *NAMES["generate"], *MORE, *OF_WRITERS}
    names -= {"stride", "generation_config"}  # the second is accepted
    for name in names if task == "translation" else names - {"src_lang"}:
        check_led_on(pipe, name)


@pytest.mark.parametrize(
    ("task", "options"),
    [
        *(
            (task, options)
            for task in READERS
            for options in (
                {"padding": True},
                {"padding": "max_length"},
                {"padding": False},
                {"num_workers": 0},
                {"binary_output": False},
                {"feature_extractor": None, "image_processor": None, "modelcard": None, "processor": None},
                {"return_tensors": None},
            )
        ),
        ("text-classification", {"return_all_scores": False}),
        ("text-classification", {"truncation": "only_first", "max_length": 500}),
        ("token-classification", {"grouped_entities": False, "ignore_subwords": None}),
        ("token-classification", {"truncation": True, "max_length": 500}),
        ("question-answering", {"truncation": True}),
        ("fill-mask", {"truncation": True, "max_length": 500}),
    ],
)
def test_what_means_the_same_is_accepted(task, options):
    pipe, given = reader(task), READERS[task][2]
    assert pipe(given, **options) == pipe(given)


@pytest.mark.parametrize(
    ("task", "options", "advice"),
    [
        ("text-classification", {"return_all_scores": True}, {"top_k": None}),
        ("text-classification", {"tokenizer_kwargs": {}}, {"truncation": True, "max_length": 128}),
        ("token-classification", {"grouped_entities": True}, {"aggregation_strategy": "simple"}),
        ("token-classification", {"ignore_subwords": True}, {"aggregation_strategy": "first"}),
    ],
)
def test_an_advice_can_be_followed(task, options, advice):
    with pytest.raises(TypeError) as caught:
        reader(task)("We are here", **options)
    code = ", ".join(f"{name}={value!r}" for name, value in advice.items())
    assert f"it is {code}" in str(caught.value)
    reader(task)(READERS[task][2], **advice)


@pytest.mark.parametrize("task", ["text-classification", "token-classification", "fill-mask"])
def test_a_text_is_cut_at_max_length(task, capsys):
    pipe, given = reader(task), READERS[task][2]
    for options in ({"max_length": 5}, {"max_length": 5, "truncation": True}):
        [[piece]] = pipe.preprocess([f"{given} etc."], pipe._settings(options))
        assert len(piece.features["input_ids"]) == 5
    assert capsys.readouterr().out == ""
    [[piece]] = pipe.preprocess(["[MASK] " + "we are " * 300], pipe._settings({"max_length": 5000}))
    assert len(piece.features["input_ids"]) == pipe.most_tokens  # no model takes more than it has positions for
    with pytest.raises(ValueError, match="max_length is 0, expected a whole number from 1 on or None"):
        pipe(given, max_length=0)


def test_entities_of_a_long_text_that_must_not_be_cut(capsys):
    pipe, long = reader("token-classification"), "we are " * 300
    with pytest.raises(ValueError, match="tokens, the model reads at most 64; try truncation=True"):
        pipe(long, truncation=False)
    assert capsys.readouterr().out == ""
    pipe(long, truncation=True)
    assert capsys.readouterr().out == ""
    pipe(long)
    assert "its end is not read" in capsys.readouterr().out


def test_an_input_that_is_named(monkeypatch):
    with pytest.raises(TypeError, match=r"has no argument 'text'; give it first and without a name: pipe\(text\)"):
        reader("text-classification")(text="We are here")
    with pytest.raises(
        TypeError, match=r"takes a text, or a pair .*, or a list, dataset or generator of them; got NoneT"
    ):
        reader("text-classification")()


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("task", WRITERS)
def test_a_streamer_is_given_the_tokens_of_one_text(framework, task, capsys):
    pipe = make(framework, WRITERS[task], task)
    options = {"num_beams": 1, "max_new_tokens": 5, "do_sample": False}
    [expected] = pipe("We are here", **options)
    streamer = TextStreamer(pipe.tokenizer, skip_prompt=pipe.decoder_only, skip_special_tokens=True)
    assert pipe("We are here", streamer=streamer, **options) == [expected]
    shown, [text] = "".join(capsys.readouterr().out.split()), expected.values()
    assert shown
    assert "".join(text.split()).endswith(shown)
    with pytest.raises(ValueError, match="a streamer was given for 2 texts, it shows one; give one prompt"):
        pipe(["We are here", "no"], streamer=streamer, **options)
    with pytest.raises(TypeError, match=r"streamer is a int, expected an object with put and end; try TextStreamer"):
        pipe("We are here", streamer=3, **options)


@pytest.mark.torch
def test_a_prompt_by_its_name_in_transformers():
    pipe = make("pt", "write-gpt2", "text-generation")
    options = {"do_sample": False, "max_new_tokens": 4}
    assert pipe(text_inputs="We are here", **options) == pipe("We are here", **options)


@pytest.mark.torch
def test_options_of_generate_as_one_object():
    pipe = make("pt", "write-gpt2", "text-generation")
    config = hfquick.GenerationConfig(do_sample=False, max_new_tokens=4)
    expected = pipe("We are here", do_sample=False, max_new_tokens=4)
    assert pipe("We are here", generation_config=config) == expected
    assert make("pt", "write-gpt2", "text-generation", generation_config=config)("We are here") == expected
    assert pipe("We are here", generation_config=config, max_length=8) == pipe(
        "We are here", do_sample=False, max_length=8
    )
    with pytest.raises(TypeError, match="generation_config is a dict, expected a GenerationConfig"):
        pipe("We are here", generation_config={"max_new_tokens": 4})


@pytest.mark.torch
def test_a_prompt_that_is_cut_leaves_room_for_what_is_to_come():
    pipe = make("pt", "write-gpt2", "text-generation")
    long = "we are " * 300
    assert pipe(long, truncation=True, max_new_tokens=5, do_sample=False)
    assert pipe([{"role": "user", "content": long}] if pipe.tokenizer.chat_template else long, truncation=True,
                max_new_tokens=5)  # fmt: skip


@pytest.mark.torch
def test_how_a_pipeline_is_made(capsys):
    folder, text = FOLDER / "three-labels", "We are here"
    plain = pipeline("text-classification", model=folder, framework="pt", device=-1)
    for options in (
        {"device_map": "cpu"},
        {"device_map": {"": "cpu"}},
        {"device": "cpu", "device_map": None},
        {"use_fast": True},
        {"model_kwargs": {"ignore_mismatched_sizes": False, "torch_dtype": "float32"}},
        {"config": folder},
        {"config": hfquick.AutoConfig.from_pretrained(folder)},
        {"feature_extractor": None, "binary_output": False, "num_workers": 0, "padding": True},
    ):
        assert pipeline("text-classification", model=folder, framework="pt", **options)(text) == plain(text)
    assert pipeline("text-classification", model=folder, framework="pt", device_map="auto")(text)
    half = pipeline("text-classification", model=folder, framework="pt", model_kwargs={"torch_dtype": "bfloat16"})
    assert str(half.model.dtype) == "torch.bfloat16"
    for options, error, said in (
        ({"device_map": "balanced"}, ValueError, "device_map='balanced' spreads a model over several devices"),
        (
            {"device_map": "cpu", "device": "cpu"},
            ValueError,
            "device and device_map were given, two names of one thing",
        ),
        ({"use_fast": False}, ValueError, "use_fast=False asks for a tokenizer in Python"),
        ({"pipeline_class": object}, TypeError, "call the class itself with task, model, tokenizer"),
        ({"image_processor": 3}, TypeError, "text-classification reads no pictures, and takes no image_processor"),
    ):
        with pytest.raises(error, match=said):
            pipeline("text-classification", model=folder, framework="pt", **options)
    with pytest.raises(ValueError, match="config and model_kwargs are for a model that is loaded here"):
        pipeline("text-classification", plain.model, plain.tokenizer, model_kwargs={"num_labels": 3})
