"""detr-tiny-scenes: which things are in a picture, where, and what is behind them? A DETR with a mask head.

Run after recipes.picture_teacher: python -m recipes.detr_tiny_scenes

Four stages: maps of the frozen ResNet, once for every scene; the transformer on these maps, with what denoising.py
says; the ResNet with it, more slowly, on scenes whose things are squeezed, and with more weight on "no object": a third
of 12 queries stand for something, where it is one in twenty of the paper's 100; then the mask head, with the detector
frozen, as in the paper.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from hfquick import Trainer
from hfquick.image_processing import results

from . import composed, denoising, muon, picture_teacher, pictures, sources, things, tokens
from .common import SEED, ZOO, Clock, publish, record, run, save_half, table, write_card, write_json
from .composed import LABELS, SIDE, STUFF, THINGS, Found, Rows

NAME = "detr-tiny-scenes"
SIZES: dict[str, Any] = {
    "d_model": 128,
    "encoder_layers": 2,
    "decoder_layers": 3,
    "encoder_attention_heads": 8,
    "decoder_attention_heads": 8,
    "encoder_ffn_dim": 256,
    "decoder_ffn_dim": 256,
    "num_queries": 12,
}
COUNT, TESTS = 40_000, 400
EPOCHS, LR, MATRIX_LR, BATCH = 6, 1e-3, 0.02, 64
WHOLE_EPOCHS, WHOLE_LR, WHOLE_BATCH = 2, 3e-4, 32
SLOWER, NO_OBJECT = 0.3, 0.4  # of the learning rate, for the ResNet; weight of "no object" from then on
MASKS, MASK_LR, MASK_BATCH = 20_000, 1.5e-3, 32
SURE = 0.5  # probability from which on a query counts as found, in panoptic segmentation
SHIFTS, FACTORS = (0.0, 0.125, 0.25, 0.5), (1.0, 4.0, 8.0, 16.0)  # of mask logits, see calibrate
PROCESSOR = {
    "image_processor_type": "DetrImageProcessor",
    "format": "coco_detection",
    "do_resize": True,
    "size": {"height": SIDE, "width": SIDE},
    "resample": 2,
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.5, 0.5, 0.5],
    "do_pad": True,
}


def new_model() -> Any:
    """A DETR with a mask head whose ResNet is the teacher's."""
    from hfquick.models.detr.configuration_detr import DetrConfig
    from hfquick.models.detr.modeling_detr import DetrForSegmentation

    config = DetrConfig(
        **SIZES,
        use_timm_backbone=False,
        backbone_config=picture_teacher.RESNET,
        auxiliary_loss=True,
        id2label=dict(enumerate(LABELS)),
    )
    model = DetrForSegmentation(config)
    model.detr.model.backbone.conv_encoder.model.load_state_dict(picture_teacher.backbone_weights())
    model.detr.model.freeze_backbone()
    return model


# Maps of the ResNet, computed once


@torch.inference_mode()
def maps_of(model: Any, rows: Rows, name: str) -> np.ndarray:
    """The last map of the ResNet (N, C, y, x) for every picture, float16, kept in the work folder."""
    path = pictures.WORK / f"maps-{name}.npy"
    if not path.exists():
        resnet = model.detr.model.backbone.conv_encoder.model.eval()
        side, width = SIDE // 16, picture_teacher.RESNET["hidden_sizes"][-1]
        found = np.lib.format.open_memmap(path, "w+", np.float16, (len(rows.pictures), width, side, side))
        for start in range(0, len(found), 64):
            pixels = pixels_of(rows.pictures[start : start + 64])
            with torch.autocast("cpu", torch.bfloat16):
                found[start : start + 64] = resnet(pixels)[-1].float().numpy()
    return np.load(path, mmap_mode="r")


def pixels_of(images: np.ndarray) -> torch.Tensor:
    pixels = things.normalised(torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).float())
    return pixels.contiguous(memory_format=torch.channels_last)


def cells_of(segments: np.ndarray) -> np.ndarray:
    """Segments (Y, X) -> for each object the share of each position of the map that is its own (MOST, S)."""
    step = SIDE // 8
    is_own = segments[None] == np.arange(composed.MOST)[:, None, None]
    shares = is_own.reshape(composed.MOST, 8, step, 8, step).mean((2, 4)).reshape(composed.MOST, -1)
    return (shares > 0.3 * shares.max(1, keepdims=True)).astype(np.float32)


