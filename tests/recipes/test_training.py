"""What the recipes add to the Trainer: batches of so many tokens, masked losses, logits in order."""

import hashlib
import json
import random
import shutil

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("accelerate")
import torch
from torch.nn import functional as F

from hfquick import AutoModelForMaskedLM, AutoModelForSequenceClassification, AutoTokenizer, TrainerCallback
from hfquick.zoo import folder
from recipes import bart_tiny_synopsis_en, common, distilbert_tiny_en, masked, teacher, tokens, vocabularies

pytestmark = pytest.mark.torch

BASE, SENTIMENT = str(folder("hfquick/distilbert-tiny-en")), str(folder("hfquick/distilbert-tiny-sentiment-en"))
TEXTS = [f"reserved row of words number {'very ' * (number % 23)}{number}" for number in range(60)]


class StopAt(TrainerCallback):
    def __init__(self, step):
        self.step = step

    def on_step_end(self, args, state, control, **kwargs):
        control.should_training_stop |= state.global_step >= self.step


@pytest.fixture(scope="module")
def tokenizer():
    return AutoTokenizer.from_pretrained(BASE)


@pytest.fixture(scope="module")
def rows(tokenizer):
    return [{"input_ids": ids} for ids in tokens.encode(tokenizer, TEXTS, 512)]


