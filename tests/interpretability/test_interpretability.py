"""Token probabilities, cross-attention maps, names of tokens, their pictures, errors in sentences."""

import copy
import json
import pickle
import re
from pathlib import Path

import numpy as np
import pytest

import hfquick
from hfquick import cross_attention_map, token_probabilities
from hfquick.display import CrossAlignment, TokenProbabilities, alignment
from hfquick.display.tokens import label, labels, piece
from hfquick.i18n import set_language
from hfquick.pipelines.text2text import SummarizationPipeline, TranslationPipeline
from hfquick.pipelines.text_classification import TextClassificationPipeline
from hfquick.pipelines.text_generation import TextGenerationPipeline
from tests.display.test_display import Reader

FOLDER = Path(__file__).parents[1] / "reference" / "pipelines"
FRAMEWORKS = [pytest.param("pt", marks=pytest.mark.torch), pytest.param("tf", marks=pytest.mark.tf)]
KINDS = {
    "write-gpt2": (TextGenerationPipeline, "text-generation", "AutoModelForCausalLM"),
    "say-t5": (TranslationPipeline, "translation", "AutoModelForSeq2SeqLM"),
    "say-bart": (SummarizationPipeline, "summarization", "AutoModelForSeq2SeqLM"),
    "three-labels": (TextClassificationPipeline, "text-classification", "AutoModelForSequenceClassification"),
}
TEXT = "We are here"

_pipelines: dict[tuple[str, str], hfquick.pipelines.Pipeline] = {}


def make(framework: str, name: str):
    if (framework, name) not in _pipelines:
        pipeline, task, head = KINDS[name]
        model = getattr(hfquick, head if framework == "pt" else f"TF{head}").from_pretrained(FOLDER / name)
        tokenizer = hfquick.AutoTokenizer.from_pretrained(FOLDER / name)
        _pipelines[framework, name] = pipeline(task, model, tokenizer, framework=framework)
    return _pipelines[framework, name]


# What is measured.


def by_hand(pipe, ids: list[int], decoder_ids: list[int] | None = None) -> np.ndarray:
    """The softmax of the model's own logits, in one call: (T, V)."""
    inputs = {"input_ids": ids} if decoder_ids is None else {"input_ids": ids, "decoder_input_ids": decoder_ids}
    if pipe.framework == "pt":
        import torch

        with torch.no_grad():
            logits = pipe.model(**{name: torch.tensor([row]) for name, row in inputs.items()}).logits[0].numpy()
    else:
        import tensorflow as tf

        logits = pipe.model(**{name: tf.constant([row]) for name, row in inputs.items()}).logits[0].numpy()
    weights = np.exp(logits.astype(np.float64))
    return weights / weights.sum(-1, keepdims=True)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_probabilities_are_the_softmax_of_the_logits(framework):
    pipe = make(framework, "write-gpt2")
    found = token_probabilities(pipe, TEXT, max_new_tokens=5, top=3)
    read, output = pipe.generate_one(TEXT, do_sample=False, max_new_tokens=5)
    prompt, ids = len(read.features["input_ids"]), pipe.array(output.sequences)[0].tolist()
    expected = by_hand(pipe, ids)[prompt - 1 : -1]
    assert found.prompt == TEXT
    assert found.pieces == [piece(pipe.tokenizer, token) for token in ids[prompt:]]
    for row, token, probabilities in zip(found, ids[prompt:], expected, strict=True):
        order = np.argsort(-probabilities)
        assert token == order[0]  # greedy
        assert row["probability"] == pytest.approx(probabilities[token], abs=1e-5)
        assert [probability for _, probability in row["alternatives"]] == pytest.approx(
            probabilities[order[1:4]], abs=1e-5
        )


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_probabilities_of_a_translation(framework):
    pipe = make(framework, "say-t5")
    found = token_probabilities(pipe, TEXT, max_new_tokens=4)
    read, output = pipe.generate_one(TEXT, num_beams=1, early_stopping=False, max_new_tokens=4)
    written = pipe.array(output.sequences)[0].tolist()
    expected = by_hand(pipe, read.features["input_ids"], written[:-1])
    assert [row["probability"] for row in found] == pytest.approx(
        [probabilities[token] for probabilities, token in zip(expected, written[1:], strict=True)], abs=1e-5
    )
    assert found.pieces == [piece(pipe.tokenizer, token) for token in written[1:]]
    assert found.prompt == ""


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_sampled_token_has_the_probability_it_was_sampled_with(framework):
    pipe = make(framework, "write-gpt2")
    options = {"do_sample": True, "seed": 5, "max_new_tokens": 6, "top_k": 3, "temperature": 2.0}
    found = token_probabilities(pipe, TEXT, **options)
    _, output = pipe.generate_one(TEXT, **options)
    assert found.pieces == [piece(pipe.tokenizer, int(token)) for token in pipe.array(output.sequences)[0, -6:]]
    for row in found:
        probabilities = [row["probability"], *(probability for _, probability in row["alternatives"])]
        assert len(probabilities) == 3  # all others cannot be sampled
        assert sum(probabilities) == pytest.approx(1)


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("name", ["say-t5", "say-bart"])
def test_the_alignment_is_the_mean_of_the_heads(framework, name):
    pipe = make(framework, name)
    found = cross_attention_map(pipe, TEXT, max_new_tokens=6)
    read, output = pipe.generate_one(TEXT, max_new_tokens=6)
    written = pipe.array(output.sequences)
    maps = pipe.cross_attentions(read, written)
    assert len(maps) == 2
    np.testing.assert_allclose(found.weights, maps[1].mean(0))
    np.testing.assert_allclose(cross_attention_map(pipe, TEXT, max_new_tokens=6, layer=0).weights, maps[0].mean(0))
    assert found.weights.dtype == np.float32
    assert found.weights.shape == (len(found.target), len(found.source))
    assert (len(found.target), len(found.source)) == (written.shape[1] - 1, len(read.features["input_ids"]))
    np.testing.assert_allclose(found.weights.sum(1), 1, atol=1e-5)


