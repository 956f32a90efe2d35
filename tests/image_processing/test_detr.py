"""DETR's labels and results: what is refused, and what no reference shows."""

import numpy as np
import pytest
from PIL import Image

from hfquick import DetrImageProcessor
from hfquick.image_processing.annotations import masks_to_boxes, polygons_to_mask
from hfquick.image_processing.results import run_lengths

from .scenes import DETECTION, PANOPTIC, Outputs, outputs, picture, segments_png

PICTURE = picture("wide")
SMALL = {"shortest_edge": 20, "longest_edge": 30}
BOX = {"bbox": [5, 6, 20, 17], "category_id": 3}


@pytest.fixture
def detection():
    return DetrImageProcessor(size=SMALL)


@pytest.fixture
def panoptic():
    return DetrImageProcessor(size=SMALL, format="coco_panoptic")


def test_boxes_are_relative_to_the_padded_picture(detection):
    whole = {"image_id": 1, "annotations": [{"bbox": [0, 0, 56, 40], "category_id": 0}]}
    (labels,) = detection(PICTURE, whole, return_tensors="np")["labels"]
    assert np.allclose(labels.boxes, [[0.5, 0.5, 1, 1]])
    assert labels.size.tolist() == [20, 28]
    assert labels.orig_size.tolist() == [40, 56]
    assert labels.area == pytest.approx(20 * 28), "which the annotation does not say"
    batch = detection([PICTURE, picture("tall")], [whole, {"image_id": 2, "annotations": []}], return_tensors="np")
    height, width = batch.pixel_mask.shape[1:]
    mask = batch.pixel_mask[0]
    assert np.allclose(batch.labels[0].boxes, [[14 / width, 10 / height, 28 / width, 20 / height]])
    assert mask.sum() == 20 * 28
    assert batch.labels[1].boxes.shape == (0, 4)
    assert batch.labels[1].boxes.dtype == np.float32


def test_masks_lie_where_the_picture_is(panoptic, tmp_path):
    segments_png().save(tmp_path / "wide.png")
    batch = panoptic(PICTURE, PANOPTIC, masks_path=str(tmp_path), pad_size=40, return_tensors="np")
    (labels,) = batch.labels
    assert labels.masks.shape == (2, 40, 40)
    assert labels.masks.any((1, 2)).all()
    assert not labels.masks[:, batch.pixel_mask[0] == 0].any()


def test_lists_where_no_tensors_are_asked_for(detection):
    (labels,) = detection(PICTURE, DETECTION[:1])["labels"]
    assert isinstance(labels.boxes, np.ndarray)
    assert labels.class_labels.tolist() == [3, 1]


def test_keypoints_stay_with_their_boxes(detection):
    flat = {"bbox": [9, 9, 5, 0], "category_id": 1, "keypoints": [5, 6, 1]}
    outside = {"bbox": [90, 90, 5, 5], "category_id": 1, "keypoints": [3, 4, 1]}
    rows = [flat, {**BOX, "keypoints": [1, 2, 2]}, outside]
    (labels,) = detection(PICTURE, {"image_id": 1, "annotations": rows}, return_tensors="np")["labels"]
    assert labels.keypoints.tolist() == [[1, 2, 2]]


@pytest.mark.parametrize(
    ("annotations", "words"),
    [
        (["cat"], "annotation 0 is none of the format 'coco_detection' (it is a str); expected {'image_id': 1,"),
        (DETECTION, "there are 1 pictures and 2 annotations"),
        ([{"image_id": 1}], "annotation 0 is none of the format 'coco_detection' (it has 'image_id'); expected"),
        ([{"annotations": []}], "annotation 0 is none of the format 'coco_detection' (it has 'annotations')"),
        (PANOPTIC, "is none of the format 'coco_detection'"),
        ({"image_id": 1, "annotations": [{"category_id": 1}]}, "('bbox' is missing)"),
        ({"image_id": 1, "annotations": [{"bbox": [1, 2, 3, 4]}]}, "('category_id' is missing)"),
        ({"image_id": 1, "annotations": [{"bbox": [1, 2, 3], "category_id": 1}]}, "annotation 0 is none of the format"),
        ({"image_id": 1, "annotations": [{"bbox": ["a"] * 4, "category_id": 1}]}, "annotation 0 is none of the format"),
        ({"image_id": 1, "annotations": ["cat"]}, "annotation 0 is none of the format"),
    ],
)
def test_annotations_that_are_none(annotations, words, detection):
    with pytest.raises(ValueError) as caught:
        detection(PICTURE, annotations)
    assert caught.value.english
    assert words in str(caught.value)


