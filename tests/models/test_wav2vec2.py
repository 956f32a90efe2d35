"""What is Wav2Vec2's own, in both frameworks: SpecAugment, layers left out, spellings of a kernel, training."""

import copy

import numpy as np
import pytest

import hfquick
from hfquick.core.weights import WeightsError
from tests.helpers.checkpoints import CHECKPOINTS, framework

# Of TensorFlow's tensors.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")
SIZES = {
    "vocab_size": 12,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "conv_dim": [8, 12],
    "conv_stride": [5, 2],
    "conv_kernel": [10, 3],
    "num_conv_pos_embeddings": 8,
    "num_conv_pos_embedding_groups": 2,
    "num_labels": 3,
    "classifier_proj_size": 8,
}
STILL = dict.fromkeys(
    ["hidden_dropout", "activation_dropout", "attention_dropout", "final_dropout", "layerdrop", "mask_time_prob"], 0.0
)
WAVES = np.random.RandomState(0).standard_normal((4, 300)).astype(np.float32)  # 29 frames
LENGTHS = np.array([300, 210, 120, 260])
MASK = (np.arange(300) < LENGTHS[:, None]).astype(np.int64)
LABELS = np.array([[3, 4, 4, 5], [6, 7, -100, -100], [9, -100, -100, -100], [2, 1, -100, -100]])
BATCH = {"input_values": WAVES, "attention_mask": MASK}
STEM = "wav2vec2.encoder.pos_conv_embed.conv.weight"


def of(framework: str, kind: str = "ForCTC", **config):
    """A new model, the same at each call."""
    prefix = "TF" if framework == "tf" else ""
    hfquick_class = getattr(hfquick, f"{prefix}Wav2Vec2{kind}")
    if framework == "tf":
        pytest.importorskip("keras").utils.set_random_seed(0)
        return hfquick_class(hfquick.Wav2Vec2Config(**SIZES | config))
    pytest.importorskip("torch").manual_seed(0)
    return hfquick_class(hfquick.Wav2Vec2Config(**SIZES | config))


def tensors(framework: str, arrays: dict) -> dict:
    if framework == "tf":
        make = pytest.importorskip("tensorflow").constant
    else:
        make = pytest.importorskip("torch").from_numpy
    return {name: make(array) for name, array in arrays.items()}


def numpy(value) -> np.ndarray:
    return value.detach().float().numpy() if hasattr(value, "detach") else np.asarray(value)


def call(model, framework: str, training: bool = False, **given) -> dict:
    """Outputs for a batch; `training` is a mode in torch, an argument in Keras."""
    flags = {name: given.pop(name) for name in list(given) if isinstance(given[name], bool)}
    if framework == "tf":
        return model(tensors(framework, given), training=training, **flags)
    return model.train(training)(**tensors(framework, given), **flags)


# SpecAugment


def spans_of(framework: str, *given):
    from importlib import import_module

    module = import_module(f"hfquick.models.wav2vec2.modeling_{'tf_' if framework == 'tf' else ''}wav2vec2")
    lengths = given[-1] if given[-1] is None else tensors(framework, {"lengths": np.array(given[-1], np.int32)})
    return numpy(module.spans(*given[:-1], lengths if lengths is None else lengths["lengths"])).astype(bool)


@framework
def test_spans_are_as_many_as_asked_and_none_ends_past_its_row(framework):
    of(framework)  # seeds
    lengths, counts = [100, 60, 20, 9], np.zeros(4)
    rounds = 30
    for _ in range(rounds):
        found = spans_of(framework, 4, 100, 0.2, 10, 0, lengths)
        assert found.shape == (4, 100)
        for row, length in zip(found, lengths, strict=True):
            assert not row[length:].any()
            edges = np.flatnonzero(np.diff(np.r_[0, row.astype(int), 0]))
            assert all(end - start >= 10 for start, end in edges.reshape(-1, 2)), "a span is shorter than its width"
        counts += found.sum(1)
    assert not counts[3], "a recording shorter than a span has none"
    share = counts[0] / rounds / 100
    assert 0.1 < share < 0.2, "spans overlap, so a little less than was asked"


