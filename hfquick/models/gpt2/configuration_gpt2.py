"""Configuration of GPT-2; defaults are those of the smallest of its four sizes, "gpt2"."""

from typing import ClassVar

from ...core.configuration import PreTrainedConfig
from ...i18n import spoken


class GPT2Config(PreTrainedConfig):
    model_type: ClassVar[str] = "gpt2"
    attribute_map: ClassVar[dict[str, str]] = {
        "hidden_size": "n_embd",
        "num_attention_heads": "n_head",
        "num_hidden_layers": "n_layer",
        "max_position_embeddings": "n_positions",
    }

    vocab_size: int = 50257
    n_positions: int = 1024  # longest text, in tokens
    n_embd: int = 768  # width of every token vector
    n_layer: int = 12
    n_head: int = 12  # n_embd must be divisible by it
    n_inner: int | None = None  # width inside the feed-forward network; None: four times n_embd
    activation_function: str = "gelu_new"
    resid_pdrop: float = 0.1  # dropout of what each half of a block adds
    embd_pdrop: float = 0.1  # of the embeddings
    attn_pdrop: float = 0.1  # of the attention weights
    layer_norm_epsilon: float = 1e-5
    scale_attn_weights: bool = True  # scores are divided by sqrt(K)
    scale_attn_by_inverse_layer_idx: bool = False  # and by the number of the layer, from 1 on
    reorder_and_upcast_attn: bool = False  # and are computed in float32 where the model is in fewer bits
    add_cross_attention: bool = False
    bos_token_id: int | None = 50256
    eos_token_id: int | None = 50256

    def check(self) -> None:
        super().check()
        if self.n_embd % self.n_head:
            raise spoken(
                ValueError,
                "n_embd {n_embd} is not divisible by n_head {n_head}",
                n_embd=self.n_embd,
                n_head=self.n_head,
            )
        if self.add_cross_attention:
            raise spoken(
                ValueError,
                "add_cross_attention is true; this GPT-2 reads no encoder, for a sequence-to-sequence LM take T5 "
                "or BART",
            )
