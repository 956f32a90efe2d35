"""Pipelines: results of transformers 4.57.6, batching that changes nothing, streams, and errors in sentences."""

import json
import pickle
import subprocess
import sys
from collections import UserList
from itertools import count, islice
from pathlib import Path

import numpy as np
import pytest

import hfquick
from hfquick import KeyDataset, pipeline
from hfquick.pipelines.text_classification import TextClassificationPipeline
from hfquick.pipelines.texts import PADDING_PER_BATCH, TOKENS_PER_BATCH, batches
from hfquick.tasks import TASKS, find_task
from tests.helpers.fake_model import fake_pipeline

FOLDER = Path(__file__).parents[1] / "reference" / "pipelines"
RECORDED = json.loads((FOLDER / "text_classification.json").read_text(encoding="utf-8"))
FRAMEWORKS = [pytest.param("pt", marks=pytest.mark.torch), pytest.param("tf", marks=pytest.mark.tf)]
MODELS = sorted({record["model"] for record in RECORDED["results"]})

_pipelines: dict[tuple[str, str], hfquick.pipelines.Pipeline] = {}


def make(framework: str, model: str = "three-labels"):
    if (framework, model) not in _pipelines:
        _pipelines[framework, model] = pipeline("text-classification", model=FOLDER / model, framework=framework)
    return _pipelines[framework, model]


@pytest.fixture(params=FRAMEWORKS)
def real(request):
    return make(request.param)


@pytest.fixture(scope="module")
def pipe():
    """A pipeline whose model is in NumPy: for what it does with inputs, options and results."""
    return fake_pipeline(TextClassificationPipeline, "text-classification", FOLDER / "three-labels")


def assert_same(ours, theirs):
    """Equal shape and labels, scores within 1e-5."""
    assert type(theirs) in (list, dict)
    assert isinstance(ours, type(theirs))
    assert len(ours) == len(theirs)
    if isinstance(theirs, dict):
        assert ours["label"] == theirs["label"]
        assert ours["score"] == pytest.approx(theirs["score"], abs=1e-5)
    else:
        for one, other in zip(ours, theirs, strict=True):
            assert_same(one, other)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_results_are_those_of_transformers(framework, model):
    pipe = make(framework, model)
    for record in (record for record in RECORDED["results"] if record["model"] == model):
        options = record["options"]
        assert_same(pipe(RECORDED["texts"][0], **options), record["one"])
        assert_same(pipe(RECORDED["texts"], **options), record["many"])
        assert_same(pipe(RECORDED["pair"], **options), record["pair"])
        assert_same(list(pipe((text for text in RECORDED["texts"]), **options)), record["stream"])


def test_many_texts_score_as_one_by_one_and_keep_their_order(real):
    texts = [" ".join(["we"] * (index * 7 % 23)) for index in range(60)]
    together = real(texts)
    assert [result["label"] for result in together] == [real(text)[0]["label"] for text in texts]
    for text, result in zip(texts, together, strict=True):
        assert result["score"] == pytest.approx(real(text)[0]["score"], abs=1e-5)
    for size in (1, 7):
        assert_same(real(texts, batch_size=size), [dict(result) for result in together])


def test_texts_and_pairs_may_be_mixed(pipe):
    mixed = ["No", {"text": "We are here", "text_pair": "no"}, ("We are here", "no"), {"text": "No"}]
    one, pair, same, alone = pipe(mixed)
    assert_same(same, dict(pair))
    assert_same(alone, dict(one))
    assert abs(pair["score"] - one["score"]) > 1e-3
    assert_same(pipe(("We are here", "no")), dict(pair))


def test_a_stream_is_read_as_it_is_used(pipe):
    taken = []
    endless = (taken.append(index) or f"text {index}" for index in count())
    results = list(islice(pipe(endless), 3))
    assert len(results) == 3
    assert len(taken) <= 64  # not the 1,024 of a full window: the first results come soon


def test_what_is_held_in_memory_gives_a_list_and_anything_else_a_stream(pipe):
    texts = RECORDED["texts"]
    expected = [dict(result) for result in pipe(texts)]
    for held in (tuple(texts), UserList(texts), np.array(texts), np.array(texts, dtype=object)):
        assert_same(pipe(held), expected)
    for stream in (iter(texts), dict.fromkeys(texts).keys()):
        results = pipe(stream)
        assert not isinstance(results, list)
        assert next(results)["label"] == expected[0]["label"]


def test_datasets(pipe):
    datasets = pytest.importorskip("datasets")
    dataset = datasets.Dataset.from_dict({"text": RECORDED["texts"], "label": [0] * len(RECORDED["texts"])})
    expected = pipe(RECORDED["texts"])
    assert len(KeyDataset(dataset, "text")) == len(expected)
    assert KeyDataset(dataset, "text")[3] == "No"
    expected = [dict(result) for result in expected]  # other batches may have other last digits
    assert_same(list(pipe(KeyDataset(dataset, "text"))), expected)
    assert_same(pipe(dataset["text"]), expected)
    with pytest.raises(KeyError, match="no column 'texts'; did you mean 'text'"):
        KeyDataset(dataset, "texts")