@framework
def test_a_short_recording_has_the_spans_that_it_has_space_for(framework):
    of(framework)
    for length, most in ((9, 0), (10, 1), (19, 1), (20, 2), (100, 2)):
        found = {int(spans_of(framework, 1, 100, 0.0, 10, 2, [length]).sum()) for _ in range(6)}
        assert max(found) <= 10 * most
        assert (min(found) > 0) == (most > 0), f"{length}: at least one is there"
    whole = spans_of(framework, 3, 12, 1.0, 1, 0, None)
    assert whole.all(), "spans of one frame, as many as there are frames"


@framework
def test_rows_have_spans_of_their_own(framework):
    of(framework)
    found = spans_of(framework, 8, 200, 0.1, 5, 1, None)
    assert len({row.tobytes() for row in found}) > 1
    assert not np.array_equal(found, spans_of(framework, 8, 200, 0.1, 5, 1, None))


@framework
def test_frames_are_masked_in_training_alone(framework):
    """The masked ones are the learned vector, the others as they were; numbers of vectors become zero."""
    changed = {"mask_time_prob": 0.4, "mask_time_length": 3, "mask_feature_prob": 0.3, "mask_feature_length": 2}
    model = of(framework, "Model", **STILL | changed)
    x = np.ones((4, 29, 16), np.float32) + np.arange(16, dtype=np.float32)
    given = tensors(framework, {"x": x})["x"]

    def masked(training: bool, indices=None):
        if framework == "tf":
            return numpy(model.masked(given, None, indices, training))
        return numpy(model.train(training).masked(given, None, indices))

    np.testing.assert_array_equal(masked(False), x)
    found, learned = masked(True), numpy(model.masked_spec_embed)
    is_zero = (found == 0).all(1)  # (B, D), at all frames
    assert 0 < is_zero.mean() < 0.6
    is_masked = np.isclose(np.where(is_zero[:, None], learned, found), learned).all(-1)
    assert 0.1 < is_masked.mean() < 0.6
    np.testing.assert_allclose(found[~is_masked], np.where(is_zero[:, None], 0, x)[~is_masked])
    chosen = np.zeros((4, 29), bool)
    chosen[1, 3:7] = True
    given_indices = tensors(framework, {"indices": chosen})["indices"]
    np.testing.assert_array_equal((masked(False, given_indices) != x).any(-1), chosen)
    model.config.apply_spec_augment = False
    np.testing.assert_array_equal(masked(True, given_indices), x)


@framework
def test_padding_is_not_masked(framework):
    model = of(framework, "Model", **STILL | {"mask_time_prob": 0.9, "mask_time_length": 2})
    counts, seen = model.config.frames(LENGTHS), []
    real = model.masked

    def masked(x, is_sound, *more):
        seen.append((numpy(x), numpy(real(x, is_sound, *more))))
        return tensors(framework, {"x": seen[-1][1]})["x"]

    object.__setattr__(model, "masked", masked)
    call(model, framework, True, **BATCH)
    changed = (seen[0][0] != seen[0][1]).any(-1)
    assert changed.any(1).all()
    assert not any(row[count:].any() for row, count in zip(changed, counts, strict=True))


@framework
def test_a_file_of_a_model_that_masks_nothing_fits_one_that_does(framework, tmp_path, capsys):
    of(framework, **STILL).save_pretrained(tmp_path)
    capsys.readouterr()
    kind = "TFAutoModelForCTC" if framework == "tf" else "AutoModelForCTC"
    again = getattr(hfquick, kind).from_pretrained(tmp_path, mask_time_prob=0.1)
    assert "masked_spec_embed" not in capsys.readouterr().out
    again.save_pretrained(tmp_path)
    assert not hasattr(
        getattr(hfquick, kind).from_pretrained(tmp_path, mask_time_prob=0.0).wav2vec2, "masked_spec_embed"
    )


# Layers


@framework
def test_layers_are_left_out_in_training_alone(framework):
    model = of(framework, "Model", **STILL | {"layerdrop": 1.0})
    found = call(model, framework, True, input_values=WAVES, output_hidden_states=True)
    states = [numpy(state) for state in found.hidden_states]
    for state in states[1:]:
        np.testing.assert_array_equal(state, states[0])
    states = [numpy(state) for state in call(model, framework, input_values=WAVES, output_hidden_states=True)[-1]]
    assert all(np.abs(state - states[0]).max() > 1e-3 for state in states[1:])