def test_masks_without_polygons(detection):
    with pytest.raises(ValueError, match="'segmentation' is missing"):
        detection(PICTURE, {"image_id": 1, "annotations": [BOX]}, return_segmentation_masks=True)
    with pytest.raises(ValueError, match="return_segmentation_masks is 'yes', expected True or False or None"):
        detection(PICTURE, {"image_id": 1, "annotations": [BOX]}, return_segmentation_masks="yes")


def test_segments_that_are_not_there(panoptic, tmp_path):
    with pytest.raises(FileNotFoundError, match="masks_path is the folder that has such files"):
        panoptic(PICTURE, PANOPTIC, masks_path=tmp_path)
    Image.new("RGB", (3, 4)).save(tmp_path / "wide.png")
    with pytest.raises(ValueError, match=r"have the size \(4, 3\), their picture has \(40, 56\)"):
        panoptic(PICTURE, PANOPTIC, masks_path=tmp_path)
    with pytest.raises(ValueError, match="is none of the format 'coco_panoptic'"):
        panoptic(PICTURE, DETECTION[:1], masks_path=tmp_path)


def test_polygons():
    square = polygons_to_mask([[2, 1, 6, 1, 6, 4, 2, 4]], (6, 9))
    wanted = np.zeros((6, 9), bool)
    wanted[1:4, 2:6] = True
    assert np.array_equal(square, wanted)
    both = polygons_to_mask([[2, 1, 6, 1, 6, 4, 2, 4], [0, 4, 3, 4, 3, 6, 0, 6]], (6, 9))
    assert both.sum() == wanted.sum() + 6
    assert not polygons_to_mask([[2, 2, 2, 2, 2, 2]], (6, 9)).any()
    assert polygons_to_mask([[-5, -5, 50, -5, 50, 50, -5, 50]], (6, 9)).sum() > 40


def test_boxes_of_masks():
    masks = np.zeros((2, 5, 7), bool)
    masks[0, 1:4, 2:6] = True
    assert masks_to_boxes(masks).tolist() == [[2, 1, 5, 3], [0, 0, 0, 0]]


def test_run_lengths():
    assert run_lengths(np.array([[0, 0, 1], [1, 0, 1]])) == [[1, 2, 5, 1], [3, 2, 6, 1]]


# Results.


def test_the_surest_objects(detection):
    everything = detection.post_process_object_detection(outputs(), 0.0)[0]
    few = detection.post_process_object_detection(outputs(), 0.0, top_k=2)[0]
    assert np.array_equal(few["scores"], np.sort(everything["scores"])[::-1][:2])
    assert few["boxes"].shape == (2, 4)
    assert len(detection.post_process_object_detection(outputs(), 1.0)[0]["scores"]) == 0


def test_boxes_in_pixels(detection):
    given = Outputs(np.float32([[[9, 0]]]), np.float32([[[0.5, 0.25, 0.5, 0.25]]]), None)
    (found,) = detection.post_process_object_detection(given, 0.5, [(40, 60)])
    assert found["boxes"].tolist() == [[15, 5, 45, 15]]
    assert found["labels"].tolist() == [0]
    (found,) = detection.post_process_object_detection(given._asdict(), 0.5, np.array([[40, 60]]))
    assert found["boxes"].tolist() == [[15, 5, 45, 15]]


