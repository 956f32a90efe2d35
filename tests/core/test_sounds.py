"""Models that read sound, called by hand in both frameworks: sentences for what cannot be right, and CTC's loss."""

import warnings

import numpy as np
import pytest

import hfquick
from hfquick.utils.notices import forget
from tests.helpers.checkpoints import framework

SIZES = {
    "vocab_size": 6,
    "hidden_size": 8,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 8,
    "conv_dim": [4, 4],
    "conv_stride": [5, 2],
    "conv_kernel": [10, 3],  # a frame is computed from 20 samples
    "num_conv_pos_embeddings": 4,
    "num_conv_pos_embedding_groups": 2,
}
CONFIG = hfquick.Wav2Vec2Config(**SIZES)
WAVES = np.random.RandomState(0).standard_normal((2, 80)).astype(np.float32)  # 7 frames


def tensor(framework: str, value):
    if framework == "tf":
        return pytest.importorskip("tensorflow").constant(value)
    return pytest.importorskip("torch").tensor(value)


@pytest.fixture(scope="module")
def models():
    return {}


@pytest.fixture
def model(models, framework):
    pytest.importorskip("tensorflow" if framework == "tf" else "torch")
    if framework not in models:
        models[framework] = hfquick.TFWav2Vec2ForCTC(CONFIG) if framework == "tf" else hfquick.Wav2Vec2ForCTC(CONFIG)
    return models[framework]


WRONG = {  # inputs, and the sentence with the words of a framework
    "nothing": (
        {},
        r"^(TF)?Wav2Vec2ForCTC reads recordings, and got none; try model\(\*\*feature_extractor\(recordings, "
        r"sampling_rate=\.\.\., return_tensors='{kind}'\)\)$",
    ),
    "one recording": (
        {"input_values": WAVES[0]},
        r"^the shape of input_values is \(80,\), expected \(recordings, samples\); one recording is a batch, too: "
        r"return_tensors='{kind}' in the feature extractor, or input_values\[None\]$",
    ),
    "channels": (
        {"input_values": WAVES[None]},
        r"^the shape of input_values is \(1, 2, 80\), expected \(recordings, samples\)$",
    ),
    "whole numbers": (
        {"input_values": (WAVES * 99).astype(np.int16)},
        r"^input_values are (torch\.)?int16 numbers, expected floating-point ones; try feature_extractor\(",
    ),
    "too short": (
        {"input_values": WAVES[:, :19]},
        "^these recordings have 19 samples, one frame of this model is computed from 20; pad them to that length",
    ),
    "a mask of frames": (
        {"input_values": WAVES, "attention_mask": np.ones((2, 7), np.int64)},
        r"^the shape of attention_mask is \(2, 7\), expected \(2, 80\), one number for each sample$",
    ),
    "labels of one": (
        {"input_values": WAVES, "labels": np.array([1, 2])},
        r"^the shape of labels is \(2,\), expected \(2, L\), the token ids of each recording's transcription$",
    ),
    "labels of others": (
        {"input_values": WAVES, "labels": np.array([[1, 2]])},
        r"^the shape of labels is \(1, 2\), expected \(2, L\)",
    ),
    "a character that is not there": (
        {"input_values": WAVES, "labels": np.array([[1, 2], [3, 6]])},
        r"^label 6 was given, this model has labels 0 to 5; does the tokenizer fit the model\?$",
    ),
    "fractions": (
        {"input_values": WAVES, "labels": np.array([[1.0], [2.0]], np.float32)},
        "^labels are (torch.)?float32 numbers, expected whole numbers from 0 to 5",
    ),
    "the blank": (
        {"input_values": WAVES, "labels": np.array([[1, 2], [3, 0]])},
        r"^the labels of recording 1 hold 0, which is the blank of CTC and the padding of the tokenizer, and no "
        r"character; label padding -100: labels\[labels == 0\] = -100$",
    ),
}


@framework
@pytest.mark.parametrize("name", WRONG)
def test_wrong_inputs_are_sentences(model, framework, name):
    inputs, sentence = WRONG[name]
    given = {key: tensor(framework, value) for key, value in inputs.items()}
    with pytest.raises(ValueError, match=sentence.replace("{kind}", framework)):
        model(**given)


@framework
def test_wrong_kinds_are_sentences(model, framework):
    advice = f"; try return_tensors='{framework}' in the feature extractor$"
    for value, sentence in (
        ("a.wav", r"^input_values holds the text 'a.wav', a model takes samples; try model\(\*\*feature_extractor\("),
        ([WAVES[0]], f"^input_values is a list, expected .*{advice}"),
    ):
        with pytest.raises(TypeError, match=sentence):
            model(input_values=value)


