"""The Trainer over pictures: the ways to give them, what is padded, what is saved, and what goes wrong."""

import io

import numpy as np
import pytest

torch = pytest.importorskip("torch")
datasets = pytest.importorskip("datasets")

import hfquick  # noqa: E402
from hfquick.data.pictures import PictureCollator  # noqa: E402
from tests.helpers.training import arguments, assert_equal, losses_of, state_of  # noqa: E402
from tests.kinds.pictures import PICTURES, SCENES, VIT_SIZES, picture  # noqa: E402
from tests.kinds.table import KINDS  # noqa: E402

pytestmark = pytest.mark.torch
SIZE = {"height": 8, "width": 12}
LABELS = [0, 2, 1, 0, 1, 0, 2]


def processor():
    return hfquick.ViTImageProcessor(size=SIZE)


def model(**config):
    torch.manual_seed(0)
    return hfquick.ViTForImageClassification(hfquick.ViTConfig(**{**VIT_SIZES, **config}))


def photos(**columns):
    """What people have: a column of pictures, a column of labels with names."""
    names = datasets.ClassLabel(names=["cat", "dog", "home"])
    features = datasets.Features({"image": datasets.Image(), "label": names})
    data = datasets.Dataset.from_dict({"image": PICTURES, "label": LABELS}, features=features)
    for name, values in columns.items():
        data = data.add_column(name, values)
    return data


def prepared(rows):
    """As tutorials write it, for with_transform and for map."""
    return {"pixel_values": processor()(rows["image"], return_tensors="pt")["pixel_values"], "label": rows["label"]}


def trainer(folder, data, *, of=None, collator=None, compute_metrics=None, processing_class=None, **options):
    args = arguments(folder, **{"max_steps": 2, "logging_steps": 1, "per_device_train_batch_size": 3, **options})
    return hfquick.Trainer(
        of or model(), args, collator, data, data, processing_class or processor(), compute_metrics=compute_metrics
    )  # fmt: skip


def by_hand(data=None):
    """The loss of all pictures in one batch."""
    with torch.no_grad():
        pixels = processor()(PICTURES, return_tensors="pt")["pixel_values"]
        return float(model().eval()(pixels, torch.tensor(LABELS)).loss)


WAYS = {
    "pictures": photos,
    "bytes": lambda: photos().cast_column("image", datasets.Image(decode=False)),
    "with_transform": lambda: photos().with_transform(prepared),
    "map": lambda: photos().map(prepared, batched=True, remove_columns=["image"]),
    "map, pictures kept": lambda: photos().map(prepared, batched=True),
    "list": lambda: [{"image": one, "label": label} for one, label in zip(PICTURES, LABELS, strict=True)],
    "list of tensors": lambda: [
        {"pixel_values": processor()(one, return_tensors="pt")["pixel_values"][0], "label": label}
        for one, label in zip(PICTURES, LABELS, strict=True)
    ],
    "stream": lambda: photos().to_iterable_dataset(),
}


@pytest.mark.parametrize("way", WAYS)
def test_all_ways_to_give_pictures_make_the_same_batches(way, tmp_path):
    found = trainer(tmp_path, WAYS[way]())
    assert found.evaluate()["eval_loss"] == pytest.approx(by_hand(), abs=1e-5)
    right = trainer(tmp_path, WAYS["pictures"]())
    for each in (found, right) if way != "stream" else ():  # which is not shuffled
        each.train()
    assert losses_of(found) == pytest.approx(losses_of(right) if way != "stream" else [], abs=1e-5)


@pytest.mark.parametrize("columns", [True, False])
@pytest.mark.parametrize("way", ["pictures", "with_transform", "map"])
def test_columns_that_are_not_read_may_stay_or_go(way, columns, tmp_path):
    """With remove_unused_columns=False nothing is in the way, either."""
    found = trainer(tmp_path, WAYS[way](), remove_unused_columns=columns)
    assert found.evaluate()["eval_loss"] == pytest.approx(by_hand(), abs=1e-5)


@pytest.mark.parametrize("columns", [True, False])
def test_a_function_of_ones_own_that_makes_batches(columns, tmp_path):
    """It sees the pictures, also where columns that the model does not read are removed."""

    def collate(rows):
        batch = processor()([row["image"] for row in rows], return_tensors="pt")
        return {**batch, "labels": torch.tensor([row["label"] for row in rows])}

    found = trainer(tmp_path, photos(name=list("abcdefg")), collator=collate, remove_unused_columns=columns)
    assert found.evaluate()["eval_loss"] == pytest.approx(by_hand(), abs=1e-5)