def test_results_are_plain_data_with_a_short_repr(real):
    result = real(RECORDED["texts"][0])
    assert repr(result) == "[{'label': 'good', 'score': 0.4139}]"
    assert json.loads(json.dumps(result)) == result
    assert pickle.loads(pickle.dumps(result)) == result
    assert result[0]["score"] != 0.4139  # full precision inside
    assert real([]) == []


def test_a_pipeline_can_be_pickled(real):
    if real.framework == "pt":  # Keras models of ours are sent as saved folders
        again = pickle.loads(pickle.dumps(real))
        # Close, not equal: a sum's last digit depends on where in memory the weights lie.
        assert_same(again("We are here"), [dict(result) for result in real("We are here")])


def test_repr_says_what_it_is(pipe):
    assert repr(pipe).startswith("TextClassificationPipeline(task='text-classification', model=")


@pytest.mark.torch
def test_loaded_models_bring_their_framework():
    model = hfquick.AutoModelForSequenceClassification.from_pretrained(FOLDER / "three-labels")
    tokenizer = hfquick.AutoTokenizer.from_pretrained(FOLDER / "three-labels")
    pipe = pipeline("sentiment-analysis", model=model, tokenizer=tokenizer)
    assert pipe.framework == "pt"
    assert pipe.task == "text-classification"
    assert pipeline(model=model, tokenizer=tokenizer).task == "text-classification"  # the head tells
    assert pipeline(model=str(FOLDER / "three-labels")).task == "text-classification"
    with pytest.raises(ValueError, match="without its tokenizer; give tokenizer="):
        pipeline("sentiment-analysis", model=model)
    with pytest.raises(ValueError, match="which is a 'pt' model; leave framework out"):
        pipeline("sentiment-analysis", model=model, tokenizer=tokenizer, framework="tf")
    with pytest.raises(TypeError, match="takes an id, a folder, or a PyTorch or Keras model, got int"):
        pipeline("sentiment-analysis", model=3)


@pytest.mark.torch
def test_a_head_of_another_task_tells_no_task():
    bare = hfquick.AutoModel.from_pretrained(FOLDER / "three-labels")
    bare.config.architectures = None
    with pytest.raises(
        ValueError, match="the model is a BertModel, which tells no task; give one of text-classification"
    ):
        pipeline(model=bare, tokenizer=object())


@pytest.mark.tf
def test_a_keras_model_brings_its_framework():
    model = hfquick.TFAutoModelForSequenceClassification.from_pretrained(FOLDER / "three-labels")
    tokenizer = hfquick.AutoTokenizer.from_pretrained(FOLDER / "three-labels")
    assert pipeline("sentiment-analysis", model=model, tokenizer=tokenizer).framework == "tf"


@pytest.mark.torch
def test_reduced_precision_changes_little():
    half = pipeline("text-classification", model=FOLDER / "three-labels", dtype="bfloat16", framework="pt")
    assert str(half.model.dtype) == "torch.bfloat16"
    assert half("We are here")[0]["score"] == pytest.approx(make("pt")("We are here")[0]["score"], abs=0.02)


@pytest.mark.parametrize(
    ("inputs", "error", "sentence"),
    [
        (3, TypeError, "takes a text, or a pair .* got int"),
        (None, TypeError, "takes a text, or a pair .* got NoneType"),
        ([3], TypeError, "reads texts, got int: '3'"),
        (["a", None], TypeError, "reads texts, got NoneType"),
        ([b"a"], TypeError, "reads texts, got bytes"),
        ({"texts": "a"}, ValueError, "a pair has the keys 'text' and 'text_pair', got 'texts'"),
        ({"text": "a", "text_pair": 3}, TypeError, "reads texts, got int"),
        ("a " * 100, ValueError, r"the text has \d+ tokens, the model reads at most 64; try truncation=True"),
        (["a", "a " * 100], ValueError, r"text 2 of 2 has \d+ tokens"),
    ],
)
def test_wrong_inputs(pipe, inputs, error, sentence):
    with pytest.raises(error, match=sentence):
        pipe(inputs)


def test_texts_that_are_too_long_can_be_cut(pipe):
    long = "here " * 100
    assert pipe(long, truncation=True)[0]["label"] in pipe.model.config.label2id