@framework
def test_a_recording_shorter_than_a_frame_has_one(framework):
    mask = np.array([[1] * 10 + [0] * 70, [1] * 80])
    pytest.importorskip("tensorflow" if framework == "tf" else "torch")
    kind = (
        hfquick.TFWav2Vec2ForSequenceClassification if framework == "tf" else hfquick.Wav2Vec2ForSequenceClassification
    )
    logits = kind(CONFIG)(input_values=tensor(framework, WAVES), attention_mask=tensor(framework, mask)).logits
    assert np.isfinite(np.asarray(logits.detach() if framework == "pt" else logits)).all()


@framework
def test_there_are_no_token_embeddings(model, framework):
    with pytest.raises(TypeError, match=r"Wav2Vec2ForCTC reads recordings, so there are no token embeddings to resize"):
        model.resize_token_embeddings(9)
    assert model.get_input_embeddings() is model.wav2vec2.feature_extractor


def test_sizes_of_a_configuration():
    assert (CONFIG.inputs_to_logits_ratio, CONFIG.receptive_field) == (10, 20)
    assert [CONFIG.frames(samples) for samples in (19, 20, 29, 30, 80)] == [0, 1, 1, 2, 7]
    usual = hfquick.Wav2Vec2Config()
    assert (usual.inputs_to_logits_ratio, usual.receptive_field, usual.frames(16_000)) == (320, 400, 49)
    for values, sentence in (
        ({"feat_extract_norm": "batch"}, "feat_extract_norm is 'batch', expected "),
        ({"ctc_loss_reduction": "max"}, "ctc_loss_reduction is 'max', expected "),
        ({"mask_time_prob": 2.0}, "mask_time_prob is 2.0, expected "),
        ({"conv_dim": [4, 0]}, "conv_dim is 0, expected "),
        ({"conv_kernel": [10]}, r"conv_kernel is \[10\], expected as many numbers as conv_dim, 2"),
        ({"num_attention_heads": 3}, "hidden_size 8 is not divisible by num_attention_heads 3"),
        ({"num_conv_pos_embedding_groups": 3}, "hidden_size 8 is not divisible by num_conv_pos_embedding_groups 3"),
        ({"add_adapter": True}, "add_adapter is True in this configuration: Wav2Vec2 with adapters is not in hfquick"),
    ):
        with pytest.raises(ValueError, match=sentence):
            hfquick.Wav2Vec2Config(**SIZES | values)


# The loss of CTC


LOGITS = np.random.RandomState(1).standard_normal((4, 7, 6)).astype(np.float32)
FRAMES = np.array([7, 5, 7, 3])


def by_paths(logits: np.ndarray, characters: list[int], blank: int = 0) -> float:
    """CTC by its definition: of all paths through the frames those whose characters, repeats and blanks left out, are
    the given ones."""
    logs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    ways: dict[tuple, float] = {((), None): 1.0}  # what was read, and the last one of the path -> its probability
    for row in np.exp(logs.astype(np.float64)):
        new: dict[tuple, float] = {}
        for (read, last), chance in ways.items():
            for token, part in enumerate(row):
                now = read if token in (blank, last) else (*read, token)
                new[now, token] = new.get((now, token), 0.0) + chance * part
        ways = {state: chance for state, chance in new.items() if list(state[0]) == characters[: len(state[0])]}
    total = sum(chance for (read, _), chance in ways.items() if list(read) == characters)
    return -np.log(total) if total else np.inf


def loss_of(framework: str, labels, reduction: str = "none", logits=LOGITS, **config):
    """Losses and the gradient of the logits."""
    config = hfquick.Wav2Vec2Config(**SIZES | {"ctc_loss_reduction": reduction} | config)
    given, labels, frames = (tensor(framework, value) for value in (logits, np.array(labels), FRAMES))
    if framework == "tf":
        tf = pytest.importorskip("tensorflow")
        from hfquick.core.losses_tf import ctc_loss

        with tf.GradientTape() as tape:
            tape.watch(given)
            loss = ctc_loss(given, labels, frames, config)
        return loss.numpy(), tape.gradient(loss, given).numpy()
    from hfquick.core.losses import ctc_loss

    given.requires_grad_()
    loss = ctc_loss(given, labels, frames, config)
    loss.sum().backward()
    return loss.detach().numpy(), given.grad.numpy()


LABELS = [[1, 2, 2, -100], [3, -100, 4, 3], [-100, -100, -100, -100], [5, -100, -100, -100]]
COUNTS = [3, 3, 1, 1]  # an empty one is divided by one


@framework
@pytest.mark.parametrize("blank", [0, 3])
def test_the_loss_is_that_of_all_paths(framework, blank):
    labels = [[(label + 1) % 6 if label == blank else label for label in row] for row in LABELS]
    texts = [[label for label in row if label >= 0] for row in labels]
    right = [by_paths(LOGITS[row, :count], texts[row], blank) for row, count in enumerate(FRAMES)]
    found, gradient = loss_of(framework, labels, pad_token_id=blank)
    np.testing.assert_allclose(found, right, rtol=1e-5)
    assert not gradient[1, 5:].any(), "padding has a gradient"
    assert loss_of(framework, labels, "sum", pad_token_id=blank)[0] == pytest.approx(sum(right), rel=1e-5)
    mean = np.mean(np.array(right) / COUNTS)
    assert loss_of(framework, labels, "mean", pad_token_id=blank)[0] == pytest.approx(mean, rel=1e-5)


