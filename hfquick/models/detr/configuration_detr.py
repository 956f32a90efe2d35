"""Configuration of DETR and of its ResNet; defaults are those of facebook/detr-resnet-50.

A config.json says in one of two ways which ResNet it is: as a name of the library timm (`use_timm_backbone: true`,
`backbone: "resnet50"`), or by its sizes (`backbone_config`). Files of the first kind also have timm's names for the
ResNet's tensors; `timm_name` is the table. Here all are read, and timm is not needed.
"""

import re
from typing import Any, ClassVar

from ...core.configuration import PreTrainedConfig
from ...i18n import N_, said, spoken
from ...utils.errors import unknown
from ...utils.fields import Choice, Range, check_field, wrong

TIMM = {  # name in timm -> blocks of each stage, kind of block
    "resnet18": ([2, 2, 2, 2], "basic"),
    "resnet34": ([3, 4, 6, 3], "basic"),
    "resnet50": ([3, 4, 6, 3], "bottleneck"),
    "resnet101": ([3, 4, 23, 3], "bottleneck"),
    "resnet152": ([3, 8, 36, 3], "bottleneck"),
}
WIDTHS = {"basic": [64, 128, 256, 512], "bottleneck": [256, 512, 1024, 2048]}  # of the stages

TIMM_NAMES = (  # of the ResNet's tensors: as here -> as in timm, whose blocks and stages count from 1 in part
    (r"embedder\.embedder\.convolution", lambda _: "conv1"),
    (r"embedder\.embedder\.normalization", lambda _: "bn1"),
    (
        r"encoder\.stages\.(\d+)\.layers\.(\d+)\.layer\.(\d+)\.(convolution|normalization)",
        lambda m: f"layer{int(m[1]) + 1}.{m[2]}.{'conv' if m[4] == 'convolution' else 'bn'}{int(m[3]) + 1}",
    ),
    (
        r"encoder\.stages\.(\d+)\.layers\.(\d+)\.shortcut\.(convolution|normalization)",
        lambda m: f"layer{int(m[1]) + 1}.{m[2]}.downsample.{'0' if m[3] == 'convolution' else '1'}",
    ),
)


def timm_name(name: str) -> str:
    """The name of a tensor of DETR in files with timm's ResNet; those outside the ResNet have one name only.

    >>> timm_name("model.backbone.conv_encoder.model.encoder.stages.0.layers.2.layer.1.convolution.weight")
    'model.backbone.conv_encoder.model.layer1.2.conv2.weight'
    """
    before, inside, after = name.rpartition("backbone.conv_encoder.model.")
    if inside:
        for ours, theirs in TIMM_NAMES:
            after = re.sub(f"^{ours}", theirs, after)
    return before + inside + after


class ResNetConfig(PreTrainedConfig):
    """The sizes of a ResNet; defaults are those of ResNet-50."""

    model_type: ClassVar[str] = "resnet"

    num_channels: int = 3
    embedding_size: int = 64  # channels of the stem
    hidden_sizes: list = [256, 512, 1024, 2048]  # noqa: RUF012  # channels of each stage's output
    depths: list = [3, 4, 6, 3]  # noqa: RUF012  # blocks of each stage
    layer_type: str = "bottleneck"  # kind of block, or "basic"
    hidden_act: str = "relu"
    downsample_in_first_stage: bool = False
    downsample_in_bottleneck: bool = False  # the stride is that of a block's first convolution, else of its second
    out_features: list | None = None  # the feature maps that are given, of "stem", "stage1" ...; None is the last one
    out_indices: list | None = None  # the same as numbers, the stem is 0
    dilation: bool = False  # the last stage keeps the resolution, and looks twice as far

    @property
    def maps(self) -> list[int]:
        """Numbers of the feature maps that are given, in order; the stem is 0."""
        if self.out_features is not None:
            return [0 if name == "stem" else int(name.removeprefix("stage")) for name in self.out_features]
        return [index % (len(self.depths) + 1) for index in self.out_indices or [-1]]

    @property
    def channels(self) -> list[int]:
        """Channels of these maps."""
        return [[self.embedding_size, *self.hidden_sizes][index] for index in self.maps]

    def check(self) -> None:
        super().check()
        check_field("layer_type", self.layer_type, str, Choice("bottleneck", "basic"))
        for name, most in (("hidden_sizes", 100_000), ("depths", 1_000)):
            for count in getattr(self, name) or [0]:
                check_field(name, count, int, Range(1, most))
        if len(self.hidden_sizes) != len(self.depths):
            raise wrong("hidden_sizes", self.hidden_sizes, said("as many as depths {depths}", depths=self.depths))
        if self.layer_type == "bottleneck" and any(width % 4 for width in self.hidden_sizes):
            raise wrong("hidden_sizes", self.hidden_sizes, said("multiples of 4 for bottleneck blocks"))
        names = ["stem", *(f"stage{number}" for number in range(1, len(self.depths) + 1))]
        if self.out_features is not None and self.out_features != [name for name in names if name in self.out_features]:
            raise wrong("out_features", self.out_features, said("some of {names}, in order", names=names))
        numbers = list(range(-len(names), len(names)))
        if any(index not in numbers for index in self.out_indices or []) or not self.maps:
            raise wrong("out_indices", self.out_indices, said("some of {names}, in order", names=numbers[len(names) :]))

    def as_backbone(self) -> dict[str, Any]:
        """What config.json has as `backbone_config`."""
        own = {name: getattr(self, name) for name in vars(type(self))["__annotations__"] if name in self.fields()}
        left_out = {"dilation": False, "out_indices": None}  # the first is timm's, the second the same as out_features
        names = ["stem" if index == 0 else f"stage{index}" for index in self.maps]
        return {"model_type": self.model_type, **own, "out_features": names} | left_out


