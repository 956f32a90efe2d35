"""vit-tiny-pictures: which of 58 everyday things does a picture show? A ViT, distilled from a small ResNet.

Run after recipes.picture_teacher: python -m recipes.vit_tiny_pictures

A ViT knows nothing of a picture's two directions before it is trained, and with few pictures it stays worse than a
network of convolutions. Two things are done about it, in this recipe only: it is distilled from such a network (Touvron
et al. 2021, https://arxiv.org/abs/2012.12877); and its weights are initialised so that positions and attention begin
with a structure (Trockman and Kolter 2023, https://arxiv.org/abs/2305.09828).
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from . import fashion, muon, picture_teacher, pictures, sources, things, tokens
from .common import SEED, ZOO, Clock, publish, record, run, save_half, table, write_card, write_json

NAME = "vit-tiny-pictures"
SIDE = 64  # pixels; while picture_teacher.SMALL of the training, 48, for which positions are interpolated
SIZES: dict[str, Any] = {
    "image_size": SIDE,
    "patch_size": 8,
    "hidden_size": 128,
    "num_hidden_layers": 5,
    "num_attention_heads": 4,
    "intermediate_size": 512,
}
EPOCHS, LR, MATRIX_LR, BATCH = 3, 1e-3, 0.02, 64
WIDE_LR = 3e-4  # of one epoch more, with things of other shapes: see things.Collator
VARIED, CALM = 60_000, 80_000  # pictures of each kind, see things.rendered
MIDDLE = 3  # the layer whose patches imitate the teacher's third map; the last one imitates its fourth
MIXED = 0.5  # share of the batches that are mixed
SOFT = 2.0  # temperature of the distillation
PROCESSOR = {
    "image_processor_type": "ViTImageProcessor",
    "do_resize": True,
    "size": {"height": SIDE, "width": SIDE},
    "resample": 2,  # bilinear
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.5, 0.5, 0.5],
    "do_convert_rgb": True,
}


def config() -> Any:
    from hfquick.models.vit.configuration_vit import ViTConfig

    return ViTConfig(**SIZES, id2label=dict(enumerate(pictures.labels())))


# Weight initialisation


def waves(rows: int, columns: int, width: int) -> torch.Tensor:
    """Position embeddings (rows * columns, width): sine and cosine, half for the row, half for the column."""
    frequencies = 1 / 100 ** (torch.arange(width // 4) / (width // 4))
    y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    parts = [f(axis.flatten()[:, None] * frequencies) for axis in (y, x) for f in (torch.sin, torch.cos)]
    return torch.cat(parts, 1)


@torch.no_grad()
def initialise(model: torch.nn.Module) -> None:
    """Positions as waves; queries that look for keys like themselves; values that come back negated, both with noise.

    That is what attention layers of well-trained ViTs look like (mimetic initialisation).
    """
    D, H = SIZES["hidden_size"], SIZES["num_attention_heads"]
    side = SIZES["image_size"] // SIZES["patch_size"]
    vit = model.vit
    vit.embeddings.position_embeddings[0, 1:] = 0.5 * waves(side, side, D)
    for layer in vit.encoder.layer:
        attention, output = layer.attention.attention, layer.attention.output.dense
        noise = torch.randn(D, D) / D**0.5
        u, s, v = torch.linalg.svd(0.4 * noise - 0.4 * torch.eye(D))
        attention.value.weight.copy_((v.T * s.sqrt()).T)
        output.weight.copy_(u * s.sqrt())
        for head in range(H):
            rows = slice(head * D // H, (head + 1) * D // H)
            u, s, v = torch.linalg.svd(0.7 * torch.randn(D, D) / D**0.5 + 0.7 * torch.eye(D))
            u, s, v = u[:, : D // H], s[: D // H].sqrt(), v[: D // H]
            attention.query.weight[rows] = (u * s).T
            attention.key.weight[rows] = (v.T * s).T


# Training


class Taught(nn.Module):
    """A ViT in training beside its teacher, which sees the same pictures, changed in the same way.

    It learns three things at once: the labels, the teacher's probabilities, and its maps. Half of the batches are pairs
    of pictures that shine through each other (Zhang et al. 2017, https://arxiv.org/abs/1710.09412); so is what the
    teacher sees (Beyer et al. 2021, https://arxiv.org/abs/2106.05237). The teacher's third map has
    as many positions as the ViT has patches, so each patch has something to learn in every picture (Romero et al. 2014,
    https://arxiv.org/abs/1412.6550); the linear maps from one to the other are thrown away afterwards.
    """

    def __init__(self, model: Any, teacher: picture_teacher.Classifier, maps: bool = True) -> None:
        super().__init__()
        self.maps = maps
        self.model, self._teacher = model, [teacher.requires_grad_(False)]  # a list: no part of this module
        _, _, middle, last = ("stem", *picture_teacher.RESNET["hidden_sizes"])
        self.middle, self.last = (nn.Linear(SIZES["hidden_size"], width) for width in (middle, last))

    def forward(self, pixel_values: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
        if not self.training:
            logits = self.model(pixel_values).logits.float()
            return {"loss": F.cross_entropy(logits, labels), "logits": logits}
        vit, (teacher,) = self.model.vit, self._teacher
        side = pixel_values.shape[-1] // SIZES["patch_size"]
        share = float(np.random.beta(0.8, 0.8)) if torch.rand(()) < MIXED else 1.0
        pixels = share * pixel_values + (1 - share) * pixel_values.flip(0)
        states = vit.encoder(vit.embeddings(pixels, True), True, False).hidden_states
        last = vit.layernorm(states[-1])
        logits = self.model.classifier(last[:, 0]).float()
        with torch.no_grad():
            maps = teacher.resnet(pixels.contiguous(memory_format=torch.channels_last))
            taught = teacher.classifier(maps[-1].mean((2, 3))).float()
        right, other = (F.cross_entropy(logits, each, label_smoothing=0.1) for each in (labels, labels.flip(0)))
        loss = (
            0.5 * (share * right + (1 - share) * other)
            + F.kl_div((logits / SOFT).log_softmax(-1), (taught / SOFT).softmax(-1), reduction="batchmean") * SOFT**2
        )
        if self.maps:
            loss = loss + imitation(self.middle(states[MIDDLE][:, 1:]), maps[2], side)
            loss = loss + imitation(self.last(last[:, 1:]), maps[3], side)
        return {"loss": loss, "logits": logits}


def imitation(found: torch.Tensor, wanted: torch.Tensor, side: int) -> torch.Tensor:
    """How far patches (B, S, C) are from a map of the teacher (B, C, y, x), each channel brought to one scale.

    `side` is how many patches there are in each direction.
    """
    wanted = F.interpolate(wanted.float(), size=(side, side)).flatten(2).transpose(1, 2)  # (B, S, C)
    wanted = (wanted - wanted.mean((0, 1))) / (wanted.std((0, 1)) + 1e-3)
    return F.smooth_l1_loss(found.float(), wanted.clamp(-4, 4))


class MuonTrainer(picture_teacher.GrowingTrainer):
    """Trains the matrices of the layers with Muon."""

    def create_optimizer(self, model: Any = None) -> Any:
        if self.optimizer is None:
            rate, blocks = self.args.learning_rate, self.model.model.vit.encoder.layer
            self.optimizer = muon.optimizer(self.model, blocks, rate, rate * MATRIX_LR / LR, 0.05)
        return self.optimizer


def train() -> None:
    from hfquick.models.vit.modeling_vit import ViTForImageClassification

    clock = Clock()
    torch.manual_seed(SEED)
    model = ViTForImageClassification(config())
    initialise(model)
    known = picture_teacher.rows(VARIED, CALM)
    learn(model, known, EPOCHS, LR)
    learn(model, known, 1, WIDE_LR, wide=True)
    folder = sources.WORK / "models" / NAME
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "preprocessor_config.json", PROCESSOR)
    save_half(model, folder)
    if publish(folder, dev_score):
        record(NAME, minutes=clock.minutes(), epochs=EPOCHS + 1, count=len(known))


def learn(model: Any, known: things.Rows, epochs: int, rate: float, wide: bool = False) -> None:
    """One stage of the training; the `wide` one, in full size, learns from labels and probabilities only."""
    dev = things.trials("dev")["emoji, calm"]
    arguments = tokens.arguments(
        f"{NAME}-wide" if wide else NAME,
        num_train_epochs=epochs,
        learning_rate=rate,
        per_device_train_batch_size=BATCH,
        lr_scheduler_type="cosine",
        weight_decay=0.05,
        eval_strategy="epoch",
        remove_unused_columns=False,
        max_grad_norm=1.0,
        label_names=["labels"],
        save_steps=400,
    )
    trainer = MuonTrainer(
        Taught(model, picture_teacher.teacher(), maps=not wide),
        arguments,
        things.Collator(change=True, side=SIDE, wide=wide),
        train_dataset=known,
        eval_dataset=things.Rows(*dev),
        compute_metrics=lambda found: {"accuracy": np.mean(found.predictions.argmax(-1) == found.label_ids)},
    )
    trainer.small = 0.0 if wide else picture_teacher.SMALL
    trainer.train(resume_from_checkpoint=any(Path(arguments.output_dir).glob("checkpoint-*")))


# Measuring


def load(folder: Path) -> torch.nn.Module:
    from hfquick.models.vit.modeling_vit import ViTForImageClassification

    return ViTForImageClassification.from_pretrained(str(folder))


def dev_score(folder: Path) -> float:
    """Mean accuracy on the emoji of the dev part."""
    tests = {name: test for name, test in things.trials("dev").items() if name.startswith("emoji")}
    return float(np.mean(list(picture_teacher.accuracies(load(folder), tests, SIDE).values())))


def card() -> None:
    tests = things.trials()
    model, teacher = load(ZOO / NAME), picture_teacher.teacher()
    known = picture_teacher.rows(VARIED, CALM)
    chosen = np.sort(np.random.default_rng(SEED).choice(len(known), 8000, replace=False))
    linear = things.baseline((known.arrays[chosen], known.labels[chosen]), tests)
    mine, of_teacher = picture_teacher.accuracies(model, tests, SIDE), picture_teacher.accuracies(teacher, tests)
    top = {name: top_five(model, *test) for name, test in tests.items()}
    lines = [(name, len(tests[name][1]), mine[name], top[name], linear[name], of_teacher[name]) for name in tests]
    front = {
        "license": "apache-2.0",
        "library_name": "hfquick",
        "pipeline_tag": "image-classification",
        "tags": ["vit", "vision", "tiny", "education"],
        "metrics": ["accuracy"],
    }
    sets = [row for row in pictures.SETS.values() if row.part == "train"]
    values = {
        **SIZES,
        **clothes(model),
        "labels": ", ".join(pictures.labels()),
        "number": len(pictures.labels()),
        "guess": 1 / len(pictures.labels()),
        "scores": table(("test", "pictures", "this model", "in the first five", "linear", "its teacher"), lines),
        "cutouts": len(pictures.Cutouts("train", with_icons=True).numbers),
        "icons": ", ".join(f"{row.credit} ({row.licence})" for row in pictures.ICONS.values()),
        "small": picture_teacher.SMALL,
        "credits": ", ".join(f"{row.credit} ({row.licence})" for row in sets),
        "heldout": ", ".join(row.credit for row in pictures.SETS.values() if row.part == "test"),
    }
    write_card(NAME, front, values)


@torch.inference_mode()
def features(model: Any, images: np.ndarray) -> np.ndarray:
    """The vector of [CLS] (N, D) for pictures (N, SIDE, SIDE, 3)."""
    parts = [torch.from_numpy(images[start : start + 128].copy()) for start in range(0, len(images), 128)]
    with torch.autocast("cpu", torch.bfloat16):
        pixels = [things.normalised(things.resized(part.permute(0, 3, 1, 2).float(), SIDE)) for part in parts]
        states = [model.vit(each).last_hidden_state for each in pixels]
    return torch.cat([each[:, 0].float() for each in states]).numpy()


def clothes(model: Any) -> dict[str, float]:
    """Accuracy on Fashion-MNIST of a linear classifier, of this model's features and of the pixels."""
    train, test = fashion.rows("train", 5000), fashion.rows("t10k", 2000)
    pixels = [(images[:, ::2, ::2, 0].reshape(len(images), -1) / 255, labels) for images, labels in (train, test)]
    mine = [(features(model, images), labels) for images, labels in (train, test)]
    return {"clothes": fashion.linear_accuracy(*mine), "clothes_pixels": fashion.linear_accuracy(*pixels)}


def top_five(model: torch.nn.Module, images: np.ndarray, labels: np.ndarray) -> float:
    best = np.argsort(-things.logits(model, images, SIDE), -1)[:, :5]
    return float((best == labels[:, None]).any(1).mean())


if __name__ == "__main__":
    run(train, card)