class MapRows:
    def __init__(self, rows: Rows, maps: np.ndarray) -> None:
        self.rows, self.maps = rows, maps

    def __len__(self) -> int:
        return len(self.maps)

    def __getitem__(self, number: int) -> dict[str, Any]:
        return {
            "maps": self.maps[number].astype(np.float32),
            "classes": self.rows.classes[number],
            "boxes": self.rows.boxes[number],
            "cells": cells_of(self.rows.segments[number]),
        }


def stacked(rows: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(np.stack([row[name] for row in rows])) for name in rows[0]}


# All of it


class Whole(nn.Module):
    """The detector in training from the pixels on, its ResNet with it; batch norm stays as it is."""

    def __init__(self, denoised: denoising.Denoised) -> None:
        super().__init__()
        self.denoised, self.detector = denoised, denoised.detector
        self.resnet = self.detector.model.backbone.conv_encoder.model.requires_grad_(True)

    def forward(self, pixel_values: torch.Tensor, segments: Any, classes: Any, boxes: Any) -> dict[str, Any]:
        maps = self.resnet(pixel_values)[-1]
        cells = torch.from_numpy(np.stack([cells_of(one) for one in segments.numpy()]))
        return self.denoised(maps, classes, boxes, cells)


# Masks


class Masked(nn.Module):
    """The mask head in training: masks of the queries that stand for an object; all else is frozen."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        model.detr.requires_grad_(False)

    def forward(self, pixel_values: torch.Tensor, segments: torch.Tensor, classes: Any, boxes: Any) -> dict[str, Any]:
        model = self.model
        with torch.no_grad():
            outputs, maps, _ = model.detr.model.with_maps(pixel_values, None, False, False)
            last = model.detr.predictions(outputs.last_hidden_state)
            query = denoising.matched({n: v.float() for n, v in last.items()}, classes, boxes, model.config)
            states = denoising.at(outputs.last_hidden_state, query)
        attention = model.bbox_attention(states, outputs.encoder_last_hidden_state, None)
        attention = attention.unflatten(-1, maps[-1].shape[2:])
        logits = model.mask_head(maps[-1], attention, maps[2::-1]).float()  # (B, N, y', x')
        there = classes >= 0
        step = SIDE // logits.shape[-1]
        wanted = segments[:, None] == torch.arange(classes.shape[1])[None, :, None, None]
        wanted = F.avg_pool2d(wanted.float(), step)[there].flatten(1)
        logits = logits[there].flatten(1)
        seen = logits.sigmoid()
        entropy = F.binary_cross_entropy_with_logits(logits, wanted)
        dice = 1 - (2 * (seen * wanted).sum(1) + 1) / (seen.sum(1) + wanted.sum(1) + 1)
        return {"loss": 2 * entropy + dice.mean()}


class PictureRows:
    def __init__(self, rows: Rows, count: int) -> None:
        self.rows, self.count = rows, count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, number: int) -> dict[str, Any]:
        return {
            "pixel_values": self.rows.pictures[number],
            "segments": self.rows.segments[number],
            "classes": self.rows.classes[number],
            "boxes": self.rows.boxes[number],
        }


def with_pixels(rows: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
    """A batch, mirrored or not."""
    batch = stacked(rows)
    if np.random.random() < 0.5:
        boxes, there = batch["boxes"], batch["classes"][..., None] >= 0
        mirrored = torch.cat([1 - boxes[..., :1], boxes[..., 1:]], -1)
        batch = {
            **batch,
            "pixel_values": batch["pixel_values"].flip(2),
            "segments": batch["segments"].flip(2),
            "boxes": torch.where(there, mirrored, boxes),
        }
    return {**batch, "pixel_values": pixels_of(batch["pixel_values"].numpy())}


# Training


class MuonTrainer(tokens.PlainTrainer):
    """Trains the matrices of the transformer with Muon, and a ResNet more slowly."""

    def create_optimizer(self, model: Any = None) -> Any:
        if self.optimizer is None:
            rate, detr = self.args.learning_rate, self.model.detector.model
            options = (rate, rate * MATRIX_LR / LR, self.args.weight_decay)
            blocks, resnet = [*detr.encoder.layers, *detr.decoder.layers], detr.backbone.parameters()
            self.optimizer = muon.optimizer(self.model, blocks, *options, resnet, SLOWER)
        return self.optimizer


def train() -> None:
    clock = Clock()
    torch.manual_seed(SEED)
    model = tokens.without_dropout(new_model())
    rows = composed.scenes_of("train", COUNT, squeezed=False)
    maps = maps_of(model, rows, f"train-{COUNT}")
    options = {"eval_strategy": "no", "remove_unused_columns": False, "lr_scheduler_type": "cosine"}
    arguments = tokens.arguments(
        NAME,
        num_train_epochs=EPOCHS,
        learning_rate=LR,
        per_device_train_batch_size=BATCH,
        weight_decay=1e-4,
        max_grad_norm=1.0,
        save_steps=500,
        **options,
    )
    denoised, dev = denoising.Denoised(model.detr), composed.scenes_of("dev", TESTS)
    trainer = MuonTrainer(denoised, arguments, stacked, train_dataset=MapRows(rows, maps))
    trainer.train(resume_from_checkpoint=any(Path(arguments.output_dir).glob("checkpoint-*")))
    print(f"boxes on dev rows, ResNet frozen: {box_score(model, dev):.4f}", flush=True)
    rows = composed.scenes_of("train", COUNT)
    model.config.eos_coefficient = model.detr.config.eos_coefficient = NO_OBJECT
    train_whole(denoised, rows, options)
    print(f"boxes on dev rows: {box_score(model, dev):.4f}", flush=True)
    folder = sources.WORK / "models" / NAME
    folder.mkdir(parents=True, exist_ok=True)
    save_half(model, folder)
    train_masks(model, rows, options)
    calibrate(model, dev)
    write_json(folder / "preprocessor_config.json", PROCESSOR)
    save_half(model, folder)
    if publish(folder, lambda one: box_score(load(one), dev)):
        record(NAME, minutes=clock.minutes(), epochs=EPOCHS, count=COUNT)


def train_whole(denoised: denoising.Denoised, rows: Rows, options: dict[str, Any]) -> None:
    arguments = tokens.arguments(
        f"{NAME}-whole",
        num_train_epochs=WHOLE_EPOCHS,
        learning_rate=WHOLE_LR,
        per_device_train_batch_size=WHOLE_BATCH,
        weight_decay=1e-4,
        max_grad_norm=1.0,
        **options,
    )
    MuonTrainer(Whole(denoised), arguments, with_pixels, train_dataset=PictureRows(rows, COUNT)).train()


def train_masks(model: Any, rows: Rows, options: dict[str, Any]) -> None:
    arguments = tokens.arguments(
        f"{NAME}-masks",
        num_train_epochs=1,
        learning_rate=MASK_LR,
        per_device_train_batch_size=MASK_BATCH,
        logging_steps=50,
        **options,
    )
    Trainer(Masked(model), arguments, with_pixels, train_dataset=PictureRows(rows, MASKS)).train()


# Measuring


def load(folder: Path) -> Any:
    from hfquick.models.detr.modeling_detr import DetrForSegmentation

    return DetrForSegmentation.from_pretrained(str(folder))


@torch.inference_mode()
def answers(model: Any, rows: Rows, masks: bool = True) -> dict[str, np.ndarray]:
    """probabilities (N, Q, labels + 1), boxes (N, Q, 4), mask logits (N, Q, y, x) of every picture."""
    model.eval()
    found: dict[str, list[np.ndarray]] = {"probabilities": [], "boxes": [], "masks": []}
    for start in range(0, len(rows.pictures), 32):
        outputs = (model if masks else model.detr)(pixels_of(rows.pictures[start : start + 32]))
        found["probabilities"].append(outputs.logits.softmax(-1).numpy())
        found["boxes"].append(outputs.pred_boxes.numpy())
        if masks:
            found["masks"].append(outputs.pred_masks.numpy().astype(np.float16))
    return {name: np.concatenate(parts) for name, parts in found.items() if parts}


def detections(found: dict[str, np.ndarray]) -> list[Found]:
    """Each query as the thing that it most likely is; scores decide, and "no object" and stuff have low ones."""
    scores = found["probabilities"][..., : len(THINGS)]
    boxes = composed.cornered(found["boxes"])
    return [Found(one.argmax(-1), one.max(-1), box) for one, box in zip(scores, boxes, strict=True)]


def box_score(model: Any, rows: Rows) -> float:
    return composed.average_precision(detections(answers(model, rows, masks=False)), rows)


def panoptic(found: dict[str, np.ndarray]) -> list[tuple[np.ndarray, list[int]]]:
    """For each picture a map of segments (SIDE, SIDE), -1 is none, and their classes, as the image processor says."""
    outputs = {"logits": np.log(found["probabilities"].clip(1e-9)), "pred_masks": found["masks"].astype(np.float32)}
    sizes, fused = [(SIDE, SIDE)] * len(found["masks"]), range(len(THINGS), len(LABELS))
    result = []
    for one in results.segments(outputs, SURE, 0.5, 0.5, fused, sizes):
        segments, classes = np.full((SIDE, SIDE), -1), []
        for segment in one["segments_info"]:
            segments[one["segmentation"] == segment["id"]] = len(classes)
            classes.append(segment["label_id"])
        result.append((segments, classes))
    return result


@torch.no_grad()
def calibrate(model: Any, rows: Rows) -> None:
    """Shift and stretch the mask logits in the last layer of the head, so that masks are cut where they fit best.

    That layer follows a ReLU, and its weights may all become negative: no logit is above its bias then, no mask is
    sure, and a segment of which no pixel is sure is left out.
    """
    found, last = answers(model, rows), model.mask_head.out_lay

    def quality(shift: float, factor: float) -> float:
        masks = (found["masks"].astype(np.float32) + shift) * factor
        scores = composed.panoptic_quality(panoptic({**found, "masks": masks}), rows)
        print(f"mask logits + {shift}, times {factor}: {scores}", flush=True)
        return scores["things"] + scores["stuff"]

    shift, factor = max(((s, f) for s in SHIFTS for f in FACTORS), key=lambda each: quality(*each))
    last.bias.add_(shift).mul_(factor)
    last.weight.mul_(factor)


def baseline_boxes(rows: Rows) -> list[Found]:
    """Without DETR: regions that differ from the background's colours, each classified by the linear classifier."""
    from PIL import Image
    from scipy import ndimage
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    arrays, labels = things.rendered("train", picture_teacher.VARIED)
    names = pictures.labels()
    chosen = np.array([n for n in range(len(labels)) if names[labels[n]] in THINGS][:8000])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=200))
    model.fit(things.described(arrays[chosen]), [THINGS.index(names[label]) for label in labels[chosen]])
    result = []
    for picture in rows.pictures:
        smooth = ndimage.gaussian_filter(np.asarray(picture, np.float32), (1, 1, 0))
        by_row = np.median(np.concatenate([smooth[:, :10], smooth[:, -10:]], 1), 1, keepdims=True)  # a row's edges
        far = np.linalg.norm(smooth - by_row, axis=-1)
        numbered, _ = ndimage.label(ndimage.binary_opening(far > 40, iterations=2))
        boxes = [box for box in ndimage.find_objects(numbered) if (box[0].stop - box[0].start) > 10]
        boxes = [box for box in boxes if (box[1].stop - box[1].start) > 10][:8]
        crops = [np.asarray(Image.fromarray(picture[box]).resize((things.SIDE,) * 2)) for box in boxes]
        chances = model.predict_proba(things.described(np.stack(crops))) if crops else np.zeros((0, len(THINGS)))
        corners = [[box[1].start, box[0].start, box[1].stop, box[0].stop] for box in boxes]
        found = np.array(corners, np.float32).reshape(-1, 4) / SIDE
        result.append(Found(chances.argmax(-1) if crops else np.zeros(0, int), chances.max(-1, initial=0), found))
    return result