class DetrConfig(PreTrainedConfig):
    model_type: ClassVar[str] = "detr"
    attribute_map: ClassVar[dict[str, str]] = {
        "hidden_size": "d_model",
        "num_attention_heads": "encoder_attention_heads",
        "num_hidden_layers": "encoder_layers",
        "initializer_range": "init_std",
    }

    use_timm_backbone: bool = True  # the ResNet is said by its name in timm, else by its sizes
    backbone_config: dict | None = None  # these sizes: fields of ResNetConfig
    num_channels: int = 3
    num_queries: int = 100  # most objects that are found in one picture
    encoder_layers: int = 6
    encoder_ffn_dim: int = 2048  # width inside the feed-forward network
    encoder_attention_heads: int = 8  # d_model must be divisible by it
    decoder_layers: int = 6
    decoder_ffn_dim: int = 2048
    decoder_attention_heads: int = 8
    encoder_layerdrop: float = 0.0  # probability of a layer to be left out in training; here none ever is
    decoder_layerdrop: float = 0.0
    is_encoder_decoder: bool = True
    activation_function: str = "relu"
    d_model: int = 256  # width of every vector of the transformer
    dropout: float = 0.1  # of what each part of a layer adds
    attention_dropout: float = 0.0  # of the attention weights
    activation_dropout: float = 0.0  # inside the feed-forward network
    init_std: float = 0.02  # what other models call initializer_range
    init_xavier_std: float = 1.0  # gain of the initial weights of the mask head's attention
    auxiliary_loss: bool = False  # the loss is computed after each decoder layer, and not only after the last
    position_embedding_type: str = "sine"  # or "learned"
    backbone: str | None = "resnet50"
    use_pretrained_backbone: bool | None = True  # of timm; here the ResNet's weights come with all others
    backbone_kwargs: dict | None = None  # of timm
    dilation: bool | None = False  # DC5: the ResNet's last stage keeps the resolution
    class_cost: float = 1  # what counts in the matching of predictions with objects: the class,
    bbox_cost: float = 5  # the distance of boxes,
    giou_cost: float = 2  # their overlap
    mask_loss_coefficient: float = 1  # weights of the parts of the loss
    dice_loss_coefficient: float = 1
    bbox_loss_coefficient: float = 5
    giou_loss_coefficient: float = 2
    eos_coefficient: float = 0.1  # weight of the class "no object", of which most queries are

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        if self.use_timm_backbone and self.backbone_config is None and self.backbone_kwargs is None:
            stride = {"output_stride": 16} if self.dilation else {}
            self.backbone_kwargs = {"in_chans": self.num_channels, "out_indices": [1, 2, 3, 4], **stride}
        elif not self.use_timm_backbone and self.backbone in (None, "resnet50"):
            self.backbone = None
            self.dilation = None  # of timm

    @property
    def initializer_range(self) -> float:  # type: ignore[override]
        return self.init_std

    @classmethod
    def fields(cls) -> dict[str, Any]:
        return {name: kind for name, kind in super().fields().items() if name != "initializer_range"}

    @property
    def resnet(self) -> ResNetConfig:
        """The sizes of the ResNet, whichever way they were said."""
        given = dict(self.backbone_config or {})
        is_timm = given.get("model_type") == "timm_backbone"  # as transformers 5 writes it
        if given and not is_timm:
            if given.get("model_type", "resnet") != "resnet":
                raise spoken(
                    ValueError,
                    "the backbone is a {kind!r}; the DETR of hfquick has a 'resnet'",
                    kind=given["model_type"],
                )
            return ResNetConfig(**given)
        if not (is_timm or self.use_timm_backbone):
            return ResNetConfig(num_channels=self.num_channels)
        options = {**(self.backbone_kwargs or {}), **given}
        name = str(given.get("backbone", self.backbone)).partition(".")[0]  # "resnet50.a1_in1k" says which weights
        if name not in TIMM:
            raise unknown(N_("backbone {name!r} is unknown{near}; known: {known}"), name, TIMM)
        depths, kind = TIMM[name]
        return ResNetConfig(
            num_channels=options.get("in_chans", self.num_channels),
            depths=depths,
            layer_type=kind,
            hidden_sizes=WIDTHS[kind],
            out_indices=list(options.get("out_indices") or [1, 2, 3, 4]),
            dilation=bool(self.dilation) or options.get("output_stride") == 16,
        )

    def mask_head_sizes(self) -> tuple[list[int], list[int]]:
        """Channels of the maps that a mask head reads, the finest last, and of those it computes."""
        channels, D = self.resnet.channels, self.d_model
        widths = [D + self.encoder_attention_heads, D // 2, D // 4, D // 8, D // 16]
        if len(channels) < 3:
            raise spoken(
                ValueError,
                "the backbone gives {count} feature maps, a mask head needs at least 3; try out_features=['stage1', "
                "'stage2', 'stage3', 'stage4'] in backbone_config",
                count=len(channels),
            )
        if any(width % min(8, width) for width in widths):
            raise spoken(
                ValueError,
                "d_model {d_model} with {heads} encoder_attention_heads gives no mask head, which normalises its maps "
                "in 8 groups; try a multiple of 64 and 8 heads",
                d_model=D,
                heads=self.encoder_attention_heads,
            )
        return channels[2::-1], widths

    def leave_timm(self) -> None:
        """Say the ResNet by its sizes: what is saved then loads in transformers with and without timm.

        Not with dilation, which the ResNet of transformers lacks: such a model stays with timm, and so do the names in
        its file.
        """
        resnet = self.resnet
        if not resnet.dilation:
            if self.use_timm_backbone or self.backbone_config is None:
                self.backbone_config = resnet.as_backbone()
            self.use_timm_backbone = self.use_pretrained_backbone = False  # with the second, it wants timm all the same
            self.backbone = self.backbone_kwargs = self.dilation = None

    def check(self) -> None:
        super().check()
        check_field("position_embedding_type", self.position_embedding_type, str, Choice("sine", "learned"))
        for name in ("encoder_attention_heads", "decoder_attention_heads"):
            if self.d_model % getattr(self, name):
                raise spoken(
                    ValueError,
                    "d_model {d_model} is not divisible by {name} {heads}",
                    d_model=self.d_model,
                    name=name,
                    heads=getattr(self, name),
                )
        if self.position_embedding_type == "sine" and self.d_model % 4:
            raise wrong("d_model", self.d_model, said("a multiple of 4: sine and cosine, for both axes of a picture"))
        _ = self.resnet  # which checks its sizes

    def check_training(self) -> None:
        """Raise ValueError where training would leave out layers (arXiv:1909.11556)."""
        for name in ("encoder_layerdrop", "decoder_layerdrop"):
            if getattr(self, name):
                raise spoken(
                    ValueError,
                    "{name} is {value}, but this DETR trains all its layers in every step; try "
                    "model.config.{name} = 0.0",
                    name=name,
                    value=getattr(self, name),
                )
