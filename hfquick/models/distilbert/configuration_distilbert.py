"""Configuration of DistilBERT; defaults are those of distilbert-base-uncased."""

from typing import ClassVar

from ...core.configuration import PreTrainedConfig
from ...i18n import spoken


class DistilBertConfig(PreTrainedConfig):
    model_type: ClassVar[str] = "distilbert"
    attribute_map: ClassVar[dict[str, str]] = {
        "hidden_size": "dim",
        "num_attention_heads": "n_heads",
        "num_hidden_layers": "n_layers",
    }

    vocab_size: int = 30522
    max_position_embeddings: int = 512  # longest text, in tokens
    sinusoidal_pos_embds: bool = False  # fixed sines and cosines instead of learned positions
    n_layers: int = 6
    n_heads: int = 12  # dim must be divisible by it
    dim: int = 768  # width of every token vector
    hidden_dim: int = 3072  # width inside the feed-forward network
    dropout: float = 0.1
    attention_dropout: float = 0.1
    activation: str = "gelu"
    qa_dropout: float = 0.1
    seq_classif_dropout: float = 0.2
    pad_token_id: int | None = 0

    def check(self) -> None:
        super().check()
        if self.dim % self.n_heads:
            raise spoken(
                ValueError,
                "dim {dim} is not divisible by n_heads {n_heads}; try {divisors}",
                dim=self.dim,
                n_heads=self.n_heads,
                divisors=_divisors(self.dim),
            )


def _divisors(number: int) -> str:
    return ", ".join(str(heads) for heads in range(1, 25) if number % heads == 0)
