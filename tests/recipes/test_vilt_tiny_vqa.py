"""What makes the tiny ViLT look at its picture: the parts of its training, on made-up vectors."""

import random
from collections import Counter

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

from recipes import asked_rows, vilt_tiny_vqa  # noqa: E402
from recipes.asked_pictures import NOTHING  # noqa: E402
from recipes.asked_rows import Part, Row  # noqa: E402
from recipes.questions_on_pictures import TEMPLATES, Thing  # noqa: E402
from recipes.vilt_tiny_vqa import Guide, Rows, answer_loss, grids, guide_losses, look_loss, some_patches  # noqa: E402

SHAPE = (24, 24)


def part(count=4):
    """Pictures of 2 x 2 patches: a red cat in the first one, and something unknown in the last."""
    owner = np.full((count, 2, 2), NOTHING, np.uint8)
    owner[:, 0, 0], owner[:, 1, 1] = 0, 1
    things = [[Thing("cat", 0.25, 0.25, 0.5, 0.5, "red"), Thing("", 0.75, 0.75, 0.5, 0.5)] for _ in range(count)]
    pixels = np.random.default_rng(0).integers(0, 255, (count, 3, *SHAPE), np.uint8)
    question, look = "Of which colour may that cat be?", asked_rows.bits((0,))
    rows = [Row(n, SHAPE, question, ("red",), "colour", "en", look) for n in range(count)]
    return Part({SHAPE: pixels}, {SHAPE: owner}, {SHAPE: things}, rows)


def tokenizer(texts, **options):
    return {"input_ids": [[2, *range(5, 5 + len(text.split())), 3] for text in texts]}


class FakeTokenizer:
    def __call__(self, texts, **options):
        if isinstance(texts, str):  # a word: known are two, each by a token of its own
            return {"input_ids": [2, *{"cat": [10], "red": [11], "dog": [12, 13]}.get(texts, [14, 14]), 3]}
        return tokenizer(texts)

    def __len__(self):
        return 50


@pytest.fixture
def rows():
    return Rows(FakeTokenizer(), [part(), part()])


def test_a_batch_has_what_the_patches_are_taught(rows, monkeypatch):
    monkeypatch.setattr(vilt_tiny_vqa, "NOISE", 0)
    batch = rows.batch([0, 5])
    assert batch["pixel_values"].shape == (2, 3, *SHAPE)
    assert batch["kind"].tolist()[0] == [[vilt_tiny_vqa.KIND_NUMBERS["cat"], 0], [0, -100]]
    assert batch["colour"].tolist()[0] == [[vilt_tiny_vqa.COLOUR_NUMBERS["red"], 0], [0, -100]]
    assert batch["asked"].tolist()[1] == [[1, 0], [0, 0]]
    assert batch["middle"].tolist()[0] == [[1, 0], [0, 1]]
    assert batch["labels"].sum(1).tolist() == [1, 1]
    assert batch["labels"][0, vilt_tiny_vqa.ANSWERS.index("red")] == 1


def test_noise_exchanges_one_token_within(rows, monkeypatch):
    monkeypatch.setattr(vilt_tiny_vqa, "NOISE", 1)
    random.seed(0)
    ids = rows.batch([0] * 30)["input_ids"]
    changed = (ids != torch.tensor(rows.ids[0])).sum(1)
    assert (changed <= 1).all()
    assert changed.sum() > 20
    assert (ids[:, 0] == 2).all()


def test_every_row_is_in_one_batch(rows):
    found = rows.plan(3, np.random.default_rng(0))
    assert sorted(np.concatenate(found).tolist()) == list(range(8))
    assert all(len(numbers) <= 3 for numbers in found)


def test_other_pictures_are_others(rows):
    numbers = [0, 1, 2, 3]
    other = vilt_tiny_vqa.other_pictures(rows, numbers)
    assert sorted(other) == numbers
    assert all(one != two for one, two in zip(numbers, other, strict=True))
    shown = rows.inputs(numbers, other)
    assert torch.equal(shown["pixel_values"][0], rows.inputs([other[0]])["pixel_values"][0])
    assert torch.equal(shown["input_ids"][0], rows.inputs([0])["input_ids"][0])


