"""What a call of `generate` asks for, in both frameworks.

It counts before what a model's files say, names of elsewhere lead on, and what looks like a mistake is told.
"""

import json
import threading
from pathlib import Path

import numpy as np
import pytest

import hfquick
from hfquick import TextStreamer
from hfquick.generation.configuration import GenerationConfig, give_way
from tests.generation.cases import BART, GPT2, Case
from tests.helpers.generation import keras_model, torch_model

SEEN = Case("seen", GPT2, {})
READS = Case("reads", BART, {})
PROMPT = np.array([[21, 33, 47, 25, 38]])
NAMES = json.loads((Path(__file__).parents[1] / "reference" / "names.json").read_text(encoding="utf-8"))
MORE = ["token_type_ids", "position_ids", "inputs_embeds", "past_key_values", "decoder_attention_mask", "labels",
        "stop_sequence", "logits_warper", "num_beam", "max_time"]  # fmt: skip
INPUTS = {"inputs", "generation_config", "streamer"}
NEVER = {"eos_token_id": 99, "do_sample": False}  # an end that does not come


@pytest.fixture(params=[pytest.param("pt", marks=pytest.mark.torch), pytest.param("tf", marks=pytest.mark.tf)])
def make(request):
    """A case -> its model, in one framework and then in the other."""
    return torch_model if request.param == "pt" else keras_model


@pytest.fixture
def filed(make, monkeypatch):
    """A model, with the options of its generation_config.json."""

    def of_file(**options):
        model = make(SEEN)
        monkeypatch.setattr(
            model, "_generation_config", GenerationConfig(bos_token_id=1, suppress_tokens=[2], **options)
        )
        return model

    return of_file


def length(model, **options) -> int:
    return np.asarray(model.generate(PROMPT, **(NEVER | options))).shape[1]


def test_a_length_counts_before_the_other_length_of_the_file(filed, capsys):
    model = filed(max_new_tokens=30)
    assert [length(model, max_length=wanted) for wanted in (8, 20, 25)] == [8, 20, 25]
    for wanted in (8, 20, 25):
        assert length(model, generation_config=GenerationConfig(max_length=wanted)) == wanted
    assert length(model, generation_config=GenerationConfig(max_length=9), max_new_tokens=2) == 7
    assert length(model, generation_config=GenerationConfig(max_new_tokens=2), max_length=9) == 9
    assert length(model) == 35
    assert capsys.readouterr().out == ""
    assert length(model, max_length=9, max_new_tokens=2) == 7  # both asked for: one line says which counts
    assert capsys.readouterr().out == "generate: max_length left aside beside max_new_tokens\n"
    assert length(filed(max_length=30), max_new_tokens=2) == 7


def test_a_least_length_of_the_file_gives_way(filed):
    assert length(filed(min_length=40), max_length=8) == 8
    assert length(filed(min_length=40), max_new_tokens=2) == 7
    assert length(filed(min_new_tokens=40), max_length=8) == 8
    # Nearly every token ends a text, and the one that does not becomes improbable when it is repeated.
    ends = {"eos_token_id": list(range(59)), "max_new_tokens": 20, "repetition_penalty": 50.0}
    assert length(filed(min_new_tokens=9), **ends) == 15
    assert length(filed(min_new_tokens=9), min_length=7, **ends) == 8
    assert length(filed(min_length=12), min_new_tokens=1, **ends) == 7
    with pytest.raises(ValueError, match="min_length is 40, which makes texts of at least 40 tokens"):
        length(filed(), min_length=40, max_length=8)


def test_what_the_file_says_of_beams_gives_way(filed, capsys):
    model = filed(num_beams=3, num_return_sequences=3, length_penalty=2.0, early_stopping=True)
    with pytest.raises(ValueError, match="num_return_sequences is 3 and num_beams is 1"):
        model.generate(PROMPT, num_beams=1, num_return_sequences=3)
    assert np.asarray(model.generate(PROMPT, num_beams=1, max_new_tokens=2)).shape == (1, 7)
    assert np.asarray(model.generate(PROMPT, num_beams=2, max_new_tokens=2)).shape == (2, 7)
    sampling = filed(do_sample=True, num_return_sequences=4, temperature=0.5)
    assert np.asarray(sampling.generate(PROMPT, do_sample=False, max_new_tokens=2)).shape == (1, 7)
    greedy = GenerationConfig(do_sample=False, max_new_tokens=2)
    assert np.asarray(sampling.generate(PROMPT, generation_config=greedy)).shape == (1, 7)
    assert capsys.readouterr().out == ""


