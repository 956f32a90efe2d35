"""resize_token_embeddings in both frameworks: old rows, new rows, head and bias, ties, files, training, errors."""

import numpy as np
import pytest

import hfquick
from tests.helpers.checkpoints import framework, tensors

V = 40
SIZES = {
    "Bert": {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 4, "intermediate_size": 24},
    "Roberta": {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 4, "intermediate_size": 24},
    "DistilBert": {"dim": 32, "n_layers": 1, "n_heads": 4, "hidden_dim": 24},
    "GPT2": {"n_embd": 32, "n_layer": 1, "n_head": 4},
    "Bart": {"d_model": 32, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 4,
             "decoder_attention_heads": 4, "encoder_ffn_dim": 24, "decoder_ffn_dim": 24},
    "T5": {"d_model": 32, "d_kv": 8, "d_ff": 24, "num_layers": 1, "num_heads": 4, "decoder_start_token_id": 0},
}  # fmt: skip
NO_DROPOUT = {
    "Bert": {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0},
    "Roberta": {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0},
    "DistilBert": {"dropout": 0.0, "attention_dropout": 0.0, "seq_classif_dropout": 0.0, "qa_dropout": 0.0},
    "GPT2": {"embd_pdrop": 0.0, "attn_pdrop": 0.0, "resid_pdrop": 0.0},
    "Bart": {"dropout": 0.0},
    "T5": {"dropout_rate": 0.0},
}
TABLES = {"GPT2": "wte", "Bart": "shared", "T5": "shared"}  # the others: embeddings.word_embeddings
PREFIXES = {"GPT2": "transformer.", "Bart": "model.", "T5": ""}
HEADS = {
    "BertForMaskedLM": ("cls.predictions.decoder.weight", "cls.predictions.bias"),
    "RobertaForMaskedLM": ("lm_head.decoder.weight", "lm_head.bias"),
    "DistilBertForMaskedLM": ("vocab_projector.weight", "vocab_projector.bias"),
    "GPT2LMHeadModel": ("lm_head.weight", ""),
    "BartForConditionalGeneration": ("lm_head.weight", "final_logits_bias"),
    "T5ForConditionalGeneration": ("lm_head.weight", ""),
}
BARE_AND_CLASSIFIERS = [
    "BertModel", "BertForSequenceClassification", "RobertaForTokenClassification", "DistilBertForQuestionAnswering",
    "GPT2ForSequenceClassification", "BartModel", "T5EncoderModel",
]  # fmt: skip
CASES = [(name, True) for name in (*BARE_AND_CLASSIFIERS, *HEADS)] + [(name, False) for name in HEADS]
IDS = np.array([[5, 6, 7, 8], [9, 4, 3, 7]])
every_model = pytest.mark.parametrize(("name", "tied"), CASES)
every_head = pytest.mark.parametrize(("name", "tied"), [(name, tied) for tied in (True, False) for name in HEADS])


def start_of(name: str) -> str:
    return next(start for start in SIZES if name.startswith(start))


def model_class(name: str, framework: str) -> type:
    return getattr(hfquick, f"{'TF' if framework == 'tf' else ''}{name}")


def build(name: str, framework: str, **config):
    """A small model whose biases are no zeros, so that a lost one is seen."""
    start = start_of(name)
    if framework == "tf":
        import keras

        keras.utils.set_random_seed(0)
    else:
        import torch

        torch.manual_seed(0)
    values = {"vocab_size": V, "pad_token_id": 1, **SIZES[start], **NO_DROPOUT[start], **config}
    model = model_class(name, framework).from_config(getattr(hfquick, f"{start}Config")(**values))
    bias = HEADS.get(name, ("", ""))[1]
    if bias:
        value = np.linspace(-1, 1, V, dtype="float32")
        variable(model, framework, bias)[...] = value
    return model if framework == "tf" else model.eval()


class variable:
    """A tensor of a model by its name in files, of either framework, as an array that can be set."""

    def __init__(self, model, framework: str, name: str) -> None:
        if framework == "tf":
            from hfquick.core.weights_tf import slots

            self.tensor = slots(model)[name].variable
        else:
            self.tensor = model.state_dict(keep_vars=True)[name]
        self.framework = framework

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        value = self.tensor.numpy() if self.framework == "tf" else self.tensor.detach().numpy()
        return np.array(value, dtype)

    def __setitem__(self, where, value) -> None:
        value = np.broadcast_to(value, tuple(self.tensor.shape))
        if self.framework == "tf":
            self.tensor.assign(value)
        else:
            import torch

            self.tensor.data.copy_(torch.from_numpy(value.copy()))


