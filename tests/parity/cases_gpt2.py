"""GPT-2 beside transformers: padding on both sides, positions, odd configurations, its two heads."""

from typing import Any

from .case import Case

GPT2 = {
    "vocab_size": 40,
    "n_embd": 32,
    "n_layer": 2,
    "n_head": 4,
    "n_positions": 12,
    "embd_pdrop": 0.1,  # another for each place, so that one in the wrong place is seen
    "attn_pdrop": 0.2,
    "resid_pdrop": 0.3,
    "pad_token_id": 0,
}
SEQUENCE, WORDS = "ForSequenceClassification", "LMHeadModel"
GPT2_HEADS = ["Model", WORDS, SEQUENCE]
ODD = {"n_embd": 36, "n_head": 3, "n_inner": 50, "n_layer": 3}
STILL = {"embd_pdrop": 0.0, "attn_pdrop": 0.0, "resid_pdrop": 0.0}  # training takes the fused attention


def _gpt2(
    name: str, head: str = "Model", config: dict[str, Any] | None = None, inputs: str = "ids mask", **more: Any
) -> Case:
    return Case(f"gpt2-{name}", f"GPT2{head}", GPT2 | (config or {}), inputs, **more)


GPT2_TABLE = [
    # The bare model.
    _gpt2("padded", gradients="full"),
    _gpt2("short", config={"n_layer": 1}, inputs="ids holes"),  # the quickest to build
    _gpt2("holes", inputs="ids holes"),
    _gpt2("left", inputs="ids left positions"),  # as texts are padded for writing on
    _gpt2("left-counted", inputs="ids left"),  # positions count padding, where none are given
    _gpt2("odd", config=ODD | {"activation_function": "relu", "layer_norm_epsilon": 1e-3}, inputs="ids holes"),
    _gpt2("no-mask", config={"activation_function": "silu"}, inputs="ids pad"),
    _gpt2("embeds", config={"activation_function": "gelu", "n_inner": 40}, inputs="embeds holes"),
    _gpt2("limit", config={"n_positions": 9, "activation_function": "tanh"}, inputs="ids"),
    _gpt2("one-token", config={"n_head": 1}, inputs="ids", batch=(1, 1)),
    _gpt2("quiet", config={"layer_norm_epsilon": 1e-4}, scale=0.01),
    _gpt2("wide", config={"n_embd": 96, "n_head": 6}, inputs="ids left positions"),
    _gpt2("still", config=STILL, inputs="ids holes"),
    _gpt2("still-no-mask", config=STILL, inputs="ids"),
    _gpt2("unscaled", config={"scale_attn_weights": False}, inputs="ids left"),
    _gpt2("by-layer", config={"scale_attn_by_inverse_layer_idx": True, "n_layer": 3}),
    _gpt2(  # in float32 it changes nothing but the way there; the layer's number shows that the scale is in it
        "upcast",
        config={"reorder_and_upcast_attn": True, "scale_attn_by_inverse_layer_idx": True},
        inputs="ids left positions",
    ),
    # Heads and their losses.
    _gpt2("words", WORDS, labels="words", gradients="full"),
    _gpt2("words-left", WORDS, {"layer_norm_epsilon": 1e-3}, "ids left positions", labels="words"),
    _gpt2("words-no-mask", WORDS, {"n_layer": 1}, "ids", labels="words"),
    _gpt2("words-untied", WORDS, {"tie_word_embeddings": False}, labels="words"),
    _gpt2("one-of-three", SEQUENCE, labels="class", gradients="full"),
    _gpt2("one-of-seven", SEQUENCE, {"num_labels": 7, "n_layer": 1}, "ids left positions", labels="class"),
    _gpt2("pad-id", SEQUENCE, {"pad_token_id": 3}, "ids mask pad", labels="class"),
    _gpt2("one-text", SEQUENCE, {"pad_token_id": None, "n_layer": 1}, "ids", labels="class", batch=(1, 9)),
    _gpt2("class-embeds", SEQUENCE, {"n_layer": 1}, "embeds", labels="class"),
    _gpt2("number", SEQUENCE, {"num_labels": 1, "n_layer": 1}, labels="number"),
    _gpt2("numbers", SEQUENCE, {"problem_type": "regression", "n_layer": 1}, labels="numbers"),
    _gpt2("several", SEQUENCE, {"num_labels": 7, "n_layer": 1}, labels="classes"),
]
