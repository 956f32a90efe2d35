"""Sounds in pipelines: results of transformers 4.57.6, batches that change nothing, long recordings, bad input."""

import io
import json
import pickle
import threading
from functools import cache
from itertools import count, islice
from pathlib import Path

import numpy as np
import pytest
import soundfile

import hfquick
from hfquick import KeyDataset, pipeline
from hfquick.display.sound import MOST_SOUNDS
from hfquick.pipelines import sounds
from hfquick.pipelines.sounds import AHEAD, FIRST_WINDOW, PADDING, SAMPLES_PER_BATCH
from tests.hub.test_downloads import Server
from tests.pipelines.recordings import LENGTHS, RATE, recording
from tests.pipelines.test_names import NAMES, check_led_on

FOLDER = Path(__file__).parents[1] / "reference" / "pipelines"
RECORDED = json.loads((FOLDER / "sounds.json").read_text(encoding="utf-8"))
SPEECH, SOUNDS = ("speech-group", "speech-layer"), ("sound-group", "sound-layer")
TASK = {
    **dict.fromkeys(SPEECH, "automatic-speech-recognition"),
    **dict.fromkeys(SOUNDS, "audio-classification"),
}
FRAMEWORKS = [pytest.param("pt", marks=pytest.mark.torch), pytest.param("tf", marks=pytest.mark.tf)]
MORE = ["padding", "num_workers", "return_tensors", "torch_dtype", "use_auth_token", "topk", "inputs", "audio", "array"]
OF_SPEECH = ["decoder", "decoder_kwargs", "generate_kwargs", "return_language", "max_new_tokens", "language"]
both = pytest.mark.parametrize("framework", FRAMEWORKS)
LONG = {"chunk_length_s": 1.3, "stride_length_s": (0.3, 0.2), "return_timestamps": "char"}


@cache
def pipe_of(model: str, framework: str = "pt"):
    return pipeline(TASK[model], model=str(FOLDER / model), framework=framework, device="cpu")


def fresh(model: str, **options):
    """A pipeline of its own, to be changed."""
    return pipeline(TASK[model], model=str(FOLDER / model), framework="pt", device="cpu", **options)


def plain(found):
    """As JSON has it: tuples are lists."""
    return json.loads(json.dumps(found))


def assert_same(found, right, close: float = 2e-4) -> None:
    """The very text and times, nearly the same scores of the same labels."""
    if isinstance(right, dict):
        assert plain(found) == plain(right)
        return
    assert list(map(list, found)) == list(map(list, right))  # the keys, in their order
    assert [one["label"] for one in found] == [one["label"] for one in right]
    assert [one["score"] for one in found] == pytest.approx([one["score"] for one in right], abs=close)


@both
@pytest.mark.parametrize("model", TASK)
def test_results_are_those_of_transformers(model, framework):
    rows = [row for row in RECORDED if row["model"] == model]
    assert rows
    for row in rows[:: 5 if framework == "tf" else 1]:
        given = recording(row["sound"])
        if "stride" in row:
            given = {"raw": given, "sampling_rate": RATE, "stride": tuple(row["stride"]), "partial": row["partial"]}
        assert_same(pipe_of(model, framework)(given, **row["options"]), row["result"])


@both
@pytest.mark.parametrize("model", TASK)
def test_a_list_gives_what_one_by_one_gives(model, framework):
    """Sounds of many lengths, mixed, so that batches have several and results must find their place."""
    inputs = [recording(name) for name in (*LENGTHS, *reversed(LENGTHS))]
    inputs += [inputs[1][:-100], inputs[1][:-300]]  # nearly of one length, so padded where that changes nothing
    pipe = pipe_of(model, framework)
    for options in ({}, LONG) if model in SPEECH else ({},):
        alone = [pipe(one, **options) for one in inputs]
        for many in (pipe(inputs, **options), pipe(inputs, batch_size=3, **options), pipe(iter(inputs), **options)):
            for one, right in zip(many, alone, strict=True):
                assert_same(one, right, 1e-5)


def pieces_of(pipe, lengths):
    return [sounds.Piece({}, sounds.Part(None, True, length, 0, 0)) for length in lengths]


@pytest.mark.torch
def test_what_normalises_over_all_samples_is_never_padded():
    pipe, lengths = pipe_of("speech-group"), [16_000, 20_000, 16_000, 15_999, 20_000, 16_000]
    found = sorted(map(sorted, pipe.batches(pieces_of(pipe, lengths), pipe.settings)))
    assert found == [[0, 2, 5], [1, 4], [3]]


