"""`generate` as it is called, in both frameworks: what may be given, what comes back, what happens inside."""

import json

import numpy as np
import pytest

import hfquick
from hfquick.generation.configuration import GenerationConfig
from tests.generation.cases import BART, GPT2, T5, Case
from tests.helpers.generation import keras_model, torch_model

LONG = Case("long", GPT2, {}, config={"n_positions": 160, "n_layer": 1})
SEEN = Case("seen", GPT2, {})
READS = Case("reads", BART, {})
PROMPT = np.array([[21, 33, 47, 25, 38]])


@pytest.fixture(params=[pytest.param("pt", marks=pytest.mark.torch), pytest.param("tf", marks=pytest.mark.tf)])
def make(request):
    """A case -> its model, in one framework and then in the other."""
    return torch_model if request.param == "pt" else keras_model


def array(tensor) -> np.ndarray:
    return np.asarray(tensor)


def test_without_cache_the_text_is_the_same(make):
    """Past two buckets of the cache, each token is the best one after all before it."""
    model = make(LONG)
    text = array(model.generate(PROMPT, max_new_tokens=140, no_repeat_ngram_size=3, eos_token_id=[]))
    assert text.shape == (1, 145)
    if make is torch_model:
        import torch

        with torch.no_grad():
            logits = model(torch.from_numpy(text)).logits.numpy()[0]
    else:
        logits = model(input_ids=text).logits.numpy()[0]
    text = text[0].tolist()
    for index in range(5, 145):
        seen = {tuple(text[start : start + 3]) for start in range(index - 2)}
        scores = logits[index - 1].copy()
        for token in range(len(scores)):
            if (*text[index - 2 : index], token) in seen:
                scores[token] = -np.inf
        assert scores[text[index]] > scores.max() - 1e-4


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"num_beams": 3},
        {"no_repeat_ngram_size": 2, "repetition_penalty": 1.5},
        {"no_repeat_ngram_size": 1},
        {"num_beams": 2, "repetition_penalty": 1.5, "bad_words_ids": [[40]]},
    ],
)
def test_padded_on_the_left_each_prompt_is_as_alone(make, options):
    model, options = make(LONG), options | {"max_new_tokens": 12, "eos_token_id": []}
    prompts = [[21, 33, 47, 25, 38], [52], [22, 30, 41]]
    pad = int(array(model.generate([[52]], **options))[0, 1])  # which a sequence continues with, so it must be masked
    options["pad_token_id"] = pad
    ids = np.array([[pad] * (5 - len(prompt)) + prompt for prompt in prompts])
    mask = np.array([[0] * (5 - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    together = array(model.generate(ids, attention_mask=mask, **options))
    assert (together[:, :5] == ids).all()
    for row, prompt in zip(together, prompts, strict=True):
        alone = array(model.generate([prompt], attention_mask=[[1] * len(prompt)], **options))
        assert row[5 - len(prompt) :].tolist() == alone[0].tolist()


def test_the_mask_is_found_by_the_padding(make):
    model, ids = make(LONG), np.array([[0, 0, 52, 33], [21, 33, 47, 25]])
    mask = (ids != 0).astype(int)
    found = array(model.generate(ids, max_new_tokens=6, pad_token_id=0))
    assert found.tolist() == array(model.generate(ids, attention_mask=mask, max_new_tokens=6, pad_token_id=0)).tolist()
    other = array(model.generate(ids, attention_mask=np.ones_like(ids), max_new_tokens=6, pad_token_id=0))
    assert found.tolist() != other.tolist()


def test_an_end_that_is_padding_may_belong_to_the_prompt(make):
    """Many tokenizers pad with the end-of-sequence token; without a mask, nobody can tell one from the other."""
    model, ids = make(SEEN), np.array([[2, 52, 2, 33]])
    found = array(model.generate(ids, max_new_tokens=4, pad_token_id=2))
    assert found.tolist() == array(model.generate(ids, attention_mask=np.ones_like(ids), max_new_tokens=4)).tolist()


def test_what_a_finished_sequence_is_padded_with(make):
    """pad_token_id; where there is none, the first of the tokens that end sequences."""
    model = make(SEEN)
    alone = array(model.generate(PROMPT, max_new_tokens=6))[0, 5:].tolist()
    ids = np.concatenate([PROMPT, PROMPT[:, ::-1]])
    other = array(model.generate(ids, max_new_tokens=6, eos_token_id=[]))[1, 5:].tolist()
    end = next(token for token in alone if token not in other)
    count = alone.index(end) + 1
    for pad in (7, None):
        found = array(model.generate(ids, max_new_tokens=6, eos_token_id=[end, 59], pad_token_id=pad))
        assert found[0, 5:].tolist() == alone[:count] + [end if pad is None else pad] * (6 - count)
        assert found[1, 5:].tolist() == other


def test_exactly_so_many_tokens(make):
    found = array(make(SEEN).generate(PROMPT, min_new_tokens=3, max_new_tokens=3, eos_token_id=list(range(30))))
    assert found.shape == (1, 8)
    assert (found[0, 5:] >= 30).all()


def test_what_may_be_given(make):
    model, options = make(SEEN), {"max_new_tokens": 4}
    expected = array(model.generate(input_ids=PROMPT, **options)).tolist()
    ones = np.ones_like(PROMPT)
    assert array(model.generate(PROMPT.tolist(), **options)).tolist() == expected
    assert array(model.generate({"input_ids": PROMPT, "attention_mask": ones}, **options)).tolist() == expected
    assert array(model.generate(inputs=PROMPT, attention_mask=ones, **options)).tolist() == expected
    from_nothing = array(model.generate(max_new_tokens=3))
    assert from_nothing.tolist() == array(model.generate([[1]], max_new_tokens=3)).tolist()


def test_a_seed_decides(make):
    model, options = make(SEEN), {"do_sample": True, "max_new_tokens": 12, "top_k": 0, "num_return_sequences": 3}
    first = array(model.generate(PROMPT, seed=3, **options)).tolist()
    assert array(model.generate(PROMPT, seed=3, **options)).tolist() == first
    assert array(model.generate(PROMPT, seed=4, **options)).tolist() != first
    assert len({tuple(row) for row in first}) == 3


def test_without_a_seed_the_framework_decides(make):
    model, options = make(SEEN), {"do_sample": True, "max_new_tokens": 12}
    if make is torch_model:
        import torch

        seed = torch.manual_seed
    else:
        import keras

        seed = keras.utils.set_random_seed
    texts = []
    for number in (1, 1, 2):
        seed(number)
        texts.append(array(model.generate(PROMPT, **options)).tolist())
    assert texts[0] == texts[1] != texts[2]


@pytest.mark.parametrize("cautious", [{"temperature": 1e-3}, {"top_k": 1}, {"top_p": 0.0}, {"min_p": 1.0}])
def test_the_most_cautious_sampling_is_greedy(make, cautious):
    model = make(SEEN)
    greedy = array(model.generate(PROMPT, max_new_tokens=10)).tolist()
    assert array(model.generate(PROMPT, max_new_tokens=10, do_sample=True, seed=0, **cautious)).tolist() == greedy


def test_encoder_outputs_may_be_given(make):
    model = make(READS)
    options = {"max_new_tokens": 8, "num_beams": 2}
    expected = array(model.generate(PROMPT, attention_mask=np.ones_like(PROMPT), **options)).tolist()
    states, _ = model.backend.encode(model, PROMPT, np.ones_like(PROMPT))
    assert array(model.generate(encoder_outputs=(states,), **options)).tolist() == expected


def test_the_decoder_may_be_given_a_start(make):
    model = make(READS)
    whole = array(model.generate(PROMPT, max_new_tokens=8)).tolist()
    with_start = array(model.generate(PROMPT, decoder_input_ids=[whole[0][:4]], max_new_tokens=5)).tolist()
    assert with_start == whole
    assert array(model.generate(PROMPT, decoder_input_ids=[whole[0][1:4]], max_new_tokens=5)).tolist() == whole


def test_beams_call_the_encoder_once(make, monkeypatch):
    model, calls = make(READS), []
    encoder = model.get_encoder()
    original = type(encoder).__call__
    monkeypatch.setattr(type(encoder), "__call__", lambda self, *a, **k: calls.append(1) or original(self, *a, **k))
    model.generate(PROMPT, num_beams=4, max_new_tokens=6)
    assert calls == [1]


class Watcher:
    """A streamer that keeps what it is given."""

    def __init__(self) -> None:
        self.given: list = []

    def put(self, tokens) -> None:
        self.given.append(np.asarray(tokens).tolist())

    def end(self) -> None:
        self.given.append("end")


def test_a_streamer_is_given_each_token(make):
    model, watcher = make(SEEN), Watcher()
    ids, mask = np.array([[0, 0, *PROMPT[0]]]), np.array([[0, 0, 1, 1, 1, 1, 1]])
    text = array(model.generate(ids, attention_mask=mask, max_new_tokens=5, streamer=watcher))[0].tolist()
    assert watcher.given == [[PROMPT[0].tolist()], *[[token] for token in text[7:]], "end"]


def test_everything_is_returned(make):
    model = make(SEEN)
    asked = {"return_dict_in_generate": True, "output_scores": True, "output_logits": True, "max_new_tokens": 6}
    found = model.generate(PROMPT, suppress_tokens=[40], **asked)
    assert found.keys() == ["sequences", "scores", "logits"]
    assert len(found.scores) == len(found.logits) == found.sequences.shape[1] - 5
    assert all(np.isneginf(array(scores)[0, 40]) for scores in found.scores)
    assert all(np.isfinite(array(logits)).all() for logits in found.logits)
    beams = model.generate(PROMPT, num_beams=3, num_return_sequences=2, **asked)
    assert beams.keys() == ["sequences", "sequences_scores", "scores", "logits", "beam_indices"]
    totals = []
    for rows, text in zip(array(beams.beam_indices), array(beams.sequences)[:, 5:], strict=True):
        chosen = [(step, row) for step, row in enumerate(rows) if row >= 0]
        totals.append(sum(array(beams.scores[step])[row, text[step]] for step, row in chosen))
    lengths = (array(beams.beam_indices) >= 0).sum(1)
    np.testing.assert_allclose(array(beams.sequences_scores), totals / lengths, atol=1e-4)
    assert model.generate(PROMPT, max_new_tokens=6, return_dict_in_generate=True).keys() == ["sequences"]


def test_options_count_from_call_to_configuration_to_model(make, monkeypatch):
    model = make(SEEN)
    monkeypatch.setattr(model, "_generation_config", GenerationConfig(max_new_tokens=3, eos_token_id=2, bos_token_id=1))
    assert array(model.generate(PROMPT)).shape == (1, 8)
    assert array(model.generate(PROMPT, generation_config=GenerationConfig(num_beams=2))).shape == (1, 8)
    given = GenerationConfig(max_new_tokens=4, num_beams=2, num_return_sequences=2)
    assert array(model.generate(PROMPT, generation_config=given)).shape == (2, 9)
    assert array(model.generate(PROMPT, generation_config=given, max_new_tokens=5)).shape == (2, 10)
    assert model.generation_config.max_new_tokens == 3, "a call changed the model's options"


def test_saved_and_loaded_with_the_model(make, tmp_path):
    model = make(Case("saved", GPT2, {}, config={"n_layer": 1, "max_length": 9, "no_repeat_ngram_size": 2}))
    assert model.generation_config.max_length == 9
    model.save_pretrained(tmp_path)
    values = json.loads((tmp_path / "generation_config.json").read_text())
    assert values == {"bos_token_id": 1, "eos_token_id": 2, "max_length": 9, "no_repeat_ngram_size": 2}
    (tmp_path / "generation_config.json").write_text(
        json.dumps(values | {"max_length": 7, "_from_model_config": True, "transformers_version": "4.26.0"})
    )
    loaded = type(model).from_pretrained(tmp_path)
    assert loaded.generation_config.max_length == 7
    assert array(loaded.generate([[21, 33]], eos_token_id=[])).shape == (1, 7)
    loaded.save_pretrained(tmp_path / "again")
    again = json.loads((tmp_path / "again" / "generation_config.json").read_text())
    assert again == values | {"max_length": 7, "transformers_version": "4.26.0"}
    (tmp_path / "generation_config.json").unlink()
    assert type(model).from_pretrained(tmp_path).generation_config.max_length == 9  # as config.json says


def test_models_without_a_language_modeling_head_have_no_such_file(make, tmp_path):
    prefix = "" if make is torch_model else "TF"
    config = hfquick.BertConfig(
        vocab_size=9, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8
    )
    model = getattr(hfquick, f"{prefix}BertModel")(config)
    model.save_pretrained(tmp_path)
    assert not (tmp_path / "generation_config.json").exists()
    with pytest.raises(TypeError) as error:
        model.generate([[1]])
    assert str(error.value).startswith(
        f"{prefix}BertModel has no language-modeling head, so it cannot generate; try AutoModel"
    )


@pytest.mark.torch
def test_dropout_is_off_and_training_goes_on_after():
    model = torch_model(Case("training", GPT2, {}, config={"embd_pdrop": 0.5}))
    expected = model.generate(PROMPT, max_new_tokens=8).tolist()
    model.train()
    assert model.generate(PROMPT, max_new_tokens=8).tolist() == expected
    assert model.training
    assert model.transformer.h[0].training


@pytest.mark.tf
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")  # Keras, saving
def test_a_model_that_has_generated_is_saved_as_any_other(tmp_path):
    import keras

    model = keras_model(Case("saved whole", GPT2, {}, config={"n_layer": 1, "n_positions": 40}))
    text = array(model.generate(PROMPT, max_new_tokens=5)).tolist()
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert array(loaded.generate(PROMPT, max_new_tokens=5)).tolist() == text


@pytest.mark.torch
def test_a_narrower_dtype(tmp_path):
    import copy

    import torch

    model = copy.deepcopy(torch_model(SEEN)).to(torch.bfloat16)
    found = model.generate(PROMPT, num_beams=2, max_new_tokens=5, return_dict_in_generate=True, output_scores=True)
    assert found.sequences.shape == (1, 10)
    assert found.scores[0].dtype == torch.float32


@pytest.mark.torch
@pytest.mark.parametrize("case", [SEEN, READS, Case("packed", T5, {})])
def test_weights_prepacked_for_bfloat16_give_the_same_and_are_never_stale(monkeypatch, case):
    import copy

    import torch

    from hfquick.cpu import choice, linear
    from hfquick.generation import decoding

    if not choice.packs():
        pytest.skip("this torch or this processor does not multiply in bfloat16 by oneDNN")
    monkeypatch.setattr(linear, "FEW", 1)
    made = []
    monkeypatch.setattr(decoding, "Packed", lambda: made.append(linear.Packed()) or made[-1])
    model, options = copy.deepcopy(torch_model(case)).to(torch.bfloat16), {"output_scores": True}
    options |= {
        "max_new_tokens": decoding.MIN_NEW_TOKENS_TO_PREPACK,
        "min_new_tokens": decoding.MIN_NEW_TOKENS_TO_PREPACK,
        "return_dict_in_generate": True,
    }
    for _ in range(2):
        found = model.generate(PROMPT, num_beams=2, **options)
        assert made[-1].copies
        with monkeypatch.context() as patch:
            patch.setattr(decoding, "MIN_NEW_TOKENS_TO_PREPACK", 99)
            plain = model.generate(PROMPT, num_beams=2, **options)
        assert len(found.scores) == len(plain.scores) == decoding.MIN_NEW_TOKENS_TO_PREPACK
        # The first steps: later ones may take another way, where two tokens are as good.
        torch.testing.assert_close(found.scores[1], plain.scores[1], rtol=0.05, atol=0.5)
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.mul_(-1)
    assert len(made) == 2


@pytest.mark.tf
def test_a_step_is_traced_for_all_sizes():
    model = keras_model(Case("traced", GPT2, {}, config={"n_layer": 1, "n_positions": 200}))
    for prompts in (1, 2, 5, 3, 1):
        for new in (4, 80, 130):
            model.generate(np.repeat(PROMPT, prompts, 0), max_new_tokens=new, min_new_tokens=new)
    before = model._generation_step.experimental_get_tracing_count()
    assert before <= 4
    model.generate(np.repeat(PROMPT, 4, 0), max_new_tokens=150)
    assert model._generation_step.experimental_get_tracing_count() == before
