"""Configuration of Wav2Vec2; defaults are those of facebook/wav2vec2-base-960h.

What only its pretraining needs (codevectors, negatives) is kept as a checkpoint says it, and is no field here.
"""

from math import prod
from typing import Any, ClassVar

from ...core.configuration import PreTrainedConfig
from ...core.weights import WeightsError
from ...i18n import N_, said, spoken
from ...utils.fields import Choice, Range, check_field, wrong

# Spellings of weight normalisation in files -> here. Torch has had two; in a third kind of file the kernel stands in
# one piece, its lengths multiplied in.
WEIGHT_NORM = {
    "parametrizations.weight.original0": "weight_g",
    "parametrizations.weight.original1": "weight_v",
    "weight": "weight_v",
}


def check_whole(kernel: str, where: str) -> None:
    """Raise WeightsError unless a kernel, by its name in a file without lengths, is in one piece."""
    if not kernel.endswith("conv.weight"):
        raise spoken(
            WeightsError,
            "{where} has {name}, a direction, and lacks the length that belongs to it; the checkpoint is incomplete",
            where=where,
            name=kernel,
        )


class Wav2Vec2Config(PreTrainedConfig):
    model_type: ClassVar[str] = "wav2vec2"
    INPUT: ClassVar[str] = N_("recording")

    vocab_size: int = 32  # characters that the CTC head tells apart, special tokens and the blank counted
    hidden_size: int = 768  # width of the vector of every frame
    num_hidden_layers: int = 12
    num_attention_heads: int = 12  # hidden_size must be divisible by it
    intermediate_size: int = 3072  # width inside the feed-forward network
    hidden_act: str = "gelu"
    hidden_dropout: float = 0.1
    activation_dropout: float = 0.1  # inside the feed-forward network
    attention_dropout: float = 0.1
    feat_proj_dropout: float = 0.0  # after the projection of the feature encoder's vectors
    final_dropout: float = 0.1  # before the CTC head
    layerdrop: float = 0.1  # how often a whole layer is left out in training
    layer_norm_eps: float = 1e-5
    feat_extract_norm: str = "group"  # in the feature encoder: "group" after its first layer only, "layer" after each
    feat_extract_activation: str = "gelu"
    conv_dim: list = [512, 512, 512, 512, 512, 512, 512]  # noqa: RUF012  # channels of each convolution
    conv_stride: list = [5, 2, 2, 2, 2, 2, 2]  # noqa: RUF012  # their product is how many samples make a frame
    conv_kernel: list = [10, 3, 3, 3, 3, 2, 2]  # noqa: RUF012
    conv_bias: bool = False
    num_conv_pos_embeddings: int = 128  # frames that the convolution over positions spans
    num_conv_pos_embedding_groups: int = 16  # hidden_size must be divisible by it
    do_stable_layer_norm: bool = False  # LayerNorm before each half of a layer (pre-norm), else after it
    apply_spec_augment: bool = True  # mask spans of frames in training
    mask_time_prob: float = 0.05  # part of the frames that is masked
    mask_time_length: int = 10  # frames in a span
    mask_time_min_masks: int = 2  # spans in a recording, if there is space for them
    mask_feature_prob: float = 0.0  # part of the numbers of every frame's vector that is set to zero
    mask_feature_length: int = 10
    mask_feature_min_masks: int = 0
    ctc_loss_reduction: str = "sum"  # over the recordings of a batch; "mean" divides by the lengths of the texts, too
    ctc_zero_infinity: bool = False  # a text too long for its recording counts as 0, else its loss is infinite
    use_weighted_layer_sum: bool = False  # a classifier reads a learned mean of all layers, else the last one
    classifier_proj_size: int = 256
    pad_token_id: int | None = 0  # the blank of CTC
    bos_token_id: int | None = 1
    eos_token_id: int | None = 2

    @property
    def inputs_to_logits_ratio(self) -> int:
        """Samples from the beginning of one frame to that of the next."""
        return prod(self.conv_stride)

    @property
    def receptive_field(self) -> int:
        """Samples that one frame is computed from: the fewest that make a frame."""
        field = 1
        for kernel, stride in zip(reversed(self.conv_kernel), reversed(self.conv_stride), strict=True):
            field = (field - 1) * stride + kernel
        return field

    def frames(self, samples: Any) -> Any:
        """How many frames so many samples make: a number, or a tensor of them; 0 or less for too few."""
        for kernel, stride in zip(self.conv_kernel, self.conv_stride, strict=True):
            samples = (samples - kernel) // stride + 1
        return samples

    def check(self) -> None:
        super().check()
        check_field("feat_extract_norm", self.feat_extract_norm, str, Choice("group", "layer"))
        check_field("ctc_loss_reduction", self.ctc_loss_reduction, str, Choice("sum", "mean", "none"))
        for name in ("mask_time_prob", "mask_feature_prob"):
            check_field(name, getattr(self, name), float, Range(0, 1))
        for name in ("conv_dim", "conv_stride", "conv_kernel"):
            for size in getattr(self, name) or [0]:
                check_field(name, size, int, Range(1, 100_000))
            if len(getattr(self, name)) != len(self.conv_dim):
                expected = said("as many numbers as conv_dim, {count}", count=len(self.conv_dim))
                raise wrong(name, getattr(self, name), expected)
        for name in ("num_attention_heads", "num_conv_pos_embedding_groups"):
            if self.hidden_size % getattr(self, name):
                raise spoken(
                    ValueError,
                    "hidden_size {hidden_size} is not divisible by {name} {count}",
                    hidden_size=self.hidden_size,
                    name=name,
                    count=getattr(self, name),
                )
        for name in (
            "add_adapter",
            "adapter_attn_dim",
        ):  # of translation of speech, and of one file for 1,000 languages
            if vars(self).get(name):
                raise spoken(
                    ValueError,
                    "{name} is {value!r} in this configuration: Wav2Vec2 with adapters is not in hfquick; try a "
                    "checkpoint without, such as 'facebook/wav2vec2-base-960h'",
                    name=name,
                    value=vars(self)[name],
                )
