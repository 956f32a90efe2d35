"""Losses of DETR in PyTorch, over pairs of queries and objects.

Paper: Carion et al. 2020, sections 3.1 and 4.4 (https://arxiv.org/abs/2005.12872). Twin in Keras: loss_tf_detr.py.
The pairs are found in matching.py.

Shapes: B pictures, Q queries, N objects of one picture, M objects of all pictures. Boxes are (centre x, centre y,
width, height), 0-1.
"""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from .configuration_detr import DetrConfig
from .matching import KEYS, check_labels, match

Predictions = dict[str, Tensor]  # logits (B, Q, labels + 1), pred_boxes (B, Q, 4), perhaps pred_masks (B, Q, y, x)
Labels = Sequence[dict[str, Tensor]]  # of each picture: class_labels (N,), boxes (N, 4), perhaps masks (N, Y, X)


def detection_loss(
    predictions: Predictions, auxiliary: Sequence[Predictions], labels: Any, config: DetrConfig
) -> tuple[Tensor, dict[str, Tensor]]:
    """The loss to be trained on, and its parts by name; those of decoder layer i before the last end in `_i`.

    Boxes and masks count by the number of objects, and at least one.

    Raises TypeError or ValueError for labels that are not those of these pictures.
    """
    check_labels(labels, len(predictions["logits"]), "pred_masks" in predictions)
    device = predictions["logits"].device
    labels = [{name: torch.as_tensor(each[name], device=device) for name in KEYS if name in each} for each in labels]
    count = max(1, sum(len(each["class_labels"]) for each in labels))
    weights = {
        "loss_ce": 1,
        "loss_bbox": config.bbox_loss_coefficient,
        "loss_giou": config.giou_loss_coefficient,
        "loss_mask": config.mask_loss_coefficient,
        "loss_dice": config.dice_loss_coefficient,
    }
    total = torch.zeros((), device=device)
    parts: dict[str, Tensor] = {}
    for layer, given in (("", predictions), *((f"_{i}", each) for i, each in enumerate(auxiliary))):
        found = losses_of_layer({name: in_full(tensor) for name, tensor in given.items()}, labels, count, config)
        parts |= {name + layer: loss for name, loss in found.items()}
        total = total + sum(weights[name] * loss for name, loss in found.items() if name in weights)
    return total, parts


def in_full(tensor: Tensor) -> Tensor:
    """Losses are computed in float32 at least, also where the model computes in 16 bits."""
    return tensor if tensor.dtype is torch.float64 else tensor.float()


def losses_of_layer(predictions: Predictions, labels: Labels, count: int, config: DetrConfig) -> dict[str, Tensor]:
    """The parts of the loss for the predictions of one decoder layer; the last, an error in counting, is for logs."""
    logits, boxes = predictions["logits"], predictions["pred_boxes"]
    in_numpy = [(each["class_labels"].cpu().numpy(), each["boxes"].detach().cpu().numpy()) for each in labels]
    pairs = match(logits.detach().cpu().numpy(), boxes.detach().cpu().numpy(), in_numpy, config)
    picture = torch.cat([torch.full((len(queries),), number) for number, (queries, _) in enumerate(pairs)])
    query = torch.cat([torch.from_numpy(queries) for queries, _ in pairs])
    at = picture.to(logits.device), query.to(logits.device)  # (M,), (M,): where the pairs are in (B, Q)

    def wanted(name: str) -> list[Tensor]:
        """What the objects of the pairs have, in the same order."""
        orders = (torch.from_numpy(objects).to(logits.device) for _, objects in pairs)
        return [each[name][order] for each, order in zip(labels, orders, strict=True)]

    classes = torch.full(logits.shape[:2], config.num_labels, device=logits.device)  # all "no object"
    classes[at] = torch.cat(wanted("class_labels")).long()
    weight = logits.new_ones(config.num_labels + 1)
    weight[-1] = config.eos_coefficient
    found = {"loss_ce": F.cross_entropy(logits.transpose(1, 2), classes, weight)}
    found |= box_losses(boxes[at], torch.cat(wanted("boxes")).to(boxes.dtype), count)
    if "pred_masks" in predictions:
        found |= mask_losses(predictions["pred_masks"][at], padded(wanted("masks")).to(boxes.dtype), count)
    are_objects = (logits.detach().argmax(-1) != config.num_labels).sum(1)
    numbers = logits.new_tensor([len(each["class_labels"]) for each in labels])
    return found | {"cardinality_error": (are_objects - numbers).abs().mean()}


def box_losses(boxes: Tensor, wanted: Tensor, count: int) -> dict[str, Tensor]:
    """Distance and overlap of predicted boxes (M, 4) and those of the objects (M, 4)."""
    distance = (boxes - wanted).abs().sum() / count
    overlap = generalized_iou(corners(boxes), corners(wanted))  # (M,)
    return {"loss_bbox": distance, "loss_giou": (1 - overlap).sum() / count}


def corners(boxes: Tensor) -> Tensor:
    """(centre x, centre y, width, height) (M, 4) -> (left, top, right, bottom) (M, 4)."""
    centre, size = boxes[:, :2], boxes[:, 2:]
    return torch.cat([centre - size / 2, centre + size / 2], 1)


def generalized_iou(one: Tensor, other: Tensor) -> Tensor:
    """Corners (M, 4) of two boxes each -> how much they overlap (M,), from -1 to 1; see matching.py."""
    overlap = area((torch.minimum(one, other)[:, 2:] - torch.maximum(one, other)[:, :2]).clamp(min=0))
    around = area(torch.maximum(one, other)[:, 2:] - torch.minimum(one, other)[:, :2])
    union = area(one[:, 2:] - one[:, :2]) + area(other[:, 2:] - other[:, :2]) - overlap
    return overlap / union - (around - union) / around


def area(sides: Tensor) -> Tensor:
    """Width and height (M, 2) -> area (M,)."""
    return sides[:, 0] * sides[:, 1]


def padded(masks: Sequence[Tensor]) -> Tensor:
    """Masks (N, Y, X) of several pictures -> (M, Y, X) of the largest sides, 0 below and to the right."""
    Y, X = (max(each.shape[axis] for each in masks) for axis in (1, 2))
    return torch.cat([F.pad(each, (0, X - each.shape[2], 0, Y - each.shape[1])) for each in masks])


def mask_losses(logits: Tensor, wanted: Tensor, count: int) -> dict[str, Tensor]:
    """Focal loss (Lin et al. 2017) and dice loss (Milletari et al. 2016): logits (M, y, x), masks (M, Y, X)."""
    if not len(wanted):
        return {"loss_mask": logits.sum(), "loss_dice": logits.sum()}  # 0, with gradients
    logits = F.interpolate(logits[:, None], wanted.shape[1:], mode="bilinear").flatten(1)  # (M, Y * X)
    wanted = wanted.flatten(1)
    probability = logits.sigmoid()
    # Focal: pixels that are right already count little, and those of the mask a third of the others.
    entropy = F.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    wrong = probability * (1 - wanted) + (1 - probability) * wanted
    focal = ((0.25 * wanted + 0.75 * (1 - wanted)) * wrong**2 * entropy).mean(1)
    dice = 1 - (2 * (probability * wanted).sum(1) + 1) / (probability.sum(1) + wanted.sum(1) + 1)
    return {"loss_mask": focal.sum() / count, "loss_dice": dice.sum() / count}
