"""Scenes as a detector is trained and scored on: objects of a scene, AP50, panoptic quality. No network."""

import numpy as np
import pytest

from recipes import composed, scenes
from recipes.composed import LABELS, NOTHING, STUFF, THINGS, Found, Rows

S = 40
CAT, DOG, SKY = LABELS.index("cat"), LABELS.index("dog"), LABELS.index("sky")


def scene():
    """A cat of 10x10 at the left, a dog of 12x6 at the right that nothing hides, sky above, grass below."""
    masks = np.zeros((2, S, S), bool)
    masks[0, 5:15, 2:12] = masks[1, 20:26, 25:37] = True
    stuff = np.full((S, S), STUFF.index("sky"), np.uint8)
    stuff[30:] = STUFF.index("grass")
    stuff[:, :1] = 255  # of no kind
    return scenes.Scene(np.zeros((S, S, 3), np.uint8), ["cat", "dog"], scenes.extents(masks), masks, stuff)


def rows():
    segments, classes, boxes = composed.objects(scene())
    return Rows(np.zeros((1, S, S, 3), np.uint8), segments[None], classes[None], boxes[None])


def test_things_are_classes_of_pictures_and_stuff_comes_after():
    assert set(THINGS) < set(scenes.Cutouts.__init__.__globals__["labels"]())
    assert len(set(LABELS)) == len(LABELS) == 38
    assert LABELS[-len(STUFF) :] == STUFF


def test_objects_of_a_scene():
    segments, classes, boxes = composed.objects(scene())
    assert [LABELS[number] for number in classes if number >= 0] == ["cat", "dog", "sky", "grass"]
    assert boxes[0] == pytest.approx([7 / S, 10 / S, 10 / S, 10 / S])
    assert boxes[1] == pytest.approx([31 / S, 23 / S, 12 / S, 6 / S])
    assert (segments == 0).sum() == 100
    assert (segments == 1).sum() == 72
    assert (segments[30:, 1:] == 3).all()
    assert (segments[:4, 0] == NOTHING).all()
    assert composed.cornered(boxes)[2] == pytest.approx([1 / S, 0, 1, 30 / S])


def test_corners_and_back():
    boxes = np.array([[0.5, 0.4, 0.2, 0.6]])
    assert composed.centred(composed.cornered(boxes)) == pytest.approx(boxes)


def test_average_precision_counts_class_overlap_and_doubles():
    truth = rows()
    cat, dog = composed.cornered(truth.boxes)[0, :2]

    def score(*each):
        classes, scores, boxes = zip(*each, strict=True)
        return composed.average_precision([Found(np.array(classes), np.array(scores), np.array(boxes))], truth)

    assert score((CAT, 0.9, cat), (DOG, 0.8, dog)) == pytest.approx(1)
    assert score((CAT, 0.9, cat), (CAT, 0.8, dog)) == pytest.approx(0.5)  # no dog was found
    assert score((CAT, 0.9, dog), (DOG, 0.8, cat)) == 0
    assert score((CAT, 0.9, cat), (CAT, 0.7, cat), (DOG, 0.8, dog)) == pytest.approx(1)  # after the last that is right
    assert score((CAT, 0.7, cat), (CAT, 0.9, dog), (DOG, 0.8, dog)) == pytest.approx(0.75)  # a wrong cat was surer


def test_panoptic_quality_of_the_truth_and_of_half_of_it():
    truth = rows()
    segments = np.where(truth.segments[0] == NOTHING, -1, truth.segments[0].astype(int))
    kinds = truth.classes[0][:4].tolist()
    assert composed.panoptic_quality([(segments, kinds)], truth) == pytest.approx(
        {"things": 1, "stuff": 1, "mask IoU": 1}
    )
    found = composed.panoptic_quality([(np.where(segments == 0, 2, segments), [DOG, *kinds[1:]])], truth)
    assert found["things"] == pytest.approx(0.5 * (0 + 1 / 1.5))  # the cat is missed, and one dog too many
    assert found["mask IoU"] == pytest.approx(1)
