"""Configuration of ViLT; defaults are those of dandelin/vilt-b32-mlm."""

from typing import ClassVar

from ...core.configuration import PreTrainedConfig
from ...core.pictures import both_sides, check_patches
from ...i18n import N_, spoken


class ViltConfig(PreTrainedConfig):
    model_type: ClassVar[str] = "vilt"
    INPUT: ClassVar[str] = N_("question")

    vocab_size: int = 30522
    type_vocab_size: int = 2  # first and second text of a pair
    modality_type_vocab_size: int = 2  # kinds of vectors: 0 of the text, 1 of the picture, with 3 of a second one
    max_position_embeddings: int = 40  # longest text, in tokens
    hidden_size: int = 768  # width of the vector of every token and every patch
    num_hidden_layers: int = 12
    num_attention_heads: int = 12  # hidden_size must be divisible by it
    intermediate_size: int = 3072  # width inside the feed-forward network
    hidden_act: str = "gelu"
    hidden_dropout_prob: float = 0.0
    attention_probs_dropout_prob: float = 0.0
    layer_norm_eps: float = 1e-12
    image_size: int | list = 384  # pixels: of the square whose patches the position embeddings are for
    patch_size: int | list = 32  # pixels: of a patch, the piece of a picture that becomes one vector
    num_channels: int = 3  # red, green, blue
    qkv_bias: bool = True  # queries, keys and values have biases
    max_image_length: int = -1  # all patches of a picture are read; the paper's pretraining sampled 200 of them
    num_images: int = -1  # of a model that compares two pictures, which is not one of those here
    tie_word_embeddings: bool = False

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
        if self.max_image_length >= 0:
            raise spoken(
                ValueError,
                "max_image_length is {count}, which would sample so many patches of each picture at random; here all "
                "of them are read: try from_pretrained(..., max_image_length=-1)",
                count=self.max_image_length,
            )