@pytest.mark.torch
@pytest.mark.parametrize("most", [None, 4])
def test_padding_is_a_few_per_cent(most):
    pipe, rng = pipe_of("speech-layer"), np.random.RandomState(0)
    lengths = [int(length) for length in np.sort(rng.uniform(4_000, 60_000, 300))[rng.permutation(300)]]
    found = list(pipe.batches(pieces_of(pipe, lengths), pipe._settings({"batch_size": most})))
    assert sorted(index for batch in found for index in batch) == list(range(300))
    sizes = [(max(lengths[index] for index in batch) * len(batch), batch) for batch in found]
    samples = sum(lengths)
    assert samples < sum(size for size, _batch in sizes) <= samples * (1 + 2 * PADDING)
    assert all(1 - sum(lengths[i] for i in batch) / size <= PADDING for size, batch in sizes)
    assert len(found) < 150
    assert all(len(batch) <= most if most else size <= SAMPLES_PER_BATCH for size, batch in sizes)


@pytest.mark.torch
@pytest.mark.parametrize(("model", "padded"), [("speech-group", False), ("speech-layer", True)])
def test_the_model_sees_padding_only_where_it_has_a_mask(model, padded, monkeypatch):
    pipe, seen = fresh(model), []
    model_forward = pipe.model.forward
    monkeypatch.setattr(pipe.model, "forward", lambda **batch: seen.append(batch) or model_forward(**batch))
    wave = recording("second")
    pipe([wave, wave[:-200], wave])
    shapes = [tuple(batch["input_values"].shape) for batch in seen]
    assert sorted(shapes) == ([(3, 16_000)] if padded else [(1, 15_800), (2, 16_000)])
    assert ["attention_mask" in batch for batch in seen] == [padded] * len(seen)


# Long recordings, and streams


@pytest.mark.torch
def test_a_stream_holds_few_sounds_and_never_ends_too_early():
    taken, threads = [], set()

    def waves():
        for number in count():
            taken.append(number)
            threads.add(threading.current_thread())
            yield recording("odd")

    stream = pipe_of("sound-group")(waves())
    assert len(list(islice(stream, 3))) == 3
    assert len(taken) <= FIRST_WINDOW / LENGTHS["odd"] + 2 * AHEAD + 2
    assert threads == {threading.main_thread()}  # what a user wrote runs where it was called
    stream.close()


@pytest.mark.torch
@pytest.mark.parametrize("rate", [RATE, 8_000, 44_100])
def test_a_long_recording_is_read_as_it_is_transcribed(rate, tmp_path, monkeypatch):
    """A quarter of an hour; never more than a window of it is held."""
    monkeypatch.setattr(sounds, "WINDOW", 40_000)
    pipe, held, most = fresh("speech-group"), 0, 0

    class Extractor(type(pipe.feature_extractor)):
        def __call__(self, *given, **options):
            nonlocal held, most
            held += 1
            most = max(most, held)
            return super().__call__(*given, **options)

    pipe.feature_extractor.__class__ = Extractor
    results = pipe._results

    def counted(pieces, settings):
        nonlocal held
        held -= len(pieces)
        return results(pieces, settings)

    monkeypatch.setattr(pipe, "_results", counted)
    file = tmp_path / "long.flac"
    wave = np.tile(recording("long"), 12)
    soundfile.write(file, np.repeat(wave, 2)[: rate * 20] if rate > RATE else wave[: rate * 20], rate)
    found = pipe(file, chunk_length_s=0.5, return_timestamps="char")
    assert len(found["text"]) > 40
    assert found["chunks"][-1]["timestamp"][1] == pytest.approx(20, abs=1)
    assert most <= 40_000 / 8_000 + 2 * AHEAD + 2
    assert held == 0


@pytest.mark.torch
def test_chunks_are_those_of_the_whole_wherever_the_blocks_of_a_file_end(tmp_path, monkeypatch):
    wave, pipe = np.tile(recording("long"), 5), pipe_of("speech-layer")
    file = tmp_path / "wave.wav"
    soundfile.write(file, wave, RATE, subtype="FLOAT")
    right = pipe(wave, **LONG)
    for block in (1_000, 17_777, 1 << 20):
        monkeypatch.setattr("hfquick.audio_processing.decoding.BLOCK", block)
        assert pipe(file, **LONG) == right


