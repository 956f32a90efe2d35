"""Options and prompts that cannot be meant: a sentence, or one line that says what was left aside."""

import json

import numpy as np
import pytest

import hfquick
from hfquick.generation.configuration import GenerationConfig
from tests.generation.cases import BART, GPT2, Case
from tests.helpers.generation import keras_model, torch_model

PROMPT = np.array([[21, 33, 47, 25, 38]])
GREEDY = Case("errors", GPT2, {})
READS = Case("errors", BART, {})

OPTIONS = [
    ({"max_new_token": 5}, "GenerationConfig has no argument 'max_new_token'; did you mean 'max_new_tokens'"),
    ({"max_new_tokens": 0}, "max_new_tokens is 0, expected a whole number from 1 on"),
    ({"max_new_tokens": "5"}, "max_new_tokens is '5', expected a whole number from 1 on or None"),
    ({"do_sample": 1}, "do_sample is 1, expected True or False"),
    ({"num_beams": 0}, "num_beams is 0, expected a whole number from 1 to 1000"),
    ({"num_beams": 100_000}, "num_beams is 100000, expected a whole number from 1 to 1000"),
    ({"num_return_sequences": 100_000, "do_sample": True}, "num_return_sequences is 100000, expected a whole number"),
    ({"length_penalty": 1e308}, "length_penalty is 1e+308, expected a number from -10 to 10"),
    ({"temperature": float("inf"), "do_sample": True}, "temperature is inf, expected a finite number"),
    ({"repetition_penalty": float("inf")}, "repetition_penalty is inf, expected a finite number"),
    ({"forced_eos_token_id": ["a"]}, "forced_eos_token_id is ['a'], expected a list of token ids"),
    ({"forced_eos_token_id": [5.0]}, "forced_eos_token_id is [5.0], expected a list of token ids"),
    ({"forced_eos_token_id": -1}, "forced_eos_token_id is -1, expected a token id"),
    ({"pad_token_id": 2**63}, "pad_token_id is 9223372036854775808, expected a token id"),
    ({"eos_token_id": 2**31}, "eos_token_id is 2147483648, expected a token id"),
    ({"forced_bos_token_id": -1}, "forced_bos_token_id is -1, expected a token id"),
    (
        {"typical_p": 0.5},
        "GenerationConfig does not take typical_p=0.5; hfquick does not have it, nearest is top_p, min_p",
    ),
    ({"top_p": 1.5}, "top_p is 1.5, expected a probability from 0 to 1"),
    ({"min_p": -0.1}, "min_p is -0.1, expected a probability from 0 to 1"),
    ({"top_k": -1}, "top_k is -1, expected a whole number from 0 on"),
    (
        {"temperature": 0, "do_sample": True},
        "temperature is 0, expected a number above 0 or None; "
        "for the most probable token each time try do_sample=False",
    ),
    ({"repetition_penalty": 0.0}, "repetition_penalty is 0.0, expected a number above 0; 1 is none"),
    ({"early_stopping": "yes"}, "early_stopping is 'yes', expected True, False or 'never'"),
    (
        {"num_return_sequences": 3, "num_beams": 2},
        "num_return_sequences is 3 and num_beams is 2, so there are only 2 different texts; "
        "try num_beams=3 or do_sample=True",
    ),
    ({"num_return_sequences": 2}, "num_return_sequences is 2 and num_beams is 1"),
    ({"num_return_sequences": 3, "num_beams": 2, "do_sample": True}, "num_return_sequences is 3 and num_beams is 2"),
    (
        {"bad_words_ids": [5]},
        "bad_words_ids is [5], expected a list of lists of token ids; "
        "try tokenizer(words, add_special_tokens=False).input_ids",
    ),
    ({"bad_words_ids": [[]]}, "bad_words_ids is [[]], expected a list of lists"),
    ({"bad_words_ids": []}, "bad_words_ids is [], expected a list of lists"),
    ({"eos_token_id": [1, -1]}, "eos_token_id is [1, -1], expected a list of token ids"),
    ({"suppress_tokens": ["a"]}, "suppress_tokens is ['a'], expected a list of token ids"),
    ({"suppress_tokens": [True]}, "suppress_tokens is [True], expected a list of token ids"),
    ({"stop_strings": [""]}, "stop_strings is [''], expected a text or a list of texts"),
]


