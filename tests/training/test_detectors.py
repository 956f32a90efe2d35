"""The Trainer over detectors: labels that are a dict for each picture, of any number of objects."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
datasets = pytest.importorskip("datasets")
pytest.importorskip("scipy")

import hfquick  # noqa: E402
from hfquick.data.pictures import PictureCollator  # noqa: E402
from hfquick.training.counting import labels_in  # noqa: E402
from tests.helpers.training import arguments, losses_of, state_of  # noqa: E402
from tests.kinds.pictures import DETR, DETR_DROPOUT, DETR_SIZES, PICTURES  # noqa: E402

pytestmark = pytest.mark.torch
COUNTS = [2, 0, 1, 3, 0, 1, 2]  # of objects in each picture


def processor(**settings):
    return hfquick.DetrImageProcessor(**{**DETR.settings, **settings})


def model(**config):
    torch.manual_seed(0)
    still = dict.fromkeys(DETR_DROPOUT, 0.0)
    return hfquick.DetrForObjectDetection(hfquick.DetrConfig(**{**DETR_SIZES, **still, **config}))


def objects(count):
    """Class and box of each, the box in pixels: left, top, width, height."""
    return [{"category_id": index % 3, "bbox": [1 + index, 2, 3, 4 - index], "area": 12} for index in range(count)]


def annotated():
    return [{"image_id": index, "annotations": objects(count)} for index, count in enumerate(COUNTS)]


def prepared_rows(**settings):
    """What the image processor makes of each picture."""
    rows = []
    for picture, annotation in zip(PICTURES, annotated(), strict=True):
        batch = processor(**settings)(picture, annotation, return_tensors="np")
        rows.append({name: values[0] for name, values in batch.items()})
    return rows


def trainer(folder, data, *, collator=None, compute_metrics=None, processing_class=None, of=None, **options):
    args = arguments(folder, **{"max_steps": 2, "logging_steps": 1, "per_device_train_batch_size": 3, **options})
    of = of or model()
    plain = torch.optim.SGD(of.parameters(), lr=0.01)
    return hfquick.Trainer(
        of, args, collator, data, data, processing_class or processor(), compute_metrics=compute_metrics,
        optimizers=(plain, None),
    )  # fmt: skip


def annotate(rows):
    """As tutorials write it, for with_transform."""
    names = ("image_id", "annotations")
    annotations = [
        dict(zip(names, values, strict=True)) for values in zip(*(rows[name] for name in names), strict=True)
    ]
    return processor()(rows["image"], annotations, return_tensors="pt")


def collate(rows):
    """As transformers' example for DETR."""
    batch = {name: torch.stack([torch.tensor(row[name]) for row in rows]) for name in ("pixel_values", "pixel_mask")}
    return {**batch, "labels": [row["labels"] for row in rows]}


def of_coco():
    rows = [{"image": picture, **each} for picture, each in zip(PICTURES, annotated(), strict=True)]
    return datasets.Dataset.from_list(rows).cast_column("image", datasets.Image())


def stored():
    """As `map` leaves it: everything is lists, and of no objects nothing is known."""
    lists = [
        {**row, "pixel_values": row["pixel_values"].tolist(), "pixel_mask": row["pixel_mask"].tolist(),
         "labels": {name: array.tolist() for name, array in row["labels"].items()}}
        for row in prepared_rows()
    ]  # fmt: skip
    return datasets.Dataset.from_list(lists)


def pictures_with_labels():
    labels = [{name: row["labels"][name] for name in ("class_labels", "boxes")} for row in prepared_rows()]
    return [{"image": picture, "labels": each} for picture, each in zip(PICTURES, labels, strict=True)]


WAYS = {
    "rows": (prepared_rows, None),
    "map": (stored, None),
    "with_transform": (lambda: of_coco().with_transform(annotate), None),
    "a collator of one's own": (prepared_rows, collate),
    "pictures": (pictures_with_labels, None),
}


@pytest.mark.parametrize("way", WAYS)
def test_all_ways_to_give_pictures_with_objects_are_the_same(way, tmp_path):
    make, collator = WAYS[way]
    found, right = trainer(tmp_path, make(), collator=collator), trainer(tmp_path, prepared_rows())
    assert found.evaluate()["eval_loss"] == pytest.approx(right.evaluate()["eval_loss"], abs=1e-4)
    found.train()
    right.train()
    assert losses_of(found) == pytest.approx(losses_of(right), abs=1e-3)


def test_the_loss_of_an_evaluation_is_the_same_for_every_batch_size(tmp_path):
    """That of all pictures in one batch: its two terms, of classes and of boxes, are weighed apart."""
    of = model()
    whole = trainer(tmp_path, prepared_rows(), of=of, per_device_eval_batch_size=7).evaluate()["eval_loss"]
    batch = PictureCollator(processor())(prepared_rows())
    with torch.no_grad():
        assert whole == pytest.approx(float(of.eval()(**batch).loss), abs=1e-5)
    for size in (1, 2, 3):
        run = trainer(tmp_path, prepared_rows(), of=of, per_device_eval_batch_size=size)
        assert run.evaluate()["eval_loss"] == pytest.approx(whole, abs=1e-4)
        assert run.predict(prepared_rows()).metrics["test_loss"] == pytest.approx(whole, abs=1e-4)