@pytest.mark.tf
def test_a_graph_leaves_out_other_layers_at_each_call():
    tf = pytest.importorskip("tensorflow")
    model = of("tf", "Model", **STILL | {"layerdrop": 0.5})
    step = tf.function(lambda x: model(x, training=True).last_hidden_state)
    found = {np.round(step(WAVES).numpy()[0, 0, :3], 4).tobytes() for _ in range(20)}
    assert len(found) == 4, "two layers may be left out in four ways"
    maps = model(WAVES, training=True, output_attentions=True).attentions
    assert {tuple(each.shape) for each in maps} == {(4, 2, 29, 29)}
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(step(WAVES))
    assert all(gradient is not None for gradient in tape.gradient(total, model.encoder.trainable_variables))


@framework
def test_the_feature_encoder_is_frozen(framework):
    model = of(framework)
    model.freeze_feature_encoder()
    if framework == "tf":
        names = [variable.path for variable in model.wav2vec2.feature_extractor.trainable_variables]
        trained = len(model.trainable_variables)
        assert trained == len(model.variables) - len(model.wav2vec2.feature_extractor.variables) - seeds(model)
    else:
        names = [name for name, each in model.named_parameters() if each.requires_grad and "feature_extractor" in name]
        assert any(each.requires_grad for each in model.parameters())
    assert names == []


def seeds(model) -> int:
    return sum("seed" in variable.path for variable in model.variables)


# Files


@framework
@pytest.mark.parametrize("spelling", ["weight_g weight_v", "parametrizations.weight.original0 .original1", "weight"])
def test_three_spellings_of_one_kernel(framework, spelling, tmp_path):
    """transformers' own file, and the same in torch's older spelling and in one piece."""
    from safetensors.numpy import load_file, save_file

    source = CHECKPOINTS / "wav2vec2-characters"
    state = load_file(source / "safetensors" / "model.safetensors")
    newest = [f"{STEM.removesuffix('weight')}parametrizations.weight.original{number}" for number in (0, 1)]
    lengths, kernel = (state.pop(name) for name in newest)
    if spelling == "weight":
        state[STEM] = kernel * (lengths / np.sqrt((kernel**2).sum((0, 1), keepdims=True)))
    elif spelling.startswith("weight_g"):
        state |= {f"{STEM}_g": lengths, f"{STEM}_v": kernel}
    else:
        state |= dict(zip(newest, (lengths, kernel), strict=True))
    save_file(state, tmp_path / "model.safetensors", metadata={"format": "pt"})
    (tmp_path / "config.json").write_bytes((source / "safetensors" / "config.json").read_bytes())
    kind = hfquick.TFAutoModelForCTC if framework == "tf" else hfquick.AutoModelForCTC
    model, recorded = kind.from_pretrained(tmp_path), np.load(source / "outputs.npz")
    found = call(model, framework, input_values=recorded["input_values"])
    np.testing.assert_allclose(numpy(found.logits), recorded["logits"], atol=1e-4)
    del state[next(name for name in state if name.startswith(STEM[:-6]) and "bias" not in name)]
    if spelling != "weight":  # the direction alone
        save_file(state, tmp_path / "model.safetensors", metadata={"format": "pt"})
        with pytest.raises(WeightsError, match="a direction, and lacks the length that belongs to it; the checkpoint"):
            kind.from_pretrained(tmp_path)


# Training


