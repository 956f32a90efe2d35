"""Text generation, summarization, translation: results of transformers 4.57.6, batches, conversations, errors."""

import json
from pathlib import Path

import pytest

import hfquick
from hfquick.pipelines.text2text import SummarizationPipeline, TranslationPipeline
from hfquick.pipelines.text_generation import TextGenerationPipeline

FOLDER = Path(__file__).parents[1] / "reference" / "pipelines"
FRAMEWORKS = [pytest.param("pt", marks=pytest.mark.torch), pytest.param("tf", marks=pytest.mark.tf)]
RECORDED = json.loads((FOLDER / "writing.json").read_text(encoding="utf-8"))
KINDS = {
    "text-generation": (TextGenerationPipeline, "AutoModelForCausalLM"),
    "summarization": (SummarizationPipeline, "AutoModelForSeq2SeqLM"),
    "translation": (TranslationPipeline, "AutoModelForSeq2SeqLM"),
}

_models: dict[tuple[str, str], tuple] = {}


def make(framework: str, name: str, task: str, **options):
    pipeline, head = KINDS["translation" if task.startswith("translation") else task]
    if (framework, name) not in _models:
        model = getattr(hfquick, head if framework == "pt" else f"TF{head}").from_pretrained(FOLDER / name)
        _models[framework, name] = model, hfquick.AutoTokenizer.from_pretrained(FOLDER / name)
    return pipeline(task, *_models[framework, name], framework=framework, **options)


@pytest.fixture(params=FRAMEWORKS)
def writer(request):
    return make(request.param, "write-gpt2", "text-generation")


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize(
    "call", RECORDED["results"], ids=lambda call: f"{call['model']} {call['task']} {call['options']}"
)
def test_results_are_those_of_transformers(framework, call, capsys):
    pipe = make(framework, call["model"], call["task"])
    assert pipe(RECORDED["texts"][0], **call["options"]) == call["one"]
    assert pipe(RECORDED["texts"], **call["options"]) == call["many"]


def test_a_batch_gives_what_each_prompt_gives(writer):
    texts = RECORDED["texts"]
    assert writer(texts, max_new_tokens=6) == [writer(text, max_new_tokens=6) for text in texts]
    assert writer(texts, max_new_tokens=6, batch_size=2) == writer(texts, max_new_tokens=6, batch_size=1)


def test_the_same_seed_draws_the_same_text(writer):
    options = {"do_sample": True, "max_new_tokens": 12}
    one, same, other = (writer("We are here", seed=seed, **options) for seed in (1, 1, 2))
    assert one == same
    assert one != other


@pytest.mark.torch
def test_options_of_the_pipeline_come_before_those_of_the_model_and_after_those_of_the_call():
    plain = make("pt", "write-gpt2", "text-generation")
    pipe = make("pt", "write-gpt2", "text-generation", max_new_tokens=3)
    assert "max_length" not in pipe.generate_kwargs  # the model's 30 would contradict it
    assert pipe("We are here") == plain("We are here", max_new_tokens=3) != plain("We are here")
    assert pipe("We are here", max_length=9) == plain("We are here", max_new_tokens=4)


@pytest.mark.torch
def test_a_length_of_the_call_counts_before_the_other_length_of_the_model(capsys, monkeypatch):
    pipe = make("pt", "write-gpt2", "text-generation")
    short = pipe("We are here", max_new_tokens=4)
    monkeypatch.setattr(pipe.model.generation_config, "max_new_tokens", 7)
    of_model = make("pt", "write-gpt2", "text-generation")
    assert of_model("We are here", max_length=9) == short
    assert make("pt", "write-gpt2", "text-generation", max_length=9)("We are here") == short
    assert capsys.readouterr().out == ""


@pytest.mark.torch
def test_a_task_of_the_model_has_options_of_its_own():
    pipe = make("pt", "say-t5", "translation_en_to_fr")
    assert (
        pipe.generate_kwargs["max_length"],
        pipe.generate_kwargs["num_beams"],
        pipe.generate_kwargs["early_stopping"],
    ) == (19, 4, True)
    assert pipe("We are here") == pipe("We are here", max_new_tokens=18)


def test_a_text_from_nothing(writer):
    [result] = writer("", max_new_tokens=4)
    assert result["generated_text"]


@pytest.mark.parametrize("text", ["   ", "🤗", "مرحبا بالعالم", "\ud83e cut", "a\x00b"])
@pytest.mark.parametrize("name", ["write-gpt2", "say-t5"])
@pytest.mark.torch
def test_odd_texts_give_a_result(name, text):
    pipe = make("pt", name, "text-generation" if "gpt2" in name else "translation")
    [result] = pipe(text, max_new_tokens=4)
    assert isinstance(next(iter(result.values())), str)


