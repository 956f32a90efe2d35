"""DETR beside transformers: pictures of several sizes, with objects, without, and with masks; both kinds of ResNet.

Shapes: B pictures, Y and X their sides, Q queries, N objects of one picture.
"""

from typing import Any

import numpy as np

from .case import Case, draw_weight, random

RESNET = {
    "model_type": "resnet",
    "embedding_size": 8,
    "hidden_sizes": [16, 24, 28, 32],
    "depths": [1, 1, 1, 1],
    "layer_type": "bottleneck",
    "out_features": ["stage1", "stage2", "stage3", "stage4"],
}
DETR = {
    "use_timm_backbone": False,
    "use_pretrained_backbone": False,
    "backbone_config": RESNET,
    "num_queries": 7,
    "d_model": 32,
    "encoder_layers": 1,
    "encoder_ffn_dim": 50,
    "encoder_attention_heads": 8,
    "decoder_layers": 2,
    "decoder_ffn_dim": 46,
    "decoder_attention_heads": 4,
    "dropout": 0.1,  # another for each place, so that one in the wrong place is seen
    "attention_dropout": 0.2,
    "activation_dropout": 0.3,
}
OBJECTS, SEGMENTS = "ForObjectDetection", "ForSegmentation"
DETR_HEADS = ["Model", OBJECTS, SEGMENTS]