def test_giving_way_of_lengths():
    assert give_way({"max_new_tokens": 256, "min_length": 56}, {"max_length": 50}) == {
        "min_length": 50,
        "max_length": 50,
    }
    assert give_way({"min_new_tokens": 9}, {"min_length": 3}) == {"min_length": 3}


def test_giving_way_keeps_the_rest():
    assert give_way({"top_k": 5, "max_length": 9}, {"top_k": 3}) == {"top_k": 3, "max_length": 9}
    assert give_way({"max_length": 9}, {"max_new_tokens": None}) == {"max_length": 9, "max_new_tokens": None}
    assert give_way({"min_length": 3, "min_new_tokens": 4}, {"max_new_tokens": 9}) == {
        "min_length": 3, "min_new_tokens": 4, "max_new_tokens": 9,
    }  # fmt: skip


@pytest.mark.torch
def test_a_length_asked_of_a_pipeline(capsys, tmp_path):
    folder = Path(__file__).parents[1] / "reference" / "pipelines"
    model = hfquick.AutoModelForSeq2SeqLM.from_pretrained(folder / "say-bart")
    model.generation_config = GenerationConfig(
        **(model.generation_config.asked() | {"min_length": 30, "max_length": 40})
    )
    pipe = hfquick.pipeline("summarization", model, hfquick.AutoTokenizer.from_pretrained(folder / "say-bart"))
    for options in ({"max_length": 6}, {"max_new_tokens": 6}, {"max_new_tokens": 6, "num_beams": 1}):
        assert pipe("We are here", **options)
    assert capsys.readouterr().out == ""


def test_no_name_of_transformers_is_left_without_a_word(make):
    model, known = make(SEEN), {*GenerationConfig.fields(), *INPUTS}
    for name in {*NAMES["generate"], *MORE} - known:
        with pytest.raises(TypeError) as caught:
            model.generate(PROMPT, **{name: object()})
        assert str(caught.value).startswith((f"generate has no argument {name!r}; ", f"generate does not take {name}="))
        assert "did you mean" not in str(caught.value)
        with pytest.raises(ValueError, match=f"(has no argument '{name}'|does not take {name}=.*); (?!did you mean)"):
            GenerationConfig(**{name: object()})


@pytest.mark.parametrize(
    "options",
    [
        {"num_beam_groups": 1, "diversity_penalty": 0.0, "penalty_alpha": None, "guidance_scale": 1.0},
        {"stopping_criteria": None, "logits_processor": None, "prefix_allowed_tokens_fn": None, "constraints": None},
        {"use_cache": True, "synced_gpus": False, "output_attentions": False, "renormalize_logits": False},
        {"typical_p": 1.0, "epsilon_cutoff": 0.0, "eta_cutoff": 0.0, "assistant_model": None, "token_type_ids": None},
    ],
)
def test_what_asks_for_nothing_is_accepted(make, options, capsys):
    model = make(SEEN)
    expected = np.asarray(model.generate(PROMPT, max_new_tokens=3)).tolist()
    assert np.asarray(model.generate(PROMPT, max_new_tokens=3, **options)).tolist() == expected
    assert GenerationConfig(max_new_tokens=3, **options).to_dict() == {"max_new_tokens": 3}
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"suppress_tokens": [3, 60]},
            "suppress_tokens has the token id 60, this model has token ids 0 to 59; does the",
        ),
        ({"begin_suppress_tokens": [99]}, "begin_suppress_tokens has the token id 99"),
        ({"bad_words_ids": [[3, 4], [5, 77]]}, "bad_words_ids has the token id 77"),
        ({"forced_bos_token_id": 60}, "forced_bos_token_id has the token id 60"),
        ({"forced_eos_token_id": [1, 60]}, "forced_eos_token_id has the token id 60"),
        ({"seed": -1}, "seed is -1, expected a whole number from 0 on or None"),
        ({"seed": 1.5}, "seed is 1.5, expected a whole number from 0 on or None"),
    ],
)
def test_numbers_that_cannot_be_meant(make, options, said):
    for case in (SEEN, READS):
        with pytest.raises(ValueError) as caught:
            make(case).generate(PROMPT, max_new_tokens=3, **options)
        assert str(caught.value).startswith(said)


def test_an_end_that_no_token_is_does_no_harm(make):
    for options in ({}, {"min_new_tokens": 2}, {"num_beams": 2}):
        end = {"eos_token_id": 99, "pad_token_id": 0}
        assert np.asarray(make(SEEN).generate(PROMPT, max_new_tokens=3, **end, **options)).shape == (1, 8)
    assert np.asarray(make(SEEN).generate(PROMPT, max_new_tokens=3, seed=np.int64(3))).shape == (1, 8)


