"""What helps a tiny DETR to be trained: queries that are kept apart, the loss, and a model that stays DETR."""

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("scipy")

from hfquick.models.detr.configuration_detr import DetrConfig  # noqa: E402
from hfquick.models.detr.modeling_detr import DetrForObjectDetection  # noqa: E402
from recipes import denoising  # noqa: E402

N = 3


@pytest.fixture
def detector():
    torch.manual_seed(0)
    return DetrForObjectDetection(
        DetrConfig(
            d_model=64,
            encoder_layers=1,
            decoder_layers=2,
            encoder_ffn_dim=32,
            decoder_ffn_dim=32,
            num_queries=5,
            dropout=0.0,
            auxiliary_loss=True,
            use_timm_backbone=False,
            backbone_config={
                "hidden_sizes": [8, 8, 16],
                "depths": [1, 1, 1],
                "embedding_size": 8,
                "layer_type": "basic",
            },
            id2label={0: "a", 1: "b"},
        )
    )


@pytest.fixture
def batch():
    torch.manual_seed(1)
    classes = torch.tensor([[0, 1, -1], [1, -1, -1]])
    boxes = torch.rand(2, N, 4) * 0.3 + 0.3
    cells = torch.zeros(2, N, 16)
    cells[:, :, 5:7] = 1
    return {"maps": torch.randn(2, 16, 4, 4), "classes": classes, "boxes": boxes, "cells": cells}


def test_it_can_be_trained(detector, batch):
    model = denoising.Denoised(detector)
    optimizer = torch.optim.AdamW(model.parameters(), 2e-3)
    losses = []
    for _ in range(20):
        loss = model(**batch)["loss"]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.75 * losses[0]


def test_the_model_does_not_see_what_it_is_to_find(detector, batch):
    """Its own queries give the same, whatever the denoising queries are told; and it alone is saved."""
    model = denoising.Denoised(detector).eval()
    masks = denoising.apart(5, N, batch["maps"])
    assert (masks[:5, :5] == 0).all()
    assert (masks[:5, 5:] < 0).all()
    assert (masks[5:8, 8:] < 0).all()
    assert (masks[5:8, 5:8] == 0).all()
    assert set(dict(model.named_parameters())) > {f"detector.{name}" for name, _ in detector.named_parameters()}
    assert not any("box_positions" in name for name in detector.state_dict())


def test_each_object_has_a_query_of_its_own(detector, batch):
    last = {"logits": torch.randn(2, 5, 3), "pred_boxes": torch.rand(2, 5, 4)}
    found = denoising.matched(last, batch["classes"], batch["boxes"], detector.config)
    assert found.shape == (2, N)
    assert all(len(set(row)) == N for row in found.tolist())


def test_queries_begin_as_places(detector):
    denoising.begin_as_places(detector, rows=2, side=4)
    every = denoising.position_of(detector.model, torch.zeros(1, 1, 4, 4))[0]
    distance = torch.cdist(detector.model.query_position_embeddings.weight, every)
    assert distance.min(1).values.max() < 1e-5
    assert len(set(distance.argmin(1).tolist())) == 5