def test_the_older_name_is_the_same_function():
    assert hfquick.cross_alignment is hfquick.cross_attention_map


@pytest.mark.torch
def test_the_text_that_is_aligned_is_that_of_the_pipeline():
    pipe = make("pt", "say-t5")
    _, output = pipe.generate_one(TEXT, max_new_tokens=6)
    text = pipe.tokenizer.decode(pipe.array(output.sequences)[0], skip_special_tokens=True)
    assert pipe(TEXT, max_new_tokens=6) == [{"translation_text": text}]


@pytest.mark.torch
@pytest.mark.tf
def test_both_frameworks_see_the_same():
    for name, options in (("write-gpt2", {"max_new_tokens": 6}), ("say-t5", {}), ("say-bart", {})):
        one, other = (token_probabilities(make(framework, name), TEXT, **options) for framework in ("pt", "tf"))
        assert one.pieces == other.pieces
        assert [row["token"] for row in one] == [row["token"] for row in other]
        assert [row["probability"] for row in one] == pytest.approx([row["probability"] for row in other], abs=1e-4)
    for name in ("say-t5", "say-bart"):
        one, other = (cross_attention_map(make(framework, name), TEXT, num_beams=1) for framework in ("pt", "tf"))
        assert (one.source, one.target) == (other.source, other.target)
        np.testing.assert_allclose(one.weights, other.weights, atol=1e-4)


@pytest.mark.torch
def test_options_of_other_decoding_strategies_say_nothing(capsys):
    pipe = make("pt", "say-t5")
    assert (pipe.generate_kwargs["num_beams"], pipe.generate_kwargs["early_stopping"]) == (
        4,
        True,
    )  # of the model, not of the call
    token_probabilities(pipe, TEXT, max_new_tokens=2)
    assert capsys.readouterr().out == ""
    token_probabilities(make("pt", "write-gpt2"), TEXT, max_new_tokens=2, temperature=0.5)
    assert "temperature left aside without do_sample=True" in capsys.readouterr().out


@pytest.mark.torch
def test_a_pipeline_that_generates_several_texts_shows_its_best():
    one = make("pt", "say-t5")
    several = TranslationPipeline("translation", one.model, one.tokenizer, num_return_sequences=3)
    assert len(several(TEXT, max_new_tokens=6)) == 3
    assert repr(cross_attention_map(several, TEXT, max_new_tokens=6)) == repr(
        cross_attention_map(one, TEXT, max_new_tokens=6)
    )
    assert token_probabilities(several, TEXT, max_new_tokens=6) == token_probabilities(one, TEXT, max_new_tokens=6)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_16_bit_floats_become_float32(framework):
    pipe = make(framework, "say-t5")
    module = pytest.importorskip("torch" if framework == "pt" else "tensorflow")
    array = pipe.array(module.ones((2,), dtype=module.bfloat16))
    assert array.dtype == np.float32
    assert array.tolist() == [1, 1]


@pytest.mark.torch
def test_a_text_from_nothing_and_a_conversation():
    pipe = make("pt", "write-gpt2")
    found = token_probabilities(pipe, "", max_new_tokens=2)
    assert len(found) == 2
    assert found.prompt == ""
    with pytest.raises(ValueError, match="no chat template"):
        token_probabilities(pipe, [{"role": "user", "content": TEXT}])


# Errors.