@pytest.mark.torch
@pytest.mark.parametrize("model", SPEECH)
def test_the_end_of_a_recording_may_be_too_short_for_a_frame(model):
    """transformers raises an error: the last chunk has fewer samples than one frame is computed from."""
    pipe, wave = pipe_of(model), recording("longer")[:16_010]
    found = pipe(wave, chunk_length_s=1, stride_length_s=0, return_timestamps="char")
    assert found == pipe(wave[:16_000], return_timestamps="char")


@pytest.mark.torch
def test_a_silent_recording_has_no_text_and_no_times():
    pipe = fresh("speech-group")
    pipe.model.lm_head.bias.data[0] += 1e4
    silence = np.zeros(20_000, np.float32)
    assert pipe(silence) == {"text": ""}
    assert pipe(silence, return_timestamps="word") == {"text": "", "chunks": []}
    assert np.isfinite([one["score"] for one in pipe_of("sound-group")(silence)]).all()


# What a sound may be


def file_of(wave, rate=RATE, kind="WAV", subtype="FLOAT") -> bytes:
    file = io.BytesIO()
    soundfile.write(file, wave, rate, format=kind, subtype=subtype)
    return file.getvalue()


@pytest.mark.torch
def test_every_way_to_give_a_sound(tmp_path):
    pipe, wave = pipe_of("sound-group"), recording("odd")
    right, content = pipe(wave), file_of(wave)
    path = tmp_path / "odd.wav"
    path.write_bytes(content)

    class Decoder:
        """As torchcodec has it."""

        def get_all_samples(self):
            return type("Samples", (), {"data": wave[None], "sample_rate": RATE})

    with path.open("rb") as file:
        for one in (
            str(path),
            path,
            content,
            bytearray(content),
            file,
            wave.tolist(),
            wave.astype(np.float64),
            wave[None],
            np.stack([wave, wave], axis=-1),
            {"array": wave, "sampling_rate": RATE},
            {"raw": wave, "sampling_rate": RATE, "path": None},
            {"bytes": content, "path": "odd.wav"},
            {"bytes": None, "path": str(path)},
            Decoder(),
        ):
            assert pipe(one) == right
    rows = [{"audio": one, "id": 3} for one in (str(path), content, wave)]
    for many in (
        [str(path), content, wave],
        (path, wave, wave),
        KeyDataset(rows, "audio"),
        (row["audio"] for row in rows),
    ):
        found = list(pipe(many))
        assert len(found) == 3
        for one in found:
            assert_same(one, right, 1e-5)
    assert pipe([]) == []


@pytest.mark.torch
def test_columns_of_a_dataset(tmp_path):
    """A column may be longer than the memory, so its sounds are read one after the other; the results are a list."""
    datasets = pytest.importorskip("datasets")
    paths, pipe = [], pipe_of("speech-layer")
    for name in ("odd", "short", "second"):
        paths.append(str(tmp_path / f"{name}.wav"))
        soundfile.write(paths[-1], recording(name), RATE, subtype="FLOAT")
    rows = datasets.Dataset.from_dict({"audio": paths}).cast_column("audio", hfquick.Audio(sampling_rate=RATE))
    right = [pipe(path) for path in paths]
    for many in (rows["audio"], rows[:3]["audio"], KeyDataset(rows, "audio"), (row["audio"] for row in rows)):
        assert list(pipe(many)) == right
    assert isinstance(pipe(rows["audio"]), list)
    long = (recording("short") for _ in range(MOST_SOUNDS + 2))  # of a stream only the first sounds are held
    assert [result.source is not None for result in pipe(long)] == [True] * MOST_SOUNDS + [False] * 2
    assert pipe([recording("short")] * (MOST_SOUNDS + 2))[-1].source is not None  # of a list all are there anyway
    assert pipe(rows[0]["audio"]) == right[0]


