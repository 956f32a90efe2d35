"""Attention of models that read pictures: which places of a picture a vector attends to.

    attention_map(pipeline("image-classification"), "cat.jpg")           # [CLS] of ViT, over the patches
    attention_rollout(pipeline("image-classification"), "cat.jpg")       # the same through all layers
    query_attention_map(pipeline("object-detection"), "street.jpg")      # each query of DETR that found something

They take a pipeline, in PyTorch or TensorFlow, and one picture; the result is data, and a picture in a notebook.
Where a model looks is not always why it decides (Jain and Wallace 2019, "Attention is not Explanation").
"""

from dataclasses import replace
from typing import Any

import numpy as np

from ..core.pictures import both_sides
from ..display import AttentionMap, AttentionMaps, to_draw
from ..i18n import said, spoken
from ..image_processing.pictures import open_picture
from ..image_processing.transforms import target_size
from ..pipelines.image_classification import ImageClassificationPipeline
from ..pipelines.object_detection import ObjectDetectionPipeline
from ..pipelines.pictures import Opened, PicturePipeline
from ..pipelines.visual_question_answering import VisualQuestionAnsweringPipeline
from ..utils.arrays import softmax, to_numpy
from ..utils.errors import need
from .checks import check_index, check_one_picture, check_task

STRIDES = (32, 16, 8, 64, 4, 2, 1)  # pixels from one place of a feature map to the next; that of a ResNet first


def attention_map(
    pipe: Any, picture: Any, question: str | None = None, *, layer: int = -1, head: int | None = None
) -> AttentionMap:
    """Attention map: how much [CLS], from whose vector the model classifies, attends to each patch of a picture.

    Args:
        pipe: a pipeline of the task image-classification, or visual-question-answering.
        picture: one picture: a path, an address, bytes, a picture of Pillow or an array.
        question: about the picture, for visual question answering.
        layer: of the encoder, from 0 on; -1 is the last.
        head: of that layer, from 0 on; None takes the mean of all.

    Raises TypeError for what is no such pipeline or not one picture, ValueError for a layer or head that does not
    exist.
    """
    opened, maps, grid = _of_cls(pipe, picture, question, "attention_map")
    weights, names = _chosen(maps, layer, head)  # (T, T)
    of_patches = weights[0, -grid[0] * grid[1] :].reshape(grid)
    return AttentionMap(of_patches, to_draw(opened.given, opened.picture), area=_area(pipe, opened), **names)


def attention_rollout(pipe: Any, picture: Any, question: str | None = None) -> AttentionMap:
    """Attention rollout: how much of each patch reaches [CLS] through all layers (Abnar and Zuidema 2020).

    A layer passes on half of what it was given (the residual connection) and half of what it attends to, the mean of
    its heads. The product of all layers says what of the picture is left in [CLS].

    Args: those of attention_map.
    """
    opened, maps, grid = _of_cls(pipe, picture, question, "attention_rollout")
    rolled = np.eye(maps[0].shape[-1])
    for layer in maps:
        rolled = (0.5 * layer.mean(0) + 0.5 * np.eye(len(rolled))) @ rolled  # (T, T), rows sum to 1
    of_patches = rolled[0, -grid[0] * grid[1] :].reshape(grid)
    source = to_draw(opened.given, opened.picture)
    return AttentionMap(of_patches, source, area=_area(pipe, opened), layer=None, heads=len(maps[0]))


def query_attention_map(
    pipe: Any, picture: Any, *, layer: int = -1, head: int | None = None, threshold: float | None = None
) -> AttentionMaps:
    """Cross-attention of object queries: for each object found, where its query attends to in the picture.

    Args:
        pipe: a pipeline of the task object-detection.
        picture: one picture: a path, an address, bytes, a picture of Pillow or an array.
        layer: of the decoder, from 0 on; -1 is the last.
        head: of that layer, from 0 on; None takes the mean of all.
        threshold: objects with a lower score, 0 to 1, are left out; None is that of the pipeline.

    Raises TypeError for what is no such pipeline or not one picture, ValueError for a layer or head that does not
    exist, or a threshold out of range.
    """
    name = "query_attention_map"
    check_task(pipe, ObjectDetectionPipeline, name, "object-detection")
    check_one_picture(pipe, picture, name)
    opened = Opened(picture, open_picture(picture))
    settings = pipe.settings if threshold is None else replace(pipe.settings, threshold=threshold)
    pipe.check(settings)
    [[piece]] = pipe.preprocess([opened], settings)
    outputs = _outputs(pipe, piece.features)
    arrays = {name: to_numpy(outputs[name])[0] for name in pipe.outputs}
    found = pipe.postprocess(arrays, piece, settings)
    queries = np.flatnonzero(softmax(arrays["logits"].astype(np.float32))[:, :-1].max(-1) > settings.threshold)
    maps = [to_numpy(one)[0].astype(np.float32) for one in outputs["cross_attentions"]]  # of each layer (H, Q, S)
    weights, names = _chosen(maps, layer, head)  # (Q, S)
    sides = piece.features["pixel_values"].shape[-2:]
    grid, stride = _grid(sides, weights.shape[-1])
    source = to_draw(picture, opened.picture)
    seen = piece.features.get("pixel_mask", np.ones(sides))  # without the padding below and on the right
    area = (0.0, 0.0, float(grid[1] * stride / seen[0].sum()), float(grid[0] * stride / seen[:, 0].sum()))
    return AttentionMaps(
        AttentionMap(weights[query].reshape(grid), source, found=one, area=area, **names)
        for query, one in zip(queries, found, strict=True)
    )