def state(model, framework: str) -> dict[str, np.ndarray]:
    if framework == "tf":
        from hfquick.core.weights_tf import slots

        return {name: slot.to_torch().copy() for name, slot in slots(model).items()}
    return {name: tensor.detach().numpy().copy() for name, tensor in model.state_dict().items()}


def vocabulary_of(name: str) -> list[str]:
    """Names of the tensors that have an entry for each token."""
    start, end = start_of(name), name.removeprefix(start_of(name))
    prefix = "" if end in ("Model", "EncoderModel") else PREFIXES.get(start, f"{start.lower()}.")
    names = [f"{prefix}{TABLES.get(start, 'embeddings.word_embeddings')}.weight"]
    if start in ("Bart", "T5"):
        names.append(f"{prefix}encoder.embed_tokens.weight")
        names += [] if end == "EncoderModel" else [f"{prefix}decoder.embed_tokens.weight"]
    return names + [part for part in HEADS.get(name, ()) if part]


def call(model, framework: str, ids: np.ndarray = IDS, **more):
    given = {"input_ids": ids} | more
    if getattr(model.config, "is_encoder_decoder", False) and "Encoder" not in type(model).__name__:
        given["decoder_input_ids"] = ids
    if framework == "tf":
        return model(**given)
    import torch

    with torch.no_grad():
        return model(**{name: torch.from_numpy(value) for name, value in given.items()})


@framework
@every_model
def test_everything_of_the_vocabulary_follows_and_the_rest_stays(name, tied, framework):
    model = build(name, framework, tie_word_embeddings=tied)
    logits = np.asarray(call(model, framework)[0])
    for size in (V + 5, V - 9):
        before = state(model, framework)
        table = model.resize_token_embeddings(size)
        after = state(model, framework)
        assert table is model.get_input_embeddings()
        assert model.config.vocab_size == model.base_model.config.vocab_size == size
        assert list(after) == list(before)
        for key, value in after.items():
            if key not in vocabulary_of(name):
                np.testing.assert_array_equal(value, before[key], err_msg=key)
                continue
            axis = -1 if key == "final_logits_bias" else 0
            old, new = np.moveaxis(before[key], axis, 0), np.moveaxis(value, axis, 0)
            assert len(new) == size, key
            kept = min(size, len(old))
            np.testing.assert_array_equal(new[:kept], old[:kept], err_msg=key)
            mean = np.broadcast_to(old.mean(0), new[kept:].shape)
            np.testing.assert_allclose(new[kept:], mean, atol=1e-6, err_msg=key)
        found, expected = np.asarray(call(model, framework)[0]), logits
        if name in HEADS:
            found, expected = found[..., : min(size, V)], logits[..., : min(size, V)]
        np.testing.assert_allclose(found, expected, atol=1e-5)
        last = np.full_like(IDS, size - 1)
        assert np.isfinite(np.asarray(call(model, framework, last)[0])).all()
        with pytest.raises(ValueError, match=f"0 to {size - 1}; does .* try model.resize_token_embeddings"):
            call(model, framework, last + 1)


@framework
@every_head
def test_ties_stay_ties_and_a_head_of_its_own_stays_its_own(name, tied, framework):
    model = build(name, framework, tie_word_embeddings=tied)
    head, table = model.get_output_embeddings(), model.get_input_embeddings()
    parameters = model.num_parameters()
    model.resize_token_embeddings(V + 3)
    weights = [head.weight, table.embeddings if framework == "tf" else table.weight]
    assert (weights[0] is weights[1]) is tied
    bias = 3 if HEADS[name][1] and (framework == "tf" or name != "BartForConditionalGeneration") else 0
    assert model.num_parameters() - parameters == 3 * 32 * (1 if tied else 2) + bias
    if framework == "pt":
        assert (table.num_embeddings, head.out_features) == (V + 3, V + 3)


@framework
@every_model
def test_what_was_resized_is_saved_and_loads_in_both_frameworks(name, tied, framework, tmp_path, capsys):
    model = build(name, framework, tie_word_embeddings=tied)
    model.resize_token_embeddings(V + 4)
    model.save_pretrained(tmp_path)
    expected = call(model, framework, IDS + 34)[0]
    assert {len(value) for key, value in tensors(tmp_path).items() if key in vocabulary_of(name)} <= {V + 4, 1}
    for other in ("pt", "tf"):
        pytest.importorskip({"pt": "torch", "tf": "tensorflow"}[other])
        loaded = model_class(name, other).from_pretrained(tmp_path)
        assert loaded.config.vocab_size == V + 4
        np.testing.assert_allclose(np.asarray(call(loaded, other, IDS + 34)[0]), np.asarray(expected), atol=1e-5)
    assert capsys.readouterr().out == ""


