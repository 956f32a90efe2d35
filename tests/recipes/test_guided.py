"""Guided alignment: what counting finds, the targets of the attention, and that a supervised model attends to them."""

import random

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("accelerate")
import torch

from hfquick import AutoModelForSeq2SeqLM, AutoTokenizer, BartConfig, DataCollatorForSeq2Seq, TrainingArguments
from hfquick.zoo import folder
from recipes import guided

pytestmark = pytest.mark.torch

SIZE = 20
BASE = str(folder("hfquick/distilbert-tiny-en"))  # for its padding, 0 as here


def sentences(count: int) -> list[dict[str, list[int]]]:
    """A language of ten words, 4 to 13, and its translation word by word, in the other order; 2 ends a sentence."""
    rng = random.Random(0)
    found = []
    for _ in range(count):
        words = rng.sample(range(4, 14), rng.randint(3, 6))
        found.append({"input_ids": [3, *words, 2], "labels": [17 - word for word in reversed(words)] + [2]})
    return found


def test_counting_finds_the_alignments():
    table = guided.lexical_table(sentences(400), SIZE, skip=1)
    assert table.shape == (SIZE, SIZE)
    assert [int(table[word].argmax()) for word in range(4, 14)] == [17 - word for word in range(4, 14)]
    assert table[4:14].max(1).min() > 0.6
    np.testing.assert_allclose(table[4:14].sum(1), 1, atol=1e-5)
    assert not table[3].any()  # what was left out is aligned to nothing


def test_a_position_gets_its_share_or_none_when_nothing_is_sure():
    table = torch.eye(SIZE)
    table[9] = table[8] = 0.0
    source, target = torch.tensor([[5, 6, 6, 7, 0]]), torch.tensor([[6, 5, 9, -100, 7]])
    mask = torch.tensor([[1, 1, 1, 0, 0]])
    found = guided.alignment_targets(table, source, target, mask)
    expected = [[0, 0.5, 0.5, 0, 0], [1, 0, 0, 0, 0], [0] * 5, [0] * 5, [0] * 5]  # the last is behind the mask
    assert found[0].tolist() == expected
    four_times = guided.alignment_targets(table, torch.tensor([[5, 5, 5, 5]]), torch.tensor([[5]]), torch.ones(1, 4))
    assert not four_times.any()  # anywhere is nowhere


def test_the_loss_is_least_where_attention_meets_its_target():
    targets = torch.tensor([[[0.5, 0.5, 0.0], [0.0, 0.0, 0.0]]])
    right, wrong = torch.tensor([[[0.5, 0.5, 0.0]] * 2]), torch.tensor([[[0.1, 0.1, 0.8]] * 2])
    assert guided.alignment_loss(right, targets).item() == pytest.approx(np.log(2), abs=1e-4)
    assert guided.alignment_loss(wrong, targets) > guided.alignment_loss(right, targets)
    assert guided.alignment_loss(right, torch.zeros_like(targets)) == 0


def test_a_supervised_model_attends_where_it_should(tmp_path):
    torch.manual_seed(0)
    width = {"d_model": 32, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32, "max_position_embeddings": 16}
    layers = dict.fromkeys(("encoder_layers", "decoder_layers"), 1)
    heads = dict.fromkeys(("encoder_attention_heads", "decoder_attention_heads"), 2)
    marks = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 2}
    config = BartConfig(vocab_size=SIZE, init_std=0.1, **width, **layers, **heads, **marks)
    model = guided.without_attention_dropout(AutoModelForSeq2SeqLM.from_config(config))
    rows = sentences(300)
    trainer = guided.GuidedTrainer(
        model,
        TrainingArguments(str(tmp_path), num_train_epochs=15, learning_rate=5e-3, use_cpu=True, disable_tqdm=True),
        DataCollatorForSeq2Seq(AutoTokenizer.from_pretrained(BASE)),
        train_dataset=rows[:250],
        tokens=128,
        table=guided.lexical_table(rows[:250], SIZE, skip=1),
        skip=1,
    )
    batch = trainer.data_collator(rows[250:])
    targets = guided.alignment_targets(trainer.table, batch["input_ids"], batch["labels"], batch["attention_mask"])

    def attended() -> float:
        with torch.inference_mode():
            attention = model.eval()(**batch, output_attentions=True).cross_attentions[-1].mean(1)
        return (attention * targets).sum().item() / targets.sum().item()

    before = attended()
    trainer.train()
    assert before < 0.3
    assert attended() > 0.6