@pytest.mark.parametrize("collator", [hfquick.DefaultDataCollator(), hfquick.default_data_collator])
def test_the_collators_of_transformers_examples(collator, tmp_path):
    for way in ("with_transform", "map"):
        found = trainer(tmp_path, WAYS[way](), collator=collator)
        assert found.evaluate()["eval_loss"] == pytest.approx(by_hand(), abs=1e-5)


def test_a_run_from_pictures_to_a_pipeline(tmp_path):
    """The image processor is saved beside the model, in checkpoints too."""
    accuracy = []

    def measure(found):
        accuracy.append(float((found.predictions.argmax(-1) == found.label_ids).mean()))
        return {"accuracy": accuracy[-1]}

    options = {"max_steps": 40, "learning_rate": 1e-2, "per_device_train_batch_size": 7}
    run = trainer(tmp_path, photos(), compute_metrics=measure, save_strategy="steps", save_steps=20, **options)
    run.train()
    assert run.evaluate()["eval_accuracy"] == accuracy[-1] == 1.0
    run.save_model()
    for folder in (tmp_path, tmp_path / "checkpoint-20"):
        assert hfquick.AutoImageProcessor.from_pretrained(folder).size == SIZE
    pipe = hfquick.pipeline("image-classification", str(tmp_path), framework="pt")
    assert [found[0]["label"] for found in pipe(PICTURES)] == [VIT_SIZES["id2label"][label] for label in LABELS]
    card = run.create_model_card().read_text(encoding="utf-8")
    assert "pipeline_tag: image-classification" in card
    assert 'print(pipe("photo.jpg"))' in card
    assert "The image processor has to be in the same repository." in card


def test_a_resumed_run_sees_the_same_pictures(tmp_path):
    """Also where they are changed at random on the way: the numbers of a batch depend on its position."""

    def flipped(rows):
        pixels = processor()(rows["image"], return_tensors="pt")["pixel_values"]
        pixels = [one.flip(-1) if torch.rand(()) < 0.5 else one for one in pixels]
        return {"pixel_values": pixels, "label": rows["label"]}

    data = photos().with_transform(flipped)
    options = {"max_steps": 5, "save_strategy": "steps", "save_steps": 2}
    whole = trainer(tmp_path, data, **options)
    whole.train()
    again = trainer(tmp_path, data, **options)
    again.train(resume_from_checkpoint=str(tmp_path / "checkpoint-2"))
    assert_equal(state_of(again.model), state_of(whole.model))


def test_pictures_and_the_questions_about_them(tmp_path):
    """A processor with a tokenizer prepares both: what it makes of each, padded."""
    folder = KINDS["picture-questions"].write(tmp_path / "vilt")
    both = hfquick.AutoProcessor.from_pretrained(folder)
    answers = [[index / 6, 1.0, 0.0] for index in range(7)]
    rows = [{**scene, "labels": labels} for scene, labels in zip(SCENES, answers, strict=True)]
    data = datasets.Dataset.from_list(rows).cast_column("image", datasets.Image())
    made = [
        {**{name: array[0] for name, array in both(*scene.values(), return_tensors="np").items()}, "labels": labels}
        for scene, labels in zip(SCENES, answers, strict=True)
    ]
    losses = []
    for given in (data, rows, made, data.to_iterable_dataset()):
        of = hfquick.AutoModelForVisualQuestionAnswering.from_pretrained(folder)
        run = trainer(tmp_path, given, of=of, processing_class=both)
        losses.append(run.evaluate()["eval_loss"])
    assert losses == pytest.approx([losses[0]] * 4, abs=1e-5)
    run.save_model()
    again = hfquick.AutoProcessor.from_pretrained(tmp_path)
    found, right = (each(*SCENES[2].values(), return_tensors="np") for each in (again, both))
    np.testing.assert_equal(dict(found), dict(right))


# What goes wrong


def test_nothing_prepares_the_pictures(tmp_path):
    args = arguments(tmp_path)
    run = hfquick.Trainer(model(), args, train_dataset=photos())
    with pytest.raises(ValueError, match=r"pictures in the column 'image'.*processing_class=AutoImageProcessor"):
        run.train()
    run = trainer(tmp_path, photos(), collator=hfquick.DefaultDataCollator())
    with pytest.raises(ValueError, match=r"pictures in the column 'image'.*dataset.with_transform"):
        run.train()
    rows = [{"pixel_values": one, "label": 0} for one in PICTURES]
    run = trainer(tmp_path, rows, collator=hfquick.DefaultDataCollator())
    with pytest.raises(ValueError, match=r"column 'pixel_values' holds pictures.*processing_class="):
        run.train()