@pytest.mark.torch
def test_other_rates_are_resampled():
    """Twice the samples at twice the rate are the same sound, but for what resampling leaves."""
    pipe, wave = pipe_of("sound-group"), recording("odd")
    smooth = np.convolve(wave, np.ones(8) / 8, "same").astype(np.float32)
    right = pipe(smooth)
    for rate in (32_000, 192_000, 8_000):
        times = np.arange(len(smooth) * rate // RATE) * RATE / rate
        again = np.interp(times, np.arange(len(smooth)), smooth).astype(np.float32)
        found = pipe({"array": again, "sampling_rate": rate})
        assert_same(found, right, 0.03)
        assert pipe(file_of(again, rate)) == found
    eight = np.stack([smooth] * 8, -1)
    assert_same(pipe(file_of(eight)), right, 1e-4)


# What can be wrong


def nan() -> np.ndarray:
    wave = recording("second")
    wave[777] = np.nan
    return wave


def strided(stride):
    return {"raw": recording("short"), "sampling_rate": RATE, "stride": stride}


GOOD = recording("short")
WRONG = [
    ("sound-group", 3, {}, TypeError, "audio-classification takes a sound"),
    ("sound-group", "no-such.wav", {}, FileNotFoundError, "there is no sound 'no-such.wav'"),
    ("sound-group", np.zeros(0, np.float32), {}, ValueError, "the sound is empty: it has no sample"),
    ("sound-group", b"", {}, ValueError, "the sound is empty: it has 0 bytes"),
    ("sound-group", nan(), {}, ValueError, r"no numbers \(NaN or infinity\), the first at 0.05 s"),
    ("sound-group", GOOD[:399], {}, ValueError, "has 399 samples, and one frame of this model is computed from 400"),
    ("sound-group", {"array": GOOD}, {}, ValueError, "no 'sampling_rate'"),
    ("sound-group", {"array": GOOD, "sampling_rate": 50}, {}, ValueError, "50 samples per second"),
    ("sound-group", {"array": GOOD, "sampling_rate": "16k"}, {}, ValueError, "the sampling rate of the sound is '16k'"),
    ("sound-group", {"text": "hello"}, {}, TypeError, "a table with 'text' is no sound"),
    ("sound-group", b"To whom it may concern", {}, ValueError, "is no sound, or of a format that is not read"),
    ("sound-group", file_of(GOOD)[:-999], {}, ValueError, "is cut off"),
    ("sound-group", [GOOD, nan(), GOOD], {}, ValueError, "sound 1: the sound has samples that are no numbers"),
    ("sound-group", [GOOD, "no-such.wav"], {}, FileNotFoundError, "sound 1: there is no sound 'no-such.wav'"),
    ("sound-group", [GOOD, 3], {}, TypeError, "sound 1: a sound was expected, got int"),
    ("sound-group", GOOD, {"top_k": 0}, ValueError, "top_k is 0"),
    ("sound-group", GOOD, {"function_to_apply": "softmin"}, ValueError, "did you mean 'softmax'"),
    ("sound-group", GOOD, {"sampling_rate": 8_000}, TypeError, "'sampling_rate': 44_100"),
    ("sound-group", GOOD, {"chunk_length_s": 30}, TypeError, "has no argument 'chunk_length_s'"),
    ("speech-group", GOOD, {"return_timestamps": True}, ValueError, "return_timestamps is True; a CTC model gives"),
    ("speech-group", GOOD, {"return_timestamps": "words"}, ValueError, "did you mean 'word'"),
    ("speech-group", GOOD, {"chunk_length_s": "long"}, ValueError, "chunk_length_s is 'long', expected seconds"),
    ("speech-group", GOOD, {"chunk_length_s": -3}, ValueError, "chunk_length_s is -3, expected seconds"),
    ("speech-group", GOOD, {"chunk_length_s": 0.001}, ValueError, "chunk_length_s is 0.001, too short"),
    ("speech-group", GOOD, {"chunk_length_s": 9e7}, ValueError, "chunk_length_s is 90000000.0, .* at most [0-9,]+ s"),
    ("speech-group", GOOD, {"chunk_length_s": 1, "stride_length_s": 0.5}, ValueError, "nothing is left of it"),
    ("speech-group", GOOD, {"chunk_length_s": 1, "stride_length_s": (2, 1)}, ValueError, "has 3 s of its neighbours"),
    ("speech-group", GOOD, {"chunk_length_s": 1, "stride_length_s": (1, 2, 3)}, ValueError, "stride_length_s is "),
    ("speech-group", GOOD, {"chunk_length_s": 1, "stride_length_s": np.nan}, ValueError, "stride_length_s is nan"),
    ("speech-group", GOOD, {"decoder": "kenlm"}, TypeError, "no language model is read here"),
    ("speech-group", GOOD, {"return_language": True}, TypeError, "it belongs to Whisper"),
    ("speech-group", GOOD, {"generate_kwargs": {"num_beams": 2}}, TypeError, "a CTC model generates no tokens"),
    ("speech-group", strided((4_000, 400)), {}, ValueError, r"stride of the sound is \(4000, 400\), .* not more than"),
    ("speech-group", strided("all"), {}, ValueError, "the stride of the sound is 'all'"),
]  # fmt: skip


@pytest.mark.torch
@pytest.mark.parametrize(("model", "given", "options", "error", "said"), WRONG)
def test_bad_inputs_are_sentences(model, given, options, error, said):
    with pytest.raises(error, match=said):
        pipe_of(model)(given, **options)


@pytest.mark.torch
def test_results_before_a_bad_sound_of_a_stream_are_given():
    """Those of its window are not: they are computed together."""
    waves = [recording("long")] * 7 + [nan()]
    stream = pipe_of("sound-group")(iter(waves))
    assert len(list(islice(stream, 6))) == 6
    with pytest.raises(ValueError, match="sound 7: the sound has samples that are no numbers"):
        list(stream)


@pytest.mark.torch
def test_a_text_file_with_the_name_of_a_sound(tmp_path):
    path = tmp_path / "speech.wav"
    path.write_text("Letters that call themselves a recording.")
    with pytest.raises(ValueError, match=r"speech.wav' is no sound, .* begins with b'Letters that call"):
        pipe_of("speech-group")(path)


@pytest.mark.torch
def test_an_error_of_a_generator_stays_what_it_is():
    def waves():
        yield GOOD
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        list(pipe_of("sound-group")(waves()))


@pytest.mark.torch
def test_a_recording_too_long_to_be_read_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(sounds, "MOST_VALUES", 8 * RATE)
    path = tmp_path / "talk.wav"
    path.write_bytes(file_of(np.tile(recording("long"), 2)))
    with pytest.raises(
        ValueError, match=r"talk.wav' lasts 10 s, .* at most 5 s at once; chunk_length_s=30 reads it in"
    ):
        pipe_of("speech-group")(path)
    assert pipe_of("speech-group")(path, chunk_length_s=3)["text"]
    with pytest.raises(ValueError, match=r"lasts 10 s, .* at most 5 s at once; give a part of it"):
        pipe_of("sound-group")(path)


@pytest.mark.torch
def test_a_full_memory_is_a_sentence(monkeypatch):
    pipe = fresh("speech-group")

    def full(**batch):
        raise MemoryError("no memory")

    monkeypatch.setattr(pipe.model, "forward", full)
    with pytest.raises(MemoryError, match=r"a batch of 1; try chunk_length_s=30, or a smaller model"):
        pipe(GOOD)


@pytest.mark.torch
@pytest.mark.parametrize("model", ["speech-group", "sound-group"])
def test_no_name_of_transformers_is_left_without_a_word(model):
    pipe = pipe_of(model)
    names = {*NAMES["pipelines"][TASK[model]], *NAMES["pipeline"], *MORE, *(OF_SPEECH if model in SPEECH else ())}
    for name in names:
        check_led_on(pipe, name)


# The parts of a pipeline


@pytest.mark.torch
def test_parts_of_a_pipeline():
    folder, wave = str(FOLDER / "speech-layer"), recording("odd")
    model = hfquick.AutoModelForCTC.from_pretrained(folder)
    extractor = hfquick.AutoFeatureExtractor.from_pretrained(folder)
    tokenizer = hfquick.AutoTokenizer.from_pretrained(folder)
    right = pipe_of("speech-layer")(wave)
    for options in (
        {"feature_extractor": extractor, "tokenizer": tokenizer},
        {"feature_extractor": folder, "tokenizer": folder},
        {"processor": folder},
        {"processor": hfquick.AutoProcessor.from_pretrained(folder)},
    ):
        assert pipeline("automatic-speech-recognition", model=model, **options)(wave) == right
    assert pipeline(model=folder).task == "automatic-speech-recognition"
    assert pipeline(model=str(FOLDER / "sound-group")).task == "audio-classification"
    assert pipe_of("speech-layer").feature_extractor.sampling_rate == RATE
    with pytest.raises(ValueError, match=r"without its feature_extractor; give feature_extractor=AutoFeatureExtractor"):
        pipeline("audio-classification", model=pipe_of("sound-group").model)
    with pytest.raises(ValueError, match=r"without its tokenizer; give tokenizer=AutoTokenizer"):
        pipeline("automatic-speech-recognition", model=model, feature_extractor=extractor)
    with pytest.raises(TypeError, match="audio-classification reads no pictures, and takes no image_processor"):
        pipeline("audio-classification", model=str(FOLDER / "sound-group"), image_processor=extractor)
    with pytest.raises(TypeError, match="text-classification reads no sounds, and takes no feature_extractor"):
        pipeline("text-classification", model=str(FOLDER / "three-labels"), feature_extractor=extractor)


@pytest.mark.torch
def test_parts_of_another_kind_are_sentences():
    sound, text = pipe_of("sound-group"), pipeline(model=str(FOLDER / "three-labels"))
    pictures = hfquick.AutoImageProcessor.from_pretrained(FOLDER / "picture-class")
    with pytest.raises(TypeError, match="feature_extractor is a ViTImageProcessor, expected one of sounds"):
        pipeline("audio-classification", model=sound.model, feature_extractor=pictures)
    with pytest.raises(ValueError, match="audio-classification reads sounds, and a BertForSequenceClassification does"):
        pipeline("audio-classification", model=text.model, feature_extractor=sound.feature_extractor)
    with pytest.raises(TypeError, match=r"tokenizer is a .*, which does not decode frames"):
        pipeline(
            "automatic-speech-recognition",
            model=pipe_of("speech-group").model,
            feature_extractor=sound.feature_extractor,
            tokenizer=text.tokenizer,
        )
    with pytest.raises(ValueError, match="bert models have no AutoModelForAudioClassification"):
        pipeline("audio-classification", model=str(FOLDER / "three-labels"))
    with pytest.raises(ValueError, match="wav2vec2 models have no AutoModelForSequenceClassification"):
        pipeline("text-classification", model=str(FOLDER / "sound-group"))
    speech = pipe_of("speech-group")
    pipe = pipeline("audio-classification", model=speech.model, feature_extractor=speech.feature_extractor)
    with pytest.raises(ValueError, match=r"gave scores of the shape .* for a sound"):
        pipe(GOOD)


@pytest.mark.torch
def test_options_of_a_pipeline_hold_for_its_calls():
    wave = recording("odd")
    pipe = fresh("speech-group", **LONG, batch_size=2)
    assert pipe(wave) == pipe_of("speech-group")(wave, **LONG)
    assert pipe(wave, chunk_length_s=None, return_timestamps=None) == pipe_of("speech-group")(wave)
    assert pipe(wave, chunk_length_s=0, return_timestamps=False) == pipe_of("speech-group")(wave)
    assert len(fresh("sound-group", top_k=2)(wave)) == 2


@pytest.mark.torch
@pytest.mark.parametrize("model", TASK)
def test_pipelines_are_pickled(model):
    pipe = pickle.loads(pickle.dumps(pipe_of(model)))
    assert_same(pipe(GOOD), pipe_of(model)(GOOD), 1e-6)


@pytest.mark.torch
def test_half_the_digits():
    pipe = fresh("sound-group", dtype="bfloat16")
    assert pipe(GOOD)[0]["label"] == pipe_of("sound-group")(GOOD)[0]["label"]
    assert set(fresh("speech-layer", dtype="bfloat16")([GOOD, GOOD], return_timestamps="char")[0]) == {"text", "chunks"}


@pytest.mark.torch
def test_results_read_well():
    found = pipe_of("speech-group")(GOOD, return_timestamps="word")
    assert repr(found).startswith("{'text': 'ESESE', 'chunks': [{'text': 'ESESE', 'timestamp': (0.0, 0.26)}]")
    assert repr(pipe_of("sound-group")(GOOD, top_k=1)) == "[{'score': 0.5261, 'label': 'tom'}]"


@pytest.mark.torch
def test_addresses_of_rows_may_not_be_of_the_local_network(monkeypatch):
    """What stands in the call was typed; what a dataset or a generator gives was not."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server, pipe = Server(), pipe_of("sound-group")
    server.pages["/odd.wav"] = (200, {"Content-Type": "audio/wav"}, file_of(recording("odd")))
    try:
        address = f"{server.url}/odd.wav"
        assert_same(pipe([address, address])[1], pipe(recording("odd")), 1e-5)
        with pytest.raises(ValueError, match=r"sound 0: .* asked only when you type it yourself"):
            next(pipe(one for one in [address]))
        column = pytest.importorskip("datasets").Dataset.from_dict({"sound": [address]})["sound"]
        with pytest.raises(ValueError, match=r"sound 0: .* asked only when you type it yourself"):
            pipe(column)
    finally:
        server.close()