@pytest.mark.torch
@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_small_batches_are_a_large_one(reduction, tmp_path):
    """In an evaluation and in an update; the loss is that of a recording, also where the model sums them."""
    torch = pytest.importorskip("torch")
    rows = [{"input_values": torch.from_numpy(wave), "labels": torch.from_numpy(label)} for wave, label in
            zip(WAVES, LABELS, strict=True)]  # fmt: skip
    found, weights = [], []
    for size in (4, 3, 1):
        model = of("pt", **STILL, ctc_loss_reduction=reduction)
        right = call(model, "pt", input_values=WAVES, labels=LABELS).loss.item() / (4 if reduction == "sum" else 1)
        plain = torch.optim.SGD(model.parameters(), lr=1e-2)
        arguments = hfquick.TrainingArguments(
            tmp_path, max_steps=1, per_device_train_batch_size=size, per_device_eval_batch_size=size, use_cpu=True,
            gradient_accumulation_steps=-(-4 // size), disable_tqdm=True, report_to="none", save_strategy="no",
        )  # fmt: skip
        trainer = hfquick.Trainer(model, arguments, train_dataset=rows, eval_dataset=rows, optimizers=(plain, None))
        found.append(trainer.evaluate()["eval_loss"])
        predicted = trainer.predict(rows)
        assert predicted.predictions.shape == (4, 29, 12)
        np.testing.assert_array_equal(predicted.label_ids, LABELS)
        assert trainer.train().training_loss == pytest.approx(right, rel=1e-4)
        weights.append(model.lm_head.weight.detach().clone())
    assert found == pytest.approx([right] * 3, rel=1e-5)
    for other in weights[1:]:
        torch.testing.assert_close(other, weights[0], rtol=1e-4, atol=1e-6)


@pytest.mark.tf
@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_keras_has_the_loss_of_a_recording_for_every_batch_size(reduction):
    keras = pytest.importorskip("keras")
    model = of("tf", **STILL, ctc_loss_reduction=reduction)
    right = float(model(BATCH, labels=LABELS).loss) / (4 if reduction == "sum" else 1)
    model.compile(keras.optimizers.SGD(0.0), run_eagerly=True)
    for size in (4, 3):
        assert model.evaluate(BATCH, LABELS, batch_size=size, verbose=0) == pytest.approx(right, rel=1e-5)
    assert model.fit(BATCH, LABELS, batch_size=3, verbose=0).history["loss"][0] == pytest.approx(right, rel=1e-5)
    for given in ({"loss": "sparse_categorical_crossentropy"}, {"metrics": ["accuracy"]}):
        with pytest.raises(ValueError, match=r"no character has a frame of its own; leave it out.*KerasMetricCallback"):
            model.compile(keras.optimizers.SGD(0.0), **given)
    with pytest.raises(TypeError, match=r"fit was given the text 'a\.wav' as input_values, a model takes samples"):
        model.fit({"input_values": np.array(["a.wav"])}, LABELS)
    with pytest.raises(TypeError, match=r"fit was given a list as input_values.*in the feature extractor"):
        model.fit({"input_values": [[0.1, 0.2], [0.3]]}, LABELS)
    with pytest.raises(ValueError, match="label 12 was given, this model has labels 0 to 11; does the tokenizer fit"):
        model.fit(BATCH, LABELS + 3 * (LABELS == 9))


@pytest.mark.tf
def test_tf_data_of_texts_or_of_single_recordings():
    tf = pytest.importorskip("tensorflow")
    keras = pytest.importorskip("keras")
    model = of("tf")
    model.compile(keras.optimizers.SGD(0.0))
    with pytest.raises(TypeError, match=r"holds texts, a model takes samples; make it of feature_extractor\("):
        model.fit(tf.data.Dataset.from_tensors(({"input_values": tf.constant(["a.wav"])}, LABELS[:1])))
    with pytest.raises(ValueError, match=r"gives one recording at a time, expected batches; try data\.padded_batch"):
        model.fit(tf.data.Dataset.from_tensor_slices(({"input_values": WAVES}, LABELS)))


@pytest.mark.tf
def test_fit_learns_and_a_keras_file_keeps_the_model(tmp_path):
    """In a graph, with masks of random frames, layers left out and dropout."""
    keras = pytest.importorskip("keras")
    model = of("tf", "ForSequenceClassification", mask_time_length=3, mask_feature_prob=0.1, mask_feature_length=2)
    model.compile(keras.optimizers.Adam(1e-2), metrics=["accuracy"])
    labels = np.array([0, 2, 1, 2])
    first = model.fit(BATCH, labels, epochs=30, verbose=0).history["loss"]
    assert np.mean(first[-5:]) < first[0]
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(again(BATCH).logits, model(BATCH).logits, atol=1e-6)
    assert again.evaluate(BATCH, labels, verbose=0) == pytest.approx(model.evaluate(BATCH, labels, verbose=0))


@pytest.mark.torch
def test_the_trainer_trains_it_and_recomputes_activations(tmp_path):
    torch = pytest.importorskip("torch")
    model = of("pt", "ForSequenceClassification", **STILL)
    twin = copy.deepcopy(model)
    twin.gradient_checkpointing_enable()
    given = {"input_values": WAVES, "attention_mask": MASK, "labels": np.array([0, 2, 1, 2])}
    for each in (model, twin):
        call(each, "pt", True, **given).loss.backward()
    for one, other in zip(model.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad)
    rows = [dict(zip(given, row, strict=True)) for row in zip(*given.values(), strict=True)]
    arguments = hfquick.TrainingArguments(
        tmp_path, num_train_epochs=40, learning_rate=1e-2, disable_tqdm=True, report_to="none", save_strategy="no",
        use_cpu=True, gradient_checkpointing=True,
    )  # fmt: skip
    trainer = hfquick.Trainer(model, arguments, train_dataset=rows, eval_dataset=rows)
    before = trainer.evaluate()["eval_loss"]
    trainer.train()
    assert trainer.evaluate()["eval_loss"] < before / 2


@pytest.mark.torch
def test_what_cannot_be_trained_is_a_sentence(tmp_path):
    rows = [{"input_values": WAVES[0], "labels": LABELS[0]}]
    arguments = {"disable_tqdm": True, "report_to": "none", "save_strategy": "no", "use_cpu": True, "max_steps": 1}
    usual = hfquick.TrainingArguments(tmp_path, **arguments)
    with pytest.raises(ValueError, match=r"Wav2Vec2Model has no head.*AutoModelForCTC \(a transcription of each"):
        hfquick.Trainer(of("pt", "Model"), usual, train_dataset=rows).train()
    smooth = hfquick.TrainingArguments(tmp_path, label_smoothing_factor=0.1, **arguments)
    with pytest.raises(ValueError, match=r"label_smoothing_factor=0\.1 needs one right class for each place, and CTC"):
        hfquick.Trainer(of("pt"), smooth, train_dataset=rows).train()


@pytest.mark.torch
@pytest.mark.tf
def test_twins_agree_in_a_graph_that_knows_no_size(tmp_path):
    tf, torch = pytest.importorskip("tensorflow"), pytest.importorskip("torch")
    of("pt", "ForSequenceClassification", use_weighted_layer_sum=True, initializer_range=0.3).save_pretrained(tmp_path)
    ours = hfquick.AutoModelForAudioClassification.from_pretrained(tmp_path)
    theirs = hfquick.TFAutoModelForAudioClassification.from_pretrained(tmp_path)
    signature = [tf.TensorSpec((None, None)), tf.TensorSpec((None, None), tf.int64)]
    traced = tf.function(lambda waves, mask: theirs(waves, attention_mask=mask).logits, input_signature=signature)
    for rows, samples in ((4, 300), (1, 299), (2, 125), (3, 20)):
        waves, mask = WAVES[:rows, :samples], np.maximum(MASK[:rows, :samples], np.arange(samples) < 20)
        with torch.no_grad():
            expected = ours(torch.from_numpy(waves), attention_mask=torch.from_numpy(mask)).logits
        np.testing.assert_allclose(traced(waves, mask), expected, atol=2e-5)


@framework
@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_16_bits(framework, dtype, tmp_path):
    source = CHECKPOINTS / "wav2vec2-characters"
    kind = hfquick.TFAutoModelForCTC if framework == "tf" else hfquick.AutoModelForCTC
    recorded = np.load(source / "outputs.npz")
    model = kind.from_pretrained(source / "safetensors", dtype=dtype)
    labels = np.array([[1, 2], [3, -100]])
    found = call(model, framework, input_values=recorded["input_values"], labels=labels)
    assert dtype in str(found.logits.dtype)
    assert "float32" in str(found.loss.dtype)
    logits = numpy(
        found.logits if framework == "pt" else pytest.importorskip("tensorflow").cast(found.logits, "float32")
    )
    spread = recorded["logits"].std()
    assert np.abs(logits - recorded["logits"]).max() < (0.3 if dtype == "bfloat16" else 0.05) * spread
