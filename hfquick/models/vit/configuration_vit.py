"""Configuration of ViT; defaults are those of google/vit-base-patch16-224."""

from typing import Any, ClassVar

from ...core.configuration import PreTrainedConfig
from ...core.pictures import both_sides, check_patches
from ...i18n import N_, spoken


class ViTConfig(PreTrainedConfig):
    model_type: ClassVar[str] = "vit"
    INPUT: ClassVar[str] = N_("picture")

    hidden_size: int = 768  # width of the vector of every patch
    num_hidden_layers: int = 12
    num_attention_heads: int = 12  # hidden_size must be divisible by it
    intermediate_size: int = 3072  # width inside the feed-forward network
    hidden_act: str = "gelu"
    hidden_dropout_prob: float = 0.0
    attention_probs_dropout_prob: float = 0.0
    layer_norm_eps: float = 1e-12
    image_size: int | list = 224  # pixels: one number for a square, or [height, width]
    patch_size: int | list = 16  # the same of a patch, the piece of a picture that becomes one vector
    num_channels: int = 3  # red, green, blue
    qkv_bias: bool = True  # queries, keys and values have biases
    pooler_output_size: int | None = None  # None: hidden_size
    pooler_act: str = "tanh"

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        if self.pooler_output_size is None:
            self.pooler_output_size = self.hidden_size

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of patches that the position embeddings are for."""
        (Y, X), (y, x) = both_sides(self.image_size), both_sides(self.patch_size)
        return Y // y, X // x

    def check(self) -> None:
        super().check()
        if self.hidden_size % self.num_attention_heads:
            raise spoken(
                ValueError,
                "hidden_size {hidden_size} is not divisible by num_attention_heads {num_attention_heads}",
                hidden_size=self.hidden_size,
                num_attention_heads=self.num_attention_heads,
            )
        check_patches(self.image_size, self.patch_size)