class DetrCase(Case):
    """A case whose batch is pictures. `inputs`: mask (pictures of several sizes), or nothing; `labels`: objects, masks.

    `batch` is (B, Y): pictures of Y x (Y + 13) pixels, with a mask smaller ones among them.
    """

    padding_learns = True  # there is none
    has_two_texts = reads_on = False
    table = "no table"

    @property
    def sides(self) -> list[tuple[int, int]]:
        """Height and width of each picture."""
        B, Y = self.batch
        X = Y + 13
        return [(Y, X), (Y - 18, X), (Y, X - 29)][:B] if "mask" in self.inputs.split() else [(Y, X)] * B

    def arrays(self) -> dict[str, Any]:
        draw, (B, Y), X = random(self.name), self.batch, self.batch[1] + 13
        C = self.values.get("num_channels", 3)
        areas = 2 * draw.standard_normal((B, C, -(-Y // 24), -(-X // 24)))  # which differ, as those of a picture do
        pixels = areas.repeat(24, 2).repeat(24, 3)[:, :, :Y, :X] + 0.5 * draw.standard_normal((B, C, Y, X))
        mask = np.zeros((B, Y, X), np.int64)
        for number, (height, width) in enumerate(self.sides):
            mask[number, :height, :width] = 1
        arrays: dict[str, Any] = {"pixel_values": (pixels * mask[:, None]).astype(np.float32)}
        if "mask" in self.inputs.split():
            arrays["pixel_mask"] = mask
        if self.labels:
            arrays["labels"] = [self._objects(draw, number, *sides) for number, sides in enumerate(self.sides)]
        return arrays

    def _objects(self, draw: np.random.RandomState, number: int, height: int, width: int) -> dict[str, np.ndarray]:
        """Labels of one picture: 3 objects in the first, none in the second, 1 in the third."""
        N = 0 if self.labels == "nothing" else [3, 0, 1][number]
        boxes = np.concatenate([0.3 + 0.4 * draw.rand(N, 2), 0.1 + 0.4 * draw.rand(N, 2)], 1).astype(np.float32)
        found = {"class_labels": draw.randint(0, self.values["num_labels"], N), "boxes": boxes}
        if self.labels == "masks":
            found["masks"] = (draw.rand(N, height, width) < 0.4).astype(np.float32)
        return found

    def least(self) -> dict[str, np.ndarray]:
        return {"pixel_values": np.zeros((1, self.values.get("num_channels", 3), 8, 8), np.float32)}

    def counted(self, output: str = "last_hidden_state") -> np.ndarray:
        """All queries, and all positions of the feature map."""
        return np.ones((1, 1), np.float32)

    def weight(self, name: str, shape: tuple[int, ...]) -> np.ndarray:
        """As in other models; kernels by all that they read, statistics of batches as wide, variances above 0.

        A ReLU before which all is negative would give zeros, of which everything after it makes the same, and so does
        attention among positions, or queries, that hardly differ.
        """
        noise = random(name).standard_normal(shape).astype(np.float32)
        if name.endswith("running_var"):
            return np.exp(noise / 2)
        if name.endswith(("running_mean", "normalization.bias")):
            return np.float32(0.3) * noise
        if len(shape) == 4:
            gain = 0.2 if "input_projection" in name else 1.4
            kernel = np.float32(gain / np.prod(shape[1:]) ** 0.5) * noise
            if "mask_head.lay1" in name:  # of whose inputs only the weights of attention, which are small, differ
                kernel[:, -self.values["encoder_attention_heads"] :] *= 100
            return kernel
        if "query_position" in name:
            return 2 * noise
        if len(shape) == 1 and name.endswith("weight"):
            return 1 + np.float32(0.1) * noise
        gain = (
            2.0
            if "encoder_attn" in name or "bbox_attention" in name
            else 0.6
            if "_proj" in name or ".fc" in name
            else 1.0
        )
        return draw_weight(name, tuple(shape)) * np.float32(gain)


def _detr(name: str, head: str = "Model", config: dict[str, Any] | None = None, **more: Any) -> DetrCase:
    given = {"inputs": "mask", "batch": (3, 97), **more}
    return DetrCase(f"detr-{name}", f"Detr{head}", DETR | (config or {}), **given)


STILL = {"dropout": 0.0, "attention_dropout": 0.0, "activation_dropout": 0.0}  # training takes the fused attention
TWO = RESNET | {"hidden_sizes": [16, 24], "depths": [1, 1], "out_features": ["stage2"]}  # coarser by 8 only
BASIC = TWO | {"layer_type": "basic", "hidden_sizes": [8, 24], "depths": [1, 2]}
ODD = TWO | {
    "hidden_act": "gelu",
    "downsample_in_first_stage": True,
    "downsample_in_bottleneck": True,
    "num_channels": 2,
    "hidden_sizes": [8, 20, 24],
    "depths": [1, 1, 1],
    "out_features": ["stem", "stage3"],
}

THREE = BASIC | {"hidden_sizes": [8, 12, 16], "depths": [1, 1, 1], "out_features": ["stage1", "stage2", "stage3"]}
ODD_SIZES = {
    "d_model": 36,
    "encoder_attention_heads": 3,
    "decoder_attention_heads": 6,
    "decoder_layers": 3,
    "activation_function": "gelu",
    "encoder_ffn_dim": 40,
}
COSTS = {
    "class_cost": 4,
    "bbox_cost": 1,
    "giou_cost": 7,
    "bbox_loss_coefficient": 2,
    "giou_loss_coefficient": 3,
    "mask_loss_coefficient": 7,
    "dice_loss_coefficient": 5,
}
DEEPER = {"backbone_config": RESNET | {"depths": [1, 2, 1, 1]}, "encoder_layers": 2}
SMALL = {"batch": (3, 25)}  # for two stages, whose feature map is finer

DETR_TABLE = [
    # The bare model.
    _detr("padded", config=DEEPER, gradients="full"),
    _detr("whole", inputs="", batch=(2, 96)),
    _detr("basic", config={"backbone_config": BASIC}, **SMALL),
    _detr("stages", config={"backbone_config": ODD, "num_channels": 2}),
    _detr("odd", config={"backbone_config": TWO, **ODD_SIZES}, **SMALL),
    _detr("learned", config={"backbone_config": TWO, "position_embedding_type": "learned"}, **SMALL),
    _detr("still", config=STILL),
    _detr("still-whole", config=STILL, inputs="", batch=(2, 96)),
    _detr("intermediate", config={"auxiliary_loss": True, "decoder_layers": 3}),
    _detr("one-position", inputs="", batch=(1, 3)),
    # Boxes and classes.
    _detr("objects", OBJECTS, labels="objects"),
    _detr("objects-whole", OBJECTS, {"num_labels": 5, "eos_coefficient": 0.3}, labels="objects", inputs=""),
    _detr("objects-costs", OBJECTS, COSTS, labels="objects"),
    _detr("auxiliary", OBJECTS, {"auxiliary_loss": True, "decoder_layers": 3}, labels="objects"),
    _detr("nothing", OBJECTS, labels="nothing"),
    _detr("crowded", OBJECTS, {"num_queries": 2}, labels="objects"),  # with more objects than queries
    _detr("unlabelled", OBJECTS, {"num_labels": 3}),
    # Masks.
    _detr("masks", SEGMENTS, labels="masks"),
    _detr("masks-whole", SEGMENTS, {"auxiliary_loss": True}, labels="masks", inputs="", batch=(2, 96)),
    _detr("masks-coefficients", SEGMENTS, COSTS, labels="masks"),
    _detr("masks-three", SEGMENTS, {"backbone_config": THREE}, labels="masks", batch=(3, 33)),
]