def test_unusual_texts_give_a_result(pipe):
    for text in ("", " ", "\n\t", "\x00", "🤗" * 30, "مرحبا بالعالم", "e\u0301"):
        assert 0 < pipe(text)[0]["score"] <= 1


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"topk": 1}, TypeError, "text-classification has no argument 'topk'; here it is top_k=..."),
        ({"top_k": 0}, ValueError, "top_k is 0, expected a whole number from 1 on, or None"),
        ({"top_k": "all"}, ValueError, "top_k is 'all'"),
        ({"function_to_apply": "softmx"}, ValueError, "function_to_apply 'softmx' is unknown; did you mean 'softmax'"),
        ({"batch_size": 0}, ValueError, "batch_size is 0, expected a whole number from 1 on"),
        ({"batch_size": True}, ValueError, "batch_size is True"),
    ],
)
def test_wrong_options(pipe, options, error, sentence):
    with pytest.raises(error, match=sentence):
        pipe("a", **options)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "sentence"),
    [
        (
            ("sentiment",),
            {},
            ValueError,
            "task 'sentiment' is unknown; did you mean 'sentiment-analysis'.* Tasks: text-classification",
        ),
        ((3,), {}, TypeError, "a task is named by a text such as 'sentiment-analysis', got int"),
        ((), {}, ValueError, "give a task or a model"),
        (
            ("sentiment-analysis",),
            {"framework": "jax"},
            ValueError,
            "framework 'jax' is unknown; give 'pt' for PyTorch or 'tf'",
        ),
        (("sentiment-analysis",), {"model": "no-such-model-at-all"}, OSError, "no-such-model-at-all"),
        (
            ("sentiment-analysis", FOLDER / "three-labels"),
            {"top_n": 3},
            TypeError,
            "has no argument 'top_n'; did you mean 'top_k'",
        ),
    ],
)
def test_wrong_arguments(arguments, options, error, sentence):
    with pytest.raises(error, match=sentence):
        pipeline(*arguments, **options)


@pytest.mark.torch
def test_a_device_that_is_not_there():
    with pytest.raises(ValueError, match=r"device 'cuda:7' cannot be used here .* try device='cpu'"):
        pipeline("text-classification", model=FOLDER / "three-labels", device=7, framework="pt")
    assert (
        pipeline("text-classification", model=FOLDER / "three-labels", device=-1, framework="pt").device.type == "cpu"
    )


def test_a_framework_that_is_not_installed(monkeypatch):
    monkeypatch.setattr("hfquick.pipelines.factory.find_spec", lambda name: None)
    with pytest.raises(ImportError, match="needs PyTorch or TensorFlow; try: pip install"):
        pipeline("text-classification", model=FOLDER / "three-labels")


def test_batches_keep_their_promises():
    lengths = [index * 37 % 211 + 1 for index in range(300)]
    found = list(batches(lengths))
    assert sorted(index for batch in found for index in batch) == list(range(300))
    for batch in found:
        longest = max(lengths[index] for index in batch)
        assert len(batch) == 1 or len(batch) * longest <= TOKENS_PER_BATCH
        assert sum(longest - lengths[index] for index in batch) <= PADDING_PER_BATCH
    assert max(map(len, batches([5] * 40, most=16))) == 16
    assert list(batches([])) == []


def test_the_table_of_tasks():
    assert find_task("sentiment-analysis") is TASKS["text-classification"]
    for task in TASKS.values():
        assert hasattr(hfquick, task.pt)
        assert hasattr(hfquick, task.tf)
        assert task.samples
        assert task.stand_in == hfquick.zoo.STAND_INS.get(task.default_model)
    assert find_task("translation_en_to_de") is TASKS["translation"]
    with pytest.raises(ValueError, match="'translation_en_too_de' is unknown"):
        find_task("translation_en_too_de")


@pytest.mark.torch
def test_a_model_that_fits_several_tasks_needs_to_be_told():
    with pytest.raises(ValueError, match="fits 'summarization' and 'translation'; give one of them"):
        hfquick.pipeline(model=str(FOLDER / "say-t5"), framework="pt")


@pytest.mark.torch
def test_a_first_result_does_not_load_the_compiler():
    """torch._dynamo takes seconds to import; drawing weights on the meta device would bring it in."""
    code = f"""
import sys
from hfquick import pipeline
pipeline('text-classification', model={str(FOLDER / "three-labels")!r}, framework='pt')('We are here')
print([name for name in ('torch._dynamo', 'tensorflow', 'pandas') if name in sys.modules])
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory"),
        Exception("OOM when allocating tensor with shape[4,8]"),
    ],
)
@pytest.mark.parametrize(
    ("count", "advice"), [(4, "batch of 4; try batch_size=2"), (1, "batch of 1; try a shorter text")]
)
def test_a_batch_for_which_there_is_no_memory_is_a_sentence(pipe, monkeypatch, error, count, advice):
    def full(*args, **options):
        raise error

    monkeypatch.setattr(pipe, "forward", full)
    with pytest.raises(MemoryError, match=f"no memory is left on cpu for a {advice}") as raised:
        pipe(["we are happy"] * count, batch_size=4)
    assert raised.value.__cause__ is error


def test_another_error_of_a_model_stays_what_it_is(pipe, monkeypatch):
    def broken(*args, **options):
        raise RuntimeError("memory of a goldfish")

    monkeypatch.setattr(pipe, "forward", broken)
    with pytest.raises(RuntimeError, match="goldfish"):
        pipe("we are happy")