@pytest.mark.parametrize(
    ("method", "options", "words"),
    [
        ("object_detection", {"threshold": 2}, "threshold is 2, expected a probability from 0 to 1"),
        ("object_detection", {"threshold": None}, "threshold is None"),
        ("object_detection", {"top_k": 0}, "top_k is 0, expected a whole number from 1 on or None"),
        ("object_detection", {"target_sizes": [(4, 5)]}, "for each of the 2 pictures"),
        ("object_detection", {"target_sizes": [(4, 5), (0, 3)]}, "target_sizes is [(4, 5), (0, 3)], expected"),
        ("object_detection", {"target_sizes": [4, 5]}, "target_sizes is [4, 5], expected (height, width)"),
        ("semantic_segmentation", {"target_sizes": [(4, 5)]}, "for each of the 2 pictures"),
        ("instance_segmentation", {"mask_threshold": -1}, "mask_threshold is -1"),
        ("instance_segmentation", {"return_coco_annotation": 1}, "return_coco_annotation is 1, expected True or False"),
        ("panoptic_segmentation", {"overlap_mask_area_threshold": "a"}, "overlap_mask_area_threshold is 'a'"),
    ],
)
def test_options_that_cannot_be(method, options, words, detection):
    with pytest.raises(ValueError) as caught:
        getattr(detection, f"post_process_{method}")(outputs(), **options)
    assert caught.value.english
    assert words in str(caught.value)


def of_masks(scores, masks):
    """Outputs of a model with two labels, of which each query has the first with a score, and the values of masks."""
    scores, masks = np.array(scores), np.array(masks)
    logits = np.stack([np.log(scores), np.log1p(-scores)], -1)
    return Outputs(np.float32([logits]), None, np.float32([np.log(masks) - np.log1p(-masks)]))


def test_at_the_thresholds(detection):
    """Above the score, from the mask's threshold on, and of two masks that are equal the first."""
    half = Outputs(np.zeros((1, 1, 2), np.float32), np.zeros((1, 1, 4), np.float32), None)
    assert len(detection.post_process_object_detection(half, 0.5)[0]["scores"]) == 0
    assert len(detection.post_process_object_detection(half, 0.49)[0]["scores"]) == 1
    twins = Outputs(np.float32([[[5, 0, 0], [0, 5, 0]]]), None, np.full((1, 2, 1, 2), 3, np.float32))
    (found,) = detection.post_process_instance_segmentation(twins, 0.5)
    assert [row["label_id"] for row in found["segments_info"]] == [0]
    full = Outputs(np.float32([[[50, 0]]]), None, np.zeros((1, 1, 1, 3), np.float32))  # a score of 1, masks of 0.5
    assert detection.post_process_instance_segmentation(full, 0.5)[0]["segmentation"].tolist() == [[1, 1, 1]]


@pytest.mark.parametrize(("overlap", "found"), [(0.75, 1), (0.7, 2)])
def test_how_much_of_a_mask_must_be_kept(overlap, found, detection):
    """The first query keeps three of its four pixels, which is not more than three quarters."""
    given = of_masks([0.9, 0.9], [[[0.8, 0.8, 0.8, 0.8]], [[0.1, 0.1, 0.1, 0.95]]])
    (one,) = detection.post_process_instance_segmentation(given, 0.5, overlap_mask_area_threshold=overlap)
    assert len(one["segments_info"]) == found


def test_four_of_five_are_above_a_threshold_of_0_8(detection):
    """In float32, as torch compares; the default would else drop what transformers keeps."""
    given = of_masks([0.9, 0.9], [[[0.8] * 5], [[0.1] * 4 + [0.95]]])
    assert len(detection.post_process_instance_segmentation(given, 0.5)[0]["segments_info"]) == 2


def test_outputs_without_masks(detection):
    given = outputs()._replace(pred_masks=None)
    with pytest.raises(ValueError, match="the outputs have no 'pred_masks'; masks come from DetrForSegmentation"):
        detection.post_process_panoptic_segmentation(given)
    with pytest.raises(ValueError, match="the outputs have no 'logits'; give what the model returned"):
        detection.post_process_object_detection({})


def test_everything_is_read_without_a_change(detection):
    given, before = outputs(), outputs()
    detection.post_process_instance_segmentation(given, 0.0)
    detection.post_process_semantic_segmentation(given, [(5, 5), (9, 12)])
    detection.post_process_object_detection(given, 0.0, [(5, 5)] * 2)
    assert all(np.array_equal(one, two) for one, two in zip(given, before, strict=True))