def test_batches_hold_every_row_once_and_keep_to_their_tokens():
    rng = random.Random(3)
    lengths = [rng.randrange(3, 300) for _ in range(500)] + [512]
    counts = set()
    for seed in (None, 1, 2):
        found = tokens.batches(lengths, 256, None if seed is None else random.Random(seed))
        assert sorted(np.concatenate(found)) == list(range(501))
        for rows in found:
            padded = {-(-lengths[row] // 8) * 8 for row in rows}
            assert len(padded) == 1
            assert len(rows) == 1 or len(rows) * padded.pop() <= 256
        counts.add(len(found))
    assert len(counts) == 1  # the Trainer counts the steps of all epochs from the first one
    longest = [max(lengths[row] for row in rows) for rows in tokens.batches(lengths, 256)]
    assert sorted(-(-length // 8) for length in longest) == [-(-length // 8) for length in longest]


def test_batches_are_those_of_earlier_versions():
    """A recipe gives the same model again."""
    lengths = [int(length) for length in np.random.default_rng(1).integers(3, 300, 500)]
    found = tokens.batches(lengths, 256, random.Random("3 1"))
    digest = hashlib.sha256(json.dumps([rows.tolist() for rows in found]).encode()).hexdigest()
    assert digest == "00128b4717b131f147259b9639e7e24c4332690999a90a69c8c0a944378fb7fa"


def test_every_epoch_has_its_own_order_and_finds_its_place_again(rows):
    loader = tokens.TokenLoader(rows, list, 128, seed=5)

    def order():
        return [[len(row["input_ids"]) for row in batch] for batch in loader]

    first = order()
    loader.set_epoch(1)
    second = order()
    assert first != second
    loader.set_epoch(1, start=4)
    assert order() == second[4:]
    assert len(loader) == len(second)


def test_encode_truncates_and_one_unknown_token_is_inserted(tokenizer):
    ids = tokens.encode(tokenizer, ["a film " * 100, "a film"], 16)
    assert [len(row) for row in ids] == [16, 4]
    long = [[2, 5, 6, 7, 3]] * 600
    found = tokens.insert_unknown(long, seed=1)
    changed = [row for row in found if row != long[0]]
    assert 25 < len(changed) < 80
    assert all([token for token in row if token != 1] == long[0] and row[0] == 2 and row[-1] == 3 for row in changed)


def test_the_loss_on_masked_positions_is_the_models_own(tokenizer, rows):
    model = AutoModelForMaskedLM.from_pretrained(BASE).eval()
    torch.manual_seed(0)
    np.random.seed(0)
    batch = masked.masking_collator(tokenizer, 0.3)(rows[:12])
    with torch.inference_mode():
        logits, gold = masked.masked_logits(model, batch, distilbert_tiny_en.head)
        own = model(**batch)
    mask = batch["labels"] != -100
    assert mask.sum() > 20
    assert len(logits) % 64 == 0
    assert torch.equal(gold[gold != -100], batch["labels"][mask])
    torch.testing.assert_close(logits[gold != -100], own.logits[mask], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(F.cross_entropy(logits, gold), own.loss, rtol=1e-4, atol=1e-4)


def test_a_short_training_fits_its_rows_and_can_be_resumed(tokenizer, rows, tmp_path):
    def trainer(steps):
        torch.manual_seed(1)
        model = tokens.without_dropout(AutoModelForMaskedLM.from_pretrained(BASE))
        args = tokens.arguments("x", max_steps=30, learning_rate=3e-3, eval_strategy="no", disable_tqdm=True)
        args.output_dir, args.save_strategy, args.save_steps = str(tmp_path), "steps", 20
        made = masked.MaskedTrainer(
            model,
            args,
            masked.masking_collator(tokenizer, 0.3),
            train_dataset=rows,
            eval_dataset=rows,
            tokens=256,
            head=distilbert_tiny_en.head,
        )
        if steps < 30:
            made.add_callback(StopAt(steps))
        return made

    whole = trainer(30)
    before = whole.evaluate()["eval_loss"]
    whole.train()
    assert whole.evaluate()["eval_loss"] < before - 1
    expected = {name: value.clone() for name, value in whole.model.state_dict().items()}
    shutil.rmtree(tmp_path)
    trainer(20).train()
    resumed = trainer(30)
    resumed.train(resume_from_checkpoint=True)
    for name, value in resumed.model.state_dict().items():
        torch.testing.assert_close(value, expected[name], rtol=0, atol=0)


def test_a_batch_in_which_nothing_is_masked_has_no_loss(tokenizer, rows, tmp_path):
    args = tokens.arguments("x", output_dir=str(tmp_path), eval_strategy="no", disable_tqdm=True)
    model = AutoModelForMaskedLM.from_pretrained(BASE)
    trainer = masked.MaskedTrainer(
        model,
        args,
        masked.masking_collator(tokenizer, 0.0),
        train_dataset=rows,
        tokens=64,
        head=distilbert_tiny_en.head,
    )
    assert trainer.compute_loss(model, trainer.data_collator(rows[:3])).item() == 0.0


def test_logits_come_in_the_order_of_the_texts():
    model, tokenizer = (
        AutoModelForSequenceClassification.from_pretrained(SENTIMENT),
        AutoTokenizer.from_pretrained(SENTIMENT),
    )
    found = tokens.logits(model, tokenizer, TEXTS, 512)
    with torch.inference_mode():
        one_by_one = [model(**tokenizer(text, return_tensors="pt")).logits[0].numpy() for text in TEXTS]
    np.testing.assert_allclose(found, one_by_one, atol=1e-4)
    assert np.abs(tokens.softmax(found).sum(-1) - 1).max() < 1e-6


def test_the_teachers_loss_passes_over_what_is_not_known():
    class Outputs:
        logits = torch.randn(3, 7, generator=torch.Generator().manual_seed(2))

    labels = torch.zeros(3, 7)
    labels[0, 1] = 1
    labels[2, 2:] = torch.tensor([0.1, 0.2, 0.4, 0.2, 0.1])
    polarity = F.cross_entropy(Outputs.logits[:1, :2], torch.tensor([1]))
    star = F.cross_entropy(Outputs.logits[2:, 2:], labels[2:, 2:])
    torch.testing.assert_close(teacher.both_losses(Outputs, labels), (polarity + star) / 3)


def test_only_a_better_model_takes_the_place_of_the_one_in_the_zoo(tmp_path, monkeypatch):
    monkeypatch.setattr(common, "ZOO", tmp_path / "zoo")
    work = tmp_path / "work" / "some-model"
    work.mkdir(parents=True)
    scores = {}

    def train(value):
        for name in common.ZOO_FILES[:-1]:
            (work / name).write_text(str(value))

    def score(folder):
        return float((folder / "model.safetensors").read_text())

    for value, taken in ((0.5, True), (0.4, False), (0.5, False), (0.6, True)):
        train(value)
        assert common.publish(work, score) is taken
        scores[value] = score(tmp_path / "zoo" / "some-model")
    assert scores == {0.5: 0.5, 0.4: 0.5, 0.6: 0.6}


def test_a_tokenizer_of_the_zoo_is_kept_and_a_missing_one_trained(tmp_path, monkeypatch):
    monkeypatch.setattr(vocabularies, "ZOO", tmp_path)
    learnt = vocabularies.of("new", vocabularies.wordpiece, lambda: TEXTS, 60, "BertTokenizer")
    assert "very" in learnt.get_vocab()
    kept = vocabularies.of("new", vocabularies.wordpiece, lambda: pytest.fail("the texts were read"), 60)
    assert kept.get_vocab() == learnt.get_vocab()


def test_what_was_learnt_is_never_forgotten(tmp_path, monkeypatch):
    monkeypatch.setattr(common, "HERE", tmp_path)
    assert common.remember("first", ["One short sentence here. And another one there."]) == 2
    assert common.remember("second", ["One short sentence here.", "No."]) == 2
    known = common.read_digests(tmp_path / "training_hashes.bin")
    assert known == {common.digest("One short sentence here."), common.digest("And another one there.")}


def test_masked_spans_take_their_share_and_keep_both_ends():
    ids, rng = [0, *range(10, 110), 2], random.Random(0)
    rows = [bart_tiny_synopsis_en.mask_spans(ids, 4, rng) for _ in range(500)]
    assert all(row[0] == 0 and row[-1] == 2 for row in rows)
    assert all(
        set(row) <= {*ids, 4} and [token for token in row[1:-1] if token != 4] == sorted(set(row[1:-1]) - {4})
        for row in rows
    )
    gone = [100 - sum(token != 4 for token in row[1:-1]) for row in rows]
    spans = [row.count(4) for row in rows]
    assert 27 < sum(gone) / len(rows) < 33
    assert 2.7 < sum(gone) / sum(spans) < 3.3
