"""What a tiny ViT is trained with: changed pictures, structured initial weights, patches left out. No network."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from recipes import pictures, things  # noqa: E402


def test_pixels_are_what_the_image_processor_makes():
    from recipes import vit_tiny_pictures

    image = np.arange(2 * 2 * 3, dtype=np.uint8).reshape(1, 2, 2, 3) * 20
    batch = things.Collator(side=2)([{"pixel_values": image[0], "labels": 3}])
    processor = vit_tiny_pictures.PROCESSOR
    wanted = (image * processor["rescale_factor"] - processor["image_mean"]) / processor["image_std"]
    assert batch["pixel_values"].permute(0, 2, 3, 1).numpy() == pytest.approx(wanted, abs=1e-6)
    assert batch["labels"].tolist() == [3]


def test_changed_pictures_keep_their_size_and_range():
    torch.manual_seed(0)
    pixels = torch.rand(4, 3, things.SIDE, things.SIDE) * 255
    found = things.changed(pixels)
    assert found.shape == pixels.shape
    assert found.min() >= 0
    assert found.max() <= 255
    assert (found != things.changed(pixels)).any()


def test_a_cutout_on_white_has_a_margin():
    cutout = np.zeros((pictures.SIZE, pictures.SIZE, 4), np.uint8)
    cutout[10:-10, 10:-10] = (0, 0, 0, 255)
    image = things.whole(cutout)
    assert image.shape == (things.SIDE, things.SIDE, 3)
    assert (image[0] == 255).all()
    assert (image[32, 32] == 0).all()


def test_described_is_one_vector_for_a_picture():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (3, things.SIDE, things.SIDE, 3), dtype=np.uint8)
    found = things.described(images)
    assert found.shape == (3, 64 * 8 + 64 * 3)
    assert np.isfinite(found).all()


def test_a_vit_begins_with_neighbours_that_are_alike():
    from hfquick.models.vit.modeling_vit import ViTForImageClassification
    from recipes import vit_tiny_pictures as recipe

    torch.manual_seed(0)
    model = ViTForImageClassification(recipe.config())
    recipe.initialise(model)
    positions = model.vit.embeddings.position_embeddings[0, 1:].detach().unflatten(0, (8, 8))
    near, far = (positions[4, 4] - positions[4, 5]).norm(), (positions[4, 4] - positions[1, 0]).norm()
    assert near < far
    attention = model.vit.encoder.layer[0].attention.attention
    both = attention.query.weight[:32].T @ attention.key.weight[:32]  # one head's scores of x with y: x @ both @ y
    assert both.diagonal().mean() > 3 * both.abs().mean()


def test_imitation_is_least_for_the_map_itself():
    from recipes import vit_tiny_pictures as recipe

    torch.manual_seed(0)
    wanted = torch.randn(4, 7, 6, 6)
    flat = wanted.flatten(2).transpose(1, 2)
    same = (flat - flat.mean((0, 1))) / flat.std((0, 1))
    assert recipe.imitation(same, wanted, 6) < 1e-4
    assert recipe.imitation(same.roll(1, 1), wanted, 6) > 0.2
