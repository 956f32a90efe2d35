"""BART beside transformers: what is read and what is written, both with holes, odd configurations, its head."""

from typing import Any

from .case import Case

BART = {
    "vocab_size": 40,
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 50,
    "decoder_ffn_dim": 46,
    "max_position_embeddings": 12,
    "dropout": 0.1,  # another for each place, so that one in the wrong place is seen
    "attention_dropout": 0.2,
    "activation_dropout": 0.3,
    "pad_token_id": 1,
}
WORDS = "ForConditionalGeneration"
BART_HEADS = ["Model", WORDS]
ODD = {"d_model": 36, "encoder_attention_heads": 3, "decoder_attention_heads": 6, "decoder_layers": 3}
STILL = {"dropout": 0.0, "attention_dropout": 0.0, "activation_dropout": 0.0}  # training takes the fused attention
SMALL = {"encoder_layers": 1, "decoder_layers": 1}


def _bart(
    name: str,
    head: str = "Model",
    config: dict[str, Any] | None = None,
    inputs: str = "ids mask",
    decoder: str = "ids mask",
    **more: Any,
) -> Case:
    return Case(f"bart-{name}", f"Bart{head}", BART | (config or {}), inputs, decoder, **more)


BART_TABLE = [
    # The bare model.
    _bart("padded", gradients="full"),
    _bart("short", config=SMALL, inputs="ids holes", decoder="ids holes"),  # the quickest to build
    _bart("holes", inputs="ids holes", decoder="ids holes"),
    _bart("left", inputs="ids left", decoder="ids"),
    _bart("odd", config=ODD | {"activation_function": "relu", "encoder_ffn_dim": 40}, inputs="ids holes"),
    _bart("no-mask", config={"activation_function": "silu"}, inputs="ids pad", decoder="ids"),
    _bart("embeds", config={"activation_function": "gelu_new"}, inputs="embeds holes", decoder="embeds holes"),
    _bart("scaled", config=SMALL | {"scale_embedding": True}, decoder="ids"),
    _bart("scaled-embeds", config=SMALL | {"scale_embedding": True}, inputs="embeds", decoder="embeds"),
    _bart("limit", config={"max_position_embeddings": 9}, inputs="ids", decoder="ids"),
    _bart("one-token", config={"encoder_attention_heads": 1}, inputs="ids", decoder="ids", batch=(1, 3), written=1),
    _bart("from-input", config=SMALL, inputs="ids mask", decoder="", written=9),  # written as it was read
    _bart("pad-id", config=SMALL | {"pad_token_id": 3}, inputs="ids mask pad", decoder="ids"),
    _bart("quiet", scale=0.01, decoder="ids"),
    _bart("wide", config={"d_model": 96, "encoder_attention_heads": 6, "decoder_attention_heads": 8}),
    _bart("still", config=STILL, inputs="ids holes", decoder="ids holes"),
    _bart("still-no-mask", config=STILL, inputs="ids", decoder="ids", written=9),
    # With scores of words.
    _bart("words", WORDS, decoder="", labels="words", gradients="full"),
    _bart("words-given", WORDS, SMALL, "ids holes", "ids holes", labels="words"),
    _bart("words-start", WORDS, SMALL | {"decoder_start_token_id": 5, "pad_token_id": 3}, "ids", "", labels="words"),
    _bart("words-untied", WORDS, SMALL | {"tie_word_embeddings": False}, labels="words"),
    _bart("words-scaled", WORDS, SMALL | {"scale_embedding": True}, "ids", "", labels="words"),
]