def card() -> None:
    model, rows = load(ZOO / NAME), composed.scenes_of("test", TESTS)
    found = answers(model, rows)
    quality = composed.panoptic_quality(panoptic(found), rows)
    whole = np.array([[0.0, 0.0, 1.0, 1.0]], np.float32)
    anywhere = [
        Found(np.arange(len(THINGS)), np.ones(len(THINGS)), whole.repeat(len(THINGS), 0)) for _ in rows.pictures
    ]
    lines = [
        ("this model", composed.average_precision(detections(found), rows)),
        ("regions of another colour + a linear classifier", composed.average_precision(baseline_boxes(rows), rows)),
        ("every class, the whole picture", composed.average_precision(anywhere, rows)),
    ]
    front = {
        "license": "apache-2.0",
        "library_name": "hfquick",
        "pipeline_tag": "image-segmentation",
        "tags": ["detr", "object-detection", "vision", "tiny", "education"],
    }
    values = {
        **SIZES,
        "things": ", ".join(THINGS),
        "stuff": ", ".join(STUFF),
        "side": SIDE,
        "whole": WHOLE_EPOCHS,
        "tests": len(rows.pictures),
        "boxes": table(("", "AP50"), lines),
        "iou": quality["mask IoU"],
        "pq_things": quality["things"],
        "pq_stuff": quality["stuff"],
        "credits": ", ".join(f"{row.credit} ({row.licence})" for row in pictures.SETS.values() if row.part == "train"),
        "heldout": ", ".join(row.credit for row in pictures.SETS.values() if row.part == "test"),
    }
    write_card(NAME, front, values)


if __name__ == "__main__":
    run(train, card)