@pytest.mark.parametrize(("options", "said"), OPTIONS)
def test_options(options, said):
    with pytest.raises(ValueError) as error:
        GenerationConfig(**options)
    assert str(error.value).startswith(said)


@pytest.mark.parametrize(
    "options",
    [
        {"max_new_tokens": 1, "min_length": 0, "top_k": 0, "num_beams": 1},  # the least of each
        {"do_sample": True, "temperature": 2, "top_p": 1, "min_p": 0, "length_penalty": -1},  # whole numbers
        {"num_return_sequences": 3, "do_sample": True},
        {"num_return_sequences": 3, "num_beams": 3, "early_stopping": "never"},
        {"temperature": 0.0},  # which is ignored without do_sample
        {"length_penalty": -10, "num_beams": 1000},
    ],
)
def test_options_that_may_be_meant(options):
    assert GenerationConfig(**options).changed().items() <= options.items()


def test_a_copy_is_the_same_and_another():
    config = GenerationConfig.from_values({"num_beams": 3, "typical_p": 1.0})
    copy = config.copy()
    assert copy == config
    assert copy.to_dict() == config.to_dict() == {"num_beams": 3, "typical_p": 1.0}
    copy.update(num_beams=2)
    assert config.num_beams == 3 != copy.num_beams


CALLS = [
    ({"max_length": 5}, "max_length is 5, but the prompt alone has 5 tokens; try max_new_tokens"),
    ({"max_new_tokens": 60}, "a prompt of 5 tokens and what may follow are 65, the model has 64 positions; "
                             "try max_new_tokens=59"),
    ({"input_ids": np.full((1, 64), 30)}, "the prompt has 64 tokens and the model 64 positions, so nothing can follow; "
                                          "try truncation=True, max_length=44 in the tokenizer"),
    ({"min_new_tokens": 9, "max_new_tokens": 8}, "min_new_tokens is 9, which makes texts of at least 14 tokens, "
                                                 "but they may have 13 at most; raise max_new_tokens or lower "
                                                 "min_new_tokens"),
    ({"min_length": 30, "max_length": 20}, "min_length is 30, which makes texts of at least 30 tokens, but they "
                                           "may have 20 at most; raise max_length or lower min_length"),
    ({"min_length": 60}, "but they may have 25 at most; raise max_new_tokens or lower min_length"),
    ({"input_ids": np.zeros((1, 0), int)}, "the prompt is empty, expected at least one token: start with token 1"),
    ({"input_ids": []}, "input_ids are float64 numbers of shape (0,), expected whole numbers (prompts, tokens)"),
    ({"input_ids": PROMPT[0]}, "input_ids are int64 numbers of shape (5,), expected whole numbers (prompts, tokens); "
                               "one prompt is a batch, too: [ids]"),
    ({"input_ids": PROMPT / 2}, "input_ids are float64 numbers of shape (1, 5), expected whole numbers"),
    ({"attention_mask": [[1, 1]]}, "attention_mask has the shape (1, 2), input_ids have (1, 5); expected the same"),
    ({"attention_mask": [[0] * 5]}, "prompt 0 is all padding, expected at least one token"),
    ({"attention_mask": [[1, 1, 1, 1, 0]]}, "a prompt is padded on the right, and this model continues from the last "
                                            'token; pad on the left: tokenizer.padding_side = "left"'),
    ({"inputs": PROMPT}, "inputs and input_ids were given, two names of the same thing; give one of them"),
    ({"stop_strings": "."}, "stop_strings is '.', and without a tokenizer token ids cannot be decoded"),
    ({"streamer": object(), "num_beams": 2}, "a streamer was given, but with num_beams above 1 a text is only known "
                                             "at the end; try num_beams=1"),
    ({"streamer": object(), "input_ids": np.repeat(PROMPT, 2, 0)}, "a streamer was given for 2 texts, it shows one"),
    ({"input_ids": [[99]]}, "token id 99 was given, this model has token ids 0 to 59"),
]  # fmt: skip