@pytest.mark.torch
@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"max_new_token": 3}, TypeError, "no argument 'max_new_token'; did you mean 'max_new_tokens'"),
        ({"max_new_tokens": 0}, ValueError, "max_new_tokens is 0"),
        ({"do_sample": True, "temperature": 0.0}, ValueError, "temperature is 0.0, expected a number above 0"),
        ({"max_length": 2}, ValueError, "max_length is 2, but the prompt alone has"),
        ({"num_return_sequences": 2, "do_sample": False}, ValueError, "only 1 different texts"),
    ],
)
def test_options_that_cannot_be(options, error, sentence):
    with pytest.raises(error, match=sentence):
        make("pt", "write-gpt2", "text-generation")("We are here", **options)


@pytest.mark.torch
def test_what_a_file_says_of_chance_or_beams_is_no_news_to_a_call_without_them(capsys):
    pipe = make("pt", "write-gpt2", "text-generation")
    greedy = pipe("We are here", do_sample=False)
    assert capsys.readouterr().out == ""
    assert pipe("We are here", do_sample=False, temperature=0.3) == greedy
    assert capsys.readouterr().out == "generate: temperature left aside without do_sample=True\n"
    translator = make("pt", "say-t5", "translation_en_to_fr")
    assert translator.generate_kwargs["early_stopping"] is True
    translator("We are here", num_beams=1)
    assert capsys.readouterr().out == ""


@pytest.mark.torch
def test_a_prompt_that_is_too_long():
    pipe = make("pt", "write-gpt2", "text-generation")
    with pytest.raises(ValueError, match=r"the text has \d+ tokens, the model reads at most 64; try truncation=True"):
        pipe("We are here " * 30)


@pytest.mark.torch
def test_a_pair_of_languages_that_the_model_does_not_know():
    with pytest.raises(ValueError, match="does not translate from en to de; it knows translation_en_to_fr"):
        make("pt", "say-t5", "translation_en_to_de")
    assert make("pt", "say-t5", "translation").prefix == "translate English to French: "


@pytest.mark.torch
def test_what_is_drawn():
    pipe = make("pt", "write-gpt2", "text-generation")
    html = pipe("<b>We</b>", max_new_tokens=4)._repr_html_()
    assert "&lt;b&gt;We&lt;/b&gt;<mark" in html
    said = make("pt", "say-t5", "translation")(["We <i>are</i>", "here"], max_new_tokens=4)
    assert "We &lt;i&gt;are&lt;/i&gt;" in said._repr_html_()
    assert repr(said).startswith("[{'translation_text': ")
    alone = make("pt", "say-t5", "translation")("We are here", max_new_tokens=4)
    assert ">We are here<" in alone._repr_html_()  # as it was given, without the prefix


CHATML = (
    "{% for message in messages %}<|{{ message.role }}|>{{ message['content'] }}{{ eos_token }}\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
TALK = [
    {"role": "user", "content": "We are <here>"},
    {"role": "assistant", "content": "a"},
    {"role": "user", "content": "is"},
]


@pytest.mark.torch
def test_a_conversation_gets_an_answer_as_its_last_message():
    pipe = make("pt", "write-gpt2", "text-generation")
    with pytest.raises(ValueError, match="no chat template: its model was trained on no conversations"):
        pipe(TALK)
    pipe.tokenizer = hfquick.AutoTokenizer.from_pretrained(FOLDER / "write-gpt2")
    pipe.tokenizer.chat_template = CHATML
    text = "<|user|>We are <here><|endoftext|>\n<|assistant|>a<|endoftext|>\n<|user|>is<|endoftext|>\n"
    assert pipe.tokenizer.apply_chat_template(TALK, tokenize=False) == text
    [result] = pipe(TALK, max_new_tokens=4)
    assert result["generated_text"][:-1] == TALK
    assert result["generated_text"][-1]["role"] == "assistant"
    [alone] = pipe(TALK, max_new_tokens=4, return_full_text=False)
    assert alone["generated_text"] == result["generated_text"][-1]["content"]
    assert pipe([TALK, TALK[:1]], max_new_tokens=4)[0] == [result]


@pytest.mark.torch
@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ("{{ raise_exception('roles must alternate') }}", "cannot be used here: roles must alternate"),
        ("{% for %}", "cannot be used here"),
        ("{{ ''.__class__.__mro__ }}", "cannot be used here: access to attribute '__class__'"),
    ],
)
def test_a_template_is_somebody_elses_program(template, sentence):
    tokenizer = hfquick.AutoTokenizer.from_pretrained(FOLDER / "write-gpt2")
    tokenizer.chat_template = template
    with pytest.raises(ValueError, match=sentence):
        tokenizer.apply_chat_template(TALK)


def test_a_template_in_a_file_of_its_own(tmp_path):
    tokenizer = hfquick.AutoTokenizer.from_pretrained(FOLDER / "write-gpt2")
    tokenizer.save_pretrained(tmp_path)
    (tmp_path / "chat_template.jinja").write_text(CHATML, encoding="utf-8")
    again = hfquick.AutoTokenizer.from_pretrained(tmp_path)
    assert again.chat_template == CHATML
    again.save_pretrained(tmp_path / "saved")
    assert hfquick.AutoTokenizer.from_pretrained(tmp_path / "saved").chat_template == CHATML
