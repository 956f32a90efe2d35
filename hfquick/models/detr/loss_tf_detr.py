"""Losses of DETR in Keras, over pairs of queries and objects.

Paper: Carion et al. 2020, sections 3.1 and 4.4 (https://arxiv.org/abs/2005.12872). Twin in PyTorch: loss_detr.py.
The pairs are found in matching.py, in NumPy, outside of a compiled step. Losses are computed in float32.

Keras feeds tensors, so labels may also be one table of them, padded: {"class_labels": (B, N), "boxes": (B, N, 4),
"masks": (B, N, Y, X)}, with -100 as the class of what is no object.

Shapes: B pictures, Q queries, N objects of one picture, M objects of all pictures. Boxes are (centre x, centre y,
width, height), 0-1.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import tensorflow as tf
from keras import ops

from .configuration_detr import DetrConfig
from .matching import IGNORED, KEYS, check_labels, match_padded

Predictions = dict[str, tf.Tensor]  # logits (B, Q, labels + 1), pred_boxes (B, Q, 4), perhaps pred_masks (B, Q, y, x)


def detection_loss(
    predictions: Predictions, auxiliary: Sequence[Predictions], labels: Any, config: DetrConfig
) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
    """The loss to be trained on, and its parts by name; those of decoder layer i before the last end in `_i`.

    Boxes and masks count by the number of objects, and at least one.

    Raises TypeError or ValueError for labels that are not those of these pictures.
    """
    labels = as_tensors(labels, predictions["logits"].shape[0], "pred_masks" in predictions)
    weights = {
        "loss_ce": 1,
        "loss_bbox": config.bbox_loss_coefficient,
        "loss_giou": config.giou_loss_coefficient,
        "loss_mask": config.mask_loss_coefficient,
        "loss_dice": config.dice_loss_coefficient,
    }
    total = tf.zeros(())
    parts: dict[str, tf.Tensor] = {}
    for layer, given in (("", predictions), *((f"_{i}", each) for i, each in enumerate(auxiliary))):
        found = losses_of_layer({name: ops.cast(tensor, "float32") for name, tensor in given.items()}, labels, config)
        parts |= {name + layer: loss for name, loss in found.items()}
        total += sum(weights[name] * loss for name, loss in found.items() if name in weights)
    return total, parts


def as_tensors(labels: Any, pictures: int | None, has_masks: bool) -> dict[str, tf.Tensor]:
    """Labels of each picture, or a table of all that is padded already -> such a table."""
    if not isinstance(labels, Mapping):
        check_labels(labels, pictures, has_masks)
        names = list(KEYS)[: 3 if has_masks else 2]
        labels = {name: stacked([each[name] for each in labels], name) for name in names}
    return {name: ops.cast(tensor, "int64" if name == "class_labels" else "float32") for name, tensor in labels.items()}


def stacked(tensors: Sequence[Any], name: str) -> tf.Tensor:
    """Tensors (N, ...) of several pictures -> (B, N, ...) of the largest sizes."""
    tensors = [ops.convert_to_tensor(tensor) for tensor in tensors]
    sizes = tf.reduce_max([tf.shape(tensor) for tensor in tensors], 0)
    value = IGNORED if name == "class_labels" else 0

    def padded(tensor: tf.Tensor) -> tf.Tensor:
        room = sizes - tf.shape(tensor)
        return tf.pad(tensor, tf.stack([tf.zeros_like(room), room], 1), constant_values=tf.cast(value, tensor.dtype))

    return tf.stack([padded(tf.cast(tensor, "uint8") if tensor.dtype == tf.bool else tensor) for tensor in tensors])


def losses_of_layer(predictions: Predictions, labels: dict[str, tf.Tensor], config: DetrConfig) -> dict[str, tf.Tensor]:
    """The parts of the loss for the predictions of one decoder layer; the last, an error in counting, is for logs."""
    logits, boxes = predictions["logits"], predictions["pred_boxes"]
    find, given = partial(match_padded, config=config), (logits, boxes, labels["class_labels"], labels["boxes"])
    if tf.executing_eagerly():
        query = tf.constant(find(*(tensor.numpy() for tensor in given)))  # (B, N)
    else:
        query = tf.ensure_shape(tf.numpy_function(find, given, "int64", stateful=False), labels["class_labels"].shape)
    numbers = ops.sum(ops.cast(ops.not_equal(labels["class_labels"], IGNORED), "float32"), 1)  # (B,) of objects
    count = ops.maximum(ops.sum(numbers), 1.0)
    objects = tf.where(query >= 0)  # (M, 2): where they are in (B, N)
    at = ops.stack([objects[:, 0], tf.gather_nd(query, objects)], 1)  # (M, 2): where their queries are in (B, Q)

    classes = tf.fill(tf.shape(logits)[:2], tf.cast(config.num_labels, "int64"))  # all "no object"
    classes = tf.tensor_scatter_nd_update(classes, at, tf.gather_nd(labels["class_labels"], objects))
    weight = ops.where(ops.equal(classes, config.num_labels), config.eos_coefficient, 1.0)
    entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(classes, logits)
    found = {"loss_ce": ops.sum(weight * entropy) / ops.sum(weight)}
    found |= box_losses(tf.gather_nd(boxes, at), tf.gather_nd(labels["boxes"], objects), count)
    if "pred_masks" in predictions:
        masks = tf.gather_nd(predictions["pred_masks"], at)
        found |= mask_losses(masks, tf.gather_nd(labels["masks"], objects), count)
    predicted = ops.sum(ops.cast(ops.not_equal(ops.argmax(logits, -1), config.num_labels), "float32"), 1)
    return found | {"cardinality_error": ops.mean(ops.abs(predicted - numbers))}


def box_losses(boxes: tf.Tensor, wanted: tf.Tensor, count: tf.Tensor) -> dict[str, tf.Tensor]:
    """Distance and overlap of predicted boxes (M, 4) and those of the objects (M, 4)."""
    distance = ops.sum(ops.abs(boxes - wanted)) / count
    overlap = generalized_iou(corners(boxes), corners(wanted))  # (M,)
    return {"loss_bbox": distance, "loss_giou": ops.sum(1 - overlap) / count}


def corners(boxes: tf.Tensor) -> tf.Tensor:
    """(centre x, centre y, width, height) (M, 4) -> (left, top, right, bottom) (M, 4)."""
    centre, size = boxes[:, :2], boxes[:, 2:]
    return ops.concatenate([centre - size / 2, centre + size / 2], 1)


def generalized_iou(one: tf.Tensor, other: tf.Tensor) -> tf.Tensor:
    """Corners (M, 4) of two boxes each -> how much they overlap (M,), from -1 to 1; see matching.py."""
    overlap = area(ops.relu(ops.minimum(one, other)[:, 2:] - ops.maximum(one, other)[:, :2]))
    around = area(ops.maximum(one, other)[:, 2:] - ops.minimum(one, other)[:, :2])
    union = area(one[:, 2:] - one[:, :2]) + area(other[:, 2:] - other[:, :2]) - overlap
    return overlap / union - (around - union) / around


def area(sides: tf.Tensor) -> tf.Tensor:
    """Width and height (M, 2) -> area (M,)."""
    return sides[:, 0] * sides[:, 1]


def mask_losses(logits: tf.Tensor, wanted: tf.Tensor, count: tf.Tensor) -> dict[str, tf.Tensor]:
    """Focal loss (Lin et al. 2017) and dice loss (Milletari et al. 2016): logits (M, y, x), masks (M, Y, X)."""
    M, Y, X = ops.shape(wanted)
    logits = ops.reshape(tf.image.resize(logits[..., None], (Y, X)), (M, Y * X))
    wanted = ops.reshape(wanted, (M, Y * X))
    probability = ops.sigmoid(logits)
    # Focal: pixels that are right already count little, and those of the mask a third of the others.
    entropy = tf.nn.sigmoid_cross_entropy_with_logits(wanted, logits)
    wrong = probability * (1 - wanted) + (1 - probability) * wanted
    focal = ops.mean((0.25 * wanted + 0.75 * (1 - wanted)) * wrong**2 * entropy, 1)
    dice = 1 - (2 * ops.sum(probability * wanted, 1) + 1) / (ops.sum(probability, 1) + ops.sum(wanted, 1) + 1)
    return {"loss_mask": ops.sum(focal) / count, "loss_dice": ops.sum(dice) / count}
