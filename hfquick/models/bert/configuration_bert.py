"""Configuration of BERT; defaults are those of bert-base-uncased."""

from typing import ClassVar

from ...core.configuration import PreTrainedConfig
from ...i18n import spoken


class BertConfig(PreTrainedConfig):
    model_type: ClassVar[str] = "bert"

    vocab_size: int = 30522
    hidden_size: int = 768  # width of every token vector
    num_hidden_layers: int = 12
    num_attention_heads: int = 12  # hidden_size must be divisible by it
    intermediate_size: int = 3072  # width inside the feed-forward network
    hidden_act: str = "gelu"
    hidden_dropout_prob: float = 0.1
    attention_probs_dropout_prob: float = 0.1
    classifier_dropout: float | None = None  # None: hidden_dropout_prob
    max_position_embeddings: int = 512  # longest text, in tokens
    type_vocab_size: int = 2  # first and second text of a pair
    layer_norm_eps: float = 1e-12
    pad_token_id: int | None = 0
    position_embedding_type: str = "absolute"
    is_decoder: bool = False

    def check(self) -> None:
        super().check()
        if self.hidden_size % self.num_attention_heads:
            raise spoken(
                ValueError,
                "hidden_size {hidden_size} is not divisible by num_attention_heads {num_attention_heads}",
                hidden_size=self.hidden_size,
                num_attention_heads=self.num_attention_heads,
            )
        if self.position_embedding_type != "absolute":
            raise spoken(
                ValueError,
                "position_embedding_type is {position_embedding_type!r}; only 'absolute' positions are known here",
                position_embedding_type=self.position_embedding_type,
            )
        if self.is_decoder:
            raise spoken(
                ValueError,
                "is_decoder is true; this BERT is an encoder only, for generation take a decoder such as GPT-2",
            )