@framework
@every_head
def test_new_tokens_are_trained_after_resizing(name, tied, framework):
    model = build(name, framework, tie_word_embeddings=tied)
    model.resize_token_embeddings(V + 2)
    ids = np.full_like(IDS, V + 1)
    ids[:, 0] = 5
    if framework == "tf":
        import keras

        model.compile(keras.optimizers.Adam(2e-2), run_eagerly=True)  # twelve small steps take less than one tracing
        losses = model.fit({"input_ids": ids, "labels": ids}, epochs=12, verbose=0).history["loss"]
    else:
        import torch

        optimizer, losses, given = torch.optim.Adam(model.parameters(), 2e-2), [], torch.from_numpy(ids)
        for _ in range(12):
            loss = model(given, labels=given).loss
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    assert losses[-1] < losses[0] / 2
    row = np.asarray(variable(model, framework, vocabulary_of(name)[0]))
    assert not np.allclose(row[V], row[V + 1]), "only the second of the new tokens was trained as an input"


@pytest.mark.torch
def test_an_optimizer_made_before_keeps_its_states_for_all_other_parameters():
    import torch

    model = build("BertForMaskedLM", "pt").train()
    optimizer, given = torch.optim.Adam(model.parameters(), 1e-2), torch.from_numpy(IDS)

    def step() -> None:
        optimizer.zero_grad()
        model(given, labels=given).loss.backward()
        optimizer.step()

    step()
    touched = {id(model.get_input_embeddings().weight), id(model.cls.predictions.bias)}
    before = {name: parameter for name, parameter in model.named_parameters() if id(parameter) not in touched}
    states = {name: {key: value.clone() for key, value in optimizer.state[parameter].items()}
              for name, parameter in before.items()}  # fmt: skip
    model.resize_token_embeddings(V + 3)
    after = dict(model.named_parameters())
    assert set(before) == {name for name in after if len(after[name]) != V + 3}
    for name, parameter in before.items():
        assert after[name] is parameter, name
        for key, value in states[name].items():
            assert torch.equal(optimizer.state[parameter][key], value), (name, key)
    resized = model.get_input_embeddings().weight
    assert resized not in optimizer.state
    kept, query = resized.detach().clone(), model.bert.encoder.layer[0].attention.self.query.weight
    old = query.detach().clone()
    step()
    assert not torch.equal(query, old)
    assert torch.equal(resized, kept), "an optimizer made before does not know the new parameter"


@pytest.mark.tf
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")  # of TensorFlow's tensors
@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_a_trained_keras_model_is_compiled_again_with_a_new_optimizer(policy, tmp_path):
    import keras

    keras.config.set_dtype_policy(policy)
    try:
        model = build("BertForMaskedLM", "tf")
        batch = {"input_ids": IDS, "labels": IDS}
        model.compile(keras.optimizers.Adam(1e-2))
        model.fit(batch, verbose=0)
        model.predict({"input_ids": IDS}, verbose=0)
        optimizer, query = model.optimizer, model.bert.encoder.layer[0].attention.self.query.kernel
        value = query.numpy()
        model.resize_token_embeddings(V + 3)
        np.testing.assert_array_equal(query.numpy(), value)
        with pytest.raises(ValueError, match="fit needs an optimizer"):
            model.fit(batch, verbose=0)
        for old in {optimizer, getattr(optimizer, "inner_optimizer", optimizer)}:
            model.compile(old)
            with pytest.raises(ValueError, match="this optimizer has states of the old size"):
                model.fit(batch, verbose=0)
        model.compile(keras.optimizers.Adam(1e-2))
        new = {"input_ids": IDS + 33, "labels": IDS + 33}
        assert np.isfinite(model.fit(new, verbose=0).history["loss"]).all()
        assert model.predict({"input_ids": IDS + 33}, verbose=0).logits.shape[-1] == V + 3
        model.save(tmp_path / "model.keras")
        loaded = keras.models.load_model(tmp_path / "model.keras")
        np.testing.assert_array_equal(loaded(new).logits, model(new).logits)
        loaded.fit(new, verbose=0)
    finally:
        keras.config.set_dtype_policy("float32")


