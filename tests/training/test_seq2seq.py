"""Seq2SeqTrainer: evaluations in which the model writes."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import hfquick
from hfquick import AutoModelForSeq2SeqLM, AutoTokenizer, DataCollatorForSeq2Seq, GenerationConfig
from hfquick.training.seq2seq import Seq2SeqTrainer, Seq2SeqTrainingArguments

pytestmark = pytest.mark.torch
FOLDER = Path(__file__).parent.parent / "reference" / "pipelines" / "say-t5"
TEXTS = ["We are here", "a", "The library of Paris lent seven books", "is , not"]


def make(folder: Path, **options):
    model, tokenizer = AutoModelForSeq2SeqLM.from_pretrained(FOLDER), AutoTokenizer.from_pretrained(FOLDER)
    encoded = tokenizer(TEXTS)
    rows = [{"input_ids": ids, "labels": ids[::-1]} for ids in encoded["input_ids"]]
    metrics = options.pop("compute_metrics", None)
    common = {"use_cpu": True, "disable_tqdm": True, "per_device_eval_batch_size": 2, "save_strategy": "no"}
    args = Seq2SeqTrainingArguments(str(folder), **{**common, **options})
    return Seq2SeqTrainer(
        model, args, DataCollatorForSeq2Seq(tokenizer), rows, rows, processing_class=tokenizer, compute_metrics=metrics
    )


def test_predictions_are_what_generate_writes(tmp_path):
    trainer = make(tmp_path, predict_with_generate=True, generation_max_length=9)
    found = trainer.predict(trainer.eval_dataset)
    assert found.predictions.shape == (4, 9)
    for row, text in enumerate(TEXTS):
        ids = trainer.processing_class(text, return_tensors="pt", return_token_type_ids=False)
        alone = trainer.model.generate(**ids, max_length=9)[0].numpy()
        assert found.predictions[row, : len(alone)].tolist() == alone.tolist()
        assert (found.predictions[row, len(alone) :] == trainer.processing_class.pad_token_id).all()
    assert found.label_ids[1].tolist()[:2] == trainer.eval_dataset[1]["labels"]
    plain = make(tmp_path).evaluate()
    assert found.metrics["test_loss"] == pytest.approx(plain["eval_loss"], rel=1e-5)


def test_metrics_see_texts_and_options_of_the_call_come_first(tmp_path):
    seen = []

    def compute(prediction):
        seen.append(prediction.predictions)
        return {"length": float((prediction.predictions != 0).sum(1).mean())}

    config = GenerationConfig(max_new_tokens=4, num_beams=2)
    trainer = make(tmp_path, predict_with_generate=True, generation_config=config, compute_metrics=compute)
    assert set(trainer.evaluate()) >= {"eval_loss", "eval_length"}
    trainer.evaluate(max_new_tokens=7)
    assert [array.shape for array in seen] == [(4, 5), (4, 8)]
    assert not np.array_equal(seen[0], trainer.evaluate(num_beams=1) and seen[-1])


def test_training_and_the_loss_alone_do_not_write(tmp_path, monkeypatch):
    trainer = make(tmp_path, predict_with_generate=True, prediction_loss_only=True, max_steps=2)
    monkeypatch.setattr(type(trainer.model), "generate", None)
    trainer.train()
    assert trainer.evaluate()["eval_loss"] > 0


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        (
            {"generation_num_beams": 0},
            ValueError,
            "generation_num_beams is 0, expected a whole number from 1 on or None",
        ),
        (
            {"generation_config": {"num_beams": 2}},
            TypeError,
            "generation_config is a dict, expected a GenerationConfig",
        ),
        ({"predict_with_generation": True}, TypeError, "did you mean 'predict_with_generate'"),
    ],
)
def test_wrong_arguments(tmp_path, options, error, sentence):
    with pytest.raises(error, match=sentence):
        Seq2SeqTrainingArguments(str(tmp_path), **options)


def test_public_names():
    assert hfquick.Seq2SeqTrainer is Seq2SeqTrainer
