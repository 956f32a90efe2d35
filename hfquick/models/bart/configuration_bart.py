"""Configuration of BART; defaults are those of bart-large."""

from typing import Any, ClassVar

from ...core.configuration import PreTrainedConfig
from ...i18n import spoken


class BartConfig(PreTrainedConfig):
    model_type: ClassVar[str] = "bart"
    attribute_map: ClassVar[dict[str, str]] = {
        "hidden_size": "d_model",
        "num_attention_heads": "encoder_attention_heads",
        "num_hidden_layers": "encoder_layers",
        "initializer_range": "init_std",
    }

    vocab_size: int = 50265
    max_position_embeddings: int = 1024  # longest text, in tokens, of encoder and decoder
    d_model: int = 1024  # width of every token vector
    encoder_layers: int = 12
    encoder_attention_heads: int = 16  # d_model must be divisible by it
    encoder_ffn_dim: int = 4096  # width inside the feed-forward network
    decoder_layers: int = 12
    decoder_attention_heads: int = 16
    decoder_ffn_dim: int = 4096
    activation_function: str = "gelu"
    dropout: float = 0.1  # of the embeddings, and of what each part of a layer adds
    attention_dropout: float = 0.0  # of the attention weights
    activation_dropout: float = 0.0  # inside the feed-forward network
    encoder_layerdrop: float = 0.0  # probability of a layer to be left out in training; here none ever is
    decoder_layerdrop: float = 0.0
    classifier_dropout: float = 0.0
    init_std: float = 0.02  # what other models call initializer_range
    scale_embedding: bool = False  # token embeddings are multiplied by sqrt(d_model)
    is_encoder_decoder: bool = True
    pad_token_id: int | None = 1
    bos_token_id: int | None = 0
    eos_token_id: int | None = 2
    decoder_start_token_id: int | None = 2  # the first token of the decoder
    forced_bos_token_id: int | None = None  # what it always generates first,
    forced_eos_token_id: int | None = 2  # and last, where a text gets too long

    def __init__(self, **values: Any) -> None:
        if values.get("id2label") is None and values.get("label2id") is None:
            values.setdefault("num_labels", 3)  # as of a text pair: contradicts, neither, follows
        super().__init__(**values)
        if values.get("force_bos_token_to_be_generated") and self.forced_bos_token_id is None:  # its name until 2021
            self.forced_bos_token_id = self.bos_token_id

    @property
    def initializer_range(self) -> float:  # type: ignore[override]
        return self.init_std

    @classmethod
    def fields(cls) -> dict[str, Any]:
        return {name: kind for name, kind in super().fields().items() if name != "initializer_range"}

    def check(self) -> None:
        super().check()
        for name in ("encoder_attention_heads", "decoder_attention_heads"):
            if self.d_model % getattr(self, name):
                raise spoken(
                    ValueError,
                    "d_model {d_model} is not divisible by {name} {heads}",
                    d_model=self.d_model,
                    name=name,
                    heads=getattr(self, name),
                )

    def check_training(self) -> None:
        """Raise ValueError where training would leave out layers, as BART's authors tried (arXiv:1909.11556)."""
        for name in ("encoder_layerdrop", "decoder_layerdrop"):
            if getattr(self, name):
                raise spoken(
                    ValueError,
                    "{name} is {value}, but this BART trains all its layers in every step; try "
                    "model.config.{name} = 0.0",
                    name=name,
                    value=getattr(self, name),
                )
