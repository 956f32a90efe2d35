"""Every feature on a GPU gives what it gives on the CPU: `make gpu`, on a machine that has one. Skipped elsewhere.

HFQUICK_GPU=cpu runs the same tests on the CPU, to try the tests themselves.
"""

import math
import os

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import hfquick  # noqa: E402
from hfquick.tasks import TASKS  # noqa: E402

DEVICE = os.environ.get("HFQUICK_GPU") or ("cuda" if torch.cuda.is_available() else "")
pytestmark = [pytest.mark.gpu, pytest.mark.torch, pytest.mark.skipif(not DEVICE, reason="there is no GPU")]
on_cuda = pytest.mark.skipif(DEVICE == "cpu", reason="only a GPU does this")
CLASSIFIER, CAUSAL, TRANSLATOR = (
    f"hfquick/{name}" for name in ("distilbert-tiny-sentiment-en", "gpt2-tiny-en", "t5-tiny-en-fr")
)
TEXTS = ["A wonderful film, warm and funny.", "Dull, and far too long."] * 8


def close(one, other, tolerance=2e-3):
    """The same answers, numbers within a tolerance: a GPU multiplies in another order."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(close(one[key], other[key], tolerance) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(close(*pair, tolerance) for pair in zip(one, other, strict=True))
    if isinstance(one, float):
        return math.isclose(one, other, abs_tol=tolerance)
    return one == other


@pytest.mark.parametrize("task", TASKS)
def test_a_pipeline_answers_as_on_the_cpu(task):
    row = TASKS[task]
    options = {"do_sample": False, "max_new_tokens": 8} if task == "text-generation" else {}
    answers = [
        hfquick.pipeline(task, model=row.stand_in, device=device)(row.samples[0], **options)
        for device in ("cpu", DEVICE)
    ]
    assert close(*answers)


def test_without_a_word_a_pipeline_takes_the_gpu():
    pipe = hfquick.pipeline("text-classification", model=CLASSIFIER)
    assert pipe.device.type == torch.device(DEVICE).type
    assert next(pipe.model.parameters()).device.type == torch.device(DEVICE).type
    assert [answer["label"] for answer in pipe(TEXTS[:2])] == ["POSITIVE", "NEGATIVE"]


@on_cuda
@pytest.mark.parametrize("device", [0, "cuda", "cuda:0", torch.device("cuda", 0) if DEVICE == "cuda" else None])
def test_a_device_is_named_in_each_usual_way(device):
    pipe = hfquick.pipeline("text-classification", model=CLASSIFIER, device=device)
    assert pipe.device.type == "cuda"


@on_cuda
def test_a_gpu_that_is_not_there_is_a_sentence():
    with pytest.raises(ValueError, match="cannot be used here"):
        hfquick.pipeline("text-classification", model=CLASSIFIER, device=99)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_numbers_of_each_type(dtype):
    tokenizer = hfquick.AutoTokenizer.from_pretrained(CLASSIFIER)
    inputs = tokenizer(TEXTS[:2], padding=True, return_tensors="pt")
    with torch.no_grad():
        expected = hfquick.AutoModelForSequenceClassification.from_pretrained(CLASSIFIER).eval()(**inputs).logits
        model = hfquick.AutoModelForSequenceClassification.from_pretrained(CLASSIFIER, dtype=dtype).eval().to(DEVICE)
        found = model(**{name: value.to(DEVICE) for name, value in inputs.items()}).logits
    assert found.dtype is dtype
    tolerance = {torch.float32: 2e-3, torch.float16: 2e-2, torch.bfloat16: 0.15}[dtype]
    assert np.allclose(found.float().cpu(), expected, atol=tolerance)


@pytest.mark.parametrize("options", [{}, {"num_beams": 3}, {"use_cache": False}], ids=["greedy", "beams", "no cache"])
@pytest.mark.parametrize("name", [CAUSAL, TRANSLATOR])
def test_generate_chooses_the_tokens_of_the_cpu(name, options):
    tokenizer = hfquick.AutoTokenizer.from_pretrained(name, padding_side="left")
    kind = hfquick.AutoModelForSeq2SeqLM if name == TRANSLATOR else hfquick.AutoModelForCausalLM
    model, prompts = kind.from_pretrained(name).eval(), ["The door of the garden was", "My sister buys two red apples."]
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    batch = tokenizer(prompts, padding=True, return_tensors="pt")
    options = {"do_sample": False, "max_new_tokens": 8, **options}
    expected = model.generate(**batch, **options)
    found = model.to(DEVICE).generate(**batch.to(DEVICE), **options)
    assert found.device.type == torch.device(DEVICE).type
    assert found.tolist() == expected.tolist()


@pytest.mark.parametrize("precision", [{}, {"bf16": True}, {"fp16": True}], ids=["float32", "bf16", "fp16"])
@pytest.mark.parametrize("name", [CLASSIFIER, CAUSAL])
def test_trainer_learns_and_says_where(name, precision, tmp_path):
    if DEVICE == "cpu" and "fp16" in precision:
        pytest.skip("float16 training needs a GPU")
    torch.manual_seed(0)
    tokenizer = hfquick.AutoTokenizer.from_pretrained(name)
    if name == CAUSAL:
        model = hfquick.AutoModelForCausalLM.from_pretrained(name)
        rows = [{"input_ids": tokenizer(text)["input_ids"]} for text in TEXTS]
        collator = hfquick.DataCollatorForLanguageModeling(tokenizer, mlm=False)
    else:
        model = hfquick.AutoModelForSequenceClassification.from_pretrained(name)
        rows = [{**tokenizer(text), "label": index % 2} for index, text in enumerate(TEXTS)]
        collator = hfquick.DataCollatorWithPadding(tokenizer)
    arguments = hfquick.TrainingArguments(
        str(tmp_path), num_train_epochs=5, learning_rate=5e-4, per_device_train_batch_size=4, disable_tqdm=True,
        save_strategy="epoch", use_cpu=DEVICE == "cpu", **precision,
    )  # fmt: skip
    trainer = hfquick.Trainer(model, arguments, train_dataset=rows, eval_dataset=rows, data_collator=collator)
    before = trainer.evaluate()["eval_loss"]
    trainer.train()
    after = trainer.evaluate()["eval_loss"]
    assert math.isfinite(after)
    assert after < before * 0.9
    assert trainer.model.device.type == torch.device(DEVICE).type
    assert trainer.train(resume_from_checkpoint=True).global_step == 20  # all is done already


@on_cuda
def test_what_is_too_large_for_the_gpu_is_a_sentence():
    pipe = hfquick.pipeline("text-classification", model=CLASSIFIER, device=DEVICE)
    free, _ = torch.cuda.mem_get_info()
    taken = torch.empty(int(free * 0.98), dtype=torch.uint8, device=DEVICE)
    try:
        with pytest.raises(MemoryError, match="batch_size=2048"):
            pipe(["film " * 400] * 4096, batch_size=4096)
    finally:
        del taken
        torch.cuda.empty_cache()


@pytest.mark.tf
def test_keras_learns_on_it():
    tf = pytest.importorskip("tensorflow")
    if DEVICE != "cpu" and not tf.config.list_physical_devices("GPU"):
        pytest.skip("this TensorFlow sees no GPU")
    import keras

    model = hfquick.TFAutoModelForSequenceClassification.from_pretrained(CLASSIFIER)
    tokenizer = hfquick.AutoTokenizer.from_pretrained(CLASSIFIER)
    inputs, labels = dict(tokenizer(TEXTS, padding=True, return_tensors="np")), np.arange(len(TEXTS)) % 2
    model.compile(optimizer=keras.optimizers.Adam(5e-4))
    losses = model.fit(inputs, labels, epochs=4, batch_size=4, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
