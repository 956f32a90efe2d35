"""Configuration of T5; defaults are those of the smallest of its first five sizes, "t5-small"."""

from typing import Any, ClassVar

from ...core.configuration import PreTrainedConfig
from ...i18n import spoken


class T5Config(PreTrainedConfig):
    model_type: ClassVar[str] = "t5"
    attribute_map: ClassVar[dict[str, str]] = {
        "hidden_size": "d_model",
        "num_attention_heads": "num_heads",
        "num_hidden_layers": "num_layers",
        "head_dim": "d_kv",
    }

    vocab_size: int = 32128
    d_model: int = 512  # width of every token vector
    d_kv: int = 64  # width of one head; all together may be wider or narrower than d_model
    d_ff: int = 2048  # width inside the feed-forward network
    num_layers: int = 6  # of the encoder
    num_decoder_layers: int | None = None  # None: as many as the encoder has
    num_heads: int = 8
    relative_attention_num_buckets: int = 32  # buckets of relative positions; each has a bias of its own
    relative_attention_max_distance: int = 128  # tokens farther apart are all in the last one
    dropout_rate: float = 0.1
    layer_norm_epsilon: float = 1e-6
    initializer_factor: float = 1.0  # scales the standard deviation of all untrained weights
    feed_forward_proj: str = "relu"  # T5 v1.1 has "gated-gelu": one half of the feed-forward network opens the other
    is_encoder_decoder: bool = True
    pad_token_id: int | None = 0
    eos_token_id: int | None = 1
    decoder_start_token_id: int | None = None  # the first token of the decoder; all checkpoints say 0

    def __init__(self, **values: Any) -> None:
        for name in ("dense_act_fn", "is_gated_act"):  # in newer files, too: both are in feed_forward_proj
            values.pop(name, None)
        super().__init__(**values)
        if self.num_decoder_layers is None:
            self.num_decoder_layers = self.num_layers

    @classmethod
    def fields(cls) -> dict[str, Any]:
        return {name: kind for name, kind in super().fields().items() if name != "initializer_range"}

    @property
    def is_gated_act(self) -> bool:
        """Whether the feed-forward network has a gate."""
        return self.feed_forward_proj.startswith("gated-")

    @property
    def dense_act_fn(self) -> str:
        """The function inside the feed-forward network; what files call "gated-gelu" is the gelu by tanh."""
        return "gelu_new" if self.feed_forward_proj == "gated-gelu" else self.feed_forward_proj.removeprefix("gated-")

    def check(self) -> None:
        super().check()
        buckets, longest = self.relative_attention_num_buckets, self.relative_attention_max_distance
        if buckets < 4:  # half of them look ahead, and half of each half is for single distances
            raise spoken(
                ValueError, "relative_attention_num_buckets is {buckets}, expected at least 4", buckets=buckets
            )
        if longest <= buckets // 2:
            raise spoken(
                ValueError,
                "relative_attention_max_distance is {longest}, expected more than {half}, which is half of "
                "relative_attention_num_buckets: so many distances have a bucket of their own",
                longest=longest,
                half=buckets // 2,
            )
