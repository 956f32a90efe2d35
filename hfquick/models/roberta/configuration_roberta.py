"""Configurations of RoBERTa, and of CamemBERT and XLM-RoBERTa, which are RoBERTas with other vocabularies.

A field that config.json lacks has the default of BERT, as in transformers, not that of roberta-base or camembert-base.
"""

from typing import ClassVar

from ...i18n import spoken
from ..bert.configuration_bert import BertConfig


class RobertaConfig(BertConfig):
    model_type: ClassVar[str] = "roberta"

    vocab_size: int = 50265
    max_position_embeddings: int = 512  # longest text and pad_token_id + 1, from where positions are counted
    bos_token_id: int | None = 0
    eos_token_id: int | None = 2
    pad_token_id: int = 1

    @property
    def longest_text(self) -> int:
        return self.max_position_embeddings - self.pad_token_id - 1

    def check(self) -> None:
        super().check()
        if self.max_position_embeddings < self.pad_token_id + 2:
            raise spoken(
                ValueError,
                "max_position_embeddings {max_position_embeddings} leaves no position for a token: the first one "
                "has position pad_token_id + 1 = {first}",
                max_position_embeddings=self.max_position_embeddings,
                first=self.pad_token_id + 1,
            )


class CamembertConfig(RobertaConfig):
    model_type: ClassVar[str] = "camembert"

    vocab_size: int = 30522


class XLMRobertaConfig(RobertaConfig):
    model_type: ClassVar[str] = "xlm-roberta"

    vocab_size: int = 30522
