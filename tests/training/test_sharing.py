"""A finished run goes to the Hub: model, tokenizer, card; checkpoints stay here."""

import pytest

pytest.importorskip("torch")

import hfquick
from hfquick.hub.repository import HubError
from hfquick.training import checkpoints
from tests.helpers.training import assert_equal, state_of, tiny_trainer
from tests.reference.training_cases import rows

pytestmark = pytest.mark.torch


@pytest.fixture
def ada(hub_server, monkeypatch):
    """The Hub, with the token of ada in the environment."""
    monkeypatch.setenv("HF_TOKEN", "hf_known")
    return hub_server


def test_a_run_ends_on_the_hub(ada, tmp_path, capsys):
    trainer = tiny_trainer(
        tmp_path / "reviews",
        eval_dataset=rows(8),
        eval_strategy="epoch",
        save_strategy="steps",
        save_steps=3,
        push_to_hub=True,
        hub_model_id="ada/reviews",
    )
    trainer.train()
    assert len(checkpoints.all_of(tmp_path / "reviews")) == 2
    loaded = hfquick.AutoModelForSequenceClassification.from_pretrained("ada/reviews")
    assert_equal(state_of(loaded), state_of(trainer.model))
    assert hfquick.AutoTokenizer.from_pretrained("ada/reviews").vocab_size == 420
    repo = hfquick.hub.open_repo("ada/reviews")
    card = repo.path("README.md").read_text()
    loss = trainer.state.log_history[-2]["eval_loss"]
    assert f"{loss:.4f}" in card
    assert "learning_rate" in card
    assert str(tmp_path) not in card
    assert not any("checkpoint-" in name for name in repo.files())


def test_a_card_says_what_it_was_told(tmp_path):
    trainer = tiny_trainer(tmp_path / "reviews")
    trainer.train()
    card = trainer.create_model_card(dataset="rotten_tomatoes", license="mit", languages=("en",)).read_text()
    assert card.startswith("---\nlicense: mit\n") or "license: mit" in card.partition("---\n")[2]
    assert "rotten_tomatoes" in card


def test_a_push_without_a_token_keeps_the_run(hub_server, tmp_path, monkeypatch):
    monkeypatch.delenv("HF_TOKEN", raising=False)
    trainer = tiny_trainer(tmp_path / "reviews", push_to_hub=True)
    with pytest.raises(HubError, match="hf auth login"):
        trainer.train()
    assert (tmp_path / "reviews" / "model.safetensors").is_file()
    assert trainer.state.global_step == 6