def test_patches_of_things_are_kept_first():
    torch.manual_seed(0)
    owner = torch.full((5, 4, 4), NOTHING)
    owner[:, 1, 1:3] = 0
    kept = some_patches(owner, 0.5)
    assert kept.shape == (5, 8)
    assert all({5, 6} <= set(row.tolist()) and len(set(row.tolist())) == 8 for row in kept)
    assert (kept.diff(dim=1) > 0).all()


def test_guided_attention_is_rewarded_for_looking():
    asked = torch.tensor([[0, 1, 0], [0, 0, 0]])
    attention = torch.zeros(2, 2, 5, 5)  # (B, H, S, S): two tokens before the patches
    attention[:, :, 0, 3] = 1.0
    looking = look_loss(attention, asked, 2)
    attention[:, :, 0] = torch.tensor([1.0, 0, 0, 0, 0])
    assert looking < 0.01 < 5 < look_loss(attention, asked, 2)
    assert look_loss(attention, torch.zeros(2, 3), 2) == 0  # nothing to look at: no loss, and no nan


def test_guide_passes_over_what_is_not_known():
    torch.manual_seed(0)
    guide, state = Guide(8), torch.randn(2, 4, 8)
    found = {**guide.see(state), **guide.ask(state)}
    assert {name: logits.shape[:2] for name, logits in found.items()} == dict.fromkeys(vilt_tiny_vqa.TAUGHT, (2, 4))
    truth = {name: torch.zeros(2, 4, dtype=torch.long) for name in vilt_tiny_vqa.TAUGHT}
    truth["kind"][0, 0] = 3
    known = guide_losses(found, truth)
    truth["kind"][0, 0] = -100
    other = guide_losses(found, truth)
    assert known["kind"] != other["kind"]
    assert known["colour"] == other["colour"]
    assert all(torch.isfinite(loss) for loss in other.values())


@pytest.fixture(scope="module")
def small_model():
    return vilt_tiny_vqa.new_model(FakeTokenizer())


def test_some_patches_are_read_with_what_is_true_of_them(small_model, rows):
    batch = rows.batch([0, 1, 2])
    patches, truth = vilt_tiny_vqa.read_some(small_model, batch, 0.5)
    whole, _ = small_model.vilt.embeddings.visual_embed(batch["pixel_values"], None)
    assert patches.shape == (3, 3, vilt_tiny_vqa.CONFIG["hidden_size"])
    assert torch.equal(patches, whole[:, [0, 1, 4]])  # [CLS] and the two patches with things
    assert truth["kind"].tolist() == [[vilt_tiny_vqa.KIND_NUMBERS["cat"], -100]] * 3


@pytest.mark.parametrize("kind", [vilt_tiny_vqa.SeeingTrainer, vilt_tiny_vqa.AnsweringTrainer])
def test_both_stages_have_a_loss_that_reaches_what_they_train(kind, small_model, rows, tmp_path):
    arguments = vilt_tiny_vqa.tokens.arguments("x", output_dir=str(tmp_path), eval_strategy="no", max_steps=1)
    trainer = kind(small_model, arguments, train_dataset=rows)
    small_model.zero_grad()
    loss = trainer.compute_loss(small_model, rows.batch([0, 1, 2, 3]))
    loss.backward()
    layers = small_model.vilt.encoder.layer
    reached = [layer.attention.attention.query.weight.grad is not None for layer in layers]
    sees = kind is vilt_tiny_vqa.SeeingTrainer
    assert reached == [number < vilt_tiny_vqa.SEEING or not sees for number in range(len(layers))]
    assert (small_model.classifier[0].weight.grad is None) == sees
    assert torch.isfinite(loss)