@pytest.mark.tf
def test_a_keras_model_that_was_only_compiled_goes_on():
    import keras

    model = build("GPT2LMHeadModel", "tf")
    model.compile(keras.optimizers.Adam(1e-2))
    model.resize_token_embeddings(V + 3)
    batch = {"input_ids": IDS + 33, "labels": IDS + 33}
    assert np.isfinite(model.fit(batch, verbose=0).history["loss"]).all()


@framework
@pytest.mark.parametrize("name", ["GPT2LMHeadModel", "T5ForConditionalGeneration"])
def test_generate_knows_the_new_size_after_it_ran_with_the_old_one(name, framework):
    model = build(name, framework, eos_token_id=None)
    ids = IDS if framework == "tf" else __import__("torch").from_numpy(IDS)
    options = {"max_new_tokens": 5, "pad_token_id": 1}
    old = np.asarray(model.generate(ids, **options))
    model.resize_token_embeddings(V + 3)
    np.testing.assert_array_equal(np.asarray(model.generate(ids, **options)), old)
    new = model.generate(ids, do_sample=True, seed=0, output_logits=True, return_dict_in_generate=True, **options)
    assert all(np.asarray(step).shape[-1] == V + 3 for step in new.logits)
    model.resize_token_embeddings(V - 20)
    assert np.asarray(model.generate(ids, **options)).max() < V - 20


@framework
def test_sizes(framework):
    model = build("DistilBertForMaskedLM", framework)
    table = model.get_input_embeddings()
    assert model.resize_token_embeddings() is model.resize_token_embeddings(V) is table
    assert model.config.vocab_size == V
    for given, expected in (((None, 16), 48), ((48, 16), 48), ((49, 16), 64), ((50,), 50)):
        assert model.resize_token_embeddings(*given) is table
        assert model.config.vocab_size == expected
    assert model.resize_token_embeddings(new_num_tokens=40, pad_to_multiple_of=None) is table
    assert model.get_output_embeddings() is model.vocab_projector
    assert build("DistilBertModel", framework).get_output_embeddings() is None


@framework
def test_half_precision_stays(framework, tmp_path):
    build("GPT2LMHeadModel", framework).save_pretrained(tmp_path)
    model = model_class("GPT2LMHeadModel", framework).from_pretrained(tmp_path, dtype="bfloat16")
    model.resize_token_embeddings(V + 3)
    logits = call(model, framework, IDS + 33)[0]
    assert logits.shape[-1] == V + 3
    assert "bfloat16" in str(logits.dtype)


ERRORS = [
    ((0,), "new_num_tokens is 0, expected a whole number from 1 on; try new_num_tokens=len(tokenizer)"),
    (("50",), "new_num_tokens is '50', expected a whole number from 1 on"),
    ((True,), "new_num_tokens is True, expected a whole number from 1 on"),
    ((50, 0), "pad_to_multiple_of is 0, expected a whole number from 1 on; try pad_to_multiple_of=64"),
    ((31,), "new_num_tokens=31 is too small: the token id of padding is 39; keep at least 40 tokens"),
]


@framework
@pytest.mark.parametrize(("given", "said"), ERRORS)
def test_a_size_that_cannot_be_is_a_sentence(framework, given, said):
    model = build("BertModel", framework, pad_token_id=39)
    with pytest.raises(ValueError) as error:
        model.resize_token_embeddings(*given)
    assert said in str(error.value)
    assert model.config.vocab_size == V


@framework
def test_a_size_that_does_not_fit_into_memory_is_a_sentence(framework):
    model = build("BertModel", framework)
    with pytest.raises(MemoryError, match="a vocabulary of 1000000000000 tokens needs"):
        model.resize_token_embeddings(10**12)
    assert model.config.vocab_size == V


@framework
def test_a_token_that_was_added_to_a_tokenizer_can_be_used(framework):
    tokenizer = hfquick.AutoTokenizer.from_pretrained("hfquick/gpt2-tiny-fr")
    auto = hfquick.TFAutoModelForCausalLM if framework == "tf" else hfquick.AutoModelForCausalLM
    model = auto.from_pretrained("hfquick/gpt2-tiny-fr")
    tokenizer.add_special_tokens({"pad_token": "[PAD]"})
    model.resize_token_embeddings(len(tokenizer))
    batch = tokenizer(["La reine", "Il y a un roi"], padding=True, padding_side="left", return_tensors=framework)
    alone = tokenizer(["La reine"], return_tensors=framework)
    options = {"max_new_tokens": 5, "do_sample": False, "pad_token_id": len(tokenizer) - 1}
    together, single = (np.asarray(model.generate(**given, **options)) for given in (batch, alone))
    np.testing.assert_array_equal(together[0, -5:], single[0, -5:])