@framework
def test_a_model_without_a_padding_token_has_no_blank(framework):
    advice = r"^this model has no padding token, which is the blank of CTC; try model\.config\.pad_token_id = "
    with pytest.raises(ValueError, match=advice):
        loss_of(framework, LABELS, pad_token_id=None)


@framework
def test_the_gradient_is_the_slope_of_the_loss(framework):
    _, gradient = loss_of(framework, LABELS, "mean")
    for place in ((0, 0, 1), (1, 4, 3), (2, 6, 0), (3, 1, 5)):
        steps = []
        for step in (0.01, -0.01):
            logits = LOGITS.copy()
            logits[place] += step
            steps.append(float(loss_of(framework, LABELS, "mean", logits)[0]))
        assert gradient[place] == pytest.approx((steps[0] - steps[1]) / 0.02, abs=2e-4)


@framework
def test_a_text_too_long_for_its_recording(framework, capsys):
    """Two equal characters need a blank between them: the last row has three frames."""
    labels = [*LABELS[:3], [5, 5, 5, -100]]
    forget()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what NaN as a gradient comes from
        found, _ = loss_of(framework, labels)
    assert np.isinf(found).tolist() == [False, False, False, True]
    said = "a recording of 3 frames is too short for its 3 characters, so the loss is infinite; leave such rows out"
    assert said in capsys.readouterr().out
    forget()
    found, gradient = loss_of(framework, labels, "sum", ctc_zero_infinity=True)
    assert found == pytest.approx(loss_of(framework, LABELS)[0][:3].sum(), rel=1e-5)
    assert np.isfinite(gradient).all()
    assert not gradient[3].any()
    assert "too short" not in capsys.readouterr().out


@framework
def test_a_whole_batch_without_characters(framework):
    logs = LOGITS - np.log(np.exp(LOGITS).sum(-1, keepdims=True))
    right = [-logs[row, :count, 0].sum() for row, count in enumerate(FRAMES)]
    for width in (0, 2):
        np.testing.assert_allclose(loss_of(framework, np.full((4, width), -100))[0], right, rtol=1e-5)


@framework
def test_16_bits_are_enough_for_logits(framework):
    """The loss is computed in 32."""
    kind = {"tf": "bfloat16", "pt": "bfloat16"}[framework]
    if framework == "tf":
        tf = pytest.importorskip("tensorflow")
        from hfquick.core.losses_tf import ctc_loss

        narrow = tf.cast(LOGITS, kind)
        wide = tf.cast(narrow, "float32")
    else:
        torch = pytest.importorskip("torch")
        from hfquick.core.losses import ctc_loss

        narrow = torch.from_numpy(LOGITS).bfloat16()
        wide = narrow.float()
    given = tensor(framework, np.array(LABELS)), tensor(framework, FRAMES), CONFIG
    found, right = ctc_loss(narrow, *given), ctc_loss(wide, *given)
    assert float(found) == float(right)
    assert "float32" in str(found.dtype)


@pytest.mark.torch
@pytest.mark.tf
def test_twins_agree_about_long_texts_in_a_graph_as_well():
    tf, torch = pytest.importorskip("tensorflow"), pytest.importorskip("torch")
    from hfquick.core.losses import ctc_loss
    from hfquick.core.losses_tf import ctc_loss as theirs

    draw, config = np.random.RandomState(2), hfquick.Wav2Vec2Config(**SIZES | {"vocab_size": 20})
    logits = draw.standard_normal((3, 90, 20)).astype(np.float32)
    labels = np.where(draw.rand(3, 30) < 0.2, -100, draw.randint(1, 20, (3, 30)))
    frames = np.array([90, 60, 75])

    @tf.function(input_signature=[tf.TensorSpec((None, None, 20)), tf.TensorSpec((None, None), tf.int64),
                                  tf.TensorSpec((None,), tf.int64)])  # fmt: skip
    def traced(logits, labels, frames):
        with tf.GradientTape() as tape:
            tape.watch(logits)
            loss = theirs(logits, labels, tf.cast(frames, tf.int32), config)
        return loss, tape.gradient(loss, logits)

    found, gradient = traced(logits, labels, frames)
    given = torch.from_numpy(logits).requires_grad_()
    right = ctc_loss(given, torch.from_numpy(labels), torch.from_numpy(frames), config)
    right.backward()
    assert float(found) == pytest.approx(right.item(), rel=1e-5)
    np.testing.assert_allclose(gradient, given.grad, atol=5e-5)  # both are of 32 bits