@pytest.mark.torch
@pytest.mark.parametrize(
    ("name", "text", "options", "error", "sentence"),
    [
        ("three-labels", TEXT, {}, TypeError, "pipeline('text-generation'), got a TextClassificationPipeline"),
        (None, TEXT, {}, TypeError, "pipeline('text-generation'), got a str"),
        ("write-gpt2", [TEXT, TEXT], {}, TypeError, "one text, got a list of 2; try [token_probabilities(pipe, text)"),
        ("write-gpt2", 3, {}, TypeError, "token_probabilities takes one text, got int"),
        ("write-gpt2", TEXT, {"top": 0}, ValueError, "top is 0, expected a whole number from 1 on"),
        ("write-gpt2", TEXT, {"num_beams": 4}, ValueError, "num_beams is 4, but token_probabilities follows one text"),
        ("say-t5", TEXT, {"num_return_sequences": 2}, ValueError, "num_return_sequences is 2, but token_probabilities"),
        ("write-gpt2", TEXT, {"max_token": 2}, TypeError, "no argument 'max_token'; did you mean"),
    ],
)
def test_probabilities_that_cannot_be(name, text, options, error, sentence):
    with pytest.raises(error, match=re.escape(sentence)):
        token_probabilities(make("pt", name) if name else "gpt2", text, **options)


@pytest.mark.torch
@pytest.mark.parametrize(
    ("name", "text", "options", "error", "sentence"),
    [
        ("three-labels", TEXT, {}, TypeError, "pipeline('translation'), got a TextClassificationPipeline"),
        ("write-gpt2", TEXT, {}, TypeError, "GPT2LMHeadModel has no encoder; try pipeline('translation') or"),
        (
            "say-t5",
            [TEXT],
            {},
            TypeError,
            "one text, got a list of 1; try [cross_attention_map(pipe, text) for text in",
        ),
        ("say-t5", "", {}, ValueError, "the text is empty, so there is nothing to look at; give some words"),
        ("say-t5", " \n", {}, ValueError, "the text is empty"),
        ("say-t5", TEXT, {"layer": 2}, ValueError, "layer is 2, but the decoder has 2, from 0 to 1; -1 is the last"),
        ("say-t5", TEXT, {"layer": -3}, ValueError, "layer is -3"),
        ("say-t5", TEXT, {"layer": "last"}, ValueError, "layer is 'last'"),
        ("say-t5", TEXT, {"num_return_sequences": 2}, ValueError, "num_return_sequences is 2, but cross_attention_map"),
    ],
)
def test_alignments_that_cannot_be(name, text, options, error, sentence):
    with pytest.raises(error, match=re.escape(sentence)):
        cross_attention_map(make("pt", name), text, **options)


# Names of tokens.


@pytest.mark.parametrize(
    ("text", "before", "name"),
    [
        (" chat", "Le", "chat"),
        ("s", " chat", "+s"),
        ("Le", "", "Le"),
        ("Le", "\n", "Le"),
        ("eau", "l'", "eau"),
        (",", " chat", ","),
        ("  ", "a", "␣␣"),
        ("\n", "a", "\\n"),
        ("\u202e", "a", "\\u202e"),
        ("\ud83e", "a", "\\ud83e"),
        ("字", "漢", "字"),
        ("ة", "مدين", "+ة"),
        ("🤗", "a", "🤗"),
        ("\xa0;", "a", "\\xa0;"),
    ],
)
def test_the_name_of_a_piece(text, before, name):
    assert label(text, before) == name


@pytest.mark.parametrize(
    ("name", "text"), [("write-gpt2", "is é 🤗"), ("say-t5", "is 漢 here"), ("ner-bert", "paris is unhere")]
)
def test_pieces_together_are_the_text(name, text):
    tokenizer = hfquick.AutoTokenizer.from_pretrained(FOLDER / name)
    ids = tokenizer(text, add_special_tokens=False).input_ids
    pieces = [piece(tokenizer, token) for token in ids]
    together = "".join(pieces).encode().decode("unicode_escape").encode("latin-1").decode()
    assert together.strip() == text
    assert not [one for one in labels(pieces) if re.search("[Ġ▁�]|##", one)]
    assert piece(tokenizer, 10**6) == "[1000000]"
    special = tokenizer.all_special_tokens[0]
    assert piece(tokenizer, tokenizer.convert_tokens_to_ids(special)) == special


# Pictures.

ROWS = [
    {"token": "chat", "probability": 0.5234, "alternatives": [("chien", 0.2121), ("lit", 0.08)]},
    {"token": "+s", "probability": 0.25, "alternatives": []},
    {"token": "\\n", "probability": 1.0, "alternatives": [(",", 0.0)]},
]
TOLD = TokenProbabilities(ROWS, "Le", [" chat", "s", "\n"])
ALIGNED = CrossAlignment(
    ["cat", "+s", "</s>"], ["chat", "</s>"], np.array([[0.71, 0.2, 0.09], [0.01, 0.01, 0.98]], np.float32)
)