@pytest.fixture(params=[pytest.param("pt", marks=pytest.mark.torch), pytest.param("tf", marks=pytest.mark.tf)])
def make(request):
    """A case -> its model, in one framework and then in the other."""
    return torch_model if request.param == "pt" else keras_model


@pytest.mark.parametrize(("arguments", "said"), CALLS, ids=[said[:30] for _, said in CALLS])
def test_calls(make, arguments, said):
    with pytest.raises(ValueError) as error:
        make(GREEDY).generate(**{"input_ids": PROMPT, **arguments})
    assert said in str(error.value)


def test_an_unknown_option(make):
    with pytest.raises(TypeError) as error:
        make(GREEDY).generate(PROMPT, max_new_token=3)
    assert str(error.value).startswith("generate has no argument 'max_new_token'; did you mean 'max_new_tokens'")


def test_nothing_to_start_from(make, monkeypatch):
    model = make(GREEDY)
    with pytest.raises(ValueError) as error:
        model.generate(generation_config=GenerationConfig(), bos_token_id=None)
    assert str(error.value) == "no input_ids were given; a tokenizer makes them from a text"
    with pytest.raises(ValueError) as error:
        make(READS).generate(max_new_tokens=4)
    assert str(error.value) == "no input_ids were given; a tokenizer makes them from a text"


def test_a_decoder_without_a_first_token(make):
    with pytest.raises(ValueError) as error:
        make(READS).generate(PROMPT, bos_token_id=None, decoder_start_token_id=None)
    assert str(error.value).startswith("the decoder has no first token")
    with pytest.raises(ValueError) as error:
        make(READS).generate(PROMPT, decoder_input_ids=[[2], [2]])
    assert str(error.value) == "decoder_input_ids have the shape (2, 1), expected (1, tokens)"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"temperature": 0.7, "top_p": 0.9}, "generate: temperature, top_p left aside without do_sample=True"),
        ({"length_penalty": 2.0}, "generate: length_penalty left aside with num_beams=1"),
        ({"max_length": 30}, "generate: max_length left aside beside max_new_tokens"),
        ({"temperature": 1.0, "num_beams": 1}, ""),
    ],
)
def test_options_that_do_nothing_are_said(make, capsys, options, said):
    make(GREEDY).generate(PROMPT, max_new_tokens=3, **options)
    assert capsys.readouterr().out.strip() == said


def test_a_configuration_of_another_kind(make):
    with pytest.raises(TypeError) as error:
        make(GREEDY).generation_config = {"max_length": 9}
    assert str(error.value).endswith("expected a GenerationConfig")


def write(folder, text: str) -> None:
    (folder / "generation_config.json").write_text(text)


def test_files(tmp_path, capsys):
    write(tmp_path, json.dumps({"num_beams": 2, "num_beam_groups": 2, "typical_p": 1.0, "new_thing": 5}))
    config = hfquick.GenerationConfig.from_pretrained(tmp_path, max_new_tokens=7)
    assert (config.num_beams, config.max_new_tokens) == (2, 7)
    assert capsys.readouterr().out == (
        "generation: num_beam_groups=2 asked for, which hfquick lacks; texts may differ\n"
    )
    config.save_pretrained(tmp_path / "new")
    saved = json.loads((tmp_path / "new" / "generation_config.json").read_text())
    assert saved == {"max_new_tokens": 7, "new_thing": 5, "num_beam_groups": 2, "num_beams": 2, "typical_p": 1.0}
    assert repr(config).startswith("GenerationConfig {")


@pytest.mark.parametrize("text", ["{", "[]", '{"num_beams": "two"}'])
def test_damaged_files(tmp_path, text):
    write(tmp_path, text)
    with pytest.raises(ValueError) as error:
        hfquick.GenerationConfig.from_pretrained(tmp_path)
    assert str(error.value).startswith(f"generation_config.json of {str(tmp_path)!r}: ")


def test_no_file(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(hfquick.hub.HubError) as error:
        hfquick.GenerationConfig.from_pretrained(tmp_path)
    assert "has no generation_config.json" in str(error.value)