def test_a_third_of_the_pictures_is_recoloured_and_their_colours_are_not_taught(rows):
    torch.manual_seed(0)
    batch = rows.batch([0] * 60)
    assert not batch["plain"].any()  # all of them ask for a colour
    assert torch.equal(vilt_tiny_vqa.recoloured(batch, batch["plain"])["pixel_values"], batch["pixel_values"])
    found = vilt_tiny_vqa.recoloured(batch, torch.ones(60, dtype=torch.bool))
    same = (found["pixel_values"] == batch["pixel_values"]).flatten(1).all(1)
    assert 25 < same.sum() < 55  # one in six exchanges is none
    assert (found["colour"][~same][:, 0, 0] == -100).all()
    assert (found["colour"][~same][:, 0, 1] == 0).all()  # ground stays ground
    assert torch.equal(found["kind"], batch["kind"])


def test_what_sees_is_moved_slowly_in_the_second_stage(small_model, rows, tmp_path):
    arguments = vilt_tiny_vqa.tokens.arguments("x", output_dir=str(tmp_path), eval_strategy="no", max_steps=1)
    trainer = vilt_tiny_vqa.AnsweringTrainer(small_model, arguments, train_dataset=rows)
    rates = {id(weight): group["lr"] for group in trainer.create_optimizer().param_groups for weight in group["params"]}
    layers = small_model.vilt.encoder.layer
    slow, fast = (rates[id(layers[n].output.dense.weight)] for n in (vilt_tiny_vqa.SEEING - 1, vilt_tiny_vqa.SEEING))
    assert slow == pytest.approx(vilt_tiny_vqa.GENTLY * fast)
    assert rates.keys() == {id(weight) for weight in small_model.parameters()}


def test_rare_questions_are_asked_more_often():
    one = part(60)
    often = [row._replace(about="where") for row in one.rows]
    seldom = [row._replace(about="count") for row in one.rows]
    found = Counter(row.about for row in vilt_tiny_vqa.weighed(one._replace(rows=one.rows + often + seldom)).rows)
    assert (found["colour"], found["where"]) == (60, 240)
    assert 20 < found["count"] < 50
    assert set(vilt_tiny_vqa.TIMES) <= set(TEMPLATES)


def test_words_are_named_as_patches_are(small_model):
    kinds, colours = vilt_tiny_vqa.word_tables(FakeTokenizer())
    assert kinds[10] == vilt_tiny_vqa.KIND_NUMBERS["cat"]
    assert colours[11] == vilt_tiny_vqa.COLOUR_NUMBERS["red"]
    assert (kinds >= 0).sum() == (colours >= 0).sum() == 1  # not the parts of "dog"
    ids = torch.tensor([[2, 10, 3]])
    batch = {"word_kinds": kinds[ids], "word_colours": colours[ids]}
    found = small_model.guide.see(torch.randn(1, 3, vilt_tiny_vqa.CONFIG["hidden_size"]))
    losses = vilt_tiny_vqa.word_losses(found, batch)
    assert losses["word_kinds"] > 0
    assert losses["word_colours"] == 0  # no word for a colour, and no nan


def test_positions_tell_rows_and_columns_apart():
    found = vilt_tiny_vqa.positions(3, 16)
    assert found.shape == (9, 16)
    near, far = (found[0] - found[1]).norm(), (found[0] - found[2]).norm()
    assert 0 < near < far
    assert not torch.equal(found[1], found[3])


def test_two_right_answers_share_the_probability():
    logits = torch.full((1, 4), -20.0)
    logits[0, :2] = 0
    both = torch.tensor([[1.0, 1.0, 0, 0]])
    assert answer_loss(logits, both) == pytest.approx(np.log(2), abs=1e-4)


def test_grids_of_a_part():
    found = grids(part(1), SHAPE)
    assert found.shape == (1, 4, 2, 2)
    assert found[0, 3].tolist() == [[0, NOTHING], [NOTHING, 1]]