def test_probabilities_as_lines_and_as_a_picture():
    assert repr(TOLD) == "chat  0.52  chien 0.21 · lit 0.08\n+s    0.25\n\\n    1.00  , 0.00"
    reader = Reader(TOLD._repr_html_())
    assert reader.text.startswith("Le chats\\n\n")
    assert reader.cells[0] == ["token", "probability", "alternatives"]
    assert reader.cells[1] == ["chat", "0.5234", "", "chien 0.21 · lit 0.08"]
    titles = [attributes["title"] for tag, attributes in reader.tags if tag == "span" and "title" in attributes]
    assert titles[0] == "chat 0.52\nchien 0.21 · lit 0.08"
    many = TokenProbabilities(ROWS[:1] * 60, "", [" chat"] * 60)
    assert Reader(many._repr_html_()).text.startswith("chat chat")
    assert Reader(many._repr_html_()).cells[-1] == ["… + 10"]


def test_probabilities_are_plain_data_and_drawn_the_same_again():
    assert json.loads(json.dumps(TOLD))[1] == ROWS[1]
    for again in (pickle.loads(pickle.dumps(TOLD)), copy.deepcopy(TOLD)):
        assert type(again) is TokenProbabilities
        assert again == ROWS
        assert again._repr_html_() == TOLD._repr_html_()


@pytest.mark.parametrize(
    "value", [[], ROWS[:2], ["chat"] * 3, [{**ROWS[0], "alternatives": ["a"]}] * 3, [{**ROWS[0], "token": 3}] * 3]
)
def test_rows_that_do_not_fit_their_text_are_left_to_their_repr(value):
    changed = TokenProbabilities(value, "Le", TOLD.pieces)
    assert changed._repr_html_() is None
    assert repr(changed)


def test_an_alignment_as_lines_and_as_a_picture():
    assert repr(ALIGNED) == "chat <- cat 0.71\n</s> <- </s> 0.98"
    reader = Reader(ALIGNED._repr_html_())
    assert reader.text.startswith("rows: generated tokens; columns: source tokens")
    assert reader.cells == [["", "cat", "+s", "</s>"], ["chat", "0.71", "0.20", ""], ["</s>", "", "", "0.98"]]


def test_a_row_has_a_number_however_even_it_is():
    even = CrossAlignment(["a"] * 20, ["b"], np.full((1, 20), 0.05, np.float32))
    assert "0.05" in Reader(even._repr_html_()).text
    assert "vertical-rl" in even._repr_html_()


def test_a_large_alignment_is_cut():
    T, S = alignment.MOST_TARGET + 2, alignment.MOST_SOURCE + 3
    cells = Reader(CrossAlignment(["a"] * S, ["b"] * T, np.full((T, S), 1 / S))._repr_html_()).cells
    assert cells[0][-1] == "… + 3"
    assert cells[-1] == ["… + 2"]


@pytest.mark.parametrize(
    "value",
    ["<script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "a & b", "$x$", "مرحبا", "🤗", "a\x00 \ud83d"],
)
def test_tokens_are_data(value):
    told = TokenProbabilities([{"token": value, "probability": 0.5, "alternatives": [(value, 0.5)]}], value, [value])
    for html in (told._repr_html_(), CrossAlignment([value], [value], np.ones((1, 1)))._repr_html_()):
        reader = Reader(html)
        html.encode()  # fits into a notebook file
        assert value.replace("\x00", "␀").replace("\ud83d", "?") in reader.text
        assert not {"script", "img"} & {tag for tag, _attributes in reader.tags}
        assert not [name for _tag, attributes in reader.tags for name in attributes if name.startswith("on")]
        assert 'dir="auto"' in html
        assert not re.search(r"https?:|url\(|src=x[^\"]*\">|<style|class=", html.replace("&quot;", ""))


@pytest.mark.torch
@pytest.mark.parametrize("text", ['<b>We</b> & "they"', "مرحبا", "🤗", "\ud83e cut", "a\x00b"])
def test_odd_texts_have_a_picture(text):
    found = token_probabilities(make("pt", "write-gpt2"), text, max_new_tokens=3)
    assert "<b>" not in found._repr_html_()
    assert len(repr(found).splitlines()) == 3
    for name in ("say-t5", "say-bart"):
        aligned = cross_attention_map(make("pt", name), text, max_new_tokens=3)
        assert "<b>" not in aligned._repr_html_()
        np.testing.assert_allclose(aligned.weights.sum(1), 1, atol=1e-5)


def test_heads_are_in_the_readers_language():
    try:
        set_language("fr")
        assert Reader(TOLD._repr_html_()).cells[0] == ["token", "probabilité", "autres possibilités"]
        assert "lignes : tokens générés" in Reader(ALIGNED._repr_html_()).text
    finally:
        set_language(None)
