"""Composed scenes: the same again from a seed, boxes and masks that are those of what can be seen. No network."""

import numpy as np
import pytest

from recipes import scenes
from recipes.pictures import SIZE

S = 96


class Discs:
    """Cut-outs of two kinds, a disc and a bar."""

    def draw(self, rng, label=None):
        label = label or ("disc", "bar")[rng.integers(2)]
        y, x = np.mgrid[:SIZE, :SIZE] - SIZE / 2 + 0.5
        inside = np.hypot(y, x) < SIZE / 2 if label == "disc" else np.abs(y) < SIZE / 8
        array = np.zeros((SIZE, SIZE, 4), np.uint8)
        array[inside] = (200, 30, 30, 255)
        return label, array


def scene(seed, **options):
    rng = np.random.default_rng(seed)
    behind, stuff = scenes.background(rng, S)
    return scenes.compose(rng, Discs(), behind, stuff, **options)


def test_a_seed_gives_the_same_scene():
    one, same, other = scene(3), scene(3), scene(4)
    assert (one.picture == same.picture).all()
    assert one.labels == same.labels
    assert one.picture.shape != other.picture.shape or (one.picture != other.picture).any()


@pytest.mark.parametrize("seed", range(8))
def test_boxes_are_the_extent_of_masks(seed):
    found = scene(seed)
    assert found.picture.shape == (S, S, 3)
    assert found.picture.dtype == np.uint8
    assert 1 <= len(found.labels) <= 4
    assert found.masks.shape == (len(found.labels), S, S)
    assert found.stuff.shape == (S, S)
    assert found.stuff.max() < len(scenes.STUFF)
    assert found.masks.sum(0).max() <= 1  # a pixel is of one thing
    for (left, top, right, bottom), mask in zip(found.boxes.astype(int), found.masks, strict=True):
        assert mask[top:bottom, left:right].sum() == mask.sum() > 0
        assert mask[top].any()
        assert mask[bottom - 1].any()
        assert mask[:, left].any()
        assert mask[:, right - 1].any()


def test_the_box_of_a_disc_is_where_it_was_put():
    _, disc = Discs().draw(np.random.default_rng(0), "disc")
    for angle, mirror in [(0.0, False), (0.5, True)]:
        placed = scenes.turned(disc, S, 40, (30.0, 50.0), angle, mirror, 1.0)
        box = scenes.extents(placed[None, ..., 3] > 0.5)[0]
        assert box == pytest.approx([10, 30, 50, 70], abs=1)
        assert placed[50, 30] == pytest.approx(np.array([200, 30, 30, 255]) / 255, abs=0.01)


def test_things_in_order_and_kinds_of_background():
    found = scene(1, drawn=["bar", "disc", "bar"])
    assert found.labels == ["bar", "disc", "bar"]
    kinds = set()
    for seed in range(40):
        picture, stuff = scenes.background(np.random.default_rng(seed), 48)
        assert picture.shape == (48, 48, 3)
        kinds |= set(np.unique(stuff))
    assert kinds == set(range(len(scenes.STUFF)))


def test_every_kind_of_background_is_drawn():
    assert list(scenes.DRAW) == scenes.STUFF
    for kind, draw in scenes.DRAW.items():
        found = draw(np.random.default_rng(0), 40)
        assert found.shape == (40, 40, 3), kind
        assert found.mean() > 0