def test_options_that_are_no_configuration(make):
    with pytest.raises(TypeError, match="generation_config is a dict, expected a GenerationConfig"):
        make(SEEN).generate(PROMPT, generation_config={"max_length": 9})
    with pytest.raises(TypeError, match=r"streamer is a int, expected an object with put and end; try TextStreamer"):
        make(SEEN).generate(PROMPT, streamer=3)


@pytest.mark.parametrize(
    ("ids", "told"),
    [
        ([[2, 2, 52, 33], [2, 41, 52, 33]], True),  # on the left
        ([[2, 41, 52, 33], [21, 41, 52, 33]], True),
        ([[2, 2, 2, 33]], True),
        ([[41, 52, 33, 2], [41, 52, 33, 30]], True),  # on the right
        ([[52, 33, 2, 2]], True),
        ([[2, 41, 52, 33], [2, 21, 52, 33]], False),  # where texts begin with it
        ([[41, 52, 33, 2]], False),
        ([[41, 2, 2, 33]], False),
    ],
)
def test_padding_that_may_be_text_is_told(make, ids, told, capsys):
    line = "generate: token 2 at an end of prompts is read as text; for padding give attention_mask\n"
    for pad in (2, None):  # GPT-2 has no token for padding: courses take the one that ends texts
        make(SEEN).generate(np.array(ids), max_new_tokens=1, pad_token_id=pad)
        assert capsys.readouterr().out == line * told
    mask = (np.array(ids) != 2).astype(int)
    mask[:, -1] = 1
    make(SEEN).generate(np.array(ids), attention_mask=mask, max_new_tokens=1, pad_token_id=2)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("case", [SEEN, READS], ids=["decoder", "encoder-decoder"])
def test_scores_of_the_tokens_that_were_generated(make, case):
    model = make(case)
    asked = {"return_dict_in_generate": True, "output_scores": True, "max_new_tokens": 5}
    beams = model.generate(PROMPT, num_beams=3, num_return_sequences=2, **asked)
    chosen = np.asarray(model.compute_transition_scores(beams.sequences, beams.scores, beams.beam_indices))
    lengths = (np.asarray(beams.beam_indices) >= 0).sum(1)
    assert chosen.shape == np.asarray(beams.beam_indices).shape
    np.testing.assert_allclose(chosen.sum(1) / lengths, np.asarray(beams.sequences_scores), atol=1e-4)
    greedy = model.generate(PROMPT, **asked)
    logs = np.asarray(model.compute_transition_scores(greedy.sequences, greedy.scores, normalize_logits=True))
    best = [np.asarray(step).max() - np.log(np.exp(np.asarray(step, np.float64)).sum()) for step in greedy.scores]
    np.testing.assert_allclose(logs[0], best, atol=1e-4)


def test_a_streamer_that_was_stopped_begins_anew(make, capsys):
    class Stopped(TextStreamer):
        def on_finalized_text(self, text, stream_end=False):
            super().on_finalized_text(text, stream_end)
            if self.stops and len(self.tokens) > 2:
                raise KeyboardInterrupt

    class Letters:
        def decode(self, ids):
            return " ".join(map(str, ids)) + " "

    model, streamer = make(SEEN), Stopped(Letters(), skip_prompt=True)
    streamer.stops = True
    with pytest.raises(KeyboardInterrupt):
        model.generate(PROMPT, max_new_tokens=6, streamer=streamer)
    streamer.stops = False
    capsys.readouterr()
    found = np.asarray(model.generate(PROMPT, max_new_tokens=6, streamer=streamer))[0, 5:]
    assert capsys.readouterr().out.split() == [str(index) for index in found]


@pytest.mark.torch
def test_two_threads_generate_with_a_model_in_training_mode(monkeypatch):
    """The one that ends first must not switch on the dropout of the other."""
    model = torch_model(Case("threads", GPT2, {}, config={"n_layer": 1})).train()
    first_is_in, other_is_out, seen = threading.Event(), threading.Event(), []
    session = model.backend.session

    def waiting(*arguments):
        if threading.current_thread().name == "first":
            first_is_in.set()
            assert other_is_out.wait(60)
            seen.append(model.training)
        return session(*arguments)

    monkeypatch.setattr(type(model.backend), "session", lambda self, *arguments: waiting(*arguments))
    thread = threading.Thread(target=lambda: model.generate(PROMPT, max_new_tokens=2), name="first")
    thread.start()
    assert first_is_in.wait(60)
    model.generate(PROMPT, max_new_tokens=2)
    other_is_out.set()
    thread.join()
    assert seen == [False]
    assert model.training
    model.eval()
