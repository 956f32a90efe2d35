"""A small ResNet that says what one thing a picture shows: the teacher of the tiny ViT, and where the tiny DETR begins.

    python -m recipes.picture_teacher

Convolutions look at neighbours from their first step on, and so learn from few pictures what a ViT needs many for
(Touvron et al. 2021, https://arxiv.org/abs/2012.12877). It is not shipped as it is.
"""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from . import pictures, sources, things, tokens
from .common import SEED, Clock, record, run

NAME = "picture-teacher"
RESNET = {
    "model_type": "resnet",
    "embedding_size": 32,
    "hidden_sizes": [48, 96, 160],
    "depths": [2, 2, 2],
    "layer_type": "basic",
    "out_features": ["stem", "stage1", "stage2", "stage3"],
}  # of DETR: a map of 8x8 for a picture of 128x128
VARIED, CALM, EPOCHS, LR, BATCH = 60_000, 40_000, 3, 2e-3, 64  # pictures of each kind, see things.rendered
SMALL = 0.6  # share of the training on pictures of 48 pixels: a fast beginning, and things of two sizes
FILE = sources.WORK / "models" / NAME / "model.safetensors"


class Classifier(nn.Module):
    """A ResNet, the mean over its last map, a linear layer. Its batch norm is trained here; DETR's is frozen."""

    def __init__(self) -> None:
        super().__init__()
        from hfquick.models.detr.configuration_detr import ResNetConfig
        from hfquick.models.detr.resnet import FrozenBatchNorm2d, ResNetBackbone

        self.resnet = ResNetBackbone(ResNetConfig(**RESNET))
        for module in self.resnet.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        for parent in list(self.resnet.modules()):
            for name, child in parent.named_children():
                if isinstance(child, FrozenBatchNorm2d):
                    setattr(parent, name, nn.BatchNorm2d(len(child.weight)))
        self.dropout = nn.Dropout(0.1)
        self.classifier = nn.Linear(RESNET["hidden_sizes"][-1], len(pictures.labels()))

    def forward(self, pixel_values: torch.Tensor, labels: torch.Tensor | None = None) -> Any:
        x = self.resnet(pixel_values.contiguous(memory_format=torch.channels_last))[-1].mean((2, 3))
        logits = self.classifier(self.dropout(x))
        loss = None
        if labels is not None:
            loss = nn.functional.cross_entropy(logits.float(), labels, label_smoothing=0.1 * self.training)
        return {"loss": loss, "logits": logits} if loss is not None else SimpleNamespace(logits=logits)


class GrowingTrainer(tokens.PlainTrainer):
    """Shows smaller pictures until `small` of the training is over."""

    small = SMALL

    def compute_loss(self, model: nn.Module, inputs: Any, return_outputs: bool = False, **more: Any) -> Any:
        if model.training and self.state.global_step < self.small * self.state.max_steps:
            pixels = nn.functional.interpolate(
                inputs["pixel_values"], size=(48, 48), mode="bilinear", align_corners=False, antialias=True
            )
            inputs = {**inputs, "pixel_values": pixels}
        return super().compute_loss(model, inputs, return_outputs, **more)


def teacher() -> Classifier:
    """The trained one."""
    model = Classifier()
    model.load_state_dict(load_file(FILE))
    return model.eval()


def backbone_weights() -> dict[str, torch.Tensor]:
    """Its ResNet's tensors under the names of DETR's backbone, whose batch norm has no count of batches."""
    return {
        name.removeprefix("resnet."): tensor
        for name, tensor in load_file(FILE).items()
        if name.startswith("resnet.") and not name.endswith("num_batches_tracked")
    }


def accuracies(
    model: nn.Module, tests: dict[str, tuple[np.ndarray, np.ndarray]], side: int = things.SIDE
) -> dict[str, float]:
    return {
        name: float((things.logits(model, images, side).argmax(-1) == labels).mean())
        for name, (images, labels) in tests.items()
    }


def rows(varied: int = VARIED, calm: int = CALM) -> things.Rows:
    """The training data: varied pictures, and calm ones, among which are icons."""
    parts = things.rendered("train", varied), things.rendered("train", calm, calm=True)
    return things.Rows(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def train() -> None:
    clock = Clock()
    torch.manual_seed(SEED)
    model = Classifier().to(memory_format=torch.channels_last)
    known, dev = rows(), things.trials("dev")["emoji, over backgrounds"]
    trainer = GrowingTrainer(
        model,
        tokens.arguments(
            NAME,
            num_train_epochs=EPOCHS,
            learning_rate=LR,
            per_device_train_batch_size=BATCH,
            lr_scheduler_type="cosine",
            weight_decay=0.05,
            eval_strategy="epoch",
            save_strategy="epoch",
            remove_unused_columns=False,
        ),
        things.Collator(change=True),
        train_dataset=known,
        eval_dataset=things.Rows(*dev),
        compute_metrics=lambda found: {"accuracy": np.mean(found.predictions.argmax(-1) == found.label_ids)},
    )
    trainer.train()
    FILE.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, Path(FILE))
    record(NAME, minutes=clock.minutes(), epochs=EPOCHS, count=len(known))


def card() -> None:
    """No card: its scores, for the cards of the models that begin with it."""
    for name, score in accuracies(teacher(), things.trials()).items():
        print(f"{name}: {score:.4f}", flush=True)


if __name__ == "__main__":
    run(train, card)
