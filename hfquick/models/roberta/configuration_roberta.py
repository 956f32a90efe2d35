"""Configuration of RoBERTa. A config.json that lacks a field means BERT's default, also where roberta-base says otherwise."""

from typing import ClassVar

from ..bert.configuration_bert import BertConfig


class RobertaConfig(BertConfig):
    model_type: ClassVar[str] = "roberta"

    vocab_size: int = 50265
    max_position_embeddings: int = (
        514  # longest text, in tokens, and pad_token_id + 1: positions are counted from there
    )
    type_vocab_size: int = 1
    layer_norm_eps: float = 1e-5
    bos_token_id: int | None = 0
    eos_token_id: int | None = 2
    pad_token_id: int = 1

    def check(self) -> None:
        super().check()
        longest = self.max_position_embeddings - self.pad_token_id - 1
        if longest < 1:
            raise ValueError(
                f"max_position_embeddings {self.max_position_embeddings} leaves no position for a token: the first one "
                f"has position pad_token_id + 1 = {self.pad_token_id + 1}"
            )
