"""T5 beside transformers: two texts with padding and holes, distances, with a gate and without, its head."""

from typing import Any

from .case import Case

T5 = {
    "vocab_size": 40,
    "d_model": 32,
    "d_kv": 6,  # four heads of it are narrower than d_model
    "d_ff": 50,
    "num_layers": 2,
    "num_heads": 4,
    "dropout_rate": 0.1,
    "relative_attention_num_buckets": 8,  # so few that texts of nine tokens have some that are shared
    "relative_attention_max_distance": 7,
    "decoder_start_token_id": 0,
}
WORDS = "ForConditionalGeneration"
T5_HEADS = ["Model", "EncoderModel", WORDS]
ODD = {"d_model": 36, "d_kv": 14, "num_heads": 3, "d_ff": 20, "num_layers": 1, "num_decoder_layers": 3}
NEW = {"feed_forward_proj": "gated-gelu", "tie_word_embeddings": False}  # T5 v1.1
FAR = {"relative_attention_num_buckets": 16, "relative_attention_max_distance": 30}  # and a text longer than that
STILL = {"dropout_rate": 0.0}  # training takes the fused attention


def _t5(
    name: str,
    head: str = "Model",
    config: dict[str, Any] | None = None,
    inputs: str = "ids mask",
    decoder: str = "ids mask",
    **more: Any,
) -> Case:
    return Case(f"t5-{name}", f"T5{head}", T5 | (config or {}), inputs, decoder, **more)


T5_TABLE = [
    # The bare model.
    _t5("padded", gradients="full"),
    _t5("short", config={"num_layers": 1}, inputs="ids holes", decoder="ids holes"),  # the quickest to build
    _t5("holes", inputs="ids holes", decoder="ids holes"),
    _t5("left", inputs="ids left", decoder="ids"),
    _t5("odd", config=ODD | {"layer_norm_epsilon": 1e-3}, inputs="ids holes"),
    _t5("gated", config={"feed_forward_proj": "gated-gelu"}, inputs="ids holes"),
    _t5("gated-silu", config={"feed_forward_proj": "gated-silu", "num_layers": 1}, inputs="ids", decoder="ids holes"),
    _t5("no-mask", config={"feed_forward_proj": "gelu"}, inputs="ids pad", decoder="ids pad"),
    _t5("embeds", inputs="embeds holes", decoder="embeds mask"),
    _t5("one-token", config={"num_heads": 1}, inputs="ids", decoder="ids", batch=(1, 1), written=1),
    _t5("quiet", config={"layer_norm_epsilon": 1e-4}, scale=0.01),
    _t5("wide", config={"d_model": 96, "d_kv": 16, "num_heads": 6}),
    _t5("still", config=STILL, inputs="ids holes", decoder="ids holes"),
    _t5("still-no-mask", config=STILL, inputs="ids", decoder="ids"),
    _t5("far", config=FAR | {"num_layers": 1}, inputs="ids", decoder="ids", batch=(1, 50), written=9),
    # The encoder alone.
    _t5("encoder", "EncoderModel", inputs="ids holes", decoder="", gradients="full"),
    _t5("encoder-gated", "EncoderModel", {"feed_forward_proj": "gated-gelu"}, "embeds left", decoder=""),
    # The head and its loss.
    _t5("words", WORDS, decoder="", labels="words", gradients="full"),
    _t5("words-given", WORDS, {"layer_norm_epsilon": 1e-3}, "ids holes", "ids holes", labels="words"),
    _t5("words-new", WORDS, NEW, "ids holes", "ids", labels="words"),
    _t5("words-gated-tied", WORDS, {"feed_forward_proj": "gated-gelu"}, labels="words"),
    _t5("words-pad-id", WORDS, {"pad_token_id": 3, "decoder_start_token_id": 5}, decoder="", labels="words"),
]