@pytest.mark.parametrize("size", [1, 2])
def test_small_batches_that_are_added_up_learn_like_a_large_one(size, tmp_path):
    """Also where pictures hold different numbers of objects, or none."""
    runs = []
    for rows, steps in ((7, 1), (size, -(-7 // size))):
        options = {"per_device_train_batch_size": rows, "gradient_accumulation_steps": steps, "max_grad_norm": 0.0}
        runs.append(trainer(tmp_path / str(rows), prepared_rows(), **options))
        runs[-1].train()
    assert losses_of(runs[0]) == pytest.approx(losses_of(runs[1]), abs=1e-3)
    for name, weight in state_of(runs[0].model).items():
        torch.testing.assert_close(state_of(runs[1].model)[name], weight, rtol=0, atol=1e-3)


def test_a_loss_of_ones_own_is_weighed_by_objects(tmp_path):
    """It does not say of which terms it is the sum."""

    class Own(hfquick.Trainer):
        def compute_loss(self, model, inputs, return_outputs=False, **options):
            outputs = model(**inputs)
            return (outputs.loss * 1.0, outputs) if return_outputs else outputs.loss * 1.0

    run = Own(model(), arguments(tmp_path, per_device_eval_batch_size=2), None, None, prepared_rows(), processor())
    total = weights = 0
    for batch in run.get_eval_dataloader():
        count = labels_in(batch, ["labels"], run.model)
        assert count == max(1, sum(len(each["boxes"]) for each in batch["labels"]))
        with torch.no_grad():
            total, weights = total + float(run.model.eval()(**batch).loss) * count, weights + count
    assert run.evaluate()["eval_loss"] == pytest.approx(total / weights, abs=1e-5)


def test_predictions_and_metrics_of_rows(tmp_path):
    """Logits and boxes of each picture; labels are a dict of arrays, padded to the most objects."""
    seen = []

    def measure(found):
        seen.append(found)
        sizes = found.label_ids["orig_size"]
        outputs = type("Outputs", (), {"logits": found.predictions[0], "pred_boxes": found.predictions[1]})
        boxes = processor().post_process_object_detection(outputs, threshold=0.0, target_sizes=sizes.tolist())
        return {"found": len(boxes)}

    run = trainer(tmp_path, prepared_rows(), compute_metrics=measure, per_device_eval_batch_size=3)
    found = run.predict(prepared_rows())
    assert found.metrics["test_found"] == 7
    logits, boxes = found.predictions
    assert (logits.shape, boxes.shape) == ((7, 4, 4), (7, 4, 4))
    assert (found.label_ids["class_labels"] != -100).sum(1).tolist() == COUNTS
    assert found.label_ids["boxes"].shape == (7, 3, 4)
    assert found.label_ids["orig_size"].tolist() == [[one.height, one.width] for one in PICTURES]
    assert seen[0].predictions[1] is boxes


def test_a_detector_without_labels_predicts(tmp_path):
    rows = [{name: row[name] for name in ("pixel_values", "pixel_mask")} for row in prepared_rows()]
    found = trainer(tmp_path, rows).predict(rows)
    assert [part.shape for part in found.predictions] == [(7, 4, 4), (7, 4, 4)]
    assert found.label_ids is None


def test_auxiliary_losses_are_no_predictions(tmp_path):
    run = trainer(tmp_path, prepared_rows(), of=model(auxiliary_loss=True, decoder_layers=2))
    assert [part.shape for part in run.predict(prepared_rows()).predictions] == [(7, 4, 4), (7, 4, 4)]


# What goes wrong


def test_objects_that_cannot_be(tmp_path):
    for changed, sentence in (
        ({"class_labels": np.array([0, 3])}, "label 3 was given, this model has labels 0 to 2"),
        ({"boxes": np.array([[1.0, 2, 30, 40], [5, 6, 7, 8]])}, "a box is .*divide pixels by its width and height"),
        ({"boxes": np.zeros((3, 4))}, r"labels of picture 0: 'boxes' has the shape \(3, 4\), expected \(2, 4\)"),
    ):
        row = prepared_rows()[0]
        with pytest.raises(ValueError, match=sentence):
            trainer(tmp_path, [{**row, "labels": {**row["labels"], **changed}}]).train()
    row = prepared_rows()[0]
    with pytest.raises(ValueError, match="labels of picture 0 have no 'class_labels', they have 'boxes'"):
        trainer(tmp_path, [{**row, "labels": {"boxes": np.zeros((1, 4))}}]).train()
    with pytest.raises(TypeError, match="labels are a Tensor, expected a list with a dict for each picture"):
        trainer(tmp_path, [{**row, "labels": 1}]).train()


def test_smoothing_means_nothing_for_objects(tmp_path):
    with pytest.raises(ValueError, match=r"needs labels that are numbers of classes \(torch.long\), got list"):
        trainer(tmp_path, prepared_rows(), label_smoothing_factor=0.1).train()