def test_paths_are_no_pictures_yet(tmp_path):
    files = []
    for index, one in enumerate(PICTURES):
        files.append(str(tmp_path / f"{index}.png"))
        one.save(files[-1])
    data = photos().remove_columns("image").add_column("file", files)
    with pytest.raises(ValueError, match=r"reads pixel_values.*by dataset.cast_column\('file', datasets.Image\(\)\)"):
        trainer(tmp_path, data).train()
    found = trainer(tmp_path, data.cast_column("file", datasets.Image()))  # as the sentence says
    assert found.evaluate()["eval_loss"] == pytest.approx(by_hand(), abs=1e-5)


def test_a_model_without_a_head(tmp_path):
    bare = hfquick.ViTModel(hfquick.ViTConfig(**VIT_SIZES))
    with pytest.raises(ValueError, match=r"no head.*AutoModelForImageClassification \(a label for each picture\)"):
        trainer(tmp_path, photos(), of=bare).train()


def test_a_transform_that_forgets_the_pixels(tmp_path):
    data = photos().with_transform(lambda rows: {"label": rows["label"]})
    with pytest.raises(ValueError, match="ViTForImageClassification reads pictures, and got none"):
        trainer(tmp_path, data).train()


def test_two_columns_of_pictures(tmp_path):
    rows = [{"image": one, "mask": one, "label": 0} for one in PICTURES]
    with pytest.raises(ValueError, match=r"pictures in the columns 'image' and 'mask'.*remove_columns\(\['mask'\]\)"):
        trainer(tmp_path, rows).train()


def test_pictures_of_several_sizes(tmp_path):
    rows = [{"pixel_values": np.zeros((3, 8, 12 + index % 2), np.float32), "label": 0} for index in range(4)]
    with pytest.raises(ValueError, match=r"several sizes \(8x12 and 8x13, height x width\).*image processor that pads"):
        trainer(tmp_path, rows, per_device_train_batch_size=4).train()


def test_a_picture_that_is_none(tmp_path):
    file = io.BytesIO()
    picture(0).save(file, "PNG")
    rows = [{"image": {"bytes": content, "path": None}, "label": 0} for content in (file.getvalue(), b"no picture")]
    with pytest.raises(ValueError, match=r"picture \d: the picture is no picture, or of a format that is not read"):
        trainer(tmp_path, rows).train()


def test_labels_that_do_not_fit(tmp_path):
    data = photos()
    with pytest.raises(ValueError, match="label 2 was given, this model has labels 0 to 1; try num_labels=3"):
        trainer(tmp_path, data, of=model(id2label={0: "cat", 1: "dog"})).train()
    texts = [{"image": one, "label": "cat"} for one in PICTURES]
    with pytest.raises(ValueError, match=r"the labels are texts \('cat'\).*class_encode_column"):
        trainer(tmp_path, texts).train()
    several = [{"image": one, "label": [0, 1, 0]} for one in PICTURES]
    with pytest.raises(ValueError, match="one label for each picture; for several labels per picture try"):
        trainer(tmp_path, several).train()


def test_rows_without_labels(tmp_path):
    with pytest.raises(ValueError, match="a batch has no 'labels'"):
        trainer(tmp_path, photos().remove_columns("label")).train()


# The collator


def test_pictures_are_padded_where_the_processor_pads():
    collate = PictureCollator(hfquick.DetrImageProcessor(size={"shortest_edge": 8, "longest_edge": 20}), "np")
    rows = [{"pixel_values": np.full((3, 4 + index, 6 - index), index + 1.0, np.float32)} for index in range(3)]
    batch = collate(rows)
    assert batch["pixel_values"].shape == (3, 3, 6, 6)
    for index in range(3):
        inside = batch["pixel_mask"][index].astype(bool)
        assert inside[: 4 + index, : 6 - index].all()
        assert inside.sum() == (4 + index) * (6 - index)
        assert (batch["pixel_values"][index, :, inside] == index + 1).all()
        assert (batch["pixel_values"][index, :, ~inside] == 0).all()
    smaller = [{**row, "pixel_mask": np.eye(*row["pixel_values"].shape[1:])} for row in rows]
    assert collate(smaller)["pixel_mask"].sum() == sum(min(4 + index, 6 - index) for index in range(3))


def test_a_processor_pads_for_a_function_of_ones_own():
    """As transformers' examples for DETR do it."""
    pixels = [torch.ones(3, 4, 6), torch.ones(3, 5, 5)]
    batch = hfquick.DetrImageProcessor().pad(pixels, return_tensors="pt")
    assert batch["pixel_values"].shape == (2, 3, 5, 6)
    assert batch["pixel_mask"].sum((1, 2)).tolist() == [24, 25]
    assert batch["pixel_values"].sum().item() == 3 * (24 + 25)