def _of_cls(
    pipe: Any, picture: Any, question: str | None, name: str
) -> tuple[Opened, list[np.ndarray], tuple[int, int]]:
    """The picture, the self-attention (H, T, T) of each layer, patches last, and rows and columns of patches."""
    check_task(pipe, (ImageClassificationPipeline, VisualQuestionAnsweringPipeline), name, "image-classification")
    if isinstance(pipe, VisualQuestionAnsweringPipeline):
        given = picture if question is None else {"image": picture, "question": question}
        opened = Opened(given, open_picture(pipe.picture_of(given)))
    else:
        if question is not None:
            raise spoken(
                ValueError,
                "{name} reads a question with pipeline('visual-question-answering') only; leave question out",
                name=name,
            )
        check_one_picture(pipe, picture, name)
        opened = Opened(picture, open_picture(picture))
    [[piece]] = pipe.preprocess([opened], pipe.settings)
    maps = [to_numpy(one)[0].astype(np.float32) for one in _outputs(pipe, piece.features)["attentions"]]
    height, width = piece.features["pixel_values"].shape[-2:]
    patch = both_sides(pipe.model.config.patch_size)
    if isinstance(pipe, VisualQuestionAnsweringPipeline):
        opened = Opened(pipe.picture_of(opened.given), opened.picture)
    return opened, maps, (height // patch[0], width // patch[1])


def _outputs(pipe: PicturePipeline, features: dict[str, Any]) -> Any:
    """One forward pass with attention weights."""
    batch = pipe.collate([features])
    if pipe.framework == "tf":
        tf = need("tensorflow", said("this pipeline"), "tf")
        with tf.device(pipe.device):
            return pipe.model(batch, output_attentions=True, training=False)
    torch = need("torch", said("this pipeline"), "torch")
    with torch.inference_mode():
        return pipe.model(**{name: value.to(pipe.device) for name, value in batch.items()}, output_attentions=True)


def _chosen(maps: list[np.ndarray], layer: int, head: int | None) -> tuple[np.ndarray, dict[str, Any]]:
    """The weights (H, T, S) of all layers -> those of one, of one head or their mean (T, S), and which they are."""
    layer = check_index("layer", layer, len(maps))
    names = {"layer": layer, "heads": len(maps[layer]), "head": None}
    if head is None:
        return maps[layer].mean(0), names
    names["head"] = check_index("head", head, len(maps[layer]))
    return maps[layer][head], names


def _area(pipe: PicturePipeline, opened: Opened) -> tuple[float, float, float, float]:
    """The part of a picture that the model is given: all of it, or the middle where its processor crops that."""
    processor = pipe.image_processor
    if not getattr(processor, "do_center_crop", False):
        return 0.0, 0.0, 1.0, 1.0
    size = opened.picture.height, opened.picture.width
    if processor.do_resize:
        size = target_size(*size, processor.size)
    across, down = processor.crop_size["width"] / size[1], processor.crop_size["height"] / size[0]
    return (1 - across) / 2, (1 - down) / 2, (1 + across) / 2, (1 + down) / 2


def _grid(sides: tuple[int, ...], places: int) -> tuple[tuple[int, int], int]:
    """Rows and columns of a feature map with so many places, and the pixels from one place to the next."""
    for stride in STRIDES:
        rows, columns = (-(-side // stride) for side in sides)
        if rows * columns == places:
            return (rows, columns), stride
    raise AssertionError(f"{places} places of a picture of {sides}")
